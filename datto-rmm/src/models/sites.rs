//! Sites, their settings and their proxy.

use datto_common::Sensitive;
use serde::Serialize;

use crate::ids::{AccountUid, SiteId, SiteUid};
use crate::models::lenient;

datto_common::model! {
    /// A site: a customer's place, with its devices.
    pub struct Site {
        /// Its numeric id.
        pub id: SiteId,
        /// Its uid.
        pub uid: SiteUid,
        /// The uid of the account that it belongs to.
        pub account_uid: AccountUid,
        /// Its name.
        pub name: Option<String>,
        /// A description.
        pub description: Option<String>,
        /// Notes.
        pub notes: Option<String>,
        /// Whether its devices are on demand, else managed.
        pub on_demand: Option<bool>,
        /// Whether Splashtop is installed on its devices by itself.
        pub splashtop_auto_install: Option<bool>,
        /// The proxy that its devices use.
        pub proxy_settings: Option<ProxySettings>,
        /// How many devices it has.
        pub devices_status: Option<DevicesStatus>,
        /// The name of the Autotask company it is linked to.
        pub autotask_company_name: Option<String>,
        /// The id of the Autotask company it is linked to. A number as text on the wire (observed).
        #[serde(deserialize_with = "lenient::text")]
        pub autotask_company_id: Option<String>,
        /// Where the portal shows it.
        pub portal_url: Option<String>,
    }

    /// How many devices a site has.
    pub struct DevicesStatus {
        /// All devices.
        pub number_of_devices: Option<i64>,
        /// Those online.
        pub number_of_online_devices: Option<i64>,
        /// Those offline.
        pub number_of_offline_devices: Option<i64>,
    }

    /// The settings of a site.
    pub struct SiteSettings {
        /// Name, description, kind.
        pub general_settings: Option<GeneralSettings>,
        /// The proxy that its devices use.
        pub proxy_settings: Option<ProxySettings>,
        /// Who gets its mails. Read only: the service has no call that sets them.
        pub mail_recipients: Option<Vec<MailRecipient>>,
    }

    /// The general settings of a site.
    pub struct GeneralSettings {
        /// Its name.
        pub name: Option<String>,
        /// Its uid.
        pub uid: SiteUid,
        /// A description.
        pub description: Option<String>,
        /// Whether its devices are on demand, else managed.
        pub on_demand: Option<bool>,
    }

    /// Somebody who gets the mails of a site.
    pub struct MailRecipient {
        /// The name.
        pub name: Option<String>,
        /// The address.
        pub email: Option<String>,
        /// The kind of recipient.
        #[serde(rename = "type")]
        pub kind: Option<String>,
        /// A bit field of what the recipient gets. Official: write only, so it is not expected in an answer.
        pub receives: Option<i64>,
        /// Whether told of new devices.
        pub receives_new_devices: Option<bool>,
        /// Whether told of alerts.
        pub receives_alerts: Option<bool>,
        /// Whether sent reports.
        pub receives_reports: Option<bool>,
    }

    /// The proxy of a site. An answer may hold its password (official schema): `Debug` hides it.
    pub struct ProxySettings {
        /// The host.
        pub host: Option<String>,
        /// The password.
        pub password: Option<Sensitive<String>>,
        /// The port.
        pub port: Option<i64>,
        /// The protocol.
        #[serde(rename = "type")]
        pub kind: Option<ProxyKind>,
        /// The user name.
        pub username: Option<String>,
    }
}

datto_common::open_enum! {
    /// The protocol of a proxy.
    pub enum ProxyKind {
        /// HTTP.
        Http = "http",
        /// SOCKS 4.
        Socks4 = "socks4",
        /// SOCKS 5.
        Socks5 = "socks5",
    }
}

impl ProxySettings {
    /// A proxy without a login.
    pub fn new(kind: ProxyKind, host: impl Into<String>, port: u16) -> Self {
        Self { kind: Some(kind), host: Some(host.into()), port: Some(port.into()), ..Self::default() }
    }

    /// With a login.
    #[must_use]
    pub fn login(mut self, username: impl Into<String>, password: impl Into<String>) -> Self {
        self.username = Some(username.into());
        self.password = Some(Sensitive(password.into()));
        self
    }
}

/// What a site is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SiteKind {
    /// A customer's site.
    Customer,
    /// The system site of managed devices without a site of their own.
    Managed,
    /// The system site of on-demand devices.
    OnDemand,
    /// The system site that holds deleted devices: no customer, and its devices count nowhere.
    DeletedDevices,
}

impl SiteKind {
    /// By the name of the site: the service marks its system sites in no other way (observed).
    pub fn of_name(name: &str) -> Self {
        match name {
            "Managed" => Self::Managed,
            "OnDemand" => Self::OnDemand,
            "Deleted Devices" => Self::DeletedDevices,
            _ => Self::Customer,
        }
    }
}

