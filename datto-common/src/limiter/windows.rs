//! All sliding windows of an account: reads, writes, and each write operation that the service counts by its name.

use std::borrow::Cow;
use std::time::Duration;

use tokio::time::Instant;

use super::info::WindowInfo;
use super::rules::{Rules, Usage};
use super::shared::ClaimedWindow;
use super::window::{Held, Log};
use crate::Bucket;

/// A window longer than this is not believed.
const LONGEST_WINDOW: Duration = Duration::from_secs(3_600);
/// No service counts more write operations by their names than this.
const MOST_NAMES: usize = 256;

#[derive(Debug)]
pub(super) struct Windows {
    rules: Rules,
    /// The part of each limit that is ours.
    share: f64,
    pub(super) length: Duration,
    ratio: f64,
    /// An older account: writes count with the reads.
    one_window: bool,
    reads: Log,
    writes: Log,
    named: Vec<(Cow<'static, str>, Log)>,
}

/// The windows that a call counts in, each with how many calls it is held to.
type Counted<'a> = [Option<(&'a mut Log, Option<Held>)>; 3];

impl Windows {
    pub(super) fn new(rules: Rules, share: f64) -> Self {
        let (length, ratio) = (rules.window, rules.ratio);
        let (reads, writes) = (Log::default(), Log::default());
        Self { rules, share, length, ratio, one_window: false, reads, writes, named: Vec::new() }
    }

    pub(super) fn ratio(&self) -> f64 {
        self.ratio
    }

    /// Only what is new takes memory, since every call comes this way.
    fn place_of(&mut self, name: &'static str) -> usize {
        self.named.iter().position(|(other, _)| other == name).unwrap_or_else(|| {
            self.named.push((Cow::Borrowed(name), Log::default()));
            self.named.len() - 1
        })
    }

