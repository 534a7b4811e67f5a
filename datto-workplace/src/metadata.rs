//! Which more fields an item shall have.

use std::borrow::Cow;

use datto_common::internal::QueryValue;

/// Asks for more fields of items: a string of letters, each for some fields, case-sensitive (observed). Which letter stands
/// for which field is not known, so they have no names here.
///
/// ```
/// use datto_workplace::Metadata;
/// assert_eq!(Metadata::REVIEW.letters(), "sjGOS");
/// assert_eq!(Metadata::new("sj").letters(), "sj");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Metadata(Cow<'static, str>);

impl Metadata {
    /// The letters with which `isPublicLink`, `fileLink`, `changedByUserName`, `lock`, `stored` and `online` come (observed).
    pub const REVIEW: Self = Self(Cow::Borrowed("sjGOS"));

    /// Letters of your own.
    pub fn new(letters: impl Into<String>) -> Self {
        Self(Cow::Owned(letters.into()))
    }

    /// The letters.
    pub fn letters(&self) -> &str {
        &self.0
    }
}

impl QueryValue for Metadata {
    fn into_query(self) -> String {
        self.0.into_owned()
    }
}
