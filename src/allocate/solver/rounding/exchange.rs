//! Whole minor units moved between rows: first until every rule holds again, then for as long as
//! it brings value.

use crate::allocate::problem::{Problem, Rule, Term};

/// Beyond so many rows single moves are worth too little to look for.
pub(crate) const ROWS_IMPROVED: usize = 250;
/// Rows on either side of a move that are tried against each other.
const TRIED: usize = 90;

/// A plan in minor units that is being mended, with what it uses of each rule.
struct RoundedPlan<'a> {
    problem: &'a Problem,
    units: f64,
    minor: Vec<i64>,
    /// Price of money in each row: how much of a gain its rules would take back.
    prices: &'a [f64],
    /// Use of each rule, then of the budget, change and cost per action.
    used: Vec<f64>,
    /// Limits of the same.
    limits: Vec<(f64, f64)>,
    /// What breaches of either limit are measured against.
    size: Vec<(f64, f64)>,
    /// Which of them add up money.
    of_money: Vec<bool>,
    /// Where each row's terms start.
    starts: Vec<u32>,
    terms: Vec<(u32, Term)>,
}

/// One move: so many minor units out of a row into another (`None`: left unspent).
#[derive(Debug, Clone, Copy)]
struct Move {
    down: Option<usize>,
    up: Option<usize>,
    amount: i64,
}

/// Mends and improves a rounded plan, which was worth `before`; `None` when single moves cannot
/// make it keep its rules.
pub(crate) fn exchange(
    problem: &Problem,
    minor: Vec<i64>,
    prices: &[f64],
    before: f64,
) -> Option<Vec<i64>> {
    let mut rounded = RoundedPlan::new(problem, minor, prices);
    rounded.mend()?;
    if problem.variables.len() <= ROWS_IMPROVED {
        rounded.improve();
        let loses = |rounded: &RoundedPlan<'_>| {
            before - problem.value(&rounded.budgets()) > LOST * before.abs()
        };
        for _ in 0..PASSES {
            if !(loses(&rounded) && rounded.improve_in_threes()) {
                break;
            }
        }
    }
    Some(rounded.minor)
}

/// Rounding that loses more than this share of a plan's value is looked at closely.
pub(crate) const LOST: f64 = 5e-7;
/// Moves of three rows looked at in one pass, and how many of them are held against the rules.
const THREES: usize = 3_000_000;
const HELD: usize = 20_000;
const PASSES: usize = 20;
/// Steps that a row moves at most in such a move.
const FAR: i64 = 60;

/// The terms of all rules, row by row: where each row's start, and they.
fn terms_by_row(problem: &Problem, rows: usize) -> (Vec<u32>, Vec<(u32, Term)>) {
    let mut starts = vec![0_u32; rows + 1];
    for term in problem.rules.iter().flat_map(|rule| &rule.terms) {
        starts[term.variable as usize + 1] += 1;
    }
    for i in 0..rows {
        starts[i + 1] += starts[i];
    }
    let nothing = Term { variable: 0, per_money: 0.0, when_funded: 0.0 };
    let mut terms = vec![(0, nothing); starts[rows] as usize];
    let mut next = starts.clone();
    for (j, rule) in problem.rules.iter().enumerate() {
        for term in &rule.terms {
            let slot = &mut next[term.variable as usize];
            terms[*slot as usize] = (j as u32, *term);
            *slot += 1;
        }
    }
    (starts, terms)
}

