//! From floats to whole minor units: largest remainder down the tree, rules kept exactly.

use super::exchange::{ROWS_IMPROVED, exchange};
use crate::allocate::problem::Problem;
use crate::allocate::solver::prices::tree::Tree;

/// Rounds a plan that keeps the rules; `None` when no plan near it in whole steps does.
///
/// `prices` of money in each row tell which rows give up a step most gladly.
pub(crate) fn round(
    problem: &Problem,
    tree: &Tree,
    budgets: &[f64],
    prices: &[f64],
) -> Option<Vec<i64>> {
    [problem.step, 1].into_iter().find_map(|step| {
        let rounded = down_the_tree(problem, tree, budgets, step)?;
        let nested = tree.crossing.is_empty()
            && problem.change.is_none()
            && problem.cost_per_action.is_none();
        // Nested rules hold by construction, and with many rows a single step is worth nothing.
        if nested && rounded.len() > ROWS_IMPROVED {
            return Some(rounded);
        }
        exchange(problem, rounded, prices, problem.value(budgets))
    })
}

/// Bounds of a row in minor units, on the step's grid where that leaves room.
pub(crate) fn row_bounds(problem: &Problem, i: usize, budget: f64, step: i64) -> (i64, i64) {
    let variable = &problem.variables[i];
    if budget == 0.0 && (variable.min <= 0.0 && variable.least_funded() > 0.0) {
        return (0, 0);
    }
    let units = problem.minor_per_unit as f64;
    // A millionth of a minor unit is float noise of a limit such as 0.35 · 12000.
    let low = -whole_below(1e-6 - variable.least_funded() * units);
    let high = whole_below(variable.max * units + 1e-6);
    if step == 1 {
        return (low, high);
    }
    let on_grid = (low.div_euclid(step) + i64::from(low.rem_euclid(step) > 0)) * step;
    let below = high.div_euclid(step) * step;
    if on_grid <= below { (on_grid, below) } else { (low, high) }
}

/// The whole number at or below: `floor` is a call where the processor's age is not known.
fn whole_below(x: f64) -> i64 {
    let whole = x as i64;
    whole - i64::from(whole as f64 > x)
}

fn down_the_tree(problem: &Problem, tree: &Tree, budgets: &[f64], step: i64) -> Option<Vec<i64>> {
    let n = tree.nodes.len();
    let units = problem.minor_per_unit as f64;
    let mut sums = vec![0.0; n];
    let mut range = vec![(0_i64, 0_i64); n];
    // What each node has to hand out to: first its own rows, then the nodes below it.
    let mut rows: Vec<Vec<u32>> = vec![Vec::new(); n];
    let mut parts: Vec<Vec<Part>> = vec![Vec::new(); n];
    for (i, home) in tree.home.iter().enumerate() {
        let home = *home as usize;
        let (low, high) = row_bounds(problem, i, budgets[i], step);
        sums[home] += budgets[i];
        range[home].0 += low;
        range[home].1 += high;
        rows[home].push(i as u32);
        // Bounds closer than one unit of rounding meet at the upper one.
        parts[home].push(Part { target: budgets[i] * units, low: low.min(high), high });
    }
    for v in (0..n).rev() {
        let node = &tree.nodes[v];
        let low = (node.low * units - 1e-6).ceil() as i64;
        let high = (node.high * units + 1e-6).floor().min(9e18) as i64;
        range[v] = (range[v].0.max(low), range[v].1.min(high));
        if range[v].0 > range[v].1 {
            return None;
        }
        if v > 0 {
            sums[node.parent] += sums[v];
            range[node.parent].0 += range[v].0;
            range[node.parent].1 += range[v].1;
        }
    }
    let total = if problem.spend_all {
        problem.budget_minor
    } else {
        let nearest = ((sums[0] * units).round() as i64).clamp(range[0].0, range[0].1);
        // What need not be spent is left in whole steps, the odd ends of fixed rows aside.
        let fixed = parts.iter().flatten().filter(|part| part.low == part.high);
        let odd = fixed.map(|part| part.low.rem_euclid(step)).sum::<i64>().rem_euclid(step);
        let below = (nearest - odd).div_euclid(step) * step + odd;
        let on_grid = [below, below + step].into_iter().find(|total| {
            range[0].0 <= *total && *total <= range[0].1 && *total <= problem.budget_minor
        });
        on_grid.unwrap_or(nearest)
    };
    let mut totals = vec![0; n];
    totals[0] = total;
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); n];
    for v in 1..n {
        children[tree.nodes[v].parent].push(v);
    }
    let mut rounded = vec![0; budgets.len()];
    for v in 0..n {
        let node = |&c: &usize| Part { target: sums[c] * units, low: range[c].0, high: range[c].1 };
        parts[v].extend(children[v].iter().map(node));
        let shares = apportion(&parts[v], totals[v], step)?;
        let (to_rows, to_nodes) = shares.split_at(rows[v].len());
        for (&i, &share) in rows[v].iter().zip(to_rows) {
            rounded[i as usize] = share;
        }
        for (&c, &share) in children[v].iter().zip(to_nodes) {
            totals[c] = share;
        }
    }
    Some(rounded)
}

