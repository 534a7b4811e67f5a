//! The state of the service and its limits.

use std::collections::BTreeMap;

use datto_common::Timestamp;

use crate::ids::AccountUid;

datto_common::model! {
    /// The state of the service. Needs no login (official).
    pub struct SystemStatus {
        /// The version of the service.
        pub version: Option<String>,
        /// Its state.
        pub status: Option<String>,
        /// When it was started. Its form on the wire is a guess: every one is read.
        pub started: Option<Timestamp>,
    }

    /// How much of its requests the account has used in the window that slides behind now.
    ///
    /// The service counts for the whole account; the last three fields are lacking on some accounts (observed).
    pub struct RequestRate {
        /// The length of the window, in seconds.
        pub sliding_time_window_size_seconds: Option<i64>,
        /// The account.
        pub account_uid: AccountUid,
        /// Reads in the window.
        pub account_count: Option<i64>,
        /// Reads allowed in the window.
        pub account_rate_limit: Option<i64>,
        /// The share of the limit from which on the service slows down, 0 to 1.
        pub account_cut_off_ratio: Option<f64>,
        /// Writes allowed in the window.
        pub account_write_rate_limit: Option<i64>,
        /// Writes in the window.
        pub account_write_count: Option<i64>,
        /// Limit and count of single write operations, by the names the service gives them.
        pub operation_write_status: Option<BTreeMap<String, OperationRate>>,
    }

    /// How much of one write operation the account has used.
    pub struct OperationRate {
        /// Allowed in the window.
        pub limit: Option<i64>,
        /// Done in the window.
        pub count: Option<i64>,
    }

    /// How long a page may be.
    pub struct PaginationConfiguration {
        /// The default and the most rows of a page, alerts excepted.
        pub max: Option<i64>,
    }
}
