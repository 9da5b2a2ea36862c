//! Families of worlds: what the plans of each are worth, and whether that is good enough.

use std::collections::BTreeMap;

use statrs::distribution::{Binomial, DiscreteCDF};

use super::lines::{
    FamilyLine, Target, WorldScore, error, promise_error, promised_over_realised, ratio, target,
};
use crate::generate::population::{Bounds, Targets, WorldFamily};

/// Said probability from which a plan claims to beat the last split.
const CLAIM: f64 = 0.95;
/// Chance below which a count says that the share behind it is not as wanted.
const UNLIKELY: f64 = 0.05;

/// The lines of all families, from all worlds' scores.
pub(super) fn lines(families: &[WorldFamily], scores: &[WorldScore]) -> Vec<FamilyLine> {
    let of = |family: &WorldFamily| {
        let mine: Vec<&WorldScore> =
            scores.iter().filter(|score| score.family == family.name).collect();
        line(family, &mine)
    };
    families.iter().map(of).collect()
}

fn line(family: &WorldFamily, scores: &[&WorldScore]) -> FamilyLine {
    let count =
        |is: &dyn Fn(&WorldScore) -> bool| scores.iter().filter(|score| is(score)).count() as u64;
    let claims = |s: &WorldScore| s.odds.is_some_and(|odds| odds >= CLAIM);
    let better = |s: &WorldScore| s.value > s.last;
    let mut findings: BTreeMap<String, u64> = BTreeMap::new();
    for code in scores.iter().flat_map(|score| &score.findings) {
        *findings.entry(code.clone()).or_default() += 1;
    }
    let beside = dated(scores).iter().map(|s| s.value / s.last).fold(f64::INFINITY, f64::min);
    let mut line = FamilyLine {
        name: family.name.clone(),
        worlds: scores.len() as u64,
        share_of_oracle: ratio(scores, |s| s.value / s.oracle),
        last_over_oracle: ratio(scores, |s| s.last / s.oracle),
        beside_last: ratio(&dated(scores), |s| s.value / s.last),
        worst_beside_last: if beside.is_finite() { beside } else { 0.0 },
        promised_over_realised: promised_over_realised(scores),
        coverage80_usual: held(scores, |s| s.covered.usual),
        coverage80_twice: held(scores, |s| s.covered.twice),
        claims: count(&claims),
        claims_true: count(&|s| claims(s) && better(s)),
        better: count(&better),
        with_findings: count(&|s| !s.findings.is_empty()),
        findings,
        targets: Vec::new(),
    };
    if !scores.is_empty() {
        line.targets = line.judged(&family.target, scores);
    }
    line
}

/// Worlds that have a last split.
fn dated<'a>(scores: &[&'a WorldScore]) -> Vec<&'a WorldScore> {
    scores.iter().copied().filter(|score| score.last > 0.0).collect()
}

/// Share of the segments of all worlds whose interval holds.
fn held(scores: &[&WorldScore], of: fn(&WorldScore) -> u64) -> f64 {
    let sum = |of: fn(&WorldScore) -> u64| scores.iter().map(|s| of(s)).sum::<u64>();
    let asked = sum(|s| s.covered.segments);
    if asked == 0 { 0.0 } else { sum(of) as f64 / asked as f64 }
}

impl FamilyLine {
    /// Whether a target is missed by more than chance explains.
    #[must_use]
    pub fn misses(&self) -> bool {
        self.targets.iter().any(|target| target.missed)
    }

    fn judged(&self, wanted: &Targets, scores: &[&WorldScore]) -> Vec<Target> {
        let dated = dated(scores);
        let covered = |of: fn(&WorldScore) -> u64| {
            error(scores, |s| of(s) as f64 / s.covered.segments.max(1) as f64)
        };
        let oracle_error = error(scores, |s| s.value / s.oracle);
        let last_error = error(&dated, |s| s.value / s.last);
        let (usual, twice) = (covered(|s| s.covered.usual), covered(|s| s.covered.twice));
        let means = [
            ("share_of_oracle", self.share_of_oracle, oracle_error, wanted.share_of_oracle),
            ("beside_last", self.beside_last, last_error, wanted.beside_last),
            // The worst world is what it is.
            ("worst_beside_last", self.worst_beside_last, 0.0, wanted.worst_beside_last),
            (
                "promised_over_realised",
                self.promised_over_realised,
                promise_error(scores),
                wanted.promised_over_realised,
            ),
            ("coverage80_usual", self.coverage80_usual, usual, wanted.coverage80),
            ("coverage80_twice", self.coverage80_twice, twice, wanted.coverage80),
        ];
        let means = means.into_iter().filter_map(|(measure, found, error, bounds)| {
            Some(target(measure, found, error, ends(bounds?)?))
        });
        let counts = [
            ("claims_true", self.claims_true, self.claims, wanted.claims_true),
            ("claimed_of_better", self.claims_true, self.better, wanted.claimed_of_better),
            ("findings", self.with_findings, self.worlds, wanted.findings),
        ];
        let counts = counts
            .into_iter()
            .filter(|(_, _, of, _)| *of > 0)
            .filter_map(|(measure, some, of, bounds)| counted(measure, some, of, ends(bounds?)?));
        means.chain(counts).collect()
    }
}

/// The ends of a target that has any.
fn ends(bounds: Bounds) -> Option<(f64, Option<f64>)> {
    let Bounds { least, most } = bounds;
    (least.is_some() || most.is_some()).then(|| (least.unwrap_or(0.0), most))
}

/// A share of a few worlds: missed when so many, were the share just good, would be unlikely.
fn counted(measure: &str, some: u64, of: u64, (low, high): (f64, Option<f64>)) -> Option<Target> {
    let found = some as f64 / of as f64;
    let error = (found * (1.0 - found) / of as f64).sqrt();
    let law = |share: f64| Binomial::new(share.clamp(0.0, 1.0), of).ok();
    let few = law(low)?.cdf(some);
    let many = match high {
        Some(high) if some > 0 => law(high)?.sf(some - 1),
        _ => 1.0,
    };
    let judged = target(measure, found, error, (low, high));
    Some(Target { missed: !judged.met && few.min(many) < UNLIKELY, ..judged })
}
