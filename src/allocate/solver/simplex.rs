//! A small dense simplex: linear rules as little broken as can be, and the best that keeps them.

/// Rows `low ≤ Σ a x ≤ high` over variables with hard bounds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rows {
    /// Coefficients, row by row.
    pub(crate) matrix: Vec<Vec<f64>>,
    /// Limits of each row.
    pub(crate) limits: Vec<(f64, f64)>,
    /// Hard bounds of each variable; the lower one finite.
    pub(crate) bounds: Vec<(f64, f64)>,
}

const EPSILON: f64 = 1e-10;
/// Moves after which what adds up in steps is added up anew.
const SETTLED: usize = 32;

impl Rows {
    /// Minimises the weighted sum of violations; tells each row's: positive above its high limit,
    /// negative below its low one.
    ///
    /// The dictionary form (Chvátal 1983, ch. 8): basic variables are linear in the others, whose
    /// values sit at their bounds; a basic variable outside its bounds costs its weight per unit.
    /// A move goes on past every limit for as long as it mends more than it breaks: two rules that
    /// hold it at the same point would else take turns in stopping it for ever. The
    /// move that mends most per unit comes first; after many moves Bland's rule keeps the choice from
    /// going round in circles.
    pub(crate) fn least_violations(&self, weights: &[f64]) -> Vec<f64> {
        self.least_broken(weights).0
    }

    /// The same, with the variables that break them least.
    pub(crate) fn least_broken(&self, weights: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let (m, n) = (self.matrix.len(), self.bounds.len());
        let mut table = self.matrix.clone();
        let mut basic: Vec<usize> = (n..n + m).collect();
        let mut outer: Vec<usize> = (0..n).collect();
        let bounds = |v: usize| self.bounds_of(v);
        let mut value: Vec<f64> =
            (0..n + m).map(|v| if v < n { bounds(v).0 } else { 0.0 }).collect();
        for pivots in 0..200 * (m + n) + 1000 {
            let steepest = pivots < 10 * (m + n);
            if pivots % SETTLED == 0 {
                settle_basics(&table, &basic, &outer, &mut value);
            }
            let excess = |v: usize| excess(value[v], bounds(v));
            let costs: Vec<f64> = basic
                .iter()
                .map(|&v| {
                    let weight = if v < n { 1e6 } else { weights[v - n] };
                    let excess = excess(v);
                    if excess == 0.0 { 0.0 } else { weight * excess.signum() }
                })
                .collect();
            let mut gradients = vec![0.0; n];
            for (cost, row) in costs.iter().zip(&table).filter(|(cost, _)| **cost != 0.0) {
                gradients.iter_mut().zip(row).for_each(|(sum, a)| *sum += cost * a);
            }
            let entering = (0..n)
                .filter_map(|j| {
                    let gradient: f64 = gradients[j];
                    let (low, high) = bounds(outer[j]);
                    let now = value[outer[j]];
                    let weight = |v: usize| if v < n { f64::INFINITY } else { weights[v - n] };
                    let extra = weight(outer[j]);
                    // A rule at its limit may be broken further when that mends dearer ones.
                    let up = gradient < if now < high - EPSILON { -1e-9 } else { -extra - 1e-9 };
                    let down = gradient > if now > low + EPSILON { 1e-9 } else { extra + 1e-9 };
                    let own = if up && now >= high - EPSILON || !up && now <= low + EPSILON {
                        extra
                    } else {
                        0.0
                    };
                    let direction = if up { 1.0 } else { -1.0 };
                    (up || down).then_some((outer[j], j, direction, direction * gradient + own))
                })
                .reduce(|a, b| {
                    let better = if steepest { b.3 < a.3 } else { b.0 < a.0 };
                    if better { b } else { a }
                });
            let Some((variable, j, direction, mut rate)) = entering else { break };
            let (low, high) = bounds(variable);
            let room = if direction > 0.0 { high - value[variable] } else { value[variable] - low };
            let weight = |v: usize| if v < n { 1e6 } else { weights[v - n] };
            let mut stops = Vec::new();
            if room > EPSILON && room.is_finite() {
                let own = if variable < n { f64::INFINITY } else { weight(variable) };
                let goal = if direction > 0.0 { high } else { low };
                stops.push(Stop { far: room, variable, row: None, goal, bends: own });
            }
            for (i, &v) in basic.iter().enumerate() {
                let speed = direction * table[i][j];
                if speed.abs() >= 1e-11 {
                    let bends = weight(v) * speed.abs();
                    for goal in goals(speed > 0.0, excess(v), bounds(v)).into_iter().flatten() {
                        let far = ((goal - value[v]) / speed).max(0.0);
                        stops.push(Stop { far, variable: v, row: Some(i), goal, bends });
                    }
                }
            }
            stops.sort_by(|a, b| a.far.total_cmp(&b.far).then(a.variable.cmp(&b.variable)));
            let stop = stops.into_iter().find(|stop| {
                rate += stop.bends;
                rate >= -1e-9
            });
            let Some(Stop { far, row, goal, .. }) = stop else { break };
            for (line, v) in table.iter().zip(&basic) {
                value[*v] += line[j] * direction * far;
            }
            let Some(row) = row else {
                value[variable] = goal;
                continue;
            };
            value[variable] += direction * far;
            value[basic[row]] = goal;
            pivot(&mut table, row, j);
            std::mem::swap(&mut basic[row], &mut outer[j]);
        }
        let mut violations = vec![0.0; m];
        settle_basics(&table, &basic, &outer, &mut value);
        for (row, violation) in violations.iter_mut().enumerate() {
            let (low, high) = self.limits[row];
            let used = value[n + row];
            *violation = (used - high).max(0.0) - (low - used).max(0.0);
        }
        value.truncate(n);
        (violations, value)
    }