impl<'a> RoundedPlan<'a> {
    fn new(problem: &'a Problem, minor: Vec<i64>, prices: &'a [f64]) -> Self {
        let rules = problem.rules.len();
        let mut limits: Vec<(f64, f64)> =
            problem.rules.iter().map(|rule| (rule.low, rule.high)).collect();
        limits.push((f64::NEG_INFINITY, problem.budget()));
        let change = problem.change.as_ref().map_or(f64::INFINITY, |change| change.at_most);
        limits.push((f64::NEG_INFINITY, change));
        let cost = if problem.cost_per_action.is_some() { 0.0 } else { f64::INFINITY };
        limits.push((f64::NEG_INFINITY, cost));
        let (starts, terms) = terms_by_row(problem, minor.len());
        let scale = problem.budget().max(1e-9);
        let mut rounded = Self {
            problem,
            units: problem.minor_per_unit as f64,
            minor,
            prices,
            used: vec![0.0; rules + 3],
            size: vec![(scale, scale); rules + 3],
            of_money: problem.rules.iter().map(Rule::is_group).chain([true, true, false]).collect(),
            limits,
            starts,
            terms,
        };
        let rows = 0..rounded.minor.len();
        let mut used = vec![0.0; rules + 3];
        rows.for_each(|i| rounded.add(i, rounded.minor[i], 1.0, &mut used));
        for (j, rule) in problem.rules.iter().enumerate() {
            let of = |limit: f64| if limit.is_finite() { limit.abs() } else { 0.0 };
            let least = used[j].abs().max(1e-12);
            rounded.size[j] = (of(rule.low).max(least), of(rule.high).max(least));
        }
        rounded.used = used;
        rounded
    }

    fn money(&self, minor: i64) -> f64 {
        minor as f64 / self.units
    }

    /// Adds a row's use of every rule at a budget, times a sign.
    fn add(&self, i: usize, minor: i64, sign: f64, used: &mut [f64]) {
        let b = self.money(minor);
        for (j, term) in &self.terms[self.starts[i] as usize..self.starts[i + 1] as usize] {
            let funded = if minor > 0 { term.when_funded } else { 0.0 };
            used[*j as usize] += sign * (term.per_money * b + funded);
        }
        let rules = self.problem.rules.len();
        used[rules] += sign * b;
        if let Some(change) = &self.problem.change {
            used[rules + 1] += sign * (b - change.reference[i]).abs() / 2.0;
        }
        if let Some(cost) = self.problem.cost_per_action {
            used[rules + 2] += sign * (b - cost * self.problem.variables[i].actions(b));
        }
    }

    /// By how much a use breaks a rule, relative to its size; float noise is no breach.
    fn breach(&self, j: usize, used: f64) -> f64 {
        let (low, high) = self.limits[j];
        let size = self.size[j];
        // A billionth of a large budget is money, not noise.
        let noise = |size: f64| {
            if self.of_money[j] { (0.01 / self.units).min(1e-9 * size) } else { 1e-9 * size }
        };
        let over = if used - high > noise(size.1) { (used - high) / size.1 } else { 0.0 };
        let under = if low - used > noise(size.0) { (low - used) / size.0 } else { 0.0 };
        over.max(under)
    }

    /// By how much the rules are broken in all.
    fn broken(&self) -> f64 {
        self.used.iter().enumerate().map(|(j, used)| self.breach(j, *used)).sum()
    }

    /// How the sum of breaches would change with a move.
    fn change_of_breaches(&self, step: Move, scratch: &mut Vec<f64>) -> f64 {
        scratch.clear();
        scratch.extend_from_slice(&self.used);
        for (row, by) in [(step.down, -step.amount), (step.up, step.amount)] {
            if let Some(i) = row {
                self.add(i, self.minor[i], -1.0, scratch);
                self.add(i, self.minor[i] + by, 1.0, scratch);
            }
        }
        let pairs = scratch.iter().zip(&self.used).enumerate();
        pairs
            .filter(|(_, (now, before))| now != before)
            .map(|(j, (now, before))| self.breach(j, *now) - self.breach(j, *before))
            .sum()
    }

    /// Value that a row gains when its budget changes.
    fn gain(&self, i: usize, by: i64) -> f64 {
        let variable = &self.problem.variables[i];
        variable.value(self.money(self.minor[i] + by)) - variable.value(self.money(self.minor[i]))
    }

