//! Many concave curves of one form at one price, side by side in columns.
//!
//! [`Curve::respond`](super::curve::Curve::respond) answers for one curve; here a whole lot is
//! answered in vector registers, found when the program starts (`pulp`). Sums go over a fixed
//! number of lanes, so that they are the same with registers of any width. A Hill curve keeps its
//! last answer: from one price to the next it is a step or two away.

#![allow(clippy::needless_bitwise_bool, reason = "a lazy operator is a branch in every lane")]

use pulp::{Arch, NullaryFnOnce};

use super::curve::{Curve, MoneyPrice};
use crate::numeric::elementary::{exp, exp_m1, ln, ln_1p};

/// Curves looked at together; columns are filled up to it with curves that are given nothing.
pub const LANES: usize = 32;

type Lane = [f64; LANES];

/// What a lot of curves asks for at a price.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Asked {
    /// Money.
    pub spend: f64,
    /// How fast it falls as the price rises.
    pub fall: f64,
}

/// Curves of one form with the bounds of their spends, and the spends last asked for.
#[derive(Debug, Clone)]
pub struct Columns {
    form: Form,
    low: Vec<f64>,
    high: Vec<f64>,
    spend: Vec<f64>,
    len: usize,
    sealed: bool,
}

#[derive(Debug, Clone)]
enum Form {
    Exponential(Exponentials),
    Exposure(Exposures),
    Hill(Hills),
}

/// `s = κ ln(V/κ) − κ ln μ`.
#[derive(Debug, Clone, Default)]
struct Exponentials {
    ceiling: Vec<f64>,
    scale: Vec<f64>,
    /// `κ ln(V/κ)`.
    reach: Vec<f64>,
}

/// `s = k κ · (e^(ln(V/κ)/(k+1) − ln μ/(k+1)) − 1)`.
#[derive(Debug, Clone, Default)]
struct Exposures {
    ceiling: Vec<f64>,
    shape: Vec<f64>,
    /// `k κ`.
    room: Vec<f64>,
    /// `1/(k+1)`.
    rate: Vec<f64>,
    /// `ln(V/κ)/(k+1)`.
    head: Vec<f64>,
}

/// `(1 − 1/n) y − 2 ln(1 + e^y) = ln μ − ln(V n/κ)` with `y = n ln(s/κ)`.
#[derive(Debug, Clone, Default)]
struct Hills {
    ceiling: Vec<f64>,
    scale: Vec<f64>,
    /// `1/n`.
    inverse: Vec<f64>,
    /// `ln(V n/κ)`.
    factor: Vec<f64>,
    /// What `ln μ − ln(V n/κ)` must stay below for any spend to be worth its price.
    top: Vec<f64>,
    /// `y` at the bounds.
    from: Vec<f64>,
    to: Vec<f64>,
    /// `y` at the last price, and how fast it changes with the logarithm of the price.
    at: Vec<f64>,
    tilt: Vec<f64>,
    /// Logarithm of the last price.
    last: Option<f64>,
}

impl Columns {
    /// Columns for curves of the same form as this one; `None` when that form has none.
    #[must_use]
    pub fn like(curve: &Curve) -> Option<Self> {
        let form = match curve {
            Curve::Exponential { .. } => Form::Exponential(Exponentials::default()),
            Curve::Exposure { .. } => Form::Exposure(Exposures::default()),
            Curve::Hill(_) => Form::Hill(Hills::default()),
            Curve::Power(_) | Curve::Points(_) | Curve::Table(_) => return None,
        };
        let none = Vec::new;
        Some(Self { form, low: none(), high: none(), spend: none(), len: 0, sealed: false })
    }

    /// Makes room for so many curves.
    pub fn reserve(&mut self, curves: usize) {
        let all = curves.next_multiple_of(LANES);
        for column in [&mut self.low, &mut self.high, &mut self.spend] {
            column.reserve(all);
        }
        self.form.columns().into_iter().for_each(|(column, _)| column.reserve(all));
    }

