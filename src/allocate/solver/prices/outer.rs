//! The rules that do not nest: what they make of the segments' prices, and who solves them.
//!
//! Any prices bound every plan from above (weak duality); [`super::smooth`] finds the best ones
//! for all rules at once. Problems whose rules all nest are priced exactly by [`super::relax`].

use std::sync::Arc;

use super::coupling::{Coupling, CrossingRule, CrossingRules, Effort, Priced, Start};
use super::pricing_problem::{Domain, Extra, PricingProblem};
use super::relax::relax;
use super::smooth::{at_prices, follow};
use super::tree::Tree;
use crate::allocate::problem::{Problem, Variable};
use crate::allocate::solver::count::Counts;
use crate::allocate::solver::pieces::Filled;
use crate::response::curve::Curve;

impl Priced {
    /// Memory that it takes of its own, in bytes, about.
    pub(crate) fn bytes(&self) -> usize {
        let numbers = 4 * self.combination.len() + 2 * self.relaxed.price.len() + self.prices.len();
        let table = |variable: &Variable| match &variable.curve {
            Curve::Table(table) => {
                2 * std::mem::size_of::<(f64, f64, f64)>() * table.nodes().count()
            }
            _ => 0,
        };
        let own = |problem: &Problem| {
            let variables = &problem.variables;
            variables.iter().map(table).sum::<usize>() + std::mem::size_of_val(&variables[..])
        };
        let weights = self.weights.as_ref().map_or(0, |own| own.by_draw.len());
        8 * (numbers + weights) + self.problem.as_deref().map_or(0, own)
    }
}

impl CrossingRules {
    /// Collects what the tree could not take.
    pub(crate) fn new(problem: &Problem, tree: &Tree) -> Self {
        let mut rules: Vec<CrossingRule> =
            tree.crossing.iter().map(|index| CrossingRule::Linear(*index)).collect();
        if problem.change.is_some() {
            rules.push(CrossingRule::Change);
        }
        if problem.cost_per_action.is_some() {
            rules.push(CrossingRule::Cost);
        }
        // With few segments the rows are also asked what they take back when curves change.
        let coupling = if rules.is_empty() && problem.variables.len() > 2_000 {
            Coupling::default()
        } else {
            Coupling::new(problem, tree, &rules)
        };
        // Rules that all nest are priced exactly: nobody asks.
        let worst = if rules.is_empty() {
            f64::NEG_INFINITY
        } else {
            problem.variables.iter().map(least_value).sum()
        };
        Self { rules, coupling, worst }
    }

    /// Price of a rule outside the tree; 0 where there is none.
    pub(crate) fn price(&self, rule: CrossingRule, priced: &Priced) -> f64 {
        let mut pairs = self.rules.iter().zip(&priced.prices);
        pairs.find(|pair| *pair.0 == rule).map_or(0.0, |pair| *pair.1)
    }

    /// All rules as rows.
    pub(crate) fn coupling(&self) -> &Coupling {
        &self.coupling
    }

    /// What every plan is at least worth.
    pub(crate) fn worst(&self) -> f64 {
        self.worst
    }

    /// Whether each linear rule by itself can be kept in these domains.
    fn within_reach(&self, problem: &Problem, domains: &[Domain]) -> bool {
        self.rules.iter().all(|rule| {
            let CrossingRule::Linear(index) = rule else { return true };
            let (mut least, mut most) = (0.0, 0.0);
            for term in &problem.rules[*index].terms {
                let domain = &domains[term.variable as usize];
                let on = [domain.low, domain.high].map(|b| term.per_money * b + term.when_funded);
                let free = domain.off || !domain.on;
                let ends = if domain.on { on } else { [0.0; 2] };
                least += ends[0].min(ends[1]).min(if free { 0.0 } else { f64::INFINITY });
                most += ends[0].max(ends[1]).max(if free { 0.0 } else { f64::NEG_INFINITY });
            }
            let rule = &problem.rules[*index];
            let size = if rule.high.is_finite() { rule.high.abs() } else { rule.low.abs() };
            let slack = 1e-9 * size.max(1e-9);
            least <= rule.high + slack && most >= rule.low - slack
        })
    }

    /// What the segments face at outer prices.
    fn extra(&self, problem: &Problem, prices: &[f64]) -> Extra {
        let mut extra = Extra::default();
        for (rule, &price) in self.rules.iter().zip(prices) {
            match rule {
                CrossingRule::Linear(index) => {
                    extra.money.resize(problem.variables.len(), 0.0);
                    extra.funded.resize(problem.variables.len(), 0.0);
                    for term in &problem.rules[*index].terms {
                        extra.money[term.variable as usize] += price * term.per_money;
                        extra.funded[term.variable as usize] += price * term.when_funded;
                    }
                }
                CrossingRule::Change => {
                    extra.moved = price;
                    extra.reference =
                        problem.change.as_ref().map_or_else(Vec::new, |c| c.reference.clone());
                }
                CrossingRule::Cost => extra.all_money += price,
            }
        }
        extra
    }

