//! One segment's likelihood with its slopes in everything that it depends on, in one pass.
//!
//! What the reference engine pays for at every step: memory, shape and counts are worked out once
//! per cell, with their slopes in `(r, c[, b])`, the levels of its weeks, `ln(1 + k)`, `log φ` and `ρ`.

use super::cells::silent;
use super::likelihood::{count_score, norm, relative_scale};
use crate::response::memory;
use crate::response::memory::WEEKS;
use crate::train::data::design::{Count, Exposure, Observation, SegmentData};

/// Slopes of one segment's log likelihood (without the counts' factorials).
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Slopes {
    pub value: f64,
    pub theta: [f64; 3],
    pub log_fall: f64,
    pub log_phi: f64,
    pub rho: f64,
}

/// What the cells of a segment share at one point.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At {
    pub theta: [f64; 3],
    pub k: f64,
    pub memory: memory::Law,
    /// Slopes of the memory's shares and of its bend in `ρ`.
    pub shares_by: [f64; WEEKS],
    pub bend_by: f64,
    pub phi: f64,
    pub p: usize,
}

/// A log with its slopes in `c`, `ln(1 + k)` and `ρ`.
#[derive(Debug, Clone, Copy)]
struct Form {
    log: f64,
    by_c: f64,
    by_log_fall: f64,
    by_rho: f64,
}

/// The segment's likelihood; slopes in the levels of weeks are added to `weeks`.
pub(crate) fn slopes(segment: &SegmentData, at: At, levels: &[f64], weeks: &mut [f64]) -> Slopes {
    let mut sum = Slopes::default();
    let usual = form(&Exposure::steady(1.0), &at);
    let lgamma_phi = gammas(at.phi);
    for cell in &segment.cells {
        cell_slopes(cell, &at, usual, lgamma_phi, levels, weeks, &mut sum);
    }
    sum
}

/// Log gain over `relative_scale`, with slopes.
fn form(exposure: &Exposure, at: &At) -> Form {
    let (c, k) = (at.theta[1], at.k);
    let scale = relative_scale(c, k, &at.memory);
    let scale_by_rho = at.bend_by / at.memory.bend;
    let (mut value, mut by_c, mut by_k, mut by_rho) = (0.0, 0.0, 0.0, 0.0);
    let mut add = |share: f64, share_by: f64, money: f64| {
        let z = money / scale;
        let (brings, density, brings_by_k) = saturation(z, k);
        let along = z * density;
        value += share * brings;
        by_c -= share * along;
        by_k += share * (brings_by_k + along / (k + 1.0)) * (1.0 + 1.0 / k);
        by_rho += share_by * brings - share * along * scale_by_rho;
    };
    for (j, before) in exposure.before[..at.memory.depth].iter().enumerate() {
        let (share, by) = (at.memory.shares[j], at.shares_by[j]);
        add(share, by, before + exposure.now);
        if *before > 0.0 {
            add(-share, -by, *before);
        }
    }
    let whole = value * k.signum();
    if whole <= 1e-14 {
        let log = (exposure.now.max(1e-300) / scale.abs()).ln().max(-700.0);
        return Form { log, by_c: -1.0, by_log_fall: 0.0, by_rho: -scale_by_rho };
    }
    Form { log: whole.ln(), by_c: by_c / value, by_log_fall: by_k / value, by_rho: by_rho / value }
}

/// `G(z) = 1 − (1 + z/k)^(−k)`, its density, and its slope in `log k` at the same `z`.
fn saturation(z: f64, k: f64) -> (f64, f64, f64) {
    let ratio = z / k;
    let log = ratio.ln_1p();
    let fallen = (-k * log).exp_m1();
    let left = 1.0 + fallen;
    (-fallen, left / (1.0 + ratio), left * (k * log - z / (1.0 + ratio)))
}

