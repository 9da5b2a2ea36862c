//! Reach: how large an audience is and how unevenly impressions fall on it.
//!
//! `R = A · [1 − (1 + I/(A k))^(−k)]` with log-normal noise (platforms estimate reach), cut off at
//! the impressions (no platform reports more people). One (impressions, reach) pair ties `k` to `A`
//! (Goerg 2014), so `A` keeps a prior: on `off`, the log of the audience over the reach *expected* at
//! the most impressions bought. Against the highest reach *reported*, which noise lifted, and with
//! every audience held above it, audiences came out too large and paid with the shape (chi-square
//! 94.5 for the shape in the calibration over 200 worlds, of 27.9; now 10.4).
//!
//! The shape `k` and the noise are shared by all segments and learnt together on a grid of both,
//! each segment's `off` summed out at every point of it (noise plugged in at its best changes
//! little where calibration looks: 11.4). The grid begins wide and closes in on where the weight is.
//! Audiences lean to the far side, and that is kept: taken for normal they give 28.7 where their
//! laws give 12.1.

use std::sync::OnceLock;

use pulp::{Arch, NullaryFnOnce};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::numeric::digits::short;
use crate::numeric::elementary::{exp_m1, ln, ln_1p};
use crate::panel::Panel;
use crate::train::data::specification::{Prior, Specification};
use crate::train::laplace::skew_normal::SkewNormal;

/// What the reach layer learnt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reach {
    /// Log k of exposure: mean and standard deviation.
    pub log_shape: (f64, f64),
    /// Standard deviation of log reach given impressions.
    pub noise: f64,
    /// Log audience of a segment never seen: mean and standard deviation.
    pub overall: (f64, f64),
    /// Log audience by segment: mean and standard deviation; `None` without reach.
    pub segments: Vec<Option<(f64, f64)>>,
    /// How log k leans, and by segment how log audience leans and its correlation with log k.
    #[serde(default)]
    pub shape_lean: f64,
    #[serde(default)]
    pub leans: Vec<(f64, f64)>,
}

impl Reach {
    /// Law of log k.
    pub(crate) fn shape(&self) -> SkewNormal {
        SkewNormal { mean: self.log_shape.0, sd: self.log_shape.1, lean: self.shape_lean }
    }

    /// Law of a segment's log audience and its correlation with log k; the population's where the
    /// segment reports no reach.
    pub(crate) fn audience(&self, segment: usize) -> (SkewNormal, f64) {
        let Some((mean, sd)) = self.segments[segment] else {
            let (mean, sd) = self.overall;
            return (SkewNormal { mean, sd, lean: 0.0 }, 0.0);
        };
        let (lean, link) = self.leans.get(segment).copied().unwrap_or_default();
        (SkewNormal { mean, sd, lean }, link)
    }
}

/// Log k is looked for between nearly logarithmic and nearly Poisson, a priori N(0, 1); the noise
/// between these.
pub(crate) const LOG_SHAPES: (f64, f64) = (-2.5, 4.0);
pub(crate) const NOISES: (f64, f64) = (0.01, 1.0);
/// No more of an audience than this is ever expected to be reached in a period (98 %).
pub(crate) const LEAST_OFF: f64 = 0.02;
/// An audience so many times larger than what is reached (in logs) is never used up.
const MOST_OFF: f64 = 30.0;
/// Points of each grid.
const POINTS: usize = 9;
/// Most rounds of closing in.
const ROUNDS: usize = 5;
/// Segments that suffice to close in with; all of them speak in the last round.
const SOME_SEGMENTS: usize = 48;
/// Pairs of one segment beyond this many add nothing but time.
const MOST_PAIRS: usize = 80;

/// One segment's pairs of impressions and reach, in columns.
#[derive(Default)]
struct Pairs {
    /// The most impressions of one period.
    most: f64,
    impressions: Vec<f64>,
    /// Logs of both.
    log_impressions: Vec<f64>,
    log_reach: Vec<f64>,
}

