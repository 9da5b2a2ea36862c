//! Play before deciding: another budget, another prudence, caps and pins on the curves that a run has
//! learnt, divided anew with proof.

pub(super) mod change;
mod page;
mod save;
mod solve;
mod wish;

use axum::Router;
use axum::routing::{get, post};

use super::desk::Shared;

/// The addresses of play.
pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/runs/{id}/play", get(page::page))
        .route("/runs/{id}/play/save", post(save::save))
        .route("/play.js", get(page::script))
        .route("/solve", post(solve::answer))
}
