//! One segment's likelihood along its saturation, tabled: what a normal cannot say of it.
//!
//! Of a curve that the data see little of, the likelihood in the log half-saturation `c` is flat to
//! one side and steep to the other, and it leans on its network's log fall along a bent ridge. Given
//! `c` and log fall, the log level `r` is nearly normal. So nodes of `(c, log fall)` keep the
//! likelihood at the level most probable there, with its slope and information in the level; the
//! level's skewness enters its slope to first order. A draw multiplies that by *its own* prior and
//! draws `c`, then `r`.
//!
//! Nodes follow the ridge: at each log fall they stand around the `c` that goes with it. `c` is drawn
//! from a lattice with a random start, nine tenths of a conditional standard deviation between points: sums over
//! such a lattice hardly depend on where it starts (Poisson's summation formula: to 1e-8 for a
//! normal), so its points, drawn by their density, follow the law itself.

use crate::numeric::digits::short;
use crate::train::density::cells::{form, level, silent};
use crate::train::density::likelihood::{count_score, shape_of, steady_shape};
use crate::train::density::state::Problem;
use crate::train::laplace::fit::{Fitted, Profile};
use rand::{Rng, RngExt};
use rand_distr::{Distribution, StandardNormal};

/// Nodes along saturation, and of log fall.
const NODES: usize = 9;
const FALLS: usize = 3;
/// Distances of the nodes, in standard deviations of the joint normal law: of `c` given log fall, and
/// of log fall.
const APART: f64 = 1.3;
const FALLS_APART: f64 = 1.4;
/// Cells of a panel up to which its segments are tabled: where there are more, draws of each segment
/// would weigh more than its rows do.
pub(crate) const MOST_CELLS: usize = 120_000;

/// Where a segment's table stands: its mode, and the joint normal law of `c` and log fall.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stand {
    pub variance: f64,
    pub with_fall: f64,
    pub fall_variance: f64,
}

/// Prior of the level given saturation, at the mode of the hyper-parameters.
struct Around {
    mean: [f64; 3],
    lean: f64,
    precision: f64,
}

impl Profile {
    /// Tables segment `i`.
    pub(crate) fn new(
        problem: &Problem<'_>,
        fitted: &Fitted,
        i: usize,
        stand: Stand,
    ) -> Option<Self> {
        let (segment, layout) = (&problem.design.segments[i], &fitted.layout);
        let own = &fitted.state.networks[segment.network];
        let fall = own[layout.weeks[segment.network] + layout.log_fall()];
        let [_, c, _] = fitted.state.theta[i];
        let lean = stand.with_fall / stand.fall_variance.max(1e-12);
        let given = stand.variance - lean * stand.with_fall;
        let (step, fall_step) =
            (APART * given.max(1e-8).sqrt(), FALLS_APART * stand.fall_variance.max(1e-6).sqrt());
        let hyper = &problem.hyper;
        let around = Around {
            mean: crate::train::density::state::prior_mean(
                problem.design,
                layout,
                &fitted.state,
                segment,
            ),
            lean: hyper.correlation * hyper.tau[0] / hyper.tau[1],
            precision: (hyper.tau[0].powi(2) * (1.0 - hyper.correlation.powi(2))).recip(),
        };
        let mut table = Self {
            middle: short(c),
            step: short(step),
            lean: short(lean),
            fall: short(fall),
            fall_step: short(fall_step),
            value: Vec::with_capacity(FALLS * NODES),
            level: Vec::with_capacity(FALLS * NODES),
            slope: Vec::with_capacity(FALLS * NODES),
            known: Vec::with_capacity(FALLS * NODES),
        };
        let mut cells = Tabled::new(problem, fitted, i);
        for f in 0..FALLS {
            let by = (f as f64 - 1.0) * fall_step;
            let k = shape_of(fall + by);
            let mut level = fitted.state.theta[i][0];
            for j in 0..NODES {
                let c = c + lean * by + (j as f64 - 0.5 * (NODES as f64 - 1.0)) * step;
                cells.at(c, k);
                let node = cells.node(level, c, &around);
                level = node[1];
                for (column, x) in
                    [&mut table.value, &mut table.level, &mut table.slope, &mut table.known]
                        .into_iter()
                        .zip(node)
                {
                    column.push(x);
                }
            }
        }
        let most = table.value.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        table.value.iter_mut().for_each(|x| *x -= most);
        let all = [&mut table.value, &mut table.level, &mut table.slope, &mut table.known];
        for x in all.into_iter().flatten() {
            *x = short(*x);
        }
        table.check().is_ok().then_some(table)
    }

