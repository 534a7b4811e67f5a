//! What a machine is: class, operating system, state, antivirus and patches.

use super::Patching;
use crate::config::Config;
use crate::random::Random;

/// How much of everything there is, in hundredths; it varies by seed.
pub(super) struct Shares {
    windows_7: u64,
    windows_10: u64,
    offline: u64,
    pub(super) deleted: u64,
    not_detected: u64,
    no_antivirus: u64,
    no_patches: u64,
    behind: u64,
}

impl Shares {
    pub(super) fn new(random: &mut Random) -> Self {
        let mut share = |low, high| random.between(low, high).unsigned_abs();
        Self {
            windows_7: share(3, 9),
            windows_10: share(20, 40),
            offline: share(10, 25),
            deleted: share(2, 5),
            not_detected: share(5, 12),
            no_antivirus: share(3, 8),
            no_patches: share(6, 14),
            behind: share(15, 30),
        }
    }
}

/// A machine before it is written as a device.
#[derive(Debug, Clone)]
pub(super) struct Machine {
    pub(super) online: bool,
    pub(super) kind: Kind,
    /// Product and status.
    pub(super) antivirus: Option<(Option<&'static str>, &'static str)>,
    pub(super) patching: Option<Patching>,
}

/// What stands on its label.
#[derive(Debug, Clone)]
pub(super) struct Kind {
    pub(super) class: &'static str,
    pub(super) prefix: &'static str,
    pub(super) category: Option<&'static str>,
    pub(super) chassis: Option<&'static str>,
    pub(super) family: Family,
    pub(super) system: Option<&'static str>,
}

/// What the operating system is, known because it was planted and not read from its name.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) enum Family {
    #[default]
    None,
    Windows7,
    Windows8,
    Windows10,
    Windows11,
    WindowsServer,
    OtherServer,
    Other,
}

impl Machine {
    /// A machine; `gone` if it is deleted, and then offline too.
    pub(super) fn new(config: &Config, shares: &Shares, random: &mut Random, index: usize, gone: bool) -> Self {
        let kind = kind(config, shares, random, index);
        Self {
            online: !gone && !random.chance(shares.offline),
            antivirus: if kind.class == "device" { antivirus(config, shares, random) } else { None },
            patching: patching(config, shares, random, kind.class),
            kind,
        }
    }
}

fn kind(config: &Config, shares: &Shares, random: &mut Random, index: usize) -> Kind {
    let class = class(config, random, index);
    let chassis = Some("Main System Chassis");
    let plain =
        |prefix, category, chassis| Kind { class, prefix, category, chassis, family: Family::None, system: None };
    match class {
        "printer" => plain("PRN", Some("Printer"), Some("Printer")),
        "rmmnetworkdevice" => plain("NET", Some("Network Device"), Some("Switch")),
        "esxihost" => Kind {
            family: Family::Other,
            system: Some("VMware ESXi 7.0.3 build-21930508"),
            ..plain("ESX", Some("ESXi Host"), Some("ESXi Host"))
        },
        "device" => {
            let (family, system) = system(shares, random);
            let kind = match family {
                Family::WindowsServer | Family::OtherServer => {
                    plain("SRV", Some("Server"), random.pick(&[chassis, Some("Rack Mount Chassis")]))
                }
                _ if random.chance(45) => plain("LT", Some("Laptop"), Some("Notebook")),
                _ => plain("WS", Some("Desktop"), chassis),
            };
            Kind { family, system, ..kind }
        }
        _ => plain("DEV", None, None),
    }
}

/// Fleets of ten and more have every class that is known.
fn class(config: &Config, random: &mut Random, index: usize) -> &'static str {
    match index {
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
            (if config.odd_values { 3 } else { 0 }, "clouddevice"),
        ]),
    }
}

fn system(shares: &Shares, random: &mut Random) -> (Family, Option<&'static str>) {
    let ten = shares.windows_10 / 3;
    let (family, name) = random.weighted(&[
        (shares.windows_7, (Family::Windows7, "Microsoft Windows 7 Professional 6.1.7601")),
        (ten, (Family::Windows10, "Microsoft Windows 10 Pro 10.0.19045")),
        (ten, (Family::Windows10, "Microsoft Windows 10 Enterprise 10.0.19044")),
        (ten, (Family::Windows10, "Microsoft Windows 10 Home 10.0.19045")),
        (20, (Family::Windows11, "Microsoft Windows 11 Pro 10.0.22631")),
        (14, (Family::Windows11, "Microsoft Windows 11 Pro 10.0.26100")),
        (4, (Family::Windows11, "Microsoft Windows 11 Home 10.0.22631")),
        (1, (Family::Windows8, "Microsoft Windows 8.1 Pro 6.3.9600")),
        (4, (Family::WindowsServer, "Microsoft Windows Server 2022 Standard 10.0.20348")),
        (5, (Family::WindowsServer, "Microsoft Windows Server 2019 Standard 10.0.17763")),
        (3, (Family::WindowsServer, "Microsoft Windows Server 2016 Standard 10.0.14393")),
        (1, (Family::WindowsServer, "Microsoft Windows Server 2008 R2 Standard 6.1.7601")),
        (2, (Family::OtherServer, "Ubuntu Server 22.04.4 LTS")),
        (5, (Family::Other, "macOS 14.5 (Sonoma)")),
        (2, (Family::Other, "Ubuntu 24.04 LTS")),
        (1, (Family::None, "")),
    ]);
    (family, (family != Family::None).then_some(name))
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
        (if config.odd_values { 1 } else { 0 }, "Snoozed"),
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
    let odd = config.odd_values && random.below(200) == 0;
    let status = match (odd, pending) {
        (true, _) => "Deferred",
        (false, 0) => "FullyPatched",
        (false, _) => random.weighted(&[(70, "ApprovedPending"), (20, "RebootRequired"), (10, "InstallError")]),
    };
    Some(Patching { status, pending, not_approved: missing - pending, installed: random.between(40, 160) })
}
