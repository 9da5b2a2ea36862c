//! `relais history`: asks the history: posts, compare, panel, journal, undo.

mod compare;
mod journal;
mod panel;
mod posts;
mod raw;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use rust_decimal::prelude::ToPrimitive;

use super::context::{Context, Exit};
use super::grid::framed as table;
use super::touched::Touched;
use crate::history::History;
use crate::language::Language;

/// Asks the history: posts, compare, panel, journal, undo.
#[derive(Debug, Clone, Args)]
pub struct HistoryArgs {
    #[command(subcommand)]
    question: Question,
}

#[derive(Debug, Clone, Subcommand)]
enum Question {
    /// Writes the panel: every amount once, by segment and week.
    Panel(panel::PanelArgs),
    /// Lists posts, filtered and sorted by what people did.
    Posts(posts::PostsArgs),
    /// Compares weeks, months or years.
    Compare(compare::CompareArgs),
    /// Lists the imports, and what they replaced.
    Journal(journal::JournalArgs),
    /// Takes an import back.
    Undo(journal::UndoArgs),
}

/// The history file, the same option for every question.
#[derive(Debug, Clone, Args)]
struct FileArg {
    /// The history file.
    #[arg(long, value_name = "FILE", default_value = "history.sqlite")]
    history: PathBuf,
}

impl FileArg {
    fn open(&self, context: &Context) -> anyhow::Result<History> {
        let history = context.told(History::open_existing(&self.history))?;
        if let Some(copy) = history.kept_copy() {
            let path = copy.display().to_string();
            context.note(&context.language.say("history-kept-copy", &[("path", &path)]));
        }
        Ok(history)
    }
}

impl HistoryArgs {
    /// The files that it reads and writes.
    pub(super) fn touched(&self) -> Touched<'_> {
        match &self.question {
            Question::Panel(args) => args.touched(),
            _ => Touched::default(),
        }
    }
}

/// Runs the command.
///
/// # Errors
///
/// Bad input, told in the person's language.
pub fn run(args: &HistoryArgs, context: &Context) -> anyhow::Result<Exit> {
    match &args.question {
        Question::Panel(args) => panel::run(args, context),
        Question::Posts(args) => posts::run(args, context),
        Question::Compare(args) => compare::run(args, context),
        Question::Journal(args) => journal::list(args, context),
        Question::Undo(args) => journal::undo(args, context),
    }
}

fn column(language: Language, name: &str) -> String {
    language.text(&format!("history-column-{name}"))
}

/// A number where it is known, a dash where it is not.
fn shown(value: Option<f64>, write: impl Fn(f64) -> String) -> String {
    value.map_or_else(|| "–".to_owned(), write)
}

fn amount(value: rust_decimal::Decimal) -> f64 {
    value.to_f64().unwrap_or_default()
}

/// Text for a spreadsheet: what would run as a formula gets an apostrophe.
fn neutral(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}
