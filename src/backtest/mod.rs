//! History + specification → how well the model would have predicted.
//!
//! Rolling origin: the model is fitted on what ended before an origin and predicts the weeks after
//! it *at the spend that was really made*, beside plain [`baseline`]s that see the same past. A
//! backtest says how well the model predicts; it does not prove what another split would have
//! caused.
//!
//! Every predictor gives a full predictive distribution of every cell's count: the model a mixture
//! over its posterior draws, each baseline a negative binomial whose dispersion is fitted on the
//! training part, so that the scores of [`judge`] compare like with like.

pub mod baseline;
pub mod folds;
pub mod judge;
pub mod negative_binomial;
mod predict;
pub mod scores;
mod weekly;

use thiserror::Error;

pub use self::folds::Settings;
use crate::language::{Explain, Language};

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
        origin: String,
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
            Self::NothingToScore { origin } => {
                language.say("error-backtest-nothing-to-score", &[("origin", origin)])
            }
            Self::Setting { key, found, least } => language.say(
                "error-backtest-setting",
                &[("key", key), ("found", &found.to_string()), ("least", &least.to_string())],
            ),
        }
    }
}
