//! What is asked of a history: the panel, posts, comparisons, totals; each amount counted once.

pub(crate) mod asked;
pub(crate) mod cells;
pub(crate) mod compare;
pub(crate) mod facts;
pub(crate) mod filter;
pub(crate) mod grain;
pub(crate) mod hidden;
#[cfg(test)]
pub(crate) mod overlap;
pub(crate) mod panel;
pub(crate) mod posts;
pub(crate) mod rate;
mod refund;
pub(crate) mod renamed;
pub(crate) mod straight;
pub(crate) mod totals;
pub(crate) mod whole;
pub(crate) mod window;
