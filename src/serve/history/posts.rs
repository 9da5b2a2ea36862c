//! Posts of all networks and profiles in one table.

use askama::Template;
use axum::response::Html;

use super::ask::{Asked, Choice, Form, measures};
use crate::action::Action;
use crate::history::told::{Cells, few, notes, posts};
use crate::history::{Field, Measure, PostQuery};
use crate::serve::answer::{Answer, Trouble, page as rendered};
use crate::serve::desk::Desk;
use crate::serve::room::Room;

/// What posts are sorted by.
const SORTS: [Measure; 9] = [
    Measure::EngagementRate,
    Measure::Spend,
    Measure::Impressions,
    Measure::Active,
    Measure::CostPerActive,
    Measure::Cpm,
    Measure::Action(Action::Shares),
    Measure::Action(Action::Comments),
    Measure::Action(Action::Saves),
];

#[derive(Template)]
#[template(path = "posts.html", config = "src/serve/askama.toml")]
struct Page<'a> {
    room: &'a Room,
    title: String,
    form: Form,
    sorts: Vec<Choice>,
    /// Where the numbers begin among the columns.
    numbers: usize,
    table: Option<Cells>,
    told: Vec<String>,
    trouble: Option<String>,
}

/// The page.
pub(super) fn page(desk: &Desk, asked: Asked) -> Answer<Html<String>> {
    let room = desk.room();
    let Asked { ask, history, form } = asked;
    let sort = ask.measure("sort", Measure::EngagementRate, &room)?;
    let asked = PostQuery {
        filter: ask.filter.clone(),
        sort: Some(Field::Measure(sort)),
        from: ask.from,
        to: ask.to,
        limit: Some(ask.lines),
        currency: ask.currency,
    };
    let mut page = Page {
        room: &room,
        title: room.text("serve-posts"),
        form,
        sorts: measures(&SORTS, sort, &room),
        numbers: 0,
        table: None,
        told: Vec::new(),
        trouble: None,
    };
    match history.posts(&asked) {
        Ok(answer) => {
            let language = room.language;
            let key = if answer.found > answer.posts.len() {
                "serve-posts-some"
            } else {
                "history-posts-found"
            };
            let shown = [("shown", &*language.number(answer.posts.len() as f64, 0))];
            let found = language.count(key, answer.found as u64, &shown);
            let few = few(&answer, language);
            page.told = [found].into_iter().chain(few).chain(notes(&answer, language)).collect();
            page.numbers = answer.attributes.len() + 1;
            page.table = Some(posts(&answer, room.language)).filter(|(_, rows)| !rows.is_empty());
        }
        // What was asked stays in the form.
        Err(error) => page.trouble = Some(Trouble::of(&room, &error).text().to_owned()),
    }
    rendered(&page, &room)
}
