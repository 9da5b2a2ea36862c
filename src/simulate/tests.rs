//! The whole simulation against what can be worked out by hand.

use super::*;
use crate::allocate::plan::Plan;
use crate::allocate::rules::policy::PolicyName;
use crate::campaign::Campaign;
use crate::reference::Reference;
use crate::response::memory::Remembered;
use crate::rules::Tables;
use crate::simulate::future::trace;
use crate::train::posterior::draws::Draws;

struct Case {
    draws: Draws,
    campaign: Campaign,
    plan: Plan,
    tables: Tables,
}

impl Case {
    fn new(segments: usize, n_draws: usize, weeks: usize) -> Self {
        let draws = fixture::draws(segments, n_draws, weeks, 5);
        let campaign = fixture::campaign(weeks);
        let share = campaign.budget.as_f64() / segments as f64;
        let plan = fixture::plan(&draws, &campaign, &vec![share; segments]);
        let tables = Tables::load(&Reference::default()).unwrap();
        Self { draws, campaign, plan, tables }
    }

    fn simulate(&self, settings: &Settings) -> Simulation {
        let inputs = Inputs {
            draws: &self.draws,
            plan: &self.plan,
            campaign: &self.campaign,
            tables: &self.tables,
        };
        simulation(&inputs, settings, Seed(3), &|_| true).unwrap()
    }
}

/// Only the splits that are always played.
fn quick(n: u64) -> Settings {
    Settings { policies: Some(Vec::new()), ..replicates(n) }
}

fn replicates(n: u64) -> Settings {
    Settings { replicates: Some(n), ..Settings::default() }
}

/// Mean and variance of the plan's value worked out from the model: no shocks between networks
/// and weeks beyond those of `shock_sd`, no delivery noise.
#[test]
fn mean_and_variance_are_those_of_the_model() {
    let mut case = Case::new(5, 1, 4);
    case.draws.shared[0].delivery_sd = 0.0;
    let n = 40_000;
    let simulation = case.simulate(&quick(n));
    let plan = &simulation.outcomes.policies[0];
    let shared = &case.draws.shared[0];
    let (mut mean, mut variance) = (0.0, 0.0);
    let shock = (shared.shock_sd.powi(2)).exp_m1();
    let mut by_network_week = vec![vec![0.0; 4]; 3];
    for (i, segment) in case.draws.segments.iter().enumerate() {
        let mut memory = Remembered::NOTHING;
        let season: Vec<f64> = case.draws.season(0, segment.network).collect();
        let weekly = case.plan.rows[i].budget / 4.0;
        let points = case.draws.points(i, 0, &case.campaign.points);
        let response = case.draws.response(i, 0);
        for (week, gain) in response.weeks([weekly; 4], &mut memory).enumerate() {
            let mu = points * gain * season[week];
            mean += mu;
            // Poisson, and gamma of shape φ around a mean whose own square is μ² (1 + shock).
            variance += points * mu + mu * mu * (1.0 + shock) / shared.dispersion[segment.network];
            by_network_week[segment.network][week] += mu;
        }
    }
    variance += by_network_week.iter().flatten().map(|mu| mu * mu * shock).sum::<f64>();
    let error = (variance / n as f64).sqrt();
    assert!((plan.value.mean - mean).abs() < 4.0 * error, "{} {mean}", plan.value.mean);
    // The deviation of a variance is about √(2/n) of it for a law near normal.
    let ratio = plan.value.sd.powi(2) / variance;
    assert!((ratio - 1.0).abs() < 5.0 * (2.0 / n as f64).sqrt(), "{ratio}");
    let expected = simulation.details.expected_of[&PolicyName::Plan];
    assert!((expected - mean).abs() < 4.0 * error, "{expected} {mean}");
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let case = Case::new(5, 20, 2);
    let told = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| serde_json::to_string(&case.simulate(&replicates(40))).unwrap())
    };
    let one = told(1);
    assert_eq!(one, told(2));
    assert_eq!(one, told(8));
}

