//! What of a fit is kept: enough to draw jointly from the posterior, and little more.
//!
//! Shared part: means, Cholesky factors and movements with `ψ`. Segments: the likelihood alone as
//! a Gaussian in `(r, c[, b])`, so that each draw combines it with *its own* prior (scales
//! included), plus links to the network's `log fall` and to a few scores of its week effects.

#![allow(clippy::needless_range_loop, reason = "indices are those of the formulas")]

use crate::numeric::digits::short;
use crate::train::laplace::fit::Axis;
use crate::train::laplace::fit::Fitted;
use crate::train::laplace::fit::Narrow;
use crate::train::laplace::fit::Shift;

use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::numeric::linalg::{dot, partial_cholesky, solve_lower, solve_upper};
use crate::random::{Purpose, Seed};
use crate::train::data::design::Design;
use crate::train::density::hyper::Scale;
use crate::train::laplace::fit::Profile;
use crate::train::laplace::skew_normal::SkewNormal;
use crate::train::laplace::tails::{Law, NORMAL, Tail};

/// Scores of week effects kept per network: more than these the segments' links hardly span.
const SCORES: usize = 5;

/// The joint posterior, as stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Posterior {
    pub psi: Vec<Psi>,
    /// Uncorrelated directions of `ψ` around its mode.
    pub axes: Vec<PsiAxis>,
    /// Parameters per segment: 2, or 3 with the organic baseline.
    pub p: usize,
    pub harmonics: usize,
    pub common: Vec<f64>,
    /// Lower Cholesky factor of the common block's precision, packed by rows.
    pub common_factor: Vec<f64>,
    pub networks: Vec<NetworkPosterior>,
    pub segments: Vec<SegmentPosterior>,
    /// Joint draws of the reference engine; empty for the nested engine. Each is `ψ`, common,
    /// each network's rest, then `(r, c[, b])` of every segment.
    pub draws: Vec<Vec<f64>>,
    /// What outside tests left of it; empty without any.
    #[serde(default, skip_serializing_if = "Particles::is_empty")]
    pub particles: Particles,
}

/// A posterior as equally weighed points, each told by the numbers that it is drawn from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Particles {
    /// Segments whose own numbers are part of the points, ascending.
    pub segments: Vec<usize>,
    pub points: Vec<Particle>,
}

/// One point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Particle {
    /// Which of the reference engine's draws it goes back to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stored: Option<usize>,
    /// Standard normals: those of the shared part, then one per network for its incremental share.
    pub normals: Vec<f64>,
    /// What the stream of each of those segments begins with.
    pub streams: Vec<u32>,
}

impl Particles {
    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// The stream of a segment's own numbers in a point; `None` where no test is about it.
    pub(crate) fn stream(&self, point: usize, segment: usize) -> Option<ChaCha8Rng> {
        let at = self.segments.binary_search(&segment).ok()?;
        Some(own_stream(self.points[point].streams[at], segment))
    }
}

/// The stream of a segment's own numbers in a point of a posterior.
pub(crate) fn own_stream(number: u32, segment: usize) -> ChaCha8Rng {
    Seed(u64::from(number)).stream(Purpose::Evidence, segment as u64)
}

/// One hyper-parameter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Psi {
    pub name: String,
    pub scale: Scale,
    pub mode: f64,
    pub below: f64,
    pub above: f64,
    /// No draw goes beyond these.
    pub least: f64,
    pub most: f64,
}

/// One direction of the posterior of `ψ`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PsiAxis {
    /// Movement of every hyper-parameter per standard deviation.
    pub direction: Vec<f64>,
    /// Spreads to both sides against that one, and the powers their tails fall with (`tails`).
    pub below: f64,
    pub above: f64,
    #[serde(default = "normal_power")]
    pub below_power: f64,
    #[serde(default = "normal_power")]
    pub above_power: f64,
    /// Movement of the common block, then of each network's rest and scores; empty: none.
    pub shift: Vec<f64>,
    /// What is added to it per standard deviation to either side; empty: nothing.
    #[serde(default)]
    pub bend: Vec<f64>,
    /// Logs of the pivots of the precision of the common block and of each network's rest, per
    /// standard deviation, and what is added to either side; empty: they stay.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub narrow: Vec<f64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub narrow_bend: Vec<f64>,
}

