//! Why a panel cannot be backtested.

use thiserror::Error;

use crate::language::{Explain, Language};
use crate::train::TrainError;
use crate::units::Week;

/// A panel cannot be backtested.
#[derive(Debug, Error)]
pub enum BacktestError {
    /// No cell has dates: there is nothing to roll over.
    #[error("the panel has no dates: there are no later weeks to hold back")]
    NoDates,
    /// Too few weeks to hold any back.
    #[error("found {found} weeks of history, expected at least {least}")]
    TooShort {
        /// Weeks from the first to the last.
        found: usize,
        /// Least number.
        least: usize,
    },
    /// No cell after the first origin has spend and a reported action.
    #[error("no week after {origin} has both spend and a reported action")]
    NothingToScore {
        /// The first origin.
        origin: Week,
    },
    /// The model cannot be fitted on what was known at an origin.
    #[error("before {origin}: {source}")]
    Train {
        /// The origin.
        origin: Week,
        /// Why.
        source: TrainError,
    },
    /// A setting is out of range.
    #[error("`{key}`: found {found}, expected at least {least}")]
    Setting {
        /// Its name.
        key: &'static str,
        /// What was found.
        found: usize,
        /// What is allowed.
        least: usize,
    },
}

impl Explain for BacktestError {
    fn explain(&self, language: Language) -> String {
        match self {
            Self::NoDates => language.text("error-backtest-no-dates"),
            Self::TooShort { found, least } => language.say(
                "error-backtest-too-short",
                &[("found", &found.to_string()), ("least", &least.to_string())],
            ),
            Self::NothingToScore { origin } => language
                .say("error-backtest-nothing-to-score", &[("origin", &language.week(*origin))]),
            Self::Train { origin, source } => language.say(
                "error-backtest-train",
                &[("origin", &language.week(*origin)), ("reason", &source.explain(language))],
            ),
            Self::Setting { key, found, least } => language.say(
                "error-backtest-setting",
                &[("key", key), ("found", &found.to_string()), ("least", &least.to_string())],
            ),
        }
    }
}
