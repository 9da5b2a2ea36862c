//! What can be taken away from a run: report, workbook, tables, charts.

use std::path::{Path, PathBuf};

use axum::extract::{Path as Part, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::files;
use crate::serve::answer::{Answer, Trouble, work};
use crate::serve::desk::{Desk, Shared, identifier};

/// The report's file.
pub(super) const REPORT: &str = "report.html";
/// Files of a run that people take with them, with the words for each.
const FILES: [(&str, &str); 7] = [
    (REPORT, "serve-take-report"),
    ("brief.html", "serve-take-brief"),
    ("plan.xlsx", "serve-take-workbook"),
    ("plan.csv", "serve-take-plan"),
    ("weeks.csv", "serve-take-weeks"),
    ("plan.json", "serve-take-machine"),
    ("campaign.toml", "serve-take-campaign"),
];

/// One of them.
#[derive(Debug)]
pub(super) struct Item {
    /// What addresses call it.
    pub(super) id: String,
    /// What people read for it.
    pub(super) words: String,
    /// The name that it is kept under.
    pub(super) name: String,
    /// Whether it is a drawing.
    pub(super) is_chart: bool,
    path: PathBuf,
}

/// What a run has to take away.
pub(super) fn items(run: &Path, desk: &Desk) -> Vec<Item> {
    let language = desk.settings.language;
    let own = FILES.iter().map(|(name, key)| (run.join(name), language.text(key)));
    let drawn = charts(run).into_iter().map(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        (path, name)
    });
    let own = own.filter_map(|(path, words)| item(&path, words, false, desk));
    own.chain(drawn.filter_map(|(path, words)| item(&path, words, true, desk))).collect()
}

fn item(path: &Path, words: String, is_chart: bool, desk: &Desk) -> Option<Item> {
    let name = path.file_name()?.to_str()?.to_owned();
    let path = desk.inside(path).filter(|path| path.is_file())?;
    Some(Item { id: identifier(Path::new(&name)), words, name, is_chart, path })
}

/// Drawings of a run, by name; the pictures stand in the report already.
fn charts(run: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(run.join("charts")).into_iter().flatten().flatten();
    let is_chart = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let stem = name.strip_suffix(".svg").or_else(|| name.strip_suffix(".png"));
        // The names that relais gives; others could say anything to whoever keeps the file.
        stem.is_some_and(|stem| stem.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
    };
    let mut charts: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_chart).collect();
    charts.sort();
    charts
}

/// Gives one, to be kept and never shown.
pub(super) async fn file(
    State(desk): State<Shared>,
    Part((run, file)): Part<(String, String)>,
) -> Answer<Response> {
    let room = desk.room();
    let told = room.clone();
    work(&room, move || {
        let items = items(&desk.run(&run)?, &desk);
        let item = items.into_iter().find(|item| item.id == file);
        let item = item.ok_or_else(|| Trouble::nowhere(&told))?;
        let read = files::read(&item.path, files::LARGEST_RESULT);
        let bytes = read.map_err(|error| Trouble::bad(&told, &told.language.cause(&error)))?;
        let kept = format!("attachment; filename=\"{}\"", item.name);
        let kind = "application/octet-stream".to_owned();
        Ok(([(header::CONTENT_DISPOSITION, kept), (header::CONTENT_TYPE, kind)], bytes)
            .into_response())
    })
    .await
}
