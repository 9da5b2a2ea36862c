//! One campaign's whole job: panel → model → plan → outcomes → scores → report.

use std::cmp::Reverse;
use std::path::Path;

use jiff::civil::Date;

use super::folder::WorkFolder;
use super::order::{Order, TrainingJob};
use super::schedule::{Failure, GaveUp, Stop, Trouble};
use super::{earlier, summary};
use crate::allocate::plan::{NextTest, Plan};
use crate::allocate::rules::policy::PolicyName;
use crate::allocate::{AllocateError, Audience, PlanRequest, PriorOnly, Priors};
use crate::backtest::scores::Backtest;
use crate::campaign::Campaign;
use crate::check::Marked as _;
use crate::experiment::designed_weeks;
use crate::history::{History, PanelOptions};
use crate::language::{Explain, Language};
use crate::panel::Panel;
use crate::random::{Purpose, Seed};
use crate::reference::Reference;
use crate::report::report_data::{HistorySummary, KeptPromise};
use crate::report::{ReportData, ReportError};
use crate::rules::Tables;
use crate::rules::finding::{Finding, Reader};
use crate::segment::Segment;
use crate::simulate::future::context::SimulationContext;
use crate::simulate::promise;
use crate::simulate::promise::How;
use crate::train::evidence::{OutsideTest, read_tests};
use crate::train::fitted::card::TENTH;
use crate::train::posterior::draws::Draws;
use crate::train::{Engine, Model, ModelError, Specification};
use crate::{allocate, backtest, check, experiment, report, simulate, train};

/// Draws on which a plan is chosen, and as many on which it is promised.
pub const DRAWS: usize = 400;

/// Origins of the scores in a batch: fewer could not tell an interval's shortfall from chance.
const ORIGINS: usize = 4;
/// Monte Carlo standard error of the plan's mean in a batch, as a share of it: a tenth of what the
/// posterior itself leaves open. `relais simulate` goes further.
const ERROR_TARGET: f64 = 0.01;
/// Policies of a batch: the splits a planner would think of. Those that learn week by week cost
/// a search per week and future, and are asked for with `relais simulate`.
const POLICIES: [PolicyName; 6] = [
    PolicyName::Plan,
    PolicyName::Last,
    PolicyName::Equal,
    PolicyName::Proportional,
    PolicyName::Cheapest,
    PolicyName::Followers,
];

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
    /// Where the priors come from, for campaigns without a history.
    pub reference: Reference,
    /// The day of the run, for findings on flights that are over.
    pub today: Date,
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
    /// The model; `None` where there is nothing to learn from.
    pub model: Option<Model>,
    /// How well it would have predicted; `None` when not asked for or not possible.
    pub scores: Option<Backtest>,
    /// The history in totals; `None` when only a model file was given.
    pub summary: Option<HistorySummary>,
}

/// Learns a lesson for these campaigns.
///
/// # Errors
///
/// Why nothing could be learnt, or why it would be of no use, in the person's words.
pub fn learn(
    lesson: &TrainingJob,
    campaigns: &[Campaign],
    settings: &Settings,
    stop: &Stop,
) -> Result<Learnt, GaveUp> {
    let language = settings.language;
    let (file, (tests, designed), options, money, currency) = match lesson {
        TrainingJob::Model(file) => {
            let model = Some(explained(Model::read(file), language)?);
            return Ok(Learnt { model, scores: None, summary: None });
        }
        TrainingJob::Priors => return Ok(Learnt { model: None, scores: None, summary: None }),
        TrainingJob::Panel { advertiser, tests, money, currency } => {
            let tests = explained(tests.as_deref().map(read_tests).transpose(), language)?;
            let panel = explained(money.convert(advertiser.panel.clone(), *currency), language)?;
            let (model, scores) = taught(&panel, tests, campaigns, settings, stop)?;
            return Ok(Learnt { model: Some(model), scores, summary: None });
        }
        TrainingJob::History { file, split_by, attribution, tests, designed, money, currency } => {
            let options = PanelOptions {
                split_by: split_by.clone(),
                attribution: attribution.clone(),
                currency: money.currency,
                ..PanelOptions::default()
            };
            (file, (tests, designed), options, money, *currency)
        }
    };
    let tests = explained(tests.as_deref().map(read_tests).transpose(), language)?;
    let history = explained(History::open_existing(file), language)?;
    let mut panel = explained(history.panel(&options), language)?.panel;
    for test in designed {
        let told = (language, settings.seed);
        let weeks = designed_weeks(test, &history, &panel, told).map_err(GaveUp::bad_input)?;
        panel.mark_designed(&weeks);
    }
    let panel = explained(money.convert(panel, currency), language)?;
    let (model, scores) = taught(&panel, tests, campaigns, settings, stop)?;
    let summary = explained(summary::of_history(&history, &panel), language)?;
    Ok(Learnt { model: Some(model), scores, summary: Some(summary) })
}

