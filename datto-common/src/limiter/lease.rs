//! Places that a store handed out to this process, and the claim for more.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use tokio::time::Instant;

use super::shared::{Claim, ClaimedWindow, News, SharedLimits, Taken};
use crate::Bucket;

/// How long a store may take, and how long each process goes by its own count where that was not enough.
pub(super) const STORE_TIME: Duration = Duration::from_millis(500);
const ALONE: Duration = Duration::from_secs(5);
/// A place is not reserved further ahead than this, so that pauses and other processes are heard of.
const AHEAD: Duration = Duration::from_secs(3);
/// No more places than this are claimed at once.
const MOST: u32 = 10;
/// Nor more than one part in so many of a limit.
const PART: u32 = 50;
/// Who used all its places within this time may claim twice as many.
const BUSY: Duration = Duration::from_secs(2);
/// A place that is not used for so long is lost.
const LAPSE: Duration = Duration::from_millis(500);

/// A claim that nobody drove for so long tells what was.
const STALE: Duration = Duration::from_secs(1);
/// A wait longer than this is not believed.
const LONGEST: Duration = Duration::from_secs(3_600);

/// Where the account is counted.
#[derive(Debug, Clone)]
pub(super) struct Store {
    pub(super) limits: Arc<dyn SharedLimits>,
    pub(super) account: String,
}

/// A claim under way, shared by all who wait for it.
#[derive(Debug, Clone)]
pub(super) struct Claiming {
    pub(super) number: u64,
    pub(super) begun: Instant,
    pub(super) answer: Shared<BoxFuture<'static, Option<Taken>>>,
}

/// The places of one bucket.
#[derive(Debug)]
struct Lease {
    bucket: Bucket,
    places: VecDeque<Instant>,
    claiming: Option<Claiming>,
    /// When to claim again, and when there may be a place.
    not_before: Option<(Instant, Instant)>,
    most: u32,
    claimed: Option<Instant>,
}

/// What a caller finds.
pub(super) enum Found {
    /// It may go then, or now.
    Place(Instant),
    /// It looks again then; there may be one later.
    Later {
        look: Instant,
        until: Instant,
    },
    Claiming(Claiming),
    /// More have to be claimed: so many.
    Claim(u32),
}

#[derive(Debug)]
pub(super) struct Leases {
    pub(super) store: Store,
    leases: Vec<Lease>,
    number: u64,
    alone_until: Option<Instant>,
}

impl Leases {
    pub(super) fn new(store: Store) -> Self {
        Self { store, leases: Vec::new(), number: 0, alone_until: None }
    }

    /// Whether the store does not answer, so that our own count has to do.
    pub(super) fn is_alone(&self, now: Instant) -> bool {
        self.alone_until.is_some_and(|until| now < until)
    }

    /// The store does not answer.
    pub(super) fn go_alone(&mut self, now: Instant) {
        self.alone_until = Some(now + ALONE);
        self.leases.clear();
    }

    fn lease(&mut self, bucket: Bucket) -> Option<&mut Lease> {
        let place = match self.leases.iter().position(|lease| lease.bucket == bucket) {
            Some(place) => place,
            None => {
                let (places, claiming, not_before, claimed) = (VecDeque::new(), None, None, None);
                self.leases.push(Lease { bucket, places, claiming, not_before, most: 1, claimed });
                self.leases.len() - 1
            }
        };
        self.leases.get_mut(place)
    }

    pub(super) fn find(&mut self, bucket: Bucket, ahead: usize, now: Instant) -> Found {
        let Some(lease) = self.lease(bucket) else { return Found::Claim(1) };
        while lease.places.front().is_some_and(|place| now.saturating_duration_since(*place) >= LAPSE) {
            lease.places.pop_front();
            lease.claimed = None; // it claimed more than it uses
        }
        if let Some(place) = lease.places.get(ahead) {
            return Found::Place(*place);
        }
        if let Some((look, until)) = lease.not_before.filter(|(look, _)| *look > now) {
            return Found::Later { look, until };
        }
        // One that nobody drove: its places are past.
        lease.claiming.take_if(|claiming| now.saturating_duration_since(claiming.begun) >= STALE);
        match &lease.claiming {
            Some(claiming) => Found::Claiming(claiming.clone()),
            None => {
                // Who claimed a moment ago and used it all takes more at once; a quiet process takes one.
                let busy = lease.claimed.is_some_and(|claimed| now.saturating_duration_since(claimed) < BUSY);
                lease.most = if busy { lease.most.saturating_mul(2).min(MOST) } else { 1 };
                Found::Claim(lease.most.max(u32::try_from(ahead + 1).unwrap_or(MOST)).min(MOST))
            }
        }
    }

    /// The first place is used.
    pub(super) fn take(&mut self, bucket: Bucket) {
        if let Some(lease) = self.lease(bucket) {
            lease.places.pop_front();
        }
    }

    /// A place that was taken is not used after all.
    pub(super) fn give_back(&mut self, bucket: Bucket, at: Instant) {
        if let Some(lease) = self.lease(bucket) {
            lease.places.push_front(at);
        }
    }

    pub(super) fn begin(&mut self, bucket: Bucket, claim: Claim, now: Instant) -> Option<Claiming> {
        self.number += 1;
        let store = self.store.clone();
        let work = async move { store.take(&claim).await };
        let claiming = Claiming { number: self.number, begun: now, answer: work.boxed().shared() };
        self.lease(bucket).map(|lease| lease.claiming.insert(claiming).clone())
    }

    /// The claim is over. Gives what the store said, to the first who comes with it.
    pub(super) fn end(&mut self, bucket: Bucket, number: u64, answer: Option<Taken>, now: Instant) -> Option<Taken> {
        let lease = self.lease(bucket)?;
        let begun = lease.claiming.take_if(|claiming| claiming.number == number)?.begun;
        if now.saturating_duration_since(begun) >= STALE {
            return None;
        }
        let Some(taken) = answer else {
            self.go_alone(now);
            return None;
        };
        lease.places.extend(taken.places.iter().map(|wait| now + (*wait).min(AHEAD)));
        lease.claimed = Some(now);
        lease.not_before = taken.wait.map(|wait| (now + wait.min(AHEAD), now + wait.min(LONGEST)));
        Some(taken)
    }
}

impl Store {
    /// A claim for so many places.
    pub(super) fn claim(&self, windows: Vec<ClaimedWindow>, length: Duration, most: u32) -> Claim {
        // Of a small limit, what one process holds and does not use is missed by the others.
        let fair = windows.iter().map(|window| (window.limit / PART).max(1)).min().unwrap_or(MOST);
        let most = most.min(fair);
        let claim = Claim::new(self.account.clone(), windows, length);
        Claim { most, together: AHEAD / 3, patience: AHEAD, ..claim }
    }

    /// What a store answers in its time; `None` if it does not.
    pub(super) async fn take(&self, claim: &Claim) -> Option<Taken> {
        let taken = std::panic::AssertUnwindSafe(self.limits.take(claim)).catch_unwind();
        tokio::time::timeout(STORE_TIME, taken).await.ok()?.ok()?.ok()
    }

    /// Whether the store took the news in its time.
    pub(super) async fn tell(&self, news: &News) -> bool {
        let told = std::panic::AssertUnwindSafe(self.limits.tell(&self.account, news)).catch_unwind();
        matches!(tokio::time::timeout(STORE_TIME, told).await, Ok(Ok(Ok(()))))
    }
}
