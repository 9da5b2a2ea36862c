//! Networks and weeks as cells tell them.

use crate::panel::Cell;
use crate::segment::{Attribute, Segment};

/// Weeks of a mean year: the period of the season.
pub(crate) const YEAR: f64 = 52.177_5;

/// Network of a segment; empty when the panel has none.
pub(crate) fn network_of(segment: &Segment) -> &str {
    segment.get(Attribute::Network).unwrap_or(NO_NETWORK)
}

/// Sines and cosines of the season in a week, `2 × harmonics` numbers.
pub(crate) fn fourier(harmonics: usize, week_index: i64) -> Vec<f64> {
    let angle = std::f64::consts::TAU * week_index as f64 / YEAR;
    (1..=harmonics)
        .flat_map(|h| {
            let (sin, cos) = (h as f64 * angle).sin_cos();
            [sin, cos]
        })
        .collect()
}

/// Length of a cell in weeks; a cell without dates is one period.
pub(crate) fn weeks_of(cell: &Cell) -> f64 {
    // A cell of a part of a week (an export that begins on a Thursday) stays that week's cell.
    cell.period.map_or(1.0, |period| period.weeks().max(1.0))
}

/// Name of the one network of a panel that names none.
pub(crate) const NO_NETWORK: &str = "";
