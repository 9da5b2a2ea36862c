//! What each policy earned in each replicate.

use super::figures::Figures;

/// One policy in one replicate.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Record {
    /// Points, count noise included.
    pub(super) value: f64,
    /// Active actions, count noise included.
    pub(super) actions: f64,
    /// Expected points given parameters, season and shocks.
    pub(super) expected: f64,
    /// Points by week.
    pub(super) weekly: Vec<f64>,
    /// Expected figures beside engagement.
    pub(super) figures: Figures,
}

/// One policy over all replicates done, in replicate order.
///
/// This is what memory grows by: `3 + weeks` numbers per replicate and policy, 128 bytes for 13
/// weeks; cells are forgotten at once.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Ledger {
    /// Points by replicate.
    pub(super) value: Vec<f64>,
    /// Actions by replicate.
    pub(super) actions: Vec<f64>,
    /// Expected points by replicate.
    pub(super) expected: Vec<f64>,
    /// Points by replicate and week.
    pub(super) weekly: Vec<f64>,
    /// Sum over replicates.
    pub(super) figures: Figures,
}

impl Ledger {
    /// Adds the next replicate.
    pub(super) fn add(&mut self, record: &Record) {
        self.value.push(record.value);
        self.actions.push(record.actions);
        self.expected.push(record.expected);
        self.weekly.extend(&record.weekly);
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
