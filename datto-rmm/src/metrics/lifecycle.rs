//! When Microsoft ends the support of which Windows: one table, of November 2026, with the pages where each date can be looked up.
//!
//! Windows 11, the long-term releases and Server 2008 R2 to 2025 were compared with what others quote of those pages (observed).
//! The rest was not compared and is a guess, Azure Stack HCI 20H2 and 21H2, MultiPoint, Small Business Server, POSReady, Embedded Standard, Thin PC,
//! Home Server, Vista and XP above all.
//!
//! A date is the last day of updates. Paid extensions (ESU) are not counted.

/// The pages of the dates.
pub(super) const WINDOWS_11: &str = "https://learn.microsoft.com/windows/release-health/windows11-release-information";
pub(super) const WINDOWS_10: &str = "https://learn.microsoft.com/windows/release-health/release-information";
pub(super) const SERVER: &str = "https://learn.microsoft.com/windows-server/get-started/windows-server-release-info";
pub(super) const AZURE_STACK_HCI: &str = "https://learn.microsoft.com/lifecycle/products/azure-stack-hci";
pub(super) const PRODUCTS: &str = "https://learn.microsoft.com/lifecycle/products";

/// The first moment of a day, in seconds since 1970.
pub(super) type Day = i64;

/// A version of a client Windows: its build, and its last day for Home and Pro, and for Enterprise and Education.
pub(super) struct ClientVersion {
    pub(super) name: &'static str,
    pub(super) build: u32,
    pub(super) home: Day,
    pub(super) enterprise: Day,
}

const fn client(name: &'static str, build: u32, home: Day, enterprise: Day) -> ClientVersion {
    ClientVersion { name, build, home, enterprise }
}

pub(super) const CLIENT_10: &[ClientVersion] = &[
    client("1507", 10_240, day(2017, 5, 9), day(2017, 5, 9)),
    client("1511", 10_586, day(2017, 10, 10), day(2017, 10, 10)),
    client("1607", 14_393, day(2018, 4, 10), day(2019, 4, 9)),
    client("1703", 15_063, day(2018, 10, 9), day(2019, 10, 8)),
    client("1709", 16_299, day(2019, 4, 9), day(2020, 10, 13)),
    client("1803", 17_134, day(2019, 11, 12), day(2021, 5, 11)),
    client("1809", 17_763, day(2020, 11, 10), day(2021, 5, 11)),
    client("1903", 18_362, day(2020, 12, 8), day(2020, 12, 8)),
    client("1909", 18_363, day(2021, 5, 11), day(2022, 5, 10)),
    client("2004", 19_041, day(2021, 12, 14), day(2021, 12, 14)),
    client("20H2", 19_042, day(2022, 5, 10), day(2023, 5, 9)),
    client("21H1", 19_043, day(2022, 12, 13), day(2022, 12, 13)),
    client("21H2", 19_044, day(2023, 6, 13), day(2024, 6, 11)),
    client("22H2", 19_045, day(2025, 10, 14), day(2025, 10, 14)),
];

pub(super) const CLIENT_11: &[ClientVersion] = &[
    client("21H2", 22_000, day(2023, 10, 10), day(2024, 10, 8)),
    client("22H2", 22_621, day(2024, 10, 8), day(2025, 10, 14)),
    client("23H2", 22_631, day(2025, 11, 11), day(2026, 11, 10)),
    client("24H2", 26_100, day(2026, 10, 13), day(2027, 10, 12)),
    client("25H2", 26_200, day(2027, 10, 12), day(2028, 10, 10)),
    client("26H1", 28_000, day(2028, 3, 14), day(2029, 3, 13)),
    client("26H2", 26_300, day(2028, 10, 10), day(2029, 10, 9)),
];

/// A long-term channel of a client: the year in its name, its version, its build, its last day, and that of IoT Enterprise.
pub(super) struct LongTerm {
    pub(super) year: u16,
    pub(super) version: &'static str,
    pub(super) build: u32,
    pub(super) enterprise: Day,
    pub(super) iot: Day,
}

const fn long_term(year: u16, version: &'static str, build: u32, enterprise: Day, iot: Day) -> LongTerm {
    LongTerm { year, version, build, enterprise, iot }
}

pub(super) const LONG_TERM_10: &[LongTerm] = &[
    long_term(2015, "1507", 10_240, day(2025, 10, 14), day(2025, 10, 14)),
    long_term(2016, "1607", 14_393, day(2026, 10, 13), day(2026, 10, 13)),
    long_term(2019, "1809", 17_763, day(2029, 1, 9), day(2029, 1, 9)),
    long_term(2021, "21H2", 19_044, day(2027, 1, 12), day(2032, 1, 13)),
];

pub(super) const LONG_TERM_11: &[LongTerm] = &[long_term(2024, "24H2", 26_100, day(2029, 10, 9), day(2034, 10, 10))];

/// A server of the fixed policy: the year in its name, its build, its last day. Storage Server, Hyper-V Server, Essentials and IoT of a year
/// end with it.
pub(super) struct ServerYear {
    pub(super) year: u16,
    pub(super) build: u32,
    pub(super) last: Day,
}

const fn server(year: u16, build: u32, last: Day) -> ServerYear {
    ServerYear { year, build, last }
}

