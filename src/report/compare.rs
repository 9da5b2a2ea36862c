//! Two runs side by side: what changed in data, model, rules, split and promise.

use std::collections::BTreeMap;

use super::chart;
use super::dossier::Dossier;
use super::page::brief::{Brief, Section};
use super::settings;
use super::table::{Cell, Column, Table};
use super::tables;
use super::voice::{Voice, clean};
use crate::allocate::plan::Plan;
use crate::campaign::Campaign;
use crate::campaign::leaves::{Leaf, Place};

/// A run with the name that tells it from the others.
#[derive(Debug, Clone)]
pub struct Run<'a> {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub dossier: &'a Dossier,
}

/// A segment's money in two runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    /// The segment.
    pub segment: String,
    /// Money in the first run.
    pub before: f64,
    /// Money in the second.
    pub after: f64,
}

impl Moved {
    /// Segments whose money differs, the largest change first.
    #[must_use]
    pub fn between(before: &Plan, after: &Plan) -> Vec<Self> {
        let mut money: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
        for row in &before.rows {
            money.entry(&row.segment).or_default().0 = row.budget;
        }
        for row in &after.rows {
            money.entry(&row.segment).or_default().1 = row.budget;
        }
        let moved = |(segment, (before, after)): (&str, (f64, f64))| Self {
            segment: segment.to_owned(),
            before,
            after,
        };
        let mut all: Vec<Self> = money.into_iter().map(moved).collect();
        all.retain(|one| one.before != one.after);
        all.sort_by(|a, b| b.change().abs().total_cmp(&a.change().abs()));
        all
    }

    /// By how much the money changed.
    #[must_use]
    pub fn change(&self) -> f64 {
        self.after - self.before
    }
}

/// Names for runs: their campaigns' titles, with their folders where titles are the same.
#[must_use]
pub fn named<'a>(runs: &[(String, &'a Dossier)]) -> Vec<Run<'a>> {
    let title = |dossier: &Dossier| {
        dossier.plan.campaign.as_ref().map_or_else(String::new, |campaign| clean(&campaign.title))
    };
    let alone = |own: &str| {
        !own.is_empty() && runs.iter().filter(|(_, dossier)| title(dossier) == own).count() == 1
    };
    let name = |(folder, dossier): &(String, &'a Dossier)| match title(dossier) {
        own if alone(&own) => own,
        _ => clean(folder),
    };
    runs.iter().map(|run| Run { name: name(run), dossier: run.1 }).collect()
}

/// The comparison as a page: the promises side by side, then what changed from the first run to
/// each of the others.
#[must_use]
pub fn page(runs: &[Run<'_>], voice: &Voice) -> Brief {
    let (Some(first), Some(last)) = (runs.first(), runs.last()) else { return Brief::default() };
    let mut sections = vec![Section {
        id: "promises".to_owned(),
        title: voice.text("report-compare-promises"),
        charts: chart::of_promises(runs, voice).into_iter().collect(),
        ..Section::default()
    }];
    for (i, run) in runs.iter().enumerate().skip(1) {
        sections.push(changes(first, run, i, voice));
    }
    let goal = |run: &Run<'_>| {
        let campaign = run.dossier.plan.campaign.as_ref();
        campaign.map_or_else(String::new, |campaign| clean(&campaign.goal))
    };
    let is_shared = runs.iter().all(|run| goal(run) == goal(first));
    let names: Vec<String> = runs.iter().map(|run| run.name.clone()).collect();
    Brief {
        kind: voice.text("report-compare-kind"),
        title: voice.count("report-compare-title", runs.len(), &[]),
        goal: if is_shared { goal(first) } else { String::new() },
        facts: vec![
            (voice.text("report-compare-first"), first.name.clone()),
            (voice.text("report-compare-others"), voice.list(&names[1..])),
        ],
        things: things(first, last, voice),
        sections,
    }
}

