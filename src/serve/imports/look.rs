//! What was understood of dropped files, column by column, before anything is stored.

use std::path::{Path, PathBuf};

use askama::Template;
use axum::extract::{Path as Part, Query, State};
use axum::response::Html;

use super::asked::{Asked, own_maps, shipped_maps};
use super::stage::Stage;
use crate::ingest::{
    ColumnReport, FileReport, Formats, IngestError, MapLine, Mapping, Role, formats,
};
use crate::intake::{Fate, Intake, Outcome, Skips, checkup, told};
use crate::language::Language;
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
    /// Whether the map asked for is one of the folder's own.
    is_own_map: bool,
    maps: Vec<(String, String)>,
    formats: Vec<&'a str>,
    /// Why nothing could be stored as it is; empty where each file says it.
    refused: Option<String>,
    /// What may be left out: name of the field, its words.
    skips: Vec<(&'static str, &'static str)>,
    /// Whether anything could be stored.
    has_good: bool,
    checkup: Vec<String>,
}

/// One file, as it is shown.
pub(super) struct Told {
    pub(super) name: String,
    /// Its format.
    pub(super) format: String,
    /// Header, meaning, first value of each column: those that are read, or that nobody knows; those
    /// that are known and left aside.
    pub(super) columns: [Vec<[String; 3]>; 2],
    /// What was read.
    pub(super) lines: Vec<String>,
    /// Line of the map, what it did, its cells, the first of them.
    pub(super) map: Vec<[String; 4]>,
    /// Why nothing was.
    pub(super) trouble: Option<String>,
    /// What addresses call it, where a map can be made for it.
    pub(super) unknown: Option<String>,
    /// Maps that read it: what the address says, their names.
    pub(super) fitting: Vec<(String, String)>,
}

impl Told {
    /// How many columns are known and left aside.
    fn aside(&self, room: &Room) -> String {
        room.language.count("serve-exports-aside", self.columns[1].len() as u64, &[])
    }
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
    let reports: Vec<&FileReport> =
        outcomes.iter().filter_map(|own| Some(&own.result.as_ref().ok()?.0)).collect();
    let has_bad_lines = reports.iter().any(|report| report.rows_rejected > 0);
    let has_bad_files = reports.len() < outcomes.len();
    let refused = intake.refusal(&outcomes);
    let refused = refused.map(|reason| if has_bad_files { String::new() } else { reason });
    let files = outcomes
        .iter()
        .map(|own| Told { fitting: fitting(own, &formats, desk), ..told(own, false, stage, desk) });
    let page = Page {
        room: &room,
        title: room.text("serve-exports-title"),
        id: &stage.id,
        files: files.collect(),
        asked,
        is_own_map: own_maps(desk).iter().any(|path| desk.id(path) == asked.map),
        maps: maps(desk),
        formats: formats.names().collect(),
        refused,
        skips: [
            (has_bad_lines, ("skip_invalid", "serve-exports-skip-lines")),
            (has_bad_files, ("skip_unknown", "serve-exports-skip-files")),
        ]
        .into_iter()
        .filter_map(|(is_offered, skip)| is_offered.then_some(skip))
        .collect(),
        has_good: reports.iter().any(|report| report.rows_accepted() > 0),
        checkup: checked(&reports, &formats, None, desk)?,
    };
    rendered(&page, &room)
}

/// Maps that read a file which no format fits: the folder's own, and the shipped ones.
fn fitting(outcome: &Outcome, formats: &Formats, desk: &Desk) -> Vec<(String, String)> {
    let Err(IngestError::Unknown { maps, .. }) = &outcome.result else { return Vec::new() };
    let reads = |path: &PathBuf| {
        let map = Mapping::open(path).ok()?;
        formats.open(&outcome.path, Some(&map)).ok()?;
        Some((desk.id(path), name_of(path)))
    };
    let own = own_maps(desk);
    let shipped = maps.iter().map(|name| (name.clone(), name.clone()));
    own.iter().filter_map(reads).chain(shipped).collect()
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
pub(super) fn told(outcome: &Outcome, is_stored: bool, stage: &Stage, desk: &Desk) -> Told {
    let name = name_of(&outcome.path);
    let language = desk.settings.language;
    match &outcome.result {
        Ok((report, fate)) => {
            let fate: Option<&Fate> = is_stored.then_some(fate);
            let lines = told::lines(language, report, fate);
            let cells = |own: &ColumnReport| {
                [own.header.clone(), told::role(language, &own.role), own.example.clone()]
            };
            let is_aside =
                |own: &&ColumnReport| matches!(own.role, Role::Known | Role::Duplicate(_));
            let (aside, columns): (Vec<_>, Vec<_>) = report.columns.iter().partition(is_aside);
            Told {
                name,
                format: report.format.clone(),
                columns: [columns, aside].map(|all| all.into_iter().map(cells).collect()),
                lines: lines.iter().map(|line| without(line, stage)).collect(),
                map: report.map.iter().map(|line| told_map(line, language)).collect(),
                trouble: None,
                unknown: None,
                fitting: Vec::new(),
            }
        }
        Err(error) => Told {
            name,
            format: String::new(),
            columns: Default::default(),
            lines: Vec::new(),
            map: Vec::new(),
            unknown: matches!(error, IngestError::Unknown { sketch, .. } if !sketch.is_empty())
                .then(|| desk.id(&outcome.path)),
            fitting: Vec::new(),
            trouble: Some(without(&error.told(language), stage)),
        },
    }
}

/// What one line of the map did.
fn told_map(line: &MapLine, language: Language) -> [String; 4] {
    let cells = line.cells.map(|cells| language.number(cells as f64, 0)).unwrap_or_default();
    [format!("{} = {}", line.key, line.value), line.did.tell(language), cells, line.example.clone()]
}

/// A text in which files bear the names that the person gave them.
pub(super) fn without(text: &str, stage: &Stage) -> String {
    let folder = stage.folder.join(Path::new(""));
    text.replace(&*folder.to_string_lossy(), "")
}
