//! `relais plan` without model, curves or history: by the shipped priors alone.

use crate::allocate::plan::Plan;
use crate::allocate::{PriorOnly, Priors, Settings, plan_by_priors};
use crate::campaign::Campaign;
use crate::cli::terminal::context::{Context, Failure};
use crate::history::History;
use crate::rules::Tables;
use crate::train::fitted::card::TENTH;

/// Divides by priors, and says so in a finding.
pub(super) fn divide(
    n: usize,
    campaign: &Campaign,
    tables: &Tables,
    settings: Settings,
    context: &Context,
) -> anyhow::Result<Plan> {
    nothing_to_learn(campaign, context)?;
    let priors = context.explain(Priors::load(&context.reference))?;
    let asked = PriorOnly {
        campaign,
        tables,
        language: context.language,
        seed: context.seed,
        draws: n,
        today: Some(context.today),
        settings,
    };
    let (mut plan, promise) = context.divided(plan_by_priors(&priors, &asked))?;
    super::promise::promise(&mut plan, &promise, (campaign, tables), TENTH, context)?;
    Ok(plan)
}

/// A campaign that names a history with rows wants a model; one whose history is empty, or that
/// names none, has nothing to learn from.
fn nothing_to_learn(campaign: &Campaign, context: &Context) -> anyhow::Result<()> {
    let Some(path) = &campaign.history else { return Ok(()) };
    let shown = path.display().to_string();
    if !path.exists() {
        let told = context.language.say("error-allocate-no-history", &[("path", &shown)]);
        return Err(Failure(told).into());
    }
    let history = context.explain(History::open_existing(path))?;
    let rows = context.explain(history.totals())?.rows;
    if rows == 0 {
        return Ok(());
    }
    let rows = context.language.number(rows as f64, 0);
    let arguments = [("path", shown.as_str()), ("rows", rows.as_str())];
    Err(Failure(context.language.say("error-allocate-untrained", &arguments)).into())
}
