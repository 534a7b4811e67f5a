//! From what a user has at hand (the address of a portal or of an API in any shape, or the name of a platform) to the base of the API.

use datto_common::internal::{is_loopback, pasted};
use url::Url;

use crate::platform::{Platform, UrlError, shown};

/// Where to call: what a text of any shape comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Api {
    /// The base, which ends in `/api/`.
    pub(crate) base: Url,
    /// The platform, where the host names one.
    pub(crate) platform: Option<Platform>,
    /// The host of the portal that was given in place of the API's.
    pub(crate) portal: Option<String>,
}

impl Api {
    /// Reads the address of a portal or an API, or the name of a platform. A known portal leads to the API of its platform; the
    /// host of an API is taken as it is, so is any other, as a gateway or test server. Whatever follows a host of the vendor's counts for nothing.
    pub(crate) fn parse(text: &str, allow_http: bool) -> Result<Self, UrlError> {
        let text = pasted(text);
        if !text.is_empty() && !text.contains(['.', '/', ':']) && !text.eq_ignore_ascii_case("localhost") {
            return Self::of_name(&text);
        }
        let url = read(text.trim_end_matches([',', ';']))?;
        let host = url.host_str().unwrap_or_default().trim_end_matches('.').to_owned();
        if let Some(product) = other_product(&host) {
            return Err(UrlError::OtherProduct { host, product });
        }
        if url.scheme() == "http" && !(is_loopback(&url) || allow_http && place(&host).is_none()) {
            return Err(UrlError::PlainHttp { host });
        }
        match place(&host) {
            // The address bar of a browser may end in more than a path; nothing behind the host counts.
            Some(Place::Portal(label)) => Ok(Self { portal: Some(host.clone()), ..Self::of_label(label)? }),
            Some(Place::Api(label)) => {
                let platform = Platform::of_label(label);
                Ok(Self { platform, base: with_path(url, "/api/"), portal: None })
            }
            None if url.query().is_some() || url.fragment().is_some() => Err(UrlError::Query),
            None => {
                let path = api_path(url.path());
                Ok(Self { platform: None, base: with_path(url, &path), portal: None })
            }
        }
    }

    /// From the label of a host: `zinfandel`, `zinfandel-2`.
    fn of_label(label: &str) -> Result<Self, UrlError> {
        let platform = Platform::of_label(label).ok_or_else(|| UrlError::UnknownPlatform { name: shown(label) })?;
        let base = Url::parse(&format!("https://{label}-api.centrastage.net/api/"))
            .map_err(|error| UrlError::NotAUrl { why: error.to_string() })?;
        Ok(Self { base, platform: Some(platform), portal: None })
    }

    /// From the name of a platform as people write it: `vidal`, `vidal-api`, `Vidal (Canada)`.
    fn of_name(text: &str) -> Result<Self, UrlError> {
        let name = text.to_ascii_lowercase();
        let label = ["-api", "-rmm", "rmm"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
        if Platform::of_label(label).is_some() {
            return Self::of_label(label);
        }
        let words = name.split(|letter: char| !letter.is_alphanumeric());
        let mut named: Vec<Platform> = words.filter_map(Platform::of_label).collect();
        named.dedup();
        match named.as_slice() {
            [platform] => Self::of_label(platform.name()),
            _ => Err(UrlError::UnknownPlatform { name: shown(text) }),
        }
    }
}

/// Without a scheme it is https.
fn read(text: &str) -> Result<Url, UrlError> {
    let lower = text.to_ascii_lowercase();
    let whole = text.contains("://") || lower.starts_with("http:") || lower.starts_with("https:");
    let url = if whole { Url::parse(text) } else { Url::parse(&format!("https://{text}")) };
    let url = url.map_err(|error| UrlError::NotAUrl { why: error.to_string() })?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(UrlError::Scheme { scheme: url.scheme().to_owned() });
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlError::UserInfo);
    }
    Ok(url)
}

/// A host of Datto RMM, by the label that names its platform.
enum Place<'a> {
    Api(&'a str),
    Portal(&'a str),
}

/// The API is at `{p}-api.centrastage.net`, the portals are at `{p}.rmm.datto.com`, `{p}.centrastage.net`,
/// `{p}rmm.centrastage.net` and `{p}-rmm.centrastage.net` (all observed).
fn place(host: &str) -> Option<Place<'_>> {
    if let Some(label) = host.strip_suffix(".rmm.datto.com") {
        return Some(Place::Portal(label));
    }
    let label = host.strip_suffix(".centrastage.net")?;
    if let Some(label) = label.strip_suffix("-api") {
        return Some(Place::Api(label));
    }
    Some(Place::Portal(label.strip_suffix("-rmm").or_else(|| label.strip_suffix("rmm")).unwrap_or(label)))
}

