//! The RMM account as data, and how it is made from a seed.

mod account;
mod contexts;
mod devices;
mod identity;
mod logs;
mod machine;
pub(crate) mod names;
mod record;
mod sites;
mod udfs;

use std::collections::{BTreeMap, HashMap};
use std::net::Ipv4Addr;
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

pub(crate) use account::plant;
pub(crate) use contexts::Context;
pub(crate) use identity::Machine;
pub(crate) use machine::Family;
pub(crate) use udfs::Udfs;

use crate::estate::Company;
use crate::random::Random;
use crate::rmm::truth::RmmTruth;

/// Everything the account holds.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) id: i64,
    pub(crate) uid: String,
    pub(crate) name: String,
    /// The customers behind the sites.
    pub(crate) companies: Vec<Company>,
    pub(crate) sites: Vec<Site>,
    pub(crate) devices: Vec<Device>,
    pub(crate) devices_by_uid: HashMap<String, usize>,
    pub(crate) alerts: Vec<Alert>,
    pub(crate) variables: Vec<Variable>,
    pub(crate) users: Vec<User>,
    pub(crate) components: Vec<Component>,
    pub(crate) filters: Vec<Filter>,
    pub(crate) patches: Vec<Patch>,
    pub(crate) udf_kinds: BTreeMap<u16, UdfKind>,
    pub(crate) jobs: Vec<Job>,
    pub(crate) activities: Vec<Activity>,
    pub(crate) next_id: i64,
    /// How long jobs take on devices where they take another time than the settings say.
    pub(crate) slow_devices: HashMap<String, Duration>,
    pub(crate) slow_everywhere: Option<Duration>,
    /// What of the truth never changes: names of sites of the system, of components, of an address.
    pub(crate) fixtures: RmmTruth,
    /// For what is made while the sandbox runs.
    pub(crate) random: Random,
}

impl Site {
    /// A site of which nothing is known but its name.
    pub(crate) fn bare(name: &str) -> Self {
        Self {
            id: 0,
            uid: String::new(),
            name: name.to_owned(),
            description: None,
            notes: None,
            on_demand: false,
            splashtop: Some(false),
            proxy: None,
            autotask: None,
            variables: Vec::new(),
            recipients: Vec::new(),
            networks: Vec::new(),
            company: None,
        }
    }
}

impl Account {
    pub(crate) fn device(&self, uid: &str) -> Option<&Device> {
        self.devices.get(*self.devices_by_uid.get(uid)?)
    }

    pub(crate) fn device_mut(&mut self, uid: &str) -> Option<&mut Device> {
        self.devices.get_mut(*self.devices_by_uid.get(uid)?)
    }

    pub(crate) fn site(&self, uid: &str) -> Option<&Site> {
        self.sites.iter().find(|site| site.uid == uid)
    }

    pub(crate) fn site_mut(&mut self, uid: &str) -> Option<&mut Site> {
        self.sites.iter_mut().find(|site| site.uid == uid)
    }

    /// The site of a device. Every device has one, so `None` does not come up.
    pub(crate) fn site_of(&self, device: &Device) -> Option<&Site> {
        self.sites.iter().find(|site| site.id == device.site_id)
    }

    pub(crate) fn fresh_id(&mut self) -> i64 {
        self.next_id += 1;
        self.next_id
    }
}

/// A customer, or one of the three sites of the system.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    pub(crate) id: i64,
    pub(crate) uid: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) notes: Option<String>,
    pub(crate) on_demand: bool,
    pub(crate) splashtop: Option<bool>,
    pub(crate) proxy: Option<Proxy>,
    pub(crate) autotask: Option<(String, String)>,
    pub(crate) variables: Vec<Variable>,
    pub(crate) recipients: Vec<(String, String)>,
    pub(crate) networks: Vec<i64>,
    /// The customer that it stands for, by its place in the list of companies.
    pub(crate) company: Option<usize>,
}

/// The proxy of a site.
#[derive(Debug, Clone)]
pub(crate) struct Proxy {
    pub(crate) host: Option<String>,
    pub(crate) port: Option<i64>,
    pub(crate) kind: Option<String>,
    pub(crate) username: Option<String>,
    pub(crate) password: Option<String>,
}

/// A variable of the account or of a site.
#[derive(Debug, Clone)]
pub(crate) struct Variable {
    pub(crate) id: i64,
    pub(crate) name: Option<String>,
    pub(crate) value: Option<String>,
    pub(crate) masked: bool,
}

