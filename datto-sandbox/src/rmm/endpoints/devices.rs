//! Devices: lists, single ones, their place and their warranty.

use std::sync::Arc;

use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::device_json::{Seen, Version, heading, write};
use super::{Answer, Rmm, done};
use crate::calendar;
use crate::rmm::args::{Args, Body};
use crate::rmm::fleet::{Account, Device, Site};
use crate::rmm::page::{Pages, as_text, raw_json};
use crate::rmm::problem::Problem;
use crate::rmm::service::Service;

pub(in crate::rmm) async fn of_account(State(rmm): Rmm, args: Args) -> Answer {
    account_list(&rmm, "/v2/account/devices", &args, Version::Two)
}

pub(in crate::rmm) async fn of_account_v3(State(rmm): Rmm, args: Args) -> Answer {
    account_list(&rmm, "/v3/account/devices", &args, Version::Three)
}

fn account_list(rmm: &Arc<Service>, path: &str, args: &Args, version: Version) -> Answer {
    let pages = Pages::new(rmm, path, args)?;
    let account = rmm.account();
    let devices = match args.number("filterId")? {
        Some(id) => filtered(&account, id)?,
        None => by_text(&account, args),
    };
    let seen = Seen::of(rmm);
    Ok(pages.answer_into("devices", &devices, |device, text| write(&account, device, version, seen, text)))
}

/// What a saved filter selects. It alone decides, so the text filters are not looked at.
fn filtered(account: &Account, filter_id: i64) -> Result<Vec<&Device>, Problem> {
    let filter = account.filters.iter().find(|filter| filter.id == filter_id).ok_or(Problem::NOT_FOUND)?;
    let here = |device: &&Device| filter.site_id.is_none_or(|site| site == device.site_id);
    Ok(account.devices.iter().filter(here).filter(|device| filter.rule.selects(device)).collect())
}

/// What the text filters select: each a part of the value, in any case.
fn by_text<'a>(account: &'a Account, args: &Args) -> Vec<&'a Device> {
    let lower = |name: &str| args.text(name).map(str::to_lowercase);
    let (hostname, kind) = (lower("hostname"), lower("deviceType"));
    let (system, site_name) = (lower("operatingSystem"), lower("siteName"));
    let matches = |wanted: &Option<String>, value: Option<&str>| {
        wanted.as_deref().is_none_or(|wanted| value.is_some_and(|value| value.to_lowercase().contains(wanted)))
    };
    let in_site = |device: &Device| {
        site_name.is_none() || matches(&site_name, account.site_of(device).map(|site| site.name.as_str()))
    };
    let wanted = |device: &&Device| {
        matches(&hostname, Some(&device.hostname))
            && (matches(&kind, device.category) || matches(&kind, device.chassis))
            && matches(&system, device.system)
            && in_site(device)
    };
    account.devices.iter().filter(wanted).collect()
}

pub(in crate::rmm) async fn of_site(State(rmm): Rmm, Path(uid): Path<String>, args: Args) -> Answer {
    site_list(&rmm, &format!("/v2/site/{uid}/devices"), &uid, &args, Version::Two)
}

pub(in crate::rmm) async fn of_site_v3(State(rmm): Rmm, Path(uid): Path<String>, args: Args) -> Answer {
    site_list(&rmm, &format!("/v3/site/{uid}/devices"), &uid, &args, Version::Three)
}

fn site_list(rmm: &Arc<Service>, path: &str, uid: &str, args: &Args, version: Version) -> Answer {
    let pages = Pages::new(rmm, path, args)?;
    let account = rmm.account();
    let site = account.site(uid).ok_or(Problem::NOT_FOUND)?;
    let mut devices = in_site(&account, site);
    if let Some(id) = args.number("filterId")? {
        let filter = account.filters.iter().find(|filter| filter.id == id).ok_or(Problem::NOT_FOUND)?;
        devices.retain(|device| filter.rule.selects(device));
    }
    let seen = Seen::of(rmm);
    Ok(pages.answer_into("devices", &devices, |device, text| write(&account, device, version, seen, text)))
}

pub(super) fn in_site<'a>(account: &'a Account, site: &Site) -> Vec<&'a Device> {
    account.devices.iter().filter(|device| device.site_id == site.id).collect()
}

