//! Sites and their settings.

use std::collections::HashMap;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde_json::{Value, json};

use super::{Answer, PORTAL, Rmm, done};
use crate::rmm::args::{Args, Body};
use crate::rmm::fleet::{Account, Proxy, Site};
use crate::rmm::page::{Pages, as_text};
use crate::rmm::problem::Problem;

/// Devices and those online, by site.
type Figures = HashMap<i64, (usize, usize)>;

fn figures(account: &Account) -> Figures {
    let mut figures = Figures::new();
    for device in &account.devices {
        let (all, online) = figures.entry(device.site_id).or_default();
        *all += 1;
        *online += usize::from(device.online);
    }
    figures
}

fn site_json(account: &Account, site: &Site, figures: &Figures) -> Value {
    let (all, online) = figures.get(&site.id).copied().unwrap_or_default();
    json!({
        "id": site.id,
        "uid": site.uid,
        "accountUid": account.uid,
        "name": site.name,
        "description": site.description,
        "notes": site.notes,
        "onDemand": site.on_demand,
        "splashtopAutoInstall": site.splashtop,
        "proxySettings": site.proxy.as_ref().map(proxy_json),
        "devicesStatus": {
            "numberOfDevices": all,
            "numberOfOnlineDevices": online,
            "numberOfOfflineDevices": all - online,
        },
        "autotaskCompanyName": site.autotask.as_ref().map(|(name, _)| name),
        "autotaskCompanyId": site.autotask.as_ref().map(|(_, id)| id),
        "portalUrl": format!("{PORTAL}/search/{}", site.id),
    })
}

fn proxy_json(proxy: &Proxy) -> Value {
    json!({
        "host": proxy.host,
        "port": proxy.port,
        "type": proxy.kind,
        "username": proxy.username,
        "password": proxy.password,
    })
}

pub(in crate::rmm) async fn of_account(State(rmm): Rmm, args: Args) -> Answer {
    let pages = Pages::new(&rmm, "/v2/account/sites", &args)?;
    let account = rmm.account();
    let part = args.text("siteName").map(str::to_lowercase).unwrap_or_default();
    let sites: Vec<&Site> = account.sites.iter().filter(|site| site.name.to_lowercase().contains(&part)).collect();
    let figures = figures(&account);
    Ok(pages.answer("sites", &sites, |site| as_text(&site_json(&account, site, &figures))))
}

pub(in crate::rmm) async fn get(State(rmm): Rmm, Path(uid): Path<String>) -> Answer {
    answer(&rmm.account(), &uid)
}

fn answer(account: &Account, uid: &str) -> Answer {
    let site = account.site(uid).ok_or(Problem::NOT_FOUND)?;
    Ok(Json(site_json(account, site, &figures(account))).into_response())
}

/// PUT makes a site each time it is sent; a name may be taken twice.
pub(in crate::rmm) async fn create(State(rmm): Rmm, body: Body) -> Answer {
    let name = body.required_text("name")?;
    let proxy = body.object("proxySettings")?.map(|proxy| read_proxy(&proxy)).transpose()?;
    let (description, notes) = (body.text("description")?, body.text("notes")?);
    let (on_demand, splashtop) = (body.flag("onDemand")?.unwrap_or(false), body.flag("splashtopAutoInstall")?);
    let now = rmm.now_ms();
    let mut account = rmm.account();
    let site = Site {
        id: account.fresh_id(),
        uid: account.random.guid(),
        description,
        notes,
        on_demand,
        splashtop,
        proxy,
        ..Site::bare(&name)
    };
    account.sites.push(site.clone());
    account.note(now, ("USER", "site", "create"), None, Some(&site), Vec::new());
    answer(&account, &site.uid)
}

/// The site becomes what the body says: a field that is left out is wiped.
pub(in crate::rmm) async fn update(State(rmm): Rmm, Path(uid): Path<String>, body: Body) -> Answer {
    let mut account = rmm.account();
    let site = account.site_mut(&uid).ok_or(Problem::NOT_FOUND)?;
    let name = body.required_text("name")?;
    let (description, notes) = (body.text("description")?, body.text("notes")?);
    let (on_demand, splashtop) = (body.flag("onDemand")?.unwrap_or(false), body.flag("splashtopAutoInstall")?);
    site.name = name;
    site.description = description;
    site.notes = notes;
    site.on_demand = on_demand;
    site.splashtop = splashtop;
    answer(&account, &uid)
}

pub(in crate::rmm) async fn settings(State(rmm): Rmm, Path(uid): Path<String>) -> Answer {
    settings_answer(&rmm.account(), &uid)
}

fn settings_answer(account: &Account, uid: &str) -> Answer {
    let site = account.site(uid).ok_or(Problem::NOT_FOUND)?;
    let recipient = |(name, email): &(String, String)| {
        json!({
            "name": name,
            "email": email,
            "type": "TO",
            "receivesNewDevices": true,
            "receivesAlerts": true,
            "receivesReports": false,
        })
    };
    let body = json!({
        "generalSettings": {
            "name": site.name,
            "uid": site.uid,
            "description": site.description,
            "onDemand": site.on_demand,
        },
        "proxySettings": site.proxy.as_ref().map(proxy_json),
        "mailRecipients": site.recipients.iter().map(recipient).collect::<Vec<_>>(),
    });
    Ok(Json(body).into_response())
}

pub(in crate::rmm) async fn set_proxy(State(rmm): Rmm, Path(uid): Path<String>, body: Body) -> Answer {
    let mut account = rmm.account();
    let site = account.site_mut(&uid).ok_or(Problem::NOT_FOUND)?;
    site.proxy = Some(read_proxy(&body)?);
    settings_answer(&account, &uid)
}

fn read_proxy(body: &Body) -> Result<Proxy, Problem> {
    let proxy = Proxy {
        host: body.text("host")?,
        port: body.number("port")?,
        kind: body.text("type")?,
        username: body.text("username")?,
        password: body.text("password")?,
    };
    // An unknown member of an enumeration cannot be read.
    match proxy.kind.as_deref() {
        None | Some("http" | "socks4" | "socks5") => Ok(proxy),
        Some(_) => Err(Problem::unreadable()),
    }
}

/// 204 if there was nothing to delete; that a deletion answers an empty 200 is a guess.
pub(in crate::rmm) async fn delete_proxy(State(rmm): Rmm, Path(uid): Path<String>) -> Answer {
    let mut account = rmm.account();
    let site = account.site_mut(&uid).ok_or(Problem::NOT_FOUND)?;
    match site.proxy.take() {
        Some(_) => done(),
        None => Ok(StatusCode::NO_CONTENT.into_response()),
    }
}
