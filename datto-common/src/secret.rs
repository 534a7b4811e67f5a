//! Values that must not be seen: [`Secret`] for credentials, [`Sensitive`] for private fields of records.

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize};
use zeroize::Zeroizing;

/// A credential: never printed, never serialised, wiped from memory when dropped.
///
/// Copies that the HTTP stack makes while it sends a request are not wiped.
///
/// ```
/// let secret = datto_common::Secret::new("s3cret-value");
/// assert_eq!(format!("{secret:?}"), "[redacted]");
/// assert_eq!(secret.masked(), "********alue");
/// ```
#[derive(Clone, Default)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a credential over, without the white space around it: a trailing newline from a file makes every login fail.
    pub fn new(value: impl Into<String>) -> Self {
        let value = Zeroizing::new(value.into());
        Self(Zeroizing::new(value.trim().to_owned()))
    }

    /// The credential itself. Do not print it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Eight stars and the last four characters, for a settings page; stars alone where it is shorter than twelve characters.
    pub fn masked(&self) -> String {
        let count = self.0.chars().count();
        let tail: String = if count < 12 { String::new() } else { self.0.chars().skip(count - 4).collect() };
        format!("********{tail}")
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl PartialEq for Secret {
    /// Looks at every byte whatever the outcome, so that the time it takes tells nothing.
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (self.0.as_bytes(), other.0.as_bytes());
        a.len() == b.len() && a.iter().zip(b).fold(0, |odd, (x, y)| odd | (x ^ y)) == 0
    }
}

impl Eq for Secret {}

impl From<&str> for Secret {
    fn from(value: &str) -> Self {
        Self::new(value)
    }
}

impl From<String> for Secret {
    fn from(value: String) -> Self {
        Self::new(value)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

/// A private value inside a record (a masked variable, a proxy password, a user-defined field): `Debug` hides it,
/// `Serialize` writes it, everything else goes through to the value.
#[derive(Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sensitive<T>(
    /// The value.
    pub T,
);

impl<T> Sensitive<T> {
    /// Gives the value out.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Sensitive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl<T> Deref for Sensitive<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> From<T> for Sensitive<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl From<&str> for Sensitive<String> {
    fn from(value: &str) -> Self {
        Self(value.to_owned())
    }
}

/// Base64 as HTTP Basic has it.
pub(crate) fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_trimmed_and_hidden() {
        let secret = Secret::new("abcdefgh12345678\r\n");
        assert_eq!(secret.expose(), "abcdefgh12345678");
        assert_eq!(secret.masked(), "********5678");
        assert_eq!(Secret::new("short").masked(), "********");
        assert!(!format!("{secret:?} {:?}", Some(&secret)).contains("1234"));
    }

    #[test]
    fn secrets_compare_by_value() {
        assert_eq!(Secret::new("a"), Secret::new("a"));
        assert_ne!(Secret::new("a"), Secret::new("b"));
        assert_ne!(Secret::new("a"), Secret::new("ab"));
    }

    #[test]
    fn a_sensitive_value_is_written_but_not_printed() {
        let value: Sensitive<String> = "recovery-key".into();
        assert_eq!(format!("{value:?}"), "[redacted]");
        assert_eq!(serde_json::to_string(&value).unwrap(), "\"recovery-key\"");
        assert_eq!(value.len(), 12);
    }
}
