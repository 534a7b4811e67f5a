//! How an error reads.

use super::*;

fn not_found() -> Error {
    Error::new(ErrorKind::NotFound, "no such device").with_status(StatusCode::NOT_FOUND).with_context(Context {
        product: "RMM",
        operation: "devices.get",
        template: "/v2/device/{deviceUid}",
        attempts: 1,
        elapsed: Duration::from_millis(312),
    })
}

#[test]
fn an_error_is_one_pointer() {
    assert_eq!(size_of::<Error>(), size_of::<usize>());
    fn shared<T: Send + Sync + Clone + 'static>() {}
    shared::<Error>();
}

#[test]
fn display_is_one_complete_line() {
    assert_eq!(
        not_found().with_hint("check the uid").to_string(),
        "RMM devices.get: 404 Not Found after 1 attempt in 0.3 s: no such device (check the uid)"
    );
    let config = Error::new(ErrorKind::Config, "no platform given");
    assert_eq!(config.to_string(), "configuration: no platform given");
    let decode = not_found()
        .with_status(StatusCode::OK)
        .with_kind(ErrorKind::Decode)
        .with_json_path(Clean::ours("devices[1].id"));
    assert!(decode.to_string().contains("unreadable answer after 1 attempt in 0.3 s: no such device at devices[1].id"));
}

#[test]
fn the_text_of_the_source_is_not_repeated() {
    let error = not_found().with_source(Text("inner".into()));
    assert!(!error.to_string().contains("inner"));
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "inner");
}

#[test]
fn the_identifier_of_a_kind_is_its_name_in_json() {
    for kind in [ErrorKind::InvalidInput, ErrorKind::RateLimited, ErrorKind::NoData, ErrorKind::TooLarge, ErrorKind::Io]
    {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
    }
}

#[test]
fn what_may_pass_is_told_from_what_lasts() {
    for (kind, transient) in [(ErrorKind::Timeout, true), (ErrorKind::RateLimited, true), (ErrorKind::NotFound, false)]
    {
        assert_eq!(Error::new(kind, "").is_transient(), transient, "{kind}");
    }
    assert!(!Error::new(ErrorKind::Connect, "untrusted").that_lasts().is_transient());
    assert!(!Error::new(ErrorKind::Server, "").with_status(StatusCode::NOT_IMPLEMENTED).is_transient());
}

#[test]
fn an_error_is_written_without_the_body() {
    let error = not_found().with_snippet(Clean::ours("private")).with_retry_after(Some(Duration::from_millis(1_500)));
    let json = serde_json::to_value(&error).unwrap();
    assert_eq!((&json["kind"], &json["status"]), (&"not_found".into(), &404.into()));
    assert_eq!((&json["operation"], &json["retry_after_ms"]), (&"devices.get".into(), &1_500.into()));
    assert!(!json.to_string().contains("private"), "{json}");
}

#[test]
fn words_are_never_empty_and_never_commands() {
    let failed = Error::new(ErrorKind::Server, "").with_more("the wait does not fit");
    assert_eq!(failed.message(), "the wait does not fit");
    assert_eq!(failed.with_more("nor this").message(), "the wait does not fit; nor this");
    let evil = Error::new(ErrorKind::Api, "\u{1b}[2J").with_hint("\u{202e}x");
    assert!(!evil.to_string().contains(['\u{1b}', '\u{202e}']), "{evil}");
}
