//! Gamma numbers of mean 1: what makes counts vary more than chance alone.

use pulp::{Arch, NullaryFnOnce};

use super::stream::{Single, unit};
use super::{elementary, normal};

/// Marsaglia and Tsang (2000): `d · (1 + c x)³` with `x` normal is nearly gamma.
///
/// One law per cell, of shape `φ` and mean 1; the method wants `φ ≥ 1`, a smaller one is drawn at
/// `φ + 1` and multiplied by `U^(1/φ)`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Gammas {
    d: Vec<f64>,
    c: Vec<f64>,
    shape: Vec<f64>,
    inverse_shape: Vec<f64>,
    any_below_one: bool,
}

/// Above it the law is a point at 1 in double precision (its deviation is below 1e-7).
const LARGEST_SHAPE: f64 = 1e14;

impl Gammas {
    /// Forgets all laws, keeping the memory.
    pub fn clear(&mut self) {
        let Self { d, c, shape, inverse_shape, any_below_one } = self;
        [d, c, shape, inverse_shape].into_iter().for_each(Vec::clear);
        *any_below_one = false;
    }

    /// Adds the law of shape `φ > 0` (the dispersion of a negative binomial) and mean 1.
    pub fn push(&mut self, shape: f64) {
        let shape = shape.min(LARGEST_SHAPE);
        let d = if shape < 1.0 { shape + 1.0 } else { shape } - 1.0 / 3.0;
        self.d.push(d);
        self.c.push(1.0 / (9.0 * d).sqrt());
        self.shape.push(shape);
        self.inverse_shape.push(1.0 / shape);
        self.any_below_one |= shape < 1.0;
    }

    /// How many laws there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.d.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.d.is_empty()
    }
}

/// Fills `out` with one number of each law from a normal and a word each.
///
/// The accept test of the paper, `ln u < x²/2 + d − d v + d ln v` with `v = (1 + y)³`, `y = c x`,
/// is `u < exp(−¾ d y⁴ − d ∫₀^y …)`; because the integral is at most `⅗ |y|⁵ / (1 − |y|)` for
/// negative and not positive for positive `y`, `u < 1 − d y⁴ (¾ + 6⁄5 |y|)` for `|y| ≤ ½` accepts
/// only what the test accepts, without a logarithm, and all but a few in a thousand.
pub fn fill(
    arch: Arch,
    laws: &Gammas,
    normals: &[f64],
    words: &[u64],
    single: &mut Single,
    out: &mut [f64],
) {
    let n = laws.len();
    let (normals, words, out) = (&normals[..n], &words[..n], &mut out[..n]);
    arch.dispatch(AtAGlance { laws, normals, words, out: &mut *out });
    for i in 0..n {
        if out[i] < 0.0 {
            out[i] = open(laws.d[i], laws.c[i], normals[i], unit(words[i]), single)
                * laws.inverse_shape[i];
        }
    }
    if laws.any_below_one {
        for (shape, out) in laws.shape.iter().zip(out).filter(|(shape, _)| **shape < 1.0) {
            *out *= boost(*shape, single);
        }
    }
}

/// The sure test for every cell; −1 marks what it leaves open.
struct AtAGlance<'a> {
    laws: &'a Gammas,
    normals: &'a [f64],
    words: &'a [u64],
    out: &'a mut [f64],
}

#[allow(clippy::inline_always, reason = "only so is it compiled for the registers found")]
impl NullaryFnOnce for AtAGlance<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { laws, normals, words, out } = self;
        let n = out.len();
        let (d, c, inverse) = (&laws.d[..n], &laws.c[..n], &laws.inverse_shape[..n]);
        let (normals, words) = (&normals[..n], &words[..n]);
        for i in 0..n {
            let y = c[i] * normals[i];
            let y4 = (y * y) * (y * y);
            let sure = unit(words[i]) < 1.0 - d[i] * y4 * (0.75 + 1.2 * (-y).max(0.0));
            let v = (1.0 + y) * (1.0 + y) * (1.0 + y);
            out[i] = if sure & (y.abs() <= 0.5) { d[i] * inverse[i] * v } else { -1.0 };
        }
    }
}

/// The paper's loop, begun with the numbers at hand.
#[cold]
fn open(d: f64, c: f64, mut x: f64, mut u: f64, single: &mut Single) -> f64 {
    loop {
        let root = 1.0 + c * x;
        let v = root * root * root;
        if v > 0.0 && u.ln() < 0.5 * x * x + d * (1.0 - v + v.ln()) {
            return d * v;
        }
        let mut next = [0.0];
        normal::fill(&[single.word()], single, &mut next);
        (x, u) = (next[0], single.uniform());
    }
}

/// `U^(1/φ)`: from shape `φ + 1` to `φ`.
fn boost(shape: f64, single: &mut Single) -> f64 {
    let u = 1.0 - single.uniform();
    let log = u.ln() / shape;
    // Far below the smallest count anything can tell from 0.
    if log < -690.0 { 0.0 } else { elementary::exp(log) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::sample::test::{assert_uniform, stream};
    use statrs::distribution::ContinuousCDF;

    fn numbers(shape: f64, n: usize) -> Vec<f64> {
        let mut stream = stream(shape.to_bits());
        let (mut words, mut normals) = (vec![0; n], vec![0.0; n]);
        stream.fill(Arch::new(), &mut words);
        normal::fill(&words, stream.single(), &mut normals);
        stream.fill(Arch::new(), &mut words);
        let mut out = vec![0.0; n];
        let mut laws = Gammas::default();
        (0..n).for_each(|_| laws.push(shape));
        fill(Arch::new(), &laws, &normals, &words, stream.single(), &mut out);
        out
    }

    #[test]
    fn gammas_follow_their_law_for_small_and_large_shapes() {
        for shape in [0.05, 0.3, 0.99, 1.0, 1.5, 4.0, 12.0, 150.0, 1e4] {
            let law = statrs::distribution::Gamma::new(shape, shape).unwrap();
            let numbers = numbers(shape, 60_000);
            assert_uniform(numbers.iter().map(|g| law.cdf(*g)), &format!("gamma {shape}"));
        }
    }

    #[test]
    fn an_enormous_shape_is_a_point_at_one() {
        assert!(numbers(f64::INFINITY, 100).iter().all(|g| (g - 1.0).abs() < 1e-5));
    }

    #[test]
    fn the_sure_test_accepts_only_what_the_paper_accepts() {
        for shape in [1.0, 1.3, 2.0, 12.0, 1e3] {
            let mut law = Gammas::default();
            law.push(shape);
            let (d, c) = (law.d[0], law.c[0]);
            for i in -500..=500 {
                let y = f64::from(i) / 1000.0;
                let x = y / c;
                let v = (1.0 + y).powi(3);
                let paper = (0.5 * x * x + d * (1.0 - v + v.ln())).exp();
                let sure = 1.0 - d * y.powi(4) * (0.75 + 1.2 * (-y).max(0.0));
                assert!(sure <= paper + 1e-12, "shape {shape}, y {y}: {sure} > {paper}");
            }
        }
    }
}