#[test]
fn a_plan_that_is_the_last_split_neither_wins_nor_loses() {
    let mut case = Case::new(6, 10, 3);
    let last: Vec<f64> = case.plan.rows.iter().map(|row| row.last.unwrap()).collect();
    case.plan = fixture::plan(&case.draws, &case.campaign, &last);
    let outcomes = case.simulate(&quick(500)).outcomes;
    let by_name = |name: PolicyName| outcomes.policies.iter().find(|p| p.name == name).unwrap();
    let (plan, last) = (by_name(PolicyName::Plan), by_name(PolicyName::Last));
    assert_eq!(plan.p_beats_last, 0.0);
    assert!((plan.value.mean - last.value.mean).abs() < 1e-6 * plan.value.mean);
}

#[test]
fn the_error_target_decides_how_many_replicates() {
    let case = Case::new(4, 3000, 2);
    let free = Settings { policies: Some(Vec::new()), ..Settings::default() };
    let sharp_settings = Settings { error_target: 0.002, ..free.clone() };
    let rough = case.simulate(&Settings { error_target: 0.02, ..free });
    let sharp = case.simulate(&sharp_settings);
    assert!(sharp.outcomes.replicates > rough.outcomes.replicates);
    assert!(rough.details.monte_carlo_error <= 0.02);
    assert!(sharp.details.monte_carlo_error <= 0.002);
}

#[test]
fn policies_that_think_play_until_their_difference_is_sharp() {
    let case = Case::new(6, 2000, 3);
    let told = case.simulate(&Settings { error_target: 0.01, ..Settings::default() });
    let played = &told.details.replicates_of;
    for name in [PolicyName::Oracle, PolicyName::Greedy, PolicyName::Adaptive] {
        assert!(
            (48..=500).contains(&played[&name]) && played[&name] < played[&PolicyName::Plan],
            "{name}"
        );
    }
    let plan = &told.outcomes.policies[0];
    let oracle = told.outcomes.policies.iter().find(|p| p.name == PolicyName::Oracle).unwrap();
    // Sharp enough for what is told, or every future that the oracle ever plays.
    let error = told.details.regret_error.unwrap();
    let allowed = 0.001_f64.max(0.02 * plan.regret / (1.0 - plan.regret));
    assert!(error <= 1.01 * allowed || played[&PolicyName::Oracle] == 500, "{error}");
    // The oracle's mean is told for all the plan's futures, not for its own few: its distance to
    // the plan's is the regret.
    let distance = (oracle.value.mean - plan.value.mean) / oracle.value.mean;
    assert!((distance - plan.regret).abs() < 0.01, "{distance} {}", plan.regret);
}

#[test]
fn a_refused_topic_costs_its_weeks_and_leaves_the_money() {
    let mut case = Case::new(6, 10, 4);
    let calm = case.simulate(&quick(400)).outcomes;
    let weeks = case.campaign.weeks();
    case.campaign.shocks = vec![crate::campaign::Shock {
        name: "refus".to_owned(),
        conditions: [("network".to_owned(), vec!["facebook".to_owned()])].into(),
        from: weeks[1],
        to: weeks[2],
        probability: 1.0,
        cpm: 1.0,
        actions: 0.0,
    }];
    let refused = case.simulate(&quick(400)).outcomes;
    let money = |outcomes: &Outcomes| outcomes.policies[0].spent;
    // Two of six segments are on Facebook, two of four weeks are refused: a sixth is not spent.
    assert!((money(&refused) / money(&calm) - 5.0 / 6.0).abs() < 1e-9);
    assert!(refused.policies[0].value.mean < calm.policies[0].value.mean);
    let same_week = |outcomes: &Outcomes| outcomes.policies[0].weekly[0].mean;
    assert!((same_week(&refused) - same_week(&calm)).abs() < 1e-9);
}

