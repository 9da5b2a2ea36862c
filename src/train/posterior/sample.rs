//! Joint draws of any segments over any weeks from a trained model.

#![allow(clippy::needless_range_loop, reason = "indices are those of the formulas")]

use crate::numeric::digits::within;
use crate::train::data::calendar::fourier;
use crate::train::data::calendar::network_of;
use crate::train::data::design::{effective, levels_of};
use crate::train::posterior::file::Model;
use crate::train::posterior::file::ModelFile;
use crate::train::posterior::file::PooledFile;

use rand::Rng;
use rand_distr::{Distribution, Gamma, StandardNormal};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::draws::{Draws, ResponseDraw, SegmentDraws, SharedDraw};
use super::kept::{NetworkPosterior, Posterior, Psi, PsiAxis, SegmentPosterior, Shared};
use crate::action::Action;
use crate::numeric::digits::short;
use crate::numeric::linalg::{Small, small_cholesky, small_solve, small_upper};
use crate::numeric::summary::spread;
use crate::random::{Purpose, Seed};
use crate::response::flight::WeeklyResponse;
use crate::segment::Segment;
use crate::train::correction::profile::{Bivariate, Tilt};
use crate::train::density::hyper::{Hyper, Table};
use crate::train::density::likelihood::{relative_scale, shape_of, steady_shape};
use crate::train::fitted::sensitivity::Leaning;
use crate::train::fitted::verdict::{FORM_SD, form_sd};
use crate::train::laplace::fit::Profile;
use crate::train::laplace::skew_normal::SkewNormal;
use crate::units::Week;

impl Model {
    /// Joint draws for `segments` over `weeks` (empty: the average week of a year).
    ///
    /// A segment that the model does not know gets the population's prediction with its full
    /// spread and is marked `prior_only`. Draw `d` of a segment does not depend on which other
    /// segments are asked for.
    #[must_use]
    pub fn draws(
        &self,
        segments: &[Segment],
        weeks: &[Week],
        n: usize,
        seed: Seed,
        purpose: Purpose,
    ) -> Draws {
        self.draws_around(segments, &vec![None; segments.len()], weeks, n, seed, purpose)
    }

    /// The same for segments whose usual weekly spend will be `usual` where the model does not
    /// know them: a stranger with a large budget is a large audience, not a small one that is used
    /// up. Known segments have their own.
    #[must_use]
    pub(crate) fn draws_around(
        &self,
        segments: &[Segment],
        usual: &[Option<f64>],
        weeks: &[Week],
        n: usize,
        seed: Seed,
        purpose: Purpose,
    ) -> Draws {
        let sampler = Sampler::new(self.file(), weeks, n, seed, purpose);
        let drawn: Vec<SegmentDraws> = segments
            .par_iter()
            .zip(usual)
            .map(|(segment, usual)| sampler.any(segment, *usual))
            .collect();
        Draws {
            weeks: weeks.to_vec(),
            networks: sampler.network_names(),
            shared: sampler.shared_draws(),
            segments: drawn,
        }
    }
}

/// One draw of the shared part, worked out.
struct JointDraw {
    shared: Shared,
    scales: Hyper,
    /// Which of the reference engine's draws it is.
    stored: Option<usize>,
    /// Per network of the model, then the network that the model does not know.
    log_fall: Vec<f64>,
    effects: Vec<[f64; 3]>,
    /// Log of the average week's factor, per network.
    average: Vec<f64>,
    /// Rise of CPM with spend, and shape of exposure for reach.
    rise: f64,
    reach_shape: Option<f64>,
    /// The standard normal behind that shape: audiences lean on it.
    reach_normal: f64,
    /// `networks × weeks` of log season against the average week.
    log_season: Vec<f64>,
}

/// Draws prepared once for many segments.
pub(crate) struct Sampler<'a> {
    file: &'a ModelFile,
    seed: Seed,
    purpose: Purpose,
    draws: Vec<JointDraw>,
    /// Per network: how many weeks the horizon lies after the history, on average.
    ahead: Vec<f64>,
}

