//! The endpoint URL: domain, data-centre cell, and where an address that is none goes wrong.

use std::fmt;
use std::str::FromStr;

use datto_common::internal::{is_loopback, is_private};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::EndpointError;

/// Where the API of a team is: `https://{domain}/{cell}/api/v1`, as the tile of the API integration shows it.
///
/// ```
/// use datto_workplace::{Endpoint, Product, Region};
/// let endpoint: Endpoint = "https://eu.workplace.datto.com/2/api/v1".parse()?;
/// assert_eq!((endpoint.region(), endpoint.product(), endpoint.cell()), (Some(Region::Eu), Some(Product::Workplace), 2));
/// assert_eq!(endpoint, Endpoint::new(Region::Eu, Product::Workplace, 2));
/// assert!("https://eu.workplace.datto.com".parse::<Endpoint>().unwrap_err().to_string().contains("cell"));
/// # Ok::<(), datto_workplace::EndpointError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// `https://host`, with a port where it has one.
    origin: String,
    host: String,
    cell: u64,
}

/// The part of the world that a team lives in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Region {
    /// United States.
    Us,
    /// Europe.
    Eu,
    /// Canada.
    Ca,
    /// Australia.
    Au,
}

/// Which of the two products with this API it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Product {
    /// Datto Workplace.
    Workplace,
    /// Datto File Protection.
    FileProtection,
}

/// What is let through that is refused otherwise.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Allowed {
    pub(crate) http: bool,
    pub(crate) private: bool,
}

impl Endpoint {
    /// The endpoint of a region's own domain.
    pub fn new(region: Region, product: Product, cell: u64) -> Self {
        let host = format!("{}{}", region.label(), product.suffix());
        Self { origin: format!("https://{host}"), host, cell }
    }

    /// Reads an endpoint as it is shown by the tile. `https://` and `/api/v1` may be left out, the cell may not.
    ///
    /// # Errors
    /// [`EndpointError`] says which part is wrong.
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        Self::parse_allowing(text, Allowed::default())
    }

    pub(crate) fn parse_allowing(text: &str, allowed: Allowed) -> Result<Self, EndpointError> {
        let text = datto_common::internal::pasted(text);
        let with_scheme = if text.contains("://") { text } else { format!("https://{text}") };
        let url = Url::parse(&with_scheme).map_err(|error| EndpointError::NotAUrl { why: error.to_string() })?;
        let host = check_host(&url, allowed)?;
        Ok(Self { origin: url.origin().ascii_serialization(), host, cell: cell_of(&url)? })
    }

    /// The host, with its port where it has one: `eu.workplace.datto.com`.
    pub fn domain(&self) -> &str {
        self.origin.split_once("://").map_or(&self.host, |(_, domain)| domain)
    }

    /// The host without the port.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The number of the data-centre cell.
    pub fn cell(&self) -> u64 {
        self.cell
    }

    /// What people call it, as in a list to choose from: `US Workplace`, `EU File Protection`; of a team's own sub-domain its first
    /// part, of any other host the host.
    pub fn label(&self) -> String {
        match (self.region(), self.product()) {
            (Some(region), Some(product)) => format!("{region} {product}"),
            (None, Some(product)) => {
                format!("{} {product}", self.host.strip_suffix(product.suffix()).unwrap_or(&self.host))
            }
            _ => self.host.clone(),
        }
    }

    /// The eight domains of the two products, each with what people call it: `US Workplace`, `us.workplace.datto.com`.
    pub fn domains() -> impl Iterator<Item = (String, String)> {
        let each = |product: &'static Product| Region::ALL.iter().map(move |region| Self::new(*region, *product, 1));
        Product::ALL.iter().flat_map(each).map(|endpoint| (endpoint.label(), endpoint.host))
    }

    /// The region, where the host names one; a team's own sub-domain does not.
    pub fn region(&self) -> Option<Region> {
        let label = self.host.strip_suffix(self.product()?.suffix())?;
        Region::ALL.iter().copied().find(|region| region.label() == label)
    }

    /// The product, where the host names it.
    pub fn product(&self) -> Option<Product> {
        Product::ALL.iter().copied().find(|product| self.host.ends_with(product.suffix()))
    }
}

