//! What stands behind the `?` of a URL.

use wiremock::Request;

/// What the query has to be.
#[derive(Debug)]
pub enum Query {
    /// Decoded, in any order.
    Pairs(Vec<(&'static str, &'static str)>),
    /// As it stands in the URL.
    Text(&'static str),
}

impl<const N: usize> From<&[(&'static str, &'static str); N]> for Query {
    fn from(pairs: &[(&'static str, &'static str); N]) -> Self {
        Self::Pairs(pairs.to_vec())
    }
}

impl From<&'static str> for Query {
    fn from(text: &'static str) -> Self {
        Self::Text(text)
    }
}

impl Query {
    /// More pairs are added; a text stands in place of what was before.
    pub(crate) fn and(self, more: Self) -> Self {
        match (self, more) {
            (Self::Pairs(mut pairs), Self::Pairs(more)) => {
                pairs.extend(more);
                Self::Pairs(pairs)
            }
            (_, more) => more,
        }
    }

    pub(crate) fn check(&self, sent: &Request, case: &str) {
        match self {
            Self::Text(text) => assert_eq!(sent.url.query().unwrap_or_default(), *text, "{case}"),
            Self::Pairs(pairs) => {
                let mut query: Vec<(String, String)> = sent.url.query_pairs().into_owned().collect();
                let mut expected: Vec<(String, String)> =
                    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
                query.sort();
                expected.sort();
                assert_eq!(query, expected, "{case}");
            }
        }
    }
}
