//! What somebody else does to the files.

use std::sync::Arc;

use super::content::Content;
use super::tree::Tree;
use super::{Service, lock};
use crate::change::{Change, Refused};

impl Service {
    /// Lets something happen at a moment, and gives the id of what was made or changed.
    pub(crate) fn change(&self, change: &Change, at_ms: i64) -> Result<String, Refused> {
        let mut tree = lock(&self.tree);
        let id = match change {
            Change::PutFile { path, text } => put(&mut tree, path, text, at_ms)?,
            Change::DeleteItem { path } => {
                let id = tree.find(path).ok_or_else(|| Refused::unknown("item", Some(path)))?;
                tree.remove(id);
                id
            }
            Change::RenameItem { path, name } => {
                let id = tree.find(path).ok_or_else(|| Refused::unknown("item", Some(path)))?;
                if let Some(item) = tree.get_mut(id) {
                    item.name.clone_from(name);
                    item.time = at_ms;
                    item.changed_by = "Alex Müller";
                }
                id
            }
            _ => return Err(Refused::new("this does not happen in Workplace")),
        };
        Ok(id.to_string())
    }
}

fn put(tree: &mut Tree, path: &str, text: &str, at_ms: i64) -> Result<i64, Refused> {
    let (folder, name) = path.rsplit_once('/').ok_or_else(|| Refused::unknown("folder of", Some(path)))?;
    let content = Content::planted(text.as_bytes().to_vec());
    let id = match tree.find(path) {
        Some(id) => {
            if let Some(item) = tree.get_mut(id) {
                item.content = Some(Arc::new(content));
            }
            id
        }
        None => {
            let folder = tree.find(folder).ok_or_else(|| Refused::unknown("folder", Some(folder)))?;
            tree.add(Some(folder), name, at_ms, Some(content))
        }
    };
    if let Some(item) = tree.get_mut(id) {
        item.time = at_ms;
        item.changed_by = "Alex Müller";
    }
    Ok(id)
}

impl Tree {
    /// The id of what lies at a path, from the project down.
    fn find(&self, path: &str) -> Option<i64> {
        let mut at = None;
        for name in path.split('/') {
            at = Some(self.children(at).find(|item| item.name == name)?.id);
        }
        at
    }
}