impl Region {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Us, Self::Eu, Self::Ca, Self::Au];

    /// As host names have it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Us => "us",
            Self::Eu => "eu",
            Self::Ca => "ca",
            Self::Au => "au",
        }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Us => "US",
            Self::Eu => "EU",
            Self::Ca => "CA",
            Self::Au => "AU",
        })
    }
}

impl fmt::Display for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Workplace => "Workplace",
            Self::FileProtection => "File Protection",
        })
    }
}

impl Product {
    /// Both of them.
    pub const ALL: &'static [Self] = &[Self::Workplace, Self::FileProtection];

    const fn suffix(self) -> &'static str {
        match self {
            Self::Workplace => ".workplace.datto.com",
            Self::FileProtection => ".fileprotection.datto.com",
        }
    }
}

/// The host, if the API can be there and the secret may go there.
fn check_host(url: &Url, allowed: Allowed) -> Result<String, EndpointError> {
    let Some(host) = url.host() else {
        return Err(EndpointError::NotAUrl { why: "it has no host".to_owned() });
    };
    let name = host.to_string();
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(url) || allowed.http => {}
        "http" => return Err(EndpointError::PlainHttp { host: name }),
        scheme => return Err(EndpointError::Scheme { scheme: scheme.to_owned() }),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(EndpointError::UserInfo);
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(EndpointError::Query);
    }
    if let Some(product) = other_product(&name) {
        return Err(EndpointError::OtherProduct { host: name, product });
    }
    if is_private(url) && !allowed.private {
        return Err(EndpointError::PrivateHost { host: name });
    }
    Ok(name)
}

/// The path is `/{cell}/api/v1`, or the cell alone.
fn cell_of(url: &Url) -> Result<u64, EndpointError> {
    let host = || url.host_str().unwrap_or_default().to_owned();
    let segments: Vec<&str> = url.path().split('/').filter(|segment| !segment.is_empty()).collect();
    let (cell, rest) = match segments.as_slice() {
        [] | ["api", ..] => return Err(EndpointError::NoCell { host: host() }),
        [cell, rest @ ..] => (*cell, rest),
    };
    let number = || match cell.parse::<u64>() {
        Ok(number) if cell.bytes().all(|digit| digit.is_ascii_digit()) => Ok(number),
        _ => Err(EndpointError::Cell { cell: cell.chars().take(40).collect() }),
    };
    match rest {
        [] | ["api", "v1"] => number(),
        ["api", "v1", ..] => {
            let base = format!("{}/{}/api/v1", url.origin().ascii_serialization(), number()?);
            Err(EndpointError::TooDeep { base })
        }
        ["api", version, ..] => Err(EndpointError::Version { version: (*version).chars().take(40).collect() }),
        _ => Err(EndpointError::Path),
    }
}

/// Hosts that people paste and that are not this API.
fn other_product(host: &str) -> Option<&'static str> {
    const ENDINGS: &[(&str, &str)] = &[
        ("centrastage.net", "Datto RMM"),
        ("rmm.datto.com", "Datto RMM"),
        ("api.datto.com", "Datto BCDR"),
        ("dattobackup.com", "Datto BCDR"),
        ("saasprotection.datto.com", "Datto SaaS Protection, whose figures are in the partner API (`datto-bcdr`)"),
        ("backupify.com", "Datto SaaS Protection (Backupify), whose figures are in the partner API (`datto-bcdr`)"),
        ("continuity.datto.com", "Datto Endpoint Backup"),
        ("portal.datto.com", "the Datto partner portal"),
        ("auth.datto.com", "the sign-in of Datto"),
        ("kb.datto.com", "the help of Datto"),
        ("saml.workplace.datto.com", "the sign-in of Datto Workplace"),
        ("help.workplace.datto.com", "the help of Datto Workplace"),
        ("help.fileprotection.datto.com", "the help of Datto File Protection"),
        ("awp.autotask.net", "Autotask Workplace, which has no known API"),
        ("soonr.com", "Soonr, which has no known API"),
    ];
    let belongs = |ending: &str| {
        host.trim_end_matches('.').strip_suffix(ending).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    ENDINGS.iter().find(|(ending, _)| belongs(ending)).map(|(_, product)| *product)
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/api/v1", self.origin, self.cell)
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        Self::parse(text)
    }
}

