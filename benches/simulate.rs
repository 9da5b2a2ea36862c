//! Counts per CPU-second: 40 segments × 13 weeks × 10 000 replicates, posterior uncertainty.
//!
//! Run with `cargo bench --bench simulate`. Three figures, in CPU time (user and system, so that a
//! busy machine changes little):
//!
//! * `counts`: a saturating curve, a season and an organic baseline in the replicate's posterior
//!   draw, a negative binomial count in every cell, totals by segment kept: nothing else;
//! * `numpy`: the same law vectorised in NumPy (gamma and Poisson), in the same run; `PYTHON` names
//!   an interpreter that has NumPy (default `python3`), without one the line says so;
//! * `simulate`: the whole simulation, with memory, delivery noise, shocks, value and figures.

#![allow(clippy::print_stdout, reason = "a bench tells what it measured")]

use relais::allocate::rules::policy::PolicyName;
use std::process::Command;
use std::sync::Mutex;
use std::time::Instant;

use pulp::{Arch, NullaryFnOnce};
use rand::RngExt;
use relais::numeric::sample::gamma::Gammas;
use relais::numeric::sample::stream::Stream;
use relais::numeric::sample::{gamma, normal, poisson};
use relais::random::{Purpose, Seed};
use relais::reference::Reference;
use relais::rules::Tables;
use relais::simulate::{Inputs, Phase, Settings, fixture, simulation};

const SEGMENTS: usize = 40;
const WEEKS: usize = 13;
const REPLICATES: u64 = 10_000;

/// CPU seconds of this process, to a hundredth (fields 14 and 15 of `/proc/self/stat`); wall
/// time where there is no such file.
fn cpu_seconds(start: Instant) -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: Vec<f64> = after_name
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse().ok())
        .collect();
    if ticks.len() == 2 { (ticks[0] + ticks[1]) / 100.0 } else { start.elapsed().as_secs_f64() }
}

/// Joint draws of `a`, `k` and `b` by segment, dispersion and two waves of the season.
struct Draw {
    a: Vec<f64>,
    k: Vec<f64>,
    b: Vec<f64>,
    dispersion: f64,
    waves: [f64; 2],
}

const DRAWS: usize = 4000;

/// The same law as in [`NUMPY`]: about 80 to 300 actions a week, dispersion about 12.
fn posterior() -> Vec<Draw> {
    let mut rng = Seed(777).stream(Purpose::Generate, 0);
    let mut normal = || -> f64 { rng.sample(rand_distr::StandardNormal) };
    let mut each = |from: f64, by: f64| -> Vec<f64> {
        let means = (0..SEGMENTS).map(|i| from * (by * (i % 9) as f64).exp());
        means.map(|mean| mean * (0.08 * normal()).exp()).collect()
    };
    let curves: Vec<[Vec<f64>; 3]> =
        (0..DRAWS).map(|_| [each(200.0, 0.15), each(1000.0, 0.1), each(10.0, 0.12)]).collect();
    let draws = curves.into_iter().map(|[a, k, b]| {
        let dispersion = 12.0 * (0.03 * normal()).exp();
        Draw { a, k, b, dispersion, waves: [0.2 + 0.01 * normal(), 0.1 + 0.01 * normal()] }
    });
    draws.collect()
}

/// Expected counts of one replicate.
struct Expect<'a> {
    draw: &'a Draw,
    spends: &'a [f64],
    waves: &'a [[f64; 2]],
    means: &'a mut [f64],
}

#[allow(clippy::inline_always, reason = "only so is it compiled for the registers found")]
impl NullaryFnOnce for Expect<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { draw, spends, waves, means } = self;
        let (a, k, b) = (&draw.a[..SEGMENTS], &draw.k[..SEGMENTS], &draw.b[..SEGMENTS]);
        let rows = means.chunks_exact_mut(SEGMENTS).zip(spends.chunks_exact(SEGMENTS));
        for ((row, spends), [one, two]) in rows.zip(waves) {
            let season = (draw.waves[0] * one + draw.waves[1] * two).exp();
            for (i, mean) in row.iter_mut().enumerate() {
                *mean = season * a[i] * spends[i] / (spends[i] + k[i]) + b[i];
            }
        }
    }
}

