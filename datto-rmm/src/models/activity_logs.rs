//! The activity log: who did what, when.

use datto_common::Timestamp;
use serde_json::{Map, Value};

use crate::ids::{ActivityLogId, DeviceId, SiteId, UserId};

datto_common::model! {
    /// An entry of the activity log.
    pub struct ActivityLog {
        /// Its id.
        pub id: ActivityLogId,
        /// Whether a device or a user did it.
        pub entity: Option<ActivityEntity>,
        /// Its category: "job", "remote", "device", … (observed).
        pub category: Option<String>,
        /// What was done.
        pub action: Option<String>,
        /// When. Official: seconds with a fraction.
        pub date: Option<Timestamp>,
        /// The site it concerns.
        pub site: Option<ActivitySite>,
        /// The numeric id of the device it concerns.
        pub device_id: DeviceId,
        /// The host name of the device it concerns.
        pub hostname: Option<String>,
        /// The user it concerns.
        pub user: Option<ActivityUser>,
        /// More about it: a JSON document inside a text (observed); see [`parsed_details`](Self::parsed_details).
        pub details: Option<String>,
        /// Whether there is standard output. May be false wrongly (observed).
        pub has_std_out: Option<bool>,
        /// Whether there is standard error.
        pub has_std_err: Option<bool>,
    }

    /// The site in an entry of the activity log.
    pub struct ActivitySite {
        /// Its numeric id.
        pub id: SiteId,
        /// Its name.
        pub name: Option<String>,
    }

    /// The user in an entry of the activity log.
    pub struct ActivityUser {
        /// The numeric id.
        pub id: UserId,
        /// The name to log in with.
        pub user_name: Option<String>,
        /// First name.
        pub first_name: Option<String>,
        /// Last name.
        pub last_name: Option<String>,
    }
}

datto_common::open_enum! {
    /// Who did something.
    pub enum ActivityEntity {
        /// A device.
        Device = "DEVICE",
        /// A user.
        User = "USER",
    }
}

impl ActivityLog {
    /// The details as the JSON object that they are. `None` if there are none or they are something else: `details` has the text.
    pub fn parsed_details(&self) -> Option<ActivityDetails> {
        serde_json::from_str(self.details.as_deref()?).ok().map(ActivityDetails)
    }
}

/// The details of an entry: members under dotted names, "device.uid", "job.uid", "user.username" (observed).
#[derive(Clone, Debug, PartialEq)]
pub struct ActivityDetails(Map<String, Value>);

impl ActivityDetails {
    /// The member under a dotted name, whether the service sent it flat (`"device.uid": …`, observed) or nested.
    pub fn get(&self, name: &str) -> Option<&Value> {
        find(&self.0, name)
    }

    /// The text under a dotted name.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// All members as they came.
    pub fn members(&self) -> &Map<String, Value> {
        &self.0
    }
}

fn find<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    if let Some(value) = members.get(name) {
        return Some(value);
    }
    // The name may be cut at any of its dots: {"remote_session": {"details.action": …}}.
    name.match_indices('.').find_map(|(at, _)| {
        let (head, tail) = (name.get(..at)?, name.get(at + 1..)?);
        find(members.get(head)?.as_object()?, tail)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn entry(details: Value) -> ActivityLog {
        serde_json::from_value(json!({"id": "a-1", "date": 1_689_072_497.714, "details": details, "deviceId": 9}))
            .unwrap()
    }

    #[test]
    fn details_are_found_flat_and_nested() {
        let log = entry(json!(r#"{"device.uid":"d-1","user":{"username":"kim","deep.er":{"x":1}}}"#));
        let details = log.parsed_details().unwrap();
        assert_eq!(details.text("device.uid"), Some("d-1"));
        assert_eq!(details.text("user.username"), Some("kim"));
        assert_eq!(details.get("user.deep.er.x"), Some(&json!(1)));
        assert_eq!(details.get("user.gone"), None);
        assert_eq!(log.date.unwrap().as_millis(), Some(1_689_072_497_714));
    }

    #[test]
    fn details_of_another_form_stay_text() {
        assert_eq!(entry(json!("moved by hand")).parsed_details(), None);
        assert_eq!(entry(json!("[1]")).parsed_details(), None);
        assert_eq!(entry(Value::Null).parsed_details(), None);
        assert_eq!(entry(json!("moved by hand")).details.as_deref(), Some("moved by hand"));
    }
}
