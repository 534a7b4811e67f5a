//! Where the API is: one host for everybody, and what users write when they mean it.

use std::fmt;
use std::str::FromStr;

use datto_common::{Error, ErrorKind};
use url::Url;

/// The base of every path of the API.
pub(crate) const DEFAULT_URL: &str = "https://api.datto.com/v1/";
const API_HOST: &str = "api.datto.com";

/// A label for where an account lives.
///
/// The API has one host, whatever the region (observed: `api.eu.datto.com` does not exist), so a region never changes where requests go.
/// Where the cloud of one appliance lives is in its [`region`](crate::Device::region).
///
/// ```
/// assert_eq!("EU".parse(), Ok(datto_bcdr::Region::Eu));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Region {
    /// United States.
    #[default]
    Us,
    /// European Union.
    Eu,
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Us => "us",
            Self::Eu => "eu",
        })
    }
}

/// A word that names no region.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no region: use us or eu")]
pub struct UnknownRegion(String);

datto_common::as_text!(Region);

impl FromStr for Region {
    type Err = UnknownRegion;

    fn from_str(text: &str) -> Result<Self, UnknownRegion> {
        match text.trim().to_ascii_lowercase().as_str() {
            "us" => Ok(Self::Us),
            "eu" => Ok(Self::Eu),
            _ => Err(UnknownRegion(text.trim().chars().take(40).collect())),
        }
    }
}

impl From<UnknownRegion> for Error {
    fn from(unknown: UnknownRegion) -> Self {
        Error::new(ErrorKind::Config, unknown.to_string())
            .with_hint("the region is only a label and may be left out: the API has one host")
    }
}

/// Why a text is no base URL of this API. Holds host names and schemes alone, since a URL may carry a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BaseUrlError {
    #[error("the URL is empty")]
    Empty,
    #[error("the URL cannot be read: {0}")]
    Unreadable(url::ParseError),
    #[error("{0} is the portal, not the API")]
    Portal(String),
    #[error("{host} belongs to {product}, not to the partner API")]
    OtherProduct { host: String, product: &'static str },
    #[error("{0} is no host of the partner API")]
    OtherHost(String),
    #[error("the partner API has no path /{0}: its paths begin with /v1")]
    Path(String),
}

impl BaseUrlError {
    fn hint(&self) -> &'static str {
        match self {
            Self::Empty | Self::Unreadable(_) => "leave the URL out, or use https://api.datto.com/v1",
            Self::Path(_) => "use https://api.datto.com/v1",
            Self::Portal(_) => {
                "leave the URL out, or use https://api.datto.com/v1; a portal is understood in DATTO_PORTAL_URL"
            }
            Self::OtherProduct { product: DATTO_RMM, .. } => {
                "give it to the RMM client; this one uses https://api.datto.com/v1"
            }
            Self::OtherProduct { product: WORKPLACE, .. } => {
                "give it to the Workplace client; this one uses https://api.datto.com/v1"
            }
            Self::OtherProduct { .. } => "the data of SaaS Protection comes from https://api.datto.com/v1 too",
            Self::OtherHost(_) => "leave the URL out: accounts of every region use https://api.datto.com/v1",
        }
    }
}

impl From<BaseUrlError> for Error {
    fn from(error: BaseUrlError) -> Self {
        Error::new(ErrorKind::Config, error.to_string()).with_hint(error.hint())
    }
}

const DATTO_RMM: &str = "Datto RMM";
const WORKPLACE: &str = "Datto Workplace";
const SAAS_PORTAL: &str = "the portal of SaaS Protection";

/// Reads a base URL: `https://api.datto.com`, with or without `/v1` and a trailing slash, or another host that stands in for it.
///
/// The answer ends in `/v1/`. Its scheme, and what else it may hold, is for the core to check.
pub(crate) fn base_url(text: &str) -> Result<Url, BaseUrlError> {
    let mut url = read(text)?;
    let host = host_name(&url);
    refuse_other_services(&host)?;
    let path = base_path(&host, url.path())?;
    url.set_path(&path);
    Ok(url)
}

/// Reads what a user has as the URL of the portal. The portal of the service stands for its API; another host, a local stand-in say, is its own API.
pub(crate) fn portal_url(text: &str) -> Result<Url, BaseUrlError> {
    match base_url(text) {
        Err(BaseUrlError::Portal(_)) => base_url(DEFAULT_URL),
        other => other,
    }
}

fn read(text: &str) -> Result<Url, BaseUrlError> {
    let text = datto_common::internal::pasted(text);
    let text = text.as_str();
    if text.is_empty() {
        return Err(BaseUrlError::Empty);
    }
    let parsed = if text.contains("://") { Url::parse(text) } else { Url::parse(&format!("https://{text}")) };
    let url = parsed.map_err(BaseUrlError::Unreadable)?;
    if url.host().is_none() {
        return Err(BaseUrlError::Unreadable(url::ParseError::EmptyHost));
    }
    Ok(url)
}

/// In lower case and without the dot at the end that a full name may have.
fn host_name(url: &Url) -> String {
    url.host_str().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase()
}

/// Refuses the hosts of Datto that are known to be something else. Hosts that are not Datto's may be stand-ins and are taken as they are.
fn refuse_other_services(host: &str) -> Result<(), BaseUrlError> {
    let within = |domain: &str| host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    let other = |product| Err(BaseUrlError::OtherProduct { host: host.to_owned(), product });
    if host == API_HOST {
        Ok(())
    } else if within("centrastage.net") {
        other(DATTO_RMM)
    } else if ["workplace.datto.com", "fileprotection.datto.com", "awp.autotask.net", "soonr.com"]
        .into_iter()
        .any(within)
    {
        other(WORKPLACE)
    } else if within("saasprotection.datto.com") || within("backupify.com") {
        other(SAAS_PORTAL)
    } else if within("dattobackup.com") || host == "portal.datto.com" {
        Err(BaseUrlError::Portal(host.to_owned()))
    } else if within("datto.com") {
        Err(BaseUrlError::OtherHost(host.to_owned()))
    } else {
        Ok(())
    }
}

