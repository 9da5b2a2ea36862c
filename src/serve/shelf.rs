//! The shelf: all runs of the folder, and what each promises.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::header;
use axum::response::{Html, IntoResponse};
use rayon::prelude::*;

use super::answer::{Answer, page as rendered, work};
use super::desk::{Desk, Shared, name_of};
use super::room::Room;
use crate::language::Explain;
use crate::report::formatter::Formatter;
use crate::report::page::headline::Headline;
use crate::report::{ReportData, ReportError};

/// A run on the shelf.
#[derive(Debug)]
pub(super) struct Standing {
    /// What addresses call it.
    pub(super) id: String,
    /// Name of its folder.
    pub(super) folder: String,
    /// What it says, or why it cannot be read.
    pub(super) told: Result<Arc<Headline>, String>,
    /// Whether the history has read files since.
    pub(super) is_stale: bool,
}

#[derive(Template)]
#[template(path = "shelf.html", config = "src/serve/askama.toml")]
struct Shelf<'a> {
    room: &'a Room,
    title: String,
    runs: Vec<Standing>,
    trouble: Option<String>,
}

/// The first page.
pub(super) async fn page(State(desk): State<Shared>) -> Answer<Html<String>> {
    let room = desk.room();
    let rendering = room.clone();
    work(&room, move || {
        let (known, trouble) = known(&desk);
        let runs = desk.runs();
        let runs = runs.par_iter().map(|run| standing(run, known.as_ref(), &desk)).collect();
        let title = rendering.text("serve-shelf");
        rendered(&Shelf { room: &rendering, title, runs, trouble }, &rendering)
    })
    .await
}

/// The script that sorts and filters tables.
pub(super) async fn script() -> impl IntoResponse {
    let script = include_str!("page/table.js");
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], script)
}

/// Fingerprints of the files that count in the history, or why it cannot be read.
fn known(desk: &Desk) -> (Option<BTreeSet<String>>, Option<String>) {
    match desk.history().map(|history| history.and_then(|history| history.journal())) {
        None => (None, None),
        Some(Err(error)) => (None, Some(error.explain(desk.settings.language))),
        Some(Ok(journal)) => {
            let in_force = journal.into_iter().filter(|entry| !entry.undone);
            let files = in_force.flat_map(|entry| entry.files);
            (Some(files.map(|file| file.fingerprint).collect()), None)
        }
    }
}

/// What one run says.
pub(super) fn standing(run: &Path, known: Option<&BTreeSet<String>>, desk: &Desk) -> Standing {
    let language = desk.settings.language;
    let read = || {
        let report_data = ReportData::read(run)?;
        Ok(Headline::of(&report_data, &Formatter::new(&report_data, language)))
    };
    let told = desk.headlines.of(run, &ReportData::files(run), read);
    let told = told.map_err(|error: ReportError| error.explain(language));
    let read = told.as_ref().ok().and_then(|headline| headline.files.as_ref());
    Standing {
        id: desk.id(run),
        folder: name_of(run),
        is_stale: known.zip(read).is_some_and(|(known, read)| !known.is_subset(read)),
        told,
    }
}

/// What one run says, beside the history as it is now.
pub(super) fn one(run: &Path, desk: &Desk) -> Standing {
    standing(run, known(desk).0.as_ref(), desk)
}
