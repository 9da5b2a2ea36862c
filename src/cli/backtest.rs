//! `relais backtest`: scores predictions on held-back weeks.

use clap::Args;

use super::context::{Context, Exit};

/// Scores predictions on held-back weeks.
#[derive(Debug, Clone, Args)]
pub struct BacktestArgs {}

/// Runs the command.
///
/// # Errors
///
/// Bad input, told in the person's language.
pub fn run(_args: &BacktestArgs, _context: &Context) -> anyhow::Result<Exit> {
    anyhow::bail!("`backtest` is not built yet")
}
