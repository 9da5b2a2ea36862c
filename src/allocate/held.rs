//! What a running flight has already spent, taken off the rules for the rest of it.

use super::problem::Problem;
use crate::campaign::{Campaign, MinIfFunded};

/// Money that stays spent, in the order of the occasion's segments.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Held {
    /// Spent so far.
    pub spent: Vec<f64>,
    /// Left of what the plan before gave each segment.
    pub left: Vec<f64>,
    /// The same money by week of the flight, the oldest first: people remember it. Empty: they
    /// start afresh.
    pub weekly: Vec<Vec<f64>>,
}

impl Held {
    /// Money spent in all.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.spent.iter().sum()
    }

    /// Turns the whole flight's problem into that of the rest: every limit less what it has seen.
    pub(super) fn take_off(&self, problem: &mut Problem, campaign: &Campaign) {
        let units = problem.minor_per_unit as f64;
        let gone = (self.total() * units).round() as i64;
        problem.budget_minor = (problem.budget_minor - gone).max(0);
        let rest = problem.budget();
        // A minimum per day counts the days left; an amount for the flight counts what is spent.
        let amount =
            matches!(campaign.limits.per_segment.min_if_funded, Some(MinIfFunded::Amount(_)))
                && campaign.limits.weekly_min.is_none();
        for rule in &mut problem.rules {
            let mut used = 0.0;
            for term in &mut rule.terms {
                let spent = self.spent[term.seat as usize];
                if spent > 0.0 {
                    used += term.per_money * spent + term.when_funded;
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
        for (seat, &spent) in problem.seats.iter_mut().zip(&self.spent) {
            seat.min = (seat.min - spent).max(0.0);
            seat.max = (seat.max - spent).clamp(0.0, rest).max(seat.min);
            if spent > 0.0 {
                seat.min_if_funded = (seat.min_if_funded - seat.fixed_cost).max(0.0);
                seat.fixed_cost = 0.0;
                if amount {
                    seat.min_if_funded = (seat.min_if_funded - spent).max(0.0);
                }
            }
        }
        if let Some(change) = &mut problem.change {
            for (reference, spent) in change.reference.iter_mut().zip(&self.spent) {
                // Spent beyond the reference already: that much of the change is made.
                change.at_most -= (spent - *reference).max(0.0) / 2.0;
                *reference = (*reference - spent).max(0.0);
            }
        }
    }
}
