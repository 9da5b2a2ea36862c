//! `relais init`: writes a commented campaign file.

use clap::Args;

use super::context::{Context, Exit};

/// Writes a commented campaign file.
#[derive(Debug, Clone, Args)]
pub struct InitArgs {}

/// Runs the command.
///
/// # Errors
///
/// Bad input, told in the person's language.
pub fn run(_args: &InitArgs, _context: &Context) -> anyhow::Result<Exit> {
    anyhow::bail!("`init` is not built yet")
}
