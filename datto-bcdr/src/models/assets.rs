//! What an appliance protects, and the runs of its backups.

use datto_common::{Sensitive, Timestamp};

use super::agents::ProtectedMachine;
use crate::ids::{AssetId, Volume};
use crate::lenient::{self, Flag};

datto_common::open_enum! {
    /// What an asset is.
    pub enum AssetKind {
        /// A machine with an agent.
        Agent = "agent",
        /// A share of an appliance or of another machine.
        Share = "share",
    }
}

datto_common::open_enum! {
    /// How a backup or its verification ended.
    pub enum BackupStatus {
        /// It worked.
        Success = "success",
        /// It failed.
        Failure = "failure",
    }
}

datto_common::model! {
    /// An agent or a share of an appliance.
    pub struct Asset {
        /// Its key in paths: 32 hexadecimal digits.
        pub volume: Volume,
        /// Display name.
        pub name: Option<String>,
        /// Numeric id; no call takes it. Seen as a number and as text.
        pub asset_id: AssetId,
        /// Another id of the volume (observed, meaning not known).
        pub vol_id: Option<serde_json::Value>,
        /// Agent or share; absent from the lists of only one of them (observed).
        #[serde(rename = "type")]
        pub kind: Option<AssetKind>,
        /// Address of the machine.
        pub local_ip: Option<String>,
        /// Its operating system.
        pub os: Option<String>,
        /// Its full name in DNS.
        pub fqdn: Option<String>,
        /// Version of the agent.
        pub agent_version: Option<String>,
        /// How many volumes are backed up.
        #[serde(deserialize_with = "lenient::integer")]
        pub protected_volumes_count: Option<i64>,
        /// How many volumes are not.
        #[serde(deserialize_with = "lenient::integer")]
        pub unprotected_volumes_count: Option<i64>,
        /// The volumes that are backed up: `C:\`.
        #[serde(deserialize_with = "lenient::list")]
        pub protected_volume_names: Option<Vec<String>>,
        /// The volumes that are not.
        #[serde(deserialize_with = "lenient::list")]
        pub unprotected_volume_names: Option<Vec<String>>,
        /// Whether its backups are paused. Paused assets are still billed (official).
        #[serde(deserialize_with = "lenient::flag")]
        pub is_paused: Option<bool>,
        /// Whether it is archived: kept, no longer backed up.
        #[serde(deserialize_with = "lenient::flag")]
        pub is_archived: Option<bool>,
        /// The newest point in the cloud; null if there is none. Whether it is the time of the point or of its upload is not known (guess: the point).
        pub latest_offsite: Option<Timestamp>,
        /// How many points are on the appliance.
        #[serde(deserialize_with = "lenient::integer")]
        pub local_snapshots: Option<i64>,
        /// The newest point on the appliance; 0 if there is none (observed).
        pub last_snapshot: Option<Timestamp>,
        /// When a screenshot of the started backup was last tried; 0 if never (observed).
        pub last_screenshot_attempt: Option<Timestamp>,
        /// How that ended.
        pub last_screenshot_attempt_status: Option<Flag>,
        /// The image of it; can be fetched by anybody who has the URL (observed), so `Debug` hides it.
        pub last_screenshot_url: Option<Sensitive<String>>,
        /// Recent runs, in no promised order and number. Null if the service sends none.
        #[serde(deserialize_with = "lenient::list")]
        pub backups: Option<Vec<BackupRun>>,
        /// The machine behind it.
        pub protected_machine: Option<ProtectedMachine>,
    }

    /// One run of a backup. The contract calls it a snapshot.
    pub struct BackupRun {
        /// When it ran.
        pub timestamp: Option<Timestamp>,
        /// How it ended.
        pub backup: Option<RunBackup>,
        /// How its check on the appliance ended. After a failed backup it fails as well.
        pub local_verification: Option<LocalVerification>,
        /// How further checks ended.
        pub advanced_verification: Option<AdvancedVerification>,
    }

    /// The backup of a run.
    pub struct RunBackup {
        /// How it ended.
        pub status: Option<BackupStatus>,
        /// Why it failed; often null though it did (observed).
        pub error_message: Option<String>,
        /// Storage in use after it; unit not known (guess: bytes).
        #[serde(deserialize_with = "lenient::number")]
        pub total_used_storage: Option<f64>,
    }

    /// The check of a run on the appliance.
    pub struct LocalVerification {
        /// How it ended.
        pub status: Option<BackupStatus>,
        /// What it found; may be null.
        #[serde(deserialize_with = "lenient::list")]
        pub errors: Option<Vec<VerificationError>>,
    }

    /// Something that the check of a run found.
    pub struct VerificationError {
        /// What kind of thing.
        pub error_type: Option<String>,
        /// In words.
        pub error_message: Option<String>,
    }

    /// Further checks of a run.
    pub struct AdvancedVerification {
        /// The screenshot of the started backup.
        pub screenshot_verification: Option<ScreenshotVerification>,
    }

    /// The screenshot of a started backup.
    pub struct ScreenshotVerification {
        /// `"1"` if it worked, `""` if it failed, null if it was not tried (observed).
        pub status: Option<Flag>,
        /// The image; `Debug` hides it.
        pub image: Option<Sensitive<String>>,
    }
}

