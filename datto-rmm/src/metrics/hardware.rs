//! What audits say of a fleet's hardware.

use std::collections::BTreeMap;
use std::time::Duration;

use datto_common::internal::spans_of_time;
use datto_common::{Measured, Missing, Timestamp};
use futures_util::{StreamExt as _, stream};
use serde::{Deserialize, Serialize};

use super::figure::{Figure, Question, Verdict, as_complete_as, count};
use super::fleet::{Fleet, FleetScope, Subject, has_agent};
use crate::RmmClient;
use crate::ids::DeviceUid;
use crate::models::{Device, DeviceAudit, DeviceClass};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const GIB: i64 = 1 << 30;

/// What counts as old or small.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct HardwarePolicy {
    /// After how long firmware is old: 3 years.
    #[serde(with = "spans_of_time")]
    pub bios_max_age: Duration,
    /// Less memory than so many bytes is little: 8 GiB.
    pub memory_bytes: i64,
    /// A disk with less than so many percent free is nearly full: 10.
    pub disk_free_percent: f64,
}

impl Default for HardwarePolicy {
    fn default() -> Self {
        Self { bios_max_age: DAY * 3 * 365, memory_bytes: 8 * GIB, disk_free_percent: 10.0 }
    }
}

impl HardwarePolicy {
    /// Calls firmware old after so many days.
    #[must_use]
    pub fn bios_max_age_days(mut self, days: u32) -> Self {
        self.bios_max_age = DAY.saturating_mul(days);
        self
    }

    /// Calls less memory than this little.
    #[must_use]
    pub fn memory_bytes(mut self, bytes: i64) -> Self {
        self.memory_bytes = bytes;
        self
    }

    /// Calls a disk with less free space than this nearly full, in percent.
    #[must_use]
    pub fn disk_free_percent(mut self, percent: f64) -> Self {
        self.disk_free_percent = percent;
        self
    }
}

/// The audits of a fleet's computers, by device.
pub type Audits = BTreeMap<DeviceUid, DeviceAudit>;

/// What audits say of a fleet's hardware.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HardwarePosture {
    /// Computers whose firmware is old, with its version, oldest as the figure lists them.
    pub bios_old: Measured<Figure>,
    /// Computers with little memory.
    pub little_memory: Measured<Figure>,
    /// Computers with a disk that is nearly full.
    pub disk_full: Measured<Figure>,
    /// How many computers there are of each model, the most frequent first.
    pub models: Measured<Vec<ModelCount>>,
}

/// How many computers there are of a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ModelCount {
    /// Who makes it.
    pub manufacturer: String,
    /// The model.
    pub model: String,
    /// How many there are.
    pub devices: u64,
}

/// Reads the audits of the computers among these devices, so many at once; each is a call of its own. Never fails: what could not be read is named. A
/// device that was never audited has no audit, which is no gap.
///
/// `GET /v2/audit/device/{deviceUid}` · read · official
///
/// # Cancel safety
/// Only reads: it can be dropped at any time.
///
/// ```no_run
/// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
/// use datto_rmm::metrics::{HardwarePolicy, hardware_posture, read_audits};
/// let devices = rmm.devices().list().concurrency(4).collect().await?;
/// let audits = read_audits(&rmm, &devices, 8).await;
/// let hardware = hardware_posture(&devices, &audits, &HardwarePolicy::default(), &datto_rmm::Timestamp::now());
/// println!("old firmware: {}", hardware.bios_old);
/// # Ok(())
/// # }
/// ```
pub async fn read_audits(rmm: &RmmClient, devices: &[Device], at_once: usize) -> Measured<Audits> {
    let computers = devices.iter().filter(|device| {
        !device.is_deleted() && device.device_class == Some(DeviceClass::Device) && !device.uid.is_empty()
    });
    // Of owned values, so that the future can go to another task.
    let calls: Vec<_> = computers
        .map(|device| {
            let (name, uid) = (device.hostname.clone().unwrap_or_else(|| device.uid.to_string()), device.uid.clone());
            let never_audited = device.last_audit_date.is_none();
            let call = rmm.audits().device(&uid);
            async move { (name, uid, never_audited, call.send().await) }
        })
        .collect();
    let mut answers = stream::iter(calls).buffer_unordered(at_once.clamp(1, 64));
    let (mut audits, mut missing) = (Audits::new(), Vec::new());
    while let Some((name, uid, never_audited, answer)) = answers.next().await {
        match answer {
            Ok(audit) => drop(audits.insert(uid, audit)),
            Err(error) if never_audited && error.kind() == datto_common::ErrorKind::NotFound => {}
            Err(error) => missing.push(Missing::new(format!("audit of {name}"), error)),
        }
    }
    missing.sort_by(|a: &Missing, b: &Missing| a.what.cmp(&b.what));
    Measured::from_parts(audits, missing)
}

