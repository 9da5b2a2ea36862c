//! Response curves: pure mathematics, numbers in, numbers out.

pub mod columns;
pub mod curve;
pub mod exponential;
pub mod exposure;
pub mod flight;
pub mod flights;
pub mod hill;
pub mod memory;
pub mod points;
pub mod power;
pub mod table;
pub mod values;
