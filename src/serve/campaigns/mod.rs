//! Campaigns: proposed from the history, written as text with their errors at their lines, run.

mod form;
mod list;
mod run;
mod text;

use axum::Router;
use axum::routing::{get, post};

use super::desk::Shared;

/// The addresses of campaigns and of the work on them.
pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/campaigns", get(list::page))
        .route("/campaigns/new", post(text::propose))
        .route("/campaigns/{id}", get(text::page).post(text::keep))
        .route("/campaigns/{id}/form", get(form::page).post(form::keep))
        .route("/campaigns/{id}/run", post(run::begin))
        .route("/jobs/{number}/stop", post(run::stop))
        .route("/jobs", get(list::jobs))
        .route("/jobs.js", get(list::script))
}
