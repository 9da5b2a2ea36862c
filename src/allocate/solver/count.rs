//! How many of some segments lie on the concave part of their curves: a count to branch on.
//!
//! A relaxation funds 7.4 of 60 segments that are alike, or nearly so, and no choice of one of
//! them changes that: any other takes its place. What ends it is the count itself, at most 7 or at
//! least 8 of a cluster, whatever groups they stand in: a row of its own among the rules, with its
//! price. A segment is *raised* where it is on (with an on/off rule) or, on an S-curve, at or beyond
//! the point where that turns concave.
//!
//! A second kind of row holds in every best plan: of segments that stand in the same rules at most
//! one lies strictly within its convex foot. Were there two, a unit of money moved from one to the
//! other, or back, would lose nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::prices::pricing_problem::Domain;
use super::prices::tree::Tree;
use crate::allocate::problem::{Problem, Variable};
use crate::response::curve::{Curve, MoneyPrice};

/// Segments of one cluster have efficient budgets, and values there, within so much of each other;
/// or the ends of their windows, whatever they bring.
const ALIKE: f64 = 0.15;
/// A window is counted where its most is no more than so many times its least: wider ones make
/// nearly every sum, whatever their number.
const NARROW: f64 = 3.0;
/// Fewer segments are no cluster.
const FEWEST: usize = 3;
/// Most rows of either kind.
const MOST_ROWS: usize = 16;
/// Beyond so many segments nobody counts.
const MOST_SEATS: usize = 300;

/// One segment's part in the counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spot {
    /// Its cluster.
    pub(crate) cluster: Option<u32>,
    /// Its class of those that stand in the same rules, where it has a convex foot.
    pub(crate) class: Option<u32>,
    /// Least budget of those that are on.
    pub(crate) low: f64,
    /// Budget from which it is raised.
    pub(crate) turn: f64,
}

impl Spot {
    /// Whether being on is being raised.
    fn is_switch(&self) -> bool {
        self.turn <= self.low
    }
}

/// Clusters of segments that are nearly alike, and classes that stand in the same rules.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Clusters {
    pub(crate) spots: Vec<Option<Spot>>,
    /// Members of each cluster.
    pub(crate) sizes: Vec<usize>,
    pub(crate) classes: usize,
}

/// The counts of one node of the search.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Counts {
    pub(crate) clusters: Arc<Clusters>,
    /// Least and most raised segments of each cluster.
    pub(crate) limits: Vec<(f64, f64)>,
}

/// What makes segments one cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Likeness {
    /// Their efficient budgets, and what they bring there.
    Worth,
    /// The least and the most they take once they are on: so many of them make only certain sums,
    /// however unlike their curves are.
    Window,
    /// Their worth, among those of one innermost group.
    WorthInGroup,
    /// Their window, among those of one innermost group.
    WindowInGroup,
}

impl Likeness {
    pub(crate) const ALL: [Self; 4] =
        [Self::Worth, Self::Window, Self::WorthInGroup, Self::WindowInGroup];

    fn is_window(self) -> bool {
        matches!(self, Self::Window | Self::WindowInGroup)
    }

    fn in_group(self) -> bool {
        matches!(self, Self::WorthInGroup | Self::WindowInGroup)
    }
}

impl Clusters {
    /// Looks for clusters; `None` where there are none, or where a rule on change or on the cost
    /// per action has a say.
    pub(crate) fn new(
        problem: &Problem,
        tree: &Tree,
        domains: &[Domain],
        likeness: Likeness,
    ) -> Option<Arc<Self>> {
        let n = problem.variables.len();
        if n > MOST_SEATS || problem.change.is_some() || problem.cost_per_action.is_some() {
            return None;
        }
        let mut spots: Vec<Option<Spot>> = problem
            .variables
            .iter()
            .zip(domains)
            .map(|(variable, domain)| spot(variable, domain))
            .collect();
        let sizes = cluster(problem, tree, domains, likeness, &mut spots);
        // Where most segments are unlike each other, single ones are what to branch on.
        if 2 * sizes.iter().sum::<usize>() < spots.iter().flatten().count() || sizes.is_empty() {
            return None;
        }
        let classes = classify(problem, tree, &mut spots);
        for spot in &mut spots {
            if spot.is_some_and(|spot| spot.cluster.is_none() && spot.class.is_none()) {
                *spot = None;
            }
        }
        Some(Arc::new(Self { spots, sizes, classes }))
    }
}

