//! Keeps the reviewer's notes.

use axum::extract::{Form, Path as Part, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::notes::{self, NOTES, Notes};
use super::run;
use crate::files;
use crate::serve::answer::{Answer, Trouble, work};
use crate::serve::desk::Shared;

/// What the form sends.
#[derive(Deserialize)]
pub(super) struct Sent {
    text: String,
    seen: String,
}

/// Keeps what the form sends, unless somebody else has written meanwhile.
pub(super) async fn keep(
    State(desk): State<Shared>,
    Part(id): Part<String>,
    Form(sent): Form<Sent>,
) -> Answer<Response> {
    let room = desk.room();
    let told = room.clone();
    work(&room, move || {
        desk.may_write()?;
        let run = desk.run(&id)?;
        let before = notes::of(&run, &desk)?;
        // Browsers send lines as typewriters end them.
        let text = sent.text.replace("\r\n", "\n");
        if before.seen != sent.seen && before.text != text {
            let ours = Notes { text, seen: before.seen };
            let page = run::shown(&run, ours, Some(before.text), &desk)?;
            return Ok((StatusCode::CONFLICT, page).into_response());
        }
        let path = run.join(NOTES);
        let put = files::put(&path, text.as_bytes());
        put.map_err(|error| Trouble::bad(&told, &told.language.unwritable(&path, &error)))?;
        Ok(Redirect::to(&format!("/runs/{id}#notes")).into_response())
    })
    .await
}
