//! One joint draw, worked out: the shared part's numbers as scales, effects and seasons, and the
//! parameters of a segment given them.

#![allow(clippy::needless_range_loop, reason = "indices are those of the formulas")]

use rand::Rng;
use rand_distr::{Distribution, StandardNormal};

use super::draws::ResponseDraw;
use super::file::{ModelFile, PooledFile};
use super::kept::{Factors, Particle, Posterior, SegmentPosterior, Shared, own_stream};
use crate::action::Action;
use crate::numeric::linalg::{Small, small_cholesky, small_solve, small_upper};
use crate::response::flight::WeeklyResponse;
use crate::train::correction::profile::{Bivariate, Tilt};
use crate::train::data::calendar::fourier;
use crate::train::data::design::effective;
use crate::train::density::hyper::Hyper;
use crate::train::density::likelihood::{relative_scale, shape_of, steady_shape};
use crate::units::Week;

/// One draw of the shared part, worked out.
#[derive(Debug, Clone)]
pub(crate) struct JointDraw {
    pub shared: Shared,
    pub scales: Hyper,
    /// Which of the reference engine's draws it is.
    pub stored: Option<usize>,
    /// Which of the points that outside tests left it is.
    pub point: Option<usize>,
    /// Share of what each network reports that would not have come without the money; the network
    /// that the model does not know is the last.
    pub incremental: Vec<f64>,
    /// Per network of the model, then the network that the model does not know.
    pub log_fall: Vec<f64>,
    pub effects: Vec<[f64; 3]>,
    /// Log of the average week's factor, per network.
    pub average: Vec<f64>,
    /// Rise of CPM with spend, and shape of exposure for reach.
    pub rise: f64,
    pub reach_shape: Option<f64>,
    /// The standard normal behind that shape: audiences lean on it.
    pub reach_normal: f64,
    /// `networks × weeks` of log season against the average week.
    pub log_season: Vec<f64>,
}

/// Exposures of people are uneven at most like this where nothing but the response tells.
const LEAST_REACH_SHAPE: f64 = 0.05;

/// Columns of the common block, as `inner::Layout` lays them out.
struct Columns {
    p: usize,
    attributes: Vec<usize>,
    has_reach: bool,
}

impl Columns {
    fn new(posterior: &Posterior, pooled: &[PooledFile]) -> Self {
        let p = posterior.p;
        let levels: usize = pooled.iter().map(|pooled| p * pooled.levels.len()).sum();
        let head = posterior.common.len() - levels;
        let mut attributes = Vec::with_capacity(pooled.len());
        let mut at = head;
        for pooled in pooled {
            attributes.push(at);
            at += p * pooled.levels.len();
        }
        Self { p, attributes, has_reach: head > 2 * p + 2 * posterior.harmonics }
    }

    fn add(
        &self,
        j: usize,
        log_usual: f64,
        reach_hint: Option<f64>,
        levels: &[Option<usize>],
        common: &[f64],
        mean: &mut f64,
    ) {
        *mean += common[2 * j] + log_usual * common[2 * j + 1];
        if let (1, true, Some(hint)) = (j, self.has_reach, reach_hint) {
            *mean += hint * common[2 * self.p];
        }
        for (offset, level) in self.attributes.iter().zip(levels) {
            if let Some(level) = level {
                *mean += common[offset + level * self.p + j];
            }
        }
    }
}

impl ModelFile {
    /// Usual spend in the effective money that the fit was anchored at.
    pub(super) fn usual(&self, reference: f64) -> f64 {
        let rise = self.delivery.as_ref().map_or(0.0, |delivery| delivery.rise.0);
        effective(reference, reference, rise)
    }

    pub(super) fn prior_mean(
        &self,
        whole: &JointDraw,
        network: usize,
        usual: f64,
        log_usual: f64,
        reach_hint: Option<f64>,
        levels: &[Option<usize>],
    ) -> [f64; 3] {
        let columns = Columns::new(&self.posterior, &self.pooled);
        let mut mean = [usual.ln() + self.log_rate, 0.0, self.log_count];
        for (j, mean) in mean.iter_mut().enumerate().take(self.posterior.p) {
            *mean += whole.effects[network][j];
            columns.add(j, log_usual, reach_hint, levels, &whole.shared.common, mean);
        }
        mean
    }

