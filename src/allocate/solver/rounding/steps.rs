//! The best plan in whole steps: exact where the steps that can matter are few.
//!
//! Rounding a plan loses something where curves jump and where steps are coarse. What a row may do
//! instead is decided by prices, as in the search: at prices `λ` every plan in whole steps is worth
//! `U(λ)` less what its rows and limits lose against their best answers. A better plan than the one
//! in hand loses less than `U(λ)` less its value, in all; that leaves few amounts per row and few
//! sums per group, and a program over those sums finds the best combination. A few rules that do not
//! nest (side limits, movement away from a split, the cost per action) have prices as well, and each
//! sum then goes with what it uses of those that the amounts looked at could break.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::round::row_bounds;
use crate::allocate::problem::{Problem, Variable};
use crate::allocate::solver::prices::coupling::{CrossingRule, CrossingRules, Priced};
use crate::allocate::solver::prices::tree::Tree;
use crate::response::curve::{Curve, MoneyPrice};

/// Amounts of all rows that a program looks at.
const AMOUNTS: usize = 200_000;
/// Sums kept, over all rows and groups (8 bytes each).
const SUMS: usize = 4_000_000;
/// Pairs of a sum and an amount that are looked at: some hundredths of a second.
const WORK: usize = 5_000_000;
/// Sums in a row that are kept in one place each (24 bytes).
const DENSE: usize = 1 << 18;
/// Rows beyond which single steps are worth too little to look for.
const ROWS: usize = 5_000;
/// The room is first taken this much narrower, and widened as often, until a plan fits: the one
/// that loses least in a narrow room loses least of all.
const NARROW: i32 = 10;

/// A better plan in whole steps than `minor`, where there is one and the program finds it.
///
/// Of two choices of prices the better are taken.
pub(crate) fn best_steps(
    problem: &Problem,
    tree: &Tree,
    outer: &CrossingRules,
    minor: &[i64],
    priced: [&Priced; 2],
) -> Option<Vec<i64>> {
    if minor.len() > ROWS {
        return None;
    }
    let (bound, steps) = priced
        .into_iter()
        .filter_map(|priced| Steps::new(problem, tree, outer, minor, priced))
        .map(|steps| (steps.limits_worth() + steps.rows_worth(), steps))
        .filter(|(bound, _)| bound.is_finite())
        .min_by(|a, b| a.0.total_cmp(&b.0))?;
    let value = problem.value(&steps.money(minor));
    let room = bound - value;
    let mut work = 0;
    for narrower in (0..=NARROW).rev() {
        let share = 0.25_f64.powi(narrower);
        let room = share * room + 1e-13 * value.abs();
        match steps.within(room, &mut work) {
            Looked::Found(better) => return Some(better),
            Looked::Nothing => {}
            Looked::TooMany => break,
        }
    }
    None
}

/// What a program over sums found.
enum Looked {
    Found(Vec<i64>),
    Nothing,
    TooMany,
}

/// Most rules that do not nest and that a program minds at once: few as a rule, or these.
const FEW: usize = 4;
const SIDES: usize = 8;

/// A row's grid: its residue, its bounds, and its prices.
struct StepRow<'a> {
    /// What it brings, its actions' worth included.
    variable: Cow<'a, Variable>,
    residue: i64,
    low: i64,
    high: i64,
    off: bool,
    /// Of money, of being funded, and of money that moves away from its reference.
    price: f64,
    funded: f64,
    moved: f64,
    reference: f64,
    now: i64,
}

/// A rule that does not nest: its limits with what is rounding beyond them, and its price.
struct Side<'a> {
    low: f64,
    high: f64,
    price: f64,
    used: Used<'a>,
}

/// What a row uses of a rule that does not nest.
enum Used<'a> {
    /// By row: by its money, and by being funded.
    Linear(Vec<(f64, f64)>),
    /// Half of what lies between its money and its reference.
    Moved(&'a [f64]),
    /// What it costs beyond so much per action.
    OverCost(&'a [Variable], f64),
}

impl Used<'_> {
    fn by(&self, i: usize, money: f64) -> f64 {
        match self {
            Self::Linear(terms) => terms[i].0 * money + if money > 0.0 { terms[i].1 } else { 0.0 },
            Self::Moved(reference) => 0.5 * (money - reference[i]).abs(),
            Self::OverCost(variables, cost) => money - cost * variables[i].actions(money),
        }
    }
}

