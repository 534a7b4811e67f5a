//! Uploads and downloads.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use datto_sandbox::{CreatedShape, Fault, Sandbox};
use datto_workplace::{Conflict, ErrorKind, Upload, Verified, WorkplaceClient};
use proptest::prelude::*;

use crate::{bytes, calls, client, project, sandbox, start};

const SIZES: &[usize] = &[0, 1, 255, 65_536, 262_144, 262_145, 1_000_003, 33_554_432];

#[tokio::test]
async fn files_of_every_size_make_the_round_trip() {
    let (sandbox, files) = sandbox().await;
    let folder = tempfile::tempdir().unwrap();
    for size in SIZES {
        let content = bytes(*size);
        let path = folder.path().join(format!("{size} ü.bin"));
        std::fs::write(&path, &content).unwrap();
        let uploaded = files.files().upload(project(&sandbox), Upload::file(&path)).await.unwrap();
        assert_eq!((uploaded.size, uploaded.verified), (*size as u64, Verified::Md5));
        let stored = sandbox.workplace_tree()[&format!("Finance/{size} ü.bin")].clone();
        assert_eq!((stored.size, &stored.md5), (*size as u64, &uploaded.md5));

        let back = folder.path().join("back");
        let done = files.files().download(&uploaded).to_file(&back).await.unwrap();
        assert_eq!((done.size, done.verified, &done.md5), (*size as u64, Verified::Md5, &uploaded.md5));
        assert!(std::fs::read(&back).unwrap() == content, "{size}");
        assert!(files.files().download(&uploaded).bytes().await.unwrap() == content, "{size}");
        let mut written = Vec::new();
        files.files().download(&uploaded).to_writer(&mut written).await.unwrap();
        assert!(written == content, "{size}");
        let mut stream = files.files().download(&uploaded).stream().await.unwrap();
        let mut streamed = 0;
        while let Some(piece) = stream.next().await {
            streamed += piece.unwrap().len();
        }
        assert_eq!((streamed, stream.verified()), (*size, Some(Verified::Md5)));
    }
}

#[tokio::test]
async fn the_answer_says_what_was_verified() {
    let plain = Sandbox::builder().workplace_plain_hashes(false);
    let (sandbox, files) = start(plain.workplace_content_headers(false)).await;
    let uploaded = files.files().upload(project(&sandbox), Upload::bytes("a.bin", "abc")).unchecked().await.unwrap();
    assert_eq!((uploaded.verified, uploaded.md5.as_str()), (Verified::Nothing, "900150983cd24fb0d6963f7d28e17f72"));
    let id = &uploaded.id;
    let download = || files.files().download(id);
    assert_eq!(download().bytes().await.unwrap().downloaded.verified, Verified::Md5);
    assert_eq!(download().unchecked().bytes().await.unwrap().downloaded.verified, Verified::Nothing);
    assert_eq!(download().md5(uploaded.md5.to_uppercase()).bytes().await.unwrap().downloaded.verified, Verified::Md5);
    let error = download().md5("00000000000000000000000000000000").bytes().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Integrity);

    let (sandbox, files) = crate::sandbox().await;
    let uploaded = files.files().upload(project(&sandbox), Upload::bytes("a.bin", "abc")).await.unwrap();
    let sized = files.files().download(&uploaded).unchecked().bytes().await.unwrap();
    assert_eq!(sized.downloaded.verified, Verified::Size);
    sandbox.clear_journal();
    let item = files.files().get(&uploaded).await.unwrap();
    files.files().download(&item).of(&item).bytes().await.unwrap();
    assert_eq!(sandbox.journal().len(), 2);
}

#[tokio::test]
async fn an_upload_is_told_apart_from_the_file_that_has_its_name() {
    for shape in [CreatedShape::ValueFileId, CreatedShape::ResultId, CreatedShape::BareFileId, CreatedShape::Empty] {
        let (sandbox, files) = start(Sandbox::builder().workplace_created(shape)).await;
        let id = project(&sandbox);
        let upload = |text: &'static str, conflict| {
            files.files().upload(id, Upload::bytes("a b.txt", text).conflict(conflict)).send()
        };
        let first = upload("one", Conflict::MakeUnique).await.unwrap();
        let second = upload("two", Conflict::MakeUnique).await.unwrap();
        let third = upload("three", Conflict::Replace).await.unwrap();
        assert_eq!(
            (first.name.as_str(), second.name.as_str(), third.name.as_str()),
            ("a b.txt", "a b (1).txt", "a b.txt")
        );
        assert!(!first.id.is_empty() && first.id == third.id && first.id != second.id, "{shape:?}");
        assert_eq!((second.verified, third.verified), (Verified::Md5, Verified::Md5));
        assert!(files.files().download(&second).bytes().await.unwrap() == "two");
    }
}

