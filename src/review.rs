//! A promise against what happened: delivery, response, and money spent elsewhere.
//!
//! What happened is judged by the promise's own interval, chance and shocks inside, of the whole
//! and of each audience. In the middle of a flight only what was due by then can be judged: the
//! promise of the days that are over.

use crate::allocate::plan::row::{CurvePoint, Range, Row};
use crate::allocate::plan::{Mostly, Plan};

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::action::{Action, Points};
use crate::campaign::OtherCurrency;
use crate::history::{History, HistoryError, PanelOptions};
use crate::language::{Explain, Language};
use crate::panel::{Panel, Period};

/// What a flight did with its promise. `review --json` is this.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Review {
    /// The last day that the history knows, while the flight is not over; everything else speaks
    /// of the days up to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// The last day of the flight.
    pub end: Date,
    /// Value that the plan promises in all.
    pub promised_in_all: f64,
    /// Value promised: mean and quantiles, of the days that are over.
    pub promised: Range,
    /// Value that happened in the plan's segments.
    pub happened: f64,
    /// What the same curves expect at the money really spent, minus the promise: delivery.
    pub delivery: f64,
    /// What happened minus what the curves expect at the money really spent: response.
    pub response: f64,
    /// Value in segments that the plan did not fund or did not know.
    pub elsewhere: f64,
    /// Money planned for the days that are over.
    pub planned: f64,
    /// Money spent in the plan's segments.
    pub spent: f64,
    /// Money spent elsewhere during the flight.
    pub spent_elsewhere: f64,
    /// Whether what happened lies between the 10 % and 90 % quantiles of the promise.
    pub inside: bool,
    /// One per funded row, in the plan's order.
    pub rows: Vec<ReviewRow>,
    /// Funded rows that history does not know (no export imported yet, or another name).
    pub missing: Vec<String>,
}

/// One funded row's promise and outcome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReviewRow {
    /// Segment id.
    pub segment: String,
    /// Money planned for the days that are over.
    pub planned: f64,
    /// Money spent.
    pub spent: f64,
    /// Value promised, of the days that are over.
    pub promised: Range,
    /// Whether what happened lies between the quantiles of that promise.
    pub inside: bool,
    /// Value expected at the money really spent.
    pub expected_at_spent: f64,
    /// Value that happened.
    pub happened: f64,
}

/// A plan that cannot be reviewed.
#[derive(Debug, Error)]
pub enum ReviewError {
    /// It was made over known curves, without a campaign.
    #[error("the plan has no campaign: there is no flight to review")]
    NoCampaign,
    /// The history is in another currency than the plan.
    #[error(transparent)]
    OtherCurrency(#[from] OtherCurrency),
    /// The history cannot be read.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// The history holds nothing of the flight.
    #[error("the history has no rows between {} and {}", .flight.start, .flight.end)]
    NothingHappened {
        /// The days of the flight.
        flight: Period,
        /// The last day that the history knows.
        known: Option<Date>,
        /// Whether the flight has begun.
        has_begun: bool,
    },
}

impl Explain for ReviewError {
    fn explain(&self, language: Language) -> String {
        match self {
            Self::OtherCurrency(apart) => apart.explain(language),
            Self::History(error) => error.explain(language),
            Self::NoCampaign => language.text("error-review-no-campaign"),
            Self::NothingHappened { flight, known, has_begun } => {
                let known = known.map_or_else(|| "–".to_owned(), |known| language.date(known));
                let days = [language.date(flight.start), language.date(flight.end)];
                let told = [("start", &*days[0]), ("end", &days[1]), ("known", &known)];
                let key =
                    if *has_begun { "error-review-nothing" } else { "error-review-not-begun" };
                language.say(key, &told)
            }
        }
    }
}

/// What to ask a history for to review a plan, and the flight's days.
///
/// # Errors
///
/// [`ReviewError::NoCampaign`].
pub fn flight_of(plan: &Plan) -> Result<(PanelOptions, Period), ReviewError> {
    let campaign = plan.campaign.as_ref().ok_or(ReviewError::NoCampaign)?;
    let flight = campaign.flight;
    let options =
        PanelOptions { from: Some(flight.start), to: Some(flight.end), ..campaign.of_history() };
    Ok((options, flight))
}

/// The last day of which a history knows anything that a plan could have funded; `options` ask for
/// the plan's flight.
///
/// # Errors
///
/// [`HistoryError`] when it cannot be read.
pub fn known_until(
    history: &History,
    options: &PanelOptions,
) -> Result<Option<Date>, HistoryError> {
    let whole = PanelOptions { from: None, to: None, ..options.clone() };
    Ok(history.panel(&whole)?.panel.span().map(|span| span.end))
}

/// A history that plans are reviewed against, one after the other.
#[derive(Debug)]
pub struct Record<'a> {
    history: &'a History,
    /// The last day known, by what was asked.
    known: Vec<(PanelOptions, Option<Date>)>,
}

