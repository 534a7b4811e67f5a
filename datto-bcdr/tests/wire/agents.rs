//! Agents of Endpoint Backup for PCs.

use crate::case::{Case, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![case!(AGENTS_LIST, "/bcdr/agent", |bcdr| {
        let clients = bcdr.agents().list().collect().await?;
        assert_eq!(clients[0].client_name.as_deref(), Some("Acorn Dental"));
        let agents = clients[0].agents.as_ref().unwrap();
        assert_eq!(agents[0].last_snapshot.as_ref().unwrap().to_string(), "2026-08-25T07:38:15Z");
        assert_eq!(agents[0].screenshot_success, Some(true));
    })]
}
