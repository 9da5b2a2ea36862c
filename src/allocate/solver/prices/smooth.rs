//! Prices of all rules at once, where they do not nest: the bound made smooth, and Newton.
//!
//! The bound `Φ(λ) = Σ_i max_k worth_ik(λ) + Σ_r max_{low ≤ u ≤ high} λ_r u` is convex in the
//! prices `λ`, with kinks where a segment is fractional between choices and where a rule just holds.
//! With `τ ln Σ_k exp(worth/τ)` for the first maximum and a logarithmic barrier within the second
//! it is smooth, and its minimiser, a handful of numbers, is followed as `τ` falls to nothing:
//! Newton with an `m × m` matrix, each stage started where the last one points. At the minimiser
//! the combination of choices keeps every rule; the bound itself is exact at any prices.

use super::coupling::{
    Counted, Coupling, CrossingRule, CrossingRules, Effort, MANY, Priced, Start,
};
use super::pricing_problem::{Domain, PricingProblem};
use super::relax::{Relaxed, relax};
use super::tree::Tree;
use crate::allocate::problem::{Problem, Variable};
use crate::allocate::solver::count::{Counts, Spot};
use crate::response::curve::{Curve, MoneyPrice};

/// The smoothing shrinks by this much from stage to stage.
const SHRINK: f64 = 0.15;
/// A stage is over when Newton expects to gain less than this share of the smoothing.
const CENTRED: f64 = 0.3;
/// A choice with less weight than this plays no part.
const NO_WEIGHT: f64 = 1e-14;

/// One choice of a segment: a local maximum of its worth.
#[derive(Debug, Clone, Copy)]
struct Choice {
    budget: f64,
    fall: f64,
    worth: f64,
    /// `±1` above and below the reference, 0 at it or without one.
    side: f64,
    /// Whether it counts among the raised, and among those within their convex foot.
    counts: [bool; 2],
}

/// What the prices ask for.
#[derive(Default)]
struct Look {
    /// The smooth bound.
    smooth: f64,
    /// The bound itself.
    bound: f64,
    /// What the combination is worth, its prices on the rules' limits included.
    mixed: f64,
    slope: Vec<f64>,
    /// How the slope changes as the smoothing grows.
    drift: Vec<f64>,
    matrix: Vec<f64>,
}

impl Coupling {
    /// Collects the rows; `outer` gives the order of the rules outside the tree.
    pub(crate) fn new(problem: &Problem, tree: &Tree, rules: &[CrossingRule]) -> Self {
        let budget = problem.budget().max(1e-9);
        let mut own = Self::default();
        let mut per_seat: Vec<Vec<(u32, f64, f64)>> = vec![Vec::new(); problem.variables.len()];
        for (n, node) in tree.nodes.iter().enumerate() {
            let most = if n == 0 { f64::INFINITY } else { budget };
            // A group's money is never negative and never above the budget.
            own.push(node.low, node.high, (0.0, most), node.high.min(budget));
        }
        for (i, home) in tree.home.iter().enumerate() {
            let mut v = *home as usize;
            loop {
                per_seat[i].push((v as u32, 1.0, 0.0));
                if v == 0 {
                    break;
                }
                v = tree.nodes[v].parent;
            }
        }
        for rule in rules {
            let row = own.limits.len() as u32;
            match rule {
                CrossingRule::Linear(index) => {
                    let linear = &problem.rules[*index];
                    let (mut least, mut most) = (0.0, 0.0);
                    for term in &linear.terms {
                        let variable = &problem.variables[term.variable as usize];
                        let ends =
                            [0.0, term.per_money * variable.least_funded() + term.when_funded]
                                .into_iter()
                                .chain([term.per_money * variable.max + term.when_funded]);
                        least += ends.clone().fold(f64::INFINITY, f64::min);
                        most += ends.fold(f64::NEG_INFINITY, f64::max);
                        per_seat[term.variable as usize].push((
                            row,
                            term.per_money,
                            term.when_funded,
                        ));
                    }
                    let size = if linear.high.is_finite() { linear.high } else { linear.low };
                    // A limit of 0 says nothing of how much the rule counts.
                    let counts = 1e-3 * least.abs().max(most.abs());
                    own.push(linear.low, linear.high, (least, most), size.abs().max(counts));
                }
                CrossingRule::Change => {
                    own.change = Some(row as usize);
                    let at_most = problem.change.as_ref().map_or(0.0, |change| change.at_most);
                    own.push(f64::NEG_INFINITY, at_most, (0.0, f64::INFINITY), budget);
                }
                CrossingRule::Cost => {
                    own.cost = Some(row as usize);
                    let cost = problem.cost_per_action.unwrap_or(0.0);
                    let best: f64 = problem
                        .variables
                        .iter()
                        .map(|variable| variable.actions(variable.max))
                        .sum();
                    own.push(f64::NEG_INFINITY, 0.0, (-cost * best, f64::INFINITY), budget);
                }
            }
        }
        own.starts.push(0);
        for terms in per_seat {
            own.terms.extend(terms);
            own.starts.push(own.terms.len() as u32);
        }
        own
    }

    fn push(&mut self, low: f64, high: f64, reach: (f64, f64), size: f64) {
        let size = size.max(1e-9);
        let real = (low > reach.0, high < reach.1);
        // What is within reach is never cut: only a reach without end is.
        let most = if reach.1.is_finite() { reach.1 } else { 1e6 * size };
        let low = if real.0 { low } else { reach.0 - size };
        let high = if real.1 { high } else { most.max(low) + size };
        self.limits.push((low, high));
        self.real.push(real);
        self.size.push(size);
    }

