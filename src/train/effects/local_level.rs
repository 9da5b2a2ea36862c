//! How each segment's level moves by itself: audiences wear out and recover one by one, on top of
//! what their network shares.
//!
//! A local level (random walk seen through noise; Durbin and Koopman 2012, chapter 2) on the log
//! residuals of a first fit, its speed found by the likelihood of all segments together. Where it
//! moves, the fit is made again with each cell's level set against *now*, so that what is learnt is
//! today's level and not the history's average; how far today's level is known, and how far it will
//! have moved, widens predictions. Where the residuals do not move (the usual case in a world of
//! stable segments), nothing changes.

use crate::train::data::design::{Design, SegmentData};
use crate::train::data::specification::Specification;
use crate::train::density::state::Problem;
use crate::train::laplace::fit::Fitted;

/// Speeds that are tried, in logs per square root of a week.
const SPEEDS: [f64; 9] = [0.0, 0.015, 0.03, 0.05, 0.08, 0.12, 0.18, 0.26, 0.38];
/// How much of the counts' dispersion is left as noise once the level moves.
const NOISES: [f64; 6] = [1.0, 0.7, 0.45, 0.3, 0.15, 0.07];
/// A movement must be worth this many logs of likelihood before it is believed.
const WORTH: f64 = 3.0;

/// One residual: weeks after the network's first, log residual, and its variance from the count
/// and from dispersion.
type Residual = (f64, f64, f64, f64);

/// Looks for movement and writes it into the design; `false` when there is none to speak of.
///
/// `speed` fixes what an earlier fit found.
pub(crate) fn find(
    design: &mut Design,
    fitted: &Fitted,
    specification: &Specification,
    speed: Option<f64>,
) -> bool {
    if !design.dated {
        return false;
    }
    let residuals = residuals(design, fitted, specification);
    let chosen = match speed {
        Some(0.0) => None,
        Some(speed) => best(&residuals, &[speed]).map(|(noise, _)| (speed, noise)),
        None => search(&residuals, specification.prior("segment_drift").sd),
    };
    let Some((speed, noise)) = chosen else { return false };
    design.local_level = speed;
    for (segment, residuals) in design.segments.iter_mut().zip(&residuals) {
        let now = design.networks[segment.network].n_weeks as f64 - 0.5;
        settle(segment, residuals, now, speed, noise);
    }
    true
}

/// Speed and noise of the highest likelihood, when it is worth it.
fn search(residuals: &[Vec<Residual>], prior: f64) -> Option<(f64, f64)> {
    let (_, still) = best(residuals, &[0.0])?;
    let mut found: Option<(f64, f64, f64)> = None;
    for speed in &SPEEDS[1..] {
        let (noise, value) = best(residuals, &[*speed])?;
        let value = value - 0.5 * (speed / prior).powi(2);
        if found.is_none_or(|(.., most)| value > most) {
            found = Some((*speed, noise, value));
        }
    }
    let (speed, noise, value) = found?;
    (value - still > WORTH).then_some((speed, noise))
}

/// The noise that fits a speed best, and the log likelihood there.
fn best(residuals: &[Vec<Residual>], speeds: &[f64]) -> Option<(f64, f64)> {
    let pairs = speeds.iter().flat_map(|speed| NOISES.map(|noise| (*speed, noise)));
    pairs
        .map(|(speed, noise)| {
            let value: f64 =
                residuals.iter().map(|own| filter(own, speed, noise, &mut Vec::new())).sum();
            (noise, value)
        })
        .max_by(|a, b| a.1.total_cmp(&b.1))
}

/// Log residuals of every segment's dated cells, in order of time.
fn residuals(
    design: &Design,
    fitted: &Fitted,
    specification: &Specification,
) -> Vec<Vec<Residual>> {
    let hyper = fitted.space.decode(&fitted.psi);
    let problem = Problem::new(design, &fitted.layout, specification, hyper);
    let of_segment = |(i, segment): (usize, &SegmentData)| {
        let phi = problem.hyper.phi[segment.network];
        let means = problem.means(i, segment, &fitted.state);
        let rows = segment.cells.iter().zip(means).filter(|(cell, _)| speaks(cell));
        rows.map(|(cell, mean)| {
            let time = 0.5 * f64::from(cell.from + cell.to);
            let residual = (cell.count.low + 0.5).ln() - (mean + 0.5).ln();
            (time, residual, 1.0 / (mean + 0.5), 1.0 / phi)
        })
        .collect()
    };
    design.segments.iter().enumerate().map(of_segment).collect()
}

