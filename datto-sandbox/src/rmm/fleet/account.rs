//! The account around the devices: users, components, filters, variables, patches, alerts.

use std::collections::{BTreeMap, HashMap};

use super::names::{FIRST, LAST};
use super::{Account, Alert, Component, Context, Device, Filter, Patch, Rule, Site, UdfKind, User, Variable};
use super::{contexts, devices, logs, sites};
use crate::calendar;
use crate::change::Refused;
use crate::config::Config;
use crate::estate;
use crate::random::Random;
use crate::rmm::truth::RmmTruth;

const MINUTE: i64 = 60_000;
const DAY: i64 = 86_400_000;

/// How many patches there are to be had; more than any device has.
const CATALOGUE: usize = 240;

/// Makes the account from the seed.
pub(crate) fn plant(config: &Config) -> Account {
    let mut random = Random::new(config.seed, "rmm account");
    let mut truth = RmmTruth { account_uid: format!("sbx{:05}", random.below(100_000)), ..RmmTruth::default() };

    let count = config.sites.unwrap_or((config.devices / 40).clamp(3, 400));
    let companies = estate::companies(config.seed, count);
    let sites = sites::plant(config, count, &companies, &mut truth);
    let devices = devices::plant(config, &sites, &mut truth);
    let sites = sites.into_list();
    let users = users(config, &mut random);
    let components = components(&mut random, &mut truth);
    let alerts = alerts(config, &devices);
    let activities = logs::plant(config, &sites, &devices, &users);
    Account {
        id: 4_711,
        uid: truth.account_uid.clone(),
        name: "Sandbox Managed Services".to_owned(),
        devices_by_uid: devices.iter().enumerate().map(|(index, device)| (device.uid.clone(), index)).collect(),
        filters: filters(config, &sites),
        patches: patches(config, &mut random),
        udf_kinds: udf_kinds(),
        variables: vec![
            variable(1, "ticketMail", "tickets@msp.example.com", false),
            variable(2, "agentToken", "synthetic-token", true),
            variable(3, "region", "", false),
        ],
        jobs: Vec::new(),
        next_id: 9_000_000,
        slow_devices: HashMap::new(),
        slow_everywhere: None,
        random: Random::new(config.seed, "rmm while running"),
        companies,
        sites,
        devices,
        alerts,
        users,
        components,
        activities,
        fixtures: truth,
    }
}

pub(super) fn variable(id: i64, name: &str, value: &str, masked: bool) -> Variable {
    Variable { id, name: Some(name.to_owned()), value: Some(value.to_owned()), masked }
}

fn users(config: &Config, random: &mut Random) -> Vec<User> {
    let mut users = Vec::new();
    for (index, first_name) in FIRST.into_iter().take(12).enumerate() {
        let last_name = random.pick(&LAST);
        users.push(User {
            id: 501 + index as i64,
            username: format!("{}.{}", first_name.to_lowercase(), last_name.to_lowercase()),
            first_name,
            last_name,
            telephone: random.chance(50).then_some("+1 555 0100"),
            created: config.now_ms - random.between(200, 2_000) * DAY,
            last_access: (!random.chance(20)).then(|| config.now_ms - random.between(1, 40_000) * MINUTE),
            disabled: random.chance(15),
        });
    }
    users
}