/// Streams of the slow drift of the weeks to come, one per draw and network.
const DRIFT_STREAMS: u64 = 1 << 50;
/// Streams of segments, by name: a new audience beside them does not move their draws.
const SEGMENT_STREAMS: u64 = 1 << 62;
/// Streams of what the model does not know: segments, attribute values, networks by name.
const UNKNOWN_STREAMS: u64 = 1 << 63;

impl<'a> Sampler<'a> {
    pub(crate) fn new(
        file: &'a ModelFile,
        weeks: &[Week],
        n: usize,
        seed: Seed,
        purpose: Purpose,
    ) -> Self {
        Self::with(file, weeks, n, seed, purpose, false)
    }

    /// The reference engine's own draws in their order, chain by chain; as many of the fast
    /// engine's otherwise.
    pub(crate) fn all(file: &'a ModelFile, n: usize, seed: Seed) -> Self {
        let stored = file.posterior.draws.len();
        let n = if stored > 0 { stored } else { n };
        Self::with(file, &[], n, seed, Purpose::Predict, true)
    }

    fn with(
        file: &'a ModelFile,
        weeks: &[Week],
        n: usize,
        seed: Seed,
        purpose: Purpose,
        in_order: bool,
    ) -> Self {
        let factors = file.posterior.factors();
        let table = seasons(file.posterior.harmonics, weeks);
        let ahead = weeks_ahead(file, weeks);
        let draws = (0..n)
            .into_par_iter()
            .map(|d| {
                let mut rng = seed.stream(purpose, d as u64);
                let mut normal = || -> f64 { StandardNormal.sample(&mut rng) };
                let n_stored = file.posterior.draws.len();
                let stored = (n_stored > 0).then(|| {
                    let share = 0.5 * statrs::function::erf::erfc(-normal() / 2.0_f64.sqrt());
                    let chosen = ((share * n_stored as f64) as usize).min(n_stored - 1);
                    if in_order { d } else { chosen }
                });
                let shared = match stored {
                    Some(at) => file.posterior.stored(at),
                    None => file.posterior.shared(&factors, &mut normal),
                };
                let mut whole = JointDraw { stored, ..whole(file, shared, &table, &mut normal) };
                whole.drift_on(&ahead, |network| {
                    seed.stream(purpose, DRIFT_STREAMS + ((d as u64) << 16) + network as u64)
                });
                whole
            })
            .collect();
        let mean = |weeks: &Vec<u32>| {
            weeks.iter().map(|ahead| f64::from(*ahead)).sum::<f64>() / weeks.len().max(1) as f64
        };
        let ahead = ahead.iter().map(mean).collect();
        Self { file, seed, purpose, draws, ahead }
    }

    /// Draws of a segment, known or not.
    pub(crate) fn any(&self, segment: &Segment, usual: Option<f64>) -> SegmentDraws {
        match self.file.segments.binary_search_by(|own| own.id.as_str().cmp(&segment.id)) {
            Ok(i) => self.known(i, segment),
            Err(_) => self.unknown(segment, usual.filter(|usual| *usual > 0.0)),
        }
    }

    /// Every number of the draws by name: hyper-parameters, networks, segments.
    #[cfg(test)]
    pub(crate) fn traced(&self) -> Vec<(String, Vec<f64>)> {
        let posterior = &self.file.posterior;
        let of =
            |read: &dyn Fn(&JointDraw) -> f64| self.draws.iter().map(read).collect::<Vec<f64>>();
        let mut all = Vec::new();
        for (i, psi) in posterior.psi.iter().enumerate() {
            all.push((psi.name.clone(), of(&|whole| whole.shared.psi[i])));
        }
        for (n, network) in posterior.networks.iter().enumerate() {
            all.push((format!("log (1 + k) {}", network.name), of(&|whole| whole.log_fall[n])));
            all.push((format!("average {}", network.name), of(&|whole| whole.average[n])));
            for j in 0..posterior.p {
                let name = format!("effect {j} {}", network.name);
                all.push((name, of(&|whole| whole.effects[n][j])));
            }
        }
        for i in 0..posterior.common.len() {
            all.push((format!("common {i}"), of(&|whole| whole.shared.common[i])));
        }
        for (i, segment) in self.file.segments.iter().enumerate() {
            let drawn = self.known(i, segment);
            let curve =
                |d: usize| weekly(&drawn.draws[d], drawn.reference_spend, self.carryover(d));
            let n = drawn.draws.len();
            let usual = drawn.reference_spend;
            let at = |times: f64| (0..n).map(|d| curve(d).steady(times * usual).ln()).collect();
            all.push((format!("log usual {}", segment.id), at(1.0)));
            all.push((format!("log twice {}", segment.id), at(2.0)));
            all.push((
                format!("c {}", segment.id),
                (0..n)
                    .map(|d| {
                        let memory = self.draws[d].scales.memory;
                        let unit = relative_scale(0.0, drawn.draws[d].shape, &memory);
                        (drawn.draws[d].scale / usual / unit).ln()
                    })
                    .collect(),
            ));
        }
        all
    }

