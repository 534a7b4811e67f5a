//! What the core has to know of the partner API: its limits, and what its failures mean.

use std::time::Duration;

use datto_common::internal::{BudgetHeaders, Failure, Pace, Profile, Rules};
use datto_common::{ErrorKind, StatusCode};

/// The product, as the core sees it.
pub(crate) static PROFILE: Profile = Profile {
    product: "BCDR",
    user_agent: concat!("datto-bcdr/", env!("CARGO_PKG_VERSION")),
    wait_headers: &["retry-after"],
    hint,
    // No block of an address was ever seen.
    is_block: |_| false,
    limits,
};

/// The service has a budget of weighted calls by the hour, which it counts down in headers (observed); its size is not known. Until it tells, calls
/// are not held back.
fn limits() -> Rules {
    let pace = Pace {
        first: Duration::from_millis(200),
        longest: Duration::from_secs(10),
        easing: Duration::from_millis(20),
        after_503: false,
    };
    let budget =
        BudgetHeaders { remaining: "x-api-limit-remaining", resets: "x-api-limit-resets", cost: "x-api-limit-cost" };
    Rules { pace: Some(pace), budget: Some(budget), ..Rules::NONE }
}

fn hint(failure: &Failure<'_>, kind: ErrorKind) -> Option<&'static str> {
    let saas = failure.operation.name.starts_with("saas.");
    let seats = failure.operation.name == "saas.seats";
    Some(match kind {
        ErrorKind::Unauthenticated if saas => {
            "if other calls work, the key pair is restricted to a vendor, which shuts it out of SaaS alone: make one without vendor at Admin > Integrations > API Keys; else it is wrong or deactivated"
        }
        ErrorKind::Unauthenticated => {
            "the key pair is wrong, deactivated or regenerated: see Admin > Integrations > API Keys in the portal"
        }
        ErrorKind::Forbidden => {
            "the key pair is valid, but its scope does not cover this: see its client and vendor at Admin > Integrations > API Keys"
        }
        ErrorKind::NotFound if is_no_route(failure) => {
            "the service does not have this path: check the base URL, https://api.datto.com/v1; a wrong key is never a 404"
        }
        ErrorKind::NotFound => "no such record, or one that the key pair cannot see; a wrong key is never a 404",
        ErrorKind::RateLimited => "the budget of calls for the hour is used up; it is that of the whole organization",
        ErrorKind::Server if seats && failure.status == StatusCode::GATEWAY_TIMEOUT => {
            "the service cannot list the seats of large customers in time: use seats_or_counts(), or ask for one seat type"
        }
        _ => return None,
    })
}

/// A missing route and a missing record have the same code; the route's message says so (observed), and what is no JSON comes from another host.
fn is_no_route(failure: &Failure<'_>) -> bool {
    failure.html || failure.body.to_ascii_lowercase().contains("no route")
}
