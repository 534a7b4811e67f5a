//! When things happen: at a moment, before a page of a list, or by themselves.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::change::{Change, Refused};
use crate::random::Random;
use crate::sandbox::{Sandbox, SandboxBuilder};
use crate::state::Deed;
use crate::world::Account;

const HOUR_MS: i64 = 3_600_000;
/// A clock that was moved by more than this lets only so many hours happen: about a year.
const MOST_HOURS: i64 = 9_000;

/// When a change happens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum When {
    /// So long after the start, by the clock of the services.
    After(Duration),
    /// Once, just before a page of a list is answered for the first time.
    BeforePage {
        /// The list: `devices.list`, `sites.list`, `alerts.open`, `alerts.resolved`, `bcdr.devices`, `bcdr.agents`,
        /// or a part of the path of any other.
        list: String,
        /// The number of the page as it stands in the query: RMM counts from 0, BCDR from 1.
        page: u64,
    },
}

/// What will happen in an account.
#[derive(Debug, Default)]
pub(crate) struct Schedule(Mutex<Plan>);

#[derive(Debug, Default)]
struct Plan {
    events: Vec<(When, Change)>,
    life: Option<Life>,
}

/// An account that lives by itself: hour by hour.
#[derive(Debug)]
struct Life {
    random: Random,
    /// Hours that have happened.
    hours: i64,
    devices: usize,
    /// What is drawn in an hour and was not a whole number adds up.
    left: f64,
}

impl SandboxBuilder {
    /// Lets something happen later in this account.
    ///
    /// ```
    /// use std::time::Duration;
    /// use datto_sandbox::{Change, Sandbox, When};
    ///
    /// let list = "devices.list".to_owned();
    /// let builder = Sandbox::builder()
    ///     .event(When::BeforePage { list, page: 3 }, Change::RemoveDevice { device: None })
    ///     .event(When::After(Duration::from_secs(300)), Change::TenantGone { customer: None });
    /// # drop(builder);
    /// ```
    pub fn event(mut self, when: When, change: Change) -> Self {
        self.events.push((when, change));
        self
    }
}

impl Sandbox {
    /// Lets something happen later in this account.
    pub fn schedule(&self, when: When, change: Change) {
        let account = self.seen();
        account.schedule.add(when.clone(), change.clone());
        self.keep(&account, Deed::Plan(when, change));
    }
}

impl Schedule {
    pub(crate) fn new(events: Vec<(When, Change)>, life: Option<(u64, usize)>) -> Self {
        let life = life.map(|(seed, devices)| Life { random: Random::new(seed, "life"), hours: 0, devices, left: 0.0 });
        Self(Mutex::new(Plan { events, life }))
    }

    pub(crate) fn add(&self, when: When, change: Change) {
        self.lock().events.push((when, change));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Plan> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes out what is due before a moment, in the order of time; milliseconds since the start.
    fn due(&self, passed_ms: i64) -> Vec<(i64, Change)> {
        let moment = |when: &When| match when {
            When::After(wait) => i64::try_from(wait.as_millis()).ok().filter(|wait| *wait <= passed_ms),
            When::BeforePage { .. } => None,
        };
        let mut plan = self.lock();
        if plan.events.is_empty() {
            return Vec::new();
        }
        let mut due = Vec::new();
        plan.events.retain(|(when, change)| match moment(when) {
            Some(at) => {
                due.push((at, change.clone()));
                false
            }
            None => true,
        });
        due.sort_by_key(|(at, _)| *at);
        due
    }

    /// Takes out what shall happen before this page of a list.
    fn before_page(&self, path: &str, query: &str) -> Vec<Change> {
        let mut plan = self.lock();
        if plan.events.is_empty() {
            return Vec::new();
        }
        let mut due = Vec::new();
        plan.events.retain(|(when, change)| match when {
            When::BeforePage { list, page } if is_list(path, list) && *page == page_of(path, query) => {
                due.push(change.clone());
                false
            }
            _ => true,
        });
        due
    }

    /// The hours that have passed and not yet happened, each with its number and what happens in it.
    fn hours(&self, passed_ms: i64) -> Vec<(i64, Vec<Change>)> {
        let mut plan = self.lock();
        let Some(life) = plan.life.as_mut() else { return Vec::new() };
        let now = passed_ms.div_euclid(HOUR_MS);
        life.hours = life.hours.max(now.saturating_sub(MOST_HOURS));
        let hours = life.hours + 1..=now;
        life.hours = life.hours.max(now);
        hours.map(|hour| (hour, life.hour())).collect()
    }
}

impl Life {
    /// What happens in an hour, as much of it as the fleet is large.
    fn hour(&mut self) -> Vec<Change> {
        self.left += self.devices as f64 / 20.0 + 0.5;
        let count = self.left as u64;
        self.left -= count as f64;
        (0..count).map(|_| self.one()).collect()
    }

