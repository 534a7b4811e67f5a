//! Seats of SaaS customers, and changes of many of them.

use datto_bcdr::{BulkSeatChange, DataLoss, ErrorKind, SeatAction, SeatState, SeatType};
use serde_json::json;

use crate::case::{Case, case};

const SUBSCRIPTION: &str = "Classic:Office365:654321";

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(SAAS_SEATS, "/saas/4711/seats", |bcdr| {
            let seats = bcdr.saas().seats(4711).await?;
            let billed: Vec<_> = seats.iter().map(|seat| seat.is_billable()).collect();
            assert_eq!(billed, [Some(true), Some(false), Some(false)]);
            assert_eq!(seats[0].seat_type, Some(SeatType::User));
            assert_eq!(seats[1].seat_state, Some(SeatState::Unprotected));
            assert!(seats[2].remote_id.is_empty());
        }),
        case!(SAAS_SEATS, "/saas/4711/seats", |bcdr| {
            let seats = bcdr.saas().seats(4711).seat_types([SeatType::User, SeatType::SharedMailbox]).await?;
            assert!(seats.is_empty());
        })
        .query(&[("seatType", "User,SharedMailbox")])
        .answer(json!([])),
        case!(SAAS_BULK_SEAT_CHANGE, "/saas/4711/Classic:Office365:654321/bulkSeatChange", |bcdr| {
            // An id that is given twice is sent once.
            let change = BulkSeatChange::pause(SeatType::User, ["r-1", "r-2", "r-1"]);
            let answer = bcdr.saas().bulk_seat_change(4711, SUBSCRIPTION, &change).await?;
            assert_eq!(answer[0].action, Some(SeatAction::Pause));
        })
        .body(json!({"seat_type": "User", "action_type": "Pause", "ids": ["r-1", "r-2"]})),
        case!(SAAS_BULK_SEAT_CHANGE, "/saas/4711/Classic:Office365:654321/bulkSeatChange", |bcdr| {
            let change = BulkSeatChange::license(SeatType::SharedMailbox, ["r-1"]);
            assert_eq!(bcdr.saas().bulk_seat_change(4711, SUBSCRIPTION, &change).await?.len(), 2);
        })
        .body(json!({"seat_type": "SharedMailbox", "action_type": "License", "ids": ["r-1"]}))
        .answer(json!([{"action": "License", "status": "new"}, {}])),
        case!(SAAS_BULK_SEAT_CHANGE, "/saas/4711/Classic:Office365:654321/bulkSeatChange", |bcdr| {
            let change = BulkSeatChange::unlicense(SeatType::Site, ["r-1"], DataLoss::PurgedAfter30Days);
            assert!(bcdr.saas().bulk_seat_change(4711, SUBSCRIPTION, &change).await?.is_empty());
        })
        .body(json!({"seat_type": "Site", "action_type": "Unlicense", "ids": ["r-1"]}))
        .empty(),
    ]
}

#[tokio::test]
async fn a_bulk_change_of_no_seat_or_too_many_is_not_sent() {
    let server = crate::Server::start().await;
    let bcdr = server.client();
    let many: Vec<String> = (0..101).map(|number| format!("r-{number}")).collect();
    for ids in [vec![], many, vec![String::new()]] {
        let change = BulkSeatChange::pause(SeatType::User, ids);
        let error = bcdr.saas().bulk_seat_change(4711, SUBSCRIPTION, &change).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{error}");
    }
    assert!(server.sent().await.is_empty());
    server.stop().await;
}
