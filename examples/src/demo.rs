//! The sandbox in place of an account.

use datto_sandbox::{Sandbox, SandboxBuilder};

use crate::settings::Settings;

/// The first line of a program that only reads.
pub const NO_ACCOUNT: &str = "Simulated data: no account is read. This is the built-in sandbox.";

/// The settings of the environment if they are enough, else a sandbox and settings that point at it; then the line is printed first.
///
/// # Errors
/// If the `.env` file cannot be read, or the sandbox cannot be started.
pub async fn settings_or_sandbox(
    are_enough: impl FnOnce(&Settings) -> bool,
    sandbox: SandboxBuilder,
    line: Option<&str>,
) -> anyhow::Result<(Settings, Option<Sandbox>)> {
    let environment = Settings::load()?;
    if are_enough(&environment) {
        return Ok((environment, None));
    }
    let sandbox = sandbox.start().await?;
    if let Some(line) = line {
        crate::say!("{line}\n");
    }
    Ok((settings(&sandbox), Some(sandbox)))
}

/// Settings that point every client at a sandbox.
pub fn settings(sandbox: &Sandbox) -> Settings {
    let (rmm_key, rmm_secret) = sandbox.rmm_key();
    let (public, secret) = sandbox.bcdr_key();
    let (id, client_secret) = sandbox.workplace_key();
    Settings::of([
        ("DATTO_RMM_URL", sandbox.rmm_url()),
        ("DATTO_RMM_API_KEY", rmm_key),
        ("DATTO_RMM_API_SECRET", rmm_secret),
        ("DATTO_BCDR_URL", sandbox.bcdr_url()),
        ("DATTO_BCDR_PUBLIC_KEY", public),
        ("DATTO_BCDR_SECRET_KEY", secret),
        ("DATTO_WORKPLACE_URL", sandbox.workplace_url()),
        ("DATTO_WORKPLACE_CLIENT_ID", id),
        ("DATTO_WORKPLACE_CLIENT_SECRET", client_secret),
    ])
}
