//! The directory: which place belongs to which company, kept over time.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use datto_common::{Error, ErrorKind, Measured, Missing, Result, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::catalogue::Catalogue;
use super::company::{Company, System};
use super::drift::{Change, Drift};
use super::matching::{MatchPolicy, Matcher, exactly};
use super::normal::Normal;
use super::place::{Place, PlaceKey, PlaceKind, Places};
use super::state::{Decision, Entry, How, Link, State};

/// The form of the document that this version writes.
const VERSION: u32 = 1;

/// Which place of which product belongs to which company.
///
/// It is a document: write it with [`to_json`](Self::to_json), read it back with [`from_json`](Self::from_json), bring it up to date with
/// [`refresh`](Self::refresh). Links are by id, so they survive renames; what is deleted is kept and marked, in case it comes back; what a newer
/// version wrote is kept as it came.
///
/// ```
/// use datto::Measured;
/// use datto::directory::{Company, Directory, MatchPolicy, Place, PlaceKind, Places};
/// let companies = [Company::new("1", "Contoso Ltd"), Company::new("2", "Fabrikam")];
/// let sites = vec![Place::new(PlaceKind::RmmSite, "s-1", "CONTOSO"), Place::new(PlaceKind::RmmSite, "s-2", "Fabrikam HQ")];
/// let sites = Places::new(PlaceKind::RmmSite, Measured::Known(sites));
/// let mut directory = Directory::default();
/// directory.refresh(&companies, &[sites], &MatchPolicy::default(), &datto::Timestamp::now());
/// assert_eq!(directory.company_of(PlaceKind::RmmSite, "s-1"), Some("1"));
/// println!("{}", directory.summary()); // RMM sites: 1 of 2 linked, 1 suggested
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Directory {
    /// The form of the document.
    pub version: u32,
    /// The companies as they were last seen.
    #[serde(default)]
    pub companies: Vec<Company>,
    /// The places and what is decided about them, by kind and id.
    #[serde(default)]
    pub entries: Vec<Entry>,
    /// What a newer version wrote and this one does not know.
    #[serde(flatten)]
    pub extra: BTreeMap<String, Value>,
}

impl Default for Directory {
    fn default() -> Self {
        Self { version: VERSION, companies: Vec::new(), entries: Vec::new(), extra: BTreeMap::new() }
    }
}

impl Directory {
    /// Reads the document. One of a newer version is read as far as it is understood, and keeps the rest.
    ///
    /// # Errors
    /// `Decode` if it is none.
    pub fn from_json(text: &str) -> Result<Self> {
        serde_json::from_str(text)
            .map_err(|error| Error::new(ErrorKind::Decode, format!("this is no directory: {error}")))
    }

    /// Writes the document.
    ///
    /// # Errors
    /// `Internal` if it cannot be written, which does not come up.
    pub fn to_json(&self) -> Result<String> {
        serde_json::to_string_pretty(self)
            .map_err(|error| Error::new(ErrorKind::Internal, format!("a directory cannot be written: {error}")))
    }

    /// Brings it up to date: takes new names over, looks for the company of each place that is not linked, and says what changed.
    ///
    /// What a person decided stays, whatever the names are now. A link made by itself stays as long as nothing speaks for another company; then the
    /// drift says so, and a person decides. A place counts as gone only if the list of its kind was read whole.
    pub fn refresh(&mut self, companies: &[Company], read: &[Places], policy: &MatchPolicy, now: &Timestamp) -> Drift {
        let mut drift = Drift::default();
        self.take_companies(companies, &mut drift);
        // Backup clients first: the SaaS customers of the same organization follow them.
        let mut in_order: Vec<&Places> = read.iter().collect();
        in_order.sort_by_key(|places| places.kind != PlaceKind::BackupClient);
        for places in in_order {
            self.take_places(companies, places, policy, now, &mut drift);
        }
        self.entries.sort_by(|a, b| a.place.key.cmp(&b.place.key));
        drift
    }

    fn take_companies(&mut self, companies: &[Company], drift: &mut Drift) {
        let now: HashMap<&str, &Company> = companies.iter().map(|company| (company.id.as_str(), company)).collect();
        for before in &self.companies {
            match now.get(before.id.as_str()) {
                Some(after) if after.name != before.name => drift.changes.push(Change::CompanyRenamed {
                    company: before.id.clone(),
                    from: before.name.clone(),
                    to: after.name.clone(),
                }),
                Some(_) => {}
                None => {
                    let linked = self.entries.iter().filter(|entry| entry.company() == Some(&before.id));
                    let places: Vec<PlaceKey> = linked.map(|entry| entry.place.key.clone()).collect();
                    if !places.is_empty() {
                        let (company, name) = (before.id.clone(), before.name.clone());
                        drift.changes.push(Change::CompanyGone { company, name, places });
                    }
                }
            }
        }
        // Those that links still name are kept, so that the next look can say again that they are gone.
        let named: BTreeSet<&str> = self.entries.iter().filter_map(Entry::company).collect();
        let gone = self
            .companies
            .iter()
            .filter(|company| !now.contains_key(company.id.as_str()) && named.contains(company.id.as_str()));
        let gone: Vec<Company> = gone.cloned().collect();
        self.companies = companies.iter().cloned().chain(gone).collect();
    }

