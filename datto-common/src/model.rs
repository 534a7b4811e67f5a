//! What every record has in common: optional fields, and a place for what this version does not know.

use std::fmt;
use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::tolerant;

use crate::ColumnKind;

/// The members of a record that this version does not know, kept as they came and written back; also known ones that came in
/// a form in which they could not be read, whose fields are then unset.
///
/// `Debug` prints their names only: the values may be personal.
#[derive(Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Extra {
    members: Map<String, Value>,
    #[serde(skip)]
    unread: Box<[String]>,
}

impl Extra {
    /// Which known members of this record came in a form in which they could not be read, by their names on the wire. Their
    /// fields are unset, and the values are kept here as they came. A figure that needs a member must not take an unread one
    /// for an absent one. Records inside this one tell their own.
    pub fn unread(&self) -> &[String] {
        &self.unread
    }
}

impl<'de> Deserialize<'de> for Extra {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (members, unread) = tolerant::unmarked(Map::deserialize(deserializer)?);
        Ok(Self { members, unread: unread.into() })
    }
}

impl Deref for Extra {
    type Target = Map<String, Value>;

    fn deref(&self) -> &Self::Target {
        &self.members
    }
}

impl DerefMut for Extra {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.members
    }
}

impl From<Map<String, Value>> for Extra {
    fn from(members: Map<String, Value>) -> Self {
        Self { members, unread: Box::default() }
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.members.keys()).finish()
    }
}

/// Whether a field has nothing to write.
#[doc(hidden)]
pub trait Unset {
    fn is_unset(&self) -> bool;
}

impl<T> Unset for Option<T> {
    fn is_unset(&self) -> bool {
        self.is_none()
    }
}

#[doc(hidden)]
pub fn is_unset<T: Unset>(value: &T) -> bool {
    value.is_unset()
}

/// The fields of a record as they are declared, for the comparison with an official document.
#[doc(hidden)]
pub trait Model {
    const NAME: &'static str;
    const FIELDS: &'static [Field];
}

/// One declared field.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Field {
    pub name: &'static str,
    pub kind: &'static str,
    pub attributes: &'static str,
    /// What it holds as a column.
    pub holds: Holds,
    /// Whether its value is private.
    pub sensitive: bool,
}

/// What a field holds, for a table of columns.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub enum Holds {
    Column(ColumnKind),
    /// A record of its own, with these fields.
    Record(fn() -> &'static [Field]),
}

/// A type that a field of a record may have.
#[doc(hidden)]
pub trait Held {
    const HOLDS: Holds;
    const SENSITIVE: bool = false;
}

/// Says what these types hold as a column.
#[doc(hidden)]
#[macro_export]
macro_rules! held {
    ($($kind:ident: $($held:ty),+;)+) => {$($(
        impl $crate::internal::Held for $held {
            const HOLDS: $crate::internal::Holds = $crate::internal::Holds::Column($crate::ColumnKind::$kind);
        }
    )+)+};
}

crate::held! {
    Text: String, Box<str>;
    Bool: bool;
    Int: i64, u64, u32, i32;
    Float: f64, serde_json::Number;
    Time: crate::Timestamp;
    Json: Value, Extra;
}

impl<T> Held for Vec<T> {
    const HOLDS: Holds = Holds::Column(ColumnKind::Json);
}

impl<K, V> Held for std::collections::BTreeMap<K, V> {
    const HOLDS: Holds = Holds::Column(ColumnKind::Json);
}

impl<T: Held> Held for Option<T> {
    const HOLDS: Holds = T::HOLDS;
    const SENSITIVE: bool = T::SENSITIVE;
}

impl<T: Held> Held for crate::Sensitive<T> {
    const HOLDS: Holds = T::HOLDS;
    const SENSITIVE: bool = true;
}

impl Held for crate::Secret {
    const HOLDS: Holds = Holds::Column(ColumnKind::Text);
    const SENSITIVE: bool = true;
}

impl Field {
    /// Its name on the wire: what `rename` says, else the camel case of its name.
    pub fn wire_name(&self) -> String {
        if let Some((_, rest)) = self.attributes.split_once("rename = \"") {
            return rest.split('"').next().unwrap_or_default().to_owned();
        }
        let mut parts = self.name.split('_');
        let mut wire = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let mut letters = part.chars();
            wire.extend(letters.next().map(|first| first.to_ascii_uppercase()));
            wire.push_str(letters.as_str());
        }
        wire
    }
}

/// The name on the wire of a declared field.
#[doc(hidden)]
pub fn wire_name<M: Model>(field: &str) -> String {
    M::FIELDS.iter().find(|declared| declared.name == field).map_or_else(|| field.to_owned(), Field::wire_name)
}

/// Declares a record as the services send it: camel case, every field optional (`Option<…>` or an id), unknown members kept in `extra`.
#[doc(hidden)]
#[macro_export]
macro_rules! model {
    ($(
        $(#[$meta:meta])*
        pub struct $name:ident {
            $($(#[$field_meta:meta])* pub $field:ident: $kind:ty,)*
        }
    )+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq, ::serde::Serialize, ::serde::Deserialize)]
        #[serde(default, rename_all = "camelCase")]
        #[non_exhaustive]
        pub struct $name {
            $(
                $(#[$field_meta])*
                #[serde(skip_serializing_if = "::datto_common::internal::is_unset")]
                pub $field: $kind,
            )*
            /// What the service sent and this version does not know; written back as it came.
            #[serde(flatten)]
            pub extra: $crate::Extra,
        }

        impl $crate::internal::Model for $name {
            const NAME: &'static str = ::std::stringify!($name);
            const FIELDS: &'static [$crate::internal::Field] = &[$(
                $crate::internal::Field {
                    name: ::std::stringify!($field),
                    kind: ::std::stringify!($kind),
                    attributes: ::std::stringify!($(#[$field_meta])*),
                    holds: <$kind as $crate::internal::Held>::HOLDS,
                    sensitive: <$kind as $crate::internal::Held>::SENSITIVE,
                },
            )*];
        }

        impl $crate::internal::Held for $name {
            const HOLDS: $crate::internal::Holds =
                $crate::internal::Holds::Record(|| <Self as $crate::internal::Model>::FIELDS);
        }
    )+};
}

#[cfg(test)]
#[allow(unreachable_pub, dead_code)] // the macro declares public items
mod tests {
    use super::{Field, Model as _};
    crate::text_id! {
        /// An id for the tests.
        ThingUid;
    }

    crate::model! {
        /// A thing.
        pub struct Thing {
            /// Its id.
            pub uid: ThingUid,
            /// Its address.
            pub ip_address: Option<String>,
            /// Whether it is 64 bit.
            #[serde(rename = "a64Bit")]
            pub is_64_bit: Option<bool>,
        }
    }

    #[test]
    fn what_is_unknown_survives_and_what_is_absent_stays_absent() {
        let json = r#"{"a64Bit":true,"ipAddress":null,"new":{"deep":[1,null]}}"#;
        let thing: Thing = serde_json::from_str(json).unwrap();
        assert_eq!(thing.is_64_bit, Some(true));
        assert!(thing.uid.is_empty());
        assert_eq!(serde_json::to_string(&thing).unwrap(), r#"{"a64Bit":true,"new":{"deep":[1,null]}}"#);
        assert!(format!("{thing:?}").contains("[\"new\"]"));
    }

    #[test]
    fn fields_know_their_wire_names() {
        let names: Vec<String> = Thing::FIELDS.iter().map(Field::wire_name).collect();
        assert_eq!(names, ["uid", "ipAddress", "a64Bit"]);
    }
}
