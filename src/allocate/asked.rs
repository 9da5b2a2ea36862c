//! What a campaign asks of a history that the history has little or nothing of: money that nothing
//! breaks down, values of `where` without an audience, days that are over, a budget far beyond the
//! usual week.

use std::collections::BTreeMap;

use super::occasion::Occasion;
use super::remainder::{Remainder, as_far_as_known};
use super::told::Value;
use super::warned::reader;
use crate::campaign::{Campaign, matches};
use crate::panel::told_apart;
use crate::rules::Tables;
use crate::rules::finding::{Finding, Severity};
use crate::segment::{Attribute, Segment};
use crate::train::Model;

/// From so many times the usual week of the history on, a week of the flight is told: beyond the
/// bursts that campaigns have, and twice what the default ceilings let a usual plan have.
const FAR: f64 = 5.0;

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

/// What must be told of it. The rest of a flight that is running has begun, and its budget is what
/// was asked for before.
pub(super) fn findings(occasion: &Occasion<'_>, is_rest: bool) -> Vec<Finding> {
    let mut found = Vec::new();
    if let Some(asked) = occasion.asked {
        found.extend(asked.remainder.as_ref().and_then(|rest| rest.finding(&reader(occasion))));
        found.extend(asked.without_history.iter().map(|own| without_history(occasion, own)));
    }
    if !is_rest {
        found.extend(over(occasion));
        found.extend(far_beyond(occasion));
    }
    found
}

fn warning<const N: usize>(
    occasion: &Occasion<'_>,
    code: &str,
    values: [(&str, Value); N],
) -> Finding {
    Finding::new(Severity::Warning, code, Vec::new(), values, &reader(occasion))
}

fn without_history(occasion: &Occasion<'_>, (key, lacking): (&String, &Vec<String>)) -> Finding {
    if key == Attribute::Network.column() {
        let names = lacking.iter().map(|key| occasion.tables.network_name(key).to_owned());
        let names = Value::Names(names.collect());
        return warning(occasion, "network-without-history", [("networks", names)]);
    }
    let asked = Value::Names(lacking.clone());
    let values = [("key", Value::Name(key.clone())), ("asked", asked)];
    warning(occasion, "where-without-history", values)
}

/// A flight whose days the history knows already, or that is over on the day the plan is made.
fn over(occasion: &Occasion<'_>) -> Option<Finding> {
    let flight = occasion.campaign.flight;
    let days = [("start", Value::Date(flight.start)), ("end", Value::Date(flight.end))];
    let with = |name, day| {
        let [start, end] = days.clone();
        [start, end, (name, Value::Date(day))]
    };
    if let Some(known) = occasion.history.map(|history| history.end)
        && flight.start <= known
    {
        let code =
            if flight.end <= known { "flight-in-history" } else { "flight-begun-in-history" };
        return Some(warning(occasion, code, with("known", known)));
    }
    let today = occasion.today.filter(|today| flight.end < *today)?;
    Some(warning(occasion, "flight-over", with("today", today)))
}

/// A budget far beyond what the history spends in a week.
fn far_beyond(occasion: &Occasion<'_>) -> Option<Finding> {
    let usual = occasion.asked?.usual_week?;
    let campaign = occasion.campaign;
    let week = campaign.budget.as_f64() / campaign.flight.weeks().max(1.0);
    let values = [
        ("times", Value::Short(week / usual)),
        ("week", Value::Money(week)),
        ("usual", Value::Money(usual)),
    ];
    (week >= FAR * usual).then(|| warning(occasion, "budget-beyond-history", values))
}