impl Side<'_> {
    /// The limit that its price leans on.
    fn binding(&self) -> f64 {
        if self.price > 0.0 {
            self.high
        } else if self.price < 0.0 {
            self.low
        } else {
            0.0
        }
    }
}

struct Steps<'a> {
    tree: &'a Tree,
    units: f64,
    step: i64,
    rows: Vec<StepRow<'a>>,
    /// Limits of each node in minor units.
    limits: Vec<(i64, i64)>,
    /// Price of each node's own limit.
    own: Vec<f64>,
    sides: Vec<Side<'a>>,
}

/// A sum of money reached, what it loses, and how it was reached.
#[derive(Debug, Clone, Copy)]
struct Sum<const K: usize> {
    minor: i64,
    /// What it uses of each rule that does not nest.
    uses: [f64; K],
    loss: f64,
    /// Position among the sums before, and the amount or the group's sum taken.
    from: u32,
    took: u32,
}

impl<const K: usize> Sum<K> {
    const START: Self = Self { minor: 0, uses: [0.0; K], loss: 0.0, from: 0, took: 0 };
}

/// What is added to sums: an amount of a row, or a sum of a group.
#[derive(Debug, Clone, Copy)]
struct Add<const K: usize> {
    minor: i64,
    uses: [f64; K],
    loss: f64,
}

/// One row or one group added to the sums of a node: how each sum was reached.
struct Layer {
    of: Part,
    paths: Vec<(u32, u32)>,
}

#[derive(Debug, Clone, Copy)]
enum Part {
    StepRow(usize),
    Node(usize),
}

impl StepRow<'_> {
    /// Its value at so much money less the prices of money.
    fn worth_of(&self, money: f64) -> f64 {
        let worth = self.variable.value(money) - self.price * money;
        if self.moved == 0.0 { worth } else { worth - self.moved * (money - self.reference).abs() }
    }

    /// The best amount at a price of money, between two.
    fn answer(&self, price: f64, low: f64, high: f64) -> f64 {
        let cost = self.variable.fixed_cost;
        self.variable.curve.respond(MoneyPrice::new(price), low - cost, high - cost).spend + cost
    }

    /// Price of being funded, of those that have a choice or any money.
    fn funded_on(&self) -> f64 {
        if self.high > 0 { self.funded } else { 0.0 }
    }
}

impl<'a> Steps<'a> {
    /// `None` where a price leans on a limit that does not exist.
    fn new(
        problem: &'a Problem,
        tree: &'a Tree,
        outer: &CrossingRules,
        minor: &[i64],
        priced: &Priced,
    ) -> Option<Self> {
        let units = problem.minor_per_unit as f64;
        let step = problem.step.max(1);
        let prices = &priced.relaxed.price;
        let sides: Vec<Side<'_>> = outer
            .rules
            .iter()
            .zip(&priced.prices)
            .map(|(rule, &price)| side(problem, *rule, price))
            .collect::<Option<_>>()?;
        let (extra, mut valued) = outer.faces(problem, &priced.prices);
        let of = |prices: &[f64], i: usize| prices.get(i).copied().unwrap_or(0.0);
        let counted = |i: usize| {
            let funded =
                |side: &Side<'_>| matches!(&side.used, Used::Linear(terms) if terms[i].1 != 0.0);
            sides.iter().any(funded)
        };
        let row = |(i, variable): (usize, &'a Variable)| {
            let now = minor[i];
            let (low, high) = row_bounds(problem, i, 1.0, 1);
            // Bounds without a whole unit between them leave the row where it is.
            let (low, high) = if low <= high { (low, high) } else { (now, now) };
            let counted = counted(i);
            let low = if counted && high > 0 { low.max(1) } else { low };
            StepRow {
                residue: now.rem_euclid(step),
                low,
                high,
                off: variable.min <= 0.0 && (variable.least_funded() > 0.0 || counted) && low > 0,
                price: prices[tree.home[i] as usize] + of(&extra.money, i) + extra.all_money,
                funded: of(&extra.funded, i),
                moved: if extra.reference.is_empty() { 0.0 } else { 0.5 * extra.moved },
                reference: of(&extra.reference, i),
                now,
                variable: valued.as_mut().map_or(Cow::Borrowed(variable), |valued| {
                    Cow::Owned(std::mem::replace(&mut valued[i], variable.clone()))
                }),
            }
        };
        let rows = problem.variables.iter().enumerate().map(row).collect();
        let mut limits = Vec::with_capacity(tree.nodes.len());
        let mut own = Vec::with_capacity(tree.nodes.len());
        for (v, node) in tree.nodes.iter().enumerate() {
            let low = (node.low * units - 1e-6).ceil() as i64;
            let high = (node.high * units + 1e-6).floor().min(9e18) as i64;
            limits.push(if v == 0 {
                (if problem.spend_all { problem.budget_minor } else { 0 }, problem.budget_minor)
            } else {
                (low, high)
            });
            let price = prices[v] - if v == 0 { 0.0 } else { prices[node.parent] };
            own.push(price);
            if price > 0.0 && node.high.is_infinite() {
                return None;
            }
        }
        Some(Self { tree, units, step, rows, limits, own, sides })
    }

