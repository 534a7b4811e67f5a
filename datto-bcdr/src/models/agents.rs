//! Agents of Endpoint Backup for PCs.

use datto_common::Timestamp;

use crate::ids::{AgentUuid, OrganizationId};
use crate::lenient;

datto_common::model! {
    /// A client and its endpoint agents. The list is empty where the partner does not have the product (observed).
    pub struct BcdrClientAgents {
        /// The client.
        pub organization_id: Option<OrganizationId>,
        /// Its name as an organization.
        pub organization_name: Option<String>,
        /// Its name as a client.
        pub client_name: Option<String>,
        /// Its agents.
        #[serde(deserialize_with = "lenient::list")]
        pub agents: Option<Vec<BcdrAgent>>,
    }

    /// An endpoint agent.
    pub struct BcdrAgent {
        /// Its id.
        pub uuid: AgentUuid,
        /// A short code for people.
        pub short_code: Option<String>,
        /// What kind of agent it is; values not known.
        #[serde(rename = "type")]
        pub kind: Option<String>,
        /// Name of the machine.
        pub hostname: Option<String>,
        /// The newest backup; 0 if there is none (guess).
        pub last_snapshot: Option<Timestamp>,
        /// The newest screenshot; 0 if there is none (guess).
        pub last_screenshot: Option<Timestamp>,
        /// Whether that screenshot worked.
        #[serde(deserialize_with = "lenient::flag")]
        pub screenshot_success: Option<bool>,
        /// The machine behind it.
        pub protected_machine: Option<ProtectedMachine>,
    }

    /// What identifies a machine across products.
    pub struct ProtectedMachine {
        /// MAC address.
        pub mac: Option<String>,
        /// Serial number of the machine.
        pub serial: Option<String>,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agents_are_read_by_client() {
        let client: BcdrClientAgents = serde_json::from_value(serde_json::json!({
            "organizationId": null, "clientName": "Acorn Dental",
            "agents": [{"uuid": "a-1", "lastSnapshot": 1_787_643_495, "lastScreenshot": 0, "screenshotSuccess": true}]
        }))
        .unwrap();
        let agent = &client.agents.as_ref().unwrap()[0];
        assert_eq!(agent.uuid.as_str(), "a-1");
        assert_eq!(agent.last_snapshot, Some(Timestamp::from_seconds(1_787_643_495)));
        assert_eq!(agent.last_screenshot.as_ref().unwrap().moment(), None);
    }
}