/// One network's shared effects.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NetworkPosterior {
    pub name: String,
    /// First week's index, and how many weeks the history has.
    pub first_week: i64,
    pub n_weeks: usize,
    /// Effects, log fall, season deviations, drift knots.
    pub rest: Vec<f64>,
    /// Factor of the rest's precision, packed by rows.
    pub factor: Vec<f64>,
    /// `common × rest`: the common block's rows of the same factor.
    pub links: Vec<f64>,
    /// Number of scores, and the map `scores × (rest + common)`.
    pub scores: usize,
    pub score_map: Vec<f64>,
    /// Cholesky factor of the scores' covariance given rest and common, packed by rows.
    pub score_factor: Vec<f64>,
    /// Standard deviation of log fall given the hyper-parameters, and how it leans (`skew_normal`).
    #[serde(default)]
    pub fall_sd: f64,
    #[serde(default)]
    pub fall_lean: f64,
}

/// One segment's likelihood and where it hangs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SegmentPosterior {
    pub network: usize,
    /// Usual weekly spend.
    pub reference: f64,
    pub log_usual: f64,
    pub reach_hint: Option<f64>,
    pub levels: Vec<Option<usize>>,
    /// Mode of `(r, c[, b])`.
    pub mode: Vec<f64>,
    /// Gradient and information of the likelihood there (information packed by rows).
    pub gradient: Vec<f64>,
    pub information: Vec<f64>,
    /// Links to the scores, then to log fall: `p × (scores + 1)`.
    pub links: Vec<f64>,
    /// What the segment's own movement adds to the variance of its level now.
    pub level_variance: f64,
    /// The likelihood along saturation where it was tabled, and what is added to its slopes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tilt: Vec<f64>,
}

fn shorten(values: &mut [f64]) {
    for value in values {
        *value = short(*value);
    }
}

/// Lower triangle by rows of the leading `n` of a matrix with rows of length `stride`.
fn pack(matrix: &[f64], stride: usize, n: usize) -> Vec<f64> {
    (0..n).flat_map(|i| matrix[i * stride..=i * stride + i].iter().map(|x| short(*x))).collect()
}

/// Full rows from a packed lower triangle.
pub(crate) fn unpack(packed: &[f64], n: usize) -> Vec<f64> {
    let mut full = vec![0.0; n * n];
    let mut at = 0;
    for i in 0..n {
        full[i * n..=i * n + i].copy_from_slice(&packed[at..=at + i]);
        at += i + 1;
    }
    full
}

impl Posterior {
    /// Keeps what is needed of a fit.
    pub(crate) fn new(design: &Design, fitted: &Fitted) -> Self {
        let layout = &fitted.layout;
        let bases: Vec<Vec<f64>> =
            (0..design.networks.len()).map(|n| basis(design, fitted, n)).collect();
        let networks: Vec<NetworkPosterior> =
            (0..design.networks.len()).map(|n| network(design, fitted, n, &bases[n])).collect();
        let mut common = fitted.state.common.clone();
        if let Some(centre) = &fitted.centre {
            common.iter_mut().zip(&centre.common).for_each(|(x, by)| *x += by);
        }
        shorten(&mut common);
        let psi = fitted
            .space
            .parameters
            .iter()
            .enumerate()
            .map(|(i, parameter)| Psi {
                name: parameter.name.clone(),
                scale: parameter.scale(),
                mode: short(fitted.psi[i]),
                below: short(fitted.spread(i).0),
                above: short(fitted.spread(i).1),
                least: short(parameter.bounds().0),
                most: short(parameter.bounds().1),
            })
            .collect();
        Self {
            psi,
            axes: fitted.axes.iter().map(|axis| PsiAxis::new(axis, fitted, &bases)).collect(),
            p: layout.p,
            harmonics: layout.harmonics,
            common_factor: pack(&fitted.assembly.common, layout.common, layout.common),
            common,
            networks,
            segments: (0..design.segments.len())
                .map(|i| segment(design, fitted, i, &bases))
                .collect(),
            draws: Vec::new(),
            particles: Particles::default(),
        }
    }
}

/// What files without powers mean.
fn normal_power() -> f64 {
    NORMAL
}

