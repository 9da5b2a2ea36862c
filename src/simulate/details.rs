//! What a simulation says of itself beside the outcomes: how sure, against whom, how many.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::outcomes::Outcomes;
use crate::allocate::rules::policy::PolicyName;

/// Outcomes, and what a careful reader asks next. `simulate --json` is this.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Simulation {
    /// The outcomes.
    #[serde(flatten)]
    pub outcomes: Outcomes,
    /// The rest.
    #[serde(flatten)]
    pub details: Details,
}

/// How sure the outcomes are, and what they were compared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Details {
    /// Stopped before all replicates were done: the answer is from those that were.
    pub partial: bool,
    /// Whom `p_beats_last` compares with: `last`, or `equal` where no last split is known.
    pub reference: PolicyName,
    /// Joint posterior draws in use; replicate `r` has draw `r mod draws`.
    pub draws: usize,
    /// Monte Carlo standard error of the plan's mean value, as a share of it.
    pub monte_carlo_error: f64,
    /// The error asked for; `None` when the number of replicates was asked for instead.
    pub error_target: Option<f64>,
    /// Standard error of the plan's regret, as a share; `None` without the oracle.
    #[serde(default)]
    pub regret_error: Option<f64>,
    /// What the better adaptive policy adds to the plan's expected value, as a share of it, in
    /// the replicates that it played; `None` when none was.
    pub value_of_adapting: Option<f64>,
    /// Replicates that each policy played: those that think in every future play the first few.
    pub replicates_of: BTreeMap<PolicyName, u64>,
    /// Mean over those replicates of each policy's expected value, count noise left out.
    pub expected_of: BTreeMap<PolicyName, f64>,
}
