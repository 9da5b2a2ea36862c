//! What stands beside the response: delivery, reach, the mix of actions, delays, organic levels, drift.

pub(crate) mod delay;
pub(crate) mod delivery;
pub(crate) mod local_level;
pub(crate) mod mix;
pub(crate) mod organic;
pub(crate) mod reach;
