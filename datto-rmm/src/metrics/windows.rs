//! Which Windows the devices run, and whether Microsoft still supports it.

use std::fmt;
use std::time::Duration;

use datto_common::{Measured, Timestamp};
use serde::{Deserialize, Serialize};

use super::figure::{Figure, Verdict, count_in_scope, is_computer};
use crate::models::Device;

/// What an operating system is, as far as the totals tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
    /// Windows Server, Hyper-V Server and the like, by the year in its name: 2012 R2 is 2012.
    Server(u16),
    /// Another Windows: an older or a newer one, or a server without a year.
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
        let text = operating_system.to_lowercase();
        let words: Vec<&str> = text
            .split(|letter: char| !letter.is_alphanumeric() && letter != '.')
            .filter(|word| !word.is_empty())
            .collect();
        let windows = words.iter().position(|word| word.starts_with("windows"));
        if words.contains(&"server") && (windows.is_some() || text.contains("hyper-v")) {
            let year = words.iter().filter(|word| word.len() == 4).find_map(|word| word.parse().ok());
            return year.filter(|year| (2000..2100).contains(year)).map_or(Self::OtherWindows, Self::Server);
        }
        let Some(at) = windows else { return Self::Other };
        // "windows 10", also "windows10".
        let glued = words.get(at).and_then(|word| word.strip_prefix("windows")).filter(|rest| !rest.is_empty());
        match glued.or_else(|| words.get(at + 1).copied()).unwrap_or_default() {
            "7" => Self::Windows7,
            "8" => Self::Windows8,
            "8.1" => Self::Windows81,
            "10" => Self::Windows10,
            "11" => Self::Windows11,
            _ => Self::OtherWindows,
        }
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
            Self::OtherWindows => f.write_str("another Windows"),
            Self::Other => f.write_str("no Windows"),
        }
    }
}

/// When Microsoft ended, or ends, the support of a client Windows, by its lifecycle pages: the last supported day, as its first moment in UTC.
///
/// `None` where no one date holds: Windows 11 (each of its versions has its own), servers, what is no Windows, and the long-term
/// channels (LTSC, LTSB), which are supported longer. Paid extensions (ESU) are not counted.
pub fn end_of_support(operating_system: &str) -> Option<Timestamp> {
    let text = operating_system.to_lowercase();
    if text.contains("ltsc") || text.contains("ltsb") {
        return None;
    }
    let midnight = match WindowsEdition::of(operating_system) {
        WindowsEdition::Windows7 => 1_578_960_000,  // 2020-01-14
        WindowsEdition::Windows8 => 1_452_556_800,  // 2016-01-12
        WindowsEdition::Windows81 => 1_673_308_800, // 2023-01-10
        WindowsEdition::Windows10 => 1_760_400_000, // 2025-10-14
        _ => return None,
    };
    Some(Timestamp::from_seconds(midnight))
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
    /// Windows Server of any year.
    pub server: Measured<Figure>,
    /// Any other Windows.
    pub other_windows: Measured<Figure>,
    /// What is no Windows.
    pub other: Measured<Figure>,
    /// A client Windows that Microsoft no longer supports, by [`end_of_support`].
    pub unsupported: Measured<Figure>,
}

impl WindowsTotals {
    /// Each figure seen through `view`.
    pub(super) fn map(self, view: impl Fn(Measured<Figure>) -> Measured<Figure>) -> Self {
        Self {
            windows_7: view(self.windows_7),
            windows_8: view(self.windows_8),
            windows_10: view(self.windows_10),
            windows_11: view(self.windows_11),
            server: view(self.server),
            other_windows: view(self.other_windows),
            other: view(self.other),
            unsupported: view(self.unsupported),
        }
    }
}

