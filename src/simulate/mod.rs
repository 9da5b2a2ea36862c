//! Model + policies + seed → outcomes.
//!
//! Each replicate is one future: a joint posterior draw, season, shocks, delivery and counts from
//! the replicate's own stream of random numbers ([`future`]). Every policy ([`policy`]) meets the
//! same futures, so differences are sharp. "Beats" and "regret" are judged on the expected value
//! given the future's parameters, season and shocks; count noise is left out, because how it is
//! shared between policies cannot be known.
//!
//! Assumptions: the value of a count is its mean mix of kinds in that draw (the multinomial
//! scatter of kinds is an order of magnitude below the over-dispersion of counts); a flight begins
//! with a new creative, so nobody remembers anything; reach is not de-duplicated over segments.

mod accounts;
pub mod details;
pub mod error;
pub mod fixture;
pub mod future;
pub mod outcomes;
pub mod policy;
pub mod promise;
pub mod promised;
mod run;
pub mod summary;

pub use self::error::SimulateError;
pub use self::run::{Phase, Progress};

use self::accounts::Accounts;
use self::details::{Details, Simulation};
use self::future::context::SimulationContext;
use self::outcomes::Outcomes;
use self::run::{Fixed, Thinking};
use self::summary::{Beside, outcome, standard_error};

use std::collections::BTreeMap;

use crate::allocate::judge::odds;
use crate::allocate::rules::policy::PolicyName;
use crate::numeric::summary::mean;
use crate::random::Seed;

/// Futures that the oracle plays when somebody stops the simulation early.
const HURRIED: u64 = 20;

/// Simulates a plan beside other policies.
///
/// `progress` hears of every batch; when it says `false` the answer is from the replicates done
/// so far (at least one batch). `cells_per_second` is left at 0: this stage has no clock.
///
/// ```
/// use relais::random::Seed;
/// use relais::reference::Reference;
/// use relais::rules::Tables;
/// use relais::simulate::{Inputs, Settings, fixture, outcomes};
///
/// let (draws, campaign) = (fixture::draws(4, 100, 6, 1), fixture::campaign(6));
/// let plan = fixture::plan(&draws, &campaign, &[250.0; 4]);
/// let tables = Tables::load(&Reference::default())?;
/// let inputs = Inputs { draws: &draws, plan: &plan, campaign: &campaign, tables: &tables };
/// let settings = Settings { replicates: Some(200), ..Settings::default() };
/// let told = outcomes(&inputs, &settings, Seed(1), &|_| true)?;
/// // The plan and what it is held against, over the same futures.
/// assert!(told.policies.len() > 2 && told.policies[0].value.p10 < told.policies[0].value.p90);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`SimulateError`] when plan, draws and campaign do not belong together.
pub fn outcomes(
    inputs: &Inputs<'_>,
    settings: &Settings,
    seed: Seed,
    progress: &dyn Fn(Progress) -> bool,
) -> Result<Outcomes, SimulateError> {
    Ok(simulation(inputs, settings, seed, progress)?.outcomes)
}

/// [`outcomes`], with what a careful reader asks next.
///
/// # Errors
///
/// As [`outcomes`].
pub fn simulation(
    inputs: &Inputs<'_>,
    settings: &Settings,
    seed: Seed,
    progress: &dyn Fn(Progress) -> bool,
) -> Result<Simulation, SimulateError> {
    run::check(settings)?;
    let context = SimulationContext::new(inputs, settings)?;
    let (mut fixed, mut thinking) = players(&context, settings);
    let (asked, stopped) = run::splits(&context, &mut fixed, settings, seed, progress);
    let done = fixed[0].accounts.len() as u64;
    if stopped {
        // A few futures of the oracle, so that regret means something even in a hurry.
        thinking.retain(|player| player.policy.name() == PolicyName::Oracle);
        let few = done.min(HURRIED);
        run::thinking(&context, &mut thinking, &fixed[0].accounts, few, (settings, seed), &|_| {
            true
        });
    }
    let stopped = stopped
        || run::thinking(
            &context,
            &mut thinking,
            &fixed[0].accounts,
            done,
            (settings, seed),
            progress,
        );
    thinking.retain(|player| !player.accounts.is_empty());
    Ok(summary(&context, settings, seed, asked, stopped, &fixed, &thinking))
}

