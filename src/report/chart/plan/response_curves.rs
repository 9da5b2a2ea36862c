//! Response curves: what each segment's money brings, as small multiples.

use crate::report::chart::draw::canvas::WIDTH;
use crate::report::chart::draw::figure::{Chart, Words};

use crate::allocate::plan::row::{CurvePoint, Row};
use crate::allocate::plan::{Plan, Source};
use crate::report::chart::draw::canvas::{Align, Canvas, Point, Type};
use crate::report::chart::draw::layout::{MARGIN, Sign, key, roomy};
use crate::report::chart::draw::palette::{BLUE, INK, Mark, ORANGE, SEEN};
use crate::report::chart::draw::scale::Scale;
use crate::report::formatter::Formatter;
use crate::report::report_data::ReportData;
use crate::report::sheets::table::{Cell, Column, Table};
use crate::segment::JOINT;

const NAME: &str = "response-curves";
/// Most panels: six rows of four fill a screen, and most of a printed page.
const MOST: usize = 24;

/// The chart; `None` without curves.
pub(crate) fn chart(report_data: &ReportData, formatter: &Formatter) -> Option<Chart> {
    let rows = rows(&report_data.plan);
    let first = rows.first()?;
    let shown = &rows[..rows.len().min(MOST)];
    let grid = Grid::new(shown.len());
    let n = formatter.count("chart-n-segments", rows.len(), &[]);
    let weeks = report_data.plan.rows.iter().map(|row| row.weeks.len()).max().unwrap_or(1).max(1);
    let worn = shown.iter().any(|row| wears_out(row, weeks as f64));
    let worn = if worn { formatter.text("chart-response-curves-worn") } else { String::new() };
    let hidden = formatter.count("chart-hidden", rows.len() - shown.len(), &[]);
    let flattens = shown.iter().all(|row| flattens(row));
    let words = Words::variant(
        formatter,
        NAME,
        [if flattens { "" } else { "-plain" }, "", ""],
        &[
            ("name", &formatter.spoken(&first.segment)),
            ("budget", &formatter.money(first.budget)),
            ("value", &formatter.quantity(first.value.mean)),
            ("n", &n),
            ("hidden", if rows.len() > shown.len() { &hidden } else { "" }),
            ("beyond", &beyond(&report_data.plan, &rows, formatter)),
            ("worn", &worn),
        ],
    );
    let height = 48.0 + grid.height();
    Some(Chart::new(NAME, words, table(&rows, formatter), height, |canvas| {
        let top = legend(canvas, formatter);
        for (place, row) in shown.iter().enumerate() {
            panel(canvas, formatter, row, weeks as f64, grid.cell(place, top));
        }
    }))
}

/// Rows with a curve that are or were funded, most money first.
fn rows(plan: &Plan) -> Vec<&Row> {
    let mut rows: Vec<&Row> = plan
        .rows
        .iter()
        .filter(|row| row.curve.len() > 1)
        .filter(|row| row.budget > 0.0 || row.last.is_some_and(|last| last > 0.0))
        .collect();
    rows.sort_by(|a, b| {
        let money = b.budget.total_cmp(&a.budget);
        money.then(b.last.unwrap_or(0.0).total_cmp(&a.last.unwrap_or(0.0)))
    });
    rows
}

/// What the history has seen of the money that the plan gives; nothing of given curves, which know
/// no history.
fn beyond(plan: &Plan, rows: &[&Row], formatter: &Formatter) -> String {
    let source = plan.promise.map(|promise| promise.actions.source);
    if source == Some(Source::Curves) {
        return String::new();
    }
    let funded = || rows.iter().filter(|row| row.budget > 0.0);
    let unseen = funded().filter(|row| row.observed_spend <= 0.0).count();
    let bending = funded().filter(|row| row.observed_spend > 0.0 && row.extrapolates).count();
    let mut told = Vec::new();
    if unseen == 0 || bending > 0 {
        told.push(formatter.count("chart-response-curves-beyond", bending, &[]));
    }
    if unseen > 0 {
        told.push(formatter.count("chart-response-curves-unseen", unseen, &[]));
    }
    told.join(" ")
}

