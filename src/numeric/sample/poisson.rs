//! Poisson counts, one per cell, from one normal and one uniform number each.
//!
//! Means of 10 and more: Ahrens and Dieter (1982, algorithm PD). A normal number rounded down is
//! right nearly always; what it gives too often is refused, and what it gives too rarely is drawn
//! from the difference, so the law is exact. Where their paper approximates the probability of
//! the rounded normal by a series, we compute it. Smaller means: the inverse of the distribution.
//!
//! One normal and one uniform number per cell also make counts of two policies move together when
//! both are given the same numbers, refusals (about 1 %) aside: common random numbers.

use pulp::{Arch, NullaryFnOnce};

use super::elementary;
use super::stream::{Single, unit};

/// `1/√(2π)`.
const INVERSE_ROOT_TWO_PI: f64 = 0.398_942_280_401_432_7;
/// From this mean on the normal proposal holds.
const LARGE: f64 = 10.0;
/// `K ≥ ⌊μ − 1.1484⌋` is at least as likely under the Poisson law as under the proposal.
const SURE_FROM: f64 = 1.1484;
/// No count that the proposal gives too rarely begins below it, so corrections begin here.
const CORRECT_FROM: f64 = -0.6744;
/// Bound of the correction under a double exponential around 1.8, times μ.
const CORRECTION: f64 = 0.1069;

/// Fills `out` with one count of each mean (finite, at least 0).
pub fn fill(
    arch: Arch,
    means: &[f64],
    normals: &[f64],
    words: &[u64],
    single: &mut Single,
    out: &mut [f64],
) {
    let n = means.len();
    let (normals, words, out) = (&normals[..n], &words[..n], &mut out[..n]);
    arch.dispatch(AtAGlance { means, normals, words, out: &mut *out });
    let mut small = Small::default();
    for i in 0..out.len() {
        if out[i] < 0.0 {
            let u = unit(words[i]);
            if means[i] >= LARGE {
                out[i] = open(means[i], normals[i], u, single);
            } else if small.push(i, means[i], u) {
                small.flush(arch, out);
            }
        }
    }
    small.flush(arch, out);
}

/// The proposal and its quick tests for every cell; −1 marks what they leave open.
struct AtAGlance<'a> {
    means: &'a [f64],
    normals: &'a [f64],
    words: &'a [u64],
    out: &'a mut [f64],
}

#[allow(clippy::inline_always, reason = "only so is it compiled for the registers found")]
impl NullaryFnOnce for AtAGlance<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let n = self.out.len();
        let (means, normals, words) = (&self.means[..n], &self.normals[..n], &self.words[..n]);
        for i in 0..n {
            let mu = means[i].max(LARGE);
            let count = (mu + mu.sqrt() * normals[i]).floor();
            let below = mu - count;
            let sure = count >= (mu - SURE_FROM).floor();
            // (μ − K)³ / (6 μ²) bounds the share refused (same paper, step S).
            let nearly = 6.0 * mu * mu * unit(words[i]) >= below * below * below;
            #[allow(clippy::needless_bitwise_bool, reason = "a branch could not be vectorised")]
            let accepted = (means[i] >= LARGE) & (count >= 0.0) & (sure | nearly);
            self.out[i] = if accepted { count } else { -1.0 };
        }
    }
}

/// `1/k`: a multiplication is cheaper than a division in the search.
const INVERSE: [f64; 64] = {
    let mut table = [0.0; 64];
    let mut k = 1;
    while k < 64 {
        table[k] = 1.0 / k as f64;
        k += 1;
    }
    table
};

/// Cells of small mean, gathered so that their searches run side by side.
struct Small {
    n: usize,
    cell: [usize; BLOCK],
    mean: [f64; BLOCK],
    u: [f64; BLOCK],
}

const BLOCK: usize = 16;

impl Default for Small {
    fn default() -> Self {
        Self { n: 0, cell: [0; BLOCK], mean: [0.0; BLOCK], u: [0.0; BLOCK] }
    }
}

impl Small {
    /// Adds a cell; true when there is no room for another.
    fn push(&mut self, cell: usize, mean: f64, u: f64) -> bool {
        (self.cell[self.n], self.mean[self.n], self.u[self.n]) = (cell, mean, u);
        self.n += 1;
        self.n == BLOCK
    }

    /// Inverse of the distribution: the number of partial sums that `u` reaches.
    fn flush(&mut self, arch: Arch, out: &mut [f64]) {
        let largest = self.mean[..self.n].iter().fold(0.0_f64, |a, b| a.max(*b));
        // Enough for all but about one search in a thousand; those go on alone.
        let terms = (largest + 3.5 * largest.sqrt()) as usize + 3;
        let (left, count) = arch.dispatch(SideBySide { mean: &self.mean, u: &self.u, terms });
        for i in 0..self.n {
            let done = left[i] < 0.0;
            out[self.cell[i]] = if done { count[i] } else { search(self.mean[i], self.u[i]) };
        }
        self.n = 0;
    }
}

