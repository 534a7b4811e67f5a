//! The mirror as the program that a newcomer runs: whatever fails and wherever it is stopped, nothing is lost and the next run finishes.
// A test fails by panicking, and so do its helpers.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use datto_examples::demo;
use datto_sandbox::{Fault, NameRule, Sandbox, SandboxBuilder};
use datto_workplace::{Upload, WorkplaceClient};
use proptest::prelude::*;

fn command(sandbox: Option<&Sandbox>, arguments: &[&str]) -> tokio::process::Command {
    let test = std::env::current_exe().unwrap();
    let examples = test.parent().unwrap().parent().unwrap().join("examples");
    let program = examples.join(format!("workplace_sync{}", std::env::consts::EXE_SUFFIX));
    let mut command = tokio::process::Command::new(program);
    command.args(arguments).env_clear().current_dir(std::env::temp_dir()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if let Some(sandbox) = sandbox {
        let settings = demo::settings(sandbox);
        for name in ["DATTO_WORKPLACE_URL", "DATTO_WORKPLACE_CLIENT_ID", "DATTO_WORKPLACE_CLIENT_SECRET"] {
            command.env(name, settings.get(name).unwrap());
        }
    }
    command
}

/// A sandbox and a folder of this machine.
struct Ground {
    sandbox: Sandbox,
    folder: tempfile::TempDir,
}

impl Ground {
    async fn new() -> Self {
        Self::of(Sandbox::builder()).await
    }

    async fn of(sandbox: SandboxBuilder) -> Self {
        let sandbox = sandbox.devices(1).workplace_projects(1).seed(7).start().await.unwrap();
        Self { sandbox, folder: tempfile::tempdir().unwrap() }
    }

    fn client(&self) -> WorkplaceClient {
        let (id, secret) = self.sandbox.workplace_key();
        WorkplaceClient::builder().endpoint(self.sandbox.workplace_url()).credentials(id, secret).build().unwrap()
    }

    fn local(&self) -> PathBuf {
        self.folder.path().join("mirror")
    }

    async fn pull(&self, from: &str, more: &[&str]) -> Output {
        let local = self.local();
        let arguments = [&["pull", from, local.to_str().unwrap()], more].concat();
        command(Some(&self.sandbox), &arguments).output().await.unwrap()
    }

    async fn push(&self, to: &str, more: &[&str]) -> Output {
        let local = self.local();
        let arguments = [&["push", local.to_str().unwrap(), to], more].concat();
        command(Some(&self.sandbox), &arguments).output().await.unwrap()
    }

    /// The files below a folder of Workplace: path and MD5.
    fn remote(&self, below: &str) -> BTreeMap<String, String> {
        let tree = self.sandbox.workplace_tree();
        let files = tree.into_iter().filter(|(_, item)| !item.folder);
        files
            .filter_map(|(path, item)| Some((path.strip_prefix(below)?.strip_prefix('/')?.to_owned(), item.md5)))
            .collect()
    }

    fn here(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        read(&self.local(), "", &mut files);
        files
    }
}

fn read(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let entry = entry.unwrap();
        let path = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() {
            read(&entry.path(), &format!("{path}/"), files);
        } else {
            files.insert(path, fs::read(entry.path()).unwrap());
        }
    }
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[tokio::test]
async fn a_pull_brings_everything_once_and_then_what_changed() {
    let ground = Ground::new().await;
    let output = ground.pull("Finance/Odd names", &[]).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(text(&output).starts_with("9 moved, 0 the same"), "{}", text(&output));
    assert_eq!(ground.here().keys().collect::<Vec<_>>(), ground.remote("Finance/Odd names").keys().collect::<Vec<_>>());

    ground.sandbox.clear_journal();
    let output = ground.pull("Finance/Odd names", &[]).await;
    assert!(text(&output).starts_with("0 moved, 9 the same"), "{}", text(&output));
    assert!(!ground.sandbox.journal().iter().any(|entry| entry.path.ends_with("/data")));

    // One is touched without a change, one is changed in place, one is gone.
    fs::write(ground.local().join("no extension"), fs::read(ground.local().join("no extension")).unwrap()).unwrap();
    let changed = ground.local().join("Report.txt");
    let mut bytes = fs::read(&changed).unwrap();
    bytes[0] ^= 1;
    fs::write(&changed, bytes).unwrap();
    fs::remove_file(ground.local().join(".hidden")).unwrap();
    let output = ground.pull("Finance/Odd names", &[]).await;
    assert!(text(&output).starts_with("2 moved, 7 the same, 0 failed"), "{}", text(&output));
}

#[tokio::test]
async fn what_is_not_in_the_cloud_is_left_out_and_told() {
    let ground = Ground::new().await;
    let output = ground.pull("Finance", &["--delete"]).await;
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).contains("left out: States/uploading.docx: it is not in the cloud now"), "{}", text(&output));
    assert_eq!(ground.here().len() + 2, ground.remote("Finance").len());
    assert!(ground.local().join("Empty").is_dir());
}

