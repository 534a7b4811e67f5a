//! Who waits, in order. A caller that waits holds a ticket and nothing else: no lock, and no place that another could not take.
//!
//! Each ticket says when it will look again, a heartbeat later at the most. One that has not looked a while after that belongs to a
//! future that nobody polls: it leaves the line, and finds its turn again when somebody polls it. So such a future costs the others
//! a moment, not their lives.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use crate::Bucket;

/// How often who waits looks at the least.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(1);
/// How late a ticket may look before those behind it go past.
pub(super) const PATIENCE: Duration = Duration::from_millis(250);

/// How often such tickets are looked for.
const SWEEP: Duration = Duration::from_millis(50);

/// One waiting caller.
#[derive(Debug, Clone, Copy)]
struct Ticket {
    number: u64,
    /// When it will look at the latest.
    due: Instant,
}

/// The lines, one for each bucket, so that a write at its own limit holds up no other.
#[derive(Debug, Default)]
pub(super) struct Lines {
    lines: Vec<(Bucket, VecDeque<Ticket>)>,
    last_number: u64,
    swept: Option<Instant>,
    /// All were woken, and none has said since when it will look again.
    all_awake: bool,
}

impl Lines {
    /// How many wait before this ticket, or in the whole line where the caller has none yet.
    pub(super) fn ahead(&self, bucket: Bucket, number: Option<u64>) -> usize {
        let Some((_, line)) = self.lines.iter().find(|(other, _)| *other == bucket) else { return 0 };
        match number {
            None => line.len(),
            Some(number) => line.partition_point(|ticket| ticket.number < number),
        }
    }

    /// The caller will look again by then. Gives the number of its ticket.
    pub(super) fn wait(&mut self, bucket: Bucket, number: Option<u64>, due: Instant) -> u64 {
        self.all_awake = false;
        let number = number.unwrap_or_else(|| {
            self.last_number += 1;
            self.last_number
        });
        let place = match self.lines.iter().position(|(other, _)| *other == bucket) {
            Some(place) => place,
            None => {
                self.lines.push((bucket, VecDeque::new()));
                self.lines.len() - 1
            }
        };
        if let Some((_, line)) = self.lines.get_mut(place) {
            let place = line.partition_point(|ticket| ticket.number < number);
            match line.get_mut(place).filter(|ticket| ticket.number == number) {
                Some(ticket) => ticket.due = due,
                None => line.insert(place, Ticket { number, due }),
            }
        }
        number
    }

    /// The caller goes, or goes away.
    pub(super) fn leave(&mut self, bucket: Bucket, number: u64) {
        if let Some((_, line)) = self.lines.iter_mut().find(|(other, _)| *other == bucket) {
            let place = line.partition_point(|ticket| ticket.number < number);
            if line.get(place).is_some_and(|ticket| ticket.number == number) {
                line.remove(place);
            }
        }
    }

    /// Everybody is to look now. Whether anybody has to be woken for that.
    pub(super) fn wake(&mut self, now: Instant) -> bool {
        if self.all_awake {
            return false;
        }
        self.all_awake = true;
        for ticket in self.lines.iter_mut().flat_map(|(_, line)| line) {
            ticket.due = ticket.due.min(now);
        }
        true
    }

    /// Drops the tickets of those that did not look when they said they would. Whether there were any.
    pub(super) fn sweep(&mut self, now: Instant) -> bool {
        if self.swept.is_some_and(|swept| now.saturating_duration_since(swept) < SWEEP) {
            return false;
        }
        self.swept = Some(now);
        let mut any = false;
        for (_, line) in &mut self.lines {
            let before = line.len();
            line.retain(|ticket| now.saturating_duration_since(ticket.due) < PATIENCE);
            any |= line.len() < before;
        }
        any
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.lines.iter().map(|(_, line)| line.len()).sum()
    }
}
