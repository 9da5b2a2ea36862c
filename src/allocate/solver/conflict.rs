//! Rules that cannot all be kept: a smallest set that clashes, and by how much.

use std::collections::BTreeMap;

use super::divide::divide;
use super::prices::coupling::MANY;
use super::prices::tree::Tree;
use super::search::Settings;
use super::simplex::Rows;
use super::whole::indivisible;
use crate::allocate::problem::{Problem, Rule, Variable};

/// A smallest set of rules that contradict each other: leave out any one and the others of the set
/// can be kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    /// The rules, each with how much it alone would have to give.
    pub clashes: Vec<Clash>,
    /// What still clashes once the first of them has given, where no one of them is enough.
    pub then: Option<Box<Conflict>>,
}

/// One rule of a conflict.
#[derive(Debug, Clone, PartialEq)]
pub struct Clash {
    /// The rule.
    pub rule: Clashing,
    /// By how much it would have to give when the others stay, in its own unit.
    pub give: f64,
    /// Nothing else clashes once it has given so much, and whole segments make the budget.
    pub is_enough: bool,
}

impl Clash {
    fn new(rule: Clashing, give: f64) -> Self {
        Self { rule, give, is_enough: true }
    }
}

/// A rule that may clash.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Clashing {
    /// The budget is too small for what must be spent.
    BudgetTooSmall,
    /// All of the budget must be spent, and it is too large for what may be spent.
    BudgetTooLarge,
    /// The floor of a rule, by its position.
    Floor(usize),
    /// The ceiling of a rule.
    Ceiling(usize),
    /// The minimum of these segments.
    Minimums(Vec<usize>),
    /// The maximum of these segments.
    Maximums(Vec<usize>),
    /// The change allowed against the reference.
    Change,
    /// The least a funded segment gets.
    MinimumsIfFunded,
}

/// Beyond this many kinds of segments their own bounds are taken as given and not named.
const MANY_KINDS: usize = 250;

/// Conflicts behind one another that are told.
const DEEPEST: usize = 4;
/// Rules of a conflict that are asked whether they alone are enough.
const MOST_ASKED: usize = 100;

/// Finds a smallest clashing set; `None` when linear rules can all be kept (on/off choices taken
/// in shares).
#[must_use]
pub fn conflict(problem: &Problem) -> Option<Conflict> {
    behind(problem, DEEPEST)
}

fn behind(problem: &Problem, deep: usize) -> Option<Conflict> {
    let mut clashes = smallest(problem)?;
    for clash in clashes.iter_mut().take(MOST_ASKED) {
        let relieved = relieved(problem, clash);
        clash.is_enough = !do_clash(&relieved)
            && indivisible(&relieved, &Tree::new(&relieved)).is_none()
            && has_plan(&relieved);
    }
    let is_enough = clashes.iter().any(|clash| clash.is_enough) || deep == 0;
    let then = if is_enough { None } else { behind(&relieved(problem, &clashes[0]), deep - 1) };
    Some(Conflict { clashes, then: then.map(Box::new) })
}

/// Nodes that a plan of whole segments may ask for.
const NODES: u64 = 60;

/// Whether a short search finds a plan: rules that can be kept in shares of segments may still ask
/// for more in whole ones.
fn has_plan(problem: &Problem) -> bool {
    let settings = Settings { gap: Some(1e-2), nodes: Some(1), without_plan: Some(NODES) };
    divide(problem, &settings).is_some()
}

fn smallest(problem: &Problem) -> Option<Vec<Clash>> {
    own_bounds(problem)
        .or_else(|| own_limits(problem))
        .or_else(|| nobody_starts(problem))
        .or_else(|| coupled(problem))
        .or_else(|| too_dear(problem, |variable| variable.least_funded() <= variable.max))
}

/// Whether rules clash at all: [`smallest`] without the names.
fn do_clash(problem: &Problem) -> bool {
    own_bounds(problem).is_some()
        || own_limits(problem).is_some()
        || nobody_starts(problem).is_some()
        || broken_rows(problem).is_some()
        || too_dear(problem, |variable| variable.least_funded() <= variable.max).is_some()
}

