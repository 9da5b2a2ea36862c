//! Dividing a budget: known curves with five groups, posterior draws' tables, S-shapes with
//! on/off rules. The problems follow the rivals' generator: log-normal ceilings and scales, box
//! bounds around a history, groups held within 15 % of it.
//!
//! Measured on one core of a shared two-core machine, CPU milliseconds of one solve, all in the
//! same quarter of an hour on the very same problems (`gen_alloc.py`, fixed seeds):
//!
//! | 10 000 segments | exponential | Hill ≤ 1 | exposure |
//! |---|---|---|---|
//! | here | 0.44–0.54 | 1.1 | 0.65 |
//! | water-filling by hand in NumPy 2.4 | 3.3 | 380 | – |
//! | cvxpy 1.9 with Clarabel | 313 | 1 017 | – |
//! | Ipopt (through CasADi 3.8) | 294 | 315 | – |
//!
//! At 1 000 segments: here 0.07 / 0.20 / 0.11, NumPy 0.77 / 51, Clarabel 38 / 96, Ipopt 16 / 17.
//! At 100 000 and a million here, on two threads: 8.6 / 13.7 / 9.9 and 75 / 147 / 94.
//!
//! The whole command, from a file of curves to `plan.json`, beside pandas and NumPy water-filling on
//! the same file (`known_curves.py make N`, `relais plan campaign_N.toml --curves curves_N.csv`,
//! `known_curves.py divide N`), exponential curves, CPU seconds and peak memory in the same minutes
//! of a busy machine:
//!
//! | curves | `relais plan` | pandas and NumPy | `relais plan` before columns |
//! |---|---|---|---|
//! | 100 000 | 0.32, 70 MB | 0.85, 113 MB | 1.62, 242 MB |
//! | a million | 2.3, 516 MB, `plan.json` 76 MB | 5.5, 354 MB | 15.8, 2.2 GB, 753 MB |

use std::collections::BTreeMap;
use std::fmt::Write as _;

use divan::{Bencher, black_box};
use rand::{Rng, RngExt};
use rand_distr::{Distribution, StandardNormal};
use relais::action::Action;
use relais::allocate::problem::{Problem, Rule, Variable};
use relais::allocate::{
    KnownPlanRequest, PlanRequest, Settings, maximise, plan, plan_curves, read_curves,
};
use relais::campaign::Campaign;
use relais::language::Language;
use relais::random::{Purpose, Seed};
use relais::reference::Reference;
use relais::response::curve::Curve;
use relais::response::exponential::Exponential;
use relais::response::exposure::Exposure;
use relais::response::hill::Hill;
use relais::rules::Tables;
use relais::segment::Segment;
use relais::train::posterior::draws::{Draws, ResponseDraw, SegmentDraws, SharedDraw};

