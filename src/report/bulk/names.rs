//! Names of the columns of an ads manager's bulk file.

/// Head of the column that tells ad sets apart.
pub(super) const AD_SET_ID: &str = "Ad Set ID";

/// Head of the column of their names.
pub(super) const AD_SET_NAME: &str = "Ad Set Name";

/// Heads of the columns of dates: first and last day.
pub(super) const DATES: [&str; 2] = ["Ad Set Time Start", "Ad Set Time Stop"];
