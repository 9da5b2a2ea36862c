//! `relais history`: asks the history: posts, compare, panel, undo.

use clap::Args;

use super::context::{Context, Exit};

/// Asks the history: posts, compare, panel, undo.
#[derive(Debug, Clone, Args)]
pub struct HistoryArgs {}

/// Runs the command.
///
/// # Errors
///
/// Bad input, told in the person's language.
pub fn run(_args: &HistoryArgs, _context: &Context) -> anyhow::Result<Exit> {
    anyhow::bail!("`history` is not built yet")
}
