//! The identifiers of Datto RMM, each a type of its own.
//!
//! Uids are text without a promised form: the system site "Deleted Devices" has one that is no UUID (observed).

datto_common::text_id! {
    /// The uid of the account.
    AccountUid;
    /// The uid of a site.
    SiteUid;
    /// The uid of a device.
    DeviceUid;
    /// The uid of an alert.
    AlertUid;
    /// The uid of a job.
    JobUid;
    /// The uid of a component.
    ComponentUid;
    /// The id of a patch.
    PatchId;
    /// The id of an entry of the activity log.
    ActivityLogId;
}

datto_common::number_id! {
    /// The numeric id of the account.
    AccountId;
    /// The numeric id of a site.
    SiteId;
    /// The numeric id of a device, as in `…/device/{id}` of the portal.
    DeviceId;
    /// The id of a variable of the account or of a site.
    VariableId;
    /// The id of a device filter.
    FilterId;
    /// The numeric id of a job.
    JobId;
    /// The numeric id of a component.
    ComponentId;
    /// The numeric id of a user.
    UserId;
}
