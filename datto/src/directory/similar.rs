//! How alike two names are, and why, in words.

use std::collections::HashMap;

use super::normal::{Normal, without_umlauts};

/// From which likeness on two words of four letters and more are taken for one word in two spellings.
const SAME_WORD: f64 = 0.88;

/// How telling each word is: one that many names have tells little.
#[derive(Debug, Default)]
pub(crate) struct Weights {
    names: usize,
    of_word: HashMap<String, usize>,
}

impl Weights {
    pub(crate) fn count(&mut self, name: &Normal) {
        self.names += 1;
        for (position, word) in name.words.iter().enumerate() {
            if !name.words.iter().take(position).any(|earlier| earlier == word) {
                *self.of_word.entry(word.clone()).or_default() += 1;
            }
        }
    }

    fn of(&self, word: &str) -> f64 {
        let among = self.of_word.get(word).copied().unwrap_or(0).max(1);
        #[allow(clippy::cast_precision_loss)] // counts of names
        let rarity = (1.0 + self.names as f64 / among as f64).ln();
        rarity.max(0.2)
    }
}

/// How alike, from 0 to 1, and why.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Likeness {
    pub(crate) score: f64,
    pub(crate) why: String,
}

/// Compares two names; no likeness where one of them is empty.
pub(crate) fn likeness(a: &Normal, b: &Normal, weights: &Weights) -> Option<Likeness> {
    if a.is_empty() || b.is_empty() {
        return None;
    }
    if a.agrees_with(b) {
        return Some(Likeness { score: 1.0, why: "the same words".to_owned() });
    }
    if a.key == b.key {
        return Some(Likeness { score: 0.95, why: "the same words, but another legal form".to_owned() });
    }
    if a.compact == b.compact {
        return Some(Likeness { score: 0.97, why: "the same letters, with other spaces".to_owned() });
    }
    let by_words = Pairs::of(a, b).likeness(a, b, weights);
    [by_words, by_letters(a, b), by_initials(a, b)].into_iter().flatten().max_by(|x, y| x.score.total_cmp(&y.score))
}

/// Words of one name beside those of the other.
struct Pairs<'a> {
    /// Words that belong together, and how alike they are.
    pairs: Vec<(&'a str, &'a str, f64)>,
    only_a: Vec<&'a str>,
    only_b: Vec<&'a str>,
}

impl<'a> Pairs<'a> {
    fn of(a: &'a Normal, b: &'a Normal) -> Self {
        let mut left: Vec<&str> = b.words.iter().map(String::as_str).collect();
        let mut pairs = Vec::new();
        let mut only_a = Vec::new();
        let take = |left: &mut Vec<&'a str>, position: usize| left.swap_remove(position);
        for word in a.words.iter().map(String::as_str) {
            match left.iter().position(|other| *other == word) {
                Some(position) => pairs.push((word, take(&mut left, position), 1.0)),
                None => only_a.push(word),
            }
        }
        only_a.retain(|word| {
            let alike = left.iter().map(|other| same_word(word, other)).enumerate();
            match alike.filter(|(_, score)| *score > 0.0).max_by(|x, y| x.1.total_cmp(&y.1)) {
                Some((position, score)) => {
                    pairs.push((word, take(&mut left, position), score));
                    false
                }
                None => true,
            }
        });
        Self { pairs, only_a, only_b: left }
    }

    fn likeness(&self, a: &Normal, b: &Normal, weights: &Weights) -> Option<Likeness> {
        let weight = |word: &str| weights.of(word);
        let shared: f64 = self.pairs.iter().map(|(x, y, score)| (weight(x) + weight(y)) / 2.0 * score).sum();
        let sum = |name: &Normal| name.words.iter().map(|word| weight(word)).sum::<f64>();
        let (all_a, all_b) = (sum(a), sum(b));
        if self.pairs.is_empty() || all_a + all_b <= 0.0 {
            return None;
        }
        let mut score = 2.0 * shared / (all_a + all_b);
        let (fewer, rest) = if all_a <= all_b { (all_a, &self.only_a) } else { (all_b, &self.only_b) };
        // One name within the other: "Contoso" and "Contoso Head Office".
        if rest.is_empty() {
            score = score.max(0.72 + 0.2 * shared.min(fewer) / all_a.max(all_b));
        }
        // A number that only one of them has, or that differs, tells two places of one name apart.
        if self.only_a.iter().chain(&self.only_b).any(|word| is_number(word)) {
            score = score.min(0.75) - 0.1;
        }
        Some(Likeness { score: score.clamp(0.0, 0.94), why: self.why() })
    }

