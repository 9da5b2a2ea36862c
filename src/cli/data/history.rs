//! `relais history`: asks the history: posts, compare, panel, export, journal, undo, rename.

mod compare;
mod export;
mod journal;
mod panel;
mod posts;
mod raw;
pub(crate) mod rename;
mod shared;

use clap::{Args, Subcommand};

use crate::cli::arguments::touched::Touched;
use crate::cli::terminal::context::{Context, Exit};

/// Asks the history: posts, compare, panel, export, journal, undo, rename.
#[derive(Debug, Clone, Args)]
pub struct HistoryArgs {
    #[command(subcommand)]
    question: Question,
}

#[derive(Debug, Clone, Subcommand)]
enum Question {
    /// Writes the panel: every amount once, by segment and week.
    Panel(shared::PanelArgs),
    /// Writes the panel for other programs, with typed columns: as Arrow or as Parquet.
    Export(export::ExportArgs),
    /// Lists posts, filtered and sorted by what people did.
    Posts(posts::PostsArgs),
    /// Compares weeks, months or years.
    Compare(compare::CompareArgs),
    /// Lists the imports, what they replaced, and the renames.
    Journal(journal::JournalArgs),
    /// Takes an import back.
    Undo(journal::UndoArgs),
    /// Takes a campaign that exports without ids call by two names for one.
    Rename(rename::RenameArgs),
}

impl HistoryArgs {
    /// The files that it reads and writes.
    pub(crate) fn touched(&self) -> Touched<'_> {
        match &self.question {
            Question::Panel(args) => args.touched(),
            Question::Export(args) => args.touched(),
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
        Question::Export(args) => export::run(args, context),
        Question::Posts(args) => posts::run(args, context),
        Question::Compare(args) => compare::run(args, context),
        Question::Journal(args) => journal::list(args, context),
        Question::Undo(args) => journal::undo(args, context),
        Question::Rename(args) => rename::run(args, context),
    }
}
