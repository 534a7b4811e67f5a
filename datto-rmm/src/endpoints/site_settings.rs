//! Settings, proxy and variables of a site.

use datto_common::Request;

use super::{ListVariables, SitesApi};
use crate::{NewVariable, ProxySettings, SiteSettings, SiteUid, VariableId, VariableUpdate, operations};

impl SitesApi {
    /// Gets the settings of a site. They may hold the password of its proxy; `Debug` hides it.
    ///
    /// `GET /v2/site/{siteUid}/settings` · read · official
    ///
    /// # Errors
    /// `NotFound` if there is no such site.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// let settings = rmm.sites().settings("00000000-0000-4000-8000-000000000001").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn settings(&self, uid: impl Into<SiteUid>) -> Request<SiteSettings> {
        self.core.call(&operations::SITES_SETTINGS, [uid.into().as_str()]).json()
    }

    /// Sets the proxy of a site, in place of one it has.
    ///
    /// `POST /v2/site/{siteUid}/settings/proxy` · repeatable write, site-proxy-create · official
    ///
    /// # Errors
    /// `NotFound` if there is no such site.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// use datto_rmm::{ProxySettings, models::ProxyKind};
    /// let proxy = ProxySettings::new(ProxyKind::Http, "proxy.example.com", 3128);
    /// let settings = rmm.sites().set_proxy("00000000-0000-4000-8000-000000000001", proxy).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_proxy(&self, uid: impl Into<SiteUid>, proxy: ProxySettings) -> Request<SiteSettings> {
        self.core.call(&operations::SITES_SET_PROXY, [uid.into().as_str()]).sending(&proxy).json()
    }

    /// Removes the proxy of a site. Fine if it has none (official: 204).
    ///
    /// `DELETE /v2/site/{siteUid}/settings/proxy` · repeatable write, site-proxy-delete · official
    ///
    /// # Errors
    /// `NotFound` if there is no such site.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// rmm.sites().delete_proxy("00000000-0000-4000-8000-000000000001").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete_proxy(&self, uid: impl Into<SiteUid>) -> Request<()> {
        self.core.call(&operations::SITES_DELETE_PROXY, [uid.into().as_str()]).nothing()
    }

    /// Lists the variables of a site.
    ///
    /// `GET /v2/site/{siteUid}/variables` · read · official · pages of at most 250
    ///
    /// # Errors
    /// `NotFound` if there is no such site; `Api` for a site of on-demand devices (observed: 400).
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// let variables = rmm.sites().variables("00000000-0000-4000-8000-000000000001").collect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn variables(&self, uid: impl Into<SiteUid>) -> ListVariables {
        self.core.call(&operations::SITES_VARIABLES, [uid.into().as_str()]).list()
    }

    /// Creates a variable of a site. Sent at most once. The service answers nothing: list the variables to learn its id.
    ///
    /// `PUT /v2/site/{siteUid}/variable` · write, once, site-variable-create · official
    ///
    /// # Errors
    /// `NotFound` if there is no such site; `Api` for a site of on-demand devices (observed: 400).
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// use datto_rmm::NewVariable;
    /// let variable = NewVariable::new("wifiKey", "correct horse").masked(true);
    /// rmm.sites().create_variable("00000000-0000-4000-8000-000000000001", variable).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn create_variable(&self, uid: impl Into<SiteUid>, variable: NewVariable) -> Request<()> {
        self.core
            .call(&operations::SITES_CREATE_VARIABLE, [uid.into().as_str()])
            .sending(&variable)
            .marked(variable.name())
            .nothing()
    }

    /// Changes name and value of a variable of a site.
    ///
    /// `POST /v2/site/{siteUid}/variable/{variableId}` · repeatable write, site-variable-update · official
    ///
    /// # Errors
    /// `NotFound` if there is no such site or variable.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// use datto_rmm::VariableUpdate;
    /// let update = VariableUpdate::new("wifiKey", "battery staple");
    /// rmm.sites().update_variable("00000000-0000-4000-8000-000000000001", 7, update).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn update_variable(
        &self,
        uid: impl Into<SiteUid>,
        id: impl Into<VariableId>,
        update: VariableUpdate,
    ) -> Request<()> {
        self.core
            .call(&operations::SITES_UPDATE_VARIABLE, [uid.into().as_str(), id.into().as_str()])
            .sending(&update)
            .nothing()
    }

    /// Deletes a variable of a site.
    ///
    /// `DELETE /v2/site/{siteUid}/variable/{variableId}` · repeatable write, site-variable-delete · official
    ///
    /// # Errors
    /// `NotFound` if there is no such site or variable, unless an attempt of this very call may have deleted it.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// rmm.sites().delete_variable("00000000-0000-4000-8000-000000000001", 7).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete_variable(&self, uid: impl Into<SiteUid>, id: impl Into<VariableId>) -> Request<()> {
        self.core.call(&operations::SITES_DELETE_VARIABLE, [uid.into().as_str(), id.into().as_str()]).nothing()
    }
}
