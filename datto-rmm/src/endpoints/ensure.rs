//! Variables by their names and user-defined fields as they should be: read, compare, write the difference alone, look again.

use datto_common::{Error, ErrorKind, Result};

use super::{DevicesApi, SitesApi, VariablesApi};
use crate::{DeviceUid, NewVariable, SiteUid, UdfUpdate, Udfs, Variable, VariableId, VariableUpdate};

/// What it takes for a variable to be as it should: nothing was written yet.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum VariablePlan {
    /// It is as it should be.
    Same(VariableId),
    /// There is none of this name.
    Create,
    /// Its value is another one, or cannot be seen, as that of a masked one: it is written.
    Update(VariableId),
}

/// What was done for a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EnsuredVariable {
    /// Its id.
    pub id: VariableId,
    /// What it took.
    pub plan: VariablePlan,
    /// Whether the service showed the value afterwards: it does not show that of a masked one (guess).
    pub seen: bool,
}

/// Decides by the list. Names are compared as they are: the service tells those apart that differ in case (guess).
fn plan(variables: &[Variable], wanted: &NewVariable) -> Result<VariablePlan> {
    let mut of_name = variables.iter().filter(|variable| variable.name.as_deref() == Some(wanted.name()));
    let Some(found) = of_name.next() else { return Ok(VariablePlan::Create) };
    if of_name.next().is_some() {
        let message = format!("several variables are called {:?}", wanted.name());
        return Err(Error::new(ErrorKind::Conflict, message).with_hint("delete all but one of them"));
    }
    let same = found.masked != Some(true) && found.value.as_ref().is_some_and(|value| value.0 == wanted.value());
    Ok(if same { VariablePlan::Same(found.id.clone()) } else { VariablePlan::Update(found.id.clone()) })
}

/// Looks whether a write has worked.
fn verified(variables: &[Variable], wanted: &NewVariable, before: VariablePlan) -> Result<EnsuredVariable> {
    let mut of_name = variables.iter().filter(|variable| variable.name.as_deref() == Some(wanted.name()));
    let Some(found) = of_name.next() else {
        let message = format!("the variable {:?} was written, and is not in the list", wanted.name());
        return Err(Error::new(ErrorKind::Integrity, message));
    };
    let shown = found.value.as_ref().filter(|_| found.masked != Some(true)).map(|value| value.0.as_str());
    match shown {
        Some(value) if value != wanted.value() => Err(Error::new(
            ErrorKind::Integrity,
            format!("the variable {:?} was written, and has another value", wanted.name()),
        )),
        shown => Ok(EnsuredVariable { id: found.id.clone(), plan: before, seen: shown.is_some() }),
    }
}

