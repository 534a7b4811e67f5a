//! What is open and what was resolved, and what is new.

use std::collections::BTreeMap;

use datto_common::{ErrorKind, Result, Timestamp};
use serde::{Deserialize, Serialize};

use super::webhook::{Delivered, Delivery};
use crate::RmmClient;
use crate::ids::AlertUid;
use crate::models::{Alert, AlertPriority};
use crate::rollout::Untrusted;

/// So long it is remembered that an alert was resolved: what comes late opens nothing again.
const REMEMBERED_MS: i64 = 14 * 24 * 3_600_000;

/// What became of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AlertChange {
    /// It is open, and was not known.
    Opened,
    /// It is open, and its priority, its ticket or whether it is muted is not as it was.
    Changed,
    /// It is resolved.
    Resolved,
}

/// Something new about an alert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AlertEvent {
    /// What became of it.
    pub what: AlertChange,
    /// Its uid: the key for a ticket of this raising.
    pub alert_uid: AlertUid,
    /// The same for every raising of the same thing; see [`Alert::fingerprint`]. A webhook does not tell it.
    pub fingerprint: Option<String>,
    /// How grave it is.
    pub priority: Option<AlertPriority>,
    /// One line about it. It comes from an endpoint.
    pub sentence: Untrusted,
    /// The alert, where a poll brought it.
    pub alert: Option<Alert>,
}

/// What a poll read.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct AlertPoll {
    /// The alerts of the list of open ones.
    pub open: Vec<Alert>,
    /// Those that were known as open and not in the list, asked for one by one; `None` where the service knows no such alert any more.
    pub absent: Vec<(AlertUid, Option<Alert>)>,
}

/// What of an open alert can change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Open {
    priority: Option<String>,
    ticket: Option<String>,
    muted: Option<bool>,
    /// A webhook brought it, and no poll has seen it yet.
    #[serde(default)]
    heard: bool,
}

impl Open {
    fn of(alert: &Alert) -> Self {
        Self {
            priority: alert.priority.as_ref().map(|priority| priority.as_str().to_owned()),
            ticket: alert.ticket_number.clone(),
            muted: alert.muted,
            heard: false,
        }
    }
}

/// That somebody looks after an alert. The service keeps nothing of the kind: its muting does nothing since 8.9.0 (official).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Acknowledgement {
    /// Who.
    pub by: String,
    /// Since when.
    pub at: Timestamp,
    /// Until when it counts; as long as the alert is open where it is `None`.
    pub until: Option<Timestamp>,
}

/// What acknowledging an alert means at the service.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AcknowledgePolicy {
    /// It stays open there, and is known here as looked after.
    #[default]
    StaysOpen,
    /// It is resolved there too: the portal is clean, and the monitor raises it anew if the trouble lasts.
    Resolves,
}

/// Which alerts are open and which were resolved. Serialise it to keep it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AlertWatch {
    acknowledged: BTreeMap<AlertUid, Acknowledgement>,
    open: BTreeMap<AlertUid, Open>,
    /// When they were resolved, in milliseconds since 1970.
    resolved: BTreeMap<AlertUid, i64>,
}

impl AlertWatch {
    /// The alerts that are open, as far as is known.
    pub fn open(&self) -> impl Iterator<Item = &AlertUid> {
        self.open.keys()
    }

    /// Notes that somebody looks after an open alert; whether it was open. It is forgotten when the alert is resolved.
    pub fn acknowledge(
        &mut self,
        uid: &AlertUid,
        by: impl Into<String>,
        until: impl Into<Option<Timestamp>>,
        now: &Timestamp,
    ) -> bool {
        let is_open = self.open.contains_key(uid);
        if is_open {
            let acknowledgement = Acknowledgement { by: by.into(), at: now.clone(), until: until.into() };
            self.acknowledged.insert(uid.clone(), acknowledgement);
        }
        is_open
    }

    /// The same, and what the policy says at the service.
    ///
    /// `POST /v2/alert/{alertUid}/resolve` if the policy resolves · repeatable write · official
    ///
    /// # Errors
    /// If it could not be resolved; it is acknowledged here all the same.
    ///
    /// # Cancel safety
    /// It is acknowledged before anything is sent.
    pub async fn acknowledge_at(
        &mut self,
        rmm: &RmmClient,
        policy: AcknowledgePolicy,
        uid: &AlertUid,
        by: impl Into<String>,
        now: &Timestamp,
    ) -> Result<bool> {
        let is_open = self.acknowledge(uid, by, None, now);
        if is_open && policy == AcknowledgePolicy::Resolves {
            rmm.alerts().resolve(uid).await?;
        }
        Ok(is_open)
    }

