//! A second simulator, written from the formulas alone, against ours.
//!
//! It shares no code with the samplers, the vectorised week or the tables of futures: library
//! distributions one number at a time, powers by the standard library, plain loops. What both must
//! agree on is the law of a flight's points, its weeks and its money.

use crate::allocate::plan::Plan;
use crate::campaign::Campaign;
use crate::rules::Tables;
use crate::train::posterior::draws::Draws;
use rand::{Rng, RngExt};
use rand_distr::{Distribution, Gamma, Poisson, StandardNormal};

use super::*;
use crate::campaign::Shock;
use crate::numeric::summary::deviation;
use crate::reference::Reference;

const REPLICATES: u64 = 20_000;
const UNSPENT: f64 = 0.1;

/// What one replicate brings.
struct Played {
    value: f64,
    weekly: Vec<f64>,
    spent: f64,
}

/// One future of the plan, week by week and segment by segment.
fn play(draws: &Draws, campaign: &Campaign, plan: &Plan, replicate: u64) -> Played {
    let mut rng = Seed(77).stream(crate::random::Purpose::Backtest, replicate);
    let d = (replicate % draws.len() as u64) as usize;
    let shared = &draws.shared[d];
    let weeks = campaign.weeks();
    let happens: Vec<bool> =
        campaign.shocks.iter().map(|shock| rng.random::<f64>() < shock.probability).collect();
    let networks = draws.networks.len();
    let luck: Vec<f64> =
        (0..weeks.len() * networks).map(|_| mean_one(&mut rng, shared.shock_sd)).collect();
    let mut played = Played { value: 0.0, weekly: vec![0.0; weeks.len()], spent: 0.0 };
    for (i, segment) in draws.segments.iter().enumerate() {
        let own = &segment.draws[d];
        let points = draws.points(i, d, &campaign.points);
        let season: Vec<f64> = draws.season(d, segment.network).collect();
        let phi = shared.dispersion[segment.network];
        let mut seen: Vec<f64> = Vec::new();
        let remember: Vec<f64> = (0..4).map(|j| shared.carryover.powi(j)).collect();
        for (t, week) in weeks.iter().enumerate() {
            let mut money = plan.rows[i].weeks[t].budget;
            money *= rng.random::<f64>().powf(UNSPENT / (1.0 - UNSPENT));
            let mut impressions = mean_one(&mut rng, shared.delivery_sd);
            let mut lift = season[t] * luck[t * networks + segment.network];
            for (shock, happens) in campaign.shocks.iter().zip(&happens) {
                let network = &segment.segment.attributes["network"];
                let hit = shock.conditions.get("network").is_none_or(|hit| hit.contains(network));
                if *happens && hit && (shock.from..=shock.to).contains(week) {
                    impressions /= shock.cpm;
                    lift *= shock.actions;
                    money = if shock.actions == 0.0 { 0.0 } else { money };
                }
            }
            let dearer = (1.0 + money / segment.reference_spend).powf(-own.cpm_rise);
            let left = |x: f64| (1.0 + x / own.shape).powf(-own.shape);
            let now = impressions * money * dearer / own.scale;
            let gain = |weeks: usize| {
                let kept: f64 = seen.iter().rev().take(weeks).sum();
                remember[weeks] * (left(kept) - left(kept + now))
            };
            let gain = (0..4).map(gain).sum::<f64>() / remember.iter().sum::<f64>();
            seen.push(now);
            let mean = own.baseline + own.ceiling * gain * lift;
            let frailty = Gamma::new(phi, 1.0 / phi).unwrap().sample(&mut rng);
            let rate = mean * frailty;
            let count = if rate > 0.0 { Poisson::new(rate).unwrap().sample(&mut rng) } else { 0.0 };
            played.value += points * count;
            played.weekly[t] += points * count;
            played.spent += money;
        }
    }
    played
}

/// A log-normal number of mean 1.
fn mean_one(rng: &mut impl Rng, sd: f64) -> f64 {
    let z: f64 = StandardNormal.sample(rng);
    (sd * z - 0.5 * sd * sd).exp()
}

