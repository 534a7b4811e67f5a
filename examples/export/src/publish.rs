//! Brings a whole file to its place: a folder, or a bucket. It appears there at once or not at all.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt as _, PutPayload, WriteMultipart};
use tokio::io::AsyncReadExt as _;

use crate::stage::Facts;
use crate::table::{Format, TableName};

/// A part of an upload: S3 takes none that is smaller, but for the last.
const PART: usize = 8 << 20;
const PARTS_AT_ONCE: usize = 2;

/// Where the files go.
#[derive(Debug)]
pub(crate) struct Target {
    store: Arc<dyn ObjectStore>,
    prefix: Key,
    folder: Option<PathBuf>,
}

impl Target {
    /// A folder, which is made, or `s3://bucket/prefix` with keys, region and endpoint from the usual variables.
    pub(crate) fn of(place: &str) -> anyhow::Result<Self> {
        if let Some(path) = place.strip_prefix("s3://") {
            let prefix = path.split_once('/').map_or("", |(_, prefix)| prefix);
            let store = AmazonS3Builder::from_env().with_url(place).build().context("the S3 bucket")?;
            return Ok(Self { store: Arc::new(store), prefix: Key::from(prefix), folder: None });
        }
        std::fs::create_dir_all(place).with_context(|| format!("the folder {place}"))?;
        let store = LocalFileSystem::new_with_prefix(place)?;
        Ok(Self { store: Arc::new(store), prefix: Key::default(), folder: Some(PathBuf::from(place)) })
    }

    pub(crate) fn default_work(&self) -> PathBuf {
        self.folder.as_ref().map_or_else(|| PathBuf::from(".datto-export"), |folder| folder.join(".staged"))
    }

    pub(crate) async fn publish(
        &self,
        table: TableName,
        day: &str,
        format: Format,
        file: &Path,
        facts: &Facts,
    ) -> anyhow::Result<()> {
        let name = |extension: &str| {
            let folder = self.prefix.clone().join(table.to_string()).join(format!("day={day}"));
            folder.join(format!("part-0.{extension}"))
        };
        // What the file says of itself comes first: who finds the file finds that too.
        self.store.put(&name("meta.json"), PutPayload::from(serde_json::to_vec_pretty(facts)?)).await?;
        let upload = self.store.put_multipart(&name(format.extension())).await?;
        let mut upload = WriteMultipart::new_with_chunk_size(upload, PART);
        let mut source = tokio::fs::File::open(file).await?;
        let mut bytes = vec![0; 1 << 20];
        loop {
            let read = source.read(&mut bytes).await?;
            let Some(part) = bytes.get(..read).filter(|part| !part.is_empty()) else { break };
            upload.wait_for_capacity(PARTS_AT_ONCE).await?;
            upload.write(part);
        }
        upload.finish().await?;
        tokio::fs::remove_file(file).await?;
        Ok(())
    }
}