impl Pairs {
    fn len(&self) -> usize {
        self.impressions.len()
    }

    fn push(&mut self, impressions: f64, reach: f64) {
        self.most = self.most.max(impressions);
        self.impressions.push(impressions);
        self.log_impressions.push(impressions.ln());
        self.log_reach.push(reach.ln());
    }

    /// Log of the reach that is expected of every pair's impressions.
    fn expected(&self, audience: f64, shape: f64) -> [f64; MOST_PAIRS] {
        let mut logs = [0.0; MOST_PAIRS];
        let impressions = &self.impressions;
        Arch::new().dispatch(Expected { impressions, audience, shape, logs: &mut logs });
        logs
    }

    /// How far the reach reported is from that, in squared logs, all pairs together.
    fn square(&self, expected: &[f64; MOST_PAIRS]) -> f64 {
        self.log_reach.iter().zip(expected).map(|(reach, log)| (reach - log).powi(2)).sum()
    }
}

/// `ln(A · G(I/A))` of every pair.
struct Expected<'a> {
    impressions: &'a [f64],
    audience: f64,
    shape: f64,
    logs: &'a mut [f64; MOST_PAIRS],
}

#[allow(clippy::inline_always, reason = "only so is it compiled for the registers found")]
impl NullaryFnOnce for Expected<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { audience, shape, .. } = self;
        let per_impression = 1.0 / (audience * shape);
        for (log, impressions) in self.logs.iter_mut().zip(self.impressions) {
            let fallen = exp_m1(-shape * ln_1p(impressions * per_impression));
            *log = ln(-audience * fallen);
        }
    }
}

/// Learns the layer; `None` where no cell reports impressions and reach.
pub(crate) fn fit(panel: &Panel, specification: &Specification) -> Option<Reach> {
    let pairs = pairs(panel);
    let speaking: Vec<&Pairs> = pairs.iter().filter(|own| own.len() > 0).collect();
    if speaking.is_empty() {
        return None;
    }
    let stride = speaking.len().div_ceil(SOME_SEGMENTS);
    let some: Vec<&Pairs> = speaking.iter().step_by(stride).copied().collect();
    let mut grid = Grid::wide();
    for _ in 1..ROUNDS {
        let closer = Weights::new(&grid, &grid.summed(&some, specification), specification);
        let Some(closer) = closer.closer(&grid) else { break };
        grid = closer;
    }
    let mut summed = grid.summed(&speaking, specification);
    let mut weights = Weights::new(&grid, &summed, specification);
    if stride > 1
        && let Some(closer) = weights.closer(&grid)
    {
        grid = closer;
        summed = grid.summed(&speaking, specification);
        weights = Weights::new(&grid, &summed, specification);
    }
    Some(weights.layer(&grid, &pairs, &summed))
}

fn pairs(panel: &Panel) -> Vec<Pairs> {
    let mut all: Vec<Pairs> = panel.segments.iter().map(|_| Pairs::default()).collect();
    for cell in &panel.cells {
        let (Some(impressions), Some(reach)) = (cell.impressions, cell.reach) else { continue };
        let own = &mut all[cell.segment];
        // Reach above impressions cannot be; such a row says nothing that can be used.
        if reach >= 1.0 && impressions >= reach && own.len() < MOST_PAIRS {
            own.push(impressions, reach);
        }
    }
    all
}

/// What is looked at of log k and of log noise.
#[derive(Debug, Clone)]
struct Grid {
    log_shapes: [f64; POINTS],
    log_noises: [f64; POINTS],
}

fn evenly(low: f64, high: f64) -> [f64; POINTS] {
    std::array::from_fn(|i| low + (high - low) * i as f64 / (POINTS - 1) as f64)
}

