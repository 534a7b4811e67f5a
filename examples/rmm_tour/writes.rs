//! Everything that writes, with the lists of what it makes; the reset last.

use datto_examples::tour::Tour;
use datto_rmm::models::ProxyKind;
use datto_rmm::{
    ComponentUid, EndsOwnAccess, ErrorKind, NewSite, NewVariable, ProxySettings, QuickJob, RmmClient, SiteUid,
    SiteUpdate, UdfUpdate, UdfV3Update, Variable, VariableId, VariableUpdate, operations as op,
};

use crate::reads::{Found, PLACEHOLDER, is_usable};

/// What is made carries this name.
const NAME: &str = "rmm-tour";
/// The user-defined field that is set to what it holds.
const UDF: u16 = 300;

/// Calls what writes, or says that it does not.
pub(crate) async fn visit(rmm: &RmmClient, tour: &mut Tour, found: &Found, component: Option<ComponentUid>) {
    variables(rmm, tour).await;
    sites(rmm, tour, found).await;
    devices(rmm, tour, found, component).await;
    alerts(rmm, tour, found).await;
    if tour.takes(&op::USERS_RESET_API_KEYS) {
        let keys = rmm.users().reset_api_keys(EndsOwnAccess).await;
        tour.note(&op::USERS_RESET_API_KEYS, keys, |_| {
            "the keys in use have ended; make new ones in the portal".to_owned()
        });
    }
}

async fn variables(rmm: &RmmClient, tour: &mut Tour) {
    if tour.takes(&op::VARIABLES_CREATE) {
        let created = rmm.variables().create(NewVariable::new(NAME, "1").masked(false)).await;
        tour.note(&op::VARIABLES_CREATE, created, nothing);
    }
    let id = id_of(tour.page(&op::VARIABLES_LIST, rmm.variables().list().send().await));
    if tour.takes(&op::VARIABLES_UPDATE) {
        let updated = rmm.variables().update(&id, VariableUpdate::new(NAME, "2")).await;
        tour.note(&op::VARIABLES_UPDATE, updated, nothing);
    }
    if tour.takes(&op::VARIABLES_DELETE) {
        tour.note(&op::VARIABLES_DELETE, rmm.variables().delete(&id).await, nothing);
    }
}

/// On a site of its own, which stays: the service has no call that deletes one.
async fn sites(rmm: &RmmClient, tour: &mut Tour, found: &Found) {
    // Without a site of its own the tour changes nobody else's: a placeholder takes the calls.
    let mut uid = if tour.is_writing() { SiteUid::from(PLACEHOLDER) } else { found.site.clone() };
    if tour.takes(&op::SITES_CREATE) {
        let site = rmm.sites().create(NewSite::new(NAME).description("Made by the tour")).await;
        let site = tour.note(&op::SITES_CREATE, site, |site| format!("{} stays", site.uid));
        if let Some(site) = site.filter(|site| is_usable(site.uid.as_str())) {
            uid = site.uid;
        }
    }
    let api = rmm.sites();
    if tour.takes(&op::SITES_UPDATE) {
        let updated = api.update(&uid, SiteUpdate::new(NAME).description("Changed by the tour")).await;
        tour.note(&op::SITES_UPDATE, updated, |_| String::new());
    }
    if tour.takes(&op::SITES_SET_PROXY) {
        let proxy = ProxySettings::new(ProxyKind::Http, "proxy.example.com", 3_128);
        tour.note(&op::SITES_SET_PROXY, api.set_proxy(&uid, proxy).await, |_| String::new());
    }
    if tour.takes(&op::SITES_DELETE_PROXY) {
        tour.note(&op::SITES_DELETE_PROXY, api.delete_proxy(&uid).await, nothing);
    }
    if tour.takes(&op::SITES_CREATE_VARIABLE) {
        let created = api.create_variable(&uid, NewVariable::new(NAME, "1")).await;
        tour.note(&op::SITES_CREATE_VARIABLE, created, nothing);
    }
    let id = id_of(tour.page(&op::SITES_VARIABLES, api.variables(&uid).send().await));
    if tour.takes(&op::SITES_UPDATE_VARIABLE) {
        let updated = api.update_variable(&uid, &id, VariableUpdate::new(NAME, "2")).await;
        tour.note(&op::SITES_UPDATE_VARIABLE, updated, nothing);
    }
    if tour.takes(&op::SITES_DELETE_VARIABLE) {
        tour.note(&op::SITES_DELETE_VARIABLE, api.delete_variable(&uid, &id).await, nothing);
    }
}

