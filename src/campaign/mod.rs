//! The campaign file: what a person asks for, read, checked and resolved.
//!
//! [`file`] holds the file as written (unknown keys are errors), [`Campaign`] the proven value
//! that every later stage takes.

pub mod error;
pub mod file;
pub mod leaves;
mod money;
mod resolve;
mod settings;

pub use settings::{
    Amount, Campaign, GroupMembers, GroupRule, Levers, Limits, MinIfFunded, Objective, Output,
    OutputFormat, Pacing, Rounding, SegmentRule, Selection, Shock, SideRule, SpendRule, matches,
};

pub use money::{Exchange, HistoryMoney, OtherCurrency};
