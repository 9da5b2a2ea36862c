//! A world and its delivery, as the formats look at them.

use crate::generate::delivery::{Delivery, Line, network_of};
use crate::generate::world::World;

/// One export, ready to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportFile {
    /// File name; names sort in the order in which the exports were made.
    pub name: String,
    /// Rows of data, totals and preambles apart.
    pub rows: usize,
    /// The file.
    pub bytes: Vec<u8>,
}

/// A world and its delivery, as the formats look at them.
pub(super) struct Shown<'a> {
    pub(super) world: &'a World,
    pub(super) delivery: &'a Delivery,
}

impl Shown<'_> {
    /// Rows of one network within a range of weeks, by day, then ad.
    pub(super) fn lines(&self, network: &str, weeks: std::ops::Range<usize>) -> Vec<&Line> {
        let mut lines: Vec<&Line> = self
            .delivery
            .lines
            .iter()
            .filter(|line| network_of(&self.world.segments()[line.segment]) == network)
            .filter(|line| weeks.contains(&line.week))
            .collect();
        lines.sort_by_key(|line| (line.start, line.ad));
        lines
    }

    /// All weeks, the first half of them, the second half.
    pub(super) fn weeks(&self) -> [std::ops::Range<usize>; 3] {
        let (all, half) = (self.world.spec().weeks, self.world.spec().weeks.div_ceil(2));
        [0..all, 0..half, half..all]
    }

    /// First and last day of a range of weeks, as `2024-11-18_2025-11-16`.
    pub(super) fn span(&self, weeks: &std::ops::Range<usize>) -> String {
        let first = self.world.first_week().plus(weeks.start as i64).monday();
        let last = self.world.first_week().plus(weeks.end as i64 - 1).sunday();
        format!("{first}_{last}")
    }
}

/// A rate with as many decimals as platforms print.
pub(super) fn rate(numerator: f64, denominator: f64, decimals: i32) -> f64 {
    let scale = 10_f64.powi(decimals);
    if denominator > 0.0 { (numerator / denominator * scale).round() / scale } else { 0.0 }
}
