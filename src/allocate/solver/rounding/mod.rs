//! From floats to whole minor units: down the tree, by exact steps where few matter, by exchanges.

pub(crate) mod exchange;
pub(crate) mod repair;
pub(crate) mod round;
pub(crate) mod steps;
