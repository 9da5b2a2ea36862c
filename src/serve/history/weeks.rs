//! A week, month or year against the one before and the same one a year ago.

use askama::Template;
use axum::response::Html;

use super::ask::{Asked, Choice, Form, measures};
use crate::action::Action;
use crate::history::told::{Cells, compared, comparison};
use crate::history::{By, CompareQuery, Measure};
use crate::serve::answer::{Answer, Trouble, page as rendered};
use crate::serve::desk::Desk;
use crate::serve::room::Room;

/// What periods are compared by.
const MEASURES: [Measure; 9] = [
    Measure::EngagementRate,
    Measure::Spend,
    Measure::Impressions,
    Measure::Active,
    Measure::CostPerActive,
    Measure::Cpm,
    Measure::ActivePerFollower,
    Measure::Action(Action::Shares),
    Measure::Action(Action::Follows),
];

#[derive(Template)]
#[template(path = "weeks.html", config = "src/serve/askama.toml")]
struct Page<'a> {
    room: &'a Room,
    title: String,
    form: Form,
    measures: Vec<Choice>,
    lengths: Vec<Choice>,
    caption: String,
    /// Periods, the newest first.
    table: Option<Cells>,
    told: Vec<String>,
    trouble: Option<String>,
}

/// The page.
pub(super) fn page(desk: &Desk, asked: Asked) -> Answer<Html<String>> {
    let room = desk.room();
    let Asked { ask, history, form } = asked;
    let measure = ask.measure("metric", Measure::EngagementRate, &room)?;
    let by = match ask.said("by") {
        "month" => By::Month,
        "year" => By::Year,
        _ => By::Week,
    };
    let mut page = Page {
        room: &room,
        title: room.text("serve-weeks"),
        form,
        measures: measures(&MEASURES, measure, &room),
        lengths: lengths(by, &room),
        caption: String::new(),
        table: None,
        told: Vec::new(),
        trouble: None,
    };
    let asked = CompareQuery {
        by,
        measure,
        filter: ask.filter.clone(),
        from: ask.from,
        to: ask.to,
        currency: ask.currency,
    };
    match history.compare(&asked) {
        Ok(mut answer) => {
            let earlier = answer.periods.len().saturating_sub(ask.lines);
            answer.periods.drain(..earlier);
            page.caption = compared(&answer, measure, room.language);
            let (header, mut rows) = comparison(&answer, measure, room.language);
            rows.reverse();
            page.table = Some((header, rows)).filter(|(_, rows)| !rows.is_empty());
            let count = |key: &str, n: u64| (n > 0).then(|| room.language.count(key, n, &[]));
            page.told = count("serve-weeks-earlier", earlier as u64)
                .into_iter()
                .chain(count("history-compare-undated", answer.undated_rows))
                .collect();
        }
        // What was asked stays in the form.
        Err(error) => page.trouble = Some(Trouble::of(&room, &error).text().to_owned()),
    }
    rendered(&page, &room)
}

fn lengths(by: By, room: &Room) -> Vec<Choice> {
    let all = [(By::Week, "week"), (By::Month, "month"), (By::Year, "year")];
    let choice = |(own, value): (By, &'static str)| Choice {
        value,
        words: room.text(&format!("history-by-{value}")),
        is_chosen: own == by,
    };
    all.into_iter().map(choice).collect()
}
