//! SaaS Protection: the applications of a customer, their use and their backups day by day.

use std::fmt;
use std::time::Duration;

use datto_common::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::ids::{RemoteId, SaasCustomerId};
use crate::lenient;
use crate::models::SeatType;

const DAY: Duration = Duration::from_secs(24 * 3_600);

datto_common::open_enum! {
    /// Whose services are protected.
    pub enum SuiteType {
        /// Microsoft 365.
        Office365 = "Office365",
        /// Google Workspace (guess at the value).
        GoogleApps = "GoogleApps",
    }
}

datto_common::open_enum! {
    /// An application of a suite. The values of Google are not known.
    pub enum AppType {
        /// Mailboxes.
        Office365Exchange = "Office365Exchange",
        /// Drives.
        Office365OneDrive = "Office365OneDrive",
        /// Sites.
        Office365SharePoint = "Office365SharePoint",
        /// Teams.
        Office365Teams = "Office365Teams",
    }
}

datto_common::open_enum! {
    /// The service's own word for the backups of a day.
    pub enum WindowStatus {
        /// Every service without a flaw (observed).
        Perfect = "Perfect",
        /// Some services with a flaw or without a backup (observed).
        BackupWithIssues = "Backup With Issues",
        /// Too new to be judged (observed).
        InsufficientHistory = "Insufficient History",
        /// Good (guess).
        Good = "Good",
        /// Fair (guess).
        Fair = "Fair",
        /// Poor (guess).
        Poor = "Poor",
        /// A warning (guess).
        Warning = "Warning",
        /// The service does not know (guess).
        Unknown = "Unknown",
    }
}

datto_common::model! {
    /// The applications of one customer.
    pub struct CustomerUsage {
        /// The customer.
        pub customer_id: SaasCustomerId,
        /// Its name.
        pub customer_name: Option<String>,
        /// Storage in use, in bytes; up to a tenth more than its applications together, since it counts older versions (observed).
        #[serde(deserialize_with = "lenient::integer")]
        pub used_bytes: Option<i64>,
        /// The suites.
        #[serde(deserialize_with = "lenient::list")]
        pub suites: Option<Vec<SaasSuite>>,
        /// Ids of seats by type, where they were asked for and the service still sends them.
        #[serde(deserialize_with = "lenient::list")]
        pub remote_ids: Option<Vec<RemoteIds>>,
    }

    /// A suite of a customer.
    pub struct SaasSuite {
        /// Whose suite.
        pub suite_type: Option<SuiteType>,
        /// Its applications.
        #[serde(deserialize_with = "lenient::list")]
        pub app_types: Option<Vec<SaasApp>>,
    }

    /// An application of a customer.
    pub struct SaasApp {
        /// Which application.
        pub app_type: Option<AppType>,
        /// Storage in use, in bytes.
        #[serde(deserialize_with = "lenient::integer")]
        pub used_bytes: Option<i64>,
        /// Services that were found and not yet taken in.
        #[serde(deserialize_with = "lenient::integer")]
        pub uningested_service_count: Option<i64>,
        /// When every single service was last backed up; one bad mailbox makes it old.
        pub last_fully_protected_time: Option<LastFullyProtected>,
        /// The last days, newest first (observed).
        #[serde(deserialize_with = "lenient::list")]
        pub backup_history: Option<Vec<BackupWindow>>,
    }

    /// A day of an application's backups.
    ///
    /// On the wire the start is later than the end (observed): use [`starts`](Self::starts) and [`ends`](Self::ends).
    pub struct BackupWindow {
        /// Which day, counted back from now.
        pub time_window: Option<TimeWindow>,
        /// As it came: the later of the two moments (observed).
        pub start_time: Option<Timestamp>,
        /// As it came: the earlier of the two moments (observed).
        pub end_time: Option<Timestamp>,
        /// All services.
        #[serde(deserialize_with = "lenient::integer")]
        pub total_service_count: Option<i64>,
        /// Services that should be backed up.
        #[serde(deserialize_with = "lenient::integer")]
        pub active_service_count: Option<i64>,
        /// Those of them that were.
        #[serde(deserialize_with = "lenient::integer")]
        pub active_service_with_backup_count: Option<i64>,
        /// Those of them that were without a flaw.
        #[serde(deserialize_with = "lenient::integer")]
        pub active_service_with_perfect_backup_count: Option<i64>,
        /// The service's own word for it.
        pub status: Option<WindowStatus>,
    }

    /// Seats of one type, with their ids.
    pub struct RemoteIds {
        /// What the seats stand for.
        pub seat_type: Option<SeatType>,
        /// Protected seats.
        #[serde(deserialize_with = "lenient::integer")]
        pub active: Option<i64>,
        /// Seats on hold.
        #[serde(deserialize_with = "lenient::integer")]
        pub paused: Option<i64>,
        /// Archived seats.
        #[serde(deserialize_with = "lenient::integer")]
        pub archived: Option<i64>,
        /// Seats without protection.
        #[serde(deserialize_with = "lenient::integer")]
        pub unprotected: Option<i64>,
        /// Seats that were only found.
        #[serde(deserialize_with = "lenient::integer")]
        pub discovered: Option<i64>,
        /// Their ids at Microsoft or Google.
        #[serde(deserialize_with = "lenient::list")]
        pub remote_ids: Option<Vec<RemoteId>>,
    }
}

