//! `relais study`: measures decision quality over many worlds.

mod families;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::cli::arguments::ranges;
use crate::cli::arguments::touched::Touched;
use crate::cli::campaign::simulate::interrupted;
use crate::cli::terminal::context::{Context, Exit};
use crate::cli::terminal::grid::{Kind, of};
use crate::files;
use crate::generate::population::{Decision, Population, Targets, WorldFamily};
use crate::generate::spec::range::SpecError;
use crate::rules::Tables;
use crate::study::{FamilyLine, Gain, Limit, Settings, Study, Target, WorldScore, flights, study};
use crate::train::Specification;

/// Measures decision quality over many worlds.
#[derive(Debug, Clone, Args)]
pub struct StudyArgs {
    /// How many worlds.
    #[arg(long, value_name = "N", default_value_t = 200)]
    worlds: u64,
    /// Families of worlds, and the population they differ from (default: `data/study.toml`).
    #[arg(long, value_name = "WORLDS.toml")]
    population: Option<PathBuf>,
    /// Families to study, by name, such as `standard` (default: every one, world by world in turn).
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    family: Vec<String>,
    /// What the model assumes: `default`, `reach`, `sparse`, or a file.
    #[arg(long, value_name = "NAME|FILE", default_value = "default")]
    spec: String,
    /// Posterior draws to choose on, and as many fresh ones to promise on.
    #[arg(long, value_name = "N", default_value_t = 400, value_parser = ranges::draws())]
    draws: usize,
    /// Whether plans keep to the trust region that plans have by default; the oracle never does.
    #[arg(long, value_name = "on|off", default_value = "on")]
    trust_region: Switch,
    /// So many flights one after the other: planning alone beside planning with tests where they pay,
    /// and beside Thompson sampling.
    #[arg(long, value_name = "N", conflicts_with_all = ["store", "closely"])]
    flights: Option<usize>,
    /// Leaves out the comparison with the pipeline that is told the true hyper-parameters.
    #[arg(long)]
    no_limit: bool,
    /// Keeps every world's score in this file, and goes on from those that it holds.
    #[arg(long, value_name = "WORLDS.jsonl")]
    store: Option<PathBuf>,
    /// Also keeps what was believed of every segment, and what is true (in `--json`, `--store`).
    #[arg(long)]
    closely: bool,
}

/// A thing that is on or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Switch {
    On,
    Off,
}

impl StudyArgs {
    /// The files that it reads and writes.
    pub(crate) fn touched(&self) -> Touched<'_> {
        Touched::default().reads(&self.population).reads([&self.spec]).writes(&self.store)
    }
}

/// Runs the command.
///
/// # Errors
///
/// Bad input, told in the person's language.
pub fn run(args: &StudyArgs, context: &Context) -> anyhow::Result<Exit> {
    let text = match &args.population {
        Some(path) => files::read_text(path, files::LARGEST_TEXT)
            .with_context(|| format!("`{}`", path.display()))?,
        None => context.reference.text("study.toml")?,
    };
    let population = context.explain(Population::read(&text))?;
    let families = context.explain(chosen(population, &args.family))?;
    let tables = context.explain(Tables::load(&context.reference))?;
    let settings = Settings {
        worlds: args.worlds,
        specification: specification(&args.spec, context)?,
        draws: args.draws.max(2),
        trust_region: args.trust_region == Switch::On,
        closely: args.closely,
        limit: if args.no_limit { Limit::LeftOut } else { Limit::Compared },
    };
    if let Some(number) = args.flights {
        return run_flights(&families, number, &settings, &tables, context);
    }
    let store = match &args.store {
        Some(path) => Some(Store::open(path, &text, &families, &settings, context)?),
        None => None,
    };
    let known = store.as_ref().map_or_else(BTreeMap::new, |store| store.known.clone());
    let bar = context.bar(args.worlds, &context.language.text("simulate-study-progress"));
    bar.set_position(known.len() as u64);
    // Worlds that were there beforehand say nothing about how long the others take.
    bar.reset_eta();
    let stop = interrupted();
    let unkept = std::sync::Mutex::new(None);
    let studied = study(&families, &settings, &tables, context.seed, known, &|scores| {
        bar.inc(scores.len() as u64);
        if let Some(Err(error)) = store.as_ref().map(|store| store.keep(scores)) {
            *unkept.lock().expect("no holder panics") = Some(error);
            return false;
        }
        !stop.load(Ordering::Relaxed)
    });
    bar.finish_and_clear();
    if let Some(error) = unkept.into_inner().expect("no holder panics") {
        return Err(error);
    }
    let studied = context.explain(studied)?;
    if context.json {
        context.answer_json(&studied)?;
    } else {
        tell(&studied, context)?;
    }
    let whole = studied.worlds == studied.asked;
    let good = studied.violations == 0 && !studied.families.iter().any(FamilyLine::misses);
    Ok(if whole && good { Exit::Good } else { Exit::Findings })
}

