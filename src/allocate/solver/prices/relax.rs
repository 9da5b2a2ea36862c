//! Prices for the total and the nested rules: each found exactly, by its own root.
//!
//! For any prices the answers of the segments bound every plan from above (weak duality); at the
//! right prices they are, or nearly are, a plan.

use super::curve_columns::CurveColumns;
use super::pricing_problem::{Domain, PricingProblem, Settled};
use super::tree::{Node, Tree};
use crate::allocate::problem::{Problem, Variable};
use crate::response::curve::MoneyPrice;

/// The tree's prices and the segments' answers.
#[derive(Debug, Clone)]
pub(crate) struct Relaxed {
    /// Upper bound on the value of every plan (prices outside the tree at their limits not
    /// included).
    pub(crate) bound: f64,
    /// Answers at a price just below and just above the right one.
    pub(crate) more: Vec<f64>,
    pub(crate) less: Vec<f64>,
    /// Share of `more` in the combination that keeps the rules, by tree node.
    pub(crate) mix: Vec<f64>,
    /// Price of money inside each tree node.
    pub(crate) price: Vec<f64>,
}

impl Relaxed {
    /// The combination of answers that keeps the tree's rules.
    pub(crate) fn combination(&self, tree: &Tree) -> Vec<f64> {
        (0..self.more.len())
            .map(|i| {
                if self.more[i] == self.less[i] {
                    return self.more[i];
                }
                let mix = self.mix[tree.home[i] as usize];
                mix * self.more[i] + (1.0 - mix) * self.less[i]
            })
            .collect()
    }
}

/// Relative width at which the bracket of a price counts as one price: the bound's relative
/// error is of this order.
const PRICE_WIDTH: f64 = 1e-13;

/// Relative error of the money at which a price counts as found; rounding takes care of the rest.
const MONEY_ERROR: f64 = 1e-12;

/// A search for the price of one tree node.
#[derive(Debug, Clone, Copy)]
struct Search {
    node: usize,
    target: f64,
    /// The whole budget, against which small targets are judged.
    scale: f64,
    /// A price at which more than the target is asked for, and how much.
    more: Option<(f64, f64)>,
    /// A price at which less is asked for.
    less: Option<(f64, f64)>,
    /// The price to try now.
    now: f64,
    /// Steps since the bracket last halved.
    slow: u32,
    width: f64,
    done: bool,
}

/// Finds the tree's prices in one market.
///
/// `start` is a price to start from. `None` when no answers can keep the tree's limits.
pub(crate) fn relax(
    problem: &Problem,
    tree: &Tree,
    pricing_problem: PricingProblem<'_>,
    start: Option<f64>,
) -> Option<Relaxed> {
    let reach = Reach::new(tree, pricing_problem)?;
    let mut settled: Vec<Option<Settled>> = vec![None; tree.nodes.len()];
    let mut curve_columns = CurveColumns::new(tree, pricing_problem);
    settle_total(problem, tree, pricing_problem, &mut curve_columns, &reach, start, &mut settled);
    settle_below(tree, &mut curve_columns, &mut settled);
    Some(collect(tree, &mut curve_columns, &settled))
}

/// The least and the most that the segments of each node can take.
struct Reach {
    most: Vec<f64>,
}

impl Reach {
    fn new(tree: &Tree, pricing_problem: PricingProblem<'_>) -> Option<Self> {
        let mut least = vec![0.0; tree.nodes.len()];
        let mut most = vec![0.0; tree.nodes.len()];
        for (domain, home) in pricing_problem.domains.iter().zip(&tree.home) {
            let home = *home as usize;
            if domain.on {
                most[home] += domain.high;
                if !domain.off {
                    least[home] += domain.low;
                }
            }
        }
        for n in (0..tree.nodes.len()).rev() {
            let node = &tree.nodes[n];
            // Minimums that add up to the budget do so but for the last digit.
            let limit = if node.high.is_finite() { node.high } else { node.low };
            let slack = 1e-9 * limit.abs().max(1e-9);
            if least[n] > node.high + slack || most[n] < node.low - slack {
                return None;
            }
            if n > 0 {
                least[node.parent] += least[n].max(node.low).min(node.high);
                most[node.parent] += most[n].min(node.high).max(node.low);
            }
        }
        Some(Self { most })
    }
}