/// Said probability that a plan beats the last split, as [`outcomes`] tells it, without the policies
/// that think in every future; `None` without a last split.
///
/// # Errors
///
/// As [`outcomes`].
pub(crate) fn beats_last(
    inputs: &Inputs<'_>,
    replicates: u64,
    seed: Seed,
) -> Result<Option<f64>, SimulateError> {
    let settings = Settings {
        replicates: Some(replicates),
        policies: Some(Vec::new()),
        ..Settings::default()
    };
    run::check(&settings)?;
    let context = SimulationContext::new(inputs, &settings)?;
    if context.last.is_none() {
        return Ok(None);
    }
    let (mut fixed, _) = players(&context, &settings);
    let (asked, stopped) = run::splits(&context, &mut fixed, &settings, seed, &|_| true);
    let simulated = summary(&context, &settings, seed, asked, stopped, &fixed, &[]);
    Ok(simulated.outcomes.policies.first().map(|plan| plan.p_beats_last))
}

/// The policies that can be followed here, in the order of [`policy::all`].
fn players(context: &SimulationContext<'_>, settings: &Settings) -> (Vec<Fixed>, Vec<Thinking>) {
    let (mut fixed, mut thinking) = (Vec::new(), Vec::new());
    for policy in policy::chosen(settings) {
        match policy.cells(context) {
            Some(cells) => fixed.push(Fixed::new(context, policy.name(), cells)),
            None => thinking.push(Thinking { policy, accounts: Accounts::default() }),
        }
    }
    (fixed, thinking)
}

fn summary(
    context: &SimulationContext<'_>,
    settings: &Settings,
    seed: Seed,
    asked: u64,
    partial: bool,
    fixed: &[Fixed],
    thinking: &[Thinking],
) -> Simulation {
    let played = fixed.iter().map(|player| (player.name, &player.accounts));
    let thought = thinking.iter().map(|player| (player.policy.name(), &player.accounts));
    let ledgers: BTreeMap<PolicyName, &Accounts> = played.clone().chain(thought.clone()).collect();
    let plan = &fixed[0].accounts;
    let reference = [PolicyName::Last, PolicyName::Equal, PolicyName::Plan]
        .into_iter()
        .find(|name| ledgers.contains_key(name));
    let reference = reference.expect("the plan is always played");
    let money = |name: PolicyName| fixed.iter().find(|player| player.name == name);
    let unlearnt = |a: PolicyName, b: PolicyName| match (money(a), money(b)) {
        (Some(a), Some(b)) => odds::unlearnt(context.draws, &a.weekly, &b.weekly),
        // What looks at the future before it divides is judged in that future alone.
        _ => 0.0,
    };
    let beside = |name: PolicyName| Beside {
        plan,
        reference: ledgers[&reference],
        oracle: ledgers.get(&PolicyName::Oracle).copied().unwrap_or(plan),
        draws: context.draws.len(),
        weeks: context.weeks,
        unlearnt: (unlearnt(name, reference), unlearnt(PolicyName::Plan, name)),
        tail: settings.tail,
        thinks: thinking.iter().any(|player| player.policy.name() == name),
    };
    let policies =
        played.chain(thought).map(|(name, accounts)| outcome(name, accounts, &beside(name)));
    let policies: Vec<_> = policies.collect();
    let error = standard_error(&plan.value, context.draws.len());
    let adaptive =
        [PolicyName::Adaptive, PolicyName::Greedy].iter().filter_map(|name| ledgers.get(name));
    let gain = |accounts: &&Accounts| {
        let same = mean(&plan.expected[..accounts.len()]);
        (same > 0.0).then(|| mean(&accounts.expected) / same - 1.0)
    };
    Simulation {
        details: Details {
            partial,
            reference,
            draws: context.draws.len(),
            monte_carlo_error: if policies[0].value.mean > 0.0 {
                error / policies[0].value.mean
            } else {
                0.0
            },
            error_target: settings.replicates.is_none().then_some(settings.error_target),
            regret_error: ledgers
                .get(&PolicyName::Oracle)
                .map(|oracle| summary::difference(&oracle.expected, &plan.expected).1)
                .filter(|error| error.is_finite()),
            value_of_adapting: adaptive.filter_map(gain).reduce(f64::max),
            replicates_of: ledgers
                .iter()
                .map(|(name, accounts)| (*name, accounts.len() as u64))
                .collect(),
            expected_of: ledgers
                .iter()
                .map(|(name, accounts)| (*name, mean(&accounts.expected)))
                .collect(),
        },
        outcomes: Outcomes {
            replicates: plan.len() as u64,
            asked,
            seed,
            weeks: context.campaign.weeks(),
            policies,
            unlearnt: unlearnt(PolicyName::Plan, reference),
            cells_per_second: 0.0,
            digest: None,
        },
    }
}

#[cfg(test)]
mod independent;
mod inputs;
#[cfg(test)]
mod tests;

pub use inputs::{Inputs, Settings, TestSchedule};