/// How many of these devices run which Windows, and which of them is past its support at `now`.
///
/// In scope are all that are not deleted and no printer, ESXi host or network device. One that reports no operating system is counted as silent.
pub fn windows_totals(devices: &[Device], now: &Timestamp) -> WindowsTotals {
    let count = |counts: &dyn Fn(&str) -> bool| {
        count_in_scope(devices, "an operating system", is_computer, |device| {
            match device.operating_system.as_deref().filter(|text| !text.trim().is_empty()) {
                Some(text) => Verdict::when(counts(text), || text.to_owned()),
                None => Verdict::Silent,
            }
        })
    };
    // The last day is still supported.
    let yesterday = now.minus(Duration::from_secs(24 * 60 * 60));
    let of = |editions: &[WindowsEdition]| count(&|text| editions.contains(&WindowsEdition::of(text)));
    WindowsTotals {
        windows_7: of(&[WindowsEdition::Windows7]),
        windows_8: of(&[WindowsEdition::Windows8, WindowsEdition::Windows81]),
        windows_10: of(&[WindowsEdition::Windows10]),
        windows_11: of(&[WindowsEdition::Windows11]),
        server: count(&|text| matches!(WindowsEdition::of(text), WindowsEdition::Server(_))),
        other_windows: of(&[WindowsEdition::OtherWindows]),
        other: of(&[WindowsEdition::Other]),
        unsupported: count(&|text| end_of_support(text).is_some_and(|last| last <= yesterday)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::figure::tests::{counted, device};
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn editions_are_read_from_the_text_of_a_device() {
        for (text, edition) in [
            ("Microsoft Windows 7 Professional 6.1.7601", WindowsEdition::Windows7),
            ("Microsoft Windows 8 Pro", WindowsEdition::Windows8),
            ("Microsoft Windows 8.1 Pro 6.3.9600", WindowsEdition::Windows81),
            ("Microsoft Windows 10 Pro 10.0.19045", WindowsEdition::Windows10),
            ("Microsoft® Windows® 11 Enterprise", WindowsEdition::Windows11),
            ("windows11", WindowsEdition::Windows11),
            ("Microsoft Windows Server 2012 R2 Standard 6.3.9600", WindowsEdition::Server(2012)),
            ("Microsoft Windows Server 2022 Datacenter 10.0.20348", WindowsEdition::Server(2022)),
            ("Microsoft Hyper-V Server 2019", WindowsEdition::Server(2019)),
            ("Windows Small Business Server 2011", WindowsEdition::Server(2011)),
            ("Windows Server", WindowsEdition::OtherWindows),
            ("Microsoft Windows XP Professional", WindowsEdition::OtherWindows),
            ("Windows Vista", WindowsEdition::OtherWindows),
            ("Ubuntu Server 22.04", WindowsEdition::Other),
            ("macOS 11.7", WindowsEdition::Other),
            ("Mac OS X 10.15", WindowsEdition::Other),
            ("", WindowsEdition::Other),
        ] {
            assert_eq!(WindowsEdition::of(text), edition, "{text}");
        }
    }

    #[test]
    fn the_ends_of_support_are_the_published_days() {
        for (text, day) in [
            ("Windows 7", "2020-01-14T00:00:00Z"),
            ("Windows 8", "2016-01-12T00:00:00Z"),
            ("Windows 8.1", "2023-01-10T00:00:00Z"),
            ("Windows 10 Pro", "2025-10-14T00:00:00Z"),
        ] {
            assert_eq!(end_of_support(text).unwrap().to_string(), day);
        }
        for text in ["Windows 11 Pro", "Windows 10 Enterprise LTSC 2021", "Windows Server 2012", "Ubuntu 22.04"] {
            assert_eq!(end_of_support(text), None, "{text}");
        }
    }

    #[test]
    fn devices_are_totalled_by_windows() {
        let runs = |uid: &str, text: &str| device(uid, json!({ "operatingSystem": text }));
        let fleet = [
            runs("1", "Microsoft Windows 7 Professional"),
            runs("2", "Microsoft Windows 10 Pro"),
            runs("3", "Microsoft Windows 11 Pro"),
            runs("4", "Microsoft Windows 11 Pro"),
            runs("5", "Microsoft Windows Server 2019"),
            runs("6", "Ubuntu 22.04"),
            device("7", json!({"operatingSystem": null})),
            device("8", json!({"operatingSystem": "Microsoft Windows 7", "deviceClass": "printer"})),
        ];
        let last_noon = Timestamp::from_seconds(1_760_443_200);
        let before = windows_totals(&fleet, &last_noon);
        assert_eq!(counted(&before.windows_7), ["1"]);
        assert_eq!(counted(&before.windows_8), [""; 0]);
        assert_eq!(counted(&before.windows_10), ["2"]);
        assert_eq!(counted(&before.windows_11), ["3", "4"]);
        assert_eq!(counted(&before.server), ["5"]);
        assert_eq!(counted(&before.other), ["6"]);
        assert_eq!(counted(&before.unsupported), ["1"], "the last day is still supported");
        assert_eq!(before.windows_7.to_string(), "1 of 6 (1 more report nothing)");
        let after = windows_totals(&fleet, &Timestamp::from_seconds(1_760_486_400));
        assert_eq!(counted(&after.unsupported), ["1", "2"]);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in ".*") {
            let _ = (WindowsEdition::of(&text).to_string(), end_of_support(&text));
        }
    }
}
