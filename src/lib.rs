//! **relais** spends a sponsored-post budget where people pass the message on.

pub mod action;
pub mod allocate;
pub mod backtest;
pub mod batch;
pub mod campaign;
pub mod carbon;
pub mod cli;
pub mod generate;
pub mod history;
pub mod ingest;
pub mod language;
pub mod panel;
pub mod random;
pub mod reference;
pub mod report;
pub mod response;
pub mod review;
pub mod rules;
pub mod segment;
pub mod simulate;
pub mod train;
pub mod units;
