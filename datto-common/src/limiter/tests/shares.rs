//! Programs of one account that know nothing of each other.

use super::*;

/// What a service counts for an account in sliding windows, and the most it ever counted.
#[derive(Debug, Default)]
struct Service {
    calls: std::collections::VecDeque<Instant>,
    most: usize,
    questions: usize,
    /// How many calls each program made.
    each: Vec<usize>,
}

impl Service {
    fn count(&mut self) -> usize {
        let now = Instant::now();
        while self.calls.front().is_some_and(|call| now - *call >= Duration::from_secs(60)) {
            self.calls.pop_front();
        }
        self.calls.push_back(now);
        self.most = self.most.max(self.calls.len());
        self.calls.len()
    }

    fn made(&mut self, program: usize) {
        self.count();
        self.each[program] += 1;
    }
}

/// A program: how many callers it has, when it begins, how long an answer takes.
type Program = (usize, u64, u64);

async fn ask(service: Arc<Mutex<Service>>, latency: Duration) -> Asked {
    tokio::time::sleep(latency / 2).await;
    let used = {
        let mut service = service.lock().unwrap();
        service.questions += 1;
        u32::try_from(service.count()).unwrap()
    };
    tokio::time::sleep(latency / 2).await;
    let reads = Count { limit: 600, used };
    Asked::Told(Usage { reads, writes: Some(Count { limit: 600, used: 0 }), ..Usage::default() })
}

/// Runs them with a share each, until each has made so many calls or the time is over. Gives what the service saw, and how many
/// calls were made.
async fn programs(programs: &[Program], share: f64, calls: usize, until: Duration) -> (Service, usize) {
    let all: Vec<(Program, Option<Store>)> = programs.iter().map(|program| (*program, None)).collect();
    together(&all, share, calls, until).await
}

/// The same, of which some count together.
async fn together(
    programs: &[(Program, Option<Store>)],
    share: f64,
    calls: usize,
    until: Duration,
) -> (Service, usize) {
    static ASK: crate::Operation = crate::Operation::read("usage", "/usage");
    let service = Service { each: vec![0; programs.len()], ..Service::default() };
    let service = Arc::new(Mutex::new(service));
    let mut callers = tokio::task::JoinSet::new();
    for (program, ((count, begins, latency), store)) in programs.iter().cloned().enumerate() {
        let usage = AskUsage { operation: &ASK, read: |_| None };
        let rules = Rules { ratio: 0.9, reads: Some(600), writes: Some(600), usage: Some(usage), ..Rules::NONE };
        let lane = Arc::new(Lane::new(rules, share, store));
        for _ in 0..count {
            let (lane, service) = (Arc::clone(&lane), Arc::clone(&service));
            callers.spawn(async move {
                let latency = Duration::from_millis(latency);
                tokio::time::sleep(Duration::from_millis(begins)).await;
                for _ in 0..calls / count {
                    let question = || ask(Arc::clone(&service), latency).boxed();
                    lane.enter(Bucket::Read, None, |_| (), question).await.unwrap().sent();
                    tokio::time::sleep(latency / 2).await;
                    service.lock().unwrap().made(program);
                    tokio::time::sleep(latency / 2).await;
                }
            });
        }
    }
    let all = async {
        while let Some(caller) = callers.join_next().await {
            caller.unwrap();
        }
    };
    let _ = tokio::time::timeout(until, all).await;
    callers.shutdown().await;
    let service = Arc::into_inner(service).unwrap().into_inner().unwrap();
    let made = service.each.iter().sum();
    (service, made)
}

const LONG: Duration = Duration::from_secs(1_000_000);

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 25, failure_persistence: None, ..Default::default() })]

    #[test]
    fn programs_that_know_nothing_of_each_other_keep_to_the_limit(
        each in proptest::collection::vec((1_usize..12, 0_u64..90_000, 5_u64..400), 1..6),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let (service, _) = runtime.block_on(programs(&each, 1.0, 2_000, LONG));
        proptest::prop_assert!(service.most <= 600, "{} in a window, with {} questions", service.most, service.questions);
    }
}