/// The problem once one rule has given so much, and half a minor unit for rounding.
fn relieved(problem: &Problem, clash: &Clash) -> Problem {
    let mut other = problem.clone();
    let units = problem.minor_per_unit as f64;
    let by = clash.give * (1.0 + 1e-9) + 0.5 / units;
    let lower = |variable: &mut Variable, by: f64| {
        let least = variable.least_funded() - by;
        if least <= 0.5 / units {
            variable.min = 0.0;
        }
        variable.min = variable.min.min(least.max(0.0));
        variable.min_if_funded = variable.min_if_funded.min(least.max(0.0));
        variable.fixed_cost = variable.fixed_cost.min(least.max(0.0));
    };
    match &clash.rule {
        Clashing::Floor(j) => other.rules[*j].low -= by,
        Clashing::Ceiling(j) => other.rules[*j].high += by,
        Clashing::BudgetTooSmall => other.budget_minor += (clash.give * units).ceil() as i64,
        Clashing::BudgetTooLarge => other.budget_minor -= (clash.give * units).ceil() as i64,
        Clashing::Change => {
            if let Some(change) = &mut other.change {
                change.at_most += by;
            }
        }
        // Segments that no rule tells apart are named together: their sum gives way.
        Clashing::Minimums(members) => {
            let mut left = by;
            for &i in members {
                let given = left.min(other.variables[i].least_funded());
                lower(&mut other.variables[i], given);
                left -= given;
            }
        }
        Clashing::Maximums(members) => {
            if let Some(&first) = members.first() {
                other.variables[first].max += by;
            }
        }
        Clashing::MinimumsIfFunded => {
            other.variables.iter_mut().for_each(|variable| lower(variable, by));
        }
    }
    other
}

/// No segment can pay its own start: the budget falls short of the cheapest one.
fn nobody_starts(problem: &Problem) -> Option<Vec<Clash>> {
    let stuck = |variable: &Variable| variable.max <= 0.0 || variable.least_funded() > variable.max;
    problem.variables.iter().all(stuck).then(|| too_dear(problem, |_| true)).flatten()
}

/// The least that any of these segments gets is more than there is.
fn too_dear(problem: &Problem, among: impl Fn(&Variable) -> bool) -> Option<Vec<Clash>> {
    let smallest = problem
        .variables
        .iter()
        .filter(|variable| variable.max > 0.0 && among(variable))
        .map(Variable::least_funded)
        .fold(f64::INFINITY, f64::min);
    let short = smallest - problem.budget();
    (problem.spend_all && short > 0.0 && short.is_finite()).then(|| {
        [Clashing::BudgetTooSmall, Clashing::MinimumsIfFunded]
            .map(|rule| Clash::new(rule, short))
            .into()
    })
}

/// A segment whose least is above its most.
fn own_bounds(problem: &Problem) -> Option<Vec<Clash>> {
    let (i, variable) = problem
        .variables
        .iter()
        .enumerate()
        .find(|(_, variable)| variable.min > 0.0 && variable.least_funded() > variable.max)?;
    let give = variable.least_funded() - variable.max;
    let rules = [Clashing::Minimums(vec![i]), Clashing::Maximums(vec![i])];
    Some(rules.map(|rule| Clash::new(rule, give)).into())
}

/// A rule whose floor is above its ceiling.
fn own_limits(problem: &Problem) -> Option<Vec<Clash>> {
    let (j, rule) = problem.rules.iter().enumerate().find(|(_, rule)| rule.low > rule.high)?;
    let give = rule.low - rule.high;
    let rules = [Clashing::Floor(j), Clashing::Ceiling(j)];
    Some(rules.map(|rule| Clash::new(rule, give)).into())
}

/// Segments that no rule tells apart.
struct Kind {
    members: Vec<usize>,
    terms: Vec<Part>,
    least: f64,
    most: f64,
    /// Reference money, and the sum of references above and below what members may take.
    reference: f64,
}

/// A kind's part in a rule, in proportion to its money: at least and at most what it really uses.
///
/// A funded segment uses `p·b + w` with `b` between its least `l` and its most `u`, an unfunded one
/// nothing. In proportion to the money that is never less than `min(p + w/l, p + w/u)·b`, and never
/// more than the greater of the two; who must be funded uses `w` in any case.
#[derive(Debug, Clone, Copy)]
struct Part {
    rule: usize,
    least: f64,
    most: f64,
}

/// What being funded adds to a rule whatever the money: to the least that is used, to the most.
type Fixed = (f64, f64);

