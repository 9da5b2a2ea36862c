//! All audiences of a run.

use std::path::Path;

use askama::Template;
use axum::extract::{Path as Part, State};
use axum::response::Html;

use crate::allocate::plan::row::Row;
use crate::language::Explain;
use crate::report::ReportData;
use crate::report::formatter::Formatter;
use crate::serve::answer::{Answer, Trouble, page as rendered, work};
use crate::serve::desk::{Desk, Shared, identifier};
use crate::serve::room::Room;

#[derive(Template)]
#[template(path = "audiences-of-run.html", config = "src/serve/askama.toml")]
struct Page<'a> {
    room: &'a Room,
    title: String,
    id: &'a str,
    lines: Vec<Line>,
}

/// An audience: what it is called, and its figures, each with the number that sorts it.
struct Line {
    id: String,
    name: String,
    figures: Vec<(f64, String)>,
    held: String,
}

/// The page.
pub(super) async fn page(
    State(desk): State<Shared>,
    Part(id): Part<String>,
) -> Answer<Html<String>> {
    let room = desk.room();
    work(&room, move || shown(&id, &desk)).await
}

fn shown(id: &str, desk: &Desk) -> Answer<Html<String>> {
    let room = desk.room();
    let report_data = read(&desk.run(id)?, &room)?;
    let formatter = Formatter::new(&report_data, room.language);
    let mut rows: Vec<&Row> = report_data.plan.rows.iter().collect();
    rows.sort_by(|a, b| b.budget.total_cmp(&a.budget).then_with(|| a.segment.cmp(&b.segment)));
    let lines = rows.into_iter().map(|row| line(row, &formatter)).collect();
    let title = room.text("serve-audiences-of");
    rendered(&Page { room: &room, title, id, lines }, &room)
}

/// A run's dossier.
pub(super) fn read(run: &Path, room: &Room) -> Answer<ReportData> {
    ReportData::read(run).map_err(|error| Trouble::bad(room, &error.explain(room.language)))
}

fn line(row: &Row, formatter: &Formatter) -> Line {
    let last = row.last.map_or_else(|| "–".to_owned(), |last| formatter.money(last));
    let range =
        |low: f64, high: f64| format!("{} – {}", formatter.quantity(low), formatter.quantity(high));
    Line {
        id: identifier(row.segment.as_ref()),
        name: formatter.name(&row.segment),
        figures: vec![
            (row.budget, formatter.money(row.budget)),
            (row.last.unwrap_or(-1.0), last),
            (row.value.mean, formatter.quantity(row.value.mean)),
            (row.value.p10, range(row.value.p10, row.value.p90)),
            (row.marginal, formatter.points(row.marginal)),
        ],
        held: row.at_limit.as_ref().map_or_else(String::new, |limit| formatter.limit(limit)),
    }
}
