//! From what a person asks to rules with numbers: limits, trust in the history, money already spent, emissions, pacing, shocks.

pub(crate) mod emissions;
pub mod held;
pub(crate) mod pacing;
pub mod policy;
pub(crate) mod resolve;
pub(crate) mod resolved;
pub(crate) mod shocks;
pub(crate) mod trust;
