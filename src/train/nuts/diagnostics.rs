//! Is a sample to be trusted: split R̂, effective sizes (Vehtari et al. 2021), Pareto k̂ (Vehtari
//! et al. 2024, appendix: Zhang and Stephens 2009).

use crate::numeric::summary::mean;

/// Chains of equal length, split in half each.
fn halves(chains: &[Vec<f64>]) -> Vec<&[f64]> {
    chains
        .iter()
        .flat_map(|chain| {
            let half = chain.len() / 2;
            [&chain[..half], &chain[chain.len() - half..]]
        })
        .collect()
}

fn variance(values: &[f64]) -> f64 {
    let centre = mean(values);
    values.iter().map(|x| (x - centre).powi(2)).sum::<f64>() / (values.len() as f64 - 1.0)
}

/// Normal scores of the ranks of all draws together, chain by chain.
fn normal_scores(chains: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let all: Vec<f64> = chains.iter().flatten().copied().collect();
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by(|a, b| all[*a].total_cmp(&all[*b]));
    let mut scores = vec![0.0; all.len()];
    for (rank, at) in order.into_iter().enumerate() {
        let share = (rank as f64 + 0.625) / (all.len() as f64 + 0.25);
        scores[at] = -std::f64::consts::SQRT_2 * statrs::function::erf::erfc_inv(2.0 * share);
    }
    scores.chunks(chains[0].len()).map(<[f64]>::to_vec).collect()
}

/// Rank-normalised split R̂: 1 when the chains agree.
pub(crate) fn rhat(chains: &[Vec<f64>]) -> f64 {
    let scores = normal_scores(chains);
    let parts = halves(&scores);
    let n = parts[0].len() as f64;
    let means: Vec<f64> = parts.iter().map(|part| mean(part)).collect();
    let within = mean(&parts.iter().map(|part| variance(part)).collect::<Vec<f64>>());
    if within <= 0.0 {
        return 1.0;
    }
    (((n - 1.0) / n * within + variance(&means)) / within).sqrt()
}

/// Effective sample size by Geyer's initial monotone sequence over split chains.
fn effective(chains: &[Vec<f64>]) -> f64 {
    let parts = halves(chains);
    let (m, n) = (parts.len() as f64, parts[0].len());
    let within = mean(&parts.iter().map(|part| variance(part)).collect::<Vec<f64>>());
    let means: Vec<f64> = parts.iter().map(|part| mean(part)).collect();
    let total = (n as f64 - 1.0) / n as f64 * within + variance(&means);
    if total <= 0.0 {
        return m * n as f64;
    }
    let rho = |lag: usize| {
        let along: f64 = parts
            .iter()
            .zip(&means)
            .map(|(part, centre)| {
                (lag..n).map(|t| (part[t] - centre) * (part[t - lag] - centre)).sum::<f64>()
                    / n as f64
            })
            .sum::<f64>()
            / m;
        1.0 - (within - along) / total
    };
    let (mut sum, mut last, mut lag) = (0.0, f64::INFINITY, 0);
    while lag + 1 < n {
        let pair = (rho(lag) + rho(lag + 1)).min(last);
        if pair <= 0.0 {
            break;
        }
        sum += pair;
        last = pair;
        lag += 2;
    }
    let size = m * n as f64;
    (size / (2.0 * sum - 1.0).max(1.0 / size.log10())).min(size * size.log10())
}

/// Bulk effective sample size.
pub(crate) fn ess_bulk(chains: &[Vec<f64>]) -> f64 {
    effective(&normal_scores(chains))
}

/// Tail effective sample size: the lesser of those of the 5 and 95 % quantiles.
pub(crate) fn ess_tail(chains: &[Vec<f64>]) -> f64 {
    let mut all: Vec<f64> = chains.iter().flatten().copied().collect();
    all.sort_by(f64::total_cmp);
    [0.05, 0.95]
        .into_iter()
        .map(|level| {
            let cut = all[((all.len() - 1) as f64 * level) as usize];
            let below: Vec<Vec<f64>> = chains
                .iter()
                .map(|chain| chain.iter().map(|x| f64::from(u8::from(*x <= cut))).collect())
                .collect();
            effective(&below)
        })
        .fold(f64::INFINITY, f64::min)
}

/// How many of the largest of `n` importance ratios count as their tail.
fn tail_of(n: usize) -> usize {
    ((3.0 * (n as f64).sqrt()) as usize).min(n / 5)
}

