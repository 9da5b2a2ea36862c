//! What each policy earned in each replicate.

use super::future::figures::Figures;

/// One policy in one replicate.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Record {
    /// Points, count noise included.
    pub(super) value: f64,
    /// Active actions, count noise included.
    pub(super) actions: f64,
    /// Expected points given parameters, season and shocks.
    pub(super) expected: f64,
    /// Expected points were the form of curves not learnt off as this replicate's says; `None`
    /// where nothing is open, or beyond [`DOUBTED`] replicates.
    pub(super) doubted: Option<f64>,
    /// Points by week.
    pub(super) weekly: Vec<f64>,
    /// Expected figures beside engagement.
    pub(super) figures: Figures,
}

/// Replicates from which the weekly fans are drawn. A 10 % quantile of so many has a standard
/// error of 1.7 % of the standard deviation of a normal law: less than a line's width.
pub(super) const WEEKLY: usize = 10_000;

/// Replicates that odds on curves not learnt are counted in: a share of 95 % of so many has a
/// standard error of half a point.
pub(super) const DOUBTED: u64 = 2_000;

/// One policy over all replicates done, in replicate order.
///
/// This is what memory grows by: three totals per replicate and policy, 24 bytes; cells are
/// forgotten at once, and weeks are kept of the first [`WEEKLY`] replicates only.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Accounts {
    /// Points by replicate.
    pub(super) value: Vec<f64>,
    /// Actions by replicate.
    pub(super) actions: Vec<f64>,
    /// Expected points by replicate.
    pub(super) expected: Vec<f64>,
    /// Expected points under another form of the curves, of the first [`DOUBTED`] replicates.
    pub(super) doubted: Vec<f64>,
    /// Points by replicate and week, of the first [`WEEKLY`] replicates.
    pub(super) weekly: Vec<f64>,
    /// Sum over replicates.
    pub(super) figures: Figures,
}

impl Accounts {
    /// Adds the next replicate.
    pub(super) fn add(&mut self, record: &Record) {
        self.value.push(record.value);
        self.actions.push(record.actions);
        self.expected.push(record.expected);
        self.doubted.extend(record.doubted);
        if self.value.len() <= WEEKLY {
            self.weekly.extend(&record.weekly);
        }
        self.figures.add(&record.figures);
    }

    /// Replicates done.
    #[must_use]
    pub(super) fn len(&self) -> usize {
        self.value.len()
    }

    /// Whether none is done.
    #[must_use]
    pub(super) fn is_empty(&self) -> bool {
        self.value.is_empty()
    }
}
