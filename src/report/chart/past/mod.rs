//! Charts of what has been: weeks, predictions and their calibration, a flight against its promise.

pub(super) mod calibration;
pub(super) mod predicted_observed;
pub(super) mod promise_kept;
pub(super) mod review_causes;
pub(super) mod review_segments;
pub(super) mod week_on_week;
