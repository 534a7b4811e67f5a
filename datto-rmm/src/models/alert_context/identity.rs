//! What tells one monitored thing from another: the members of a context that are no reading.
//!
//! They are taken from what the service sent, by their names on the wire: a member that came in another form than its field has is still a name.

use serde_json::Value;

use super::AlertContext;
use crate::models::plain::plain;

/// A part of an identity.
enum Part {
    /// The first of these members that is there; nothing if none is.
    Named(&'static [&'static str]),
    /// The kind of resource, where it is told.
    Resource,
    /// The names of the members of this object.
    Names(&'static str),
}

impl AlertContext {
    /// The values that name what is watched, not what was read there. `None` where that cannot be told: the kind is not known, or the members
    /// that name it cannot be read, or all of them are lacking.
    pub(crate) fn identity(&self) -> Option<Vec<String>> {
        let parts = self.parts()?;
        let sent = serde_json::to_value(self).ok()?;
        let mut values = Vec::new();
        let mut named = parts.is_empty();
        for part in parts {
            match part {
                Part::Named(members) => {
                    let value = members.iter().filter_map(|member| sent.get(member)).find(|value| !value.is_null());
                    let text = match value {
                        Some(value) => scalar(value)?,
                        None => String::new(),
                    };
                    named |= !text.is_empty();
                    values.push(text);
                }
                Part::Resource => {
                    named = true;
                    if let Some(value) = sent.get("type").filter(|value| !value.is_null()) {
                        values.push(scalar(value)?);
                    }
                }
                Part::Names(member) => {
                    named = true;
                    match sent.get(member) {
                        None | Some(Value::Null) => {}
                        Some(Value::Object(members)) => values.extend(members.keys().map(|name| plain(name))),
                        Some(_) => return None,
                    }
                }
            }
        }
        named.then_some(values)
    }

    fn parts(&self) -> Option<&'static [Part]> {
        use Part::{Named, Names, Resource};
        Some(match self {
            Self::Script(_) => &[Names("samples")],
            Self::CustomSnmp(_) => &[Named(&["displayName"]), Named(&["monitorInstance"])],
            Self::EventLog(_) => &[Named(&["logName"]), Named(&["source"]), Named(&["code"])],
            Self::FileSystem(_) => &[Named(&["path"])],
            Self::Patch(_) => &[Named(&["patchUid"]), Named(&["policyUid"])],
            Self::DiskUsage(_) => &[Named(&["diskName"])],
            Self::DiskHealth(_) | Self::Fan(_) | Self::ResourceUsage(_) | Self::Psu(_) | Self::Temperature(_) => {
                &[Resource]
            }
            Self::ProcessResourceUsage(_) => &[Named(&["processName"]), Resource],
            Self::ServiceResourceUsage(_) => &[Named(&["serviceName"]), Resource],
            Self::ProcessStatus(_) => &[Named(&["processName"])],
            Self::ServiceStatus(_) => &[Named(&["serviceName"])],
            Self::Ping(_) => &[Named(&["instanceName"])],
            Self::SecurityManagement(_) | Self::SecurityCenter(_) => &[Named(&["productName"])],
            Self::SoftwareAction(_) => &[Named(&["packageName"]), Named(&["actionType"])],
            Self::EndpointSecurityThreat(_) | Self::EndpointSecurityWindowsDefender(_) => &[Named(&["esAlertId"])],
            Self::NetworkMonitor(_) => &[Named(&["description"])],
            Self::Printer(_) => &[Named(&["macAddress"]), Named(&["ipAddress"]), Named(&["markerSupplyIndex"])],
            Self::SnmpProbe(_) => {
                &[Named(&["ipAddress"]), Named(&["oid", "OID"]), Named(&["ruleName"]), Named(&["monitorName"])]
            }
            // A device has one of these, or nothing in them tells two apart.
            Self::Antivirus(_)
            | Self::OnlineOfflineStatus(_)
            | Self::WindowsPerformance(_)
            | Self::Ransomware(_)
            | Self::Wmi(_)
            | Self::BackupManagement(_) => &[],
            Self::Unknown { .. } => return None,
        })
    }
}

/// A name, whichever form it came in; an object or a list is none.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(plain(text)),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
