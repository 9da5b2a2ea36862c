//! Response curves: pure mathematics, numbers in, numbers out.

pub mod exposure;
pub mod flight;
