//! `relais experiment design`: a schedule, and what it is worth.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use crate::allocate::Settings;
use crate::allocate::plan::Plan;
use crate::batch::folder;
use crate::batch::folder::{Listing, Own};
use crate::campaign::Campaign;
use crate::cli::arguments::ranges;
use crate::cli::arguments::touched::Touched;
use crate::cli::campaign::plan;
use crate::cli::terminal::context::{Context, Exit, Failure};
use crate::cli::terminal::grid;
use crate::experiment::{Asked, NoProposal, Protocol, propose, schedule_csv};
use crate::report::experiment::Told;
use crate::report::formatter::Formatter;
use crate::report::page::brief;
use crate::report::sheets::{spreadsheet, tables};
use crate::report::{self, ReportData, chart};
use crate::rules::Tables;
use crate::simulate::future::context::SimulationContext;
use crate::simulate::promised::promise_moved;
use crate::simulate::{Inputs, Settings as HowSimulated};
use crate::train::Model;

/// Writes a schedule under which audiences exchange money, and what it is worth.
///
/// Each audience's total and each week's stay what the plan says, to the cent. Chosen is the test
/// after which the next plans are expected to bring most more than the test costs.
#[derive(Debug, Clone, Args)]
pub(super) struct DesignArgs {
    /// The campaign.
    #[arg(value_name = "CAMPAIGN.toml")]
    campaign: PathBuf,
    /// The trained model.
    #[arg(long, value_name = "model.json")]
    model: PathBuf,
    /// Folder for `experiment.json`, the page to sign, the schedule and the plan with it in its weeks.
    #[arg(long, value_name = "DIR", default_value = "experiment")]
    out: PathBuf,
    /// The flight's first so many weeks (default: as many as are worth most).
    #[arg(long, value_name = "N")]
    weeks: Option<usize>,
    /// Largest share of the flight's expected engagement that the test may give up.
    #[arg(long, value_name = "SHARE", default_value_t = 0.05)]
    share: f64,
    /// Joint posterior draws.
    #[arg(long, value_name = "N", default_value_t = 400, value_parser = ranges::draws())]
    draws: usize,
}

/// The answer of `--json`.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    pays: bool,
    price: f64,
    price_share: f64,
    value: f64,
    gain: f64,
    gain_if_all_known: f64,
    power: f64,
    exponent: f64,
    detects: f64,
    standard_error: f64,
    log10_possible: f64,
    weeks: usize,
    block_weeks: usize,
    segments: Vec<SegmentAnswer<'a>>,
    at_plan: &'a [crate::experiment::AtPlan],
    files: Vec<String>,
}

/// What a segment does in a test.
#[derive(Debug, Serialize)]
struct SegmentAnswer<'a> {
    segment: &'a str,
    /// Whether its money moves.
    varies: bool,
    /// Lowest and highest factor.
    low: f64,
    high: f64,
    planned: f64,
}

impl DesignArgs {
    /// The files that it reads and writes.
    pub(super) fn touched(&self) -> Touched<'_> {
        Touched::default().reads([&self.campaign, &self.model])
    }
}

/// Runs the command.
///
/// # Errors
///
/// Bad input, told in the person's language.
pub(super) fn run(args: &DesignArgs, context: &Context) -> anyhow::Result<Exit> {
    if !(args.share > 0.0 && args.share <= 1.0) {
        let found = args.share.to_string();
        return Err(Failure(context.language.say("experiment-share", &[("found", &found)])).into());
    }
    let tables = context.explain(Tables::load(&context.reference))?;
    let networks = tables.network_keys();
    let campaign = context.explain(Campaign::read(&args.campaign))?;
    context.explain(campaign.check_networks(&networks, &args.campaign))?;
    let model = context.explain(Model::read(&args.model))?;
    let (mut plan, audience) =
        plan::promised(&model, args.draws, (&campaign, &tables), Settings::default(), context)?;
    let inputs =
        Inputs { draws: &audience.promise, plan: &plan, campaign: &campaign, tables: &tables };
    let simulated = context.explain(SimulationContext::new(&inputs, &HowSimulated::default()))?;
    let asked = Asked { weeks: args.weeks, share: args.share };
    let proposal = propose(&simulated, &tables, &asked, context.seed)
        .map_err(|error| refused(&error, &plan, context))?;
    let protocol = Protocol::of(&proposal, &plan, &simulated, model.specification());
    drop(simulated);
    let page = page(&protocol, &plan, &tables, context)?;
    let before = plan.clone();
    protocol.move_weeks(&mut plan);
    let told = (context.language, context.seed);
    let of = (&campaign, &tables);
    let moved = promise_moved(&mut plan, &before, &audience.promise, of, audience.tail, told);
    context.explain(moved)?;
    crate::check::seal(&mut plan);
    let report_data = ReportData::of_plan(plan);
    let files = write(&protocol, &report_data, page, (&args.out, context))?;
    if campaign.flight.start <= context.today {
        context.note(&context.language.text("experiment-note-begun"));
    }
    if context.json {
        context.answer_json(&answer(&protocol, files))?;
    } else {
        tell(&protocol, &files, context)?;
    }
    Ok(Exit::Good)
}

/// The page for the file.
fn page(
    protocol: &Protocol,
    plan: &Plan,
    tables: &Tables,
    context: &Context,
) -> anyhow::Result<Vec<u8>> {
    let formatter = Formatter::new(&ReportData::of_plan(plan.clone()), context.language);
    let brief = report::experiment::page(protocol, plan, tables, &formatter);
    Ok(context.explain(brief::html(&brief, &formatter))?.into_bytes())
}