#[tokio::test]
async fn a_push_arrives_and_a_second_one_moves_nothing() {
    let ground = Ground::new().await;
    fs::create_dir_all(ground.local().join("deep/empty")).unwrap();
    fs::write(ground.local().join("deep/50% ü#?.txt"), "one").unwrap();
    fs::write(ground.local().join("zero"), "").unwrap();
    let output = ground.push("Finance/New/Backup", &[]).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert_eq!(ground.remote("Finance/New/Backup").keys().collect::<Vec<_>>(), ["deep/50% ü#?.txt", "zero"]);
    assert!(ground.sandbox.workplace_tree().contains_key("Finance/New/Backup/deep/empty"));

    let output = ground.push("Finance/New/Backup", &[]).await;
    assert!(text(&output).starts_with("0 moved, 2 the same"), "{}", text(&output));
    fs::write(ground.local().join("zero"), "not any more").unwrap();
    let output = ground.push("Finance/New/Backup", &[]).await;
    assert!(text(&output).starts_with("1 moved, 1 the same"), "{}", text(&output));
    assert_eq!(ground.remote("Finance/New/Backup").len(), 2, "replaced, not stored beside");
}

#[tokio::test]
async fn deletions_follow_the_source_and_stop_at_the_guard() {
    let ground = Ground::new().await;
    ground.pull("Finance/Odd names", &[]).await;
    fs::create_dir_all(ground.local().join("old/deep")).unwrap();
    fs::write(ground.local().join("old/deep/mine.txt"), "mine").unwrap();
    let output = ground.pull("Finance/Odd names", &[]).await;
    assert!(output.status.success() && ground.here().contains_key("old/deep/mine.txt"));
    let output = ground.pull("Finance/Odd names", &["--delete", "--max-delete", "5"]).await;
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).contains("10 percent of the files would go"), "{}", text(&output));
    let output = ground.pull("Finance/Odd names", &["--delete", "--dry-run"]).await;
    assert!(text(&output).contains("would delete: old/deep/mine.txt"), "{}", text(&output));
    assert!(ground.here().contains_key("old/deep/mine.txt"));
    let output = ground.pull("Finance/Odd names", &["--delete"]).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(!ground.local().join("old").exists());

    // An empty source, and one that cannot be listed, are no reason to delete.
    for (from, code) in [("Finance/Empty", Some(2)), ("Finance/Nowhere", Some(1))] {
        let output = ground.pull(from, &["--delete", "--max-delete", "100"]).await;
        assert_eq!((output.status.code(), ground.here().len()), (code, 9), "{}", text(&output));
    }
    ground.sandbox.inject(Fault::status(403).method("GET").path_contains("/files").after(2).always());
    let output = ground.pull("Finance/2026", &["--delete", "--max-delete", "100"]).await;
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    assert!(text(&output).contains("could not be listed completely") && ground.here().len() >= 9, "{}", text(&output));
}

