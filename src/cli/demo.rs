//! `relais demo`: the whole job on the shipped data.

use clap::Args;

use super::context::{Context, Exit};

/// The whole job on the shipped data.
#[derive(Debug, Clone, Args)]
pub struct DemoArgs {}

/// Runs the command.
///
/// # Errors
///
/// Bad input, told in the person's language.
pub fn run(_args: &DemoArgs, _context: &Context) -> anyhow::Result<Exit> {
    anyhow::bail!("`demo` is not built yet")
}