impl PsiAxis {
    /// How the posterior falls below and above.
    pub(crate) fn tails(&self) -> (Tail, Tail) {
        let below = Tail { spread: self.below, power: self.below_power };
        (below, Tail { spread: self.above, power: self.above_power })
    }

    fn new(axis: &Axis, fitted: &Fitted, bases: &[Vec<f64>]) -> Self {
        let flat = |shift: &Option<Shift>| {
            shift.as_ref().map_or_else(Vec::new, |shift| flatten(shift, fitted, bases))
        };
        let pivots = |of: fn(&Narrow) -> &Vec<f64>| {
            axis.narrow
                .as_ref()
                .map_or_else(Vec::new, |x| of(x).iter().map(|x| short(*x)).collect())
        };
        Self {
            narrow: pivots(|narrow| &narrow.straight),
            narrow_bend: pivots(|narrow| &narrow.bent),
            direction: axis.direction.iter().map(|x| short(*x)).collect(),
            below: short(axis.below.spread),
            above: short(axis.above.spread),
            below_power: short(axis.below.power),
            above_power: short(axis.above.power),
            shift: flat(&axis.shift),
            bend: flat(&axis.bend),
        }
    }
}

/// Movement as one vector: common, then rest and scores of each network.
fn flatten(shift: &Shift, fitted: &Fitted, bases: &[Vec<f64>]) -> Vec<f64> {
    let mut flat: Vec<f64> = shift.common.iter().map(|x| short(*x)).collect();
    for (n, own) in shift.networks.iter().enumerate() {
        let weeks = fitted.layout.weeks[n];
        flat.extend(own[weeks..].iter().map(|x| short(*x)));
        if weeks > 0 {
            flat.extend(bases[n].chunks(weeks).map(|row| short(dot(row, &own[..weeks]))));
        }
    }
    flat
}

/// Directions of a network's week effects that its segments lean on most: the leading
/// eigenvectors of the sum of their links' squares (orthogonal iteration), `scores × weeks`.
fn basis(design: &Design, fitted: &Fitted, n: usize) -> Vec<f64> {
    let weeks = fitted.layout.weeks[n];
    let scores = SCORES.min(weeks);
    if scores == 0 {
        return Vec::new();
    }
    let mut square = vec![0.0; weeks * weeks];
    for &i in &design.networks[n].segments {
        let block = &fitted.assembly.blocks[i];
        let width = block.touched.len() + 1;
        // Links of the level over its information: how far the segment's level moves.
        let scale = 1.0 / block.information[0][0].max(1e-9);
        let row = &block.week_links[..width - 1];
        for (a, x) in block.touched.iter().zip(row) {
            for (b, y) in block.touched.iter().zip(row) {
                square[*a as usize * weeks + *b as usize] += x * y * scale;
            }
        }
    }
    // Starting directions that no history is orthogonal to: cosines.
    let mut rows: Vec<Vec<f64>> = (0..scores)
        .map(|s| {
            (0..weeks)
                .map(|t| (std::f64::consts::PI * s as f64 * (t as f64 + 0.5) / weeks as f64).cos())
                .collect()
        })
        .collect();
    for _ in 0..40 {
        rows = rows
            .iter()
            .map(|row| (0..weeks).map(|t| dot(&square[t * weeks..(t + 1) * weeks], row)).collect())
            .collect();
        orthonormalise(&mut rows);
    }
    rows.concat()
}

fn orthonormalise(rows: &mut [Vec<f64>]) {
    for i in 0..rows.len() {
        let (done, rest) = rows.split_at_mut(i);
        let row = &mut rest[0];
        let before = dot(row, row).sqrt();
        for other in done.iter() {
            let along = dot(row, other);
            for (x, y) in row.iter_mut().zip(other) {
                *x -= along * y;
            }
        }
        let length = dot(row, row).sqrt();
        // A direction that the earlier ones span adds nothing.
        let keep = length > 1e-10 * before.max(1e-300) && length > 0.0;
        for x in row.iter_mut() {
            *x = if keep { *x / length } else { 0.0 };
        }
    }
}

