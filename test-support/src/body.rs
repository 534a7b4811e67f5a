//! What a call sends as its body.

use serde_json::Value;
use wiremock::Request;

#[derive(Debug)]
pub(crate) enum Body {
    Nothing,
    Json(Value),
    /// What the body holds, in this order.
    Parts(&'static [&'static str]),
}

impl Body {
    pub(crate) fn check(&self, sent: &Request, case: &str) {
        match self {
            Self::Nothing => assert!(sent.body.is_empty(), "{case}: {:?}", String::from_utf8_lossy(&sent.body)),
            Self::Json(body) => {
                let sent: Value = serde_json::from_slice(&sent.body).unwrap_or_else(|error| panic!("{case}: {error}"));
                assert_eq!(&sent, body, "{case}");
            }
            Self::Parts(parts) => {
                let body = String::from_utf8(sent.body.clone()).unwrap();
                let mut rest = body.as_str();
                for part in *parts {
                    let (_, behind) =
                        rest.split_once(part).unwrap_or_else(|| panic!("{case}: {part:?} in order in {body}"));
                    rest = behind;
                }
            }
        }
    }
}
