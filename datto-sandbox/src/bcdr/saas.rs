//! The customers of SaaS Protection: domains and what was backed up of their applications.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::Uri;
use serde_json::{Value, json};

use super::answer::{Answer, Params, Refusal};
use super::fleet::Client;
use super::seats::{self, Seat};
use super::story::{DAY, HOUR};
use super::truth::{BcdrTruth, SaasCase};
use super::{Service, World, no_route};
use crate::estate::Company;
use crate::random::Random;

const GIB: i64 = 1 << 30;
/// The longest history of the report of applications.
const HISTORY: usize = 30;
const OFFICE_APPS: [&str; 4] = ["Office365Exchange", "Office365OneDrive", "Office365SharePoint", "Office365Teams"];
/// The names follow the pattern of the others (guess).
const GOOGLE_APPS: [&str; 3] = ["GoogleAppsMail", "GoogleAppsDrive", "GoogleAppsCalendar"];

/// A customer of SaaS Protection.
#[derive(Debug)]
pub(crate) struct Customer {
    pub(crate) id: i64,
    pub(crate) client: Client,
    /// Its name here.
    pub(crate) name: String,
    pub(crate) google: bool,
    pub(crate) subscription: String,
    pub(crate) domain: String,
    apps: Vec<App>,
    pub(crate) seats: Vec<Seat>,
}

/// One application of a customer.
#[derive(Debug)]
struct App {
    kind: &'static str,
    case: SaasCase,
    used_bytes: i64,
    uningested: i64,
    last_fully_protected: Value,
    /// Newest first.
    windows: Vec<Window>,
}

/// The services of an application in one stretch of 24 hours.
#[derive(Debug)]
struct Window {
    active: i64,
    backed_up: i64,
    perfect: i64,
    status: &'static str,
}

/// `GET /v1/saas/domains`: a bare array.
pub(crate) async fn domains(State(service): State<Arc<Service>>) -> Answer {
    let world = service.world();
    Ok(Json(world.visible_customers().map(domain).collect()))
}

/// `GET /v1/saas/{saasCustomerId}/applications`: one page, whatever the official document says.
pub(crate) async fn applications(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    params: Params,
) -> Answer {
    let world = service.world();
    let customer = world.customer(&id)?;
    let days = params.number("daysUntil")?.unwrap_or(10);
    if days > HISTORY {
        return Err(Refusal::bad_request(format!("daysUntil must be between 0 and {HISTORY}")));
    }
    let with_remote_ids = params.get("includeRemoteID") == Some("1");
    Ok(Json(params.page()?.of(&[customer], |customer| report(customer, days, with_remote_ids, world.now()))))
}

/// `GET /v1/saas/{saasCustomerId}/detailedBackupStats`: its fields are known from an old document alone.
pub(crate) async fn detailed_backup_stats(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    uri: Uri,
) -> Answer {
    let world = service.world();
    if !world.settings().detailed_backup_stats {
        return Err(no_route(&uri));
    }
    let customer = world.customer(&id)?;
    let users: Vec<Value> = customer
        .seats
        .iter()
        .filter(|seat| seat.kind == "User")
        .map(|seat| json!({"email": seat.main_id, "id": seat.remote_id, "lastBackupStatusTotal": "success"}))
        .collect();
    Ok(Json(json!({
        "tenantId": customer.id.to_string(),
        "tenantName": customer.name,
        "region": "us",
        "numberOfUsers": users.len(),
        "numberOfStandardLicensesTotal": users.len(),
        "backupStatusLastSevenDaysTotal": vec!["success"; 7],
        "users": users,
    })))
}

impl World {
    /// The customers that the key may see.
    pub(crate) fn visible_customers(&self) -> impl Iterator<Item = &Customer> {
        self.customers.iter().filter(|customer| self.may_see(customer.client.id))
    }

    pub(crate) fn customer(&self, id: &str) -> Result<&Customer, Refusal> {
        self.visible_customers()
            .find(|customer| customer.id.to_string() == id)
            .ok_or_else(|| Refusal::not_found("SaaS customer"))
    }

    /// The same, to be changed.
    pub(crate) fn customer_mut(&mut self, id: &str) -> Result<&mut Customer, Refusal> {
        let id = self.customer(id)?.id;
        let found = self.customers.iter_mut().find(|customer| customer.id == id);
        found.ok_or_else(|| Refusal::not_found("SaaS customer"))
    }
}

