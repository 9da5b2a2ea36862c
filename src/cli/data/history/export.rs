//! `relais history export`: the panel for other programs, as Arrow or Parquet.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::shared::{AskedArgs, FileArg};
use crate::cli::arguments::touched::Touched;
use crate::cli::terminal::context::{Context, Exit, Failure};
use crate::panel::{Panel, arrow, parquet};

/// Writes the panel for other programs, with typed columns: as Arrow or as Parquet.
#[derive(Debug, Clone, Args)]
pub(super) struct ExportArgs {
    #[command(flatten)]
    file: FileArg,
    /// Where to write Parquet; `-` is standard output.
    #[arg(long, value_name = "FILE")]
    parquet: Option<PathBuf>,
    /// Where to write a stream of Arrow; `-`, the default, is standard output.
    #[arg(long, value_name = "FILE", conflicts_with = "parquet")]
    arrow: Option<PathBuf>,
    #[command(flatten)]
    asked: AskedArgs,
}

impl ExportArgs {
    /// The files that it reads and writes.
    pub(in crate::cli) fn touched(&self) -> Touched<'_> {
        let out = self.parquet.iter().chain(&self.arrow).filter(|out| !is_pipe(out));
        Touched::default().reads([&self.file.history]).writes(out)
    }
}

fn is_pipe(path: &Path) -> bool {
    path == Path::new("-")
}

pub(super) fn run(args: &ExportArgs, context: &Context) -> anyhow::Result<Exit> {
    let named = args.parquet.as_ref().or(args.arrow.as_ref());
    let out = named.filter(|out| !is_pipe(out));
    if out.is_none() && (context.json || io::stdout().is_terminal()) {
        return Err(Failure(context.language.text("error-history-export-nowhere")).into());
    }
    let history = args.file.open(context)?;
    let report = context.explain(history.panel(&args.asked.options()))?;
    let write = |to: &mut dyn Write| put(&report.panel, args.parquet.is_some(), to);
    match out {
        Some(out) => context.put(out, write)?,
        None => write(&mut io::stdout().lock())?,
    }
    if context.json {
        context.answer_json(&super::panel::json(&report, out))?;
    }
    for line in super::panel::lines(&report, out, context.language) {
        context.note(&line);
    }
    Ok(crate::cli::data::source::tell_notes(&report.panel.notes, context))
}

fn put(panel: &Panel, as_parquet: bool, out: &mut dyn Write) -> io::Result<()> {
    let table = panel.table();
    if as_parquet { parquet::write(&table, out) } else { arrow::write(&table, out) }
}
