//! Segments that no rule and no curve tells apart.

use std::collections::BTreeMap;

use super::problem::{Problem, Seat};

/// Beyond so many segments nobody looks for equal ones: such a search has few nodes.
const MANY: usize = 2_000;

/// The kind of each segment. Two of one kind have equal bounds and curves, the same part in every
/// rule and the same reference: in any plan they may change places.
pub(super) fn kinds(problem: &Problem) -> Vec<u32> {
    let n = problem.seats.len();
    if n > MANY {
        return (0..n as u32).collect();
    }
    let mut parts: Vec<Vec<u64>> = problem.seats.iter().map(own_key).collect();
    for (j, rule) in problem.rules.iter().enumerate() {
        for term in &rule.terms {
            let part = &mut parts[term.seat as usize];
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
        let first = firsts.iter().copied().find(|&j| problem.seats[j] == problem.seats[i]);
        let kind = first.unwrap_or(i);
        if first.is_none() {
            firsts.push(i);
        }
        kinds.push(kind as u32);
    }
    kinds
}

/// A segment's own numbers, and its curve at a few places.
fn own_key(seat: &Seat) -> Vec<u64> {
    let bounds = [seat.min, seat.max, seat.min_if_funded, seat.fixed_cost];
    let places = [0.1, 0.5, 1.0].map(|share| seat.value(share * seat.max));
    bounds.into_iter().chain(places).map(f64::to_bits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocate::problem::{Change, Rule};
    use crate::response::hill::Hill;

    #[test]
    fn only_what_nothing_tells_apart_is_one_kind() {
        let seat = |scale| {
            Seat::new(crate::response::curve::Curve::Hill(Hill::new(9.0, scale, 2.0)), 0.0, 50.0)
        };
        let mut problem = Problem::new(vec![seat(5.0), seat(6.0), seat(5.0), seat(5.0)], 60.0);
        assert_eq!(kinds(&problem), [0, 1, 0, 0]);
        problem.rules.push(Rule::group(2..4, 0.0, 9.0));
        assert_eq!(kinds(&problem), [0, 1, 2, 2]);
        problem.change = Some(Change { reference: vec![1.0, 1.0, 2.0, 3.0], at_most: 5.0 });
        assert_eq!(kinds(&problem), [0, 1, 2, 3]);
        problem.seats[3].min_if_funded = 4.0;
        problem.change = None;
        assert_eq!(kinds(&problem), [0, 1, 2, 3]);
    }
}