/// `scheduled` is the plan with the schedule in its weeks.
fn write(
    protocol: &Protocol,
    scheduled: &ReportData,
    page: Vec<u8>,
    (folder, context): (&Path, &Context),
) -> anyhow::Result<Vec<String>> {
    let mut json = serde_json::to_vec_pretty(protocol)?;
    json.push(b'\n');
    let mut whole = serde_json::to_vec_pretty(&scheduled.plan)?;
    whole.push(b'\n');
    let formatter = Formatter::new(scheduled, context.language);
    let weeks = tables::weeks(scheduled, &formatter);
    let mut files = vec![
        (PathBuf::from("experiment.json"), json),
        (PathBuf::from("experiment.html"), page),
        (PathBuf::from("schedule.csv"), schedule_csv(protocol)?),
        (PathBuf::from("plan.json"), whole),
        (PathBuf::from("weeks.csv"), context.explain(spreadsheet::csv(&weeks, &formatter))?),
    ];
    let calendar = chart::of_test(protocol, &formatter);
    files.extend(
        calendar.map(|chart| ("charts/schedule.svg".into(), chart.standalone().into_bytes())),
    );
    // An earlier test may be promised to somebody, or under way.
    let own = Own { listing: Listing::Always, also: None, keeps_older: true, is_ours: |_| false };
    let written = context.explain(folder::put(folder, &files, &own))?;
    Ok(written.iter().map(|path| path.display().to_string()).collect())
}

fn answer(protocol: &Protocol, files: Vec<String>) -> Answer<'_> {
    let Protocol { worth, power, experiment, .. } = protocol;
    let unit = protocol.campaign.budget.currency().minor_per_unit() as f64;
    let segments = protocol.audiences.iter().enumerate().map(|(i, own)| {
        let (low, high) = protocol.factors(i);
        let planned: i64 = experiment.design().planned()[i].iter().sum();
        SegmentAnswer {
            segment: &own.segment.id,
            varies: low < high,
            low,
            high,
            planned: planned as f64 / unit,
        }
    });
    Answer {
        pays: worth.pays(),
        price: worth.price,
        price_share: worth.price_share,
        value: worth.value,
        gain: worth.gain,
        gain_if_all_known: worth.gain_if_all_known,
        power: worth.power,
        exponent: worth.exponent,
        detects: power.least_effect,
        standard_error: power.standard_error,
        log10_possible: experiment.design().log10_possible(),
        weeks: protocol.tested_weeks,
        block_weeks: protocol.block_weeks,
        segments: segments.collect(),
        at_plan: experiment.design().at_plan(),
        files,
    }
}

/// Why there is no test, and the least change that would make one possible.
fn refused(error: &NoProposal, plan: &Plan, context: &Context) -> anyhow::Error {
    use crate::experiment::Impossible;
    let lang = context.language;
    let unit = plan.currency.map_or(1.0, |currency| currency.minor_per_unit() as f64);
    let text = match error {
        NoProposal::Impossible(Impossible::TooShort { weeks, needed }) => lang.count(
            "experiment-refused-short",
            *weeks as u64,
            &[("needed", &needed.to_string())],
        ),
        NoProposal::Impossible(Impossible::NoRoom { needs }) => {
            let need = |need: &crate::experiment::Need| {
                let money = |minor: i64| lang.money(minor as f64 / unit, plan.currency);
                let row = plan.rows.get(need.audience);
                lang.say(
                    "experiment-refused-need",
                    &[
                        ("segment", row.map_or("", |row| row.segment.as_str())),
                        ("money", &money(need.per_week)),
                        ("ceiling", &money(need.ceiling)),
                    ],
                )
            };
            let needs: Vec<String> = needs.iter().map(need).collect();
            lang.say("experiment-refused-room", &[("needs", &needs.join(" "))])
        }
        NoProposal::Impossible(_) => lang.text("experiment-refused-alone"),
        NoProposal::Unseen => lang.text("experiment-refused-unseen"),
        NoProposal::NoDivision => lang.text("experiment-refused-division"),
        NoProposal::Weeks { asked, weeks } => {
            lang.count("experiment-refused-weeks", *weeks as u64, &[("asked", &asked.to_string())])
        }
        NoProposal::TooDear { share, cheapest } => lang.say(
            "experiment-refused-dear",
            &[
                ("share", &lang.percent(*share, 1)),
                ("cheapest", &lang.percent((1000.0 * cheapest).ceil() / 1000.0, 1)),
            ],
        ),
        NoProposal::Unreadable(error) => context.fault(&error.to_string()),
    };
    Failure(text).into()
}

fn tell(protocol: &Protocol, files: &[String], context: &Context) -> anyhow::Result<()> {
    let lang = context.language;
    let header = ["segment", "planned", "low", "high"];
    let header = header.map(|name| lang.text(&format!("experiment-column-{name}")));
    let told = answer(protocol, Vec::new());
    let moving = told.segments.iter().filter(|own| own.varies);
    let currency = Some(protocol.campaign.budget.currency());
    let rows = moving.map(|own| {
        let shares = [own.low, own.high].map(|factor| lang.percent(factor, 0));
        let [low, high] = shares;
        vec![own.segment.to_owned(), lang.money(own.planned, currency), low, high]
    });
    context.answer(&grid::framed(header.to_vec(), rows.collect(), 1).to_string())?;
    let Told { who, worth, sees, care } = Told::of(protocol, lang);
    let mut lines = [vec![who], worth, sees, vec![care]].concat();
    lines.push(lang.say("experiment-told-written", &[("files", &files.join(", "))]));
    context.answer(&lines.join("\n"))
}
