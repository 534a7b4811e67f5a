//! What a fault does to a real answer.

use axum::body::Bytes;
use serde_json::{Value, json};

/// One alteration of a body.
#[derive(Debug, Clone)]
pub(crate) enum Alteration {
    Nothing,
    /// The value at a JSON pointer.
    Set(String, Value),
    /// The number at a JSON pointer plus a step for every strike.
    Drift(String, i64),
    /// So many copies of a value instead of the rows.
    Rows(usize, Value),
    /// No rows, and a next page all the same.
    NoRows,
    Reversed,
    /// More bytes at the end.
    Pad(usize),
    /// Bytes instead of the first occurrence of a text.
    Replace(String, Vec<u8>),
}

impl Alteration {
    /// The altered body. `struck` is how often the fault has struck before; `uri` is what was asked for.
    pub(crate) fn apply(&self, body: Bytes, struck: u64, uri: &str) -> Bytes {
        match self {
            Self::Nothing => body,
            Self::Set(pointer, value) => in_json(body, |json| put(json, pointer, value.clone())),
            Self::Drift(pointer, step) => in_json(body, |json| {
                let times = i64::try_from(struck).unwrap_or(i64::MAX).saturating_add(1);
                if let Some(number) = json.pointer(pointer).and_then(Value::as_i64) {
                    put(json, pointer, json!(number.saturating_add(step.saturating_mul(times))));
                }
            }),
            Self::Rows(count, value) => with_rows(&body, *count, value),
            Self::NoRows => in_json(body, |json| {
                if let Some(rows) = rows(json) {
                    rows.clear();
                }
                promise_more(json, uri);
            }),
            Self::Reversed => in_json(body, |json| rows(json).into_iter().for_each(|rows| rows.reverse())),
            Self::Pad(bytes) => [body.as_ref(), &vec![b' '; *bytes]].concat().into(),
            Self::Replace(text, bytes) => replaced(&body, text.as_bytes(), bytes),
        }
    }
}

/// What is no JSON stays as it is.
fn in_json(body: Bytes, change: impl FnOnce(&mut Value)) -> Bytes {
    let Ok(mut json) = serde_json::from_slice(&body) else { return body };
    change(&mut json);
    json.to_string().into()
}

fn put(json: &mut Value, pointer: &str, value: Value) {
    if let Some(place) = json.pointer_mut(pointer) {
        *place = value;
    } else if let Some((parent, name)) = pointer.rsplit_once('/')
        && let Some(Value::Object(fields)) = json.pointer_mut(parent)
    {
        fields.insert(name.to_owned(), value);
    }
}

/// The rows of a list in any of its wraps: the array itself, or the one array beside the page's own members.
fn rows(json: &mut Value) -> Option<&mut Vec<Value>> {
    match json {
        Value::Array(rows) => Some(rows),
        Value::Object(fields) => fields.values_mut().find_map(Value::as_array_mut),
        _ => None,
    }
}

/// Written as text: a million rows as values would take many times their bytes.
fn with_rows(body: &Bytes, count: usize, value: &Value) -> Bytes {
    let Ok(mut json) = serde_json::from_slice::<Value>(body) else { return body.clone() };
    let Some(rows) = rows(&mut json) else { return body.clone() };
    *rows = vec![json!("rows of the sandbox")];
    let row = value.to_string();
    let many = vec![row.as_str(); count].join(",");
    json.to_string().replacen("\"rows of the sandbox\"", &many, 1).into()
}

/// Says that there is a page after the one that was asked for.
fn promise_more(json: &mut Value, uri: &str) {
    let page = query(uri, "page").or_else(|| query(uri, "_page"));
    if let Some(link) = json.pointer_mut("/pageDetails/nextPageUrl").filter(|link| !link.is_string()) {
        let path = uri.split('?').next().unwrap_or_default();
        *link = json!(format!("http://sandbox{path}?page={}", page.unwrap_or(0).saturating_add(1)));
    }
    if let Some(total) = json.pointer_mut("/pagination/totalPages") {
        *total = json!(page.unwrap_or(1).saturating_add(1));
    }
}

fn query(uri: &str, name: &str) -> Option<u64> {
    let pairs = uri.split_once('?')?.1.split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter(|(key, _)| *key == name).find_map(|(_, value)| value.parse().ok())
}

