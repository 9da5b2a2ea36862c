//! A plan's own sums: weeks add up to rows, rows to the total, the total to the budget.

use std::collections::BTreeSet;

use super::digest::broken;
use crate::allocate::plan::row::Row;
use crate::allocate::plan::{Certificate, Plan};
use crate::campaign::SpendRule;
use crate::language::message::{Message, Value};

/// Share of a minor unit that is rounding of floats.
const DUST: f64 = 1e-3;

/// What of a plan no longer agrees with the rest of it; nothing in a plan that stands as it was
/// written.
#[must_use]
pub fn differences(plan: &Plan) -> Vec<Message> {
    let money = Minor { units: plan.currency.map_or(100.0, |own| own.minor_per_unit() as f64) };
    let mut found: Vec<Message> = plan.rows.iter().flat_map(|row| money.row(row)).collect();
    found.extend(twice(plan));
    found.extend(money.totals(plan));
    found.extend(proof(&plan.certificate));
    let is_explained = !found.is_empty();
    let broken = broken(plan).into_iter();
    // What the sums name already is not named again as a part that was changed.
    let parts = broken.filter(|part| !(is_explained && ["rows", "totals", "proof"].contains(part)));
    found.extend(parts.map(|part| Message::new(&format!("check-part-{part}"), [])));
    found
}

/// Money counted in minor units.
struct Minor {
    units: f64,
}

impl Minor {
    fn whole(&self, amount: f64) -> f64 {
        (amount * self.units).round()
    }

    /// Whether an amount is a whole number of minor units that somebody can spend.
    fn is_money(&self, amount: f64) -> bool {
        amount >= 0.0
            && amount.is_finite()
            && (amount * self.units - self.whole(amount)).abs() <= DUST
    }

    fn row(&self, row: &Row) -> Vec<Message> {
        let segment = || ("segment", Value::Segment(row.segment.clone()));
        let mut found = Vec::new();
        if !self.is_money(row.budget) {
            let amount = ("amount", Value::Money(row.budget));
            found.push(Message::new("check-row-no-budget", [segment(), amount]));
        }
        let bad = row.weeks.iter().find(|week| !self.is_money(week.budget));
        if let Some(week) = bad {
            let values = [
                segment(),
                ("week", Value::Week(week.week)),
                ("amount", Value::Money(week.budget)),
            ];
            found.push(Message::new("check-week-no-budget", values));
        }
        let weeks: f64 = row.weeks.iter().map(|week| week.budget).sum();
        if !row.weeks.is_empty() && self.whole(weeks) != self.whole(row.budget) {
            let values =
                [segment(), ("budget", Value::Money(row.budget)), ("weeks", Value::Money(weeks))];
            found.push(Message::new("check-row-weeks", values));
        }
        if !(0.0..=row.budget.max(0.0) + DUST / self.units).contains(&row.fixed_cost) {
            let values = [
                segment(),
                ("budget", Value::Money(row.budget)),
                ("fixed", Value::Money(row.fixed_cost)),
            ];
            found.push(Message::new("check-row-fixed-cost", values));
        }
        found
    }

    fn totals(&self, plan: &Plan) -> Vec<Message> {
        let mut found = Vec::new();
        let mut apart = |key: &str, one: (&str, f64), other: (&str, f64)| {
            let values = [one, other].map(|(name, amount)| (name, Value::Money(amount)));
            found.push(Message::new(key, values));
        };
        let rows = plan.rows.iter().map(|row| self.whole(row.budget)).sum::<f64>();
        let (spent, budget) = (("spent", plan.spent), ("budget", plan.budget));
        if rows != self.whole(plan.spent) {
            apart("check-total", spent, ("rows", rows / self.units));
        }
        let asked = plan.campaign.as_ref();
        if let Some(asked) =
            asked.filter(|own| self.whole(own.budget.as_f64()) != self.whole(plan.budget))
        {
            apart("check-budget", budget, ("asked", asked.budget.as_f64()));
        }
        let must_spend = asked.is_some_and(|own| own.spend == SpendRule::All);
        let left = self.whole(plan.budget) - self.whole(plan.spent);
        if left < 0.0 || must_spend && left > 0.0 {
            let key = if left < 0.0 { "check-over-budget" } else { "check-not-all" };
            apart(key, spent, budget);
        }
        if plan.promise.is_some_and(|promise| {
            promise.value.range != plan.value || promise.actions.range != plan.actions
        }) {
            found.push(Message::new("check-promise", []));
        }
        found
    }
}

/// Segments that have two rows.
fn twice(plan: &Plan) -> Option<Message> {
    let mut seen = BTreeSet::new();
    let row = plan.rows.iter().find(|row| !seen.insert(row.segment.as_str()))?;
    Some(Message::new("check-row-twice", [("segment", Value::Segment(row.segment.clone()))]))
}

/// A gap that is not the one between value and bound, a bound below the value.
fn proof(told: &Certificate) -> Option<Message> {
    let Certificate { objective, upper_bound, gap, .. } = *told;
    let apart = upper_bound - objective;
    let own = if apart.abs() <= f64::MIN_POSITIVE || upper_bound == 0.0 {
        0.0
    } else {
        apart / upper_bound.abs()
    };
    let value = |name: &'static str, number| (name, Value::Short(number));
    if upper_bound < objective {
        let values = [value("value", objective), value("bound", upper_bound)];
        return Some(Message::new("check-bound-below", values));
    }
    // A difference of two nearly equal numbers keeps few digits.
    let is_same = (own - gap).abs() <= 1e-12 + 1e-6 * own.abs();
    let values = [
        ("gap", Value::Name(format!("{gap:e}"))),
        ("own", Value::Name(format!("{own:e}"))),
        value("value", objective),
        value("bound", upper_bound),
    ];
    (!is_same).then(|| Message::new("check-gap", values))
}
