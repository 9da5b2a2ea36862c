//! Rules that cannot all be kept: a smallest set that clashes, and by how much.

use std::collections::BTreeMap;

use super::problem::{Problem, Seat};
use super::simplex::Rows;

/// A smallest set of rules that contradict each other: leave out any one and the others can be
/// kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    /// The rules, each with how much it alone would have to give.
    pub clashes: Vec<Clash>,
}

/// One rule of a conflict.
#[derive(Debug, Clone, PartialEq)]
pub struct Clash {
    /// The rule.
    pub rule: Clashing,
    /// By how much it would have to give when the others stay, in its own unit.
    pub give: f64,
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

/// Finds a smallest clashing set; `None` when linear rules can all be kept (on/off choices taken
/// in shares).
#[must_use]
pub fn conflict(problem: &Problem) -> Option<Conflict> {
    own_bounds(problem)
        .or_else(|| own_limits(problem))
        .or_else(|| nobody_starts(problem))
        .or_else(|| coupled(problem))
        .or_else(|| too_dear(problem, |seat| seat.least_funded() <= seat.max))
}

/// No segment can pay its own start: the budget falls short of the cheapest one.
fn nobody_starts(problem: &Problem) -> Option<Conflict> {
    let stuck = |seat: &Seat| seat.max <= 0.0 || seat.least_funded() > seat.max;
    problem.seats.iter().all(stuck).then(|| too_dear(problem, |_| true)).flatten()
}

/// The least that any of these segments gets is more than there is.
fn too_dear(problem: &Problem, among: impl Fn(&Seat) -> bool) -> Option<Conflict> {
    let smallest = problem
        .seats
        .iter()
        .filter(|seat| seat.max > 0.0 && among(seat))
        .map(Seat::least_funded)
        .fold(f64::INFINITY, f64::min);
    let short = smallest - problem.budget();
    (problem.spend_all && short > 0.0 && short.is_finite()).then(|| Conflict {
        clashes: [Clashing::BudgetTooSmall, Clashing::MinimumsIfFunded]
            .map(|rule| Clash { rule, give: short })
            .into(),
    })
}

/// A segment whose least is above its most.
fn own_bounds(problem: &Problem) -> Option<Conflict> {
    let (i, seat) = problem
        .seats
        .iter()
        .enumerate()
        .find(|(_, seat)| seat.min > 0.0 && seat.least_funded() > seat.max)?;
    let give = seat.least_funded() - seat.max;
    let rules = [Clashing::Minimums(vec![i]), Clashing::Maximums(vec![i])];
    Some(Conflict { clashes: rules.map(|rule| Clash { rule, give }).into() })
}

/// A rule whose floor is above its ceiling.
fn own_limits(problem: &Problem) -> Option<Conflict> {
    let (j, rule) = problem.rules.iter().enumerate().find(|(_, rule)| rule.low > rule.high)?;
    let give = rule.low - rule.high;
    let rules = [Clashing::Floor(j), Clashing::Ceiling(j)];
    Some(Conflict { clashes: rules.map(|rule| Clash { rule, give }).into() })
}

/// Segments that no rule tells apart.
struct Kind {
    members: Vec<usize>,
    /// `(rule, coefficient)`.
    terms: Vec<(usize, f64)>,
    least: f64,
    most: f64,
    /// Reference money, and the sum of references above and below what members may take.
    reference: f64,
}

fn kinds(problem: &Problem) -> Vec<Kind> {
    let mut terms: Vec<Vec<(usize, f64)>> = vec![Vec::new(); problem.seats.len()];
    for (j, rule) in problem.rules.iter().enumerate() {
        for term in &rule.terms {
            let seat = &problem.seats[term.seat as usize];
            // Being funded counts in proportion to the money, never more than it really does; who
            // must be funded counts in full beside it.
            let share = if term.when_funded > 0.0 && seat.max > 0.0 && seat.min <= 0.0 {
                term.when_funded / seat.max
            } else {
                0.0
            };
            terms[term.seat as usize].push((j, term.per_money + share));
        }
    }
    let mut by_terms: BTreeMap<Vec<(usize, u64)>, Kind> = BTreeMap::new();
    for (i, (seat, terms)) in problem.seats.iter().zip(terms).enumerate() {
        let mut key: Vec<(usize, u64)> = terms.iter().map(|(j, c)| (*j, c.to_bits())).collect();
        if problem.change.is_some() {
            key.push((usize::MAX, i as u64));
        }
        let kind = by_terms.entry(key).or_insert_with(|| Kind {
            members: Vec::new(),
            terms,
            least: 0.0,
            most: 0.0,
            reference: 0.0,
        });
        kind.members.push(i);
        kind.least += if seat.min > 0.0 { seat.least_funded() } else { 0.0 };
        kind.most += if seat.least_funded() <= seat.max { seat.max } else { 0.0 };
        kind.reference += problem.change.as_ref().map_or(0.0, |c| c.reference[i]);
    }
    by_terms.into_values().collect()
}

/// The rules as rows over kinds of segments; each soft row with the rule it stands for.
struct Soft {
    rows: Rows,
    /// What a violation above and below the row means.
    names: Vec<(Option<Clashing>, Option<Clashing>)>,
}

fn rows(problem: &Problem) -> Soft {
    let kinds = kinds(problem);
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
    for (j, rule) in problem.rules.iter().enumerate() {
        let mut row = vec![0.0; width];
        for (k, kind) in kinds.iter().enumerate() {
            row[k] = kind.terms.iter().filter(|term| term.0 == j).map(|term| term.1).sum();
        }
        rows.matrix.push(row);
        let forced: f64 = rule
            .terms
            .iter()
            .filter(|term| problem.seats[term.seat as usize].min > 0.0)
            .map(|term| term.when_funded.max(0.0))
            .sum();
        rows.limits.push((rule.low / budget, (rule.high - forced) / budget));
        names.push((Some(Clashing::Ceiling(j)), Some(Clashing::Floor(j))));
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
                let floors = floors.filter(|i| problem.seats[*i].min > 0.0).collect();
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

fn coupled(problem: &Problem) -> Option<Conflict> {
    let mut soft = rows(problem);
    let named: Vec<usize> =
        (0..soft.names.len()).filter(|&r| soft.names[r] != (None, None)).collect();
    let even: Vec<f64> =
        soft.names.iter().map(|name| if *name == (None, None) { 1e6 } else { 1.0 }).collect();
    let broken = |rows: &Rows| {
        rows.least_violations(&even).iter().map(|v| v.abs()).fold(0.0, f64::max) > NOTHING
    };
    if !broken(&soft.rows) {
        return None;
    }
    // Deletion filter: a row without which the rest still clashes is not needed.
    let free = (f64::NEG_INFINITY, f64::INFINITY);
    let mut kept = Vec::new();
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
            Some(Clash { rule, give: violation.abs() * budget })
        })
        .collect();
    // In a real clash each rule by itself has to give something; a set in which one need not is
    // the trace of rounding where the rules leave a single point.
    let real = !clashes.is_empty() && clashes.iter().all(|c| c.give > NOTHING * budget);
    real.then_some(Conflict { clashes })
}
