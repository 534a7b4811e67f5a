//! The activity log: a cursor instead of page numbers, and a window of a quarter of an hour unless told otherwise.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use serde_json::{Value, json};

use super::{Answer, Rmm};
use crate::calendar;
use crate::choice::Totals;
use crate::rmm::args::Args;
use crate::rmm::fleet::{Account, Activity, User};
use crate::rmm::problem::Problem;

const QUARTER_HOUR: i64 = 900_000;
const DEFAULT_SIZE: i64 = 50;
const LARGEST: i64 = 250;

/// Where a line stands: lines of the same moment are told apart by their id.
type Place = (i64, String);

fn place(activity: &Activity) -> Place {
    (activity.moment, activity.id.clone())
}

/// What is asked for.
struct Question {
    size: usize,
    ascending: bool,
    backwards: bool,
    after: Option<Place>,
    from: i64,
    until: i64,
}

impl Question {
    fn read(args: &Args, now_ms: i64) -> Result<Self, Problem> {
        let size = args.number("size")?.unwrap_or(DEFAULT_SIZE);
        if size < 1 {
            return Err(Problem::BAD_REQUEST);
        }
        let moment =
            |name: &str| args.text(name).map(|text| calendar::parse_iso(text).ok_or(Problem::BAD_REQUEST)).transpose();
        let until = moment("until")?;
        Ok(Self {
            size: usize::try_from(size.min(LARGEST)).map_err(|_| Problem::BAD_REQUEST)?,
            ascending: choice(args, "order", "asc", "desc")?,
            backwards: choice(args, "page", "previous", "next")?,
            after: cursor(args)?,
            from: moment("from")?.unwrap_or(until.unwrap_or(now_ms) - QUARTER_HOUR),
            until: until.unwrap_or(i64::MAX),
        })
    }
}

/// True for `yes`, false for `no` or nothing.
fn choice(args: &Args, name: &str, yes: &str, no: &str) -> Result<bool, Problem> {
    match args.text(name) {
        Some(text) if text == yes => Ok(true),
        Some(text) if text != no => Err(Problem::BAD_REQUEST),
        _ => Ok(false),
    }
}

/// Moment and id, comma-joined or as a repeated key.
fn cursor(args: &Args) -> Result<Option<Place>, Problem> {
    match args.list("searchAfter").as_slice() {
        [] => Ok(None),
        [moment, id] => {
            let moment = moment.parse().map_err(|_| Problem::BAD_REQUEST)?;
            Ok(Some((moment, (*id).to_owned())))
        }
        _ => Err(Problem::BAD_REQUEST),
    }
}

pub(in crate::rmm) async fn logs(State(rmm): Rmm, args: Args) -> Answer {
    let question = Question::read(&args, rmm.now_ms())?;
    if rmm.settings().activity_log_error {
        let details = json!({"count": 0, "totalCount": null, "prevPageUrl": null, "nextPageUrl": null});
        let error = "The search phase could not be executed";
        return Ok(Json(json!({"pageDetails": details, "activities": null, "error": error})).into_response());
    }
    let account = rmm.account();
    let mut lines: Vec<&Activity> = account
        .activities
        .iter()
        .filter(|line| (question.from..=question.until).contains(&line.moment) && selects(&args, &account, line))
        .collect();
    lines.sort_by_cached_key(|line| place(line));
    if !question.ascending {
        lines.reverse();
    }
    let (start, end) = window(&question, &lines);
    let shown = lines.get(start..end).unwrap_or_default();
    let origin = args.origin(&rmm);
    let link = |line: Option<&&Activity>, page: &str| line.map(|line| link(&origin, &question, line, page));
    let details = json!({
        "count": shown.len(),
        "totalCount": (rmm.settings().alert_totals == Totals::Number).then_some(lines.len()),
        "prevPageUrl": link(shown.first().filter(|_| start > 0), "previous"),
        "nextPageUrl": link(shown.last().filter(|_| end < lines.len()), "next"),
    });
    let rows: Vec<Value> = shown.iter().map(|line| line_json(line, account.users.get(line.user))).collect();
    Ok(Json(json!({"pageDetails": details, "activities": rows, "error": null})).into_response())
}

/// The part of the lines that is shown.
fn window(question: &Question, lines: &[&Activity]) -> (usize, usize) {
    let Some(cursor) = &question.after else { return (0, question.size.min(lines.len())) };
    let comes_before =
        |line: &&Activity| if question.ascending { place(line) < *cursor } else { place(line) > *cursor };
    let before = lines.partition_point(comes_before);
    if question.backwards {
        return (before.saturating_sub(question.size), before);
    }
    let at_cursor = lines.get(before).is_some_and(|line| place(line) == *cursor);
    let start = before + usize::from(at_cursor);
    (start, start.saturating_add(question.size).min(lines.len()))
}

/// The filters are not in it, as in the links of the other lists (guess: that it is so here too).
fn link(origin: &str, question: &Question, line: &Activity, page: &str) -> String {
    let order = if question.ascending { "asc" } else { "desc" };
    let (moment, id) = place(line);
    format!("{origin}/api/v2/activity-logs?searchAfter={moment},{id}&page={page}&size={}&order={order}", question.size)
}

fn selects(args: &Args, account: &Account, line: &Activity) -> bool {
    let among = |name: &str, value: Option<&str>| {
        let wanted = args.list(name);
        wanted.is_empty() || value.is_some_and(|value| wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(value)))
    };
    let site = line.site.as_ref().map(|(id, _)| id.to_string());
    let user = account.users.get(line.user).map(|user| user.id.to_string());
    among("entities", Some(line.entity))
        && among("categories", Some(line.category))
        && among("actions", Some(line.action))
        && among("siteIds", site.as_deref())
        && among("userIds", user.as_deref())
        && contains_words(args, line, account.users.get(line.user))
}

/// Every word somewhere in the line: the simplest case of the service's query language.
fn contains_words(args: &Args, line: &Activity, user: Option<&User>) -> bool {
    let Some(query) = args.text("searchQuery") else { return true };
    let text = Value::Object(line.details(user)).to_string().to_lowercase();
    query.to_lowercase().split_whitespace().all(|word| text.contains(word.trim_matches('*')))
}

fn line_json(line: &Activity, user: Option<&User>) -> Value {
    json!({
        "id": line.id,
        "entity": line.entity,
        "category": line.category,
        "action": line.action,
        // Seconds with a fraction, unlike every other date of the service.
        "date": line.moment as f64 / 1_000.0,
        "site": line.site.as_ref().map(|(id, name)| json!({"id": id, "name": name})),
        "deviceId": line.device.as_ref().map(|(id, _, _)| id),
        "hostname": line.device.as_ref().map(|(_, _, hostname)| hostname),
        "user": user.map(|user| json!({
            "id": user.id,
            "userName": user.username,
            "firstName": user.first_name,
            "lastName": user.last_name,
        })),
        "details": Value::Object(line.details(user)).to_string(),
        "hasStdOut": false,
        "hasStdErr": false,
    })
}
