//! Reads files into one transaction, and commits it only when nothing was wrong.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use rust_decimal::prelude::ToPrimitive;

use super::begun::Aside;
use crate::history::{
    FileCounts, FileMeta, History, HistoryError, Import, Lowered, Renaming, Totals,
};
use crate::ingest::{Export, FileReport, Formats, IngestError, Mapping};
use crate::language::{Explain, Language};
use crate::panel::PanelNote;

/// What one import was asked.
#[derive(Debug, Clone, Copy)]
pub struct Intake<'a> {
    /// The formats that are known.
    pub formats: &'a Formats,
    /// What a person says of columns and names.
    pub map: Option<&'a Mapping>,
    /// The files.
    pub paths: &'a [PathBuf],
    /// The folder whose way is no part of a file's name in the journal.
    pub within: Option<&'a Path>,
    /// What may be left out.
    pub skips: Skips,
    /// Language of the reasons.
    pub language: Language,
}

/// What may be left out of an import.
#[derive(Debug, Clone, Copy, Default)]
pub struct Skips {
    /// Lines with errors.
    pub invalid: bool,
    /// Files that cannot be read as a whole.
    pub unknown: bool,
}

/// What became of one file.
#[derive(Debug)]
pub struct Outcome {
    /// The file.
    pub path: PathBuf,
    /// What was read of it, or why nothing was.
    pub result: Result<(FileReport, Fate), IngestError>,
}

/// What became of a file's rows.
#[derive(Debug, Default)]
pub struct Fate {
    /// How many were new, replaced others, or were there.
    pub counts: FileCounts,
    /// Totals that its rows have lowered.
    pub lowered: Vec<Lowered>,
    /// Imports and names of the files that have replaced its rows since.
    pub newer: Vec<(i64, String)>,
}

/// What a history holds after an import.
#[derive(Debug)]
pub struct Held {
    /// What its rows add up to.
    pub totals: Totals,
    /// What is to be said of it.
    pub notes: Vec<PanelNote>,
    /// What was probably renamed.
    pub renamings: Vec<Renaming>,
    /// First and last day of its money.
    pub paid_days: Option<(Date, Date)>,
}

/// What a history holds after an import; or why nothing was stored.
pub type Ended = Result<Held, String>;

/// Times that somebody else's new history may come first before an import takes part in it as it
/// comes.
const BEGINNINGS: usize = 5;

/// Where a history is written, and the name by which the person knows it.
#[derive(Clone, Copy)]
struct Place<'a> {
    path: &'a Path,
    known_as: &'a Path,
}

