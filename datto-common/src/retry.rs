//! What is tried again, and when. The table in the documentation of [`RetryPolicy`] is the whole of it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderValue, StatusCode};
use tokio::time::Instant;

use serde::{Deserialize, Serialize};

use crate::Effect;

/// How often a call is tried, and how long to wait in between.
///
/// | what happened | `Read` | `Repeatable` | `Once` |
/// |---|---|---|---|
/// | nothing was sent (name, connection, TLS, login unreachable) | again | again | again |
/// | 429 | again | again | again |
/// | 401 | once more, after a new login | the same | the same |
/// | 408 (a balancer closed an idle connection) | again | no | no |
/// | 502, 503, 504 | again | again | no; it may have happened |
/// | the connection broke or no answer came in time | again | again | no; it may have happened |
/// | 500 | once more | no | no; it may have happened |
/// | any other answer | no | no | no |
///
/// Operations that are known to fail with a 504 again switch that row off for themselves. A delete that finds 404 after an
/// attempt whose outcome was not seen has succeeded. The wait is what the service asks for (`Retry-After`, in seconds or as
/// a date), never less than a back-off that is random between zero and a bound that doubles from 250 ms to 8 s. After a 429
/// that does not say how long, it is what is left of the window of the limit, where there is one. A wait that does not fit the
/// time left, or is longer than three minutes, fails at once and says how long it would have been.
///
/// All calls of a client together have fifty retries in hand; each second earns another, and so do five good answers. When
/// they are used up, calls fail at once: so a service that is down is not knocked at by each caller as often as it may. A 429
/// costs none, since it says when to come again.
///
/// Can stand in a configuration: `{"attempts": 2, "longest_wait": "30s"}`; what is left out has its default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// How often a call is sent at the most; at least 1.
    pub attempts: u32,
    /// The bound of the first wait.
    #[serde(with = "crate::spans_of_time")]
    pub first_wait: Duration,
    /// The bound of every later wait.
    #[serde(with = "crate::spans_of_time")]
    pub longest_wait: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { attempts: 4, first_wait: Duration::from_millis(250), longest_wait: Duration::from_secs(8) }
    }
}

impl RetryPolicy {
    /// Never tries again.
    pub fn never() -> Self {
        Self { attempts: 1, ..Self::default() }
    }

    /// With another number of attempts.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// With other bounds of the waits; zero for both waits not at all, for tests.
    #[must_use]
    pub fn waits(mut self, first: Duration, longest: Duration) -> Self {
        self.first_wait = first;
        self.longest_wait = longest.max(first);
        self
    }

    /// A random wait before attempt `number` + 1.
    pub(crate) fn back_off(&self, number: u32) -> Duration {
        let doubled = self.first_wait.saturating_mul(2_u32.saturating_pow(number.saturating_sub(1).min(16)));
        doubled.min(self.longest_wait).mul_f64(random_fraction())
    }
}

/// The retries that a client has in hand, for all its calls together: while a service is down, its callers do not knock as often as each
/// may. A good answer earns a part of a retry, and so does the time that goes by.
#[derive(Debug)]
pub(crate) struct RetryBudget {
    purse: Mutex<Purse>,
    /// There is nothing to earn before something was spent.
    spent: AtomicBool,
}

#[derive(Debug)]
struct Purse {
    left: f64,
    at: Option<Instant>,
}

impl RetryBudget {
    const MOST: f64 = 50.0;
    const EACH_ANSWER: f64 = 0.2;
    const EACH_SECOND: f64 = 1.0;

    pub(crate) fn new() -> Self {
        Self { purse: Mutex::new(Purse { left: Self::MOST, at: None }), spent: AtomicBool::new(false) }
    }

    /// Takes one retry, if there is one.
    pub(crate) fn spend(&self) -> bool {
        let now = Instant::now();
        let mut purse = self.purse.lock().unwrap_or_else(PoisonError::into_inner);
        let since = purse.at.replace(now).map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        purse.left = (purse.left + since.as_secs_f64() * Self::EACH_SECOND).min(Self::MOST);
        let enough = purse.left >= 1.0;
        if enough {
            purse.left -= 1.0;
        }
        self.spent.store(true, Ordering::Relaxed);
        enough
    }

    /// A call was answered well.
    pub(crate) fn earn(&self) {
        if self.spent.load(Ordering::Relaxed) {
            let mut purse = self.purse.lock().unwrap_or_else(PoisonError::into_inner);
            purse.left = (purse.left + Self::EACH_ANSWER).min(Self::MOST);
        }
    }
}

/// How an attempt ended without a good answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Nothing reached the service.
    NotSent,
    /// Something was sent; no whole answer came.
    Lost,
    /// The service answered with this status.
    Status(StatusCode),
}

impl Ending {
    /// Whether the service may have carried the request out.
    pub(crate) fn is_ambiguous(self) -> bool {
        match self {
            Self::NotSent => false,
            Self::Lost => true,
            Self::Status(status) => status.is_server_error() || status.is_success(),
        }
    }
}

/// Whether to try again after this ending; `failed_500` counts the 500s so far, this one included.
pub(crate) fn tries_again(effect: Effect, retry_504: bool, ending: Ending, failed_500: u32) -> bool {
    match ending {
        Ending::NotSent | Ending::Status(StatusCode::TOO_MANY_REQUESTS) => true,
        _ if effect == Effect::Once => false,
        Ending::Lost | Ending::Status(StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE) => true,
        // A balancer closed a connection that had been idle, as the request came.
        Ending::Status(StatusCode::REQUEST_TIMEOUT) => effect == Effect::Read,
        Ending::Status(StatusCode::GATEWAY_TIMEOUT) => retry_504,
        Ending::Status(StatusCode::INTERNAL_SERVER_ERROR) => effect == Effect::Read && failed_500 <= 1,
        Ending::Status(_) => false,
    }
}

