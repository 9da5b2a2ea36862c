//! `relais report`: writes a run's report again, compares runs, fills a bulk file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};

use super::run::from_here;
use crate::batch::folder;
use crate::batch::folder::{Listing, Own};
use crate::campaign::OutputFormat;
use crate::cli::arguments::touched::Touched;
use crate::cli::terminal::context::{Context, Exit, Failure};
use crate::cli::terminal::grid;
use crate::cli::terminal::grid::Kind;
use crate::language::Language;
use crate::report::bulk::BudgetUnit;
use crate::report::compare::{Run, odds, parts};
use crate::report::formatter::Formatter;
use crate::report::page::brief;
use crate::report::page::brief::Brief;
use crate::report::sheets::table::{Cell, Table};
use crate::report::{ReportData, bulk, compare};
use crate::{files, report};

/// Writes a run's report again, compares runs, or fills an ads manager's bulk file.
#[derive(Debug, Clone, Args)]
#[command(group = clap::ArgGroup::new("job").required(true).args(["run", "compare", "bulk"]))]
pub struct ReportArgs {
    /// Folder of a run: writes its report again, in the language asked for.
    #[arg(value_name = "RUN_DIR")]
    pub run: Option<PathBuf>,
    /// Folders of runs: tells what changed from the first to each of the others.
    #[arg(long, num_args = 2.., value_name = "RUN_DIR")]
    pub compare: Vec<PathBuf>,
    /// Your own bulk export of Meta's ads manager (XLSX or CSV): only budgets and dates are changed.
    #[arg(long, value_name = "EXPORT", requires_all = ["plan", "out"])]
    pub bulk: Option<PathBuf>,
    /// The plan to write into the bulk file.
    #[arg(long, value_name = "PLAN.json")]
    pub plan: Option<PathBuf>,
    /// The weeks whose budgets are written, `2026-W48` or `2026-W48..2026-W49`: for plans whose budgets
    /// change on the way, as a test's do (default: the whole flight).
    #[arg(long, value_name = "WEEK..WEEK", requires = "bulk")]
    pub weeks: Option<String>,
    /// Where to write: a folder for a report (default: the run's own) or a comparison (default: the
    /// last run's), a file for a bulk file.
    #[arg(long, value_name = "PATH")]
    pub out: Option<PathBuf>,
    /// Which results to write (default: all).
    #[arg(long, value_delimiter = ',', value_name = "FORMAT")]
    pub formats: Vec<Format>,
    /// What a budget of the bulk file counts, when the file does not tell.
    #[arg(long, value_enum)]
    pub budget_unit: Option<Unit>,
    /// Leaves the schedule of the bulk file as it is.
    #[arg(long)]
    pub keep_dates: bool,
    /// CSV with the columns `segment,ad_set_id`, for plans whose segments are not ad-set names.
    #[arg(long, value_name = "CSV")]
    pub ad_sets: Option<PathBuf>,
}

/// A kind of result.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Format {
    /// The report page.
    Html,
    /// One page to hand over, ready to print on A4.
    Brief,
    /// The workbook.
    Xlsx,
    /// Tables.
    Csv,
    /// Charts as bitmaps.
    Png,
    /// Charts as vector drawings.
    Svg,
}

/// What a budget of a bulk file counts.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Unit {
    /// Units of the currency.
    Units,
    /// Cents.
    Cents,
}

impl ReportArgs {
    /// The files that it reads and writes.
    pub(crate) fn touched(&self) -> Touched<'_> {
        let read = [&self.bulk, &self.plan, &self.ad_sets].into_iter().flatten();
        match &self.bulk {
            Some(_) => Touched::default().reads(read).writes(&self.out),
            None => Touched::default(),
        }
    }
}

/// Runs the command.
///
/// # Errors
///
/// Bad input, told in the person's language.
pub fn run(args: &ReportArgs, context: &Context) -> anyhow::Result<Exit> {
    if let Some(export) = &args.bulk {
        return fill_bulk(args, export, context);
    }
    match &args.run {
        Some(folder) => write_again(args, folder, context),
        None => compare_runs(&args.compare, args.out.as_deref(), context),
    }
}

fn write_again(args: &ReportArgs, folder: &Path, context: &Context) -> anyhow::Result<Exit> {
    let report_data = context.explain(ReportData::read(folder))?;
    let out = args.out.as_deref().unwrap_or(folder);
    let formats: Vec<OutputFormat> = args.formats.iter().map(|format| (*format).into()).collect();
    let files = context.explain(report::files(&report_data, &formats, context.language))?;
    // A folder with a dossier is a run's, whether it has a manifest or not.
    let is_ours = if args.out.is_none() { |_: &Path| true } else { |_: &Path| false };
    let own = Own { listing: Listing::InOurs, also: None, keeps_older: false, is_ours };
    let files = context.explain(folder::put(out, &files, &own))?;
    let names: Vec<String> = files.iter().map(|path| path.display().to_string()).collect();
    if context.json {
        context.answer_json(&json!({ "files": names }))?;
    } else {
        context.answer(&names.join("\n"))?;
    }
    Ok(Exit::Good)
}

