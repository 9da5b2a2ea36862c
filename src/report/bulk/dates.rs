//! Dates in a bulk file: only the day changes, the time of day stays.

use jiff::civil::Date;

use super::BulkError;
use super::settle::Columns;
use super::sheet::Sheet;

/// In which order a file writes its dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// `2027-03-01`
    YearMonthDay,
    /// `03/01/2027`
    MonthDayYear,
    /// `01/03/2027`
    DayMonthYear,
}

/// The order of a file's dates; `None` when it has none.
///
/// Slashes alone do not tell month from day: some date of the file must, by a number above 12.
pub(super) fn order(file: &Sheet, columns: &Columns) -> Result<Option<Order>, BulkError> {
    let dates = [columns.start, columns.stop].into_iter().flatten();
    let mut found: Option<Order> = None;
    let mut unclear = None;
    for (line, column) in dates.flat_map(|column| file.rows().map(move |line| (line, column))) {
        let text = file.get(line, column).trim();
        let trouble = || BulkError::DatesUnclear { line: file.line(line), found: text.to_owned() };
        if text.is_empty() {
            continue;
        }
        let own = match numbers(text).ok_or_else(trouble)? {
            (1000.., _, _) => Some(Order::YearMonthDay),
            (13.., _, _) => Some(Order::DayMonthYear),
            (_, 13.., _) => Some(Order::MonthDayYear),
            _ => None,
        };
        match (own, found) {
            (Some(own), Some(other)) if own != other => return Err(trouble()),
            (Some(own), _) => found = Some(own),
            (None, _) => unclear = Some(trouble()),
        }
    }
    match (found, unclear) {
        (None, Some(trouble)) => Err(trouble),
        (found, _) => Ok(found),
    }
}

/// The text with another day, in the same form; `None` when there is no date in it.
pub(super) fn moved(text: &str, day: Date, order: Order) -> Option<String> {
    let (first, second, _) = numbers(text.trim())?;
    let rest = text.trim_start();
    let lead = &text[..text.len() - rest.len()];
    let length =
        rest.find(|c: char| !c.is_ascii_digit() && !"-/".contains(c)).unwrap_or(rest.len());
    let separator = if rest[..length].contains('/') { '/' } else { '-' };
    let (year, month, day) = (day.year(), day.month(), day.day());
    // `3/1/2027` has no zeros in front; `03/01/2027` has.
    let is_short =
        rest[..length].len() < 10 && order != Order::YearMonthDay && (first < 10 || second < 10);
    let two = |n: i8| if is_short { n.to_string() } else { format!("{n:02}") };
    let date = match order {
        Order::YearMonthDay => format!("{year}{separator}{}{separator}{}", two(month), two(day)),
        Order::MonthDayYear => format!("{}{separator}{}{separator}{year}", two(month), two(day)),
        Order::DayMonthYear => format!("{}{separator}{}{separator}{year}", two(day), two(month)),
    };
    Some(format!("{lead}{date}{}", &rest[length..]))
}

/// The three numbers at the start of a date.
fn numbers(text: &str) -> Option<(u32, u32, u32)> {
    let mut parts = text.split(|c: char| !c.is_ascii_digit());
    let mut next = || parts.next()?.parse::<u32>().ok();
    let (first, second, third) = (next()?, next()?, next()?);
    let has_year = first >= 1000 || third >= 1000;
    has_year.then_some((first, second, third))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::bulk::serial::of_serial;
    use crate::report::bulk::serial::to_serial;
    use jiff::civil::date;

    #[test]
    fn day_numbers_are_those_of_the_standard() {
        // 1 March 2027 is day 46 447 from 1900, and 44 985 from 1904 (1 462 days less).
        assert_eq!(of_serial("46447.5", false).unwrap(), "2027-03-01 12:00");
        assert_eq!(of_serial("44985", true).unwrap(), "2027-03-01 00:00");
        assert_eq!(to_serial("2027-03-02 12:00", "46447.5", false).unwrap(), "46448.5");
        assert_eq!(of_serial("12", false), None);
    }

    #[test]
    fn the_day_moves_and_the_hour_stays() {
        let day = date(2027, 3, 1);
        let of = |text: &str, order| moved(text, day, order).unwrap();
        assert_eq!(of("02/28/2026 11:59 pm", Order::MonthDayYear), "03/01/2027 11:59 pm");
        assert_eq!(of("28/02/2026 23:59", Order::DayMonthYear), "01/03/2027 23:59");
        assert_eq!(of("2026-02-28T23:59:00+0100", Order::YearMonthDay), "2027-03-01T23:59:00+0100");
        assert_eq!(of("2/8/2026", Order::MonthDayYear), "3/1/2027");
        assert_eq!(moved("Ongoing", day, Order::MonthDayYear), None);
    }
}
