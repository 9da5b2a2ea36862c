//! The mean mixed with the mean of the worst draws, and the weights of draws that it stands for.

use crate::allocate::solver::rounding::repair::eliminate;
use crate::allocate::solver::solve::Solution;
use crate::campaign::Campaign;

/// What a campaign's prudence allows weights to be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tail {
    prudence: f64,
    draws: usize,
    /// Most weight one draw can get on top of its share of the mean.
    most: f64,
}

pub(crate) fn spread(totals: &[f64]) -> f64 {
    let n = totals.len() as f64;
    let mean = totals.iter().sum::<f64>() / n;
    (totals.iter().map(|t| (t - mean).powi(2)).sum::<f64>() / n).sqrt()
}

impl Tail {
    pub(crate) fn new(campaign: &Campaign, draws: usize) -> Self {
        let most = campaign.prudence / (campaign.tail * draws as f64);
        Self { prudence: campaign.prudence, draws, most }
    }

    pub(crate) fn draws(&self) -> usize {
        self.draws
    }

    pub(crate) fn prudence(&self) -> f64 {
        self.prudence
    }

    /// Each draw's share of the mean: its least weight.
    pub(crate) fn base(&self) -> f64 {
        (1.0 - self.prudence) / self.draws as f64
    }

    /// Weights of the soft worst tail: `most · σ((τ − T_d)/softness)` on top of the mean's share,
    /// `τ` so that they sum to 1; also each one's slope in `τ − T_d`.
    pub(crate) fn soft(&self, totals: &[f64], softness: f64) -> (Vec<f64>, Vec<f64>) {
        let share =
            |threshold: f64, total: f64| 1.0 / (1.0 + ((total - threshold) / softness).exp());
        let reach = 60.0 * softness;
        let mut low = totals.iter().copied().fold(f64::INFINITY, f64::min) - reach;
        let mut high = totals.iter().copied().fold(f64::NEG_INFINITY, f64::max) + reach;
        for _ in 0..100 {
            let middle = 0.5 * (low + high);
            let sum: f64 = totals.iter().map(|t| self.most * share(middle, *t)).sum();
            if sum < self.prudence { low = middle } else { high = middle }
        }
        let base = (1.0 - self.prudence) / self.draws as f64;
        let shares: Vec<f64> = totals.iter().map(|t| share(0.5 * (low + high), *t)).collect();
        (
            shares.iter().map(|u| base + self.most * u).collect(),
            shares.iter().map(|u| self.most * u * (1.0 - u) / softness).collect(),
        )
    }

    /// The weights at which, to first order, the soft worst tail of the chosen plan is the
    /// weights that chose it, brought back within their limits.
    pub(crate) fn newton(&self, now: &Chosen, softness: f64) -> Vec<f64> {
        let n = self.draws;
        let (soft, slopes) = self.soft(&now.totals, softness);
        let sum: f64 = slopes.iter().sum();
        // (I − S J) Δ = soft − w with S = −diag(slopes) + slopes slopesᵀ / Σ slopes.
        let weighted: Vec<f64> = (0..n)
            .map(|e| (0..n).map(|d| slopes[d] * now.response[d][e]).sum::<f64>() / sum.max(1e-300))
            .collect();
        let matrix: Vec<Vec<f64>> = (0..n)
            .map(|d| {
                let mut line: Vec<f64> =
                    (0..n).map(|e| slopes[d] * (now.response[d][e] - weighted[e])).collect();
                line[d] += 1.0;
                line.push(soft[d] - now.weights[d]);
                line
            })
            .collect();
        let step = eliminate(matrix, 1e-14);
        if step.iter().any(|x| !x.is_finite()) {
            return soft;
        }
        self.within(now.weights.iter().zip(&step).map(|(w, s)| w + s).collect())
    }

    /// Weights brought back within their limits and to a sum of 1.
    pub(crate) fn within(&self, mut aim: Vec<f64>) -> Vec<f64> {
        let (n, base) = (self.draws as f64, self.base());
        for w in &mut aim {
            *w = w.clamp(base, base + self.most);
        }
        // Clipping leaves a sum that is not 1: mixing with a vertex on the right side mends it.
        let total: f64 = aim.iter().sum();
        let far: f64 = if total > 1.0 { base * n } else { (base + self.most) * n };
        if (far - total).abs() > 1e-15 {
            let share = (1.0 - total) / (far - total);
            let end = if total > 1.0 { base } else { base + self.most };
            for w in &mut aim {
                *w += share * (end - *w);
            }
        }
        aim
    }

    /// The bound that weights give, with the entropy that softens it.
    pub(crate) fn merit(&self, bound: f64, weights: &[f64], softness: f64) -> f64 {
        let base = self.base();
        let term = |x: f64| if x > 0.0 { x * x.ln() } else { 0.0 };
        let entropy: f64 = weights
            .iter()
            .map(|w| ((w - base) / self.most).clamp(0.0, 1.0))
            .map(|u| term(u) + term(1.0 - u))
            .sum();
        bound + softness * self.most * entropy
    }
}

/// The prudent value of totals by draw, and the weights at which it is their weighted mean.
pub(crate) fn prudent_value(totals: &[f64], prudence: f64, tail: f64) -> (f64, Vec<f64>) {
    let n = totals.len();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| totals[a].total_cmp(&totals[b]).then(a.cmp(&b)));
    let mut weights = vec![(1.0 - prudence) / n as f64; n];
    let mut left = 1.0;
    let most = 1.0 / (tail * n as f64);
    for &d in &order {
        let take = f64::min(left, most);
        weights[d] += prudence * take;
        left -= take;
        if left <= 0.0 {
            break;
        }
    }
    (weights.iter().zip(totals).map(|(w, t)| w * t).sum(), weights)
}

/// The plan that some weights choose, with its totals.
pub(crate) struct Chosen {
    pub(crate) weights: Vec<f64>,
    pub(crate) solution: Solution,
    pub(crate) totals: Vec<f64>,
    /// `dT/dw`, draws × draws.
    pub(crate) response: Vec<Vec<f64>>,
}
