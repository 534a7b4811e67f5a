//! A restart: the service has no call for it, so a component does it, and the device tells whether it happened.

use datto_common::{Result, Timestamp};

use super::Plan;
use crate::{ComponentUid, Device, DeviceUid, DevicesApi, JobsApi, Run};

/// Whether a device was restarted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rebooted {
    /// It was, at this moment.
    Yes(Timestamp),
    /// Its last restart lies before; it may not have reported a later one.
    NotYet,
    /// The service knows no restart of it.
    Unknown,
}

impl Rebooted {
    /// What a record of a device tells about a restart after a moment.
    pub fn since(device: &Device, moment: &Timestamp) -> Self {
        match device.last_reboot.as_ref().filter(|last| last.moment().is_some()) {
            None => Self::Unknown,
            Some(last) if last > moment => Self::Yes(last.clone()),
            Some(_) => Self::NotYet,
        }
    }
}

impl JobsApi {
    /// Plans a restart of devices by a component of yours that does it: the service has no call that restarts a device (official: its document names none). A plan as any other: each
    /// device is restarted once, whatever is killed in between. That the component has ended says that it asked for the restart; [`rebooted`](Self::rebooted) whether it happened.
    ///
    /// `GET /v2/account/components` · read · official
    ///
    /// # Errors
    /// As [`plan`](Self::plan).
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient, uids: Vec<datto_rmm::DeviceUid>) -> datto_rmm::Result<()> {
    /// let plan = rmm.jobs().plan_reboot(uids, "00000000-0000-4000-8000-00000000c0de").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn plan_reboot<D: Into<DeviceUid>>(
        &self,
        devices: impl IntoIterator<Item = D>,
        component: impl Into<ComponentUid>,
    ) -> Result<Plan> {
        self.plan(devices, Run::component(component).job_name("Reboot")).await
    }

    /// Whether a device was restarted after a moment, by its own last report.
    ///
    /// `GET /v2/device/{deviceUid}` · read · official
    ///
    /// # Errors
    /// `NotFound` if there is no such device.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient, task: datto_rmm::rollout::Task) -> datto_rmm::Result<()> {
    /// println!("{:?}", rmm.jobs().rebooted(&task.device, &task.at).await?);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn rebooted(&self, device: impl Into<DeviceUid>, since: &Timestamp) -> Result<Rebooted> {
        let device = DevicesApi::new(&self.core).get(device).send().await?;
        Ok(Rebooted::since(&device, since))
    }
}
