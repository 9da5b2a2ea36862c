//! What-if: expected active actions of a segment at a weekly spend, and the count itself.

use crate::numeric::summary::quantiles;
use crate::train::posterior::file::Model;

use std::collections::BTreeMap;

use rand::Rng;
use rand_distr::{Distribution, Gamma, Poisson, StandardNormal};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::draws::SegmentDraws;
use super::joint::weekly;
use super::sample::Sampler;
use crate::random::{Purpose, Seed};
use crate::segment::Segment;
use crate::units::Week;

/// One question: a segment, money per week, and a week (`None`: the average week of a year).
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// The segment, known to the model or not.
    pub segment: Segment,
    /// Money per week, at least 0.
    pub spend: f64,
    /// The week; `None` is the average week of a year.
    pub week: Option<Week>,
}

/// A value that an outcome takes so often that an interval says nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Mostly {
    /// The value.
    pub value: f64,
    /// Its probability.
    pub probability: f64,
}

/// Share of outcomes on one value beyond which an 80 % interval is that value.
const MOSTLY: f64 = 0.8;

impl Mostly {
    /// The value that holds more than 80 % of ascending values, where they are not all the same.
    #[must_use]
    pub fn of(sorted: &[f64]) -> Option<Self> {
        // It holds the middle.
        let value = *sorted.get(sorted.len() / 2)?;
        let below = sorted.partition_point(|x| *x < value);
        let n = sorted.partition_point(|x| *x <= value) - below;
        let probability = n as f64 / sorted.len() as f64;
        (probability > MOSTLY && n < sorted.len()).then_some(Self { value, probability })
    }
}

/// The answer: a week in a stretch of weeks at that spend.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// Posterior mean of the expected number of active actions.
    pub mean: f64,
    /// Its standard deviation.
    pub sd: f64,
    /// Its quantiles at [`LEVELS`](crate::numeric::summary::LEVELS).
    pub quantiles: [f64; 5],
    /// What the money brings of that, without the organic level: the mean, and quantiles at
    /// [`LEVELS`](crate::numeric::summary::LEVELS). The same as above where the model has none.
    pub bought: f64,
    /// See `bought`.
    pub bought_quantiles: [f64; 5],
    /// Quantiles of the count itself: shock and count noise on top.
    pub count_quantiles: [f64; 5],
    /// The count that comes in more than 80 % of cases, where there is one: a rare action.
    pub count_mostly: Option<Mostly>,
    /// The spend lies beyond the highest that this segment's history has seen.
    pub extrapolation: bool,
    /// The segment has no history of its own.
    pub prior_only: bool,
}

impl Prediction {
    /// Whether both means lie inside their own 80 % intervals, up to rounding.
    #[must_use]
    pub fn holds_its_means(&self) -> bool {
        let inside = |mean: f64, quantiles: &[f64; 5]| {
            let slack = 1e-9 * mean.abs();
            (quantiles[1] - slack..=quantiles[3] + slack).contains(&mean)
        };
        inside(self.mean, &self.quantiles) && inside(self.bought, &self.bought_quantiles)
    }
}

impl Model {
    /// Answers questions from `n` joint draws, in the order asked.
    #[must_use]
    pub fn predict(&self, questions: &[Question], n: usize, seed: Seed) -> Vec<Prediction> {
        let mut weeks: Vec<Week> = questions.iter().filter_map(|question| question.week).collect();
        weeks.sort_unstable();
        weeks.dedup();
        let sampler = Sampler::new(self.file(), &weeks, n, seed, Purpose::Predict);
        // One segment at a time: its draws are made once and dropped.
        let mut by_segment: BTreeMap<&Segment, Vec<usize>> = BTreeMap::new();
        for (at, question) in questions.iter().enumerate() {
            by_segment.entry(&question.segment).or_default().push(at);
        }
        let groups: Vec<(&Segment, Vec<usize>)> = by_segment.into_iter().collect();
        let answered: Vec<Vec<(usize, Prediction)>> = groups
            .par_iter()
            .map(|(segment, rows)| {
                let drawn = sampler.any(segment, None);
                rows.iter()
                    .map(|&at| {
                        // Rows about the same thing get the same noise wherever they stand.
                        let mut rng = seed.child(at as u64).stream(Purpose::Predict, 0);
                        let question = &questions[at];
                        (at, answer(&sampler, &weeks, &drawn, question, &mut rng))
                    })
                    .collect()
            })
            .collect();
        let mut predictions: Vec<(usize, Prediction)> = answered.into_iter().flatten().collect();
        predictions.sort_by_key(|(at, _)| *at);
        predictions.into_iter().map(|(_, prediction)| prediction).collect()
    }
}

fn answer(
    sampler: &Sampler<'_>,
    weeks: &[Week],
    drawn: &SegmentDraws,
    question: &Question,
    rng: &mut impl Rng,
) -> Prediction {
    let column = question.week.and_then(|week| weeks.binary_search(&week).ok());
    let (mut expected, mut bought, mut counts) = (Vec::new(), Vec::new(), Vec::new());
    for (d, draw) in drawn.draws.iter().enumerate() {
        let paid = weekly(draw, drawn.reference_spend, sampler.carryover(d)).steady(question.spend);
        let season = column.map_or(1.0, |at| sampler.season(d, drawn.network, at));
        bought.push(season * paid);
        expected.push(draw.baseline + season * paid);
        let shock = sampler.shock(d);
        let z: f64 = StandardNormal.sample(rng);
        let shocked = season * paid * (shock * z - 0.5 * shock * shock).exp();
        counts.push(count(draw.baseline + shocked, sampler.dispersion(d, drawn.network), rng));
    }
    let n = expected.len().max(1) as f64;
    let mean = expected.iter().sum::<f64>() / n;
    let variance = expected.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
    counts.sort_by(f64::total_cmp);
    let count_mostly = Mostly::of(&counts);
    Prediction {
        mean,
        sd: variance.sqrt(),
        quantiles: quantiles(&mut expected),
        bought: bought.iter().sum::<f64>() / n,
        bought_quantiles: quantiles(&mut bought),
        count_quantiles: quantiles(&mut counts),
        count_mostly,
        extrapolation: question.spend > drawn.observed_spend,
        prior_only: drawn.prior_only,
    }
}

/// A negative binomial count of mean `mu` and dispersion `phi`.
fn count(mu: f64, phi: f64, rng: &mut impl Rng) -> f64 {
    let rate = Gamma::new(phi, mu / phi).map_or(mu, |gamma| gamma.sample(rng));
    Poisson::new(rate).map_or(rate.round(), |poisson| poisson.sample(rng))
}
