//! `relais segments`: groups small ad sets into planning segments.

use clap::Args;

use super::context::{Context, Exit};

/// Groups small ad sets into planning segments.
#[derive(Debug, Clone, Args)]
pub struct SegmentsArgs {}

/// Runs the command.
///
/// # Errors
///
/// Bad input, told in the person's language.
pub fn run(_args: &SegmentsArgs, _context: &Context) -> anyhow::Result<Exit> {
    anyhow::bail!("`segments` is not built yet")
}
