//! Whether segments' intervals hold, at money that was spent and at twice it.

use super::decision::{Decision, usual};
use super::knowledge::Knowledge;
use super::lines::Covered;
use super::truth::Truth;
use crate::campaign::Campaign;
use crate::generate::world::World;

/// Asks every segment of a world.
pub(super) fn covered(
    world: &World,
    truth: &Truth<'_>,
    decision: &Decision,
    campaign: &Campaign,
) -> Covered {
    let knowledge = Knowledge::new(&decision.promise, campaign);
    let weeks = campaign.weeks().len() as f64;
    let usual: Vec<f64> = (0..world.segments().len()).map(|i| usual(world, i) * weeks).collect();
    let mut covered = Covered::default();
    let known = |i: &usize| world.weekly_spends(*i).iter().any(|spend| *spend > 0.0);
    for i in (0..usual.len()).filter(known) {
        let holds = |budget: f64| {
            let [low, high] = knowledge.interval80(i, budget);
            u64::from((low..=high).contains(&truth.beside(i, budget, &usual)))
        };
        covered.segments += 1;
        covered.usual += holds(usual[i]);
        covered.twice += holds(2.0 * usual[i]);
    }
    covered
}
