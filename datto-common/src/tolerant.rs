//! A record with members in another form than they are known in: it is read all the same, slowly, after it could not be read
//! as it is. A member costs itself and never its record.

use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value};
use serde_path_to_error::{Path, Segment};

/// Marks a member that could not be read: the record does not know it by this name, and `Extra` takes the mark off again.
const MARK: &str = "\u{0}kept:";
/// More odd members than this in one record are taken for another record.
const MOST: usize = 64;

type Wrong = serde_path_to_error::Error<serde_json::Error>;

/// A step from a value to one inside it.
#[derive(Debug, Clone, PartialEq)]
enum Step {
    Member(String),
    Element(usize),
}

/// A record that was read in spite of its form, and the members that were set aside for it, by their path.
pub(crate) struct Mended<T> {
    pub(crate) record: T,
    pub(crate) unread: Vec<String>,
}

/// Reads the record as far as it can be read. Scalars are read across forms; what cannot be read is unset and kept in the
/// `extra` of the record that it is a member of.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Option<Mended<T>> {
    let value = serde_json::from_str(text).or_else(|error| serde_json::from_str(&escaped(text).ok_or(error)?)).ok()?;
    read_value(value)
}

/// As [`read`], of what is parsed already.
pub(crate) fn read_value<T: DeserializeOwned>(mut value: Value) -> Option<Mended<T>> {
    let mut unread = Vec::new();
    for _ in 0..MOST {
        let wrong = match attempt::<T>(&value) {
            Ok(record) => {
                tracing::debug!(?unread, "read a record with members in another form than known");
                return Some(Mended { record, unread });
            }
            Err(wrong) => wrong,
        };
        let steps = steps(wrong.path())?;
        // An id takes text and numbers as it is; made of anything else it would be another's.
        let is_id = wrong.inner().to_string().contains(crate::ids::EXPECTED);
        if is_id || !convert::<T>(&mut value, &steps)? {
            note(&mut unread, set_aside(&mut value, steps)?);
        }
    }
    None
}

/// Adds a member to those that were set aside, in place of those inside it. A null in a list says nothing, and is none.
fn note(unread: &mut Vec<String>, member: Option<String>) {
    let Some(member) = member else { return };
    unread.retain(|inner| !inner.strip_prefix(&member).is_some_and(|rest| rest.starts_with('.')));
    unread.push(member);
}

/// The JSON with the control characters of its texts escaped, if it has some that are not.
pub(crate) fn escaped(text: &str) -> Option<String> {
    let (mut out, mut changed) = (String::with_capacity(text.len()), false);
    let (mut inside, mut after_backslash) = (false, false);
    for c in text.chars() {
        if inside && c < ' ' {
            changed = true;
            out.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            inside ^= c == '"' && !after_backslash;
            out.push(c);
        }
        after_backslash = inside && c == '\\' && !after_backslash;
    }
    changed.then_some(out)
}

fn attempt<T: DeserializeOwned>(value: &Value) -> Result<T, Wrong> {
    serde_path_to_error::deserialize(value)
}

fn steps(path: &Path) -> Option<Vec<Step>> {
    let steps = path.iter().map_while(|segment| match segment {
        Segment::Seq { index } => Some(Step::Element(*index)),
        Segment::Map { key } => Some(Step::Member(key.clone())),
        Segment::Enum { .. } | Segment::Unknown => None,
    });
    let steps: Vec<Step> = steps.collect();
    (!steps.is_empty()).then_some(steps)
}

fn at<'v>(value: &'v mut Value, steps: &[Step]) -> Option<&'v mut Value> {
    steps.iter().try_fold(value, |value, step| match step {
        Step::Member(name) => value.get_mut(name),
        Step::Element(index) => value.get_mut(*index),
    })
}

/// Puts the first other form in its place that is no longer wrong there. `None` if there is nothing there.
fn convert<T: DeserializeOwned>(value: &mut Value, place: &[Step]) -> Option<bool> {
    let came = at(value, place)?.clone();
    for form in forms(&came) {
        *at(value, place)? = form;
        match attempt::<T>(value) {
            Ok(_) => return Some(true),
            Err(wrong) if !steps(wrong.path()).is_some_and(|steps| steps.starts_with(place)) => return Some(true),
            Err(_) => {}
        }
    }
    *at(value, place)? = came;
    Some(false)
}

