//! What a plan says against itself: odds against other splits, its own account, findings of its history, what checks need.

pub mod account;
pub mod contrast;
pub(crate) mod notes;
pub mod odds;
pub mod returns;
pub(crate) mod warned;