/// Sum of falls below each node, where the limits let money move.
fn roll_up_falls(tree: &Tree, sums: &[f64], own: &[f64]) -> Vec<f64> {
    let mut falls = own.to_vec();
    for n in (1..tree.nodes.len()).rev() {
        let node = &tree.nodes[n];
        if sums[n] > node.low && sums[n] < node.high {
            falls[node.parent] += falls[n];
        }
    }
    falls
}

fn settle_total(
    problem: &Problem,
    tree: &Tree,
    pricing_problem: PricingProblem<'_>,
    curve_columns: &mut CurveColumns<'_>,
    reach: &Reach,
    start: Option<f64>,
    settled: &mut [Option<Settled>],
) {
    let root = &tree.nodes[0];
    if !problem.spend_all {
        let free = MoneyPrice::new(0.0);
        let (own, _) = curve_columns.sums(&vec![Some(free); tree.nodes.len()]);
        let asked = tree.roll_up(&own)[0];
        if asked <= root.high {
            settled[0] = Some(Settled { more: 0.0, less: 0.0, mix: 1.0, price: 0.0 });
            return;
        }
    }
    let start = start.filter(|price| *price > 0.0).unwrap_or_else(|| {
        let first = first_price(
            pricing_problem,
            root.high / reach.most[0].max(root.high).max(f64::MIN_POSITIVE),
        );
        price_of_sample(pricing_problem, root.high, first).unwrap_or(first)
    });
    search(tree, curve_columns, vec![Search::new(0, root.high, start, root.high)], settled);
}

/// A price of the right order: the mean slope of some segments, each given the same share of
/// what it can take.
fn first_price(pricing_problem: PricingProblem<'_>, share: f64) -> f64 {
    let n = pricing_problem.variables.len();
    let every = n.div_ceil(64).max(1);
    let mut slopes: Vec<f64> = (0..n)
        .step_by(every)
        .filter(|&i| pricing_problem.domains[i].on && pricing_problem.domains[i].high > 0.0)
        .map(|i| pricing_problem.variables[i].slope(share * pricing_problem.domains[i].high))
        .filter(|slope| slope.is_finite() && *slope > 0.0)
        .collect();
    if slopes.is_empty() {
        return 1.0;
    }
    slopes.sort_by(f64::total_cmp);
    slopes[slopes.len() / 2]
}

/// Segments in the sample of a large market, about.
const SAMPLE: usize = 512;

/// The price at which a sample of the segments asks for its part of the money: a few per cent
/// from the right one, for a small part of the work. `None` in small markets.
fn price_of_sample(pricing_problem: PricingProblem<'_>, money: f64, first: f64) -> Option<f64> {
    let n = pricing_problem.variables.len();
    let every = n / SAMPLE;
    if every < 3 || pricing_problem.extra.is_some() {
        return None;
    }
    // Each a little further within its stretch, so that a regular order of groups is not met.
    let picked = (0..n / every).map(|k| k * every + k * 7 % every);
    let (variables, domains): (Vec<Variable>, Vec<Domain>) =
        picked.map(|i| (pricing_problem.variables[i].clone(), pricing_problem.domains[i])).unzip();
    let room = |domains: &[Domain]| {
        let on = domains.iter().filter(|domain| domain.on);
        on.fold((0.0, 0.0), |(low, free), domain| {
            let least = if domain.off { 0.0 } else { domain.low };
            (low + least, free + domain.high - least)
        })
    };
    let ((least, free), (own_least, own_free)) = (room(pricing_problem.domains), room(&domains));
    let target = own_least + (money - least).max(0.0) * own_free / free;
    if !(target > 0.0 && target.is_finite()) {
        return None;
    }
    let total = Node { parent: 0, low: 0.0, high: target, rule: None };
    let tree = Tree { nodes: vec![total], home: vec![0; variables.len()], crossing: Vec::new() };
    let sample = PricingProblem { variables: &variables, domains: &domains, extra: None };
    let mut settled = vec![None];
    // Judged against so much money, a hundredth of a per cent of the target is near enough.
    let rough = Search::new(0, target, first, 1e10 * target);
    search(&tree, &mut CurveColumns::new(&tree, sample), vec![rough], &mut settled);
    settled[0].map(|settled: Settled| settled.price).filter(|price| *price > 0.0)
}

