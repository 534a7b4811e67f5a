//! The devices, and the truth about them, planted in one go.

use std::collections::BTreeMap;

use super::sites::Sites;
use super::{Device, Patching, Site};
use crate::calendar;
use crate::config::Config;
use crate::random::Random;
use crate::rmm::truth::RmmTruth;

const MINUTE: i64 = 60_000;
const DAY: i64 = 86_400_000;

/// How much of everything there is; it varies by seed.
struct Shares {
    windows_7: u64,
    windows_10: u64,
    offline: u64,
    deleted: u64,
    not_detected: u64,
    no_antivirus: u64,
    no_patches: u64,
    behind: u64,
}

/// What a machine is, before it is written as a device.
#[derive(Clone, Copy, Default)]
struct Model {
    class: &'static str,
    prefix: &'static str,
    category: Option<&'static str>,
    chassis: Option<&'static str>,
    system: System,
}

/// The operating system that is planted.
#[derive(Clone, Copy, Default, PartialEq)]
enum System {
    #[default]
    None,
    Windows7(&'static str),
    Windows10(&'static str),
    Windows11(&'static str),
    Other(&'static str),
}

/// Makes the devices and records what they are.
pub(super) fn plant(config: &Config, sites: &Sites, truth: &mut RmmTruth) -> Vec<Device> {
    let mut random = Random::new(config.seed, "rmm devices");
    let mut share = |low, high| random.between(low, high).unsigned_abs();
    let shares = Shares {
        windows_7: share(3, 9),
        windows_10: share(20, 40),
        offline: share(10, 25),
        deleted: share(2, 5),
        not_detected: share(5, 12),
        no_antivirus: share(3, 8),
        no_patches: share(6, 14),
        behind: share(15, 30),
    };
    let mut devices = Vec::with_capacity(config.devices);
    for index in 0..config.devices {
        let device = one(config, sites, &shares, &mut random, index, truth);
        devices.push(device);
    }
    truth.shared_address = share_an_address(&mut devices);
    truth.total_devices = devices.len();
    devices
}

fn one(
    config: &Config,
    sites: &Sites,
    shares: &Shares,
    random: &mut Random,
    index: usize,
    truth: &mut RmmTruth,
) -> Device {
    let uid = random.guid();
    let model = model(config, shares, random, index);
    let (site, deleted) = place(config, sites, shares, random);
    let gone = deleted != Some(false);
    let online = !gone && !random.chance(shares.offline);
    let is_device = model.class == "device";
    let antivirus = if is_device { antivirus(config, shares, random) } else { None };
    let patching = patching(config, shares, random, model.class);

    record(truth, &uid, model, gone, online);
    if is_device && !gone {
        match antivirus {
            None => truth.not_reporting_antivirus += 1,
            Some((_, "NotDetected")) => truth.without_antivirus.push(uid.clone()),
            Some(_) => {}
        }
        match patching {
            None | Some(Patching { status: "NoData" | "NoPolicy", .. }) => truth.not_reporting_patches += 1,
            Some(figures) => {
                truth.reporting_patches += 1;
                if figures.pending + figures.not_approved > 5 {
                    truth.missing_patches.push(uid.clone());
                }
            }
        }
    }

    let now = config.now_ms;
    let created = now - random.between(30, 1_500) * DAY;
    let idle = if online { random.between(0, 5) * MINUTE } else { random.between(1, 90) * DAY };
    let windows = matches!(model.system, System::Windows7(_) | System::Windows10(_) | System::Windows11(_));
    let in_domain = windows && random.chance(70);
    Device {
        id: 1_000_001 + index as i64,
        site_id: site.id,
        hostname: format!("{}-{:05}", model.prefix, index + 1),
        class: model.class,
        category: model.category,
        chassis: model.chassis,
        system: match model.system {
            System::None => None,
            System::Windows7(name) | System::Windows10(name) | System::Windows11(name) | System::Other(name) => {
                Some(name.to_owned())
            }
        },
        bits_64: is_device.then_some(true).filter(|_| !random.chance(5)),
        internal_ip: format!("10.{}.{}.{}", index / 60_000, index / 250 % 250, index % 250 + 1),
        external_ip: (!random.chance(8)).then(|| format!("203.0.113.{}", random.between(1, 254))),
        macs: (0..random.between(1, 2)).map(|_| format!("02{}", random.hex(10).to_uppercase())).collect(),
        user: (windows && !random.chance(10)).then(|| format!("CORP\\user{}", random.between(1, 400))),
        domain: in_domain.then(|| "corp.example.com".to_owned()),
        agent: format!("4.4.{}", random.between(2_200, 2_240)),
        description: random.chance(60).then(|| format!("Room {}", random.between(1, 400))),
        reboot_required: if random.chance(20) { None } else { Some(random.chance(15)) },
        online,
        suspended: random.chance(2),
        deleted,
        last_seen: (online || !random.chance(3)).then_some(now - idle),
        iso_dates: random.chance(7),
        last_reboot: last_reboot(random, now - idle),
        last_audit: (!random.chance(4)).then(|| now - idle - random.between(0, 2) * DAY),
        created,
        warranty: random.chance(55).then(|| calendar::date(now + random.between(-700, 1_100) * DAY)),
        antivirus,
        patching,
        software_status: random.pick(&[None, Some("Compliant"), Some("NotCompliant"), Some("NotApplicable")]),
        udfs: udfs(random, now),
        extra: config.rmm.odd_values && random.chance(2),
        uid,
    }
}

/// What the truth says of a device of any class.
fn record(truth: &mut RmmTruth, uid: &str, model: Model, gone: bool, online: bool) {
    if gone {
        truth.deleted_devices.push(uid.to_owned());
        return;
    }
    if !online {
        truth.offline_devices.push(uid.to_owned());
    }
    match model.system {
        System::Windows7(_) => truth.windows_7.push(uid.to_owned()),
        System::Windows10(_) => truth.windows_10.push(uid.to_owned()),
        System::Windows11(_) => truth.windows_11.push(uid.to_owned()),
        System::None | System::Other(_) => {}
    }
    match model.class {
        "printer" => truth.printers.push(uid.to_owned()),
        "esxihost" => truth.esxi_hosts.push(uid.to_owned()),
        _ => {}
    }
}

fn model(config: &Config, shares: &Shares, random: &mut Random, index: usize) -> Model {
    // Fleets of ten and more have every class.
    let class = match index {
        5 if config.devices >= 10 => "printer",
        6 if config.devices >= 10 => "esxihost",
        7 if config.devices >= 10 => "rmmnetworkdevice",
        8 if config.devices >= 10 => "unknown",
        0..10 => "device",
        _ => random.weighted(&[
            (860, "device"),
            (50, "printer"),
            (30, "esxihost"),
            (45, "rmmnetworkdevice"),
            (12, "unknown"),
            (if config.rmm.odd_values { 3 } else { 0 }, "clouddevice"),
        ]),
    };
    let chassis = Some("Main System Chassis");
    let (prefix, category, chassis, system) = match class {
        "printer" => ("PRN", Some("Printer"), Some("Printer"), System::None),
        "esxihost" => ("ESX", Some("ESXi Host"), Some("ESXi Host"), System::Other("VMware ESXi 7.0.3 build-21930508")),
        "rmmnetworkdevice" => ("NET", Some("Network Device"), Some("Switch"), System::None),
        "device" => match workstation_or_server(shares, random) {
            server @ System::Other(name) if name.contains("Server") => {
                ("SRV", Some("Server"), random.pick(&[chassis, Some("Rack Mount Chassis")]), server)
            }
            system => {
                let laptop = random.chance(45);
                let prefix = if laptop { "LT" } else { "WS" };
                let category = if laptop { "Laptop" } else { "Desktop" };
                (prefix, Some(category), if laptop { Some("Notebook") } else { chassis }, system)
            }
        },
        _ => ("DEV", None, None, System::None),
    };
    Model { class, prefix, category, chassis, system }
}

fn workstation_or_server(shares: &Shares, random: &mut Random) -> System {
    let ten = shares.windows_10 / 3;
    random.weighted(&[
        (shares.windows_7, System::Windows7("Microsoft Windows 7 Professional 6.1.7601")),
        (ten, System::Windows10("Microsoft Windows 10 Pro 10.0.19045")),
        (ten, System::Windows10("Microsoft Windows 10 Enterprise 10.0.19044")),
        (ten, System::Windows10("Microsoft Windows 10 Home 10.0.19045")),
        (20, System::Windows11("Microsoft Windows 11 Pro 10.0.22631")),
        (14, System::Windows11("Microsoft Windows 11 Pro 10.0.26100")),
        (4, System::Windows11("Microsoft Windows 11 Home 10.0.22631")),
        (1, System::Other("Microsoft Windows 8.1 Pro 6.3.9600")),
        (4, System::Other("Microsoft Windows Server 2022 Standard 10.0.20348")),
        (5, System::Other("Microsoft Windows Server 2019 Standard 10.0.17763")),
        (3, System::Other("Microsoft Windows Server 2016 Standard 10.0.14393")),
        (1, System::Other("Microsoft Windows Server 2008 R2 Standard 6.1.7601")),
        (2, System::Other("Ubuntu Server 22.04.4 LTS")),
        (5, System::Other("macOS 14.5 (Sonoma)")),
        (2, System::Other("Ubuntu 24.04 LTS")),
        (1, System::None),
    ])
}

/// The site, and whether the device is marked as deleted.
fn place<'a>(config: &Config, sites: &'a Sites, shares: &Shares, random: &mut Random) -> (&'a Site, Option<bool>) {
    if random.chance(shares.deleted) {
        let marked = !config.rmm.odd_values || !random.chance(15);
        return (&sites.deleted, marked.then_some(true));
    }
    // Deleted a moment ago and not yet moved to the site of the deleted.
    let deleted = Some(random.below(200) == 0);
    if random.chance(3) {
        return (&sites.managed, deleted);
    }
    if random.chance(3) {
        return (&sites.on_demand, deleted);
    }
    let index = usize::try_from(random.below(sites.customers.len() as u64)).unwrap_or(0);
    (sites.customers.get(index).unwrap_or(&sites.managed), deleted)
}

fn antivirus(config: &Config, shares: &Shares, random: &mut Random) -> Option<(Option<&'static str>, &'static str)> {
    if random.chance(shares.no_antivirus) {
        return None;
    }
    if random.chance(shares.not_detected) {
        return Some((None, "NotDetected"));
    }
    let product = random.pick(&["Windows Defender", "Datto AV", "Bitdefender Endpoint Security", "Sophos Endpoint"]);
    let status = random.weighted(&[
        (80, "RunningAndUpToDate"),
        (12, "RunningAndNotUpToDate"),
        (6, "NotRunning"),
        (if config.rmm.odd_values { 1 } else { 0 }, "Snoozed"),
    ]);
    Some((Some(product), status))
}

fn patching(config: &Config, shares: &Shares, random: &mut Random, class: &str) -> Option<Patching> {
    if class != "device" {
        let status = "NoPolicy";
        return random.chance(20).then_some(Patching { status, pending: 0, not_approved: 0, installed: 0 });
    }
    if random.chance(shares.no_patches) {
        let stale = random.between(0, 20);
        return random.pick(&[
            None,
            Some(Patching { status: "NoData", pending: 0, not_approved: 0, installed: 0 }),
            // Old figures of a device that has no policy any more: they count for nothing.
            Some(Patching { status: "NoPolicy", pending: stale, not_approved: stale, installed: 40 }),
        ]);
    }
    let missing = match random.below(100) {
        roll if roll < shares.behind => random.between(6, 40),
        roll if roll < shares.behind + 25 => random.between(1, 5),
        _ => 0,
    };
    let pending = random.between(0, missing);
    let odd = config.rmm.odd_values && random.below(200) == 0;
    let status = match (odd, pending) {
        (true, _) => "Deferred",
        (false, 0) => "FullyPatched",
        (false, _) => random.weighted(&[(70, "ApprovedPending"), (20, "RebootRequired"), (10, "InstallError")]),
    };
    Some(Patching { status, pending, not_approved: missing - pending, installed: random.between(40, 160) })
}

fn last_reboot(random: &mut Random, seen: i64) -> Option<i64> {
    /// The first day of the year 1, which stands for "never" on the wire.
    const NEVER: i64 = -62_135_596_800_000;
    match random.below(100) {
        0..4 => None,
        4..6 => Some(NEVER),
        _ => Some(seen - random.between(1, 40) * DAY),
    }
}

fn udfs(random: &mut Random, now: i64) -> BTreeMap<u16, String> {
    let mut fields = BTreeMap::new();
    if random.chance(40) {
        fields.insert(1, format!("recovery-{}", random.hex(12)));
    }
    if random.chance(30) {
        fields.insert(2, if random.chance(50) { "true" } else { "false" }.to_owned());
    }
    if random.chance(30) {
        fields.insert(3, random.between(1, 900).to_string());
    }
    if random.chance(30) {
        fields.insert(4, calendar::date(now - random.between(1, 900) * DAY));
    }
    if random.chance(5) {
        fields.insert(3, "about nine".to_owned());
    }
    if random.chance(10) {
        fields.insert(300, "last field".to_owned());
    }
    fields
}

/// Two machines at one docking station report the same address.
fn share_an_address(devices: &mut [Device]) -> String {
    let [first, second, ..] = devices else { return String::new() };
    let address = first.macs.first().cloned().unwrap_or_default();
    second.macs.push(address.clone());
    address
}
