//! Numbers without a meaning of their own: linear algebra, exponentials in lanes, samplers.

pub(super) mod digits;
pub mod elementary;
pub(crate) mod linalg;
pub mod sample;
pub(super) mod summary;
