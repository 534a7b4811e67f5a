//! The devices.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::identity;
use super::machine::{Family, Machine, Shares};
use super::sites::Sites;
use super::{Device, Site};
use crate::calendar;
use crate::config::Config;
use crate::random::Random;
use crate::rmm::truth::RmmTruth;

const MINUTE: i64 = 60_000;
const DAY: i64 = 86_400_000;

/// Makes the devices.
pub(super) fn plant(config: &Config, sites: &Sites, truth: &mut RmmTruth) -> Vec<Device> {
    let mut random = Random::new(config.seed, "rmm devices");
    let shares = Shares::new(&mut random);
    let mut devices = Vec::with_capacity(config.devices);
    for index in 0..config.devices {
        let device = one(config, sites, &shares, &mut random, index);
        devices.push(device);
    }
    identity::plant(config, sites.deleted.id, &mut devices);
    truth.shared_address = share_an_address(&mut devices);
    devices
}

fn one(config: &Config, sites: &Sites, shares: &Shares, random: &mut Random, index: usize) -> Device {
    let uid = random.guid();
    let (site, deleted) = place(config, sites, shares, random);
    let machine = Machine::new(config, shares, random, index, deleted != Some(false));
    let Machine { online, kind, antivirus, patching, .. } = machine;

    let now = config.now_ms;
    let created = now - random.between(30, 1_500) * DAY;
    let idle = if online { random.between(0, 5) * MINUTE } else { random.between(1, 90) * DAY };
    let windows = matches!(kind.family, Family::Windows7 | Family::Windows10 | Family::Windows11);
    let in_domain = windows && random.chance(70);
    Device {
        id: 1_000_001 + index as i64,
        site_id: site.id,
        hostname: format!("{}-{:05}", kind.prefix, index + 1),
        class: kind.class,
        category: kind.category,
        chassis: kind.chassis,
        system: kind.system,
        family: kind.family,
        updates_end: kind.updates_end,
        bits_64: (kind.class == "device").then_some(true).filter(|_| !random.chance(5)),
        internal_ip: internal_ip(index),
        external_ip: (!random.chance(8)).then(|| Ipv4Addr::new(203, 0, 113, octet(random.between(1, 254)))),
        macs: (0..random.between(1, 2)).map(|_| format!("02{}", random.hex(10).to_uppercase())).collect(),
        serial: String::new(),
        twin_of: None,
        user: (windows && !random.chance(10)).then(|| format!("CORP\\user{}", random.between(1, 400))),
        domain: in_domain.then_some("corp.example.com"),
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
        udfs: udfs(random, now).into(),
        extra: config.odd_values && random.chance(2),
        uid,
    }
}

fn internal_ip(index: usize) -> Ipv4Addr {
    let part = |number: usize| octet(number as i64);
    Ipv4Addr::new(10, part(index / 60_000), part(index / 250 % 250), part(index % 250 + 1))
}

fn octet(number: i64) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}

/// The site, and whether the device is marked as deleted.
fn place<'a>(config: &Config, sites: &'a Sites, shares: &Shares, random: &mut Random) -> (&'a Site, Option<bool>) {
    if random.chance(shares.deleted) {
        let marked = !config.odd_values || !random.chance(15);
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