#[tokio::test]
async fn a_push_deletes_what_is_gone_here_and_only_that() {
    let ground = Ground::new().await;
    fs::create_dir_all(ground.local().join("a/b")).unwrap();
    for name in ["keep", "keep too", "a/b/gone"] {
        fs::write(ground.local().join(name), name).unwrap();
    }
    ground.push("Finance/Backup", &[]).await;
    fs::remove_dir_all(ground.local().join("a")).unwrap();
    let output = ground.push("Finance/Backup", &["--delete", "--max-delete", "50"]).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert_eq!(ground.remote("Finance/Backup").keys().collect::<Vec<_>>(), ["keep", "keep too"]);
    assert!(!ground.sandbox.workplace_tree().contains_key("Finance/Backup/a"));
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_leads_nowhere() {
    let ground = Ground::new().await;
    let outside = tempfile::tempdir().unwrap();
    fs::create_dir_all(ground.local()).unwrap();
    std::os::unix::fs::symlink(outside.path(), ground.local().join("2026")).unwrap();
    let output = ground.pull("Finance", &["--delete", "--max-delete", "100"]).await;
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    assert!(fs::symlink_metadata(ground.local().join("2026")).unwrap().is_symlink());
}

#[tokio::test]
async fn it_pushes_to_no_other_host_unless_it_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = command(None, &["push", folder.path().to_str().unwrap(), "Finance"]);
    command.env("DATTO_WORKPLACE_URL", "https://eu.workplace.datto.com/2/api/v1");
    command.env("DATTO_WORKPLACE_CLIENT_ID", "id-1").env("DATTO_WORKPLACE_CLIENT_SECRET", "secret-1");
    let output = command.output().await.unwrap();
    assert!(text(&output).contains("--on-a-real-account eu.workplace.datto.com"), "{}", text(&output));
    assert_eq!(output.status.code(), Some(1));
}

fn fault(kind: u8) -> Fault {
    match kind % 7 {
        0 => Fault::status(500),
        1 => Fault::status(429).header("X-Rate-Limit-Retry-After-Seconds", "0"),
        2 => Fault::reset(),
        3 => Fault::cut_body(100),
        4 => Fault::html(),
        5 => Fault::status(403),
        // So slow that the program is killed in the middle.
        _ => Fault::drip(Duration::from_millis(10)),
    }
}

/// Old and new content of the files; `None` where one is not there.
type Contents = BTreeMap<String, (Option<Vec<u8>>, Vec<u8>)>;

async fn seed(ground: &Ground) -> Contents {
    let files = ground.client();
    let mut contents = Contents::new();
    for number in 0..6_u8 {
        let name = format!("{}file {number}.bin", if number % 2 == 0 { "" } else { "below/" });
        let new = vec![number; 1_000 + usize::from(number) * 100_000];
        let old = (number % 3 != 0).then(|| vec![255; 500]);
        let folder =
            files.paths().ensure(if number % 2 == 0 { "Finance/Sync" } else { "Finance/Sync/below" }).await.unwrap();
        files.files().upload(&folder, Upload::bytes(format!("file {number}.bin"), new.clone())).await.unwrap();
        if let Some(old) = &old {
            let place = ground.local().join(&name);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::write(place, old).unwrap();
        }
        contents.insert(name, (old, new));
    }
    fs::create_dir_all(ground.local()).unwrap();
    fs::write(ground.local().join("mine.txt"), "mine").unwrap();
    contents
}

/// Runs a pull under faults, kills it after a while, and runs it again.
async fn pull_through_faults(faults: &[(u8, u8)], stop_after: Option<u64>) {
    let ground = Ground::new().await;
    let contents = seed(&ground).await;
    for (kind, after) in faults {
        ground.sandbox.inject(fault(*kind).after((*after % 20).into()));
    }
    let local = ground.local();
    let mut child = command(Some(&ground.sandbox), &["pull", "Finance/Sync", local.to_str().unwrap()]).spawn().unwrap();
    if let Some(millis) = stop_after {
        if tokio::time::timeout(Duration::from_millis(millis), child.wait()).await.is_err() {
            child.kill().await.unwrap();
        }
    } else {
        child.wait().await.unwrap();
    }
    let here = ground.here();
    for (name, (old, new)) in &contents {
        let now = here.get(name);
        assert!(now == old.as_ref() || now == Some(new), "{name} is half written: {:?} bytes", now.map(Vec::len));
    }
    assert_eq!(here["mine.txt"], b"mine");

    ground.sandbox.clear_faults();
    let output = ground.pull("Finance/Sync", &[]).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    let here = ground.here();
    for (name, (_, new)) in &contents {
        assert!(here[name] == *new, "{name} is not the source's");
    }
}

