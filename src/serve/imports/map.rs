//! A map for a file that no format fits: chosen column by column, kept as the file that the command
//! reads, changed as text.

use std::path::{Path, PathBuf};

use askama::Template;
use axum::extract::{Form, Path as Part, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::asked::own_maps;
use super::look::known;
use super::stage::Stage;
use crate::ingest::{Drafted, IngestError, Mapping, Sketched, meanings};
use crate::language::Explain;
use crate::serve::answer::{Answer, Trouble, page as rendered, work};
use crate::serve::desk::{Desk, Shared};
use crate::serve::edit::{Edit, Sent};
use crate::serve::name::{begun, file_name, written};
use crate::serve::room::Room;

/// What stands before the number of a column in the form.
const COLUMN: &str = "column-";

#[derive(Template)]
#[template(path = "map.html", config = "src/serve/askama.toml")]
struct Page<'a> {
    room: &'a Room,
    title: String,
    id: &'a str,
    file: &'a str,
    columns: Vec<Column>,
    meanings: &'a [(&'static str, String)],
    said: &'a Said,
    name: String,
    trouble: Option<String>,
}

/// A column of the file.
struct Column {
    header: String,
    example: String,
    /// What it is taken for so far; empty for nothing.
    meaning: String,
    hint: String,
}

/// Which file a map is for.
#[derive(Deserialize)]
pub(super) struct Which {
    file: String,
}

/// What holds for all lines.
#[derive(Debug, Default)]
struct Said {
    network: String,
    currency: String,
    organic: bool,
    order: String,
}

/// The form, with what each column most likely means.
pub(super) async fn page(
    State(desk): State<Shared>,
    Part(id): Part<String>,
    Query(which): Query<Which>,
) -> Answer<Html<String>> {
    let room = desk.room();
    work(&room, move || {
        let (path, sketch) = sketched(&desk, &id, &which.file)?;
        let likely = |own: &Sketched| own.meaning.filter(|_| own.rival.is_none()).unwrap_or("");
        let chosen = sketch.iter().map(|own| likely(own).to_owned()).collect();
        let name = begun(&path);
        let form = Filled { id: &id, file: &which.file, chosen, said: Said::default(), name };
        shown(&desk, &sketch, form, None)
    })
    .await
}

/// A form as somebody filled it.
struct Filled<'a> {
    id: &'a str,
    file: &'a str,
    chosen: Vec<String>,
    said: Said,
    name: String,
}

fn shown(
    desk: &Desk,
    sketch: &[Sketched],
    form: Filled<'_>,
    trouble: Option<String>,
) -> Answer<Html<String>> {
    let room = desk.room();
    let meanings: Vec<(&str, String)> = meanings().map(|own| (own, words(own, &room))).collect();
    let columns = sketch.iter().zip(form.chosen).map(|(own, meaning)| Column {
        header: own.header.clone(),
        example: own.example.clone(),
        meaning,
        hint: hint(own, &room),
    });
    let page = Page {
        title: room.text("serve-map"),
        room: &room,
        id: form.id,
        file: form.file,
        columns: columns.collect(),
        meanings: &meanings,
        said: &form.said,
        name: form.name,
        trouble,
    };
    rendered(&page, &room)
}

/// A meaning in words, with the name by which maps call it.
fn words(meaning: &str, room: &Room) -> String {
    let plain = meaning.replace('_', "-");
    let keys = [format!("history-column-{meaning}"), format!("serve-meaning-{plain}")];
    let told = keys.iter().find_map(|key| room.language.find(key));
    told.map_or_else(|| meaning.to_owned(), |told| format!("{told} ({meaning})"))
}

/// What a person has to decide about a column.
fn hint(own: &Sketched, room: &Room) -> String {
    match (own.meaning, &own.rival) {
        (Some(meaning), Some(rival)) => {
            room.language.say("ingest-sketch-rival", &[("meaning", meaning), ("rival", rival)])
        }
        (None, _) if own.is_kept => room.text("ingest-sketch-price"),
        _ => String::new(),
    }
}

/// A dropped file, and what its columns most likely mean.
fn sketched(desk: &Desk, id: &str, file: &str) -> Answer<(PathBuf, Vec<Sketched>)> {
    let room = desk.room();
    let lost = || Trouble::nowhere(&room);
    let stage = Stage::of(desk.root(), id).ok_or_else(lost)?;
    let path = stage.files().into_iter().find(|path| desk.id(path) == file).ok_or_else(lost)?;
    match known(desk)?.open(&path, None) {
        Err(IngestError::Unknown { sketch, .. }) if !sketch.is_empty() => Ok((path, sketch)),
        // Only a file that no format fits needs one.
        _ => Err(Trouble::told(StatusCode::CONFLICT, &room, "serve-map-needless")),
    }
}

