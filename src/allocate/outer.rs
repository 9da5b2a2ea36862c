//! Prices of the rules that do not nest: a proximal bundle over a handful of numbers.
//!
//! Each try solves the tree exactly at given outer prices; what the answers use of the outer
//! rules is the slope of the bound there (Danskin). Any prices bound every plan from above, so
//! the best try stands whether or not the search has come to its end.

use std::sync::Arc;

use super::problem::{Problem, Seat, moved};
use super::relax::{Domain, Extra, Market, Relaxed, relax};
use super::repair::eliminate;
use super::tree::Tree;
use crate::response::curve::{Curve, MoneyPrice};

/// One rule outside the tree, in the form `low ≤ used ≤ high`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum OuterRule {
    /// Position among the problem's rules.
    Linear(usize),
    /// Change against the reference.
    Change,
    /// Mean cost per action.
    Cost,
}

/// The rules outside the tree, with limits that are finite and a size to scale prices by.
#[derive(Debug, Clone)]
pub(super) struct Outer {
    pub(super) rules: Vec<OuterRule>,
    low: Vec<f64>,
    high: Vec<f64>,
    size: Vec<f64>,
    /// No plan is worth less: a bound below it proves that there is no plan.
    worst: f64,
    /// Slope (scaled) that keeps the price of a rule without a floor from going below 0.
    wall: Vec<Option<f64>>,
}

/// A solved relaxation with outer prices.
#[derive(Debug, Clone)]
pub(super) struct Priced {
    /// Upper bound on the value of every plan.
    pub(super) bound: f64,
    /// The tree's answers at the best outer prices.
    pub(super) relaxed: Relaxed,
    /// Outer prices, one per outer rule, per unit of the rule.
    pub(super) prices: Vec<f64>,
    /// A mixture of answers that (nearly) keeps all linear rules.
    pub(super) mixture: Vec<f64>,
}

/// One try: prices (scaled), value and slope there, and the answers' mixture.
struct Cut {
    at: Vec<f64>,
    value: f64,
    slope: Vec<f64>,
    mixture: Vec<f64>,
}

impl Outer {
    /// Collects what the tree could not take.
    pub(super) fn new(problem: &Problem, tree: &Tree) -> Self {
        let mut outer = Self {
            rules: Vec::new(),
            low: Vec::new(),
            high: Vec::new(),
            size: Vec::new(),
            worst: problem.seats.iter().map(least_value).sum(),
            wall: Vec::new(),
        };
        for &index in &tree.crossing {
            let rule = &problem.rules[index];
            let (least, most) = reach(problem, index);
            let size = if rule.high.is_finite() { rule.high.abs() } else { rule.low.abs() };
            // A limit that cannot be reached stands in for one that is not there.
            let high = rule.high.min(most.max(rule.low) + size);
            outer.push(OuterRule::Linear(index), rule.low, high, size, (least, most));
        }
        let budget = problem.budget();
        if let Some(change) = &problem.change {
            let most: f64 = change.reference.iter().sum::<f64>() + budget;
            outer.push(OuterRule::Change, f64::NEG_INFINITY, change.at_most, budget, (0.0, most));
        }
        if let Some(cost) = problem.cost_per_action {
            let best: f64 = problem.seats.iter().map(|seat| seat.actions(seat.max)).sum();
            let ends = (-cost * best, budget);
            outer.push(OuterRule::Cost, f64::NEG_INFINITY, 0.0, budget, ends);
        }
        outer
    }

    fn push(&mut self, rule: OuterRule, low: f64, high: f64, size: f64, ends: (f64, f64)) {
        let size = size.max(1e-9);
        self.rules.push(rule);
        self.low.push(low);
        self.high.push(high);
        self.size.push(size);
        let wall = (ends.0.min(high) - ends.1 - size) / size;
        self.wall.push(low.is_infinite().then_some(wall));
    }