/// The same the other way round.
async fn push_through_faults(rule: NameRule, faults: &[(u8, u8, bool)], stop_after: Option<u64>) {
    let ground = Ground::of(Sandbox::builder().workplace_names(rule)).await;
    // Each kind of store spells some of these names otherwise.
    let below = "Bu\u{308}ro: BELOW/";
    fs::create_dir_all(ground.local().join(below)).unwrap();
    let mut names = Vec::new();
    for number in 0..5_u8 {
        let name = format!("{}A\u{308}rger? {number}.BIN", if number % 2 == 0 { "" } else { below });
        fs::write(ground.local().join(&name), vec![number; usize::from(number) * 50_000]).unwrap();
        names.push(name);
    }
    let before = ground.here();
    for (kind, after, handled) in faults {
        let fault = fault(*kind).after((*after % 16).into());
        // A 4xx comes in place of the work, not after it.
        let handled = *handled && !matches!(kind % 7, 1 | 5);
        ground.sandbox.inject(if handled { fault.after_handling() } else { fault });
    }
    let local = ground.local();
    let mut child = command(Some(&ground.sandbox), &["push", local.to_str().unwrap(), "Finance/Sync"]).spawn().unwrap();
    if let Some(millis) = stop_after {
        if tokio::time::timeout(Duration::from_millis(millis), child.wait()).await.is_err() {
            child.kill().await.unwrap();
        }
    } else {
        child.wait().await.unwrap();
    }
    assert!(ground.here() == before, "the source is as it was");
    ground.sandbox.clear_faults();
    let output = ground.push("Finance/Sync", &[]).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    let sorted = |names: Vec<String>| {
        let mut keys: Vec<String> = names.iter().map(|name| datto_workplace::names::key(name)).collect();
        keys.sort();
        keys
    };
    assert_eq!(sorted(ground.remote("Finance/Sync").into_keys().collect()), sorted(names), "each once");
    let output = ground.push("Finance/Sync", &[]).await;
    assert!(text(&output).starts_with("0 moved, 5 the same"), "{}", text(&output));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, max_shrink_iters: 20, ..ProptestConfig::default() })]

    #[test]
    fn a_pull_loses_nothing_and_is_finished_by_the_next(
        faults in prop::collection::vec(any::<(u8, u8)>(), 0..5),
        stop_after in prop::option::of(1_u64..120),
    ) {
        tokio::runtime::Runtime::new().unwrap().block_on(pull_through_faults(&faults, stop_after));
    }

    #[test]
    fn a_push_stores_nothing_twice_and_is_finished_by_the_next(
        faults in prop::collection::vec(any::<(u8, u8, bool)>(), 0..5),
        stop_after in prop::option::of(1_u64..120),
        rule in prop::sample::select(vec![NameRule::AsSent, NameRule::Nfc, NameRule::Replaces, NameRule::FoldsCase]),
    ) {
        tokio::runtime::Runtime::new().unwrap().block_on(push_through_faults(rule, &faults, stop_after));
    }
}

fn uploads(ground: &Ground) -> usize {
    ground.sandbox.journal().iter().filter(|entry| entry.method == "POST" && entry.path.ends_with("/files")).count()
}

/// Whatever the store does to names: each file is there once, and a second run moves nothing.
#[tokio::test]
async fn names_that_the_store_alters_are_not_uploaded_twice() {
    for (rule, name, stored) in [
        (NameRule::AsSent, "Bu\u{308}ro/A\u{308}rger.txt", "Bu\u{308}ro/A\u{308}rger.txt"),
        (NameRule::Nfc, "Bu\u{308}ro/A\u{308}rger.txt", "B\u{fc}ro/\u{c4}rger.txt"),
        (NameRule::Replaces, "a: b/what?.txt", "a_ b/what_.txt"),
        (NameRule::FoldsCase, "Deep/report.PDF", "Deep/report.PDF"),
    ] {
        let ground = Ground::of(Sandbox::builder().workplace_names(rule)).await;
        let place = ground.local().join(name);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(&place, "one").unwrap();
        for (run, moved) in [(1, "1 moved"), (2, "0 moved, 1 the same"), (3, "0 moved, 1 the same")] {
            let output = ground.push("Finance/Backup", &["--delete", "--max-delete", "100"]).await;
            assert_eq!(output.status.code(), Some(0), "{rule:?} {run}: {}", text(&output));
            assert!(text(&output).starts_with(moved), "{rule:?} {run}: {}", text(&output));
            assert_eq!(ground.remote("Finance/Backup").keys().collect::<Vec<_>>(), [stored], "{rule:?} {run}");
        }
        // What changed goes to the same file, and what is pulled back is the same file here.
        fs::write(&place, "two!").unwrap();
        let output = ground.push("Finance/Backup", &[]).await;
        assert!(text(&output).starts_with("1 moved"), "{rule:?}: {}", text(&output));
        assert_eq!(ground.remote("Finance/Backup").len(), 1, "{rule:?}");
        let output = ground.pull("Finance/Backup", &["--delete"]).await;
        assert!(text(&output).starts_with("0 moved, 1 the same"), "{rule:?}: {}", text(&output));
        assert_eq!(ground.here().into_keys().collect::<Vec<_>>(), [name], "{rule:?}");
    }
}

