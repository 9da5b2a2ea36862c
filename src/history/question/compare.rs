//! This week against last week and against the same ISO week last year; months and years alike.

use std::collections::BTreeMap;
use std::fmt;

use jiff::ToSpan;
use jiff::civil::{Date, ISOWeekDate, Weekday, date};
use rust_decimal::prelude::ToPrimitive;
use serde::Serialize;

use super::filter::{Filter, Measure};
use super::grain::choose::{Choice, Piece};
use super::grain::{settle, tree};
use super::rows::asked::PanelOptions;
use super::rows::facts::Measures;
use crate::action::{Action, Counts};
use crate::history::day::{Span, date_of, number};
use crate::history::error::HistoryError;
use crate::history::store::open::History;
use crate::segment::Attribute;
use crate::units::{Currency, Week};

/// Length of the periods that are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// ISO weeks.
    Week,
    /// Calendar months.
    Month,
    /// Calendar years.
    Year,
}

/// A comparison to make.
#[derive(Debug, Clone)]
pub struct CompareQuery {
    /// Length of the periods.
    pub by: By,
    /// What is compared.
    pub measure: Measure,
    /// Only what these conditions on attributes let through.
    pub filter: Filter,
    /// First day shown; what came before still serves for comparison.
    pub from: Option<Date>,
    /// Last day shown.
    pub to: Option<Date>,
    /// Only amounts of this currency.
    pub currency: Option<Currency>,
}

/// A week, month or year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stretch {
    by: By,
    start: Date,
}

impl Stretch {
    /// The stretch that holds a day.
    #[must_use]
    pub fn of(by: By, day: Date) -> Self {
        let start = match by {
            By::Week => Week::of(day).monday(),
            By::Month => date(day.year(), day.month(), 1),
            By::Year => date(day.year(), 1, 1),
        };
        Self { by, start }
    }

    /// Its first day.
    #[must_use]
    pub fn start(self) -> Date {
        self.start
    }

    /// Its last day.
    #[must_use]
    pub fn end(self) -> Date {
        match self.by {
            By::Week => Week::of(self.start).sunday(),
            By::Month => self.start.last_of_month(),
            By::Year => date(self.start.year(), 12, 31),
        }
    }

    /// The one after it.
    #[must_use]
    pub fn next(self) -> Self {
        Self::of(self.by, self.end().saturating_add(1.day()))
    }

    /// The one before it.
    #[must_use]
    pub fn before(self) -> Self {
        Self::of(self.by, self.start.saturating_sub(1.day()))
    }

    /// The same week or month a year earlier; week 53 goes with week 52. `None` for years, whose
    /// year earlier is the one before.
    #[must_use]
    pub fn year_before(self) -> Option<Self> {
        match self.by {
            By::Week => {
                let (year, week) = Week::of(self.start).iso();
                let same = |week| ISOWeekDate::new(year - 1, week, Weekday::Monday).ok();
                same(week).or_else(|| same(52)).map(|iso| Self::of(By::Week, iso.date()))
            }
            By::Month => {
                Some(Self::of(By::Month, date(self.start.year() - 1, self.start.month(), 1)))
            }
            By::Year => None,
        }
    }
}

impl fmt::Display for Stretch {
    /// `2026-W47`, `2026-11`, `2026`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.by {
            By::Week => write!(f, "{}", Week::of(self.start)),
            By::Month => write!(f, "{}-{:02}", self.start.year(), self.start.month()),
            By::Year => write!(f, "{}", self.start.year()),
        }
    }
}

/// Why a comparison should not be leant on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// Nothing is known of the earlier period.
    NoData,
    /// The history begins or ends inside one of the two.
    Incomplete,
    /// One of the two rests on too few actions.
    FewActions,
    /// An export of a longer period was spread over its days.
    SpreadByDays,
}

