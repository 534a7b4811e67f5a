//! The client: how it is built, and what it leads to.

use std::fmt;
use std::sync::Arc;

use datto_common::internal::{Core, LoginHttp, Setup, Vars, credential};
use datto_common::{ConnectionReport, Credentials, Grant, OAuth, Result, Secret, TokenCache};
use url::Url;

use crate::api_url::Api;
use crate::endpoints::{
    AccountApi, ActivityLogsApi, AlertsApi, AuditsApi, ComponentsApi, DevicesApi, DevicesV3Api, FiltersApi, JobsApi,
    NetworkApi, SitesApi, SystemApi, UsersApi, VariablesApi,
};
use crate::platform::{Platform, UrlError};
use crate::profile::{LOGIN_HINT, PROFILE, PUBLIC_CLIENT, SHARED_PAIR_HINT};

/// The pairs that `from_env` takes, the first whole one.
const PAIRS: &[(&str, &str)] = &[("DATTO_RMM_API_KEY", "DATTO_RMM_API_SECRET"), (SHARED_KEY, "DATTO_API_PRIVATE_KEY")];
/// The variable of the key that the partner portal's client reads too.
const SHARED_KEY: &str = "DATTO_API_PUBLIC_KEY";

/// Variables that other programs use, each with the one that is meant here.
const FOREIGN: &[(&str, &str)] = &[
    ("DATTO_RMM_API_URL", "DATTO_RMM_URL"),
    ("DATTO_RMM_BASE_URL", "DATTO_RMM_URL"),
    ("DATTO_RMM_API_BASE_URL", "DATTO_RMM_URL"),
    ("DATTO_API_URL", "DATTO_RMM_URL"),
    ("DATTO_RMM_REGION", "DATTO_RMM_PLATFORM"),
    ("DATTO_RMM_ZONE", "DATTO_RMM_PLATFORM"),
    ("DATTO_PLATFORM", "DATTO_RMM_PLATFORM"),
    ("DATTO_RMM_KEY", "DATTO_RMM_API_KEY"),
    ("DATTO_RMM_API_ACCESS_KEY", "DATTO_RMM_API_KEY"),
    ("DATTO_RMM_PUBLIC_KEY", "DATTO_RMM_API_KEY"),
    ("DATTO_API_KEY", "DATTO_RMM_API_KEY"),
    ("DATTO_RMM_API_SECRET_KEY", "DATTO_RMM_API_SECRET"),
    ("DATTO_RMM_SECRET_KEY", "DATTO_RMM_API_SECRET"),
    ("DATTO_RMM_SECRET", "DATTO_RMM_API_SECRET"),
    ("DATTO_RMM_PRIVATE_KEY", "DATTO_RMM_API_SECRET"),
    ("DATTO_API_SECRET_KEY", "DATTO_RMM_API_SECRET"),
    ("DATTO_API_SECRET", "DATTO_RMM_API_SECRET"),
];

/// A client of Datto RMM. Cheap to clone; clones share the login, the connections and the limits.
///
/// ```no_run
/// # async fn run() -> datto_rmm::Result<()> {
/// use datto_rmm::{Platform, RmmClient};
/// let rmm = RmmClient::builder().platform(Platform::Merlot).api_key("key", "secret").build()?;
/// println!("{}", rmm.check_connection().await);
/// let devices = rmm.devices().list().hostname("WS-").collect().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RmmClient {
    core: Core,
    platform: Option<Platform>,
    portal: Option<String>,
    /// The credentials are the user's own, and no pair.
    own_login: bool,
}

impl RmmClient {
    /// The platform, where the host names one.
    pub fn platform(&self) -> Option<Platform> {
        self.platform
    }

    /// The account of the key.
    pub fn account(&self) -> AccountApi {
        AccountApi::new(&self.core)
    }

    /// Devices.
    pub fn devices(&self) -> DevicesApi {
        DevicesApi::new(&self.core)
    }

    /// Sites, their settings and variables.
    pub fn sites(&self) -> SitesApi {
        SitesApi::new(&self.core)
    }

    /// Devices with typed user-defined fields.
    pub fn devices_v3(&self) -> DevicesV3Api {
        DevicesV3Api::new(&self.core)
    }

    /// Alerts.
    pub fn alerts(&self) -> AlertsApi {
        AlertsApi::new(&self.core)
    }

    /// Audits.
    pub fn audits(&self) -> AuditsApi {
        AuditsApi::new(&self.core)
    }

    /// Jobs: their results and output, waiting for them, running a component and waiting.
    pub fn jobs(&self) -> JobsApi {
        JobsApi::new(&self.core)
    }

