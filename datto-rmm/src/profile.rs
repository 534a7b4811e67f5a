//! What the core has to know of Datto RMM: its limits, and what its failures mean.

use std::collections::BTreeMap;
use std::time::Duration;

use datto_common::internal::{AskUsage, Count, Failure, Profile, Rules, Usage};
use datto_common::{ErrorKind, StatusCode};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::models::{OperationRate, RequestRate};
use crate::operations;

/// The product, as the core sees it.
pub(crate) static PROFILE: Profile = Profile {
    product: "RMM",
    user_agent: concat!("datto-rmm/", env!("CARGO_PKG_VERSION")),
    wait_headers: &["retry-after"],
    hint,
    is_block,
    limits,
};

/// The public client of the password grant, the same for everybody (observed).
pub(crate) const PUBLIC_CLIENT: (&str, &str) = ("public-client", "public");

/// The service allows 100 of each write at least (observed); a limit far below that is no limit of this service.
const LEAST_LIMIT: u32 = 50;

pub(crate) const LOGIN_HINT: &str =
    "check the API key and its secret; a key works on its own platform alone, so it may be the platform that is wrong";

/// One pair in one place tempts to use it for both products; each knows its own alone.
pub(crate) const SHARED_PAIR_HINT: &str = "the pair came from DATTO_API_PUBLIC_KEY and DATTO_API_PRIVATE_KEY: keys of the partner portal are not keys of RMM; make one at Setup > Users in RMM, set it as DATTO_RMM_API_KEY and DATTO_RMM_API_SECRET, and check the platform";

/// 600 reads and 600 writes a minute for the whole account, 100 of each write operation but for the user-defined fields; above
/// nine tenths each answer is held back for a second (official; the limits of each write observed).
fn limits() -> Rules {
    let each_write = |name: &str| Some(if name == "device-udf-set" { 600 } else { 100 });
    let usage = AskUsage { operation: &operations::SYSTEM_REQUEST_RATE, read: usage };
    Rules { ratio: 0.9, reads: Some(600), writes: Some(600), each_write, usage: Some(usage), ..Rules::NONE }
}

/// What `GET /v2/system/request_rate` tells. Without its write fields the account is an older one (observed). Figures that cannot be are not
/// believed: they would stop every call.
fn usage(answer: &Value) -> Option<Usage> {
    let rate: RequestRate = serde_json::from_value(answer.clone()).ok()?;
    let count = |limit: Option<i64>, used: Option<i64>| {
        let count = Count { limit: u32::try_from(limit?).ok()?, used: u32::try_from(used?).ok()? };
        (count.limit >= LEAST_LIMIT && count.used <= count.limit.saturating_mul(2)).then_some(count)
    };
    let each = |(name, rate): (String, OperationRate)| Some((name, count(rate.limit, rate.count)?));
    let writes = match rate.account_write_rate_limit {
        None => None,
        limit => Some(count(limit, rate.account_write_count)?),
    };
    let window = rate.sliding_time_window_size_seconds.and_then(|seconds| u64::try_from(seconds).ok());
    Some(Usage {
        window: window.filter(|seconds| (1..=600).contains(seconds)).map(Duration::from_secs),
        ratio: rate.account_cut_off_ratio.filter(|ratio| (0.5..=1.0).contains(ratio)),
        reads: count(rate.account_rate_limit, rate.account_count)?,
        writes,
        each_write: rate.operation_write_status.into_iter().flatten().filter_map(each).collect(),
    })
}

/// A 403 means a missing permission or a blocked address. A block shows by a `Retry-After`, by the words of its message, or by a page of
/// HTML from the firewall (observed). Other members of the answer may hold anything, such as a path that the caller asked for. One such
/// answer may also be about one odd value (guess): the core asks for what is harmless before it takes it for a block.
fn is_block(failure: &Failure<'_>) -> bool {
    let says_so = |text: &str| {
        let text = text.to_ascii_lowercase();
        ["rate limit", "rate-limit", "ratelimit", "ip block", "ip-block", "blocked"]
            .iter()
            .any(|words| text.contains(words))
    };
    failure.status == StatusCode::FORBIDDEN
        && (failure.html || failure.headers.contains_key("retry-after") || messages(failure.body).any(says_so))
}

