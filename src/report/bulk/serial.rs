//! Days as a workbook counts them.

use jiff::ToSpan;
use jiff::civil::Date;

/// A workbook's day number as text: `46447.5` → `2027-03-01 12:00`.
///
/// Day 1 is 1 January 1900, and 1900 counts as a leap year (ECMA-376, part 1, 18.17.4.1), so that
/// from March 1900 on days count from 30 December 1899; some workbooks count from 1904.
pub(super) fn of_serial(number: &str, from_1904: bool) -> Option<String> {
    let days: f64 = number.parse().ok()?;
    if !(61.0..2_958_466.0).contains(&days) {
        return None;
    }
    let day = origin(from_1904).checked_add((days.trunc() as i64).days()).ok()?;
    let minutes = ((days.fract() * 1440.0).round() as i64).min(1439);
    Some(format!("{day} {:02}:{:02}", minutes / 60, minutes % 60))
}

/// The day number of a text that [`of_serial`] gave and [`moved`](super::dates::moved) changed; the part of the day is
/// that of the number it was, to its last digit.
pub(super) fn to_serial(text: &str, before: &str, from_1904: bool) -> Option<String> {
    let day: Date = text.get(..10)?.parse().ok()?;
    let days = i64::from((day - origin(from_1904)).get_days());
    let part = before.find('.').map_or("", |point| &before[point..]);
    (!part.contains(['e', 'E'])).then(|| format!("{days}{part}"))
}

pub(super) fn origin(from_1904: bool) -> Date {
    if from_1904 { jiff::civil::date(1904, 1, 1) } else { jiff::civil::date(1899, 12, 30) }
}