    fn why(&self) -> String {
        let spelled: Vec<String> = self
            .pairs
            .iter()
            .filter(|(x, y, _)| x != y)
            .map(|(x, y, _)| format!("\"{x}\" is much like \"{y}\""))
            .collect();
        let mut parts = Vec::new();
        let same: Vec<&str> = self.pairs.iter().filter(|(x, y, _)| x == y).map(|(x, ..)| *x).collect();
        if !same.is_empty() {
            parts.push(format!("both have \"{}\"", same.join(" ")));
        }
        parts.extend(spelled);
        for (only, whose) in [(&self.only_a, "the company"), (&self.only_b, "the other")] {
            if !only.is_empty() {
                parts.push(format!("\"{}\" stands in {whose} alone", only.join(" ")));
            }
        }
        parts.join(", ")
    }
}

fn is_number(word: &str) -> bool {
    word.chars().all(|letter| letter.is_ascii_digit())
}

/// How alike two words are if they can be one word; else 0.
fn same_word(a: &str, b: &str) -> f64 {
    if is_number(a) || is_number(b) {
        return 0.0;
    }
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if without_umlauts(a) == without_umlauts(b) {
        return 0.98;
    }
    if short.chars().count() >= 3 && long.starts_with(short) {
        return 0.85;
    }
    if short.chars().count() < 4 {
        return 0.0;
    }
    let score = strsim::jaro_winkler(a, b);
    if score >= SAME_WORD { score } else { 0.0 }
}

/// By their letters alone: for names whose words are cut otherwise.
fn by_letters(a: &Normal, b: &Normal) -> Option<Likeness> {
    let (x, y) = (a.compact.chars().count(), b.compact.chars().count());
    if x.min(y) < 5 || x.abs_diff(y) * 4 > x.max(y) || numbers(a) != numbers(b) {
        return None;
    }
    let score = strsim::normalized_damerau_levenshtein(&a.compact, &b.compact);
    (score >= 0.8).then(|| Likeness { score: score.min(0.94), why: "nearly the same letters".to_owned() })
}

fn numbers(name: &Normal) -> String {
    name.compact.chars().filter(char::is_ascii_digit).collect()
}

/// "Graphic Design Institute" and "GDI".
fn by_initials(a: &Normal, b: &Normal) -> Option<Likeness> {
    let initials = |name: &Normal| name.words.iter().filter_map(|word| word.chars().next()).collect::<String>();
    let short = |whole: &Normal, brief: &Normal| {
        whole.words.len() >= 3 && brief.words.len() == 1 && initials(whole) == brief.compact
    };
    (short(a, b) || short(b, a))
        .then(|| Likeness { score: 0.8, why: "one is made of the first letters of the other".to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(a: &str, b: &str) -> Option<Likeness> {
        let (a, b) = (Normal::of(a), Normal::of(b));
        let mut weights = Weights::default();
        for name in ["Acorn Dental", "Birch Dental", "Cedar Legal", "Dune Legal", "Elm Dental", "Fjord Legal"] {
            weights.count(&Normal::of(name));
        }
        weights.count(&a);
        weights.count(&b);
        likeness(&a, &b, &weights)
    }

    fn score(a: &str, b: &str) -> f64 {
        compare(a, b).map_or(0.0, |likeness| likeness.score)
    }

    #[test]
    fn empty_names_are_like_nothing() {
        assert_eq!(compare("", ""), None);
        assert_eq!(compare("Contoso", "  "), None);
    }

    #[test]
    fn the_right_name_is_more_alike_than_a_neighbour() {
        for (name, right, wrong) in [
            ("Acorn Dentl", "Acorn Dental", "Birch Dental"),
            ("Contoso Head Office", "Contoso", "Office Depot Head"),
            ("BlueYonder", "Blue Yonder", "Blue Sky"),
            ("Jaeger Soehne", "Jäger & Söhne", "Jagged Stones"),
            ("GDI", "Graphic Design Institute", "Grove Design"),
            ("Contoso 2", "Contoso 2 Ltd", "Contoso 3"),
            ("VanArsdel Engineerng", "Van Arsdel Engineering", "VanHouten Engineering"),
        ] {
            assert!(
                score(name, right) > score(name, wrong),
                "{name}: {right} {:?}, {wrong} {:?}",
                compare(name, right),
                compare(name, wrong)
            );
            assert!(score(name, right) >= 0.7, "{name}: {:?}", compare(name, right));
        }
    }

    #[test]
    fn another_number_is_another_place() {
        assert!(score("Contoso 2", "Contoso 3") < 0.7);
        assert!(score("Contoso", "Contoso 3") < 0.7);
    }

    #[test]
    fn the_reason_is_in_words() {
        let why = compare("Acorn Logistics Head", "Acorn Logistic").unwrap().why;
        assert_eq!(
            why,
            "both have \"acorn\", \"logistics\" is much like \"logistic\", \"head\" stands in the company alone"
        );
    }
}
