//! ISO weeks: years, weeks and their days.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, ISOWeekDate, Weekday};
use serde::{Deserialize, Serialize};
use thiserror::Error;

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
        days_between(self.monday.max(start), self.sunday().min(end))
    }
}

/// Days from `start` to `end`, both included; 0 when `end` is before `start`.
#[must_use]
pub fn days_between(start: Date, end: Date) -> u32 {
    if end < start {
        return 0;
    }
    // Every row of an import asks: a duration costs less than a calendar's span.
    (end.duration_since(start).as_hours() / 24) as u32 + 1
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
