//! What is written down before a test: who, how much, when, what is compared, how it is decided.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::power::Power;
use super::proposal::{Proposal, Worth};
use super::reading::Experiment;
use crate::allocate::plan::row::Range;
use crate::allocate::plan::{Mark, Plan};
use crate::campaign::Campaign;
use crate::check::Marked;
use crate::files;
use crate::language::{Explain, Language};
use crate::numeric::summary::mean;
use crate::panel::Period;
use crate::response::flight::WeeklyResponse;
use crate::segment::Segment;
use crate::simulate::TestSchedule;
use crate::simulate::future::context::SimulationContext;
use crate::train::Specification;

/// Version of the file.
const VERSION: u32 = 1;

/// `experiment.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Protocol {
    /// Of the file.
    pub version: u32,
    /// The campaign whose flight it is.
    pub campaign: Campaign,
    /// Audiences, in the order of the test's rows, with what is believed of them.
    pub audiences: Vec<Tested>,
    /// The flight's weeks, in the order of the test's columns.
    pub weeks: Vec<Period>,
    /// The flight's first so many weeks are the test's.
    pub tested_weeks: usize,
    /// Weeks that keep one factor.
    pub block_weeks: usize,
    /// The test: design, coins, statistic, rule of decision.
    pub experiment: Experiment,
    /// What it is worth, as believed before it.
    pub worth: Worth,
    /// What it can see.
    pub power: Power,
    /// Fingerprint of the model.
    pub model: String,
    /// What the model was learnt with, so that reading learns alike.
    pub specification: Specification,
    /// Of all that it says: a test that somebody edited is not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Mark>,
}

/// An audience of a test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tested {
    /// The audience.
    pub segment: Segment,
    /// What twice its weekly money brings over what that money brings, as believed before.
    pub doubling: Range,
    /// Its weekly money at which that is meant.
    pub weekly: f64,
}

impl Protocol {
    /// Writes a proposal down.
    #[must_use]
    pub fn of(
        proposal: &Proposal,
        plan: &Plan,
        context: &SimulationContext<'_>,
        specification: &Specification,
    ) -> Self {
        let campaign = context.campaign.clone();
        let weeks = campaign
            .weeks()
            .into_iter()
            .map(|week| Period { start: week.monday(), end: week.sunday() })
            .collect();
        let mut protocol = Self {
            version: VERSION,
            audiences: (0..context.segments).map(|i| believed(context, i)).collect(),
            campaign,
            weeks,
            tested_weeks: proposal.weeks,
            block_weeks: proposal.block_weeks,
            experiment: proposal.experiment.clone(),
            worth: proposal.worth,
            power: proposal.power,
            model: plan.fingerprint.clone(),
            specification: specification.clone(),
            digest: None,
        };
        protocol.seal();
        protocol
    }

    /// Puts the schedule into the weeks of the plan that it was made from.
    pub fn move_weeks(&self, plan: &mut Plan) {
        let unit = self.campaign.budget.currency().minor_per_unit() as f64;
        let design = self.experiment.design().planned();
        let schedule = &self.experiment.schedule().money;
        for (i, row) in plan.rows.iter_mut().enumerate() {
            for (t, week) in row.weeks.iter_mut().enumerate() {
                let moved = schedule[i][t] - design[i][t];
                if moved != 0 {
                    let minor = (week.budget * unit).round() as i64 + moved;
                    week.budget = minor as f64 / unit;
                }
            }
        }
    }

    /// The schedule as a simulation of a plan plays it, or the first audience whose budget for media
    /// is another in the plan: its position in the test, its money there and in the plan.
    ///
    /// # Errors
    ///
    /// [`OtherPlan`].
    pub fn played(&self, plan: &Plan) -> Result<TestSchedule, OtherPlan> {
        let unit = self.campaign.budget.currency().minor_per_unit() as f64;
        let schedule = &self.experiment.schedule().money;
        let n = self.audiences.len();
        let mut cells = vec![0.0; n * self.weeks.len()];
        for (i, (own, money)) in self.audiences.iter().zip(schedule).enumerate() {
            let test = money.iter().sum::<i64>() as f64 / unit;
            let row = plan.rows.get(i).filter(|row| row.segment == own.segment.id);
            let media = row.map(|row| (row.budget - row.fixed_cost).max(0.0));
            // A week's money is rounded to the cent.
            if media.is_none_or(|media| (media - test).abs() > self.weeks.len() as f64 / unit) {
                let plan = media.unwrap_or(0.0);
                return Err(OtherPlan { segment: own.segment.id.clone(), test, plan });
            }
            for (week, money) in money.iter().enumerate() {
                cells[week * n + i] = *money as f64 / unit;
            }
        }
        Ok(TestSchedule { cells, weeks: self.tested_weeks })
    }

