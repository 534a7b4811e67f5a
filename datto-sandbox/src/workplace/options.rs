//! What a test can switch on in the Workplace service.

use std::time::Duration;

use crate::sandbox::SandboxBuilder;

/// How a list of projects or children is wrapped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ListShape {
    /// `{"result": […]}` (observed).
    #[default]
    Result,
    /// `{"value": […]}` (guess, after the answer to an upload).
    Value,
    /// The array alone (guess; clients expect it).
    Bare,
}

/// What the answer to an upload and to a new folder looks like: which one the service sends is not settled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum CreatedShape {
    /// `{"value": {"fileID": …, "fileName": …}}`, which clients try first (observed).
    #[default]
    ValueFileId,
    /// `{"result": {"id": …, "name": …}}` (guess).
    ResultId,
    /// `{"fileId": …, "fileName": …}` (guess).
    BareFileId,
    /// `{}`: stored, but without an id (observed).
    Empty,
}

/// The switches of the Workplace service; the default is the service as it was observed.
#[derive(Debug, Clone)]
pub struct WorkplaceOptions {
    pub(crate) projects: usize,
    pub(crate) list_shape: ListShape,
    pub(crate) created_shape: CreatedShape,
    pub(crate) plain_hashes: bool,
    pub(crate) content_headers: bool,
    pub(crate) rate: Option<(u32, Duration)>,
    pub(crate) refuse_deletes: bool,
    pub(crate) nothing_shared: bool,
}

impl Default for WorkplaceOptions {
    fn default() -> Self {
        Self {
            projects: 3,
            list_shape: ListShape::Result,
            created_shape: CreatedShape::ValueFileId,
            plain_hashes: true,
            content_headers: true,
            rate: None,
            refuse_deletes: false,
            nothing_shared: false,
        }
    }
}

impl SandboxBuilder {
    /// How many projects the Workplace team has. 3 if not set.
    pub fn workplace_projects(mut self, count: usize) -> Self {
        self.config.workplace.projects = count;
        self
    }

    /// Chooses how lists of projects and children are wrapped.
    pub fn workplace_lists(mut self, shape: ListShape) -> Self {
        self.config.workplace.list_shape = shape;
        self
    }

    /// Chooses what an upload and a new folder are answered with.
    pub fn workplace_created(mut self, shape: CreatedShape) -> Self {
        self.config.workplace.created_shape = shape;
        self
    }

    /// Whether `md5` and `size` are sent without being asked for by `metadata`, which is not settled. They are if not set.
    pub fn workplace_plain_hashes(mut self, on: bool) -> Self {
        self.config.workplace.plain_hashes = on;
        self
    }

    /// Whether a download says its `Content-Type` and `Content-Length`. It does if not set.
    pub fn workplace_content_headers(mut self, on: bool) -> Self {
        self.config.workplace.content_headers = on;
        self
    }

    /// Answers 429 to more than `calls` Workplace calls within a window, whoever makes them.
    pub fn workplace_rate(mut self, calls: u32, window: Duration) -> Self {
        self.config.workplace.rate = Some((calls, window));
        self
    }

    /// Refuses every delete with 403, as for an integration without full access.
    pub fn workplace_refuse_deletes(mut self, on: bool) -> Self {
        self.config.workplace.refuse_deletes = on;
        self
    }

    /// Shares no project with the integration: the list of projects is empty, and nothing is found by its id.
    pub fn workplace_nothing_shared(mut self, on: bool) -> Self {
        self.config.workplace.nothing_shared = on;
        self
    }
}
