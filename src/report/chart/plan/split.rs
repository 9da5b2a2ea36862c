//! The split at a glance: money by network, last time and now.

use std::collections::BTreeMap;

use crate::allocate::plan::row::Row;
use crate::report::chart::draw::canvas::{Align, Canvas, Type};
use crate::report::chart::draw::figure::{Chart, Words};
use crate::report::chart::draw::layout::{MARGIN, Sign, key, names_room};
use crate::report::chart::draw::palette::{BLUE, INK, ORANGE};
use crate::report::chart::draw::scale::Scale;
use crate::report::formatter::Formatter;
use crate::report::report_data::ReportData;
use crate::report::sheets::table::{Cell, Column, Table};
use crate::segment::Attribute;

const NAME: &str = "split";
const ROW: f64 = 40.0;
/// Narrow, because it stands beside the three things to know.
const WIDTH: f64 = 560.0;
/// Most groups; a panel's own networks may be many.
const MOST: usize = 10;

/// Money of one network.
#[derive(Default)]
struct Group {
    name: String,
    budget: f64,
    last: Option<f64>,
    funded: usize,
}

/// The chart; `None` when rows know no network, or nothing is funded.
pub(crate) fn chart(report_data: &ReportData, formatter: &Formatter) -> Option<Chart> {
    let groups = groups(&report_data.plan.rows, formatter);
    let first = groups.first().filter(|group| group.budget > 0.0)?;
    let spent = report_data.plan.spent;
    let funded: usize = groups.iter().map(|group| group.funded).sum();
    let has_last = groups.iter().any(|group| group.last.is_some());
    let words = Words::variant(
        formatter,
        NAME,
        ["", if has_last { "" } else { "-alone" }, ""],
        &[
            ("network", &first.name),
            ("share", &formatter.part_of(first.budget / spent)),
            ("spent", &formatter.money(spent)),
            ("n", &formatter.count("chart-n-segments", funded, &[])),
        ],
    );
    let shown = &groups[..groups.len().min(MOST)];
    let height = 38.0 + ROW * shown.len() as f64;
    Some(Chart::sized(NAME, words, table(&groups, spent, formatter), (WIDTH, height), |canvas| {
        paint(canvas, formatter, shown, spent);
    }))
}

fn groups(rows: &[Row], formatter: &Formatter) -> Vec<Group> {
    let mut groups: BTreeMap<&str, Group> = BTreeMap::new();
    for row in rows {
        let Some(network) = row.attributes.get(Attribute::Network.column()) else { continue };
        let group = groups.entry(network).or_default();
        group.budget += row.budget;
        group.funded += usize::from(row.budget > 0.0);
        if let Some(last) = row.last {
            *group.last.get_or_insert(0.0) += last;
        }
    }
    let mut groups: Vec<Group> = groups
        .into_iter()
        .map(|(network, group)| Group { name: formatter.network(network), ..group })
        .filter(|group| group.budget > 0.0 || group.last.is_some_and(|last| last > 0.0))
        .collect();
    groups.sort_by(|a, b| b.budget.total_cmp(&a.budget));
    groups
}

fn paint(canvas: &mut Canvas<'_>, formatter: &Formatter, groups: &[Group], spent: f64) {
    let signs = [
        (Sign::Block(BLUE, 1.0), formatter.text("chart-plan")),
        (Sign::Hatch(ORANGE), formatter.text("chart-last-split")),
    ];
    let top = key(canvas, 0.0, &signs) + 6.0;
    let left = names_room(groups.iter().map(|group| group.name.as_str()), 200.0);
    let money = groups.iter().flat_map(|group| [group.budget, group.last.unwrap_or(0.0)]);
    let x = Scale::new(0.0, money.fold(0.0, f64::max), left, WIDTH - MARGIN - 130.0);
    for (i, group) in groups.iter().enumerate() {
        let y = top + ROW * i as f64;
        let name = Type::label(INK, Align::Right).bold();
        canvas.fitted(&group.name, (left - 10.0, y + 11.0), left - MARGIN - 10.0, name);
        canvas.block((left, y + 2.0), (x.at(group.budget), y + 20.0), BLUE, 1.0);
        let share = if spent > 0.0 { group.budget / spent } else { 0.0 };
        let money = |money: f64| formatter.language.money_with(money, formatter.currency, 0);
        let words = match group.budget {
            budget if budget > 0.0 => format!("{} · {}", money(budget), formatter.part_of(share)),
            _ => formatter.text("chart-budget-change-off"),
        };
        let label = Type::label(BLUE, Align::Left).bold();
        canvas.words(&words, (x.at(group.budget) + 8.0, y + 11.0), label);
        if let Some(last) = group.last {
            canvas.hatch((left, y + 22.0), (x.at(last).max(left + 1.0), y + 31.0), ORANGE);
            let small = Type::label(ORANGE, Align::Left).size(11.0);
            canvas.words(&money(last), (x.at(last) + 8.0, y + 27.0), small);
        }
    }
}

fn table(groups: &[Group], spent: f64, formatter: &Formatter) -> Table {
    let mut table = Table::new(
        formatter.text("chart-split-table"),
        vec![
            Column::new(formatter, "report-column-network", 18.0),
            Column::new(formatter, "report-column-budget", 12.0),
            Column::new(formatter, "report-column-share", 10.0),
            Column::new(formatter, "report-column-last", 12.0),
            Column::new(formatter, "report-column-funded", 10.0),
        ],
    );
    table.rows = groups
        .iter()
        .map(|group| {
            vec![
                Cell::Text(group.name.clone()),
                Cell::Money(group.budget, 0),
                Cell::percent((spent > 0.0).then(|| group.budget / spent), 1),
                Cell::money(group.last, 0),
                Cell::Number(group.funded as f64, 0),
            ]
        })
        .collect();
    table
}
