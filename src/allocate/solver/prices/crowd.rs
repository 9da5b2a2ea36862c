//! All segments of a market asked at once: concave closed forms side by side in columns, the
//! others one by one.

use pulp::Arch;
use rayon::prelude::*;

use super::market::{Domain, Market, Settled};
use super::tree::Tree;
use crate::allocate::problem::Seat;
use crate::response::columns::{Asked, Columns, LANES};
use crate::response::curve::{Curve, MoneyPrice};

/// Segments are summed in parts of at most this size, in a fixed order, so that sums do not
/// depend on the number of threads.
const CHUNK: usize = 16_384;

/// Segments of one innermost rule and one form of curve: they share a price.
struct Lot {
    node: usize,
    seats: Vec<u32>,
    /// Fixed costs of those that are on.
    costs: f64,
    columns: Columns,
    /// The last price, and what it was answered with.
    last: Option<(f64, Asked)>,
}

impl Lot {
    fn new(node: usize, columns: Columns) -> Self {
        Self { node, seats: Vec::new(), costs: 0.0, columns, last: None }
    }

    fn push(&mut self, i: usize, seat: &Seat, domain: &Domain) {
        let cost = if domain.on { seat.fixed_cost } else { 0.0 };
        let bounds = if domain.on { (domain.low - cost, domain.high - cost) } else { (0.0, 0.0) };
        self.seats.push(i as u32);
        self.costs += cost;
        self.columns.push(&seat.curve, bounds.0, bounds.1);
    }

    fn respond(&mut self, arch: Arch, price: MoneyPrice) -> Asked {
        if let Some((last, asked)) = self.last
            && last == price.value
        {
            return asked;
        }
        let asked = self.columns.respond(arch, price);
        self.last = Some((price.value, asked));
        asked
    }

    /// Value less prices at a price.
    fn worth(&mut self, arch: Arch, price: MoneyPrice) -> f64 {
        let asked = self.respond(arch, price);
        self.columns.value(arch) - price.value * (asked.spend + self.costs)
    }

    /// Writes the budgets last asked for where the segments stand.
    fn write(&self, market: Market<'_>, budgets: &mut [f64]) {
        let spends = self.seats.iter().zip(self.columns.spends());
        if self.costs == 0.0 {
            spends.for_each(|(&i, spend)| budgets[i as usize] = *spend);
            return;
        }
        for (&i, spend) in spends {
            let i = i as usize;
            let cost = if market.domains[i].on { market.seats[i].fixed_cost } else { 0.0 };
            budgets[i] = spend + cost;
        }
    }
}

/// The segments of a market.
pub(crate) struct Crowd<'a> {
    tree: &'a Tree,
    market: Market<'a>,
    arch: Arch,
    lots: Vec<Lot>,
    /// Segments in no lot.
    rest: Vec<u32>,
}

/// What the segments answer at the prices found.
pub(crate) struct Answers {
    /// Sum of value less prices.
    pub(crate) worth: f64,
    /// Budgets at a price just below and just above the right one.
    pub(crate) more: Vec<f64>,
    pub(crate) less: Vec<f64>,
}

impl<'a> Crowd<'a> {
    pub(crate) fn new(tree: &'a Tree, market: Market<'a>) -> Self {
        let mut crowd =
            Self { tree, market, arch: Arch::new(), lots: Vec::new(), rest: Vec::new() };
        let mut members = vec![0_usize; tree.nodes.len()];
        for home in &tree.home {
            members[*home as usize] += 1;
        }
        let mut open = vec![[None; 3]; tree.nodes.len()];
        for (i, (seat, domain)) in market.seats.iter().zip(market.domains).enumerate() {
            let node = tree.home[i] as usize;
            let form =
                form(seat, domain).filter(|_| members[node] >= LANES && market.extra.is_none());
            let Some(form) = form else {
                crowd.rest.push(i as u32);
                continue;
            };
            let full = |lot: &usize| crowd.lots[*lot].columns.len() < CHUNK;
            let lot = if let Some(lot) = open[node][form].filter(full) {
                lot
            } else {
                let Some(mut columns) = Columns::like(&seat.curve) else { continue };
                columns.reserve(members[node].min(CHUNK));
                crowd.lots.push(Lot::new(node, columns));
                crowd.lots.len() - 1
            };
            open[node][form] = Some(lot);
            crowd.lots[lot].push(i, seat, domain);
        }
        crowd
    }