impl Asset {
    /// Its name for people: the display name, else the DNS name, else the volume.
    pub fn label(&self) -> &str {
        [&self.name, &self.fqdn]
            .into_iter()
            .filter_map(|name| name.as_deref().map(str::trim))
            .find(|name| !name.is_empty())
            .unwrap_or(self.volume.as_str())
    }
}

impl BackupRun {
    /// How its backup ended; `None` if the service did not say.
    pub fn status(&self) -> Option<&BackupStatus> {
        self.backup.as_ref()?.status.as_ref()
    }

    /// Why its backup failed, in the service's words, if it gave any.
    pub fn message(&self) -> Option<&str> {
        self.backup.as_ref()?.error_message.as_deref().map(str::trim).filter(|message| !message.is_empty())
    }

    /// How its screenshot ended; `None` if none was tried.
    pub fn screenshot(&self) -> Option<&Flag> {
        self.advanced_verification.as_ref()?.screenshot_verification.as_ref()?.status.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(value: Value) -> Asset {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn an_asset_is_read_with_its_runs() {
        let asset = read(json!({
            "name": "dc-01", "assetId": "700001", "volume": "0123456789abcdef0123456789abcdef", "type": "agent",
            "isPaused": false, "isArchived": "", "latestOffsite": null, "lastSnapshot": 1_787_643_495,
            "lastScreenshotAttempt": 0, "lastScreenshotAttemptStatus": "",
            "lastScreenshotUrl": "https://device.dattobackup.com/image/0a.png",
            "backups": [{
                "timestamp": "2026-08-25T07:38:15+00:00",
                "backup": {"status": "failure", "errorMessage": null, "totalUsedStorage": 12},
                "localVerification": {"status": "failure", "errors": null},
                "advancedVerification": {"screenshotVerification": {"status": "1", "image": "x.png"}}
            }],
            "protectedMachine": {"mac": "00:00:5e:00:53:01", "serial": null}
        }));
        assert_eq!(asset.kind, Some(AssetKind::Agent));
        assert_eq!((asset.is_paused, asset.is_archived), (Some(false), Some(false)));
        assert_eq!(asset.asset_id.as_i64(), Some(700_001));
        assert_eq!(asset.last_screenshot_attempt.as_ref().unwrap().moment(), None);
        assert!(asset.last_screenshot_attempt_status.as_ref().unwrap().is_no());
        let run = &asset.backups.as_ref().unwrap()[0];
        assert_eq!(run.timestamp, asset.last_snapshot);
        assert_eq!((run.status(), run.message()), (Some(&BackupStatus::Failure), None));
        assert!(run.screenshot().unwrap().is_yes());
        assert!(!format!("{asset:?}").contains("device.dattobackup.com"));
    }

    #[test]
    fn runs_are_read_from_a_list_with_holes_and_null_is_not_empty() {
        assert_eq!(read(json!({"backups": {"1": {}, "0": {"timestamp": 5}}})).backups.unwrap().len(), 2);
        assert_eq!(read(json!({"backups": null})).backups, None);
        assert_eq!(read(json!({"backups": []})).backups, Some(vec![]));
    }

    #[test]
    fn an_asset_has_a_label_as_soon_as_it_has_a_volume() {
        assert_eq!(
            read(json!({"name": " ", "fqdn": "dc-01.example.com", "volume": "0a"})).label(),
            "dc-01.example.com"
        );
        assert_eq!(read(json!({"volume": "0a"})).label(), "0a");
    }
}
