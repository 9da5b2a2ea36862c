//! The best plan near prices that are right or nearly so: a linear program over pieces of curves.
//!
//! At the right prices a segment whose curve is piecewise linear is fractional along a whole piece: any
//! split of the money along it is worth the same, and only the rules say which. Moving all
//! segments in proportion ([`super::rounding::repair`]) moves those that sit on a corner as well, at a loss.
//! Here every curve is cut into pieces, its own where it has some, else ever finer ones around the
//! answer to the prices, and the simplex says how far each piece is filled. A chord lies below its
//! concave curve, so the plan is worth at least what the program says, and it keeps every rule.
//! Its duals are prices that hold where the smoothed bound has no interior to go through: where
//! the rules leave a node of the search a single point, or a sliver.

use super::prices::coupling::MANY;
use super::prices::pricing_problem::Domain;
use super::simplex::{Program, Rows};
use crate::allocate::problem::{Problem, Variable};
use crate::response::curve::Curve;

/// Beyond so many segments what the repair loses is nothing against the whole.
pub(crate) const MOST_SEATS: usize = 300;
/// The finest piece around an answer, as a share of the segment's room.
const FINEST: f64 = 1e-7;
/// Pieces grow by this factor away from the answer.
const GROWTH: f64 = 2.5;
/// Times the pieces are cut anew around the plan found.
const ROUNDS: usize = 3;
/// Of more than [`MANY`] rules those within this share of a limit are in the program, and those that
/// a plan breaks, in so many turns.
const NEAR: f64 = 1e-6;
const TAKEN_IN: usize = 20;

/// What the program found.
pub(crate) struct Filled {
    /// A plan where every curve is concave in its domain, else money that the rules allow.
    pub(crate) budgets: Vec<f64>,
    /// What one more unit of the budget would bring.
    pub(crate) total: f64,
    /// The same of each rule, of money that moves, and of money over the cost per action allowed.
    pub(crate) rules: Vec<f64>,
    pub(crate) change: f64,
    pub(crate) cost: f64,
}

/// The best way to fill the pieces of the curves' concave hulls over their domains, from money
/// near it; who is funded there stays so.
///
/// `None` when no money keeps the rules there.
pub(crate) fn fill(problem: &Problem, domains: &[Domain], near: &[f64]) -> Option<Filled> {
    // Of many rules few hold: the others are taken in when the plan breaks them.
    let beyond = |budgets: &[f64], share: f64| -> Vec<usize> {
        let is_beyond = |j: &usize| {
            let (rule, used) = (&problem.rules[*j], problem.rules[*j].used(budgets));
            used > rule.high - share * rule.high.abs() || used < rule.low + share * rule.low.abs()
        };
        (0..problem.rules.len()).filter(is_beyond).collect()
    };
    if problem.rules.len() <= MANY {
        let rules: Vec<usize> = (0..problem.rules.len()).collect();
        return fill_under(problem, domains, near, &rules);
    }
    let mut rules = beyond(near, NEAR);
    for _ in 0..TAKEN_IN {
        let filled = fill_under(problem, domains, near, &rules)?;
        let known = rules.len();
        rules.extend(beyond(&filled.budgets, -1e-9));
        rules.sort_unstable();
        rules.dedup();
        if rules.len() == known {
            return Some(filled);
        }
    }
    None
}

fn fill_under(
    problem: &Problem,
    domains: &[Domain],
    near: &[f64],
    rules: &[usize],
) -> Option<Filled> {
    let mut best: Option<(f64, Filled)> = None;
    for _ in 0..ROUNDS {
        let near = best.as_ref().map_or(near, |(_, filled)| &filled.budgets);
        let (gain, filled) = fill_once(problem, domains, near, rules)?;
        let before = best.as_ref().map_or(f64::NEG_INFINITY, |(gain, _)| *gain);
        if gain >= before {
            best = Some((gain, filled));
        }
        let exact =
            problem.variables.iter().all(|variable| matches!(variable.curve, Curve::Points(_)));
        if exact || gain <= before + 1e-12 * gain.abs() {
            break;
        }
    }
    best.map(|(_, filled)| filled)
}

/// A stretch of one segment's money with one slope.
struct Piece {
    variable: usize,
    from: f64,
    to: f64,
    gain: f64,
    full: bool,
    /// It is the step from nothing to being funded.
    funds: bool,
}

