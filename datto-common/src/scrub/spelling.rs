//! How a server may spell a secret that it got: plain, escaped for a URL, for HTML or for JSON, also more than once, and
//! in base64.

use zeroize::Zeroizing;

use crate::secret::base64;

/// How often an escape may be escaped again.
const DEPTH: u8 = 3;
/// Shorter secrets, and shorter parts of their base64 text, are found everywhere by chance.
const SHORTEST: usize = 4;
/// A piece of a secret at least this long, and half of it, is cut like the whole.
const PIECE: usize = 8;

/// A secret, or what base64 makes of it, as it is looked for.
pub(super) struct Spelling {
    bytes: Zeroizing<Vec<u8>>,
    base64: bool,
}

/// Where a text spells a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spelled {
    /// Where it is over.
    pub(super) end: usize,
    /// It is a part of a run of base64, all of which has to go.
    pub(super) base64: bool,
}

/// All spellings of a secret.
///
/// The base64 text of anything that holds the secret has one of three middles, by where the secret begins in it; so a pair, a
/// header or a document with the secret inside is found as well.
pub(super) fn spellings(secret: &str) -> Vec<Spelling> {
    let mut all = vec![Spelling { bytes: Zeroizing::new(secret.as_bytes().to_vec()), base64: false }];
    for (shift, before) in [&[][..], &[0], &[0, 0]].into_iter().enumerate() {
        let shifted = Zeroizing::new([before, secret.as_bytes()].concat());
        let text = Zeroizing::new(base64(&shifted));
        let (first, last) = ((shift * 8).div_ceil(6), shifted.len() * 8 / 6);
        if let Some(middle) = text.as_bytes().get(first..last) {
            all.push(Spelling { bytes: Zeroizing::new(middle.to_vec()), base64: true });
        }
    }
    all.retain(|spelling| spelling.bytes.len() >= SHORTEST);
    all
}

impl Spelling {
    /// Where the text spells this secret from `at` on, or a piece of it that tells too much.
    pub(super) fn at(&self, text: &[u8], at: usize) -> Option<Spelled> {
        if !self.may_begin(*text.get(at)?) {
            return None;
        }
        let (matched, end) = self.furthest(text, at);
        let whole = self.bytes.len();
        let broken_off = matched >= SHORTEST && is_over(text, end);
        let piece = matched >= PIECE && matched * 2 >= whole;
        let end = if broken_off && matched < whole { text.len() } else { end };
        (matched == whole || piece || broken_off).then_some(Spelled { end, base64: self.base64 })
    }

    /// How many bytes of the secret are spelled from `at` on, and where that ends; of several readings the longest.
    fn furthest(&self, text: &[u8], at: usize) -> (usize, usize) {
        let mut best = (0, at);
        let mut open = vec![(0, at)];
        while let Some(state) = open.iter().copied().min() {
            open.retain(|other| *other != state);
            best = best.max(state);
            let (matched, place) = state;
            if matched == self.bytes.len() {
                continue;
            }
            let Some(&byte) = text.get(place) else { continue };
            let mut go_on = |next: (usize, usize)| {
                if !open.contains(&next) {
                    open.push(next);
                }
            };
            if self.takes(matched, byte) {
                go_on((matched + 1, place + 1));
            }
            if begins_escape(byte) {
                for (unit, next) in (1..=DEPTH).filter_map(|depth| unit(text, place, depth)) {
                    let fits = unit.bytes().iter().enumerate().all(|(ahead, byte)| self.takes(matched + ahead, *byte));
                    if fits {
                        go_on((matched + unit.bytes().len(), next));
                    }
                }
            }
        }
        best
    }

    pub(super) fn may_begin(&self, byte: u8) -> bool {
        begins_escape(byte) || self.takes(0, byte)
    }

    /// Whether this byte can stand for the secret's.
    fn takes(&self, index: usize, byte: u8) -> bool {
        match self.bytes.get(index) {
            Some(b'+') if self.base64 => matches!(byte, b'+' | b'-' | b' '),
            Some(b'/') if self.base64 => matches!(byte, b'/' | b'_'),
            Some(b' ') => matches!(byte, b' ' | b'+'),
            Some(own) => *own == byte,
            None => false,
        }
    }
}

/// Whether nothing but a broken escape is left.
fn is_over(text: &[u8], at: usize) -> bool {
    match text.get(at..) {
        None | Some([]) => true,
        Some(rest) => rest.len() < 8 && rest.first().is_some_and(|byte| begins_escape(*byte)),
    }
}

fn begins_escape(byte: u8) -> bool {
    matches!(byte, b'%' | b'&' | b'\\')
}

/// One character of a text that may be escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Unit {
    bytes: [u8; 4],
    length: usize,
}

impl Unit {
    fn byte(byte: u8) -> Self {
        Self { bytes: [byte, 0, 0, 0], length: 1 }
    }

    fn char(code: u32) -> Option<Self> {
        let mut bytes = [0; 4];
        let length = char::from_u32(code)?.encode_utf8(&mut bytes).len();
        Some(Self { bytes, length })
    }

    fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    fn as_byte(self) -> Option<u8> {
        (self.length == 1).then_some(self.bytes[0])
    }
}

/// The character that stands at `at` after `depth` rounds of unescaping, and where the next one begins.
fn unit(text: &[u8], at: usize, depth: u8) -> Option<(Unit, usize)> {
    let Some(below) = depth.checked_sub(1) else {
        return Some((Unit::byte(*text.get(at)?), at + 1));
    };
    let (first, next) = unit(text, at, below)?;
    let source = Source { text, depth: below };
    let escaped = match first.as_byte() {
        Some(b'%') => source.percent(next),
        Some(b'&') => source.entity(next),
        Some(b'\\') => source.backslash(next),
        _ => None,
    };
    Some(escaped.unwrap_or((first, next)))
}

/// A text as it is after some rounds of unescaping.
struct Source<'a> {
    text: &'a [u8],
    depth: u8,
}

impl Source<'_> {
    fn byte(&self, at: usize) -> Option<(u8, usize)> {
        let (unit, next) = unit(self.text, at, self.depth)?;
        Some((unit.as_byte()?, next))
    }

    fn hex(&self, mut at: usize, digits: u32) -> Option<(u32, usize)> {
        let mut code = 0;
        for _ in 0..digits {
            let (digit, next) = self.byte(at)?;
            code = code * 16 + char::from(digit).to_digit(16)?;
            at = next;
        }
        Some((code, at))
    }

    /// `%2F`, and the `%u002F` of old scripts.
    fn percent(&self, at: usize) -> Option<(Unit, usize)> {
        if let Some((b'u', next)) = self.byte(at) {
            let (code, next) = self.hex(next, 4)?;
            return Some((Unit::char(code)?, next));
        }
        let (code, next) = self.hex(at, 2)?;
        Some((Unit::byte(u8::try_from(code).ok()?), next))
    }

    /// `\/`, `\"`, `\u002F`, `\x2F`.
    fn backslash(&self, at: usize) -> Option<(Unit, usize)> {
        let (byte, next) = self.byte(at)?;
        let plain = match byte {
            b'u' => return self.utf16(next),
            b'x' => {
                let (code, next) = self.hex(next, 2)?;
                return Some((Unit::char(code)?, next));
            }
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'b' => 8,
            b'f' => 12,
            other => other,
        };
        Some((Unit::byte(plain), next))
    }

    /// The digits after `\u`; a character beyond the first plane takes two escapes.
    fn utf16(&self, at: usize) -> Option<(Unit, usize)> {
        let (code, next) = self.hex(at, 4)?;
        if !(0xD800..0xDC00).contains(&code) {
            return Some((Unit::char(code)?, next));
        }
        let (b'\\', next) = self.byte(next)? else { return None };
        let (b'u', next) = self.byte(next)? else { return None };
        let (low, next) = self.hex(next, 4)?;
        let low = low.checked_sub(0xDC00).filter(|low| *low < 0x400)?;
        Some((Unit::char(0x1_0000 + ((code - 0xD800) << 10) + low)?, next))
    }

    /// `&amp;`, `&#47;`, `&#x2F;`.
    fn entity(&self, mut at: usize) -> Option<(Unit, usize)> {
        const LONGEST: usize = 10;
        let mut name = String::new();
        while name.len() < LONGEST {
            let (byte, next) = self.byte(at)?;
            at = next;
            match byte {
                b';' => return Some((Unit::char(entity(&name)?)?, at)),
                b'#' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => name.push(char::from(byte)),
                _ => return None,
            }
        }
        None
    }
}

/// The character that an entity of HTML stands for: by number, or one of the names that encoders use for ASCII.
fn entity(name: &str) -> Option<u32> {
    if let Some(number) = name.strip_prefix('#') {
        return match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => number.parse().ok(),
        };
    }
    let plain = match name {
        "amp" | "AMP" => '&',
        "lt" | "LT" => '<',
        "gt" | "GT" => '>',
        "quot" | "QUOT" => '"',
        "apos" => '\'',
        "sol" => '/',
        "bsol" => '\\',
        "plus" => '+',
        "equals" => '=',
        "colon" => ':',
        "semi" => ';',
        "commat" => '@',
        "percnt" => '%',
        "num" => '#',
        "excl" => '!',
        "quest" => '?',
        "lowbar" => '_',
        "period" => '.',
        "comma" => ',',
        "dollar" => '$',
        "ast" => '*',
        "lpar" => '(',
        "rpar" => ')',
        "lsqb" | "lbrack" => '[',
        "rsqb" | "rbrack" => ']',
        "lcub" | "lbrace" => '{',
        "rcub" | "rbrace" => '}',
        "verbar" | "vert" => '|',
        "Hat" => '^',
        "grave" => '`',
        "nbsp" => '\u{a0}',
        _ => return None,
    };
    Some(u32::from(plain))
}
