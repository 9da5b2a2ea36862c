//! Two runs side by side: what changed in data, model, rules, split and promise.

use std::collections::BTreeMap;

use serde_json::Value;

use super::dossier::Dossier;
use super::table::{Cell, Column, Table};
use super::voice::{Voice, clean};
use crate::allocate::plan::Plan;

/// What changed between two runs; a table without rows says that nothing did.
#[must_use]
pub fn compare(before: &Dossier, after: &Dossier, voice: &Voice) -> Vec<(&'static str, Table)> {
    vec![
        ("promise", promise(&before.plan, &after.plan, voice)),
        ("split", split(&before.plan, &after.plan, voice)),
        ("rules", rules(&before.plan, &after.plan, voice)),
        ("model", model(before, after, voice)),
        ("data", data(before, after, voice)),
    ]
}

fn sheet(voice: &Voice, part: &str, first: &str) -> Table {
    let column = |name: &str| Column::new(voice, &format!("report-column-{name}"), 24.0);
    let columns = vec![column(first), column("before"), column("after"), column("difference")];
    Table::new(voice.text(&format!("report-compare-{part}")), columns)
}

/// A row for two numbers, unless they are the same.
fn numbers(
    name: String,
    before: Option<f64>,
    after: Option<f64>,
    cell: fn(f64) -> Cell,
) -> Option<Vec<Cell>> {
    if before == after {
        return None;
    }
    let of = |value: Option<f64>| value.map_or(Cell::Empty, cell);
    let difference = match (before, after) {
        (Some(before), Some(after)) => Cell::Change(after - before, 2),
        _ => Cell::Empty,
    };
    Some(vec![Cell::Text(name), of(before), of(after), difference])
}

/// A row for two texts, unless they are the same.
fn texts(name: String, before: &str, after: &str) -> Option<Vec<Cell>> {
    (before != after)
        .then(|| vec![Cell::Text(name), Cell::text(before), Cell::text(after), Cell::Empty])
}

/// A figure of a plan, when it is known.
type Figure = fn(&Plan) -> Option<f64>;

/// The cell that shows a figure.
type Shown = fn(f64) -> Cell;

fn promise(before: &Plan, after: &Plan, voice: &Voice) -> Table {
    let mut table = sheet(voice, "promise", "measure");
    let whole: fn(f64) -> Cell = |value| Cell::Number(value, 0);
    let money: fn(f64) -> Cell = |value| Cell::Money(value, 2);
    let share: fn(f64) -> Cell = |value| Cell::Percent(value, 4);
    let name = |key: &str| voice.text(key);
    let lines: [(&str, Figure, Shown); 8] = [
        ("report-column-actions", |plan| Some(plan.actions.mean), whole),
        ("report-column-actions-p10", |plan| Some(plan.actions.p10), whole),
        ("report-column-actions-p90", |plan| Some(plan.actions.p90), whole),
        ("report-column-value", |plan| Some(plan.value.mean), whole),
        ("report-hypothesis-budget", |plan| Some(plan.budget), money),
        ("report-hypothesis-spent", |plan| Some(plan.spent), money),
        ("report-column-carbon-g", |plan| plan.carbon_g, whole),
        ("report-hypothesis-gap", |plan| Some(plan.certificate.gap), share),
    ];
    table.rows = lines
        .into_iter()
        .filter_map(|(key, get, cell)| numbers(name(key), get(before), get(after), cell))
        .collect();
    table
}

fn split(before: &Plan, after: &Plan, voice: &Voice) -> Table {
    let mut table = sheet(voice, "split", "segment");
    let money = |plan: &Plan| -> BTreeMap<String, f64> {
        plan.rows.iter().map(|row| (row.segment.clone(), row.budget)).collect()
    };
    let (old, new) = (money(before), money(after));
    let all: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let mut changed: Vec<(f64, Vec<Cell>)> = all
        .into_iter()
        .filter_map(|segment| {
            let (before, after) = (old.get(segment).copied(), new.get(segment).copied());
            let row = numbers(voice.name(segment), before, after, |money| Cell::Money(money, 2))?;
            let moved = (after.unwrap_or(0.0) - before.unwrap_or(0.0)).abs();
            (moved > 0.0).then_some((moved, row))
        })
        .collect();
    changed.sort_by(|a, b| b.0.total_cmp(&a.0));
    table.rows = changed.into_iter().map(|(_, row)| row).collect();
    table
}

