//! Each segment's own posterior, weighed against its exact likelihood.
//!
//! Given hyper-parameters and shared effects, the fast engine takes a segment's two or three
//! parameters to be normal around their mode. Here points of that normal are weighed with the
//! exact density (importance ratios, their largest smoothed after Vehtari et al. 2024). Pareto k̂
//! of the ratios says how far the normal can be trusted; the weighted mean and covariance correct
//! it: what is kept of the segment is the normal likelihood that, with the prior, has the moments
//! of the exact posterior (the site of an expectation-propagation step).
//!
//! Where k̂ stays above 0.7 after the normal was moved to the weighted moments, the segment falls
//! back to sampling: slice steps on the exact density of its few parameters.

#![allow(clippy::needless_range_loop, reason = "indices are those of the formulas")]

use rand::{Rng, RngExt};
use rayon::prelude::*;

use crate::numeric::linalg::{
    Small, eigen, small_cholesky, small_inverse, small_inverse_of_factor, small_lower,
};
use crate::random::{Purpose, Seed};
use crate::train::data::design::Design;
use crate::train::data::specification::Specification;
use crate::train::density::cells::Cells;
use crate::train::density::state::{Problem, prior_mean};
use crate::train::laplace::fit::{By, Fitted, Site, TRUSTED};
use crate::train::nuts::diagnostics::smoothed;

/// Points that a segment is weighed at: quasi-random, the same for all.
const POINTS: usize = 128;
/// Cells beyond which fewer points must do.
const MANY_CELLS: usize = 200_000;
const FEW_POINTS: usize = 64;
/// Streams of segments that are sampled begin here.
const STREAMS: u64 = 1 << 42;

/// Corrects every segment.
pub(crate) fn sites(
    design: &Design,
    specification: &Specification,
    fitted: &Fitted,
    seed: Seed,
) -> Vec<Site> {
    let hyper = fitted.space.decode(&fitted.psi);
    let problem = Problem::new(design, &fitted.layout, specification, hyper);
    let few = design.n_cells > MANY_CELLS;
    let points = points(fitted.layout.p, if few { FEW_POINTS } else { POINTS });
    let all = (0..design.segments.len()).into_par_iter();
    all.map(|i| Target::new(&problem, fitted, i).site(&points, TRUSTED, seed)).collect()
}

/// Quasi-random standard normal points (Roberts' R sequence with their mirror images), shifted and
/// stretched so that their moments are exactly those of the standard normal.
fn points(p: usize, n: usize) -> Vec<[f64; 3]> {
    // Root of x^(p+1) = x + 1.
    let mut root = 1.5_f64;
    for _ in 0..60 {
        root = (1.0 + root).powf(1.0 / (p as f64 + 1.0));
    }
    let normal = |u: f64| -std::f64::consts::SQRT_2 * statrs::function::erf::erfc_inv(2.0 * u);
    let mut points = Vec::with_capacity(n);
    for i in 0..n / 2 {
        let mut x = [0.0; 3];
        for (j, x) in x.iter_mut().enumerate().take(p) {
            let u = (0.5 + (i as f64 + 1.0) * root.powi(-(j as i32 + 1))).fract();
            *x = normal(u.clamp(1e-9, 1.0 - 1e-9));
        }
        points.push(x);
        points.push(x.map(|x| -x));
    }
    let mut covariance = [[0.0; 3]; 3];
    for x in &points {
        for a in 0..p {
            for b in 0..p {
                covariance[a][b] += x[a] * x[b] / points.len() as f64;
            }
        }
    }
    let factor = small_cholesky(&covariance, p).expect("quasi-random points span their space");
    for x in &mut points {
        small_lower(&factor, p, x);
    }
    points
}

/// The exact posterior of one segment given everything else at the mode.
struct Target<'a> {
    problem: &'a Problem<'a>,
    fitted: &'a Fitted,
    i: usize,
    p: usize,
    mode: [f64; 3],
    mean: [f64; 3],
    prior: Small,
}

/// Mean and covariance.
#[derive(Debug, Clone, Copy)]
struct Moments {
    mean: [f64; 3],
    covariance: Small,
}

impl<'a> Target<'a> {
    fn new(problem: &'a Problem<'a>, fitted: &'a Fitted, i: usize) -> Self {
        let segment = &problem.design.segments[i];
        let p = fitted.layout.p;
        let mean = prior_mean(problem.design, &fitted.layout, &fitted.state, segment);
        let prior = crate::train::density::state::residual_precision(&problem.hyper, p);
        Self { problem, fitted, i, p, mode: fitted.state.theta[i], mean, prior }
    }

