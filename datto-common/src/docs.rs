//! Pages for users that belong to no single item.

pub mod telemetry {
    //! What a client tells while it works: spans, events, and what an observer hears.
    //!
    //! Spans and events go through [`tracing`](https://docs.rs/tracing), by the conventions of OpenTelemetry for HTTP clients.
    //! They hold names and templates, never a URL with its values, a query, a header or a body. A plain subscriber prints spans
    //! only if it is told to: `tracing_subscriber::fmt().with_span_events(FmtSpan::CLOSE)`.
    //!
    //! | span | level | it is |
    //! |---|---|---|
    //! | `datto.call` | INFO | one call with its attempts and waits; `otel.name` is product and operation, `RMM devices.list` |
    //! | `datto.attempt` | INFO | one request, below its call; `otel.name` is method and template, `GET /v2/device/{deviceUid}` |
    //! | `datto.login` | INFO | the request for a token, below the call that began it; `otel.name` is `RMM login` |
    //!
    //! | field | on | type | it is |
    //! |---|---|---|---|
    //! | `datto.product` | call, login | text | `RMM`, `BCDR`, `Workplace` |
    //! | `datto.operation` | call | text | the name in ENDPOINTS.md |
    //! | `datto.attempts` | call | integer | how often it was sent |
    //! | `http.request.method` | attempt, login | text | |
    //! | `url.template` | attempt | text | the path with its placeholders |
    //! | `server.address`, `server.port` | attempt, login | text, integer | |
    //! | `http.request.resend_count` | attempt | integer | from 1; absent on what is sent for the first time |
    //! | `http.response.status_code` | attempt | integer | absent if no answer came |
    //! | `error.type` | all | text | [`ErrorKind::as_str`](crate::ErrorKind::as_str), on failure alone |
    //! | `otel.status_code` | all | text | `ERROR`, on failure alone |
    //!
    //! | event | level | when |
    //! |---|---|---|
    //! | `call failed` | WARN | a call has failed for good, within its span |
    //! | `trying again` | DEBUG | an attempt failed and another will follow, with the wait in milliseconds |
    //! | `asked what the service has counted` | DEBUG | the limiter has learned of other programs on the account |
    //!
    //! An [`Observer`](crate::Observer) hears each [`Event`](crate::Event): that a call is held back, sent, tried again or over,
    //! that a login is over, and that a record has members that could not be read. It needs no subscriber.
    //!
    //! Numbers for a metrics page come without any subscriber: give the builder an [`Observer`](crate::Observer), or the ready
    //! [`Counters`](crate::Counters).
}