    pub(crate) fn rows(&self) -> usize {
        self.limits.len()
    }

    /// These rows alone, in rising order.
    fn only(&self, rows: &[u32]) -> Self {
        let mut place = vec![None; self.rows()];
        for (own, row) in rows.iter().enumerate() {
            place[*row as usize] = Some(own as u32);
        }
        let of = |row: Option<usize>| row.and_then(|row| place[row]).map(|own| own as usize);
        let mut only = Self {
            limits: rows.iter().map(|row| self.limits[*row as usize]).collect(),
            real: rows.iter().map(|row| self.real[*row as usize]).collect(),
            size: rows.iter().map(|row| self.size[*row as usize]).collect(),
            starts: vec![0],
            terms: Vec::new(),
            change: of(self.change),
            cost: of(self.cost),
        };
        for i in 0..self.starts.len().saturating_sub(1) {
            let terms = self.terms(i).iter();
            only.terms.extend(terms.filter_map(|&(row, x, y)| Some((place[row as usize]?, x, y))));
            only.starts.push(only.terms.len() as u32);
        }
        only
    }

    /// Rows that a segment is in: row, coefficient of money and of being funded.
    pub(crate) fn terms(&self, i: usize) -> &[(u32, f64, f64)] {
        &self.terms[self.starts[i] as usize..self.starts[i + 1] as usize]
    }
}

/// Finds prices of all rules, following the smooth bound down.
///
/// `None` when no combination of choices keeps the rules: that is a proof. Numbers that go astray are
/// none, and the best bound found before them stands.
pub(crate) fn follow(
    outer: &CrossingRules,
    problem: &Problem,
    tree: &Tree,
    domains: &[Domain],
    counts: Option<&Counts>,
    start: &Start<'_>,
    effort: Effort,
) -> Option<Priced> {
    let all = outer.coupling();
    let whole = Path { outer, problem, tree, domains, coupling: all, taken: None, counts };
    if all.rows() <= MANY {
        return whole.follow(start, effort).map(|end| end.priced);
    }
    // A matrix of all rows costs its cube at every step: rows are taken in when a combination breaks
    // them. Those left out have the price 0, which proves no less.
    let always = |row: u32| row == 0 || [all.change, all.cost].contains(&Some(row as usize));
    let prices = whole.first_prices(start)?;
    let priced = |prices: &[f64]| -> Vec<u32> {
        (0..all.rows() as u32).filter(|row| always(*row) || prices[*row as usize] != 0.0).collect()
    };
    let mut taken = priced(&prices);
    let mut last: Option<Priced> = None;
    for round in 0..ROUNDS {
        let coupling = all.only(&taken);
        let path = Path { coupling: &coupling, taken: Some(&taken), ..whole };
        let start = last.as_ref().map_or(*start, Start::after);
        let end = path.follow(&start, effort)?;
        if end.priced.bound < effort.enough {
            return Some(end.priced);
        }
        let broken = broken_rows(all, &taken, &path.used(all, &end));
        if broken.is_empty() {
            return Some(end.priced);
        }
        // What has no price leaves again, at first: later on rows might take turns for ever.
        if round < LEAVING {
            taken = priced(&whole.first_prices(&Start::after(&end.priced))?);
        }
        taken.extend(broken);
        taken.sort_unstable();
        taken.dedup();
        last = Some(end.priced);
    }
    last
}

/// Rows that a combination breaks which uses so much of each, the most broken first; a part of them
/// where they are many.
fn broken_rows(all: &Coupling, taken: &[u32], used: &[f64]) -> Vec<u32> {
    let over = |row: usize| {
        let ((low, high), real) = (all.limits[row], all.real[row]);
        let above = if real.1 { used[row] - high } else { 0.0 };
        let below = if real.0 { low - used[row] } else { 0.0 };
        above.max(below) / all.size[row]
    };
    let mut broken: Vec<(f64, u32)> = (0..all.rows() as u32)
        .filter(|row| taken.binary_search(row).is_err())
        .map(|row| (over(row as usize), row))
        .filter(|(over, _)| *over > BROKEN)
        .collect();
    broken.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    broken.truncate(AT_ONCE.max(taken.len() / 2));
    broken.into_iter().map(|(_, row)| row).collect()
}

