//! `relais history journal` and `relais history undo`.

use clap::Args;

use super::shared::FileArg;
use crate::cli::terminal::context::{Context, Exit};
use crate::cli::terminal::grid::framed as table;
use crate::history::{HistoryError, told};

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
    let (header, rows) = told::journal(&journal, &renames, language);
    context.answer(&table(header, rows, 3).with_remark().to_string())?;
    Ok(Exit::Good)
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
    context.answer(&told::undone(import, undone, context.language))?;
    Ok(Exit::Good)
}
