//! Curves + campaign → a plan with its certificate.
//!
//! [`problem`] is pure numbers and [`solve`] divides its money with proof, knowing nothing of
//! campaigns. [`plan`](plan()) resolves a campaign into a problem, judges the answer on fresh
//! draws and explains it; [`plan_curves`] does so over known curves.

mod assemble;
mod baselines;
#[cfg(test)]
mod brute;
pub mod conflict;
mod drawn;
pub mod error;
mod evidence;
mod explain;
mod extras;
#[cfg(test)]
mod fixture;
pub mod known;
pub mod nobody;
mod outer;
mod pacing;
pub mod plan;
pub mod policy;
pub mod problem;
mod prudence;
mod relax;
mod repair;
mod resolve;
mod round;
mod search;
mod simplex;
pub mod solve;
pub mod told;
mod tree;

pub use assemble::{KnownOccasion, Occasion, eligible, plan, plan_curves, rules};
pub use error::AllocateError;
pub use known::{KnownCurve, read_curves};
pub use nobody::nobody;
pub use search::Settings;
pub use solve::{Solution, Unsolvable, maximise};
