//! A run in a few words, as a shelf of many shows it.

use std::collections::BTreeSet;

use super::essential::{self, Promise};
use crate::report::formatter::{Formatter, clean};
use crate::report::report_data::ReportData;
use crate::report::sheets::tables;
use crate::report::standing::BesideLast;

/// What a run says of itself before it is opened; the words are those of its report.
#[derive(Debug, Clone)]
pub struct Headline {
    /// Title of its campaign.
    pub title: String,
    /// Its goal; empty when there is none.
    pub goal: String,
    /// Dates and budget: names and values.
    pub facts: Vec<(String, String)>,
    /// What is promised: a number.
    pub figure: String,
    /// Of what.
    pub unit: String,
    /// Its interval, in words.
    pub range: String,
    /// Spent, funded audiences, cost of an action: names and values.
    pub beside: Vec<(String, String)>,
    /// Probability of bringing more than the last split, and by how much; `None` without one.
    pub odds: Option<(String, String)>,
    /// Findings that ask for a person, in words.
    pub open: Vec<String>,
    /// SHA-256 of the files that its history had read; `None` where that was not kept.
    pub files: Option<BTreeSet<String>>,
}

impl Headline {
    /// Of a run.
    #[must_use]
    pub fn of(report_data: &ReportData, formatter: &Formatter) -> Self {
        let plan = &report_data.plan;
        let campaign = plan.campaign.as_ref();
        let Promise { figure, unit, range, beside, .. } = Promise::of(report_data, formatter);
        let odds = BesideLast::of(report_data)
            .map(|beside| (formatter.chance(beside.chance), formatter.signed_percent(beside.gain)));
        let files = |history: &crate::report::report_data::HistorySummary| {
            history.files.iter().map(|file| file.fingerprint.clone()).collect()
        };
        Self {
            title: campaign.map_or_else(|| formatter.text("report-untitled"), |c| clean(&c.title)),
            goal: campaign.map_or_else(String::new, |c| clean(&c.goal)),
            facts: essential::facts(report_data, formatter),
            figure,
            unit,
            range,
            beside,
            odds,
            open: plan.open_findings().map(|own| tables::message(own, formatter)).collect(),
            files: report_data.history.as_ref().map(files),
        }
    }
}
