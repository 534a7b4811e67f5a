//! A ticket for each open alert, in the same database.

use datto_common::{Cause, Desk, ErrorKind, Incident, Measured, Missing, Sink, async_trait};
use datto_rmm::Alert;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Row as _, Sqlite, Transaction};
use tokio::sync::Mutex;

use crate::database::Database;

/// All tickets of a round are one transaction.
struct Tickets<'a> {
    change: Mutex<Transaction<'static, Sqlite>>,
    account: &'a str,
}

impl Tickets<'_> {
    async fn execute<'q>(&self, query: Query<'q, Sqlite, SqliteArguments<'q>>) -> Result<(), sqlx::Error> {
        query.execute(&mut **self.change.lock().await).await.map(drop)
    }
}

#[async_trait]
impl Sink for Tickets<'_> {
    type Error = sqlx::Error;

    async fn open(&self, incident: &Incident) -> Result<(), sqlx::Error> {
        // The index lets no second open one in.
        self.execute(
            sqlx::query("insert or ignore into tickets (account, key, severity, what, open) values (?, ?, ?, ?, 1)")
                .bind(self.account)
                .bind(&incident.key)
                .bind(incident.severity.to_string())
                .bind(&incident.what),
        )
        .await
    }

    async fn update(&self, incident: &Incident) -> Result<(), sqlx::Error> {
        self.execute(
            sqlx::query("update tickets set severity = ?, what = ? where account = ? and key = ? and open = 1")
                .bind(incident.severity.to_string())
                .bind(&incident.what)
                .bind(self.account)
                .bind(&incident.key),
        )
        .await
    }

    async fn close(&self, key: &str) -> Result<(), sqlx::Error> {
        self.execute(
            sqlx::query("update tickets set open = 0 where account = ? and key = ? and open = 1")
                .bind(self.account)
                .bind(key),
        )
        .await
    }
}

/// Opens and closes the tickets of an account by its copy of the open alerts: only a whole copy closes.
pub(crate) async fn file(database: &Database, account: &str, is_whole: bool) -> anyhow::Result<()> {
    let bodies = database.bodies(account, "alerts").await?;
    let alerts = bodies.into_iter().map(|body| serde_json::from_str::<Alert>(&body));
    let incidents: Vec<Incident> = alerts.map(|alert| Ok(Incident::from(&alert?))).collect::<anyhow::Result<_>>()?;
    let missing = if is_whole {
        Vec::new()
    } else {
        vec![Missing::new("alerts", Cause::new(ErrorKind::NoData, "the list was not read whole"))]
    };
    // The table is what the desk knows: first it takes what is open for opened.
    let open = sqlx::query("select key from tickets where account = ? and open = 1")
        .bind(account)
        .fetch_all(&database.0)
        .await?;
    let open: Vec<Incident> = open
        .iter()
        .map(|row| Ok(Incident::new(row.try_get::<String, _>(0)?, datto_common::Severity::Notice, "")))
        .collect::<Result<_, sqlx::Error>>()?;
    let sink = Tickets { change: Mutex::new(database.0.begin().await?), account };
    let mut desk = Desk::default();
    desk.reconcile("alerts", &Measured::Known(open), &sink).await;
    let done = desk.reconcile("alerts", &Measured::from_parts(incidents, missing), &sink).await;
    match done.failed.into_iter().next() {
        None => Ok(sink.change.into_inner().commit().await?),
        Some((key, error)) => Err(anyhow::Error::from(error).context(key)),
    }
}
