//! What a running flight has already spent, taken off the rules for the rest of it.

use crate::allocate::problem::Problem;
use crate::campaign::{Campaign, MinIfFunded};

/// Money that stays spent, in the order of the request's segments.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CommittedSpend {
    /// Spent so far, fixed costs included.
    pub spent: Vec<f64>,
    /// Left of what the plan before gave each segment.
    pub left: Vec<f64>,
    /// The same money by week of the flight, the oldest first: people remember it. Empty: they
    /// start afresh.
    pub weekly: Vec<Vec<f64>>,
}

impl CommittedSpend {
    /// Money spent in all.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.spent.iter().sum()
    }

    /// Turns the whole flight's problem into that of the rest: every limit less what it has seen.
    pub(crate) fn take_off(&self, problem: &mut Problem, campaign: &Campaign) {
        // A minimum per day counts the days left; an amount for the flight counts what is spent.
        let amount =
            matches!(campaign.limits.per_segment.min_if_funded, Some(MinIfFunded::Amount(_)))
                && campaign.limits.weekly_min.is_none();
        let least = if amount { Least::OfTheFlight } else { Least::OfTheDaysLeft };
        take_off(problem, &self.spent, least);
    }
}

/// What the least money of a funded segment is asked of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Least {
    /// The whole flight: what is spent counts.
    OfTheFlight,
    /// The days to come: what is spent does not count, and none of them need be bought.
    OfTheDaysLeft,
}

/// Parts of a minor unit that are rounding of sums.
const DUST: f64 = 1e-6;

/// Takes money that is spent, fixed costs included, off every limit of a problem: what may be done
/// with the rest is what keeps the whole within them.
pub(crate) fn take_off(problem: &mut Problem, spent: &[f64], least: Least) {
    let units = problem.minor_per_unit as f64;
    let gone = (spent.iter().sum::<f64>() * units - DUST).ceil() as i64;
    problem.budget_minor = (problem.budget_minor - gone).max(0);
    let rest = problem.budget();
    for rule in &mut problem.rules {
        let used = rule.used(spent);
        for term in &mut rule.terms {
            if spent[term.variable as usize] > 0.0 {
                // It is funded already: further money needs no further place.
                term.when_funded = 0.0;
            }
        }
        rule.terms.retain(|term| term.per_money != 0.0 || term.when_funded != 0.0);
        rule.low -= used;
        rule.high -= used;
        if rule.terms.iter().all(|term| term.per_money >= 0.0 && term.when_funded >= 0.0) {
            // What is overdrawn cannot be taken back: no further money then.
            rule.high = rule.high.max(0.0);
        }
        rule.low = rule.low.min(rule.high);
    }
    for (variable, &spent) in problem.variables.iter_mut().zip(spent) {
        if spent > 0.0 {
            if least == Least::OfTheFlight {
                variable.min = variable.least_funded();
                variable.min_if_funded = 0.0;
            } else {
                variable.min_if_funded = (variable.min_if_funded - variable.fixed_cost).max(0.0);
            }
            variable.fixed_cost = 0.0;
        }
        variable.min = (variable.min - spent).max(0.0);
        variable.max = (variable.max - spent).clamp(0.0, rest).max(variable.min);
    }
    if let Some(change) = &mut problem.change {
        for (reference, spent) in change.reference.iter_mut().zip(spent) {
            // Spent beyond the reference already: that much of the change is made.
            change.at_most -= (spent - *reference).max(0.0) / 2.0;
            *reference = (*reference - spent).max(0.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocate::problem::{Change, Rule, Term, Variable};
    use crate::response::curve::Curve;
    use crate::response::table::Table;
    use proptest::prelude::*;
    use std::sync::Arc;

    fn problem() -> Problem {
        let curve = Curve::Table(Arc::new(Table::new(&[(0.0, 0.0, 1.0), (1e4, 5e3, 0.1)])));
        let variable = |min, max, min_if_funded, fixed_cost| Variable {
            min_if_funded,
            fixed_cost,
            ..Variable::new(curve.clone(), min, max)
        };
        let variables = vec![
            variable(20.0, 400.0, 0.0, 0.0),
            variable(0.0, 300.0, 80.0, 15.0),
            variable(0.0, 500.0, 50.0, 0.0),
        ];
        let term = |variable, per_money, when_funded| Term { variable, per_money, when_funded };
        let mut problem = Problem::new(variables, 700.0);
        problem.rules = vec![
            Rule { low: 100.0, high: 450.0, terms: vec![term(0, 1.0, 0.0), term(1, 1.0, 0.0)] },
            Rule {
                low: f64::NEG_INFINITY,
                high: 2.0,
                terms: (0..3).map(|variable| term(variable, 0.0, 1.0)).collect(),
            },
        ];
        problem.change = Some(Change { reference: vec![200.0, 100.0, 400.0], at_most: 150.0 });
        problem
    }

    /// Whether budgets keep a problem's rules, each to within a thousandth of a unit.
    fn keeps(problem: &Problem, budgets: &[f64]) -> bool {
        const SLACK: f64 = 1e-3;
        let variables =
            problem.variables.iter().zip(budgets).all(|(variable, b)| variable.admits(*b, SLACK));
        let rules = problem.rules.iter().all(|rule| {
            let used = rule.used(budgets);
            rule.low - SLACK <= used && used <= rule.high + SLACK
        });
        let change = problem.change.as_ref().is_none_or(|change| {
            let apart = |(b, r): (&f64, &f64)| (b - r).abs() / 2.0;
            let moved: f64 = budgets.iter().zip(&change.reference).map(apart).sum();
            moved <= change.at_most + SLACK
        });
        variables && rules && change && budgets.iter().sum::<f64>() <= problem.budget() + SLACK
    }

    proptest! {
        /// What the rest allows is what the whole allows together with what is spent.
        #[test]
        fn the_rest_is_what_keeps_the_whole(
            media in proptest::array::uniform3(prop_oneof![Just(0_u32), 1_u32..200]),
            further in proptest::array::uniform3(prop_oneof![Just(0_u32), 1_u32..300]),
        ) {
            let whole = problem();
            let spent: Vec<f64> = whole
                .variables
                .iter()
                .zip(media)
                .map(|(variable, media)| {
                    f64::from(media) + if media > 0 { variable.fixed_cost } else { 0.0 }
                })
                .collect();
            // A first euro for a segment must pay its fixed cost: below it is no budget.
            let further: Vec<f64> = further.map(f64::from).to_vec();
            let sum: Vec<f64> = spent.iter().zip(&further).map(|(a, b)| a + b).collect();
            let mut rest = whole.clone();
            take_off(&mut rest, &spent, Least::OfTheFlight);
            // What is overdrawn already is no question of the rest.
            let overdrawn = whole.rules.iter().any(|rule| rule.used(&spent) > rule.high)
                || whole.variables.iter().zip(&spent).any(|(variable, spent)| *spent > variable.max)
                || spent.iter().sum::<f64>() > whole.budget();
            prop_assume!(!overdrawn);
            prop_assert_eq!(keeps(&rest, &further), keeps(&whole, &sum));
        }
    }
}
