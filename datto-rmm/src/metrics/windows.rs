//! Which Windows the devices run, and whether Microsoft still supports it.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use datto_common::{Measured, Timestamp};
use serde::{Deserialize, Serialize};

use super::figure::{Figure, Question, Verdict, count};
use super::fleet::{Fleet, FleetScope, Subject, is_computer};
use super::release::WindowsRelease;
use crate::models::Device;

/// What an operating system is, as far as the totals tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WindowsEdition {
    /// Windows 7.
    Windows7,
    /// Windows 8.
    Windows8,
    /// Windows 8.1.
    Windows81,
    /// Windows 10.
    Windows10,
    /// Windows 11.
    Windows11,
    /// Windows Server, Hyper-V Server and the like, by the year in its name or of its build: 2012 R2 is 2012.
    Server(u16),
    /// A Windows Server without a year: of the semi-annual or annual channel, or of a build that is not known.
    UndatedServer,
    /// Azure Stack HCI, now Azure Local.
    AzureStackHci,
    /// Another Windows: an older or a newer one.
    OtherWindows,
    /// No Windows.
    Other,
}

impl WindowsEdition {
    /// From the text that a device reports: "Microsoft Windows 11 Pro 10.0.22631".
    ///
    /// ```
    /// use datto_rmm::metrics::WindowsEdition;
    /// assert_eq!(WindowsEdition::of("Microsoft Windows 11 Pro 10.0.22631"), WindowsEdition::Windows11);
    /// assert_eq!(WindowsEdition::of("Microsoft Windows Server 2019 Standard 10.0.17763"), WindowsEdition::Server(2019));
    /// ```
    pub fn of(operating_system: &str) -> Self {
        WindowsRelease::of(operating_system).map_or(Self::Other, |release| release.edition)
    }

    /// Whether it is a server.
    pub fn is_server(self) -> bool {
        matches!(self, Self::Server(_) | Self::UndatedServer | Self::AzureStackHci)
    }
}

impl fmt::Display for WindowsEdition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Windows7 => f.write_str("Windows 7"),
            Self::Windows8 => f.write_str("Windows 8"),
            Self::Windows81 => f.write_str("Windows 8.1"),
            Self::Windows10 => f.write_str("Windows 10"),
            Self::Windows11 => f.write_str("Windows 11"),
            Self::Server(year) => write!(f, "Windows Server {year}"),
            Self::UndatedServer => f.write_str("Windows Server"),
            Self::AzureStackHci => f.write_str("Azure Stack HCI"),
            Self::OtherWindows => f.write_str("another Windows"),
            Self::Other => f.write_str("no Windows"),
        }
    }
}

/// When Microsoft ended, or ends, the support of the Windows that this text tells: the last day of updates, as its first moment in UTC.
/// [`WindowsRelease`] tells more, and where that stands.
///
/// `None` where no one date holds (Windows 11 without its build, Azure Local) and for what is no Windows. Paid extensions (ESU) are not counted.
pub fn end_of_support(operating_system: &str) -> Option<Timestamp> {
    WindowsRelease::of(operating_system)?.end_of_support
}

/// How many devices run which Windows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WindowsTotals {
    /// Windows 7.
    pub windows_7: Measured<Figure>,
    /// Windows 8 and 8.1.
    pub windows_8: Measured<Figure>,
    /// Windows 10.
    pub windows_10: Measured<Figure>,
    /// Windows 11.
    pub windows_11: Measured<Figure>,
    /// Windows Server of any year or channel, Azure Stack HCI.
    pub server: Measured<Figure>,
    /// Any other Windows.
    pub other_windows: Measured<Figure>,
    /// What is no Windows.
    pub other: Measured<Figure>,
    /// A Windows that Microsoft no longer supports, client or server. What cannot be dated is silent.
    pub unsupported: Measured<Figure>,
    /// A Windows whose support ends within half a year.
    pub ending_soon: Measured<Figure>,
    /// Every release there is, with the end of its support; the most devices first.
    pub releases: Measured<Vec<ReleaseCount>>,
}

