//! The division of a problem of pure numbers, with its proof.
//!
//! `solve` is the whole way: `search` bounds nodes by `prices`, settles equal segments by
//! `count` and on/off sums by `whole`, finishes near right prices by `pieces`; `rounding`
//! brings the answer to minor units; `sides` tells what one more and one less of each limit
//! brings; `conflict` names rules that cannot all be kept. `divide` is the same
//! without prices and rounding, for the questions beside the plan.

pub mod conflict;
pub(crate) mod count;
pub(crate) mod divide;
pub(crate) mod pieces;
pub(crate) mod prices;
pub(crate) mod rounding;
pub(crate) mod search;
pub(crate) mod sides;
pub(crate) mod simplex;
pub mod solve;
pub(crate) mod whole;