/// Means times frailties.
struct Times<'a> {
    means: &'a mut [f64],
    frailty: &'a [f64],
}

#[allow(clippy::inline_always, reason = "only so is it compiled for the registers found")]
impl NullaryFnOnce for Times<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for (mean, frailty) in self.means.iter_mut().zip(self.frailty) {
            *mean *= frailty;
        }
    }
}

/// Counts of every replicate, a replicate at a time; totals by segment are kept.
fn counts(posterior: &[Draw], replicates: u64, totals: &mut Vec<f64>) {
    let arch = Arch::new();
    let cells = SEGMENTS * WEEKS;
    totals.clear();
    let (mut words, mut normals) = (vec![0; cells], vec![0.0; cells]);
    let (mut means, mut counts) = (vec![0.0; cells], vec![0.0; cells]);
    let mut frailty = vec![0.0; cells];
    let mut laws = Gammas::default();
    let spends: Vec<f64> = (0..cells).map(|cell| spend(cell % SEGMENTS, cell / SEGMENTS)).collect();
    let year = |week: usize| std::f64::consts::TAU * week as f64 / 52.0;
    let waves: Vec<[f64; 2]> =
        (0..WEEKS).map(|week| [year(week).sin(), (2.0 * year(week)).cos()]).collect();
    for replicate in 0..replicates {
        let mut rng = Seed(1).stream(Purpose::Simulate, replicate);
        let draw = &posterior[rng.random_range(0..posterior.len())];
        let mut stream = Stream::new(&mut rng);
        arch.dispatch(Expect { draw, spends: &spends, waves: &waves, means: &mut means });
        laws.clear();
        (0..SEGMENTS).for_each(|_| laws.push(draw.dispersion));
        stream.fill(arch, &mut words);
        normal::fill(&words, stream.single(), &mut normals);
        stream.fill(arch, &mut words);
        for week in 0..WEEKS {
            let row = week * SEGMENTS..(week + 1) * SEGMENTS;
            let (normals, words) = (&normals[row.clone()], &words[row.clone()]);
            gamma::fill(arch, &laws, normals, words, stream.single(), &mut frailty[row]);
        }
        arch.dispatch(Times { means: &mut means, frailty: &frailty });
        stream.fill(arch, &mut words);
        normal::fill(&words, stream.single(), &mut normals);
        stream.fill(arch, &mut words);
        poisson::fill(arch, &means, &normals, &words, stream.single(), &mut counts);
        let from = totals.len();
        totals.extend_from_slice(&counts[..SEGMENTS]);
        for row in counts.chunks_exact(SEGMENTS).skip(1) {
            totals[from..].iter_mut().zip(row).for_each(|(total, count)| *total += count);
        }
    }
}

fn spend(segment: usize, week: usize) -> f64 {
    let wave = (std::f64::consts::TAU * week as f64 / 13.0).sin();
    (400.0 + 100.0 * (segment % 7) as f64) * (1.0 + 0.2 * wave)
}

/// `counts` in NumPy; prints millions per CPU-second and the mean of all totals.
const NUMPY: &str = r"
import time, numpy as np
R, S, T, D = 10_000, 40, 13, 4000
g = np.random.Generator(np.random.SFC64(777)); i = np.arange(S)
mk = lambda f, by: f * np.exp(by * (i % 9))[None] * np.exp(.08 * g.standard_normal((D, S)))
a, k, b = mk(200, .15), mk(1000, .1), mk(10, .12)
al = 12 * np.exp(.03 * g.standard_normal(D))
w1, w2 = .2 + .01 * g.standard_normal(D), .1 + .01 * g.standard_normal(D)
t = np.arange(T); y = 2 * np.pi * t / 52
x = (400 + 100 * (i % 7))[:, None] * (1 + .2 * np.sin(2 * np.pi * t / 13))[None]
def draw():
    d = g.integers(0, D, R)
    f = np.exp(w1[d][:, None] * np.sin(y) + w2[d][:, None] * np.cos(2 * y))
    mu = f[:, None, :] * a[d][:, :, None] * x[None] / (x[None] + k[d][:, :, None]) + b[d][:, :, None]
    A = al[d][:, None, None]
    return g.poisson(mu * g.standard_gamma(np.broadcast_to(A, mu.shape)) / A).sum(2)
