//! Curves over draws as tables that are finer around the answer, and the choice over them.

use std::sync::Arc;

use crate::allocate::plan::facing::Facing;
use crate::allocate::problem::Problem;
use crate::allocate::problem::draw_table::DrawTable;
use crate::allocate::problem::drawn::{Drawn, Nodes, objective};
use crate::allocate::rules::emissions::Charge;
use crate::allocate::rules::resolved::{Resolved, Trust};
use crate::allocate::solver::divide::divide;
use crate::allocate::solver::search::{Settings, domains};
use crate::allocate::solver::solve::{Solution, Unsolvable, maximise};
use crate::campaign::Campaign;
use crate::response::curve::{Curve, MoneyPrice};
use crate::response::table::Table;

/// How close to the answer further nodes are put, round after round: the first round's answer is
/// good to a few percent, the second's to a few millionths.
pub(crate) const CLOSER: [f64; 2] = [0.05, 2e-4];

/// Times a plan is solved again on tables that are finer where it lies.
pub(crate) const FURTHER: u32 = 2;

/// A second solve for comparison is read to three digits; the plan itself is proven further.
pub(crate) fn rough(settings: &Settings) -> Settings {
    Settings {
        gap: Some(settings.gap.unwrap_or(1e-4).max(1e-4)),
        nodes: Some(settings.nodes.unwrap_or(10).min(10)),
        ..Settings::default()
    }
    .until_a_plan(settings)
}

/// Divides the budget over the mean of draws, or by weights of them, on tables; leaves the tables in the problem and gives their lattice.
pub(crate) fn choose_weighted(
    drawn: &Drawn<'_>,
    campaign: &Campaign,
    charge: Charge<'_>,
    resolved: &mut Resolved,
    settings: &Settings,
    weights: Option<&[f64]>,
) -> Result<(Solution, DrawTable), Unsolvable> {
    let draw_table = tabulate(drawn, campaign, charge, resolved, settings, weights);
    let solution = maximise(&resolved.problem, settings)?;
    Ok((solution, draw_table))
}

/// What a bound must be raised by because tables stand in the place of curves.
pub(crate) fn table_error(resolved: &Resolved, solution: &Solution) -> f64 {
    Facing::of_solution(&resolved.problem, solution).table_error(&domains(&resolved.problem))
}

/// Media money around a plan and around what each curve would answer the prices with: the bound is
/// raised by what a table may miss there.
pub(crate) fn near(
    problem: &Problem,
    budgets: &[f64],
    prices: &[f64],
    closer: f64,
) -> Vec<Vec<f64>> {
    let variables = problem.variables.iter().zip(budgets).zip(prices);
    variables
        .map(|((variable, b), price)| {
            let media = (b - variable.fixed_cost).max(0.0);
            let least = (variable.least_funded() - variable.fixed_cost).max(0.0);
            let most = (variable.max - variable.fixed_cost).max(least);
            let asked = variable.curve.respond(MoneyPrice::new(*price), least, most).spend;
            let around = |s: f64| [s * (1.0 - closer), s, s * (1.0 + closer)];
            // Nodes on top of each other would make the table wavy.
            let apart = (asked - media).abs() > 0.05 * media;
            let asked = apart.then(|| around(asked)).into_iter().flatten();
            around(media).into_iter().chain(asked).collect()
        })
        .collect()
}

/// Leaves the tables in the problem, with nodes where its plan is.
pub(crate) fn tabulate(
    drawn: &Drawn<'_>,
    campaign: &Campaign,
    charge: Charge<'_>,
    resolved: &mut Resolved,
    settings: &Settings,
    weights: Option<&[f64]>,
) -> DrawTable {
    let gain = objective(campaign);
    let most = tops(resolved);
    let mut draw_table = DrawTable::new(drawn, gain, &most, weights);
    // These two rounds only say where the tables need nodes.
    let quick = Settings { nodes: Some(1), gap: Some(1e-4), ..Settings::default() };
    let quick = quick.until_a_plan(settings);
    for closer in CLOSER {
        draw_tables(resolved, charge, drawn, &draw_table);
        let Some(rough) = divide(&resolved.problem, &quick) else { break };
        draw_table
            .refine(drawn, &near(&resolved.problem, &rough.budgets, &rough.row_prices, closer));
    }
    draw_tables(resolved, charge, drawn, &draw_table);
    draw_table
}

/// How far each segment's table reaches: twice the budget where only the budget bounds it, so
/// that the budget curve can look beyond. What bounds a segment by default does not end its table:
/// the price of that bound looks beyond it.
pub(crate) fn tops(resolved: &Resolved) -> Vec<f64> {
    let budget = resolved.problem.budget();
    let written = resolved.trust.as_ref().map(Trust::written);
    let top = |(i, variable): (usize, &crate::allocate::problem::Variable)| {
        let most = written.map_or(variable.max, |written| written[i]);
        let top = if most >= budget * (1.0 - 1e-9) { 2.0 * budget } else { most };
        (top - variable.fixed_cost).max(0.0)
    };
    resolved.problem.variables.iter().enumerate().map(top).collect()
}

/// Leaves a table of draws' tables in the problem.
pub(crate) fn draw_tables(
    resolved: &mut Resolved,
    charge: Charge<'_>,
    drawn: &Drawn<'_>,
    draw_table: &DrawTable,
) {
    let actions = draw_table.actions(drawn, &resolved.problem);
    set_curves(resolved, charge, draw_table.nodes(), actions.as_ref());
}

pub(crate) fn set_curves(
    resolved: &mut Resolved,
    charge: Charge<'_>,
    nodes: &Nodes,
    actions: Option<&Nodes>,
) {
    for (i, variable) in resolved.problem.variables.iter_mut().enumerate() {
        variable.curve = charge.curve(i, &nodes[i]);
        let table = |actions: &Nodes| Curve::Table(Arc::new(Table::new(&actions[i])));
        variable.actions = actions.map(|actions| Box::new(table(actions)));
    }
}

/// The objective itself, without tables.
pub(crate) fn exact_objective(
    drawn: &Drawn<'_>,
    campaign: &Campaign,
    charge: Charge<'_>,
    resolved: &Resolved,
    budgets: &[f64],
    weights: Option<&[f64]>,
) -> f64 {
    use rayon::prelude::*;
    let gain = objective(campaign);
    let rows: Vec<f64> = (0..budgets.len())
        .into_par_iter()
        .map(|i| {
            let media = (budgets[i] - resolved.problem.variables[i].fixed_cost).max(0.0);
            if media <= 0.0 {
                return 0.0;
            }
            drawn.mean(i, gain, media, weights).0 - charge.at(i, media).0
        })
        .collect();
    rows.iter().sum()
}
