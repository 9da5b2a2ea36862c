//! What a test promises, held against worlds whose exponent is known.

use rand::Rng;
use rand_distr::{Distribution, Gamma, Normal, Poisson};

use super::*;
use crate::numeric::summary::spread;
use crate::random::{Purpose, Seed};

/// A world like those of the reference simulation: negative binomial counts of size 6, a shock of
/// 0.15 that all audiences share each week, demand of each audience that wanders by 0.2.
struct World {
    design: Design,
    noise: Noise,
    exponent: f64,
}

const SIZE: f64 = 6.0;
const SHOCK: f64 = 0.15;
const DEMAND: f64 = 0.2;
const MEMORY: f64 = 0.7;

/// Flights whose audiences differ: shares of the money from 0.6 to 1.5 of their mean.
fn flight(audiences: usize, weeks: usize, euros: f64) -> Flight {
    let share = |i: usize| 0.6 + 0.9 * i as f64 / (audiences - 1) as f64;
    let total: f64 = (0..audiences).map(share).sum();
    let cell = |i: usize| (100.0 * euros * share(i) / total / weeks as f64) as i64;
    let table = |of: &dyn Fn(usize) -> i64| -> Vec<Vec<i64>> {
        (0..audiences).map(|i| vec![of(i); weeks]).collect()
    };
    Flight {
        network: vec![0; audiences],
        planned: table(&cell),
        least: table(&|_| 500),
        most: table(&|i| 3 * cell(i)),
        audiences: vec![true; audiences],
        weeks: vec![true; weeks],
    }
}

impl World {
    fn new(audiences: usize, weeks: usize, euros: f64, exponent: f64) -> Self {
        let flight = flight(audiences, weeks, euros);
        let design = Design::new(&flight, &Wish::default()).unwrap();
        // An action per euro.
        let expected =
            flight.planned.iter().map(|row| row.iter().map(|&p| p as f64 / 100.0).collect());
        let noise = Noise {
            expected: expected.collect(),
            size: vec![SIZE; audiences],
            demand: DEMAND,
            memory: MEMORY,
            settling: 0,
        };
        Self { design, noise, exponent }
    }

    fn experiment(&self, n_redrawn: usize, seed: u64) -> Experiment {
        let rule = Rule { n_redrawn, ..Rule::default() };
        let weights = self.noise.weights(&self.design);
        Experiment::new(self.design.clone(), weights, rule, Seed(seed)).unwrap()
    }

    fn counts(&self, money: &[Vec<i64>], rng: &mut impl Rng) -> Vec<Vec<f64>> {
        let normal = Normal::new(0.0, 1.0).unwrap();
        let gamma = Gamma::new(SIZE, 1.0 / SIZE).unwrap();
        let shocks: Vec<f64> = money[0].iter().map(|_| SHOCK * normal.sample(rng)).collect();
        let rows = self.noise.expected.iter().zip(money).zip(self.design.planned());
        rows.map(|((expected, money), planned)| {
            let mut demand = DEMAND * normal.sample(rng);
            (0..money.len())
                .map(|t| {
                    let fresh = (1.0 - MEMORY * MEMORY).sqrt() * DEMAND;
                    demand = MEMORY * demand + fresh * normal.sample(rng);
                    let factor = money[t] as f64 / planned[t] as f64;
                    let mean =
                        expected[t] * (shocks[t] + demand).exp() * factor.powf(self.exponent);
                    Poisson::new(mean * gamma.sample(rng)).unwrap().sample(rng)
                })
                .collect()
        })
        .collect()
    }

    fn readings(&self, n_worlds: u64, n_redrawn: usize, follows: bool) -> Vec<Reading> {
        (0..n_worlds)
            .map(|seed| {
                let experiment = self.experiment(n_redrawn, seed);
                let money = &experiment.schedule().money;
                let mut rng = Seed(seed).stream(Purpose::Simulate, 0);
                let spent = if follows { money.as_slice() } else { self.design.planned() };
                let counts = self.counts(spent, &mut rng);
                let delivered =
                    money.iter().map(|row| row.iter().map(|&m| m as f64).collect()).collect();
                experiment.read(&Outcome { counts, delivered }).unwrap()
            })
            .collect()
    }
}

fn share(readings: &[Reading], holds: impl Fn(&Reading) -> bool) -> f64 {
    readings.iter().filter(|reading| holds(reading)).count() as f64 / readings.len() as f64
}

fn covers(reading: &Reading, exponent: f64) -> bool {
    reading.interval.is_some_and(|(low, high)| (low..=high).contains(&exponent))
}