/// A period against an earlier one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// The earlier period.
    pub against: String,
    /// Its value.
    pub value: Option<f64>,
    /// Now ÷ then.
    pub ratio: Option<f64>,
    /// 90 % interval of the ratio, for measures that rest on counts of actions. It knows the
    /// chance in the counts, not how much weeks differ anyway.
    pub interval: Option<(f64, f64)>,
    /// Why not to lean on it; empty when there is enough data.
    pub doubts: Vec<Doubt>,
}

/// One period with its comparisons.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComparedPeriod {
    /// `2026-W47`, `2026-11` or `2026`.
    pub period: String,
    /// Its first day.
    pub start: Date,
    /// Its last day.
    pub end: Date,
    /// The measure.
    pub value: Option<f64>,
    /// Active actions, beside …
    pub active: Option<f64>,
    /// … likes and other reactions …
    pub reactions: Option<f64>,
    /// … and follows, so that the difference can be seen.
    pub follows: Option<f64>,
    /// Against the period before.
    pub previous: Change,
    /// Against the same period a year before; absent for years.
    pub year_before: Option<Change>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Length of the periods.
    pub by: By,
    /// Name of the measure.
    pub measure: String,
    /// Currency of amounts.
    pub currency: Option<Currency>,
    /// Periods, oldest first.
    pub periods: Vec<ComparedPeriod>,
    /// Rows without dates, which belong to no period.
    pub undated_rows: u64,
}

/// Active actions that a period must have for its changes to mean something: below, the 90 %
/// interval of a ratio is wider than ± 50 %.
const ENOUGH_ACTIONS: f64 = 20.0;

/// What a period adds up to.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    spend: f64,
    impressions: Option<f64>,
    actions: Counts,
    /// Follows gained from the beginning of the history to the end of the period.
    followers: f64,
    spread: bool,
}

impl History {
    /// Compares periods.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] when amounts cannot be added or there is nothing at all.
    pub fn compare(&self, query: &CompareQuery) -> Result<Comparison, HistoryError> {
        let options =
            PanelOptions { currency: query.currency, organic: true, ..PanelOptions::default() };
        let (mut facts, _) = self.facts()?.within(&options);
        let currency = facts.currency()?;
        let mut asked: Vec<Attribute> = query.filter.attributes().collect();
        asked.sort_unstable();
        asked.dedup();
        let settled = settle::settle(&mut facts);
        let tree = tree::build(&facts, &settled);
        let mut choice = Choice::new(&facts, &settled, &tree, &asked);
        let mut pieces = choice.pieces();
        pieces.retain(|piece| passes(&choice, piece, &asked, &query.filter));
        let undated = pieces.iter().filter(|piece| !piece.span.is_dated());
        let undated_rows = undated.map(|piece| u64::from(choice.measures(piece).rows)).sum();
        pieces.retain(|piece| piece.span.is_dated());
        let table = Table::new(query, &choice, &pieces).ok_or(HistoryError::Nothing)?;
        Ok(Comparison {
            by: query.by,
            measure: query.measure.name().to_owned(),
            currency,
            periods: table.periods(query.from, query.to),
            undated_rows,
        })
    }
}

fn passes(choice: &Choice<'_>, piece: &Piece, asked: &[Attribute], filter: &Filter) -> bool {
    let values = choice.tuples.get(piece.tuple);
    filter.holds(
        |attribute| {
            let place = asked.iter().position(|other| *other == attribute)?;
            choice.text(values[place])
        },
        |_| None,
    )
}

/// Sums by period, and what is known of the whole.
struct Table {
    by: By,
    measure: Measure,
    sums: BTreeMap<Stretch, Sums>,
    known: Span,
}

