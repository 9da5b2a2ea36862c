//! The page of trust.

use std::path::{Path, PathBuf};

use askama::Template;
use axum::extract::State;
use axum::response::Html;

use super::coverage::{CLAIMED, Coverage};
use super::promises::{Kept, flight};
use crate::allocate::plan::Plan;
use crate::batch::earlier::promise;
use crate::batch::keep::EARLIER;
use crate::history::History;
use crate::language::{Explain, capital};
use crate::report::ReportData;
use crate::report::chart;
use crate::report::formatter::{Formatter, clean};
use crate::report::page::drawn;
use crate::report::report_data::{KeptPromise, read_plan};
use crate::review::{Record, ReviewError};
use crate::serve::answer::{Answer, Trouble, page as rendered, work};
use crate::serve::desk::{Desk, Shared, name_of};
use crate::serve::room::Room;

#[derive(Template)]
#[template(path = "trust.html", config = "src/serve/askama.toml")]
struct Page<'a> {
    room: &'a Room,
    title: String,
    claimed: f64,
    runs: Vec<(Named, Coverage)>,
    kept: Vec<(Named, Kept)>,
    /// Promises of which nothing can be said yet: what they are, when they fly, why not.
    waiting: Vec<(Named, String, String)>,
    /// What finished flights promised beside what happened, drawn.
    chart: Option<String>,
    trouble: Option<String>,
}

/// A run, or an earlier plan of one.
#[derive(Clone)]
struct Named {
    /// Its identifier.
    id: String,
    title: String,
    /// Its folder, with the file where it is not the run's own plan.
    folder: String,
    is_own: bool,
}

/// The page.
pub(super) async fn page(State(desk): State<Shared>) -> Answer<Html<String>> {
    let room = desk.room();
    work(&room, move || shown(&desk)).await
}

fn shown(desk: &Desk) -> Answer<Html<String>> {
    let room = desk.room();
    let mut page = Page {
        room: &room,
        title: room.text("serve-trust"),
        claimed: 100.0 * CLAIMED,
        runs: Vec::new(),
        kept: Vec::new(),
        waiting: Vec::new(),
        chart: None,
        trouble: None,
    };
    let mut plans = Vec::new();
    for run in desk.runs() {
        // What cannot be read is told on the shelf.
        let Ok(report_data) = ReportData::read(&run) else { continue };
        let formatter = Formatter::new(&report_data, room.language);
        let named = named(&run, None, &report_data.plan, desk);
        if let Some(coverage) = Coverage::of(&report_data, &formatter) {
            page.runs.push((named.clone(), coverage));
        }
        plans.push((named, report_data.plan));
        plans.extend(earlier(&run, desk));
    }
    // In the order of their flights.
    plans.sort_by_key(|(_, plan)| plan.campaign.as_ref().map(|own| own.flight.start));
    match desk.history() {
        None => page.trouble = Some(room.text("serve-trust-no-history")),
        Some(Err(error)) => page.trouble = Some(error.explain(room.language)),
        Some(Ok(history)) => page.judge(plans, &history, desk)?,
    }
    rendered(&page, &room)
}

impl Page<'_> {
    fn judge(&mut self, plans: Vec<(Named, Plan)>, history: &History, desk: &Desk) -> Answer<()> {
        let (language, mut record) = (desk.settings.language, Record::new(history));
        let (mut over, mut last): (Vec<KeptPromise>, Option<Formatter>) = (Vec::new(), None);
        for (named, plan) in plans {
            let report_data = ReportData::of_plan(plan);
            let (plan, formatter) = (&report_data.plan, Formatter::new(&report_data, language));
            match record.review(plan, desk.settings.today) {
                Ok(found) => {
                    over.extend(found.until.is_none().then(|| promise(plan, &found)));
                    self.kept.push((named, Kept::of(&found, plan, &formatter)));
                }
                // A plan over known curves promises nothing for any day.
                Err(ReviewError::NoCampaign) => {}
                Err(error) => {
                    let when = flight(plan, &formatter);
                    self.waiting.push((named, when, capital(&error.explain(language))));
                }
            }
            last = Some(formatter);
        }
        let drawing = last.and_then(|own| Some(drawn(&chart::of_flights(&over, &own)?, &own)));
        let told = |error: crate::report::ReportError| {
            Trouble::fault(&desk.room(), &error.explain(language))
        };
        self.chart = drawing.transpose().map_err(told)?;
        Ok(())
    }
}

/// Plans that a newer result took the place of, and somebody may have booked.
fn earlier(run: &Path, desk: &Desk) -> Vec<(Named, Plan)> {
    let entries = std::fs::read_dir(run.join(EARLIER)).into_iter().flatten().flatten();
    let is_plan = |path: &PathBuf| {
        let is_json = path.extension().is_some_and(|ending| ending == "json");
        is_json && name_of(path).starts_with("plan") && desk.inside(path).is_some()
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_plan).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let plan = read_plan(&path).ok()?;
        Some((named(run, Some(&path), &plan, desk), plan))
    };
    paths.into_iter().filter_map(read).collect()
}

fn named(run: &Path, earlier: Option<&Path>, plan: &Plan, desk: &Desk) -> Named {
    let title = plan.campaign.as_ref().map(|campaign| clean(&campaign.title));
    let file = earlier.map_or_else(String::new, |file| format!("/{EARLIER}/{}", name_of(file)));
    Named {
        id: desk.id(run),
        title: title.unwrap_or_else(|| desk.room().text("report-untitled")),
        folder: format!("{}{file}", name_of(run)),
        is_own: earlier.is_none(),
    }
}