fn fill_once(
    problem: &Problem,
    domains: &[Domain],
    near: &[f64],
    only: &[usize],
) -> Option<(f64, Filled)> {
    let mut base = vec![0.0; domains.len()];
    let mut pieces = Vec::new();
    for (i, domain) in domains.iter().enumerate() {
        let low = domain.low.min(domain.high);
        let undecided = domain.off && near[i] > 0.0 && near[i] < low;
        if !domain.on || (near[i] <= 0.0 && domain.off) {
            continue;
        }
        base[i] = if undecided { 0.0 } else { low };
        let variable = &problem.variables[i];
        let reference = problem.change.as_ref().map(|change| change.reference[i]);
        let corners = corners(variable, low, domain.high, near[i], reference);
        let mut ends: Vec<(f64, f64)> =
            corners.into_iter().map(|b| (b, variable.value(b))).collect();
        if undecided {
            ends.insert(0, (0.0, variable.value(0.0)));
        }
        let mut funds = undecided;
        for pair in hull(&ends, reference).windows(2) {
            let (from, to, gain) = (pair[0].0, pair[1].0, pair[1].1 - pair[0].1);
            let full = 0.5 * (from + to) < near[i];
            pieces.push(Piece { variable: i, from, to, gain, full, funds });
            funds = false;
        }
    }
    let worth = problem.value(&base).abs() + pieces.iter().map(|p| p.gain.abs()).sum::<f64>();
    if !(worth.is_finite() && worth > 0.0) {
        return None;
    }
    // Money in units of the budget, however small a piece: its gain is then its slope.
    let unit = problem.budget().max(1e-9);
    let rows = rows(problem, only, &base, &pieces, unit);
    let width = |piece: &Piece| (piece.to - piece.from) / unit;
    let program = Program {
        gains: pieces.iter().map(|piece| piece.gain / width(piece) / worth).collect(),
        full: pieces.iter().map(|piece| piece.full).collect(),
        rows: Rows {
            bounds: pieces.iter().map(|piece| (0.0, width(piece))).collect(),
            matrix: rows.iter().map(|row| row.terms.clone()).collect(),
            limits: rows.iter().map(|row| row.limits).collect(),
        },
    };
    let (filled, prices) = program.maximise()?;
    let mut prices = prices.iter().zip(&rows).map(|(price, row)| price * worth / row.size);
    let mut budgets = base;
    let mut gain = 0.0;
    for (piece, filled) in pieces.iter().zip(&filled) {
        budgets[piece.variable] += filled * unit;
        gain += filled / width(piece) * piece.gain;
    }
    let total = prices.next()?;
    let mut rules = vec![0.0; problem.rules.len()];
    for (rule, price) in only.iter().zip(prices.by_ref()) {
        rules[*rule] = price;
    }
    let change = problem.change.as_ref().map_or(0.0, |_| prices.next().unwrap_or(0.0));
    let cost = problem.cost_per_action.map_or(0.0, |_| prices.next().unwrap_or(0.0));
    Some((gain, Filled { budgets, total, rules, change, cost }))
}

/// The corners of the least concave curve above a segment's.
///
/// A reference on that curve stays a corner even where the curve runs straight through it: money
/// moves towards it on one side and away from it on the other.
fn hull(ends: &[(f64, f64)], reference: Option<f64>) -> Vec<(f64, f64)> {
    let mut hull: Vec<(f64, f64)> = Vec::with_capacity(ends.len());
    for &end in ends {
        while let [.., a, b] = hull[..] {
            // The corner before lies on or below the line around it.
            let above = (b.1 - a.1) * (end.0 - a.0) - (end.1 - a.1) * (b.0 - a.0);
            let rounding = 1e-12 * ((b.1 - a.1) * (end.0 - a.0)).abs();
            if above > 0.0 || (reference == Some(b.0) && above >= -rounding) {
                break;
            }
            hull.pop();
        }
        hull.push(end);
    }
    hull
}

/// Where a segment's money is cut.
fn corners(
    variable: &Variable,
    low: f64,
    high: f64,
    near: f64,
    reference: Option<f64>,
) -> Vec<f64> {
    let mut corners = vec![low, high];
    if let Curve::Points(points) = &variable.curve {
        corners.extend(points.corners().iter().map(|s| s + variable.fixed_cost));
    } else {
        let centre = near.clamp(low, high);
        corners.push(centre);
        let room = high - low;
        let mut width = FINEST * room;
        while width < room && room > 0.0 {
            corners.extend([centre - width, centre + width]);
            width *= GROWTH;
        }
    }
    corners.extend(reference);
    corners.retain(|s| *s >= low && *s <= high);
    corners.sort_by(f64::total_cmp);
    corners.dedup_by(|b, a| *b - *a <= 1e-13 * high);
    corners
}