fn network(design: &Design, fitted: &Fitted, n: usize, basis: &[f64]) -> NetworkPosterior {
    let layout = &fitted.layout;
    let (weeks, rest, common) = (layout.weeks[n], layout.rest(n), layout.common);
    let (own, size) = (layout.own(n), layout.own(n) + common);
    let matrix = &fitted.assembly.factors[n];
    let mut factor = Vec::with_capacity(rest * (rest + 1) / 2);
    for a in 0..rest {
        let row = &matrix[(weeks + a) * size + weeks..=(weeks + a) * size + weeks + a];
        factor.extend(row.iter().map(|x| short(*x)));
    }
    let links = (0..common)
        .flat_map(|a| {
            let row = &matrix[(own + a) * size + weeks..(own + a) * size + own];
            row.iter().map(|x| short(*x))
        })
        .collect();
    let scores = basis.len().checked_div(weeks).unwrap_or(0);
    // Given rest and common: δℓ = −L⁻ᵀ L₂₁ᵀ δ + L⁻ᵀ ε, with L the weeks' own factor.
    let mut score_map = Vec::with_capacity(scores * (rest + common));
    let mut solved: Vec<Vec<f64>> = Vec::with_capacity(scores);
    for s in 0..scores {
        let mut x = basis[s * weeks..(s + 1) * weeks].to_vec();
        solve_lower(matrix, size, weeks, &mut x);
        for a in 0..rest + common {
            let row = &matrix[(weeks + a) * size..(weeks + a) * size + weeks];
            score_map.push(short(-dot(row, &x)));
        }
        solved.push(x);
    }
    let mut covariance = vec![0.0; scores * scores];
    for a in 0..scores {
        for b in 0..=a {
            covariance[a * scores + b] = dot(&solved[a], &solved[b]);
        }
        covariance[a * scores + a] += 1e-14;
    }
    let _ = partial_cholesky(&mut covariance, scores, scores)
        .expect("a Gram matrix with a trace on its diagonal is positive definite");
    let mut kept = fitted.state.networks[n][weeks..].to_vec();
    if let Some(centre) = &fitted.centre {
        kept.iter_mut().zip(&centre.networks[n][weeks..]).for_each(|(x, by)| *x += by);
    }
    shorten(&mut kept);
    let (fall_sd, fall_lean) = fitted.centre.as_ref().map_or((0.0, 0.0), |centre| centre.falls[n]);
    NetworkPosterior {
        name: design.networks[n].name.clone(),
        first_week: design.networks[n].first_week,
        n_weeks: weeks,
        rest: kept,
        factor,
        links,
        scores,
        score_map,
        score_factor: pack(&covariance, scores, scores),
        fall_sd: short(fall_sd),
        fall_lean: short(fall_lean),
    }
}

fn segment(design: &Design, fitted: &Fitted, i: usize, bases: &[Vec<f64>]) -> SegmentPosterior {
    let data = &design.segments[i];
    let block = &fitted.assembly.blocks[i];
    let p = fitted.layout.p;
    let weeks = fitted.layout.weeks[data.network];
    let basis = &bases[data.network];
    let scores = basis.len().checked_div(weeks).unwrap_or(0);
    let width = block.touched.len() + 1;
    let mut links = Vec::with_capacity(p * (scores + 1));
    for a in 0..p {
        let row = &block.week_links[a * width..(a + 1) * width];
        for s in 0..scores {
            let along: f64 = block
                .touched
                .iter()
                .zip(row)
                .map(|(t, x)| x * basis[s * weeks + *t as usize])
                .sum();
            links.push(short(along));
        }
        links.push(short(row[width - 1]));
    }
    // Corrected by the exact likelihood where that was done.
    let site = fitted.sites.get(i);
    let matrix = site.map_or(&block.information, |site| &site.information);
    let mut slope = site.map_or(block.likelihood_gradient, |site| site.gradient);
    if let Some(centre) = &fitted.centre {
        slope.iter_mut().zip(centre.theta[i]).for_each(|(x, by)| *x += by);
    }
    let mut information = Vec::new();
    for a in 0..p {
        information.extend((0..=a).map(|b| short(matrix[a][b])));
    }
    let keep = |values: &[f64; 3]| values[..p].iter().map(|x| short(*x)).collect::<Vec<f64>>();
    let table = fitted.centre.as_ref().and_then(|centre| centre.profiles[i].as_ref());
    SegmentPosterior {
        profile: table.map(|(profile, _)| profile.clone()),
        tilt: table.map_or_else(Vec::new, |(_, tilt)| tilt.map(short).to_vec()),
        network: data.network,
        reference: short(data.reference),
        log_usual: short(data.log_usual),
        reach_hint: data.reach_hint.map(short),
        levels: data.levels.clone(),
        mode: keep(&fitted.state.theta[i]),
        gradient: keep(&slope),
        information,
        links,
        level_variance: short(data.level_variance),
    }
}