impl Path<'_> {
    /// The same over the rows of the path.
    fn follow(&self, start: &Start<'_>, effort: Effort) -> Option<End> {
        let (outer, problem) = (self.outer, self.problem);
        let mut warm = start.nodes.is_some();
        let mut at = self.first_prices(start)?;
        let mut scale = self.value_scale(&at);
        if warm && scale.is_none() {
            let afresh = Start { money: None, nodes: None, outer: &[] };
            (warm, at) = (false, self.first_prices(&afresh)?);
            scale = self.value_scale(&at);
        }
        let mut scale = scale?;
        let n = problem.variables.len() as f64;
        let mut tau = if warm { 1e-3 } else { 0.1 } * scale / n;
        let mut look = self.look(&at, tau)?;
        let mut best = (look.bound, at.clone());
        let mut left = 60 + 2 * effort.tries;
        let last = (effort.precision * scale / (4.0 * n + self.rows() as f64)).max(1e-15 * scale);
        loop {
            // Newton at this smoothing.
            let mut centred = false;
            while left > 0 {
                left -= 1;
                let Some((step, gain)) = self.newton(&look, &at, scale) else { break };
                if gain <= CENTRED * tau || gain <= 1e-14 * scale {
                    centred = true;
                    // The step in hand is good: take it when it does no harm.
                    let next = moved(&at, &step, 1.0);
                    if let Some(there) = self.look(&next, tau)
                        && there.smooth <= look.smooth
                    {
                        (at, look) = (next, there);
                    }
                    break;
                }
                let Some((next, there)) = self.search(&at, &look, &step, gain, tau) else { break };
                (at, look) = (next, there);
                if look.bound < best.0 {
                    best = (look.bound, at.clone());
                }
                if best.0 < effort.enough || best.0 < outer.worst() {
                    break;
                }
            }
            if look.bound < best.0 {
                best = (look.bound, at.clone());
            }
            scale = scale.max(1e-3 * look.bound.abs());
            if best.0 < outer.worst() - 1e-6 * outer.worst().abs().max(1.0) {
                return None;
            }
            let open = look.bound - look.mixed;
            let near = open.abs() <= effort.precision * best.0.abs();
            if best.0 < effort.enough || left == 0 || near || tau <= last || !centred {
                break;
            }
            let next_tau = (tau * SHRINK).max(0.999 * last);
            let predicted = self.predict(&look, &at, next_tau - tau);
            tau = next_tau;
            let Some(closer) = self.look(&at, tau) else { break };
            look = closer;
            if let Some(next) = predicted
                && let Some(there) = self.look(&next, tau)
                && there.smooth < look.smooth
            {
                (at, look) = (next, there);
            }
        }
        let settled = !self.in_a_sliver(&best);
        let priced = Priced { settled, ..self.priced(best, &at, tau) };
        Some(End { priced, at, tau })
    }
}

/// What given prices prove in these domains; `combination` is the money that goes with them.
pub(crate) fn at_prices(
    outer: &CrossingRules,
    problem: &Problem,
    tree: &Tree,
    domains: &[Domain],
    prices: &[f64],
    combination: Vec<f64>,
) -> Option<Priced> {
    let all = outer.coupling();
    let taken: Vec<u32> =
        (0..all.rows() as u32).filter(|row| prices[*row as usize] != 0.0).collect();
    let only = (all.rows() > MANY).then(|| all.only(&taken));
    let coupling = only.as_ref().unwrap_or(all);
    let taken = only.is_some().then_some(&taken[..]);
    let path = Path { outer, problem, tree, domains, coupling, taken, counts: None };
    let prices = path.of_taken(prices.to_vec());
    let bound = path.look(&prices, 0.0)?.bound;
    // Choices within a hair of each other are torn.
    let tau = 1e-11 * bound.abs();
    let priced = path.priced((bound, prices.clone()), &prices, tau);
    Some(Priced { combination, ..priced })
}

#[derive(Clone, Copy)]
struct Path<'a> {
    outer: &'a CrossingRules,
    problem: &'a Problem,
    tree: &'a Tree,
    domains: &'a [Domain],
    coupling: &'a Coupling,
    /// Which rows those of the coupling are; `None`: all.
    taken: Option<&'a [u32]>,
    /// Counts of the node: rows behind those of the coupling.
    counts: Option<&'a Counts>,
}

/// Where a path ends.
struct End {
    priced: Priced,
    /// The prices that its combination answers, and how smoothly.
    at: Vec<f64>,
    tau: f64,
}

/// Beyond [`MANY`] rows, so many are taken in at once, so often at most, and leave in the first rounds.
const AT_ONCE: usize = 32;
const ROUNDS: usize = 60;
const LEAVING: usize = 20;
/// A combination breaks a row from this share of its size on.
const BROKEN: f64 = 1e-9;

/// Prices that make more of a rule's limit than so many times all there is to win come from rules
/// that leave a sliver: there the smooth bound stops short of the least.
const DEAR: f64 = 30.0;

