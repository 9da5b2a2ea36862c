//! `relais plan --check`: holds a plan against its curves and rules, in other code than made it.

use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::arguments::PlanArgs;
use super::promise::small_share;
use crate::allocate::plan::Plan;
use crate::allocate::problem::bound::LimitUnit;
use crate::allocate::{Audience, PlanRequest, PriorOnly, Priors, Settings, read_curves};
use crate::campaign::Campaign;
use crate::check::{Figure, Kept, Verdict, decimals, in_unit, over_curves, over_draws};
use crate::cli::terminal::context::{Context, Exit, Failure};
use crate::cli::terminal::grid::{Kind, of};
use crate::files::hex;
use crate::language::message::{self, Plain};
use crate::report::report_data::{read_any_plan, read_bytes};
use crate::rules::Tables;
use crate::train::Model;
use crate::units::Currency;

/// Runs the check.
pub(super) fn run(path: &Path, args: &PlanArgs, context: &Context) -> anyhow::Result<Exit> {
    let plan = context.explain(read_any_plan(path))?;
    let lacks = |key: &str| {
        let path = path.display().to_string();
        Failure(context.language.say(key, &[("path", &path)]))
    };
    let campaign = match &args.campaign {
        Some(file) => context.explain(Campaign::read(file))?,
        None => plan.campaign.clone().ok_or_else(|| lacks("error-check-no-campaign"))?,
    };
    if plan.resumed.is_some() {
        return Err(lacks("error-check-resumed").into());
    }
    let mut verdict = match (&args.curves, &args.model) {
        (Some(curves), _) => {
            let bytes = context.explain(read_bytes(curves))?;
            let known = context.explain(read_curves(&bytes[..], &curves.display().to_string()))?;
            over_curves(&plan, &campaign, &known, &hex(&Sha256::digest(&bytes)))
        }
        (None, Some(model)) => by_model(&plan, &campaign, model, context)?,
        (None, None) => {
            by_priors(&plan, &campaign, context)?.ok_or_else(|| lacks("error-check-no-curves"))?
        }
    };
    if plan.digest.is_none() {
        verdict.differences.push(message::Message::new("check-no-digest", []));
    }
    tell(&verdict, &plan, context)
}

/// Draws that the plan was chosen on: as many as it tells of.
fn draws(plan: &Plan) -> usize {
    plan.by_draw.as_ref().map_or(2, |by_draw| by_draw.value.len()).max(2)
}

fn by_model(
    plan: &Plan,
    campaign: &Campaign,
    model: &Path,
    context: &Context,
) -> anyhow::Result<Verdict> {
    let tables = context.explain(Tables::load(&context.reference))?;
    let model = context.explain(Model::read(model))?;
    let audience =
        context.explain(Audience::new(&model, campaign, &tables, draws(plan), plan.seed))?;
    let request = audience.request(campaign, &tables, context.language, Settings::default());
    judged(plan, &request, context)
}

/// The verdict over draws, and which tables are not those of the plan; curves are judged without.
fn judged(plan: &Plan, request: &PlanRequest<'_>, context: &Context) -> anyhow::Result<Verdict> {
    let mut verdict = context.explain(over_draws(plan, request))?;
    let others = request.tables.other_than(&plan.tables);
    if !others.is_empty() {
        let names = [("names", message::Value::Names(others))];
        verdict.differences.push(message::Message::new("check-other-tables", names));
    }
    Ok(verdict)
}

/// The verdict where the plan was made from the shipped priors; `None` where it was not.
fn by_priors(
    plan: &Plan,
    campaign: &Campaign,
    context: &Context,
) -> anyhow::Result<Option<Verdict>> {
    let priors = context.explain(Priors::load(&context.reference))?;
    if priors.fingerprint() != plan.fingerprint {
        return Ok(None);
    }
    let tables = context.explain(Tables::load(&context.reference))?;
    let asked = PriorOnly {
        campaign,
        tables: &tables,
        language: context.language,
        seed: plan.seed,
        draws: draws(plan),
        today: None,
        settings: Settings::default(),
    };
    let [choose, promise] = context.explain(asked.draws(&priors))?;
    let request = asked.request(&priors, [&choose, &promise]);
    judged(plan, &request, context).map(Some)
}

fn tell(verdict: &Verdict, plan: &Plan, context: &Context) -> anyhow::Result<Exit> {
    if context.json {
        context.answer_json(&for_machines(verdict, plan, context))?;
    } else {
        context.answer(&table(verdict, plan.currency, context))?;
        for line in sentences(verdict, plan, context) {
            context.answer(&line)?;
        }
    }
    Ok(if verdict.agrees() { Exit::Good } else { Exit::Findings })
}

/// A number as JSON has it; `null` where there is none.
fn number(number: f64) -> Value {
    if number.is_finite() { json!(number) } else { Value::Null }
}