fn part(variable: &Variable, per_money: f64, when_funded: f64) -> ((f64, f64), Fixed) {
    if when_funded == 0.0 || variable.max <= 0.0 {
        return ((per_money, per_money), (0.0, 0.0));
    }
    if variable.min > 0.0 {
        return ((per_money, per_money), (when_funded, when_funded));
    }
    let of_most = when_funded / variable.max;
    let of_least = when_funded / variable.least_funded().min(variable.max);
    if of_least.is_finite() {
        let (low, high) = (of_most.min(of_least), of_most.max(of_least));
        return ((per_money + low, per_money + high), (0.0, 0.0));
    }
    // From the first cent on: one side in proportion to the most, the other in full.
    if when_funded > 0.0 {
        ((per_money + of_most, per_money), (0.0, when_funded))
    } else {
        ((per_money, per_money + of_most), (when_funded, 0.0))
    }
}

/// The kinds, and what each rule's funded segments use whatever their money.
fn kinds(problem: &Problem) -> (Vec<Kind>, Vec<Fixed>) {
    let mut terms: Vec<Vec<Part>> = vec![Vec::new(); problem.variables.len()];
    let mut fixed = vec![(0.0, 0.0); problem.rules.len()];
    for (j, rule) in problem.rules.iter().enumerate() {
        for term in &rule.terms {
            let variable = &problem.variables[term.variable as usize];
            let ((least, most), own) = part(variable, term.per_money, term.when_funded);
            terms[term.variable as usize].push(Part { rule: j, least, most });
            fixed[j].0 += own.0;
            fixed[j].1 += own.1;
        }
    }
    let mut by_terms: BTreeMap<Vec<(usize, u64, u64)>, Kind> = BTreeMap::new();
    for (i, (variable, terms)) in problem.variables.iter().zip(terms).enumerate() {
        let mut key: Vec<(usize, u64, u64)> =
            terms.iter().map(|p| (p.rule, p.least.to_bits(), p.most.to_bits())).collect();
        if problem.change.is_some() {
            key.push((usize::MAX, i as u64, 0));
        }
        let kind = by_terms.entry(key).or_insert_with(|| Kind {
            members: Vec::new(),
            terms,
            least: 0.0,
            most: 0.0,
            reference: 0.0,
        });
        kind.members.push(i);
        kind.least += if variable.min > 0.0 { variable.least_funded() } else { 0.0 };
        kind.most += if variable.least_funded() <= variable.max { variable.max } else { 0.0 };
        kind.reference += problem.change.as_ref().map_or(0.0, |c| c.reference[i]);
    }
    (by_terms.into_values().collect(), fixed)
}

/// The rules as rows over kinds of segments; each soft row with the rule it stands for.
struct Soft {
    rows: Rows,
    /// What a violation above and below the row means.
    names: Vec<(Option<Clashing>, Option<Clashing>)>,
}