/// Where two releases of one year differ in their builds (2008 and 2008 R2, 2012 and 2012 R2), both stand here.
pub(super) const SERVERS: &[ServerYear] = &[
    server(2000, 2_195, day(2010, 7, 13)),
    server(2003, 3_790, day(2015, 7, 14)),
    server(2008, 6_001, day(2020, 1, 14)),
    server(2008, 6_002, day(2020, 1, 14)),
    server(2008, 6_003, day(2020, 1, 14)),
    server(2008, 7_600, day(2020, 1, 14)),
    server(2008, 7_601, day(2020, 1, 14)),
    server(2012, 9_200, day(2023, 10, 10)),
    server(2012, 9_600, day(2023, 10, 10)),
    server(2016, 14_393, day(2027, 1, 12)),
    server(2019, 17_763, day(2029, 1, 9)),
    server(2022, 20_348, day(2031, 10, 14)),
    server(2025, 26_100, day(2034, 11, 14)),
];

/// A server of the semi-annual and annual channels: its version, its build, its last day.
pub(super) const SERVER_CHANNEL: &[(&str, u32, Day)] = &[
    ("1709", 16_299, day(2019, 4, 9)),
    ("1803", 17_134, day(2019, 11, 12)),
    ("1809", 17_763, day(2020, 11, 10)),
    ("1903", 18_362, day(2020, 12, 8)),
    ("1909", 18_363, day(2021, 5, 11)),
    ("2004", 19_041, day(2021, 12, 14)),
    ("20H2", 19_042, day(2022, 8, 9)),
    ("23H2", 25_398, day(2025, 10, 24)),
];

/// Azure Stack HCI by its versions. From 23H2 on (Azure Local) support follows the monthly releases: no one date holds.
pub(super) const HCI: &[(&str, u32, Day)] =
    &[("20H2", 17_784, day(2022, 12, 13)), ("21H2", 20_348, day(2023, 11, 14)), ("22H2", 20_349, day(2025, 5, 31))];

/// Products with a date of their own, by words that all stand in the name; the first that fits counts.
pub(super) const NAMED: &[(&[&str], Day)] = &[
    (&["home", "server", "2011"], day(2016, 4, 12)),
    (&["home", "server"], day(2013, 1, 8)),
    (&["multipoint", "server", "2010"], day(2020, 7, 14)),
    (&["multipoint", "server", "2011"], day(2021, 7, 13)),
    (&["multipoint", "server", "2012"], day(2023, 10, 10)),
    (&["small", "business", "server", "2003"], day(2015, 7, 14)),
    (&["small", "business", "server", "2008"], day(2020, 1, 14)),
    (&["small", "business", "server", "2011"], day(2020, 1, 14)),
    (&["posready", "2009"], day(2019, 4, 9)),
    (&["posready", "7"], day(2021, 10, 12)),
    (&["embedded", "standard", "2009"], day(2019, 1, 8)),
    (&["embedded", "standard", "7"], day(2020, 10, 13)),
    (&["embedded", "8.1"], day(2023, 7, 11)),
    (&["embedded", "8"], day(2023, 7, 11)),
    (&["thin", "pc"], day(2021, 10, 12)),
    (&["vista"], day(2017, 4, 11)),
    (&["xp"], day(2014, 4, 8)),
];

pub(super) const WINDOWS_7_ENDS: Day = day(2020, 1, 14);
pub(super) const WINDOWS_8_ENDS: Day = day(2016, 1, 12);
pub(super) const WINDOWS_81_ENDS: Day = day(2023, 1, 10);
/// The last version of Windows 10 ends with this day, and with it all.
pub(super) const WINDOWS_10_ENDS: Day = day(2025, 10, 14);

/// Days of the civil calendar, counted by the months from March on, in which the leap day is the last of the year.
const fn day(year: i64, month: i64, day: i64) -> Day {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    (days - 719_468) * 86_400
}

#[cfg(test)]
mod tests {
    use super::*;
    use datto_common::Timestamp;

    #[test]
    fn a_day_is_its_first_moment() {
        for (day, text) in [
            (day(1970, 1, 1), "1970-01-01T00:00:00Z"),
            (day(2024, 2, 29), "2024-02-29T00:00:00Z"),
            (day(2025, 10, 14), "2025-10-14T00:00:00Z"),
            (day(2034, 11, 14), "2034-11-14T00:00:00Z"),
        ] {
            assert_eq!(Timestamp::from_seconds(day).to_string(), text);
        }
    }

    #[test]
    fn updates_end_on_the_second_tuesday_of_a_month() {
        let clients = CLIENT_10.iter().chain(CLIENT_11).flat_map(|version| [version.home, version.enterprise]);
        let long = LONG_TERM_10.iter().chain(LONG_TERM_11).flat_map(|term| [term.enterprise, term.iot]);
        for last in clients.chain(long).chain(SERVERS.iter().map(|server| server.last)) {
            // 1970-01-01 was a Thursday.
            assert_eq!((last / 86_400 + 4) % 7, 2, "{}", Timestamp::from_seconds(last));
            let text = Timestamp::from_seconds(last).to_string();
            let day: u32 = text[8..10].parse().unwrap();
            assert!((8..=14).contains(&day), "{text}");
        }
    }

    #[test]
    fn no_build_stands_twice_and_longer_channels_end_later() {
        for versions in [CLIENT_10, CLIENT_11] {
            for version in versions {
                assert_eq!(versions.iter().filter(|other| other.build == version.build).count(), 1, "{}", version.name);
                assert!(version.home <= version.enterprise, "{}", version.name);
            }
        }
        assert!(LONG_TERM_10.iter().chain(LONG_TERM_11).all(|term| term.enterprise <= term.iot));
    }
}
