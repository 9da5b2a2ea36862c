//! Ranges and their checks: what a world's specification allows.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::language::{Explain, Language};

/// A uniform range, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// Lowest.
    pub from: f64,
    /// Highest.
    pub to: f64,
}

/// A log-normal scatter around a median.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scatter {
    /// Median.
    pub median: f64,
    /// Standard deviation of the log.
    pub sd: f64,
}

/// What a key of a specification may hold.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum Allowed {
    /// A number from one to another, both included.
    #[error("a number from {0} to {1}")]
    Within(f64, f64),
    /// Kinds of action that count as active.
    #[error("active kinds of action only")]
    ActiveKinds,
    /// At least one audience.
    #[error("at least one network, age, territory and format")]
    Audience,
    /// At least one form of curve.
    #[error("at least one form of curve")]
    Form,
}

impl Explain for Allowed {
    fn explain(&self, language: Language) -> String {
        match self {
            Self::Within(from, to) => language
                .say("generate-allowed-within", &[("from", &plain(*from)), ("to", &plain(*to))]),
            Self::ActiveKinds => language.text("generate-allowed-kinds"),
            Self::Audience => language.text("generate-allowed-audience"),
            Self::Form => language.text("generate-allowed-form"),
        }
    }
}

/// A limit as a person would type it into the file.
pub(crate) fn plain(limit: f64) -> String {
    if limit >= 1e5 || (limit != 0.0 && limit.abs() < 1e-3) {
        format!("{limit:e}")
    } else {
        limit.to_string()
    }
}

/// A specification that no world can follow.
#[derive(Debug, Error)]
pub enum SpecError {
    /// Not TOML of the right shape.
    #[error("{0}")]
    Shape(#[from] toml::de::Error),
    /// A number is outside what is allowed.
    #[error("`{key}`: found {found}, expected {allowed}")]
    Value {
        /// The key.
        key: &'static str,
        /// What was found.
        found: String,
        /// What is allowed.
        allowed: Allowed,
    },
    /// A block names a network that is not there.
    #[error("`block.network`: found `{found}`, expected one of: {allowed}")]
    Network {
        /// What was found.
        found: String,
        /// Networks of the specification.
        allowed: String,
    },
    /// No family of worlds has this name, or two have.
    #[error("`family`: found `{found}`, expected one of: {allowed}")]
    Family {
        /// What was found.
        found: String,
        /// Names that would do.
        allowed: String,
    },
}

impl Explain for SpecError {
    fn explain(&self, language: Language) -> String {
        match self {
            Self::Shape(error) => language.say(
                "error-generate-shape",
                &[("detail", &language.toml_frame(&error.to_string()))],
            ),
            Self::Value { key, found, allowed } => language.say(
                "error-generate-value",
                &[("key", key), ("found", found), ("allowed", &allowed.explain(language))],
            ),
            Self::Network { found, allowed } => {
                language.say("error-generate-network", &[("found", found), ("allowed", allowed)])
            }
            Self::Family { found, allowed } => {
                language.say("error-generate-family", &[("found", found), ("allowed", allowed)])
            }
        }
    }
}

pub(crate) fn within(
    key: &'static str,
    found: f64,
    lowest: f64,
    highest: f64,
) -> Result<(), SpecError> {
    // Also refuses what is not a number.
    if (lowest..=highest).contains(&found) {
        Ok(())
    } else {
        Err(value(key, &found, Allowed::Within(lowest, highest)))
    }
}

pub(crate) fn value(
    key: &'static str,
    found: &dyn std::fmt::Display,
    allowed: Allowed,
) -> SpecError {
    SpecError::Value { key, found: found.to_string(), allowed }
}
