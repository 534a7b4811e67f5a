//! No secret, however it is spelled and wherever it stands; and nothing that a terminal obeys.

use proptest::prelude::*;

use super::*;

fn clean(text: &str, secrets: &[&str]) -> String {
    let secrets: Vec<Secret> = secrets.iter().map(|secret| Secret::new(*secret)).collect();
    Cleaner::new(&secrets).words(text, usize::MAX).into()
}

fn clean_body(body: &[u8], secrets: &[&str]) -> String {
    let secrets: Vec<Secret> = secrets.iter().map(|secret| Secret::new(*secret)).collect();
    Cleaner::new(&secrets).body(body, 1_024).into()
}

/// The ways in which a server may write what it got.
const ENCODINGS: &[fn(&str) -> String] = &[
    str::to_owned,
    |text| percent(text, false, false),
    |text| percent(text, true, false),
    |text| percent(&percent(text, false, false), true, true),
    |text| percent(&percent(text, true, true), true, true),
    |text| serde_json::to_string(text).unwrap().trim_matches('"').to_owned(),
    |text| text.replace('\\', "\\\\").replace('"', "\\\"").replace('/', "\\/"),
    |text| text.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect(),
    |text| text.encode_utf16().map(|unit| format!("\\\\u{unit:04x}")).collect(),
    |text| text.chars().map(|c| if c.is_alphanumeric() { c.into() } else { format!("&#{};", u32::from(c)) }).collect(),
    |text| text.chars().map(|c| format!("&#x{:X};", u32::from(c))).collect(),
    |text| text.chars().map(|c| format!("&amp;#x{:x};", u32::from(c))).collect(),
    |text| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;"),
    |text| in_base64(text.as_bytes(), false),
    |text| in_base64(text.as_bytes(), true),
    |text| in_base64(format!("someone:{text}").as_bytes(), true),
    |text| in_base64(format!("user1:{text}!").as_bytes(), false),
    |text| in_base64(format!("{text}:password").as_bytes(), false),
    |text| percent(&in_base64(format!("a:{text}").as_bytes(), false), true, false),
    |text| in_base64(format!("ab:{text}").as_bytes(), false).replace('/', "\\/"),
];

fn percent(text: &str, lower: bool, all: bool) -> String {
    let one = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' if !all => char::from(byte).to_string(),
        _ if lower => format!("%{byte:02x}"),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(one).collect()
}

fn in_base64(bytes: &[u8], url: bool) -> String {
    let text = crate::secret::base64(bytes);
    if url { text.replace('+', "-").replace('/', "_").trim_end_matches('=').to_owned() } else { text }
}

/// Whether the text, also unescaped or taken for base64, still holds four characters of the secret that are not there by chance.
fn tells(text: &str, secret: &str) -> Option<String> {
    let text = text.replace(CUT, " ");
    let mut spelled: Vec<String> = ENCODINGS.iter().map(|encode| encode(secret)).collect();
    spelled.push(secret.to_owned());
    spelled.into_iter().find(|spelled| {
        let characters: Vec<char> = spelled.chars().collect();
        let escaped = characters.len() > 2 * secret.chars().count();
        let run = if escaped { characters.len() / 2 } else { 4.max(characters.len() / 2) };
        characters.windows(run).any(|window| text.contains(&window.iter().collect::<String>()))
    })
}

#[test]
fn every_spelling_of_a_secret_is_cut() {
    let secret = "s3c\"ret/&+ é\\n";
    for (number, encode) in ENCODINGS.iter().enumerate() {
        let spelled = encode(secret);
        let cleaned = clean(&format!("you sent '{spelled}' to us"), &[secret]);
        // What is left of escaped padding tells nothing.
        assert_eq!(cleaned.replace("%3d", ""), "you sent '[redacted]' to us", "{number}: {spelled}");
    }
}

#[test]
fn no_part_of_a_pair_stays_whatever_the_length_of_its_user() {
    for length in 3..12 {
        let user = "public-key-ab".get(..length).unwrap();
        for password in ["5f4dcc3b5aa765d6", "hunter/2+", "four"] {
            let pair = in_base64(format!("{user}:{password}").as_bytes(), false);
            let secrets = [user, password, pair.as_str()];
            for text in [
                format!("Basic {pair}"),
                format!("<b>{pair}</b>"),
                format!("x={}", in_base64(format!("h {pair}").as_bytes(), true)),
            ] {
                let text = clean(&text, &secrets);
                assert!(text.len() < 22 && text.contains(CUT), "{user}:{password}: {text}");
            }
        }
    }
}

