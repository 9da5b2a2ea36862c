//! Counts per CPU-second: 40 segments × 13 weeks × 10 000 replicates, posterior uncertainty.
//!
//! Run with `cargo bench --bench simulate`. CPU time is the process's own (user and system), so a
//! busy machine changes little; NumPy's side is `shared/bench/c_sim.py` with the same shape.

#![allow(clippy::print_stdout, reason = "a bench tells what it measured")]

use std::sync::Mutex;
use std::time::Instant;

use relais::random::Seed;
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

fn main() {
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
                policies: Some(vec!["equal".to_owned()]),
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
