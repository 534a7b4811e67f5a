//! What only reads.

use datto_examples::tour::Tour;
use datto_workplace::{FolderId, Item, Metadata, WorkplaceClient, operations as op};

/// How many folders the tour looks into for a file that can be downloaded.
const LOOKS: usize = 50;
/// Stands where no list gives an id.
const PLACEHOLDER: i64 = 1;

/// What the lists gave, for the calls that need it.
pub(crate) struct Found {
    pub(crate) project: FolderId,
}

/// Calls what only reads.
pub(crate) async fn visit(files: &WorkplaceClient, tour: &mut Tour) -> Found {
    tour.optional(&op::API_DESCRIPTION, files.description().await, |description| {
        let paths = description["paths"].as_object().map_or(0, serde_json::Map::len);
        format!("{paths} paths")
    });
    let projects = files.projects().list().await;
    let projects = tour.note(&op::PROJECTS_LIST, projects, |projects| format!("{} projects", projects.len()));
    let project = projects.unwrap_or_default().first().map_or_else(|| FolderId::from(PLACEHOLDER), FolderId::from);

    let children = files.folders().children(&project).metadata(Metadata::REVIEW).await;
    let children = tour.note(&op::FOLDERS_CHILDREN, children, |children| format!("{} items", children.len()));
    let file = some_file(files, children.unwrap_or_default(), &project).await;
    tour.note(&op::FILES_GET, files.files().get(&file).metadata(Metadata::REVIEW).await, |item| {
        item.name.clone().unwrap_or_default()
    });
    tour.note(&op::FILES_DOWNLOAD, files.files().download(&file).bytes().await, |file| {
        format!("{} bytes, verified: {:?}", file.len(), file.downloaded.verified)
    });
    Found { project }
}

/// A small file, of the folder or not far below it; a placeholder if there is none.
async fn some_file(files: &WorkplaceClient, children: Vec<Item>, project: &FolderId) -> Item {
    let wanted = |item: &Item| item.is_downloadable() && item.size.is_some_and(|size| size < 1_000_000);
    if let Some(file) = children.iter().find(|item| wanted(item)) {
        return file.clone();
    }
    let mut walk = files.walk(project).metadata(Metadata::REVIEW).concurrency(1);
    let mut seen = 0;
    while let Some(entry) = walk.next().await {
        match entry {
            Ok(entry) if wanted(&entry.item) => return entry.item,
            _ if seen >= LOOKS => break,
            _ => seen += 1,
        }
    }
    let mut placeholder = Item::default();
    placeholder.id = PLACEHOLDER.into();
    placeholder
}
