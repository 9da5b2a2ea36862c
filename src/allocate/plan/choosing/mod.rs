//! The choice over draws: tables that are finer around the answer, the mean mixed with its worst tail, the search over weights.

pub(crate) mod choose;
pub(crate) mod prudence;
pub(crate) mod tabulated;
pub(crate) mod tail;
pub(crate) mod weights;
