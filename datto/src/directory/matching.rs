//! Which company a place belongs to, by itself: only what cannot well be otherwise is linked, all else is suggested.

use std::collections::HashMap;

use datto_common::Timestamp;

use super::catalogue::Catalogue;
use super::company::{Company, System};
use super::normal::Normal;
use super::place::Place;
use super::state::{How, Link, Match, State};

/// From when on names are alike, and how many of them are shown.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MatchPolicy {
    /// Names at least this much alike, from 0 to 1, are suggested: 0.7.
    pub suggest_from: f64,
    /// So many companies are suggested at most: 3.
    pub suggestions: usize,
    /// A place with the company's own domain is linked if their names are at least this much alike: 0.6. Groups share domains, so the domain alone
    /// is not enough.
    pub domain_needs: f64,
}

impl Default for MatchPolicy {
    fn default() -> Self {
        Self { suggest_from: 0.7, suggestions: 3, domain_needs: 0.6 }
    }
}

impl MatchPolicy {
    /// Names at least this much alike are suggested.
    #[must_use]
    pub fn suggest_from(mut self, score: f64) -> Self {
        self.suggest_from = score;
        self
    }

    /// So many companies are suggested at most.
    #[must_use]
    pub fn suggestions(mut self, count: usize) -> Self {
        self.suggestions = count;
        self
    }
}

/// Decides for places of one kind.
pub(crate) struct Matcher<'a> {
    pub(crate) catalogue: &'a Catalogue<'a>,
    pub(crate) policy: &'a MatchPolicy,
    /// How many places of the kind have each name: two of one name cannot both be meant by it.
    pub(crate) namesakes: HashMap<String, usize>,
    /// The companies that the organizations of the partner portal are linked to.
    pub(crate) organizations: &'a HashMap<String, String>,
    pub(crate) now: &'a Timestamp,
}

impl Matcher<'_> {
    pub(crate) fn state_of(&self, place: &Place, names: &[Normal]) -> State {
        let mut found = Found::default();
        self.by_known_ids(place, &mut found);
        self.by_words(place, names, &mut found);
        self.by_domain(place, names, &mut found);
        if let Some(link) = found.link(self.now) {
            return State::Linked(link);
        }
        for name in names.iter().flat_map(|name| std::iter::once(name.clone()).chain(name.parts())) {
            for (company, like) in self.catalogue.alike(&name, self.policy.suggest_from) {
                found.add(company, like.score, How::Alike, like.why, false);
            }
        }
        found.suggestions(self.policy.suggestions)
    }

    fn by_known_ids(&self, place: &Place, found: &mut Found) {
        for (system, id) in &place.known_ids {
            let companies = self.catalogue.of_known_id(system, id);
            let alone = companies.len() == 1;
            for company in &companies {
                let why = format!("the {} names the {} id {id} of the company", place.key.kind, system.as_str());
                found.add(company, 1.0, How::KnownId, why, alone);
            }
            if *system == System::datto_organization()
                && let Some(company) = self.organizations.get(id).and_then(|company| self.catalogue.of_id(company))
            {
                let why = format!("the backup client of the same organization {id} is linked to it");
                found.add(company, 1.0, How::KnownId, why, true);
            }
            // The product names a company that is not in the list, or another one: what only looks like it is none.
            if companies.is_empty() {
                found.named_elsewhere.push((system.clone(), id.clone()));
            }
        }
    }

    fn by_words(&self, place: &Place, names: &[Normal], found: &mut Found) {
        for name in names.iter().filter(|name| !name.is_empty()) {
            let companies = self.catalogue.of_words(name);
            let agreeing: Vec<&Company> = companies
                .iter()
                .copied()
                .filter(|company| company.names().any(|other| Normal::of(other).agrees_with(name)))
                .collect();
            let exact: Vec<&Company> = agreeing
                .iter()
                .copied()
                .filter(|company| company.names().any(|other| Normal::of(other).plain == name.plain))
                .collect();
            // Among several of the same words, the one that is written the same is meant, if it is alone in that.
            let is_meant = |company: &Company| match (agreeing.as_slice(), exact.as_slice()) {
                ([only], _) => only.id == company.id,
                (_, [only]) => only.id == company.id,
                _ => false,
            };
            let alone = self.namesakes.get(&name.key).is_none_or(|count| *count < 2);
            found.namesakes.extend(agreeing.iter().map(|company| company.id.clone()));
            for company in &agreeing {
                let is_exact = exact.iter().any(|other| other.id == company.id);
                let (how, score, why) = if is_exact {
                    (How::SameName, 1.0, format!("the same name, \"{}\"", name.plain))
                } else {
                    (How::SameWords, 0.99, format!("the same words as \"{}\"", company.name))
                };
                let told_apart = found.speaks_against(company);
                let why = if alone { why } else { format!("{why}; several places of this kind have the name") };
                let why = match &told_apart {
                    Some((system, id)) => {
                        format!("{why}; but the {} names the {} id {id}", place.key.kind, system.as_str())
                    }
                    None => why,
                };
                found.add(
                    company,
                    score,
                    how,
                    why,
                    is_meant(company) && (alone || is_exact && self.is_alone_in(name)) && told_apart.is_none(),
                );
            }
        }
    }

    /// Whether only one place of the kind is written exactly so.
    fn is_alone_in(&self, name: &Normal) -> bool {
        self.namesakes.get(&exactly(name)).is_none_or(|count| *count < 2)
    }

    fn by_domain(&self, place: &Place, names: &[Normal], found: &mut Found) {
        for domain in &place.domains {
            let companies = self.catalogue.of_domain(domain);
            for company in &companies {
                let alike = names
                    .iter()
                    .flat_map(|name| company.names().map(move |other| (name, Normal::of(other))))
                    .filter_map(|(name, other)| super::similar::likeness(&other, name, &self.catalogue.weights))
                    .map(|like| like.score)
                    .fold(0.0, f64::max);
                let sure = companies.len() == 1
                    && alike >= self.policy.domain_needs
                    && found.speaks_against(company).is_none();
                found.add(company, 0.9_f64.max(alike), How::SameDomain, format!("the same domain, {domain}"), sure);
            }
        }
    }
}

