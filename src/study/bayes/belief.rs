//! What the limit believes of a world.

/// What the planner holds the networks' curves for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Belief {
    /// What they are: told.
    Message,
    /// The model's own family, whatever they are; rates and scales are taken less literally.
    Ours,
    /// A family that goes on through the logarithm to powers, its bend one per network and a
    /// little per segment.
    Flexible,
}
