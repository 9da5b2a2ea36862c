//! The command line as typed.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use super::backtest::BacktestArgs;
use super::completions::CompletionsArgs;
use super::context::{Context, Exit};
use super::demo::DemoArgs;
use super::generate::GenerateArgs;
use super::history::HistoryArgs;
use super::import::ImportArgs;
use super::init::InitArgs;
use super::plan::PlanArgs;
use super::predict::PredictArgs;
use super::ranges;
use super::report::ReportArgs;
use super::review::ReviewArgs;
use super::run::RunArgs;
use super::schema::SchemaArgs;
use super::segments::SegmentsArgs;
use super::simulate::SimulateArgs;
use super::study::StudyArgs;
use super::train::TrainArgs;

/// Spends a sponsored-post budget where people pass the message on.
#[derive(Debug, Clone, Parser)]
#[command(name = "relais", version, about, propagate_version = true)]
pub struct Cli {
    /// Prints one JSON object on stdout, for machines.
    #[arg(long, global = true)]
    pub json: bool,
    /// Language of everything people read: `fr` or `en` (default: from the locale).
    #[arg(long, global = true, value_name = "fr|en")]
    pub lang: Option<String>,
    /// Seed of the run; the same seed gives the same bytes.
    #[arg(long, global = true, default_value_t = 1)]
    pub seed: u64,
    /// Threads to use (default: one per core); results do not depend on it.
    #[arg(long, global = true, value_parser = ranges::threads())]
    pub threads: Option<usize>,
    /// Folder whose tables replace the embedded ones, laid out like `data/`.
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands, in the order people meet them.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// The whole job on the shipped data.
    Demo(DemoArgs),
    /// Makes exports of a world whose truth is known.
    Generate(GenerateArgs),
    /// Reads exports into the history.
    Import(ImportArgs),
    /// Asks the history: posts, compare, panel, undo.
    History(HistoryArgs),
    /// Groups small ad sets into planning segments.
    Segments(SegmentsArgs),
    /// Learns response curves from a history or a panel.
    Train(TrainArgs),
    /// Predicts active engagement at given spends.
    Predict(PredictArgs),
    /// Divides a budget, with proof.
    Plan(PlanArgs),
    /// Simulates what a plan promises.
    Simulate(SimulateArgs),
    /// Measures decision quality over many worlds.
    Study(StudyArgs),
    /// Scores predictions on held-back weeks.
    Backtest(BacktestArgs),
    /// Works on many campaigns at once.
    Run(RunArgs),
    /// Writes or compares reports.
    Report(ReportArgs),
    /// Compares a promise with what happened.
    Review(ReviewArgs),
    /// Writes a commented campaign file.
    Init(InitArgs),
    /// Prints the JSON schema of the files relais reads.
    Schema(SchemaArgs),
    /// Prints shell completions.
    Completions(CompletionsArgs),
}

impl Command {
    /// Runs it.
    ///
    /// # Errors
    ///
    /// Bad input, told in the person's language.
    pub fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        match self {
            Self::Demo(args) => super::demo::run(args, context),
            Self::Generate(args) => super::generate::run(args, context),
            Self::Import(args) => super::import::run(args, context),
            Self::History(args) => super::history::run(args, context),
            Self::Segments(args) => super::segments::run(args, context),
            Self::Train(args) => super::train::run(args, context),
            Self::Predict(args) => super::predict::run(args, context),
            Self::Plan(args) => super::plan::run(args, context),
            Self::Simulate(args) => super::simulate::run(args, context),
            Self::Study(args) => super::study::run(args, context),
            Self::Backtest(args) => super::backtest::run(args, context),
            Self::Run(args) => super::run::run(args, context),
            Self::Report(args) => super::report::run(args, context),
            Self::Review(args) => super::review::run(args, context),
            Self::Init(args) => super::init::run(args, context),
            Self::Schema(args) => super::schema::run(args, context),
            Self::Completions(args) => super::completions::run(args, context),
        }
    }
}
