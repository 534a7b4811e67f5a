//! Makes names, secrets and addresses unrecognisable, the same way each time: what was equal stays equal, what was told apart stays
//! apart, but for very short words.
//!
//! A word becomes another word of the same length and kind of letters, a number another number, an address another address. What is disguised follows
//! from a random key that ends with the recording. Kept are the names of members, dates, flags, counts and the words of the service's own
//! vocabulary.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde_json::{Number, Value};

/// Members whose text is the service's own vocabulary.
const VOCABULARY: &[&str] = &[
    "@class",
    "action",
    "actionType",
    "antivirusStatus",
    "appType",
    "category",
    "condition",
    "deviceClass",
    "entity",
    "installStatus",
    "jobDeploymentStatus",
    "componentStatus",
    "model",
    "objectType",
    "patchStatus",
    "platform",
    "priority",
    "productType",
    "retentionType",
    "seatState",
    "seatType",
    "servicePlan",
    "severity",
    "status",
    "suiteType",
    "targetType",
    "timeWindow",
    "token_type",
    "type",
    "unit",
    "units",
    "unitOfMeasure",
    "lastFullyProtectedTime",
    "billable",
    "operatingSystem",
    "antivirusProduct",
    "os",
];
/// Members that are never written, not even disguised.
const SECRETS: &[&str] = &[
    "access_token",
    "refresh_token",
    "jti",
    "password",
    "apiSecretKey",
    "apiAccessKey",
    "tokenUuid",
    "secret",
    "value",
];
/// Parts of a URL that belong to the API and not to the account.
const ROUTES: &[&str] = &[
    "http", "https", "api", "auth", "oauth", "token", "page", "max", "size", "order", "search", "after", "next",
    "previous",
];

/// Disguises everything with one random key.
#[derive(Debug, Default)]
pub(crate) struct Disguise(RandomState);

impl Disguise {
    /// A body, member by member.
    pub(crate) fn json(&self, value: &Value) -> Value {
        self.member("", value)
    }

    fn member(&self, name: &str, value: &Value) -> Value {
        match value {
            Value::String(_) | Value::Number(_) if SECRETS.contains(&name) => Value::from("[left out]"),
            Value::String(text) if VOCABULARY.contains(&name) || is_date(text) => Value::from(text.as_str()),
            Value::String(text) => Value::from(self.text(text)),
            Value::Number(number) if is_id(name) => self.number(number),
            Value::Array(items) => items.iter().map(|item| self.member(name, item)).collect(),
            Value::Object(members) => {
                members.iter().map(|(name, value)| (name.clone(), self.member(name, value))).collect()
            }
            other => other.clone(),
        }
    }

    /// A path or link: the words of the API stay.
    pub(crate) fn text(&self, text: &str) -> String {
        if let Ok(address) = text.parse::<IpAddr>() {
            return self.address(address);
        }
        if let Some((link, query)) = text.split_once('?').filter(|(link, _)| link.contains("://")) {
            return format!("{}?{}", self.text(link), self.query(query));
        }
        let mut out = String::with_capacity(text.len());
        let mut word = String::new();
        for letter in text.chars() {
            if letter.is_alphanumeric() {
                word.push(letter);
            } else {
                out.push_str(&self.word(&word));
                word.clear();
                out.push(letter);
            }
        }
        out.push_str(&self.word(&word));
        out
    }

    /// The path and query of a request, whose fixed parts the table of operations knows.
    pub(crate) fn route(&self, path: &str, fixed: impl Fn(&str) -> bool) -> String {
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        let segments = path.split('/').map(|part| if fixed(part) { part.to_owned() } else { self.text(part) });
        let path = segments.collect::<Vec<_>>().join("/");
        query.map_or(path.clone(), |query| format!("{path}?{}", self.query(query)))
    }

    /// The numbers of pages and sizes stay, and flags.
    fn query(&self, query: &str) -> String {
        let is_plain = |value: &str| {
            matches!(value, "true" | "false") || (value.len() <= 4 && value.bytes().all(|byte| byte.is_ascii_digit()))
        };
        let pairs = query.split('&').map(|pair| match pair.split_once('=') {
            Some((name, value)) if is_plain(value) => format!("{name}={value}"),
            Some((name, value)) => format!("{name}={}", self.text(value)),
            None => self.text(pair),
        });
        pairs.collect::<Vec<_>>().join("&")
    }

    /// Another word of the same shape. Capitals make no difference to which it is, so that `CONTOSO` stays the same company as `Contoso`.
    fn word(&self, word: &str) -> String {
        let is_number = word.chars().all(|letter| letter.is_ascii_digit());
        // Digits go even where they are few: an address is made of them.
        let is_letter = !is_number && word.chars().count() == 1;
        if is_letter || ROUTES.contains(&word) || is_version(word) {
            return word.to_owned();
        }
        let mut letters = Letters { disguise: self, of: word.to_lowercase(), at: 0 };
        let is_hex = word.len() >= 4 && word.chars().all(|letter| letter.is_ascii_hexdigit());
        word.chars()
            .enumerate()
            .map(|(place, letter)| match letter {
                '0'..='9' if place == 0 && is_number => letters.of(b"123456789"),
                '0'..='9' => letters.of(b"0123456789"),
                'a'..='z' if is_hex => letters.of(b"abcdef"),
                'A'..='Z' if is_hex => letters.of(b"abcdef").to_ascii_uppercase(),
                letter if letter.is_uppercase() => letters.of(b"abcdefghiklmnoprstuvwz").to_ascii_uppercase(),
                _ => letters.of(b"abcdefghiklmnoprstuvwz"),
            })
            .collect()
    }

