//! Bounds by prices: what each segment would take at them, and which prices make it fit.
//!
//! [`pricing_problem`] is what segments answer, [`curve_columns`] asks all at once; [`relax`] finds prices of the
//! total and of rules that nest ([`tree`]); [`coupling`], [`outer`] and [`smooth`] those of rules
//! that do not.

pub(crate) mod coupling;
pub(crate) mod curve_columns;
pub(crate) mod outer;
pub(crate) mod pricing_problem;
pub(crate) mod relax;
pub(crate) mod smooth;
pub(crate) mod tree;
