//! The study itself, on few worlds: its oracle, its order, its lines.

use super::*;
use crate::allocate::problem::{Problem, Variable};
use crate::generate::population::Population;
use crate::generate::spec::WorldSpec;
use crate::reference::Reference;
use crate::response::exponential::Exponential;
use crate::train::Specification;

fn shipped() -> Population {
    Population::read(include_str!("../../data/study.toml")).expect("shipped")
}

/// A family with worlds small enough for a test.
fn small(name: &str) -> WorldFamily {
    let mut family = shipped().family(name).expect(name).clone();
    family.world.segments = 6;
    family.world.weeks = 16;
    family.world.flight_weeks = 4;
    family
}

fn settings(worlds: u64) -> Settings {
    Settings {
        worlds,
        specification: Specification::default(),
        draws: 40,
        trust_region: true,
        closely: false,
        limit: Limit::LeftOut,
    }
}

/// A problem over a world's segments with no rule but the budget.
fn free(world: &World, most: f64) -> Problem {
    let curve = || Exponential { ceiling: 1.0, scale: 1.0 }.into();
    let variables = world.segments().iter().map(|_| Variable::new(curve(), 0.0, most)).collect();
    Problem::new(variables, world.budget())
}

/// The best of a grid of splits, by dynamic programming: exact on the grid for curves of any shape.
fn best_on_grid(truth: &Truth<'_>, segments: usize, budget: f64, steps: usize) -> f64 {
    let mut best = vec![f64::NEG_INFINITY; steps + 1];
    best[0] = 0.0;
    for i in 0..segments {
        let values: Vec<f64> =
            (0..=steps).map(|j| truth.segment(i, budget * j as f64 / steps as f64)).collect();
        best = (0..=steps)
            .map(|sum| {
                (0..=sum).map(|j| best[sum - j] + values[j]).fold(f64::NEG_INFINITY, f64::max)
            })
            .collect();
    }
    best[steps]
}

#[test]
fn who_knows_everything_beats_every_split_of_a_grid_whatever_the_curves() {
    for name in ["threshold", "fatigue", "concave", "lag"] {
        for seed in 0..4 {
            let family = small(name);
            let world = World::make(&family.world, Seed(seed));
            let campaign = campaign(&world, &family.decision);
            let truth = Truth::new(&world, &campaign);
            let rules = free(&world, world.budget());
            let oracle = truth.oracle(&rules).expect("no rules");
            let grid = best_on_grid(&truth, 6, world.budget(), 120);
            // Cubic tables of sixty nodes are true to a few in ten thousand between them.
            let value = truth.value(&oracle);
            assert!(value > grid * (1.0 - 1e-3), "{name} {seed}: {value} {grid}");
        }
    }
}

#[test]
fn no_exchange_of_money_helps_who_knows_that_segments_share_people() {
    for seed in 0..3 {
        let mut family = shipped().family("overlap-once").expect("shipped").clone();
        family.world.segments = 12;
        let world = World::make(&family.world, Seed(seed));
        assert!((0..12).any(|i| !world.relatives(i).is_empty()));
        let campaign = campaign(&world, &family.decision);
        let truth = Truth::new(&world, &campaign);
        let split = truth.oracle(&free(&world, world.budget())).expect("no rules");
        let value = truth.value(&split);
        for from in 0..12 {
            for to in (0..12).filter(|to| *to != from) {
                for share in [0.02, 0.2, 1.0] {
                    let mut other = split.clone();
                    let moved = share * other[from];
                    other[from] -= moved;
                    other[to] += moved;
                    let gained = truth.value(&other) / value - 1.0;
                    // Tables are true to some ten-thousandths between their nodes.
                    assert!(gained < 2e-4, "{seed}: {from} → {to}: {gained}");
                }
            }
        }
        // Alone, each segment would be worth more: the split that ignores the others is worse.
        let apart: f64 = (0..12).map(|i| truth.segment(i, split[i])).sum();
        assert!(apart > 1.005 * value);
    }
}

