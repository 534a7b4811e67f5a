//! A project, folder or file.

use datto_common::{Sensitive, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::lenient::{flag, id, size, take, text, time};
use crate::{FileId, FolderId, ProjectId};

/// Defines a record that is written by its fields and read by hand.
macro_rules! record {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $($(#[$field_meta:meta])* pub $field:ident: $kind:ty,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq, serde::Serialize, Deserialize)]
        #[serde(rename_all = "camelCase", from = "Map<String, Value>")]
        #[non_exhaustive]
        pub struct $name {
            $(
                $(#[$field_meta])*
                #[serde(skip_serializing_if = "datto_common::internal::is_unset")]
                pub $field: $kind,
            )*
            /// What the service sent and this version does not know or cannot read; written back as it came.
            #[serde(flatten)]
            pub extra: datto_common::Extra,
        }
    };
}

record! {
    /// A project, folder or file, with what the service tells of it (observed). Which fields come unasked, and which only with
    /// [`Metadata`](crate::Metadata), is not settled.
    ///
    /// Reading is tolerant: the id under any of its names, flags as text, one odd field costs nothing but itself.
    pub struct Item {
        /// Its id.
        pub id: FileId,
        /// Its name, with the extension; no path.
        pub name: Option<String>,
        /// Whether it is a folder; a file may not say so. See [`is_folder`](Self::is_folder).
        pub folder: Option<bool>,
        /// When it was changed (observed: epoch milliseconds).
        pub time: Option<Timestamp>,
        /// The MD5 of its bytes, in hexadecimal digits; folders have none.
        pub md5: Option<String>,
        /// Its size in bytes (guess: the name of the field).
        pub size: Option<u64>,
        /// Whether it is shared by a public link. Only with metadata.
        pub is_public_link: Option<bool>,
        /// The public link; it may be absent although there is one. Only with metadata. Who has it can read the item.
        pub file_link: Option<Sensitive<String>>,
        /// Who changed it last. Only with metadata.
        pub changed_by_user_name: Option<String>,
        /// Who holds it; `None` if nobody does, or without metadata.
        pub lock: Option<Lock>,
        /// False if it is not wholly in the cloud yet. Only with metadata.
        pub stored: Option<bool>,
        /// False if it cannot be downloaded now: still on its way from a desktop, or archived. Only with metadata.
        pub online: Option<bool>,
    }
}

record! {
    /// Who holds a file (observed).
    pub struct Lock {
        /// Name of the person.
        pub fullname: Option<String>,
        /// E-mail address of the person.
        pub email: Option<Sensitive<String>>,
        /// Since when (observed: epoch milliseconds).
        pub locked_since: Option<Timestamp>,
    }
}

/// The names under which the service was seen, or is expected, to send an id.
const IDS: &[&str] = &["id", "fileID", "fileId", "folderID", "folderId"];
const NAMES: &[&str] = &["name", "fileName"];

impl From<Map<String, Value>> for Item {
    fn from(mut members: Map<String, Value>) -> Self {
        let from = &mut members;
        Self {
            id: take(from, IDS, id).map(FileId::from).unwrap_or_default(),
            name: take(from, NAMES, text),
            folder: take(from, &["folder"], flag),
            time: take(from, &["time"], time),
            md5: take(from, &["md5"], |value| text(value).filter(|hash| !hash.trim().is_empty())),
            size: take(from, &["size"], size),
            is_public_link: take(from, &["isPublicLink"], flag),
            file_link: take(from, &["fileLink"], text).map(Sensitive),
            changed_by_user_name: take(from, &["changedByUserName"], text),
            lock: take(from, &["lock"], |value| {
                value.as_object().filter(|lock| !lock.is_empty()).cloned().map(Lock::from)
            }),
            stored: take(from, &["stored"], flag),
            online: take(from, &["online"], flag),
            extra: members.into(),
        }
    }
}

impl From<Map<String, Value>> for Lock {
    fn from(mut members: Map<String, Value>) -> Self {
        let from = &mut members;
        Self {
            fullname: take(from, &["fullname"], text),
            email: take(from, &["email"], text).map(Sensitive),
            locked_since: take(from, &["lockedSince"], time),
            extra: members.into(),
        }
    }
}

impl Item {
    /// Whether it is a folder: it says so.
    pub fn is_folder(&self) -> bool {
        self.folder == Some(true)
    }

    /// Whether its bytes can be had now, as far as the service told.
    pub fn is_downloadable(&self) -> bool {
        !self.is_folder() && self.stored != Some(false) && self.online != Some(false)
    }

    /// Whether its MD5 is known to be this one, in hexadecimal digits of any case; `None` if the service told none.
    pub fn has_md5(&self, md5: &str) -> Option<bool> {
        self.md5.as_deref().map(|own| own.trim().eq_ignore_ascii_case(md5))
    }

    /// Whether it tells neither an id nor a name: then it is something else.
    pub(crate) fn is_nothing(&self) -> bool {
        self.id.is_empty() && self.name.is_none()
    }

    pub(crate) fn named(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }
}

macro_rules! is_its_id {
    ($($id:ident)+) => {$(
        impl From<&Item> for $id {
            fn from(item: &Item) -> Self {
                (&item.id).into()
            }
        }

        impl From<Item> for $id {
            fn from(item: Item) -> Self {
                item.id.into()
            }
        }
    )+};
}

is_its_id!(FileId FolderId ProjectId);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn item(value: Value) -> Item {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn an_id_is_found_under_each_of_its_names() {
        for name in ["id", "fileID", "fileId", "folderID", "folderId"] {
            for value in [json!(1_000_000_003), json!("1000000003"), json!(" 1000000003 ")] {
                assert_eq!(item(json!({name: value, "fileName": "a"})).id.as_str(), "1000000003", "{name}");
            }
        }
        let both = item(json!({"id": 1, "fileID": 2, "name": "a", "fileName": "b"}));
        assert_eq!((both.id.as_str(), both.name.as_deref()), ("1", Some("a")));
        assert_eq!((&both.extra["fileID"], &both.extra["fileName"]), (&json!(2), &json!("b")));
        assert!(item(json!({"id": null})).id.is_empty());
        assert!(item(json!({"error": "x"})).is_nothing());
    }

    #[test]
    fn flags_are_read_in_every_spelling() {
        for (value, expected) in [
            (json!(true), Some(true)),
            (json!("FALSE"), Some(false)),
            (json!(1), Some(true)),
            (json!("0"), Some(false)),
            (json!(null), None),
            (json!("perhaps"), None),
        ] {
            assert_eq!(item(json!({"folder": value})).folder, expected, "{value}");
        }
        assert!(!item(json!({"folder": "perhaps"})).is_folder());
    }

    #[test]
    fn a_lock_is_an_object_or_none() {
        for none in [json!(null), json!(""), json!({})] {
            assert_eq!(item(json!({"lock": none})).lock, None, "{none}");
        }
        let held = item(
            json!({"lock": {"fullname": "Kim Example", "email": "kim@example.com", "lockedSince": 1_774_000_000_000_i64}}),
        );
        let lock = held.lock.clone().unwrap();
        assert_eq!(lock.locked_since.and_then(|since| since.as_millis()), Some(1_774_000_000_000));
        assert!(!format!("{held:?}").contains("kim@example.com"));
    }

    /// Files of before 1973 have small numbers: they are milliseconds all the same.
    #[test]
    fn a_time_is_milliseconds_whatever_its_size() {
        let millis = |value: Value| item(json!({"id": 1, "time": value})).time.and_then(|time| time.as_millis());
        for number in [0, 1, 3_600_000, 70_000_000_000, 99_999_999_999, 1_774_000_000_000, -86_400_000] {
            assert_eq!(millis(json!(number)), Some(number), "{number}");
            assert_eq!(millis(json!(number.to_string())), Some(number), "{number} as text");
        }
        assert_eq!(millis(json!("1970-01-01T01:00:00Z")), Some(3_600_000));
        let written = serde_json::to_value(item(json!({"id": 1, "time": 3_600_000}))).unwrap();
        assert_eq!(millis(written["time"].clone()), Some(3_600_000));
        let held = item(json!({"id": 1, "lock": {"lockedSince": 3_600_000}})).lock.unwrap();
        assert_eq!(held.locked_since.and_then(|since| since.as_millis()), Some(3_600_000));
    }

    #[test]
    fn what_cannot_be_read_costs_nothing_and_is_written_back() {
        let odd =
            json!({"id": 7, "name": "a", "size": "large", "time": "soon", "lock": "", "new": {"deep": [1, null]}});
        let read = item(odd.clone());
        assert_eq!((read.size, &read.time, &read.lock), (None, &None, &None));
        assert_eq!(serde_json::to_value(&read).unwrap(), odd);
    }

    #[test]
    fn a_file_elsewhere_cannot_be_downloaded() {
        assert!(item(json!({"id": 1})).is_downloadable());
        assert!(!item(json!({"id": 1, "online": false})).is_downloadable());
        assert!(!item(json!({"id": 1, "stored": "false"})).is_downloadable());
        assert!(!item(json!({"id": 1, "folder": true})).is_downloadable());
    }

    #[test]
    fn a_hash_is_compared_in_any_case() {
        let known = item(json!({"md5": "ABCDEF"}));
        assert_eq!((known.has_md5("abcdef"), known.has_md5("abcdee")), (Some(true), Some(false)));
        assert_eq!(item(json!({"md5": ""})).has_md5("abcdef"), None);
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "[ -~ä]{0,12}".prop_map(Value::from),
            Just(json!("true")),
            Just(json!("17")),
        ];
        leaf.prop_recursive(2, 8, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map("[a-zA-Z]{1,8}", inner, 0..3).prop_map(|members| json!(members)),
            ]
        })
    }

    fn any_member() -> impl Strategy<Value = String> {
        let names = [
            IDS,
            NAMES,
            &["folder", "time", "md5", "size", "isPublicLink", "fileLink", "lock", "stored", "online", "new"],
        ];
        prop::sample::select(names.concat()).prop_map(str::to_owned)
    }

    proptest! {
        #[test]
        fn any_record_is_read_and_what_is_written_is_read_as_the_same(
            members in prop::collection::btree_map(any_member(), any_value(), 0..8),
        ) {
            let read = item(json!(members));
            prop_assert_eq!(&item(serde_json::to_value(&read).unwrap()), &read);
            let kept = |name: &String| read.extra.get(name) == members.get(name);
            prop_assert!(!members.contains_key("new") || members["new"].is_null() || kept(&"new".to_owned()));
        }
    }
}
