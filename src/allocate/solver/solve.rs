//! The whole way from a problem to a rounded plan with its proof.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::conflict::{Conflict, conflict};
use super::divide::row_prices;
use super::prices::coupling::{CrossingRule, CrossingRules, MANY, Priced};
use super::prices::tree::Tree;
use super::rounding::exchange::LOST;
use super::rounding::round::round;
use super::rounding::steps::best_steps;
use super::search::{Found, NotFound, Plain, Settings, search};
use super::sides;
use super::sides::Prices;
use super::whole::indivisible;
use crate::allocate::problem::Problem;

/// A divided budget.
#[derive(Debug, Clone, PartialEq)]
pub struct Solution {
    /// Budget of each segment, in minor units: they add up exactly.
    pub minor: Vec<i64>,
    /// The same in units of the currency.
    pub spend: Vec<f64>,
    /// Value of the rounded plan.
    pub objective: f64,
    /// No plan that keeps the rules is worth more.
    pub upper_bound: f64,
    /// `(upper_bound − objective) / |upper_bound|`.
    pub gap: f64,
    /// Value before rounding.
    pub unrounded: f64,
    /// Budgets before rounding.
    pub budgets: Vec<f64>,
    /// How the search ended.
    pub status: Status,
    /// Nodes of the search.
    pub nodes: u64,
    /// Prices of the rules.
    pub prices: Prices,
    /// Price of one more unit of money in each row: the budget's and those of its linear rules.
    pub row_prices: Vec<f64>,
    /// Price of being funded, by row; empty when no rule asks for one.
    pub funded_prices: Vec<f64>,
    /// Price of money that moves against the reference, at which the rows answer.
    pub moved_price: f64,
    /// What an action is worth beside its value, where the cost of one is limited.
    pub action_worth: f64,
}

/// How a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The gap asked for was met.
    Optimal,
    /// It was met before rounding; what is left is the price of whole minor units.
    OptimalBeforeRounding,
    /// The rest of the gap cannot be closed by splitting further.
    GapLimit,
    /// The limit of nodes or of memory was met first, or the bound fell no further for long.
    NodeLimit,
}

impl Status {
    /// What may be said of a search that met its gap, once the plan is rounded.
    pub(crate) fn after_rounding(self, gap: f64, settings: &Settings, variables: usize) -> Self {
        match self {
            Self::Optimal | Self::OptimalBeforeRounding => {
                let asked = settings.gap(variables).max(1e-6);
                if gap <= asked { Self::Optimal } else { Self::OptimalBeforeRounding }
            }
            stopped => stopped,
        }
    }

    /// The end of its message keys.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Optimal => "optimal",
            Self::OptimalBeforeRounding => "optimal-before-rounding",
            Self::GapLimit => "gap-limit",
            Self::NodeLimit => "node-limit",
        }
    }
}

/// No plan can be given.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Unsolvable {
    /// Rules contradict each other.
    #[error("the rules contradict each other")]
    Conflict(Conflict),
    /// Every rule can be kept in shares, but no combination of whole segments keeps them.
    #[error("no combination of funded segments keeps all rules")]
    NoCombination,
    /// Whole segments do not add up to the budget.
    #[error(
        "no whole segments make the budget; the nearest that can be made: {below:?}, {above:?}"
    )]
    Indivisible {
        /// The nearest below, in units of the currency.
        below: Option<f64>,
        /// The nearest above.
        above: Option<f64>,
    },
    /// The search met its limits before it knew a plan, or knew that there is none.
    #[error("undecided after {nodes} nodes")]
    Undecided {
        /// Nodes it looked at.
        nodes: u64,
    },
    /// There is nothing to fund.
    #[error("there are no segments")]
    NoSegments,
    /// A segment's bounds or curve are not numbers, or its lowest is above its highest.
    #[error("segment {0} has bounds or a curve that are not numbers")]
    NotNumbers(usize),
}

