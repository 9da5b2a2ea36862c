//! `relais predict`: predicts active engagement at given spends.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use serde::Serialize;

use crate::cli::arguments::touched::Touched;
use crate::cli::terminal::context::{Context, Exit, Failure};
use crate::files;
use crate::segment::Segment;
use crate::train::Model;
use crate::train::posterior::prediction::{Prediction, Question};
use crate::units::Week;

/// Predicts active engagement at given spends.
#[derive(Debug, Clone, Args)]
pub struct PredictArgs {
    /// The trained model.
    #[arg(long, value_name = "model.json")]
    model: PathBuf,
    /// Questions: columns `segment`, `spend` (per week), and `week` where a week is meant rather
    /// than the average week of a year.
    #[arg(long, value_name = "at.csv")]
    at: PathBuf,
    /// The same rows with the answers beside them: mean and quantiles of the expected actions, of
    /// the count itself, and (`bought_…`) of what the money brings, without the organic actions of
    /// a media-mix or post-level panel. Where one count comes in more than 80 % of cases,
    /// `count_mostly` and its probability say so; `heavy_tail` marks a mean outside its interval.
    #[arg(long, value_name = "predictions.csv")]
    out: PathBuf,
    /// Joint posterior draws behind each answer.
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u32).range(100..=100_000))]
    draws: u32,
}

/// Columns that the answers add.
const ADDED: [&str; 23] = [
    "mean",
    "sd",
    "p05",
    "p10",
    "p50",
    "p90",
    "p95",
    "count_p05",
    "count_p10",
    "count_p50",
    "count_p90",
    "count_p95",
    "extrapolation",
    "prior_only",
    "bought_mean",
    "bought_p05",
    "bought_p10",
    "bought_p50",
    "bought_p90",
    "bought_p95",
    "count_mostly",
    "count_mostly_probability",
    "heavy_tail",
];

/// The answer of `--json`.
#[derive(Debug, Serialize)]
struct Answer {
    rows: usize,
    extrapolations: usize,
    prior_only: usize,
    heavy_tails: usize,
}

impl PredictArgs {
    /// The files that it reads and writes.
    pub(crate) fn touched(&self) -> Touched<'_> {
        Touched::default().reads([&self.model, &self.at]).writes([&self.out])
    }
}

/// Runs the command.
///
/// # Errors
///
/// Bad input, told in the person's language.
pub fn run(args: &PredictArgs, context: &Context) -> anyhow::Result<Exit> {
    let model = context.explain(Model::read(&args.model))?;
    let (header, rows) = table(&args.at)?;
    let questions = questions(&model, &header, &rows, &args.at, context)?;
    let predictions = model.predict(&questions, args.draws as usize, context.seed);
    context.put(&args.out, |out| write(out, &header, &rows, &predictions))?;
    let answer = Answer {
        rows: rows.len(),
        extrapolations: predictions.iter().filter(|p| p.extrapolation).count(),
        prior_only: predictions.iter().filter(|p| p.prior_only).count(),
        heavy_tails: predictions.iter().filter(|p| !p.holds_its_means()).count(),
    };
    let exit = if answer.heavy_tails > 0 { Exit::Findings } else { Exit::Good };
    if context.json {
        context.answer_json(&answer)?;
        return Ok(exit);
    }
    let lang = context.language;
    context.answer(&lang.say(
        "train-predicted",
        &[
            ("rows", &lang.number(answer.rows as f64, 0)),
            ("extrapolations", &lang.number(answer.extrapolations as f64, 0)),
            ("prior", &lang.number(answer.prior_only as f64, 0)),
        ],
    ))?;
    if answer.heavy_tails > 0 {
        let rows = lang.number(answer.heavy_tails as f64, 0);
        context.answer(&lang.say("train-predicted-heavy-tail", &[("rows", &rows)]))?;
    }
    Ok(exit)
}

fn table(path: &Path) -> anyhow::Result<(csv::StringRecord, Vec<csv::StringRecord>)> {
    let name = || path.display().to_string();
    let mut reader = csv::Reader::from_reader(files::open(path).with_context(name)?);
    let header = reader.headers().with_context(name)?.clone();
    let rows = reader.records().collect::<Result<Vec<_>, _>>().with_context(name)?;
    Ok((header, rows))
}

