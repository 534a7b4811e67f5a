//! The settings: one table, from which come the builder's methods, the flags of the program, the keys of a scenario
//! file and what the control endpoint takes.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::change::Refused;
use crate::choice::{
    Booleans, BudgetFormat, BulkAnswer, Challenge, CreatedShape, DateForm, KeyScope, LastSeen, LinkHost, ListShape,
    NameRule, Totals, TrailingSlash,
};
use crate::sandbox::{Sandbox, SandboxBuilder};
use crate::text::Text;

/// When a setting acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reach {
    /// One for all accounts, read at the start.
    Process,
    /// Of an account, read when it is planted.
    Start,
    /// Of an account, read at every call.
    Live,
}

/// What is known about a setting.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Setting {
    /// The name of the builder's method, of the key in a scenario file and, with hyphens, of the flag.
    pub name: &'static str,
    /// When it acts.
    pub reach: Reach,
    /// What its text looks like: `number`, `250ms|5s|2m|1h|3d`, or the words that it may be.
    pub kind: &'static str,
    /// What it does.
    pub docs: &'static str,
}

macro_rules! settings {
    ($($(#[doc = $doc:literal])+ $reach:ident $name:ident ($($argument:ident: $given:ty),+) -> $kept:ty = $default:expr;)+) => {
        /// The settings of an account. Those that are one for all are read from the first account.
        #[derive(Debug, Clone)]
        pub(crate) struct Settings {
            $(pub(crate) $name: $kept,)+
        }

        impl Default for Settings {
            fn default() -> Self {
                Self { $($name: $default,)+ }
            }
        }

        /// All settings, in the order of the table.
        const ALL: &[Setting] = &[
            $(Setting {
                name: stringify!($name),
                reach: Reach::$reach,
                kind: <$kept as Text>::KIND,
                docs: concat!($($doc, "\n"),+),
            },)+
        ];

        impl Settings {
            /// Sets the setting of this name from its text.
            pub(crate) fn set(&mut self, name: &str, text: &str) -> Result<(), String> {
                match name {
                    $(stringify!($name) => {
                        self.$name = Text::read(text).map_err(|error| format!("{name}: {error}"))?;
                    })+
                    _ => return Err(format!("{name} is no setting")),
                }
                Ok(())
            }

            /// The text of the setting of this name.
            pub(crate) fn text(&self, name: &str) -> Option<String> {
                match name {
                    $(stringify!($name) => Some(Text::write(&self.$name)),)+
                    _ => None,
                }
            }
        }

        /// The settings. Each is a flag of the program and a key of its scenario files, too.
        impl SandboxBuilder {
            $(
                $(#[doc = $doc])+
                pub fn $name(mut self, $($argument: $given),+) -> Self {
                    self.settings.$name = ($($argument),+).keep();
                    self
                }
            )+
        }
    };
}

settings! {
    /// How many devices the RMM account has, those in the site "Deleted Devices" included. 100 if not set.
    Start devices(count: usize) -> usize = 100;
    /// From what the fleets are made. 1 if not set.
    Start seed(seed: u64) -> u64 = 1;
    /// How many sites of customers the RMM account has, besides the three of the system. By the number of devices if
    /// not set.
    Start sites(count: usize) -> Option<usize> = None;
    /// How many BCDR appliances there are. By the number of devices if not set.
    Start appliances(count: usize) -> Option<usize> = None;
    /// How many customers of SaaS Protection there are. By the number of devices if not set.
    Start saas_customers(count: usize) -> Option<usize> = None;
    /// How many projects the Workplace team has. 3 if not set.
    Start workplace_projects(count: usize) -> usize = 3;
    /// How many customers have a Workplace project of their own besides. None if not set.
    Start workplace_customer_projects(count: usize) -> usize = 0;

    /// On which platform the RMM account is. Accounts of one platform share one address, and a key is known on its own
    /// platform alone. `merlot` if not set.
    Start platform(name: &str) -> String = "merlot".to_owned();
    /// At which address of this machine the services listen. 127.0.0.1 if not set.
    Process bind(address: IpAddr) -> IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    /// The port of the RMM service; any free one if not set. A platform of its own takes that of its first account.
    Start rmm_port(port: u16) -> u16 = 0;
    /// The port of the BCDR service; any free one if not set.
    Process bcdr_port(port: u16) -> u16 = 0;
    /// The port of the Workplace service; any free one if not set.
    Process workplace_port(port: u16) -> u16 = 0;
    /// Serves HTTPS alone, with a certificate made at start for this machine (`localhost`, 127.0.0.1, `::1` and the
    /// address of `bind`) and valid for a year. A client has to trust the root that it is signed by.
    Process tls(on: bool) -> bool = false;
    /// Into which file the root certificate is written, in PEM. Into none if not set.
    Process tls_root(file: &str) -> Option<String> = None;
    /// Further names that the certificate is for, with commas between them: those under which containers next to it
    /// reach the sandbox.
    Process tls_names(names: &str) -> String = String::new();
    /// How long a client may take for the head of a request, or to be silent within its body or while an answer is
    /// sent to it, before the connection is dropped. For ever if not set, since where time is paused every wait ends
    /// at once. The program waits for 30 seconds unless told otherwise.
    Process patience(most: Duration) -> Option<Duration> = None;
    /// How many connections each listener serves at once; further ones wait. 1,000 if not set.
    Process connections(count: usize) -> usize = 1_000;
    /// How many bytes the body of a request may have. 1 GiB if not set; those of uploads are on disk, others are
    /// refused from 2 MiB on.
    Process body_limit(bytes: u64) -> u64 = 1 << 30;
    /// How many requests the journal keeps; the oldest go first. 100,000 if not set.
    Process journal_entries(count: usize) -> usize = 100_000;
    /// How many bytes the journal keeps, about; the oldest requests go first. 64 MiB if not set.
    Process journal_bytes(bytes: usize) -> usize = 64 << 20;
    /// Where the control endpoint listens, by which another program changes the sandbox and looks into it: an address and
    /// a port, or a port of 127.0.0.1; 0 takes any free one. There is none if not set.
    Process control(address: SocketAddr) -> Option<SocketAddr> = None;
    /// Lets the control endpoint be reached from other machines, which may then do everything with the sandbox. It
    /// listens at loopback addresses alone, and answers requests for no other host, if not set.
    Process control_remote(allowed: bool) -> bool = false;
    /// A folder in which state is kept: what was written and changed is there again at the next start with the same
    /// settings, and the clock goes on where it was. Faults, the journal and how much of a limit is used are not kept.
    /// Everything is gone at the end if not set.
    Process state(folder: &str) -> Option<String> = None;
    /// The moment, in epoch milliseconds, at which the sandbox starts and by which its data is dated. The wall clock's
    /// if not set.
    Process now_ms(milliseconds: i64) -> i64 = wall_clock();
    /// How many milliseconds pass in the dates of the data while one passes. One if not set. What is waited for, such
    /// as windows and lifetimes, keeps the time of whoever waits.
    Process speed(times: u32) -> u32 = 1;
    /// Lets the account live by itself, hour by hour: alerts come and go, devices go offline and come back, are added,
    /// moved, renamed and deleted, seats come and go, and backups run every day. The same seed lives the same life. It
    /// stands still if not set.
    Start life(alive: bool) -> bool = false;
    /// How long every request waits before it is carried out. Nothing if not set.
    Live latency(wait: Duration) -> Duration = Duration::ZERO;

    /// The key and secret key of the RMM account.
    Start rmm_key_pair(key: &str, secret: &str) -> (String, String) = pair("SANDBOXRMMKEY", "sandbox-rmm-secret");
    /// The public and secret key of the BCDR account.
    Start bcdr_key_pair(key: &str, secret: &str) -> (String, String) =
        pair("sandbox-bcdr-public", "sandbox-bcdr-secret");
    /// The client id and secret of the Workplace team.
    Start workplace_key_pair(id: &str, secret: &str) -> (String, String) =
        pair("sandbox-workplace-id", "sandbox-workplace-secret");

    /// Whether the RMM service slows down at nine tenths of its limits and refuses beyond them. It does if not set.
    /// The calls are counted in either case.
    Live rate_limits(enforced: bool) -> bool = true;
    /// How many reads a window of the RMM account allows. 600 if not set, as in the real service; the writes of all
    /// operations together have the same limit.
    Live rate_limit(calls: usize) -> usize = 600;
    /// How long the sliding windows of the RMM limits are, in whole seconds; sixty if not set, as in the real service.
    /// A short one is for tests that cannot pause time, such as those of several processes.
    Live rate_window(window: Duration) -> Duration = Duration::from_secs(60);
    /// Whether a 429 of the RMM service carries `Retry-After`. It does if not set.
    Live retry_after_header(sent: bool) -> bool = true;
    /// Makes an RMM account of the old kind: one limit for reads and writes, and no word of writes in the answer of
    /// `request_rate`.
    Live legacy_rate_limits(legacy: bool) -> bool = false;
    /// How long an RMM token is valid. 100 hours if not set.
    Live token_lifetime(lifetime: Duration) -> Duration = Duration::from_secs(360_000);
    /// Answers 400 to a `max` above 250, instead of 250 rows. Both were observed.
    Live refuse_large_pages(refuse: bool) -> bool = false;
    /// How long a quick job takes from its creation to its end on a device that is online. Five seconds if not set.
    Live job_duration(duration: Duration) -> Duration = Duration::from_secs(5);
    /// Lets the activity log answer 200 with an `error` instead of activities.
    Live activity_log_error(failing: bool) -> bool = false;
    /// Whether the RMM fleet has values that its document does not know: new members of enumerations, new fields. It
    /// has if not set.
    Start odd_values(odd: bool) -> bool = true;
    /// Makes the RMM service one of an older build, which knows neither the third version nor lists of patches.
    Live old_build(old: bool) -> bool = false;
    /// Ends RMM lists with a link that is empty text instead of null. Some clients guard against it; that it happens is
    /// a guess.
    Live blank_links(blank: bool) -> bool = false;
    /// Whether alert lists and the activity log tell their length. Null if not set: two clients have seen it so on live
    /// accounts; one has numbers in its models.
    Live alert_totals(totals: Totals) -> Totals = Totals::Null;
    /// How the RMM dates are written that nobody has written down: those of response actions, filters, jobs and audits.
    /// ISO text if not set: a sweep through every field of a live account has found eight dates to be numbers, two of
    /// them in alerts, and none of these (observed, at second hand), and the document says text (official). Epoch
    /// milliseconds, as those eight, are a guess by likeness.
    Live unseen_dates(form: DateForm) -> DateForm = DateForm::Iso;
    /// How the RMM account writes `lastSeen`. Epoch milliseconds if not set (official); text was seen on one platform,
    /// and both within one account never.
    Live last_seen(form: LastSeen) -> LastSeen = LastSeen::Milliseconds;
    /// Which spellings of a boolean the RMM service takes in a query. Any case if not set, as the framework that it is
    /// made of does; an old client sends `True` and `False`.
    Live booleans(taken: Booleans) -> Booleans = Booleans::AnyCase;
    /// What becomes of an RMM path that ends with a slash. 404 if not set, as the newer version of the framework
    /// answers; the older one serves it.
    Live trailing_slash(answer: TrailingSlash) -> TrailingSlash = TrailingSlash::NotFound;
    /// Whether a 401 names a realm (`WWW-Authenticate`), without which some clients never send their pair. It does if
    /// not set.
    Live challenge(sent: Challenge) -> Challenge = Challenge::Realm;
    /// Which host stands in the links to other pages. That of the request if not set, and its scheme by
    /// `X-Forwarded-Proto`, so that a proxy may stand in front.
    Live link_host(host: LinkHost) -> LinkHost = LinkHost::Request;

    /// Sends the assets of every appliance as an object keyed by index; without it, only some appliances do so.
    Live index_keyed_assets(on: bool) -> bool = false;
    /// Serves `detailedBackupStats`, which most accounts answer with 404.
    Live detailed_backup_stats(on: bool) -> bool = false;
    /// Lets a list of more than `limit` seats time out with 504, unless it is filtered to one seat type.
    Live seats_time_out_above(limit: usize) -> Option<usize> = None;
    /// Changes only this share of the seats of a bulk change, at least one, though it answers 200.
    Live bulk_change_percent(percent: u8) -> u8 = 100;
    /// Chooses the shape of the answer to a bulk seat change.
    Live bulk_answer(answer: BulkAnswer) -> BulkAnswer = BulkAnswer::Object;
    /// Refuses calls with 429 once this much of the budget is used, until an hour has passed.
    Live bcdr_budget(calls: u64) -> Option<u64> = None;
    /// What the headers of the budget hold. Seconds until it is whole, and what is left, if not set (guess: nobody has
    /// written down a value).
    Live bcdr_budget_format(format: BudgetFormat) -> BudgetFormat = BudgetFormat::Seconds;
    /// Restricts what the BCDR key pair may see.
    Live bcdr_key_scope(scope: KeyScope) -> KeyScope = KeyScope::Full;
    /// Makes every SaaS call take this long.
    Live saas_latency(latency: Duration) -> Duration = Duration::ZERO;

    /// Chooses how lists of projects and children are wrapped.
    Live workplace_lists(shape: ListShape) -> ListShape = ListShape::Result;
    /// Chooses what an upload and a new folder are answered with.
    Live workplace_created(shape: CreatedShape) -> CreatedShape = CreatedShape::ValueFileId;
    /// Whether `md5` and `size` are sent without being asked for by `metadata`, which is not settled. They are if not
    /// set.
    Live workplace_plain_hashes(on: bool) -> bool = true;
    /// Whether a download says its `Content-Type` and `Content-Length`. It does if not set.
    Live workplace_content_headers(on: bool) -> bool = true;
    /// Answers 429 to more than `calls` Workplace calls within a window, whoever makes them.
    Live workplace_rate(calls: u32, window: Duration) -> Option<(u32, Duration)> = None;
    /// Refuses every delete with 403, as for an integration without full access.
    Live workplace_refuse_deletes(on: bool) -> bool = false;
    /// Shares no project with the integration: the list of projects is empty, and nothing is found by its id.
    Live workplace_nothing_shared(on: bool) -> bool = false;
    /// What the Workplace store does to names. It keeps them as they were sent if not set; which names the service
    /// alters is not known.
    Live workplace_names(rule: NameRule) -> NameRule = NameRule::AsSent;
    /// Refuses with 403 every folder or file of this name that is to be made.
    Live workplace_refuse_name(name: &str) -> Option<String> = None;
}

impl SandboxBuilder {
    /// All settings, in the order in which they are explained.
    pub fn settings() -> &'static [Setting] {
        ALL
    }

    /// Sets a setting by its name from its text, as the program does.
    ///
    /// ```
    /// let builder = datto_sandbox::Sandbox::builder().set("latency", "250ms")?;
    /// # drop(builder);
    /// # Ok::<(), datto_sandbox::Refused>(())
    /// ```
    ///
    /// # Errors
    /// If there is no such setting, or if the text does not fit.
    pub fn set(mut self, name: &str, text: &str) -> Result<Self, Refused> {
        self.settings.set(name, text)?;
        Ok(self)
    }
}

impl Sandbox {
    /// The settings of this account as they are now: name and text, secrets included.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        let settings = self.seen().config.live.get();
        ALL.iter().filter_map(|about| Some((about.name, settings.text(about.name)?))).collect()
    }
}

/// What a setter is given, as it is kept.
trait Keep<K> {
    fn keep(self) -> K;
}

impl<T> Keep<T> for T {
    fn keep(self) -> T {
        self
    }
}

impl<T> Keep<Option<T>> for T {
    fn keep(self) -> Option<T> {
        Some(self)
    }
}

impl Keep<String> for &str {
    fn keep(self) -> String {
        self.to_owned()
    }
}

impl Keep<Option<String>> for &str {
    fn keep(self) -> Option<String> {
        Some(self.to_owned())
    }
}

impl Keep<(String, String)> for (&str, &str) {
    fn keep(self) -> (String, String) {
        pair(self.0, self.1)
    }
}

/// Epoch milliseconds. Only the dates in the data begin here; nothing waits by this clock.
pub(crate) fn wall_clock() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn pair(key: &str, secret: &str) -> (String, String) {
    (key.to_owned(), secret.to_owned())
}

/// The settings of a running account, of which the live ones can be changed.
#[derive(Debug)]
pub(crate) struct Live(Mutex<Arc<Settings>>);

impl Live {
    pub(crate) fn new(settings: Settings) -> Self {
        Self(Mutex::new(Arc::new(settings)))
    }

    /// The settings as they are now.
    pub(crate) fn get(&self) -> Arc<Settings> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Sets a live setting from its text.
    pub(crate) fn set(&self, name: &str, text: &str) -> Result<(), String> {
        let about = ALL.iter().find(|about| about.name == name).ok_or_else(|| format!("{name} is no setting"))?;
        if about.reach != Reach::Live {
            return Err(format!("{name} is read at the start alone"));
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::make_mut(&mut kept).set(name, text)
    }
}

#[cfg(test)]
mod tests {
    use super::{ALL, Live, Settings};

    #[test]
    fn every_setting_is_read_back_from_what_it_writes() {
        let settings = Settings::default();
        for about in ALL {
            let text = settings.text(about.name).unwrap();
            let mut other = Settings::default();
            other.set(about.name, &text).unwrap();
            assert_eq!(other.text(about.name), Some(text), "{}", about.name);
            assert!(!about.docs.is_empty() && !about.kind.is_empty(), "{}", about.name);
        }
    }

    #[test]
    fn only_live_settings_change_while_it_runs() {
        let live = Live::new(Settings::default());
        live.set("latency", "250ms").unwrap();
        assert_eq!(live.get().latency.as_millis(), 250);
        for (name, text, why) in [
            ("seed", "7", "start alone"),
            ("sed", "7", "no setting"),
            ("latency", "long", "250ms"),
            ("bulk_answer", "list", "object, array, empty"),
        ] {
            let error = live.set(name, text).unwrap_err();
            assert!(error.contains(name) && error.contains(why), "{error}");
        }
    }
}
