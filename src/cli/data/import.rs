//! `relais import`: reads exports into the history.

use std::fmt::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use clap::Args;
use jiff::civil::Date;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Map, Value, json};

use super::checkup;
use super::history::rename;
use super::source::tell_notes;
use super::totals::{history_json, spend};
use crate::cli::terminal::begun::Aside;
use crate::cli::terminal::context::{Context, Exit, Failure};
use crate::cli::terminal::grid;
use crate::cli::terminal::grid::Kind;
use crate::history::{
    FileCounts, FileMeta, History, HistoryError, Import, Lowered, Renaming, Totals,
};
use crate::ingest::checkup::Checkup;
use crate::ingest::{
    Act, EncodingBy, Export, FileReport, Formats, IngestError, LineFinding, MapDid, Mapping, Role,
    YEARS, files, formats,
};
use crate::language::{Explain, Language};
use crate::panel::PanelNote;
use crate::reference::Reference;
use crate::units::Currency;

/// Findings shown to people per file; `--json` has them all.
const SHOWN: usize = 20;

/// Files up to which each is told in several lines; of more, those alone of which there is something
/// to say.
const TOLD_WHOLE: usize = 3;

/// Columns that nobody knows, shown to people; `--json` and `--explain` have them all.
const COLUMNS_SHOWN: usize = 12;

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

/// What may be left out of an import.
#[derive(Debug, Clone, Copy, Default)]
struct Skips {
    /// Lines with errors.
    invalid: bool,
    /// Files that cannot be read as a whole.
    unknown: bool,
}

/// What became of one file.
struct Outcome {
    path: PathBuf,
    result: Result<(FileReport, Fate), IngestError>,
}

/// What became of its rows.
#[derive(Debug, Default)]
struct Fate {
    counts: FileCounts,
    /// Totals that its rows have lowered.
    lowered: Vec<Lowered>,
    /// Imports and names of the files that have replaced its rows since.
    newer: Vec<(i64, String)>,
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
    match &args.history {
        Some(path) if !args.explain && !args.dry_run => {
            store(args, context, &formats, map.as_ref(), &paths, path)
        }
        _ => look(args, context, &formats, map.as_ref(), &paths),
    }
}

