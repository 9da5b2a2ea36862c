//! One posterior draw laid out for loops over segments, and the expected counts of one week.

use pulp::{Arch, NullaryFnOnce};

use crate::action::Points;
use crate::numeric::sample::elementary::{exp, ln_1p};
use crate::response::memory;
use crate::response::memory::{Remembered, WEEKS};
use crate::train::posterior::draws::Draws;

/// All segments' parameters in one draw, one array per parameter.
#[derive(Debug, Clone, Default)]
pub struct Parameters {
    /// `1/κ`, per unit of money and week.
    pub inverse_scale: Vec<f64>,
    /// `k`.
    pub shape: Vec<f64>,
    /// `1/k`.
    pub inverse_shape: Vec<f64>,
    /// `V`, actions per average week.
    pub ceiling: Vec<f64>,
    /// `b`, actions per week at no spend.
    pub baseline: Vec<f64>,
    /// `γ`.
    pub cpm_rise: Vec<f64>,
    /// `1/s_ref`.
    pub inverse_reference: Vec<f64>,
    /// Points of one average action.
    pub points: Vec<f64>,
    /// Memory across weeks.
    pub memory: memory::Law,
    /// Whether any CPM rises with spend.
    pub any_rise: bool,
}

impl Parameters {
    /// Reads one draw.
    pub fn load(&mut self, draws: &Draws, draw: usize, points: &Points) {
        let n = draws.segments.len();
        for column in [
            &mut self.inverse_scale,
            &mut self.shape,
            &mut self.inverse_shape,
            &mut self.ceiling,
            &mut self.baseline,
            &mut self.cpm_rise,
            &mut self.inverse_reference,
            &mut self.points,
        ] {
            column.resize(n, 0.0);
        }
        self.any_rise = false;
        self.memory = memory::Law::new(draws.shared[draw].carryover);
        for (i, segment) in draws.segments.iter().enumerate() {
            let d = &segment.draws[draw];
            self.inverse_scale[i] = 1.0 / d.scale;
            self.shape[i] = d.shape;
            self.inverse_shape[i] = 1.0 / d.shape;
            self.ceiling[i] = d.ceiling;
            self.baseline[i] = d.baseline;
            self.cpm_rise[i] = d.cpm_rise;
            self.inverse_reference[i] = 1.0 / segment.reference_spend.max(f64::MIN_POSITIVE);
            self.points[i] = points.of_mix(&d.mix);
            self.any_rise |= d.cpm_rise != 0.0;
        }
    }

    /// Expected counts of one week, every segment: `b + V · Σ_j P_j [G(R_j + x) − G(R_j)] · lift` with
    /// `x = delivery · u(s)/κ`, as [`crate::response::flight::WeeklyResponse::weeks`].
    ///
    /// `delivery` multiplies impressions (noise, a dearer CPM), `lift` multiplies actions
    /// (season, shocks). `memory` goes on by a week.
    pub fn week(
        &self,
        arch: Arch,
        spend: &[f64],
        delivery: &[f64],
        lift: &[f64],
        memory: &mut Memory,
        means: &mut [f64],
    ) {
        let n = self.shape.len();
        arch.dispatch(Kernel {
            parameters: self,
            spend: &spend[..n],
            delivery: &delivery[..n],
            lift: &lift[..n],
            memory,
            means: &mut means[..n],
        });
    }
}

impl Parameters {
    /// Money that would buy the same impressions at the base CPM, one per segment of a week.
    pub fn effective(&self, arch: Arch, spend: &[f64], delivery: &[f64], out: &mut [f64]) {
        let n = self.shape.len();
        let (spend, delivery, out) = (&spend[..n], &delivery[..n], &mut out[..n]);
        arch.dispatch(Effective { parameters: self, spend, delivery, out });
    }
}

/// Money that would buy the same impressions at the base CPM, all segments in one week.
struct Effective<'a> {
    parameters: &'a Parameters,
    spend: &'a [f64],
    delivery: &'a [f64],
    out: &'a mut [f64],
}

#[allow(clippy::inline_always, reason = "only so is it compiled for the registers found")]
impl NullaryFnOnce for Effective<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        effective(self.parameters, self.spend, self.delivery, self.out);
    }
}

/// `delivery · s · (1 + s/s_ref)^(−γ)`.
#[inline(always)]
#[allow(clippy::inline_always, reason = "it must become part of the vectorised kernel")]
fn effective(parameters: &Parameters, spend: &[f64], delivery: &[f64], out: &mut [f64]) {
    let n = out.len();
    let (spend, delivery) = (&spend[..n], &delivery[..n]);
    if parameters.any_rise {
        let (rise, reference) = (&parameters.cpm_rise[..n], &parameters.inverse_reference[..n]);
        for i in 0..n {
            let dearer = exp(-rise[i] * ln_1p(spend[i] * reference[i]));
            out[i] = spend[i] * dearer * delivery[i];
        }
    } else {
        for i in 0..n {
            out[i] = spend[i] * delivery[i];
        }
    }
}

/// One week of all segments: a type of its own rather than a closure, because only so is it
/// certain to be compiled for the registers that `dispatch` has found.
struct Kernel<'a> {
    parameters: &'a Parameters,
    spend: &'a [f64],
    delivery: &'a [f64],
    lift: &'a [f64],
    memory: &'a mut Memory,
    means: &'a mut [f64],
}