#[test]
fn a_study_goes_through_its_families_in_turn_and_judges_each() {
    let families = [small("threshold"), small("demand-segment-0.9"), small("overlap-each")];
    let tables = Tables::load(&Reference::default()).expect("shipped");
    let heard = std::sync::Mutex::new(0);
    let count = |scores: &[WorldScore]| {
        *heard.lock().expect("no holder panics") += scores.len();
        true
    };
    let studied =
        study(&families, &settings(6), &tables, Seed(3), BTreeMap::new(), &count).expect("plans");
    assert_eq!((studied.worlds, *heard.lock().expect("no holder panics")), (6, 6));
    let names: Vec<&str> = studied.families.iter().map(|line| line.name.as_str()).collect();
    assert_eq!(names, ["threshold", "demand-segment-0.9", "overlap-each"]);
    for score in &studied.scores {
        assert!(score.oracle >= score.value && score.oracle_on_known_ground >= score.value);
        assert!(score.violation < 1e-9, "{}", score.violation);
        assert_eq!(score.family, names[(score.world % 3) as usize]);
        assert!(score.covered.usual.max(score.covered.twice) <= score.covered.segments);
        assert!(score.odds.is_some_and(|odds| (0.0..=1.0).contains(&odds)));
        // Where networks claim the same people they report more than there is.
        let claimed = score.family == "overlap-each" && score.reported > score.value;
        assert!(claimed || score.reported == score.value, "{}", score.family);
    }
    for line in &studied.families {
        assert_eq!(line.worlds, 2);
        assert!(line.claims_true <= line.claims.min(line.better));
        assert!(line.worst_beside_last <= line.beside_last);
        let measures: Vec<&str> = line.targets.iter().map(|t| t.measure.as_str()).collect();
        assert_eq!(measures.contains(&"share_of_oracle"), line.name != "threshold");
    }
    // A study of several families has no targets but theirs.
    assert!(studied.targets.is_empty() && studied.share_of_bayes_limit.is_none());
    let mean = studied.scores.iter().map(|s| s.value / s.oracle).sum::<f64>() / 6.0;
    assert!((studied.share_of_oracle - mean).abs() < 1e-12);
}

#[test]
fn a_familys_worlds_are_the_same_alone_in_company_and_on_any_number_of_threads() {
    let families = [small("concave"), small("thin")];
    let tables = Tables::load(&Reference::default()).expect("shipped");
    let of = |families: &[WorldFamily], worlds: u64, threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let none = BTreeMap::new();
        pool.install(|| study(families, &settings(worlds), &tables, Seed(5), none, &|_| true))
            .expect("plans")
    };
    let one = of(&families, 4, 1);
    let text = |study: &Study| serde_json::to_string(study).expect("numbers");
    assert_eq!(text(&one), text(&of(&families, 4, 8)));
    let alone = of(&families[1..], 2, 2);
    for (alone, company) in alone.scores.iter().zip([1, 3]) {
        let company = WorldScore { world: alone.world, ..one.scores[company].clone() };
        assert_eq!(*alone, company);
    }
}

#[test]
fn standard_worlds_are_the_studys_own_children_and_other_families_have_seeds_of_their_own() {
    let population = shipped();
    let of = |name: &str| seed_of(population.family(name).expect(name), Seed(7));
    assert_eq!(of("standard"), Seed(7));
    let mut seeds: Vec<u64> = population.families.iter().map(|f| seed_of(f, Seed(7)).0).collect();
    seeds.sort_unstable();
    seeds.dedup();
    assert_eq!(seeds.len(), population.families.len());
    let world: &WorldSpec = &population.family("standard").expect("shipped").world;
    assert_eq!(*world, population.world);
}

#[test]
fn every_shipped_family_has_a_question_and_targets_that_can_be_missed() {
    for family in shipped().families {
        let world = World::make(&family.world, Seed(1));
        let campaign = campaign(&world, &family.decision);
        assert!(campaign.budget.as_f64() > 0.0, "{}", family.name);
        let split = world.last_split(family.world.flight_weeks);
        assert!(split.iter().sum::<f64>() > 0.0, "{}", family.name);
        let target = serde_json::to_value(family.target).expect("numbers");
        let wanted = target.as_object().expect("a table").values().filter(|v| v.is_object());
        assert!(wanted.count() >= 4, "{}", family.name);
    }
}

#[test]
fn lifting_the_products_own_bounds_leaves_what_the_planner_wrote() {
    let family = small("concave");
    let world = World::make(&family.world, Seed(1));
    let written = campaign(&world, &family.decision);
    let lifted = decision::lifted(&written);
    assert_eq!(lifted.limits.segment, written.limits.segment);
    assert!(!lifted.limits.segment.is_empty());
    assert_eq!((lifted.budget, lifted.flight), (written.budget, written.flight));
}
