//! Which devices miss patches.

use datto_common::Measured;
use serde::{Deserialize, Serialize};

use super::figure::{Figure, Question, Verdict, count};
use super::fleet::{Fleet, FleetScope, has_agent};
use crate::models::{Device, PatchManagement, PatchStatus};

/// What counts as missing patches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct PatchPolicy {
    /// A device counts if it misses more patches than this. By default 5.
    pub more_than: u64,
}

impl Default for PatchPolicy {
    fn default() -> Self {
        Self { more_than: 5 }
    }
}

impl PatchPolicy {
    /// Counts devices that miss more patches than this.
    #[must_use]
    pub fn more_than(mut self, patches: u64) -> Self {
        self.more_than = patches;
        self
    }
}

/// How a fleet is patched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PatchPosture {
    /// Devices that miss more patches than the policy allows: approved ones that wait, and ones not approved.
    pub missing_patches: Measured<Figure>,
    /// Devices on which nothing waits.
    pub fully_patched: Measured<Figure>,
    /// Devices that wait for a restart to finish.
    pub reboot_required: Measured<Figure>,
    /// Devices on which an installation failed.
    pub install_error: Measured<Figure>,
}

impl PatchPosture {
    /// Each figure seen through `view`.
    pub(super) fn map(self, view: impl Fn(Measured<Figure>) -> Measured<Figure>) -> Self {
        Self {
            missing_patches: view(self.missing_patches),
            fully_patched: view(self.fully_patched),
            reboot_required: view(self.reboot_required),
            install_error: view(self.install_error),
        }
    }
}

const PATCHES: Question = Question { topic: "patches", of_what: "patch data", members: &["patchManagement"] };

/// How these devices are patched.
///
/// In scope are devices of the class "device" that are not deleted, on demand or suspended. One without patch data, without a policy, or that has
/// not reported yet tells nothing: it is counted as silent, not as patched.
pub fn patch_posture(devices: &[Device], policy: &PatchPolicy) -> PatchPosture {
    posture(&Fleet::new(devices, &FleetScope::default()), policy)
}

pub(super) fn posture(fleet: &Fleet<'_>, policy: &PatchPolicy) -> PatchPosture {
    let ask = |topic: &'static str, verdict: &dyn Fn(&PatchManagement) -> Verdict| {
        count(fleet, Question { topic, ..PATCHES }, has_agent, |subject| {
            reported(subject.device).map_or(Verdict::Silent, verdict)
        })
    };
    let in_status = |topic: &'static str, status: PatchStatus| {
        ask(topic, &move |patches| match &patches.patch_status {
            None => Verdict::Silent,
            Some(reported) => Verdict::when(*reported == status, || describe(patches)),
        })
    };
    PatchPosture {
        missing_patches: ask("patches", &|patches| match missing(patches) {
            None => Verdict::Silent,
            Some(missing) => Verdict::when(missing > policy.more_than, || describe(patches)),
        }),
        fully_patched: in_status("patched", PatchStatus::FullyPatched),
        reboot_required: in_status("patch-reboot", PatchStatus::RebootRequired),
        install_error: in_status("patch-error", PatchStatus::InstallError),
    }
}

/// The patch data of a device that has some.
fn reported(device: &Device) -> Option<&PatchManagement> {
    let told =
        |patches: &&PatchManagement| !matches!(patches.patch_status, Some(PatchStatus::NoPolicy | PatchStatus::NoData));
    device.patch_management.as_ref().filter(told)
}

/// How many patches it misses; `None` if it gives neither number.
fn missing(patches: &PatchManagement) -> Option<u64> {
    let (pending, not_approved) = (patches.patches_approved_pending, patches.patches_not_approved);
    if pending.is_none() && not_approved.is_none() {
        return None;
    }
    let number = |patches: Option<i64>| u64::try_from(patches.unwrap_or(0)).unwrap_or(0);
    Some(number(pending).saturating_add(number(not_approved)))
}

fn describe(patches: &PatchManagement) -> String {
    let number = |patches: Option<i64>| patches.map_or_else(|| "?".to_owned(), |patches| patches.to_string());
    let status = patches.patch_status.as_ref().map(|status| format!(" ({status})")).unwrap_or_default();
    let (pending, not_approved) = (number(patches.patches_approved_pending), number(patches.patches_not_approved));
    format!("{pending} approved and waiting, {not_approved} not approved{status}")
}

#[cfg(test)]
mod tests {
    use super::super::figure::tests::{counted, device};
    use super::*;
    use serde_json::{Value, json};

    fn patched(uid: &str, status: &str, pending: Value, not_approved: Value) -> Device {
        let patches =
            json!({"patchStatus": status, "patchesApprovedPending": pending, "patchesNotApproved": not_approved});
        device(uid, json!({ "patchManagement": patches }))
    }

    #[test]
    fn more_than_the_limit_counts_and_the_limit_does_not() {
        let fleet = [
            patched("1", "ApprovedPending", json!(3), json!(3)),
            patched("2", "ApprovedPending", json!(2), json!(3)),
            patched("3", "ApprovedPending", json!(null), json!(9)),
            patched("4", "FullyPatched", json!(0), json!(0)),
        ];
        let posture = patch_posture(&fleet, &PatchPolicy::default());
        assert_eq!(counted(&posture.missing_patches), ["1", "3"]);
        let evidence = &posture.missing_patches.value().unwrap().evidence;
        assert_eq!(evidence[1].what, "? approved and waiting, 9 not approved (ApprovedPending)");
        assert_eq!(
            counted(&patch_posture(&fleet, &PatchPolicy::default().more_than(0)).missing_patches),
            ["1", "2", "3"]
        );
        assert_eq!(counted(&posture.fully_patched), ["4"]);
    }

    #[test]
    fn a_device_without_patch_data_is_silent() {
        let fleet = [
            patched("1", "NoPolicy", json!(0), json!(40)),
            patched("2", "NoData", json!(40), json!(0)),
            device("3", json!({"patchManagement": null})),
            patched("4", "RebootRequired", json!(null), json!(null)),
            patched("5", "InstallError", json!(6), json!(0)),
        ];
        let posture = patch_posture(&fleet, &PatchPolicy::default());
        assert_eq!(posture.missing_patches.to_string(), "1 of 1 (4 more report nothing)");
        assert_eq!(posture.reboot_required.to_string(), "1 of 2 (3 more report nothing)");
        assert_eq!(counted(&posture.install_error), ["5"]);
        let silent = patch_posture(&fleet[..3], &PatchPolicy::default());
        assert!(matches!(silent.missing_patches, Measured::Unknown { .. }));
    }

    #[test]
    fn other_classes_and_deleted_devices_are_out_of_scope() {
        let with = |uid: &str, more: Value| {
            let mut members = json!({"patchManagement": {"patchesNotApproved": 40}});
            members.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            device(uid, members)
        };
        let fleet = [
            with("1", json!({"deviceClass": "printer"})),
            with("2", json!({"deviceClass": null})),
            with("3", json!({"deleted": true})),
            with("4", json!({"siteName": "Deleted Devices"})),
            with("5", json!({})),
        ];
        assert_eq!(counted(&patch_posture(&fleet, &PatchPolicy::default()).missing_patches), ["5"]);
    }
}
