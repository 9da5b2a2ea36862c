//! Each family of the shipped study has in truth what it is named for.

use super::population::Population;
use super::response::Family;
use super::spec::trouble::Claims;
use super::world::World;
use crate::action::Action;
use crate::numeric::summary::mean;
use crate::random::Seed;

fn family(name: &str, seed: u64) -> World {
    let text = include_str!("../../data/study.toml");
    let population = Population::read(text).expect("shipped");
    World::make(&population.family(name).expect(name).world, Seed(seed))
}

/// Weeks with money, and it.
fn paid(world: &World, segment: usize) -> Vec<(usize, f64)> {
    let spends = world.weekly_spends(segment).iter().copied().enumerate();
    spends.filter(|(_, spend)| *spend > 0.0).collect()
}

/// Sums of squares and products around the means.
fn moments(pairs: &[(f64, f64)]) -> [f64; 3] {
    let mean = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / pairs.len() as f64;
    let (x, y) = (mean(|p| p.0), mean(|p| p.1));
    pairs.iter().fold([0.0; 3], |[xx, xy, yy], (a, b)| {
        [xx + (a - x).powi(2), xy + (a - x) * (b - y), yy + (b - y).powi(2)]
    })
}

/// Slope within segments of the log of money on the log of demand.
fn money_on_demand(world: &World) -> f64 {
    let mut sums = [0.0; 2];
    for i in 0..world.segments().len() {
        let pairs: Vec<(f64, f64)> =
            paid(world, i).iter().map(|(week, s)| (world.demand(i, *week), s.ln())).collect();
        let [xx, xy, _] = moments(&pairs);
        sums = [sums[0] + xx, sums[1] + xy];
    }
    sums[1] / sums[0]
}

/// Actions of a week by segment: weeks, money and counts.
fn weeks(world: &World, segment: usize) -> Vec<(usize, f64, f64)> {
    let mine = world.cells().iter().filter(|cell| cell.segment == segment);
    mine.map(|cell| {
        let count: f64 = Action::ACTIVE.iter().map(|kind| cell.actions[kind.index()]).sum();
        (cell.week, cell.spend, count)
    })
    .collect()
}

#[test]
fn money_follows_demand_by_segment_and_by_network_at_three_strengths() {
    for (name, strength) in [
        ("demand-segment-0.3", 0.3),
        ("demand-segment-0.6", 0.6),
        ("demand-segment-0.9", 0.9),
        ("demand-network-0.3", 0.3),
        ("demand-network-0.6", 0.6),
        ("demand-network-0.9", 0.9),
        ("demand-small", 0.9),
    ] {
        let slopes: Vec<f64> = (0..20).map(|seed| money_on_demand(&family(name, seed))).collect();
        // Other reasons have a log spread of 0.2; a thousand cells of demand of spread 0.8, with
        // four series of some fifteen independent weeks where networks share it, and eight weeks
        // where they are few: over twenty worlds 0.06 is three standard errors of the worst.
        assert!((mean(&slopes) - strength).abs() < 0.06, "{name}: {}", mean(&slopes));
    }
    let shared = family("demand-network-0.9", 1);
    let of = |i: usize| shared.truth(i).network;
    for i in 1..shared.segments().len() {
        let same = shared.demand(i, 7) == shared.demand(i - 1, 7);
        assert_eq!(same, of(i) == of(i - 1), "demand is a network's");
    }
    let own = family("demand-segment-0.9", 1);
    assert!((1..24).all(|i| own.demand(i, 7) != own.demand(i - 1, 7)), "demand is a segment's");
    assert_eq!(family("concave", 1).demand(3, 7), 0.0);
}

#[test]
fn demand_moves_response_too_and_is_worth_one_on_average() {
    // Counts over what money, season, drift and shock explain: their log follows demand one to one
    // (memory and counting noise are independent of it).
    let (mut xx, mut xy, mut ratios) = (0.0, 0.0, Vec::new());
    for seed in 0..10 {
        // Without memory, which takes most where money was high the week before.
        let shipped = family("demand-segment-0.6", seed);
        let spec = super::spec::WorldSpec {
            carryover: super::spec::range::Range { from: 0.0, to: 0.0 },
            ..shipped.spec().clone()
        };
        let world = World::make(&spec, shipped.seed());
        for i in 0..world.segments().len() {
            let truth = world.truth(i);
            let pairs: Vec<(f64, f64)> = weeks(&world, i)
                .into_iter()
                .map(|(week, spend, count)| {
                    let at = world.first_week().plus(week as i64);
                    let shock = world.networks()[truth.network].shock[week].exp();
                    let alone = truth.response.week(spend) * world.season(i, at) * shock;
                    ratios.push(world.demand(i, week).exp());
                    (world.demand(i, week), ((count + 0.5) / alone).ln())
                })
                .collect();
            let [a, b, _] = moments(&pairs);
            (xx, xy) = (xx + a, xy + b);
        }
    }
    // Over-dispersion leaves a log spread of a third, ten thousand cells of demand of spread 0.8:
    // 0.05 is ten standard errors, and covers the half added to counts. Some three thousand
    // independent weeks of a factor of spread 0.95: 0.07 is four.
    assert!((xy / xx - 1.0).abs() < 0.05, "{}", xy / xx);
    assert!((mean(&ratios) - 1.0).abs() < 0.07, "{}", mean(&ratios));
}

