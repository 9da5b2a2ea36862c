//! `relais run`: works on many campaigns at once.

mod arguments;
mod asked;
mod progress;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub use self::arguments::RunArgs;
use self::asked::{Asked, asked};
use self::progress::Progress;
use serde::Serialize;

use crate::batch::folder::is_done;
use crate::batch::job::{Divided, Learnt, Settings, Step, divide, joint_draws, learn, make};
use crate::batch::order::{Order, TrainingJob, title};
use crate::batch::schedule::{Ended, Failure, GaveUp, Stop, Trouble};
use crate::batch::shard::{Entry, Summary};
use crate::batch::shared::{Member, Shared};
use crate::batch::{schedule, shard, shared};
use crate::campaign::Campaign;
use crate::cli::terminal::context::{Context, Exit};
use crate::cli::terminal::grid::framed;
use crate::files;
use crate::language::quoted;
use crate::report::report_data::read_plan;
use crate::rules::Tables;
use crate::rules::finding::Finding;
use crate::segment::Segment;

/// How one campaign of a batch ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Its results were made.
    Done,
    /// They were there already.
    Skipped,
    /// It has none: the line says why.
    Failed,
    /// Somebody stopped the batch first.
    Interrupted,
}

impl Ending {
    fn key(self) -> &'static str {
        match self {
            Self::Done => "run-status-done",
            Self::Skipped => "run-status-skipped",
            Self::Failed => "run-status-failed",
            Self::Interrupted => "run-status-interrupted",
        }
    }
}

/// One line of the answer.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    /// The campaign file.
    pub campaign: String,
    /// How it ended.
    pub status: Ending,
    /// How many findings of its plan ask for a person.
    pub findings: usize,
    /// Their codes.
    #[serde(skip)]
    pub codes: Vec<String>,
    /// Wall time.
    pub seconds: f64,
    /// The folder of its results.
    pub folder: Option<String>,
    /// Why there is none.
    pub error: Option<String>,
    /// The kind of trouble that left it without a result.
    #[serde(skip)]
    pub trouble: Option<Trouble>,
}

impl Line {
    /// A campaign that has its results.
    fn made(
        campaign: String,
        status: Ending,
        codes: Vec<String>,
        took: Duration,
        order: &Order,
    ) -> Self {
        Self {
            status,
            findings: codes.len(),
            codes,
            folder: Some(order.folder.display().to_string()),
            ..Self::without_result(campaign, took.as_secs_f64())
        }
    }

    /// A campaign that has none.
    fn without_result(campaign: String, seconds: f64) -> Self {
        Self {
            campaign,
            status: Ending::Failed,
            findings: 0,
            codes: Vec::new(),
            seconds,
            folder: None,
            error: None,
            trouble: None,
        }
    }

    /// The line as a summary keeps it.
    fn entry(&self, asked: &Asked) -> Entry {
        Entry {
            name: asked.name.clone(),
            campaign: from_here(&asked.file).display().to_string(),
            advertiser: asked.advertiser.clone(),
            ended: match self.status {
                Ending::Done | Ending::Skipped => shard::Ended::Done,
                Ending::Failed => shard::Ended::Failed,
                Ending::Interrupted => shard::Ended::Interrupted,
            },
            exit: self.exit() as u8,
            findings: self.codes.clone(),
            inputs: asked.order.as_ref().ok().map(|order| order.inputs.clone()),
            error: self.error.clone(),
        }
    }

    /// What `plan` would answer for the same campaign.
    fn exit(&self) -> Exit {
        match (self.trouble, self.status) {
            (Some(Trouble::Fault), _) => Exit::Fault,
            (Some(Trouble::BadInput), _) => Exit::BadInput,
            (Some(Trouble::Undecided), _) | (None, Ending::Interrupted) => Exit::Findings,
            (None, _) if self.findings > 0 => Exit::Findings,
            (None, _) => Exit::Good,
        }
    }
}

type Lessons = BTreeMap<TrainingJob, Ended<Arc<Learnt>>>;

