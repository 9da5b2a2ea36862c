//! The flight week by week: median and 80 % band of the plan, median of the last split.

use crate::report::chart::draw::canvas::WIDTH;
use crate::report::chart::draw::figure::{Chart, Words};

use crate::allocate::rules::policy::PolicyName;
use crate::report::chart::draw::canvas::{Align, Canvas, Point, Type};
use crate::report::chart::draw::layout::{MARGIN, apart, axis_room, left_axis};
use crate::report::chart::draw::palette::{BLUE, GREY, INK, Mark, ORANGE};
use crate::report::chart::draw::scale::Scale;
use crate::report::formatter::Formatter;
use crate::report::report_data::ReportData;
use crate::report::sheets::table::{Cell, Column, Table};
use crate::simulate::outcomes::{Outcomes, Spread};
use crate::units::Week;

const NAME: &str = "weekly-fan";
const HEIGHT: f64 = 330.0;

/// The chart; `None` without a simulation by week.
pub(crate) fn chart(report_data: &ReportData, formatter: &Formatter) -> Option<Chart> {
    let outcomes = report_data.outcomes.as_ref()?;
    let plan = weekly(outcomes, PolicyName::Plan)?;
    let last = weekly(outcomes, PolicyName::Last);
    let (best, top) = plan.iter().enumerate().max_by(|a, b| a.1.p50.total_cmp(&b.1.p50))?;
    let words = Words::variant(
        formatter,
        NAME,
        [strongest(plan), "", strongest(plan)],
        &[
            ("week", &formatter.language.week(*outcomes.weeks.get(best)?)),
            ("median", &formatter.quantity(top.p50)),
            ("low", &formatter.quantity(top.p10)),
            ("high", &formatter.quantity(top.p90)),
            ("n", &formatter.count("chart-n-weeks", plan.len(), &[])),
        ],
    );
    let table = table(outcomes, plan, last, formatter);
    Some(Chart::new(NAME, words, table, HEIGHT, |canvas| {
        paint(canvas, formatter, &outcomes.weeks, plan, last);
    }))
}

/// How the best week stands out: not where there is one, where all are as good, or where another
/// is as good to the figure shown.
fn strongest(plan: &[Spread]) -> &'static str {
    let medians = || plan.iter().map(|week| week.p50);
    let top = medians().fold(f64::NEG_INFINITY, f64::max);
    let near = |by: f64| medians().filter(|median| top - median <= by * top.abs()).count();
    match plan.len() {
        1 => "-one",
        n if near(0.02) == n => "-even",
        _ if near(0.001) > 1 => "-tied",
        _ => "",
    }
}

fn weekly(outcomes: &Outcomes, policy: PolicyName) -> Option<&[Spread]> {
    let policy = outcomes.policies.iter().find(|p| p.name == policy)?;
    let whole = !policy.weekly.is_empty() && policy.weekly.len() == outcomes.weeks.len();
    whole.then_some(policy.weekly.as_slice())
}

fn paint(
    canvas: &mut Canvas<'_>,
    formatter: &Formatter,
    weeks: &[Week],
    plan: &[Spread],
    last: Option<&[Spread]>,
) {
    let (top, bottom) = (16.0, HEIGHT - 34.0);
    let y = Scale::from_zero(plan.iter().map(|week| week.p90), bottom, top);
    let write = |value: f64| formatter.quantity(value);
    let left = axis_room(&y, 5, write);
    let right = WIDTH - 190.0;
    left_axis(canvas, &y, (left, right), 5, write);
    let x = |i: usize| left + 24.0 + (right - left - 48.0) * place(i, weeks.len());
    for (i, week) in weeks.iter().enumerate().step_by(weeks.len().div_ceil(9)) {
        canvas.words(
            &formatter.language.week(*week),
            (x(i), bottom + 14.0),
            Type::tick(Align::Middle),
        );
    }
    let upper = plan.iter().enumerate().map(|(i, week)| (x(i), y.at(week.p90)));
    let lower = plan.iter().enumerate().rev().map(|(i, week)| (x(i), y.at(week.p10)));
    let band: Vec<Point> = upper.chain(lower).collect();
    canvas.area(&band, BLUE, 0.18);
    let line = |of: &[Spread]| -> Vec<Point> {
        of.iter().enumerate().map(|(i, week)| (x(i), y.at(week.p50))).collect()
    };
    if plan.len() == 1 {
        canvas.line((x(0), y.at(plan[0].p10)), (x(0), y.at(plan[0].p90)), BLUE, 6.0);
    }
    let mut labels = vec![
        (formatter.text("chart-weekly-fan-high"), plan.last().map(|w| w.p90), GREY),
        (formatter.text("chart-weekly-fan-median"), plan.last().map(|w| w.p50), BLUE),
        (formatter.text("chart-weekly-fan-low"), plan.last().map(|w| w.p10), GREY),
    ];
    if let Some(last) = last {
        canvas.dashes(&line(last), ORANGE, 2.0, 5.0);
        labels.push((formatter.text("chart-weekly-fan-last"), last.last().map(|w| w.p50), ORANGE));
    }
    canvas.path(&line(plan), BLUE, 2.5);
    for point in line(plan) {
        canvas.mark(Mark::Disc, point, 4.0, BLUE);
    }
    canvas.line((left, bottom), (right, bottom), INK, 1.0);
    let wanted: Vec<f64> = labels.iter().map(|(_, at, _)| y.at(at.unwrap_or(0.0))).collect();
    let places = apart(&wanted, 16.0, top, bottom);
    for ((words, _, colour), at) in labels.iter().zip(places) {
        let kind = Type::label(*colour, Align::Left);
        canvas.fitted(words, (right + 2.0, at), 190.0 - MARGIN, kind);
    }
}

/// Place of the `i`-th of `n` between 0 and 1; the middle when it is alone.
fn place(i: usize, n: usize) -> f64 {
    if n < 2 { 0.5 } else { i as f64 / (n - 1) as f64 }
}

fn table(
    outcomes: &Outcomes,
    plan: &[Spread],
    last: Option<&[Spread]>,
    formatter: &Formatter,
) -> Table {
    let mut table = Table::new(
        formatter.text("chart-weekly-fan-table"),
        vec![
            Column::new(formatter, "report-column-week", 12.0),
            Column::new(formatter, "report-column-p10", 12.0),
            Column::new(formatter, "report-column-p50", 12.0),
            Column::new(formatter, "report-column-p90", 12.0),
            Column::new(formatter, "report-column-last-median", 16.0),
        ],
    );
    table.rows = outcomes
        .weeks
        .iter()
        .zip(plan)
        .enumerate()
        .map(|(i, (week, spread))| {
            vec![
                Cell::Week(*week),
                Cell::Number(spread.p10, 0),
                Cell::Number(spread.p50, 0),
                Cell::Number(spread.p90, 0),
                Cell::number(last.and_then(|last| last.get(i)).map(|week| week.p50), 0),
            ]
        })
        .collect();
    table
}
