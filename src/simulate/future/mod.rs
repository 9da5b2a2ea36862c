//! One future, the same for every policy: what it shares, what is drawn, what a week brings, and its record.

pub(crate) mod context;
pub(crate) mod drawn;
pub(crate) mod expected;
pub(crate) mod figures;
pub mod kept;
pub(crate) mod parameters;
pub(crate) mod state;
pub mod trace;
