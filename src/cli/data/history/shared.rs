//! What every question to the history needs: the file, and how figures are shown.

use std::path::PathBuf;

use clap::Args;
use rust_decimal::prelude::ToPrimitive;

use crate::cli::terminal::context::Context;
use crate::history::History;
use crate::language::Language;

/// The history file, the same option for every question.
#[derive(Debug, Clone, Args)]
pub(super) struct FileArg {
    /// The history file.
    #[arg(long, value_name = "FILE", default_value = "history.sqlite")]
    pub(super) history: PathBuf,
}

impl FileArg {
    pub(super) fn open(&self, context: &Context) -> anyhow::Result<History> {
        let history = context.told(History::open_existing(&self.history))?;
        if let Some(copy) = history.kept_copy() {
            let path = copy.display().to_string();
            context.note(&context.language.say("history-kept-copy", &[("path", &path)]));
        }
        Ok(history)
    }
}

pub(super) fn column(language: Language, name: &str) -> String {
    language.text(&format!("history-column-{name}"))
}

/// A number where it is known, a dash where it is not.
pub(super) fn shown(value: Option<f64>, write: impl Fn(f64) -> String) -> String {
    value.map_or_else(|| "–".to_owned(), write)
}

pub(super) fn amount(value: rust_decimal::Decimal) -> f64 {
    value.to_f64().unwrap_or_default()
}

/// Text for a spreadsheet: what would run as a formula gets an apostrophe.
pub(super) fn neutral(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}
