//! Faults as data: how a scenario file, the command line and the control endpoint write them.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::alter::Alteration;
use crate::fault::{Fault, Kind, Product};
use crate::text::Text;

/// What goes wrong; the names are those of the constructors of [`Fault`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case", deny_unknown_fields)]
enum What {
    Status {
        status: u16,
        #[serde(skip_serializing_if = "Option::is_none")]
        content_type: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        body: Option<Bytes>,
    },
    Reset {},
    CutBody {
        bytes: usize,
    },
    Html {},
    Delay {
        wait: Span,
    },
    Drip {
        interval: Span,
    },
    Body {
        content_type: String,
        body: Bytes,
    },
    Redirect {
        location: String,
    },
    Stall {},
    IpBlock {},
    Forbidden {
        message: String,
    },
    Refusal {
        status: u16,
        message: String,
    },
    TokenRefused {},
    Endless {
        text: Bytes,
    },
    Set {
        pointer: String,
        value: Value,
    },
    Drift {
        pointer: String,
        step: i64,
    },
    Rows {
        count: usize,
        value: Value,
    },
    NoRows {},
    ReversedRows {},
    Pad {
        bytes: usize,
    },
    Replace {
        text: String,
        with: Bytes,
    },
    Relabel {},
    IgnoreQuery {
        name: String,
    },
    CapQuery {
        name: String,
        most: u64,
    },
    Stray {
        wait: Span,
    },
}

impl What {
    fn fault(self) -> Fault {
        match self {
            Self::Status { status, content_type, body } => {
                let fault = Fault::status(status);
                match body {
                    Some(body) => fault.content(content_type.unwrap_or_else(|| "text/plain".to_owned()), body.0),
                    None => fault,
                }
            }
            Self::Reset {} => Fault::reset(),
            Self::CutBody { bytes } => Fault::cut_body(bytes),
            Self::Html {} => Fault::html(),
            Self::Delay { wait: Span(wait) } => Fault::delay(wait),
            Self::Drip { interval: Span(interval) } => Fault::drip(interval),
            Self::Body { content_type, body } => Fault::body(content_type, body.0),
            Self::Redirect { location } => Fault::redirect(location),
            Self::Stall {} => Fault::stall(),
            Self::IpBlock {} => Fault::ip_block(),
            Self::Forbidden { message } => Fault::forbidden(message),
            Self::Refusal { status, message } => Fault::refusal(status, message),
            Self::TokenRefused {} => Fault::token_refused(),
            Self::Endless { text } => Fault::endless(text.0),
            Self::Set { pointer, value } => Fault::set(pointer, value),
            Self::Drift { pointer, step } => Fault::drift(pointer, step),
            Self::Rows { count, value } => Fault::rows(count, value),
            Self::NoRows {} => Fault::no_rows(),
            Self::ReversedRows {} => Fault::reversed_rows(),
            Self::Pad { bytes } => Fault::pad(bytes),
            Self::Replace { text, with } => Fault::replace(text, with.0),
            Self::Relabel {} => Fault::relabel(),
            Self::IgnoreQuery { name } => Fault::ignore_query(name),
            Self::CapQuery { name, most } => Fault::cap_query(name, most),
            Self::Stray { wait: Span(wait) } => Fault::stray(wait),
        }
    }
}

impl From<&Fault> for What {
    /// Some constructors are short for a status with a body: that is what they become.
    fn from(fault: &Fault) -> Self {
        match fault.kind.clone() {
            Kind::Answer { status, content: None } => Self::Status { status, content_type: None, body: None },
            Kind::Answer { status, content: Some((content_type, body)) } => {
                Self::Status { status, content_type: Some(content_type), body: Some(Bytes(body)) }
            }
            Kind::Reset => Self::Reset {},
            Kind::CutBody(bytes) => Self::CutBody { bytes },
            Kind::Delay(wait) => Self::Delay { wait: Span(wait) },
            Kind::Drip(interval) => Self::Drip { interval: Span(interval) },
            Kind::Stall => Self::Stall {},
            Kind::Refusal { status, message } => Self::Refusal { status, message },
            Kind::Endless(text) => Self::Endless { text: Bytes(text) },
            Kind::Alter(Alteration::Nothing) => Self::Relabel {},
            Kind::Alter(Alteration::Set(pointer, value)) => Self::Set { pointer, value },
            Kind::Alter(Alteration::Drift(pointer, step)) => Self::Drift { pointer, step },
            Kind::Alter(Alteration::Rows(count, value)) => Self::Rows { count, value },
            Kind::Alter(Alteration::NoRows) => Self::NoRows {},
            Kind::Alter(Alteration::Reversed) => Self::ReversedRows {},
            Kind::Alter(Alteration::Pad(bytes)) => Self::Pad { bytes },
            Kind::Alter(Alteration::Replace(text, with)) => Self::Replace { text, with: Bytes(with) },
            Kind::Query { name, cap: None } => Self::IgnoreQuery { name },
            Kind::Query { name, cap: Some(most) } => Self::CapQuery { name, most },
            Kind::Stray(wait) => Self::Stray { wait: Span(wait) },
        }
    }
}