impl Table {
    fn new(query: &CompareQuery, choice: &Choice<'_>, pieces: &[Piece]) -> Option<Self> {
        let start = pieces.iter().map(|piece| piece.span.start).min()?;
        let end = pieces.iter().map(|piece| piece.span.end).max()?;
        let mut sums: BTreeMap<Stretch, Sums> = BTreeMap::new();
        for piece in pieces {
            spread(query.by, piece.span, choice.measures(piece), &mut sums);
        }
        let mut followers = 0.0;
        for sums in sums.values_mut() {
            followers += sums.actions.get(Action::Follows).unwrap_or_default();
            sums.followers = followers;
        }
        let known = Span { start, end };
        Some(Self { by: query.by, measure: query.measure, sums, known })
    }

    fn periods(&self, from: Option<Date>, to: Option<Date>) -> Vec<ComparedPeriod> {
        let first = Stretch::of(self.by, date_of(self.known.start));
        let last = date_of(self.known.end);
        std::iter::successors(Some(first), |stretch| Some(stretch.next()))
            .take_while(|stretch| stretch.start() <= last)
            .filter(|stretch| from.is_none_or(|from| stretch.end() >= from))
            .filter(|stretch| to.is_none_or(|to| stretch.start() <= to))
            .map(|stretch| self.period(stretch))
            .collect()
    }

    fn period(&self, stretch: Stretch) -> ComparedPeriod {
        let sums = self.sums.get(&stretch).copied();
        let count = |action| sums.and_then(|sums| sums.actions.get(action));
        ComparedPeriod {
            period: stretch.to_string(),
            start: stretch.start(),
            end: stretch.end(),
            value: sums.and_then(|sums| sums.value(self.measure)),
            active: sums.and_then(|sums| sums.actions.active()),
            reactions: count(Action::Reactions),
            follows: count(Action::Follows),
            previous: self.change(stretch, stretch.before()),
            year_before: stretch.year_before().map(|before| self.change(stretch, before)),
        }
    }

    fn change(&self, now: Stretch, then: Stretch) -> Change {
        let sums = [now, then].map(|stretch| self.sums.get(&stretch));
        let value = |sums: Option<&Sums>| sums.and_then(|sums| sums.value(self.measure));
        let [now_value, value] = sums.map(value);
        let ratio = value
            .filter(|value| *value > 0.0)
            .and_then(|value| now_value.map(|now_value| now_value / value));
        Change {
            against: then.to_string(),
            value,
            ratio,
            interval: ratio.and_then(|ratio| self.interval(ratio, sums)),
            doubts: self.doubts([now, then], sums),
        }
    }

    /// Log-normal interval of a ratio of Poisson counts: variance `1/n + 1/m`.
    fn interval(&self, ratio: f64, sums: [Option<&Sums>; 2]) -> Option<(f64, f64)> {
        let [now, then] = sums.map(|sums| sums.and_then(|sums| sums.counted(self.measure)));
        let (now, then) = (now?, then?);
        if now <= 0.0 || then <= 0.0 {
            return None;
        }
        let width = (1.644_853_6 * (1.0 / now + 1.0 / then).sqrt()).exp();
        Some((ratio / width, ratio * width))
    }

    fn doubts(&self, stretches: [Stretch; 2], sums: [Option<&Sums>; 2]) -> Vec<Doubt> {
        let [Some(now), Some(then)] = sums else { return vec![Doubt::NoData] };
        let mut doubts = Vec::new();
        let is_whole = |stretch: &Stretch| {
            self.known.start <= number(stretch.start()) && number(stretch.end()) <= self.known.end
        };
        if !stretches.iter().all(is_whole) {
            doubts.push(Doubt::Incomplete);
        }
        let is_few = |sums: &&Sums| sums.counted(self.measure).is_some_and(|n| n < ENOUGH_ACTIONS);
        if [now, then].iter().any(is_few) {
            doubts.push(Doubt::FewActions);
        }
        if now.spread || then.spread {
            doubts.push(Doubt::SpreadByDays);
        }
        doubts
    }
}

