//! Which item of a folder an upload became, and whether it is what was sent.

use datto_common::{Error, ErrorKind, Result, Timestamp};

use super::Verified;
use super::tally::Total;
use super::upload::Conflict;
use crate::Item;
use crate::names::{alike, key};

/// How well what the service shows agrees with what was sent.
pub(super) fn compare(item: &Item, size: u64, md5: &str) -> Result<Verified> {
    let wrong = |what: &str| {
        Err(Error::new(ErrorKind::Integrity, format!("the {what} of the stored file is not that of what was sent")))
    };
    match (item.has_md5(md5), item.size) {
        (Some(true), _) => Ok(Verified::Md5),
        (Some(false), _) => wrong("MD5"),
        (None, Some(stored)) if stored != size => wrong("size"),
        (None, Some(_)) => Ok(Verified::Size),
        (None, None) => Ok(Verified::Nothing),
    }
}

/// The children that the upload may have become: of its name or one made unique from it, with its bytes as far as shown.
pub(super) fn candidates<'a>(
    children: &'a [Item],
    requested: &str,
    answered: Option<&str>,
    sent: &Total,
    conflict: Conflict,
) -> Vec<&'a Item> {
    let named = |is_so: &dyn Fn(&str) -> bool| -> Vec<&'a Item> {
        let files = children.iter().filter(|item| !item.is_folder() && !item.id.is_empty());
        let named = files.filter(|item| is_so(item.named()));
        named.filter(|item| compare(item, sent.size, &sent.md5).is_ok()).collect()
    };
    let may_be = |name: &str, of: &str| name == of || (conflict == Conflict::MakeUnique && is_variant(name, of));
    let exactly = match answered {
        Some(answered) => named(&|name| name == answered),
        None => named(&|name| may_be(name, requested)),
    };
    if !exactly.is_empty() {
        return exactly;
    }
    // A store may spell a name otherwise than it was sent.
    match answered {
        Some(answered) => named(&|name| alike(name, answered)),
        None => named(&|name| may_be(&key(name), &key(requested))),
    }
}

/// Of several the newest, since it was stored just now; none if they are equally new.
pub(super) fn surely<'a>(found: &[&'a Item]) -> Option<&'a Item> {
    let age = |item: &&Item| item.time.as_ref().and_then(Timestamp::as_millis);
    let newest = found.iter().copied().max_by_key(age)?;
    let equals = found.iter().filter(|item| age(item) == age(&newest)).count();
    (equals == 1).then_some(newest)
}

/// Whether a name is `stem (n).extension` of another (observed).
fn is_variant(name: &str, of: &str) -> bool {
    let (stem, extension) = match of.rfind('.') {
        Some(dot) if dot > 0 => of.split_at(dot),
        _ => (of, ""),
    };
    let number = name.strip_prefix(stem).and_then(|rest| rest.strip_suffix(extension));
    let number = number.and_then(|rest| rest.strip_prefix(" (")?.strip_suffix(')'));
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn items(list: serde_json::Value) -> Vec<Item> {
        serde_json::from_value(list).unwrap()
    }

    fn sent() -> Total {
        Total { size: 3, md5: "900150983cd24fb0d6963f7d28e17f72".to_owned() }
    }

    #[test]
    fn variants_of_a_name_are_recognised() {
        for (name, of, expected) in [
            ("report (1).pdf", "report.pdf", true),
            ("report (12).pdf", "report.pdf", true),
            (".hidden (1)", ".hidden", true),
            ("report.pdf", "report.pdf", false),
            ("report (x).pdf", "report.pdf", false),
            ("report ().pdf", "report.pdf", false),
            ("reports (1).pdf", "report.pdf", false),
        ] {
            assert_eq!(is_variant(name, of), expected, "{name}");
        }
    }

    #[test]
    fn the_stored_file_is_found_or_left_open() {
        let md5 = sent().md5;
        let children = items(json!([
            {"id": 1, "name": "a.txt", "size": 3, "md5": md5, "time": 1_774_000_000_000_i64},
            {"id": 2, "name": "a (1).txt", "size": 3, "md5": md5, "time": 1_774_000_009_000_i64},
            {"id": 3, "name": "a (2).txt", "size": 4, "time": 1_774_000_010_000_i64},
            {"id": 4, "name": "a (3).txt", "folder": true},
        ]));
        let find = |answered, conflict| {
            surely(&candidates(&children, "a.txt", answered, &sent(), conflict)).map(|item| item.id.as_str())
        };
        assert_eq!(find(None, Conflict::MakeUnique), Some("2"));
        assert_eq!(find(None, Conflict::Replace), Some("1"));
        assert_eq!(find(Some("a.txt"), Conflict::MakeUnique), Some("1"));
        assert_eq!(find(Some("b.txt"), Conflict::MakeUnique), None);
        let twins = items(json!([{"id": 1, "name": "a.txt"}, {"id": 2, "name": "a (1).txt"}]));
        let found = candidates(&twins, "a.txt", None, &sent(), Conflict::MakeUnique);
        assert!(found.len() == 2 && surely(&found).is_none());
    }
}
