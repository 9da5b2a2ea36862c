//! What a segment's cells say at one state: their means, and sums over them of the counts' log
//! density, its slopes and its information.
//!
//! Nearly all of a fit's time would go into exponentials and logarithms of cells one by one. They
//! are taken side by side, so that the loops run in vector registers; what is rare (a suppressed
//! count, money that tells of no bend) is worked out by itself and put in its place.

#![allow(clippy::needless_range_loop, reason = "indices are those of the formulas")]

use super::state::LANES;
use crate::train::density::state::Lot;
use pulp::{Arch, NullaryFnOnce};

use super::likelihood::{Shape, count_score, relative_scale, shape, shape_of, steady_shape};
use super::state::{Asked, Lane, Problem, State};
use crate::numeric::elementary::{exp, exp_m1, ln, ln_1p, ln_gamma};
use crate::numeric::linalg::Small;
use crate::response::memory;
use crate::response::memory::WEEKS;
use crate::train::data::design::{Count, Observation, SegmentData};

/// Mean of one cell and slopes of its log.
pub(crate) struct CellMean {
    pub mu: f64,
    pub by_theta: [f64; 3],
    pub by_k: f64,
}

/// Mean count of a cell: `weeks · (e^b + e^{r + ℓ} · shape)`.
#[allow(clippy::too_many_arguments, reason = "the hot loop; a struct would be built per cell")]
pub(crate) fn cell_mean(
    cell: &Observation,
    theta: &[f64; 3],
    k: f64,
    memory: &memory::Law,
    at_usual: Shape,
    levels: &[f64],
    p: usize,
) -> CellMean {
    let level = level(cell, levels);
    let baseline = if p == 3 { theta[2].exp() } else { 0.0 };
    if silent(cell) {
        let mu = (cell.weeks * baseline).max(1e-12);
        return CellMean { mu, by_theta: [0.0, 0.0, 1.0], by_k: 0.0 };
    }
    let form = form(cell, theta[1], k, memory, at_usual);
    let paid = (theta[0] + level + form.log).clamp(-60.0, 60.0).exp();
    let total = (paid + baseline).max(1e-12);
    let share = paid / total;
    CellMean {
        mu: cell.weeks * total,
        by_theta: [share, share * form.by_c, 1.0 - share],
        by_k: share * form.by_log_fall,
    }
}

/// Log of a cell's gain against a steady week at the usual spend, and its slopes.
pub(crate) fn form(
    cell: &Observation,
    c: f64,
    k: f64,
    memory: &memory::Law,
    at_usual: Shape,
) -> Shape {
    if let Some(power) = cell.power {
        return Shape { log: power * cell.exposure.now.ln(), by_c: 0.0, by_log_fall: 0.0 };
    }
    shape(&cell.exposure, c, k, memory, at_usual)
}

/// No money: nothing but the baseline.
pub(crate) fn silent(cell: &Observation) -> bool {
    cell.spend <= 0.0
}

/// Log of a cell's level: its weeks' mean effect, and the segment's own against now.
pub(crate) fn level(cell: &Observation, levels: &[f64]) -> f64 {
    if cell.to <= cell.from {
        return 0.0;
    }
    let weeks = &levels[cell.from as usize..cell.to as usize];
    cell.offset + weeks.iter().sum::<f64>() / weeks.len() as f64
}

/// Likelihood sums of one segment at one state.
#[derive(Debug, Default)]
pub(crate) struct Sums {
    pub value: f64,
    pub gradient: [f64; 3],
    pub information: Small,
    pub touched: Vec<u32>,
    pub week_gradient: Vec<f64>,
    /// Information of cells of one week, on the diagonal: all there is in most histories.
    pub week_weight: Vec<f64>,
    /// Of cells of several weeks, by pair of weeks.
    pub week_information: Vec<(u32, u32, f64)>,
    pub week_k: Vec<f64>,
    /// Parameters by weeks touched and log fall, `p × (weeks touched + 1)`.
    pub links: Vec<f64>,
    pub k_gradient: f64,
    pub k_information: f64,
}

impl Asked {
    /// No cells: their counts and means are 0.
    pub(super) fn nothing() -> Self {
        Self {
            now: [1.0; LANES],
            before: [[0.0; LANES]; WEEKS - 1],
            follows: [[0.0; LANES]; WEEKS - 1],
            apart: std::array::from_fn(|_| Vec::new()),
            offset: [0.0; LANES],
            count: [0.0; LANES],
            weeks: [0.0; LANES],
            paid: [1.0; LANES],
        }
    }
}