    /// Log density at a place, up to a constant.
    fn log_density(&self, theta: &[f64; 3]) -> f64 {
        let network = self.problem.design.segments[self.i].network;
        let own = &self.fitted.state.networks[network];
        let mut value = Cells::beside(self.problem, self.i, theta, own).value();
        for a in 0..self.p {
            for b in 0..self.p {
                value -=
                    0.5 * (theta[a] - self.mean[a]) * self.prior[a][b] * (theta[b] - self.mean[b]);
            }
        }
        value
    }

    fn site(&self, points: &[[f64; 3]], trusted: f64, seed: Seed) -> Site {
        let block = &self.fitted.assembly.blocks[self.i];
        let untouched = |k: f64| Site {
            information: block.information,
            gradient: block.likelihood_gradient,
            k,
            by: By::Weighing,
            unmatched: k > trusted,
        };
        if self.problem.design.segments[self.i].cells.is_empty() {
            return untouched(f64::NAN);
        }
        let Some(covariance) = inverse_of_factor(&block.factor, self.p) else {
            return untouched(f64::INFINITY);
        };
        let laplace = Moments { mean: self.mode, covariance };
        let (k, mut moments) = self.weighed(points, laplace, 1.0);
        let (mut by, mut again) = (By::Weighing, k);
        if again > trusted {
            by = By::WeighingAgain;
            (again, moments) = self.weighed(points, moments, WIDER);
        }
        if again.is_nan() || again > trusted {
            by = By::Sampling;
            moments = self.sampled(laplace, seed);
        }
        match self.matched(&moments) {
            Some((information, gradient)) => {
                Site { information, gradient, k, by, unmatched: false }
            }
            None => untouched(k),
        }
    }

    /// Pareto k̂ and the moments of the exact density by points of a normal, `wider` than given.
    fn weighed(&self, points: &[[f64; 3]], normal: Moments, wider: f64) -> (f64, Moments) {
        let p = self.p;
        let Some(factor) = small_cholesky(&normal.covariance, p) else {
            return (f64::INFINITY, normal);
        };
        let places: Vec<[f64; 3]> = points
            .iter()
            .map(|z| {
                let mut theta = normal.mean;
                for a in 0..p {
                    theta[a] += (0..=a).map(|b| wider * factor[a][b] * z[b]).sum::<f64>();
                }
                theta
            })
            .collect();
        let logs: Vec<f64> = places
            .iter()
            .zip(points)
            .map(|(theta, z)| {
                let square: f64 = z[..p].iter().map(|z| z * z).sum();
                self.log_density(theta) + 0.5 * square
            })
            .collect();
        if logs.iter().any(|log| !log.is_finite()) {
            return (f64::INFINITY, normal);
        }
        let (k, weights) = smoothed(&logs);
        (k, moments(&places, &weights, p))
    }

    /// Moments by slice sampling in the normal's own coordinates (Neal 2003: stepping out and
    /// shrinking, one coordinate after the other).
    fn sampled(&self, normal: Moments, seed: Seed) -> Moments {
        let p = self.p;
        let Some(factor) = small_cholesky(&normal.covariance, p) else { return normal };
        let mut rng = seed.stream(Purpose::Train, STREAMS + self.i as u64);
        let place = |z: &[f64; 3]| {
            let mut theta = normal.mean;
            for a in 0..p {
                theta[a] += (0..=a).map(|b| factor[a][b] * z[b]).sum::<f64>();
            }
            theta
        };
        let log = |z: &[f64; 3]| self.log_density(&place(z));
        let mut z = [0.0; 3];
        let mut here = log(&z);
        let mut kept = Vec::with_capacity(SWEEPS);
        for sweep in 0..SWEEPS + WARM_UP {
            for j in 0..p {
                (z, here) = slice(z, here, j, &log, &mut rng);
            }
            if sweep >= WARM_UP {
                kept.push(place(&z));
            }
        }
        moments(&kept, &vec![1.0; SWEEPS], p)
    }

