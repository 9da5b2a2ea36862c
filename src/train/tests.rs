//! What a fit promises: truths inside intervals, files that read back, the same bytes.

use super::worlds::{Form, Settings, World, world};
use super::*;
use crate::random::Purpose;

/// Quantile by sorting.
fn quantile(values: &mut [f64], q: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * q).round() as usize]
}

/// Truths inside the central interval, and the median absolute relative error of the median, at
/// `times` the usual spend.
fn scored(world: &World, model: &Model, times: f64, level: f64) -> (usize, Vec<f64>) {
    let draws = model.draws(model.segments(), &[], 400, Seed(3), Purpose::Predict);
    let mut inside = 0;
    let mut errors = Vec::new();
    for i in 0..world.usual.len() {
        let spend = times * world.usual[i];
        let truth = world.response(i, spend);
        let mut values: Vec<f64> =
            (0..draws.len()).map(|d| draws.response(i, d).steady(spend)).collect();
        let low = quantile(&mut values, 0.5 - level / 2.0);
        let high = quantile(&mut values, 0.5 + level / 2.0);
        let median = quantile(&mut values, 0.5);
        inside += usize::from(low <= truth && truth <= high);
        errors.push((median / truth - 1.0).abs());
    }
    (inside, errors)
}

#[test]
#[ignore = "a measurement: prints coverage and error by form of the truth"]
fn coverage_by_form() {
    let n: u64 = std::env::var("WORLDS").ok().and_then(|n| n.parse().ok()).unwrap_or(10);
    let sparse = Settings { weeks: 10, ..Settings::default() };
    let rows = [
        ("saturating", Settings::default()),
        ("undated", Settings { dated: false, ..Settings::default() }),
        ("exponential", Settings { form: Form::Exponential, ..Settings::default() }),
        ("slow hill", Settings { form: Form::SlowHill, ..Settings::default() }),
        ("power", Settings { form: Form::Power, ..Settings::default() }),
        ("10 weeks", sparse.clone()),
        ("10 weeks, few", Settings { size: 3.0, ..sparse }),
        ("baseline", Settings { baseline: true, ..Settings::default() }),
        ("dispersion 3", Settings { dispersion: 3.0, ..Settings::default() }),
    ];
    for (name, settings) in rows {
        let mut specification = Specification::default();
        specification.baseline = settings.baseline;
        let started = std::time::Instant::now();
        let (mut inside, mut inside2, mut total) = (0, 0, 0);
        let (mut errors, mut errors2) = (Vec::new(), Vec::new());
        for w in 0..n {
            let world = world(&settings, Seed(1000 + w));
            let model = fit(&world.panel, &specification, Seed(1)).unwrap();
            let (hit, error) = scored(&world, &model, 1.0, 0.8);
            let (hit2, error2) = scored(&world, &model, 2.0, 0.8);
            inside += hit;
            inside2 += hit2;
            total += world.usual.len();
            errors.extend(error);
            errors2.extend(error2);
        }
        let share = |hits: usize| 100.0 * hits as f64 / total as f64;
        eprintln!(
            "{name:14} 80 % intervals at usual {:.1} %, at twice {:.1} %; median error {:.3}, {:.3}; {:.2} s per fit",
            share(inside),
            share(inside2),
            quantile(&mut errors, 0.5),
            quantile(&mut errors2, 0.5),
            started.elapsed().as_secs_f64() / n as f64,
        );
    }
}

#[test]
#[ignore = "a measurement: fits the panel named by PANEL"]
fn one_panel() {
    let Ok(path) = std::env::var("PANEL") else { return };
    let (panel, _) = Panel::read_csv(std::path::Path::new(&path)).unwrap();
    let mut specification = Specification::default();
    specification.baseline = std::env::var("BASELINE").is_ok();
    let started = std::time::Instant::now();
    let model = fit(&panel, &specification, Seed(1)).unwrap();
    eprintln!("{:.2} s", started.elapsed().as_secs_f64());
    model.write(std::path::Path::new("/tmp/trainbench/out/model.json")).unwrap();
}