    /// Sizes and ranges of everything that drawing indexes or divides by.
    pub(crate) fn check(&self) -> Result<(), String> {
        use crate::numeric::digits::within;
        within("profile middle", self.middle, -1e3, 1e3)?;
        within("profile step", self.step, 1e-9, 1e3)?;
        within("profile lean", self.lean, -1e6, 1e6)?;
        within("profile fall", self.fall, -1e3, 1e3)?;
        within("profile fall step", self.fall_step, 1e-9, 1e3)?;
        for column in [&self.value, &self.level, &self.slope, &self.known] {
            if column.len() != FALLS * NODES {
                return Err(format!("a profile has {} nodes", column.len()));
            }
            column.iter().try_for_each(|x| within("profile", *x, -1e9, 1e9))?;
        }
        Ok(())
    }

    /// The table at a log fall: a parabola through its three.
    fn at_fall(&self, fall: f64) -> ProfileRow {
        let x = ((fall - self.fall) / self.fall_step).clamp(-1.8, 1.8);
        let weights = [0.5 * x * (x - 1.0), 1.0 - x * x, 0.5 * x * (x + 1.0)];
        let of = |column: &[f64]| -> [f64; NODES] {
            std::array::from_fn(|j| (0..FALLS).map(|f| weights[f] * column[f * NODES + j]).sum())
        };
        ProfileRow {
            middle: self.middle + self.lean * x * self.fall_step,
            step: self.step,
            columns: [of(&self.value), of(&self.level), of(&self.slope), of(&self.known)],
        }
    }

    /// One draw of `(r, c)`.
    ///
    /// `fall` is the draw's own, `prior` the prior of this draw, `tilt` what the weeks' effects add
    /// to the slopes in `r` and `c`, `guess` where a normal has `c` and how wide.
    pub(crate) fn draw(
        &self,
        fall: f64,
        prior: &Bivariate,
        tilt: Tilt,
        guess: (f64, f64),
        rng: &mut impl Rng,
    ) -> (f64, f64) {
        let row = self.at_fall(fall);
        let start: f64 = rng.random();
        let mut points = [Point::default(); LATTICE];
        let mut most = f64::NEG_INFINITY;
        for (at, point) in points.iter_mut().enumerate() {
            let c = guess.0 + guess.1 * SPACING * (at as f64 - 0.5 * LATTICE as f64 + start);
            *point = row.point(c, prior, tilt);
            most = most.max(point.log);
        }
        let mut total = 0.0;
        for point in &mut points {
            point.log = (point.log - most).exp();
            total += point.log;
        }
        let mut left = rng.random::<f64>() * total;
        let chosen = points.iter().find(|point| {
            left -= point.log;
            left <= 0.0
        });
        let chosen = chosen.unwrap_or(&points[LATTICE / 2]);
        let z: f64 = StandardNormal.sample(rng);
        (chosen.mean + chosen.sd * z, chosen.c)
    }
}

/// Points of the lattice and their distance, in the guessed standard deviations.
const LATTICE: usize = 14;
const SPACING: f64 = 0.9;

/// The prior of `(r, c)` of one draw.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bivariate {
    pub mean: [f64; 2],
    pub tau: [f64; 2],
    pub correlation: f64,
}

/// Slopes in `r` and `c` around a mode.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tilt {
    pub by: [f64; 2],
    pub mode: [f64; 2],
}

/// A point of the lattice: its log density (then its weight), and the level's law there.
#[derive(Debug, Clone, Copy, Default)]
struct Point {
    c: f64,
    log: f64,
    mean: f64,
    sd: f64,
}

/// The table at one log fall.
struct ProfileRow {
    middle: f64,
    step: f64,
    columns: [[f64; NODES]; 4],
}

impl ProfileRow {
    /// The four columns at a `c`: cubics through four nodes; beyond the nodes the likelihood goes on
    /// with the slope of its end, the rest stays.
    fn read(&self, c: f64) -> [f64; 4] {
        let last = (NODES - 1) as f64;
        let place = (c - self.middle) / self.step + 0.5 * last;
        let within = place.clamp(0.0, last);
        let from = (within.floor() - 1.0).clamp(0.0, last - 3.0);
        let (x, from) = (within - from, from as usize);
        let (a, b, c, d) = (x, x - 1.0, x - 2.0, x - 3.0);
        let weights = [b * c * d / -6.0, 0.5 * a * c * d, -0.5 * a * b * d, a * b * c / 6.0];
        let mut read: [f64; 4] = std::array::from_fn(|column| {
            let nodes = &self.columns[column][from..from + 4];
            nodes.iter().zip(&weights).map(|(x, w)| x * w).sum()
        });
        let value = &self.columns[0];
        if place < 0.0 {
            read[0] += place * (value[1] - value[0]).max(0.0);
        } else if place > last {
            read[0] += (place - last) * (value[NODES - 1] - value[NODES - 2]).min(0.0);
        }
        read
    }

