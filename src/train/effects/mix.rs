//! The mix of kinds of action, and follows per unit of money: the rates beside the response.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use statrs::function::gamma::ln_gamma;

use crate::action::Action;
use crate::numeric::digits::short;
use crate::panel::{Cell, Panel};
use crate::train::data::calendar::network_of;
use crate::train::data::specification::Specification;

/// What the mix layer learnt: per segment the weights of its Dirichlet, and the population's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mix {
    /// Weights by kind of a segment never seen, by network.
    pub networks: BTreeMap<String, Vec<(Action, f64)>>,
    /// How many actions the network's common mix is worth.
    pub strength: f64,
    /// Follows per unit of money: shape and money of a segment never seen; `None` when no cell
    /// reports follows.
    pub follows: Option<(f64, f64)>,
}

/// Grid of log strength.
fn strengths() -> impl Iterator<Item = f64> {
    (0..30).map(|step| 0.3 * f64::from(step))
}

/// Counts by kind and the follows of each segment.
struct Tally {
    kinds: BTreeMap<Action, f64>,
    follows: Option<f64>,
    spend: f64,
}

/// Learns the layer: the model part, and per segment its weights and its follows law.
#[allow(clippy::type_complexity, reason = "two parallel lists, one entry per segment")]
pub(crate) fn fit(
    panel: &Panel,
    specification: &Specification,
) -> (Mix, Vec<Vec<(Action, f64)>>, Vec<Option<(f64, f64)>>) {
    let tallies = tallies(panel);
    let mut common: BTreeMap<String, BTreeMap<Action, f64>> = BTreeMap::new();
    for (segment, tally) in panel.segments.iter().zip(&tallies) {
        let own = common.entry(network_of(segment).to_owned()).or_default();
        for (kind, count) in &tally.kinds {
            // Half an action of every reported kind: nothing reported is impossible.
            *own.entry(*kind).or_insert(0.5) += count;
        }
    }
    for shares in common.values_mut() {
        let total: f64 = shares.values().sum();
        for share in shares.values_mut() {
            *share /= total;
        }
    }
    let strength = strength(panel, &tallies, &common, specification);
    let weights = |name: &str, tally: Option<&Tally>| -> Vec<(Action, f64)> {
        let Some(shares) = common.get(name) else { return Vec::new() };
        let own = |kind| tally.and_then(|tally| tally.kinds.get(kind)).copied().unwrap_or(0.0);
        shares.iter().map(|(kind, share)| (*kind, short(strength * share + own(kind)))).collect()
    };
    let segments = panel
        .segments
        .iter()
        .zip(&tallies)
        .map(|(segment, tally)| weights(network_of(segment), Some(tally)))
        .collect();
    let networks = common.keys().map(|name| (name.clone(), weights(name, None))).collect();
    let (follows, by_segment) = follows(&tallies);
    (Mix { networks, strength: short(strength), follows }, segments, by_segment)
}

fn tallies(panel: &Panel) -> Vec<Tally> {
    let rates = hidden_rates(panel);
    let mut tallies: Vec<Tally> = panel
        .segments
        .iter()
        .map(|_| Tally { kinds: BTreeMap::new(), follows: None, spend: 0.0 })
        .collect();
    for cell in &panel.cells {
        let tally = &mut tallies[cell.segment];
        for kind in cell.actions.active_kinds() {
            let network = network_of(&panel.segments[cell.segment]);
            let rate = rates.get(&(network, kind)).copied().unwrap_or(0.0);
            *tally.kinds.entry(kind).or_insert(0.0) += expected(cell, kind, rate);
        }
        if let Some(follows) = cell.range(Action::Follows) {
            *tally.follows.get_or_insert(0.0) += follows.0;
            tally.spend += cell.spend;
        }
    }
    tallies
}

