//! Goes over the customers of SaaS Protection and fills in their figures.

use std::borrow::Borrow;
use std::collections::HashSet;

use datto_common::Measured;

use super::figure::{Aside, Tally};
use super::finding::{Place, Problem};
use super::policy::Limits;
use super::saas::{ProtectionAge, SaasState, degradation, failure, place, stop};
use super::sheet::{Rules, note};
use super::snapshot::CustomerApplications;
use super::times::unclear;
use crate::models::{CustomerUsage, SaasApp, SaasDomain};

const APPS: &str = "applications of SaaS Protection";

/// The figures about SaaS Protection.
pub(crate) struct SaasTallies {
    pub(crate) failed: Tally,
    pub(crate) degraded: Tally,
    pub(crate) uningested: Tally,
}

impl SaasTallies {
    pub(crate) fn over<C: Borrow<CustomerApplications>>(customers: &Measured<Vec<C>>, rules: Rules<'_>) -> Self {
        let mut tallies = Self { failed: Tally::of(APPS), degraded: Tally::of(APPS), uningested: Tally::of(APPS) };
        note(customers, "the list of SaaS customers", tallies.all());
        let mut seen = HashSet::new();
        for entry in customers.value().into_iter().flatten().map(Borrow::borrow) {
            let id = &entry.customer.saas_customer_id;
            // A customer with several domains has one report.
            if id.is_empty() || seen.insert(id) {
                tallies.judge_customer(entry, rules);
            }
        }
        tallies
    }

    fn all(&mut self) -> [&mut Tally; 3] {
        [&mut self.failed, &mut self.degraded, &mut self.uningested]
    }

    fn set_aside(&mut self, why: &Aside) {
        self.all().into_iter().for_each(|tally| tally.set_aside(why.clone()));
    }

    fn judge_customer(&mut self, entry: &CustomerApplications, rules: Rules<'_>) {
        let customer = &entry.customer;
        let place = place(customer, None);
        if let Some(reason) = rules.ignored(&place) {
            return self.set_aside(&Aside::Ignored(reason.to_owned()));
        }
        let name = customer.client_name().unwrap_or(customer.saas_customer_id.as_str());
        let what = format!("applications of SaaS customer {name}");
        let lacks = |tallies: &mut Self, why: &str| {
            tallies.all().into_iter().for_each(|tally| tally.lacks(&what, unclear(why)));
        };
        note(&entry.usage, &what, self.all());
        if matches!(&entry.usage, Measured::Known(reports) if reports.is_empty()) {
            return match customer.seats_used {
                Some(0) => self.set_aside(&Aside::NoSeats),
                _ => lacks(self, "the answer holds no report, though the customer uses seats"),
            };
        }
        for report in entry.usage.value().into_iter().flatten() {
            let suites = report.suites.as_deref();
            if suites.is_none_or(|suites| suites.iter().any(|suite| suite.app_types.is_none())) {
                lacks(self, "the answer lacks its list of suites or applications");
                self.judge_apps(customer, report, name, rules);
                continue;
            }
            let named = report.apps().next().is_some();
            match (named, idleness(customer, report, rules), customer.seats_used) {
                (false, _, Some(0)) | (true, Idleness::Always, Some(0)) => self.set_aside(&Aside::NoSeats),
                (false, ..) => lacks(self, "the report names no application, though the customer uses seats"),
                (true, Idleness::Always | Idleness::OfLate, Some(seats)) if seats > 0 => {
                    let words = format!("no service is active, though {seats} seats are used");
                    rules.judged(&mut self.failed, &place, Some((Problem::SaasStopped, words, None)));
                }
                (true, Idleness::Always, _) => {
                    lacks(self, "no service is active, and how many seats are used is not said");
                }
                (true, ..) => self.judge_apps(customer, report, name, rules),
            }
        }
    }

