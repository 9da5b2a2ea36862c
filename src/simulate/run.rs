//! Replicates in batches, in parallel, until the answer is sharp enough or somebody stops it.

pub(super) use super::policy::player::Policy;

use rayon::prelude::*;

use super::accounts::{Accounts, DOUBTED, Record};
use super::error::SimulateError;
use super::future::context::SimulationContext;
use super::future::drawn::Future;
use super::future::expected;
use super::future::expected::{Expectation, figures_in_full, in_full};
use super::future::figures::Figures;
use super::future::state::{SimulationState, dot, sum};
use super::inputs::Settings;
use super::summary::{difference, standard_error};
use crate::allocate::judge::odds;
use crate::allocate::rules::policy::PolicyName;
use crate::numeric::summary::mean;
use crate::random::Seed;

/// Replicates between two looks at the clock, the error, and whether to stop.
const BATCH: u64 = 250;
/// Replicates of policies that think, between two looks: the same for any number of threads,
/// because a look decides whether to go on.
const THINKING_BATCH: u64 = 16;
/// Replicates of policies that think before their error is first judged.
const THINKING_FIRST_LOOK: u64 = 48;
/// Standard error at which a policy that thinks has played enough: of the mean difference between
/// its expected value and the plan's in the same futures, as a share of the plan's. What is told
/// has one decimal of a percent.
const DIFFERENCE_ERROR: f64 = 0.001;
/// The same for a large difference, as a share of the difference.
const DIFFERENCE_SHARE: f64 = 0.02;
/// Replicates before the error is first judged.
const FIRST_LOOK: u64 = 1000;

/// How far a simulation has come, told between batches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What is under way.
    pub phase: Phase,
    /// Replicates done in this phase.
    pub done: u64,
    /// Replicates of this phase as far as known.
    pub total: u64,
    /// Cells (replicate × policy × segment × week) counted in this phase.
    pub cells: u64,
}

/// What is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Splits that are the same in every future.
    Splits,
    /// Policies that think in every future.
    Thinking,
}

/// A policy that does the same in every future.
pub(super) struct Fixed {
    pub(super) name: PolicyName,
    pub(super) cells: Vec<f64>,
    expectations: Vec<Expectation>,
    /// Mean weekly money by segment.
    pub(super) weekly: Vec<f64>,
    pub(super) accounts: Accounts,
}

/// A policy that thinks in every future.
pub(super) struct Thinking {
    pub(super) policy: Box<dyn Policy>,
    pub(super) accounts: Accounts,
}

impl Fixed {
    pub(super) fn new(context: &SimulationContext<'_>, name: PolicyName, cells: Vec<f64>) -> Self {
        let expectations = Expectation::by_draw(context, &cells);
        let (n, weeks) = (context.segments, context.weeks as f64);
        let of = |i: usize| cells.iter().skip(i).step_by(n).sum::<f64>() / weeks;
        let weekly = (0..n).map(of).collect();
        Self { name, cells, expectations, weekly, accounts: Accounts::default() }
    }

    /// Expected points under the form that this future has for curves not learnt.
    fn doubted(
        &self,
        context: &SimulationContext<'_>,
        future: &Future,
        state: &mut SimulationState,
    ) -> Option<f64> {
        if !context.is_open || future.replicate >= DOUBTED {
            return None;
        }
        let forms = odds::forms(future.seed, future.replicate, context.draws.networks.len());
        let segments = context.draws.segments.iter().zip(&self.weekly);
        let factors: Vec<f64> =
            segments.map(|(segment, weekly)| odds::factor(segment, *weekly, &forms)).collect();
        Some(expected::doubted(context, future, state, &self.cells, &factors))
    }

    /// Plays one replicate.
    fn play(
        &self,
        context: &SimulationContext<'_>,
        future: &Future,
        state: &mut SimulationState,
    ) -> Record {
        let n = context.segments;
        let (expected, figures) = if future.is_shocked() {
            let expected = in_full(context, future, state, &self.cells);
            (expected, figures_in_full(context, future, &self.cells))
        } else {
            let expectation = &self.expectations[future.draw];
            (expectation.given(future), expectation.figures)
        };
        let doubted = self.doubted(context, future, state);
        state.begin(context, future);
        let mut record = Record::new(context.weeks, expected, figures);
        record.doubted = doubted;
        for week in 0..context.weeks {
            state.happen(context, future, week, &self.cells[week * n..(week + 1) * n]);
            record.week(state, future);
        }
        record
    }
}

impl Thinking {
    /// Plays one replicate; nothing when the policy cannot be followed here.
    fn play(
        &self,
        context: &SimulationContext<'_>,
        future: &Future,
        state: &mut SimulationState,
    ) -> Option<Record> {
        let n = context.segments;
        let mut player = self.policy.begin(context, future)?;
        state.begin(context, future);
        let mut record = Record::new(context.weeks, 0.0, Figures::default());
        let mut cells = vec![0.0; n * context.weeks];
        for week in 0..context.weeks {
            let row = &mut cells[week * n..(week + 1) * n];
            player.money(week, row);
            record.expected += state.expect(context, future, week, row);
            state.happen(context, future, week, row);
            record.week(state, future);
            player.learn(week, &state.spent, &state.counts);
        }
        record.figures = figures_in_full(context, future, &cells);
        Some(record)
    }
}

impl Record {
    fn new(weeks: usize, expected: f64, figures: Figures) -> Self {
        let weekly = Vec::with_capacity(weeks);
        Self { value: 0.0, actions: 0.0, expected, doubted: None, weekly, figures }
    }

