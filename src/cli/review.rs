//! `relais review`: compares a promise with what happened.

use clap::Args;

use super::context::{Context, Exit};

/// Compares a promise with what happened.
#[derive(Debug, Clone, Args)]
pub struct ReviewArgs {}

/// Runs the command.
///
/// # Errors
///
/// Bad input, told in the person's language.
pub fn run(_args: &ReviewArgs, _context: &Context) -> anyhow::Result<Exit> {
    anyhow::bail!("`review` is not built yet")
}
