//! The stretch before a ballot in which a public body must not praise itself with paid posts.

use jiff::civil::Date;
use serde::Deserialize;

use crate::language::message::Value;
use crate::panel::Period;
use crate::reference::Reference;
use crate::rules::basis::Basis;
use crate::rules::finding::Severity;
use crate::rules::inquiry::{Asking, EarlierYear};
use crate::rules::table::{RulesError, read};
use crate::segment::Attribute;

const FILE: &str = "calendar.toml";

/// The calendar of ballots.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Calendar {
    origin: Basis,
    months_before: u32,
    compare_years: usize,
    ballot: Vec<Ballot>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ballot {
    key: String,
    month: String,
    last_day: Option<Date>,
    starts: Option<Date>,
    territories: Vec<String>,
    bearing: Bearing,
    /// Where the days come from, when not from the calendar's own source.
    origin: Option<Basis>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Bearing {
    /// The bodies of the territory are renewed.
    Direct,
    /// It depends on who stands.
    Indirect,
}

/// The stretch before one ballot, and where it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// `municipal`, `regional`, `presidential` …
    pub ballot: String,
    /// Other ballots of the same days.
    also: Vec<String>,
    /// First and last day.
    pub period: Period,
    /// Where the ballot is held.
    pub territories: Vec<String>,
    /// Whether the bodies of the territory are themselves renewed.
    pub direct: bool,
    origin: Option<Basis>,
}

impl Calendar {
    pub(crate) fn load(reference: &Reference) -> Result<Self, RulesError> {
        let calendar: Self = read(reference, FILE)?;
        for ballot in &calendar.ballot {
            ballot.window(calendar.months_before)?;
        }
        Ok(calendar)
    }

    /// The windows of the calendar, in its order.
    pub(crate) fn windows(&self) -> Vec<Window> {
        let window = |ballot: &Ballot| ballot.window(self.months_before);
        self.ballot
            .iter()
            .map(window)
            .map(|w| w.expect("`load` has computed every window"))
            .collect()
    }

    pub(in crate::rules) fn judge(&self, asking: &mut Asking<'_>) {
        let mut windows = self.windows();
        windows.dedup_by(|next, one| {
            // Ballots of the same days are one stretch for those who advertise before them.
            let same = |w: &Window| (w.period, w.territories.clone(), w.direct, w.origin.clone());
            let joins = same(next) == same(one);
            if joins {
                one.also.push(next.ballot.clone());
            }
            joins
        });
        for window in windows {
            self.judge_window(asking, &window);
        }
    }

    fn judge_window(&self, asking: &mut Asking<'_>, window: &Window) {
        let flight = asking.inquiry.campaign.flight;
        if flight.end < window.period.start || window.period.end < flight.start {
            return;
        }
        let concerned = |code: &str| {
            let territories = &asking.known.territories;
            window.territories.iter().any(|own| {
                // A segment wider than the ballot reaches its voters too.
                territories.contains(own, code) || territories.contains(code, own)
            })
        };
        let segments: Vec<String> = asking
            .inquiry
            .segments
            .iter()
            .filter(|s| concerned(s.get(Attribute::Territory).unwrap_or(asking.inquiry.country)))
            .map(|segment| segment.id.clone())
            .collect();
        if segments.is_empty() {
            return;
        }
        let name = |key: &String| Value::Message(format!("rules-ballot-{key}"));
        let ballots = std::iter::once(&window.ballot).chain(&window.also).map(name).collect();
        let mut values = vec![
            ("ballot", Value::Sum(ballots)),
            ("from", Value::Date(window.period.start)),
            ("to", Value::Date(window.period.end)),
        ];
        let (severity, code) = if window.direct {
            (Severity::Warning, self.constancy(asking, &mut values))
        } else {
            (Severity::Note, "pre-election-indirect")
        };
        let origin = window.origin.as_ref().unwrap_or(&self.origin);
        asking.add(severity, code, segments, values, Some(origin));
    }

