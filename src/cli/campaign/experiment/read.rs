//! `relais experiment read`: what a test has taught.

use std::path::{Path, PathBuf};

use clap::Args;
use jiff::civil::Date;
use serde::Serialize;

use crate::allocate::plan::row::Range;
use crate::cli::arguments::touched::Touched;
use crate::cli::terminal::context::{Context, Exit, Failure};
use crate::cli::terminal::grid;
use crate::experiment::{
    Elsewhere, Followed, Protocol, Reading, Rule, StrayCell, Verdict, read_protocol, read_schedule,
    under_way,
};
use crate::history::{History, PanelOptions};
use crate::panel::{DesignedWeek, Panel};
use crate::random::Purpose;
use crate::segment::{Attribute, Segment};
use crate::train::fit;
use crate::units::{Currency, Week};

/// Says what a test has taught, and marks its weeks in the history.
#[derive(Debug, Clone, Args)]
pub(super) struct ReadArgs {
    /// The test, as `experiment design` wrote it.
    #[arg(value_name = "experiment.json", required_unless_present = "schedule")]
    experiment: Option<PathBuf>,
    /// The schedule of a test that was designed elsewhere: `segment,week,factor,budget`.
    #[arg(long, value_name = "schedule.csv", conflicts_with = "experiment")]
    schedule: Option<PathBuf>,
    /// Attributes that make a segment of such a schedule (default: the finest known throughout).
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', requires = "schedule")]
    split_by: Vec<Attribute>,
    /// The history, with the test's exports imported.
    #[arg(long, value_name = "H.sqlite")]
    history: PathBuf,
    /// Reads, and marks nothing.
    #[arg(long)]
    dry_run: bool,
    /// Takes the marks of this test away again.
    #[arg(long, conflicts_with = "dry_run")]
    unmark: bool,
}

/// The answer of `--json`.
#[derive(Debug, Serialize)]
struct Answer {
    verdict: Verdict,
    exponent: Option<Exponent>,
    p_nothing: f64,
    p_proportion: f64,
    log10_possible: f64,
    follows: f64,
    unfollowed: f64,
    cells: Vec<Stray>,
    curves: Vec<CurveAnswer>,
    a_a: Option<AgainstItself>,
    marked: usize,
}

/// Percent more actions per percent more money.
#[derive(Debug, Serialize)]
struct Exponent {
    estimate: f64,
    low: Option<f64>,
    high: Option<f64>,
    level: f64,
}

/// Where the schedule was not followed.
#[derive(Debug, Serialize)]
struct Stray {
    segment: String,
    week: String,
    scheduled: f64,
    delivered: f64,
}

/// What twice an audience's weekly money brings over what it brings.
#[derive(Debug, Serialize)]
struct CurveAnswer {
    segment: String,
    weekly: f64,
    before: Range,
    after: Option<Range>,
}

/// The same schedule laid over earlier weeks, which it cannot have moved.
#[derive(Debug, Clone, Copy, Serialize)]
struct AgainstItself {
    windows: usize,
    below_a_twentieth: usize,
}

impl ReadArgs {
    /// The files that it reads and writes.
    pub(super) fn touched(&self) -> Touched<'_> {
        Touched::default()
            .reads(self.experiment.iter().chain(&self.schedule))
            .reads([&self.history])
    }
}

/// A reading with what its cells are called.
struct Read {
    reading: Reading,
    designed: Vec<DesignedWeek>,
    /// All weeks that its lot decides, followed or not.
    drawn: Vec<DesignedWeek>,
    ids: Vec<String>,
    mondays: Vec<Date>,
    /// Minor units of one unit of money.
    unit: f64,
    currency: Option<Currency>,
    curves: Vec<CurveAnswer>,
    a_a: Option<AgainstItself>,
}

