//! One replicate played again, alone, with everything that happened in it.

use serde::{Deserialize, Serialize};

use super::context::SimulationContext;
use super::drawn::Future;
use super::state::SimulationState;
use crate::allocate::rules::policy::PolicyName;
use crate::random::Seed;
use crate::simulate::error::SimulateError;
use crate::simulate::inputs::{Inputs, Settings};
use crate::simulate::{policy, run};
use crate::units::Week;

/// Everything that happens to one policy in one replicate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// The replicate, from 0.
    pub replicate: u64,
    /// The seed.
    pub seed: Seed,
    /// Its joint posterior draw, from 0.
    pub draw: usize,
    /// The policy.
    pub policy: PolicyName,
    /// Shocks of the campaign file that happen.
    pub shocks: Vec<String>,
    /// Points, count noise included: the replicate's entry in the outcomes.
    pub value: f64,
    /// Expected points given parameters, season and shocks.
    pub expected: f64,
    /// One per week and segment with money or actions, weeks first.
    pub cells: Vec<TraceCell>,
}

/// One segment in one week.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TraceCell {
    /// The week.
    pub week: Week,
    /// The segment.
    pub segment: String,
    /// Media money that the policy gives.
    pub money: f64,
    /// What the platform spends of it.
    pub spent: f64,
    /// Impressions bought ÷ impressions that the money buys on average.
    pub delivery: f64,
    /// Season × shocks on actions.
    pub lift: f64,
    /// Expected count given all this.
    pub mean: f64,
    /// The count's frailty: a gamma number of mean 1.
    pub frailty: f64,
    /// Active actions.
    pub count: f64,
}

/// Plays one replicate of one policy again: the same numbers as in the whole simulation.
///
/// # Errors
///
/// As [`crate::simulate::simulation`]; [`SimulateError::UnknownPolicy`] also when the policy cannot be
/// followed here.
pub fn trace(
    inputs: &Inputs<'_>,
    settings: &Settings,
    seed: Seed,
    replicate: u64,
    name: PolicyName,
) -> Result<Trace, SimulateError> {
    run::check(settings)?;
    let context = SimulationContext::new(inputs, settings)?;
    let all = policy::all();
    let policy = all.iter().find(|policy| policy.name() == name);
    let unknown = || policy::unknown(name.word());
    let policy = policy.ok_or_else(unknown)?;
    let future = Future::new(&context, seed, replicate);
    let fixed = policy.cells(&context);
    let mut player = policy.begin(&context, &future);
    if fixed.is_none() && player.is_none() {
        return Err(unknown());
    }
    let mut told = Trace {
        replicate,
        seed,
        draw: future.draw,
        policy: name,
        shocks: named(&context, &future),
        value: 0.0,
        expected: 0.0,
        cells: Vec::new(),
    };
    let (n, mut state) = (context.segments, SimulationState::default());
    state.begin(&context, &future);
    let mut money = vec![0.0; n];
    for week in 0..context.weeks {
        match (&fixed, &mut player) {
            (Some(cells), _) => money.copy_from_slice(&cells[week * n..(week + 1) * n]),
            (None, Some(player)) => player.money(week, &mut money),
            (None, None) => {}
        }
        told.expected += state.expect(&context, &future, week, &money);
        state.happen(&context, &future, week, &money);
        told.value += super::state::dot(&state.counts, &future.parameters.points);
        told.cells.extend(cells(&context, &future, &state, week, &money));
        if let Some(player) = &mut player {
            player.learn(week, &state.spent, &state.counts);
        }
    }
    Ok(told)
}

fn named(context: &SimulationContext<'_>, future: &Future) -> Vec<String> {
    let shocks = context.campaign.shocks.iter().zip(&future.happened);
    shocks.filter(|(_, happened)| **happened).map(|(shock, _)| shock.name.clone()).collect()
}

fn cells(
    context: &SimulationContext<'_>,
    future: &Future,
    state: &SimulationState,
    week: usize,
    money: &[f64],
) -> Vec<TraceCell> {
    let at = |i: usize| week * context.segments + i;
    (0..context.segments)
        .filter(|i| money[*i] > 0.0 || state.counts[*i] > 0.0)
        .map(|i| TraceCell {
            week: context.campaign.weeks()[week],
            segment: context.draws.segments[i].segment.id.clone(),
            money: money[i],
            spent: state.spent[i],
            delivery: future.delivery[at(i)],
            lift: future.lift[at(i)],
            mean: state.means[i],
            frailty: future.frailty[at(i)],
            count: state.counts[i],
        })
        .collect()
}
