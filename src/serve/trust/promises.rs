//! What was planned, what the curves expect at the money that was spent, what happened.

use axum::extract::{Path as Part, State};
use axum::response::Response;

use crate::allocate::plan::Plan;
use crate::language::Explain;
use crate::report::ReportData;
use crate::report::finished;
use crate::report::formatter::Formatter;
use crate::report::page::brief;
use crate::report::report_data::read_plan;
use crate::review::{Record, Review};
use crate::serve::answer::{Answer, Trouble, document, work};
use crate::serve::desk::{Desk, Shared};

/// A promise beside what came of it.
pub(super) struct Kept {
    /// Dates of the flight.
    pub(super) flight: String,
    /// Value promised by the days that are over, and its interval.
    pub(super) promised: (f64, String),
    pub(super) range: (f64, String),
    /// Value that the curves expect at the money spent.
    pub(super) expected: (f64, String),
    /// Value that happened.
    pub(super) happened: (f64, String),
    /// Money spent, and what was planned.
    pub(super) spent: (f64, String),
    pub(super) planned: String,
    /// Whether it came within the interval; how far the flight is.
    pub(super) verdict: String,
    /// Low end, width, mean and outcome, in hundredths of the drawing.
    pub(super) drawn: [f64; 4],
}

impl Kept {
    /// Of a review.
    pub(super) fn of(found: &Review, plan: &Plan, formatter: &Formatter) -> Self {
        let points = |value: f64| (value, formatter.quantity(value));
        let promised = found.promised;
        let range =
            format!("{} – {}", formatter.quantity(promised.p10), formatter.quantity(promised.p90));
        let key = match found.inside {
            true if found.until.is_some() => "serve-trust-inside-so-far",
            true => "serve-trust-inside",
            false if found.until.is_some() => "serve-trust-outside-so-far",
            false => "serve-trust-outside",
        };
        let most = promised.p90.max(found.happened).max(f64::MIN_POSITIVE);
        let at = |value: f64| 96.0 * value / most;
        Self {
            flight: flight(plan, formatter),
            promised: points(promised.mean),
            range: (promised.p10, range),
            expected: points(promised.mean + found.delivery),
            happened: points(found.happened),
            spent: (found.spent, formatter.money(found.spent)),
            planned: formatter.money(found.planned),
            verdict: formatter.text(key),
            drawn: [
                at(promised.p10),
                at(promised.p90 - promised.p10),
                at(promised.mean),
                at(found.happened),
            ],
        }
    }
}

/// First and last day.
pub(super) fn flight(plan: &Plan, formatter: &Formatter) -> String {
    let Some(campaign) = &plan.campaign else { return "–".to_owned() };
    let days = [campaign.flight.start, campaign.flight.end].map(|day| formatter.language.date(day));
    formatter.say("report-dates", &[("start", &days[0]), ("end", &days[1])])
}

/// A run's plan beside the history, as `relais review` writes it.
pub(super) async fn review(State(desk): State<Shared>, Part(id): Part<String>) -> Answer<Response> {
    let room = desk.room();
    work(&room, move || reviewed(&id, &desk)).await
}

fn reviewed(id: &str, desk: &Desk) -> Answer<Response> {
    let (room, settings) = (desk.room(), &desk.settings);
    let bad = |error: &dyn Explain| Trouble::bad(&room, &error.explain(settings.language));
    let path = desk.inside(&desk.run(id)?.join("plan.json"));
    let plan = read_plan(&path.ok_or_else(|| Trouble::nowhere(&room))?).map_err(|e| bad(&e))?;
    let lacks = || Trouble::bad(&room, &room.text("serve-trust-no-history"));
    let history = desk.history().ok_or_else(lacks)?.map_err(|error| bad(&error))?;
    let found = Record::new(&history).review(&plan, settings.today).map_err(|e| bad(&e))?;
    let report_data = ReportData::of_plan(plan);
    let formatter = Formatter::new(&report_data, settings.language);
    let page = finished::page(&found, &report_data.plan, &formatter);
    let html = brief::html(&page, &formatter).map_err(|error| bad(&error))?;
    Ok(document(html.into_bytes()))
}
