//! Alerts.

use datto_common::{Request, Result};
use futures_util::{StreamExt as _, stream};

use crate::{Alert, AlertUid, operations};

datto_common::api! {
    /// Alerts, from [`RmmClient::alerts`](crate::RmmClient::alerts).
    pub struct AlertsApi;
}

datto_common::list_builder! {
    /// Lists alerts: of the account, of a site or of a device. The service does not say how many there are (observed), so pages are
    /// read one after another, and what several pages hold is proven by reading them again. While alerts are opened and resolved no
    /// two readings may agree: before an alert that did not come is taken for resolved, look at it by
    /// [`AlertsApi::get`](super::AlertsApi::get).
    pub struct ListAlerts -> Alert, by alert_uid {
        /// Only muted ones, or only those that are not. Without it: both (official).
        muted: bool => "muted",
    }
}

/// The answer to a call that the service takes and does nothing about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct NoEffect;

impl AlertsApi {
    /// Lists the open alerts of the account.
    ///
    /// `GET /v2/account/alerts/open` · read · official · pages of at most 250 (a guess: the service names no limit for alerts)
    ///
    /// # Errors
    /// `Forbidden` if the user of the key may not see alerts.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// let mut alerts = rmm.alerts().open().muted(false).pager();
    /// while let Some(alert) = alerts.next().await {
    ///     println!("{}", alert?.sentence());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn open(&self) -> ListAlerts {
        self.core.call(&operations::ALERTS_OPEN, []).list()
    }

    /// Lists the resolved alerts of the account.
    ///
    /// `GET /v2/account/alerts/resolved` · read · official · pages of at most 250 (a guess: the service names no limit for alerts)
    ///
    /// # Errors
    /// `Forbidden` if the user of the key may not see alerts.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// let page = rmm.alerts().resolved().page_size(50).send().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn resolved(&self) -> ListAlerts {
        self.core.call(&operations::ALERTS_RESOLVED, []).list()
    }

    /// Gets one alert.
    ///
    /// `GET /v2/alert/{alertUid}` · read · official
    ///
    /// # Errors
    /// `NotFound` if there is none of this uid (a guess: the document names no 404 here).
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// let alert = rmm.alerts().get("00000000-0000-4000-8000-000000000001").await?;
    /// println!("{} {}", alert.fingerprint(), alert.sentence());
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, uid: impl Into<AlertUid>) -> Request<Alert> {
        self.core.call(&operations::ALERTS_GET, [uid.into().as_str()]).json()
    }

    /// Resolves an alert. Resolving it again changes nothing (guess).
    ///
    /// `POST /v2/alert/{alertUid}/resolve` · repeatable write, alert-resolve · official
    ///
    /// # Errors
    /// `Forbidden` if the user of the key may not resolve alerts.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient, alert: datto_rmm::Alert) -> datto_rmm::Result<()> {
    /// rmm.alerts().resolve(&alert.alert_uid).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn resolve(&self, uid: impl Into<AlertUid>) -> Request<()> {
        self.core.call(&operations::ALERTS_RESOLVE, [uid.into().as_str()]).nothing()
    }

    /// Resolves many alerts, so many at once. Where no good answer came, it looks whether the alert is resolved all the same. What became of each stands in the order in which they were given.
    ///
    /// `POST /v2/alert/{alertUid}/resolve`, then `GET /v2/alert/{alertUid}` where it is needed · repeatable write · official
    ///
    /// # Cancel safety
    /// Those that were sent are resolved or may be; resolving them again changes nothing (guess).
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient, uids: Vec<datto_rmm::AlertUid>) {
    /// for (uid, outcome) in rmm.alerts().resolve_many(uids, 4).await {
    ///     if let Err(error) = outcome {
    ///         println!("{uid}: {error}");
    ///     }
    /// }
    /// # }
    /// ```
    pub async fn resolve_many(
        &self,
        uids: impl IntoIterator<Item = AlertUid>,
        at_once: usize,
    ) -> Vec<(AlertUid, Result<()>)> {
        let calls: Vec<_> = uids
            .into_iter()
            .map(|uid| async move {
                let outcome = match self.resolve(&uid).send().await {
                    Ok(()) => Ok(()),
                    Err(error) => match self.get(&uid).send().await {
                        Ok(alert) if alert.resolved == Some(true) => Ok(()),
                        _ => Err(error),
                    },
                };
                (uid, outcome)
            })
            .collect();
        stream::iter(calls).buffered(at_once.clamp(1, 64)).collect().await
    }

    /// Asks to mute an alert. The service takes the call and does nothing (official, since its version 8.9.0).
    ///
    /// `POST /v2/alert/{alertUid}/mute` · repeatable write · official, deprecated
    ///
    /// # Errors
    /// `Conflict` and `Server` alone are documented.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient, alert: datto_rmm::Alert) -> datto_rmm::Result<()> {
    /// # #[allow(deprecated)]
    /// let _no_effect = rmm.alerts().mute(&alert.alert_uid).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[deprecated(
        note = "without effect since Datto RMM 8.9.0; resolve the alert, or keep its fingerprint as acknowledged"
    )]
    pub fn mute(&self, uid: impl Into<AlertUid>) -> Request<NoEffect> {
        self.core
            .call(&operations::ALERTS_MUTE, [uid.into().as_str()])
            .read(|answer| answer.nothing().map(|()| NoEffect))
    }

    /// Asks to unmute an alert. The service takes the call and does nothing (official, since its version 8.9.0).
    ///
    /// `POST /v2/alert/{alertUid}/unmute` · repeatable write · official, deprecated
    ///
    /// # Errors
    /// `Conflict` and `Server` alone are documented.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient, alert: datto_rmm::Alert) -> datto_rmm::Result<()> {
    /// # #[allow(deprecated)]
    /// let _no_effect = rmm.alerts().unmute(&alert.alert_uid).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[deprecated(note = "without effect since Datto RMM 8.9.0")]
    pub fn unmute(&self, uid: impl Into<AlertUid>) -> Request<NoEffect> {
        self.core
            .call(&operations::ALERTS_UNMUTE, [uid.into().as_str()])
            .read(|answer| answer.nothing().map(|()| NoEffect))
    }
}