impl BackupWindow {
    /// The earlier of its two moments, whichever field it came in.
    pub fn starts(&self) -> Option<&Timestamp> {
        self.in_order().map(|(starts, _)| starts)
    }

    /// The later of its two moments, whichever field it came in.
    pub fn ends(&self) -> Option<&Timestamp> {
        self.in_order().map(|(_, ends)| ends)
    }

    /// `None` unless both are moments.
    fn in_order(&self) -> Option<(&Timestamp, &Timestamp)> {
        let (one, other) = (self.start_time.as_ref()?, self.end_time.as_ref()?);
        let (one_at, other_at) = (one.moment()?, other.moment()?);
        Some(if one_at <= other_at { (one, other) } else { (other, one) })
    }
}

impl CustomerUsage {
    /// Every application of every suite.
    pub fn apps(&self) -> impl Iterator<Item = (&SaasSuite, &SaasApp)> {
        self.suites.iter().flatten().flat_map(|suite| suite.app_types.iter().flatten().map(move |app| (suite, app)))
    }
}

/// When an application was last fully protected: a moment, or a word for how long ago that is at least, such as `OVER_10_DAYS_AGO`.
///
/// ```
/// use datto_bcdr::LastFullyProtected;
/// let long_ago: LastFullyProtected = serde_json::from_str("\"OVER_10_DAYS_AGO\"")?;
/// let now = datto_common::Timestamp::now();
/// assert_eq!(long_ago.minimum_age(&now).map(|age| age.as_secs() / 86_400), Some(10));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum LastFullyProtected {
    /// At this moment (observed: epoch milliseconds).
    At(Timestamp),
    /// A word in place of a moment, as it came.
    Word(Box<str>),
}

datto_common::held! { Text: LastFullyProtected, TimeWindow; }

impl LastFullyProtected {
    /// The moment, if it is one.
    pub fn moment(&self) -> Option<&Timestamp> {
        match self {
            Self::At(moment) => Some(moment).filter(|moment| moment.moment().is_some()),
            Self::Word(_) => None,
        }
    }

    /// How long ago it was at least; `None` if that cannot be told from what came.
    pub fn minimum_age(&self, now: &Timestamp) -> Option<Duration> {
        match self {
            Self::At(moment) => moment.age(now),
            Self::Word(word) => ages_of_word(word).map(|(least, _)| least),
        }
    }

    /// How long ago it was at most; `None` if that cannot be told from what came.
    pub fn maximum_age(&self, now: &Timestamp) -> Option<Duration> {
        match self {
            Self::At(moment) => moment.age(now),
            Self::Word(word) => ages_of_word(word)?.1,
        }
    }

    /// Whether the age is exact, and not a lower bound.
    pub fn is_exact(&self) -> bool {
        self.moment().is_some()
    }
}

/// The least and the most that a word says. Words have the form `OVER_<number>_DAYS_AGO` (observed for 10) or `BETWEEN_<number>_AND_<number>_DAYS_AGO`
/// (observed for 2 and 3); `UNDER_`, `LESS_THAN_` and hours are a guess.
fn ages_of_word(word: &str) -> Option<(Duration, Option<Duration>)> {
    let word = word.trim().to_ascii_uppercase();
    let (numbers, unit) = word.strip_suffix("_AGO")?.rsplit_once('_')?;
    let unit = match unit {
        "DAY" | "DAYS" => DAY,
        "HOUR" | "HOURS" => DAY / 24,
        _ => return None,
    };
    let span = |number: &str| unit.checked_mul(number.parse().ok()?);
    if let Some(least) = numbers.strip_prefix("OVER_") {
        return Some((span(least)?, None));
    }
    if let Some((least, most)) = numbers.strip_prefix("BETWEEN_").and_then(|numbers| numbers.split_once("_AND_")) {
        return Some((span(least)?, Some(span(most)?)));
    }
    let most = ["UNDER_", "LESS_THAN_"].iter().find_map(|prefix| numbers.strip_prefix(prefix))?;
    Some((Duration::ZERO, Some(span(most)?)))
}

impl<'de> Deserialize<'de> for LastFullyProtected {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let word = value.as_str().map(Box::from);
        let moment: Timestamp = serde_json::from_value(value).map_err(D::Error::custom)?;
        Ok(match word {
            Some(word) if moment.as_millis().is_none() => Self::Word(word),
            _ => Self::At(moment),
        })
    }
}