    /// Bounds of a variable; those behind the variables of the program are its rows.
    fn bounds_of(&self, v: usize) -> (f64, f64) {
        let n = self.bounds.len();
        if v < n { self.bounds[v] } else { self.limits[v - n] }
    }
}

/// A linear program over rows: what its variables bring, and which of them start at their upper
/// bound.
#[derive(Debug, Clone, Default)]
pub(crate) struct Program {
    pub(crate) rows: Rows,
    /// Value of one unit of each variable.
    pub(crate) gains: Vec<f64>,
    /// Variables that start at their upper bound.
    pub(crate) full: Vec<bool>,
}

/// The dictionary of a bounded simplex: basic variables as combinations of the outer ones, the
/// gain as the last line.
struct Dictionary<'a> {
    program: &'a Program,
    table: Vec<Vec<f64>>,
    basic: Vec<usize>,
    outer: Vec<usize>,
    value: Vec<f64>,
}

impl Program {
    /// The variables' values at an optimum, and what one more unit of each row would bring; `None`
    /// when the rows cannot be kept, or when the steps run out.
    ///
    /// Two phases in one dictionary (Chvátal 1983, ch. 8): first the sum of violations falls to
    /// nothing, then the gain rises. The steepest entry is taken, and by Bland's rule the first
    /// one once steps bring nothing.
    pub(crate) fn maximise(&self) -> Option<(Vec<f64>, Vec<f64>)> {
        let (m, n) = (self.rows.matrix.len(), self.rows.bounds.len());
        let mut table = self.rows.matrix.clone();
        table.push(self.gains.clone());
        let start = |v: usize| {
            let (low, high) = self.rows.bounds[v];
            if self.full[v] { high } else { low }
        };
        let value = (0..n + m).map(|v| if v < n { start(v) } else { 0.0 }).collect();
        let mut dictionary = Dictionary {
            program: self,
            table,
            basic: (n..n + m).collect(),
            outer: (0..n).collect(),
            value,
        };
        let steps = 20 * (m + n) + 500;
        if !(dictionary.climb(steps, true)? && dictionary.climb(steps, false)?) {
            return None;
        }
        let mut prices = vec![0.0; m];
        for (j, &v) in dictionary.outer.iter().enumerate().filter(|(_, v)| **v >= n) {
            prices[v - n] = dictionary.table[m][j];
        }
        Some((dictionary.value[..n].to_vec(), prices))
    }
}

