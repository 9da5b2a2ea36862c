//! Commands that bring data in and ask it questions.

mod checkup;
pub mod generate;
pub mod guide;
pub mod history;
pub mod import;
pub mod schema;
pub mod segments;
pub mod source;
mod totals;