/// What the service asks to wait, by the first of these headers that can be read, in seconds or as a date: of one that came more than
/// once, the longest. Absurd values count as none.
pub(crate) fn asked_wait(headers: &HeaderMap, names: &[&str], now: SystemTime) -> Option<Duration> {
    let read = |value: &HeaderValue| {
        let text = value.to_str().ok()?.trim();
        let wait = match text.parse::<f64>() {
            Ok(seconds) => Duration::try_from_secs_f64(seconds).ok()?,
            Err(_) => {
                let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
                SystemTime::from(date).duration_since(now).unwrap_or(Duration::ZERO)
            }
        };
        (wait <= Duration::from_secs(24 * 3_600)).then_some(wait)
    };
    names.iter().find_map(|name| headers.get_all(*name).iter().filter_map(read).max())
}

/// Between 0 and 1. The randomness of the standard library's hash keys is enough to spread waits.
fn random_fraction() -> f64 {
    use std::hash::{BuildHasher, Hasher};
    let bits = std::collections::hash_map::RandomState::new().build_hasher().finish() >> 11;
    #[allow(clippy::cast_precision_loss)] // 53 bits fit
    let fraction = bits as f64 / (1_u64 << 53) as f64;
    fraction
}

#[cfg(test)]
mod tests {
    use super::*;
    use Effect::{Once, Read, Repeatable};
    use proptest::prelude::*;

    fn status(code: u16) -> Ending {
        Ending::Status(StatusCode::from_u16(code).unwrap())
    }

    /// The rows of the documented table: ending, then whether Read, Repeatable, Once are tried again.
    #[test]
    fn the_table_is_followed() {
        for (ending, read, repeatable, once) in [
            (Ending::NotSent, true, true, true),
            (Ending::Lost, true, true, false),
            (status(429), true, true, true),
            (status(502), true, true, false),
            (status(503), true, true, false),
            (status(504), true, true, false),
            (status(500), true, false, false),
            (status(501), false, false, false),
            (status(400), false, false, false),
            (status(403), false, false, false),
            (status(404), false, false, false),
            (status(408), true, false, false),
            (status(409), false, false, false),
        ] {
            for (effect, expected) in [(Read, read), (Repeatable, repeatable), (Once, once)] {
                assert_eq!(tries_again(effect, true, ending, 1), expected, "{effect:?} {ending:?}");
            }
        }
        assert!(!tries_again(Read, true, status(500), 2), "a 500 is tried once more only");
        assert!(!tries_again(Read, false, status(504), 0), "a row can switch the 504 off");
    }

    #[test]
    fn only_an_answer_before_the_work_is_unambiguous() {
        for (ending, ambiguous) in [
            (Ending::NotSent, false),
            (Ending::Lost, true),
            (status(200), true),
            (status(500), true),
            (status(504), true),
            (status(429), false),
            (status(404), false),
        ] {
            assert_eq!(ending.is_ambiguous(), ambiguous, "{ending:?}");
        }
    }

    #[test]
    fn retry_after_is_read_in_seconds_and_as_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777 - 30); // Sun, 06 Nov 1994 08:49:37 GMT is 30 s later
        for (text, seconds) in [
            ("7", Some(7)),
            (" 0 ", Some(0)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(30)),
            ("Sun, 06 Nov 1994 07:49:37 GMT", Some(0)),
            ("-5", None),
            ("99999999", None),
            ("soon", None),
            ("", None),
            ("NaN", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("retry-after", text.parse().unwrap());
            assert_eq!(
                asked_wait(&headers, &["x-other", "retry-after"], now),
                seconds.map(Duration::from_secs),
                "{text:?}"
            );
        }
    }

    #[test]
    fn of_a_header_that_came_twice_the_longest_wait_counts() {
        let mut headers = HeaderMap::new();
        for wait in ["1", "soon", "7", "3"] {
            headers.append("retry-after", wait.parse().unwrap());
        }
        assert_eq!(asked_wait(&headers, &["retry-after"], SystemTime::now()), Some(Duration::from_secs(7)));
    }

    #[tokio::test(start_paused = true)]
    async fn retries_are_bounded_for_all_calls_together() {
        let budget = RetryBudget::new();
        assert_eq!((0..400).filter(|_| budget.spend()).count(), 50);
        tokio::time::advance(Duration::from_secs(10)).await;
        assert_eq!((0..400).filter(|_| budget.spend()).count(), 10, "time earns some");
        (0..101).for_each(|_| budget.earn());
        assert_eq!((0..400).filter(|_| budget.spend()).count(), 20, "good answers earn some");
        tokio::time::advance(Duration::from_secs(1_000_000)).await;
        assert_eq!((0..400).filter(|_| budget.spend()).count(), 50);
    }

    proptest! {
        #[test]
        fn a_wait_stays_below_its_bound(number in 0_u32..100) {
            let policy = RetryPolicy::default();
            prop_assert!(policy.back_off(number) <= policy.longest_wait);
            prop_assert!(policy.back_off(1) <= policy.first_wait);
        }

        #[test]
        fn any_header_is_read_without_a_panic(text in "[ -~]*") {
            let mut headers = HeaderMap::new();
            headers.insert("retry-after", text.parse().unwrap());
            let _ = asked_wait(&headers, &["retry-after"], SystemTime::now());
        }
    }
}