impl Dictionary<'_> {
    fn bounds(&self, v: usize) -> (f64, f64) {
        self.program.rows.bounds_of(v)
    }

    fn excess(&self, v: usize) -> f64 {
        excess(self.value[v], self.bounds(v))
    }

    /// Steps until nothing is gained; `None` when they run out. In the first phase, tells whether
    /// every row is kept.
    fn climb(&mut self, steps: usize, first: bool) -> Option<bool> {
        let m = self.basic.len();
        let mut idle = 0;
        for _ in 0..steps {
            settle_basics(&self.table, &self.basic, &self.outer, &mut self.value);
            let costs: Vec<f64> = if first {
                let sign = |v: &usize| {
                    -self.excess(*v).signum() * f64::from(u8::from(self.excess(*v) != 0.0))
                };
                self.basic.iter().map(sign).collect()
            } else {
                Vec::new()
            };
            if first && costs.iter().all(|cost| *cost == 0.0) {
                return Some(true);
            }
            let rate = |j: usize| -> f64 {
                if first {
                    costs
                        .iter()
                        .zip(&self.table)
                        .filter(|(c, _)| **c != 0.0)
                        .map(|(c, line)| c * line[j])
                        .sum()
                } else {
                    self.table[m][j]
                }
            };
            let mut entering: Option<(usize, f64)> = None;
            for (j, &v) in self.outer.iter().enumerate() {
                let (low, high) = self.bounds(v);
                let rate = rate(j);
                let moves = (rate > 1e-11 && self.value[v] < high)
                    || (rate < -1e-11 && self.value[v] > low);
                if !moves || low == high {
                    continue;
                }
                let better = entering.is_none_or(|(k, best)| {
                    if idle > 2 * m + 10 { v < self.outer[k] } else { rate.abs() > best.abs() }
                });
                if better {
                    entering = Some((j, rate));
                }
            }
            let Some((j, rate)) = entering else { return Some(!first) };
            if self.step(j, rate.signum()) > 0.0 { idle = 0 } else { idle += 1 }
        }
        None
    }

    /// Moves one outer variable as far as the basic ones let it; tells how far.
    fn step(&mut self, j: usize, direction: f64) -> f64 {
        let variable = self.outer[j];
        let (low, high) = self.bounds(variable);
        let room =
            if direction > 0.0 { high - self.value[variable] } else { self.value[variable] - low };
        let mut far = room;
        let mut leaving: Option<(usize, f64)> = None;
        for (i, &v) in self.basic.iter().enumerate() {
            let speed = direction * self.table[i][j];
            if speed.abs() < 1e-10 {
                continue;
            }
            let Some(goal) = goal(speed > 0.0, self.excess(v), self.bounds(v)) else { continue };
            let room = ((goal - self.value[v]) / speed).max(0.0);
            // Among equals the largest pivot keeps the digits.
            let tie = room <= far + 1e-12
                && leaving.is_some_and(|(k, _)| speed.abs() > self.table[k][j].abs());
            if room < far - 1e-12 || tie {
                far = far.min(room);
                leaving = Some((i, goal));
            }
        }
        let Some((row, goal)) = leaving else {
            if far.is_finite() {
                self.value[variable] = if direction > 0.0 { high } else { low };
            }
            return far;
        };
        self.value[variable] += direction * far;
        self.value[self.basic[row]] = goal;
        pivot(&mut self.table, row, j);
        std::mem::swap(&mut self.basic[row], &mut self.outer[j]);
        far
    }
}

/// By how much a value lies outside its bounds: positive above, negative below.
fn excess(now: f64, (low, high): (f64, f64)) -> f64 {
    let slack = EPSILON * (1.0 + now.abs());
    if now < low - slack {
        now - low
    } else if now > high + slack {
        now - high
    } else {
        0.0
    }
}

/// Where a basic variable stops a move: one that is outside, where it comes in; `None` when it
/// goes further out.
fn goal(rising: bool, excess: f64, (low, high): (f64, f64)) -> Option<f64> {
    match (rising, excess) {
        (true, e) if e < 0.0 => Some(low),
        (false, e) if e > 0.0 => Some(high),
        (true, e) if e > 0.0 => None,
        (false, e) if e < 0.0 => None,
        (true, _) => Some(high),
        (false, _) => Some(low),
    }
}

/// A point at which a move starts to cost more: a limit of the moving variable (no row) or of a
/// basic one.
struct Stop {
    far: f64,
    variable: usize,
    row: Option<usize>,
    goal: f64,
    /// By how much the cost per step rises there.
    bends: f64,
}

/// The limits that a basic variable still has before it: outside, where it comes in and where it
/// goes out again; none when it goes further out.
fn goals(rising: bool, excess: f64, (low, high): (f64, f64)) -> [Option<f64>; 2] {
    let (near, far) = if rising { (low, high) } else { (high, low) };
    let outside = if rising { -excess } else { excess };
    let real = |goal: f64| goal.is_finite().then_some(goal);
    if outside > 0.0 {
        [real(near), real(far)]
    } else if outside < 0.0 {
        [None, None]
    } else {
        [None, real(far)]
    }
}

/// Basic variables as their lines of the dictionary give them.
fn settle_basics(table: &[Vec<f64>], basic: &[usize], outer: &[usize], value: &mut [f64]) {
    for (line, v) in table.iter().zip(basic) {
        value[*v] = line.iter().zip(outer).map(|(t, v)| t * value[*v]).sum();
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
