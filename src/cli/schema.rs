//! `relais schema`: prints the JSON schema of the files relais reads.

use clap::Args;

use super::context::{Context, Exit};

/// Prints the JSON schema of the files relais reads.
#[derive(Debug, Clone, Args)]
pub struct SchemaArgs {}

/// Runs the command.
///
/// # Errors
///
/// Bad input, told in the person's language.
pub fn run(_args: &SchemaArgs, _context: &Context) -> anyhow::Result<Exit> {
    anyhow::bail!("`schema` is not built yet")
}
