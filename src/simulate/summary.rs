//! Ledgers → outcomes: means, quantiles, probabilities, and how far chance may have moved them.

use super::accounts::Accounts;
use super::outcomes::{PolicyOutcome, Spread};
use crate::allocate::judge::odds;
use crate::allocate::rules::policy::PolicyName;
use crate::numeric::summary::{deviation, mean, quantile};
use crate::train::posterior::prediction::Mostly;

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

/// Mean of `this − plan` in the same futures and its standard error, both as shares of the
/// plan's mean there.
#[must_use]
pub(super) fn difference(this: &[f64], plan: &[f64]) -> (f64, f64) {
    let differences: Vec<f64> = this.iter().zip(plan).map(|(this, plan)| this - plan).collect();
    if differences.len() < 2 {
        return (0.0, f64::INFINITY);
    }
    let scale = mean(&plan[..differences.len()]).abs().max(f64::MIN_POSITIVE);
    let error = deviation(&differences) / (differences.len() as f64).sqrt();
    (mean(&differences) / scale, error / scale)
}

/// Values of a policy in ascending order, beside the plan's where it played fewer futures.
///
/// A policy that thinks plays the first few dozen of the plan's thousands of futures. What those
/// few had of luck, the plan had too, so any statistic of it is the one of its own few plus what
/// the plan's moves from those few to all (a control variate).
struct Column {
    own: Vec<f64>,
    /// The plan's in the same futures, and in all.
    plan: Option<(Vec<f64>, Vec<f64>)>,
    tail: f64,
}

impl Column {
    fn new(own: &[f64], plan: &[f64], tail: f64) -> Self {
        let fewer = own.len() < plan.len();
        let of = |values: &[f64]| sorted(values.iter().copied());
        Self { own: of(own), plan: fewer.then(|| (of(&plan[..own.len()]), of(plan))), tail }
    }

    /// The points of a policy that thinks: what is expected of it and of the plan in the futures
    /// that both met tells them apart, the luck of counts left out on both sides. One who is
    /// above the plan in every future is so in every figure.
    fn thought(own: &Accounts, plan: &Accounts, tail: f64) -> Self {
        let of = |values: &[f64]| sorted(values.iter().copied());
        let same = &plan.expected[..own.len().min(plan.len())];
        Self { own: of(&own.expected), plan: Some((of(same), of(&plan.value))), tail }
    }

    /// A statistic of ascending values.
    fn of(&self, statistic: impl Fn(&[f64]) -> f64) -> f64 {
        let own = statistic(&self.own);
        let moved = self.plan.as_ref().map_or(0.0, |(few, all)| statistic(all) - statistic(few));
        // Counts are not negative, whatever the plan's luck was.
        (own + moved).max(0.0)
    }

    /// Mean, deviation and quantiles.
    fn spread(&self) -> Spread {
        let [p10, p50, p90] =
            [self.tail, 0.5, 1.0 - self.tail].map(|p| self.of(|sorted| quantile(sorted, p)));
        let mostly = Mostly::of(&self.own);
        Spread { mean: self.of(mean), sd: self.of(deviation), p10, p50, p90, mostly }
    }

    /// Standard error of [`Self::of`] the mean, from what tells policy and plan apart.
    fn error(own: &[f64], plan: &[f64], draws: usize) -> f64 {
        if own.len() >= plan.len() {
            return standard_error(own, draws);
        }
        let differences: Vec<f64> = own.iter().zip(plan).map(|(own, plan)| own - plan).collect();
        standard_error(&differences, draws).hypot(standard_error(plan, draws))
    }
}

/// Monte Carlo standard error of the mean, replicates of one draw counted as relatives.
///
/// Replicate `r` uses draw `r mod draws`. More replicates than draws sharpen the luck within a
/// draw but bring no new parameters, so then the means by draw are the independent numbers.
#[must_use]
pub fn standard_error(values: &[f64], draws: usize) -> f64 {
    if values.len() < 2 {
        return f64::INFINITY;
    }
    let groups = draws.min(values.len());
    let by_draw: Vec<f64> = (0..groups)
        .map(|draw| {
            let mine: Vec<f64> = values.iter().skip(draw).step_by(draws).copied().collect();
            mean(&mine)
        })
        .collect();
    if groups < 2 {
        return deviation(values) / (values.len() as f64).sqrt();
    }
    deviation(&by_draw) / (groups as f64).sqrt()
}

/// Share of replicates in which `a` is above `b` by more than rounding; over the replicates that
/// both have.
fn share_above(a: &[f64], b: &[f64]) -> f64 {
    let pairs = a.len().min(b.len());
    let above = a.iter().zip(b).filter(|(a, b)| **a > **b * (1.0 + 1e-9)).count();
    above as f64 / pairs.max(1) as f64
}

/// Mean of `(oracle − this) ÷ oracle`, over the replicates that both have.
fn regret(this: &[f64], oracle: &[f64]) -> f64 {
    let pairs = this.iter().zip(oracle).filter(|(_, oracle)| **oracle > 0.0);
    let lost: Vec<f64> = pairs.map(|(this, oracle)| (oracle - this) / oracle).collect();
    if lost.is_empty() { 0.0 } else { mean(&lost) }
}