    /// How many curves there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds a curve whose spend lies in `[low, high]`, on which it is concave.
    ///
    /// # Panics
    ///
    /// When the curve has another form, or after the first price.
    pub fn push(&mut self, curve: &Curve, low: f64, high: f64) {
        assert!(!self.sealed, "curves are all there before the first price");
        self.len += 1;
        self.low.push(low);
        self.high.push(high);
        match (&mut self.form, curve) {
            (Form::Exponential(all), Curve::Exponential { curve, log_first_slope }) => {
                all.ceiling.push(curve.ceiling);
                all.scale.push(curve.scale);
                all.reach.push(curve.scale * log_first_slope);
            }
            (Form::Exposure(all), Curve::Exposure { curve, log_first_slope }) => {
                let rate = 1.0 / (curve.shape + 1.0);
                all.ceiling.push(curve.ceiling);
                all.shape.push(curve.shape);
                all.room.push(curve.shape * curve.scale);
                all.rate.push(rate);
                all.head.push(log_first_slope * rate);
            }
            (Form::Hill(all), Curve::Hill(curve)) => {
                all.ceiling.push(curve.ceiling);
                all.scale.push(curve.scale);
                all.inverse.push(1.0 / curve.slope);
                all.factor.push(curve.log_factor());
                all.top.push(curve.log_steepest());
            }
            _ => panic!("columns hold one form"),
        }
    }

    /// The spends last asked for, in the order of the curves.
    #[must_use]
    pub fn spends(&self) -> &[f64] {
        &self.spend[..self.len]
    }

    /// Answers a price.
    pub fn respond(&mut self, arch: Arch, price: MoneyPrice) -> Asked {
        self.seal(arch);
        if price.value <= 0.0 {
            // All forms rise everywhere: for free they are taken whole.
            self.spend.copy_from_slice(&self.high);
            if let Form::Hill(hills) = &mut self.form {
                hills.at.copy_from_slice(&hills.to);
                hills.tilt.fill(0.0);
            }
            return Asked { spend: self.spend.iter().sum(), fall: 0.0 };
        }
        let bounds = Bounds { low: &self.low, high: &self.high };
        let spend = &mut self.spend;
        match &mut self.form {
            Form::Exponential(curves) => {
                arch.dispatch(AskExponentials { curves, bounds, spend, price })
            }
            Form::Exposure(curves) => arch.dispatch(AskExposures { curves, bounds, spend, price }),
            Form::Hill(curves) => {
                let last = curves.last.replace(price.ln);
                arch.dispatch(AskHills { curves, bounds, spend, price, last })
            }
        }
    }

    /// Sum of the values of the spends last asked for.
    pub fn value(&self, arch: Arch) -> f64 {
        let spend = &self.spend;
        match &self.form {
            Form::Exponential(curves) => arch.dispatch(WorthOfExponentials { curves, spend }),
            Form::Exposure(curves) => arch.dispatch(WorthOfExposures { curves, spend }),
            Form::Hill(curves) => arch.dispatch(WorthOfHills { curves, spend }),
        }
    }

    /// Fills all columns to whole lanes, with curves that are given nothing.
    fn seal(&mut self, arch: Arch) {
        if self.sealed {
            return;
        }
        self.sealed = true;
        let all = self.len.next_multiple_of(LANES);
        for column in [&mut self.low, &mut self.high, &mut self.spend] {
            column.resize(all, 0.0);
        }
        self.form.columns().into_iter().for_each(|(column, idle)| column.resize(all, idle));
        if let Form::Hill(Hills { scale, inverse, from, to, .. }) = &mut self.form {
            arch.dispatch(Ends { scale, inverse, bounds: &self.low, out: from });
            arch.dispatch(Ends { scale, inverse, bounds: &self.high, out: to });
        }
    }
}

impl Form {
    /// Every column, and what stands in it for a curve that is given nothing.
    fn columns(&mut self) -> Vec<(&mut Vec<f64>, f64)> {
        match self {
            Self::Exponential(Exponentials { ceiling, scale, reach }) => {
                vec![(ceiling, 0.0), (scale, 1.0), (reach, 0.0)]
            }
            Self::Exposure(Exposures { ceiling, shape, room, rate, head }) => {
                vec![(ceiling, 0.0), (shape, 1.0), (room, 1.0), (rate, 1.0), (head, 0.0)]
            }
            Self::Hill(hills) => {
                let Hills { ceiling, scale, inverse, factor, top, from, to, at, tilt, .. } = hills;
                let idle = [ceiling, factor, top, from, to, at, tilt].map(|column| (column, 0.0));
                idle.into_iter().chain([scale, inverse].map(|column| (column, 1.0))).collect()
            }
        }
    }
}

