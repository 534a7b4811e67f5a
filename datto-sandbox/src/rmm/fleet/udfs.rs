//! The user-defined fields of a device: of three hundred, most devices have a few.

use std::collections::BTreeMap;

/// Number and value of the fields that are set, in order. A map for each of many devices would be most of the fleet.
#[derive(Debug, Clone, Default)]
pub(crate) struct Udfs(Box<[(u16, String)]>);

impl Udfs {
    pub(crate) fn get(&self, ordinal: u16) -> Option<&str> {
        self.iter().find(|(known, _)| *known == ordinal).map(|(_, value)| value)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u16, &str)> {
        self.0.iter().map(|(ordinal, value)| (*ordinal, value.as_str()))
    }

    /// A copy that can be changed.
    pub(crate) fn to_map(&self) -> BTreeMap<u16, String> {
        self.0.iter().cloned().collect()
    }
}

impl From<BTreeMap<u16, String>> for Udfs {
    fn from(fields: BTreeMap<u16, String>) -> Self {
        Self(fields.into_iter().collect())
    }
}
