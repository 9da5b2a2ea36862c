//! `relais schema`: prints the JSON schema of the files relais reads.

use clap::{Args, ValueEnum};

use super::context::{Context, Exit};
use crate::campaign::file::CampaignFile;

/// A kind of file a person writes.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Kind {
    /// Campaign files.
    Campaign,
}

/// Prints the JSON schema of the files relais reads.
#[derive(Debug, Clone, Args)]
pub struct SchemaArgs {
    /// Which file.
    #[arg(default_value = "campaign")]
    pub kind: Kind,
}

/// Runs the command.
///
/// # Errors
///
/// When stdout is closed.
pub fn run(args: &SchemaArgs, context: &Context) -> anyhow::Result<Exit> {
    let schema = match args.kind {
        Kind::Campaign => schemars::schema_for!(CampaignFile),
    };
    if context.json {
        context.answer_json(&schema)?;
    }
    context.answer(&serde_json::to_string_pretty(&schema)?)?;
    Ok(Exit::Good)
}
