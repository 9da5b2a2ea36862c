//! A world's history in the platforms' own formats, one file per format.

mod generic;
mod linkedin;
mod meta;
mod snapchat;
mod table;
mod tiktok;
mod x;

use rust_xlsxwriter::XlsxError;

use super::delivery::{Delivery, Line, deliver, network_of};
use super::world::World;

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

/// What the exports tell, once each ad and day is counted once.
#[derive(Debug, Clone, PartialEq)]
pub struct Exports {
    /// The files, sorted by name.
    pub files: Vec<ExportFile>,
    /// Money by segment, in cents.
    pub cents: Vec<i64>,
}

/// Writes a world's history as exports of about `rows` rows in all.
///
/// # Errors
///
/// [`XlsxError`] when a sheet would not fit a workbook.
pub fn exports(world: &World, rows: usize) -> Result<Exports, XlsxError> {
    let delivery = deliver(world, rows);
    let told = Told { world, delivery: &delivery };
    let mut files = Vec::new();
    files.extend(meta::facebook(&told)?);
    files.extend(meta::instagram(&told)?);
    files.extend(linkedin::files(&told));
    files.extend(x::files(&told));
    files.extend(tiktok::files(&told)?);
    files.extend(snapchat::files(&told));
    files.extend(generic::files(&told));
    files.sort_by(|a, b| a.name.cmp(&b.name));
    let mut cents = vec![0; world.segments().len()];
    for line in &delivery.lines {
        cents[line.segment] += line.cents;
    }
    Ok(Exports { files, cents })
}

/// A world and its delivery, as the formats look at them.
struct Told<'a> {
    world: &'a World,
    delivery: &'a Delivery,
}

impl Told<'_> {
    /// Rows of one network within a range of weeks, by day, then ad.
    fn lines(&self, network: &str, weeks: std::ops::Range<usize>) -> Vec<&Line> {
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
    fn weeks(&self) -> [std::ops::Range<usize>; 3] {
        let (all, half) = (self.world.spec().weeks, self.world.spec().weeks.div_ceil(2));
        [0..all, 0..half, half..all]
    }

    /// First and last day of a range of weeks, as `2024-11-18_2025-11-16`.
    fn span(&self, weeks: &std::ops::Range<usize>) -> String {
        let first = self.world.first_week().plus(weeks.start as i64).monday();
        let last = self.world.first_week().plus(weeks.end as i64 - 1).sunday();
        format!("{first}_{last}")
    }
}

/// A rate with as many decimals as platforms print.
fn rate(numerator: f64, denominator: f64, decimals: i32) -> f64 {
    let scale = 10_f64.powi(decimals);
    if denominator > 0.0 { (numerator / denominator * scale).round() / scale } else { 0.0 }
}
