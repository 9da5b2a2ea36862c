//! How the answer leans on the priors: what it would be with a prior half or twice as wide.
//!
//! No new fit: posterior draws are weighed by the ratio of the other prior to this one (importance
//! reweighting; Kallioinen, Paananen, Bürkner and Vehtari 2024 do the same with powers of the
//! prior). The answer looked at is the weekly response of all segments together at twice their
//! usual spends, where priors matter more than at the usual spend.

use crate::numeric::digits::short;
use crate::train::density::hyper::Scale;
use crate::train::posterior::file::ModelFile;

/// One prior, and how the answer moves.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Leaning {
    /// The prior's name in the specification.
    pub prior: String,
    /// Posterior standard deviations that the answer moves by with half the prior's standard
    /// deviation, and with twice it.
    pub halved: f64,
    pub doubled: f64,
}

/// A number under a prior: mean 0, in standard deviations of the prior.
type Standing = f64;

/// Movement under every prior that the draws know something of, largest first.
pub(crate) fn leaning(
    file: &ModelFile,
    draws: &[(&[f64], &[f64])],
    answers: &[f64],
) -> Vec<Leaning> {
    let mut all: Vec<Leaning> = file
        .specification
        .prior
        .keys()
        .filter_map(|prior| {
            let standings: Vec<Vec<Standing>> =
                draws.iter().map(|(psi, common)| standings(file, prior, psi, common)).collect();
            if standings.first().is_none_or(Vec::is_empty) {
                return None;
            }
            let halved = short(moved(&standings, answers, 0.5));
            let doubled = short(moved(&standings, answers, 2.0));
            Some(Leaning { prior: prior.clone(), halved, doubled })
        })
        .collect();
    let size = |leaning: &Leaning| leaning.halved.abs().max(leaning.doubled.abs());
    all.sort_by(|a, b| size(b).total_cmp(&size(a)).then_with(|| a.prior.cmp(&b.prior)));
    all
}

/// Every number of a draw that stands under a prior of this name.
fn standings(file: &ModelFile, prior: &str, psi: &[f64], common: &[f64]) -> Vec<Standing> {
    let law = file.specification.prior(prior);
    let mut found = Vec::new();
    for (role, x) in file.hyper_table().roles().zip(psi) {
        if role.prior() == prior {
            found.push(match role.scale() {
                Scale::HalfNormal => x.exp() / law.sd,
                _ => (x - law.mean) / law.sd,
            });
        }
    }
    let centred = ["efficiency", "efficiency_by_spend", "saturation", "saturation_by_spend"];
    let organic = ["baseline", "baseline_by_spend"];
    let columns = centred.iter().chain(organic.iter().filter(|_| file.posterior.p == 3));
    for (name, x) in columns.zip(common) {
        if *name == prior {
            found.push((x - law.mean) / law.sd);
        }
    }
    found
}

/// Movement of the answer, in its standard deviations, when a prior is `times` as wide.
fn moved(standings: &[Vec<Standing>], answers: &[f64], times: f64) -> f64 {
    // Log ratio of the two normal densities, up to a constant.
    let log = |own: &Vec<Standing>| -> f64 {
        own.iter().map(|x| 0.5 * x * x * (1.0 - 1.0 / (times * times))).sum()
    };
    let logs: Vec<f64> = standings.iter().map(log).collect();
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = logs.iter().map(|log| (log - most).exp()).collect();
    let n = answers.len().max(1) as f64;
    let mean = answers.iter().sum::<f64>() / n;
    let sd = (answers.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
    let total: f64 = weights.iter().sum();
    let weighed = weights.iter().zip(answers).map(|(w, x)| w * x).sum::<f64>() / total;
    let moved = (weighed - mean) / sd;
    if moved.is_finite() { moved } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_distr::{Distribution, StandardNormal};

    #[test]
    fn a_conjugate_normal_moves_as_its_formula_says() {
        // Prior N(0, 1), one observation 2 of variance 1: posterior N(1, 1/2). With a prior of
        // standard deviation 2 the mean is 1.6, with 1/2 it is 0.4: ±0.6 over √(1/2).
        let mut rng = crate::random::Seed(3).stream(crate::random::Purpose::Train, 5);
        let answers: Vec<f64> = (0..20_000)
            .map(|_| {
                let z: f64 = StandardNormal.sample(&mut rng);
                1.0 + 0.5_f64.sqrt() * z
            })
            .collect();
        let standings: Vec<Vec<f64>> = answers.iter().map(|x| vec![*x]).collect();
        for (times, exact) in [(2.0, 0.6), (0.5, -0.6)] {
            let found = moved(&standings, &answers, times) * 0.5_f64.sqrt();
            // Importance weights scatter: some 2 % with 20 000 draws.
            assert!((found - exact).abs() < 0.06, "{times}: {found}");
        }
    }
}
