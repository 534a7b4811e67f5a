//! What transfers do to the files of this machine, and what they leave alone.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use datto_sandbox::{CreatedShape, Fault, Sandbox};
use datto_workplace::{Conflict, ErrorKind, FileId, Upload, WorkplaceClient};

use crate::{bytes, calls, project, sandbox, start};

/// The names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

async fn stored(sandbox: &Sandbox, files: &WorkplaceClient, content: Vec<u8>) -> FileId {
    files.files().upload(project(sandbox), Upload::bytes("a.bin", content)).await.unwrap().id
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::os::unix::net::UnixListener;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    fn pipe(path: &Path) {
        assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
    }

    #[tokio::test]
    async fn what_is_replaced_keeps_its_permissions_and_what_is_new_has_those_of_the_user() {
        let (sandbox, files) = sandbox().await;
        let id = stored(&sandbox, &files, bytes(300_000)).await;
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("a.bin");
        let download = || files.files().download(&id).to_file(&target);
        for (before, after) in [(0o600, 0o600), (0o640, 0o640), (0o755, 0o755), (0o4755, 0o755)] {
            fs::write(&target, "old").unwrap();
            fs::set_permissions(&target, fs::Permissions::from_mode(before)).unwrap();
            download().await.unwrap();
            assert_eq!(mode(&target), after, "{before:o}");
        }
        fs::remove_file(&target).unwrap();
        download().await.unwrap();
        let ordinary = folder.path().join("ordinary");
        fs::write(&ordinary, "x").unwrap();
        assert_eq!(mode(&target), mode(&ordinary));
    }

    #[tokio::test]
    async fn a_download_is_for_its_owner_alone_until_it_is_whole() {
        let (sandbox, files) = sandbox().await;
        let id = stored(&sandbox, &files, bytes(300_000)).await;
        let folder = tempfile::tempdir().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (look, place) = (Arc::clone(&seen), folder.path().to_owned());
        let download = files.files().download(&id).progress(move |_| {
            for name in names(&place) {
                look.lock().unwrap().push((name.clone(), mode(&place.join(name))));
            }
        });
        download.to_file(folder.path().join("a.bin")).await.unwrap();
        let seen = seen.lock().unwrap();
        assert!(!seen.is_empty() && seen.iter().all(|(name, mode)| name.ends_with(".datto-part") && *mode == 0o600));
    }

    #[tokio::test]
    async fn only_plain_files_are_replaced_and_nothing_is_sent_otherwise() {
        let (sandbox, files) = sandbox().await;
        let id = stored(&sandbox, &files, b"abc".to_vec()).await;
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("file"), "old").unwrap();
        symlink(path("file"), path("link")).unwrap();
        symlink("nowhere", path("dangling")).unwrap();
        pipe(&path("pipe"));
        let _socket = UnixListener::bind(path("socket")).unwrap();
        fs::create_dir(path("folder")).unwrap();
        let before = names(folder.path());
        sandbox.clear_journal();
        for (target, what) in [
            (path("link"), "symbolic link"),
            (path("dangling"), "symbolic link"),
            (path("pipe"), "pipe"),
            (path("socket"), "socket"),
            (path("folder"), "folder"),
            ("/dev/null".into(), "device"),
        ] {
            let error = files.files().download(&id).to_file(&target).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{what}");
            assert!(error.message().contains(what), "{error}");
        }
        assert!(sandbox.journal().is_empty());
        assert_eq!((names(folder.path()), fs::read_to_string(path("file")).unwrap().as_str()), (before, "old"));
    }

    #[tokio::test]
    async fn what_is_no_plain_file_is_not_uploaded_and_nothing_is_sent() {
        let (sandbox, files) = sandbox().await;
        let folder = tempfile::tempdir().unwrap();
        pipe(&folder.path().join("pipe"));
        for path in [folder.path().join("pipe"), folder.path().to_owned(), "/dev/zero".into()] {
            let upload = files.files().upload(project(&sandbox), Upload::file(&path).name("x")).send();
            let error = tokio::time::timeout(Duration::from_secs(5), upload).await.expect("at once").unwrap_err();
            assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{error}");
            assert!(!error.may_have_happened() && error.operation() == Some("files.upload"), "{error}");
        }
        assert!(sandbox.journal().is_empty());
        // A link to a plain file is read as that file.
        fs::write(folder.path().join("file"), "abc").unwrap();
        symlink("file", folder.path().join("link")).unwrap();
        let upload = Upload::file(folder.path().join("link"));
        assert_eq!(files.files().upload(project(&sandbox), upload).await.unwrap().name, "link");
    }
}