#[test]
fn a_threshold_world_is_convex_below_its_level_and_saturates_above() {
    let world = family("threshold", 2);
    for i in 0..world.segments().len() {
        let response = world.weekly_truth(i);
        assert!(matches!(response.family, Family::Threshold { slope } if slope > 1.0));
        let level = response.scale;
        let flight = |times: f64| {
            world.expected_actions(i, &[times * level, 0.0, 0.0], world.flight_start())
        };
        assert!(flight(0.4) > 2.5 * flight(0.2), "{i}: little below the level");
        assert!(flight(12.0) < 1.3 * flight(6.0), "{i}: little more above it");
    }
    // History holds both sides of the level.
    let below =
        |i: usize| paid(&world, i).iter().filter(|(_, s)| *s < world.weekly_truth(i).scale).count();
    let (all, low): (usize, usize) =
        ((0..24).map(|i| paid(&world, i).len()).sum(), (0..24).map(below).sum());
    assert!((0.2..0.9).contains(&(low as f64 / all as f64)), "{low} of {all}");
}

#[test]
fn a_linear_world_brings_twice_as_much_for_twice_the_money() {
    let world = family("linear", 1);
    for i in 0..world.segments().len() {
        let at = |spend: f64| world.expected_actions(i, &[spend; 6], world.flight_start());
        assert!((at(600.0) / at(300.0) - 2.0).abs() < 1e-9);
    }
}

#[test]
fn who_is_reached_by_two_networks_counts_once() {
    let (once, each) = (family("overlap-once", 3), family("overlap-each", 3));
    assert_eq!(each.spec().overlap.expect("asked for").claims, Claims::Each);
    let money = vec![400.0; once.segments().len()];
    let mut shared = 0;
    for i in 0..once.segments().len() {
        let (left, reported) = (once.counted_once(i, &money), once.reported(i, &money));
        assert_eq!(left, reported, "each action is reported once");
        assert_eq!(each.reported(i, &money), 1.0, "each network claims all of its own");
        assert_eq!(each.counted_once(i, &money), left, "and the truth is the same");
        if !once.relatives(i).is_empty() {
            assert!(left < 0.99, "{i}: {left}");
            shared += 1;
        }
        // Beside nobody all of it is left.
        let mut alone = vec![0.0; money.len()];
        alone[i] = 400.0;
        assert!((once.counted_once(i, &alone) - 1.0).abs() < 1e-12);
        // Of all who share these people, together, no less than of any one of them.
        let sum = |spends: &[f64]| -> f64 {
            let of =
                |j: &usize| once.weekly_truth(*j).week(spends[*j]) * once.counted_once(*j, spends);
            once.relatives(i).iter().chain([&i]).map(of).sum()
        };
        assert!(sum(&money) > sum(&alone));
    }
    assert_eq!(shared, once.segments().len(), "every audience is on every network");
    // Where one of them counts, networks report more than where each action is claimed once.
    let counts = |world: &World| -> f64 {
        (0..24).flat_map(|i| weeks(world, i)).map(|(_, _, count)| count).sum()
    };
    assert!(counts(&each) > 1.1 * counts(&once));
}

