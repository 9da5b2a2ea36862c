//! What is asked of a history: the panel, posts, comparisons, totals; each amount counted once.
//!
//! Rows are read as all questions take them ([`rows`]); of views of the same money one is chosen
//! ([`grain`]); what is left makes segments and cells ([`panel`]), posts, periods or sums.

pub(crate) mod compare;
pub(crate) mod filter;
pub(crate) mod grain;
#[cfg(test)]
pub(crate) mod overlap;
pub(crate) mod panel;
pub(crate) mod posts;
pub(crate) mod rate;
pub(crate) mod renamed;
pub(crate) mod rows;
pub(crate) mod totals;
pub(crate) mod weekly;
pub(crate) mod window;