fn changes(before: &Run<'_>, after: &Run<'_>, i: usize, voice: &Voice) -> Section {
    let ends = [("before", before.name.as_str()), ("after", after.name.as_str())];
    let tables = compare(before.dossier, after.dossier, voice);
    let same: Vec<&str> = tables
        .iter()
        .filter(|(_, table)| table.rows.is_empty())
        .map(|(_, table)| table.caption.as_str())
        .collect();
    let mut text = String::new();
    if !same.is_empty() {
        text = voice.say("report-compare-unchanged", &[("parts", &same.join(", "))]);
    }
    Section {
        id: format!("changes-{i}"),
        title: voice.say("report-compare-head", &ends),
        text,
        // Its table is that of the chart.
        charts: chart::of_splits(before, after, voice).into_iter().collect(),
        tables: tables
            .into_iter()
            .filter(|(part, table)| *part != "split" && !table.rows.is_empty())
            .map(|(_, table)| table)
            .collect(),
    }
}

/// What to know of the change from one run to another: the promise, the split, the causes.
fn things(before: &Run<'_>, after: &Run<'_>, voice: &Voice) -> Vec<(String, String)> {
    let head = |key: &str| voice.text(&format!("report-compare-thing-{key}-head"));
    let mean = |run: &Run<'_>| run.dossier.plan.actions.mean;
    let ends = |run: &Run<'_>| {
        let promised = tables::promised(run.dossier);
        (promised.p10, promised.p90)
    };
    let (old, new) = (ends(before), ends(after));
    let change = if mean(before) > 0.0 { mean(after) / mean(before) - 1.0 } else { 0.0 };
    let apart = old.1 < new.0 || new.1 < old.0;
    let promise = voice.say(
        if apart { "report-compare-thing-promise-apart" } else { "report-compare-thing-promise" },
        &[
            ("before", &voice.quantity(mean(before))),
            ("after", &voice.quantity(mean(after))),
            ("change", &voice.signed_percent(change)),
        ],
    );
    let moved = Moved::between(&before.dossier.plan, &after.dossier.plan);
    let split = match moved.first() {
        None => voice.text("report-compare-thing-split-same"),
        Some(most) => voice.count(
            "report-compare-thing-split",
            moved.len(),
            &[
                ("most", &voice.spoken(&most.segment)),
                ("change", &voice.signed_money(most.change().round(), 0)),
            ],
        ),
    };
    let causes: Vec<String> = compare(before.dossier, after.dossier, voice)
        .into_iter()
        .filter(|(part, table)| {
            matches!(*part, "rules" | "model" | "data") && !table.rows.is_empty()
        })
        .map(|(part, table)| {
            voice.count(&format!("report-compare-cause-{part}"), table.rows.len(), &[])
        })
        .collect();
    let why = if causes.is_empty() {
        voice.text("report-compare-thing-why-none")
    } else {
        voice.say("report-compare-thing-why", &[("causes", &causes.join(", "))])
    };
    vec![(head("promise"), promise), (head("split"), split), (head("why"), why)]
}

/// What changed between two runs; a table without rows says that nothing did.
#[must_use]
pub fn compare(before: &Dossier, after: &Dossier, voice: &Voice) -> Vec<(&'static str, Table)> {
    vec![
        ("promise", promise(&before.plan, &after.plan, voice)),
        ("split", split(&before.plan, &after.plan, voice)),
        ("rules", rules(&before.plan, &after.plan, voice)),
        ("findings", findings(&before.plan, &after.plan, voice)),
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
        (Some(before), Some(after)) => match cell(after - before) {
            Cell::Number(value, decimals) => Cell::Change(value, decimals),
            Cell::Money(value, decimals) => Cell::MoneyChange(value, decimals),
            other => other,
        },
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
            let mut row =
                numbers(voice.name(segment), before, after, |money| Cell::Money(money, 2))?;
            // A segment that one of the plans does not know gets nothing from it.
            let moved = after.unwrap_or(0.0) - before.unwrap_or(0.0);
            row[3] = Cell::MoneyChange(moved, 2);
            (moved != 0.0).then_some((moved.abs(), row))
        })
        .collect();
    changed.sort_by(|a, b| b.0.total_cmp(&a.0));
    table.rows = changed.into_iter().map(|(_, row)| row).collect();
    table
}

