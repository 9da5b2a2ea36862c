//! Log density of one count, and the shape of one segment's response with its derivatives.

use crate::train::data::design::{Count, Exposure};

use statrs::function::gamma::ln_gamma;

use crate::response::memory;
use crate::response::memory::Remembered;

/// Value, slope and (positive) curvature weight of a log density in the log of its mean.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Score {
    pub value: f64,
    pub slope: f64,
    pub weight: f64,
}

/// Negative binomial log density of `count` at mean `mu` and dispersion `phi`
/// (`Var = μ + μ²/φ`), without [`norm`]; the weight is Fisher's `μφ/(μ+φ)`.
pub(crate) fn count_score(count: Count, mu: f64, phi: f64) -> Score {
    if count.high > count.low {
        return interval_score(count, mu, phi);
    }
    let y = count.low;
    let value = y * (mu / (mu + phi)).ln() - phi * (mu / phi).ln_1p();
    let value = if y == 0.0 { -phi * (mu / phi).ln_1p() } else { value };
    Score { value, slope: (y - mu) * phi / (mu + phi), weight: mu * phi / (mu + phi) }
}

/// The part of the log density that does not depend on the mean; 0 for an interval.
pub(crate) fn norm(count: Count, phi: f64) -> f64 {
    if count.high > count.low {
        return 0.0;
    }
    let y = count.low;
    if y == 0.0 { 0.0 } else { ln_gamma(y + phi) - ln_gamma(phi) - ln_gamma(y + 1.0) }
}

/// Widest interval that is summed term by term; a wider one counts as its middle.
const WIDEST: f64 = 4000.0;
/// Terms relative to the first are kept below this.
const LARGE: f64 = 1e250;

/// A suppressed count: the probability of the whole interval. Each term follows from the one
/// before, so that a sum of many suppressed counts costs little more than one.
fn interval_score(count: Count, mu: f64, phi: f64) -> Score {
    if count.high - count.low > WIDEST {
        let middle = (0.5 * (count.low + count.high)).round();
        let exact = Count { low: middle, high: middle };
        let mut score = count_score(exact, mu, phi);
        score.value += norm(exact, phi);
        return score;
    }
    let first = Count { low: count.low, high: count.low };
    let mut log_scale = count_score(first, mu, phi).value + norm(first, phi);
    let share = mu / (mu + phi);
    // Sums over the interval of probability and of the count beyond `low`, plain and squared.
    let (mut total, mut beyond, mut square) = (0.0, 0.0, 0.0);
    let (mut term, mut k) = (1.0, 0.0);
    while count.low + k <= count.high {
        total += term;
        beyond += k * term;
        square += k * k * term;
        term *= (count.low + k + phi) / (count.low + k + 1.0) * share;
        k += 1.0;
        if term > LARGE {
            term /= LARGE;
            (total, beyond, square) = (total / LARGE, beyond / LARGE, square / LARGE);
            log_scale += LARGE.ln();
        }
    }
    let mean = beyond / total;
    let variance = (square / total - mean * mean).max(0.0);
    let c = phi / (mu + phi);
    Score {
        value: log_scale + total.ln(),
        slope: (count.low + mean - mu) * c,
        // Observed information of the interval; never below a trace, so that it stays a weight.
        weight: (mu * c - c * c * variance).max(1e-9),
    }
}

/// Log of response against the response at the usual spend, and its slopes in `c` (log of
/// half-saturation over usual spend) and `ln(1 + k)`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Shape {
    pub log: f64,
    pub by_c: f64,
    pub by_log_fall: f64,
}

/// Scale `κ` over the usual spend: `κ = m e^c (k+1)/(2k) · bend(ρ)`, see [`memory::bend`].
///
/// Below 0 with `k`: then `G` is too, and their ratio, the gain, is a power that never saturates.
///
/// The factor of `k` makes `c` the curvature that data see whatever `k` is (`f″/f′` at 0); the
/// factor of `ρ` makes a steady spend respond the same (to second order) whatever `ρ` is.
pub(crate) fn relative_scale(c: f64, k: f64, memory: &memory::Law) -> f64 {
    c.exp() * (k + 1.0) / (2.0 * k) * memory.bend
}

/// The shape `k` whose `ln(1 + k)` this is. The worth of one more unit of money falls as
/// `(1 + s/(kκ))^−(1+k)`: at 0 the curve is a logarithm, which beside 0 it is to four digits.
pub(crate) fn shape_of(log: f64) -> f64 {
    let k = log.clamp(-4.0, 6.0).exp_m1();
    if k.abs() < 1e-4 { 1e-4 } else { k }
}

impl Exposure {
    /// A week in a long stretch of weeks of so much.
    pub(crate) fn steady(spend: f64) -> Self {
        Self { now: spend, before: Remembered::steady(spend).sums() }
    }
}

/// `G(z)` and its slopes in `c` and `ln(1 + k)` (through `z` as well).
fn saturation_slopes(z: f64, k: f64) -> (f64, f64, f64) {
    let ratio = z / k;
    let log = ratio.ln_1p();
    let fallen = (-k * log).exp_m1();
    let (left, value) = (1.0 + fallen, -fallen);
    let z_slope = z * left / (1.0 + ratio);
    let by_k = left * (k * log - z / (1.0 + ratio)) + z_slope / (k + 1.0);
    (value, -z_slope, by_k * (1.0 + 1.0 / k))
}