/// A model of a panel, and how well it would have predicted.
fn taught(
    panel: &Panel,
    tests: Option<Vec<OutsideTest>>,
    campaigns: &[Campaign],
    settings: &Settings,
    stop: &Stop,
) -> Result<(Model, Option<Backtest>), GaveUp> {
    let language = settings.language;
    // A model takes a while: what asks for nobody is told before.
    if let [first, others @ ..] = campaigns
        && others.iter().all(|other| other.selection == first.selection)
    {
        explained(allocate::check_selection(panel, first, &settings.tables), language)?;
    }
    go_on(stop)?;
    let (specification, seed) = (&settings.specification, settings.seed);
    let mut model = explained(train::fit_with(panel, specification, Engine::Auto, seed), language)?;
    if let Some(tests) = tests {
        model = model.with_tests(&tests, seed);
    }
    go_on(stop)?;
    // A history too short to hold weeks back still makes a plan: the report then has no scores.
    let scores = settings.backtest.then(|| {
        let how = backtest::Settings {
            origins: ORIGINS,
            horizons: vec![1, 4],
            goes_on: true,
            ..backtest::Settings::default()
        };
        backtest::run(panel, specification, &how, seed).ok()
    });
    let scores = scores.flatten();
    if let Some(held_back) = scores.as_ref().and_then(|scores| scores.held_back) {
        model.keep_held_back(held_back);
    }
    Ok((model, scores))
}

/// A campaign's plan with its promise, and the draws that it is promised on.
#[derive(Debug)]
pub struct Divided {
    /// The plan.
    pub plan: Plan,
    promise: Draws,
    /// Share of futures on either side of its intervals.
    tail: f64,
    /// What one unit of the model's money is in the budget's.
    rate: f64,
}

/// Divides one campaign's budget, and simulates what that promises.
///
/// # Errors
///
/// Why there is no plan, in the person's words.
pub fn divide(
    order: &Order,
    learnt: &Learnt,
    settings: &Settings,
    tell: &dyn Fn(Step),
    stop: &Stop,
) -> Result<Divided, GaveUp> {
    tell(Step::Plan);
    let (campaign, tables) = (&order.campaign, &settings.tables);
    let (mut plan, promise, tail, rate) = match &learnt.model {
        Some(model) => over_model(order, model, settings)?,
        None => over_priors(order, settings)?,
    };
    go_on(stop)?;
    tell(Step::Simulate);
    let before = plan.clone();
    let inputs = simulate::Inputs { plan: &before, draws: &promise, campaign, tables };
    let how = How { replicates: settings.replicates, error_target: ERROR_TARGET, tail };
    let reader = Reader {
        language: order.language,
        currency: plan.currency,
        overrides: &campaign.overrides,
    };
    explained(promise::keep(&mut plan, &inputs, &how, settings.seed, &reader), order.language)?;
    go_on(stop)?;
    Ok(Divided { plan, promise, tail, rate })
}

/// A plan, the draws to promise it on, the share of futures on either side of its intervals, and
/// what one unit of the model's money is in the budget's.
type Planned = (Plan, Draws, f64, f64);

