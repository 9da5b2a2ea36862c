//! The first screen: the promise with its range, and three things to know.

use crate::allocate::plan::Row;
use crate::report::dossier::Dossier;
use crate::report::tables;
use crate::report::voice::{Voice, clean};
use crate::rules::finding::Severity;
use crate::simulate::outcomes::PolicyOutcome;

/// The promise, in figures.
pub(super) struct Promise {
    pub(super) figure: String,
    pub(super) unit: String,
    pub(super) range: String,
    pub(super) beside: Vec<(String, String)>,
}

/// A thing to know.
pub(super) struct Thing {
    pub(super) head: String,
    pub(super) text: String,
}

impl Promise {
    pub(super) fn of(dossier: &Dossier, voice: &Voice) -> Self {
        let plan = &dossier.plan;
        let actions = plan.actions;
        let spread = simulated(dossier)
            .map_or((actions.p10, actions.p90), |policy| (policy.actions.p10, policy.actions.p90));
        let (low, high) = (voice.quantity(spread.0), voice.quantity(spread.1));
        let funded = plan.rows.iter().filter(|row| row.budget > 0.0).count();
        let mut beside = vec![
            (voice.text("report-beside-spent"), voice.money(plan.spent)),
            (voice.text("report-beside-funded"), voice.count("chart-n-segments", funded, &[])),
        ];
        if actions.mean > 0.0 {
            let each = voice.price(plan.spent / actions.mean);
            beside.push((voice.text("report-beside-cost"), each));
        }
        if let Some(grams) = plan.carbon_g {
            let kg = voice.say("report-kilograms", &[("kg", &voice.short(grams / 1000.0))]);
            beside.push((voice.text("report-beside-carbon"), kg));
        }
        Self {
            figure: voice.quantity(actions.mean),
            unit: voice.text("report-promise-unit"),
            range: voice.say("report-promise-range", &[("low", &low), ("high", &high)]),
            beside,
        }
    }
}

fn simulated(dossier: &Dossier) -> Option<&PolicyOutcome> {
    dossier.outcomes.as_ref()?.policies.iter().find(|policy| policy.name == "plan")
}

/// Dates, budget and points of the campaign.
pub(super) fn facts(dossier: &Dossier, voice: &Voice) -> Vec<(String, String)> {
    let plan = &dossier.plan;
    let mut facts = vec![(voice.text("report-fact-budget"), voice.money(plan.budget))];
    if let Some(campaign) = &plan.campaign {
        let (start, end) = (campaign.flight.start, campaign.flight.end);
        let dates = [voice.language.date(start), voice.language.date(end)];
        let dates = voice.say("report-dates", &[("start", &dates[0]), ("end", &dates[1])]);
        facts.insert(0, (voice.text("report-fact-flight"), dates));
        if campaign.gross != campaign.budget {
            let gross = voice.money(campaign.gross.as_f64());
            facts.push((voice.text("report-fact-gross"), gross));
        }
        facts.push((voice.text("report-fact-points"), voice.preset(&campaign.preset)));
    }
    facts
}

/// Three things to know: is it better, what would more or less money do, what needs care.
pub(super) fn things(dossier: &Dossier, voice: &Voice) -> Vec<Thing> {
    let mut things = vec![better(dossier, voice)];
    things.extend(money(dossier, voice));
    things.extend(care(dossier, voice));
    things
}

fn thing(voice: &Voice, key: &str, arguments: &[(&str, &str)]) -> Thing {
    Thing {
        head: voice.text(&format!("report-thing-{key}-head")),
        text: voice.say(&format!("report-thing-{key}"), arguments),
    }
}

fn better(dossier: &Dossier, voice: &Voice) -> Thing {
    let plan = &dossier.plan;
    if let Some(policy) = simulated(dossier) {
        let has_last = dossier.outcomes.iter().flat_map(|o| &o.policies).any(|p| p.name == "last");
        if has_last {
            let wins = voice.quantity((100.0 * policy.p_beats_last).round());
            return thing(voice, "better", &[("wins", &wins)]);
        }
    }
    if let Some(last) = plan.baselines.iter().find(|baseline| baseline.name == "last") {
        let wins = voice.quantity((100.0 * last.p_plan_better).round());
        return thing(voice, "better", &[("wins", &wins)]);
    }
    thing(voice, "proof", &[("gap", &gap(dossier, voice))])
}

