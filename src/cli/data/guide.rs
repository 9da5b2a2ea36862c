//! `relais guide`: which export to make, and the clicks to it.

use clap::Args;
use serde_json::json;

use crate::cli::terminal::context::{Context, Exit, Failure};
use crate::cli::terminal::grid::{GLUE, paragraph};
use crate::ingest::formats;
use crate::ingest::guide::{Clicks, Guide, Page};
use crate::language::Language;

/// Tells which export to make, network by network.
#[derive(Debug, Clone, Args)]
pub struct GuideArgs {
    /// The network: meta, linkedin, x, tiktok, snapchat, youtube, pinterest, or all of them.
    #[arg(value_name = "NETWORK")]
    network: Option<String>,
}

/// What stands for every network.
const ALL: &str = "all";

/// Runs the command.
///
/// # Errors
///
/// A network that the guide does not know.
pub fn run(args: &GuideArgs, context: &Context) -> anyhow::Result<Exit> {
    let language = context.language;
    let formats = context.explain(formats(&context.reference))?;
    let guide = context.explain(Guide::load(&context.reference, &formats, language))?;
    let text = match args.network.as_deref() {
        None => overview(&guide, language),
        Some(ALL) => {
            guide.pages().map(|page| told(page, language)).collect::<Vec<_>>().join("\n\n")
        }
        Some(name) => {
            let page = guide.page(name).ok_or_else(|| unknown(&guide, name, language))?;
            if context.json {
                context.answer_json(page)?;
                return Ok(Exit::Good);
            }
            let (_, after) = guide.around();
            format!("{}\n\n{}", told(page, language), paragraphs(after, ""))
        }
    };
    if context.json {
        let pages: Vec<&Page> = guide.pages().collect();
        context.answer_json(&json!({ "networks": pages }))?;
    }
    context.answer(&text)?;
    Ok(Exit::Good)
}

fn unknown(guide: &Guide, found: &str, language: Language) -> Failure {
    let allowed = guide.names().collect::<Vec<_>>().join(", ");
    Failure(language.say("error-guide-unknown", &[("found", found), ("allowed", &allowed)]))
}

fn overview(guide: &Guide, language: Language) -> String {
    let (intro, after) = guide.around();
    let mut lines = vec![guide.title().to_owned(), String::new(), paragraphs(intro, "")];
    lines.push(format!("\n{}", paragraph(&language.text("guide-overview"), "", "")));
    let width = guide.pages().map(|page| page.name.len()).max().unwrap_or_default();
    for page in guide.pages() {
        let name = format!("  {:width$}  ", page.name);
        lines.push(paragraph(&page.line, &name, &" ".repeat(width + 4)));
    }
    lines.push(format!("\n{}", paragraphs(after, "")));
    lines.join("\n")
}

fn paragraphs(texts: &[String], indent: &str) -> String {
    let each = texts.iter().map(|text| paragraph(text, indent, indent));
    each.collect::<Vec<_>>().join("\n")
}

/// A page for a terminal.
fn told(page: &Page, language: Language) -> String {
    let mut lines = vec![page.title.clone()];
    for export in &page.exports {
        lines.push(String::new());
        if let Some(title) = &export.title {
            lines.push(title.clone());
        }
        lines.extend(clicks(export, language));
    }
    if !page.notes.is_empty() {
        lines.push(format!("\n{}", language.text("guide-notes")));
        lines.extend(page.notes.iter().map(|note| paragraph(note, "  - ", "    ")));
    }
    lines.join("\n")
}

fn clicks(export: &Clicks, language: Language) -> Vec<String> {
    let steps = export.steps.iter().enumerate();
    let mut lines: Vec<String> =
        steps.map(|(i, step)| paragraph(step, &format!("  {}. ", i + 1), "     ")).collect();
    // A name stays whole on its line: what is looked for in a menu is read as it stands there.
    let names = export.columns.iter().map(|own| own.header.replace(' ', &GLUE.to_string()));
    let names = names.collect::<Vec<_>>().join(" · ");
    lines.push(format!("  {}", language.text("guide-columns")));
    lines.push(paragraph(&names, "     ", "     "));
    lines.extend(export.remark.iter().map(|remark| paragraph(remark, "     ", "     ")));
    lines
}
