//! `relais history rename`: one name for what exports without ids call by two.

use std::path::Path;

use clap::Args;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Value, json};

use super::shared::FileArg;
use crate::cli::data::totals;
use crate::cli::terminal::context::{Context, Exit};
use crate::history::Renaming;
use crate::history::told::{command, renaming, spend};
use crate::language::Language;
use crate::segment::Attribute;

/// Takes a campaign that exports without ids call by two names for one.
#[derive(Debug, Clone, Args)]
pub(super) struct RenameArgs {
    #[command(flatten)]
    file: FileArg,
    /// The earlier name; without names, what was probably renamed is listed.
    #[arg(value_name = "BEFORE", requires = "now")]
    before: Option<String>,
    /// The name that it has now.
    #[arg(value_name = "NOW")]
    now: Option<String>,
    /// Takes back that this earlier name stands for a later one.
    #[arg(long, value_name = "BEFORE", conflicts_with = "before")]
    undo: Option<String>,
    /// What is named: `campaign`, `ad_set` or `ad`.
    #[arg(long, value_name = "LEVEL", default_value = "campaign")]
    level: Level,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
enum Level {
    Campaign,
    AdSet,
    Ad,
}

pub(super) fn run(args: &RenameArgs, context: &Context) -> anyhow::Result<Exit> {
    let mut history = args.file.open(context)?;
    let level = match args.level {
        Level::Campaign => Attribute::Campaign,
        Level::AdSet => Attribute::AdSet,
        Level::Ad => Attribute::Ad,
    };
    let (before, now, renamed) = match (&args.undo, &args.before, &args.now) {
        (Some(before), ..) => (before, None, history.undo_rename(level, before)),
        (None, Some(before), Some(now)) => {
            let noted = jiff::Timestamp::now().to_string();
            (before, Some(now), history.rename(level, before, now, Some(&noted)))
        }
        _ => {
            let found = context.explain(history.likely_renamings(0))?;
            return list(&found, &args.file.history, context);
        }
    };
    let renamed = context.explain(renamed)?;
    let sums = context.explain(history.totals())?;
    if context.json {
        context.answer_json(&json!({
            "level": level, "before": before, "now": now, "moved": renamed.moved,
            "set_aside": renamed.set_aside, "restored": renamed.restored,
            "history": totals::history_json(&sums),
        }))?;
        return Ok(Exit::Good);
    }
    let language = context.language;
    let number = |n: u64| language.number(n as f64, 0);
    context.answer(&language.say(
        if now.is_some() { "history-renamed" } else { "history-rename-undone" },
        &[
            ("before", before),
            ("now", now.unwrap_or(before)),
            ("moved", &number(renamed.moved)),
            ("aside", &number(renamed.set_aside)),
            ("restored", &number(renamed.restored)),
            ("spend", &spend(language, &sums)),
        ],
    ))?;
    Ok(Exit::Good)
}

fn list(found: &[Renaming], path: &Path, context: &Context) -> anyhow::Result<Exit> {
    let language = context.language;
    if context.json {
        let all: Vec<Value> = found.iter().map(|own| as_json(language, own, path)).collect();
        context.answer_json(&json!({ "renamings": all }))?;
    } else if found.is_empty() {
        context.answer(&language.text("history-renamed-none"))?;
    }
    for own in found.iter().filter(|_| !context.json) {
        context.answer(&renaming(language, own, path))?;
    }
    Ok(if found.is_empty() { Exit::Good } else { Exit::Findings })
}

/// The same for machines.
pub(crate) fn as_json(language: Language, own: &Renaming, path: &Path) -> Value {
    let mut value = json!(own);
    value["spend"] = own.spend.to_f64().into();
    value["command"] = command(own, path).into();
    value["message"] = renaming(language, own, path).into();
    value
}
