//! Exports → history: all files in one transaction, or none of them; what became of each, in words.
//!
//! [`Intake`] is what one import was asked; [`Intake::look`] reads and stores nothing,
//! [`Intake::store`] reads into a history. Both say of each file what was understood ([`told`]) and
//! what its kind lacks for a plan ([`checkup`]).

mod begun;
pub mod checkup;
mod store;
pub mod told;

pub use self::store::{Ended, Fate, Held, Intake, Outcome, Skips, unread};