#[tokio::test]
async fn what_is_sent_is_the_form_that_is_known() {
    let (sandbox, files) = sandbox().await;
    let name = "a \"quoted\" ü;name.pdf";
    let upload = Upload::bytes(name, "content").content_type("application/pdf");
    let uploaded = files.files().upload(project(&sandbox), upload).await.unwrap();
    assert_eq!(uploaded.name, name);
    let journal = sandbox.journal();
    let entry = journal.iter().find(|entry| entry.method == "POST").unwrap();
    let body = String::from_utf8(entry.body.clone()).unwrap();
    assert_eq!(entry.header("content-length"), Some(body.len().to_string().as_str()));
    assert_eq!(entry.header("transfer-encoding"), None);
    let place = |text: &str| body.find(text).unwrap_or_else(|| panic!("{text} in {body}"));
    assert!(place("name=\"partData\"") < place("name=\"fileName\""));
    assert!(place("name=\"fileName\"") < place("name=\"makeUnique\"\r\n\r\ntrue\r\n"));
}

#[tokio::test]
async fn an_upload_is_sent_once_whatever_is_not_answered() {
    let (sandbox, files) = sandbox().await;
    let id = project(&sandbox);
    for fault in [Fault::status(500), Fault::status(502), Fault::status(504), Fault::reset(), Fault::html()] {
        sandbox.clear_journal();
        sandbox.inject(fault.method("POST").after_handling());
        let error = files.files().upload(id, Upload::bytes("once.txt", "x")).await.unwrap_err();
        assert!(error.may_have_happened(), "{error}");
        assert_eq!(calls(&sandbox, "POST", "/files"), 1);
    }
    sandbox.inject(Fault::reset().method("POST").after_handling());
    let error = files.files().upload(id, Upload::bytes("once.txt", "x")).await.unwrap_err();
    assert_eq!(error.marker(), Some("once.txt"));
}

#[tokio::test]
async fn a_refusal_for_going_too_fast_is_waited_for_and_the_upload_sent_again() {
    let (sandbox, files) = sandbox().await;
    let id = project(&sandbox);
    let too_fast = || Fault::status(429).header("X-Rate-Limit-Retry-After-Seconds", "0").method("POST");
    sandbox.inject(too_fast());
    let uploaded = files.files().upload(id, Upload::bytes("a.bin", bytes(2_000_000))).await.unwrap();
    assert_eq!((uploaded.verified, calls(&sandbox, "POST", "/files")), (Verified::Md5, 2));
    // A stream cannot be read twice: it says so.
    sandbox.inject(too_fast());
    let stream = futures_util::stream::iter([Ok::<_, std::io::Error>(bytes::Bytes::from_static(b"abc"))]);
    let error = files.files().upload(id, Upload::stream("s.bin", 3, stream)).await.unwrap_err();
    assert!(!error.may_have_happened() && error.hint().unwrap().contains("file"), "{error}");
}

