//! The unit in which a bulk file writes budgets, and whose rows it holds.

use crate::allocate::plan::row::Row;
use crate::segment::Attribute;

/// In which unit the file's budget columns are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BudgetUnit {
    /// Units of the currency: `87.01`.
    Units,
    /// Its smallest unit: `8701`.
    Minor,
}

/// Rows of the plan that a Meta bulk file can hold; rows that name no network may all be.
pub(super) fn is_meta(row: &Row) -> bool {
    row.attributes
        .get(Attribute::Network.column())
        .is_none_or(|network| matches!(network.as_str(), "facebook" | "instagram" | "meta"))
}