/// Goes down the tree: where a node's limits cut what its segments ask for at the price outside,
/// it gets a price of its own.
fn settle_below(
    tree: &Tree,
    curve_columns: &mut CurveColumns<'_>,
    settled: &mut [Option<Settled>],
) {
    let n = tree.nodes.len();
    while settled.iter().any(Option::is_none) {
        // What is asked for below, at the prices of the nearest settled node.
        let outer: Vec<usize> = (0..n)
            .scan(vec![0; n], |outer: &mut Vec<usize>, node| {
                outer[node] =
                    if settled[node].is_some() { node } else { outer[tree.nodes[node].parent] };
                Some(outer[node])
            })
            .collect();
        let open: Vec<bool> = (0..n).map(|node| settled[node].is_none()).collect();
        let mut asked = |side: fn(&Settled) -> f64| {
            let prices: Vec<Option<MoneyPrice>> = (0..n)
                .map(|node| {
                    open[node]
                        .then(|| MoneyPrice::new(settled[outer[node]].as_ref().map_or(0.0, side)))
                })
                .collect();
            tree.roll_up(&curve_columns.sums(&prices).0)
        };
        let more = asked(|s| s.more);
        let one_price = settled.iter().flatten().all(|s| s.more == s.less);
        let less = if one_price { more.clone() } else { asked(|s| s.less) };
        let mut searches = Vec::new();
        for node in 1..n {
            let limits = &tree.nodes[node];
            let Some(above) = settled[limits.parent].filter(|_| open[node]) else { continue };
            let cut = |asked: f64| asked.clamp(limits.low, limits.high);
            if cut(more[node]) == more[node] && cut(less[node]) == less[node] {
                settled[node] = Some(above);
                continue;
            }
            let target = above.mix * cut(more[node]) + (1.0 - above.mix) * cut(less[node]);
            searches.push(Search::new(node, target, above.price, tree.nodes[0].high));
        }
        search(tree, curve_columns, searches, settled);
        for node in 1..n {
            lean_on_real_limits(tree, node, settled);
        }
    }
}

/// A price that would push on a limit that does not exist (a rounding error of the search)
/// becomes the price outside.
fn lean_on_real_limits(tree: &Tree, node: usize, settled: &mut [Option<Settled>]) {
    let limits = &tree.nodes[node];
    let Some(outside) = settled[limits.parent].map(|outer| outer.price) else { return };
    if let Some(own) = &mut settled[node]
        && ((own.price > outside && limits.high.is_infinite())
            || (own.price < outside && limits.low.is_infinite()))
    {
        own.price = outside;
    }
}

/// Runs several searches side by side: each pass over the segments serves all of them.
fn search(
    tree: &Tree,
    curve_columns: &mut CurveColumns<'_>,
    mut searches: Vec<Search>,
    settled: &mut [Option<Settled>],
) {
    let n = tree.nodes.len();
    // The search that each node's segments take part in.
    let mut of_node: Vec<Option<usize>> = vec![None; n];
    for (s, search) in searches.iter().enumerate() {
        of_node[search.node] = Some(s);
    }
    for node in 1..n {
        if of_node[node].is_none() && settled[node].is_none() {
            of_node[node] = of_node[tree.nodes[node].parent];
        }
    }
    while searches.iter().any(|search| !search.done) {
        let prices: Vec<Option<MoneyPrice>> = of_node
            .iter()
            .map(|s| s.map(|s| &searches[s]).filter(|s| !s.done))
            .map(|search| search.map(|search| MoneyPrice::new(search.now)))
            .collect();
        let (own, own_falls) = curve_columns.sums(&prices);
        let sums = tree.roll_up(&own);
        let falls = roll_up_falls(tree, &sums, &own_falls);
        for search in searches.iter_mut().filter(|search| !search.done) {
            search.learn(sums[search.node], falls[search.node]);
        }
    }
    for search in &searches {
        settled[search.node] = Some(search.settle());
    }
}

impl Search {
    fn new(node: usize, target: f64, start: f64, scale: f64) -> Self {
        Self {
            node,
            target,
            scale,
            more: None,
            less: None,
            now: start,
            slow: 0,
            width: f64::INFINITY,
            done: false,
        }
    }

