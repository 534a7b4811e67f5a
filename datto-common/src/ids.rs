//! Identifiers as types of their own, so that a site cannot be passed where a device is meant.

/// Declares an identifier whose form the service does not promise: text, read from text or a number; absent or null is the empty id.
#[doc(hidden)]
#[macro_export]
macro_rules! text_id {
    ($($(#[$meta:meta])* $name:ident;)+) => {$(
        $(#[$meta])*
        ///
        /// Opaque. The empty id stands for one that the service did not send; a path refuses it before anything is sent.
        #[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Box<str>);

        $crate::id_common!($name);

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
    )+};
}

/// Declares an identifier that is a number on the wire.
#[doc(hidden)]
#[macro_export]
macro_rules! number_id {
    ($($(#[$meta:meta])* $name:ident;)+) => {$(
        $(#[$meta])*
        ///
        /// A number on the wire. The empty id stands for one that the service did not send; a path refuses it before anything is sent.
        #[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Box<str>);

        $crate::id_common!($name);

        impl $name {
            /// The number, if it is one.
            pub fn as_i64(&self) -> Option<i64> {
                self.0.parse().ok()
            }
        }

        impl From<i64> for $name {
            fn from(id: i64) -> Self {
                Self(id.to_string().into())
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                match self.as_i64() {
                    // "007" is no number: written as one, it would come back as another id.
                    Some(number) if *number.to_string() == *self.0 => serializer.serialize_i64(number),
                    _ => serializer.serialize_str(&self.0),
                }
            }
        }
    )+};
}

#[doc(hidden)]
#[macro_export]
macro_rules! id_common {
    ($name:ident) => {
        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Whether the service sent none.
            pub fn is_empty(&self) -> bool {
                self.0.is_empty()
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::write!(f, "{}({})", ::std::stringify!($name), self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl ::std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                *self.0 == *other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                *self.0 == **other
            }
        }

        impl PartialEq<String> for $name {
            fn eq(&self, other: &String) -> bool {
                *self.0 == **other
            }
        }

        impl PartialEq<$name> for str {
            fn eq(&self, other: &$name) -> bool {
                *self == *other.0
            }
        }

        impl PartialEq<$name> for &str {
            fn eq(&self, other: &$name) -> bool {
                **self == *other.0
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = ::std::convert::Infallible;

            fn from_str(text: &str) -> ::std::result::Result<Self, Self::Err> {
                Ok(Self::from(text))
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.into()
            }
        }

        impl From<&$name> for $name {
            fn from(id: &$name) -> Self {
                id.clone()
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.into())
            }
        }

        impl From<String> for $name {
            fn from(id: String) -> Self {
                Self(id.into())
            }
        }

        impl From<&String> for $name {
            fn from(id: &String) -> Self {
                Self(id.as_str().into())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                $crate::internal::read_id(deserializer).map(Self)
            }
        }

        $crate::held! { Text: $name; }

        impl $crate::internal::QueryValue for $name {
            fn into_query(self) -> String {
                self.0.into()
            }
        }

        impl $crate::internal::AsIdentity for $name {
            fn as_identity(&self) -> &str {
                &self.0
            }
        }

        impl $crate::internal::Unset for $name {
            fn is_unset(&self) -> bool {
                self.is_empty()
            }
        }
    };
}

/// Reads text, a number or null as the text of an id.
#[doc(hidden)]
pub fn read_id<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Box<str>, D::Error> {
    deserializer.deserialize_any(IdVisitor)
}

/// What an id is read from, as a parser's error says it.
pub(crate) const EXPECTED: &str = "an id: text or a whole number";

struct IdVisitor;

impl<'de> serde::de::Visitor<'de> for IdVisitor {
    type Value = Box<str>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(EXPECTED)
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(text.into())
    }

    fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
        Ok(text.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(number.to_string().into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(number.to_string().into())
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Box::default())
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(Box::default())
    }

    fn visit_some<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

#[cfg(test)]
#[allow(unreachable_pub, dead_code)] // the macros declare public items
mod tests {
    crate::text_id! {
        /// An id for the tests.
        ThingUid;
    }
    crate::number_id! {
        /// A numeric id for the tests.
        ThingId;
    }

    #[test]
    fn ids_read_text_numbers_and_null() {
        for (json, text) in [("\"a-1\"", "a-1"), ("17", "17"), ("null", "")] {
            assert_eq!(serde_json::from_str::<ThingUid>(json).unwrap().as_str(), text);
            assert_eq!(serde_json::from_str::<ThingId>(json).unwrap().as_str(), text);
        }
        assert!(serde_json::from_str::<ThingUid>("{}").is_err());
    }

    #[test]
    fn an_id_goes_where_text_goes() {
        let id: ThingUid = "a-1".parse().unwrap();
        let text = String::from("a-1");
        assert!(id == text && id == text.as_str() && text.as_str() == id && id != "b");
        let map = std::collections::HashMap::from([(id.clone(), 1)]);
        assert_eq!(map.get("a-1"), Some(&1));
        assert_eq!(String::from(id), "a-1");
    }

    #[test]
    fn a_numeric_id_is_written_as_a_number() {
        assert_eq!(serde_json::to_string(&ThingId::from(17)).unwrap(), "17");
        assert_eq!(serde_json::to_string(&ThingId::from("x")).unwrap(), "\"x\"");
        assert_eq!(ThingId::from(17).as_i64(), Some(17));
    }
}