/// Runs the command.
///
/// # Errors
///
/// When nothing can be started; what goes wrong with one campaign is in the answer.
pub fn run(args: &RunArgs, context: &Context) -> anyhow::Result<Exit> {
    if args.merge {
        return merged(args, context);
    }
    let Work { lines, shared } = work(args, context)?;
    if context.json {
        context.answer_json(&serde_json::json!({ "campaigns": lines, "shared": shared }))?;
    }
    context.answer(&table(&lines, context))?;
    for own in lines.iter().filter(|line| !line.codes.is_empty()) {
        context.answer(&to_look_at(own, context))?;
    }
    for own in &shared {
        context.answer(&shared_summary(own, context))?;
    }
    // The worst of all: one campaign that failed is never lost among others that did not.
    Ok(lines.iter().map(Line::exit).max().unwrap_or(Exit::Good))
}

/// Joins the summaries of all parts.
fn merged(args: &RunArgs, context: &Context) -> anyhow::Result<Exit> {
    let out = args.out.as_deref().unwrap_or(Path::new("."));
    let summary = context.explain(shard::merge(out))?;
    context.explain(summary.put(&shard::whole(out)))?;
    if context.json {
        context.answer_json(&summary)?;
    }
    let count = |ended: shard::Ended| {
        summary.campaigns.iter().filter(|own| own.ended == ended).count().to_string()
    };
    let told = [
        ("done", &*count(shard::Ended::Done)),
        ("failed", &count(shard::Ended::Failed)),
        ("interrupted", &count(shard::Ended::Interrupted)),
        ("path", &shard::whole(out).display().to_string()),
    ];
    let n = summary.campaigns.len() as u64;
    context.answer(&context.language.count("run-merged", n, &told))?;
    let exits = [Exit::Good, Exit::Findings, Exit::BadInput, Exit::Fault];
    let worst = summary.campaigns.iter().map(|own| own.exit).max().unwrap_or(0);
    Ok(exits.into_iter().find(|exit| *exit as u8 >= worst).unwrap_or(Exit::Fault))
}

/// How the campaigns ended.
#[derive(Debug, Clone)]
pub struct Work {
    /// One line per campaign, in the order they were named.
    pub lines: Vec<Line>,
    /// Campaigns that spend on the same audiences in the same days.
    pub shared: Vec<Shared>,
}

/// Campaigns on the same audiences in the same days, in one line.
fn shared_summary(shared: &Shared, context: &Context) -> String {
    let lang = context.language;
    let whole = |actions: f64| lang.number(actions, 0);
    lang.say(
        "run-shared",
        &[
            ("campaigns", &shared.campaigns.join(", ")),
            ("segments", &lang.some_of(&shared.segments)),
            ("start", &lang.date(shared.from)),
            ("end", &lang.date(shared.to)),
            ("promised", &whole(shared.promised)),
            ("together", &whole(shared.together)),
        ],
    )
}

/// Does the work, and says how each campaign ended.
///
/// # Errors
///
/// When nothing can be started.
pub fn work(args: &RunArgs, context: &Context) -> anyhow::Result<Work> {
    // One campaign is no batch.
    let summary = args.out.as_deref().and_then(|out| match args.shard {
        Some(shard) => Some(shard.file(out)),
        None => (args.campaigns.len() > 1 || args.by.is_some()).then(|| shard::whole(out)),
    });
    if let Some(path) = &summary {
        context.explain(shard::check_place(path))?;
    }
    let settings = settings(args, context)?;
    let asked = asked(args, context, &settings)?;
    let at_once = args.jobs.unwrap_or_else(rayon::current_num_threads);
    let stop = Stop::default();
    let todo = to_do(&asked, args.force);
    let progress = Progress::new(context, todo.iter().filter(|todo| todo.own).count());
    let all: Vec<Order> = todo.iter().map(|todo| todo.order.clone()).collect();
    let lessons = lessons(&all, at_once, &settings, &stop, &progress)?;
    let batch = Batch { todo: &todo, lessons, at_once, settings, stop: &stop, progress: &progress };
    let (made, shared) = batch.campaigns()?;
    progress.finish();
    let mut made = made.into_iter();
    let is_made =
        |order: &Order| todo.iter().any(|todo| todo.own && todo.order.folder == order.folder);
    let mut line = |campaign: String, order: &Result<Order, String>| match order {
        Err(error) => failed(campaign, 0.0, Failure::bad_input(error.clone())),
        Ok(order) if is_made(order) => {
            let made = made.next().expect("every order to do was worked on");
            line(campaign, order, made, context)
        }
        Ok(order) => Line::made(campaign, Ending::Skipped, codes(order), Duration::ZERO, order),
    };
    let (mut lines, mut entries) = (Vec::new(), Vec::new());
    for asked in asked.iter().filter(|asked| asked.own) {
        let line = line(title(&asked.file, asked.advertiser.as_deref()), &asked.order);
        entries.push(line.entry(asked));
        lines.push(line);
    }
    if let Some(path) = &summary {
        context.explain(Summary::of(entries).put(path))?;
    }
    Ok(Work { lines, shared })
}

