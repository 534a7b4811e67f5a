//! Device filters.

use datto_common::Timestamp;

use crate::ids::FilterId;

datto_common::model! {
    /// A device filter. Given to a list of devices it alone decides what comes; text filters are then ignored (official).
    pub struct Filter {
        /// Its id.
        pub id: FilterId,
        /// Its name.
        pub name: Option<String>,
        /// A description.
        pub description: Option<String>,
        /// Whose it is.
        #[serde(rename = "type")]
        pub kind: Option<FilterKind>,
        /// When it was made. Its form on the wire is a guess: every one is read.
        pub date_create: Option<Timestamp>,
        /// When it was last changed. Its form on the wire is a guess: every one is read.
        pub last_updated: Option<Timestamp>,
    }
}

datto_common::open_enum! {
    /// Whose a filter is.
    pub enum FilterKind {
        /// It comes with the product.
        Default = "rmm_default",
        /// The account made it.
        Custom = "custom",
        /// It belongs to a site.
        Site = "site",
    }
}