/// Consecutive flights.
fn run_flights(
    families: &[WorldFamily],
    number: usize,
    settings: &Settings,
    tables: &Tables,
    context: &Context,
) -> anyhow::Result<Exit> {
    let lang = context.language;
    let all = settings.worlds * families.len() as u64;
    let bar = context.bar(all, &lang.text("simulate-study-progress"));
    let studied = flights(families, number, settings, tables, context.seed, &|| bar.inc(1));
    bar.finish_and_clear();
    let lines = context.explain(studied)?;
    if context.json {
        context.answer_json(&lines)?;
        return Ok(Exit::Good);
    }
    for line in &lines {
        let gain = |gain: &Gain| {
            let (mean, error) = (lang.percent(gain.mean, 1), lang.percent(gain.error, 1));
            format!("{mean} ± {error}")
        };
        let by_flight: Vec<String> = line.by_flight.iter().map(gain).collect();
        let values = [
            ("family", line.name.clone()),
            ("worlds", lang.number(line.worlds as f64, 0)),
            ("flights", lang.number(number as f64, 0)),
            ("tests", gain(&line.tests)),
            ("thompson", gain(&line.thompson)),
            ("tested", lang.percent(line.tested, 0)),
            ("price", lang.percent(line.price, 1)),
            ("by-flight", by_flight.join("; ")),
        ];
        let values: Vec<(&str, &str)> =
            values.iter().map(|(key, text)| (*key, text.as_str())).collect();
        context.answer(&lang.say("simulate-study-flights", &values))?;
    }
    Ok(Exit::Good)
}

/// The families asked for; a population without any is one.
fn chosen(population: Population, names: &[String]) -> Result<Vec<WorldFamily>, SpecError> {
    if !names.is_empty() {
        return names.iter().map(|name| population.family(name).cloned()).collect();
    }
    if !population.families.is_empty() {
        return Ok(population.families);
    }
    Ok(vec![WorldFamily {
        name: String::new(),
        world: population.world,
        decision: Decision { max_share: Some(MAX_SHARE), told: true, ..Decision::default() },
        target: Targets::default(),
    }])
}

/// Most that one segment may get where a population has no families that say so.
const MAX_SHARE: f64 = 0.35;

/// Scores of worlds studied before, in a file of one JSON object per line.
struct Store {
    path: PathBuf,
    key: String,
    known: BTreeMap<u64, WorldScore>,
}

/// One line of a store.
#[derive(Debug, Serialize, Deserialize)]
struct Kept<S> {
    /// What the score depends on: program, population, settings and seed.
    key: String,
    score: S,
}

impl Store {
    /// Reads what is there; lines of another question are left alone.
    fn open(
        path: &Path,
        population: &str,
        families: &[WorldFamily],
        settings: &Settings,
        context: &Context,
    ) -> anyhow::Result<Self> {
        let mut digest = Sha256::new();
        // A program that has changed may decide otherwise: its scores are not mixed with ours.
        digest.update(Sha256::digest(std::fs::read(std::env::current_exe()?)?));
        digest.update(population);
        for family in families {
            digest.update(format!("{}\n", family.name));
        }
        digest.update(serde_json::to_string(&settings.specification)?);
        let Settings { draws, limit, closely, trust_region, .. } = settings;
        digest.update(format!("{draws} {limit:?} {closely} {trust_region} {}", context.seed.0));
        let [a, b, c, d, e, f, g, h, ..] = <[u8; 32]>::from(digest.finalize());
        let key = format!("{:016x}", u64::from_be_bytes([a, b, c, d, e, f, g, h]));
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error).with_context(|| format!("`{}`", path.display())),
        };
        let mut store = Self { path: path.to_owned(), key, known: BTreeMap::new() };
        // A line cut short by a crash is studied again.
        for line in text.lines() {
            if let Ok(kept) = serde_json::from_str::<Kept<WorldScore>>(line)
                && kept.key == store.key
            {
                store.known.insert(kept.score.world, kept.score);
            }
        }
        Ok(store)
    }

    /// Adds scores at the end of the file.
    fn keep(&self, scores: &[WorldScore]) -> anyhow::Result<()> {
        let mut lines = String::new();
        for score in scores {
            lines += &serde_json::to_string(&Kept { key: self.key.clone(), score })?;
            lines.push('\n');
        }
        let open = std::fs::OpenOptions::new().create(true).append(true).open(&self.path);
        open.and_then(|mut file| file.write_all(lines.as_bytes()))
            .with_context(|| format!("`{}`", self.path.display()))
    }
}

fn specification(name: &str, context: &Context) -> anyhow::Result<Specification> {
    if let Some(shipped) = Specification::named(name) {
        return Ok(shipped);
    }
    let text = files::read_text(Path::new(name), files::LARGEST_TEXT)
        .with_context(|| format!("`{name}`"))?;
    Ok(context.explain(Specification::read(&text))?)
}

/// One line of the answer: message key, what was found, its target.
struct Line<'a>(&'static str, f64, Option<&'a Target>);

