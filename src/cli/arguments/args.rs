//! The command line as typed.

use std::path::PathBuf;

use clap::{CommandFactory, Parser, Subcommand};

use super::ranges;
use super::touched::Touched;
use crate::cli::campaign::demo::DemoArgs;
use crate::cli::campaign::experiment::ExperimentArgs;
use crate::cli::campaign::init::InitArgs;
use crate::cli::campaign::plan::PlanArgs;
use crate::cli::campaign::report::ReportArgs;
use crate::cli::campaign::review::ReviewArgs;
use crate::cli::campaign::run::RunArgs;
use crate::cli::campaign::simulate::SimulateArgs;
use crate::cli::completions::CompletionsArgs;
use crate::cli::data::generate::GenerateArgs;
use crate::cli::data::guide::GuideArgs;
use crate::cli::data::history::HistoryArgs;
use crate::cli::data::import::ImportArgs;
use crate::cli::data::schema::SchemaArgs;
use crate::cli::data::segments::SegmentsArgs;
use crate::cli::man::ManArgs;
use crate::cli::model::backtest::BacktestArgs;
use crate::cli::model::predict::PredictArgs;
use crate::cli::model::study::StudyArgs;
use crate::cli::model::train::TrainArgs;
use crate::cli::serve::ServeArgs;
use crate::cli::terminal::context::{Context, Exit};

/// The version, with the commit that it was built from where that is known.
const VERSION: &str = match option_env!("RELAIS_VERSION") {
    Some(version) => version,
    None => env!("CARGO_PKG_VERSION"),
};

/// Spends a sponsored-post budget where people pass the message on.
#[derive(Debug, Clone, Parser)]
#[command(name = "relais", version = VERSION, about, propagate_version = true)]
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
    /// Tells which export to make, network by network.
    Guide(GuideArgs),
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
    /// Designs a test that costs no budget, and reads it.
    Experiment(ExperimentArgs),
    /// Opens the local page, in a browser on this machine alone.
    Serve(ServeArgs),
    /// Writes a commented campaign file.
    Init(InitArgs),
    /// Prints the JSON schema of the files relais reads.
    Schema(SchemaArgs),
    /// Prints shell completions.
    Completions(CompletionsArgs),
    /// Writes manual pages.
    Man(ManArgs),
}

impl Command {
    /// The files that the person named.
    pub(crate) fn touched(&self) -> Touched<'_> {
        match self {
            Self::History(args) => args.touched(),
            Self::Init(args) => args.touched(),
            Self::Segments(args) => args.touched(),
            Self::Train(args) => args.touched(),
            Self::Predict(args) => args.touched(),
            Self::Simulate(args) => args.touched(),
            Self::Study(args) => args.touched(),
            Self::Report(args) => args.touched(),
            Self::Experiment(args) => args.touched(),
            // Whole folders, whose own files the folder's list knows, or files that must be new.
            _ => Touched::default(),
        }
    }

    /// Runs it.
    ///
    /// # Errors
    ///
    /// Bad input, told in the person's language.
    pub fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        match self {
            Self::Demo(args) => crate::cli::campaign::demo::run(args, context),
            Self::Generate(args) => crate::cli::data::generate::run(args, context),
            Self::Guide(args) => crate::cli::data::guide::run(args, context),
            Self::Import(args) => crate::cli::data::import::run(args, context),
            Self::History(args) => crate::cli::data::history::run(args, context),
            Self::Segments(args) => crate::cli::data::segments::run(args, context),
            Self::Train(args) => crate::cli::model::train::run(args, context),
            Self::Predict(args) => crate::cli::model::predict::run(args, context),
            Self::Plan(args) => crate::cli::campaign::plan::run(args, context),
            Self::Simulate(args) => crate::cli::campaign::simulate::run(args, context),
            Self::Study(args) => crate::cli::model::study::run(args, context),
            Self::Backtest(args) => crate::cli::model::backtest::run(args, context),
            Self::Run(args) => crate::cli::campaign::run::run(args, context),
            Self::Report(args) => crate::cli::campaign::report::run(args, context),
            Self::Review(args) => crate::cli::campaign::review::run(args, context),
            Self::Experiment(args) => crate::cli::campaign::experiment::run(args, context),
            Self::Serve(args) => crate::cli::serve::run(args, context),
            Self::Init(args) => crate::cli::campaign::init::run(args, context),
            Self::Schema(args) => crate::cli::data::schema::run(args, context),
            Self::Completions(args) => {
                crate::cli::completions::run(args, &mut Cli::command(), context)
            }
            Self::Man(args) => crate::cli::man::run(args, Cli::command(), context),
        }
    }
}
