//! `relais init`: writes a commented campaign file, from a history or as a template.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use crate::cli::arguments::touched::Touched;
use crate::cli::terminal::context::{Context, Exit, Failure};
use crate::draft::draft;
use crate::files;
use crate::history::History;
use crate::rules::Tables;

/// Writes a commented campaign file.
///
/// With `--history` the file is proposed from what the history holds: audiences that can be bought,
/// currency, dates and a budget like the last weeks', each with its reason.
#[derive(Debug, Clone, Args)]
pub struct InitArgs {
    /// The file to write; an existing file is never overwritten.
    #[arg(default_value = "campaign.toml")]
    pub file: PathBuf,
    /// The history to propose from.
    #[arg(long, value_name = "history.sqlite")]
    pub history: Option<PathBuf>,
}

impl InitArgs {
    /// The files that it reads and writes.
    pub(crate) fn touched(&self) -> Touched<'_> {
        Touched::default().reads(&self.history).writes([&self.file])
    }
}

/// Runs the command.
///
/// # Errors
///
/// When the file exists or cannot be written, or when the history cannot carry a plan.
pub fn run(args: &InitArgs, context: &Context) -> anyhow::Result<Exit> {
    match &args.history {
        Some(history) => from_history(args, history, context),
        None => from_template(args, context),
    }
}

fn from_template(args: &InitArgs, context: &Context) -> anyhow::Result<Exit> {
    let template = format!("templates/campaign.{}.toml", context.language.code());
    let text = context.reference.text(&template)?;
    put(args, &text, context)?;
    let path = args.file.display().to_string();
    if context.json {
        context.answer_json(&json!({ "file": path }))?;
    }
    context.answer(&context.language.say("init-written", &[("path", &path)]))?;
    Ok(Exit::Good)
}

fn from_history(args: &InitArgs, path: &Path, context: &Context) -> anyhow::Result<Exit> {
    let language = context.language;
    let history = context.explain(History::open_existing(path))?;
    let tables = context.explain(Tables::load(&context.reference))?;
    let draft = context.explain(draft(&history, path, &args.file, &tables, context.today))?;
    put(args, &draft.write(language), context)?;
    let file = args.file.display().to_string();
    if context.json {
        context.answer_json(&json!({
            "file": file,
            "history": path.display().to_string(),
            "split_by": draft.way.split_by,
            "audiences": draft.way.audiences.len(),
            "budget": draft.budget,
            "currency": draft.currency.map(|currency| currency.code().to_owned()),
            "flight": { "start": draft.flight.start, "end": draft.flight.end },
        }))?;
    }
    let (start, end) = (language.date(draft.flight.start), language.date(draft.flight.end));
    let told = [
        ("path", file.as_str()),
        ("history", &path.display().to_string()),
        ("n", &language.number(draft.way.audiences.len() as f64, 0)),
        ("budget", &language.money(draft.budget, draft.currency)),
        ("start", &start),
        ("end", &end),
    ];
    context.answer(&language.say("draft-written", &told))?;
    Ok(Exit::Good)
}

fn put(args: &InitArgs, text: &str, context: &Context) -> anyhow::Result<()> {
    files::put_new(&args.file, text.as_bytes()).map_err(|error| {
        let path = args.file.display().to_string();
        let cause = context.language.cause(&error);
        Failure(context.language.say("error-init", &[("path", &path), ("cause", &cause)])).into()
    })
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
