//! All segments of a market asked at once: concave closed forms side by side in columns, the
//! others one by one.

use pulp::Arch;
use rayon::prelude::*;

use super::pricing_problem::{Domain, PricingProblem, Settled};
use super::tree::Tree;
use crate::allocate::problem::Variable;
use crate::response::columns::{Asked, Columns, LANES};
use crate::response::curve::{Curve, MoneyPrice};

/// Segments are summed in parts of at most this size, in a fixed order, so that sums do not
/// depend on the number of threads.
const CHUNK: usize = 16_384;

/// Segments of one innermost rule and one form of curve: they share a price.
struct Lot {
    node: usize,
    variables: Vec<u32>,
    /// Fixed costs of those that are on.
    costs: f64,
    columns: Columns,
    /// The last price, and what it was answered with.
    last: Option<(f64, Asked)>,
}

impl Lot {
    fn new(node: usize, columns: Columns) -> Self {
        Self { node, variables: Vec::new(), costs: 0.0, columns, last: None }
    }

    fn push(&mut self, i: usize, variable: &Variable, domain: &Domain) {
        let cost = if domain.on { variable.fixed_cost } else { 0.0 };
        let bounds = if domain.on { (domain.low - cost, domain.high - cost) } else { (0.0, 0.0) };
        self.variables.push(i as u32);
        self.costs += cost;
        self.columns.push(&variable.curve, bounds.0, bounds.1);
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
    fn write(&self, pricing_problem: PricingProblem<'_>, budgets: &mut [f64]) {
        let spends = self.variables.iter().zip(self.columns.spends());
        if self.costs == 0.0 {
            spends.for_each(|(&i, spend)| budgets[i as usize] = *spend);
            return;
        }
        for (&i, spend) in spends {
            let i = i as usize;
            let cost = if pricing_problem.domains[i].on {
                pricing_problem.variables[i].fixed_cost
            } else {
                0.0
            };
            budgets[i] = spend + cost;
        }
    }
}

/// The segments of a market.
pub(crate) struct CurveColumns<'a> {
    tree: &'a Tree,
    pricing_problem: PricingProblem<'a>,
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

impl<'a> CurveColumns<'a> {
    pub(crate) fn new(tree: &'a Tree, pricing_problem: PricingProblem<'a>) -> Self {
        let mut curve_columns =
            Self { tree, pricing_problem, arch: Arch::new(), lots: Vec::new(), rest: Vec::new() };
        let mut members = vec![0_usize; tree.nodes.len()];
        for home in &tree.home {
            members[*home as usize] += 1;
        }
        let mut open = vec![[None; 3]; tree.nodes.len()];
        for (i, (variable, domain)) in
            pricing_problem.variables.iter().zip(pricing_problem.domains).enumerate()
        {
            let node = tree.home[i] as usize;
            let form = form(variable, domain)
                .filter(|_| members[node] >= LANES && pricing_problem.extra.is_none());
            let Some(form) = form else {
                curve_columns.rest.push(i as u32);
                continue;
            };
            let full = |lot: &usize| curve_columns.lots[*lot].columns.len() < CHUNK;
            let lot = if let Some(lot) = open[node][form].filter(full) {
                lot
            } else {
                let Some(mut columns) = Columns::like(&variable.curve) else { continue };
                columns.reserve(members[node].min(CHUNK));
                curve_columns.lots.push(Lot::new(node, columns));
                curve_columns.lots.len() - 1
            };
            open[node][form] = Some(lot);
            curve_columns.lots[lot].push(i, variable, domain);
        }
        curve_columns
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
        let part = |variables: &[u32]| {
            let (mut sums, mut falls) = (vec![0.0; n], vec![0.0; n]);
            for &i in variables {
                let home = self.tree.home[i as usize] as usize;
                if let Some(price) = prices[home] {
                    let answer = self.pricing_problem.answer(i as usize, price, false);
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
        let (arch, pricing_problem) = (self.arch, self.pricing_problem);
        let worth = self.each_lot(|lot| lot.worth(arch, prices[lot.node][2]));
        let mut worth: f64 = worth.iter().sum();
        let mut more = vec![0.0; pricing_problem.variables.len()];
        self.lots.iter().for_each(|lot| lot.write(pricing_problem, &mut more));
        let mut less = more.clone();
        for (side, budgets) in [&mut more, &mut less].into_iter().enumerate() {
            for lot in &mut self.lots {
                let [price, other] = [prices[lot.node][2], prices[lot.node][side]];
                if price != other {
                    lot.respond(arch, other);
                    lot.write(pricing_problem, budgets);
                }
            }
        }
        let part = |variables: &[u32]| {
            let mut worth = 0.0;
            let answer = |&i: &u32| {
                let i = i as usize;
                let [more, less, price] = prices[self.tree.home[i] as usize];
                let at = pricing_problem.answer(i, price, true);
                worth += at.worth;
                let side = |other: MoneyPrice| {
                    if other == price {
                        at.budget
                    } else {
                        pricing_problem.answer(i, other, false).budget
                    }
                };
                (i, side(more), side(less))
            };
            let answers: Vec<(usize, f64, f64)> = variables.iter().map(answer).collect();
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
        if self.pricing_problem.variables.len() <= CHUNK {
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
fn form(variable: &Variable, domain: &Domain) -> Option<usize> {
    if domain.off && domain.on {
        return None;
    }
    let form = match &variable.curve {
        Curve::Exponential { .. } => 0,
        Curve::Exposure { .. } => 1,
        Curve::Hill(_) => 2,
        Curve::Power(_) | Curve::Points(_) | Curve::Table(_) => return None,
    };
    let concave = form < 2
        || !domain.on
        || variable
            .curve
            .concave_from()
            .is_some_and(|from| from + variable.fixed_cost <= domain.low);
    concave.then_some(form)
}