/// How many devices run one release of Windows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ReleaseCount {
    /// Its name: "Windows 11 23H2", "Windows 10 LTSC 2021".
    pub name: String,
    /// What it is.
    pub edition: WindowsEdition,
    /// How many devices run it.
    pub devices: u64,
    /// The last day of updates, as its first moment in UTC; nothing where no one date holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_of_support: Option<Timestamp>,
    /// Where Microsoft says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// How long before its end a support ends soon.
const SOON: Duration = Duration::from_secs(182 * 24 * 60 * 60);

const SYSTEM: Question = Question { topic: "windows", of_what: "an operating system", members: &["operatingSystem"] };
const SUPPORT: Question =
    Question { topic: "windows-support", of_what: "a Windows whose support can be dated", ..SYSTEM };

impl WindowsTotals {
    /// Each figure seen through `view`, the list of releases through `list`.
    pub(super) fn map(
        self,
        view: impl Fn(Measured<Figure>) -> Measured<Figure>,
        list: impl Fn(Measured<Vec<ReleaseCount>>) -> Measured<Vec<ReleaseCount>>,
    ) -> Self {
        Self {
            windows_7: view(self.windows_7),
            windows_8: view(self.windows_8),
            windows_10: view(self.windows_10),
            windows_11: view(self.windows_11),
            server: view(self.server),
            other_windows: view(self.other_windows),
            other: view(self.other),
            unsupported: view(self.unsupported),
            ending_soon: view(self.ending_soon),
            releases: list(self.releases),
        }
    }
}

/// How many of these devices run which Windows, and which of them is past its support at `now`.
///
/// In scope are all that are not deleted, on demand or suspended, and no printer, ESXi host or network device. One that reports no operating
/// system is counted as silent.
pub fn windows_totals(devices: &[Device], now: &Timestamp) -> WindowsTotals {
    totals(&Fleet::new(devices, &FleetScope::default()), now)
}

pub(super) fn totals(fleet: &Fleet<'_>, now: &Timestamp) -> WindowsTotals {
    let of = |wanted: &dyn Fn(WindowsEdition) -> bool| {
        count(fleet, SYSTEM, is_computer, |subject| match system(subject) {
            Some(text) => Verdict::when(wanted(edition(subject)), || text.to_owned()),
            None => Verdict::Silent,
        })
    };
    let support = |counts: &dyn Fn(&WindowsRelease) -> bool| {
        let in_scope = |subject: &Subject<'_>| is_computer(subject) && subject.windows.is_some();
        count(fleet, SUPPORT, in_scope, |subject| {
            let Some(release) = &subject.windows else { return Verdict::Silent };
            let Some(last) = &release.end_of_support else { return Verdict::Silent };
            if !counts(release) {
                return Verdict::Not;
            }
            let verb = if release.is_over(now) == Some(true) { "ended" } else { "ends" };
            let day = last.to_string();
            let day = day.split('T').next().unwrap_or_default();
            Verdict::Counts(format!("{release}: support {verb} on {day}"), Some(last.clone()))
        })
    };
    let soon = now.plus(SOON);
    WindowsTotals {
        windows_7: of(&|edition| edition == WindowsEdition::Windows7),
        windows_8: of(&|edition| matches!(edition, WindowsEdition::Windows8 | WindowsEdition::Windows81)),
        windows_10: of(&|edition| edition == WindowsEdition::Windows10),
        windows_11: of(&|edition| edition == WindowsEdition::Windows11),
        server: of(&WindowsEdition::is_server),
        other_windows: of(&|edition| edition == WindowsEdition::OtherWindows),
        other: of(&|edition| edition == WindowsEdition::Other),
        unsupported: support(&|release| release.is_over(now) == Some(true)),
        ending_soon: support(&|release| release.is_over(now) == Some(false) && release.is_over(&soon) == Some(true)),
        releases: releases(fleet),
    }
}

