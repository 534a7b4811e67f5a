//! From a builder to running services.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use tokio::net::{TcpListener, TcpSocket};

use crate::control;
use crate::fault::{Faults, Product};
use crate::journal::Journal;
use crate::sandbox::{Running, Sandbox, SandboxBuilder};
use crate::serve::{self, Manners, Shared};
use crate::settings::Settings;
use crate::state::State;
use crate::world::{self, Door, World};

impl SandboxBuilder {
    /// Opens the listeners and spawns their tasks on the caller's runtime.
    ///
    /// # Errors
    /// If a port, which the error names, or the folder of a state cannot be had, if two accounts have the same name or the same keys, or if the
    /// control endpoint is to be reached from other machines without being allowed to.
    pub async fn start(mut self) -> io::Result<Sandbox> {
        let mut listeners = BTreeMap::new();
        let bind = self.settings.bind;
        let bcdr = Listener::bind(bind, self.settings.bcdr_port, "--bcdr-port")?;
        listeners.insert((Product::Bcdr, String::new()), bcdr);
        let workplace = Listener::bind(bind, self.settings.workplace_port, "--workplace-port")?;
        listeners.insert((Product::Workplace, String::new()), workplace);
        // A listener for each platform that an account is on.
        for (_, SandboxBuilder { settings, .. }) in world::named(self.clone())? {
            let door = (Product::Rmm, settings.platform.clone());
            if let Entry::Vacant(place) = listeners.entry(door) {
                place.insert(Listener::bind(bind, settings.rmm_port, "--rmm-port")?);
            }
        }
        let control = match self.settings.control {
            Some(address) => Some(control::bind(address, self.settings.control_remote)?),
            None => None,
        };

        let scheme = if self.settings.tls { "https" } else { "http" };
        let origin = |listener: &Listener| listener.origin.replacen("http", scheme, 1);
        let doors: BTreeMap<Door, String> =
            listeners.iter().map(|(door, listener)| (door.clone(), origin(listener))).collect();
        let (manners, root) = manners(&self.settings)?;
        let kept = match self.settings.state.clone() {
            Some(folder) => Some(State::open(&folder, &mut self)?),
            None => None,
        };
        let world = World::plant(&self, &doors)?;
        let state = match kept {
            Some((state, replay)) => {
                replay.run(&state, &world).await?;
                Some(state)
            }
            None => None,
        };
        let shared = Arc::new(Shared {
            faults: Faults::new(self.faults.clone()),
            journal: Journal::new(self.settings.journal_entries, self.settings.journal_bytes),
            world: Mutex::new(Arc::new(world)),
            state,
        });
        let spawn = |(door, listener): (Door, Listener)| {
            serve::spawn(listener.socket, door, Arc::clone(&shared), manners.clone())
        };
        let mut tasks: Vec<_> = listeners.into_iter().map(spawn).collect();
        let control_url = control.as_ref().map(|listener| listener.origin.clone());
        let running = Arc::new_cyclic(|running| {
            let remote = self.settings.control_remote;
            tasks.extend(control.map(|listener| control::spawn(listener.socket, running.clone(), remote)));
            Running { shared, doors, control_url, root, beginning: Mutex::new(self), tasks }
        });
        Ok(Sandbox::of(running))
    }
}

/// How connections are served, and the root certificate if there is one.
#[cfg(feature = "tls")]
fn manners(settings: &Settings) -> io::Result<(Manners, Option<String>)> {
    let tls = match settings.tls {
        true => Some(crate::tls::Tls::new(settings.bind, &settings.tls_names)?),
        false => None,
    };
    let root = tls.as_ref().map(|tls| tls.root.clone());
    if let (Some(root), Some(file)) = (&root, &settings.tls_root) {
        let named = |error: io::Error| io::Error::new(error.kind(), format!("{file} (--tls-root): {error}"));
        std::fs::write(file, root).map_err(named)?;
    }
    let Settings { patience, body_limit, .. } = *settings;
    let connections = settings.connections.max(1);
    Ok((Manners { patience, connections, body_limit, tls: tls.map(Arc::new) }, root))
}

/// How connections are served.
#[cfg(not(feature = "tls"))]
fn manners(settings: &Settings) -> io::Result<(Manners, Option<String>)> {
    if settings.tls {
        return Err(io::Error::new(io::ErrorKind::Unsupported, "it was built without the feature \"tls\""));
    }
    let Settings { patience, body_limit, .. } = *settings;
    let connections = settings.connections.max(1);
    Ok((Manners { patience, connections, body_limit }, None))
}

/// An open port.
#[derive(Debug)]
pub(crate) struct Listener {
    pub(crate) socket: TcpListener,
    /// How a program on this machine gets there.
    pub(crate) origin: String,
}

impl Listener {
    /// # Errors
    /// If the port cannot be had; the error names it and the flag that sets it.
    pub(crate) fn bind(address: IpAddr, port: u16, flag: &str) -> io::Result<Self> {
        let named = |error: io::Error| io::Error::new(error.kind(), format!("{address}:{port} ({flag}): {error}"));
        let socket = listen(SocketAddr::new(address, port)).map_err(named)?;
        let mut at = socket.local_addr()?;
        if at.ip().is_unspecified() {
            at.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
        }
        Ok(Self { socket, origin: format!("http://{at}") })
    }
}

/// Opens a port, where as many may wait to be served as would fit: of the usual 128, a client with hundreds of connections
/// sees some wait for a second.
fn listen(at: SocketAddr) -> io::Result<TcpListener> {
    let socket = if at.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A port that was used a moment ago is free. On Windows the same would share one that is in use.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(at)?;
    socket.listen(1_024)
}
