//! The sandbox in place of an account.

use datto_sandbox::Sandbox;

use crate::settings::Settings;

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
