//! Ways to divide a budget, side by side: one trait, one file each.
//!
//! To add one, copy the smallest file and put it into [`all`].

mod adaptive;
mod cheapest;
mod equal;
mod followers;
mod last;
mod oracle;
mod plan;
mod proportional;

use self::adaptive::Choice;

use super::error::SimulateError;
use super::future::Future;
use super::scene::Scene;
use crate::allocate::rules::policy::PolicyName;

/// A way to divide a budget.
pub trait Policy: Send + Sync {
    /// Its name in results.
    fn name(&self) -> PolicyName;

    /// Media money by cell (`weeks × segments`), when it does the same in every future.
    ///
    /// `None`: it looks at the future ([`Policy::begin`]), or it cannot be followed here (the
    /// last split without a history).
    fn cells(&self, _scene: &Scene<'_>) -> Option<Vec<f64>> {
        None
    }

    /// What it does in one future, when that depends on the future.
    fn begin<'a>(
        &'a self,
        _scene: &'a Scene<'a>,
        _future: &'a Future,
    ) -> Option<Box<dyn Player + 'a>> {
        None
    }

    /// Most replicates that it plays: a policy that thinks in every future is slow.
    fn replicates_at_most(&self) -> u64 {
        u64::MAX
    }
}

/// A policy in one future, asked week by week.
pub trait Player {
    /// Media money of this week, one per segment, from what happened before.
    fn money(&mut self, week: usize, out: &mut [f64]);

    /// Told what happened: money really spent and counts, one per segment.
    fn learn(&mut self, week: usize, spent: &[f64], counts: &[f64]);
}

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
