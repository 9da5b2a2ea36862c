//! Everything one report tells: the plan and what stands beside it.

use crate::allocate::plan::row::Range;
use crate::allocate::plan::{Mark, Plan, SEALED, VERSION};

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::ReportError;
use crate::backtest::scores::Backtest;
use crate::check::Marked;
use crate::language::message::Message;
use crate::segment::Segment;
use crate::simulate::outcomes::Outcomes;
use crate::train::fitted::card::ModelCard;
use crate::units::Week;
use crate::{check, files};

/// What a report is made of; `dossier.json` is this, so that a report can be written again.
///
/// Only the plan is needed: a section whose part is missing is left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReportData {
    /// The plan.
    pub plan: Plan,
    /// What may come of it.
    #[serde(default)]
    pub outcomes: Option<Outcomes>,
    /// How well the model predicted weeks held back.
    #[serde(default)]
    pub backtest: Option<Backtest>,
    /// What the model says of itself.
    #[serde(default)]
    pub card: Option<ModelCard>,
    /// The history in totals.
    #[serde(default)]
    pub history: Option<HistorySummary>,
    /// Earlier flights that are over: what was promised, what happened.
    #[serde(default)]
    pub kept: Vec<KeptPromise>,
    /// Segments that the model knows, with what is known of them: reports name those that are not
    /// in the plan by it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<Segment>,
    /// The command that makes this result again.
    #[serde(default)]
    pub command: String,
    /// Digest of all this but the plan, which has its own; absent beside plans of version 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Mark>,
}

/// The history in totals, as far as charts and the list of data need it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct HistorySummary {
    /// Files read, in import order.
    pub files: Vec<HistoryFile>,
    /// Rows kept.
    pub rows: u64,
    /// Money.
    pub spend: f64,
    /// Impressions, when reported.
    pub impressions: Option<f64>,
    /// Totals by kind of action: panel column name, count.
    pub actions: Vec<(String, f64)>,
    /// Totals by week, in order, weeks without any row left out.
    pub weeks: Vec<WeekTotals>,
    /// What was read and is not used, in the person's language.
    pub unused: Vec<String>,
}

/// A file of the history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HistoryFile {
    /// Its name, without its folder.
    pub name: String,
    /// The export format it was read as.
    pub format: String,
    /// SHA-256 of its bytes.
    pub fingerprint: String,
    /// Rows kept.
    pub rows: u64,
    /// Rows left out: totals, preambles, duplicates, rejected.
    pub left_out: u64,
}

/// Totals of one week.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WeekTotals {
    /// The week.
    pub week: Week,
    /// Money.
    pub spend: f64,
    /// Active actions.
    pub active: f64,
    /// Reactions, when reported.
    pub reactions: Option<f64>,
    /// Follows, when reported.
    pub follows: Option<f64>,
    /// Impressions, when reported.
    pub impressions: Option<f64>,
}

/// A promise whose flight is over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptPromise {
    /// Which flight, or which week of it.
    pub label: Message,
    /// Value promised, in points.
    pub promised: Range,
    /// Value that happened.
    pub realised: f64,
}

impl ReportData {
    /// A dossier that holds a plan alone.
    #[must_use]
    pub fn of_plan(plan: Plan) -> Self {
        Self {
            plan,
            outcomes: None,
            backtest: None,
            card: None,
            history: None,
            kept: Vec::new(),
            segments: Vec::new(),
            command: String::new(),
            digest: None,
        }
    }

    /// The files of a run's folder that [`Self::read`] looks at.
    #[must_use]
    pub fn files(folder: &Path) -> [PathBuf; 4] {
        let names = ["dossier.json", "plan.json", "outcomes.json", "backtest.json"];
        names.map(|name| folder.join(name))
    }

    /// Reads the dossier of a run's folder: `dossier.json`, or `plan.json` with what lies beside.
    ///
    /// # Errors
    ///
    /// [`ReportError`] when neither is there, one is not what it says, or the plan of either does
    /// not agree with itself.
    pub fn read(folder: &Path) -> Result<Self, ReportError> {
        let plan = folder.join("plan.json");
        let own = plan.is_file().then(|| read_plan(&plan)).transpose()?;
        let whole = folder.join("dossier.json");
        if whole.is_file() {
            let report_data: Self = read_json(&whole)?;
            believe(&report_data.plan, &whole)?;
            believe_beside(&report_data.plan, &report_data, &whole)?;
            return Ok(report_data);
        }
        let own = own.ok_or_else(|| ReportError::NoRun { folder: folder.to_owned() })?;
        let mut report_data = Self::of_plan(own);
        let beside = folder.join("outcomes.json");
        report_data.outcomes = read_if_there(&beside)?;
        if let Some(outcomes) = &report_data.outcomes {
            believe_beside(&report_data.plan, outcomes, &beside)?;
        }
        let beside = folder.join("backtest.json");
        report_data.backtest = read_if_there(&beside)?;
        if let Some(backtest) = &report_data.backtest {
            believe_beside(&report_data.plan, backtest, &beside)?;
        }
        Ok(report_data)
    }
}