    /// Mean of a known segment's parameters before its own counts.
    pub(super) fn own_mean(&self, whole: &JointDraw, segment: &SegmentPosterior) -> [f64; 3] {
        self.prior_mean(
            whole,
            segment.network,
            self.usual(segment.reference),
            segment.log_usual,
            segment.reach_hint,
            &segment.levels,
        )
    }

    pub(super) fn response(
        &self,
        whole: &JointDraw,
        network: usize,
        reference: f64,
        theta: [f64; 3],
    ) -> ResponseDraw {
        let k = shape_of(whole.log_fall[network]);
        let memory = &whole.scales.memory;
        let c = theta[1].clamp(-12.0, 12.0);
        let at_usual = steady_shape(c, k, memory);
        ResponseDraw {
            ceiling: k.signum()
                * (theta[0] + whole.average[network] - at_usual.log).clamp(-60.0, 60.0).exp(),
            scale: effective(reference, reference, whole.rise) * relative_scale(c, k, memory),
            shape: k,
            cpm_rise: whole.rise,
            baseline: if self.posterior.p == 3 { theta[2].min(60.0).exp() } else { 0.0 },
            cpm: f64::NAN,
            audience: f64::NAN,
            reach_shape: whole.reach_shape.unwrap_or(k.max(LEAST_REACH_SHAPE)),
            mix: [0.0; Action::COUNT],
            follows_rate: 0.0,
        }
    }
}

impl JointDraw {
    /// Lets each network's level drift on from the end of its history: a random walk whose
    /// exponent keeps its mean.
    pub(super) fn drift_on<R: Rng>(&mut self, ahead: &[Vec<u32>], stream: impl Fn(usize) -> R) {
        let step = self.scales.drift;
        for (network, weeks) in ahead.iter().enumerate() {
            let Some(most) = weeks.iter().max().filter(|most| **most > 0) else { continue };
            let mut rng = stream(network);
            let mut walk = vec![0.0];
            for _ in 0..*most {
                let z: f64 = StandardNormal.sample(&mut rng);
                walk.push(walk[walk.len() - 1] + step * z - 0.5 * step * step);
            }
            let table = &mut self.log_season[network * weeks.len()..(network + 1) * weeks.len()];
            for (level, ahead) in table.iter_mut().zip(weeks) {
                *level += walk[*ahead as usize];
            }
        }
    }
}

/// A standard normal as a number from 0 to 1, all alike: an incremental share as it is before any
/// test speaks.
pub(crate) fn share(normal: f64) -> f64 {
    0.5 * statrs::function::erf::erfc(-normal / std::f64::consts::SQRT_2)
}

/// What joint draws over some weeks are worked out with.
pub(crate) struct Horizon<'a> {
    file: &'a ModelFile,
    factors: Factors,
    seasons: Seasons,
}

impl<'a> Horizon<'a> {
    pub(crate) fn new(file: &'a ModelFile, weeks: &[Week]) -> Self {
        let posterior = &file.posterior;
        let seasons = seasons(posterior.harmonics, weeks);
        Self { file, factors: posterior.factors(), seasons }
    }

    /// A draw made of standard normals, or one of the reference engine's with what that leaves open.
    pub(crate) fn draw(
        &self,
        stored: Option<usize>,
        normal: &mut impl FnMut() -> f64,
    ) -> JointDraw {
        let shared = match stored {
            Some(at) => self.file.posterior.stored(at),
            None => self.file.posterior.shared(&self.factors, normal),
        };
        JointDraw { stored, ..whole(self.file, shared, &self.seasons, normal) }
    }

    /// A known segment's response in a draw; `stream` is its own (`kept::own_stream`), where the draw
    /// is not one of the reference engine's.
    pub(crate) fn response(&self, draw: &JointDraw, segment: usize, stream: u32) -> WeeklyResponse {
        let posterior = &self.file.posterior;
        let own = &posterior.segments[segment];
        let theta = if let Some(at) = draw.stored {
            posterior.stored_theta(at, segment)
        } else {
            let mean = self.file.own_mean(draw, own);
            let mut rng = own_stream(stream, segment);
            Likelihood::new(own, posterior.p).draw(draw, own, mean, &mut rng)
        };
        let drawn = self.file.response(draw, own.network, own.reference, theta);
        weekly(&drawn, own.reference, draw.scales.rho)
    }

    /// How many normals a draw takes.
    pub(crate) fn normals(&self, stored: Option<usize>) -> usize {
        let mut taken = 0;
        self.draw(stored, &mut || {
            taken += 1;
            0.0
        });
        taken
    }

