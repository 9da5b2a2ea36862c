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
    /// The same as a number.
    pub amount: f64,
    /// Of what.
    pub unit: String,
    /// Its interval, in words.
    pub range: String,
    /// Spent, funded audiences, cost of an action: names and values.
    pub beside: Vec<(String, String)>,
    /// Probability of bringing more than the last split, and by how much; `None` without one.
    pub odds: Option<(String, String)>,
    /// That probability as a number.
    pub chance: Option<f64>,
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
        let beside_last = BesideLast::of(report_data);
        let chance = beside_last.as_ref().map(|beside| beside.chance);
        let odds = beside_last
            .map(|beside| (formatter.chance(beside.chance), formatter.signed_percent(beside.gain)));
        let files = |history: &crate::report::report_data::HistorySummary| {
            history.files.iter().map(|file| file.fingerprint.clone()).collect()
        };
        Self {
            title: campaign.map_or_else(|| formatter.text("report-untitled"), |c| clean(&c.title)),
            goal: campaign.map_or_else(String::new, |c| clean(&c.goal)),
            facts: essential::facts(report_data, formatter),
            figure,
            amount: tables::promised(report_data).mean,
            unit,
            range,
            beside,
            odds,
            chance,
            open: plan.open_findings().map(|own| tables::message(own, formatter)).collect(),
            files: report_data.history.as_ref().map(files),
        }
    }
}
