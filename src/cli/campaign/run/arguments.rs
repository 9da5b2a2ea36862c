//! What `relais run` is asked for.

use std::path::PathBuf;

use clap::Args;

use crate::batch::shard::Shard;
use crate::cli::arguments::ranges;

/// Works on many campaigns at once.
///
/// Each campaign gets a folder of its own with plan, outcomes, report, charts, workbook and
/// tables. A campaign that fails is reported at the end and stops no other; what is already done
/// with identical inputs is skipped. Ctrl-C leaves no half-written result. An older result is
/// replaced file by file as its `done.json` lists them: whatever else stands in its folder stays,
/// and a folder that relais did not make is refused.
#[derive(Debug, Clone, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct RunArgs {
    /// Campaign files.
    #[arg(required_unless_present = "merge", value_name = "CAMPAIGN.toml")]
    pub campaigns: Vec<PathBuf>,
    /// Folder for the results; each campaign has a folder below it, in which only files that relais
    /// wrote are ever replaced.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// A trained model for all campaigns, in place of each campaign's history.
    #[arg(long, value_name = "model.json")]
    pub model: Option<PathBuf>,
    /// A panel of several advertisers (CSV, Parquet or Arrow), for which the one campaign file is a
    /// pattern, in place of a history.
    #[arg(long, value_name = "P.csv", requires_all = ["by", "out"], conflicts_with = "model")]
    pub panel: Option<PathBuf>,
    /// The column of the panel that names the advertiser: each value has a folder of its own below
    /// `--out`, and one that fails stops no other.
    #[arg(long, value_name = "COLUMN", requires = "panel")]
    pub by: Option<String>,
    /// What to fit: `default`, `reach`, `sparse`, or a file (see `models/`).
    #[arg(long, value_name = "NAME|FILE", default_value = "default")]
    pub spec: String,
    /// Replicates of the simulation (default: as many as its error target asks for).
    #[arg(long, value_name = "N", value_parser = ranges::replicates())]
    pub replicates: Option<u64>,
    /// A plan whose flight is over: the reports show what it promised beside what happened.
    #[arg(long, value_name = "PLAN.json", num_args = 1)]
    pub earlier: Vec<PathBuf>,
    /// Leaves out the scores on held-back weeks.
    #[arg(long)]
    pub no_backtest: bool,
    /// Campaigns at once (default: one per core).
    #[arg(long, value_name = "N")]
    pub jobs: Option<usize>,
    /// Makes again what is already done.
    #[arg(long)]
    pub force: bool,
    /// Lets a campaign's own `folder` lead out of the folder of its file.
    #[arg(long)]
    pub allow_outside: bool,
    /// Works on this part of the campaigns alone, told by their names: the same list with 1/3, 2/3
    /// and 3/3, on any machines, makes what one run does.
    #[arg(long, value_name = "I/N", requires = "out")]
    pub shard: Option<Shard>,
    /// Joins the `summary-I-of-N.json` of all parts in `--out` into the `summary.json` of the whole.
    #[arg(long, requires = "out", conflicts_with_all = ["campaigns", "shard"])]
    pub merge: bool,
}

impl RunArgs {
    /// Everything by default but the campaigns and the folder.
    #[must_use]
    pub fn plain(campaigns: Vec<PathBuf>, out: PathBuf) -> Self {
        Self {
            campaigns,
            out: Some(out),
            model: None,
            panel: None,
            by: None,
            spec: "default".to_owned(),
            replicates: None,
            earlier: Vec::new(),
            no_backtest: false,
            jobs: None,
            force: false,
            allow_outside: false,
            shard: None,
            merge: false,
        }
    }
}
