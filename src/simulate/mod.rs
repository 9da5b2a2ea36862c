//! Model + policies + seed → outcomes.

pub mod error;
pub mod fixture;
pub mod outcomes;
pub mod parameters;
pub mod sample;