#[test]
fn creatives_tire_with_their_money_which_was_put_there_while_fresh() {
    let world = family("fatigue", 4);
    let rule = world.spec().fatigue.expect("asked for");
    assert!((rule.freshness(rule.half) - (rule.floor + 0.5 * (1.0 - rule.floor))).abs() < 1e-12);
    let none = World::make(
        &super::spec::WorldSpec { fatigue: None, ..world.spec().clone() },
        world.seed(),
    );
    for i in 0..world.segments().len() {
        let spends = [world.weekly_truth(i).scale; 6];
        let of = |world: &World| world.expected_actions(i, &spends, world.flight_start());
        assert!(of(&world) < 0.95 * of(&none), "{i}: a flight tires");
        let first = |world: &World| world.expected_actions(i, &spends[..1], world.flight_start());
        assert!((first(&world) / first(&none) - 1.0).abs() < 1e-12, "{i}: it begins fresh");
    }
    // Money falls along a run: later halves of runs get less than first halves.
    let (mut early, mut late) = (0.0, 0.0);
    for i in 0..world.segments().len() {
        for run in world.weekly_spends(i).split(|spend| *spend == 0.0).filter(|run| run.len() > 3) {
            let (first, second) = run.split_at(run.len() / 2);
            early += mean(first) / mean(run);
            late += mean(second) / mean(run);
        }
    }
    assert!(late < 0.93 * early, "{late} {early}");
}

#[test]
fn rare_weeks_bring_many_times_what_their_money_does() {
    let (viral, plain) = (family("viral", 5), family("concave", 5));
    let rule = viral.spec().viral.expect("asked for");
    let (mut rare, mut all) = (0, 0);
    for seed in 0..20 {
        let world = family("viral", seed);
        for i in 0..world.segments().len() {
            rare += (0..60).filter(|week| world.factor(i, *week) > 1.0).count();
            all += 60;
        }
    }
    // 28 800 weeks, two in a hundred: four standard errors are 0.0033, and three in a thousand of
    // the log-normal factor lie below 1.
    let share = f64::from(rare as u32) / f64::from(all);
    assert!((share - rule.chance).abs() < 0.0034, "{share}");
    // The flight is expected to have its share of such weeks.
    let world =
        World::make(&super::spec::WorldSpec { viral: None, ..viral.spec().clone() }, viral.seed());
    let of = |world: &World| world.expected_actions(0, &[300.0; 6], world.flight_start());
    assert!((of(&viral) / of(&world) - rule.mean()).abs() < 1e-12);
    assert!(plain.factor(0, 7) == 1.0);
}

#[test]
fn thin_segments_have_a_few_weeks_or_a_few_cents() {
    let (mut few_weeks, mut few_cents, mut all) = (0, 0, 0);
    for seed in 0..20 {
        let world = family("thin", seed);
        for i in 0..world.segments().len() {
            let weeks = paid(&world, i);
            all += 1;
            if !world.is_thin(i) {
                assert!(weeks.len() > 10, "{i}: {} weeks", weeks.len());
                continue;
            }
            assert!((2..=4).contains(&weeks.len()), "{i}: {} weeks", weeks.len());
            let most = weeks.iter().map(|(_, spend)| *spend).fold(0.0, f64::max);
            if most < 50.0 { few_cents += 1 } else { few_weeks += 1 }
        }
    }
    // A fifth each of 480 segments: four standard errors are 0.073.
    for few in [few_weeks, few_cents] {
        assert!((f64::from(few) / f64::from(all) - 0.2).abs() < 0.073, "{few} of {all}");
    }
}

#[test]
fn one_network_is_not_what_it_was() {
    let world = family("break", 6);
    let rule = world.spec().broken.expect("asked for");
    let stepped: Vec<usize> = (0..world.networks().len())
        .filter(|n| {
            let drift = &world.networks()[*n].drift;
            drift.windows(2).any(|pair| (pair[1] - pair[0]).abs() > 0.8 * rule.response.ln())
        })
        .collect();
    assert_eq!(stepped.len(), 1, "one network's response steps");
    for i in 0..world.segments().len() {
        let [before, after] = [0, 60].map(|week| world.bought(i, 100.0, week));
        let broken = world.truth(i).network == stepped[0];
        assert_eq!(before, 100.0);
        assert!(((after / before).ln().abs() - if broken { rule.price.ln() } else { 0.0 }) < 1e-12);
    }
}

#[test]
fn money_that_works_on_is_all_at_work_in_the_end() {
    let world = family("lag", 7);
    let at_work = world.at_work(&[[100.0, 300.0].as_slice(), &[0.0; 20]].concat());
    assert!((at_work[0] - 60.0).abs() < 1e-12 && (at_work[1] - 204.0).abs() < 1e-12);
    assert!((at_work.iter().sum::<f64>() - 400.0).abs() < 0.1, "{at_work:?}");
    // A flight is counted as steady weeks, whatever works on.
    let plain =
        World::make(&super::spec::WorldSpec { lag: 0.0, ..world.spec().clone() }, world.seed());
    let of = |world: &World| world.expected_actions(3, &[300.0; 6], world.flight_start());
    assert_eq!(of(&world), of(&plain));
    assert_ne!(weeks(&world, 3), weeks(&plain, 3));
}

