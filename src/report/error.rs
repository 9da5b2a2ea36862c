//! What can go wrong while a report is read or written.

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::allocate::plan::SEALED;
use crate::language::message::Message;
use crate::language::{Explain, Language};
use crate::units::Currency;

/// A report could not be made.
#[derive(Debug, Error)]
pub enum ReportError {
    /// The folder holds neither `dossier.json` nor `plan.json`.
    #[error("`{folder}` holds neither `dossier.json` nor `plan.json`")]
    NoRun {
        /// The folder.
        folder: PathBuf,
    },
    /// A file cannot be read.
    #[error("could not read `{path}`: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file of a run is not what its name says.
    #[error("`{path}`: {source}")]
    NotARun {
        /// The file.
        path: PathBuf,
        /// What the JSON reader found.
        source: serde_json::Error,
    },
    /// A plan no longer agrees with itself.
    #[error("`{path}` does not agree with itself: {differences:?}")]
    Edited {
        /// The file.
        path: PathBuf,
        /// What differs.
        differences: Vec<Message>,
        /// The plan's currency.
        currency: Option<Currency>,
    },
    /// A plan without digest: nobody can tell whether it was changed.
    #[error("`{path}` is a plan without digest, of version {version}")]
    Unsealed {
        /// The file.
        path: PathBuf,
        /// The version that it says it is of.
        version: u32,
    },
    /// A plan of a later relais.
    #[error("`{path}` is a plan of version {found}; this relais knows versions up to {known}")]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The latest known here.
        known: u32,
    },
    /// What stands beside a plan was changed since it was written.
    #[error("`{path}` was changed since it was written")]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// What stands beside a plan has no digest, though the plan's version writes one.
    #[error("`{path}` has no digest")]
    Bare {
        /// The file.
        path: PathBuf,
    },
    /// A file is no CSV.
    #[error("`{path}`: {source}")]
    NotCsv {
        /// The file.
        path: PathBuf,
        /// What the reader said.
        source: csv::Error,
    },
    /// A file of pairs is not one.
    #[error("`{path}`, line {line}: expected `segment,ad_set_id`: {trouble}")]
    NotPairs {
        /// The file.
        path: PathBuf,
        /// Its line.
        line: usize,
        /// What was found.
        trouble: String,
    },
    /// A file cannot be written.
    #[error("could not write `{path}`: {source}")]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The SVG library refused a drawing of ours.
    #[error("chart `{chart}`: {trouble}")]
    Chart {
        /// The chart.
        chart: &'static str,
        /// What it said.
        trouble: String,
    },
    /// A template of ours does not render.
    #[error("page `{name}`: {trouble}")]
    Page {
        /// The template.
        name: &'static str,
        /// What it said.
        trouble: askama::Error,
    },
    /// A table of ours cannot be written as CSV.
    #[error("table `{name}`: {trouble}")]
    Table {
        /// What the table shows.
        name: String,
        /// What the CSV writer said.
        trouble: csv::Error,
    },
    /// The workbook library refused a sheet of ours.
    #[error("workbook: {0}")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
}

impl Explain for ReportError {
    fn explain(&self, language: Language) -> String {
        match self {
            Self::NoRun { folder } => {
                let folder = folder.display().to_string();
                language.say("error-report-no-run", &[("folder", &folder)])
            }
            Self::Unreadable { path, source } => language.say(
                "error-report-unreadable",
                &[("path", &path.display().to_string()), ("trouble", &language.cause(source))],
            ),
            Self::NotCsv { path, source } => language.say(
                "error-report-unreadable",
                &[("path", &path.display().to_string()), ("trouble", &language.csv(source))],
            ),
            Self::NotARun { path, source } => language.say(
                "error-report-not-a-run",
                &[("path", &path.display().to_string()), ("trouble", &language.json(source))],
            ),
            Self::Edited { path, differences, currency } => {
                edited(path, differences, *currency, language)
            }
            Self::Unsealed { path, version } => {
                let told = if *version < SEALED { "older" } else { "removed" };
                let path = path.display().to_string();
                let values = [("path", &path[..]), ("version", &version.to_string())];
                language.say(&format!("error-check-no-digest-{told}"), &values)
            }
            Self::Newer { path, found, known } => language.say(
                "error-check-newer",
                &[
                    ("path", &path.display().to_string()),
                    ("found", &found.to_string()),
                    ("known", &known.to_string()),
                ],
            ),
            Self::Changed { path } => {
                language.say("error-check-changed", &[("path", &path.display().to_string())])
            }
            Self::Bare { path } => {
                language.say("error-check-bare", &[("path", &path.display().to_string())])
            }
            Self::NotPairs { path, line, trouble } => language.say(
                "error-report-not-pairs",
                &[
                    ("path", &path.display().to_string()),
                    ("line", &line.to_string()),
                    ("trouble", trouble),
                ],
            ),
            Self::Unwritable { path, source } => language.say(
                "error-report-unwritable",
                &[("path", &path.display().to_string()), ("trouble", &language.cause(source))],
            ),
            Self::Chart { chart, trouble } => {
                language.say("error-report-chart", &[("chart", chart), ("trouble", trouble)])
            }
            Self::Page { name, trouble } => language
                .say("error-report-page", &[("page", name), ("trouble", &trouble.to_string())]),
            Self::Table { name, trouble } => language
                .say("error-report-table", &[("table", name), ("trouble", &trouble.to_string())]),
            Self::Workbook(trouble) => {
                language.say("error-report-workbook", &[("trouble", &trouble.to_string())])
            }
        }
    }
}

/// Differences told before the rest is counted.
const DIFFERENCES_TOLD: usize = 8;

/// What differs in a plan that was changed, and how to change one.
fn edited(
    path: &Path,
    differences: &[Message],
    currency: Option<Currency>,
    language: Language,
) -> String {
    let path = path.display().to_string();
    let mut lines = vec![language.say("error-check-edited", &[("path", &path)])];
    let told = differences.iter().take(DIFFERENCES_TOLD);
    lines.extend(told.map(|one| format!("  {}", one.say(language, currency))));
    let more = differences.len().saturating_sub(DIFFERENCES_TOLD);
    if more > 0 {
        lines.push(format!("  {}", language.count("check-more", more as u64, &[])));
    }
    lines.push(language.text("error-check-edited-hint"));
    lines.join("\n")
}
