//! Solves around the plan: choosing over draws, the budget curve, what rules cost, other points.

use std::collections::BTreeMap;

use super::choosing::tabulated::{rough, set_curves, tops};
use super::context::PlanContext;
use super::{
    BudgetPoint, CarbonPoint, CarryoverRange, Fallback, NextMoney, NextShare, WeightSensitivity,
};
use crate::action::{Action, Points};
use crate::allocate::candidates::evidence::Evidence;
use crate::allocate::problem::Problem;
use crate::allocate::problem::drawn::{Drawn, Gain, objective, range};
use crate::allocate::rules::emissions::media;
use crate::allocate::rules::resolved::{RuleKind, Trust};
use crate::allocate::solver::divide::{divide, worth};
use crate::allocate::solver::search::Settings;
use crate::allocate::solver::solve::maximise;

/// Shares of the budget at which the budget curve is drawn.
const BUDGETS: [f64; 12] = [0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 1.0, 1.15, 1.3, 1.5, 1.75, 2.0];

/// Best value against total budget; budgets that the rules do not allow are left out. Values are
/// told in the measure of the promise: at its own budget the plan stands, with what it promises and
/// what one more unit of money brings it.
pub(crate) fn budget_curve(
    context: &PlanContext<'_>,
    promised: f64,
    settings: &Settings,
) -> Vec<BudgetPoint> {
    let problem = &context.resolved.problem;
    let budget = problem.budget();
    let own = problem.value(&context.solution.spend);
    let scale = if own > 0.0 { promised / own } else { 1.0 };
    BUDGETS
        .iter()
        .filter_map(|share| {
            if *share == 1.0 {
                let marginal = context.solution.prices.budget.more;
                return Some(BudgetPoint { budget, value: promised, marginal });
            }
            let mut other = problem.clone();
            other.budget_minor = (problem.budget_minor as f64 * share).round() as i64;
            other.step = 1;
            // What a budget is worth at best: a larger one need not be spent.
            other.spend_all = false;
            // What holds by default counts in shares of the budget.
            let trust = context.resolved.trust.as_ref();
            if let Some(change) =
                other.change.as_mut().filter(|_| trust.is_some_and(Trust::bounds_movement))
            {
                change.at_most *= share;
                change.reference.iter_mut().for_each(|money| *money *= share);
            }
            for (rule, kind) in other.rules.iter_mut().zip(&context.resolved.kinds) {
                if *kind == RuleKind::Untried {
                    rule.high *= share;
                }
            }
            for variable in &mut other.variables {
                if variable.max >= budget * (1.0 - 1e-9) {
                    variable.max = other.budget_minor as f64 / other.minor_per_unit as f64;
                }
            }
            let found = worth(&other, &rough(settings))?;
            let (budget, value) = (budget * share, scale * found.value);
            Some(BudgetPoint { budget, value, marginal: found.price.more })
        })
        .collect()
}

/// Further money, in units of the currency.
const NEXT: f64 = 100.0;

/// Where the next hundred units of money would go: rows with an on/off rule stay as they are.
pub(crate) fn next_money(context: &PlanContext<'_>, settings: &Settings) -> Option<NextMoney> {
    let problem = &context.resolved.problem;
    let mut other = problem.clone();
    other.budget_minor += (NEXT * problem.minor_per_unit as f64).round() as i64;
    for (i, variable) in other.variables.iter_mut().enumerate() {
        if variable.max >= problem.budget() * (1.0 - 1e-9) {
            variable.max += NEXT;
        }
        if variable.least_funded() > 0.0 {
            let funded = context.solution.spend[i] > 0.0;
            (variable.min, variable.max) =
                if funded { (variable.least_funded(), variable.max) } else { (0.0, 0.0) };
        }
    }
    let nodes = Some(settings.nodes.unwrap_or(200).min(200));
    let fine = Settings { gap: Some(1e-9), nodes, ..Settings::default() };
    let best = divide(&other, &fine)?;
    let value = best.value - problem.value(&context.solution.budgets);
    let mut rows: Vec<NextShare> = (0..best.budgets.len())
        .map(|i| NextShare {
            segment: context.candidates[i].id.to_owned(),
            amount: best.budgets[i] - context.solution.budgets[i],
        })
        .filter(|share| share.amount >= 0.01 * NEXT)
        .collect();
    rows.sort_by(|a, b| b.amount.total_cmp(&a.amount).then(a.segment.cmp(&b.segment)));
    (value > 0.0 && !rows.is_empty()).then_some(NextMoney { amount: NEXT, value, rows })
}