/// What was measured, in the order in which one asks.
fn lines(studied: &Study) -> Vec<Line<'_>> {
    let [inside, outside] = studied.by_family;
    let target = |measure: &str| studied.targets.iter().find(|target| target.measure == measure);
    let judged = |key, measure, found| Line(key, found, target(measure));
    let optional = |key, found: Option<f64>| found.map(|found| Line(key, found, None));
    let limit = studied
        .share_of_bayes_limit
        .map(|share| judged("share-of-bayes-limit", "share_of_bayes_limit", share));
    [
        Some(judged("share-of-oracle", "share_of_oracle", studied.share_of_oracle)),
        (inside.worlds > 0).then_some(Line("inside", inside.share_of_oracle, None)),
        (outside.worlds > 0).then_some(Line("outside", outside.share_of_oracle, None)),
        Some(Line("known-ground", studied.share_on_known_ground, None)),
        Some(Line("expected-share", studied.expected_share_of_oracle, None)),
        optional("limit-over-oracle", studied.limit_over_oracle),
        optional("limit-inside", inside.limit_over_oracle),
        optional("limit-outside", outside.limit_over_oracle),
        optional("limit-expected-share", studied.limit_expected_share),
        limit,
        Some(judged("beats-last", "beats_last", studied.beats_last)),
        Some(Line("gain-over-last", studied.gain_over_last, None)),
        Some(Line("last-over-oracle", studied.last_over_oracle, None)),
        Some(judged(
            "promised-over-realised",
            "promised_over_realised",
            studied.promised_over_realised,
        )),
        Some(judged("coverage80", "coverage80", studied.coverage80)),
        optional("limit-coverage80", studied.limit_coverage80),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn tell(studied: &Study, context: &Context) -> anyhow::Result<()> {
    let several = studied.families.len() > 1;
    if !several {
        tell_one(studied, context)?;
    }
    let lang = context.language;
    if studied.families.iter().any(|family| !family.name.is_empty()) {
        for line in families::lines(&studied.families, lang) {
            context.answer(&line)?;
        }
    }
    if several {
        context.answer(&summary(studied, context))?;
        let (n, violations) = (lang.number(studied.violations as f64, 0), studied.violations);
        if violations > 0 {
            context.answer(&format!("{}: {n}", lang.text("simulate-study-violations")))?;
        }
    }
    if studied.worlds < studied.asked {
        let asked = lang.number(studied.asked as f64, 0);
        context.answer(&lang.say("simulate-study-partial", &[("asked", &asked)]))?;
    }
    Ok(())
}

/// How many worlds, and their seed.
fn summary(studied: &Study, context: &Context) -> String {
    let (lang, seed) = (context.language, studied.seed.0.to_string());
    let worlds = lang.number(studied.worlds as f64, 0);
    lang.say("simulate-study-told", &[("worlds", &worlds), ("seed", &seed)])
}

/// One family, in full.
fn tell_one(studied: &Study, context: &Context) -> anyhow::Result<()> {
    let lang = context.language;
    let text = |key: &str| lang.text(&format!("simulate-study-{key}"));
    let mut rows = Vec::new();
    let verdict = |met: bool| text(if met { "yes" } else { "no" });
    for Line(key, found, target) in lines(studied) {
        let mut row = vec![text(key), lang.percent(found, 1)];
        if let Some(target) = target {
            let low = lang.percent(target.low, 0);
            let wanted = match target.high {
                Some(high) => format!("{low} – {}", lang.percent(high, 0)),
                None => format!("≥ {low}"),
            };
            row.extend([format!("± {}", lang.percent(target.error, 1)), wanted]);
            row.push(verdict(target.met));
        } else {
            row.extend([String::new(), String::new(), String::new()]);
        }
        rows.push(row);
    }
    let violations = lang.number(studied.violations as f64, 0);
    let kept = verdict(studied.violations == 0);
    rows.push(vec![text("violations"), violations, String::new(), "0".to_owned(), kept]);
    let header = ["measure", "found", "error", "target", "met"].map(text).to_vec();
    let kinds = vec![Kind::Words, Kind::Number, Kind::Number, Kind::Number, Kind::Words];
    context.answer(&of(header, rows, kinds).to_string())?;
    context.answer(&summary(studied, context))?;
    if studied.share_of_oracle < 0.95 {
        context.answer(&lang.say(
            "simulate-study-information",
            &[
                ("found", &lang.percent(studied.share_of_oracle, 1)),
                ("expected", &lang.percent(studied.expected_share_of_oracle, 1)),
                ("known", &lang.percent(studied.share_on_known_ground, 1)),
            ],
        ))?;
    }
    let missed = studied.targets.iter().filter(|target| !target.met).count();
    if missed > 0 {
        let n = lang.number(missed as f64, 0);
        context.answer(&lang.say("simulate-study-missed", &[("n", &n)]))?;
    }
    Ok(())
}