/// An order of this batch.
struct ToDo {
    order: Order,
    /// Whether it is made here; otherwise it is divided, for what those made here say of it.
    own: bool,
}

/// Orders without a result; where one of those that may share audiences has none, all of them are
/// made again. Those of other parts of the batch are not made here.
fn to_do(asked: &[Asked], force: bool) -> Vec<ToDo> {
    let (sound, own): (Vec<&Order>, Vec<bool>) =
        asked.iter().filter_map(|asked| Some((asked.order.as_ref().ok()?, asked.own))).unzip();
    let mut todo: Vec<bool> = (sound.iter().zip(&own))
        .map(|(order, own)| *own && (force || !is_done(&order.folder, &order.inputs)))
        .collect();
    for group in shared::groups(&sound) {
        if group.iter().any(|&i| todo[i]) {
            for i in group {
                todo[i] = true;
            }
        }
    }
    let wanted = sound.into_iter().zip(own).zip(todo).filter(|(_, todo)| *todo);
    wanted.map(|((order, own), _)| ToDo { order: order.clone(), own }).collect()
}

/// Findings of a plan made before that ask for a person; what cannot be read any more has none.
fn codes(order: &Order) -> Vec<String> {
    let plan = read_plan(&order.folder.join("plan.json"));
    plan.map_or_else(|_| Vec::new(), |plan| plan.open_codes())
}

fn settings(args: &RunArgs, context: &Context) -> anyhow::Result<Settings> {
    Ok(Settings {
        seed: context.seed,
        tables: context.explain(Tables::load(&context.reference))?,
        specification: crate::cli::model::train::specification(&args.spec, context)?,
        replicates: args.replicates,
        backtest: !args.no_backtest,
        language: context.language,
        reference: context.reference.clone(),
        today: context.today,
        command: command(args, context),
    })
}

/// The command that makes the results again.
fn command(args: &RunArgs, context: &Context) -> String {
    let mut words = vec!["relais run".to_owned()];
    let path = |path: &PathBuf| from_here(path).display().to_string();
    words.extend(args.campaigns.iter().map(|file| quoted(&path(file))));
    let mut option = |name: &str, value: Option<String>| {
        words.extend(value.map(|value| format!("{name} {}", quoted(&value))));
    };
    option("--out", args.out.as_ref().map(path));
    option("--model", args.model.as_ref().map(path));
    option("--panel", args.panel.as_ref().map(path));
    option("--by", args.by.clone());
    let spec = Some(&args.spec).filter(|spec| *spec != "default");
    let is_shipped = crate::train::Specification::named(&args.spec).is_some();
    let shown = |spec: &String| if is_shipped { spec.clone() } else { path(&spec.into()) };
    option("--spec", spec.map(shown));
    option("--replicates", args.replicates.map(|n| n.to_string()));
    for plan in &args.earlier {
        option("--earlier", Some(path(plan)));
    }
    option("--seed", Some(context.seed.0.to_string()));
    option("--data", context.reference.folder().map(path));
    if args.allow_outside {
        words.push("--allow-outside".to_owned());
    }
    if args.no_backtest {
        words.push("--no-backtest".to_owned());
    }
    words.join(" ")
}

/// A path from the folder in which the command is run, which the next reader has too; nobody's home
/// is part of a report.
pub(crate) fn from_here(path: &Path) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    if !path.is_absolute() || here.components().count() < 2 {
        return path.to_owned();
    }
    files::way(&here, path).unwrap_or_else(|_| path.to_owned())
}