    fn judge_apps(&mut self, customer: &SaasDomain, report: &CustomerUsage, name: &str, rules: Rules<'_>) {
        let mut seen = HashSet::new();
        for (suite, app) in report.apps() {
            // A report may name an application twice.
            if app.app_type.is_some() && !seen.insert((&suite.suite_type, &app.app_type)) {
                continue;
            }
            let place = place(customer, Some(app));
            match rules.ignored(&place) {
                Some(reason) => self.set_aside(&Aside::Ignored(reason.to_owned())),
                None => {
                    let what = format!("{} of SaaS customer {name}", place.app.unwrap_or("application"));
                    self.judge_app(app, &place, &what, rules);
                }
            }
        }
    }

    fn judge_app(&mut self, app: &SaasApp, place: &Place<'_>, what: &str, rules: Rules<'_>) {
        let limits = rules.policy.limits(place);
        let aside = match SaasState::by(app, &limits, rules.now) {
            Ok(SaasState::Fine) => {
                self.failed.judged(None);
                self.judge_protection(app, &limits, place, what, rules);
                None
            }
            Ok(SaasState::Failed) => {
                rules.judged(&mut self.failed, place, Some(failure(app, &limits)));
                // What has failed is not called degraded as well.
                self.degraded.judged(None);
                None
            }
            Ok(SaasState::Stopped) => {
                rules.judged(&mut self.failed, place, Some(stop(app)));
                self.degraded.judged(None);
                None
            }
            Ok(SaasState::NeverBegan) => {
                let (_, words, since) = degradation(app);
                let words = format!("too new to be judged on every day; {words}");
                rules.judged(&mut self.failed, place, Some((Problem::SaasNeverBegan, words, since)));
                self.degraded.judged(None);
                None
            }
            Ok(SaasState::NoActiveService) => Some(Aside::NoActiveService),
            Ok(SaasState::InsufficientHistory) => Some(Aside::TooNew),
            Err(cause) => {
                self.failed.lacks(what, cause);
                self.judge_protection(app, &limits, place, what, rules);
                None
            }
        };
        if let Some(why) = aside {
            self.failed.set_aside(why.clone());
            self.degraded.set_aside(why);
        }
        match app.uningested_service_count {
            Some(count) => {
                let words = format!("{count} services are not yet taken in");
                let problem = (count > 0).then_some((Problem::SaasUningested, words, None));
                rules.judged(&mut self.uningested, place, problem);
            }
            None => self.uningested.lacks(what, unclear("how many services are not yet taken in is not said")),
        }
    }

    fn judge_protection(
        &mut self,
        app: &SaasApp,
        limits: &Limits<'_>,
        place: &Place<'_>,
        what: &str,
        rules: Rules<'_>,
    ) {
        match ProtectionAge::by(app, limits, rules.now) {
            Ok(age) => {
                let old = (age == ProtectionAge::Old).then(|| degradation(app));
                rules.judged(&mut self.degraded, place, old);
            }
            Err(cause) => self.degraded.lacks(what, cause),
        }
    }
}

/// Since when no application of a customer has an active service.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Idleness {
    /// Some have.
    Not,
    /// None has; some had on a day that is listed.
    OfLate,
    /// None had on any day that is listed.
    Always,
}

/// A customer whose tenant is gone, disabled or unlicensed is idle: then "nothing fails", since nothing is tried (official: what the help pages of SaaS
/// Protection say of archived seats, KB370000003552).
fn idleness(customer: &SaasDomain, report: &CustomerUsage, rules: Rules<'_>) -> Idleness {
    let mut idle = Idleness::Always;
    for (_, app) in report.apps() {
        let limits = rules.policy.limits(&place(customer, Some(app)));
        match SaasState::by(app, &limits, rules.now) {
            Ok(SaasState::NoActiveService) => {}
            Ok(SaasState::Stopped) => idle = Idleness::OfLate,
            _ => return Idleness::Not,
        }
    }
    idle
}
