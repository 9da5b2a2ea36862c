//! Ask the history: posts of all networks in one table, a week against last week and last year,
//! audiences over time. What is asked stands in the address.

mod ask;
mod audiences;
mod posts;
#[cfg(test)]
mod tests;
mod weeks;

use axum::Router;
use axum::extract::{Query, RawQuery, State};
use axum::response::Html;
use axum::routing::get;

use self::ask::{Asked, answered};
use super::answer::Answer;
use super::desk::{Desk, Shared};

/// The addresses of questions.
pub(super) fn routes() -> Router<Shared> {
    let to = |page: fn(&Desk, Asked) -> Answer<Html<String>>| {
        get(move |State(desk), Query(pairs), RawQuery(query)| answered(desk, pairs, query, page))
    };
    Router::new()
        .route("/history", to(posts::page))
        .route("/history/weeks", to(weeks::page))
        .route("/history/audiences", to(audiences::page))
}