/// The plan without the segments whose network may refuse the subject; `None` where there are
/// none, or where the rules cannot be kept without them.
pub(crate) fn fallback(context: &PlanContext<'_>, settings: &Settings) -> Option<Fallback> {
    if context.refused.is_empty() {
        return None;
    }
    let mut other = context.resolved.problem.clone();
    for (variable, candidate) in other.variables.iter_mut().zip(context.candidates) {
        if context.refused.contains(candidate.id) {
            (variable.min, variable.max) = (0.0, 0.0);
        }
    }
    let best = maximise(&other, &rough(settings)).ok()?;
    let mut rows: Vec<NextShare> = (0..best.spend.len())
        .filter(|&i| best.minor[i] > 0)
        .map(|i| NextShare { segment: context.candidates[i].id.to_owned(), amount: best.spend[i] })
        .collect();
    rows.sort_by(|a, b| b.amount.total_cmp(&a.amount).then(a.segment.cmp(&b.segment)));
    let value = range(&context.evidence.value_by_draw(&context.media(&best.spend))).mean;
    Some(Fallback { without: context.refused.iter().cloned().collect(), rows, value })
}

/// Value that one rule costs: the plan without it, less the plan.
pub(crate) fn cost_of_rule(
    context: &PlanContext<'_>,
    rule: usize,
    settings: &Settings,
) -> Option<f64> {
    let mut other = context.resolved.problem.clone();
    other.rules.remove(rule);
    cost_without(context, &other, settings)
}

/// Value that the limit on change costs.
pub(crate) fn cost_of_change(context: &PlanContext<'_>, settings: &Settings) -> Option<f64> {
    let other = Problem { change: None, ..context.resolved.problem.clone() };
    cost_without(context, &other, settings)
}

/// Value that lifting the ceilings of single audiences, which hold by default, would bring if the
/// curves hold beyond them.
pub(crate) fn cost_of_ceilings(
    context: &PlanContext<'_>,
    trust: &Trust,
    settings: &Settings,
) -> Option<f64> {
    let mut other = context.resolved.problem.clone();
    trust.lift_ceilings(&mut other);
    cost_without(context, &other, settings)
}

fn cost_without(context: &PlanContext<'_>, other: &Problem, settings: &Settings) -> Option<f64> {
    let without = divide(other, &rough(settings))?;
    // Both on the same curves: a prudent plan's own value weighs its draws.
    let with = context.resolved.problem.value(&context.solution.budgets);
    Some((without.value - with).max(0.0))
}

/// Caps of the carbon frontier, as shares of the plan's emissions.
const CAPS: [f64; 6] = [0.9, 0.8, 0.65, 0.5, 0.35, 0.2];
/// Tangents tried at each cap, from the plan of the cap before.
const TOUCHES: usize = 2;

/// Best value against a tightening carbon cap, the plan itself first; empty where emissions are
/// not known. Values are told in the measure of the promise: the plan's is `promised`.
pub(crate) fn carbon_frontier(
    context: &PlanContext<'_>,
    promised: f64,
    settings: &Settings,
) -> Vec<CarbonPoint> {
    let Some(charge) = context.charge() else { return Vec::new() };
    let (problem, emissions) = (&context.resolved.problem, charge.emissions);
    // What people do, what it emits not paid.
    let worth = |budgets: &[f64]| problem.value(budgets) + charge.of(&media(problem, budgets));
    let own = worth(&context.solution.spend);
    let mut at = media(problem, &context.solution.spend);
    let now = emissions.total(&at);
    if now <= 0.0 || own <= 0.0 {
        return Vec::new();
    }
    let mut points = vec![CarbonPoint { carbon_kg: now, value: promised }];
    for share in CAPS {
        let mut found: Option<CarbonPoint> = None;
        for _ in 0..TOUCHES {
            let mut other = problem.clone();
            let tangent = emissions.tangent(&other.variables, &at, share * now);
            match context.resolved.kinds.iter().position(|kind| *kind == RuleKind::Carbon) {
                Some(rule) => other.rules[rule] = tangent,
                None => other.rules.push(tangent),
            }
            // A tight cap is met by spending less, whatever the campaign asks.
            other.spend_all = false;
            other.step = 1;
            let Some(best) = divide(&other, &rough(settings)) else { break };
            at = media(problem, &best.budgets);
            let (carbon_kg, value) = (emissions.total(&at), promised * worth(&best.budgets) / own);
            if found.is_none_or(|found| value > found.value) {
                found = Some(CarbonPoint { carbon_kg, value });
            }
        }
        // A rougher search than the plan's own may see a few millionths more than it proved.
        let most = points.last().map_or(promised, |point| point.value);
        points.extend(found.map(|point| CarbonPoint { value: point.value.min(most), ..point }));
    }
    points
}

/// The promise when nothing is remembered from week to week, and when much is.
pub(crate) fn carryover_range(context: &PlanContext<'_>, media: &[f64]) -> Option<CarryoverRange> {
    let Evidence::Drawn { promise, .. } = context.evidence else { return None };
    let mut carryovers: Vec<f64> = promise.draws.shared.iter().map(|d| d.carryover).collect();
    carryovers.sort_by(f64::total_cmp);
    let high = *carryovers.get(carryovers.len() * 9 / 10)?;
    let mean = |carryover: f64| {
        range(&promise.with_carryover(carryover).total_by_draw(Gain::Value, media)).mean
    };
    Some(CarryoverRange { none: mean(0.0), high_carryover: high, high: mean(high) })
}

