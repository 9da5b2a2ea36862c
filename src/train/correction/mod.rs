//! What a normal cannot say of a segment: its likelihood along its saturation, sites of its own (expectation propagation), the mean beside the mode.

pub(crate) mod centre;
pub(crate) mod profile;
pub(crate) mod sites;