/// One joint draw of the shared part.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    pub psi: Vec<f64>,
    pub common: Vec<f64>,
    /// Deviations from the mode: rest and scores of each network.
    pub rest: Vec<Vec<f64>>,
    pub scores: Vec<Vec<f64>>,
}

/// The factors of a posterior, unpacked once for many draws.
pub(crate) struct Factors {
    laws: Vec<Law>,
    common: Vec<f64>,
    rest: Vec<Vec<f64>>,
    scores: Vec<Vec<f64>>,
}

impl Posterior {
    /// Unpacks the factors.
    pub(crate) fn factors(&self) -> Factors {
        let law = |axis: &PsiAxis| {
            let (below, above) = axis.tails();
            Law::new(below, above)
        };
        Factors {
            laws: self.axes.iter().map(law).collect(),
            common: unpack(&self.common_factor, self.common.len()),
            rest: self.networks.iter().map(|n| unpack(&n.factor, n.rest.len())).collect(),
            scores: self.networks.iter().map(|n| unpack(&n.score_factor, n.scores)).collect(),
        }
    }

    /// One joint draw of the shared part; `normal` hands out standard normals.
    pub(crate) fn shared(&self, factors: &Factors, normal: &mut impl FnMut() -> f64) -> Shared {
        let along: Vec<f64> = factors
            .laws
            .iter()
            .map(|law| {
                let z: f64 = normal();
                law.draw(z, phi(normal()))
            })
            .collect();
        let mut psi: Vec<f64> = self.psi.iter().map(|psi| psi.mode).collect();
        for (axis, by) in self.axes.iter().zip(&along) {
            psi.iter_mut().zip(&axis.direction).for_each(|(x, per)| *x += by * per);
        }
        for (x, psi) in psi.iter_mut().zip(&self.psi) {
            *x = x.min(psi.most.max(psi.mode)).max(psi.least.min(psi.mode));
        }
        self.shared_at(factors, psi, &along, normal)
    }

    /// One joint draw of the shared effects given `psi`, which lies `along` its axes.
    fn shared_at(
        &self,
        factors: &Factors,
        psi: Vec<f64>,
        along: &[f64],
        normal: &mut impl FnMut() -> f64,
    ) -> Shared {
        let n_common = self.common.len();
        let mut room = self.room(along).into_iter();
        let mut wide = || room.next().unwrap_or(1.0);
        let mut common: Vec<f64> = (0..n_common).map(|_| wide() * normal()).collect();
        solve_upper(&factors.common, n_common, n_common, &mut common);
        let mut rest = Vec::with_capacity(self.networks.len());
        let mut scores = Vec::with_capacity(self.networks.len());
        for (n, network) in self.networks.iter().enumerate() {
            let size = network.rest.len();
            let mut own: Vec<f64> = (0..size).map(|_| wide() * normal()).collect();
            for (a, x) in common.iter().enumerate() {
                for (own, link) in own.iter_mut().zip(&network.links[a * size..(a + 1) * size]) {
                    *own -= link * x;
                }
            }
            solve_upper(&factors.rest[n], size, size, &mut own);
            own[self.p] = network.leant(own[self.p]);
            let noise: Vec<f64> = (0..network.scores).map(|_| normal()).collect();
            let width = size + n_common;
            let mut score: Vec<f64> = (0..network.scores)
                .map(|s| {
                    let map = &network.score_map[s * width..(s + 1) * width];
                    let row = &factors.scores[n][s * network.scores..=s * network.scores + s];
                    dot(&map[..size], &own) + dot(&map[size..], &common) + dot(row, &noise[..=s])
                })
                .collect();
            // Scores with no direction behind them stay 0.
            for value in &mut score {
                if !value.is_finite() {
                    *value = 0.0;
                }
            }
            rest.push(own);
            scores.push(score);
        }
        let mut shared = Shared { psi, common, rest, scores };
        self.shift(&mut shared, along);
        shared
    }

