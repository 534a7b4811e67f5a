//! The identifiers of Workplace. Projects, folders and files share one space of numbers (observed), so that any id can be
//! given where another is wanted; the types say what is meant.

datto_common::number_id! {
    /// The id of a file, or of any item.
    FileId;
    /// The id of a folder. A project is a folder too.
    FolderId;
    /// The id of a project: a folder at the top.
    ProjectId;
}

macro_rules! one_space {
    ($($from:ident -> $to:ident;)+) => {$(
        impl From<$from> for $to {
            fn from(id: $from) -> Self {
                Self(id.0)
            }
        }

        impl From<&$from> for $to {
            fn from(id: &$from) -> Self {
                Self(id.0.clone())
            }
        }
    )+};
}

one_space! {
    FileId -> FolderId;
    FileId -> ProjectId;
    FolderId -> FileId;
    FolderId -> ProjectId;
    ProjectId -> FileId;
    ProjectId -> FolderId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_same_whatever_it_is_called() {
        let project = ProjectId::from(1_000_000_001);
        let folder = FolderId::from(&project);
        let file: FileId = folder.clone().into();
        assert_eq!((folder.as_str(), file.as_i64()), ("1000000001", Some(1_000_000_001)));
    }
}
