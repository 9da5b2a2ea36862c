//! What many curves bring together: runs of one form at once, in vector registers.

use pulp::{Arch, NullaryFnOnce};

use super::columns::LANES;
use super::curve::Curve;
use super::elementary::{exp, exp_m1, ln, ln_1p};

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
            Curve::Exponential { .. } => self.arch.dispatch(Exponentials(&lanes)),
            Curve::Exposure { .. } => self.arch.dispatch(Exposures(&lanes)),
            _ => self.arch.dispatch(Hills(&lanes)),
        };
        values[..self.curves.len()].iter().for_each(|value| *sum += value);
        self.curves.clear();
    }
}

struct Exponentials<'a>(&'a Lanes);

#[allow(clippy::inline_always, reason = "only so is it compiled for the registers found")]
impl NullaryFnOnce for Exponentials<'_> {
    type Output = [f64; LANES];

    #[inline(always)]
    fn call(self) -> [f64; LANES] {
        let Lanes { ceiling, scale, spend, .. } = self.0;
        let mut values = [0.0; LANES];
        for l in 0..LANES {
            values[l] = -ceiling[l] * exp_m1(-spend[l] / scale[l]);
        }
        values
    }
}

struct Exposures<'a>(&'a Lanes);

#[allow(clippy::inline_always, reason = "only so is it compiled for the registers found")]
impl NullaryFnOnce for Exposures<'_> {
    type Output = [f64; LANES];

    #[inline(always)]
    fn call(self) -> [f64; LANES] {
        let Lanes { ceiling, scale, shape, spend } = self.0;
        let mut values = [0.0; LANES];
        for l in 0..LANES {
            let ratio = spend[l] / scale[l] / shape[l];
            values[l] = -ceiling[l] * exp_m1(-shape[l] * ln_1p(ratio));
        }
        values
    }
}

struct Hills<'a>(&'a Lanes);

#[allow(clippy::inline_always, reason = "only so is it compiled for the registers found")]
impl NullaryFnOnce for Hills<'_> {
    type Output = [f64; LANES];

    #[inline(always)]
    fn call(self) -> [f64; LANES] {
        let Lanes { ceiling, scale, shape, spend } = self.0;
        let mut values = [0.0; LANES];
        for l in 0..LANES {
            let y = shape[l] * ln((spend[l] / scale[l]).clamp(1e-300, 1e300));
            let value = ceiling[l] / (1.0 + exp(-y));
            values[l] = if spend[l] > 0.0 { value } else { 0.0 };
        }
        values
    }
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