    /// Who looks after an alert, if somebody does at this moment.
    pub fn acknowledgement(&self, uid: &AlertUid, now: &Timestamp) -> Option<&Acknowledgement> {
        let counts =
            |acknowledgement: &&Acknowledgement| acknowledgement.until.as_ref().is_none_or(|until| now < until);
        self.acknowledged.get(uid).filter(|_| self.open.contains_key(uid)).filter(counts)
    }

    /// Reads the open alerts, and asks for each that was known as open and is not among them: the list is read over several pages, and an alert that
    /// slipped between two of them is not resolved.
    ///
    /// `GET /v2/account/alerts/open`, `/v2/alert/{alertUid}` · read · official
    ///
    /// # Errors
    /// If a page or an alert could not be read. Nothing is changed, so that the next poll finds what this one would have.
    ///
    /// # Cancel safety
    /// It only reads.
    pub async fn look(&self, rmm: &RmmClient) -> Result<AlertPoll> {
        let (mut list, mut open) = (rmm.alerts().open().pager(), Vec::new());
        while let Some(alert) = list.next().await {
            match alert {
                Ok(alert) => open.push(alert),
                // One alert that cannot be read, and a list that moved, cost no other: what is absent is asked for.
                Err(error) if error.record().is_some() || error.kind() == ErrorKind::Paging => {}
                Err(error) => return Err(error),
            }
        }
        let mut absent = Vec::new();
        for uid in self.open.keys().filter(|uid| !open.iter().any(|alert| alert.alert_uid == **uid)) {
            match rmm.alerts().get(uid).await {
                Ok(alert) => absent.push((uid.clone(), Some(alert))),
                Err(error) if error.kind() == ErrorKind::NotFound => absent.push((uid.clone(), None)),
                Err(error) => return Err(error),
            }
        }
        Ok(AlertPoll { open, absent })
    }

    /// Takes a poll in, and tells what is new by it, in the order in which it was read. A poll that began before a later word came does no harm: what was resolved stays so.
    pub fn apply(&mut self, poll: &AlertPoll, now: &Timestamp) -> Vec<AlertEvent> {
        let now = self.forget_old(now);
        let mut events = Vec::new();
        let still_open = poll.absent.iter().filter_map(|(_, alert)| alert.as_ref());
        for alert in poll.open.iter().chain(still_open) {
            let uid = &alert.alert_uid;
            if uid.is_empty() || self.resolved.contains_key(uid) {
                continue;
            }
            if alert.resolved == Some(true) {
                if self.open.remove(uid).is_some() {
                    events.push(of(alert, AlertChange::Resolved));
                    self.resolved.insert(uid.clone(), now);
                }
                continue;
            }
            let is = Open::of(alert);
            match self.open.insert(uid.clone(), is.clone()) {
                None => events.push(of(alert, AlertChange::Opened)),
                Some(was) if was != is && !was.heard => events.push(of(alert, AlertChange::Changed)),
                Some(_) => {}
            }
        }
        for (uid, alert) in &poll.absent {
            if alert.is_none() && self.open.remove(uid).is_some() {
                self.resolved.insert(uid.clone(), now);
                events.push(AlertEvent {
                    what: AlertChange::Resolved,
                    alert_uid: uid.clone(),
                    fingerprint: None,
                    priority: None,
                    sentence: Untrusted::new("the service knows this alert no more"),
                    alert: None,
                });
            }
        }
        events
    }