/// Sets what was there: the site, the field, the date.
async fn devices(rmm: &RmmClient, tour: &mut Tour, found: &Found, component: Option<ComponentUid>) {
    let (api, device) = (rmm.devices(), &found.device);
    let uid = &device.uid;
    if tour.takes(&op::DEVICES_MOVE) {
        let site = if is_usable(device.site_uid.as_str()) { &device.site_uid } else { &found.site };
        tour.note(&op::DEVICES_MOVE, api.move_to_site(uid, site).await, nothing);
    }
    let field = device.udf(UDF).map(str::to_owned);
    if tour.takes(&op::DEVICES_SET_UDFS) {
        let update = UdfUpdate::new().set(UDF, field.clone().unwrap_or_default());
        tour.note(&op::DEVICES_SET_UDFS, api.set_udfs(uid, update).await, nothing);
    }
    if tour.takes(&op::V3_DEVICES_SET_UDFS) {
        let update = match field {
            Some(field) => UdfV3Update::new().text(UDF, field),
            None => UdfV3Update::new().clear(UDF),
        };
        tour.note(&op::V3_DEVICES_SET_UDFS, rmm.devices_v3().set_udfs(uid, update).await, nothing);
    }
    if tour.takes(&op::DEVICES_SET_WARRANTY) {
        let set = match &device.warranty_date {
            Some(date) => api.set_warranty(uid, date).await,
            None => api.clear_warranty(uid).await,
        };
        // What was there is no date: nothing was sent.
        let is_no_date = set.as_ref().is_err_and(|error| error.kind() == ErrorKind::InvalidInput);
        let set = if is_no_date { api.clear_warranty(uid).await } else { set };
        tour.note(&op::DEVICES_SET_WARRANTY, set, nothing);
    }
    if tour.takes(&op::DEVICES_QUICK_JOB) {
        let component = component.unwrap_or_else(|| PLACEHOLDER.into());
        let started = api.quick_job(uid, QuickJob::new(NAME, component)).await;
        tour.note(&op::DEVICES_QUICK_JOB, started, |job| format!("job {}", job.uid));
    }
}

async fn alerts(rmm: &RmmClient, tour: &mut Tour, found: &Found) {
    let api = rmm.alerts();
    #[allow(deprecated)] // a tour of all operations has those without effect too
    {
        if tour.takes(&op::ALERTS_MUTE) {
            tour.note(&op::ALERTS_MUTE, api.mute(&found.alert).await, |_| "without effect".to_owned());
        }
        if tour.takes(&op::ALERTS_UNMUTE) {
            tour.note(&op::ALERTS_UNMUTE, api.unmute(&found.alert).await, |_| "without effect".to_owned());
        }
    }
    if tour.takes(&op::ALERTS_RESOLVE) {
        tour.note(&op::ALERTS_RESOLVE, api.resolve(&found.alert).await, nothing);
    }
}

/// The id of the variable that the tour made: the service does not answer with it.
fn id_of(variables: Vec<Variable>) -> VariableId {
    let own = |variable: &Variable| variable.name.as_deref() == Some(NAME) && is_usable(variable.id.as_str());
    variables.into_iter().find(own).map_or_else(|| VariableId::from(0), |variable| variable.id)
}

fn nothing((): &()) -> String {
    String::new()
}
