//! Worlds' scores, and what they amount to.

use serde::{Deserialize, Serialize};

use super::families::lines;
use super::lines::{
    FamilyLine, LimitScore, Target, WorldScore, error, promise_error, promised_over_realised,
    ratio, target,
};
use crate::generate::population::WorldFamily;
use crate::numeric::summary::mean;
use crate::random::Seed;

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
    /// Mean over worlds of the plan's expected actions ÷ those of an oracle that knows everything
    /// but takes no segment beyond twice its highest week, or than the plan does.
    pub share_on_known_ground: f64,
    /// The same share as the plan's own model expected it: what the histories let anybody hope
    /// for, where the model is right.
    pub expected_share_of_oracle: f64,
    /// Mean over worlds of the plan's ÷ those of the plan told the true hyper-parameters, where that
    /// was made.
    pub share_of_bayes_limit: Option<f64>,
    /// Mean over worlds of the told plan's expected actions ÷ the oracle's.
    pub limit_over_oracle: Option<f64>,
    /// The same share as the told model expected it.
    pub limit_expected_share: Option<f64>,
    /// Share of worlds whose expected value lies in the told plan's central 80 % interval.
    pub limit_coverage80: Option<f64>,
    /// Share of worlds in which the plan does better than the last split.
    pub beats_last: f64,
    /// Σ promised ÷ Σ of what the networks report under the truth.
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
    /// Measures of the standard study that have a target, and whether it is met; empty where other
    /// families are studied with it.
    pub targets: Vec<Target>,
    /// Every family, in turn.
    pub families: Vec<FamilyLine>,
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
    /// As in [`Study`]. Where curves are of the model's family, the plan told the true
    /// hyper-parameters is the best that anybody could make of these histories.
    pub limit_over_oracle: Option<f64>,
}

/// A plan that breaks a rule by no more than this keeps it: a cent in ten million.
const ROUNDING: f64 = 1e-9;

impl Study {
    pub(super) fn new(
        families: &[WorldFamily],
        seed: Seed,
        asked: u64,
        scores: Vec<WorldScore>,
    ) -> Self {
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
                limit_over_oracle: limit_over_oracle(&mine),
            }
        };
        let told = scores.iter().filter_map(|s| s.limit.map(|limit| (s, limit)));
        let told: Vec<(&WorldScore, LimitScore)> = told.collect();
        let of_told = |of: &dyn Fn(&WorldScore, &LimitScore) -> f64| {
            let values: Vec<f64> = told.iter().map(|(score, limit)| of(score, limit)).collect();
            (!values.is_empty()).then(|| mean(&values))
        };
        let covered = |_: &WorldScore, limit: &LimitScore| {
            let interval = limit.promised.p10..=limit.promised.p90;
            f64::from(u8::from(interval.contains(&limit.value)))
        };
        let mut study = Self {
            worlds: scores.len() as u64,
            asked,
            seed,
            share_of_oracle: ratio(&all, |s| s.value / s.oracle),
            share_of_oracle_error: error(&all, |s| s.value / s.oracle),
            share_on_known_ground: ratio(&all, |s| s.value / s.oracle_on_known_ground),
            expected_share_of_oracle: ratio(&all, |s| s.expected_share),
            share_of_bayes_limit: of_told(&|score, limit| score.value / limit.value),
            limit_over_oracle: limit_over_oracle(&all),
            limit_expected_share: of_told(&|_, limit| limit.expected_share),
            limit_coverage80: of_told(&covered),
            beats_last: share(&all, |s| s.value > s.last),
            promised_over_realised: promised_over_realised(&all),
            coverage80: share(&all, WorldScore::is_covered),
            violations: scores.iter().filter(|s| s.violation > ROUNDING).count() as u64,
            last_over_oracle: ratio(&all, |s| s.last / s.oracle),
            gain_over_last: ratio(&all, |s| s.value / s.last - 1.0),
            by_family: [of(false), of(true)],
            targets: Vec::new(),
            families: lines(families, &scores),
            scores: Vec::new(),
        };
        if families.len() == 1 {
            study.targets = study.judged(&all);
        }
        study.scores = scores;
        study
    }

    /// The standard study's targets.
    fn judged(&self, all: &[&WorldScore]) -> Vec<Target> {
        let flag = |is: bool| f64::from(u8::from(is));
        let share = self.promised_over_realised;
        let limit = |s: &WorldScore| s.limit.map_or(f64::NAN, |limit| s.value / limit.value);
        let told: Vec<&WorldScore> = all.iter().copied().filter(|s| s.limit.is_some()).collect();
        let mut targets = vec![target(
            "share_of_oracle",
            self.share_of_oracle,
            self.share_of_oracle_error,
            (0.95, None),
        )];
        if let Some(found) = self.share_of_bayes_limit {
            targets.push(target("share_of_bayes_limit", found, error(&told, limit), (0.98, None)));
        }
        let beats = error(all, |s| flag(s.value > s.last));
        let covered = error(all, |s| flag(s.is_covered()));
        targets.extend([
            target("beats_last", self.beats_last, beats, (0.95, None)),
            target("promised_over_realised", share, promise_error(all), (0.95, Some(1.05))),
            target("coverage80", self.coverage80, covered, (0.76, Some(0.84))),
            target("violations", self.violations as f64, 0.0, (0.0, Some(0.0))),
        ]);
        targets
    }
}