/// Settings of the campaigns that differ, in the order of reading.
fn rules(before: &Plan, after: &Plan, voice: &Voice) -> Table {
    let mut table = sheet(voice, "rules", "rule");
    let leaves = |plan: &Plan| plan.campaign.as_ref().map_or_else(Vec::new, Campaign::leaves);
    let (old, new) = (leaves(before), leaves(after));
    for place in places(&[&old, &new]) {
        let of = |leaves: &[Leaf]| {
            let leaf = leaves.iter().find(|leaf| leaf.place == place);
            leaf.map_or(Cell::Empty, |leaf| settings::cell(leaf, voice))
        };
        let (old, new) = (of(&old), of(&new));
        if old != new {
            table.rows.push(vec![Cell::Text(settings::name(&place, voice)), old, new, Cell::Empty]);
        }
    }
    table
}

/// The places of all settings of some campaigns: one that an earlier campaign lacks stands behind
/// the setting that it follows in its own.
fn places(campaigns: &[&[Leaf]]) -> Vec<Place> {
    let mut all: Vec<Place> = Vec::new();
    for leaves in campaigns {
        let mut next = 0;
        for leaf in *leaves {
            match all.iter().position(|place| *place == leaf.place) {
                Some(at) => next = at + 1,
                None => {
                    all.insert(next, leaf.place.clone());
                    next += 1;
                }
            }
        }
    }
    all
}

/// What the rules found that differs, by the kind of finding.
fn findings(before: &Plan, after: &Plan, voice: &Voice) -> Table {
    let told = |plan: &Plan| -> BTreeMap<String, String> {
        let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for finding in &plan.findings {
            let kind = voice.say("report-setting-finding", &[("code", &finding.code)]);
            told.entry(kind).or_default().push(tables::message(finding, voice));
        }
        told.into_iter().map(|(kind, messages)| (kind, messages.join(" "))).collect()
    };
    let mut table = sheet(voice, "findings", "finding");
    table.rows = differences(&told(before), &told(after));
    table
}

fn differences(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> Vec<Vec<Cell>> {
    let all: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let get = |of: &BTreeMap<String, String>, key: &str| of.get(key).cloned().unwrap_or_default();
    all.into_iter().filter_map(|key| texts(clean(key), &get(old, key), &get(new, key))).collect()
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
    fn the_page_names_every_run_and_has_its_words_in_both_languages() {
        let one = example::dossier(12);
        let mut other = one.clone();
        other.plan.rows[0].budget += 25.0;
        other.plan.actions.mean *= 1.5;
        let hostile = example::hostile();
        let folders = ["out/a", "out/b", "out/<c>"].map(str::to_owned);
        let dossiers = [&one, &other, &hostile];
        let runs = named(&folders.into_iter().zip(dossiers).collect::<Vec<_>>());
        assert_eq!([&runs[0].name, &runs[1].name], ["out/a", "out/b"]);
        for language in Language::ALL {
            let voice = Voice::new(&other, language);
            let html = crate::report::page::brief::html(&page(&runs, &voice), &voice);
            assert!(!html.contains('⟨'), "{language}: a message is missing");
            assert!(!html.contains("<script") && html.contains("&#60;script"), "{language}");
            assert!(html.contains(&format!("<html lang=\"{language}\">")));
            assert!(html.contains("out/a") && html.contains("out/b"));
            // The chart of promises, and one of the splits for each pair that differs.
            assert_eq!(html.matches("<figure").count(), 3, "{language}");
        }
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
        let moved = Moved::between(&before.plan, &after.plan);
        assert_eq!(moved.iter().map(Moved::change).sum::<f64>(), 0.0);
        let expected = [
            ("data", 1),
            ("findings", 0),
            ("model", 0),
            ("promise", 0),
            ("rules", 1),
            ("split", 2),
        ];
        assert_eq!(rows, BTreeMap::from(expected));
    }
}
