//! `relais simulate`: simulates what a plan promises.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use clap::Args;
use indicatif::ProgressBar;

use crate::allocate::plan::Plan;
use crate::allocate::plan::row::Range;
use crate::allocate::rules::policy::PolicyName;
use crate::campaign::Campaign;
use crate::check::Marked as _;
use crate::cli::arguments::ranges;
use crate::cli::arguments::touched::Touched;
use crate::cli::terminal::context::{Context, Exit, Failure};
use crate::cli::terminal::grid::{Framed, framed as table};
use crate::experiment::read_protocol;
use crate::random::{Purpose, Seed};
use crate::report::report_data::read_plan;
use crate::rules::Tables;
use crate::segment::Segment;
use crate::simulate::details::Simulation;
use crate::simulate::future::kept::KeptDraws;
use crate::simulate::future::trace::{Trace, trace};
use crate::simulate::outcomes::PolicyOutcome;
use crate::simulate::{
    Inputs, Phase, Progress, Settings, SimulateError, TestSchedule, policy, simulation,
};
use crate::train::Model;
use crate::train::posterior::draws::Draws;

/// Simulates what a plan promises.
#[derive(Debug, Clone, Args)]
pub struct SimulateArgs {
    /// The trained model that the plan was made with.
    #[arg(long, value_name = "model.json")]
    model: PathBuf,
    /// The plan.
    #[arg(long, value_name = "plan.json")]
    plan: PathBuf,
    /// So many futures (default: as many as `--error` asks for).
    #[arg(long, value_name = "N", value_parser = ranges::replicates())]
    replicates: Option<u64>,
    /// Monte Carlo standard error of the plan's mean value, as a share of it.
    #[arg(long, value_name = "SHARE", default_value_t = 0.005)]
    error: f64,
    /// Policies to play beside the plan, the last split and the oracle (default: all).
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    policies: Option<Vec<String>>,
    /// A test that was designed on the plan: one more policy keeps to its schedule, and divides what
    /// is left after its weeks by what they taught.
    #[arg(long, value_name = "experiment.json")]
    test: Option<PathBuf>,
    /// Joint posterior draws; future `r` uses draw `r` modulo this.
    #[arg(long, value_name = "N", default_value_t = 4000, value_parser = ranges::draws())]
    draws: usize,
    /// Mean share of a week's money that platforms leave unspent.
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    unspent: f64,
    /// Where the outcomes go, as JSON.
    #[arg(long, value_name = "outcomes.json")]
    out: Option<PathBuf>,
    /// Where the joint draws that futures are made of go, as JSON, for a simulator of your own.
    #[arg(long, value_name = "draws.json")]
    keep_draws: Option<PathBuf>,
    /// Plays this one future again, alone (with `--trace`).
    #[arg(long, value_name = "R", requires = "trace")]
    replicate: Option<u64>,
    /// Tells everything that happens in one future, cell by cell.
    #[arg(long)]
    trace: bool,
}

/// What the files hold.
struct Job {
    draws: Draws,
    plan: Plan,
    campaign: Campaign,
    tables: Tables,
}

impl Job {
    fn inputs(&self) -> Inputs<'_> {
        let Self { draws, plan, campaign, tables } = self;
        Inputs { draws, plan, campaign, tables }
    }
}

impl SimulateArgs {
    /// The files that it reads and writes.
    pub(crate) fn touched(&self) -> Touched<'_> {
        Touched::default()
            .reads([&self.model, &self.plan])
            .reads(&self.test)
            .writes(&self.out)
            .writes(&self.keep_draws)
    }
}

/// Runs the command.
///
/// # Errors
///
/// Bad input, told in the person's language.
pub fn run(args: &SimulateArgs, context: &Context) -> anyhow::Result<Exit> {
    let job = read(args, context)?;
    if let Some(path) = &args.keep_draws {
        write(&KeptDraws::of(&job.draws, &job.campaign.points), path, context)?;
    }
    let names = args.policies.iter().flatten().map(|name| policy::named(name));
    let policies = context.explain(names.collect::<Result<Vec<PolicyName>, _>>())?;
    let settings = Settings {
        replicates: args.replicates,
        error_target: args.error,
        policies: args.policies.is_some().then_some(policies),
        unspent: args.unspent,
        test: args.test.as_deref().map(|path| schedule(path, &job.plan, context)).transpose()?,
        ..Settings::default()
    };
    if args.trace {
        return replay(args, &job, &settings, context);
    }
    let watch = Watch::new(context);
    let simulated = simulation(&job.inputs(), &settings, context.seed, &|p| watch.hear(p));
    let cells_per_second = watch.finish();
    let mut simulated = context.explain(simulated)?;
    simulated.outcomes.seal();
    if let Some(out) = &args.out {
        // Without the speed: the same futures make the same bytes.
        write(&simulated.outcomes, out, context)?;
    }
    simulated.outcomes.cells_per_second = cells_per_second;
    if context.json {
        context.answer_json(&simulated)?;
    } else {
        tell(&simulated, &job, context)?;
    }
    let heavy = heavy_tails(&simulated).next().is_some();
    Ok(if simulated.details.partial || heavy { Exit::Findings } else { Exit::Good })
}

