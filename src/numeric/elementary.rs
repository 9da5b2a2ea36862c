//! Exponential and logarithm without branches, so that loops over cells run in vector registers.
//!
//! The library functions are calls, one number at a time; these are a few dozen additions and
//! multiplications that the compiler spreads over as many lanes as the processor has. Both are
//! good to about 2 units in the last place over the ranges stated.

#![allow(
    clippy::inline_always,
    reason = "a call inside the loop would keep it from being vectorised"
)]

use std::f64::consts::LOG2_E;

#[allow(clippy::excessive_precision, reason = "as fdlibm prints it")]
const LN2_HI: f64 = 6.931_471_803_691_238_165e-1;
const LN2_LO: f64 = 1.908_214_929_270_587_7e-10;
/// Adding it leaves the nearest integer in the low bits (1.5 · 2⁵²).
const ROUNDING: f64 = 6_755_399_441_055_744.0;
const ONE: u64 = 0x3FF0_0000_0000_0000;
/// Bits of √½, the lower end of the reduced range of the logarithm.
const SQRT_HALF: u64 = 0x3FE6_A09E_667F_3BCD;
const MANTISSA: u64 = 0x000F_FFFF_FFFF_FFFF;
/// Bits of 2⁵²: a small integer put into its low bits becomes a float.
const TWO_52: u64 = 0x4330_0000_0000_0000;

/// `eˣ` for `x` in [−700, 700]; beyond it the value at the end.
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    let (rest, power) = reduced(x);
    (rest + 1.0) * power
}

/// `eˣ − 1` for `x` in [−700, 700], with the digits of small `x` kept; beyond it the value at the
/// end.
#[inline(always)]
pub fn exp_m1(x: f64) -> f64 {
    let (rest, power) = reduced(x);
    rest * power + (power - 1.0)
}

/// `eʳ − 1` and `2ⁿ` with `x = r + n ln 2`, `|r| ≤ ln 2 / 2`.
#[inline(always)]
fn reduced(x: f64) -> (f64, f64) {
    let x = x.clamp(-700.0, 700.0);
    let shifted = x * LOG2_E + ROUNDING;
    let n = shifted - ROUNDING;
    let r = (x - n * LN2_HI) - n * LN2_LO;
    // Taylor to degree 13 (|r| ≤ ln 2 / 2, so the rest is below 5e-18), in pairs (Estrin), so
    // that additions need not wait for one another.
    let r2 = r * r;
    let r4 = r2 * r2;
    let low = (0.5 + r * (1.0 / 6.0)) + r2 * (1.0 / 24.0 + r * (1.0 / 120.0));
    let middle =
        (1.0 / 720.0 + r * (1.0 / 5_040.0)) + r2 * (1.0 / 40_320.0 + r * (1.0 / 362_880.0));
    let high = (1.0 / 3_628_800.0 + r * (1.0 / 39_916_800.0))
        + r2 * (1.0 / 479_001_600.0 + r * (1.0 / 6_227_020_800.0));
    let rest = r2 * (low + r4 * (middle + r4 * high)) + r;
    // The low bits of `shifted` are n; moved to the exponent they multiply by 2ⁿ.
    (rest, f64::from_bits((shifted.to_bits() << 52).wrapping_add(ONE)))
}

/// `ln x` for normal positive `x`. Reduction and coefficients: fdlibm `e_log.c` (Sun 1993).
#[allow(clippy::excessive_precision, reason = "as fdlibm prints them")]
#[inline(always)]
pub fn ln(x: f64) -> f64 {
    let moved = x.to_bits().wrapping_add(ONE - SQRT_HALF);
    let exponent = f64::from_bits((moved >> 52) | TWO_52) - (4_503_599_627_370_496.0 + 1023.0);
    let m = f64::from_bits((moved & MANTISSA) + SQRT_HALF);
    let f = m - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let z2 = z * z;
    let low = 6.666_666_666_666_735_130e-1 + z * 3.999_999_999_940_941_908e-1;
    let middle = 2.857_142_874_366_239_149e-1 + z * 2.222_219_843_214_978_396e-1;
    let high = (1.818_357_216_161_805_012e-1 + z * 1.531_383_769_920_937_332e-1)
        + z2 * 1.479_819_860_511_658_591e-1;
    let p = low + z2 * (middle + z2 * high);
    let half_square = 0.5 * f * f;
    exponent * LN2_HI - ((half_square - (s * (half_square + p * z) + exponent * LN2_LO)) - f)
}

