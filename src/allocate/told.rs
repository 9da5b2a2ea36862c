//! What a plan says in words: messages with their values.

pub use crate::language::message::{Message, Value, points};
