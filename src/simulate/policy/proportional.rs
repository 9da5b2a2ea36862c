//! Money in proportion to past efficiency: what a careful planner does in a spreadsheet.

use super::player::Policy;
use crate::allocate::rules::policy::PolicyName;
use crate::simulate::future::scene::Scene;

/// Shares in proportion to points per unit of money at the spend seen in history.
#[derive(Debug, Clone, Copy)]
pub(super) struct Proportional;

impl Policy for Proportional {
    fn name(&self) -> PolicyName {
        PolicyName::Proportional
    }

    fn cells(&self, scene: &Scene<'_>) -> Option<Vec<f64>> {
        let budgets = scene.baseline(PolicyName::Proportional).unwrap_or_else(|| {
            scene.in_proportion((0..scene.segments).map(|i| efficiency(scene, i)))
        });
        Some(scene.cells(&budgets))
    }
}

/// Points per unit of money of a segment at its usual weekly spend, mean over draws.
pub(super) fn efficiency(scene: &Scene<'_>, segment: usize) -> f64 {
    let mine = &scene.draws.segments[segment];
    let even = scene.budget / (scene.segments * scene.weeks) as f64;
    // Half of the highest week stands for the usual one; without history, an equal split's.
    let usual = if mine.observed_spend > 0.0 { 0.5 * mine.observed_spend } else { even };
    let per_money = |draw: usize| {
        let points = scene.draws.points(segment, draw, &scene.campaign.points);
        points * scene.draws.response(segment, draw).week(usual) / usual
    };
    (0..scene.draws.len()).map(per_money).sum::<f64>() / scene.draws.len() as f64
}
