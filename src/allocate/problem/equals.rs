//! Segments that no rule and no curve tells apart.

use std::collections::BTreeMap;

use super::{Problem, Variable};
use crate::allocate::solver::prices::pricing_problem::Domain;
use crate::response::curve::Curve;

/// Beyond so many segments nobody looks for equal ones: such a search has few nodes.
const MANY: usize = 2_000;

/// The kind of each segment. Two of one kind have equal bounds and curves, the same part in every
/// rule and the same reference: in any plan they may change places.
pub(crate) fn kinds(problem: &Problem) -> Vec<u32> {
    let n = problem.variables.len();
    if n > MANY {
        return (0..n as u32).collect();
    }
    let mut parts: Vec<Vec<u64>> = problem.variables.iter().map(own_key).collect();
    for (j, rule) in problem.rules.iter().enumerate() {
        for term in &rule.terms {
            let part = &mut parts[term.variable as usize];
            part.extend([j as u64, term.per_money.to_bits(), term.when_funded.to_bits()]);
        }
    }
    if let Some(change) = &problem.change {
        parts.iter_mut().zip(&change.reference).for_each(|(p, r)| p.push(r.to_bits()));
    }
    // What looks alike is compared curve by curve.
    let mut alike: BTreeMap<Vec<u64>, Vec<usize>> = BTreeMap::new();
    let mut kinds = Vec::with_capacity(n);
    for (i, key) in parts.into_iter().enumerate() {
        let firsts = alike.entry(key).or_default();
        let first = firsts.iter().copied().find(|&j| problem.variables[j] == problem.variables[i]);
        let kind = first.unwrap_or(i);
        if first.is_none() {
            firsts.push(i);
        }
        kinds.push(kind as u32);
    }
    kinds
}

/// A segment's own numbers, and its curve at a few places.
fn own_key(variable: &Variable) -> Vec<u64> {
    let bounds = [variable.min, variable.max, variable.min_if_funded, variable.fixed_cost];
    let places = [0.1, 0.5, 1.0].map(|share| variable.value(share * variable.max));
    bounds.into_iter().chain(places).map(f64::to_bits).collect()
}

/// Leaves out equal segments that no best plan needs: money moved between two that lie on their
/// convex foot, from the smaller to the larger, loses nothing. All but one are at nothing or at the
/// end of their foot, then, and no more of them are on than the money of their groups pays for.
pub(crate) fn needed(problem: &Problem, kinds: &[u32], mut domains: Vec<Domain>) -> Vec<Domain> {
    if problem.change.is_some() || problem.cost_per_action.is_some() {
        return domains;
    }
    let mut most = vec![problem.budget(); kinds.len()];
    for rule in problem.rules.iter().filter(|rule| rule.is_group()) {
        for term in &rule.terms {
            let most = &mut most[term.variable as usize];
            *most = most.min(rule.high);
        }
    }
    let mut on = vec![0_usize; kinds.len()];
    for (i, domain) in domains.iter_mut().enumerate() {
        let foot = if domain.off || domain.low > 0.0 { 0.0 } else { foot(&problem.variables[i]) };
        if foot <= 0.0 || !domain.on {
            continue;
        }
        let on = &mut on[kinds[i] as usize];
        let needed = (most[i] / foot + 1e-6).ceil();
        if *on as f64 >= needed {
            *domain = Domain { on: false, off: false, ..*domain };
        } else {
            *on += 1;
        }
    }
    domains
}

/// The budget up to which a segment's value is convex.
fn foot(variable: &Variable) -> f64 {
    let end = match &variable.curve {
        Curve::Power(power) if power.exponent > 1.0 => variable.max,
        Curve::Hill(_) => variable.curve.concave_from().unwrap_or(variable.max),
        _ => 0.0,
    };
    end.min(variable.max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocate::problem::{Change, Rule};
    use crate::response::hill::Hill;

    #[test]
    fn only_what_nothing_tells_apart_is_one_kind() {
        let variable = |scale| {
            Variable::new(
                crate::response::curve::Curve::Hill(Hill::new(9.0, scale, 2.0)),
                0.0,
                50.0,
            )
        };
        let mut problem =
            Problem::new(vec![variable(5.0), variable(6.0), variable(5.0), variable(5.0)], 60.0);
        assert_eq!(kinds(&problem), [0, 1, 0, 0]);
        problem.rules.push(Rule::group(2..4, 0.0, 9.0));
        assert_eq!(kinds(&problem), [0, 1, 2, 2]);
        problem.change = Some(Change { reference: vec![1.0, 1.0, 2.0, 3.0], at_most: 5.0 });
        assert_eq!(kinds(&problem), [0, 1, 2, 3]);
        problem.variables[3].min_if_funded = 4.0;
        problem.change = None;
        assert_eq!(kinds(&problem), [0, 1, 2, 3]);
    }

    #[test]
    fn of_equal_feet_as_many_stay_as_their_groups_can_pay() {
        let variable = || {
            let curve = crate::response::curve::Curve::Hill(Hill::new(9.0, 50.0, 2.0));
            Variable::new(curve, 0.0, 200.0)
        };
        let mut problem = Problem::new((0..6).map(|_| variable()).collect(), 100.0);
        // The foot ends at 50 / sqrt(3) = 28.9.
        problem.rules.push(Rule::group(0..3, 0.0, 20.0));
        problem.rules.push(Rule::group(3..6, 0.0, 40.0));
        let domains = crate::allocate::solver::search::domains(&problem);
        let domains = needed(&problem, &kinds(&problem), domains);
        let on: Vec<bool> = domains.iter().map(|domain| domain.on).collect();
        assert_eq!(on, [true, false, false, true, true, false]);
    }
}
