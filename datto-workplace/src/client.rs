//! The client: how it is built, and what it leads to.

use std::fmt;
use std::sync::Arc;

use datto_common::internal::{Core, Setup, Vars, credential, process};
use datto_common::{
    Basic, ConnectionReport, Credentials, Error, ErrorKind, Method, RateInfo, RawRequest, Request, Result, Secret,
};
use serde_json::Value;
use url::Url;

use crate::FolderId;
use crate::endpoint::{Allowed, Endpoint};
use crate::endpoints::{FilesApi, FoldersApi, ProjectsApi};
use crate::operations;
use crate::paths::{Paths, PathsCache};
use crate::profile::PROFILE;
use crate::walk::Walk;

const PAIR: &[(&str, &str)] = &[("DATTO_WORKPLACE_CLIENT_ID", "DATTO_WORKPLACE_CLIENT_SECRET")];

/// Variables that other programs use, each with the one that is meant here.
const FOREIGN: &[(&str, &str)] = &[
    ("DATTO_WORKPLACE_ENDPOINT", "DATTO_WORKPLACE_URL"),
    ("DATTO_WORKPLACE_ENDPOINT_URL", "DATTO_WORKPLACE_URL"),
    ("DATTO_WORKPLACE_API_URL", "DATTO_WORKPLACE_URL"),
    ("DATTO_WORKPLACE_BASE_URL", "DATTO_WORKPLACE_URL"),
    ("DATTO_WORKPLACE_ID", "DATTO_WORKPLACE_CLIENT_ID"),
    ("DATTO_WORKPLACE_KEY", "DATTO_WORKPLACE_CLIENT_ID"),
    ("DATTO_WORKPLACE_API_KEY", "DATTO_WORKPLACE_CLIENT_ID"),
    ("DATTO_WORKPLACE_SECRET", "DATTO_WORKPLACE_CLIENT_SECRET"),
    ("DATTO_WORKPLACE_SECRET_KEY", "DATTO_WORKPLACE_CLIENT_SECRET"),
    ("DATTO_WORKPLACE_API_SECRET", "DATTO_WORKPLACE_CLIENT_SECRET"),
];

/// A client of Datto Workplace or File Protection. Cheap to clone; clones share the connections, the pace and the cache of
/// paths.
///
/// ```no_run
/// # async fn run() -> datto_workplace::Result<()> {
/// use datto_workplace::{Upload, WorkplaceClient};
/// let files = WorkplaceClient::builder()
///     .endpoint("https://us.workplace.datto.com/5/api/v1")
///     .credentials("id", "secret")
///     .build()?;
/// println!("{}", files.check_connection().await);
/// let folder = files.paths().ensure("Finance/2026/Invoices").await?;
/// files.files().upload(&folder, Upload::file("report.pdf")).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct WorkplaceClient {
    core: Core,
    endpoint: Endpoint,
    cache: Arc<PathsCache>,
}

impl WorkplaceClient {
    /// Begins to build a client.
    pub fn builder() -> WorkplaceClientBuilder {
        WorkplaceClientBuilder::default()
    }