impl Grid {
    fn wide() -> Self {
        Self {
            log_shapes: evenly(LOG_SHAPES.0, LOG_SHAPES.1),
            log_noises: evenly(NOISES.0.ln(), NOISES.1.ln()),
        }
    }

    /// Every segment at every point of the grid.
    fn summed(&self, segments: &[&Pairs], specification: &Specification) -> Vec<Summed> {
        let prior = specification.prior("audience");
        segments.par_iter().map(|pairs| self.segment(pairs, prior)).collect()
    }

    fn segment(&self, pairs: &Pairs, prior: &Prior) -> Summed {
        let mut summed = Summed::default();
        for (s, log_shape) in self.log_shapes.iter().enumerate() {
            let shape = log_shape.exp();
            let rows: Vec<ReachRow> = places(pairs, shape, prior)
                .into_iter()
                .map(|(off, log_width)| self.row(pairs, shape, off, log_width, prior))
                .collect();
            for n in 0..POINTS {
                let most = rows.iter().map(|row| row.logs[n]).fold(f64::NEG_INFINITY, f64::max);
                let mut sums = [0.0; 4];
                for row in &rows {
                    let weight = (row.logs[n] - most).exp();
                    for (power, sum) in sums.iter_mut().enumerate() {
                        *sum += weight * row.log_audience.powi(power as i32);
                    }
                }
                summed.logs[s][n] = most + sums[0].ln();
                summed.audiences[s][n] = [1, 2, 3].map(|power| sums[power] / sums[0]);
            }
        }
        summed
    }

    /// One audience at every noise.
    fn row(&self, pairs: &Pairs, shape: f64, off: f64, log_width: f64, prior: &Prior) -> ReachRow {
        let audience = audience(pairs.most, shape, off);
        let noises = self.log_noises.map(f64::exp);
        let expected = pairs.expected(audience, shape);
        let square = pairs.square(&expected);
        let mut cut = [0.0; POINTS];
        for (impressions, expected) in pairs.log_impressions.iter().zip(&expected) {
            let room = (impressions - expected).max(0.0);
            // The smaller the noise, the less is cut off: from the largest to the first that cuts none.
            for (cut, noise) in cut.iter_mut().zip(noises).rev() {
                let cut_here = cut_off(room / noise);
                if cut_here == 0.0 {
                    break;
                }
                *cut += cut_here;
            }
        }
        let before = log_width - 0.5 * ((off - prior.mean) / prior.sd).powi(2);
        let count = pairs.len() as f64;
        let logs = std::array::from_fn(|n| {
            before - 0.5 * square / noises[n].powi(2) - count * self.log_noises[n] - cut[n]
        });
        ReachRow { log_audience: audience.ln(), logs }
    }
}

/// One audience of one segment: log weight at every noise.
struct ReachRow {
    log_audience: f64,
    logs: [f64; POINTS],
}

/// The audience that `most` impressions reach but for a factor of `e^off`.
fn audience(most: f64, shape: f64, off: f64) -> f64 {
    let log_left = (-(-off).exp_m1()).ln();
    most / (shape * (-log_left / shape).exp_m1())
}

/// Points of `off` to each side of the best one, and how they thicken towards it: a spread of 0.002
/// is seen as well as one of 2.
const SIDE: i32 = 15;
const NEAREST: f64 = 0.002;
const GROWTH: f64 = 0.6;
/// Places where the best is looked for first, evenly in `log(off − least)`.
const SCANNED: usize = 14;
const SCAN: (f64, f64) = (-4.0, 2.6);

