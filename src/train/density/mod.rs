//! The log density: hyper-parameters, the shape of a segment's response, counts, sums over cells, slopes.

pub(crate) mod cells;
pub(crate) mod hyper;
pub(crate) mod likelihood;
pub(crate) mod slopes;
pub(super) mod state;
