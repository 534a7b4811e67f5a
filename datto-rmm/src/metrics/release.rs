//! Which Windows a text means: edition, channel, version and build, and until when Microsoft supports it.

use std::fmt;

use datto_common::Timestamp;
use serde::{Deserialize, Serialize};

use super::lifecycle::{self as table, ClientVersion, Day, LongTerm};
use super::windows::WindowsEdition;

/// Which dates hold for a Windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WindowsChannel {
    /// Home, Pro, Pro Education, Pro for Workstations, and a client whose edition is not told.
    Home,
    /// Enterprise, Education, IoT Enterprise, multi-session.
    Enterprise,
    /// LTSC, earlier LTSB.
    LongTerm,
    /// LTSC of IoT Enterprise, supported longest.
    IotLongTerm,
    /// A server with a year in its name.
    Server,
    /// A server of the semi-annual or annual channel: 1709 to 20H2, 23H2.
    ServerChannel,
    /// Azure Stack HCI, now Azure Local.
    AzureStackHci,
    /// Made for devices: Embedded, POSReady, Thin PC.
    Embedded,
}

/// A Windows as far as the text that a device reports tells it.
///
/// ```
/// use datto_rmm::metrics::WindowsRelease;
/// let release = WindowsRelease::of("Microsoft Windows 11 Pro 10.0.22631").unwrap();
/// assert_eq!(release.to_string(), "Windows 11 23H2");
/// assert_eq!(release.end_of_support.unwrap().to_string(), "2025-11-11T00:00:00Z");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WindowsRelease {
    /// What it is.
    pub edition: WindowsEdition,
    /// Which dates hold for it.
    pub channel: WindowsChannel,
    /// Its version: "23H2", "1809"; for the long-term channel the year, "2021".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Its build: 22631.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build: Option<u32>,
    /// The last day of updates, as its first moment in UTC; nothing where no one date holds. Paid extensions (ESU) are not counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_of_support: Option<Timestamp>,
    /// Where Microsoft says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

impl WindowsRelease {
    /// From the text that a device reports: "Microsoft Windows 11 Pro 10.0.22631". `None` if it is no Windows.
    ///
    /// The build decides between Windows 10 and 11, whose texts are mixed up; a server without a year is told by its build.
    pub fn of(operating_system: &str) -> Option<Self> {
        read(operating_system)
    }

    /// Whether its support is over at this moment; nothing where that is not known. The last day is still supported.
    pub fn is_over(&self, now: &Timestamp) -> Option<bool> {
        let last = self.end_of_support.as_ref()?.moment()?;
        Some(now.moment()? >= last.saturating_add(86_400_000))
    }
}

/// "Windows 11 23H2", "Windows 10 21H2 Enterprise", "Windows 10 LTSC 2021", "Windows Server 2019".
impl fmt::Display for WindowsRelease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = self.version.as_deref();
        match self.channel {
            WindowsChannel::AzureStackHci => f.write_str("Azure Stack HCI")?,
            WindowsChannel::ServerChannel => f.write_str("Windows Server, version")?,
            _ => write!(f, "{}", self.edition)?,
        }
        match self.channel {
            WindowsChannel::LongTerm => f.write_str(" LTSC")?,
            WindowsChannel::IotLongTerm => f.write_str(" IoT LTSC")?,
            WindowsChannel::Embedded => f.write_str(" Embedded")?,
            _ => {}
        }
        if let Some(version) = version {
            write!(f, " {version}")?;
        }
        if self.channel == WindowsChannel::Enterprise { f.write_str(" Enterprise") } else { Ok(()) }
    }
}

/// What an answer of the reading is made of.
struct Found {
    edition: WindowsEdition,
    channel: WindowsChannel,
    version: Option<String>,
    last: Option<Day>,
    source: &'static str,
}

