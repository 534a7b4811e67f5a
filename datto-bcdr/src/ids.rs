//! Identifiers of the partner API.

datto_common::text_id! {
    /// Serial number of an appliance, the key of every call about it: `D05099000001`. Compare without regard to case (observed).
    SerialNumber;
    /// Volume of an asset, 32 hexadecimal digits: the key of an asset on its appliance, not its display name (official).
    Volume;
    /// Id of an endpoint agent (EB4PC, Direct-to-Cloud).
    AgentUuid;
    /// Id of a Direct-to-Cloud asset.
    AssetUuid;
    /// Subscription of a SaaS customer: `Classic:Office365:654321`.
    ExternalSubscriptionId;
    /// Id of a user, mailbox, site or team at Microsoft or Google; what a bulk seat change names.
    RemoteId;
}

datto_common::number_id! {
    /// Id of an asset. Exists on the wire, but no call takes it; see [`Volume`].
    AssetId;
    /// Id of a SaaS Protection customer.
    SaasCustomerId;
    /// Id of an organization, the client of the partner. The same number is the [`ClientId`] of Direct-to-Cloud.
    OrganizationId;
    /// Id of a client of Direct-to-Cloud: the number that is found as an [`OrganizationId`].
    ClientId;
    /// Id of a VM restore.
    RestoreId;
    /// Id of a reseller.
    ResellerId;
}

impl From<&OrganizationId> for ClientId {
    fn from(id: &OrganizationId) -> Self {
        Self::from(id.as_str())
    }
}

impl From<OrganizationId> for ClientId {
    fn from(id: OrganizationId) -> Self {
        Self::from(&id)
    }
}

impl SerialNumber {
    /// Whether both name the same appliance; the service is not strict about the case (observed).
    pub fn is_same(&self, other: &Self) -> bool {
        self.as_str().eq_ignore_ascii_case(other.as_str())
    }
}
