//! The local page: what the commands do, for people who open no terminal.
//!
//! It uses the library as `cli` does and has no logic of its own. [`Desk`] is the folder that is
//! worked in, [`guard`] decides which requests are answered at all, [`socket`] listens on loopback,
//! and each other room is a page. Addresses hold identifiers, never paths; nothing outside the folder
//! is read or written; nobody is called.

mod answer;
mod audience;
mod campaigns;
mod desk;
mod edit;
pub mod guard;
mod history;
mod imports;
mod jobs;
mod kept;
mod name;
mod play;
mod review;
mod room;
mod shelf;
pub mod socket;
mod storing;
#[cfg(test)]
mod tests;
mod trust;

pub use self::desk::{Desk, DeskError, Settings};
pub use self::jobs::Jobs;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::routing::get;

use self::answer::Trouble;
use self::desk::Shared;
use self::guard::{Bounds, Guard};

/// A form's largest body, in bytes: notes of some fifty pages.
const FORM: usize = 256 << 10;

/// The whole page: every route behind the guard.
pub fn app(mut desk: Desk, guard: Guard, bounds: Bounds) -> Router {
    desk.patience = bounds.patience;
    let desk = Arc::new(desk);
    let room = desk.room();
    let reading = Router::new()
        .route("/", get(shelf::page))
        .route("/table.js", get(shelf::script))
        .route("/compare", get(review::compare::page))
        .merge(review::routes())
        .merge(audience::routes())
        .merge(play::routes())
        .merge(trust::routes())
        .merge(campaigns::routes())
        .merge(history::routes())
        .merge(imports::routes(bounds.exports));
    let routes = reading
        .fallback(nowhere)
        .method_not_allowed_fallback(nowhere)
        .layer(DefaultBodyLimit::max(FORM))
        .with_state(desk);
    guard::around(routes, Arc::new(guard), bounds, room)
}

/// The answer to an address that leads nowhere.
async fn nowhere(State(desk): State<Shared>) -> Trouble {
    Trouble::nowhere(&desk.room())
}