/// Adds a row to the periods that its days fall into, in proportion to days.
fn spread(by: By, span: Span, measures: &Measures, sums: &mut BTreeMap<Stretch, Sums>) {
    let first = Stretch::of(by, date_of(span.start));
    let mut stretch = first;
    while number(stretch.start()) <= span.end {
        let days =
            span.end.min(number(stretch.end())) - span.start.max(number(stretch.start())) + 1;
        let share = f64::from(days) / f64::from(span.days());
        let sums = sums.entry(stretch).or_default();
        sums.spread |= share < 1.0;
        sums.spend += share * measures.spend.to_f64().unwrap_or_default();
        if let Some(impressions) = measures.impressions {
            *sums.impressions.get_or_insert(0.0) += share * impressions;
        }
        let mut counts = measures.actions;
        for count in counts.0.iter_mut().flatten() {
            *count *= share;
        }
        sums.actions.add(&counts);
        stretch = stretch.next();
    }
}

impl Sums {
    fn value(&self, measure: Measure) -> Option<f64> {
        let per = |part: Option<f64>, whole: Option<f64>| {
            whole.filter(|whole| *whole > 0.0).and_then(|whole| Some(part? / whole))
        };
        match measure {
            Measure::Spend => Some(self.spend),
            Measure::Impressions => self.impressions,
            // People are not added over days.
            Measure::Reach => None,
            Measure::Action(action) => self.actions.get(action),
            Measure::Active => self.actions.active(),
            Measure::EngagementRate => per(self.actions.active(), self.impressions),
            Measure::Cpm => per(Some(1000.0 * self.spend), self.impressions),
            Measure::CostPerActive => per(Some(self.spend), self.actions.active()),
            Measure::ActivePerFollower => per(self.actions.active(), Some(self.followers)),
        }
    }

    /// The count whose chance makes a measure uncertain.
    fn counted(&self, measure: Measure) -> Option<f64> {
        match measure {
            Measure::Spend | Measure::Impressions | Measure::Reach | Measure::Cpm => None,
            Measure::Action(action) => self.actions.get(action),
            Measure::Active
            | Measure::EngagementRate
            | Measure::CostPerActive
            | Measure::ActivePerFollower => self.actions.active(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn week_53_goes_with_week_52() {
        let week = |text: &str| Stretch::of(By::Week, text.parse::<Week>().unwrap().monday());
        let before = |text: &str| week(text).year_before().unwrap().to_string();
        assert_eq!(before("2026-W53"), "2025-W52");
        assert_eq!(before("2026-W47"), "2025-W47");
        // 2020 had a week 53, and 2021 had not: nothing of 2021 is compared with it.
        assert_eq!(before("2021-W52"), "2020-W52");
        assert_eq!(week("2026-W01").before().to_string(), "2025-W52");
    }

    #[test]
    fn months_and_years_follow_the_calendar() {
        let month = Stretch::of(By::Month, date(2024, 2, 10));
        assert_eq!(
            (month.end(), month.before().to_string()),
            (date(2024, 2, 29), "2024-01".into())
        );
        assert_eq!(month.year_before().unwrap().to_string(), "2023-02");
        let year = Stretch::of(By::Year, date(2024, 2, 10));
        assert_eq!((year.before().to_string(), year.year_before()), ("2023".into(), None));
    }

    #[test]
    fn a_long_row_is_spread_by_days_and_says_so() {
        let measures = Measures { spend: 28.into(), ..Measures::default() };
        let span = Span { start: number(date(2024, 1, 1)), end: number(date(2024, 1, 28)) };
        let mut sums = BTreeMap::new();
        spread(By::Week, span, &measures, &mut sums);
        assert_eq!(sums.len(), 4);
        assert!(sums.values().all(|sums| sums.spread && (sums.spend - 7.0).abs() < 1e-12));
        sums.clear();
        spread(By::Month, span, &measures, &mut sums);
        assert!(sums.values().all(|sums| !sums.spread));
    }
}
