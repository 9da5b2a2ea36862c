//! Prices on both sides of a limit: what one more unit of it brings, and what one less costs.
//!
//! Where every segment stays on or off as the plan has it, the best value is a concave function of
//! each limit, and the price of a limit is its slope there. That slope is one number where the
//! gradients of the limits that hold are independent over the segments that nothing else holds
//! (linear independence of the active constraints: the multipliers are then unique, Bertsekas,
//! *Nonlinear Programming*, 3.3.1). Elsewhere there is a kink (every row at its minimum or maximum,
//! at a corner of its curve, two rules that hold the same rows), and the two slopes are read a hair
//! beside the limit, where the multipliers are unique again.

use super::prices::coupling::{CrossingRule, CrossingRules, Effort, Priced};
use super::prices::pricing_problem::Domain;
use super::prices::tree::Tree;
use super::search::{Found, Plain, Pricing, domains, settled};
use crate::allocate::problem::{Problem, Variable};
use crate::response::curve::Curve;
use crate::response::points::Points;

/// How far beside a limit its slopes are read, relative to the limit.
const BESIDE: f64 = 1e-4;
/// A limit counts as reached within this share of itself.
const REACHED: f64 = 1e-6;
/// Nothing within this share of a row's budget holds the row.
const ROOM: f64 = 1e-5;
/// Sides closer than this share of the larger are one price.
const APART: f64 = 0.02;
/// A limit that is worth less than this share of the plan in all is worth nothing.
const NOTHING: f64 = 1e-9;
/// Beyond so many limits that hold kinks are not looked for.
const MOST_LIMITS: usize = 64;

/// The value that one more unit of a limit brings, and that one unit less costs; negative where a
/// floor holds. Never more than `less`, and equal to it but at a kink.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sides {
    /// Of one more unit.
    pub more: f64,
    /// Of one unit less.
    pub less: f64,
}

impl Sides {
    /// One price for both sides.
    #[must_use]
    pub fn same(price: f64) -> Self {
        Self { more: price, less: price }
    }

    /// What one unit less costs, where that is another number than what one more brings.
    #[must_use]
    pub fn kink(self) -> Option<f64> {
        let apart = (self.less - self.more).abs() > APART * self.more.abs().max(self.less.abs());
        apart.then_some(self.less)
    }

    /// The price of the rule as it holds the plan: what one more brings under a ceiling, what one
    /// less would bring (negative) above a floor, 0 where giving way would bring nothing.
    #[must_use]
    pub fn holding(self) -> f64 {
        if self.more > 0.0 { self.more } else { self.less.min(0.0) }
    }

    /// Some price between the two.
    #[must_use]
    pub fn between(self) -> f64 {
        0.5 * (self.more + self.less)
    }

    fn times(self, factor: f64) -> Self {
        Self { more: factor * self.more, less: factor * self.less }
    }

    /// The two slopes found beside a limit where multipliers say `own`; a side where no plan is
    /// left has none of its own.
    fn found(more: Option<f64>, less: Option<f64>, own: f64, at: Holds) -> Self {
        let sides = match (more, less) {
            (Some(more), Some(less)) if more <= less => Self { more, less },
            (Some(_), Some(_)) => return Self::same(own),
            // More of a ceiling that nothing can use brings nothing.
            (None, Some(less)) if at == Holds::Ceiling => Self { more: less.min(0.0), less },
            (Some(price), None) | (None, Some(price)) => Self::same(price),
            (None, None) => Self::same(own),
        };
        if sides.kink().is_some() { sides } else { Self::same(own.clamp(sides.more, sides.less)) }
    }
}

/// Which side of a limit holds the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// It is not reached, or no money counts in it.
    No,
    Ceiling,
    Floor,
    /// Both are the same.
    Exactly,
}

/// The limits in order: the budget, the problem's rules, change, cost per action.
struct Limits<'a> {
    problem: &'a Problem,
    budgets: &'a [f64],
    domains: Vec<Domain>,
    /// Curves that are straight around a budget where they are not concave.
    straight: Option<Vec<Variable>>,
    holds: Vec<Holds>,
}

