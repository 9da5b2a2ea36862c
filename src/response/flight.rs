//! A segment's whole flight as one curve in one number: its total spend.

use super::exposure::{saturation, saturation_and_slope};
use super::memory::{self, Remembered, WEEKS};

/// Weekly response of one segment under one posterior draw.
///
/// With effective money `u(s) = s · (1 + s/s_ref)^(−γ)` (a CPM that rises with spend) and scaled
/// exposure `x_t = u(s_t)/κ`, week `t` brings `g_t · V · Σ_j P_j [G(R_j + x_t) − G(R_j)]` actions, `R_j`
/// being what is remembered of the weeks before (see [`memory`]).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeeklyResponse {
    /// Ceiling `V`, actions per week.
    pub ceiling: f64,
    /// Scale `κ`, money per week.
    pub scale: f64,
    /// Shape `k > −1`, not 0. Below 0, `V` and `κ` are below 0 too: the same formula is then a
    /// power of the spend, `|V| · [(1 + s/(kκ))^|k| − 1]`, which never saturates.
    pub shape: f64,
    /// Rise of CPM with spend `γ`, in [0, 1).
    pub cpm_rise: f64,
    /// Weekly spend at which the rise is measured, `s_ref`.
    pub reference_spend: f64,
    /// Share `ρ` of people who still remember a week later.
    pub carryover: f64,
}

impl WeeklyResponse {
    /// Money that would buy the same impressions at the base CPM.
    #[must_use]
    pub fn effective_spend(&self, spend: f64) -> f64 {
        if self.cpm_rise == 0.0 {
            return spend;
        }
        spend * (-self.cpm_rise * (spend / self.reference_spend).ln_1p()).exp()
    }

    /// Derivative of [`Self::effective_spend`].
    #[must_use]
    pub fn effective_spend_slope(&self, spend: f64) -> f64 {
        if self.cpm_rise == 0.0 {
            return 1.0;
        }
        let ratio = spend / self.reference_spend;
        (-self.cpm_rise * ratio.ln_1p()).exp() * (1.0 - self.cpm_rise * ratio / (1.0 + ratio))
    }

    /// Expected actions of one week on its own (no memory, season 1).
    #[must_use]
    pub fn week(&self, spend: f64) -> f64 {
        self.ceiling * saturation(self.effective_spend(spend) / self.scale, self.shape)
    }

    /// Expected actions of a week in a long stretch of weeks at the same spend (season 1): what is
    /// meant by *the weekly response at a spend*. It rises with the spend and is concave.
    #[must_use]
    pub fn steady(&self, spend: f64) -> f64 {
        let z = self.effective_spend(spend) / self.scale;
        let weights = memory::steady(&memory::shares(self.carryover));
        let stretch = |m: usize| weights[m] * saturation((m + 1) as f64 * z, self.shape);
        // Without memory only the first of them weighs anything.
        let stretches = if self.carryover == 0.0 { 1 } else { WEEKS };
        self.ceiling * (0..stretches).map(stretch).sum::<f64>()
    }

    /// What is remembered after weeks in which so much was spent, the oldest first.
    #[must_use]
    pub fn memory_of(&self, spends: &[f64]) -> Remembered {
        Remembered::of(spends.iter().map(|spend| self.exposure(*spend)))
    }

    /// Scaled exposure that a week's money buys.
    #[must_use]
    pub fn exposure(&self, spend: f64) -> f64 {
        self.effective_spend(spend) / self.scale
    }

    /// Expected actions of a week of so much scaled exposure, before season.
    #[must_use]
    pub fn gain(&self, remembered: &Remembered, exposure: f64) -> f64 {
        if self.carryover == 0.0 {
            return self.ceiling * saturation(exposure, self.shape);
        }
        let shares = memory::shares(self.carryover);
        self.ceiling * memory::gain(&shares, remembered, exposure, |z| saturation(z, self.shape))
    }

