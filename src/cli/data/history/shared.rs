//! What every question to the history needs: the file, and how figures are shown.

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;
use rust_decimal::prelude::ToPrimitive;

use crate::cli::arguments::touched::Touched;
use crate::cli::terminal::context::Context;
use crate::history::{History, PanelOptions};
use crate::segment::Attribute;
use crate::units::Currency;

/// The history file, the same option for every question.
#[derive(Debug, Clone, Args)]
pub(super) struct FileArg {
    /// The history file.
    #[arg(long, value_name = "FILE", default_value = "history.sqlite")]
    pub(super) history: PathBuf,
}

impl FileArg {
    pub(super) fn open(&self, context: &Context) -> anyhow::Result<History> {
        let history = context.explain(History::open_existing(&self.history))?;
        if let Some(copy) = history.kept_copy() {
            let path = copy.display().to_string();
            context.note(&context.language.say("history-kept-copy", &[("path", &path)]));
        }
        Ok(history)
    }
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

/// Which rows of the history make a panel, and what its segments are.
#[derive(Debug, Clone, Args)]
pub(super) struct AskedArgs {
    /// Attributes that make a segment, such as `network,age` (default: the finest known
    /// throughout).
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub(super) split_by: Vec<Attribute>,
    /// First day.
    #[arg(long, value_name = "DATE")]
    pub(super) from: Option<Date>,
    /// Last day.
    #[arg(long, value_name = "DATE")]
    pub(super) to: Option<Date>,
    /// Only amounts of this currency.
    #[arg(long, value_name = "CODE")]
    pub(super) currency: Option<Currency>,
    /// Keeps rows without money too: organic posts.
    #[arg(long)]
    pub(super) organic: bool,
    /// Only rows whose actions were counted under this attribution window (and those of which it
    /// is not known).
    #[arg(long, value_name = "WINDOW")]
    pub(super) attribution: Option<String>,
}

impl AskedArgs {
    /// The same, as the history is asked.
    pub(super) fn options(&self) -> PanelOptions {
        PanelOptions {
            split_by: self.split_by.clone(),
            from: self.from,
            to: self.to,
            currency: self.currency,
            organic: self.organic,
            attribution: self.attribution.clone(),
        }
    }
}

/// Writes the panel: every amount once, by segment and week.
#[derive(Debug, Clone, Args)]
pub(super) struct PanelArgs {
    #[command(flatten)]
    pub(super) file: FileArg,
    /// Where to write the panel (default: standard output).
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    #[command(flatten)]
    pub(super) asked: AskedArgs,
    /// Reads raw rows of one grain from CSV (a warehouse's table of ads by day and audience)
    /// instead of a history; may be given several times.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["history", "from", "to", "organic", "attribution"])]
    pub(super) from_csv: Vec<PathBuf>,
    /// Which column of the raw rows means what, such as `engagements=active_engagements`;
    /// nothing after `=` leaves a column out. Columns that bear relais's own names are known.
    #[arg(long, value_name = "NAME=COLUMN", requires = "from_csv")]
    pub(super) column: Vec<String>,
}

impl PanelArgs {
    /// The files that it reads and writes.
    pub(in crate::cli) fn touched(&self) -> Touched<'_> {
        Touched::default().reads([&self.file.history]).reads(&self.from_csv).writes(&self.out)
    }
}