#[test]
fn escapes_that_json_undoes_do_not_bring_a_secret_back() {
    let secret = "a/b+c&d=e?f~g";
    for spelled in [r"a\/b+c&d=e?f~g", r"a/b\u002Bc\u0026d=e?f~g", r"a\/b\u002bc\u0026d\u003de\u003Ff~g"] {
        let body = format!(r#"{{"status":401,"message":"key {spelled} is unknown"}}"#);
        assert_eq!(clean_body(body.as_bytes(), &[secret]), r#"{"status":401,"message":"key [redacted] is unknown"}"#);
        let said = Cleaner::new(&[Secret::new(secret)]).said(body.as_bytes(), 200);
        assert_eq!(&*said, "key [redacted] is unknown");
    }
}

#[test]
fn overlapping_secrets_go_as_a_whole() {
    assert_eq!(clean("<abcdefghijkl>", &["abcdef", "defghijkl"]), "<[redacted]>");
    assert_eq!(clean("password=abc&defgh ok", &["abc&defgh"]), "password=[redacted] ok");
    assert_eq!(clean("abc abcdefgh", &["abc", "abcdefgh"]), "abc [redacted]", "three characters are found by chance");
}

#[test]
fn a_secret_that_the_text_breaks_off_in_is_cut() {
    assert_eq!(clean("you sent 0123456", &["0123456789abcdef"]), "you sent [redacted]");
    assert_eq!(clean("you sent a/b/c%2", &["a/b/c/d"]), "you sent [redacted]");
    assert_eq!(clean("you sent 0123456789… to us", &["0123456789abcdef"]), "you sent [redacted]… to us");
}

#[test]
fn members_named_like_secrets_lose_their_values() {
    for (text, expected) in [
        (r#"{"password":"hunter,two&three}four","a":1"#, r#"{"password":"[redacted]","a":1"#),
        (r#"{"password":"hunter\"two","a":1"#, r#"{"password":"[redacted]","a":1"#),
        (r#"{"password":"hunter\\","a":"b""#, r#"{"password":"[redacted]","a":"b""#),
        (r#"{\"password\":\"hunter\\\"two\",\"a\":1"#, r#"{\"password\":\"[redacted]\",\"a\":1"#),
        (
            r#"{"Password" : "x", "accessToken":"y", 'api_key': 'z w'"#,
            r#"{"Password" : "[redacted]", "accessToken":"[redacted]", 'api_key': '[redacted]'"#,
        ),
        ("grant_type=password&Client_Secret=a,b}c&x=1", "grant_type=password&Client_Secret=[redacted]&x=1"),
        ("<accessToken>abc def</accessToken>", "<accessToken>[redacted]</accessToken>"),
        ("%22password%22%3A%22hunter2%22%2C", "%22password%22%3A%22[redacted]%22%2C"),
        ("&quot;password&quot;:&quot;hunter2&quot;}", "&quot;password&quot;:&quot;[redacted]&quot;}"),
        (
            "GET / HTTP/1.1\r\nProxy-Authorization: Basic b3RoZXI6cGFzcw==\r\nCookie: a=b; c=d\r\nHost: h",
            "GET / HTTP/1.1\r\nProxy-Authorization: [redacted]\r\nCookie: [redacted]\r\nHost: h",
        ),
        ("you sent Bearer opaque-1 and basic YTpi", "you sent Bearer [redacted] and basic [redacted]"),
        ("proxy http://user:pass@host:8080/x", "proxy http://[redacted]@host:8080/x"),
        ("n: eyJhbGciOiJIUzI1NiJ9.e30.abc", "n: [redacted]"),
    ] {
        assert_eq!(clean(text, &[]), expected, "{text}");
    }
    assert_eq!(
        clean_body(br#"{"Password":"a\"b","tokens":["x",7],"token_type":"bearer","passwordExpired":false,"n":{"apiSecretKey":null}}"#, &[]),
        r#"{"Password":"[redacted]","tokens":["[redacted]","[redacted]"],"token_type":"bearer","passwordExpired":false,"n":{"apiSecretKey":null}}"#
    );
}

#[test]
fn sentences_about_secrets_stay() {
    for text in [
        "the password is wrong",
        "eyJ is how they begin",
        "Bearer token is missing",
        "Basic authentication required",
        r#"Bearer error="invalid_token", error_description="expired""#,
        "invalid_token: the access token expired",
        "Full authentication is required to access this resource",
        "No static resource v2/account",
    ] {
        assert_eq!(clean(text, &[]), text);
    }
}

#[test]
fn a_cut_comes_after_the_cleaning() {
    let token = "t0k3n-".repeat(500);
    let body = format!("{{\"message\":\"{}\"}}", [token.as_str(); 8].join(" "));
    let cleaned = clean_body(body.as_bytes(), &[&token]);
    assert!(!cleaned.contains("t0k3"), "{cleaned}");
    for filler in (900..1_040).step_by(3) {
        let body = format!("{} {token}", "x".repeat(filler));
        assert!(!clean_body(body.as_bytes(), &[&token]).contains("t0k3"), "{filler}");
        assert!(!clean_body(format!("{{\"a\":\"{body}\"}}").as_bytes(), &[&token]).contains("t0k3"), "{filler}");
    }
}

#[test]
fn what_a_terminal_would_obey_is_harmless() {
    let text = clean("a\u{1b}[31mred\u{202e}drowssap\u{200b}\u{7}\u{9b}2J\nnext", &[]);
    assert_eq!(text, "a\u{fffd}[31mred\u{fffd}drowssap\u{fffd}\u{fffd}\u{fffd}2J\nnext");
    let body = clean_body("{\"m\":\"\\u001b[2J\\u202e\"}".as_bytes(), &[]);
    assert_eq!(body, "{\"m\":\"\u{fffd}[2J\u{fffd}\"}");
}

#[test]
fn utf_16_is_read() {
    let wide: Vec<u8> =
        "\u{feff}{\"message\":\"key hunter22 unknown\"}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(clean_body(&wide, &["hunter22"]), r#"{"message":"key [redacted] unknown"}"#);
    let wide: Vec<u8> = "<html>hunter22".encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(clean_body(&wide, &["hunter22"]), "<html>[redacted]");
}

#[test]
fn words_far_inside_a_body_are_found() {
    let body = format!(r#"{{"trace":"{}","message":"the words"}}"#, "x".repeat(100_000));
    assert_eq!(&*Cleaner::new(&[]).said(body.as_bytes(), 200), "the words");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_secret_survives(
        before in "[ -~é]{0,20}",
        secret in "[!-~é]{12,30}",
        after in "[ -~\n]{0,20}",
        encoding in 0..ENCODINGS.len(),
        shape in 0..4_u8,
    ) {
        let spelled = ENCODINGS[encoding](&secret);
        let text = format!("{before} {spelled} {after}");
        let body = match shape {
            0 => text.into_bytes(),
            1 => serde_json::to_vec(&serde_json::json!({"message": text})).unwrap(),
            2 => serde_json::to_vec(&serde_json::json!([{"echo": {(text): 1}}])).unwrap(),
            _ => [b"\xff\xfe".to_vec(), text.encode_utf16().flat_map(u16::to_le_bytes).collect()].concat(),
        };
        let cleaner = Cleaner::new(&[Secret::new(secret.as_str())]);
        for shown in [cleaner.body(&body, 1_024), cleaner.said(&body, 300)] {
            let alone = tells(&before, &secret).or(tells(&after, &secret));
            prop_assert!(alone.is_some() || tells(&shown, &secret).is_none(), "{spelled:?} in {shown}");
        }
    }

    #[test]
    fn anything_is_cleaned_without_a_panic_and_again_alike(text in ".{0,80}", secret in ".{0,12}", limit in 0_usize..100) {
        let cleaner = Cleaner::new(&[Secret::new(secret.as_str())]);
        let once = cleaner.words(&text, limit);
        prop_assert!(once.len() <= limit);
        let body = cleaner.body(text.as_bytes(), limit);
        prop_assert!(body.len() <= limit);
        prop_assert!(!body.contains(['\u{1b}', '\u{202e}']), "marks");
        let _ = cleaner.said(text.as_bytes(), limit);
    }

    #[test]
    fn a_beginning_is_never_longer(text in ".*", limit in 0_usize..50) {
        prop_assert!(beginning(&text, limit).len() <= limit);
    }
}
