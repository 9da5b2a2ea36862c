//! Where history is cut: origins, and the horizons that fit behind them.

use super::error::BacktestError;
use crate::units::Week;

/// How a backtest is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How many origins, evenly spread over the second half of the history.
    pub origins: usize,
    /// Weeks predicted, ascending.
    pub horizons: Vec<u32>,
    /// Draws of every predictive distribution.
    pub draws: usize,
    /// Later origins learn on from the one before: its hyper-parameters, known before that origin
    /// already, are kept. Nearly all the cost of a fit is saved.
    pub goes_on: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { origins: 4, horizons: vec![1, 4, 8], draws: 200, goes_on: false }
    }
}

impl Settings {
    pub(super) fn check(&self) -> Result<(), BacktestError> {
        let shortest = self.horizons.iter().min().copied().unwrap_or(0) as usize;
        for (key, found, least) in [
            ("origins", self.origins, 1),
            ("horizons", shortest, 1),
            // Intervals of 95 % need some draws beyond their ends.
            ("draws", self.draws, 50),
        ] {
            if found < least {
                return Err(BacktestError::Setting { key, found, least });
            }
        }
        Ok(())
    }
}

/// One cut: what ended before `origin` is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// First week predicted.
    pub origin: Week,
    /// Horizons that end within the history, ascending.
    pub horizons: Vec<u32>,
}

/// Weeks that a model should have seen at least.
const LEAST_TRAINING: usize = 4;

/// The cuts of a history from its first to its last week.
///
/// Training takes at least half of the history, and the longest horizon that leaves that much is
/// the one for which every origin has room; longer ones are left out.
///
/// # Errors
///
/// [`BacktestError::TooShort`] when not even one week can be held back.
pub fn cuts(first: Week, last: Week, settings: &Settings) -> Result<Vec<Cut>, BacktestError> {
    settings.check()?;
    let weeks = (last.index() - first.index() + 1).max(0) as usize;
    let earliest = LEAST_TRAINING.max(weeks.div_ceil(2));
    let mut horizons = settings.horizons.clone();
    horizons.sort_unstable();
    horizons.dedup();
    horizons.retain(|&horizon| earliest + horizon as usize <= weeks);
    let (Some(&longest), Some(&least)) = (horizons.last(), settings.horizons.iter().min()) else {
        let least = settings.horizons.iter().min().map_or(1, |h| *h as usize);
        return Err(BacktestError::TooShort { found: weeks, least: shortest_history(least) });
    };
    debug_assert!(horizons.contains(&least), "the shortest horizon fits when any does");
    let latest = weeks - longest as usize;
    let mut starts: Vec<usize> = (0..settings.origins)
        .map(|i| earliest + i * (latest - earliest) / settings.origins.saturating_sub(1).max(1))
        .collect();
    starts.dedup();
    let cut = |start| Cut { origin: first.plus(start as i64), horizons: horizons.clone() };
    Ok(starts.into_iter().map(cut).collect())
}

/// Weeks that a history needs for a horizon.
fn shortest_history(horizon: usize) -> usize {
    (LEAST_TRAINING + horizon).max(2 * horizon)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn first() -> Week {
        "2025-W01".parse().expect("a week")
    }

    fn settings(origins: usize) -> Settings {
        Settings { origins, ..Settings::default() }
    }

    #[test]
    fn a_year_is_cut_in_its_second_half() {
        let cuts = cuts(first(), first().plus(51), &settings(4)).unwrap();
        let starts: Vec<i64> = cuts.iter().map(|c| c.origin.index() - first().index()).collect();
        assert_eq!(starts, [26, 32, 38, 44]);
        assert!(cuts.iter().all(|cut| cut.horizons == [1, 4, 8]));
    }

    #[test]
    fn a_short_history_keeps_the_horizons_that_fit() {
        let cuts = cuts(first(), first().plus(8), &settings(4)).unwrap();
        assert!(cuts.iter().all(|cut| cut.horizons == [1, 4]));
        let error = super::cuts(first(), first().plus(3), &settings(4)).unwrap_err();
        assert!(matches!(error, BacktestError::TooShort { found: 4, least: 5 }));
        assert!(super::cuts(first(), first().plus(4), &settings(4)).is_ok());
    }

    proptest! {
        #[test]
        fn every_horizon_ends_within_history_and_half_of_it_is_known(
            weeks in 1_i64..300, origins in 1_usize..12,
        ) {
            let last = first().plus(weeks - 1);
            if let Ok(cuts) = cuts(first(), last, &settings(origins)) {
                prop_assert!(!cuts.is_empty() && cuts.len() <= origins);
                for cut in &cuts {
                    let known = cut.origin.index() - first().index();
                    prop_assert!(2 * known >= weeks && known >= 4);
                    let longest = i64::from(*cut.horizons.last().unwrap());
                    prop_assert!(cut.origin.plus(longest - 1) <= last);
                }
                prop_assert!(cuts.windows(2).all(|pair| pair[0].origin < pair[1].origin));
            }
        }
    }
}