#[tokio::test]
async fn a_stream_of_known_length_is_uploaded_and_one_of_another_length_is_not() {
    let (sandbox, files) = sandbox().await;
    let id = project(&sandbox);
    let pieces = |count: usize| {
        futures_util::stream::iter((0..count).map(|_| Ok::<_, std::io::Error>(bytes::Bytes::from(bytes(100_000)))))
    };
    let uploaded = files.files().upload(id, Upload::stream("s.bin", 1_000_000, pieces(10))).await.unwrap();
    assert_eq!((uploaded.size, uploaded.verified), (1_000_000, Verified::Md5));
    for count in [9, 11] {
        let error = files.files().upload(id, Upload::stream("t.bin", 1_000_000, pieces(count))).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io, "{error}");
        assert!(!error.may_have_happened());
    }
    let error = files.files().upload(id, Upload::stream("t.bin", u64::MAX, pieces(1))).await.unwrap_err();
    assert!(error.kind() == ErrorKind::InvalidInput && !error.may_have_happened(), "{error}");
    let failing = futures_util::stream::iter([Err::<bytes::Bytes, _>(std::io::Error::other("the disk is gone"))]);
    let error = files.files().upload(id, Upload::stream("t.bin", 10, failing)).await.unwrap_err();
    assert!(error.to_string().contains("the disk is gone") && !error.may_have_happened(), "{error}");
    assert!(!sandbox.workplace_tree().contains_key("Finance/t.bin"));
    let error = files.files().upload(id, Upload::file("/nonexistent/file.bin")).await.unwrap_err();
    assert!(error.kind() == ErrorKind::Io && !error.may_have_happened(), "{error}");
}

#[tokio::test]
async fn progress_is_told_up_to_the_end() {
    let (sandbox, files) = sandbox().await;
    let told = Arc::new(Mutex::new(Vec::new()));
    let keep = |told: &Arc<Mutex<Vec<_>>>| {
        let told = Arc::clone(told);
        move |progress| told.lock().unwrap().push(progress)
    };
    let upload = Upload::bytes("p.bin", bytes(1_000_000));
    let uploaded = files.files().upload(project(&sandbox), upload).progress(keep(&told)).await.unwrap();
    let steps = std::mem::take(&mut *told.lock().unwrap());
    assert!(steps.len() >= 4 && steps.is_sorted_by_key(|step| step.transferred));
    assert!(steps.iter().all(|step| step.total == Some(1_000_000)));
    assert_eq!(steps.last().unwrap().transferred, 1_000_000);
    files.files().download(&uploaded).progress(keep(&told)).bytes().await.unwrap();
    assert_eq!(told.lock().unwrap().last().unwrap().transferred, 1_000_000);
}

#[tokio::test]
async fn a_transfer_that_stands_still_is_given_up() {
    let (sandbox, files) = sandbox().await;
    let uploaded = files.files().upload(project(&sandbox), Upload::bytes("a.bin", bytes(500_000))).await.unwrap();
    sandbox.inject(Fault::drip(Duration::from_secs(30)).path_contains("/data").always());
    let stall = Duration::from_millis(200);
    let error = files.files().download(&uploaded).stall_timeout(stall).bytes().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    sandbox.clear_faults();
    sandbox.inject(Fault::stall().method("POST"));
    let upload = Upload::bytes("b.bin", bytes(500_000));
    let error = files.files().upload(project(&sandbox), upload).stall_timeout(stall).await.unwrap_err();
    assert!(error.is_timeout() && error.may_have_happened(), "{error}");
    // A slow transfer that moves is none: 10 pieces, each well within the limit, together far beyond it.
    sandbox.inject(Fault::drip(Duration::from_millis(60)).path_contains("/data"));
    files.files().download(&uploaded).stall_timeout(Duration::from_millis(400)).bytes().await.unwrap();
}

#[tokio::test]
async fn a_redirect_is_an_error_that_names_the_host() {
    let (sandbox, files) = sandbox().await;
    let uploaded = files.files().upload(project(&sandbox), Upload::bytes("a.bin", "abc")).await.unwrap();
    sandbox.inject(Fault::redirect("https://storage.example.com/x?token=1").path_contains("/data"));
    let error = files.files().download(&uploaded).bytes().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Redirect);
    assert!(error.to_string().contains("storage.example.com") && !error.to_string().contains("token"), "{error}");
}

#[tokio::test]
async fn a_page_of_html_is_no_file() {
    let (sandbox, files) = sandbox().await;
    let uploaded = files.files().upload(project(&sandbox), Upload::bytes("a.pdf", "abc")).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("a.pdf");
    std::fs::write(&target, "old").unwrap();
    sandbox.inject(Fault::html().path_contains("/data").always());
    let error = files.files().download(&uploaded).to_file(&target).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Integrity);
    // Without a hash to compare with, the type tells it.
    let bare = format!(r#"{{"id":{},"name":"a.pdf"}}"#, uploaded.id);
    sandbox.clear_faults();
    sandbox.inject(Fault::html().path_contains("/data").always());
    sandbox.inject(Fault::body("application/json", bare).path_contains(format!("/file/{}", uploaded.id)).always());
    let error = files.files().download(&uploaded).to_file(&target).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
    assert_eq!(std::fs::read_to_string(&target).unwrap(), "old");
}