    /// Where the segments begin in a stored draw, and how long the draw is.
    pub(crate) fn stored_len(&self) -> (usize, usize) {
        let rest: usize = self.networks.iter().map(|network| network.rest.len()).sum();
        let shared = self.psi.len() + self.common.len() + rest;
        (shared, shared + self.p * self.segments.len())
    }

    /// The shared part of a stored draw.
    pub(crate) fn stored(&self, at: usize) -> Shared {
        let mut numbers = self.draws[at].iter().copied();
        let mut take = |n: usize| numbers.by_ref().take(n).collect::<Vec<f64>>();
        let (psi, common) = (take(self.psi.len()), take(self.common.len()));
        let rest = self
            .networks
            .iter()
            .map(|network| {
                let own = take(network.rest.len());
                own.iter().zip(&network.rest).map(|(x, mode)| x - mode).collect()
            })
            .collect();
        let scores = self.networks.iter().map(|network| vec![0.0; network.scores]).collect();
        Shared { psi, common, rest, scores }
    }

    /// One segment's parameters in a stored draw.
    pub(crate) fn stored_theta(&self, at: usize, segment: usize) -> [f64; 3] {
        let from = self.stored_len().0 + self.p * segment;
        let mut theta = [0.0; 3];
        theta[..self.p].copy_from_slice(&self.draws[at][from..from + self.p]);
        theta
    }

    /// How much wider than at the mode each number of the common block and of the networks' rests is,
    /// given the later ones, when its hyper-parameters lie `along` their axes.
    fn room(&self, along: &[f64]) -> Vec<f64> {
        let n = self.common.len() + self.networks.iter().map(|n| n.rest.len()).sum::<usize>();
        let mut logs = vec![0.0; n];
        for (axis, by) in self.axes.iter().zip(along) {
            // As far as movements go.
            let by = by.clamp(-FURTHEST, FURTHEST);
            for (log, (x, bend)) in logs.iter_mut().zip(axis.narrow.iter().zip(&axis.narrow_bend)) {
                *log += by * x + by.abs() * bend;
            }
        }
        logs.into_iter().map(|log| (-log).clamp(-1.5, 1.5).exp()).collect()
    }

    /// Moves a draw of the shared part with its hyper-parameters, `along` their axes.
    fn shift(&self, shared: &mut Shared, along: &[f64]) {
        for (axis, by) in self.axes.iter().zip(along) {
            if axis.shift.is_empty() {
                continue;
            }
            // Far beyond where it was measured a straight line no longer describes the movement.
            let by = by.clamp(-FURTHEST, FURTHEST);
            let bend = axis.bend.iter().copied().chain(std::iter::repeat(0.0));
            let mut moves = axis.shift.iter().zip(bend).map(|(x, bend)| by * x + by.abs() * bend);
            let pieces = shared.common.iter_mut().chain(
                shared
                    .rest
                    .iter_mut()
                    .zip(&mut shared.scores)
                    .flat_map(|(rest, scores)| rest.iter_mut().chain(scores.iter_mut())),
            );
            for piece in pieces {
                *piece += moves.next().unwrap_or(0.0);
            }
        }
        for (x, mode) in shared.common.iter_mut().zip(&self.common) {
            *x += mode;
        }
    }
}

impl NetworkPosterior {
    /// A normal movement of log fall as its own law has it: one more step towards a curve that ends
    /// changes less of what was seen than one back.
    fn leant(&self, by: f64) -> f64 {
        if self.fall_sd <= 0.0 {
            return by;
        }
        SkewNormal { mean: 0.0, sd: self.fall_sd, lean: self.fall_lean }.at(by / self.fall_sd)
    }
}

/// Standard deviations along an axis up to which movements go on: they were measured at one.
const FURTHEST: f64 = 2.0;

/// Standard normal distribution function.
fn phi(x: f64) -> f64 {
    0.5 * statrs::function::erf::erfc(-x / std::f64::consts::SQRT_2)
}
