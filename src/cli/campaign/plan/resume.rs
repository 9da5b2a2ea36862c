//! `relais plan --resume`: a running flight divided again over the days left.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::arguments::PlanArgs;
use crate::allocate::plan::{HeldRow, Plan, Resumed};
use crate::allocate::{
    Audience, CommittedSpend, PlanRequest, Settings, plan_rest, rules, tell_notes,
};
use crate::campaign::Campaign;
use crate::cli::model::train::specification;
use crate::cli::terminal::context::{Context, Failure};
use crate::history::{History, PanelOptions};
use crate::panel::{Panel, Period};
use crate::report::report_data::read_plan;
use crate::rules::Tables;
use crate::segment::Segment;
use crate::train::{Engine, Model, fit_with};
use crate::units::{Money, Week};

/// What is known of a running flight.
pub(super) struct Running<'a> {
    pub(super) plan: &'a Path,
    pub(super) history: &'a Path,
    pub(super) until: Option<Date>,
}

/// The plan for the rest of a flight, and the campaign that asked for it.
pub(super) fn divide(
    running: &Running<'_>,
    args: &PlanArgs,
    tables: &Tables,
    settings: Settings,
    context: &Context,
) -> anyhow::Result<(Plan, Campaign)> {
    let before = context.explain(read_plan(running.plan))?;
    let asked = first_asked(&before, running.plan, context)?;
    let others = tables.other_than(&before.tables);
    if !others.is_empty() {
        let names = context.language.some_of(&others);
        context.note(&context.language.say("allocate-note-other-tables", &[("names", &names)]));
    }
    let history = context.explain(History::open_existing(running.history))?;
    let flight = asked.flight;
    let within = PanelOptions {
        from: Some(flight.start),
        to: Some(running.until.unwrap_or(flight.end).min(flight.end)),
        ..asked.of_history()
    };
    let panel = |options: &PanelOptions| -> anyhow::Result<Panel> {
        let panel = context.explain(history.panel(options))?.panel;
        Ok(context.explain(asked.in_own_money(panel))?)
    };
    let seen = panel(&within)?;
    let until = last_day(running, &seen, flight, context)?;
    let model = if let Some(path) = &args.model {
        context.explain(Model::read(path))?
    } else {
        let panel = panel(&asked.of_history())?;
        let what = specification("default", context)?;
        context.explain(fit_with(&panel, &what, Engine::Nested, context.seed))?
    };
    let rest = Campaign {
        flight: Period { start: until.saturating_add(1.day()), end: flight.end },
        ..asked.clone()
    };
    let n = args.draws.max(2);
    let audience = context.explain(Audience::new(&model, &rest, tables, n, context.seed))?;
    let segments: Vec<Segment> =
        audience.choose.segments.iter().map(|own| own.segment.clone()).collect();
    let any = vec![1.0; segments.len()];
    let problem = rules(&rest, &audience.choose, &BTreeSet::new(), Some(&any), tables);
    let fixed: Vec<f64> =
        context.explain(problem)?.variables.iter().map(|variable| variable.fixed_cost).collect();
    let (held, resumed) = hold(&before, &asked, (&segments, &fixed), &seen, until);
    let left = asked.budget.as_f64() - held.total();
    if left < 1.0 / asked.budget.currency().minor_per_unit() as f64 {
        let spent = context.language.money(held.total(), before.currency);
        let told = context.language.say("error-allocate-resume-spent", &[("spent", &spent)]);
        return Err(Failure(told).into());
    }
    // The constancy of earlier years was judged for the whole flight, not for its rest.
    let request = PlanRequest {
        earlier: None,
        ..audience.request(&rest, tables, context.language, settings)
    };
    let mut plan = context.divided(plan_rest(&request, &held))?;
    let rest = Campaign { budget: money_left(&asked, plan.budget), ..rest };
    plan.resumed = Some(resumed);
    plan.campaign = Some(rest.clone());
    tell_notes(&mut plan, model.card(), context.language);
    super::promise::promise(&mut plan, &audience.promise, (&rest, tables), audience.tail, context)?;
    Ok((plan, rest))
}

/// The campaign of the whole flight: a plan that was itself resumed remembers it.
fn first_asked(before: &Plan, path: &Path, context: &Context) -> anyhow::Result<Campaign> {
    let resumed = before.resumed.as_ref().map(|resumed| resumed.campaign.clone());
    resumed.or_else(|| before.campaign.clone()).ok_or_else(|| {
        let path = path.display().to_string();
        Failure(context.language.say("error-allocate-resume-campaign", &[("path", &path)])).into()
    })
}

/// The last day whose spend is held.
fn last_day(
    running: &Running<'_>,
    seen: &Panel,
    flight: Period,
    context: &Context,
) -> anyhow::Result<Date> {
    let dates = [("start", flight.start.to_string()), ("end", flight.end.to_string())];
    let arguments: Vec<(&str, &str)> = dates.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let told = |key: &str| Failure(context.language.say(key, &arguments));
    let known = seen.span().map(|span| span.end.min(flight.end));
    let until = running.until.or(known).ok_or_else(|| told("error-allocate-resume-nothing"))?;
    if until < flight.start || until >= flight.end {
        return Err(told("error-allocate-resume-over").into());
    }
    Ok(until)
}

