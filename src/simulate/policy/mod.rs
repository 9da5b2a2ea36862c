//! Ways to divide a budget, side by side: one trait, one file each.
//!
//! To add one, copy the smallest file and put it into [`all`].

mod adaptive;
mod cheapest;
mod equal;
mod followers;
pub(crate) mod horizon;
mod last;
mod oracle;
pub(crate) mod particles;
mod plan;
pub(super) mod player;
mod proportional;
pub(crate) mod remaining;

pub use player::{Player, Policy};

use self::adaptive::Choice;

use super::error::SimulateError;
use crate::allocate::rules::policy::PolicyName;

/// Every policy, the plan first.
#[must_use]
pub fn all() -> Vec<Box<dyn Policy>> {
    vec![
        Box::new(plan::ThisPlan),
        Box::new(last::LastSplit),
        Box::new(equal::Equal),
        Box::new(proportional::Proportional),
        Box::new(cheapest::Cheapest),
        Box::new(followers::Followers),
        Box::new(adaptive::Adaptive(Choice::Sampled)),
        Box::new(adaptive::Adaptive(Choice::Greedy)),
        Box::new(oracle::Oracle),
    ]
}

/// The policies of these names (all when `None`); the plan (first), the last split and the
/// oracle always, because everything is compared with them.
#[must_use]
pub fn chosen(names: Option<&[PolicyName]>) -> Vec<Box<dyn Policy>> {
    let always = [PolicyName::Plan, PolicyName::Last, PolicyName::Oracle];
    let wanted =
        |name: &PolicyName| names.is_none_or(|own| always.contains(name) || own.contains(name));
    all().into_iter().filter(|policy| wanted(&policy.name())).collect()
}

/// The policy that somebody calls so.
///
/// # Errors
///
/// [`SimulateError::UnknownPolicy`] for a name that none has.
pub fn named(name: &str) -> Result<PolicyName, SimulateError> {
    let known = PolicyName::ALL.into_iter().find(|policy| policy.word() == name);
    known.ok_or_else(|| unknown(name))
}

/// No policy that can be followed here has this name.
pub(super) fn unknown(name: &str) -> SimulateError {
    let known: Vec<&str> = all().iter().map(|policy| policy.name().word()).collect();
    SimulateError::UnknownPolicy { found: name.to_owned(), allowed: known.join(", ") }
}
