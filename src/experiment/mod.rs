//! Tests that cost no budget: schedules drawn by lot, and what was learnt from them.
//!
//! [`Design`] says who exchanges money with whom, and a seed draws the schedule; [`Power`] says
//! beforehand what can be seen; [`Experiment`] is what is written down before a euro is spent; its
//! [`Reading`] judges what happened by the schedules that might have been drawn instead.

pub mod exchange;
pub mod flight;
pub mod power;
pub mod randomise;
pub mod reading;
pub mod schedule;

pub use flight::{Flight, Impossible, Wish};
pub use power::{Noise, Power};
pub use reading::{Experiment, Outcome, Reading, Rule, Verdict};
pub use schedule::{Design, Schedule};

#[cfg(test)]
mod simulated;
#[cfg(test)]
mod tests;