impl Counts {
    /// No count asked for yet.
    pub(crate) fn open(clusters: Arc<Clusters>) -> Self {
        let limits = clusters.sizes.iter().map(|size| (0.0, *size as f64)).collect();
        Self { clusters, limits }
    }

    /// Rows: one per cluster, then one per class.
    pub(crate) fn rows(&self) -> usize {
        self.limits.len() + self.clusters.classes
    }

    /// Limits of a row, and which of them are rules.
    pub(crate) fn row(&self, row: usize) -> ((f64, f64), (bool, bool)) {
        match self.limits.get(row) {
            Some(&(low, high)) => {
                let size = self.clusters.sizes[row] as f64;
                let real = (low > 0.0, high < size);
                let beyond = |real: bool| if real { 0.0 } else { 1.0 };
                ((low - beyond(real.0), high + beyond(real.1)), real)
            }
            None => ((-1.0, 1.0), (false, true)),
        }
    }

    pub(crate) fn spot(&self, i: usize) -> Option<&Spot> {
        self.clusters.spots[i].as_ref()
    }

    /// Rows of a segment: its cluster's and its class's.
    pub(crate) fn rows_of(&self, spot: &Spot) -> [Option<usize>; 2] {
        let cluster = spot.cluster.map(|cluster| cluster as usize);
        [cluster, spot.class.map(|class| self.limits.len() + class as usize)]
    }

    /// Whether so many segments can be on for the money there is, and take all of it.
    pub(crate) fn is_payable(&self, problem: &Problem, domains: &[Domain]) -> bool {
        let (mut least, mut most) = (0.0, 0.0);
        // Of each cluster: those that are on anyway, and the ends of those that may be.
        let mut must = vec![0; self.limits.len()];
        let mut may: Vec<[Vec<f64>; 2]> = vec![Default::default(); self.limits.len()];
        for (spot, domain) in self.clusters.spots.iter().zip(domains).filter(|pair| pair.1.on) {
            let cluster = spot.as_ref().filter(|spot| spot.is_switch()).and_then(|s| s.cluster);
            match cluster.map(|k| k as usize) {
                Some(k) if domain.off => {
                    may[k][0].push(domain.low);
                    may[k][1].push(domain.high);
                    continue;
                }
                Some(k) => must[k] += 1,
                None => {}
            }
            least += if domain.off { 0.0 } else { domain.low };
            most += domain.high;
        }
        for ((limits, must), [mut lows, mut highs]) in self.limits.iter().zip(must).zip(may) {
            lows.sort_by(f64::total_cmp);
            highs.sort_by(|a, b| b.total_cmp(a));
            let more = |count: f64| (count - f64::from(must)).max(0.0) as usize;
            least += lows.iter().take(more(limits.0)).sum::<f64>();
            most += highs.iter().take(more(limits.1)).sum::<f64>();
        }
        let (budget, slack) = (problem.budget(), 1e-9 * problem.budget());
        least <= budget + slack && (!problem.spend_all || most >= budget - slack)
    }

    /// Whether the domains leave room for every count.
    pub(crate) fn within_reach(&self, domains: &[Domain]) -> bool {
        let mut reach = vec![(0.0, 0.0); self.limits.len()];
        for (spot, domain) in self.clusters.spots.iter().zip(domains) {
            let Some(spot) = spot else { continue };
            let Some(cluster) = spot.cluster else { continue };
            let reach = &mut reach[cluster as usize];
            if domain.on && domain.high >= spot.turn {
                reach.1 += 1.0;
                if !domain.off && domain.low >= spot.turn {
                    reach.0 += 1.0;
                }
            }
        }
        self.limits
            .iter()
            .zip(reach)
            .all(|((low, high), (least, most))| least <= *high && most >= *low)
    }

    /// The two parts of a node whose relaxation raises a fractional number: the most fractional cluster.
    pub(crate) fn split(&self, uses: &[f64]) -> Option<[Self; 2]> {
        let fractional = |(k, used): (usize, &f64)| (k, (used - used.round()).abs());
        let (k, apart) = uses[..self.limits.len()]
            .iter()
            .enumerate()
            .map(fractional)
            .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))?;
        if apart < WHOLE {
            return None;
        }
        let with = |limits: (f64, f64)| {
            let mut counts = self.clone();
            counts.limits[k] = limits;
            counts
        };
        let (low, high) = self.limits[k];
        let below = uses[k].floor().clamp(low, high);
        (below < high).then(|| [with((low, below)), with((below + 1.0, high))])
    }
}

/// A count this near a whole number is one.
const WHOLE: f64 = 1e-4;

