//! Charts of a plan: its split, its curves, its promise, what another budget would bring.

pub(super) mod active_or_followers;
pub(super) mod budget_change;
pub(super) mod budget_curve;
pub(super) mod carbon_frontier;
pub(super) mod heat_map;
pub(super) mod marginal_return;
pub(super) mod outcome_distribution;
pub(super) mod response_curves;
pub(super) mod split;
pub(super) mod weekly_fan;
pub(super) mod weight_sensitivity;