    /// Whether each linear rule by itself can be kept in these domains.
    fn within_reach(&self, problem: &Problem, domains: &[Domain]) -> bool {
        self.rules.iter().enumerate().all(|(j, rule)| {
            let OuterRule::Linear(index) = rule else { return true };
            let (mut least, mut most) = (0.0, 0.0);
            for term in &problem.rules[*index].terms {
                let domain = &domains[term.seat as usize];
                let on = [domain.low, domain.high].map(|b| term.per_money * b + term.when_funded);
                let free = domain.off || !domain.on;
                let ends = if domain.on { on } else { [0.0; 2] };
                least += ends[0].min(ends[1]).min(if free { 0.0 } else { f64::INFINITY });
                most += ends[0].max(ends[1]).max(if free { 0.0 } else { f64::NEG_INFINITY });
            }
            let slack = 1e-9 * self.size[j];
            least <= self.high[j] + slack && most >= self.low[j] - slack
        })
    }

    /// What budgets use of each rule.
    fn used(&self, problem: &Problem, budgets: &[f64], funded: &[f64]) -> Vec<f64> {
        self.rules
            .iter()
            .map(|rule| match rule {
                OuterRule::Linear(index) => {
                    let terms = &problem.rules[*index].terms;
                    terms
                        .iter()
                        .map(|term| {
                            let i = term.seat as usize;
                            term.per_money * budgets[i] + term.when_funded * funded[i]
                        })
                        .sum()
                }
                OuterRule::Change => {
                    problem.change.as_ref().map_or(0.0, |c| moved(budgets, &c.reference))
                }
                OuterRule::Cost => {
                    let cost = problem.cost_per_action.unwrap_or(0.0);
                    let seats = problem.seats.iter().zip(budgets);
                    seats.map(|(seat, b)| b - cost * seat.actions(*b)).sum()
                }
            })
            .collect()
    }

    /// What the segments face at outer prices.
    fn extra(&self, problem: &Problem, prices: &[f64]) -> Extra {
        let mut extra = Extra::default();
        for (rule, &price) in self.rules.iter().zip(prices) {
            match rule {
                OuterRule::Linear(index) => {
                    extra.money.resize(problem.seats.len(), 0.0);
                    extra.funded.resize(problem.seats.len(), 0.0);
                    for term in &problem.rules[*index].terms {
                        extra.money[term.seat as usize] += price * term.per_money;
                        extra.funded[term.seat as usize] += price * term.when_funded;
                    }
                }
                OuterRule::Change => {
                    extra.moved = price;
                    extra.reference =
                        problem.change.as_ref().map_or_else(Vec::new, |c| c.reference.clone());
                }
                OuterRule::Cost => extra.all_money += price,
            }
        }
        extra
    }

    /// The seats with their actions' worth added, where the rule on the cost per action has a
    /// price.
    fn valued(&self, problem: &Problem, prices: &[f64]) -> Option<Vec<Seat>> {
        let cost = problem.cost_per_action?;
        let position = self.rules.iter().position(|rule| *rule == OuterRule::Cost)?;
        let worth = cost * prices[position];
        let with_actions = |seat: &Seat| {
            let curve = match (&seat.actions, &seat.curve) {
                (Some(Curve::Table(actions)), Curve::Table(value)) => {
                    Curve::Table(Arc::new(value.plus(actions, worth)))
                }
                _ => seat.curve.times(1.0 + worth),
            };
            Seat { curve, ..seat.clone() }
        };
        Some(problem.seats.iter().map(with_actions).collect())
    }

    /// What the segments face at outer prices: further prices, and other values where actions
    /// have a price.
    pub(super) fn faces(&self, problem: &Problem, prices: &[f64]) -> (Extra, Option<Vec<Seat>>) {
        (self.extra(problem, prices), self.valued(problem, prices))
    }

