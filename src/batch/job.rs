//! One campaign's whole job: panel → model → plan → outcomes → scores → report.

use std::path::Path;

use super::folder::WorkFolder;
use super::order::{Lesson, Order};
use super::schedule::{GaveUp, Stop};
use super::summary;
use crate::allocate::{self, AllocateError, Occasion, eligible, nobody};
use crate::backtest::scores::Backtest;
use crate::backtest::{self};
use crate::campaign::Campaign;
use crate::history::{History, PanelOptions};
use crate::language::{Explain, Language};
use crate::random::{Purpose, Seed};
use crate::report::dossier::HistorySummary;
use crate::report::{self, Dossier};
use crate::rules::{EarlierYear, Tables};
use crate::segment::Segment;
use crate::simulate;
use crate::train::draws::Draws;
use crate::train::{self, Model, Specification};

/// Draws on which a plan is chosen, and as many on which it is promised.
pub const DRAWS: usize = 400;

/// Origins of the scores in a batch; `relais backtest` takes more.
const ORIGINS: usize = 2;
/// Monte Carlo standard error of the plan's mean in a batch, as a share of it: a tenth of what the
/// posterior itself leaves open. `relais simulate` goes further.
const ERROR_TARGET: f64 = 0.01;
/// Policies of a batch: the splits a planner would think of. Those that learn week by week cost
/// a search per week and future, and are asked for with `relais simulate`.
const POLICIES: [&str; 6] = ["plan", "last", "equal", "proportional", "cheapest", "followers"];

/// What all jobs of a batch share.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The seed of the run.
    pub seed: Seed,
    /// Reference tables.
    pub tables: Tables,
    /// What to fit.
    pub specification: Specification,
    /// Replicates of the simulation; `None`: as many as the error target asks for.
    pub replicates: Option<u64>,
    /// Whether to score the model on held-back weeks.
    pub backtest: bool,
    /// Language of messages.
    pub language: Language,
    /// The command that makes the results again.
    pub command: String,
}

/// The steps a person sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Learning from the history.
    Learn,
    /// Dividing the budget.
    Plan,
    /// Simulating.
    Simulate,
    /// Writing results.
    Write,
}

impl Step {
    /// Its message key.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Learn => "run-step-learn",
            Self::Plan => "run-step-plan",
            Self::Simulate => "run-step-simulate",
            Self::Write => "run-step-write",
        }
    }
}

/// What several campaigns learn together.
#[derive(Debug)]
pub struct Learnt {
    /// The model.
    pub model: Model,
    /// How well it would have predicted; `None` when not asked for or not possible.
    pub scores: Option<Backtest>,
    /// The history in totals; `None` when only a model file was given.
    pub summary: Option<HistorySummary>,
}

/// Learns a lesson.
///
/// # Errors
///
/// Why nothing could be learnt, in the person's words.
pub fn learn(lesson: &Lesson, settings: &Settings, stop: &Stop) -> Result<Learnt, GaveUp> {
    let language = settings.language;
    let (file, split_by) = match lesson {
        Lesson::Model(file) => {
            let model = told(Model::read(file), language)?;
            return Ok(Learnt { model, scores: None, summary: None });
        }
        Lesson::History { file, split_by } => (file, split_by.clone()),
    };
    let history = told(History::open_existing(file), language)?;
    let options = PanelOptions { split_by, ..PanelOptions::default() };
    let panel = told(history.panel(&options), language)?.panel;
    go_on(stop)?;
    let model = told(train::fit(&panel, &settings.specification, settings.seed), language)?;
    go_on(stop)?;
    // A history too short to hold weeks back still makes a plan: the report then has no scores.
    let scores = settings.backtest.then(|| {
        let how = backtest::Settings {
            origins: ORIGINS,
            horizons: vec![1, 4],
            goes_on: true,
            ..backtest::Settings::default()
        };
        backtest::run(&panel, &settings.specification, &how, settings.seed).ok()
    });
    let summary = told(summary::of_history(&history, &panel, model.card()), language)?;
    Ok(Learnt { model, scores: scores.flatten(), summary: Some(summary) })
}

