//! What was done last time, scaled to this budget.

use super::player::Policy;
use crate::allocate::rules::policy::PolicyName;
use crate::simulate::future::scene::Scene;

/// The last split; absent when the model knows none.
#[derive(Debug, Clone, Copy)]
pub(super) struct LastSplit;

impl Policy for LastSplit {
    fn name(&self) -> PolicyName {
        PolicyName::Last
    }

    fn cells(&self, scene: &Scene<'_>) -> Option<Vec<f64>> {
        let budgets = scene.baseline(PolicyName::Last).or_else(|| {
            let last = scene.last.as_ref()?;
            Some(scene.in_proportion(last.iter().copied()))
        })?;
        Some(scene.cells(&budgets))
    }
}
