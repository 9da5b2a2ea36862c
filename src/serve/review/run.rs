//! A run's page, and its report as it was written: the record.

use std::path::Path;

use askama::Template;
use axum::extract::{Path as Part, State};
use axum::response::{Html, Response};

use super::notes::{self, Notes};
use super::take::{self, Item};
use crate::files;
use crate::serve::answer::{Answer, Trouble, document, page as rendered, work};
use crate::serve::desk::{Desk, Shared};
use crate::serve::room::Room;
use crate::serve::shelf::{self, Standing};

#[derive(Template)]
#[template(path = "run.html", config = "src/serve/askama.toml")]
struct Page<'a> {
    room: &'a Room,
    title: String,
    run: &'a Standing,
    has_report: bool,
    can_play: bool,
    items: Vec<Item>,
    has_charts: bool,
    notes: Notes,
    /// Notes that somebody else has written meanwhile, when ours were not kept.
    theirs: Option<String>,
}

/// A run's page.
pub(super) async fn page(
    State(desk): State<Shared>,
    Part(id): Part<String>,
) -> Answer<Html<String>> {
    let room = desk.room();
    work(&room, move || {
        let run = desk.run(&id)?;
        let notes = notes::of(&run, &desk)?;
        shown(&run, notes, None, &desk)
    })
    .await
}

/// The page with these notes in its form.
pub(super) fn shown(
    run: &Path,
    notes: Notes,
    theirs: Option<String>,
    desk: &Desk,
) -> Answer<Html<String>> {
    let room = desk.room();
    let standing = shelf::one(run, desk);
    let title = standing.told.as_ref().map_or(&standing.folder, |told| &told.title).clone();
    let has_report = desk.inside(&run.join(take::REPORT)).is_some();
    let needed = ["model.json", "campaign.toml", "plan.json"];
    let can_play = needed.iter().all(|name| desk.inside(&run.join(name)).is_some());
    let items = take::items(run, desk);
    let has_charts = items.iter().any(|item| item.is_chart);
    let page = Page {
        room: &room,
        title,
        run: &standing,
        has_report,
        can_play,
        items,
        has_charts,
        notes,
        theirs,
    };
    rendered(&page, &room)
}

/// A run's report as it stands in its folder.
pub(super) async fn report(State(desk): State<Shared>, Part(id): Part<String>) -> Answer<Response> {
    let room = desk.room();
    let told = room.clone();
    work(&room, move || {
        let path = desk.inside(&desk.run(&id)?.join(take::REPORT));
        let path = path.ok_or_else(|| Trouble::nowhere(&told))?;
        let read = files::read(&path, files::LARGEST_RESULT);
        let html = read.map_err(|error| Trouble::bad(&told, &told.language.cause(&error)))?;
        Ok(document(html))
    })
    .await
}
