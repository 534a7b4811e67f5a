//! Paths, which the service does not know: names are looked up folder by folder.

use std::time::Duration;

use datto_common::{Error, ErrorKind, Result};

use crate::endpoints::check_segment;
use crate::names::{alike, composed};
use crate::paths_cache::Edge;
use crate::transfer::{Upload, Uploaded};
use crate::{FolderId, Item, WorkplaceClient};

/// How long to wait before each look for a folder that another made: changes show with some delay (observed).
const LOOKS: &[Duration] = &[Duration::ZERO, Duration::from_secs(1), Duration::from_secs(2)];

/// Items by their paths, from [`WorkplaceClient::paths`].
///
/// A path begins with the name of a project; names are joined by `/` and taken as they are, without any encoding:
/// `Finance/2026/50% off.pdf`. The item that is spelled alike is meant, else the one whose name is the same text in another
/// form of Unicode. Folders that were found are remembered for a minute, by all clones of a client; what was
/// remembered and proves wrong is looked up again.
#[derive(Debug, Clone)]
pub struct Paths {
    client: WorkplaceClient,
    case: Case,
}

/// Whether names that differ by case alone are the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Case {
    /// They are two names. What the service thinks is not known, and programs differ.
    #[default]
    Sensitive,
    /// They are one name; of several items the one that is spelled alike is meant.
    Insensitive,
}

impl Paths {
    pub(crate) fn new(client: &WorkplaceClient) -> Self {
        Self { client: client.clone(), case: Case::default() }
    }

    /// Whether names that differ by case alone are the same.
    #[must_use]
    pub fn case(mut self, case: Case) -> Self {
        self.case = case;
        self
    }

