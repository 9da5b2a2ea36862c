//! Who decides in a future: a policy, and a player of it in one future.

use crate::allocate::rules::policy::PolicyName;
use crate::simulate::future::context::SimulationContext;
use crate::simulate::future::drawn::Future;

/// A way to divide a budget.
pub trait Policy: Send + Sync {
    /// Its name in results.
    fn name(&self) -> PolicyName;

    /// Media money by cell (`weeks × segments`), when it does the same in every future.
    ///
    /// `None`: it looks at the future ([`Policy::begin`]), or it cannot be followed here (the
    /// last split without a history).
    fn cells(&self, _scene: &SimulationContext<'_>) -> Option<Vec<f64>> {
        None
    }

    /// What it does in one future, when that depends on the future.
    fn begin<'a>(
        &'a self,
        _scene: &'a SimulationContext<'a>,
        _future: &'a Future,
    ) -> Option<Box<dyn Player + 'a>> {
        None
    }

    /// Most replicates that it plays: a policy that thinks in every future is slow.
    fn replicates_at_most(&self) -> u64 {
        u64::MAX
    }
}

/// A policy in one future, asked week by week.
pub trait Player {
    /// Media money of this week, one per segment, from what happened before.
    fn money(&mut self, week: usize, out: &mut [f64]);

    /// Told what happened: money really spent and counts, one per segment.
    fn learn(&mut self, week: usize, spent: &[f64], counts: &[f64]);
}