    pub(crate) fn carryover(&self, draw: usize) -> f64 {
        self.draws[draw].scales.rho
    }

    pub(crate) fn shock(&self, draw: usize) -> f64 {
        self.draws[draw].scales.shock
    }

    pub(crate) fn dispersion(&self, draw: usize, network: usize) -> f64 {
        self.draws[draw].scales.phi[network]
    }

    /// Season of a network in the week at a position of the horizon.
    pub(crate) fn season(&self, draw: usize, network: usize, week: usize) -> f64 {
        let table = &self.draws[draw].log_season;
        let n_weeks = table.len() / (self.file.posterior.networks.len() + 1);
        table[network * n_weeks + week].exp()
    }

    fn network_names(&self) -> Vec<String> {
        let known = self.file.posterior.networks.iter().map(|network| network.name.clone());
        known.chain(std::iter::once(UNKNOWN_NETWORK.to_owned())).collect()
    }

    pub(crate) fn shared_draws(&self) -> Vec<SharedDraw> {
        self.draws
            .iter()
            .map(|whole| SharedDraw {
                carryover: whole.scales.rho,
                dispersion: whole.scales.phi.clone(),
                log_season: whole.log_season.clone(),
                shock_sd: whole.scales.shock,
                delivery_sd: self.file.delivery.as_ref().map_or(0.0, |delivery| delivery.noise),
            })
            .collect()
    }

    pub(crate) fn known(&self, i: usize, segment: &Segment) -> SegmentDraws {
        let posterior = &self.file.posterior.segments[i];
        let mut rng = self.seed.stream(self.purpose, SEGMENT_STREAMS | name_hash(&segment.id));
        let likelihood = Likelihood::new(posterior, self.file.posterior.p);
        let past = &self.file.past[i];
        let ahead = self.ahead.get(posterior.network).copied().unwrap_or(0.0);
        let wandered = (posterior.level_variance + self.file.segment_drift.powi(2) * ahead).sqrt();
        let cpm = self.file.delivery.as_ref().map(|delivery| delivery.segments[i]);
        let audience = self.file.reach.as_ref().map(|reach| reach.audience(i));
        let draws = self
            .draws
            .iter()
            .map(|whole| {
                let mean = self.prior_mean(
                    whole,
                    posterior.network,
                    self.usual(posterior.reference),
                    posterior.log_usual,
                    posterior.reach_hint,
                    &posterior.levels,
                );
                let mut theta = match whole.stored {
                    Some(at) => self.file.posterior.stored_theta(at, i),
                    None => likelihood.draw(whole, posterior, mean, &mut rng),
                };
                if wandered > 0.0 {
                    let z: f64 = StandardNormal.sample(&mut rng);
                    theta[0] += wandered * z - 0.5 * wandered * wandered;
                }
                let mut drawn = self.response(whole, posterior.network, posterior.reference, theta);
                drawn.mix = mix_draw(&past.mix, &mut rng);
                drawn.follows_rate = gamma_draw(past.follows, &mut rng);
                drawn.cpm = log_normal(cpm, &mut rng);
                drawn.audience = audience_draw(audience, whole.reach_normal, &mut rng);
                drawn
            })
            .collect();
        SegmentDraws {
            segment: segment.clone(),
            network: posterior.network,
            prior_only: posterior.information.iter().all(|x| *x == 0.0),
            observed_spend: past.most,
            reference_spend: posterior.reference,
            ground: Some(self.file.ground(i)),
            form_sd: form_sd(self.file, i),
            draws,
        }
    }

