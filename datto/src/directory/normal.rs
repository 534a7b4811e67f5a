//! Names brought to a common form: case, accents, punctuation, legal forms and the order of words do not count.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization as _;

/// A legal form of a company, under one name for all its spellings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Legal {
    name: &'static str,
    /// Whether the word also occurs in names for its own sake ("The Phone Company"): then it tells names apart.
    telling: bool,
}

/// Spellings, the form they stand for, and whether the word may be part of a name.
const LEGAL: &[(&[&str], &str, bool)] = &[
    (&["ltd", "limited", "ltda"], "ltd", false),
    (&["llc"], "llc", false),
    (&["llp"], "llp", false),
    (&["plc"], "plc", false),
    (&["inc", "incorporated"], "inc", false),
    (&["corp", "corporation"], "corp", false),
    (&["pty"], "pty", false),
    (&["gmbh"], "gmbh", false),
    (&["mbh"], "gmbh", false),
    (&["ug", "haftungsbeschrankt"], "ug", false),
    (&["ohg"], "ohg", false),
    (&["gbr"], "gbr", false),
    (&["kg"], "kg", false),
    (&["kgaa"], "kgaa", false),
    (&["bv"], "bv", false),
    (&["nv"], "nv", false),
    (&["sarl"], "sarl", false),
    (&["sas"], "sas", false),
    (&["srl"], "srl", false),
    (&["aps"], "aps", false),
    (&["oyj"], "oyj", false),
    (&["co", "company"], "co", true),
    (&["ag"], "ag", true),
    (&["sa"], "sa", true),
    (&["se"], "se", true),
    (&["ab"], "ab", true),
    (&["oy"], "oy", true),
    (&["as"], "as", true),
    (&["ev"], "ev", true),
    (&["pc"], "pc", true),
    (&["lp"], "lp", true),
    (&["group", "gruppe", "groupe"], "group", true),
    (&["holding", "holdings"], "holding", true),
];

/// Words that join others and tell nothing.
const JOINING: &[&str] = &["and", "und", "et", "the"];

/// A name in its common form.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Normal {
    /// The name with white space in order, as it was written otherwise.
    pub(crate) plain: String,
    /// Its words in the order in which they stand, without legal forms and joining words.
    pub(crate) words: Vec<String>,
    /// The same words in alphabetical order, joined by spaces: what is compared.
    pub(crate) key: String,
    /// Its words without spaces, in the order in which they stand.
    pub(crate) compact: String,
    pub(crate) legal: BTreeSet<Legal>,
}

impl Normal {
    pub(crate) fn of(name: &str) -> Self {
        let plain = name.split_whitespace().collect::<Vec<_>>().join(" ");
        let all = words(&plain);
        let mut rest: Vec<String> = all.iter().filter(|word| !JOINING.contains(&word.as_str())).cloned().collect();
        let mut legal = BTreeSet::new();
        // A name that consists of nothing but legal forms keeps its first word: "Group Ltd" is called Group.
        while rest.len() > 1
            && let Some(form) = rest.last().and_then(|word| legal_form(word))
        {
            legal.insert(form);
            rest.pop();
        }
        if rest.is_empty() {
            rest = all;
        }
        let compact = rest.concat();
        let mut sorted = rest.clone();
        sorted.sort_unstable();
        Self { plain, words: rest, key: sorted.join(" "), compact, legal }
    }

    /// Whether there is nothing in it that could be compared. Two names of nothing are not the same name.
    pub(crate) fn is_empty(&self) -> bool {
        self.key.is_empty()
    }

    /// Whether both have the same words and no legal form that tells them apart: "Contoso Ltd" and "Contoso" agree, "Contoso Ltd" and
    /// "Contoso GmbH" do not, nor do "The Phone Company" and "Phone".
    pub(crate) fn agrees_with(&self, other: &Self) -> bool {
        !self.is_empty() && self.key == other.key && self.legal_agrees(other)
    }

    fn legal_agrees(&self, other: &Self) -> bool {
        let of = |name: &Self, telling| -> BTreeSet<Legal> {
            name.legal.iter().copied().filter(|form| form.telling == telling).collect()
        };
        let (mine, theirs) = (of(self, false), of(other, false));
        let silent = mine.is_empty() || theirs.is_empty();
        of(self, true) == of(other, true) && (silent || mine == theirs)
    }