    /// Whether a row's own bounds let its budget change.
    fn can(&self, i: usize, by: i64) -> bool {
        let variable = &self.problem.variables[i];
        let next = self.minor[i] + by;
        // Turning a row with an on/off rule on or off is not for rounding to decide.
        if next < 0 || (variable.least_funded() > 0.0 && (next == 0) != (self.minor[i] == 0)) {
            return false;
        }
        if variable.least_funded() > 0.0 && next == 0 {
            return true;
        }
        let b = self.money(next);
        // A hundredth of a minor unit is float noise of a limit such as 0.35 · 12000.
        let slack = 0.01 / self.units;
        b >= variable.least_funded() - slack && b <= variable.max + slack
    }

    fn apply(&mut self, step: Move) {
        let changes = [(step.down, -step.amount), (step.up, step.amount)];
        let rows: Vec<(usize, i64)> =
            changes.into_iter().filter_map(|(row, by)| Some((row?, by))).collect();
        self.change(&rows);
    }

    /// The rows that can change by so much, those that win most at their prices first.
    fn rows(&self, by: i64) -> Vec<(usize, f64)> {
        let mut rows: Vec<(f64, usize, f64)> = (0..self.minor.len())
            .filter(|&i| self.can(i, by))
            .map(|i| {
                let gain = self.gain(i, by);
                (gain - self.prices.get(i).unwrap_or(&0.0) * self.money(by), i, gain)
            })
            .collect();
        rows.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        rows.into_iter().map(|(_, i, gain)| (i, gain)).collect()
    }

    /// Rows of a broken rule come first, in each direction; then the others, the best first.
    fn tried(&self, by: i64) -> Vec<(usize, f64)> {
        let rows = self.rows(by);
        if rows.len() <= TRIED {
            return rows;
        }
        let in_broken = |i: usize| {
            let own = &self.terms[self.starts[i] as usize..self.starts[i + 1] as usize];
            own.iter().any(|(j, _)| self.breach(*j as usize, self.used[*j as usize]) > 0.0)
        };
        let (mut first, rest): (Vec<_>, Vec<_>) = rows.into_iter().partition(|r| in_broken(r.0));
        first.truncate(TRIED / 2);
        let room = TRIED - first.len();
        first.extend(rest.into_iter().take(room));
        first
    }

    /// Moves money until every rule holds.
    fn mend(&mut self) -> Option<()> {
        let mut scratch = Vec::new();
        let mut broken = self.broken();
        for _ in 0..4 * self.minor.len().min(2_000) + 100 {
            if broken <= 0.0 {
                return Some(());
            }
            let step = [self.problem.step, 1, 16 * self.problem.step]
                .into_iter()
                .find_map(|amount| self.mending(amount, broken, &mut scratch))?;
            self.apply(step);
            broken = self.broken();
        }
        (broken <= 0.0).then_some(())
    }

    /// The move that mends most, among equals the one that costs least.
    fn mending(&self, amount: i64, broken: f64, scratch: &mut Vec<f64>) -> Option<Move> {
        let mut best: Option<(f64, f64, Move)> = None;
        for (step, gain) in self.moves(amount) {
            let change = self.change_of_breaches(step, scratch);
            if change >= -1e-9 * broken {
                continue;
            }
            let better = best.is_none_or(|(mended, won, _)| {
                change < mended * (1.0 + 1e-9) || (change <= mended * (1.0 - 1e-9) && gain > won)
            });
            if better {
                best = Some((change, gain, step));
            }
        }
        best.map(|best| best.2)
    }

    fn moves(&self, amount: i64) -> Vec<(Move, f64)> {
        let (downs, ups) = (self.tried(-amount), self.tried(amount));
        let mut moves = Vec::new();
        for &(down, lost) in &downs {
            for &(up, won) in ups.iter().filter(|up| up.0 != down) {
                moves.push((Move { down: Some(down), up: Some(up), amount }, lost + won));
            }
            if !self.problem.spend_all {
                moves.push((Move { down: Some(down), up: None, amount }, lost));
            }
        }
        if !self.problem.spend_all {
            moves.extend(
                ups.iter().map(|&(up, won)| (Move { down: None, up: Some(up), amount }, won)),
            );
        }
        moves
    }

