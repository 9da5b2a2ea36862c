//! `relais history panel --from-csv`: raw rows straight to a panel.

use std::collections::BTreeMap;

use super::shared::PanelArgs;
use crate::action::Action;
use crate::cli::terminal::context::{Context, Exit};
use crate::cli::terminal::screen;
use crate::history::stream::{RawColumns, panel_of_csv};
use crate::history::told::column;
use crate::segment::Attribute;

/// Names for a raw column of days, in the order they are tried.
const DAYS: [&str; 4] = ["date", "day", "start", "week"];

pub(super) fn run(args: &PanelArgs, context: &Context) -> anyhow::Result<Exit> {
    let columns = columns(args)?;
    let (panel, rows) = context.explain(panel_of_csv(&args.from_csv, &columns))?;
    match &args.out {
        Some(out) => context.put(out, |file| panel.write_csv_to(file))?,
        None if context.json => {}
        None => screen::data(|out| panel.write_csv_to(out))?,
    }
    if context.json {
        context.answer_json(&serde_json::json!({
            "out": args.out.as_ref().map(|out| out.display().to_string()),
            "rows": rows,
            "segments": panel.segments.len(),
            "cells": panel.cells.len(),
            "split_by": panel.attributes,
            "currency": panel.currency,
            "spend": panel.spend(),
        }))?;
    }
    let language = context.language;
    let split: Vec<String> = panel.attributes.iter().map(|name| column(language, name)).collect();
    let out = args.out.as_ref().map_or_else(|| "–".to_owned(), |out| out.display().to_string());
    context.note(&language.say(
        "history-stream-done",
        &[
            ("rows", &language.number(rows as f64, 0)),
            ("segments", &language.number(panel.segments.len() as f64, 0)),
            ("split", &split.join(" × ")),
            ("cells", &language.number(panel.cells.len() as f64, 0)),
            ("spend", &language.money(panel.spend(), panel.currency)),
            ("out", &out),
        ],
    ));
    Ok(Exit::Good)
}

/// Columns as the header and `--column` name them.
fn columns(args: &PanelArgs) -> anyhow::Result<RawColumns> {
    let mut named: BTreeMap<&str, &str> = BTreeMap::new();
    for pair in &args.column {
        let Some((name, found)) = pair.split_once('=') else {
            anyhow::bail!("--column: found `{pair}`, expected NAME=COLUMN");
        };
        named.insert(name.trim(), found.trim());
    }
    let header = header(&args.from_csv[0])?;
    let there = |name: &str| header.iter().any(|found| found == name);
    // What is named is taken at its word; what is not is taken when it is there.
    let own = |name: &str| match named.get(name) {
        Some(found) => (!found.is_empty()).then(|| (*found).to_owned()),
        None => there(name).then(|| name.to_owned()),
    };
    let required = |name: &str| own(name).unwrap_or_else(|| name.to_owned());
    let known: Vec<&str> = ["date", "spend", "impressions"]
        .into_iter()
        .chain(Attribute::ALL.map(Attribute::column))
        .chain(Action::ALL.map(Action::column))
        .collect();
    if let Some(name) = named.keys().find(|name| !known.contains(name)) {
        anyhow::bail!("--column: found `{name}`, expected one of: {}", known.join(", "));
    }
    let split_by =
        if args.asked.split_by.is_empty() { audience(&own) } else { args.asked.split_by.clone() };
    let day = DAYS.into_iter().find(|name| there(name)).unwrap_or("date");
    Ok(RawColumns {
        segment: split_by.into_iter().map(|a| (a, required(a.column()))).collect(),
        day: named.get("date").map_or(day, |found| found).to_owned(),
        spend: required("spend"),
        impressions: own("impressions"),
        actions: Action::ALL.into_iter().filter_map(|a| Some((a, own(a.column())?))).collect(),
        currency: args.asked.currency,
    })
}

/// Network and audience attributes that have a column.
fn audience(own: &dyn Fn(&str) -> Option<String>) -> Vec<Attribute> {
    [
        Attribute::Network,
        Attribute::Age,
        Attribute::Gender,
        Attribute::Territory,
        Attribute::Interest,
        Attribute::Format,
        Attribute::Topic,
    ]
    .into_iter()
    .filter(|attribute| own(attribute.column()).is_some())
    .collect()
}

fn header(path: &std::path::Path) -> anyhow::Result<Vec<String>> {
    use anyhow::Context as _;
    let told = || format!("`{}`", path.display());
    // It is read more than once.
    crate::files::must_stay(path).with_context(told)?;
    let file = crate::files::open(path).with_context(told)?;
    // A header is short; whatever is not is no header and finds no column.
    let file = std::io::Read::take(file, 1 << 20);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file);
    let header = reader.byte_headers().with_context(told)?;
    let text = |cell: &[u8]| String::from_utf8_lossy(cell).trim().to_owned();
    let names: Vec<String> = header.iter().map(text).collect();
    match names.as_slice() {
        [one] => Ok(one.split([';', '\t']).map(|name| name.trim_matches('"').to_owned()).collect()),
        _ => Ok(names),
    }
}
