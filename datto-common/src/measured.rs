//! Answers that say how much of them is known.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use crate::scrub::harmless;
use crate::{Error, ErrorKind};

/// An answer put together from several calls: known, partial or unknown. A failed read never becomes 0, empty or healthy.
///
/// As JSON it keeps its state: `{"state":"known","value":…}`, `{"state":"partial","value":…,"missing":[…]}`,
/// `{"state":"unknown","cause":{…}}`.
///
/// ```
/// use datto_common::Measured;
/// let failed: Measured<u32> = Measured::Known(3);
/// match &failed {
///     Measured::Known(count) => println!("{count}"),
///     Measured::Partial { value, missing } => println!("at least {value}; {} could not be read", missing.len()),
///     Measured::Unknown { cause } => println!("unknown: {cause}"),
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(from = "Wire<T>", bound(deserialize = "T: Deserialize<'de>"))]
pub enum Measured<T> {
    /// Everything that it rests on was read.
    Known(T),
    /// Something could not be read: a count is a lower bound, a list is not whole.
    Partial {
        /// The answer as far as it goes.
        value: T,
        /// What is missing, and why; never empty.
        missing: Vec<Missing>,
    },
    /// Nothing can be said.
    Unknown {
        /// Why not.
        cause: Cause,
    },
}

/// Its form in JSON.
#[derive(Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase")]
enum Wire<T, M = Vec<Missing>, C = Cause> {
    Known { value: T },
    Partial { value: T, missing: M },
    Unknown { cause: C },
}

impl<T> From<Wire<T>> for Measured<T> {
    fn from(wire: Wire<T>) -> Self {
        match wire {
            Wire::Known { value } => Self::Known(value),
            Wire::Partial { value, missing } => Self::Partial { value, missing },
            Wire::Unknown { cause } => Self::Unknown { cause },
        }
    }
}

impl<T: Serialize> Serialize for Measured<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let wire = match self {
            Self::Known(value) => Wire::Known { value },
            Self::Partial { value, missing } => Wire::Partial { value, missing },
            Self::Unknown { cause } => Wire::Unknown { cause },
        };
        wire.serialize(serializer)
    }
}

/// Something that an answer lacks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Missing {
    /// What it is, in the field's words: "assets of appliance D05099000001".
    pub what: String,
    /// Why it is missing.
    pub cause: Cause,
}

impl Missing {
    /// Names what is missing and why.
    pub fn new(what: impl Into<String>, cause: impl Into<Cause>) -> Self {
        Self { what: harmless(what.into()), cause: cause.into() }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.cause)
    }
}

/// Why something is not known: an error without its inner causes, so that it can be cloned, compared and written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Cause {
    /// What went wrong.
    pub kind: ErrorKind,
    /// One line: what, where, after how many attempts.
    pub message: String,
    /// What to do about it, where that is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub hint: Option<String>,
}

impl Cause {
    /// A cause that is no failed call: "no device reports patch data".
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: harmless(message.into()), hint: None }
    }
}

impl From<&Error> for Cause {
    fn from(error: &Error) -> Self {
        Self { kind: error.kind(), message: error.summary(), hint: error.hint().map(str::to_owned) }
    }
}

impl From<Error> for Cause {
    fn from(error: Error) -> Self {
        Self::from(&error)
    }
}

impl std::error::Error for Cause {}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(hint) = &self.hint {
            write!(f, " ({hint})")?;
        }
        Ok(())
    }
}

impl<T> Measured<T> {
    /// Known if nothing is missing, else partial.
    pub fn from_parts(value: T, missing: Vec<Missing>) -> Self {
        if missing.is_empty() { Self::Known(value) } else { Self::Partial { value, missing } }
    }

    /// Unknown, for this reason.
    pub fn unknown(cause: impl Into<Cause>) -> Self {
        Self::Unknown { cause: cause.into() }
    }

