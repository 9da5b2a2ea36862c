//! Whether a plan can be believed: it agrees with itself, and with what it was made from.
//!
//! [`seal`] gives a plan the digests of what it says; [`differences`] holds a plan that was read
//! against its own sums and digests, and names what no longer agrees. Every command that acts on a
//! plan asks this first.
//!
//! [`over_curves`] is a referee: it reads the rules from the campaign and the returns from the
//! curves, adds up what the plan uses and brings, and proves a bound of its own by weak duality.
//! [`over_draws`] does so for a plan over posterior draws, prudence included.
//! Nothing here uses the solver: rows are answered from above by tangents and chords, prices are
//! read off the plan and bettered by a subgradient method, rows that are on or off are settled in a
//! small search. Whoever doubts the solver need not trust it.

mod branch;
mod digest;
mod dual;
mod kept;
mod known;
mod row;
mod sums;
mod tail;
mod terms;
mod trained;
mod verdict;

use crate::allocate::plan::Plan;
use crate::allocate::{AllocateError, KnownCurve, PlanRequest};
use crate::campaign::Campaign;
use crate::language::message::{Message, Value};

pub use digest::{Marked, seal};
pub use kept::Kept;
pub use sums::differences;
pub use verdict::{Figure, Verdict, decimals, in_unit};

/// Judges a plan over known curves by a campaign; `fingerprint` is that of the curves' file.
#[must_use]
pub fn over_curves(
    plan: &Plan,
    campaign: &Campaign,
    curves: &[KnownCurve],
    fingerprint: &str,
) -> Verdict {
    let segments: Vec<&str> = plan.rows.iter().map(|row| row.segment.as_str()).collect();
    let lacks = |segment: &str, key| {
        Verdict::apart(plan, Message::new(key, [("segment", Value::Segment(segment.to_owned()))]))
    };
    let known = match known::Known::of(curves, &segments) {
        Ok(known) => known,
        Err(segment) => return lacks(&segment, "check-row-without-curve"),
    };
    if segments.len() < curves.len() {
        let rows: std::collections::BTreeSet<&str> = segments.into_iter().collect();
        let without = curves.iter().find(|own| !rows.contains(own.segment.as_str()));
        return lacks(without.map_or("", |own| &own.segment), "check-curve-without-row");
    }
    let mut verdict = verdict::judge(plan, &known.terms(campaign));
    if plan.fingerprint != fingerprint {
        verdict.differences.insert(0, Message::new("check-other-curves", []));
    }
    verdict
}

/// Judges a plan over a model's draws, or those of priors, by the request that it was made on.
///
/// # Errors
///
/// [`AllocateError`] when a rule needs what is not there.
pub fn over_draws(plan: &Plan, request: &PlanRequest<'_>) -> Result<Verdict, AllocateError> {
    trained::over_draws(plan, request)
}

#[cfg(test)]
mod tests;