/// Prices of a plan's limits at its own on/off choices, on both sides.
pub(crate) fn prices(
    problem: &Problem,
    tree: &Tree,
    outer: &CrossingRules,
    found: &Found,
) -> Prices {
    let limits = Limits::new(problem, &found.budgets);
    let own = limits.straight.as_ref().and_then(|_| limits.price(problem, tree, outer, found));
    let own = multipliers(problem, tree, outer, own.as_ref().unwrap_or_else(|| found.at_plan()));
    let fractional = limits.fractional();
    let sides: Vec<Sides> =
        (0..own.len()).map(|k| limits.sides(k, own[k], fractional[k], found)).collect();
    let rules = problem.rules.len();
    // A cost of one cent more allows as many cents as there are actions.
    let actions = problem.cost_per_action.map_or(0.0, |_| problem.actions(&found.budgets));
    Prices {
        budget: sides[0],
        rules: sides[1..=rules].to_vec(),
        change: sides[rules + 1],
        cost_per_action: sides[rules + 2].times(actions),
    }
}

/// Prices of all limits, in order.
fn multipliers(problem: &Problem, tree: &Tree, outer: &CrossingRules, priced: &Priced) -> Vec<f64> {
    let rules = problem.rules.len();
    let mut prices = vec![0.0; rules + 3];
    for (n, node) in tree.nodes.iter().enumerate() {
        let price = priced.relaxed.price[n];
        match node.rule {
            None => prices[0] = price,
            Some(rule) => prices[1 + rule] = price - priced.relaxed.price[node.parent],
        }
    }
    for (rule, price) in outer.rules.iter().zip(&priced.prices) {
        match rule {
            CrossingRule::Linear(index) => prices[1 + index] = *price,
            CrossingRule::Change => prices[rules + 1] = *price,
            CrossingRule::Cost => prices[rules + 2] = *price,
        }
    }
    prices
}

impl<'a> Limits<'a> {
    fn new(problem: &'a Problem, budgets: &'a [f64]) -> Self {
        let mut domains = settled(problem, &domains(problem), budgets);
        let straight = straighten(problem, &mut domains, budgets);
        let mut limits = Self { problem, budgets, domains, straight, holds: Vec::new() };
        limits.holds = (0..problem.rules.len() + 3).map(|k| limits.held(k)).collect();
        limits
    }

    /// Whether a limit is reached.
    fn held(&self, k: usize) -> Holds {
        let (problem, budgets) = (self.problem, self.budgets);
        let spent = || budgets.iter().sum::<f64>();
        let budget = problem.budget();
        let ceiling = |holds: bool| if holds { Holds::Ceiling } else { Holds::No };
        let rules = problem.rules.len();
        if k == 0 {
            return ceiling(problem.spend_all || spent() >= budget * (1.0 - REACHED));
        }
        if let Some(rule) = problem.rules.get(k - 1) {
            let counts = |term: &crate::allocate::problem::Term| {
                term.per_money != 0.0 && self.domains[term.variable as usize].on
            };
            if !rule.terms.iter().any(counts) {
                return Holds::No;
            }
            // What is never negative has a floor of nothing without any rule.
            let rises = rule.terms.iter().all(|t| t.per_money >= 0.0 && t.when_funded >= 0.0);
            let has_floor = !rises || rule.low > 0.0;
            let (used, near) = (rule.used(budgets), REACHED * self.size(k));
            return match (used >= rule.high - near, has_floor && used <= rule.low + near) {
                (true, true) => Holds::Exactly,
                (true, false) => Holds::Ceiling,
                (false, true) => Holds::Floor,
                (false, false) => Holds::No,
            };
        }
        match (&problem.change, problem.cost_per_action) {
            (Some(change), _) if k == rules + 1 => {
                let moved = crate::allocate::problem::moved(budgets, &change.reference);
                ceiling(moved >= change.at_most - REACHED * self.size(k))
            }
            (_, Some(cost)) if k == rules + 2 => {
                ceiling(spent() >= cost * problem.actions(budgets) - REACHED * spent())
            }
            _ => Holds::No,
        }
    }

