//! Why a bulk file was refused.

use crate::units::Week;
use thiserror::Error;

use crate::language::{Explain, Language};

/// A bulk file cannot be filled beyond doubt.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BulkError {
    /// The plan does not say its weeks.
    #[error("the plan does not say its weeks")]
    NoWeeks,
    /// The weeks asked for are not the plan's.
    #[error("found {} to {}, expected weeks from {} to {}", found.0, found.1, known.0, known.1)]
    Weeks {
        /// Asked for.
        found: (Week, Week),
        /// The plan's.
        known: (Week, Week),
    },
    /// Its bytes are neither UTF-8 nor UTF-16.
    #[error("the file is neither UTF-8 nor UTF-16 text")]
    Encoding,
    /// It is not the workbook that it seems to be.
    #[error("the workbook cannot be read: {trouble}")]
    Package {
        /// What the reader said.
        trouble: String,
    },
    /// Several sheets of the workbook have ad sets.
    #[error("several sheets have ad sets: {}", parts.join(", "))]
    SeveralSheets {
        /// Their parts of the package.
        parts: Vec<String>,
    },
    /// A cell that matters holds a formula.
    #[error("line {line}: `{column}` holds a formula")]
    Formula {
        /// The line.
        line: usize,
        /// The column's head.
        column: String,
    },
    /// A row has too few or too many cells.
    #[error("line {line}: found {found} cells, expected {expected}")]
    Ragged {
        /// The line.
        line: usize,
        /// Cells found.
        found: usize,
        /// Cells of the head.
        expected: usize,
    },
    /// A column is not there.
    #[error("no column `{head}`")]
    NoColumn {
        /// Its head.
        head: &'static str,
    },
    /// A budget is not an amount.
    #[error("line {line}: found `{found}`, expected an amount")]
    NotAnAmount {
        /// The line.
        line: usize,
        /// What was found.
        found: String,
    },
    /// Euros or cents cannot be told apart.
    #[error("budgets such as `{found}` may be units or cents")]
    UnitUnclear {
        /// A budget of the file.
        found: String,
    },
    /// Cents were said, and there are fractions of them.
    #[error("a budget such as `{found}` is no whole number of cents")]
    NotCents {
        /// A budget of the file.
        found: String,
    },
    /// Day and month cannot be told apart.
    #[error("line {line}: the order of day and month in `{found}` is unclear")]
    DatesUnclear {
        /// The line.
        line: usize,
        /// A date of the file.
        found: String,
    },
    /// The money is set at the campaign, not at the ad set.
    #[error("line {line}: the budget of ad set `{ad_set}` is set at its campaign")]
    CampaignBudget {
        /// The line.
        line: usize,
        /// The ad set.
        ad_set: String,
    },
    /// Neither or both budget columns are filled.
    #[error("line {line}: ad set `{ad_set}` has not exactly one of daily and lifetime budget")]
    BudgetUnclear {
        /// The line.
        line: usize,
        /// The ad set.
        ad_set: String,
    },
    /// Funded segments have no ad set in the file.
    #[error("no ad set for: {}", segments.join(", "))]
    Missing {
        /// The segments.
        segments: Vec<String>,
    },
    /// A segment has several ad sets.
    #[error("`{segment}` may be any of the ad sets {}", ids.join(", "))]
    Ambiguous {
        /// The segment.
        segment: String,
        /// The ad sets.
        ids: Vec<String>,
    },
    /// Several segments share one ad set.
    #[error("ad set `{id}` belongs to several segments: {}", segments.join(", "))]
    Shared {
        /// The ad set.
        id: String,
        /// The segments.
        segments: Vec<String>,
    },
}

impl Explain for BulkError {
    fn explain(&self, language: Language) -> String {
        let say = |key: &str, arguments: &[(&str, &str)]| {
            language.say(&format!("error-report-bulk-{key}"), arguments)
        };
        match self {
            Self::NoWeeks => say("no-weeks", &[]),
            Self::Weeks { found, known } => {
                let weeks = [found.0, found.1, known.0, known.1].map(|week| week.to_string());
                let names = ["first", "last", "from", "to"];
                let values: Vec<(&str, &str)> =
                    names.into_iter().zip(weeks.iter().map(String::as_str)).collect();
                say("weeks", &values)
            }
            Self::Encoding => say("encoding", &[]),
            Self::Package { trouble } => say("package", &[("trouble", trouble)]),
            Self::SeveralSheets { parts } => {
                say("several-sheets", &[("sheets", &parts.join(", "))])
            }
            Self::Formula { line, column } => {
                say("formula", &[("line", &line.to_string()), ("column", column)])
            }
            Self::Ragged { line, found, expected } => say(
                "ragged",
                &[
                    ("line", &line.to_string()),
                    ("found", &found.to_string()),
                    ("expected", &expected.to_string()),
                ],
            ),
            Self::NoColumn { head } => say("no-column", &[("head", head)]),
            Self::NotAnAmount { line, found } => {
                say("not-an-amount", &[("line", &line.to_string()), ("found", found)])
            }
            Self::UnitUnclear { found } => say("unit-unclear", &[("found", found)]),
            Self::NotCents { found } => say("not-cents", &[("found", found)]),
            Self::DatesUnclear { line, found } => {
                say("dates-unclear", &[("line", &line.to_string()), ("found", found)])
            }
            Self::CampaignBudget { line, ad_set } => {
                say("campaign-budget", &[("line", &line.to_string()), ("ad-set", ad_set)])
            }
            Self::BudgetUnclear { line, ad_set } => {
                say("budget-unclear", &[("line", &line.to_string()), ("ad-set", ad_set)])
            }
            Self::Missing { segments } => say("missing", &[("segments", &segments.join(", "))]),
            Self::Ambiguous { segment, ids } => {
                say("ambiguous", &[("segment", segment), ("ids", &ids.join(", "))])
            }
            Self::Shared { id, segments } => {
                say("shared", &[("id", id), ("segments", &segments.join(", "))])
            }
        }
    }
}
