//! What can be asked of the service, one module a subject.

mod files;
mod folders;
mod projects;

pub use files::{FilesApi, GetItem};
pub use folders::{FoldersApi, ListChildren};
pub use projects::{ListProjects, ProjectsApi};

use datto_common::internal::{Call, Core};
use datto_common::{Error, ErrorKind, Operation, Request};

use crate::{Item, envelope, operations};

/// What a name cannot be. The service sets no limit on letters (official); a slash would be a path.
pub(crate) fn check_name(name: &str) -> Result<(), Error> {
    let wrong = match name {
        "" => "the name is empty",
        "." | ".." => "the name is a dot",
        _ if name.contains('/') => "the name contains a slash",
        _ if name.chars().any(char::is_control) => "the name contains a control character",
        _ => return Ok(()),
    };
    Err(Error::new(ErrorKind::InvalidInput, wrong).with_hint("nothing was sent"))
}

/// A call with a name in its query.
fn named_call(operation: &'static Operation, id: &str, name: &str) -> Call {
    let mut call = Call::new(operation, &[id]);
    if let Err(wrong) = check_name(name) {
        call.refuse(wrong);
    }
    call.add_query("name", name);
    call
}

fn rename(core: &Core, id: &str, name: &str) -> Request<()> {
    Request::new(core, named_call(&operations::FILES_RENAME, id, name), |answer| answer.nothing())
}

fn delete(core: &Core, id: &str) -> Request<()> {
    Request::new(core, Call::new(&operations::FILES_DELETE, &[id]), |answer| answer.nothing())
}

/// What a listing shows by this name.
pub(crate) fn named<'a>(items: &'a [Item], name: &str) -> impl Iterator<Item = &'a Item> {
    let name = name.to_owned();
    items.iter().filter(move |item| item.named() == name)
}

fn get(core: &Core, id: &str) -> Request<Item> {
    Request::new(core, Call::new(&operations::FILES_GET, &[id]), envelope::item)
}
