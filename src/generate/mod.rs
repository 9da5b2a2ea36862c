//! Exports and worlds whose truth is known.
//!
//! A [`WorldSpec`](spec::WorldSpec) says how worlds differ; a seed makes one
//! [`World`](world::World): its segments' true responses, seasons, dispersions and its observed
//! history. `export` writes that history in the platforms' own formats, with `truth.json` beside.

pub mod response;
pub mod spec;
pub mod world;

mod draw;
mod history;