    /// Takes what a webhook brought in, and tells what is new by it: nothing where it comes again or too late. That an alert was resolved, told before it was raised,
    /// is remembered, and opens and closes nothing.
    pub fn hear(&mut self, delivery: &Delivery, now: &Timestamp) -> Option<AlertEvent> {
        let now = self.forget_old(now);
        let uid = delivery.alert_uid.clone();
        let what = match delivery.what {
            Delivered::Triggered if self.resolved.contains_key(&uid) || self.open.contains_key(&uid) => return None,
            Delivered::Triggered => {
                let priority = delivery.priority.as_ref().map(|priority| priority.as_str().to_owned());
                self.open.insert(uid.clone(), Open { priority, ticket: None, muted: None, heard: true });
                AlertChange::Opened
            }
            Delivered::Resolved => {
                let was_open = self.open.remove(&uid).is_some();
                self.resolved.entry(uid.clone()).or_insert(now);
                was_open.then_some(AlertChange::Resolved)?
            }
        };
        Some(AlertEvent {
            what,
            alert_uid: uid,
            fingerprint: None,
            priority: delivery.priority.clone(),
            sentence: delivery.sentence(),
            alert: None,
        })
    }

    fn forget_old(&mut self, now: &Timestamp) -> i64 {
        let now = now.as_millis().unwrap_or(0);
        self.resolved.retain(|_, at| now.saturating_sub(*at) < REMEMBERED_MS);
        let open = &self.open;
        self.acknowledged.retain(|uid, _| open.contains_key(uid));
        now
    }
}

