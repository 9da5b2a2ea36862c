//! `relais plan`: divides a budget, with proof.

mod arguments;
mod check;
mod priors;
mod promise;
mod resume;

pub use arguments::PlanArgs;

use promise::small_share;

use std::io::BufReader;
use std::path::{Path, PathBuf};

use serde::de::IgnoredAny;
use sha2::{Digest, Sha256};

use crate::allocate::plan::row::Row;
use crate::allocate::plan::{Plan, Source};
use crate::allocate::problem::bound::RuleName;
use crate::allocate::{Audience, KnownPlanRequest, Settings, plan_curves, read_curves, told};
use crate::batch::folder;
use crate::batch::folder::{FolderError, Listing, Own, check_inside};
use crate::campaign::Campaign;
use crate::cli::terminal::context::{Context, Exit, Failure};
use crate::cli::terminal::grid;
use crate::files::hex;
use crate::language::message::Plain;
use crate::language::{Explain as _, capital};
use crate::report::priced;
use crate::report::report_data::read_bytes;
use crate::rules::Tables;
use crate::simulate::promised::{self, Asked, PromisedError};
use crate::train::Model;

/// Rows shown in the terminal's table.
const ROWS_SHOWN: usize = 40;

/// Runs the command.
///
/// # Errors
///
/// Bad input, told in the person's language.
pub fn run(args: &PlanArgs, context: &Context) -> anyhow::Result<Exit> {
    if let Some(path) = &args.check {
        return check::run(path, args, context);
    }
    let tables = context.explain(Tables::load(&context.reference))?;
    let networks = tables.network_keys();
    let settings = Settings { gap: args.gap, nodes: args.nodes, without_plan: None };
    let (mut plan, campaign) = if let (Some(before), Some(history)) = (&args.resume, &args.history)
    {
        let running = resume::Running { plan: before, history, until: args.until };
        resume::divide(&running, args, &tables, settings, context)?
    } else if let Some(file) = &args.campaign {
        let campaign = context.explain(Campaign::read(file))?;
        let plan = match (&args.curves, &args.model) {
            (Some(curves), _) => over_curves(curves, &campaign, &tables, settings, context)?,
            (None, Some(model)) => {
                context.explain(campaign.check_networks(&networks, file))?;
                over_model(model, args, &campaign, &tables, settings, context)?
            }
            (None, None) => {
                context.explain(campaign.check_networks(&networks, file))?;
                priors::divide(args.draws, &campaign, &tables, settings, context)?
            }
        };
        (plan, campaign)
    } else {
        anyhow::bail!("neither a campaign nor a plan to resume")
    };
    crate::check::seal(&mut plan);
    let folder = folder(args, &campaign, context)?;
    let path = context.explain(write(&plan, &folder))?;
    let exit = if plan.needs_a_person() { Exit::Findings } else { Exit::Good };
    if context.json {
        context.answer_json(&plan.without_rows()?)?;
    } else {
        tell(&plan, &path, context)?;
    }
    Ok(exit)
}

fn over_curves(
    path: &Path,
    campaign: &Campaign,
    tables: &Tables,
    settings: Settings,
    context: &Context,
) -> anyhow::Result<Plan> {
    let bytes = context.explain(read_bytes(path))?;
    let curves = context.explain(read_curves(&bytes[..], &path.display().to_string()))?;
    let fingerprint = hex(&Sha256::digest(&bytes));
    let request = KnownPlanRequest {
        campaign,
        curves: &curves,
        tables,
        language: context.language,
        seed: context.seed,
        fingerprint: &fingerprint,
        settings,
    };
    context.divided(plan_curves(&request))
}

fn over_model(
    path: &Path,
    args: &PlanArgs,
    campaign: &Campaign,
    tables: &Tables,
    settings: Settings,
    context: &Context,
) -> anyhow::Result<Plan> {
    let model = context.explain(Model::read(path))?;
    Ok(promised(&model, args.draws, (campaign, tables), settings, context)?.0)
}

