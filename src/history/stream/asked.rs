//! What raw rows are read for, and why they cannot be.

use std::path::PathBuf;

use thiserror::Error;

use crate::action::Action;
use crate::language::{Explain, Language};
use crate::segment::Attribute;
use crate::units::Currency;

/// Which column of a raw table means what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawColumns {
    /// Attributes that make a segment, with their columns.
    pub segment: Vec<(Attribute, String)>,
    /// Day of the row.
    pub day: String,
    /// Money.
    pub spend: String,
    /// Impressions, where there are any.
    pub impressions: Option<String>,
    /// Kinds of action with their columns.
    pub actions: Vec<(Action, String)>,
    /// Currency of the money, when it is known.
    pub currency: Option<Currency>,
}

/// A raw table that cannot be made a panel.
#[derive(Debug, Error)]
pub enum StreamError {
    /// The file cannot be read.
    #[error("`{path}`: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A column is not there.
    #[error("`{path}` has no column `{column}`; its columns are {found}")]
    MissingColumn {
        /// The file.
        path: PathBuf,
        /// What was looked for.
        column: String,
        /// The columns that are there.
        found: String,
    },
    /// A ready total and its parts would count the parts twice.
    #[error("the total `engagements` stands beside its own parts")]
    TotalBesideParts,
    /// Cells that cannot be what they say, all of them.
    #[error("`{path}`: {} bad cells", cells.len())]
    Cells {
        /// The file.
        path: PathBuf,
        /// Every bad cell: line, column, what was found.
        cells: Vec<(u64, String, String)>,
    },
    /// A row is longer than any real row.
    #[error("`{path}`: a row longer than {} bytes", LONGEST_ROW)]
    LongRow {
        /// The file.
        path: PathBuf,
    },
}

impl Explain for StreamError {
    fn explain(&self, language: Language) -> String {
        match self {
            Self::File { path, source } => language.say(
                "error-history-stream-file",
                &[("path", &path.display().to_string()), ("detail", &language.cause(source))],
            ),
            Self::MissingColumn { path, column, found } => language.say(
                "error-history-stream-column",
                &[("path", &path.display().to_string()), ("column", column), ("found", found)],
            ),
            Self::TotalBesideParts => language.text("error-history-stream-total"),
            Self::Cells { path, cells } => {
                let path = path.display().to_string();
                let head = language.count(
                    "error-history-stream-cells",
                    cells.len() as u64,
                    &[("path", &path)],
                );
                let lines = cells.iter().map(|(line, column, found)| {
                    language.say(
                        "error-history-stream-cell",
                        &[("line", &line.to_string()), ("column", column), ("found", found)],
                    )
                });
                std::iter::once(head).chain(lines).collect::<Vec<_>>().join("\n  ")
            }
            Self::LongRow { path } => language.say(
                "error-history-stream-long-row",
                &[
                    ("path", &path.display().to_string()),
                    ("most", &language.number(LONGEST_ROW as f64, 0)),
                ],
            ),
        }
    }
}

/// A row longer than this is no row: a quote that never closes, or a file of another kind.
pub(super) const LONGEST_ROW: usize = 1 << 26;
