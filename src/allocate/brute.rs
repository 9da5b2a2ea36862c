//! Tiny problems of every kind, checked against every plan on a grid.

use proptest::prelude::*;

use super::problem::{Change, Problem, Rule, Seat, Term};
use super::{Settings, Unsolvable, maximise};
use crate::response::curve::tests::any_curve;

/// Grid steps of the budget.
const STEPS: usize = 20;

fn any_seat() -> impl Strategy<Value = Seat> {
    let grid = |from: usize, to: usize| (from..=to).prop_map(|k| k as f64 * 5.0);
    let bounds = (
        prop_oneof![3 => Just(0.0), 1 => grid(1, 3)],
        grid(4, STEPS),
        prop_oneof![2 => Just(0.0), 1 => grid(1, 6)],
        prop_oneof![3 => Just(0.0), 1 => grid(1, 3)],
    );
    (any_curve(), bounds).prop_map(|(curve, (min, max, min_if_funded, fixed_cost))| Seat {
        min_if_funded,
        fixed_cost,
        ..Seat::new(curve, min, max)
    })
}

/// Every plan on the grid that keeps the rules: the best value.
fn best_on_grid(problem: &Problem) -> Option<f64> {
    let mut best: Option<f64> = None;
    let mut budgets = vec![0.0; problem.seats.len()];
    visit(problem, &mut budgets, 0, STEPS, &mut best);
    best
}

fn visit(problem: &Problem, budgets: &mut Vec<f64>, i: usize, left: usize, best: &mut Option<f64>) {
    if i == budgets.len() {
        if problem.violation(budgets) <= 1e-9 {
            let value = problem.value(budgets);
            *best = Some(best.map_or(value, |best| best.max(value)));
        }
        return;
    }
    let last = i + 1 == budgets.len() && problem.spend_all;
    for k in if last { left..=left } else { 0..=left } {
        budgets[i] = k as f64 * 5.0;
        if problem.seats[i].admits(budgets[i], 1e-9) {
            visit(problem, budgets, i + 1, left - k, best);
        }
    }
    budgets[i] = 0.0;
}

/// The answer keeps its rules, its bound holds against the grid, and it closes its gap.
fn check(problem: &Problem, closes: f64) -> Result<(), TestCaseError> {
    let best = best_on_grid(problem);
    match maximise(problem, &Settings::default()) {
        Ok(solution) => {
            prop_assert!(problem.violation(&solution.spend) <= 1e-9);
            let sum: i64 = solution.minor.iter().sum();
            prop_assert!(sum <= problem.budget_minor);
            prop_assert!(!problem.spend_all || sum == problem.budget_minor);
            if let Some(best) = best {
                let slack = 1e-9 * best.abs();
                prop_assert!(
                    solution.upper_bound >= best - slack,
                    "bound {} below {best}",
                    solution.upper_bound
                );
                // Rounding to cents may cost a cent's worth in each segment.
                let cents: f64 = 0.01 * 20.0 * problem.seats.len() as f64;
                prop_assert!(
                    solution.objective >= best - slack - closes * best.abs() - cents,
                    "{} below {best}, bound {}",
                    solution.objective,
                    solution.upper_bound
                );
            }
            let gap =
                (solution.upper_bound - solution.unrounded) / solution.upper_bound.abs().max(1e-9);
            prop_assert!(
                gap <= closes,
                "gap {gap} status {:?} nodes {}",
                solution.status,
                solution.nodes
            );
        }
        Err(trouble) => {
            prop_assert!(best.is_none(), "{trouble:?} but {best:?} is possible");
        }
    }
    Ok(())
}

fn cases(n: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(n) }
}