/// A plan over a model's curves with its promise, and who it divides among.
pub(super) fn promised(
    model: &Model,
    n: usize,
    (campaign, tables): (&Campaign, &Tables),
    settings: Settings,
    context: &Context,
) -> anyhow::Result<(Plan, Audience)> {
    let asked = Asked {
        campaign,
        tables,
        draws: n,
        settings,
        language: context.language,
        seed: context.seed,
        today: context.today,
        bare: false,
    };
    promised::promised(model, &asked).map_err(|error| match error {
        PromisedError::Divide(error) => context.undivided(&error),
        PromisedError::Simulate(error) => Failure(error.explain(context.language)).into(),
    })
}

/// Where the plan goes: where the command says, or the campaign, which may not lead elsewhere.
fn folder(args: &PlanArgs, campaign: &Campaign, context: &Context) -> anyhow::Result<PathBuf> {
    if let Some(out) = &args.out {
        return Ok(out.clone());
    }
    let Some(own) = &campaign.output.folder else { return Ok(PathBuf::from("out")) };
    if let (false, Some(file)) =
        (args.allow_outside, args.campaign.as_ref().or(args.resume.as_ref()))
    {
        context.explain(check_inside(own, file))?;
    }
    Ok(own.clone())
}

/// Writes the plan. One that stands there already may be promised to somebody: it is kept.
fn write(plan: &Plan, folder: &Path) -> Result<PathBuf, FolderError> {
    let own = Own { listing: Listing::InOurs, also: None, keeps_older: true, is_ours: is_plan };
    folder::put_large(folder, Path::new("plan.json"), &own, |out| {
        if plan.rows.len() <= 1000 {
            serde_json::to_writer_pretty(&mut *out, plan)?;
        } else {
            serde_json::to_writer(&mut *out, plan)?;
        }
        writeln!(out)
    })
}

/// Whether a file is a plan, of this relais or of an older one.
fn is_plan(path: &Path) -> bool {
    #[derive(serde::Deserialize)]
    #[allow(dead_code, reason = "only their presence is asked for")]
    struct Plan {
        budget: f64,
        certificate: IgnoredAny,
        rows: IgnoredAny,
    }
    let file = std::fs::File::open(path);
    file.is_ok_and(|file| serde_json::from_reader::<_, Plan>(BufReader::new(file)).is_ok())
}