impl From<Format> for OutputFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Html => Self::Html,
            Format::Brief => Self::Brief,
            Format::Xlsx => Self::Xlsx,
            Format::Csv => Self::Csv,
            Format::Png => Self::Png,
            Format::Svg => Self::Svg,
        }
    }
}

fn compare_runs(
    folders: &[PathBuf],
    out: Option<&Path>,
    context: &Context,
) -> anyhow::Result<Exit> {
    let dossiers: Vec<ReportData> = folders
        .iter()
        .map(|folder| context.explain(ReportData::read(folder)))
        .collect::<Result<_, _>>()?;
    let path = |path: &PathBuf| path.display().to_string();
    // The page goes to others.
    let sent = |path: &PathBuf| from_here(path).display().to_string();
    let pairs: Vec<(String, &ReportData)> = folders.iter().map(sent).zip(&dossiers).collect();
    let runs = compare::named(&pairs);
    let formatter = Formatter::of_all(dossiers.iter(), context.language)
        .ok_or_else(|| anyhow::anyhow!("`--compare` names no run"))?;
    let last = folders.last().map_or(Path::new("."), PathBuf::as_path);
    let brief = compare::page(&runs, &formatter);
    let page = write_page(out.unwrap_or(last), "compare.html", &brief, (&formatter, context))?;
    if context.json {
        let names: Vec<String> = folders.iter().map(path).collect();
        let comparisons = (1..runs.len()).map(|i| compared(&runs, &names, i, &formatter));
        let comparisons: Vec<Value> = comparisons.collect();
        let matrix = odds::machine(&odds::matrix(&runs), &names);
        let answer = json!({ "comparisons": comparisons, "matrix": matrix, "page": page });
        context.answer_json(&answer)?;
        return Ok(Exit::Good);
    }
    for line in on_screen(&runs, folders, &formatter) {
        context.answer(&line)?;
    }
    context.answer(&format!("\n{page}"))?;
    Ok(Exit::Good)
}