impl<'a> Record<'a> {
    /// Of a history.
    #[must_use]
    pub fn new(history: &'a History) -> Self {
        Self { history, known: Vec::new() }
    }

    /// What became of a plan's promise, `today` being the day it is asked.
    ///
    /// # Errors
    ///
    /// [`ReviewError`]: no campaign, nothing of its flight, a history that cannot be read.
    pub fn review(&mut self, plan: &Plan, today: Date) -> Result<Review, ReviewError> {
        let (options, flight) = flight_of(plan)?;
        let known = self.known_until(&options)?;
        let nothing = || {
            let has_begun = flight.start <= today;
            ReviewError::NothingHappened { flight, known, has_begun }
        };
        if known.is_none_or(|known| known < flight.start) {
            return Err(nothing());
        }
        match self.history.panel(&options) {
            Err(HistoryError::Nothing) => Err(nothing()),
            read => review(plan, &read?.panel, known),
        }
    }

    fn known_until(&mut self, options: &PanelOptions) -> Result<Option<Date>, HistoryError> {
        let whole = PanelOptions { from: None, to: None, ..options.clone() };
        if let Some((_, known)) = self.known.iter().find(|(own, _)| *own == whole) {
            return Ok(*known);
        }
        let known = known_until(self.history, options)?;
        self.known.push((whole, known));
        Ok(known)
    }
}

/// Compares a plan's promise with the panel of its flight.
///
/// `panel` holds the flight's rows only, split by the same attributes as the plan's segments;
/// `known` is the last day of which the history knows anything at all.
///
/// # Errors
///
/// [`ReviewError`] for a plan without a campaign, an empty panel, or one of another currency.
pub fn review(plan: &Plan, panel: &Panel, known: Option<Date>) -> Result<Review, ReviewError> {
    let campaign = plan.campaign.as_ref().ok_or(ReviewError::NoCampaign)?;
    let panel = &campaign.in_own_money(panel.clone())?;
    let outcomes = by_segment(panel, &campaign.points);
    if outcomes.is_empty() {
        let flight = campaign.flight;
        return Err(ReviewError::NothingHappened { flight, known, has_begun: true });
    }
    let flight = campaign.flight;
    let last = known.or_else(|| panel.span().map(|span| span.end));
    let until = last.filter(|last| *last < flight.end);
    let over = Period { start: flight.start, end: until.unwrap_or(flight.end) };
    let funded = || plan.rows.iter().filter(|row| row.budget > 0.0);
    let rows: Vec<ReviewRow> = funded()
        .map(|row| {
            let (spent, happened) = outcomes.get(&row.segment).copied().unwrap_or_default();
            row_of(row, due_share(row, flight, over), spent, happened)
        })
        .collect();
    let known: Vec<&str> = rows.iter().map(|row| row.segment.as_str()).collect();
    let other = || outcomes.iter().filter(|(id, _)| !known.contains(&id.as_str()));
    let happened: f64 = rows.iter().map(|row| row.happened).sum();
    let expected: f64 = rows.iter().map(|row| row.expected_at_spent).sum();
    let in_all = plan.value.mean;
    let due: f64 = rows.iter().map(|row| row.promised.mean).sum();
    let whole: f64 = funded().map(|row| row.value.mean).sum();
    let share = if until.is_none() || whole <= 0.0 { 1.0 } else { due / whole };
    let expected_in_all = plan.expected.map_or(plan.value, |expected| expected.value);
    let promised = due_by(&plan.value, (expected_in_all.p10, expected_in_all.p90), share);
    Ok(Review {
        until,
        end: flight.end,
        promised_in_all: in_all,
        promised,
        happened,
        delivery: expected - promised.mean,
        response: happened - expected,
        elsewhere: other().map(|(_, (_, value))| value).sum(),
        planned: rows.iter().map(|row| row.planned).sum(),
        spent: rows.iter().map(|row| row.spent).sum(),
        spent_elsewhere: other().map(|(_, (spent, _))| spent).sum(),
        inside: (promised.p10..=promised.p90).contains(&happened),
        missing: rows
            .iter()
            .filter(|row| row.planned > 0.0 && !outcomes.contains_key(&row.segment))
            .map(|row| row.segment.clone())
            .collect(),
        rows,
    })
}

