//! A component on a few computers, once each, whatever is killed in between.

use datto_common::async_trait;
use datto_rmm::rollout::{Entry, Journal, Plan, StoreError};
use datto_rmm::{Device, DeviceClass, DeviceUid, RmmClient, Run};
use sqlx::Row as _;

use crate::database::Database;

/// On so many computers of an account.
const MOST: usize = 10;

struct Entries<'a> {
    database: &'a Database,
    account: &'a str,
}

#[async_trait]
impl Journal for Entries<'_> {
    async fn record(&self, entry: &Entry) -> Result<(), StoreError> {
        sqlx::query("insert into entries (account, entry) values (?, ?)")
            .bind(self.account)
            .bind(serde_json::to_string(entry)?)
            .execute(&self.database.0)
            .await?;
        Ok(())
    }
}

/// Starts what was not started, and waits for what was.
pub(crate) async fn run(rmm: &RmmClient, database: &Database, account: &str, component: &str) -> anyhow::Result<()> {
    let mut plan = match stored(database, account).await? {
        Some(plan) => plan,
        None => planned(rmm, database, account, component).await?,
    };
    if plan.is_over() {
        return Ok(());
    }
    let (jobs, journal) = (rmm.jobs(), Entries { database, account });
    let mut starts = jobs.start(&mut plan, &journal);
    while let Some(entry) = starts.next().await {
        entry?;
    }
    drop(starts);
    let mut ends = jobs.wait_all(&mut plan, &journal);
    while let Some(entry) = ends.next().await {
        entry?;
    }
    Ok(())
}

/// The plan with all that was written down since.
async fn stored(database: &Database, account: &str) -> anyhow::Result<Option<Plan>> {
    let plan =
        sqlx::query("select plan from plans where account = ?").bind(account).fetch_optional(&database.0).await?;
    let Some(row) = plan else { return Ok(None) };
    let mut plan: Plan = serde_json::from_str(&row.try_get::<String, _>(0)?)?;
    let entries = sqlx::query("select entry from entries where account = ? order by number").bind(account);
    for row in entries.fetch_all(&database.0).await? {
        plan.apply(&serde_json::from_str(&row.try_get::<String, _>(0)?)?);
    }
    Ok(Some(plan))
}

/// A plan, stored before anything is sent.
async fn planned(rmm: &RmmClient, database: &Database, account: &str, component: &str) -> anyhow::Result<Plan> {
    let bodies = database.bodies(account, "devices").await?;
    let devices = bodies.iter().map(|body| serde_json::from_str::<Device>(body));
    let devices: Vec<Device> = devices.collect::<Result<_, _>>()?;
    let is_one = |device: &&Device| {
        device.device_class == Some(DeviceClass::Device) && device.online == Some(true) && device.deleted != Some(true)
    };
    let uids: Vec<DeviceUid> = devices.iter().filter(is_one).take(MOST).map(|device| device.uid.clone()).collect();
    let plan = rmm.jobs().plan(uids, Run::named(component)).await?;
    sqlx::query("insert into plans values (?, ?)")
        .bind(account)
        .bind(serde_json::to_string(&plan)?)
        .execute(&database.0)
        .await?;
    Ok(plan)
}
