//! The bound by weak duality: whatever keeps the rules is worth no more than all rows together
//! could be if they paid for what they use, plus what the limits are worth at those prices.
//!
//! Any prices give a bound. Good ones are read off the plan itself (what its free rows bring at
//! their last unit of money, as far as the rules that bind explain it), then made better by Shor's
//! subgradient method with space dilation in the direction of the difference of two successive
//! subgradients (Shor 1985).

use rayon::prelude::*;

use super::row::{Answer, Asked, Domain, Upper};
use super::terms::{Terms, moved};

/// A rule that couples rows, as prices see it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Face {
    Budget,
    Rule(usize),
    Change,
    Cost,
    Carbon,
}

/// Rows and the rules between them.
pub(super) struct Dual<'t, 'a> {
    terms: &'t Terms<'a>,
    faces: Vec<Face>,
    /// Least and greatest use of each face.
    limits: Vec<(f64, f64)>,
    /// Rules of each row: face, per unit of money, once funded.
    by_row: Vec<Vec<(usize, f64, f64)>>,
    rows: Vec<Upper>,
    /// One unit of a price: about what its whole limit would have to cost to outweigh the plan.
    scale: Vec<f64>,
    worth: f64,
}

/// What some prices prove.
#[derive(Debug, Clone)]
pub(super) struct Proof {
    pub(super) bound: f64,
    /// Limit less use, face by face.
    slack: Vec<f64>,
    pub(super) answers: Vec<Answer>,
}

/// Prices in units of their scale, and the bound that they prove.
#[derive(Debug, Clone)]
pub(super) struct Best {
    pub(super) prices: Vec<f64>,
    pub(super) bound: f64,
    /// Least and greatest answers of each row near these prices.
    pub(super) answers: Vec<(Answer, Answer)>,
}

/// How strongly the space is dilated along a change of subgradients.
const DILATION: f64 = 3.0;
/// The step grows by this while a direction still leads down …
const LONGER: f64 = 1.3;
/// … and shrinks by this where it did not.
const SHORTER: f64 = 0.9;
/// Steps along one direction.
const STRIDES: usize = 30;
/// The first step, in units of prices.
const FIRST_STEP: f64 = 0.1;
/// Bounds seen last, whose answers tell which rows waver.
const LATEST: usize = 12;
/// Rows up to which it is asked which of them waver.
const WAVERING_AT_MOST: usize = 20_000;
/// Rules up to which prices are read off the plan all at once.
const READ_TOGETHER: usize = 300;

impl<'t, 'a> Dual<'t, 'a> {
    pub(super) fn new(terms: &'t Terms<'a>, planned: &[f64]) -> Self {
        let mut faces = vec![Face::Budget];
        let lowest = if terms.must_spend { terms.budget } else { f64::NEG_INFINITY };
        let mut limits = vec![(lowest, terms.budget)];
        let mut by_row = vec![Vec::new(); terms.rows.len()];
        for (j, rule) in terms.rules.iter().enumerate() {
            for part in &rule.parts {
                by_row[part.row].push((faces.len(), part.per_money, part.when_funded));
            }
            faces.push(Face::Rule(j));
            limits.push((rule.low, rule.high));
        }
        let more = [
            terms.change.as_ref().map(|(_, most)| (Face::Change, *most)),
            terms.cost_per_action.map(|_| (Face::Cost, 0.0)),
            terms.carbon.map(|cap| (Face::Carbon, cap)),
        ];
        for (face, most) in more.into_iter().flatten() {
            faces.push(face);
            limits.push((f64::NEG_INFINITY, most));
        }
        let rows = (0..terms.rows.len()).into_par_iter().map(|i| Upper::new(terms, i, planned[i]));
        let worth = terms.value(planned).abs().max(f64::MIN_POSITIVE);
        let mut dual =
            Self { terms, faces, limits, by_row, rows: rows.collect(), scale: Vec::new(), worth };
        let used = dual.used(planned);
        let size = |(face, (low, high)): (&Face, &(f64, f64))| match face {
            Face::Cost => terms.budget,
            _ => [*low, *high]
                .into_iter()
                .filter(|x| x.is_finite())
                .fold(0.0_f64, |a, b| a.max(b.abs())),
        };
        let sizes = dual.faces.iter().zip(&dual.limits).map(size).zip(&used);
        dual.scale = sizes
            .map(|(size, used)| worth / size.max(used.abs()).max(1e-9 * terms.budget))
            .collect();
        dual
    }