    /// The draw that a point is.
    pub(crate) fn of(&self, point: &Particle) -> JointDraw {
        let networks = self.file.posterior.networks.len();
        let (shared, own) = point.normals.split_at(point.normals.len().saturating_sub(networks));
        let mut numbers = shared.iter().copied();
        let drawn = self.draw(point.stored, &mut || numbers.next().unwrap_or(0.0));
        JointDraw { incremental: own.iter().map(|normal| share(*normal)).collect(), ..drawn }
    }
}

/// Season terms of the average year and of the weeks asked for.
struct Seasons {
    year: Vec<Vec<f64>>,
    weeks: Vec<Vec<f64>>,
}

/// Terms of the average year and of some weeks.
fn seasons(harmonics: usize, weeks: &[Week]) -> Seasons {
    Seasons {
        year: (0..52).map(|t| year_terms(harmonics, f64::from(t))).collect(),
        weeks: weeks.iter().map(|week| fourier(harmonics, week.index())).collect(),
    }
}

fn year_terms(harmonics: usize, t: f64) -> Vec<f64> {
    // 52 points spread evenly over one season.
    let angle = std::f64::consts::TAU * t / 52.0;
    (1..=harmonics)
        .flat_map(|h| {
            let (sin, cos) = (h as f64 * angle).sin_cos();
            [sin, cos]
        })
        .collect()
}

/// Works out a draw of the shared part.
fn whole(
    file: &ModelFile,
    shared: Shared,
    table: &Seasons,
    normal: &mut impl FnMut() -> f64,
) -> JointDraw {
    let posterior = &file.posterior;
    let shape_spread = file.specification.prior("shape_by_network").sd;
    let rise = file
        .delivery
        .as_ref()
        .map_or(0.0, |delivery| (delivery.rise.0 + delivery.rise.1 * normal()).clamp(0.0, 0.9));
    let reach_normal = if file.reach.is_some() { normal() } else { 0.0 };
    let reach_shape =
        file.reach.as_ref().map(|reach| reach.shape().at(reach_normal).clamp(-4.0, 6.0).exp());
    let p = posterior.p;
    let scales = file.hyper_table().decode(&shared.psi);
    let has_reach = posterior.segments.iter().any(|segment| segment.reach_hint.is_some());
    let season_at = 2 * p + usize::from(has_reach);
    let common_season = &shared.common[season_at..season_at + 2 * posterior.harmonics];
    let n_known = posterior.networks.len();
    let (mut log_fall, mut effects, mut average, mut log_season) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for n in 0..=n_known {
        let (own_effects, own_log_fall, deviations) = if n < n_known {
            let network = &posterior.networks[n];
            let at = |column: usize| network.rest[column] + shared.rest[n][column];
            let mut own = [0.0; 3];
            for (j, own) in own.iter_mut().enumerate().take(p) {
                *own = at(j);
            }
            let deviations: Vec<f64> =
                (0..2 * posterior.harmonics).map(|h| at(p + 1 + h)).collect();
            (own, at(p), deviations)
        } else {
            let mut own = [0.0; 3];
            for (j, own) in own.iter_mut().enumerate().take(p) {
                *own = scales.tau_attribute[0][j] * normal();
            }
            let deviations =
                (0..2 * posterior.harmonics).map(|_| scales.season_network * normal()).collect();
            (own, scales.log_fall + shape_spread * normal(), deviations)
        };
        let season: Vec<f64> = common_season.iter().zip(&deviations).map(|(a, b)| a + b).collect();
        let log_at = |terms: &[f64]| terms.iter().zip(&season).map(|(x, s)| x * s).sum::<f64>();
        let year: f64 = table.year.iter().map(|terms| log_at(terms).exp()).sum::<f64>() / 52.0;
        log_season.extend(if table.weeks.is_empty() {
            vec![0.0]
        } else {
            table.weeks.iter().map(|terms| log_at(terms) - year.ln()).collect()
        });
        // The mean of exp(shock), so that a shock drawn with mean 1 adds nothing.
        average.push(year.ln() + 0.5 * scales.shock.powi(2));
        log_fall.push(own_log_fall.clamp(-4.0, 6.0));
        effects.push(own_effects);
    }
    let mut scales = scales;
    let typical = scales.phi.iter().map(|phi| phi.ln()).sum::<f64>() / scales.phi.len() as f64;
    scales.phi.push(typical.exp());
    JointDraw {
        shared,
        scales,
        stored: None,
        point: None,
        incremental: Vec::new(),
        log_fall,
        effects,
        average,
        rise,
        reach_shape,
        reach_normal,
        log_season,
    }
}

