//! The same pipeline told the world's true hyper-parameters, as far as priors can tell them.
//!
//! A prior on a level, a logit or a logarithm (memory, dispersion, shape, wear-out) is put on the
//! world's true value with a deviation of next to nothing, or of what is really spread in the
//! population. A half-normal prior has no centre to put, so its scale becomes the one whose mean
//! is the truth. What is not told are the effects of the attribute values, which no planner could
//! know: so the share of this limit compares learning, and the share of the oracle ignorance.

use std::f64::consts::{PI, SQRT_2};

use crate::generate::spec::{Level, WorldSpec};
use crate::generate::world::World;
use crate::train::Specification;

/// Deviation of a prior that tells.
const TOLD: f64 = 0.02;

/// The specification that knows what a world's population is like.
pub(super) fn informed(world: &World, base: &Specification) -> Specification {
    let mut specification = base.clone();
    let spec = world.spec();
    let rho = world.carryover();
    let phis: Vec<f64> = world.networks().iter().map(|n| n.dispersion.ln()).collect();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let logit = |p: f64| (p / (1.0 - p)).ln();
    let efficiency = |of: fn(&Level) -> f64| of(&spec.rate).hypot(of(&spec.cpm));
    let saturation = |of: fn(&Level) -> f64| {
        // d ln p = (1 − p) d logit p.
        let wear_out = (1.0 - spec.wear_out.median) * of(&spec.wear_out);
        of(&spec.audience).hypot(of(&spec.cpm)).hypot(wear_out)
    };
    let attributes: [fn(&Level) -> f64; 4] =
        [|l| l.network, |l| l.age, |l| l.territory, |l| l.format];
    let mean_square = |scale: &dyn Fn(fn(&Level) -> f64) -> f64| {
        (attributes.iter().map(|of| scale(*of).powi(2)).sum::<f64>() / 4.0).sqrt()
    };
    let mut centre = |name: &str, mean: f64, sd: f64| {
        if let Some(prior) = specification.prior.get_mut(name) {
            (prior.mean, prior.sd) = (mean, sd);
        }
    };
    centre("carryover", logit(rho), TOLD);
    centre("dispersion", mean(&phis), spec.dispersion.sd.max(TOLD));
    let per_log_k = spec.shape.median / (1.0 + spec.shape.median);
    centre("shape", spec.shape.median.ln_1p(), (per_log_k * spec.shape.network).max(TOLD));
    centre("wear_out", logit(spec.wear_out.median), spread(&spec.wear_out).max(TOLD));
    // A wave of half-normal amplitude and free phase has two normal coefficients.
    centre("season", 0.0, (spec.noise.season / SQRT_2).max(TOLD));
    let mut half = |name: &str, truth: f64| {
        if let Some(prior) = specification.prior.get_mut(name) {
            prior.sd = (truth * (0.5 * PI).sqrt()).max(1e-3);
        }
    };
    half("spread_efficiency", efficiency(|level| level.segment));
    half("spread_saturation", saturation(|level| level.segment));
    half("attribute_efficiency", mean_square(&efficiency));
    half("attribute_saturation", mean_square(&saturation));
    half("shape_by_network", per_log_k * spec.shape.network);
    half("season_by_network", spec.noise.season / SQRT_2);
    half("drift", spec.noise.drift);
    half("shock", spec.noise.shock);
    half("spread_cpm", spec.cpm.segment);
    half("cpm_rise", mean_rise(spec));
    half("delivery_noise", spec.noise.delivery);
    half("spread_audience", spec.audience.segment);
    half("reach_noise", spec.noise.reach);
    specification
}

/// Deviation of a level over all segments.
fn spread(level: &Level) -> f64 {
    [level.network, level.age, level.territory, level.format, level.segment]
        .iter()
        .fold(0.0, |sum: f64, sd| sum.hypot(*sd))
}

fn mean_rise(spec: &WorldSpec) -> f64 {
    0.5 * (spec.cpm_rise.from + spec.cpm_rise.to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::population::Population;
    use crate::random::Seed;
    use crate::reference::Reference;

    #[test]
    fn the_limit_is_told_what_the_world_is_like() {
        let text = Reference::default().text("study.toml").unwrap();
        let world = World::make(&Population::read(&text).unwrap().world, Seed(4));
        let base = Specification::default();
        let told = informed(&world, &base);
        let carryover = &told.prior["carryover"];
        assert!((1.0 / (1.0 + (-carryover.mean).exp()) - world.carryover()).abs() < 1e-12);
        // Half-normal of scale σ has mean σ √(2/π).
        let shock = told.prior["shock"].sd * (2.0 / PI).sqrt();
        assert!((shock - world.spec().noise.shock).abs() < 1e-12);
        assert_eq!(told.prior.len(), base.prior.len());
        assert_ne!(told, base);
    }
}