    /// Rules that couple rows, the budget among them.
    pub(super) fn faces(&self) -> usize {
        self.faces.len()
    }

    /// Prices to begin with: those read off the plan, or the budget's as it was told alone, which
    /// ever prove more.
    pub(super) fn start(
        &mut self,
        planned: &[f64],
        told: Option<f64>,
        domains: &[Domain],
    ) -> Option<Vec<f64>> {
        let read = self.read_off(planned);
        let Some(told) = told else { return Some(read) };
        let mut alone = vec![0.0; self.faces.len()];
        alone[0] = self.allowed(0, told / self.scale[0]);
        let (one, other) = (self.prove(&read, domains)?, self.prove(&alone, domains)?);
        Some(if other.bound < one.bound { alone } else { read })
    }

    /// What budgets use of each face.
    fn used(&self, budgets: &[f64]) -> Vec<f64> {
        let terms = self.terms;
        let of = |face: &Face| match face {
            Face::Budget => budgets.iter().sum(),
            Face::Rule(j) => terms.rules[*j].used(budgets),
            Face::Change => {
                terms.change.as_ref().map_or(0.0, |(reference, _)| moved(budgets, reference))
            }
            Face::Cost => {
                let cost = terms.cost_per_action.unwrap_or(0.0);
                budgets.iter().sum::<f64>() - cost * terms.actions(budgets)
            }
            Face::Carbon => terms.kilograms(budgets),
        };
        self.faces.iter().map(of).collect()
    }

    /// The domains of all rows as the rules have them.
    pub(super) fn domains(&self) -> Vec<Domain> {
        self.terms.rows.iter().map(Domain::of).collect()
    }

    /// Prices that no rule forbids: a ceiling costs, a floor pays.
    fn allowed(&self, face: usize, price: f64) -> f64 {
        let (low, high) = self.limits[face];
        let least = if low.is_finite() { f64::NEG_INFINITY } else { 0.0 };
        let most = if high.is_finite() { f64::INFINITY } else { 0.0 };
        price.clamp(least, most)
    }

    /// What a row is asked to pay at some prices.
    fn asked(&self, i: usize, prices: &[f64]) -> Asked {
        let mut asked = Asked { carbon: self.terms.returns.kilogram_price(), ..Asked::default() };
        for (face, price) in self.faces.iter().zip(prices) {
            match face {
                Face::Budget => asked.money += price,
                Face::Rule(_) => {}
                Face::Change => {
                    asked.away = price / 2.0;
                    asked.reference =
                        self.terms.change.as_ref().map_or(0.0, |(reference, _)| reference[i]);
                }
                Face::Cost => {
                    asked.money += price;
                    asked.per_action = price * self.terms.cost_per_action.unwrap_or(0.0);
                }
                Face::Carbon => asked.carbon += price,
            }
        }
        for (face, per_money, when_funded) in &self.by_row[i] {
            asked.money += prices[*face] * per_money;
            asked.funded += prices[*face] * when_funded;
        }
        asked
    }

    /// What some prices prove; `None` where a row is allowed nothing at all.
    pub(super) fn prove(&mut self, scaled: &[f64], domains: &[Domain]) -> Option<Proof> {
        let prices: Vec<f64> = (0..scaled.len())
            .map(|face| self.allowed(face, scaled[face]) * self.scale[face])
            .collect();
        let mut rows = std::mem::take(&mut self.rows);
        let this = &*self;
        let answers: Option<Vec<Answer>> = rows
            .par_iter_mut()
            .enumerate()
            .with_min_len(64)
            .map(|(i, row)| row.answer(this.terms, i, &this.asked(i, &prices), &domains[i]))
            .collect();
        self.rows = rows;
        let answers = answers?;
        let budgets: Vec<f64> = answers.iter().map(|answer| answer.budget).collect();
        let mut used = self.used(&budgets);
        // A row that is on at nothing is funded all the same.
        for (i, answer) in answers.iter().enumerate() {
            if answer.is_on && answer.budget == 0.0 {
                self.by_row[i].iter().for_each(|(face, _, funded)| used[*face] += funded);
            }
        }
        let limit = |face: usize| {
            let (low, high) = self.limits[face];
            let is_floor = prices[face] < 0.0 || !high.is_finite();
            if is_floor { low } else { high }
        };
        let limits: Vec<f64> = (0..prices.len()).map(limit).collect();
        let paid = |(price, limit): (&f64, &f64)| if *price == 0.0 { 0.0 } else { price * limit };
        let bound = answers.iter().map(|answer| answer.worth).sum::<f64>()
            + prices.iter().zip(&limits).map(paid).sum::<f64>();
        // Beyond what is allowed, every step back leads down.
        let slack = (0..prices.len()).map(|face| {
            let away = scaled[face] - self.allowed(face, scaled[face]);
            if away == 0.0 {
                (limits[face] - used[face]) * self.scale[face]
            } else {
                self.worth * away.signum()
            }
        });
        let slack = slack.map(|own| if own.is_finite() { own } else { 0.0 }).collect();
        Some(Proof { bound, slack, answers })
    }

