//! The two calls that write.

use datto_bcdr::{Bandwidth, BcdrClient, BulkSeatChange, RemoteId, SeatType, operations as op};
use datto_examples::tour::Tour;

use crate::reads::Found;

/// Calls what writes, if that was asked for.
pub(crate) async fn visit(bcdr: &BcdrClient, tour: &mut Tour, found: &Found) {
    if tour.takes(&op::SAAS_BULK_SEAT_CHANGE) {
        // To protect a seat that is protected changes nothing.
        let (seat_type, id) = match &found.seat {
            Some(seat) => (seat.seat_type.clone().unwrap_or(SeatType::User), seat.remote_id.clone()),
            None => (SeatType::User, RemoteId::from("00000000-0000-4000-8000-000000000000")),
        };
        let change = BulkSeatChange::license(seat_type, [id]);
        let answer = bcdr.saas().bulk_seat_change(&found.customer, &found.subscription, &change).await;
        tour.note(&op::SAAS_BULK_SEAT_CHANGE, answer, |answer| format!("{} records", answer.len()));
    }
    if tour.takes(&op::DTC_SET_BANDWIDTH) {
        let answer = bcdr.dtc().set_bandwidth(found.dtc_asset.as_str(), Bandwidth::new(false)).await;
        tour.note(&op::DTC_SET_BANDWIDTH, answer, |settings| format!("agent {}", settings.agent_uuid));
    }
}