fn over_model(order: &Order, model: &Model, settings: &Settings) -> Result<Planned, GaveUp> {
    let (campaign, tables) = (&order.campaign, &settings.tables);
    let audience = Audience::new(model, campaign, tables, DRAWS, settings.seed);
    let audience = explained(audience, order.language)?;
    let request = PlanRequest {
        today: Some(settings.today),
        ..audience.request(campaign, tables, order.language, allocate::Settings::default())
    };
    let mut plan = divided(allocate::plan(&request), order.language)?;
    allocate::tell_notes(&mut plan, model.card(), order.language);
    let (tail, rate) = (audience.tail, audience.rate);
    Ok((plan, audience.promise, tail, rate))
}

fn over_priors(order: &Order, settings: &Settings) -> Result<Planned, GaveUp> {
    let priors = explained(Priors::load(&settings.reference), order.language)?;
    let asked = PriorOnly {
        campaign: &order.campaign,
        tables: &settings.tables,
        language: order.language,
        seed: settings.seed,
        draws: DRAWS,
        today: Some(settings.today),
        settings: allocate::Settings::default(),
    };
    let (plan, promise) = divided(allocate::plan_by_priors(&priors, &asked), order.language)?;
    Ok((plan, promise, TENTH, 1.0))
}

/// Joint draws of segments over the weeks of a campaign, as its promise has them.
///
/// # Errors
///
/// When the priors cannot be used.
pub fn joint_draws(
    learnt: &Learnt,
    segments: &[Segment],
    campaign: &Campaign,
    settings: &Settings,
) -> Result<Draws, GaveUp> {
    let (seed, purpose) = (settings.seed, Purpose::Promise);
    if let Some(model) = &learnt.model {
        let rate = campaign.history_money.rate(model.currency(), campaign.budget.currency());
        let rate = explained(rate.map_err(AllocateError::from), settings.language)?;
        return Ok(model.draws(segments, &campaign.weeks(), DRAWS, seed, purpose).at_rate(rate));
    }
    let priors = explained(Priors::load(&settings.reference), settings.language)?;
    Ok(priors.draws(segments, campaign, DRAWS, seed, purpose))
}

/// The test that would teach most of a flight still to come, over curves that were learnt.
fn next_test(
    plan: &Plan,
    draws: &Draws,
    learnt: &Learnt,
    order: &Order,
    settings: &Settings,
) -> Option<NextTest> {
    let (campaign, tables) = (&order.campaign, &settings.tables);
    if learnt.model.is_none() || campaign.flight.start <= settings.today {
        return None;
    }
    let look = |draws: &Draws| {
        let inputs = simulate::Inputs { draws, plan, campaign, tables };
        let context = SimulationContext::new(&inputs, &simulate::Settings::default()).ok()?;
        experiment::next_test(&context, tables, settings.seed)
    };
    // A quarter of the draws tells where no test comes near to paying.
    let first = look(&draws.every(4))?;
    if first.gain < 0.5 * first.price { Some(first) } else { look(draws) }
}

/// Makes one campaign's results, in its folder or not at all, and gives the codes of the findings
/// that ask for a person. `shared` are findings on what it shares with other campaigns.
///
/// # Errors
///
/// Why there is no result, in the person's words.
pub fn make(
    order: &Order,
    learnt: &Learnt,
    divided: Divided,
    shared: &[Finding],
    settings: &Settings,
    tell: &dyn Fn(Step),
    stop: &Stop,
) -> Result<Vec<String>, GaveUp> {
    let work = explained(WorkFolder::beside(&order.folder), order.language)?;
    let (campaign, tables) = (&order.campaign, &settings.tables);
    let Divided { mut plan, promise, tail, rate } = divided;
    plan.findings.extend(shared.iter().cloned());
    plan.findings.sort_by_key(|finding| Reverse(finding.severity));
    plan.next_test = next_test(&plan, &promise, learnt, order, settings);
    check::seal(&mut plan);
    let findings = plan.open_codes();
    let inputs = simulate::Inputs { draws: &promise, plan: &plan, campaign, tables };
    let how = simulate::Settings {
        replicates: settings.replicates,
        error_target: ERROR_TARGET,
        policies: Some(POLICIES.to_vec()),
        tail,
        ..simulate::Settings::default()
    };
    let mut outcomes = explained(
        simulate::outcomes(&inputs, &how, settings.seed, &|_| !stop.is_asked()),
        order.language,
    )?;
    promise::settle(&mut outcomes, &plan);
    outcomes.seal();
    go_on(stop)?;
    tell(Step::Write);
    let mut report_data = ReportData {
        plan,
        outcomes: Some(outcomes),
        backtest: learnt.scores.clone(),
        card: learnt.model.as_ref().map(|model| model.card().clone().at_rate(rate)),
        history: learnt.summary.clone(),
        kept: promises(order)?,
        segments: learnt.model.as_ref().map_or_else(Vec::new, |model| model.segments().to_vec()),
        command: settings.command.clone(),
        digest: None,
    };
    report_data.seal();
    write(work.path(), &report_data, learnt.model.as_ref(), order)?;
    go_on(stop)?;
    explained(work.finish(&order.inputs), order.language)?;
    Ok(findings)
}