    /// Prices read off the plan: those of the binding rules that explain best what the free rows
    /// bring at their last unit of money.
    pub(super) fn read_off(&self, planned: &[f64]) -> Vec<f64> {
        let terms = self.terms;
        let used = self.used(planned);
        let slack = |face: usize| 2.0 * terms.unit.max(1e-9 * used[face].abs());
        let binds = |face: &usize| {
            let (low, high) = self.limits[*face];
            let near = |limit: f64| (used[*face] - limit).abs() <= slack(*face) * 1e3;
            near(low) || near(high)
        };
        let binding: Vec<usize> = (0..self.faces.len()).filter(binds).take(READ_TOGETHER).collect();
        let n = binding.len();
        let mut matrix = vec![vec![0.0; n + 1]; n];
        for (i, row) in terms.rows.iter().enumerate() {
            let budget = planned[i];
            let free = budget > row.least + slack(0) && budget < row.most - slack(0);
            let slope = terms.returns.value(i, row.media(budget)).1;
            if !free || !slope.is_finite() {
                continue;
            }
            let effect: Vec<f64> =
                binding.iter().map(|face| self.effect(i, *face, budget)).collect();
            // Errors count as shares of what the row's last unit of money brings.
            let weight = 1.0 / (slope * slope).max(1e-30 * self.worth * self.worth);
            for (j, one) in effect.iter().enumerate().filter(|(_, one)| **one != 0.0) {
                for (k, other) in effect.iter().enumerate() {
                    matrix[j][k] += weight * one * other;
                }
                matrix[j][n] += weight * one * slope;
            }
        }
        for (j, row) in matrix.iter_mut().enumerate() {
            row[j] = row[j] * (1.0 + 1e-10) + 1e-300;
        }
        let found = solve(matrix);
        let mut prices = vec![0.0; self.faces.len()];
        for (face, price) in binding.iter().zip(found) {
            if price.is_finite() {
                prices[*face] = self.allowed(*face, price / self.scale[*face]);
            }
        }
        prices
    }

    /// What one more unit of a row's money uses of a face.
    fn effect(&self, i: usize, face: usize, budget: f64) -> f64 {
        let terms = self.terms;
        let media = terms.rows[i].media(budget);
        match self.faces[face] {
            Face::Budget => 1.0,
            Face::Rule(_) => {
                let own = self.by_row[i].iter().filter(|(own, ..)| *own == face);
                own.map(|(_, per_money, _)| per_money).sum()
            }
            Face::Change => {
                let reference = terms.change.as_ref().map_or(0.0, |(reference, _)| reference[i]);
                0.5 * (budget - reference).signum()
            }
            Face::Cost => {
                1.0 - terms.cost_per_action.unwrap_or(0.0) * terms.returns.actions(i, media).1
            }
            Face::Carbon => {
                let step = (1e-4 * media).max(terms.unit);
                let returns = terms.returns;
                (returns.kilograms(i, media + step) - returns.kilograms(i, media)) / step
            }
        }
    }

