//! Independent solvers against `relais plan --curves`; see README.md.

mod concave;
#[cfg(feature = "highs")]
mod on_off;
mod problem;
mod relais;

use std::process::ExitCode;

use problem::{Draw, Problem};

/// How far a referee may be outside relais's interval, relative to the value.
const TOLERANCE: f64 = 2e-6;

struct Tally {
    name: &'static str,
    problems: usize,
    failures: usize,
    worst_below: f64,
    worst_above: f64,
    widest_gap: f64,
    referee_seconds: f64,
    relais_seconds: f64,
}

fn main() -> ExitCode {
    let asked = |name: &str, usual: usize| {
        let mut words = std::env::args().skip_while(|word| word != name);
        words.nth(1).and_then(|word| word.parse().ok()).unwrap_or(usual)
    };
    let concave = judge("Clarabel", asked("--concave", 200), problem::concave, concave::optimum);
    #[cfg(feature = "highs")]
    let on_off = Some(judge("HiGHS", asked("--on-off", 200), problem::on_off, on_off::optimum));
    #[cfg(not(feature = "highs"))]
    let on_off = None;
    let mut failures = 0;
    for tally in [Some(concave), on_off].into_iter().flatten() {
        println!(
            "{}: {} problems, {} failures; referee above the bound by at most {:.1e}, below the plan by at \
             most {:.1e}; widest gap {:.1e}; seconds: referee {:.1}, relais {:.1} (process start included)",
            tally.name,
            tally.problems,
            tally.failures,
            tally.worst_above,
            tally.worst_below,
            tally.widest_gap,
            tally.referee_seconds,
            tally.relais_seconds
        );
        failures += tally.failures;
    }
    if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn judge(
    name: &'static str,
    count: usize,
    draw: fn(&mut Draw) -> Problem,
    optimum: fn(&Problem) -> Option<f64>,
) -> Tally {
    let mut tally = Tally {
        name,
        problems: 0,
        failures: 0,
        worst_below: 0.0,
        worst_above: 0.0,
        widest_gap: 0.0,
        referee_seconds: 0.0,
        relais_seconds: 0.0,
    };
    for seed in 0..count as u64 {
        let problem = draw(&mut Draw::new(seed));
        let started = std::time::Instant::now();
        let referee = optimum(&problem);
        tally.referee_seconds += started.elapsed().as_secs_f64();
        let started = std::time::Instant::now();
        let answer = relais::divide(&problem);
        tally.relais_seconds += started.elapsed().as_secs_f64();
        let fault = match (referee, answer) {
            (Some(referee), Ok(answer)) => {
                tally.problems += 1;
                let scale = referee.abs().max(1e-9);
                let above = (referee - answer.upper_bound) / scale;
                let below = (answer.unrounded() - referee) / scale;
                tally.worst_above = tally.worst_above.max(above);
                tally.worst_below = tally.worst_below.max(below);
                tally.widest_gap = tally.widest_gap.max(answer.gap_before_rounding);
                let broken = problem.broken(&answer.spend);
                (above > TOLERANCE || below > TOLERANCE || broken > 1e-9).then(|| {
                    format!("referee {referee}, relais {answer:?}, rules broken by {broken:.1e}")
                })
            }
            (None, Err(_)) => None,
            (Some(referee), Err(told)) => Some(format!("referee {referee}, relais: {told}")),
            (None, Ok(answer)) => Some(format!("referee has no plan, relais {answer:?}")),
        };
        if let Some(fault) = fault {
            tally.failures += 1;
            println!("{name}, seed {seed}: {fault}");
        }
    }
    tally
}
