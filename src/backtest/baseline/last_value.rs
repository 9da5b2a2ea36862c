//! The count of the segment's last cell, whatever is spent; per week where lengths differ.

use std::collections::BTreeMap;

use super::means::{Means, Rates};
use crate::backtest::weekly::WeeklyRow;

/// A segment without history is predicted at its network's rate.
pub(super) fn means(past: &[WeeklyRow<'_>], wanted: &[WeeklyRow<'_>]) -> Means {
    let mut by_time: Vec<usize> = (0..past.len()).collect();
    by_time.sort_by_key(|&i| (past[i].weeks, i));
    let mut last: BTreeMap<&str, f64> = BTreeMap::new();
    let mut trained = Vec::new();
    for i in by_time {
        let row = &past[i];
        let per_week = row.count / row.length();
        if let Some(before) = last.insert(&row.segment.id, per_week) {
            trained.push((i, before * row.length()));
        }
    }
    let rates = Rates::of(past);
    let mean = |row: &WeeklyRow<'_>| match last.get(row.segment.id.as_str()) {
        Some(per_week) => per_week * row.length(),
        None => rates.network(row.network()) * row.spend,
    };
    Means { wanted: wanted.iter().map(mean).collect(), trained }
}