/// Learns every lesson once, however many campaigns share it.
fn lessons(
    todo: &[Order],
    at_once: usize,
    settings: &Settings,
    stop: &Stop,
    progress: &Progress,
) -> anyhow::Result<Lessons> {
    let mut wanted: Vec<TrainingJob> = todo.iter().map(|order| order.lesson.clone()).collect();
    wanted.sort();
    wanted.dedup();
    for order in todo.iter().filter(|order| order.lesson != TrainingJob::Priors) {
        progress.tell(order, Step::Learn);
    }
    let shared = settings.clone();
    let of = |lesson: &TrainingJob| -> Vec<Campaign> {
        let own = todo.iter().filter(|order| order.lesson == *lesson);
        own.map(|order| order.campaign.clone()).collect()
    };
    let campaigns: BTreeMap<TrainingJob, Vec<Campaign>> =
        wanted.iter().map(|lesson| (lesson.clone(), of(lesson))).collect();
    let reports =
        schedule::run(wanted.clone(), at_once, stop, move |lesson: &TrainingJob, stop| {
            let campaigns = campaigns.get(lesson).map_or(&[][..], Vec::as_slice);
            learn(lesson, campaigns, &shared, stop).map(Arc::new)
        })?;
    Ok(wanted.into_iter().zip(reports.into_iter().map(|report| report.ended)).collect())
}

/// How the work on one campaign ended; done, it has the codes of the findings that ask for a person.
type Made = schedule::Report<Vec<String>>;

/// Campaigns to work on, and what they share.
struct Batch<'a> {
    todo: &'a [ToDo],
    lessons: Lessons,
    at_once: usize,
    settings: Settings,
    stop: &'a Stop,
    progress: &'a Progress,
}

/// Plans made before the rest of their campaigns' work, and how their making ended.
type Plans = BTreeMap<PathBuf, schedule::Report<Divided>>;

impl Batch<'_> {
    /// All the work. Campaigns that may share audiences are planned first: what each tells of the
    /// others is known only then.
    fn campaigns(self) -> anyhow::Result<(Vec<Made>, Vec<Shared>)> {
        let Self { todo, at_once, stop, .. } = self;
        let all: Vec<&Order> = todo.iter().map(|todo| &todo.order).collect();
        let groups = shared::groups(&all);
        let lessons = Arc::new(self.lessons);
        let plans = {
            let (lessons, settings) = (Arc::clone(&lessons), self.settings.clone());
            let progress = self.progress.clone();
            let first: Vec<Order> = groups.iter().flatten().map(|&i| all[i].clone()).collect();
            let folders: Vec<PathBuf> = first.iter().map(|order| order.folder.clone()).collect();
            let reports = schedule::run(first, at_once, stop, move |order: &Order, stop| {
                let learnt = learnt(&lessons, order)?;
                divide(order, learnt, &settings, &|step| progress.tell(order, step), stop)
            })?;
            folders.into_iter().zip(reports).collect::<Plans>()
        };
        let found = found(&all, &groups, &plans, &lessons, &self.settings);
        let own: Vec<Order> =
            todo.iter().filter(|todo| todo.own).map(|todo| todo.order.clone()).collect();
        let took: Vec<Duration> = own
            .iter()
            .map(|order| plans.get(&order.folder).map_or(Duration::ZERO, |plan| plan.took))
            .collect();
        let plans = Mutex::new(plans);
        let (progress, settings) = (self.progress.clone(), self.settings);
        let findings = found.1;
        let mut reports = schedule::run(own, at_once, stop, move |order: &Order, stop| {
            let learnt = learnt(&lessons, order)?;
            let tell = |step| progress.tell(order, step);
            let plan = plans.lock().expect("no holder of this lock panics").remove(&order.folder);
            let divided = match plan.map(|report| report.ended) {
                Some(Ended::Done(divided)) => divided,
                Some(Ended::Failed(failure)) => return Err(GaveUp::Failed(failure)),
                Some(Ended::Interrupted) => return Err(GaveUp::Stopped),
                None => divide(order, learnt, &settings, &tell, stop)?,
            };
            let shared = findings.get(&order.folder).map_or(&[][..], Vec::as_slice);
            let made = make(order, learnt, divided, shared, &settings, &tell, stop);
            progress.done(order);
            made
        })?;
        reports.iter_mut().zip(took).for_each(|(report, took)| report.took += took);
        Ok((reports, found.0))
    }
}