fn read(text: &str) -> Option<WindowsRelease> {
    let text = text.to_lowercase();
    let words: Vec<&str> =
        text.split(|letter: char| !letter.is_alphanumeric() && letter != '.').filter(|word| !word.is_empty()).collect();
    let has = |word: &str| words.contains(&word);
    let windows = words.iter().position(|word| word.starts_with("windows"));
    let is_hci = has("azure") && (has("hci") || has("local"));
    let is_server = has("server") && (windows.is_some() || text.contains("hyper-v") || has("multipoint"));
    if windows.is_none() && !is_server && !is_hci && !has("posready") {
        return None;
    }
    let build = build(&words);
    let version = words.iter().copied().find(|word| is_version(word));
    let found = if is_hci {
        azure_stack(version, build)
    } else if is_server {
        server(&words, version, build)
    } else {
        client(&words, windows, version, build)
    };
    Some(WindowsRelease {
        edition: found.edition,
        channel: found.channel,
        version: found.version,
        build,
        end_of_support: found.last.map(Timestamp::from_seconds),
        source: found.last.map(|_| found.source.to_owned()),
    })
}

/// The build in `10.0.22631`, `10.0.22631.3155`, `6.3.9600`; else a number that stands alone and is none of a version or a year.
fn build(words: &[&str]) -> Option<u32> {
    let dotted = words.iter().find_map(|word| {
        let mut parts = word.trim_matches('.').split('.');
        let (major, minor, build) = (parts.next()?, parts.next()?, parts.next()?);
        let whole = |part: &str| part.parse::<u32>().ok();
        (matches!(whole(major)?, 5 | 6 | 10) && whole(minor)? < 10).then_some(())?;
        whole(build).filter(|build| *build >= 2_000)
    });
    let alone = || {
        words.iter().find_map(|word| {
            let digits = word.strip_prefix("build").unwrap_or(word);
            let digits = digits.split('.').next().filter(|digits| digits.len() == 5)?;
            digits.parse().ok().filter(|build| (10_000..60_000).contains(build))
        })
    };
    dotted.or_else(alone)
}

/// "22h2", or "1809" and its like.
fn is_version(word: &str) -> bool {
    let bytes = word.as_bytes();
    match bytes {
        [a, b, b'h', half] => a.is_ascii_digit() && b.is_ascii_digit() && matches!(half, b'1' | b'2'),
        [_, _, _, _] => table::CLIENT_10.iter().any(|version| version.name == word),
        _ => false,
    }
}

fn year(words: &[&str]) -> Option<u16> {
    words
        .iter()
        .filter(|word| word.len() == 4)
        .find_map(|word| word.parse().ok())
        .filter(|year| (2000..2100).contains(year))
}

/// A product that has a date of its own.
fn named(words: &[&str]) -> Option<Day> {
    table::NAMED.iter().find(|(parts, _)| parts.iter().all(|part| words.contains(part))).map(|(_, last)| *last)
}

fn azure_stack(version: Option<&str>, build: Option<u32>) -> Found {
    let row = table::HCI.iter().find(|(name, its_build, _)| match version {
        Some(version) => name.eq_ignore_ascii_case(version),
        None => Some(*its_build) == build,
    });
    Found {
        edition: WindowsEdition::AzureStackHci,
        channel: WindowsChannel::AzureStackHci,
        version: row.map(|(name, ..)| (*name).to_owned()).or_else(|| version.map(str::to_uppercase)),
        last: row.map(|(_, _, last)| *last),
        source: table::AZURE_STACK_HCI,
    }
}

fn server(words: &[&str], version: Option<&str>, build: Option<u32>) -> Found {
    // 2004 is a version of the semi-annual channel, not a year: there is no server of that year.
    let year = year(words).filter(|year| *year != 2004);
    let channel = |name: Option<&str>| {
        table::SERVER_CHANNEL.iter().find(|(its_name, its_build, _)| match name {
            Some(name) => its_name.eq_ignore_ascii_case(name),
            None => Some(*its_build) == build,
        })
    };
    let fixed = |year: Option<u16>, last: Option<Day>| Found {
        edition: year.map_or(WindowsEdition::OtherWindows, WindowsEdition::Server),
        channel: WindowsChannel::Server,
        version: None,
        last,
        source: table::PRODUCTS,
    };
    if let Some(last) = named(words) {
        return Found {
            edition: year.map_or(WindowsEdition::UndatedServer, WindowsEdition::Server),
            ..fixed(year, Some(last))
        };
    }
    let of_year = |year| table::SERVERS.iter().find(|server| server.year == year).map(|server| server.last);
    if let Some(year) = year {
        return Found { source: table::SERVER, ..fixed(Some(year), of_year(year)) };
    }
    let by_build = || table::SERVERS.iter().find(|server| Some(server.build) == build);
    let (row, fixed_row) = match version {
        Some(version) => (channel(Some(version)), None),
        None => match by_build() {
            Some(server) => (None, Some(server)),
            None => (channel(None), None),
        },
    };
    match (row, fixed_row) {
        (Some((name, _, last)), _) => Found {
            edition: WindowsEdition::UndatedServer,
            channel: WindowsChannel::ServerChannel,
            version: Some((*name).to_owned()),
            last: Some(*last),
            source: table::SERVER,
        },
        (None, Some(server)) => Found { source: table::SERVER, ..fixed(Some(server.year), Some(server.last)) },
        (None, None) => Found { edition: WindowsEdition::UndatedServer, ..fixed(None, None) },
    }
}

