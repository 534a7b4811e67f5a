//! What is different for some clients or machines.

use std::time::Duration;

use datto_common::Timestamp;
use datto_common::internal::spans_of_time;
use serde::{Deserialize, Serialize};

use super::calendar::Weekend;
use super::finding::{Place, Problem};
use super::policy::Limits;
use crate::ids::{OrganizationId, SaasCustomerId, SerialNumber, Volume};

/// What is different for some clients or machines: other limits, or that they are left out, with the reason.
///
/// It holds where all that it names fits; one that names nothing holds nowhere. Names and serial numbers are compared without regard to case.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Exception {
    /// Name of the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// Organization of the client, which tells clients of one name apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<OrganizationId>,
    /// Serial number of the appliance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial_number: Option<SerialNumber>,
    /// Volume of the asset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume: Option<Volume>,
    /// Name of the machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asset: Option<String>,
    /// Id of the Direct-to-Cloud asset or of the endpoint agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The customer of SaaS Protection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<SaasCustomerId>,
    /// The application: `Office365SharePoint`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,

    /// Leaves it out, for this reason, which the figures tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ignore: Option<String>,
    /// Leaves these problems alone out; empty for all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
    /// Leaves it out until then alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,

    /// A good backup may be this old.
    #[serde(with = "spans_of_time::option", skip_serializing_if = "Option::is_none")]
    pub backup_max_age: Option<Duration>,
    /// The newest offsite point may be this old.
    #[serde(with = "spans_of_time::option", skip_serializing_if = "Option::is_none")]
    pub offsite_max_age: Option<Duration>,
    /// There is no cloud, so that a missing offsite point is none.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub local_only: bool,
    /// An application may have been fully protected this long ago.
    #[serde(with = "spans_of_time::option", skip_serializing_if = "Option::is_none")]
    pub saas_max_age: Option<Duration>,
    /// So many percent of the services of an application may lack a backup.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saas_tolerance_percent: Option<f64>,
    /// So many services of an application may lack a backup.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saas_tolerance_services: Option<u32>,
    /// The last backup of a PC may be this old.
    #[serde(with = "spans_of_time::option", skip_serializing_if = "Option::is_none")]
    pub endpoint_max_age: Option<Duration>,
    /// The last try of a screenshot may be this old.
    #[serde(with = "spans_of_time::option", skip_serializing_if = "Option::is_none")]
    pub screenshot_max_age: Option<Duration>,
    /// Other hours do not count towards the age of a backup.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weekend: Option<Weekend>,
}

