//! `relais generate`: makes exports of a world whose truth is known.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use crate::batch::folder;
use crate::batch::folder::{Listing, Own};
use crate::cli::terminal::context::{Context, Exit, Failure};
use crate::experiment::read_schedule;
use crate::files;
use crate::generate::Given;
use crate::generate::export::{Exports, exports};
use crate::generate::spec::WorldSpec;
use crate::generate::truth::{Totals, truth};
use crate::generate::world::World;
use crate::language::Language;
use crate::units::Currency;

/// Makes exports of a world whose truth is known.
#[derive(Debug, Clone, Args)]
pub struct GenerateArgs {
    /// Folder to write the exports and `truth.json` to; made when it is not there.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Description of the world (TOML); the demo's world without it.
    #[arg(long, value_name = "WORLD.toml")]
    pub spec: Option<PathBuf>,
    /// Money that segments have after the history: `segment,week,budget`, as `experiment design`
    /// writes it.
    #[arg(long, value_name = "schedule.csv")]
    pub schedule: Option<PathBuf>,
    /// About how many rows the exports have in all: more rows, more ads side by side.
    #[arg(long, default_value_t = 60_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub rows: u32,
}

/// What `--json` answers.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    out: String,
    segments: usize,
    weeks: usize,
    rows: usize,
    bytes: usize,
    totals: &'a Totals,
    files: Vec<FileAnswer<'a>>,
}

#[derive(Debug, Serialize)]
struct FileAnswer<'a> {
    file: &'a str,
    rows: usize,
    bytes: usize,
}

/// Runs the command.
///
/// # Errors
///
/// Bad input, told in the person's language.
pub fn run(args: &GenerateArgs, context: &Context) -> anyhow::Result<Exit> {
    let text = spec_text(args, context)?;
    let spec = context.explain(WorldSpec::read(&text))?;
    let world = match &args.schedule {
        None => World::make(&spec, context.seed),
        Some(path) => {
            let given = given(path, context)?;
            World::run_on(&spec, context.seed, &given).map_err(|found| {
                let values = [("path", path.display().to_string()), ("found", found)];
                let values: Vec<(&str, &str)> =
                    values.iter().map(|(key, text)| (*key, text.as_str())).collect();
                Failure(context.language.say("error-generate-segment", &values))
            })?
        }
    };
    let exports = exports(&world, args.rows as usize).map_err(|error| {
        let detail = error.to_string();
        Failure(context.language.say("error-generate-workbook", &[("detail", &detail)]))
    })?;
    let truth = truth(&world, &exports);
    write(args, context, &exports, &truth.to_json()?)?;
    let answer = Answer {
        out: args.out.display().to_string(),
        segments: world.segments().len(),
        weeks: spec.weeks,
        rows: exports.files.iter().map(|file| file.rows).sum(),
        bytes: exports.files.iter().map(|file| file.bytes.len()).sum(),
        totals: &truth.totals,
        files: exports
            .files
            .iter()
            .map(|file| FileAnswer { file: &file.name, rows: file.rows, bytes: file.bytes.len() })
            .collect(),
    };
    if context.json {
        context.answer_json(&answer)?;
    } else {
        tell(&answer, context)?;
    }
    Ok(Exit::Good)
}

/// Money after the history, from a table; rows without money are no weeks.
fn given(path: &Path, context: &Context) -> anyhow::Result<Given> {
    let mut given = Given::default();
    for row in context.explain(read_schedule(path))?.into_iter().filter(|row| row.budget > 0.0) {
        given.money.entry(row.segment).or_default().insert(row.week, row.budget);
    }
    Ok(given)
}

fn spec_text(args: &GenerateArgs, context: &Context) -> anyhow::Result<String> {
    let Some(path) = &args.spec else {
        return Ok(context.reference.text("demo/world.toml")?);
    };
    files::read_text(path, files::LARGEST_TEXT).map_err(|error| {
        let shown = path.display().to_string();
        let detail = context.language.cause(&error);
        Failure(
            context
                .language
                .say("error-generate-unreadable", &[("path", &shown), ("detail", &detail)]),
        )
        .into()
    })
}

fn write(
    args: &GenerateArgs,
    context: &Context,
    exports: &Exports,
    truth: &str,
) -> anyhow::Result<()> {
    let named = |(name, bytes): (&str, &[u8])| (PathBuf::from(name), bytes.to_vec());
    let files: Vec<_> = exports
        .files
        .iter()
        .map(|file| (file.name.as_str(), file.bytes.as_slice()))
        .chain([("truth.json", truth.as_bytes())])
        .map(named)
        .collect();
    let own =
        Own { listing: Listing::InOurs, also: None, keeps_older: false, is_ours: |_: &Path| false };
    context.explain(folder::put(&args.out, &files, &own))?;
    Ok(())
}

fn tell(answer: &Answer<'_>, context: &Context) -> anyhow::Result<()> {
    let language = context.language;
    for file in &answer.files {
        let (rows, size) = (language.number(file.rows as f64, 0), kilobytes(language, file.bytes));
        let parts = [("file", file.file), ("rows", rows.as_str()), ("size", size.as_str())];
        context.answer(&language.say("generate-file", &parts))?;
    }
    let parts = [
        ("rows", language.number(answer.rows as f64, 0)),
        ("segments", language.number(answer.segments as f64, 0)),
        ("weeks", language.number(answer.weeks as f64, 0)),
        ("spend", language.money(answer.totals.spend, Some(Currency::EUR))),
        ("size", kilobytes(language, answer.bytes)),
        ("out", answer.out.clone()),
    ];
    let parts: Vec<(&str, &str)> = parts.iter().map(|(key, text)| (*key, text.as_str())).collect();
    context.answer(&language.say("generate-done", &parts))
}

fn kilobytes(language: Language, bytes: usize) -> String {
    language.number((bytes as f64 / 1000.0).ceil(), 0)
}