/// A test's schedule, over the rows of the plan that it was designed on.
fn schedule(path: &Path, plan: &Plan, context: &Context) -> anyhow::Result<TestSchedule> {
    let test = context.explain(read_protocol(path))?;
    test.played(plan).map_err(|other| {
        let money = |amount| context.language.money(amount, plan.currency);
        let (test, plan) = (money(other.test), money(other.plan));
        let file = path.display().to_string();
        let values =
            [("path", &file[..]), ("segment", &other.segment), ("test", &test), ("plan", &plan)];
        Failure(context.language.say("error-simulate-other-plan", &values)).into()
    })
}

fn read(args: &SimulateArgs, context: &Context) -> anyhow::Result<Job> {
    let model = context.explain(Model::read(&args.model))?;
    let plan = context.explain(read_plan(&args.plan))?;
    let campaign = context.explain(plan.campaign.clone().ok_or(SimulateError::NoCampaign))?;
    if plan.fingerprint != model.fingerprint() {
        context.note(&context.language.text("simulate-note-other-model"));
    }
    let segments: Vec<Segment> = plan
        .rows
        .iter()
        .map(|row| Segment { id: row.segment.clone(), attributes: row.attributes.clone() })
        .collect();
    let n = args.draws.min(args.replicates.map_or(usize::MAX, |n| n as usize)).max(1);
    // A seed of their own: the streams of the replicates are numbered like those of the draws.
    let seed = Seed(context.seed.0).child(DRAWS);
    let rate = campaign.history_money.rate(model.currency(), campaign.budget.currency());
    let rate = context.explain(rate)?;
    let draws = model.draws(&segments, &campaign.weeks(), n, seed, Purpose::Simulate).at_rate(rate);
    let tables = context.explain(Tables::load(&context.reference))?;
    let others = tables.other_than(&plan.tables);
    if !others.is_empty() {
        let names = context.language.some_of(&others);
        context.note(&context.language.say("simulate-note-other-tables", &[("names", &names)]));
    }
    Ok(Job { draws, plan, campaign, tables })
}

/// Child of the seed that draws parameters.
const DRAWS: u64 = 0x6472_6177;

fn write(told: &impl serde::Serialize, path: &Path, context: &Context) -> anyhow::Result<()> {
    context.put(path, |out| {
        serde_json::to_writer(&mut *out, told)?;
        out.write_all(b"\n")
    })
}

/// Shows how far it is, times the splits, and hears Ctrl-C.
struct Watch {
    stop: Arc<AtomicBool>,
    start: Instant,
    bars: [ProgressBar; 2],
    /// Cells of the splits and the seconds they took.
    splits: Mutex<(u64, f64)>,
}

impl Watch {
    fn new(context: &Context) -> Self {
        let bar = |key: &str| context.bar(0, &context.language.text(key));
        Self {
            stop: interrupted(),
            start: Instant::now(),
            bars: [bar("simulate-progress-futures"), bar("simulate-progress-thinking")],
            splits: Mutex::new((0, 0.0)),
        }
    }

    /// Whether to go on.
    fn hear(&self, progress: Progress) -> bool {
        let bar = &self.bars[progress.phase as usize];
        bar.set_length(progress.total);
        bar.set_position(progress.done);
        if progress.phase == Phase::Splits {
            let seconds = self.start.elapsed().as_secs_f64();
            *self.splits.lock().expect("no holder panics") = (progress.cells, seconds);
        }
        !self.stop.load(Ordering::Relaxed)
    }

