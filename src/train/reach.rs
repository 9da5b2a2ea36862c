//! Reach: how large an audience is and how unevenly impressions fall on it.
//!
//! `R = A · [1 − (1 + I/(A k))^(−k)]` with log-normal noise (platforms estimate reach). One
//! (impressions, reach) pair ties `k` to `A` (Goerg 2014), so `A` keeps a prior relative to the
//! highest reach seen. Per segment the law of `log A` is summed on a grid for each `k` of another
//! grid; `k` is pooled over all segments. Both grids begin wide and close in on where the weight is:
//! an audience known to 2 % must not be read off steps of 20 %.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::posterior::short;
use super::specification::Specification;
use crate::panel::Panel;
use crate::response::exposure::saturation;

/// What the reach layer learnt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reach {
    /// Log k of exposure: mean and standard deviation.
    pub log_shape: (f64, f64),
    /// Standard deviation of log reach given impressions.
    pub noise: f64,
    /// Log audience of a segment never seen: mean and standard deviation.
    pub overall: (f64, f64),
    /// Log audience by segment: mean and standard deviation; `None` without reach.
    pub segments: Vec<Option<(f64, f64)>>,
}

/// Grid of log k: from nearly logarithmic to nearly Poisson.
const LOG_SHAPES: [f64; 9] = [-2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0];
/// Steps of log audience above the highest reach, and how long they are at first.
const STEPS: usize = 36;
const STEP: f64 = 0.2;
/// Rounds in all; those before the second settle the noise, the later ones close in.
const ROUNDS: usize = 4;
/// Pairs of one segment beyond this many add nothing but time.
const MOST_PAIRS: usize = 80;

/// Learns the layer; `None` where no cell reports impressions and reach.
pub(super) fn fit(panel: &Panel, specification: &Specification) -> Option<Reach> {
    let mut pairs: Vec<Vec<(f64, f64)>> = vec![Vec::new(); panel.segments.len()];
    for cell in &panel.cells {
        let (Some(impressions), Some(reach)) = (cell.impressions, cell.reach) else { continue };
        // Reach above impressions cannot be; such a row says nothing that can be used.
        if reach >= 1.0 && impressions >= reach && pairs[cell.segment].len() < MOST_PAIRS {
            pairs[cell.segment].push((impressions, reach));
        }
    }
    if pairs.iter().all(Vec::is_empty) {
        return None;
    }
    let mut noise = specification.prior("reach_noise").sd * 0.5;
    let mut shapes = LOG_SHAPES;
    let mut grids: Vec<Option<Grid>> = pairs.iter().map(|pairs| Grid::wide(pairs)).collect();
    let (mut weights, mut laws) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        laws = pairs
            .par_iter()
            .zip(&grids)
            .map(|(pairs, grid)| Some(law(pairs, (*grid)?, &shapes, noise, specification)))
            .collect();
        weights = shape_weights(&laws, &shapes);
        noise = residual(&pairs, &laws, &weights, &shapes, specification);
        if (2..ROUNDS).contains(&round) {
            grids = laws.iter().map(|law| law.as_ref().map(|law| law.closer(&weights))).collect();
            shapes = closer(&shapes, &weights);
        }
    }
    let (mean, sd) = moments(&shapes, &weights);
    let segments: Vec<Option<(f64, f64)>> = laws
        .iter()
        .map(|law| {
            let law = law.as_ref()?;
            let (values, mixed) = law.mixed(&weights);
            let (mean, sd) = moments(&values, &mixed);
            Some((short(mean), short(sd.max(0.01))))
        })
        .collect();
    let known: Vec<f64> = segments.iter().flatten().map(|(mean, _)| *mean).collect();
    let (centre, spread) = moments(&known, &vec![1.0; known.len()]);
    Some(Reach {
        log_shape: (short(mean), short(sd.max(0.02))),
        noise: short(noise),
        overall: (short(centre), short(spread.max(0.5))),
        segments,
    })
}

fn moments(values: &[f64], weights: &[f64]) -> (f64, f64) {
    let total: f64 = weights.iter().sum();
    let mean = values.iter().zip(weights).map(|(x, w)| x * w).sum::<f64>() / total;
    let square = values.iter().zip(weights).map(|(x, w)| (x - mean).powi(2) * w).sum::<f64>();
    (mean, (square / total).sqrt())
}

/// The grid of log k around where its weight is, never narrower than what the last one could see.
fn closer(shapes: &[f64; 9], weights: &[f64]) -> [f64; 9] {
    let (mean, sd) = moments(shapes, weights);
    let gap = (shapes[8] - shapes[0]) / 8.0;
    let reach = 3.0 * sd.max(0.3 * gap);
    let (low, high) = ((mean - reach).max(-2.5), (mean + reach).min(4.0));
    std::array::from_fn(|s| low + (high - low) * s as f64 / 8.0)
}

/// Log audiences of one segment that are looked at.
#[derive(Debug, Clone, Copy)]
struct Grid {
    /// Log of the highest reach: no audience is smaller.
    most: f64,
    low: f64,
    step: f64,
}

impl Grid {
    fn wide(pairs: &[(f64, f64)]) -> Option<Self> {
        let most = pairs.iter().map(|(_, reach)| *reach).fold(0.0, f64::max);
        (most >= 1.0).then(|| Self { most: most.ln(), low: most.ln() + 0.02, step: STEP })
    }
}

/// Log weights over audiences for each k, of one segment.
struct Law {
    grid: Grid,
    /// `shapes × steps`.
    log_weights: Vec<f64>,
    /// Log of each row's sum.
    totals: Vec<f64>,
}