/// Makes one campaign's results, in its folder or not at all.
///
/// # Errors
///
/// Why there is no result, in the person's words.
pub fn make(
    order: &Order,
    learnt: &Learnt,
    settings: &Settings,
    tell: &dyn Fn(Step),
    stop: &Stop,
) -> Result<(), GaveUp> {
    tell(Step::Plan);
    let work = WorkFolder::beside(&order.folder).map_err(|error| failed(&error))?;
    let audience = Audience::new(&learnt.model, &order.campaign, settings);
    if audience.last.is_empty() {
        let why = nobody(learnt.model.segments(), &order.campaign, &settings.tables);
        return Err(GaveUp::Failed(why.explain(order.language)));
    }
    let plan = told(audience.plan(&learnt.model, settings, order.language), order.language)?;
    go_on(stop)?;
    tell(Step::Simulate);
    let inputs = simulate::Inputs {
        draws: &audience.promise,
        plan: &plan,
        campaign: &order.campaign,
        tables: &settings.tables,
    };
    let how = simulate::Settings {
        replicates: settings.replicates,
        error_target: ERROR_TARGET,
        policies: Some(POLICIES.map(str::to_owned).to_vec()),
        ..simulate::Settings::default()
    };
    let outcomes = told(
        simulate::outcomes(&inputs, &how, settings.seed, &|_| !stop.is_asked()),
        order.language,
    )?;
    go_on(stop)?;
    tell(Step::Write);
    let dossier = Dossier {
        plan,
        outcomes: Some(outcomes),
        backtest: learnt.scores.clone(),
        card: Some(learnt.model.card().clone()),
        history: learnt.summary.clone(),
        kept: Vec::new(),
        command: settings.command.clone(),
    };
    write(work.path(), &dossier, &learnt.model, order)?;
    go_on(stop)?;
    work.finish(&order.inputs).map_err(|error| failed(&error))?;
    Ok(())
}

fn write(folder: &Path, dossier: &Dossier, model: &Model, order: &Order) -> Result<(), GaveUp> {
    let json = |name: &str, text: serde_json::Result<String>| {
        let text = text.map_err(|error| failed(&error))?;
        std::fs::write(folder.join(name), text + "\n").map_err(|error| failed(&error))
    };
    json("plan.json", serde_json::to_string_pretty(&dossier.plan))?;
    json("outcomes.json", serde_json::to_string_pretty(&dossier.outcomes))?;
    json("dossier.json", serde_json::to_string(dossier))?;
    told(model.write(&folder.join("model.json")), order.language)?;
    std::fs::copy(&order.file, folder.join("campaign.toml")).map_err(|error| failed(&error))?;
    let formats = &order.campaign.output.formats;
    told(report::write(folder, dossier, formats, order.language), order.language)?;
    Ok(())
}

/// The segments that a campaign may fund, and their draws.
#[derive(Debug)]
pub struct Audience<'a> {
    campaign: &'a Campaign,
    /// Draws to choose on.
    pub choose: Draws,
    /// Fresh draws to promise on.
    pub promise: Draws,
    last: Vec<f64>,
    earlier: Vec<EarlierYear>,
}

impl<'a> Audience<'a> {
    /// Selects the segments and draws their responses.
    #[must_use]
    pub fn new(model: &Model, campaign: &'a Campaign, settings: &Settings) -> Self {
        let bought = |i| model.bought(i);
        let positions = eligible(model.segments(), bought, campaign, &settings.tables);
        let segments: Vec<Segment> =
            positions.iter().map(|&i| model.segments()[i].clone()).collect();
        let weeks = campaign.weeks();
        let draws = |purpose| model.draws(&segments, &weeks, DRAWS, settings.seed, purpose);
        let last = model.last_split(campaign.flight.days());
        let earlier = model.earlier_spend(&weeks).into_iter();
        Self {
            campaign,
            choose: draws(Purpose::Choose),
            promise: draws(Purpose::Promise),
            last: positions.iter().map(|&i| last[i]).collect(),
            earlier: earlier
                .map(|(year, spend)| EarlierYear { year, spend, posts: None })
                .collect(),
        }
    }

    /// Divides the budget.
    ///
    /// # Errors
    ///
    /// [`AllocateError`] when the rules leave no plan.
    pub fn plan(
        &self,
        model: &Model,
        settings: &Settings,
        language: Language,
    ) -> Result<allocate::plan::Plan, AllocateError> {
        allocate::plan(&Occasion {
            campaign: self.campaign,
            choose: &self.choose,
            promise: &self.promise,
            last: Some(&self.last),
            tables: &settings.tables,
            language,
            seed: settings.seed,
            fingerprint: &model.fingerprint(),
            earlier: Some(&self.earlier),
            country: "FR",
            settings: allocate::Settings::default(),
        })
    }
}

fn told<T, E: Explain>(result: Result<T, E>, language: Language) -> Result<T, GaveUp> {
    result.map_err(|error| GaveUp::Failed(error.explain(language)))
}

fn failed(error: &dyn std::error::Error) -> GaveUp {
    GaveUp::Failed(error.to_string())
}

fn go_on(stop: &Stop) -> Result<(), GaveUp> {
    if stop.is_asked() { Err(GaveUp::Stopped) } else { Ok(()) }
}
