//! The client: how it is built, and what it leads to.

use std::fmt;
use std::sync::Arc;

use datto_common::internal::{Core, Setup, Vars, credential};
use datto_common::{Basic, Credentials, Error, Result, Secret};
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
    /// The credentials are the user's own, and no pair.
    own_login: bool,
}

impl BcdrClient {
    /// The label that the client was given; it changes nothing.
    pub fn region(&self) -> Region {
        self.region
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

    pub(crate) fn core(&self) -> &Core {
        &self.core
    }

    fn login(&self, public_key: Secret, secret_key: Secret) -> Result<Arc<dyn Credentials>> {
        Ok(Arc::new(basic(public_key, secret_key)?))
    }
}

datto_common::client_methods! {
    BcdrClient, BcdrClientBuilder;

    /// From the environment: `DATTO_BCDR_PUBLIC_KEY` and `DATTO_BCDR_SECRET_KEY`, else `DATTO_API_PUBLIC_KEY` and
    /// `DATTO_API_PRIVATE_KEY`; `DATTO_BCDR_URL`, else `DATTO_PORTAL_URL`, the portal of the same host; `DATTO_BCDR_REGION`. Only the pair is
    /// needed. Blank means unset; pairs are taken whole.
    from_env;

    /// Where the paths of the API begin: `https://api.datto.com/v1/` unless the client was given another.
    base_url;

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
    raw(|_, raw| raw);

    /// Replaces the key pair, for a rotation while the program runs.
    set_credentials(public_key, secret_key);

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
    check_connection(crate::connection::check);
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
    region: Option<Region>,
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
        self.region = Some(region);
        self
    }

    datto_common::builder_methods!();

    /// Takes from the variables what was not set before.
    fn fill(mut self, look_up: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let vars = Vars::new(&look_up);
        self.setup.mistaken = vars.mistaken_names(FOREIGN);
        if self.setup.url.is_none() {
            self.setup.url = vars.get("DATTO_BCDR_URL");
            self.portal = vars.get("DATTO_PORTAL_URL");
        }
        if let (None, Some(region)) = (self.region, vars.get("DATTO_BCDR_REGION")) {
            self.region = Some(region.parse().map_err(|unknown: UnknownRegion| Error::from(unknown))?);
        }
        if self.pair.is_none()
            && self.setup.auth.is_none()
            && let Some(pair) = vars.pair(PAIRS, FOREIGN)?
        {
            self = self.api_key(pair.first, pair.second);
        }
        Ok(self)
    }

    /// Builds the client. Nothing is sent, and no runtime is needed.
    ///
    /// # Errors
    /// `Config` names what is missing or wrong.
    pub fn build(mut self) -> Result<BcdrClient> {
        let base = self.base()?;
        self.setup.check(&base)?;
        let http = self.setup.http(&base, &PROFILE)?;
        let own_login = self.setup.auth.is_some();
        let credentials: Arc<dyn Credentials> = match (self.setup.auth.take(), self.pair.take()) {
            (Some(own), _) => own,
            (None, Some((public_key, secret_key))) => Arc::new(basic(public_key, secret_key)?),
            (None, None) => {
                let hint = "set DATTO_BCDR_PUBLIC_KEY and DATTO_BCDR_SECRET_KEY, or call `api_key`; the pair is made at Admin > Integrations > API Keys in the portal";
                return Err(self.setup.lacks("no key pair for the partner API", hint));
            }
        };
        let core = self.setup.finish(&PROFILE, base, http, credentials);
        Ok(BcdrClient { core, region: self.region.unwrap_or_default(), own_login })
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

    #[test]
    fn hosts_inside_a_network_need_leave() {
        for host in [
            "https://10.0.0.1",
            "https://gateway",
            "https://files.internal.",
            "https://[fec0::1]",
            "https://100.64.0.1",
        ] {
            let build = || BcdrClient::builder().api_key("a", "b").url(host);
            let error = build().build().unwrap_err();
            assert!(
                error.kind() == ErrorKind::Config && error.hint().unwrap().contains("allow_private_host"),
                "{error}"
            );
            assert!(build().allow_private_host().build().is_ok(), "{host}");
        }
    }
}