    /// A limit as it stands, or where that is nothing the most it could count.
    fn size(&self, k: usize) -> f64 {
        let (problem, budget) = (self.problem, self.problem.budget());
        let or = |limit: f64, most: f64| if limit > 0.0 { limit.min(most) } else { most };
        if k == 0 {
            return budget;
        }
        let Some(rule) = problem.rules.get(k - 1) else {
            let change = problem.change.as_ref().filter(|_| k == problem.rules.len() + 1);
            return match (change, problem.cost_per_action) {
                (Some(change), _) => or(change.at_most, budget),
                (None, cost) => cost.unwrap_or(1.0),
            };
        };
        let dearest = rule.terms.iter().map(|term| term.per_money.abs()).fold(0.0, f64::max);
        let finite = |limit: f64| if limit.is_finite() { limit.abs() } else { 0.0 };
        or(finite(rule.high).max(finite(rule.low)), budget * dearest)
    }

    /// Limits whose price may be another number on either side.
    fn fractional(&self) -> Vec<bool> {
        let held: Vec<usize> = (0..self.holds.len()).filter(|k| self.is_held(*k)).collect();
        let mut fractional = vec![false; self.holds.len()];
        if held.len() > MOST_LIMITS {
            return fractional;
        }
        let free: Vec<bool> = (0..self.budgets.len()).map(|i| self.is_free(i)).collect();
        let rows: Vec<Vec<(usize, f64)>> = held.iter().map(|k| self.gradient(*k, &free)).collect();
        for (k, uncertain) in held.iter().zip(uncertain(&rows, free.len())) {
            fractional[*k] = uncertain;
        }
        fractional
    }

    fn is_held(&self, k: usize) -> bool {
        self.holds[k] != Holds::No
    }

    /// Whether nothing but prices keeps a row where it is, and its slope there is one number.
    fn is_free(&self, i: usize) -> bool {
        let (domain, budget) = (&self.domains[i], self.budgets[i]);
        let room = ROOM * budget;
        let is_inside = domain.on && budget - domain.low > room && domain.high - budget > room;
        let rules = self.problem.rules.len();
        let still = self.problem.change.as_ref().is_some_and(|change| {
            self.is_held(rules + 1) && (budget - change.reference[i]).abs() <= room
        });
        let variable = &self.problem.variables[i];
        let at_corner = match &variable.curve {
            Curve::Points(points) => {
                points.corners().iter().any(|s| (s + variable.fixed_cost - budget).abs() <= room)
            }
            _ => false,
        };
        is_inside && !still && !at_corner
    }

    /// What a unit of money more in each free row uses of a limit.
    fn gradient(&self, k: usize, free: &[bool]) -> Vec<(usize, f64)> {
        let rules = self.problem.rules.len();
        let everyone = (0..free.len()).filter(|i| free[*i]);
        if k == 0 {
            return everyone.map(|i| (i, 1.0)).collect();
        }
        if let Some(rule) = self.problem.rules.get(k - 1) {
            let terms = rule.terms.iter().filter(|term| free[term.variable as usize]);
            return terms.map(|term| (term.variable as usize, term.per_money)).collect();
        }
        match (&self.problem.change, self.problem.cost_per_action) {
            (Some(change), _) if k == rules + 1 => everyone
                .map(|i| (i, 0.5 * (self.budgets[i] - change.reference[i]).signum()))
                .collect(),
            (_, cost) => everyone
                .map(|i| {
                    let variable = &self.problem.variables[i];
                    let curve = variable.actions.as_deref().unwrap_or(&variable.curve);
                    let media = (self.budgets[i] - variable.fixed_cost).max(0.0);
                    (i, 1.0 - cost.unwrap_or(0.0) * curve.slope(media))
                })
                .collect(),
        }
    }

