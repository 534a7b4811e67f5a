//! Dates as the services write them, from and to epoch milliseconds. UTC only.

const DAY: i64 = 86_400_000;

/// `2026-08-25T07:26:00Z`, without fractions.
pub(crate) fn iso(milliseconds: i64) -> String {
    let seconds = milliseconds.rem_euclid(DAY) / 1_000;
    format!("{}T{:02}:{:02}:{:02}Z", date(milliseconds), seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// `2026-08-25`.
pub(crate) fn date(milliseconds: i64) -> String {
    let (year, month, day) = civil(milliseconds.div_euclid(DAY));
    format!("{year:04}-{month:02}-{day:02}")
}

/// Reads `yyyy-mm-dd`; `None` for anything else, a day that does not exist included.
pub(crate) fn parse_date(text: &str) -> Option<i64> {
    if text.len() != 10 {
        return None;
    }
    let mut parts = text.split('-');
    let (year, month, day) = (number(parts.next()?, 4)?, number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    let start = days(year, month, day) * DAY;
    (parts.next().is_none() && date(start) == text).then_some(start)
}

/// Reads `yyyy-MM-ddTHH:mm:ssZ`; `None` for anything else, fractions of a second included.
pub(crate) fn parse_iso(text: &str) -> Option<i64> {
    let (day, time) = text.strip_suffix('Z')?.split_once('T')?;
    let mut parts = time.split(':');
    let (hour, minute, second) = (number(parts.next()?, 2)?, number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    if parts.next().is_some() || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some(parse_date(day)? + (hour * 3_600 + minute * 60 + second) * 1_000)
}

fn number(text: &str, digits: usize) -> Option<i64> {
    if text.len() != digits || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// The civil date of a day count since 1970-01-01, by the usual 400-year eras that begin on a first of March.
pub(crate) fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// The day count of a civil date, the reverse of [`civil`].
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::{date, iso, parse_date, parse_iso};

    #[test]
    fn writes_and_reads_the_same_moment() {
        assert_eq!(iso(1_787_643_495_000), "2026-08-25T07:38:15Z");
        assert_eq!(parse_iso("2026-08-25T07:38:15Z"), Some(1_787_643_495_000));
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(-62_135_596_800_000), "0001-01-01");
        assert_eq!(parse_date("2028-02-29").map(date), Some("2028-02-29".to_owned()));
    }

    #[test]
    fn refuses_what_the_service_refuses() {
        for text in ["", "2027-02-29", "2027-13-01", "27-01-01", "2027-01-01T00:00:00Z", "soon"] {
            assert_eq!(parse_date(text), None, "{text}");
        }
        for text in ["2027-01-01T00:00:00.000Z", "2027-01-01T24:00:00Z", "2027-01-01", "2027-01-01T00:00:00"] {
            assert_eq!(parse_iso(text), None, "{text}");
        }
    }
}
