//! Changes of many seats at once, and whether they took place.

use std::collections::HashMap;
use std::time::Duration;

use datto_common::internal::Answer;
use datto_common::{Cause, Error, ErrorKind, Request, Result};
use serde::Serialize;

use super::SaasApi;
use crate::{
    BulkSeatAssignment, ExternalSubscriptionId, RemoteId, SaasCustomerId, SaasSeat, SeatAction, SeatState, SeatType,
    operations,
};

/// The service takes this many ids in one call (official, as a recommendation).
const CHUNK: usize = 100;
/// How long to wait before looking whether seats have changed (observed).
const SETTLE: Duration = Duration::from_secs(20);

/// That the caller knows what [`BulkSeatChange::unlicense`] does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DataLoss {
    /// The data of the seats is purged after 30 days, and cannot be brought back.
    PurgedAfter30Days,
}

/// What to do with which seats; all of one type.
///
/// ```
/// use datto_bcdr::{BulkSeatChange, SeatType};
/// let change = BulkSeatChange::pause(SeatType::User, ["00000000-0000-4000-8000-000000000001"]);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BulkSeatChange {
    /// What the seats stand for.
    pub seat_type: SeatType,
    /// What is done.
    #[serde(rename = "action_type")]
    pub action: SeatAction,
    /// The seats, by their ids at Microsoft or Google.
    pub ids: Vec<RemoteId>,
}

impl BulkSeatChange {
    /// Protects seats. They become `Active`.
    pub fn license(seat_type: SeatType, ids: impl IntoIterator<Item = impl Into<RemoteId>>) -> Self {
        Self::new(seat_type, SeatAction::License, ids)
    }

    /// Puts seats on hold: they are still billed, and their data is kept. They become `Paused`.
    pub fn pause(seat_type: SeatType, ids: impl IntoIterator<Item = impl Into<RemoteId>>) -> Self {
        Self::new(seat_type, SeatAction::Pause, ids)
    }

    /// Ends the protection of seats. **Their data is purged after 30 days.** They become `Unprotected`.
    pub fn unlicense(
        seat_type: SeatType,
        ids: impl IntoIterator<Item = impl Into<RemoteId>>,
        confirmed: DataLoss,
    ) -> Self {
        let DataLoss::PurgedAfter30Days = confirmed;
        Self::new(seat_type, SeatAction::Unlicense, ids)
    }

    fn new(seat_type: SeatType, action: SeatAction, ids: impl IntoIterator<Item = impl Into<RemoteId>>) -> Self {
        let mut known = std::collections::HashSet::new();
        let ids = ids.into_iter().map(Into::into).filter(|id: &RemoteId| known.insert(id.clone())).collect();
        Self { seat_type, action, ids }
    }

    /// The state that the seats have afterwards (observed).
    fn goal(&self) -> SeatState {
        match self.action {
            SeatAction::Pause => SeatState::Paused,
            SeatAction::Unlicense => SeatState::Unprotected,
            SeatAction::License | SeatAction::Other(_) => SeatState::Active,
        }
    }

    fn of(&self, ids: &[RemoteId]) -> Self {
        Self { ids: ids.to_vec(), ..self.clone() }
    }
}

/// What became of one seat.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SeatOutcome {
    /// The seat.
    pub id: RemoteId,
    /// Its name, where the service lists it.
    pub name: Option<String>,
    /// Its state before.
    pub before: Option<SeatState>,
    /// Its state when it was last looked at.
    pub after: Option<SeatState>,
    /// What became of it.
    pub result: SeatResult,
}

/// What became of one seat.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum SeatResult {
    /// It was as wanted before; nothing was sent for it.
    AlreadySo,
    /// It has changed.
    Changed,
    /// It would be changed: a dry run.
    WouldChange,
    /// It was asked for and has not changed.
    NotChanged,
    /// It was not asked for, since an earlier call failed.
    NotAsked(Cause),
    /// It may have changed: the seats could not be read afterwards.
    Unknown(Cause),
    /// The customer has no such seat of this type; nothing was sent for it.
    NoSuchSeat,
}

/// What became of all seats of a change.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SeatReport {
    /// Seat by seat, in the order in which they were given.
    pub seats: Vec<SeatOutcome>,
    /// How often what was left was sent again.
    pub rounds: u32,
    /// What made it stop early.
    pub stopped_by: Option<Cause>,
}

impl SeatReport {
    /// Whether every seat is as wanted now.
    pub fn is_complete(&self) -> bool {
        self.seats.iter().all(|seat| matches!(seat.result, SeatResult::AlreadySo | SeatResult::Changed))
    }

    /// The seats that have changed.
    pub fn changed(&self) -> impl Iterator<Item = &SeatOutcome> {
        self.seats.iter().filter(|seat| seat.result == SeatResult::Changed)
    }

    /// The seats that are not as wanted, or may not be.
    pub fn unfinished(&self) -> impl Iterator<Item = &SeatOutcome> {
        self.seats.iter().filter(|seat| !matches!(seat.result, SeatResult::AlreadySo | SeatResult::Changed))
    }
}

