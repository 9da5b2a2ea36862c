//! `relais predict`: predicts active engagement at given spends.

use clap::Args;

use super::context::{Context, Exit};

/// Predicts active engagement at given spends.
#[derive(Debug, Clone, Args)]
pub struct PredictArgs {}

/// Runs the command.
///
/// # Errors
///
/// Bad input, told in the person's language.
pub fn run(_args: &PredictArgs, _context: &Context) -> anyhow::Result<Exit> {
    anyhow::bail!("`predict` is not built yet")
}
