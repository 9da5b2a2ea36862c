//! Worlds' scores, and what they amount to.

use serde::{Deserialize, Serialize};

use crate::allocate::plan::Range;
use crate::random::Seed;
use crate::simulate::summary::{deviation, mean};

/// One world.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorldScore {
    /// Its number, from 0.
    pub world: u64,
    /// Its curves are outside the model's family.
    pub outside: bool,
    /// Expected actions of the plan under the truth.
    pub value: f64,
    /// Of the last split.
    pub last: f64,
    /// Of the oracle's split.
    pub oracle: f64,
    /// Of the plan made when told the true hyper-parameters; `None` when not asked for.
    pub limit: Option<f64>,
    /// What the plan promised.
    pub promised: Range,
    /// By how much it breaks its worst rule, relative to the rule.
    pub violation: f64,
    /// Value on the draws it was chosen on ÷ on fresh ones.
    pub chosen_over_promised: f64,
}

/// What a study found. `study --json` is this.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Study {
    /// Worlds done.
    pub worlds: u64,
    /// Worlds asked for.
    pub asked: u64,
    /// The seed.
    pub seed: Seed,
    /// Mean over worlds of the plan's expected actions ÷ the oracle's.
    pub share_of_oracle: f64,
    /// Its standard error.
    pub share_of_oracle_error: f64,
    /// Mean over worlds of the plan's ÷ those of the plan told the true hyper-parameters.
    pub share_of_bayes_limit: Option<f64>,
    /// Share of worlds in which the plan does better than the last split.
    pub beats_last: f64,
    /// Σ promised ÷ Σ expected under the truth.
    pub promised_over_realised: f64,
    /// Share of worlds whose expected value lies in the promise's central 80 % interval.
    pub coverage80: f64,
    /// Worlds whose plan breaks a rule by more than rounding.
    pub violations: u64,
    /// Mean over worlds of the last split's ÷ the oracle's.
    pub last_over_oracle: f64,
    /// Mean of (plan − last split) ÷ last split.
    pub gain_over_last: f64,
    /// The same for worlds inside and outside the model's family.
    pub by_family: [FamilyScore; 2],
    /// Every world.
    pub scores: Vec<WorldScore>,
}

/// Scores of the worlds of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FamilyScore {
    /// Outside the model's family.
    pub outside: bool,
    /// Worlds.
    pub worlds: u64,
    /// As in [`Study`].
    pub share_of_oracle: f64,
    /// As in [`Study`].
    pub promised_over_realised: f64,
    /// As in [`Study`].
    pub coverage80: f64,
}

/// A plan that breaks a rule by no more than this keeps it: a cent in ten million.
const ROUNDING: f64 = 1e-9;

impl Study {
    pub(super) fn new(seed: Seed, asked: u64, scores: Vec<WorldScore>) -> Self {
        let all: Vec<&WorldScore> = scores.iter().collect();
        let of = |outside: bool| {
            let mine: Vec<&WorldScore> =
                scores.iter().filter(|score| score.outside == outside).collect();
            FamilyScore {
                outside,
                worlds: mine.len() as u64,
                share_of_oracle: ratio(&mine, |s| s.value / s.oracle),
                promised_over_realised: promised_over_realised(&mine),
                coverage80: share(&mine, WorldScore::is_covered),
            }
        };
        let shares: Vec<f64> = scores.iter().map(|s| s.value / s.oracle).collect();
        let limits: Option<Vec<f64>> =
            scores.iter().map(|s| s.limit.map(|limit| s.value / limit)).collect();
        Self {
            worlds: scores.len() as u64,
            asked,
            seed,
            share_of_oracle: mean(&shares),
            share_of_oracle_error: deviation(&shares) / (shares.len() as f64).sqrt(),
            share_of_bayes_limit: limits.map(|limits| mean(&limits)),
            beats_last: share(&all, |s| s.value > s.last),
            promised_over_realised: promised_over_realised(&all),
            coverage80: share(&all, WorldScore::is_covered),
            violations: scores.iter().filter(|s| s.violation > ROUNDING).count() as u64,
            last_over_oracle: ratio(&all, |s| s.last / s.oracle),
            gain_over_last: ratio(&all, |s| s.value / s.last - 1.0),
            by_family: [of(false), of(true)],
            scores,
        }
    }
}

impl WorldScore {
    fn is_covered(&self) -> bool {
        (self.promised.p10..=self.promised.p90).contains(&self.value)
    }
}

fn ratio(scores: &[&WorldScore], of: impl Fn(&WorldScore) -> f64) -> f64 {
    let values: Vec<f64> = scores.iter().map(|score| of(score)).collect();
    // A kind without worlds has no mean; 0 keeps the JSON a number.
    if values.is_empty() { 0.0 } else { mean(&values) }
}

fn share(scores: &[&WorldScore], is: impl Fn(&WorldScore) -> bool) -> f64 {
    ratio(scores, |score| if is(score) { 1.0 } else { 0.0 })
}

fn promised_over_realised(scores: &[&WorldScore]) -> f64 {
    let sum = |of: fn(&WorldScore) -> f64| scores.iter().map(|score| of(score)).sum::<f64>();
    let realised = sum(|score| score.value);
    if realised > 0.0 { sum(|score| score.promised.mean) / realised } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(value: f64, oracle: f64, p10: f64, p90: f64) -> WorldScore {
        WorldScore {
            world: 0,
            outside: false,
            value,
            last: 0.5 * oracle,
            oracle,
            limit: None,
            promised: Range { mean: 0.5 * (p10 + p90), p10, p50: 0.0, p90 },
            violation: 0.0,
            chosen_over_promised: 1.0,
        }
    }

    #[test]
    fn scores_add_up_as_the_contract_says() {
        let scores = vec![score(90.0, 100.0, 80.0, 110.0), score(300.0, 400.0, 310.0, 350.0)];
        let study = Study::new(Seed(1), 2, scores);
        assert!((study.share_of_oracle - 0.5 * (0.9 + 0.75)).abs() < 1e-12);
        assert!((study.promised_over_realised - (95.0 + 330.0) / 390.0).abs() < 1e-12);
        assert_eq!((study.coverage80, study.beats_last, study.violations), (0.5, 1.0, 0));
        assert_eq!(study.share_of_bayes_limit, None);
        assert_eq!(study.by_family[1].worlds, 0);
    }
}
