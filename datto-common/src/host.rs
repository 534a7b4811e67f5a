//! Hosts that credentials may go to, and hosts inside a network, where they would reach an internal service.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// Names that resolve inside a network alone (RFC 6762, RFC 8375, ICANN's `.internal`, and what routers and directories use).
const INSIDE: &[&str] =
    &["internal", "local", "lan", "home.arpa", "localdomain", "intranet", "private", "corp", "home"];

/// Whether plain http is harmless there: the host is this machine.
#[doc(hidden)]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether the host is inside a network as far as its name or address tells: private, shared, link-local and metadata addresses, in every
/// form of IPv6 that leads to one, names of one label and names that resolve inside alone. This machine is none of them, so that test
/// servers work. What a public name resolves to is not looked at.
#[doc(hidden)]
pub fn is_private(url: &Url) -> bool {
    match url.host() {
        _ if is_loopback(url) => false,
        Some(Host::Domain(name)) => is_inside(name),
        Some(Host::Ipv4(address)) => is_private_v4(address),
        Some(Host::Ipv6(address)) => is_private_v6(address),
        None => false,
    }
}

fn is_inside(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let ends = |ending: &&str| name.strip_suffix(*ending).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    // A label alone is looked up in the search domains of this machine; `localhost.` is spelled so to pass as something else.
    !name.contains('.') || name.ends_with(".localhost") || INSIDE.iter().any(ends)
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b)) // shared address space, RFC 6598
        || (a == 198 && (b == 18 || b == 19)) // benchmarks, RFC 2544
        || (a == 192 && b == 0 && c == 0) // RFC 6890
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    if let IpAddr::V4(inner) = address.to_canonical() {
        return is_private_v4(inner);
    }
    let part = address.segments();
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_private_v4(Ipv4Addr::new(a, b, c, d))
    };
    match part {
        [0, 0, 0, 0, 0, 0, high, low] => v4(high, low), // unspecified, and IPv4-compatible
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => v4(high, low), // NAT64, RFC 6052
        [0x64, 0xff9b, 1, ..] => true,                  // NAT64 of a network's own, RFC 8215
        [0x2002, high, low, ..] => v4(high, low),       // 6to4
        [0x2001, 0, ..] => true,                        // Teredo leads to whoever runs it
        [first, ..] => {
            first & 0xfe00 == 0xfc00 // unique local
                || first & 0xffc0 == 0xfe80 // link-local
                || first & 0xffc0 == 0xfec0 // site-local, still routed by some
                || first & 0xff00 == 0xff00 // multicast
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(host: &str) -> Url {
        Url::parse(&format!("https://{host}/2/api/v1")).unwrap()
    }

    #[test]
    fn loopback_is_recognised() {
        for (host, expected) in [
            ("127.0.0.1:80", true),
            ("127.9.9.9", true),
            ("[::1]:8080", true),
            ("localhost", true),
            ("LOCALHOST", true),
            ("api.localhost", true),
            ("localhost.example.com", false),
            ("localhost.", false),
            ("10.0.0.1", false),
        ] {
            assert_eq!(is_loopback(&url(host)), expected, "{host}");
            assert!(!expected || !is_private(&url(host)), "{host}");
        }
    }

    #[test]
    fn hosts_inside_a_network_are_recognised_in_every_form() {
        for host in [
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.127.255.254",
            "0.0.0.0",
            "0.1.2.3",
            "255.255.255.255",
            "240.0.0.1",
            "224.0.0.1",
            "198.18.0.1",
            "192.0.0.8",
            // Other spellings of IPv4 that a URL reads.
            "0x0a000001",
            "167772161",
            "012.0.0.1",
            "10.1",
            "[::]",
            "[::ffff:10.0.0.1]",
            "[::ffff:127.0.0.1]",
            "[::10.0.0.1]",
            "[64:ff9b::a00:1]",
            "[64:ff9b::7f00:1]",
            "[64:ff9b::a9fe:a9fe]",
            "[64:ff9b:1::1]",
            "[2002:a00:1::1]",
            "[2002:c0a8:101::]",
            "[2002:7f00:1::]",
            "[2001::1]",
            "[fec0::1]",
            "[feff::1]",
            "[fe80::1]",
            "[fc00::1]",
            "[fd12:3456::1]",
            "[ff02::1]",
            "files.internal",
            "files.internal.",
            "FILES.INTERNAL",
            "printer.local",
            "nas.lan",
            "box.home.arpa",
            "internal",
            "metadata.google.internal.",
            "gateway",
            "gateway.",
            "localhost.",
            "a.localhost.",
            "dc.corp",
        ] {
            assert!(is_private(&url(host)), "{host}");
        }
        for host in [
            "eu.workplace.datto.com",
            "eu.workplace.datto.com.",
            "api.datto.com",
            "gateway.example.com",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "172.32.0.1",
            "192.0.2.1",
            "[2606:4700::1111]",
            "[64:ff9b::808:808]",
            "[2002:808:808::1]",
            "internal.example.com",
            "notlocal.com",
            "mylan.io",
            "homearpa.com",
        ] {
            assert!(!is_private(&url(host)), "{host}");
        }
    }
}
