//! A schedule as a table: `segment,week,budget`, with `factor` where somebody else designed it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;

use super::protocol::Protocol;
use crate::files;
use crate::language::{Explain, Language};
use crate::numeric::digits::short;
use crate::panel::write::{neutral, original};
use crate::units::Week;

/// A row of a schedule.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ScheduledWeek {
    /// The audience.
    pub segment: String,
    /// The week.
    pub week: Week,
    /// Scheduled over planned money.
    #[serde(default)]
    pub factor: Option<f64>,
    /// Money scheduled.
    pub budget: f64,
}

/// A file that is no schedule.
#[derive(Debug, Error)]
pub enum ScheduleError {
    /// It cannot be read.
    #[error("{}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A line of it is not as it must be.
    #[error("{}: {source}", path.display())]
    NotRows {
        /// The file.
        path: PathBuf,
        /// What was found, and where.
        source: csv::Error,
    },
    /// An audience's week stands twice.
    #[error("{}, line {line}: {segment}, {week} stands in line {first} already", path.display())]
    Twice {
        /// The file.
        path: PathBuf,
        /// The line.
        line: u64,
        /// The line that has it first.
        first: u64,
        /// The audience.
        segment: String,
        /// The week.
        week: Week,
    },
    /// A number of it is no money or no factor.
    #[error("{}, line {line}: found {found}", path.display())]
    Number {
        /// The file.
        path: PathBuf,
        /// The line.
        line: u64,
        /// What was found.
        found: f64,
    },
}

impl ScheduleError {
    fn twice(path: &Path, row: &ScheduledWeek, line: u64, first: u64) -> Self {
        let ScheduledWeek { segment, week, .. } = row;
        let (path, segment) = (path.to_owned(), segment.clone());
        Self::Twice { path, line, first, segment, week: *week }
    }
}

impl Explain for ScheduleError {
    fn explain(&self, language: Language) -> String {
        let (path, trouble) = match self {
            Self::Unreadable { path, source } => (path, language.cause(source)),
            Self::NotRows { path, source } => (path, language.csv(source)),
            Self::Twice { path, line, first, segment, week } => {
                let [line, first, week] = [line.to_string(), first.to_string(), week.to_string()];
                let values =
                    [("line", &line[..]), ("first", &first), ("segment", segment), ("week", &week)];
                (path, language.say("experiment-error-twice", &values))
            }
            Self::Number { path, line, found } => {
                let values = [("line", &line.to_string()[..]), ("found", &found.to_string())];
                (path, language.say("experiment-error-number", &values))
            }
        };
        let values = [("path", &path.display().to_string()[..]), ("trouble", &trouble)];
        language.say("error-report-unreadable", &values)
    }
}

/// Reads a schedule.
///
/// # Errors
///
/// [`ScheduleError`] says which line is not one of a schedule.
pub fn read_schedule(path: &Path) -> Result<Vec<ScheduledWeek>, ScheduleError> {
    let text = files::read_text(path, files::LARGEST_TEXT)
        .map_err(|source| ScheduleError::Unreadable { path: path.to_owned(), source })?;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().cloned();
    let told = |source| ScheduleError::NotRows { path: path.to_owned(), source };
    let header = header.map_err(told)?;
    let (mut rows, mut seen) = (Vec::new(), BTreeMap::new());
    for record in reader.records() {
        let record = record.map_err(told)?;
        let line = record.position().map_or(0, csv::Position::line);
        let row: ScheduledWeek = record.deserialize(Some(&header)).map_err(told)?;
        let wrong = |x: &f64| !(0.0..1e12).contains(x);
        if let Some(found) = [Some(row.budget), row.factor].into_iter().flatten().find(wrong) {
            return Err(ScheduleError::Number { path: path.to_owned(), line, found });
        }
        let row = ScheduledWeek { segment: original(&row.segment).to_owned(), ..row };
        if let Some(first) = seen.insert((row.segment.clone(), row.week), line) {
            return Err(ScheduleError::twice(path, &row, line, first));
        }
        rows.push(row);
    }
    Ok(rows)
}

/// `schedule.csv`: `segment,week,planned,factor,budget`, the test's weeks.
///
/// # Errors
///
/// What the writer said.
pub fn schedule_csv(protocol: &Protocol) -> csv::Result<Vec<u8>> {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(["segment", "week", "planned", "factor", "budget"])?;
    let unit = protocol.campaign.budget.currency().minor_per_unit() as f64;
    let design = protocol.experiment.design().planned();
    for (i, audience) in protocol.audiences.iter().enumerate() {
        let scheduled = &protocol.experiment.schedule().money[i];
        let weeks = design[i].iter().zip(scheduled).take(protocol.tested_weeks).enumerate();
        for (t, (planned, budget)) in weeks {
            out.write_record([
                neutral(&audience.segment.id).as_ref(),
                &Week::of(protocol.weeks[t].start).to_string(),
                &(*planned as f64 / unit).to_string(),
                &short(protocol.factor(i, t)).to_string(),
                &(*budget as f64 / unit).to_string(),
            ])?;
        }
    }
    out.into_inner().map_err(|error| error.into_error().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audience_s_week_that_stands_twice_is_refused_with_both_lines() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.csv");
        let read = |text: &str| {
            std::fs::write(&path, text).unwrap();
            read_schedule(&path)
        };
        let head = "segment,week,factor,budget\n\"a\nb\",2026-W10,0.5,50\n";
        let rows = read(&format!("{head}b,2026-W10,1,1\n")).unwrap();
        assert_eq!((rows.len(), &rows[0].segment[..]), (2, "a\nb"));
        let twice = read(&format!("{head}b,2026-W10,1,1\nb,2026-W11,1,1\nb,2026-W10,2,2\n"));
        let told = twice.unwrap_err().explain(Language::En);
        assert!(told.contains("line 6") && told.contains("line 4"), "{told}");
        let told = read(&format!("{head}b,2026-W10,1,-1\n")).unwrap_err().explain(Language::En);
        assert!(told.contains("line 4"), "{told}");
    }
}