#[derive(Clone, Copy)]
struct Bounds<'a> {
    low: &'a [f64],
    high: &'a [f64],
}

/// The lanes of a column.
#[allow(clippy::inline_always, reason = "only so is it compiled for the registers found")]
#[inline(always)]
fn lanes(column: &[f64]) -> &[Lane] {
    column.as_chunks().0
}

#[allow(clippy::inline_always, reason = "only so is it compiled for the registers found")]
#[inline(always)]
fn lanes_mut(column: &mut [f64]) -> &mut [Lane] {
    column.as_chunks_mut().0
}

/// Sums and falls, lane by lane.
struct Sums {
    spend: Lane,
    fall: Lane,
}

impl Sums {
    const NONE: Self = Self { spend: [0.0; LANES], fall: [0.0; LANES] };

    fn total(&self, per_fall: f64) -> Asked {
        Asked { spend: self.spend.iter().sum(), fall: per_fall * self.fall.iter().sum::<f64>() }
    }
}

/// A wish brought within its bounds, and whether it was within them.
#[allow(clippy::inline_always, reason = "only so is it compiled for the registers found")]
#[inline(always)]
fn within(wish: f64, low: f64, high: f64) -> (f64, bool) {
    let above = if wish > low { wish } else { low };
    let spend = if above < high { above } else { high };
    (spend, (wish > low) & (wish < high))
}

struct AskExponentials<'a> {
    curves: &'a Exponentials,
    bounds: Bounds<'a>,
    spend: &'a mut [f64],
    price: MoneyPrice,
}

#[allow(clippy::inline_always, reason = "only so is it compiled for the registers found")]
impl NullaryFnOnce for AskExponentials<'_> {
    type Output = Asked;

    #[inline(always)]
    fn call(self) -> Asked {
        let (scale, reach) = (lanes(&self.curves.scale), lanes(&self.curves.reach));
        let (low, high) = (lanes(self.bounds.low), lanes(self.bounds.high));
        let mut sums = Sums::NONE;
        let all = lanes_mut(self.spend).iter_mut().zip(scale).zip(reach).zip(low).zip(high);
        for ((((spend, scale), reach), low), high) in all {
            for l in 0..LANES {
                let wish = reach[l] - scale[l] * self.price.ln;
                let (given, inside) = within(wish, low[l], high[l]);
                spend[l] = given;
                sums.spend[l] += given;
                sums.fall[l] += if inside { scale[l] } else { 0.0 };
            }
        }
        sums.total(1.0 / self.price.value)
    }
}

struct AskExposures<'a> {
    curves: &'a Exposures,
    bounds: Bounds<'a>,
    spend: &'a mut [f64],
    price: MoneyPrice,
}

#[allow(clippy::inline_always, reason = "only so is it compiled for the registers found")]
impl NullaryFnOnce for AskExposures<'_> {
    type Output = Asked;

    #[inline(always)]
    fn call(self) -> Asked {
        let Exposures { room, rate, head, .. } = self.curves;
        let (low, high) = (lanes(self.bounds.low), lanes(self.bounds.high));
        let (room, rate, head) = (lanes(room), lanes(rate), lanes(head));
        let mut sums = Sums::NONE;
        let all = lanes_mut(self.spend).iter_mut().zip(room).zip(rate).zip(head).zip(low).zip(high);
        for (((((spend, room), rate), head), low), high) in all {
            for l in 0..LANES {
                let growth = exp_m1(head[l] - rate[l] * self.price.ln);
                let wish = room[l] * growth;
                let (given, inside) = within(wish, low[l], high[l]);
                spend[l] = given;
                sums.spend[l] += given;
                sums.fall[l] += if inside { (wish + room[l]) * rate[l] } else { 0.0 };
            }
        }
        sums.total(1.0 / self.price.value)
    }
}

/// The smallest `y` told from no spend at all: `e^y` is then far below a rounding error.
const NOTHING: f64 = -60.0;