proptest! {
    #![proptest_config(cases(1500))]

    #[test]
    fn bounds_switches_and_fixed_costs(
        seats in proptest::collection::vec(any_seat(), 1..5), spend_all in any::<bool>(),
    ) {
        let problem = Problem { spend_all, ..Problem::new(seats, 100.0) };
        check(&problem, 1e-6)?;
    }

    #[test]
    fn nested_groups(
        seats in proptest::collection::vec(any_seat(), 3..5), spend_all in any::<bool>(),
        floor in 0_usize..8, ceiling in 8_usize..20, outer in 10_usize..20,
    ) {
        let n = seats.len();
        let mut problem = Problem { spend_all, ..Problem::new(seats, 100.0) };
        problem.rules = vec![
            Rule::group(0..2, floor as f64 * 5.0, ceiling as f64 * 5.0),
            Rule::group(0..n.min(3), 0.0, outer as f64 * 5.0),
        ];
        check(&problem, 1e-6)?;
    }
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn crossing_groups_counts_and_side_budgets(
        seats in proptest::collection::vec(any_seat(), 3..5), spend_all in any::<bool>(),
        floor in 0_usize..8, ceiling in 10_usize..20, most in 1_usize..4,
        carbon in proptest::collection::vec(0.1..3.0_f64, 4), kinds in 0_u8..8,
    ) {
        let n = seats.len();
        let mut problem = Problem { spend_all, ..Problem::new(seats, 100.0) };
        if kinds & 1 > 0 {
            problem.rules.push(Rule::group(0..2, floor as f64 * 5.0, 1e9));
            problem.rules.push(Rule::group(1..3, 0.0, ceiling as f64 * 5.0));
        }
        if kinds & 2 > 0 {
            problem.rules.push(Rule::funded_at_most(most, n));
        }
        if kinds & 4 > 0 {
            let terms = (0..n).map(|i| Term {
                seat: i as u32, per_money: carbon[i], when_funded: 0.0,
            });
            problem.rules.push(Rule { low: f64::NEG_INFINITY, high: 160.0, terms: terms.collect() });
        }
        check(&problem, 1e-5)?;
    }

    #[test]
    fn change_against_a_reference_and_cost_per_action(
        seats in proptest::collection::vec(any_seat(), 2..5), split in proptest::collection::vec(0_usize..6, 4),
        share in 0_usize..10, cost in 0.3..3.0_f64, kinds in 1_u8..4,
    ) {
        let n = seats.len();
        let spend_all = kinds & 2 == 0;
        let mut problem = Problem { spend_all, ..Problem::new(seats, 100.0) };
        if kinds & 1 > 0 {
            let reference = split[..n].iter().map(|k| *k as f64 * 5.0).collect();
            problem.change = Some(Change { reference, at_most: 20.0 + share as f64 * 10.0 });
        }
        if kinds & 2 > 0 {
            problem.cost_per_action = Some(cost);
        }
        check(&problem, 1e-4)?;
    }
}

#[test]
fn the_textbook_allocation_is_found() {
    // Products × spend 1..4, total 6, each at least 1: the optimum is 28.
    use crate::response::curve::Curve;
    use crate::response::points::Points;
    let values = [[7.0, 10.0, 14.0, 17.0], [4.0, 8.0, 11.0, 14.0], [6.0, 9.0, 13.0, 15.0]];
    let seats = values.map(|values| {
        let pairs: Vec<(f64, f64)> =
            values.iter().enumerate().map(|(k, v)| ((k + 1) as f64, *v)).collect();
        Seat::new(Curve::Points(std::sync::Arc::new(Points::new(&pairs).unwrap())), 1.0, 4.0)
    });
    let mut problem = Problem::new(seats.into(), 6.0);
    problem.minor_per_unit = 1;
    problem.budget_minor = 6;
    let solution = maximise(&problem, &Settings::default()).unwrap();
    assert_eq!(solution.objective, 28.0, "{solution:?}");
    assert!(solution.gap <= 1e-9);
}

#[test]
fn nothing_to_fund_is_an_error() {
    assert_eq!(
        maximise(&Problem::new(Vec::new(), 5.0), &Settings::default()),
        Err(Unsolvable::NoSegments)
    );
}