#[tokio::test]
async fn a_download_ends_when_more_comes_than_the_file_has() {
    let (sandbox, files) = start(Sandbox::builder().workplace_content_headers(false)).await;
    let id = stored(&sandbox, &files, b"abc".to_vec()).await;
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("a.bin");
    fs::write(&target, "old").unwrap();
    sandbox.inject(Fault::endless("more ").path_contains("/data").always());
    let most = Arc::new(AtomicU64::new(0));
    let seen = Arc::clone(&most);
    let download = || {
        let seen = Arc::clone(&seen);
        files
            .files()
            .download(&id)
            .progress(move |progress| _ = seen.fetch_max(progress.transferred, Ordering::Relaxed))
    };
    for error in [
        download().to_file(&target).await.unwrap_err(),
        download().bytes().await.unwrap_err(),
        download().to_writer(&mut tokio::io::sink()).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Integrity, "{error}");
    }
    assert!(most.load(Ordering::Relaxed) <= 3, "{most:?} bytes were taken");
    assert_eq!(
        (names(folder.path()), fs::read_to_string(&target).unwrap().as_str()),
        (vec!["a.bin".to_owned()], "old")
    );
}

#[tokio::test]
async fn the_name_of_an_upload_is_the_one_that_is_stored() {
    // The answer tells the id alone, and the name is made unique.
    let (sandbox, files) = sandbox().await;
    let folder = files.paths().ensure("Finance/Names").await.unwrap();
    let upload = |unchecked: bool| {
        let upload = files.files().upload(&folder, Upload::bytes("report.pdf", "abc"));
        if unchecked { upload.unchecked() } else { upload }
    };
    upload(false).await.unwrap();
    for (unchecked, name) in [(false, "report (1).pdf"), (true, "report (2).pdf")] {
        let next = sandbox.workplace_tree().values().map(|item| item.id).max().unwrap() + 1;
        let bare = format!(r#"{{"fileID":{next}}}"#);
        sandbox.inject(Fault::body("application/json", bare).method("POST").after_handling());
        let uploaded = upload(unchecked).await.unwrap();
        assert_eq!((uploaded.id.as_i64(), uploaded.name.as_str()), (Some(next), name));
        sandbox.clear_faults();
    }
    // Told nowhere: no name rather than the one that was asked for.
    sandbox.inject(Fault::body("application/json", r#"{"fileID":7}"#).method("POST").after_handling());
    sandbox.inject(Fault::status(403).method("GET").path_contains("/file/7").always());
    let uploaded = upload(false).await.unwrap();
    assert_eq!((uploaded.id.as_i64(), uploaded.name.as_str()), (Some(7), ""));
    assert!(uploaded.unseen.is_some());
    sandbox.clear_faults();
    // A copy likewise, whatever the answer tells.
    for shape in [CreatedShape::ValueFileId, CreatedShape::Empty] {
        let (_sandbox, files) = start(Sandbox::builder().workplace_created(shape)).await;
        let source = files.paths().resolve("Finance/Odd names/no extension").await.unwrap();
        let folder = files.paths().ensure("Finance/Names").await.unwrap();
        for name in ["no extension", "no extension (1)"] {
            assert_eq!(files.files().copy_via_client(&source, &folder).await.unwrap().name, name, "{shape:?}");
        }
    }
}

#[tokio::test]
async fn a_slow_reader_is_no_stall_and_any_limit_can_be_set() {
    let (sandbox, files) = sandbox().await;
    let id = stored(&sandbox, &files, bytes(400_000)).await;
    // A piece each 250 ms, and a reader that asks 50 ms before it comes: it waits for less than the limit, though nothing came for longer.
    sandbox.inject(Fault::drip(Duration::from_millis(250)).path_contains("/data"));
    let mut stream = files.files().download(&id).stall_timeout(Duration::from_millis(175)).stream().await.unwrap();
    let mut received = 0;
    loop {
        tokio::time::sleep(Duration::from_millis(200)).await;
        match stream.next().await {
            Some(piece) => received += piece.unwrap().len(),
            None => break,
        }
    }
    assert_eq!(received, 400_000);
    for stall in [Duration::MAX, Duration::from_secs(u64::MAX)] {
        assert!(files.files().download(&id).stall_timeout(stall).bytes().await.is_ok());
        let upload = Upload::bytes("b.bin", "abc").conflict(Conflict::Replace);
        assert!(files.files().upload(project(&sandbox), upload).stall_timeout(stall).await.is_ok());
    }
}

/// Precisely after the limit: not after up to twice of it.
#[tokio::test(start_paused = true)]
async fn a_stall_is_seen_when_its_time_is_over() {
    let (sandbox, files) = sandbox().await;
    let id = stored(&sandbox, &files, bytes(10)).await;
    let limit = Duration::from_secs(100);
    let near = |started: tokio::time::Instant| {
        let elapsed = started.elapsed();
        assert!(elapsed >= limit && elapsed < limit + Duration::from_secs(5), "{elapsed:?}");
    };
    sandbox.inject(Fault::stall().method("POST"));
    let started = tokio::time::Instant::now();
    let upload = files.files().upload(project(&sandbox), Upload::bytes("b.bin", bytes(2_000_000))).stall_timeout(limit);
    assert!(upload.await.unwrap_err().is_timeout());
    near(started);
    sandbox.inject(Fault::stall().path_contains("/data").always());
    let started = tokio::time::Instant::now();
    let error = files.files().download(&id).unchecked().stall_timeout(limit).stream().await.map(drop).unwrap_err();
    assert!(error.is_timeout() && error.attempts() == 4);
    let elapsed = started.elapsed();
    assert!(elapsed >= limit * 4 && elapsed < limit * 4 + Duration::from_secs(5), "{elapsed:?}");
}

/// Transfers that are given up at random points: the files of both sides are whole, and no others are there.
#[test]
fn transfers_that_are_cancelled_anywhere_leave_files_as_they_were() {
    let count: u64 = std::env::var("DATTO_CANCELLED").ok().and_then(|count| count.parse().ok()).unwrap_or(1_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let (sandbox, files) = sandbox().await;
        let content = bytes(200_000);
        let id = stored(&sandbox, &files, content.clone()).await;
        let folder = tempfile::tempdir().unwrap();
        let mut whole = 0;
        for round in 0..count {
            let target = folder.path().join(format!("{}.bin", round % 7));
            let old = format!("old {round}");
            fs::write(&target, &old).unwrap();
            let patience = Duration::from_micros(round * 7_919 % 9_000);
            let download = files.files().download(&id).to_file(&target);
            let outcome = tokio::time::timeout(patience, download).await;
            // At once, not some time later: nothing is done behind the back of who gave up.
            let now = fs::read(&target).unwrap();
            match outcome {
                Ok(done) => {
                    done.unwrap();
                    whole += 1;
                    assert!(now == content);
                }
                Err(_) => assert!(now == old.as_bytes() || now == content, "half a file of {} bytes", now.len()),
            }
            assert!(names(folder.path()).iter().all(|name| name.ends_with(".bin")), "{:?}", names(folder.path()));
        }
        assert!(whole > 0 && whole < count, "{whole} of {count} were not cancelled");
        for round in 0..count / 10 {
            let upload = Upload::bytes("up.bin", content.clone()).conflict(Conflict::Replace);
            let patience = Duration::from_micros(round * 7_919 % 9_000);
            let _ = tokio::time::timeout(patience, files.files().upload(project(&sandbox), upload).send()).await;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        for (path, item) in sandbox.workplace_tree().iter().filter(|(path, _)| path.contains("up")) {
            assert!(!path.ends_with("up.bin") || item.size == 200_000, "{path}: {}", item.size);
        }
        assert_eq!(calls(&sandbox, "DELETE", "/file"), 0);
    });
}
