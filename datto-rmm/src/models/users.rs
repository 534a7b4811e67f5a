//! Users of the account, and the keys that a reset gives.

use datto_common::{Secret, Timestamp};
use serde::Deserialize;

datto_common::model! {
    /// A user of the account.
    pub struct User {
        /// Last name.
        pub last_name: Option<String>,
        /// First name.
        pub first_name: Option<String>,
        /// The name to log in with.
        pub username: Option<String>,
        /// E-mail address.
        pub email: Option<String>,
        /// Telephone number.
        pub telephone: Option<String>,
        /// The state of the user.
        pub status: Option<String>,
        /// When the user was made. Observed: integer milliseconds; the document says date-time.
        pub created: Option<Timestamp>,
        /// When the user was last there. Observed: integer milliseconds; the document says date-time.
        pub last_access: Option<Timestamp>,
        /// Whether the user is disabled.
        pub disabled: Option<bool>,
    }
}

/// A new key pair. It cannot be serialised, and `Debug` hides both halves: keep it before it is dropped, the service shows it once.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[non_exhaustive]
pub struct ApiKeys {
    /// The key.
    pub api_access_key: Option<Secret>,
    /// The secret.
    pub api_secret_key: Option<Secret>,
    /// Whose it is.
    pub user_name: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_keys_are_not_printed() {
        let keys: ApiKeys =
            serde_json::from_str(r#"{"apiAccessKey":"KEY-0001","apiSecretKey":"SECRET-0001","userName":"svc"}"#)
                .unwrap();
        assert_eq!(keys.api_secret_key.as_ref().map(Secret::expose), Some("SECRET-0001"));
        let printed = format!("{keys:?}");
        assert!(printed.contains("svc") && !printed.contains("0001"), "{printed}");
    }
}