impl SaasApi {
    /// Asks once for a change of at most 100 seats. The answer does not say which of them have changed, and often not all have:
    /// [`change_seats`](Self::change_seats) looks. Works with Seat Management 2.0 alone (official).
    ///
    /// `PUT /saas/{saasCustomerId}/{externalSubscriptionId}/bulkSeatChange` · repeatable write · observed · sending it again does no harm (observed)
    ///
    /// # Errors
    /// `InvalidInput` without seats, or with more than 100; `Api` if the service does not take the type.
    ///
    /// ```no_run
    /// # async fn run(bcdr: datto_bcdr::BcdrClient) -> datto_bcdr::Result<()> {
    /// use datto_bcdr::{BulkSeatChange, SeatType};
    /// let change = BulkSeatChange::pause(SeatType::User, ["00000000-0000-4000-8000-000000000001"]);
    /// bcdr.saas().bulk_seat_change(4711, "Classic:Office365:654321", &change).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn bulk_seat_change(
        &self,
        customer_id: impl Into<SaasCustomerId>,
        subscription_id: impl Into<ExternalSubscriptionId>,
        change: &BulkSeatChange,
    ) -> Request<Vec<BulkSeatAssignment>> {
        let (customer_id, subscription_id) = (customer_id.into(), subscription_id.into());
        let values = [customer_id.as_str(), subscription_id.as_str()];
        let call = self.core.call(&operations::SAAS_BULK_SEAT_CHANGE, values);
        call.checked(fits_one_call(change)).sending(change).read(assignments)
    }

    /// Changes any number of seats: in pieces of at most 100, then looks which have changed, and asks again for the others.
    ///
    /// ```no_run
    /// # async fn run(bcdr: datto_bcdr::BcdrClient) -> datto_bcdr::Result<()> {
    /// use datto_bcdr::{BulkSeatChange, DataLoss, SeatType};
    /// let gone = ["00000000-0000-4000-8000-000000000001"];
    /// let change = BulkSeatChange::unlicense(SeatType::User, gone, DataLoss::PurgedAfter30Days);
    /// let report = bcdr.saas().change_seats(4711, "Classic:Office365:654321", change).dry_run(true).run().await?;
    /// for seat in report.unfinished() {
    ///     println!("{}: {:?}", seat.id, seat.result);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn change_seats(
        &self,
        customer_id: impl Into<SaasCustomerId>,
        subscription_id: impl Into<ExternalSubscriptionId>,
        change: BulkSeatChange,
    ) -> ChangeSeats {
        // Observed: of 300 seats 50 to 100 changed in a round.
        let rounds = u32::try_from(change.ids.len() / 50).unwrap_or(u32::MAX).saturating_add(10);
        ChangeSeats {
            saas: self.clone(),
            customer_id: customer_id.into(),
            subscription_id: subscription_id.into(),
            change,
            dry_run: false,
            rounds,
            settle: SETTLE,
        }
    }
}

fn fits_one_call(change: &BulkSeatChange) -> Result<()> {
    if change.ids.is_empty() || change.ids.len() > CHUNK {
        let message = format!("a bulk change takes 1 to {CHUNK} seats, not {}", change.ids.len());
        let hint = "change_seats() cuts a change into pieces and looks what became of it";
        return Err(Error::new(ErrorKind::InvalidInput, message).with_hint(hint));
    }
    if change.ids.iter().any(RemoteId::is_empty) {
        return Err(Error::new(ErrorKind::InvalidInput, "a seat has an empty id"));
    }
    Ok(())
}

/// The service answers with an object, an array or nothing (observed).
fn assignments(answer: &Answer) -> Result<Vec<BulkSeatAssignment>> {
    match answer.text()?.trim_start().as_bytes().first() {
        None => Ok(Vec::new()),
        Some(b'[') => answer.json(),
        Some(_) => answer.json().map(|one| vec![one]),
    }
}

/// A change of seats that looks what became of it: [`SaasApi::change_seats`].
#[derive(Debug, Clone)]
#[must_use = "a change does nothing until it is run"]
pub struct ChangeSeats {
    saas: SaasApi,
    customer_id: SaasCustomerId,
    subscription_id: ExternalSubscriptionId,
    change: BulkSeatChange,
    dry_run: bool,
    rounds: u32,
    settle: Duration,
}

impl ChangeSeats {
    /// Reads the seats and says what would be changed, and sends no change.
    pub fn dry_run(mut self, on: bool) -> Self {
        self.dry_run = on;
        self
    }

    /// How often to send what is left at the most. Two rounds in which nothing changes end it sooner.
    pub fn rounds(mut self, rounds: u32) -> Self {
        self.rounds = rounds.max(1);
        self
    }

    /// How long to wait before looking; 20 seconds if not set.
    pub fn settle(mut self, wait: Duration) -> Self {
        self.settle = wait;
        self
    }