/// `Σ ln Γ(y + φ) − ln Γ(φ)`.
pub(super) struct Norm<'a> {
    asked: &'a [Asked],
    phi: f64,
}

#[allow(clippy::inline_always, reason = "only so is it compiled for the registers found")]
impl NullaryFnOnce for Norm<'_> {
    type Output = f64;

    #[inline(always)]
    fn call(self) -> f64 {
        let of_none = ln_gamma(self.phi);
        let mut sums = [0.0; LANES];
        for asked in self.asked {
            for l in 0..LANES {
                sums[l] += ln_gamma(asked.count[l] + self.phi) - of_none;
            }
        }
        sums.iter().sum()
    }
}

/// What they say: log density, its slope and weight in the log of the mean, the paid share of the
/// mean, and the slopes of its log in saturation and log fall.
#[derive(Clone, Copy)]
struct Contribution {
    value: Lane,
    slope: Lane,
    weight: Lane,
    share: Lane,
    by_c: Lane,
    by_k: Lane,
}

impl Contribution {
    const NOTHING: Self = Self {
        value: [0.0; LANES],
        slope: [0.0; LANES],
        weight: [0.0; LANES],
        share: [0.0; LANES],
        by_c: [0.0; LANES],
        by_k: [0.0; LANES],
    };
}

/// What all cells of a segment have in common at a state.
#[derive(Clone, Copy)]
struct Common {
    efficiency: f64,
    baseline: f64,
    scale: f64,
    k: f64,
    memory: memory::Law,
    usual: Shape,
    phi: f64,
}

/// Gain of each cell, then its mean, then its count's log density: [`shape`] and [`count_score`].
struct Kernel<'a> {
    common: Common,
    asked: &'a [Asked],
    /// Logs of the cells' levels.
    levels: &'a [Lane],
    told: &'a mut [Contribution],
}

/// `G` and its slopes after the last cell of a block, by weeks remembered: what the next block finds.
type Carried = [[f64; 3]; WEEKS];

#[allow(clippy::inline_always, reason = "only so is it compiled for the registers found")]
impl NullaryFnOnce for Kernel<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let mut carried = [[0.0; 3]; WEEKS];
        for ((asked, level), told) in self.asked.iter().zip(self.levels).zip(self.told) {
            let (gain, by_c, by_k) = gains(&self.common, asked, &mut carried);
            scores(&self.common, asked, level, &gain, told);
            for l in 0..LANES {
                told.by_c[l] = told.share[l] * (by_c[l] - self.common.usual.by_c);
                told.by_k[l] = told.share[l] * (by_k[l] - self.common.usual.by_log_fall);
            }
        }
    }
}

/// Log gain of each cell and its slopes. What is left to those who remember a week is mostly what
/// the cell in front left after it: it need not be worked out twice.
#[allow(clippy::inline_always, reason = "it must become part of the vectorised kernel")]
#[inline(always)]
fn gains(common: &Common, asked: &Asked, carried: &mut Carried) -> (Lane, Lane, Lane) {
    let Common { scale, k, memory, .. } = common;
    let (k, inverse) = (*k, scale.recip());
    let (mut value, mut by_c, mut by_k) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
    let mut front = [[0.0; LANES]; 3];
    for j in 0..memory.depth {
        let share = memory.shares[j];
        let mut left = [[0.0; LANES]; 3];
        if j > 0 {
            let follows = &asked.follows[j - 1];
            for q in 0..3 {
                left[q][0] = follows[0] * carried[j - 1][q];
                for l in 1..LANES {
                    left[q][l] = follows[l] * front[q][l - 1];
                }
                carried[j - 1][q] = front[q][LANES - 1];
            }
            for &l in &asked.apart[j - 1] {
                let apart = saturation(asked.before[j - 1][l] * inverse, k);
                (left[0][l], left[1][l], left[2][l]) = apart;
            }
        }
        let before = if j > 0 { &asked.before[j - 1] } else { &[0.0; LANES] };
        for l in 0..LANES {
            let (after, after_c, after_k) = saturation((before[l] + asked.now[l]) * inverse, k);
            value[l] += share * (after - left[0][l]);
            by_c[l] += share * (after_c - left[1][l]);
            by_k[l] += share * (after_k - left[2][l]);
            (front[0][l], front[1][l], front[2][l]) = (after, after_c, after_k);
        }
    }
    let mut log = [0.0; LANES];
    for l in 0..LANES {
        let gain = value[l] * k.signum();
        // A gain too small for its digits is as good as its linear start.
        let small = gain <= 1e-14;
        let linear = asked.now[l].max(1e-290) * inverse.abs();
        log[l] = ln(if small { linear } else { gain }).max(-700.0);
        by_c[l] = if small { -1.0 } else { by_c[l] / value[l] };
        by_k[l] = if small { 0.0 } else { by_k[l] / value[l] };
    }
    (log, by_c, by_k)
}