#[test]
fn stopping_gives_the_answer_from_what_is_done() {
    let case = Case::new(4, 10, 2);
    let inputs = Inputs {
        draws: &case.draws,
        plan: &case.plan,
        campaign: &case.campaign,
        tables: &case.tables,
    };
    let settings = quick(5000);
    let stop = |progress: Progress| progress.done < 1000;
    let partial = simulation(&inputs, &settings, Seed(3), &stop).unwrap();
    assert!(partial.details.partial);
    assert_eq!((partial.outcomes.replicates, partial.outcomes.asked), (1000, 5000));
    let whole = simulation(&inputs, &quick(1000), Seed(3), &|_| true).unwrap();
    let (whole, partial) = (&whole.outcomes.policies[0], &partial.outcomes.policies[0]);
    assert_eq!((whole.value, &whole.weekly), (partial.value, &partial.weekly));
    // The oracle has played a few futures all the same, so regret means something.
    assert!(partial.regret > 0.0);
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let case = Case::new(4, 10, 2);
    let other = Case::new(5, 10, 2);
    let inputs =
        |draws, plan| Inputs { draws, plan, campaign: &case.campaign, tables: &case.tables };
    let settings = replicates(10);
    let fails = |inputs: &Inputs<'_>, settings: &Settings| {
        simulation(inputs, settings, Seed(1), &|_| true).unwrap_err()
    };
    assert!(matches!(
        fails(&inputs(&other.draws, &case.plan), &settings),
        SimulateError::OtherSegments { row: 5, .. }
    ));
    let mut broken = case.draws.clone();
    broken.segments[2].draws[3].scale = f64::NAN;
    assert!(matches!(
        fails(&inputs(&broken, &case.plan), &settings),
        SimulateError::BadDraw { parameter: "scale", draw: 4, .. }
    ));
    let good = inputs(&case.draws, &case.plan);
    assert!(matches!(fails(&good, &replicates(0)), SimulateError::NoReplicates));
    assert!(matches!(policy::named("psychic"), Err(SimulateError::UnknownPolicy { .. })));
    for policy in policy::all() {
        assert_eq!(policy::named(policy.name().word()).unwrap(), policy.name());
    }
}

#[test]
fn a_replicate_played_alone_is_the_one_of_the_whole() {
    let case = Case::new(6, 10, 3);
    let inputs = Inputs {
        draws: &case.draws,
        plan: &case.plan,
        campaign: &case.campaign,
        tables: &case.tables,
    };
    let settings = replicates(13);
    let context = SimulationContext::new(&inputs, &settings).unwrap();
    let (mut fixed, mut thinking) = players(&context, &settings);
    run::splits(&context, &mut fixed, &settings, Seed(3), &|_| true);
    let plan = &fixed[0].accounts;
    run::thinking(&context, &mut thinking, plan, 13, (&settings, Seed(3)), &|_| true);
    let ledgers = fixed.iter().map(|player| (player.name, &player.accounts));
    let thought = thinking.iter().map(|player| (player.policy.name(), &player.accounts));
    for (name, accounts) in ledgers.chain(thought) {
        let alone = trace::trace(&inputs, &settings, Seed(3), 12, name).unwrap();
        assert_eq!(alone.value, accounts.value[12], "{name}");
        assert!((alone.expected / accounts.expected[12] - 1.0).abs() < 1e-12, "{name}");
        let counted: f64 = alone.cells.iter().map(|cell| cell.count).sum();
        assert_eq!(counted, accounts.actions[12], "{name}");
    }
}

#[test]
fn who_knows_more_earns_more() {
    let case = Case::new(12, 60, 6);
    let simulation = case.simulate(&replicates(150));
    let regret = |name: PolicyName| {
        let policy = simulation.outcomes.policies.iter().find(|p| p.name == name);
        policy.unwrap_or_else(|| panic!("{name} did not play")).regret
    };
    assert!(regret(PolicyName::Oracle).abs() < 1e-12);
    for name in [
        PolicyName::Plan,
        PolicyName::Last,
        PolicyName::Equal,
        PolicyName::Proportional,
        PolicyName::Cheapest,
        PolicyName::Followers,
    ] {
        assert!(regret(name) > 0.0, "{name}: {}", regret(name));
        assert!(regret(PolicyName::Greedy) < regret(name), "greedy against {name}");
    }
    // Knowing the posterior and learning on, one comes near to who knows the truth.
    assert!(regret(PolicyName::Greedy) < 0.05, "{}", regret(PolicyName::Greedy));
    assert!(simulation.details.value_of_adapting.unwrap() > 0.0);
}

/// In every single future, not only on average: the oracle's split is the best fixed one.
#[test]
fn no_split_beats_the_oracle_in_any_future() {
    let case = Case::new(8, 25, 4);
    let inputs = Inputs {
        draws: &case.draws,
        plan: &case.plan,
        campaign: &case.campaign,
        tables: &case.tables,
    };
    let settings = replicates(25);
    let context = SimulationContext::new(&inputs, &settings).unwrap();
    let (mut fixed, mut thinking) = players(&context, &settings);
    run::splits(&context, &mut fixed, &settings, Seed(3), &|_| true);
    let plan = &fixed[0].accounts;
    run::thinking(&context, &mut thinking, plan, 25, (&settings, Seed(3)), &|_| true);
    let oracle = thinking.iter().find(|player| player.policy.name() == PolicyName::Oracle).unwrap();
    for player in &fixed {
        for (replicate, expected) in player.accounts.expected.iter().enumerate() {
            // The solver's gap, 1e-4.
            let bound = oracle.accounts.expected[replicate] * (1.0 + 2e-4);
            assert!(*expected <= bound, "{} in {replicate}: {expected} {bound}", player.name);
        }
    }
}