    /// The answer, whole or not; `None` if it is unknown.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Known(value) | Self::Partial { value, .. } => Some(value),
            Self::Unknown { .. } => None,
        }
    }

    /// The answer if it is whole.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Partial { .. } | Self::Unknown { .. } => None,
        }
    }

    /// The answer by value, whole or not; `None` if it is unknown.
    pub fn into_value(self) -> Option<T> {
        match self {
            Self::Known(value) | Self::Partial { value, .. } => Some(value),
            Self::Unknown { .. } => None,
        }
    }

    /// The answer if it is whole, else why not: where it is partial, the first of what is missing, which its message names.
    ///
    /// # Errors
    /// Of the kind of the cause.
    pub fn into_result(self) -> Result<T, Cause> {
        match self {
            Self::Known(value) => Ok(value),
            Self::Unknown { cause } => Err(cause),
            Self::Partial { missing, .. } => Err(missing.into_iter().next().map_or_else(
                || Cause::new(ErrorKind::NoData, "something is missing"),
                |Missing { what, cause }| Cause { message: format!("{what}: {}", cause.message), ..cause },
            )),
        }
    }

    /// Whether everything that it rests on was read.
    pub fn is_known(&self) -> bool {
        matches!(self, Self::Known(_))
    }

    /// Why nothing is known; `None` in the other two states. Of the kind [`NoData`](ErrorKind::NoData) if all was read and there is nothing to
    /// judge.
    pub fn cause(&self) -> Option<&Cause> {
        match self {
            Self::Unknown { cause } => Some(cause),
            Self::Known(_) | Self::Partial { .. } => None,
        }
    }

    /// What is missing from a partial answer; empty in the other two states.
    pub fn missing(&self) -> &[Missing] {
        match self {
            Self::Partial { missing, .. } => missing,
            Self::Known(_) | Self::Unknown { .. } => &[],
        }
    }

    /// Another view of the same answer, as complete as this one.
    pub fn map<U>(self, view: impl FnOnce(T) -> U) -> Measured<U> {
        match self {
            Self::Known(value) => Measured::Known(view(value)),
            Self::Partial { value, missing } => Measured::Partial { value: view(value), missing },
            Self::Unknown { cause } => Measured::Unknown { cause },
        }
    }

    /// By reference.
    pub fn as_ref(&self) -> Measured<&T> {
        match self {
            Self::Known(value) => Measured::Known(value),
            Self::Partial { value, missing } => Measured::Partial { value, missing: missing.clone() },
            Self::Unknown { cause } => Measured::Unknown { cause: cause.clone() },
        }
    }

    /// The same answer, with more that it lacks.
    #[must_use]
    pub fn with_missing(self, more: impl IntoIterator<Item = Missing>) -> Self {
        let (value, mut missing) = match self {
            Self::Known(value) => (value, Vec::new()),
            Self::Partial { value, missing } => (value, missing),
            unknown @ Self::Unknown { .. } => return unknown,
        };
        missing.extend(more);
        Self::from_parts(value, missing)
    }
}

impl<T> From<Result<T, Error>> for Measured<T> {
    fn from(result: Result<T, Error>) -> Self {
        result.map_or_else(Self::unknown, Self::Known)
    }
}

/// "12", "at least 12", "unknown: why".
impl<T: fmt::Display> fmt::Display for Measured<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(value) => value.fmt(f),
            Self::Partial { value, .. } => write!(f, "at least {value}"),
            Self::Unknown { cause } => write!(f, "unknown: {cause}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused() -> Missing {
        Missing::new("assets of appliance D05099000001", Cause::new(ErrorKind::Server, "503 Service Unavailable"))
    }

    #[test]
    fn each_state_survives_json() {
        let states = [
            Measured::Known(0),
            Measured::Partial { value: 7, missing: vec![refused()] },
            Measured::unknown(Cause::new(ErrorKind::Timeout, "no answer in 60 s")),
        ];
        for state in states {
            let json = serde_json::to_string(&state).unwrap();
            assert_eq!(serde_json::from_str::<Measured<u32>>(&json).unwrap(), state, "{json}");
        }
        assert_eq!(serde_json::to_string(&Measured::Known(3)).unwrap(), r#"{"state":"known","value":3}"#);
    }

    #[test]
    fn a_partial_count_says_that_it_is_a_lower_bound() {
        assert_eq!(Measured::from_parts(7, vec![refused()]).to_string(), "at least 7");
        assert_eq!(Measured::from_parts(7, vec![]).to_string(), "7");
    }

    #[test]
    fn a_partial_answer_is_no_result() {
        assert_eq!(Measured::Known(7).into_result(), Ok(7));
        let error = Measured::from_parts(7, vec![refused()]).into_result().unwrap_err();
        assert_eq!(error.kind, ErrorKind::Server);
        assert_eq!(error.message, "assets of appliance D05099000001: 503 Service Unavailable");
        assert_eq!(Measured::from_parts(7, vec![refused()]).into_value(), Some(7));
        assert_eq!(Measured::<u8>::unknown(refused().cause).into_value(), None);
    }

    #[test]
    fn more_missing_makes_a_known_answer_partial() {
        assert_eq!(Measured::Known(7).with_missing([refused()]).known(), None);
        assert_eq!(Measured::Known(7).with_missing([]).known(), Some(&7));
    }
}