impl Site {
    /// What it is there for.
    pub fn kind(&self) -> SiteKind {
        self.name.as_deref().map_or(SiteKind::Customer, SiteKind::of_name)
    }
}

/// A site to be created.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
#[must_use]
pub struct NewSite {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    on_demand: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    splashtop_auto_install: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proxy_settings: Option<ProxySettings>,
}

impl NewSite {
    /// A site of this name. The service takes the same name twice and then has two sites.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            description: None,
            notes: None,
            on_demand: None,
            splashtop_auto_install: None,
            proxy_settings: None,
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// With a description.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// With notes.
    pub fn notes(mut self, notes: impl Into<String>) -> Self {
        self.notes = Some(notes.into());
        self
    }

    /// For on-demand devices, else for managed ones.
    pub fn on_demand(mut self, on_demand: bool) -> Self {
        self.on_demand = Some(on_demand);
        self
    }

    /// Whether Splashtop is installed on its devices by itself.
    pub fn splashtop_auto_install(mut self, install: bool) -> Self {
        self.splashtop_auto_install = Some(install);
        self
    }

    /// With a proxy.
    pub fn proxy(mut self, proxy: ProxySettings) -> Self {
        self.proxy_settings = Some(proxy);
        self
    }
}

/// The whole of what an update may set. The service overwrites: what is left out is wiped (observed).
///
/// Begin with `SiteUpdate::from(&site)` to keep what the site has.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
#[must_use]
pub struct SiteUpdate {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    on_demand: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    splashtop_auto_install: Option<bool>,
}

impl SiteUpdate {
    /// A site of this name and nothing else: description, notes and the two switches are wiped unless they are set.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), description: None, notes: None, on_demand: None, splashtop_auto_install: None }
    }

    /// With another name.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// With this description.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// With these notes.
    pub fn notes(mut self, notes: impl Into<String>) -> Self {
        self.notes = Some(notes.into());
        self
    }

    /// With one more line of notes.
    pub fn append_note(mut self, line: impl AsRef<str>) -> Self {
        let mut notes = self.notes.unwrap_or_default();
        if !notes.is_empty() {
            notes.push('\n');
        }
        notes.push_str(line.as_ref());
        self.notes = Some(notes);
        self
    }

    /// For on-demand devices, else for managed ones.
    pub fn on_demand(mut self, on_demand: bool) -> Self {
        self.on_demand = Some(on_demand);
        self
    }

    /// Whether Splashtop is installed on its devices by itself.
    pub fn splashtop_auto_install(mut self, install: bool) -> Self {
        self.splashtop_auto_install = Some(install);
        self
    }
}

/// Everything that the site has and an update would otherwise wipe.
impl From<&Site> for SiteUpdate {
    fn from(site: &Site) -> Self {
        Self {
            name: site.name.clone().unwrap_or_default(),
            description: site.description.clone(),
            notes: site.notes.clone(),
            on_demand: site.on_demand,
            splashtop_auto_install: site.splashtop_auto_install,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_update_made_from_a_site_keeps_what_it_has() {
        let site: Site = serde_json::from_value(json!({
            "name": "Contoso", "description": "HQ", "notes": "one", "onDemand": false, "splashtopAutoInstall": true,
            "proxySettings": {"host": "proxy.example.com"}, "id": 7
        }))
        .unwrap();
        let update = SiteUpdate::from(&site).append_note("two");
        assert_eq!(
            serde_json::to_value(update).unwrap(),
            json!({"name": "Contoso", "description": "HQ", "notes": "one\ntwo", "onDemand": false, "splashtopAutoInstall": true})
        );
    }

    #[test]
    fn the_password_of_a_proxy_is_sent_but_not_printed() {
        let site = NewSite::new("Contoso")
            .proxy(ProxySettings::new(ProxyKind::Socks5, "p.example.com", 1080).login("u", "hunter2"));
        assert!(!format!("{site:?}").contains("hunter2"));
        assert_eq!(
            serde_json::to_value(site).unwrap(),
            json!({"name": "Contoso", "proxySettings":
                {"host": "p.example.com", "password": "hunter2", "port": 1080, "type": "socks5", "username": "u"}})
        );
    }

    #[test]
    fn system_sites_are_told_by_name() {
        let site = |name: &str| serde_json::from_value::<Site>(json!({ "name": name })).unwrap().kind();
        assert_eq!(site("Deleted Devices"), SiteKind::DeletedDevices);
        assert_eq!(site("Contoso"), SiteKind::Customer);
    }

    #[test]
    fn a_company_id_is_read_from_text_and_number() {
        for id in [json!("1234"), json!(1234)] {
            let site: Site = serde_json::from_value(json!({ "autotaskCompanyId": id })).unwrap();
            assert_eq!(site.autotask_company_id.as_deref(), Some("1234"));
        }
        assert_eq!(
            serde_json::from_value::<Site>(json!({"autotaskCompanyId": null})).unwrap().autotask_company_id,
            None
        );
    }
}