draw(); c = []
for _ in range(5):
    c0 = time.process_time(); total = draw(); c.append(time.process_time() - c0)
print(R * S * T / np.median(c) / 1e6, total.mean())
";

/// Millions of counts per CPU-second and mean total of NumPy, where there is one.
fn numpy() -> Option<(f64, f64)> {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let output = Command::new(python).args(["-c", NUMPY]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let mut numbers = text.split_whitespace().filter_map(|word| word.parse().ok());
    numbers.next().zip(numbers.next())
}

/// Counts alone, beside NumPy: the median of five, as it does.
fn same_shape() {
    let posterior = posterior();
    let replicates = REPLICATES * 5;
    let mut rates = Vec::new();
    let mut totals = Vec::with_capacity(replicates as usize * SEGMENTS);
    let mut mean = 0.0;
    for _ in 0..5 {
        let start = Instant::now();
        let before = cpu_seconds(start);
        counts(&posterior, replicates, &mut totals);
        let cpu = cpu_seconds(start) - before;
        rates.push((replicates as usize * SEGMENTS * WEEKS) as f64 / cpu / 1e6);
        mean = totals.iter().sum::<f64>() / totals.len() as f64;
    }
    rates.sort_by(f64::total_cmp);
    let ours = rates[2];
    println!("counts/{SEGMENTS}x{WEEKS}: {ours:.1} million per CPU-second, mean total {mean:.2}");
    match numpy() {
        Some((theirs, mean)) => println!(
            "numpy/{SEGMENTS}x{WEEKS}: {theirs:.1} million per CPU-second, mean total {mean:.2}; ours is {:.2} times as fast",
            ours / theirs
        ),
        None => println!("numpy: not measured, `PYTHON` names no interpreter that has it"),
    }
}

fn main() {
    same_shape();
    let start = Instant::now();
    let draws = fixture::draws(SEGMENTS, 4000, WEEKS, 1);
    let campaign = fixture::campaign(WEEKS);
    let plan = fixture::plan(&draws, &campaign, &[250.0; SEGMENTS]);
    let tables = Tables::load(&Reference::default()).expect("the embedded tables are good");
    let inputs = Inputs { draws: &draws, plan: &plan, campaign: &campaign, tables: &tables };
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        for repeats in [1, 5] {
            let settings = Settings {
                replicates: Some(REPLICATES * repeats),
                policies: Some(vec![PolicyName::Equal]),
                ..Settings::default()
            };
            let (before, wall) = (cpu_seconds(start), Instant::now());
            let cells = Mutex::new((0, 0.0, 0.0));
            pool.install(|| {
                simulation(&inputs, &settings, Seed(1), &|progress| {
                    if progress.phase == Phase::Splits {
                        let cpu = cpu_seconds(start) - before;
                        let wall = wall.elapsed().as_secs_f64();
                        *cells.lock().expect("no holder panics") = (progress.cells, cpu, wall);
                    }
                    true
                })
            })
            .expect("the fixture can be simulated");
            let (cells, cpu, wall) = cells.into_inner().expect("no holder panics");
            println!(
                "simulate/{SEGMENTS}x{WEEKS}x{}/threads={threads}: {cells} counts, {:.1} million per CPU-second, {:.1} million per second",
                REPLICATES * repeats,
                cells as f64 / cpu / 1e6,
                cells as f64 / wall / 1e6,
            );
        }
    }
}