/// A network refuses the topic from the second week on: who knows leaves those weeks out, and
/// nobody who only learns of it as it happens comes out above.
#[test]
fn who_knows_of_a_refusal_is_not_caught_by_it() {
    let mut case = Case::new(9, 20, 5);
    let weeks = case.campaign.weeks();
    case.campaign.shocks = vec![crate::campaign::Shock {
        name: "refus".to_owned(),
        conditions: [("network".to_owned(), vec!["facebook".to_owned()])].into(),
        from: weeks[1],
        to: weeks[4],
        probability: 1.0,
        cpm: 1.0,
        actions: 0.0,
    }];
    let inputs = Inputs {
        draws: &case.draws,
        plan: &case.plan,
        campaign: &case.campaign,
        tables: &case.tables,
    };
    let told = trace::trace(&inputs, &replicates(1), Seed(9), 0, PolicyName::Oracle).unwrap();
    let refused =
        |cell: &&trace::TraceCell| cell.segment.starts_with("facebook") && cell.week != weeks[0];
    assert!(told.cells.iter().filter(refused).all(|cell| cell.money == 0.0));
    let spent: f64 = told.cells.iter().map(|cell| cell.spent).sum();
    assert!((spent - case.campaign.budget.as_f64()).abs() < 0.01, "{spent}");
    let simulation = case.simulate(&replicates(100));
    let expected = |name: PolicyName| simulation.details.expected_of[&name];
    assert!(expected(PolicyName::Greedy) <= expected(PolicyName::Oracle) * 1.002);
    assert!(expected(PolicyName::Plan) < expected(PolicyName::Greedy));
}

#[test]
fn every_policy_keeps_to_the_budget_and_its_bounds() {
    let mut case = Case::new(8, 20, 4);
    case.campaign.limits.per_segment.max = Some(crate::campaign::Amount::Share(0.2));
    let inputs = Inputs {
        draws: &case.draws,
        plan: &case.plan,
        campaign: &case.campaign,
        tables: &case.tables,
    };
    for name in [PolicyName::Adaptive, PolicyName::Greedy, PolicyName::Oracle] {
        for replicate in 0..5 {
            let settings = Settings { unspent: 0.1, ..replicates(1) };
            let told = trace::trace(&inputs, &settings, Seed(9), replicate, name).unwrap();
            let money = case.campaign.budget.as_f64();
            let spent: f64 = told.cells.iter().map(|cell| cell.spent).sum();
            assert!(spent <= money + 0.01, "{name}: {spent}");
            for segment in &case.plan.rows {
                let mine = told.cells.iter().filter(|cell| cell.segment == segment.segment);
                let total: f64 = mine.map(|cell| cell.spent).sum();
                assert!(total <= 0.2 * money + 0.01, "{name}, {}: {total}", segment.segment);
            }
        }
    }
}

#[test]
fn odds_on_curves_not_learnt_are_discounted_and_those_on_learnt_ones_are_not() {
    let odds = |form_sd: f64| {
        let mut case = Case::new(6, 200, 4);
        case.draws.segments.iter_mut().for_each(|segment| segment.form_sd = form_sd);
        let outcomes = case.simulate(&quick(2000)).outcomes;
        (outcomes.policies[0].p_beats_last, outcomes.unlearnt, outcomes)
    };
    let (sure, none, before) = odds(0.0);
    let (open, all, after) = odds(0.3);
    assert_eq!((none, all), (0.0, 1.0));
    assert!(sure > 0.9, "the case is one where the plan is better: {sure}");
    assert!(open < sure && open <= 0.95, "{open} {sure}");
    // Nothing else moves.
    assert_eq!(before.policies[0].value, after.policies[0].value);
    assert_eq!(before.policies[0].regret, after.policies[0].regret);
}
