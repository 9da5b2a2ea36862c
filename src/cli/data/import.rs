//! `relais import`: reads exports into the history.

use std::path::{Path, PathBuf};

use clap::Args;
use jiff::civil::Date;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Map, Value, json};

use super::checkup;
use super::history::rename;
use super::source::tell_notes;
use super::totals::history_json;
use crate::cli::terminal::context::{Context, Exit, Failure};
use crate::cli::terminal::grid;
use crate::cli::terminal::grid::Kind;
use crate::history::Lowered;
use crate::history::told::renaming;
use crate::ingest::checkup::Checkup;
use crate::ingest::{
    Act, FileReport, Formats, IngestError, LineFinding, MapDid, Mapping, YEARS, files, formats,
};
use crate::intake::told::SHOWN;
use crate::intake::{Ended, Fate, Held, Intake, Outcome, Skips, told, unread};
use crate::language::{Explain, Language};
use crate::reference::Reference;

/// Files up to which each is told in several lines; of more, those alone of which there is something
/// to say.
const TOLD_WHOLE: usize = 3;

/// Reads exports into the history.
#[derive(Debug, Clone, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct ImportArgs {
    /// Exports, or folders with exports below them.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The history to store in; made when there is none.
    #[arg(long, value_name = "H.sqlite", required_unless_present_any = ["explain", "dry_run"])]
    history: Option<PathBuf>,
    /// What columns and names mean: a file, or the name of a shipped map.
    #[arg(long, value_name = "M.toml")]
    map: Option<PathBuf>,
    /// Stores the good lines of files that have bad ones too.
    #[arg(long)]
    skip_invalid: bool,
    /// Leaves out files that cannot be read as a whole, and stores the others.
    #[arg(long)]
    skip_unknown: bool,
    /// Shows how every column is understood, and stores nothing.
    #[arg(long)]
    explain: bool,
    /// Reads and checks everything, and stores nothing.
    #[arg(long)]
    dry_run: bool,
    /// The format, where a file fits several.
    #[arg(long, value_name = "NAME")]
    format: Option<String>,
    /// Order of day and month, where the file does not tell: `dmy` or `mdy`.
    #[arg(long, value_name = "dmy|mdy")]
    dates: Option<String>,
    /// The year of a file's first date, where its dates say none.
    #[arg(long, value_name = "YYYY", value_parser = years())]
    year: Option<i16>,
}

/// Years in which networks sold ads.
fn years() -> impl clap::builder::TypedValueParser<Value = i16> {
    clap::value_parser!(i16).range(i64::from(YEARS.start)..i64::from(YEARS.end))
}

/// Runs the command.
///
/// # Errors
///
/// Bad input, told in the person's language.
pub fn run(args: &ImportArgs, context: &Context) -> anyhow::Result<Exit> {
    let formats = context.explain(formats(&context.reference))?;
    let map = context.explain(mapping(args, &context.reference))?;
    let paths = context.explain(files(&args.files))?;
    let intake = Intake {
        formats: &formats,
        map: map.as_ref(),
        paths: &paths,
        within: None,
        skips: Skips { invalid: args.skip_invalid, unknown: args.skip_unknown },
        language: context.language,
    };
    match &args.history {
        Some(path) if !args.explain && !args.dry_run => store(args, context, intake, path),
        _ => look(args, context, intake),
    }
}

fn mapping(args: &ImportArgs, reference: &Reference) -> Result<Option<Mapping>, IngestError> {
    if args.map.is_none() && args.format.is_none() && args.dates.is_none() && args.year.is_none() {
        return Ok(None);
    }
    let mut map = match &args.map {
        Some(path) => Mapping::named(path, reference)?,
        None => Mapping::default(),
    };
    if let Some(name) = &args.format {
        map = map.with_format(name);
    }
    if let Some(order) = &args.dates {
        map = map.with_dates(order)?;
    }
    if let Some(year) = args.year {
        map = map.with_year(year)?;
    }
    Ok(Some(map))
}

