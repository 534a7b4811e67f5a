//! The sandbox as a program: fixed ports, three URLs, until Ctrl-C.
#![allow(clippy::print_stderr)] // A program speaks to its user by printing.

use std::io::Write as _;
use std::process::ExitCode;

use datto_sandbox::{Sandbox, SandboxBuilder};

const USAGE: &str = "\
usage: datto-sandbox [--devices N] [--seed N] [--sites N] [--rmm-port P] [--bcdr-port P] [--workplace-port P]

Serves stand-ins for Datto RMM, BCDR and Workplace on 127.0.0.1 until Ctrl-C.
Ports are 8081, 8082 and 8083 unless given; 0 takes any free port.";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
        say(USAGE);
        return ExitCode::SUCCESS;
    }
    match run(&arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("datto-sandbox: {message}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &[String]) -> Result<(), String> {
    let sandbox = configure(arguments)?.start().await.map_err(|error| error.to_string())?;
    for (product, url, (key, secret)) in [
        ("RMM", sandbox.rmm_url(), sandbox.rmm_key()),
        ("BCDR", sandbox.bcdr_url(), sandbox.bcdr_key()),
        ("Workplace", sandbox.workplace_url(), sandbox.workplace_key()),
    ] {
        say(&format!("{product:<10} {url:<34} key {key}  secret {secret}"));
    }
    say("Ctrl-C ends it.");
    tokio::signal::ctrl_c().await.map_err(|error| error.to_string())
}

/// Prints a line. A reader that went away is no reason to stop serving.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

fn configure(arguments: &[String]) -> Result<SandboxBuilder, String> {
    let mut builder = Sandbox::builder().rmm_port(8081).bcdr_port(8082).workplace_port(8083);
    let mut rest = arguments.iter();
    while let Some(flag) = rest.next() {
        let value = rest.next().ok_or_else(|| format!("{flag} needs a value\n{USAGE}"))?;
        let wrong = |error: std::num::ParseIntError| format!("{flag} {value}: {error}");
        builder = match flag.as_str() {
            "--devices" => builder.devices(value.parse().map_err(wrong)?),
            "--seed" => builder.seed(value.parse().map_err(wrong)?),
            "--sites" => builder.sites(value.parse().map_err(wrong)?),
            "--rmm-port" => builder.rmm_port(value.parse().map_err(wrong)?),
            "--bcdr-port" => builder.bcdr_port(value.parse().map_err(wrong)?),
            "--workplace-port" => builder.workplace_port(value.parse().map_err(wrong)?),
            _ => return Err(format!("unknown flag {flag}\n{USAGE}")),
        };
    }
    Ok(builder)
}