    /// The bound at outer prices, with its slope.
    fn evaluate(
        &self,
        problem: &Problem,
        tree: &Tree,
        domains: &[Domain],
        scaled: &[f64],
        start: Option<f64>,
    ) -> Option<(Cut, Relaxed)> {
        let prices: Vec<f64> = (0..scaled.len())
            .map(|j| if self.wall[j].is_some() { scaled[j].max(0.0) } else { scaled[j] })
            .zip(&self.size)
            .map(|(price, size)| price / size)
            .collect();
        let (extra, valued) = self.faces(problem, &prices);
        let seats = valued.as_deref().unwrap_or(&problem.seats);
        let market = Market { seats, domains, extra: Some(&extra) };
        let relaxed = relax(problem, tree, market, start)?;
        let mixture = relaxed.mixture(tree);
        let part = |answers: &[f64]| {
            let funded: Vec<f64> = answers.iter().map(|b| f64::from(*b > 0.0)).collect();
            self.used(problem, answers, &funded)
        };
        let used = self.mixed_use(problem, tree, &relaxed, part);
        let mut value = relaxed.bound;
        let mut slope = Vec::with_capacity(used.len());
        for j in 0..used.len() {
            if let Some(wall) = self.wall[j].filter(|_| scaled[j] < 0.0) {
                // Beyond the wall the bound goes on as a steep line, which keeps it convex.
                value += wall * scaled[j];
                slope.push(wall);
                continue;
            }
            let limit = if prices[j] >= 0.0 { self.high[j] } else { self.low[j] };
            value += prices[j] * limit;
            slope.push((limit - used[j]) / self.size[j]);
        }
        Some((Cut { at: scaled.to_vec(), value, slope, mixture }, relaxed))
    }

    /// Use of the outer rules by the mixture of both answers of each segment: a funded segment
    /// that is mixed with an unfunded one counts by its share, and so do its curve's values.
    fn mixed_use(
        &self,
        problem: &Problem,
        tree: &Tree,
        relaxed: &Relaxed,
        part: impl Fn(&[f64]) -> Vec<f64>,
    ) -> Vec<f64> {
        let mut used = part(&relaxed.less);
        // Segment by segment, because each tree node mixes in its own proportion.
        let differs: Vec<usize> =
            (0..relaxed.more.len()).filter(|&i| relaxed.more[i] != relaxed.less[i]).collect();
        if differs.is_empty() {
            return used;
        }
        for (j, rule) in self.rules.iter().enumerate() {
            let at = |i: usize, b: f64| -> f64 {
                match rule {
                    OuterRule::Linear(_) => 0.0,
                    OuterRule::Change => problem
                        .change
                        .as_ref()
                        .map_or(0.0, |change| (b - change.reference[i]).abs() / 2.0),
                    OuterRule::Cost => {
                        b - problem.cost_per_action.unwrap_or(0.0) * problem.seats[i].actions(b)
                    }
                }
            };
            if let OuterRule::Linear(index) = rule {
                for term in &problem.rules[*index].terms {
                    let i = term.seat as usize;
                    let (more, less) = (relaxed.more[i], relaxed.less[i]);
                    if more != less {
                        let mix = relaxed.mix[tree.home[i] as usize];
                        let funded = f64::from(more > 0.0) - f64::from(less > 0.0);
                        used[j] +=
                            mix * (term.per_money * (more - less) + term.when_funded * funded);
                    }
                }
            } else {
                for &i in &differs {
                    let mix = relaxed.mix[tree.home[i] as usize];
                    used[j] += mix * (at(i, relaxed.more[i]) - at(i, relaxed.less[i]));
                }
            }
        }
        used
    }