fn tell(plan: &Plan, path: &Path, context: &Context) -> anyhow::Result<()> {
    let lang = context.language;
    let money = |amount: f64| lang.money(amount, plan.currency);
    let points =
        |value: f64| if value >= 1000.0 { lang.number(value, 0) } else { lang.short(value) };
    let column = |name: &str| lang.text(&format!("allocate-column-{name}"));
    let cells = |row: &Row| {
        let reason = if row.prior_only {
            lang.say("allocate-told-prior-row", &[("reason", &row.reason)])
        } else {
            row.reason.clone()
        };
        vec![row.segment.clone(), money(row.budget), points(row.value.mean), reason]
    };
    let header = ["segment", "budget", "value", "reason"].map(column).to_vec();
    let rows = plan.rows.first(ROWS_SHOWN).iter().map(cells).collect();
    context.answer(&grid::framed(header, rows, 1).with_remark().to_string())?;
    if let Some(resumed) = &plan.resumed {
        context.answer(&resume::summary(plan, resumed, context))?;
    }
    let rows = lang.number(plan.rows.len() as f64, 0);
    let funded = lang.number(plan.rows.funded() as f64, 0);
    context.answer(&lang.say(
        "allocate-told-spent",
        &[
            ("spent", &money(plan.spent)),
            ("budget", &money(plan.budget)),
            ("funded", &funded),
            ("rows", &rows),
        ],
    ))?;
    if let Some(left) = &plan.left_because {
        context.answer(left)?;
    }
    let source = plan.promise.map(|promise| promise.value.source);
    let mean = points(plan.value.mean);
    let is_known = source == Some(Source::Curves);
    context.answer(&if is_known {
        lang.say("allocate-told-value-known", &[("mean", &mean)])
    } else if let Some(mostly) = plan.value.mostly {
        let (value, chance) = (points(mostly.value), lang.percent(mostly.probability, 0));
        let values = [("mean", &mean[..]), ("value", &value), ("chance", &chance)];
        lang.say("allocate-told-mostly", &values)
    } else {
        let (low, high) = (points(plan.value.p10), points(plan.value.p90));
        let key = match source {
            Some(Source::Futures { .. }) => "allocate-told-value",
            _ => "allocate-told-value-draws",
        };
        lang.say(key, &[("mean", &mean), ("low", &low), ("high", &high)])
    })?;
    let proof = &plan.certificate;
    let prudent = plan.campaign.as_ref().is_some_and(|campaign| campaign.prudence > 0.0);
    let prudence = if prudent { lang.text("allocate-told-prudence") } else { String::new() };
    context.answer(&lang.say(
        if is_known { "allocate-told-proof-known" } else { "allocate-told-proof" },
        &[
            ("reached", &points(proof.objective)),
            ("bound", &points(proof.upper_bound)),
            ("prudence", &prudence),
            ("gap", &small_share(lang, proof.gap)),
            ("status", &lang.text(&format!("allocate-status-{}", proof.status.key()))),
            ("nodes", &lang.number(proof.nodes as f64, 0)),
        ],
    ))?;
    if let Some(price) = plan.prices.iter().find(|price| price.rule == RuleName::Budget) {
        let less = price.price_less.map(|less| lang.short(less));
        let key = if less.is_some() { "allocate-told-price-kink" } else { "allocate-told-price" };
        context.answer(&lang.say(
            key,
            &[
                ("unit", &money(1.0)),
                ("price", &lang.short(price.price)),
                ("price-points", &told::points(lang, price.price)),
                ("less", &less.unwrap_or_default()),
            ],
        ))?;
    }
    for line in explained(plan, context) {
        context.answer(&line)?;
    }
    let plain = Plain { language: lang, currency: plan.currency };
    for finding in &plan.findings {
        context.answer(&capital(&finding.say(&plain)))?;
    }
    context.answer(&lang.say("allocate-told-written", &[("path", &path.display().to_string())]))
}

/// What the rules cost, where further money would go, and what other splits would bring.
fn explained(plan: &Plan, context: &Context) -> Vec<String> {
    let lang = context.language;
    let money = |amount: f64| lang.money(amount, plan.currency);
    let points =
        |value: f64| if value >= 1000.0 { lang.number(value, 0) } else { lang.short(value) };
    let mut lines = priced::rules(plan, lang);
    lines.extend(priced::next(plan, lang));
    if let Some(fallback) = &plan.fallback {
        let rows: Vec<String> = fallback
            .rows
            .iter()
            .map(|share| format!("{} ({})", share.segment, money(share.amount)))
            .collect();
        lines.push(lang.say(
            "allocate-told-fallback",
            &[("rows", &lang.some_of(&rows)), ("value", &points(fallback.value))],
        ));
    }
    // Nothing is no measure for what other splits bring.
    let others = plan.baselines.iter().filter(|_| plan.value.mean > 0.0);
    for (i, other) in others.enumerate() {
        if i == 0 {
            lines.push(lang.text("allocate-told-baselines"));
        }
        let share = (other.value.mean - plan.value.mean) / plan.value.mean;
        let sign = if share > 0.0 { "+" } else { "" };
        let key = match (other.allowed, other.beyond_default) {
            (false, _) => "allocate-told-baseline-outside",
            (true, true) => "allocate-told-baseline-default",
            (true, false) => "allocate-told-baseline",
        };
        let told = lang.say(
            key,
            &[
                ("name", &lang.text(&format!("allocate-policy-{}", other.name))),
                ("value", &points(other.value.mean)),
                ("difference", &format!("{sign}{}", lang.percent(share, 1))),
            ],
        );
        lines.push(format!("  {told}"));
    }
    for other in plan.sensitivity.iter().filter(|other| !other.flips.is_empty()) {
        lines.push(lang.say(
            "allocate-told-flips",
            &[
                ("preset", &lang.text(&format!("allocate-preset-{}", other.preset))),
                ("flips", &lang.number(other.flips.len() as f64, 0)),
                ("rows", &lang.number(plan.rows.len() as f64, 0)),
            ],
        ));
    }
    lines
}