/// `y` of the ends of Hill curves' bounds.
struct Ends<'a> {
    scale: &'a [f64],
    inverse: &'a [f64],
    bounds: &'a [f64],
    out: &'a mut [f64],
}

#[allow(clippy::inline_always, reason = "only so is it compiled for the registers found")]
impl NullaryFnOnce for Ends<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let (scale, inverse) = (lanes(self.scale), lanes(self.inverse));
        let all = lanes_mut(self.out).iter_mut().zip(scale).zip(inverse).zip(lanes(self.bounds));
        for (((out, scale), inverse), end) in all {
            for l in 0..LANES {
                let y = ln((end[l] / scale[l]).clamp(1e-300, 1e300)) / inverse[l];
                out[l] = if end[l] > 0.0 { y.clamp(NOTHING, 700.0) } else { NOTHING };
            }
        }
    }
}

/// Most steps of one inversion; the bounds hold it, so it always ends well before.
const STEPS: usize = 80;

struct AskHills<'a> {
    curves: &'a mut Hills,
    bounds: Bounds<'a>,
    spend: &'a mut [f64],
    price: MoneyPrice,
    last: Option<f64>,
}

#[allow(clippy::inline_always, reason = "only so is it compiled for the registers found")]
impl NullaryFnOnce for AskHills<'_> {
    type Output = Asked;

    /// The steps are like those of [`super::hill::Hill::spend_at_slope`], held within the bounds;
    /// the first starts where the last answer's slope points to.
    #[inline(always)]
    fn call(self) -> Asked {
        let Hills { scale, inverse, factor, top, from, to, at, tilt, .. } = self.curves;
        let mut sums = Sums::NONE;
        let (low, high) = (lanes(self.bounds.low), lanes(self.bounds.high));
        let (scale, inverse, factor) = (lanes(scale), lanes(inverse), lanes(factor));
        let (top, from, to) = (lanes(top), lanes(from), lanes(to));
        let (at, tilt) = (lanes_mut(at), lanes_mut(tilt));
        let spends = lanes_mut(self.spend);
        for b in 0..spends.len() {
            let (from, to, inverse) = (&from[b], &to[b], &inverse[b]);
            let (mut target, mut y, mut fall) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
            for l in 0..LANES {
                target[l] = self.price.ln - factor[b][l];
            }
            match self.last {
                Some(last) => {
                    let moved = self.price.ln - last;
                    for l in 0..LANES {
                        y[l] = (at[b][l] + moved * tilt[b][l]).max(from[l]).min(to[l]);
                    }
                }
                None => {
                    for l in 0..LANES {
                        let left = 1.0 - inverse[l];
                        let far = -target[l] / (1.0 + inverse[l]);
                        let near = if left < 0.0 { target[l] / left } else { far };
                        y[l] = far.min(near).max(from[l]).min(to[l]);
                    }
                }
            }
            for _ in 0..STEPS {
                let mut open = 0_u64;
                for l in 0..LANES {
                    let left = 1.0 - inverse[l];
                    let e = exp(-y[l].abs());
                    let log_rest = y[l].max(0.0) + ln_1p(e);
                    let part = 1.0 / (1.0 + e);
                    let share = if y[l] > 0.0 { part } else { e * part };
                    // At the inflection it is 0: a step from there goes to the far bound.
                    let slope = (left - 2.0 * share).min(-1e-12);
                    let per_slope = 1.0 / slope;
                    let newton = (target[l] - (left * y[l] - 2.0 * log_rest)) * per_slope;
                    // Chebyshev's step where the bend is mild: as near as Halley's, without his
                    // division.
                    let bend = newton * (e * part * part) * per_slope;
                    let mild = bend.abs() < 0.25;
                    let step = if mild { newton + newton * bend } else { newton };
                    let next = (y[l] + step).max(from[l]).min(to[l]);
                    // Dearer than its steepest slope: nothing beyond the least.
                    let next = if target[l] < top[b][l] { next } else { from[l] };
                    let moved = (next - y[l]).abs();
                    let least = if mild { 1e-4 } else { 1e-8 } * (1.0 + y[l].abs());
                    open |= u64::from(moved > least);
                    y[l] = next;
                    fall[l] = slope;
                }
                if open == 0 {
                    break;
                }
            }
            let (low, high, scale) = (&low[b], &high[b], &scale[b]);
            let (mut given, mut lean) = ([0.0; LANES], [0.0; LANES]);
            for l in 0..LANES {
                let wish = scale[l] * exp(y[l] * inverse[l]);
                let (spend, inside) = within(wish, low[l], high[l]);
                // At an end of `y` the spend is that bound to the last digit.
                let spend = if y[l] > from[l] { spend } else { low[l] };
                let spend = if y[l] < to[l] { spend } else { high[l] };
                let inside = inside & (y[l] > from[l]) & (y[l] < to[l]);
                let per_log = 1.0 / fall[l];
                lean[l] = if inside { per_log } else { 0.0 };
                given[l] = spend;
            }
            for l in 0..LANES {
                sums.spend[l] += given[l];
                sums.fall[l] -= given[l] * inverse[l] * lean[l];
            }
            at[b] = y;
            tilt[b] = lean;
            spends[b] = given;
        }
        sums.total(1.0 / self.price.value)
    }
}

