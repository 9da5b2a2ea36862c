//! A campaign file as text: checked before it is kept, never written over what somebody else wrote.

use std::io;
use std::path::Path;

use askama::Template;
use axum::extract::{Form, Path as Part, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::campaign::Campaign;
use crate::draft::draft;
use crate::files::{self, hex};
use crate::language::Explain;
use crate::rules::Tables;
use crate::serve::answer::{Answer, Trouble, page as rendered, work};
use crate::serve::desk::{Desk, Shared, name_of};
use crate::serve::name::file_name;
use crate::serve::room::Room;

#[derive(Template)]
#[template(path = "campaign.html", config = "src/serve/askama.toml")]
struct Page<'a> {
    room: &'a Room,
    title: String,
    id: &'a str,
    text: String,
    /// Digest of the file when the form was made.
    seen: String,
    errors: Vec<String>,
    /// What somebody else has written meanwhile.
    theirs: Option<String>,
}

/// What the form sends.
#[derive(Deserialize)]
pub(super) struct Sent {
    text: String,
    seen: String,
}

/// The name of a new campaign.
#[derive(Deserialize)]
pub(super) struct Named {
    name: String,
}

/// The page of a campaign.
pub(super) async fn page(
    State(desk): State<Shared>,
    Part(id): Part<String>,
) -> Answer<Html<String>> {
    let room = desk.room();
    work(&room, move || {
        let file = desk.campaign_of(&id)?;
        let text = read(&file, &desk)?;
        let errors = errors(&text, &file, &desk);
        let seen = digest(&text);
        shown(&desk, Shown { id: &id, file: &file, text, seen, errors, theirs: None })
    })
    .await
}

/// What one page of a campaign shows.
struct Shown<'a> {
    id: &'a str,
    file: &'a Path,
    text: String,
    seen: String,
    errors: Vec<String>,
    theirs: Option<String>,
}

fn shown(desk: &Desk, shown: Shown<'_>) -> Answer<Html<String>> {
    let room = desk.room();
    let Shown { id, file, text, seen, errors, theirs } = shown;
    rendered(&Page { title: name_of(file), room: &room, id, text, seen, errors, theirs }, &room)
}

fn read(file: &Path, desk: &Desk) -> Answer<String> {
    let room = desk.room();
    let told = |error| Trouble::bad(&room, &room.language.unwritable(file, &error));
    files::read_text(file, files::LARGEST_TEXT).map_err(told)
}

fn digest(text: &str) -> String {
    hex(&Sha256::digest(text))
}

/// What is wrong with a text, as `relais plan` would say it: a line for each.
fn errors(text: &str, file: &Path, desk: &Desk) -> Vec<String> {
    let language = desk.settings.language;
    let told = match Campaign::parse(text, file) {
        Err(error) => error.explain(language),
        Ok(campaign) => {
            let Ok(tables) = Tables::load(&desk.settings.reference) else { return Vec::new() };
            let networks: Vec<String> =
                tables.networks().iter().map(|network| network.key.clone()).collect();
            match campaign.check_networks(&networks, file) {
                Err(error) => error.explain(language),
                Ok(()) => return Vec::new(),
            }
        }
    };
    told.lines().map(str::to_owned).collect()
}

/// Keeps the text, if it is sound and the file is as it was seen.
pub(super) async fn keep(
    State(desk): State<Shared>,
    Part(id): Part<String>,
    Form(sent): Form<Sent>,
) -> Answer<Response> {
    let room = desk.room();
    let told = room.clone();
    work(&room, move || {
        desk.may_write()?;
        let file = desk.campaign_of(&id)?;
        let before = read(&file, &desk)?;
        // Browsers send lines as typewriters end them; a file that has them so keeps them.
        let plain = sent.text.replace("\r\n", "\n");
        let text = if before.contains("\r\n") { plain.replace('\n', "\r\n") } else { plain };
        let seen = digest(&before);
        if seen != sent.seen && before != text {
            let page = Shown {
                id: &id,
                file: &file,
                text,
                seen,
                errors: Vec::new(),
                theirs: Some(before),
            };
            return Ok((StatusCode::CONFLICT, shown(&desk, page)?).into_response());
        }
        let errors = errors(&text, &file, &desk);
        if !errors.is_empty() {
            let page = Shown { id: &id, file: &file, text, seen, errors, theirs: None };
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, shown(&desk, page)?).into_response());
        }
        let put = files::put(&file, text.as_bytes());
        put.map_err(|error| Trouble::bad(&told, &told.language.unwritable(&file, &error)))?;
        Ok(Redirect::to("/campaigns").into_response())
    })
    .await
}

/// Proposes a campaign from the history, as `relais init --history` does, and opens it.
pub(super) async fn propose(
    State(desk): State<Shared>,
    Form(named): Form<Named>,
) -> Answer<Redirect> {
    let room = desk.room();
    let told = room.clone();
    work(&room, move || {
        desk.may_write()?;
        let (own, language) = (&desk.settings, told.language);
        let bad = |error: &dyn Explain| Trouble::bad(&told, &error.explain(language));
        let file = desk.campaign(&format!("{}.toml", file_name(&named.name, &told)?));
        let lacks = || Trouble::bad(&told, &told.text("serve-no-history"));
        let history = desk.history().ok_or_else(lacks)?.map_err(|error| bad(&error))?;
        let tables = Tables::load(&own.reference).map_err(|error| bad(&error))?;
        let proposed = draft(&history, &desk.history_path(), &file, &tables, own.today);
        let text = proposed.map_err(|error| bad(&error))?.write(language);
        files::put_new(&file, text.as_bytes()).map_err(|error| {
            if error.kind() == io::ErrorKind::AlreadyExists {
                let there = language.say("serve-save-there", &[("file", &name_of(&file))]);
                return Trouble::new(StatusCode::CONFLICT, &told, &there);
            }
            Trouble::bad(&told, &language.unwritable(&file, &error))
        })?;
        Ok(Redirect::to(&format!("/campaigns/{}", desk.id(&file))))
    })
    .await
}
