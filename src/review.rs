//! A promise against what happened: delivery, response, and money spent elsewhere.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::action::{Action, Points};
use crate::allocate::plan::{CurvePoint, Plan, Range};
use crate::campaign::OtherCurrency;
use crate::history::PanelOptions;
use crate::language::{Explain, Language};
use crate::panel::{Panel, Period};

/// What a finished flight did with its promise. `review --json` is this.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Review {
    /// Value promised: mean and quantiles.
    pub promised: Range,
    /// Value that happened in the plan's segments.
    pub happened: f64,
    /// What the same curves expect at the money really spent, minus the promise: delivery.
    pub delivery: f64,
    /// What happened minus what the curves expect at the money really spent: response.
    pub response: f64,
    /// Value in segments that the plan did not fund or did not know.
    pub elsewhere: f64,
    /// Money planned.
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
    /// Money planned.
    pub planned: f64,
    /// Money spent.
    pub spent: f64,
    /// Value promised.
    pub promised: Range,
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
    /// The history holds nothing of the flight.
    #[error("the history has no rows between {start} and {end}")]
    NothingHappened {
        /// First day of the flight.
        start: String,
        /// Last day.
        end: String,
    },
}

impl Explain for ReviewError {
    fn explain(&self, language: Language) -> String {
        match self {
            Self::OtherCurrency(apart) => apart.explain(language),
            Self::NoCampaign => language.text("error-review-no-campaign"),
            Self::NothingHappened { start, end } => {
                language.say("error-review-nothing", &[("start", start), ("end", end)])
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

/// Compares a plan's promise with the panel of its flight.
///
/// `panel` holds the flight's rows only, split by the same attributes as the plan's segments.
///
/// # Errors
///
/// [`ReviewError`] for a plan without a campaign, an empty panel, or one of another currency.
pub fn review(plan: &Plan, panel: &Panel) -> Result<Review, ReviewError> {
    let campaign = plan.campaign.as_ref().ok_or(ReviewError::NoCampaign)?;
    let panel = &campaign.in_own_money(panel.clone())?;
    let outcomes = by_segment(panel, &campaign.points);
    if outcomes.is_empty() {
        return Err(ReviewError::NothingHappened {
            start: campaign.flight.start.to_string(),
            end: campaign.flight.end.to_string(),
        });
    }
    let funded = || plan.rows.iter().filter(|row| row.budget > 0.0);
    let rows: Vec<ReviewRow> = funded()
        .map(|row| {
            let (spent, happened) = outcomes.get(&row.segment).copied().unwrap_or_default();
            ReviewRow {
                segment: row.segment.clone(),
                planned: row.budget,
                spent,
                promised: row.value,
                expected_at_spent: mean_at(&row.curve, spent),
                happened,
            }
        })
        .collect();
    let known: Vec<&str> = rows.iter().map(|row| row.segment.as_str()).collect();
    let other = || outcomes.iter().filter(|(id, _)| !known.contains(&id.as_str()));
    let happened: f64 = rows.iter().map(|row| row.happened).sum();
    let expected: f64 = rows.iter().map(|row| row.expected_at_spent).sum();
    let promised: f64 = rows.iter().map(|row| row.promised.mean).sum();
    Ok(Review {
        promised: plan.value,
        happened,
        delivery: expected - promised,
        response: happened - expected,
        elsewhere: other().map(|(_, (_, value))| value).sum(),
        planned: rows.iter().map(|row| row.planned).sum(),
        spent: rows.iter().map(|row| row.spent).sum(),
        spent_elsewhere: other().map(|(_, (spent, _))| spent).sum(),
        inside: (plan.value.p10..=plan.value.p90).contains(&happened),
        missing: funded()
            .filter(|row| !outcomes.contains_key(&row.segment))
            .map(|row| row.segment.clone())
            .collect(),
        rows,
    })
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

/// Mean value of a row's curve at a spend, by linear interpolation; beyond its last point the
/// last slope is kept.
fn mean_at(curve: &[CurvePoint], spend: f64) -> f64 {
    let Some(pair) = curve
        .windows(2)
        .find(|pair| spend <= pair[1].spend)
        .or_else(|| curve.len().checked_sub(2).map(|start| &curve[start..]))
    else {
        return 0.0;
    };
    let slope = (pair[1].mean - pair[0].mean) / (pair[1].spend - pair[0].spend);
    pair[0].mean + slope * (spend - pair[0].spend)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_is_read_between_its_points_and_beyond() {
        let point = |spend, mean| CurvePoint { spend, p10: 0.0, mean, p90: 0.0 };
        let curve = [point(0.0, 0.0), point(10.0, 8.0), point(20.0, 12.0)];
        for (spend, mean) in [(0.0, 0.0), (5.0, 4.0), (15.0, 10.0), (30.0, 16.0)] {
            assert!((mean_at(&curve, spend) - mean).abs() < 1e-12, "{spend}");
        }
        assert_eq!(mean_at(&[], 5.0), 0.0);
    }
}
