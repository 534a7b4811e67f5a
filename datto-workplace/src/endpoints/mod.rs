//! What can be asked of the service: one type a subject, and what its calls take and give.

mod files;
mod folders;
mod projects;

pub use files::{FilesApi, GetItem};
pub use folders::{FoldersApi, ListChildren};
pub use projects::{ListProjects, ProjectsApi};

pub use crate::paths::{Case, Paths};
pub use crate::transfer::{
    Conflict, Download, DownloadStream, Downloaded, FileBytes, Moved, Progress, Upload, Uploaded, Uploading, Verified,
};
pub use crate::walk::{Entry, Walk};
pub use crate::walk_state::WalkState;

use std::sync::Arc;

use datto_common::internal::Core;
use datto_common::{Error, ErrorKind, Request};

use crate::paths_cache::PathsCache;
use crate::{Item, envelope, operations};

/// What a name cannot be. The service sets no limit on letters (official); a slash would be a path.
pub(crate) fn check_name(name: &str) -> Result<(), Error> {
    let wrong = match name {
        "" => "the name is empty",
        "." | ".." => "the name is a dot",
        _ if name.contains('/') => "the name contains a slash",
        _ if name.chars().any(char::is_control) => "the name contains a control character",
        _ if name.chars().any(is_direction_mark) => {
            "the name contains a direction mark, which lets it read as another one"
        }
        _ => return Ok(()),
    };
    refused(wrong)
}

/// What a name of an item that is looked for cannot be: what others stored is taken as it is.
pub(crate) fn check_segment(name: &str) -> Result<(), Error> {
    match name {
        "." | ".." => refused("the name is a dot"),
        _ if name.chars().any(char::is_control) => refused("the name contains a control character"),
        _ => Ok(()),
    }
}

/// Marks, embeddings, overrides and isolates of the bidirectional algorithm (UAX #9).
fn is_direction_mark(letter: char) -> bool {
    matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn refused(wrong: &str) -> Result<(), Error> {
    Err(Error::new(ErrorKind::InvalidInput, wrong).with_hint("nothing was sent"))
}

fn rename(core: &Core, cache: &Arc<PathsCache>, id: &str, name: &str) -> Request<()> {
    let call = core.call(&operations::FILES_RENAME, [id]).checked(check_name(name)).query("name", name);
    call.nothing().finally(cache.forgetting())
}

fn delete(core: &Core, cache: &Arc<PathsCache>, id: &str) -> Request<()> {
    core.call(&operations::FILES_DELETE, [id]).nothing().finally(cache.forgetting())
}

/// What a listing shows by this name.
pub(crate) fn named<'a>(items: &'a [Item], name: &str) -> impl Iterator<Item = &'a Item> {
    let name = name.to_owned();
    items.iter().filter(move |item| item.named() == name)
}

fn get(core: &Core, id: &str) -> Request<Item> {
    core.call(&operations::FILES_GET, [id]).read(envelope::item)
}
