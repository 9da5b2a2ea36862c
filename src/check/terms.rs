//! What a plan must keep and what its money brings, as a referee reads them: numbers alone.

use rayon::prelude::*;

use crate::allocate::problem::bound::{LimitUnit, RuleName};

/// What media money brings, row by row.
pub(super) trait Returns: Sync {
    /// Value and slope of a row's media money; the slope may be infinite at nothing.
    fn value(&self, row: usize, media: f64) -> (f64, f64);

    /// Actions and their slope.
    fn actions(&self, row: usize, media: f64) -> (f64, f64) {
        self.value(row, media)
    }

    /// Kilograms of CO2e: a concave function of money.
    fn kilograms(&self, row: usize, media: f64) -> f64;

    /// Value that every kilogram costs.
    fn kilogram_price(&self) -> f64 {
        0.0
    }

    /// How the row's curve bends from which media money on, in order, the first from nothing.
    fn bends(&self, row: usize) -> Vec<(f64, Bend)>;
}

/// How a curve bends between two amounts of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bend {
    /// It lies below its tangents.
    Concave,
    /// It lies below its chords.
    Convex,
    /// Nothing is known but that it does not fall: it lies below its right end.
    Rising,
}

/// Bounds of one row's budget, its fixed cost included.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RowTerms {
    pub(super) segment: String,
    /// Least once funded.
    pub(super) least: f64,
    pub(super) most: f64,
    /// Nothing at all will do as well.
    pub(super) may_be_off: bool,
    pub(super) fixed: f64,
}

impl RowTerms {
    /// Media money of a budget.
    pub(super) fn media(&self, budget: f64) -> f64 {
        (budget - self.fixed).max(0.0)
    }
}

/// `low ≤ Σ (per_money · budget + when_funded · [budget > 0]) ≤ high`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RuleTerms {
    pub(super) name: RuleName,
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) parts: Vec<Part>,
}

impl RuleTerms {
    /// What its limit counts.
    pub(super) fn unit(&self) -> LimitUnit {
        match self.name {
            RuleName::FundedAtMost => LimitUnit::Segments,
            RuleName::Carbon => LimitUnit::Carbon,
            _ if self.parts.iter().any(|part| part.per_money != 1.0) => LimitUnit::Side,
            _ => LimitUnit::Money,
        }
    }
}

/// One row's part in a rule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Part {
    pub(super) row: usize,
    pub(super) per_money: f64,
    pub(super) when_funded: f64,
}

/// Everything a plan must keep.
pub(super) struct Terms<'a> {
    pub(super) rows: Vec<RowTerms>,
    pub(super) budget: f64,
    /// All of it, not up to it.
    pub(super) must_spend: bool,
    pub(super) rules: Vec<RuleTerms>,
    /// `Σ |budget − reference| / 2` is at most this.
    pub(super) change: Option<(Vec<f64>, f64)>,
    /// Money per action is at most this.
    pub(super) cost_per_action: Option<f64>,
    /// Emissions are at most so many kilograms.
    pub(super) carbon: Option<f64>,
    /// Value of one minor unit of the currency.
    pub(super) unit: f64,
    pub(super) returns: &'a dyn Returns,
}

impl RuleTerms {
    /// What budgets use of it.
    pub(super) fn used(&self, budgets: &[f64]) -> f64 {
        let part = |part: &Part| {
            let budget = budgets[part.row];
            part.per_money * budget + if budget > 0.0 { part.when_funded } else { 0.0 }
        };
        self.parts.iter().map(part).sum()
    }
}

impl Terms<'_> {
    /// Value of a plan, what it emits paid.
    pub(super) fn value(&self, budgets: &[f64]) -> f64 {
        let value = self.sum(budgets, |i, media| self.returns.value(i, media).0);
        match self.returns.kilogram_price() {
            0.0 => value,
            price => value - price * self.kilograms(budgets),
        }
    }

    /// Actions of a plan.
    pub(super) fn actions(&self, budgets: &[f64]) -> f64 {
        self.sum(budgets, |i, media| self.returns.actions(i, media).0)
    }

    /// Emissions of a plan, kg.
    pub(super) fn kilograms(&self, budgets: &[f64]) -> f64 {
        self.sum(budgets, |i, media| self.returns.kilograms(i, media))
    }

    /// Whether emissions cost or bind.
    pub(super) fn emits(&self) -> bool {
        self.carbon.is_some() || self.returns.kilogram_price() != 0.0
    }

    fn sum(&self, budgets: &[f64], of: impl Fn(usize, f64) -> f64 + Sync) -> f64 {
        let rows = self.rows.par_iter().zip(budgets).enumerate().with_min_len(256);
        let parts: Vec<f64> = rows.map(|(i, (row, b))| of(i, row.media(*b))).collect();
        parts.iter().sum()
    }
}

/// Money that moves between two plans.
pub(super) fn moved(budgets: &[f64], reference: &[f64]) -> f64 {
    budgets.iter().zip(reference).map(|(one, other)| (one - other).abs() / 2.0).sum()
}