fn of(alert: &Alert, what: AlertChange) -> AlertEvent {
    AlertEvent {
        what,
        alert_uid: alert.alert_uid.clone(),
        fingerprint: Some(alert.fingerprint()),
        priority: alert.priority.clone(),
        sentence: Untrusted::new(alert.sentence()),
        alert: Some(alert.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;
    use std::collections::BTreeSet;

    fn alert(uid: u8, resolved: bool) -> Alert {
        serde_json::from_value(json!({"alertUid": format!("a{uid}"), "priority": "High", "resolved": resolved}))
            .unwrap()
    }

    fn now() -> Timestamp {
        Timestamp::from_seconds(1_800_000_000)
    }

    fn poll(open: &[u8]) -> AlertPoll {
        AlertPoll { open: open.iter().map(|uid| alert(*uid, false)).collect(), absent: vec![] }
    }

    fn told(events: &[AlertEvent]) -> Vec<(AlertChange, &str)> {
        events.iter().map(|event| (event.what, event.alert_uid.as_str())).collect()
    }

    #[test]
    fn polls_become_events() {
        let mut watch = AlertWatch::default();
        assert_eq!(
            told(&watch.apply(&poll(&[1, 2]), &now())),
            [(AlertChange::Opened, "a1"), (AlertChange::Opened, "a2")]
        );
        assert!(watch.apply(&poll(&[1, 2]), &now()).is_empty());
        // What is not in a list is not resolved by that.
        assert!(watch.apply(&poll(&[2]), &now()).is_empty());
        let mut next = poll(&[2]);
        next.open[0].ticket_number = Some("T1".into());
        next.absent = vec![("a1".into(), Some(alert(1, true)))];
        assert_eq!(told(&watch.apply(&next, &now())), [(AlertChange::Changed, "a2"), (AlertChange::Resolved, "a1")]);
        // A poll that began earlier.
        assert!(watch.apply(&poll(&[1, 2]), &now()).iter().all(|event| event.alert_uid != "a1"));
        let gone = AlertPoll { open: vec![], absent: vec![("a2".into(), None)] };
        assert_eq!(told(&watch.apply(&gone, &now())), [(AlertChange::Resolved, "a2")]);
        assert_eq!(watch.open().count(), 0);
    }

    #[test]
    fn a_poll_confirms_what_a_webhook_told() {
        let mut watch = AlertWatch::default();
        let heard = watch.hear(&Delivery::of("a1", Delivered::Triggered), &now());
        assert_eq!(heard.map(|event| event.what), Some(AlertChange::Opened));
        assert!(
            watch.apply(&poll(&[1]), &now()).is_empty(),
            "that it has a ticket now is no change of what was never known"
        );
        let heard = watch.hear(&Delivery::of("a1", Delivered::Resolved), &now());
        assert_eq!(heard.map(|event| event.what), Some(AlertChange::Resolved));
    }

    #[test]
    fn an_acknowledgement_lasts_as_long_as_it_says_and_ends_with_the_alert() {
        let mut watch = AlertWatch::default();
        watch.apply(&poll(&[1]), &now());
        let later = Timestamp::from_seconds(1_800_000_100);
        assert!(watch.acknowledge(&"a1".into(), "ada", Some(later.clone()), &now()));
        assert!(!watch.acknowledge(&"a2".into(), "ada", None, &now()), "it is not open");
        watch = serde_json::from_str(&serde_json::to_string(&watch).unwrap()).unwrap();
        assert_eq!(watch.acknowledgement(&"a1".into(), &now()).map(|ack| ack.by.as_str()), Some("ada"));
        assert_eq!(watch.acknowledgement(&"a1".into(), &later), None);
        watch.acknowledge(&"a1".into(), "ada", None, &now());
        watch.hear(&Delivery::of("a1", Delivered::Resolved), &now());
        assert_eq!(watch.acknowledgement(&"a1".into(), &now()), None);
    }

    /// What happens, and what is heard of it.
    #[derive(Debug, Clone)]
    enum Step {
        Raise(u8),
        Resolve(u8),
        Hear(u8, bool),
        Poll,
        /// A poll that was read earlier, and is taken in only now.
        Stale,
        Restart,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0_u8..12).prop_map(Step::Raise),
            (0_u8..12).prop_map(Step::Resolve),
            (0_u8..12, any::<bool>()).prop_map(|(uid, resolved)| Step::Hear(uid, resolved)),
            Just(Step::Poll),
            Just(Step::Stale),
            Just(Step::Restart),
        ]
    }

    proptest! {
        /// Whatever comes twice, late or never: each alert opens once at the most, is resolved once at the most and not before it opened, and after a poll exactly what is
        /// open is known as open.
        #[test]
        fn every_alert_opens_and_ends_once(steps in proptest::collection::vec(step(), 1..80)) {
            let mut watch = AlertWatch::default();
            let (mut raised, mut ended) = (BTreeSet::new(), BTreeSet::new());
            let (mut opened, mut resolved) = (BTreeSet::new(), BTreeSet::new());
            let mut earlier: Option<AlertPoll> = None;
            for step in steps.into_iter().chain([Step::Poll]) {
                let is_poll = matches!(step, Step::Poll);
                let read = |watch: &AlertWatch| {
                    let open: Vec<u8> = raised.difference(&ended).copied().collect();
                    let mut read = poll(&open);
                    let absent = watch.open.keys().filter(|uid| !read.open.iter().any(|alert| alert.alert_uid == **uid));
                    read.absent = absent
                        .map(|uid| (uid.clone(), Some(alert(uid.as_str()[1..].parse().unwrap(), true))))
                        .collect();
                    read
                };
                let events = match step {
                    Step::Raise(uid) => {
                        raised.insert(uid);
                        vec![]
                    }
                    Step::Resolve(uid) => {
                        if raised.contains(&uid) {
                            ended.insert(uid);
                        }
                        vec![]
                    }
                    // A webhook tells only what has happened.
                    Step::Hear(uid, told_resolved) => {
                        let has_happened = if told_resolved { ended.contains(&uid) } else { raised.contains(&uid) };
                        let what = if told_resolved { Delivered::Resolved } else { Delivered::Triggered };
                        let delivery = Delivery::of(&format!("a{uid}"), what);
                        if has_happened { watch.hear(&delivery, &now()).into_iter().collect() } else { vec![] }
                    }
                    Step::Poll => {
                        let read = read(&watch);
                        earlier = Some(read.clone());
                        watch.apply(&read, &now())
                    }
                    Step::Stale => earlier.as_ref().map(|read| watch.apply(read, &now())).unwrap_or_default(),
                    Step::Restart => {
                        watch = serde_json::from_str(&serde_json::to_string(&watch).unwrap()).unwrap();
                        vec![]
                    }
                };
                for event in events {
                    let uid = event.alert_uid.to_string();
                    match event.what {
                        AlertChange::Opened => prop_assert!(opened.insert(uid)),
                        AlertChange::Resolved => {
                            prop_assert!(opened.contains(&uid));
                            prop_assert!(resolved.insert(uid));
                        }
                        AlertChange::Changed => prop_assert!(opened.contains(&uid) && !resolved.contains(&uid)),
                    }
                }
                if is_poll {
                    let open: BTreeSet<String> = raised.difference(&ended).map(|uid| format!("a{uid}")).collect();
                    let known: BTreeSet<String> = watch.open().map(ToString::to_string).collect();
                    prop_assert_eq!(known, open);
                }
            }
        }
    }
}