fn replaced(body: &Bytes, text: &[u8], bytes: &[u8]) -> Bytes {
    let place = (!text.is_empty()).then(|| body.windows(text.len()).position(|part| part == text)).flatten();
    let Some(place) = place else { return body.clone() };
    let after = body.get(place + text.len()..).unwrap_or_default();
    [body.get(..place).unwrap_or_default(), bytes, after].concat().into()
}

/// A request target without a query parameter, or with its number lowered to `cap`.
pub(crate) fn altered_target(target: &str, name: &str, cap: Option<u64>) -> String {
    let Some((path, query)) = target.split_once('?') else { return target.to_owned() };
    let mut kept = Vec::new();
    for pair in query.split('&') {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        match cap {
            _ if key != name => kept.push(pair.to_owned()),
            None => {}
            Some(cap) => {
                let value =
                    value.parse::<u64>().map_or_else(|_| value.to_owned(), |number| number.min(cap).to_string());
                kept.push(format!("{key}={value}"));
            }
        }
    }
    format!("{path}?{}", kept.join("&"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Alteration, altered_target};

    fn altered(alteration: &Alteration, body: &Value, struck: u64) -> Value {
        let body = alteration.apply(body.to_string().into(), struck, "/api/v2/account/devices?page=3");
        serde_json::from_slice(&body).unwrap()
    }

    #[test]
    fn values_are_put_where_the_pointer_says() {
        let page = json!({"pageDetails": {"totalCount": 5}, "devices": [1, 2]});
        let huge = Alteration::Set("/pageDetails/totalCount".to_owned(), json!(u64::MAX));
        assert_eq!(altered(&huge, &page, 0)["pageDetails"]["totalCount"], json!(u64::MAX));
        let new = Alteration::Set("/pageDetails/page".to_owned(), json!(0));
        assert_eq!(altered(&new, &page, 0)["pageDetails"]["page"], json!(0));
        let drift = Alteration::Drift("/pageDetails/totalCount".to_owned(), -2);
        assert_eq!(altered(&drift, &page, 0)["pageDetails"]["totalCount"], json!(3));
        assert_eq!(altered(&drift, &page, 1)["pageDetails"]["totalCount"], json!(1));
    }

    #[test]
    fn rows_are_found_in_every_wrap() {
        let nothing = Alteration::NoRows;
        let page = json!({"pageDetails": {"nextPageUrl": null}, "devices": [1, 2]});
        let emptied = altered(&nothing, &page, 0);
        assert_eq!(emptied["devices"], json!([]));
        assert_eq!(emptied["pageDetails"]["nextPageUrl"], "http://sandbox/api/v2/account/devices?page=4");
        assert_eq!(altered(&nothing, &json!([1]), 0), json!([]));
        let bcdr = altered(&nothing, &json!({"pagination": {"totalPages": 3}, "items": [1]}), 0);
        assert_eq!(bcdr, json!({"pagination": {"totalPages": 4}, "items": []}));
        assert_eq!(altered(&Alteration::Rows(3, json!(1)), &page, 0)["devices"], json!([1, 1, 1]));
        assert_eq!(altered(&Alteration::Reversed, &page, 0)["devices"], json!([2, 1]));
    }

    #[test]
    fn bytes_need_be_no_text() {
        let body = Alteration::Replace("ü".to_owned(), vec![0xFC]).apply("{\"a\":\"Jürgen\"}".into(), 0, "/");
        assert_eq!(body.as_ref(), b"{\"a\":\"J\xFCrgen\"}");
        assert_eq!(Alteration::Replace(String::new(), vec![0]).apply("ab".into(), 0, "/"), "ab");
        assert_eq!(Alteration::Pad(2).apply("ab".into(), 0, "/"), "ab  ");
    }

    #[test]
    fn parameters_are_left_out_or_capped() {
        assert_eq!(altered_target("/a?page=3&max=9", "page", None), "/a?max=9");
        assert_eq!(altered_target("/a?page=3&max=900", "max", Some(50)), "/a?page=3&max=50");
        assert_eq!(altered_target("/a", "max", Some(50)), "/a");
    }
}
