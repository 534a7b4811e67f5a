//! Variables and user-defined fields as they should be, against a service that remembers.
// A test fails by panicking, and so do its helpers.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use datto_rmm::{ErrorKind, NewVariable, RmmClient, UdfUpdate, VariablePlan};
use datto_sandbox::{Fault, Sandbox};

async fn start() -> (Sandbox, RmmClient) {
    let sandbox = Sandbox::builder().devices(20).seed(7).start().await.unwrap();
    let (key, secret) = sandbox.rmm_key();
    let rmm = RmmClient::builder().url(sandbox.rmm_url()).api_key(key, secret).build().unwrap();
    sandbox.clear_journal();
    (sandbox, rmm)
}

/// How many requests were no reading.
fn writes(sandbox: &Sandbox) -> usize {
    sandbox.journal().iter().filter(|entry| entry.method != "GET" && !entry.path.contains("oauth")).count()
}

#[tokio::test(start_paused = true)]
async fn a_variable_is_written_only_where_it_differs() {
    let (sandbox, rmm) = start().await;
    let (variables, wanted) = (rmm.variables(), || NewVariable::new("licence", "1111"));
    assert_eq!(variables.plan_ensure(&wanted()).await.unwrap(), VariablePlan::Create);
    assert_eq!(writes(&sandbox), 0);
    let first = variables.ensure(wanted()).await.unwrap();
    assert_eq!((first.plan, first.seen, writes(&sandbox)), (VariablePlan::Create, true, 1));
    let again = variables.ensure(wanted()).await.unwrap();
    assert_eq!((again.plan, writes(&sandbox)), (VariablePlan::Same(first.id.clone()), 1));
    let other = variables.ensure(NewVariable::new("licence", "2222")).await.unwrap();
    assert_eq!((other.plan, other.id.clone(), writes(&sandbox)), (VariablePlan::Update(first.id.clone()), first.id, 2));

    // Created, and the answer lost: the list knows.
    sandbox.inject(Fault::status(503).after_handling().method("PUT"));
    let site = sandbox.truth().rmm.site_uids[0].clone();
    let created = rmm.sites().ensure_variable(&site, NewVariable::new("printer", "10.0.0.9")).await.unwrap();
    assert_eq!(
        rmm.sites().plan_ensure_variable(&site, &NewVariable::new("printer", "10.0.0.9")).await.unwrap(),
        VariablePlan::Same(created.id)
    );

    // Of a masked one the list shows no value, so a write without a good answer is not called done.
    variables.create(NewVariable::new("password", "old").masked(true)).await.unwrap();
    sandbox.inject(Fault::status(500).method("POST").path_contains("/variable").always());
    assert!(variables.ensure(NewVariable::new("password", "new")).await.unwrap_err().may_have_happened());
    sandbox.clear_faults();
    assert!(!variables.ensure(NewVariable::new("password", "new")).await.unwrap().seen);

    // Two of one name cannot be told apart.
    variables.create(NewVariable::new("double", "a")).await.unwrap();
    variables.create(NewVariable::new("double", "b")).await.unwrap();
    assert_eq!(variables.ensure(NewVariable::new("double", "c")).await.unwrap_err().kind(), ErrorKind::Conflict);
}

#[tokio::test(start_paused = true)]
async fn fields_are_written_only_where_they_differ() {
    let (sandbox, rmm) = start().await;
    let uid = sandbox.truth().rmm.computers[0].clone();
    let wanted = || UdfUpdate::new().set(3, "Lab").set(250, "x").clear(299);
    let written = rmm.devices().ensure_udfs(&uid, wanted()).await.unwrap();
    assert!(written.len() >= 2, "{written:?}");
    let before = writes(&sandbox);
    assert!(rmm.devices().ensure_udfs(&uid, wanted()).await.unwrap().is_empty());
    assert_eq!(writes(&sandbox), before);
    let written = rmm.devices().ensure_udfs(&uid, wanted().set(3, "Office")).await.unwrap();
    assert_eq!(written.ordinals().collect::<Vec<_>>(), [3]);
    let error = rmm.devices().ensure_udfs(&uid, UdfUpdate::new().set(301, "x")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}