const BIOS: Question = Question { topic: "bios", of_what: "the date of its firmware", members: &[] };
const MEMORY: Question = Question { topic: "memory", of_what: "its memory", members: &[] };
const DISKS: Question = Question { topic: "disk", of_what: "its disks", members: &[] };

/// What these audits say of these devices at `now`.
///
/// In scope are those of the class "device" that are not deleted, on demand or suspended. One without an audit is silent.
pub fn hardware_posture(
    devices: &[Device],
    audits: &Measured<Audits>,
    policy: &HardwarePolicy,
    now: &Timestamp,
) -> HardwarePosture {
    let none = Audits::new();
    let read = audits.value().unwrap_or(&none);
    let fleet = Fleet::new(devices, &FleetScope::default());
    let list = audits.as_ref().map(|_| Vec::<()>::new());
    let ask = |question, verdict: &dyn Fn(&DeviceAudit) -> Verdict| {
        let of = |subject: &Subject<'_>| read.get(&subject.device.uid).map_or(Verdict::Silent, verdict);
        as_complete_as(&list, count(&fleet, question, has_agent, of))
    };
    HardwarePosture {
        bios_old: ask(BIOS, &|audit| bios(audit, policy, now)),
        little_memory: ask(MEMORY, &|audit| match audit
            .system_info
            .as_ref()
            .and_then(|system| system.total_physical_memory)
            .filter(|bytes| *bytes > 0)
        {
            Some(bytes) => Verdict::when(bytes < policy.memory_bytes, || format!("{:.1} GiB", gib(bytes))),
            None => Verdict::Silent,
        }),
        disk_full: ask(DISKS, &|audit| disks(audit, policy)),
        models: audits.as_ref().map(|audits| models(&fleet, audits)),
    }
}

#[allow(clippy::cast_precision_loss)] // shown with one digit
fn gib(bytes: i64) -> f64 {
    bytes as f64 / GIB as f64
}

fn bios(audit: &DeviceAudit, policy: &HardwarePolicy, now: &Timestamp) -> Verdict {
    let bios = audit.bios.as_ref();
    let released = bios.and_then(|bios| bios.release_date.as_ref());
    match released.and_then(|released| Some((released, released.age(now)?))) {
        Some((released, age)) if age > policy.bios_max_age => {
            let version = bios.and_then(|bios| bios.sm_bios_version.as_deref()).unwrap_or("of no version");
            let date = released.to_string();
            let date = date.split('T').next().unwrap_or(&date);
            Verdict::Counts(format!("firmware {version} of {date}"), Some(released.clone()))
        }
        Some(_) => Verdict::Not,
        None => Verdict::Silent,
    }
}

#[allow(clippy::cast_precision_loss)] // a share
fn disks(audit: &DeviceAudit, policy: &HardwarePolicy) -> Verdict {
    let sized = audit.logical_disks.iter().flatten().filter_map(|disk| {
        let (size, free) = (disk.size.filter(|size| *size > 0)?, disk.freespace.filter(|free| *free >= 0)?);
        Some((disk, 100.0 * free as f64 / size as f64))
    });
    let sized: Vec<_> = sized.collect();
    if sized.is_empty() {
        return Verdict::Silent;
    }
    let full: Vec<String> = sized
        .iter()
        .filter(|(_, free)| *free < policy.disk_free_percent)
        .map(|(disk, free)| format!("{} {free:.0} % free", disk.disk_identifier.as_deref().unwrap_or("a disk")))
        .collect();
    Verdict::when(!full.is_empty(), || full.join(", "))
}