fn other_product(host: &str) -> Option<&'static str> {
    let under = |domain: &str| host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
    let products = [
        ("dattobackup.com", "the Datto partner portal (BCDR)"),
        ("api.datto.com", "the Datto BCDR and SaaS Protection API"),
        ("api.eu.datto.com", "the Datto BCDR and SaaS Protection API"),
        ("continuity.datto.com", "Datto Endpoint Backup"),
        ("saasprotection.datto.com", "Datto SaaS Protection"),
        ("workplace.datto.com", "Datto Workplace"),
        ("fileprotection.datto.com", "Datto File Protection"),
        ("kb.datto.com", "the Datto help pages"),
    ];
    let help = (host == "rmm.datto.com").then_some("the Datto RMM help pages");
    help.or_else(|| products.iter().find(|(domain, _)| under(domain)).map(|(_, product)| *product))
}

fn with_path(mut url: Url, path: &str) -> Url {
    url.set_path(path);
    url.set_query(None);
    url.set_fragment(None);
    url
}

/// The path of an API behind a host that is not known: what leads to `api` is kept, a version and what follows it is cut, and `api`
/// stands there once.
fn api_path(path: &str) -> String {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let is_version = |segment: &str| segment.eq_ignore_ascii_case("v2") || segment.eq_ignore_ascii_case("v3");
    let kept = segments.iter().take_while(|segment| !is_version(segment));
    let prefix: Vec<&str> = kept.copied().collect();
    let prefix = match prefix.split_last() {
        Some((last, before)) if last.eq_ignore_ascii_case("api") => before,
        _ => &prefix,
    };
    let mut base = String::from("/");
    for segment in prefix {
        base.push_str(segment);
        base.push('/');
    }
    base + "api/"
}

#[cfg(test)]
mod tests {
    use super::*;
    use datto_common::{Error, ErrorKind};
    use proptest::prelude::*;

    fn base(text: &str) -> String {
        Api::parse(text, false).unwrap_or_else(|error| panic!("{text}: {error}")).base.into()
    }

    fn shapes(name: &str) -> Vec<String> {
        let hosts = [
            "-api.centrastage.net",
            ".rmm.datto.com",
            "rmm.centrastage.net",
            "-rmm.centrastage.net",
            ".centrastage.net",
        ];
        let api = [
            "",
            "/",
            "/api",
            "/api/",
            "/api/v2",
            "/api/v2/",
            "/api/v3",
            "/api/v2/account",
            "/api/swagger-ui/index.html",
            "/api/swagger-ui.html#/",
            "/api/swagger-ui/index.html?configUrl=/api/v3/api-docs/swagger-config#/",
            "/api/v2/account/sites?max=250&page=0",
            "/#",
            ",",
        ];
        let portal =
            ["", "/", "/device/100001/WS-01", "/site/7", "/csm/search/x?qs=uid%3Aa#top", "/csm/profile/summary/9"];
        let paths = |host: &str| if host.starts_with("-api") { api.to_vec() } else { portal.to_vec() };
        let all = hosts.iter().flat_map(|host| paths(host).into_iter().map(move |path| format!("{name}{host}{path}")));
        all.flat_map(|url| [format!("https://{url}"), url.to_ascii_uppercase(), format!(" HTTPS://{url}\n")]).collect()
    }

    #[test]
    fn every_shape_of_every_platform_is_read() {
        for platform in Platform::ALL {
            for text in shapes(platform.name()) {
                assert_eq!(Platform::from_url(&text).as_ref(), Ok(platform), "{text}");
                assert_eq!(base(&text), platform.api_url(), "{text}");
            }
            assert_eq!(platform.to_string().parse(), Ok(*platform));
            assert_eq!(base(platform.name()), platform.api_url());
        }
    }

