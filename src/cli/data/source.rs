//! Where a command takes its panel from: a history or a panel file.

use std::path::PathBuf;

use clap::Args;

use crate::cli::terminal::context::{Context, Exit};
use crate::history::{History, PanelOptions};
use crate::panel::{Panel, PanelNote};
use crate::segment::Attribute;
use crate::units::Currency;

/// A history or a panel file; exactly one.
#[derive(Debug, Clone, Args)]
pub struct PanelSource {
    /// The history, as `import` made it.
    #[arg(long, value_name = "H.sqlite", required_unless_present = "panel")]
    pub history: Option<PathBuf>,
    /// A panel file (CSV, Parquet or Arrow; `-` for CSV or Arrow from standard input): segment,
    /// dates or week or neither, spend, actions.
    #[arg(long, value_name = "P.csv", conflicts_with = "history")]
    pub panel: Option<PathBuf>,
    /// Attributes that make a segment of the history (default: the finest known throughout).
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', conflicts_with = "panel")]
    split_by: Vec<Attribute>,
    /// Only rows of the history whose actions were counted under this attribution window (and
    /// those of which it is not known).
    #[arg(long, value_name = "WINDOW", conflicts_with = "panel")]
    attribution: Option<String>,
    /// Only amounts of the history in this currency (and those of which it is not known).
    #[arg(long, value_name = "CODE", conflicts_with = "panel")]
    currency: Option<Currency>,
}

/// Tells what a panel's readers must know; whether a person has to decide something.
pub(crate) fn tell_notes(notes: &[PanelNote], context: &Context) -> Exit {
    for note in notes {
        context.note(&note.tell(context.language));
    }
    if notes.iter().any(PanelNote::needs_a_person) { Exit::Findings } else { Exit::Good }
}

impl PanelSource {
    /// The file that the panel comes from.
    pub(crate) fn files(&self) -> impl Iterator<Item = &PathBuf> {
        self.history.iter().chain(&self.panel)
    }

    /// The panel; what it leaves out is told on stderr. `left_out` names numeric columns of a
    /// panel file that are known and not wanted.
    ///
    /// # Errors
    ///
    /// Bad input, told in the person's language.
    pub fn read(&self, left_out: &[String], context: &Context) -> anyhow::Result<Panel> {
        match (&self.panel, &self.history) {
            (Some(path), _) => {
                let (panel, notes) = context.explain(Panel::read_csv_without(path, left_out))?;
                for note in notes {
                    context.note(&note.tell(context.language));
                }
                Ok(panel)
            }
            (None, Some(path)) => {
                let history = context.explain(History::open_existing(path))?;
                let options = PanelOptions {
                    split_by: self.split_by.clone(),
                    attribution: self.attribution.clone(),
                    currency: self.currency,
                    ..PanelOptions::default()
                };
                Ok(context.explain(history.panel(&options))?.panel)
            }
            (None, None) => anyhow::bail!("`--history` or `--panel` is required"),
        }
    }
}