/// Reads everything, stores nothing.
fn look(args: &ImportArgs, context: &Context, intake: Intake<'_>) -> anyhow::Result<Exit> {
    let bar = context.bar(intake.paths.len() as u64, "");
    let outcomes = intake.look(&mut || bar.inc(1));
    bar.finish_and_clear();
    let refused = intake.refusal(&outcomes);
    let checkup = checked(context, intake.formats, &outcomes, None)?;
    answer(args, context, &outcomes, None, refused.as_deref(), &checkup)
}

/// Imports a folder into a history, and gives the number of rows the history holds.
///
/// # Errors
///
/// What is wrong with a file or the history; nothing is stored then.
pub(crate) fn folder(
    exports: &Path,
    map: &Path,
    history: &Path,
    context: &Context,
) -> anyhow::Result<u64> {
    let formats = context.explain(formats(&context.reference))?;
    let map = context.explain(Mapping::open(map))?;
    let paths = context.explain(files(&[exports.to_owned()]))?;
    let intake = Intake {
        formats: &formats,
        map: Some(&map),
        paths: &paths,
        within: None,
        skips: Skips::default(),
        language: context.language,
    };
    let (_, ended) = stored(context, intake, history)?;
    Ok(ended.map_err(Failure)?.totals.rows)
}

fn store(
    args: &ImportArgs,
    context: &Context,
    intake: Intake<'_>,
    path: &Path,
) -> anyhow::Result<Exit> {
    let (outcomes, ended) = stored(context, intake, path)?;
    let formats = intake.formats;
    match ended {
        Ok(held) => {
            let checkup = checked(context, formats, &outcomes, held.paid_days)?;
            let exit = answer(args, context, &outcomes, Some((&held, path)), None, &checkup)?;
            let undecided = tell_notes(&held.notes, context);
            let exit = if undecided == Exit::Good { exit } else { undecided };
            Ok(if held.renamings.is_empty() { exit } else { Exit::Findings })
        }
        Err(reason) => {
            let checkup = checked(context, formats, &outcomes, None)?;
            answer(args, context, &outcomes, None, Some(&reason), &checkup)
        }
    }
}

fn reports(outcomes: &[Outcome]) -> impl Iterator<Item = &(FileReport, Fate)> {
    outcomes.iter().filter_map(|outcome| outcome.result.as_ref().ok())
}

fn stored(
    context: &Context,
    intake: Intake<'_>,
    path: &Path,
) -> anyhow::Result<(Vec<Outcome>, Ended)> {
    let bar = context.bar(intake.paths.len() as u64, "");
    let now = jiff::Timestamp::now().to_string();
    let stored = intake.store(path, &now, &mut || bar.inc(1));
    bar.finish_and_clear();
    Ok(context.explain(stored)?)
}

/// What the exports that could be read lack for a plan.
fn checked(
    context: &Context,
    formats: &Formats,
    outcomes: &[Outcome],
    known: Option<(Date, Date)>,
) -> Result<Checkup, Failure> {
    let reports: Vec<&FileReport> = reports(outcomes).map(|(report, _)| report).collect();
    let who = (context.today, context.language);
    let told = crate::intake::checkup::look(&reports, formats, known, &context.reference, who);
    context.explain(told)
}

