//! Where rows are on or off, or a curve has two good amounts, weak duality alone leaves a gap: the
//! rows that waver at the best prices are settled one way and the other, and each way gets a bound
//! of its own.

use super::dual::{Best, Dual};
use super::row::Domain;
use super::terms::Terms;

/// What was proven.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Proven {
    /// By prices alone.
    pub(super) by_prices: f64,
    /// With rows settled.
    pub(super) bound: f64,
    /// Ways looked at.
    pub(super) ways: u64,
}

/// Answers of one row at one set of prices that a proof may ask for in all.
const WORK: usize = 40_000_000;
/// Bounds asked for at first, with each rule more.
const BOUNDS: (usize, usize) = (150, 40);
/// Bounds asked for each way a row is settled.
const BOUNDS_OF_A_WAY: (usize, usize) = (25, 8);
/// Ways looked at, at most.
const WAYS: usize = 2_000;

/// Better prices are looked for on as long as they take off this share of what is left to prove.
const WORTH: f64 = 0.05;

/// Amounts asked between two answers of a row that wavers.
const STEPS: usize = 16;

/// A way to settle some rows, not yet looked into.
struct Open {
    domains: Vec<Domain>,
    best: Best,
}

/// The least bound found for all plans that keep the terms; the search ends once `enough` is
/// proven.
pub(super) fn prove(
    terms: &Terms<'_>,
    planned: &[f64],
    told_prices: Option<f64>,
    enough: f64,
) -> Option<Proven> {
    let mut dual = Dual::new(terms, planned);
    let faces = dual.faces();
    let rows = terms.rows.len().max(1);
    let bounds = |(some, each): (usize, usize)| (some + each * faces).min(WORK / rows).max(4);
    let domains = dual.domains();
    let from = dual.start(planned, told_prices, &domains)?;
    let best = dual.improve(&from, &domains, enough, bounds(BOUNDS))?;
    let by_prices = best.bound;
    let mut open = vec![Open { domains, best }];
    let mut ways = 0;
    let most = (WORK / rows / bounds(BOUNDS_OF_A_WAY)).min(WAYS);
    let mut settled = f64::NEG_INFINITY;
    while ways < most {
        let worst = |(i, open): (usize, &Open)| (i, open.best.bound);
        let Some((i, bound)) =
            open.iter().enumerate().map(worst).max_by(|a, b| a.1.total_cmp(&b.1))
        else {
            break;
        };
        if bound <= enough {
            break;
        }
        let Open { domains, best } = open.swap_remove(i);
        let Some((row, choices)) = wavering(terms, &domains, &best) else {
            // Nothing wavers: better prices may, or this bound is as good as prices make it.
            let found = dual.improve(&best.prices, &domains, enough, bounds(BOUNDS));
            let closer = |found: &Best| bound - found.bound > WORTH * (bound - enough);
            match found.filter(closer) {
                Some(best) => open.push(Open { domains, best }),
                None => settled = settled.max(bound),
            }
            ways += 1;
            continue;
        };
        for choice in choices {
            ways += 1;
            let mut domains = domains.clone();
            domains[row] = choice;
            let found = dual.improve(&best.prices, &domains, enough, bounds(BOUNDS_OF_A_WAY));
            if let Some(mut found) = found {
                found.bound = found.bound.min(best.bound);
                open.push(Open { domains, best: found });
            }
        }
    }
    let open = open.iter().map(|open| open.best.bound).fold(settled, f64::max);
    Some(Proven { by_prices, bound: open.min(by_prices), ways: ways as u64 })
}

/// The row whose answers near the best prices lie farthest apart for what lies between them, and
/// the two ways to settle it.
fn wavering(terms: &Terms<'_>, domains: &[Domain], best: &Best) -> Option<(usize, [Domain; 2])> {
    let value = |i: usize, budget: f64| terms.returns.value(i, terms.rows[i].media(budget)).0;
    let lost = |i: usize| -> (f64, f64) {
        let (low, high) = &best.answers[i];
        if low.is_on != high.is_on {
            let rise = (value(i, high.budget) - value(i, low.budget)).abs();
            return (0.25 * rise, f64::NAN);
        }
        let ends = (value(i, low.budget), value(i, high.budget));
        let between = |step: usize| {
            let share = step as f64 / STEPS as f64;
            let at = low.budget + share * (high.budget - low.budget);
            (ends.0 + share * (ends.1 - ends.0) - value(i, at), at)
        };
        (1..STEPS).map(between).max_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or((0.0, f64::NAN))
    };
    let rows = (0..domains.len()).filter(|&i| best.answers[i].0 != best.answers[i].1);
    let (i, (lost, middle)) = rows.map(|i| (i, lost(i))).max_by(|a, b| a.1.0.total_cmp(&b.1.0))?;
    if lost <= 1e-13 * best.bound.abs() {
        return None;
    }
    let Domain { off, on } = domains[i];
    if middle.is_nan() {
        return Some((i, [Domain { off: true, on: None }, Domain { off: false, on }]));
    }
    let (least, most) = on?;
    let lower = Domain { off, on: Some((least, middle)) };
    Some((i, [lower, Domain { off: false, on: Some((middle, most)) }]))
}
