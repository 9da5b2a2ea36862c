//! What a campaign asks of a history that the history has little or nothing of: money that nothing
//! breaks down, values of `where` without an audience, days that are over, a budget far beyond the
//! usual week.

use std::collections::BTreeMap;

use super::remainder::{Remainder, as_far_as_known};
use crate::campaign::{Campaign, matches};
use crate::panel::told_apart;
use crate::rules::Tables;
use crate::segment::Segment;
use crate::train::Model;

/// What a campaign asks of a model's history, as far as the history has little or nothing of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// Money that nothing breaks down, and that is therefore left out.
    pub remainder: Option<Remainder>,
    /// Values of `where` that no fundable segment has, by attribute.
    pub without_history: BTreeMap<String, Vec<String>>,
    /// Money of the history's weeks with money, on average, in the budget's currency; `None` without
    /// dates.
    pub usual_week: Option<f64>,
}

impl Asked {
    /// Compares a campaign, which may fund these segments, with a model's history, one unit of whose
    /// money is `rate` of the budget's.
    #[must_use]
    pub fn of(
        model: &Model,
        campaign: &Campaign,
        tables: &Tables,
        (fundable, rate): (&[Segment], f64),
    ) -> Self {
        let contains = |parent: &str, child: &str| tables.contains(parent, child);
        let conditions = &campaign.selection.conditions;
        let covers = |segment: &Segment| {
            let known = as_far_as_known(segment, conditions);
            matches(&segment.attributes, &known, &contains)
        };
        let spends = model.card().segments.iter().map(|own| rate * own.spend);
        let apart = told_apart(&model.card().panel_notes);
        let has = |key: &str, value: &str| {
            let one = BTreeMap::from([(key.to_owned(), vec![value.to_owned()])]);
            fundable.iter().any(|segment| matches(&segment.attributes, &one, &contains))
        };
        let without_history = conditions
            .iter()
            .map(|(key, values)| {
                let lacking = values.iter().filter(|value| !has(key, value));
                (key.clone(), lacking.cloned().collect::<Vec<_>>())
            })
            .filter(|(_, lacking)| !lacking.is_empty())
            .collect();
        Self {
            remainder: Remainder::of(model.segments().iter().zip(spends), covers, apart),
            without_history,
            usual_week: model.usual_week().map(|money| rate * money),
        }
    }
}
