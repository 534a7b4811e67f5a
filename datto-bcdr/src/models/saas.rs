//! SaaS Protection: customers and their seats.

use datto_common::Timestamp;

use crate::ids::{ExternalSubscriptionId, OrganizationId, RemoteId, SaasCustomerId};
use crate::lenient::{self, Flag};

datto_common::open_enum! {
    /// What a seat stands for. The service is strict about the case (observed).
    pub enum SeatType {
        /// A person.
        User = "User",
        /// A mailbox that several people share.
        SharedMailbox = "SharedMailbox",
        /// A SharePoint site.
        Site = "Site",
        /// The site of a team.
        TeamSite = "TeamSite",
        /// A team.
        Team = "Team",
        /// A shared drive of Google.
        SharedDrive = "SharedDrive",
    }
}

datto_common::open_enum! {
    /// Whether a seat is protected.
    pub enum SeatState {
        /// Protected.
        Active = "Active",
        /// On hold: still billed, its data is kept.
        Paused = "Paused",
        /// Not protected.
        Unprotected = "Unprotected",
        /// Gone at Microsoft or Google, its data is kept.
        Archived = "Archived",
        /// Found, and nothing else; occurs in counts only (observed).
        Discovered = "Discovered",
    }
}

datto_common::open_enum! {
    /// What a bulk change does to seats.
    pub enum SeatAction {
        /// Protects them.
        License = "License",
        /// Puts them on hold: still billed, data kept.
        Pause = "Pause",
        /// Ends their protection: **their data is purged after 30 days**.
        Unlicense = "Unlicense",
    }
}

datto_common::model! {
    /// A SaaS Protection customer with a domain. One record for each customer was observed, which is not promised.
    pub struct SaasDomain {
        /// The key of every call about the customer.
        pub saas_customer_id: SaasCustomerId,
        /// Name of the customer.
        pub saas_customer_name: Option<String>,
        /// The domain.
        pub domain: Option<String>,
        /// The client of the partner.
        pub organization_id: Option<OrganizationId>,
        /// Name of that client.
        pub organization_name: Option<String>,
        /// How many seats are in use.
        #[serde(deserialize_with = "lenient::integer")]
        pub seats_used: Option<i64>,
        /// `Office365`; for Google `GoogleApps` (guess).
        pub product_type: Option<String>,
        /// The subscription, which a bulk seat change needs.
        pub external_subscription_id: ExternalSubscriptionId,
        /// How long data is kept: `ICR` (infinite cloud retention).
        pub retention_type: Option<String>,
        /// Its backups of the last day or so; the window is not documented.
        pub backup_stats: Option<SaasBackupStats>,
    }

    /// How many services of a SaaS customer were backed up of late; the window is not documented (guess: a day).
    pub struct SaasBackupStats {
        /// Active services: a mailbox, a drive, a site, a team.
        #[serde(deserialize_with = "lenient::integer")]
        pub active_services_count: Option<i64>,
        /// Those of them with a recent backup.
        #[serde(deserialize_with = "lenient::integer")]
        pub active_services_with_recent_backup_count: Option<i64>,
        /// The same in percent; seen with and without a fraction.
        #[serde(deserialize_with = "lenient::number")]
        pub backup_percentage: Option<f64>,
    }

    /// A seat of a customer. It has no time of its last backup.
    pub struct SaasSeat {
        /// Its id among the seats of the customer: a user's name, an address, the URL of a site.
        pub main_id: Option<String>,
        /// Display name.
        pub name: Option<String>,
        /// What it stands for.
        pub seat_type: Option<SeatType>,
        /// Whether it is protected.
        pub seat_state: Option<SeatState>,
        /// Whether it is billed: `"1"` or `""` (observed; the document says `"0"`).
        pub billable: Option<Flag>,
        /// When it was added.
        pub date_added: Option<Timestamp>,
        /// Its id at Microsoft or Google, which a bulk seat change needs; older answers lack it (observed).
        pub remote_id: RemoteId,
    }

    /// The answer to a bulk seat change. That it came does not mean that every seat was changed (observed).
    pub struct BulkSeatAssignment {
        /// What was asked for.
        pub action: Option<SeatAction>,
        /// The application.
        pub app_type: Option<String>,
        /// The customer.
        pub customer_id: SaasCustomerId,
        /// Id of the change.
        pub id: Option<serde_json::Value>,
        /// How it stands; values not known.
        pub status: Option<String>,
    }
}

impl SaasDomain {
    /// Name of the client: the organization's, else the customer's, without padding.
    pub fn client_name(&self) -> Option<&str> {
        [&self.organization_name, &self.saas_customer_name]
            .into_iter()
            .filter_map(|name| name.as_deref().map(str::trim))
            .find(|name| !name.is_empty())
    }
}

impl SaasSeat {
    /// Whether it is billed, by the service's own word. Where it says nothing: users are that are active, paused or archived
    /// (official, kb.datto.com 360034377912), and no mailbox, site, team or drive is. `None` if that cannot be told either.
    pub fn is_billable(&self) -> Option<bool> {
        if let Some(said) = self.billable.as_ref().and_then(Flag::get) {
            return Some(said);
        }
        let is_kept = match self.seat_state.as_ref()? {
            SeatState::Active | SeatState::Paused | SeatState::Archived => true,
            SeatState::Unprotected | SeatState::Discovered => false,
            _ => return None,
        };
        match self.seat_type.as_ref()? {
            SeatType::User => Some(is_kept),
            kind if SeatType::KNOWN.contains(&kind.as_str()) => Some(false),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_domain_is_read() {
        let domain: SaasDomain = serde_json::from_value(json!({
            "domain": "acorn.example.com", "saasCustomerId": 4711, "saasCustomerName": "Acorn Dental", "organizationId": null,
            "organizationName": " ", "seatsUsed": 12, "productType": "Office365",
            "externalSubscriptionId": "Classic:Office365:654321", "retentionType": "ICR",
            "backupStats": {"activeServicesCount": 40, "activeServicesWithRecentBackupCount": 32, "backupPercentage": 79.78}
        }))
        .unwrap();
        assert_eq!(domain.saas_customer_id.as_i64(), Some(4711));
        assert_eq!(domain.client_name(), Some("Acorn Dental"));
        assert_eq!(domain.backup_stats.unwrap().backup_percentage, Some(79.78));
        assert!(domain.extra.is_empty());
    }

    #[test]
    fn a_seat_knows_whether_it_is_billed() {
        for (billable, meaning) in [("1", Some(true)), ("", Some(false)), ("0", Some(false)), ("sometimes", None)] {
            let wire = json!({"mainId": "jo@acorn.example.com", "seatState": "Discovered", "billable": billable});
            let seat: SaasSeat = serde_json::from_value(wire.clone()).unwrap();
            assert_eq!(seat.is_billable(), meaning, "{billable}");
            assert_eq!(serde_json::to_value(&seat).unwrap(), wire);
        }
        assert_eq!(SaasSeat::default().is_billable(), None);
        for (kind, state, meaning) in [
            ("User", "Active", Some(true)),
            ("User", "Paused", Some(true)),
            ("User", "Archived", Some(true)),
            ("User", "Unprotected", Some(false)),
            ("User", "Asleep", None),
            ("SharedMailbox", "Active", Some(false)),
            ("Whiteboard", "Active", None),
        ] {
            let seat: SaasSeat = serde_json::from_value(json!({"seatType": kind, "seatState": state})).unwrap();
            assert_eq!(seat.is_billable(), meaning, "{kind} {state}");
        }
    }
}