    /// The normal likelihood that has these moments together with the prior.
    fn matched(&self, moments: &Moments) -> Option<(Small, [f64; 3])> {
        let p = self.p;
        let posterior = small_inverse(&moments.covariance, p)?;
        let mut flat = vec![0.0; p * p];
        for a in 0..p {
            for b in 0..p {
                flat[a * p + b] = posterior[a][b] - self.prior[a][b];
            }
        }
        // Data that leave a direction wider than its prior (a flat top) say nothing there.
        let (values, vectors) = eigen(flat, p);
        let mut information = [[0.0; 3]; 3];
        for a in 0..p {
            for b in 0..p {
                information[a][b] = (0..p)
                    .map(|k| values[k].max(0.0) * vectors[a * p + k] * vectors[b * p + k])
                    .sum();
            }
        }
        let mut gradient = [0.0; 3];
        for a in 0..p {
            for b in 0..p {
                let both = information[a][b] + self.prior[a][b];
                gradient[a] += both * (moments.mean[b] - self.mode[b])
                    - self.prior[a][b] * (self.mean[b] - self.mode[b]);
            }
        }
        let fine = information.iter().flatten().chain(&gradient).all(|x| x.is_finite());
        fine.then_some((information, gradient))
    }
}

/// How much wider than the weighted moments the second normal is.
const WIDER: f64 = 1.3;
/// Sweeps of a segment that is sampled.
const SWEEPS: usize = 2_000;
const WARM_UP: usize = 50;
/// Widest interval of a slice, in standard deviations.
const WIDEST: usize = 20;

/// One slice step along coordinate `j`.
fn slice(
    z: [f64; 3],
    here: f64,
    j: usize,
    log: &impl Fn(&[f64; 3]) -> f64,
    rng: &mut impl Rng,
) -> ([f64; 3], f64) {
    let level = here + rng.random::<f64>().max(1e-300).ln();
    let at = |x: f64| {
        let mut moved = z;
        moved[j] = x;
        moved
    };
    let width = 2.0;
    let mut low = z[j] - width * rng.random::<f64>();
    let mut high = low + width;
    for _ in 0..WIDEST {
        if log(&at(low)) <= level {
            break;
        }
        low -= width;
    }
    for _ in 0..WIDEST {
        if log(&at(high)) <= level {
            break;
        }
        high += width;
    }
    for _ in 0..60 {
        let x = low + (high - low) * rng.random::<f64>();
        let value = log(&at(x));
        if value > level {
            return (at(x), value);
        }
        if x < z[j] {
            low = x;
        } else {
            high = x;
        }
    }
    (z, here)
}

fn moments(places: &[[f64; 3]], weights: &[f64], p: usize) -> Moments {
    let total: f64 = weights.iter().sum();
    let mut mean = [0.0; 3];
    for (x, w) in places.iter().zip(weights) {
        for a in 0..p {
            mean[a] += w * x[a] / total;
        }
    }
    let mut covariance = [[0.0; 3]; 3];
    for (x, w) in places.iter().zip(weights) {
        for a in 0..p {
            for b in 0..p {
                covariance[a][b] += w * (x[a] - mean[a]) * (x[b] - mean[b]) / total;
            }
        }
    }
    Moments { mean, covariance }
}

