//! The same for everybody.

use super::{Policy, Scene};

/// Equal shares for all segments that may be funded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Equal;

impl Policy for Equal {
    fn name(&self) -> &'static str {
        "equal"
    }

    fn cells(&self, scene: &Scene<'_>) -> Option<Vec<f64>> {
        let budgets = scene
            .baseline("equal")
            .unwrap_or_else(|| scene.in_proportion((0..scene.segments).map(|_| 1.0)));
        Some(scene.cells(&budgets))
    }
}
