//! What the records come in: `result`, `value`, or nothing at all (observed: programs take all three).

use datto_common::internal::{Answer, read_all};
use datto_common::{ErrorKind, Paging, Result, Scheme};
use serde_json::{Map, Value};

use crate::Item;

const fn list_under(member: &'static str) -> Paging {
    Paging::new(member, "", "", (1, 1), Scheme::Cursor { carry: &[], next: "" })
}

static RESULT: Paging = list_under("result");
static VALUE: Paging = list_under("value");
static BARE: Paging = list_under("");

/// Members by which services say that a list goes on. None was ever seen here; if one comes, the list is not whole.
const MORE: &[&str] =
    &["next", "nextPage", "nextPageUrl", "nextLink", "nextPageToken", "@odata.nextLink", "hasMore", "cursor"];

/// Reads a list of items. Anything but a list is an error: an answer without it must never look like an empty folder.
pub(crate) fn list(answer: &Answer) -> Result<Vec<Item>> {
    if answer.text()?.trim_start().starts_with('[') {
        return read_all(answer, &BARE);
    }
    let items = read_all(answer, &RESULT).or_else(|error| read_all(answer, &VALUE).map_err(|_| error))?;
    refuse_part(answer)?;
    Ok(items)
}

/// A list that says that it goes on is not whole: taking it for whole would let a mirror delete the rest.
fn refuse_part(answer: &Answer) -> Result<()> {
    let members: std::collections::HashMap<String, &serde_json::value::RawValue> =
        serde_json::from_str(answer.text()?.trim_start()).unwrap_or_default();
    let says_more =
        |name: &&&str| members.get(**name).is_some_and(|value| !matches!(value.get(), "null" | "false" | "\"\"" | "0"));
    match MORE.iter().find(says_more) {
        None => Ok(()),
        Some(name) => Err(answer
            .error(ErrorKind::Paging, format!("the list goes on (`{name}`), which this API was never seen to do"))
            .with_hint("please report it; `raw` reaches the rest meanwhile")),
    }
}

/// Reads one item.
pub(crate) fn item(answer: &Answer) -> Result<Item> {
    let item = Item::from(unwrapped(answer.json()?));
    if item.is_nothing() {
        return Err(answer.unreadable("neither an id nor a name in the answer"));
    }
    Ok(item)
}

/// Reads what a write tells of the item that it made or changed; it may tell nothing (observed). A page of HTML is no success.
pub(crate) fn told(answer: &Answer) -> Result<Item> {
    answer.nothing()?;
    Ok(match serde_json::from_str(answer.text()?) {
        Ok(Value::Object(members)) => Item::from(unwrapped(members)),
        Ok(id @ Value::Number(_)) => Item::from(Map::from_iter([("id".to_owned(), id)])),
        _ => Item::default(),
    })
}

/// The record itself, out of `value` or `result` if it is in one.
fn unwrapped(mut members: Map<String, Value>) -> Map<String, Value> {
    for wrapper in ["value", "result"] {
        match members.remove(wrapper) {
            Some(Value::Object(record)) => return record,
            Some(other) => _ = members.insert(wrapper.to_owned(), other),
            None => {}
        }
    }
    members
}