    /// Finds an item by its path: one list for each folder on the way that is not remembered.
    ///
    /// # Errors
    /// `NotFound` names the part of the path that is not there; `Conflict` if several items have the name.
    ///
    /// # Cancel safety
    /// Dropping it changes nothing.
    ///
    /// ```no_run
    /// # async fn run(files: datto_workplace::WorkplaceClient) -> datto_workplace::Result<()> {
    /// let invoice = files.paths().resolve("Finance/2026/INV-001.pdf").await?;
    /// files.files().download(&invoice).to_file("INV-001.pdf").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn resolve(&self, path: impl AsRef<str>) -> Result<Item> {
        let names = split(path.as_ref())?;
        match self.resolve_once(&names).await {
            (Err(error), true) if error.is_not_found() => {
                self.forget();
                self.resolve_once(&names).await.0
            }
            (outcome, _) => outcome,
        }
    }

    /// Whether there is an item at a path. A look that failed is an error, not "no".
    ///
    /// # Errors
    /// As [`resolve`](Self::resolve), but for `NotFound`.
    ///
    /// # Cancel safety
    /// Dropping it changes nothing.
    ///
    /// ```no_run
    /// # async fn run(files: datto_workplace::WorkplaceClient) -> datto_workplace::Result<()> {
    /// if !files.paths().exists("Finance/2026/INV-001.pdf").await? {
    ///     println!("not sent yet");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn exists(&self, path: impl AsRef<str>) -> Result<bool> {
        match self.resolve(path).await {
            Ok(_) => Ok(true),
            Err(error) if error.is_not_found() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether there is a file at a path; a folder there is "no".
    ///
    /// # Errors
    /// As [`resolve`](Self::resolve), but for `NotFound`.
    ///
    /// # Cancel safety
    /// Dropping it changes nothing.
    pub async fn is_file(&self, path: impl AsRef<str>) -> Result<bool> {
        Ok(self.found(path.as_ref()).await?.is_some_and(|(item, is_project)| !item.is_folder() && !is_project))
    }

    /// Whether there is a folder or project at a path; a file there is "no".
    ///
    /// # Errors
    /// As [`resolve`](Self::resolve), but for `NotFound`.
    ///
    /// # Cancel safety
    /// Dropping it changes nothing.
    ///
    /// ```no_run
    /// # async fn run(files: datto_workplace::WorkplaceClient) -> datto_workplace::Result<()> {
    /// if !files.paths().is_folder("Finance/2026").await? {
    ///     println!("a new year");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn is_folder(&self, path: impl AsRef<str>) -> Result<bool> {
        Ok(self.found(path.as_ref()).await?.is_some_and(|(item, is_project)| item.is_folder() || is_project))
    }

    /// What is at a path, and whether it is a project: those need not say that they are folders.
    async fn found(&self, path: &str) -> Result<Option<(Item, bool)>> {
        let is_project = split(path)?.len() == 1;
        match self.resolve(path).await {
            Ok(item) => Ok(Some((item, is_project))),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Uploads to a path: makes the folders that are missing, and stores under the last name. What the upload itself says of its name
    /// does not count; with [`Conflict::MakeUnique`](crate::Conflict::MakeUnique), which is the default, a name that is taken is
    /// changed. For progress and the like, [`ensure`](Self::ensure) the folder and use
    /// [`FilesApi::upload`](crate::FilesApi::upload).
    ///
    /// # Errors
    /// As [`ensure`](Self::ensure) and an upload; `InvalidInput` if the path has no folder.
    ///
    /// # Cancel safety
    /// As those two.
    ///
    /// ```no_run
    /// # async fn run(files: datto_workplace::WorkplaceClient) -> datto_workplace::Result<()> {
    /// use datto_workplace::{Conflict, Upload};
    /// let report = Upload::file("out/report.pdf").conflict(Conflict::Replace);
    /// let stored = files.paths().upload("Finance/2026/Reports/November.pdf", report).await?;
    /// println!("{}", stored.name);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn upload(&self, path: impl AsRef<str>, upload: Upload) -> Result<Uploaded> {
        let names = split(path.as_ref())?;
        let Some((name, folders)) = names.split_last().filter(|(_, folders)| !folders.is_empty()) else {
            let error = Error::new(ErrorKind::InvalidInput, "a file lies in a project, not beside the projects");
            return Err(error.with_hint("nothing was sent; the path begins with a project's name"));
        };
        let folder = self.ensure(folders.join("/")).await?;
        self.client.files().upload(&folder, upload.name(*name)).send().await
    }

    /// Finds the folder of a path, and makes what is missing of it below the project. If another makes a folder at the same
    /// time, theirs is taken.
    ///
    /// # Errors
    /// `NotFound` if there is no such project: the API cannot make one; `Conflict` if a file is in the way; `Forbidden` if
    /// the share does not allow to make folders.
    ///
    /// # Cancel safety
    /// Dropping it may leave folders made; calling it again goes on from there.
    ///
    /// ```no_run
    /// # async fn run(files: datto_workplace::WorkplaceClient) -> datto_workplace::Result<()> {
    /// let folder = files.paths().ensure("Finance/2026/Invoices").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn ensure(&self, path: impl AsRef<str>) -> Result<FolderId> {
        let names = split(path.as_ref())?;
        match self.ensure_once(&names).await {
            (Err(error), true) if error.is_not_found() => {
                self.forget();
                self.ensure_once(&names).await.0
            }
            (outcome, _) => outcome,
        }
    }

    /// Forgets the folders that were found so far, for all clones of the client.
    pub fn forget(&self) {
        self.client.cache().forget();
    }

    /// The outcome, and whether it rests on something remembered.
    async fn resolve_once(&self, names: &[&str]) -> (Result<Item>, bool) {
        let Some((last, folders)) = names.split_last() else {
            return (Err(Error::new(ErrorKind::InvalidInput, "the path is empty")), false);
        };
        let (mut parent, mut remembered) = (None, false);
        for (depth, name) in folders.iter().enumerate() {
            match self.step(parent.as_ref(), name).await {
                Ok(Step::Remembered(id)) => (parent, remembered) = (Some(id), true),
                Ok(Step::Folder(id)) => parent = Some(id),
                Ok(Step::Missing) => return (Err(missing(names, depth)), remembered),
                Ok(Step::File) => {
                    return (Err(missing(names, depth).with_hint("there is a file of this name")), remembered);
                }
                Err(error) => return (Err(error), remembered),
            }
        }
        let found = match self.list(parent.as_ref()).await {
            Ok(items) => {
                self.pick(&items, last).and_then(|found| found.cloned().ok_or_else(|| missing(names, folders.len())))
            }
            Err(error) => Err(error),
        };
        (found, remembered)
    }

    async fn ensure_once(&self, names: &[&str]) -> (Result<FolderId>, bool) {
        let (mut parent, mut remembered): (Option<FolderId>, _) = (None, false);
        for (depth, name) in names.iter().enumerate() {
            let step = match self.step(parent.as_ref(), name).await {
                Ok(step) => step,
                Err(error) => return (Err(error), remembered),
            };
            let id = match (step, &parent) {
                (Step::Remembered(id), _) => {
                    remembered = true;
                    Ok(id)
                }
                (Step::Folder(id), _) => Ok(id),
                (Step::File, _) => Err(in_the_way(names, depth)),
                (Step::Missing, Some(parent)) => self.make(parent, name).await,
                (Step::Missing, None) => Err(missing(names, depth).with_hint(
                    "projects are made in Workplace Online, and seen once they are shared with the integration",
                )),
            };
            match id {
                Ok(id) => parent = Some(id),
                Err(error) => return (Err(error), remembered),
            }
        }
        (parent.ok_or_else(|| Error::new(ErrorKind::InvalidInput, "the path is empty")), remembered)
    }

    /// From a folder, or from above the projects, to the folder of a name.
    async fn step(&self, parent: Option<&FolderId>, name: &str) -> Result<Step> {
        let key = self.key(parent, name);
        if let Some(id) = self.client.cache().get(&key) {
            return Ok(Step::Remembered(id));
        }
        let begun = self.client.cache().begin();
        let items = self.list(parent).await?;
        let folders: Vec<Item> = items.iter().filter(|item| parent.is_none() || item.is_folder()).cloned().collect();
        if let Some(folder) = self.pick(&folders, name)? {
            let id = FolderId::from(folder);
            self.client.cache().put(key, id.clone(), begun);
            return Ok(Step::Folder(id));
        }
        Ok(if self.pick(&items, name)?.is_some() { Step::File } else { Step::Missing })
    }

    /// Makes a folder. If it exists by now, or may, it is looked for.
    async fn make(&self, parent: &FolderId, name: &str) -> Result<FolderId> {
        let begun = self.client.cache().begin();
        let error = match self.client.folders().create(parent, name).await {
            Ok(made) => {
                let id = FolderId::from(made);
                self.client.cache().put(self.key(Some(parent), name), id.clone(), begun);
                return Ok(id);
            }
            Err(error) => error,
        };
        if error.kind() != ErrorKind::Conflict && !error.may_have_happened() {
            return Err(error);
        }
        for wait in LOOKS {
            tokio::time::sleep(*wait).await;
            match self.step(Some(parent), name).await? {
                Step::Remembered(id) | Step::Folder(id) => return Ok(id),
                Step::File => break,
                Step::Missing => {}
            }
        }
        if error.kind() == ErrorKind::Conflict {
            // The store says that it is there: under a name that it takes for the same.
            let items = self.list(Some(parent)).await?;
            let mut like = items.iter().filter(|item| item.is_folder() && alike(item.named(), name));
            if let (Some(folder), None) = (like.next(), like.next()) {
                return Ok(FolderId::from(folder));
            }
        }
        Err(error)
    }

    async fn list(&self, parent: Option<&FolderId>) -> Result<Vec<Item>> {
        match parent {
            Some(parent) => self.client.folders().children(parent).await,
            None => self.client.projects().list().await,
        }
    }

    /// The item of a name.
    fn pick<'a>(&self, items: &'a [Item], name: &str) -> Result<Option<&'a Item>> {
        let same = |is_so: &dyn Fn(&str) -> bool| -> Vec<&'a Item> {
            items.iter().filter(|item| is_so(item.named())).collect()
        };
        let mut found = same(&|other| other == name);
        if found.is_empty() {
            // The same text in another form of Unicode.
            let text = composed(name);
            found = same(&|other| composed(other) == text);
        }
        if found.is_empty() && self.case == Case::Insensitive {
            let folded = lower(name);
            found = same(&|other| lower(other) == folded);
        }
        match found.as_slice() {
            [] => Ok(None),
            [only] => Ok(Some(only)),
            several => {
                let message = format!("{} items are called {name:?}", several.len());
                Err(Error::new(ErrorKind::Conflict, message).with_hint("take one by its id, from a listing"))
            }
        }
    }

    /// As it was asked for: of two names that are alike, each may lead to a folder of its own.
    fn key(&self, parent: Option<&FolderId>, name: &str) -> Edge {
        (parent.cloned(), name.to_owned(), self.case)
    }
}

/// Where a name leads.
enum Step {
    Remembered(FolderId),
    Folder(FolderId),
    File,
    Missing,
}

fn lower(name: &str) -> String {
    composed(&composed(name).to_lowercase()).into_owned()
}

/// The names of a path. Slashes at its ends and doubled ones count for nothing.
fn split(path: &str) -> Result<Vec<&str>> {
    let names: Vec<&str> = path.split('/').filter(|name| !name.is_empty()).collect();
    if names.is_empty() {
        return Err(
            Error::new(ErrorKind::InvalidInput, "the path is empty").with_hint("it begins with a project's name")
        );
    }
    names.iter().try_for_each(|name| check_segment(name))?;
    Ok(names)
}

fn up_to(names: &[&str], depth: usize) -> String {
    names.iter().take(depth + 1).copied().collect::<Vec<_>>().join("/")
}

fn missing(names: &[&str], depth: usize) -> Error {
    let what = if depth == 0 { "no project" } else { "nothing" };
    Error::new(ErrorKind::NotFound, format!("there is {what} at {:?}", up_to(names, depth)))
}

fn in_the_way(names: &[&str], depth: usize) -> Error {
    Error::new(ErrorKind::Conflict, format!("{:?} is a file, not a folder", up_to(names, depth)))
}