/// Pareto k̂ of importance ratios given their logs, and their weights with the tail smoothed: its
/// ratios are replaced by the quantiles of the fitted law (Vehtari et al. 2024).
pub(crate) fn smoothed(log_ratios: &[f64]) -> (f64, Vec<f64>) {
    let n = log_ratios.len();
    let (tail, most) = (tail_of(n), log_ratios.iter().copied().fold(f64::MIN, f64::max));
    let mut weights: Vec<f64> = log_ratios.iter().map(|log| (log - most).exp()).collect();
    let k = pareto_k(log_ratios);
    if !k.is_finite() {
        return (k, weights);
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|a, b| log_ratios[*a].total_cmp(&log_ratios[*b]));
    let cut = weights[order[n - tail - 1]];
    let above: Vec<f64> = order[n - tail..].iter().map(|at| weights[*at] - cut).collect();
    if above[tail - 1] <= 1e-12 {
        return (k, weights);
    }
    // The scale that goes with the shape, from the mean of the exceedances where there is one.
    let mean = above.iter().sum::<f64>() / tail as f64;
    let scale = mean * (1.0 - k.min(0.9)).max(0.1);
    for (rank, at) in order[n - tail..].iter().enumerate() {
        let left = 1.0 - (rank as f64 + 0.5) / tail as f64;
        let quantile =
            if k.abs() < 1e-6 { -scale * left.ln() } else { scale * (left.powf(-k) - 1.0) / k };
        weights[*at] = (cut + quantile).min(1.0);
    }
    (k, weights)
}

/// Pareto k̂ of importance ratios given their logs: below 0.7 they can be trusted.
pub(crate) fn pareto_k(log_ratios: &[f64]) -> f64 {
    let n = log_ratios.len();
    let tail = tail_of(n);
    if tail < 5 {
        return f64::NAN;
    }
    let mut sorted = log_ratios.to_vec();
    sorted.sort_by(f64::total_cmp);
    let most = sorted[n - 1];
    let cut = (sorted[n - tail - 1] - most).exp();
    let above: Vec<f64> = sorted[n - tail..].iter().map(|log| (log - most).exp() - cut).collect();
    generalised_pareto(&above)
}

/// Shape of a generalised Pareto law of ascending exceedances (Zhang and Stephens 2009), with the
/// weak prior towards 0.5 of Vehtari et al.
fn generalised_pareto(x: &[f64]) -> f64 {
    let n = x.len();
    let quartile = x[((n as f64) / 4.0 + 0.5) as usize - 1].max(1e-300);
    let grid = 30 + (n as f64).sqrt() as usize;
    let shape = |theta: f64| x.iter().map(|x| (-theta * x).ln_1p()).sum::<f64>() / n as f64;
    let thetas: Vec<f64> = (1..=grid)
        .map(|j| {
            let away = 1.0 - (grid as f64 / (j as f64 - 0.5)).sqrt();
            1.0 / x[n - 1] + away / (3.0 * quartile)
        })
        .collect();
    let logs: Vec<f64> = thetas
        .iter()
        .map(|theta| {
            let k = shape(*theta);
            n as f64 * ((-theta / k).ln() - k - 1.0)
        })
        .collect();
    let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = logs.iter().map(|log| (log - top).exp()).collect();
    let total: f64 = weights.iter().sum();
    let theta = thetas.iter().zip(&weights).map(|(t, w)| t * w).sum::<f64>() / total;
    let n = n as f64;
    (shape(theta) * n + 5.0) / (n + 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Seed};
    use rand_distr::{Distribution, StandardNormal};

    fn chains(drift: f64) -> Vec<Vec<f64>> {
        (0..4)
            .map(|c| {
                let mut rng = Seed(5).stream(Purpose::Train, c);
                let normal = |rng: &mut _| -> f64 { StandardNormal.sample(rng) };
                (0..500).map(|_| normal(&mut rng) + drift * c as f64).collect()
            })
            .collect()
    }

    #[test]
    fn chains_that_disagree_are_noticed() {
        assert!(rhat(&chains(0.0)) < 1.01);
        assert!(rhat(&chains(0.5)) > 1.1);
    }

    #[test]
    fn independent_draws_are_worth_about_their_number() {
        // 2 000 independent draws; the estimate itself scatters by some 10 %.
        for size in [ess_bulk(&chains(0.0)), ess_tail(&chains(0.0))] {
            assert!((1500.0..2700.0).contains(&size), "{size}");
        }
        // An autoregression of 0.8 has (1 − 0.8)/(1 + 0.8) of them: 222.
        let mut slow = chains(0.0);
        for chain in &mut slow {
            for t in 1..chain.len() {
                chain[t] = 0.8 * chain[t - 1] + 0.6 * chain[t];
            }
        }
        let size = ess_bulk(&slow);
        assert!((140.0..330.0).contains(&size), "{size}");
    }

    #[test]
    fn the_shape_of_a_pareto_tail_is_found() {
        let mut rng = Seed(6).stream(Purpose::Train, 9);
        for k in [0.2, 0.6, 1.0] {
            let ratios: Vec<f64> = (0..20_000)
                .map(|_| {
                    let u: f64 = rand::RngExt::random::<f64>(&mut rng);
                    -k * u.ln()
                })
                .collect();
            let found = pareto_k(&ratios);
            // 424 tail points: a standard error near 0.06.
            assert!((found - k).abs() < 0.2, "{k}: {found}");
        }
    }
}