/// Ledgers that a policy is compared with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beside<'a> {
    /// The plan's.
    pub(super) plan: &'a Accounts,
    /// The last split's (the equal split's without history).
    pub(super) reference: &'a Accounts,
    /// The oracle's.
    pub(super) oracle: &'a Accounts,
    /// Joint draws in use.
    pub(super) draws: usize,
    /// Weeks of the flight.
    pub(super) weeks: usize,
    /// Shares of the money by which this policy differs from the reference and from the plan that
    /// lie on curves not learnt.
    pub(super) unlearnt: (f64, f64),
    /// Share of futures on either side of an interval.
    pub(super) tail: f64,
    /// Whether this policy looks at each future.
    pub(super) thinks: bool,
}

/// Odds that `a` brings more than `b`, discounted where curves were not learnt.
fn odds_above(a: &Accounts, b: &Accounts, unlearnt: f64) -> f64 {
    if a.doubted.is_empty() || b.doubted.is_empty() {
        return share_above(&a.expected, &b.expected);
    }
    odds::discounted(share_above(&a.doubted, &b.doubted), unlearnt)
}

/// The outcome of one policy; its ledger holds at least one replicate.
#[must_use]
pub(super) fn outcome(name: PolicyName, accounts: &Accounts, beside: &Beside<'_>) -> PolicyOutcome {
    let n = accounts.len();
    let value = if beside.thinks {
        Column::thought(accounts, beside.plan, beside.tail)
    } else {
        Column::new(&accounts.value, &beside.plan.value, beside.tail)
    };
    let actions = Column::new(&accounts.actions, &beside.plan.actions, beside.tail).spread();
    let week = |accounts: &Accounts, week: usize| -> Vec<f64> {
        accounts.weekly.iter().skip(week).step_by(beside.weeks).copied().collect()
    };
    let weekly = (0..beside.weeks)
        .map(|t| Column::new(&week(accounts, t), &week(beside.plan, t), beside.tail).spread())
        .collect();
    let per_replicate = |sum: f64| sum / n as f64;
    let known = |sum: f64| sum.is_finite().then(|| per_replicate(sum));
    let spent = per_replicate(accounts.figures.spent);
    PolicyOutcome {
        name,
        value: value.spread(),
        actions,
        p_beats_last: odds_above(accounts, beside.reference, beside.unlearnt.0),
        p_plan_better: odds_above(beside.plan, accounts, beside.unlearnt.1),
        regret: regret(&accounts.expected, &beside.oracle.expected),
        standard_error: Column::error(&accounts.value, &beside.plan.value, beside.draws),
        worst_tenth: value.of(|sorted| mean(&sorted[..sorted.len().div_ceil(10)])),
        spent,
        cost_per_action: (actions.mean > 0.0).then(|| spent / actions.mean),
        impressions: known(accounts.figures.impressions),
        reach: known(accounts.figures.reach),
        // Follows that nobody reports are unknown, not none.
        follows: known(accounts.figures.follows).filter(|follows| *follows > 0.0),
        carbon_g: known(accounts.figures.grams),
        weekly,
        quantiles: sorted(
            (1..100).map(|p| value.of(|sorted| quantile(sorted, f64::from(p) / 100.0))),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_usual_definition() {
        // R: quantile(c(1, 2, 4, 8), c(.1, .5, .9)) is 1.3, 3.0, 6.8.
        let values = [1.0, 2.0, 4.0, 8.0];
        for (p, expected) in [(0.1, 1.3), (0.5, 3.0), (0.9, 6.8), (0.0, 1.0), (1.0, 8.0)] {
            assert!((quantile(&values, p) - expected).abs() < 1e-12);
        }
        assert!((deviation(&values) - 3.095_695_936_8).abs() < 1e-9);
    }

    #[test]
    fn repeating_the_same_draws_does_not_pretend_to_sharpen() {
        let draws: Vec<f64> = (0..50).map(|d| f64::from(d % 7)).collect();
        let once = standard_error(&draws, 50);
        let again: Vec<f64> = draws.iter().cycle().take(500).copied().collect();
        assert!((standard_error(&again, 50) - once).abs() < 1e-12);
        // Independent values do.
        assert!(standard_error(&again, 500) < 0.5 * once);
    }

    #[test]
    fn what_a_few_futures_had_of_luck_is_taken_back() {
        // The policy earns 10 more than the plan in every future, and met two poor ones.
        let plan: Vec<f64> = (0..100).map(f64::from).collect();
        let few: Vec<f64> = plan[..20].iter().map(|value| value + 10.0).collect();
        let column = Column::new(&few, &plan, 0.1);
        assert!((column.of(mean) - (mean(&plan) + 10.0)).abs() < 1e-9);
        let spread = column.spread();
        assert!((spread.p90 - (quantile(&plan, 0.9) + 10.0)).abs() < 1e-9);
        assert!((spread.sd - deviation(&plan)).abs() < 1e-9);
        // The difference is certain, so the error is the plan's.
        let error = Column::error(&few, &plan, 1000);
        assert!((error - standard_error(&plan, 1000)).abs() < 1e-9);
        let (share, error) = difference(&few, &plan);
        assert!((share - 10.0 / 9.5).abs() < 1e-9 && error < 1e-12);
    }

    #[test]
    fn regret_and_shares_compare_replicate_by_replicate() {
        assert!((regret(&[8.0, 5.0], &[10.0, 5.0, 7.0]) - 0.1).abs() < 1e-12);
        assert!((share_above(&[1.0, 3.0, 3.0], &[0.0, 3.0, 2.0, 9.0]) - 2.0 / 3.0).abs() < 1e-12);
    }
}
