//! Changes of the world: what happens to the fleets while somebody looks at them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::sandbox::Sandbox;
use crate::state::Deed;
use crate::world::Account;

/// Something that happens. What is not named is drawn: `Change::ResolveAlert { alert: None }` resolves any open one.
///
/// On the control endpoint and in a scenario file it is an object whose member `change` is the name in snake case:
/// `{"change": "rename_device", "device": "…", "hostname": "NEW-NAME"}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Change {
    /// An alert is raised on an RMM device.
    RaiseAlert {
        /// The uid of the device.
        #[serde(default)]
        device: Option<String>,
        /// Its priority as on the wire: `Critical`, `High`, `Moderate`, `Low`, `Information`. `High` if not set.
        #[serde(default)]
        priority: Option<String>,
        /// The class of its context as on the wire (`ransomware_ctx`).
        #[serde(default)]
        class: Option<String>,
    },
    /// An open alert is resolved by its monitor.
    ResolveAlert {
        /// Its uid.
        #[serde(default)]
        alert: Option<String>,
    },
    /// A computer is added to RMM.
    AddDevice {
        /// The uid of its site.
        #[serde(default)]
        site: Option<String>,
        /// Its host name.
        #[serde(default)]
        hostname: Option<String>,
        /// Its place in the device list; the end if not set.
        #[serde(default)]
        place: Option<usize>,
    },
    /// An RMM device is moved to another site.
    MoveDevice {
        /// Its uid.
        #[serde(default)]
        device: Option<String>,
        /// The uid of the site.
        #[serde(default)]
        site: Option<String>,
    },
    /// An RMM device gets another host name.
    RenameDevice {
        /// Its uid.
        #[serde(default)]
        device: Option<String>,
        /// Its new name.
        #[serde(default)]
        hostname: Option<String>,
    },
    /// An RMM device is deleted: it is marked so and lies in the site "Deleted Devices".
    DeleteDevice {
        /// Its uid.
        #[serde(default)]
        device: Option<String>,
    },
    /// An RMM device is in no list any more.
    RemoveDevice {
        /// Its uid.
        #[serde(default)]
        device: Option<String>,
    },
    /// An RMM device goes offline or comes back.
    DeviceOnline {
        /// Its uid; drawn from those in the other state.
        #[serde(default)]
        device: Option<String>,
        /// Whether it is online from now on.
        online: bool,
    },
    /// The device list comes in another order from now on.
    ShuffleDevices {},
    /// Quick jobs on an RMM device take so long from now on, those that run included.
    SlowJobs {
        /// The uid of the device; every device if not set.
        #[serde(default)]
        device: Option<String>,
        /// How long, as in the settings: `10m`.
        takes: String,
    },
    /// An RMM site is added.
    AddSite {
        /// Its name.
        #[serde(default)]
        name: Option<String>,
    },
    /// An RMM site gets another name.
    RenameSite {
        /// Its uid.
        #[serde(default)]
        site: Option<String>,
        /// Its new name.
        #[serde(default)]
        name: Option<String>,
    },
    /// A backup of an asset runs.
    RunBackup {
        /// The volume of the asset.
        #[serde(default)]
        volume: Option<String>,
        /// Whether it succeeds.
        good: bool,
    },
    /// An asset is paused or resumed.
    PauseAsset {
        /// Its volume.
        #[serde(default)]
        volume: Option<String>,
        /// Whether it is paused from now on.
        paused: bool,
    },
    /// An asset is archived or brought back.
    ArchiveAsset {
        /// Its volume.
        #[serde(default)]
        volume: Option<String>,
        /// Whether it is archived from now on.
        archived: bool,
    },
    /// An agent is added to an appliance; it was never backed up.
    AddAsset {
        /// The serial number of the appliance.
        #[serde(default)]
        appliance: Option<String>,
        /// Its name.
        #[serde(default)]
        name: Option<String>,
    },
    /// An asset is removed.
    RemoveAsset {
        /// Its volume.
        #[serde(default)]
        volume: Option<String>,
    },
    /// An appliance is added, without assets.
    AddAppliance {
        /// The id of its client.
        #[serde(default)]
        client: Option<i64>,
    },
    /// An appliance is removed.
    RemoveAppliance {
        /// Its serial number.
        #[serde(default)]
        appliance: Option<String>,
    },
    /// An appliance is seen no more, or again.
    ApplianceOnline {
        /// Its serial number.
        #[serde(default)]
        appliance: Option<String>,
        /// Whether it is online from now on.
        online: bool,
    },
    /// The service of an appliance has ended: its service period was over forty days ago.
    EndService {
        /// Its serial number.
        #[serde(default)]
        appliance: Option<String>,
    },
    /// The tenant of a customer of SaaS Protection is gone: nothing is active, and every seat is archived.
    TenantGone {
        /// The id of the customer.
        #[serde(default)]
        customer: Option<i64>,
    },
    /// A seat is added.
    AddSeat {
        /// The id of the customer.
        #[serde(default)]
        customer: Option<i64>,
        /// Its type as on the wire; `User` if not set.
        #[serde(default)]
        kind: Option<String>,
        /// The name of its mailbox or the like.
        #[serde(default)]
        name: Option<String>,
    },
    /// A seat is in no list any more.
    RemoveSeat {
        /// The id of the customer.
        #[serde(default)]
        customer: Option<i64>,
        /// Its remote id.
        #[serde(default)]
        seat: Option<String>,
    },
    /// A backup of a Direct-to-Cloud asset runs.
    RunDirectToCloud {
        /// The uuid of the asset.
        #[serde(default)]
        asset: Option<String>,
        /// Whether it succeeds.
        good: bool,
    },
    /// Somebody else stores a file in Workplace, over what is there.
    PutFile {
        /// Its path from the project down; its folder must be there.
        path: String,
        /// What it holds.
        text: String,
    },
    /// Somebody else deletes a file or folder in Workplace.
    DeleteItem {
        /// Its path from the project down.
        path: String,
    },
    /// Somebody else renames a file or folder in Workplace.
    RenameItem {
        /// Its path from the project down.
        path: String,
        /// Its new name.
        name: String,
    },
}

