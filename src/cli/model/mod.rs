//! Commands that learn and judge what was learnt.

pub mod backtest;
pub mod predict;
pub mod study;
pub mod train;