    /// Both sides of a limit whose multiplier is `own`.
    fn sides(&self, k: usize, own: f64, fractional: bool, found: &Found) -> Sides {
        let holds = self.holds[k];
        let sides = match holds {
            Holds::No => return Sides::default(),
            _ if fractional => {
                let by = BESIDE * self.size(k);
                let beside = |by: f64| self.beside(k, by, found);
                Sides::found(beside(by), beside(-by), own, holds)
            }
            _ => Sides::same(own),
        };
        let sides = match holds {
            Holds::Ceiling if k > 0 => {
                Sides { more: sides.more.max(0.0), less: sides.less.max(0.0) }
            }
            Holds::Floor => Sides { more: sides.more.min(0.0), less: sides.less.min(0.0) },
            _ => sides,
        };
        let worth = sides.more.abs().max(sides.less.abs()) * self.size(k);
        if worth <= NOTHING * found.value.abs() { Sides::default() } else { sides }
    }

    /// The price of a limit with so much more of it; `None` where that leaves no plan.
    fn beside(&self, k: usize, by: f64, found: &Found) -> Option<f64> {
        let mut problem = self.problem.clone();
        let rules = problem.rules.len();
        if k == 0 {
            // Parts of a minor unit are no smaller than the hair.
            const FINER: i64 = 1_000_000;
            let units = (problem.minor_per_unit * FINER) as f64;
            problem.budget_minor = problem.budget_minor * FINER + (by * units).round() as i64;
            problem.minor_per_unit *= FINER;
        } else if let Some(rule) = problem.rules.get_mut(k - 1) {
            if self.holds[k] != Holds::Floor {
                rule.high += by;
            }
            if self.holds[k] != Holds::Ceiling {
                rule.low += by;
            }
        } else if let Some(change) = problem.change.as_mut().filter(|_| k == rules + 1) {
            change.at_most += by;
            if change.at_most < 0.0 {
                return None;
            }
        } else if let Some(cost) = &mut problem.cost_per_action {
            *cost += by;
        }
        let tree = Tree::new(&problem);
        let outer = CrossingRules::new(&problem, &tree);
        let priced = self.price(&problem, &tree, &outer, found)?;
        Some(multipliers(&problem, &tree, &outer, &priced)[k])
    }

    /// The best prices of a problem like this one in the plan's own on/off choices.
    fn price(
        &self,
        problem: &Problem,
        tree: &Tree,
        outer: &CrossingRules,
        found: &Found,
    ) -> Option<Priced> {
        let straight = self.straight.as_ref();
        let other =
            straight.map(|variables| Problem { variables: variables.clone(), ..problem.clone() });
        let pricing = Plain::new(other.as_ref().unwrap_or(problem), tree, outer);
        let effort = Effort { tries: 200, precision: 1e-10, enough: f64::NEG_INFINITY };
        pricing.price(&self.domains, Some(found.at_plan()), effort)
    }
}

/// Seats whose curves are their tangents where the plan stands on a convex part of them, which a
/// local optimum can do for one row; `None` where there are none.
fn straighten(problem: &Problem, domains: &mut [Domain], budgets: &[f64]) -> Option<Vec<Variable>> {
    let mut variables: Option<Vec<Variable>> = None;
    for (i, (variable, budget)) in problem.variables.iter().zip(budgets).enumerate() {
        let domain = &mut domains[i];
        let (low, high) = (variable.least_funded(), variable.max);
        let room = ROOM * budget;
        let is_pinned = domain.on && *budget > 0.0 && domain.high - domain.low <= room;
        // At an end of its own bounds it can still move to the other side.
        let half = |width: f64| if width <= room { 0.0 } else { 0.5 * width };
        let (below, above) = (half(budget - low), half(high - budget));
        if !is_pinned || below + above <= 0.0 {
            continue;
        }
        let media = budget - variable.fixed_cost;
        let (value, slope) = (variable.curve.value(media), variable.curve.slope(media));
        let line = [(0.0, value - slope * media), (media + above, value + slope * above)];
        let Ok(line) = Points::new(&line) else { continue };
        (domain.low, domain.high) = (budget - below, budget + above);
        let variables = variables.get_or_insert_with(|| problem.variables.clone());
        variables[i].curve = Curve::Points(std::sync::Arc::new(line));
    }
    variables
}