    fn money(&self, minor: &[i64]) -> Vec<f64> {
        minor.iter().map(|minor| *minor as f64 / self.units).collect()
    }

    /// What the limits are worth at the prices.
    fn limits_worth(&self) -> f64 {
        let nodes = 0..self.own.len();
        let nested: f64 = nodes.map(|v| self.own[v] * self.binding(v) as f64 / self.units).sum();
        nested + self.sides.iter().map(|side| side.price * side.binding()).sum::<f64>()
    }

    /// The limit that a node's own price leans on.
    fn binding(&self, v: usize) -> i64 {
        if self.own[v] > 0.0 {
            self.limits[v].1
        } else if self.own[v] < 0.0 {
            self.limits[v].0
        } else {
            0
        }
    }

    fn rows_worth(&self) -> f64 {
        self.rows.iter().map(|row| self.best(row)).sum()
    }

    fn worth(&self, row: &StepRow<'_>, minor: i64) -> f64 {
        let money = minor as f64 / self.units;
        let funded = if minor > 0 { row.funded } else { 0.0 };
        row.worth_of(money) - funded
    }

    /// No amount of a row is worth more.
    fn best(&self, row: &StepRow<'_>) -> f64 {
        let top = self.top(row);
        let on = row.worth_of(top) - row.funded_on();
        if row.off { on.max(self.worth(row, 0)) } else { on }
    }

    /// The best amount of a row that is on, in money.
    fn top(&self, row: &StepRow<'_>) -> f64 {
        let (low, high) = (row.low as f64 / self.units, row.high.max(row.low) as f64 / self.units);
        if row.moved == 0.0 {
            return row.answer(row.price, low, high);
        }
        // Moving away from the reference has a price on either side of it.
        let reference = row.reference.clamp(low, high);
        let below = row.answer(row.price - row.moved, low, reference);
        let above = row.answer(row.price + row.moved, reference, high);
        if row.worth_of(below) > row.worth_of(above) { below } else { above }
    }

