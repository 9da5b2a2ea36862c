//! Prudence: the mean mixed with the mean of the worst tail of draws.
//!
//! `(1 − θ) · mean + θ · CVaR_α` is the least of `Σ w_d T_d` over weights `w_d` between
//! `(1 − θ)/D` and `(1 − θ)/D + θ/(αD)` that sum to 1 (Rockafellar & Uryasev 2000), `T_d` the
//! plan's value in draw `d`. For any such weights the best plan of the *weighted mean* bounds
//! every plan from above, so the search goes over weights: Newton on the condition that the
//! weights are the soft worst tail of the plan that they choose, made harder step by step.

use rayon::prelude::*;

use super::tabulated::{choose_weighted, table_error, tabulate};
use super::tail::{Chosen, Tail, prudent_value, spread};
use crate::allocate::problem::draw_table::DrawTable;
use crate::allocate::problem::drawn::{Drawn, objective};
use crate::allocate::problem::relative;
use crate::allocate::rules::emissions;
use crate::allocate::rules::emissions::Charge;
use crate::allocate::rules::resolved::Resolved;
use crate::allocate::solver::search::Settings;
use crate::allocate::solver::solve::{Solution, Status, Unsolvable};
use crate::campaign::Campaign;
use crate::response::curve::MoneyPrice;

/// Relative gap at which weights count as found.
const GAP: f64 = 1e-6;
/// Most weights tried where prices alone prove an optimum.
const TRIES: usize = 60;
/// Most weights tried with on/off rules: each try is then a search of its own, and the bound
/// cannot close on a single plan (no weights make one plan the best for all draws).
const SEARCHES: usize = 3;
/// Nodes of each of those searches.
const NODES: u64 = 100;
/// The tail gets this much harder after each accepted step.
const HARDER: f64 = 0.35;

/// Chooses the plan whose prudent value is greatest.
pub(crate) fn choose(
    drawn: &Drawn<'_>,
    campaign: &Campaign,
    charge: Charge<'_>,
    resolved: &mut Resolved,
    settings: &Settings,
) -> Result<(Solution, DrawTable), Unsolvable> {
    // The plan of the mean only says where the tables need nodes.
    let draw_table = tabulate(drawn, campaign, charge, resolved, settings, None);
    if !draw_table.is_kept() {
        let solution = by_solves(drawn, campaign, charge, resolved, settings)?;
        return Ok((solution, draw_table));
    }
    super::weights::choose(drawn, campaign, draw_table, charge, resolved, settings)
}

/// The same where there is no room to keep every draw: one search for each weights tried.
fn by_solves(
    drawn: &Drawn<'_>,
    campaign: &Campaign,
    charge: Charge<'_>,
    resolved: &mut Resolved,
    settings: &Settings,
) -> Result<Solution, Unsolvable> {
    let n = drawn.draws.len();
    let tail = Tail::new(campaign, n);
    let searches =
        resolved.problem.variables.iter().any(|variable| variable.min_if_funded > variable.min);
    let settings = if searches { &few_nodes(settings) } else { settings };
    let tries = if searches { SEARCHES } else { TRIES };
    let mut at = |weights: Vec<f64>| -> Result<Chosen, Unsolvable> {
        let (mut solution, _) =
            choose_weighted(drawn, campaign, charge, resolved, settings, Some(&weights))?;
        solution.upper_bound += table_error(resolved, &solution);
        let (totals, response) = respond(drawn, campaign, resolved, &solution);
        solution.objective = prudent_value(&totals, campaign.prudence, campaign.tail).0;
        let media = emissions::media(&resolved.problem, &solution.spend);
        solution.objective -= charge.of(&media);
        Ok(Chosen { weights, solution, totals, response })
    };
    let mut now = at(vec![1.0 / n as f64; n])?;
    let mut best = now.solution.clone();
    let mut bound = now.solution.upper_bound;
    let mut softness = spread(&now.totals).max(1e-12 * bound.abs());
    let mut step = 1.0;
    for _ in 0..tries {
        if bound - best.objective <= GAP * bound.abs() {
            break;
        }
        let aim = tail.newton(&now, softness);
        let weights: Vec<f64> =
            now.weights.iter().zip(&aim).map(|(w, a)| w + step * (a - w)).collect();
        let next = at(weights)?;
        bound = bound.min(next.solution.upper_bound);
        if next.solution.objective > best.objective {
            best = next.solution.clone();
        }
        let merit =
            |tried: &Chosen| tail.merit(tried.solution.upper_bound, &tried.weights, softness);
        if merit(&next) <= merit(&now) + 1e-9 * bound.abs() {
            now = next;
            softness *= HARDER;
            step = f64::min(1.0, 2.0 * step);
        } else {
            step *= 0.3;
            if step < 0.01 {
                // Too hard for the linear picture here: soften and go on.
                softness *= 4.0;
                step = 1.0;
            }
        }
    }
    best.upper_bound = bound.max(best.objective);
    best.gap = relative(best.upper_bound, best.objective);
    best.unrounded = best.objective;
    if best.gap > GAP {
        best.status = Status::GapLimit;
    }
    Ok(best)
}

