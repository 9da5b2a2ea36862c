//! What a referee says of a plan.

use super::branch::{Proven, prove};
use super::kept;
use super::kept::Kept;
use super::sums::differences;
use super::terms::{Bend, Terms};
use crate::allocate::plan::{Plan, Price};
use crate::allocate::problem::bound::{LimitUnit, RuleName};
use crate::language::message::{Message, Value};

/// A figure as a plan has it, and as it was found again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figure {
    /// In the plan.
    pub told: f64,
    /// Found again.
    pub own: f64,
}

/// What was found of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Everything that does not agree; nothing where the plan holds.
    pub differences: Vec<Message>,
    /// The rules between rows.
    pub rules: Vec<Kept>,
    /// Rows whose own bounds were asked.
    pub rows: usize,
    /// The value that was maximised.
    pub value: Figure,
    /// No plan within the rules is worth more; the own one is by weak duality, rows that are on or
    /// off settled one by one. `None` where the plan could not be put beside its curves.
    pub bound: Option<Figure>,
    /// The bound by prices alone.
    pub by_prices: f64,
    /// Ways to settle rows that were looked at.
    pub ways: u64,
}

/// Values agree to this share: rounding of sums.
const SAME: f64 = 1e-9;
/// On concave curves without choices prices prove what there is to prove; further apart than this,
/// a told bound is not proven.
const PROVEN: f64 = 1e-6;

impl Verdict {
    /// Whether everything agrees.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.differences.is_empty()
    }

    /// The gap that a bound leaves.
    #[must_use]
    pub fn gap(&self, bound: f64) -> f64 {
        if bound == 0.0 { 0.0 } else { ((bound - self.value.own) / bound.abs()).max(0.0) }
    }

    /// A plan that cannot be put beside its curves at all.
    pub(super) fn apart(plan: &Plan, why: Message) -> Self {
        let mut differences = differences(plan);
        differences.push(why);
        let value = Figure { told: plan.certificate.objective, own: f64::NAN };
        let (rules, rows) = (Vec::new(), 0);
        Self { differences, rules, rows, value, bound: None, by_prices: f64::NAN, ways: 0 }
    }
}

/// Judges a plan whose rows stand in the order of the terms.
pub(super) fn judge(plan: &Plan, terms: &Terms<'_>) -> Verdict {
    let planned: Vec<f64> = plan.rows.iter().map(|row| row.budget).collect();
    let value = terms.value(&planned);
    let told_price = budget_price(plan);
    let proof = |enough: f64| prove(terms, &planned, told_price, enough);
    judge_worth(plan, terms, value, is_plain(terms), &proof)
}

/// The price of the budget that a plan tells.
pub(super) fn budget_price(plan: &Plan) -> Option<f64> {
    let price = plan.prices.iter().find(|price| price.rule == RuleName::Budget);
    price.map(|price| price.price)
}

/// The same where the plan's value and the proof are found in another way than by adding up rows;
/// `is_plain` where such a proof leaves no gap.
pub(super) fn judge_worth(
    plan: &Plan,
    terms: &Terms<'_>,
    value: f64,
    is_plain: bool,
    proof_of: &dyn Fn(f64) -> Option<Proven>,
) -> Verdict {
    let planned: Vec<f64> = plan.rows.iter().map(|row| row.budget).collect();
    let mut differences = differences(plan);
    let broken = kept::rows(terms, &planned);
    let rules = kept::coupling(terms, &planned);
    let is_kept = broken.is_empty() && rules.iter().all(|rule| rule.is_kept);
    differences.extend(broken);
    differences.extend(rules.iter().filter(|rule| !rule.is_kept).map(breaks));
    differences.extend(plan.prices.iter().filter_map(|price| retold(price, &rules)));
    let proof = &plan.certificate;
    let value = Figure { told: proof.objective, own: value };
    if !is_same(value) {
        differences.push(figures("check-value", value));
    }
    let size = value.own.abs();
    let proven = proof_of(proof.upper_bound.max(value.own) + SAME * size);
    let bound = proven.map(|own| Figure { told: proof.upper_bound, own: own.bound });
    if let Some(bound) = bound {
        if bound.told < value.own - SAME * size {
            let too_low = Figure { told: bound.told, own: value.own };
            differences.push(figures("check-bound-too-low", too_low));
        } else if is_kept && bound.own < value.own - SAME * size {
            let beaten = Figure { told: bound.own, own: value.own };
            differences.push(figures("check-bound-beaten", beaten));
        } else if is_plain && bound.own > bound.told + PROVEN * size {
            differences.push(figures("check-bound-unproven", bound));
        }
    }
    Verdict {
        differences,
        rules,
        rows: planned.len(),
        value,
        bound,
        by_prices: proven.map_or(f64::NAN, |own| own.by_prices),
        ways: proven.map_or(0, |own| own.ways),
    }
}

