//! Storing what was dropped, once somebody says so; and taking an import back.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Path as Part, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::asked::Asked;
use super::list;
use super::look::{Told, checked, known, told, without};
use super::stage::Stage;
use crate::batch::schedule::panic_text;
use crate::history::HistoryError;
use crate::history::told::{renaming, undone};
use crate::ingest::{FileReport, Formats};
use crate::intake::told::{SHOWN, history};
use crate::intake::{Held, Intake, Outcome, Skips};
use crate::language::Explain;
use crate::serve::answer::{Answer, Trouble, page as rendered, work};
use crate::serve::desk::{Desk, Shared};
use crate::serve::room::Room;
use crate::serve::storing::Stored;

#[derive(Template)]
#[template(path = "stored.html", config = "src/serve/askama.toml")]
struct Page<'a> {
    room: &'a Room,
    title: String,
    files: Vec<Told>,
    /// What the history holds now.
    held: String,
    notes: Vec<String>,
    checkup: Vec<String>,
}

/// While files are being stored.
#[derive(Template)]
#[template(path = "storing.html", config = "src/serve/askama.toml")]
struct Waiting<'a> {
    room: &'a Room,
    title: String,
}

/// What the form sends.
#[derive(Deserialize)]
pub(super) struct Sent {
    #[serde(flatten)]
    asked: Asked,
    #[serde(default)]
    skip_invalid: Option<String>,
    #[serde(default)]
    skip_unknown: Option<String>,
}

/// An import that is to be taken back.
#[derive(Deserialize)]
pub(super) struct Which {
    import: i64,
}

/// Stores the files: all of them, or none.
pub(super) async fn keep(
    State(desk): State<Shared>,
    Part(id): Part<String>,
    Form(sent): Form<Sent>,
) -> Answer<Response> {
    let room = desk.room();
    let (own, begun) = (Arc::clone(&desk), id.clone());
    let stage = work(&room, move || {
        own.may_write()?;
        let room = own.room();
        let lost = || Trouble::nowhere(&room);
        let stage = Stage::of(own.root(), &begun).ok_or_else(lost)?;
        let stage = stage.take().map_err(|_| lost())?;
        own.jobs.storing.begin(&begun);
        Ok(stage)
    })
    .await?;
    let own = Arc::clone(&desk);
    let storing = tokio::task::spawn_blocking(move || {
        let id = stage.id.clone();
        let ended = catch_unwind(AssertUnwindSafe(|| settled(&own, stage, &sent)));
        let fault = |panic: Box<dyn Any + Send>| {
            Err(Trouble::fault(&own.room(), &panic_text(panic.as_ref())))
        };
        own.jobs.storing.end(&id, ended.unwrap_or_else(fault));
    });
    // A history of years takes longer than a browser waits: the work goes on, and tells by itself.
    let _ = tokio::time::timeout(desk.patience, storing).await;
    match desk.jobs.storing.of(&id, &room) {
        Some(Stored::Ended(answer)) => answer.map(IntoResponse::into_response),
        _ => Ok(Redirect::to(&format!("/imports/{id}/stored")).into_response()),
    }
}

/// What became of files that took longer to store than a request waits.
pub(super) async fn became(State(desk): State<Shared>, Part(id): Part<String>) -> Answer<Response> {
    let room = desk.room();
    match desk.jobs.storing.of(&id, &room) {
        Some(Stored::Ended(answer)) => answer.map(IntoResponse::into_response),
        Some(Stored::UnderWay) => {
            let page =
                rendered(&Waiting { room: &room, title: room.text("serve-storing") }, &room)?;
            // Without script too, the page looks again.
            Ok(([(header::REFRESH, "3")], page).into_response())
        }
        None => Err(Trouble::nowhere(&room)),
    }
}

