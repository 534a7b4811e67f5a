//! The account itself, its users, components, network mappings and keys.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use serde_json::{Value, json};

use super::{Answer, PORTAL, Rmm};
use crate::rmm::args::Args;
use crate::rmm::fleet::{Component, Site, User};
use crate::rmm::page::{Pages, as_text};

pub(in crate::rmm) async fn account(State(rmm): Rmm) -> Answer {
    let account = rmm.account();
    let on_demand: Vec<i64> = account.sites.iter().filter(|site| site.on_demand).map(|site| site.id).collect();
    let devices = account.devices.len();
    let online = account.devices.iter().filter(|device| device.online).count();
    let unmanaged = account.devices.iter().filter(|device| on_demand.contains(&device.site_id)).count();
    let body = json!({
        "id": account.id,
        "uid": account.uid,
        "name": account.name,
        "currency": "EUR",
        // The misspelling is the service's.
        "descriptor": {"bilingEmail": "billing@msp.example.com", "deviceLimit": 20_000, "timeZone": "Europe/Dublin"},
        "devicesStatus": {
            "numberOfDevices": devices,
            "numberOfOnlineDevices": online,
            "numberOfOfflineDevices": devices - online,
            "numberOfOnDemandDevices": unmanaged,
            "numberOfManagedDevices": devices - unmanaged,
        },
    });
    Ok(Json(body).into_response())
}

pub(in crate::rmm) async fn users(State(rmm): Rmm, args: Args) -> Answer {
    let pages = Pages::new(&rmm, "/v2/account/users", &args)?;
    Ok(pages.answer("users", &rmm.account().users, |user| as_text(&user_json(user))))
}

fn user_json(user: &User) -> Value {
    json!({
        "firstName": user.first_name,
        "lastName": user.last_name,
        "username": user.username,
        "email": format!("{}@msp.example.com", user.username),
        "telephone": user.telephone,
        "status": if user.disabled { "Inactive" } else { "Active" },
        "created": user.created,
        "lastAccess": user.last_access,
        "disabled": user.disabled,
    })
}

pub(in crate::rmm) async fn components(State(rmm): Rmm, args: Args) -> Answer {
    let pages = Pages::new(&rmm, "/v2/account/components", &args)?;
    Ok(pages.answer("components", &rmm.account().components, |component| as_text(&component_json(component))))
}

fn component_json(component: &Component) -> Value {
    let variable = |(index, (name, default, kind)): (usize, &(&str, Option<&str>, &str))| {
        json!({
            "name": name,
            "defaultVal": default,
            "type": kind,
            "direction": true,
            "description": null,
            "variablesIdx": index,
        })
    };
    json!({
        "id": component.id,
        "uid": component.uid,
        "name": component.name,
        "description": component.description,
        "categoryCode": component.category,
        "credentialsRequired": component.credentials,
        "variables": component.variables.iter().enumerate().map(variable).collect::<Vec<_>>(),
    })
}

pub(in crate::rmm) async fn dnet_site_mappings(State(rmm): Rmm, args: Args) -> Answer {
    let pages = Pages::new(&rmm, "/v2/account/dnet-site-mappings", &args)?;
    let account = rmm.account();
    let mapped: Vec<&Site> = account.sites.iter().filter(|site| !site.networks.is_empty()).collect();
    Ok(pages.answer("dnetSiteMappings", &mapped, |site| {
        as_text(&json!({
            "id": site.id,
            "uid": site.uid,
            "accountUid": account.uid,
            "name": site.name,
            "description": site.description,
            "dattoNetworkingNetworkIds": site.networks,
            "portalUrl": format!("{PORTAL}/search/{}", site.id),
        }))
    }))
}

/// The new pair works from now on; the token of this very call works no more.
pub(in crate::rmm) async fn reset_api_keys(State(rmm): Rmm) -> Answer {
    let (key, secret) = rmm.tokens().reset_key();
    let name = rmm.account().users.first().map(|user| user.username.clone());
    Ok(Json(json!({"apiAccessKey": key, "apiSecretKey": secret, "userName": name})).into_response())
}
