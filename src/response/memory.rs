//! Memory across weeks: what people still remember, and what that leaves for one more exposure.
//!
//! Every person starts afresh in some week (a forgotten post is as good as a new one). Weeks since the
//! last fresh start are a Markov chain: a week later the person still remembers with probability
//! `ρ`, and after [`WEEKS`] weeks nothing is remembered. In its stationary state `j` weeks are
//! remembered with probability `P_j = ρ^j / Σ_i ρ^i`, `j = 0 … WEEKS − 1`. Exposures since the last
//! fresh start add up, so a week of scaled exposure `x_t` brings, over a remembered
//! `R_j = x_{t−1} + … + x_{t−j}`,
//!
//! ```text
//! Σ_j P_j · V · [G(R_j + x_t) − G(R_j)]
//! ```
//!
//! **More money never brings less.** Along one person's path the gains between two fresh starts
//! telescope: a stretch of weeks `a … b` brings `V · G(x_a + … + x_b)`, or `G(M + ·) − G(M)` where
//! exposure `M` was carried in. A flight of equal week weights is the mean of these over paths: a
//! mean of increasing concave functions of the flight's money, for every shape `k > −1`.
//! A steady week brings `V Σ_m (P_{m−1} − P_m) G(m x) ≥ V P_0 G(x)`, so a level learnt at the
//! usual spend never stands for a ceiling beyond `WEEKS / G` times itself.
//!
//! Why four weeks and not for ever: with an endless memory the same law needs either the whole past
//! of every cell or an approximation that is not exactly concave (keeping the mean of what is
//! remembered is off by up to a quarter, and falls after pauses); at the `ρ ≈ 0.3` of posts less
//! than one part in a hundred is older than four weeks. So bounded, training, plan, simulation and
//! generator compute one and the same law exactly, with the last three weeks as its whole state.

use crate::numeric::elementary::{exp, ln_1p};

/// Weeks after which nothing is remembered: this one and those before it.
pub const WEEKS: usize = 4;

/// Probability that just so many weeks before this one are remembered, `ρ^j / Σ_i ρ^i`.
#[must_use]
pub fn shares(rho: f64) -> [f64; WEEKS] {
    let powers = powers(rho);
    let sum: f64 = powers.iter().sum();
    powers.map(|power| power / sum)
}

/// Derivatives of [`shares`] in `ρ`.
#[must_use]
pub fn share_slopes(rho: f64) -> [f64; WEEKS] {
    let powers = powers(rho);
    let slopes: [f64; WEEKS] =
        std::array::from_fn(|j| if j == 0 { 0.0 } else { j as f64 * powers[j - 1] });
    let (sum, by): (f64, f64) = (powers.iter().sum(), slopes.iter().sum());
    std::array::from_fn(|j| (slopes[j] - powers[j] * by / sum) / sum)
}

fn powers(rho: f64) -> [f64; WEEKS] {
    std::array::from_fn(|j| rho.powi(j as i32))
}

/// By how much memory sharpens the bend of a steady week, `Σ_j P_j (2j + 1)`: to second order a
/// steady week brings `V [z − (k+1)/(2k) · bend · z²]`.
#[must_use]
pub fn bend(rho: f64) -> f64 {
    weighted(&shares(rho))
}

/// Derivative of [`bend`] in `ρ`.
#[must_use]
pub fn bend_slope(rho: f64) -> f64 {
    weighted(&share_slopes(rho))
}

fn weighted(shares: &[f64; WEEKS]) -> f64 {
    shares.iter().enumerate().map(|(j, share)| share * (2 * j + 1) as f64).sum()
}

/// Weights of `G(m x)`, `m = 1 … WEEKS`, in a steady week at exposure `x`: `P_{m−1} − P_m`.
#[must_use]
pub fn steady(shares: &[f64; WEEKS]) -> [f64; WEEKS] {
    std::array::from_fn(|m| shares[m] - shares.get(m + 1).copied().unwrap_or(0.0))
}

/// The law at one `ρ`, with what is asked of it again and again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Law {
    /// `P_j`, see [`shares`].
    pub shares: [f64; WEEKS],
    /// See [`bend`].
    pub bend: f64,
    /// Weeks whose share is worth the name, this one included: 1 where nothing is remembered.
    pub depth: usize,
}

impl Default for Law {
    /// Nothing is remembered.
    fn default() -> Self {
        Self::new(0.0)
    }
}

impl Law {
    /// The law at `ρ`.
    #[must_use]
    pub fn new(rho: f64) -> Self {
        let shares = shares(rho);
        let depth = shares.iter().filter(|share| **share > LEAST).count();
        Self { shares, bend: weighted(&shares), depth }
    }
}

