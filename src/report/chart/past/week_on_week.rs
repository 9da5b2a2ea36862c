//! Active engagement by week, beside the same ISO week of the year before.

use std::collections::BTreeMap;

use crate::report::chart::draw::canvas::WIDTH;
use crate::report::chart::draw::canvas::{Align, Canvas, Point, Type};
use crate::report::chart::draw::figure::{Chart, Words};
use crate::report::chart::draw::layout::{MARGIN, apart, axis_room, left_axis};
use crate::report::chart::draw::palette::{BLUE, INK, Mark, ORANGE};
use crate::report::chart::draw::scale::Scale;
use crate::report::formatter::Formatter;
use crate::report::report_data::{ReportData, WeekTotals};
use crate::report::sheets::table::{Cell, Column, Table};
use crate::units::Week;

const NAME: &str = "week-on-week";
const HEIGHT: f64 = 340.0;
/// A year of weeks is shown.
const WEEKS: usize = 52;

/// One week beside its counterpart.
struct Pair<'a> {
    week: &'a WeekTotals,
    before: Option<&'a WeekTotals>,
}

/// The chart; `None` with fewer than two weeks of history.
pub(crate) fn chart(report_data: &ReportData, formatter: &Formatter) -> Option<Chart> {
    let weeks = &report_data.history.as_ref()?.weeks;
    if weeks.len() < 2 {
        return None;
    }
    let pairs = pairs(weeks);
    let last = pairs.last()?;
    let earlier = pairs.len().checked_sub(2).map(|at| pairs[at].week);
    let adjacent = earlier.filter(|week| week.week.plus(1) == last.week.week);
    // Without anything before there is nothing to be more or less than.
    let change = |from: Option<&WeekTotals>| {
        let from = from.filter(|week| week.active > 0.0)?;
        Some(formatter.signed_percent(last.week.active / from.active - 1.0))
    };
    let (weekly, yearly) = (change(adjacent), change(last.before));
    let variant = match (&weekly, &yearly) {
        (Some(_), Some(_)) => "",
        (Some(_), None) => "-young",
        (None, Some(_)) => "-yearly",
        (None, None) => "-alone",
    };
    let has_before = pairs.iter().any(|pair| pair.before.is_some());
    let words = Words::variant(
        formatter,
        NAME,
        [variant, if has_before { "" } else { "-alone" }, variant],
        &[
            ("week", &formatter.language.week(last.week.week)),
            ("active", &formatter.quantity(last.week.active)),
            ("weekly", &weekly.unwrap_or_default()),
            ("yearly", &yearly.unwrap_or_default()),
        ],
    );
    Some(Chart::new(NAME, words, table(&pairs, formatter), HEIGHT, |canvas| {
        paint(canvas, formatter, &pairs);
    }))
}

/// The last year of weeks, each with the same ISO week a year before; week 53 has week 52.
fn pairs(weeks: &[WeekTotals]) -> Vec<Pair<'_>> {
    let by_week: BTreeMap<Week, &WeekTotals> = weeks.iter().map(|w| (w.week, w)).collect();
    let from = weeks.len().saturating_sub(WEEKS);
    weeks[from..]
        .iter()
        .map(|week| Pair {
            week,
            before: a_year_before(week.week).and_then(|w| by_week.get(&w).copied()),
        })
        .collect()
}

fn a_year_before(week: Week) -> Option<Week> {
    let (year, number) = week.iso();
    let same = |number: i8| format!("{}-W{number:02}", year - 1).parse().ok();
    same(number).or_else(|| same(number - 1))
}

