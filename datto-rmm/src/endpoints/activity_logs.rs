//! The activity log.

use std::time::Duration;

use datto_common::{Error, ErrorKind, Timestamp};

use crate::models::ActivityEntity;
use crate::{ActivityLog, SiteId, UserId, operations};

datto_common::api! {
    /// The activity log, from [`RmmClient::activity_logs`](crate::RmmClient::activity_logs).
    pub struct ActivityLogsApi;
}

datto_common::list_builder! {
    /// Lists entries of the activity log: [`ActivityLogsApi::list`].
    ///
    /// Each page leads to the entry after it, so that what is written meanwhile makes none slip past.
    ///
    /// Without [`from`](Self::from) the service looks at the last 15 minutes alone (official): [`ActivityLogsApi::DEFAULT_WINDOW`].
    pub struct ListActivityLogs -> ActivityLog, by id {
        /// Entries that match a query: words, phrases, wildcards, AND, OR (official, since build 201).
        search_query: String => "searchQuery",
    }
}

impl ActivityLogsApi {
    /// How far back a list looks that names no beginning (official).
    pub const DEFAULT_WINDOW: Duration = Duration::from_secs(15 * 60);

    /// Lists entries of the activity log, the newest first unless the list says otherwise (guess). Name a window with
    /// [`from`](ListActivityLogs::from) or [`last`](ListActivityLogs::last): without one the service looks at the last 15 minutes alone.
    ///
    /// `GET /v2/activity-logs` · read · official · a cursor leads from page to page
    ///
    /// # Errors
    /// `Server` if the service reports an error inside a good answer (official); `Api` for a query that it cannot read.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// use std::time::Duration;
    /// let day = Duration::from_secs(24 * 60 * 60);
    /// let mut log = rmm.activity_logs().list().last(day).categories(["job", "remote"]).pager();
    /// while let Some(entry) = log.next().await {
    ///     let entry = entry?;
    ///     println!("{:?} {:?} on {:?}", entry.date, entry.action, entry.hostname);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> ListActivityLogs {
        self.core.call(&operations::ACTIVITY_LOGS_LIST, []).list()
    }
}

impl ListActivityLogs {
    /// Entries from this moment on, to the second.
    pub fn from(self, moment: impl Into<Timestamp>) -> Self {
        self.moment("from", &moment.into(), 0)
    }

    /// Entries up to this moment, to the second.
    pub fn until(self, moment: impl Into<Timestamp>) -> Self {
        self.moment("until", &moment.into(), 999)
    }

    /// Entries of this long before now.
    pub fn last(self, span: Duration) -> Self {
        self.from(Timestamp::now().minus(span))
    }

    /// The oldest first.
    pub fn oldest_first(self) -> Self {
        self.set("order", "asc".to_owned())
    }

    /// The newest first.
    pub fn newest_first(self) -> Self {
        self.set("order", "desc".to_owned())
    }

    /// Only entries of devices, or only entries of users.
    pub fn entity(self, entity: ActivityEntity) -> Self {
        // The answers spell it in capitals, the parameter does not (official).
        self.set("entities", entity.as_str().to_ascii_lowercase())
    }

    /// Entries of these categories.
    pub fn categories<T: AsRef<str>>(self, categories: impl IntoIterator<Item = T>) -> Self {
        self.joined("categories", categories)
    }

    /// Entries of these actions.
    pub fn actions<T: AsRef<str>>(self, actions: impl IntoIterator<Item = T>) -> Self {
        self.joined("actions", actions)
    }

    /// Entries of these sites, by their numeric ids. Keep to about 100 at a time (observed).
    pub fn site_ids<T: Into<SiteId>>(self, ids: impl IntoIterator<Item = T>) -> Self {
        self.joined("siteIds", ids.into_iter().map(Into::into))
    }

    /// Entries of these users, by their numeric ids.
    pub fn user_ids<T: Into<UserId>>(self, ids: impl IntoIterator<Item = T>) -> Self {
        self.joined("userIds", ids.into_iter().map(Into::into))
    }

    /// The service takes seconds without a fraction (official), so the window is rounded outwards.
    fn moment(mut self, name: &'static str, moment: &Timestamp, up: i64) -> Self {
        match moment.as_millis() {
            Some(millis) => {
                let seconds = millis.saturating_add(up).div_euclid(1_000);
                self.set(name, Timestamp::from_seconds(seconds).to_string())
            }
            None => {
                let message = format!("`{name}` is no moment: {moment}");
                self.0.call_mut().refuse(Error::new(ErrorKind::InvalidInput, message));
                self
            }
        }
    }

    /// The service takes several values with commas between them (official).
    fn joined<T: AsRef<str>>(self, name: &'static str, values: impl IntoIterator<Item = T>) -> Self {
        let values: Vec<String> = values.into_iter().map(|value| value.as_ref().to_owned()).collect();
        if values.is_empty() { self } else { self.set(name, values.join(",")) }
    }

    fn set(mut self, name: &'static str, value: String) -> Self {
        self.0.call_mut().set_query(name, value);
        self
    }
}
