//! The plan itself, week by week as it stands.

use super::player::Policy;
use crate::allocate::rules::policy::PolicyName;
use crate::simulate::future::scene::Scene;

/// This plan.
#[derive(Debug, Clone, Copy)]
pub(super) struct ThisPlan;

impl Policy for ThisPlan {
    fn name(&self) -> PolicyName {
        PolicyName::Plan
    }

    fn cells(&self, scene: &Scene<'_>) -> Option<Vec<f64>> {
        Some(scene.plan_cells.clone())
    }
}
