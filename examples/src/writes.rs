//! Where an example may write.

use std::net::IpAddr;

use anyhow::bail;

/// Writes go to this machine, or to the host that the user names.
///
/// # Errors
/// For any other host, with what the writes do there and what to add.
pub fn permit_writes(host: &str, named: Option<&str>, consequence: &str) -> anyhow::Result<()> {
    if is_loopback(host) || named == Some(host) {
        return Ok(());
    }
    bail!("this {consequence}; if you mean it, add --on-a-real-account {host}")
}

/// Whether a host is this machine.
pub fn is_loopback(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_go_to_this_machine_or_to_the_host_that_is_named() {
        for (host, named, permitted) in [
            ("127.0.0.1", None, true),
            ("[::1]", None, true),
            ("localhost", None, true),
            ("api.datto.com", None, false),
            ("api.datto.com", Some("datto.com"), false),
            ("api.datto.com", Some("api.datto.com"), true),
        ] {
            assert_eq!(permit_writes(host, named, "changes the account").is_ok(), permitted, "{host} {named:?}");
        }
    }
}