/// The plan under the three presets of points, where they differ from the campaign's.
pub(crate) fn sensitivity(
    context: &PlanContext<'_>,
    settings: &Settings,
) -> Vec<WeightSensitivity> {
    let Evidence::Drawn { choose, .. } = context.evidence else { return Vec::new() };
    let presets = [
        ("count", Some(Points::count())),
        ("relay", Some(Points::relay())),
        ("equalised", equalised(choose)),
    ];
    presets
        .into_iter()
        // The campaign's own points make the plan itself, and this is a rougher search than its.
        .filter(|(preset, _)| *preset != context.campaign.preset)
        .filter_map(|(preset, points)| {
            let other = choose.worth(context.campaign, &points?);
            let mut resolved = context.resolved.clone();
            let gain = objective(context.campaign);
            let nodes = match context.draw_table.filter(|draw_table| draw_table.is_kept()) {
                Some(draw_table) => draw_table.means(&other, gain, None),
                None => other.nodes(gain, &tops(&resolved), None),
            };
            set_curves(&mut resolved, context.charge()?, &nodes, None);
            resolved.problem.cost_per_action = None;
            let best = divide(&resolved.problem, &rough(settings))?;
            let flips = (0..best.budgets.len())
                .filter(|&i| (best.budgets[i] > 0.0) != (context.solution.minor[i] > 0))
                .map(|i| context.candidates[i].id.to_owned())
                .collect();
            Some(WeightSensitivity {
                preset: preset.to_owned(),
                rank_correlation: rank_correlation(&best.budgets, &context.solution.spend),
                budgets: best.budgets,
                flips,
            })
        })
        .collect()
}

/// `equalised`: points in inverse proportion to how often a kind of action happens, so that each
/// kind is worth as much in all; 1 per average action.
fn equalised(drawn: &Drawn<'_>) -> Option<Points> {
    let mut mix = [0.0; Action::COUNT];
    for segment in &drawn.draws.segments {
        for draw in &segment.draws {
            for (sum, share) in mix.iter_mut().zip(draw.mix) {
                *sum += share;
            }
        }
    }
    let total: f64 = mix.iter().sum();
    let kinds: Vec<(Action, f64)> = Action::ACTIVE
        .into_iter()
        .map(|action| (action, mix[action.index()] / total))
        // A kind that hardly ever happens would outweigh all others.
        .filter(|(_, share)| *share > 1e-3)
        .collect();
    let n = kinds.len() as f64;
    let weights: BTreeMap<Action, f64> =
        kinds.into_iter().map(|(action, share)| (action, 1.0 / (n * share))).collect();
    Points::new(&weights).ok()
}

/// Spearman's rank correlation, ties at their mean rank; 1 when either side is all one value.
fn rank_correlation(a: &[f64], b: &[f64]) -> f64 {
    let ranks = |values: &[f64]| -> Vec<f64> {
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|&x, &y| values[x].total_cmp(&values[y]));
        let mut ranks = vec![0.0; values.len()];
        let mut from = 0;
        while from < order.len() {
            let same = order[from..].iter().take_while(|&&i| values[i] == values[order[from]]);
            let to = from + same.count();
            for &i in &order[from..to] {
                ranks[i] = (from + to - 1) as f64 / 2.0;
            }
            from = to;
        }
        ranks
    };
    let (a, b) = (ranks(a), ranks(b));
    let mean = (a.len() as f64 - 1.0) / 2.0;
    let sum = |x: &[f64], y: &[f64]| -> f64 {
        x.iter().zip(y).map(|(p, q)| (p - mean) * (q - mean)).sum()
    };
    let scale = (sum(&a, &a) * sum(&b, &b)).sqrt();
    if scale > 0.0 { sum(&a, &b) / scale } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use crate::allocate::solver::search::tests::nodes_spent;
    use crate::allocate::tests::fixture::{campaign, draws, request};
    use crate::allocate::{Settings, plan};
    use crate::reference::Reference;
    use crate::rules::Tables;

    #[test]
    fn the_limit_on_nodes_holds_in_every_question_around_the_plan() {
        let choose = draws(12, 30, 7);
        let rules = [
            "[limits]\nfunded_at_most = 5\nper_segment = { min_if_funded = 700 }\n\
                [[limits.group]]\nname = \"half\"\nwhere = { network = [\"facebook\"] }\n\
                min_share = 0.45\n",
            "[limits]\nfunded_at_most = 5\nper_segment = { min_if_funded = 700 }\n\
                [risk]\nprudence = 0.4\n",
        ];
        let tables = Tables::load(&Reference::default()).unwrap();
        for rules in rules {
            let campaign = campaign(rules);
            let mut request = request(&campaign, &choose, &tables);
            request.settings = Settings { nodes: Some(1), ..Settings::default() };
            nodes_spent();
            let planned = plan(&request);
            let spent = nodes_spent();
            // The plan, its tables, the budget curve, the next money, each rule: one node, split
            // in two before it is counted.
            assert!(spent.iter().all(|nodes| *nodes <= 3), "{rules}: {spent:?}");
            if let Ok(plan) = planned {
                assert!(spent.len() > 12 && plan.budget_curve.len() > 3, "{rules}: {spent:?}");
            }
        }
    }
}