fn client(words: &[&str], windows: Option<usize>, version: Option<&str>, build: Option<u32>) -> Found {
    let has = |word: &str| words.contains(&word);
    let edition = client_edition(words, windows, build);
    if has("embedded") || has("posready") || (has("thin") && has("pc")) {
        return Found {
            edition,
            channel: WindowsChannel::Embedded,
            version: None,
            last: named(words),
            source: table::PRODUCTS,
        };
    }
    let (versions, long_terms, source) = match edition {
        WindowsEdition::Windows10 => (table::CLIENT_10, table::LONG_TERM_10, table::WINDOWS_10),
        WindowsEdition::Windows11 => (table::CLIENT_11, table::LONG_TERM_11, table::WINDOWS_11),
        _ => return fixed_client(edition, words),
    };
    if has("ltsc") || has("ltsb") || has("ltsc2021") || has("ltsc2019") {
        return long_term(edition, words, build, long_terms, source);
    }
    let enterprise = (has("enterprise") || has("education") || has("multi") || has("avd")) && !has("pro");
    let row = current(versions, version, build);
    let ends = |version: &ClientVersion| if enterprise { version.enterprise } else { version.home };
    // Without a version the last one bounds all: once it has ended, every one has.
    let bound = (edition == WindowsEdition::Windows10 && build.is_none() && version.is_none())
        .then_some(table::WINDOWS_10_ENDS);
    Found {
        edition,
        channel: if enterprise { WindowsChannel::Enterprise } else { WindowsChannel::Home },
        version: row.map(|row| row.name.to_owned()).or_else(|| version.map(str::to_uppercase)),
        last: row.map(ends).or(bound),
        source,
    }
}

/// By the build, else by the name of the version.
fn current<'a>(versions: &'a [ClientVersion], version: Option<&str>, build: Option<u32>) -> Option<&'a ClientVersion> {
    versions.iter().find(|row| match build {
        Some(build) => row.build == build,
        None => version.is_some_and(|version| row.name.eq_ignore_ascii_case(version)),
    })
}

fn long_term(
    edition: WindowsEdition,
    words: &[&str],
    build: Option<u32>,
    terms: &[LongTerm],
    source: &'static str,
) -> Found {
    let glued =
        words.iter().find_map(|word| word.strip_prefix("ltsc").or_else(|| word.strip_prefix("ltsb"))?.parse().ok());
    let year = year(words).or(glued);
    let row = terms.iter().find(|term| match year {
        Some(year) => term.year == year,
        None => Some(term.build) == build || words.iter().any(|word| term.version.eq_ignore_ascii_case(word)),
    });
    let iot = words.contains(&"iot");
    Found {
        edition,
        channel: if iot { WindowsChannel::IotLongTerm } else { WindowsChannel::LongTerm },
        version: row.map(|row| row.year.to_string()).or_else(|| year.map(|year| year.to_string())),
        last: row.map(|row| if iot { row.iot } else { row.enterprise }),
        source,
    }
}

fn fixed_client(edition: WindowsEdition, words: &[&str]) -> Found {
    let last = match edition {
        WindowsEdition::Windows7 => Some(table::WINDOWS_7_ENDS),
        WindowsEdition::Windows8 => Some(table::WINDOWS_8_ENDS),
        WindowsEdition::Windows81 => Some(table::WINDOWS_81_ENDS),
        _ => named(words),
    };
    Found { edition, channel: WindowsChannel::Home, version: None, last, source: table::PRODUCTS }
}

