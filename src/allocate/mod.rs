//! Curves + campaign → a plan with its certificate.

pub mod plan;
