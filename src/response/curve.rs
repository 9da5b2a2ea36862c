//! Any response curve, seen as the optimiser sees it: what to spend at a price.

use std::sync::Arc;

use super::exponential::Exponential;
use super::exposure::Exposure;
use super::hill::Hill;
use super::points::Points;
use super::power::Power;
use super::table::Table;

/// A response curve of any form.
#[derive(Debug, Clone, PartialEq)]
pub enum Curve {
    /// Negative-binomial exposures.
    Exposure {
        /// The curve.
        curve: Exposure,
        /// `ln(V/κ)`, kept because every price asks for it.
        log_first_slope: f64,
    },
    /// Its limit for equal exposure.
    Exponential {
        /// The curve.
        curve: Exponential,
        /// `ln(V/κ)`.
        log_first_slope: f64,
    },
    /// Hill, S-shaped for slopes above 1.
    Hill(Hill),
    /// Power law.
    Power(Power),
    /// Piecewise linear.
    Points(Arc<Points>),
    /// Known by values and slopes.
    Table(Arc<Table>),
}

/// A price of money with its logarithm, which many curves share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MoneyPrice {
    /// Value per unit of money.
    pub value: f64,
    /// Its natural logarithm; not used when the price is not positive.
    pub ln: f64,
}

impl MoneyPrice {
    /// A price.
    #[must_use]
    pub fn new(value: f64) -> Self {
        Self { value, ln: if value > 0.0 { value.ln() } else { f64::NEG_INFINITY } }
    }
}

/// The answer of a curve to a price.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Response {
    /// Spend that maximises value − price · spend.
    pub spend: f64,
    /// How fast the spend falls as the price rises, `−ds/dprice`; 0 at a bound.
    pub fall: f64,
}

impl Response {
    fn at(spend: f64) -> Self {
        Self { spend, fall: 0.0 }
    }
}

impl From<Exposure> for Curve {
    fn from(curve: Exposure) -> Self {
        Self::Exposure { curve, log_first_slope: (curve.ceiling / curve.scale).ln() }
    }
}

impl From<Exponential> for Curve {
    fn from(curve: Exponential) -> Self {
        Self::Exponential { curve, log_first_slope: (curve.ceiling / curve.scale).ln() }
    }
}

impl Curve {
    /// Value at a spend of at least 0.
    #[must_use]
    pub fn value(&self, spend: f64) -> f64 {
        match self {
            Self::Exposure { curve, .. } => curve.value(spend),
            Self::Exponential { curve, .. } => curve.value(spend),
            Self::Hill(curve) => curve.value(spend),
            Self::Power(curve) => curve.value(spend),
            Self::Points(curve) => curve.value(spend),
            Self::Table(curve) => curve.value(spend),
        }
    }

    /// Marginal return at a spend.
    #[must_use]
    pub fn slope(&self, spend: f64) -> f64 {
        match self {
            Self::Exposure { curve, .. } => curve.slope(spend),
            Self::Exponential { curve, .. } => curve.slope(spend),
            Self::Hill(curve) => curve.slope_at(spend),
            Self::Power(curve) => curve.slope(spend),
            Self::Points(curve) => curve.slope(spend),
            Self::Table(curve) => curve.slope(spend),
        }
    }

    /// Where the curve is concave from on: 0 for a concave curve, `None` when it turns more than
    /// once or cannot say.
    #[must_use]
    pub fn concave_from(&self) -> Option<f64> {
        match self {
            Self::Exposure { .. } | Self::Exponential { .. } => Some(0.0),
            Self::Hill(curve) => Some(curve.inflection()),
            Self::Power(curve) => (curve.exponent <= 1.0).then_some(0.0),
            Self::Points(curve) => curve.is_concave().then_some(0.0),
            Self::Table(curve) => curve.is_concave().then_some(0.0),
        }
    }

    /// The widest stretch around a spend on which the curve is concave; the spend itself where
    /// it is convex.
    #[must_use]
    pub fn concave_around(&self, spend: f64) -> (f64, f64) {
        match self {
            Self::Points(curve) if !curve.is_concave() => curve.concave_around(spend),
            Self::Table(curve) if !curve.is_concave() => curve.concave_around(spend),
            _ => match self.concave_from() {
                Some(from) if spend >= from => (from, f64::INFINITY),
                _ => (spend, spend),
            },
        }
    }

    /// The curve with all values multiplied by a positive factor.
    #[must_use]
    pub fn times(&self, factor: f64) -> Self {
        match self {
            Self::Exposure { curve, .. } => {
                Exposure { ceiling: curve.ceiling * factor, ..*curve }.into()
            }
            Self::Exponential { curve, .. } => {
                Exponential { ceiling: curve.ceiling * factor, ..*curve }.into()
            }
            Self::Hill(curve) => {
                Self::Hill(Hill::new(curve.ceiling * factor, curve.scale, curve.slope))
            }
            Self::Power(curve) => {
                Self::Power(Power { coefficient: curve.coefficient * factor, ..*curve })
            }
            Self::Points(curve) => Self::Points(Arc::new(curve.times(factor))),
            Self::Table(curve) => Self::Table(Arc::new(curve.times(factor))),
        }
    }