    /// Amounts of a row that lose no more than `room` against its best one, with their worths;
    /// `None` where they are too many.
    fn amounts(&self, row: &StepRow<'_>, room: f64, left: usize) -> Option<Vec<(i64, f64)>> {
        let top = self.top(row);
        let grid = |money: f64| {
            let minor = (money * self.units).clamp(0.0, 9e15) as i64;
            (minor - row.residue).div_euclid(self.step) * self.step + row.residue
        };
        let inside = |minor: i64| row.low <= minor && minor <= row.high;
        let near = grid(top);
        let known = [near, near + self.step, row.now].into_iter().filter(|minor| inside(*minor));
        let off = (row.off && row.residue == 0).then_some(0);
        let floor =
            known.chain(off).map(|minor| self.worth(row, minor)).fold(f64::NEG_INFINITY, f64::max)
                - room;
        let mut amounts = Vec::new();
        let mut offer = |minor: i64| {
            let worth = self.worth(row, minor);
            if worth >= floor {
                amounts.push((minor, worth));
            }
        };
        if let Some(nothing) = off {
            offer(nothing);
        }
        let worth = |money: f64| row.worth_of(money) - row.funded_on();
        let ends = (row.low as f64 / self.units, row.high as f64 / self.units);
        let mut last = i64::MIN;
        let mut seen = 0;
        for (from, to) in stretches(row, &worth, ends, floor) {
            let first = grid(from).max(last.saturating_add(self.step));
            let end = grid(to) + self.step;
            seen += ((end - first) / self.step).max(0) as usize;
            if seen > left {
                return None;
            }
            let mut minor = first;
            while minor <= end {
                if inside(minor) && !(row.off && minor == 0) {
                    offer(minor);
                }
                last = minor;
                minor += self.step;
            }
        }
        Some(amounts)
    }

    /// The best plan that loses no more than `room` in all.
    fn within(&self, room: f64, work: &mut usize) -> Looked {
        let mut left = AMOUNTS;
        let mut amounts = Vec::with_capacity(self.rows.len());
        for row in &self.rows {
            let Some(own) = self.amounts(row, room, left) else { return Looked::TooMany };
            if own.is_empty() {
                return Looked::Nothing;
            }
            left = left.saturating_sub(own.len());
            amounts.push(own);
        }
        for own in &mut amounts {
            let best = own.iter().map(|amount| amount.1).fold(f64::MIN, f64::max);
            for amount in &mut *own {
                amount.1 = best - amount.1;
            }
            own.retain(|amount| amount.1 <= room);
        }
        let sides = self.sides_to_mind(&amounts);
        match sides.len() {
            0 => self.program::<0>(&sides, &amounts, room, work),
            1..=FEW => self.program::<FEW>(&sides, &amounts, room, work),
            _ if sides.len() <= SIDES => self.program::<SIDES>(&sides, &amounts, room, work),
            _ => Looked::TooMany,
        }
    }

