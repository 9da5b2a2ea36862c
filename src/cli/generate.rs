//! `relais generate`: makes exports of a world whose truth is known.

use clap::Args;

use super::context::{Context, Exit};

/// Makes exports of a world whose truth is known.
#[derive(Debug, Clone, Args)]
pub struct GenerateArgs {}

/// Runs the command.
///
/// # Errors
///
/// Bad input, told in the person's language.
pub fn run(_args: &GenerateArgs, _context: &Context) -> anyhow::Result<Exit> {
    anyhow::bail!("`generate` is not built yet")
}
