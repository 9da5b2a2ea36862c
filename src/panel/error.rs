//! What can be wrong with a panel file, and what is worth saying about a sound one.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::arrow::ArrowFault;
use crate::action::Action;
use crate::language::message::{Message, Value};
use crate::language::{Explain, Language};
use crate::segment::ToldApart;
use crate::units::Currency;

/// The file is not a panel.
#[derive(Debug, Error)]
pub enum PanelError {
    /// It cannot be opened, read or written.
    #[error("`{path}`: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is not CSV text in UTF-8.
    #[error("`{path}`, line {line}: {detail}")]
    NotCsv {
        /// The file.
        path: PathBuf,
        /// The line.
        line: u64,
        /// What is wrong there.
        detail: String,
    },
    /// A header but no rows, or nothing at all.
    #[error("`{path}` has no rows")]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A column that a panel must have is not there.
    #[error("`{path}` has no column {expected}; its columns are {found}")]
    MissingColumn {
        /// The file.
        path: PathBuf,
        /// What was looked for.
        expected: String,
        /// The columns that are there.
        found: String,
    },
    /// Two columns have the same name.
    #[error("`{path}` has the column `{column}` twice")]
    RepeatedColumn {
        /// The file.
        path: PathBuf,
        /// Its name.
        column: String,
    },
    /// Columns of numbers that are no measure a panel knows.
    #[error("`{path}`: columns of numbers that a panel does not know: {}", columns.join(", "))]
    NumberColumns {
        /// The file.
        path: PathBuf,
        /// Their names.
        columns: Vec<String>,
    },
    /// A Parquet file that Zstandard compressed, and a program built without it.
    #[error("`{path}` is compressed by Zstandard, and this program was built without it")]
    NeedsZstd {
        /// The file.
        path: PathBuf,
    },
    /// An Arrow table that cannot be read.
    #[error("`{path}`: {fault}")]
    Arrow {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: ArrowFault,
    },
    /// A Parquet file that cannot be read.
    #[error("`{path}`: {detail}")]
    Parquet {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// Two columns say when.
    #[error("`{path}`: the columns `{first}` and `{second}` both say when")]
    TwoDates {
        /// The file.
        path: PathBuf,
        /// One of them.
        first: String,
        /// Another.
        second: String,
    },
    /// Cells that cannot be what they say, all of them.
    #[error("`{path}`: {} bad cells, the first in line {}", cells.len(), cells.first().map_or(0, |cell| cell.line))]
    Cells {
        /// The file.
        path: PathBuf,
        /// Every bad cell, in file order.
        cells: Vec<BadCell>,
    },
}

/// One cell of a panel file that cannot stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadCell {
    /// Line of the file, 1-based.
    pub line: u64,
    /// Name of the column.
    pub column: String,
    /// What was found.
    pub found: String,
    /// What is allowed there.
    pub allowed: Allowed,
}

/// What a cell of a panel may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allowed {
    /// A number of at least 0.
    Number,
    /// Money of at least 0, of which refunds have been taken off.
    Refunded,
    /// A number of at least 0, nothing, or a suppressed count such as `<5`.
    Count,
    /// A date such as 2026-11-22.
    Date,
    /// A week such as 2026-W47, or a date of it.
    Week,
    /// A date not before the start.
    EndAfterStart,
    /// `true` or `false`.
    Flag,
    /// Some text.
    Name,
    /// The value that the segment had before.
    SameAttribute(String),
    /// One row per segment and period; the line of the first is given.
    OneRowPerPeriod(u64),
    /// One row per segment and week, where days stand in the column of weeks; the line of the
    /// first is given.
    DaysAsDate(u64),
    /// Nothing, as parts of the total are in the row.
    TotalOrParts,
    /// A currency code, the same in every row.
    Currency,
}

impl Allowed {
    fn tell(&self, language: Language) -> String {
        match self {
            Self::Number => language.text("panel-allowed-number"),
            Self::Refunded => language.text("panel-allowed-refunded"),
            Self::Count => language.text("panel-allowed-count"),
            Self::Date => language.text("panel-allowed-date"),
            Self::Week => language.text("panel-allowed-week"),
            Self::EndAfterStart => language.text("panel-allowed-end"),
            Self::Flag => language.text("panel-allowed-flag"),
            Self::Name => language.text("panel-allowed-name"),
            Self::SameAttribute(value) => {
                language.say("panel-allowed-same-attribute", &[("value", value)])
            }
            Self::OneRowPerPeriod(line) => {
                language.say("panel-allowed-one-row", &[("line", &line.to_string())])
            }
            Self::DaysAsDate(line) => {
                language.say("panel-allowed-days-as-date", &[("line", &line.to_string())])
            }
            Self::TotalOrParts => language.text("panel-allowed-total-or-parts"),
            Self::Currency => language.text("panel-allowed-currency"),
        }
    }
}

impl BadCell {
    /// The cell in a person's words.
    #[must_use]
    pub fn tell(&self, language: Language) -> String {
        language.say(
            "panel-bad-cell",
            &[
                ("line", &self.line.to_string()),
                ("column", &self.column),
                ("found", &self.found),
                ("allowed", &self.allowed.tell(language)),
            ],
        )
    }
}