    /// Makes the best move that breaks nothing, as long as one brings value.
    fn improve(&mut self) {
        let mut scratch = Vec::new();
        let worth = 1e-13 * self.problem.value(&self.budgets()).abs();
        for _ in 0..2 * self.minor.len() + 50 {
            let mut moves = self.moves(self.problem.step);
            moves.retain(|(_, gain)| *gain > worth);
            moves.sort_by(|a, b| b.1.total_cmp(&a.1));
            let allowed = moves
                .into_iter()
                .take(2_000)
                .find(|(step, _)| self.change_of_breaches(*step, &mut scratch) <= 0.0);
            let Some((step, _)) = allowed else { return };
            self.apply(step);
        }
    }

    /// Makes the best move of up to three rows by several steps, where curves jump and single steps
    /// see nothing; tells whether there was one.
    fn improve_in_threes(&mut self) -> bool {
        let n = self.minor.len();
        let triples = (n + 1) * n * n.saturating_sub(1) / 6;
        let far = ((THREES / triples.max(1)) as f64).sqrt() as i64 / 2;
        let (far, step) = (far.min(FAR), self.problem.step);
        if n < 2 || far < 1 {
            return false;
        }
        // What each row wins by each number of steps; behind the rows the money left unspent.
        let unspent = self.problem.budget_minor - self.minor.iter().sum::<i64>();
        let won = |i: usize, steps: i64| {
            let by = steps * step;
            if steps == 0 {
                0.0
            } else if i == n {
                let may = !self.problem.spend_all && unspent + by >= 0;
                if may { 0.0 } else { f64::NEG_INFINITY }
            } else if self.can(i, by) {
                self.gain(i, by)
            } else {
                f64::NEG_INFINITY
            }
        };
        let table: Vec<Vec<f64>> =
            (0..=n).map(|i| (-far..=far).map(|steps| won(i, steps)).collect()).collect();
        let at = |i: usize, steps: i64| table[i][(steps + far) as usize];
        let mut best = (1e-13 * self.problem.value(&self.budgets()).abs(), None);
        let mut held = 0;
        for (a, b, c) in
            (0..=n).flat_map(|a| (a + 1..=n).flat_map(move |b| (b + 1..=n).map(move |c| (a, b, c))))
        {
            for x in -far..=far {
                let first = at(a, x);
                if first == f64::NEG_INFINITY {
                    continue;
                }
                for y in (-far).max(-far - x)..=far.min(far - x) {
                    let gain = first + at(b, y) + at(c, -x - y);
                    if gain > best.0 && held < HELD {
                        held += 1;
                        let moves = [(a, x), (b, y), (c, -x - y)];
                        if self.keeps_rules(&moves.map(|(i, steps)| (i, steps * step))) {
                            best = (gain, Some(moves));
                        }
                    }
                }
            }
        }
        let Some(moves) = best.1 else { return false };
        self.change(&moves.map(|(i, steps)| (i, steps * step)));
        true
    }

    /// Whether changes of rows break nothing further; the row behind the last is unspent money.
    fn keeps_rules(&self, changes: &[(usize, i64)]) -> bool {
        let mut used = self.used.clone();
        for &(i, by) in changes.iter().filter(|(i, by)| *i < self.minor.len() && *by != 0) {
            self.add(i, self.minor[i], -1.0, &mut used);
            self.add(i, self.minor[i] + by, 1.0, &mut used);
        }
        used.iter().zip(&self.used).enumerate().all(|(j, (now, before))| {
            now == before || self.breach(j, *now) <= self.breach(j, *before)
        })
    }

    fn change(&mut self, changes: &[(usize, i64)]) {
        let mut used = std::mem::take(&mut self.used);
        let rows = self.minor.len();
        for &(i, by) in changes.iter().filter(|(i, _)| *i < rows) {
            self.add(i, self.minor[i], -1.0, &mut used);
            self.minor[i] += by;
            self.add(i, self.minor[i], 1.0, &mut used);
        }
        self.used = used;
    }

    fn budgets(&self) -> Vec<f64> {
        self.minor.iter().map(|minor| self.money(*minor)).collect()
    }
}
