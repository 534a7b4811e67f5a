//! Sites and what belongs to them.

use datto_common::{Error, ErrorKind, Request, Result};

use super::ListAlerts;
use crate::models::{DeviceNetworkInterfaces, SitePatch};
use crate::{Device, Filter, FilterId, NewSite, PatchInstallStatus, Site, SiteUid, SiteUpdate, operations};

datto_common::api! {
    /// Sites, from [`RmmClient::sites`](crate::RmmClient::sites).
    pub struct SitesApi;
}

datto_common::list_builder! {
    /// Lists the sites of the account: [`SitesApi::list`].
    pub struct ListSites -> Site, by uid {
        /// Part of the name, in any case (official: SQL LIKE).
        site_name: String => "siteName",
    }
}

datto_common::list_builder! {
    /// Lists the devices of a site: [`SitesApi::devices`].
    pub struct ListSiteDevices -> Device, by uid {
        /// A device filter.
        filter_id: FilterId => "filterId",
    }
}

datto_common::list_builder! {
    /// Lists the devices of a site with their network interfaces: [`SitesApi::network_interfaces`].
    pub struct ListNetworkInterfaces -> DeviceNetworkInterfaces, by uid {}
}

datto_common::list_builder! {
    /// Lists the device filters of a site: [`SitesApi::filters`].
    pub struct ListSiteFilters -> Filter, by id {}
}

datto_common::list_builder! {
    /// Lists the patches of a site: [`SitesApi::patches`]. One patch may come up to three times (official), so that one that comes
    /// twice is no sign of change; the total is.
    pub struct ListSitePatches -> SitePatch {
        /// Only patches in this status.
        install_status: PatchInstallStatus => "installStatus",
    }
}

