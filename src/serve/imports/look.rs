//! What was understood of dropped files, column by column, before anything is stored.

use std::path::Path;

use askama::Template;
use axum::extract::{Path as Part, Query, State};
use axum::response::Html;

use super::asked::{Asked, own_maps, shipped_maps};
use super::stage::Stage;
use crate::ingest::{FileReport, Formats, formats};
use crate::intake::{Fate, Intake, Outcome, Skips, checkup, told};
use crate::serve::answer::{Answer, Trouble, page as rendered, work};
use crate::serve::desk::{Desk, Shared, name_of};
use crate::serve::room::Room;

#[derive(Template)]
#[template(path = "exports.html", config = "src/serve/askama.toml")]
struct Page<'a> {
    room: &'a Room,
    title: String,
    id: &'a str,
    files: Vec<Told>,
    asked: &'a Asked,
    maps: Vec<(String, String)>,
    formats: Vec<&'a str>,
    /// Why nothing could be stored as it is.
    refused: Option<String>,
    /// Lines with errors, and files that cannot be read: what may be left out.
    has_bad_lines: bool,
    has_bad_files: bool,
    /// Whether anything could be stored.
    has_good: bool,
    checkup: Vec<String>,
}

/// One file, as it is shown.
pub(super) struct Told {
    pub(super) name: String,
    /// Its format.
    pub(super) format: String,
    /// Header, meaning, first value.
    pub(super) columns: Vec<[String; 3]>,
    /// What was read.
    pub(super) lines: Vec<String>,
    /// Why nothing was.
    pub(super) trouble: Option<String>,
}

/// The page.
pub(super) async fn page(
    State(desk): State<Shared>,
    Part(id): Part<String>,
    Query(asked): Query<Asked>,
) -> Answer<Html<String>> {
    let room = desk.room();
    work(&room, move || {
        let lost = || Trouble::nowhere(&desk.room());
        let stage = Stage::of(desk.root(), &id).ok_or_else(lost)?;
        shown(&desk, &stage, &asked)
    })
    .await
}

fn shown(desk: &Desk, stage: &Stage, asked: &Asked) -> Answer<Html<String>> {
    let room = desk.room();
    let formats = known(desk)?;
    let (map, paths) = (asked.mapping(desk)?, stage.files());
    let intake = Intake {
        formats: &formats,
        map: map.as_ref(),
        paths: &paths,
        within: Some(&stage.folder),
        skips: Skips::default(),
        language: room.language,
    };
    let outcomes = intake.look(&mut || ());
    let refused = intake.refusal(&outcomes).map(|reason| without(&reason, stage));
    let reports: Vec<&FileReport> =
        outcomes.iter().filter_map(|own| Some(&own.result.as_ref().ok()?.0)).collect();
    let page = Page {
        room: &room,
        title: room.text("serve-exports-title"),
        id: &stage.id,
        files: outcomes.iter().map(|own| told(own, false, stage, &room)).collect(),
        asked,
        maps: maps(desk),
        formats: formats.names().collect(),
        refused,
        has_bad_lines: reports.iter().any(|report| report.rows_rejected > 0),
        has_bad_files: reports.len() < outcomes.len(),
        has_good: reports.iter().any(|report| report.rows_accepted() > 0),
        checkup: checked(&reports, &formats, None, desk)?,
    };
    rendered(&page, &room)
}

/// The formats that are known.
pub(super) fn known(desk: &Desk) -> Answer<Formats> {
    formats(&desk.settings.reference).map_err(|error| Trouble::of(&desk.room(), &error))
}

/// Maps to choose from: the folder's own, then the shipped ones; each with what the form sends.
fn maps(desk: &Desk) -> Vec<(String, String)> {
    let own = own_maps(desk);
    let own = own.iter().map(|path| (desk.id(path), name_of(path)));
    own.chain(shipped_maps(desk).into_iter().map(|name| (name.clone(), name))).collect()
}

/// What the exports lack for a plan, in sentences.
pub(super) fn checked(
    reports: &[&FileReport],
    formats: &Formats,
    known: Option<(jiff::civil::Date, jiff::civil::Date)>,
    desk: &Desk,
) -> Answer<Vec<String>> {
    let own = &desk.settings;
    let who = (own.today, own.language);
    let found = checkup::look(reports, formats, known, &own.reference, who);
    let found = found.map_err(|error| Trouble::of(&desk.room(), &error))?;
    let named = checkup::names(&found);
    let lacks = found.findings.iter().map(|lack| checkup::sentence(own.language, lack, named));
    Ok(checkup::good(own.language, &found).into_iter().chain(lacks).collect())
}

/// One file in words; with what became of its rows, where they were stored.
pub(super) fn told(outcome: &Outcome, is_stored: bool, stage: &Stage, room: &Room) -> Told {
    let name = name_of(&outcome.path);
    let language = room.language;
    match &outcome.result {
        Ok((report, fate)) => {
            let fate: Option<&Fate> = is_stored.then_some(fate);
            let lines = told::lines(language, report, fate);
            let columns = report.columns.iter().map(|own| {
                [own.header.clone(), told::role(language, &own.role), own.example.clone()]
            });
            Told {
                name,
                format: report.format.clone(),
                columns: columns.collect(),
                lines: lines.iter().map(|line| without(line, stage)).collect(),
                trouble: None,
            }
        }
        Err(error) => Told {
            name,
            format: String::new(),
            columns: Vec::new(),
            lines: Vec::new(),
            trouble: Some(without(&error.told(language), stage)),
        },
    }
}

/// A text in which files bear the names that the person gave them.
pub(super) fn without(text: &str, stage: &Stage) -> String {
    let folder = stage.folder.join(Path::new(""));
    text.replace(&*folder.to_string_lossy(), "")
}
