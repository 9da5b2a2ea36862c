//! Tests of distribution shared by the samplers.

use statrs::function::gamma::gamma_ur;

use super::stream::Stream;
use crate::random::{Purpose, Seed};

/// A stream of its own for each test.
pub(super) fn stream(id: u64) -> Stream {
    Stream::new(&mut Seed(20_261_122).stream(Purpose::Simulate, id))
}

/// Level of every test here: seeds are fixed, so a test that passes keeps passing, and a wrong
/// law gives values far below it.
const LEVEL: f64 = 1e-4;

/// Kolmogorov–Smirnov against the uniform law.
pub(super) fn assert_uniform(values: impl Iterator<Item = f64>, what: &str) {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let n = values.len() as f64;
    let distance = values
        .iter()
        .enumerate()
        .map(|(i, u)| (u - i as f64 / n).max((i as f64 + 1.0) / n - u))
        .fold(0.0, f64::max);
    // Kolmogorov's limit law, first term: P(√n D > x) ≈ 2 exp(−2 x²).
    let p = 2.0 * (-2.0 * n * distance * distance).exp();
    assert!(p > LEVEL, "{what}: D {distance}, p {p}");
}

/// Chi-square against exact probabilities, cells pooled to at least 20 expected.
pub(super) fn assert_counts(counts: &[f64], pmf: impl Fn(u64) -> f64, what: &str) {
    let n = counts.len() as f64;
    let largest = counts.iter().fold(0.0_f64, |a, b| a.max(*b)) as usize;
    let mut seen = vec![0.0; largest + 1];
    for count in counts {
        seen[*count as usize] += 1.0;
    }
    let (mut statistic, mut cells) = (0.0, 0);
    let (mut expected, mut observed, mut total) = (0.0, 0.0, 0.0);
    for (k, seen) in seen.iter().enumerate() {
        let p = n * pmf(k as u64);
        (expected, observed, total) = (expected + p, observed + seen, total + p);
        if expected >= 20.0 && n - total >= 20.0 {
            statistic += (observed - expected).powi(2) / expected;
            (expected, observed, cells) = (0.0, 0.0, cells + 1);
        }
    }
    // The rest of the law, what lies above the largest count included.
    let rest = expected + (n - total).max(0.0);
    statistic += (observed - rest).powi(2) / rest.max(1e-9);
    if cells == 0 {
        assert!((observed - n).abs() < 1e-9);
        return;
    }
    let p = gamma_ur(0.5 * f64::from(cells), 0.5 * statistic);
    assert!(p > LEVEL, "{what}: χ² {statistic} on {cells} degrees of freedom, p {p}");
}
