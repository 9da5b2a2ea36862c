//! Model + policies + seed → outcomes.

pub mod outcomes;