    /// Newton's prices: where the answers, taken as linear in prices, keep the outer rules that
    /// matter while the tree's own prices follow.
    fn newton(
        &self,
        problem: &Problem,
        tree: &Tree,
        domains: &[Domain],
        best: &(Vec<f64>, f64, Relaxed),
        slope: &[f64],
    ) -> Option<Vec<f64>> {
        let (scaled, _, relaxed) = best;
        let r = self.rules.len();
        let matters: Vec<bool> = (0..r)
            .map(|j| {
                scaled[j] > 0.0 || slope[j] < 0.0 || self.wall[j].is_none() && scaled[j] != 0.0
            })
            .collect();
        let prices: Vec<f64> = (0..r)
            .map(|j| {
                scaled[j].max(if self.wall[j].is_some() { 0.0 } else { scaled[j] }) / self.size[j]
            })
            .collect();
        let (extra, valued) = self.faces(problem, &prices);
        let seats = valued.as_deref().unwrap_or(&problem.seats);
        let market = Market { seats, domains, extra: Some(&extra) };
        // Unknowns: prices of the tree's nodes that hold, then the outer ones.
        let n = tree.nodes.len();
        let holds: Vec<bool> = (0..n)
            .map(|v| {
                if v == 0 {
                    relaxed.price[0] != 0.0 || problem.spend_all
                } else {
                    relaxed.price[v] != relaxed.price[tree.nodes[v].parent]
                }
            })
            .collect();
        let mut outer_terms: Vec<Vec<(usize, f64)>> = vec![Vec::new(); seats.len()];
        for (j, rule) in self.rules.iter().enumerate().filter(|(j, _)| matters[*j]) {
            match rule {
                OuterRule::Linear(index) => {
                    for term in problem.rules[*index].terms.iter().filter(|t| t.per_money != 0.0) {
                        outer_terms[term.seat as usize].push((n + j, term.per_money));
                    }
                }
                OuterRule::Change => {
                    for (i, reference) in extra.reference.iter().enumerate() {
                        outer_terms[i].push((n + j, 0.5 * (relaxed.more[i] - reference).signum()));
                    }
                }
                OuterRule::Cost => {
                    let cost = problem.cost_per_action.unwrap_or(0.0);
                    for (i, seat) in problem.seats.iter().enumerate() {
                        let curve = seat.actions.as_ref().unwrap_or(&seat.curve);
                        let media = (relaxed.more[i] - seat.fixed_cost).max(0.0);
                        outer_terms[i].push((n + j, 1.0 - cost * curve.slope(media)));
                    }
                }
            }
        }
        let size = n + r;
        let mut matrix = vec![vec![0.0; size + 1]; size];
        for (i, own) in outer_terms.iter().enumerate() {
            let home = tree.home[i] as usize;
            let fall = market.answer(i, MoneyPrice::new(relaxed.price[home]), false).fall;
            if fall <= 0.0 || !fall.is_finite() {
                continue;
            }
            let mut terms = own.clone();
            let mut v = home;
            loop {
                if holds[v] {
                    terms.push((v, 1.0));
                }
                if v == 0 {
                    break;
                }
                v = tree.nodes[v].parent;
            }
            for &(a, x) in &terms {
                for &(b, y) in &terms {
                    matrix[a][b] += fall * x * y;
                }
            }
        }
        for j in 0..r {
            matrix[n + j][size] = if matters[j] { -slope[j] * self.size[j] } else { 0.0 };
        }
        let widest = (0..size).map(|a| matrix[a][a]).fold(0.0, f64::max);
        if widest <= 0.0 {
            return None;
        }
        // Rules count in their own units: bring the rows to one scale before judging pivots.
        let scale: Vec<f64> =
            (0..size).map(|a| if matrix[a][a] > 0.0 { matrix[a][a].sqrt() } else { 1.0 }).collect();
        for (a, row) in matrix.iter_mut().enumerate() {
            for (b, x) in row.iter_mut().enumerate() {
                *x /= scale[a] * if b < size { scale[b] } else { 1.0 };
            }
        }
        let step = eliminate(matrix, 1e-10);
        let next: Vec<f64> = (0..r)
            .map(|j| {
                let next = scaled[j] + step[n + j] / scale[n + j] * self.size[j];
                if self.wall[j].is_some() { next.max(0.0) } else { next }
            })
            .collect();
        next.iter().all(|x| x.is_finite()).then_some(next)
    }

