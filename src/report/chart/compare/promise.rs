//! The promises of several runs, one under the other.

use crate::report::chart::draw::canvas::WIDTH;
use crate::report::chart::draw::canvas::{Align, Canvas, Type};
use crate::report::chart::draw::figure::{Chart, Words};
use crate::report::chart::draw::layout::{MARGIN, Sign, key, names_room, top_axis};
use crate::report::chart::draw::palette::{BLUE, INK, Mark};
use crate::report::chart::draw::scale::Scale;
use crate::report::compare::Run;
use crate::report::formatter::Formatter;
use crate::report::sheets::table::{Cell, Column, Table};
use crate::report::sheets::tables;

const NAME: &str = "compare-promise";
const ROW: f64 = 34.0;

/// The chart; `None` with fewer than two runs.
pub(crate) fn chart(runs: &[Run<'_>], formatter: &Formatter) -> Option<Chart> {
    let (first, last) = (runs.first()?, runs.last()?);
    if runs.len() < 2 {
        return None;
    }
    let mean = |run: &Run<'_>| run.report_data.plan.actions.mean;
    let change = if mean(first) > 0.0 { mean(last) / mean(first) - 1.0 } else { 0.0 };
    let most = runs.iter().reduce(|a, b| if mean(b) > mean(a) { b } else { a }).unwrap_or(last);
    let arguments: [(&str, &str); 5] = [
        ("change", &formatter.signed_percent(change)),
        ("before", &formatter.quantity(mean(first))),
        ("after", &formatter.quantity(mean(last))),
        ("name", &most.name),
        ("most", &formatter.quantity(mean(most))),
    ];
    let mut words = Words::new(formatter, NAME, &arguments);
    if runs.len() > 2 {
        words.title = formatter.say("chart-compare-promise-title-many", &arguments);
        words.alternative = formatter.say("chart-compare-promise-alt-many", &arguments);
    }
    let height = 72.0 + ROW * runs.len() as f64;
    Some(Chart::new(NAME, words, table(runs, formatter), height, |canvas| {
        paint(canvas, formatter, runs);
    }))
}

fn paint(canvas: &mut Canvas<'_>, formatter: &Formatter, runs: &[Run<'_>]) {
    let signs = [
        (Sign::Point(Mark::Disc, BLUE), formatter.text("chart-compare-promise-mean")),
        (Sign::Block(BLUE, 0.22), formatter.text("chart-compare-promise-range")),
    ];
    let top = key(canvas, 0.0, &signs) + 26.0;
    let bottom = top + ROW * runs.len() as f64;
    let left = names_room(runs.iter().map(|run| run.name.as_str()), 280.0);
    let promised = |run: &Run<'_>| {
        let promised = tables::promised(run.report_data);
        (promised.p10, promised.p90)
    };
    let ends: Vec<(f64, f64)> = runs.iter().map(promised).collect();
    let x = Scale::from_zero(ends.iter().map(|end| end.1), left + 8.0, WIDTH - MARGIN - 90.0);
    top_axis(canvas, &x, (top, bottom), 6, |value| formatter.quantity(value));
    for (i, (run, (low, high))) in runs.iter().zip(ends).enumerate() {
        let y = top + ROW * (i as f64 + 0.5);
        let label = Type::label(INK, Align::Right);
        canvas.fitted(&run.name, (left - 8.0, y), left - MARGIN - 10.0, label);
        canvas.block((x.at(low), y - 7.0), (x.at(high), y + 7.0), BLUE, 0.22);
        canvas.frame((x.at(low), y - 7.0), (x.at(high), y + 7.0), BLUE, 0.8);
        let mean = run.report_data.plan.actions.mean;
        canvas.mark(Mark::Disc, (x.at(mean), y), 5.0, BLUE);
        let number = Type::label(BLUE, Align::Left).bold();
        canvas.words(&formatter.quantity(mean), (x.at(high) + 8.0, y), number);
    }
}

fn table(runs: &[Run<'_>], formatter: &Formatter) -> Table {
    let columns = ["run", "budget", "spent", "actions", "actions-range", "cost", "carbon-g"];
    let columns =
        columns.map(|name| Column::new(formatter, &format!("report-column-{name}"), 16.0));
    let mut table = Table::new(formatter.text("chart-compare-promise-table"), columns.into());
    table.rows = runs
        .iter()
        .map(|run| {
            let plan = &run.report_data.plan;
            let promised = tables::promised(run.report_data);
            let each = (plan.actions.mean > 0.0).then(|| plan.spent / plan.actions.mean);
            vec![
                Cell::Text(run.name.clone()),
                Cell::Money(plan.budget, 2),
                Cell::Money(plan.spent, 2),
                Cell::Number(plan.actions.mean, 0),
                Cell::Range(promised.p10, promised.p90, 0),
                Cell::money(each, 2),
                Cell::number(plan.carbon_g, 0),
            ]
        })
        .collect();
    table
}
