//! Ask the history: posts of all networks in one table, a week against last week and last year,
//! audiences over time. What is asked stands in the address.

mod ask;
mod audiences;
mod posts;
#[cfg(test)]
mod tests;
mod weeks;

use axum::Router;
use axum::routing::get;

use super::desk::Shared;

/// The addresses of questions.
pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/history", get(posts::page))
        .route("/history/weeks", get(weeks::page))
        .route("/history/audiences", get(audiences::page))
}