fn client_edition(words: &[&str], windows: Option<usize>, build: Option<u32>) -> WindowsEdition {
    let by_build = match build {
        Some(build) if build >= 22_000 => Some(WindowsEdition::Windows11),
        Some(build) if build >= 10_240 => Some(WindowsEdition::Windows10),
        Some(9_600) => Some(WindowsEdition::Windows81),
        Some(9_200) => Some(WindowsEdition::Windows8),
        Some(7_600 | 7_601) => Some(WindowsEdition::Windows7),
        _ => None,
    };
    let at = windows.unwrap_or(0);
    // "windows 10", also "windows10", and "windows embedded 8.1".
    let glued = words.get(at).and_then(|word| word.strip_prefix("windows")).filter(|rest| !rest.is_empty());
    let next = words.iter().skip(at + 1).copied().find(|word| word.starts_with(|letter: char| letter.is_ascii_digit()));
    let named = match glued.or(next).unwrap_or_default() {
        "7" => Some(WindowsEdition::Windows7),
        "8" => Some(WindowsEdition::Windows8),
        "8.1" => Some(WindowsEdition::Windows81),
        "10" => Some(WindowsEdition::Windows10),
        "11" => Some(WindowsEdition::Windows11),
        _ => None,
    };
    by_build.or(named).unwrap_or(WindowsEdition::OtherWindows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_release_is_read_with_its_end() {
        for (text, name, last) in [
            ("Microsoft Windows 7 Professional 6.1.7601", "Windows 7", "2020-01-14"),
            ("Microsoft Windows 8 Pro", "Windows 8", "2016-01-12"),
            ("Microsoft Windows 8.1 Pro 6.3.9600", "Windows 8.1", "2023-01-10"),
            ("Майкрософт Windows 10 Pro 10.0.19045", "Windows 10 22H2", "2025-10-14"),
            ("Windows® 10 Enterprise 10.0.19044", "Windows 10 21H2 Enterprise", "2024-06-11"),
            ("Windows_11 Home 10.0.22621", "Windows 11 22H2", "2024-10-08"),
            ("Windows 10.0.19045", "Windows 10 22H2", "2025-10-14"),
            ("Windows 10.0.22631", "Windows 11 23H2", "2025-11-11"),
            ("Microsoft Windows 10 Pro 10.0.22631", "Windows 11 23H2", "2025-11-11"),
            ("Microsoft Windows 11 Pro Education 10.0.26100", "Windows 11 24H2", "2026-10-13"),
            ("Microsoft Windows 11 Pro for Workstations 10.0.26200.6584", "Windows 11 25H2", "2027-10-12"),
            ("Microsoft Windows 11 Education 10.0.26200", "Windows 11 25H2 Enterprise", "2028-10-10"),
            ("Windows 11 Pro (26300)", "Windows 11 26H2", "2028-10-10"),
            ("Windows 11 Enterprise multi-session 10.0.26100", "Windows 11 24H2 Enterprise", "2027-10-12"),
            ("Windows 10 Enterprise for Virtual Desktops 10.0.19042", "Windows 10 20H2 Enterprise", "2023-05-09"),
            ("Microsoft Windows 11 Pro 10.0.28000", "Windows 11 26H1", "2028-03-14"),
            ("Microsoft Windows 11 Pro 23H2", "Windows 11 23H2", "2025-11-11"),
            ("Microsoft Windows 10 Pro 1909", "Windows 10 1909", "2021-05-11"),
            ("Microsoft Windows 10 Pro", "Windows 10", "2025-10-14"),
            ("windows11", "Windows 11", ""),
            ("Microsoft Windows 11 Pro 10.0.27999", "Windows 11", ""),
            ("Microsoft Windows 10 Enterprise LTSC 2021 10.0.19044", "Windows 10 LTSC 2021", "2027-01-12"),
            ("Microsoft Windows 10 Enterprise LTSC 10.0.17763", "Windows 10 LTSC 2019", "2029-01-09"),
            ("Microsoft Windows 10 Enterprise 2016 LTSB 10.0.14393", "Windows 10 LTSC 2016", "2026-10-13"),
            ("Microsoft Windows 10 IoT Enterprise LTSC 10.0.19044", "Windows 10 IoT LTSC 2021", "2032-01-13"),
            ("Microsoft Windows 11 IoT Enterprise LTSC 2024 10.0.26100", "Windows 11 IoT LTSC 2024", "2034-10-10"),
            ("Microsoft Windows 11 Enterprise LTSC 2024 10.0.26100", "Windows 11 LTSC 2024", "2029-10-09"),
            ("Microsoft Windows 10 IoT Enterprise 10.0.19045", "Windows 10 22H2 Enterprise", "2025-10-14"),
            ("Windows Embedded Standard 7 6.1.7601", "Windows 7 Embedded", "2020-10-13"),
            ("Windows Embedded POSReady 7", "Windows 7 Embedded", "2021-10-12"),
            ("Windows Embedded 8.1 Industry Enterprise 6.3.9600", "Windows 8.1 Embedded", "2023-07-11"),
            ("Microsoft Windows XP Professional 5.1.2600", "another Windows", "2014-04-08"),
            ("Microsoft Windows Server 2008 R2 Standard 6.1.7601", "Windows Server 2008", "2020-01-14"),
            ("Microsoft Windows Server 2012 R2 Standard 6.3.9600", "Windows Server 2012", "2023-10-10"),
            ("Microsoft Windows Server 2022 Datacenter Azure Edition 10.0.20348", "Windows Server 2022", "2031-10-14"),
            ("Microsoft Windows Server 2025 Standard 10.0.26100", "Windows Server 2025", "2034-11-14"),
            ("Windows Storage Server 2016 Standard 10.0.14393", "Windows Server 2016", "2027-01-12"),
            ("Microsoft Hyper-V Server 2019", "Windows Server 2019", "2029-01-09"),
            ("Windows MultiPoint Server 2012 Premium", "Windows Server 2012", "2023-10-10"),
            ("Windows MultiPoint Server 2011", "Windows Server 2011", "2021-07-13"),
            ("Windows Home Server 2011", "Windows Server 2011", "2016-04-12"),
            ("Windows Small Business Server 2011", "Windows Server 2011", "2020-01-14"),
            ("Windows Server 1709", "Windows Server, version 1709", "2019-04-09"),
            ("Microsoft Windows Server Datacenter 1909 10.0.18363", "Windows Server, version 1909", "2021-05-11"),
            ("Windows Server, version 2004", "Windows Server, version 2004", "2021-12-14"),
            ("Microsoft Windows Server Datacenter 10.0.25398", "Windows Server, version 23H2", "2025-10-24"),
            ("Microsoft Windows Server Datacenter 10.0.17763", "Windows Server 2019", "2029-01-09"),
            ("Microsoft Windows Server Datacenter 10.0.20348", "Windows Server 2022", "2031-10-14"),
            ("Windows Server", "Windows Server", ""),
            ("Microsoft Azure Stack HCI 10.0.20349", "Azure Stack HCI 22H2", "2025-05-31"),
            ("Microsoft Azure Stack HCI 10.0.25398", "Azure Stack HCI", ""),
        ] {
            let release = WindowsRelease::of(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(release.to_string(), name, "{text}");
            let day = release.end_of_support.as_ref().map(ToString::to_string).unwrap_or_default();
            assert_eq!(day.get(..10).unwrap_or_default(), last, "{text}");
            assert_eq!(release.source.is_some(), !last.is_empty(), "{text}");
        }
        for text in ["Ubuntu Server 22.04", "macOS 11.7", "VMware ESXi 7.0.3 build-21930508", "", "Azure Linux 3"] {
            assert_eq!(WindowsRelease::of(text), None, "{text}");
        }
    }

    #[test]
    fn the_last_day_is_still_supported() {
        let release = WindowsRelease::of("Windows 10 Pro 10.0.19045").unwrap();
        assert_eq!(release.is_over(&Timestamp::from_seconds(1_760_486_399)), Some(false));
        assert_eq!(release.is_over(&Timestamp::from_seconds(1_760_486_400)), Some(true));
        assert_eq!(WindowsRelease::of("windows 11").unwrap().is_over(&Timestamp::now()), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in ".*", more in "(windows|server|10\\.0\\.|[0-9]{1,6}|ltsc|[ .]){0,8}") {
            for text in [text, more] {
                if let Some(release) = WindowsRelease::of(&text) {
                    let _ = (release.to_string(), release.is_over(&Timestamp::now()));
                }
            }
        }
    }
}
