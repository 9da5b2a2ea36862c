//! `relais study`: measures decision quality over many worlds.

use clap::Args;

use super::context::{Context, Exit};

/// Measures decision quality over many worlds.
#[derive(Debug, Clone, Args)]
pub struct StudyArgs {}

/// Runs the command.
///
/// # Errors
///
/// Bad input, told in the person's language.
pub fn run(_args: &StudyArgs, _context: &Context) -> anyhow::Result<Exit> {
    anyhow::bail!("`study` is not built yet")
}