fn components(random: &mut Random, truth: &mut RmmTruth) -> Vec<Component> {
    type Variables = Vec<(&'static str, Option<&'static str>, &'static str)>;
    let table: [(&'static str, &'static str, Option<bool>, Variables); 6] = [
        ("Reboot now", "scripts", Some(false), vec![("force", Some("0"), "boolean")]),
        ("Always fails", "scripts", None, vec![]),
        ("Collect inventory", "scripts", Some(false), vec![("depth", Some("2"), "value"), ("target", None, "value")]),
        ("Install browser", "applications", Some(false), vec![("version", Some("latest"), "selection")]),
        ("Disk monitor", "monitors", None, vec![("threshold", Some("90"), "value")]),
        ("Mount share", "scripts", Some(true), vec![("path", None, "value"), ("letter", Some("Z"), "value")]),
    ];
    let mut components = Vec::new();
    for (index, (name, category, credentials, variables)) in table.into_iter().enumerate() {
        let uid = random.guid();
        let fails = name == "Always fails";
        match index {
            0 => truth.working_component.clone_from(&uid),
            1 => truth.failing_component.clone_from(&uid),
            _ => {}
        }
        let description = (index != 3).then_some("Part of the sandbox");
        components.push(Component {
            id: 70_001 + index as i64,
            uid,
            name,
            description,
            category,
            credentials,
            variables,
            fails,
        });
    }
    components
}

fn filters(config: &Config, sites: &[Site]) -> Vec<Filter> {
    let rules = [
        ("All devices", "rmm_default", Rule::All),
        ("Online devices", "rmm_default", Rule::Online),
        ("Offline devices", "rmm_default", Rule::Offline),
        ("All servers", "rmm_default", Rule::Category("Server")),
        ("Laptops", "rmm_default", Rule::Category("Laptop")),
        ("Windows 7 still here", "custom", Rule::System("Windows 7")),
        ("Waiting for a reboot", "custom", Rule::RebootRequired),
        ("Ubuntu", "custom", Rule::System("Ubuntu")),
    ];
    let created = config.now_ms - 400 * DAY;
    let mut filters: Vec<Filter> = rules
        .into_iter()
        .enumerate()
        .map(|(index, (name, kind, rule))| Filter { id: 301 + index as i64, name, kind, site_id: None, rule, created })
        .collect();
    let of_sites = sites.iter().skip(3).enumerate().flat_map(|(index, site)| {
        let id = 401 + 2 * index as i64;
        let filter = |id, name, rule| Filter { id, name, kind: "site", site_id: Some(site.id), rule, created };
        [filter(id, "Desks of this site", Rule::Category("Desktop")), filter(id + 1, "Offline here", Rule::Offline)]
    });
    filters.extend(of_sites);
    filters
}

fn udf_kinds() -> BTreeMap<u16, UdfKind> {
    BTreeMap::from([
        (1, UdfKind { kind: "STRING", label: "Recovery key" }),
        (2, UdfKind { kind: "BOOLEAN", label: "Encrypted" }),
        (3, UdfKind { kind: "NUMBER", label: "Shelf" }),
        (4, UdfKind { kind: "DATE", label: "Bought" }),
        (300, UdfKind { kind: "STRING", label: "Last" }),
    ])
}

fn patches(config: &Config, random: &mut Random) -> Vec<Patch> {
    let mut patches = Vec::with_capacity(CATALOGUE);
    for index in 0..CATALOGUE {
        let article = 5_030_000 + index * 7;
        let driver = random.chance(15);
        patches.push(Patch {
            id: random.guid(),
            category: if driver { vec!["Drivers"] } else { vec!["Security Updates", "Windows 11"] },
            kind: if driver { "DRIVER" } else { "SOFTWARE" },
            title: if driver {
                format!("Example Corp. - Display - {}.{}", 30 + index / 10, index)
            } else {
                format!("Cumulative Update for Windows (KB{article})")
            },
            release: calendar::date(config.now_ms - random.between(1, 700) * DAY),
            severity: random.pick(&["CRITICAL", "IMPORTANT", "MODERATE", "LOW", "UNSPECIFIED"]),
            size: random.between(1_000_000, 900_000_000),
            reboot: random.chance(60),
            input: random.chance(3),
            article: (!driver).then(|| format!("KB{article}")),
        });
    }
    patches
}

/// Open and resolved alerts: as many as the fleet would have, but at least one of every context of either kind.
fn alerts(config: &Config, devices: &[Device]) -> Vec<Alert> {
    let mut random = Random::new(config.seed, "rmm alerts");
    let sources: Vec<&Device> = devices.iter().filter(|device| device.deleted == Some(false)).collect();
    if sources.is_empty() {
        return Vec::new();
    }
    let open = (devices.len() * 3 / 20).max(contexts::KINDS);
    let resolved = (devices.len() / 4).max(contexts::KINDS);
    let mut alerts = Vec::with_capacity(open + resolved);
    for index in 0..open + resolved {
        let is_open = index < open;
        let source = usize::try_from(random.below(sources.len() as u64)).unwrap_or(0);
        let Some(device) = sources.get(source) else { continue };
        let age = if is_open { random.between(1, 30 * 24 * 60) } else { random.between(24 * 60, 90 * 24 * 60) };
        let timestamp = config.now_ms - age * MINUTE;
        alerts.push(one_alert(config, &mut random, index, timestamp, &device.uid, is_open));
    }
    alerts
}

const PRIORITIES: [&str; 6] = ["Critical", "High", "Moderate", "Low", "Information", "Unknown"];

impl Account {
    /// Raises an alert, of a class and priority as on the wire.
    pub(crate) fn raise_alert(
        &mut self,
        device: Option<&str>,
        priority: Option<&str>,
        class: Option<&str>,
        now_ms: i64,
    ) -> Result<String, Refused> {
        let computer = |device: &Device| device.deleted == Some(false);
        let device_uid = self.pick_device(device, computer)?;
        let wanted = priority.unwrap_or("High");
        let known = PRIORITIES.into_iter().find(|known| *known == wanted);
        let priority = known.ok_or_else(|| Refused::unknown("priority", priority))?;
        let mut kinds = (0..contexts::KINDS).map(|kind| Context::new(kind, &mut self.random, now_ms));
        let context = match class {
            Some(class) => kinds.find(|context| context.value().get("@class").is_some_and(|known| known == class)),
            None => kinds.next(),
        };
        let context = context.ok_or_else(|| Refused::unknown("class of alerts", class))?;
        let alert = Alert {
            uid: self.random.guid(),
            priority,
            diagnostics: None,
            resolved: None,
            muted: false,
            ticket: None,
            timestamp: now_ms,
            context,
            device_uid,
            actions: vec![("EMAIL_SENT", now_ms)],
            autoresolve: None,
        };
        let uid = alert.uid.clone();
        self.alerts.push(alert);
        Ok(uid)
    }
}

fn one_alert(
    config: &Config,
    random: &mut Random,
    index: usize,
    timestamp: i64,
    device_uid: &str,
    is_open: bool,
) -> Alert {
    let by = random.pick(&[None, Some("ada.archer"), Some("AEM")]).map(str::to_owned);
    let odd = u64::from(config.odd_values);
    let action = random.weighted(&[
        (50, "EMAIL_SENT"),
        (5, "EMAIL_SEND_ERROR"),
        (10, "TICKET_PENDING"),
        (20, "TICKET_CREATED"),
        (4, "TICKET_CREATION_ERROR"),
        (4, "TICKET_CLOSED_CALL"),
        (4, "COMPONENT"),
        (3, "WEBHOOK_EXECUTED"),
        (2, "WEBHOOK_EXECUTION_ERROR"),
        (odd, "CHAT_POSTED"),
    ]);
    Alert {
        uid: random.guid(),
        priority: random.weighted(&[
            (8, "Critical"),
            (15, "High"),
            (40, "Moderate"),
            (25, "Low"),
            (10, "Information"),
            (1, "Unknown"),
            (odd, "Urgent"),
        ]),
        diagnostics: random.chance(40).then_some("Seen by the sandbox's monitor"),
        resolved: (!is_open).then(|| (by, timestamp + random.between(5, 1_000) * MINUTE)),
        muted: random.chance(6),
        ticket: random.chance(25).then(|| format!("T2026{:04}", random.below(10_000))),
        timestamp,
        context: Context::new(index % contexts::KINDS, random, config.now_ms),
        device_uid: device_uid.to_owned(),
        actions: if random.chance(60) { vec![(action, timestamp + MINUTE)] } else { Vec::new() },
        autoresolve: random.chance(50).then(|| random.between(1, 1_440)),
    }
}