/// Makes the pair of methods for one place where variables are.
macro_rules! ensure {
    ($(#[$plan_docs:meta])* $plan:ident, $(#[$docs:meta])* $name:ident, ($($site:ident)?), $list:ident, $create:ident, $update:ident) => {
        $(#[$plan_docs])*
        pub async fn $plan(&self, $($site: impl Into<SiteUid>,)? wanted: &NewVariable) -> Result<VariablePlan> {
            $(let $site: SiteUid = $site.into();)?
            plan(&self.$list($(&$site)?).collect().await?, wanted)
        }

        $(#[$docs])*
        pub async fn $name(&self, $($site: impl Into<SiteUid>,)? wanted: NewVariable) -> Result<EnsuredVariable> {
            $(let $site: SiteUid = $site.into();)?
            let before = plan(&self.$list($(&$site)?).collect().await?, &wanted)?;
            let update = VariableUpdate::new(wanted.name(), wanted.value());
            let written = match &before {
                VariablePlan::Same(id) => return Ok(EnsuredVariable { id: id.clone(), plan: before, seen: true }),
                VariablePlan::Create => self.$create($(&$site,)? wanted.clone()).send().await,
                VariablePlan::Update(id) => self.$update($(&$site,)? id, update).send().await,
            };
            match written {
                Err(error) if !error.may_have_happened() => Err(error),
                // The list knows whether it happened, where it shows the value.
                Err(error) => match verified(&self.$list($(&$site)?).collect().await?, &wanted, before) {
                    Ok(ensured) if ensured.seen => Ok(ensured),
                    _ => Err(error),
                },
                Ok(()) => verified(&self.$list($(&$site)?).collect().await?, &wanted, before),
            }
        }
    };
}

impl VariablesApi {
    ensure!(
        /// What it would take for a variable of the account to be as it should. Reads alone.
        ///
        /// `GET /v2/account/variables` · read · official
        ///
        /// # Errors
        /// `Conflict` if several have this name.
        plan_ensure,
        /// Sees to it that the account has a variable of this name and value: writes only if it has not, and looks again. Whether a variable is masked can be said only when it
        /// is created (official).
        ///
        /// `GET /v2/account/variables`, then `PUT` or `POST /v2/account/variable` · write · official
        ///
        /// # Errors
        /// `Conflict` if several have this name; `Integrity` if the list does not show what was written.
        ///
        /// # Cancel safety
        /// It may have been written when the future is dropped; doing it again writes nothing more.
        ///
        /// ```no_run
        /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
        /// use datto_rmm::NewVariable;
        /// let ensured = rmm.variables().ensure(NewVariable::new("licence", "0000-0000")).await?;
        /// println!("{:?}", ensured.plan);
        /// # Ok(())
        /// # }
        /// ```
        ensure, (), list, create, update
    );
}

impl SitesApi {
    ensure!(
        /// What it would take for a variable of a site to be as it should. Reads alone.
        ///
        /// `GET /v2/site/{siteUid}/variables` · read · official
        ///
        /// # Errors
        /// `Conflict` if several have this name.
        plan_ensure_variable,
        /// Sees to it that a site has a variable of this name and value, as [`VariablesApi::ensure`] does for the account.
        ///
        /// `GET /v2/site/{siteUid}/variables`, then `PUT` or `POST /v2/site/{siteUid}/variable` · write · official
        ///
        /// # Errors
        /// `Conflict` if several have this name; `Integrity` if the list does not show what was written.
        ///
        /// # Cancel safety
        /// It may have been written when the future is dropped; doing it again writes nothing more.
        ///
        /// ```no_run
        /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
        /// use datto_rmm::NewVariable;
        /// let site = "00000000-0000-4000-8000-000000000001";
        /// rmm.sites().ensure_variable(site, NewVariable::new("printer", "10.0.0.9")).await?;
        /// # Ok(())
        /// # }
        /// ```
        ensure_variable, (site), variables, create_variable, update_variable
    );
}

impl DevicesApi {
    /// The changes of a device's user-defined fields that are needed for it to have these; empty if it has them. Reads alone. A field to be cleared counts as it should where the
    /// device has none.
    ///
    /// `GET /v2/device/{deviceUid}` · read · official
    ///
    /// # Errors
    /// `NotFound` if there is no such device.
    pub async fn plan_ensure_udfs(&self, uid: impl Into<DeviceUid>, wanted: &UdfUpdate) -> Result<UdfUpdate> {
        let device = self.get(uid).send().await?;
        Ok(wanted.differing_from(device.udf.as_ref().unwrap_or(&Udfs::default())))
    }

    /// Sees to it that a device has these user-defined fields: writes only those that differ, and looks again. It tells which were written.
    ///
    /// `GET /v2/device/{deviceUid}`, then `POST /v2/device/{deviceUid}/udf` · repeatable write · official
    ///
    /// # Errors
    /// `InvalidInput` for what cannot be stored; `NotFound` if there is no such device; `Integrity` if the device does not show what was written.
    ///
    /// # Cancel safety
    /// They may have been written when the future is dropped; doing it again writes nothing more.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// use datto_rmm::UdfUpdate;
    /// let written = rmm.devices().ensure_udfs("00000000-0000-4000-8000-000000000001", UdfUpdate::new().set(3, "Lab")).await?;
    /// println!("{} fields written", written.len());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn ensure_udfs(&self, uid: impl Into<DeviceUid>, wanted: UdfUpdate) -> Result<UdfUpdate> {
        let uid = uid.into();
        wanted.check()?;
        let needed = self.plan_ensure_udfs(&uid, &wanted).await?;
        if needed.is_empty() {
            return Ok(needed);
        }
        match self.set_udfs(&uid, needed.clone()).send().await {
            Err(error) if !error.may_have_happened() => return Err(error),
            _ => {}
        }
        let left = self.plan_ensure_udfs(&uid, &wanted).await?;
        if left.is_empty() {
            return Ok(needed);
        }
        let fields: Vec<String> = left.ordinals().map(|ordinal| format!("udf{ordinal}")).collect();
        Err(Error::new(ErrorKind::Integrity, format!("{} were written, and read otherwise", fields.join(", "))))
    }
}
