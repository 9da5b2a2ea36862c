//! Problems whose best plans are known otherwise: by a grid, by exact programs.

pub(crate) mod brute;
pub(crate) mod exact;
pub(crate) mod fixture;
mod many;