fn rules_out_proportion(reading: &Reading) -> bool {
    reading.interval.is_some_and(|(_, high)| high < 1.0)
}

fn scatter(readings: &[Reading]) -> f64 {
    spread(&readings.iter().map(|r| r.estimate.unwrap()).collect::<Vec<_>>())
}

/// What 1 000 worlds say in `what_is_promised_holds_in_a_thousand_worlds`, of 100: tolerances are
/// three standard errors of a share.
#[test]
fn intervals_cover_and_nothing_is_learnt_from_nothing() {
    let world = World::new(6, 12, 2_000.0, 0.6);
    let readings = world.readings(100, 199, true);
    let covered = share(&readings, |r| covers(r, 0.6));
    assert!((covered - 0.9).abs() <= 0.09, "covered {covered}");
    assert!(share(&readings, rules_out_proportion) >= 0.85 - 0.1);
    let nothing = world.readings(100, 199, false);
    let learnt = share(&nothing, |r| r.verdict == Verdict::Learnt);
    assert!(learnt <= 0.05 + 0.04, "learnt {learnt}");
}

/// `cargo test --release --lib thousand_worlds -- --ignored --nocapture`: half a minute.
#[test]
#[ignore = "6 000 tests with 999 re-drawn schedules each"]
#[allow(clippy::print_stdout, reason = "the figures are what it is run for")]
fn what_is_promised_holds_in_a_thousand_worlds() {
    for (audiences, weeks, euros, least_power) in [(6, 12, 2_000.0, 0.85), (12, 12, 6_000.0, 0.98)]
    {
        let world = World::new(audiences, weeks, euros, 0.6);
        let power = Power::of(&world.design, &world.noise, Seed(1)).unwrap();
        let readings = world.readings(1_000, 999, true);
        let covered = share(&readings, |r| covers(r, 0.6));
        let (ruled_out, scatter) = (share(&readings, rules_out_proportion), scatter(&readings));
        let nothing = world.readings(1_000, 999, false);
        let learnt = share(&nothing, |r| r.verdict == Verdict::Learnt);
        // A straight response: how often saturation is seen where there is none.
        let straight = World { exponent: 1.0, ..world }.readings(1_000, 999, true);
        let invented = share(&straight, rules_out_proportion);
        println!(
            "{audiences} × {weeks}: covered {covered}, \"no saturation\" ruled out {ruled_out} \
             (expected {:.3}), in vain {invented}, learnt from nothing {learnt}, deviation {scatter:.4} \
             (expected {:.4})",
            power.rules_out_proportion(0.6, 1.0),
            power.standard_error,
        );
        assert!((0.88..=0.92).contains(&covered), "covered {covered}");
        assert!(ruled_out >= least_power, "ruled out {ruled_out}");
        assert!(learnt <= 0.05, "learnt {learnt}");
        // One tail of the interval, 0.05, and three standard errors of it.
        assert!(invented <= 0.05 + 0.021, "invented {invented}");
        // The deviation of 1 000 estimates is good to 2.2 %; chance of counts to first order.
        assert!((power.standard_error / scatter - 1.0).abs() < 0.06, "{power:?}, {scatter}");
        assert!((power.rules_out_proportion(0.6, 1.0) - ruled_out).abs() < 0.04);
    }
}

/// Speed: `cargo test --release --lib sixty_audiences -- --ignored --nocapture`.
#[test]
#[ignore = "measures time"]
#[allow(clippy::print_stdout, reason = "the figures are what it is run for")]
fn sixty_audiences_are_designed_in_no_time() {
    for (audiences, euros) in [(12, 6_000.0), (60, 60_000.0)] {
        let flight = flight(audiences, 12, euros);
        let start = std::time::Instant::now();
        let design = Design::new(&flight, &Wish::default()).unwrap();
        let designed = start.elapsed();
        let world = World::new(audiences, 12, euros, 0.6);
        let start = std::time::Instant::now();
        let power = Power::of(&design, &world.noise, Seed(1)).unwrap();
        let experiment = world.experiment(4_999, 1);
        let settled = start.elapsed();
        let outcome = Outcome {
            counts: world.noise.expected.clone(),
            delivered: world.noise.expected.clone(),
        };
        let start = std::time::Instant::now();
        experiment.read(&outcome).unwrap();
        println!(
            "{audiences}: design {designed:?}, power {settled:?} {power:?}, read {:?}",
            start.elapsed()
        );
    }
}