/// What each segment has spent, its fixed cost with its first money, and what the plan before had
/// left for it.
fn hold(
    before: &Plan,
    asked: &Campaign,
    (segments, fixed): (&[Segment], &[f64]),
    seen: &Panel,
    until: Date,
) -> (CommittedSpend, Resumed) {
    let mut spent: BTreeMap<&str, f64> = BTreeMap::new();
    for cell in &seen.cells {
        *spent.entry(seen.segments[cell.segment].id.as_str()).or_insert(0.0) += cell.spend;
    }
    let media: Vec<f64> =
        segments.iter().map(|own| spent.get(own.id.as_str()).copied().unwrap_or(0.0)).collect();
    let gone: Vec<f64> = media
        .iter()
        .zip(fixed)
        .map(|(media, fixed)| media + if *media > 0.0 { *fixed } else { 0.0 })
        .collect();
    let first: BTreeMap<&str, f64> = before
        .resumed
        .iter()
        .flat_map(|resumed| &resumed.rows)
        .map(|row| (row.segment.as_str(), row.spent))
        .collect();
    let planned: BTreeMap<&str, f64> = before
        .rows
        .iter()
        .map(|row| {
            let earlier = first.get(row.segment.as_str()).copied().unwrap_or(0.0);
            (row.segment.as_str(), row.budget + earlier)
        })
        .collect();
    let left: Vec<f64> = segments
        .iter()
        .zip(&gone)
        .map(|(own, gone)| (planned.get(own.id.as_str()).copied().unwrap_or(0.0) - gone).max(0.0))
        .collect();
    let held = CommittedSpend {
        spent: gone,
        left,
        weekly: weekly(segments, seen, Period { start: asked.flight.start, end: until }),
    };
    let rows = segments.iter().zip(held.spent.iter().zip(&held.left)).zip(&held.weekly);
    let rows = rows.map(|((segment, (spent, left)), weekly)| HeldRow {
        segment: segment.id.clone(),
        spent: *spent,
        left: *left,
        weekly: weekly.clone(),
    });
    let resumed = Resumed {
        until,
        budget: asked.budget.as_f64(),
        spent: held.total(),
        spent_elsewhere: spent.values().sum::<f64>() - media.iter().sum::<f64>(),
        rows: rows.collect(),
        campaign: asked.clone(),
    };
    (held, resumed)
}

/// Money of each segment by week of the flight so far: what people will remember of it. A new
/// creative starts afresh, so what came before it is forgotten.
fn weekly(segments: &[Segment], seen: &Panel, so_far: Period) -> Vec<Vec<f64>> {
    let weeks = Week::covering(so_far.start, so_far.end);
    let mut by_name: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for cell in &seen.cells {
        let Some(period) = cell.period.filter(|_| cell.spend > 0.0) else { continue };
        let own = by_name
            .entry(seen.segments[cell.segment].id.as_str())
            .or_insert_with(|| vec![0.0; weeks.len()]);
        let first = weeks.iter().position(|week| week.sunday() >= period.start).unwrap_or(0);
        if cell.new_creative {
            own[..first].fill(0.0);
        }
        let days = f64::from(period.days());
        for (money, week) in own.iter_mut().zip(&weeks) {
            *money += cell.spend * f64::from(week.days_within(period.start, period.end)) / days;
        }
    }
    let none = || vec![0.0; weeks.len()];
    segments
        .iter()
        .map(|segment| by_name.get(segment.id.as_str()).cloned().unwrap_or_else(none))
        .collect()
}

fn money_left(asked: &Campaign, left: f64) -> Money {
    let currency = asked.budget.currency();
    Money::of_minor((left * currency.minor_per_unit() as f64).round() as i64, currency)
}

/// What is held, and which rows change most against the plan before.
pub(super) fn summary(plan: &Plan, resumed: &Resumed, context: &Context) -> String {
    let lang = context.language;
    let money = |amount: f64| lang.money(amount, plan.currency);
    let days = plan.campaign.as_ref().map_or(0, |campaign| campaign.flight.days());
    let mut lines = vec![lang.say(
        "allocate-told-resumed",
        &[
            ("until", &lang.date(resumed.until)),
            ("spent", &money(resumed.spent)),
            ("budget", &money(resumed.budget)),
            ("left", &money(plan.budget)),
            ("days", &lang.number(f64::from(days), 0)),
        ],
    )];
    if resumed.spent_elsewhere > 0.005 {
        let amount = money(resumed.spent_elsewhere);
        lines.push(lang.say("allocate-told-resumed-elsewhere", &[("amount", &amount)]));
    }
    let mut moves: Vec<(&str, f64)> = plan
        .rows
        .iter()
        .zip(&resumed.rows)
        .map(|(row, held)| (row.segment.as_str(), row.budget - held.left))
        .filter(|(_, change)| change.abs() >= 0.5)
        .collect();
    moves.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    for (segment, change) in moves.into_iter().take(8) {
        let amount = money(change.abs());
        let key =
            if change > 0.0 { "allocate-told-resumed-more" } else { "allocate-told-resumed-less" };
        let told = lang.say(key, &[("segment", segment), ("amount", &amount)]);
        lines.push(format!("  {told}"));
    }
    lines.join("\n")
}
