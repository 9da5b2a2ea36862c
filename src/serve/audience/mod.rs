//! Audiences of a run: all of them in a table, and one followed through every chart.

mod list;
mod one;
#[cfg(test)]
mod tests;

use axum::Router;
use axum::routing::get;

use super::desk::Shared;

/// The addresses of audiences.
pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/runs/{id}/audiences", get(list::page))
        .route("/runs/{id}/audiences/{audience}", get(one::page))
}