/// A managed machine.
#[derive(Debug, Clone)]
pub(crate) struct Device {
    pub(crate) id: i64,
    pub(crate) uid: String,
    pub(crate) site_id: i64,
    pub(crate) hostname: String,
    pub(crate) class: &'static str,
    pub(crate) category: Option<&'static str>,
    pub(crate) chassis: Option<&'static str>,
    pub(crate) system: Option<&'static str>,
    pub(crate) family: Family,
    /// The last day of updates of its system, where it has one.
    pub(crate) updates_end: Option<&'static str>,
    pub(crate) bits_64: Option<bool>,
    pub(crate) internal_ip: Ipv4Addr,
    pub(crate) external_ip: Option<Ipv4Addr>,
    pub(crate) macs: Vec<String>,
    /// What its board says, which may be what many boards say.
    pub(crate) serial: String,
    /// The older record of the same machine.
    pub(crate) twin_of: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) domain: Option<&'static str>,
    pub(crate) agent: String,
    pub(crate) description: Option<String>,
    pub(crate) reboot_required: Option<bool>,
    pub(crate) online: bool,
    pub(crate) suspended: bool,
    /// `None` is null on the wire: a device in the site "Deleted Devices" whose mark is missing.
    pub(crate) deleted: Option<bool>,
    pub(crate) last_seen: Option<i64>,
    /// Writes `lastSeen` as ISO text where the settings let devices differ.
    pub(crate) iso_dates: bool,
    pub(crate) last_reboot: Option<i64>,
    pub(crate) last_audit: Option<i64>,
    pub(crate) created: i64,
    pub(crate) warranty: Option<String>,
    pub(crate) antivirus: Option<(Option<&'static str>, &'static str)>,
    pub(crate) patching: Option<Patching>,
    pub(crate) software_status: Option<&'static str>,
    pub(crate) udfs: Udfs,
    /// A field that the document does not have.
    pub(crate) extra: bool,
}

/// The patch figures of a device.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patching {
    pub(crate) status: &'static str,
    pub(crate) pending: i64,
    pub(crate) not_approved: i64,
    pub(crate) installed: i64,
}

/// A patch of the catalogue.
#[derive(Debug, Clone)]
pub(crate) struct Patch {
    pub(crate) id: String,
    pub(crate) category: Vec<&'static str>,
    pub(crate) kind: &'static str,
    pub(crate) title: String,
    pub(crate) release: String,
    pub(crate) severity: &'static str,
    pub(crate) size: i64,
    pub(crate) reboot: bool,
    pub(crate) input: bool,
    pub(crate) article: Option<String>,
}

/// An alert, open or resolved.
#[derive(Debug, Clone)]
pub(crate) struct Alert {
    pub(crate) uid: String,
    pub(crate) priority: &'static str,
    pub(crate) diagnostics: Option<&'static str>,
    /// By whom and when.
    pub(crate) resolved: Option<(Option<String>, i64)>,
    pub(crate) muted: bool,
    pub(crate) ticket: Option<String>,
    pub(crate) timestamp: i64,
    pub(crate) context: Context,
    pub(crate) device_uid: String,
    pub(crate) actions: Vec<(&'static str, i64)>,
    pub(crate) autoresolve: Option<i64>,
}

/// A user of the account.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) id: i64,
    pub(crate) username: String,
    pub(crate) first_name: &'static str,
    pub(crate) last_name: &'static str,
    pub(crate) telephone: Option<&'static str>,
    pub(crate) created: i64,
    pub(crate) last_access: Option<i64>,
    pub(crate) disabled: bool,
}

/// A component of the account's list.
#[derive(Debug, Clone)]
pub(crate) struct Component {
    pub(crate) id: i64,
    pub(crate) uid: String,
    pub(crate) name: &'static str,
    pub(crate) description: Option<&'static str>,
    pub(crate) category: &'static str,
    pub(crate) credentials: Option<bool>,
    /// Name, default, type.
    pub(crate) variables: Vec<(&'static str, Option<&'static str>, &'static str)>,
    pub(crate) fails: bool,
}

/// A saved filter.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    pub(crate) id: i64,
    pub(crate) name: &'static str,
    /// `rmm_default`, `custom` or `site`.
    pub(crate) kind: &'static str,
    pub(crate) site_id: Option<i64>,
    pub(crate) rule: Rule,
    pub(crate) created: i64,
}

/// What a filter selects.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Rule {
    All,
    Online,
    Offline,
    Category(&'static str),
    System(&'static str),
    RebootRequired,
}

impl Rule {
    pub(crate) fn selects(self, device: &Device) -> bool {
        match self {
            Self::All => true,
            Self::Online => device.online,
            Self::Offline => !device.online,
            Self::Category(category) => device.category == Some(category),
            Self::System(part) => device.system.is_some_and(|system| system.contains(part)),
            Self::RebootRequired => device.reboot_required == Some(true),
        }
    }
}

/// How the account has set up one user-defined field.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UdfKind {
    /// `STRING`, `BOOLEAN`, `NUMBER` or `DATE`.
    pub(crate) kind: &'static str,
    pub(crate) label: &'static str,
}

/// A quick job on one device.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub(crate) id: i64,
    pub(crate) uid: String,
    pub(crate) name: String,
    pub(crate) created_ms: i64,
    pub(crate) created: Instant,
    pub(crate) device_uid: String,
    pub(crate) component_uid: String,
    pub(crate) component_name: String,
    pub(crate) variables: Vec<(String, Option<String>)>,
    pub(crate) fails: bool,
}

/// A line of the activity log.
#[derive(Debug, Clone)]
pub(crate) struct Activity {
    pub(crate) id: String,
    /// `DEVICE` or `USER`.
    pub(crate) entity: &'static str,
    pub(crate) category: &'static str,
    pub(crate) action: &'static str,
    pub(crate) moment: i64,
    pub(crate) site: Option<(i64, String)>,
    /// Id, uid and host name.
    pub(crate) device: Option<(i64, String, String)>,
    /// Index in the list of users.
    pub(crate) user: usize,
    /// What its details have besides what all have.
    pub(crate) extra: Vec<(&'static str, Value)>,
}
