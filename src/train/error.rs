//! Why a panel cannot be learnt from.

use thiserror::Error;

use crate::language::{Explain, Language};

/// No model can be learnt from this panel.
#[derive(Debug, Error)]
pub enum TrainError {
    /// No segment or no cell.
    #[error("the panel has no rows")]
    EmptyPanel,
    /// No row has any spend.
    #[error("no row has any spend: without money there is no response to learn")]
    NoSpend,
    /// No row reports an active kind of action.
    #[error("no row reports an active kind of action (shares, comments, saves, clicks …)")]
    NothingToLearn,
    /// The specification needs reach.
    #[error("the specification `{0}` needs reach, and no row reports any")]
    NeedsReach(String),
    /// A cell holds what no export can.
    #[error("cell {row}, `{column}`: found {found}, expected a finite number of at least 0")]
    BadCell {
        /// Position in the panel, from 1.
        row: usize,
        /// Its column.
        column: String,
        /// What was found.
        found: f64,
    },
    /// Dates that cannot belong to one history.
    #[error("dates run from {from} to {to}, more than 20 years: one of them is wrong")]
    DatesTooFar {
        /// The first day.
        from: jiff::civil::Date,
        /// The last day.
        to: jiff::civil::Date,
    },
    /// The sampler gave up.
    #[error("the sampler gave up: {0}")]
    Sampler(String),
    /// The search found no mode.
    #[error("the fit did not settle: the panel contradicts the model too strongly")]
    DidNotSettle,
}

impl Explain for TrainError {
    fn explain(&self, language: Language) -> String {
        match self {
            Self::EmptyPanel => language.text("error-train-empty-panel"),
            Self::NoSpend => language.text("error-train-no-spend"),
            Self::NothingToLearn => language.text("error-train-nothing-to-learn"),
            Self::NeedsReach(name) => language.say("error-train-needs-reach", &[("name", name)]),
            Self::BadCell { row, column, found } => language.say(
                "error-train-bad-cell",
                &[
                    ("row", &language.number(*row as f64, 0)),
                    ("column", column),
                    ("found", &found.to_string()),
                ],
            ),
            Self::DatesTooFar { from, to } => language.say(
                "error-train-dates-too-far",
                &[("from", &language.date(*from)), ("to", &language.date(*to))],
            ),
            Self::Sampler(reason) => language.say("error-train-sampler", &[("reason", reason)]),
            Self::DidNotSettle => language.text("error-train-did-not-settle"),
        }
    }
}