/// The same said in other forms, the likeliest first.
fn forms(value: &Value) -> Vec<Value> {
    match value {
        Value::Null | Value::Object(_) => Vec::new(),
        Value::Bool(flag) => vec![flag.to_string().into(), u8::from(*flag).into()],
        Value::Number(number) => {
            let flag = number.as_i64().filter(|number| (0..=1).contains(number)).map(|number| Value::from(number == 1));
            whole(number).into_iter().chain(flag).chain([number.to_string().into()]).collect()
        }
        Value::String(text) => {
            let text = text.trim();
            let number = serde_json::from_str::<Number>(text).ok();
            let exact = number.as_ref().and_then(whole);
            let flag = match text.to_ascii_lowercase().as_str() {
                "1" | "true" => Some(true.into()),
                "0" | "false" => Some(false.into()),
                "" => Some(Value::Null),
                _ => None,
            };
            number.map(Value::from).into_iter().chain(exact).chain(flag).chain([Value::from(vec![text])]).collect()
        }
        Value::Array(list) if list.is_empty() => vec![Map::new().into(), Value::Null],
        Value::Array(list) => {
            let texts: Option<Vec<String>> = list.iter().map(scalar).collect();
            texts.map(|texts| texts.join(", ").into()).into_iter().collect()
        }
    }
}

/// A float that is a whole number.
fn whole(number: &Number) -> Option<Value> {
    let float = number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0 && float.abs() < 9e15)?;
    #[allow(clippy::cast_possible_truncation)] // the bounds are checked
    Some((float as i64).into())
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

/// Takes the member away and keeps it beside, and gives its path; a null in a list goes alone.
fn set_aside(value: &mut Value, mut steps: Vec<Step>) -> Option<Option<String>> {
    loop {
        let whole = path(&steps);
        let last = steps.pop()?;
        let parent = at(value, &steps)?;
        match (parent, last) {
            (Value::Array(list), Step::Element(index)) if list.get(index).is_some_and(Value::is_null) => {
                list.remove(index);
                return Some(None);
            }
            // A mark that is read is a member of a plain map, which keeps nothing beside.
            (Value::Object(members), Step::Member(name)) => match name.strip_prefix(MARK) {
                None => {
                    let came = members.remove(&name)?;
                    members.insert(format!("{MARK}{name}"), came);
                    return Some(Some(whole));
                }
                Some(own) => {
                    let came = members.remove(&name)?;
                    members.insert(own.to_owned(), came);
                }
            },
            _ => {}
        }
    }
}

/// The steps as people write them: `partitions.2.size`.
fn path(steps: &[Step]) -> String {
    let steps: Vec<String> = steps
        .iter()
        .map(|step| match step {
            Step::Member(name) => name.strip_prefix(MARK).unwrap_or(name).to_owned(),
            Step::Element(index) => index.to_string(),
        })
        .collect();
    steps.join(".")
}

/// Takes the marks off again, and tells which names had one.
pub(crate) fn unmarked(members: Map<String, Value>) -> (Map<String, Value>, Vec<String>) {
    if !members.keys().any(|name| name.starts_with(MARK)) {
        return (members, Vec::new());
    }
    let mut unread = Vec::new();
    let members = members.into_iter().map(|(name, value)| match name.strip_prefix(MARK) {
        None => (name, value),
        Some(own) => {
            unread.push(own.to_owned());
            (own.to_owned(), value)
        }
    });
    (members.collect(), unread)
}

/// Reads a record that stands inside another one as far as it can be read, for records whose kind decides how.
#[doc(hidden)]
pub fn read_inner<T: DeserializeOwned>(value: &Value) -> Option<T> {
    T::deserialize(value).ok().or_else(|| read_value(value.clone()).map(|mended| mended.record))
}

#[cfg(test)]
#[allow(unreachable_pub, dead_code)] // the macro declares public items
mod tests {
    use std::collections::BTreeMap;

    crate::text_id! {
        /// An id for the tests.
        ThingUid;
    }
    crate::model! {
        /// A part.
        pub struct Part {
            /// Its size.
            pub size: Option<i64>,
            /// Its name.
            pub name: Option<String>,
        }
        /// A thing.
        pub struct Thing {
            /// Its id.
            pub uid: ThingUid,
            /// Its name.
            pub name: Option<String>,
            /// Whether it is on.
            pub online: Option<bool>,
            /// A share.
            pub share: Option<f64>,
            /// A part.
            pub part: Option<Part>,
            /// Parts.
            pub parts: Option<Vec<Part>>,
            /// Words.
            pub words: Option<Vec<String>>,
            /// By name.
            pub named: Option<BTreeMap<String, i64>>,
        }
    }