#[tokio::test]
async fn two_names_that_the_store_takes_for_one_stop_after_one_copy() {
    let ground = Ground::of(Sandbox::builder().workplace_names(NameRule::FoldsCase)).await;
    fs::create_dir_all(ground.local()).unwrap();
    for (name, content) in [("Report.pdf", "one"), ("report.PDF", "other"), ("third", "3")] {
        fs::write(ground.local().join(name), content).unwrap();
    }
    for (run, sent) in [(1, 3), (2, 0), (3, 0)] {
        ground.sandbox.clear_journal();
        let output = ground.push("Finance/Backup", &["--delete", "--max-delete", "100"]).await;
        assert_eq!(output.status.code(), Some(2), "{run}: {}", text(&output));
        assert!(text(&output).contains("report.PDF") || text(&output).contains("Report.pdf"), "{}", text(&output));
        assert_eq!((uploads(&ground), ground.remote("Finance/Backup").len()), (sent, 2), "{run}: {}", text(&output));
    }
    // A store that keeps them apart shows it, and has both.
    let ground = Ground::new().await;
    fs::create_dir_all(ground.local()).unwrap();
    for (name, content) in [("Report.pdf", "one"), ("report.PDF", "other")] {
        fs::write(ground.local().join(name), content).unwrap();
    }
    for moved in ["2 moved", "0 moved, 2 the same"] {
        let output = ground.push("Finance/Backup", &[]).await;
        assert!(output.status.code() == Some(0) && text(&output).starts_with(moved), "{}", text(&output));
    }
}

#[tokio::test]
async fn one_bad_folder_does_not_stop_a_push() {
    let ground = Ground::of(Sandbox::builder().workplace_refuse_name("Secret")).await;
    for folder in ["Secret/deep", "Open/deep", "Zulu"] {
        fs::create_dir_all(ground.local().join(folder)).unwrap();
        fs::write(ground.local().join(folder).join("file"), folder).unwrap();
    }
    for (run, moved) in [(1, "2 moved, 0 the same, 1 failed"), (2, "0 moved, 2 the same, 1 failed")] {
        let output = ground.push("Finance/Backup", &["--delete"]).await;
        assert_eq!(output.status.code(), Some(2), "{run}: {}", text(&output));
        assert!(
            text(&output).contains("not made: Secret:") && text(&output).contains(moved),
            "{run}: {}",
            text(&output)
        );
    }
    assert_eq!(ground.remote("Finance/Backup").into_keys().collect::<Vec<_>>(), ["Open/deep/file", "Zulu/file"]);
}

#[tokio::test]
async fn a_folder_that_cannot_be_listed_is_left_alone_and_the_rest_is_pushed() {
    let ground = Ground::new().await;
    for folder in ["Closed", "Open"] {
        fs::create_dir_all(ground.local().join(folder)).unwrap();
        fs::write(ground.local().join(folder).join("file"), folder).unwrap();
    }
    assert_eq!(ground.push("Finance/Backup", &[]).await.status.code(), Some(0));
    let closed = ground.sandbox.workplace_tree()["Finance/Backup/Closed"].id;
    ground.sandbox.inject(Fault::status(403).path_contains(format!("/file/{closed}/files")).method("GET").always());
    for folder in ["Closed", "Open"] {
        fs::write(ground.local().join(folder).join("new"), "new").unwrap();
    }
    let output = ground.push("Finance/Backup", &["--delete"]).await;
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    assert!(text(&output).contains("1 moved"), "{}", text(&output));
    let files: Vec<_> = ground.remote("Finance/Backup").into_keys().collect();
    assert_eq!(files, ["Closed/file", "Open/file", "Open/new"], "nothing was put beside what could not be seen");
}
