//! How a row's media money spreads over the weeks of the flight.

use crate::campaign::{Campaign, Pacing};

/// Each week gets this share of the week before, per day, when the money comes early.
const FRONT_LOADED: f64 = 0.8;

/// Shares of the weeks, summing to 1. `season` is the mean learnt season by week, for pacing by
/// season.
pub(crate) fn shares(campaign: &Campaign, season: Option<&[f64]>) -> Vec<f64> {
    let days: Vec<f64> = campaign.days_by_week().into_iter().map(f64::from).collect();
    let weights: Vec<f64> = match &campaign.pacing {
        Pacing::FrontLoaded => {
            (0..days.len()).map(|t| days[t] * FRONT_LOADED.powi(t as i32)).collect()
        }
        Pacing::Season => match season {
            Some(season) => {
                days.iter().enumerate().map(|(t, d)| d * season[t.min(season.len() - 1)]).collect()
            }
            None => days,
        },
        Pacing::Weights(weights) if weights.len() == days.len() => weights.clone(),
        Pacing::Even | Pacing::Weights(_) => days,
    };
    let sum: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / sum).collect()
}

/// The least media money of a flight that gives every week its minimum, a part week in
/// proportion to its days; weeks that the pacing leaves out need none.
pub(crate) fn least_for_weekly_minimum(campaign: &Campaign, shares: &[f64], weekly: f64) -> f64 {
    let days = campaign.days_by_week();
    let weeks = shares.iter().zip(days).filter(|(share, _)| **share > 0.0);
    weeks.map(|(share, days)| weekly * f64::from(days) / 7.0 / share).fold(0.0, f64::max)
}

/// Splits whole minor units by shares: largest remainder, earlier weeks first among equals.
pub(crate) fn split_minor(total: i64, shares: &[f64]) -> Vec<i64> {
    let exact: Vec<f64> = shares.iter().map(|share| share * total as f64).collect();
    let mut parts: Vec<i64> = exact.iter().map(|x| x.floor() as i64).collect();
    let mut rest = total - parts.iter().sum::<i64>();
    let mut order: Vec<usize> = (0..shares.len()).filter(|&t| shares[t] > 0.0).collect();
    order.sort_by(|&a, &b| {
        (exact[b] - exact[b].floor()).total_cmp(&(exact[a] - exact[a].floor())).then(a.cmp(&b))
    });
    for &t in order.iter().cycle().take(order.len().max(1) * 2) {
        if rest == 0 {
            break;
        }
        let unit = rest.signum();
        if parts[t] + unit >= 0 {
            parts[t] += unit;
            rest -= unit;
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn weeks_add_up_to_the_row(
            total in 0_i64..10_000_000, weights in proptest::collection::vec(0.01..5.0_f64, 1..20),
        ) {
            let sum: f64 = weights.iter().sum();
            let shares: Vec<f64> = weights.iter().map(|w| w / sum).collect();
            let parts = split_minor(total, &shares);
            prop_assert_eq!(parts.iter().sum::<i64>(), total);
            for (part, share) in parts.iter().zip(&shares) {
                prop_assert!((*part as f64 - share * total as f64).abs() <= 1.0 + 1e-6);
            }
        }
    }
}