    fn unknown(&self, segment: &Segment, known_usual: Option<f64>) -> SegmentDraws {
        let posterior = &self.file.posterior;
        let name = network_of(segment);
        let network = posterior
            .networks
            .iter()
            .position(|network| network.name == name)
            .unwrap_or(posterior.networks.len());
        let pooled: Vec<crate::train::data::design::Pooled> = self
            .file
            .pooled
            .iter()
            .map(|p| crate::train::data::design::Pooled {
                name: p.name.clone(),
                levels: p.levels.clone(),
            })
            .collect();
        let levels = levels_of(segment, &pooled);
        let p = posterior.p;
        let (mix, beside) = (self.population_mix(name), self.population_beside(name));
        let seen = self.sizes_seen();
        let mut rng = self.seed.stream(self.purpose, UNKNOWN_STREAMS | name_hash(&segment.id));
        // A value that the model does not know is drawn from its population, the same for every
        // segment that has it.
        let mut strangers: Vec<(usize, rand_chacha::ChaCha8Rng)> = Vec::new();
        for (a, (attribute, level)) in pooled.iter().zip(&levels).enumerate() {
            if level.is_none() {
                let value = segment.attributes.get(&attribute.name).map_or("", String::as_str);
                let key = name_hash(&format!("{}\u{1f}{value}", attribute.name));
                strangers.push((a + 1, self.seed.stream(self.purpose, UNKNOWN_STREAMS | key)));
            }
        }
        let draws = self
            .draws
            .iter()
            .map(|whole| {
                let z: f64 = StandardNormal.sample(&mut rng);
                let log_usual = known_usual.map_or(z * self.file.sd_log_usual, |usual| {
                    usual.ln() - self.file.mean_log_usual
                });
                let usual = (self.file.mean_log_usual + log_usual).exp();
                let size = log_usual.clamp(seen.0, seen.1);
                let mut mean =
                    self.prior_mean(whole, network, self.usual(usual), size, None, &levels);
                for (attribute, stream) in &mut strangers {
                    for (mean, scale) in
                        mean.iter_mut().zip(whole.scales.tau_attribute[*attribute]).take(p)
                    {
                        let z: f64 = StandardNormal.sample(stream);
                        *mean += scale * z;
                    }
                }
                let theta = residual_draw(&whole.scales, p, mean, &mut rng);
                let mut drawn = self.response(whole, network, usual, theta);
                drawn.mix = mix_draw(mix, &mut rng);
                drawn.follows_rate = gamma_draw(self.file.mix.follows, &mut rng);
                drawn.cpm = log_normal(beside.0, &mut rng);
                drawn.audience = log_normal(beside.1, &mut rng);
                drawn
            })
            .collect();
        SegmentDraws {
            segment: segment.clone(),
            network,
            prior_only: true,
            observed_spend: 0.0,
            ground: None,
            reference_spend: known_usual.unwrap_or(self.file.mean_log_usual.exp()),
            form_sd: FORM_SD,
            draws,
        }
    }

    /// Smallest and largest log usual spend that the history can speak of: its segments' range and
    /// one spread to each side. Beyond, what size does to efficiency is held: a straight line through
    /// a few segments of some size would promise anything to one a thousand times smaller.
    fn sizes_seen(&self) -> (f64, f64) {
        let sizes = self.file.posterior.segments.iter().map(|segment| segment.log_usual);
        let sd = self.file.sd_log_usual;
        let range = sizes
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
        if range.0 <= range.1 { (range.0 - sd, range.1 + sd) } else { (-sd, sd) }
    }

    /// Mix of a segment never seen: its network's, or the first network's.
    fn population_mix(&self, network: &str) -> &[(Action, f64)] {
        let mixes = &self.file.mix.networks;
        mixes.get(network).or_else(|| mixes.values().next()).map_or(&[], Vec::as_slice)
    }

    /// Level of log CPM and log audience of a segment never seen.
    fn population_beside(&self, network: &str) -> (Option<Law>, Option<Law>) {
        let cpm = self.file.delivery.as_ref().map(|delivery| {
            let own = delivery.networks.iter().find(|(name, ..)| name == network);
            own.map_or(delivery.overall, |(_, mean, sd)| (*mean, *sd))
        });
        (cpm, self.file.reach.as_ref().map(|reach| reach.overall))
    }

