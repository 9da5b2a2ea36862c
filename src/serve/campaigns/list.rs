//! All campaigns of the folder, and how far the work on them is.

use askama::Template;
use axum::Json;
use axum::extract::State as Extract;
use axum::http::header;
use axum::response::{Html, IntoResponse};
use serde_json::{Value, json};

use crate::serve::answer::{Answer, page as rendered, work};
use crate::serve::desk::{Desk, Shared, name_of};
use crate::serve::jobs::{Job, State};
use crate::serve::room::Room;

#[derive(Template)]
#[template(path = "campaigns.html", config = "src/serve/askama.toml")]
struct Page<'a> {
    room: &'a Room,
    title: String,
    campaigns: Vec<(String, String)>,
    jobs: Vec<Line>,
    has_history: bool,
}

/// Work on one campaign, as it is shown.
struct Line {
    campaign: String,
    told: String,
    /// The run that it made.
    run: Option<String>,
    goes_on: bool,
}

/// The page.
pub(super) async fn page(Extract(desk): Extract<Shared>) -> Answer<Html<String>> {
    let room = desk.room();
    let rendering = room.clone();
    work(&room, move || {
        let campaigns = desk.campaigns();
        let page = Page {
            room: &rendering,
            title: rendering.text("serve-campaigns"),
            campaigns: campaigns.iter().map(|path| (desk.id(path), name_of(path))).collect(),
            jobs: desk.jobs.all().iter().map(|job| line(job, &rendering)).collect(),
            has_history: desk.inside(&desk.history_path()).is_some(),
        };
        rendered(&page, &rendering)
    })
    .await
}

fn line(job: &Job, room: &Room) -> Line {
    let (told, run) = match &job.state {
        State::Waiting => (room.text("serve-job-waiting"), None),
        State::At(step) => (room.text(step.key()), None),
        State::Done(run, findings) => {
            (room.language.count("serve-job-done", *findings as u64, &[]), Some(run.clone()))
        }
        State::Failed(why) => (why.clone(), None),
        State::Stopped => (room.text("serve-job-stopped"), None),
    };
    Line { campaign: job.campaign.clone(), told, run, goes_on: job.goes_on() }
}

/// How far the work is, for the page's script and for others.
pub(super) async fn jobs(Extract(desk): Extract<Shared>) -> Json<Value> {
    Json(machine(&desk))
}

fn machine(desk: &Desk) -> Value {
    let room = desk.room();
    let one = |job: &Job| {
        let line = line(job, &room);
        json!({
            "campaign": line.campaign, "told": line.told, "run": line.run, "goes_on": line.goes_on,
        })
    };
    json!({ "jobs": desk.jobs.all().iter().map(one).collect::<Vec<_>>() })
}

/// The script that keeps the page as far as the work is.
pub(super) async fn script() -> impl IntoResponse {
    let script = include_str!("../page/jobs.js");
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], script)
}