    /// The other names that a name holds: what stands before and after "trading as", and what stands before and inside brackets.
    pub(crate) fn parts(&self) -> Vec<Normal> {
        let mut parts = Vec::new();
        let lower = self.plain.to_lowercase();
        for mark in [" t/a ", " trading as ", " dba ", " d/b/a ", " formerly ", " - ", " – ", " | "] {
            if let Some((before, after)) = lower.split_once(mark) {
                parts.extend([before.to_owned(), after.to_owned()]);
            }
        }
        if let Some((before, inside)) = lower.split_once('(') {
            let inside = inside.split(')').next().unwrap_or_default().trim_start_matches("formerly ");
            parts.extend([before.to_owned(), inside.to_owned()]);
        }
        parts.iter().map(|part| Self::of(part)).filter(|part| !part.is_empty()).collect()
    }
}

fn legal_form(word: &str) -> Option<Legal> {
    let (_, name, telling) = LEGAL.iter().find(|(spellings, ..)| spellings.contains(&word))?;
    Some(Legal { name, telling: *telling })
}

/// A text without case, accents, invisible characters and the difference between forms of one letter. Letters of other scripts stay what they are.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.nfkd().flat_map(char::to_lowercase) {
        match letter {
            // Accents that stood on a Latin letter; soft hyphens and other characters without a form.
            '\u{300}'..='\u{36f}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => {}
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ħ' => folded.push('h'),
            'ı' => folded.push('i'),
            other => folded.push(other),
        }
    }
    folded.nfc().collect()
}

/// The words of a name. What stands between the letters of an abbreviation goes: "I.B.M.", "I B M" and "IBM" are one word, "Munson's" is
/// "munsons".
fn words(name: &str) -> Vec<String> {
    let folded = fold(name).replace(['\'', '\u{2019}', '\u{2018}', '`', '\u{b4}'], "");
    let mut words: Vec<String> = Vec::new();
    let mut initials = false;
    for word in folded.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let is_initial = word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
        match words.last_mut() {
            Some(last) if is_initial && initials => last.push_str(word),
            _ => words.push(word.to_owned()),
        }
        initials = is_initial;
    }
    words
}

/// A word without the difference between an umlaut that is written out and one whose dots were dropped.
pub(crate) fn without_umlauts(word: &str) -> String {
    word.replace("ae", "a").replace("oe", "o").replace("ue", "u")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn agree(a: &str, b: &str) -> bool {
        Normal::of(a).agrees_with(&Normal::of(b))
    }

    #[test]
    fn what_does_not_count_does_not_count() {
        for (a, b) in [
            ("Contoso Ltd", "CONTOSO LIMITED"),
            ("Contoso, Inc.", "contoso"),
            ("Jäger & Söhne", "Jager und Sohne"),
            ("Ｆａｂｒｉｋａｍ", "Fabrikam"),
            ("Mosai\u{308}que", "Mosaïque"),
            ("Munson’s Pickles", "Munsons Pickles"),
            ("I.B.M.", "IBM"),
            ("Fabrikam GmbH & Co. KG", "Fabrikam GmbH & Co KG"),
            ("Dental  Acorn", "Acorn Dental"),
            ("Ørsted Straße", "Orsted Strasse"),
            ("Blue\u{200b} Yonder", "Blue Yonder"),
        ] {
            assert!(agree(a, b), "{a} / {b}: {:?} {:?}", Normal::of(a), Normal::of(b));
        }
    }

    #[test]
    fn what_tells_names_apart_counts() {
        for (a, b) in [
            ("Contoso Ltd", "Contoso GmbH"),
            ("The Phone Company", "Phone"),
            ("Contoso 2", "Contoso 3"),
            ("Contoso", "Contoso 2"),
            ("Alpine Spa", "Alpine"),
            ("Contoso Group", "Contoso"),
            ("", ""),
            ("  ", "..."),
            ("& Ltd", ""),
            ("東京", "東鏡"),
            ("が", "か"),
        ] {
            assert!(!agree(a, b), "{a} / {b}: {:?} {:?}", Normal::of(a), Normal::of(b));
        }
    }

    #[test]
    fn a_name_of_legal_forms_keeps_a_word() {
        assert_eq!(Normal::of("Group Ltd").key, "group");
        assert_eq!(Normal::of("The").key, "the");
    }

    #[test]
    fn a_name_holds_others() {
        let keys = |name: &str| Normal::of(name).parts().into_iter().map(|part| part.key).collect::<Vec<_>>();
        assert_eq!(keys("Litware Ltd t/a Blue Cafe"), ["litware", "blue cafe"]);
        assert_eq!(keys("Fabrikam (formerly Contoso)"), ["fabrikam", "contoso"]);
        assert!(keys("Fabrikam").is_empty());
    }

    proptest! {
        #[test]
        fn any_name_agrees_with_itself_or_is_empty(name in ".{0,40}") {
            let normal = Normal::of(&name);
            prop_assert!(normal.is_empty() || normal.agrees_with(&normal.clone()));
            let _ = normal.parts();
        }
    }
}
