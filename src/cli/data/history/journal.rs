//! `relais history journal` and `relais history undo`.

use clap::Args;

use super::shared::{FileArg, amount, column};
use crate::cli::terminal::context::{Context, Exit};
use crate::cli::terminal::grid::framed as table;
use crate::history::told::spend;
use crate::history::{HistoryError, JournalEntry, JournalFile, Rename};
use crate::language::Language;

/// Lists the imports, what they replaced, and the renames.
#[derive(Debug, Clone, Args)]
pub(super) struct JournalArgs {
    #[command(flatten)]
    file: FileArg,
}

/// Takes an import back: its rows leave, and what they replaced is in force again.
#[derive(Debug, Clone, Args)]
pub(super) struct UndoArgs {
    #[command(flatten)]
    file: FileArg,
    /// Number of the import, as the journal shows it (default: the latest in place).
    #[arg(value_name = "IMPORT")]
    import: Option<i64>,
}

pub(super) fn list(args: &JournalArgs, context: &Context) -> anyhow::Result<Exit> {
    let history = args.file.open(context)?;
    let journal = context.explain(history.journal())?;
    let renames = context.explain(history.renames())?;
    if context.json {
        context.answer_json(&serde_json::json!({ "imports": journal, "renames": renames }))?;
        return Ok(Exit::Good);
    }
    let language = context.language;
    if journal.is_empty() {
        context.answer(&language.text("history-journal-empty"))?;
        return Ok(Exit::Good);
    }
    let names = [
        "import",
        "when",
        "file",
        "new",
        "replaced",
        "duplicate",
        "spend",
        "old-and-new",
        "remark",
    ];
    let header = names.map(|name| column(language, name)).to_vec();
    let mut rows = Vec::new();
    let mut renames = renames.iter().peekable();
    for entry in &journal {
        while let Some(rename) = renames.next_if(|rename| rename.import < entry.import) {
            rows.push(rename_cells(rename, language));
        }
        rows.extend(entry.files.iter().map(|file| cells(entry, file, language)));
    }
    rows.extend(renames.map(|rename| rename_cells(rename, language)));
    context.answer(&table(header, rows, 3).with_remark().to_string())?;
    Ok(Exit::Good)
}

/// A moment to the minute, as people write it; `--json` has it as it was noted.
fn noted(when: Option<&str>, language: Language) -> String {
    let Some(when) = when else { return "–".to_owned() };
    let Ok(noted) = when.parse::<jiff::Timestamp>() else { return when.to_owned() };
    let noted = noted.to_zoned(jiff::tz::TimeZone::UTC);
    let clock = format!("{:02}:{:02}", noted.hour(), noted.minute());
    format!("{} {clock} UTC", language.date(noted.date()))
}

/// The file's own name: the folder that it was imported from says little and is long.
fn own_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

fn cells(entry: &JournalEntry, file: &JournalFile, language: Language) -> Vec<String> {
    let count = |n: u64| language.number(n as f64, 0);
    let money = |totals: &crate::history::Totals| language.money(amount(totals.spend), None);
    let change = if file.replaced == 0 {
        "–".to_owned()
    } else {
        format!("{} → {}", money(&file.old), money(&file.new))
    };
    let remark = remark(entry.undone, language);
    vec![
        entry.import.to_string(),
        noted(entry.noted_at.as_deref(), language),
        format!("{} ({})", own_name(&file.name), file.format),
        count(file.imported),
        count(file.replaced),
        count(file.duplicate),
        spend(language, &file.stored),
        change,
        remark,
    ]
}

fn rename_cells(rename: &Rename, language: Language) -> Vec<String> {
    let nothing = || "–".to_owned();
    let level = column(language, rename.level.column());
    vec![
        nothing(),
        noted(rename.noted_at.as_deref(), language),
        language.say(
            "history-journal-rename",
            &[("level", &level), ("before", &rename.before), ("now", &rename.now)],
        ),
        language.number(rename.moved as f64, 0),
        language.number(rename.set_aside as f64, 0),
        nothing(),
        nothing(),
        nothing(),
        remark(rename.undone, language),
    ]
}

fn remark(is_undone: bool, language: Language) -> String {
    if is_undone { language.text("history-journal-undone") } else { String::new() }
}

pub(super) fn undo(args: &UndoArgs, context: &Context) -> anyhow::Result<Exit> {
    let mut history = args.file.open(context)?;
    let journal = context.explain(history.journal())?;
    let latest = || journal.iter().rev().find(|entry| !entry.undone).map(|entry| entry.import);
    let Some(import) = args.import.or_else(latest) else {
        let path = history.path().to_path_buf();
        return Ok(context.explain(Err(HistoryError::NothingToUndo { path }))?);
    };
    let undone = context.explain(history.undo(import))?;
    if context.json {
        let totals = context.explain(history.totals())?;
        context.answer_json(&serde_json::json!({
            "import": import, "removed": undone.removed, "restored": undone.restored,
            "history": crate::cli::data::totals::history_json(&totals),
        }))?;
    }
    let language = context.language;
    context.answer(&language.say(
        "history-undone",
        &[
            ("import", &import.to_string()),
            ("removed", &language.number(undone.removed as f64, 0)),
            ("restored", &language.number(undone.restored as f64, 0)),
        ],
    ))?;
    Ok(Exit::Good)
}
