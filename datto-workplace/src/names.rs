//! Names as people and stores spell them: which of them are one.
//!
//! The same name has several spellings. Unicode writes `ü` as one character or as two (macOS stores the second), stores fold case,
//! and clients on Windows put `_` in the place of what their file system forbids (official, for Workplace's own client). Which
//! of this the service does is not known: whoever compares names with what is stored should take these for one, and look at
//! the stored name.

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;

/// What Windows forbids in names, and Workplace's own client replaces (official).
const FORBIDDEN: &[char] = &['<', '>', ':', '"', '/', '\\', '|', '?', '*', '^'];

/// The name in Unicode's composed form (NFC), in which two names are equal if they are the same text.
///
/// ```
/// use datto_workplace::names::composed;
/// assert_eq!(composed("Bu\u{308}ro"), "Büro");
/// ```
pub fn composed(name: &str) -> Cow<'_, str> {
    ComposingNormalizerBorrowed::new_nfc().normalize(name)
}

/// What names have in common that some store takes for one: composed, in lower case, `_` for what Windows forbids, no dots and
/// spaces at the end.
///
/// ```
/// use datto_workplace::names::key;
/// assert_eq!(key("Bu\u{308}ro: Report.PDF"), key("büro_ report.pdf"));
/// assert_ne!(key("report (1).pdf"), key("report.pdf"));
/// ```
pub fn key(name: &str) -> String {
    let folded = composed(name).to_lowercase().replace(FORBIDDEN, "_");
    composed(folded.trim_end_matches(['.', ' '])).into_owned()
}

/// Whether some store takes the two for one name.
pub fn alike(one: &str, other: &str) -> bool {
    one == other || key(one) == key(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spellings_of_one_name_are_alike() {
        for (one, other) in [
            ("Büro", "Bu\u{308}ro"),
            ("Å.txt", "\u{212b}.txt"),
            ("한글", "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}"),
            ("report.PDF", "Report.pdf"),
            ("BU\u{308}RO", "büro"),
            ("a:b?.txt", "a_b_.txt"),
            ("folder.", "folder"),
            ("İstanbul", "i\u{307}stanbul"),
        ] {
            assert!(alike(one, other), "{one:?} {other:?}");
        }
        for (one, other) in
            [("a", "b"), ("report.pdf", "report (1).pdf"), ("resume", "résumé"), ("a b", "ab"), ("", "a")]
        {
            assert!(!alike(one, other), "{one:?} {other:?}");
        }
    }

    proptest! {
        #[test]
        fn a_key_is_its_own_key(name in ".*") {
            let once = key(&name);
            // Folding can join what was apart, but what is folded stays.
            prop_assert_eq!(key(&key(&once)), key(&once));
            let nfc = composed(&name);
            prop_assert_eq!(composed(&nfc), nfc.as_ref());
        }
    }
}
