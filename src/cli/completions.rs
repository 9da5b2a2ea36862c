//! `relais completions`: prints shell completions.

use clap::{Args, Command};
use clap_complete::Shell;

use super::terminal::context::{Context, Exit};

/// Prints shell completions.
#[derive(Debug, Clone, Args)]
pub struct CompletionsArgs {
    /// The shell.
    pub shell: Shell,
}

/// Prints the completions of the whole command line.
///
/// # Errors
///
/// When stdout is closed.
pub fn run(
    args: &CompletionsArgs,
    command: &mut Command,
    context: &Context,
) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, command, "relais", &mut script);
    let script = String::from_utf8(script)?;
    if context.json {
        context.answer_json(&serde_json::json!({ "completions": script }))?;
    }
    context.answer(&script)?;
    Ok(Exit::Good)
}