/// Cuts a pasted path after its `v1`, or adds one. A stand-in may live under a prefix; the service does not.
fn base_path(host: &str, path: &str) -> Result<String, BaseUrlError> {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let prefix: Vec<&str> =
        segments.iter().copied().take_while(|segment| !segment.eq_ignore_ascii_case("v1")).collect();
    if host == API_HOST && !prefix.is_empty() {
        return Err(BaseUrlError::Path(prefix.join("/")));
    }
    Ok(prefix.into_iter().chain(["v1", ""]).collect::<Vec<_>>().join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn base(text: &str) -> String {
        base_url(text).map_or_else(|error| error.to_string(), |url| url.to_string())
    }

    #[test]
    fn every_spelling_of_the_base_is_understood() {
        for text in [
            "https://api.datto.com",
            "https://api.datto.com/",
            "https://api.datto.com/v1",
            "https://api.datto.com/v1/",
            " https://API.datto.com/v1\n",
            "api.datto.com",
            "api.datto.com/v1",
            "https://api.datto.com/v1/v1/",
            "https://api.datto.com/v1/bcdr/device",
            "https://api.datto.com:443/V1",
        ] {
            assert_eq!(base(text), DEFAULT_URL, "{text}");
        }
    }

    #[test]
    fn stand_ins_are_taken_as_they_are() {
        for (text, url) in [
            ("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1/"),
            ("http://localhost:8080", "http://localhost:8080/v1/"),
            ("http://[::1]:8080/", "http://[::1]:8080/v1/"),
            ("https://gateway.example.com/datto", "https://gateway.example.com/datto/v1/"),
            ("https://gateway.example.com/datto/v1/bcdr", "https://gateway.example.com/datto/v1/"),
            ("https://notdatto.com", "https://notdatto.com/v1/"),
        ] {
            assert_eq!(base(text), url, "{text}");
        }
    }

    #[test]
    fn what_is_no_base_url_says_what_it_is() {
        for (text, message) in [
            ("", "the URL is empty"),
            ("https://", "the URL cannot be read: empty host"),
            ("https://portal.dattobackup.com/integrations/api", "portal.dattobackup.com is the portal, not the API"),
            (
                "https://merlot-api.centrastage.net",
                "merlot-api.centrastage.net belongs to Datto RMM, not to the partner API",
            ),
            (
                "https://us.workplace.datto.com/5/api/v1",
                "us.workplace.datto.com belongs to Datto Workplace, not to the partner API",
            ),
            (
                "https://saasprotection.datto.com",
                "saasprotection.datto.com belongs to the portal of SaaS Protection, not to the partner API",
            ),
            ("https://api.eu.datto.com/v1", "api.eu.datto.com is no host of the partner API"),
            ("https://api.datto.com/v2", "the partner API has no path /v2: its paths begin with /v1"),
            ("https://api.datto.com/proxy/v1", "the partner API has no path /proxy: its paths begin with /v1"),
        ] {
            assert_eq!(base(text), message, "{text}");
        }
    }

    #[test]
    fn a_password_in_a_url_is_not_repeated() {
        for text in [
            "https://user:hunter22@api.datto.com/v2",
            "ftp://user:hunter22@portal.datto.com",
            "https://user:hunter22@[",
            "user:hunter22",
        ] {
            let error = Error::from(base_url(text).unwrap_err());
            assert!(!format!("{error} {error:?}").contains("hunter22"), "{error}");
        }
    }

    #[test]
    fn a_portal_stands_for_the_api_where_the_caller_says_that_it_is_one() {
        for text in
            ["https://portal.dattobackup.com", "portal.dattobackup.com/", "https://portal.datto.com/login?next=/#top"]
        {
            assert_eq!(portal_url(text).map(String::from), Ok(DEFAULT_URL.to_owned()), "{text}");
        }
        assert_eq!(portal_url("http://127.0.0.1:8080").map(String::from), Ok("http://127.0.0.1:8080/v1/".to_owned()));
        let error = Error::from(portal_url("https://pinotage.centrastage.net/csm").unwrap_err());
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("Datto RMM"), "{error}");
    }

    #[test]
    fn a_region_is_a_label() {
        assert_eq!(" US ".parse(), Ok(Region::Us));
        assert_eq!(Region::Eu.to_string(), "eu");
        let error = Error::from("mars".parse::<Region>().unwrap_err());
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("\"mars\" is no region"), "{error}");
    }

    proptest! {
        #[test]
        fn arbitrary_text_is_read_without_a_panic(text in ".*") {
            for read in [base_url, portal_url] {
                if let Ok(url) = read(&text) {
                    prop_assert!(url.path().ends_with("/v1/"), "{}", url);
                }
            }
            let _ = text.parse::<Region>();
        }

        #[test]
        fn reading_a_base_url_again_changes_nothing(
            scheme in "(https|http|ftp|data|)", rest in "(//)?[a-z:@/?#\\[\\]%.0-9]{0,40}",
        ) {
            if let Ok(url) = base_url(&format!("{scheme}:{rest}")) {
                prop_assert!(url.path().ends_with("/v1/"), "{}", url);
                prop_assert_eq!(base_url(url.as_str()), Ok(url));
            }
        }
    }
}
