//! The problem of pure numbers: curves, bounds and linear rules, nothing of campaigns.

pub mod bound;
pub(crate) mod draw_table;
pub(crate) mod drawn;
pub(crate) mod equals;

use crate::response::curve::Curve;
use crate::response::values::total;

/// One segment as the solver sees it: a row budget `b` is 0 or lies in an interval, and
/// `f(b − fixed cost)` is what it brings.
///
/// All bounds speak of the row's whole budget, its fixed cost included.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    /// Value of media money.
    pub curve: Curve,
    /// Actions of media money, where they are not proportional to value; only the rule on the
    /// cost per action asks for them. `None`: one unit of value is one action.
    pub actions: Option<Box<Curve>>,
    /// Least budget; above 0 the segment must be funded.
    pub min: f64,
    /// Greatest budget.
    pub max: f64,
    /// Least budget once funded.
    pub min_if_funded: f64,
    /// Money that is due once funded and buys no media.
    pub fixed_cost: f64,
}

impl Variable {
    /// A segment with bounds and no on/off rule.
    #[must_use]
    pub fn new(curve: Curve, min: f64, max: f64) -> Self {
        Self { curve, actions: None, min, max, min_if_funded: 0.0, fixed_cost: 0.0 }
    }

    /// Value of a row budget.
    #[must_use]
    pub fn value(&self, budget: f64) -> f64 {
        self.curve.value((budget - self.fixed_cost).max(0.0))
    }

    /// Value of one more unit of money.
    #[must_use]
    pub fn slope(&self, budget: f64) -> f64 {
        self.curve.slope((budget - self.fixed_cost).max(0.0))
    }

    /// Value of one more unit of money as it is told: a number where the curve begins upright too,
    /// what the first unit brings.
    #[must_use]
    pub fn brings(&self, budget: f64) -> f64 {
        let slope = self.slope(budget);
        if slope.is_finite() { slope } else { self.value(budget + 1.0) - self.value(budget) }
    }

    /// Expected actions of a row budget.
    #[must_use]
    pub fn actions(&self, budget: f64) -> f64 {
        let curve = self.actions.as_deref().unwrap_or(&self.curve);
        curve.value((budget - self.fixed_cost).max(0.0))
    }

    /// The least budget of a funded segment.
    #[must_use]
    pub fn least_funded(&self) -> f64 {
        self.min.max(self.min_if_funded).max(self.fixed_cost)
    }

    /// Whether a budget keeps the segment's own rules, to within `slack`.
    #[must_use]
    pub fn admits(&self, budget: f64, slack: f64) -> bool {
        (budget == 0.0 && self.min <= slack)
            || (budget >= self.least_funded() - slack && budget <= self.max + slack)
    }
}

/// A linear rule `low ≤ Σ (per_money · b + when_funded · [b > 0]) ≤ high`.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Least, −∞ when there is no floor.
    pub low: f64,
    /// Greatest, ∞ when there is no ceiling.
    pub high: f64,
    /// Whom it concerns; a segment at most once.
    pub terms: Vec<Term>,
}

/// One segment's part in a rule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Term {
    /// Position of the segment.
    pub variable: u32,
    /// Per unit of its budget.
    pub per_money: f64,
    /// Once it is funded.
    pub when_funded: f64,
}

impl Rule {
    /// A rule on the money of a group.
    #[must_use]
    pub fn group(members: impl IntoIterator<Item = usize>, low: f64, high: f64) -> Self {
        let term =
            |variable: usize| Term { variable: variable as u32, per_money: 1.0, when_funded: 0.0 };
        Self { low, high, terms: members.into_iter().map(term).collect() }
    }

    /// At most so many funded segments.
    #[must_use]
    pub fn funded_at_most(most: usize, variables: usize) -> Self {
        let term =
            |variable: usize| Term { variable: variable as u32, per_money: 0.0, when_funded: 1.0 };
        Self {
            low: f64::NEG_INFINITY,
            high: most as f64,
            terms: (0..variables).map(term).collect(),
        }
    }

    /// What a plan uses of it.
    #[must_use]
    pub fn used(&self, budgets: &[f64]) -> f64 {
        let part = |term: &Term| {
            let budget = budgets[term.variable as usize];
            term.per_money * budget + if budget > 0.0 { term.when_funded } else { 0.0 }
        };
        self.terms.iter().map(part).sum()
    }

