//! `relais completions`: prints shell completions.

use clap::Args;

use super::context::{Context, Exit};

/// Prints shell completions.
#[derive(Debug, Clone, Args)]
pub struct CompletionsArgs {}

/// Runs the command.
///
/// # Errors
///
/// Bad input, told in the person's language.
pub fn run(_args: &CompletionsArgs, _context: &Context) -> anyhow::Result<Exit> {
    anyhow::bail!("`completions` is not built yet")
}
