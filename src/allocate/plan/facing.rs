//! What each segment faces at the prices of a plan: its price of money on either side of a
//! reference, and its curve with what actions are worth under a cost per action.

use crate::allocate::problem::Problem;
use crate::allocate::problem::drawn::above_table;
use crate::allocate::solver::divide::row_prices;
use crate::allocate::solver::prices::coupling::{CrossingRule, CrossingRules, Priced};
use crate::allocate::solver::prices::outer::valued_curve;
use crate::allocate::solver::prices::pricing_problem::Domain;
use crate::allocate::solver::prices::tree::Tree;
use crate::allocate::solver::solve::Solution;
use crate::response::curve::{Curve, MoneyPrice};

/// The prices that a problem's segments face.
pub(crate) struct Facing<'a> {
    problem: &'a Problem,
    /// Of money, row by row.
    money: Vec<f64>,
    /// Of being funded; empty where nothing asks.
    funded: Vec<f64>,
    /// Of money that moves against the reference.
    moved: f64,
    /// What one action is worth beside its value.
    action: f64,
}

/// A stretch of a segment's budget with one price of money.
struct Side {
    price: f64,
    /// Worth at a budget of nothing, were the stretch to reach down to it.
    start: f64,
    low: f64,
    high: f64,
}

impl<'a> Facing<'a> {
    /// At a solution's prices.
    pub(crate) fn of_solution(problem: &'a Problem, solution: &Solution) -> Self {
        Self {
            problem,
            money: solution.row_prices.clone(),
            funded: solution.funded_prices.clone(),
            moved: solution.moved_price,
            action: solution.action_worth,
        }
    }

    /// At the prices of a relaxation.
    pub(crate) fn of_priced(
        problem: &'a Problem,
        tree: &Tree,
        outer: &CrossingRules,
        priced: &Priced,
    ) -> Self {
        let (money, funded) = row_prices(problem, tree, outer, priced);
        let cost = problem.cost_per_action.unwrap_or(0.0);
        let moved = outer.price(CrossingRule::Change, priced);
        let action = cost * outer.price(CrossingRule::Cost, priced);
        Self { problem, money, funded, moved, action }
    }

    fn curve(&self, i: usize) -> Curve {
        valued_curve(&self.problem.variables[i], self.action)
    }

    /// The stretches of a domain on either side of the reference.
    fn sides(&self, i: usize, domain: &Domain) -> Vec<Side> {
        let Domain { low, high, .. } = *domain;
        let price = self.money[i];
        let Some(change) = self.problem.change.as_ref().filter(|_| self.moved != 0.0) else {
            return vec![Side { price, start: 0.0, low, high }];
        };
        let (reference, moved) = (change.reference[i], 0.5 * self.moved);
        let start = moved * reference;
        let above = Side { price: price + moved, start, low: low.max(reference), high };
        let below = Side { price: price - moved, start: -start, low, high: high.min(reference) };
        [above, below].into_iter().filter(|side| side.low < side.high).collect()
    }

    /// Answer of a segment that is on, in media money, on the side that a budget lies on, and how
    /// readily it moves; a budget on the reference stays there.
    pub(crate) fn answer(&self, i: usize, domain: &Domain, budget: f64) -> (f64, f64) {
        let fixed = self.problem.variables[i].fixed_cost;
        let inside = |side: &&Side| side.low < budget && budget < side.high;
        let sides = self.sides(i, domain);
        let held = ((budget - fixed).max(0.0), 0.0);
        let side = sides.iter().find(inside).or_else(|| sides.first().filter(|_| sides.len() == 1));
        side.map_or(held, |side| {
            let low = (side.low - fixed).max(0.0);
            let high = (side.high - fixed).max(low);
            let answer = self.curve(i).respond(MoneyPrice::new(side.price), low, high);
            (answer.spend, answer.fall)
        })
    }

    /// How far the true mean curves may lift the segments' answers above those of their tables:
    /// what a bound must be raised by. A segment that is better off at nothing, or on the other side
    /// of its reference, counts only by what would change that.
    pub(crate) fn table_error(&self, domains: &[Domain]) -> f64 {
        domains.iter().enumerate().map(|(i, domain)| self.error(i, domain)).sum()
    }

    fn error(&self, i: usize, domain: &Domain) -> f64 {
        let fixed = self.problem.variables[i].fixed_cost;
        let Curve::Table(table) = self.curve(i) else { return 0.0 };
        if !domain.on {
            return 0.0;
        }
        let media = |budget: f64| (budget - fixed).max(0.0);
        let entry = self.funded.get(i).copied().unwrap_or(0.0);
        let off = domain.off.then(|| {
            let reference = self.problem.change.as_ref().map_or(0.0, |own| own.reference[i]);
            table.value(0.0) - 0.5 * self.moved * reference
        });
        let mut best = off.unwrap_or(f64::NEG_INFINITY);
        let mut lifted = best;
        for side in self.sides(i, domain) {
            let (low, high) = (media(side.low), media(side.high));
            let spend = table.respond(side.price, low, high).0;
            let own = table.value(spend) - side.price * (spend + fixed) + side.start - entry;
            best = best.max(own);
            lifted = lifted.max(own + above_table(&table, side.price, low, high));
        }
        if best.is_finite() { lifted - best } else { 0.0 }
    }
}
