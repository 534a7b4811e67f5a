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
    let decode = not_found().with_status(StatusCode::OK).with_kind(ErrorKind::Decode).with_json_path("devices[1].id");
    assert!(decode.to_string().contains("unreadable answer after 1 attempt in 0.3 s: no such device at devices[1].id"));
}

#[test]
fn the_text_of_the_source_is_not_repeated() {
    let error = not_found().with_source(Text("inner".into()));
    assert!(!error.to_string().contains("inner"));
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "inner");
}