    /// Components.
    pub fn components(&self) -> ComponentsApi {
        ComponentsApi::new(&self.core)
    }

    /// Device filters.
    pub fn filters(&self) -> FiltersApi {
        FiltersApi::new(&self.core)
    }

    /// Users, and the keys of the caller.
    pub fn users(&self) -> UsersApi {
        UsersApi::new(&self.core)
    }

    /// Variables of the account.
    pub fn variables(&self) -> VariablesApi {
        VariablesApi::new(&self.core)
    }

    /// The activity log.
    pub fn activity_logs(&self) -> ActivityLogsApi {
        ActivityLogsApi::new(&self.core)
    }

    /// What Datto Networking knows.
    pub fn network(&self) -> NetworkApi {
        NetworkApi::new(&self.core)
    }

    /// The service itself: state, limits, page size.
    pub fn system(&self) -> SystemApi {
        SystemApi::new(&self.core)
    }

    /// Checks the connection, and if the login is refused or the host is no API, asks the other platforms whether they know
    /// the key: a finding `key_of_other_platform` names the one that does. Nothing more is sent where the connection works.
    ///
    /// This sends the key to the login of each platform, all of them the vendor's own hosts; so it is done only when asked
    /// for.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) {
    /// let report = rmm.check_connection_on_all_platforms().await;
    /// if let Some(finding) = report.finding("key_of_other_platform") {
    ///     println!("{}: {}", finding.message, finding.next_step);
    /// }
    /// # }
    /// ```
    pub async fn check_connection_on_all_platforms(&self) -> ConnectionReport {
        let all = Platform::ALL.iter().filter_map(|platform| Some((*platform, Url::parse(platform.api_url()).ok()?)));
        self.check_connection_at(all.collect()).await
    }

    /// The same with other addresses of the platforms, for tests.
    #[doc(hidden)]
    pub async fn check_connection_at(&self, platforms: Vec<(Platform, Url)>) -> ConnectionReport {
        crate::connection::check_at(self, platforms).await
    }

    /// The host of the portal that was given in place of the API's.
    pub(crate) fn portal(&self) -> Option<&str> {
        self.portal.as_deref()
    }

    pub(crate) fn core(&self) -> &Core {
        &self.core
    }

    fn login(&self, key: Secret, secret: Secret) -> Result<Arc<dyn Credentials>> {
        Ok(Arc::new(login(self.core.login_http(), self.core.base(), key, secret, LOGIN_HINT)?))
    }
}

datto_common::client_methods! {
    RmmClient, RmmClientBuilder;

    /// From the environment: `DATTO_RMM_URL` or `DATTO_RMM_PLATFORM`; `DATTO_RMM_API_KEY` and `DATTO_RMM_API_SECRET`, else
    /// `DATTO_API_PUBLIC_KEY` and `DATTO_API_PRIVATE_KEY`. Blank means unset; pairs are taken whole. The platform is understood in any shape that a
    /// URL is; quotes, marks and white space around a value are cut.
    from_env;

    /// Where it calls: the base of the API.
    base_url;

    /// Any path of the API, below `/api`: `rmm.raw(Method::GET, ["v2", "account"])`. The same authorization, limits and
    /// retries apply; anything but GET is sent at most once unless `effect` says otherwise.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// use datto_rmm::Method;
    /// let body = rmm.raw(Method::GET, ["v2", "account"]).await?;
    /// println!("{}", body["name"]);
    /// # Ok(())
    /// # }
    /// ```
    raw(|_, raw| raw);

    /// Replaces the key, for a rotation while the program runs.
    set_credentials(key, secret);

    /// Checks the connection and tells the usual causes apart: a wrong key or platform, a missing permission, a blocked
    /// address, a host that is not the API. Never fails: what is wrong stands in the report.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) {
    /// let report = rmm.check_connection().await;
    /// println!("{report}");
    /// assert!(report.is_connected());
    /// # }
    /// ```
    check_connection(crate::connection::check);
}

impl fmt::Debug for RmmClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RmmClient")
            .field("base", &self.core.base().as_str())
            .field("platform", &self.platform)
            .finish_non_exhaustive()
    }
}

/// Builds an [`RmmClient`].
#[derive(Debug, Default)]
#[must_use = "a builder does nothing until `build`"]
pub struct RmmClientBuilder {
    setup: Setup,
    platform: Option<Platform>,
    key: Option<(Secret, Secret)>,
    /// Whether the pair came from the variables that the partner portal's keys share.
    shared_pair: bool,
}

