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
