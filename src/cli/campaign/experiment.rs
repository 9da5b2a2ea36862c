//! `relais experiment`: designs a test that costs no budget, and reads it.

mod design;
mod read;

use clap::{Args, Subcommand};

use crate::cli::arguments::touched::Touched;
use crate::cli::terminal::context::{Context, Exit};

/// Designs a test that costs no budget, and reads it.
#[derive(Debug, Clone, Args)]
pub struct ExperimentArgs {
    /// What to do.
    #[command(subcommand)]
    command: ExperimentCommand,
}

#[derive(Debug, Clone, Subcommand)]
enum ExperimentCommand {
    /// Writes a schedule under which audiences exchange money, and what it is worth.
    Design(design::DesignArgs),
    /// Says what a test has taught, and marks its weeks in the history.
    Read(read::ReadArgs),
}

impl ExperimentArgs {
    /// The files that it reads and writes.
    pub(crate) fn touched(&self) -> Touched<'_> {
        match &self.command {
            ExperimentCommand::Design(args) => args.touched(),
            ExperimentCommand::Read(args) => args.touched(),
        }
    }
}

/// Runs the command.
///
/// # Errors
///
/// Bad input, told in the person's language.
pub fn run(args: &ExperimentArgs, context: &Context) -> anyhow::Result<Exit> {
    match &args.command {
        ExperimentCommand::Design(args) => design::run(args, context),
        ExperimentCommand::Read(args) => read::run(args, context),
    }
}
