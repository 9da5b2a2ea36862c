//! One row at given prices: the most it can be worth, from above.
//!
//! A row's curve is known at a few amounts of money. Between two of them a concave curve lies below
//! both tangents, a convex one below its chord, a rising one below its right end: the row cannot be
//! worth more than these lines say. Where the lines promise most the curve itself is asked, and
//! that amount is known from then on, until promise and curve meet.

use super::terms::{Bend, RowTerms, Terms};

/// How often a row's curve is asked at one set of prices.
const QUESTIONS: usize = 40;
/// Promise and curve meet within this share of what the row brings.
const CLOSE: f64 = 1e-12;
/// Where a stretch is asked whose lines do not meet the curve.
const INNER: f64 = 0.25;
/// Amounts known of a row at most.
const KNOWN_AT_MOST: usize = 400;

/// What a row is asked to pay.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Asked {
    /// Per unit of money.
    pub(super) money: f64,
    /// Once it is funded.
    pub(super) funded: f64,
    /// Per unit of money that it is away from `reference`.
    pub(super) away: f64,
    pub(super) reference: f64,
    /// Paid to it per action.
    pub(super) per_action: f64,
    /// Per kilogram.
    pub(super) carbon: f64,
}

/// Which budgets a row may have.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Domain {
    pub(super) off: bool,
    /// Budgets once funded.
    pub(super) on: Option<(f64, f64)>,
}

impl Domain {
    /// What a row's terms allow.
    pub(super) fn of(row: &RowTerms) -> Self {
        let is_on = row.least <= row.most && row.most > 0.0;
        Self { off: row.may_be_off, on: is_on.then_some((row.least, row.most)) }
    }
}

/// A row's answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Answer {
    /// No budget is worth more than this.
    pub(super) worth: f64,
    /// Where that is promised.
    pub(super) budget: f64,
    pub(super) is_on: bool,
}

/// A row's curve at one budget.
#[derive(Debug, Clone, Copy)]
struct Node {
    at: f64,
    value: f64,
    slope: f64,
    actions: (f64, f64),
    kilograms: f64,
}

/// What is known of a row's curve.
#[derive(Debug, Clone)]
pub(super) struct Upper {
    nodes: Vec<Node>,
    /// How the curve bends after each node.
    bends: Vec<Bend>,
    /// Value and actions of nothing.
    off: (f64, f64),
}

impl Upper {
    /// A row's curve at its ends, where it turns, and at the budget of a plan.
    pub(super) fn new(terms: &Terms<'_>, i: usize, planned: f64) -> Self {
        let row = &terms.rows[i];
        let turns = terms.returns.bends(i);
        let reference = terms.change.as_ref().map(|(reference, _)| reference[i]);
        let inner = turns.iter().map(|(media, _)| media + row.fixed);
        let mut at: Vec<f64> = inner
            .chain([planned])
            .chain(reference)
            .filter(|at| *at > row.least && *at < row.most)
            .chain([row.least, row.most.max(row.least)])
            .collect();
        at.sort_by(f64::total_cmp);
        at.dedup();
        let bend = |at: &f64| {
            let after = turns.partition_point(|(media, _)| media + row.fixed <= *at);
            turns[after.saturating_sub(1)].1
        };
        Self {
            bends: at.iter().map(bend).collect(),
            nodes: at.iter().map(|at| node(terms, i, *at)).collect(),
            off: (terms.returns.value(i, 0.0).0, terms.returns.actions(i, 0.0).0),
        }
    }

    /// The most a row can be worth at some prices.
    pub(super) fn answer(
        &mut self,
        terms: &Terms<'_>,
        i: usize,
        asked: &Asked,
        domain: &Domain,
    ) -> Option<Answer> {
        let off = domain.off.then_some(Answer {
            worth: self.off.0 + asked.per_action * self.off.1 - asked.away * asked.reference,
            budget: 0.0,
            is_on: false,
        });
        let on = domain.on.map(|(low, high)| self.most_worth(terms, i, asked, low, high));
        match (off, on) {
            (Some(off), Some(on)) => Some(if on.worth > off.worth { on } else { off }),
            (off, on) => off.or(on),
        }
    }

    fn most_worth(
        &mut self,
        terms: &Terms<'_>,
        i: usize,
        asked: &Asked,
        low: f64,
        high: f64,
    ) -> Answer {
        let (mut worth, mut budget) = self.promise(asked, low, high);
        for _ in 0..QUESTIONS {
            let place = self.nodes.partition_point(|node| node.at < budget);
            let is_known = self.nodes.get(place).is_some_and(|node| node.at == budget);
            if is_known || self.nodes.len() >= KNOWN_AT_MOST {
                break;
            }
            let node = node(terms, i, budget);
            let own = node.worth(asked);
            self.nodes.insert(place, node);
            self.bends.insert(place, self.bends[place.max(1) - 1]);
            if worth - own <= CLOSE * node.value.abs() {
                break;
            }
            (worth, budget) = self.promise(asked, low, high);
        }
        Answer { worth: worth - asked.funded, budget, is_on: true }
    }