/// A share of people too small to move any number's tenth digit.
const LEAST: f64 = 1e-12;

/// Exposure of the weeks that can be remembered, the latest first.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Remembered([f64; WEEKS - 1]);

impl Remembered {
    /// Nobody has seen anything: a new creative.
    pub const NOTHING: Self = Self([0.0; WEEKS - 1]);

    /// Every week before was like this one.
    #[must_use]
    pub fn steady(exposure: f64) -> Self {
        Self([exposure; WEEKS - 1])
    }

    /// What is left after weeks of so much exposure, the oldest first.
    #[must_use]
    pub fn of(exposures: impl IntoIterator<Item = f64>) -> Self {
        let mut remembered = Self::NOTHING;
        exposures.into_iter().for_each(|exposure| remembered.pass(exposure));
        remembered
    }

    /// A week goes by.
    pub fn pass(&mut self, exposure: f64) {
        self.0.rotate_right(1);
        self.0[0] = exposure;
    }

    /// Exposure that is remembered by those who remember `j` weeks, `R_0 = 0 … R_{WEEKS−1}`.
    #[must_use]
    pub fn sums(&self) -> [f64; WEEKS] {
        let mut sums = [0.0; WEEKS];
        for j in 1..WEEKS {
            sums[j] = sums[j - 1] + self.0[j - 1];
        }
        sums
    }

    /// Whether nothing is remembered.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.0.iter().all(|exposure| *exposure == 0.0)
    }

    /// The same on another scale of exposure.
    #[must_use]
    pub fn scaled(&self, by: f64) -> Self {
        Self(self.0.map(|exposure| exposure * by))
    }
}

/// What is remembered in many columns side by side (segments, draws), of those who remember one week,
/// two, three.
#[derive(Debug, Clone, Default)]
pub struct Columns {
    /// Scaled exposure.
    seen: [Vec<f64>; WEEKS - 1],
    /// Share of interest that it has left, `1 − G`.
    left: [Vec<f64>; WEEKS - 1],
}

impl Columns {
    /// Nobody remembers anything, in so many columns; keeps the room.
    pub fn clear(&mut self, columns: usize) {
        for (all, value) in [(&mut self.seen, 0.0), (&mut self.left, 1.0)] {
            for column in all {
                column.clear();
                column.resize(columns, value);
            }
        }
    }

    /// Lets one column remember exposures `R_0 = 0 … R_{WEEKS−1}` ([`Remembered::sums`]) in a
    /// response of shape `k`.
    pub fn recall(&mut self, column: usize, sums: &[f64; WEEKS], shape: f64) {
        for (j, sum) in sums[1..].iter().enumerate() {
            self.seen[j][column] = *sum;
            self.left[j][column] = left_of(*sum, shape, shape.recip());
        }
    }

    /// Exposures `R_0 = 0 … R_{WEEKS−1}` that are remembered in one column.
    #[must_use]
    pub fn sums(&self, column: usize) -> [f64; WEEKS] {
        std::array::from_fn(|j| if j == 0 { 0.0 } else { self.seen[j - 1][column] })
    }

    /// A week of `exposure` goes by, with shapes `k` and `1/k`: `gains` become
    /// `Σ_j P_j [G(R_j + x) − G(R_j)]` over `depth` weeks, `P_j` of a column being `share(j)(column)`.
    ///
    /// What is seen and left after this week with `j` weeks remembered is what the next week finds
    /// with `j + 1`.
    #[allow(clippy::inline_always, reason = "it must become part of the vectorised kernel")]
    #[allow(clippy::needless_range_loop, reason = "columns side by side read alike")]
    #[inline(always)]
    pub fn pass<S: Fn(usize) -> f64>(
        &mut self,
        depth: usize,
        share: impl Fn(usize) -> S,
        [shape, inverse]: [&[f64]; 2],
        exposure: &[f64],
        gains: &mut [f64],
    ) {
        let n = gains.len();
        let (shape, inverse, exposure) = (&shape[..n], &inverse[..n], &exposure[..n]);
        gains.fill(0.0);
        for j in (1..depth).rev() {
            let share = share(j);
            let (before, after) = self.seen.split_at_mut(j);
            let (left_before, left_after) = self.left.split_at_mut(j);
            let (seen, left) = (&before[j - 1][..n], &left_before[j - 1][..n]);
            if j + 1 == WEEKS {
                for i in 0..n {
                    let now = left_of(seen[i] + exposure[i], shape[i], inverse[i]);
                    gains[i] += share(i) * (left[i] - now);
                }
            } else {
                let (seen_next, left_next) = (&mut after[0][..n], &mut left_after[0][..n]);
                for i in 0..n {
                    let whole = seen[i] + exposure[i];
                    let now = left_of(whole, shape[i], inverse[i]);
                    gains[i] += share(i) * (left[i] - now);
                    (seen_next[i], left_next[i]) = (whole, now);
                }
            }
        }
        let (seen, left, share) = (&mut self.seen[0][..n], &mut self.left[0][..n], share(0));
        for i in 0..n {
            let now = left_of(exposure[i], shape[i], inverse[i]);
            gains[i] += share(i) * (1.0 - now);
            (seen[i], left[i]) = (exposure[i], now);
        }
    }
}

