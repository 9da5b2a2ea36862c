//! One who knows: the best split for the parameters, season and shocks of this very future.

use super::horizon::Horizon;
use super::player::{Player, Policy};
use super::remaining::RemainingBudget;
use crate::allocate::rules::policy::PolicyName;
use crate::simulate::future::context::SimulationContext;
use crate::simulate::future::drawn::Future;
use crate::simulate::future::expected::in_full;
use crate::simulate::future::state::SimulationState;

/// Knows the truth of its replicate, keeps the campaign's rules and the plan's pacing.
///
/// It divides once: the money of a segment is spread over the weeks like the plan's, so what it
/// earns bounds every split of the same budget with that pacing. Knowing what will happen, it
/// leaves out the weeks in which a segment's network refuses the topic: that money goes to its
/// other weeks, as one who learns week by week would also move it. A policy that shifts money
/// between weeks for other reasons can come out a little above it.
///
/// The plan is one of the splits that it knows, so in no future is it below the plan: where its own
/// search, which stops at a gap and reads curves from tables, finds nothing better, it takes that.
#[derive(Debug, Clone, Copy)]
pub(super) struct Oracle;

impl Policy for Oracle {
    fn name(&self) -> PolicyName {
        PolicyName::Oracle
    }

    fn begin<'a>(
        &'a self,
        context: &'a SimulationContext<'a>,
        future: &'a Future,
    ) -> Option<Box<dyn Player + 'a>> {
        let state = &mut SimulationState::default();
        let mut expected = |money: &[f64]| in_full(context, future, state, money);
        let money = divided(context, future)
            .filter(|money| expected(money) > expected(&context.plan_cells))
            .unwrap_or_else(|| context.plan_cells.clone());
        Some(Box::new(Knowing { segments: context.segments, money }))
    }

    fn replicates_at_most(&self) -> u64 {
        500
    }
}

/// The best division for this future, up to the solver's gap and its curves' tables; `None` where
/// none keeps the rules.
fn divided(context: &SimulationContext<'_>, future: &Future) -> Option<Vec<f64>> {
    let mut remaining = RemainingBudget::new(context);
    let curves: Vec<Vec<(f64, f64, f64)>> =
        (0..context.segments).map(|i| curve(context, future, &remaining, i)).collect();
    let media = remaining.divide(context, &curves)?;
    let mut money = vec![0.0; context.weeks * context.segments];
    for (i, media) in media.iter().enumerate() {
        for (week, share) in shares(context, future, i).into_iter().enumerate() {
            money[week * context.segments + i] = media * share;
        }
    }
    Some(money)
}

/// Shares of a segment's money by week: the plan's, over the weeks in which anything is shown;
/// all 0 where nothing ever is.
fn shares(context: &SimulationContext<'_>, future: &Future, i: usize) -> Vec<f64> {
    let cells = (0..context.weeks).map(|week| week * context.segments + i);
    let open = |cell: usize| if future.shown_mean[cell] > 0.0 { context.pacing[cell] } else { 0.0 };
    let mut shares: Vec<f64> = cells.clone().map(open).collect();
    let total: f64 = shares.iter().sum();
    // Where every week is open nothing is divided, so that no last digit moves.
    if total > 0.0 && cells.clone().any(|cell| future.shown_mean[cell] == 0.0) {
        for share in &mut shares {
            *share /= total;
        }
    }
    shares
}

/// The true curve of a segment's whole flight in this future.
fn curve(
    context: &SimulationContext<'_>,
    future: &Future,
    remaining: &RemainingBudget,
    i: usize,
) -> Vec<(f64, f64, f64)> {
    let mut shares = shares(context, future, i);
    let most = remaining.most(context, i, &shares);
    if most <= 0.0 {
        return Vec::new();
    }
    let cells = || (0..context.weeks).map(|week| week * context.segments + i);
    let points = future.parameters.points[i];
    if shares.iter().sum::<f64>() <= 0.0 {
        return Vec::new();
    }
    for (share, cell) in shares.iter_mut().zip(cells()) {
        *share *= future.shown_mean[cell];
    }
    let delivery: Vec<f64> = cells().map(|cell| future.delivery_mean[cell]).collect();
    let weights: Vec<f64> = cells().map(|cell| points * future.lift[cell]).collect();
    let response = context.draws.response(i, future.draw);
    let horizon = Horizon {
        response,
        before: response.memory_of(context.past_of(i)).sums(),
        shares: &shares,
        delivery: &delivery,
        weights: &weights,
    };
    horizon.curve(context.arch, most)
}

struct Knowing {
    segments: usize,
    /// Media money, `weeks × segments`.
    money: Vec<f64>,
}

impl Player for Knowing {
    fn money(&mut self, week: usize, out: &mut [f64]) {
        out.copy_from_slice(&self.money[week * self.segments..(week + 1) * self.segments]);
    }

    fn learn(&mut self, _week: usize, _spent: &[f64], _counts: &[f64]) {}
}