/// Why something could not be done to the sandbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused(String);

impl Refused {
    pub(crate) fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }

    /// What was named, or drawn from, does not exist.
    pub(crate) fn unknown(what: &str, named: Option<impl fmt::Display>) -> Self {
        match named {
            Some(name) => Self(format!("there is no {what} {name}")),
            None => Self(format!("there is no {what} that this could happen to")),
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

impl From<String> for Refused {
    fn from(why: String) -> Self {
        Self(why)
    }
}

impl Sandbox {
    /// Lets something happen in this account now, and gives the id of what was made or changed.
    ///
    /// ```
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use datto_sandbox::{Change, Sandbox};
    ///
    /// let sandbox = Sandbox::builder().devices(50).start().await?;
    /// let before = sandbox.truth().rmm.open_alerts.len();
    /// let alert = sandbox.change(Change::RaiseAlert { device: None, priority: None, class: None })?;
    /// assert_eq!(sandbox.truth().rmm.open_alerts.last(), Some(&alert));
    /// assert_eq!(sandbox.truth().rmm.open_alerts.len(), before + 1);
    /// # Ok(())
    /// # }
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(example()).unwrap();
    /// ```
    ///
    /// # Errors
    /// If what is named does not exist, or nothing does that it could happen to.
    pub fn change(&self, change: Change) -> Result<String, Refused> {
        let account = self.seen();
        account.catch_up();
        let id = account.change(&change, account.config.clock.now_ms())?;
        self.keep(&account, Deed::Change(change));
        Ok(id)
    }
}

impl Account {
    /// Lets something happen at a moment, in epoch milliseconds.
    pub(crate) fn change(&self, change: &Change, at_ms: i64) -> Result<String, Refused> {
        match change {
            Change::PutFile { .. } | Change::DeleteItem { .. } | Change::RenameItem { .. } => {
                self.workplace.change(change, at_ms)
            }
            Change::RunBackup { .. }
            | Change::PauseAsset { .. }
            | Change::ArchiveAsset { .. }
            | Change::AddAsset { .. }
            | Change::RemoveAsset { .. }
            | Change::AddAppliance { .. }
            | Change::RemoveAppliance { .. }
            | Change::ApplianceOnline { .. }
            | Change::EndService { .. }
            | Change::TenantGone { .. }
            | Change::AddSeat { .. }
            | Change::RemoveSeat { .. }
            | Change::RunDirectToCloud { .. } => self.bcdr.change(change, at_ms),
            _ => self.rmm.change(change, at_ms),
        }
    }
}