/// `G(z)` and its slopes in `c` and `ln(1 + k)`; all 0 at 0.
#[allow(clippy::inline_always, reason = "it must become part of the vectorised kernel")]
#[inline(always)]
fn saturation(z: f64, k: f64) -> (f64, f64, f64) {
    let ratio = z / k;
    let log = ln_1p(ratio);
    let fallen = exp_m1(-k * log);
    let left = 1.0 + fallen;
    let straight = z / (1.0 + ratio);
    let z_slope = straight * left;
    let by_k = left * (k * log - straight) + z_slope / (k + 1.0);
    (-fallen, -z_slope, by_k * (1.0 + 1.0 / k))
}

/// Mean of each cell and its count's score, without the norm.
#[allow(clippy::inline_always, reason = "it must become part of the vectorised kernel")]
#[inline(always)]
fn scores(common: &Common, asked: &Asked, level: &Lane, gain: &Lane, told: &mut Contribution) {
    let Common { efficiency, baseline, usual, phi, .. } = *common;
    for l in 0..LANES {
        let log = efficiency + level[l] + gain[l] - usual.log;
        let paid = asked.paid[l] * exp(log.clamp(-60.0, 60.0));
        let total = (paid + baseline).max(1e-12);
        told.share[l] = paid / total;
        let (mu, y) = (asked.weeks[l] * total, asked.count[l]);
        let ratio = mu / phi;
        told.value[l] = y * ln(ratio) - (y + phi) * ln_1p(ratio);
        let weight = mu / (1.0 + ratio);
        told.slope[l] = (y - mu) / (1.0 + ratio);
        told.weight[l] = weight;
    }
}

/// A segment's cells at a state.
pub(crate) struct Cells {
    told: Vec<Contribution>,
    len: usize,
}

impl Lot {
    /// Lays out a segment's cells.
    pub(crate) fn of(segment: &SegmentData) -> Self {
        let cells = &segment.cells;
        let mut asked = vec![Asked::nothing(); cells.len().div_ceil(LANES)];
        for (at, cell) in cells.iter().enumerate() {
            let (block, l) = (&mut asked[at / LANES], at % LANES);
            block.offset[l] = cell.offset;
            block.count[l] = cell.count.low;
            block.weeks[l] = cell.weeks;
            block.now[l] = cell.exposure.now;
            if silent(cell) {
                block.paid[l] = 0.0;
            }
            let front = at.checked_sub(1).map(|front| cells[front].exposure);
            for j in 1..WEEKS {
                let before = cell.exposure.before[j];
                block.before[j - 1][l] = before;
                let left = front.map(|front| front.before[j - 1] + front.now);
                if left.is_some_and(|left| (left - before).abs() <= 1e-12 * before) {
                    block.follows[j - 1][l] = 1.0;
                } else if before != 0.0 {
                    block.apart[j - 1].push(l);
                }
            }
        }
        let weekly = cells.iter().all(|cell| cell.to == cell.from + 1);
        let suppressed = |cell: &&Observation| cell.count.high > cell.count.low;
        let rare = |cell: &Observation| cell.power.is_some() || suppressed(&cell);
        let told = cells.iter().filter(|cell| !suppressed(cell));
        Self {
            asked,
            single: weekly.then(|| cells.iter().map(|cell| cell.from).collect()),
            rare: (0..cells.len()).filter(|at| rare(&cells[*at])).collect(),
            suppressed: cells.iter().filter(suppressed).map(|cell| cell.count.low).collect(),
            log_factorials: told.map(|cell| ln_gamma(cell.count.low + 1.0)).sum(),
        }
    }

    /// Sum of [`norm`](super::likelihood::norm) over the cells.
    pub(crate) fn norm(&self, phi: f64) -> f64 {
        let all = Arch::new().dispatch(Norm { asked: &self.asked, phi });
        let of_none = ln_gamma(phi);
        let suppressed = self.suppressed.iter().map(|count| ln_gamma(count + phi) - of_none);
        all - suppressed.sum::<f64>() - self.log_factorials
    }
}

