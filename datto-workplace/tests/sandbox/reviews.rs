//! The review of what projects hold.

use datto_sandbox::{Fault, Sandbox};
use datto_workplace::Measured;
use datto_workplace::metrics::{Found, content_review, storage_bill};

use crate::start;

fn ids(found: &Measured<Vec<Found>>) -> Vec<i64> {
    let mut ids: Vec<i64> =
        found.known().unwrap_or_else(|| panic!("{found:?}")).iter().filter_map(|item| item.id.as_i64()).collect();
    ids.sort_unstable();
    ids
}

#[tokio::test]
async fn a_review_finds_what_was_planted() {
    let (sandbox, files) = start(Sandbox::builder().workplace_projects(4)).await;
    let truth = sandbox.truth().workplace;
    let review = content_review(&files).await;
    let review = review.known().unwrap_or_else(|| panic!("{review:?}"));
    assert_eq!(review.files, Measured::Known(truth.files as u64));
    assert_eq!(review.folders, Measured::Known(truth.folders as u64));
    assert_eq!(review.bytes, Measured::Known(truth.bytes));
    assert_eq!(ids(&review.not_in_cloud), truth.not_in_cloud);
    assert_eq!(ids(&review.public_links), truth.public_links);
    assert_eq!(ids(&review.old_locks), truth.locked_long_ago);
    for (project, planted) in review.projects.iter().zip(&truth.projects) {
        assert_eq!((project.name.as_str(), project.bytes.known()), (planted.name.as_str(), Some(&planted.bytes)));
    }
}

#[tokio::test]
async fn a_review_with_gaps_says_so() {
    let (sandbox, files) = start(Sandbox::builder().workplace_projects(2)).await;
    let truth = sandbox.truth().workplace;
    let (lost, kept) = (&truth.projects[0], &truth.projects[1]);
    sandbox.inject(Fault::status(403).path_contains(format!("/file/{}/files", lost.id)).always());
    let review = content_review(&files).await;
    let Measured::Partial { value: review, .. } = review else { panic!("{review:?}") };
    assert!(matches!(review.projects[0].bytes, Measured::Unknown { .. }));
    let Measured::Partial { value: bytes, missing } = &review.bytes else { panic!("{:?}", review.bytes) };
    assert_eq!(*bytes, kept.bytes);
    assert!(missing[0].what.contains(&lost.name), "{missing:?}");
    assert!(review.bytes.to_string().starts_with("at least"));

    sandbox.inject(Fault::status(500).path_contains("/file/projects").always());
    assert!(matches!(content_review(&files).await, Measured::Unknown { .. }));
}

#[tokio::test]
async fn nothing_shared_is_nothing_looked_at() {
    let (_sandbox, files) = start(Sandbox::builder().workplace_nothing_shared(true)).await;
    let review = content_review(&files).await;
    assert!(
        matches!(&review, Measured::Unknown { cause } if cause.message.contains("no project is shared")),
        "{review:?}"
    );
    // One that is shared and empty is zero.
    let (sandbox, files) = start(Sandbox::builder().workplace_projects(1)).await;
    let id = sandbox.truth().workplace.projects[0].id;
    for item in files.folders().children(id).await.unwrap() {
        files.files().delete(&item).await.unwrap();
    }
    assert_eq!(content_review(&files).await.known().unwrap().bytes, Measured::Known(0));
}

#[tokio::test]
async fn a_bill_has_a_line_for_each_project_and_is_never_a_wrong_zero() {
    let (sandbox, files) = start(Sandbox::builder().workplace_projects(3)).await;
    let truth = sandbox.truth().workplace;
    let bill = storage_bill(&files).await;
    let bill = bill.known().unwrap_or_else(|| panic!("{bill:?}"));
    assert_eq!((&bill.files, &bill.bytes), (&Measured::Known(truth.files as u64), &Measured::Known(truth.bytes)));
    let lines: Vec<_> = bill.lines.iter().map(|line| (line.project.as_i64(), line.bytes.clone())).collect();
    let planted: Vec<_> =
        truth.projects.iter().map(|project| (Some(project.id), Measured::Known(project.bytes))).collect();
    assert_eq!(lines, planted);
    assert!(bill.month.len() == 7 && bill.as_of.to_string().starts_with(&bill.month));

    sandbox.inject(Fault::status(403).path_contains(format!("/file/{}/files", truth.projects[0].id)).always());
    let bill = storage_bill(&files).await;
    assert!(matches!(&bill, Measured::Partial { .. }), "{bill:?}");
    assert!(matches!(bill.value().unwrap().lines[0].bytes, Measured::Unknown { .. }));
    assert!(bill.value().unwrap().bytes.to_string().starts_with("at least"));

    let (_sandbox, files) = start(Sandbox::builder().workplace_nothing_shared(true)).await;
    let bill = storage_bill(&files).await;
    assert!(matches!(&bill, Measured::Unknown { cause } if cause.message.contains("no project is shared")), "{bill:?}");
}
