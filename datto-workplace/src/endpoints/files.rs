//! Files, and whatever else has an id.

use std::sync::Arc;

use datto_common::Request;
use datto_common::internal::Core;

use crate::paths_cache::PathsCache;
use crate::transfer::{Download, Upload, Uploading};
use crate::{FileId, FolderId, Item, Metadata, envelope, operations};

/// Files, from [`WorkplaceClient::files`](crate::WorkplaceClient::files).
#[derive(Debug, Clone)]
pub struct FilesApi {
    pub(crate) core: Core,
    cache: Arc<PathsCache>,
}

datto_common::call_builder! {
    /// Gets an item: [`FilesApi::get`].
    pub struct GetItem -> Item {
        /// Asks for more fields.
        metadata: Metadata => "metadata",
    }
}

impl FilesApi {
    pub(crate) fn new(core: &Core, cache: &Arc<PathsCache>) -> Self {
        Self { core: core.clone(), cache: Arc::clone(cache) }
    }

    /// Gets an item: a file, folder or project.
    ///
    /// `GET /file/{fileId}` · read · observed
    ///
    /// # Errors
    /// `NotFound` if there is none, or none shared with the integration.
    ///
    /// ```no_run
    /// # async fn run(files: datto_workplace::WorkplaceClient) -> datto_workplace::Result<()> {
    /// use datto_workplace::Metadata;
    /// let item = files.files().get(1_000_000_003).metadata(Metadata::REVIEW).await?;
    /// println!("{:?}", item.md5);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, id: impl Into<FileId>) -> GetItem {
        GetItem(super::get(&self.core, id.into().as_str()))
    }

    /// Downloads a file: to a file, a writer, a stream or into memory. See [`Download`].
    ///
    /// `GET /file/{fileId}/data` · read · observed
    ///
    /// ```no_run
    /// # async fn run(files: datto_workplace::WorkplaceClient) -> datto_workplace::Result<()> {
    /// let done = files.files().download(1_000_000_003).to_file("report.pdf").await?;
    /// println!("{} bytes, verified by {:?}", done.size, done.verified);
    /// # Ok(())
    /// # }
    /// ```
    pub fn download(&self, id: impl Into<FileId>) -> Download {
        Download::new(&self.core, id.into())
    }

    /// Uploads a file into a folder. See [`Upload`] for what it can be made of, [`Uploading`] for how it is done.
    ///
    /// `POST /file/{folderId}/files` · write, once · observed · multipart
    ///
    /// ```no_run
    /// # async fn run(files: datto_workplace::WorkplaceClient, folder: datto_workplace::FolderId) -> datto_workplace::Result<()> {
    /// use datto_workplace::Upload;
    /// let uploaded = files.files().upload(&folder, Upload::file("report.pdf")).await?;
    /// println!("{} as {}", uploaded.id, uploaded.name);
    /// # Ok(())
    /// # }
    /// ```
    pub fn upload(&self, folder: impl Into<FolderId>, upload: Upload) -> Uploading {
        Uploading::new(self, folder.into(), upload)
    }

    /// Gives an item another name.
    ///
    /// `PATCH /file/{fileId}` · repeatable write · observed · `name` in the query
    ///
    /// # Errors
    /// `NotFound`; `Conflict` if the name is taken (guess).
    ///
    /// ```no_run
    /// # async fn run(files: datto_workplace::WorkplaceClient) -> datto_workplace::Result<()> {
    /// files.files().rename(1_000_000_003, "INV-001 v2.pdf").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn rename(&self, id: impl Into<FileId>, name: impl AsRef<str>) -> Request<()> {
        super::rename(&self.core, &self.cache, id.into().as_str(), name.as_ref())
    }

    /// Locks a file against changes by others. **Unverified**: the parameter is known from a comment in a program, nobody was
    /// seen to call it.
    ///
    /// `PATCH /file/{fileId}` · repeatable write · guess · `locked=true` in the query
    ///
    /// # Errors
    /// `NotFound`; `Forbidden` if the share does not allow it.
    ///
    /// ```no_run
    /// # async fn run(files: datto_workplace::WorkplaceClient) -> datto_workplace::Result<()> {
    /// files.files().lock(1_000_000_003).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn lock(&self, id: impl Into<FileId>) -> Request<()> {
        self.set_locked(id.into(), true)
    }

    /// Unlocks a file. **Unverified**, as [`lock`](Self::lock). Who may do it is up to the team's policy (official).
    ///
    /// `PATCH /file/{fileId}` · repeatable write · guess · `locked=false` in the query
    ///
    /// # Errors
    /// As [`lock`](Self::lock).
    ///
    /// ```no_run
    /// # async fn run(files: datto_workplace::WorkplaceClient) -> datto_workplace::Result<()> {
    /// files.files().unlock(1_000_000_003).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn unlock(&self, id: impl Into<FileId>) -> Request<()> {
        self.set_locked(id.into(), false)
    }

    /// Deletes an item; a folder with all that is in it. It can be brought back in Workplace Online for 180 days (official).
    ///
    /// `DELETE /file/{fileId}` · repeatable write · observed
    ///
    /// # Errors
    /// `Forbidden` unless the integration has Full Access.
    ///
    /// ```no_run
    /// # async fn run(files: datto_workplace::WorkplaceClient) -> datto_workplace::Result<()> {
    /// files.files().delete(1_000_000_003).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete(&self, id: impl Into<FileId>) -> Request<()> {
        super::delete(&self.core, &self.cache, id.into().as_str())
    }

    fn set_locked(&self, id: FileId, locked: bool) -> Request<()> {
        self.core.call(&operations::FILES_LOCK, [id.as_str()]).query("locked", locked).nothing()
    }

    pub(crate) fn forget_paths(&self) {
        self.cache.forget();
    }

    pub(crate) async fn children(&self, folder: &FolderId) -> datto_common::Result<Vec<Item>> {
        self.core.call(&operations::FOLDERS_CHILDREN, [folder.as_str()]).read(envelope::list).await
    }
}