/// What became of the promises of earlier plans; needs the campaign's history, whoever taught the
/// model.
fn promises(order: &Order) -> Result<Vec<KeptPromise>, GaveUp> {
    if order.earlier.is_empty() {
        return Ok(Vec::new());
    }
    let history = order.campaign.history.as_ref().ok_or_else(|| {
        GaveUp::bad_input(order.language.text("error-run-earlier-without-history"))
    })?;
    earlier::kept(&order.earlier, history, order.language).map_err(GaveUp::bad_input)
}

fn write(
    folder: &Path,
    report_data: &ReportData,
    model: Option<&Model>,
    order: &Order,
) -> Result<(), GaveUp> {
    // The person knows the folder by the name that it will take.
    let failed = |name: &str| {
        let path = order.folder.join(name);
        move |error| GaveUp::bad_input(order.language.unwritable(&path, &error))
    };
    let json = |name: &str, text: serde_json::Result<String>| {
        let put = |text: String| std::fs::write(folder.join(name), text + "\n");
        text.map_err(Into::into).and_then(put).map_err(failed(name))
    };
    json("plan.json", serde_json::to_string_pretty(&report_data.plan))?;
    json("outcomes.json", serde_json::to_string_pretty(&report_data.outcomes))?;
    json("dossier.json", serde_json::to_string(report_data))?;
    let known = |path: &Path| {
        path.strip_prefix(folder).map_or_else(|_| path.to_owned(), |own| order.folder.join(own))
    };
    if let Some(model) = model {
        let written = model.write(&folder.join("model.json"));
        let written = written.map_err(|error| match error {
            ModelError::Unwritable { path, reason } => {
                let path = known(Path::new(&path)).display().to_string();
                ModelError::Unwritable { path, reason }
            }
            other => other,
        });
        explained(written, order.language)?;
    }
    let copy = std::fs::copy(&order.file, folder.join("campaign.toml"));
    copy.map_err(failed("campaign.toml"))?;
    let formats = &order.campaign.output.formats;
    let written = report::write(folder, report_data, formats, order.language);
    let written = written.map_err(|error| match error {
        ReportError::Unwritable { path, source } => {
            ReportError::Unwritable { path: known(&path), source }
        }
        other => other,
    });
    explained(written, order.language)?;
    Ok(())
}

fn explained<T, E: Explain>(result: Result<T, E>, language: Language) -> Result<T, GaveUp> {
    result.map_err(|error| GaveUp::bad_input(error.explain(language)))
}

fn divided<T>(result: Result<T, AllocateError>, language: Language) -> Result<T, GaveUp> {
    result.map_err(|error| {
        let trouble = match error {
            AllocateError::Undecided { .. } => Trouble::Undecided,
            _ => Trouble::BadInput,
        };
        GaveUp::Failed(Failure { trouble, reason: error.explain(language) })
    })
}

fn go_on(stop: &Stop) -> Result<(), GaveUp> {
    if stop.is_asked() { Err(GaveUp::Stopped) } else { Ok(()) }
}