/// `(L Lᵀ)⁻¹`, where the factor has one.
fn inverse_of_factor(factor: &Small, p: usize) -> Option<Small> {
    let inverse = small_inverse_of_factor(factor, p);
    inverse.iter().flatten().all(|x| x.is_finite()).then_some(inverse)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::data::design::Layers;
    use crate::train::worlds::{Settings, world};

    /// Moments by brute force: a fine grid over nine spreads of the normal.
    fn by_grid(target: &Target<'_>, normal: Moments) -> Moments {
        let factor = small_cholesky(&normal.covariance, 2).unwrap();
        let (mut places, mut logs) = (Vec::new(), Vec::new());
        for a in -90..=90 {
            for b in -90..=90 {
                let z = [f64::from(a) / 10.0, f64::from(b) / 10.0];
                let mut theta = normal.mean;
                theta[0] += factor[0][0] * z[0];
                theta[1] += factor[1][0] * z[0] + factor[1][1] * z[1];
                places.push(theta);
                logs.push(target.log_density(&theta));
            }
        }
        let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights: Vec<f64> = logs.iter().map(|log| (log - most).exp()).collect();
        moments(&places, &weights, 2)
    }

    /// A fit to few weeks of few actions: posteriors that lean.
    fn few() -> (Design, Specification, Fitted) {
        let few = Settings { networks: 1, ages: 2, territories: 2, ..Settings::default() };
        let world = world(&Settings { weeks: 5, size: 2.5, ..few }, Seed(3));
        let specification = Specification::default();
        let layers = Layers::new(&world.panel, &specification).unwrap();
        let design = Design::new(&world.panel, &specification, &layers).unwrap();
        let fitted =
            crate::train::laplace::outer::fit(&design, &specification, None, Seed(1)).unwrap();
        (design, specification, fitted)
    }

    #[test]
    fn draws_from_a_segment_s_table_have_the_moments_of_brute_force() {
        use crate::train::correction::profile::{Bivariate, Stand, Tilt};
        use crate::train::laplace::fit::Profile;
        let (design, specification, fitted) = few();
        let hyper = fitted.space.decode(&fitted.psi);
        let tau = [hyper.tau[0], hyper.tau[1]];
        let correlation = hyper.correlation;
        let problem = Problem::new(&design, &fitted.layout, &specification, hyper);
        for i in 0..design.segments.len() {
            // The table serves other priors than the one that it was made with.
            for (wider, moved) in [(1.0, 0.0), (2.0, 0.3)] {
                let mut target = Target::new(&problem, &fitted, i);
                let block = &fitted.assembly.blocks[i];
                let covariance = inverse_of_factor(&block.factor, 2).unwrap();
                let (variance, fall_variance) = (2.0 * covariance[1][1], 0.3);
                let stand = Stand { variance, with_fall: 0.0, fall_variance };
                let table = Profile::new(&problem, &fitted, i, stand).unwrap();
                target.mean[1] += moved;
                for x in target.prior.iter_mut().flatten() {
                    *x /= wider * wider;
                }
                let normal = Moments { mean: target.mode, covariance };
                let exact = by_grid(&target, normal);
                let prior = Bivariate {
                    mean: [target.mean[0], target.mean[1]],
                    tau: tau.map(|tau| wider * tau),
                    correlation,
                };
                let tilt = Tilt { by: [0.0; 2], mode: [target.mode[0], target.mode[1]] };
                let own = &fitted.state.networks[0];
                let fall = own[fitted.layout.weeks[0] + fitted.layout.log_fall()];
                let guess = (target.mode[1] + 0.5 * moved, wider * covariance[1][1].sqrt());
                let mut rng = Seed(4).stream(Purpose::Train, 9);
                let drawn: Vec<[f64; 3]> = (0..20_000)
                    .map(|_| {
                        let (r, c) = table.draw(fall, &prior, tilt, guess, &mut rng);
                        [r, c, 0.0]
                    })
                    .collect();
                let got = moments(&drawn, &vec![1.0; drawn.len()], 2);
                for a in 0..2 {
                    let sd = exact.covariance[a][a].sqrt();
                    let off = (got.mean[a] - exact.mean[a]) / sd;
                    let ratio = got.covariance[a][a].sqrt() / sd;
                    assert!(off.abs() < 0.06, "{i} {a} {wider}: {off}");
                    assert!((0.94..1.06).contains(&ratio), "{i} {a} {wider}: {ratio}");
                }
            }
        }
    }

    #[test]
    fn each_way_to_a_segment_s_moments_is_that_of_brute_force() {
        let (design, specification, fitted) = few();
        let hyper = fitted.space.decode(&fitted.psi);
        let problem = Problem::new(&design, &fitted.layout, &specification, hyper);
        let points = points(2, POINTS);
        let mut ways = std::collections::BTreeSet::new();
        for i in 0..design.segments.len() {
            let target = Target::new(&problem, &fitted, i);
            let block = &fitted.assembly.blocks[i];
            let covariance = inverse_of_factor(&block.factor, 2).unwrap();
            let exact = by_grid(&target, Moments { mean: target.mode, covariance });
            // Trusted at once; only when moved; never: the slices.
            let first = target.site(&points, f64::INFINITY, Seed(1)).k;
            for trusted in [f64::INFINITY, first - 1e-9, f64::NEG_INFINITY] {
                let site = target.site(&points, trusted, Seed(1));
                ways.insert(format!("{:?}", site.by));
                let mut both = site.information;
                for a in 0..2 {
                    for b in 0..2 {
                        both[a][b] += target.prior[a][b];
                    }
                }
                let spread = small_inverse(&both, 2).unwrap();
                let mut right = site.gradient;
                for a in 0..2 {
                    for b in 0..2 {
                        right[a] += target.prior[a][b] * (target.mean[b] - target.mode[b]);
                    }
                }
                for a in 0..2 {
                    let sd = exact.covariance[a][a].sqrt();
                    let moved: f64 = (0..2).map(|b| spread[a][b] * right[b]).sum();
                    let off = (target.mode[a] + moved - exact.mean[a]) / sd;
                    // 2 000 sweeps of slices leave some 0.04 standard deviations of noise.
                    assert!(off.abs() < 0.12, "{i} {a} {:?}: {off}", site.by);
                    let ratio = spread[a][a].sqrt() / sd;
                    assert!((0.88..1.12).contains(&ratio), "{i} {a} {:?}: {ratio}", site.by);
                }
            }
        }
        assert_eq!(ways.len(), 3, "{ways:?}");
    }
}
