//! The question for all processes that count together: one asks, and the store keeps the answer.

use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::lease::Store;
use super::question::{Asked, credit, credit_unanswered};
use super::rules::{Count, Usage};
use super::shared::{ClaimedWindow, CountedWindow, News};
use super::window::Held;
use super::windows::held_to;

/// So few calls that are not ours may be ours, counted a moment later. Where there are more, one part in so many of a limit is left to
/// others: a program that finds no room does not show that it wants any.
const NOISE: usize = 2;
const LEFT: usize = 10;
/// How often in a window it is asked: while others use the account, and while they do not.
const TIMES_BUSY: u32 = 12;
const TIMES_CALM: u32 = 4;
/// A service that would not say is not asked for this long.
const REFUSED: Duration = Duration::from_secs(300);

/// What a process knows of the windows when it asks.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) windows: Vec<(String, usize)>,
    pub(super) length: Duration,
    pub(super) ratio: f64,
}

/// Asks, and tells the store what follows. The answer is for this process too.
pub(super) fn ask_for_all(ask: BoxFuture<'static, Asked>, store: Store, known: Known) -> BoxFuture<'static, Asked> {
    async move {
        let answer = ask.await;
        if let Some(news) = news(&answer, &store, &known).await {
            store.tell(&news).await;
        }
        answer
    }
    .boxed()
}

async fn news(answer: &Asked, store: &Store, known: &Known) -> Option<News> {
    let unchanged = |credit: &dyn Fn(usize) -> usize, good_for: Duration| {
        let window = |(name, held): &(String, usize)| counted(name, *held, None, credit(*held));
        News::Counted { windows: known.windows.iter().map(window).collect(), good_for }
    };
    match answer {
        Asked::Told(usage) => told(usage, store, known).await,
        Asked::Refused => Some(unchanged(&|_| u32::MAX as usize, REFUSED)),
        Asked::NotSent | Asked::Unanswered | Asked::TooFast(_) | Asked::Blocked => {
            let credit = |held: usize| credit_unanswered(Held { account: held, ours: held }, true);
            Some(unchanged(&credit, known.length / TIMES_BUSY))
        }
    }
}

async fn told(usage: &Usage, store: &Store, known: &Known) -> Option<News> {
    let ratio = usage.ratio.filter(|ratio| (0.05..=1.0).contains(ratio)).unwrap_or(known.ratio);
    let named = usage.each_write.iter().map(|(name, count)| (name.as_str(), *count));
    let windows: Vec<(&str, Count)> =
        [("read", usage.reads)].into_iter().chain(usage.writes.map(|writes| ("write", writes))).chain(named).collect();
    let held = |count: &Count| held_to(count.limit, ratio, 1.0).account;
    let claimed = |(name, count): &(&str, Count)| ClaimedWindow {
        name: (*name).to_owned(),
        limit: u32::try_from(held(count)).unwrap_or(u32::MAX),
        unasked: 0,
    };
    let length = usage.window.unwrap_or(known.length);
    let taken = store.take(&store.claim(windows.iter().map(claimed).collect(), length, 0)).await?;
    let mut busy = false;
    let all = windows.iter().zip(taken.counted).map(|((name, count), own)| {
        let (account, own) = (held(count), own as usize);
        let questions = if *name == "read" { taken.questions as usize } else { 0 };
        let others = (count.used as usize).saturating_sub(own + questions);
        let others = if others <= NOISE { 0 } else { (others + account / LEFT).min(account) };
        busy |= others > 0;
        let credit = credit(Held { account, ours: account }, own, account - others);
        counted(name, account, Some(others), credit)
    });
    let windows = all.collect();
    Some(News::Counted { windows, good_for: length / if busy { TIMES_BUSY } else { TIMES_CALM } })
}

fn counted(name: &str, limit: usize, others: Option<usize>, credit: usize) -> CountedWindow {
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    CountedWindow { name: name.to_owned(), limit: count(limit), others: others.map(count), credit: count(credit) }
}