fn rows(problem: &Problem, (kinds, fixed): &(Vec<Kind>, Vec<Fixed>), only: &[usize]) -> Soft {
    let budget = problem.budget().max(1e-9);
    let name_bounds = kinds.len() <= MANY_KINDS;
    let n = kinds.len();
    // Variables: money of each kind in units of the budget, then what lies above and below the
    // reference.
    let moves = if problem.change.is_some() { n } else { 0 };
    let bounds = kinds.iter().map(|kind| {
        if name_bounds { (0.0, 1e6) } else { (kind.least / budget, kind.most / budget) }
    });
    let mut rows = Rows {
        bounds: bounds.chain(std::iter::repeat_n((0.0, 1e6), 2 * moves)).collect(),
        ..Rows::default()
    };
    let mut names = Vec::new();
    let width = n + 2 * moves;
    let mut total = vec![0.0; width];
    total[..n].fill(1.0);
    rows.matrix.push(total);
    rows.limits.push((if problem.spend_all { 1.0 } else { 0.0 }, 1.0));
    names.push((Some(Clashing::BudgetTooSmall), Some(Clashing::BudgetTooLarge)));
    for &j in only {
        let rule = &problem.rules[j];
        let of = |part: fn(&Part) -> f64| {
            let own = |kind: &Kind| kind.terms.iter().filter(|p| p.rule == j).map(part).sum();
            let mut row = vec![0.0; width];
            row.iter_mut().zip(kinds).for_each(|(x, kind)| *x = own(kind));
            row
        };
        // A ceiling is broken where the least that is used is above it, a floor where the most is
        // below.
        if rule.high.is_finite() {
            rows.matrix.push(of(|part| part.least));
            rows.limits.push((f64::NEG_INFINITY, (rule.high - fixed[j].0) / budget));
            names.push((Some(Clashing::Ceiling(j)), None));
        }
        if rule.low.is_finite() {
            rows.matrix.push(of(|part| part.most));
            rows.limits.push(((rule.low - fixed[j].1) / budget, f64::INFINITY));
            names.push((None, Some(Clashing::Floor(j))));
        }
    }
    if name_bounds {
        for (k, kind) in kinds.iter().enumerate() {
            let mut row = vec![0.0; width];
            row[k] = 1.0;
            rows.matrix.push(row.clone());
            rows.limits.push((f64::NEG_INFINITY, kind.most / budget));
            names.push((Some(Clashing::Maximums(kind.members.clone())), None));
            if kind.least > 0.0 {
                rows.matrix.push(row);
                rows.limits.push((kind.least / budget, f64::INFINITY));
                let floors = kind.members.iter().copied();
                let floors = floors.filter(|i| problem.variables[*i].min > 0.0).collect();
                names.push((None, Some(Clashing::Minimums(floors))));
            }
        }
    }
    if let Some(change) = &problem.change {
        for (k, kind) in kinds.iter().enumerate() {
            let mut row = vec![0.0; width];
            row[k] = 1.0;
            row[n + k] = -1.0;
            row[n + moves + k] = 1.0;
            rows.matrix.push(row);
            rows.limits.push((kind.reference / budget, kind.reference / budget));
            names.push((None, None));
        }
        let mut row = vec![0.0; width];
        row[n..].fill(0.5);
        rows.matrix.push(row);
        rows.limits.push((f64::NEG_INFINITY, change.at_most / budget));
        names.push((Some(Clashing::Change), None));
    }
    Soft { rows, names }
}

/// Violations below this share of the budget are rounding.
const NOTHING: f64 = 1e-8;

/// Of more than [`MANY`] rules so many are taken in at a time, those first that some split of the
/// money breaks most.
const TAKEN_IN: usize = 40;

/// The rows of rules that cannot all be kept; `None` where they can.
fn broken_rows(problem: &Problem) -> Option<Soft> {
    let own = kinds(problem);
    let mut only: Vec<usize> = (0..problem.rules.len()).collect();
    if only.len() > MANY {
        only.clear();
    }
    loop {
        let soft = rows(problem, &own, &only);
        let (violations, money) = soft.rows.least_broken(&soft.even());
        if violations.iter().any(|violation| violation.abs() > NOTHING) {
            return Some(soft);
        }
        if only.len() == problem.rules.len() {
            return None;
        }
        let mut more = broken_by(problem, &own, &money);
        more.retain(|(j, _)| only.binary_search(j).is_err());
        if more.is_empty() {
            return None;
        }
        more.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        only.extend(more.iter().take(TAKEN_IN).map(|(j, _)| *j));
        only.sort_unstable();
    }
}

/// Rules that so much money of each kind breaks, each with by how much in shares of the budget.
fn broken_by(
    problem: &Problem,
    (kinds, fixed): &(Vec<Kind>, Vec<Fixed>),
    money: &[f64],
) -> Vec<(usize, f64)> {
    let budget = problem.budget().max(1e-9);
    let mut used: Vec<(f64, f64)> =
        fixed.iter().map(|(least, most)| (least / budget, most / budget)).collect();
    for (kind, money) in kinds.iter().zip(money) {
        for part in &kind.terms {
            used[part.rule].0 += part.least * money;
            used[part.rule].1 += part.most * money;
        }
    }
    let over = |(rule, (least, most)): (&Rule, &(f64, f64))| {
        (least - rule.high / budget).max(rule.low / budget - most)
    };
    let over = problem.rules.iter().zip(&used).map(over).enumerate();
    over.filter(|(_, over)| *over > 0.5 * NOTHING).collect()
}

fn is_broken(rows: &Rows, even: &[f64]) -> bool {
    rows.least_violations(even).iter().map(|v| v.abs()).fold(0.0, f64::max) > NOTHING
}

impl Soft {
    /// One weight for every rule; what is no rule is never broken.
    fn even(&self) -> Vec<f64> {
        self.names.iter().map(|name| if *name == (None, None) { 1e6 } else { 1.0 }).collect()
    }
}

