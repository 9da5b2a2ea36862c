//! The plan added up by network and by territory.

use std::collections::BTreeMap;

use super::formatter::Formatter;
use super::report_data::ReportData;
use super::sheets::table::{Cell, Column, Table};
use super::sheets::tables;
use crate::allocate::plan::Plan;
use crate::allocate::plan::row::Row;
use crate::segment::Attribute;

/// Attributes that a plan is added up by.
pub const BY: [Attribute; 2] = [Attribute::Network, Attribute::Territory];

/// What all rows with one value of an attribute have together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sum {
    /// The value in words.
    pub name: String,
    /// Rows with money.
    pub funded: usize,
    /// Money, in units of the currency.
    pub budget: f64,
    /// Money of the last split, when any row was in it.
    pub last: Option<f64>,
    /// Expected active actions.
    pub actions: f64,
    /// Emissions in grams of CO2e, when they are known.
    pub carbon_g: Option<f64>,
}

impl Sum {
    fn add(&mut self, row: &Row) {
        let more = |sum: Option<f64>, own: Option<f64>| match (sum, own) {
            (None, own) => own,
            (sum, own) => Some(sum.unwrap_or(0.0) + own.unwrap_or(0.0)),
        };
        self.funded += usize::from(row.budget > 0.0);
        self.budget += row.budget;
        self.last = more(self.last, row.last);
        self.actions += row.actions.mean;
        self.carbon_g = more(self.carbon_g, row.carbon_g);
    }
}

/// The plan added up by an attribute, most money first; nothing when no row has it.
#[must_use]
pub fn by(plan: &Plan, attribute: Attribute, formatter: &Formatter) -> Vec<Sum> {
    let column = attribute.column();
    if plan.rows.iter().all(|row| !row.attributes.contains_key(column)) {
        return Vec::new();
    }
    let name = |row: &Row| {
        let value = row.attributes.get(column);
        value.map_or_else(
            || formatter.text("report-not-told"),
            |value| formatter.value(column, value),
        )
    };
    added_up(plan, name)
}

/// The plan by audience, most money first.
#[must_use]
pub fn each(plan: &Plan, formatter: &Formatter) -> Vec<Sum> {
    added_up(plan, |row| formatter.label(&row.segment))
}

fn added_up(plan: &Plan, name: impl Fn(&Row) -> String) -> Vec<Sum> {
    let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
    for row in &plan.rows {
        let name = name(row);
        let sum = sums.entry(name.clone()).or_insert_with(|| Sum { name, ..Sum::default() });
        sum.add(row);
    }
    let mut sums: Vec<Sum> = sums.into_values().collect();
    sums.sort_by(|a, b| b.budget.total_cmp(&a.budget));
    sums
}

/// The plan added up by an attribute, as a table; nothing when no row has it.
#[must_use]
pub fn table(
    report_data: &ReportData,
    attribute: Attribute,
    formatter: &Formatter,
) -> Option<Table> {
    let plan = &report_data.plan;
    let sums = by(plan, attribute, formatter);
    if sums.is_empty() {
        return None;
    }
    let column =
        |name: &str, width| Column::new(formatter, &format!("report-column-{name}"), width);
    let columns = [
        (attribute.column(), 30.0),
        ("funded", 12.0),
        ("budget", 13.0),
        ("share", 9.0),
        ("last", 13.0),
        ("change", 13.0),
        ("actions", 12.0),
        ("cost", 12.0),
        ("carbon-g", 12.0),
    ];
    let caption = formatter.text(&format!("report-table-by-{}", attribute.column()));
    let mut table = Table::new(caption, columns.map(|(name, width)| column(name, width)).into());
    for sum in &sums {
        table.rows.push(cells(sum, plan, formatter));
    }
    let mut total = tables::totals_of(&table, formatter);
    total[6] = Cell::Number(plan.actions.mean, 0);
    total[7] = tables::cost(plan.spent, plan.actions.mean, formatter);
    table.total = Some(total);
    Some(table)
}

fn cells(sum: &Sum, plan: &Plan, formatter: &Formatter) -> Vec<Cell> {
    let spent = plan.spent;
    vec![
        Cell::Text(sum.name.clone()),
        Cell::Number(sum.funded as f64, 0),
        tables::money(sum.budget, formatter),
        Cell::percent((spent > 0.0).then(|| sum.budget / spent), 1),
        sum.last.map_or(Cell::Empty, |last| tables::money(last, formatter)),
        tables::changed(plan, sum.budget, sum.last, formatter),
        Cell::Number(sum.actions, 0),
        tables::cost(sum.budget, sum.actions, formatter),
        Cell::number(sum.carbon_g, 0),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;
    use crate::report::example;

    #[test]
    fn sums_by_network_and_territory_add_up_to_the_plan() {
        for n in [1, 12, 300] {
            let report_data = example::report_data(n);
            let formatter = Formatter::new(&report_data, Language::Fr);
            for attribute in BY {
                let sums = by(&report_data.plan, attribute, &formatter);
                let whole: f64 = sums.iter().map(|sum| sum.budget).sum();
                assert!((whole - report_data.plan.spent).abs() < 1e-6, "{n}: {whole}");
                let funded = report_data.plan.rows.iter().filter(|row| row.budget > 0.0).count();
                assert_eq!(sums.iter().map(|sum| sum.funded).sum::<usize>(), funded);
                assert!(sums.windows(2).all(|pair| pair[0].budget >= pair[1].budget));
            }
        }
    }

    #[test]
    fn a_plan_without_territories_has_no_such_table_and_a_row_without_one_is_not_lost() {
        let mut report_data = example::report_data(3);
        let formatter = Formatter::new(&report_data, Language::En);
        report_data.plan.rows[0].attributes.remove("territory");
        let sums = by(&report_data.plan, Attribute::Territory, &formatter);
        assert!(sums.iter().any(|sum| sum.name == formatter.text("report-not-told")));
        for row in &mut report_data.plan.rows {
            row.attributes.remove("territory");
        }
        assert!(table(&report_data, Attribute::Territory, &formatter).is_none());
    }
}
