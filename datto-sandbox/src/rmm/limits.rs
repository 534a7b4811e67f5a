//! The limits of the account: sliding windows, of sixty seconds unless a test sets them shorter.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use axum::http::Method;
use serde_json::{Map, Value, json};
use tokio::time::Instant;

/// The write operations that are counted by themselves, under the names of the server, with their limits.
const OPERATIONS: [(&str, usize); 16] = [
    ("account-variable-create", 100),
    ("account-variable-delete", 100),
    ("account-variable-update", 100),
    ("alert-resolve", 100),
    ("device-job-create", 100),
    ("device-move", 100),
    ("device-udf-set", 600),
    ("device-warranty-create", 100),
    ("site-create", 100),
    ("site-proxy-create", 100),
    ("site-proxy-delete", 100),
    ("site-update", 100),
    ("site-variable-create", 100),
    ("site-variable-delete", 100),
    ("site-variable-update", 100),
    ("user-reset-keys", 100),
];

/// The name under which a write is counted. Muting has none; under which the third version of the field setter is
/// counted is not known, so it is counted with the other writes alone (guess).
pub(super) fn write_operation(method: &Method, route: &str) -> Option<&'static str> {
    let name = match (method.as_str(), route.strip_prefix("/api")?) {
        ("PUT", "/v2/account/variable") => "account-variable-create",
        ("POST", "/v2/account/variable/{variable}") => "account-variable-update",
        ("DELETE", "/v2/account/variable/{variable}") => "account-variable-delete",
        ("PUT", "/v2/site") => "site-create",
        ("POST", "/v2/site/{site}") => "site-update",
        ("POST", "/v2/site/{site}/settings/proxy") => "site-proxy-create",
        ("DELETE", "/v2/site/{site}/settings/proxy") => "site-proxy-delete",
        ("PUT", "/v2/site/{site}/variable") => "site-variable-create",
        ("POST", "/v2/site/{site}/variable/{variable}") => "site-variable-update",
        ("DELETE", "/v2/site/{site}/variable/{variable}") => "site-variable-delete",
        ("PUT", "/v2/device/{device}/quickjob") => "device-job-create",
        ("PUT", "/v2/device/{device}/site/{site}") => "device-move",
        ("POST", "/v2/device/{device}/udf") => "device-udf-set",
        ("POST", "/v2/device/{device}/warranty") => "device-warranty-create",
        ("POST", "/v2/alert/{alert}/resolve") => "alert-resolve",
        ("POST", "/v2/user/resetApiKeys") => "user-reset-keys",
        _ => return None,
    };
    Some(name)
}

/// What is counted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Call {
    Read,
    Write(Option<&'static str>),
}

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Verdict {
    Pass,
    /// Above nine tenths of a limit.
    Slow,
    /// Over a limit, with the time until there is room.
    Refuse(Duration),
}

/// The calls of one kind in the last sixty seconds.
#[derive(Debug)]
struct Window {
    limit: usize,
    length: Duration,
    calls: VecDeque<Instant>,
}

impl Window {
    fn new(limit: usize, length: Duration) -> Self {
        Self { limit, length, calls: VecDeque::new() }
    }

    fn count(&mut self, now: Instant) -> usize {
        while self.calls.front().is_some_and(|call| now.duration_since(*call) >= self.length) {
            self.calls.pop_front();
        }
        self.calls.len()
    }

    /// The time until there is room; nothing if there is.
    fn wait(&mut self, now: Instant) -> Option<Duration> {
        let over = self.count(now).checked_sub(self.limit)?;
        let blocking = self.calls.get(over)?;
        Some(self.length.saturating_sub(now.duration_since(*blocking)))
    }

    fn is_nearly_full(&self) -> bool {
        self.calls.len() * 10 > self.limit * 9
    }
}

/// All windows of the account.
#[derive(Debug)]
pub(super) struct Limits {
    legacy: bool,
    reads: Window,
    writes: Window,
    operations: BTreeMap<&'static str, Window>,
}

