//! Dates without a time, as the service takes them.

use datto_common::{Error, ErrorKind, Result};

/// # Errors
/// [`ErrorKind::InvalidInput`] if it is not a date of the calendar in the form `yyyy-MM-dd`.
pub(crate) fn check(text: &str) -> Result<()> {
    if is_date(text) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::InvalidInput, "a date is written yyyy-MM-dd, for example 2027-01-31"))
}

fn is_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let mut part = |digits: usize| {
        let part =
            parts.next().filter(|part| part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit()))?;
        part.parse::<u32>().ok()
    };
    let (Some(year), Some(month), Some(day)) = (part(4), part(2), part(2)) else { return false };
    parts.next().is_none() && (1..=days_of(year, month)).contains(&day)
}

fn days_of(year: u32, month: u32) -> u32 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_dates_of_the_calendar_are_taken() {
        for good in ["2027-01-31", "2028-02-29", "2000-02-29", "2026-12-01"] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "2027-1-31",
            "2027-02-29",
            "2100-02-29",
            "2027-13-01",
            "2027-00-10",
            "2027-01-00",
            "2027-01-31T00:00",
            "2027-01-31-1",
            "+027-01-31",
        ] {
            assert_eq!(check(bad).unwrap_err().kind(), ErrorKind::InvalidInput, "{bad}");
        }
    }
}
