//! The reference engine: the No-U-Turn sampler on the same density, and whether its sample is to be trusted.

pub(crate) mod diagnostics;
pub(crate) mod run;
pub(crate) mod target;