    /// Takes in what is asked for at the price tried, and chooses the next price.
    fn learn(&mut self, asked: f64, fall: f64) {
        let error = asked - self.target;
        if error.abs() <= MONEY_ERROR * self.target.abs().max(0.01 * self.scale) {
            self.more = Some((self.now, asked));
            self.less = self.more;
            self.done = true;
            return;
        }
        if error > 0.0 {
            self.more = Some((self.now, asked));
        } else {
            self.less = Some((self.now, asked));
        }
        let step = newton(self.now, error, fall);
        self.now = match (self.more, self.less) {
            (Some((more, _)), Some((less, _))) => {
                if less - more <= PRICE_WIDTH * (less.abs() + more.abs()) {
                    self.done = true;
                    return;
                }
                self.narrow(step, more, less)
            }
            (Some((more, _)), None) => raise(more, step),
            (None, Some((less, _))) => lower(less, step),
            (None, None) => self.now,
        };
        let stuck = [self.more, self.less].iter().flatten().any(|(price, _)| *price == self.now);
        self.done = stuck || !self.now.is_finite();
    }

    /// Newton's price when it lies well inside the bracket, else the middle.
    fn narrow(&mut self, step: f64, more: f64, less: f64) -> f64 {
        let width = less - more;
        self.slow = if width <= 0.5 * self.width { 0 } else { self.slow + 1 };
        self.width = self.width.min(width);
        if self.slow < 3 && step > more && step < less {
            return step;
        }
        self.slow = 0;
        self.width = width;
        if more > 0.0 && less > 4.0 * more { (more * less).sqrt() } else { 0.5 * (more + less) }
    }

    fn settle(&self) -> Settled {
        let more = self.more.or(self.less).map_or((self.now, self.target), |side| side);
        let less = self.less.unwrap_or(more);
        let spread = more.1 - less.1;
        let mix =
            if spread > 0.0 { ((self.target - less.1) / spread).clamp(0.0, 1.0) } else { 1.0 };
        let price = if mix >= 0.5 { more.0 } else { less.0 };
        Settled { more: more.0, less: less.0, mix, price }
    }
}

/// Newton's step on the logarithm of a positive price, else on the price.
fn newton(price: f64, error: f64, fall: f64) -> f64 {
    if fall <= 0.0 {
        return f64::NAN;
    }
    if price > 0.0 {
        price * (error / (price * fall)).clamp(-3.0, 3.0).exp()
    } else {
        price + error / fall
    }
}

/// A higher price: Newton's, but not much further at once.
fn raise(price: f64, step: f64) -> f64 {
    if price > 0.0 {
        let far = price * 8.0;
        return if step > price { step.min(far) } else { far };
    }
    if price < -1e-12 {
        price / 8.0
    } else if price < 0.0 {
        0.0
    } else {
        1e-12
    }
}

/// A lower price; below the smallest positive ones comes 0, and then money must be pushed out.
fn lower(price: f64, step: f64) -> f64 {
    if price > 1e-290 {
        let far = price / 64.0;
        return if step < price && step > 0.0 { step.max(far) } else { far };
    }
    if price > 0.0 {
        0.0
    } else if price == 0.0 {
        -1e-6
    } else {
        price * 8.0
    }
}

fn collect(
    tree: &Tree,
    curve_columns: &mut CurveColumns<'_>,
    settled: &[Option<Settled>],
) -> Relaxed {
    let settled: Vec<Settled> =
        settled.iter().map(|s| s.expect("every node of the tree is settled")).collect();
    let answers = curve_columns.answers(&settled);
    Relaxed {
        bound: limits_worth(tree, &settled) + answers.worth,
        more: answers.more,
        less: answers.less,
        mix: settled.iter().map(|s| s.mix).collect(),
        price: settled.iter().map(|s| s.price).collect(),
    }
}

/// What the limits are worth at the prices: each node's own price times the limit it pushes on.
fn limits_worth(tree: &Tree, settled: &[Settled]) -> f64 {
    let mut worth = 0.0;
    for (n, node) in tree.nodes.iter().enumerate() {
        let outside = if n == 0 { 0.0 } else { settled[node.parent].price };
        let own = settled[n].price - outside;
        if own != 0.0 {
            worth += own * if own > 0.0 { node.high } else { node.low };
        }
    }
    worth
}