    /// Adds the week that the stage has just seen.
    fn week(&mut self, state: &SimulationState, future: &Future) {
        let points = dot(&state.counts, &future.parameters.points);
        self.value += points;
        self.actions += sum(&state.counts);
        self.weekly.push(points);
    }
}

/// Plays replicates until enough are done; true when somebody stopped it.
pub(super) fn splits(
    context: &SimulationContext<'_>,
    fixed: &mut [Fixed],
    settings: &Settings,
    seed: Seed,
    progress: &dyn Fn(Progress) -> bool,
) -> (u64, bool) {
    let mut asked = settings.replicates.unwrap_or(FIRST_LOOK.min(settings.most));
    let mut done = 0;
    let per_replicate = (fixed.len() * context.segments * context.weeks) as u64;
    loop {
        while done < asked {
            let end = asked.min(done + BATCH);
            batch(context, fixed, seed, done..end);
            done = end;
            let cells = done * per_replicate;
            if !progress(Progress { phase: Phase::Splits, done, total: asked, cells }) {
                return (asked, done < asked);
            }
        }
        let enough = needed(&fixed[0].accounts, context.draws.len(), settings);
        if enough <= asked {
            return (asked, false);
        }
        asked = enough;
    }
}

/// Replicates that the error target asks for, judged on those done.
fn needed(plan: &Accounts, draws: usize, settings: &Settings) -> u64 {
    let done = plan.len() as u64;
    if settings.replicates.is_some() {
        return done;
    }
    let centre = mean(&plan.value);
    let error = standard_error(&plan.value, draws) / centre.abs().max(f64::MIN_POSITIVE);
    // Beyond ten replicates per draw only more draws would help.
    let most = settings.most.min(10 * draws as u64).max(done);
    if error <= settings.error_target || centre == 0.0 {
        return done;
    }
    // The error falls with the root; a tenth more, because it is itself an estimate.
    let factor = 1.1 * (error / settings.error_target).powi(2);
    ((done as f64 * factor) as u64).clamp(done, most).next_multiple_of(BATCH).min(most)
}

fn batch(
    context: &SimulationContext<'_>,
    fixed: &mut [Fixed],
    seed: Seed,
    replicates: std::ops::Range<u64>,
) {
    let players = &*fixed;
    let records: Vec<Vec<Record>> = (replicates.start as usize..replicates.end as usize)
        .into_par_iter()
        .with_min_len(8)
        .map_init(
            || (SimulationState::default(), None::<Future>),
            |(state, kept), replicate| {
                let replicate = replicate as u64;
                let future = kept.get_or_insert_with(|| Future::new(context, seed, replicate));
                if future.replicate != replicate {
                    future.become_replicate(context, seed, replicate);
                }
                players.iter().map(|policy| policy.play(context, future, state)).collect()
            },
        )
        .collect();
    for of_replicate in &records {
        for (policy, record) in fixed.iter_mut().zip(of_replicate) {
            policy.accounts.add(record);
        }
    }
}

/// Lets the policies that think play the first replicates; true when somebody stopped it.
///
/// Where the error target decides how many futures there are, each stops as soon as its
/// difference to the plan is sharp: futures are shared, so a few dozen tell it.
pub(super) fn thinking(
    context: &SimulationContext<'_>,
    policies: &mut [Thinking],
    plan: &Accounts,
    replicates: u64,
    (settings, seed): (&Settings, Seed),
    progress: &dyn Fn(Progress) -> bool,
) -> bool {
    let mut mosts: Vec<u64> =
        policies.iter().map(|p| p.policy.replicates_at_most().min(replicates)).collect();
    let mut done = 0;
    let (mut played, n) = (0, (context.segments * context.weeks) as u64);
    loop {
        let total = mosts.iter().copied().max().unwrap_or(0);
        if done >= total {
            return false;
        }
        let end = total.min(done + THINKING_BATCH);
        let players = &*policies;
        let records: Vec<Vec<Option<Record>>> = (done..end)
            .into_par_iter()
            .map(|replicate| {
                let future = Future::new(context, seed, replicate);
                let mut state = SimulationState::default();
                let playing = players.iter().zip(&mosts);
                playing
                    .map(|(thinking, most)| {
                        (replicate < *most).then(|| thinking.play(context, &future, &mut state))?
                    })
                    .collect()
            })
            .collect();
        for of_replicate in &records {
            for (policy, record) in policies.iter_mut().zip(of_replicate) {
                if let Some(record) = record {
                    policy.accounts.add(record);
                    played += 1;
                }
            }
        }
        done = end;
        if settings.replicates.is_none() && done >= THINKING_FIRST_LOOK {
            for (policy, most) in policies.iter().zip(&mut mosts) {
                if is_sharp(&policy.accounts, plan) {
                    *most = done.min(*most);
                }
            }
        }
        let total = mosts.iter().copied().max().unwrap_or(0);
        if !progress(Progress { phase: Phase::Thinking, done, total, cells: played * n }) {
            return done < total;
        }
    }
}

/// Whether a policy's difference to the plan is known well enough.
fn is_sharp(accounts: &Accounts, plan: &Accounts) -> bool {
    let (difference, error) = difference(&accounts.expected, &plan.expected);
    error <= DIFFERENCE_ERROR.max(DIFFERENCE_SHARE * difference.abs())
}

/// What [`Settings`] must satisfy.
pub(super) fn check(settings: &Settings) -> Result<(), SimulateError> {
    if settings.replicates == Some(0) {
        return Err(SimulateError::NoReplicates);
    }
    if !(settings.error_target > 0.0 && settings.error_target < 1.0) {
        return Err(SimulateError::ErrorTarget(settings.error_target));
    }
    if !(0.0..1.0).contains(&settings.unspent) {
        return Err(SimulateError::Unspent(settings.unspent));
    }
    Ok(())
}