    fn take_places(
        &mut self,
        companies: &[Company],
        read: &Places,
        policy: &MatchPolicy,
        now: &Timestamp,
        drift: &mut Drift,
    ) {
        let what = format!("list of {}s", read.kind);
        let list: &[Place] = match &read.list {
            Measured::Unknown { cause } => {
                drift.missing.push(Missing::new(what, cause.clone()));
                return;
            }
            Measured::Known(list) => list,
            Measured::Partial { value, missing } => {
                drift.missing.extend(missing.iter().cloned());
                value
            }
        };
        let names: Vec<Vec<Normal>> = list.iter().map(|place| place.names().map(Normal::of).collect()).collect();
        let catalogue = Catalogue::new(companies, names.iter().flatten());
        let organizations = self.organizations();
        let matcher =
            Matcher { catalogue: &catalogue, policy, namesakes: namesakes(&names), organizations: &organizations, now };
        let known: HashMap<PlaceKey, usize> =
            self.entries.iter().enumerate().map(|(position, entry)| (entry.place.key.clone(), position)).collect();
        let mut seen: BTreeSet<&PlaceKey> = BTreeSet::new();
        for (place, names) in list.iter().zip(&names) {
            if place.key.id.is_empty() || !seen.insert(&place.key) {
                continue;
            }
            let found = matcher.state_of(place, names);
            match known.get(&place.key).and_then(|position| self.entries.get_mut(*position)) {
                Some(entry) => update(entry, place, found, now, drift),
                None => {
                    drift.changes.push(Change::Appeared { place: place.key.clone(), name: place.name.clone() });
                    let decision = Decision { link: found, seen: now.clone(), gone: None, extra: BTreeMap::new() };
                    self.entries.push(Entry { place: place.clone(), decision });
                }
            }
        }
        if read.list.is_known() {
            self.mark_gone(read.kind, &seen, now, drift);
        }
    }

    fn mark_gone(&mut self, kind: PlaceKind, seen: &BTreeSet<&PlaceKey>, now: &Timestamp, drift: &mut Drift) {
        for entry in &mut self.entries {
            if entry.place.key.kind != kind || seen.contains(&entry.place.key) || entry.is_gone() {
                continue;
            }
            entry.decision.gone = Some(now.clone());
            drift.changes.push(Change::Gone {
                place: entry.place.key.clone(),
                name: entry.place.name.clone(),
                company: entry.company().map(str::to_owned),
            });
        }
    }

    /// The companies of the organizations whose backup client is linked.
    fn organizations(&self) -> HashMap<String, String> {
        let clients = self.entries.iter().filter(|entry| entry.place.key.kind == PlaceKind::BackupClient);
        clients
            .filter_map(|entry| {
                let id = entry.place.known_ids.get(&System::datto_organization())?;
                Some((id.clone(), entry.company()?.to_owned()))
            })
            .collect()
    }

