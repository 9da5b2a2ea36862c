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
mod tested;

pub use player::{Player, Policy};

use self::adaptive::Choice;

use super::error::SimulateError;
use super::inputs::Settings;
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

/// The policies that are asked for by name (all when none is); the plan (first), the last split and
/// the oracle always, because everything is compared with them, and a test's schedule where there is
/// one.
#[must_use]
pub fn chosen(settings: &Settings) -> Vec<Box<dyn Policy>> {
    let names = settings.policies.as_deref();
    let always = [PolicyName::Plan, PolicyName::Last, PolicyName::Oracle];
    let wanted =
        |name: &PolicyName| names.is_none_or(|own| always.contains(name) || own.contains(name));
    let test = settings.test.clone().map(|own| Box::new(tested::AfterTest(own)) as Box<dyn Policy>);
    all().into_iter().filter(|policy| wanted(&policy.name())).chain(test).collect()
}

/// The policy that somebody calls so.
///
/// # Errors
///
/// [`SimulateError::UnknownPolicy`] for a name that none has.
pub fn named(name: &str) -> Result<PolicyName, SimulateError> {
    let mut all = all().into_iter().map(|policy| policy.name());
    let known = all.find(|policy| policy.word() == name);
    known.ok_or_else(|| unknown(name))
}

/// No policy that can be followed here has this name.
pub(super) fn unknown(name: &str) -> SimulateError {
    let known: Vec<&str> = all().iter().map(|policy| policy.name().word()).collect();
    SimulateError::UnknownPolicy { found: name.to_owned(), allowed: known.join(", ") }
}
