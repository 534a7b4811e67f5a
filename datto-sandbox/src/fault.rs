//! Faults: what goes wrong, for which requests, and whether the request was carried out all the same.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// What a firewall answers.
const BLOCKED: &str = "<html><head><title>403 Forbidden</title></head>\
    <body><h1>403 Forbidden</h1>Your IP address has been blocked.</body></html>";

/// One of the three services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Product {
    /// Datto RMM.
    Rmm,
    /// Datto BCDR, with SaaS Protection and Direct-to-Cloud.
    Bcdr,
    /// Datto Workplace.
    Workplace,
}

/// Something that goes wrong, once unless told otherwise, for the requests it selects.
///
/// A fault strikes before the request is carried out, unless [`after_handling`](Self::after_handling) is set: then the
/// request has its effect and the client does not learn of it, which makes an ambiguous failure. Faults that spoil a
/// real answer ([`cut_body`](Self::cut_body), [`drip`](Self::drip)) or only hold it up ([`delay`](Self::delay)) carry
/// the request out in either case.
///
/// ```
/// use datto_sandbox::{Fault, Product};
///
/// let fault = Fault::status(503)
///     .product(Product::Rmm)
///     .method("GET")
///     .path_contains("/v2/account/devices")
///     .after(2)
///     .times(3)
///     .header("Retry-After", "1");
/// # drop(fault);
/// ```
#[derive(Debug, Clone)]
#[must_use = "a fault does nothing until it is injected"]
pub struct Fault {
    pub(crate) kind: Kind,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) after_handling: bool,
    product: Option<Product>,
    method: Option<String>,
    path: Option<String>,
    after: u64,
    times: Option<u64>,
}

/// What goes wrong.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Answer { status: u16, content: Option<(String, Vec<u8>)> },
    Reset,
    CutBody(usize),
    Delay(Duration),
    Drip(Duration),
    Stall,
}

impl Fault {
    /// Answers this status with an empty body; see [`content`](Self::content) and [`header`](Self::header).
    pub fn status(status: u16) -> Self {
        Self::new(Kind::Answer { status, content: None })
    }

    /// Drops the connection without an answer.
    pub fn reset() -> Self {
        Self::new(Kind::Reset)
    }

    /// Drops the connection after this many bytes of the body, of which `Content-Length` promised more.
    pub fn cut_body(bytes: usize) -> Self {
        Self::new(Kind::CutBody(bytes))
    }

    /// Answers 200 with the HTML of a maintenance page.
    pub fn html() -> Self {
        Self::body(
            "text/html",
            "<!DOCTYPE html><html><head><title>Maintenance</title></head><body>We will be back soon.</body></html>",
        )
    }

    /// Waits before the request is carried out, or before its answer is sent if `after_handling` is set.
    pub fn delay(wait: Duration) -> Self {
        Self::new(Kind::Delay(wait))
    }

    /// Sends the body of the answer in ten pieces with this long before each.
    pub fn drip(interval: Duration) -> Self {
        Self::new(Kind::Drip(interval))
    }

    /// Answers 200 with this body.
    pub fn body(content_type: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self::status(200).content(content_type, bytes)
    }

    /// Answers 302 with this `Location`.
    pub fn redirect(location: impl Into<String>) -> Self {
        Self::status(302).header("Location", location)
    }

    /// Never answers; the connection stays open.
    pub fn stall() -> Self {
        Self::new(Kind::Stall)
    }

    /// Answers 403 with the HTML of a firewall that has blocked the caller's address.
    pub fn ip_block() -> Self {
        Self::status(403).content("text/html", BLOCKED)
    }

    /// Only requests to this product.
    pub fn product(mut self, product: Product) -> Self {
        self.product = Some(product);
        self
    }

    /// Only requests with this method, in any case.
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.method = Some(method.into());
        self
    }

    /// Only requests whose decoded path contains this text.
    pub fn path_contains(mut self, text: impl Into<String>) -> Self {
        self.path = Some(text.into());
        self
    }

    /// Lets the first `count` selected requests pass.
    pub fn after(mut self, count: u64) -> Self {
        self.after = count;
        self
    }

    /// Strikes `count` times; once if not set.
    pub fn times(mut self, count: u64) -> Self {
        self.times = Some(count);
        self
    }

    /// Strikes until the faults are cleared.
    pub fn always(mut self) -> Self {
        self.times = None;
        self
    }

    /// Carries the request out before the fault strikes.
    pub fn after_handling(mut self) -> Self {
        self.after_handling = true;
        self
    }

    /// Adds a header to the answer. One that HTTP does not allow is left out.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the body of the answer of a [`status`](Self::status) fault; other kinds ignore it.
    pub fn content(mut self, content_type: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        if let Kind::Answer { content, .. } = &mut self.kind {
            *content = Some((content_type.into(), bytes.into()));
        }
        self
    }

    fn new(kind: Kind) -> Self {
        Self {
            kind,
            headers: Vec::new(),
            after_handling: false,
            product: None,
            method: None,
            path: None,
            after: 0,
            times: Some(1),
        }
    }

    fn selects(&self, product: Product, method: &str, path: &str) -> bool {
        self.product.is_none_or(|wanted| wanted == product)
            && self.method.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && self.path.as_ref().is_none_or(|wanted| path.contains(wanted.as_str()))
    }
}

/// The faults that were injected, in that order.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Vec<Planted>>);

#[derive(Debug)]
struct Planted {
    fault: Fault,
    seen: u64,
    struck: u64,
}

impl Faults {
    pub(crate) fn inject(&self, fault: Fault) {
        self.lock().push(Planted { fault, seen: 0, struck: 0 });
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    /// The fault that strikes this request, if any: the oldest that is ripe. Each fault counts every request that it
    /// selects, whichever fault strikes, so that several faults play out one after the other.
    pub(crate) fn strike(&self, product: Product, method: &str, path: &str) -> Option<Fault> {
        let mut chosen = None;
        for planted in self.lock().iter_mut().filter(|planted| planted.fault.selects(product, method, path)) {
            planted.seen += 1;
            let spent = planted.fault.times.is_some_and(|times| planted.struck >= times);
            if chosen.is_none() && planted.seen > planted.fault.after && !spent {
                planted.struck += 1;
                chosen = Some(planted.fault.clone());
            }
        }
        chosen
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Planted>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, Faults, Product};

    fn strikes(faults: &Faults, method: &str, path: &str) -> bool {
        faults.strike(Product::Rmm, method, path).is_some()
    }

    #[test]
    fn selectors_all_hold() {
        let faults = Faults::default();
        faults.inject(Fault::status(503).product(Product::Rmm).method("get").path_contains("/sites").always());
        assert!(strikes(&faults, "GET", "/api/v2/account/sites"));
        assert!(!strikes(&faults, "PUT", "/api/v2/account/sites"));
        assert!(!strikes(&faults, "GET", "/api/v2/account/devices"));
        assert!(faults.strike(Product::Bcdr, "GET", "/sites").is_none());
    }

    #[test]
    fn after_and_times_count() {
        let faults = Faults::default();
        faults.inject(Fault::status(503).after(1).times(2));
        let struck: Vec<bool> = (0..4).map(|_| strikes(&faults, "GET", "/")).collect();
        assert_eq!(struck, [false, true, true, false]);
    }

    #[test]
    fn several_faults_play_out_in_order() {
        let faults = Faults::default();
        faults.inject(Fault::status(503));
        faults.inject(Fault::reset());
        let struck: Vec<bool> = (0..3).map(|_| strikes(&faults, "GET", "/")).collect();
        assert_eq!(struck, [true, true, false]);
    }
}
