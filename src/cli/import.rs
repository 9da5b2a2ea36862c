//! `relais import`: reads exports into the history.

use clap::Args;

use super::context::{Context, Exit};

/// Reads exports into the history.
#[derive(Debug, Clone, Args)]
pub struct ImportArgs {}

/// Runs the command.
///
/// # Errors
///
/// Bad input, told in the person's language.
pub fn run(_args: &ImportArgs, _context: &Context) -> anyhow::Result<Exit> {
    anyhow::bail!("`import` is not built yet")
}