    fn number(&self, number: &Number) -> Value {
        let text = self.word(&number.to_string());
        text.parse::<i64>().map_or_else(|_| Value::Number(number.clone()), Value::from)
    }

    /// Addresses become some of those that belong to nobody: 198.18.0.0/15 and 2001:db8::/32.
    fn address(&self, address: IpAddr) -> String {
        let hash = self.0.hash_one(address);
        match address {
            IpAddr::V4(own) if own.is_loopback() || own.is_unspecified() => own.to_string(),
            IpAddr::V6(own) if own.is_loopback() || own.is_unspecified() => own.to_string(),
            IpAddr::V4(_) => Ipv4Addr::from_bits(0xc612_0000 | (hash as u32 & 0x0001_ffff)).to_string(),
            IpAddr::V6(_) => Ipv6Addr::from_bits(0x2001_0db8 << 96 | u128::from(hash)).to_string(),
        }
    }
}

/// Letters that follow from a word and the key, one after another.
struct Letters<'a> {
    disguise: &'a Disguise,
    of: String,
    at: usize,
}

impl Letters<'_> {
    fn of(&mut self, alphabet: &[u8]) -> char {
        self.at += 1;
        let hash = self.disguise.0.hash_one((&self.of, self.at));
        let place = usize::try_from(hash % alphabet.len() as u64).unwrap_or(0);
        alphabet.get(place).map_or('x', |letter| char::from(*letter))
    }
}

/// Whether a number of this member names something.
fn is_id(member: &str) -> bool {
    member == "id" || member.ends_with("Id") || member.ends_with("ID") || member.ends_with("Number")
}

/// Dates and times as the services write them, and nothing else.
fn is_date(text: &str) -> bool {
    let digits = |range: std::ops::Range<usize>| {
        text.get(range).is_some_and(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    digits(0..4)
        && digits(5..7)
        && digits(8..10)
        && text.get(4..5) == Some("-")
        && text.get(7..8) == Some("-")
        && text.len() <= 35
        && text.chars().all(|c| c.is_ascii_digit() || "-:.+TZ ".contains(c))
}

fn is_version(word: &str) -> bool {
    matches!(word.strip_prefix('v'), Some(rest) if !rest.is_empty() && rest.len() <= 2 && rest.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_equal_stays_equal_and_nothing_is_recognised() {
        let disguise = Disguise::default();
        let body = json!({
            "uid": "0f8fad5b-d9cb-469f-a165-70867728950e", "siteName": "Contoso Ltd", "name": "CONTOSO LTD", "id": 4_711_083,
            "intIpAddress": "10.11.12.13", "hostname": "CONTOSO-SRV01", "lastUser": "CONTOSO\\j.miller",
            "antivirusStatus": "RunningAndUpToDate", "lastSeen": 1_787_643_495_000_i64, "creationDate": "2026-08-25T07:26:00Z",
            "access_token": "eyJhbGciOi", "online": true, "portalUrl": "https://merlot.centrastage.net/device/4711083/contoso-srv01",
        });
        let hidden = disguise.json(&body);
        let text = hidden.to_string().to_lowercase();
        for known in ["0f8fad5b", "contoso", "4711083", "10.11.12.13", "srv01", "miller", "eyjhb"] {
            assert!(!text.contains(known), "{known} in {text}");
        }
        assert_eq!(
            hidden["siteName"].as_str().unwrap().to_lowercase(),
            hidden["name"].as_str().unwrap().to_lowercase()
        );
        assert_eq!(hidden["siteName"].as_str().unwrap().len(), "Contoso Ltd".len());
        for kept in ["antivirusStatus", "lastSeen", "creationDate", "online"] {
            assert_eq!(hidden[kept], body[kept], "{kept}");
        }
        assert!(hidden["intIpAddress"].as_str().unwrap().starts_with("198.1"));
        assert!(hidden["portalUrl"].as_str().unwrap().contains(&format!("/{}/", hidden["id"])), "{hidden}");
        assert_eq!(disguise.json(&body), hidden);
        for (member, text) in [
            ("description", "gateway 10.11.12.13, mac 00:1A:22:33:44:55"),
            ("note", "2026-08-25 seen by miller"),
            ("error", "no access for miller"),
            ("link", "https://host/x?page=2&hostname=WS-1"),
        ] {
            let body = json!({ member: text });
            let text = disguise.json(&body).to_string();
            for known in ["10.11.12.13", "00:1A:22", "miller", "WS-1"] {
                assert!(!text.contains(known), "{known} in {text}");
            }
            assert!(member != "link" || text.contains("?page=2&hostname="), "{text}");
        }
        assert_ne!(Disguise::default().json(&body), hidden, "another recording, another disguise");
    }

    #[test]
    fn the_shape_of_a_path_stays() {
        let disguise = Disguise::default();
        let fixed = |part: &str| ["", "api", "v2", "device", "macAddress"].contains(&part);
        let route = disguise.route("/api/v2/device/macAddress/00AABBCCDDEE?page=1&hostname=CONTOSO-7", fixed);
        assert!(route.starts_with("/api/v2/device/macAddress/"), "{route}");
        assert!(route.contains("?page=1&hostname="), "{route}");
        assert!(!route.contains("CONTOSO") && !route.contains("00AABB"), "{route}");
    }
}