pub(super) fn share(scores: &[&WorldScore], is: impl Fn(&WorldScore) -> bool) -> f64 {
    ratio(scores, |score| if is(score) { 1.0 } else { 0.0 })
}

/// Mean share of the oracle's of the told plan; `None` unless one was made.
fn limit_over_oracle(scores: &[&WorldScore]) -> Option<f64> {
    let told = scores.iter().filter_map(|s| s.limit.map(|limit| limit.value / s.oracle));
    let shares: Vec<f64> = told.collect();
    (!shares.is_empty()).then(|| mean(&shares))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocate::plan::row::Range;
    use crate::generate::population::{Population, WorldFamily};
    use crate::study::Covered;

    fn family() -> WorldFamily {
        let text = include_str!("../../data/study.toml");
        let shipped = Population::read(text).expect("shipped");
        WorldFamily { name: String::new(), ..shipped.families[0].clone() }
    }

    fn score(value: f64, oracle: f64, p10: f64, p90: f64) -> WorldScore {
        WorldScore {
            world: 0,
            family: String::new(),
            outside: false,
            value,
            reported: value,
            last: 0.5 * oracle,
            oracle,
            oracle_on_known_ground: oracle,
            limit: None,
            expected_share: 0.9,
            promised: Range { mean: 0.5 * (p10 + p90), p10, p50: 0.0, p90, mostly: None },
            rank: 0.5,
            odds: None,
            findings: Vec::new(),
            covered: Covered::default(),
            networks: Vec::new(),
            segments: Vec::new(),
            violation: 0.0,
            chosen_over_promised: 1.0,
        }
    }

    #[test]
    fn scores_add_up_as_the_contract_says() {
        let scores = vec![score(90.0, 100.0, 80.0, 110.0), score(300.0, 400.0, 310.0, 350.0)];
        let study = Study::new(&[family()], Seed(1), 2, scores);
        assert!((study.share_of_oracle - 0.5 * (0.9 + 0.75)).abs() < 1e-12);
        assert!((study.promised_over_realised - (95.0 + 330.0) / 390.0).abs() < 1e-12);
        assert_eq!((study.coverage80, study.beats_last, study.violations), (0.5, 1.0, 0));
        assert_eq!(study.share_of_bayes_limit, None);
        assert_eq!(study.by_family[1].worlds, 0);
        let met: Vec<(&str, bool)> =
            study.targets.iter().map(|target| (target.measure.as_str(), target.met)).collect();
        let expected = [
            ("share_of_oracle", false),
            ("beats_last", true),
            ("promised_over_realised", false),
            ("coverage80", false),
            ("violations", true),
        ];
        assert_eq!(met, expected);
    }
}
