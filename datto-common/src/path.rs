//! The only place where a URL is built from values.

use std::borrow::Cow;

use url::Url;

use crate::env::is_invisible;
use crate::scrub::is_mark;
use crate::{Error, ErrorKind, Result};

/// Fills the placeholders of a template in order and gives the segments. Values are refused that a URL would resolve or drop:
/// the path of another call would come out.
pub(crate) fn fill(template: &'static str, values: &[&str]) -> Result<Vec<Cow<'static, str>>> {
    let mut values = values.iter();
    let mut segments = Vec::new();
    for part in template.split('/').filter(|part| !part.is_empty()) {
        let Some(name) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) else {
            segments.push(Cow::Borrowed(part));
            continue;
        };
        let value = values
            .next()
            .ok_or_else(|| Error::new(ErrorKind::Internal, format!("no value for {{{name}}} of {template}")))?;
        segments.push(Cow::Owned(checked(name, value)?));
    }
    match values.next() {
        None => Ok(segments),
        Some(_) => Err(Error::new(ErrorKind::Internal, format!("more values than placeholders in {template}"))),
    }
}

/// Checks segments that a caller gives as they are.
pub(crate) fn literal<S: AsRef<str>>(segments: impl IntoIterator<Item = S>) -> Result<Vec<Cow<'static, str>>> {
    let segments = segments
        .into_iter()
        .map(|segment| checked("segment", segment.as_ref()).map(Cow::Owned))
        .collect::<Result<Vec<_>>>()?;
    if segments.is_empty() {
        return Err(Error::new(ErrorKind::InvalidInput, "the path is empty"));
    }
    Ok(segments)
}

fn checked(name: &str, value: &str) -> Result<String> {
    let wrong = match value {
        "" => "is empty",
        "." | ".." => "is a dot segment, which a URL would resolve",
        _ if value.chars().any(char::is_control) => "contains a control character",
        _ if value.chars().any(is_mark) => "contains a mark that nobody sees",
        // An id has none; it comes along when one is copied from a page, and another record would be asked for.
        _ if value.chars().any(is_invisible) => "contains a character that cannot be seen",
        _ => return Ok(value.to_owned()),
    };
    Err(Error::new(ErrorKind::InvalidInput, format!("{name} {wrong}"))
        .with_hint("nothing was sent; check the id that you pass"))
}

/// Appends segments to the base, each percent-encoded, so that a value never becomes two segments, a query or another host.
pub(crate) fn join(base: &Url, segments: &[Cow<'static, str>]) -> Result<Url> {
    let mut url = base.clone();
    url.path_segments_mut()
        .map_err(|()| Error::new(ErrorKind::Config, "the base URL cannot have a path"))?
        .pop_if_empty()
        .extend(segments);
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn base() -> Url {
        Url::parse("https://merlot-api.centrastage.net/api").unwrap()
    }

    #[test]
    fn values_are_encoded_as_one_segment() {
        let segments = fill("/v2/device/{deviceUid}/udf", &["a/b?c#d%2e é"]).unwrap();
        assert_eq!(join(&base(), &segments).unwrap().path(), "/api/v2/device/a%2Fb%3Fc%23d%252e%20%C3%A9/udf");
    }

    #[test]
    fn dangerous_values_are_refused() {
        for value in ["", ".", "..", "a\nb", "\0", "1\u{200e}", "\u{202e}1", "1\u{200b}", "\u{feff}1"] {
            let error = fill("/v2/site/{siteUid}/variables", &[value]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{value:?}");
            assert!(error.message().starts_with("siteUid "));
            assert!(literal(["v2", value]).is_err());
        }
        assert!(literal(Vec::<String>::new()).is_err());
    }

    #[test]
    fn a_wrong_number_of_values_is_a_fault_of_ours() {
        assert_eq!(fill("/v2/site/{siteUid}", &[]).unwrap_err().kind(), ErrorKind::Internal);
        assert_eq!(fill("/v2/site", &["x"]).unwrap_err().kind(), ErrorKind::Internal);
    }

    proptest! {
        #[test]
        fn no_value_changes_the_host_or_the_number_of_segments(value in ".*") {
            if let Ok(segments) = fill("/v2/device/{deviceUid}/udf", &[&value]) {
                let url = join(&base(), &segments).unwrap();
                prop_assert_eq!(url.origin(), base().origin());
                prop_assert_eq!(url.path_segments().unwrap().count(), 5);
                prop_assert!(url.query().is_none() && url.fragment().is_none());
            }
        }
    }
}