fn arrow(path: &str, fault: &ArrowFault, language: Language) -> String {
    match fault {
        ArrowFault::Damaged => language.say("error-panel-arrow-damaged", &[("path", path)]),
        ArrowFault::File => language.say("error-panel-arrow-file", &[("path", path)]),
        ArrowFault::Compressed => language.say("error-panel-arrow-compressed", &[("path", path)]),
        ArrowFault::Kind { column, kind } => language.say(
            "error-panel-arrow-kind",
            &[("path", path), ("column", column), ("kind", &kind.to_string())],
        ),
    }
}

impl Explain for PanelError {
    fn explain(&self, language: Language) -> String {
        match self {
            Self::File { path, source } => language.say(
                "error-panel-file",
                &[("path", &path.display().to_string()), ("detail", &language.cause(source))],
            ),
            Self::NotCsv { path, line, detail } => language.say(
                "error-panel-not-csv",
                &[
                    ("path", &path.display().to_string()),
                    ("line", &line.to_string()),
                    ("detail", detail),
                ],
            ),
            Self::Empty { path } => {
                language.say("error-panel-empty", &[("path", &path.display().to_string())])
            }
            Self::MissingColumn { path, expected, found } => language.say(
                "error-panel-missing-column",
                &[("path", &path.display().to_string()), ("expected", expected), ("found", found)],
            ),
            Self::RepeatedColumn { path, column } => language.say(
                "error-panel-repeated-column",
                &[("path", &path.display().to_string()), ("column", column)],
            ),
            Self::NumberColumns { path, columns } => language.say(
                "error-panel-number-columns",
                &[("path", &path.display().to_string()), ("columns", &columns.join(", "))],
            ),
            Self::NeedsZstd { path } => {
                language.say("error-panel-needs-zstd", &[("path", &path.display().to_string())])
            }
            Self::Arrow { path, fault } => arrow(&path.display().to_string(), fault, language),
            Self::Parquet { path, detail } => language.say(
                "error-panel-parquet",
                &[("path", &path.display().to_string()), ("detail", detail)],
            ),
            Self::TwoDates { path, first, second } => language.say(
                "error-panel-two-dates",
                &[("path", &path.display().to_string()), ("first", first), ("second", second)],
            ),
            Self::Cells { path, cells } => {
                let path = path.display().to_string();
                let head =
                    language.count("error-panel-cells", cells.len() as u64, &[("path", &path)]);
                let lines = cells.iter().map(|cell| format!("  {}", cell.tell(language)));
                std::iter::once(head).chain(lines).collect::<Vec<_>>().join("\n")
            }
        }
    }
}

/// Something worth knowing about a panel, or about what was made of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PanelNote {
    /// A network without platform rules.
    UnknownNetwork(String),
    /// A column of numbers left out, as the specification asked.
    LeftOut(String),
    /// No dates: every row is a period of its own.
    NoDates,
    /// Small counts of a kind are hidden without a word: taken as anything below a limit.
    HiddenCounts {
        /// Network; empty where none is named.
        network: String,
        /// Kind of action.
        kind: Action,
        /// No count from 1 up to less than this is ever shown.
        below: u32,
        /// Rows whose count is hidden.
        rows: u64,
    },
    /// Actions of one network were counted under several attribution windows.
    AttributionWindows {
        /// Network.
        network: String,
        /// The windows, sorted.
        windows: Vec<String>,
    },
    /// Rows under another attribution window than the one asked for were left out.
    OtherWindows {
        /// The window asked for.
        window: String,
        /// Rows left out.
        rows: u64,
    },
    /// Rows whose export names no currency, beside others that do.
    SomeWithoutCurrency {
        /// The currency of the others.
        currency: Currency,
        /// Rows with money and no currency.
        rows: u64,
    },
    /// Rows in another currency than the one asked for were left out.
    OtherCurrencies {
        /// The currency asked for.
        currency: Currency,
        /// Rows left out.
        rows: u64,
    },
    /// More money was given back than was ever spent on the same account.
    RefundsBeyond {
        /// How much more.
        spend: f64,
    },
    /// More of a count was taken back than was ever counted on the same account.
    CountsBeyond {
        /// Its column.
        column: String,
        /// How much more.
        count: f64,
    },
    /// Too little is known for more than levels: no curve is seen in it, or no season.
    DataFloor {
        /// Audiences with money.
        audiences: usize,
        /// Their rows with money.
        rows: usize,
        /// Different weeks; `None` without dates.
        weeks: Option<usize>,
    },
    /// Audiences seen with money in one week only, where others were seen longer.
    OneWeek {
        /// Their names.
        audiences: Vec<String>,
    },
    /// Audiences with so little behind them that they say nothing of themselves.
    NothingBehind {
        /// Their names.
        audiences: Vec<String>,
    },
    /// Some money is not broken down by what was asked, or was divided by the platform alone: what
    /// the history tells apart of what was bought.
    ToldApart(Vec<ToldApart>),
}

