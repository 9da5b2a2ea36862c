//! `relais init`: writes a commented campaign file.

use std::path::PathBuf;

use clap::Args;

use crate::cli::terminal::context::{Context, Exit, Failure};
use crate::files;

/// Writes a commented campaign file.
#[derive(Debug, Clone, Args)]
pub struct InitArgs {
    /// The file to write; an existing file is never overwritten.
    #[arg(default_value = "campaign.toml")]
    pub file: PathBuf,
}

/// Runs the command.
///
/// # Errors
///
/// When the file exists or cannot be written.
pub fn run(args: &InitArgs, context: &Context) -> anyhow::Result<Exit> {
    let template = format!("templates/campaign.{}.toml", context.language.code());
    let text = context.reference.text(&template)?;
    let path = args.file.display().to_string();
    files::put_new(&args.file, text.as_bytes()).map_err(|error| {
        let cause = context.language.cause(&error);
        Failure(context.language.say("error-init", &[("path", &path), ("cause", &cause)]))
    })?;
    if context.json {
        context.answer_json(&serde_json::json!({ "file": path }))?;
    }
    context.answer(&context.language.say("init-written", &[("path", &path)]))?;
    Ok(Exit::Good)
}

#[cfg(test)]
mod tests {
    use crate::campaign::Campaign;
    use crate::reference::Reference;
    use std::path::Path;

    #[test]
    fn both_templates_are_sound_campaign_files_and_say_the_same() {
        let read = |language: &str| {
            let name = format!("templates/campaign.{language}.toml");
            let text = Reference::default().text(&name).unwrap();
            // Every commented key must be a real one, too: uncomment all lines that set something.
            let keys = |line: &&str| line.starts_with("# ") && line.contains(" = ");
            assert!(text.lines().filter(keys).count() > 8);
            Campaign::parse(&text, Path::new("campaign.toml")).unwrap()
        };
        let (fr, en) = (read("fr"), read("en"));
        assert_eq!((fr.limits, fr.selection, fr.budget), (en.limits, en.selection, en.budget));
    }
}