/// The response to one week's exposure against the steady response at the usual spend.
pub(crate) fn shape(
    exposure: &Exposure,
    c: f64,
    k: f64,
    memory: &memory::Law,
    at_usual: Shape,
) -> Shape {
    let scale = relative_scale(c, k, memory);
    let mut sum = Sum::default();
    for (j, share) in memory.shares[..memory.depth].iter().enumerate() {
        let before = exposure.before[j];
        sum.add(*share, before + exposure.now, scale, k);
        if before > 0.0 {
            sum.add(-share, before, scale, k);
        }
    }
    let raw = sum.log(exposure.now / scale.abs(), k);
    Shape {
        log: raw.log - at_usual.log,
        by_c: raw.by_c - at_usual.by_c,
        by_log_fall: raw.by_log_fall - at_usual.by_log_fall,
    }
}

/// Log gain of a steady week at the usual spend.
pub(crate) fn steady_shape(c: f64, k: f64, memory: &memory::Law) -> Shape {
    let scale = relative_scale(c, k, memory);
    let mut sum = Sum::default();
    for (m, weight) in memory::steady(&memory.shares)[..memory.depth].iter().enumerate() {
        sum.add(*weight, (m + 1) as f64, scale, k);
    }
    sum.log(scale.abs().recip(), k)
}

/// A weighted sum of `G` with its slopes.
#[derive(Default)]
struct Sum {
    value: f64,
    by_c: f64,
    by_log_fall: f64,
}

impl Sum {
    fn add(&mut self, weight: f64, exposure: f64, scale: f64, k: f64) {
        let (value, by_c, by_k) = saturation_slopes(exposure / scale, k);
        self.value += weight * value;
        self.by_c += weight * by_c;
        self.by_log_fall += weight * by_k;
    }

    /// Its log; a gain too small for its digits is as good as its linear start.
    fn log(&self, linear: f64, k: f64) -> Shape {
        let gain = self.value * k.signum();
        if gain <= 1e-14 {
            let log = linear.max(1e-300).ln().max(-700.0);
            return Shape { log, by_c: -1.0, by_log_fall: 0.0 };
        }
        let Self { value, by_c, by_log_fall } = self;
        Shape { log: gain.ln(), by_c: by_c / value, by_log_fall: by_log_fall / value }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_of_the_shape_are_its_differences() {
        for (c, k, rho) in [(0.3, 1.0, 0.0), (-1.0, 0.4, 0.3), (1.5, 6.0, 0.6), (0.2, -0.5, 0.4)] {
            let memory = memory::Law::new(rho);
            let exposure = Exposure { now: 2.4, before: [0.0, 0.7, 0.7, 3.1] };
            let whole =
                |c: f64, k: f64| shape(&exposure, c, k, &memory, steady_shape(c, k, &memory));
            let at = |c: f64, log_fall: f64| whole(c, shape_of(log_fall)).log;
            let h = 1e-5;
            let got = whole(c, k);
            let log_fall = k.ln_1p();
            let by_c = (at(c + h, log_fall) - at(c - h, log_fall)) / (2.0 * h);
            let by_k = (at(c, log_fall + h) - at(c, log_fall - h)) / (2.0 * h);
            assert!((got.by_c - by_c).abs() < 1e-8, "c {c} k {k}: {} {by_c}", got.by_c);
            assert!(
                (got.by_log_fall - by_k).abs() < 1e-8,
                "c {c} k {k}: {} {by_k}",
                got.by_log_fall
            );
        }
    }

    #[test]
    fn the_negative_binomial_sums_to_one_and_its_slope_is_its_difference() {
        let (mu, phi) = (7.5, 3.0);
        let at = |y: f64, mu: f64| {
            let count = Count { low: y, high: y };
            count_score(count, mu, phi).value + norm(count, phi)
        };
        let total: f64 = (0..400).map(|y| at(f64::from(y), mu).exp()).sum();
        assert!((total - 1.0).abs() < 1e-10);
        let h = 1e-5_f64;
        let slope = (at(4.0, mu * h.exp()) - at(4.0, mu * (-h).exp())) / (2.0 * h);
        let got = count_score(Count { low: 4.0, high: 4.0 }, mu, phi).slope;
        assert!((slope - got).abs() < 1e-8);
    }

    #[test]
    fn a_suppressed_count_is_the_sum_of_what_it_may_be() {
        let (mu, phi) = (6.0, 2.0);
        let at = |mu: f64| count_score(Count { low: 2.0, high: 9.0 }, mu, phi);
        let sum: f64 = (2..=9)
            .map(|y| {
                let count = Count { low: f64::from(y), high: f64::from(y) };
                (count_score(count, mu, phi).value + norm(count, phi)).exp()
            })
            .sum();
        assert!((at(mu).value - sum.ln()).abs() < 1e-12);
        let h = 1e-5_f64;
        let slope = (at(mu * h.exp()).value - at(mu * (-h).exp()).value) / (2.0 * h);
        assert!((slope - at(mu).slope).abs() < 1e-7);
    }
}
