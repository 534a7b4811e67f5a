//! Text for people from text of endpoints, which is untrusted: markup, escapes and invisible marks are dropped, entities decoded once.

use datto_common::internal::is_invisible;

/// How much of a text is looked at, in bytes; nobody reads more, and what is nested oddly costs no more time.
const LOOKED_AT: usize = 16 * 1024;
/// The longest tag that is taken for one.
const TAG: usize = 400;

/// One line that reads as it was meant: without markup of HTML, terminal escapes, control characters and marks that cannot be seen, which
/// may turn a line around; entities are decoded once; runs of white space are one space.
pub(crate) fn plain(text: &str) -> String {
    let end = (0..=LOOKED_AT).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    let text = if text.len() > LOOKED_AT { text.get(..end).unwrap_or_default() } else { text };
    let decoded = decode(&without_markup(&without_escapes(text)));
    let seen = decoded
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .filter(|letter| !is_invisible(*letter));
    seen.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Without the escape sequences of terminals (ECMA-48): colours, moves, titles, links.
fn without_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let kind = match letter {
            '\u{1b}' => letters.next(),
            '\u{9b}' => Some('['),
            '\u{9d}' => Some(']'),
            '\u{90}' | '\u{98}' | '\u{9e}' | '\u{9f}' => Some('P'),
            _ => {
                out.push(letter);
                continue;
            }
        };
        match kind {
            // Parameters, then one letter that ends it.
            Some('[') => {
                while let Some(next) = letters.next_if(|next| ('\u{20}'..='\u{7e}').contains(next)) {
                    if ('\u{40}'..='\u{7e}').contains(&next) {
                        break;
                    }
                }
            }
            // A text, until the bell or the string terminator; a line break ends it too, so that one stray mark eats no more than its line.
            Some(']' | 'P' | 'X' | '^' | '_') => {
                while let Some(next) = letters.next_if(|next| !matches!(next, '\n' | '\r')) {
                    match next {
                        '\u{7}' | '\u{9c}' => break,
                        '\u{1b}' => {
                            letters.next_if_eq(&'\\');
                            break;
                        }
                        _ => {}
                    }
                }
            }
            // A designation of character sets has one letter more.
            Some('(' | ')' | '*' | '+' | '#' | '%' | ' ') => {
                letters.next_if(char::is_ascii_alphanumeric);
            }
            _ => {}
        }
    }
    out
}

/// Without tags of HTML; a tag that begins something new leaves a space. What only looks like a tag (`a < b`, `<unknown>`) stays.
fn without_markup(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        out.push_str(before);
        match tag_length(tag) {
            Some((length, is_inline)) => {
                if !is_inline {
                    out.push(' ');
                }
                rest = tag.get(length..).unwrap_or_default();
            }
            None => {
                out.push('<');
                rest = tag.get(1..).unwrap_or_default();
            }
        }
    }
    out + rest
}

/// How long the tag is that a text begins with, and whether it stands inside a line.
fn tag_length(text: &str) -> Option<(usize, bool)> {
    const INLINE: &[&str] = &[
        "a", "abbr", "b", "big", "code", "del", "em", "font", "i", "ins", "kbd", "mark", "q", "s", "small", "span",
        "strike", "strong", "sub", "sup", "tt", "u", "var", "wbr",
    ];
    const BLOCK: &[&str] = &[
        "address",
        "article",
        "blockquote",
        "body",
        "br",
        "button",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "head",
        "header",
        "hr",
        "html",
        "iframe",
        "img",
        "input",
        "label",
        "legend",
        "li",
        "link",
        "main",
        "meta",
        "nav",
        "ol",
        "option",
        "p",
        "pre",
        "script",
        "section",
        "select",
        "style",
        "table",
        "tbody",
        "td",
        "textarea",
        "tfoot",
        "th",
        "thead",
        "title",
        "tr",
        "ul",
        "svg",
        "object",
        "embed",
    ];
    if let Some(comment) = text.strip_prefix("<!--") {
        return Some((4 + comment.find("-->")? + 3, false));
    }
    let end = text.char_indices().take(TAG).find(|(_, letter)| *letter == '>').map(|(at, _)| at)?;
    let inside = text.get(1..end)?;
    if inside.to_ascii_lowercase().starts_with("!doctype") {
        return Some((end + 1, false));
    }
    let name = inside.trim_start_matches('/');
    let name = name.split(|letter: char| !letter.is_ascii_alphanumeric()).next()?.to_ascii_lowercase();
    // What a script or a style sheet holds is no text.
    if matches!(name.as_str(), "script" | "style") && !inside.starts_with('/') {
        let close = format!("</{name}");
        let lower = text.to_ascii_lowercase();
        let from = lower
            .find(&close)
            .map_or(end, |at| lower.get(at..).and_then(|rest| rest.find('>')).map_or(end, |more| at + more));
        return Some((from + 1, false));
    }
    if INLINE.contains(&name.as_str()) {
        return Some((end + 1, true));
    }
    BLOCK.contains(&name.as_str()).then_some((end + 1, false))
}

