//! `relais run`: works on many campaigns at once.

use clap::Args;

use super::context::{Context, Exit};

/// Works on many campaigns at once.
#[derive(Debug, Clone, Args)]
pub struct RunArgs {}

/// Runs the command.
///
/// # Errors
///
/// Bad input, told in the person's language.
pub fn run(_args: &RunArgs, _context: &Context) -> anyhow::Result<Exit> {
    anyhow::bail!("`run` is not built yet")
}
