//! `relais plan`: divides a budget, with proof.

use clap::Args;

use super::context::{Context, Exit};

/// Divides a budget, with proof.
#[derive(Debug, Clone, Args)]
pub struct PlanArgs {}

/// Runs the command.
///
/// # Errors
///
/// Bad input, told in the person's language.
pub fn run(_args: &PlanArgs, _context: &Context) -> anyhow::Result<Exit> {
    anyhow::bail!("`plan` is not built yet")
}
