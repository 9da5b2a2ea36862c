//! Commands that decide: campaign, plan, simulation, report, review.

pub mod demo;
pub mod experiment;
pub mod init;
pub mod plan;
pub mod report;
pub mod review;
pub mod run;
pub mod simulate;