/// Whether each step of money in what is drawn brings no more than the one before.
fn flattens(row: &Row) -> bool {
    let slope = |pair: &[CurvePoint]| {
        (pair[1].mean - pair[0].mean) / (pair[1].spend - pair[0].spend).max(f64::MIN_POSITIVE)
    };
    let slopes: Vec<f64> = row.curve.windows(2).map(slope).collect();
    let slack = 1e-6 * slopes.iter().fold(0.0, |most: f64, slope| most.max(slope.abs()));
    slopes.windows(2).all(|pair| pair[1] <= pair[0] + slack)
}

/// Whether the curve comes down again in what is drawn: the memory of so many exposures in one week
/// takes more from the weeks after than it brings.
fn wears_out(row: &Row, weeks: f64) -> bool {
    let drawn = until(&row.curve, region(row, row.observed_spend * weeks).1);
    let top = drawn.iter().map(|point| point.mean).fold(0.0, f64::max);
    drawn.last().is_some_and(|last| last.mean < 0.97 * top)
}

fn legend(canvas: &mut Canvas<'_>, formatter: &Formatter) -> f64 {
    let signs = [
        (Sign::Point(Mark::Square, ORANGE), formatter.text("chart-last-split")),
        (Sign::Point(Mark::Disc, BLUE), formatter.text("chart-plan")),
        (Sign::Block(BLUE, 0.22), formatter.text("chart-band")),
        (Sign::Block(SEEN, 1.0), formatter.text("chart-seen")),
        (Sign::Dashes(BLUE), formatter.text("chart-beyond")),
    ];
    key(canvas, 0.0, &signs)
}

/// Where the panels stand.
struct Grid {
    columns: usize,
    rows: usize,
    cell: (f64, f64),
}

/// A panel's place: upper left corner, width, height.
type Place = (Point, f64, f64);

impl Grid {
    fn new(n: usize) -> Self {
        let (columns, height) = match n {
            1 => (1, 300.0),
            2..=4 => (2, 225.0),
            5..=12 => (3, 180.0),
            _ => (4, 134.0),
        };
        let width = (WIDTH - 2.0 * MARGIN) / columns as f64;
        Self { columns, rows: n.div_ceil(columns), cell: (width, height) }
    }

    fn height(&self) -> f64 {
        self.rows as f64 * self.cell.1 + 6.0
    }

    fn cell(&self, place: usize, top: f64) -> Place {
        let (column, row) = (place % self.columns, place / self.columns);
        let (width, height) = self.cell;
        ((MARGIN + column as f64 * width, top + row as f64 * height), width, height)
    }
}

fn panel(canvas: &mut Canvas<'_>, formatter: &Formatter, row: &Row, weeks: f64, place: Place) {
    let ((left, top), width, height) = place;
    let (plot_left, plot_right) = (left + 44.0, left + width - 12.0);
    let (plot_top, plot_bottom) = (top + 44.0, top + height - 24.0);
    name(canvas, &formatter.label_words(&row.segment), (left + 2.0, top + 12.0), width - 14.0);
    let seen = row.observed_spend * weeks;
    let (low, high) = region(row, seen);
    let x = Scale::new(low, high, plot_left, plot_right);
    let points = until(&row.curve, high);
    let y = Scale::from_zero(points.iter().map(|point| point.p90), plot_bottom, plot_top);
    canvas.block((x.at(0.0), plot_top), (x.at(seen.clamp(0.0, high)), plot_bottom), SEEN, 1.0);
    axes(canvas, formatter, &x, &y, (plot_left, plot_right, plot_bottom));
    curve(canvas, &points, seen, &x, &y);
    if let Some(last) = row.last {
        canvas.mark(Mark::Square, (x.at(last), y.at(at(&row.curve, last))), 5.2, ORANGE);
    }
    canvas.mark(Mark::Disc, (x.at(row.budget), y.at(at(&row.curve, row.budget))), 4.5, BLUE);
}