    /// Runs it. A failure after the first change was sent does not lose the report: it stands in it.
    ///
    /// # Errors
    /// Any failure of reading the seats at the beginning, before anything was changed; `InvalidInput` for an empty id.
    ///
    /// # Cancel safety
    /// What was sent before stays changed. Run it again: seats that are as wanted are left alone.
    pub async fn run(self) -> Result<SeatReport> {
        if self.change.ids.iter().any(RemoteId::is_empty) {
            return Err(Error::new(ErrorKind::InvalidInput, "a seat has an empty id"));
        }
        let before = self.read().await?;
        let goal = self.change.goal();
        let mut report = SeatReport { seats: Vec::new(), rounds: 0, stopped_by: None };
        for id in &self.change.ids {
            let seat = before.get(id);
            let state = seat.and_then(|seat| seat.seat_state.clone());
            let result = match (seat, &state) {
                (None, _) => SeatResult::NoSuchSeat,
                (Some(_), Some(state)) if *state == goal => SeatResult::AlreadySo,
                _ => SeatResult::WouldChange,
            };
            let name = seat.and_then(|seat| seat.name.clone());
            report.seats.push(SeatOutcome { id: id.clone(), name, before: state.clone(), after: state, result });
        }
        if !self.dry_run {
            self.rounds_of(&mut report).await;
        }
        Ok(report)
    }

    async fn rounds_of(&self, report: &mut SeatReport) {
        let (mut idle, goal) = (0, self.change.goal());
        while report.rounds < self.rounds && idle < 2 && report.stopped_by.is_none() {
            let left = left(report);
            if left.is_empty() {
                return;
            }
            report.rounds += 1;
            self.send(report, &left).await;
            if let (Some(cause), false) = (report.stopped_by.clone(), is_open(report)) {
                return give_up(report, &cause);
            }
            tokio::time::sleep(self.settle).await;
            idle = match self.read().await {
                Ok(seats) if note(report, &seats, &goal) => 0,
                Ok(_) => idle + 1,
                Err(error) => return give_up(report, &Cause::from(error)),
            };
        }
    }

    /// Asks for what is left, piece by piece. The first failure ends it: what follows would most likely fail as well.
    async fn send(&self, report: &mut SeatReport, left: &[RemoteId]) {
        for piece in left.chunks(CHUNK) {
            let change = self.change.of(piece);
            if let Err(error) =
                self.saas.bulk_seat_change(&self.customer_id, &self.subscription_id, &change).send().await
            {
                let cause = Cause::from(&error);
                report.stopped_by = Some(cause.clone());
                if error.may_have_happened() {
                    mark(report, piece, SeatResult::NotChanged);
                }
                return;
            }
            mark(report, piece, SeatResult::NotChanged);
        }
    }

    async fn read(&self) -> Result<HashMap<RemoteId, SaasSeat>> {
        let seats = self.saas.seats(&self.customer_id).seat_types([self.change.seat_type.clone()]).send().await?;
        Ok(seats.into_iter().map(|seat| (seat.remote_id.clone(), seat)).collect())
    }
}

/// The seats that are still to be changed.
fn left(report: &SeatReport) -> Vec<RemoteId> {
    let open = |seat: &&SeatOutcome| matches!(seat.result, SeatResult::WouldChange | SeatResult::NotChanged);
    report.seats.iter().filter(open).map(|seat| seat.id.clone()).collect()
}

/// Whether something was asked for whose outcome is open.
fn is_open(report: &SeatReport) -> bool {
    report.seats.iter().any(|seat| seat.result == SeatResult::NotChanged)
}

fn mark(report: &mut SeatReport, ids: &[RemoteId], result: SeatResult) {
    for seat in report.seats.iter_mut().filter(|seat| ids.contains(&seat.id)) {
        seat.result = result.clone();
    }
}

/// Notes what the seats are like now, and whether any has changed.
fn note(report: &mut SeatReport, seats: &HashMap<RemoteId, SaasSeat>, goal: &SeatState) -> bool {
    let (mut moved, stopped_by) = (false, report.stopped_by.clone());
    for seat in &mut report.seats {
        if !matches!(seat.result, SeatResult::WouldChange | SeatResult::NotChanged) {
            continue;
        }
        seat.after = seats.get(&seat.id).and_then(|now| now.seat_state.clone());
        if seat.after.as_ref() == Some(goal) {
            seat.result = SeatResult::Changed;
            moved = true;
        } else if let (SeatResult::WouldChange, Some(cause)) = (&seat.result, &stopped_by) {
            seat.result = SeatResult::NotAsked(cause.clone());
        }
    }
    moved
}

/// The seats could not be read: what was asked for may have happened.
fn give_up(report: &mut SeatReport, cause: &Cause) {
    for seat in &mut report.seats {
        seat.result = match &seat.result {
            SeatResult::NotChanged => SeatResult::Unknown(cause.clone()),
            SeatResult::WouldChange => SeatResult::NotAsked(cause.clone()),
            _ => continue,
        };
        if matches!(seat.result, SeatResult::Unknown(_)) {
            seat.after = None;
        }
    }
    report.stopped_by = Some(cause.clone());
}
