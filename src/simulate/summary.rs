//! Ledgers → outcomes: means, quantiles, probabilities, and how far chance may have moved them.

use super::ledger::Ledger;
use super::outcomes::{PolicyOutcome, Spread};

/// Value below which a share `p` of ascending `sorted` lies, interpolated (Hyndman and Fan 1996,
/// type 7).
#[must_use]
pub fn quantile(sorted: &[f64], p: f64) -> f64 {
    let at = p * (sorted.len() - 1) as f64;
    let (low, high) = (at.floor() as usize, at.ceil() as usize);
    sorted[low] + (at - at.floor()) * (sorted[high] - sorted[low])
}

/// Arithmetic mean, added in order.
#[must_use]
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

/// Sample standard deviation; 0 for one value.
#[must_use]
pub fn deviation(values: &[f64]) -> f64 {
    let centre = mean(values);
    let squares: f64 = values.iter().map(|value| (value - centre).powi(2)).sum();
    (squares / (values.len().max(2) - 1) as f64).sqrt()
}

/// Mean, deviation and quantiles of ascending values.
fn spread(sorted: &[f64]) -> Spread {
    Spread {
        mean: mean(sorted),
        sd: deviation(sorted),
        p10: quantile(sorted, 0.1),
        p50: quantile(sorted, 0.5),
        p90: quantile(sorted, 0.9),
    }
}

/// Monte Carlo standard error of the mean, replicates of one draw counted as relatives.
///
/// Replicate `r` uses draw `r mod draws`. More replicates than draws sharpen the luck within a
/// draw but bring no new parameters, so then the means by draw are the independent numbers.
#[must_use]
pub fn standard_error(values: &[f64], draws: usize) -> f64 {
    if values.len() < 2 {
        return f64::INFINITY;
    }
    let groups = draws.min(values.len());
    let by_draw: Vec<f64> = (0..groups)
        .map(|draw| {
            let mine: Vec<f64> = values.iter().skip(draw).step_by(draws).copied().collect();
            mean(&mine)
        })
        .collect();
    if groups < 2 {
        return deviation(values) / (values.len() as f64).sqrt();
    }
    deviation(&by_draw) / (groups as f64).sqrt()
}

/// Share of replicates in which `a` is above `b` by more than rounding; over the replicates that
/// both have.
fn share_above(a: &[f64], b: &[f64]) -> f64 {
    let pairs = a.len().min(b.len());
    let above = a.iter().zip(b).filter(|(a, b)| **a > **b * (1.0 + 1e-9)).count();
    above as f64 / pairs.max(1) as f64
}

/// Mean of `(oracle − this) ÷ oracle`, over the replicates that both have.
fn regret(this: &[f64], oracle: &[f64]) -> f64 {
    let pairs = this.iter().zip(oracle).filter(|(_, oracle)| **oracle > 0.0);
    let lost: Vec<f64> = pairs.map(|(this, oracle)| (oracle - this) / oracle).collect();
    if lost.is_empty() { 0.0 } else { mean(&lost) }
}

/// Ledgers that a policy is compared with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beside<'a> {
    /// The plan's.
    pub(super) plan: &'a Ledger,
    /// The last split's (the equal split's without history).
    pub(super) reference: &'a Ledger,
    /// The oracle's.
    pub(super) oracle: &'a Ledger,
    /// Joint draws in use.
    pub(super) draws: usize,
    /// Weeks of the flight.
    pub(super) weeks: usize,
}

/// The outcome of one policy; its ledger holds at least one replicate.
#[must_use]
pub(super) fn outcome(name: &str, ledger: &Ledger, beside: &Beside<'_>) -> PolicyOutcome {
    let n = ledger.len();
    let value = sorted(ledger.value.iter().copied());
    let actions = sorted(ledger.actions.iter().copied());
    let weekly = (0..beside.weeks)
        .map(|week| {
            let of_week = ledger.weekly.iter().skip(week).step_by(beside.weeks).copied();
            spread(&sorted(of_week))
        })
        .collect();
    let per_replicate = |sum: f64| sum / n as f64;
    let known = |sum: f64| sum.is_finite().then(|| per_replicate(sum));
    let actions = spread(&actions);
    let spent = per_replicate(ledger.figures.spent);
    let worst = n.div_ceil(10);
    PolicyOutcome {
        name: name.to_owned(),
        value: spread(&value),
        actions,
        p_beats_last: share_above(&ledger.expected, &beside.reference.expected),
        p_plan_better: share_above(&beside.plan.expected, &ledger.expected),
        regret: regret(&ledger.expected, &beside.oracle.expected),
        standard_error: standard_error(&ledger.value, beside.draws),
        worst_tenth: mean(&value[..worst]),
        spent,
        cost_per_action: (actions.mean > 0.0).then(|| spent / actions.mean),
        impressions: known(ledger.figures.impressions),
        reach: known(ledger.figures.reach),
        // Follows that nobody reports are unknown, not none.
        follows: known(ledger.figures.follows).filter(|follows| *follows > 0.0),
        carbon_g: known(ledger.figures.grams),
        weekly,
        quantiles: (1..100).map(|p| quantile(&value, f64::from(p) / 100.0)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_usual_definition() {
        // R: quantile(c(1, 2, 4, 8), c(.1, .5, .9)) is 1.3, 3.0, 6.8.
        let values = [1.0, 2.0, 4.0, 8.0];
        for (p, expected) in [(0.1, 1.3), (0.5, 3.0), (0.9, 6.8), (0.0, 1.0), (1.0, 8.0)] {
            assert!((quantile(&values, p) - expected).abs() < 1e-12);
        }
        assert!((deviation(&values) - 3.095_695_936_8).abs() < 1e-9);
    }

    #[test]
    fn repeating_the_same_draws_does_not_pretend_to_sharpen() {
        let draws: Vec<f64> = (0..50).map(|d| f64::from(d % 7)).collect();
        let once = standard_error(&draws, 50);
        let again: Vec<f64> = draws.iter().cycle().take(500).copied().collect();
        assert!((standard_error(&again, 50) - once).abs() < 1e-12);
        // Independent values do.
        assert!(standard_error(&again, 500) < 0.5 * once);
    }

    #[test]
    fn regret_and_shares_compare_replicate_by_replicate() {
        assert!((regret(&[8.0, 5.0], &[10.0, 5.0, 7.0]) - 0.1).abs() < 1e-12);
        assert!((share_above(&[1.0, 3.0, 3.0], &[0.0, 3.0, 2.0, 9.0]) - 2.0 / 3.0).abs() < 1e-12);
    }
}