/// The searches of one block, so many terms of each: what is left of `u`, and the count so far.
struct SideBySide<'a> {
    mean: &'a [f64; BLOCK],
    u: &'a [f64; BLOCK],
    terms: usize,
}

#[allow(clippy::inline_always, reason = "only so is it compiled for the registers found")]
impl NullaryFnOnce for SideBySide<'_> {
    type Output = ([f64; BLOCK], [f64; BLOCK]);

    #[inline(always)]
    fn call(self) -> Self::Output {
        let Self { mean, u, terms } = self;
        let (mut left, mut count, mut term) = ([0.0; BLOCK], [0.0; BLOCK], [0.0; BLOCK]);
        for i in 0..BLOCK {
            term[i] = elementary::exp(-mean[i]);
            left[i] = u[i] - term[i];
            count[i] = if left[i] >= 0.0 { 1.0 } else { 0.0 };
        }
        for inverse in &INVERSE[1..terms] {
            for i in 0..BLOCK {
                term[i] *= mean[i] * inverse;
                left[i] -= term[i];
                count[i] += if left[i] >= 0.0 { 1.0 } else { 0.0 };
            }
        }
        (left, count)
    }
}

/// Inverse of the distribution by search from 0.
#[cold]
fn search(mean: f64, u: f64) -> f64 {
    let mut term = elementary::exp(-mean);
    let mut left = u - term;
    let mut k = 0_usize;
    // Beyond 63 lies less than 1e-28 of a law of mean 10, less than one step of `u`.
    while left >= 0.0 && k < INVERSE.len() - 1 {
        k += 1;
        term *= mean * INVERSE[k];
        left -= term;
    }
    k as f64
}

/// The proposal was not accepted at a glance: decide exactly, and correct when it is refused.
#[cold]
fn open(mu: f64, x: f64, u: f64, single: &mut Single) -> f64 {
    let sd = mu.sqrt();
    let count = (mu + sd * x).floor();
    if count >= 0.0 && (1.0 - u) * rounded_normal(count, mu, sd) <= probability(count, mu) {
        return count;
    }
    correction(mu, sd, single)
}

/// Draws from the part of the Poisson law that the proposal gives too rarely.
fn correction(mu: f64, sd: f64, single: &mut Single) -> f64 {
    loop {
        let e = single.exponential();
        let sign = 2.0 * single.uniform() - 1.0;
        let t = 1.8 + e.copysign(sign);
        if t <= CORRECT_FROM {
            continue;
        }
        let count = (mu + sd * t).floor();
        let excess = probability(count, mu) - rounded_normal(count, mu, sd);
        if CORRECTION / mu * sign.abs() <= excess * e.exp() {
            return count;
        }
    }
}

/// `P(⌊μ + σ X⌋ = count)` for a standard normal `X`, `σ ≥ √10`.
///
/// The midpoint of the density with its corrections in powers of the width `w = 1/σ`: `w²ʲ He₂ⱼ(z) /
/// (4ʲ (2j + 1)!)`. Four of them leave a relative error below 1e-11 within four deviations and below
/// 3e-9 within six, at the widest; a test compares with the error function.
fn rounded_normal(count: f64, mu: f64, sd: f64) -> f64 {
    let w = 1.0 / sd;
    let z = (count + 0.5 - mu) * w;
    let (z2, w2) = (z * z, w * w);
    let second = z2 * (z2 - 6.0) + 3.0;
    let third = z2 * (z2 * (z2 - 15.0) + 45.0) - 15.0;
    let fourth = z2 * (z2 * (z2 * (z2 - 28.0) + 210.0) - 420.0) + 105.0;
    let far = w2 * (third / 322_560.0 + w2 * (fourth / 92_897_280.0));
    let corrections = w2 * ((z2 - 1.0) / 24.0 + w2 * (second / 1920.0 + far));
    elementary::exp(-0.5 * z2) * INVERSE_ROOT_TWO_PI * w * (1.0 + corrections)
}

/// `P(K = count)` by Loader's saddle point (2000), which keeps its digits for enormous means.
fn probability(count: f64, mu: f64) -> f64 {
    if count < 10.0 {
        let factorial: f64 = (1..=count as u32).map(f64::from).product();
        return mu.powf(count) * (-mu).exp() / factorial;
    }
    let v = (mu - count) / count;
    // Stirling's rest; the next term is below 1e-10 from 10 on.
    let n2 = count * count;
    let stirling = (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / (1260.0 * n2)) / n2) / count;
    elementary::exp(count * ln_1p_less(v) - stirling) * INVERSE_ROOT_TWO_PI / count.sqrt()
}

