//! Bring exports: files are dropped, looked at column by column, and stored once somebody says so.

mod asked;
mod keep;
mod list;
mod look;
mod map;
mod receive;
mod stage;
#[cfg(test)]
mod tests;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use super::desk::Shared;

/// The addresses of exports; `largest` is how many bytes of them one request may bring.
pub(super) fn routes(largest: usize) -> Router<Shared> {
    let dropped = post(receive::receive).layer(DefaultBodyLimit::max(largest));
    Router::new()
        .route("/imports", get(list::page).merge(dropped))
        .route("/imports/undo", post(keep::undo))
        .route("/imports/{id}", get(look::page))
        .route("/imports/{id}/map", get(map::page).post(map::make))
        .route("/imports/{id}/maps/{map}", get(map::text).post(map::keep))
        .route("/imports/{id}/keep", post(keep::keep))
        .route("/imports/{id}/stored", get(keep::became))
        .route("/imports/{id}/drop", post(keep::drop))
}
