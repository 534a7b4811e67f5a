//! The stories of assets: what happened to each, from which both the answers and the truth are told.

use super::truth::AssetCase;
use crate::random::Random;

pub(crate) const HOUR: i64 = 3_600;
pub(crate) const DAY: i64 = 24 * HOUR;
/// How many runs an asset lists (guess: the length is not known).
pub(crate) const RUNS_LISTED: usize = 10;

/// One backup run.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) at: i64,
    pub(crate) good: bool,
}

/// What happened to an asset; times are seconds since 1970.
#[derive(Debug, Clone, Default)]
pub(crate) struct Story {
    pub(crate) last_good: Option<i64>,
    /// Newest first; `None` where the service sends no list.
    pub(crate) runs: Option<Vec<Run>>,
    pub(crate) offsite: Option<i64>,
    pub(crate) paused: bool,
    pub(crate) archived: bool,
    /// Set where an agent tried a screenshot.
    pub(crate) screenshot: Option<Screenshot>,
    /// How many volumes are not backed up.
    pub(crate) volumes_left_out: i64,
    /// Whether good backups fail their check on the appliance.
    pub(crate) unverified: bool,
}

/// The last try to start an agent from its backup.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Screenshot {
    pub(crate) at: i64,
    pub(crate) good: bool,
}

impl Story {
    /// Tells the story of a case as it stood at `as_of`.
    ///
    /// Ages keep well away from the borders of two and of seven days: a good backup is at most 24 hours or at least 5 days old, an offsite point at most
    /// 2 days or at least 12 days. Nothing shows whether the time of an offsite point is that of the point or that of its upload, so it may be later than the last backup.
    pub(crate) fn of(case: AssetCase, as_of: i64, random: &mut Random) -> Self {
        match case {
            AssetCase::Fine => Self::fine(as_of, random),
            AssetCase::FineWithoutRuns => Self { runs: no_runs(random), ..Self::fine(as_of, random) },
            AssetCase::Stale => Self::stale(as_of, random),
            AssetCase::StaleWithoutRuns => Self { runs: no_runs(random), ..Self::stale(as_of, random) },
            AssetCase::Failing => Self::failing(as_of, random),
            AssetCase::NeverTried => Self { runs: no_runs(random), ..Self::default() },
            AssetCase::NeverSucceeded => {
                let newest = as_of - random.between(HOUR, 12 * HOUR);
                Self { runs: Some(daily(newest, 8, false)), ..Self::default() }
            }
            AssetCase::New => {
                let newest = as_of - random.between(HOUR, 6 * HOUR);
                let runs = (0..2).map(|n| Run { at: newest - n * HOUR, good: false }).collect();
                Self { runs: Some(runs), ..Self::default() }
            }
            AssetCase::Paused => Self { paused: true, ..Self::until(as_of - random.between(20 * DAY, 60 * DAY)) },
            AssetCase::Archived => Self { archived: true, ..Self::until(as_of - random.between(60 * DAY, 200 * DAY)) },
            AssetCase::NoOffsite => {
                let newest = as_of - random.between(HOUR, 20 * HOUR);
                Self { runs: Some(daily(newest, 30, true)), offsite: None, ..Self::until(newest) }
            }
            AssetCase::OffsiteOld => {
                let offsite = Some(as_of - random.between(12 * DAY, 40 * DAY));
                Self { offsite, ..Self::fine(as_of, random) }
            }
        }
    }

    /// Adds the last screenshot: of the last good backup, as a rule a good one.
    pub(crate) fn with_screenshot(mut self, random: &mut Random) -> Self {
        self.screenshot = self.last_good.map(|at| Screenshot { at: at + 600, good: !random.chance(8) });
        self
    }

    /// Adds what is seldom wrong with an agent: volumes that are left out, a check that fails, screenshots that are no longer tried.
    pub(crate) fn with_flaws(mut self, grain: u64) -> Self {
        let mut random = Random::new(grain, "flaws");
        self.volumes_left_out = if random.chance(10) { random.between(1, 3) } else { 0 };
        self.unverified = random.chance(6);
        if let Some(screenshot) = self.screenshot.as_mut().filter(|_| random.chance(8)) {
            *screenshot = Screenshot { at: screenshot.at - random.between(20 * DAY, 90 * DAY), good: true };
        }
        self
    }

    /// Whether a check of a good backup is listed, and failed.
    pub(crate) fn check(&self) -> Option<bool> {
        let newest = self.runs.iter().flatten().filter(|run| run.good).max_by_key(|run| run.at);
        newest.map(|_| self.unverified)
    }

    /// How many runs failed, of those that the service still lists.
    pub(crate) fn failures(&self) -> usize {
        self.runs.iter().flatten().filter(|run| !run.good).count()
    }

    /// The age of the first failed run that the service still lists.
    pub(crate) fn first_failure(&self) -> Option<i64> {
        self.runs.iter().flatten().filter(|run| !run.good).map(|run| run.at).min()
    }

    /// Good runs of a day each, the last of them at `newest`.
    fn until(newest: i64) -> Self {
        Self {
            last_good: Some(newest),
            runs: Some(daily(newest, RUNS_LISTED, true)),
            offsite: Some(newest),
            ..Self::default()
        }
    }

    fn fine(as_of: i64, random: &mut Random) -> Self {
        let newest = as_of - random.between(HOUR, 20 * HOUR);
        let mut story = Self { offsite: Some(newest - random.between(0, 20 * HOUR)), ..Self::until(newest) };
        let runs = story.runs.get_or_insert_default();
        if random.chance(20) {
            runs.iter_mut().skip(random.pick(&[1, 2, 4, 7])).take(1).for_each(|run| run.good = false);
        }
        if random.chance(10) {
            // The newest run failed, but a good one is less than a day old: nothing to worry about.
            runs.insert(0, Run { at: newest + 20 * 60, good: false });
            runs.truncate(RUNS_LISTED);
        }
        story
    }

    fn stale(as_of: i64, random: &mut Random) -> Self {
        if random.chance(50) {
            let newest = as_of - random.between(5 * DAY, 8 * DAY);
            Self { offsite: Some(as_of - random.between(12 * HOUR, 40 * HOUR)), ..Self::until(newest) }
        } else {
            Self::until(as_of - random.between(13 * DAY, 30 * DAY))
        }
    }

    fn failing(as_of: i64, random: &mut Random) -> Self {
        let mut story = Self::stale(as_of, random);
        let newest = as_of - random.between(10 * 60, 12 * HOUR);
        let since = story.last_good.unwrap_or(newest);
        let mut runs = daily(newest, RUNS_LISTED, false);
        runs.retain(|run| run.at > since);
        runs.extend(story.runs.take().into_iter().flatten());
        runs.truncate(RUNS_LISTED);
        Self { runs: Some(runs), ..story }
    }
}

/// Runs of a day each, newest first.
fn daily(newest: i64, count: usize, good: bool) -> Vec<Run> {
    std::iter::successors(Some(newest), |at| Some(at - DAY)).take(count).map(|at| Run { at, good }).collect()
}

/// An empty list of runs, or none.
fn no_runs(random: &mut Random) -> Option<Vec<Run>> {
    random.chance(50).then(Vec::new)
}