    /// The rules that do not nest and have a price, or that some of these amounts together break.
    fn sides_to_mind(&self, amounts: &[Vec<(i64, f64)>]) -> Vec<&Side<'a>> {
        let breaks = |side: &&Side<'a>| {
            let (mut least, mut most) = (0.0, 0.0);
            for (i, amounts) in amounts.iter().enumerate() {
                let uses = amounts.iter().map(|(minor, _)| self.use_of(side, i, *minor));
                let (low, high) = uses
                    .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), used| {
                        (low.min(used), high.max(used))
                    });
                (least, most) = (least + low, most + high);
            }
            side.price != 0.0 || most > side.high || least < side.low
        };
        self.sides.iter().filter(breaks).collect()
    }

    /// What an amount of a row uses of a rule.
    fn use_of(&self, side: &Side<'_>, i: usize, minor: i64) -> f64 {
        side.used.by(i, minor as f64 / self.units)
    }

    /// The same of several rules.
    fn uses<const K: usize>(&self, sides: &[&Side<'_>], i: usize, minor: i64) -> [f64; K] {
        std::array::from_fn(|j| sides.get(j).map_or(0.0, |side| self.use_of(side, i, minor)))
    }

    /// Whether uses can still be kept by what is to come.
    fn can_hold<const K: usize>(
        sides: &[&Side<'_>],
        uses: &[f64; K],
        rest: &[(f64, f64); K],
    ) -> bool {
        let sides = sides.iter().zip(uses).zip(rest);
        sides.into_iter().all(|((side, used), (least, most))| {
            // Sums of floats are off by less than this.
            let slack = 1e-12 * (used.abs() + least.abs() + most.abs());
            used + least <= side.high + slack && used + most >= side.low - slack
        })
    }

    /// The program over sums: rows into their groups, groups into theirs.
    fn program<const K: usize>(
        &self,
        sides: &[&Side<'_>],
        amounts: &[Vec<(i64, f64)>],
        room: f64,
        work: &mut usize,
    ) -> Looked {
        let n = self.tree.nodes.len();
        // What all rows together use of each side at least and at most, and those of each node.
        let ends: Vec<[(f64, f64); K]> =
            (0..amounts.len()).map(|i| self.ends(sides, i, amounts)).collect();
        let mut all = [(0.0, 0.0); K];
        for own in &ends {
            widen(&mut all, own);
        }
        let mut under = vec![[(0.0, 0.0); K]; n];
        let mut layers: Vec<Vec<Layer>> = (0..n).map(|_| Vec::new()).collect();
        let mut parts: Vec<Vec<Part>> = vec![Vec::new(); n];
        for (i, home) in self.tree.home.iter().enumerate() {
            parts[*home as usize].push(Part::StepRow(i));
        }
        for v in 1..n {
            parts[self.tree.nodes[v].parent].push(Part::Node(v));
        }
        let mut finals: Vec<Vec<Add<K>>> = vec![Vec::new(); n];
        let mut kept = 0;
        for v in (0..n).rev() {
            let mut sums = vec![Sum::<K>::START];
            let mut own_adds = Vec::new();
            for &part in &parts[v] {
                let adds: &[Add<K>] = match part {
                    Part::StepRow(i) => {
                        own_adds.clear();
                        let add =
                            |&(minor, loss)| Add { minor, uses: self.uses(sides, i, minor), loss };
                        own_adds.extend(amounts[i].iter().map(add));
                        widen(&mut under[v], &ends[i]);
                        &own_adds
                    }
                    Part::Node(child) => {
                        let below = under[child];
                        widen(&mut under[v], &below);
                        &finals[child]
                    }
                };
                let rest: [(f64, f64); K] =
                    std::array::from_fn(|j| (all[j].0 - under[v][j].0, all[j].1 - under[v][j].1));
                *work += sums.len() * adds.len();
                if *work > WORK {
                    return Looked::TooMany;
                }
                sums = self.joined(sides, &sums, adds, room, &rest);
                kept += sums.len();
                if kept > SUMS {
                    return Looked::TooMany;
                }
                let paths = sums.iter().map(|sum| (sum.from, sum.took)).collect();
                layers[v].push(Layer { of: part, paths });
            }
            let (low, high) = self.limits[v];
            let (own, binding) = (self.own[v], self.binding(v));
            // What the limit is worth and the sum leaves.
            let cut = |sum: &Sum<K>| {
                let inside = low <= sum.minor && sum.minor <= high;
                let mut loss = sum.loss;
                if own != 0.0 {
                    loss += own * (binding - sum.minor) as f64 / self.units;
                }
                if v == 0 {
                    let sides = sides.iter().zip(&sum.uses);
                    loss += sides.map(|(s, used)| s.price * (s.binding() - used)).sum::<f64>();
                }
                let loss = if inside && loss <= room { loss } else { f64::INFINITY };
                Add { minor: sum.minor, uses: sum.uses, loss }
            };
            finals[v] = sums.iter().map(cut).collect();
        }
        let best = finals[0].iter().enumerate().min_by(|a, b| a.1.loss.total_cmp(&b.1.loss));
        let Some((at, _)) = best.filter(|best| best.1.loss <= room) else { return Looked::Nothing };
        let mut minor = vec![0; self.rows.len()];
        Self::trace(&layers, amounts, 0, at as u32, &mut minor);
        Looked::Found(minor)
    }

    /// Least and most that the amounts of a row use of each rule that does not nest.
    fn ends<const K: usize>(
        &self,
        sides: &[&Side<'_>],
        i: usize,
        amounts: &[Vec<(i64, f64)>],
    ) -> [(f64, f64); K] {
        let mut ends = [(f64::INFINITY, f64::NEG_INFINITY); K];
        for (minor, _) in &amounts[i] {
            let uses: [f64; K] = self.uses(sides, i, *minor);
            for (end, used) in ends.iter_mut().zip(uses) {
                *end = (end.0.min(used), end.1.max(used));
            }
        }
        ends
    }

    /// All sums of one of these and one of those, each reached with the least loss.
    fn joined<const K: usize>(
        &self,
        sides: &[&Side<'_>],
        sums: &[Sum<K>],
        adds: &[Add<K>],
        room: f64,
        rest: &[(f64, f64); K],
    ) -> Vec<Sum<K>> {
        let pairs = || {
            sums.iter().enumerate().flat_map(move |(from, sum)| {
                adds.iter().enumerate().filter_map(move |(took, add)| {
                    let loss = sum.loss + add.loss;
                    let uses = std::array::from_fn(|j| sum.uses[j] + add.uses[j]);
                    (loss <= room && Self::can_hold(sides, &uses, rest)).then_some(Sum {
                        minor: sum.minor + add.minor,
                        uses,
                        loss,
                        from: from as u32,
                        took: took as u32,
                    })
                })
            })
        };
        let ends = |of: &mut dyn Iterator<Item = i64>| {
            of.fold((i64::MAX, i64::MIN), |(a, b), minor| (a.min(minor), b.max(minor)))
        };
        if sums.is_empty() || adds.is_empty() {
            return Vec::new();
        }
        let before = ends(&mut sums.iter().map(|sum| sum.minor));
        let added = ends(&mut adds.iter().filter(|add| add.loss.is_finite()).map(|add| add.minor));
        if added.0 > added.1 {
            return Vec::new();
        }
        let (least, most) = (before.0 + added.0, before.1 + added.1);
        // All sums of these parts are whole steps apart.
        let span = ((most - least) / self.step) as usize + 1;
        if K == 0 && span <= DENSE {
            let mut dense = vec![Sum { loss: f64::INFINITY, ..Sum::START }; span];
            for sum in pairs() {
                let slot = &mut dense[((sum.minor - least) / self.step) as usize];
                if sum.loss < slot.loss {
                    *slot = sum;
                }
            }
            dense.retain(|sum| sum.loss.is_finite());
            return dense;
        }
        let mut all: Vec<Sum<K>> = pairs().collect();
        let uses = |a: &Sum<K>, b: &Sum<K>| {
            let pairs = a.uses.iter().zip(&b.uses);
            pairs
                .map(|(a, b)| a.total_cmp(b))
                .find(|order| order.is_ne())
                .unwrap_or(Ordering::Equal)
        };
        all.sort_by(|a, b| {
            let same = a.minor.cmp(&b.minor).then_with(|| uses(a, b));
            same.then(a.loss.total_cmp(&b.loss)).then(a.took.cmp(&b.took))
        });
        all.dedup_by(|a, b| a.minor == b.minor && a.uses == b.uses);
        all
    }

    fn trace(
        layers: &[Vec<Layer>],
        amounts: &[Vec<(i64, f64)>],
        node: usize,
        at: u32,
        minor: &mut [i64],
    ) {
        let mut at = at;
        for layer in layers[node].iter().rev() {
            let (from, took) = layer.paths[at as usize];
            match layer.of {
                Part::StepRow(i) => minor[i] = amounts[i][took as usize].0,
                Part::Node(child) => Self::trace(layers, amounts, child, took, minor),
            }
            at = from;
        }
    }
}

fn widen<const K: usize>(to: &mut [(f64, f64); K], ends: &[(f64, f64); K]) {
    to.iter_mut().zip(ends).for_each(|(to, own)| *to = (to.0 + own.0, to.1 + own.1));
}

/// A rule that does not nest, at its price; `None` where that leans on a limit that does not exist.
fn side(problem: &Problem, rule: CrossingRule, price: f64) -> Option<Side<'_>> {
    // What is rounding beyond a limit on money of all rows.
    let beyond = |limit: f64| limit + 1e-10 * problem.budget();
    let side = match rule {
        CrossingRule::Linear(index) => {
            let rule = &problem.rules[index];
            let mut terms = vec![(0.0, 0.0); problem.variables.len()];
            for term in &rule.terms {
                terms[term.variable as usize] = (term.per_money, term.when_funded);
            }
            let noise = |limit: f64| {
                let noise = 1e-9 * limit.abs().max(1e-12);
                let cent = 0.01 / problem.minor_per_unit as f64;
                if rule.is_group() { noise.min(cent) } else { noise }
            };
            let (low, high) = (rule.low - noise(rule.low), rule.high + noise(rule.high));
            Side { low, high, price, used: Used::Linear(terms) }
        }
        CrossingRule::Change => {
            let change = problem.change.as_ref()?;
            let (low, high) = (f64::NEG_INFINITY, beyond(change.at_most));
            Side { low, high, price, used: Used::Moved(&change.reference) }
        }
        CrossingRule::Cost => {
            let used = Used::OverCost(&problem.variables, problem.cost_per_action?);
            Side { low: f64::NEG_INFINITY, high: beyond(0.0), price, used }
        }
    };
    side.binding().is_finite().then_some(side)
}

/// Stretches of money, in order, outside which a worth lies below `floor`.
fn stretches(
    row: &StepRow<'_>,
    worth: &impl Fn(f64) -> f64,
    (low, high): (f64, f64),
    floor: f64,
) -> Vec<(f64, f64)> {
    if high < low {
        return Vec::new();
    }
    let variable = &*row.variable;
    let cost = variable.fixed_cost;
    let mut cuts = vec![low];
    if row.moved != 0.0 {
        cuts.push(row.reference);
    }
    match &variable.curve {
        Curve::Points(points) => cuts.extend(points.corners().iter().map(|s| s + cost)),
        curve => match curve.concave_from() {
            Some(turn) => cuts.extend([turn + cost]),
            None => return vec![(low, high)],
        },
    }
    cuts.push(high);
    cuts.retain(|s| (low..=high).contains(s));
    cuts.sort_by(f64::total_cmp);
    cuts.dedup();
    if cuts.len() == 1 {
        return vec![(low, high)];
    }
    let mut found = Vec::new();
    let piecewise = matches!(variable.curve, Curve::Points(_));
    let turn = variable.curve.concave_from().map_or(low, |turn| turn + cost);
    for pair in cuts.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        if piecewise || b <= turn {
            // Straight or convex: what is good enough lies at the ends.
            match (worth(a) >= floor, worth(b) >= floor) {
                (true, true) if piecewise => found.push((a, b)),
                (true, true) => {
                    let middle = bottom(worth, a, b);
                    if worth(middle) >= floor {
                        found.push((a, b));
                    } else {
                        found.push((a, edge(worth, a, middle, floor)));
                        found.push((edge(worth, b, middle, floor), b));
                    }
                }
                (true, false) => found.push((a, edge(worth, a, b, floor))),
                (false, true) => found.push((edge(worth, b, a, floor), b)),
                (false, false) => {}
            }
            continue;
        }
        // Concave: a stretch around its top.
        let top = summit(worth, a, b);
        if worth(top) < floor {
            continue;
        }
        let from = if worth(a) >= floor { a } else { edge(worth, top, a, floor) };
        let to = if worth(b) >= floor { b } else { edge(worth, top, b, floor) };
        found.push((from, to));
    }
    found
}

/// Between money that is good enough and money that is not, some that is not, near the edge.
fn edge(worth: &impl Fn(f64) -> f64, mut good: f64, mut bad: f64, floor: f64) -> f64 {
    for _ in 0..40 {
        let middle = 0.5 * (good + bad);
        if worth(middle) >= floor { good = middle } else { bad = middle }
    }
    bad
}

/// The top of a concave stretch, by golden section.
fn summit(worth: &impl Fn(f64) -> f64, mut a: f64, mut b: f64) -> f64 {
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    let ends = (a, b);
    for _ in 0..60 {
        let (c, d) = (b - GOLDEN * (b - a), a + GOLDEN * (b - a));
        if worth(c) >= worth(d) { b = d } else { a = c }
    }
    let middle = 0.5 * (a + b);
    [ends.0, ends.1, middle]
        .into_iter()
        .max_by(|x, y| worth(*x).total_cmp(&worth(*y)))
        .unwrap_or(middle)
}

/// The bottom of a convex stretch.
fn bottom(worth: &impl Fn(f64) -> f64, a: f64, b: f64) -> f64 {
    let negative = |money: f64| -worth(money);
    summit(&negative, a, b)
}