fn shock(
    network: Option<&str>,
    weeks: [crate::units::Week; 2],
    (p, cpm, actions): (f64, f64, f64),
) -> Shock {
    let conditions = network.map(|name| ("network".to_owned(), vec![name.to_owned()]));
    Shock {
        name: "shock".to_owned(),
        conditions: conditions.into_iter().collect(),
        from: weeks[0],
        to: weeks[1],
        probability: p,
        cpm,
        actions,
    }
}

#[test]
fn an_independent_simulator_gives_the_same_law() {
    let draws = fixture::draws(6, 40, 4, 21);
    let mut campaign = fixture::campaign(4);
    let weeks = campaign.weeks();
    campaign.shocks = vec![
        shock(Some("facebook"), [weeks[2], weeks[3]], (0.3, 1.0, 0.0)),
        shock(None, [weeks[1], weeks[1]], (0.5, 1.5, 1.0)),
        shock(Some("linkedin"), [weeks[0], weeks[3]], (0.4, 1.0, 0.7)),
    ];
    let plan = fixture::plan(&draws, &campaign, &[900.0, 2500.0, 1200.0, 3000.0, 1400.0, 1000.0]);
    let tables = Tables::load(&Reference::default()).unwrap();
    let inputs = Inputs { draws: &draws, plan: &plan, campaign: &campaign, tables: &tables };
    let settings = Settings {
        replicates: Some(REPLICATES),
        policies: Some(Vec::new()),
        unspent: UNSPENT,
        ..Settings::default()
    };
    let context = SimulationContext::new(&inputs, &settings).unwrap();
    let (mut fixed, _) = players(&context, &settings);
    run::splits(&context, &mut fixed, &settings, Seed(3), &|_| true);
    let ours = &fixed[0].accounts;
    let theirs: Vec<Played> =
        (0..REPLICATES).map(|replicate| play(&draws, &campaign, &plan, replicate)).collect();

    let value: Vec<f64> = theirs.iter().map(|played| played.value).collect();
    same_law("flight", &ours.value, &value);
    for week in 0..4 {
        let own: Vec<f64> = ours.weekly.iter().skip(week).step_by(4).copied().collect();
        let value: Vec<f64> = theirs.iter().map(|played| played.weekly[week]).collect();
        same_law(&format!("week {week}"), &own, &value);
    }
    // Money: ours is the mean given the shocks, theirs the sum really spent.
    let spent = mean(&theirs.iter().map(|played| played.spent).collect::<Vec<f64>>());
    assert!((ours.figures.spent / REPLICATES as f64 / spent - 1.0).abs() < 5e-3, "{spent}");
}

/// Mean, deviation, and the largest distance between the two distribution functions.
fn same_law(what: &str, ours: &[f64], theirs: &[f64]) {
    let (a, b) = (mean(ours), mean(theirs));
    let sd = deviation(theirs);
    let n = [ours.len(), theirs.len()].map(|n| n as f64);
    let size = n[0] * n[1] / (n[0] + n[1]);
    assert!((a - b).abs() < 4.0 * sd / size.sqrt(), "{what}: means {a} and {b}");
    let ratio = deviation(ours) / sd;
    // The error of a deviation is 1/√(2n) of it for a normal law; shocks make tails of two humps.
    assert!((ratio - 1.0).abs() < 6.0 / (2.0 * size).sqrt(), "{what}: deviations {ratio}");
    let sorted = |values: &[f64]| {
        let mut values = values.to_vec();
        values.sort_by(f64::total_cmp);
        values
    };
    let (ours, theirs) = (sorted(ours), sorted(theirs));
    let below = |values: &[f64], x: f64| values.partition_point(|v| *v <= x) as f64;
    let distance = theirs
        .iter()
        .map(|x| (below(&ours, *x) / n[0] - below(&theirs, *x) / n[1]).abs())
        .fold(0.0, f64::max);
    // Kolmogorov–Smirnov for two samples, level 1e-4 (the seeds are fixed).
    let limit = (-0.5 * (0.5e-4_f64).ln() / size).sqrt();
    assert!(distance < limit, "{what}: distance {distance}, limit {limit}");
}