impl Path<'_> {
    fn in_a_sliver(&self, (bound, prices): &(f64, Vec<f64>)) -> bool {
        let dear = |(price, size): (&f64, &f64)| price.abs() * size > DEAR * bound.abs();
        prices.iter().zip(&self.coupling.size).any(dear)
    }

    fn rows(&self) -> usize {
        self.coupling.rows() + self.counts.map_or(0, Counts::rows)
    }

    /// Limits of a row, and which of them are rules.
    fn limits(&self, row: usize) -> ((f64, f64), (bool, bool)) {
        match (row.checked_sub(self.coupling.rows()), self.counts) {
            (Some(own), Some(counts)) => counts.row(own),
            _ => (self.coupling.limits[row], self.coupling.real[row]),
        }
    }

    fn size(&self, row: usize) -> f64 {
        self.coupling.size.get(row).copied().unwrap_or(1.0)
    }

    /// Where to start: the parent's prices, or those of the nested rules by themselves.
    fn first_prices(&self, start: &Start<'_>) -> Option<Vec<f64>> {
        let counts = self.counts.map_or(0, Counts::rows);
        let mut at = vec![0.0; self.outer.coupling().rows() + counts];
        let nodes: Vec<f64> = if let Some(nodes) = start.nodes {
            nodes.to_vec()
        } else {
            let pricing_problem = PricingProblem {
                variables: &self.problem.variables,
                domains: self.domains,
                extra: None,
            };
            relax(self.problem, self.tree, pricing_problem, start.money)?.price
        };
        for (n, node) in self.tree.nodes.iter().enumerate() {
            at[n] = nodes[n] - if n == 0 { 0.0 } else { nodes[node.parent] };
        }
        // A parent may have counts that its child has not, or the other way round.
        let outer = &mut at[self.tree.nodes.len()..];
        outer.iter_mut().zip(start.outer).for_each(|(at, price)| *at = *price);
        Some(self.of_taken(at))
    }

    /// Prices of the path's rows among those of all.
    fn of_taken(&self, mut all: Vec<f64>) -> Vec<f64> {
        let Some(taken) = self.taken else { return all };
        let counted = all.split_off(self.outer.coupling().rows());
        taken.iter().map(|row| all[*row as usize]).chain(counted).collect()
    }

    /// Prices of all rows, those left out having none.
    fn of_all(&self, prices: &[f64]) -> Vec<f64> {
        let Some(taken) = self.taken else { return prices.to_vec() };
        let mut all = vec![0.0; self.outer.coupling().rows()];
        for (row, price) in taken.iter().zip(prices) {
            all[*row as usize] = *price;
        }
        all.extend_from_slice(&prices[taken.len()..]);
        all
    }

    /// What the combination at a path's end uses of each of these rows.
    fn used(&self, all: &Coupling, end: &End) -> Vec<f64> {
        let mut used = vec![0.0; all.rows()];
        let valued = self.valued(&end.at);
        let variables = valued.as_deref().unwrap_or(&self.problem.variables);
        let (mut choices, mut weights) = (Vec::new(), Vec::new());
        let mut nothing = Look::default();
        for (i, variable) in variables.iter().enumerate() {
            self.choices(variable, i, &end.at, &mut choices);
            weigh(&choices, end.tau, &mut weights, &mut nothing);
            let share = |of: &dyn Fn(&Choice) -> f64| -> f64 {
                choices.iter().zip(&weights).map(|(choice, weight)| weight * of(choice)).sum()
            };
            let money = share(&|choice| choice.budget);
            let funded = share(&|choice| f64::from(u8::from(choice.budget > 0.0)));
            for &(row, per_money, when_funded) in all.terms(i) {
                used[row as usize] += per_money * money + when_funded * funded;
            }
        }
        used
    }

    /// The order of magnitude of a plan's value.
    fn value_scale(&self, at: &[f64]) -> Option<f64> {
        let look = self.look(at, 0.0)?;
        let values: f64 =
            self.problem.variables.iter().map(|variable| variable.value(variable.max).abs()).sum();
        Some(look.bound.abs().clamp(1e-9 * values.max(1e-9), values.max(1e-9)))
    }

    /// The bound, smooth and exact, at prices; no smoothing for `tau = 0`.
    fn look(&self, at: &[f64], tau: f64) -> Option<Look> {
        let m = self.rows();
        let mut look = Look {
            smooth: 0.0,
            bound: 0.0,
            mixed: 0.0,
            slope: vec![0.0; m],
            drift: vec![0.0; m],
            matrix: vec![0.0; m * m],
        };
        self.add_rows(at, tau, &mut look);
        let valued = self.valued(at);
        let variables = valued.as_deref().unwrap_or(&self.problem.variables);
        let mut choices = Vec::new();
        let mut weights = Vec::new();
        let mut uses = Vec::new();
        for (i, variable) in variables.iter().enumerate() {
            self.choices(variable, i, at, &mut choices);
            weigh(&choices, tau, &mut weights, &mut look);
            self.add_seat(i, tau, &choices, &weights, &mut uses, &mut look);
        }
        look.smooth.is_finite().then_some(look)
    }

    fn add_rows(&self, at: &[f64], tau: f64, look: &mut Look) {
        let m = at.len();
        for (r, &price) in at.iter().enumerate() {
            let (low, high) = self.limits(r).0;
            let exact = price * if price > 0.0 { high } else { low };
            look.bound += exact;
            let half = 0.5 * (high - low);
            if half <= 1e-12 * self.size(r) || tau == 0.0 {
                look.smooth += exact;
                look.mixed += exact;
                look.slope[r] += if price > 0.0 { high } else { low };
                continue;
            }
            // u = middle + half·x with s = 2x/(1 − x²), s = price · half / τ.
            let s = price * half / tau;
            let x = s / (1.0 + (1.0 + s * s).sqrt());
            let room = if s == 0.0 { 1.0 } else { 2.0 * x / s };
            let used = 0.5 * (low + high) + half * x;
            look.smooth += price * used + tau * room.ln();
            look.mixed += price * used;
            look.slope[r] += used;
            let turn = room * room / (2.0 * (1.0 + x * x));
            look.matrix[r * m + r] += half * half / tau * turn;
            look.drift[r] -= half * turn * s / tau;
        }
    }

    /// The variables with their actions' worth added where they have a price.
    fn valued(&self, at: &[f64]) -> Option<Vec<Variable>> {
        CrossingRules::valued_at(self.problem, at[self.coupling.cost?])
    }

    /// The local maxima of a segment's worth at prices.
    fn choices(&self, variable: &Variable, i: usize, at: &[f64], choices: &mut Vec<Choice>) {
        choices.clear();
        let (mut money, mut funded) = (0.0, 0.0);
        for &(row, per_money, when_funded) in self.coupling.terms(i) {
            money += at[row as usize] * per_money;
            funded += at[row as usize] * when_funded;
        }
        if let Some(cost) = self.coupling.cost {
            money += at[cost];
        }
        let reference = self
            .coupling
            .change
            .and_then(|row| Some((at[row] / 2.0, self.problem.change.as_ref()?.reference[i])));
        let domain = &self.domains[i];
        if domain.off || !domain.on {
            let (side, moved) = reference.map_or((0.0, 0.0), |(price, reference)| {
                (-f64::from(u8::from(reference > 0.0)), price * reference)
            });
            let worth = variable.value(0.0) - moved;
            choices.push(Choice { budget: 0.0, fall: 0.0, worth, side, counts: [false; 2] });
        }
        if !domain.on {
            return;
        }
        if let Some(counts) = self.counts
            && let Some(spot) = counts.spot(i)
        {
            let fees = counts
                .rows_of(spot)
                .map(|row| row.map_or(0.0, |row| at[self.coupling.rows() + row]));
            counted_choices(variable, domain, spot, (money, funded, fees), choices);
            return;
        }
        let mut offer = |low: f64, high: f64, price: f64, side: f64, extra: f64| {
            tops(variable, price, low, high, &mut |budget, fall| {
                let worth = variable.value(budget) - price * budget - funded + extra;
                choices.push(Choice { budget, fall, worth, side, counts: [false; 2] });
            });
        };
        let Some((moved, reference)) = reference else {
            offer(domain.low, domain.high, money, 0.0, 0.0);
            return;
        };
        // Moving away from the reference has a price on either side of it.
        if domain.low < reference {
            let high = domain.high.min(reference);
            offer(domain.low, high, money - moved, -1.0, -moved * reference);
        }
        if domain.high > reference || domain.low >= reference {
            let low = domain.low.max(reference);
            offer(low, domain.high.max(low), money + moved, 1.0, moved * reference);
        }
        keep_one_of_concave(variable, domain, choices);
    }

    /// Adds one segment's use of the rules and how it answers to prices.
    fn add_seat(
        &self,
        i: usize,
        tau: f64,
        choices: &[Choice],
        weights: &[f64],
        uses: &mut Vec<(usize, f64, f64)>,
        look: &mut Look,
    ) {
        let m = self.rows();
        let own = self.coupling.terms(i);
        let spot = self.counts.and_then(|counts| Some((counts.spot(i)?, counts)));
        let counted = spot.map_or([None; 2], |(spot, counts)| counts.rows_of(spot));
        let first = look_up(choices, weights);
        let mean: f64 = choices.iter().zip(weights).map(|(c, z)| z * c.worth).sum();
        // Money and being funded are all that linear rules see: two numbers per choice.
        let part = |c: &Choice| (c.budget, f64::from(u8::from(c.budget > 0.0)));
        let curved =
            self.coupling.change.is_some() || self.coupling.cost.is_some() || spot.is_some();
        if let (Some(only), false) = (first, curved) {
            let (budget, funded) = part(only);
            for &(row, per_money, when_funded) in own {
                look.slope[row as usize] -= per_money * budget + when_funded * funded;
            }
            if only.fall > 0.0 && only.fall.is_finite() {
                for &(a, x, _) in own {
                    for &(b, y, _) in own {
                        look.matrix[a as usize * m + b as usize] += only.fall * x * y;
                    }
                }
            }
            return;
        }
        // In general: the use of each rule by each choice, and its slope in money.
        let rows = own.len()
            + usize::from(self.coupling.change.is_some())
            + usize::from(self.coupling.cost.is_some())
            + counted.iter().flatten().count();
        let mut sum = vec![0.0; rows];
        uses.clear();
        for (choice, weight) in choices.iter().zip(weights) {
            if *weight <= NO_WEIGHT {
                continue;
            }
            let from = uses.len();
            let (budget, funded) = part(choice);
            for &(row, per_money, when_funded) in own {
                uses.push((row as usize, per_money * budget + when_funded * funded, per_money));
            }
            if let (Some(row), Some(change)) = (self.coupling.change, &self.problem.change) {
                let apart = (budget - change.reference[i]).abs() / 2.0;
                uses.push((row, apart, 0.5 * choice.side));
            }
            if let Some(row) = self.coupling.cost {
                let cost = self.problem.cost_per_action.unwrap_or(0.0);
                let variable = &self.problem.variables[i];
                let curve = variable.actions.as_deref().unwrap_or(&variable.curve);
                let slope = curve.slope((budget - variable.fixed_cost).max(0.0));
                let slope = if slope.is_finite() { slope } else { 0.0 };
                uses.push((row, budget - cost * variable.actions(budget), 1.0 - cost * slope));
            }
            for (row, counts) in counted.iter().zip(choice.counts) {
                if let Some(row) = row {
                    uses.push((self.coupling.rows() + row, f64::from(u8::from(counts)), 0.0));
                }
            }
            let drift = if tau > 0.0 { weight * (choice.worth - mean) / (tau * tau) } else { 0.0 };
            for (k, &(a, used, x)) in uses[from..].iter().enumerate() {
                sum[k] += weight * used;
                look.slope[a] -= weight * used;
                look.drift[a] += drift * used;
                let spread = if tau > 0.0 { weight * used / tau } else { 0.0 };
                let fall = if choice.fall.is_finite() { weight * choice.fall * x } else { 0.0 };
                for &(b, other, y) in &uses[from..] {
                    look.matrix[a * m + b] += fall * y + spread * other;
                }
            }
        }
        if tau > 0.0 && uses.len() > rows {
            for (x, &(a, ..)) in sum.iter().zip(&uses[..rows]) {
                for (y, &(b, ..)) in sum.iter().zip(&uses[..rows]) {
                    look.matrix[a * m + b] -= x * y / tau;
                }
            }
        } else if tau > 0.0 {
            for (x, &(a, ..)) in sum.iter().zip(&uses[..]) {
                for (y, &(b, ..)) in sum.iter().zip(&uses[..]) {
                    look.matrix[a * m + b] -= x * y / tau;
                }
            }
        }
    }

    /// Newton's step, and what it is expected to gain twice over.
    fn newton(&self, look: &Look, at: &[f64], scale: f64) -> Option<(Vec<f64>, f64)> {
        let mut step = self.solve(look, &look.slope, scale)?;
        for x in &mut step {
            *x = -*x;
        }
        // No price changes by much more than what its whole limit is worth.
        let far = step
            .iter()
            .zip(at)
            .enumerate()
            .map(|(r, (d, p))| {
                let size = self.size(r);
                d.abs() * size / (4.0 * scale + 4.0 * p.abs() * size)
            })
            .fold(0.0, f64::max);
        if far > 1.0 {
            for d in &mut step {
                *d /= far;
            }
        }
        let gain: f64 = -step.iter().zip(&look.slope).map(|(d, g)| d * g).sum::<f64>();
        gain.is_finite().then_some((step, gain))
    }

    /// Where the minimiser goes, to first order, as the smoothing changes.
    fn predict(&self, look: &Look, at: &[f64], change: f64) -> Option<Vec<f64>> {
        let step = self.solve(look, &look.drift, look.bound.abs())?;
        let next = moved(at, &step, -change);
        next.iter().all(|x| x.is_finite()).then_some(next)
    }

    /// Solves with the matrix, brought to one scale and made safely positive.
    fn solve(&self, look: &Look, right: &[f64], scale: f64) -> Option<Vec<f64>> {
        let m = right.len();
        let unit: Vec<f64> = (0..m)
            .map(|r| {
                let natural = self.size(r) * self.size(r) / scale.max(1e-300);
                1.0 / (look.matrix[r * m + r].max(0.0) + 1e-10 * natural).sqrt()
            })
            .collect();
        let mut ridge = 1e-13;
        for _ in 0..12 {
            let mut matrix: Vec<f64> =
                (0..m * m).map(|k| look.matrix[k] * unit[k / m] * unit[k % m]).collect();
            for r in 0..m {
                matrix[r * m + r] = 1.0 + ridge;
            }
            if let Some(solved) = cholesky(&mut matrix, m, &scaled(right, &unit)) {
                return Some(scaled(&solved, &unit));
            }
            ridge *= 30.0;
        }
        None
    }

    /// The longest of ever shorter steps that lowers the smooth bound enough.
    fn search(
        &self,
        at: &[f64],
        look: &Look,
        step: &[f64],
        gain: f64,
        tau: f64,
    ) -> Option<(Vec<f64>, Look)> {
        let mut length = 1.0;
        for _ in 0..30 {
            let next = moved(at, step, length);
            if let Some(there) = self.look(&next, tau)
                && there.smooth <= look.smooth - 1e-4 * length * gain
            {
                return Some((next, there));
            }
            length *= 0.4;
        }
        None
    }

    /// Puts together what the search goes on with.
    fn priced(&self, best: (f64, Vec<f64>), at: &[f64], tau: f64) -> Priced {
        let (mut bound, mut prices) = best;
        let clean = self.clean(&prices, bound);
        if let Some(look) = self.look(&clean, 0.0)
            && look.bound <= bound + 1e-11 * bound.abs()
        {
            (bound, prices) = (look.bound, clean);
        }
        let nodes = self.tree.nodes.len();
        let prices = self.of_all(&prices);
        let mut price = prices[..nodes].to_vec();
        for n in 1..nodes {
            price[n] += price[self.tree.nodes[n].parent];
        }
        let (mut more, mut less, mut combination) = (Vec::new(), Vec::new(), Vec::new());
        let valued = self.valued(at);
        let variables = valued.as_deref().unwrap_or(&self.problem.variables);
        let (mut choices, mut weights) = (Vec::new(), Vec::new());
        let mut counted = self.counts.map(|counts| Counted {
            uses: vec![0.0; counts.rows()],
            losses: Vec::with_capacity(variables.len()),
            raised: vec![0.0; variables.len()],
        });
        let mut nothing = Look::default();
        for (i, variable) in variables.iter().enumerate() {
            self.choices(variable, i, at, &mut choices);
            weigh(&choices, tau, &mut weights, &mut nothing);
            let mut order: Vec<usize> = (0..choices.len()).collect();
            order.sort_by(|&a, &b| weights[b].total_cmp(&weights[a]).then(a.cmp(&b)));
            let first = choices[order[0]].budget;
            let second = order.get(1).filter(|&&k| weights[k] > 1e-7);
            more.push(first);
            less.push(second.map_or(first, |&k| choices[k].budget));
            let pairs = choices.iter().zip(&weights);
            combination.push(match second {
                None => first,
                Some(_) => pairs.map(|(choice, weight)| weight * choice.budget).sum(),
            });
            if let Some(counted) = &mut counted {
                self.add_counted(i, at, &choices, &weights, combination[i], counted);
            }
        }
        let mix = vec![1.0; nodes];
        let relaxed = Relaxed { bound, more, less, mix, price };
        Priced {
            bound,
            relaxed,
            prices: prices[nodes..].to_vec(),
            combination,
            settled: true,
            problem: None,
            weights: None,
            counted,
        }
    }

    /// Adds what one segment's combination counts for, and what it loses against its best choice.
    fn add_counted(
        &self,
        i: usize,
        at: &[f64],
        choices: &[Choice],
        weights: &[f64],
        mixed: f64,
        counted: &mut Counted,
    ) {
        let Some(counts) = self.counts else { return };
        let variable = &self.problem.variables[i];
        let best = choices.iter().map(|choice| choice.worth).fold(f64::NEG_INFINITY, f64::max);
        let (mut money, mut fees) = (0.0, 0.0);
        for &(row, per_money, when_funded) in self.coupling.terms(i) {
            money += at[row as usize] * per_money;
            fees += if mixed > 0.0 { at[row as usize] * when_funded } else { 0.0 };
        }
        if let Some(spot) = counts.spot(i) {
            let rows = counts.rows_of(spot);
            for (k, row) in rows.iter().enumerate() {
                let Some(row) = row else { continue };
                let uses = choices.iter().zip(weights).filter(|(choice, _)| choice.counts[k]);
                let used = uses.map(|(_, weight)| weight).sum::<f64>();
                counted.uses[*row] += used;
                if k == 0 {
                    counted.raised[i] = used;
                }
            }
            let raised = mixed >= spot.turn;
            let foot = !raised && mixed > spot.low;
            for (row, is) in rows.iter().zip([raised, foot]) {
                if let (Some(row), true) = (row, is) {
                    fees += at[self.coupling.rows() + row];
                }
            }
        }
        let domain = &self.domains[i];
        let fractional = domain.off && mixed > 0.0 && mixed < domain.low;
        let own = variable.value(mixed) - money * mixed - fees;
        // Between nothing and its minimum it must be made to choose.
        let least = if fractional { 1e-9 * best.abs() } else { 0.0 };
        counted.losses.push((best - own).max(least));
    }

    /// Prices without the traces that the barrier leaves on rules that do not matter.
    fn clean(&self, prices: &[f64], bound: f64) -> Vec<f64> {
        let clean = |(r, price): (usize, &f64)| {
            let real = self.limits(r).1;
            let wrong = (*price > 0.0 && !real.1) || (*price < 0.0 && !real.0);
            let trace = price.abs() * self.size(r) <= 1e-7 * bound.abs();
            if wrong || trace { 0.0 } else { *price }
        };
        prices.iter().enumerate().map(clean).collect()
    }
}

