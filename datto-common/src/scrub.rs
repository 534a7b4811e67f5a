//! Cuts credentials out of text that a server sent: it may echo what it got.

use crate::Secret;
use crate::auth::base64;

/// What stands in their place.
const CUT: &str = "[redacted]";
/// Members of JSON and forms whose values are tokens, whoever they belong to.
const TOKEN_MEMBERS: &[&str] =
    &["access_token", "refresh_token", "id_token", "client_secret", "password", "apiSecretKey", "apiAccessKey"];

/// The text without these secrets (also percent-, JSON- and base64-encoded), and without anything that looks like a token.
pub(crate) fn scrub(text: &str, secrets: &[Secret]) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().filter(|secret| secret.expose().len() >= 4) {
        for form in forms(secret.expose()) {
            text = text.replace(&form, CUT);
        }
    }
    for member in TOKEN_MEMBERS {
        text = cut_member(&text, member);
    }
    cut_web_tokens(&text)
}

/// How a server may spell a secret that it got.
fn forms(secret: &str) -> Vec<String> {
    let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let json = serde_json::to_string(secret).unwrap_or_default();
    let json = json.trim_matches('"').to_owned();
    let mut forms = vec![secret.to_owned(), encoded.replace('+', "%20"), encoded, json, base64(secret.as_bytes())];
    forms.retain(|form| form.len() >= 4);
    forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
    forms.dedup();
    forms
}

/// `"member":"value"` and `member=value` lose the value.
fn cut_member(text: &str, member: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(member) {
        let (before, after) = rest.split_at(at + member.len());
        out.push_str(before);
        let lead = after.len() - after.trim_start_matches(['"', ' ', ':', '=', '\\']).len();
        let (lead, value) = after.split_at(lead);
        out.push_str(lead);
        if lead.contains([':', '=']) {
            let end = value.find(['"', '&', ',', '}', '\n', '\\']).unwrap_or(value.len());
            out.push_str(if end == 0 { "" } else { CUT });
            rest = value.get(end..).unwrap_or_default();
        } else {
            rest = value;
        }
    }
    out.push_str(rest);
    out
}

/// JSON web tokens begin with `eyJ`.
fn cut_web_tokens(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("eyJ") {
        let (before, token) = rest.split_at(at);
        out.push_str(before);
        let end = token.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.=".contains(c))).unwrap_or(token.len());
        out.push_str(if end >= 16 { CUT } else { token.get(..end).unwrap_or_default() });
        rest = token.get(end..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// The beginning of a text, at most `limit` bytes, cut between characters.
pub(crate) fn beginning(text: &str, limit: usize) -> &str {
    if text.len() <= limit {
        return text;
    }
    let end = (0..=limit).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_spelling_of_a_secret_is_cut() {
        let secret = Secret::new("s3c\"ret/&+ é");
        for form in forms(secret.expose()) {
            let text = scrub(&format!("you sent {form} to us"), std::slice::from_ref(&secret));
            assert_eq!(text, "you sent [redacted] to us", "{form}");
        }
    }

    #[test]
    fn tokens_of_anybody_are_cut() {
        let text = scrub(
            r#"{"access_token":"opaque-1","jti":"x","password" : "hunter2","n":"eyJhbGciOiJIUzI1NiJ9.e30.abc"} password=open&a=b"#,
            &[],
        );
        assert_eq!(
            text,
            r#"{"access_token":"[redacted]","jti":"x","password" : "[redacted]","n":"[redacted]"} password=[redacted]&a=b"#
        );
        assert_eq!(
            scrub("eyJ is how they begin; the password is wrong", &[]),
            "eyJ is how they begin; the password is wrong"
        );
    }

    proptest! {
        #[test]
        fn no_secret_survives(before in ".{0,20}", secret in "[!-~]{4,30}", after in ".{0,20}") {
            let kept = Secret::new(secret.clone());
            let text = scrub(&format!("{before}{secret}{after}"), &[kept]);
            prop_assert!(!text.replace(CUT, "").contains(&secret) || CUT.contains(&secret));
        }

        #[test]
        fn a_beginning_is_never_longer(text in ".*", limit in 0_usize..50) {
            prop_assert!(beginning(&text, limit).len() <= limit);
        }
    }
}
