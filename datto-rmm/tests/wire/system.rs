use crate::case::{Case, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(SYSTEM_STATUS, "/v2/system/status", |rmm| {
            assert_eq!(rmm.system().status().await?.started.unwrap().to_string(), "2026-08-25T07:38:15Z");
        }),
        case!(SYSTEM_REQUEST_RATE, "/v2/system/request_rate", |rmm| {
            let rate = rmm.system().request_rate().await?;
            assert_eq!(rate.account_cut_off_ratio, Some(0.9));
            assert_eq!(rate.operation_write_status.unwrap()["device-move"].limit, Some(100));
        }),
        case!(SYSTEM_PAGINATION, "/v2/system/pagination", |rmm| {
            assert_eq!(rmm.system().pagination().await?.max, Some(250));
        }),
    ]
}
