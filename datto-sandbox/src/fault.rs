//! Faults: what goes wrong, for which requests, and whether the request was carried out all the same.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::alter::Alteration;

/// What a firewall answers.
const BLOCKED: &str = "<html><head><title>403 Forbidden</title></head>\
    <body><h1>403 Forbidden</h1>Your IP address has been blocked.</body></html>";

/// One of the three services. As data it is `rmm`, `bcdr` or `workplace`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
/// request has its effect and the client does not learn of it, which makes an ambiguous failure. Faults that spoil or
/// alter a real answer ([`cut_body`](Self::cut_body), [`drip`](Self::drip), [`set`](Self::set),
/// [`no_rows`](Self::no_rows) and their like) or only hold it up ([`delay`](Self::delay)) carry the request out in
/// either case.
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
    pub(crate) product: Option<Product>,
    pub(crate) account: Option<String>,
    pub(crate) method: Option<String>,
    pub(crate) path: Option<String>,
    pub(crate) query: Option<String>,
    pub(crate) after: u64,
    pub(crate) times: Option<u64>,
}

/// What goes wrong.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Answer {
        status: u16,
        content: Option<(String, Vec<u8>)>,
    },
    Reset,
    CutBody(usize),
    Delay(Duration),
    Drip(Duration),
    Stall,
    /// The `ErrorResponse` of the RMM document with a message, about the path that was asked for.
    Refusal {
        status: u16,
        message: String,
    },
    /// 200 and a body without an end, of this text over and over.
    Endless(Vec<u8>),
    /// The real answer, altered.
    Alter(Alteration),
    /// The real answer to a request that was altered: without a query parameter, or with a number lowered to a cap.
    Query {
        name: String,
        cap: Option<u64>,
    },
    /// The real answer, and after this long the same once more, which nobody has asked for.
    Stray(Duration),
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

    /// Answers 403 with the JSON of a refusal whose message speaks of something blocked, though no address is.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::refusal(403, message)
    }

    /// Answers this status with the JSON of a refusal: timestamp, status, reason, message and path.
    pub fn refusal(status: u16, message: impl Into<String>) -> Self {
        Self::new(Kind::Refusal { status, message: message.into() })
    }

    /// Answers 401, as to a token that has ended before its time.
    pub fn token_refused() -> Self {
        Self::status(401).content(
            "application/json",
            "{\"error\":\"invalid_token\",\"error_description\":\"Invalid or expired access token\"}",
        )
    }

    /// Answers 200 with a body that has no end: this text over and over.
    pub fn endless(text: impl Into<Vec<u8>>) -> Self {
        Self::new(Kind::Endless(text.into()))
    }

    /// Puts a value in place of what stands at a JSON pointer (`/pageDetails/totalCount`) of the real answer. A member
    /// that is not there is added where its parent is an object.
    pub fn set(pointer: impl Into<String>, value: impl Into<Value>) -> Self {
        Self::new(Kind::Alter(Alteration::Set(pointer.into(), value.into())))
    }

    /// Adds a step to the number at a JSON pointer of the real answer, one more with every strike: a total that is
    /// another on each page is `Fault::drift("/pageDetails/totalCount", 1).always()`.
    pub fn drift(pointer: impl Into<String>, step: i64) -> Self {
        Self::new(Kind::Alter(Alteration::Drift(pointer.into(), step)))
    }

    /// Puts this many copies of a value in place of the rows of the real answer.
    pub fn rows(count: usize, value: impl Into<Value>) -> Self {
        Self::new(Kind::Alter(Alteration::Rows(count, value.into())))
    }

    /// Takes the rows out of the real answer, which says all the same that there is a next page.
    pub fn no_rows() -> Self {
        Self::new(Kind::Alter(Alteration::NoRows))
    }

    /// Reverses the rows of the real answer.
    pub fn reversed_rows() -> Self {
        Self::new(Kind::Alter(Alteration::Reversed))
    }

    /// Adds this many bytes to the end of the real answer, and to the length that it promises.
    pub fn pad(bytes: usize) -> Self {
        Self::new(Kind::Alter(Alteration::Pad(bytes)))
    }

    /// Puts bytes in place of the first occurrence of a text in the real answer: a Latin-1 byte in a name, a control
    /// character, a number of forty digits. Nothing changes where the text does not occur.
    pub fn replace(text: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self::new(Kind::Alter(Alteration::Replace(text.into(), bytes.into())))
    }

    /// Answers as ever, with the headers of [`header`](Self::header) in place of those of the same name.
    pub fn relabel() -> Self {
        Self::new(Kind::Alter(Alteration::Nothing))
    }

    /// Carries the request out as if it did not have this query parameter: a page number that is not looked at.
    pub fn ignore_query(name: impl Into<String>) -> Self {
        Self::new(Kind::Query { name: name.into(), cap: None })
    }

    /// Carries the request out as if this query parameter were at most `most`: a page size that is capped.
    pub fn cap_query(name: impl Into<String>, most: u64) -> Self {
        Self::new(Kind::Query { name: name.into(), cap: Some(most) })
    }

    /// Answers as ever, and sends the same answer once more after this long: a client that keeps the connection may
    /// take it for the answer to its next request. Not over TLS.
    pub fn stray(wait: Duration) -> Self {
        Self::new(Kind::Stray(wait))
    }

    /// Only requests to this product.
    pub fn product(mut self, product: Product) -> Self {
        self.product = Some(product);
        self
    }

    /// Only requests to the account of this name.
    pub fn account(mut self, name: impl Into<String>) -> Self {
        self.account = Some(name.into());
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

    /// Only requests whose decoded query contains this text: a fault for one odd value.
    pub fn query_contains(mut self, text: impl Into<String>) -> Self {
        self.query = Some(text.into());
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

    /// Adds a header to the answer, in place of one of the same name. One that HTTP does not allow is left out.
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
            account: None,
            method: None,
            path: None,
            query: None,
            after: 0,
            times: Some(1),
        }
    }

    fn selects(&self, asked: &Asked<'_>) -> bool {
        let Asked { product, account, method, path, query } = *asked;
        self.product.is_none_or(|wanted| wanted == product)
            && self.account.as_ref().is_none_or(|wanted| wanted == account)
            && self.method.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && self.path.as_ref().is_none_or(|wanted| path.contains(wanted.as_str()))
            && self.query.as_ref().is_none_or(|wanted| query.contains(wanted.as_str()))
    }
}