fn gap(dossier: &Dossier, voice: &Voice) -> String {
    let gap = dossier.plan.certificate.gap.max(0.0);
    let decimals = (1..6).find(|d| gap >= 10_f64.powi(-(d + 2))).unwrap_or(4);
    voice.percent(gap, decimals as usize)
}

fn money(dossier: &Dossier, voice: &Voice) -> Option<Thing> {
    let plan = &dossier.plan;
    let price = plan.prices.iter().find(|price| price.rule == "budget")?;
    let average = plan.value.mean / plan.spent;
    let arguments: [(&str, &str); 3] = [
        ("money", &voice.language.money(100.0, voice.currency)),
        ("gain", &voice.quantity(100.0 * price.price)),
        ("average", &voice.quantity(100.0 * average)),
    ];
    average.is_finite().then(|| thing(voice, "money", &arguments))
}

/// What a person must look at: the gravest finding, else guesses, else the memory of audiences.
fn care(dossier: &Dossier, voice: &Voice) -> Option<Thing> {
    let plan = &dossier.plan;
    let grave: Vec<_> = plan
        .findings
        .iter()
        .filter(|finding| finding.severity >= Severity::Warning && finding.overridden.is_none())
        .collect();
    if let Some(worst) = grave.iter().max_by(|a, b| a.severity.cmp(&b.severity)) {
        let n = voice.count("report-n-findings", grave.len(), &[]);
        let message = tables::message(worst, voice);
        return Some(thing(voice, "rules", &[("n", &n), ("first", &message)]));
    }
    let doubtful = |row: &&Row| row.budget > 0.0 && (row.prior_only || row.extrapolates);
    let guessed: Vec<&Row> = plan.rows.iter().filter(doubtful).collect();
    if !guessed.is_empty() {
        let money = voice.money(guessed.iter().map(|row| row.budget).sum());
        let n = voice.count("chart-n-segments", guessed.len(), &[]);
        return Some(thing(voice, "guess", &[("n", &n), ("money", &money)]));
    }
    let range = plan.carryover_range?;
    let (low, high) = (range.none.min(range.high), range.none.max(range.high));
    let (low, high) = (voice.quantity(low), voice.quantity(high));
    Some(thing(voice, "memory", &[("low", &low), ("high", &high)]))
}

/// What the certificate proves, in a sentence.
pub(super) fn proof(dossier: &Dossier, voice: &Voice) -> String {
    let gap = gap(dossier, voice);
    let status = voice.keyed("report-status", &dossier.plan.certificate.status);
    voice.say("report-proof", &[("gap", &gap), ("status", &status)])
}

/// From when to when the history goes, and how much it holds.
pub(super) fn span(dossier: &Dossier, voice: &Voice) -> String {
    let day =
        |text: &str| text.parse().map_or_else(|_| clean(text), |date| voice.language.date(date));
    let rows = dossier.history.as_ref().map_or(0, |history| history.rows);
    let rows = voice.quantity(rows as f64);
    match dossier.card.as_ref().and_then(|card| card.span.as_ref()) {
        Some((start, end)) => {
            let dates = voice.say("report-dates", &[("start", &day(start)), ("end", &day(end))]);
            voice.say("report-span", &[("dates", &dates), ("rows", &rows)])
        }
        None => voice.say("report-span-undated", &[("rows", &rows)]),
    }
}

/// What it takes to make this result again.
pub(super) fn again(dossier: &Dossier, voice: &Voice) -> Vec<(String, String)> {
    let plan = &dossier.plan;
    let mut again = Vec::new();
    if !dossier.command.is_empty() {
        again.push((voice.text("report-again-command"), clean(&dossier.command)));
    }
    again.push((voice.text("report-again-seed"), plan.seed.0.to_string()));
    again.push((voice.text("report-again-fingerprint"), clean(&plan.fingerprint)));
    again.push((voice.text("report-again-format"), plan.version.to_string()));
    if let Some(outcomes) = &dossier.outcomes {
        let futures = voice.quantity(outcomes.replicates as f64);
        again.push((voice.text("report-again-futures"), futures));
    }
    again
}
