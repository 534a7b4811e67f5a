//! What RMM posts when an alert is raised or resolved.
//!
//! The service lets users write the text of a webhook, with variables in brackets that it fills in (*official*); it signs nothing and quotes nothing (guess), so a message that holds quotes breaks
//! the JSON, and one that was made for it can look like other members. So the text that this module gives to paste puts what can be trusted first and the message last, and what is
//! read follows that order.

use std::fmt;

use datto_common::Secret;

use crate::ids::AlertUid;
use crate::models::AlertPriority;
use crate::models::plain::plain;
use crate::rollout::Untrusted;

/// A body may have so many bytes.
const MOST_BYTES: usize = 64 * 1024;

/// The members of the text, in their order, and the variables that fill them. Observed in receivers of others: `alert_uid`, `alert_message` and `platform` in several, the
/// others in one or two.
const MEMBERS: [(&str, &str); 9] = [
    ("alert_uid", "[alert_uid]"),
    ("platform", "[platform]"),
    ("priority", "[alert_priority]"),
    ("category", "[alert_category]"),
    ("type", "[alert_type]"),
    ("device_id", "[device_id]"),
    ("site_name", "[site_name]"),
    ("device_hostname", "[device_hostname]"),
    ("message", "[alert_message]"),
];

/// Receives the webhooks of alerts. It is no server: give it what yours received.
///
/// ```
/// use datto_rmm::watch::{AlertWebhook, Delivered};
///
/// let webhook = AlertWebhook::new("a long random word");
/// println!("{}", webhook.text_for(Delivered::Triggered)); // to paste into RMM
///
/// let body = br#"{"secret": "a long random word", "event": "triggered", "alert_uid": "a-1", "message": "disk "C:" is full"}"#;
/// let delivery = webhook.receive(body)?;
/// assert_eq!((delivery.alert_uid.as_str(), delivery.what), ("a-1", Delivered::Triggered));
/// assert_eq!(delivery.message.as_untrusted(), r#"disk "C:" is full"#);
/// assert!(webhook.receive(br#"{"secret": "guessed", "event": "resolved", "alert_uid": "a-1"}"#).is_err());
/// # Ok::<(), datto_rmm::watch::Rejected>(())
/// ```
#[derive(Debug, Clone)]
pub struct AlertWebhook {
    secret: Secret,
}

/// Which of the two a webhook tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Delivered {
    /// An alert was raised.
    Triggered,
    /// An alert was resolved.
    Resolved,
}

impl Delivered {
    fn word(self) -> &'static str {
        match self {
            Self::Triggered => "triggered",
            Self::Resolved => "resolved",
        }
    }
}

/// What a webhook brought.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Delivery {
    /// Which of the two.
    pub what: Delivered,
    /// The alert.
    pub alert_uid: AlertUid,
    /// The platform of the account, as RMM names it.
    pub platform: Option<String>,
    /// How grave it is.
    pub priority: Option<AlertPriority>,
    /// Its category, in the words of RMM.
    pub category: Option<String>,
    /// Its kind, in the words of RMM.
    pub kind: Option<String>,
    /// The number of the device.
    pub device_id: Option<String>,
    /// The name of the site.
    pub site_name: Option<Untrusted>,
    /// The name of the device. It comes from an endpoint.
    pub device_hostname: Option<Untrusted>,
    /// What the monitor says. It comes from an endpoint.
    pub message: Untrusted,
}

impl Delivery {
    /// One line about it: the device, its site, the message.
    pub fn sentence(&self) -> Untrusted {
        let name = |name: &Option<Untrusted>| name.as_ref().map(ToString::to_string).filter(|name| !name.is_empty());
        let place = match (name(&self.device_hostname), name(&self.site_name)) {
            (Some(device), Some(site)) => format!("{device} ({site}): "),
            (Some(name), None) | (None, Some(name)) => format!("{name}: "),
            (None, None) => String::new(),
        };
        Untrusted::new(format!("{place}{}", self.message))
    }

    #[cfg(test)]
    pub(crate) fn of(uid: &str, what: Delivered) -> Self {
        Self {
            what,
            alert_uid: uid.into(),
            platform: None,
            priority: None,
            category: None,
            kind: None,
            device_id: None,
            site_name: None,
            device_hostname: None,
            message: Untrusted::default(),
        }
    }
}

/// Why a body was not taken. It says nothing of the body: answer with the status alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rejected {
    /// It is larger than 64 KiB: answer 413.
    #[error("the body is larger than 64 KiB")]
    TooLarge,
    /// The secret is absent or another one: answer 401.
    #[error("the secret is absent or wrong")]
    WrongSecret,
    /// It is not the text that was given to paste, or RMM did not fill it in: answer 400.
    #[error("the body is not what was expected: {0}")]
    Unreadable(&'static str),
}

impl Rejected {
    /// The HTTP status to answer with.
    pub fn status(self) -> u16 {
        match self {
            Self::TooLarge => 413,
            Self::WrongSecret => 401,
            Self::Unreadable(_) => 400,
        }
    }
}

