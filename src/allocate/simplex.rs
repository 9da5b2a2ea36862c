//! A small dense simplex that makes linear rules as little broken as can be.

/// Rows `low ≤ Σ a x ≤ high` over variables with hard bounds.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    /// Coefficients, row by row.
    pub(super) matrix: Vec<Vec<f64>>,
    /// Limits of each row.
    pub(super) limits: Vec<(f64, f64)>,
    /// Hard bounds of each variable; the lower one finite.
    pub(super) bounds: Vec<(f64, f64)>,
}

const EPSILON: f64 = 1e-10;

impl Rows {
    /// Minimises the weighted sum of violations; tells each row's: positive above its high limit,
    /// negative below its low one.
    ///
    /// The dictionary form (Chvátal 1983, ch. 8): basic variables are linear in the others, whose
    /// values sit at their bounds; a basic variable outside its bounds costs its weight per unit.
    /// Bland's rule keeps it from going round in circles.
    pub(super) fn least_violations(&self, weights: &[f64]) -> Vec<f64> {
        let (m, n) = (self.matrix.len(), self.bounds.len());
        let mut table = self.matrix.clone();
        let mut basic: Vec<usize> = (n..n + m).collect();
        let mut outer: Vec<usize> = (0..n).collect();
        let bounds = |v: usize| if v < n { self.bounds[v] } else { self.limits[v - n] };
        let mut value: Vec<f64> =
            (0..n + m).map(|v| if v < n { bounds(v).0 } else { 0.0 }).collect();
        for _ in 0..200 * (m + n) + 1000 {
            for i in 0..m {
                value[basic[i]] = table[i].iter().zip(&outer).map(|(t, v)| t * value[*v]).sum();
            }
            let excess = |v: usize| {
                let (low, high) = bounds(v);
                let slack = EPSILON * (1.0 + value[v].abs());
                if value[v] < low - slack {
                    value[v] - low
                } else if value[v] > high + slack {
                    value[v] - high
                } else {
                    0.0
                }
            };
            let costs: Vec<f64> = basic
                .iter()
                .map(|&v| {
                    let weight = if v < n { 1e6 } else { weights[v - n] };
                    let excess = excess(v);
                    if excess == 0.0 { 0.0 } else { weight * excess.signum() }
                })
                .collect();
            let entering = (0..n)
                .filter_map(|j| {
                    let gradient: f64 = (0..m).map(|i| costs[i] * table[i][j]).sum();
                    let (low, high) = bounds(outer[j]);
                    let now = value[outer[j]];
                    let weight = |v: usize| if v < n { f64::INFINITY } else { weights[v - n] };
                    let extra = weight(outer[j]);
                    // A rule at its limit may be broken further when that mends dearer ones.
                    let up = gradient < if now < high - EPSILON { -1e-9 } else { -extra - 1e-9 };
                    let down = gradient > if now > low + EPSILON { 1e-9 } else { extra + 1e-9 };
                    (up || down).then_some((outer[j], j, if up { 1.0 } else { -1.0 }))
                })
                .min_by_key(|candidate| candidate.0);
            let Some((variable, j, direction)) = entering else { break };
            let (low, high) = bounds(variable);
            let room = if direction > 0.0 { high - value[variable] } else { value[variable] - low };
            let mut step = if room > EPSILON { room } else { f64::INFINITY };
            let mut leaving = None;
            for i in 0..m {
                let speed = direction * table[i][j];
                if speed.abs() < 1e-11 {
                    continue;
                }
                let (low, high) = bounds(basic[i]);
                let now = value[basic[i]];
                let excess = excess(basic[i]);
                // An outside variable stops the move where it comes in.
                let goal = match (speed > 0.0, excess) {
                    (true, e) if e < 0.0 => low,
                    (false, e) if e > 0.0 => high,
                    (true, e) if e > 0.0 => continue,
                    (false, e) if e < 0.0 => continue,
                    (true, _) => high,
                    (false, _) => low,
                };
                let room = ((goal - now) / speed).max(0.0);
                let tie = (room - step).abs() <= EPSILON
                    && leaving.is_none_or(|k: usize| basic[i] < basic[k]);
                if room < step - EPSILON || tie {
                    step = room.min(step);
                    leaving = Some(i);
                }
            }
            if !step.is_finite() {
                break;
            }
            let Some(row) = leaving else {
                value[variable] = if direction > 0.0 { high } else { low };
                continue;
            };
            value[variable] += direction * step;
            let goal = {
                let (low, high) = bounds(basic[row]);
                let reached = value[basic[row]] + direction * step * table[row][j];
                if (reached - low).abs() <= (reached - high).abs() { low } else { high }
            };
            value[basic[row]] = goal;
            pivot(&mut table, row, j);
            std::mem::swap(&mut basic[row], &mut outer[j]);
        }
        let mut violations = vec![0.0; m];
        for i in 0..m {
            value[basic[i]] = table[i].iter().zip(&outer).map(|(t, v)| t * value[*v]).sum();
        }
        for (row, violation) in violations.iter_mut().enumerate() {
            let (low, high) = self.limits[row];
            let used = value[n + row];
            *violation = (used - high).max(0.0) - (low - used).max(0.0);
        }
        violations
    }
}

/// Exchanges the basic variable of a row with the outer variable of a column.
fn pivot(table: &mut [Vec<f64>], row: usize, column: usize) {
    let divisor = table[row][column];
    let mut solved: Vec<f64> = table[row].iter().map(|t| -t / divisor).collect();
    solved[column] = 1.0 / divisor;
    for (i, line) in table.iter_mut().enumerate() {
        if i == row {
            continue;
        }
        let factor = line[column];
        if factor != 0.0 {
            line[column] = 0.0;
            for (t, s) in line.iter_mut().zip(&solved) {
                *t += factor * s;
            }
        }
    }
    table[row] = solved;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_that_can_be_kept_are_kept() {
        let rows = Rows {
            matrix: vec![vec![1.0, 1.0, 1.0], vec![1.0, 0.0, 0.0], vec![0.0, 1.0, 1.0]],
            limits: vec![(10.0, 10.0), (4.0, 5.0), (0.0, 6.0)],
            bounds: vec![(0.0, 100.0); 3],
        };
        assert!(rows.least_violations(&[1.0; 3]).iter().all(|v| v.abs() < 1e-9));
    }

    #[test]
    fn the_least_violation_is_the_shortfall() {
        let rows = Rows {
            matrix: vec![vec![1.0, 1.0], vec![1.0, 0.0], vec![0.0, 1.0]],
            limits: vec![(10.0, 10.0), (7.0, f64::INFINITY), (6.0, f64::INFINITY)],
            bounds: vec![(0.0, 100.0); 2],
        };
        let violations = rows.least_violations(&[1.0, 1000.0, 1000.0]);
        assert!((violations[0] - 3.0).abs() < 1e-9, "{violations:?}");
        let violations = rows.least_violations(&[1000.0, 1.0, 1000.0]);
        assert!((violations[1] + 3.0).abs() < 1e-9, "{violations:?}");
    }
}
