//! The client: how it is built, and what it leads to.

use std::fmt;
use std::sync::Arc;

use datto_common::internal::{Core, Setup, Vars, credential, process};
use datto_common::{Basic, ConnectionReport, Credentials, Error, Method, RateInfo, RawRequest, Result, Secret};
use url::Url;

use crate::endpoints::{ActivityLogApi, AgentsApi, AssetsApi, DevicesApi, DtcApi, SaasApi};
use crate::fleet::FleetApi;
use crate::profile::PROFILE;
use crate::region::{DEFAULT_URL, Region, UnknownRegion, base_url, portal_url};

/// The pairs that `from_env` takes, the first whole one.
const PAIRS: &[(&str, &str)] =
    &[("DATTO_BCDR_PUBLIC_KEY", "DATTO_BCDR_SECRET_KEY"), ("DATTO_API_PUBLIC_KEY", "DATTO_API_PRIVATE_KEY")];

/// Variables that other programs use, each with the one that is meant here.
const FOREIGN: &[(&str, &str)] = &[
    ("DATTO_BCDR_API_URL", "DATTO_BCDR_URL"),
    ("DATTO_BCDR_KEY", "DATTO_BCDR_PUBLIC_KEY"),
    ("DATTO_BCDR_API_KEY", "DATTO_BCDR_PUBLIC_KEY"),
    ("DATTO_BCDR_API_PUBLIC_KEY", "DATTO_BCDR_PUBLIC_KEY"),
    ("DATTO_PUBLIC_KEY", "DATTO_BCDR_PUBLIC_KEY"),
    ("DATTO_API_KEY", "DATTO_BCDR_PUBLIC_KEY"),
    ("DATTO_BCDR_SECRET", "DATTO_BCDR_SECRET_KEY"),
    ("DATTO_BCDR_API_SECRET", "DATTO_BCDR_SECRET_KEY"),
    ("DATTO_BCDR_API_SECRET_KEY", "DATTO_BCDR_SECRET_KEY"),
    ("DATTO_BCDR_PRIVATE_KEY", "DATTO_BCDR_SECRET_KEY"),
    ("DATTO_SECRET_KEY", "DATTO_BCDR_SECRET_KEY"),
    ("DATTO_API_SECRET_KEY", "DATTO_API_PRIVATE_KEY"),
    ("DATTO_API_SECRET", "DATTO_API_PRIVATE_KEY"),
];

/// A client of the partner API. Cheap to clone; clones share the connections and the limits.
///
/// ```no_run
/// # async fn run() -> datto_bcdr::Result<()> {
/// use datto_bcdr::BcdrClient;
/// let bcdr = BcdrClient::builder().api_key("public", "secret").build()?;
/// println!("{}", bcdr.check_connection().await);
/// let mut appliances = bcdr.devices().list().show_hidden(false).pager();
/// while let Some(appliance) = appliances.next().await {
///     println!("{:?}", appliance?.name);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct BcdrClient {
    core: Core,
    region: Region,
}

impl BcdrClient {
    /// Begins to build a client.
    pub fn builder() -> BcdrClientBuilder {
        BcdrClientBuilder::default()
    }

    /// From the environment: `DATTO_BCDR_PUBLIC_KEY` and `DATTO_BCDR_SECRET_KEY`, else `DATTO_API_PUBLIC_KEY` and
    /// `DATTO_API_PRIVATE_KEY`; `DATTO_BCDR_URL`, else `DATTO_PORTAL_URL`, the portal of the same host; `DATTO_BCDR_REGION`. Only the pair is
    /// needed. Blank means unset; pairs are taken whole.
    ///
    /// # Errors
    /// `Config` names what is missing or wrong.
    pub fn from_env() -> Result<Self> {
        Self::from_vars(process)
    }

    /// Like [`from_env`](Self::from_env), from variables that `look_up` finds.
    ///
    /// # Errors
    /// `Config` names what is missing or wrong.
    pub fn from_vars(look_up: impl Fn(&str) -> Option<String>) -> Result<Self> {
        BcdrClientBuilder::from_vars(look_up)?.build()
    }

    /// The label that the client was given; it changes nothing.
    pub fn region(&self) -> Region {
        self.region
    }

    /// Where the paths of the API begin: `https://api.datto.com/v1/` unless the client was given another.
    pub fn base_url(&self) -> &Url {
        self.core.base()
    }

    /// Agents of Endpoint Backup for PCs.
    pub fn agents(&self) -> AgentsApi {
        AgentsApi::new(&self.core)
    }

    /// Appliances, their alerts and the virtual machines that run from their backups.
    pub fn devices(&self) -> DevicesApi {
        DevicesApi::new(&self.core)
    }

    /// Agents and shares of appliances.
    pub fn assets(&self) -> AssetsApi {
        AssetsApi::new(&self.core)
    }

