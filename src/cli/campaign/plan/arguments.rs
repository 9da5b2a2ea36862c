//! What `relais plan` is asked.

use std::path::PathBuf;

use clap::Args;

use crate::cli::arguments::ranges;

/// Divides a budget, with proof.
#[derive(Debug, Clone, Args)]
pub struct PlanArgs {
    /// The campaign file.
    #[arg(value_name = "CAMPAIGN.toml", required_unless_present_any = ["resume", "check"])]
    pub(super) campaign: Option<PathBuf>,
    /// The trained model; without it, curves or any history, the shipped priors divide.
    #[arg(long, value_name = "model.json", conflicts_with = "curves")]
    pub(super) model: Option<PathBuf>,
    /// Known curves in place of a model.
    #[arg(long, value_name = "curves.csv")]
    pub(super) curves: Option<PathBuf>,
    /// Judges a plan instead of making one: sums, rules, value and a bound of its own, found again
    /// from its curves in other code than the solver's. Exit 1 when something differs. The rules are
    /// those of CAMPAIGN.toml, or else those the plan carries.
    #[arg(
        long,
        value_name = "plan.json",
        conflicts_with_all = ["resume", "out", "gap", "nodes", "allow_outside"]
    )]
    pub(super) check: Option<PathBuf>,
    /// A plan whose flight is running: holds what is spent, learns from it, divides the rest.
    #[arg(
        long,
        value_name = "plan.json",
        conflicts_with_all = ["curves", "campaign"],
        requires = "history"
    )]
    pub(super) resume: Option<PathBuf>,
    /// The history with the flight's exports so far.
    #[arg(long, value_name = "H.sqlite", requires = "resume")]
    pub(super) history: Option<PathBuf>,
    /// Last day whose spend is held (default: the last day that the history knows).
    #[arg(long, value_name = "DATE", requires = "resume")]
    pub(super) until: Option<jiff::civil::Date>,
    /// Folder for `plan.json` (default: the campaign's own).
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Posterior draws to choose on, and as many fresh ones to promise on.
    #[arg(long, value_name = "N", default_value_t = 400, value_parser = ranges::draws())]
    pub(super) draws: usize,
    /// Relative gap at which the search ends (default: 1e-7, or 5e-6 beyond 200 segments).
    #[arg(long, value_parser = ranges::gap)]
    pub(super) gap: Option<f64>,
    /// Most nodes of the search, and of its part before a first plan (default: by the number of
    /// segments; 5000 before a first plan). Spent without a plan, the answer is `undecided`. Nodes
    /// still open take 64 MB at most: beyond, the least promising are let go, and the bound says so.
    #[arg(long)]
    pub(super) nodes: Option<u64>,
    /// Lets the campaign's own `folder` lead out of the folder of its file.
    #[arg(long)]
    pub(super) allow_outside: bool,
}
