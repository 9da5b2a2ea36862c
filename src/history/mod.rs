//! The store of everything ever imported, and the questions asked of it.

pub mod row;