/// Makes the customers. Their applications go through all cases in turn, so that two customers have them all.
pub(crate) fn customers(seed: u64, count: usize, clients: &[Client], companies: &[Company], now: i64) -> Vec<Customer> {
    let mut random = Random::new(seed, "saas customers");
    let mut names = Random::new(seed, "saas names");
    let first = random.between(100_000, 500_000);
    let turn = random.below(SaasCase::ALL.len() as u64);
    let mut cases = SaasCase::ALL.into_iter().cycle().skip(usize::try_from(turn).unwrap_or_default());
    (first..)
        .zip(clients.iter().cycle())
        .take(count)
        .enumerate()
        .map(|(number, (id, client))| {
            let google = number % 5 == 4;
            let planted = number < 2;
            let mut any = || if planted { cases.next().unwrap_or_default() } else { random.weighted(&RARE) };
            let kinds = if google { GOOGLE_APPS.as_slice() } else { OFFICE_APPS.as_slice() };
            let cases: Vec<SaasCase> = kinds.iter().map(|_| any()).collect();
            let apps: Vec<App> =
                kinds.iter().zip(cases).map(|(kind, case)| app(kind, case, now, &mut random)).collect();
            let company = client.company.and_then(|company| companies.get(company));
            let domain = match company {
                Some(company) if number < clients.len() => company.domain.clone(),
                _ => format!("tenant-{number}.example.com"),
            };
            let seats = seats::of_customer(number, &domain, google, now, &mut random);
            Customer {
                id,
                name: company.map_or_else(|| client.name.clone(), |company| company.variant(&mut names)),
                client: client.clone(),
                google,
                subscription: format!("Classic:{}:{}", if google { "GoogleApps" } else { "Office365" }, id + 300_000),
                domain,
                apps,
                seats,
            }
        })
        .collect()
}

const RARE: [(u64, SaasCase); 7] = [
    (70, SaasCase::Fine),
    (8, SaasCase::Failed),
    (6, SaasCase::FailedOnce),
    (4, SaasCase::NoService),
    (4, SaasCase::InsufficientHistory),
    (4, SaasCase::Degraded),
    (4, SaasCase::Uningested),
];

/// Writes down the truth about a customer.
pub(crate) fn note(truth: &mut BcdrTruth, customer: &Customer) {
    truth.saas_customers.push(customer.id);
    truth.saas_seats.insert(customer.id, customer.seats.len());
    truth.saas_seats_billed.insert(customer.id, customer.seats.iter().filter(|seat| seat.is_used()).count() as u64);
    truth.saas_apps += customer.apps.len();
    for App { kind, case, .. } in &customer.apps {
        let key = || (customer.id, (*kind).to_owned());
        truth.saas_cases.push((customer.id, (*kind).to_owned(), *case));
        truth.saas_apps_judged +=
            usize::from(!matches!(case, SaasCase::NoService | SaasCase::InsufficientHistory | SaasCase::Gone));
        match case {
            SaasCase::Failed => truth.saas_failed.push(key()),
            SaasCase::Degraded => truth.saas_degraded.push(key()),
            SaasCase::Uningested => truth.saas_uningested.push(key()),
            SaasCase::Gone => truth.saas_gone.push(key()),
            _ => {}
        }
    }
}

fn app(kind: &'static str, case: SaasCase, now: i64, random: &mut Random) -> App {
    let services = if case == SaasCase::NoService { 0 } else { random.between(5, 60) };
    let missing = random.between(1, 4);
    let days = if case == SaasCase::InsufficientHistory { 1 } else { HISTORY };
    let windows = (0..days).map(|day| window(case, day, services, missing)).collect();
    App {
        kind,
        case,
        used_bytes: if services == 0 { 0 } else { random.between(1, 900) * GIB },
        uningested: if case == SaasCase::Uningested { random.between(1, 6) } else { 0 },
        last_fully_protected: last_fully_protected(case, now, random),
        windows,
    }
}

fn window(case: SaasCase, day: usize, active: i64, missing: i64) -> Window {
    let (backed_up, perfect, status) = match (case, day) {
        (SaasCase::InsufficientHistory, _) => (active - missing, active - missing, "Insufficient History"),
        (SaasCase::Failed, 0..=3) | (SaasCase::FailedOnce, 0) => {
            (active - missing, active - missing, "Backup With Issues")
        }
        (SaasCase::Degraded, _) => (active, active - missing, "Backup With Issues"),
        // A bad day long ago.
        (SaasCase::Fine, 7) => (active - missing, active - missing, "Backup With Issues"),
        _ => (active, active, "Perfect"),
    };
    Window { active, backed_up, perfect, status }
}

