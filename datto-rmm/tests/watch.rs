//! Alerts as events, against a service that lives.
// A test fails by panicking, and so do its helpers.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::collections::BTreeSet;

use datto_rmm::watch::{AlertChange, AlertWatch};
use datto_rmm::{AlertUid, ErrorKind, RmmClient, Timestamp};
use datto_sandbox::{Change, Fault, Sandbox};

async fn start() -> (Sandbox, RmmClient) {
    let sandbox = Sandbox::builder().devices(300).seed(7).start().await.unwrap();
    let (key, secret) = sandbox.rmm_key();
    let rmm = RmmClient::builder().url(sandbox.rmm_url()).api_key(key, secret).build().unwrap();
    (sandbox, rmm)
}

/// Polls, and tells the uids of one kind of event.
async fn poll(watch: &mut AlertWatch, rmm: &RmmClient, what: AlertChange) -> BTreeSet<String> {
    let read = watch.look(rmm).await.unwrap();
    let events = watch.apply(&read, &Timestamp::now());
    events.into_iter().filter(|event| event.what == what).map(|event| event.alert_uid.to_string()).collect()
}

#[tokio::test(start_paused = true)]
async fn what_is_raised_and_resolved_is_told_once() {
    let (sandbox, rmm) = start().await;
    let mut watch = AlertWatch::default();
    let open: BTreeSet<String> = sandbox.truth().rmm.open_alerts.into_iter().collect();
    assert_eq!(poll(&mut watch, &rmm, AlertChange::Opened).await, open);
    assert!(poll(&mut watch, &rmm, AlertChange::Opened).await.is_empty());

    let device = sandbox.truth().rmm.computers[0].clone();
    let raised = sandbox.change(Change::RaiseAlert { device: Some(device), priority: None, class: None }).unwrap();
    let ended = open.first().unwrap().clone();
    sandbox.change(Change::ResolveAlert { alert: Some(ended.clone()) }).unwrap();
    let read = watch.look(&rmm).await.unwrap();
    let events = watch.apply(&read, &Timestamp::now());
    let told: Vec<_> = events.iter().map(|event| (event.what, event.alert_uid.as_str())).collect();
    assert_eq!(told, [(AlertChange::Opened, raised.as_str()), (AlertChange::Resolved, ended.as_str())]);

    // A list that cannot be read resolves nothing, and a page that is lost on the way neither.
    sandbox.inject(Fault::status(503).path_contains("/alerts/open").always());
    assert!(watch.look(&rmm).await.is_err());
    sandbox.clear_faults();
    sandbox.inject(
        Fault::body("application/json", r#"{"pageDetails":{"nextPageUrl":null},"alerts":[]}"#)
            .path_contains("/alerts/open"),
    );
    assert!(poll(&mut watch, &rmm, AlertChange::Resolved).await.is_empty());
    assert_eq!(watch.open().count(), sandbox.truth().rmm.open_alerts.len());
}

#[tokio::test(start_paused = true)]
async fn many_are_resolved_and_looked_at_where_no_answer_came() {
    let (sandbox, rmm) = start().await;
    let uids: Vec<AlertUid> =
        sandbox.truth().rmm.open_alerts.iter().take(12).map(|uid| AlertUid::from(uid.as_str())).collect();
    let (late, refused) = (uids[3].clone(), uids[5].clone());
    // Taken, and the answer is lost each time.
    sandbox.inject(Fault::body("text/html", "<html>busy</html>").path_contains(format!("{late}/resolve")).always());
    sandbox.change(Change::ResolveAlert { alert: Some(late.to_string()) }).unwrap();
    sandbox.inject(Fault::status(403).path_contains(format!("{refused}/resolve")).always());
    let outcomes = rmm.alerts().resolve_many(uids.clone(), 4).await;
    assert_eq!(outcomes.iter().map(|(uid, _)| uid.clone()).collect::<Vec<_>>(), uids);
    for (uid, outcome) in outcomes {
        match outcome {
            Ok(()) => assert_ne!(uid, refused),
            Err(error) => assert_eq!((uid, error.kind()), (refused.clone(), ErrorKind::Forbidden)),
        }
    }
    let open = sandbox.truth().rmm.open_alerts;
    assert!(uids.iter().filter(|uid| **uid != refused).all(|uid| !open.contains(&uid.to_string())));
}
