//! One who knows: the best split for the parameters, season and shocks of this very future.

use super::{Player, Policy};
use crate::simulate::future::Future;
use crate::simulate::horizon::{Horizon, nodes};
use crate::simulate::rest::Rest;
use crate::simulate::scene::Scene;

/// Knows the truth of its replicate, keeps the campaign's rules and the plan's pacing.
///
/// It divides once: the money of a segment is spread over the weeks like the plan's, so what it
/// earns bounds every split of the same budget with that pacing. A policy that shifts money
/// between weeks can come out a little above it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Oracle;

impl Policy for Oracle {
    fn name(&self) -> &'static str {
        "oracle"
    }

    fn begin<'a>(
        &'a self,
        scene: &'a Scene<'a>,
        future: &'a Future,
    ) -> Option<Box<dyn Player + 'a>> {
        let rest = Rest::new(scene);
        let curves: Vec<Vec<(f64, f64, f64)>> =
            (0..scene.segments).map(|i| curve(scene, future, &rest, i)).collect();
        let media = rest.divide(scene, &curves)?;
        Some(Box::new(Knowing { scene, media }))
    }

    fn replicates_at_most(&self) -> u64 {
        500
    }
}

/// The true curve of a segment's whole flight in this future.
fn curve(scene: &Scene<'_>, future: &Future, rest: &Rest, i: usize) -> Vec<(f64, f64, f64)> {
    let most = rest.most(scene, i);
    if most <= 0.0 {
        return Vec::new();
    }
    let cells = || (0..scene.weeks).map(|week| week * scene.segments + i);
    let points = future.parameters.points[i];
    let shares: Vec<f64> =
        cells().map(|cell| scene.pacing[cell] * future.shown_mean[cell]).collect();
    let delivery: Vec<f64> = cells().map(|cell| future.delivery_mean[cell]).collect();
    let weights: Vec<f64> = cells().map(|cell| points * future.lift[cell]).collect();
    let horizon = Horizon {
        response: scene.draws.response(i, future.draw),
        memory: 0.0,
        shares: &shares,
        delivery: &delivery,
        weights: &weights,
    };
    nodes(most)
        .map(|spend| {
            let (value, slope) = horizon.value(spend);
            (spend, value, slope)
        })
        .collect()
}

struct Knowing<'a> {
    scene: &'a Scene<'a>,
    media: Vec<f64>,
}

impl Player for Knowing<'_> {
    fn money(&mut self, week: usize, out: &mut [f64]) {
        let pacing = &self.scene.pacing[week * self.scene.segments..];
        for (i, out) in out.iter_mut().enumerate() {
            *out = self.media[i] * pacing[i];
        }
    }

    fn learn(&mut self, _week: usize, _spent: &[f64], _counts: &[f64]) {}
}