/// `1 − G(z)` at shape `k`, given `1/k` as well.
#[allow(clippy::inline_always, reason = "it must become part of the vectorised kernel")]
#[inline(always)]
fn left_of(z: f64, shape: f64, inverse_shape: f64) -> f64 {
    exp(-shape * ln_1p(z * inverse_shape))
}

/// Gain of a week of exposure `x`: `Σ_j P_j [C(R_j + x) − C(R_j)]`, for any cumulated response `C`
/// with `C(0) = 0`.
pub fn gain(
    shares: &[f64; WEEKS],
    remembered: &Remembered,
    exposure: f64,
    cumulated: impl Fn(f64) -> f64,
) -> f64 {
    let fresh = cumulated(exposure);
    let mut sum = shares[0] * fresh;
    for (share, before) in shares.iter().zip(remembered.sums()).skip(1) {
        // Nothing was seen in the weeks that are remembered.
        sum += share
            * if before == 0.0 { fresh } else { cumulated(before + exposure) - cumulated(before) };
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::response::exposure::saturation;
    use proptest::prelude::*;

    /// The mean over every path of fresh starts, stretch by stretch: what the law says it is.
    fn over_paths(rho: f64, exposures: &[f64], cumulated: &dyn Fn(f64) -> f64) -> f64 {
        /// Gains of the weeks to come for somebody `j` weeks after the fresh start.
        fn ahead(
            rho: f64,
            j: usize,
            seen: f64,
            exposures: &[f64],
            cumulated: &dyn Fn(f64) -> f64,
        ) -> f64 {
            let Some((x, rest)) = exposures.split_first() else { return 0.0 };
            let now = cumulated(seen + x) - cumulated(seen);
            let stays = if j + 1 < WEEKS { rho } else { 0.0 };
            now + stays * ahead(rho, j + 1, seen + x, rest, cumulated)
                + (1.0 - stays) * ahead(rho, 0, 0.0, rest, cumulated)
        }
        let shares = shares(rho);
        (0..WEEKS).map(|j| shares[j] * ahead(rho, j, 0.0, exposures, cumulated)).sum()
    }

    #[test]
    fn weeks_are_the_mean_over_all_paths_of_fresh_starts() {
        for (rho, k) in [(0.0, 1.0), (0.3, 0.4), (0.7, 6.0), (1.0, 2.0)] {
            let exposures = [0.8, 0.0, 2.5, 0.3, 1.1, 0.0, 4.0];
            let cumulated = |z: f64| saturation(z, k);
            let (shares, mut remembered, mut sum) = (shares(rho), Remembered::NOTHING, 0.0);
            for exposure in exposures {
                sum += gain(&shares, &remembered, exposure, cumulated);
                remembered.pass(exposure);
            }
            let paths = over_paths(rho, &exposures, &cumulated);
            assert!((sum - paths).abs() < 1e-12, "{rho}: {sum} {paths}");
        }
    }

    #[test]
    fn a_steady_week_is_the_telescoped_sum() {
        let (shares, x) = (shares(0.45), 0.7);
        let week = gain(&shares, &Remembered::steady(x), x, |z| saturation(z, 1.2));
        let sum: f64 = steady(&shares)
            .iter()
            .enumerate()
            .map(|(m, w)| w * saturation((m + 1) as f64 * x, 1.2))
            .sum();
        assert!((week - sum).abs() < 1e-14);
    }

    proptest! {
        #[test]
        fn slopes_in_memory_are_differences(rho in 0.0..1.0) {
            let h = 1e-6;
            let (up, down, slopes) = (shares(rho + h), shares(rho - h), share_slopes(rho));
            for j in 0..WEEKS {
                prop_assert!(((up[j] - down[j]) / (2.0 * h) - slopes[j]).abs() < 1e-8);
            }
            let by = (bend(rho + h) - bend(rho - h)) / (2.0 * h);
            prop_assert!((by - bend_slope(rho)).abs() < 1e-7);
        }
    }
}