#[test]
fn eight_ads_without_dates_have_rows_that_do_not_say_when() {
    let world = family("undated", 8);
    let panel = world.panel();
    assert_eq!(panel.segments.len(), 8);
    assert!((8..=16).contains(&panel.cells.len()));
    for cell in &panel.cells {
        assert_eq!((cell.period, cell.new_creative), (None, false));
        assert!(world.weekly_spends(cell.segment).contains(&cell.spend));
    }
}

#[test]
fn a_planner_who_selects_puts_more_on_better_segments_and_never_otherwise() {
    let (mut across, mut within) = (Vec::new(), Vec::new());
    for seed in 0..10 {
        let world = family("selection", seed);
        let rate = |i: usize| (world.truth(i).rate / world.truth(i).cpm).ln();
        let pairs: Vec<(f64, f64)> = (0..world.segments().len())
            .map(|i| {
                let logs: Vec<f64> = paid(&world, i).iter().map(|(_, spend)| spend.ln()).collect();
                (rate(i), mean(&logs))
            })
            .collect();
        let [xx, xy, yy] = moments(&pairs);
        across.push(xy / (xx * yy).sqrt());
        within.push(world.demand(0, 0));
    }
    assert!(mean(&across) > 0.7, "{}", mean(&across));
    assert!(within.iter().all(|demand| *demand == 0.0));
}

#[test]
fn designed_weeks_have_half_once_or_one_and_a_half_times_the_usual_money() {
    for name in ["planned", "short"] {
        let world = family(name, 9);
        for i in 0..world.segments().len() {
            let spends = world.weekly_spends(i);
            let least = spends.iter().copied().fold(f64::INFINITY, f64::min);
            assert!(least > 0.0);
            // Whole cents are rounded to a few in ten thousand.
            let times = |spend: &f64| (spend / least * 2.0).round() / 2.0;
            let near = |spend: &f64| (spend / least / times(spend) - 1.0).abs() < 0.01;
            assert!(spends.iter().all(near), "{spends:?}");
            assert!(spends.iter().all(|spend| times(spend) <= 3.0));
        }
    }
}

#[test]
fn small_worlds_are_small_and_large_ones_large() {
    let tiny = family("tiny-network", 1);
    let money = |name: &str| -> f64 {
        let mine = (0..tiny.segments().len())
            .filter(|i| tiny.networks()[tiny.truth(*i).network].name == name);
        mine.flat_map(|i| tiny.weekly_spends(i)).sum()
    };
    assert!(money("snapchat") < 0.2 * money("facebook"));
    let counts = family("small-counts", 1);
    let mut all: Vec<f64> =
        (0..24).flat_map(|i| weeks(&counts, i)).map(|(_, _, count)| count).collect();
    all.sort_by(f64::total_cmp);
    assert!((1.0..12.0).contains(&all[all.len() / 2]), "{}", all[all.len() / 2]);
    let many = family("many", 1);
    assert_eq!((many.segments().len(), many.panel().cells.len()), (500, 2000));
    let cheap = family("cheap-network", 1);
    let cpm = |name: &str| {
        let of = |i: usize| (cheap.networks()[cheap.truth(i).network].name == name, i);
        let mine = (0..24).map(of).filter(|(is, _)| *is);
        mean(&mine.map(|(_, i)| cheap.truth(i).cpm.ln()).collect::<Vec<f64>>())
    };
    assert!(cpm("snapchat") < cpm("facebook") - 0.5);
    assert_eq!(family("small-panel", 1).segments().len(), 8);
    let auction = family("auction", 1);
    assert!(auction.networks().iter().all(|network| (0.3..=0.5).contains(&network.cpm_rise)));
}

/// What is off leaves worlds as they were: these were drawn before any of it existed.
#[test]
fn trouble_changes_nothing_but_what_it_is_asked_to() {
    let (plain, thin) = (family("concave", 11), family("thin", 11));
    for i in (0..24).filter(|i| !thin.is_thin(*i)) {
        assert_eq!(plain.weekly_spends(i), thin.weekly_spends(i));
        assert_eq!(weeks(&plain, i), weeks(&thin, i));
    }
    let viral = family("viral", 11);
    assert!((0..24).all(|i| plain.weekly_spends(i) == viral.weekly_spends(i)));
}
