//! What is in the Workplace team.

use serde::Serialize;

/// A project and all that was planted in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PlantedProject {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// How many folders it holds at any depth, itself not counted.
    pub folders: usize,
    /// How many files it holds at any depth.
    pub files: usize,
    /// The size of these files together.
    pub bytes: u64,
}

/// What is stored now, told from the tree itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct WorkplaceTruth {
    /// The projects.
    pub projects: Vec<PlantedProject>,
    /// How many folders all projects hold, themselves not counted.
    pub folders: usize,
    /// How many files all projects hold.
    pub files: usize,
    /// The size of all files together.
    pub bytes: u64,
    /// Ids of files whose bytes cannot be had now: not stored in the cloud, or not online.
    pub not_in_cloud: Vec<i64>,
    /// Ids of items that are shared by a public link.
    pub public_links: Vec<i64>,
    /// Ids of files locked in the last day.
    pub locked_today: Vec<i64>,
    /// Ids of files locked more than 30 days ago.
    pub locked_long_ago: Vec<i64>,
}

/// An item as it is stored now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct StoredItem {
    /// Its id.
    pub id: i64,
    /// Whether it is a folder; a folder has no size and no hash.
    pub folder: bool,
    /// Its size in bytes.
    pub size: u64,
    /// The MD5 of its bytes in lower-case hexadecimal digits; empty for a folder.
    pub md5: String,
}
