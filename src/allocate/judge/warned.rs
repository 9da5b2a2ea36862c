//! Findings on what the history cannot vouch for: money that followed demand, defaults that gave
//! way.

use std::collections::BTreeSet;

use crate::allocate::plan::Plan;
use crate::allocate::plan::request::PlanRequest;
use crate::allocate::rules::resolved::Resolved;
use crate::allocate::rules::trust::UNTRIED;
use crate::allocate::told::Value;
use crate::rules::finding::{Finding, Reader, Severity};
use crate::segment::Attribute;
use crate::train::posterior::draws::SegmentDraws;

/// Networks in which money followed demand, and how much of the last split lies there.
pub(crate) fn followed(request: &PlanRequest<'_>) -> Option<Finding> {
    let segments = &request.choose.segments;
    let follows = |own: &&SegmentDraws| own.ground.is_some_and(|ground| ground.followed);
    let of =
        |own: &SegmentDraws| own.segment.get(Attribute::Network).unwrap_or_default().to_owned();
    let networks: BTreeSet<String> = segments.iter().filter(follows).map(of).collect();
    if networks.is_empty() {
        return None;
    }
    let named = |key: &String| request.tables.network_name(key).to_owned();
    let names: Vec<String> = networks.iter().filter(|key| !key.is_empty()).map(named).collect();
    let concerned = segments.iter().filter(follows).map(|own| own.segment.id.clone()).collect();
    let key =
        if names.is_empty() { "money-followed-demand-anywhere" } else { "money-followed-demand" };
    Some(finding(request, key, concerned, [("networks", Value::Names(names))]))
}

/// Audiences seen for one week only, where others were seen longer, that get more of the budget
/// than one week can vouch for.
pub(crate) fn seen_once(request: &PlanRequest<'_>, plan: &Plan) -> Option<Finding> {
    let rows = || request.choose.segments.iter().zip(&plan.rows);
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
        .then(|| finding(request, "one-week-funded", segments, [("share", Value::Percent(share))]))
}

/// What rules and budget ask for beyond what bounds a plan by default.
pub(crate) fn gave_way(
    request: &PlanRequest<'_>,
    plan: &Plan,
    resolved: &Resolved,
) -> Option<Finding> {
    let open = resolved.trust.as_ref().is_none_or(|trust| trust.gave_way(&resolved.problem));
    if !open {
        return None;
    }
    let carried = request.choose.segments.iter().zip(&plan.rows).filter_map(|(own, row)| {
        let highest = own.ground?.highest_week.filter(|week| *week > 0.0)?;
        let week = row.weeks.iter().map(|week| week.budget).fold(0.0, f64::max);
        Some((row.segment.clone(), week / highest))
    });
    let beyond: Vec<(String, f64)> = carried.filter(|(_, times)| *times > 1.0 + 1e-6).collect();
    let most = beyond.iter().map(|own| own.1).fold(0.0, f64::max);
    let concerned = beyond.into_iter().map(|own| own.0).collect();
    if most < 1.05 {
        return Some(finding(request, "default-movement-gave-way", concerned, []));
    }
    let times = Value::Short(most);
    Some(finding(request, "default-ceilings-gave-way", concerned, [("times", times)]))
}

fn finding<const N: usize>(
    request: &PlanRequest<'_>,
    code: &str,
    segments: Vec<String>,
    values: [(&str, Value); N],
) -> Finding {
    Finding::new(Severity::Warning, code, segments, values, &reader(request))
}

pub(crate) fn reader<'a>(request: &PlanRequest<'a>) -> Reader<'a> {
    Reader {
        language: request.language,
        currency: Some(request.campaign.budget.currency()),
        overrides: &request.campaign.overrides,
    }
}

/// From so many times the usual week of the history on, a week of the flight is told: beyond the
/// bursts that campaigns have, and twice what the default ceilings let a usual plan have.
pub(crate) const FAR: f64 = 5.0;

/// What must be told of it. The rest of a flight that is running has begun, and its budget is what
/// was asked for before.
pub(crate) fn of_asked(request: &PlanRequest<'_>, is_rest: bool) -> Vec<Finding> {
    let mut found = Vec::new();
    if let Some(asked) = request.asked {
        found.extend(asked.remainder.as_ref().and_then(|rest| rest.finding(&reader(request))));
        found.extend(asked.without_history.iter().map(|own| without_history(request, own)));
    }
    if !is_rest {
        found.extend(over(request).or_else(|| old(request)));
        found.extend(far_beyond(request));
    }
    found
}

pub(crate) fn warning<const N: usize>(
    request: &PlanRequest<'_>,
    code: &str,
    values: [(&str, Value); N],
) -> Finding {
    Finding::new(Severity::Warning, code, Vec::new(), values, &reader(request))
}

pub(crate) fn without_history(
    request: &PlanRequest<'_>,
    (key, lacking): (&String, &Vec<String>),
) -> Finding {
    if key == Attribute::Network.column() {
        let names = lacking.iter().map(|key| request.tables.network_name(key).to_owned());
        let names = Value::Names(names.collect());
        return warning(request, "network-without-history", [("networks", names)]);
    }
    let asked = Value::Names(lacking.clone());
    let values = [("key", Value::Name(key.clone())), ("asked", asked)];
    warning(request, "where-without-history", values)
}

/// A flight whose days the history knows already, or that is over on the day the plan is made.
pub(crate) fn over(request: &PlanRequest<'_>) -> Option<Finding> {
    let flight = request.campaign.flight;
    let days = [("start", Value::Date(flight.start)), ("end", Value::Date(flight.end))];
    let with = |name, day| {
        let [start, end] = days.clone();
        [start, end, (name, Value::Date(day))]
    };
    if let Some(known) = request.history.map(|history| history.end)
        && flight.start <= known
    {
        let code =
            if flight.end <= known { "flight-in-history" } else { "flight-begun-in-history" };
        return Some(warning(request, code, with("known", known)));
    }
    let today = request.today.filter(|today| flight.end < *today)?;
    Some(warning(request, "flight-over", with("today", today)))
}

/// From so many months between the history and a flight on, they are told. A campaign that comes back
/// each year learns from last year's, even where it starts half a year later; beyond, prices and
/// networks have changed since, and no season that is known lies near.
const OLD_MONTHS: f64 = 18.0;
const DAYS_OF_A_MONTH: f64 = 365.25 / 12.0;

/// A history that ends long before the flight begins.
fn old(request: &PlanRequest<'_>) -> Option<Finding> {
    let (known, start) = (request.history?.end, request.campaign.flight.start);
    let months = f64::from((start - known).get_days()) / DAYS_OF_A_MONTH;
    let values = [
        ("known", Value::Date(known)),
        ("months", Value::Whole(months.floor())),
        ("most", Value::Whole(OLD_MONTHS)),
    ];
    (months > OLD_MONTHS).then(|| warning(request, "history-old", values))
}

/// A budget far beyond what the history spends in a week.
pub(crate) fn far_beyond(request: &PlanRequest<'_>) -> Option<Finding> {
    let usual = request.asked?.usual_week?;
    let campaign = request.campaign;
    let week = campaign.budget.as_f64() / campaign.flight.weeks().max(1.0);
    let values = [
        ("times", Value::Short(week / usual)),
        ("week", Value::Money(week)),
        ("usual", Value::Money(usual)),
    ];
    (week >= FAR * usual).then(|| warning(request, "budget-beyond-history", values))
}