/// What an answer says: the members of JSON that hold words of the service, or a plain text.
fn messages(body: &str) -> impl Iterator<Item = &str> {
    const MEMBERS: [&str; 6] = ["message", "errorMessage", "error", "error_description", "detail", "title"];
    let is_json = body.trim_start().starts_with(['{', '[']);
    let members: BTreeMap<&str, &RawValue> =
        if is_json { serde_json::from_str(body).unwrap_or_default() } else { BTreeMap::new() };
    let said = members.into_iter().filter(|(name, _)| MEMBERS.contains(name)).map(|(_, value)| value.get());
    said.chain(Some(body).filter(|_| !is_json))
}

fn hint(failure: &Failure<'_>, kind: ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::Unauthenticated => Some(
            "the service refused the token, also after a new login: the key may have been regenerated or its user disabled",
        ),
        ErrorKind::Forbidden => Some(
            "the user of this key may not do this, or API access is off: see Setup > Global Settings > Access Control and the user's security level",
        ),
        ErrorKind::Blocked => {
            Some("the service seems to block this address for going too fast; calls fail at once for five minutes")
        }
        ErrorKind::NotFound if failure.body.contains("No static resource") => {
            Some("this platform does not have this path, or not yet: some paths came with build 235")
        }
        ErrorKind::NotFound if failure.html => {
            Some("this host is not the API: give the address of your portal, or https://{platform}-api.centrastage.net")
        }
        ErrorKind::NotFound if failure.operation.path.starts_with("/v2/audit/device") => Some(
            "no such device, one that the user of this key cannot see, or one that was never audited: then its `last_audit_date` is not set",
        ),
        ErrorKind::NotFound => Some("no such record, or one that the user of this key cannot see"),
        ErrorKind::Conflict => Some("another change to the same record was under way; read it again before you repeat"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rate(limit: i64, used: i64) -> Value {
        json!({"slidingTimeWindowSizeSeconds": 60, "accountCount": used, "accountRateLimit": limit, "accountCutOffRatio": 0.9,
            "accountWriteRateLimit": 600, "accountWriteCount": 1, "operationWriteStatus": {"device-move": {"limit": 100, "count": 2}, "odd": {"limit": 0, "count": 9}}})
    }

    #[test]
    fn what_the_service_counted_is_read() {
        let usage = usage(&rate(600, 12)).unwrap();
        assert_eq!((usage.reads, usage.writes), (Count { limit: 600, used: 12 }, Some(Count { limit: 600, used: 1 })));
        assert_eq!(usage.each_write, [("device-move".to_owned(), Count { limit: 100, used: 2 })]);
        assert_eq!((usage.window, usage.ratio), (Some(Duration::from_secs(60)), Some(0.9)));
    }

    #[test]
    fn a_block_shows_by_what_the_service_says_alone() {
        let failure = |body: &'static str, headers: &'static datto_common::HeaderMap| Failure {
            operation: &operations::ACCOUNT_GET,
            status: StatusCode::FORBIDDEN,
            headers,
            body,
            html: body.starts_with('<'),
        };
        static NONE: std::sync::LazyLock<datto_common::HeaderMap> =
            std::sync::LazyLock::new(datto_common::HeaderMap::new);
        for (body, expected) in [
            ("<html>Request blocked</html>", true),
            ("IP blocked", true),
            (r#"{"message":"Your IP is BLOCKED"}"#, true),
            (r#"{"errorMessage":"rate limit exceeded"}"#, true),
            (r#"{"error":"Forbidden","path":"/v2/site/blocked-site"}"#, false),
            (r#"{"message":"Access denied","role":"ip-blocked users"}"#, false),
            (r#"{"message":"Access denied","path":"/v2/blocked-si"#, false),
            ("", false),
        ] {
            assert_eq!(is_block(&failure(body, &NONE)), expected, "{body}");
        }
    }

    #[test]
    fn an_older_account_is_told_by_its_lacking_fields() {
        let older = json!({"accountCount": 5, "accountRateLimit": 600});
        assert_eq!(usage(&older).unwrap().writes, None);
    }

    #[test]
    fn figures_that_cannot_be_are_not_believed() {
        for (limit, used) in [(0, 0), (7, 3), (-1, 0), (600, 5_000), (600, -1), (i64::MAX, 0)] {
            assert_eq!(usage(&rate(limit, used)), None, "{used} of {limit}");
        }
        let odd = json!({"accountCount": 5, "accountRateLimit": 600, "slidingTimeWindowSizeSeconds": 2_147_483_647, "accountCutOffRatio": 0.0});
        assert_eq!(usage(&odd).map(|usage| (usage.window, usage.ratio)), Some((None, None)));
        assert_eq!(usage(&json!([])), None);
    }
}
