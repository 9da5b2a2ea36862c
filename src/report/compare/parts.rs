//! What differs between runs, part by part: one line for each thing, one cell for each run.

use std::collections::{BTreeMap, BTreeSet};

use super::run::Run;
use crate::allocate::plan::Plan;
use crate::campaign::Campaign;
use crate::campaign::leaves::{Leaf, Place};
use crate::report::formatter::{Formatter, clean};
use crate::report::report_data::ReportData;
use crate::report::settings;
use crate::report::sheets::table::{Cell, Column, Table};
use crate::report::sheets::tables;
use crate::train::fitted::card::ModelCard;

/// One part of the comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// `promise`, `split`, `rules`, `findings`, `tables`, `model`, `data`.
    pub name: &'static str,
    /// Its lines that differ: what it is, a cell for each run and, for two runs, the difference.
    pub table: Table,
    /// Whether every run has kept what the part is about; only then does a table without rows say
    /// that nothing changed.
    pub is_known: bool,
}

impl Part {
    /// Whether every run has kept what the part is about, and nothing differs.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.is_known && self.table.rows.is_empty()
    }
}

/// What differs between runs.
#[must_use]
pub fn parts(runs: &[Run<'_>], formatter: &Formatter) -> Vec<Part> {
    let plans: Vec<&Plan> = runs.iter().map(|run| &run.report_data.plan).collect();
    let dossiers: Vec<&ReportData> = runs.iter().map(|run| run.report_data).collect();
    let shares_model = plans
        .windows(2)
        .all(|pair| !pair[0].fingerprint.is_empty() && pair[0].fingerprint == pair[1].fingerprint);
    let has_tables = plans.iter().all(|plan| !plan.tables.is_empty());
    let has_data = dossiers.iter().all(|report_data| report_data.history.is_some());
    let part = |name, first, lines, is_known| Part {
        name,
        table: table(name, first, lines, runs, formatter),
        is_known,
    };
    vec![
        part("promise", "measure", promise(&dossiers, formatter), true),
        part("split", "segment", split(&plans, formatter), true),
        part("rules", "rule", rules(&plans, formatter), plans.iter().all(|p| p.campaign.is_some())),
        part("findings", "finding", findings(&plans, formatter), true),
        part("tables", "file", if has_tables { reference(&plans) } else { Vec::new() }, has_tables),
        part("model", "measure", model(&dossiers, formatter), true),
        part("data", "file", data(&dossiers, formatter), has_data || shares_model),
    ]
}

/// Settings that differ and may make another plan, in the order of reading.
#[must_use]
pub fn decisive(plans: &[&Plan]) -> Vec<Place> {
    let leaves = leaves(plans);
    let differs = |place: &Place| {
        let mut own = leaves.iter().map(|leaves| leaves.iter().find(|leaf| leaf.place == *place));
        let first = own.next().flatten();
        own.any(|leaf| leaf.map(|leaf| &leaf.value) != first.map(|leaf| &leaf.value))
    };
    let decides =
        |place: &Place| leaves.iter().flatten().any(|leaf| leaf.place == *place && leaf.decides());
    places(&leaves).into_iter().filter(|place| decides(place) && differs(place)).collect()
}

/// A line of the comparison.
struct Line {
    name: String,
    /// One for each run.
    cells: Vec<Cell>,
}

impl Line {
    /// A line of numbers, unknown ones empty.
    fn numbers(name: String, values: Vec<Option<f64>>, cell: fn(f64) -> Cell) -> Self {
        let cells = values.into_iter().map(|value| value.map_or(Cell::Empty, cell)).collect();
        Self { name, cells }
    }

    /// A line of texts, missing ones empty.
    fn texts<T: AsRef<str>>(name: String, texts: Vec<Option<T>>) -> Self {
        let cell = |text: Option<T>| text.map_or(Cell::Empty, |text| Cell::text(text.as_ref()));
        Self { name, cells: texts.into_iter().map(cell).collect() }
    }
}

/// The table of the lines that differ.
fn table(
    part: &str,
    first: &str,
    lines: Vec<Line>,
    runs: &[Run<'_>],
    formatter: &Formatter,
) -> Table {
    let column = |name: &str| Column::new(formatter, &format!("report-column-{name}"), 24.0);
    let mut columns = vec![column(first)];
    let is_pair = runs.len() == 2;
    let has_amounts = !matches!(part, "findings" | "tables");
    if is_pair {
        columns.extend([column("before"), column("after")]);
        columns.extend(has_amounts.then(|| column("difference")));
    } else {
        columns.extend(runs.iter().map(|run| Column::named(run.name.clone(), 24.0)));
    }
    let mut table = Table::new(formatter.text(&format!("report-compare-{part}")), columns);
    let own = own_currencies(runs, formatter);
    for Line { name, mut cells } in lines {
        for (cell, formatter) in cells.iter_mut().zip(&own) {
            if let (Cell::Money(..), Some(formatter)) = (&*cell, formatter) {
                *cell = Cell::Note(cell.write(formatter));
            }
        }
        // What a plan promises differs where a reader would see it.
        let is_same = |pair: &[Cell]| match part {
            "promise" => pair[0].write(formatter) == pair[1].write(formatter),
            _ => pair[0] == pair[1],
        };
        if cells.windows(2).all(is_same) {
            continue;
        }
        if is_pair && has_amounts {
            // An audience that one of the plans does not know gets nothing from it.
            let zero = (part == "split").then_some(0.0);
            cells.push(difference(&cells[0], &cells[1], zero));
        }
        let mut row = vec![Cell::Text(name)];
        row.append(&mut cells);
        table.rows.push(row);
    }
    table
}

/// The voice of each run's own currency, where the runs have several.
fn own_currencies(runs: &[Run<'_>], formatter: &Formatter) -> Vec<Option<Formatter>> {
    let currency = |run: &Run<'_>| run.report_data.plan.currency;
    let is_one = runs.windows(2).all(|pair| currency(&pair[0]) == currency(&pair[1]));
    let own = |run: &Run<'_>| {
        let mut own = formatter.clone();
        own.currency = currency(run);
        (!is_one).then_some(own)
    };
    runs.iter().map(own).collect()
}

/// What the second cell has more than the first, where both are amounts of one thing.
fn difference(before: &Cell, after: &Cell, missing: Option<f64>) -> Cell {
    match (before, after, missing) {
        (Cell::Number(a, d), Cell::Number(b, e), _) => Cell::Change(b - a, *d.max(e)),
        (Cell::Money(a, d), Cell::Money(b, e), _) => Cell::MoneyChange(b - a, *d.max(e)),
        (Cell::Money(a, d), Cell::Empty, Some(b)) => Cell::MoneyChange(b - a, *d),
        (Cell::Empty, Cell::Money(b, d), Some(a)) => Cell::MoneyChange(b - a, *d),
        _ => Cell::Empty,
    }
}

/// A figure of a run, when it is known.
type Figure = fn(&ReportData) -> Option<f64>;

/// The cell that shows a figure.
type Shown = fn(f64) -> Cell;

fn promise(runs: &[&ReportData], formatter: &Formatter) -> Vec<Line> {
    let whole: Shown = |value| Cell::Number(value, 0);
    let money: Shown = |value| Cell::Money(value, 2);
    let small: Shown = |value| Cell::Number(value, 3);
    let share: Shown = |value| Cell::Percent(value, 4);
    let unit = formatter.language.money(1.0, formatter.currency);
    let per_unit = formatter.say("report-compare-per-unit", &[("unit", &unit)]);
    let name = |key: &str| formatter.text(key);
    let lines: [(String, Figure, Shown); 10] = [
        (name("report-column-actions"), |run| Some(run.plan.actions.mean), whole),
        (name("report-column-actions-p10"), |run| Some(tables::promised(run).p10), whole),
        (name("report-column-actions-p90"), |run| Some(tables::promised(run).p90), whole),
        (name("report-column-value"), |run| Some(run.plan.value.mean), whole),
        (name("report-hypothesis-budget"), |run| Some(run.plan.budget), money),
        (name("report-hypothesis-spent"), |run| Some(run.plan.spent), money),
        (name("report-column-cost"), |run| per(run.plan.spent, run.plan.actions.mean), money),
        (per_unit, |run| per(run.plan.value.mean, run.plan.spent), small),
        (name("report-column-carbon-g"), |run| run.plan.carbon_g, whole),
        (name("report-hypothesis-gap"), |run| Some(run.plan.certificate.gap), share),
    ];
    lines
        .into_iter()
        .map(|(name, get, cell)| {
            Line::numbers(name, runs.iter().map(|run| get(run)).collect(), cell)
        })
        .collect()
}

/// One amount per unit of another.
pub(super) fn per(amount: f64, of: f64) -> Option<f64> {
    (of > 0.0).then(|| amount / of)
}

/// Money by audience, the largest differences first.
fn split(plans: &[&Plan], formatter: &Formatter) -> Vec<Line> {
    let money: Vec<BTreeMap<&str, f64>> = plans
        .iter()
        .map(|plan| plan.rows.iter().map(|row| (row.segment.as_str(), row.budget)).collect())
        .collect();
    let all: BTreeSet<&str> = money.iter().flat_map(|own| own.keys().copied()).collect();
    let mut lines: Vec<(f64, Line)> = all
        .into_iter()
        .filter_map(|segment| {
            let own: Vec<Option<f64>> = money.iter().map(|own| own.get(segment).copied()).collect();
            let spent = || own.iter().map(|money| money.unwrap_or(0.0));
            let moved = spent().fold(0.0, f64::max) - spent().fold(f64::INFINITY, f64::min);
            let line = Line::numbers(formatter.name(segment), own, |money| Cell::Money(money, 2));
            (moved > 0.0).then_some((moved, line))
        })
        .collect();
    lines.sort_by(|a, b| b.0.total_cmp(&a.0));
    lines.into_iter().map(|(_, line)| line).collect()
}

fn leaves(plans: &[&Plan]) -> Vec<Vec<Leaf>> {
    let own = |plan: &&Plan| plan.campaign.as_ref().map_or_else(Vec::new, Campaign::leaves);
    plans.iter().map(own).collect()
}

/// Settings of the campaigns, in the order of reading.
fn rules(plans: &[&Plan], formatter: &Formatter) -> Vec<Line> {
    let leaves = leaves(plans);
    let cell = |leaves: &Vec<Leaf>, place: &Place| {
        let leaf = leaves.iter().find(|leaf| leaf.place == *place);
        leaf.map_or(Cell::Empty, |leaf| settings::cell(leaf, formatter))
    };
    let line = |place: Place| Line {
        name: settings::name(&place, formatter),
        cells: leaves.iter().map(|leaves| cell(leaves, &place)).collect(),
    };
    places(&leaves).into_iter().map(line).collect()
}

/// The places of all settings of some campaigns: one that an earlier campaign lacks stands behind
/// the setting that it follows in its own.
fn places(campaigns: &[Vec<Leaf>]) -> Vec<Place> {
    let mut all: Vec<Place> = Vec::new();
    for leaves in campaigns {
        let mut next = 0;
        for leaf in leaves {
            let known = all.iter().position(|place| *place == leaf.place);
            let at = known.unwrap_or(next);
            if known.is_none() {
                all.insert(at, leaf.place.clone());
            }
            next = at + 1;
        }
    }
    all
}

/// Lines of what each run keeps under a name.
fn by_name(own: &[BTreeMap<String, String>]) -> Vec<Line> {
    let all: BTreeSet<&String> = own.iter().flat_map(BTreeMap::keys).collect();
    let line =
        |name: &String| Line::texts(clean(name), own.iter().map(|own| own.get(name)).collect());
    all.into_iter().map(line).collect()
}

/// What the rules found, by the kind of finding.
fn findings(plans: &[&Plan], formatter: &Formatter) -> Vec<Line> {
    let told = |plan: &&Plan| -> BTreeMap<String, String> {
        let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for finding in &plan.findings {
            let kind = formatter.keyed("named", &finding.code);
            told.entry(kind).or_default().push(tables::message(finding, formatter));
        }
        told.into_iter().map(|(kind, messages)| (kind, messages.join(" "))).collect()
    };
    by_name(&plans.iter().map(told).collect::<Vec<_>>())
}

/// The dated tables, by their fingerprints.
fn reference(plans: &[&Plan]) -> Vec<Line> {
    by_name(&plans.iter().map(|plan| plan.tables.clone()).collect::<Vec<_>>())
}

/// Digits of a fingerprint that tell it from any other.
const DIGITS: usize = 16;

fn short(fingerprint: &str) -> String {
    fingerprint.chars().take(DIGITS).collect()
}

fn model(runs: &[&ReportData], formatter: &Formatter) -> Vec<Line> {
    let named = |key: &str| formatter.text(&format!("report-model-{key}"));
    let of_plans = |get: fn(&Plan) -> String| -> Vec<Option<String>> {
        runs.iter().map(|run| Some(get(&run.plan))).collect()
    };
    let mut lines = vec![
        Line::texts(
            formatter.text("report-again-fingerprint"),
            of_plans(|p| short(&p.fingerprint)),
        ),
        Line::texts(formatter.text("report-again-seed"), of_plans(|plan| plan.seed.0.to_string())),
    ];
    let cards: Option<Vec<&ModelCard>> = runs.iter().map(|run| run.card.as_ref()).collect();
    let Some(cards) = cards else { return lines };
    let of_cards = |get: &dyn Fn(&ModelCard) -> String| -> Vec<Option<String>> {
        cards.iter().map(|card| Some(get(card))).collect()
    };
    let engine = |card: &ModelCard| formatter.keyed("report-engine", &card.engine);
    let layers = |card: &ModelCard| {
        let words = card.layers.iter().map(|layer| formatter.keyed("report-layer", layer));
        words.collect::<Vec<_>>().join(", ")
    };
    lines.push(Line::texts(named("engine"), of_cards(&engine)));
    lines.push(Line::texts(named("specification"), of_cards(&|card| card.specification.clone())));
    lines.push(Line::texts(named("layers"), of_cards(&layers)));
    let cells = cards.iter().map(|card| Some(card.cells as f64)).collect();
    lines.push(Line::numbers(named("cells"), cells, |n| Cell::Number(n, 0)));
    lines
}

fn data(runs: &[&ReportData], formatter: &Formatter) -> Vec<Line> {
    let histories: Option<Vec<_>> = runs.iter().map(|run| run.history.as_ref()).collect();
    let Some(histories) = histories else { return Vec::new() };
    let files: Vec<BTreeMap<String, String>> = histories
        .iter()
        .map(|history| {
            let own = history.files.iter();
            own.map(|file| (file.name.clone(), short(&file.fingerprint))).collect()
        })
        .collect();
    let mut lines = by_name(&files);
    let rows = histories.iter().map(|history| Some(history.rows as f64)).collect();
    let name = formatter.text("report-column-rows-read");
    lines.push(Line::numbers(name, rows, |n| Cell::Number(n, 0)));
    let spend = histories.iter().map(|history| Some(history.spend)).collect();
    let name = formatter.text("report-column-spend");
    lines.push(Line::numbers(name, spend, |money| Cell::Money(money, 2)));
    lines
}
