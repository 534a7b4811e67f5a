//! How an example begins and ends: its arguments and its exit code.
#![allow(clippy::print_stderr)] // it tells a user why a program failed

use std::process::ExitCode;

use clap::Parser;

/// Runs a program with its arguments; wrong ones end it with code 1, like anything else that keeps it from beginning.
pub async fn run<A, F>(program: impl FnOnce(A) -> F) -> ExitCode
where
    A: Parser,
    F: Future<Output = anyhow::Result<ExitCode>>,
{
    match A::try_parse() {
        Ok(arguments) => end(Box::pin(program(arguments)).await), // its future holds those of many calls
        Err(error) => {
            let _ = error.print();
            code(!error.use_stderr(), 1)
        }
    }
}

/// The exit code of a program that has ended: its own, or 1 for an error, which it prints.
fn end(result: anyhow::Result<ExitCode>) -> ExitCode {
    result.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

/// 0 if all is well, else this one.
pub fn code(is_well: bool, otherwise: u8) -> ExitCode {
    if is_well { ExitCode::SUCCESS } else { ExitCode::from(otherwise) }
}
