//! The tree of projects, folders and files. A project is a folder without a parent; all ids are of one space.

use std::collections::BTreeMap;
use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;

use super::content::Content;
use super::truth::{PlantedProject, StoredItem, WorkplaceTruth};
use crate::choice::NameRule;

const DAY_MS: i64 = 86_400_000;

/// A project, folder or file.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) id: i64,
    pub(crate) parent: Option<i64>,
    pub(crate) name: String,
    /// Epoch milliseconds of the last change.
    pub(crate) time: i64,
    /// `None` for a folder.
    pub(crate) content: Option<Arc<Content>>,
    pub(crate) lock: Option<Lock>,
    pub(crate) stored: bool,
    pub(crate) online: bool,
    /// Shared by a public link, whose address the service may leave out.
    pub(crate) public: Option<Option<String>>,
    pub(crate) changed_by: &'static str,
}

/// Who holds a file.
#[derive(Debug, Clone)]
pub(crate) struct Lock {
    pub(crate) name: &'static str,
    pub(crate) email: &'static str,
    pub(crate) since: i64,
}

/// All items by id.
#[derive(Debug)]
pub(crate) struct Tree {
    items: BTreeMap<i64, Item>,
    next: i64,
}

impl NameRule {
    /// The name under which a store of this kind keeps what was sent.
    pub(crate) fn stored(self, name: &str) -> String {
        match self {
            Self::AsSent | Self::FoldsCase => name.to_owned(),
            Self::Nfc => name.nfc().collect(),
            Self::Replaces => name.replace(['<', '>', ':', '"', '|', '?', '*', '^'], "_"),
        }
    }

    fn is_same(self, one: &str, other: &str) -> bool {
        match self {
            Self::FoldsCase => one.to_lowercase() == other.to_lowercase(),
            _ => one == other,
        }
    }
}

impl Item {
    pub(crate) fn is_folder(&self) -> bool {
        self.content.is_none()
    }
}

impl Tree {
    pub(crate) fn new() -> Self {
        Self { items: BTreeMap::new(), next: 1_000_000_001 }
    }

    /// Adds an item under a parent, or a project, and gives its id.
    pub(crate) fn add(&mut self, parent: Option<i64>, name: &str, time: i64, content: Option<Content>) -> i64 {
        let id = self.next;
        self.next += 1;
        let item = Item {
            id,
            parent,
            name: name.to_owned(),
            time,
            content: content.map(Arc::new),
            lock: None,
            stored: true,
            online: true,
            public: None,
            changed_by: "Sandbox Integration",
        };
        self.items.insert(id, item);
        id
    }

    pub(crate) fn get(&self, id: i64) -> Option<&Item> {
        self.items.get(&id)
    }

    pub(crate) fn get_mut(&mut self, id: i64) -> Option<&mut Item> {
        self.items.get_mut(&id)
    }

    /// What lies directly under a folder, or the projects; in the order in which it was made.
    pub(crate) fn children(&self, parent: Option<i64>) -> impl Iterator<Item = &Item> {
        self.items.values().filter(move |item| item.parent == parent)
    }

    /// The child of that name, if the store takes the two for one.
    pub(crate) fn child(&self, parent: Option<i64>, name: &str, rule: NameRule) -> Option<&Item> {
        self.children(parent).find(|item| rule.is_same(&item.name, name))
    }

    /// A name that is free in a folder: the name itself, or with a number before its extension.
    pub(crate) fn free_name(&self, parent: i64, name: &str, rule: NameRule) -> String {
        let (stem, extension) = match name.rfind('.') {
            Some(dot) if dot > 0 => name.split_at(dot),
            _ => (name, ""),
        };
        let mut free = name.to_owned();
        let mut number = 0u64;
        while self.child(Some(parent), &free, rule).is_some() {
            number += 1;
            free = format!("{stem} ({number}){extension}");
        }
        free
    }

    /// Removes an item and all that lies under it.
    pub(crate) fn remove(&mut self, id: i64) {
        let mut doomed = vec![id];
        while let Some(id) = doomed.pop() {
            doomed.extend(self.children(Some(id)).map(|child| child.id));
            self.items.remove(&id);
        }
    }

    /// Every item by its path from the project down, names joined by `/`.
    pub(crate) fn paths(&self) -> BTreeMap<String, StoredItem> {
        let mut paths = BTreeMap::new();
        let mut open: Vec<(String, i64)> =
            self.children(None).map(|project| (project.name.clone(), project.id)).collect();
        while let Some((path, id)) = open.pop() {
            open.extend(self.children(Some(id)).map(|child| (format!("{path}/{}", child.name), child.id)));
            if let Some(item) = self.get(id) {
                paths.insert(path, item.stored_item());
            }
        }
        paths
    }
}

impl Tree {
    /// What is there now.
    pub(crate) fn truth(&self, now_ms: i64) -> WorkplaceTruth {
        let mut truth = WorkplaceTruth::default();
        for project in self.children(None) {
            let mut planted =
                PlantedProject { id: project.id, name: project.name.clone(), ..PlantedProject::default() };
            let mut open = vec![project.id];
            while let Some(id) = open.pop() {
                for item in self.children(Some(id)) {
                    match item.content.as_deref() {
                        None => {
                            planted.folders += 1;
                            open.push(item.id);
                        }
                        Some(content) => {
                            planted.files += 1;
                            planted.bytes += content.size();
                        }
                    }
                }
            }
            truth.folders += planted.folders;
            truth.files += planted.files;
            truth.bytes += planted.bytes;
            truth.projects.push(planted);
        }
        for item in self.items.values() {
            if !(item.stored && item.online) {
                truth.not_in_cloud.push(item.id);
            }
            if item.public.is_some() {
                truth.public_links.push(item.id);
            }
            match item.lock.as_ref().map(|lock| now_ms.saturating_sub(lock.since)) {
                Some(age) if age < DAY_MS => truth.locked_today.push(item.id),
                Some(age) if age > 30 * DAY_MS => truth.locked_long_ago.push(item.id),
                _ => {}
            }
        }
        truth
    }
}

impl Item {
    fn stored_item(&self) -> StoredItem {
        let content = self.content.as_deref();
        StoredItem {
            id: self.id,
            folder: self.is_folder(),
            size: content.map_or(0, Content::size),
            md5: content.map(|content| content.md5().to_owned()).unwrap_or_default(),
        }
    }
}
