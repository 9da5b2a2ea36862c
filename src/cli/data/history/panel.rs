//! `relais history panel`: the history as segments and weeks.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::shared::{PanelArgs, amount};
use crate::cli::terminal::context::{Context, Exit};
use crate::cli::terminal::screen;
use crate::history::told::column;
use crate::history::{GrainUse, PanelReport};
use crate::language::Language;

pub(super) fn run(args: &PanelArgs, context: &Context) -> anyhow::Result<Exit> {
    if !args.from_csv.is_empty() {
        return super::raw::run(args, context);
    }
    let history = args.file.open(context)?;
    let report = context.explain(history.panel(&args.asked.options()))?;
    match &args.out {
        Some(out) => context.put(out, |file| report.panel.write_csv_to(file))?,
        None if context.json => {}
        None => screen::data(|out| report.panel.write_csv_to(out))?,
    }
    if context.json {
        context.answer_json(&json(&report, args.out.as_ref()))?;
    }
    for line in lines(&report, args.out.as_ref(), context.language) {
        context.note(&line);
    }
    Ok(crate::cli::data::source::tell_notes(&report.panel.notes, context))
}

/// What was given back, by the level that gave it.
fn given(report: &PanelReport) -> BTreeMap<&str, f64> {
    report.refunds_from.iter().map(|(level, spend)| (level.as_str(), amount(*spend))).collect()
}

pub(super) fn json(report: &PanelReport, out: Option<&PathBuf>) -> serde_json::Value {
    serde_json::json!({
        "out": out.map(|out| out.display().to_string()),
        "segments": report.panel.segments.len(),
        "cells": report.panel.cells.len(),
        "split_by": report.split_by,
        "currency": report.panel.currency,
        "spend": amount(report.spend),
        "not_broken_down": amount(report.not_broken_down),
        "modelled": amount(report.modelled),
        "overlapping": amount(report.overlapping),
        "drift": amount(report.drift),
        "refund_rows": report.refund_rows,
        "refunds": amount(report.refunds),
        "refunds_from": given(report),
        "organic_rows": report.organic_rows,
        "rows_outside": report.rows_outside,
        "grains": report.grains,
        "notes": report.panel.notes,
    })
}

/// What was made, of which rows, and what was left out.
pub(super) fn lines(
    report: &PanelReport,
    out: Option<&PathBuf>,
    language: Language,
) -> Vec<String> {
    let money = |value| language.money(amount(value), report.panel.currency);
    let split: Vec<String> =
        report.split_by.iter().map(|attribute| column(language, attribute.column())).collect();
    let out = out.map_or_else(|| "–".to_owned(), |out| out.display().to_string());
    let mut lines = vec![language.say(
        "history-panel-done",
        &[
            ("segments", &language.number(report.panel.segments.len() as f64, 0)),
            ("split", &split.join(" × ")),
            ("cells", &language.number(report.panel.cells.len() as f64, 0)),
            ("spend", &money(report.spend)),
            ("out", &out),
        ],
    )];
    if report.grains.len() > 1 {
        lines.extend(report.grains.iter().map(|grain| grain_line(grain, language)));
    }
    for (key, value) in [
        ("history-panel-rest", report.not_broken_down),
        ("history-panel-modelled", report.modelled),
        ("history-panel-overlapping", report.overlapping),
        ("history-panel-drift", report.drift),
    ] {
        // Exports round to 13 decimals; a rest below half a cent is that.
        if amount(value) >= 0.005 {
            lines.push(language.say(key, &[("spend", &money(value))]));
        }
    }
    if !report.refunds_from.is_empty() {
        let from = report.refunds_from.iter().map(|(level, spend)| {
            language.say(&format!("history-panel-refunds-{level}"), &[("spend", &money(*spend))])
        });
        let (spend, from) = (money(report.refunds), from.collect::<Vec<_>>().join(", "));
        let values = [("spend", spend.as_str()), ("from", &from)];
        lines.push(language.count("history-panel-refunds", report.refund_rows, &values));
    }
    for (key, n) in [
        ("history-panel-organic", report.organic_rows),
        ("history-panel-outside", report.rows_outside),
    ] {
        if n > 0 {
            lines.push(language.count(key, n, &[]));
        }
    }
    lines
}

fn grain_line(grain: &GrainUse, language: Language) -> String {
    let names: Vec<String> =
        grain.breakdowns.iter().map(|attribute| column(language, attribute.column())).collect();
    let breakdowns = if names.is_empty() {
        language.text("history-panel-no-breakdown")
    } else {
        language.say("history-panel-by", &[("attributes", &names.join(" × "))])
    };
    let key = if grain.used == 0 { "history-panel-grain-other" } else { "history-panel-grain" };
    language.say(
        key,
        &[
            ("network", &grain.network),
            ("level", &language.text(&format!("history-level-{}", grain.level))),
            ("breakdowns", &breakdowns),
            ("used", &language.number(grain.used as f64, 0)),
            ("rows", &language.number(grain.rows as f64, 0)),
        ],
    )
}