/// Keeps what was chosen as a map, and reads the files by it.
pub(super) async fn make(
    State(desk): State<Shared>,
    Part(id): Part<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Answer<Response> {
    let room = desk.room();
    work(&room, move || {
        desk.may_write()?;
        let said = |name: &str| {
            let mut all = pairs.iter().filter(|(own, _)| own == name);
            all.next().map(|(_, text)| text.trim().to_owned()).unwrap_or_default()
        };
        let file = said("file");
        let (_, sketch) = sketched(&desk, &id, &file)?;
        let chosen = (0..sketch.len()).map(|i| said(&format!("{COLUMN}{i}"))).collect();
        let whole = Said {
            network: said("network"),
            currency: said("currency"),
            organic: !said("organic").is_empty(),
            order: said("order"),
        };
        let form = Filled { id: &id, file: &file, chosen, said: whole, name: said("name") };
        match kept(&desk, &sketch, &form) {
            Ok(map) => Ok(Redirect::to(&format!("/imports/{id}?map={map}")).into_response()),
            // What was chosen stays in the form.
            Err(trouble) => {
                let (status, text) = (trouble.status(), trouble.text().to_owned());
                Ok((status, shown(&desk, &sketch, form, Some(text))?).into_response())
            }
        }
    })
    .await
}

/// Writes the map into the folder, if it is one; its identifier.
fn kept(desk: &Desk, sketch: &[Sketched], form: &Filled<'_>) -> Answer<String> {
    let room = desk.room();
    let unwritten =
        |path: &Path, error| Trouble::bad(&room, &room.language.unwritable(path, &error));
    let folder = desk.maps();
    let file = folder.join(format!("{}.toml", file_name(&form.name, &room)?));
    let columns = sketch.iter().zip(&form.chosen).map(|(own, chosen)| {
        let meaning = if chosen.is_empty() { "ignore" } else { chosen };
        (own.header.clone(), meaning.to_owned())
    });
    let drafted = Drafted {
        columns: columns.collect(),
        network: form.said.network.clone(),
        currency: form.said.currency.clone(),
        organic: form.said.organic,
        order: form.said.order.clone(),
    };
    let text = drafted.write();
    Mapping::parse(&file, &text).map_err(|error| Trouble::of(&room, &error))?;
    if !desk.holds(&folder) {
        return Err(Trouble::nowhere(&room));
    }
    std::fs::create_dir_all(&folder).map_err(|error| unwritten(&folder, error))?;
    written(&file, &text, &room)?;
    Ok(desk.id(&file))
}

/// A map of the folder as text.
pub(super) async fn text(
    State(desk): State<Shared>,
    Part((id, map)): Part<(String, String)>,
) -> Answer<Html<String>> {
    let room = desk.room();
    work(&room, move || edited(&desk, &id, &map, |edit| edit.page(&desk))).await
}

/// Keeps a map's text, and reads the files by it again.
pub(super) async fn keep(
    State(desk): State<Shared>,
    Part((id, map)): Part<(String, String)>,
    Form(sent): Form<Sent>,
) -> Answer<Response> {
    let room = desk.room();
    work(&room, move || {
        desk.may_write()?;
        edited(&desk, &id, &map, |edit| edit.keep(&desk, &sent))
    })
    .await
}

fn edited<T>(
    desk: &Desk,
    id: &str,
    map: &str,
    then: impl FnOnce(&Edit<'_>) -> Answer<T>,
) -> Answer<T> {
    let room = desk.room();
    let lost = || Trouble::nowhere(&room);
    let stage = Stage::of(desk.root(), id).ok_or_else(lost)?;
    let file = own_maps(desk).into_iter().find(|path| desk.id(path) == map).ok_or_else(lost)?;
    let errors = |text: &str| match Mapping::parse(&file, text) {
        Ok(_) => Vec::new(),
        Err(error) => error.explain(room.language).lines().map(str::to_owned).collect(),
    };
    then(&Edit {
        file: &file,
        address: format!("/imports/{}/maps/{map}", stage.id),
        label: "serve-map-label",
        back: (format!("/imports/{}?map={map}", stage.id), "serve-to-understood"),
        errors: &errors,
    })
}
