//! A played plan as a campaign file of its own.

use askama::Template;
use axum::extract::{Form, Path as Part, State};
use axum::response::Html;

use super::page::wish;
use super::solve::Ground;
use crate::serve::answer::{Answer, Trouble, page as rendered, work};
use crate::serve::desk::{Desk, Shared};
use crate::serve::name::{file_name, written};
use crate::serve::room::Room;

#[derive(Template)]
#[template(path = "saved.html", config = "src/serve/askama.toml")]
struct Page<'a> {
    room: &'a Room,
    title: String,
    file: String,
    back: String,
}

/// Writes the campaign with its changes, where no file has that name yet.
pub(super) async fn save(
    State(desk): State<Shared>,
    Part(id): Part<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Answer<Html<String>> {
    let room = desk.room();
    work(&room, move || saved(&id, &pairs, &desk)).await
}

fn saved(id: &str, pairs: &[(String, String)], desk: &Desk) -> Answer<Html<String>> {
    desk.may_write()?;
    let (room, run) = (desk.room(), desk.run(id)?);
    let named = pairs.iter().find(|(name, _)| name == "name").map_or("", |(_, text)| text);
    let file = format!("{}.toml", file_name(named, &room)?);
    let ground = Ground::of(&run, desk).map_err(|none| Trouble::bad(&room, &none.text))?;
    let wish = wish(pairs, &ground.kept, &room).map_err(|text| Trouble::bad(&room, &text))?;
    // What has no plan is no campaign to keep.
    let solved = ground.solve(&wish, desk).map_err(|none| Trouble::bad(&room, &none.text))?;
    let path = desk.campaign(&file);
    written(&path, &solved.text, &room)?;
    let page =
        Page { title: room.text("serve-saved"), room: &room, file, back: format!("/runs/{id}") };
    rendered(&page, &room)
}
