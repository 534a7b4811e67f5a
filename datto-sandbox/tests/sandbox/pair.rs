//! Requests to the two services that take a pair with every call.

use crate::client::{Answer, request};

/// One request that must be answered.
pub(crate) async fn send(method: &str, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    request(method, url, headers, body).await.expect("an answer")
}

/// The value of an `Authorization` header for a pair.
pub(crate) fn basic((user, password): &(String, String)) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let pair = format!("{user}:{password}");
    let bits: String = pair.bytes().map(|byte| format!("{byte:08b}")).collect();
    let digits = bits.as_bytes().chunks(6).map(|group| {
        let group = format!("{:0<6}", std::str::from_utf8(group).expect("ascii"));
        char::from(ALPHABET[usize::from_str_radix(&group, 2).expect("bits")])
    });
    let token: String = digits.collect();
    let padding = "=".repeat(token.len().wrapping_neg() % 4);
    format!("Basic {token}{padding}")
}
