//! Posts in words.

use super::{Cells, column, shown};
use crate::action::Action;
use crate::history::{Post, Posts};
use crate::language::Language;

/// Posts in their order: header and lines. The columns after the attributes and the days are numbers.
#[must_use]
pub fn posts(posts: &Posts, language: Language) -> Cells {
    let names = [
        "days",
        "spend",
        "impressions",
        "active",
        "engagement_rate",
        "between",
        "reactions",
        "follows",
    ];
    let mut header: Vec<String> =
        posts.attributes.iter().map(|attribute| column(language, attribute.column())).collect();
    header.extend(names.map(|name| column(language, name)));
    let rows = posts.posts.iter().map(|post| cells(post, posts, language)).collect();
    (header, rows)
}

/// What a star beside a rate means, where there is one.
#[must_use]
pub fn few(posts: &Posts, language: Language) -> Option<String> {
    let is_few = |post: &Post| post.engagement_rate.is_some_and(|rate| rate.few_data);
    posts.posts.iter().any(is_few).then(|| language.text("history-posts-few"))
}

/// What their numbers leave out or divide.
#[must_use]
pub fn notes(posts: &Posts, language: Language) -> Vec<String> {
    let modelled = (posts.modelled > 0.0).then(|| {
        let spend = language.money(posts.modelled, posts.currency);
        language.say("history-posts-modelled", &[("spend", &spend)])
    });
    let outside = (posts.rows_outside > 0)
        .then(|| language.count("history-panel-outside", posts.rows_outside, &[]));
    modelled.into_iter().chain(outside).collect()
}

fn cells(post: &Post, posts: &Posts, language: Language) -> Vec<String> {
    let mut cells: Vec<String> = posts
        .attributes
        .iter()
        .map(|attribute| post.attributes.get(attribute).map_or("–", String::as_str).to_owned())
        .collect();
    let count = |value| shown(value, |n| language.number(n, 0));
    let action = |action| count(post.actions.get(&action).copied());
    let rate = post.engagement_rate;
    cells.push(days(post, language));
    cells.push(language.money(post.spend, posts.currency));
    cells.push(count(post.impressions));
    cells.push(count(post.active));
    cells.push(rate.map_or("–".to_owned(), |rate| {
        let few = if rate.few_data { "*" } else { "" };
        format!("{}{few}", language.percent(rate.mean, 2))
    }));
    cells.push(rate.map_or("–".to_owned(), |rate| {
        format!("{} – {}", language.percent(rate.low, 2), language.percent(rate.high, 2))
    }));
    cells.push(action(Action::Reactions));
    cells.push(action(Action::Follows));
    cells
}

fn days(post: &Post, language: Language) -> String {
    match (post.first, post.last) {
        (Some(first), Some(last)) if first == last => language.date(first),
        (Some(first), Some(last)) => format!("{} – {}", language.date(first), language.date(last)),
        _ => "–".to_owned(),
    }
}