/// One row, of which a share was due.
fn row_of(row: &Row, share: f64, spent: f64, happened: f64) -> ReviewRow {
    let media = row.budget - row.fixed_cost;
    // The curve goes through what is promised at the money planned.
    let mut curve: Vec<CurvePoint> = row.curve.clone();
    curve.retain(|point| (point.spend - media).abs() > 1e-9 * media);
    let (low, high) = (at(&curve, media, |p| p.p10), at(&curve, media, |p| p.p90));
    curve.push(CurvePoint { spend: media, p10: low, mean: row.value.mean, p90: high });
    curve.sort_by(|a, b| a.spend.total_cmp(&b.spend));
    let bought = (spent - row.fixed_cost).max(0.0);
    let expected_at_spent =
        if share > 0.0 { share * at(&curve, bought / share, |p| p.mean) } else { 0.0 };
    let promised = due_by(&row.value, (low, high), share);
    ReviewRow {
        segment: row.segment.clone(),
        planned: share * row.budget,
        spent,
        promised,
        inside: (promised.p10..=promised.p90).contains(&happened),
        expected_at_spent,
        happened,
    }
}

/// Share of a row's money that was planned for the days that are over.
fn due_share(row: &Row, flight: Period, over: Period) -> f64 {
    let days = |whole: Period| f64::from(whole.days());
    if over.end == flight.end {
        return 1.0;
    }
    let total: f64 = row.weeks.iter().map(|week| week.budget).sum();
    if total <= 0.0 {
        return days(over) / days(flight);
    }
    let due = row.weeks.iter().map(|part| {
        let of = |period: Period| f64::from(part.week.days_within(period.start, period.end));
        let whole = of(flight);
        if whole > 0.0 { part.budget * of(over) / whole } else { 0.0 }
    });
    due.sum::<f64>() / total
}

/// What was due of a promise when a share of it is over.
///
/// What is not known of the curves weighs on every week alike, so it falls like the share; the
/// chance of single weeks falls like its root. `expected` is the interval of the curves alone.
fn due_by(promised: &Range, expected: (f64, f64), share: f64) -> Range {
    if share >= 1.0 {
        return *promised;
    }
    let side = |whole: f64, curves: f64| {
        let curves = curves.clamp(0.0, whole.max(0.0));
        (share * curves).hypot((share * (whole * whole - curves * curves).max(0.0)).sqrt())
    };
    let mean = share * promised.mean;
    let low = side(promised.mean - promised.p10, promised.mean - expected.0);
    let high = side(promised.p90 - promised.mean, expected.1 - promised.mean);
    let mostly = promised.mostly.map(|own| Mostly { value: share * own.value, ..own });
    let p10 = (mean - low).max(0.0);
    Range { mean, p10, p50: share * promised.p50, p90: mean + high, mostly }
}