    /// The spend in `[low, high]` at which `value − price · spend` is greatest: the global
    /// maximum, for curves of any shape.
    #[must_use]
    pub fn respond(&self, price: MoneyPrice, low: f64, high: f64) -> Response {
        match self {
            Self::Points(curve) => Response::at(curve.respond(price.value, low, high)),
            Self::Table(curve) => {
                let (spend, fall) = curve.respond(price.value, low, high);
                Response { spend, fall }
            }
            // The closed forms rise everywhere: for free they are taken whole.
            _ if price.value <= 0.0 => Response::at(high),
            Self::Exposure { curve, log_first_slope } => {
                let rate = 1.0 / (curve.shape + 1.0);
                let room = curve.shape * curve.scale;
                let grown = room * ((log_first_slope - price.ln) * rate).exp();
                within(grown - room, grown * rate / price.value, low, high)
            }
            Self::Exponential { curve, log_first_slope } => {
                let spend = curve.scale * (log_first_slope - price.ln);
                within(spend, curve.scale / price.value, low, high)
            }
            Self::Hill(curve) => respond_hill(curve, price, low, high),
            Self::Power(curve) => respond_power(curve, price, low, high),
        }
    }
}

/// An unbounded answer of a concave curve brought within its bounds.
fn within(spend: f64, fall: f64, low: f64, high: f64) -> Response {
    if spend <= low {
        Response::at(low)
    } else if spend >= high {
        Response::at(high)
    } else {
        Response { spend, fall }
    }
}

fn respond_hill(curve: &Hill, price: MoneyPrice, low: f64, high: f64) -> Response {
    let Some((top, fall)) = curve.spend_at_slope(price.ln) else { return Response::at(low) };
    let inside = within(top, fall / price.value, low, high);
    if curve.slope <= 1.0 || inside.spend == low {
        return inside;
    }
    // Left of its concave branch the worth falls first and rises later: an end may be better.
    let worth = |spend: f64| curve.value(spend) - price.value * spend;
    if worth(inside.spend) > worth(low) { inside } else { Response::at(low) }
}

fn respond_power(curve: &Power, price: MoneyPrice, low: f64, high: f64) -> Response {
    if curve.exponent < 1.0 {
        let spend = curve.spend_at_slope(price.value);
        return within(spend, spend / (1.0 - curve.exponent) / price.value, low, high);
    }
    let worth = |spend: f64| curve.value(spend) - price.value * spend;
    Response::at(if worth(high) > worth(low) { high } else { low })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Curves of every form, values and spends of the order of 100.
    pub(crate) fn any_curve() -> impl Strategy<Value = Curve> {
        let scale = || 5.0..80.0_f64;
        let ceiling = || 10.0..200.0_f64;
        prop_oneof![
            (ceiling(), scale(), 0.2..8.0_f64).prop_map(|(ceiling, scale, shape)| Exposure {
                ceiling,
                scale,
                shape
            }
            .into()),
            (ceiling(), scale()).prop_map(|(ceiling, scale)| Exponential { ceiling, scale }.into()),
            (ceiling(), scale(), 0.4..4.0_f64)
                .prop_map(|(v, s, n)| Curve::Hill(Hill::new(v, s, n))),
            (1.0..9.0_f64, 0.3..1.6_f64)
                .prop_map(|(coefficient, exponent)| Curve::Power(Power { coefficient, exponent })),
            proptest::collection::vec((1.0..30.0_f64, 0.0..60.0_f64), 1..6).prop_map(|steps| {
                let mut at = (0.0, 0.0);
                let pairs: Vec<_> = steps
                    .iter()
                    .map(|step| {
                        at = (at.0 + step.0, at.1 + step.1);
                        at
                    })
                    .collect();
                Curve::Points(Arc::new(Points::new(&pairs).unwrap()))
            }),
        ]
    }

    proptest! {
        #[test]
        fn no_spend_on_a_fine_grid_beats_the_answer_to_a_price(
            curve in any_curve(), price in 0.001..6.0_f64, low in 0.0..60.0_f64, more in 0.0..90.0_f64,
        ) {
            let high = low + more;
            let answer = curve.respond(MoneyPrice::new(price), low, high);
            prop_assert!((low..=high).contains(&answer.spend));
            let worth = |s: f64| curve.value(s) - price * s;
            for j in 0..=1000 {
                let other = worth(low + more * f64::from(j) / 1000.0);
                prop_assert!(worth(answer.spend) >= other - 1e-9 * (1.0 + other.abs()));
            }
        }

        #[test]
        fn slopes_are_differences_and_factors_factor(curve in any_curve(), spend in 1.0..100.0_f64) {
            let step = 1e-5;
            let difference = (curve.value(spend + step) - curve.value(spend)) / step;
            // A corner of a table within the step is the only exception.
            let corner = matches!(&curve, Curve::Points(points)
                if points.corners().iter().any(|c| (*c - spend).abs() < 2.0 * step));
            prop_assert!(corner || (difference - curve.slope(spend)).abs() < 1e-3);
            let doubled = curve.times(2.0);
            prop_assert!((doubled.value(spend) - 2.0 * curve.value(spend)).abs() < 1e-9);
        }
    }
}