/// What a history tells apart of what was bought, as its panel's notes have it.
#[must_use]
pub fn told_apart(notes: &[PanelNote]) -> &[ToldApart] {
    let found = notes.iter().find_map(|note| match note {
        PanelNote::ToldApart(apart) => Some(apart.as_slice()),
        _ => None,
    });
    found.unwrap_or_default()
}

impl PanelNote {
    /// Whether a person has to decide something before a plan can be trusted.
    #[must_use]
    pub fn needs_a_person(&self) -> bool {
        matches!(self, Self::AttributionWindows { .. } | Self::RefundsBeyond { .. })
    }

    /// A stable code, by which a campaign can override it; `None` for what only its reading told.
    #[must_use]
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::UnknownNetwork(_) | Self::LeftOut(_) | Self::NoDates | Self::ToldApart(_) => None,
            Self::HiddenCounts { .. } => Some("hidden-counts"),
            Self::AttributionWindows { .. } => Some("attribution-windows"),
            Self::OtherWindows { .. } => Some("other-windows"),
            Self::SomeWithoutCurrency { .. } => Some("some-without-currency"),
            Self::OtherCurrencies { .. } => Some("other-currencies"),
            Self::RefundsBeyond { .. } => Some("refunds-beyond"),
            Self::CountsBeyond { .. } => Some("counts-beyond"),
            Self::DataFloor { weeks: None, .. } => Some("data-floor-undated"),
            Self::DataFloor { weeks: Some(1), .. } => Some("data-floor-one-week"),
            Self::DataFloor { .. } => Some("data-floor"),
            Self::OneWeek { .. } => Some("one-week"),
            Self::NothingBehind { .. } => Some("nothing-behind"),
        }
    }

    /// The audiences it is about; empty when it is about the panel as a whole.
    #[must_use]
    pub fn audiences(&self) -> &[String] {
        match self {
            Self::OneWeek { audiences } | Self::NothingBehind { audiences } => audiences,
            _ => &[],
        }
    }

    /// The same about some of its audiences alone.
    #[must_use]
    pub fn about(&self, some: &[String]) -> Self {
        let mut note = self.clone();
        if let Self::OneWeek { audiences } | Self::NothingBehind { audiences } = &mut note {
            *audiences = some.to_vec();
        }
        note
    }

    /// Its message.
    #[must_use]
    pub fn message(&self) -> Message {
        let whole = |n: usize| Value::Whole(n as f64);
        let named = |network: &String| match network.as_str() {
            "" => Value::Message("panel-note-this-panel".to_owned()),
            name => Value::Name(name.to_owned()),
        };
        let values = match self {
            Self::NoDates => Vec::new(),
            Self::UnknownNetwork(network) => vec![("network", Value::Name(network.clone()))],
            Self::ToldApart(apart) => vec![("apart", Value::Apart(apart.clone()))],
            Self::LeftOut(column) => vec![("column", Value::Name(column.clone()))],
            Self::HiddenCounts { network, kind, below, rows } => vec![
                ("network", named(network)),
                ("column", Value::Name(kind.column().to_owned())),
                ("below", Value::Whole(f64::from(*below))),
                ("most", Value::Whole(f64::from(*below) - 1.0)),
                ("rows", Value::Whole(*rows as f64)),
            ],
            Self::AttributionWindows { network, windows } => vec![
                ("network", named(network)),
                ("windows", Value::Name(windows.join(" / "))),
                ("first", Value::Name(windows.first().cloned().unwrap_or_default())),
            ],
            Self::OtherWindows { window, rows } => {
                vec![("window", Value::Name(window.clone())), ("rows", Value::Whole(*rows as f64))]
            }
            Self::SomeWithoutCurrency { currency, rows }
            | Self::OtherCurrencies { currency, rows } => {
                let rows = Value::Whole(*rows as f64);
                vec![("currency", Value::Name(currency.to_string())), ("rows", rows)]
            }
            Self::RefundsBeyond { spend } => vec![("spend", Value::Money(*spend))],
            Self::CountsBeyond { column, count } => {
                vec![("column", Value::Name(column.clone())), ("count", Value::Whole(*count))]
            }
            Self::DataFloor { audiences, rows, weeks } => vec![
                ("audiences", whole(*audiences)),
                ("rows", whole(*rows)),
                ("weeks", whole(weeks.unwrap_or_default())),
            ],
            Self::OneWeek { audiences } | Self::NothingBehind { audiences } => {
                vec![("segments", Value::Segments(audiences.clone()))]
            }
        };
        let key = match self {
            Self::UnknownNetwork(_) => "panel-note-unknown-network".to_owned(),
            Self::LeftOut(_) => "panel-note-left-out".to_owned(),
            Self::ToldApart(_) => "panel-note-told-apart".to_owned(),
            _ => self
                .code()
                .map_or_else(|| "panel-note-no-dates".to_owned(), |code| format!("finding-{code}")),
        };
        Message::new(&key, values)
    }

    /// The note in a person's words.
    #[must_use]
    pub fn tell(&self, language: Language) -> String {
        self.message().say(language, None)
    }
}
