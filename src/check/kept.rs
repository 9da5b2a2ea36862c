//! Which rules a plan keeps.

use super::terms::{Terms, moved};
use crate::allocate::problem::bound::{LimitUnit, RuleName};
use crate::language::message::{Message, Value};

/// A rule, and what a plan uses of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// Which.
    pub rule: RuleName,
    /// What its limit counts.
    pub unit: LimitUnit,
    /// Least, −∞ without a floor.
    pub low: f64,
    /// Greatest, ∞ without a ceiling.
    pub high: f64,
    /// What the plan uses.
    pub used: f64,
    /// Whether it lies between the two, up to rounding of floats.
    pub is_kept: bool,
}

/// Share of a limit, and of a minor unit, that is rounding of floats.
const DUST: f64 = 1e-9;
const DUST_OF_A_UNIT: f64 = 1e-3;

/// Every coupling rule with what a plan uses of it, the budget first.
pub(super) fn coupling(terms: &Terms<'_>, budgets: &[f64]) -> Vec<Kept> {
    let dust = DUST_OF_A_UNIT * terms.unit;
    let kept = |rule: RuleName, unit: LimitUnit, low: f64, high: f64, used: f64| {
        let slack = |limit: f64| dust + DUST * limit.abs();
        let is_kept = used >= low - slack(low) && used <= high + slack(high);
        Kept { rule, unit, low, high, used, is_kept }
    };
    let sum: f64 = budgets.iter().sum();
    let least = if terms.must_spend { terms.budget } else { f64::NEG_INFINITY };
    let mut rules = vec![kept(RuleName::Budget, LimitUnit::Money, least, terms.budget, sum)];
    for rule in &terms.rules {
        let used = rule.used(budgets);
        rules.push(kept(rule.name.clone(), rule.unit(), rule.low, rule.high, used));
    }
    let none = f64::NEG_INFINITY;
    if let Some((reference, most)) = &terms.change {
        let used = moved(budgets, reference);
        rules.push(kept(RuleName::ChangeAtMost, LimitUnit::Money, none, *most, used));
    }
    if let Some(cost) = terms.cost_per_action {
        let actions = terms.actions(budgets);
        let used = if sum > 0.0 { sum / actions } else { 0.0 };
        rules.push(kept(RuleName::CostPerAction, LimitUnit::Money, none, cost, used));
    }
    if let Some(cap) = terms.carbon {
        let used = terms.kilograms(budgets);
        rules.push(kept(RuleName::Carbon, LimitUnit::Carbon, none, cap, used));
    }
    rules
}

/// Rows whose own bounds a plan breaks.
pub(super) fn rows(terms: &Terms<'_>, budgets: &[f64]) -> Vec<Message> {
    let broken = |(row, budget): (&super::terms::RowTerms, &f64)| {
        let dust = DUST_OF_A_UNIT * terms.unit;
        let is_off = *budget == 0.0 && row.may_be_off;
        let is_within = *budget >= row.least - dust && *budget <= row.most + dust;
        (!is_off && !is_within).then(|| {
            let values = [
                ("segment", Value::Segment(row.segment.clone())),
                ("budget", Value::Money(*budget)),
                ("least", Value::Money(row.least)),
                ("most", Value::Money(row.most)),
            ];
            Message::new(
                if row.may_be_off { "check-row-rule-or-off" } else { "check-row-rule" },
                values,
            )
        })
    };
    terms.rows.iter().zip(budgets).filter_map(broken).collect()
}
