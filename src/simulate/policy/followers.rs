//! Buying followers, for contrast.

use super::cheapest::fill;
use super::player::Policy;
use super::proportional::efficiency;
use crate::allocate::rules::policy::PolicyName;
use crate::simulate::future::context::SimulationContext;

/// Segments in order of follows per unit of money; absent when no follow was ever reported.
#[derive(Debug, Clone, Copy)]
pub(super) struct Followers;

impl Policy for Followers {
    fn name(&self) -> PolicyName {
        PolicyName::Followers
    }

    fn cells(&self, context: &SimulationContext<'_>) -> Option<Vec<f64>> {
        if let Some(budgets) = context.baseline(PolicyName::Followers) {
            return Some(context.cells(&budgets));
        }
        let rate = |i: usize| {
            let draws = &context.draws.segments[i].draws;
            draws.iter().map(|draw| draw.follows_rate).sum::<f64>() / draws.len() as f64
        };
        let rates: Vec<f64> = (0..context.segments).map(rate).collect();
        if rates.iter().all(|rate| *rate == 0.0) {
            return None;
        }
        // Equal rates are told apart by engagement, a little.
        let score = |i: usize| rates[i] * (1.0 + 1e-9 * efficiency(context, i));
        let scores: Vec<f64> = (0..context.segments).map(score).collect();
        Some(context.cells(&fill(context, &scores)))
    }
}
