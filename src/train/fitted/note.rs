//! What a training says of itself, kept as values: its words are a reader's.

use serde::{Deserialize, Serialize};

/// A note on a trained model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TrainNote {
    /// Rows with actions but no money were left out.
    #[serde(rename = "train-note-actions-without-spend")]
    ActionsWithoutSpend,
    /// Rows of days were added up to weeks.
    #[serde(rename = "train-note-days-added-up")]
    DaysAddedUp,
    /// Actions come partly in the weeks after the money.
    #[serde(rename = "train-note-delay")]
    Delay,
    /// The approximation was too rough: the reference engine took over.
    #[serde(rename = "train-note-fell-back")]
    FellBack,
    /// No action was ever counted.
    #[serde(rename = "train-note-no-action-at-all")]
    NoActionAtAll,
    /// The approximation is not confirmed.
    #[serde(rename = "train-note-not-confirmed")]
    NotConfirmed,
    /// The chains of the reference engine do not agree.
    #[serde(rename = "train-note-not-converged")]
    NotConverged,
    /// The search for the hyper-parameters stopped before it had settled.
    #[serde(rename = "train-note-not-settled")]
    NotSettled,
    /// Organic actions are learnt beside those that money brings.
    #[serde(rename = "train-note-organic-found")]
    OrganicFound,
    /// Whether there are organic actions was decided: none are seen.
    #[serde(rename = "train-note-organic-not-found")]
    OrganicNotFound,
    /// Whether there are organic actions cannot be seen.
    #[serde(rename = "train-note-organic-unknown")]
    OrganicUnknown,
    /// Rows that cannot belong with the rest were set aside.
    #[serde(rename = "train-note-outliers")]
    Outliers,
    /// An attribute with very many values was not pooled on.
    #[serde(rename = "train-note-too-many-levels")]
    TooManyLevels,
    /// The approximation is rough and was widened.
    #[serde(rename = "train-note-widened")]
    Widened,
}

impl TrainNote {
    /// Its message key.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::ActionsWithoutSpend => "train-note-actions-without-spend",
            Self::DaysAddedUp => "train-note-days-added-up",
            Self::Delay => "train-note-delay",
            Self::FellBack => "train-note-fell-back",
            Self::NoActionAtAll => "train-note-no-action-at-all",
            Self::NotConfirmed => "train-note-not-confirmed",
            Self::NotConverged => "train-note-not-converged",
            Self::NotSettled => "train-note-not-settled",
            Self::OrganicFound => "train-note-organic-found",
            Self::OrganicNotFound => "train-note-organic-not-found",
            Self::OrganicUnknown => "train-note-organic-unknown",
            Self::Outliers => "train-note-outliers",
            Self::TooManyLevels => "train-note-too-many-levels",
            Self::Widened => "train-note-widened",
        }
    }
}