    /// Who did what.
    pub fn activity_log(&self) -> ActivityLogApi {
        ActivityLogApi::new(&self.core)
    }

    /// SaaS Protection.
    pub fn saas(&self) -> SaasApi {
        SaasApi::new(&self.core)
    }

    /// Direct-to-Cloud.
    pub fn dtc(&self) -> DtcApi {
        DtcApi::new(&self.core)
    }

    /// Walks over all appliances and all customers.
    pub fn fleet(&self) -> FleetApi {
        FleetApi::new(self)
    }

    /// Any path of the API, below `/v1`: `bcdr.raw(Method::GET, ["bcdr", "device"])`. The same authorization, limits and
    /// retries apply; anything but GET is sent at most once unless `effect` says otherwise.
    ///
    /// ```no_run
    /// # async fn run(bcdr: datto_bcdr::BcdrClient) -> datto_bcdr::Result<()> {
    /// use datto_bcdr::Method;
    /// let body = bcdr.raw(Method::GET, ["bcdr", "device"]).query("_perPage", "1").await?;
    /// println!("{}", body["pagination"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn raw<S: AsRef<str>>(&self, method: Method, segments: impl IntoIterator<Item = S>) -> RawRequest {
        RawRequest::new(&self.core, method, segments)
    }

    /// Replaces the key pair, for a rotation while the program runs. Calls under way finish with the old one.
    ///
    /// # Errors
    /// `Config` if one of them is blank.
    pub fn set_credentials(&self, public_key: impl Into<Secret>, secret_key: impl Into<Secret>) -> Result<()> {
        self.core.set_credentials(Arc::new(basic(public_key.into(), secret_key.into())?));
        Ok(())
    }

    /// How much of the limits is used, as far as this client knows. Nothing is sent for it.
    ///
    /// ```no_run
    /// # fn run(bcdr: datto_bcdr::BcdrClient) {
    /// let info = bcdr.rate_info();
    /// println!("{:?} left, calls {:?} apart", info.budget.map(|budget| budget.remaining), info.gap);
    /// # }
    /// ```
    pub fn rate_info(&self) -> RateInfo {
        self.core.rate_info()
    }

    /// Checks the connection and tells the usual causes apart: a wrong or deactivated pair, one that is restricted to a client or vendor, a
    /// missing scope, a wrong base URL, nothing to see. Never fails: what is wrong stands in the report.
    ///
    /// ```no_run
    /// # async fn run(bcdr: datto_bcdr::BcdrClient) {
    /// let report = bcdr.check_connection().await;
    /// println!("{report}");
    /// assert!(report.is_connected());
    /// # }
    /// ```
    ///
    /// # Cancel safety
    /// It only reads.
    pub async fn check_connection(&self) -> ConnectionReport {
        crate::connection::check(self).await
    }

    pub(crate) fn core(&self) -> &Core {
        &self.core
    }
}

impl fmt::Debug for BcdrClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BcdrClient")
            .field("base", &self.core.base().as_str())
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

/// Builds a [`BcdrClient`].
#[derive(Debug, Default)]
#[must_use = "a builder does nothing until `build`"]
pub struct BcdrClientBuilder {
    setup: Setup,
    portal: Option<String>,
    region: Region,
    pair: Option<(Secret, Secret)>,
}

impl BcdrClientBuilder {
    /// The key pair, from Admin > Integrations > API Keys in the portal. Made without a client and without a vendor, else it sees only a part.
    pub fn api_key(mut self, public_key: impl Into<Secret>, secret_key: impl Into<Secret>) -> Self {
        self.pair = Some((public_key.into(), secret_key.into()));
        self
    }

