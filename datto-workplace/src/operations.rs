//! The operations of Datto Workplace: one row per API call. Retries, spans and ENDPOINTS.md read this table. All of it is
//! observed in programs that use the API: the official document is not public.

use Effect::{Once, Repeatable};
use datto_common::{Effect, Method, Operation};

const METADATA: &[&str] = &["metadata"];

datto_common::operations! {
    /// The projects that the integration may see.
    PROJECTS_LIST = Operation::read("projects.list", "/file/projects").query(METADATA).observed()
        .note("the cheapest call; nothing shared is an empty list (guess)");
    /// What lies directly in a folder.
    FOLDERS_CHILDREN = Operation::read("folders.children", "/file/{folderId}/files").query(METADATA).observed()
        .note("no pages: every child comes");
    /// A new folder.
    FOLDERS_CREATE = Operation::write("folders.create", Method::POST, "/file/{folderId}", Once, "").low_risk().query(&["name"]).observed()
        .note("409 if the folder exists");
    /// One item.
    FILES_GET = Operation::read("files.get", "/file/{fileId}").query(METADATA).observed();
    /// The bytes of a file.
    FILES_DOWNLOAD = Operation::read("files.download", "/file/{fileId}/data").observed();
    /// A new file, or a new version of one.
    FILES_UPLOAD = Operation::write("files.upload", Method::POST, "/file/{folderId}/files", Once, "").observed()
        .note("multipart: partData, fileName, makeUnique");
    /// A new name.
    FILES_RENAME = Operation::write("files.rename", Method::PATCH, "/file/{fileId}", Repeatable, "").query(&["name"]).observed();
    /// Locks and unlocks.
    FILES_LOCK = Operation::write("files.lock", Method::PATCH, "/file/{fileId}", Repeatable, "").query(&["locked"]).low_risk().guess()
        .note("unverified: known from a comment, never seen called");
    /// Deletes a file or folder.
    FILES_DELETE = Operation::write("files.delete", Method::DELETE, "/file/{fileId}", Repeatable, "").destructive().observed()
        .note("needs full access at the share");
    /// The API's own description.
    API_DESCRIPTION = Operation::read("api.description", "/openapi.json").observed();
}