/// Which requests it strikes, and how often; the names are those of the methods of [`Fault`].
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Which {
    #[serde(skip_serializing_if = "Option::is_none")]
    product: Option<Product>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_contains: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    query_contains: Option<String>,
    #[serde(skip_serializing_if = "is_default")]
    after: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    times: Option<u64>,
    #[serde(skip_serializing_if = "is_default")]
    always: bool,
    #[serde(skip_serializing_if = "is_default")]
    after_handling: bool,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    header: BTreeMap<String, String>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl From<&Fault> for Which {
    fn from(fault: &Fault) -> Self {
        Self {
            product: fault.product,
            account: fault.account.clone(),
            method: fault.method.clone(),
            path_contains: fault.path.clone(),
            query_contains: fault.query.clone(),
            after: fault.after,
            times: fault.times,
            always: fault.times.is_none(),
            after_handling: fault.after_handling,
            header: fault.headers.iter().cloned().collect(),
        }
    }
}

/// The members of [`Which`].
const WHICH: [&str; 10] = [
    "product",
    "account",
    "method",
    "path_contains",
    "query_contains",
    "after",
    "times",
    "always",
    "after_handling",
    "header",
];

impl Which {
    fn select(self, mut fault: Fault) -> Fault {
        fault = fault.after(self.after);
        if let Some(product) = self.product {
            fault = fault.product(product);
        }
        if let Some(account) = self.account {
            fault = fault.account(account);
        }
        if let Some(method) = self.method {
            fault = fault.method(method);
        }
        if let Some(text) = self.path_contains {
            fault = fault.path_contains(text);
        }
        if let Some(text) = self.query_contains {
            fault = fault.query_contains(text);
        }
        if let Some(times) = self.times {
            fault = fault.times(times);
        }
        if self.always {
            fault = fault.always();
        }
        if self.after_handling {
            fault = fault.after_handling();
        }
        self.header.into_iter().fold(fault, |fault, (name, value)| fault.header(name, value))
    }
}

/// Reads `{"fault": "status", "status": 503, "product": "rmm", "path_contains": "/account/devices", "times": 2}`.
///
/// `fault` is the name of a constructor, whose arguments are members of their own name; durations are text (`"250ms"`).
/// Of the methods, `header` is an object of names and values, `always` and `after_handling` are `true`. The bytes of
/// `replace` (`with`) are a text, or an array of numbers where they are none. A `status` may have a `body` and a
/// `content_type`.
impl<'de> Deserialize<'de> for Fault {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let all = Map::deserialize(deserializer)?;
        let (which, what): (Map<String, Value>, Map<String, Value>) =
            all.into_iter().partition(|(name, _)| WHICH.contains(&name.as_str()));
        let what: What = serde_json::from_value(Value::Object(what)).map_err(D::Error::custom)?;
        let which: Which = serde_json::from_value(Value::Object(which)).map_err(D::Error::custom)?;
        Ok(which.select(what.fault()))
    }
}

/// Writes a fault in a form that can be read again.
impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Whole {
            #[serde(flatten)]
            what: What,
            #[serde(flatten)]
            which: Which,
        }
        Whole { what: self.into(), which: self.into() }.serialize(serializer)
    }
}

/// A duration as in the settings.
#[derive(Debug)]
pub(crate) struct Span(pub(crate) Duration);

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Duration::read(&String::deserialize(deserializer)?).map(Self).map_err(D::Error::custom)
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.write())
    }
}