/// A rule over the pieces' money, in units of its own size.
struct ProgramRow {
    terms: Vec<f64>,
    limits: (f64, f64),
    size: f64,
}

/// The total, the rules, the change and the cost per action, in this order.
fn rows(
    problem: &Problem,
    only: &[usize],
    base: &[f64],
    pieces: &[Piece],
    unit: f64,
) -> Vec<ProgramRow> {
    let width = |piece: &Piece| piece.to - piece.from;
    let row = |size: f64, limits: (f64, f64), used: f64, of: &dyn Fn(&Piece) -> f64| {
        let size = size.max(1e-12);
        ProgramRow {
            terms: pieces.iter().map(|p| of(p) / width(p) * unit / size).collect(),
            limits: ((limits.0 - used) / size, (limits.1 - used) / size),
            size,
        }
    };
    let low = if problem.spend_all { problem.budget() } else { 0.0 };
    let mut rows = vec![row(unit, (low, problem.budget()), base.iter().sum(), &width)];
    let mut own = vec![(0.0, 0.0); base.len()];
    for rule in only.iter().map(|rule| &problem.rules[*rule]) {
        own.fill((0.0, 0.0));
        for term in &rule.terms {
            own[term.variable as usize] = (term.per_money, term.when_funded);
        }
        let size = if rule.high.is_finite() { rule.high.abs() } else { rule.low.abs() };
        let of = |piece: &Piece| {
            let (per_money, when_funded) = own[piece.variable];
            per_money * width(piece) + if piece.funds { when_funded } else { 0.0 }
        };
        rows.push(row(size, (rule.low, rule.high), rule.used(base), &of));
    }
    if let Some(change) = &problem.change {
        let of = |piece: &Piece| {
            let apart = |b: f64| (b - change.reference[piece.variable]).abs() / 2.0;
            apart(piece.to) - apart(piece.from)
        };
        let used = crate::allocate::problem::moved(base, &change.reference);
        rows.push(row(unit, (f64::NEG_INFINITY, change.at_most), used, &of));
    }
    if let Some(cost) = problem.cost_per_action {
        let over = |i: usize, b: f64| b - cost * problem.variables[i].actions(b);
        let used = base.iter().enumerate().map(|(i, b)| over(i, *b)).sum();
        let of = |piece: &Piece| over(piece.variable, piece.to) - over(piece.variable, piece.from);
        rows.push(row(unit, (f64::NEG_INFINITY, 0.0), used, &of));
    }
    rows
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::allocate::problem::Rule;
    use crate::response::points::Points;

    #[test]
    fn only_the_torn_segment_leaves_its_corner() {
        let points = |pairs: &[(f64, f64)]| Curve::Points(Arc::new(Points::new(pairs).unwrap()));
        let variables = vec![
            Variable::new(points(&[(10.0, 30.0), (20.0, 35.0)]), 0.0, 50.0),
            Variable::new(points(&[(15.0, 30.0), (40.0, 55.0)]), 0.0, 50.0),
        ];
        let mut problem = Problem::new(variables, 30.0);
        problem.rules = vec![Rule::group([0], 0.0, 25.0)];
        let domain = Domain { low: 0.0, high: 50.0, off: false, on: true };
        // Moved in proportion, both would leave the corners that they belong on.
        let filled = fill(&problem, &[domain; 2], &[11.0, 19.5]).unwrap();
        assert_eq!(filled.budgets, [10.0, 20.0]);
        assert!((filled.total - 1.0).abs() < 1e-12, "{}", filled.total);
        assert_eq!(filled.rules, [0.0]);
    }

    #[test]
    fn the_hull_leaves_out_what_lies_below() {
        let ends = [(0.0, 0.0), (1.0, 0.1), (2.0, 3.0), (3.0, 3.5), (4.0, 4.0)];
        assert_eq!(hull(&ends, None), [(0.0, 0.0), (2.0, 3.0), (4.0, 4.0)]);
    }

    #[test]
    fn the_reference_stays_a_corner_of_a_straight_stretch() {
        let ends = [(0.0, 0.0), (10.0, 17.0), (17.5, 29.75)];
        assert_eq!(hull(&ends, None), [ends[0], ends[2]]);
        assert_eq!(hull(&ends, Some(10.0)), ends);
        // Below the curve's hull it is no place to stay.
        let bent = [(0.0, 0.0), (10.0, 1.0), (17.5, 29.75)];
        assert_eq!(hull(&bent, Some(10.0)), [bent[0], bent[2]]);
    }
}