/// Which multipliers of sparse rows are not settled by the rows themselves: those with a part in
/// some combination of rows that vanishes.
fn uncertain(rows: &[Vec<(usize, f64)>], n: usize) -> Vec<bool> {
    let k = rows.len();
    let mut dense = vec![0.0; n];
    let mut gram = vec![vec![0.0; k]; k];
    for a in 0..k {
        rows[a].iter().for_each(|(i, x)| dense[*i] = *x);
        for b in 0..k {
            gram[a][b] = rows[b].iter().map(|(i, x)| x * dense[*i]).sum();
        }
        rows[a].iter().for_each(|(i, _)| dense[*i] = 0.0);
    }
    let size: Vec<f64> = (0..k).map(|a| gram[a][a].sqrt()).collect();
    for a in 0..k {
        for b in 0..k {
            let scale = size[a] * size[b];
            gram[a][b] = if scale > 0.0 { gram[a][b] / scale } else { 0.0 };
        }
    }
    // Gauss and Jordan, the largest pivot of the diagonal first.
    let mut left: Vec<usize> = (0..k).collect();
    let mut pivots = Vec::new();
    while let Some(at) =
        (0..left.len()).max_by(|&a, &b| gram[left[a]][left[a]].total_cmp(&gram[left[b]][left[b]]))
    {
        let p = left[at];
        if gram[p][p] < 1e-9 {
            break;
        }
        left.swap_remove(at);
        pivots.push(p);
        let pivot = gram[p][p];
        gram[p].iter_mut().for_each(|x| *x /= pivot);
        let row = gram[p].clone();
        for (a, other) in gram.iter_mut().enumerate() {
            let factor = other[p];
            if a != p && factor != 0.0 {
                other.iter_mut().zip(&row).for_each(|(x, y)| *x -= factor * y);
            }
        }
    }
    let mut uncertain = vec![false; k];
    for &f in &left {
        uncertain[f] = true;
        pivots.iter().filter(|&&p| gram[p][f].abs() > 1e-6).for_each(|&p| uncertain[p] = true);
    }
    uncertain
}

