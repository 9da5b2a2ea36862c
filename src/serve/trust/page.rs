//! The page of trust.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Html;

use super::coverage::CLAIMED;
use super::promises::{Kept, flight};
use super::seen::Seen;
use crate::allocate::plan::Plan;
use crate::batch::earlier::promise;
use crate::batch::keep::EARLIER;
use crate::history::History;
use crate::language::{Explain, capital};
use crate::report::formatter::{Formatter, clean};
use crate::report::page::drawn;
use crate::report::report_data::KeptPromise;
use crate::report::{ReportData, chart};
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
    runs: Vec<(Named, Arc<Seen>)>,
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
        let read = || Seen::of_run(&run, room.language);
        let Ok(seen) = desk.seen.of(&run, &ReportData::files(&run), read) else { continue };
        let named = named(&run, None, seen.plan(), desk);
        if seen.coverage.is_some() {
            page.runs.push((named.clone(), Arc::clone(&seen)));
        }
        plans.push((named, seen));
        plans.extend(earlier(&run, desk));
    }
    // In the order of their flights.
    plans.sort_by_key(|(_, seen)| seen.plan().campaign.as_ref().map(|own| own.flight.start));
    match desk.history() {
        None => page.trouble = Some(room.text("serve-trust-no-history")),
        Some(Err(error)) => page.trouble = Some(error.explain(room.language)),
        Some(Ok(history)) => page.judge(plans, &history, desk)?,
    }
    rendered(&page, &room)
}

impl Page<'_> {
    fn judge(
        &mut self,
        plans: Vec<(Named, Arc<Seen>)>,
        history: &History,
        desk: &Desk,
    ) -> Answer<()> {
        let (language, mut record) = (desk.settings.language, Record::new(history));
        let mut over: Vec<KeptPromise> = Vec::new();
        let last = plans.last().map(|(_, seen)| Arc::clone(seen));
        for (named, seen) in plans {
            let (plan, formatter) = (seen.plan(), Formatter::new(&seen.alone, language));
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
        }
        let own = last.as_ref().map(|seen| Formatter::new(&seen.alone, language));
        let drawing = own.and_then(|own| Some(drawn(&chart::of_flights(&over, &own)?, &own)));
        let told = |error: crate::report::ReportError| {
            Trouble::fault(&desk.room(), &error.explain(language))
        };
        self.chart = drawing.transpose().map_err(told)?;
        Ok(())
    }
}

/// Plans that a newer result took the place of, and somebody may have booked.
fn earlier(run: &Path, desk: &Desk) -> Vec<(Named, Arc<Seen>)> {
    let entries = std::fs::read_dir(run.join(EARLIER)).into_iter().flatten().flatten();
    let is_plan = |path: &PathBuf| {
        let is_json = path.extension().is_some_and(|ending| ending == "json");
        is_json && name_of(path).starts_with("plan") && desk.inside(path).is_some()
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_plan).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let files = [path.clone()];
        let seen = desk.seen.of(&path, &files, || Seen::of_plan(&path)).ok()?;
        Some((named(run, Some(&path), seen.plan(), desk), seen))
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