/// Actions per unit of money of each network's kinds that have suppressed counts: the rate at which
/// the counts that are known and what is expected of the others have that mean (EM).
fn hidden_rates(panel: &Panel) -> BTreeMap<(&str, Action), f64> {
    const ROUNDS: usize = 50;
    let mut cells: BTreeMap<(&str, Action), Vec<&Cell>> = BTreeMap::new();
    let hidden: BTreeSet<Action> =
        panel.cells.iter().flat_map(|cell| cell.censored.iter().copied()).collect();
    for cell in panel.cells.iter().filter(|cell| cell.spend > 0.0 && !hidden.is_empty()) {
        for kind in hidden.iter().filter(|kind| cell.actions.get(**kind).is_some()) {
            cells.entry((network_of(&panel.segments[cell.segment]), *kind)).or_default().push(cell);
        }
    }
    let rate = |(key, cells): (_, Vec<&Cell>)| {
        let spend: f64 = cells.iter().map(|cell| cell.spend).sum();
        let (_, kind): (&str, Action) = key;
        let most =
            cells.iter().filter_map(|cell| cell.range(kind)).map(|range| range.1).sum::<f64>();
        let mut rate = most / spend;
        for _ in 0..ROUNDS {
            rate = cells.iter().map(|cell| expected(cell, kind, rate)).sum::<f64>() / spend;
        }
        (key, rate)
    };
    cells.into_iter().map(rate).collect()
}

/// The count of a kind; of a suppressed one, its mean within its limits under a Poisson law.
fn expected(cell: &Cell, kind: Action, rate: f64) -> f64 {
    let Some((least, most)) = cell.range(kind) else { return 0.0 };
    if most <= least {
        return least;
    }
    let mean = (rate * cell.spend).max(1e-9);
    let first = least.floor();
    let (mut term, mut sum, mut beyond, mut k) = (1.0, 0.0, 0.0, 0.0);
    while first + k <= most {
        sum += term;
        beyond += k * term;
        k += 1.0;
        term *= mean / (first + k);
        // Terms are only compared with each other.
        if term > 1e250 {
            (term, sum, beyond) = (1.0, sum / term, beyond / term);
        }
    }
    least + beyond / sum
}

/// Strength of the common mix: mode of the Dirichlet-multinomial density on a grid.
fn strength(
    panel: &Panel,
    tallies: &[Tally],
    common: &BTreeMap<String, BTreeMap<Action, f64>>,
    specification: &Specification,
) -> f64 {
    let prior = specification.prior("mix");
    let density = |log: f64| -> f64 {
        let strength = log.exp();
        let data: f64 = panel
            .segments
            .iter()
            .zip(tallies)
            .map(|(segment, tally)| {
                let shares = &common[network_of(segment)];
                let total: f64 = tally.kinds.values().sum();
                let terms: f64 = tally
                    .kinds
                    .iter()
                    .map(|(kind, count)| {
                        let weight = strength * shares[kind];
                        ln_gamma(weight + count) - ln_gamma(weight)
                    })
                    .sum();
                ln_gamma(strength) - ln_gamma(strength + total) + terms
            })
            .sum();
        data - 0.5 * ((log - prior.mean) / prior.sd).powi(2)
    };
    let best = strengths().map(|log| (density(log), log)).max_by(|a, b| a.0.total_cmp(&b.0));
    best.map_or(20.0, |(_, log)| log.exp())
}

/// Gamma law of follows per unit of money: the population's, then each segment's.
#[allow(clippy::type_complexity, reason = "the population's law and one per segment")]
fn follows(tallies: &[Tally]) -> (Option<(f64, f64)>, Vec<Option<(f64, f64)>>) {
    let reported = || tallies.iter().filter_map(|t| Some((t.follows?, t.spend)));
    let (count, spend) = reported().fold((0.0, 0.0), |sum, x| (sum.0 + x.0, sum.1 + x.1));
    if spend <= 0.0 {
        return (None, vec![None; tallies.len()]);
    }
    let rate = (count + 0.5) / spend;
    // Shape by the largest negative binomial density over a grid.
    let density = |shape: f64| -> f64 {
        reported()
            .map(|(y, s)| {
                let mu = (rate * s).max(1e-12);
                ln_gamma(y + shape) - ln_gamma(shape)
                    + shape * (shape / (shape + mu)).ln()
                    + y * (mu / (shape + mu)).ln()
            })
            .sum()
    };
    let shape = [0.3, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0]
        .into_iter()
        .max_by(|a, b| density(*a).total_cmp(&density(*b)))
        .unwrap_or(1.0);
    let money = short(shape / rate);
    let segments = tallies
        .iter()
        .map(|tally| {
            let own = tally.follows.map_or((0.0, 0.0), |follows| (follows, tally.spend));
            Some((short(shape + own.0), short(money + own.1)))
        })
        .collect();
    (Some((shape, money)), segments)
}
