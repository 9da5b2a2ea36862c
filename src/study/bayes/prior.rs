//! Where segments' levels come from: medians, effects of attribute values, and what is left.

use rand::Rng;
use rand_distr::{Distribution, StandardNormal};

use super::belief::Belief;
use super::observed::{PARAMETERS, logit};
use crate::generate::audience::SEGMENT_BY;
use crate::generate::spec::Level;
use crate::generate::world::World;

/// A segment's parameters, and the CPM, which only delivery speaks of.
pub(super) const LEVELS: usize = PARAMETERS + 1;
pub(super) const CPM: usize = PARAMETERS;

/// Spread of the flexible curve's bend `ln(1 + k)` between and within networks.
const BEND_SD: (f64, f64) = (1.0, 0.2);

/// The design that all levels share.
pub(super) struct Design {
    /// Positions of each segment's attribute values.
    pub(super) values: Vec<Vec<usize>>,
    /// Segments of each attribute value.
    pub(super) members: Vec<Vec<usize>>,
    pub(super) levels: Vec<LevelPrior>,
}

/// One level's prior, and the law of its effects given its segments.
pub(super) struct LevelPrior {
    pub(super) centre: f64,
    pub(super) segment_sd: f64,
    /// Standard deviation of each attribute value's effect; 0: none.
    pub(super) effect_sd: Vec<f64>,
    /// Lower Cholesky factor of the effects' conditional precision.
    cholesky: Vec<Vec<f64>>,
}

impl Design {
    pub(super) fn of(world: &World, belief: Belief) -> Self {
        let mut names: Vec<(usize, String)> = Vec::new();
        let mut values = Vec::new();
        for segment in world.segments() {
            let mut mine = Vec::new();
            for (which, attribute) in SEGMENT_BY.iter().enumerate() {
                let name = (which, segment.get(*attribute).unwrap_or_default().to_owned());
                let at = names.iter().position(|known| *known == name);
                mine.push(at.unwrap_or_else(|| {
                    names.push(name);
                    names.len() - 1
                }));
            }
            values.push(mine);
        }
        let mut members = vec![Vec::new(); names.len()];
        for (i, mine) in values.iter().enumerate() {
            for v in mine {
                members[*v].push(i);
            }
        }
        let spec = world.spec();
        let attribute_of: Vec<usize> = names.iter().map(|name| name.0).collect();
        let level = |level: &Level, centre: f64| {
            assert!(level.of.is_empty(), "the standard study knows no value beforehand");
            LevelPrior::new(level, centre, &attribute_of, &values)
        };
        // A planner who does not know the form takes the curve's levels less literally.
        let free = if belief == Belief::Message { 0.0 } else { 1.0 };
        let bends = if belief == Belief::Flexible { 1.0 } else { 0.0 };
        let between = |network: f64, segment: f64| Level {
            median: 1.0,
            network,
            age: 0.0,
            territory: 0.0,
            format: 0.0,
            segment,
            of: std::collections::BTreeMap::new(),
        };
        let levels = vec![
            level(&spec.audience, spec.audience.median.ln()),
            level(
                &Level { network: spec.rate.network.hypot(free), ..spec.rate.clone() },
                spec.rate.median.ln(),
            ),
            level(&spec.wear_out, logit(spec.wear_out.median)),
            level(&spec.shape, spec.shape.median.ln()),
            level(&between(BEND_SD.0 * bends, BEND_SD.1 * bends), 0.4),
            level(&between(free, 0.3 * free), 0.0),
            level(&spec.cpm, spec.cpm.median.ln()),
        ];
        Self { values, members, levels }
    }
}

impl LevelPrior {
    fn new(level: &Level, centre: f64, attribute_of: &[usize], values: &[Vec<usize>]) -> Self {
        let by_attribute = [level.network, level.age, level.territory, level.format];
        let effect_sd: Vec<f64> = attribute_of.iter().map(|a| by_attribute[*a]).collect();
        let n = effect_sd.len();
        // A level without spread has no segments to learn from.
        let weight = if level.segment > 0.0 { 1.0 / level.segment.powi(2) } else { 0.0 };
        let mut precision = vec![vec![0.0; n]; n];
        for mine in values {
            for a in mine {
                for b in mine {
                    precision[*a][*b] += weight;
                }
            }
        }
        for (v, sd) in effect_sd.iter().enumerate() {
            // An effect that is not there is held at 0 by a precision of 1e12.
            precision[v][v] += if *sd > 0.0 { 1.0 / (sd * sd) } else { 1e12 };
        }
        Self { centre, segment_sd: level.segment, effect_sd, cholesky: cholesky(&precision) }
    }

    /// Draws the effects given the segments' values.
    pub(super) fn effects(
        &self,
        segments: &[f64],
        values: &[Vec<usize>],
        rng: &mut impl Rng,
    ) -> Vec<f64> {
        let n = self.effect_sd.len();
        let mut sums = vec![0.0; n];
        for (x, mine) in segments.iter().zip(values) {
            let weight = if self.segment_sd > 0.0 { 1.0 / self.segment_sd.powi(2) } else { 0.0 };
            for v in mine {
                sums[*v] += weight * (x - self.centre);
            }
        }
        // L y = sums, then Lᵀ u = y + z: mean and deviation at once.
        let l = &self.cholesky;
        for a in 0..n {
            let known: f64 = (0..a).map(|b| l[a][b] * sums[b]).sum();
            sums[a] = (sums[a] - known) / l[a][a];
        }
        for y in &mut sums {
            *y += normal(rng);
        }
        for a in (0..n).rev() {
            let known: f64 = (a + 1..n).map(|b| l[b][a] * sums[b]).sum();
            sums[a] = (sums[a] - known) / l[a][a];
        }
        for (effect, sd) in sums.iter_mut().zip(&self.effect_sd) {
            if *sd == 0.0 {
                *effect = 0.0;
            }
        }
        sums
    }

    pub(super) fn mean(&self, effects: &[f64], values: &[usize]) -> f64 {
        self.centre + values.iter().map(|v| effects[*v]).sum::<f64>()
    }
}

pub(super) fn normal(rng: &mut impl Rng) -> f64 {
    StandardNormal.sample(rng)
}

/// Lower triangular factor of a positive definite matrix.
pub(super) fn cholesky(matrix: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let n = matrix.len();
    let mut l = vec![vec![0.0; n]; n];
    for i in 0..n {
        for j in 0..=i {
            let known: f64 = (0..j).map(|k| l[i][k] * l[j][k]).sum();
            let left = matrix[i][j] - known;
            l[i][j] = if i == j { left.max(1e-12).sqrt() } else { left / l[j][j] };
        }
    }
    l
}