/// Rows without which the rest no longer clashes are left in, others freed, many at a time where
/// there are many.
fn those_that_clash(
    rows: &mut Rows,
    mut named: Vec<usize>,
    broken: &dyn Fn(&Rows) -> bool,
) -> Vec<usize> {
    const ONE_BY_ONE: usize = 64;
    let mut lot = named.len() / 4;
    while named.len() > ONE_BY_ONE && lot > 1 {
        let mut left = Vec::new();
        for part in named.chunks(lot) {
            let before: Vec<(f64, f64)> = part.iter().map(|r| rows.limits[*r]).collect();
            for r in part {
                rows.limits[*r] = (f64::NEG_INFINITY, f64::INFINITY);
            }
            if !broken(rows) {
                part.iter().zip(before).for_each(|(r, limits)| rows.limits[*r] = limits);
                left.extend_from_slice(part);
            }
        }
        named = left;
        lot /= 4;
    }
    named
}

fn coupled(problem: &Problem) -> Option<Vec<Clash>> {
    let mut soft = broken_rows(problem)?;
    let named: Vec<usize> =
        (0..soft.names.len()).filter(|&r| soft.names[r] != (None, None)).collect();
    let even = soft.even();
    let broken = |rows: &Rows| is_broken(rows, &even);
    // Deletion filter: a row without which the rest still clashes is not needed.
    let free = (f64::NEG_INFINITY, f64::INFINITY);
    let mut kept = Vec::new();
    let named = those_that_clash(&mut soft.rows, named, &broken);
    for &r in &named {
        let limits = soft.rows.limits[r];
        // Each side on its own, so that only the one that clashes is named.
        for side in [(limits.0, f64::INFINITY), (f64::NEG_INFINITY, limits.1)] {
            if side == free || soft.rows.limits[r] == side {
                continue;
            }
            let before = std::mem::replace(&mut soft.rows.limits[r], side);
            if broken(&soft.rows) {
                break;
            }
            soft.rows.limits[r] = before;
        }
        let before = std::mem::replace(&mut soft.rows.limits[r], free);
        if !broken(&soft.rows) {
            soft.rows.limits[r] = before;
            kept.push(r);
        }
    }
    let budget = problem.budget().max(1e-9);
    let clashes: Vec<Clash> = kept
        .iter()
        .filter_map(|&r| {
            let weights: Vec<f64> = (0..soft.names.len())
                .map(|other| match &soft.names[other] {
                    (None, None) => 1e6,
                    _ if other == r => 1.0,
                    _ => 1e4,
                })
                .collect();
            let violation = soft.rows.least_violations(&weights)[r];
            let (above, below) = soft.names[r].clone();
            let rule = if violation > 0.0 { above } else { below }?;
            Some(Clash::new(rule, violation.abs() * budget))
        })
        .collect();
    // In a real clash each rule by itself has to give something; a set in which one need not is
    // the trace of rounding where the rules leave a single point.
    let real = !clashes.is_empty() && clashes.iter().all(|c| c.give > NOTHING * budget);
    real.then_some(clashes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocate::problem::Term;
    use crate::response::exponential::Exponential;

    #[test]
    fn enough_in_shares_of_segments_is_not_told_as_enough() {
        let variable = |min: f64, max: f64, min_if_funded: f64| Variable {
            min_if_funded,
            fixed_cost: 50.0,
            ..Variable::new(Exponential { ceiling: 100.0, scale: 50.0 }.into(), min, max)
        };
        let variables = vec![variable(0.0, 250.0, 50.0), variable(50.0, 500.0, 100.0)];
        let mut problem = Problem::new(variables, 500.0);
        // A tenth of all media money, 10 at most: both together get 200 with their fixed costs.
        let terms =
            [0, 1].map(|variable| Term { variable, per_money: 0.1, when_funded: -5.0 }).into();
        problem.rules = vec![Rule { low: f64::NEG_INFINITY, high: 10.0, terms }];
        let found = conflict(&problem).expect("they clash");
        let budget = found.clashes.iter().find(|clash| clash.rule == Clashing::BudgetTooLarge);
        let budget = budget.expect("the budget is one of them");
        assert!(!budget.is_enough || 500.0 - budget.give <= 200.0 + 1e-6, "{found:?}");
    }
}