fn is_same(figure: Figure) -> bool {
    (figure.told - figure.own).abs() <= SAME * figure.own.abs() + f64::MIN_POSITIVE
}

/// Decimals with which two numbers that differ are seen to: two more than hide it.
#[must_use]
pub fn decimals(figure: Figure) -> usize {
    let apart = (figure.told - figure.own).abs();
    if apart == 0.0 || !apart.is_finite() {
        return LEAST_DECIMALS;
    }
    (1.0 - apart.log10().floor()).clamp(LEAST_DECIMALS as f64, MOST_DECIMALS as f64) as usize
}

const LEAST_DECIMALS: usize = 2;
const MOST_DECIMALS: usize = 12;

/// A number in its unit, with so many decimals.
#[must_use]
pub fn in_unit(number: f64, unit: LimitUnit, decimals: usize) -> Value {
    match unit {
        LimitUnit::Money if decimals == LEAST_DECIMALS => Value::Money(number),
        LimitUnit::Carbon => {
            let kg = [("kg", Value::Decimal(number, decimals))];
            Value::Nested(Box::new(Message::new("report-kilograms", kg)))
        }
        LimitUnit::Segments if number.fract() == 0.0 => Value::Whole(number),
        _ => Value::Decimal(number, decimals),
    }
}

fn both(key: &str, name: Option<Value>, unit: LimitUnit, figure: Figure) -> Message {
    let told = |number: f64| in_unit(number, unit, decimals(figure));
    let figures = [("told", told(figure.told)), ("own", told(figure.own))];
    Message::new(key, name.map(|name| ("name", name)).into_iter().chain(figures))
}

/// Two figures of what the plan is worth.
fn figures(key: &str, figure: Figure) -> Message {
    both(key, None, LimitUnit::Side, figure)
}

fn breaks(rule: &Kept) -> Message {
    let (key, limit) = if rule.used > rule.high {
        ("check-rule-above", rule.high)
    } else {
        ("check-rule-below", rule.low)
    };
    both(key, Some(rule.rule.value()), rule.unit, Figure { told: limit, own: rule.used })
}

/// A rule whose limit or use the plan's prices tell otherwise.
fn retold(price: &Price, rules: &[Kept]) -> Option<Message> {
    let mut same = rules.iter().filter(|rule| rule.rule == price.rule);
    let own = same.next().filter(|_| same.next().is_none())?;
    let near =
        |told: f64, own: f64| own.is_finite() && (told - own).abs() <= 1e-6 * own.abs().max(1e-3);
    if !near(price.used, own.used) {
        let used = Figure { told: price.used, own: own.used };
        return Some(both("check-rule-used", Some(price.rule.value()), own.unit, used));
    }
    if [own.low, own.high].into_iter().any(|limit| near(price.limit, limit)) {
        return None;
    }
    let limit = if own.high.is_finite() { own.high } else { own.low };
    let limit = Figure { told: price.limit, own: limit };
    Some(both("check-rule-limit", Some(price.rule.value()), own.unit, limit))
}

/// Whether prices prove all there is to prove: concave curves, nothing that is on or off.
fn is_plain(terms: &Terms<'_>) -> bool {
    let is_free = terms.rows.iter().all(|row| !row.may_be_off || row.least <= 0.0);
    let counts = |rule: &super::terms::RuleTerms| rule.parts.iter().any(|p| p.when_funded != 0.0);
    let is_concave =
        |i: usize| terms.returns.bends(i).iter().all(|(_, bend)| *bend == Bend::Concave);
    is_free
        && !terms.emits()
        && !terms.rules.iter().any(counts)
        && (0..terms.rows.len()).all(is_concave)
}
