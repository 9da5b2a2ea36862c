//! Hundreds of rules that cross: those that hold are found among them, in prices as in
//! contradictions.

use super::exact::Dice;
use crate::allocate::problem::{Problem, Rule, Term, Variable};
use crate::allocate::solver::conflict::{Clashing, conflict};
use crate::allocate::{Settings, Unsolvable, maximise};
use crate::response::exponential::Exponential;

/// Random groups that cross, around a plan that keeps them all; ceilings times `tight`.
fn problem(dice: &mut Dice, n: usize, groups: usize, on_off: bool, tight: f64) -> Problem {
    let budget = 100.0 * n as f64;
    let shares: Vec<f64> = (0..n).map(|_| dice.between(0.05, 1.0).powi(2)).collect();
    let all: f64 = shares.iter().sum();
    let kept: Vec<f64> = shares.iter().map(|share| budget * share / all).collect();
    let variables = kept.iter().map(|own| {
        let curve =
            Exponential { ceiling: dice.between(50.0, 200.0), scale: dice.between(50.0, 400.0) };
        let min_if_funded = if on_off && dice.coin() { 0.8 * own } else { 0.0 };
        Variable { min_if_funded, ..Variable::new(curve.into(), 0.0, budget) }
    });
    let variables: Vec<Variable> = variables.collect();
    let mut problem = Problem::new(variables, budget);
    for _ in 0..groups {
        let mut terms: Vec<Term> = Vec::new();
        for _ in 0..2 + dice.of(n / 5) {
            let variable = dice.of(n) as u32;
            if terms.iter().all(|term| term.variable != variable) {
                terms.push(Term { variable, per_money: 1.0, when_funded: 0.0 });
            }
        }
        let used: f64 = terms.iter().map(|term| kept[term.variable as usize]).sum();
        let (low, high) = match dice.of(4) {
            0 => (used * dice.between(0.5, 1.0), f64::INFINITY),
            _ => (f64::NEG_INFINITY, used * dice.between(1.0, 1.5) * tight),
        };
        problem.rules.push(Rule { low, high, terms });
    }
    problem
}

/// The rules that no plan can do without: all others are left out one after the other where the
/// best value stays. What is left are few enough to be priced all at once.
fn value_of_few(problem: &Problem) -> f64 {
    let solution = maximise(problem, &Settings::default()).unwrap();
    let mut few = problem.clone();
    few.rules = (0..problem.rules.len())
        .filter(|j| solution.prices.rules[*j].more != 0.0 || solution.prices.rules[*j].less != 0.0)
        .map(|j| problem.rules[j].clone())
        .collect();
    assert!(few.rules.len() < 48, "{} rules have a price", few.rules.len());
    maximise(&few, &Settings::default()).unwrap().upper_bound
}

#[test]
fn of_hundreds_of_rules_those_that_hold_are_priced() {
    for seed in 0..6 {
        let mut dice = Dice::new(seed);
        let problem = problem(&mut dice, 24, 200, false, 1.0);
        let solution = maximise(&problem, &Settings::default()).unwrap();
        assert!(problem.violation(&solution.spend) <= 1e-9);
        // The bound is not that of too few rules, and no better than theirs.
        let gap = solution.upper_bound - solution.unrounded;
        assert!(gap <= 1e-8 * solution.upper_bound, "{seed}: {solution:?}");
        let of_few = value_of_few(&problem);
        assert!((of_few / solution.upper_bound - 1.0).abs() < 1e-7, "{seed}: {of_few}");
    }
}

#[test]
fn hundreds_of_rules_with_minimums_end_within_their_nodes() {
    for seed in 10..13 {
        let mut dice = Dice::new(seed);
        let problem = problem(&mut dice, 24, 300, true, 1.0);
        let settings = Settings { nodes: Some(50), ..Settings::default() };
        match maximise(&problem, &settings) {
            Ok(solution) => {
                // A last node may have two parts.
                assert!(solution.nodes <= 51, "{seed}: {}", solution.nodes);
                assert!(problem.violation(&solution.spend) <= 1e-9);
                assert!(solution.gap <= 0.05, "{seed}: {}", solution.gap);
            }
            Err(Unsolvable::Undecided { nodes }) => assert!(nodes <= 51, "{seed}: {nodes}"),
            // Minimums of 0.8 of a plan that keeps everything: that plan exists.
            Err(other) => panic!("{seed}: {other:?}"),
        }
    }
}

#[test]
fn of_hundreds_of_rules_a_smallest_set_that_clashes_is_named() {
    for seed in 20..24 {
        let mut dice = Dice::new(seed);
        let problem = problem(&mut dice, 24, 200, false, 0.6);
        let Err(Unsolvable::Conflict(found)) = maximise(&problem, &Settings::default()) else {
            panic!("{seed}: ceilings of 0.6 of what is spent leave no plan");
        };
        let named: Vec<usize> = found
            .clashes
            .iter()
            .filter_map(|clash| match clash.rule {
                Clashing::Floor(j) | Clashing::Ceiling(j) => Some(j),
                _ => None,
            })
            .collect();
        let with = |keep: &dyn Fn(usize) -> bool| {
            let mut other = problem.clone();
            let rules = named.iter().filter(|j| keep(**j)).map(|j| problem.rules[*j].clone());
            other.rules = rules.collect();
            other
        };
        assert!(named.len() < 48, "{seed}: {} rules", named.len());
        assert!(conflict(&with(&|_| true)).is_some(), "{seed}: the named rules can be kept");
        for left_out in &named {
            let rest = with(&|j| j != *left_out);
            assert!(conflict(&rest).is_none(), "{seed}: {left_out} is not needed");
        }
    }
}
