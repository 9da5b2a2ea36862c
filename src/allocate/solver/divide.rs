//! The split alone, for the questions beside the plan: no prices, no rounding.

use super::prices::coupling::{CrossingRules, Priced};
use super::prices::tree::Tree;
use super::search::{Found, Plain, Settings, search};
use super::sides;
use super::sides::Sides;
use crate::allocate::problem::Problem;

/// A budget divided for comparison: not rounded, and nothing said of rules that clash.
pub(crate) struct Divided {
    pub(crate) budgets: Vec<f64>,
    pub(crate) value: f64,
    /// Price of money in each row.
    pub(crate) row_prices: Vec<f64>,
}

/// Divides a budget for comparison; `None` where no plan was found.
pub(crate) fn divide(problem: &Problem, settings: &Settings) -> Option<Divided> {
    divide_by(problem, settings, |tree, outer, found| {
        let (row_prices, _) = row_prices(problem, tree, outer, found.at_plan());
        Divided { value: found.value, budgets: found.budgets, row_prices }
    })
}

/// What a budget divided for comparison is worth.
pub(crate) struct Worth {
    pub(crate) value: f64,
    /// How much of it is spent.
    pub(crate) spent: f64,
    /// Price of money there.
    pub(crate) price: Sides,
}

/// What a budget is worth, divided for comparison; `None` where no plan was found.
pub(crate) fn worth(problem: &Problem, settings: &Settings) -> Option<Worth> {
    divide_by(problem, settings, |tree, outer, found| Worth {
        value: found.value,
        spent: found.budgets.iter().sum(),
        price: sides::prices(problem, tree, outer, &found).budget,
    })
}

pub(crate) fn divide_by<T>(
    problem: &Problem,
    settings: &Settings,
    tell: impl FnOnce(&Tree, &CrossingRules, Found) -> T,
) -> Option<T> {
    let tree = Tree::new(problem);
    let outer = CrossingRules::new(problem, &tree);
    let pricing = Plain::new(problem, &tree, &outer);
    let found = search(problem, &tree, &outer, &pricing, settings).ok()?;
    Some(tell(&tree, &outer, found))
}

/// Prices of money and of being funded, row by row.
pub(crate) fn row_prices(
    problem: &Problem,
    tree: &Tree,
    outer: &CrossingRules,
    priced: &Priced,
) -> (Vec<f64>, Vec<f64>) {
    let mut prices: Vec<f64> =
        tree.home.iter().map(|home| priced.relaxed.price[*home as usize]).collect();
    if outer.rules.is_empty() {
        return (prices, Vec::new());
    }
    let (extra, _) = outer.faces(problem, &priced.prices);
    for (i, price) in prices.iter_mut().enumerate() {
        *price += extra.money.get(i).unwrap_or(&0.0) + extra.all_money;
    }
    (prices, extra.funded)
}