fn for_machines(verdict: &Verdict, plan: &Plan, context: &Context) -> Value {
    let pair = |figure: Figure| json!({ "told": number(figure.told), "own": number(figure.own) });
    let rule = |kept: &Kept| {
        json!({
            "rule": kept.rule.word(),
            "low": number(kept.low),
            "high": number(kept.high),
            "used": number(kept.used),
            "kept": kept.is_kept,
        })
    };
    let gap = verdict.bound.map(
        |bound| json!({ "told": plan.certificate.gap, "own": number(verdict.gap(bound.own)) }),
    );
    let difference = |told: &message::Message| json!({ "what": told.key, "told": told.say(context.language, plan.currency) });
    json!({
        "agrees": verdict.agrees(),
        "differences": verdict.differences.iter().map(difference).collect::<Vec<_>>(),
        "rows": verdict.rows,
        "rules": verdict.rules.iter().map(rule).collect::<Vec<_>>(),
        "value": pair(verdict.value),
        "upper_bound": verdict.bound.map(pair),
        "gap": gap,
        "gap_by_prices": verdict.bound.map(|_| number(verdict.gap(verdict.by_prices))),
        "ways": verdict.ways,
    })
}

/// The rules and figures, told and found again.
fn table(verdict: &Verdict, currency: Option<Currency>, context: &Context) -> String {
    let lang = context.language;
    let plain = Plain { language: lang, currency };
    let text = |key: &str| lang.text(&format!("check-table-{key}"));
    let written = |number: f64, unit: LimitUnit, decimals: usize| {
        if number.is_finite() {
            in_unit(number, unit, decimals).write(&plain)
        } else {
            "–".into()
        }
    };
    let mark = |is_good: bool| text(if is_good { "agrees" } else { "differs" });
    let rule = |kept: &Kept| {
        let limit = if kept.used > kept.low { kept.high } else { kept.low };
        let own = if kept.is_kept { limit } else { kept.used };
        let decimals = decimals(Figure { told: limit, own });
        let amount = |number: f64| written(number, kept.unit, decimals);
        let limits = match (kept.low > 0.0, kept.high.is_finite()) {
            (true, true) if kept.low == kept.high => amount(kept.high),
            (true, true) => format!("{} – {}", amount(kept.low), amount(kept.high)),
            (true, false) => format!("≥ {}", amount(kept.low)),
            _ => format!("≤ {}", amount(kept.high)),
        };
        vec![kept.rule.value().write(&plain), limits, amount(kept.used), mark(kept.is_kept)]
    };
    let figure = |key: &str, figure: Figure, is_good: bool| {
        let decimals = if is_good { 2 } else { decimals(figure) };
        let points = |number: f64| {
            let number = written(number, LimitUnit::Side, decimals);
            lang.say("check-table-points", &[("number", &number)])
        };
        vec![text(key), points(figure.told), points(figure.own), mark(is_good)]
    };
    let says = |key: &str| verdict.differences.iter().any(|told| told.key.starts_with(key));
    let mut rows: Vec<Vec<String>> = verdict.rules.iter().take(RULES_SHOWN).map(rule).collect();
    rows.push(figure("value", verdict.value, !says("check-value") && verdict.rows > 0));
    rows.extend(verdict.bound.map(|bound| figure("bound", bound, !says("check-bound"))));
    let header = ["what", "told", "own", "mark"].map(text).to_vec();
    of(header, rows, vec![Kind::Name, Kind::Number, Kind::Number, Kind::Words]).to_string()
}

/// Rules in the table.
const RULES_SHOWN: usize = 30;
/// Differences told one by one.
const DIFFERENCES_SHOWN: usize = 20;

fn sentences(verdict: &Verdict, plan: &Plan, context: &Context) -> Vec<String> {
    let lang = context.language;
    let mut lines = Vec::new();
    if let Some(bound) = verdict.bound {
        let told = small_share(lang, plan.certificate.gap);
        let own = small_share(lang, verdict.gap(bound.own));
        let prices = small_share(lang, verdict.gap(verdict.by_prices));
        let ways = lang.number(verdict.ways as f64, 0);
        // What both prove to the same digits needs no more words.
        let is_reached = bound.own <= bound.told + 1e-8 * bound.told.abs();
        let key = match (is_reached, verdict.ways) {
            (true, 0) => "check-told-proven",
            (true, _) => "check-told-proven-by-ways",
            (false, _) => "check-told-not-reached",
        };
        let values = [("told", &told[..]), ("own", &own), ("prices", &prices), ("ways", &ways)];
        lines.push(lang.say(key, &values));
    }
    if verdict.agrees() {
        lines.push(lang.text("check-told-agrees"));
        return lines;
    }
    lines.push(lang.text("check-told-differs"));
    let shown = verdict.differences.iter().take(DIFFERENCES_SHOWN);
    lines.extend(shown.map(|told| format!("  {}", told.say(lang, plan.currency))));
    let more = verdict.differences.len().saturating_sub(DIFFERENCES_SHOWN);
    if more > 0 {
        lines.push(format!("  {}", lang.count("check-more", more as u64, &[])));
    }
    lines
}