/// Differences of the resolved campaigns, key by key, and of the rules' findings.
fn rules(before: &Plan, after: &Plan, voice: &Voice) -> Table {
    let mut table = sheet(voice, "rules", "rule");
    let flat = |plan: &Plan| {
        let mut keys = BTreeMap::new();
        // A campaign holds only what JSON can hold.
        let value = serde_json::to_value(&plan.campaign).unwrap_or_default();
        flatten("", &value, &mut keys);
        for finding in &plan.findings {
            let name = format!("findings.{}", finding.code);
            let entry: &mut String = keys.entry(name).or_default();
            if !entry.is_empty() {
                entry.push_str(" ; ");
            }
            entry.push_str(&super::tables::message(finding, voice));
        }
        keys
    };
    let (old, new) = (flat(before), flat(after));
    table.rows = differences(&old, &new);
    table
}

fn differences(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> Vec<Vec<Cell>> {
    let all: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let get = |of: &BTreeMap<String, String>, key: &str| of.get(key).cloned().unwrap_or_default();
    all.into_iter().filter_map(|key| texts(clean(key), &get(old, key), &get(new, key))).collect()
}

/// `{"a": {"b": [1]}}` → `a.b.0 = 1`.
fn flatten(path: &str, value: &Value, into: &mut BTreeMap<String, String>) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                flatten(&below(key), value, into);
            }
        }
        Value::Array(items) => {
            for (i, value) in items.iter().enumerate() {
                flatten(&below(&i.to_string()), value, into);
            }
        }
        Value::Null => {}
        Value::String(text) => {
            into.insert(path.to_owned(), text.clone());
        }
        other => {
            into.insert(path.to_owned(), other.to_string());
        }
    }
}

fn model(before: &Dossier, after: &Dossier, voice: &Voice) -> Table {
    let mut table = sheet(voice, "model", "measure");
    let named = |key: &str| voice.text(&format!("report-model-{key}"));
    let of = |dossier: &Dossier, get: fn(&crate::train::card::ModelCard) -> String| {
        dossier.card.as_ref().map_or_else(String::new, get)
    };
    let line = |name: String, get: fn(&crate::train::card::ModelCard) -> String| {
        texts(name, &of(before, get), &of(after, get))
    };
    let fingerprint = voice.text("report-again-fingerprint");
    table.rows.extend(texts(fingerprint, &before.plan.fingerprint, &after.plan.fingerprint));
    let seed = voice.text("report-again-seed");
    table.rows.extend(texts(seed, &before.plan.seed.0.to_string(), &after.plan.seed.0.to_string()));
    table.rows.extend(line(named("engine"), |card| card.engine.clone()));
    table.rows.extend(line(named("specification"), |card| card.specification.clone()));
    table.rows.extend(line(named("layers"), |card| card.layers.join(", ")));
    let cells = |dossier: &Dossier| dossier.card.as_ref().map(|card| card.cells as f64);
    table.rows.extend(numbers(named("cells"), cells(before), cells(after), |n| Cell::Number(n, 0)));
    table
}

fn data(before: &Dossier, after: &Dossier, voice: &Voice) -> Table {
    let mut table = sheet(voice, "data", "file");
    let files = |dossier: &Dossier| -> BTreeMap<String, String> {
        let files = dossier.history.iter().flat_map(|history| &history.files);
        files.map(|file| (file.name.clone(), file.fingerprint.clone())).collect()
    };
    table.rows = differences(&files(before), &files(after));
    let rows = |dossier: &Dossier| dossier.history.as_ref().map(|history| history.rows as f64);
    let name = voice.text("report-column-rows-read");
    table.rows.extend(numbers(name, rows(before), rows(after), |n| Cell::Number(n, 0)));
    let spend = |dossier: &Dossier| dossier.history.as_ref().map(|history| history.spend);
    let name = voice.text("report-column-spend");
    table.rows.extend(numbers(name, spend(before), spend(after), |money| Cell::Money(money, 2)));
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;
    use crate::report::example;

    fn changed(before: &Dossier, after: &Dossier) -> BTreeMap<&'static str, usize> {
        let voice = Voice::new(after, Language::En);
        let tables = compare(before, after, &voice);
        tables.into_iter().map(|(part, table)| (part, table.rows.len())).collect()
    }

    #[test]
    fn a_run_does_not_differ_from_itself() {
        let dossier = example::dossier(3);
        assert!(changed(&dossier, &dossier).values().all(|rows| *rows == 0));
    }

    #[test]
    fn each_change_shows_in_its_own_table_alone() {
        let before = example::dossier(3);
        let mut after = before.clone();
        after.plan.campaign.as_mut().unwrap().prudence = 0.5;
        after.plan.rows[0].budget -= 10.0;
        after.plan.rows[1].budget += 10.0;
        after.history.as_mut().unwrap().files[0].fingerprint = "0".repeat(64);
        let rows = changed(&before, &after);
        let expected = [("data", 1), ("model", 0), ("promise", 0), ("rules", 1), ("split", 2)];
        assert_eq!(rows, BTreeMap::from(expected));
    }
}