/// What one unit more of each limit would bring at the plan's own on/off choices, and what one less
/// would cost: value per unit of money, of the rule's own unit, or of money that may move. A limit
/// that does not hold the plan has the price 0.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Prices {
    /// Of the budget.
    pub budget: Sides,
    /// Of each rule, in the problem's order: positive when its ceiling holds, negative when its
    /// floor does.
    pub rules: Vec<Sides>,
    /// Of money that moves against the reference.
    pub change: Sides,
    /// Of one unit of money more that an action may cost on average.
    pub cost_per_action: Sides,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocate::problem::{Change, Rule, Term};
    use crate::allocate::tests::fixture::{campaign, divide, draws};
    use crate::allocate::{Settings, Solution, maximise};
    use crate::response::exponential::Exponential;
    use crate::response::exposure::Exposure;
    use crate::response::hill::Hill;
    use crate::response::power::Power;
    use crate::units::Money;

    /// A small generator of its own: problems must not change with a library.
    struct Chance(u64);

    impl Chance {
        fn uniform(&mut self) -> f64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            (self.0 >> 11) as f64 / (1_u64 << 53) as f64
        }

        fn between(&mut self, low: f64, high: f64) -> f64 {
            low + (high - low) * self.uniform()
        }

        fn often(&mut self, share: f64) -> bool {
            self.uniform() < share
        }

        fn curve(&mut self) -> Curve {
            let (ceiling, scale) = (self.between(20.0, 200.0), self.between(50.0, 600.0));
            match (6.0 * self.uniform()) as u32 {
                0 => Curve::Power(Power { coefficient: ceiling / 500.0, exponent: 1.0 }),
                1 => Curve::Power(Power { coefficient: ceiling / 20.0, exponent: 0.6 }),
                2 => Exposure { ceiling, scale, shape: 1.3 }.into(),
                3 => Curve::Hill(Hill::new(ceiling, scale, 2.2)),
                4 => {
                    let lines = [(0.5 * scale, 0.4 * ceiling), (2.0 * scale, 0.9 * ceiling)];
                    Curve::Points(std::sync::Arc::new(Points::new(&lines).unwrap()))
                }
                _ => Exponential { ceiling, scale }.into(),
            }
        }
    }

    fn random(seed: u64) -> Problem {
        let mut chance = Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        for _ in 0..5 {
            chance.uniform();
        }
        let n = 2 + (5.0 * chance.uniform()) as usize;
        let budget = chance.between(300.0, 3000.0).round();
        let variable = |chance: &mut Chance| {
            let curve = chance.curve();
            let max = if chance.often(0.3) { chance.between(0.3, 0.9) * budget } else { budget };
            let mut variable = Variable::new(curve, 0.0, max.round());
            if chance.often(0.3) {
                variable.min_if_funded = chance.between(0.05, 0.28) * budget;
            }
            if chance.often(0.2) {
                variable.fixed_cost = chance.between(5.0, 50.0).round();
            }
            if chance.often(0.15) {
                variable.min = (0.1 * budget).round();
            }
            variable
        };
        let variables = (0..n).map(|_| variable(&mut chance)).collect();
        let mut problem = Problem::new(variables, budget);
        problem.spend_all = chance.often(0.6);
        if chance.often(0.5) {
            let high = chance.between(0.2, 0.9) * budget;
            problem.rules.push(Rule::group(0..=n / 2, 0.0, high));
        }
        if chance.often(0.3) {
            let low = chance.between(0.1, 0.6) * budget;
            problem.rules.push(Rule::group(0..1.max(n / 2), low, f64::INFINITY));
        }
        if chance.often(0.3) {
            let high = chance.between(0.2, 0.8) * budget;
            problem.rules.push(Rule::group(n / 2..n, 0.0, high));
        }
        if chance.often(0.4) {
            let term = |i: usize| Term {
                variable: i as u32,
                per_money: 0.5 + 0.5 * ((i * 5) % 4) as f64,
                when_funded: 0.0,
            };
            let terms: Vec<Term> = (0..n).map(term).collect();
            let high = chance.between(0.6, 1.3) * budget;
            problem.rules.push(Rule { low: f64::NEG_INFINITY, high, terms });
        }
        if chance.often(0.25) {
            let reference = vec![budget / n as f64; n];
            let at_most = chance.between(0.02, 0.4) * budget;
            problem.change = Some(Change { reference, at_most });
        }
        if chance.often(0.2) {
            problem.cost_per_action = Some(chance.between(1.0, 30.0));
        }
        problem
    }

    /// A problem whose every funded row is at a maximum below its best, or at a minimum above it.
    fn cornered(problem: &Problem) -> Option<Problem> {
        let found = maximise(problem, &Settings::default()).ok()?;
        let cents = |money: f64| (100.0 * money).round() / 100.0;
        let corner = |(i, (variable, budget)): (usize, (&Variable, &f64))| match budget {
            0.0 => Variable {
                max: 0.0,
                min: 0.0,
                min_if_funded: 0.0,
                fixed_cost: 0.0,
                ..variable.clone()
            },
            _ if i % 2 == 0 => {
                Variable { max: cents(1.3 * budget), min: cents(1.1 * budget), ..variable.clone() }
            }
            _ => Variable {
                max: cents(0.9 * budget).max(variable.least_funded()),
                ..variable.clone()
            },
        };
        let pairs = problem.variables.iter().zip(&found.spend);
        let variables: Vec<Variable> = pairs.enumerate().map(corner).collect();
        let ends = variables
            .iter()
            .map(|variable| if variable.min > 0.0 { variable.min } else { variable.max });
        let budget = ends.sum();
        Some(Problem::new(variables, budget))
    }

    /// The same with so much more of a limit, everyone on or off as a plan has it.
    fn with(problem: &Problem, plan: &[f64], limit: usize, by: f64) -> Problem {
        let own = |(variable, budget): (&Variable, &f64)| {
            // No maximum of one's own below the whole budget: then there is none.
            let max =
                if variable.max >= problem.budget() { 2.0 * variable.max } else { variable.max };
            if variable.least_funded() == 0.0 {
                return Variable { max, ..variable.clone() };
            }
            if *budget > 0.0 {
                return Variable { min: variable.least_funded(), max, ..variable.clone() };
            }
            Variable { max: 0.0, min: 0.0, min_if_funded: 0.0, fixed_cost: 0.0, ..variable.clone() }
        };
        let variables = problem.variables.iter().zip(plan).map(own).collect();
        let mut other = Problem { variables, ..problem.clone() };
        other.minor_per_unit *= 1000;
        other.budget_minor *= 1000;
        let rules = problem.rules.len();
        match limit {
            0 => other.budget_minor += (by * other.minor_per_unit as f64).round() as i64,
            k if k <= rules => {
                other.rules[k - 1].high += by;
                if other.rules[k - 1].low > 0.0 {
                    other.rules[k - 1].low += by;
                }
            }
            k if k == rules + 1 => other.change.as_mut().unwrap().at_most += by,
            _ => *other.cost_per_action.as_mut().unwrap() += by,
        }
        other
    }

    fn limits(problem: &Problem, solution: &Solution) -> Vec<(usize, f64, Sides)> {
        let prices = &solution.prices;
        let mut limits = vec![(0, problem.budget(), prices.budget)];
        for (j, (rule, sides)) in problem.rules.iter().zip(&prices.rules).enumerate() {
            let size = if rule.high.is_finite() { rule.high } else { rule.low };
            limits.push((j + 1, size, *sides));
        }
        let rules = problem.rules.len();
        let change = problem.change.as_ref();
        limits.extend(change.map(|change| (rules + 1, change.at_most, prices.change)));
        let cost = problem.cost_per_action;
        limits.extend(cost.map(|cost| (rules + 2, cost, prices.cost_per_action)));
        limits
    }

    /// What is wrong with the price told of one limit; `None` where nothing is, or nothing can be
    /// said.
    fn wrong(
        problem: &Problem,
        plan: &Solution,
        (limit, size, told): (usize, f64, Sides),
    ) -> Option<String> {
        let step = 5e-4 * size;
        let fine = Settings { gap: Some(1e-8), nodes: Some(60), ..Settings::default() };
        let worth = |by: f64| {
            let other = with(problem, &plan.budgets, limit, by);
            maximise(&other, &fine).ok().map(|found| found.unrounded)
        };
        let here = worth(0.0)?;
        let slope = |by: f64| Some((worth(by)? - here) / by);
        let (right, left) = (slope(step), slope(-step));
        if told == Sides::default() && right.is_none_or(|x| x.abs() < 1e-9) && left == right {
            return None;
        }
        let near = |price: f64| 0.02 * price.abs() + 2e-6 * here.abs() / size;
        if let Some(right) = right.filter(|right| told.more < right - near(*right)) {
            return Some(format!("more of it brings {right}, not {told:?}"));
        }
        if let Some(left) = left.filter(|left| told.less > left + near(*left)) {
            return Some(format!("less of it costs {left}, not {told:?}"));
        }
        // Both sides are told: where nothing bends or breaks near by, each is its own slope.
        for (by, told) in [(step, told.more), (-step, told.less)] {
            let (Some(one), Some(two)) = (slope(by), slope(2.0 * by)) else { continue };
            let straight = 2.0 * one - two;
            let is_bent = (one - two).abs() > 0.01 * one.abs();
            if !is_bent && (told - straight).abs() > 0.03 * straight.abs() + near(straight) {
                return Some(format!("by {by}: {straight}, not {told}"));
            }
        }
        None
    }

    #[test]
    fn prices_are_what_a_little_more_or_less_of_each_limit_does() {
        let (mut faults, mut told, mut kinks) = (Vec::new(), 0, 0);
        for seed in 1..=40 {
            let free = random(seed);
            let cornered = (seed % 3 == 0).then(|| cornered(&free)).flatten();
            let problem = cornered.unwrap_or(free);
            let Ok(solution) = maximise(&problem, &Settings::default()) else { continue };
            for limit in limits(&problem, &solution) {
                told += usize::from(limit.2 != Sides::default());
                kinks += usize::from(limit.2.kink().is_some());
                if let Some(fault) = wrong(&problem, &solution, limit) {
                    let fault = format!("{seed} limit {}: {fault}", limit.0);
                    eprintln!("{fault}");
                    faults.push(fault);
                }
            }
        }
        assert!(told > 40 && kinks > 2, "{told} prices, {kinks} kinks");
        assert!(faults.is_empty(), "{} of {told}:\n{}", faults.len(), faults.join("\n"));
    }

    #[test]
    fn rows_at_their_minimums_make_a_kink_and_a_rule_that_does_not_hold_costs_nothing() {
        let curve = |ceiling: f64| Curve::from(Exponential { ceiling, scale: 500.0 });
        let variable = |ceiling: f64| Variable {
            min_if_funded: 600.0,
            ..Variable::new(curve(ceiling), 0.0, 1200.0)
        };
        let mut problem = Problem::new(vec![variable(100.0), variable(90.0)], 1200.0);
        problem.rules.push(Rule::group([0, 1], 0.0, 1500.0));
        let solution = maximise(&problem, &Settings::default()).unwrap();
        assert_eq!(solution.spend, [600.0, 600.0]);
        // One euro less leaves no plan with both on; one more goes to the better.
        let slope = 0.2 * f64::exp(-1.2);
        assert!((solution.prices.budget.more / slope - 1.0).abs() < 1e-3, "{:?}", solution.prices);
        assert_eq!(solution.prices.rules[0], Sides::default());
        // Without on/off rules, one euro less is taken from the worse.
        let variable = |ceiling: f64, min: f64, max: f64| Variable::new(curve(ceiling), min, max);
        let problem =
            Problem::new(vec![variable(100.0, 0.0, 600.0), variable(70.0, 500.0, 1200.0)], 1100.0);
        let solution = maximise(&problem, &Settings::default()).unwrap();
        let (more, less) = (0.14 * f64::exp(-1.0), 0.2 * f64::exp(-1.2));
        let told = solution.prices.budget;
        let near = |a: f64, b: f64| (a / b - 1.0).abs() < 1e-3;
        assert!(near(told.more, more) && near(told.less, less), "{told:?}");
    }

    #[test]
    fn prices_over_draws_with_and_without_prudence_are_what_happens() {
        let choose = draws(8, 60, 11);
        let rules = [
            "",
            "[risk]\nprudence = 0.6\ntail = 0.1\n",
            "[limits]\nper_segment = { min_if_funded = 500 }\n[risk]\nprudence = 0.4\n",
            "[limits]\nfunded_at_most = 5\nper_segment = { min_if_funded = 900 }\n",
        ];
        for rules in rules {
            let at = |by: f64| {
                let mut campaign = campaign(rules);
                let (minor, currency) = (campaign.budget.minor(), campaign.budget.currency());
                campaign.budget = Money::of_minor(minor + (100.0 * by) as i64, currency);
                divide(&campaign, &choose, &choose).unwrap()
            };
            let (less, same, more) = (at(-30.0), at(0.0), at(30.0));
            let objective = |plan: &crate::allocate::plan::Plan| plan.certificate.objective;
            let left = (objective(&same) - objective(&less)) / 30.0;
            let right = (objective(&more) - objective(&same)) / 30.0;
            let told = same.prices[0].price;
            let slack = 0.02 * left.abs();
            assert!(
                right - slack <= told && told <= left + slack,
                "{rules}: {right} {told} {left}"
            );
        }
    }
}
