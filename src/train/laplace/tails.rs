//! The law of `ψ` along one axis: a peak with a tail of its own shape to each side.
//!
//! To each side the density falls as `exp(−½ (x/s)^q)` (Subbotin's law): `q = 2` is a normal;
//! the log of a scale that may be nearly 0 falls slowly, as `q = 1`; memory, which cannot be below
//! nothing, falls faster on its other side. Both numbers of a side come from two looks at the
//! marginal.

use statrs::function::erf::erf;
use statrs::function::gamma::gamma;

/// One side of an axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Tail {
    /// Where the density has fallen by half a log.
    pub spread: f64,
    /// How fast it falls.
    pub power: f64,
}

/// A normal's power.
pub(crate) const NORMAL: f64 = 2.0;
/// Powers that are believed: two looks cannot prove a law wilder than these.
const POWERS: (f64, f64) = (0.8, 3.0);

impl Tail {
    pub(crate) fn normal(spread: f64) -> Self {
        Self { spread, power: NORMAL }
    }

    /// Through a fall of `near` at distance `by`, and of `far` at distance `out`.
    pub(crate) fn through(by: f64, near: f64, out: f64, far: f64) -> Self {
        let power = ((far / near).ln() / (out / by).ln()).clamp(POWERS.0, POWERS.1);
        Self { spread: (by * (2.0 * near).powf(-1.0 / power)).clamp(0.3, 4.0), power }
    }

    /// Root of the mean square of the side by itself.
    pub(crate) fn sd(self) -> f64 {
        let q = self.power;
        self.spread * 2_f64.powf(1.0 / q) * (gamma(3.0 / q) / gamma(1.0 / q)).sqrt()
    }

    /// Integral of the density, 1 at the peak.
    fn mass(self) -> f64 {
        self.spread * 2_f64.powf(1.0 / self.power) * gamma(1.0 / self.power) / self.power
    }

    fn fall(self, x: f64) -> f64 {
        0.5 * (x / self.spread).powf(self.power)
    }
}

/// Both sides, ready to draw from.
#[derive(Debug, Clone)]
pub(crate) struct Law {
    below: Side,
    above: Side,
    share_above: f64,
}

/// A side with its distribution function on a grid.
#[derive(Debug, Clone)]
struct Side {
    tail: Tail,
    /// Distances are `step` apart; empty for a normal.
    step: f64,
    cumulative: Vec<f64>,
}

/// Points of the grid, and the fall at its end (in logs).
const GRID: usize = 256;
const DEEPEST: f64 = 14.0;

impl Side {
    fn new(tail: Tail) -> Self {
        if tail.power == NORMAL {
            return Self { tail, step: 0.0, cumulative: Vec::new() };
        }
        let step = tail.spread * (2.0 * DEEPEST).powf(1.0 / tail.power) / GRID as f64;
        let mut cumulative = vec![0.0];
        for i in 0..GRID {
            let at = |x: f64| (-tail.fall(x * step)).exp();
            let (x, last) = (i as f64, cumulative[i]);
            // Simpson's rule on each stretch.
            cumulative.push(last + (at(x) + 4.0 * at(x + 0.5) + at(x + 1.0)) / 6.0);
        }
        let total = cumulative[GRID];
        for x in &mut cumulative {
            *x /= total;
        }
        Self { tail, step, cumulative }
    }

    /// The distance as far out among all as `z` is among a normal's.
    fn distance(&self, z: f64) -> f64 {
        if self.cumulative.is_empty() {
            return self.tail.spread * z.abs();
        }
        let u = erf(z.abs() / std::f64::consts::SQRT_2);
        let i = self.cumulative.partition_point(|x| *x <= u).clamp(1, GRID);
        let (low, high) = (self.cumulative[i - 1], self.cumulative[i]);
        let part = ((u - low) / (high - low).max(1e-300)).clamp(0.0, 1.0);
        self.step * (i as f64 - 1.0 + part)
    }
}

impl Law {
    pub(crate) fn new(below: Tail, above: Tail) -> Self {
        let share_above = above.mass() / (above.mass() + below.mass());
        Self { below: Side::new(below), above: Side::new(above), share_above }
    }

    /// The draw that goes with a standard normal and with a uniform that chooses the side.
    pub(crate) fn draw(&self, z: f64, side: f64) -> f64 {
        if side < self.share_above { self.above.distance(z) } else { -self.below.distance(z) }
    }

    /// Log density against the peak.
    pub(crate) fn log_density(&self, x: f64) -> f64 {
        if x > 0.0 { -self.above.tail.fall(x) } else { -self.below.tail.fall(-x) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_follow_the_density() {
        let law = Law::new(Tail { spread: 1.3, power: 1.0 }, Tail { spread: 0.7, power: 2.6 });
        // Stratified normals and sides: means of the draws against sums over a fine grid.
        let n = 400;
        let (mut mean, mut square) = (0.0, 0.0);
        for i in 0..n {
            let u = (f64::from(i) + 0.5) / f64::from(n);
            let z = std::f64::consts::SQRT_2 * statrs::function::erf::erfc_inv(1.0 - u);
            for side in 0..n {
                let x = law.draw(z, (f64::from(side) + 0.5) / f64::from(n));
                mean += x / f64::from(n * n);
                square += x * x / f64::from(n * n);
            }
        }
        let (mut total, mut first, mut second) = (0.0, 0.0, 0.0);
        for i in -60_000..60_000 {
            let x = f64::from(i) * 1e-3;
            let w = law.log_density(x).exp();
            (total, first, second) = (total + w, first + w * x, second + w * x * x);
        }
        assert!((mean - first / total).abs() < 0.01, "{mean} {}", first / total);
        assert!((square / (second / total) - 1.0).abs() < 0.02, "{square} {}", second / total);
    }

    #[test]
    fn a_tail_goes_through_both_looks() {
        let tail = Tail::through(1.0, 0.4, 2.5, 1.3);
        assert!((tail.fall(1.0) - 0.4).abs() < 1e-12 && (tail.fall(2.5) - 1.3).abs() < 1e-12);
        assert!((Tail::normal(1.7).sd() - 1.7).abs() < 1e-12);
    }
}
