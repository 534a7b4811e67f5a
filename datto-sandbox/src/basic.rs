//! HTTP Basic: whether a request carries a pair.

use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};

use crate::choice::Challenge;

/// The challenge of a 401. A realm belongs to it (RFC 7617); clients that wait for the challenge give up without one.
const CHALLENGE: &str = "Basic realm=\"sandbox\", charset=\"UTF-8\"";

/// A 401 with its challenge, or without.
pub(crate) fn challenge(sent: Challenge, refusal: impl IntoResponse) -> Response {
    let mut response = refusal.into_response();
    if sent == Challenge::Realm {
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(CHALLENGE));
    }
    response
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Whether the `Authorization` header is Basic with this pair; the scheme may be in any case.
pub(crate) fn carries((user, password): &(String, String), headers: &HeaderMap) -> bool {
    let sent = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some((scheme, token)) = sent.and_then(|text| text.split_once(' ')) else { return false };
    scheme.eq_ignore_ascii_case("basic") && token.trim() == base64(format!("{user}:{password}").as_bytes())
}

fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0usize, |bits, byte| bits << 8 | usize::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let digit = ALPHABET.get(bits >> (18 - 6 * place) & 63).copied().filter(|_| place <= group.len());
            text.push(char::from(digit.unwrap_or(b'=')));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_as_in_rfc_4648() {
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn only_the_right_pair_is_carried() {
        let pair = ("Aladdin".to_owned(), "open sesame".to_owned());
        let with = |value: &str| HeaderMap::from_iter([(AUTHORIZATION, value.parse().unwrap())]);
        assert!(carries(&pair, &with("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")));
        assert!(carries(&pair, &with("basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")));
        assert!(!carries(&pair, &with("Basic QWxhZGRpbjpvcGVuIHNlc2FtZTE=")));
        assert!(!carries(&pair, &with("Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ==")));
        assert!(!carries(&pair, &HeaderMap::new()));
    }
}
