//! Bounds by prices: what each segment would take at them, and which prices make it fit.
//!
//! [`market`] is what segments answer, [`crowd`] asks all at once; [`relax`] finds prices of the
//! total and of rules that nest ([`tree`]); [`coupling`], [`outer`] and [`smooth`] those of rules
//! that do not.

pub(crate) mod coupling;
pub(crate) mod crowd;
pub(crate) mod market;
pub(crate) mod outer;
pub(crate) mod relax;
pub(crate) mod smooth;
pub(crate) mod tree;