/// `ln(1 + v) − v`, with the digits of small `v` kept.
fn ln_1p_less(v: f64) -> f64 {
    if v.abs() > 0.01 {
        return elementary::ln(1.0 + v) - v;
    }
    let tail = [0.5, 1.0 / 3.0, 0.25, 0.2, 1.0 / 6.0, 1.0 / 7.0, 0.125];
    let sum = tail.iter().rev().fold(0.0, |sum, c| c - v * sum);
    -v * v * sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::sample::normal;
    use crate::numeric::sample::test::{assert_counts, assert_uniform, stream};
    use statrs::distribution::{ContinuousCDF, Discrete, DiscreteCDF};

    fn counts(mean: f64, n: usize) -> Vec<f64> {
        let mut stream = stream(mean.to_bits());
        let (mut words, mut normals) = (vec![0; n], vec![0.0; n]);
        stream.fill(Arch::new(), &mut words);
        normal::fill(&words, stream.single(), &mut normals);
        stream.fill(Arch::new(), &mut words);
        let mut out = vec![0.0; n];
        let mut single = stream.single().clone();
        fill(Arch::new(), &vec![mean; n], &normals, &words, &mut single, &mut out);
        out
    }

    #[test]
    fn counts_follow_their_law() {
        let small = [0.001, 0.3, 1.0, 4.0, 9.99];
        let large = [10.0, 10.148, 10.5, 11.3, 14.0, 25.0, 70.0, 300.0, 2000.0];
        for mean in small.into_iter().chain(large) {
            let law = statrs::distribution::Poisson::new(mean).unwrap();
            assert_counts(&counts(mean, 200_000), |k| law.pmf(k), &format!("Poisson {mean}"));
        }
    }

    #[test]
    fn enormous_means_stay_normal() {
        for mean in [1e6, 1e9, 1e12] {
            let law = statrs::distribution::Normal::standard();
            let scaled = counts(mean, 50_000).into_iter().map(|k| (k + 0.5 - mean) / mean.sqrt());
            // Skewness 1/√μ is at most 1e-3 here: invisible to 50 000 numbers.
            assert_uniform(scaled.map(|z| law.cdf(z)), &format!("Poisson {mean}"));
        }
    }

    #[test]
    fn no_mean_no_count() {
        assert!(counts(0.0, 1000).iter().all(|k| *k == 0.0));
    }

    #[test]
    fn probabilities_agree_with_the_library() {
        for mean in [10.0, 37.5, 800.0] {
            let law = statrs::distribution::Poisson::new(mean).unwrap();
            for k in 0..(3.0 * mean) as u64 {
                let (ours, theirs) = (probability(k as f64, mean), law.pmf(k));
                assert!((ours - theirs).abs() <= 1e-9 * theirs + 1e-300, "{mean} {k}");
            }
            let cumulated: f64 = (0..=40).map(|k| probability(f64::from(k), mean)).sum();
            assert!((cumulated - law.cdf(40)).abs() < 1e-9);
        }
    }

    #[test]
    fn the_rounded_normal_is_the_difference_of_two_tails() {
        use statrs::function::erf::erfc;
        for mu in [10.0, 10.7, 13.2, 25.5, 60.1, 99.0, 150.0, 1e4] {
            let sd = f64::sqrt(mu);
            for step in -60..=60 {
                let count = (mu + 0.1 * f64::from(step) * sd).floor();
                let (low, high) = ((count - mu) / sd, (count + 1.0 - mu) / sd);
                // On the side where the tail is small, so that the difference keeps its digits.
                let (near, far) = if low > 0.0 { (low, high) } else { (-high, -low) };
                let exact = 0.5 * (erfc(near / 2_f64.sqrt()) - erfc(far / 2_f64.sqrt()));
                let ours = rounded_normal(count, mu, sd);
                // The library's error function has ten digits or so of its own.
                assert!((ours / exact - 1.0).abs() < 1e-8, "{mu} {count}: {ours} {exact}");
            }
        }
    }

    /// The claims of the paper that exactness rests on, over a fine range of means.
    #[test]
    fn the_proposal_and_its_correction_fit_the_law() {
        let means = (0..4000).map(|i| 10.0 + 0.005 * f64::from(i)).chain([50.3, 1e3, 1e5]);
        for mu in means {
            let sd = mu.sqrt();
            let last = (mu + 12.0 * sd) as u32;
            let first = (mu - 8.0 * sd).max(0.0) as u32;
            for k in first..=last {
                let k = f64::from(k);
                let (p, f) = (probability(k, mu), rounded_normal(k, mu, sd));
                let slack = 1e-9 * f;
                if k >= (mu - SURE_FROM).floor() {
                    assert!(p >= f - slack, "sure: μ {mu}, K {k}");
                } else {
                    let refused = (mu - k).powi(3) / (6.0 * mu * mu);
                    assert!(p >= f * (1.0 - refused) - slack, "squeeze: μ {mu}, K {k}");
                }
                if p > f + slack {
                    let (low, high) = ((k - mu) / sd, (k + 1.0 - mu) / sd);
                    let farthest = (low - 1.8).abs().max((high - 1.8).abs());
                    let bound = CORRECTION / mu * (-farthest).exp();
                    assert!(p - f <= bound, "hat: μ {mu}, K {k}: {} > {bound}", p - f);
                    assert!(low >= CORRECT_FROM, "out of reach: μ {mu}, K {k}: {low}");
                }
            }
        }
    }
}