    /// From the environment: `DATTO_WORKPLACE_URL`, `DATTO_WORKPLACE_CLIENT_ID`, `DATTO_WORKPLACE_CLIENT_SECRET`. Blank means
    /// unset.
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
        WorkplaceClientBuilder::from_vars(look_up)?.build()
    }

    /// Where it calls.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Where it calls, as a URL; without credentials.
    pub fn base_url(&self) -> &Url {
        self.core.base()
    }

    /// Projects: the folders at the top.
    pub fn projects(&self) -> ProjectsApi {
        ProjectsApi::new(&self.core)
    }

    /// Folders.
    pub fn folders(&self) -> FoldersApi {
        FoldersApi::new(&self.core, &self.cache)
    }

    /// Files, and whatever else has an id.
    pub fn files(&self) -> FilesApi {
        FilesApi::new(&self.core, &self.cache)
    }

    /// Items by their paths, which the API itself does not know.
    pub fn paths(&self) -> Paths {
        Paths::new(self)
    }

    /// Walks over everything below a folder or project. Nothing is sent before the first item is asked for.
    ///
    /// ```no_run
    /// # async fn run(files: datto_workplace::WorkplaceClient, project: datto_workplace::Item) -> datto_workplace::Result<()> {
    /// let mut walk = files.walk(&project).concurrency(4);
    /// while let Some(entry) = walk.next().await {
    ///     match entry {
    ///         Ok(entry) => println!("{}", entry.path),
    ///         Err(error) => eprintln!("not read: {error}"),
    ///     }
    /// }
    /// println!("complete: {}", walk.is_complete());
    /// # Ok(())
    /// # }
    /// ```
    pub fn walk(&self, folder: impl Into<FolderId>) -> Walk {
        Walk::new(self, folder.into())
    }

    /// The API's own description, an OpenAPI document.
    ///
    /// `GET /openapi.json` · read · observed
    ///
    /// # Errors
    /// `NotFound` where the service has none at this place.
    pub fn description(&self) -> Request<Value> {
        self.core.call(&operations::API_DESCRIPTION, []).json()
    }

    /// Any path of the API, below the endpoint: `files.raw(Method::GET, ["file", "projects"])`. The same authorization, pace
    /// and retries apply; anything but GET is sent at most once unless `effect` says otherwise.
    ///
    /// ```no_run
    /// # async fn run(files: datto_workplace::WorkplaceClient) -> datto_workplace::Result<()> {
    /// use datto_workplace::Method;
    /// let body = files.raw(Method::GET, ["file", "projects"]).query("metadata", "sjGOS").await?;
    /// println!("{}", body["result"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn raw<S: AsRef<str>>(&self, method: Method, segments: impl IntoIterator<Item = S>) -> RawRequest {
        RawRequest::new(&self.core, method, segments)
    }

    /// Replaces the pair, for a rotation while the program runs. Calls under way finish with the old one.
    ///
    /// # Errors
    /// `Config` if id or secret is blank.
    pub fn set_credentials(&self, id: impl Into<Secret>, secret: impl Into<Secret>) -> Result<()> {
        self.core.set_credentials(basic(id.into(), secret.into())?);
        Ok(())
    }

    /// How much of the limits is used, as far as this client knows. Nothing is sent for it.
    ///
    /// ```no_run
    /// # fn run(files: datto_workplace::WorkplaceClient) {
    /// let info = files.rate_info();
    /// println!("{:?} left, calls {:?} apart", info.budget.map(|budget| budget.remaining), info.gap);
    /// # }
    /// ```
    pub fn rate_info(&self) -> RateInfo {
        self.core.rate_info()
    }

    /// Checks the connection and tells the usual causes apart: a wrong pair, a wrong domain or cell, an integration with which
    /// nothing is shared. Never fails: what is wrong stands in the report.
    ///
    /// ```no_run
    /// # async fn run(files: datto_workplace::WorkplaceClient) {
    /// let report = files.check_connection().await;
    /// println!("{report}");
    /// assert!(report.is_connected());
    /// # }
    /// ```
    pub async fn check_connection(&self) -> ConnectionReport {
        let mut report = crate::connection::check(self).await;
        report.note_twin_secrets(&self.core.credentials().secrets());
        report
    }

    pub(crate) fn cache(&self) -> &PathsCache {
        &self.cache
    }
}

impl fmt::Debug for WorkplaceClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkplaceClient").field("endpoint", &self.endpoint.to_string()).finish_non_exhaustive()
    }
}

/// Builds a [`WorkplaceClient`].
#[derive(Debug, Default)]
#[must_use = "a builder does nothing until `build`"]
pub struct WorkplaceClientBuilder {
    setup: Setup,
    pair: Option<(Secret, Secret)>,
    private_host: bool,
    #[cfg(feature = "oauth")]
    token_url: Option<String>,
}

impl WorkplaceClientBuilder {
    /// The Endpoint URL, as the tile of the API integration shows it (Configuration > Integrations).
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.setup.url = Some(endpoint.into());
        self
    }

    /// The same as [`endpoint`](Self::endpoint), by the name that the builders of the other products have for it.
    pub fn url(self, url: impl Into<String>) -> Self {
        self.endpoint(url)
    }

    /// The client id and secret of the tile.
    pub fn credentials(mut self, id: impl Into<Secret>, secret: impl Into<Secret>) -> Self {
        self.pair = Some((id.into(), secret.into()));
        self
    }

    /// Logs in at this URL by the OAuth client-credentials grant instead of sending the pair with each call. No program is
    /// known that does; it is for who was given a token URL.
    #[cfg(feature = "oauth")]
    pub fn oauth(mut self, token_url: impl Into<String>) -> Self {
        self.token_url = Some(token_url.into());
        self
    }

    /// Takes a private or link-local address, or a name that ends in `.internal` or `.local`. The secret then goes there.
    pub fn allow_private_host(mut self) -> Self {
        self.private_host = true;
        self
    }

    datto_common::builder_methods!();

    fn from_vars(look_up: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let vars = Vars::new(&look_up);
        let mut builder = Self::default();
        if let Some(url) = vars.get("DATTO_WORKPLACE_URL") {
            builder = builder.endpoint(url);
        }
        builder.setup.mistaken = vars.mistaken_names(FOREIGN);
        if let Some(pair) = vars.pair(PAIR, FOREIGN)? {
            builder = builder.credentials(pair.first, pair.second);
        }
        Ok(builder)
    }

    /// Builds the client. Nothing is sent, and no runtime is needed.
    ///
    /// # Errors
    /// `Config` names what is missing or wrong.
    pub fn build(mut self) -> Result<WorkplaceClient> {
        let endpoint = self.endpoint_given()?;
        let base = Url::parse(&endpoint.to_string())
            .map_err(|error| Error::new(ErrorKind::Internal, "an endpoint is no URL").with_source(error))?;
        self.setup.check(&base)?;
        let http = self.setup.http(&base, &PROFILE)?;
        let credentials = match self.setup.auth.take() {
            Some(own) => own,
            None => self.own_credentials(&http.1)?,
        };
        let core = self.setup.finish(&PROFILE, base, http, credentials);
        Ok(WorkplaceClient { core, endpoint, cache: Arc::default() })
    }

    fn endpoint_given(&self) -> Result<Endpoint> {
        let Some(text) = &self.setup.url else {
            let hint =
                "set DATTO_WORKPLACE_URL, or call `endpoint`, with the Endpoint URL of the API integration's tile";
            return Err(self.setup.lacks("no endpoint for Datto Workplace", hint));
        };
        let allowed = Allowed { http: self.setup.allow_http, private: self.private_host };
        Ok(Endpoint::parse_allowing(text, allowed)?)
    }

    fn own_credentials(&mut self, login_http: &datto_common::reqwest::Client) -> Result<Arc<dyn Credentials>> {
        let Some((id, secret)) = self.pair.take() else {
            let hint = "set DATTO_WORKPLACE_CLIENT_ID and DATTO_WORKPLACE_CLIENT_SECRET, or call `credentials`; the tile of the API integration shows them";
            return Err(self.setup.lacks("no client id for Datto Workplace", hint));
        };
        #[cfg(feature = "oauth")]
        if let Some(token_url) = &self.token_url {
            return oauth(&self.setup, login_http, token_url, id, secret);
        }
        let _ = login_http;
        basic(id, secret)
    }
}

