//! A component on many devices, against the sandbox: killed at random points, with faults, no device gets two jobs.
// A test fails by panicking, and so do its helpers.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use datto_rmm::rollout::{Entry, Journal, Plan, Rebooted, StoreError, TaskState};
use datto_rmm::{ErrorKind, JobDeploymentStatus, RmmClient, Run, Timestamp, async_trait};
use datto_sandbox::{Change, Fault, Sandbox};
use proptest::prelude::*;
use tokio::time::{Instant, timeout};

/// What survives a crash.
#[derive(Default)]
struct Store {
    entries: Mutex<Vec<String>>,
    /// The next so many entries are stored, every later one fails; never if zero.
    good: AtomicU32,
}

impl Store {
    /// The plan as a process that starts anew reads it.
    fn restore(&self, plan: &str) -> Plan {
        let mut plan: Plan = serde_json::from_str(plan).unwrap();
        for entry in self.entries.lock().unwrap().iter() {
            plan.apply(&serde_json::from_str(entry).unwrap());
        }
        plan
    }
}

#[async_trait]
impl Journal for Store {
    async fn record(&self, entry: &Entry) -> Result<(), StoreError> {
        tokio::time::sleep(Duration::from_millis(1)).await;
        match self.good.load(Ordering::Relaxed) {
            0 => {}
            1 => return Err("the disk is full".into()),
            left => self.good.store(left - 1, Ordering::Relaxed),
        }
        self.entries.lock().unwrap().push(serde_json::to_string(entry).unwrap());
        Ok(())
    }
}

/// Without certificates, whose reading takes longer than a test.
fn client(sandbox: &Sandbox) -> RmmClient {
    let (key, secret) = sandbox.rmm_key();
    let builder = RmmClient::builder().url(sandbox.rmm_url()).api_key(key, secret);
    builder.configure_http(|http| http.tls_certs_only([])).build().unwrap()
}

async fn sandbox() -> (Sandbox, RmmClient) {
    let sandbox = Sandbox::builder().devices(120).seed(7).latency(Duration::from_millis(5)).start().await.unwrap();
    let rmm = client(&sandbox);
    (sandbox, rmm)
}

/// Computers that take jobs, online or not.
fn computers(sandbox: &Sandbox, online: bool) -> Vec<String> {
    let truth = sandbox.truth().rmm;
    let uids = if online { &truth.online_devices } else { &truth.offline_devices };
    let takes_jobs = |uid: &&String| truth.computers.contains(uid) && !truth.on_demand_devices.contains(uid);
    uids.iter().filter(takes_jobs).cloned().collect()
}

/// How many jobs the service has taken for each device.
fn jobs(sandbox: &Sandbox) -> BTreeMap<String, usize> {
    let mut jobs = BTreeMap::new();
    for entry in sandbox.journal().iter().filter(|entry| entry.executed) {
        if let Some(device) =
            entry.path.strip_suffix("/quickjob").and_then(|path| path.rsplit('/').next()).map(str::to_owned)
        {
            *jobs.entry(device).or_default() += 1;
        }
    }
    jobs
}

async fn start(rmm: &RmmClient, plan: &mut Plan, store: &Store) -> Vec<datto_rmm::Result<Entry>> {
    let (mut starts, mut all) = (rmm.jobs().start(plan, store), Vec::new());
    while let Some(entry) = starts.next().await {
        all.push(entry);
    }
    all
}

