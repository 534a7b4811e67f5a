//! Which part of an endpoint is wrong.

use datto_common::{Error, ErrorKind};

/// Why a text is no endpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// It is not a URL. The text is not shown: it may be a secret pasted into the wrong field.
    #[error("the endpoint is not a URL: {why}")]
    NotAUrl {
        /// What the parser says.
        why: String,
    },
    /// It has another scheme than https.
    #[error("the endpoint has the scheme {scheme}: only https is taken")]
    Scheme {
        /// The scheme.
        scheme: String,
    },
    /// It is plain http to a host that is not this machine.
    #[error("the endpoint at {host} is plain http, which would send the secret unprotected")]
    PlainHttp {
        /// The host.
        host: String,
    },
    /// It has a user name or password in it.
    #[error("the endpoint has a user name or password before the host")]
    UserInfo,
    /// It has a query or fragment.
    #[error("the endpoint has a query or fragment")]
    Query,
    /// Its host belongs to another product, or to another service of this one.
    #[error("{host} belongs to {product}, not to the API of Datto Workplace")]
    OtherProduct {
        /// The host.
        host: String,
        /// What it belongs to.
        product: &'static str,
    },
    /// Its host is inside a network: the secret would go to an internal service.
    #[error("{host} is a private address")]
    PrivateHost {
        /// The host.
        host: String,
    },
    /// It has no cell.
    #[error("the endpoint at {host} has no cell: the number between the host and /api/v1")]
    NoCell {
        /// The host.
        host: String,
    },
    /// What stands in the place of the cell is no number.
    #[error("the cell must be a number, not {cell:?}")]
    Cell {
        /// What stands there.
        cell: String,
    },
    /// It is another version of the API.
    #[error("the endpoint ends in /api/v1, not in /api/{version}")]
    Version {
        /// What stands there.
        version: String,
    },
    /// It is the address of one call.
    #[error("the endpoint goes deeper than the API; give {base}")]
    TooDeep {
        /// What to give.
        base: String,
    },
    /// Its path is another one.
    #[error("the path of the endpoint is not /{{cell}}/api/v1")]
    Path,
}

impl From<EndpointError> for Error {
    fn from(error: EndpointError) -> Self {
        let hint = match &error {
            EndpointError::PlainHttp { .. } => "write https; allow_http() permits plain http, for a test server only",
            EndpointError::PrivateHost { .. } => "allow_private_host() permits it, where you mean it",
            _ => {
                "give the Endpoint URL of the API integration's tile, for example https://us.workplace.datto.com/5/api/v1"
            }
        };
        Self::new(ErrorKind::Config, error.to_string()).with_hint(hint).with_source(error)
    }
}