/// The questions, or every bad row.
fn questions(
    model: &Model,
    header: &csv::StringRecord,
    rows: &[csv::StringRecord],
    path: &Path,
    context: &Context,
) -> anyhow::Result<Vec<Question>> {
    let lang = context.language;
    let column =
        |name: &str| header.iter().position(|own| own.trim_start_matches('\u{feff}') == name);
    let missing = |name: &str| {
        let found = header.iter().collect::<Vec<_>>().join(", ");
        let path = path.display().to_string();
        Failure(lang.say(
            "train-at-missing-column",
            &[("path", &path), ("column", name), ("found", &found)],
        ))
    };
    let segment_at = column("segment").ok_or_else(|| missing("segment"))?;
    let spend_at = column("spend").ok_or_else(|| missing("spend"))?;
    let week_at = column("week");
    let known: BTreeMap<&str, &Segment> =
        model.segments().iter().map(|segment| (segment.id.as_str(), segment)).collect();
    let (mut questions, mut bad) = (Vec::with_capacity(rows.len()), Vec::new());
    for (index, row) in rows.iter().enumerate() {
        let line = row.position().map_or(index as u64 + 2, csv::Position::line);
        let mut refuse = |column: &str, found: &str, allowed: &str| {
            bad.push(lang.say(
                "train-at-bad-cell",
                &[
                    ("line", &lang.number(line as f64, 0)),
                    ("column", column),
                    ("found", found),
                    ("allowed", &lang.text(allowed)),
                ],
            ));
        };
        let spend_text = row.get(spend_at).unwrap_or("").trim();
        let spend = spend_text.parse::<f64>().ok().filter(|spend| (0.0..1e15).contains(spend));
        if spend.is_none() {
            refuse("spend", spend_text, "train-allowed-spend");
        }
        let week_text = week_at.and_then(|at| row.get(at)).unwrap_or("").trim();
        let week =
            if week_text.is_empty() { Ok(None) } else { week_text.parse::<Week>().map(Some) };
        if week.is_err() {
            refuse("week", week_text, "train-allowed-week");
        }
        let id = row.get(segment_at).unwrap_or("");
        if id.is_empty() {
            refuse("segment", id, "train-allowed-segment");
        }
        if let (Some(spend), Ok(week)) = (spend, week) {
            let segment = known.get(id).map_or_else(|| stranger(id, header, row), |s| (*s).clone());
            questions.push(Question { segment, spend, week });
        }
    }
    if bad.is_empty() { Ok(questions) } else { Err(Failure(bad.join("\n")).into()) }
}

/// A segment that the model has never seen: what the row's other columns say of it.
fn stranger(id: &str, header: &csv::StringRecord, row: &csv::StringRecord) -> Segment {
    let attributes = header
        .iter()
        .zip(row)
        .filter(|(name, value)| !["segment", "spend", "week"].contains(name) && !value.is_empty())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    Segment { id: id.to_owned(), attributes }
}

fn write(
    out: &mut dyn Write,
    header: &csv::StringRecord,
    rows: &[csv::StringRecord],
    predictions: &[Prediction],
) -> std::io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(header.iter().chain(ADDED))?;
    for (row, prediction) in rows.iter().zip(predictions) {
        let mut cells: Vec<String> = row.iter().map(neutral).collect();
        cells.extend([number(prediction.mean), number(prediction.sd)]);
        cells.extend(prediction.quantiles.map(number));
        cells.extend(prediction.count_quantiles.map(|count| format!("{}", count.round())));
        cells.extend([prediction.extrapolation.to_string(), prediction.prior_only.to_string()]);
        cells.push(number(prediction.bought));
        cells.extend(prediction.bought_quantiles.map(number));
        cells.extend(match prediction.count_mostly {
            Some(mostly) => [number(mostly.value), number(mostly.probability)],
            None => [String::new(), String::new()],
        });
        cells.push((!prediction.holds_its_means()).to_string());
        writer.write_record(&cells)?;
    }
    writer.flush()
}

/// Six significant digits.
fn number(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let rounded: f64 = format!("{value:.5e}").parse().unwrap_or(value);
    rounded.to_string()
}

/// Cell text that a spreadsheet would take for a formula is told to be text.
fn neutral(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@']) && cell.parse::<f64>().is_err();
    if formula { format!("'{cell}") } else { cell.to_owned() }
}