impl Cells {
    /// Asks all cells of segment `i`.
    pub(crate) fn at(problem: &Problem<'_>, i: usize, state: &State) -> Self {
        let network = problem.design.segments[i].network;
        Self::beside(problem, i, &state.theta[i], &state.networks[network])
    }

    /// The same at parameters of the segment and at its network's block.
    pub(crate) fn beside(problem: &Problem<'_>, i: usize, theta: &[f64; 3], own: &[f64]) -> Self {
        let (segment, layout) = (&problem.design.segments[i], problem.layout);
        let k = shape_of(own[layout.weeks[segment.network] + layout.log_fall()]);
        let memory = problem.hyper.memory;
        let common = Common {
            efficiency: theta[0],
            baseline: if layout.p == 3 { theta[2].exp() } else { 0.0 },
            scale: relative_scale(theta[1], k, &memory),
            k,
            usual: steady_shape(theta[1], k, &memory),
            memory,
            phi: problem.hyper.phi[segment.network],
        };
        let lot = problem.lot(i);
        let asked = &lot.asked;
        let mut levels = vec![[0.0; LANES]; asked.len()];
        if let Some(single) = &lot.single {
            for (at, week) in single.iter().enumerate() {
                let (block, l) = (at / LANES, at % LANES);
                levels[block][l] = asked[block].offset[l] + own[*week as usize];
            }
        } else {
            for (at, cell) in segment.cells.iter().enumerate() {
                levels[at / LANES][at % LANES] = level(cell, own);
            }
        }
        let mut told = vec![Contribution::NOTHING; asked.len()];
        Arch::new().dispatch(Kernel { common, asked, levels: &levels, told: &mut told });
        for &at in &lot.rare {
            let cell = &segment.cells[at];
            let mean = cell_mean(cell, theta, k, &memory, common.usual, own, layout.p);
            told[at / LANES].put(at % LANES, cell.count, &mean, common.phi);
        }
        Self { told, len: segment.cells.len() }
    }

    /// Sum of the counts' log densities, without their norms.
    pub(crate) fn value(&self) -> f64 {
        let values = self.told.iter().flat_map(|told| &told.value);
        values.take(self.len).sum()
    }

    /// Sums over the cells of a segment with `p` parameters.
    pub(crate) fn sums(&self, segment: &SegmentData, p: usize) -> Sums {
        let touched = touched(segment);
        let (n_touched, width) = (touched.len(), touched.len() + 1);
        let mut sums = Sums {
            week_gradient: vec![0.0; n_touched],
            week_weight: vec![0.0; n_touched],
            week_k: vec![0.0; n_touched],
            links: vec![0.0; p * width],
            touched,
            ..Sums::default()
        };
        let mut next = 0;
        for (at, cell) in segment.cells.iter().enumerate() {
            let (told, l) = (&self.told[at / LANES], at % LANES);
            let (slope, weight, share) = (told.slope[l], told.weight[l], told.share[l]);
            let by_theta = [share, told.by_c[l], 1.0 - share];
            let by_k = told.by_k[l];
            sums.value += told.value[l];
            for a in 0..p {
                sums.gradient[a] += slope * by_theta[a];
                let weighted = weight * by_theta[a];
                for b in 0..=a {
                    sums.information[a][b] += weighted * by_theta[b];
                }
                sums.links[a * width + n_touched] += weighted * by_k;
            }
            sums.k_gradient += slope * by_k;
            sums.k_information += weight * by_k * by_k;
            if cell.to == cell.from {
                continue;
            }
            // Cells mostly come in order of time, each week once.
            if sums.touched.get(next) != Some(&cell.from) {
                next = sums.touched.binary_search(&cell.from).expect("its weeks are listed");
            }
            let first = next;
            let long = cell.to - cell.from;
            next = first + long as usize;
            let share = share / f64::from(long);
            // Weeks of a cell are consecutive in `touched`, because all of them are listed.
            for t in first..next {
                sums.week_gradient[t] += slope * share;
                sums.week_k[t] += weight * share * by_k;
                for a in 0..p {
                    sums.links[a * width + t] += weight * share * by_theta[a];
                }
                if long == 1 {
                    sums.week_weight[t] += weight * share * share;
                } else {
                    for u in first..=t {
                        let value = weight * share * share;
                        sums.week_information.push((sums.touched[t], sums.touched[u], value));
                    }
                }
            }
        }
        for a in 0..p {
            for b in 0..a {
                sums.information[b][a] = sums.information[a][b];
            }
        }
        sums
    }
}

