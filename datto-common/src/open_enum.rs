//! Enumerations that a service may extend: an unknown value is kept, not an error.

/// Declares an enumeration with a variant `Other` that holds any value this version does not know and writes it back as it came.
#[doc(hidden)]
#[macro_export]
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $($(#[$variant_meta:meta])* $variant:ident = $text:literal,)+
        }
    ) => {
        $(#[$meta])*
        ///
        /// Open: a value that this version does not know is kept as `Other` and written back as it came.
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)+
            /// A value that this version does not know.
            Other(Box<str>),
        }

        impl $name {
            /// The values that this version knows, as the wire spells them.
            pub const KNOWN: &'static [&'static str] = &[$($text),+];

            /// As the wire spells it.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Other(text) => text,
                }
            }

            /// Whether this version knows it.
            pub fn is_known(&self) -> bool {
                !::std::matches!(self, Self::Other(_))
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)+
                    other => Self::Other(other.into()),
                }
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::from(text.as_str())
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = ::std::convert::Infallible;

            fn from_str(text: &str) -> ::std::result::Result<Self, Self::Err> {
                Ok(Self::from(text))
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        $crate::held! { Text: $name; }

        impl $crate::internal::QueryValue for $name {
            fn into_query(self) -> String {
                self.to_string()
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                $crate::internal::read_text(deserializer, |text| Self::from(text))
            }
        }
    };
}

/// Hands a text over as it stands in the body, so that known values cost no allocation.
#[doc(hidden)]
pub fn read_text<'de, T, D: serde::Deserializer<'de>>(deserializer: D, take: fn(&str) -> T) -> Result<T, D::Error> {
    struct Text<T>(fn(&str) -> T);

    impl<T> serde::de::Visitor<'_> for Text<T> {
        type Value = T;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("text")
        }

        fn visit_str<E>(self, text: &str) -> Result<T, E> {
            Ok((self.0)(text))
        }
    }

    deserializer.deserialize_str(Text(take))
}

/// Lets a type stand in a configuration as the text that its `Display` writes and its `FromStr` reads.
#[doc(hidden)]
#[macro_export]
macro_rules! as_text {
    ($name:ident) => {
        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                let text = <::std::borrow::Cow<'_, str> as ::serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(::serde::de::Error::custom)
            }
        }
    };
}

#[cfg(test)]
#[allow(unreachable_pub, dead_code)] // the macro declares public items
mod tests {
    use proptest::prelude::*;

    crate::open_enum! {
        /// A colour.
        pub enum Colour {
            /// Red.
            Red = "red",
            /// Dark blue.
            DarkBlue = "DARK_BLUE",
        }
    }

    #[test]
    fn known_values_have_names() {
        assert_eq!(serde_json::from_str::<Colour>("\"DARK_BLUE\"").unwrap(), Colour::DarkBlue);
        assert!(Colour::from("red").is_known());
        assert_eq!(Colour::KNOWN, ["red", "DARK_BLUE"]);
    }

    proptest! {
        #[test]
        fn any_value_survives_a_round_trip(text in ".*") {
            let json = serde_json::to_string(&text).unwrap();
            let colour: Colour = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(serde_json::to_string(&colour).unwrap(), json);
        }
    }
}