struct WorthOfExponentials<'a> {
    curves: &'a Exponentials,
    spend: &'a [f64],
}

#[allow(clippy::inline_always, reason = "only so is it compiled for the registers found")]
impl NullaryFnOnce for WorthOfExponentials<'_> {
    type Output = f64;

    #[inline(always)]
    fn call(self) -> f64 {
        let (ceiling, scale) = (lanes(&self.curves.ceiling), lanes(&self.curves.scale));
        let mut sum = [0.0; LANES];
        for ((spend, ceiling), scale) in lanes(self.spend).iter().zip(ceiling).zip(scale) {
            for l in 0..LANES {
                sum[l] -= ceiling[l] * exp_m1(-spend[l] / scale[l]);
            }
        }
        sum.iter().sum()
    }
}

struct WorthOfExposures<'a> {
    curves: &'a Exposures,
    spend: &'a [f64],
}

#[allow(clippy::inline_always, reason = "only so is it compiled for the registers found")]
impl NullaryFnOnce for WorthOfExposures<'_> {
    type Output = f64;

    #[inline(always)]
    fn call(self) -> f64 {
        let Exposures { ceiling, shape, room, .. } = self.curves;
        let (ceiling, shape, room) = (lanes(ceiling), lanes(shape), lanes(room));
        let mut sum = [0.0; LANES];
        let all = lanes(self.spend).iter().zip(ceiling).zip(shape).zip(room);
        for (((spend, ceiling), shape), room) in all {
            for l in 0..LANES {
                sum[l] -= ceiling[l] * exp_m1(-shape[l] * ln_1p(spend[l] / room[l]));
            }
        }
        sum.iter().sum()
    }
}

struct WorthOfHills<'a> {
    curves: &'a Hills,
    spend: &'a [f64],
}

