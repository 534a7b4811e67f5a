//! Open alerts of an appliance.

use datto_common::Timestamp;

use crate::lenient;

datto_common::model! {
    /// An open alert of an appliance. It has no id, severity, state, asset or message: tell alerts apart by serial number, kind and time.
    pub struct Alert {
        /// What it is about: `Device Not Seen Alert`.
        #[serde(rename = "type")]
        pub kind: Option<String>,
        /// The value above which it is raised.
        #[serde(deserialize_with = "lenient::integer")]
        pub threshold: Option<i64>,
        /// Unit of that value: `Minutes`.
        pub unit: Option<String>,
        /// When it was raised.
        pub date_triggered: Option<Timestamp>,
        /// When the message about it was sent.
        pub date_sent: Option<Timestamp>,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_is_read() {
        let alert: Alert = serde_json::from_value(serde_json::json!({
            "type": "Device Not Seen Alert", "threshold": 60, "unit": "Minutes",
            "dateTriggered": "2026-08-25T07:38:15+00:00", "dateSent": null
        }))
        .unwrap();
        assert_eq!(alert.kind.as_deref(), Some("Device Not Seen Alert"));
        assert_eq!((alert.threshold, alert.date_sent), (Some(60), None));
    }
}