fn paint(canvas: &mut Canvas<'_>, formatter: &Formatter, pairs: &[Pair<'_>]) {
    let (top, bottom) = (14.0, HEIGHT - 34.0);
    let values = pairs.iter().flat_map(|p| [Some(p.week.active), p.before.map(|w| w.active)]);
    let y = Scale::from_zero(values.flatten(), bottom, top);
    let write = |value: f64| formatter.quantity(value);
    let left = axis_room(&y, 5, write);
    let right = WIDTH - 150.0;
    left_axis(canvas, &y, (left, right), 5, write);
    let step = (right - left - 16.0) / (pairs.len().max(2) - 1) as f64;
    let x = |i: usize| left + 8.0 + step * i as f64;
    for (i, pair) in pairs.iter().enumerate().step_by(pairs.len().div_ceil(7)) {
        let words = formatter.language.week(pair.week.week);
        canvas.line((x(i), bottom), (x(i), bottom + 4.0), INK, 1.0);
        canvas.words(&words, (x(i), bottom + 14.0), Type::tick(Align::Middle));
    }
    canvas.line((left, bottom), (right, bottom), INK, 1.0);
    let before = runs(pairs.iter().enumerate().map(|(i, p)| Some((x(i), y.at(p.before?.active)))));
    for run in &before {
        canvas.dashes(run, ORANGE, 1.8, 4.0);
    }
    let now: Vec<Point> =
        pairs.iter().enumerate().map(|(i, pair)| (x(i), y.at(pair.week.active))).collect();
    canvas.path(&now, BLUE, 2.4);
    if let Some(end) = now.last() {
        canvas.mark(Mark::Disc, *end, 4.5, BLUE);
    }
    let mut labels = vec![(formatter.text("chart-week-on-week-now"), now.last().copied(), BLUE)];
    if let Some(end) = before.last().and_then(|run| run.last()) {
        labels.push((formatter.text("chart-week-on-week-before"), Some(*end), ORANGE));
    }
    let wanted: Vec<f64> = labels.iter().map(|(_, at, _)| at.map_or(top, |at| at.1)).collect();
    for ((words, _, colour), at) in labels.iter().zip(apart(&wanted, 17.0, top, bottom)) {
        let kind = Type::label(*colour, Align::Left).bold();
        canvas.fitted(words, (right + 6.0, at), 150.0 - MARGIN, kind);
    }
}

/// Stretches of points without a gap.
fn runs(points: impl Iterator<Item = Option<Point>>) -> Vec<Vec<Point>> {
    let mut runs: Vec<Vec<Point>> = Vec::new();
    let mut open = false;
    for point in points {
        match point {
            Some(point) if open => runs.last_mut().expect("a run is open").push(point),
            Some(point) => runs.push(vec![point]),
            None => {}
        }
        open = point.is_some();
    }
    runs
}

fn table(pairs: &[Pair<'_>], formatter: &Formatter) -> Table {
    let mut table = Table::new(
        formatter.text("chart-week-on-week-table"),
        vec![
            Column::new(formatter, "report-column-week", 12.0),
            Column::new(formatter, "report-column-spend", 12.0),
            Column::new(formatter, "report-column-active", 14.0),
            Column::new(formatter, "report-column-week-change", 16.0),
            Column::new(formatter, "report-column-year-before", 18.0),
            Column::new(formatter, "report-column-year-change", 16.0),
        ],
    );
    let ratio = |now: f64, then: Option<f64>| {
        Cell::percent(then.filter(|then| *then > 0.0).map(|then| now / then - 1.0), 0)
    };
    table.rows = pairs
        .iter()
        .enumerate()
        .map(|(i, pair)| {
            let previous = i.checked_sub(1).map(|i| pairs[i].week);
            let weekly = previous.filter(|w| w.week.plus(1) == pair.week.week).map(|w| w.active);
            let before = pair.before.map(|week| week.active);
            vec![
                Cell::Week(pair.week.week),
                Cell::Money(pair.week.spend, 0),
                Cell::Number(pair.week.active, 0),
                ratio(pair.week.active, weekly),
                Cell::number(before, 0),
                ratio(pair.week.active, before),
            ]
        })
        .collect();
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn week_53_is_compared_with_week_52() {
        let week = |text: &str| text.parse::<Week>().unwrap();
        assert_eq!(a_year_before(week("2026-W53")), Some(week("2025-W52")));
        assert_eq!(a_year_before(week("2026-W47")), Some(week("2025-W47")));
    }
}