/// Runs the command.
///
/// # Errors
///
/// Bad input, told in the person's language.
pub(super) fn run(args: &ReadArgs, context: &Context) -> anyhow::Result<Exit> {
    let mut history = context.explain(History::open_existing(&args.history))?;
    if args.unmark {
        return unmark(args, &mut history, context);
    }
    let read = match (&args.experiment, &args.schedule) {
        (Some(path), _) => own(path, &history, context)?,
        (None, Some(path)) => elsewhere(path, args, &history, context)?,
        (None, None) => anyhow::bail!("neither a test nor a schedule"),
    };
    let believed = read.reading.verdict != Verdict::Broken;
    let mut marked = 0;
    if !args.dry_run {
        // What an earlier reading marked and this one does not stands no longer.
        let kept = |week: &&DesignedWeek| !believed || !read.designed.contains(week);
        let gone: Vec<DesignedWeek> = read.drawn.iter().filter(kept).cloned().collect();
        context.explain(history.unmark_designed(&gone))?;
    }
    if believed && !args.dry_run {
        let noted_at = jiff::Timestamp::now().to_string();
        marked = context.explain(history.mark_designed(&read.designed, Some(&noted_at)))?;
    }
    let currency = read.currency;
    let answer = answer(read, marked);
    if context.json {
        context.answer_json(&answer)?;
    } else {
        tell(&answer, args, currency, context)?;
    }
    Ok(if believed { Exit::Good } else { Exit::Findings })
}

/// Takes a test's marks away, whatever came of it.
fn unmark(args: &ReadArgs, history: &mut History, context: &Context) -> anyhow::Result<Exit> {
    let drawn = match (&args.experiment, &args.schedule) {
        (Some(path), _) => context.explain(read_protocol(path))?.drawn(),
        (None, Some(path)) => {
            let (test, panel) = schedule(path, args, history, context)?;
            test.drawn(&panel)
        }
        (None, None) => Vec::new(),
    };
    let unmarked = context.explain(history.unmark_designed(&drawn))?;
    if context.json {
        context.answer_json(&serde_json::json!({ "unmarked": unmarked }))?;
    } else {
        let n = unmarked as u64;
        context.answer(&context.language.count("experiment-read-unmarked", n, &[]))?;
    }
    Ok(Exit::Good)
}

/// A schedule from elsewhere, laid out over the history's panel.
fn schedule(
    path: &Path,
    args: &ReadArgs,
    history: &History,
    context: &Context,
) -> anyhow::Result<(Elsewhere, Panel)> {
    let rows = context.explain(read_schedule(path))?;
    let options = PanelOptions { split_by: args.split_by.clone(), ..PanelOptions::default() };
    let panel = context.explain(history.panel(&options))?.panel;
    Ok((context.explain(Elsewhere::new(&rows, &panel))?, panel))
}

fn answer(read: Read, marked: usize) -> Answer {
    let Read { reading, ids, mondays, unit, curves, a_a, .. } = read;
    let stray = |cell: &StrayCell| Stray {
        segment: ids[cell.audience].clone(),
        week: mondays[cell.week].to_string(),
        scheduled: cell.scheduled as f64 / unit,
        delivered: cell.delivered / unit,
    };
    Answer {
        // Nothing is concluded from a broken test.
        exponent: reading.estimate.filter(|_| reading.verdict != Verdict::Broken).map(|estimate| {
            Exponent {
                estimate,
                low: reading.interval.map(|own| own.0),
                high: reading.interval.map(|own| own.1),
                level: Rule::default().level,
            }
        }),
        verdict: reading.verdict,
        p_nothing: reading.p_nothing,
        p_proportion: reading.p_proportion,
        log10_possible: reading.log10_possible,
        follows: reading.follows,
        unfollowed: reading.unfollowed,
        cells: reading.cells.iter().map(stray).collect(),
        curves,
        a_a,
        marked,
    }
}

