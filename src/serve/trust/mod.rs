//! Whether to believe it: how often intervals held what came, and every past promise against what
//! happened.

mod coverage;
mod page;
mod promises;
pub(super) mod seen;
#[cfg(test)]
mod tests;

use axum::Router;
use axum::routing::get;

use super::desk::Shared;

/// The addresses of trust.
pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/trust", get(page::page)).route("/runs/{id}/review", get(promises::review))
}