/// Places of `off` with the logs of their widths: evenly in `u`, where
/// `log(off − least) = best + nearest · sinh(u)`.
fn places(pairs: &Pairs, shape: f64, prior: &Prior) -> Vec<(f64, f64)> {
    let off = |y: f64| LEAST_OFF + y.exp();
    // Noise as good as known by the residuals themselves, four prior pairs of 10 %.
    let value = |y: f64| {
        let audience = audience(pairs.most, shape, off(y));
        let square = pairs.square(&pairs.expected(audience, shape));
        let freedom = pairs.len() as f64 + 4.0;
        y - 0.5 * freedom * (square + 0.04).ln() - 0.5 * ((off(y) - prior.mean) / prior.sd).powi(2)
    };
    let gap = (SCAN.1 - SCAN.0) / (SCANNED - 1) as f64;
    let scanned = (0..SCANNED).map(|i| SCAN.0 + gap * i as f64);
    let best = scanned.map(|y| (y, value(y))).max_by(|a, b| a.1.total_cmp(&b.1));
    let best = golden(best.map_or(0.0, |(y, _)| y), gap, &value);
    (-SIDE..=SIDE)
        .map(|j| {
            let u = GROWTH * f64::from(j);
            let y = best + NEAREST * u.sinh();
            (off(y), y + u.cosh().ln())
        })
        .filter(|(off, _)| *off < MOST_OFF)
        .collect()
}

/// The highest place within `gap` of `at`, by golden section.
fn golden(at: f64, gap: f64, value: &impl Fn(f64) -> f64) -> f64 {
    const SHARE: f64 = 0.618_033_988_749_895;
    let (mut low, mut high) = (at - gap, at + gap);
    let (mut left, mut right) = (high - SHARE * (high - low), low + SHARE * (high - low));
    let (mut at_left, mut at_right) = (value(left), value(right));
    for _ in 0..12 {
        if at_left > at_right {
            (high, right, at_right) = (right, left, at_left);
            left = high - SHARE * (high - low);
            at_left = value(left);
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = low + SHARE * (high - low);
            at_right = value(right);
        }
    }
    0.5 * (low + high)
}

/// One segment with its audience summed out, at every shape and noise.
#[derive(Debug, Clone, Default)]
struct Summed {
    logs: [[f64; POINTS]; POINTS],
    /// Means of log audience and of its square and cube.
    audiences: [[[f64; 3]; POINTS]; POINTS],
}

/// Posterior weights of a grid, all segments together.
struct Weights {
    both: [[f64; POINTS]; POINTS],
}

impl Weights {
    fn new(grid: &Grid, segments: &[Summed], specification: &Specification) -> Self {
        let sd = specification.prior("reach_noise").sd;
        let mut both = [[0.0; POINTS]; POINTS];
        let mut most = f64::NEG_INFINITY;
        for (s, row) in both.iter_mut().enumerate() {
            for (n, log) in row.iter_mut().enumerate() {
                let (log_shape, log_noise) = (grid.log_shapes[s], grid.log_noises[n]);
                let data: f64 = segments.iter().map(|segment| segment.logs[s][n]).sum();
                // A half-normal, with the Jacobian of its log.
                let noise = log_noise - 0.5 * (log_noise.exp() / sd).powi(2);
                *log = data - 0.5 * log_shape * log_shape + noise;
                most = most.max(*log);
            }
        }
        let edge = |i: usize| if i == 0 || i == POINTS - 1 { 0.5 } else { 1.0 };
        let mut total = 0.0;
        for (s, row) in both.iter_mut().enumerate() {
            for (n, weight) in row.iter_mut().enumerate() {
                *weight = edge(s) * edge(n) * (*weight - most).exp();
                total += *weight;
            }
        }
        both.iter_mut().flatten().for_each(|weight| *weight /= total);
        Self { both }
    }

    fn shapes(&self) -> [f64; POINTS] {
        self.both.map(|row| row.iter().sum())
    }

    fn noises(&self) -> [f64; POINTS] {
        std::array::from_fn(|n| self.both.iter().map(|row| row[n]).sum())
    }