impl SitesApi {
    /// Lists the sites of the account, the system sites among them: [`Site::kind`] tells them apart.
    ///
    /// `GET /v2/account/sites` · read · official · pages of at most 250
    ///
    /// # Errors
    /// `Forbidden` if the user of the key may not see sites.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// for site in rmm.sites().list().site_name("Contoso").collect().await? {
    ///     println!("{} {}", site.uid, site.name.unwrap_or_default());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> ListSites {
        self.core.call(&operations::SITES_LIST, []).list()
    }

    /// Gets one site.
    ///
    /// `GET /v2/site/{siteUid}` · read · official
    ///
    /// # Errors
    /// `NotFound` if there is none of this uid, or none that the user of the key can see.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// let site = rmm.sites().get("00000000-0000-4000-8000-000000000001").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, uid: impl Into<SiteUid>) -> Request<Site> {
        self.core.call(&operations::SITES_GET, [uid.into().as_str()]).json()
    }

    /// Creates a site. Sent at most once: the service takes the same name twice and then has two sites. If it may have happened, the
    /// error says so, and its marker is the name to look for.
    ///
    /// `PUT /v2/site` · write, once, site-create · official
    ///
    /// # Errors
    /// `Api` if the service refuses the site.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// use datto_rmm::NewSite;
    /// let site = rmm.sites().create(NewSite::new("Contoso").description("Head office")).await?;
    /// println!("{}", site.uid);
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self, site: NewSite) -> Request<Site> {
        self.core.call(&operations::SITES_CREATE, []).sending(&site).marked(site.name()).json()
    }

    /// Overwrites a site: what the update leaves out is wiped (observed). [`change`](Self::change) keeps it.
    ///
    /// `POST /v2/site/{siteUid}` · repeatable write, site-update · official
    ///
    /// # Errors
    /// `NotFound` if there is none of this uid, or none that the user of the key can see.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// use datto_rmm::SiteUpdate;
    /// let site = rmm.sites().update("00000000-0000-4000-8000-000000000001", SiteUpdate::new("Contoso")).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn update(&self, uid: impl Into<SiteUid>, update: SiteUpdate) -> Request<Site> {
        self.core.call(&operations::SITES_UPDATE, [uid.into().as_str()]).sending(&update).json()
    }

    /// Changes a site and keeps what the change does not name: reads it, changes that, writes it back. What somebody else
    /// writes between the two is overwritten: the service offers no condition.
    ///
    /// `GET`, then `POST /v2/site/{siteUid}` · read and repeatable write, site-update · official
    ///
    /// # Errors
    /// Those of [`get`](Self::get) and [`update`](Self::update); `Decode` if the site comes without its name.
    ///
    /// # Cancel safety
    /// Dropped before the write is sent, nothing has happened; after that the site may have been changed, wholly.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// let uid = "00000000-0000-4000-8000-000000000001";
    /// let site = rmm.sites().change(uid, |site| site.append_note("New firewall since Monday")).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn change(&self, uid: impl Into<SiteUid>, change: impl FnOnce(SiteUpdate) -> SiteUpdate) -> Result<Site> {
        let uid = uid.into();
        let site = self.get(&uid).send().await?;
        if site.name.is_none() {
            let error =
                Error::new(ErrorKind::Decode, "the site came without its name, so it cannot be written back whole");
            return Err(error);
        }
        let update = change(SiteUpdate::from(&site));
        self.update(uid, update).send().await
    }

    /// Lists the open alerts of a site.
    ///
    /// `GET /v2/site/{siteUid}/alerts/open` · read · official · pages of at most 250
    ///
    /// # Errors
    /// `NotFound` if there is no such site.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// let alerts = rmm.sites().alerts_open("00000000-0000-4000-8000-000000000001").muted(false).collect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn alerts_open(&self, uid: impl Into<SiteUid>) -> ListAlerts {
        self.core.call(&operations::SITES_ALERTS_OPEN, [uid.into().as_str()]).list()
    }

    /// Lists the resolved alerts of a site.
    ///
    /// `GET /v2/site/{siteUid}/alerts/resolved` · read · official · pages of at most 250
    ///
    /// # Errors
    /// `NotFound` if there is no such site.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// let mut alerts = rmm.sites().alerts_resolved("00000000-0000-4000-8000-000000000001").pager();
    /// # Ok(())
    /// # }
    /// ```
    pub fn alerts_resolved(&self, uid: impl Into<SiteUid>) -> ListAlerts {
        self.core.call(&operations::SITES_ALERTS_RESOLVED, [uid.into().as_str()]).list()
    }

    /// Lists the devices of a site.
    ///
    /// `GET /v2/site/{siteUid}/devices` · read · official · pages of at most 250
    ///
    /// # Errors
    /// `NotFound` if there is no such site or filter.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// let devices = rmm.sites().devices("00000000-0000-4000-8000-000000000001").collect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn devices(&self, uid: impl Into<SiteUid>) -> ListSiteDevices {
        self.core.call(&operations::SITES_DEVICES, [uid.into().as_str()]).list()
    }

    /// Lists the devices of a site with their network interfaces.
    ///
    /// `GET /v2/site/{siteUid}/devices/network-interface` · read · official · pages of at most 250
    ///
    /// # Errors
    /// `NotFound` if there is no such site.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// let devices = rmm.sites().network_interfaces("00000000-0000-4000-8000-000000000001").collect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn network_interfaces(&self, uid: impl Into<SiteUid>) -> ListNetworkInterfaces {
        self.core.call(&operations::SITES_NETWORK_INTERFACES, [uid.into().as_str()]).list()
    }

    /// Lists the device filters of a site.
    ///
    /// `GET /v2/site/{siteUid}/filters` · read · official · pages of at most 250
    ///
    /// # Errors
    /// `NotFound` if there is no such site.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// let filters = rmm.sites().filters("00000000-0000-4000-8000-000000000001").collect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn filters(&self, uid: impl Into<SiteUid>) -> ListSiteFilters {
        self.core.call(&operations::SITES_FILTERS, [uid.into().as_str()]).list()
    }

    /// Lists the patches of a site over all its devices. Without a status one patch may come up to three times, once a status, each with
    /// its own number of devices (official).
    ///
    /// `GET /v2/site/{siteUid}/patches` · read · official, since build 235 · pages of at most 250
    ///
    /// # Errors
    /// `NotFound` if there is no such site, or the platform does not have this call yet: the hint says which.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// use datto_rmm::PatchInstallStatus;
    /// let uid = "00000000-0000-4000-8000-000000000001";
    /// let patches = rmm.sites().patches(uid).install_status(PatchInstallStatus::NotApproved).collect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn patches(&self, uid: impl Into<SiteUid>) -> ListSitePatches {
        self.core.call(&operations::SITES_PATCHES, [uid.into().as_str()]).list()
    }
}