    /// What the lines promise at most between two budgets, and where.
    fn promise(&self, asked: &Asked, low: f64, high: f64) -> (f64, f64) {
        let mut best = (f64::NEG_INFINITY, low);
        let mut tell = |worth: f64, at: f64| {
            if worth > best.0 {
                best = (worth, at);
            }
        };
        if let Some(node) = self.nodes.iter().find(|node| node.at == low && low == high) {
            tell(node.worth(asked), low);
            return best;
        }
        for (pair, bend) in self.nodes.windows(2).zip(&self.bends) {
            let cell = Cell { a: &pair[0], c: &pair[1], bend: *bend };
            let (from, to) = (cell.a.at.max(low), cell.c.at.min(high));
            if from > to {
                continue;
            }
            if cell.is_blunt() {
                // Its lines say most where they say least of the curve: further in, it is asked.
                let (left, right) = (cell.worth(asked, from), cell.worth(asked, to));
                let is_right = right > left && cell.bend == Bend::Concave;
                let inner = from + INNER * (to - from);
                tell(left.max(right), if is_right { to } else { inner });
                continue;
            }
            let inside = cell.crossings(asked).into_iter().flatten();
            for at in inside.filter(|at| *at > from && *at < to).chain([from, to]) {
                tell(cell.worth(asked, at), at);
            }
        }
        best
    }
}

fn node(terms: &Terms<'_>, i: usize, at: f64) -> Node {
    let media = terms.rows[i].media(at);
    let (value, slope) = terms.returns.value(i, media);
    let actions = match terms.cost_per_action {
        Some(_) => terms.returns.actions(i, media),
        None => (0.0, 0.0),
    };
    let kilograms = if terms.emits() { terms.returns.kilograms(i, media) } else { 0.0 };
    Node { at, value, slope, actions, kilograms }
}

impl Node {
    /// What the curve itself is worth here, without the price of being funded.
    fn worth(&self, asked: &Asked) -> f64 {
        self.value + asked.per_action * self.actions.0
            - asked.carbon * self.kilograms
            - asked.money * self.at
            - asked.away * (self.at - asked.reference).abs()
    }
}

/// The stretch between two nodes.
struct Cell<'a> {
    a: &'a Node,
    c: &'a Node,
    bend: Bend,
}

impl Cell<'_> {
    /// Whether its lines do not meet the curve at both ends.
    fn is_blunt(&self) -> bool {
        self.bend == Bend::Rising || self.bend == Bend::Concave && !self.a.slope.is_finite()
    }

    /// A line through both ends.
    fn chord(&self, (a, c): (f64, f64), at: f64) -> f64 {
        let width = self.c.at - self.a.at;
        if width > 0.0 { a + (c - a) * (at - self.a.at) / width } else { a.max(c) }
    }

    /// The least line above a concave curve of these values and slopes.
    fn tangents(&self, (a, slope_a): (f64, f64), (c, slope_c): (f64, f64), at: f64) -> f64 {
        let from = if slope_a.is_finite() { a + slope_a * (at - self.a.at) } else { f64::INFINITY };
        let to = if slope_c.is_finite() { c + slope_c * (at - self.c.at) } else { f64::INFINITY };
        match from.min(to) {
            line if line.is_finite() => line,
            _ => a.max(c),
        }
    }

    /// Where two tangents meet.
    fn crossing(&self, (a, slope_a): (f64, f64), (c, slope_c): (f64, f64)) -> Option<f64> {
        let fall = slope_a - slope_c;
        (fall > 0.0).then(|| ((c - slope_c * self.c.at) - (a - slope_a * self.a.at)) / fall)
    }

    fn crossings(&self, asked: &Asked) -> [Option<f64>; 2] {
        let (a, c) = (self.a, self.c);
        let of_value = match self.bend {
            Bend::Concave => self.crossing((a.value, a.slope), (c.value, c.slope)),
            Bend::Convex | Bend::Rising => None,
        };
        let paid = asked.per_action != 0.0 && self.bend == Bend::Concave;
        [of_value, paid.then(|| self.crossing(a.actions, c.actions)).flatten()]
    }

    /// No budget within the cell is worth more than this there.
    fn worth(&self, asked: &Asked, at: f64) -> f64 {
        let (a, c) = (self.a, self.c);
        let above = |of: fn(&Node) -> (f64, f64)| match self.bend {
            Bend::Concave => self.tangents(of(a), of(c), at),
            Bend::Convex => self.chord((of(a).0, of(c).0), at),
            Bend::Rising => of(a).0.max(of(c).0),
        };
        let value = above(|node| (node.value, node.slope));
        let actions = if asked.per_action == 0.0 { 0.0 } else { above(|node| node.actions) };
        let kilograms = self.chord((a.kilograms, c.kilograms), at);
        value + asked.per_action * actions
            - asked.carbon * kilograms
            - asked.money * at
            - asked.away * (at - asked.reference).abs()
    }
}
