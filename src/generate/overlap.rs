//! People whom several networks reach: what is left of a segment's actions when each person counts
//! once.

use super::audience::{SEGMENT_BY, SegmentTruth};
use super::spec::WorldSpec;
use crate::segment::{Attribute, Segment};

/// Which segments share people, and how much of what each brings alone comes from those.
#[derive(Debug, Clone, Default)]
pub(super) struct Overlap {
    /// Other segments that reach the same people, by segment.
    relatives: Vec<Vec<usize>>,
    /// Share of a segment's actions alone that come from shared people.
    shared: Vec<f64>,
}

impl Overlap {
    /// Finds who shares people. A shared person acts alike whoever reaches them, so ceilings become
    /// those of a segment's own people and of its group's shared ones.
    pub(super) fn new(spec: &WorldSpec, segments: &[Segment], truths: &mut [SegmentTruth]) -> Self {
        let Some(rule) = spec.overlap else { return Self::default() };
        let same_people = |a: &Segment, b: &Segment| {
            let others = SEGMENT_BY.iter().filter(|attribute| **attribute != Attribute::Network);
            others.copied().all(|attribute| a.get(attribute) == b.get(attribute))
        };
        let relatives: Vec<Vec<usize>> = (0..segments.len())
            .map(|i| {
                let others = (0..segments.len()).filter(|j| *j != i);
                others.filter(|j| same_people(&segments[i], &segments[*j])).collect()
            })
            .collect();
        let ceilings: Vec<f64> = truths.iter().map(|truth| truth.response.ceiling).collect();
        let mut shared = vec![0.0; segments.len()];
        for (i, others) in relatives.iter().enumerate().filter(|(_, others)| !others.is_empty()) {
            let sum: f64 = others.iter().chain([&i]).map(|j| ceilings[*j]).sum();
            let common = rule.share * sum / (others.len() + 1) as f64;
            let whole = (1.0 - rule.share) * ceilings[i] + common;
            truths[i].response.ceiling = whole;
            shared[i] = common / whole;
        }
        Self { relatives, shared }
    }

    /// Share of a segment's actions alone that is left when each person counts once, actions of
    /// shared people being divided evenly in proportion to who reached them.
    ///
    /// `converted` is the probability that a segment alone brings one of its people to act.
    pub(super) fn counted_once(&self, segment: usize, converted: &dyn Fn(usize) -> f64) -> f64 {
        let shared = self.shared.get(segment).copied().unwrap_or(0.0);
        let own = converted(segment);
        if shared == 0.0 || own <= 0.0 {
            return 1.0;
        }
        let others = self.relatives[segment].iter().map(|j| converted(*j));
        let (sum, missed) = others
            .fold((own, 1.0 - own), |(sum, missed), other| (sum + other, missed * (1.0 - other)));
        1.0 - shared + shared * (1.0 - missed) / sum
    }

    /// Segments that reach some of the same people as this one.
    pub(super) fn relatives(&self, segment: usize) -> &[usize] {
        self.relatives.get(segment).map_or(&[], Vec::as_slice)
    }
}
