//! Money of a history that is not broken down by what was asked: it was spent, and there is no
//! audience behind it to spend more on.

use std::collections::{BTreeMap, BTreeSet};

use crate::allocate::told::Value;
use crate::rules::finding::{Finding, Reader, Severity};
use crate::segment::{Segment, ToldApart};

/// Below this share of a history's money, what is left out is rounding.
const DUST: f64 = 1e-3;
/// From this share on, somebody must look at it.
const MUCH: f64 = 0.2;

/// The money that a plan leaves out because nothing breaks it down.
#[derive(Debug, Clone, PartialEq)]
pub struct Remainder {
    /// Names of the segments that hold it.
    pub segments: Vec<String>,
    /// Attributes by which it is not broken down, as a campaign names them.
    pub attributes: Vec<String>,
    /// The money.
    pub spend: f64,
    /// Its share of all the history's money.
    pub share: f64,
    /// What the history tells apart of what was bought.
    pub apart: Vec<ToldApart>,
}

impl Remainder {
    /// What `segments` with their money hold that is no audience, as far as `covers` says that it
    /// is meant; `None` where there is nothing of the kind.
    #[must_use]
    pub fn of<'a>(
        segments: impl Iterator<Item = (&'a Segment, f64)>,
        covers: impl Fn(&Segment) -> bool,
        apart: &[ToldApart],
    ) -> Option<Self> {
        let (mut names, mut attributes) = (Vec::new(), BTreeSet::new());
        let (mut spend, mut all) = (0.0, 0.0);
        for (segment, money) in segments {
            all += money;
            if !segment.is_audience() && covers(segment) {
                names.push(segment.id.clone());
                attributes.extend(segment.not_broken_down().map(str::to_owned));
                spend += money;
            }
        }
        (!names.is_empty()).then(|| Self {
            segments: names,
            attributes: attributes.into_iter().collect(),
            spend,
            share: if all > 0.0 { spend / all } else { 0.0 },
            apart: apart.to_vec(),
        })
    }

    /// How much of the history's money is left out, and how to ask for what was bought; `None`
    /// where it is as good as nothing.
    #[must_use]
    pub fn finding(&self, reader: &Reader<'_>) -> Option<Finding> {
        let severity = if self.share >= MUCH { Severity::Warning } else { Severity::Note };
        let values = [
            ("by", Value::Names(self.attributes.clone())),
            ("spend", Value::Money(self.spend)),
            ("share", Value::Percent(self.share)),
            ("apart", Value::Apart(self.apart.clone())),
        ];
        (self.share >= DUST).then(|| {
            Finding::new(severity, "not-broken-down", self.segments.clone(), values, reader)
        })
    }
}

/// Conditions of a campaign as far as a segment knows the attribute: what is not broken down may
/// hold any value.
pub(crate) fn as_far_as_known(
    segment: &Segment,
    conditions: &BTreeMap<String, Vec<String>>,
) -> BTreeMap<String, Vec<String>> {
    let unknown: BTreeSet<&str> = segment.not_broken_down().collect();
    let known = conditions.iter().filter(|(key, _)| !unknown.contains(key.as_str()));
    known.map(|(key, values)| (key.clone(), values.clone())).collect()
}