    /// Another host in place of `https://api.datto.com/v1`, with or without `/v1`: a gateway, a local stand-in.
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.setup.url = Some(url.into());
        self
    }

    /// A label; the API has one host, whatever the region.
    pub fn region(mut self, region: Region) -> Self {
        self.region = region;
        self
    }

    datto_common::builder_methods!();

    /// A builder from variables that `look_up` finds; [`BcdrClient::from_env`] names them.
    ///
    /// # Errors
    /// `Config` names what is wrong or half set.
    pub fn from_vars(look_up: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let vars = Vars::new(&look_up);
        let mut builder = Self::default();
        builder.setup.url = vars.get("DATTO_BCDR_URL");
        builder.portal = vars.get("DATTO_PORTAL_URL");
        if let Some(region) = vars.get("DATTO_BCDR_REGION") {
            builder.region = region.parse().map_err(|unknown: UnknownRegion| Error::from(unknown))?;
        }
        builder.setup.mistaken = vars.mistaken_names(FOREIGN);
        if let Some(pair) = vars.pair(PAIRS, FOREIGN)? {
            builder = builder.api_key(pair.first, pair.second);
        }
        Ok(builder)
    }

    /// Builds the client. Nothing is sent, and no runtime is needed.
    ///
    /// # Errors
    /// `Config` names what is missing or wrong.
    pub fn build(mut self) -> Result<BcdrClient> {
        let base = self.base()?;
        self.setup.check(&base)?;
        let http = self.setup.http(&base, &PROFILE)?;
        let credentials: Arc<dyn Credentials> = match (self.setup.auth.take(), self.pair.take()) {
            (Some(own), _) => own,
            (None, Some((public_key, secret_key))) => Arc::new(basic(public_key, secret_key)?),
            (None, None) => {
                let hint = "set DATTO_BCDR_PUBLIC_KEY and DATTO_BCDR_SECRET_KEY, or call `api_key`; the pair is made at Admin > Integrations > API Keys in the portal";
                return Err(self.setup.lacks("no key pair for the partner API", hint));
            }
        };
        let core = self.setup.finish(&PROFILE, base, http, credentials);
        Ok(BcdrClient { core, region: self.region })
    }

    fn base(&self) -> Result<Url> {
        Ok(match (&self.setup.url, &self.portal) {
            (Some(url), _) => base_url(url)?,
            (None, Some(portal)) => portal_url(portal)?,
            (None, None) => base_url(DEFAULT_URL)?,
        })
    }
}

fn basic(public_key: Secret, secret_key: Secret) -> Result<Basic> {
    Ok(Basic::new(credential("the public key", &public_key)?, credential("the secret key", &secret_key)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use datto_common::ErrorKind;

    fn from(vars: &[(&str, &str)]) -> Result<BcdrClient> {
        BcdrClient::from_vars(|name| {
            vars.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
        })
    }

    const PAIR: [(&str, &str); 2] = [("DATTO_API_PUBLIC_KEY", "public-1"), ("DATTO_API_PRIVATE_KEY", "secret-1\n")];

    #[test]
    fn the_pair_alone_is_enough() {
        let client = from(&PAIR).unwrap();
        assert_eq!(client.core().base().as_str(), DEFAULT_URL);
        assert_eq!(client.region(), Region::Us);
        assert!(!format!("{client:?}").contains("secret-1"));
    }

    #[test]
    fn url_portal_and_region_are_read() {
        let base = |more: &[(&str, &str)]| from(&[&PAIR, more].concat()).map(|client| client.core().base().to_string());
        let portal = ("DATTO_PORTAL_URL", "https://portal.dattobackup.com/");
        assert_eq!(base(&[portal, ("DATTO_BCDR_REGION", "EU")]).unwrap(), DEFAULT_URL);
        assert_eq!(base(&[portal, ("DATTO_BCDR_URL", "http://127.0.0.1:9/")]).unwrap(), "http://127.0.0.1:9/v1/");
        assert_eq!(base(&[portal, ("DATTO_BCDR_URL", "  ")]).unwrap(), DEFAULT_URL);
        for (wrong, says) in [
            (("DATTO_BCDR_URL", "https://portal.dattobackup.com"), "is the portal"),
            (("DATTO_PORTAL_URL", "https://concord.centrastage.net"), "Datto RMM"),
            (("DATTO_BCDR_URL", "http://api.datto.com"), "plain http"),
            (("DATTO_BCDR_URL", "https://u:p@api.datto.com"), "user name or password"),
            (("DATTO_BCDR_URL", "ftp://api.datto.com"), "neither https nor http"),
            (("DATTO_BCDR_REGION", "mars"), "no region"),
        ] {
            let error = base(&[wrong]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config, "{wrong:?}");
            assert!(error.to_string().contains(says), "{error}");
        }
    }

    #[test]
    fn pairs_are_taken_whole() {
        let half = from(&[("DATTO_BCDR_PUBLIC_KEY", "public-2")]).unwrap_err();
        assert!(half.to_string().contains("DATTO_BCDR_SECRET_KEY is not set"), "{half}");
        let none = from(&[]).unwrap_err();
        assert!(none.to_string().contains("no key pair"), "{none}");
        assert!(from(&[&PAIR[..], &[("DATTO_BCDR_PUBLIC_KEY", "public-2")]].concat()).is_ok());
        assert_eq!(BcdrClient::builder().api_key(" ", "x").build().unwrap_err().kind(), ErrorKind::Config);
    }

    #[test]
    fn plain_http_needs_loopback_or_leave() {
        let build = |url: &str| BcdrClient::builder().api_key("a", "b").url(url);
        assert!(build("http://127.0.0.1:8080/v1").build().is_ok());
        assert!(build("http://gateway.example.com").build().is_err());
        assert!(build("http://gateway.example.com").allow_http().build().is_ok());
    }
}
