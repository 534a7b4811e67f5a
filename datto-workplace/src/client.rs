//! The client: how it is built, and what it leads to.

use std::fmt;
use std::sync::Arc;

use datto_common::internal::{Core, LoginHttp, Setup, Vars, credential};
use datto_common::{Basic, Credentials, Error, ErrorKind, Request, Result, Secret};
use serde_json::Value;
use url::Url;

use crate::FolderId;
use crate::endpoint::{Allowed, Endpoint};
use crate::endpoints::{FilesApi, FoldersApi, ProjectsApi};
use crate::operations;
use crate::paths::Paths;
use crate::paths_cache::PathsCache;
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
    login: Login,
    /// The credentials are the user's own, and no pair.
    own_login: bool,
}

impl WorkplaceClient {
    /// Where it calls.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
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

    pub(crate) fn core(&self) -> &Core {
        &self.core
    }

    pub(crate) fn cache(&self) -> &PathsCache {
        &self.cache
    }

    /// As the client was built: one that logs in by OAuth goes on doing so.
    fn login(&self, id: Secret, secret: Secret) -> Result<Arc<dyn Credentials>> {
        self.login.credentials(self.core.login_http(), id, secret)
    }
}

/// How the pair is used.
#[derive(Clone)]
enum Login {
    /// Sent with each request: what every known program does (observed).
    Basic,
    /// Exchanged for a token at this URL.
    #[cfg(feature = "oauth")]
    OAuth(Url),
}

impl Login {
    fn credentials(&self, http: &LoginHttp, id: Secret, secret: Secret) -> Result<Arc<dyn Credentials>> {
        let (id, secret) = (credential("the client id", &id)?, credential("the client secret", &secret)?);
        match self {
            Self::Basic => {
                let _ = http;
                Ok(Arc::new(Basic::new(id, secret)))
            }
            #[cfg(feature = "oauth")]
            Self::OAuth(url) => {
                use datto_common::{Grant, OAuth};
                let grant = Grant::ClientCredentials { id, secret };
                let source = OAuth::new(http.clone(), url.clone(), grant, PROFILE.product, crate::profile::LOGIN_HINT);
                Ok(Arc::new(http.credentials(source)))
            }
        }
    }
}

datto_common::client_methods! {
    WorkplaceClient, WorkplaceClientBuilder;

    /// From the environment: `DATTO_WORKPLACE_URL`, `DATTO_WORKPLACE_CLIENT_ID`, `DATTO_WORKPLACE_CLIENT_SECRET`. Blank means
    /// unset.
    from_env;

    /// Where it calls, as a URL; without credentials.
    base_url;

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
    raw(|client, raw| raw.after_write(client.cache.forgetting()));

    /// Replaces the pair, for a rotation while the program runs.
    set_credentials(id, secret);

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
    check_connection(crate::connection::check);
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

    datto_common::builder_methods!();

    /// Takes from the variables what was not set before.
    fn fill(mut self, look_up: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let vars = Vars::new(&look_up);
        self.setup.mistaken = vars.mistaken_names(FOREIGN);
        if self.setup.url.is_none() {
            self.setup.url = vars.get("DATTO_WORKPLACE_URL");
        }
        if self.pair.is_none()
            && self.setup.auth.is_none()
            && let Some(pair) = vars.pair(PAIR, FOREIGN)?
        {
            self = self.credentials(pair.first, pair.second);
        }
        Ok(self)
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
        let (login, own_login) = (self.login()?, self.setup.auth.is_some());
        let credentials = match (self.setup.auth.take(), self.pair.take()) {
            (Some(own), _) => own,
            (None, Some((id, secret))) => login.credentials(&http.1, id, secret)?,
            (None, None) => {
                let hint = "set DATTO_WORKPLACE_CLIENT_ID and DATTO_WORKPLACE_CLIENT_SECRET, or call `credentials`; the tile of the API integration shows them";
                return Err(self.setup.lacks("no client id for Datto Workplace", hint));
            }
        };
        let core = self.setup.finish(&PROFILE, base, http, credentials);
        Ok(WorkplaceClient { core, endpoint, cache: Arc::default(), login, own_login })
    }

    fn endpoint_given(&self) -> Result<Endpoint> {
        let Some(text) = &self.setup.url else {
            let hint =
                "set DATTO_WORKPLACE_URL, or call `endpoint`, with the Endpoint URL of the API integration's tile";
            return Err(self.setup.lacks("no endpoint for Datto Workplace", hint));
        };
        let allowed = Allowed { http: self.setup.allow_http, private: self.setup.allow_private_host };
        Ok(Endpoint::parse_allowing(text, allowed)?)
    }

    fn login(&self) -> Result<Login> {
        #[cfg(feature = "oauth")]
        if let Some(url) = &self.token_url {
            let url = Url::parse(url.trim())
                .map_err(|error| Error::new(ErrorKind::Config, format!("the token URL is not a URL: {error}")))?;
            self.setup.check(&url)?;
            return Ok(Login::OAuth(url));
        }
        Ok(Login::Basic)
    }
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
    fn variables_fill_what_was_not_set_before() {
        let vars = |name: &str| {
            [URL, ID, SECRET].iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
        };
        let files = WorkplaceClient::builder().endpoint("https://us.workplace.datto.com/5").fill(vars).unwrap();
        assert_eq!(files.build().unwrap().endpoint().cell(), 5);
        assert_eq!(WorkplaceClientBuilder::from_vars(vars).unwrap().build().unwrap().endpoint().cell(), 2);
        let half = |name: &str| vars(name).filter(|_| name != SECRET.0);
        let files = WorkplaceClient::builder().credentials("id-0002", "secret-0002").fill(half).unwrap();
        assert!(files.build().is_ok(), "a pair that was given needs none of the environment");
    }

    #[test]
    fn a_pair_does_not_replace_credentials_of_ones_own() {
        let own = WorkplaceClient::builder().endpoint("https://us.workplace.datto.com/5").auth(Basic::new("a", "b"));
        let error = own.build().unwrap().set_credentials("id-0002", "secret-0002").unwrap_err();
        assert!(error.kind() == ErrorKind::Config && error.message().contains("your own"), "{error}");
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
