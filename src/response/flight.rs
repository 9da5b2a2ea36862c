//! A segment's whole flight as one curve in one number: its total spend.

use super::exposure::{saturation, saturation_and_slope};

/// Weekly response of one segment under one posterior draw.
///
/// With effective money `u(s) = s · (1 + s/s_ref)^(−γ)` (a CPM that rises with spend), scaled
/// exposure `z = u(s)/κ` and memory `x_t = z_t + ρ x_{t−1}`, week `t` brings
/// `g_t · V · [G(x_t) − G(ρ x_{t−1})]` actions (docs: `README.md`, "The model").
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
    /// Share `ρ` of past exposure still remembered next week.
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

    /// Expected actions of a week in a long stretch of weeks at the same spend (season 1):
    /// `V · [G(z/(1−ρ)) − G(ρ z/(1−ρ))]`. What is meant by *the weekly response at a spend*.
    ///
    /// Beyond the usual spend more money never brings less: where the formula has people so full
    /// of last week that it falls (a bend that no history near the usual spend has seen), the
    /// response stays at its top.
    #[must_use]
    pub fn steady(&self, spend: f64) -> f64 {
        let mut z = self.effective_spend(spend) / self.scale;
        if self.carryover > 0.0 && spend > self.reference_spend {
            let usual = self.effective_spend(self.reference_spend) / self.scale;
            // A power never turns down.
            if self.shape > 0.0 {
                z = z.min(self.steady_top().max(usual));
            }
        }
        // Full memory would use the audience up; the limit is never reached by a fit.
        let fresh = (1.0 - self.carryover).max(1e-6);
        let kept = self.carryover * z / fresh;
        self.ceiling * (saturation(z + kept, self.shape) - saturation(kept, self.shape))
    }

    /// Scaled weekly exposure at which the formula of [`Self::steady`] is highest: there
    /// `(1 + ρx/k)/(1 + x/k) = ρ^(1/(k+1))` with `x = z/(1−ρ)`.
    fn steady_top(&self) -> f64 {
        let rho = self.carryover.min(1.0 - 1e-6);
        let ratio = rho.powf(1.0 / (self.shape + 1.0));
        let x = self.shape * (1.0 - ratio) / (ratio - rho).max(1e-12);
        x * (1.0 - rho)
    }

    /// Scaled exposure left at the end of weeks in which so much was spent, the oldest first.
    #[must_use]
    pub fn memory_of(&self, spends: &[f64]) -> f64 {
        spends.iter().fold(0.0, |memory, spend| {
            self.effective_spend(*spend) / self.scale + self.carryover * memory
        })
    }

    /// Expected actions of each week, before season, for the given weekly spends.
    ///
    /// `memory` is the scaled exposure carried in from before the first week (0 for a new
    /// creative); it is left at the value carried out.
    pub fn weeks<'a>(
        &'a self,
        spends: impl IntoIterator<Item = f64> + 'a,
        memory: &'a mut f64,
    ) -> impl Iterator<Item = f64> + 'a {
        spends.into_iter().map(move |spend| {
            let kept = self.carryover * *memory;
            let now = self.effective_spend(spend) / self.scale + kept;
            *memory = now;
            self.ceiling * (saturation(now, self.shape) - saturation(kept, self.shape))
        })
    }

    /// Value and slope of a whole flight at total spend `total`.
    ///
    /// `pacing` (shares summing to 1) and `weights` (season × value per action) have one entry
    /// per week.
    #[must_use]
    pub fn flight(&self, total: f64, pacing: &[f64], weights: &[f64]) -> (f64, f64) {
        self.flight_after(0.0, total, pacing, weights)
    }

    /// The same for people who carry the memory of earlier weeks: `memory` is the scaled exposure
    /// at the end of the week before the first one.
    #[must_use]
    pub fn flight_after(
        &self,
        memory: f64,
        total: f64,
        pacing: &[f64],
        weights: &[f64],
    ) -> (f64, f64) {
        let (mut memory, mut memory_slope) = (memory, 0.0);
        let (mut value, mut slope) = (0.0, 0.0);
        for (share, weight) in pacing.iter().zip(weights) {
            let spend = share * total;
            let (kept, kept_slope) = (self.carryover * memory, self.carryover * memory_slope);
            memory = self.effective_spend(spend) / self.scale + kept;
            memory_slope = share * self.effective_spend_slope(spend) / self.scale + kept_slope;
            let (now, now_slope) = saturation_and_slope(memory, self.shape);
            let (before, before_slope) = saturation_and_slope(kept, self.shape);
            let gain = now - before;
            let gain_slope = now_slope * memory_slope - before_slope * kept_slope;
            value += weight * self.ceiling * gain;
            slope += weight * self.ceiling * gain_slope;
        }
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
    fn full_memory_uses_one_audience_up_once() {
        let weekly = response(1.0, 0.0);
        let (value, _) = weekly.flight(400.0, &[0.25; 4], &[1.0; 4]);
        let once = weekly.ceiling * saturation(400.0 / weekly.scale, weekly.shape);
        assert!((value - once).abs() < 1e-9);
    }

    #[test]
    fn the_steady_response_is_where_equal_weeks_end_up() {
        let weekly = response(0.4, 0.1);
        let mut memory = 0.0;
        let last = weekly.weeks([50.0; 60], &mut memory).last().unwrap();
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
        let (pacing, weights) = ([0.5, 0.2, 0.3], [1.0, 1.4, 0.8]);
        let mut memory = 0.0;
        let sum: f64 = weekly
            .weeks(pacing.map(|share| share * 250.0), &mut memory)
            .zip(weights)
            .map(|(actions, weight)| actions * weight)
            .sum();
        assert!((sum - weekly.flight(250.0, &pacing, &weights).0).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn more_money_than_usual_never_brings_less(
            carryover in 0.0..0.95, cpm_rise in 0.0..0.6, shape in 0.1..8.0, spend in 60.0..5e4,
        ) {
            let weekly = WeeklyResponse { shape, ..response(carryover, cpm_rise) };
            let (low, high) = (weekly.steady(spend), weekly.steady(1.01 * spend));
            prop_assert!(high >= low * (1.0 - 1e-12), "{low} {high}");
        }

        #[test]
        fn the_slope_of_a_flight_is_its_difference(
            total in 0.0..2000.0, carryover in 0.0..1.0, cpm_rise in 0.0..0.6,
        ) {
            let weekly = response(carryover, cpm_rise);
            let (pacing, weights) = ([0.5, 0.2, 0.3], [1.0, 1.4, 0.8]);
            let h = 1e-3;
            let (low, slope) = weekly.flight(total, &pacing, &weights);
            let (high, next) = weekly.flight(total + h, &pacing, &weights);
            // Mean of the end slopes is the difference up to third order in h.
            prop_assert!(((high - low) / h - 0.5 * (slope + next)).abs() < 1e-6);
        }
    }
}