    /// Density of `c` with the level integrated out, and the level's law there.
    fn point(&self, c: f64, prior: &Bivariate, tilt: Tilt) -> Point {
        let [value, level, slope, known] = self.read(c);
        let known = known.max(0.0);
        let Bivariate { mean, tau, correlation } = *prior;
        let away = c - mean[1];
        let variance = tau[0] * tau[0] * (1.0 - correlation * correlation);
        let expected = mean[0] + correlation * tau[0] / tau[1] * away;
        let (precision, off) = (variance.recip(), expected - level);
        let both = known + precision;
        let pull = slope + tilt.by[0] + precision * off;
        let log = value + tilt.by[0] * (level - tilt.mode[0]) + tilt.by[1] * (c - tilt.mode[1])
            - 0.5 * (known * variance).ln_1p()
            - 0.5 * precision * off * off
            + 0.5 * pull * pull / both
            - 0.5 * (away / tau[1]).powi(2);
        let log = if log.is_finite() { log } else { -1e300 };
        Point { c, log, mean: level + pull / both, sd: both.recip().sqrt() }
    }
}

/// A segment's cells at a `(c, k)`: their means but for the level.
struct Tabled<'a> {
    problem: &'a Problem<'a>,
    fitted: &'a Fitted,
    i: usize,
    /// Mean at a level of 0, one per cell; 0 where no money speaks.
    means: Vec<f64>,
}

impl<'a> Tabled<'a> {
    fn new(problem: &'a Problem<'a>, fitted: &'a Fitted, i: usize) -> Self {
        Self { problem, fitted, i, means: Vec::new() }
    }

    fn at(&mut self, c: f64, k: f64) {
        let segment = &self.problem.design.segments[self.i];
        let own = &self.fitted.state.networks[segment.network];
        let memory = &self.problem.hyper.memory;
        let usual = steady_shape(c, k, memory);
        self.means.clear();
        for cell in &segment.cells {
            if silent(cell) {
                self.means.push(0.0);
                continue;
            }
            let form = form(cell, c, k, memory, usual).log;
            let level = level(cell, own);
            self.means.push(cell.weeks * (level + form).clamp(-60.0, 60.0).exp());
        }
    }

    /// Value, slope, information and third derivative of the likelihood in the level.
    fn evaluate(&self, level: f64) -> [f64; 4] {
        let segment = &self.problem.design.segments[self.i];
        let phi = self.problem.hyper.phi[segment.network];
        let (rise, mut sum) = (level.clamp(-60.0, 60.0).exp(), [0.0; 4]);
        for (cell, mean) in segment.cells.iter().zip(&self.means) {
            if *mean <= 0.0 {
                continue;
            }
            let mu = mean * rise;
            let score = count_score(cell.count, mu, phi);
            sum[0] += score.value;
            sum[1] += score.slope;
            if cell.count.high > cell.count.low {
                sum[2] += score.weight;
            } else {
                // d/dη of (y − μ)φ/(μ + φ), and of that.
                let bend = phi * (phi + cell.count.low) * mu / (mu + phi).powi(2);
                sum[2] += bend;
                sum[3] -= bend * (phi - mu) / (mu + phi);
            }
        }
        sum
    }

    /// A node: value, level, slope, information at the level most probable under the prior.
    fn node(&self, start: f64, c: f64, around: &Around) -> [f64; 4] {
        let expected = around.mean[0] + around.lean * (c - around.mean[1]);
        let mut level = start;
        let mut told = self.evaluate(level);
        for _ in 0..6 {
            let step =
                (told[1] - around.precision * (level - expected)) / (told[2] + around.precision);
            level += step.clamp(-2.0, 2.0);
            told = self.evaluate(level);
            // What is left of the step is in the slope that is kept.
            if step.abs() < 0.1 / (told[2] + around.precision).sqrt() {
                break;
            }
        }
        let [value, slope, known, third] = told;
        [value, level, slope + 0.5 * third / (known + around.precision), known]
    }
}
