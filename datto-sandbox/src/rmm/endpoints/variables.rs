//! Variables of the account and of sites.

use axum::extract::{Path, State};
use serde_json::json;

use super::{Answer, Rmm, done};
use crate::rmm::args::{Args, Body};
use crate::rmm::fleet::{Account, Variable};
use crate::rmm::page::{Pages, as_text};
use crate::rmm::problem::Problem;

/// What is shown of a masked value (guess: that it cannot be read back).
const MASK: &str = "****";

/// Whose variables.
#[derive(Clone, Copy)]
enum Owner<'a> {
    Account,
    Site(&'a str),
}

impl Owner<'_> {
    fn list(self, account: &mut Account) -> Result<&mut Vec<Variable>, Problem> {
        match self {
            Self::Account => Ok(&mut account.variables),
            Self::Site(uid) => account.site_mut(uid).map(|site| &mut site.variables).ok_or(Problem::NOT_FOUND),
        }
    }

    /// The list, unless it may not be written: a site on demand has no variables.
    fn writable(self, account: &mut Account) -> Result<&mut Vec<Variable>, Problem> {
        if let Self::Site(uid) = self {
            let site = account.site(uid).ok_or(Problem::NOT_FOUND)?;
            if site.on_demand {
                return Err(Problem::BAD_REQUEST);
            }
        }
        self.list(account)
    }
}

pub(in crate::rmm) async fn of_account(rmm: Rmm, args: Args) -> Answer {
    list(&rmm, "/v2/account/variables", &args, Owner::Account)
}

pub(in crate::rmm) async fn of_site(rmm: Rmm, Path(uid): Path<String>, args: Args) -> Answer {
    list(&rmm, &format!("/v2/site/{uid}/variables"), &args, Owner::Site(&uid))
}

fn list(State(rmm): &Rmm, path: &str, args: &Args, owner: Owner<'_>) -> Answer {
    let pages = Pages::new(rmm, path, args)?;
    let mut account = rmm.account();
    let variables = owner.list(&mut account)?;
    Ok(pages.answer("variables", variables, |variable| {
        let value = if variable.masked { Some(MASK) } else { variable.value.as_deref() };
        as_text(&json!({
            "id": variable.id,
            "name": variable.name,
            "value": value,
            "masked": variable.masked,
        }))
    }))
}

pub(in crate::rmm) async fn create_of_account(rmm: Rmm, body: Body) -> Answer {
    create(&rmm, Owner::Account, &body)
}

pub(in crate::rmm) async fn create_of_site(rmm: Rmm, Path(uid): Path<String>, body: Body) -> Answer {
    create(&rmm, Owner::Site(&uid), &body)
}

/// PUT makes a variable each time it is sent, and does not tell its id.
fn create(State(rmm): &Rmm, owner: Owner<'_>, body: &Body) -> Answer {
    let mut account = rmm.account();
    let id = account.fresh_id();
    let variables = owner.writable(&mut account)?;
    let name = Some(body.required_text("name")?);
    let masked = body.flag("masked")?.unwrap_or(false);
    variables.push(Variable { id, name, value: body.text("value")?, masked });
    done()
}

pub(in crate::rmm) async fn update_of_account(rmm: Rmm, Path(id): Path<String>, body: Body) -> Answer {
    update(&rmm, Owner::Account, &id, &body)
}

pub(in crate::rmm) async fn update_of_site(rmm: Rmm, Path((uid, id)): Path<(String, String)>, body: Body) -> Answer {
    update(&rmm, Owner::Site(&uid), &id, &body)
}

fn update(State(rmm): &Rmm, owner: Owner<'_>, id: &str, body: &Body) -> Answer {
    let id = number(id)?;
    let mut account = rmm.account();
    let variables = owner.writable(&mut account)?;
    let variable = variables.iter_mut().find(|variable| variable.id == id).ok_or(Problem::NOT_FOUND)?;
    let (name, value) = (body.required_text("name")?, body.text("value")?);
    variable.name = Some(name);
    variable.value = value;
    done()
}

pub(in crate::rmm) async fn delete_of_account(rmm: Rmm, Path(id): Path<String>) -> Answer {
    delete(&rmm, Owner::Account, &id)
}

pub(in crate::rmm) async fn delete_of_site(rmm: Rmm, Path((uid, id)): Path<(String, String)>) -> Answer {
    delete(&rmm, Owner::Site(&uid), &id)
}

fn delete(State(rmm): &Rmm, owner: Owner<'_>, id: &str) -> Answer {
    let id = number(id)?;
    let mut account = rmm.account();
    let variables = owner.writable(&mut account)?;
    let index = variables.iter().position(|variable| variable.id == id).ok_or(Problem::NOT_FOUND)?;
    variables.remove(index);
    done()
}

fn number(id: &str) -> Result<i64, Problem> {
    id.parse().map_err(|_| Problem::BAD_REQUEST)
}
