//! Where one policy meets one future, a week at a time.

use super::context::SimulationContext;
use super::drawn::Future;
use super::parameters::Memory;
use crate::numeric::sample::poisson;

/// The state of a flight under way, and room for one week's numbers, one per segment.
#[derive(Debug, Clone, Default)]
pub(crate) struct SimulationState {
    memory: Memory,
    memory_mean: Memory,
    /// Money really spent this week.
    pub(crate) spent: Vec<f64>,
    /// Expected counts of this week, luck of delivery included.
    pub(crate) means: Vec<f64>,
    rates: Vec<f64>,
    /// Counts of this week.
    pub(crate) counts: Vec<f64>,
    single: Option<crate::numeric::sample::stream::Single>,
}

impl SimulationState {
    /// Before the first week: nobody remembers anything (a new creative), or what a running
    /// flight has shown so far.
    pub(crate) fn begin(&mut self, context: &SimulationContext<'_>, future: &Future) {
        for buffer in [&mut self.spent, &mut self.means, &mut self.rates, &mut self.counts] {
            buffer.clear();
            buffer.resize(context.segments, 0.0);
        }
        for memory in [&mut self.memory, &mut self.memory_mean] {
            memory.clear(context.segments);
            memory.recall(&future.parameters, &context.past);
        }
        self.single = Some(future.single.clone());
    }

    /// What happens in a week with this money: counts drawn, luck and all.
    pub(crate) fn happen(
        &mut self,
        context: &SimulationContext<'_>,
        future: &Future,
        week: usize,
        money: &[f64],
    ) {
        let n = context.segments;
        let cells = week * n..(week + 1) * n;
        multiply(money, &future.shown[cells.clone()], &mut self.spent);
        future.parameters.week(
            context.arch,
            &self.spent,
            &future.delivery[cells.clone()],
            &future.lift[cells.clone()],
            &mut self.memory,
            &mut self.means,
        );
        multiply(&self.means, &future.frailty[cells.clone()], &mut self.rates);
        poisson::fill(
            context.arch,
            &self.rates,
            &future.normals[cells.clone()],
            &future.words[cells],
            self.single.as_mut().expect("`begin` comes first"),
            &mut self.counts,
        );
    }

    /// Expected points of a week with this money, given parameters, season and shocks: no luck
    /// of delivery, no count noise. Leaves the expected counts in `means`.
    pub(crate) fn expect(
        &mut self,
        context: &SimulationContext<'_>,
        future: &Future,
        week: usize,
        money: &[f64],
    ) -> f64 {
        let n = context.segments;
        let cells = week * n..(week + 1) * n;
        multiply(money, &future.shown_mean[cells.clone()], &mut self.rates);
        future.parameters.week(
            context.arch,
            &self.rates,
            &future.delivery_mean[cells.clone()],
            &future.lift[cells],
            &mut self.memory_mean,
            &mut self.means,
        );
        dot(&self.means, &future.parameters.points)
    }
}

fn multiply(a: &[f64], b: &[f64], out: &mut [f64]) {
    for ((a, b), out) in a.iter().zip(b).zip(out) {
        *out = a * b;
    }
}

/// `Σ a b` in eight running sums: the same order always, and faster than one.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    sum_of(a.len(), |i| a[i] * b[i])
}

/// `Σ a` in the same order as [`dot`].
pub(crate) fn sum(a: &[f64]) -> f64 {
    sum_of(a.len(), |i| a[i])
}

fn sum_of(n: usize, term: impl Fn(usize) -> f64) -> f64 {
    let mut sums = [0.0; 8];
    for chunk in 0..n / 8 {
        for (lane, sum) in sums.iter_mut().enumerate() {
            *sum += term(8 * chunk + lane);
        }
    }
    (8 * (n / 8)..n).map(term).chain(sums).sum()
}