    /// Minimises the bound over outer prices, from `start` (per unit of the rules).
    ///
    /// Stops when the bound can fall by less than `precision` (relative), after `tries`, or below
    /// `enough`.
    pub(super) fn minimise(
        &self,
        problem: &Problem,
        tree: &Tree,
        domains: &[Domain],
        start: &Start<'_>,
        effort: Effort,
    ) -> Option<Priced> {
        if self.rules.is_empty() {
            let market = Market { seats: &problem.seats, domains, extra: None };
            let relaxed = relax(problem, tree, market, start.money)?;
            let mixture = relaxed.mixture(tree);
            return Some(Priced { bound: relaxed.bound, relaxed, prices: Vec::new(), mixture });
        }
        if !self.within_reach(problem, domains) {
            return None;
        }
        let mut at: Vec<f64> = vec![0.0; self.rules.len()];
        for (j, price) in start.outer.iter().enumerate() {
            at[j] = price * self.size[j];
        }
        let (first, relaxed) = self.evaluate(problem, tree, domains, &at, start.money)?;
        let mut best = (at, first.value, relaxed);
        let mut cuts = vec![first];
        let mut newton_works = true;
        let mut slope_at_best = cuts[0].slope.clone();
        let mut reach = best.1.abs().max(1e-12) * 0.1 / square(&cuts[0].slope).max(1e-300);
        for _ in 0..effort.tries {
            if best.1 < self.worst - 1e-6 * self.worst.abs().max(1.0) {
                return None;
            }
            let tolerance = 1e-3 * effort.precision * best.1.abs();
            let weights = master(&cuts, &best.0, best.1, reach, tolerance);
            let direction = combine(&cuts, &weights);
            let slack: f64 = cuts
                .iter()
                .zip(&weights)
                .map(|(cut, weight)| weight * linear_error(cut, &best.0, best.1))
                .sum();
            let expected = reach * square(&direction) + slack;
            if expected <= effort.precision * best.1.abs().max(1e-12) || best.1 < effort.enough {
                break;
            }
            let money = Some(best.2.price[0]);
            if newton_works {
                let next = self.newton(problem, tree, domains, &best, &slope_at_best);
                if let Some(next) = next.filter(|next| *next != best.0)
                    && let Some((cut, relaxed)) =
                        self.evaluate(problem, tree, domains, &next, money)
                {
                    newton_works = best.1 - cut.value >= 0.1 * expected;
                    if cut.value < best.1 {
                        slope_at_best.clone_from(&cut.slope);
                        best = (next, cut.value, relaxed);
                    }
                    trim(&mut cuts, &weights);
                    cuts.push(cut);
                    continue;
                }
                newton_works = false;
            }
            let next: Vec<f64> =
                best.0.iter().zip(&direction).map(|(p, d)| p - reach * d).collect();
            let (cut, relaxed) = self.evaluate(problem, tree, domains, &next, money)?;
            let gained = best.1 - cut.value;
            if gained >= 0.1 * expected {
                // The slope still points onward: the step was short.
                let onward: f64 = cut.slope.iter().zip(&direction).map(|(a, b)| a * b).sum();
                if onward > 0.0 || gained > 0.7 * expected {
                    reach *= 3.0;
                }
                slope_at_best.clone_from(&cut.slope);
                newton_works = true;
                best = (next, cut.value, relaxed);
            } else {
                let error = linear_error(&cut, &best.0, best.1);
                if error > 2.0 * expected.max(slack) {
                    reach *= 0.3;
                }
            }
            trim(&mut cuts, &weights);
            cuts.push(cut);
        }
        let tolerance = 1e-3 * effort.precision * best.1.abs();
        let weights = master(&cuts, &best.0, best.1, reach, tolerance);
        let mut mixture = vec![0.0; problem.seats.len()];
        for (cut, weight) in cuts.iter().zip(&weights).filter(|(_, weight)| **weight > 0.0) {
            for (mixed, budget) in mixture.iter_mut().zip(&cut.mixture) {
                *mixed += weight * budget;
            }
        }
        let unscale = |(p, size): (&f64, &f64)| p / size;
        let prices = best.0.iter().zip(&self.size).map(unscale).collect();
        Some(Priced { bound: best.1, relaxed: best.2, prices, mixture })
    }
}

/// Where to start from.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Start<'a> {
    pub(super) money: Option<f64>,
    pub(super) outer: &'a [f64],
}

/// How hard to try.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effort {
    pub(super) tries: usize,
    pub(super) precision: f64,
    /// A bound below this is good enough (the node is lost anyway).
    pub(super) enough: f64,
}

/// The least that a segment can be worth: all forms but tables rise, and tables are looked at
/// node by node.
fn least_value(seat: &Seat) -> f64 {
    let nothing = seat.value(0.0);
    match &seat.curve {
        Curve::Table(table) => table.nodes().map(|node| node.1).fold(nothing, f64::min),
        Curve::Points(points) => {
            points.corners().iter().map(|s| points.value(*s)).fold(nothing, f64::min)
        }
        _ => nothing,
    }
}

