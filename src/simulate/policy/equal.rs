//! The same for everybody.

use super::player::Policy;
use crate::allocate::rules::policy::PolicyName;
use crate::simulate::future::scene::Scene;

/// Equal shares for all segments that may be funded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Equal;

impl Policy for Equal {
    fn name(&self) -> PolicyName {
        PolicyName::Equal
    }

    fn cells(&self, scene: &Scene<'_>) -> Option<Vec<f64>> {
        let budgets = scene
            .baseline(PolicyName::Equal)
            .unwrap_or_else(|| scene.in_proportion((0..scene.segments).map(|_| 1.0)));
        Some(scene.cells(&budgets))
    }
}
