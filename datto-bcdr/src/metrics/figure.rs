//! A figure, what it rests on, and how it is counted.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use datto_common::{Cause, ErrorKind, Measured, Missing};
use serde::{Deserialize, Serialize};

use super::finding::Finding;

/// How many objects have a problem, out of how many, and which.
///
/// A figure that would rest on nothing is no figure: it is unknown, of the kind [`NoData`](ErrorKind::NoData), and says what there is instead
/// ("14 paused"). So a zero always means that something was judged.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Figure {
    /// How many have it.
    pub value: u64,
    /// How many were judged: what the figure rests on. Never 0.
    pub rests_on: u64,
    /// What was read and not judged, and why; it is in neither of the two.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set_aside: Vec<SetAside>,
    /// Which ones; first those with a root cause, then by client, appliance and name.
    pub evidence: Vec<Finding>,
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

/// So many objects were read and not judged, for this reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SetAside {
    /// Why.
    pub why: Aside,
    /// How many.
    pub count: u64,
}

/// "14 paused"
impl fmt::Display for SetAside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.count, self.why)
    }
}

/// Why something was read and not judged.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Aside {
    /// An appliance is hidden in the portal.
    Hidden,
    /// An appliance was ordered and never switched on.
    NeverSetUp,
    /// Backups are paused.
    Paused,
    /// It is archived.
    Archived,
    /// The first offsite copy is not due yet.
    Pending,
    /// The appliance lives in the cloud itself, and has no second copy.
    InTheCloud,
    /// The service plan has no cloud.
    LocalOnly,
    /// The backup itself is not good, so nothing that follows from it is judged.
    WithoutGoodBackup,
    /// No screenshot was ever tried.
    NeverTried,
    /// It does not report what would be judged.
    NotReported,
    /// No service of the application is active.
    NoActiveService,
    /// The application is too new to be judged.
    TooNew,
    /// The customer uses no seat.
    NoSeats,
    /// The policy says to leave it out, for this reason.
    Ignored(String),
}

impl fmt::Display for Aside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Hidden => "hidden",
            Self::NeverSetUp => "never set up",
            Self::Paused => "paused",
            Self::Archived => "archived",
            Self::Pending => "waiting for the first copy",
            Self::InTheCloud => "in the cloud itself",
            Self::LocalOnly => "without a cloud by plan",
            Self::WithoutGoodBackup => "without a good backup",
            Self::NeverTried => "never tried",
            Self::NotReported => "not reporting it",
            Self::NoActiveService => "without an active service",
            Self::TooNew => "too new to be judged",
            Self::NoSeats => "without seats",
            Self::Ignored(reason) => return write!(f, "ignored ({reason})"),
        })
    }
}

/// A figure in the making.
#[derive(Debug)]
pub(crate) struct Tally {
    /// What is judged, in the plural: "agents and shares".
    of: &'static str,
    rests_on: u64,
    evidence: Vec<Finding>,
    missing: Vec<Missing>,
    aside: BTreeMap<Aside, u64>,
}

impl Tally {
    pub(crate) fn of(of: &'static str) -> Self {
        Self { of, rests_on: 0, evidence: Vec::new(), missing: Vec::new(), aside: BTreeMap::new() }
    }

    /// An object was judged and is what the figure is about; `finding` if it has the problem.
    pub(crate) fn judged(&mut self, finding: Option<Finding>) {
        self.rests_on += 1;
        self.evidence.extend(finding);
    }

    /// An object was looked at, and is not judged for this reason.
    pub(crate) fn set_aside(&mut self, why: Aside) {
        *self.aside.entry(why).or_default() += 1;
    }

    /// Something could not be read or judged.
    pub(crate) fn lacks(&mut self, what: impl Into<String>, cause: impl Into<Cause>) {
        self.missing.push(Missing::new(what, cause));
    }

    /// A source was read in part.
    pub(crate) fn lacks_all(&mut self, missing: &[Missing]) {
        self.missing.extend_from_slice(missing);
    }

