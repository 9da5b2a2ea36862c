//! Where a command takes its panel from: a history or a panel file.

use std::path::PathBuf;

use clap::Args;

use super::context::Context;
use crate::history::{History, PanelOptions};
use crate::panel::Panel;

/// A history or a panel file; exactly one.
#[derive(Debug, Clone, Args)]
#[group(required = true, multiple = false)]
pub struct PanelSource {
    /// A panel file: segment, dates or week or neither, spend, actions.
    #[arg(long, value_name = "P.csv")]
    pub panel: Option<PathBuf>,
    /// A history that exports were imported into.
    #[arg(long, value_name = "H.sqlite")]
    pub history: Option<PathBuf>,
}

impl PanelSource {
    /// The panel; what it leaves out is told on stderr. `left_out` names numeric columns of a
    /// panel file that are known and not wanted.
    ///
    /// # Errors
    ///
    /// Bad input, told in the person's language.
    pub fn read(&self, left_out: &[String], context: &Context) -> anyhow::Result<Panel> {
        if let Some(path) = &self.history {
            let history = context.told(History::open_existing(path))?;
            return Ok(context.told(history.panel(&PanelOptions::default()))?.panel);
        }
        let Some(path) = &self.panel else { return Ok(Panel::default()) };
        let (panel, notes) = context.told(Panel::read_csv_without(path, left_out))?;
        for note in notes {
            context.note(&note.tell(context.language));
        }
        Ok(panel)
    }
}
