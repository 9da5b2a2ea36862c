//! Curves + campaign → a plan with its certificate.
//!
//! [`problem`] is pure numbers and [`solve`] divides its money with proof; `plan` holds the
//! result that the other rooms read.

#[cfg(test)]
mod brute;
pub mod conflict;
mod outer;
pub mod plan;
pub mod problem;
mod relax;
mod repair;
mod round;
mod search;
mod simplex;
pub mod solve;
mod tree;

pub use search::Settings;
pub use solve::{Solution, Unsolvable, maximise};
