//! The companies, prepared for the search: by id, by name, by domain, and by pieces of names for what is only alike.

use std::collections::{BTreeSet, HashMap};

use super::company::{Company, System};
use super::normal::{Normal, without_umlauts};
use super::similar::{Likeness, Weights, likeness};

/// How many companies are compared letter by letter with one place.
const CANDIDATES: usize = 12;
/// How many entries of the index are looked at for one name, the rarest pieces first.
const LOOKED_AT: usize = 600;

/// One name of a company.
struct Name {
    company: usize,
    normal: Normal,
}

/// The companies of a list, ready to be searched.
pub(crate) struct Catalogue<'a> {
    companies: &'a [Company],
    names: Vec<Name>,
    by_id: HashMap<&'a str, usize>,
    by_known_id: HashMap<(&'a System, &'a str), Vec<usize>>,
    by_key: HashMap<String, Vec<usize>>,
    by_domain: HashMap<String, Vec<usize>>,
    pieces: HashMap<String, Vec<usize>>,
    pub(crate) weights: Weights,
}

impl<'a> Catalogue<'a> {
    /// `others` are the names that will be looked up: words that many of them have tell little.
    pub(crate) fn new<'n>(companies: &'a [Company], others: impl Iterator<Item = &'n Normal>) -> Self {
        let mut catalogue = Self {
            companies,
            names: Vec::new(),
            by_id: HashMap::new(),
            by_known_id: HashMap::new(),
            by_key: HashMap::new(),
            by_domain: HashMap::new(),
            pieces: HashMap::new(),
            weights: Weights::default(),
        };
        for (position, company) in companies.iter().enumerate() {
            catalogue.add(position, company);
        }
        others.for_each(|name| catalogue.weights.count(name));
        catalogue
    }

    fn add(&mut self, position: usize, company: &'a Company) {
        self.by_id.entry(&company.id).or_insert(position);
        for (system, id) in &company.known_ids {
            self.by_known_id.entry((system, id.trim())).or_default().push(position);
        }
        for domain in company.domains.iter().filter_map(|domain| own_domain(domain)) {
            self.by_domain.entry(domain).or_default().push(position);
        }
        for name in company.names() {
            let normal = Normal::of(name);
            if normal.is_empty() {
                continue;
            }
            self.weights.count(&normal);
            let named = self.by_key.entry(normal.key.clone()).or_default();
            if !named.contains(&position) {
                named.push(position);
            }
            for part in std::iter::once(normal.clone()).chain(normal.parts()) {
                for piece in pieces(&part) {
                    self.pieces.entry(piece).or_default().push(self.names.len());
                }
                self.names.push(Name { company: position, normal: part });
            }
        }
    }

    pub(crate) fn company(&self, position: usize) -> Option<&'a Company> {
        self.companies.get(position)
    }

    pub(crate) fn of_id(&self, id: &str) -> Option<&'a Company> {
        self.company(*self.by_id.get(id)?)
    }

    /// The companies that have this id in that system.
    pub(crate) fn of_known_id(&self, system: &System, id: &str) -> Vec<&'a Company> {
        self.all(self.by_known_id.get(&(system, id.trim())))
    }

    /// The companies one of whose names has these words.
    pub(crate) fn of_words(&self, name: &Normal) -> Vec<&'a Company> {
        self.all(self.by_key.get(&name.key))
    }

    /// The companies that have this domain.
    pub(crate) fn of_domain(&self, domain: &str) -> Vec<&'a Company> {
        self.all(own_domain(domain).and_then(|domain| self.by_domain.get(&domain)))
    }

    fn all(&self, positions: Option<&Vec<usize>>) -> Vec<&'a Company> {
        positions.into_iter().flatten().filter_map(|position| self.company(*position)).collect()
    }

    /// The companies whose names are most like this one, the most alike first, each once.
    pub(crate) fn alike(&self, name: &Normal, at_least: f64) -> Vec<(&'a Company, Likeness)> {
        let mut found: Vec<(usize, Likeness)> = Vec::new();
        for candidate in self.candidates(name) {
            let Some(like) = likeness(&candidate.normal, name, &self.weights) else { continue };
            match found.iter_mut().find(|(company, _)| *company == candidate.company) {
                Some((_, best)) if best.score >= like.score => {}
                Some((_, best)) => *best = like,
                None => found.push((candidate.company, like)),
            }
        }
        found.retain(|(_, like)| like.score >= at_least);
        // Equal ones in the order of the list, so that the same input gives the same answer.
        found.sort_by(|a, b| b.1.score.total_cmp(&a.1.score).then(a.0.cmp(&b.0)));
        found.into_iter().filter_map(|(position, like)| Some((self.company(position)?, like))).collect()
    }

    /// The names that share the rarest pieces with this one.
    fn candidates(&self, name: &Normal) -> Vec<&Name> {
        let mut lists: Vec<&Vec<usize>> = pieces(name).iter().filter_map(|piece| self.pieces.get(piece)).collect();
        lists.sort_by_key(|list| list.len());
        let mut shared: HashMap<usize, f64> = HashMap::new();
        let mut looked_at = 0;
        for list in lists {
            if looked_at > 0 && looked_at + list.len() > LOOKED_AT {
                break;
            }
            looked_at += list.len();
            #[allow(clippy::cast_precision_loss)] // the length of a list
            let worth = 1.0 / (1.0 + list.len() as f64).ln().max(0.5);
            for entry in list {
                *shared.entry(*entry).or_default() += worth;
            }
        }
        let mut ranked: Vec<(usize, f64)> = shared.into_iter().collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        ranked.into_iter().take(CANDIDATES).filter_map(|(entry, _)| self.names.get(entry)).collect()
    }
}

/// What a name is found by when it is written otherwise: its words, three letters at a time, and its initials.
fn pieces(name: &Normal) -> BTreeSet<String> {
    let mut pieces: BTreeSet<String> = name.words.iter().map(|word| format!("w{}", without_umlauts(word))).collect();
    let letters: Vec<char> = format!(" {}", without_umlauts(&name.compact)).chars().collect();
    pieces.extend(letters.windows(3).map(|three| three.iter().collect::<String>()));
    match name.words.as_slice() {
        [brief] => {
            pieces.insert(format!("i{brief}"));
        }
        words if words.len() >= 3 => {
            pieces.insert(format!("i{}", words.iter().filter_map(|word| word.chars().next()).collect::<String>()));
        }
        _ => {}
    }
    pieces
}

/// Domains at which anybody may have an address, and the one that Microsoft gives to every tenant's own name: they tell no company.
const PUBLIC: &[&str] = &[
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "hotmail.com",
    "live.com",
    "yahoo.com",
    "icloud.com",
    "gmx.de",
    "gmx.net",
    "web.de",
    "aol.com",
    "protonmail.com",
    "onmicrosoft.com",
];

/// A domain in its common form, if it can be a company's own.
fn own_domain(domain: &str) -> Option<String> {
    let domain = domain.trim().trim_end_matches('.').to_lowercase();
    let domain = domain.strip_prefix("www.").unwrap_or(&domain);
    (domain.contains('.') && !PUBLIC.contains(&domain)).then(|| domain.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_domain_is_nobodys_own() {
        assert_eq!(own_domain(" WWW.Contoso.Example. "), Some("contoso.example".to_owned()));
        assert_eq!(own_domain("gmail.com"), None);
        assert_eq!(own_domain("localhost"), None);
        assert_eq!(own_domain("contoso.onmicrosoft.com"), Some("contoso.onmicrosoft.com".to_owned()));
    }
}