/// `ln(1 + x)` for `x` ≥ 0, with the digits of small `x` kept.
#[inline(always)]
pub fn ln_1p(x: f64) -> f64 {
    let u = 1.0 + x;
    // What rounding `1 + x` lost, put back to first order; for large `x` it is nothing.
    ln(u) + if x < 0.5 { x - (u - 1.0) } else { 0.0 }
}

/// `ln Γ(x)` for `x` above 0 and up to 1e30: Stirling's series eight steps further on.
#[inline(always)]
pub fn ln_gamma(x: f64) -> f64 {
    const HALF_LN_TAU: f64 = 0.918_938_533_204_672_8;
    let outer = (x * (x + 7.0)) * ((x + 1.0) * (x + 6.0));
    let inner = ((x + 2.0) * (x + 5.0)) * ((x + 3.0) * (x + 4.0));
    let y = x + 8.0;
    let r = 1.0 / y;
    let r2 = r * r;
    let low = 1.0 / 12.0 - r2 * (1.0 / 360.0 - r2 * (1.0 / 1260.0));
    let high = 1.0 / 1680.0 - r2 * (1.0 / 1188.0 - r2 * (691.0 / 360_360.0));
    let series = r * (low - r2 * r2 * r2 * high);
    (y - 0.5) * ln(y) - y + HALF_LN_TAU + series - ln(outer * inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Relative error allowed: a few units in the last place (2.2e-16 each).
    const FEW_ULP: f64 = 1e-15;

    proptest! {
        #[test]
        fn the_exponential_agrees_with_the_library(x in -700.0..700.0) {
            prop_assert!((exp(x) / x.exp() - 1.0).abs() < FEW_ULP);
        }

        #[test]
        fn the_logarithm_agrees_with_the_library(e in -300.0..300.0_f64) {
            let x = 10_f64.powf(e);
            prop_assert!((ln(x) - x.ln()).abs() <= FEW_ULP * x.ln().abs().max(1e-3));
        }

        #[test]
        fn small_arguments_keep_their_digits(e in -20.0..20.0_f64) {
            let x = 10_f64.powf(e);
            prop_assert!((ln_1p(x) / x.ln_1p() - 1.0).abs() < FEW_ULP);
            prop_assert!((exp_m1(x.min(600.0)) / x.min(600.0).exp_m1() - 1.0).abs() < FEW_ULP);
            prop_assert!((exp_m1(-x) / (-x).exp_m1() - 1.0).abs() < FEW_ULP);
        }
    }

    proptest! {
        #[test]
        fn the_log_of_gamma_agrees_with_the_library(e in -8.0..12.0_f64) {
            let x = 10_f64.powf(e);
            let exact = statrs::function::gamma::ln_gamma(x);
            prop_assert!((ln_gamma(x) - exact).abs() < 5e-14 * (1.0 + exact.abs()), "{x}");
        }
    }

    #[test]
    fn factorials_have_their_logs() {
        let mut factorial = 1.0;
        for n in 1..20 {
            let log = f64::ln(factorial);
            assert!((ln_gamma(f64::from(n)) - log).abs() < 3e-14 * (1.0 + log), "{n}");
            factorial *= f64::from(n);
        }
    }

    #[test]
    fn exact_points() {
        assert_eq!(exp(0.0), 1.0);
        assert_eq!(exp_m1(0.0), 0.0);
        assert_eq!(ln(1.0), 0.0);
        assert_eq!(ln_1p(0.0), 0.0);
        assert!(exp(-1e9) > 0.0 && exp(-1e9) < 1e-300);
    }
}