    #[test]
    fn a_name_is_read_as_people_write_it() {
        for text in [
            "vidal",
            "VIDAL",
            "\"vidal\"",
            "'Vidal'",
            "\u{feff}vidal",
            "<vidal>",
            "vi\u{200b}dal",
            "vidal-api",
            "vidal-rmm",
            "vidalrmm",
            "Vidal (Canada)",
            "Canada - Vidal",
            "vidal-api.centrastage.net",
            "https://vidal.rmm.datto.com/",
            "vidal.rmm.datto.com,",
        ] {
            assert_eq!(text.parse(), Ok(Platform::Vidal), "{text}");
            assert_eq!(base(text), Platform::Vidal.api_url(), "{text}");
        }
        assert_eq!(base("zinfandel-2"), "https://zinfandel-2-api.centrastage.net/api/");
        assert_eq!(
            Api::parse("https://vidal-rmm.centrastage.net", false).unwrap().portal.as_deref(),
            Some("vidal-rmm.centrastage.net")
        );
    }

    #[test]
    fn a_label_with_a_number_keeps_its_host() {
        for text in shapes("zinfandel-2") {
            let api = Api::parse(&text, false).unwrap();
            assert_eq!(
                (api.platform, api.base.as_str()),
                (Some(Platform::Zinfandel), "https://zinfandel-2-api.centrastage.net/api/")
            );
        }
    }

    #[test]
    fn other_hosts_are_taken_as_they_are() {
        for (text, expected) in [
            ("https://z1-rmm-api.datto.com", "https://z1-rmm-api.datto.com/api/"),
            ("https://sandbox-api.centrastage.net/api/v2", "https://sandbox-api.centrastage.net/api/"),
            ("https://gateway.example.com/rmm", "https://gateway.example.com/rmm/api/"),
            ("https://gateway.example.com:8443/rmm/API/v2/", "https://gateway.example.com:8443/rmm/api/"),
            ("https://api.example.com/api", "https://api.example.com/api/"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/api/"),
            ("http://[::1]:8080/api/", "http://[::1]:8080/api/"),
            ("http://localhost/api/v2/account", "http://localhost/api/"),
        ] {
            assert_eq!(base(text), expected, "{text}");
            assert_eq!(Api::parse(text, false).unwrap().platform, None);
        }
    }

    #[test]
    fn plain_http_is_for_this_machine_or_by_leave_and_never_for_the_service() {
        let text = "http://10.0.0.5:8080";
        assert_eq!(Api::parse(text, false), Err(UrlError::PlainHttp { host: "10.0.0.5".into() }));
        assert!(Api::parse(text, true).is_ok());
        for text in ["http://merlot-api.centrastage.net", "http://merlot.rmm.datto.com"] {
            assert!(matches!(Api::parse(text, true), Err(UrlError::PlainHttp { .. })), "{text}");
        }
    }

    #[test]
    fn an_error_says_which_part_is_wrong() {
        for (text, part) in [
            ("", "not a URL"),
            ("https://", "not a URL"),
            ("ht tp://x", "not a URL"),
            ("ftp://merlot.centrastage.net", "scheme ftp"),
            ("https://key:secret@merlot-api.centrastage.net", "user name"),
            ("https://gateway.example.com/api?x=1", "query"),
            ("https://gateway.example.com/api#x", "query"),
            ("https://portal.dattobackup.com", "partner portal"),
            ("https://api.datto.com/v1", "BCDR"),
            ("https://us.workplace.datto.com/5/api/v1", "Workplace"),
            ("https://saasprotection.datto.com", "SaaS"),
            ("https://rmm.datto.com/help/en", "help"),
            ("https://rioja.rmm.datto.com", "pinotage, merlot, concord, vidal, zinfandel, syrah"),
            ("rioja", "rioja is no Datto RMM platform"),
            ("Vidal or Merlot", "Vidal or Merlot is no"),
            ("NAE8S5FS52MPI7RGN7V8C6OU8CQJLTQK", "what was given is no"),
            ("my-gateway", "my-gateway is no"),
        ] {
            let error = Error::from(Api::parse(text, false).unwrap_err());
            assert_eq!(error.kind(), ErrorKind::Config);
            let line = error.to_string();
            assert!(line.contains(part), "{text}: {line}");
            assert!(!format!("{error:?}").contains("secret"), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in ".*") {
            let _ = (Api::parse(&text, false), Platform::from_url(&format!("https://{text}")), text.parse::<Platform>());
        }

        #[test]
        fn a_base_always_ends_in_one_api(host in "[a-z]{1,8}\\.example", path in "(/(api|v2|v3|x|account)){0,5}/?") {
            let base = base(&format!("https://{host}{path}"));
            prop_assert!(base.ends_with("/api/"), "{}", base);
            prop_assert!(!base.contains("/v2/"), "{}", base);
            prop_assert_eq!(self::base(&base), base.clone(), "read again it is the same");
        }
    }
}