fn main() {
    divan::main();
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Family {
    Exponential,
    Exposure,
    Hill,
    Sigmoid,
}

fn problem(family: Family, n: usize) -> Problem {
    let mut rng = Seed(1).stream(Purpose::Generate, n as u64);
    let mut history = Vec::with_capacity(n);
    let variables: Vec<Variable> = (0..n)
        .map(|_| {
            let (variable, past) = variable(family, &mut rng);
            history.push(past);
            variable
        })
        .collect();
    let total: f64 = history.iter().sum();
    let mut problem = Problem::new(variables, total);
    let (floor, ceiling) = if family == Family::Sigmoid { (0.0, 1.3) } else { (0.85, 1.15) };
    for group in 0..5 {
        let members: Vec<usize> = (0..n).filter(|i| i % 5 == group).collect();
        let past: f64 = members.iter().map(|&i| history[i]).sum();
        problem.rules.push(Rule::group(members, floor * past, ceiling * past));
    }
    problem
}

fn variable(family: Family, rng: &mut impl Rng) -> (Variable, f64) {
    let mut normal = || -> f64 { StandardNormal.sample(rng) };
    let (ceiling, scale) = ((5.0 + 0.8 * normal()).exp(), (4.0 + 0.7 * normal()).exp());
    let (spread, past) = (rng.random_range(0.0..1.0), scale * rng.random_range(0.3..1.5));
    let bounded = |curve: Curve| (Variable::new(curve, 0.2 * past, 3.0 * past), past);
    match family {
        Family::Exponential => bounded(Exponential { ceiling, scale }.into()),
        Family::Exposure => bounded(Exposure { ceiling, scale, shape: 0.5 + 2.0 * spread }.into()),
        Family::Hill => bounded(Curve::Hill(Hill::new(ceiling, scale, 0.6 + 0.4 * spread))),
        // Tight: 15 % of the scale each, so that an equal split lies on the convex foot.
        Family::Sigmoid => {
            let curve = Curve::Hill(Hill::new(ceiling, scale, 2.0 + spread));
            let mut variable = Variable::new(curve, 0.0, 4.0 * scale);
            variable.min_if_funded = 0.3 * scale;
            variable.fixed_cost = 0.02 * scale;
            (variable, 0.15 * scale)
        }
    }
}

fn divide(bencher: Bencher<'_, '_>, family: Family, n: usize) {
    let problem = problem(family, n);
    bencher
        .bench_local(|| maximise(black_box(&problem), &Settings::default()).map(|s| s.objective));
}

#[divan::bench(args = [1_000, 10_000, 100_000, 1_000_000], sample_count = 5, sample_size = 1)]
fn exposure_five_groups(bencher: Bencher<'_, '_>, n: usize) {
    divide(bencher, Family::Exposure, n);
}

#[divan::bench(args = [1_000, 10_000, 100_000, 1_000_000], sample_count = 5, sample_size = 1)]
fn exponential_five_groups(bencher: Bencher<'_, '_>, n: usize) {
    divide(bencher, Family::Exponential, n);
}

#[divan::bench(args = [1_000, 10_000, 100_000], sample_count = 5, sample_size = 1)]
fn hill_five_groups(bencher: Bencher<'_, '_>, n: usize) {
    divide(bencher, Family::Hill, n);
}

#[divan::bench(args = [10, 40, 60, 1_000, 10_000], sample_count = 3, sample_size = 1)]
fn sigmoid_on_off(bencher: Bencher<'_, '_>, n: usize) {
    divide(bencher, Family::Sigmoid, n);
}

/// S-curves whose numbers lie within so much of each other, in groups held below 1.3 times their
/// even part: how many to fund is the question.
fn alike(n: usize, within: f64, groups: usize) -> Problem {
    let mut rng = Seed(3).stream(Purpose::Generate, n as u64);
    let mut near = |x: f64| x * (1.0 + within * rng.random_range(-1.0..1.0));
    let variable =
        |_| Variable::new(Curve::Hill(Hill::new(near(100.0), near(50.0), near(2.0))), 0.0, 200.0);
    let mut problem = Problem::new((0..n).map(variable).collect(), 12.7 * n as f64);
    for group in 0..groups {
        let members: Vec<usize> = (0..n).filter(|i| i % groups == group).collect();
        let part = 12.7 * members.len() as f64;
        problem.rules.push(Rule::group(members, 0.0, 1.3 * part));
    }
    problem
}

fn divide_alike(bencher: Bencher<'_, '_>, problem: &Problem) {
    bencher.bench_local(|| maximise(black_box(problem), &Settings::default()).map(|s| s.gap));
}

#[divan::bench(args = [20, 40, 60], sample_count = 3, sample_size = 1)]
fn equal_sigmoids(bencher: Bencher<'_, '_>, n: usize) {
    divide_alike(bencher, &alike(n, 0.0, 0));
}

#[divan::bench(args = [20, 40, 60], sample_count = 3, sample_size = 1)]
fn equal_sigmoids_in_five_groups(bencher: Bencher<'_, '_>, n: usize) {
    divide_alike(bencher, &alike(n, 0.0, 5));
}

#[divan::bench(args = [20, 40, 60], sample_count = 3, sample_size = 1)]
fn sigmoids_within_a_percent(bencher: Bencher<'_, '_>, n: usize) {
    divide_alike(bencher, &alike(n, 0.01, 0));
}

/// Segments of nothing or exactly 500, and a budget that they cannot make.
#[divan::bench(args = [24, 40, 60], sample_count = 3, sample_size = 1)]
fn packages_that_make_no_budget(bencher: Bencher<'_, '_>, n: usize) {
    let curve: Curve = Exponential { ceiling: 100.0, scale: 300.0 }.into();
    let variable = Variable { min_if_funded: 500.0, ..Variable::new(curve, 0.0, 500.0) };
    let problem = Problem::new(vec![variable; n], 5_200.0);
    bencher.bench_local(|| maximise(black_box(&problem), &Settings::default()).is_err());
}

/// Draws of one average week without memory: the mean of exposure curves.
fn draws(n: usize, count: usize) -> Draws {
    let mut rng = Seed(2).stream(Purpose::Generate, 0);
    let mut mix = [0.0; Action::COUNT];
    mix[Action::LinkClicks.index()] = 1.0;
    let shared = SharedDraw {
        carryover: 0.0,
        dispersion: vec![5.0],
        log_season: vec![0.0],
        shock_sd: 0.1,
        incremental: vec![0.5],
        delivery_sd: 0.1,
    };
    let segments = (0..n)
        .map(|i| {
            let ceiling: f64 = rng.random_range(20.0..400.0);
            let draw = |rng: &mut dyn Rng| ResponseDraw {
                ceiling: ceiling * rng.random_range(0.7..1.4),
                scale: rng.random_range(40.0..120.0),
                shape: rng.random_range(0.8..2.0),
                cpm_rise: 0.0,
                baseline: 0.0,
                cpm: 6.0,
                audience: 1e5,
                reach_shape: 1.0,
                mix,
                follows_rate: 0.0,
            };
            SegmentDraws {
                segment: Segment { id: format!("s{i}"), attributes: BTreeMap::new() },
                network: 0,
                prior_only: false,
                observed_spend: 100.0,
                reference_spend: 100.0,
                ground: None,
                form_sd: 0.0,
                draws: (0..count).map(|_| draw(&mut rng)).collect(),
            }
        })
        .collect();
    Draws {
        tested: Vec::new(),
        weeks: Vec::new(),
        networks: vec!["facebook".to_owned()],
        shared: vec![shared; count],
        segments,
    }
}

/// From a curves file to the bytes of a plan: read, divide, prove, write.
#[divan::bench(args = [10_000, 100_000, 1_000_000], sample_count = 3, sample_size = 1)]
fn whole_plan_over_known_curves(bencher: Bencher<'_, '_>, n: usize) {
    let mut rng = Seed(3).stream(Purpose::Generate, n as u64);
    let mut text = String::from("segment,form,p1,p2,p3,min,max,min_if_funded,fixed_cost,group\n");
    let mut total = 0.0;
    for i in 0..n {
        let (variable, past) = variable(Family::Exponential, &mut rng);
        let Curve::Exponential { curve, .. } = &variable.curve else { unreachable!("it is one") };
        let (a, k, low, high) = (curve.ceiling, curve.scale, variable.min, variable.max);
        writeln!(text, "s{i},exponential,{a},{k},,{low},{high},,,g{}", i % 5).expect("memory");
        total += past;
    }
    let head = format!(
        "title = \"t\"\nbudget = \"{total:.2} EUR\"\n\
         flight = {{ start = 2027-03-01, end = 2027-03-28 }}\n\
         [[limits.group]]\nname = \"part\"\neach = \"group\"\nmax_share = 0.2001\n"
    );
    let campaign =
        Campaign::parse(&head, std::path::Path::new("c.toml")).expect("it is well formed");
    let tables = Tables::load(&Reference::default()).expect("the shipped tables are sound");
    bencher.bench_local(|| {
        let curves = read_curves(black_box(text.as_bytes()), "curves.csv").expect("it is sound");
        let plan = plan_curves(&KnownPlanRequest {
            campaign: &campaign,
            curves: &curves,
            tables: &tables,
            language: Language::En,
            seed: Seed(1),
            fingerprint: "bench",
            settings: Settings::default(),
        });
        serde_json::to_writer(std::io::sink(), &plan.expect("there is one"))
            .expect("it is written");
    });
}

/// The whole plan: choose, prove, promise, explain every row.
#[divan::bench(args = [(1_000, 200), (10_000, 200)], sample_count = 3, sample_size = 1)]
fn whole_plan_over_draws(bencher: Bencher<'_, '_>, (n, count): (usize, usize)) {
    let text = format!(
        "title = \"t\"\nbudget = \"{} EUR\"\nflight = {{ start = 2027-03-01, end = 2027-03-07 }}\n",
        60 * n
    );
    whole_plan(bencher, &text, &draws(n, count));
}

/// Prudence with minimums at budgets that few of 34 segments fit in.
#[divan::bench(args = [(400, 0.0), (400, 0.6), (1_500, 0.9), (4_000, 0.4)], sample_count = 3, sample_size = 1)]
fn prudence_at_tight_budgets(bencher: Bencher<'_, '_>, (budget, prudence): (u32, f64)) {
    let text = format!(
        "title = \"t\"\nbudget = \"{budget} EUR\"\n\
         flight = {{ start = 2027-03-01, end = 2027-03-07 }}\n[limits]\nfunded_at_most = 6\n\
         per_segment = {{ min_if_funded = {}, max_share = 0.35 }}\n\
         [risk]\nprudence = {prudence}\n",
        budget / 8
    );
    whole_plan(bencher, &text, &draws(34, 400));
}

fn whole_plan(bencher: Bencher<'_, '_>, text: &str, draws: &Draws) {
    let campaign =
        Campaign::parse(text, std::path::Path::new("c.toml")).expect("it is well formed");
    let tables = Tables::load(&Reference::default()).expect("the shipped tables are sound");
    let request = PlanRequest {
        campaign: &campaign,
        choose: draws,
        promise: draws,
        last: None,
        tables: &tables,
        language: Language::En,
        seed: Seed(1),
        fingerprint: "bench",
        earlier: None,
        history: None,
        asked: None,
        today: None,
        country: "FR",
        doubts: &[],
        money_in: None,
        settings: Settings::default(),
        bare: false,
    };
    bencher.bench_local(|| plan(black_box(&request)).map(|plan| plan.certificate));
}