fn system<'a>(subject: &Subject<'a>) -> Option<&'a str> {
    subject.device.operating_system.as_deref().filter(|text| !text.trim().is_empty())
}

fn edition(subject: &Subject<'_>) -> WindowsEdition {
    subject.windows.as_ref().map_or(WindowsEdition::Other, |release| release.edition)
}

/// As many as tell; a device that cannot be read makes the list partial, as it does each figure.
fn releases(fleet: &Fleet<'_>) -> Measured<Vec<ReleaseCount>> {
    let told = count(fleet, SYSTEM, is_computer, |subject| match system(subject) {
        Some(_) => Verdict::Not,
        None => Verdict::Silent,
    });
    let mut by_name: BTreeMap<String, ReleaseCount> = BTreeMap::new();
    for release in
        fleet.subjects().filter(|subject| is_computer(subject)).filter_map(|subject| subject.windows.as_ref())
    {
        let entry = by_name.entry(release.to_string()).or_insert_with_key(|name| ReleaseCount {
            name: name.clone(),
            edition: release.edition,
            devices: 0,
            end_of_support: release.end_of_support.clone(),
            source: release.source.clone(),
        });
        entry.devices += 1;
    }
    let mut list: Vec<ReleaseCount> = by_name.into_values().collect();
    list.sort_by_key(|release| std::cmp::Reverse(release.devices));
    told.map(|_| list)
}

#[cfg(test)]
mod tests {
    use super::super::figure::tests::{counted, device};
    use super::*;
    use serde_json::json;

    #[test]
    fn devices_are_totalled_by_windows() {
        let runs = |uid: &str, text: &str| device(uid, json!({ "operatingSystem": text }));
        let fleet = [
            runs("1", "Microsoft Windows 7 Professional"),
            runs("2", "Microsoft Windows 10 Pro 10.0.19045"),
            runs("3", "Microsoft Windows 11 Pro 10.0.26100"),
            runs("4", "Microsoft Windows 11 Pro 10.0.26100"),
            runs("5", "Microsoft Windows Server 2019"),
            runs("6", "Ubuntu 22.04"),
            device("7", json!({"operatingSystem": null})),
            device("8", json!({"operatingSystem": "Microsoft Windows 7", "deviceClass": "printer"})),
            runs("9", "Microsoft Windows 11 Pro"),
            device("10", json!({"operatingSystem": "Microsoft Windows 7", "suspended": true})),
        ];
        let last_noon = Timestamp::from_seconds(1_760_443_200);
        let before = windows_totals(&fleet, &last_noon);
        assert_eq!(counted(&before.windows_7), ["1"]);
        assert_eq!(counted(&before.windows_8), [""; 0]);
        assert_eq!(counted(&before.windows_10), ["2"]);
        assert_eq!(counted(&before.windows_11), ["3", "4", "9"]);
        assert_eq!(counted(&before.server), ["5"]);
        assert_eq!(counted(&before.other), ["6"]);
        assert_eq!(counted(&before.unsupported), ["1"], "the last day is still supported");
        assert_eq!(counted(&before.ending_soon), ["2"]);
        assert_eq!(before.unsupported.to_string(), "1 of 5 (1 more report nothing)", "a Windows 11 of no known build");
        assert_eq!(before.windows_7.to_string(), "1 of 7 (1 more report nothing)");
        let after = windows_totals(&fleet, &Timestamp::from_seconds(1_760_486_400));
        assert_eq!(counted(&after.unsupported), ["1", "2"]);
        let evidence = &after.unsupported.value().unwrap().evidence[1];
        assert_eq!(evidence.what, "Windows 10 22H2: support ended on 2025-10-14");
        assert_eq!(evidence.key, "windows-support:2");
        let releases = after.releases.known().unwrap();
        assert_eq!((releases[0].name.as_str(), releases[0].devices), ("Windows 11 24H2", 2));
        assert_eq!(releases.iter().map(|release| release.devices).sum::<u64>(), 6);
    }
}