/// Epoch milliseconds, text of them now and then, or a word for a range.
fn last_fully_protected(case: SaasCase, now: i64, random: &mut Random) -> Value {
    let milliseconds = |age: i64| json!((now - age) * 1_000);
    match case {
        SaasCase::Failed => milliseconds(random.between(5 * DAY, 9 * DAY)),
        SaasCase::FailedOnce => milliseconds(random.between(26 * HOUR, 36 * HOUR)),
        SaasCase::Degraded if random.chance(50) => json!("OVER_10_DAYS_AGO"),
        SaasCase::Degraded => milliseconds(random.between(5 * DAY, 9 * DAY)),
        SaasCase::NoService | SaasCase::InsufficientHistory => Value::Null,
        SaasCase::Fine if random.chance(10) => json!(((now - HOUR) * 1_000).to_string()),
        _ => milliseconds(random.between(HOUR, 20 * HOUR)),
    }
}

fn domain(customer: &Customer) -> Value {
    let active: i64 = customer.newest_windows().map(|window| window.active).sum();
    let backed_up: i64 = customer.newest_windows().map(|window| window.backed_up).sum();
    // To two decimals: whole numbers were documented, others were seen.
    let percentage = if active == 0 { json!(0) } else { json!((backed_up * 10_000 / active) as f64 / 100.0) };
    json!({
        "domain": customer.domain,
        "saasCustomerId": customer.id,
        "saasCustomerName": customer.name,
        "organizationId": customer.client.id,
        "organizationName": customer.client.name,
        "seatsUsed": customer.seats.iter().filter(|seat| seat.is_used()).count(),
        "productType": if customer.google { "GoogleApps" } else { "Office365" },
        "externalSubscriptionId": customer.subscription,
        "retentionType": "ICR",
        "backupStats": {
            "activeServicesCount": active,
            "activeServicesWithRecentBackupCount": backed_up,
            "backupPercentage": percentage,
        },
    })
}

impl Customer {
    /// The tenant is gone: nothing is active any more, and every seat is archived. Nothing fails, though.
    pub(crate) fn end(&mut self) {
        for app in &mut self.apps {
            app.case = SaasCase::Gone;
            app.uningested = 0;
            app.last_fully_protected = json!("OVER_10_DAYS_AGO");
            app.windows =
                (0..HISTORY).map(|_| Window { active: 0, backed_up: 0, perfect: 0, status: "Perfect" }).collect();
        }
        self.seats.iter_mut().for_each(|seat| seat.state = "Archived");
    }

    fn newest_windows(&self) -> impl Iterator<Item = &Window> {
        self.apps.iter().filter_map(|app| app.windows.first())
    }
}

fn report(customer: &Customer, days: usize, with_remote_ids: bool, now: i64) -> Value {
    let apps: Vec<Value> = customer.apps.iter().map(|app| json_of_app(app, days, now)).collect();
    let used: i64 = customer.apps.iter().map(|app| app.used_bytes).sum();
    let mut report = json!({
        "customerId": customer.id,
        "customerName": customer.name,
        // Versions that are kept count for the customer, not for an application.
        "usedBytes": used + used / 20,
        "suites": [{"suiteType": if customer.google { "GoogleApps" } else { "Office365" }, "appTypes": apps}],
    });
    if let (true, Some(fields)) = (with_remote_ids, report.as_object_mut()) {
        fields.insert("remoteIds".to_owned(), seats::remote_ids(&customer.seats));
    }
    report
}

fn json_of_app(app: &App, days: usize, now: i64) -> Value {
    let history = app.windows.iter().enumerate().take(days).zip(0i64..).map(|((number, window), day)| {
        // The names are inverted: a window starts when it is newest, and ends a day before (observed).
        let start = (now - day * DAY) * 1_000;
        json!({
            "timeWindow": format!("Between{number}dAnd{}d", number + 1),
            "startTime": start,
            "endTime": start - DAY * 1_000,
            "totalServiceCount": window.active + app.uningested,
            "activeServiceCount": window.active,
            "activeServiceWithBackupCount": window.backed_up,
            "activeServiceWithPerfectBackupCount": window.perfect,
            "status": window.status,
        })
    });
    json!({
        "appType": app.kind,
        "usedBytes": app.used_bytes,
        "uningestedServiceCount": app.uningested,
        "lastFullyProtectedTime": app.last_fully_protected,
        "backupHistory": history.collect::<Vec<_>>(),
    })
}