    fn finish(self) -> f64 {
        self.bars.iter().for_each(ProgressBar::finish_and_clear);
        let (cells, seconds) = self.splits.into_inner().expect("no holder panics");
        if seconds > 0.0 { cells as f64 / seconds } else { 0.0 }
    }
}

/// A flag that the first Ctrl-C raises; the second ends the program at once.
pub(crate) fn interrupted() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        // Without a runtime Ctrl-C ends the program at once, as it does elsewhere.
        let Ok(runtime) = runtime else { return };
        runtime.block_on(async {
            if tokio::signal::ctrl_c().await.is_ok() {
                flag.store(true, Ordering::Relaxed);
            }
            if tokio::signal::ctrl_c().await.is_ok() {
                std::process::exit(130);
            }
        });
    });
    stop
}

fn replay(
    args: &SimulateArgs,
    job: &Job,
    settings: &Settings,
    context: &Context,
) -> anyhow::Result<Exit> {
    let policy = settings.policies.as_ref().and_then(|names| names.first());
    let policy = policy.copied().unwrap_or(PolicyName::Plan);
    let replicate = args.replicate.unwrap_or(0);
    let told = context.explain(trace(&job.inputs(), settings, context.seed, replicate, policy))?;
    if context.json {
        context.answer_json(&told)?;
    } else {
        context.answer(&trace_table(&told, job, context).to_string())?;
        let lang = context.language;
        context.answer(&lang.say(
            "simulate-told-trace",
            &[
                ("replicate", &lang.number(told.replicate as f64, 0)),
                ("draw", &lang.number(told.draw as f64, 0)),
                ("value", &lang.number(told.value, 0)),
                ("expected", &lang.number(told.expected, 0)),
            ],
        ))?;
        for shock in &told.shocks {
            context.answer(&lang.say("simulate-told-shock", &[("name", shock)]))?;
        }
    }
    Ok(Exit::Good)
}

fn trace_table(told: &Trace, job: &Job, context: &Context) -> Framed {
    let lang = context.language;
    let names = ["week", "segment", "spent", "delivery", "lift", "mean", "frailty", "count"];
    let header = names.map(|name| lang.text(&format!("simulate-trace-{name}")));
    let rows = told.cells.iter().map(|cell| {
        vec![
            lang.week(cell.week),
            cell.segment.clone(),
            lang.money(cell.spent, job.plan.currency),
            lang.number(cell.delivery, 2),
            lang.number(cell.lift, 2),
            lang.number(cell.mean, 1),
            lang.number(cell.frailty, 2),
            lang.number(cell.count, 0),
        ]
    });
    table(header.to_vec(), rows.collect(), 2)
}

/// The answer for people: a table of policies, then what it means.
fn tell(simulated: &Simulation, job: &Job, context: &Context) -> anyhow::Result<()> {
    let Simulation { outcomes, details } = simulated;
    let lang = context.language;
    let name = |policy: PolicyName| lang.text(&format!("simulate-policy-{policy}"));
    let reference = name(details.reference);
    let names = ["policy", "mean", "p10", "p90", "beats", "regret", "cost", "follows", "carbon"];
    let header = names
        .map(|column| lang.say(&format!("simulate-column-{column}"), &[("reference", &reference)]));
    let dash = || "–".to_owned();
    let row = |policy: &PolicyOutcome| {
        let itself = policy.name == details.reference;
        vec![
            name(policy.name),
            lang.number(policy.value.mean, 0),
            lang.number(policy.value.p10, 0),
            lang.number(policy.value.p90, 0),
            if itself { dash() } else { lang.percent(policy.p_beats_last, 0) },
            lang.percent(policy.regret.max(0.0), 1),
            policy
                .cost_per_action
                .map_or_else(dash, |cost| lang.money_with(cost, job.plan.currency, 2)),
            policy.follows.map_or_else(dash, |n| lang.number(n, 0)),
            policy.carbon_g.map_or_else(dash, |grams| lang.number(grams / 1000.0, 1)),
        ]
    };
    let rows = outcomes.policies.iter().map(row).collect();
    context.answer(&table(header.to_vec(), rows, 1).to_string())?;
    for sentence in sentences(simulated, job, context) {
        context.answer(&sentence)?;
    }
    Ok(())
}

/// Policies whose mean lies outside its own interval: a few extreme futures make it.
fn heavy_tails(simulated: &Simulation) -> impl Iterator<Item = &PolicyOutcome> {
    let tells = |policy: &&PolicyOutcome| {
        !policy.value.holds_its_mean() || !policy.actions.holds_its_mean()
    };
    simulated.outcomes.policies.iter().filter(tells)
}

