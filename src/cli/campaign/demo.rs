//! `relais demo`: the whole job on the shipped data.

use std::path::{Path, PathBuf};

use clap::Args;

use super::run;
use super::run::RunArgs;
use crate::batch::folder;
use crate::batch::folder::{FolderError, Listing, Own};
use crate::cli::data::import;
use crate::cli::terminal::context::{Context, Exit};
use crate::language::Language;

/// The campaigns of the demo: the file below `data/demo` and the name of its folder.
const CAMPAIGNS: [(&str, &str); 2] =
    [("campaign.toml", "orientation"), ("campaign-en.toml", "winter-programme")];

/// The history that the demo fills, below its folder.
const HISTORY: &str = "history.sqlite";

/// The whole job on the shipped data.
#[derive(Debug, Clone, Args)]
pub struct DemoArgs {
    /// Folder for everything the demo writes.
    #[arg(long, value_name = "DIR", default_value = "relais-demo")]
    pub out: PathBuf,
}

/// Runs the command.
///
/// # Errors
///
/// When the folder cannot be written.
pub fn run(args: &DemoArgs, context: &Context) -> anyhow::Result<Exit> {
    let history = args.out.join(HISTORY);
    if history.exists() && !folder::lists(&args.out, Path::new(HISTORY)) {
        let told: Result<(), _> = Err(FolderError::NotOurFile { path: history });
        context.explain(told)?;
        return Ok(Exit::BadInput);
    }
    let exports = unpack(&args.out, context)?;
    context.note(&context.language.text("demo-imports"));
    let rows = import::folder(&exports, &args.out.join("map.toml"), &history, context)?;
    let campaigns: Vec<PathBuf> =
        CAMPAIGNS.iter().map(|(_, name)| args.out.join(name).with_extension("toml")).collect();
    let run::Work { lines, .. } = run::work(&RunArgs::plain(campaigns, args.out.clone()), context)?;
    answer(&args.out, rows, &lines, context)
}

/// Writes the shipped exports and campaign files below `out`, where a person can look at them.
fn unpack(out: &Path, context: &Context) -> anyhow::Result<PathBuf> {
    let exports = Path::new("exports");
    let mut files = Vec::new();
    for name in context.reference.list("demo/exports") {
        if name != "truth.json" {
            let bytes = context.reference.bytes(&format!("demo/exports/{name}"))?;
            files.push((exports.join(name), bytes.into_owned()));
        }
    }
    files.push(("map.toml".into(), context.reference.bytes("demo/map.toml")?.into_owned()));
    for (file, name) in CAMPAIGNS {
        let bytes = context.reference.bytes(&format!("demo/{file}"))?.into_owned();
        files.push((Path::new(name).with_extension("toml"), bytes));
    }
    let own = Own {
        listing: Listing::Always,
        also: Some(HISTORY),
        keeps_older: false,
        is_ours: |_| false,
    };
    context.explain(folder::put(out, &files, &own))?;
    Ok(out.join(exports))
}

fn answer(out: &Path, rows: u64, lines: &[run::Line], context: &Context) -> anyhow::Result<Exit> {
    let folder = |name: &str| out.join(name).display().to_string();
    if context.json {
        let history = folder("history.sqlite");
        let value = serde_json::json!({ "history": history, "rows": rows, "campaigns": lines });
        context.answer_json(&value)?;
    }
    if let Some(line) = lines.iter().find(|line| line.error.is_some()) {
        let reason = line.error.clone().unwrap_or_default();
        anyhow::bail!("{}: {reason}", line.campaign);
    }
    let lang = context.language;
    let rows = lang.number(rows as f64, 0);
    let first = match lang {
        Language::Fr => CAMPAIGNS[0].1,
        Language::En => CAMPAIGNS[1].1,
    };
    let report = out.join(first).join("report.html").display().to_string();
    let workbook = out.join(first).join("plan.xlsx").display().to_string();
    let charts = out.join(first).join("charts").display().to_string();
    let others: Vec<String> = CAMPAIGNS.iter().map(|(_, name)| folder(name)).collect();
    context.answer(&lang.say(
        "demo-open",
        &[
            ("rows", &rows),
            ("report", &report),
            ("workbook", &workbook),
            ("charts", &charts),
            ("folders", &others.join(", ")),
            ("history", &folder("history.sqlite")),
            ("exports", &folder("exports")),
        ],
    ))?;
    Ok(Exit::Good)
}