    /// Audiences that exchange money, two by two, those of most money first.
    #[must_use]
    pub fn pairs(&self) -> Vec<[usize; 2]> {
        let planned = |i: usize| self.experiment.design().planned()[i].iter().sum::<i64>();
        let mut pairs = self.experiment.schedule().pairs.clone();
        pairs.sort_by_key(|own| (std::cmp::Reverse(planned(own[0]) + planned(own[1])), own[0]));
        pairs
    }

    /// The lowest and the highest factor of an audience.
    #[must_use]
    pub fn factors(&self, audience: usize) -> (f64, f64) {
        let all = (0..self.weeks.len()).map(|week| self.factor(audience, week));
        all.fold((1.0, 1.0), |(low, high): (f64, f64), own| (low.min(own), high.max(own)))
    }

    /// Scheduled over planned money; 1 where nothing is planned.
    #[must_use]
    pub fn factor(&self, audience: usize, week: usize) -> f64 {
        let planned = self.experiment.design().planned()[audience][week];
        let scheduled = self.experiment.schedule().money[audience][week];
        if planned > 0 { scheduled as f64 / planned as f64 } else { 1.0 }
    }
}

/// A plan that is not the one that a test was designed on.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{segment}: {test} in the test, {plan} in the plan")]
pub struct OtherPlan {
    /// The audience.
    pub segment: String,
    /// Its money for media in the test.
    pub test: f64,
    /// The same in the plan.
    pub plan: f64,
}

/// What is believed of an audience's doubled money.
fn believed(context: &SimulationContext<'_>, i: usize) -> Tested {
    let own = &context.draws.segments[i];
    let n = context.segments;
    let shown: Vec<f64> = (0..context.weeks)
        .map(|week| context.plan_cells[week * n + i])
        .filter(|money| *money > 0.0)
        .collect();
    let weekly = if shown.is_empty() { own.observed_spend } else { mean(&shown) };
    let doubling = Range::certain(0.0);
    let tested = Tested { segment: own.segment.clone(), doubling, weekly };
    let draws = (0..context.draws.len()).map(|draw| context.draws.response(i, draw));
    Tested { doubling: tested.doubled(draws), ..tested }
}

impl Tested {
    /// What twice its weekly money brings over what that money brings, by draws of its response.
    #[must_use]
    pub fn doubled(&self, draws: impl Iterator<Item = WeeklyResponse>) -> Range {
        let ratio = |response: WeeklyResponse| {
            let once = response.steady(self.weekly).max(f64::MIN_POSITIVE);
            response.steady(2.0 * self.weekly) / once
        };
        Range::of(&draws.map(ratio).collect::<Vec<_>>())
    }
}

/// A file that holds no test.
#[derive(Debug, Error)]
pub enum ProtocolError {
    /// It cannot be read.
    #[error("{}: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// It is no test of this relais.
    #[error("{}, line {}, column {}: {error}", path.display(), error.line(), error.column())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What was found.
        error: serde_json::Error,
    },
    /// It was edited since it was written.
    #[error("{}: edited since it was written", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
}

impl Explain for ProtocolError {
    fn explain(&self, language: Language) -> String {
        match self {
            Self::Unreadable { path, error } => language.say(
                "error-report-unreadable",
                &[("path", &path.display().to_string()), ("trouble", &language.cause(error))],
            ),
            Self::Malformed { path, error } => language.say(
                "experiment-error-malformed",
                &[("path", &path.display().to_string()), ("error", &error.to_string())],
            ),
            Self::Changed { path } => {
                language.say("experiment-error-changed", &[("path", &path.display().to_string())])
            }
        }
    }
}

/// Reads a test that `experiment design` wrote.
///
/// # Errors
///
/// [`ProtocolError`] for a file that is none, or that somebody edited.
pub fn read_protocol(path: &Path) -> Result<Protocol, ProtocolError> {
    let text = files::read_text(path, files::LARGEST_TEXT)
        .map_err(|error| ProtocolError::Unreadable { path: path.to_owned(), error })?;
    let protocol: Protocol = serde_json::from_str(&text)
        .map_err(|error| ProtocolError::Malformed { path: path.to_owned(), error })?;
    match protocol.stands() {
        Some(true) => Ok(protocol),
        _ => Err(ProtocolError::Changed { path: path.to_owned() }),
    }
}

impl Marked for Protocol {
    fn mark(&mut self) -> &mut Option<Mark> {
        &mut self.digest
    }

    fn marked(&self) -> Option<&Mark> {
        self.digest.as_ref()
    }

    fn said(&self) -> impl Serialize {
        Self { digest: None, ..self.clone() }
    }
}