    /// Expected actions of each week, before season, for the given weekly spends.
    ///
    /// `remembered` is what people carry in from before the first week; it is left at what they
    /// carry out.
    pub fn weeks<'a>(
        &'a self,
        spends: impl IntoIterator<Item = f64> + 'a,
        remembered: &'a mut Remembered,
    ) -> impl Iterator<Item = f64> + 'a {
        spends.into_iter().map(move |spend| {
            let exposure = self.exposure(spend);
            let gain = self.gain(remembered, exposure);
            remembered.pass(exposure);
            gain
        })
    }

    /// Value and slope of a whole flight at total spend `total`.
    ///
    /// `pacing` (shares summing to 1) and `weights` (season × value per action) have one entry
    /// per week.
    #[must_use]
    pub fn flight(&self, total: f64, pacing: &[f64], weights: &[f64]) -> (f64, f64) {
        self.flight_after(&Remembered::NOTHING, total, pacing, weights)
    }

    /// The same for people who carry in what they remember of the weeks before.
    #[must_use]
    pub fn flight_after(
        &self,
        remembered: &Remembered,
        total: f64,
        pacing: &[f64],
        weights: &[f64],
    ) -> (f64, f64) {
        if remembered.is_nothing() && is_even(pacing) {
            return self.even_flight(total, pacing[0], weights);
        }
        self.delivered(remembered, total, pacing, |_| 1.0, weights)
    }

    /// The same where a week's money buys `delivery` times the impressions (dearer weeks: below 1).
    pub fn delivered(
        &self,
        remembered: &Remembered,
        total: f64,
        pacing: &[f64],
        delivery: impl Fn(usize) -> f64,
        weights: &[f64],
    ) -> (f64, f64) {
        let shares = memory::shares(self.carryover);
        let depth = if self.carryover == 0.0 { 1 } else { WEEKS };
        let mut stretches = Stretches::new(remembered, self.shape, depth);
        let (mut value, mut slope) = (0.0, 0.0);
        for (week, (share, weight)) in pacing.iter().zip(weights).enumerate() {
            let (spend, bought) = (share * total, delivery(week));
            let exposure = bought * self.exposure(spend);
            let by = bought * share * self.effective_spend_slope(spend) / self.scale;
            let (gain, gain_slope) = stretches.week(&shares, exposure, by, self.shape);
            value += weight * self.ceiling * gain;
            slope += weight * self.ceiling * gain_slope;
        }
        (value, slope)
    }

    /// A flight of weeks that all spend the same: `V Σ_m c_m G(m x)`, each stretch of `m` weeks once.
    fn even_flight(&self, total: f64, share: f64, weights: &[f64]) -> (f64, f64) {
        let shares = memory::shares(self.carryover);
        let mut stretches = [0.0; WEEKS + 1];
        for (week, weight) in weights.iter().enumerate() {
            for (j, share) in shares.iter().enumerate() {
                // Weeks before the first one hold nothing to remember.
                let seen = j.min(week);
                stretches[seen + 1] += share * weight;
                stretches[seen] -= share * weight;
            }
        }
        let spend = share * total;
        let exposure = self.exposure(spend);
        let by = share * self.effective_spend_slope(spend) / self.scale;
        let (mut value, mut slope) = (0.0, 0.0);
        for (m, weight) in stretches.iter().enumerate().skip(1) {
            if *weight != 0.0 {
                let times = m as f64;
                let (brings, more) = saturation_and_slope(times * exposure, self.shape);
                value += weight * brings;
                slope += weight * more * times * by;
            }
        }
        (self.ceiling * value, self.ceiling * slope)
    }

    /// Value and slope of one audience that is used up once over a whole flight (the distinct people
    /// that it reaches): `V [G(M + Σ x_t) − G(M)]`, `M` being what all spends `before` have used.
    #[must_use]
    pub fn once(&self, before: &[f64], total: f64, pacing: &[f64]) -> (f64, f64) {
        self.once_delivered(before, total, pacing, |_| 1.0)
    }

    /// The same where a week's money buys `delivery` times the impressions.
    pub fn once_delivered(
        &self,
        before: &[f64],
        total: f64,
        pacing: &[f64],
        delivery: impl Fn(usize) -> f64,
    ) -> (f64, f64) {
        let used: f64 = before.iter().map(|spend| self.exposure(*spend)).sum();
        let (mut exposure, mut by) = (used, 0.0);
        for (week, share) in pacing.iter().enumerate() {
            let bought = delivery(week);
            exposure += bought * self.exposure(share * total);
            by += bought * share * self.effective_spend_slope(share * total) / self.scale;
        }
        let (reached, slope) = saturation_and_slope(exposure, self.shape);
        (self.ceiling * (reached - saturation(used, self.shape)), self.ceiling * slope * by)
    }
}