    /// The variables with their actions' worth added, where the rule on the cost per action has a
    /// price.
    pub(crate) fn valued(&self, problem: &Problem, prices: &[f64]) -> Option<Vec<Variable>> {
        let position = self.rules.iter().position(|rule| *rule == CrossingRule::Cost)?;
        Self::valued_at(problem, prices[position])
    }

    /// The same at a price of that rule.
    pub(crate) fn valued_at(problem: &Problem, price: f64) -> Option<Vec<Variable>> {
        let worth = problem.cost_per_action? * price;
        let with_actions = |variable: &Variable| Variable {
            curve: valued_curve(variable, worth),
            ..variable.clone()
        };
        Some(problem.variables.iter().map(with_actions).collect())
    }

    /// What the segments face at outer prices: further prices, and other values where actions
    /// have a price.
    pub(crate) fn faces(
        &self,
        problem: &Problem,
        prices: &[f64],
    ) -> (Extra, Option<Vec<Variable>>) {
        (self.extra(problem, prices), self.valued(problem, prices))
    }

    /// Minimises the bound over outer prices, from `start` (per unit of the rules).
    ///
    /// Stops when the bound can fall by less than `precision` (relative), after `tries`, or below
    /// `enough`.
    pub(crate) fn minimise(
        &self,
        problem: &Problem,
        tree: &Tree,
        domains: &[Domain],
        start: &Start<'_>,
        effort: Effort,
    ) -> Option<Priced> {
        if self.rules.is_empty() {
            let pricing_problem =
                PricingProblem { variables: &problem.variables, domains, extra: None };
            let relaxed = relax(problem, tree, pricing_problem, start.money)?;
            let combination = relaxed.combination(tree);
            return Some(Priced {
                bound: relaxed.bound,
                relaxed,
                prices: Vec::new(),
                combination,
                settled: true,
                problem: None,
                weights: None,
                counted: None,
            });
        }
        if !self.within_reach(problem, domains) {
            return None;
        }
        follow(self, problem, tree, domains, None, start, effort)
    }

    /// The same with counts of raised segments among the rules.
    pub(crate) fn minimise_counted(
        &self,
        problem: &Problem,
        tree: &Tree,
        domains: &[Domain],
        counts: &Counts,
        start: &Start<'_>,
        effort: Effort,
    ) -> Option<Priced> {
        let in_reach = counts.within_reach(domains) && counts.is_payable(problem, domains);
        if !(in_reach && self.within_reach(problem, domains)) {
            return None;
        }
        follow(self, problem, tree, domains, Some(counts), start, effort)
    }

    /// The bound, and what goes with it, at the prices of a program over pieces.
    pub(crate) fn at_prices(
        &self,
        problem: &Problem,
        tree: &Tree,
        domains: &[Domain],
        filled: Filled,
    ) -> Option<Priced> {
        let nested = tree.nodes.iter().map(|node| match node.rule {
            None => filled.total,
            Some(rule) => filled.rules[rule],
        });
        let outer = self.rules.iter().map(|rule| match rule {
            CrossingRule::Linear(index) => filled.rules[*index],
            CrossingRule::Change => filled.change,
            CrossingRule::Cost => filled.cost,
        });
        let prices: Vec<f64> = nested.chain(outer).collect();
        at_prices(self, problem, tree, domains, &prices, filled.budgets)
    }
}

/// A segment's curve with so much more for every action.
pub(crate) fn valued_curve(variable: &Variable, worth: f64) -> Curve {
    if worth == 0.0 {
        return variable.curve.clone();
    }
    match (variable.actions.as_deref(), &variable.curve) {
        (Some(Curve::Table(actions)), Curve::Table(value)) => {
            Curve::Table(Arc::new(value.plus(actions, worth)))
        }
        _ => variable.curve.times(1.0 + worth),
    }
}

impl<'a> Start<'a> {
    /// From a parent's prices.
    pub(crate) fn after(parent: &'a Priced) -> Self {
        Self {
            money: Some(parent.relaxed.price[0]),
            nodes: Some(&parent.relaxed.price),
            outer: &parent.prices,
        }
    }
}

/// The least that a segment can be worth: all forms but tables rise, and tables are looked at
/// node by node.
fn least_value(variable: &Variable) -> f64 {
    let nothing = variable.value(0.0);
    match &variable.curve {
        Curve::Table(table) => table.nodes().map(|node| node.1).fold(nothing, f64::min),
        Curve::Points(points) => {
            points.corners().iter().map(|s| points.value(*s)).fold(nothing, f64::min)
        }
        _ => nothing,
    }
}