fn covariance(scales: &Hyper) -> Small {
    let off = scales.correlation * scales.tau[0] * scales.tau[1];
    [
        [scales.tau[0].powi(2), off, 0.0],
        [off, scales.tau[1].powi(2), 0.0],
        [0.0, 0.0, scales.tau[2].powi(2)],
    ]
}

/// What is left of a segment beside its mean.
pub(super) fn residual_draw(
    scales: &Hyper,
    p: usize,
    mean: [f64; 3],
    rng: &mut impl Rng,
) -> [f64; 3] {
    let factor =
        small_cholesky(&covariance(scales), p).expect("scales are positive, correlation below 1");
    let mut z = [0.0; 3];
    for z in &mut z[..p] {
        *z = StandardNormal.sample(rng);
    }
    let mut theta = mean;
    for a in 0..p {
        theta[a] += (0..=a).map(|b| factor[a][b] * z[b]).sum::<f64>();
    }
    theta
}

/// A segment's likelihood, unpacked.
pub(super) struct Likelihood {
    p: usize,
    pub information: Small,
}

impl Likelihood {
    pub(super) fn new(segment: &SegmentPosterior, p: usize) -> Self {
        let mut information = [[0.0; 3]; 3];
        let mut at = 0;
        for a in 0..p {
            for b in 0..=a {
                information[a][b] = segment.information[at];
                information[b][a] = segment.information[at];
                at += 1;
            }
        }
        Self { p, information }
    }

    /// One draw of `(r, c[, b])` given the shared draw: prior of this draw times likelihood.
    pub(super) fn draw(
        &self,
        whole: &JointDraw,
        segment: &SegmentPosterior,
        mean: [f64; 3],
        rng: &mut impl Rng,
    ) -> [f64; 3] {
        let p = self.p;
        let precision = crate::numeric::linalg::small_inverse(&covariance(&whole.scales), p)
            .expect("scales are positive, correlation below 1");
        let mut both = self.information;
        let mut right = [0.0; 3];
        let scores = &whole.shared.scores[segment.network];
        let k_move = whole.shared.rest[segment.network][p];
        for a in 0..p {
            let links = &segment.links[a * (scores.len() + 1)..(a + 1) * (scores.len() + 1)];
            right[a] = segment.gradient[a]
                - crate::numeric::linalg::dot(&links[..scores.len()], scores)
                - links[scores.len()] * k_move;
            for b in 0..p {
                both[a][b] += precision[a][b];
                right[a] += precision[a][b] * (mean[b] - segment.mode[b]);
            }
        }
        let factor = small_cholesky(&both, p).expect("a positive precision plus an information");
        let centre = small_solve(&factor, p, right);
        if let (Some(profile), [first, second]) = (&segment.profile, &segment.tilt[..]) {
            let mut by = [*first, *second];
            for (a, by) in by.iter_mut().enumerate() {
                let links = &segment.links[a * (scores.len() + 1)..(a + 1) * (scores.len() + 1)];
                *by -= crate::numeric::linalg::dot(&links[..scores.len()], scores);
            }
            let prior = Bivariate {
                mean: [mean[0], mean[1]],
                tau: [whole.scales.tau[0], whole.scales.tau[1]],
                correlation: whole.scales.correlation,
            };
            let guess = (segment.mode[1] + centre[1], factor[1][1].recip());
            let tilt = Tilt { by, mode: [segment.mode[0], segment.mode[1]] };
            let (r, c) = profile.draw(whole.log_fall[segment.network], &prior, tilt, guess, rng);
            return [r, c, 0.0];
        }
        let mut noise = [0.0; 3];
        for z in &mut noise[..p] {
            *z = StandardNormal.sample(rng);
        }
        small_upper(&factor, p, &mut noise);
        let mut theta = [0.0; 3];
        for a in 0..p {
            theta[a] = segment.mode[a] + centre[a] + noise[a];
        }
        theta
    }
}

/// The weekly response of one draw.
pub(crate) fn weekly(draw: &ResponseDraw, reference_spend: f64, carryover: f64) -> WeeklyResponse {
    WeeklyResponse {
        ceiling: draw.ceiling,
        scale: draw.scale,
        shape: draw.shape,
        cpm_rise: draw.cpm_rise,
        reference_spend,
        carryover,
    }
}
