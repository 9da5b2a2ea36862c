//! **relais** spends a sponsored-post budget where people pass the message on.
//!
//! Exports of past campaigns become a history, a panel, a model; a campaign file and the model
//! become a plan with its proof; the plan is simulated, reported and, once its flight is over,
//! reviewed.
//!
//! # The map
//!
//! Nouns hold what things are; verbs turn one noun into the next. Each module uses only those
//! above it, or beside it in its row (`tests/it/house.rs` keeps it so, and that no file leads back to
//! itself):
//!
//! | module | what it holds |
//! |---|---|
//! | [`units`], [`random`], [`action`], [`files`] | money and weeks; the seed and its streams; kinds of action and their points; files that are whole or not there |
//! | [`numeric`] | linear algebra, exponentials in lanes, samplers |
//! | [`language`], [`reference`], [`segment`], [`panel`] | French and English; the tables embedded in the binary; audiences, territories, ages, grouping; segment × period cells |
//! | [`history`] | the SQLite store: import journal, panel, questions |
//! | [`ingest`] | exports → rows; one data file per format |
//! | [`intake`] | exports → history, in one transaction or not at all; what became of each file, in words |
//! | [`response`] | curves: pure mathematics |
//! | [`generate`] | worlds of known truth, and their exports |
//! | [`train`] | panel + specification → a model that draws jointly from its posterior |
//! | [`campaign`] | the file a person writes, checked |
//! | [`rules`], [`carbon`] | dated tables → findings; grams of CO2e per impression |
//! | [`draft`](mod@draft) | history → a first campaign file, each choice with its reason |
//! | [`allocate`] | curves + campaign → plan: prices, search, certificate, reasons |
//! | [`check`] | whether a plan agrees with itself, and with its curves in other code than the solver's |
//! | [`simulate`], [`backtest`], [`review`](mod@review) | what could happen; how well it would have predicted; promise against outcome |
//! | [`experiment`] | tests that cost no budget: schedules drawn by lot, and what was learnt from them |
//! | [`report`] | results → HTML, charts, workbook, tables |
//! | [`study`] | decisions over worlds whose truth is known |
//! | [`batch`] | many campaigns at once |
//! | [`serve`] | the local page: the same calls, for people who open no terminal |
//! | [`cli`] | arguments → library call |
//!
//! Data travel `exports → history → panel → model → plan → outcomes → report`. The panel is the
//! border at which another engine may take over the aggregation of raw rows: same columns, same
//! meaning (README, "A panel from a warehouse").
//!
//! # Absent on purpose
//!
//! No global state; no clock and no environment below [`cli`] (`batch` times its jobs); nobody is
//! called over the network ([`serve`] answers, on loopback); no data about persons. All files are written through [`files`]. `ingest`, `panel`,
//! `campaign`, `experiment` and `reference` read; `history`, `train` (the model), `report`, `batch`, `serve`
//! and `cli` read and write; only `cli` prints.
//!
//! # Recipes
//!
//! * *An export format*: copy the nearest file of `data/formats/`, change its words. No Rust.
//! * *A chart*: copy `src/report/chart/plan/weekly_fan.rs`, add it to the list in
//!   `src/report/chart/mod.rs`, its words to `data/lang/{fr,en}/`.
//! * *A command*: copy `src/cli/campaign/init.rs`, add it to `src/cli/arguments/args.rs`, its
//!   French help to `data/help/fr.toml`.
//! * *A policy*: copy the smallest file of `src/simulate/policy/`, add it to the list in its
//!   `mod.rs`.
//! * *A rule*: its table goes to `data/rules/` with source and date, its finding to
//!   `src/rules/judge/`.

pub mod action;
pub mod allocate;
pub mod backtest;
pub mod batch;
pub mod campaign;
pub mod carbon;
pub mod check;
pub mod cli;
pub mod draft;
pub mod experiment;
pub mod files;
pub mod generate;
pub mod history;
pub mod ingest;
pub mod intake;
pub mod language;
pub mod numeric;
pub mod panel;
pub mod random;
pub mod reference;
pub mod report;
pub mod response;
pub mod review;
pub mod rules;
pub mod segment;
pub mod serve;
pub mod simulate;
pub mod study;
pub mod train;
pub mod units;