fn checked(id: Secret, secret: Secret) -> Result<(Secret, Secret)> {
    Ok((credential("the client id", &id)?, credential("the client secret", &secret)?))
}

/// What every known program sends: the pair on each request (observed).
fn basic(id: Secret, secret: Secret) -> Result<Arc<dyn Credentials>> {
    let (id, secret) = checked(id, secret)?;
    Ok(Arc::new(Basic::new(id, secret)))
}

#[cfg(feature = "oauth")]
fn oauth(
    setup: &Setup,
    http: &datto_common::reqwest::Client,
    token_url: &str,
    id: Secret,
    secret: Secret,
) -> Result<Arc<dyn Credentials>> {
    use datto_common::{Grant, OAuth, TokenCache};
    let (id, secret) = checked(id, secret)?;
    let url = Url::parse(token_url.trim())
        .map_err(|error| Error::new(ErrorKind::Config, format!("the token URL is not a URL: {error}")))?;
    setup.check(&url)?;
    let grant = Grant::ClientCredentials { id, secret };
    let source = OAuth::new(http.clone(), url, grant, PROFILE.product, crate::profile::LOGIN_HINT);
    Ok(Arc::new(TokenCache::new(source)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(set: &[(&str, &str)]) -> Result<WorkplaceClient> {
        WorkplaceClient::from_vars(|name| {
            set.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
        })
    }

    const URL: (&str, &str) = ("DATTO_WORKPLACE_URL", "https://eu.workplace.datto.com/2/api/v1\n");
    const ID: (&str, &str) = ("DATTO_WORKPLACE_CLIENT_ID", "client-id-0001");
    const SECRET: (&str, &str) = ("DATTO_WORKPLACE_CLIENT_SECRET", "client-secret-0001");

    #[test]
    fn the_environment_makes_a_client_or_names_what_is_missing() {
        let client = build(&[URL, ID, SECRET]).unwrap();
        assert_eq!(client.endpoint().cell(), 2);
        assert!(!format!("{client:?}").contains("client-secret"));
        for (set, missing) in [
            (&[ID, SECRET][..], "endpoint"),
            (&[URL, ID][..], "DATTO_WORKPLACE_CLIENT_SECRET"),
            (&[URL, SECRET][..], "DATTO_WORKPLACE_CLIENT_ID"),
            (&[URL][..], "client id"),
        ] {
            let error = build(set).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(error.to_string().contains(missing), "{error}");
        }
    }

    #[test]
    fn plain_http_and_private_hosts_have_to_be_allowed() {
        let builder = |url: &str| WorkplaceClient::builder().url(url).credentials("id", "secret");
        assert!(builder("http://127.0.0.1:9/2/api/v1").build().is_ok());
        assert!(builder("http://files.example.com/2/api/v1").build().is_err());
        assert!(builder("http://files.example.com/2/api/v1").allow_http().build().is_ok());
        assert!(builder("https://10.0.0.1/2/api/v1").build().is_err());
        assert!(builder("https://10.0.0.1/2/api/v1").allow_private_host().build().is_ok());
        assert!(builder("https://eu.workplace.datto.com/2").credentials(" ", "x").build().is_err());
    }
}
