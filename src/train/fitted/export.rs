//! Posterior draws in the form that `ArviZ` opens.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;

use crate::random::Seed;
use crate::train::posterior::file::Model;
use crate::train::posterior::joint::weekly;
use crate::train::posterior::sample::Sampler;

/// `chains × draws`.
type Scalars = Vec<Vec<f64>>;
/// `chains × draws × entries`.
type Vectors = Vec<Vec<Vec<f64>>>;

/// A quantity with or without a dimension of its own.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
enum Quantity {
    Scalar(Scalars),
    Vector(Vectors),
}

/// The arguments of `arviz.from_dict`: `arviz.from_dict(**json.load(open("draws.json")))`, or
/// `arviz.from_json("draws.json")`.
#[derive(Debug, Clone, Serialize)]
pub struct ArvizDraws {
    posterior: BTreeMap<&'static str, Quantity>,
    coords: BTreeMap<&'static str, Vec<String>>,
    dims: BTreeMap<&'static str, Vec<&'static str>>,
}

impl Model {
    /// Joint draws: the reference engine's own, chain by chain, or `n` of the fast engine in one
    /// chain.
    ///
    /// Per segment: `response` (actions of an average week at its usual spend),
    /// `response_at_twice`, `efficiency` (actions of the first unit of money), `half_saturation`
    /// (money per week: `2kκ/(k+1)`) and `shape` (`k`) of its curve; per network `dispersion`; and
    /// `carryover` and `shock`.
    #[must_use]
    pub fn arviz(&self, n: usize, seed: Seed) -> ArvizDraws {
        let file = self.file();
        let sampler = Sampler::all(file, n.max(1), seed);
        let shared = sampler.shared_draws();
        let sampled = !file.posterior.draws.is_empty();
        let chains = file.card.diagnostics.get("chains").filter(|_| sampled);
        let chains = chains.map_or(1, |chains| (*chains as usize).clamp(1, shared.len().max(1)));
        let length = (shared.len() / chains).max(1);
        // `segments × draws` of five numbers.
        let segments: Vec<Vec<[f64; 5]>> = (0..file.segments.len())
            .into_par_iter()
            .map(|i| {
                let drawn = sampler.known(i, &file.segments[i]);
                let usual = drawn.reference_spend;
                let one = |(draw, shared): (&_, &crate::train::posterior::draws::SharedDraw)| {
                    let curve = weekly(draw, usual, shared.carryover);
                    let half = 2.0 * curve.shape * curve.scale / (curve.shape + 1.0);
                    let [once, twice] = [usual, 2.0 * usual].map(|spend| curve.steady(spend));
                    [once, twice, curve.ceiling / curve.scale, half, curve.shape]
                };
                drawn.draws.iter().zip(&shared).map(one).collect()
            })
            .collect();
        let by_segment = |which: usize| {
            let draw = |d: usize| segments.iter().map(|own| own[d][which]).collect::<Vec<f64>>();
            let all: Vec<Vec<f64>> = (0..shared.len()).map(draw).collect();
            Quantity::Vector(all.chunks(length).take(chains).map(<[_]>::to_vec).collect())
        };
        let scalar = |read: &dyn Fn(&crate::train::posterior::draws::SharedDraw) -> f64| {
            let all: Vec<f64> = shared.iter().map(read).collect();
            Quantity::Scalar(all.chunks(length).take(chains).map(<[_]>::to_vec).collect())
        };
        let n_networks = file.posterior.networks.len();
        let dispersions: Vec<Vec<f64>> =
            shared.iter().map(|draw| draw.dispersion[..n_networks].to_vec()).collect();
        let dispersion =
            Quantity::Vector(dispersions.chunks(length).take(chains).map(<[_]>::to_vec).collect());
        let names = |names: &mut dyn Iterator<Item = &String>| names.cloned().collect();
        ArvizDraws {
            posterior: BTreeMap::from([
                ("response", by_segment(0)),
                ("response_at_twice", by_segment(1)),
                ("efficiency", by_segment(2)),
                ("half_saturation", by_segment(3)),
                ("shape", by_segment(4)),
                ("dispersion", dispersion),
                ("carryover", scalar(&|draw| draw.carryover)),
                ("shock", scalar(&|draw| draw.shock_sd)),
            ]),
            coords: BTreeMap::from([
                ("segment", names(&mut file.segments.iter().map(|segment| &segment.id))),
                ("network", names(&mut file.posterior.networks.iter().map(|own| &own.name))),
            ]),
            dims: BTreeMap::from([
                ("response", vec!["segment"]),
                ("response_at_twice", vec!["segment"]),
                ("efficiency", vec!["segment"]),
                ("half_saturation", vec!["segment"]),
                ("shape", vec!["segment"]),
                ("dispersion", vec!["network"]),
            ]),
        }
    }
}