fn speaks(cell: &crate::train::data::design::Observation) -> bool {
    cell.to > cell.from && cell.spend > 0.0 && cell.count.low >= cell.count.high
}

/// The first level is known no better than this (variance in logs).
const UNKNOWN: f64 = 4.0;

/// One filtered level: time, mean, variance.
type Level = (f64, f64, f64);

/// Kalman filter of a local level; keeps the levels and returns the log likelihood.
fn filter(residuals: &[Residual], speed: f64, noise: f64, levels: &mut Vec<Level>) -> f64 {
    let mut value = 0.0;
    let mut last: Option<Level> = None;
    for (time, residual, count, dispersion) in residuals {
        let (mean, variance) = last.map_or((0.0, UNKNOWN), |(before, mean, variance)| {
            (mean, variance + speed * speed * (time - before).max(0.0))
        });
        let total = variance + count + noise * dispersion;
        let miss = residual - mean;
        value -= 0.5 * (total.ln() + miss * miss / total);
        let gain = variance / total;
        let level = (*time, mean + gain * miss, variance * (1.0 - gain));
        levels.push(level);
        last = Some(level);
    }
    value
}

/// Sets a segment's cells against its level now.
fn settle(segment: &mut SegmentData, residuals: &[Residual], now: f64, speed: f64, noise: f64) {
    let mut levels = Vec::with_capacity(residuals.len());
    filter(residuals, speed, noise, &mut levels);
    let Some(&(end, level, variance)) = levels.last() else { return };
    // Smoothing backwards (Rauch, Tung and Striebel): the level after is the best guess of the
    // level before, as far as the walk allows.
    let mut smooth = vec![level; levels.len()];
    for t in (0..levels.len().saturating_sub(1)).rev() {
        let (time, mean, variance) = levels[t];
        let ahead = variance + speed * speed * (levels[t + 1].0 - time).max(0.0);
        let gain = if ahead > 0.0 { variance / ahead } else { 1.0 };
        smooth[t] = mean + gain * (smooth[t + 1] - mean);
    }
    let mut smooth = smooth.into_iter();
    for cell in segment.cells.iter_mut().filter(|cell| speaks(cell)) {
        cell.offset = smooth.next().map_or(0.0, |then| then - level);
    }
    let known: f64 =
        residuals.iter().map(|(_, _, count, spread)| 1.0 / (count + noise * spread)).sum();
    let unmoved = 1.0 / (known + 1.0 / UNKNOWN);
    let moved = variance + speed * speed * (now - end).max(0.0);
    segment.level_variance = (moved - unmoved).max(0.0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_distr::{Distribution, StandardNormal};

    /// Sixty segments of forty weeks whose level walks at `speed` under noise of variance 0.08.
    fn walks(speed: f64) -> Vec<Vec<Residual>> {
        let mut rng = crate::random::Seed(8).stream(crate::random::Purpose::Train, 77);
        let mut normal = || -> f64 { StandardNormal.sample(&mut rng) };
        (0..60)
            .map(|_| {
                let mut level = 0.0;
                (0..40)
                    .map(|t| {
                        level += speed * normal();
                        (f64::from(t), level + 0.08_f64.sqrt() * normal(), 0.03, 0.05)
                    })
                    .collect()
            })
            .collect()
    }

    #[test]
    fn a_walk_is_found_at_about_its_speed_and_stillness_is_left_alone() {
        assert!(search(&walks(0.0), 0.1).is_none());
        let (speed, _) = search(&walks(0.1), 0.1).unwrap();
        assert!((0.07..=0.13).contains(&speed), "{speed}");
    }

    #[test]
    fn the_likelihood_is_that_of_the_joint_normal() {
        // Two residuals: covariance [[4 + v, 4], [4, 4 + q² + v]].
        let (v, q) = (0.08, 0.3);
        let rows = [(0.0, 0.4, 0.03, 0.05), (1.0, -0.2, 0.03, 0.05)];
        let (a, b, c) = (4.0 + v, 4.0, 4.0 + q * q + v);
        let det = a * c - b * b;
        let (x, y) = (0.4, -0.2);
        let exact = -0.5 * (f64::ln(det) + (c * x * x - 2.0 * b * x * y + a * y * y) / det);
        assert!((filter(&rows, q, 1.0, &mut Vec::new()) - exact).abs() < 1e-12);
    }
}