impl AlertWebhook {
    /// With the secret that each webhook has to bring. Make it long and random, without quotes; a body with an empty one is never taken.
    pub fn new(secret: impl Into<String>) -> Self {
        Self { secret: Secret::new(secret.into()) }
    }

    /// The text to paste into RMM: as the body of the webhook for raised alerts, or as that for resolved ones, with the content type `application/json`. It holds the secret.
    pub fn text_for(&self, what: Delivered) -> String {
        let members = MEMBERS.iter().map(|(name, variable)| format!("\"{name}\": \"{variable}\""));
        let first = [("secret", self.secret.expose()), ("event", what.word())]
            .map(|(name, value)| format!("\"{name}\": \"{value}\""));
        let lines: Vec<String> = first.into_iter().chain(members).collect();
        format!("{{\n  {}\n}}", lines.join(",\n  "))
    }

    /// Reads the body of a request.
    ///
    /// # Errors
    /// If it is too large, brings another secret, or is not the text to paste. The secret is compared in a time that does not depend on where it differs.
    pub fn receive(&self, body: &[u8]) -> Result<Delivery, Rejected> {
        if body.len() > MOST_BYTES {
            return Err(Rejected::TooLarge);
        }
        let text = String::from_utf8_lossy(body);
        let mut members = Members(text.trim_start_matches('\u{feff}').trim());
        let secret = members.take("secret").unwrap_or_default();
        if self.secret.is_empty() || !is_same(secret.as_bytes(), self.secret.expose().as_bytes()) {
            return Err(Rejected::WrongSecret);
        }
        let what = match members.take("event").as_deref() {
            Some("triggered") => Delivered::Triggered,
            Some("resolved") => Delivered::Resolved,
            _ => return Err(Rejected::Unreadable("no event")),
        };
        let mut next = |name: &str| members.take(name).filter(|value| !is_unfilled(value));
        let alert_uid = next("alert_uid").ok_or(Rejected::Unreadable("no uid of an alert"))?;
        let clean = |value: Option<String>| value.map(|value| plain(&value)).filter(|value| !value.is_empty());
        Ok(Delivery {
            what,
            alert_uid: AlertUid::from(alert_uid.trim()),
            platform: clean(next("platform")),
            priority: clean(next("priority")).map(AlertPriority::from),
            category: clean(next("category")),
            kind: clean(next("type")),
            device_id: clean(next("device_id")),
            site_name: next("site_name").map(Untrusted::new),
            device_hostname: next("device_hostname").map(Untrusted::new),
            message: next("message").map(Untrusted::new).unwrap_or_default(),
        })
    }
}

/// RMM left a variable as it was: it knows no such one.
fn is_unfilled(value: &str) -> bool {
    let value = value.trim();
    value.is_empty()
        || (value.starts_with('[') && value.ends_with(']') && MEMBERS.iter().any(|(_, variable)| *variable == value))
}

/// In a time that depends on the lengths alone.
fn is_same(a: &[u8], b: &[u8]) -> bool {
    let differs = a.iter().zip(b).fold(0, |differs, (a, b)| differs | (a ^ b));
    std::hint::black_box(differs) == 0 && a.len() == b.len()
}

/// What is left of the members. Each is looked for behind the one before: so one that stands in the message is none.
struct Members<'a>(&'a str);

impl Members<'_> {
    /// The value of the next member of this name. It ends where another member of the text begins, whatever quotes are in it.
    fn take(&mut self, name: &str) -> Option<String> {
        let (from, value) = self.begin(name)?;
        let (end, rest) = match self.0.get(from..).and_then(|value| ends(name, value)) {
            Some((end, rest)) => (end, rest),
            None => (value.len(), value.len()),
        };
        let found = value.get(..end).map(unquoted);
        self.0 = self.0.get(from + rest..).unwrap_or_default();
        found
    }

    /// Where the value of the member begins.
    fn begin(&self, name: &str) -> Option<(usize, &str)> {
        let key = format!("\"{name}\"");
        let at = self.0.find(&key)? + key.len();
        let behind = self.0.get(at..)?.trim_start().strip_prefix(':')?.trim_start();
        let value = behind.strip_prefix('"').unwrap_or(behind);
        Some((self.0.len() - value.len(), value))
    }
}

/// Where a value ends, and where what follows begins: at the quote before a comma and the name of a later member, or at the last quote of the text.
fn ends(name: &str, value: &str) -> Option<(usize, usize)> {
    let later = MEMBERS.iter().map(|(name, _)| *name).skip_while(|other| *other != name).skip(1);
    let all = ["event"]
        .into_iter()
        .filter(|_| name == "secret")
        .chain(MEMBERS.iter().map(|(name, _)| *name).filter(|_| matches!(name, "secret" | "event")));
    let next = all.chain(later).filter_map(|other| {
        let key = format!("\"{other}\"");
        let mut from = 0;
        loop {
            let at = from + value.get(from..)?.find(&key)?;
            let before = value.get(..at)?.trim_end();
            match before.strip_suffix(',').map(str::trim_end).and_then(|before| before.strip_suffix('"')) {
                Some(before) => return Some((before.len(), at)),
                None => from = at + key.len(),
            }
        }
    });
    next.min().or_else(|| {
        let end = value.trim_end().strip_suffix('}').map_or(value, str::trim_end);
        Some((end.strip_suffix('"').unwrap_or(end).len(), value.len()))
    })
}