    /// Makes prices better until they prove `enough`, or for so many bounds; `None` where nothing
    /// keeps the domains.
    pub(super) fn improve(
        &mut self,
        from: &[f64],
        domains: &[Domain],
        enough: f64,
        most: usize,
    ) -> Option<Best> {
        let n = from.len();
        let mut at = from.to_vec();
        let mut proof = self.prove(&at, domains)?;
        let mut best = Best { prices: at.clone(), bound: proof.bound, answers: Vec::new() };
        let kept = if self.rows.len() > WAVERING_AT_MOST { 1 } else { LATEST };
        let mut latest = vec![proof.answers.clone()];
        let mut space: Vec<Vec<f64>> =
            (0..n).map(|j| (0..n).map(|k| f64::from(u8::from(j == k))).collect()).collect();
        let mut step = FIRST_STEP;
        let mut left = most;
        while left > 0 && best.bound > enough {
            let seen = transposed(&space, &proof.slack);
            let length = norm(&seen);
            if length <= 1e-15 * self.worth {
                break;
            }
            let down: Vec<f64> = seen.iter().map(|x| x / length).collect();
            let way = times(&space, &down);
            let before = proof.slack.clone();
            let mut strides = 0;
            while left > 0 && strides < STRIDES {
                left -= 1;
                strides += 1;
                at.iter_mut().zip(&way).for_each(|(x, d)| *x -= step * d);
                proof = self.prove(&at, domains)?;
                if latest.len() == kept {
                    latest.remove(0);
                }
                latest.push(proof.answers.clone());
                let inside = (0..n).all(|face| at[face] == self.allowed(face, at[face]));
                if proof.bound < best.bound {
                    best.bound = proof.bound;
                    best.prices = if inside {
                        at.clone()
                    } else {
                        (0..n).map(|face| self.allowed(face, at[face])).collect()
                    };
                }
                if best.bound <= enough || dot(&proof.slack, &way) <= 0.0 {
                    break;
                }
                step *= LONGER;
            }
            if strides == 1 {
                step *= SHORTER;
            }
            let turn: Vec<f64> = proof.slack.iter().zip(&before).map(|(a, b)| a - b).collect();
            let turn = transposed(&space, &turn);
            let length = norm(&turn);
            if length > 0.0 {
                let turn: Vec<f64> = turn.iter().map(|x| x / length).collect();
                let moved = times(&space, &turn);
                for (row, moved) in space.iter_mut().zip(&moved) {
                    for (cell, turn) in row.iter_mut().zip(&turn) {
                        *cell += (1.0 / DILATION - 1.0) * moved * turn;
                    }
                }
            }
        }
        best.answers = range(&latest);
        Some(best)
    }
}

/// Least and greatest answers of each row.
fn range(latest: &[Vec<Answer>]) -> Vec<(Answer, Answer)> {
    let of = |i: usize| {
        let mut answers = latest.iter().map(|all| all[i]);
        let first = answers.next().expect("there is one at least");
        answers.fold((first, first), |(low, high), own| {
            let low = if own.budget < low.budget { own } else { low };
            (low, if own.budget > high.budget { own } else { high })
        })
    };
    (0..latest[0].len()).map(of).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

fn times(matrix: &[Vec<f64>], x: &[f64]) -> Vec<f64> {
    matrix.iter().map(|row| dot(row, x)).collect()
}

fn transposed(matrix: &[Vec<f64>], x: &[f64]) -> Vec<f64> {
    let mut sum = vec![0.0; x.len()];
    for (row, x) in matrix.iter().zip(x) {
        sum.iter_mut().zip(row).for_each(|(sum, cell)| *sum += x * cell);
    }
    sum
}

/// Solves linear equations, the right side in the last column, by elimination with row pivots.
fn solve(mut matrix: Vec<Vec<f64>>) -> Vec<f64> {
    let n = matrix.len();
    for j in 0..n {
        let size = |row: &usize| matrix[*row][j].abs();
        let pivot = (j..n).max_by(|a, b| size(a).total_cmp(&size(b))).unwrap_or(j);
        matrix.swap(j, pivot);
        let (above, below) = matrix.split_at_mut(j + 1);
        let own = &above[j];
        for row in below.iter_mut().filter(|row| row[j] != 0.0) {
            let share = row[j] / own[j];
            row.iter_mut().zip(own).skip(j).for_each(|(cell, own)| *cell -= share * own);
        }
    }
    let mut found = vec![0.0; n];
    for j in (0..n).rev() {
        let rest: f64 = (j + 1..n).map(|k| matrix[j][k] * found[k]).sum();
        found[j] = (matrix[j][n] - rest) / matrix[j][j];
    }
    found
}
