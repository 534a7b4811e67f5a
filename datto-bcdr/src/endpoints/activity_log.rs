//! Who did what.

use crate::{ActivityLog, operations};

datto_common::api! {
    /// The activity log, from [`BcdrClient::activity_log`](crate::BcdrClient::activity_log).
    pub struct ActivityLogApi;
}

datto_common::list_builder! {
    /// Lists the activity log: [`ActivityLogApi::list`]. Its entries have no id, so that one that comes twice is not noticed; the
    /// count is.
    pub struct ListActivityLog -> ActivityLog {
        /// The beginning of a client's name. Gave nothing when it was tried, in Datto's own portal too (observed).
        client_name: String => "clientName",
        /// The beginning of a user's name.
        user: String => "user",
        /// What kind of thing it was done to: `bcdr-device`.
        target_type: String => "targetType",
    }
}

impl ListActivityLog {
    /// Of the last so many days; the service's default is one. How far it can look back is not known (guess: 30 days).
    pub fn last_days(self, days: u32) -> Self {
        self.look_back(days, "days")
    }

    /// Of the last so many hours.
    pub fn last_hours(self, hours: u32) -> Self {
        self.look_back(hours, "hours")
    }

    /// Of the last so many minutes.
    pub fn last_minutes(self, minutes: u32) -> Self {
        self.look_back(minutes, "minutes")
    }

    fn look_back(mut self, count: u32, unit: &'static str) -> Self {
        self.0.call_mut().set_query("since", count);
        self.0.call_mut().set_query("sinceUnits", unit);
        self
    }

    /// What was done to one thing: `target("bcdr-device", "D05099000001")`.
    pub fn target(self, target_type: impl AsRef<str>, id: impl AsRef<str>) -> Self {
        self.targets([(target_type, id)])
    }

    /// What was done to any of these. Whether the service takes several is not known (official: with a comma between them; that gave nothing when
    /// it was tried).
    pub fn targets<K: AsRef<str>, I: AsRef<str>>(mut self, targets: impl IntoIterator<Item = (K, I)>) -> Self {
        let targets: Vec<String> =
            targets.into_iter().map(|(kind, id)| format!("{}:{}", kind.as_ref(), id.as_ref())).collect();
        self.0.call_mut().set_query("target", targets.join(","));
        self
    }
}

impl ActivityLogApi {
    /// Lists what users did, in the portal and on appliances. It is no log of backup runs; those are in [`Asset::backups`](crate::Asset::backups).
    ///
    /// `GET /report/activity-log` · read · official · the last day unless told otherwise
    ///
    /// # Errors
    /// `Api` if the service does not take a filter.
    ///
    /// ```no_run
    /// # async fn run(bcdr: datto_bcdr::BcdrClient) -> datto_bcdr::Result<()> {
    /// let entries = bcdr.activity_log().list().last_hours(12).target("bcdr-device", "D05099000001").collect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> ListActivityLog {
        self.core.call(&operations::ACTIVITY_LOG_LIST, []).list()
    }
}
