//! Settings as people give them: variables of the environment or of whatever a caller looks them up in, and pasted addresses and keys.
//!
//! What a text was wrapped in on its way (quotes, a byte order mark, `<…>`, white space that cannot be seen) is cut. Inside a key such a
//! character is an error that names it, and so is a placeholder that nobody filled in.

use crate::{Error, ErrorKind, Result, Secret};

/// Looks variables up; blank means unset.
#[doc(hidden)]
pub struct Vars<'a>(&'a dyn Fn(&str) -> Option<String>);

/// A key pair, and the name of the variable that its first half came from.
#[doc(hidden)]
#[derive(Debug)]
pub struct Pair {
    pub first: Secret,
    pub second: Secret,
    pub name: &'static str,
}

impl<'a> Vars<'a> {
    pub fn new(look_up: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self(look_up)
    }

    /// A variable without what it was wrapped in: a trailing newline makes every login fail.
    pub fn get(&self, name: &str) -> Option<String> {
        (self.0)(name).map(|value| unwrapped(&value).to_owned()).filter(|value| !value.is_empty())
    }

    /// The first pair of which both are set. Pairs are taken whole, never mixed.
    ///
    /// # Errors
    /// `Config` if only half of one is set, or a half cannot be a credential. `foreign` are names that other programs use, each with the one
    /// that is meant here.
    pub fn pair(
        &self,
        pairs: &[(&'static str, &'static str)],
        foreign: &[(&'static str, &'static str)],
    ) -> Result<Option<Pair>> {
        for (first, second) in pairs {
            // As it came: what a placeholder is wrapped in belongs to it.
            let raw = |name| self.get(name).and_then(|_| (self.0)(name)).map(Secret::new);
            if let (Some(one), Some(two)) = (raw(first), raw(second)) {
                let (one, two) = (credential(first, &one)?, credential(second, &two)?);
                return Ok(Some(Pair { first: one, second: two, name: first }));
            }
        }
        match self.half_set(pairs) {
            None => Ok(None),
            Some(missing) => {
                let error = Error::new(ErrorKind::Config, format!("{missing} is not set, while its other half is"));
                Err(match self.mistaken(foreign).into_iter().find(|(_, meant)| *meant == missing) {
                    Some((found, meant)) => error.with_hint(format!("found {found}: did you mean {meant}?")),
                    None => error,
                })
            }
        }
    }

    /// Of a pair, the name that is missing while the other one is set.
    fn half_set(&self, pairs: &[(&'static str, &'static str)]) -> Option<&'static str> {
        pairs.iter().find_map(|(first, second)| match (self.get(first), self.get(second)) {
            (Some(_), None) => Some(*second),
            (None, Some(_)) => Some(*first),
            _ => None,
        })
    }

    /// The names of other programs that are set where the own ones are not: found, and meant.
    fn mistaken(&self, foreign: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
        foreign
            .iter()
            .copied()
            .filter(|(found, meant)| self.get(meant).is_none() && self.get(found).is_some())
            .collect()
    }

    /// The same in words, for the hint of an error about something that is not set.
    pub fn mistaken_names(&self, foreign: &[(&'static str, &'static str)]) -> Option<String> {
        let found: Vec<String> = self
            .mistaken(foreign)
            .iter()
            .map(|(found, meant)| format!("found {found}: did you mean {meant}?"))
            .collect();
        (!found.is_empty()).then(|| found.join(" "))
    }
}

impl std::fmt::Debug for Vars<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vars")
    }
}

