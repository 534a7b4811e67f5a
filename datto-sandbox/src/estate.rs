//! The customers of the provider, and the names that each product has for them. Nobody in the real world keeps such a
//! list; the sandbox does, and tells it as the truth.

use unicode_normalization::UnicodeNormalization;

use crate::random::Random;
use crate::rmm::names::{COMPANIES, TRADES};

/// Endings of companies, as they stand in contracts.
const FORMS: [&str; 8] = [", Inc.", " LLC", " Ltd.", " GmbH", " GmbH & Co. KG", " S.A.R.L.", " AG", " Pty Ltd"];

/// One customer.
#[derive(Debug, Clone)]
pub(crate) struct Company {
    /// Its id in the provider's own books.
    pub(crate) id: i64,
    /// What people call it: `Contoso Dental`.
    pub(crate) name: String,
    /// What it is called in contracts: `Contoso Dental GmbH`.
    pub(crate) legal: String,
    /// Its domain on the internet.
    pub(crate) domain: String,
}

/// The companies behind so many sites of customers: every thirteenth site is the second one of the company before.
pub(crate) fn companies(seed: u64, sites: usize) -> Vec<Company> {
    let mut random = Random::new(seed, "companies");
    (0..sites - sites / 13).map(|index| company(index, &mut random)).collect()
}

/// The company of the customer's site of this number, and whether that is its second site.
pub(crate) fn company_of_site(site: usize) -> (usize, bool) {
    let second = site % 13 == 12;
    (site - (site + 1) / 13, second)
}

fn company(index: usize, random: &mut Random) -> Company {
    let first = COMPANIES.get(index % COMPANIES.len()).copied().unwrap_or("Contoso");
    // The first forty are alone with their name, the rest need their trade and number to tell them apart.
    let round = index / COMPANIES.len();
    let number = if round == 0 { String::new() } else { format!(" {}", round + 1) };
    let name = format!("{first} {}{number}", random.pick(&TRADES));
    let slug: String = ascii(&name).to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    Company {
        id: 2_000 + i64::try_from(index).unwrap_or_default(),
        legal: format!("{name}{}", random.pick(&FORMS)),
        domain: format!("{slug}.example.com"),
        name,
    }
}

impl Company {
    /// The name under which somebody else has entered it: another case, another ending, without accents, with words
    /// in another order. Never the name of another company.
    pub(crate) fn variant(&self, random: &mut Random) -> String {
        match random.below(12) {
            0 => self.legal.clone(),
            1 => self.legal.to_uppercase(),
            2 => self.name.to_uppercase(),
            3 => ascii(&self.name).replace(['\'', '.', ','], ""),
            4 => self.name.replace(" & ", " and "),
            5 => match self.name.rsplit_once(' ') {
                Some((first, last)) if !last.starts_with(|letter: char| letter.is_ascii_digit()) => {
                    format!("{last}, {first}")
                }
                _ => self.legal.clone(),
            },
            6 => self.name.nfd().collect(),
            7 => format!("{}  ", self.name),
            8 => format!("The {}", self.name),
            9 => self.name.replace(' ', "-").to_lowercase(),
            _ => self.name.clone(),
        }
    }
}

/// Without accents, as people write who lack the keys.
fn ascii(text: &str) -> String {
    let spelled = text.replace('ä', "ae").replace('ö', "oe").replace('ü', "ue");
    spelled.nfd().filter(char::is_ascii).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{ascii, companies, company_of_site};
    use crate::random::Random;

    #[test]
    fn every_site_has_a_company_and_some_companies_have_two() {
        for sites in [1, 3, 13, 14, 26, 400] {
            let companies = companies(1, sites);
            let places: Vec<(usize, bool)> = (0..sites).map(company_of_site).collect();
            let used: BTreeSet<usize> = places.iter().map(|(company, _)| *company).collect();
            assert_eq!(used.len(), companies.len(), "{sites}");
            assert!(places.iter().all(|(company, _)| *company < companies.len()));
            assert_eq!(places.iter().filter(|(_, second)| *second).count(), sites / 13);
        }
    }

    #[test]
    fn variants_of_two_companies_never_meet() {
        let companies = companies(3, 200);
        let mut random = Random::new(3, "variants");
        let mut seen = std::collections::BTreeMap::new();
        for (index, company) in companies.iter().enumerate() {
            for _ in 0..40 {
                let variant = company.variant(&mut random).trim().to_owned();
                assert_eq!(*seen.entry(variant.clone()).or_insert(index), index, "{variant}");
            }
        }
    }

    #[test]
    fn accents_are_spelled_out() {
        assert_eq!(ascii("Jäger & Söhne, Mosaïque"), "Jaeger & Soehne, Mosaique");
    }
}
