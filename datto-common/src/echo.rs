//! Whether the record that came back is the one that was asked for: on a connection that went out of step, an answer may be that of another
//! call.

use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use crate::answer::Answer;
use crate::call::Call;
use crate::{ErrorKind, Result};

/// Compares what the record says of itself with the last value of the path. A record that does not say is left to its reader.
pub(crate) fn check(call: &Call, answer: &Answer) -> Result<()> {
    let (Some(member), Some(asked)) = (call.operation.echo, call.segments.last()) else { return Ok(()) };
    let mut found = None;
    // It ends in an error, since the rest of the record is not read.
    let _ =
        serde_json::Deserializer::from_slice(&answer.body).deserialize_map(Member { name: member, found: &mut found });
    let came = match found {
        Some(Value::String(text)) => text,
        Some(Value::Number(number)) => number.to_string(),
        _ => return Ok(()),
    };
    if came.is_empty() || came.eq_ignore_ascii_case(asked) {
        return Ok(());
    }
    let error =
        answer.error(ErrorKind::Decode, format!("another record came than was asked for: its {member} differs"));
    Err(error.with_hint("something on the way mixes answers up; do not trust what came, and ask again"))
}

/// Reads one member of an object, and no further.
struct Member<'a> {
    name: &'static str,
    found: &'a mut Option<Value>,
}

impl<'de> Visitor<'de> for Member<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<std::borrow::Cow<'_, str>>()? {
            if name == self.name {
                *self.found = map.next_value()?;
                return Ok(());
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}