fn few_nodes(settings: &Settings) -> Settings {
    Settings { nodes: Some(settings.nodes.unwrap_or(NODES)), ..*settings }
}

/// Gain and slope by draw.
type ByDraw = Box<[(f64, f64)]>;

/// Totals by draw of a plan, and how they answer to weights: the rows move by their fall times
/// what a weight adds to their slope, the budget's price taking the mean movement back.
fn respond(
    drawn: &Drawn<'_>,
    campaign: &Campaign,
    resolved: &Resolved,
    solution: &Solution,
) -> (Vec<f64>, Vec<Vec<f64>>) {
    let n = drawn.draws.len();
    let gain = objective(campaign);
    let rows: Vec<(f64, ByDraw)> = (0..solution.spend.len())
        .into_par_iter()
        .map(|i| {
            let variable = &resolved.problem.variables[i];
            let media = (solution.spend[i] - variable.fixed_cost).max(0.0);
            let price = MoneyPrice::new(solution.row_prices[i]);
            let low = (variable.least_funded() - variable.fixed_cost).max(0.0);
            let high = (variable.max - variable.fixed_cost).max(low);
            let fall =
                if media > 0.0 { variable.curve.respond(price, low, high).fall } else { 0.0 };
            (fall, drawn.at(i, gain, media))
        })
        .collect();
    let mut totals = vec![0.0; n];
    let mut response = vec![vec![0.0; n]; n];
    let mut mean = vec![0.0; n];
    let mut falls = 0.0;
    for (fall, draws) in &rows {
        for (total, draw) in totals.iter_mut().zip(draws) {
            *total += draw.0;
        }
        if *fall > 0.0 && fall.is_finite() {
            falls += fall;
            for (d, line) in response.iter_mut().enumerate() {
                let slope = fall * draws[d].1;
                mean[d] += slope;
                for (cell, draw) in line.iter_mut().zip(draws) {
                    *cell += slope * draw.1;
                }
            }
        }
    }
    if falls > 0.0 {
        for (d, line) in response.iter_mut().enumerate() {
            for (cell, other) in line.iter_mut().zip(&mean) {
                *cell -= mean[d] * other / falls;
            }
        }
    }
    (totals, response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocate::tests::fixture::{campaign, divide, draws};

    #[test]
    fn published_tail_means_hold() {
        // PyMC-Marketing's test samples 1 … 10 (tests/mmm/test_utility.py): CVaR95 is 1.0, the
        // worst draw; at a tail of 20 % it is the mean of the two worst.
        let samples: Vec<f64> = (1..=10).map(f64::from).collect();
        assert!((prudent_value(&samples, 1.0, 0.05).0 - 1.0).abs() < 1e-12);
        assert!((prudent_value(&samples, 1.0, 0.2).0 - 1.5).abs() < 1e-12);
        assert!((prudent_value(&samples, 0.0, 0.2).0 - 5.5).abs() < 1e-12);
        let (value, weights) = prudent_value(&samples, 0.3, 0.25);
        // 0.7 · 5.5 + 0.3 · (1 + 2 + 3/2) / 2.5
        assert!((value - (3.85 + 0.3 * 4.5 / 2.5)).abs() < 1e-12);
        assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_prudent_plan_is_proven_and_better_in_its_tail() {
        let (choose, promise) = (draws(12, 120, 1), draws(12, 120, 2));
        let bold = divide(&campaign(""), &choose, &promise).unwrap();
        let careful =
            divide(&campaign("[risk]\nprudence = 0.6\ntail = 0.1\n"), &choose, &promise).unwrap();
        assert!(careful.certificate.gap <= 2e-6, "{:?}", careful.certificate);
        assert_ne!(bold.rows, careful.rows);
        // Its objective weighs the tail, so it promises no more on average.
        assert!(careful.certificate.objective < bold.certificate.objective);
    }

    #[test]
    fn prudence_with_on_off_rules_closes_its_gap_too() {
        let (choose, promise) = (draws(14, 80, 1), draws(14, 80, 2));
        let rules = "[limits]\nfunded_at_most = 6\n\
            per_segment = { min_if_funded = 500, max_share = 0.35 }\n\
            [[limits.group]]\nname = \"half\"\nwhere = { network = [\"facebook\"] }\n\
            min_share = 0.45\n[risk]\nprudence = 0.4\n";
        let plan = divide(&campaign(rules), &choose, &promise).unwrap();
        assert!(plan.certificate.gap <= 1e-6, "{:?}", plan.certificate);
        let funded: Vec<f64> =
            plan.rows.iter().map(|row| row.budget).filter(|budget| *budget > 0.0).collect();
        assert!(funded.len() <= 6 && funded.iter().all(|b| *b >= 500.0), "{funded:?}");
    }

    /// Prudence under rules that ask for whole segments at a budget that few of them fit in: the
    /// kinds of rules that cross, move, cost and count.
    #[test]
    fn prudence_with_minimums_at_tight_budgets_is_proven() {
        let (choose, promise) = (draws(16, 60, 1), draws(16, 60, 2));
        let half = "[[limits.group]]\nname = \"half\"\nwhere = { network = [\"facebook\"] }\n\
            min_share = 0.45\n";
        let limits = [
            "per_segment = { min_if_funded = 1100 }\n",
            "per_segment = { min_if_funded = 900, fixed_cost = 100, max_share = 0.35 }\n",
            "per_segment = { min_if_funded = 700 }\nfunded_at_most = 5\n",
            "per_segment = { min_if_funded = 600 }\ncost_per_action = 4\n",
            "per_segment = { min_if_funded = 500 }\nchange_at_most = 0.5\n",
        ];
        for (k, limits) in limits.iter().enumerate() {
            let groups = if k % 2 == 0 { half } else { "" };
            let (prudence, tail) = ([0.2, 0.5, 0.9][k % 3], [0.05, 0.2][k % 2]);
            let risk = format!("[risk]\nprudence = {prudence}\ntail = {tail}\n");
            let rules = format!("spend = \"up_to\"\n[limits]\n{limits}{groups}{risk}");
            let plan = divide(&campaign(&rules), &choose, &promise).unwrap();
            assert!(plan.certificate.gap <= 1e-3, "{rules}: {:?}", plan.certificate);
        }
    }

    #[test]
    fn a_prudent_plan_for_reach_is_proven_too() {
        let choose = draws(12, 60, 5);
        let rules = "objective = \"reach\"\n[risk]\nprudence = 0.5\n";
        let plan = divide(&campaign(rules), &choose, &choose).unwrap();
        assert!(plan.certificate.gap <= 1e-3, "{:?}", plan.certificate);
    }
}
