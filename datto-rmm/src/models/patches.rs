//! Patches of a device, and of a site over all its devices.

use crate::ids::PatchId;

/// Declares a record of a patch: what is its own, and the fields that both forms share, written once.
macro_rules! patch {
    ($(#[$meta:meta])* $name:ident { $($own:tt)* }) => {
        datto_common::model! {
            $(#[$meta])*
            pub struct $name {
                /// Its id.
                pub patch_id: PatchId,
                /// Its categories.
                pub category: Option<Vec<String>>,
                /// Software or driver.
                #[serde(rename = "type")]
                pub kind: Option<PatchKind>,
                /// Its title.
                pub title: Option<String>,
                /// A description.
                pub description: Option<String>,
                /// When it was released: free text that holds a date (official).
                pub release_date: Option<String>,
                /// How grave it is.
                pub severity: Option<PatchSeverity>,
                /// The most bytes it may take.
                pub max_size: Option<i64>,
                /// Whether it needs a restart.
                pub reboot_required: Option<bool>,
                /// Whether it asks the user something.
                pub require_user_input: Option<bool>,
                /// The article of the knowledge base about it.
                pub kb_article_id: Option<String>,
                /// Whether it is installed, approved or neither.
                pub install_status: Option<PatchInstallStatus>,
                $($own)*
            }
        }
    };
}

patch! {
    /// A patch as one device has it.
    Patch {
        /// Whether somebody decided about it by hand.
        pub manual_override: Option<bool>,
    }
}

patch! {
    /// A patch over all devices of a site. Without a filter by status one patch may come up to three times, once a status, each with
    /// its own number of devices (official).
    SitePatch {
        /// How many devices of the site have it in this status.
        pub total_devices: Option<i64>,
    }
}

datto_common::open_enum! {
    /// What a patch is for.
    pub enum PatchKind {
        /// Software.
        Software = "SOFTWARE",
        /// A driver.
        Driver = "DRIVER",
    }
}

datto_common::open_enum! {
    /// How grave what a patch mends is.
    pub enum PatchSeverity {
        /// Critical.
        Critical = "CRITICAL",
        /// Important.
        Important = "IMPORTANT",
        /// Moderate.
        Moderate = "MODERATE",
        /// Low.
        Low = "LOW",
        /// Its maker does not say.
        Unspecified = "UNSPECIFIED",
    }
}

datto_common::open_enum! {
    /// Whether a patch is installed, approved or neither.
    pub enum PatchInstallStatus {
        /// Installed.
        Installed = "INSTALLED",
        /// Approved, and waiting to be installed.
        ApprovedPending = "APPROVED_PENDING",
        /// Not approved.
        NotApproved = "NOT_APPROVED",
    }
}
