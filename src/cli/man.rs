//! `relais man`: writes manual pages, from the same words as `--help`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, Command};
use clap_mangen::Man;

use super::arguments::help;
use super::terminal::context::{Context, Exit};

/// Writes a manual page for each command.
#[derive(Debug, Clone, Args)]
pub struct ManArgs {
    /// Folder for the pages (`relais.1`, `relais-plan.1`, …).
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

/// Writes the pages, in the language asked for.
///
/// # Errors
///
/// When a page cannot be written.
pub fn run(args: &ManArgs, command: Command, context: &Context) -> anyhow::Result<Exit> {
    let mut root = help::told(command, context.language).disable_help_subcommand(true);
    root.build();
    std::fs::create_dir_all(&args.out).map_err(|error| context.unwritable(&args.out, &error))?;
    let written = pages(&root, "relais", &args.out, context)?;
    if context.json {
        context.answer_json(&serde_json::json!({ "pages": written }))?;
    }
    let path = args.out.display().to_string();
    context.answer(&context.language.count("man-written", written, &[("path", &path)]))?;
    Ok(Exit::Good)
}

/// Writes the page of a command and those of its own commands; how many.
fn pages(command: &Command, name: &str, out: &Path, context: &Context) -> anyhow::Result<u64> {
    let mut page = Vec::new();
    let own = command.clone().name(name.to_owned()).display_name(name.to_owned());
    Man::new(own).render(&mut page)?;
    page.extend(exit_codes(context).into_bytes());
    context.put(&out.join(format!("{name}.1")), |file| file.write_all(&page))?;
    let mut written = 1;
    for own in command.get_subcommands() {
        written += pages(own, &format!("{name}-{}", own.get_name()), out, context)?;
    }
    Ok(written)
}

/// What the command answers to the shell, as a section of a page.
fn exit_codes(context: &Context) -> String {
    let word = |key: &str| context.language.text(&format!("man-exit-{key}")).replace('-', "\\-");
    let mut section = format!(".SH \"{}\"\n", word("title"));
    for (code, key) in ["good", "findings", "input", "fault"].iter().enumerate() {
        // A string can always be written to.
        let _ = write!(section, ".TP\n{code}\n{}\n", word(key));
    }
    section
}