    fn counted(&mut self, bucket: Bucket) -> Counted<'_> {
        let name = bucket.write_name();
        let place = name.map(|name| self.place_of(name));
        let (reads, writes) = (bucket == Bucket::Read || self.one_window, bucket != Bucket::Read);
        let (rules, ratio, share) = (&self.rules, self.ratio, self.share);
        let held = |log: &Log, limit: Option<u32>| log.told.or(limit).map(|limit| held_to(limit, ratio, share));
        let (read, write) = (&mut self.reads, &mut self.writes);
        let named = place.and_then(|place| self.named.get_mut(place));
        [
            reads.then(|| (held(read, rules.reads), read)).map(|(held, log)| (log, held)),
            writes.then(|| (held(write, rules.writes), write)).map(|(held, log)| (log, held)),
            named.map(|(name, log)| (held(log, (rules.each_write)(name)), log)).map(|(held, log)| (log, held)),
        ]
    }

    /// When there is a place for a call that so many go before; `None` if there is one now.
    pub(super) fn free_at(&mut self, bucket: Bucket, now: Instant, ahead: usize) -> Option<Instant> {
        let window = self.length;
        let free = |(log, held): (&mut Log, Option<Held>)| log.free_at(now, window, held?, ahead);
        self.counted(bucket).into_iter().flatten().filter_map(free).max()
    }

    /// Whether the credit of one of its windows does not reach for a call that so many go before. Before the first answer of
    /// the service, one part in `first` of a limit is free.
    pub(super) fn is_spent(&mut self, bucket: Bucket, now: Instant, ahead: usize, first: usize) -> bool {
        let window = self.length;
        self.counted(bucket).into_iter().flatten().any(|(log, held)| {
            let first = held.map_or(usize::MAX, |held| (held.account / first).max(1));
            log.credit.map_or_else(|| log.own(now, window) + ahead >= first, |credit| credit <= ahead)
        })
    }

    pub(super) fn take(&mut self, bucket: Bucket, now: Instant) {
        let window = self.length;
        self.counted(bucket).into_iter().flatten().for_each(|(log, _)| log.add(now, window));
    }

    pub(super) fn forget(&mut self, bucket: Bucket, at: Instant) {
        self.counted(bucket).into_iter().flatten().for_each(|(log, _)| log.forget(at));
    }

    /// How long it is until the oldest of our calls leaves a window that is limited; `None` where none is.
    pub(super) fn rest(&mut self, bucket: Bucket, now: Instant) -> Option<Duration> {
        let window = self.length;
        let rest = |(log, held): (&mut Log, Option<Held>)| {
            held?;
            log.own(now, window);
            Some(log.oldest().map_or(window, |sent| (sent + window).saturating_duration_since(now)))
        };
        self.counted(bucket).into_iter().flatten().filter_map(rest).min()
    }

    /// What a call of this bucket needs a place in.
    pub(super) fn claimed(&mut self, bucket: Bucket, first: usize) -> Vec<ClaimedWindow> {
        let names = [Some("read"), Some("write"), bucket.write_name()];
        let limited = |(name, counted): (Option<&str>, Option<(&mut Log, Option<Held>)>)| {
            let held = counted?.1?;
            let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
            Some(ClaimedWindow {
                name: name?.to_owned(),
                limit: count(held.account),
                unasked: count((held.account / first).max(1)),
            })
        };
        names.into_iter().zip(self.counted(bucket)).filter_map(limited).collect()
    }

    /// Every window that is limited, and how many calls the account is held to in it.
    pub(super) fn held(&mut self) -> Vec<(String, usize)> {
        self.all().filter_map(|(name, _, held, _)| Some((name.to_owned(), held?.account))).collect()
    }

    fn all(&mut self) -> impl Iterator<Item = (&str, &mut Log, Option<Held>, Option<u32>)> {
        let (rules, ratio, share) = (&self.rules, self.ratio, self.share);
        let (reads, writes) = (("read", rules.reads, &mut self.reads), ("write", rules.writes, &mut self.writes));
        let named = self.named.iter_mut().map(|(name, log)| {
            let name: &str = name;
            (name, (rules.each_write)(name), log)
        });
        [reads, writes].into_iter().chain(named).map(move |(name, limit, log)| {
            let limit = log.told.or(limit);
            (name, log, limit.map(|limit| held_to(limit, ratio, share)), limit)
        })
    }

    /// Takes what the service has counted. Whether others use the account.
    pub(super) fn correct(&mut self, usage: Usage, now: Instant) -> bool {
        self.length = usage.window.filter(|window| *window <= LONGEST_WINDOW).unwrap_or(self.rules.window);
        self.ratio = usage.ratio.filter(|ratio| (0.05..=1.0).contains(ratio)).unwrap_or(self.rules.ratio);
        self.one_window = usage.writes.is_none();
        let window = self.length;
        self.reads.correct(now, window, usage.reads);
        if let Some(writes) = usage.writes {
            self.writes.correct(now, window, writes);
        }
        for (name, count) in usage.each_write {
            if let Some((_, log)) = self.named.iter_mut().find(|(other, _)| *other == name) {
                log.correct(now, window, count);
            } else if self.named.len() < MOST_NAMES {
                let mut log = Log::default();
                log.correct(now, window, count);
                self.named.push((Cow::Owned(name), log));
            }
        }
        let mut busy = false;
        for (_, log, held, _) in self.all().take(2) {
            busy |= held.is_some_and(|held| log.leaves(held) < held.account);
        }
        busy
    }

    /// Gives each window a credit, by how many calls it is held to, how many are ours, and how many others leave us.
    pub(super) fn set_credits(&mut self, now: Instant, credit: impl Fn(Held, usize, usize) -> usize) {
        let window = self.length;
        for (_, log, held, _) in self.all() {
            if let Some(held) = held {
                log.credit = Some(credit(held, log.own(now, window), log.leaves(held)));
            }
        }
    }

    pub(super) fn info(&mut self, now: Instant) -> Vec<WindowInfo> {
        let window = self.length;
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let mut windows: Vec<WindowInfo> = self
            .all()
            .map(|(name, log, held, limit)| WindowInfo {
                name: name.to_owned(),
                limit,
                held_to: held.map(|held| count(held.ours)),
                ours: count(log.own(now, window)),
                others: count(log.others()),
            })
            .filter(|info| info.limit.is_some() || info.ours > 0)
            .collect();
        if let Some(named) = windows.get_mut(2..) {
            named.sort_by(|a, b| a.name.cmp(&b.name));
        }
        windows
    }
}

/// How many calls the account is held to, below where the service begins to slow down, and our part of them.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a positive number below the limit
pub(super) fn held_to(limit: u32, ratio: f64, share: f64) -> Held {
    let part = |part: f64| ((f64::from(limit) * ratio * part).floor() as usize).max(1);
    Held { account: part(1.0), ours: part(share) }
}
