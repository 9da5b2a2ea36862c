//! What can keep a simulation from starting.

use thiserror::Error;

use crate::allocate::AllocateError;
use crate::language::{Explain, Language};

/// The simulation cannot start.
#[derive(Debug, Error)]
pub enum SimulateError {
    /// No posterior draw to simulate from.
    #[error("the model gave no posterior draws; at least 1 is needed")]
    NoDraws,
    /// No segment in the plan.
    #[error("the plan has no rows; at least 1 is needed")]
    NoRows,
    /// No replicate asked for.
    #[error("found 0 replicates, expected at least 1")]
    NoReplicates,
    /// The plan was made without a campaign, so nobody knows its weeks and its points.
    #[error("the plan holds no campaign: a plan over given curves cannot be simulated")]
    NoCampaign,
    /// A row of the plan and a segment of the draws do not belong together.
    #[error("row {row} of the plan is `{plan}`, but the model's draws have `{draws}` there")]
    OtherSegments {
        /// Position of the row, from 1.
        row: usize,
        /// Segment in the plan.
        plan: String,
        /// Segment in the draws; empty when there are fewer.
        draws: String,
    },
    /// The season table of the draws is for other weeks than the flight's.
    #[error("the flight has {flight} weeks, but the model's draws are for {draws}")]
    OtherWeeks {
        /// Weeks of the flight.
        flight: usize,
        /// Weeks of the draws.
        draws: usize,
    },
    /// A parameter of a draw is outside its range.
    #[error("`{segment}`, draw {draw}: {parameter} is {found}, expected {allowed}")]
    BadDraw {
        /// The segment (or network).
        segment: String,
        /// The draw, from 1.
        draw: usize,
        /// Which parameter.
        parameter: &'static str,
        /// What was found.
        found: f64,
        /// What is allowed.
        allowed: &'static str,
    },
    /// The campaign's rules cannot be kept by anybody.
    #[error(transparent)]
    Rules(Box<AllocateError>),
    /// A policy asked for by name does not exist.
    #[error("found policy `{found}`, expected one of: {allowed}")]
    UnknownPolicy {
        /// What was found.
        found: String,
        /// The known names, joined by commas.
        allowed: String,
    },
    /// The Monte Carlo error asked for is not a share.
    #[error("found a Monte Carlo error of {0}, expected more than 0 and less than 1")]
    ErrorTarget(f64),
    /// The share of money that platforms leave unspent is not a share.
    #[error("found {0} of the money unspent, expected at least 0 and less than 1")]
    Unspent(f64),
}

impl Explain for SimulateError {
    fn explain(&self, language: Language) -> String {
        let say = |key: &str, arguments: &[(&str, &str)]| language.say(key, arguments);
        match self {
            Self::NoDraws => say("error-simulate-no-draws", &[]),
            Self::NoRows => say("error-simulate-no-rows", &[]),
            Self::NoReplicates => say("error-simulate-no-replicates", &[]),
            Self::NoCampaign => say("error-simulate-no-campaign", &[]),
            Self::OtherSegments { row, plan, draws } => say(
                "error-simulate-other-segments",
                &[("row", &row.to_string()), ("plan", plan), ("draws", draws)],
            ),
            Self::OtherWeeks { flight, draws } => say(
                "error-simulate-other-weeks",
                &[("flight", &flight.to_string()), ("draws", &draws.to_string())],
            ),
            Self::BadDraw { segment, draw, parameter, found, allowed } => say(
                "error-simulate-bad-draw",
                &[
                    ("segment", segment),
                    ("draw", &draw.to_string()),
                    ("parameter", parameter),
                    ("found", &found.to_string()),
                    ("allowed", allowed),
                ],
            ),
            Self::Rules(error) => error.explain(language),
            Self::UnknownPolicy { found, allowed } => {
                say("error-simulate-unknown-policy", &[("found", found), ("allowed", allowed)])
            }
            Self::ErrorTarget(found) => {
                say("error-simulate-error-target", &[("found", &found.to_string())])
            }
            Self::Unspent(found) => say("error-simulate-unspent", &[("found", &found.to_string())]),
        }
    }
}