fn skips(args: &ImportArgs) -> Skips {
    Skips { invalid: args.skip_invalid, unknown: args.skip_unknown }
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
fn look(
    args: &ImportArgs,
    context: &Context,
    formats: &Formats,
    map: Option<&Mapping>,
    paths: &[PathBuf],
) -> anyhow::Result<Exit> {
    let bar = context.bar(paths.len() as u64, "");
    let mut outcomes = Vec::new();
    let sources = formats.sources(paths);
    for source in &sources.all {
        let read = formats
            .open_source(source, &sources, map)
            .and_then(|export| export.read(&mut |_| ControlFlow::Continue(())));
        let result = read.map(|report| (report, Fate::default()));
        outcomes.push(Outcome { path: source.path.clone(), result });
        bar.inc(1);
    }
    bar.finish_and_clear();
    let refused = refusal(context.language, &outcomes, skips(args));
    let checkup = checked(context, formats, &outcomes, None)?;
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
    let (_, ended) = stored(context, &formats, Some(&map), &paths, history, Skips::default())?;
    Ok(ended.map_err(Failure)?.totals.rows)
}

fn store(
    args: &ImportArgs,
    context: &Context,
    formats: &Formats,
    map: Option<&Mapping>,
    paths: &[PathBuf],
    path: &Path,
) -> anyhow::Result<Exit> {
    let (outcomes, ended) = stored(context, formats, map, paths, path, skips(args))?;
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

/// What the exports that could be read lack for a plan.
fn checked(
    context: &Context,
    formats: &Formats,
    outcomes: &[Outcome],
    known: Option<(Date, Date)>,
) -> Result<Checkup, Failure> {
    let reports: Vec<&FileReport> = reports(outcomes).map(|(report, _)| report).collect();
    checkup::look(&reports, formats, known, context)
}

/// Times that somebody else's new history may come first before an import takes part in it as it
/// comes.
const BEGINNINGS: usize = 5;

/// What a history holds after an import.
struct Held {
    totals: Totals,
    /// What is to be said of it.
    notes: Vec<PanelNote>,
    /// What was probably renamed.
    renamings: Vec<Renaming>,
    /// First and last day of its money.
    paid_days: Option<(Date, Date)>,
}

/// What a history holds after an import; or why nothing was stored.
type Ended = Result<Held, String>;

/// Stores into a history, begun only when something is stored; otherwise the reason.
fn stored(
    context: &Context,
    formats: &Formats,
    map: Option<&Mapping>,
    paths: &[PathBuf],
    path: &Path,
    skips: Skips,
) -> anyhow::Result<(Vec<Outcome>, Ended)> {
    context.explain(History::check_name(path))?;
    for _ in 0..BEGINNINGS {
        if std::fs::symlink_metadata(path).is_ok() {
            break;
        }
        let aside = Aside::beside(path);
        let place = Place { path: aside.path(), known_as: path };
        let (outcomes, ended) = stored_in(context, formats, map, paths, place, skips)?;
        let named = || {
            aside
                .name(path)
                .map_err(|source| HistoryError::System { path: path.to_owned(), source })
        };
        if ended.is_err() || context.explain(named())? {
            return Ok((outcomes, ended));
        }
    }
    stored_in(context, formats, map, paths, Place { path, known_as: path }, skips)
}

/// Where a history is written, and the name by which the person knows it.
#[derive(Clone, Copy)]
struct Place<'a> {
    path: &'a Path,
    known_as: &'a Path,
}

/// Reads everything into one transaction, and commits it only when nothing was wrong; otherwise
/// the reason.
fn stored_in(
    context: &Context,
    formats: &Formats,
    map: Option<&Mapping>,
    paths: &[PathBuf],
    place: Place<'_>,
    skips: Skips,
) -> anyhow::Result<(Vec<Outcome>, Ended)> {
    let known = |error: HistoryError| error.at(place.known_as);
    let mut history = context.explain(History::open(place.path).map_err(known))?;
    let now = jiff::Timestamp::now().to_string();
    let mut import = context.explain(history.begin_noted(Some(&now)).map_err(known))?;
    let bar = context.bar(paths.len() as u64, "");
    let mut outcomes = Vec::new();
    let sources = formats.sources(paths);
    for source in &sources.all {
        let result = match formats.open_source(source, &sources, map) {
            Ok(export) => {
                context.explain(add(&mut import, &export, &source.path).map_err(known))?
            }
            Err(error) => Err(error),
        };
        outcomes.push(Outcome { path: source.path.clone(), result });
        bar.inc(1);
    }
    bar.finish_and_clear();
    if let Some(reason) = refusal(context.language, &outcomes, skips) {
        drop(import);
        for outcome in &mut outcomes {
            if let Ok((_, fate)) = &mut outcome.result {
                *fate = Fate::default();
            }
        }
        return Ok((outcomes, Err(reason)));
    }
    let first_file = import.first_file();
    let totals = context.explain(import.commit().map_err(known))?;
    let renamings = context.explain(history.likely_renamings(first_file).map_err(known))?;
    let mut notes = context.explain(history.windows().map_err(known))?;
    let below = totals.currencies.values().filter(|spend| spend.is_sign_negative());
    notes.extend(
        below.map(|spend| PanelNote::RefundsBeyond { spend: -spend.to_f64().unwrap_or_default() }),
    );
    let counts = totals.actions.iter().map(|(kind, count)| (kind.column(), *count));
    let taken_back = counts.chain([("impressions", totals.impressions)]).filter(|(_, n)| *n < 0.0);
    notes.extend(taken_back.map(|(column, count)| PanelNote::CountsBeyond {
        column: column.to_owned(),
        count: -count,
    }));
    let paid_days = context.explain(history.paid_days().map_err(known))?;
    Ok((outcomes, Ok(Held { totals, notes, renamings, paid_days })))
}

/// Adds one file's rows to the import.
fn add(
    import: &mut Import<'_>,
    export: &Export<'_>,
    path: &Path,
) -> Result<Result<(FileReport, Fate), IngestError>, HistoryError> {
    import.file(&FileMeta {
        name: path.display().to_string(),
        fingerprint: export.fingerprint(),
        format: export.format().to_owned(),
        currency: None,
    })?;
    let mut failed = None;
    let read = export.read(&mut |row| match import.row(&row) {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => {
            failed = Some(error);
            ControlFlow::Break(())
        }
    });
    if let Some(error) = failed {
        return Err(error);
    }
    match read {
        Ok(report) => {
            let counts = import.end_file()?;
            let (lowered, newer) = (import.lowered().to_vec(), import.newer().to_vec());
            Ok(Ok((report, Fate { counts, lowered, newer })))
        }
        // What was read of it before the trouble showed must not stay.
        Err(error) => import.abandon_file().map(|()| Err(error)),
    }
}

/// Why nothing may be stored, when something may not: every file and every line at fault.
fn refusal(language: Language, outcomes: &[Outcome], skips: Skips) -> Option<String> {
    let mut errors = unread(language, outcomes);
    if !errors.is_empty() && (!skips.unknown || errors.len() == outcomes.len()) {
        if outcomes.len() > errors.len() {
            let number = |n: usize| language.number(n as f64, 0);
            let good = number(outcomes.len() - errors.len());
            errors.push(language.count(
                "ingest-unread-files",
                errors.len() as u64,
                &[("good", &good)],
            ));
        }
        return Some(errors.join("\n"));
    }
    let rejected: u64 = reports(outcomes).map(|(report, _)| report.rows_rejected).sum();
    (rejected > 0 && !skips.invalid).then(|| {
        let count = language.number(rejected as f64, 0);
        language.say("ingest-rejected-lines", &[("count", &count)])
    })
}

/// What is wrong with each file that could not be read.
fn unread(language: Language, outcomes: &[Outcome]) -> Vec<String> {
    let errors = outcomes.iter().filter_map(|outcome| outcome.result.as_ref().err());
    errors.map(|error| error.explain(language)).collect()
}

fn reports(outcomes: &[Outcome]) -> impl Iterator<Item = &(FileReport, Fate)> {
    outcomes.iter().filter_map(|outcome| outcome.result.as_ref().ok())
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
            let brief = brief(context.language, report, fate).filter(|_| many);
            let told = brief.unwrap_or_else(|| summary(args, context.language, report, fate));
            context.answer(&told)?;
        }
        if let Some(told) = &unused {
            context.answer(told)?;
        }
        if let Some((held, path)) = history {
            context.answer(&told_history(context.language, &held.totals, path))?;
            for own in held.renamings.iter().take(SHOWN) {
                context.answer(&rename::told(context.language, own, path))?;
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
    findings.extend(recoined(language, counts).map(|(now, told)| {
        json!({ "line": null, "column": null, "found": now, "allowed": told, "action": Act::Check })
    }));
    findings.extend(lowered.iter().map(|own| {
        let action = if own.needs_a_person() { Act::Check } else { Act::Noted };
        let (column, found) = (own.measure, own.now);
        let told = told_lowered(language, own);
        json!({ "line": null, "column": column, "found": found, "allowed": told, "action": action })
    }));
    let columns: Vec<Value> = report
        .columns
        .iter()
        .map(|column| {
            let meaning = role(language, &column.role);
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

/// The currency of rows whose money was in another one before, and what is to be said of them.
fn recoined(language: Language, counts: &FileCounts) -> Option<(Currency, String)> {
    let (before, now) = counts.currencies?;
    let (before, after) = (before.code(), now.code());
    let values = [("before", before), ("now", after)];
    Some((now, language.count("ingest-other-currency", counts.recoined, &values)))
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

/// What a file gave in one line; `None` where there is more to say.
fn brief(language: Language, report: &FileReport, fate: Option<&Fate>) -> Option<String> {
    let is_new = |Fate { counts, lowered, .. }: &Fate| {
        counts.replaced == 0
            && counts.duplicate == 0
            && counts.outdated == 0
            && counts.currencies.is_none()
            && lowered.is_empty()
    };
    let is_plain = report.findings.is_empty()
        && report.rows_rejected == 0
        && report.refunds.rows == 0
        && report.sheets_not_read.is_empty()
        && report.names_without_attributes.is_none()
        && report.hidden.is_empty()
        && report.actions.is_none()
        && report.encoding_by == EncodingBy::File
        && !report.is_extended
        && (report.currency.is_some() || report.totals.spend.is_none())
        && not_understood(language, report).is_none()
        && fate.is_none_or(is_new);
    let (start, end) = report.window.filter(|_| is_plain)?;
    let nothing = || language.text("ingest-not-reported");
    let spend = report.totals.spend.and_then(|spend| spend.to_f64());
    let spend = spend.map_or_else(nothing, |spend| language.money(spend, report.currency));
    Some(language.say(
        "ingest-brief",
        &[
            ("file", &report.path.display().to_string()),
            ("format", &report.format),
            ("rows", &language.number(report.rows_accepted() as f64, 0)),
            ("spend", &spend),
            ("start", &language.date(start)),
            ("end", &language.date(end)),
        ],
    ))
}

/// What a file gave, for people.
fn summary(
    args: &ImportArgs,
    language: Language,
    report: &FileReport,
    fate: Option<&Fate>,
) -> String {
    let number = |n: u64| language.number(n as f64, 0);
    let path = report.path.display().to_string();
    let mut lines =
        vec![language.say("ingest-file", &[("file", &path), ("format", &report.format)])];
    if args.explain {
        lines.push(columns(language, report));
        if !report.map.is_empty() {
            lines.push(map_lines(language, report));
        }
    }
    let mut line = |text: String| lines.push(format!("  {text}"));
    line(language.say(
        "ingest-read",
        &[
            ("rows", &number(report.rows_read)),
            ("rejected", &number(report.rows_rejected)),
            ("ignored", &number(report.rows_ignored)),
        ],
    ));
    line(sums(language, "ingest-totals", report, &report.totals));
    if let Some(declared) = &report.declared {
        line(sums(language, "ingest-declared", report, declared));
    }
    if let Some((start, end)) = report.window {
        let (start, end) = (language.date(start), language.date(end));
        line(language.say("ingest-window", &[("start", &start), ("end", &end)]));
    }
    if report.window.is_none() && report.rows_accepted() > 0 {
        line(language.text("ingest-undated"));
    }
    let encoding = match report.encoding_by {
        EncodingBy::File => None,
        EncodingBy::Bytes => Some("ingest-encoding-bytes"),
        EncodingBy::Headers => Some("ingest-encoding-headers"),
        EncodingBy::Others => Some("ingest-encoding-others"),
        EncodingBy::Map => Some("ingest-encoding-map"),
    };
    if let Some(key) = encoding {
        line(language.say(key, &[("encoding", report.encoding)]));
    }
    if report.is_extended {
        line(told_extension(language, report));
    }
    if let Some(actions) = &report.actions {
        let actions = actions.display().to_string();
        line(language.say("ingest-actions", &[("file", &actions)]));
    }
    if report.currency.is_none() && report.totals.spend.is_some() {
        line(language.text("ingest-currency-unknown"));
    }
    if !report.sheets_not_read.is_empty() {
        let sheets = report.sheets_not_read.join(", ");
        line(language.say("ingest-sheets", &[("sheets", &sheets)]));
    }
    if let Some(headers) = not_understood(language, report) {
        line(language.say("ingest-columns-unknown", &[("headers", &headers)]));
    }
    if let Some((count, name)) = &report.names_without_attributes {
        line(language.count("ingest-names", *count, &[("name", name)]));
    }
    for note in &report.hidden {
        line(note.tell(language));
    }
    if let Some(told) = refunds(language, report) {
        line(told);
    }
    for finding in report.findings.iter().take(SHOWN) {
        line(told_finding(language, finding));
    }
    let more = report.findings.len().saturating_sub(SHOWN) as u64 + report.findings_omitted;
    if more > 0 {
        line(language.say("ingest-more-findings", &[("count", &number(more))]));
    }
    if let Some(fate) = fate {
        let Fate { counts, lowered, .. } = fate;
        line(language.say(
            "ingest-stored",
            &[
                ("imported", &number(counts.imported)),
                ("replaced", &number(counts.replaced)),
                ("duplicate", &number(counts.duplicate)),
            ],
        ));
        if let Some((_, told)) = recoined(language, counts) {
            line(told);
        }
        if counts.outdated > 0 {
            line(outdated(language, fate));
        }
        for own in lowered.iter().take(SHOWN) {
            line(told_lowered(language, own));
        }
        let more = lowered.len().saturating_sub(SHOWN) as u64;
        if more > 0 {
            line(language.say("ingest-more-findings", &[("count", &number(more))]));
        }
    }
    lines.join("\n")
}

/// Rows that were imported before and are not what the history counts.
fn outdated(language: Language, fate: &Fate) -> String {
    let newer = fate.newer.iter().take(SHOWN).map(|(import, file)| {
        language.say("ingest-newer", &[("file", file), ("import", &import.to_string())])
    });
    let mut newer = newer.collect::<Vec<_>>().join(", ");
    if fate.newer.len() > SHOWN {
        newer.push_str(", …");
    }
    language.count("ingest-outdated", fate.counts.outdated, &[("newer", &newer)])
}

/// A total that newer rows have lowered.
fn told_lowered(language: Language, own: &Lowered) -> String {
    let shown = |value: f64| match own.measure {
        "spend" => language.money(value, own.currency),
        _ => language.number(value, 0),
    };
    let measure = language.text(&format!("history-column-{}", own.measure));
    let (before, now) = (shown(own.before), shown(own.now));
    let mut values = vec![("measure", measure.as_str()), ("before", &before), ("now", &now)];
    let key = match &own.name {
        Some(name) => {
            values.push(("name", name));
            "ingest-lowered"
        }
        None => "ingest-lowered-others",
    };
    language.say(key, &values)
}

/// The lines that give money back.
fn refunds(language: Language, report: &FileReport) -> Option<String> {
    let refunds = &report.refunds;
    let mut lines = refunds.lines.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
    if refunds.rows > refunds.lines.len() as u64 {
        lines.push_str(", …");
    }
    let spend = language.money(refunds.spend.to_f64().unwrap_or_default(), report.currency);
    let values = [("spend", spend.as_str()), ("lines", &lines)];
    (refunds.rows > 0).then(|| language.count("ingest-refunds", refunds.rows, &values))
}

/// Columns with something in them that nobody knows.
fn not_understood(language: Language, report: &FileReport) -> Option<String> {
    let unknown = |role: &Role| matches!(role, Role::Unknown(_));
    let columns = report.columns.iter().filter(|c| unknown(&c.role) && !c.example.is_empty());
    let told: Vec<String> = columns
        .map(|column| match column.role {
            Role::Unknown(Some(like)) => {
                let arguments = [("header", column.header.as_str()), ("name", like)];
                language.say("ingest-column-like", &arguments)
            }
            _ => format!("`{}`", column.header),
        })
        .collect();
    let more = told.len().saturating_sub(COLUMNS_SHOWN);
    let mut text = told.into_iter().take(COLUMNS_SHOWN).collect::<Vec<_>>().join(", ");
    if more > 0 {
        // Writing to a string cannot fail.
        let _ = write!(text, ", … (+{})", language.number(more as f64, 0));
    }
    (!text.is_empty()).then_some(text)
}

fn sums(
    language: Language,
    key: &str,
    report: &FileReport,
    totals: &crate::ingest::Totals,
) -> String {
    let nothing = || language.text("ingest-not-reported");
    let spend = totals.spend.and_then(|spend| spend.to_f64());
    let spend = spend.map_or_else(nothing, |spend| language.money(spend, report.currency));
    let impressions = totals.impressions.map_or_else(nothing, |n| language.number(n, 0));
    let mut text = language.say(key, &[("spend", &spend), ("impressions", &impressions)]);
    for (action, count) in totals.by_action() {
        let name = language.text(&format!("ingest-action-{}", action.column().replace('_', "-")));
        // Writing to a string cannot fail.
        let _ = write!(text, ", {name} {}", language.number(count, 0));
    }
    text
}

fn told_finding(language: Language, finding: &LineFinding) -> String {
    let act = match finding.action {
        Act::Rejected => "ingest-act-rejected",
        Act::Noted => "ingest-act-noted",
        Act::Check => "ingest-act-check",
        Act::NotStored => "ingest-act-not-stored",
    };
    let (line, allowed) = (finding.line.to_string(), finding.allowed.tell(language));
    let key = if finding.column.is_empty() { "ingest-finding-line" } else { "ingest-finding" };
    language.say(
        key,
        &[
            ("line", &line),
            ("column", &finding.column),
            ("found", &finding.found),
            ("allowed", &allowed),
            ("action", &language.text(act)),
        ],
    )
}

fn told_history(language: Language, totals: &Totals, path: &Path) -> String {
    language.say(
        "ingest-history",
        &[
            ("file", &path.display().to_string()),
            ("rows", &language.number(totals.rows as f64, 0)),
            ("spend", &spend(language, totals)),
            ("impressions", &language.number(totals.impressions, 0)),
        ],
    )
}

fn role(language: Language, role: &Role) -> String {
    let say = |key: &str, name: &str| language.say(key, &[("name", name)]);
    match role {
        Role::Kept { name, breakdown: false } => say("ingest-role-kept", name),
        Role::Kept { name, breakdown: true } => say("ingest-role-breakdown", name),
        Role::Known => language.text("ingest-role-known"),
        Role::Duplicate(name) => say("ingest-role-duplicate", name),
        Role::Unknown(None) => language.text("ingest-role-unknown"),
        Role::Unknown(Some(name)) => say("ingest-role-unknown-like", name),
        Role::Personal(kind) => {
            let kind = language.text(&format!("ingest-what-{kind}"));
            language.say("ingest-role-personal", &[("kind", &kind)])
        }
    }
}

/// What a map adds to a known format, and which of its columns the file lacks.
fn told_extension(language: Language, report: &FileReport) -> String {
    let named = |wanted: &[MapDid]| {
        let lines = report.map.iter().filter(|line| wanted.contains(&line.did));
        let named = lines.map(|line| format!("`{}` = {}", line.key, line.value));
        named.collect::<Vec<_>>().join(", ")
    };
    let added = named(&[MapDid::Read, MapDid::Ignored]);
    let mut text =
        language.say("ingest-extended", &[("format", &report.format), ("added", &added)]);
    let absent = named(&[MapDid::Absent]);
    if !absent.is_empty() {
        text.push_str(&language.say("ingest-extended-absent", &[("absent", &absent)]));
    }
    text
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
        vec![column.header.clone(), role(language, &column.role), column.example.clone()]
    });
    let kinds = vec![Kind::Name, Kind::Words, Kind::Name];
    grid::of(header.to_vec(), rows.collect(), kinds).to_string()
}
