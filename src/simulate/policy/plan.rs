//! The plan itself, week by week as it stands.

use super::player::Policy;
use crate::allocate::rules::policy::PolicyName;
use crate::simulate::future::context::SimulationContext;

/// This plan.
#[derive(Debug, Clone, Copy)]
pub(super) struct ThisPlan;

impl Policy for ThisPlan {
    fn name(&self) -> PolicyName {
        PolicyName::Plan
    }

    fn cells(&self, context: &SimulationContext<'_>) -> Option<Vec<f64>> {
        Some(context.plan_cells.clone())
    }
}