fn models(fleet: &Fleet<'_>, audits: &Audits) -> Vec<ModelCount> {
    let mut by_model: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for subject in fleet.subjects().filter(|subject| has_agent(subject)) {
        if let Some(system) = audits.get(&subject.device.uid).and_then(|audit| audit.system_info.as_ref()) {
            let trimmed = |text: &'_ Option<String>| text.as_deref().map_or("", str::trim).to_owned();
            if !(trimmed(&system.manufacturer).is_empty() && trimmed(&system.model).is_empty()) {
                let key = (
                    system.manufacturer.as_deref().map_or("", str::trim),
                    system.model.as_deref().map_or("", str::trim),
                );
                *by_model.entry(key).or_default() += 1;
            }
        }
    }
    let of = |((manufacturer, model), devices): ((&str, &str), u64)| ModelCount {
        manufacturer: manufacturer.to_owned(),
        model: model.to_owned(),
        devices,
    };
    let mut models: Vec<ModelCount> = by_model.into_iter().map(of).collect();
    models.sort_by_key(|model| std::cmp::Reverse(model.devices));
    models
}

#[cfg(test)]
mod tests {
    use super::super::figure::tests::{counted, device};
    use super::*;
    use serde_json::{Value, json};

    fn audits(audits: &[(&str, Value)]) -> Measured<Audits> {
        let read =
            |(uid, audit): &(&str, Value)| (DeviceUid::from(*uid), serde_json::from_value(audit.clone()).unwrap());
        Measured::Known(audits.iter().map(read).collect())
    }

    #[test]
    fn audits_are_judged() {
        let now = Timestamp::from_seconds(1_800_000_000); // 2027-01-15
        let fleet = ["1", "2", "3"].map(|uid| device(uid, json!({})));
        let system =
            |gib: i64| json!({"manufacturer": "Dell Inc.", "model": "OptiPlex", "totalPhysicalMemory": gib << 30});
        let audits = audits(&[
            (
                "1",
                json!({"bios": {"releaseDate": "2019-05-01", "smBiosVersion": "1.2"}, "systemInfo": system(4),
                "logicalDisks": [{"diskIdentifier": "C:", "size": 100, "freespace": 5}, {"diskIdentifier": "D:", "size": 100, "freespace": 50}]}),
            ),
            (
                "2",
                json!({"bios": {"releaseDate": "2026-05-01"}, "systemInfo": system(16), "logicalDisks": [{"size": 100, "freespace": 50}, {"size": 0, "freespace": 0}]}),
            ),
        ]);
        let posture = hardware_posture(&fleet, &audits, &HardwarePolicy::default(), &now);
        assert_eq!(counted(&posture.bios_old), ["1"]);
        assert_eq!(posture.bios_old.known().unwrap().evidence[0].what, "firmware 1.2 of 2019-05-01");
        assert_eq!(counted(&posture.little_memory), ["1"]);
        assert_eq!(counted(&posture.disk_full), ["1"]);
        assert_eq!(posture.disk_full.known().unwrap().evidence[0].what, "C: 5 % free");
        assert_eq!(posture.disk_full.to_string(), "1 of 2 (1 more report nothing)");
        assert_eq!(posture.models.known().unwrap()[0].devices, 2);
    }

    #[test]
    fn what_was_not_audited_is_no_zero() {
        let fleet = [device("1", json!({}))];
        let now = Timestamp::from_seconds(1_800_000_000);
        let posture = hardware_posture(&fleet, &audits(&[]), &HardwarePolicy::default(), &now);
        assert_eq!(posture.bios_old.to_string(), "unknown: none of 1 devices reports the date of its firmware");
    }
}
