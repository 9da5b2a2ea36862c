//! What is kept of a fit, and joint draws of any segments over any weeks from it.

mod check;
pub mod draws;
pub(super) mod file;
pub(crate) mod joint;
pub(crate) mod kept;
pub mod prediction;
pub(crate) mod sample;