/// On both sides of the reference a concave curve has one top: the better of the two. A straight
/// line on one side of it has two, and keeps both.
fn keep_one_of_concave(variable: &Variable, domain: &Domain, choices: &mut Vec<Choice>) {
    let from = usize::from(domain.off);
    let concave = variable
        .curve
        .concave_from()
        .is_some_and(|s| s + variable.fixed_cost <= domain.low + 1e-12 * domain.low);
    let apart = choices.len() == from + 2 && choices[from].side < choices[from + 1].side;
    if concave && apart && !matches!(variable.curve, Curve::Points(_)) {
        let worse = usize::from(choices[from].worth >= choices[from + 1].worth);
        choices.remove(from + worse);
    }
}

/// The choices of a segment that counts: within its convex foot either end, and beyond the best.
fn counted_choices(
    variable: &Variable,
    domain: &Domain,
    spot: &Spot,
    (money, funded, fees): (f64, f64, [f64; 2]),
    choices: &mut Vec<Choice>,
) {
    let mut offer = |budget: f64, fall: f64, counts: [bool; 2]| {
        let fee =
            fees[0] * f64::from(u8::from(counts[0])) + fees[1] * f64::from(u8::from(counts[1]));
        let worth = variable.value(budget) - money * budget - funded - fee;
        choices.push(Choice { budget, fall, worth, side: 0.0, counts });
    };
    if domain.low < spot.turn {
        offer(domain.low, 0.0, [false, domain.low > spot.low]);
        let end = domain.high.min(spot.turn);
        if end > domain.low {
            offer(end, 0.0, [false, true]);
        }
    }
    if domain.high >= spot.turn {
        tops(variable, money, domain.low.max(spot.turn), domain.high, &mut |budget, fall| {
            offer(budget, fall, [true, false]);
        });
    }
}