impl RmmClientBuilder {
    /// The platform of the account: the first part of the address of its portal.
    pub fn platform(mut self, platform: Platform) -> Self {
        self.platform = Some(platform);
        self
    }

    /// The address of the portal or of the API, in any shape, or the name of the platform. If its host names a platform, a `platform`
    /// that was given too must be that one.
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.setup.url = Some(url.into());
        self
    }

    /// The API key and its secret key, from Setup > Users > Generate API Keys.
    pub fn api_key(mut self, key: impl Into<Secret>, secret: impl Into<Secret>) -> Self {
        self.key = Some((key.into(), secret.into()));
        self.shared_pair = false;
        self
    }

    datto_common::builder_methods!();

    /// Takes from the variables what was not set before.
    fn fill(mut self, look_up: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let vars = Vars::new(&look_up);
        self.setup.mistaken = vars.mistaken_names(FOREIGN);
        if self.setup.url.is_none() && self.platform.is_none() {
            match (vars.get("DATTO_RMM_URL"), vars.get("DATTO_RMM_PLATFORM")) {
                (Some(url), platform) => {
                    self = self.url(url);
                    self.platform = platform.map(|text| Platform::from_url(&text)).transpose()?;
                }
                (None, Some(platform)) => self = self.url(platform),
                (None, None) => {}
            }
        }
        if self.key.is_none()
            && self.setup.auth.is_none()
            && let Some(pair) = vars.pair(PAIRS, FOREIGN)?
        {
            self = self.api_key(pair.first, pair.second);
            self.shared_pair = pair.name == SHARED_KEY;
        }
        Ok(self)
    }

    /// Builds the client. Nothing is sent, and no runtime is needed.
    ///
    /// # Errors
    /// `Config` names what is missing or wrong.
    pub fn build(mut self) -> Result<RmmClient> {
        let api = self.api()?;
        self.setup.check(&api.base)?;
        let (http, login_http) = self.setup.http(&api.base, &PROFILE)?;
        let own_login = self.setup.auth.is_some();
        let credentials: Arc<dyn Credentials> = match (self.setup.auth.take(), self.key.take()) {
            (Some(own), _) => own,
            (None, Some((key, secret))) => {
                let hint = if self.shared_pair { SHARED_PAIR_HINT } else { LOGIN_HINT };
                Arc::new(login(&login_http, &api.base, key, secret, hint)?)
            }
            (None, None) => {
                let hint = "set DATTO_RMM_API_KEY and DATTO_RMM_API_SECRET, or call `api_key`; the keys are made at Setup > Users";
                return Err(self.setup.lacks("no API key for Datto RMM", hint));
            }
        };
        let core = self.setup.finish(&PROFILE, api.base, (http, login_http), credentials);
        Ok(RmmClient { core, platform: api.platform, portal: api.portal, own_login })
    }

    fn api(&self) -> Result<Api> {
        match (&self.setup.url, self.platform) {
            (Some(url), platform) => {
                let api = Api::parse(url, self.setup.allow_http)?;
                match (api.platform, platform) {
                    (Some(url), Some(platform)) if url != platform => {
                        Err(UrlError::Contradiction { url, platform }.into())
                    }
                    _ => Ok(api),
                }
            }
            (None, Some(platform)) => Ok(Api::parse(platform.api_url(), self.setup.allow_http)?),
            (None, None) => {
                let hint = "set DATTO_RMM_URL to the address of your portal, or DATTO_RMM_PLATFORM to one of pinotage, merlot, concord, vidal, zinfandel, syrah";
                Err(self.setup.lacks("no platform and no URL for Datto RMM", hint))
            }
        }
    }
}

/// The password grant at `/auth/oauth/token`, which lies outside `/api` (observed).
fn login(http: &LoginHttp, base: &Url, key: Secret, secret: Secret, hint: &'static str) -> Result<TokenCache> {
    let (key, secret) = (credential("the API key", &key)?, credential("the secret of the API key", &secret)?);
    let grant = Grant::Password { key, secret, client: PUBLIC_CLIENT };
    Ok(http.credentials(OAuth::new(http.clone(), login_url(base), grant, PROFILE.product, hint)))
}

/// The login of an API, beside its base.
pub(crate) fn login_url(base: &Url) -> Url {
    let path = base.path().trim_end_matches('/');
    let prefix = path.strip_suffix("/api").unwrap_or(path);
    let mut url = base.clone();
    url.set_path(&format!("{prefix}/auth/oauth/token"));
    url
}
