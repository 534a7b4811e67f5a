//! Folders.

use std::sync::Arc;

use datto_common::internal::Core;
use datto_common::{Error, ErrorKind, Request, Result};

use super::{check_name, named};
use crate::paths_cache::PathsCache;
use crate::{FolderId, Item, Metadata, envelope, operations};

/// Folders, from [`WorkplaceClient::folders`](crate::WorkplaceClient::folders). A project is a folder too.
#[derive(Debug, Clone)]
pub struct FoldersApi {
    core: Core,
    cache: Arc<PathsCache>,
}

datto_common::call_builder! {
    /// Lists what lies in a folder: [`FoldersApi::children`].
    pub struct ListChildren -> Vec<Item> {
        /// Asks for more fields.
        metadata: Metadata => "metadata",
    }
}

impl FoldersApi {
    pub(crate) fn new(core: &Core, cache: &Arc<PathsCache>) -> Self {
        Self { core: core.clone(), cache: Arc::clone(cache) }
    }

    /// Lists what lies directly in a folder or project, files and folders mixed. All of it comes at once; there are no pages.
    ///
    /// `GET /file/{folderId}/files` · read · observed
    ///
    /// # Errors
    /// `NotFound` if there is no such folder, or none shared with the integration; `Decode` if the answer has no list: it is
    /// never taken for an empty folder.
    ///
    /// ```no_run
    /// # async fn run(files: datto_workplace::WorkplaceClient) -> datto_workplace::Result<()> {
    /// use datto_workplace::Metadata;
    /// for item in files.folders().children(1_000_000_001).metadata(Metadata::REVIEW).await? {
    ///     println!("{:?} {:?}", item.name, item.lock);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn children(&self, folder: impl Into<FolderId>) -> ListChildren {
        ListChildren(self.core.call(&operations::FOLDERS_CHILDREN, [folder.into().as_str()]).read(envelope::list))
    }

    /// Makes a folder. Where the answer does not tell the new id, the folder is looked up; a name that it does not tell is left out.
    ///
    /// `POST /file/{folderId}` · write, once · observed · `name` in the query
    ///
    /// # Errors
    /// `Conflict` if the folder exists; [`Paths::ensure`](crate::Paths::ensure) takes that for success.
    ///
    /// # Cancel safety
    /// Dropping it may leave the folder made.
    ///
    /// ```no_run
    /// # async fn run(files: datto_workplace::WorkplaceClient) -> datto_workplace::Result<()> {
    /// let folder = files.folders().create(1_000_000_001, "Invoices").await?;
    /// println!("{}", folder.id);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create(&self, parent: impl Into<FolderId>, name: impl AsRef<str>) -> Result<Item> {
        let (parent, name) = (parent.into(), name.as_ref());
        let call = self.core.call(&operations::FOLDERS_CREATE, [parent.as_str()]).checked(check_name(name));
        let mut made = call.query("name", name).marked(name).read(envelope::told).send().await?;
        made.folder = Some(true);
        if !made.id.is_empty() {
            return Ok(made);
        }
        let children = self.children(&parent).await?;
        named(&children, name).find(|item| item.is_folder()).cloned().ok_or_else(|| {
            Error::new(
                ErrorKind::Decode,
                "the answer told no id of the new folder, and the listing does not show it yet",
            )
            .that_may_have_happened()
            .with_marker(name)
        })
    }

    /// Gets a folder or project.
    ///
    /// `GET /file/{fileId}` · read · observed
    ///
    /// # Errors
    /// `NotFound` if there is none, or none shared with the integration.
    ///
    /// ```no_run
    /// # async fn run(files: datto_workplace::WorkplaceClient) -> datto_workplace::Result<()> {
    /// let folder = files.folders().get(1_000_000_002).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, folder: impl Into<FolderId>) -> Request<Item> {
        super::get(&self.core, folder.into().as_str())
    }

    /// Gives a folder another name.
    ///
    /// `PATCH /file/{fileId}` · repeatable write · observed · `name` in the query
    ///
    /// # Errors
    /// `NotFound`; `Conflict` if the name is taken (guess).
    ///
    /// ```no_run
    /// # async fn run(files: datto_workplace::WorkplaceClient) -> datto_workplace::Result<()> {
    /// files.folders().rename(1_000_000_002, "2026 closed").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn rename(&self, folder: impl Into<FolderId>, name: impl AsRef<str>) -> Request<()> {
        super::rename(&self.core, &self.cache, folder.into().as_str(), name.as_ref())
    }

    /// Deletes a folder with all that is in it. It can be brought back in Workplace Online for 180 days (official).
    ///
    /// `DELETE /file/{fileId}` · repeatable write · observed
    ///
    /// # Errors
    /// `Forbidden` unless the integration has Full Access.
    ///
    /// ```no_run
    /// # async fn run(files: datto_workplace::WorkplaceClient) -> datto_workplace::Result<()> {
    /// files.folders().delete(1_000_000_002).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete(&self, folder: impl Into<FolderId>) -> Request<()> {
        super::delete(&self.core, &self.cache, folder.into().as_str())
    }
}