/// One part of a sum to be rounded: what it should be, and its bounds.
#[derive(Debug, Clone, Copy)]
struct Part {
    target: f64,
    low: i64,
    high: i64,
}

/// Whole parts that add up to `total`: each rounded down to the step, the rest handed out step
/// by step to the largest remainders with room, the odd end to the largest part with room.
fn apportion(parts: &[Part], total: i64, step: i64) -> Option<Vec<i64>> {
    let floor = |part: &Part| {
        // A target a hair below a whole step is that step.
        let steps = whole_below(part.target / step as f64 + 1e-7);
        (steps * step).clamp(part.low, part.high)
    };
    let mut shares: Vec<i64> = parts.iter().map(floor).collect();
    let mut rest = total - shares.iter().sum::<i64>();
    let mut unit = step;
    while rest != 0 {
        let sign = rest.signum();
        if rest.abs() < unit {
            unit = 1;
        }
        let has_room = |k: usize, shares: &[i64]| {
            let moved = shares[k] + sign * unit;
            parts[k].low <= moved && moved <= parts[k].high && moved >= 0
        };
        let wish = |k: usize| sign as f64 * (parts[k].target - shares[k] as f64);
        let with_room = (0..parts.len()).filter(|&k| has_room(k, &shares));
        let mut open: Vec<(f64, usize)> = with_room.map(|k| (wish(k), k)).collect();
        if open.is_empty() {
            if unit == 1 {
                return None;
            }
            unit = 1;
            continue;
        }
        let order = |a: &(f64, usize), b: &(f64, usize)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        let want = (rest.abs() / unit) as usize;
        if unit < step {
            // The odd end goes to one part, so that all others stay on the step's grid.
            let fits = |k: &usize| {
                let moved = shares[*k] + rest;
                parts[*k].low <= moved && moved <= parts[*k].high && moved >= 0
            };
            if let Some(k) = open
                .iter()
                .map(|(_, k)| *k)
                .filter(fits)
                .max_by(|a, b| shares[*a].cmp(&shares[*b]).then(b.cmp(a)))
            {
                shares[k] += rest;
                return Some(shares);
            }
        }
        if want < open.len() {
            open.select_nth_unstable_by(want, order);
        }
        if want > 4 * open.len() {
            // Much is left for few parts: each takes what it can.
            for &(_, k) in &open {
                let room =
                    if sign > 0 { parts[k].high - shares[k] } else { shares[k] - parts[k].low };
                let take = room.min(rest.abs()) / unit * unit;
                shares[k] += sign * take;
                rest -= sign * take;
            }
            continue;
        }
        for &(_, k) in open.iter().take(want) {
            shares[k] += sign * unit;
            rest -= sign * unit;
        }
    }
    Some(shares)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_add_up_and_keep_their_bounds(
            targets in proptest::collection::vec(0.0..500.0_f64, 1..12), step in 1_i64..40, odd in 0_i64..40,
        ) {
            let parts: Vec<Part> =
                targets.iter().map(|&target| Part { target, low: 0, high: 100_000 }).collect();
            let total = targets.iter().sum::<f64>() as i64 + odd;
            let shares = apportion(&parts, total, step).unwrap();
            prop_assert_eq!(shares.iter().sum::<i64>(), total);
            // Everything but one odd end is on the step's grid.
            prop_assert!(shares.iter().filter(|share| *share % step != 0).count() <= 1);
        }
    }

    #[test]
    fn the_largest_remainders_are_rounded_up() {
        let part = |target: f64| Part { target, low: 0, high: 100 };
        let parts = [part(3.4), part(2.7), part(1.6), part(2.3)];
        assert_eq!(apportion(&parts, 10, 1), Some(vec![3, 3, 2, 2]));
    }

    #[test]
    fn no_room_is_told() {
        let part = Part { target: 3.0, low: 0, high: 3 };
        assert_eq!(apportion(&[part], 4, 1), None);
    }
}