    /// Whether it only adds up money.
    #[must_use]
    pub fn is_group(&self) -> bool {
        self.terms.iter().all(|term| term.per_money == 1.0 && term.when_funded == 0.0)
    }
}

/// How far a plan may be from a reference: `Σ |b − reference| / 2 ≤ at_most`.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The reference budgets.
    pub reference: Vec<f64>,
    /// Money that may move.
    pub at_most: f64,
}

/// A budget to divide.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// The segments.
    pub variables: Vec<Variable>,
    /// The money, in minor units.
    pub budget_minor: i64,
    /// All of it must be spent; otherwise up to it.
    pub spend_all: bool,
    /// Coupling rules beside the total.
    pub rules: Vec<Rule>,
    /// Change against a reference plan.
    pub change: Option<Change>,
    /// Highest mean cost per action: `Σ b ≤ cost · Σ actions`.
    pub cost_per_action: Option<f64>,
    /// Minor units per unit of money.
    pub minor_per_unit: i64,
    /// Rounding step in minor units.
    pub step: i64,
}

impl Problem {
    /// A problem with no rule but the total, in a currency with cents.
    #[must_use]
    pub fn new(variables: Vec<Variable>, budget: f64) -> Self {
        Self {
            variables,
            budget_minor: (budget * 100.0).round() as i64,
            spend_all: true,
            rules: Vec::new(),
            change: None,
            cost_per_action: None,
            minor_per_unit: 100,
            step: 1,
        }
    }

    /// The money in units of the currency.
    #[must_use]
    pub fn budget(&self) -> f64 {
        self.budget_minor as f64 / self.minor_per_unit as f64
    }

    /// Value of a plan, added in row order.
    #[must_use]
    pub fn value(&self, budgets: &[f64]) -> f64 {
        let media =
            |(variable, budget): (&'_ Variable, &f64)| (budget - variable.fixed_cost).max(0.0);
        total(self.variables.iter().zip(budgets).map(|pair| (&pair.0.curve, media(pair))))
    }

    /// Actions that a plan buys, added in row order.
    #[must_use]
    pub fn actions(&self, budgets: &[f64]) -> f64 {
        self.variables.iter().zip(budgets).map(|(variable, budget)| variable.actions(*budget)).sum()
    }

    /// By how much a plan breaks its worst rule, relative to the rule's size; 0 when it keeps all.
    #[must_use]
    pub fn violation(&self, budgets: &[f64]) -> f64 {
        let total = self.budget();
        let scale = total.abs().max(1.0 / self.minor_per_unit as f64);
        let sum: f64 = budgets.iter().sum();
        let mut worst = (sum - total) / scale;
        if self.spend_all {
            worst = worst.abs();
        }
        for (variable, budget) in self.variables.iter().zip(budgets) {
            if !variable.admits(*budget, 0.0) {
                let above = (budget - variable.max).max(0.0);
                let below = (variable.least_funded() - budget).max(0.0);
                let off = if variable.min > 0.0 { f64::INFINITY } else { budget.abs() };
                worst = worst.max(above.max(below.min(off)) / scale);
            }
        }
        for rule in &self.rules {
            let used = rule.used(budgets);
            let size = used.abs().max(finite(rule.low)).max(finite(rule.high)).max(1e-12);
            worst = worst.max((used - rule.high) / size).max((rule.low - used) / size);
        }
        if let Some(change) = &self.change {
            worst = worst.max((moved(budgets, &change.reference) - change.at_most) / scale);
        }
        if let Some(cost) = self.cost_per_action {
            worst = worst.max((sum - cost * self.actions(budgets)) / scale);
        }
        worst.max(0.0)
    }
}

fn finite(limit: f64) -> f64 {
    if limit.is_finite() { limit.abs() } else { 0.0 }
}

/// Money that moves between two plans: `Σ |b − r| / 2`.
#[must_use]
pub fn moved(budgets: &[f64], reference: &[f64]) -> f64 {
    budgets.iter().zip(reference).map(|(b, r)| (b - r).abs()).sum::<f64>() / 2.0
}

pub(super) fn relative(bound: f64, objective: f64) -> f64 {
    if bound == 0.0 { 0.0 } else { (bound - objective) / bound.abs() }
}
