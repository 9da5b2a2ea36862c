//! Lines of a study's answer that other lines hold.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::allocate::plan::row::Range;
use crate::numeric::summary::{deviation, mean};

/// How many of a world's segments have their true expected actions inside their 80 % interval.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Covered {
    /// Segments asked: those with history.
    pub segments: u64,
    /// Inside when every week has the segment's usual money.
    pub usual: u64,
    /// Inside at twice it.
    pub twice: u64,
}

/// One family's line. Shares and ratios are 0 where nothing was there to measure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FamilyLine {
    /// Its name.
    pub name: String,
    /// Worlds done.
    pub worlds: u64,
    /// Mean of the plan's expected actions ÷ the oracle's.
    pub share_of_oracle: f64,
    /// Mean of the last split's ÷ the oracle's.
    pub last_over_oracle: f64,
    /// Mean of the plan's ÷ the last split's.
    pub beside_last: f64,
    /// The same in the worst world.
    pub worst_beside_last: f64,
    /// Σ promised ÷ Σ reported under the truth.
    pub promised_over_realised: f64,
    /// Share of segments' 80 % intervals that hold at the usual spend.
    pub coverage80_usual: f64,
    /// The same at twice it.
    pub coverage80_twice: f64,
    /// Plans that claim with 95 % or more to beat the last split.
    pub claims: u64,
    /// Those that do.
    pub claims_true: u64,
    /// Plans that beat the last split.
    pub better: u64,
    /// Worlds whose plan has a finding that needs a person: exit 1.
    pub with_findings: u64,
    /// Worlds by code of finding.
    pub findings: BTreeMap<String, u64>,
    /// Measures that have a target.
    pub targets: Vec<Target>,
}

/// One measure against its target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// What is measured: a field of [`Study`](super::score::Study).
    pub measure: String,
    /// What was found.
    pub found: f64,
    /// Its standard error over worlds.
    pub error: f64,
    /// Least that is good.
    pub low: f64,
    /// Most that is good; `None`: no end.
    pub high: Option<f64>,
    /// Whether what was found is good.
    pub met: bool,
    /// Whether it is so far from good that chance hardly explains it: beyond two standard errors,
    /// and for shares of a few worlds less likely than one in twenty.
    pub missed: bool,
}

/// One world.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorldScore {
    /// Its number, from 0.
    pub world: u64,
    /// Its family.
    pub family: String,
    /// Its curves are outside the model's family.
    pub outside: bool,
    /// Expected actions of the plan under the truth, every person counted once.
    pub value: f64,
    /// What the networks report of them, which is what is promised: more than `value` where several
    /// claim the same person.
    pub reported: f64,
    /// Of the last split.
    pub last: f64,
    /// Of the oracle's split.
    pub oracle: f64,
    /// Of an oracle's that knows everything but takes no segment further than twice the highest
    /// week of its history, or than the plan does.
    pub oracle_on_known_ground: f64,
    /// Of the plan made when told the true hyper-parameters; `None` when not asked for.
    pub limit: Option<LimitScore>,
    /// Share of the oracle's engagement that the model itself expected of the plan.
    pub expected_share: f64,
    /// What the plan promised.
    pub promised: Range,
    /// Share of the promise's draws below `reported`: uniform over worlds when promises are honest.
    pub rank: f64,
    /// Said probability that the plan beats the last split; `None` without a last split.
    pub odds: Option<f64>,
    /// Codes of findings that need a person.
    pub findings: Vec<String>,
    /// Segments' 80 % intervals that hold.
    pub covered: Covered,
    /// The same by network that has money.
    pub networks: Vec<NetworkScore>,
    /// Every segment, when the world was looked at closely.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<SegmentScore>,
    /// By how much it breaks its worst rule, relative to the rule.
    pub violation: f64,
    /// Value on the draws it was chosen on ÷ on fresh ones.
    pub chosen_over_promised: f64,
}

/// The plan of the pipeline that is told the true hyper-parameters.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LimitScore {
    /// Expected actions under the truth.
    pub value: f64,
    /// What it promised.
    pub promised: Range,
    /// Share of the oracle's engagement that its model expected.
    pub expected_share: f64,
}

/// One network's part of a promise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NetworkScore {
    /// Its name.
    pub network: String,
    /// Mean of the promise.
    pub promised: f64,
    /// Its standard deviation.
    pub sd: f64,
    /// Expected under the truth.
    pub value: f64,
}

/// One segment of a world: what was believed of it, and what is true.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SegmentScore {
    /// Its id.
    pub segment: String,
    /// Highest weekly spend in history.
    pub observed_spend: f64,
    /// Row budgets of plan, oracle and last split.
    pub budgets: [f64; 3],
    /// What the plan's model expects of each of those budgets: mean and standard deviation.
    pub believed: [(f64, f64); 3],
    /// What each of them brings.
    pub truth: [f64; 3],
    /// Mean and deviation of the believed log scale `ln κ`, and the true one (of a curve outside
    /// the family: where it meets ours).
    pub log_scale: [f64; 3],
    /// The same of the log of actions per unit of money at the start, `ln V/κ`.
    pub log_efficiency: [f64; 3],
}

pub(super) fn target(
    measure: &str,
    found: f64,
    error: f64,
    (low, high): (f64, Option<f64>),
) -> Target {
    let within = |slack: f64| found >= low - slack && high.is_none_or(|high| found <= high + slack);
    // What is no number is not good.
    let (met, missed) = (within(0.0), !within(2.0 * error));
    Target { measure: measure.to_owned(), found, error, low, high, met, missed }
}

/// Standard error of [`promised_over_realised`]: that of a ratio of sums is that of its residuals.
pub(super) fn promise_error(scores: &[&WorldScore]) -> f64 {
    let share = promised_over_realised(scores);
    let realised = ratio(scores, |s| s.reported);
    error(scores, |s| (s.promised.mean - share * s.reported) / realised)
}

/// Standard error over worlds of a mean.
pub(super) fn error(scores: &[&WorldScore], of: impl Fn(&WorldScore) -> f64) -> f64 {
    let values: Vec<f64> = scores.iter().map(|score| of(score)).collect();
    if values.is_empty() { 0.0 } else { deviation(&values) / (values.len() as f64).sqrt() }
}

/// Mean and standard deviation.
pub(super) fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    (mean(values), deviation(values))
}

impl WorldScore {
    pub(super) fn is_covered(&self) -> bool {
        (self.promised.p10..=self.promised.p90).contains(&self.reported)
    }
}

/// Mean over worlds.
pub(super) fn ratio(scores: &[&WorldScore], of: impl Fn(&WorldScore) -> f64) -> f64 {
    let values: Vec<f64> = scores.iter().map(|score| of(score)).collect();
    // A kind without worlds has no mean; 0 keeps the JSON a number.
    if values.is_empty() { 0.0 } else { mean(&values) }
}

/// Σ promised ÷ Σ reported.
pub(super) fn promised_over_realised(scores: &[&WorldScore]) -> f64 {
    let sum = |of: fn(&WorldScore) -> f64| scores.iter().map(|score| of(score)).sum::<f64>();
    let realised = sum(|score| score.reported);
    if realised > 0.0 { sum(|score| score.promised.mean) / realised } else { 0.0 }
}