    /// What is decided about a place.
    pub fn entry(&self, place: &PlaceKey) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.place.key == *place)
    }

    /// The company that a place is linked to.
    pub fn company_of(&self, kind: PlaceKind, id: &str) -> Option<&str> {
        self.entry(&PlaceKey::new(kind, id))?.company()
    }

    /// A company as it was last seen.
    pub fn company(&self, id: &str) -> Option<&Company> {
        self.companies.iter().find(|company| company.id == id)
    }

    /// All places that are linked to a company: several sites can be one's.
    pub fn places_of<'a>(&'a self, company: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.entries.iter().filter(move |entry| entry.company() == Some(company))
    }

    /// The companies that no place of this kind is linked to.
    pub fn companies_without(&self, kind: PlaceKind) -> Vec<&Company> {
        let linked: BTreeSet<&str> =
            self.entries.iter().filter(|entry| entry.place.key.kind == kind).filter_map(Entry::company).collect();
        self.companies.iter().filter(|company| !linked.contains(company.id.as_str())).collect()
    }

    /// Links a place to a company, or confirms the link that it has: a person said so.
    ///
    /// # Errors
    /// `InvalidInput` if the directory has no such place or company.
    pub fn link(&mut self, place: &PlaceKey, company: &str, by: &str, now: &Timestamp) -> Result<()> {
        if self.company(company).is_none() {
            return Err(Error::new(ErrorKind::InvalidInput, format!("the directory has no company {company}")));
        }
        let (company, by, at) = (company.to_owned(), Some(by.to_owned()), now.clone());
        let why = "a person said so".to_owned();
        self.decide(place, State::Linked(Link { company, how: How::Person, why, by, at }))
    }

    /// Says that a place belongs to no company of the list: a person said so, and it is not asked again.
    ///
    /// # Errors
    /// `InvalidInput` if the directory has no such place.
    pub fn keep_separate(&mut self, place: &PlaceKey, by: &str, now: &Timestamp) -> Result<()> {
        self.decide(place, State::KeepSeparate { by: by.to_owned(), at: now.clone() })
    }

    /// Takes back what was decided about a place; the next refresh looks again.
    ///
    /// # Errors
    /// `InvalidInput` if the directory has no such place.
    pub fn forget(&mut self, place: &PlaceKey) -> Result<()> {
        self.decide(place, State::Unlinked)
    }

    fn decide(&mut self, place: &PlaceKey, state: State) -> Result<()> {
        match self.entries.iter_mut().find(|entry| entry.place.key == *place) {
            Some(entry) => {
                entry.decision.link = state;
                Ok(())
            }
            None => Err(Error::new(ErrorKind::InvalidInput, format!("the directory has no {place}"))),
        }
    }

    /// How many places of each kind are linked, suggested, linked to nobody and kept separate. Those that are gone do not count.
    pub fn summary(&self) -> Summary {
        let mut kinds: BTreeMap<PlaceKind, Count> = BTreeMap::new();
        for entry in self.entries.iter().filter(|entry| !entry.is_gone()) {
            let count = kinds.entry(entry.place.key.kind).or_default();
            count.all += 1;
            *match entry.decision.link {
                State::Linked(_) => &mut count.linked,
                State::Suggested { .. } => &mut count.suggested,
                State::KeepSeparate { .. } => &mut count.separate,
                State::Unlinked | State::Other(_) => &mut count.unlinked,
            } += 1;
        }
        Summary { kinds }
    }
}

/// How many places have each name, by its words and as it is written.
fn namesakes(names: &[Vec<Normal>]) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for of_place in names {
        let mut keys: BTreeSet<String> = of_place.iter().map(|name| name.key.clone()).collect();
        keys.extend(of_place.iter().map(exactly));
        keys.into_iter().for_each(|key| *counts.entry(key).or_default() += 1);
    }
    counts
}

/// Takes over what is new about a place that is known.
fn update(entry: &mut Entry, place: &Place, found: State, now: &Timestamp, drift: &mut Drift) {
    if entry.place.name != place.name {
        let (from, to) = (entry.place.name.clone(), place.name.clone());
        drift.changes.push(Change::Renamed { place: place.key.clone(), from, to });
    }
    if entry.decision.gone.take().is_some() {
        drift.changes.push(Change::Returned { place: place.key.clone(), name: place.name.clone() });
    }
    entry.decision.seen = now.clone();
    let extra = std::mem::take(&mut entry.place.extra);
    entry.place = Place { extra, ..place.clone() };
    match (&entry.decision.link, found) {
        (State::Linked(mine), State::Linked(other)) if mine.company != other.company => {
            let (linked, other, why) = (mine.company.clone(), other.company, other.why);
            drift.changes.push(Change::Contradicted { place: place.key.clone(), linked, other, why });
        }
        (State::Linked(_) | State::KeepSeparate { .. } | State::Other(_), _) => {}
        (State::Suggested { .. } | State::Unlinked, found) => entry.decision.link = found,
    }
}

/// How many places are linked, by kind. `Display` is what a person reads.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Summary {
    /// The counts of each kind.
    pub kinds: BTreeMap<PlaceKind, Count>,
}

/// How many places of one kind are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Count {
    /// All of them.
    pub all: usize,
    /// Linked.
    pub linked: usize,
    /// Waiting for a person.
    pub suggested: usize,
    /// Like no company.
    pub unlinked: usize,
    /// Kept separate.
    pub separate: usize,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, (kind, count)) in self.kinds.iter().enumerate() {
            let line = if position == 0 { "" } else { "\n" };
            write!(f, "{line}{kind}s: {} of {} linked", count.linked, count.all)?;
            for (number, what) in
                [(count.suggested, "suggested"), (count.unlinked, "like no company"), (count.separate, "kept separate")]
            {
                if number > 0 {
                    write!(f, ", {number} {what}")?;
                }
            }
        }
        Ok(())
    }
}
