//! The sandbox as a program, for clients in any language: three services, until Ctrl-C.
#![allow(clippy::print_stderr)] // A program speaks to its user by printing.

mod flags;

use std::io::Write as _;
use std::process::ExitCode;

use datto_sandbox::{Sandbox, SandboxBuilder};
use serde_json::{Map, Value, json};

#[tokio::main]
async fn main() -> ExitCode {
    let flags = flags::command().get_matches();
    if let Some(name) = flags.get_one::<String>("print-scenario") {
        return print_scenario(name);
    }
    match run(&flags).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("datto-sandbox: {message}");
            ExitCode::FAILURE
        }
    }
}

async fn run(flags: &clap::ArgMatches) -> Result<(), String> {
    // From here on, so that whoever reads what is printed can end it.
    let ended = ended().map_err(|error| error.to_string())?;
    let sandbox = flags::builder(flags)?.start().await.map_err(|error| error.to_string())?;
    let lines = if flags.get_flag("json") {
        vec![as_json(&sandbox).to_string()]
    } else if flags.get_flag("env") {
        as_variables(&sandbox)
    } else {
        as_words(&sandbox)
    };
    say(&lines.join("\n"));
    ended.await.map_err(|error| error.to_string())
}

/// Waits for Ctrl-C, or for a container to be stopped, whose first process ends by no signal that it does not wait for.
fn ended() -> std::io::Result<impl Future<Output = std::io::Result<()>>> {
    #[cfg(unix)]
    let mut stop = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    Ok(async move {
        #[cfg(unix)]
        tokio::select! {
            ended = tokio::signal::ctrl_c() => ended,
            _ = stop.recv() => Ok(()),
        }
        #[cfg(not(unix))]
        tokio::signal::ctrl_c().await
    })
}

/// Prints a line. A reader that went away is no reason to stop serving.
fn say(line: &str) {
    let mut out = std::io::stdout();
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}

fn print_scenario(name: &str) -> ExitCode {
    match SandboxBuilder::scenarios().iter().find(|(known, _)| *known == name) {
        Some((_, text)) => say(text.trim_end()),
        None => SandboxBuilder::scenarios().iter().for_each(|(name, text)| {
            let about = text.lines().next().unwrap_or_default().trim_start_matches("# ");
            say(&format!("{name:<16} {about}"));
        }),
    }
    ExitCode::SUCCESS
}

fn accounts(sandbox: &Sandbox) -> Vec<(String, Sandbox)> {
    sandbox.accounts().into_iter().filter_map(|name| Some((name.clone(), sandbox.account(&name)?))).collect()
}

/// For people.
fn as_words(sandbox: &Sandbox) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, account) in accounts(sandbox) {
        for (product, url, (key, secret)) in [
            ("RMM", account.rmm_url(), account.rmm_key()),
            ("BCDR", account.bcdr_url(), account.bcdr_key()),
            ("Workplace", account.workplace_url(), account.workplace_key()),
        ] {
            let whose = if name == "main" { String::new() } else { format!("  account {name}") };
            lines.push(format!("{product:<10} {url:<34} key {key}  secret {secret}{whose}"));
        }
    }
    lines.extend(more(sandbox).into_iter().map(|(name, value)| format!("{name:<10} {value}")));
    lines.push("Ctrl-C ends it.".to_owned());
    lines
}

/// For a shell: `NAME=value`, of which those of other accounts than the first are comments.
fn as_variables(sandbox: &Sandbox) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, account) in accounts(sandbox) {
        let comment = if name == "main" { String::new() } else { format!("# {name}: ") };
        lines.extend(
            account.environment().into_iter().map(|(name, value)| format!("{comment}{name}={}", quoted(&value))),
        );
    }
    let more = more(sandbox).into_iter();
    lines.extend(more.map(|(name, value)| format!("DATTO_SANDBOX_{}={}", name.to_uppercase(), quoted(&value))));
    lines
}

/// As a shell reads it; what no shell would take for more than text stays as it is, so that other readers can, too.
fn quoted(value: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:@%+,=[]".contains(letter);
    if value.chars().all(plain) { value.to_owned() } else { format!("'{}'", value.replace('\'', "'\\''")) }
}

/// For a program: one line.
fn as_json(sandbox: &Sandbox) -> Value {
    let of_accounts: Map<String, Value> = accounts(sandbox)
        .into_iter()
        .map(|(name, account)| {
            let environment = account.environment().into_iter();
            (name, Value::Object(environment.map(|(name, value)| (name.to_owned(), json!(value))).collect()))
        })
        .collect();
    let about = [("version", json!(env!("CARGO_PKG_VERSION"))), ("accounts", Value::Object(of_accounts))];
    let more = more(sandbox).into_iter().map(|(name, value)| (name, json!(value)));
    Value::Object(about.into_iter().chain(more).map(|(name, value)| (name.to_owned(), value)).collect())
}

/// What there is besides the services.
fn more(sandbox: &Sandbox) -> Vec<(&'static str, String)> {
    let file = || sandbox.settings().into_iter().find(|(name, _)| *name == "tls_root").map(|(_, file)| file);
    let root = sandbox.root_certificate().and_then(|_| file());
    let named = [("control", sandbox.control_url()), ("root", root)];
    named.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}