impl Law {
    /// The grid around where the weight is, never narrower than what the last one could see.
    fn closer(&self, weights: &[f64]) -> Grid {
        let (values, mixed) = self.mixed(weights);
        let (mean, sd) = moments(&values, &mixed);
        let reach = 4.5 * sd.max(0.5 * self.grid.step);
        let low = (mean - reach).max(self.grid.most + 0.005);
        let step = (mean + reach - low) / (STEPS - 1) as f64;
        Grid { low, step, ..self.grid }
    }

    /// Grid of log audience and its weights with k summed out.
    fn mixed(&self, weights: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let values = (0..STEPS).map(|a| self.grid.low + self.grid.step * a as f64).collect();
        let mixed = (0..STEPS)
            .map(|a| {
                (0..LOG_SHAPES.len())
                    .map(|s| weights[s] * (self.log_weights[s * STEPS + a] - self.totals[s]).exp())
                    .sum()
            })
            .collect();
        (values, mixed)
    }
}

fn law(
    pairs: &[(f64, f64)],
    grid: Grid,
    shapes: &[f64; 9],
    noise: f64,
    specification: &Specification,
) -> Law {
    let prior = specification.prior("audience");
    let mut log_weights = Vec::with_capacity(LOG_SHAPES.len() * STEPS);
    for log_shape in shapes {
        for a in 0..STEPS {
            let log_audience = grid.low + grid.step * a as f64;
            let audience = log_audience.exp();
            let off = log_audience - grid.most - prior.mean;
            let mut value = -0.5 * (off / prior.sd).powi(2);
            for (impressions, reach) in pairs {
                let expected = audience * saturation(impressions / audience, log_shape.exp());
                let room = (impressions / expected).ln() / noise;
                value -= 0.5 * ((reach / expected).ln() / noise).powi(2) + cut_off(room);
            }
            log_weights.push(value);
        }
    }
    let totals = log_weights.chunks(STEPS).map(log_sum).collect();
    Law { grid, log_weights, totals }
}

/// Log of the share of noise that leaves reach below impressions, `room` standard deviations up:
/// no platform reports more people than impressions, so what is seen at low frequency is cut off.
fn cut_off(room: f64) -> f64 {
    if room > 3.5 {
        return 0.0;
    }
    (0.5 * statrs::function::erf::erfc(-room / std::f64::consts::SQRT_2)).ln()
}

fn log_sum(values: &[f64]) -> f64 {
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    most + values.iter().map(|x| (x - most).exp()).sum::<f64>().ln()
}

/// Posterior weights of the k grid, all segments together; a priori log k ~ N(0, 1).
fn shape_weights(laws: &[Option<Law>], shapes: &[f64; 9]) -> Vec<f64> {
    let logs: Vec<f64> = shapes
        .iter()
        .enumerate()
        .map(|(s, log_shape)| {
            let data: f64 = laws.iter().flatten().map(|law| law.totals[s]).sum();
            data - 0.5 * log_shape * log_shape
        })
        .collect();
    let total = log_sum(&logs);
    logs.iter().map(|log| (log - total).exp()).collect()
}

/// Noise of log reach at the best audience and k of each segment.
fn residual(
    pairs: &[Vec<(f64, f64)>],
    laws: &[Option<Law>],
    weights: &[f64],
    shapes: &[f64; 9],
    specification: &Specification,
) -> f64 {
    let best = (0..weights.len()).max_by(|a, b| weights[*a].total_cmp(&weights[*b])).unwrap_or(4);
    let shape = shapes[best].exp();
    let (mut square, mut freedom) = (0.0, 0.0);
    for (pairs, law) in pairs.iter().zip(laws) {
        let Some(law) = law else { continue };
        let row = &law.log_weights[best * STEPS..(best + 1) * STEPS];
        let a = (0..STEPS).max_by(|a, b| row[*a].total_cmp(&row[*b])).unwrap_or(0);
        let audience = (law.grid.low + law.grid.step * a as f64).exp();
        for (impressions, reach) in pairs {
            let expected = audience * saturation(impressions / audience, shape);
            square += (reach / expected).ln().powi(2);
        }
        freedom += pairs.len() as f64 - 1.0;
    }
    let prior = specification.prior("reach_noise").sd * 0.5;
    // Four prior pairs with the prior's noise.
    ((square + 4.0 * prior * prior) / (freedom.max(0.0) + 4.0)).sqrt().max(0.01)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Seed;
    use crate::train::worlds::{Settings, world};

    #[test]
    fn audiences_are_found_where_reach_is_reported() {
        let mut world = world(&Settings { weeks: 40, ..Settings::default() }, Seed(8));
        let audience = |i: usize| 5_000.0 * (1.0 + i as f64);
        for (at, cell) in world.panel.cells.iter_mut().enumerate() {
            let own = audience(cell.segment);
            let impressions = (own * cell.spend / world.usual[cell.segment]).round();
            let wobble = 0.03 * ((at * 7919 % 101) as f64 / 50.0 - 1.0);
            cell.impressions = Some(impressions);
            cell.reach = Some((own * saturation(impressions / own, 1.0) * wobble.exp()).floor());
        }
        let layer = fit(&world.panel, &Specification::named("reach").unwrap()).unwrap();
        assert!(layer.log_shape.0.abs() < 0.4, "{:?}", layer.log_shape);
        let inside = layer.segments.iter().enumerate().filter(|(i, found)| {
            let (mean, sd) = found.unwrap();
            (mean - audience(*i).ln()).abs() < 3.0 * sd + 0.02
        });
        assert!(inside.count() >= 38, "{:?}", layer.segments);
    }
}