/// Whether all weeks have the same share.
pub(super) fn is_even(pacing: &[f64]) -> bool {
    pacing.iter().all(|share| (share - pacing[0]).abs() <= 1e-12)
}

/// Exposure since the last fresh start with its slope in the flight's money, and what it has brought,
/// by the number of weeks remembered.
struct Stretches {
    exposure: [(f64, f64); WEEKS],
    brought: [(f64, f64); WEEKS],
    /// Weeks that hold something to remember: those who remember more have seen the same.
    held: usize,
    depth: usize,
}

impl Stretches {
    fn new(remembered: &Remembered, shape: f64, depth: usize) -> Self {
        let sums = remembered.sums();
        Self {
            exposure: sums.map(|sum| (sum, 0.0)),
            brought: sums.map(|sum| (saturation(sum, shape), 0.0)),
            held: if remembered.is_nothing() { 0 } else { WEEKS },
            depth,
        }
    }

    /// A week goes by: its gain over the ceiling and that gain's slope.
    fn week(&mut self, shares: &[f64; WEEKS], exposure: f64, by: f64, shape: f64) -> (f64, f64) {
        let mut next = ([(0.0, 0.0); WEEKS], [(0.0, 0.0); WEEKS]);
        let (mut value, mut slope) = (0.0, 0.0);
        let mut after = ((0.0, 0.0), (0.0, 0.0));
        for (j, share) in shares.iter().enumerate().take(self.depth) {
            if j <= self.held {
                let seen = (self.exposure[j].0 + exposure, self.exposure[j].1 + by);
                let (brings, more) = saturation_and_slope(seen.0, shape);
                after = (seen, (brings, more * seen.1));
            }
            let (seen, brought) = after;
            value += share * (brought.0 - self.brought[j].0);
            slope += share * (brought.1 - self.brought[j].1);
            if j + 1 < WEEKS {
                (next.0[j + 1], next.1[j + 1]) = (seen, brought);
            }
        }
        (self.exposure, self.brought) = next;
        self.held += 1;
        (value, slope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn response(carryover: f64, cpm_rise: f64) -> WeeklyResponse {
        WeeklyResponse {
            ceiling: 300.0,
            scale: 80.0,
            shape: 1.3,
            cpm_rise,
            reference_spend: 60.0,
            carryover,
        }
    }

    #[test]
    fn an_audience_is_used_up_once_whatever_the_pacing() {
        let weekly = response(0.3, 0.0);
        let (value, slope) = weekly.once(&[40.0], 400.0, &[0.5, 0.1, 0.4]);
        let share = |spend: f64| saturation(spend / weekly.scale, weekly.shape);
        assert!((value - weekly.ceiling * (share(440.0) - share(40.0))).abs() < 1e-9);
        let h = 1e-4;
        let more = weekly.once(&[40.0], 400.0 + h, &[0.5, 0.1, 0.4]).0;
        assert!(((more - value) / h - slope).abs() < 1e-5);
    }

    #[test]
    fn the_steady_response_is_where_equal_weeks_end_up() {
        let weekly = response(0.4, 0.1);
        let mut remembered = Remembered::NOTHING;
        let last = weekly.weeks([50.0; 60], &mut remembered).last().unwrap();
        assert!((last - weekly.steady(50.0)).abs() < 1e-9);
    }

    #[test]
    fn no_memory_gives_a_fresh_audience_every_week() {
        let weekly = response(0.0, 0.2);
        let (value, _) = weekly.flight(400.0, &[0.25; 4], &[1.0; 4]);
        assert!((value - 4.0 * weekly.week(100.0)).abs() < 1e-9);
    }

    #[test]
    fn weeks_and_flight_agree() {
        let weekly = response(0.4, 0.1);
        let weights = [1.0, 1.4, 0.8, 0.6, 1.1, 0.9];
        for pacing in [[0.3, 0.2, 0.0, 0.25, 0.1, 0.15], [1.0 / 6.0; 6]] {
            for past in [&[][..], &[30.0, 90.0][..]] {
                let mut remembered = weekly.memory_of(past);
                let (value, _) = weekly.flight_after(&remembered, 250.0, &pacing, &weights);
                let sum: f64 = weekly
                    .weeks(pacing.map(|share| share * 250.0), &mut remembered)
                    .zip(weights)
                    .map(|(actions, weight)| actions * weight)
                    .sum();
                assert!((sum - value).abs() < 1e-9, "{sum} {value}");
            }
        }
    }

    /// A flight of any form: shape, memory, rise of the price, weeks without money, what is carried in.
    #[derive(Debug, Clone)]
    struct Any {
        weekly: WeeklyResponse,
        pacing: Vec<f64>,
        past: Vec<f64>,
    }

    fn any() -> impl Strategy<Value = Any> {
        let shape = prop_oneof![(-2.3..4.0_f64).prop_map(f64::exp), -0.9..-0.05];
        let pacing = proptest::collection::vec(prop_oneof![Just(0.0), 0.05..1.0], 1..=26);
        let past = proptest::collection::vec(prop_oneof![Just(0.0), 0.0..400.0], 0..6);
        (shape, 0.0..0.95, 0.0..0.6, 1e-3..1e5, pacing, past).prop_map(
            |(shape, carryover, cpm_rise, scale, mut pacing, past)| {
                pacing[0] += 0.1;
                let sum: f64 = pacing.iter().sum();
                for share in &mut pacing {
                    *share /= sum;
                }
                let sign = shape.signum();
                let weekly = WeeklyResponse {
                    ceiling: 300.0 * sign,
                    scale: scale * sign,
                    shape,
                    cpm_rise,
                    reference_spend: 60.0,
                    carryover,
                };
                Any { weekly, pacing, past }
            },
        )
    }

    proptest! {
        #[test]
        fn more_money_never_brings_less_and_each_further_euro_less(
            any in any(), total in 0.0..5e4, step in 0.01..0.5,
        ) {
            let Any { weekly, pacing, past } = any;
            let remembered = weekly.memory_of(&past);
            let weights = vec![1.0; pacing.len()];
            let at = |total: f64| weekly.flight_after(&remembered, total, &pacing, &weights);
            let h = step * (total + 1.0);
            let [low, middle, high] = [0.0, 1.0, 2.0].map(|j| at(total + j * h).0);
            let slack = 1e-12 * high.abs().max(1.0);
            prop_assert!(low <= middle + slack && middle <= high + slack, "{low} {middle} {high}");
            prop_assert!(high - middle <= middle - low + slack, "{low} {middle} {high}");
            let [low, middle, high] = [0.0, 1.0, 2.0].map(|j| weekly.steady(total + j * h));
            let slack = 1e-12 * high.abs().max(1.0);
            prop_assert!(low <= middle + slack && middle <= high + slack, "{low} {middle} {high}");
            prop_assert!(high - middle <= middle - low + slack, "{low} {middle} {high}");
        }

        #[test]
        fn a_level_at_the_usual_spend_is_no_astronomical_ceiling(
            carryover in 0.0..1.0, shape in 0.1..50.0, scale in 1e-6..1e3,
        ) {
            let weekly = WeeklyResponse { scale, shape, ..response(carryover, 0.0) };
            let (steady, week) = (weekly.steady(60.0), weekly.week(60.0));
            prop_assert!(steady >= week / WEEKS as f64 * (1.0 - 1e-12), "{steady} {week}");
            prop_assert!(steady <= week * (1.0 + 1e-12));
        }

        #[test]
        fn the_slope_of_a_flight_is_its_difference(
            any in any(), total in 1.0..2000.0_f64,
        ) {
            let Any { weekly, pacing, past } = any;
            let remembered = weekly.memory_of(&past);
            let weights: Vec<f64> = (0..pacing.len()).map(|t| 1.0 + 0.3 * (t as f64).sin()).collect();
            // Beside a bend of the scale's own size differences say little.
            let h: f64 = 1e-5 * total.min(weekly.scale.abs());
            let (low, slope) = weekly.flight_after(&remembered, total, &pacing, &weights);
            let (high, next) = weekly.flight_after(&remembered, total + h, &pacing, &weights);
            // Mean of the end slopes is the difference up to third order in h; rounding of values
            // is amplified by 1/h.
            let slack = 1e-13 * high.abs().max(1.0) * pacing.len() as f64 / h + 1e-6 * slope.abs() + 1e-9;
            prop_assert!(((high - low) / h - 0.5 * (slope + next)).abs() < slack, "{} {slope} {next}", (high - low) / h);
        }
    }
}
