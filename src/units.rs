//! Money, currencies and ISO weeks: the quantities that must not be confused.

mod money;
pub(crate) mod number;

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, ISOWeekDate, Weekday};
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use self::money::{InvalidMoney, Money};
pub(crate) use self::money::{one_reading, priced};
pub use self::number::Writing;

/// A currency by its ISO 4217 code, three capital letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// The text is not a currency code.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("found `{0}`, expected a currency code of three letters such as `EUR`")]
pub struct InvalidCurrency(pub String);

impl Currency {
    /// Euro, the currency of the shipped examples.
    pub const EUR: Self = Self(*b"EUR");

    /// The code, such as `EUR`.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a currency holds three ASCII letters")
    }

    /// Decimals of the minor unit (ISO 4217): `EUR` 2, `JPY` 0, `TND` 3.
    #[must_use]
    pub fn minor_digits(&self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG"
            | b"RWF" | b"UGX" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }

    /// How many minor units one unit has: 100 for the euro.
    #[must_use]
    pub fn minor_per_unit(&self) -> i64 {
        10_i64.pow(self.minor_digits())
    }
}

impl FromStr for Currency {
    type Err = InvalidCurrency;

    fn from_str(text: &str) -> Result<Self, InvalidCurrency> {
        let upper = text.trim().to_ascii_uppercase();
        match upper.as_bytes() {
            [a, b, c] if [a, b, c].iter().all(|byte| byte.is_ascii_uppercase()) => {
                Ok(Self([*a, *b, *c]))
            }
            _ => Err(InvalidCurrency(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Currency {
    type Error = InvalidCurrency;

    fn try_from(text: String) -> Result<Self, InvalidCurrency> {
        text.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An ISO 8601 week: Monday to Sunday, written `2026-W47`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Week {
    monday: Date,
}

/// The text is neither a week nor a date.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("found `{0}`, expected a week such as `2026-W47` or a date such as `2026-11-22`")]
pub struct InvalidWeek(pub String);

impl Week {
    /// The week that a day belongs to.
    #[must_use]
    pub fn of(day: Date) -> Self {
        let back = i64::from(day.weekday().to_monday_zero_offset());
        Self { monday: day.saturating_sub(jiff::Span::new().days(back)) }
    }

    /// Its first day, a Monday.
    #[must_use]
    pub fn monday(&self) -> Date {
        self.monday
    }

    /// Its last day, a Sunday.
    #[must_use]
    pub fn sunday(&self) -> Date {
        self.monday.saturating_add(jiff::Span::new().days(6))
    }

    /// The week `n` weeks later (earlier when negative).
    #[must_use]
    pub fn plus(&self, n: i64) -> Self {
        Self { monday: self.monday.saturating_add(jiff::Span::new().weeks(n)) }
    }

    /// ISO year and week number.
    #[must_use]
    pub fn iso(&self) -> (i16, i8) {
        let iso = self.monday.iso_week_date();
        (iso.year(), iso.week())
    }

    /// Whole weeks since the week of 1970-01-01 (a Thursday): a number line for seasons.
    #[must_use]
    pub fn index(&self) -> i64 {
        let epoch = jiff::civil::date(1969, 12, 29);
        let days = self.monday.since(epoch).map_or(0, |span| i64::from(span.get_days()));
        days.div_euclid(7)
    }

    /// All weeks that a stretch of days touches, both ends included.
    #[must_use]
    pub fn covering(start: Date, end: Date) -> Vec<Self> {
        let last = Self::of(end);
        std::iter::successors(Some(Self::of(start)), |week| Some(week.plus(1)))
            .take_while(|week| *week <= last)
            .collect()
    }

    /// How many days of `start..=end` fall into this week (0 to 7).
    #[must_use]
    pub fn days_within(&self, start: Date, end: Date) -> u32 {
        let from = self.monday.max(start);
        let to = self.sunday().min(end);
        if from > to {
            return 0;
        }
        to.since(from).map_or(0, |span| span.get_days().unsigned_abs() + 1)
    }
}

/// Days from `start` to `end`, both included; 0 when `end` is before `start`.
#[must_use]
pub fn days_between(start: Date, end: Date) -> u32 {
    if end < start {
        return 0;
    }
    end.since(start).map_or(0, |span| span.get_days().unsigned_abs() + 1)
}

impl FromStr for Week {
    type Err = InvalidWeek;

    fn from_str(text: &str) -> Result<Self, InvalidWeek> {
        let invalid = || InvalidWeek(text.to_owned());
        let trimmed = text.trim();
        if let Some((year, week)) = trimmed.split_once("-W") {
            let year: i16 = year.parse().map_err(|_| invalid())?;
            let week: i8 = week.parse().map_err(|_| invalid())?;
            let iso = ISOWeekDate::new(year, week, Weekday::Monday).map_err(|_| invalid())?;
            return Ok(Self::of(iso.date()));
        }
        let day: Date = trimmed.parse().map_err(|_| invalid())?;
        Ok(Self::of(day))
    }
}

impl TryFrom<String> for Week {
    type Error = InvalidWeek;

    fn try_from(text: String) -> Result<Self, InvalidWeek> {
        text.parse()
    }
}

impl From<Week> for String {
    fn from(week: Week) -> Self {
        week.to_string()
    }
}

impl fmt::Display for Week {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, week) = self.iso();
        write!(f, "{year}-W{week:02}")
    }
}

impl fmt::Debug for Week {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn iso_weeks_cross_the_year_as_the_standard_says() {
        // ISO 8601: 2027-01-01 is a Friday of week 53 of 2026.
        assert_eq!(Week::of(date(2027, 1, 1)).to_string(), "2026-W53");
        assert_eq!(Week::of(date(2024, 12, 30)).to_string(), "2025-W01");
        assert_eq!("2026-W47".parse::<Week>().unwrap().monday(), date(2026, 11, 16));
        assert!("2025-W53".parse::<Week>().is_err());
    }

    #[test]
    fn weeks_are_one_apart_on_the_number_line() {
        let week = Week::of(date(2026, 12, 28));
        assert_eq!(week.plus(1).index() - week.index(), 1);
        assert_eq!(Week::of(date(1970, 1, 1)).index(), 0);
    }

    #[test]
    fn days_of_a_flight_add_up_over_its_weeks() {
        let (start, end) = (date(2027, 3, 3), date(2027, 4, 11));
        let days: u32 = Week::covering(start, end).iter().map(|w| w.days_within(start, end)).sum();
        assert_eq!(days, days_between(start, end));
        assert_eq!(days, 40);
    }

    #[test]
    fn minor_units_follow_iso_4217() {
        for (code, per_unit) in [("EUR", 100), ("JPY", 1), ("TND", 1000)] {
            assert_eq!(code.parse::<Currency>().unwrap().minor_per_unit(), per_unit);
        }
    }
}