fn answer(
    args: &ImportArgs,
    context: &Context,
    outcomes: &[Outcome],
    history: Option<(&Held, &Path)>,
    refused: Option<&str>,
    checkup: &Checkup,
) -> anyhow::Result<Exit> {
    let unused = unused_map(args, context.language, outcomes);
    if context.json {
        context.answer_json(&as_json(context.language, outcomes, history, refused, checkup))?;
    } else {
        let many = outcomes.len() > TOLD_WHOLE && !args.explain;
        for (report, fate) in reports(outcomes) {
            let fate = history.map(|_| fate);
            let brief = told::brief(context.language, report, fate).filter(|_| many);
            let told = brief.unwrap_or_else(|| summary(args, context.language, report, fate));
            context.answer(&told)?;
        }
        if let Some(told) = &unused {
            context.answer(told)?;
        }
        if let Some((held, path)) = history {
            context.answer(&told::history(context.language, &held.totals, path))?;
            for own in held.renamings.iter().take(SHOWN) {
                context.answer(&renaming(context.language, own, path))?;
            }
        } else if refused.is_none() {
            context.answer(&context.language.text("ingest-dry-run"))?;
        }
        if let Some(told) = checkup::told(context.language, checkup).filter(|_| refused.is_none()) {
            context.answer(&told)?;
        }
    }
    if let Some(reason) = refused {
        let prefix = context.language.text("ingest-error");
        context.note(&format!("{prefix} {reason}"));
        context.note(&context.language.text("ingest-nothing-stored"));
        return Ok(Exit::BadInput);
    }
    let left_out = unread(context.language, outcomes);
    for reason in &left_out {
        context.note(&context.language.say("ingest-left-out", &[("reason", reason)]));
    }
    let check = |(report, fate): &(FileReport, Fate)| {
        report.needs_a_person()
            || fate.counts.currencies.is_some()
            || fate.lowered.iter().any(Lowered::needs_a_person)
    };
    let check = unused.is_some() || !left_out.is_empty() || reports(outcomes).any(check);
    Ok(if check { Exit::Findings } else { Exit::Good })
}

/// That no file has the columns of the map that was given.
fn unused_map(args: &ImportArgs, language: Language, outcomes: &[Outcome]) -> Option<String> {
    let map = args.map.as_ref()?.display().to_string();
    if !reports(outcomes).all(|(report, _)| report.is_map_unused) {
        return None;
    }
    let (report, _) = reports(outcomes).next()?;
    let absent = report.map.iter().filter(|line| line.did == MapDid::Absent);
    let absent: Vec<String> = absent.map(|line| format!("`{}`", line.key)).collect();
    let columns = absent.join(", ");
    Some(language.say("ingest-map-unused", &[("map", &map), ("columns", &columns)]))
}

fn as_json(
    language: Language,
    outcomes: &[Outcome],
    history: Option<(&Held, &Path)>,
    refused: Option<&str>,
    checkup: &Checkup,
) -> Value {
    let files: Vec<Value> = outcomes.iter().map(|outcome| file_json(language, outcome)).collect();
    let mut object = Map::new();
    object.insert("files".into(), files.into());
    if let Some((held, path)) = history {
        object.insert("history".into(), history_json(&held.totals));
        let renamings = held.renamings.iter().map(|own| rename::as_json(language, own, path));
        object.insert("renamings".into(), renamings.collect());
    }
    if let Some(reason) = refused {
        object.insert("error".into(), reason.into());
    } else {
        object.insert("checkup".into(), checkup::as_json(language, checkup));
    }
    object.into()
}