/// The environment of the process.
#[doc(hidden)]
pub fn process(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// An address or a name as it was meant: without what it is wrapped in, and without the characters in it that cannot be seen.
#[doc(hidden)]
pub fn pasted(text: &str) -> String {
    unwrapped(text).chars().filter(|letter| !is_invisible(*letter)).collect()
}

/// A key or a secret as it was meant. `what` names it in an error, which never shows it.
///
/// # Errors
/// `Config` if there is nothing in it, if it is a placeholder, or if it has white space or an invisible character in it.
#[doc(hidden)]
pub fn credential(what: &str, given: &Secret) -> Result<Secret> {
    let refused = |message: String| Err(Error::new(ErrorKind::Config, message));
    let text = unwrapped(given.expose());
    if text.is_empty() {
        return refused(format!("{what} is blank"));
    }
    if is_placeholder(given.expose()) {
        return refused(format!("{what} looks like a placeholder that was not filled in"));
    }
    match text.chars().find(|letter| letter.is_whitespace() || is_invisible(*letter)) {
        None => Ok(Secret::new(text)),
        Some(letter) => Err(Error::new(ErrorKind::Config, format!("{what} has {} in it", named(letter)))
            .with_hint("copy it again, into a plain text field")),
    }
}

/// Without white space, invisible characters, quotes and angle brackets around it, however they are nested.
fn unwrapped(text: &str) -> &str {
    const PAIRS: &[(char, char)] =
        &[('"', '"'), ('\'', '\''), ('`', '`'), ('<', '>'), ('“', '”'), ('„', '“'), ('‘', '’'), ('«', '»')];
    let mut text = text;
    loop {
        let cut = text.trim_matches(|letter: char| letter.is_whitespace() || is_invisible(letter));
        let inner = PAIRS.iter().find_map(|(open, close)| cut.strip_prefix(*open)?.strip_suffix(*close));
        match inner {
            Some(inner) => text = inner,
            None => return cut,
        }
    }
}

/// Characters that take no room: marks of byte order and direction, zero-width ones, soft hyphens, control characters.
#[doc(hidden)]
pub fn is_invisible(letter: char) -> bool {
    let unseen = matches!(letter,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}');
    unseen || letter.is_control()
}

fn named(letter: char) -> String {
    let name = match letter {
        ' ' => "a space",
        '\t' => "a tab",
        '\n' | '\r' => "a line break",
        '\u{a0}' | '\u{202f}' => "a no-break space",
        '\u{feff}' => "a byte order mark",
        '\u{ad}' => "a soft hyphen",
        '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => "a direction mark",
        '\u{200b}'..='\u{200d}' | '\u{2060}' => "a zero-width character",
        _ if letter.is_whitespace() => "white space",
        _ => "a character that cannot be seen",
    };
    format!("{name} (U+{:04X})", u32::from(letter))
}

/// What documents and templates have in the place of a key, and what a settings page shows for one.
fn is_placeholder(given: &str) -> bool {
    let given = given.trim_matches(|letter: char| letter.is_whitespace() || is_invisible(letter));
    let text = unwrapped(given).to_lowercase();
    let bracketed = given.starts_with('<') && given.ends_with('>') && text.contains([' ', '-', '_']);
    let template = [("${", "}"), ("{{", "}}"), ("{%", "%}"), ("%", "%"), ("[", "]"), ("__", "__"), ("@@", "@@")]
        .iter()
        .any(|(open, close)| text.len() > open.len() + close.len() && text.starts_with(open) && text.ends_with(close));
    let words = [
        "your-",
        "your_",
        "your ",
        "yourapi",
        "yourkey",
        "yoursecret",
        "my-api-",
        "my_api_",
        "insert-",
        "insert_",
        "replace-",
        "replace_",
        "replaceme",
        "change-me",
        "change_me",
        "changeme",
        "placeholder",
        "enter-your",
        "paste-",
    ];
    let mut letters = text.chars();
    let first = letters.next();
    let repeated = text.chars().count() >= 3
        && matches!(first, Some('x' | '*' | '.' | '•' | '●' | '…' | '-' | '_' | '?' | '#'))
        && letters.all(|letter| Some(letter) == first);
    let masked = text.starts_with("****") || text.starts_with("••••");
    bracketed || template || repeated || masked || words.iter().any(|word| text.starts_with(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAIRS: &[(&str, &str)] = &[("OWN_KEY", "OWN_SECRET"), ("KEY", "SECRET")];
    const FOREIGN: &[(&str, &str)] = &[("THEIR_SECRET", "OWN_SECRET"), ("THEIR_KEY", "OWN_KEY")];

    fn look_up<'a>(set: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        |name| set.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
    }

    fn pair(set: &[(&str, &str)]) -> Result<Option<(String, String, &'static str)>> {
        let look_up = look_up(set);
        let pair = Vars::new(&look_up).pair(PAIRS, FOREIGN)?;
        Ok(pair.map(|pair| (pair.first.expose().to_owned(), pair.second.expose().to_owned(), pair.name)))
    }

    #[test]
    fn pairs_are_taken_whole_and_blank_is_unset() {
        let own = pair(&[("OWN_KEY", "a"), ("OWN_SECRET", "b\n"), ("KEY", "c"), ("SECRET", "d")]).unwrap();
        assert_eq!(own, Some(("a".into(), "b".into(), "OWN_KEY")));
        let other = pair(&[("OWN_KEY", "a"), ("OWN_SECRET", " '' "), ("KEY", "c"), ("SECRET", "d")]).unwrap();
        assert_eq!(other, Some(("c".into(), "d".into(), "KEY")));
        let half = pair(&[("OWN_KEY", "a"), ("SECRET", "d")]).unwrap_err();
        assert!(half.to_string().contains("OWN_SECRET is not set"), "{half}");
        assert!(pair(&[]).unwrap().is_none());
    }

    #[test]
    fn a_name_of_another_program_is_found() {
        let half = pair(&[("OWN_KEY", "a"), ("THEIR_SECRET", "d")]).unwrap_err();
        assert_eq!(half.hint(), Some("found THEIR_SECRET: did you mean OWN_SECRET?"));
        let set = [("THEIR_KEY", "a"), ("THEIR_SECRET", "d")];
        let look_up = look_up(&set);
        let names = Vars::new(&look_up).mistaken_names(FOREIGN).unwrap();
        assert!(names.contains("did you mean OWN_KEY?") && names.contains("did you mean OWN_SECRET?"), "{names}");
        assert!(Vars::new(&|_| None).mistaken_names(FOREIGN).is_none());
    }

    #[test]
    fn what_a_value_is_wrapped_in_is_cut() {
        for text in [
            "merlot",
            "\"merlot\"",
            "'merlot'",
            "\u{feff}merlot",
            "<merlot>",
            "\u{a0}merlot\u{200b}",
            " \"merlot\"\r\n",
            "`merlot`",
            "“merlot”",
            "\u{200e}'\"merlot\"'\u{202c}",
            "\tmerlot",
            "<\"merlot\">",
        ] {
            assert_eq!(unwrapped(text), "merlot", "{text:?}");
            assert_eq!(pasted(text), "merlot", "{text:?}");
            assert_eq!(credential("the key", &Secret::new(text)).unwrap().expose(), "merlot", "{text:?}");
        }
        assert_eq!(pasted("mer\u{200b}lot\t"), "merlot");
        assert_eq!(unwrapped("\""), "\"");
        assert_eq!(unwrapped("\"'"), "\"'");
        assert_eq!(unwrapped("it's"), "it's");
    }

    #[test]
    fn inside_a_key_the_character_is_named() {
        for (text, named) in [
            ("AB CD", "a space (U+0020)"),
            ("AB\u{a0}CD", "a no-break space (U+00A0)"),
            ("AB\u{200b}CD", "a zero-width character (U+200B)"),
            ("AB\tCD", "a tab (U+0009)"),
            ("AB\u{feff}CD", "a byte order mark (U+FEFF)"),
            ("AB\u{202e}CD", "a direction mark (U+202E)"),
            ("AB\nCD", "a line break (U+000A)"),
            ("AB\u{7}CD", "a character that cannot be seen (U+0007)"),
        ] {
            let error = credential("DATTO_RMM_API_KEY", &Secret::new(text)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(error.to_string().contains(named) && !error.to_string().contains("CD"), "{error}");
        }
    }

    #[test]
    fn a_placeholder_is_told_before_anything_is_sent() {
        for text in [
            "<Datto RMM API Key>",
            "your-api-key",
            "\"your_api_secret\"",
            "YOUR_KEY",
            "<api-key>",
            "${DATTO_KEY}",
            "{{ key }}",
            "%KEY%",
            "changeme",
            "xxxxxxxx",
            "********alue",
            "••••••••",
            "...",
            "[key]",
            "__KEY__",
        ] {
            let error = credential("the API key", &Secret::new(text)).unwrap_err();
            assert!(error.to_string().contains("placeholder"), "{text}: {error}");
        }
        for text in
            ["key", "secret", "KEY1", "NAE8S5FS52MPI7RGN7V8C6OU8CQJLTQK", "<KEY1>", "public-1", "x1", "Example9", "a"]
        {
            assert!(credential("the API key", &Secret::new(text)).is_ok(), "{text}");
        }
        assert!(credential("the API key", &Secret::new(" \"\" ")).unwrap_err().to_string().contains("blank"));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in ".*", open in "[\"'<`“ ]{0,3}", close in "[\"'>`” ]{0,3}") {
            let text = format!("{open}{text}{close}");
            let once = pasted(&text);
            proptest::prop_assert!(once.chars().all(|letter| !is_invisible(letter)));
            let _ = credential("it", &Secret::new(text));
        }
    }
}