#[allow(clippy::inline_always, reason = "only so is it compiled for the registers found")]
impl NullaryFnOnce for Kernel<'_> {
    type Output = ();

    #[inline(always)]
    fn call(mut self) {
        self.exposures();
        self.gains();
        let n = self.means.len();
        let (baseline, ceiling) = (&self.parameters.baseline[..n], &self.parameters.ceiling[..n]);
        let lift = &self.lift[..n];
        for i in 0..n {
            self.means[i] = baseline[i] + ceiling[i] * self.means[i] * lift[i];
        }
    }
}

#[allow(clippy::inline_always, reason = "they must become part of the vectorised kernel")]
impl Kernel<'_> {
    /// Scaled exposures `z = delivery · u(s) / κ`.
    #[inline(always)]
    fn exposures(&mut self) {
        let n = self.means.len();
        let scale = &self.parameters.inverse_scale[..n];
        effective(self.parameters, self.spend, self.delivery, self.means);
        self.means.iter_mut().zip(scale).for_each(|(z, scale)| *z *= scale);
    }

    /// `Σ_j P_j [G(R_j + x) − G(R_j)]`, in place.
    #[inline(always)]
    fn gains(&mut self) {
        let n = self.means.len();
        let Parameters { shape, inverse_shape, memory: law, .. } = self.parameters;
        let Memory { remembered, gains } = self.memory;
        let gains = &mut gains[..n];
        let depth = if law.depth == 1 { 1 } else { WEEKS };
        let share = |j: usize| {
            let share = law.shares[j];
            move |_| share
        };
        remembered.pass(depth, share, [shape, inverse_shape], self.means, gains);
        self.means.copy_from_slice(gains);
    }
}

/// What people remember of the weeks before, every segment.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    remembered: memory::Columns,
    /// Room for a week's gains.
    gains: Vec<f64>,
}

impl Memory {
    /// Nobody remembers anything (a new creative).
    #[must_use]
    pub fn nothing(segments: usize) -> Self {
        let mut memory = Self::default();
        memory.clear(segments);
        memory
    }

    /// Lets people remember what was spent on them in the weeks just before, one list of media
    /// money per segment, the oldest first; nothing happens where there are no lists.
    pub fn recall(&mut self, parameters: &Parameters, past: &[Vec<f64>]) {
        for (i, weeks) in past.iter().enumerate() {
            let exposure = |spend: &f64| {
                let rise = ln_1p(spend * parameters.inverse_reference[i]);
                let bought = spend * exp(-parameters.cpm_rise[i] * rise);
                bought * parameters.inverse_scale[i]
            };
            let sums = Remembered::of(weeks.iter().map(exposure)).sums();
            self.remembered.recall(i, &sums, parameters.shape[i]);
        }
    }

    /// The same, keeping the room.
    pub fn clear(&mut self, segments: usize) {
        self.remembered.clear(segments);
        self.gains.resize(segments, 0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::fixture;

    #[test]
    fn a_week_at_a_time_is_the_response_curve() {
        let draws = fixture::draws(7, 3, 5, 11);
        let mut parameters = Parameters::default();
        for draw in 0..3 {
            parameters.load(&draws, draw, &Points::count());
            let n = draws.segments.len();
            let (mut memory, mut means) = (Memory::nothing(n), vec![0.0; n]);
            let mut memories = vec![Remembered::NOTHING; n];
            for week in 0..5 {
                let spend: Vec<f64> = (0..n).map(|i| 30.0 * ((i + week) % 3) as f64).collect();
                let ones = vec![1.0; n];
                parameters.week(Arch::new(), &spend, &ones, &ones, &mut memory, &mut means);
                for i in 0..n {
                    let curve = draws.response(i, draw);
                    let gain = curve.weeks([spend[i]], &mut memories[i]).next().unwrap();
                    let expected = draws.segments[i].draws[draw].baseline + gain;
                    // Differences of numbers near 1 lose up to a few 1e-16 of the ceiling.
                    let slack = 1e-12 * expected + 1e-14 * curve.ceiling;
                    assert!((means[i] - expected).abs() <= slack, "{} {expected}", means[i]);
                }
            }
        }
    }

    #[test]
    fn what_is_recalled_is_what_weeks_of_such_money_leave_behind() {
        let draws = fixture::draws(5, 2, 6, 12);
        let mut parameters = Parameters::default();
        parameters.load(&draws, 1, &Points::count());
        let n = draws.segments.len();
        let past: Vec<Vec<f64>> =
            (0..n).map(|i| (0..i).map(|t| 20.0 * (t + i) as f64).collect()).collect();
        let (mut memory, mut means) = (Memory::nothing(n), vec![0.0; n]);
        memory.recall(&parameters, &past);
        let (spend, ones) = (vec![45.0; n], vec![1.0; n]);
        parameters.week(Arch::new(), &spend, &ones, &ones, &mut memory, &mut means);
        for i in 0..n {
            let curve = draws.response(i, 1);
            let mut remembered = curve.memory_of(&past[i]);
            let gain = curve.weeks([spend[i]], &mut remembered).next().unwrap();
            let expected = draws.segments[i].draws[1].baseline + gain;
            let slack = 1e-12 * expected + 1e-14 * curve.ceiling;
            assert!((means[i] - expected).abs() <= slack, "{i}: {} {expected}", means[i]);
        }
    }
}
