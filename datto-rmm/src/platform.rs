//! The six platforms of Datto RMM.

use std::fmt;
use std::str::FromStr;

use datto_common::{Error, ErrorKind};

use crate::api_url::Api;

/// A platform: an installation of Datto RMM with accounts and keys of its own. A key works on its own platform alone.
///
/// ```
/// use datto_rmm::Platform;
/// assert_eq!("vidal".parse(), Ok(Platform::Vidal));
/// assert_eq!(Platform::from_url("https://vidal.rmm.datto.com/device/100001"), Ok(Platform::Vidal));
/// assert_eq!(Platform::Vidal.api_url(), "https://vidal-api.centrastage.net/api/");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Platform {
    /// Pinotage.
    Pinotage,
    /// Merlot.
    Merlot,
    /// Concord.
    Concord,
    /// Vidal.
    Vidal,
    /// Zinfandel.
    Zinfandel,
    /// Syrah.
    Syrah,
}

impl Platform {
    /// All of them.
    pub const ALL: &'static [Self] =
        &[Self::Pinotage, Self::Merlot, Self::Concord, Self::Vidal, Self::Zinfandel, Self::Syrah];

    /// Its name in lower case, as host names have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pinotage => "pinotage",
            Self::Merlot => "merlot",
            Self::Concord => "concord",
            Self::Vidal => "vidal",
            Self::Zinfandel => "zinfandel",
            Self::Syrah => "syrah",
        }
    }

    /// The base of its API.
    pub const fn api_url(self) -> &'static str {
        match self {
            Self::Pinotage => "https://pinotage-api.centrastage.net/api/",
            Self::Merlot => "https://merlot-api.centrastage.net/api/",
            Self::Concord => "https://concord-api.centrastage.net/api/",
            Self::Vidal => "https://vidal-api.centrastage.net/api/",
            Self::Zinfandel => "https://zinfandel-api.centrastage.net/api/",
            Self::Syrah => "https://syrah-api.centrastage.net/api/",
        }
    }

    /// The platform that a portal or API URL belongs to, or that a text names: `vidal-api`, `Vidal (Canada)`.
    ///
    /// # Errors
    /// [`UrlError`] says which part of the URL is wrong.
    pub fn from_url(text: &str) -> Result<Self, UrlError> {
        let api = Api::parse(text, false)?;
        let host = api.base.host_str().unwrap_or_default();
        api.platform.ok_or_else(|| UrlError::UnknownPlatform { name: host.to_owned() })
    }

    /// The platform of a label of a host name: `zinfandel`, also `zinfandel-2` (observed: some clients know such).
    pub(crate) fn of_label(label: &str) -> Option<Self> {
        let name = match label.rsplit_once('-') {
            Some((name, number)) if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => label,
        };
        Self::ALL.iter().copied().find(|platform| platform.name().eq_ignore_ascii_case(name))
    }
}

/// With a capital: "Merlot".
impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

datto_common::as_text!(Platform);

impl FromStr for Platform {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        Self::from_url(text)
    }
}

/// The name as it is shown. A long word may be a key that was pasted into the wrong field.
pub(crate) fn shown(name: &str) -> String {
    let longest = name.split(|letter: char| !letter.is_alphanumeric()).map(str::len).max().unwrap_or(0);
    if longest <= 16 && name.chars().count() <= 60 { name.to_owned() } else { "what was given".to_owned() }
}

/// Why a text names no place to call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlError {
    /// It is not a URL. The text is not shown: it may be a key pasted into the wrong field.
    #[error("the RMM URL is not a URL: {why}")]
    NotAUrl {
        /// What the parser says.
        why: String,
    },
    /// It has another scheme than https.
    #[error("the RMM URL has the scheme {scheme}: only https is taken")]
    Scheme {
        /// The scheme.
        scheme: String,
    },
    /// It is plain http to a host that is not this machine.
    #[error("the RMM URL of {host} is plain http, which would send the key unprotected")]
    PlainHttp {
        /// The host.
        host: String,
    },
    /// It has a user name or password in it.
    #[error("the RMM URL has a user name or password before the host")]
    UserInfo,
    /// It has a query or fragment.
    #[error("the RMM URL has a query or fragment")]
    Query,
    /// Its host belongs to another product.
    #[error("{host} belongs to {product}, not to Datto RMM")]
    OtherProduct {
        /// The host.
        host: String,
        /// What it belongs to.
        product: &'static str,
    },
    /// The URL is that of one platform, and another was named beside it.
    #[error("the URL is that of platform {url}, and the platform named is {platform}")]
    Contradiction {
        /// The platform of the URL.
        url: Platform,
        /// The platform that was named.
        platform: Platform,
    },
    /// It names a platform that does not exist.
    #[error("{name} is no Datto RMM platform: they are pinotage, merlot, concord, vidal, zinfandel, syrah")]
    UnknownPlatform {
        /// The name.
        name: String,
    },
}

impl From<UrlError> for Error {
    fn from(error: UrlError) -> Self {
        let hint = match error {
            UrlError::PlainHttp { .. } => "write https; allow_http() permits plain http, for a test server only",
            UrlError::Contradiction { .. } => "leave out the one that is wrong: DATTO_RMM_URL or DATTO_RMM_PLATFORM",
            UrlError::UnknownPlatform { .. } => "the platform is the first part of the address of your RMM portal",
            _ => {
                "give the address of your RMM portal, for example https://merlot.rmm.datto.com, or the API URL of its API page"
            }
        };
        Self::new(ErrorKind::Config, error.to_string()).with_hint(hint).with_source(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_stands_in_a_configuration() {
        assert_eq!(serde_json::to_value(Platform::Vidal).unwrap(), "Vidal");
        assert_eq!(serde_json::from_value::<Platform>("Merlot".into()).unwrap(), Platform::Merlot);
        assert!(serde_json::from_value::<Platform>("marlot".into()).unwrap_err().to_string().contains("merlot"));
    }
}
