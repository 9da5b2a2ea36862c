//! The segment's mean cost per engagement over its whole history, times the money spent.

use super::means::{Means, Rates};
use crate::backtest::weekly::WeeklyRow;

/// A segment without history is predicted at its network's rate.
pub(super) fn means(past: &[WeeklyRow<'_>], wanted: &[WeeklyRow<'_>]) -> Means {
    let rates = Rates::of(past);
    let wanted = wanted.iter().map(|row| row.spend * rates.segment(row, None)).collect();
    let own = |(i, row): (usize, &WeeklyRow<'_>)| (i, row.spend * rates.segment(row, Some(row)));
    Means { wanted, trained: past.iter().enumerate().map(own).collect() }
}