fn settled(desk: &Desk, stage: Stage, sent: &Sent) -> Answer<Html<String>> {
    match stored(desk, &stage, sent) {
        Ok(page) => {
            // What is stored is kept, whether the files it came from can be removed or not.
            let _ = stage.remove();
            Ok(page)
        }
        Err(trouble) => {
            // They can be looked at again, and stored otherwise.
            let _ = stage.show();
            Err(trouble)
        }
    }
}

fn stored(desk: &Desk, stage: &Stage, sent: &Sent) -> Answer<Html<String>> {
    let room = desk.room();
    let formats = known(desk)?;
    let (map, paths) = (sent.asked.mapping(desk)?, stage.files());
    let skips =
        Skips { invalid: sent.skip_invalid.is_some(), unknown: sent.skip_unknown.is_some() };
    let intake = Intake {
        formats: &formats,
        map: map.as_ref(),
        paths: &paths,
        within: Some(&stage.folder),
        skips,
        language: room.language,
    };
    let told = |error: HistoryError| Trouble::of(&room, &error);
    let path = desk.history_path();
    if !desk.holds(&path) {
        return Err(Trouble::nowhere(&room));
    }
    let (outcomes, ended) =
        intake.store(&path, &(desk.settings.now)(), &mut || ()).map_err(told)?;
    let held = ended.map_err(|reason| Trouble::bad(&room, &without(&reason, stage)))?;
    shown(desk, stage, &outcomes, &held, &formats)
}

fn shown(
    desk: &Desk,
    stage: &Stage,
    outcomes: &[Outcome],
    held: &Held,
    formats: &Formats,
) -> Answer<Html<String>> {
    let room = desk.room();
    let path = desk.history_path();
    let name = Path::new(path.file_name().unwrap_or_default());
    let reports: Vec<&FileReport> =
        outcomes.iter().filter_map(|own| Some(&own.result.as_ref().ok()?.0)).collect();
    let notes = held.notes.iter().map(|note| note.tell(room.language));
    let renamed = held.renamings.iter().take(SHOWN);
    let renamed = renamed.map(|own| renaming(room.language, own, name));
    let page = Page {
        room: &room,
        title: room.text("serve-stored"),
        files: outcomes.iter().map(|own| told(own, true, stage, desk)).collect(),
        held: history(room.language, &held.totals, name),
        notes: notes.chain(renamed).collect(),
        checkup: checked(&reports, formats, held.paid_days, desk)?,
    };
    rendered(&page, &room)
}

/// Takes files away that nobody wants stored.
pub(super) async fn drop(State(desk): State<Shared>, Part(id): Part<String>) -> Answer<Redirect> {
    let room = desk.room();
    work(&room, move || {
        desk.may_write()?;
        let room = desk.room();
        let stage = Stage::of(desk.root(), &id).ok_or_else(|| Trouble::nowhere(&room))?;
        let folder = stage.folder.clone();
        let unwritten = |error| Trouble::bad(&room, &room.language.unwritable(&folder, &error));
        stage.remove().map_err(unwritten)?;
        Ok(Redirect::to("/imports"))
    })
    .await
}

/// Takes an import back, and says what that did.
pub(super) async fn undo(
    State(desk): State<Shared>,
    Form(which): Form<Which>,
) -> Answer<Html<String>> {
    let room = desk.room();
    work(&room, move || {
        desk.may_write()?;
        let room = desk.room();
        let lacks = || Trouble::told(StatusCode::NOT_FOUND, &room, "serve-imports-empty");
        let told = |error: HistoryError| {
            let status = match error {
                HistoryError::TakenBack { .. } | HistoryError::NothingToUndo { .. } => {
                    StatusCode::CONFLICT
                }
                _ => StatusCode::UNPROCESSABLE_ENTITY,
            };
            Trouble::new(status, &room, &error.explain(room.language))
        };
        let mut history = desk.history().ok_or_else(lacks)?.map_err(told)?;
        let done = history.undo(which.import).map_err(told)?;
        list::shown(&desk, Some(undone(which.import, done, room.language)))
    })
    .await
}