#[tokio::test(start_paused = true)]
async fn jobs_are_planned_started_and_waited_for() {
    let (sandbox, rmm) = sandbox().await;
    let mut devices = computers(&sandbox, true);
    devices.truncate(12);
    devices.extend([devices[0].clone(), "no-such-device".to_owned()]);
    let run = Run::named("Collect inventory").variable("depth", "3").concurrency(4);
    let mut plan = rmm.jobs().plan(&devices, run).await.unwrap();
    assert_eq!(jobs(&sandbox).len(), 0, "a plan sends nothing");
    let store = Store::default();
    let kept = serde_json::to_string(&plan).unwrap();
    let starts = start(&rmm, &mut plan, &store).await;
    assert_eq!(starts.len(), 13);
    let mut ends = rmm.jobs().wait_all(&mut plan, &store);
    while let Some(entry) = ends.next().await {
        let TaskState::Ended { end, .. } = entry.unwrap().state else { panic!() };
        assert!(end.succeeded() && end.components.len() == 1);
        assert!(end.stdout.known().unwrap().as_untrusted().contains("depth=3\r\n"));
        assert!(!format!("{end:?}").contains("depth"), "text of endpoints is in no log");
    }
    drop(ends);
    assert!(plan.is_over());
    assert_eq!(store.restore(&kept), plan, "the journal knows all that the plan knows");
    let states = |wanted: fn(&TaskState) -> bool| plan.tasks().iter().filter(|task| wanted(&task.state)).count();
    assert_eq!(states(|state| matches!(state, TaskState::Ended { .. })), 12);
    let Some(TaskState::Refused { cause }) = plan.tasks().last().map(|task| &task.state) else { panic!() };
    assert_eq!(cause.kind, ErrorKind::NotFound);
    assert!(jobs(&sandbox).values().all(|count| *count == 1));
}

#[tokio::test(start_paused = true)]
async fn a_device_that_is_offline_or_slow_holds_up_nobody() {
    let (sandbox, rmm) = sandbox().await;
    let (online, mut devices) = (computers(&sandbox, true), computers(&sandbox, false));
    devices.truncate(6);
    assert!(devices.len() >= 3, "{devices:?}");
    let offline = devices.len();
    let slow = online[0].clone();
    devices.extend(online.into_iter().take(20));
    sandbox.change(Change::SlowJobs { device: Some(slow.clone()), takes: "20m".to_owned() }).unwrap();
    let run = Run::named("Collect inventory").timeout(Duration::from_secs(1_800)).concurrency(2);
    let mut plan = rmm.jobs().plan(&devices, run).await.unwrap();
    let store = Store::default();
    start(&rmm, &mut plan, &store).await;
    let (began, mut seen) = (Instant::now(), HashMap::new());
    sandbox.clear_journal();
    let mut ends = rmm.jobs().wait_all(&mut plan, &store);
    while let Some(entry) = ends.next().await {
        let entry = entry.unwrap();
        seen.insert(entry.device.as_str().to_owned(), (began.elapsed().as_secs(), entry.state));
    }
    drop(ends);
    let quick = |uid: &String| *uid != slow && matches!(&seen[uid], (after, TaskState::Ended { .. }) if *after < 30);
    assert!(devices[offline..].iter().filter(|uid| quick(uid)).count() == 19, "{seen:?}");
    assert!(matches!(seen[&slow], (1_150..=1_300, TaskState::Ended { .. })), "{:?}", seen[&slow]);
    for uid in &devices[..offline] {
        let (after, TaskState::NotEnded { cause, .. }) = &seen[uid] else { panic!("{:?}", seen[uid]) };
        assert!((1_780..1_830).contains(after) && cause.message.contains("the device is offline"), "{after} {cause}");
        let looks = sandbox.journal().iter().filter(|entry| entry.path.ends_with(&format!("/results/{uid}"))).count();
        assert!(looks < 30, "{looks} looks at a device that is offline");
    }
    assert!(plan.is_over());
    // The device comes back, and somebody waits again.
    sandbox.change(Change::DeviceOnline { device: Some(devices[0].clone()), online: true }).unwrap();
    tokio::time::sleep(Duration::from_secs(60)).await;
    let again = rmm.jobs().wait_all(&mut plan, &store).next().await.unwrap().unwrap();
    assert!(matches!(again.state, TaskState::Ended { .. }), "{again:?}");
}