/// The key under which a name as it is written is counted among its namesakes.
pub(crate) fn exactly(name: &Normal) -> String {
    format!("={}", name.plain)
}

/// What was found for a place.
#[derive(Default)]
struct Found {
    matches: Vec<(Match, bool)>,
    named_elsewhere: Vec<(System, String)>,
    /// The companies whose name agrees with the place's.
    namesakes: Vec<String>,
}

impl Found {
    fn add(&mut self, company: &Company, score: f64, how: How, why: String, sure: bool) {
        let new = Match { company: company.id.clone(), score, how, why };
        match self.matches.iter_mut().find(|(known, _)| known.company == company.id) {
            Some((known, known_sure)) if (!*known_sure && sure) || (*known_sure == sure && new.score > known.score) => {
                *known = new;
                *known_sure = sure;
            }
            Some(_) => {}
            None => self.matches.push((new, sure)),
        }
    }

    /// The id that the product names, if the company has another one in that system: then it is not meant.
    fn speaks_against(&self, company: &Company) -> Option<(System, String)> {
        self.named_elsewhere.iter().find(|(system, _)| company.known_ids.contains_key(system)).cloned()
    }

    /// The link, if one company alone is sure, and the name is not that of others instead.
    fn link(&self, now: &Timestamp) -> Option<Link> {
        let sure: Vec<&Match> = self.matches.iter().filter(|(_, sure)| *sure).map(|(found, _)| found).collect();
        let [only] = sure.as_slice() else { return None };
        if !self.namesakes.is_empty() && !self.namesakes.contains(&only.company) {
            return None;
        }
        let at = now.clone();
        Some(Link { company: only.company.clone(), how: only.how, why: only.why.clone(), by: None, at })
    }

    fn suggestions(mut self, most: usize) -> State {
        self.matches.sort_by(|(a, a_sure), (b, b_sure)| {
            b_sure.cmp(a_sure).then(b.score.total_cmp(&a.score)).then(a.how.cmp(&b.how)).then(a.company.cmp(&b.company))
        });
        self.matches.truncate(most.max(1));
        let matches: Vec<Match> = self.matches.into_iter().map(|(found, _)| found).collect();
        if matches.is_empty() { State::Unlinked } else { State::Suggested { matches } }
    }
}
