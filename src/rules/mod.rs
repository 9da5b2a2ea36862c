//! The dated rule tables, and what they find in a campaign.
//!
//! Every number, date and list is in `data/rules/`, `data/calendar.toml`, `data/territories.toml`
//! or `data/carbon.toml`, with its source and the month it was read: rules change, and `--data`
//! replaces them. Every rule says from when until when it holds, and whether it is law: a bill
//! forbids nothing, and a rule that does not say so is refused. A new rule is a table, a file in `judge/` that judges by it, a line in
//! [`Tables::findings`], and a message in both languages.

mod basis;
pub mod finding;
mod inquiry;
mod judge;
mod networks;
mod table;
mod tables;
#[cfg(test)]
mod tests;

pub use self::basis::{Basis, State, WrongOrigin};
pub use self::finding::forced_to_zero;
pub use self::inquiry::{EarlierYear, Inquiry, RowFigures};
pub use self::judge::elections::Window;
pub use self::judge::minimums::Minimum;
pub use self::networks::Network;
pub use self::table::{Origin, RulesError};
pub use self::tables::Tables;
