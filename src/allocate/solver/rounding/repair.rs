//! From a plan that nearly keeps its rules to one that keeps them.

use crate::allocate::problem::Problem;
use crate::allocate::solver::prices::pricing_problem::Domain;

/// A linear rule at a point: coefficients by segment, and by how much it is off.
struct RuleRow {
    terms: Vec<(usize, f64)>,
    /// Used less limit: positive when too much, negative when too little, 0 when it just holds.
    off: f64,
}

/// Moves a plan onto its rules by the least change, each segment moving in proportion to its
/// room, funded segments staying in their domain. `None` when that does not come to an end.
pub(crate) fn repair(
    problem: &Problem,
    domains: &[Domain],
    mut budgets: Vec<f64>,
) -> Option<Vec<f64>> {
    let bounds = |i: usize, b: f64| {
        let domain = &domains[i];
        let off = b == 0.0 && (domain.off || !domain.on);
        if off { (0.0, 0.0) } else { (domain.low, domain.high) }
    };
    for (i, b) in budgets.iter_mut().enumerate() {
        let (low, high) = bounds(i, *b);
        *b = b.clamp(low.min(high), high);
    }
    for _ in 0..40 {
        let rows = rows(problem, &budgets);
        if rows.iter().all(|row| row.off.abs() <= 1e-12 * problem.budget().max(1e-9)) {
            return Some(budgets);
        }
        let room: Vec<f64> = budgets
            .iter()
            .enumerate()
            .map(|(i, &b)| {
                let (low, high) = bounds(i, b);
                (b - low).min(high - b).max(1e-3 * (high - low)).max(0.0)
            })
            .collect();
        let push = least_change(&rows, &room)?;
        for (row, push) in rows.iter().zip(&push) {
            for &(i, coefficient) in &row.terms {
                budgets[i] -= push * coefficient * room[i];
            }
        }
        for (i, b) in budgets.iter_mut().enumerate() {
            if room[i] > 0.0 {
                *b = b.clamp(domains[i].low.min(domains[i].high), domains[i].high);
            }
        }
    }
    (problem.violation(&budgets) <= 1e-9).then_some(budgets)
}

/// The rules that are broken or just hold.
fn rows(problem: &Problem, budgets: &[f64]) -> Vec<RuleRow> {
    let mut rows = Vec::new();
    let budget = problem.budget();
    let sum: f64 = budgets.iter().sum();
    let everyone = || (0..budgets.len()).map(|i| (i, 1.0)).collect::<Vec<_>>();
    if problem.spend_all || sum >= budget * (1.0 - 1e-9) {
        rows.push(RuleRow { terms: everyone(), off: sum - budget });
    }
    for rule in &problem.rules {
        let used = rule.used(budgets);
        let near = 1e-8 * used.abs().max(1e-9);
        let limit = if used >= rule.high - near {
            rule.high
        } else if used <= rule.low + near {
            rule.low
        } else {
            continue;
        };
        let terms: Vec<(usize, f64)> = rule
            .terms
            .iter()
            .filter(|term| term.per_money != 0.0)
            .map(|term| (term.variable as usize, term.per_money))
            .collect();
        if !terms.is_empty() {
            rows.push(RuleRow { terms, off: used - limit });
        }
    }
    if let Some(change) = &problem.change {
        let moved = crate::allocate::problem::moved(budgets, &change.reference);
        if moved > change.at_most * (1.0 - 1e-9) {
            let terms = budgets.iter().zip(&change.reference).enumerate();
            let terms = terms.map(|(i, (b, r))| (i, 0.5 * (b - r).signum())).collect();
            rows.push(RuleRow { terms, off: moved - change.at_most });
        }
    }
    if let Some(cost) = problem.cost_per_action {
        let pairs = || problem.variables.iter().zip(budgets);
        let over: f64 = pairs().map(|(variable, b)| b - cost * variable.actions(*b)).sum();
        if over > -1e-9 * budget {
            let slope =
                |(i, (variable, &b)): (usize, (&crate::allocate::problem::Variable, &f64))| {
                    let step = 1e-6 * b.max(1e-6);
                    (i, 1.0 - cost * (variable.actions(b + step) - variable.actions(b)) / step)
                };
            rows.push(RuleRow { terms: pairs().enumerate().map(slope).collect(), off: over });
        }
    }
    rows
}

/// Solves `(A D Aᵀ) y = off`, `D` the room of each segment, by elimination with pivoting; rows
/// that say what others say already get nothing.
fn least_change(rows: &[RuleRow], room: &[f64]) -> Option<Vec<f64>> {
    let m = rows.len();
    let mut dense = vec![0.0; room.len()];
    let mut matrix = vec![vec![0.0; m + 1]; m];
    for a in 0..m {
        for &(i, coefficient) in &rows[a].terms {
            dense[i] = coefficient * room[i];
        }
        for b in 0..m {
            matrix[b][a] = rows[b].terms.iter().map(|&(i, c)| c * dense[i]).sum();
        }
        for &(i, _) in &rows[a].terms {
            dense[i] = 0.0;
        }
        matrix[a][m] = rows[a].off;
    }
    let scale = (0..m).map(|a| matrix[a][a]).fold(0.0, f64::max);
    (scale > 0.0).then(|| eliminate(matrix, 1e-11 * scale))
}

/// Solves a square system, its right side in the last column, by elimination with pivoting;
/// unknowns whose pivot is below `least` become 0.
pub(crate) fn eliminate(mut matrix: Vec<Vec<f64>>, least: f64) -> Vec<f64> {
    let m = matrix.len();
    let mut used = vec![None; m];
    let mut free: Vec<usize> = (0..m).collect();
    for column in 0..m {
        let Some(position) = (0..free.len()).max_by(|&a, &b| {
            matrix[free[a]][column].abs().total_cmp(&matrix[free[b]][column].abs())
        }) else {
            break;
        };
        let pivot_row = free[position];
        if matrix[pivot_row][column].abs() < least {
            continue;
        }
        free.swap_remove(position);
        used[column] = Some(pivot_row);
        let pivot = matrix[pivot_row].clone();
        for (r, row) in matrix.iter_mut().enumerate() {
            let factor = row[column] / pivot[column];
            if r != pivot_row && factor != 0.0 {
                for (x, p) in row.iter_mut().zip(&pivot) {
                    *x -= factor * p;
                }
            }
        }
    }
    let answer =
        |column: usize| used[column].map_or(0.0, |r: usize| matrix[r][m] / matrix[r][column]);
    (0..m).map(answer).collect()
}
