//! From numbers to pixels, with round numbers for ticks.

/// A straight scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scale {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Scale {
    /// Values `low..high` on pixels `from..to`. What is not finite, or empty, becomes `0..1`, so
    /// that strange numbers give a plain chart and not a broken one.
    pub(crate) fn new(low: f64, high: f64, from: f64, to: f64) -> Self {
        let sound = low.is_finite() && high.is_finite() && high > low;
        let (low, high) = match sound {
            true => (low, high),
            false if low.is_finite() && low == high => (low, low + low.abs().max(1.0)),
            false => (0.0, 1.0),
        };
        Self { low, high, from, to }
    }

    /// From 0 to a little above the largest of `values`, ending on a round number.
    pub(crate) fn from_zero(values: impl IntoIterator<Item = f64>, from: f64, to: f64) -> Self {
        let high = values.into_iter().filter(|v| v.is_finite()).fold(0.0, f64::max);
        let high = if high > 0.0 { high } else { 1.0 };
        let step = step(high, 6);
        Self::new(0.0, (high / step).ceil() * step, from, to)
    }

    /// Around `values`, with a margin, ending on round numbers.
    pub(crate) fn around(values: impl IntoIterator<Item = f64>, from: f64, to: f64) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.into_iter().filter(|v| v.is_finite()) {
            low = low.min(value);
            high = high.max(value);
        }
        if low > high {
            return Self::new(0.0, 1.0, from, to);
        }
        let step = step((high - low).max(high.abs() * 1e-6).max(1e-12), 8);
        Self::new((low / step).floor() * step, (high / step).ceil() * step, from, to)
    }

    /// The pixel of a value.
    pub(crate) fn at(&self, value: f64) -> f64 {
        let share = (value - self.low) / (self.high - self.low);
        let share = if share.is_finite() { share.clamp(-1.0, 2.0) } else { 0.0 };
        self.from + share * (self.to - self.from)
    }

    /// First and last value.
    pub(crate) fn ends(&self) -> (f64, f64) {
        (self.low, self.high)
    }

    /// Round numbers on the scale, about `n` of them, ends included when round.
    pub(crate) fn ticks(&self, n: usize) -> Vec<f64> {
        let step = step(self.high - self.low, n);
        let first = (self.low / step - 1e-9).ceil();
        let last = (self.high / step + 1e-9).floor();
        if last < first {
            return Vec::new();
        }
        let count = (last - first).min(100.0) as u32;
        (0..=count).map(|i| (first + f64::from(i)) * step).collect()
    }

    /// Decimals that tell the ticks apart.
    pub(crate) fn decimals(&self, n: usize) -> usize {
        let step = step(self.high - self.low, n);
        (-step.log10().floor()).clamp(0.0, 6.0) as usize
    }
}

/// A step of 1, 2 or 5 times a power of ten that cuts `span` into at most about `n` parts.
fn step(span: f64, n: usize) -> f64 {
    let rough = span / n.max(1) as f64;
    let power = 10_f64.powf(rough.log10().floor());
    let factor = match rough / power {
        f if f <= 1.0 => 1.0,
        f if f <= 2.0 => 2.0,
        f if f <= 5.0 => 5.0,
        _ => 10.0,
    };
    factor * power
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ticks_are_round_numbers() {
        assert_eq!(
            Scale::new(0.0, 1000.0, 0.0, 1.0).ticks(5),
            [0.0, 200.0, 400.0, 600.0, 800.0, 1000.0]
        );
        assert_eq!(Scale::from_zero([730.0], 0.0, 100.0).ends(), (0.0, 800.0));
        assert_eq!(Scale::from_zero([24_000.0], 0.0, 100.0).ends(), (0.0, 25_000.0));
        assert_eq!(Scale::new(0.0, 0.04, 0.0, 1.0).decimals(4), 2);
    }

    #[test]
    fn numbers_that_are_none_still_give_a_scale() {
        for scale in [
            Scale::new(f64::NAN, 1.0, 0.0, 10.0),
            Scale::from_zero([f64::INFINITY], 0.0, 10.0),
            Scale::around([], 0.0, 10.0),
            Scale::new(3.0, 3.0, 0.0, 10.0),
        ] {
            assert!(scale.at(f64::NAN).is_finite() && scale.ticks(4).len() >= 2, "{scale:?}");
        }
    }

    proptest! {
        #[test]
        fn ticks_lie_on_the_scale_and_are_few(low in -1e6..1e6, span in 1e-6..1e9, n in 1_usize..12) {
            let scale = Scale::new(low, low + span, 0.0, 100.0);
            let ticks = scale.ticks(n);
            prop_assert!(ticks.len() <= 2 * n + 2);
            for tick in ticks {
                prop_assert!((-1e-4..=100.0001).contains(&scale.at(tick)));
            }
        }
    }
}