impl From<Endpoint> for String {
    fn from(endpoint: Endpoint) -> Self {
        endpoint.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use datto_common::Error;
    use proptest::prelude::*;

    #[test]
    fn every_form_of_an_endpoint_is_read() {
        for (text, domain, cell, region, product) in [
            ("https://eu.workplace.datto.com/2/api/v1", "eu.workplace.datto.com", 2, Some(Region::Eu), true),
            (" https://us.workplace.datto.com/5/api/v1/ \n", "us.workplace.datto.com", 5, Some(Region::Us), true),
            ("au.workplace.datto.com/18", "au.workplace.datto.com", 18, Some(Region::Au), true),
            (
                "https://CA.fileprotection.datto.com/70000/api/v1",
                "ca.fileprotection.datto.com",
                70_000,
                Some(Region::Ca),
                false,
            ),
            ("https://acme.workplace.datto.com/1/api/v1", "acme.workplace.datto.com", 1, None, true),
            ("https://eu.acme.workplace.datto.com/1/api/v1", "eu.acme.workplace.datto.com", 1, None, true),
        ] {
            let endpoint = Endpoint::parse(text).unwrap();
            assert_eq!((endpoint.domain(), endpoint.cell(), endpoint.region()), (domain, cell, region), "{text}");
            let expected = if product { Product::Workplace } else { Product::FileProtection };
            assert_eq!(endpoint.product(), Some(expected), "{text}");
            assert_eq!(endpoint.to_string(), format!("https://{domain}/{cell}/api/v1"));
        }
        let local = Endpoint::parse("http://127.0.0.1:8080/2/api/v1").unwrap();
        assert_eq!((local.domain(), local.product(), local.region()), ("127.0.0.1:8080", None, None));
    }

    #[test]
    fn the_wrong_part_is_named() {
        let host = |host: &str| host.to_owned();
        for (text, expected) in [
            ("https://eu.workplace.datto.com", EndpointError::NoCell { host: host("eu.workplace.datto.com") }),
            ("https://eu.workplace.datto.com/api/v1", EndpointError::NoCell { host: host("eu.workplace.datto.com") }),
            ("https://eu.workplace.datto.com/two/api/v1", EndpointError::Cell { cell: "two".into() }),
            ("https://eu.workplace.datto.com/+2/api/v1", EndpointError::Cell { cell: "+2".into() }),
            ("https://eu.workplace.datto.com/2/api/v2", EndpointError::Version { version: "v2".into() }),
            ("https://eu.workplace.datto.com/2/files", EndpointError::Path),
            (
                "https://eu.workplace.datto.com/2/api/v1/file/projects",
                EndpointError::TooDeep { base: "https://eu.workplace.datto.com/2/api/v1".into() },
            ),
            (
                "http://eu.workplace.datto.com/2/api/v1",
                EndpointError::PlainHttp { host: host("eu.workplace.datto.com") },
            ),
            ("ftp://eu.workplace.datto.com/2/api/v1", EndpointError::Scheme { scheme: "ftp".into() }),
            ("https://id:secret@eu.workplace.datto.com/2/api/v1", EndpointError::UserInfo),
            ("https://eu.workplace.datto.com/2/api/v1?x=1", EndpointError::Query),
            (
                "https://merlot-api.centrastage.net/api/v2",
                EndpointError::OtherProduct { host: host("merlot-api.centrastage.net"), product: "Datto RMM" },
            ),
            (
                "https://api.datto.com/v1",
                EndpointError::OtherProduct { host: host("api.datto.com"), product: "Datto BCDR" },
            ),
            ("https://169.254.169.254/2/api/v1", EndpointError::PrivateHost { host: host("169.254.169.254") }),
            ("https://10.0.0.8/2/api/v1", EndpointError::PrivateHost { host: host("10.0.0.8") }),
            ("https://[fe80::1]/2/api/v1", EndpointError::PrivateHost { host: host("[fe80::1]") }),
            ("https://files.internal/2/api/v1", EndpointError::PrivateHost { host: host("files.internal") }),
        ] {
            assert_eq!(Endpoint::parse(text).unwrap_err(), expected, "{text}");
        }
        assert!(matches!(Endpoint::parse("https://"), Err(EndpointError::NotAUrl { .. })));
        let hint = |text: &str| Error::from(Endpoint::parse(text).unwrap_err()).hint().unwrap_or_default().to_owned();
        assert!(hint("https://eu.workplace.datto.com").contains("tile"));
    }

    #[test]
    fn an_address_of_another_product_is_explained() {
        for (text, product) in [
            ("https://saasprotection.datto.com/", "SaaS Protection"),
            ("https://acme.saasprotection.datto.com/login", "SaaS Protection"),
            ("https://portal.backupify.com/x", "Backupify"),
            ("backupify.com", "Backupify"),
            ("https://continuity.datto.com/1/api/v1", "Endpoint Backup"),
            ("https://portal.dattobackup.com", "BCDR"),
            ("https://api.datto.com./v1", "BCDR"),
        ] {
            let error = Endpoint::parse(text).unwrap_err();
            assert!(
                matches!(error, EndpointError::OtherProduct { .. }) && error.to_string().contains(product),
                "{error}"
            );
        }
    }

    #[test]
    fn endpoints_have_labels() {
        let label = |text: &str| Endpoint::parse(text).unwrap().label();
        assert_eq!(label("https://us.workplace.datto.com/5/api/v1"), "US Workplace");
        assert_eq!(label("https://au.fileprotection.datto.com/5/api/v1"), "AU File Protection");
        assert_eq!(label("https://acme.workplace.datto.com/5/api/v1"), "acme Workplace");
        assert_eq!(label("https://files.example.com/5/api/v1"), "files.example.com");
        let domains: Vec<_> = Endpoint::domains().collect();
        assert_eq!(domains.len(), 8);
        assert_eq!(domains[0], ("US Workplace".to_owned(), "us.workplace.datto.com".to_owned()));
    }

    #[test]
    fn a_secret_in_the_wrong_field_is_not_shown() {
        let error = Endpoint::parse("s3cret value: 1234").unwrap_err();
        assert!(!error.to_string().contains("s3cret"), "{error}");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(region in 0_usize..4, product in 0_usize..2, cell: u64) {
            let endpoint = Endpoint::new(Region::ALL[region], Product::ALL[product], cell);
            prop_assert_eq!(Endpoint::parse(&endpoint.to_string()).unwrap(), endpoint.clone());
            prop_assert_eq!(endpoint.region(), Some(Region::ALL[region]));
            prop_assert_eq!(endpoint.product(), Some(Product::ALL[product]));
            prop_assert_eq!(endpoint.cell(), cell);
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".*", host in "[a-z.:@/?#\\[\\]0-9-]{0,30}") {
            for text in [text, format!("https://{host}/2/api/v1")] {
                if let Ok(endpoint) = Endpoint::parse(&text) {
                    prop_assert_eq!(Endpoint::parse(&endpoint.to_string()).unwrap(), endpoint);
                }
            }
        }
    }
}
