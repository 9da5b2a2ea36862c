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
use super::future::context::SimulationContext;
use super::future::drawn::Future;
use super::future::state::SimulationState;
use super::inputs::{Inputs, Settings};
use super::outcomes::{Outcomes, Spread};
use super::run;
use super::run::Fixed;
use crate::allocate::judge::account::judge_tails;
use crate::allocate::plan::row::Range;
use crate::allocate::plan::{Plan, Promise, Promised, Source, Totals};
use crate::allocate::rules::policy::PolicyName;
use crate::random::Seed;
use crate::rules::finding::Reader;
use crate::train::posterior::draws::Draws;

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

/// Lets the outcomes of a promise's own futures tell the plan's promise, and those of the others
/// as much more or less than it as they are: what chance moved in these few futures is known from
/// the plan, whose mean is that of its draws.
///
/// The splits that the plan was compared with have the means that it tells of them. Actions follow
/// points, and what an action costs follows actions.
pub fn settle(outcomes: &mut Outcomes, plan: &Plan) {
    let Some(promise) = plan.promise else { return };
    let Some(simulated) = outcomes.policies.first().map(|own| (own.value, own.actions)) else {
        return;
    };
    let told = (promise.value.range, promise.actions.range);
    for policy in &mut outcomes.policies {
        let before = policy.actions.mean;
        if policy.name == PolicyName::Plan {
            (policy.value, policy.actions) =
                (within(told.0, simulated.0), within(told.1, simulated.1));
            policy.carbon_g = plan.carbon_g.or(policy.carbon_g);
        } else if let Some(known) = plan.baselines.iter().find(|own| own.name == policy.name) {
            let luck = known.value.mean / policy.value.mean;
            policy.value.mean = known.value.mean;
            policy.actions.mean *= if luck.is_finite() { luck } else { 1.0 };
        } else {
            policy.value.mean = (policy.value.mean + told.0.mean - simulated.0.mean).max(0.0);
            policy.actions.mean = (policy.actions.mean + told.1.mean - simulated.1.mean).max(0.0);
        }
        let actions = policy.actions.mean;
        policy.cost_per_action =
            policy.cost_per_action.filter(|_| actions > 0.0).map(|cost| cost * before / actions);
    }
}

