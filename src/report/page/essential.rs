//! The first screen: the split, the promise with its range, and three things to know.

use std::collections::{BTreeMap, BTreeSet};

use crate::action::Action;
use crate::allocate::plan::{Plan, Row, Source};
use crate::report::dossier::Dossier;
use crate::report::tables;
use crate::report::voice::{Voice, clean};
use crate::segment::Attribute;
use crate::simulate::outcomes::PolicyOutcome;

/// The promise, in figures.
pub(super) struct Promise {
    pub(super) figure: String,
    pub(super) unit: String,
    pub(super) range: String,
    /// That several networks may claim the same person.
    pub(super) claims: Option<String>,
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
        let actions = tables::promised(dossier);
        let (low, high) = (voice.quantity(actions.p10), voice.quantity(actions.p90));
        let range = match actions.mostly {
            Some(mostly) => voice.mostly(mostly, "report-promise-mostly"),
            None => voice.say("report-promise-range", &[("low", &low), ("high", &high)]),
        };
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
            range,
            claims: claims(plan).then(|| voice.text("report-promise-claims")),
            beside,
        }
    }
}

/// Whether money goes to several networks, each of which counts as its own what it reports.
fn claims(plan: &Plan) -> bool {
    let funded = plan.rows.iter().filter(|row| row.budget > 0.0);
    let networks = funded.filter_map(|row| row.attributes.get(Attribute::Network.column()));
    networks.collect::<BTreeSet<&String>>().len() > 1
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
        let points = tables::points_in_brief(&campaign.points, &campaign.preset, voice);
        facts.push((voice.text("report-fact-points"), points));
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

/// How the plan compares with the last split: more than likely, likely, or not better.
fn better(dossier: &Dossier, voice: &Voice) -> Thing {
    let plan = &dossier.plan;
    let Some((chance, gain)) = beside_last(dossier) else {
        return thing(voice, "proof", &[("gap", &gap(dossier, voice))]);
    };
    let key = match chance {
        p if p >= 0.8 => "better",
        p if p >= 0.5 => "likely",
        _ => "worse",
    };
    let arguments: [(&str, &str); 3] = [
        ("chance", &voice.chance(chance)),
        ("gain", &voice.signed_percent(gain)),
        ("budget", &voice.money(plan.spent)),
    ];
    let mut told = thing(voice, key, &arguments);
    let unlearnt = dossier.outcomes.as_ref().map_or(0.0, |outcomes| outcomes.unlearnt);
    // Below a tenth it takes away less than the figure shown can tell.
    if unlearnt >= 0.1 {
        let share = voice.part_of(unlearnt);
        let discount = voice.say("report-thing-unlearnt", &[("share", &share)]);
        told.text = format!("{} {discount}", told.text);
    }
    told
}

/// Chance that the plan beats the last split, and by how much on average; from the simulation,
/// else from the plan's own draws.
fn beside_last(dossier: &Dossier) -> Option<(f64, f64)> {
    let gain = |plan: f64, last: f64| (last > 0.0).then(|| plan / last - 1.0);
    let policies = dossier.outcomes.iter().flat_map(|outcomes| &outcomes.policies);
    if let (Some(plan), Some(last)) =
        (simulated(dossier), policies.into_iter().find(|policy| policy.name == "last"))
    {
        return Some((plan.p_beats_last, gain(plan.value.mean, last.value.mean)?));
    }
    let last = dossier.plan.baselines.iter().find(|baseline| baseline.name == "last")?;
    Some((last.p_plan_better, gain(dossier.plan.value.mean, last.value.mean)?))
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
    let grave: Vec<_> = plan.open_findings().collect();
    // The first of the gravest.
    if let Some(worst) = grave.iter().rev().max_by(|a, b| a.severity.cmp(&b.severity)) {
        let n = voice.count("report-n-findings", grave.len(), &[]);
        let message = in_brief(&tables::message(worst, voice));
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

/// The beginning of a long text, whole sentences or words: the first screen has room for no more.
fn in_brief(text: &str) -> String {
    const ROOM: usize = 190;
    if text.chars().count() <= ROOM {
        return text.to_owned();
    }
    let start: String = text.chars().take(ROOM).collect();
    if let Some(end) = start.rfind(". ").filter(|end| *end > ROOM / 2) {
        return start[..=end].to_owned();
    }
    let whole = start.rfind(' ').map_or(start.as_str(), |end| &start[..end]);
    format!("{}\u{a0}…", whole.trim_end_matches([',', ';', ':', ' ', '\u{a0}', '·']))
}

/// Most lines of the split on the first screen.
const MOST_LINES: usize = 8;

/// The split at a glance: money by network, or by segment where networks tell nothing.
pub(super) struct Split {
    pub(super) title: String,
    pub(super) head: String,
    pub(super) lines: Vec<Bar>,
    pub(super) has_last: bool,
}

/// One line of the split.
pub(super) struct Bar {
    pub(super) name: String,
    pub(super) budget: String,
    pub(super) share: String,
    pub(super) last: String,
    /// Lengths in per cent of the longest bar, for the plan and for the last split.
    pub(super) now: String,
    pub(super) was: String,
}

/// Money of one line: name, plan, last split.
type Line = (String, f64, Option<f64>);

impl Split {
    pub(super) fn of(dossier: &Dossier, voice: &Voice) -> Option<Self> {
        let plan = &dossier.plan;
        let networks = by(plan, |row| {
            row.attributes.get(Attribute::Network.column()).map(|name| voice.network(name))
        });
        let (head, lines) = if networks.len() > 1 {
            ("network", networks)
        } else {
            ("segment", by(plan, |row| Some(voice.label(&row.segment))))
        };
        let first = lines.first().filter(|line| line.1 > 0.0)?;
        let title = voice.say(
            "report-split-title",
            &[("name", &first.0), ("share", &voice.percent(first.1 / plan.spent, 0))],
        );
        let lines = few(lines, voice);
        let last = lines.iter().filter_map(|line| line.2);
        let longest = lines.iter().map(|line| line.1).chain(last).fold(0.0, f64::max);
        let length = |money: f64| format!("{:.1}", 100.0 * money / longest);
        let money = |money: f64| voice.language.money_with(money, voice.currency, 0);
        Some(Self {
            title,
            head: voice.text(&format!("report-column-{head}")),
            has_last: lines.iter().any(|line| line.2.is_some()),
            lines: lines
                .into_iter()
                .map(|(name, budget, last)| Bar {
                    name,
                    budget: if budget > 0.0 { money(budget) } else { "–".to_owned() },
                    share: voice.part_of(budget / plan.spent),
                    last: last.map_or_else(|| "–".to_owned(), money),
                    now: length(budget),
                    was: length(last.unwrap_or(0.0)),
                })
                .collect(),
        })
    }
}

/// Sums by what a row belongs to, most money first; what neither has nor had money is left out.
fn by(plan: &Plan, name: impl Fn(&Row) -> Option<String>) -> Vec<Line> {
    let mut sums: BTreeMap<String, (f64, Option<f64>)> = BTreeMap::new();
    for row in &plan.rows {
        let Some(name) = name(row) else { continue };
        let sum = sums.entry(name).or_default();
        sum.0 += row.budget;
        if let Some(last) = row.last {
            *sum.1.get_or_insert(0.0) += last;
        }
    }
    let mut lines: Vec<Line> =
        sums.into_iter().map(|(name, (budget, last))| (name, budget, last)).collect();
    lines.retain(|line| line.1 > 0.0 || line.2.is_some_and(|last| last > 0.0));
    lines.sort_by(|a, b| {
        b.1.total_cmp(&a.1).then(b.2.unwrap_or(0.0).total_cmp(&a.2.unwrap_or(0.0)))
    });
    lines
}

/// The first lines, and one for all the others.
fn few(mut lines: Vec<Line>, voice: &Voice) -> Vec<Line> {
    if lines.len() <= MOST_LINES {
        return lines;
    }
    let rest = lines.split_off(MOST_LINES - 1);
    let last: Vec<f64> = rest.iter().filter_map(|line| line.2).collect();
    lines.push((
        voice.count("report-split-others", rest.len(), &[]),
        rest.iter().map(|line| line.1).sum(),
        (!last.is_empty()).then(|| last.iter().sum()),
    ));
    lines
}

/// What the intervals of the plan's table are intervals of.
pub(super) fn plan_note(dossier: &Dossier, voice: &Voice) -> String {
    let source = dossier.plan.promise.map(|promise| promise.actions.source);
    let futures = matches!(source, Some(Source::Futures { .. }));
    voice.text(if futures { "report-plan-note" } else { "report-plan-note-draws" })
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

/// What was read and is not used, and what is kept and does not count.
pub(super) fn unused(dossier: &Dossier, voice: &Voice) -> Vec<String> {
    let mut lines: Vec<String> =
        dossier.history.iter().flat_map(|h| &h.unused).map(|line| clean(line)).collect();
    let left: u64 = dossier.history.iter().flat_map(|h| &h.files).map(|file| file.left_out).sum();
    if left > 0 {
        lines.push(voice.count("report-unused-rows", left as usize, &[]));
    }
    if let Some(campaign) = &dossier.plan.campaign {
        let passive = [Action::Reactions, Action::Views, Action::Follows];
        let silent: Vec<String> = passive
            .into_iter()
            .filter(|action| campaign.points.of(*action) == 0.0)
            .map(|action| voice.keyed("report-action", action.column()))
            .collect();
        if !silent.is_empty() {
            lines.push(voice.say("report-unused-actions", &[("actions", &silent.join(", "))]));
        }
    }
    lines
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
