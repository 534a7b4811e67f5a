//! Records what a service answers, with names, secrets and addresses made unrecognisable, so that it can be shown as evidence.
//!
//! ```text
//! cargo run --example record -- https://merlot-api.centrastage.net recording
//! ```
//!
//! Point a program at the address that it prints (any program: `DATTO_RMM_URL=http://127.0.0.1:PORT`), let it do its work, and end this one
//! with Ctrl-C. Each call is a file in the folder. **Read the files before you give them away**: what you do not want to show, leave out.
//! The key pair passes through and is never written.

mod disguise;
mod proxy;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Parser;
use datto_examples::program;
use datto_examples::say;
use tokio::net::TcpListener;

use proxy::Recorder;

/// Records what a service answers, with names, secrets and addresses made unrecognisable.
#[derive(Debug, Parser)]
struct Arguments {
    /// The service: https://HOST, without a path.
    service: String,
    /// The folder for the recording; made if it is not there.
    folder: PathBuf,
    /// The port of this machine to listen at; 0 is any.
    #[arg(long, default_value_t = 0)]
    port: u16,
}

#[tokio::main]
async fn main() -> ExitCode {
    program::run(async |arguments: Arguments| {
        std::fs::create_dir_all(&arguments.folder)
            .with_context(|| format!("{} cannot be made", arguments.folder.display()))?;
        let recorder = Recorder {
            service: arguments.service.trim_end_matches('/').to_owned(),
            folder: arguments.folder,
            http: reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?,
            disguise: disguise::Disguise::default(),
            count: 0.into(),
        };
        let listener = TcpListener::bind(("127.0.0.1", arguments.port))
            .await
            .with_context(|| format!("port {} of this machine cannot be used", arguments.port))?;
        say!("Recording at http://{}", listener.local_addr()?);
        let app = axum::Router::new().fallback(proxy::handle).with_state(Arc::new(recorder));
        axum::serve(listener, app).with_graceful_shutdown(async { drop(tokio::signal::ctrl_c().await) }).await?;
        Ok(ExitCode::SUCCESS)
    })
    .await
}