/// The escapes of JSON, where the text has them.
fn unquoted(value: &str) -> String {
    serde_json::from_str(&format!("\"{value}\"")).unwrap_or_else(|_| value.to_owned())
}

impl fmt::Display for Delivered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECRET: &str = "correct horse";

    fn webhook() -> AlertWebhook {
        AlertWebhook::new(SECRET)
    }

    /// As RMM would fill it in, quoting nothing.
    fn filled(what: Delivered, values: &[(&str, &str)]) -> String {
        values
            .iter()
            .fold(webhook().text_for(what), |text, (variable, value)| text.replace(&format!("[{variable}]"), value))
    }

    const VALUES: [(&str, &str); 8] = [
        ("alert_uid", "a-1"),
        ("platform", "merlot"),
        ("alert_priority", "Critical"),
        ("alert_category", "Disk"),
        ("alert_type", "perf_disk"),
        ("device_id", "17"),
        ("site_name", "Contoso"),
        ("device_hostname", "WS-042"),
    ];

    #[test]
    fn the_text_that_is_pasted_is_read() {
        let text = filled(Delivered::Resolved, &VALUES).replace("[alert_message]", "disk full");
        let delivery = webhook().receive(text.as_bytes()).unwrap();
        assert_eq!((delivery.what, delivery.alert_uid.as_str()), (Delivered::Resolved, "a-1"));
        assert_eq!(delivery.priority, Some(AlertPriority::Critical));
        assert_eq!(delivery.kind.as_deref(), Some("perf_disk"));
        assert_eq!(delivery.sentence().as_untrusted(), "WS-042 (Contoso): disk full");
    }

    #[test]
    fn variables_that_rmm_did_not_fill_are_absent() {
        let delivery = webhook().receive(filled(Delivered::Triggered, &[("alert_uid", "a-1")]).as_bytes()).unwrap();
        assert_eq!((delivery.platform, delivery.priority, delivery.message), (None, None, Untrusted::default()));
        let unfilled = webhook().text_for(Delivered::Triggered);
        assert_eq!(webhook().receive(unfilled.as_bytes()), Err(Rejected::Unreadable("no uid of an alert")));
    }

    #[test]
    fn a_message_can_forge_no_member() {
        let message = r#"x", "alert_uid": "forged", "event": "resolved", "secret": "y", "device_hostname": "other"#;
        let text = filled(Delivered::Triggered, &VALUES).replace("[alert_message]", message);
        let delivery = webhook().receive(text.as_bytes()).unwrap();
        assert_eq!((delivery.what, delivery.alert_uid.as_str()), (Delivered::Triggered, "a-1"));
        assert_eq!(delivery.device_hostname, Some(Untrusted::new("WS-042")));
        assert_eq!(delivery.message.as_untrusted(), message);
    }

    #[test]
    fn only_the_secret_opens() {
        let with = |secret: &str| format!(r#"{{"secret": "{secret}", "event": "triggered", "alert_uid": "a"}}"#);
        for wrong in ["", "correct hors", "correct horse ", "correct horsf", "Correct horse"] {
            assert_eq!(webhook().receive(with(wrong).as_bytes()), Err(Rejected::WrongSecret), "{wrong}");
        }
        assert!(webhook().receive(with(SECRET).as_bytes()).is_ok());
        assert_eq!(webhook().receive(br#"{"event": "triggered", "alert_uid": "a"}"#), Err(Rejected::WrongSecret));
        assert_eq!(AlertWebhook::new("").receive(with("").as_bytes()), Err(Rejected::WrongSecret));
        assert_eq!(webhook().receive(&vec![b' '; MOST_BYTES + 1]), Err(Rejected::TooLarge));
        assert!(!format!("{:?}", webhook()).contains("horse"));
    }

    proptest! {
        /// Whatever a machine writes into its name and its message, what RMM itself says is read as it was.
        #[test]
        fn what_rmm_says_stands(message in ".{0,200}", hostname in "[^\"]{0,40}") {
            let mut values = VALUES;
            values[7].1 = &hostname;
            let text = filled(Delivered::Triggered, &values).replace("[alert_message]", &message);
            let delivery = webhook().receive(text.as_bytes()).unwrap();
            prop_assert_eq!((delivery.what, delivery.alert_uid.as_str()), (Delivered::Triggered, "a-1"));
            prop_assert_eq!(delivery.priority, Some(AlertPriority::Critical));
        }

        #[test]
        fn no_body_is_a_panic(body in proptest::collection::vec(any::<u8>(), 0..400)) {
            prop_assert!(webhook().receive(&body).is_err());
        }
    }
}
