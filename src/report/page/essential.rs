//! The first screen: the split, the promise with its range, and three things to know.

use std::collections::{BTreeMap, BTreeSet};

use crate::action::Action;
use crate::allocate::plan::row::Row;
use crate::allocate::plan::{Certificate, NextTest, Plan, Source};
use crate::allocate::problem::bound::RuleName;
use crate::allocate::solver::solve::Status;
use crate::campaign::Levers;
use crate::language::capital;
use crate::report::chart::Chart;
use crate::report::formatter::{Formatter, clean};
use crate::report::report_data::ReportData;
use crate::report::sheets::tables;
use crate::report::standing::{BesideLast, Standing};
use crate::segment::Attribute;

/// The promise, in figures.
pub(super) struct Promise {
    pub(super) figure: String,
    pub(super) unit: String,
    pub(super) range: String,
    /// That several networks may claim the same person.
    pub(super) claims: Option<String>,
    /// What each action is worth.
    pub(super) points: Option<String>,
    pub(super) beside: Vec<(String, String)>,
}

/// A thing to know.
pub(super) struct Thing {
    pub(super) head: String,
    pub(super) text: String,
}

impl Promise {
    pub(super) fn of(report_data: &ReportData, formatter: &Formatter) -> Self {
        let plan = &report_data.plan;
        let actions = tables::promised(report_data);
        let (low, high) = (formatter.quantity(actions.p10), formatter.quantity(actions.p90));
        let ends: [(&str, &str); 2] = [("low", &low), ("high", &high)];
        let range = match (actions.mostly, source(report_data)) {
            (_, Source::Curves) => formatter.text("report-promise-known"),
            (Some(mostly), _) => formatter.mostly(mostly, "report-promise-mostly"),
            (None, Source::Futures { .. }) => formatter.say("report-promise-range", &ends),
            (None, Source::Draws { .. }) => formatter.say("report-promise-range-draws", &ends),
        };
        let funded = plan.rows.iter().filter(|row| row.budget > 0.0).count();
        let mut beside = vec![
            (formatter.text("report-beside-spent"), formatter.money(plan.spent)),
            (
                formatter.text("report-beside-funded"),
                formatter.count("chart-n-segments", funded, &[]),
            ),
        ];
        if actions.mean > 0.0 {
            let each = formatter.price(plan.spent / actions.mean);
            beside.push((formatter.text("report-beside-cost"), each));
        }
        if let Some(grams) = plan.carbon_g {
            let kg = formatter.say("report-kilograms", &[("kg", &formatter.short(grams / 1000.0))]);
            beside.push((formatter.text("report-beside-carbon"), kg));
        }
        for own in &plan.incremental {
            let name = formatter.network(&own.network);
            let quantity = |x| formatter.quantity(x);
            let told = [
                ("incremental", quantity(own.incremental.mean)),
                ("low", quantity(own.incremental.p10)),
                ("high", quantity(own.incremental.p90)),
                ("reported", quantity(own.reported.mean)),
            ];
            let told = told.each_ref().map(|(name, value)| (*name, value.as_str()));
            let told = formatter.say("report-incremental", &told);
            beside.push((formatter.say("report-beside-incremental", &[("network", &name)]), told));
        }
        Self {
            figure: formatter.quantity(actions.mean),
            unit: formatter.text("report-promise-unit"),
            range,
            claims: claims(plan).then(|| formatter.text("report-promise-claims")),
            points: plan.campaign.as_ref().map(|campaign| {
                let points = tables::points_in_brief(&campaign.points, &campaign.preset, formatter);
                formatter.say("report-promise-points", &[("points", &points)])
            }),
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

/// What the promise's interval is made of; an older plan's that of its simulation, if any.
fn source(report_data: &ReportData) -> Source {
    let simulated = || match &report_data.outcomes {
        Some(outcomes) => Source::Futures { futures: outcomes.replicates },
        None => Source::Draws { draws: 0 },
    };
    report_data.plan.promise.map_or_else(simulated, |promise| promise.actions.source)
}

/// What to do: how much on how many audiences, how much of it moves, and who stops.
pub(super) fn todo(plan: &Plan, formatter: &Formatter) -> String {
    let funded = plan.rows.iter().filter(|row| row.budget > 0.0).count();
    if funded == 0 {
        return formatter.text("report-todo-nothing");
    }
    let n = formatter.count("chart-n-segments", funded, &[]);
    let money = formatter.money(plan.spent);
    let mut told = vec![formatter.say("report-todo", &[("money", &money), ("n", &n)])];
    let known = || plan.rows.iter().filter_map(|row| Some((row.budget, row.last?)));
    let moved: f64 = known().map(|(now, last)| (now - last).max(0.0)).sum();
    if known().next().is_some() {
        let share = moved / plan.spent;
        told.push(if share < 0.005 {
            formatter.text("report-todo-same")
        } else {
            formatter.say("report-todo-moved", &[("share", &formatter.percent(share, 0))])
        });
    }
    let stopped = known().filter(|(now, last)| *now == 0.0 && *last > 0.0).count();
    if stopped > 0 {
        told.push(formatter.count("report-todo-stopped", stopped, &[]));
    }
    told.join(" ")
}

/// How many findings ask for a person; `None` when none does.
pub(super) fn look(plan: &Plan, formatter: &Formatter) -> Option<String> {
    let open = plan.open_findings().count();
    (open > 0).then(|| formatter.count("report-look", open, &[]))
}

/// Dates and budget of the campaign.
pub(super) fn facts(report_data: &ReportData, formatter: &Formatter) -> Vec<(String, String)> {
    let plan = &report_data.plan;
    let mut facts = vec![(formatter.text("report-fact-budget"), formatter.money(plan.budget))];
    if let Some(campaign) = &plan.campaign {
        let (start, end) = (campaign.flight.start, campaign.flight.end);
        let dates = [formatter.language.date(start), formatter.language.date(end)];
        let dates = formatter.say("report-dates", &[("start", &dates[0]), ("end", &dates[1])]);
        facts.insert(0, (formatter.text("report-fact-flight"), dates));
        if campaign.gross != campaign.budget {
            let gross = formatter.money(campaign.gross.as_f64());
            facts.push((formatter.text("report-fact-gross"), gross));
        }
    }
    facts
}

/// What to know first: is it better, what would more or less money do, what needs care, whether a test
/// pays.
pub(super) fn things(report_data: &ReportData, formatter: &Formatter) -> Vec<Thing> {
    let better = better(report_data, formatter).or_else(|| proven(report_data, formatter));
    let things = [better, money(report_data, formatter), care(report_data, formatter)];
    let things = things.into_iter().chain([pays(&report_data.plan, formatter)]);
    things.flatten().collect()
}

fn thing(formatter: &Formatter, key: &str, arguments: &[(&str, &str)]) -> Thing {
    Thing {
        head: formatter.text(&format!("report-thing-{key}-head")),
        text: formatter.say(&format!("report-thing-{key}"), arguments),
    }
}

/// What to test next, where that brings more than it costs.
fn pays(plan: &Plan, formatter: &Formatter) -> Option<Thing> {
    let test = plan.next_test.filter(NextTest::pays)?;
    Some(Thing {
        head: formatter.text("report-thing-test-head"),
        text: test_in_words("report-thing-test", &test, formatter),
    })
}

/// What to test next, where the test that would teach most costs more than it should bring.
fn no_test(plan: &Plan, formatter: &Formatter) -> Option<String> {
    let test = plan.next_test.filter(|test| !test.pays())?;
    Some(test_in_words("report-no-test", &test, formatter))
}

fn test_in_words(key: &str, test: &NextTest, formatter: &Formatter) -> String {
    let values = [
        ("audiences", formatter.language.number(test.audiences as f64, 0)),
        ("weeks", formatter.language.number(test.weeks as f64, 0)),
        ("price", formatter.short(test.price.max(0.0))),
        ("gain", formatter.short(test.gain)),
    ];
    formatter.say(key, &values.each_ref().map(|(name, value)| (*name, value.as_str())))
}

/// How the plan compares with the last split.
fn better(report_data: &ReportData, formatter: &Formatter) -> Option<Thing> {
    let beside = BesideLast::of(report_data)?;
    let standing = beside.standing(&report_data.plan);
    let key = match standing {
        Standing::Same => return Some(thing(formatter, "same", &[])),
        Standing::Better => "better",
        Standing::Likely => "likely",
        Standing::Unclear => "unclear",
        Standing::Worse => "worse",
    };
    let is_same_money = (beside.money - report_data.plan.spent).abs() < 0.5;
    let last = if is_same_money { "report-last-same" } else { "report-last-scaled" };
    let arguments: [(&str, &str); 3] = [
        ("chance", &formatter.chance(beside.chance)),
        ("gain", &formatter.gain(beside.gain)),
        ("last", &formatter.say(last, &[("money", &formatter.money(beside.money))])),
    ];
    let mut told = thing(formatter, key, &arguments);
    let outside = match beside.allowed {
        Some(false) => Some("report-thing-worse-outside"),
        _ => beside.beyond_default.then_some("report-thing-worse-default"),
    };
    if let Some(outside) = outside.filter(|_| standing == Standing::Worse) {
        told.text = format!("{} {}", told.text, formatter.text(outside));
    }
    if in_doubt(&report_data.plan) {
        told.text = format!("{} {}", told.text, formatter.text("report-thing-doubt"));
        if matches!(standing, Standing::Better | Standing::Likely) {
            told.head = formatter.text("report-thing-doubt-head");
        }
    }
    // Below a tenth it takes away less than the figure shown can tell.
    if beside.unlearnt >= 0.1 {
        let share = formatter.part_of(beside.unlearnt);
        let discount = formatter.say("report-thing-unlearnt", &[("share", &share)]);
        told.text = format!("{} {discount}", told.text);
    }
    Some(told)
}

/// Findings against the model from which the odds come.
const DOUBTS: [&str; 7] = [
    "model-not-confirmed",
    "model-segments-not-confirmed",
    "model-not-converged",
    "model-diverged",
    "model-overconfident",
    "money-followed-demand",
    "money-followed-demand-anywhere",
];

/// Whether a finding that asks for a person puts the odds in doubt.
fn in_doubt(plan: &Plan) -> bool {
    plan.open_findings().any(|finding| DOUBTS.contains(&finding.code.as_str()))
}

/// Without a last split: what the certificate proves.
fn proven(report_data: &ReportData, formatter: &Formatter) -> Option<Thing> {
    let certificate = &report_data.plan.certificate;
    let excess = excess(certificate)?;
    let key = match is_optimal(certificate) {
        true if excess == 0.0 => "proof-best",
        true => "proof",
        false => "proof-open",
    };
    Some(thing(formatter, key, &[("gap", &at_most(excess, formatter))]))
}

/// Whether the search ended with the proof that it was asked for.
fn is_optimal(certificate: &Certificate) -> bool {
    !matches!(certificate.status, Status::GapLimit | Status::NodeLimit)
}

/// By how much another split could do better at most, as a share of what the plan reaches; `None`
/// when that is nothing, of which there are no shares.
fn excess(certificate: &Certificate) -> Option<f64> {
    let reached = certificate.objective;
    (reached > 0.0).then(|| (certificate.upper_bound / reached - 1.0).max(0.0))
}

/// A share in per cent, never less than it is: with two digits, the last of them rounded up.
fn at_most(share: f64, formatter: &Formatter) -> String {
    const MOST: i32 = 6;
    let percent = 100.0 * share;
    let magnitude = if percent > 0.0 { percent.log10().floor() as i32 } else { 0 };
    let mut decimals = (1 - magnitude).clamp(0, MOST);
    // A hair of rounding in the quotient is not a digit.
    let up = (percent * 10_f64.powi(decimals) * (1.0 - 1e-9)).ceil();
    let up = up / 10_f64.powi(decimals);
    let is_shorter = |decimals: i32| (up * 10_f64.powi(decimals)).fract().abs() < 1e-6;
    if decimals > 0 && is_shorter(decimals - 1) {
        decimals -= 1;
    }
    formatter.percent(up / 100.0, decimals as usize)
}

/// A share of the mean gain that is next to nothing.
const HARDLY: f64 = 1e-3;

/// What more money would bring beside what the plan's brings on average.
fn money(report_data: &ReportData, formatter: &Formatter) -> Option<Thing> {
    let plan = &report_data.plan;
    let price = plan.prices.iter().find(|price| price.rule == RuleName::Budget)?;
    // What a hundred more would really bring, where that was worked out.
    let hundred = plan.next.as_ref().filter(|next| next.amount == 100.0).map(|next| next.value);
    let gain = hundred.unwrap_or(100.0 * price.price);
    let average = 100.0 * plan.value.mean / plan.spent;
    if !average.is_finite() {
        return None;
    }
    let shown = |value: f64| formatter.short(value);
    let key = match () {
        () if gain.abs() <= HARDLY * average.abs() => "money-none",
        () if gain < 0.0 => "money-worse",
        () if gain < average && shown(gain) != shown(average) => "money",
        () => "money-steady",
    };
    let arguments: [(&str, &str); 3] = [
        ("money", &formatter.language.money(100.0, formatter.currency)),
        ("gain", &shown(gain.abs())),
        ("average", &shown(average)),
    ];
    Some(thing(formatter, key, &arguments))
}

/// What a person must look at: the gravest finding, else guesses, else the memory of audiences.
fn care(report_data: &ReportData, formatter: &Formatter) -> Option<Thing> {
    let plan = &report_data.plan;
    let grave: Vec<_> = plan.open_findings().collect();
    // The first of the gravest.
    if let Some(worst) = grave.iter().rev().max_by(|a, b| a.severity.cmp(&b.severity)) {
        let n = formatter.count("report-n-findings", grave.len(), &[]);
        let message = in_brief(&tables::message(worst, formatter));
        return Some(thing(formatter, "rules", &[("n", &n), ("first", &message)]));
    }
    let doubtful = |row: &&Row| row.budget > 0.0 && (row.prior_only || row.extrapolates);
    let guessed: Vec<&Row> = plan.rows.iter().filter(doubtful).collect();
    if !guessed.is_empty() {
        let money = formatter.money(guessed.iter().map(|row| row.budget).sum());
        let n = formatter.count("chart-n-segments", guessed.len(), &[]);
        let unknown = plan.rows.iter().all(|row| row.budget == 0.0 || row.prior_only);
        let key = if unknown { "prior" } else { "guess" };
        return Some(thing(formatter, key, &[("n", &n), ("money", &money)]));
    }
    let range = plan.carryover_range?;
    let (low, high) = (range.none.min(range.high), range.none.max(range.high));
    // A promise outside is of another account (shocks inside, say): the two do not belong together.
    let holds = (low..=high).contains(&plan.value.mean);
    let (low, high) = (formatter.quantity(low), formatter.quantity(high));
    let told = || thing(formatter, "memory", &[("low", &low), ("high", &high)]);
    (holds && low != high).then(told)
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
    pub(super) fn of(report_data: &ReportData, formatter: &Formatter) -> Option<Self> {
        let plan = &report_data.plan;
        let networks = by(plan, |row| {
            row.attributes.get(Attribute::Network.column()).map(|name| formatter.network(name))
        });
        let (head, lines) = if networks.len() > 1 {
            ("network", networks)
        } else {
            ("segment", by(plan, |row| Some(formatter.label(&row.segment))))
        };
        let first = lines.first().filter(|line| line.1 > 0.0)?;
        let title = formatter.say(
            "report-split-title",
            &[("name", &first.0), ("share", &formatter.part_of(first.1 / plan.spent))],
        );
        let lines = few(lines, formatter);
        let last = lines.iter().filter_map(|line| line.2);
        let longest = lines.iter().map(|line| line.1).chain(last).fold(0.0, f64::max);
        let length = |money: f64| format!("{:.1}", 100.0 * money / longest);
        let money = |money: f64| formatter.language.money_with(money, formatter.currency, 0);
        Some(Self {
            title,
            head: formatter.text(&format!("report-column-{head}")),
            has_last: lines.iter().any(|line| line.2.is_some()),
            lines: lines
                .into_iter()
                .map(|(name, budget, last)| Bar {
                    name,
                    budget: if budget > 0.0 { money(budget) } else { "–".to_owned() },
                    share: formatter.part_of(budget / plan.spent),
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
fn few(mut lines: Vec<Line>, formatter: &Formatter) -> Vec<Line> {
    if lines.len() <= MOST_LINES {
        return lines;
    }
    let rest = lines.split_off(MOST_LINES - 1);
    let last: Vec<f64> = rest.iter().filter_map(|line| line.2).collect();
    lines.push((
        formatter.count("report-split-others", rest.len(), &[]),
        rest.iter().map(|line| line.1).sum(),
        (!last.is_empty()).then(|| last.iter().sum()),
    ));
    lines
}

/// What the intervals of the plan's table are intervals of.
pub(super) fn plan_note(report_data: &ReportData, formatter: &Formatter) -> String {
    let campaign = report_data.plan.campaign.as_ref();
    let shocks = campaign.is_some_and(|campaign| !campaign.shocks.is_empty());
    formatter.text(match source(report_data) {
        Source::Futures { .. } if shocks => "report-plan-note",
        Source::Futures { .. } => "report-plan-note-chance",
        Source::Draws { .. } => "report-plan-note-draws",
        Source::Curves => "report-plan-note-curves",
    })
}

/// What a row of the plan is.
pub(super) fn plan_text(report_data: &ReportData, formatter: &Formatter) -> String {
    let campaign = report_data.plan.campaign.as_ref();
    let any = campaign.is_some_and(|campaign| campaign.selection.levers == Levers::Any);
    formatter.text(if any { "report-section-plan-text-any" } else { "report-section-plan-text" })
}

/// What the account is, and the fee that stands outside it.
pub(super) fn account_text(report_data: &ReportData, formatter: &Formatter) -> String {
    let text = formatter.text("report-section-account-text");
    match &report_data.plan.campaign {
        Some(campaign) if !campaign.fee.is_zero() => {
            format!("{text} {}", formatter.text("report-section-account-fee"))
        }
        _ => text,
    }
}

/// The words before a group of charts: what it shows of what there is.
pub(super) fn introduction(
    id: &str,
    shown: &[&Chart],
    report_data: &ReportData,
    formatter: &Formatter,
) -> String {
    let text = |variant: &str| formatter.text(&format!("report-section-{id}-text{variant}"));
    let plan = &report_data.plan;
    let shocks = plan.campaign.as_ref().is_some_and(|campaign| !campaign.shocks.is_empty());
    match (id, &report_data.outcomes) {
        ("change", _) if plan.rows.len() < 2 => text("-alone"),
        ("change", _) if plan.rows.iter().all(|row| row.last.is_none()) => text("-new"),
        ("outcome", Some(outcomes)) => {
            let key = if shocks { "-shocks" } else { "" };
            let n = outcomes.replicates as usize;
            formatter.count(&format!("report-section-outcome-text{key}"), n, &[])
        }
        ("outcome", None) => text("-curves"),
        ("choice", _) => choices(shown, formatter),
        ("quality", _) => {
            let own = if report_data.backtest.is_none() { "-untested" } else { "" };
            let told = std::iter::once(text(own)).chain(no_test(plan, formatter));
            told.collect::<Vec<_>>().join(" ")
        }
        _ => text(""),
    }
}

/// What the charts about choices tell, in a sentence.
fn choices(shown: &[&Chart], formatter: &Formatter) -> String {
    let parts = shown.iter().map(|chart| formatter.text(&format!("report-choice-{}", chart.name)));
    let parts = parts.collect::<Vec<_>>().join(", ");
    formatter.say("report-section-choice-text", &[("parts", &capital(&parts))])
}

/// What the certificate proves, in a sentence.
pub(super) fn proof(report_data: &ReportData, formatter: &Formatter) -> String {
    let certificate = &report_data.plan.certificate;
    let status = formatter.status(certificate.status);
    let (key, gap) = match excess(certificate) {
        None => ("report-proof-status", String::new()),
        Some(0.0) => ("report-proof-best", String::new()),
        Some(excess) => ("report-proof", at_most(excess, formatter)),
    };
    formatter.say(key, &[("gap", &gap), ("status", &status)])
}

/// From when to when the history goes, and how much it holds.
pub(super) fn span(report_data: &ReportData, formatter: &Formatter) -> String {
    let day = |text: &str| {
        text.parse().map_or_else(|_| clean(text), |date| formatter.language.date(date))
    };
    let rows = report_data.history.as_ref().map_or(0, |history| history.rows) as usize;
    match report_data.card.as_ref().and_then(|card| card.span.as_ref()) {
        Some((start, end)) => {
            let dates =
                formatter.say("report-dates", &[("start", &day(start)), ("end", &day(end))]);
            formatter.count("report-span", rows, &[("dates", &dates)])
        }
        None => formatter.count("report-span-undated", rows, &[]),
    }
}

/// What was read and is not used, and what is kept and does not count.
pub(super) fn unused(report_data: &ReportData, formatter: &Formatter) -> Vec<String> {
    let mut lines: Vec<String> =
        report_data.history.iter().flat_map(|h| &h.unused).map(|line| clean(line)).collect();
    let left: u64 =
        report_data.history.iter().flat_map(|h| &h.files).map(|file| file.left_out).sum();
    if left > 0 {
        lines.push(formatter.count("report-unused-rows", left as usize, &[]));
    }
    if let Some(campaign) = &report_data.plan.campaign {
        let kept = |action: &Action| {
            let mut kinds = report_data.history.iter().flat_map(|history| &history.actions);
            kinds.any(|(name, count)| name == action.column() && *count > 0.0)
        };
        let passive = [Action::Reactions, Action::Views, Action::Follows];
        let silent: Vec<String> = passive
            .into_iter()
            .filter(|action| kept(action) && campaign.points.of(*action) == 0.0)
            .map(|action| formatter.keyed("report-action", action.column()))
            .collect();
        if !silent.is_empty() {
            lines.push(formatter.say("report-unused-actions", &[("actions", &silent.join(", "))]));
        }
    }
    lines
}

/// What it takes to make this result again.
pub(super) fn again(report_data: &ReportData, formatter: &Formatter) -> Vec<(String, String)> {
    let plan = &report_data.plan;
    let mut again = Vec::new();
    if !report_data.command.is_empty() {
        // The page in another language is made again in that language.
        let command = format!("{} --lang {}", report_data.command, formatter.language.code());
        again.push((formatter.text("report-again-command"), clean(&command)));
    }
    again.push((formatter.text("report-again-seed"), plan.seed.0.to_string()));
    again.push((formatter.text("report-again-fingerprint"), clean(&plan.fingerprint)));
    again.push((formatter.text("report-again-format"), plan.version.to_string()));
    if let Some(outcomes) = &report_data.outcomes {
        let futures = formatter.quantity(outcomes.replicates as f64);
        again.push((formatter.text("report-again-futures"), futures));
    }
    again
}
