//! What the page of trust needs of a run or of an earlier plan.

use std::path::Path;

use super::coverage::Coverage;
use crate::allocate::plan::Plan;
use crate::language::Language;
use crate::report::formatter::Formatter;
use crate::report::report_data::read_plan;
use crate::report::{ReportData, ReportError};

/// A plan, and how often its model's intervals held.
#[derive(Debug)]
pub(in crate::serve) struct Seen {
    /// The plan, with nothing beside it.
    pub(super) alone: ReportData,
    /// The coverage of the run's model.
    pub(super) coverage: Option<Coverage>,
}

impl Seen {
    /// Of a run.
    pub(super) fn of_run(run: &Path, language: Language) -> Result<Self, ReportError> {
        let report_data = ReportData::read(run)?;
        let coverage = Coverage::of(&report_data, &Formatter::new(&report_data, language));
        Ok(Self { alone: ReportData::of_plan(report_data.plan), coverage })
    }

    /// Of a plan alone.
    pub(super) fn of_plan(path: &Path) -> Result<Self, ReportError> {
        Ok(Self { alone: ReportData::of_plan(read_plan(path)?), coverage: None })
    }

    /// Its plan.
    pub(super) fn plan(&self) -> &Plan {
        &self.alone.plan
    }
}