/// A day counted back from now: `Between0dAnd1d` is the last 24 hours.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TimeWindow(Box<str>);

impl TimeWindow {
    /// As the wire spells it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// From how many to how many days ago; `None` if it is spelt in a way that this version does not know.
    pub fn days_ago(&self) -> Option<(u32, u32)> {
        let (from, to) = self.0.trim().strip_prefix("Between")?.strip_suffix('d')?.split_once("dAnd")?;
        Some((from.parse().ok()?, to.parse().ok()?))
    }
}

impl From<&str> for TimeWindow {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for TimeWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TimeWindow({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn the_report_of_a_customer_is_read() {
        let wire = json!({
            "customerId": 4711, "customerName": "Acorn Dental", "usedBytes": 1_000, "suites": [{
                "suiteType": "Office365", "appTypes": [{
                    "appType": "Office365Exchange", "usedBytes": "900", "uningestedServiceCount": 0,
                    "lastFullyProtectedTime": 1_787_643_495_000_i64,
                    "backupHistory": [{
                        "timeWindow": "Between0dAnd1d", "startTime": 1_787_643_495_000_i64, "endTime": 1_787_557_095_000_i64,
                        "totalServiceCount": 12, "activeServiceCount": 10, "activeServiceWithBackupCount": 9,
                        "activeServiceWithPerfectBackupCount": 8, "status": "Backup With Issues"
                    }]
                }, {"appType": "GoogleDrive"}]
            }]
        });
        let usage: CustomerUsage = serde_json::from_value(wire).unwrap();
        let apps: Vec<_> = usage.apps().collect();
        assert_eq!(apps.len(), 2);
        let (suite, app) = apps[0];
        assert_eq!(
            (&suite.suite_type, &app.app_type),
            (&Some(SuiteType::Office365), &Some(AppType::Office365Exchange))
        );
        assert_eq!(app.used_bytes, Some(900));
        let window = &app.backup_history.as_ref().unwrap()[0];
        assert_eq!(window.time_window.as_ref().unwrap().days_ago(), Some((0, 1)));
        assert_eq!(window.status, Some(WindowStatus::BackupWithIssues));
        assert!(window.extra.is_empty());
        assert!(!apps[1].1.app_type.as_ref().unwrap().is_known());
    }

    #[test]
    fn the_inverted_times_of_a_window_are_put_in_order() {
        let (early, late) = (Timestamp::from_seconds(1_000_000), Timestamp::from_seconds(1_086_400));
        for (start, end) in [(&early, &late), (&late, &early)] {
            let window =
                BackupWindow { start_time: Some(start.clone()), end_time: Some(end.clone()), ..Default::default() };
            assert_eq!((window.starts(), window.ends()), (Some(&early), Some(&late)));
        }
        let half = BackupWindow { start_time: Some(early), ..Default::default() };
        assert_eq!((half.starts(), half.ends()), (None, None));
    }

    #[test]
    fn last_fully_protected_is_a_moment_or_a_word() {
        let now = Timestamp::from_seconds(1_787_643_495);
        let days = |days: u32| Some(DAY * days);
        for (wire, age, exact) in [
            (json!(1_787_643_495_000_i64 - 3 * 86_400_000), days(3), true),
            (json!("1787384295000"), days(3), true),
            (json!("2026-08-22T07:38:15Z"), days(3), true),
            (json!("OVER_10_DAYS_AGO"), days(10), false),
            (json!("over_30_days_ago"), days(30), false),
            (json!("OVER_48_HOURS_AGO"), days(2), false),
            (json!("BETWEEN_2_AND_3_DAYS_AGO"), days(2), false),
            (json!("UNDER_1_DAY_AGO"), days(0), false),
            (json!("BETWEEN_2_DAYS_AGO"), None, false),
            (json!("NEVER"), None, false),
            (json!("OVER_99999999999999999999_DAYS_AGO"), None, false),
            (json!(""), None, false),
            (json!(0), None, false),
            (json!({"odd": true}), None, false),
        ] {
            let last: LastFullyProtected = serde_json::from_value(wire.clone()).unwrap();
            assert_eq!((last.minimum_age(&now), last.is_exact()), (age, exact), "{wire}");
        }
    }

    #[test]
    fn a_word_is_written_as_it_came() {
        for wire in [json!("OVER_10_DAYS_AGO"), json!("NEVER"), json!({"odd": true})] {
            let last: LastFullyProtected = serde_json::from_value(wire.clone()).unwrap();
            assert_eq!(serde_json::to_value(&last).unwrap(), wire);
        }
    }

    proptest! {
        #[test]
        fn any_word_and_window_is_read_without_a_panic(text in ".*") {
            let last: LastFullyProtected = serde_json::from_value(json!(text)).unwrap();
            let _ = (last.minimum_age(&Timestamp::now()), TimeWindow::from(text.as_str()).days_ago());
        }
    }
}