/// The only choice that has weight.
fn look_up<'c>(choices: &'c [Choice], weights: &[f64]) -> Option<&'c Choice> {
    let mut with_weight = choices.iter().zip(weights).filter(|(_, z)| **z > NO_WEIGHT);
    let first = with_weight.next()?.0;
    with_weight.next().is_none().then_some(first)
}

/// Weights of choices by their worth, and what the segment adds to the bounds.
fn weigh(choices: &[Choice], tau: f64, weights: &mut Vec<f64>, look: &mut Look) {
    let most = choices.iter().map(|choice| choice.worth).fold(f64::NEG_INFINITY, f64::max);
    weights.clear();
    let mut sum = 0.0;
    for choice in choices {
        let weight = if choice.worth == most {
            1.0
        } else if tau > 0.0 {
            ((choice.worth - most) / tau).exp()
        } else {
            0.0
        };
        weights.push(weight);
        sum += weight;
    }
    for weight in weights.iter_mut() {
        *weight /= sum;
    }
    look.bound += most;
    look.smooth += most + tau * sum.ln();
    look.mixed += choices.iter().zip(&*weights).map(|(c, z)| z * c.worth).sum::<f64>();
}

/// Calls with every local maximum of `value − price · budget` over `[low, high]`.
fn tops(variable: &Variable, price: f64, low: f64, high: f64, offer: &mut impl FnMut(f64, f64)) {
    let cost = variable.fixed_cost;
    let (from, to) = ((low - cost).max(0.0), (high - cost).max(0.0));
    let money = MoneyPrice::new(price);
    let mut respond = |from: f64, to: f64| {
        let top = variable.curve.respond(money, from, to);
        offer(top.spend + cost, top.fall);
    };
    match &variable.curve {
        // A straight line has its tops at its ends, whatever the price.
        Curve::Power(line) if line.exponent == 1.0 => {
            respond(from, from);
            if to > from {
                respond(to, to);
            }
        }
        Curve::Points(points) => {
            respond(from, from);
            for corner in points.corners() {
                if *corner > from && *corner < to {
                    respond(*corner, *corner);
                }
            }
            if to > from {
                respond(to, to);
            }
        }
        Curve::Table(table) if !table.is_concave() => {
            let nodes: Vec<f64> = table.nodes().map(|node| node.0).collect();
            let mut at = from;
            respond(from, from);
            while at < to {
                let end = variable.curve.concave_around(at).1.min(to);
                if end > at {
                    respond(at, end);
                    at = end;
                } else {
                    at = nodes.iter().copied().find(|s| *s > at).unwrap_or(to).min(to);
                    respond(at, at);
                }
            }
        }
        curve => match curve.concave_from() {
            Some(turn) if turn <= from => respond(from, to),
            Some(turn) if turn < to => {
                respond(from, from);
                respond(turn, to);
            }
            _ => {
                respond(from, from);
                if to > from {
                    respond(to, to);
                }
            }
        },
    }
}

