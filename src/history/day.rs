//! Days as whole numbers: what the store keeps and what stretches of time are reckoned in.

use jiff::SignedDuration;
use jiff::civil::{Date, date};

use crate::panel::Period;

/// Days since 1970-01-01.
pub(crate) type Day = i32;

/// Stands for *no date* in the store: a primary key cannot hold an absent value.
pub(crate) const UNDATED: Day = -10_000_000;

const EPOCH: Date = date(1970, 1, 1);

/// The number of a day.
pub(crate) fn number(day: Date) -> Day {
    (day.duration_since(EPOCH).as_hours() / 24) as Day
}

/// The day of a number; the calendar's end for numbers outside it.
pub(crate) fn date_of(day: Day) -> Date {
    EPOCH.saturating_add(SignedDuration::from_hours(i64::from(day) * 24))
}

/// Monday of the ISO week that a day belongs to.
pub(crate) fn monday(day: Day) -> Day {
    // 1970-01-01 was a Thursday, three days after its Monday.
    day - (day + 3).rem_euclid(7)
}

/// A stretch of days, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Span {
    pub(crate) start: Day,
    pub(crate) end: Day,
}

impl Span {
    /// The stretch of a row without dates.
    pub(crate) const UNDATED: Self = Self { start: UNDATED, end: UNDATED };

    pub(crate) fn is_dated(self) -> bool {
        self.start != UNDATED
    }

    pub(crate) fn days(self) -> u32 {
        (self.end - self.start).unsigned_abs() + 1
    }

    pub(crate) fn holds(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    pub(crate) fn meets(self, other: Self) -> bool {
        self.start <= other.end && other.start <= self.end
    }

    /// The whole week around a stretch inside one week; the stretch itself when it is longer.
    pub(crate) fn cell(self) -> Self {
        let start = monday(self.start);
        if self.is_dated() && monday(self.end) == start {
            Self { start, end: start + 6 }
        } else {
            self
        }
    }

    pub(crate) fn period(self) -> Option<Period> {
        self.is_dated().then(|| Period { start: date_of(self.start), end: date_of(self.end) })
    }
}

impl From<Option<(Date, Date)>> for Span {
    fn from(period: Option<(Date, Date)>) -> Self {
        period.map_or(Self::UNDATED, |(start, end)| {
            let (start, end) = (number(start), number(end));
            Self { start: start.min(end), end: start.max(end) }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Week;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_and_dates_are_the_same_days(n in -200_000_i32..200_000) {
            let day = date_of(n);
            prop_assert_eq!(number(day), n);
            prop_assert_eq!(date_of(monday(n)), Week::of(day).monday());
        }
    }

    #[test]
    fn a_stretch_inside_a_week_is_shown_as_that_week() {
        let tuesday = number(date(2026, 11, 17));
        let cell = Span { start: tuesday, end: tuesday + 2 }.cell();
        assert_eq!(date_of(cell.start), date(2026, 11, 16));
        assert_eq!(cell.days(), 7);
        let long = Span { start: tuesday, end: tuesday + 76 };
        assert_eq!(long.cell(), long);
        assert_eq!(Span::UNDATED.cell(), Span::UNDATED);
    }
}
