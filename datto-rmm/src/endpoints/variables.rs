//! Variables of the account.

use datto_common::Request;

use crate::{NewVariable, Variable, VariableId, VariableUpdate, operations};

datto_common::api! {
    /// Variables of the account, from [`RmmClient::variables`](crate::RmmClient::variables). Those of a site stand with the sites.
    pub struct VariablesApi;
}

datto_common::list_builder! {
    /// Lists variables: of the account or of a site.
    pub struct ListVariables -> Variable, by id {}
}

impl VariablesApi {
    /// Lists the variables of the account.
    ///
    /// `GET /v2/account/variables` · read · official · pages of at most 250
    ///
    /// # Errors
    /// `Forbidden` if the user of the key may not see variables.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// let variables = rmm.variables().list().collect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> ListVariables {
        self.core.call(&operations::VARIABLES_LIST, []).list()
    }

    /// Creates a variable of the account. Sent at most once. The service answers nothing: list the variables to learn its id.
    ///
    /// `PUT /v2/account/variable` · write, once, account-variable-create · official
    ///
    /// # Errors
    /// `Api` if the service refuses it.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// use datto_rmm::NewVariable;
    /// rmm.variables().create(NewVariable::new("licence", "0000-0000").masked(true)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self, variable: NewVariable) -> Request<()> {
        self.core.call(&operations::VARIABLES_CREATE, []).sending(&variable).marked(variable.name()).nothing()
    }

    /// Changes name and value of a variable of the account.
    ///
    /// `POST /v2/account/variable/{variableId}` · repeatable write, account-variable-update · official
    ///
    /// # Errors
    /// `NotFound` if there is no such variable.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// use datto_rmm::VariableUpdate;
    /// rmm.variables().update(7, VariableUpdate::new("licence", "1111-1111")).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn update(&self, id: impl Into<VariableId>, update: VariableUpdate) -> Request<()> {
        self.core.call(&operations::VARIABLES_UPDATE, [id.into().as_str()]).sending(&update).nothing()
    }

    /// Deletes a variable of the account.
    ///
    /// `DELETE /v2/account/variable/{variableId}` · repeatable write, account-variable-delete · official
    ///
    /// # Errors
    /// `NotFound` if there is no such variable, unless an attempt of this very call may have deleted it.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// rmm.variables().delete(7).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete(&self, id: impl Into<VariableId>) -> Request<()> {
        self.core.call(&operations::VARIABLES_DELETE, [id.into().as_str()]).nothing()
    }
}