/// With the entities of HTML as the characters that they stand for; once, so that `&amp;lt;` is `&lt;`.
fn decode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, entity) = rest.split_at(at);
        out.push_str(before);
        let decoded = entity
            .char_indices()
            .take(12)
            .find(|(_, letter)| *letter == ';')
            .and_then(|(end, _)| Some((character(entity.get(1..end)?)?, end + 1)));
        match decoded {
            Some((letter, length)) => {
                out.push(letter);
                rest = entity.get(length..).unwrap_or_default();
            }
            None => {
                out.push('&');
                rest = entity.get(1..).unwrap_or_default();
            }
        }
    }
    out + rest
}

fn character(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let number = match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(number);
    }
    const NAMED: &[(&str, char)] = &[
        ("quot", '"'),
        ("amp", '&'),
        ("lt", '<'),
        ("gt", '>'),
        ("apos", '\''),
        ("nbsp", '\u{a0}'),
        ("lrm", '\u{200e}'),
        ("rlm", '\u{200f}'),
        ("zwj", '\u{200d}'),
        ("zwnj", '\u{200c}'),
        ("shy", '\u{ad}'),
        ("ensp", ' '),
        ("emsp", ' '),
        ("thinsp", ' '),
        ("euro", '€'),
        ("pound", '£'),
        ("yen", '¥'),
        ("cent", '¢'),
        ("copy", '©'),
        ("reg", '®'),
        ("trade", '™'),
        ("deg", '°'),
        ("plusmn", '±'),
        ("micro", 'µ'),
        ("para", '¶'),
        ("sect", '§'),
        ("middot", '·'),
        ("bull", '•'),
        ("hellip", '…'),
        ("ndash", '–'),
        ("mdash", '—'),
        ("lsquo", '‘'),
        ("rsquo", '’'),
        ("ldquo", '“'),
        ("rdquo", '”'),
        ("sbquo", '‚'),
        ("bdquo", '„'),
        ("laquo", '«'),
        ("raquo", '»'),
        ("times", '×'),
        ("divide", '÷'),
        ("auml", 'ä'),
        ("ouml", 'ö'),
        ("uuml", 'ü'),
        ("Auml", 'Ä'),
        ("Ouml", 'Ö'),
        ("Uuml", 'Ü'),
        ("szlig", 'ß'),
        ("eacute", 'é'),
        ("egrave", 'è'),
        ("ecirc", 'ê'),
        ("agrave", 'à'),
        ("aacute", 'á'),
        ("acirc", 'â'),
        ("ccedil", 'ç'),
        ("iacute", 'í'),
        ("oacute", 'ó'),
        ("uacute", 'ú'),
        ("ntilde", 'ñ'),
        ("aring", 'å'),
        ("oslash", 'ø'),
        ("aelig", 'æ'),
    ];
    NAMED.iter().find(|(known, _)| *known == name).map(|(_, letter)| *letter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_of_endpoints_reads_as_it_was_meant() {
        for (text, meant) in [
            ("The &quot;Spooler&quot; service&#39;s &lt;state&gt;", "The \"Spooler\" service's <state>"),
            ("&amp;lt;b&amp;gt; once", "&lt;b&gt; once"),
            ("&lrm;8/25/2026 &#x2F; &nbsp; 7:26", "8/25/2026 / 7:26"),
            ("AT&T &unknown; &#xD800; & co", "AT&T &unknown; &#xD800; & co"),
            ("<b>Failed</b>: <br/>disk<p>full</p>", "Failed: disk full"),
            ("<td>a</td><td class=\"x\">b</td>", "a b"),
            ("<style>td { color: red }</style><!-- hidden -->shown<script>alert(1)</script>", "shown"),
            ("a < b and c > d, <unknown>, <5 GB", "a < b and c > d, <unknown>, <5 GB"),
            ("\u{1b}[31mred\u{1b}[0m \u{1b}]8;;https://x\u{7}link\u{1b}]8;;\u{1b}\\ \u{9b}2Jx", "red link x"),
            ("one\u{202e}gpj.exe\u{202c} zero\u{200b}width\u{feff}", "onegpj.exe zerowidth"),
            ("line\r\nbreak\ttab \u{7}bell", "line break tab bell"),
            ("\u{1b}", ""),
            ("ESC at the end \u{1b}[", "ESC at the end"),
            ("a stray \u{1b}] title\nnext", "a stray next"),
        ] {
            assert_eq!(plain(text), meant, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_is_one_line_of_visible_characters(text in "[\u{0}-\u{ffff}]{0,80}", html in "[<>/a-z&;#x0-9 !\u{1b}\\[\\]-]{0,80}") {
            for text in [text, html] {
                let line = plain(&text);
                prop_assert!(line.chars().all(|letter| !is_invisible(letter) && (letter == ' ' || !letter.is_whitespace())), "{:?}", line);
                prop_assert_eq!(line.trim(), &line);
            }
        }
    }
}
