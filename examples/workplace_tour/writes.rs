//! What writes: all of it in a folder of the tour's own.

use std::time::{SystemTime, UNIX_EPOCH};

use datto_examples::tour::Tour;
use datto_workplace::{FileId, FolderId, Upload, WorkplaceClient, operations as op};

use crate::reads::Found;

/// Calls what writes, if that was asked for.
pub(crate) async fn visit(files: &WorkplaceClient, tour: &mut Tour, found: &Found) {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let mut folder = None;
    if tour.takes(&op::FOLDERS_CREATE) {
        let made = files.folders().create(&found.project, format!("datto-workplace tour {seconds}")).await;
        folder = tour.note(&op::FOLDERS_CREATE, made, |folder| folder.name.clone().unwrap_or_default());
    }
    let folder = folder.as_ref().map_or_else(|| FolderId::from(1), FolderId::from);
    let mut file = FileId::from(1);
    if tour.takes(&op::FILES_UPLOAD) {
        let uploaded = files.files().upload(&folder, Upload::bytes("tour.txt", "The tour was here.\n")).await;
        let uploaded = tour.note(&op::FILES_UPLOAD, uploaded, |uploaded| {
            format!("{} as {}, verified: {:?}", uploaded.id, uploaded.name, uploaded.verified)
        });
        file = uploaded.map_or(file, |uploaded| uploaded.id);
    }
    if tour.takes(&op::FILES_RENAME) {
        let renamed = files.files().rename(&file, "tour, renamed.txt").await;
        tour.note(&op::FILES_RENAME, renamed, |()| "tour, renamed.txt".to_owned());
    }
    if tour.takes(&op::FILES_LOCK) {
        let locked = match files.files().lock(&file).await {
            Ok(()) => files.files().unlock(&file).await,
            failed => failed,
        };
        tour.note(&op::FILES_LOCK, locked, |()| "locked and unlocked".to_owned());
    }
    if tour.takes(&op::FILES_DELETE) {
        tour.note(&op::FILES_DELETE, files.folders().delete(&folder).await, |()| "the tour's folder".to_owned());
    }
}
