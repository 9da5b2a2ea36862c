//! `relais report`: writes or compares reports.

use clap::Args;

use super::context::{Context, Exit};

/// Writes or compares reports.
#[derive(Debug, Clone, Args)]
pub struct ReportArgs {}

/// Runs the command.
///
/// # Errors
///
/// Bad input, told in the person's language.
pub fn run(_args: &ReportArgs, _context: &Context) -> anyhow::Result<Exit> {
    anyhow::bail!("`report` is not built yet")
}
