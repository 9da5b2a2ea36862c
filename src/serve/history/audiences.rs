//! Audiences over time: what each brought week by week, as the panel has them.

use askama::Template;
use axum::response::Html;

use super::ask::{Asked, Choice, Form, measures};
use crate::history::told::{Cells, weekly};
use crate::history::{History, HistoryError, Measure, PanelOptions, Weekly};
use crate::segment::Attribute;
use crate::serve::answer::{Answer, Trouble, page as rendered};
use crate::serve::desk::Desk;
use crate::serve::room::Room;

/// Weeks whose numbers stand in the table; the line beside them shows all.
const WEEKS: usize = 8;
/// Width and height of the line.
const LINE: (f64, f64) = (100.0, 20.0);

#[derive(Template)]
#[template(path = "audiences.html", config = "src/serve/askama.toml")]
struct Page<'a> {
    room: &'a Room,
    title: String,
    form: Form,
    measures: Vec<Choice>,
    splits: Vec<Choice>,
    /// Columns that tell audiences apart.
    names: usize,
    table: Option<Cells>,
    /// The line of each audience: the points of an SVG polyline, apart where weeks are missing.
    lines: Vec<Vec<String>>,
    told: Vec<String>,
    trouble: Option<String>,
}

/// The page.
pub(super) fn page(desk: &Desk, asked: Asked) -> Answer<Html<String>> {
    let room = desk.room();
    let Asked { ask, history, form } = asked;
    let bad = |error: HistoryError| Trouble::of(&room, &error);
    let measure = ask.measure("metric", Measure::Spend, &room)?;
    let split = ask.all("split");
    let split_by = Attribute::ALL.into_iter().filter(|own| split.iter().any(|a| a == own.column()));
    let options = PanelOptions {
        split_by: split_by.collect(),
        from: ask.from,
        to: ask.to,
        currency: ask.currency,
        ..PanelOptions::default()
    };
    let mut page = Page {
        room: &room,
        title: room.text("serve-audiences"),
        form,
        measures: measures(&Weekly::MEASURES, measure, &room),
        splits: splits(&history, &split, &room).map_err(bad)?,
        names: 0,
        table: None,
        lines: Vec::new(),
        told: Vec::new(),
        trouble: None,
    };
    match history.weekly(&options, measure) {
        Ok(mut answer) => {
            let more = answer.audiences.len().saturating_sub(ask.lines) as u64;
            answer.audiences.truncate(ask.lines);
            page.names = answer.split_by.len();
            page.lines = answer.audiences.iter().map(|own| points(&own.by_week)).collect();
            page.table = Some(weekly(&answer, measure, WEEKS, room.language));
            let more = (more > 0).then(|| room.language.count("serve-play-more", more, &[]));
            let notes = answer.notes.iter().map(|note| note.tell(room.language));
            page.told = more.into_iter().chain(notes).collect();
        }
        // What was asked stays in the form.
        Err(error) => page.trouble = Some(bad(error).text().to_owned()),
    }
    rendered(&page, &room)
}

/// Attributes that the history knows, by which audiences may be told apart.
fn splits(history: &History, asked: &[String], room: &Room) -> Result<Vec<Choice>, HistoryError> {
    let mut all = Vec::new();
    for own in Attribute::ALL.into_iter().filter(|own| *own != Attribute::Attribution) {
        if !history.values(own)?.is_empty() {
            all.push(Choice {
                value: own.column(),
                words: room.text(&format!("history-column-{}", own.column())),
                is_chosen: asked.iter().any(|a| a == own.column()),
            });
        }
    }
    Ok(all)
}

/// The points of a line from week to week, begun anew after a week of which nothing is known.
fn points(weeks: &[Option<f64>]) -> Vec<String> {
    let most = weeks.iter().flatten().copied().fold(f64::MIN_POSITIVE, f64::max);
    let step = LINE.0 / weeks.len().saturating_sub(1).max(1) as f64;
    let mut lines = vec![String::new()];
    for (at, week) in weeks.iter().enumerate() {
        match week {
            Some(value) => {
                let height = LINE.1 * (1.0 - (value / most).clamp(0.0, 1.0));
                if let Some(line) = lines.last_mut() {
                    let point = format!("{:.1},{height:.1} ", step * at as f64);
                    // A week alone is a line of no length, and its round ends are a dot.
                    line.push_str(&point);
                    if line.len() == point.len() {
                        line.push_str(&point);
                    }
                }
            }
            None => lines.push(String::new()),
        }
    }
    lines.retain(|line| !line.is_empty());
    lines
}