/// The least and the most that plans can use of a rule.
fn reach(problem: &Problem, index: usize) -> (f64, f64) {
    let mut range = (0.0, 0.0);
    for term in &problem.rules[index].terms {
        let seat = &problem.seats[term.seat as usize];
        let used = |budget: f64| {
            term.per_money * budget + if budget > 0.0 { term.when_funded } else { 0.0 }
        };
        let ends = [used(seat.min), used(seat.max), used(seat.least_funded())];
        range.0 += ends.iter().copied().fold(f64::INFINITY, f64::min);
        range.1 += ends.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    }
    range
}

fn square(vector: &[f64]) -> f64 {
    vector.iter().map(|x| x * x).sum()
}

/// How far a cut lies below the best value, seen from the best prices; at least 0 by convexity.
fn linear_error(cut: &Cut, best: &[f64], value: f64) -> f64 {
    let there: f64 =
        cut.slope.iter().zip(best.iter().zip(&cut.at)).map(|(g, (b, a))| g * (b - a)).sum();
    (value - cut.value - there).max(0.0)
}

fn combine(cuts: &[Cut], weights: &[f64]) -> Vec<f64> {
    let mut sum = vec![0.0; cuts[0].slope.len()];
    for (cut, weight) in cuts.iter().zip(weights) {
        for (s, g) in sum.iter_mut().zip(&cut.slope) {
            *s += weight * g;
        }
    }
    sum
}

/// Keeps the bundle small: the cuts that carried weight, and the newest.
fn trim(cuts: &mut Vec<Cut>, weights: &[f64]) {
    let most = 2 * cuts[0].slope.len() + 20;
    if cuts.len() <= most {
        return;
    }
    let mut order: Vec<usize> = (0..cuts.len()).collect();
    order.sort_by(|&a, &b| weights[b].total_cmp(&weights[a]).then(b.cmp(&a)));
    let keep: Vec<bool> = {
        let mut keep = vec![false; cuts.len()];
        order.iter().take(most / 2).for_each(|&k| keep[k] = true);
        keep
    };
    let mut k = 0;
    cuts.retain(|_| {
        k += 1;
        keep[k - 1]
    });
}

/// Weights of the cuts: minimises `reach/2 · |Σ w g|² + Σ w e` over the simplex, by exchanging
/// weight between the two cuts that gain most (sequential minimal optimisation).
fn master(cuts: &[Cut], best: &[f64], value: f64, reach: f64, tolerance: f64) -> Vec<f64> {
    let n = cuts.len();
    let errors: Vec<f64> = cuts.iter().map(|cut| linear_error(cut, best, value)).collect();
    let product = |a: usize, b: usize| -> f64 {
        reach * cuts[a].slope.iter().zip(&cuts[b].slope).map(|(x, y)| x * y).sum::<f64>()
    };
    let gram: Vec<Vec<f64>> = (0..n).map(|a| (0..n).map(|b| product(a, b)).collect()).collect();
    let mut weights = vec![0.0; n];
    let first = (0..n)
        .min_by(|&a, &b| (0.5 * gram[a][a] + errors[a]).total_cmp(&(0.5 * gram[b][b] + errors[b])))
        .unwrap_or(0);
    weights[first] = 1.0;
    let mut slope: Vec<f64> = (0..n).map(|a| gram[a][first] + errors[a]).collect();
    for _ in 0..20 * n {
        let down = (0..n).min_by(|&a, &b| slope[a].total_cmp(&slope[b])).unwrap_or(0);
        let up = (0..n)
            .filter(|&a| weights[a] > 0.0)
            .max_by(|&a, &b| slope[a].total_cmp(&slope[b]))
            .unwrap_or(0);
        let gain = slope[up] - slope[down];
        if gain <= tolerance + 1e-14 * (slope[up].abs() + slope[down].abs()) {
            break;
        }
        let curvature = gram[up][up] + gram[down][down] - 2.0 * gram[up][down];
        let shift = if curvature > 0.0 { (gain / curvature).min(weights[up]) } else { weights[up] };
        weights[up] -= shift;
        weights[down] += shift;
        for a in 0..n {
            slope[a] += shift * (gram[a][down] - gram[a][up]);
        }
    }
    weights
}
