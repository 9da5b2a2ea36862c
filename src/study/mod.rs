//! Decision quality over worlds whose truth is known: history → train → plan → truth.
//!
//! Each world makes a history; the model learns it, a plan is made on its draws, and the plan is
//! judged by the *expected* actions that it brings under the world's truth, beside the last split
//! and beside the oracle: the same solver, the rules that the planner wrote, on the true curves.
//!
//! Worlds come in families (`data/study.toml`), studied in turn: the standard one, others without
//! trouble, and those that are hard to learn from: money that followed demand, response with a
//! threshold, people whom several networks reach, creatives that tire, rare viral weeks, segments
//! with next to no history, a break of delivery. Each has its own question and targets
//! ([`families`]). Where networks claim the same person, a plan is worth what happens (every person
//! counts once) while a promise is held to what will be reported.
//!
//! Three measures tell where a distance to the oracle comes from:
//!
//! * the pipeline told the true hyper-parameters: what better learning of the
//!   population would bring;
//! * what the plan's own model expects of it against the best split of each of its draws:
//!   what the history leaves open when the model is right;
//! * an oracle on known ground, which knows everything but takes no segment beyond twice the
//!   highest week of its history (or than the plan does): what lies at spends that were tried.
//!
//! Measured on 100 worlds of the standard family (0 to 39 of seeds 1 and 77, 0 to 19 of seed 5):
//! 93.2 ± 0.6 % of the oracle's engagement (92.5, 94.5 and 92.0 % by seed), Σ promised ÷ Σ realised
//! 0.99, 80 % promises that hold in 81 % of worlds, better than the last split in all, no rule
//! broken. Where curves are of the model's family the plan reaches 95.7 %, where they are not
//! 91.6 %; the model expected 97 % in both. The pipeline told the true hyper-parameters does no
//! better (seed 5: ours brings 100.3 ± 0.2 % of its engagement). So what is missing to
//! the 95 % asked for is neither the population's spreads nor the division of money but the
//! curves far from what was tried: outside the family the oracle puts 35 % of its money
//! where a segment gets more than twice its highest week (inside it 20 %), because the past planner
//! spends next to nothing on some of the best audiences. Power laws never saturate, and there
//! twenty times the highest week is still worth its money; a model whose every curve saturates
//! cannot see it. Against an oracle on known ground the plan reaches 97.3 % in worlds of the family
//! and 94.9 % outside it (seeds 1 and 77).
//!
//! It is not that no planner could do better: one with the exact posterior of the population, told
//! the forms, reaches 98.2 ± 0.2 %, and 97.4 ± 0.4 % with a family that holds curves without a
//! ceiling and lets each network's weeks tell which it is (`1 − (1 + z/k)^(−k)` goes on through
//! `k = 0`, a logarithm, to `k < 0`, powers); with the model's own family 95.2 ± 0.8 %. The tests'
//! module `bayes` measures it and says how.
//!
//! Wider priors on the shape (`shape` and `shape_by_network` at 1.0 and 0.8) were tried: they win
//! half a point outside the family, lose more inside it, and make intervals hold less often. More
//! doubt about curves beyond the highest week was not, because it could hardly move a plan: on
//! seed 1 what is promised there is 10 to 12 % too little outside the family and, in sum, too much
//! inside it, so the expected value over both stays.

#[cfg(test)]
mod bayes;
mod covered;
mod decision;
mod families;
mod flights;
mod knowledge;
mod limit;
mod lines;
mod score;
mod settings;
#[cfg(test)]
mod tests;
mod truth;

pub use settings::{Limit, Settings, StudyError};

pub use self::flights::{FlightsLine, Gain, flights};
pub use self::lines::Covered;
pub use self::lines::FamilyLine;
pub use self::lines::Target;
pub use self::lines::{LimitScore, NetworkScore, SegmentScore, WorldScore};
pub use self::score::Study;

use self::decision::{Decision, campaign, decide};
use self::knowledge::Knowledge;
use self::lines::mean_and_deviation;
use self::truth::Truth;

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::campaign::Campaign;
use crate::generate::population::WorldFamily;
use crate::generate::world::World;
use crate::random::Seed;
use crate::rules::Tables;

/// An oracle on known ground takes a segment no further than this many times the highest week of
/// its history, or than the plan does.
const KNOWN_GROUND: f64 = 2.0;

/// Worlds per thread between two looks at whether to stop.
const BATCH: u64 = 2;

/// Studies so many worlds, in parallel, of each family in turn; every family's worlds are the same
/// whoever else is studied.
///
/// Worlds in `known` were studied before, with the same families, settings and seed: they are taken
/// as they are. `progress` hears of the worlds just studied; when it says `false` the answer is from
/// those done so far.
///
/// # Errors
///
/// [`StudyError`] names the first world that could not be studied.
pub fn study(
    families: &[WorldFamily],
    settings: &Settings,
    tables: &Tables,
    seed: Seed,
    known: BTreeMap<u64, WorldScore>,
    progress: &dyn Fn(&[WorldScore]) -> bool,
) -> Result<Study, StudyError> {
    if settings.worlds == 0 || families.is_empty() {
        return Err(StudyError::NoWorlds);
    }
    let mut scores = known;
    scores.retain(|world, _| *world < settings.worlds);
    let left: Vec<u64> = (0..settings.worlds).filter(|w| !scores.contains_key(w)).collect();
    for batch in left.chunks(BATCH as usize * rayon::current_num_threads()) {
        let studied: Result<Vec<WorldScore>, StudyError> =
            batch.par_iter().map(|w| one_world(families, settings, tables, seed, *w)).collect();
        let studied = studied?;
        let go_on = progress(&studied);
        scores.extend(studied.into_iter().map(|score| (score.world, score)));
        if !go_on {
            break;
        }
    }
    Ok(Study::new(families, seed, settings.worlds, scores.into_values().collect()))
}