#[tokio::test]
async fn what_cannot_be_downloaded_says_why() {
    let (sandbox, files) = sandbox().await;
    let id = sandbox.truth().workplace.not_in_cloud[0];
    let error = files.files().download(id).bytes().await.unwrap_err();
    assert!(error.hint().unwrap().contains("not in its cloud"), "{error}");
    let error = files.files().download(project(&sandbox)).bytes().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let folder = tempfile::tempdir().unwrap();
    let uploaded = files.files().upload(project(&sandbox), Upload::bytes("a", "abc")).await.unwrap();
    for (target, kind) in
        [(folder.path().to_owned(), ErrorKind::InvalidInput), (folder.path().join("missing/a"), ErrorKind::Io)]
    {
        let error = files.files().download(&uploaded).to_file(&target).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_file_that_is_not_what_was_expected_is_not_downloaded_over_and_over() {
    let (sandbox, files) = sandbox().await;
    let uploaded = files.files().upload(project(&sandbox), Upload::bytes("a", "abc")).await.unwrap();
    let error = files.files().download(&uploaded).md5("0".repeat(32)).bytes().await.unwrap_err();
    assert_eq!((error.kind(), calls(&sandbox, "GET", "/data")), (ErrorKind::Integrity, 2));
}

/// Wherever a future is wanted an upload is one, and one that was polled is not sent again.
#[tokio::test]
async fn an_upload_is_a_future() {
    let (sandbox, files) = sandbox().await;
    let (api, id) = (files.files(), project(&sandbox));
    let all = ["a", "b", "c"].map(|name| api.upload(id, Upload::bytes(name, "abc")));
    assert!(futures_util::future::try_join_all(all).await.is_ok());
    assert!(tokio::spawn(api.upload(id, Upload::bytes("d", "abc"))).await.unwrap().is_ok());
    sandbox.clear_journal();
    let mut upload = api.upload(id, Upload::bytes("e", "abc"));
    assert!(futures_util::future::poll_immediate(&mut upload).await.is_none());
    assert_eq!(upload.send().await.unwrap().name, "e");
    assert_eq!(calls(&sandbox, "POST", "/files"), 1);
}

#[tokio::test]
async fn contents_are_not_printed() {
    let (sandbox, files) = sandbox().await;
    let upload = Upload::bytes("a", "private words");
    assert!(!format!("{upload:?}").contains("private"));
    let uploaded = files.files().upload(project(&sandbox), upload).await.unwrap();
    assert!(!format!("{:?}", files.files().download(&uploaded).bytes().await.unwrap()).contains("private"));
}

/// The names in a folder.
fn names(folder: &std::path::Path) -> Vec<String> {
    let mut names: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_cancelled_download_leaves_the_old_file_and_nothing_else() {
    let (sandbox, files) = sandbox().await;
    let uploaded = files.files().upload(project(&sandbox), Upload::bytes("a.bin", bytes(500_000))).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("a.bin");
    std::fs::write(&target, "old").unwrap();
    sandbox.inject(Fault::drip(Duration::from_millis(50)).path_contains("/data"));
    let received = Arc::new(AtomicU64::new(0));
    let seen = Arc::clone(&received);
    let download = files
        .files()
        .download(&uploaded)
        .progress(move |progress| seen.store(progress.transferred, Ordering::Relaxed))
        .to_file(&target);
    tokio::time::timeout(Duration::from_millis(250), download).await.unwrap_err();
    let received = received.load(Ordering::Relaxed);
    assert!(received > 0 && received < 500_000, "cancelled in the middle: {received}");
    assert_eq!(names(folder.path()), ["a.bin"]);
    assert_eq!(std::fs::read_to_string(&target).unwrap(), "old");
}

/// A failure of the service, chosen by numbers.
fn fault(kind: u8, size: usize) -> Fault {
    match kind % 8 {
        0 => Fault::status(500),
        1 => Fault::status(503),
        2 => Fault::status(429).header("X-Rate-Limit-Retry-After-Seconds", "0"),
        3 => Fault::reset(),
        4 => Fault::cut_body(size / 2),
        5 => Fault::html(),
        6 => Fault::status(404),
        _ => Fault::body("application/octet-stream", "other bytes"),
    }
}

async fn download_through_faults(
    files: &WorkplaceClient,
    sandbox: &Sandbox,
    size: usize,
    kinds: &[u8],
    cancel: Option<u64>,
) {
    let content = bytes(size);
    let upload = Upload::bytes("a.bin", content.clone()).conflict(Conflict::Replace);
    let uploaded = files.files().upload(project(sandbox), upload).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("a.bin");
    std::fs::write(&target, "old").unwrap();
    for kind in kinds {
        sandbox.inject(fault(*kind, size).path_contains("/data"));
    }
    let download = files.files().download(&uploaded).to_file(&target);
    let outcome = match cancel {
        Some(micros) => tokio::time::timeout(Duration::from_micros(micros), download).await.ok(),
        None => Some(download.await),
    };
    let now = std::fs::read(&target).unwrap();
    assert!(now == b"old" || now == content, "half a file of {} bytes", now.len());
    if let Some(Ok(_)) = outcome {
        assert!(now == content);
    }
    if let Some(Err(_)) = outcome {
        assert!(now == b"old");
    }
    assert_eq!(names(folder.path()), ["a.bin"]);
    // A repeated run finishes.
    sandbox.clear_faults();
    files.files().download(&uploaded).to_file(&target).await.unwrap();
    assert!(std::fs::read(&target).unwrap() == content);
}

async fn upload_through_faults(files: &WorkplaceClient, sandbox: &Sandbox, size: usize, kinds: &[(u8, bool)]) {
    let content = bytes(size);
    let folder = files.paths().ensure("Finance/Through faults").await.unwrap();
    for (kind, after) in kinds {
        let fault = fault(*kind, size).method("POST");
        // A 4xx comes in place of the work, not after it.
        let after = *after && !matches!(kind % 8, 2 | 6);
        sandbox.inject(if after { fault.after_handling() } else { fault });
    }
    let outcome = files.files().upload(&folder, Upload::bytes("a.bin", content.clone())).await;
    sandbox.clear_faults();
    let md5 = |path: &str| sandbox.workplace_tree().get(path).map(|item| (item.size, item.md5.clone()));
    let stored: Vec<_> =
        sandbox.workplace_tree().into_keys().filter(|path| path.starts_with("Finance/Through faults/")).collect();
    match outcome {
        Ok(uploaded) => {
            let path = format!("Finance/Through faults/{}", uploaded.name);
            assert_eq!(md5(&path), Some((size as u64, uploaded.md5)));
        }
        Err(error) if stored.is_empty() => drop(error),
        Err(error) => assert!(error.may_have_happened(), "stored {stored:?}, but: {error}"),
    }
    assert!(stored.len() <= 1, "stored twice: {stored:?}");
    files.folders().delete(&folder).await.unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_file_is_lost_or_half_written_whatever_fails(
        size in prop_oneof![Just(0_usize), 1_usize..5_000, 200_000_usize..600_000],
        kinds in prop::collection::vec(any::<u8>(), 0..6),
        cancel in prop::option::of(0_u64..20_000),
    ) {
        run(async |sandbox, files| download_through_faults(&files, &sandbox, size, &kinds, cancel).await);
    }

    #[test]
    fn no_upload_is_stored_twice_or_half_whatever_fails(
        size in prop_oneof![Just(0_usize), 1_usize..5_000, 1_100_000_usize..1_300_000],
        kinds in prop::collection::vec(any::<(u8, bool)>(), 0..5),
    ) {
        run(async |sandbox, files| upload_through_faults(&files, &sandbox, size, &kinds).await);
    }
}

/// Each case has a runtime and a sandbox of its own.
fn run(case: impl AsyncFnOnce(Sandbox, WorkplaceClient)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let sandbox = Sandbox::builder().devices(1).workplace_projects(1).seed(7).start().await.unwrap();
        let files = client(&sandbox);
        case(sandbox, files).await;
    });
}
