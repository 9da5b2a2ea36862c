//! Curves + campaign → a plan with its certificate.
//!
//! [`problem`] is pure numbers and [`solve`] divides its money with proof, knowing nothing of
//! campaigns. [`plan`](plan()) resolves a campaign into a problem, judges the answer on fresh
//! draws and explains it; [`plan_curves`] does so over known curves.

pub mod account;
mod asked;
mod assemble;
pub mod audience;
mod baselines;
mod beyond;
pub mod bound;
#[cfg(test)]
mod brute;
mod choose;
pub mod conflict;
mod context;
pub mod contrast;
mod count;
mod coupling;
mod crowd;
mod divide;
mod drawn;
mod emissions;
mod equals;
pub mod error;
mod evidence;
#[cfg(test)]
mod exact;
mod exchange;
mod explain;
mod extras;
mod facing;
#[cfg(test)]
mod fixture;
pub mod held;
pub mod known;
mod lattice;
mod market;
pub mod nobody;
mod notes;
mod occasion;
pub mod odds;
mod outer;
mod pacing;
mod pieces;
pub mod plan;
pub mod policy;
mod prior_only;
pub mod priors;
pub mod problem;
mod prudence;
mod relax;
pub mod remainder;
mod repair;
mod resolve;
mod resolved;
pub mod returns;
mod round;
pub mod row;
pub mod rows;
mod search;
mod shocks;
mod sides;
mod simplex;
mod smooth;
pub mod solve;
mod steps;
mod tabulated;
mod tail;
pub mod told;
mod tree;
mod trust;
mod warned;
mod weights;
mod whole;

pub use asked::Asked;
pub use assemble::{Bounds, bounds, eligible, plan, plan_curves, plan_rest, rules};
pub use audience::Audience;
pub use error::AllocateError;
pub use held::Held;
pub use known::{KnownCurve, read_curves};
pub use nobody::nobody;
pub use notes::tell_panel_notes;
pub use occasion::{KnownOccasion, Occasion};
pub use prior_only::{PriorOnly, plan_by_priors};
pub use priors::Priors;
pub use remainder::Remainder;
pub use search::Settings;
pub use sides::Sides;
pub(crate) use solve::{Near, divide_near};
pub use solve::{Solution, Unsolvable, maximise};
