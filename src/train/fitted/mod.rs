//! The trained model: its file, its card, its verdict on itself, its explanation and exports.

pub mod card;
pub(crate) mod explain;
pub(crate) mod export;
pub mod model;
pub mod note;
pub(crate) mod refit;
pub(crate) mod sensitivity;
pub mod verdict;