    /// The grid around where the weight is, never narrower than what this one could see; `None`
    /// where it already saw enough.
    fn closer(&self, grid: &Grid) -> Option<Grid> {
        let around = |values: &[f64; POINTS], weights: &[f64; POINTS], bounds: (f64, f64)| {
            let law = SkewNormal::of(values, weights);
            let gap = values[1] - values[0];
            let reach = 4.0 * law.sd.max(0.4 * gap);
            let (low, high) = ((law.mean - reach).max(bounds.0), (law.mean + reach).min(bounds.1));
            (evenly(low, high), high - low < 0.7 * (values[POINTS - 1] - values[0]))
        };
        let (log_shapes, closer) = around(&grid.log_shapes, &self.shapes(), LOG_SHAPES);
        let noises = (NOISES.0.ln(), NOISES.1.ln());
        let (log_noises, also) = around(&grid.log_noises, &self.noises(), noises);
        (closer || also).then_some(Grid { log_shapes, log_noises })
    }

    /// What is kept: the laws of log k and of every log audience.
    fn layer(&self, grid: &Grid, pairs: &[Pairs], summed: &[Summed]) -> Reach {
        let shape = SkewNormal::of(&grid.log_shapes, &self.shapes());
        let log_noise = SkewNormal::of(&grid.log_noises, &self.noises());
        let mut summed = summed.iter();
        let laws: Vec<Option<(SkewNormal, f64)>> = pairs
            .iter()
            .map(|own| {
                let speaks = own.len() > 0;
                speaks.then(|| summed.next()).flatten().map(|own| self.audience(grid, own, &shape))
            })
            .collect();
        let known: Vec<f64> = laws.iter().flatten().map(|(law, _)| law.mean).collect();
        let overall = SkewNormal::of(&known, &vec![1.0; known.len()]);
        let lean = |law: &Option<(SkewNormal, f64)>| {
            law.map_or((0.0, 0.0), |(law, link)| (short(law.lean), short(link)))
        };
        let kept = |law: &(SkewNormal, f64)| (short(law.0.mean), short(law.0.sd.max(0.005)));
        Reach {
            log_shape: (short(shape.mean), short(shape.sd.max(0.005))),
            noise: short(log_noise.mean.exp()),
            overall: (short(overall.mean), short(overall.sd.max(0.5))),
            segments: laws.iter().map(|law| law.as_ref().map(kept)).collect(),
            shape_lean: short(shape.lean),
            leans: laws.iter().map(lean).collect(),
        }
    }

    /// Law of one segment's log audience, and its correlation with log k.
    fn audience(&self, grid: &Grid, own: &Summed, shape: &SkewNormal) -> (SkewNormal, f64) {
        let mut sums = [0.0; 3];
        let mut product = 0.0;
        for s in 0..POINTS {
            for n in 0..POINTS {
                let weight = self.both[s][n];
                let means = own.audiences[s][n];
                sums.iter_mut().zip(means).for_each(|(sum, mean)| *sum += weight * mean);
                product += weight * means[0] * (grid.log_shapes[s] - shape.mean);
            }
        }
        let law = SkewNormal::from_moments(sums);
        let link = product / (law.sd * shape.sd).max(1e-12);
        (law, link.clamp(-0.99, 0.99))
    }
}

/// Log of the share of noise that leaves reach below impressions, `room` standard deviations up:
/// no platform reports more people than impressions, so what is seen at low frequency is cut off.
fn cut_off(room: f64) -> f64 {
    const STEPS: f64 = 128.0;
    static TABLE: OnceLock<Vec<f64>> = OnceLock::new();
    if room >= 4.0 {
        return 0.0;
    }
    let table = TABLE.get_or_init(|| {
        let at = |i: u32| f64::from(i) / STEPS;
        let share = |x: f64| 0.5 * statrs::function::erf::erfc(-x / std::f64::consts::SQRT_2);
        (0..=514).map(|i| share(at(i)).ln()).collect()
    });
    let place = room * STEPS;
    let (whole, part) = (place.floor(), place.fract());
    let i = whole as usize;
    table[i] + part * (table[i + 1] - table[i])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Seed;
    use crate::response::exposure::saturation;
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