/// Bytes: a text, or numbers.
#[derive(Debug)]
struct Bytes(Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self(text.into_bytes())),
            other => serde_json::from_value(other).map(Self).map_err(D::Error::custom),
        }
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(&self.0) {
            Ok(text) => serializer.serialize_str(text),
            Err(_) => self.0.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::{Value, json};

    use crate::fault::Fault;

    /// Every constructor as data, and the same made by calls.
    fn pairs() -> Vec<(Value, Fault)> {
        use std::time::Duration;
        let second = Duration::from_secs(1);
        vec![
            (
                json!({"fault": "status", "status": 503, "body": "late"}),
                Fault::status(503).content("text/plain", "late"),
            ),
            (json!({"fault": "reset"}), Fault::reset()),
            (json!({"fault": "cut_body", "bytes": 3}), Fault::cut_body(3)),
            (json!({"fault": "html"}), Fault::html()),
            (json!({"fault": "delay", "wait": "1s"}), Fault::delay(second)),
            (json!({"fault": "drip", "interval": "1s"}), Fault::drip(second)),
            (json!({"fault": "body", "content_type": "a/b", "body": "c"}), Fault::body("a/b", "c")),
            (json!({"fault": "redirect", "location": "/x"}), Fault::redirect("/x")),
            (json!({"fault": "stall"}), Fault::stall()),
            (json!({"fault": "ip_block"}), Fault::ip_block()),
            (json!({"fault": "forbidden", "message": "blocked"}), Fault::forbidden("blocked")),
            (json!({"fault": "refusal", "status": 409, "message": "no"}), Fault::refusal(409, "no")),
            (json!({"fault": "token_refused"}), Fault::token_refused()),
            (json!({"fault": "endless", "text": "1"}), Fault::endless("1")),
            (json!({"fault": "set", "pointer": "/a", "value": [1]}), Fault::set("/a", json!([1]))),
            (json!({"fault": "drift", "pointer": "/a", "step": -1}), Fault::drift("/a", -1)),
            (json!({"fault": "rows", "count": 9, "value": 1}), Fault::rows(9, 1)),
            (json!({"fault": "no_rows"}), Fault::no_rows()),
            (json!({"fault": "reversed_rows"}), Fault::reversed_rows()),
            (json!({"fault": "pad", "bytes": 7}), Fault::pad(7)),
            (json!({"fault": "replace", "text": "a", "with": [255]}), Fault::replace("a", [255])),
            (json!({"fault": "relabel", "header": {"a": "b"}}), Fault::relabel().header("a", "b")),
            (json!({"fault": "ignore_query", "name": "page"}), Fault::ignore_query("page")),
            (json!({"fault": "cap_query", "name": "max", "most": 9}), Fault::cap_query("max", 9)),
            (json!({"fault": "stray", "wait": "1s"}), Fault::stray(second)),
        ]
    }

    /// The names of the functions of `Fault` that are told apart by how they begin.
    fn functions(beginning: &str) -> BTreeSet<String> {
        let source = include_str!("fault.rs").split("fn new(kind: Kind)").next().unwrap();
        let bodies = source.split("    pub fn ").skip(1);
        let own =
            bodies.filter(|body| body.split(')').next().unwrap().contains("mut self") == (beginning == "mut self"));
        own.map(|body| body.split('(').next().unwrap().to_owned()).collect()
    }

    #[test]
    fn every_constructor_can_be_written_as_data() {
        let mut written = BTreeSet::new();
        for (data, called) in pairs() {
            written.insert(data["fault"].as_str().unwrap().to_owned());
            let read: Fault = serde_json::from_value(data.clone()).unwrap();
            assert_eq!(format!("{read:?}"), format!("{called:?}"), "{data}");
            let again: Fault = serde_json::from_value(json!(called)).unwrap();
            assert_eq!(format!("{again:?}"), format!("{called:?}"), "{}", json!(called));
        }
        assert_eq!(written, functions(""));
    }

    #[test]
    fn every_method_can_be_written_as_data() {
        let data = json!({
            "fault": "status", "status": 503, "product": "bcdr", "account": "north", "method": "GET", "path_contains": "/a",
            "query_contains": "b=1", "after": 2, "times": 3, "after_handling": true, "header": {"Retry-After": "1"},
        });
        let read: Fault = serde_json::from_value(data.clone()).unwrap();
        let called = Fault::status(503)
            .product(crate::Product::Bcdr)
            .account("north")
            .method("GET")
            .path_contains("/a")
            .query_contains("b=1")
            .after(2)
            .times(3)
            .after_handling()
            .header("Retry-After", "1");
        assert_eq!(format!("{read:?}"), format!("{called:?}"));
        assert_eq!(json!(called), data);
        let always: Fault = serde_json::from_value(json!({"fault": "reset", "always": true})).unwrap();
        assert_eq!(format!("{always:?}"), format!("{:?}", Fault::reset().always()));
        let mut methods = functions("mut self");
        // Written as the body of a status.
        assert!(methods.remove("content"));
        assert_eq!(methods, super::WHICH.into_iter().map(str::to_owned).collect());
    }

    #[test]
    fn what_is_misspelled_is_named() {
        for (data, named) in [
            (json!({"fault": "explode"}), "explode"),
            (json!({"fault": "reset", "tmies": 3}), "tmies"),
            (json!({"fault": "delay", "wait": "long"}), "long"),
            (json!({"status": 503}), "fault"),
        ] {
            let error = serde_json::from_value::<Fault>(data).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }
}