    fn read(json: &str) -> Thing {
        super::read(json).unwrap().record
    }

    #[test]
    fn what_was_set_aside_is_named() {
        let unread = |json: &str| super::read::<Thing>(json).unwrap().unread;
        assert_eq!(unread(r#"{"uid":"a","online":"perhaps"}"#), ["online"]);
        assert_eq!(unread(r#"{"uid":"a","part":{"size":12.5},"name":{}}"#), ["name", "part.size"]);
        assert_eq!(unread(r#"{"uid":"a","parts":[{"size":1},{"size":"odd"}]}"#), ["parts.1.size"]);
        assert_eq!(unread(r#"{"uid":"a","named":{"x":"odd"}}"#), ["named"]);
        assert!(unread(r#"{"name":5,"online":"1"}"#).is_empty(), "what is read across forms is read");
        let thing = read(r#"{"uid":"a","part":{"size":12.5},"name":{},"new":1}"#);
        assert_eq!(thing.extra.unread(), ["name"], "of this record, and what is unknown is not unread");
        assert_eq!(thing.part.unwrap().extra.unread(), ["size"]);
    }

    #[test]
    fn scalars_are_read_across_forms() {
        assert_eq!(read(r#"{"name":5}"#).name.as_deref(), Some("5"));
        assert_eq!(read(r#"{"name":["a","b"]}"#).name.as_deref(), Some("a, b"));
        assert_eq!(read(r#"{"part":{"size":"7"}}"#).part.unwrap().size, Some(7));
        assert_eq!(read(r#"{"part":{"size":7.0}}"#).part.unwrap().size, Some(7));
        assert_eq!(read(r#"{"share":"97.3"}"#).share, Some(97.3));
        for json in [r#"{"online":"1"}"#, r#"{"online":"true"}"#, r#"{"online":1}"#, r#"{"online":"True"}"#] {
            assert_eq!(read(json).online, Some(true), "{json}");
        }
        assert_eq!(read(r#"{"words":"one"}"#).words.unwrap(), ["one"]);
        assert_eq!(read(r#"{"words":["a",null,"b"]}"#).words.unwrap(), ["a", "b"]);
        assert_eq!(read(r#"{"named":[]}"#).named, Some(BTreeMap::new()));
    }

    #[test]
    fn what_cannot_be_read_is_unset_and_written_back() {
        for json in [
            r#"{"uid":"a","online":"perhaps"}"#,
            r#"{"uid":"a","name":{"first":"x"}}"#,
            r#"{"uid":"a","part":{"size":12.5}}"#,
            r#"{"uid":"a","part":"none of it"}"#,
            r#"{"uid":"a","parts":[{"size":1},{"size":"odd"}]}"#,
            r#"{"uid":"a","parts":[{"size":1},7]}"#,
            r#"{"uid":"a","named":{"x":"odd"}}"#,
            r#"{"uid":["a"]}"#,
            r#"{"online":[],"uid":{"odd":1}}"#,
        ] {
            let thing = read(json);
            let back = serde_json::to_value(&thing).unwrap();
            let came: serde_json::Value = serde_json::from_str(json).unwrap();
            if json.contains("online\":[]") {
                assert_eq!(back, serde_json::json!({"uid": {"odd": 1}}), "an empty list says nothing");
            } else {
                assert_eq!(back, came, "{json}");
                assert_eq!(thing.uid.as_str(), if json.contains("[\"a\"]") { "" } else { "a" }, "{json}");
            }
        }
    }

    #[test]
    fn raw_control_characters_are_part_of_the_text() {
        assert_eq!(read("{\"name\":\"a\u{1}b\tc\"}").name.as_deref(), Some("a\u{1}b\tc"));
        assert_eq!(super::escaped("{\"a\\\"\": \n1}"), None, "white space between members");
    }

    #[test]
    fn another_thing_is_no_record() {
        for json in ["7", "[]", "null", "\"x\"", "{"] {
            assert!(super::read::<Thing>(json).is_none(), "{json}");
        }
    }
}
