//! One run: its report, what can be taken away, the reviewer's notes; runs side by side.

pub(super) mod compare;
mod keep;
mod notes;
mod run;
mod take;

use axum::Router;
use axum::routing::{get, post};

use super::desk::Shared;

/// The addresses of runs.
pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/runs/{id}", get(run::page))
        .route("/runs/{id}/report", get(run::report))
        .route("/runs/{id}/notes", post(keep::keep))
        .route("/runs/{id}/files/{file}", get(take::file))
}
