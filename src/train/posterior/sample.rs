//! Joint draws of any segments over any weeks from a trained model.

#![allow(clippy::needless_range_loop, reason = "indices are those of the formulas")]

use crate::train::data::calendar::network_of;
use crate::train::data::design::levels_of;
use crate::train::posterior::file::Model;
use crate::train::posterior::file::ModelFile;

use rand::Rng;
use rand_distr::{Distribution, Gamma, StandardNormal};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::draws::{Draws, SegmentDraws, SharedDraw};
use super::joint::{Horizon, JointDraw, Likelihood, residual_draw, share, weekly};
use super::kept::NetworkPosterior;
use crate::action::Action;
use crate::numeric::digits::short;
use crate::numeric::summary::spread;
use crate::random::{Purpose, Seed};
use crate::segment::Segment;
use crate::train::fitted::sensitivity::Leaning;
use crate::train::fitted::verdict::{FORM_SD, form_sd};
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
            tested: self.card().incremental.iter().map(|own| own.network.clone()).collect(),
            shared: sampler.shared_draws(),
            segments: drawn,
        }
    }
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
/// Streams of the incremental shares that no test speaks of, one per draw.
const SHARE_STREAMS: u64 = 1 << 61;
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
        let posterior = &file.posterior;
        let kept = [posterior.particles.points.len(), posterior.draws.len()];
        let n = kept.into_iter().find(|kept| *kept > 0).unwrap_or(n);
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
        let horizon = Horizon::new(file, weeks);
        let ahead = weeks_ahead(file, weeks);
        let points = &file.posterior.particles.points;
        let n_kept = if points.is_empty() { file.posterior.draws.len() } else { points.len() };
        let draws = (0..n)
            .into_par_iter()
            .map(|d| {
                let mut rng = seed.stream(purpose, d as u64);
                let mut normal = || -> f64 { StandardNormal.sample(&mut rng) };
                let kept = (n_kept > 0).then(|| {
                    let chosen = ((share(normal()) * n_kept as f64) as usize).min(n_kept - 1);
                    if in_order { d } else { chosen }
                });
                let point = kept.filter(|_| !points.is_empty());
                let mut whole = match point {
                    Some(at) => JointDraw { point, ..horizon.of(&points[at]) },
                    None => horizon.draw(kept, &mut normal),
                };
                let mut shares = seed.stream(purpose, SHARE_STREAMS + d as u64);
                whole.incremental.resize_with(file.posterior.networks.len() + 1, || {
                    share(StandardNormal.sample(&mut shares))
                });
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
                        let unit = crate::train::density::likelihood::relative_scale(
                            0.0,
                            drawn.draws[d].shape,
                            &memory,
                        );
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
                incremental: whole.incremental.clone(),
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
                let mean = self.file.own_mean(whole, posterior);
                let own = whole.point.and_then(|at| self.file.posterior.particles.stream(at, i));
                let mut theta = match (whole.stored, own) {
                    (Some(at), _) => self.file.posterior.stored_theta(at, i),
                    (None, Some(mut own)) => likelihood.draw(whole, posterior, mean, &mut own),
                    (None, None) => likelihood.draw(whole, posterior, mean, &mut rng),
                };
                if wandered > 0.0 {
                    let z: f64 = StandardNormal.sample(&mut rng);
                    theta[0] += wandered * z - 0.5 * wandered * wandered;
                }
                let mut drawn =
                    self.file.response(whole, posterior.network, posterior.reference, theta);
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
                let mut mean = self.file.prior_mean(
                    whole,
                    network,
                    self.file.usual(usual),
                    size,
                    None,
                    &levels,
                );
                for (attribute, stream) in &mut strangers {
                    for (mean, scale) in
                        mean.iter_mut().zip(whole.scales.tau_attribute[*attribute]).take(p)
                    {
                        let z: f64 = StandardNormal.sample(stream);
                        *mean += scale * z;
                    }
                }
                let theta = residual_draw(&whole.scales, p, mean, &mut rng);
                let mut drawn = self.file.response(whole, network, usual, theta);
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
}

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
