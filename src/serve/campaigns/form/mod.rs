//! A campaign as a form: it edits the file that the command line reads, and leaves in it whatever it
//! does not know.

mod caps;
mod faults;
mod field;
mod known;
mod page;
#[cfg(test)]
mod tests;
mod text;
mod values;

use std::path::Path;

use axum::extract::{Form, Path as Part, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};

use self::faults::Faults;
use self::page::{Shown, page as form};
use self::values::Values;
use crate::files;
use crate::serve::answer::{Answer, Trouble, work};
use crate::serve::desk::{Desk, Shared, name_of};
use crate::serve::edit::{as_before, digest, read};

/// The form of a campaign.
pub(super) async fn page(
    State(desk): State<Shared>,
    Part(id): Part<String>,
) -> Answer<Html<String>> {
    let room = desk.room();
    work(&room, move || {
        let file = desk.campaign_of(&id)?;
        let text = read(&file, &desk)?;
        let values = values::of_text(&text, &desk.room()).unwrap_or_default();
        let faults = faults::faults(&text, &file, &desk)?;
        form(&shown(&id, &file, &text, (values, faults), &desk), &desk.room())
    })
    .await
}

fn shown<'a>(
    id: &'a str,
    file: &Path,
    text: &str,
    (values, faults): (Values, Faults),
    desk: &Desk,
) -> Shown<'a> {
    let known = known::known(text, file, desk);
    Shown { id, name: name_of(file), values, theirs: None, known, faults, seen: digest(text) }
}

/// Keeps what the form says, if it is sound and the file is as it was seen.
pub(super) async fn keep(
    State(desk): State<Shared>,
    Part(id): Part<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Answer<Response> {
    let room = desk.room();
    work(&room, move || kept(&id, &pairs, &desk)).await
}

fn kept(id: &str, pairs: &[(String, String)], desk: &Desk) -> Answer<Response> {
    desk.may_write()?;
    let (room, file) = (desk.room(), desk.campaign_of(id)?);
    let before = read(&file, desk)?;
    let sent = values::of_form(pairs);
    let seen = pairs.iter().find(|(name, _)| name == "seen").map_or("", |(_, seen)| seen);
    let plain = before.replace("\r\n", "\n");
    let text = values::changed(&plain, &sent, &room);
    let text = text.map_err(|error| Trouble::bad(&room, &room.language.toml(error.message())))?;
    if seen != digest(&before) && text != plain {
        let mut shown = shown(id, &file, &before, (sent, Faults::default()), desk);
        shown.theirs = values::of_text(&plain, &room).ok();
        return Ok((StatusCode::CONFLICT, form(&shown, &room)?).into_response());
    }
    let faults = faults::faults(&text, &file, desk)?;
    if !faults.is_empty() {
        let shown = shown(id, &file, &before, (sent, faults), desk);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, form(&shown, &room)?).into_response());
    }
    let put = files::put(&file, as_before(&text, &before).as_bytes());
    put.map_err(|error| Trouble::bad(&room, &room.language.unwritable(&file, &error)))?;
    Ok(Redirect::to("/campaigns").into_response())
}
