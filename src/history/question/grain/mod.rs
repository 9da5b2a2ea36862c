//! The same money, reported at several grains, counted once.
//!
//! Exports overlap: one campaign by age and again by platform, an ad set and its ads, 77 days in
//! one row and the same days one by one, a post since its publication and day by day ([`lifetime`]),
//! a page by day and its posts, each of which counts on one day what came until the last.
//! Rows become *settled* (window against days, [`settle`]),
//! hang on a tree of account, campaign, ad set and ad ([`tree`]), and for each stretch of time one
//! grain is chosen at each knot of the tree ([`choose`]). What a chosen breakdown lacks against
//! the fullest grain stays as a rest, so the sum never depends on the attributes asked for.

pub(crate) mod choose;
pub(crate) mod lifetime;
pub(crate) mod settle;
mod stretch;
pub(crate) mod tree;