impl Contribution {
    /// Puts one cell's own answer in its place.
    fn put(&mut self, l: usize, count: Count, mean: &CellMean, phi: f64) {
        let score = count_score(count, mean.mu, phi);
        (self.value[l], self.slope[l], self.weight[l]) = (score.value, score.slope, score.weight);
        (self.share[l], self.by_c[l]) = (mean.by_theta[0], mean.by_theta[1]);
        self.by_k[l] = mean.by_k;
    }
}

/// Weeks of a segment's cells, ascending, each once.
fn touched(segment: &SegmentData) -> Vec<u32> {
    let mut touched: Vec<u32> = Vec::with_capacity(segment.cells.len());
    touched.extend(segment.cells.iter().flat_map(|cell| cell.from..cell.to));
    touched.sort_unstable();
    touched.dedup();
    touched
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Seed;
    use crate::train::data::design::{Design, Layers};
    use crate::train::data::specification::Specification;
    use crate::train::density::hyper::HyperSpace;
    use crate::train::density::state::Layout;
    use crate::train::worlds::{Settings, world};

    /// Log density, and its slopes in the parameters and log fall, one cell after the other.
    fn one_by_one(problem: &Problem<'_>, i: usize, state: &State) -> (f64, [f64; 4]) {
        let segment = &problem.design.segments[i];
        let (p, n) = (problem.layout.p, segment.network);
        let own = &state.networks[n];
        let k = shape_of(own[problem.layout.weeks[n] + problem.layout.log_fall()]);
        let (theta, phi) = (&state.theta[i], problem.hyper.phi[n]);
        let memory = &problem.hyper.memory;
        let usual = steady_shape(theta[1], k, memory);
        let (mut value, mut slopes) = (0.0, [0.0; 4]);
        for cell in &segment.cells {
            let mean = cell_mean(cell, theta, k, memory, usual, own, p);
            let score = count_score(cell.count, mean.mu, phi);
            value += score.value;
            for a in 0..p {
                slopes[a] += score.slope * mean.by_theta[a];
            }
            slopes[3] += score.slope * mean.by_k;
        }
        (value, slopes)
    }

    #[test]
    fn norms_of_all_cells_are_those_one_by_one() {
        let mut panel = world(&Settings::default(), Seed(5)).panel;
        panel.cells[3].censored = panel.cells[3].actions.active_kinds();
        let specification = Specification::default();
        let layers = Layers::new(&panel, &specification).unwrap();
        let design = Design::new(&panel, &specification, &layers).unwrap();
        for segment in &design.segments {
            for phi in [0.02, 1.0, 7.5, 300.0] {
                let cells = segment.cells.iter();
                let one: f64 =
                    cells.map(|c| crate::train::density::likelihood::norm(c.count, phi)).sum();
                let all = Lot::of(segment).norm(phi);
                assert!((all - one).abs() < 1e-10 * (1.0 + one.abs()), "{all} {one}");
            }
        }
    }

    #[test]
    fn side_by_side_is_one_by_one() {
        for (baseline, log_fall) in [(false, 0.7), (true, 0.7), (true, -0.8), (false, 0.0)] {
            let mut panel = world(&Settings { baseline, ..Settings::default() }, Seed(5)).panel;
            // A suppressed count and money that the platform divided are put in their places.
            panel.cells[3].censored = panel.cells[3].actions.active_kinds();
            panel.cells[7].from_breakdown = true;
            let specification =
                Specification { baseline: baseline.into(), ..Specification::default() };
            let layers = Layers::new(&panel, &specification).unwrap();
            let design = Design::new(&panel, &specification, &layers).unwrap();
            let (layout, space) = (Layout::new(&design), HyperSpace::new(&design, &specification));
            let hyper = space.decode(&space.start());
            let problem = Problem::new(&design, &layout, &specification, hyper);
            let mut state = State::start(&design, &layout, &specification);
            for (n, own) in state.networks.iter_mut().enumerate() {
                own[layout.weeks[n] + layout.log_fall()] = log_fall;
            }
            for (i, segment) in design.segments.iter().enumerate() {
                let cells = Cells::at(&problem, i, &state);
                let (value, slopes) = one_by_one(&problem, i, &state);
                let near = |a: f64, b: f64| (a - b).abs() < 1e-9 * (1.0 + b.abs());
                assert!(near(cells.value(), value), "{i}: {} {value}", cells.value());
                let sums = cells.sums(segment, layout.p);
                assert!(near(sums.value, value) && near(sums.k_gradient, slopes[3]));
                for a in 0..layout.p {
                    assert!(near(sums.gradient[a], slopes[a]), "{i} {a}");
                }
            }
        }
    }
}
