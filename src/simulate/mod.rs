//! Model + policies + seed → outcomes.

pub mod outcomes;
pub mod sample;