#[tokio::test(start_paused = true)]
async fn a_job_that_may_have_been_sent_is_looked_for_and_left_in_doubt() {
    let (sandbox, rmm) = sandbox().await;
    let devices = &computers(&sandbox, true)[..2];
    let mut plan = rmm.jobs().plan(devices, Run::named("Reboot now").concurrency(1)).await.unwrap();
    let store = Store::default();
    sandbox.inject(Fault::reset().path_contains("/quickjob").after_handling());
    sandbox.inject(Fault::reset().path_contains("/quickjob"));
    for entry in start(&rmm, &mut plan, &store).await {
        assert!(matches!(entry.unwrap().state, TaskState::MayHaveHappened { .. }));
    }
    let states: Vec<TaskState> =
        start(&rmm, &mut plan, &store).await.into_iter().map(|entry| entry.unwrap().state).collect();
    assert!(matches!(states[..], [TaskState::Started { .. }, TaskState::MayHaveHappened { .. }]), "{states:?}");
    assert_eq!(jobs(&sandbox).len(), 1);
    let entry = plan.release(&devices[1].as_str().into()).unwrap();
    store.record(&entry).await.unwrap();
    let states = start(&rmm, &mut plan, &store).await;
    assert!(matches!(states[..], [Ok(Entry { state: TaskState::Started { .. }, .. })]), "{states:?}");
    assert_eq!(jobs(&sandbox).values().collect::<Vec<_>>(), [&1, &1]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_while_the_log_or_the_journal_fails() {
    let (sandbox, rmm) = sandbox().await;
    let devices = &computers(&sandbox, true)[..4];
    let mut plan = rmm.jobs().plan(devices, Run::named("Reboot now")).await.unwrap();
    let store = Store::default();
    sandbox.inject(Fault::status(403).path_contains("/activity-logs"));
    let starts = start(&rmm, &mut plan, &store).await;
    assert!(matches!(&starts[..], [Err(error)] if error.kind() == ErrorKind::Forbidden), "{starts:?}");
    store.good.store(1, Ordering::Relaxed);
    let starts = start(&rmm, &mut plan, &store).await;
    assert!(starts.iter().all(|start| matches!(start, Err(error) if error.kind() == ErrorKind::Io)), "{starts:?}");
    assert_eq!(jobs(&sandbox).len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_restart_is_planned_by_a_component_and_told_by_the_device() {
    let (sandbox, rmm) = sandbox().await;
    let device = &computers(&sandbox, true)[0];
    let component = sandbox.truth().rmm.working_component;
    let mut plan = rmm.jobs().plan_reboot([device], component).await.unwrap();
    start(&rmm, &mut plan, &Store::default()).await;
    assert!(plan.tasks()[0].marker.starts_with("Reboot "));
    assert_eq!(rmm.jobs().rebooted(device, &plan.tasks()[0].at).await.unwrap(), Rebooted::NotYet);
    let last = rmm.devices().get(device).await.unwrap().last_reboot.unwrap();
    let before = last.minus(Duration::from_secs(1));
    assert_eq!(rmm.jobs().rebooted(device, &before).await.unwrap(), Rebooted::Yes(last));
}

/// What goes wrong before a crash.
#[derive(Debug, Clone, Copy)]
enum Trouble {
    Nothing,
    /// The answers to so many jobs are lost, after they were taken or before.
    Lost {
        after_handling: bool,
        times: u64,
    },
    /// A job is taken late: after the process that sent it is gone.
    Late,
    Unavailable,
    /// Only so many entries can be stored.
    DiskFull(u32),
}

fn troubles() -> impl Strategy<Value = Trouble> {
    prop_oneof![
        2 => Just(Trouble::Nothing),
        3 => (any::<bool>(), 1_u64..4).prop_map(|(after_handling, times)| Trouble::Lost { after_handling, times }),
        1 => Just(Trouble::Late),
        1 => Just(Trouble::Unavailable),
        1 => (1_u32..8).prop_map(Trouble::DiskFull),
    ]
}

impl Trouble {
    fn begin(self, sandbox: &Sandbox, store: &Store) {
        store.good.store(0, Ordering::Relaxed);
        let fault = match self {
            Self::Nothing => return,
            Self::DiskFull(good) => return store.good.store(good, Ordering::Relaxed),
            Self::Lost { after_handling: true, times } => Fault::reset().after_handling().times(times),
            Self::Lost { after_handling: false, times } => Fault::reset().times(times),
            Self::Late => Fault::delay(Duration::from_millis(400)).times(3),
            Self::Unavailable => Fault::status(503).times(2),
        };
        sandbox.inject(fault.path_contains("/quickjob"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(12), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_device_gets_two_jobs_however_often_it_is_killed(
        crashes in proptest::collection::vec((troubles(), 0_u64..250), 1..10),
        trust in any::<bool>(),
    ) {
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap().block_on(async {
            let (sandbox, _) = sandbox().await;
            let devices = &computers(&sandbox, true)[..8];
            let plan = client(&sandbox).jobs().plan(devices, Run::named("Reboot now").concurrency(3)).await.unwrap();
            let plan = if trust { plan.trusting_log_after(Duration::from_secs(60)) } else { plan };
            let (kept, store) = (serde_json::to_string(&plan).unwrap(), Store::default());
            for (trouble, millis) in crashes {
                trouble.begin(&sandbox, &store);
                let rmm = client(&sandbox);
                let mut plan = store.restore(&kept);
                let _ = timeout(Duration::from_millis(millis), async {
                    start(&rmm, &mut plan, &store).await;
                    let mut ends = rmm.jobs().wait_all(&mut plan, &store);
                    while ends.next().await.is_some() {}
                }).await;
                sandbox.clear_faults();
                // Some of the time the next process comes at once, some of the time after a minute, when late requests have arrived.
                if millis % 2 == 0 {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    earlier(&store, Duration::from_secs(61));
                }
                for (device, count) in jobs(&sandbox) {
                    assert_eq!(count, 1, "{device}");
                }
            }
            Trouble::Nothing.begin(&sandbox, &store);
            tokio::time::sleep(Duration::from_secs(1)).await;
            earlier(&store, Duration::from_secs(61));
            let mut plan = store.restore(&kept);
            let rmm = client(&sandbox);
            start(&rmm, &mut plan, &store).await;
            let mut ends = rmm.jobs().wait_all(&mut plan, &store);
            while let Some(entry) = ends.next().await {
                entry.unwrap();
            }
            drop(ends);
            let jobs = jobs(&sandbox);
            for task in plan.tasks() {
                let count = jobs.get(task.device.as_str()).copied().unwrap_or_default();
                match &task.state {
                    TaskState::Ended { end, .. } => {
                        assert_eq!((count, &end.status), (1, &JobDeploymentStatus::Success));
                    }
                    // What the log does not have was not taken, and is not sent again unless somebody says so.
                    TaskState::MayHaveHappened { .. } => assert!(count == 0 && !trust, "{task:?}"),
                    other => panic!("{other:?}"),
                }
            }
            assert_eq!(store.restore(&kept), plan);
        });
    }
}

/// Lets time pass for what is stored.
fn earlier(store: &Store, by: Duration) {
    for entry in store.entries.lock().unwrap().iter_mut() {
        let mut parsed: Entry = serde_json::from_str(entry).unwrap();
        parsed.at = parsed.at.minus(by);
        *entry = serde_json::to_string(&parsed).unwrap();
    }
}

/// As many as asked for, else a few: each runs a fleet.
fn cases(few: u32) -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(few)
}

#[test]
fn a_record_tells_a_restart_by_its_own_report() {
    let now = Timestamp::now();
    assert_eq!(Rebooted::since(&datto_rmm::Device::default(), &now), Rebooted::Unknown);
}