/// A request, as faults select it; path and query are decoded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) product: Product,
    pub(crate) account: &'a str,
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
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

impl Planted {
    fn new(fault: Fault) -> Self {
        Self { fault, seen: 0, struck: 0 }
    }
}

impl Faults {
    pub(crate) fn new(faults: Vec<Fault>) -> Self {
        Self(Mutex::new(faults.into_iter().map(Planted::new).collect()))
    }

    pub(crate) fn inject(&self, fault: Fault) {
        self.lock().push(Planted::new(fault));
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    /// Puts faults in place of those there are.
    pub(crate) fn replace(&self, faults: Vec<Fault>) {
        *self.lock() = faults.into_iter().map(Planted::new).collect();
    }

    /// The faults, each with how many requests it has seen and how often it has struck.
    pub(crate) fn list(&self) -> Vec<(Fault, u64, u64)> {
        self.lock().iter().map(|planted| (planted.fault.clone(), planted.seen, planted.struck)).collect()
    }

    /// The fault that strikes this request, if any: the oldest that is ripe. Each fault counts every request that it
    /// selects, whichever fault strikes, so that several faults play out one after the other.
    ///
    /// With it comes how often it has struck before.
    pub(crate) fn strike(&self, asked: Asked<'_>) -> Option<(Fault, u64)> {
        let mut chosen = None;
        for planted in self.lock().iter_mut().filter(|planted| planted.fault.selects(&asked)) {
            planted.seen += 1;
            let spent = planted.fault.times.is_some_and(|times| planted.struck >= times);
            if chosen.is_none() && planted.seen > planted.fault.after && !spent {
                chosen = Some((planted.fault.clone(), planted.struck));
                planted.struck += 1;
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
    use super::{Asked, Fault, Faults, Product};

    fn strikes(faults: &Faults, method: &str, path: &str) -> bool {
        let asked = Asked { product: Product::Rmm, account: "main", method, path, query: "" };
        faults.strike(asked).is_some()
    }

    #[test]
    fn selectors_all_hold() {
        let faults = Faults::default();
        faults.inject(Fault::status(503).product(Product::Rmm).method("get").path_contains("/sites").always());
        assert!(strikes(&faults, "GET", "/api/v2/account/sites"));
        assert!(!strikes(&faults, "PUT", "/api/v2/account/sites"));
        assert!(!strikes(&faults, "GET", "/api/v2/account/devices"));
        let asked = Asked { product: Product::Bcdr, account: "main", method: "GET", path: "/sites", query: "" };
        assert!(faults.strike(asked).is_none());
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