pub(in crate::rmm) async fn interfaces_of_site(State(rmm): Rmm, Path(uid): Path<String>, args: Args) -> Answer {
    let pages = Pages::new(&rmm, format!("/v2/site/{uid}/devices/network-interface"), &args)?;
    let account = rmm.account();
    let site = account.site(&uid).ok_or(Problem::NOT_FOUND)?;
    Ok(pages.answer("devices", &in_site(&account, site), |device| {
        let mut row = json!(heading(Some(site), device));
        if let Value::Object(row) = &mut row {
            row.insert("nics".to_owned(), nics(device));
        }
        as_text(&row)
    }))
}

/// The network interfaces of a device.
pub(super) fn nics(device: &Device) -> Value {
    let nic = |(index, address): (usize, &String)| {
        json!({
            "instance": format!("Ethernet {index}"),
            "ipv4": (index == 0).then_some(&device.internal_ip),
            "ipv6": null,
            "macAddress": address,
            "type": "Ethernet",
        })
    };
    device.macs.iter().enumerate().map(nic).collect()
}

pub(in crate::rmm) async fn get(State(rmm): Rmm, Path(uid): Path<String>) -> Answer {
    one(&rmm, Version::Two, |account| account.device(&uid))
}

pub(in crate::rmm) async fn get_v3(State(rmm): Rmm, Path(uid): Path<String>) -> Answer {
    one(&rmm, Version::Three, |account| account.device(&uid))
}

pub(in crate::rmm) async fn by_id(State(rmm): Rmm, Path(id): Path<String>) -> Answer {
    let id = id.parse::<i64>().map_err(|_| Problem::BAD_REQUEST)?;
    one(&rmm, Version::Two, |account| account.devices.iter().find(|device| device.id == id))
}

pub(in crate::rmm) async fn by_id_v3(State(rmm): Rmm, Path(id): Path<String>) -> Answer {
    let id = id.parse::<i64>().map_err(|_| Problem::BAD_REQUEST)?;
    one(&rmm, Version::Three, |account| account.devices.iter().find(|device| device.id == id))
}

fn one(rmm: &Arc<Service>, version: Version, find: impl Fn(&Account) -> Option<&Device>) -> Answer {
    let account = rmm.account();
    let device = find(&account).ok_or(Problem::NOT_FOUND)?;
    let mut text = Vec::new();
    write(&account, device, version, Seen::of(rmm), &mut text);
    Ok(raw_json(text))
}

pub(in crate::rmm) async fn by_address(State(rmm): Rmm, Path(address): Path<String>) -> Answer {
    all_with_address(&rmm, &address, Version::Two)
}

pub(in crate::rmm) async fn by_address_v3(State(rmm): Rmm, Path(address): Path<String>) -> Answer {
    all_with_address(&rmm, &address, Version::Three)
}

fn all_with_address(rmm: &Arc<Service>, address: &str, version: Version) -> Answer {
    let account = rmm.account();
    let seen = Seen::of(rmm);
    let devices = with_address(&account, address)?;
    let mut text = vec![b'['];
    for (index, device) in devices.into_iter().enumerate() {
        if index > 0 {
            text.push(b',');
        }
        write(&account, device, version, seen, &mut text);
    }
    text.push(b']');
    Ok(raw_json(text))
}

/// The devices with a hardware address, which must be twelve hexadecimal digits and nothing else.
pub(super) fn with_address<'a>(account: &'a Account, address: &str) -> Result<Vec<&'a Device>, Problem> {
    // Addresses are kept in this form, so that any other finds nothing.
    let address = address.to_ascii_uppercase();
    let devices: Vec<&Device> = account.devices.iter().filter(|device| device.macs.contains(&address)).collect();
    if devices.is_empty() { Err(Problem::NOT_FOUND) } else { Ok(devices) }
}

pub(in crate::rmm) async fn relocate(State(rmm): Rmm, Path((uid, site_uid)): Path<(String, String)>) -> Answer {
    let now = rmm.now_ms();
    rmm.account().relocate(&uid, &site_uid, now).ok_or(Problem::NOT_FOUND)?;
    done()
}

/// The key must be there. Null clears the date; text that is no date, the empty one included, is refused.
pub(in crate::rmm) async fn set_warranty(State(rmm): Rmm, Path(uid): Path<String>, body: Body) -> Answer {
    let mut account = rmm.account();
    let device = account.device_mut(&uid).ok_or(Problem::NOT_FOUND)?;
    if !body.has("warrantyDate") {
        return Err(Problem::BAD_REQUEST);
    }
    let date = body.text("warrantyDate")?;
    if date.as_deref().is_some_and(|date| calendar::parse_date(date).is_none()) {
        return Err(Problem::BAD_REQUEST);
    }
    device.warranty = date;
    done()
}
