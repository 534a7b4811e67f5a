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
    /// The last day of its updates, where it has one.
    pub(super) updates_end: Option<&'static str>,
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
    let plain = |prefix, category, chassis| Kind {
        class,
        prefix,
        category,
        chassis,
        family: Family::None,
        system: None,
        updates_end: None,
    };
    match class {
        "printer" => plain("PRN", Some("Printer"), Some("Printer")),
        "rmmnetworkdevice" => plain("NET", Some("Network Device"), Some("Switch")),
        "esxihost" => Kind {
            family: Family::Other,
            system: Some("VMware ESXi 7.0.3 build-21930508"),
            ..plain("ESX", Some("ESXi Host"), Some("ESXi Host"))
        },
        "device" => {
            let (family, system, updates_end) = system(shares, random);
            let kind = match family {
                Family::WindowsServer | Family::OtherServer => {
                    plain("SRV", Some("Server"), random.pick(&[chassis, Some("Rack Mount Chassis")]))
                }
                _ if random.chance(45) => plain("LT", Some("Laptop"), Some("Notebook")),
                _ => plain("WS", Some("Desktop"), chassis),
            };
            Kind { family, system, updates_end, ..kind }
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

/// Family, name, and the last day of updates as Microsoft's pages have it.
type System = (Family, Option<&'static str>, Option<&'static str>);

fn system(shares: &Shares, random: &mut Random) -> System {
    use Family::{OtherServer, Windows7, Windows8, Windows10, Windows11, WindowsServer};
    let ten = shares.windows_10 / 3;
    let (family, name, ends) = random.weighted(&[
        (shares.windows_7, (Windows7, "Microsoft Windows 7 Professional 6.1.7601", "2020-01-14")),
        (ten, (Windows10, "Microsoft Windows 10 Pro 10.0.19045", "2025-10-14")),
        (ten, (Windows10, "Microsoft Windows 10 Enterprise 10.0.19044", "2024-06-11")),
        (ten, (Windows10, "Microsoft Windows 10 Home 10.0.19045", "2025-10-14")),
        (1, (Windows10, "Майкрософт Windows 10 Pro 10.0.18363", "2021-05-11")),
        (1, (Windows10, "Microsoft Windows 10 Enterprise LTSC 2021 10.0.19044", "2027-01-12")),
        (1, (Windows10, "Microsoft Windows 10 IoT Enterprise LTSC 10.0.17763", "2029-01-09")),
        (1, (Windows10, "Microsoft Windows 10 Enterprise 2016 LTSB 10.0.14393", "2026-10-13")),
        (18, (Windows11, "Microsoft Windows 11 Pro 10.0.22631", "2025-11-11")),
        (14, (Windows11, "Microsoft Windows 11 Pro 10.0.26100", "2026-10-13")),
        (4, (Windows11, "Microsoft Windows 11 Home 10.0.22631", "2025-11-11")),
        (3, (Windows11, "Microsoft Windows 11 Enterprise 10.0.26200", "2028-10-10")),
        // The name of the product is an older one's; the build tells.
        (1, (Windows11, "Microsoft Windows 10 Pro 10.0.26200", "2027-10-12")),
        (1, (Windows11, "Windows® 11 Enterprise multi-session 10.0.22631", "2026-11-10")),
        (1, (Windows11, "Microsoft Windows 11 Pro", "")),
        (1, (Windows8, "Microsoft Windows 8.1 Pro 6.3.9600", "2023-01-10")),
        (4, (WindowsServer, "Microsoft Windows Server 2022 Standard 10.0.20348", "2031-10-14")),
        (5, (WindowsServer, "Microsoft Windows Server 2019 Standard 10.0.17763", "2029-01-09")),
        (3, (WindowsServer, "Microsoft Windows Server 2016 Standard 10.0.14393", "2027-01-12")),
        (1, (WindowsServer, "Microsoft Windows Server 2008 R2 Standard 6.1.7601", "2020-01-14")),
        (1, (WindowsServer, "Windows Storage Server 2016 Standard 10.0.14393", "2027-01-12")),
        (1, (WindowsServer, "Microsoft Windows Server Datacenter 10.0.20348", "2031-10-14")),
        (1, (WindowsServer, "Microsoft Windows Server Datacenter 1909 10.0.18363", "2021-05-11")),
        (1, (WindowsServer, "Microsoft Azure Stack HCI 10.0.20349", "2025-05-31")),
        (2, (OtherServer, "Ubuntu Server 22.04.4 LTS", "")),
        (5, (Family::Other, "macOS 14.5 (Sonoma)", "")),
        (2, (Family::Other, "Ubuntu 24.04 LTS", "")),
        (1, (Family::None, "", "")),
    ]);
    (family, (family != Family::None).then_some(name), Some(ends).filter(|ends| !ends.is_empty()))
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
