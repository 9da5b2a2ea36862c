//! `relais completions`: prints shell completions.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::args::Cli;
use super::context::{Context, Exit};

/// Prints shell completions.
#[derive(Debug, Clone, Args)]
pub struct CompletionsArgs {
    /// The shell.
    pub shell: Shell,
}

/// Runs the command.
///
/// # Errors
///
/// When stdout is closed.
pub fn run(args: &CompletionsArgs, context: &Context) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "relais", &mut script);
    let script = String::from_utf8(script)?;
    if context.json {
        context.answer_json(&serde_json::json!({ "completions": script }))?;
    }
    context.answer(&script)?;
    Ok(Exit::Good)
}
