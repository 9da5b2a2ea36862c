//! What the split would be if actions were worth other points.

use crate::allocate::plan::{Plan, WeightSensitivity};
use crate::report::chart::draw::canvas::WIDTH;
use crate::report::chart::draw::canvas::{Align, Canvas, Type};
use crate::report::chart::draw::figure::{Chart, Words};
use crate::report::chart::draw::layout::{MARGIN, ROW, Sign, key, names_room, top_axis};
use crate::report::chart::draw::palette::{GREY, INK, series};
use crate::report::chart::draw::scale::Scale;
use crate::report::formatter::Formatter;
use crate::report::report_data::ReportData;
use crate::report::sheets::table::{Cell, Column, Table};

const NAME: &str = "weight-sensitivity";
/// Most rows: the segments with the most money under any points.
const MOST: usize = 25;

/// The chart; `None` when no other points were tried.
pub(crate) fn chart(report_data: &ReportData, formatter: &Formatter) -> Option<Chart> {
    let plan = &report_data.plan;
    let own = plan.campaign.as_ref().map_or("", |campaign| campaign.preset.as_str());
    let others: Vec<&WeightSensitivity> = plan
        .sensitivity
        .iter()
        // The campaign's own points give the plan again.
        .filter(|s| s.budgets.len() == plan.rows.len() && s.preset != own)
        .take(4)
        .collect();
    let least = others.iter().min_by(|a, b| a.rank_correlation.total_cmp(&b.rank_correlation))?;
    let flips = others.iter().map(|other| other.flips.len()).max().unwrap_or(0);
    let order = order(plan, &others);
    let mut moved: Vec<usize> =
        order.iter().copied().filter(|i| spread(plan, &others, *i) > 0.005 * plan.spent).collect();
    moved.truncate(MOST);
    // When nothing moves, the largest rows say so.
    let shown = if moved.is_empty() { order[..order.len().min(8)].to_vec() } else { moved };
    // What the two decimals shown cannot tell from 1 changes no order; one audience has none.
    let moves = least.rank_correlation.is_finite() && least.rank_correlation < 0.995;
    let words = Words::variant(
        formatter,
        NAME,
        ["", "", if moves { "" } else { "-same" }],
        &[
            ("preset", &formatter.preset(&least.preset)),
            ("correlation", &formatter.language.number(least.rank_correlation, 2)),
            ("flips", &formatter.count("chart-weight-sensitivity-flips", flips, &[])),
            ("hidden", &hidden(formatter, order.len() - shown.len())),
        ],
    );
    let height = 70.0 + 20.0 * (others.len() / 4) as f64 + ROW * shown.len() as f64;
    Some(Chart::new(NAME, words, table(plan, &others, &order, formatter), height, |canvas| {
        paint(canvas, formatter, plan, &others, &shown);
    }))
}

fn hidden(formatter: &Formatter, n: usize) -> String {
    if n == 0 { String::new() } else { formatter.count("chart-hidden", n, &[]) }
}

/// How far the splits are apart in a row.
fn spread(plan: &Plan, others: &[&WeightSensitivity], i: usize) -> f64 {
    let all = || others.iter().map(|other| other.budgets[i]).chain([plan.rows[i].budget]);
    all().fold(0.0, f64::max) - all().fold(f64::INFINITY, f64::min)
}

/// Rows that any of the splits funds, most money first.
fn order(plan: &Plan, others: &[&WeightSensitivity]) -> Vec<usize> {
    let most =
        |i: usize| others.iter().map(|other| other.budgets[i]).fold(plan.rows[i].budget, f64::max);
    let mut order: Vec<usize> = (0..plan.rows.len()).filter(|i| most(*i) > 0.0).collect();
    order.sort_by(|a, b| most(*b).total_cmp(&most(*a)).then(a.cmp(b)));
    order
}

fn paint(
    canvas: &mut Canvas<'_>,
    formatter: &Formatter,
    plan: &Plan,
    others: &[&WeightSensitivity],
    shown: &[usize],
) {
    let (colour, mark) = series(0);
    let mut signs = vec![(Sign::Point(mark, colour), own_name(plan, formatter))];
    for (i, other) in others.iter().enumerate() {
        let (colour, mark) = series(i + 1);
        signs.push((Sign::Point(mark, colour), formatter.preset(&other.preset)));
    }
    let top = key(canvas, 0.0, &signs) + 26.0;
    let bottom = top + ROW * shown.len() as f64;
    let names: Vec<String> =
        shown.iter().map(|i| formatter.label(&plan.rows[*i].segment)).collect();
    let left = names_room(names.iter().map(String::as_str), 300.0);
    let money = shown
        .iter()
        .flat_map(|i| others.iter().map(|other| other.budgets[*i]).chain([plan.rows[*i].budget]));
    let x = Scale::from_zero(money, left + 8.0, WIDTH - MARGIN - 16.0);
    top_axis(canvas, &x, (top, bottom), 6, |m| formatter.language.money(m, formatter.currency));
    for (place, (i, name)) in shown.iter().zip(&names).enumerate() {
        let y = top + ROW * (place as f64 + 0.5);
        canvas.fitted(name, (left - 8.0, y), left - MARGIN - 10.0, Type::label(INK, Align::Right));
        let all = || others.iter().map(|other| other.budgets[*i]).chain([plan.rows[*i].budget]);
        let low = all().fold(f64::INFINITY, f64::min);
        let high = all().fold(0.0, f64::max);
        canvas.line((x.at(low), y), (x.at(high), y), GREY, 1.2);
        for (n, other) in others.iter().enumerate().rev() {
            let (colour, mark) = series(n + 1);
            // Off the middle by turns, so that equal budgets stay visible.
            let aside = if n % 2 == 0 { -4.0 } else { 4.0 };
            canvas.mark(mark, (x.at(other.budgets[*i]), y + aside), 4.0, colour);
        }
        let (colour, mark) = series(0);
        canvas.mark(mark, (x.at(plan.rows[*i].budget), y), 4.0, colour);
    }
}

/// `plan (Relay)`: the plan with the name of its own points.
fn own_name(plan: &Plan, formatter: &Formatter) -> String {
    match &plan.campaign {
        Some(campaign) => {
            format!("{} ({})", formatter.text("chart-plan"), formatter.preset(&campaign.preset))
        }
        None => formatter.text("chart-plan"),
    }
}

fn table(
    plan: &Plan,
    others: &[&WeightSensitivity],
    order: &[usize],
    formatter: &Formatter,
) -> Table {
    let mut columns = vec![
        Column::new(formatter, "report-column-segment", 40.0),
        Column::new(formatter, "report-column-budget", 12.0),
    ];
    columns.extend(others.iter().map(|other| Column::named(formatter.preset(&other.preset), 14.0)));
    let mut table = Table::new(formatter.text("chart-weight-sensitivity-table"), columns);
    table.rows = order
        .iter()
        .map(|i| {
            let row = &plan.rows[*i];
            let mut cells =
                vec![Cell::Text(formatter.name(&row.segment)), Cell::Money(row.budget, 0)];
            cells.extend(others.iter().map(|other| Cell::Money(other.budgets[*i], 0)));
            cells
        })
        .collect();
    table
}
