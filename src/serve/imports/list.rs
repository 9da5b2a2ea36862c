//! What was imported, the latest taken back on demand, and where new files are dropped.

use askama::Template;
use axum::extract::State;
use axum::response::Html;

use crate::history::told::{Cells, journal};
use crate::history::{History, HistoryError};
use crate::serve::answer::{Answer, Trouble, page as rendered, work};
use crate::serve::desk::{Desk, Shared};
use crate::serve::room::Room;

#[derive(Template)]
#[template(path = "imports.html", config = "src/serve/askama.toml")]
struct Page<'a> {
    room: &'a Room,
    title: String,
    /// What was done just now.
    told: Option<String>,
    journal: Option<Cells>,
    /// Files that are being stored, or were and nobody has looked since.
    storing: Vec<String>,
    /// The latest import in place.
    latest: Option<i64>,
}

/// The page.
pub(super) async fn page(State(desk): State<Shared>) -> Answer<Html<String>> {
    let room = desk.room();
    work(&room, move || shown(&desk, None)).await
}

/// The page, which says what was done just now.
pub(super) fn shown(desk: &Desk, told: Option<String>) -> Answer<Html<String>> {
    let room = desk.room();
    let read = |history: Result<History, HistoryError>| {
        let history = history?;
        let entries = history.journal()?;
        let latest = entries.iter().rev().find(|entry| !entry.undone).map(|entry| entry.import);
        Ok((journal(&entries, &history.renames()?, room.language), latest))
    };
    let known = desk.history().map(read).transpose();
    let known = known.map_err(|error: HistoryError| Trouble::of(&room, &error))?;
    let (journal, latest) = known.map_or((None, None), |(own, latest)| (Some(own), latest));
    let journal = journal.filter(|(_, lines)| !lines.is_empty());
    let title = room.text("serve-imports");
    let storing = desk.jobs.storing.stages();
    rendered(&Page { room: &room, title, told, journal, storing, latest }, &room)
}