/// The money that decides, as the ends of a panel's axis: from a little below nothing, so that an
/// audience which the plan stops is not lost in the corner, to a third above the larger of plan and
/// last split; further, up to twice that, where the edge of what was seen lies there.
fn region(row: &Row, seen: f64) -> (f64, f64) {
    let most = row.budget.max(row.last.unwrap_or(0.0));
    let end = row.curve.last().map_or(0.0, |point| point.spend);
    let most = if most > 0.0 { most } else { end };
    let wanted = (1.35 * most).max((1.05 * seen).min(2.0 * most));
    let high = wanted.min(end).max(1.08 * most);
    (-0.08 * high, high)
}

/// The points of a curve up to a spend, the last one in between where it must be.
fn until(points: &[CurvePoint], end: f64) -> Vec<CurvePoint> {
    let mut kept: Vec<CurvePoint> =
        points.iter().copied().take_while(|point| point.spend <= end).collect();
    if let (Some(a), Some(b)) = (kept.last().copied(), points.get(kept.len()).copied()) {
        let share = (end - a.spend) / (b.spend - a.spend);
        let mix = |from: f64, to: f64| from + share * (to - from);
        kept.push(CurvePoint {
            spend: end,
            p10: mix(a.p10, b.p10),
            mean: mix(a.mean, b.mean),
            p90: mix(a.p90, b.p90),
        });
    }
    kept
}

/// A name on up to two lines: its first part in bold, the rest below.
fn name(canvas: &mut Canvas<'_>, label: &[String], at: Point, room: f64) {
    let (first, rest) = label.split_first().map_or(("", &[][..]), |(first, rest)| (first, rest));
    let bold = Type::label(INK, Align::Left).bold().size(11.5);
    canvas.fitted(first, at, room, bold);
    let small = Type::label(INK, Align::Left).size(11.0);
    canvas.fitted(&rest.join(JOINT), (at.0, at.1 + 14.0), room, small);
}

fn axes(
    canvas: &mut Canvas<'_>,
    formatter: &Formatter,
    x: &Scale,
    y: &Scale,
    (left, right, bottom): (f64, f64, f64),
) {
    for tick in y.ticks(2) {
        canvas.grid((left, y.at(tick)), (right, y.at(tick)));
        let number = formatter.language.number(tick, y.decimals(2));
        canvas.words(&number, (left - 5.0, y.at(tick)), Type::tick(Align::Right));
    }
    let ticks: Vec<(f64, String)> = x
        .ticks(3)
        .into_iter()
        .filter(|tick| *tick >= 0.0)
        .map(|tick| (x.at(tick), formatter.language.money(tick, formatter.currency)))
        .collect();
    for (at, _) in &ticks {
        canvas.line((*at, bottom), (*at, bottom + 4.0), INK, 1.0);
    }
    for (at, number) in roomy(&ticks, 6.0) {
        // Numbers stay within their own panel.
        let half = crate::report::chart::draw::font::width(number, 11.0, false) / 2.0;
        let middle = at.min(right + 10.0 - half);
        canvas.words(number, (middle, bottom + 12.0), Type::tick(Align::Middle));
    }
    canvas.line((left, bottom), (right, bottom), INK, 1.0);
}