/// Splits made without regard to the campaign's rules.
const FREE: [PolicyName; 5] = [
    PolicyName::Last,
    PolicyName::Equal,
    PolicyName::Proportional,
    PolicyName::Cheapest,
    PolicyName::Followers,
];

/// What the table means, in words.
fn sentences(simulated: &Simulation, job: &Job, context: &Context) -> Vec<String> {
    let Simulation { outcomes, details } = simulated;
    let lang = context.language;
    let plan = &outcomes.policies[0];
    let number = |x: f64| lang.number(x, 0);
    let reference = lang.text(&format!("simulate-policy-{}", details.reference));
    let mut told = vec![
        lang.say(
            "simulate-told-promise",
            &[
                ("mean", &number(plan.value.mean)),
                ("low", &number(plan.value.p10)),
                ("high", &number(plan.value.p90)),
                ("money", &lang.money(plan.spent, job.plan.currency)),
            ],
        ),
        lang.say("simulate-told-worst", &[("worst", &number(plan.worst_tenth))]),
    ];
    if let Some(promise) = job.plan.promise {
        let Range { mean, p10, p90, .. } = promise.value.range;
        let values = [("mean", number(mean)), ("low", number(p10)), ("high", number(p90))];
        let values: Vec<(&str, &str)> = values.iter().map(|(k, v)| (*k, v.as_str())).collect();
        told.insert(1, lang.say("simulate-told-promised", &values));
    }
    if let Some(mostly) = plan.value.mostly {
        let chance = lang.percent(mostly.probability, 0);
        let value = number(mostly.value);
        told.push(lang.say("simulate-told-mostly", &[("chance", &chance), ("value", &value)]));
    }
    for policy in heavy_tails(simulated) {
        let name = lang.text(&format!("simulate-policy-{}", policy.name));
        told.push(lang.say("simulate-told-heavy-tail", &[("policy", &name)]));
    }
    if details.reference != PolicyName::Plan {
        told.push(lang.say(
            "simulate-told-beats",
            &[("reference", &reference), ("share", &lang.percent(plan.p_beats_last, 0))],
        ));
        if outcomes.unlearnt >= 0.1 {
            let share = lang.percent(outcomes.unlearnt, 0);
            told.push(lang.say("simulate-told-unlearnt", &[("share", &share)]));
        }
    }
    let ahead = |policy: &&PolicyOutcome| {
        FREE.contains(&policy.name) && policy.value.mean > 1.005 * plan.value.mean
    };
    let best = outcomes.policies.iter().filter(ahead);
    if let Some(free) = best.max_by(|a, b| a.value.mean.total_cmp(&b.value.mean)) {
        let gain = lang.percent(free.value.mean / plan.value.mean - 1.0, 0);
        let name = lang.text(&format!("simulate-policy-{}", free.name));
        told.push(lang.say("simulate-told-free", &[("policy", &name), ("gain", &gain)]));
    }
    if outcomes.policies.iter().any(|policy| policy.name == PolicyName::Oracle) {
        let regret = lang.percent(plan.regret.max(0.0), 1);
        let error = details.regret_error.map_or_else(|| "?".to_owned(), |e| lang.percent(e, 1));
        told.push(lang.say("simulate-told-regret", &[("regret", &regret), ("error", &error)]));
    }
    if let Some(gain) = details.value_of_adapting {
        // Less than the figure shown can tell is nothing.
        let key = match gain {
            gain if gain >= 0.0005 => "simulate-told-adapting",
            gain if gain <= -0.0005 => "simulate-told-no-adapting",
            _ => "simulate-told-same-adapting",
        };
        told.push(lang.say(key, &[("gain", &lang.percent(gain.abs(), 1))]));
    }
    let decimals = if details.monte_carlo_error < 0.001 { 2 } else { 1 };
    told.push(lang.say(
        "simulate-told-error",
        &[
            ("replicates", &number(outcomes.replicates as f64)),
            ("error", &lang.percent(details.monte_carlo_error, decimals)),
            ("seed", &outcomes.seed.0.to_string()),
        ],
    ));
    if details.partial {
        told.push(lang.say("simulate-told-partial", &[("asked", &number(outcomes.asked as f64))]));
    }
    told
}
