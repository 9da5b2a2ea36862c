//! What the model predicted for weeks that it had not seen, beside what happened.

use crate::backtest::scores::PredictedPoint;
use crate::report::chart::draw::canvas::WIDTH;
use crate::report::chart::draw::canvas::{Align, Canvas, Type};
use crate::report::chart::draw::figure::{Chart, Words};
use crate::report::chart::draw::layout::{MARGIN, Sign, axis_room, key};
use crate::report::chart::draw::palette::{BLUE, FAINT, INK, Mark, ORANGE};
use crate::report::chart::draw::scale::Scale;
use crate::report::formatter::Formatter;
use crate::report::report_data::ReportData;
use crate::report::sheets::table::{Cell, Column, Table};

const NAME: &str = "predicted-observed";
const HEIGHT: f64 = 450.0;
/// Most points drawn and listed; more would be a blot.
const MOST: usize = 300;

/// The chart; `None` without a backtest.
pub(crate) fn chart(report_data: &ReportData, formatter: &Formatter) -> Option<Chart> {
    let backtest = report_data.backtest.as_ref()?;
    let score = backtest.scores.get("relais")?;
    if backtest.points.is_empty() || score.cells == 0 {
        return None;
    }
    let step = backtest.points.len().div_ceil(MOST);
    let points: Vec<&PredictedPoint> = backtest.points.iter().step_by(step).collect();
    Some(drawn(&points, score.predicted_over_observed, (score.coverage80, score.cells), formatter))
}

/// The chart of these predictions alone; `None` without any.
pub(crate) fn of_points(points: &[&PredictedPoint], formatter: &Formatter) -> Option<Chart> {
    if points.is_empty() {
        return None;
    }
    let sum = |of: fn(&PredictedPoint) -> f64| points.iter().map(|point| of(point)).sum::<f64>();
    let inside = points.iter().filter(|p| (p.p10..=p.p90).contains(&p.observed)).count();
    let kept = (inside as f64 / points.len() as f64, points.len());
    Some(drawn(points, sum(|p| p.mean) / sum(|p| p.observed), kept, formatter))
}

/// The chart of predictions: what they add up to beside what happened, the share inside, of how many.
fn drawn(
    points: &[&PredictedPoint],
    ratio: f64,
    (inside, cells): (f64, usize),
    formatter: &Formatter,
) -> Chart {
    // Nothing observed: no ratio.
    let words = Words::variant(
        formatter,
        NAME,
        ["", "", if ratio.is_finite() { "" } else { "-plain" }],
        &[
            ("ratio", &formatter.percent(ratio, 0)),
            ("inside", &formatter.percent(inside, 0)),
            ("cells", &formatter.quantity(cells as f64)),
            ("shown", &formatter.quantity(points.len() as f64)),
        ],
    );
    Chart::new(NAME, words, table(points, formatter), HEIGHT, |canvas| {
        paint(canvas, formatter, points);
    })
}

/// Counts are shown on a square-root scale: small and large ones stay apart.
fn root(value: f64) -> f64 {
    value.max(0.0).sqrt()
}

fn paint(canvas: &mut Canvas<'_>, formatter: &Formatter, points: &[&PredictedPoint]) {
    let signs = [
        (Sign::Point(Mark::Disc, BLUE), formatter.text("chart-predicted-observed-inside")),
        (Sign::Point(Mark::Triangle, ORANGE), formatter.text("chart-predicted-observed-outside")),
        (Sign::Dashes(INK), formatter.text("chart-predicted-observed-line")),
    ];
    let under = key(canvas, 0.0, &signs);
    let (top, bottom) = (under + 26.0, HEIGHT - 48.0);
    let high = points.iter().flat_map(|p| [p.observed, p.p90]).fold(1.0, f64::max);
    let ends = Scale::from_zero([high], 0.0, 1.0);
    let ticks = square_ticks(high);
    let y = Scale::new(0.0, root(high), bottom, top);
    let write = |value: f64| formatter.quantity(value);
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
        &formatter.text("chart-predicted-observed-y"),
        (MARGIN, under + 8.0),
        Type::tick(Align::Left),
    );
    let below = (f64::midpoint(left, right), bottom + 34.0);
    canvas.words(&formatter.text("chart-predicted-observed-x"), below, Type::tick(Align::Middle));
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

fn table(points: &[&PredictedPoint], formatter: &Formatter) -> Table {
    let mut table = Table::new(
        formatter.text("chart-predicted-observed-table"),
        vec![
            Column::new(formatter, "report-column-segment", 40.0),
            Column::new(formatter, "report-column-week", 12.0),
            Column::new(formatter, "report-column-predicted", 12.0),
            Column::new(formatter, "report-column-p10", 10.0),
            Column::new(formatter, "report-column-p90", 10.0),
            Column::new(formatter, "report-column-observed", 12.0),
        ],
    );
    table.rows = points
        .iter()
        .map(|p| {
            vec![
                Cell::Text(formatter.name(&p.segment)),
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
