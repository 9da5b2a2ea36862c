//! Cheapest first: fill the most efficient segment to what it has ever taken, then the next.

use super::player::Policy;
use super::proportional::efficiency;
use crate::allocate::rules::policy::PolicyName;
use crate::simulate::future::scene::Scene;

/// Segments in order of past efficiency, each up to its highest observed spend or its limit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cheapest;

impl Policy for Cheapest {
    fn name(&self) -> PolicyName {
        PolicyName::Cheapest
    }

    fn cells(&self, scene: &Scene<'_>) -> Option<Vec<f64>> {
        let budgets = scene.baseline(PolicyName::Cheapest).unwrap_or_else(|| {
            let score: Vec<f64> = (0..scene.segments).map(|i| efficiency(scene, i)).collect();
            fill(scene, &score)
        });
        Some(scene.cells(&budgets))
    }
}

/// Money to the best first, each up to what it has taken before; what is left is shared in
/// proportion, for the budget is spent either way.
pub(super) fn fill(scene: &Scene<'_>, score: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..scene.segments).filter(|i| scene.is_open(*i)).collect();
    order.sort_by(|a, b| score[*b].total_cmp(&score[*a]).then(a.cmp(b)));
    let mut budgets = vec![0.0; scene.segments];
    let mut left = scene.budget;
    for i in order {
        let seen = scene.draws.segments[i].observed_spend * scene.weeks as f64;
        let most = if seen > 0.0 { seen } else { scene.budget };
        budgets[i] = most.min(scene.problem.seats[i].max).min(left);
        left -= budgets[i];
    }
    let used = scene.budget - left;
    if used > 0.0 {
        for budget in &mut budgets {
            *budget *= scene.budget / used;
        }
    }
    budgets
}