/// One run against the first, for machines.
fn compared(runs: &[Run<'_>], names: &[String], i: usize, formatter: &Formatter) -> Value {
    let pair = [runs[0].clone(), runs[i].clone()];
    let parts = parts::parts(&pair, formatter);
    let mut answer: Map<String, Value> =
        parts.iter().map(|part| (part.name.to_owned(), as_json(&part.table))).collect();
    let unknown = parts.iter().filter(|part| !part.is_known).map(|part| part.name);
    answer.insert("not_kept".to_owned(), json!(unknown.collect::<Vec<_>>()));
    answer.insert("odds".to_owned(), odds::pair_for_machines(&pair[0], &pair[1]));
    answer.insert("before".to_owned(), json!(names[0]));
    answer.insert("after".to_owned(), json!(names[i]));
    Value::Object(answer)
}

/// The comparison for a terminal.
fn on_screen(runs: &[Run<'_>], folders: &[PathBuf], formatter: &Formatter) -> Vec<String> {
    let matrix = odds::matrix(runs);
    let (mut lines, tables) = if let [before, after] = runs {
        let ends = [folders[0].display().to_string(), folders[1].display().to_string()];
        let ends = [("before", ends[0].as_str()), ("after", &ends[1])];
        let head = formatter.say("report-compare-head", &ends);
        (vec![head], vec![odds::table(before, after, formatter)])
    } else {
        let numbered = |(i, run): (usize, &Run<'_>)| format!("{}. {}", i + 1, run.name);
        (runs.iter().enumerate().map(numbered).collect(), odds::tables(runs, &matrix, formatter))
    };
    for table in &tables {
        lines.push(format!("\n{}\n{}", table.caption, on_terminal(table, formatter)));
    }
    let shown = |part: &parts::Part| match part.name {
        // Names of audiences are cut where they are long; what differs otherwise is told in words.
        "split" => on_terminal(&part.table, formatter),
        _ => in_full(&part.table, formatter),
    };
    lines.push(odds::basis(&matrix, formatter));
    for part in parts::parts(runs, formatter) {
        lines.push(format!("\n{}", part.table.caption));
        lines.push(match () {
            () if !part.table.rows.is_empty() => shown(&part),
            () if part.is_known => formatter.text("report-compare-same"),
            () => formatter.text("report-compare-unknown"),
        });
    }
    lines
}

/// Writes a page that belongs to no run: a later run keeps it. Gives its path.
pub(crate) fn write_page(
    folder: &Path,
    name: &str,
    brief: &Brief,
    (formatter, context): (&Formatter, &Context),
) -> Result<String, Failure> {
    let html = context.explain(brief::html(brief, formatter))?;
    let own = Own { listing: Listing::Never, also: None, keeps_older: false, is_ours: is_page };
    let files = [(PathBuf::from(name), html.into_bytes())];
    let written = context.explain(folder::put(folder, &files, &own))?;
    Ok(written.iter().map(|path| path.display().to_string()).collect())
}

/// Whether a file is a page that relais wrote.
fn is_page(path: &Path) -> bool {
    const NAME: &str = "<meta name=\"generator\" content=\"relais\">";
    std::fs::read(path).is_ok_and(|page| String::from_utf8_lossy(&page).contains(NAME))
}

/// Rows as lists of what they say; numbers keep their full precision.
fn as_json(table: &Table) -> Value {
    let rows = table.rows.iter().map(|row| row.iter().map(Cell::json).collect());
    Value::Array(rows.map(Value::Array).collect())
}

/// A table as wide as the terminal, numbers flush right.
fn on_terminal(table: &Table, formatter: &Formatter) -> String {
    led_by(Kind::Name, table, formatter)
}

/// The same with nothing cut short.
fn in_full(table: &Table, formatter: &Formatter) -> String {
    led_by(Kind::Words, table, formatter)
}

fn led_by(first: Kind, table: &Table, formatter: &Formatter) -> String {
    let header: Vec<String> = table.columns.iter().map(|column| column.label.clone()).collect();
    let row = |row: &Vec<Cell>| row.iter().map(|cell| cell.write(formatter)).collect();
    let kind = |column| match () {
        () if table.is_numeric(column) => Kind::Number,
        () if column == 0 => first,
        () => Kind::Words,
    };
    let kinds = (0..header.len()).map(kind).collect();
    grid::of(header, table.rows.iter().chain(&table.total).map(row).collect(), kinds).to_string()
}

fn fill_bulk(args: &ReportArgs, export: &Path, context: &Context) -> anyhow::Result<Exit> {
    let (Some(plan), Some(out)) = (&args.plan, &args.out) else {
        anyhow::bail!("`--bulk` needs `--plan` and `--out`");
    };
    let plan = context.explain(report::report_data::read_plan(plan))?;
    let plan = match &args.weeks {
        None => plan,
        Some(text) => {
            let read = bulk::read_weeks(text);
            let (first, last) = read.ok_or_else(|| {
                Failure(context.language.say("report-bulk-weeks-wanted", &[("found", text)]))
            })?;
            let own = context.explain(bulk::of_weeks(&plan, first, last))?;
            if let Some(day) = bulk::next_change(&plan, last) {
                let day = context.language.date(day);
                context.note(&context.language.say("report-bulk-next-change", &[("day", &day)]));
            }
            own
        }
    };
    let bytes = context.explain(report::report_data::read_bytes(export))?;
    let ad_sets = match &args.ad_sets {
        Some(path) => context.explain(report::report_data::read_pairs(path))?,
        None => BTreeMap::new(),
    };
    let unit = args.budget_unit.map(|unit| match unit {
        Unit::Units => BudgetUnit::Units,
        Unit::Cents => BudgetUnit::Minor,
    });
    let settings = bulk::Settings { unit, keep_dates: args.keep_dates, ad_sets };
    let filled = context.explain(bulk::fill(&bytes, &plan, &settings))?;
    let report_data = ReportData::of_plan(plan);
    let formatter = Formatter::new(&report_data, context.language);
    let paste = out.with_file_name(PASTE);
    let pasted = context.explain(bulk::paste(&report_data.plan, &formatter))?;
    if let Some(bytes) = &pasted {
        // First, because it may be refused.
        put_paste(&paste, bytes.clone(), context)?;
    }
    context.put(out, |file| file.write_all(&filled.bytes))?;
    let table = bulk::table(&filled, &formatter);
    if context.json {
        context.answer_json(&json!({
            "file": out.display().to_string(),
            "paste": pasted.is_some().then(|| paste.display().to_string()),
            "changes": as_json(&table),
            "to_pause": filled.to_pause.iter().map(|c| c.ad_set.clone()).collect::<Vec<_>>(),
        }))?;
    } else {
        context.answer(&on_terminal(&table, &formatter))?;
        context.answer(&out.display().to_string())?;
        if pasted.is_some() {
            context.answer(&paste.display().to_string())?;
        }
    }
    Ok(if filled.to_pause.is_empty() { Exit::Good } else { Exit::Findings })
}

/// Budgets for the networks whose ads managers take no bulk file of Meta's.
const PASTE: &str = "paste.csv";

/// Writes the table for the other networks beside the bulk file, over nothing but another of its
/// kind.
fn put_paste(path: &Path, bytes: Vec<u8>, context: &Context) -> anyhow::Result<()> {
    let own = Own { listing: Listing::Never, also: None, keeps_older: false, is_ours: is_paste };
    let pasted = [(PathBuf::from(PASTE), bytes)];
    context.explain(folder::put(files::folder_of(path), &pasted, &own))?;
    Ok(())
}

/// Whether a file begins as relais's tables for pasting do, in either language.
fn is_paste(path: &Path) -> bool {
    let Ok(text) = std::fs::read_to_string(path) else { return false };
    let head = text.lines().next().unwrap_or_default();
    Language::ALL.iter().any(|language| {
        bulk::PASTED
            .iter()
            .all(|name| head.contains(&language.text(&format!("report-column-{name}"))))
    })
}
