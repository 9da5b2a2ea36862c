//! Findings on what the history cannot vouch for: money that followed demand, defaults that gave
//! way.

use std::collections::BTreeSet;

use crate::allocate::plan::Plan;
use crate::allocate::plan::occasion::Occasion;
use crate::allocate::rules::resolved::Resolved;
use crate::allocate::rules::trust::UNTRIED;
use crate::allocate::told::Value;
use crate::rules::finding::{Finding, Reader, Severity};
use crate::segment::Attribute;
use crate::train::posterior::draws::SegmentDraws;

/// Networks in which money followed demand, and how much of the last split lies there.
pub(crate) fn followed(occasion: &Occasion<'_>) -> Option<Finding> {
    let segments = &occasion.choose.segments;
    let follows = |own: &&SegmentDraws| own.ground.is_some_and(|ground| ground.followed);
    let of =
        |own: &SegmentDraws| own.segment.get(Attribute::Network).unwrap_or_default().to_owned();
    let networks: BTreeSet<String> = segments.iter().filter(follows).map(of).collect();
    if networks.is_empty() {
        return None;
    }
    let named = |key: &String| occasion.tables.network_name(key).to_owned();
    let names: Vec<String> = networks.iter().filter(|key| !key.is_empty()).map(named).collect();
    let concerned = segments.iter().filter(follows).map(|own| own.segment.id.clone()).collect();
    let key =
        if names.is_empty() { "money-followed-demand-anywhere" } else { "money-followed-demand" };
    Some(finding(occasion, key, concerned, [("networks", Value::Names(names))]))
}

/// Audiences seen for one week only, where others were seen longer, that get more of the budget
/// than one week can vouch for.
pub(crate) fn seen_once(occasion: &Occasion<'_>, plan: &Plan) -> Option<Finding> {
    let rows = || occasion.choose.segments.iter().zip(&plan.rows);
    let longer = |own: &SegmentDraws| {
        own.ground.is_some_and(|ground| ground.highest_week.is_some() && !ground.once)
    };
    if !rows().any(|(own, _)| longer(own)) {
        return None;
    }
    let once = rows()
        .filter(|(own, row)| row.budget > 0.0 && own.ground.is_some_and(|ground| ground.once));
    let (segments, money): (Vec<String>, Vec<f64>) =
        once.map(|(_, row)| (row.segment.clone(), row.budget)).unzip();
    let share = money.iter().sum::<f64>() / plan.budget;
    (share > UNTRIED * (1.0 + 1e-6))
        .then(|| finding(occasion, "one-week-funded", segments, [("share", Value::Percent(share))]))
}

/// What rules and budget ask for beyond what bounds a plan by default.
pub(crate) fn gave_way(
    occasion: &Occasion<'_>,
    plan: &Plan,
    resolved: &Resolved,
) -> Option<Finding> {
    let open = resolved.trust.as_ref().is_none_or(|trust| trust.gave_way(&resolved.problem));
    if !open {
        return None;
    }
    let carried = occasion.choose.segments.iter().zip(&plan.rows).filter_map(|(own, row)| {
        let highest = own.ground?.highest_week.filter(|week| *week > 0.0)?;
        let week = row.weeks.iter().map(|week| week.budget).fold(0.0, f64::max);
        Some((row.segment.clone(), week / highest))
    });
    let beyond: Vec<(String, f64)> = carried.filter(|(_, times)| *times > 1.0 + 1e-6).collect();
    let most = beyond.iter().map(|own| own.1).fold(0.0, f64::max);
    let concerned = beyond.into_iter().map(|own| own.0).collect();
    if most < 1.05 {
        return Some(finding(occasion, "default-movement-gave-way", concerned, []));
    }
    let times = Value::Short(most);
    Some(finding(occasion, "default-ceilings-gave-way", concerned, [("times", times)]))
}

fn finding<const N: usize>(
    occasion: &Occasion<'_>,
    code: &str,
    segments: Vec<String>,
    values: [(&str, Value); N],
) -> Finding {
    Finding::new(Severity::Warning, code, segments, values, &reader(occasion))
}

pub(crate) fn reader<'a>(occasion: &Occasion<'a>) -> Reader<'a> {
    Reader {
        language: occasion.language,
        currency: Some(occasion.campaign.budget.currency()),
        overrides: &occasion.campaign.overrides,
    }
}

/// From so many times the usual week of the history on, a week of the flight is told: beyond the
/// bursts that campaigns have, and twice what the default ceilings let a usual plan have.
pub(crate) const FAR: f64 = 5.0;

/// What must be told of it. The rest of a flight that is running has begun, and its budget is what
/// was asked for before.
pub(crate) fn of_asked(occasion: &Occasion<'_>, is_rest: bool) -> Vec<Finding> {
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

pub(crate) fn warning<const N: usize>(
    occasion: &Occasion<'_>,
    code: &str,
    values: [(&str, Value); N],
) -> Finding {
    Finding::new(Severity::Warning, code, Vec::new(), values, &reader(occasion))
}

pub(crate) fn without_history(
    occasion: &Occasion<'_>,
    (key, lacking): (&String, &Vec<String>),
) -> Finding {
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
pub(crate) fn over(occasion: &Occasion<'_>) -> Option<Finding> {
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
pub(crate) fn far_beyond(occasion: &Occasion<'_>) -> Option<Finding> {
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