/// A test of our own.
fn own(path: &Path, history: &History, context: &Context) -> anyhow::Result<Read> {
    let protocol = context.explain(read_protocol(path))?;
    let panel = context.explain(history.panel(&protocol.campaign.of_history()))?.panel;
    let own = context.explain(protocol.campaign.in_own_money(panel.clone()))?;
    let last = protocol.last_day();
    let followed = protocol.followed(&own);
    let (reading, designed) =
        match followed.map_err(|error| Failure(format!("{}: {error}", path.display())))? {
            Followed::Nothing => return Err(nothing(protocol.weeks[0].start, last, context).into()),
            Followed::UnderWay(known) => return Err(not_over(known, last, context).into()),
            Followed::Over(reading, designed) => (reading, designed),
        };
    let believed = reading.verdict != Verdict::Broken;
    let after = if believed { after(&protocol, panel, &designed, context)? } else { Vec::new() };
    Ok(Read {
        reading,
        designed,
        drawn: protocol.drawn(),
        ids: protocol.audiences.iter().map(|own| own.segment.id.clone()).collect(),
        mondays: protocol.weeks.iter().map(|week| week.start).collect(),
        unit: protocol.campaign.budget.currency().minor_per_unit() as f64,
        currency: Some(protocol.campaign.budget.currency()),
        curves: curves(&protocol, &after),
        a_a: against_itself(&protocol, &own),
    })
}

/// A test that somebody else designed.
fn elsewhere(
    path: &Path,
    args: &ReadArgs,
    history: &History,
    context: &Context,
) -> anyhow::Result<Read> {
    let (test, panel) = schedule(path, args, history, context)?;
    let (first, last) = (test.first().monday(), test.last().sunday());
    let read = test.read(&panel, &Rule::default(), context.seed);
    let (reading, designed) = read.ok_or_else(|| nothing(first, last, context))?;
    if let Some(known) = under_way(&panel, last) {
        return Err(not_over(known, last, context).into());
    }
    Ok(Read {
        reading,
        designed,
        drawn: test.drawn(&panel),
        ids: test.ids(&panel).into_iter().map(str::to_owned).collect(),
        mondays: Week::covering(first, last).iter().map(Week::monday).collect(),
        unit: 100.0,
        currency: panel.currency,
        curves: Vec::new(),
        a_a: None,
    })
}

/// A test that is under way is not read: a flight may end with days on which nothing is spent.
fn not_over(known: Date, last: Date, context: &Context) -> Failure {
    let [known, end] = [known, last].map(|day| context.language.date(day));
    let values = [("known", known.as_str()), ("end", end.as_str())];
    Failure(context.language.say("experiment-not-over", &values))
}

fn nothing(first: Date, last: Date, context: &Context) -> Failure {
    let [start, end] = [first, last].map(|day| context.language.date(day));
    Failure(context.language.say("experiment-nothing", &[("start", &start), ("end", &end)]))
}

/// What twice each audience's money brings, learnt anew with the designed weeks marked.
fn after(
    protocol: &Protocol,
    mut panel: Panel,
    designed: &[DesignedWeek],
    context: &Context,
) -> anyhow::Result<Vec<Range>> {
    panel.mark_designed(designed);
    let model = context.explain(fit(&panel, &protocol.specification, context.seed))?;
    let campaign = &protocol.campaign;
    let rate = campaign.history_money.rate(model.currency(), campaign.budget.currency());
    let rate = context.explain(rate)?;
    let segments: Vec<Segment> = protocol.audiences.iter().map(|own| own.segment.clone()).collect();
    let draws = model
        .draws(&segments, &campaign.weeks(), DRAWS, context.seed, Purpose::Promise)
        .at_rate(rate);
    let range = |(i, own): (usize, &crate::experiment::Tested)| {
        own.doubled((0..draws.len()).map(|draw| draws.response(i, draw)))
    };
    Ok(protocol.audiences.iter().enumerate().map(range).collect())
}

/// Joint draws of the model that has learnt from the test.
const DRAWS: usize = 400;

fn curves(protocol: &Protocol, after: &[Range]) -> Vec<CurveAnswer> {
    let of = |(i, own): (usize, &crate::experiment::Tested)| CurveAnswer {
        segment: own.segment.id.clone(),
        weekly: own.weekly,
        before: own.doubling,
        after: after.get(i).copied(),
    };
    protocol.audiences.iter().enumerate().map(of).collect()
}

/// Earlier windows that the schedule is laid over, at most.
const WINDOWS: i64 = 8;

