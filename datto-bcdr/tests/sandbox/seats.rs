//! Seats of SaaS customers, and changes of many of them.

use datto_bcdr::{
    BcdrClient, BulkSeatChange, DataLoss, ErrorKind, Measured, SeatReport, SeatResult, SeatState, SeatType,
    SeatsOrCounts,
};
use datto_sandbox::{BcdrTruth, BulkAnswer, Fault, Sandbox};

use crate::{fault, start};

#[tokio::test(start_paused = true)]
async fn seats_come_whole_or_by_type_or_as_a_count() {
    let (sandbox, bcdr, truth) = start(Sandbox::builder().seed(2).saas_customers(3).seats_time_out_above(100)).await;
    let (large, small) = (truth.saas_customers[0], truth.saas_customers[1]);
    let exact = bcdr.saas().seats_or_counts(small).await.unwrap();
    assert!(matches!(&exact, SeatsOrCounts::Exact(seats) if seats.len() == truth.saas_seats[&small]), "{exact:?}");

    sandbox.clear_journal();
    let error = bcdr.saas().seats(large).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Server, 1));
    assert!(error.hint().unwrap().contains("seats_or_counts"));
    assert_eq!(sandbox.journal().len(), 1, "a 504 is not asked for again");

    let per_type = bcdr.saas().seats_or_counts(large).await.unwrap();
    assert!(
        matches!(&per_type, SeatsOrCounts::PerType(seats) if seats.len() == truth.saas_seats[&large]),
        "{per_type:?}"
    );

    sandbox.inject(fault(Fault::status(504), &format!("/saas/{large}/seats")).always());
    let counts = bcdr.saas().seats_or_counts(large).await.unwrap();
    let SeatsOrCounts::CountsOnly { seats_used, listed, missing } = &counts else { panic!("{counts:?}") };
    assert!(*seats_used > 0 && listed.is_empty() && missing.len() == SeatType::KNOWN.len());
    let by_type = exact.billed_by_type().known().cloned().unwrap();
    assert_eq!(by_type.values().sum::<u64>(), truth.saas_seats_billed[&small]);
    assert!(counts.billed_by_type().value().is_none(), "no seat was listed");
    // One meaning, whichever way they came.
    assert_eq!(exact.billed(), Measured::Known(truth.saas_seats_billed[&small]));
    for seats in [&per_type, &counts] {
        assert_eq!(seats.billed(), Measured::Known(truth.saas_seats_billed[&large]));
    }

    sandbox.inject(fault(Fault::status(503), "/saas/domains").always());
    assert_eq!(bcdr.saas().seats_or_counts(large).await.unwrap_err().kind(), ErrorKind::Server);
}

/// A customer, its subscription, and the ids of its active users.
async fn users(bcdr: &BcdrClient, truth: &BcdrTruth) -> (i64, String, Vec<String>) {
    let customer = truth.saas_customers[0];
    let domains = bcdr.saas().domains().await.unwrap();
    let domain = domains.iter().find(|domain| domain.saas_customer_id.as_i64() == Some(customer)).unwrap();
    let seats = bcdr.saas().seats(customer).seat_types([SeatType::User]).await.unwrap();
    let active = seats.iter().filter(|seat| seat.seat_state == Some(SeatState::Active));
    (customer, domain.external_subscription_id.to_string(), active.map(|seat| seat.remote_id.to_string()).collect())
}

fn results(report: &SeatReport, wanted: &SeatResult) -> usize {
    report.seats.iter().filter(|seat| seat.result == *wanted).count()
}

#[tokio::test(start_paused = true)]
async fn seats_are_changed_until_all_are_and_each_is_reported() {
    for answer in [BulkAnswer::Object, BulkAnswer::Array, BulkAnswer::Empty] {
        let builder = Sandbox::builder().seed(5).saas_customers(2).bulk_change_percent(60).bulk_answer(answer);
        let (sandbox, bcdr, truth) = start(builder).await;
        let (customer, subscription, mut ids) = users(&bcdr, &truth).await;
        assert!(ids.len() > 100, "more than one piece");
        ids.push("nobody".to_owned());
        let change = || BulkSeatChange::pause(SeatType::User, &ids);

        sandbox.clear_journal();
        let dry = bcdr.saas().change_seats(customer, &subscription, change()).dry_run(true).run().await.unwrap();
        assert_eq!(results(&dry, &SeatResult::WouldChange), ids.len() - 1);
        assert!(sandbox.journal().iter().all(|entry| entry.method == "GET"));

        let report = bcdr.saas().change_seats(customer, &subscription, change()).run().await.unwrap();
        assert_eq!(report.changed().count(), ids.len() - 1);
        assert_eq!(report.unfinished().map(|seat| seat.id.as_str()).collect::<Vec<_>>(), ["nobody"]);
        assert!(report.rounds > 1 && report.stopped_by.is_none(), "{report:?}");

        let again = bcdr.saas().change_seats(customer, &subscription, change()).run().await.unwrap();
        assert_eq!((results(&again, &SeatResult::AlreadySo), again.rounds), (ids.len() - 1, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_that_fails_midway_says_which_seats_were_changed() {
    let (sandbox, bcdr, truth) = start(Sandbox::builder().seed(5).saas_customers(2)).await;
    let (customer, subscription, ids) = users(&bcdr, &truth).await;
    let gone = || BulkSeatChange::unlicense(SeatType::User, &ids, DataLoss::PurgedAfter30Days);
    sandbox.inject(fault(Fault::status(403), "bulkSeatChange").after(1).always());
    let report = bcdr.saas().change_seats(customer, &subscription, gone()).run().await.unwrap();
    assert_eq!(report.changed().count(), 100);
    let not_asked = report.seats.iter().filter(|seat| matches!(seat.result, SeatResult::NotAsked(_))).count();
    assert_eq!(not_asked, ids.len() - 100);
    assert_eq!(report.stopped_by.as_ref().unwrap().kind, ErrorKind::Forbidden);

    // The seats cannot be read afterwards: what was sent may have happened.
    sandbox.clear_faults();
    sandbox.inject(fault(Fault::status(500), "/seats").after(1).always());
    let change = BulkSeatChange::license(SeatType::User, &ids);
    let report = bcdr.saas().change_seats(customer, &subscription, change).run().await.unwrap();
    let unknown = report.seats.iter().filter(|seat| matches!(seat.result, SeatResult::Unknown(_))).count();
    assert_eq!((unknown, report.changed().count()), (100, 0), "{report:?}");
    assert!(!report.is_complete());

    // The first call is refused: nothing was asked for, and nobody waits for it.
    sandbox.clear_faults();
    sandbox.inject(fault(Fault::status(403), "bulkSeatChange").always());
    let change = BulkSeatChange::pause(SeatType::User, &ids);
    let started = tokio::time::Instant::now();
    let report = bcdr.saas().change_seats(customer, &subscription, change).run().await.unwrap();
    assert!(report.seats.iter().all(|seat| matches!(seat.result, SeatResult::NotAsked(_))), "{report:?}");
    assert!(started.elapsed().as_secs() < 20);

    // Nothing was changed if they cannot be read before.
    sandbox.clear_faults();
    sandbox.clear_journal();
    sandbox.inject(fault(Fault::status(500), "/seats").always());
    let change = BulkSeatChange::pause(SeatType::User, &ids);
    bcdr.saas().change_seats(customer, &subscription, change).run().await.unwrap_err();
    assert!(sandbox.journal().iter().all(|entry| entry.method == "GET"));
}