impl Intake<'_> {
    /// Reads everything, stores nothing; `tick` hears of each file that is done.
    pub fn look(&self, tick: &mut dyn FnMut()) -> Vec<Outcome> {
        let sources = self.formats.sources(self.paths);
        let read = |source| {
            let export = self.formats.open_source(source, &sources, self.map)?;
            export.read(&mut |_| ControlFlow::Continue(()))
        };
        let outcomes = sources.all.iter().map(|source| {
            let result = read(source).map(|report| (report, Fate::default()));
            tick();
            Outcome { path: source.path.clone(), result }
        });
        outcomes.collect()
    }

    /// Stores into a history, begun only when something is stored; otherwise the reason. `now` is when
    /// the journal notes it.
    ///
    /// # Errors
    ///
    /// What is wrong with the history; nothing is stored then.
    pub fn store(
        &self,
        path: &Path,
        now: &str,
        tick: &mut dyn FnMut(),
    ) -> Result<(Vec<Outcome>, Ended), HistoryError> {
        History::check_name(path)?;
        for _ in 0..BEGINNINGS {
            if std::fs::symlink_metadata(path).is_ok() {
                break;
            }
            let aside = Aside::beside(path);
            let place = Place { path: aside.path(), known_as: path };
            let (outcomes, ended) = self.store_in(place, now, tick)?;
            let named = || {
                let system = |source| HistoryError::System { path: path.to_owned(), source };
                aside.name(path).map_err(system)
            };
            if ended.is_err() || named()? {
                return Ok((outcomes, ended));
            }
        }
        self.store_in(Place { path, known_as: path }, now, tick)
    }

    fn store_in(
        &self,
        place: Place<'_>,
        now: &str,
        tick: &mut dyn FnMut(),
    ) -> Result<(Vec<Outcome>, Ended), HistoryError> {
        let known = |error: HistoryError| error.at(place.known_as);
        let mut history = History::open(place.path).map_err(known)?;
        let mut import = history.begin_noted(Some(now)).map_err(known)?;
        let mut outcomes = Vec::new();
        let sources = self.formats.sources(self.paths);
        for source in &sources.all {
            let result = match self.formats.open_source(source, &sources, self.map) {
                Ok(export) => self.add(&mut import, &export, &source.path).map_err(known)?,
                Err(error) => Err(error),
            };
            outcomes.push(Outcome { path: source.path.clone(), result });
            tick();
        }
        if let Some(reason) = self.refusal(&outcomes) {
            drop(import);
            for outcome in &mut outcomes {
                if let Ok((_, fate)) = &mut outcome.result {
                    *fate = Fate::default();
                }
            }
            return Ok((outcomes, Err(reason)));
        }
        let first_file = import.first_file();
        let totals = import.commit().map_err(known)?;
        Ok((outcomes, Ok(held(&history, totals, first_file).map_err(known)?)))
    }

    /// Adds one file's rows to the import.
    fn add(
        &self,
        import: &mut Import<'_>,
        export: &Export<'_>,
        path: &Path,
    ) -> Result<Result<(FileReport, Fate), IngestError>, HistoryError> {
        let name = self.within.and_then(|folder| path.strip_prefix(folder).ok()).unwrap_or(path);
        import.file(&FileMeta {
            name: name.display().to_string(),
            fingerprint: export.fingerprint(),
            format: export.format().to_owned(),
            currency: None,
        })?;
        let mut failed = None;
        let read = export.read(&mut |row| match import.row(&row) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        });
        if let Some(error) = failed {
            return Err(error);
        }
        match read {
            Ok(report) => {
                let counts = import.end_file()?;
                let (lowered, newer) = (import.lowered().to_vec(), import.newer().to_vec());
                Ok(Ok((report, Fate { counts, lowered, newer })))
            }
            // What was read of it before the trouble showed must not stay.
            Err(error) => import.abandon_file().map(|()| Err(error)),
        }
    }

    /// Why nothing may be stored, when something may not: every file and every line at fault.
    #[must_use]
    pub fn refusal(&self, outcomes: &[Outcome]) -> Option<String> {
        let language = self.language;
        let mut errors = unread(language, outcomes);
        if !errors.is_empty() && (!self.skips.unknown || errors.len() == outcomes.len()) {
            if outcomes.len() > errors.len() {
                let good = language.number((outcomes.len() - errors.len()) as f64, 0);
                let count = errors.len() as u64;
                errors.push(language.count("ingest-unread-files", count, &[("good", &good)]));
            }
            return Some(errors.join("\n"));
        }
        let reports = outcomes.iter().filter_map(|outcome| outcome.result.as_ref().ok());
        let rejected: u64 = reports.map(|(report, _)| report.rows_rejected).sum();
        (rejected > 0 && !self.skips.invalid).then(|| {
            let count = language.number(rejected as f64, 0);
            language.say("ingest-rejected-lines", &[("count", &count)])
        })
    }
}

/// What a history holds once an import is in it whose first file has this number.
fn held(history: &History, totals: Totals, first_file: i64) -> Result<Held, HistoryError> {
    let renamings = history.likely_renamings(first_file)?;
    let mut notes = history.windows()?;
    let below = totals.currencies.values().filter(|spend| spend.is_sign_negative());
    notes.extend(
        below.map(|spend| PanelNote::RefundsBeyond { spend: -spend.to_f64().unwrap_or_default() }),
    );
    let counts = totals.actions.iter().map(|(kind, count)| (kind.column(), *count));
    let taken_back = counts.chain([("impressions", totals.impressions)]).filter(|(_, n)| *n < 0.0);
    notes.extend(taken_back.map(|(column, count)| PanelNote::CountsBeyond {
        column: column.to_owned(),
        count: -count,
    }));
    let paid_days = history.paid_days()?;
    Ok(Held { totals, notes, renamings, paid_days })
}

/// What is wrong with each file that could not be read.
pub fn unread(language: Language, outcomes: &[Outcome]) -> Vec<String> {
    let errors = outcomes.iter().filter_map(|outcome| outcome.result.as_ref().err());
    errors.map(|error| error.explain(language)).collect()
}
