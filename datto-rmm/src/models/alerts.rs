//! Alerts.

use std::cmp::Ordering;

use datto_common::{Severity, Timestamp};

use super::alert_context::AlertContext;
use crate::ids::{AlertUid, DeviceUid, SiteUid};

datto_common::model! {
    /// An alert.
    pub struct Alert {
        /// Its uid.
        pub alert_uid: AlertUid,
        /// How grave it is.
        pub priority: Option<AlertPriority>,
        /// What the monitor found out about it; what came as no text is its JSON.
        #[serde(deserialize_with = "crate::models::lenient::text_or_json")]
        pub diagnostics: Option<String>,
        /// Whether it is resolved.
        pub resolved: Option<bool>,
        /// Who resolved it.
        pub resolved_by: Option<String>,
        /// When it was resolved. Observed: integer milliseconds; the document says date-time.
        pub resolved_on: Option<Timestamp>,
        /// Whether it is muted.
        pub muted: Option<bool>,
        /// The ticket made of it.
        pub ticket_number: Option<String>,
        /// When it was raised. Observed: integer milliseconds; the document says date-time.
        pub timestamp: Option<Timestamp>,
        /// What its monitor does.
        pub alert_monitor_info: Option<AlertMonitorInfo>,
        /// What was seen, by the kind of monitor.
        pub alert_context: Option<AlertContext>,
        /// Where it was seen.
        pub alert_source_info: Option<AlertSourceInfo>,
        /// What was done about it.
        pub response_actions: Option<Vec<ResponseAction>>,
        /// After how many minutes it resolves itself.
        pub autoresolve_mins: Option<i64>,
    }

    /// What the monitor of an alert does.
    pub struct AlertMonitorInfo {
        /// Whether it sends mails.
        pub sends_emails: Option<bool>,
        /// Whether it makes tickets.
        pub creates_ticket: Option<bool>,
    }

    /// Where an alert was seen.
    pub struct AlertSourceInfo {
        /// The device.
        pub device_uid: DeviceUid,
        /// Its name.
        pub device_name: Option<String>,
        /// The site.
        pub site_uid: SiteUid,
        /// Its name.
        pub site_name: Option<String>,
    }

    /// Something done about an alert.
    pub struct ResponseAction {
        /// When. Its form on the wire is a guess: every one is read.
        pub action_time: Option<Timestamp>,
        /// What.
        pub action_type: Option<ResponseActionKind>,
        /// A description.
        pub description: Option<String>,
        /// What it refers to.
        pub action_reference: Option<String>,
        /// What it refers to, as a number in text.
        #[serde(deserialize_with = "crate::models::lenient::text")]
        pub action_reference_int: Option<String>,
    }
}

datto_common::open_enum! {
    /// How grave an alert is.
    pub enum AlertPriority {
        /// Critical.
        Critical = "Critical",
        /// High.
        High = "High",
        /// Moderate.
        Moderate = "Moderate",
        /// Low.
        Low = "Low",
        /// For information.
        Information = "Information",
        /// The service does not know.
        Unknown = "Unknown",
    }
}

impl AlertPriority {
    /// How much an alert of this priority matters. Our judgement: critical and high ones are critical, moderate and low ones warnings; what is
    /// for information is a notice. One whose priority is not known is a warning, so that it is not overlooked.
    pub fn severity(&self) -> Severity {
        match self {
            Self::Critical | Self::High => Severity::Critical,
            Self::Moderate | Self::Low | Self::Unknown | Self::Other(_) => Severity::Warning,
            Self::Information => Severity::Notice,
        }
    }
}

impl Alert {
    /// How much it matters, by its [priority](AlertPriority::severity); a warning if it has none.
    pub fn severity(&self) -> Severity {
        self.priority.as_ref().map_or(Severity::Warning, AlertPriority::severity)
    }
}

impl AlertPriority {
    /// From what is not known to what is gravest.
    fn rank(&self) -> u8 {
        match self {
            Self::Unknown | Self::Other(_) => 0,
            Self::Information => 1,
            Self::Low => 2,
            Self::Moderate => 3,
            Self::High => 4,
            Self::Critical => 5,
        }
    }
}

/// By gravity: the critical one is the greatest, what is not known the least.
impl Ord for AlertPriority {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank().cmp(&other.rank()).then_with(|| self.as_str().cmp(other.as_str()))
    }
}

impl PartialOrd for AlertPriority {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

datto_common::open_enum! {
    /// What was done about an alert.
    pub enum ResponseActionKind {
        /// A mail was sent.
        EmailSent = "EMAIL_SENT",
        /// A mail could not be sent.
        EmailSendError = "EMAIL_SEND_ERROR",
        /// A ticket will be made.
        TicketPending = "TICKET_PENDING",
        /// A ticket was made.
        TicketCreated = "TICKET_CREATED",
        /// A ticket could not be made.
        TicketCreationError = "TICKET_CREATION_ERROR",
        /// A ticket was closed.
        TicketClosedCall = "TICKET_CLOSED_CALL",
        /// A component was run.
        Component = "COMPONENT",
        /// A webhook was called.
        WebhookExecuted = "WEBHOOK_EXECUTED",
        /// A webhook could not be called.
        WebhookExecutionError = "WEBHOOK_EXECUTION_ERROR",
    }
}

datto_common::held! { Json: AlertContext; }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gravest_priority_is_the_greatest() {
        let mut all = ["Low", "Critical", "Odd", "High", "Information", "Moderate"].map(AlertPriority::from);
        all.sort();
        let names = all.each_ref().map(AlertPriority::as_str);
        assert_eq!(names, ["Odd", "Information", "Low", "Moderate", "High", "Critical"]);
    }
}