/// What was learnt for an order.
fn learnt<'a>(lessons: &'a Lessons, order: &Order) -> Result<&'a Learnt, GaveUp> {
    match &lessons[&order.lesson] {
        Ended::Done(learnt) => Ok(learnt),
        Ended::Failed(failure) => Err(GaveUp::Failed(failure.clone())),
        Ended::Interrupted => Err(GaveUp::Stopped),
    }
}

/// What campaigns share, and what each of them says of it, by its folder.
fn found(
    todo: &[&Order],
    groups: &[Vec<usize>],
    plans: &Plans,
    lessons: &Lessons,
    settings: &Settings,
) -> (Vec<Shared>, BTreeMap<PathBuf, Vec<Finding>>) {
    let (mut all, mut findings) = (Vec::new(), BTreeMap::<PathBuf, Vec<Finding>>::new());
    for group in groups {
        let members: Vec<Member<'_>> = group
            .iter()
            .filter_map(|&i| match &plans.get(&todo[i].folder)?.ended {
                Ended::Done(divided) => Some(Member { order: todo[i], plan: &divided.plan }),
                _ => None,
            })
            .collect();
        let Some(Ok(learnt)) = members.first().map(|first| learnt(lessons, first.order)) else {
            continue;
        };
        // Whoever has a plan by priors has read them.
        let draws = |segments: &[Segment], campaign: &Campaign| {
            joint_draws(learnt, segments, campaign, settings).expect("the plans were made so")
        };
        for shared in shared::shared(&members, draws) {
            for member in members.iter().filter(|member| shared.concerns(member)) {
                let own = findings.entry(member.order.folder.clone()).or_default();
                own.push(shared.finding(member));
            }
            all.push(shared);
        }
    }
    (all, findings)
}

fn line(campaign: String, order: &Order, report: Made, context: &Context) -> Line {
    let seconds = report.took.as_secs_f64();
    match report.ended {
        Ended::Done(codes) => Line::made(campaign, Ending::Done, codes, report.took, order),
        Ended::Failed(Failure { trouble: Trouble::Fault, reason }) => {
            let reason = context.fault(&reason);
            failed(campaign, seconds, Failure { trouble: Trouble::Fault, reason })
        }
        Ended::Failed(failure) => failed(campaign, seconds, failure),
        Ended::Interrupted => {
            Line { status: Ending::Interrupted, ..Line::without_result(campaign, seconds) }
        }
    }
}

fn failed(campaign: String, seconds: f64, failure: Failure) -> Line {
    Line {
        error: Some(failure.reason),
        trouble: Some(failure.trouble),
        ..Line::without_result(campaign, seconds)
    }
}

/// What a person must look at in one campaign's plan, in a few words, and where it is told.
fn to_look_at(line: &Line, context: &Context) -> String {
    let lang = context.language;
    let named = |code: &String| lang.find(&format!("named-{code}")).unwrap_or_else(|| code.clone());
    let mut names: Vec<String> = line.codes.iter().map(named).collect();
    names.dedup();
    let folder = line.folder.clone().unwrap_or_default();
    let told =
        [("campaign", &*line.campaign), ("findings", &names.join(", ")), ("folder", &folder)];
    lang.say("run-findings", &told)
}

fn table(lines: &[Line], context: &Context) -> String {
    let lang = context.language;
    let header = ["campaign", "status", "findings", "seconds", "result"]
        .map(|column| lang.text(&format!("run-column-{column}")));
    let rows = lines.iter().map(|line| {
        vec![
            line.campaign.clone(),
            lang.text(line.status.key()),
            if line.findings > 0 { lang.number(line.findings as f64, 0) } else { "–".to_owned() },
            lang.number(line.seconds, 1),
            line.error.clone().or_else(|| line.folder.clone()).unwrap_or_default(),
        ]
    });
    framed(header.to_vec(), rows.collect(), 2).with_remark().to_string()
}