    /// Adds the planned spend against the same weeks of earlier years; tells the message's code.
    fn constancy(
        &self,
        asking: &Asking<'_>,
        values: &mut Vec<(&'static str, Value)>,
    ) -> &'static str {
        let campaign = asking.inquiry.campaign;
        let planned = match asking.inquiry.rows {
            Some(rows) => rows.iter().map(|row| row.budget).sum(),
            None => campaign.budget.as_f64(),
        };
        let earlier = asking.inquiry.earlier.unwrap_or_default();
        let Some(ratio) = constancy_ratio(planned, earlier, self.compare_years) else {
            return "pre-election";
        };
        let years = earlier.iter().take(self.compare_years);
        let years = years.map(|year| year.year.to_string()).collect();
        values.push(("planned", Value::Money(planned)));
        values.push(("ratio", Value::Decimal(ratio, 2)));
        values.push(("years", Value::Names(years)));
        if ratio > 1.0 { "pre-election-above" } else { "pre-election-constant" }
    }
}

impl Ballot {
    fn window(&self, months_before: u32) -> Result<Window, RulesError> {
        let wrong = |key: &str, found: String, allowed: &str| RulesError::Value {
            file: FILE.to_owned(),
            key: key.to_owned(),
            found,
            allowed: allowed.to_owned(),
        };
        let month: Date = format!("{}-01", self.month)
            .parse()
            .map_err(|_| wrong("month", self.month.clone(), "2028-03"))?;
        let start = self.starts.unwrap_or_else(|| window_start(month, months_before));
        let end = self.last_day.unwrap_or_else(|| month.last_of_month());
        if end < start {
            return Err(wrong("last_day", end.to_string(), &format!("≥ {start}")));
        }
        Ok(Window {
            ballot: self.key.clone(),
            also: Vec::new(),
            period: Period { start, end },
            territories: self.territories.clone(),
            direct: self.bearing == Bearing::Direct,
            origin: self.origin.clone(),
        })
    }
}

/// First day of the window: the first of the month that is `months_before` months before the
/// month of the ballot (Code électoral, art. L. 52-1).
#[must_use]
pub(crate) fn window_start(ballot: Date, months_before: u32) -> Date {
    ballot.first_of_month().saturating_sub(jiff::Span::new().months(i64::from(months_before)))
}

/// Planned spend ÷ mean spend of the same weeks of earlier years; above 1 the usual volume is
/// exceeded. `None` without a year that spent anything.
#[must_use]
pub(crate) fn constancy_ratio(planned: f64, earlier: &[EarlierYear], years: usize) -> Option<f64> {
    let compared = &earlier[..earlier.len().min(years)];
    let total: f64 = compared.iter().map(|year| year.spend).sum();
    (total > 0.0).then(|| planned / (total / compared.len() as f64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_window_begins_six_months_before_the_month_of_the_ballot() {
        // Dates published for the ballots of March 2014 and March 2026; March 2028 by the same rule.
        for (ballot, start) in [
            (date(2014, 3, 23), date(2013, 9, 1)),
            (date(2026, 3, 15), date(2025, 9, 1)),
            (date(2028, 3, 31), date(2027, 9, 1)),
            (date(2021, 6, 20), date(2020, 12, 1)),
        ] {
            assert_eq!(window_start(ballot, 6), start);
        }
    }

    #[test]
    fn a_special_law_moves_the_window() {
        let calendar =
            Calendar::load(&Reference::default()).expect("the shipped calendar is sound");
        let start = |year: i16| {
            let windows = calendar.windows().into_iter();
            windows
                .filter(|w| w.ballot == "regional" && w.period.end.year() == year)
                .map(|w| w.period.start)
                .next()
        };
        assert_eq!(start(2021), Some(date(2020, 9, 1)));
        assert_eq!(start(2028), Some(date(2027, 9, 1)));
        let of =
            |ballot: &str| calendar.windows().into_iter().rfind(|w| w.ballot == ballot).unwrap();
        // First round on 18 April 2027, second on 2 May; departments vote with the regions.
        let presidential = Period { start: date(2026, 10, 1), end: date(2027, 5, 2) };
        assert_eq!(of("presidential").period, presidential);
        assert_eq!(of("departmental").period, of("regional").period);
    }

    #[test]
    fn constancy_compares_with_the_mean_of_at_most_so_many_years() {
        let year = |year, spend| EarlierYear { year, spend, posts: None };
        let earlier = [year(2026, 800.0), year(2025, 1200.0), year(2024, 1000.0), year(2023, 1e6)];
        assert_eq!(constancy_ratio(1500.0, &earlier, 3), Some(1.5));
        assert_eq!(constancy_ratio(1500.0, &[], 3), None);
        assert_eq!(constancy_ratio(1500.0, &[year(2026, 0.0)], 3), None);
    }
}