    /// Sums of answers and of their falls by innermost node, at one price per node.
    ///
    /// A node without a price is not looked at.
    pub(crate) fn sums(&mut self, prices: &[Option<MoneyPrice>]) -> (Vec<f64>, Vec<f64>) {
        let n = self.tree.nodes.len();
        let (mut sums, mut falls) = (vec![0.0; n], vec![0.0; n]);
        let arch = self.arch;
        let asked = self.each_lot(|lot| {
            let asked = lot.respond(arch, prices[lot.node]?);
            Some((lot.node, asked.spend + lot.costs, asked.fall))
        });
        for (node, spend, fall) in asked.into_iter().flatten() {
            sums[node] += spend;
            falls[node] += fall;
        }
        let part = |seats: &[u32]| {
            let (mut sums, mut falls) = (vec![0.0; n], vec![0.0; n]);
            for &i in seats {
                let home = self.tree.home[i as usize] as usize;
                if let Some(price) = prices[home] {
                    let answer = self.market.answer(i as usize, price, false);
                    sums[home] += answer.budget;
                    falls[home] += answer.fall;
                }
            }
            (sums, falls)
        };
        for (part_sums, part_falls) in self.each_part(part) {
            for j in 0..n {
                sums[j] += part_sums[j];
                falls[j] += part_falls[j];
            }
        }
        (sums, falls)
    }

    /// The answers at the prices found for each node.
    pub(crate) fn answers(&mut self, settled: &[Settled]) -> Answers {
        let prices: Vec<[MoneyPrice; 3]> =
            settled.iter().map(|s| [s.more, s.less, s.price].map(MoneyPrice::new)).collect();
        let (arch, market) = (self.arch, self.market);
        let worth = self.each_lot(|lot| lot.worth(arch, prices[lot.node][2]));
        let mut worth: f64 = worth.iter().sum();
        let mut more = vec![0.0; market.seats.len()];
        self.lots.iter().for_each(|lot| lot.write(market, &mut more));
        let mut less = more.clone();
        for (side, budgets) in [&mut more, &mut less].into_iter().enumerate() {
            for lot in &mut self.lots {
                let [price, other] = [prices[lot.node][2], prices[lot.node][side]];
                if price != other {
                    lot.respond(arch, other);
                    lot.write(market, budgets);
                }
            }
        }
        let part = |seats: &[u32]| {
            let mut worth = 0.0;
            let answer = |&i: &u32| {
                let i = i as usize;
                let [more, less, price] = prices[self.tree.home[i] as usize];
                let at = market.answer(i, price, true);
                worth += at.worth;
                let side = |other: MoneyPrice| {
                    if other == price { at.budget } else { market.answer(i, other, false).budget }
                };
                (i, side(more), side(less))
            };
            let answers: Vec<(usize, f64, f64)> = seats.iter().map(answer).collect();
            (worth, answers)
        };
        for (part, answers) in self.each_part(part) {
            worth += part;
            for (i, at_more, at_less) in answers {
                more[i] = at_more;
                less[i] = at_less;
            }
        }
        Answers { worth, more, less }
    }

    /// One result of each lot, in their order; in parallel where they are large.
    fn each_lot<T: Send>(&mut self, task: impl Fn(&mut Lot) -> T + Sync + Send) -> Vec<T> {
        if self.market.seats.len() <= CHUNK {
            self.lots.iter_mut().map(task).collect()
        } else {
            self.lots.par_iter_mut().map(task).collect()
        }
    }

    /// One result of each part of the other segments, in their order.
    fn each_part<T: Send>(&self, task: impl Fn(&[u32]) -> T + Sync + Send) -> Vec<T> {
        if self.rest.len() <= CHUNK {
            let all = (!self.rest.is_empty()).then(|| task(&self.rest));
            all.into_iter().collect()
        } else {
            self.rest.par_chunks(CHUNK).map(task).collect()
        }
    }
}

/// The form whose columns a segment may stand in: it has no choice of being off, and its curve is
/// concave wherever its money may be.
fn form(seat: &Seat, domain: &Domain) -> Option<usize> {
    if domain.off && domain.on {
        return None;
    }
    let form = match &seat.curve {
        Curve::Exponential { .. } => 0,
        Curve::Exposure { .. } => 1,
        Curve::Hill(_) => 2,
        Curve::Power(_) | Curve::Points(_) | Curve::Table(_) => return None,
    };
    let concave = form < 2
        || !domain.on
        || seat.curve.concave_from().is_some_and(|from| from + seat.fixed_cost <= domain.low);
    concave.then_some(form)
}