#[allow(clippy::too_many_arguments, reason = "the hot loop; a struct would be built per cell")]
fn cell_slopes(
    cell: &Observation,
    at: &At,
    usual: Form,
    gamma_phi: (f64, f64),
    levels: &[f64],
    weeks: &mut [f64],
    sum: &mut Slopes,
) {
    let own = cell.from as usize..cell.to as usize;
    let level = if own.is_empty() {
        0.0
    } else {
        cell.offset + levels[own.clone()].iter().sum::<f64>() / own.len() as f64
    };
    let baseline = if at.p == 3 { at.theta[2].exp() } else { 0.0 };
    if silent(cell) {
        let score = score(cell.count, (cell.weeks * baseline).max(1e-12), at.phi, gamma_phi);
        sum.value += score.0;
        sum.theta[2] += score.1;
        sum.log_phi += score.2;
        return;
    }
    let form = if let Some(power) = cell.power {
        Form { log: power * cell.exposure.now.ln(), by_c: 0.0, by_log_fall: 0.0, by_rho: 0.0 }
    } else {
        let raw = form(&cell.exposure, at);
        Form {
            log: raw.log - usual.log,
            by_c: raw.by_c - usual.by_c,
            by_log_fall: raw.by_log_fall - usual.by_log_fall,
            by_rho: raw.by_rho - usual.by_rho,
        }
    };
    let paid = (at.theta[0] + level + form.log).clamp(-60.0, 60.0).exp();
    let total = (paid + baseline).max(1e-12);
    let share = paid / total;
    let (value, slope, by_phi) = score(cell.count, cell.weeks * total, at.phi, gamma_phi);
    sum.value += value;
    sum.theta[0] += slope * share;
    sum.theta[1] += slope * share * form.by_c;
    sum.theta[2] += slope * (1.0 - share);
    sum.log_fall += slope * share * form.by_log_fall;
    sum.log_phi += by_phi;
    sum.rho += slope * share * form.by_rho;
    let each = slope * share / own.len().max(1) as f64;
    for week in &mut weeks[own] {
        *week += each;
    }
}

/// Log density of a count with its slopes in log mean and log dispersion.
fn score(count: Count, mu: f64, phi: f64, gamma_phi: (f64, f64)) -> (f64, f64, f64) {
    if count.high > count.low {
        let at = |phi: f64| count_score(count, mu, phi).value + norm(count, phi);
        let h = 1e-5_f64;
        let by_phi = (at(phi * h.exp()) - at(phi * (-h).exp())) / (2.0 * h);
        return (at(phi), count_score(count, mu, phi).slope, by_phi);
    }
    let y = count.low;
    let (log_share, slope) = ((mu / phi).ln_1p(), (y - mu) * phi / (mu + phi));
    if y == 0.0 {
        return (-phi * log_share, slope, phi * (mu / (mu + phi) - log_share));
    }
    let (log_gamma, digamma) = gammas(y + phi);
    let value = y * ((mu / phi).ln() - log_share) - phi * log_share + log_gamma - gamma_phi.0;
    (value, slope, phi * (digamma - gamma_phi.1 - log_share + (mu - y) / (mu + phi)))
}

/// Logarithm of the gamma function and its slope for a positive number: Stirling's series
/// (Abramowitz and Stegun 6.1.41, 6.3.18) from 9 on, to twelve digits.
fn gammas(x: f64) -> (f64, f64) {
    let (mut x, mut product, mut below) = (x, 1.0, 0.0);
    while x < 9.0 {
        product *= x;
        below += 1.0 / x;
        x += 1.0;
    }
    let (log, inverse) = (x.ln(), 1.0 / x);
    let square = inverse * inverse;
    let series = inverse
        * (1.0 / 12.0
            - square
                * (1.0 / 360.0
                    - square * (1.0 / 1260.0 - square * (1.0 / 1680.0 - square / 1188.0))));
    let half_log_tau = 0.918_938_533_204_672_7;
    let log_gamma = (x - 0.5) * log - x + half_log_tau + series;
    let tail = square
        * (1.0 / 12.0
            - square
                * (1.0 / 120.0 - square * (1.0 / 252.0 - square * (1.0 / 240.0 - square / 132.0))));
    let product = if product > 1.0 || below > 0.0 { product.ln() } else { 0.0 };
    (log_gamma - product, log - 0.5 * inverse - tail - below)
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::function::gamma::{digamma, ln_gamma};

    #[test]
    fn the_series_is_the_gamma_function() {
        for x in [1e-3, 0.3, 1.0, 2.5, 8.99, 9.0, 47.0, 3e5] {
            let (log, slope) = gammas(x);
            assert!((log - ln_gamma(x)).abs() < 1e-10 * (1.0 + log.abs()), "{x}: {log}");
            assert!((slope - digamma(x)).abs() < 1e-10 * (1.0 + slope.abs()), "{x}: {slope}");
        }
    }
}