/// Money and value of each segment over the whole panel.
fn by_segment(panel: &Panel, points: &Points) -> BTreeMap<String, (f64, f64)> {
    let mut totals = BTreeMap::new();
    for cell in &panel.cells {
        let id = panel.segments[cell.segment].id.clone();
        let total: &mut (f64, f64) = totals.entry(id).or_default();
        let active = cell.actions.active_kinds();
        let worth = |kind: &Action| cell.actions.get(*kind).unwrap_or(0.0) * points.of(*kind);
        total.0 += cell.spend;
        total.1 += active.iter().map(worth).sum::<f64>();
    }
    totals
}

/// A figure of a row's curve at a spend, by linear interpolation; beyond its last point the last
/// slope is kept.
fn at(curve: &[CurvePoint], spend: f64, of: fn(&CurvePoint) -> f64) -> f64 {
    let Some(pair) = curve
        .windows(2)
        .find(|pair| spend <= pair[1].spend)
        .or_else(|| curve.len().checked_sub(2).map(|start| &curve[start..]))
    else {
        return 0.0;
    };
    let slope = (of(&pair[1]) - of(&pair[0])) / (pair[1].spend - pair[0].spend);
    of(&pair[0]) + slope * (spend - pair[0].spend)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_is_read_between_its_points_and_beyond() {
        let point = |spend, mean| CurvePoint { spend, p10: 0.0, mean, p90: 0.0 };
        let curve = [point(0.0, 0.0), point(10.0, 8.0), point(20.0, 12.0)];
        for (spend, mean) in [(0.0, 0.0), (5.0, 4.0), (15.0, 10.0), (30.0, 16.0)] {
            assert!((at(&curve, spend, |p| p.mean) - mean).abs() < 1e-12, "{spend}");
        }
        assert_eq!(at(&[], 5.0, |p| p.mean), 0.0);
    }

    #[test]
    fn the_chance_of_weeks_falls_like_the_root_and_what_is_not_known_like_the_share() {
        let promised = Range { mean: 100.0, p10: 50.0, p50: 98.0, p90: 150.0, mostly: None };
        let half = |curves: f64| due_by(&promised, (100.0 - curves, 100.0 + curves), 0.5);
        // All chance: 50 / √2; all the curves': 25; of each some: √(0.25 · 30² + 0.5 · 40²).
        for (curves, side) in [(0.0, 50.0 / 2_f64.sqrt()), (50.0, 25.0), (30.0, 1025_f64.sqrt())] {
            let due = half(curves);
            assert_eq!((due.mean, due.p50), (50.0, 49.0));
            assert!(
                (due.mean - due.p10 - side).abs() < 1e-9 && (due.p90 - 50.0 - side).abs() < 1e-9
            );
        }
        assert_eq!(due_by(&promised, (70.0, 130.0), 1.0), promised);
        assert_eq!(due_by(&promised, (70.0, 130.0), 0.0).mean, 0.0);
    }

    #[test]
    fn the_curve_goes_through_the_promise() {
        let report_data = crate::report::example::report_data(3);
        for row in report_data.plan.rows.iter().filter(|row| row.budget > 0.0) {
            let whole = row_of(row, 1.0, row.budget, row.value.mean);
            assert!((whole.expected_at_spent / row.value.mean - 1.0).abs() < 1e-9);
            assert!(whole.inside && whole.promised == row.value);
            // Half of the time, half of the money.
            let half = row_of(row, 0.5, 0.5 * (row.budget + row.fixed_cost), 0.0);
            assert!((half.expected_at_spent / row.value.mean - 0.5).abs() < 1e-9);
            assert!(half.promised.p90 - half.promised.p10 > 0.5 * (row.value.p90 - row.value.p10));
        }
    }
}