#[allow(clippy::inline_always, reason = "only so is it compiled for the registers found")]
impl NullaryFnOnce for WorthOfHills<'_> {
    type Output = f64;

    /// `V / (1 + e^−y)`: `y` is at hand.
    #[inline(always)]
    fn call(self) -> f64 {
        let (ceiling, at) = (lanes(&self.curves.ceiling), lanes(&self.curves.at));
        let mut sum = [0.0; LANES];
        for ((spend, ceiling), at) in lanes(self.spend).iter().zip(ceiling).zip(at) {
            for l in 0..LANES {
                let value = ceiling[l] / (1.0 + exp(-at[l]));
                sum[l] += if spend[l] > 0.0 { value } else { 0.0 };
            }
        }
        sum.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::response::exponential::Exponential;
    use crate::response::exposure::Exposure;
    use crate::response::hill::Hill;

    /// One form by number, from a ceiling, a scale and a third number.
    fn curve(form: u8, ceiling: f64, scale: f64, third: f64) -> Curve {
        match form {
            0 => Exponential { ceiling, scale }.into(),
            1 => Exposure { ceiling, scale, shape: third }.into(),
            2 => Curve::Hill(Hill::new(ceiling, scale, third.min(1.0))),
            _ => Curve::Hill(Hill::new(ceiling, scale, 1.0 + third)),
        }
    }

    fn powers(from: f64, to: f64) -> impl Strategy<Value = f64> {
        (from..to).prop_map(|power| 10_f64.powf(power))
    }

    /// Curves of one form with bounds within which they are concave.
    fn lot() -> impl Strategy<Value = Vec<(Curve, f64, f64)>> {
        let low = prop_oneof![Just(0.0), powers(-3.0, 1.0)];
        let high = prop_oneof![Just(0.0), powers(-3.0, 2.0)];
        let numbers = (powers(-9.0, 9.0), powers(-9.0, 9.0), powers(-1.0, 1.0), low, high);
        (0..4_u8, proptest::collection::vec(numbers, 1..80)).prop_map(|(form, all)| {
            all.into_iter()
                .map(|(ceiling, scale, third, low, more)| {
                    let curve = curve(form, ceiling, scale, third);
                    let least = curve.concave_from().expect("closed forms know it");
                    let low = least.max(low * scale);
                    (curve, low, low + more * scale)
                })
                .collect()
        })
    }

    fn columns(lot: &[(Curve, f64, f64)]) -> Columns {
        let mut columns = Columns::like(&lot[0].0).expect("the form has columns");
        for (curve, low, high) in lot {
            columns.push(curve, *low, *high);
        }
        columns
    }

    proptest! {
        #[test]
        fn a_lot_answers_as_its_curves_do_one_by_one(
            lot in lot(), prices in proptest::collection::vec((0_usize..80, powers(-3.0, 3.0)), 1..6),
        ) {
            let mut columns = columns(&lot);
            for (at, times) in prices {
                // Prices of the order of the slope of one of them.
                let (curve, low, high) = &lot[at % lot.len()];
                let price = MoneyPrice::new(times * curve.slope(0.5 * (low + high)).clamp(1e-250, 1e250));
                let asked = columns.respond(Arch::new(), price);
                let mut sum = Asked::default();
                let (mut scale, mut value, mut worth) = (0.0, 0.0, 0.0);
                for ((curve, low, high), spend) in lot.iter().zip(columns.spends()) {
                    let alone = curve.respond(price, *low, *high);
                    let (best, given) = (curve.value(alone.spend), curve.value(*spend));
                    let lost = (best - price.value * alone.spend) - (given - price.value * spend);
                    prop_assert!((low..=high).contains(&spend));
                    // A spend told from nothing by 1e-26 of its ceiling only counts as nothing.
                    let least = 1e-24 * curve.value(1e300);
                    prop_assert!(lost.abs() <= 1e-12 * (best + price.value * spend) + least, "{curve:?} {lost}");
                    prop_assert!((alone.spend - spend).abs() <= 1e-7 * high, "{curve:?} {alone:?} {spend}");
                    sum.spend += spend;
                    sum.fall += alone.fall;
                    scale += high;
                    value += given;
                    worth += best;
                }
                prop_assert!((asked.spend - sum.spend).abs() <= 1e-12 * scale);
                // Close to the steepest slope of an S-shape the fall is without bound.
                let wild = sum.fall * price.value > 1e3 * scale;
                prop_assert!(wild || (asked.fall - sum.fall).abs() <= 1e-2 * sum.fall + 1e-9 * scale / price.value);
                prop_assert!((columns.value(Arch::new()) - value).abs() <= 1e-11 * worth.max(1e-290));
            }
        }

        #[test]
        fn registers_of_any_width_give_the_same_numbers(lot in lot(), times in powers(-2.0, 2.0)) {
            let (curve, low, high) = &lot[0];
            let first = MoneyPrice::new(times * curve.slope(0.5 * (low + high)).clamp(1e-250, 1e250));
            let answers = [Arch::new(), Arch::Scalar].map(|arch| {
                let mut columns = columns(&lot);
                let asked = [first.value, first.value * 1.1, 0.0, first.value * 0.8]
                    .map(|price| columns.respond(arch, MoneyPrice::new(price)));
                (asked, columns.spends().to_vec(), columns.value(arch))
            });
            prop_assert_eq!(&answers[0], &answers[1]);
        }
    }
}
