//! `relais simulate`: simulates what a plan promises.

use clap::Args;

use super::context::{Context, Exit};

/// Simulates what a plan promises.
#[derive(Debug, Clone, Args)]
pub struct SimulateArgs {}

/// Runs the command.
///
/// # Errors
///
/// Bad input, told in the person's language.
pub fn run(_args: &SimulateArgs, _context: &Context) -> anyhow::Result<Exit> {
    anyhow::bail!("`simulate` is not built yet")
}
