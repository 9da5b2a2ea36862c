//! What many curves bring together: runs of one form at once, in vector registers.

use pulp::{Arch, NullaryFnOnce};

use super::columns::LANES;
use super::curve::Curve;
use crate::numeric::elementary::{exp, exp_m1, ln, ln_1p};

/// Shorter runs of one form are valued one by one.
const SHORT: usize = 8;

/// `Σ value(spend)`, added in the order given.
pub fn total<'c>(pairs: impl IntoIterator<Item = (&'c Curve, f64)>) -> f64 {
    let mut run = Run { arch: Arch::new(), curves: Vec::with_capacity(LANES), sum: 0.0 };
    for (curve, spend) in pairs {
        let other = run.curves.first().is_some_and(|(first, _)| {
            std::mem::discriminant(*first) != std::mem::discriminant(curve)
        });
        if other || run.curves.len() == LANES {
            run.add();
        }
        run.curves.push((curve, spend));
    }
    run.add();
    run.sum
}

/// Neighbours of one form.
struct Run<'c> {
    arch: Arch,
    curves: Vec<(&'c Curve, f64)>,
    sum: f64,
}

/// Numbers of a run, side by side: what they are depends on the form.
#[derive(Clone, Copy)]
struct Lanes {
    ceiling: [f64; LANES],
    scale: [f64; LANES],
    shape: [f64; LANES],
    spend: [f64; LANES],
}

impl Run<'_> {
    /// Adds the values of the run and starts a new one.
    fn add(&mut self) {
        let sum = &mut self.sum;
        let mut lanes = Lanes {
            ceiling: [0.0; LANES],
            scale: [1.0; LANES],
            shape: [1.0; LANES],
            spend: [0.0; LANES],
        };
        let numbers = |(curve, _): &(&Curve, f64)| match curve {
            Curve::Exponential { curve, .. } => Some((curve.ceiling, curve.scale, 1.0)),
            Curve::Exposure { curve, .. } => Some((curve.ceiling, curve.scale, curve.shape)),
            Curve::Hill(curve) => Some((curve.ceiling, curve.scale, curve.slope)),
            Curve::Power(_) | Curve::Points(_) | Curve::Table(_) => None,
        };
        let known = self.curves.len() >= SHORT && numbers(&self.curves[0]).is_some();
        if !known {
            self.curves.drain(..).for_each(|(curve, spend)| *sum += curve.value(spend));
            return;
        }
        for (l, pair) in self.curves.iter().enumerate() {
            let Some((ceiling, scale, shape)) = numbers(pair) else { continue };
            lanes.ceiling[l] = ceiling;
            lanes.scale[l] = scale;
            lanes.shape[l] = shape;
            lanes.spend[l] = pair.1;
        }
        let values = match self.curves[0].0 {
            Curve::Exponential { .. } => self.arch.dispatch(Each(&lanes, exponential)),
            Curve::Exposure { .. } => self.arch.dispatch(Each(&lanes, exposure)),
            _ => self.arch.dispatch(Each(&lanes, hill)),
        };
        values[..self.curves.len()].iter().for_each(|value| *sum += value);
        self.curves.clear();
    }
}

/// One form's value in every lane, from ceiling, scale, shape and spend.
struct Each<'a, F>(&'a Lanes, F);

#[allow(clippy::inline_always, reason = "only so is it compiled for the registers found")]
impl<F: Fn(f64, f64, f64, f64) -> f64> NullaryFnOnce for Each<'_, F> {
    type Output = [f64; LANES];

    #[inline(always)]
    fn call(self) -> [f64; LANES] {
        let (Lanes { ceiling, scale, shape, spend }, value) = (self.0, self.1);
        let mut values = [0.0; LANES];
        for l in 0..LANES {
            values[l] = value(ceiling[l], scale[l], shape[l], spend[l]);
        }
        values
    }
}

#[allow(clippy::inline_always, reason = "it must become part of the vectorised kernel")]
#[inline(always)]
fn exponential(ceiling: f64, scale: f64, _: f64, spend: f64) -> f64 {
    -ceiling * exp_m1(-spend / scale)
}

#[allow(clippy::inline_always, reason = "it must become part of the vectorised kernel")]
#[inline(always)]
fn exposure(ceiling: f64, scale: f64, shape: f64, spend: f64) -> f64 {
    -ceiling * exp_m1(-shape * ln_1p(spend / scale / shape))
}

#[allow(clippy::inline_always, reason = "it must become part of the vectorised kernel")]
#[inline(always)]
fn hill(ceiling: f64, scale: f64, slope: f64, spend: f64) -> f64 {
    let y = slope * ln((spend / scale).clamp(1e-300, 1e300));
    let value = ceiling / (1.0 + exp(-y));
    if spend > 0.0 { value } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::total;
    use crate::response::curve::Curve;
    use crate::response::curve::tests::any_curve;

    proptest! {
        #[test]
        fn all_at_once_is_one_by_one(
            pairs in proptest::collection::vec((any_curve(), 0.0..200.0_f64), 1..30),
            times in 1_usize..60,
        ) {
            // Each curve stands several times beside itself, so that runs are long.
            let all: Vec<(&Curve, f64)> = pairs
                .iter()
                .flat_map(|(curve, spend)| {
                    (0..times).map(move |k| (curve, if k == 3 { 0.0 } else { spend / (k + 1) as f64 }))
                })
                .collect();
            let one_by_one: f64 = all.iter().map(|(curve, spend)| curve.value(*spend)).sum();
            let at_once = total(all.iter().copied());
            prop_assert!((at_once - one_by_one).abs() <= 1e-13 * one_by_one.abs());
        }
    }
}
