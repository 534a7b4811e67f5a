//! Where a page begins, and where a walk over a list can be resumed.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::call::Call;
use crate::walk::{Walk, fnv};
use crate::{Error, ErrorKind, Paging, Result, Scheme};

/// Where a page begins.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Cursor {
    /// The number of a page.
    Number(u64),
    /// The query parameters of an opaque cursor; none on the first page.
    Opaque(Vec<(String, String)>),
    /// It could not be told where; going on fails with this kind, and this is why.
    Lost(ErrorKind, String),
}

impl Cursor {
    /// Of the first page.
    pub(crate) fn first(scheme: Scheme) -> Self {
        match scheme {
            Scheme::Link { first, .. } | Scheme::Count { first, .. } => Self::Number(first),
            Scheme::Cursor { .. } => Self::Opaque(Vec::new()),
        }
    }

    pub(crate) fn lost(why: impl Into<String>) -> Self {
        Self::Lost(ErrorKind::Paging, why.into())
    }

    /// The page after the one with this number.
    pub(crate) fn after(number: u64) -> Self {
        number
            .checked_add(1)
            .map_or_else(|| Self::lost("the numbers of the pages have come to their end"), Self::Number)
    }

    /// Asks for the page that begins here.
    pub(crate) fn ask(&self, call: &mut Call, scheme: Scheme) {
        match (scheme, self) {
            (_, Self::Lost(kind, why)) => call.refuse(Error::new(*kind, why)),
            (Scheme::Link { param, .. } | Scheme::Count { param, .. }, Self::Number(number)) => {
                call.set_query(param, *number);
            }
            (Scheme::Cursor { carry, .. }, Self::Opaque(parameters))
                if parameters.iter().all(|(name, _)| carry.contains(&name.as_str())) =>
            {
                for (name, value) in parameters {
                    call.add_query(name.clone(), value.clone());
                }
            }
            _ => call.refuse(Error::new(ErrorKind::InvalidInput, "the continuation belongs to another kind of list")),
        }
    }
}

/// Where a walk can be resumed, and what its pages said so far, so that a list that changed meanwhile is noticed. Serialise it
/// to go on later, also in another process or version; it holds no secret. It keeps a few bytes for each record that came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Continuation {
    operation: String,
    /// Of the path and the filters: a continuation does not fit another list.
    fingerprint: u64,
    pub(crate) size: u32,
    pub(crate) cursor: Cursor,
    /// How many records of the page were handed out.
    pub(crate) skip: u64,
    /// Of the records that were handed out of the page: they must stand there again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) border: Option<u64>,
    /// What the pages before this one said. A continuation that an earlier version wrote has none, and what it leads to cannot be
    /// proven whole.
    #[serde(default)]
    pub(crate) walk: Option<Walk>,
}

impl Continuation {
    /// The beginning of a list.
    pub(crate) fn first(call: &Call, paging: &Paging, size: u32) -> Self {
        Self {
            operation: call.operation.name.to_owned(),
            fingerprint: fingerprint(call),
            size,
            cursor: Cursor::first(paging.scheme),
            skip: 0,
            border: None,
            walk: Some(Walk::default()),
        }
    }

    /// Another page of the same list, before any of its records was handed out.
    pub(crate) fn at(&self, cursor: Cursor, walk: Walk) -> Self {
        Self { cursor, skip: 0, border: None, walk: Some(walk), ..self.clone() }
    }

    /// Whether it leads on in the list that `first` begins. What was written may have been altered: only what this list's own pages
    /// could have said is taken.
    pub(crate) fn check(&self, first: &Self, paging: &Paging) -> Result<()> {
        let wrong = |message: &str| Err(Error::new(ErrorKind::InvalidInput, message));
        if self.operation != first.operation || self.fingerprint != first.fingerprint {
            return wrong("the continuation belongs to another list, or to other filters");
        }
        if self.size == 0 || self.size > paging.max_size {
            return wrong("the continuation asks for a page size that this list does not have");
        }
        let fits = match (&self.cursor, paging.scheme) {
            (Cursor::Lost(..), _) => true,
            (Cursor::Number(number), Scheme::Link { first, .. } | Scheme::Count { first, .. }) => *number >= first,
            (Cursor::Opaque(parameters), Scheme::Cursor { carry, .. }) => {
                parameters.iter().all(|(name, _)| carry.contains(&name.as_str()))
            }
            _ => false,
        };
        if fits { Ok(()) } else { wrong("the continuation belongs to another kind of list") }
    }
}

/// FNV-1a of the path and the filters.
fn fingerprint(call: &Call) -> u64 {
    let filters = call.query.iter().flat_map(|(name, value)| [name.as_ref(), value.as_str()]);
    let parts = call.segments.iter().map(AsRef::as_ref).chain(filters);
    fnv(parts.flat_map(|part| part.bytes().chain([0xff])))
}

/// A number in the details of a page, also where it came as text.
pub(crate) fn number(details: &Value, name: &str) -> Option<u64> {
    match details.get(name)? {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A link that is there: neither absent, nor null, nor blank.
pub(crate) fn link<'a>(details: &'a Value, name: &str) -> Option<&'a str> {
    details.get(name)?.as_str().map(str::trim).filter(|link| !link.is_empty())
}

/// These query parameters of a link, in its order. The link may be HTML-encoded (observed).
pub(crate) fn parameters(link: &str, names: &[&str]) -> Vec<(String, String)> {
    let link = link.replace("&amp;", "&");
    let query = link.split_once('?').map_or("", |(_, query)| query);
    let query = query.split('#').next().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes())
        .filter(|(name, _)| names.contains(&&**name))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_cursor_is_taken_from_a_link() {
        let names = ["page"];
        for link in [
            "https://evil.test/x?max=2&page=7",
            "//evil?page=7",
            "?page=7#page=9",
            "page?max=2&amp;page=7",
            "https://u:p@h/?page=7",
        ] {
            assert_eq!(parameters(link, &names), [("page".to_owned(), "7".to_owned())], "{link}");
        }
        assert!(parameters("https://host/page/7", &names).is_empty());
        let both =
            parameters("https://host/?searchAfter=1%2Ca&searchAfter=b&page=next&size=9", &["searchAfter", "page"]);
        assert_eq!(both.len(), 3);
        assert_eq!(both[0].1, "1,a");
    }

    #[test]
    fn the_last_number_has_none_after_it() {
        assert_eq!(Cursor::after(7), Cursor::Number(8));
        assert!(matches!(Cursor::after(u64::MAX), Cursor::Lost(ErrorKind::Paging, _)));
    }
}
