//! What could happen: the distribution of a plan's outcomes beside other policies.

use serde::{Deserialize, Serialize};

use crate::allocate::plan::Mark;
use crate::allocate::rules::policy::PolicyName;
use crate::check::Marked;
use crate::random::Seed;
use crate::train::posterior::prediction::Mostly;
use crate::units::Week;

/// Outcomes of a simulation. `simulate --json` and `outcomes.json` are this.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcomes {
    /// Replicates done.
    pub replicates: u64,
    /// Replicates asked for; more than done when interrupted.
    pub asked: u64,
    /// The seed.
    pub seed: Seed,
    /// Weeks of the flight.
    pub weeks: Vec<Week>,
    /// One per policy; the plan is first.
    pub policies: Vec<PolicyOutcome>,
    /// Share of the money that the plan moves against the last split that lies on curves which the
    /// history did not teach: the odds are discounted for it.
    #[serde(default)]
    pub unlearnt: f64,
    /// Cells (replicate × segment × week) per second of wall time; run detail, not a result,
    /// and left out where it was not measured.
    #[serde(default, skip_serializing_if = "not_measured")]
    pub cells_per_second: f64,
    /// Digest of all this but the speed; absent in outcomes of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Mark>,
}

impl Marked for Outcomes {
    fn mark(&mut self) -> &mut Option<Mark> {
        &mut self.digest
    }

    fn marked(&self) -> Option<&Mark> {
        self.digest.as_ref()
    }

    fn said(&self) -> impl Serialize {
        Self { cells_per_second: 0.0, digest: None, ..self.clone() }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn not_measured(speed: &f64) -> bool {
    *speed == 0.0
}

/// Outcome of one policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PolicyOutcome {
    /// Which policy.
    pub name: PolicyName,
    /// Value in points, count noise included.
    pub value: Spread,
    /// Active actions, unweighted, count noise included.
    pub actions: Spread,
    /// Probability that its expected value beats the last split's (parameters, season and shocks
    /// of the replicate known; count noise left out), discounted where the curves between which
    /// money moves were not learnt.
    pub p_beats_last: f64,
    /// Probability that the plan's expected value beats this policy's.
    pub p_plan_better: f64,
    /// Mean of (oracle − this) ÷ oracle over replicates, expected values.
    pub regret: f64,
    /// Monte Carlo standard error of `value.mean`.
    pub standard_error: f64,
    /// Mean value in the worst tenth of futures.
    pub worst_tenth: f64,
    /// Money spent, mean.
    pub spent: f64,
    /// Money per active action, mean over mean.
    pub cost_per_action: Option<f64>,
    /// Mean impressions, reach, follows, g CO2e; `None` when unknown.
    pub impressions: Option<f64>,
    /// Mean reach (people; segments may overlap).
    pub reach: Option<f64>,
    /// Mean follows gained.
    pub follows: Option<f64>,
    /// Mean emissions, g CO2e.
    pub carbon_g: Option<f64>,
    /// Weekly fan of value: one per week.
    pub weekly: Vec<Spread>,
    /// Histogram of value for the chart: ascending quantiles at 1 %, 2 %, … 99 %.
    pub quantiles: Vec<f64>,
}

/// Mean, spread and quantiles over replicates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub sd: f64,
    /// 10 % quantile.
    pub p10: f64,
    /// Median.
    pub p50: f64,
    /// 90 % quantile.
    pub p90: f64,
    /// The one value that holds more than 80 % of the futures, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mostly: Option<Mostly>,
}

impl Spread {
    /// Whether the mean lies where the interval says it does, up to rounding; a spread that is
    /// mostly one value makes no such claim.
    #[must_use]
    pub fn holds_its_mean(&self) -> bool {
        let slack = 1e-9 * self.mean.abs();
        self.mostly.is_some() || (self.p10 - slack..=self.p90 + slack).contains(&self.mean)
    }
}
