//! Curves + campaign → a plan with its certificate.
//!
//! 1. [`candidates`]: the audiences that the campaign may fund, and the curves known of them.
//! 2. [`rules`](mod@rules): the campaign's limits as bounds and linear rules with names, among them what the
//!    history vouches for by default.
//! 3. [`problem`]: the result of both, pure numbers; over draws its curves are tables.
//! 4. [`solver`]: divides its money with proof, knowing nothing of campaigns.
//! 5. [`plan`](mod@plan): the choice over draws (the mean, or the mean mixed with its worst tail),
//!    figures on fresh draws, reasons, other splits, what another budget would bring.
//! 6. [`judge`]: what the plan says against itself.

pub mod candidates;
pub mod error;
pub mod judge;
pub mod plan;
pub mod problem;
pub mod rules;
pub mod solver;
#[cfg(test)]
pub(crate) mod tests;
pub mod told;

pub use candidates::asked::Asked;
pub use candidates::audience::{Audience, check_selection};
pub use candidates::known::{KnownCurve, read_curves};
pub use candidates::nobody::nobody;
pub use candidates::priors::Priors;
pub use candidates::remainder::Remainder;
pub use error::AllocateError;
pub use judge::notes::tell_notes;
pub use plan::assemble::{Bounds, bounds, eligible, plan, plan_curves, plan_rest, rules};
pub use plan::prior_only::{PriorOnly, plan_by_priors};
pub use plan::request::{KnownPlanRequest, PlanRequest};
pub use rules::held::CommittedSpend;
pub use solver::search::Settings;
pub use solver::sides::Sides;

pub(crate) use solver::solve::{Near, divide_near};
pub use solver::solve::{Solution, Unsolvable, maximise};