fn file_json(language: Language, outcome: &Outcome) -> Value {
    let (report, fate) = match &outcome.result {
        Ok(read) => read,
        Err(error) => {
            let path = outcome.path.display().to_string();
            return json!({ "path": path, "format": null, "error": error.explain(language) });
        }
    };
    let Fate { counts, lowered, newer } = fate;
    let newer: Vec<Value> =
        newer.iter().map(|(import, file)| json!({ "import": import, "file": file })).collect();
    let mut findings: Vec<Value> =
        report.findings.iter().map(|finding| finding_json(language, finding)).collect();
    findings.extend(told::recoined(language, counts).map(|(now, told)| {
        json!({ "line": null, "column": null, "found": now, "allowed": told, "action": Act::Check })
    }));
    findings.extend(lowered.iter().map(|own| {
        let action = if own.needs_a_person() { Act::Check } else { Act::Noted };
        let (column, found) = (own.measure, own.now);
        let told = told::lowered(language, own);
        json!({ "line": null, "column": column, "found": found, "allowed": told, "action": action })
    }));
    let columns: Vec<Value> = report
        .columns
        .iter()
        .map(|column| {
            let meaning = told::role(language, &column.role);
            json!({ "header": column.header, "meaning": meaning, "example": column.example })
        })
        .collect();
    let map: Vec<Value> = (report.map.iter())
        .map(|line| {
            let told = line.did.tell(language);
            let mut object = json!({
                "key": line.key, "value": line.value, "told": told,
                "cells": line.cells, "example": line.example,
            });
            if let (Some(object), Ok(Value::Object(did))) =
                (object.as_object_mut(), serde_json::to_value(&line.did))
            {
                object.extend(did);
            }
            object
        })
        .collect();
    json!({
        "path": outcome.path.display().to_string(),
        "format": report.format,
        "fingerprint": report.fingerprint,
        "encoding": report.encoding,
        "encoding_by": report.encoding_by,
        "rows_read": report.rows_read,
        "rows_imported": counts.imported,
        "rows_replaced": counts.replaced,
        "rows_duplicate": counts.duplicate,
        "rows_outdated": counts.outdated,
        "outdated_by": newer,
        "lowered": lowered,
        "rows_ignored": report.rows_ignored,
        "rows_rejected": report.rows_rejected,
        "rows_beside": report.rows_beside,
        "refunds": {
            "rows": report.refunds.rows,
            "spend": report.refunds.spend.to_f64(),
            "lines": report.refunds.lines,
        },
        "actions": report.actions.as_ref().map(|path| path.display().to_string()),
        "currency": report.currency,
        "start": report.window.map(|(start, _)| start.to_string()),
        "end": report.window.map(|(_, end)| end.to_string()),
        "totals": totals_json(&report.totals),
        "declared": report.declared.as_ref().map(totals_json),
        "columns": columns,
        "map": map,
        "map_extends": report.is_extended,
        "map_unused": report.is_map_unused,
        "findings": findings,
        "notes": report.hidden,
        "findings_omitted": report.findings_omitted,
        "sheets_not_read": report.sheets_not_read,
        "names_without_attributes": report.names_without_attributes.as_ref().map_or(0, |(n, _)| *n),
    })
}

fn finding_json(language: Language, finding: &LineFinding) -> Value {
    json!({
        "line": finding.line,
        "column": finding.column,
        "found": finding.found,
        "allowed": finding.allowed.tell(language),
        "action": finding.action,
    })
}

fn totals_json(totals: &crate::ingest::Totals) -> Value {
    let mut object = Map::new();
    let spend = totals.spend.and_then(|spend| spend.to_f64());
    object.insert("spend".into(), spend.into());
    object.insert("impressions".into(), totals.impressions.into());
    for (action, count) in totals.by_action() {
        object.insert(action.column().into(), count.into());
    }
    object.into()
}

/// What a file gave, for people.
fn summary(
    args: &ImportArgs,
    language: Language,
    report: &FileReport,
    fate: Option<&Fate>,
) -> String {
    let path = report.path.display().to_string();
    let mut lines =
        vec![language.say("ingest-file", &[("file", &path), ("format", &report.format)])];
    if args.explain {
        lines.push(columns(language, report));
        if !report.map.is_empty() {
            lines.push(map_lines(language, report));
        }
    }
    lines.extend(told::lines(language, report, fate).into_iter().map(|line| format!("  {line}")));
    lines.join("\n")
}

/// What each line of the map did, as `--explain` shows it.
fn map_lines(language: Language, report: &FileReport) -> String {
    let header = ["line", "did", "cells", "example"];
    let header = header.map(|key| language.text(&format!("ingest-map-column-{key}")));
    let rows = report.map.iter().map(|line| {
        let cells = line.cells.map(|cells| language.number(cells as f64, 0)).unwrap_or_default();
        let said = format!("{} = {}", line.key, line.value);
        vec![said, line.did.tell(language), cells, line.example.clone()]
    });
    let kinds = vec![Kind::Name, Kind::Words, Kind::Number, Kind::Name];
    grid::of(header.to_vec(), rows.collect(), kinds).to_string()
}

/// The table of columns that `--explain` shows.
fn columns(language: Language, report: &FileReport) -> String {
    let header = ["ingest-column-header", "ingest-column-meaning", "ingest-column-example"]
        .map(|key| language.text(key));
    let rows = report.columns.iter().map(|column| {
        vec![column.header.clone(), told::role(language, &column.role), column.example.clone()]
    });
    let kinds = vec![Kind::Name, Kind::Words, Kind::Name];
    grid::of(header.to_vec(), rows.collect(), kinds).to_string()
}