/// Makes a setter of each limit.
macro_rules! setters {
    ($($(#[$meta:meta])* $name:ident: $kind:ty;)+) => {$(
        $(#[$meta])*
        #[must_use]
        pub fn $name(mut self, $name: $kind) -> Self {
            self.$name = Some($name);
            self
        }
    )+};
}

impl Exception {
    /// For a client, by name.
    pub fn client(name: impl Into<String>) -> Self {
        Self { client: Some(name.into()), ..Self::default() }
    }

    /// For an appliance and all that it protects.
    pub fn appliance(serial_number: impl Into<SerialNumber>) -> Self {
        Self { serial_number: Some(serial_number.into()), ..Self::default() }
    }

    /// For a machine of an appliance, by name.
    pub fn asset(serial_number: impl Into<SerialNumber>, name: impl Into<String>) -> Self {
        Self { asset: Some(name.into()), ..Self::appliance(serial_number) }
    }

    /// For a customer of SaaS Protection.
    pub fn customer(id: impl Into<SaasCustomerId>) -> Self {
        Self { customer_id: Some(id.into()), ..Self::default() }
    }

    /// Leaves it out, for this reason.
    #[must_use]
    pub fn ignore(mut self, reason: impl Into<String>) -> Self {
        self.ignore = Some(reason.into());
        self
    }

    /// Leaves these problems alone out.
    #[must_use]
    pub fn problems(mut self, problems: impl IntoIterator<Item = Problem>) -> Self {
        self.problems = problems.into_iter().collect();
        self
    }

    /// There is no cloud, so that a missing offsite point is none.
    #[must_use]
    pub fn local_only(mut self) -> Self {
        self.local_only = true;
        self
    }

    setters! {
        /// Of this organization alone.
        organization_id: OrganizationId;
        /// Of this application alone.
        app: String;
        /// Leaves it out until then alone.
        until: Timestamp;
        /// A good backup may be this old.
        backup_max_age: Duration;
        /// The newest offsite point may be this old.
        offsite_max_age: Duration;
        /// An application may have been fully protected this long ago.
        saas_max_age: Duration;
        /// So many percent of the services of an application may lack a backup.
        saas_tolerance_percent: f64;
        /// So many services of an application may lack a backup.
        saas_tolerance_services: u32;
        /// The last backup of a PC may be this old.
        endpoint_max_age: Duration;
        /// The last try of a screenshot may be this old.
        screenshot_max_age: Duration;
        /// Other hours do not count towards the age of a backup.
        weekend: Weekend;
    }

    /// Whether all that it names fits, and it names something.
    pub(crate) fn applies(&self, place: &Place<'_>) -> bool {
        let names = [
            fits(self.client.as_deref(), place.client),
            fits(self.organization_id.as_ref().map(|id| id.as_str()), place.organization_id.map(|id| id.as_str())),
            fits(self.serial_number.as_ref().map(|id| id.as_str()), place.serial_number.map(|id| id.as_str())),
            fits(self.volume.as_ref().map(|id| id.as_str()), place.volume.map(|id| id.as_str())),
            fits(self.asset.as_deref(), place.asset),
            fits(self.agent.as_deref(), place.agent),
            fits(self.customer_id.as_ref().map(|id| id.as_str()), place.customer_id.map(|id| id.as_str())),
            fits(self.app.as_deref(), place.app),
        ];
        names.contains(&Some(true)) && !names.contains(&Some(false))
    }

    /// Why it leaves this out, if it does. Without a problem it is asked whether it leaves the object out as a whole.
    pub(crate) fn ignores(&self, place: &Place<'_>, problem: Option<Problem>, now: i64) -> Option<&str> {
        let reason = self.ignore.as_deref()?;
        let over = self.until.as_ref().is_some_and(|until| until.as_millis().is_none_or(|until| until <= now));
        let meant = match problem {
            None => self.problems.is_empty(),
            Some(problem) => self.problems.is_empty() || self.problems.contains(&problem),
        };
        (meant && !over && self.applies(place)).then_some(reason)
    }

    pub(crate) fn change(&self, limits: &mut Limits<'_>) {
        set(&mut limits.backup_max_age, self.backup_max_age);
        set(&mut limits.offsite_max_age, self.offsite_max_age);
        set(&mut limits.saas_max_age, self.saas_max_age);
        set(&mut limits.saas_tolerance_percent, self.saas_tolerance_percent);
        set(&mut limits.saas_tolerance_services, self.saas_tolerance_services);
        set(&mut limits.endpoint_max_age, self.endpoint_max_age);
        set(&mut limits.screenshot_max_age, self.screenshot_max_age);
        limits.weekend = self.weekend.or(limits.weekend);
        limits.local_only |= self.local_only;
    }
}

/// Whether a name fits; `None` if none is asked for.
fn fits(wanted: Option<&str>, is: Option<&str>) -> Option<bool> {
    let wanted = wanted?.trim();
    Some(!wanted.is_empty() && is.is_some_and(|is| is.trim().to_lowercase() == wanted.to_lowercase()))
}

fn set<T>(limit: &mut T, other: Option<T>) {
    if let Some(other) = other {
        *limit = other;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::BackupPolicy;

    #[test]
    fn it_holds_where_all_that_it_names_fits() {
        let serial = SerialNumber::from("d1");
        let place = Place {
            client: Some("Acorn Dental "),
            serial_number: Some(&serial),
            asset: Some("dc-01"),
            ..Place::default()
        };
        for (exception, holds) in [
            (Exception::default(), false),
            (Exception::client("acorn dental"), true),
            (Exception::client(""), false),
            (Exception::appliance("D1"), true),
            (Exception::asset("D1", "DC-01"), true),
            (Exception::asset("D2", "dc-01"), false),
            (Exception { app: Some("Office365Teams".into()), ..Exception::client("Acorn Dental") }, false),
        ] {
            assert_eq!(exception.applies(&place), holds, "{exception:?}");
        }
    }

    #[test]
    fn what_is_ignored_has_a_reason_and_may_have_an_end() {
        let place = Place { client: Some("Acorn Dental"), ..Place::default() };
        let policy = |exception| BackupPolicy::default().exception(exception);
        let all = policy(Exception::client("Acorn Dental").ignore("moving"));
        assert_eq!(all.ignored(&place, None, 5), Some("moving"));
        assert_eq!(all.ignored(&place, Some(Problem::BackupStale), 5), Some("moving"));
        let one = policy(Exception::client("Acorn Dental").ignore("moving").problems([Problem::OffsiteOld]));
        assert_eq!(one.ignored(&place, None, 5), None);
        assert_eq!(one.ignored(&place, Some(Problem::OffsiteOld), 5), Some("moving"));
        assert_eq!(one.ignored(&place, Some(Problem::BackupStale), 5), None);
        let until = policy(Exception::client("Acorn Dental").ignore("moving").until(Timestamp::from_millis(10)));
        assert_eq!((until.ignored(&place, None, 9), until.ignored(&place, None, 10)), (Some("moving"), None));
    }

    #[test]
    fn a_later_exception_wins() {
        let place = Place { client: Some("Acorn Dental"), ..Place::default() };
        let hours = |hours: u64| Duration::from_secs(hours * 3_600);
        let policy = BackupPolicy::default()
            .exception(Exception::client("Acorn Dental").backup_max_age(hours(4)).local_only())
            .exception(Exception::client("Acorn Dental").backup_max_age(hours(8)));
        let limits = policy.limits(&place);
        assert_eq!((limits.backup_max_age, limits.offsite_max_age, limits.local_only), (hours(8), hours(7 * 24), true));
        assert_eq!(policy.limits(&Place::default()).backup_max_age, hours(48));
    }
}