fn moved(at: &[f64], step: &[f64], length: f64) -> Vec<f64> {
    at.iter().zip(step).map(|(p, d)| p + length * d).collect()
}

fn scaled(vector: &[f64], unit: &[f64]) -> Vec<f64> {
    vector.iter().zip(unit).map(|(x, u)| x * u).collect()
}

/// Solves a symmetric positive system in place; `None` when it is not positive.
fn cholesky(matrix: &mut [f64], m: usize, right: &[f64]) -> Option<Vec<f64>> {
    // The factor's transpose, line by line: whatever is read or written lies side by side.
    for j in 0..m {
        let (above, rest) = matrix.split_at_mut(j * m);
        let own = &mut rest[j..m];
        for line in above.chunks_exact(m) {
            let factor = line[j];
            if factor != 0.0 {
                own.iter_mut().zip(&line[j..]).for_each(|(x, other)| *x -= other * factor);
            }
        }
        let pivot = own[0];
        if pivot <= 1e-14 || !pivot.is_finite() {
            return None;
        }
        let root = pivot.sqrt();
        for x in own.iter_mut() {
            *x /= root;
        }
    }
    let mut solved = right.to_vec();
    for i in 0..m {
        let below: f64 = (0..i).map(|k| matrix[k * m + i] * solved[k]).sum();
        solved[i] = (solved[i] - below) / matrix[i * m + i];
    }
    for i in (0..m).rev() {
        let above: f64 = (i + 1..m).map(|k| matrix[i * m + k] * solved[k]).sum();
        solved[i] = (solved[i] - above) / matrix[i * m + i];
    }
    Some(solved)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocate::problem::{Rule, Variable};
    use crate::response::hill::Hill;

    #[test]
    fn a_straight_line_away_from_its_reference_keeps_both_its_ends() {
        use crate::allocate::problem::Change;
        use crate::response::power::Power;

        let line = |coefficient| Curve::Power(Power { coefficient, exponent: 1.0 });
        let mut problem =
            Problem::new([2.0, 1.0].map(|c| Variable::new(line(c), 0.0, 15.0)).into(), 16.0);
        problem.rules = vec![Rule::group(0..1, 0.0, 12.0)];
        problem.change = Some(Change { reference: vec![3.0, 8.0], at_most: 30.0 });
        let tree = Tree::new(&problem);
        let outer = CrossingRules::new(&problem, &tree);
        let on = |low, high| Domain { low, high, on: true, off: false };
        // Beyond its reference the first line has two ends: 12 is a mixture of them.
        let domains = [on(11.0, 15.0), on(3.5, 15.0)];
        let effort = Effort { tries: 12, precision: 1e-9, enough: f64::NEG_INFINITY };
        let astray = Start { money: None, nodes: Some(&[0.2, 1.9]), outer: &[1e-5] };
        let priced = outer.minimise(&problem, &tree, &domains, &astray, effort).unwrap();
        // 12 of the first and 4 of the second.
        assert!((priced.bound - 28.0).abs() < 1e-6, "{}", priced.bound);
    }

    #[test]
    fn prices_that_went_astray_are_no_proof_that_rules_cannot_be_kept() {
        let variable = |i: i32| {
            let curve = Curve::Hill(Hill::new(40.0 + f64::from(i), 60.0, 1.0));
            Variable::new(curve, 0.0, 400.0)
        };
        let mut problem = Problem::new((0..6).map(variable).collect(), 300.0);
        problem.rules.push(Rule::group(0..4, 0.0, 120.0));
        problem.rules.push(Rule::group(2..6, 60.0, 200.0));
        let tree = Tree::new(&problem);
        let outer = CrossingRules::new(&problem, &tree);
        let domains = crate::allocate::solver::search::domains(&problem);
        let effort = Effort { tries: 40, precision: 1e-9, enough: f64::NEG_INFINITY };
        let bound = |start: &Start<'_>| {
            outer.minimise(&problem, &tree, &domains, start, effort).map(|priced| priced.bound)
        };
        let afresh = bound(&Start { money: None, nodes: None, outer: &[] }).unwrap();
        let astray = vec![f64::INFINITY; tree.nodes.len()];
        let start = Start { money: None, nodes: Some(&astray), outer: &[f64::NAN] };
        let found = bound(&start).expect("a plan exists");
        assert!((found / afresh - 1.0).abs() < 1e-6, "{found} {afresh}");
    }
}
