//! Charts, one per file: each is drawn once as SVG, and its PNG is made from that SVG.
//!
//! A chart is a finding: its title says what it shows, its alternative text what to see in it,
//! and its table holds every number. To add one, copy `plan/weekly_fan.rs`, and name it in [`all`].

mod compare;
pub(crate) mod draw;
mod past;
mod plan;
mod schedule;

pub use self::draw::figure::Chart;

use rayon::prelude::*;

use super::compare::Run;
use super::formatter::Formatter;
use super::report_data::{KeptPromise, ReportData};
use crate::backtest::scores::PredictedPoint;
use crate::experiment::Protocol;
use crate::review::Review;

type Drawer = fn(&ReportData, &Formatter) -> Option<Chart>;

/// All charts that a dossier has data for, in the order of the report.
#[must_use]
pub fn all(report_data: &ReportData, formatter: &Formatter) -> Vec<Chart> {
    let drawers: [Drawer; 15] = [
        plan::split::chart,
        plan::budget_change::chart,
        plan::response_curves::chart,
        plan::marginal_return::chart,
        plan::outcome_distribution::chart,
        plan::weekly_fan::chart,
        plan::budget_curve::chart,
        plan::carbon_frontier::chart,
        plan::weight_sensitivity::chart,
        plan::active_or_followers::chart,
        plan::heat_map::chart,
        past::week_on_week::chart,
        past::predicted_observed::chart,
        past::calibration::chart,
        past::promise_kept::chart,
    ];
    let charts: Vec<Option<Chart>> =
        drawers.par_iter().map(|drawer| drawer(report_data, formatter)).collect();
    charts.into_iter().flatten().collect()
}

/// The charts of a dossier that holds one audience, beside the predictions that are known of it.
#[must_use]
pub fn of_audience(
    report_data: &ReportData,
    points: &[&PredictedPoint],
    formatter: &Formatter,
) -> Vec<Chart> {
    let charts = [
        plan::response_curves::chart(report_data, formatter),
        plan::marginal_return::chart(report_data, formatter),
        past::week_on_week::chart(report_data, formatter),
        past::predicted_observed::of_points(points, formatter),
    ];
    charts.into_iter().flatten().collect()
}

/// What finished flights promised beside what happened.
#[must_use]
pub fn of_flights(kept: &[KeptPromise], formatter: &Formatter) -> Option<Chart> {
    past::promise_kept::of_flights(kept, formatter)
}

/// The charts of a finished flight: why it differs from its promise, and where.
#[must_use]
pub fn of_review(review: &Review, formatter: &Formatter) -> Vec<Chart> {
    let segments = past::review_segments::chart(review, formatter);
    [past::review_causes::chart(review, formatter)].into_iter().chain(segments).collect()
}

/// The calendar of a test.
#[must_use]
pub fn of_test(protocol: &Protocol, formatter: &Formatter) -> Option<Chart> {
    schedule::chart(protocol, formatter)
}

/// The promises of several runs.
#[must_use]
pub fn of_promises(runs: &[Run<'_>], formatter: &Formatter) -> Option<Chart> {
    compare::promise::chart(runs, formatter)
}

/// What two runs give to each segment.
#[must_use]
pub fn of_splits(before: &Run<'_>, after: &Run<'_>, formatter: &Formatter) -> Option<Chart> {
    compare::split::chart(before, after, formatter)
}