    fn one(&mut self) -> Change {
        let random = &mut self.random;
        match random.below(1_000) {
            0..150 => Change::RaiseAlert { device: None, priority: Some(priority(random)), class: None },
            150..300 => Change::ResolveAlert { alert: None },
            300..630 => Change::DeviceOnline { device: None, online: false },
            630..960 => Change::DeviceOnline { device: None, online: true },
            960..970 => Change::AddDevice { site: None, hostname: None, place: None },
            970..978 => Change::MoveDevice { device: None, site: None },
            978..984 => Change::RenameDevice { device: None, hostname: None },
            984..989 => Change::DeleteDevice { device: None },
            989..992 => Change::RemoveDevice { device: None },
            992..996 => Change::AddSeat { customer: None, kind: None, name: None },
            996..998 => Change::RemoveSeat { customer: None, seat: None },
            998 => Change::PauseAsset { volume: None, paused: true },
            _ => Change::AddAsset { appliance: None, name: None },
        }
    }
}

fn priority(random: &mut Random) -> String {
    random.weighted(&[(5, "Critical"), (20, "High"), (45, "Moderate"), (30, "Low")]).to_owned()
}

/// Whether a path is that of a list, by the name that clients have for it.
fn is_list(path: &str, list: &str) -> bool {
    let ending = match list {
        "devices.list" => "/account/devices",
        "sites.list" => "/account/sites",
        "alerts.open" => "/account/alerts/open",
        "alerts.resolved" => "/account/alerts/resolved",
        "bcdr.devices" => "/bcdr/device",
        "bcdr.agents" => "/bcdr/agent",
        other => return path.contains(other),
    };
    path.ends_with(ending)
}

/// The number of the page that a query asks for.
fn page_of(path: &str, query: &str) -> u64 {
    let (name, first) = if path.starts_with("/v1/") { ("_page", 1) } else { ("page", 0) };
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| *key == name).and_then(|(_, value)| value.parse().ok()).unwrap_or(first)
}

impl Account {
    /// Lets happen what is due by now. What can no longer happen, because what it names is gone, does not.
    pub(crate) fn catch_up(&self) {
        let clock = &self.config.clock;
        let passed = clock.passed_ms();
        let mut events = self.schedule.due(passed).into_iter().peekable();
        for (hour, changes) in self.schedule.hours(passed) {
            let end = hour.saturating_mul(HOUR_MS);
            while let Some((at, change)) = events.next_if(|(at, _)| *at <= end) {
                self.happen(&change, at);
            }
            changes.iter().for_each(|change| self.happen(change, end));
            self.bcdr.run_backups(hour, clock.start_ms().saturating_add(end));
        }
        events.for_each(|(at, change)| self.happen(&change, at));
    }

    /// The same, and what shall happen before this page of a list. Tells whether there was such a thing.
    pub(crate) fn catch_up_before(&self, path: &str, query: &str) -> bool {
        self.catch_up();
        let passed = self.config.clock.passed_ms();
        let due = self.schedule.before_page(path, query);
        due.iter().for_each(|change| self.happen(change, passed));
        !due.is_empty()
    }

    fn happen(&self, change: &Change, passed_ms: i64) {
        let at_ms = self.config.clock.start_ms().saturating_add(passed_ms);
        let _: Result<String, Refused> = self.change(change, at_ms);
    }
}