/// The same schedule over windows of weeks before it: where a comparison finds more than one in
/// twenty, something else moves with its weeks.
fn against_itself(protocol: &Protocol, panel: &Panel) -> Option<AgainstItself> {
    let weeks = protocol.weeks.len() as i64;
    let first = panel.span()?.start;
    let mut told = AgainstItself { windows: 0, below_a_twentieth: 0 };
    for window in 1..=WINDOWS {
        let shift = -window * weeks;
        let start = crate::units::Week::of(protocol.weeks[0].start).plus(shift).monday();
        if start < first {
            break;
        }
        let outcome = protocol.outcome(panel, shift);
        let Some(compared) = protocol.experiment.compare(&outcome.counts) else { continue };
        told.windows += 1;
        told.below_a_twentieth += usize::from(compared.p(0.0) <= 0.05);
    }
    (told.windows > 0).then_some(told)
}

fn tell(
    answer: &Answer,
    args: &ReadArgs,
    currency: Option<Currency>,
    context: &Context,
) -> anyhow::Result<()> {
    let lang = context.language;
    let word = serde_json::to_value(answer.verdict)?;
    let word = word.as_str().unwrap_or_default();
    let number = |value: f64| lang.number(value, 2);
    let mut lines = vec![lang.text(&format!("experiment-verdict-{word}"))];
    if let Some(exponent) = &answer.exponent {
        let values = [("estimate", number(exponent.estimate))];
        let mut values: Vec<(&str, String)> = values.into();
        let key = match (exponent.low, exponent.high) {
            (Some(low), Some(high)) => {
                values.extend([("low", number(low)), ("high", number(high))]);
                "experiment-read-exponent"
            }
            _ => "experiment-read-exponent-alone",
        };
        let values: Vec<(&str, &str)> = values.iter().map(|(k, v)| (*k, v.as_str())).collect();
        lines.push(lang.say(key, &values));
    }
    if args.schedule.is_some() {
        lines.push(lang.text("experiment-read-elsewhere"));
    }
    if answer.exponent.is_some() && (answer.follows - 1.0).abs() > FOLLOWED {
        let share = lang.percent(answer.follows, 0);
        lines.push(lang.say("experiment-read-follows", &[("share", &share)]));
    }
    if !answer.cells.is_empty() {
        let share = lang.percent(answer.unfollowed, 0);
        let n = answer.cells.len() as u64;
        lines.push(lang.count("experiment-read-strays", n, &[("share", &share)]));
        let money = |amount: f64| lang.money(amount, currency);
        for own in answer.cells.iter().take(STRAYS) {
            let (scheduled, delivered) = (money(own.scheduled), money(own.delivered));
            let week = own.week.parse().map_or_else(|_| own.week.clone(), |day| lang.date(day));
            let values = [
                ("segment", &own.segment[..]),
                ("week", &week),
                ("scheduled", &scheduled),
                ("delivered", &delivered),
            ];
            lines.push(lang.say("experiment-read-stray", &values));
        }
    }
    if let Some(own) = answer.a_a {
        let found = own.below_a_twentieth.to_string();
        lines.push(lang.count("experiment-read-aa", own.windows as u64, &[("found", &found)]));
    }
    if answer.marked > 0 {
        lines.push(lang.count("experiment-read-marked", answer.marked as u64, &[]));
    }
    let header = ["segment", "before", "after"];
    let header = header.map(|name| lang.text(&format!("experiment-column-{name}")));
    let range = |own: &Range| {
        let [mean, low, high] =
            [own.mean, own.p10, own.p90].map(|ratio| lang.percent(ratio - 1.0, 0));
        lang.say("experiment-read-range", &[("mean", &mean), ("low", &low), ("high", &high)])
    };
    let rows = answer.curves.iter().filter_map(|own| {
        let after = own.after.as_ref()?;
        Some(vec![own.segment.clone(), range(&own.before), range(after)])
    });
    let rows: Vec<Vec<String>> = rows.collect();
    if !rows.is_empty() {
        lines.push(lang.text("experiment-read-curves"));
        lines.push(grid::framed(header.to_vec(), rows, 1).to_string());
    }
    context.answer(&lines.join("\n"))
}

/// Money that moved within this share of what the schedule says followed it.
const FOLLOWED: f64 = 0.05;

/// Cells shown that were not followed.
const STRAYS: usize = 5;