/// Divides a budget: the best plan that keeps the rules, rounded, with its proof.
///
/// ```
/// use relais::allocate::problem::{Problem, Rule, Variable};
/// use relais::allocate::{Settings, maximise};
/// use relais::response::curve::Curve;
/// use relais::response::hill::Hill;
///
/// // Two audiences of like ceilings; the second saturates at a tenth of the money.
/// let variable = |scale| Variable::new(Curve::Hill(Hill::new(100.0, scale, 1.0)), 0.0, 1000.0);
/// let mut problem = Problem::new(vec![variable(500.0), variable(50.0)], 600.0);
/// let free = maximise(&problem, &Settings::default())?;
/// assert_eq!(free.minor.iter().sum::<i64>(), 60_000);
/// assert!(free.gap < 1e-8 && free.spend[0] > free.spend[1]);
///
/// // A rule that binds costs something, and its price says what.
/// problem.rules.push(Rule::group([0], 0.0, 200.0));
/// let held = maximise(&problem, &Settings::default())?;
/// assert!(held.objective < free.objective && held.prices.rules[0].more > 0.0);
/// # Ok::<(), relais::allocate::Unsolvable>(())
/// ```
///
/// # Errors
///
/// [`Unsolvable`] when there is no plan.
pub fn maximise(problem: &Problem, settings: &Settings) -> Result<Solution, Unsolvable> {
    let tree = check_rules(problem)?;
    let outer = CrossingRules::new(problem, &tree);
    let pricing = Plain::new(problem, &tree, &outer);
    let found = search(problem, &tree, &outer, &pricing, settings)
        .map_err(|trouble| why_none(problem, trouble))?;
    let unrounded = found.value;
    let value = |budgets: &[f64]| problem.value(budgets);
    finish(problem, &tree, &outer, found, unrounded, settings, &value)
}

/// What can be said against a problem before any search; gives its tree.
pub(crate) fn check_rules(problem: &Problem) -> Result<Tree, Unsolvable> {
    check(problem)?;
    let tree = Tree::new(problem);
    // Nested rules show a contradiction by themselves; rules that cross are asked beforehand, unless
    // there are so many that asking costs more than the search.
    let crosses = !tree.crossing.is_empty() || problem.change.is_some();
    if (crosses && problem.rules.len() <= MANY)
        && let Some(conflict) = conflict(problem)
    {
        return Err(Unsolvable::Conflict(conflict));
    }
    if let Some(nearest) = indivisible(problem, &tree) {
        // Rules that contradict each other in shares already are told as such.
        return Err(conflict(problem).map_or_else(
            || {
                let units = problem.minor_per_unit as f64;
                let money = |minor: Option<i64>| minor.map(|minor| minor as f64 / units);
                Unsolvable::Indivisible { below: money(nearest.below), above: money(nearest.above) }
            },
            Unsolvable::Conflict,
        ));
    }
    Ok(tree)
}

/// Prices from which the search for a like problem sets out.
#[derive(Debug, Clone)]
pub(crate) struct Near(Priced);

/// Divides a budget where the same is asked again and again with other curves: not rounded, nothing
/// said where there is no plan. The prices found are where the next search may set out.
pub(crate) fn divide_near(
    problem: &Problem,
    settings: &Settings,
    near: Option<&Near>,
) -> Option<(Vec<f64>, Near)> {
    check(problem).ok()?;
    let tree = Tree::new(problem);
    if indivisible(problem, &tree).is_some() {
        return None;
    }
    let outer = CrossingRules::new(problem, &tree);
    let alike = |near: &&Near| {
        near.0.relaxed.price.len() == tree.nodes.len() && near.0.prices.len() == outer.rules.len()
    };
    let near = near.filter(alike).map(|near| &near.0);
    let pricing = Plain { near, plan_only: true, ..Plain::new(problem, &tree, &outer) };
    let found = search(problem, &tree, &outer, &pricing, settings).ok()?;
    Some((found.budgets, Near(found.root)))
}