    /// Everything was asked for: known, partial, or unknown where nothing at all was judged.
    pub(crate) fn finish(self) -> Measured<Figure> {
        let Self { of, rests_on, mut evidence, missing, aside } = self;
        let set_aside: Vec<SetAside> = aside.into_iter().map(|(why, count)| SetAside { why, count }).collect();
        if rests_on == 0 {
            return Measured::unknown(match missing.split_first() {
                Some((first, others)) => in_place_of_all(first, others.len()),
                None => nothing(of, &set_aside),
            });
        }
        evidence.sort_by(|a, b| order(a).cmp(&order(b)));
        tell_apart(&mut evidence);
        let value = u64::try_from(evidence.len()).unwrap_or(u64::MAX);
        Measured::from_parts(Figure { value, rests_on, set_aside, evidence }, missing)
    }
}

/// Nothing to judge is never fine.
fn nothing(of: &str, aside: &[SetAside]) -> Cause {
    let message = if aside.is_empty() {
        format!("there are no {of} that this key can see")
    } else {
        let aside: Vec<String> = aside.iter().map(ToString::to_string).collect();
        format!("there are no {of} to judge: {}", aside.join(", "))
    };
    Cause::new(ErrorKind::NoData, message)
}

fn order(finding: &Finding) -> impl Ord + '_ {
    let Finding { root_cause, client, serial_number, asset, app, key, .. } = finding;
    (root_cause.is_none(), client, serial_number, asset, app, key)
}

/// Objects that share everything by which they could be told apart get a number.
fn tell_apart(evidence: &mut [Finding]) {
    let mut seen: HashMap<String, u32> = HashMap::with_capacity(evidence.len());
    for finding in evidence {
        let times = seen.entry(finding.key.clone()).or_default();
        *times += 1;
        if *times > 1 {
            finding.key = format!("{}#{times}", finding.key);
        }
    }
}

fn in_place_of_all(first: &Missing, others: usize) -> Cause {
    let mut cause = first.cause.clone();
    cause.message = match others {
        0 => format!("{}: {}", first.what, cause.message),
        others => format!("{}: {}; and {others} more", first.what, cause.message),
    };
    cause
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::SerialNumber;
    use crate::metrics::finding::{Place, Problem};
    use crate::metrics::times::unclear;

    fn finding(client: &str, root_cause: Option<&str>) -> Finding {
        let serial = SerialNumber::from("D1");
        let place = Place { client: Some(client), serial_number: Some(&serial), root_cause, ..Place::default() };
        place.finding(Problem::BackupStale, "old", None)
    }

    #[test]
    fn a_tally_is_known_only_if_nothing_is_missing() {
        let mut tally = Tally::of("agents and shares");
        tally.lacks("assets of appliance D1", unclear("timeout"));
        tally.lacks("assets of appliance D2", unclear("timeout"));
        let Measured::Unknown { cause } = tally.finish() else { panic!("nothing was read") };
        assert_eq!(cause.message, "assets of appliance D1: timeout; and 1 more");

        let mut tally = Tally::of("agents and shares");
        tally.lacks("assets of appliance D1", unclear("timeout"));
        tally.judged(Some(finding("Acorn Dental", None)));
        tally.judged(None);
        let figure = tally.finish();
        assert_eq!(figure.to_string(), "at least 1");
        assert_eq!(figure.value().map(|figure| figure.rests_on), Some(2));
    }

    #[test]
    fn nothing_to_judge_is_unknown_and_says_what_there_is() {
        let none = Tally::of("agents and shares").finish();
        assert_eq!(none.to_string(), "unknown: there are no agents and shares that this key can see");
        let mut tally = Tally::of("agents and shares");
        for why in [Aside::Paused, Aside::Paused, Aside::Archived, Aside::Ignored("lab".into())] {
            tally.set_aside(why);
        }
        let Measured::Unknown { cause } = tally.finish() else { panic!() };
        assert_eq!(cause.kind, ErrorKind::NoData);
        assert_eq!(cause.message, "there are no agents and shares to judge: 2 paused, 1 archived, 1 ignored (lab)");
    }

    #[test]
    fn those_with_a_root_cause_come_first_and_no_two_share_a_key() {
        let mut tally = Tally::of("agents and shares");
        tally.judged(Some(finding("Acorn Dental", None)));
        tally.judged(Some(finding("Zeta", Some("appliance offline"))));
        let figure = tally.finish();
        let evidence = &figure.known().unwrap().evidence;
        assert_eq!(evidence[0].client.as_deref(), Some("Zeta"));
        let keys: Vec<&str> = evidence.iter().map(|finding| finding.key.as_str()).collect();
        assert_eq!(keys, ["datto:D1:backup", "datto:D1:backup#2"]);
    }
}