/// The seed of a family: that of the study for the worlds that give it its name, and one of its own
/// for every other.
fn seed_of(family: &WorldFamily, seed: Seed) -> Seed {
    if family.name == STANDARD || family.name.is_empty() {
        return seed;
    }
    // FNV-1a: a name's own number, whatever its place in the file.
    let id = family.name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    seed.child(id)
}

/// Name of the family whose worlds have the seed's own children.
const STANDARD: &str = "standard";

fn one_world(
    families: &[WorldFamily],
    settings: &Settings,
    tables: &Tables,
    seed: Seed,
    number: u64,
) -> Result<WorldScore, StudyError> {
    let family = &families[(number % families.len() as u64) as usize];
    let seed = seed_of(family, seed).child(number / families.len() as u64);
    let world = World::make(&family.world, seed);
    let campaign = campaign(&world, &family.decision);
    let truth = Truth::new(&world, &campaign);
    let failed = |source| StudyError::Allocate { world: number, source };
    let decision = decide(&world, &campaign, &settings.specification, settings, tables, seed)
        .map_err(|trouble| trouble.of_world(number))?;
    let value = truth.value(&decision.budgets);
    let last = truth.value(&decision.last);
    let oracle = truth.oracle(&decision.problem).map_err(failed)?;
    let weeks = campaign.weeks().len() as f64;
    let seen = |i: usize| {
        let most = KNOWN_GROUND * weeks * decision.promise.segments[i].observed_spend;
        most.max(decision.budgets[i])
    };
    let near = truth.oracle_within(&decision.problem, seen).map_err(failed)?;
    // The solver's tables are cubic between nodes: a split that is known to keep the rules is
    // never better than who knows everything.
    let at_least = |split: &[f64]| truth.value(split).max(value);
    let limit = match settings.limit {
        Limit::Compared if family.decision.told => {
            let told = limit::informed(&world, &settings.specification);
            let limit = decide(&world, &campaign, &told, settings, tables, seed);
            Some(limit.map_err(|trouble| trouble.of_world(number))?)
        }
        _ => None,
    };
    let limit = limit.map(|limit| LimitScore {
        value: truth.value(&limit.budgets),
        promised: limit.promised,
        expected_share: limit.expected_share,
    });
    let reported = truth.reported(&decision.budgets);
    Ok(WorldScore {
        world: number,
        family: family.name.clone(),
        outside: world.is_outside_family(),
        value,
        reported,
        last,
        oracle: at_least(&oracle),
        oracle_on_known_ground: at_least(&near),
        limit,
        expected_share: decision.expected_share,
        promised: decision.promised,
        rank: rank(&decision, reported),
        odds: decision.odds,
        findings: decision.findings.clone(),
        covered: covered::covered(&world, &truth, &decision, &campaign),
        networks: networks(&world, &truth, &decision),
        segments: if settings.closely {
            closely(&world, &truth, &decision, &campaign, &oracle)
        } else {
            Vec::new()
        },
        violation: decision.violation,
        chosen_over_promised: decision.chosen_over_promised,
    })
}

/// Share of the promise's draws that are below the truth.
fn rank(decision: &Decision, value: f64) -> f64 {
    let networks = &decision.promised_by_network;
    let draws = networks.first().map_or(0, Vec::len);
    let total = |d: usize| networks.iter().map(|network| network[d]).sum::<f64>();
    (0..draws).filter(|d| total(*d) < value).count() as f64 / draws.max(1) as f64
}

/// Where the promise was kept and where not.
fn networks(world: &World, truth: &Truth<'_>, decision: &Decision) -> Vec<NetworkScore> {
    let values = truth.by_network(&decision.budgets);
    let told = world.networks().iter().zip(values).map(|(network, value)| {
        let at = decision.promise.networks.iter().position(|name| *name == network.name)?;
        let (promised, sd) = mean_and_deviation(&decision.promised_by_network[at]);
        Some(NetworkScore { network: network.name.clone(), promised, sd, value })
    });
    told.flatten().filter(|score| score.promised > 0.0).collect()
}

/// Every segment of a world: what was believed of it, and what is true.
fn closely(
    world: &World,
    truth: &Truth<'_>,
    decision: &Decision,
    campaign: &Campaign,
    oracle: &[f64],
) -> Vec<SegmentScore> {
    let knowledge = Knowledge::new(&decision.promise, campaign);
    let segments = decision.promise.segments.iter().enumerate();
    segments
        .map(|(i, segment)| {
            let budgets = [decision.budgets[i], oracle[i], decision.last[i]];
            let believed = knowledge.of_segment(i, &budgets);
            let response = world.weekly_truth(i);
            let with = |(mean, sd): (f64, f64), truth: f64| [mean, sd, truth];
            SegmentScore {
                segment: segment.segment.id.clone(),
                observed_spend: segment.observed_spend,
                budgets,
                believed: [believed[0], believed[1], believed[2]],
                truth: budgets.map(|budget| truth.segment(i, budget)),
                log_scale: with(believed[3], response.scale.abs().ln()),
                log_efficiency: with(believed[4], (response.ceiling / response.scale).ln()),
            }
        })
        .collect()
}
