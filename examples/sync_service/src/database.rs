//! The copy. What belongs together is written in one transaction.

use std::path::Path;

use datto_common::{Continuation, Verdict};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Row as _, SqlitePool};

/// Records lie in the order in which they came: their keys are random, and bodies in the order of random keys are written many times over.
const SCHEMA: &str = "
create table if not exists records (account text, list text, key text, body text, reading integer, primary key (account, list, key));
create table if not exists readings (account text, list text, number integer, place text, primary key (account, list)) without rowid;
create table if not exists deletions (account text, list text, key text, reading integer);
create table if not exists tickets (number integer primary key, account text, key text, severity text, what text, open integer);
create unique index if not exists open_tickets on tickets (account, key) where open = 1;
create table if not exists plans (account text primary key, plan text) without rowid;
create table if not exists entries (number integer primary key, account text, entry text);
";

/// The copy, in a file.
#[derive(Debug, Clone)]
pub(crate) struct Database(pub(crate) SqlitePool);

/// A record as it is written.
pub(crate) struct Written {
    pub(crate) key: String,
    pub(crate) body: String,
}

impl Database {
    pub(crate) async fn open(file: &Path) -> anyhow::Result<Self> {
        let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
        let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
        // One writer at a time is all that SQLite has.
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
        sqlx::raw_sql(SCHEMA).execute(&pool).await?;
        Ok(Self(pool))
    }

    /// The number of the reading under way, and where it stands; a new one where none is.
    pub(crate) async fn begin(&self, account: &str, list: &str) -> anyhow::Result<(i64, Option<Continuation>)> {
        let mut change = self.0.begin().await?;
        let stored = sqlx::query("select number, place from readings where account = ? and list = ?")
            .bind(account)
            .bind(list)
            .fetch_optional(&mut *change)
            .await?;
        let (number, place) = match stored {
            Some(row) => (row.try_get::<i64, _>(0)?, row.try_get::<Option<String>, _>(1)?),
            None => (0, None),
        };
        let place = place.map(|place| serde_json::from_str(&place)).transpose()?;
        if place.is_some() {
            return Ok((number, place));
        }
        sqlx::query("insert or replace into readings values (?, ?, ?, null)")
            .bind(account)
            .bind(list)
            .bind(number + 1)
            .execute(&mut *change)
            .await?;
        change.commit().await?;
        Ok((number + 1, None))
    }

    /// Records and the place where the next begin. Of those that could not be read the keys are noted: they are there.
    pub(crate) async fn write(
        &self,
        (account, list, number): (&str, &str, i64),
        records: Vec<Written>,
        unreadable: &[String],
        place: Option<&Continuation>,
    ) -> anyhow::Result<()> {
        let mut change = self.0.begin().await?;
        // One statement for all: a statement a record would take longer than the reading.
        let records: Vec<[String; 2]> = records.into_iter().map(|record| [record.key, record.body]).collect();
        let written = "insert into records select ?1, ?2, value ->> 0, value ->> 1, ?3 from json_each(?4) where true
            on conflict do update set body = excluded.body, reading = excluded.reading";
        let seen = "update records set reading = ?3 where account = ?1 and list = ?2 and key in (select value from json_each(?4))";
        for (statement, values) in
            [(written, serde_json::to_string(&records)?), (seen, serde_json::to_string(unreadable)?)]
        {
            sqlx::query(statement).bind(account).bind(list).bind(number).bind(values).execute(&mut *change).await?;
        }
        sqlx::query("update readings set place = ? where account = ? and list = ?")
            .bind(place.map(serde_json::to_string).transpose()?)
            .bind(account)
            .bind(list)
            .execute(&mut *change)
            .await?;
        Ok(change.commit().await?)
    }

    /// The reading is over. What did not come is deleted if the whole list came, and if it is not more than so many percent; how many that were.
    ///
    /// # Errors
    /// If more is absent than is likely: nothing is deleted then.
    pub(crate) async fn end(
        &self,
        (account, list, number): (&str, &str, i64),
        verdict: &Verdict,
        percent: i64,
    ) -> anyhow::Result<u64> {
        let mut change = self.0.begin().await?;
        sqlx::query("update readings set place = null where account = ? and list = ?")
            .bind(account)
            .bind(list)
            .execute(&mut *change)
            .await?;
        let counts = sqlx::query(
            "select count(*), count(*) filter (where reading < ?) from records where account = ? and list = ?",
        )
        .bind(number)
        .bind(account)
        .bind(list)
        .fetch_one(&mut *change)
        .await?;
        let (all, absent): (i64, i64) = (counts.try_get(0)?, counts.try_get(1)?);
        let is_likely = absent * 100 <= all * percent;
        let deletes = verdict.is_complete() && is_likely && absent > 0;
        if deletes {
            for statement in [
                "insert into deletions select account, list, key, ?1 from records where account = ?2 and list = ?3 and reading < ?1",
                "delete from records where account = ?2 and list = ?3 and reading < ?1",
            ] {
                sqlx::query(statement).bind(number).bind(account).bind(list).execute(&mut *change).await?;
            }
        }
        change.commit().await?;
        anyhow::ensure!(verdict.is_complete(), "not the whole list came: {verdict:?}");
        anyhow::ensure!(is_likely, "{absent} of {all} records are absent: nothing was deleted");
        Ok(u64::try_from(absent).unwrap_or(0))
    }

    /// The bodies of a list.
    pub(crate) async fn bodies(&self, account: &str, list: &str) -> anyhow::Result<Vec<String>> {
        let rows = sqlx::query("select body from records where account = ? and list = ? order by key")
            .bind(account)
            .bind(list);
        Ok(rows.fetch_all(&self.0).await?.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
    }
}