fn curve(canvas: &mut Canvas<'_>, points: &[CurvePoint], seen: f64, x: &Scale, y: &Scale) {
    let upper = points.iter().map(|p| (x.at(p.spend), y.at(p.p90)));
    let lower = points.iter().rev().map(|p| (x.at(p.spend), y.at(p.p10)));
    let band: Vec<Point> = upper.chain(lower).collect();
    canvas.area(&band, BLUE, 0.22);
    let place = |p: &CurvePoint| (x.at(p.spend), y.at(p.mean));
    let edge = (x.at(seen), y.at(at(points, seen)));
    let mut known: Vec<Point> = points.iter().filter(|p| p.spend <= seen).map(place).collect();
    let mut beyond: Vec<Point> = points.iter().filter(|p| p.spend > seen).map(place).collect();
    if !known.is_empty() && !beyond.is_empty() {
        known.push(edge);
        beyond.insert(0, edge);
    }
    canvas.path(&known, BLUE, 2.0);
    canvas.dashes(&beyond, BLUE, 2.0, 3.0);
}

/// Mean value of a curve at a spend, straight between its points.
fn at(points: &[CurvePoint], spend: f64) -> f64 {
    let after = points.iter().position(|p| p.spend >= spend);
    match after {
        Some(0) => points[0].mean,
        None => points.last().map_or(0.0, |p| p.mean),
        Some(i) => {
            let (a, b) = (points[i - 1], points[i]);
            a.mean + (b.mean - a.mean) * (spend - a.spend) / (b.spend - a.spend)
        }
    }
}

fn table(rows: &[&Row], formatter: &Formatter) -> Table {
    let mut table = Table::new(
        formatter.text("chart-response-curves-table"),
        vec![
            Column::new(formatter, "report-column-segment", 40.0),
            Column::new(formatter, "report-column-last", 12.0),
            Column::new(formatter, "report-column-budget", 12.0),
            Column::new(formatter, "report-column-value", 12.0),
            Column::new(formatter, "report-column-value-range", 16.0),
            Column::new(formatter, "report-column-seen", 14.0),
            Column::new(formatter, "report-column-beyond", 12.0),
        ],
    );
    table.rows = rows
        .iter()
        .map(|row| {
            vec![
                Cell::Text(formatter.name(&row.segment)),
                Cell::money(row.last, 0),
                Cell::Money(row.budget, 0),
                Cell::Number(row.value.mean, 0),
                Cell::Range(row.value.p10, row.value.p90, 0),
                Cell::Money(row.observed_spend, 0),
                Cell::Text(formatter.text(if row.extrapolates {
                    "report-yes"
                } else {
                    "report-no"
                })),
            ]
        })
        .collect();
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::example;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn plan_and_last_split_never_stand_at_an_edge_of_their_axis(
            budget in prop_oneof![Just(0.0), 0.01..1e6_f64],
            last in proptest::option::of(prop_oneof![Just(0.0), 0.01..1e6_f64]),
            top in 1.0..1e4_f64,
            observed in 0.0..1e7_f64,
        ) {
            let mut row = example::report_data(1).plan.rows.remove(0);
            (row.budget, row.last, row.observed_spend) = (budget, last, observed);
            let most = budget.max(last.unwrap_or(0.0)).max(1.0) * top;
            let point = |j: usize| {
                let spend = most * j as f64 / 16.0;
                CurvePoint { spend, p10: 0.0, mean: spend.sqrt(), p90: 2.0 * spend.sqrt() }
            };
            row.curve = (0..=16).map(point).collect();
            let seen = observed * 6.0;
            let (low, high) = region(&row, seen);
            let x = Scale::new(low, high, 0.0, 1.0);
            for money in [Some(budget), last].into_iter().flatten() {
                let place = x.at(money);
                prop_assert!((0.05..=0.95).contains(&place), "{money} at {place} of {low}..{high}");
            }
            let drawn = until(&row.curve, high);
            prop_assert!(drawn.len() > 1 && drawn.iter().all(|p| p.spend <= high * (1.0 + 1e-12)));
            let end = drawn[drawn.len() - 1].spend;
            prop_assert!((end - high.min(most)).abs() <= 1e-9 * high, "{end} of {high}");
        }
    }
}