/// The digest is of all but the plan, which has its own.
impl Marked for ReportData {
    fn mark(&mut self) -> &mut Option<Mark> {
        &mut self.digest
    }

    fn marked(&self) -> Option<&Mark> {
        self.digest.as_ref()
    }

    fn said(&self) -> impl Serialize {
        let Self { plan: _, outcomes, backtest, card, history, kept, segments, command, digest: _ } =
            self;
        (outcomes, backtest, card, history, kept, segments, command)
    }
}

/// Reads a plan that agrees with itself, `plan.json` or the one in a dossier.
///
/// # Errors
///
/// [`ReportError`] when the file cannot be read or holds no plan, or one that was changed since.
pub fn read_plan(path: &Path) -> Result<Plan, ReportError> {
    let plan = read_any_plan(path)?;
    believe(&plan, path)?;
    Ok(plan)
}

/// Reads a plan whether it agrees with itself or not: for those who ask just that.
///
/// # Errors
///
/// [`ReportError`] when the file cannot be read or holds no plan that this version knows.
pub fn read_any_plan(path: &Path) -> Result<Plan, ReportError> {
    let plan: Plan = if path.file_name().is_some_and(|name| name == "dossier.json") {
        read_json::<ReportData>(path).map(|report_data| report_data.plan)?
    } else {
        read_json(path)?
    };
    is_known(&plan, path)?;
    Ok(plan)
}

/// Refuses a plan of a later version.
fn is_known(plan: &Plan, path: &Path) -> Result<(), ReportError> {
    let path = || path.to_owned();
    let found = plan.version;
    if found > VERSION {
        return Err(ReportError::Newer { path: path(), found, known: VERSION });
    }
    Ok(())
}

/// Refuses a plan that was changed since it was written, or that does not tell.
fn believe(plan: &Plan, path: &Path) -> Result<(), ReportError> {
    is_known(plan, path)?;
    let differences = check::differences(plan);
    if differences.is_empty() {
        let version = plan.version;
        return match plan.digest {
            Some(_) => Ok(()),
            None => Err(ReportError::Unsealed { path: path.to_owned(), version }),
        };
    }
    Err(ReportError::Edited { path: path.to_owned(), differences, currency: plan.currency })
}

/// Refuses what stands beside a plan and was changed since it was written, or has lost the digest
/// that comes with such a plan.
fn believe_beside(plan: &Plan, beside: &impl Marked, path: &Path) -> Result<(), ReportError> {
    match beside.stands() {
        Some(false) => Err(ReportError::Changed { path: path.to_owned() }),
        None if plan.version >= SEALED => Err(ReportError::Bare { path: path.to_owned() }),
        _ => Ok(()),
    }
}

/// Reads a file's bytes.
///
/// # Errors
///
/// [`ReportError::Unreadable`].
pub fn read_bytes(path: &Path) -> Result<Vec<u8>, ReportError> {
    files::read(path, files::LARGEST_RESULT)
        .map_err(|source| ReportError::Unreadable { path: path.to_owned(), source })
}

/// Reads a CSV of pairs with a head: first column → second.
///
/// # Errors
///
/// [`ReportError`] when it cannot be read, or a line has no two columns.
pub fn read_pairs(path: &Path) -> Result<BTreeMap<String, String>, ReportError> {
    let bytes = read_bytes(path)?;
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let mut pairs = BTreeMap::new();
    for (i, record) in reader.records().enumerate() {
        let trouble =
            |trouble: String| ReportError::NotPairs { path: path.to_owned(), line: i + 2, trouble };
        let record =
            record.map_err(|source| ReportError::NotCsv { path: path.to_owned(), source })?;
        match (record.get(0), record.get(1)) {
            (Some(from), Some(to)) => pairs.insert(from.to_owned(), to.trim().to_owned()),
            _ => return Err(trouble(record.as_slice().to_owned())),
        };
    }
    Ok(pairs)
}

/// Reads one JSON file of a run.
fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, ReportError> {
    let bytes = read_bytes(path)?;
    serde_json::from_slice(&bytes)
        .map_err(|source| ReportError::NotARun { path: path.to_owned(), source })
}

fn read_if_there<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Option<T>, ReportError> {
    if path.is_file() { read_json(path).map(Some) } else { Ok(None) }
}