    /// Usual spend in the effective money that the fit was anchored at.
    fn usual(&self, reference: f64) -> f64 {
        let rise = self.file.delivery.as_ref().map_or(0.0, |delivery| delivery.rise.0);
        effective(reference, reference, rise)
    }

    fn prior_mean(
        &self,
        whole: &JointDraw,
        network: usize,
        usual: f64,
        log_usual: f64,
        reach_hint: Option<f64>,
        levels: &[Option<usize>],
    ) -> [f64; 3] {
        let columns = Columns::new(&self.file.posterior, &self.file.pooled);
        let mut mean = [usual.ln() + self.file.log_rate, 0.0, self.file.log_count];
        for (j, mean) in mean.iter_mut().enumerate().take(self.file.posterior.p) {
            *mean += whole.effects[network][j];
            columns.add(j, log_usual, reach_hint, levels, &whole.shared.common, mean);
        }
        mean
    }

    fn response(
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
            baseline: if self.file.posterior.p == 3 { theta[2].min(60.0).exp() } else { 0.0 },
            cpm: f64::NAN,
            audience: f64::NAN,
            reach_shape: whole.reach_shape.unwrap_or(k.max(LEAST_REACH_SHAPE)),
            mix: [0.0; Action::COUNT],
            follows_rate: 0.0,
        }
    }
}

/// Exposures of people are uneven at most like this where nothing but the response tells.
const LEAST_REACH_SHAPE: f64 = 0.05;

/// Mean and standard deviation of a normal law.
type Law = (f64, f64);

/// Name that draws give to a network that the model does not know.
const UNKNOWN_NETWORK: &str = "?";

/// Sixty-two bits of a name: its own streams.
fn name_hash(name: &str) -> u64 {
    let digest = Sha256::digest(name.as_bytes());
    let bytes: [u8; 8] = digest[..8].try_into().expect("a SHA-256 digest has 32 bytes");
    u64::from_le_bytes(bytes) >> 2
}

/// Columns of the common block, as `inner::Layout` lays them out.
struct Columns {
    p: usize,
    attributes: Vec<usize>,
    has_reach: bool,
}

