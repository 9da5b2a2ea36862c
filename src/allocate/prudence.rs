//! Prudence: the mean mixed with the mean of the worst tail of draws.
//!
//! `(1 − θ) · mean + θ · CVaR_α` is the least of `Σ w_d T_d` over weights `w_d` between
//! `(1 − θ)/D` and `(1 − θ)/D + θ/(αD)` that sum to 1 (Rockafellar & Uryasev 2000), `T_d` the
//! plan's value in draw `d`. For any such weights the best plan of the *weighted mean* bounds
//! every plan from above, so the search goes over weights.

use super::assemble::{objective, table_error};
use super::drawn::Drawn;
use super::extras::{choose_weighted, relative};
use super::resolve::{Candidate, Resolved};
use super::search::Settings;
use super::solve::{Solution, Unsolvable};
use crate::campaign::Campaign;

/// Relative gap at which weights count as found.
const GAP: f64 = 1e-6;
/// Most weights tried.
const TRIES: usize = 40;

/// Chooses the plan whose prudent value is greatest.
pub(super) fn choose(
    drawn: &Drawn<'_>,
    campaign: &Campaign,
    candidates: &[Candidate<'_>],
    resolved: &mut Resolved,
    settings: &Settings,
) -> Result<Solution, Unsolvable> {
    let n = drawn.draws.len();
    let prudent = |totals: &[f64]| prudent_value(totals, campaign.prudence, campaign.tail);
    let mut weights = vec![1.0 / n as f64; n];
    let mut best: Option<Solution> = None;
    let mut bound = f64::INFINITY;
    for round in 0..TRIES {
        let (mut solution, _) =
            choose_weighted(drawn, campaign, candidates, resolved, settings, Some(&weights))?;
        bound = bound.min(solution.upper_bound + table_error(resolved, &solution));
        let media: Vec<f64> = resolved
            .problem
            .seats
            .iter()
            .zip(&solution.spend)
            .map(|(seat, b)| (b - seat.fixed_cost).max(0.0))
            .collect();
        let totals = drawn.total_by_draw(objective(campaign), &media);
        let (value, worst) = prudent(&totals);
        solution.objective = value;
        if best.as_ref().is_none_or(|best| value > best.objective) {
            best = Some(solution);
        }
        let reached = best.as_ref().map_or(value, |best| best.objective);
        if bound - reached <= GAP * bound.abs() {
            break;
        }
        // Averaging the worst cases met so far (fictitious play) settles between them.
        let share = 2.0 / (round as f64 + 3.0);
        for (weight, worst) in weights.iter_mut().zip(worst) {
            *weight += share * (worst - *weight);
        }
    }
    let mut best = best.ok_or(Unsolvable::NoCombination)?;
    best.upper_bound = bound.max(best.objective);
    best.gap = relative(best.upper_bound, best.objective);
    if best.gap > GAP {
        best.status = super::solve::Status::GapLimit;
    }
    Ok(best)
}

/// The prudent value of totals by draw, and the weights at which it is their weighted mean.
pub(super) fn prudent_value(totals: &[f64], prudence: f64, tail: f64) -> (f64, Vec<f64>) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_tail_means_hold() {
        // PyMC-Marketing's test samples 1 … 10 (tests/mmm/test_utility.py): CVaR95 is 1.0, the
        // worst draw; at a tail of 20 % it is the mean of the two worst.
        let samples: Vec<f64> = (1..=10).map(f64::from).collect();
        assert!((prudent_value(&samples, 1.0, 0.05).0 - 1.0).abs() < 1e-12);
        assert!((prudent_value(&samples, 1.0, 0.2).0 - 1.5).abs() < 1e-12);
        assert!((prudent_value(&samples, 0.0, 0.2).0 - 5.5).abs() < 1e-12);
        let (value, weights) = prudent_value(&samples, 0.3, 0.25);
        // 0.7 · 5.5 + 0.3 · (1 + 2 + 3/2) / 2.5
        assert!((value - (3.85 + 0.3 * 4.5 / 2.5)).abs() < 1e-12);
        assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }
}
