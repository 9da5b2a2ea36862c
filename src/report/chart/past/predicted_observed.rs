//! What the model predicted for weeks that it had not seen, beside what happened.

use crate::backtest::scores::PredictedPoint;
use crate::report::chart::draw::canvas::WIDTH;
use crate::report::chart::draw::canvas::{Align, Canvas, Type};
use crate::report::chart::draw::figure::{Chart, Words};
use crate::report::chart::draw::layout::{MARGIN, Sign, axis_room, key};
use crate::report::chart::draw::palette::{BLUE, FAINT, INK, Mark, ORANGE};
use crate::report::chart::draw::scale::Scale;
use crate::report::dossier::Dossier;
use crate::report::sheets::table::{Cell, Column, Table};
use crate::report::voice::Voice;

const NAME: &str = "predicted-observed";
const HEIGHT: f64 = 450.0;
/// Most points drawn and listed; more would be a blot.
const MOST: usize = 300;

/// The chart; `None` without a backtest.
pub(crate) fn chart(dossier: &Dossier, voice: &Voice) -> Option<Chart> {
    let backtest = dossier.backtest.as_ref()?;
    let score = backtest.scores.get("relais")?;
    if backtest.points.is_empty() || score.cells == 0 {
        return None;
    }
    let step = backtest.points.len().div_ceil(MOST);
    let points: Vec<&PredictedPoint> = backtest.points.iter().step_by(step).collect();
    // Nothing observed: no ratio.
    let has_ratio = score.predicted_over_observed.is_finite();
    let words = Words::variant(
        voice,
        NAME,
        ["", "", if has_ratio { "" } else { "-plain" }],
        &[
            ("ratio", &voice.percent(score.predicted_over_observed, 0)),
            ("inside", &voice.percent(score.coverage80, 0)),
            ("cells", &voice.quantity(score.cells as f64)),
            ("shown", &voice.quantity(points.len() as f64)),
        ],
    );
    Some(Chart::new(NAME, words, table(&points, voice), HEIGHT, |canvas| {
        paint(canvas, voice, &points);
    }))
}

/// Counts are shown on a square-root scale: small and large ones stay apart.
fn root(value: f64) -> f64 {
    value.max(0.0).sqrt()
}

fn paint(canvas: &mut Canvas<'_>, voice: &Voice, points: &[&PredictedPoint]) {
    let signs = [
        (Sign::Point(Mark::Disc, BLUE), voice.text("chart-predicted-observed-inside")),
        (Sign::Point(Mark::Triangle, ORANGE), voice.text("chart-predicted-observed-outside")),
        (Sign::Dashes(INK), voice.text("chart-predicted-observed-line")),
    ];
    let under = key(canvas, 0.0, &signs);
    let (top, bottom) = (under + 26.0, HEIGHT - 48.0);
    let high = points.iter().flat_map(|p| [p.observed, p.p90]).fold(1.0, f64::max);
    let ends = Scale::from_zero([high], 0.0, 1.0);
    let ticks = square_ticks(high);
    let y = Scale::new(0.0, root(high), bottom, top);
    let write = |value: f64| voice.quantity(value);
    let left = axis_room(&ends, 4, write);
    let right = left + (WIDTH - left - MARGIN).min(1.75 * (bottom - top));
    let x = Scale::new(0.0, root(high), left, right);
    for tick in ticks {
        let at = root(tick);
        canvas.grid((left, y.at(at)), (right, y.at(at)));
        canvas.grid((x.at(at), top), (x.at(at), bottom));
        canvas.words(&write(tick), (left - 7.0, y.at(at)), Type::tick(Align::Right));
        canvas.words(&write(tick), (x.at(at), bottom + 13.0), Type::tick(Align::Middle));
    }
    for point in points {
        let inside = (point.p10..=point.p90).contains(&point.observed);
        let (colour, mark) = if inside { (BLUE, Mark::Disc) } else { (ORANGE, Mark::Triangle) };
        let at = (x.at(root(point.mean)), y.at(root(point.observed)));
        let (low, high) = (x.at(root(point.p10)), x.at(root(point.p90)));
        canvas.line((low, at.1), (high, at.1), if inside { FAINT } else { ORANGE }, 0.5);
        canvas.mark(mark, at, 3.2, colour);
    }
    canvas.dashes(&[(left, bottom), (right, top)], INK, 1.5, 5.0);
    canvas.words(
        &voice.text("chart-predicted-observed-y"),
        (MARGIN, under + 8.0),
        Type::tick(Align::Left),
    );
    let below = (f64::midpoint(left, right), bottom + 34.0);
    canvas.words(&voice.text("chart-predicted-observed-x"), below, Type::tick(Align::Middle));
}

/// Round numbers whose roots spread well below `high`.
fn square_ticks(high: f64) -> Vec<f64> {
    let mut ticks = vec![0.0];
    let mut power = 10_f64.powf(high.log10().floor());
    let mut below: Vec<f64> = Vec::new();
    for _ in 0..3 {
        below.extend([5.0, 2.0, 1.0].map(|f| f * power).into_iter().filter(|t| *t <= high));
        power /= 10.0;
    }
    let mut last = f64::INFINITY;
    for tick in below {
        // At least a tenth of the axis between two numbers, and from zero.
        let is_clear = last - root(tick) >= 0.1 * root(high) && root(tick) >= 0.1 * root(high);
        if last.is_infinite() || is_clear {
            ticks.push(tick);
            last = root(tick);
        }
    }
    ticks
}

fn table(points: &[&PredictedPoint], voice: &Voice) -> Table {
    let mut table = Table::new(
        voice.text("chart-predicted-observed-table"),
        vec![
            Column::new(voice, "report-column-segment", 40.0),
            Column::new(voice, "report-column-week", 12.0),
            Column::new(voice, "report-column-predicted", 12.0),
            Column::new(voice, "report-column-p10", 10.0),
            Column::new(voice, "report-column-p90", 10.0),
            Column::new(voice, "report-column-observed", 12.0),
        ],
    );
    table.rows = points
        .iter()
        .map(|p| {
            vec![
                Cell::Text(voice.name(&p.segment)),
                Cell::Week(p.week),
                Cell::Number(p.mean, 1),
                Cell::Number(p.p10, 1),
                Cell::Number(p.p90, 1),
                Cell::Number(p.observed, 0),
            ]
        })
        .collect();
    table
}
