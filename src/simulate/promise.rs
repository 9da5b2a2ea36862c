//! What a plan promises: the mean that it was chosen and proven for, and the interval of its
//! simulated futures, chance and shocks inside, for the whole and for each segment.
//!
//! The mean is the mean over the promise's draws of what is expected in each (count noise has mean
//! 0, the luck of a network's week mean 1, shocks enter by their expectation); the interval is
//! that of counts as they may happen. Organic actions, which come without the plan's money, are in
//! neither.

use std::borrow::Cow;

use rayon::prelude::*;

use super::error::SimulateError;
use super::future::Future;
use super::run::{self, Fixed};
use super::scene::Scene;
use super::stage::Stage;
use super::{Inputs, Settings};
use crate::allocate::account::judge_tails;
use crate::allocate::plan::{Plan, Promise, Promised, Range, Source, Totals};
use crate::random::Seed;
use crate::rules::finding::Reader;
use crate::train::draws::Draws;

/// Cells that a promise may play: a plan of very many segments is promised on fewer futures.
const CELLS: u64 = 30_000_000;
/// Numbers kept to read the intervals of segments from.
const KEPT: usize = 4_000_000;

/// How a promise is simulated: the error of a batch's simulation, no other policy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct How {
    /// So many futures; `None`: as many as the error target asks for.
    pub replicates: Option<u64>,
    /// Monte Carlo standard error of the plan's mean value, as a share of it.
    pub error_target: f64,
    /// Share of futures on either side of an interval: a tenth, less where weeks held back say
    /// that a tenth is more.
    pub tail: f64,
}

impl Default for How {
    fn default() -> Self {
        Self { replicates: None, error_target: 0.01, tail: 0.1 }
    }
}

/// Simulates the plan alone and puts what it promises into it: `promise`, and the same numbers in
/// `actions`, `value` and the rows. What was there, the spread of parameters alone, becomes
/// `expected`. Intervals are judged anew.
///
/// # Errors
///
/// [`SimulateError`] when plan, draws and campaign do not belong together.
pub fn keep(
    plan: &mut Plan,
    inputs: &Inputs<'_>,
    how: &How,
    seed: Seed,
    reader: &Reader<'_>,
) -> Result<(), SimulateError> {
    let futures = futures(inputs, how, seed)?;
    plan.expected = Some(Totals { actions: plan.actions, value: plan.value });
    plan.actions = Range { mean: plan.actions.mean, ..futures.actions };
    plan.value = Range { mean: plan.value.mean, ..futures.value };
    let source = Source::Futures { futures: futures.replicates };
    plan.promise = Some(Promise {
        actions: Promised { range: plan.actions, source },
        value: Promised { range: plan.value, source },
    });
    for (row, own) in futures.rows {
        let row = &mut plan.rows[row];
        row.actions = Range { mean: row.actions.mean, ..own.actions };
        row.value = Range { mean: row.value.mean, ..own.value };
    }
    judge_tails(plan, reader);
    Ok(())
}

/// The futures of one plan.
struct Futures {
    replicates: u64,
    actions: Range,
    value: Range,
    /// Funded rows by position.
    rows: Vec<(usize, Totals)>,
}

fn futures(inputs: &Inputs<'_>, how: &How, seed: Seed) -> Result<Futures, SimulateError> {
    let draws = bought(inputs.draws);
    let inputs = Inputs { draws: &draws, ..*inputs };
    let cells = (inputs.plan.rows.len() * inputs.campaign.weeks().len()) as u64;
    let settings = Settings {
        replicates: how.replicates,
        error_target: how.error_target,
        most: (CELLS / cells.max(1)).clamp(100, Settings::default().most),
        ..Settings::default()
    };
    run::check(&settings)?;
    let scene = Scene::new(&inputs, &settings)?;
    let mut fixed = [Fixed::new(&scene, "plan", scene.plan_cells.clone())];
    run::splits(&scene, &mut fixed, &settings, seed, &|_| true);
    let ledger = &fixed[0].ledger;
    let range = |values: &[f64]| Range::with_tails(values, how.tail);
    Ok(Futures {
        replicates: ledger.len() as u64,
        actions: range(&ledger.actions),
        value: range(&ledger.value),
        rows: rows(&scene, &fixed[0].cells, ledger.len(), seed, how.tail),
    })
}

/// The draws without the organic actions that come whatever is planned.
fn bought(draws: &Draws) -> Cow<'_, Draws> {
    let organic = draws.segments.iter().flat_map(|own| &own.draws).any(|own| own.baseline > 0.0);
    if !organic {
        return Cow::Borrowed(draws);
    }
    let mut draws = draws.clone();
    for own in draws.segments.iter_mut().flat_map(|segment| &mut segment.draws) {
        own.baseline = 0.0;
    }
    Cow::Owned(draws)
}

/// Actions and points of each funded row over the first futures.
fn rows(
    scene: &Scene<'_>,
    cells: &[f64],
    replicates: usize,
    seed: Seed,
    tail: f64,
) -> Vec<(usize, Totals)> {
    let n = scene.segments;
    let funded: Vec<usize> =
        (0..n).filter(|i| cells.iter().skip(*i).step_by(n).any(|money| *money > 0.0)).collect();
    let kept = replicates.min((KEPT / funded.len().max(1)).max(100));
    let counts: Vec<Vec<(f64, f64)>> = (0..kept)
        .into_par_iter()
        .with_min_len(8)
        .map_init(
            || (Stage::default(), None::<Future>),
            |(stage, future), replicate| {
                let replicate = replicate as u64;
                let future = future.get_or_insert_with(|| Future::new(scene, seed, replicate));
                if future.replicate != replicate {
                    future.become_replicate(scene, seed, replicate);
                }
                stage.begin(scene, future);
                let mut sums = vec![(0.0, 0.0); funded.len()];
                for week in 0..scene.weeks {
                    stage.happen(scene, future, week, &cells[week * n..(week + 1) * n]);
                    for (sum, &i) in sums.iter_mut().zip(&funded) {
                        sum.0 += stage.counts[i];
                        sum.1 += stage.counts[i] * future.parameters.points[i];
                    }
                }
                sums
            },
        )
        .collect();
    let range = |of: &dyn Fn(&(f64, f64)) -> f64, at: usize| {
        let values: Vec<f64> = counts.iter().map(|sums| of(&sums[at])).collect();
        Range::with_tails(&values, tail)
    };
    let totals =
        |at: usize| Totals { actions: range(&|sum| sum.0, at), value: range(&|sum| sum.1, at) };
    funded.iter().enumerate().map(|(at, row)| (*row, totals(at))).collect()
}
