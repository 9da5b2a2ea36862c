//! The choice of a split over draws: plain, or prudent.

use super::tabulated::{
    CLOSER, FURTHER, choose_weighted, draw_tables, exact_objective, near, table_error,
};
use crate::allocate::problem::draw_table::DrawTable;
use crate::allocate::problem::drawn::Drawn;
use crate::allocate::problem::relative;
use crate::allocate::rules::emissions::Charge;
use crate::allocate::rules::resolved::Resolved;
use crate::allocate::solver::search::Settings;
use crate::allocate::solver::solve::{Solution, Unsolvable, maximise};
use crate::campaign::Campaign;

/// Divides the budget over the mean of draws: tabulate, solve, look closer, solve, prove.
pub(crate) fn choose(
    drawn: &Drawn<'_>,
    campaign: &Campaign,
    charge: Charge<'_>,
    resolved: &mut Resolved,
    settings: &Settings,
) -> Result<(Solution, DrawTable), Unsolvable> {
    if campaign.prudence > 0.0 {
        return super::prudence::choose(drawn, campaign, charge, resolved, settings);
    }
    let (mut solution, mut draw_table) =
        choose_weighted(drawn, campaign, charge, resolved, settings, None)?;
    let mut error = table_error(resolved, &solution);
    for _ in 0..FURTHER {
        if error <= settings.gap(solution.spend.len()).max(1e-6) * solution.upper_bound.abs() {
            break;
        }
        // The plan and what its prices ask for lie where the tables are too coarse.
        let (budgets, prices) = (&solution.budgets, &solution.row_prices);
        draw_table.refine(drawn, &near(&resolved.problem, budgets, prices, CLOSER[1]));
        draw_tables(resolved, charge, drawn, &draw_table);
        solution = maximise(&resolved.problem, settings)?;
        error = table_error(resolved, &solution);
    }
    let exact = exact_objective(drawn, campaign, charge, resolved, &solution.spend, None);
    solution.upper_bound = (solution.upper_bound + error).max(exact);
    solution.objective = exact;
    solution.gap = relative(solution.upper_bound, exact);
    solution.status =
        solution.status.after_rounding(solution.gap, settings, resolved.problem.variables.len());
    Ok((solution, draw_table))
}