impl Limits {
    pub(super) fn new(legacy: bool, limit: usize, window: Duration) -> Self {
        let new = |limit| Window::new(limit, window);
        let operations = OPERATIONS.into_iter().map(|(name, limit)| (name, new(limit))).collect();
        let mut limits = Self { legacy, reads: new(limit), writes: new(limit), operations };
        limits.follow(legacy, limit, window);
        limits
    }

    /// Takes the settings as they are now; what was counted stays counted.
    pub(super) fn follow(&mut self, legacy: bool, limit: usize, window: Duration) {
        // The service tells the length of a window in seconds.
        let window = Duration::from_secs(window.as_secs().max(1));
        self.legacy = legacy;
        (self.reads.limit, self.writes.limit) = (limit, limit);
        for counted in self.operations.values_mut().chain([&mut self.reads, &mut self.writes]) {
            counted.length = window;
        }
    }

    pub(super) fn spend_reads(&mut self, count: usize, now: Instant) {
        self.reads.calls.extend(std::iter::repeat_n(now, count));
    }

    /// Counts a call, unless it is refused: whether the server counts refused calls is not known (guess).
    pub(super) fn count(&mut self, call: Call, now: Instant, enforced: bool) -> Verdict {
        let mut windows = self.windows(call);
        let wait = windows.iter_mut().filter_map(|window| window.wait(now)).max();
        if let Some(wait) = wait.filter(|_| enforced) {
            return Verdict::Refuse(wait);
        }
        for window in &mut windows {
            window.calls.push_back(now);
        }
        let slow = enforced && windows.iter().any(|window| window.is_nearly_full());
        if slow { Verdict::Slow } else { Verdict::Pass }
    }

    fn windows(&mut self, call: Call) -> Vec<&mut Window> {
        match call {
            Call::Write(name) if !self.legacy => {
                let operation = name.and_then(|name| self.operations.get_mut(name));
                operation.into_iter().chain([&mut self.writes]).collect()
            }
            _ => vec![&mut self.reads],
        }
    }

    /// The answer of `request_rate`.
    pub(super) fn status(&mut self, account_uid: &str, now: Instant) -> Value {
        let mut status = json!({
            "slidingTimeWindowSizeSeconds": self.reads.length.as_secs(),
            "accountUid": account_uid,
            "accountCount": self.reads.count(now),
            "accountRateLimit": self.reads.limit,
            "accountCutOffRatio": 0.9,
        });
        if let (false, Value::Object(status)) = (self.legacy, &mut status) {
            let operations: Map<String, Value> = self
                .operations
                .iter_mut()
                .map(|(name, window)| (String::from(*name), json!({"limit": window.limit, "count": window.count(now)})))
                .collect();
            status.insert("accountWriteRateLimit".to_owned(), json!(self.writes.limit));
            status.insert("accountWriteCount".to_owned(), json!(self.writes.count(now)));
            status.insert("operationWriteStatus".to_owned(), Value::Object(operations));
        }
        status
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Call, Limits, Verdict};

    const WINDOW: Duration = Duration::from_secs(60);

    #[test]
    fn window_slides() {
        let mut limits = Limits::new(false, 600, WINDOW);
        let start = Instant::now();
        limits.spend_reads(599, start);
        let later = start + Duration::from_secs(20);
        assert_eq!(limits.count(Call::Read, later, true), Verdict::Slow);
        assert_eq!(limits.count(Call::Read, later, true), Verdict::Refuse(Duration::from_secs(40)));
        assert_eq!(limits.count(Call::Read, start + Duration::from_secs(60), true), Verdict::Pass);
    }

    #[test]
    fn operations_have_limits_of_their_own() {
        let mut limits = Limits::new(false, 600, WINDOW);
        let now = Instant::now();
        for _ in 0..100 {
            assert_ne!(
                limits.count(Call::Write(Some("site-create")), now, true),
                Verdict::Refuse(Duration::from_secs(60))
            );
        }
        assert_eq!(limits.count(Call::Write(Some("site-create")), now, true), Verdict::Refuse(Duration::from_secs(60)));
        assert_eq!(limits.count(Call::Write(Some("site-update")), now, true), Verdict::Pass);
        assert_eq!(limits.count(Call::Read, now, true), Verdict::Pass);
    }
}