/// Where a segment with a choice is raised.
fn spot(variable: &Variable, domain: &Domain) -> Option<Spot> {
    if !domain.on || domain.high <= 0.0 {
        return None;
    }
    let turn = match &variable.curve {
        Curve::Power(power) if power.exponent > 1.0 => domain.high,
        curve => curve.concave_from()? + variable.fixed_cost,
    };
    let spot = |turn| Some(Spot { cluster: None, class: None, low: domain.low, turn });
    if turn > domain.low && turn <= domain.high {
        spot(turn)
    } else if domain.off && turn <= domain.low {
        spot(domain.low)
    } else {
        None
    }
}

/// The budget at which a segment brings most per unit of money, and what it brings.
fn efficient(variable: &Variable, domain: &Domain, spot: &Spot) -> (f64, f64) {
    let cost = variable.fixed_cost;
    let top = |price: f64| {
        let from = spot.turn.max(domain.low) - cost;
        variable.curve.respond(MoneyPrice::new(price), from, domain.high - cost).spend + cost
    };
    let nothing = variable.value(0.0);
    let mut budget = domain.high;
    // The price at which it just pays: Dinkelbach's iteration.
    for _ in 0..30 {
        let next = top((variable.value(budget) - nothing) / budget);
        if (next - budget).abs() <= 1e-9 * budget {
            break;
        }
        budget = next;
    }
    (budget, variable.value(budget) - nothing)
}

/// Puts segments into clusters, the largest first; gives their sizes.
fn cluster(
    problem: &Problem,
    tree: &Tree,
    domains: &[Domain],
    likeness: Likeness,
    spots: &mut [Option<Spot>],
) -> Vec<usize> {
    let mut order: Vec<(f64, f64, usize)> = Vec::new();
    for (i, spot) in spots.iter().enumerate() {
        if let Some(spot) = spot {
            let domain = &domains[i];
            let (budget, value) = if likeness.is_window() {
                let most = domain.high.min(problem.budget());
                if !spot.is_switch() || most > NARROW * domain.low {
                    continue;
                }
                (domain.low, most)
            } else {
                efficient(&problem.variables[i], domain, spot)
            };
            if budget > 0.0 && value > 0.0 {
                order.push((budget, value, i));
            }
        }
    }
    order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
    let mut clusters: Vec<Vec<usize>> = Vec::new();
    let mut left = order;
    while let Some(&(budget, value, first)) = left.first() {
        let near = |(b, v, i): &(f64, f64, usize)| {
            let together = !likeness.in_group() || tree.home[*i] == tree.home[first];
            together && *b <= budget * (1.0 + ALIKE) && (v / value - 1.0).abs() <= ALIKE
        };
        let (own, rest): (Vec<_>, Vec<_>) = left.into_iter().partition(near);
        clusters.push(own.into_iter().map(|(_, _, i)| i).collect());
        left = rest;
    }
    clusters.retain(|members| members.len() >= FEWEST);
    clusters.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
    clusters.truncate(MOST_ROWS);
    for (k, members) in clusters.iter().enumerate() {
        for &i in members {
            if let Some(spot) = &mut spots[i] {
                spot.cluster = Some(k as u32);
            }
        }
    }
    clusters.iter().map(Vec::len).collect()
}

/// Puts segments with a convex foot that stand in the same rules into classes; gives their number.
fn classify(problem: &Problem, tree: &Tree, spots: &mut [Option<Spot>]) -> usize {
    let mut parts: Vec<Vec<u64>> = tree.home.iter().map(|home| vec![u64::from(*home)]).collect();
    for &rule in &tree.crossing {
        for term in problem.rules[rule].terms.iter().filter(|term| term.per_money != 0.0) {
            parts[term.variable as usize].extend([rule as u64, term.per_money.to_bits()]);
        }
    }
    let mut classes: BTreeMap<Vec<u64>, Vec<usize>> = BTreeMap::new();
    for (i, part) in parts.into_iter().enumerate() {
        if spots[i].is_some_and(|spot| spot.turn > spot.low) {
            classes.entry(part).or_default().push(i);
        }
    }
    let mut classes: Vec<Vec<usize>> =
        classes.into_values().filter(|members| members.len() > 1).collect();
    classes.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
    classes.truncate(MOST_ROWS);
    for (k, members) in classes.iter().enumerate() {
        for &i in members {
            if let Some(spot) = &mut spots[i] {
                spot.class = Some(k as u32);
            }
        }
    }
    classes.len()
}