/// Of what the account is held to, programs with a share each get this part together, and never more than the limit.
#[tokio::test(start_paused = true)]
async fn programs_with_a_share_each_use_the_account() {
    for (count, least) in [(2_u32, 0.85), (5, 0.85), (20, 0.6)] {
        let each: Vec<Program> = (0..count).map(|number| (8, u64::from(number) * 137, 100)).collect();
        let (service, made) = programs(&each, 1.0 / f64::from(count), usize::MAX, Duration::from_secs(240)).await;
        let part = made as f64 / (540.0 * 4.0);
        println!(
            "share(1/{count}): {:.0} % of 540 a minute, {} in the fullest window, {} questions",
            part * 100.0,
            service.most,
            service.questions
        );
        assert!(part >= least, "{count} programs get {part:.2}");
        assert!(service.most <= 600, "{count} programs: {} in a window", service.most);
    }
}

/// The same without an agreement: what they lose is what they do not know of each other.
#[tokio::test(start_paused = true)]
async fn programs_without_an_agreement_go_on() {
    for (count, least) in [(1_u32, 0.9), (2, 0.7), (5, 0.6), (20, 0.4)] {
        let each: Vec<Program> = (0..count).map(|number| (8, u64::from(number) * 137, 100)).collect();
        let (service, made) = programs(&each, 1.0, usize::MAX, Duration::from_secs(240)).await;
        let part = made as f64 / (540.0 * 4.0);
        println!(
            "{count} programs: {:.0} % of 540 a minute, {} in the fullest window, {} questions",
            part * 100.0,
            service.most,
            service.questions
        );
        assert!(part >= least, "{count} programs get {part:.2}");
        assert!(service.most <= 600, "{count} programs: {} in a window", service.most);
    }
}

fn store(limits: &Arc<InMemoryLimits>) -> Option<Store> {
    Some(Store { limits: Arc::<InMemoryLimits>::clone(limits), account: "acme".to_owned() })
}

#[tokio::test(start_paused = true)]
async fn programs_that_count_together_use_the_account_and_ask_for_all() {
    for count in [1_u64, 2, 5, 10, 20] {
        let limits = Arc::new(InMemoryLimits::default());
        let each: Vec<_> = (0..count).map(|number| ((4, number * 137, 100), store(&limits))).collect();
        let (service, made) = together(&each, 1.0, usize::MAX, Duration::from_secs(240)).await;
        let part = made as f64 / (540.0 * 4.0);
        println!(
            "{count} together: {:.0} % of 540 a minute, {} in the fullest window, {} questions",
            part * 100.0,
            service.most,
            service.questions
        );
        assert!(part >= 0.95, "{count} programs get {part:.2}");
        assert!(service.most <= 600, "{count} programs: {} in a window", service.most);
        assert!(service.questions <= 80, "{count} programs: {} questions", service.questions);
    }
}

#[tokio::test(start_paused = true)]
async fn a_program_outside_of_the_store_is_left_its_part() {
    let limits = Arc::new(InMemoryLimits::default());
    let mut each: Vec<_> = (0..5).map(|number| ((8, number * 137, 100), store(&limits))).collect();
    let (alone, inside) = together(&each, 1.0, usize::MAX, Duration::from_secs(240)).await;
    assert!(alone.most <= 600 && inside > 2_000);
    each.push(((1, 30_000, 100), None));
    let (service, made) = together(&each, 1.0, usize::MAX, Duration::from_secs(240)).await;
    let outside = service.each[5];
    println!(
        "5 together and 1: {made} calls, {outside} of them outside, {} in the fullest window, {} questions",
        service.most, service.questions
    );
    assert!(outside >= 40, "{outside}");
    assert!(service.most <= 600, "{} in a window", service.most);
    assert!(made as f64 >= 0.75 * 540.0 * 4.0, "{made}");
}
