//! `relais train`: learns response curves from a history or a panel.

use clap::Args;

use super::context::{Context, Exit};

/// Learns response curves from a history or a panel.
#[derive(Debug, Clone, Args)]
pub struct TrainArgs {}

/// Runs the command.
///
/// # Errors
///
/// Bad input, told in the person's language.
pub fn run(_args: &TrainArgs, _context: &Context) -> anyhow::Result<Exit> {
    anyhow::bail!("`train` is not built yet")
}