/// Why a search found no plan.
pub(crate) fn why_none(problem: &Problem, trouble: NotFound) -> Unsolvable {
    let nodes = match trouble {
        NotFound::Undecided { nodes } => Some(nodes),
        NotFound::Infeasible | NotFound::NoPlan => None,
    };
    let was_asked = nodes.is_some() && problem.rules.len() <= MANY;
    let found = if was_asked { None } else { conflict(problem) };
    match (found, nodes) {
        (Some(conflict), _) => Unsolvable::Conflict(conflict),
        (None, Some(nodes)) => Unsolvable::Undecided { nodes },
        (None, None) => Unsolvable::NoCombination,
    }
}

/// Rounds what was found, worth so much before, and puts the answer together.
pub(crate) fn finish(
    problem: &Problem,
    tree: &Tree,
    outer: &CrossingRules,
    found: Found,
    unrounded: f64,
    settings: &Settings,
    value: &dyn Fn(&[f64]) -> f64,
) -> Result<Solution, Unsolvable> {
    let (row_prices, funded_prices) = row_prices(problem, tree, outer, found.at_plan());
    // That no whole minor units were found beside a plan is no proof that there are none.
    let mut minor = round(problem, tree, &found.budgets, &row_prices)
        .ok_or(Unsolvable::Undecided { nodes: found.nodes })?;
    let money = |minor: &[i64]| -> Vec<f64> {
        minor.iter().map(|minor| *minor as f64 / problem.minor_per_unit as f64).collect()
    };
    let mut spend = money(&minor);
    let mut objective = value(&spend);
    if unrounded - objective > LOST * unrounded.abs() {
        let better = best_steps(problem, tree, outer, &minor, [&found.root, found.at_plan()]);
        let is_better = |minor: &Vec<i64>| {
            let budgets = money(minor);
            value(&budgets) > objective && problem.violation(&budgets) <= 1e-9
        };
        if let Some(better) = better.filter(is_better) {
            (spend, minor) = (money(&better), better);
            objective = value(&spend);
        }
    }
    let upper_bound = found.bound.max(objective);
    let gap = if upper_bound - objective <= f64::MIN_POSITIVE {
        0.0
    } else {
        (upper_bound - objective) / upper_bound.abs()
    };
    let status = match (found.closed, found.exhausted) {
        (true, _) => Status::Optimal,
        (false, true) => Status::NodeLimit,
        (false, false) => Status::GapLimit,
    };
    let status = status.after_rounding(gap, settings, problem.variables.len());
    let prices = sides::prices(problem, tree, outer, &found);
    let price = |rule| outer.price(rule, found.at_plan());
    let moved_price = price(CrossingRule::Change);
    let action_worth = problem.cost_per_action.unwrap_or(0.0) * price(CrossingRule::Cost);
    Ok(Solution {
        minor,
        spend,
        objective,
        upper_bound,
        gap,
        unrounded,
        budgets: found.budgets,
        status,
        nodes: found.nodes,
        prices,
        row_prices,
        funded_prices,
        moved_price,
        action_worth,
    })
}

fn check(problem: &Problem) -> Result<(), Unsolvable> {
    if problem.variables.is_empty() {
        return Err(Unsolvable::NoSegments);
    }
    let sound = |variable: &crate::allocate::problem::Variable| {
        let numbers = [variable.min, variable.max, variable.min_if_funded, variable.fixed_cost];
        numbers.iter().all(|x| x.is_finite() && *x >= 0.0)
    };
    if let Some(i) = problem.variables.iter().position(|variable| !sound(variable)) {
        return Err(Unsolvable::NotNumbers(i));
    }
    let clash = problem
        .variables
        .iter()
        .any(|variable| variable.min > 0.0 && variable.least_funded() > variable.max)
        || problem.rules.iter().any(|rule| rule.low > rule.high);
    match clash.then(|| conflict(problem)).flatten() {
        Some(conflict) => Err(Unsolvable::Conflict(conflict)),
        None => Ok(()),
    }
}