impl Columns {
    pub(super) fn new(
        posterior: &Posterior,
        pooled: &[crate::train::posterior::sample::PooledFile],
    ) -> Self {
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

/// Drift beyond this many weeks is no longer a walk that a history of such length can speak of.
const LONGEST_DRIFT: i64 = 156;

/// Weeks from the end of each network's history to each week asked for (0 within it), the network
/// that the model does not know last. Without dates nothing lies ahead.
fn weeks_ahead(file: &ModelFile, weeks: &[Week]) -> Vec<Vec<u32>> {
    let networks = &file.posterior.networks;
    let dated = |network: &&NetworkPosterior| network.n_weeks > 0;
    let end = |network: &NetworkPosterior| network.first_week + network.n_weeks as i64 - 1;
    let latest = networks.iter().filter(dated).map(end).max();
    let ends = networks.iter().map(|network| dated(&network).then(|| end(network)));
    ends.chain(std::iter::once(latest))
        .map(|end| {
            let ahead = |week: &Week| {
                end.map_or(0, |end| (week.index() - end).clamp(0, LONGEST_DRIFT) as u32)
            };
            weeks.iter().map(ahead).collect()
        })
        .collect()
}

impl JointDraw {
    /// Lets each network's level drift on from the end of its history: a random walk whose
    /// exponent keeps its mean.
    fn drift_on<R: Rng>(&mut self, ahead: &[Vec<u32>], stream: impl Fn(usize) -> R) {
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

/// Season terms of the average year and of the weeks asked for.
struct Seasons {
    year: Vec<Vec<f64>>,
    weeks: Vec<Vec<f64>>,
}

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

fn residual_draw(scales: &Hyper, p: usize, mean: [f64; 3], rng: &mut impl Rng) -> [f64; 3] {
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
struct Likelihood {
    p: usize,
    information: Small,
}

impl Likelihood {
    fn new(segment: &SegmentPosterior, p: usize) -> Self {
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
    fn draw(
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

/// What the posterior says of one segment, for the model card.
pub(crate) struct Learnt {
    /// Weekly response at the usual spend: mean, p10, p90.
    pub response: (f64, f64, f64),
    /// Active actions per thousand impressions there: mean, p10, p90.
    pub engagement_rate: Option<(f64, f64, f64)>,
    /// Posterior over prior standard deviation of the log of what twice the usual spend brings over
    /// what it brings.
    pub curvature: f64,
    /// Weekly response at twice the usual spend, by draw.
    doubled: Vec<f64>,
}

/// Draws behind a model card.
const CARD_DRAWS: usize = 200;

/// What the posterior says of every segment, and how it leans on its priors.
pub(crate) fn learnt(file: &ModelFile) -> (Vec<Learnt>, Vec<Leaning>) {
    // A seed of its own: the card is part of the file and does not change with the run's seed.
    let sampler = Sampler::new(file, &[], CARD_DRAWS, Seed(0), Purpose::Train);
    let prior =
        crate::train::fitted::explain::doubling_spread(&file.specification, file.pooled.len());
    let learnt: Vec<Learnt> =
        (0..file.segments.len()).into_par_iter().map(|i| sampler.learnt(i, prior)).collect();
    let mut totals = vec![0.0; CARD_DRAWS];
    for own in &learnt {
        totals.iter_mut().zip(&own.doubled).for_each(|(total, own)| *total += own);
    }
    let draws: Vec<(&[f64], &[f64])> = sampler
        .draws
        .iter()
        .map(|whole| (whole.shared.psi.as_slice(), whole.shared.common.as_slice()))
        .collect();
    let leaning = crate::train::fitted::sensitivity::leaning(file, &draws, &totals);
    (learnt, leaning)
}

impl Sampler<'_> {
    /// What the draws say of a segment; `prior` is the spread of its log doubling a priori.
    fn learnt(&self, i: usize, prior: f64) -> Learnt {
        let drawn = self.known(i, &self.file.segments[i]);
        let (mut responses, mut rates, mut bends) = (Vec::new(), Vec::new(), Vec::new());
        let mut doubled = Vec::with_capacity(drawn.draws.len());
        for (d, draw) in drawn.draws.iter().enumerate() {
            let weekly = weekly(draw, drawn.reference_spend, self.carryover(d));
            let response = weekly.steady(drawn.reference_spend);
            let bought = weekly.effective_spend(drawn.reference_spend) / draw.cpm;
            let twice = weekly.steady(2.0 * drawn.reference_spend);
            responses.push(response);
            doubled.push(twice);
            rates.push(response / bought);
            bends.push((twice / response).ln());
        }
        Learnt {
            response: summary(responses),
            engagement_rate: rates.iter().all(|rate| rate.is_finite()).then(|| summary(rates)),
            curvature: short(ratio(spread(&bends), prior)),
            doubled,
        }
    }
}

/// A spread against another, from 0 to 1; 1 where it is no number.
fn ratio(spread: f64, prior: f64) -> f64 {
    let ratio = spread / prior;
    if ratio.is_finite() { ratio.min(1.0) } else { 1.0 }
}

fn summary(mut values: Vec<f64>) -> (f64, f64, f64) {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let [_, low, _, high, _] = crate::numeric::summary::quantiles(&mut values);
    (short(mean), short(low), short(high))
}

fn log_normal(law: Option<(f64, f64)>, rng: &mut impl Rng) -> f64 {
    let z: f64 = StandardNormal.sample(rng);
    law.map_or(f64::NAN, |(mean, sd)| (mean + sd * z).clamp(-60.0, 60.0).exp())
}

/// An audience that goes with the shape of exposure of the same draw.
fn audience_draw(law: Option<(SkewNormal, f64)>, shape: f64, rng: &mut impl Rng) -> f64 {
    let z: f64 = StandardNormal.sample(rng);
    law.map_or(f64::NAN, |(law, link)| {
        law.at(link * shape + (1.0 - link * link).sqrt() * z).clamp(-60.0, 60.0).exp()
    })
}

fn gamma_draw(law: Option<(f64, f64)>, rng: &mut impl Rng) -> f64 {
    let Some((shape, money)) = law else { return 0.0 };
    Gamma::new(shape, 1.0 / money).map_or(0.0, |gamma| gamma.sample(rng))
}

/// A draw of the mix of kinds from its Dirichlet; everything on the one kind there is otherwise.
fn mix_draw(worth: &[(Action, f64)], rng: &mut impl Rng) -> [f64; Action::COUNT] {
    let mut mix = [0.0; Action::COUNT];
    let mut total = 0.0;
    for (kind, worth) in worth {
        let drawn = Gamma::new(worth.max(1e-3), 1.0).map_or(0.0, |gamma| gamma.sample(rng));
        mix[kind.index()] = drawn;
        total += drawn;
    }
    if total > 0.0 {
        for share in &mut mix {
            *share /= total;
        }
    } else if let Some((kind, _)) = worth.iter().max_by(|a, b| a.1.total_cmp(&b.1)) {
        mix[kind.index()] = 1.0;
    }
    mix
}

impl Posterior {
    /// Checks sizes and ranges of everything that drawing indexes or divides by.
    pub(crate) fn check(&self, levels: &[usize]) -> Result<(), String> {
        let p = self.p;
        if self.harmonics > 4 || self.networks.is_empty() || self.networks.len() > 10_000 {
            return Err("harmonics or networks out of range".to_owned());
        }
        let has_reach = self.segments.iter().any(|segment| segment.reach_hint.is_some());
        let attributes: usize = levels.iter().map(|n| n * p).sum();
        let common = 2 * p + usize::from(has_reach) + 2 * self.harmonics + attributes;
        if self.common.len() != common {
            return Err(format!("common block: {} numbers, expected {common}", self.common.len()));
        }
        packed("common factor", &self.common_factor, common)?;
        numbers("common", &self.common)?;
        let table = Table { p, attributes: 1 + levels.len(), networks: self.networks.len() };
        let expected = table.roles().count();
        if self.psi.len() != expected {
            return Err(format!("psi: {} parameters, expected {expected}", self.psi.len()));
        }
        let mut scales = self.psi.iter().zip(table.roles());
        if let Some((psi, role)) = scales.find(|(psi, role)| psi.scale != role.scale()) {
            return Err(format!("`{}` is on a scale of its own, not {:?}", psi.name, role.scale()));
        }
        let mut flat = common;
        for network in &self.networks {
            network.check(p, self.harmonics, common)?;
            flat += network.rest.len() + network.scores;
        }
        for psi in &self.psi {
            psi.check()?;
        }
        if self.axes.len() != self.psi.len() {
            return Err(format!("{} axes for {} hyper-parameters", self.axes.len(), expected));
        }
        for axis in &self.axes {
            axis.check(expected, flat)?;
        }
        for segment in &self.segments {
            segment.check(p, &self.networks, levels)?;
        }
        let length = self.stored_len().1;
        if self.draws.len() > 100_000 || self.draws.iter().any(|draw| draw.len() != length) {
            return Err("stored draws do not fit the model".to_owned());
        }
        self.draws.iter().try_for_each(|draw| numbers("draws", draw))
    }
}

impl Psi {
    fn check(&self) -> Result<(), String> {
        within(&self.name, self.mode, -50.0, 50.0)?;
        within(&self.name, self.below, 1e-6, 200.0)?;
        within(&self.name, self.above, 1e-6, 200.0)?;
        within(&self.name, self.least, -1e3, 1e3)?;
        within(&self.name, self.most, -1e3, 1e3)
    }
}

impl PsiAxis {
    fn check(&self, n_psi: usize, flat: usize) -> Result<(), String> {
        if self.direction.len() != n_psi {
            return Err(format!("an axis has {} numbers, expected {n_psi}", self.direction.len()));
        }
        if !self.shift.is_empty() && self.shift.len() != flat {
            return Err(format!("an axis moves {} numbers, expected {flat}", self.shift.len()));
        }
        self.direction.iter().try_for_each(|x| within("axis", *x, -200.0, 200.0))?;
        within("axis below", self.below, 1e-6, 200.0)?;
        within("axis above", self.above, 1e-6, 200.0)?;
        within("axis below_power", self.below_power, 0.5, 5.0)?;
        within("axis above_power", self.above_power, 0.5, 5.0)?;
        if !self.bend.is_empty() && self.bend.len() != flat {
            return Err(format!("an axis bends {} numbers, expected {flat}", self.bend.len()));
        }
        numbers("axis", &self.bend)?;
        if self.narrow.len() != self.narrow_bend.len() || self.narrow.len() > flat {
            return Err(format!("an axis narrows {} numbers", self.narrow.len()));
        }
        numbers("axis", &self.narrow)?;
        numbers("axis", &self.narrow_bend)?;
        numbers("axis", &self.shift)
    }
}

impl NetworkPosterior {
    fn check(&self, p: usize, harmonics: usize, common: usize) -> Result<(), String> {
        let least = p + 1 + 2 * harmonics;
        let rest = self.rest.len();
        if rest < least || rest > least + 100_000 || self.first_week.abs() > 500_000 {
            return Err(format!("network `{}` has a block of {rest}", self.name));
        }
        if self.links.len() != rest * common
            || self.scores > 64
            || self.score_map.len() != self.scores * (rest + common)
        {
            return Err(format!("network `{}`: links or scores do not fit", self.name));
        }
        numbers("rest", &self.rest)?;
        numbers("links", &self.links)?;
        numbers("score_map", &self.score_map)?;
        within("fall_sd", self.fall_sd, 0.0, 1e3)?;
        within("fall_lean", self.fall_lean, -0.3, 0.3)?;
        packed("factor", &self.factor, rest)?;
        packed("score_factor", &self.score_factor, self.scores)
    }
}

impl SegmentPosterior {
    fn check(
        &self,
        p: usize,
        networks: &[NetworkPosterior],
        levels: &[usize],
    ) -> Result<(), String> {
        let Some(network) = networks.get(self.network) else {
            return Err(format!("segment points to network {}", self.network));
        };
        let fits = self.mode.len() == p
            && self.gradient.len() == p
            && self.information.len() == p * (p + 1) / 2
            && self.links.len() == p * (network.scores + 1)
            && self.levels.len() == levels.len()
            && self
                .levels
                .iter()
                .zip(levels)
                .all(|(level, n)| level.is_none_or(|level| level < *n));
        if !fits {
            return Err("a segment's block does not fit its model".to_owned());
        }
        within("usual", self.reference, 1e-300, 1e16)?;
        within("log_usual", self.log_usual, -100.0, 100.0)?;
        within("reach_hint", self.reach_hint.unwrap_or(0.0), -100.0, 100.0)?;
        numbers("mode", &self.mode)?;
        numbers("gradient", &self.gradient)?;
        numbers("information", &self.information)?;
        numbers("links", &self.links)?;
        numbers("tilt", &self.tilt)?;
        if self.profile.is_some() != (self.tilt.len() == 2) || self.profile.is_some() && p != 2 {
            return Err("a segment's profile does not fit its model".to_owned());
        }
        self.profile.as_ref().map_or(Ok(()), Profile::check)?;
        within("level_variance", self.level_variance, 0.0, 1e4)?;
        // Indefinite information could make a draw's precision indefinite.
        let mut matrix = Likelihood::new(self, p).information;
        for (a, row) in matrix.iter_mut().enumerate() {
            row[a] += 1e-6 + 1e-6 * row[a].abs();
        }
        small_cholesky(&matrix, p)
            .map(|_| ())
            .ok_or_else(|| "a segment's information is not positive".to_owned())
    }
}

fn numbers(name: &str, values: &[f64]) -> Result<(), String> {
    values.iter().try_for_each(|value| within(name, *value, -1e15, 1e15))
}

/// A packed lower factor of `n` rows with a positive diagonal.
fn packed(name: &str, values: &[f64], n: usize) -> Result<(), String> {
    if values.len() != n * (n + 1) / 2 {
        return Err(format!("{name}: {} numbers for {n} rows", values.len()));
    }
    numbers(name, values)?;
    let diagonal = (0..n).map(|i| values[i * (i + 1) / 2 + i]);
    if diagonal.clone().any(|x| x <= 0.0) {
        return Err(format!("{name}: a diagonal is not positive"));
    }
    Ok(())
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
