//! The wall clock as text, for timestamps and dates of measurements; no result depends on it.

use std::time::{SystemTime, UNIX_EPOCH};

/// Length of a time stamp.
pub(crate) const STAMP_BYTES: usize = "2026-01-31T23:59:59.000001+00:00".len();

/// The current time in UTC, as ISO 8601 with microseconds: `2026-01-31T23:59:59.000001+00:00`.
pub(crate) fn now() -> String {
    // A clock set before 1970 is no reason to stop a search.
    let since_1970 = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    iso_utc(since_1970.as_secs(), since_1970.subsec_micros())
}

/// Proleptic Gregorian date of a Unix time, by the era method (400-year cycles that begin in March).
fn iso_utc(unix_seconds: u64, micros: u32) -> String {
    let days = unix_seconds / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let leap_days = day_of_era / 1_460 + day_of_era / 146_096 - day_of_era / 36_524;
    let year_of_era = (day_of_era - leap_days) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute, second) = (
        unix_seconds / 3600 % 24,
        unix_seconds / 60 % 60,
        unix_seconds % 60,
    );
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}+00:00")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        // Expected values from GNU date.
        for (unix_seconds, expected) in [
            (0, "1970-01-01T00:00:00.000001+00:00"),
            (951_782_399, "2000-02-28T23:59:59.000001+00:00"),
            (951_868_799, "2000-02-29T23:59:59.000001+00:00"),
            (1_735_689_599, "2024-12-31T23:59:59.000001+00:00"),
            (4_107_542_400, "2100-03-01T00:00:00.000001+00:00"),
        ] {
            assert_eq!(iso_utc(unix_seconds, 1), expected);
        }
    }
}