/// What is promised, with the deviation that was simulated.
fn within(promised: Range, simulated: Spread) -> Spread {
    let Range { mean, p10, p50, p90, mostly } = promised;
    Spread { mean, sd: simulated.sd, p10, p50, p90, mostly }
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
    let context = SimulationContext::new(&inputs, &settings)?;
    let mut fixed = [Fixed::new(&context, PolicyName::Plan, context.plan_cells.clone())];
    run::splits(&context, &mut fixed, &settings, seed, &|_| true);
    let accounts = &fixed[0].accounts;
    let range = |values: &[f64]| Range::with_tails(values, how.tail);
    Ok(Futures {
        replicates: accounts.len() as u64,
        actions: range(&accounts.actions),
        value: range(&accounts.value),
        rows: rows(&context, &fixed[0].cells, accounts.len(), seed, how.tail),
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
    context: &SimulationContext<'_>,
    cells: &[f64],
    replicates: usize,
    seed: Seed,
    tail: f64,
) -> Vec<(usize, Totals)> {
    let n = context.segments;
    let funded: Vec<usize> =
        (0..n).filter(|i| cells.iter().skip(*i).step_by(n).any(|money| *money > 0.0)).collect();
    let kept = replicates.min((KEPT / funded.len().max(1)).max(100));
    let counts: Vec<Vec<(f64, f64)>> = (0..kept)
        .into_par_iter()
        .with_min_len(8)
        .map_init(
            || (SimulationState::default(), None::<Future>),
            |(state, future), replicate| {
                let replicate = replicate as u64;
                let future = future.get_or_insert_with(|| Future::new(context, seed, replicate));
                if future.replicate != replicate {
                    future.become_replicate(context, seed, replicate);
                }
                state.begin(context, future);
                let mut sums = vec![(0.0, 0.0); funded.len()];
                for week in 0..context.weeks {
                    state.happen(context, future, week, &cells[week * n..(week + 1) * n]);
                    for (sum, &i) in sums.iter_mut().zip(&funded) {
                        sum.0 += state.counts[i];
                        sum.1 += state.counts[i] * future.parameters.points[i];
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    use crate::campaign::{Campaign, Shock};
    use crate::language::Language;
    use crate::reference::Reference;
    use crate::rules::Tables;
    use crate::simulate::fixture;

    /// A plan over few draws, promised; its means are those of its draws.
    fn promised(shock: Option<f64>, change: impl Fn(&mut Draws), how: &How) -> (Plan, Plan) {
        let mut draws = fixture::draws(6, 200, 4, 5);
        change(&mut draws);
        let mut campaign = fixture::campaign(4);
        let week = campaign.weeks()[0];
        campaign.shocks.extend(shock.map(|probability| Shock {
            name: "refuses".to_owned(),
            conditions: BTreeMap::from([("network".to_owned(), vec![draws.networks[0].clone()])]),
            from: week,
            to: week.plus(3),
            probability,
            cpm: 1.0,
            actions: 0.0,
        }));
        let before = planned(&draws, &campaign);
        let mut plan = before.clone();
        let tables = Tables::load(&Reference::default()).unwrap();
        let inputs = Inputs { draws: &draws, plan: &before, campaign: &campaign, tables: &tables };
        keep(&mut plan, &inputs, how, Seed(3), &reader(&campaign)).unwrap();
        (before, plan)
    }

    fn planned(draws: &Draws, campaign: &Campaign) -> Plan {
        let tables = Tables::load(&Reference::default()).unwrap();
        let last = vec![1.0; draws.segments.len()];
        let request = crate::allocate::PlanRequest {
            campaign,
            choose: draws,
            promise: draws,
            last: Some(&last),
            tables: &tables,
            language: Language::En,
            seed: Seed(1),
            fingerprint: "",
            earlier: None,
            history: None,
            asked: None,
            today: None,
            country: "FR",
            doubts: &[],
            money_in: Some(campaign.budget.currency()),
            settings: crate::allocate::Settings::default(),
            bare: false,
        };
        crate::allocate::plan(&request).unwrap()
    }

    fn reader(campaign: &Campaign) -> Reader<'_> {
        Reader {
            language: Language::En,
            currency: Some(campaign.budget.currency()),
            overrides: &campaign.overrides,
        }
    }

    #[test]
    fn one_promise_whose_mean_is_that_of_the_draws_and_lies_inside_chance_and_all() {
        let how = How { replicates: Some(3000), ..How::default() };
        let (before, plan) = promised(None, |_| {}, &how);
        let promise = plan.promise.unwrap();
        assert_eq!(promise.value.source, Source::Futures { futures: 3000 });
        assert_eq!((promise.value.range, promise.actions.range), (plan.value, plan.actions));
        let expected = plan.expected.unwrap();
        assert_eq!((expected.value, expected.actions), (before.value, before.actions));
        assert_eq!(plan.value.mean, before.value.mean);
        let rows: f64 = plan.rows.iter().map(|row| row.value.mean).sum();
        assert!((rows / plan.value.mean - 1.0).abs() < 1e-9);
        // Counts scatter more than what is expected of them, each row's and the whole's.
        let width = |range: &Range| range.p90 - range.p10;
        assert!(width(&plan.value) > width(&before.value));
        for (row, old) in plan.rows.iter().zip(&before.rows).filter(|(row, _)| row.budget > 0.0) {
            assert!(row.value.holds_its_mean() && width(&row.actions) > width(&old.actions));
            // The middle of the futures is near the mean of the draws: not another account. The
            // laws lean to the right by up to a quarter here.
            assert!((row.actions.p50 / row.actions.mean - 1.0).abs() < 0.25, "{:?}", row.actions);
        }
        // Only rules have anything to say.
        let own = ["heavy-tail", "chosen-not-promised", "more-actions-than-impressions", "model-"];
        let is_own = |code: &str| own.iter().any(|start| code.starts_with(start));
        let silent = plan.findings.iter().all(|found| !is_own(&found.code));
        assert!(silent, "{:?}", plan.findings);
    }

    #[test]
    fn what_weeks_held_back_say_of_an_interval_widens_it_and_moves_no_mean() {
        let how = |tail| How { replicates: Some(2000), tail, ..How::default() };
        let (_, plain) = promised(None, |_| {}, &how(0.1));
        let (_, wide) = promised(None, |_| {}, &how(0.05));
        assert!(wide.value.p10 < plain.value.p10 && wide.value.p90 > plain.value.p90);
        assert_eq!((wide.value.mean, wide.value.p50), (plain.value.mean, plain.value.p50));
    }

    #[test]
    fn a_network_that_nearly_always_refuses_is_a_sentence_with_its_probability() {
        // Too rich to be left out, even for a tenth of what it brings.
        let rich = |draws: &mut Draws| {
            for segment in draws.segments.iter_mut().filter(|segment| segment.network == 0) {
                segment.draws.iter_mut().for_each(|own| own.ceiling *= 30.0);
            }
        };
        let how = How { replicates: Some(4000), ..How::default() };
        let (_, plan) = promised(Some(0.9), rich, &how);
        let first = &plan.rows[0].attributes["network"];
        let refused = plan.rows.iter().filter(|row| row.attributes["network"] == *first);
        let refused: Vec<_> = refused.filter(|row| row.budget > 0.0).collect();
        assert!(!refused.is_empty());
        for row in refused {
            let mostly = row.actions.mostly.expect("nine times in ten it is nothing");
            assert_eq!(mostly.value, 0.0);
            // Four standard errors of 90 % over 4000 futures: 1.9 points.
            assert!((mostly.probability - 0.9).abs() < 0.019, "{mostly:?}");
        }
        // The whole is no single value; where a tenth of the futures makes its mean, it says so.
        let told = |code: &str| plan.findings.iter().any(|finding| finding.code == code);
        assert!(plan.value.mostly.is_none());
        assert_eq!(told("heavy-tail"), !plan.value.holds_its_mean(), "{:?}", plan.findings);
        assert!(!told("heavy-tail-segments"), "{:?}", plan.findings);
    }

    #[test]
    fn a_few_extreme_draws_are_told_and_not_clipped() {
        let wild = |draws: &mut Draws| draws.segments[1].draws[7].ceiling *= 1e6;
        let how = How { replicates: Some(1000), ..How::default() };
        let (before, plan) = promised(None, wild, &how);
        assert_eq!(plan.value.mean, before.value.mean);
        assert!(plan.value.mean > plan.value.p90, "{:?}", plan.value);
        let tail = plan.findings.iter().find(|finding| finding.code == "heavy-tail").unwrap();
        assert!(plan.needs_a_person());
        assert!(plan.findings.iter().any(|finding| finding.code == "heavy-tail-segments"));
        assert!(tail.told.say(Language::En, None).starts_with("Heavy tail: "));
        assert!(tail.told.say(Language::Fr, None).starts_with("Queue lourde"));
    }

    #[test]
    fn organic_actions_are_in_neither_mean_nor_interval() {
        let how = How { replicates: Some(500), ..How::default() };
        let organic = |draws: &mut Draws| {
            draws
                .segments
                .iter_mut()
                .flat_map(|segment| &mut segment.draws)
                .for_each(|own| own.baseline = 5000.0);
        };
        let (_, with) = promised(None, organic, &how);
        let (_, without) = promised(None, |_| {}, &how);
        assert_eq!(with.value, without.value);
    }

    #[test]
    fn the_same_promise_for_any_number_of_threads() {
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let how = How { replicates: Some(600), ..How::default() };
            pool.install(|| promised(Some(0.3), |_| {}, &how).1)
        };
        assert_eq!(with(1), with(4));
    }
}
