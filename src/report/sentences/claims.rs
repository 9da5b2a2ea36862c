//! What each sentence claims: when it is owed, and the numbers it tells. Read from the dossier
//! alone, never through the code that writes the sentence.

use std::collections::BTreeSet;

use crate::allocate::plan::row::{Range, Row};
use crate::allocate::plan::{Baseline, Price, Source};
use crate::allocate::problem::bound::RuleName;
use crate::allocate::rules::policy::PolicyName;
use crate::allocate::solver::solve::Status;
use crate::language::message::Value;
use crate::report::report_data::{ReportData, WeekTotals};
use crate::rules::finding::{Finding, Severity};
use crate::segment::Attribute;
use crate::simulate::outcomes::{PolicyOutcome, Spread};

/// A claim: said when, and only when, `when` holds, with these numbers.
pub(super) struct Claim {
    pub(super) key: &'static str,
    pub(super) when: fn(&ReportData) -> bool,
    /// Names of arguments (`n`: the count) and the numbers that they must show.
    pub(super) numbers: fn(&ReportData) -> Vec<(&'static str, f64)>,
}

/// A claim without numbers.
const fn plain(key: &'static str, when: fn(&ReportData) -> bool) -> Claim {
    Claim { key, when, numbers: |_| Vec::new() }
}

const fn claim(
    key: &'static str,
    when: fn(&ReportData) -> bool,
    numbers: fn(&ReportData) -> Vec<(&'static str, f64)>,
) -> Claim {
    Claim { key, when, numbers }
}

fn funded(d: &ReportData) -> impl Iterator<Item = &Row> {
    d.plan.rows.iter().filter(|row| row.budget > 0.0)
}

fn tested(d: &ReportData) -> Vec<(&'static str, f64)> {
    let own = d.plan.next_test.unwrap();
    let (price, gain) = (own.price.max(0.0), own.gain);
    let (audiences, weeks) = (own.audiences as f64, own.weeks as f64);
    vec![("audiences", audiences), ("weeks", weeks), ("price", price), ("gain", gain)]
}

fn spent(d: &ReportData) -> f64 {
    d.plan.spent
}

fn ends(range: &Range) -> Vec<(&'static str, f64)> {
    vec![("low", range.p10), ("high", range.p90)]
}

/// The interval of active actions and where it is from.
fn promise(d: &ReportData) -> (Range, char) {
    let own = d.plan.actions;
    match (d.plan.promise.map(|promise| promise.actions.source), policy(d, PolicyName::Plan)) {
        (Some(Source::Futures { .. }), _) => (own, 'f'),
        (Some(Source::Curves), _) => (own, 'c'),
        (None, Some(plan)) => (Range { p10: plan.actions.p10, p90: plan.actions.p90, ..own }, 'f'),
        (Some(Source::Draws { .. }), _) | (None, None) => (own, 'd'),
    }
}

fn source(d: &ReportData, is: char) -> bool {
    promise(d).1 == is && promise(d).0.mostly.is_none()
}

fn policy(d: &ReportData, name: PolicyName) -> Option<&PolicyOutcome> {
    d.outcomes.as_ref()?.policies.iter().find(|policy| policy.name == name)
}

fn last(d: &ReportData) -> Option<&Baseline> {
    d.plan.baselines.iter().find(|own| own.name == PolicyName::Last && own.value.mean > 0.0)
}

/// Probability and mean gain against the last split.
fn odds(d: &ReportData) -> Option<(f64, f64)> {
    match (policy(d, PolicyName::Plan), policy(d, PolicyName::Last)) {
        (Some(plan), Some(last)) => {
            Some((plan.p_beats_last, plan.value.mean / last.value.mean - 1.0))
        }
        _ => last(d).map(|own| (own.p_plan_better, d.plan.value.mean / own.value.mean - 1.0)),
    }
}

/// Money of the last split, and whether it is another sum than the plan's.
fn last_money(d: &ReportData) -> f64 {
    d.plan
        .baselines
        .iter()
        .filter(|own| own.name == PolicyName::Last)
        .flat_map(|own| &own.budgets)
        .sum()
}

fn scaled(d: &ReportData) -> bool {
    (last_money(d) - spent(d)).abs() >= 0.5
}

/// Nothing moves: no row by more than the whole euros in which the example rounds.
fn same(d: &ReportData) -> bool {
    has_last(d) && d.plan.rows.iter().all(|row| moved(row).abs() < 1.01)
}

fn has_last(d: &ReportData) -> bool {
    d.plan.rows.iter().any(|row| row.last.is_some())
}

fn moved(row: &Row) -> f64 {
    row.budget - row.last.unwrap_or(0.0)
}

fn rise(d: &ReportData) -> f64 {
    d.plan.rows.iter().map(moved).fold(0.0, f64::max)
}

fn fall(d: &ReportData) -> f64 {
    d.plan.rows.iter().map(moved).fold(0.0, f64::min)
}

/// The odds, where there is something to compare: is the plan ahead on average, and how surely.
fn apart(d: &ReportData, is: impl Fn(f64, f64) -> bool) -> bool {
    !same(d) && odds(d).is_some_and(|(chance, gain)| is(chance, gain))
}

fn clear(gain: f64) -> bool {
    gain.abs() >= 0.000_5
}

fn odds_told(d: &ReportData) -> Vec<(&'static str, f64)> {
    odds(d).map_or_else(Vec::new, |(chance, gain)| vec![("chance", chance), ("gain", gain)])
}

fn doubted(d: &ReportData) -> bool {
    let doubts = ["model-", "money-followed"];
    open(d).any(|own| doubts.iter().any(|start| own.code.starts_with(start)))
}

fn open(d: &ReportData) -> impl Iterator<Item = &Finding> {
    d.plan.findings.iter().filter(|own| own.severity > Severity::Note && own.overridden.is_none())
}

/// No odds: the proof stands first.
fn proof(d: &ReportData, is: impl Fn(f64, bool) -> bool) -> bool {
    let own = &d.plan.certificate;
    let ended = !matches!(own.status, Status::GapLimit | Status::NodeLimit);
    odds(d).is_none() && own.objective > 0.0 && is(own.upper_bound / own.objective - 1.0, ended)
}

fn price(d: &ReportData) -> Option<&Price> {
    d.plan.prices.iter().find(|price| price.rule == RuleName::Budget)
}

/// Points for a hundred more, and of a hundred of the plan.
fn hundred(d: &ReportData, is: impl Fn(f64, f64) -> bool) -> bool {
    let average = 100.0 * d.plan.value.mean / d.plan.spent;
    price(d).is_some_and(|price| is(100.0 * price.price, average))
}

fn hundred_told(d: &ReportData) -> Vec<(&'static str, f64)> {
    let average = 100.0 * d.plan.value.mean / d.plan.spent;
    let gain = 100.0 * price(d).map_or(f64::NAN, |price| price.price);
    vec![("money", 100.0), ("gain", gain.abs()), ("average", average)]
}

fn guessed(d: &ReportData) -> f64 {
    funded(d).filter(|row| row.prior_only || row.extrapolates).map(|row| row.budget).sum()
}

/// No finding asks for a person.
fn calm(d: &ReportData) -> bool {
    open(d).next().is_none()
}

fn shocks(d: &ReportData) -> bool {
    d.plan.campaign.as_ref().is_some_and(|campaign| !campaign.shocks.is_empty())
}

fn networks(d: &ReportData) -> BTreeSet<&String> {
    funded(d).filter_map(|row| row.attributes.get(Attribute::Network.column())).collect()
}

/// The largest share of the plan's money that one line of the split gets.
fn largest(d: &ReportData, by: fn(&Row) -> String) -> f64 {
    let mut sums = std::collections::BTreeMap::<String, f64>::new();
    for row in &d.plan.rows {
        *sums.entry(by(row)).or_default() += row.budget;
    }
    sums.values().copied().fold(0.0, f64::max) / spent(d)
}

fn network(row: &Row) -> String {
    row.attributes["network"].clone()
}

/// Largest share on the first screen: of networks, or of audiences where there is one network.
fn leading(d: &ReportData) -> f64 {
    let known: BTreeSet<String> = d
        .plan
        .rows
        .iter()
        .filter(|row| row.budget > 0.0 || row.last.unwrap_or(0.0) > 0.0)
        .map(network)
        .collect();
    largest(d, if known.len() > 1 { network } else { |row| row.segment.clone() })
}

fn history_rows(d: &ReportData) -> f64 {
    d.history.as_ref().map_or(0.0, |history| history.rows as f64)
}

fn left_out(d: &ReportData) -> f64 {
    let files = d.history.iter().flat_map(|history| &history.files);
    files.map(|file| file.left_out as f64).sum()
}

/// The curves that are drawn: of the most money.
fn curves(d: &ReportData) -> Vec<&Row> {
    let money = |row: &Row| (row.budget, row.last.unwrap_or(0.0));
    let mut rows: Vec<&Row> = d.plan.rows.iter().filter(|row| money(row) > (0.0, 0.0)).collect();
    rows.sort_by(|a, b| money(b).partial_cmp(&money(a)).unwrap());
    rows.truncate(32);
    rows
}

fn bends_down(d: &ReportData) -> bool {
    // As chords: no point of the curve lies below the line between its neighbours.
    curves(d).iter().all(|row| {
        row.curve.windows(3).all(|p| {
            let share = (p[1].spend - p[0].spend) / (p[2].spend - p[0].spend);
            p[1].mean >= p[0].mean + share * (p[2].mean - p[0].mean) - 1e-6 * p[2].mean.abs()
        })
    })
}

fn unseen(d: &ReportData) -> f64 {
    funded(d).filter(|row| row.observed_spend == 0.0).count() as f64
}

fn beyond(d: &ReportData) -> f64 {
    funded(d).filter(|row| row.extrapolates && row.observed_spend > 0.0).count() as f64
}

fn given(d: &ReportData) -> bool {
    promise(d).1 == 'c'
}

fn held(d: &ReportData) -> f64 {
    funded(d).filter(|row| row.at_limit.is_some()).count() as f64
}

/// Whether at least two audiences are free and bring what the price says.
fn level(d: &ReportData) -> bool {
    let free: Vec<f64> =
        funded(d).filter(|row| row.at_limit.is_none()).map(|row| row.marginal).collect();
    let Some(price) = price(d) else { return false };
    let off = |gain: &f64| (gain - price.price).abs() > 0.05 * price.price.abs();
    free.len() >= 2 && !free.iter().any(off)
}

fn n_funded(d: &ReportData) -> usize {
    funded(d).count()
}

fn weekly(d: &ReportData) -> &[Spread] {
    policy(d, PolicyName::Plan).map_or(&[], |plan| &plan.weekly)
}

fn best_week(d: &ReportData) -> Option<&Spread> {
    weekly(d).iter().max_by(|a, b| a.p50.total_cmp(&b.p50))
}

/// How many weeks come within so much of the best.
fn as_good(d: &ReportData, within: f64) -> usize {
    let top = best_week(d).map_or(0.0, |week| week.p50);
    weekly(d).iter().filter(|week| week.p50 >= top * (1.0 - within)).count()
}

fn week_told(d: &ReportData) -> Vec<(&'static str, f64)> {
    let best = best_week(d).copied().unwrap_or_default();
    vec![("median", best.p50), ("low", best.p10), ("high", best.p90)]
}

/// Value of the budget curve at a share of the plan's money.
fn at_budget(d: &ReportData, share: f64) -> f64 {
    let (points, money) = (&d.plan.budget_curve, share * spent(d));
    let after = points.iter().position(|p| p.budget >= money).unwrap_or(points.len() - 1);
    let (a, b) = (points[after.saturating_sub(1)], points[after]);
    if b.budget <= money || after == 0 {
        return b.value;
    }
    a.value + (b.value - a.value) * (money - a.budget) / (b.budget - a.budget)
}

fn budgets(d: &ReportData, is: impl Fn(f64, bool) -> bool) -> bool {
    let points = &d.plan.budget_curve;
    if points.len() < 3 || at_budget(d, 1.0) <= 0.0 {
        return false;
    }
    is(1.0 - at_budget(d, 0.8) / at_budget(d, 1.0), points[0].budget <= 0.8 * spent(d))
}

fn lost_told(d: &ReportData) -> Vec<(&'static str, f64)> {
    vec![("cut", 0.2), ("lost", 1.0 - at_budget(d, 0.8) / at_budget(d, 1.0))]
}

/// The budget at which the plan's way of dividing is worth the last split, where that is clearly
/// less than the plan's.
fn even(d: &ReportData) -> Option<f64> {
    let share = last(d)?.value.mean / d.plan.value.mean;
    let target = share * budgets(d, |_, _| true).then(|| at_budget(d, 1.0))?;
    let steps = d.plan.budget_curve.windows(2);
    let mut crossed = steps.filter(|p| p[0].value < target && target <= p[1].value);
    let p = crossed.next()?;
    let within = (target - p[0].value) / (p[1].value - p[0].value);
    let money = p[0].budget + within * (p[1].budget - p[0].budget);
    (money < 0.97 * spent(d)).then_some(money)
}

/// Whether each step of a frontier rises, and by no more than the one before.
fn saturates(points: impl Iterator<Item = (f64, f64)>, strictly: bool) -> bool {
    let points: Vec<(f64, f64)> = points.collect();
    let slopes: Vec<f64> =
        points.windows(2).map(|p| (p[1].1 - p[0].1) / (p[1].0 - p[0].0)).collect();
    let steepest = slopes.iter().copied().fold(0.0, f64::max);
    let rises = |slope: &f64| if strictly { *slope > 0.0 } else { *slope >= 0.0 };
    slopes.iter().all(rises) && slopes.windows(2).all(|p| p[1] - p[0] <= 1e-3 * steepest)
}

fn budget_saturates(d: &ReportData) -> bool {
    saturates(d.plan.budget_curve.iter().map(|p| (p.budget, p.value)), true)
}

/// Emissions saved and value lost at the cap that keeps most value for what it saves.
fn carbon(d: &ReportData) -> Option<(f64, f64)> {
    let points = &d.plan.carbon_frontier;
    let own = d.plan.carbon_g? / 1000.0;
    let most = points.last().filter(|_| points.len() > 1)?;
    let here = own.min(most.carbon_kg);
    let whole = points.iter().find(|p| p.carbon_kg >= here - 1e-9)?.value;
    let tighter = points.iter().filter(|p| p.carbon_kg < 0.98 * here);
    let kept = |p: &crate::allocate::plan::CarbonPoint| p.value / whole - p.carbon_kg / here;
    let best = tighter.max_by(|a, b| kept(a).total_cmp(&kept(b)));
    (whole > 0.0)
        .then(|| best.map_or((0.0, 0.0), |p| (1.0 - p.carbon_kg / here, 1.0 - p.value / whole)))
}

fn carbon_told(d: &ReportData) -> Vec<(&'static str, f64)> {
    carbon(d).map_or_else(Vec::new, |(saved, lost)| vec![("saved", saved), ("lost", lost)])
}

fn flips(d: &ReportData) -> f64 {
    d.plan.sensitivity.iter().map(|other| other.flips.len()).max().unwrap_or(0) as f64
}

fn reorders(d: &ReportData) -> bool {
    d.plan.sensitivity.iter().any(|other| other.rank_correlation < 0.995)
}

/// The split with the most followers but for the plan: its name, followers more, change of actions.
fn chaser(d: &ReportData) -> Option<(PolicyName, f64, f64)> {
    let plan = policy(d, PolicyName::Plan)?;
    let others = d.outcomes.as_ref()?.policies.iter().filter(|own| {
        let beside = [PolicyName::Plan, PolicyName::Oracle, PolicyName::Greedy];
        own.follows.is_some() && !beside.contains(&own.name)
    });
    let best = others.max_by(|a, b| a.follows.unwrap().total_cmp(&b.follows.unwrap()))?;
    let change = best.actions.mean / plan.actions.mean - 1.0;
    Some((best.name, best.follows? - plan.follows?, change))
}

fn chaser_told(d: &ReportData) -> Vec<(&'static str, f64)> {
    chaser(d).map_or_else(Vec::new, |(_, more, change)| {
        vec![("follows", more), ("lost", -change), ("change", change)]
    })
}

/// The last week, the week before it, the same week a year before; each where something happened.
fn weeks(d: &ReportData) -> Option<(f64, Option<f64>, Option<f64>)> {
    let weeks = &d.history.as_ref().filter(|history| history.weeks.len() > 1)?.weeks;
    let end = weeks.last()?;
    let find = |back: i64| {
        let of = |own: &&WeekTotals| own.week.plus(back) == end.week && own.active > 0.0;
        weeks.iter().find(of).map(|own| own.active)
    };
    Some((end.active, find(1), find(52)))
}

fn compared(d: &ReportData, is: (bool, bool)) -> bool {
    weeks(d).is_some_and(|(_, week, year)| (week.is_some(), year.is_some()) == is)
}

fn week_numbers(d: &ReportData) -> Vec<(&'static str, f64)> {
    let Some((now, week, year)) = weeks(d) else { return Vec::new() };
    let against = |name, from: Option<f64>| from.map(|from| (name, now / from - 1.0));
    let changes = [against("weekly", week), against("yearly", year)];
    changes.into_iter().flatten().chain([("active", now)]).collect()
}

fn scored(d: &ReportData, is: impl Fn(&crate::backtest::scores::Backtest, f64) -> bool) -> bool {
    d.backtest.as_ref().is_some_and(|own| {
        let score = own.scores["relais"];
        score.cells > 0 && is(own, score.predicted_over_observed)
    })
}

fn score_told(d: &ReportData) -> Vec<(&'static str, f64)> {
    let Some(own) = &d.backtest else { return Vec::new() };
    let score = own.scores["relais"];
    vec![
        ("inside", score.coverage80),
        ("kept", score.coverage80),
        ("half", score.coverage50),
        ("most", score.coverage95),
        ("cells", score.cells as f64),
        ("ratio", score.predicted_over_observed),
    ]
}

fn kept(d: &ReportData) -> Vec<(&'static str, f64)> {
    let promised: f64 = d.kept.iter().map(|own| own.promised.mean).sum();
    let realised: f64 = d.kept.iter().map(|own| own.realised).sum();
    let inside = |own: &&crate::report::report_data::KeptPromise| {
        own.realised >= own.promised.p10 && own.realised <= own.promised.p90
    };
    let inside = d.kept.iter().filter(inside).count();
    vec![("ratio", realised / promised), ("inside", inside as f64), ("n", d.kept.len() as f64)]
}

fn folds(d: &ReportData) -> Vec<f64> {
    let folds = d.backtest.iter().flat_map(|own| &own.folds);
    folds.map(|fold| fold.scores["relais"].predicted_over_observed).collect()
}

fn futures(d: &ReportData) -> Vec<(&'static str, f64)> {
    vec![("n", d.outcomes.as_ref().map_or(0.0, |outcomes| outcomes.replicates as f64))]
}

fn simulated(d: &ReportData) -> bool {
    policy(d, PolicyName::Plan).is_some()
}

/// The plan's interval in points, where a chart tells it.
fn value(d: &ReportData) -> Range {
    match d.plan.promise.map(|promise| promise.value) {
        Some(own) if matches!(own.source, Source::Futures { .. }) => own.range,
        _ => policy(d, PolicyName::Plan).map_or(d.plan.value, |plan| {
            let (own, mostly) = (plan.value, plan.value.mostly);
            Range { mean: own.mean, p10: own.p10, p50: own.p50, p90: own.p90, mostly }
        }),
    }
}

/// Something says what a hundred brings somewhere: a past week, or the plan itself.
fn mapped(d: &ReportData) -> bool {
    let network = |row: &Row| row.attributes.contains_key("network");
    let seen = d.card.iter().flat_map(|card| &card.segments);
    let bought: Vec<&str> =
        seen.filter(|own| own.mean_spend > 0.0).map(|own| own.segment.as_str()).collect();
    let says = |row: &Row| row.budget > 0.0 || bought.contains(&row.segment.as_str());
    d.plan.rows.iter().any(|row| network(row) && says(row))
}

/// Money now and last time, of the rows that had some split before.
fn known(d: &ReportData) -> impl Iterator<Item = (f64, f64)> {
    d.plan.rows.iter().filter_map(|row| Some((row.budget, row.last?)))
}

/// Share of the plan's money that is new where it stands; nothing without money or a last split.
fn moves(d: &ReportData) -> Option<f64> {
    let spent: f64 = d.plan.rows.iter().map(|row| row.budget).sum();
    let is_told = spent > 0.0 && known(d).next().is_some();
    is_told.then(|| known(d).map(|(now, last)| (now - last).max(0.0)).sum::<f64>() / spent)
}

/// Every sentence that claims something of the dossier.
#[allow(clippy::too_many_lines, reason = "a table")]
pub(super) fn all() -> Vec<Claim> {
    let mut all = vec![
        // The promise.
        claim("report-promise-range", |d| source(d, 'f'), |d| ends(&promise(d).0)),
        claim("report-promise-range-draws", |d| source(d, 'd'), |d| ends(&promise(d).0)),
        plain("report-promise-known", given),
        plain("report-promise-mostly", |d| !given(d) && promise(d).0.mostly.is_some()),
        plain("report-promise-claims", |d| networks(d).len() > 1),
        plain("report-plan-note", |d| promise(d).1 == 'f' && shocks(d)),
        plain("report-plan-note-chance", |d| promise(d).1 == 'f' && !shocks(d)),
        plain("report-plan-note-draws", |d| promise(d).1 == 'd'),
        plain("report-plan-note-curves", given),
        claim("report-split-title", |d| n_funded(d) > 0, |d| vec![("share", leading(d))]),
        // Beside the last split.
        plain("report-thing-same", |d| odds(d).is_some() && same(d)),
        claim(
            "report-thing-better",
            |d| apart(d, |p, g| p >= 0.8 && g > 0.0 && clear(g)),
            odds_told,
        ),
        claim(
            "report-thing-likely",
            |d| apart(d, |p, g| (0.5..0.8).contains(&p) && g > 0.0 && clear(g)),
            odds_told,
        ),
        claim("report-thing-worse", |d| apart(d, |p, g| p < 0.5 && g < 0.0 && clear(g)), odds_told),
        claim(
            "report-thing-unclear",
            |d| apart(d, |p, g| !clear(g) || (p >= 0.5) != (g > 0.0)),
            odds_told,
        ),
        claim(
            "report-last-same",
            |d| apart(d, |_, _| true) && !scaled(d),
            |d| vec![("money", spent(d))],
        ),
        claim(
            "report-last-scaled",
            |d| apart(d, |_, _| true) && scaled(d),
            |d| vec![("money", last_money(d))],
        ),
        plain("report-thing-worse-outside", |d| {
            apart(d, |p, g| p < 0.5 && g < 0.0 && clear(g)) && !d.plan.baselines[0].allowed
        }),
        plain("report-thing-worse-default", |d| {
            apart(d, |p, g| p < 0.5 && g < 0.0 && clear(g)) && d.plan.baselines[0].beyond_default
        }),
        plain("report-thing-better-head", |d| {
            apart(d, |p, g| p >= 0.8 && g > 0.0 && clear(g)) && !doubted(d)
        }),
        plain("report-thing-doubt", |d| odds(d).is_some() && !same(d) && doubted(d)),
        plain("report-thing-doubt-head", |d| {
            apart(d, |p, g| p >= 0.5 && g > 0.0 && clear(g)) && doubted(d)
        }),
        claim(
            "report-thing-unlearnt",
            |d| {
                policy(d, PolicyName::Last).is_some()
                    && d.outcomes.as_ref().unwrap().unlearnt >= 0.1
            },
            |d| vec![("share", d.outcomes.as_ref().unwrap().unlearnt)],
        ),
        plain("report-thing-proof-best", |d| proof(d, |more, ended| ended && more == 0.0)),
        plain("report-thing-proof", |d| proof(d, |more, ended| ended && more > 0.0)),
        plain("report-thing-proof-open", |d| proof(d, |_, ended| !ended)),
        // More money.
        claim(
            "report-thing-money-none",
            |d| spent(d) > 0.0 && hundred(d, |gain, mean| gain.abs() <= 0.001 * mean),
            |d| vec![hundred_told(d)[0], hundred_told(d)[2]],
        ),
        claim(
            "report-thing-money-worse",
            |d| hundred(d, |gain, mean| gain < -0.001 * mean),
            hundred_told,
        ),
        claim(
            "report-thing-money",
            |d| hundred(d, |gain, mean| gain > 0.001 * mean && gain < 0.998 * mean),
            hundred_told,
        ),
        claim(
            "report-thing-money-steady",
            |d| hundred(d, |gain, mean| gain >= 0.998 * mean && gain > 0.001 * mean),
            hundred_told,
        ),
        // What to test next.
        claim("report-thing-test", |d| d.plan.next_test.is_some_and(|own| own.pays()), tested),
        claim("report-no-test", |d| d.plan.next_test.is_some_and(|own| !own.pays()), tested),
        claim(
            "report-incremental",
            |d| d.plan.incremental.len() == 1,
            |d| {
                let own = &d.plan.incremental[0];
                vec![
                    ("incremental", own.incremental.mean),
                    ("low", own.incremental.p10),
                    ("high", own.incremental.p90),
                    ("reported", own.reported.mean),
                ]
            },
        ),
        // What needs care.
        plain("report-todo", |d| funded(d).next().is_some()),
        plain("report-todo-nothing", |d| funded(d).next().is_none()),
        claim(
            "report-todo-moved",
            |d| moves(d).is_some_and(|share| share >= 0.005),
            |d| vec![("share", moves(d).unwrap())],
        ),
        plain("report-todo-same", |d| moves(d).is_some_and(|share| share < 0.005)),
        plain("report-todo-stopped", |d| {
            funded(d).next().is_some() && known(d).any(|(now, last)| now == 0.0 && last > 0.0)
        }),
        plain("report-look", |d| open(d).count() > 0),
        plain("report-promise-points", |d| d.plan.campaign.is_some()),
        claim(
            "report-thing-rules",
            |d| !calm(d),
            |d| {
                // The example's findings are numbered: the first of the gravest is told.
                let gravest = open(d).map(|own| own.severity).max();
                let first = d.plan.findings.iter().position(|own| Some(own.severity) == gravest);
                let is_numbered = |own: &Finding| {
                    own.told.values.get("text").is_some_and(
                        |text| matches!(text, Value::Name(text) if text.starts_with("finding ")),
                    )
                };
                let numbered = first.filter(|_| d.plan.findings.iter().all(is_numbered));
                numbered.map(|at| ("first", at as f64)).into_iter().collect()
            },
        ),
        claim("report-n-findings", |d| !calm(d), |d| vec![("n", open(d).count() as f64)]),
        claim(
            "report-thing-guess",
            |d| calm(d) && guessed(d) > 0.0 && funded(d).any(|row| !row.prior_only),
            |d| vec![("money", guessed(d))],
        ),
        claim(
            "report-thing-prior",
            |d| calm(d) && guessed(d) > 0.0 && funded(d).all(|row| row.prior_only),
            |d| vec![("money", guessed(d))],
        ),
        claim(
            "report-thing-memory",
            |d| {
                calm(d)
                    && guessed(d) == 0.0
                    && d.plan.carryover_range.is_some_and(|own| {
                        let (low, high) = (own.none.min(own.high), own.none.max(own.high));
                        low.round() != high.round()
                            && low <= d.plan.value.mean
                            && d.plan.value.mean <= high
                    })
            },
            |d| {
                let own = d.plan.carryover_range.unwrap();
                vec![("low", own.none.min(own.high)), ("high", own.none.max(own.high))]
            },
        ),
    ];
    all.extend(sections());
    all.extend(splits());
    all.extend(outcomes());
    all.extend(choices());
    all
}

/// Introductions and notes.
fn sections() -> Vec<Claim> {
    vec![
        plain("report-section-plan-text", |d| {
            d.plan.campaign.as_ref().unwrap().selection.levers == crate::campaign::Levers::Bought
        }),
        plain("report-section-plan-text-any", |d| {
            d.plan.campaign.as_ref().unwrap().selection.levers == crate::campaign::Levers::Any
        }),
        plain("report-section-change-text", |d| d.plan.rows.len() > 1 && has_last(d)),
        plain("report-section-change-text-new", |d| d.plan.rows.len() > 1 && !has_last(d)),
        plain("report-section-change-text-alone", |d| d.plan.rows.len() == 1),
        claim("report-section-outcome-text", |d| simulated(d) && !shocks(d), futures),
        claim("report-section-outcome-text-shocks", |d| simulated(d) && shocks(d), futures),
        plain("report-section-outcome-text-curves", |d| {
            let frontier = budgets(d, |_, _| true) || carbon(d).is_some();
            !simulated(d) && frontier
        }),
        plain("report-choice-week-on-week", |d| weeks(d).is_some()),
        plain("report-choice-weight-sensitivity", |d| !d.plan.sensitivity.is_empty()),
        plain("report-choice-active-or-followers", |d| chaser(d).is_some()),
        plain("report-choice-heat-map", mapped),
        plain("report-section-quality-text", |d| d.backtest.is_some()),
        plain("report-section-quality-text-untested", |d| {
            d.backtest.is_none() && (d.card.is_some() || !d.kept.is_empty())
        }),
        plain("report-section-account-fee", |d| !d.plan.campaign.as_ref().unwrap().fee.is_zero()),
        plain("report-no-findings", |d| d.plan.findings.is_empty()),
        plain("report-prices-text", |d| !d.plan.prices.is_empty()),
        plain("report-proof", |d| {
            let own = &d.plan.certificate;
            own.objective > 0.0 && own.upper_bound > own.objective
        }),
        plain("report-proof-best", |d| {
            let own = &d.plan.certificate;
            own.objective > 0.0 && own.upper_bound <= own.objective
        }),
        plain("report-proof-status", |d| d.plan.certificate.objective <= 0.0),
        claim(
            "report-span",
            |d| d.history.is_some() && d.card.as_ref().is_some_and(|card| card.span.is_some()),
            |d| vec![("n", history_rows(d))],
        ),
        claim(
            "report-span-undated",
            |d| d.history.is_some() && d.card.as_ref().is_none_or(|card| card.span.is_none()),
            |d| vec![("n", history_rows(d))],
        ),
        claim("report-unused-rows", |d| left_out(d) > 0.0, |d| vec![("n", left_out(d))]),
        plain("report-unused-actions", |d| {
            let passive = ["reactions", "views", "follows"];
            let mut kinds = d.history.iter().flat_map(|history| &history.actions);
            kinds.any(|(name, n)| passive.contains(&name.as_str()) && *n > 0.0)
        }),
        plain("report-new", |d| has_last(d) && funded(d).any(|row| row.last.is_none())),
        plain("report-extrapolates", |d| funded(d).any(|row| row.extrapolates && !row.prior_only)),
        plain("report-prior-only", |d| funded(d).any(|row| row.prior_only)),
        plain("report-stopped", |d| {
            d.plan.rows.iter().any(|row| row.budget == 0.0 && row.last.unwrap_or(0.0) > 0.0)
        }),
    ]
}

/// Charts of the split.
fn splits() -> Vec<Claim> {
    vec![
        claim("chart-split-title", |d| n_funded(d) > 0, |d| vec![("share", largest(d, network))]),
        claim(
            "chart-split-alt",
            |d| n_funded(d) > 0,
            |d| vec![("share", largest(d, network)), ("spent", spent(d))],
        ),
        plain("chart-split-sub", |d| n_funded(d) > 0 && has_last(d)),
        plain("chart-split-sub-alone", |d| n_funded(d) > 0 && !has_last(d)),
        claim(
            "chart-budget-change-title",
            |d| has_last(d) && rise(d) > 1.01,
            |d| {
                let rises = d.plan.rows.iter().map(moved).filter(|by| *by > 1.01);
                vec![("share", rises.sum::<f64>() / spent(d))]
            },
        ),
        plain("chart-budget-change-title-cut", |d| {
            has_last(d) && rise(d) <= 1.01 && fall(d) < -1.01
        }),
        plain("chart-budget-change-title-same", same),
        plain("chart-budget-change-alt-same", same),
        claim("chart-budget-change-title-new", |d| !has_last(d) && n_funded(d) > 0, |_| Vec::new()),
        plain("chart-budget-change-alt-new", |d| !has_last(d) && n_funded(d) > 0),
        plain("chart-budget-change-sub-new", |d| !has_last(d) && n_funded(d) > 0),
        claim(
            "chart-budget-change-rise",
            |d| has_last(d) && rise(d) > 1.01,
            |d| vec![("by", rise(d))],
        ),
        claim(
            "chart-budget-change-cut",
            |d| has_last(d) && fall(d) < -1.01,
            |d| vec![("by", fall(d))],
        ),
        plain("chart-response-curves-title", bends_down),
        plain("chart-response-curves-title-plain", |d| !bends_down(d)),
        claim(
            "chart-response-curves-beyond",
            |d| !given(d) && (unseen(d) == 0.0 || beyond(d) > 0.0),
            |d| vec![("n", beyond(d))],
        ),
        claim(
            "chart-response-curves-unseen",
            |d| !given(d) && unseen(d) > 0.0,
            |d| vec![("n", unseen(d))],
        ),
        claim(
            "chart-marginal-return-title",
            |d| n_funded(d) > 1 && level(d),
            |d| vec![("price", price(d).unwrap().price)],
        ),
        plain("chart-marginal-return-title-plain", |d| n_funded(d) > 1 && !level(d)),
        claim(
            "chart-marginal-return-title-one",
            |d| n_funded(d) == 1,
            |d| vec![("price", funded(d).next().unwrap().marginal)],
        ),
        plain("chart-marginal-return-alt", |d| funded(d).any(|row| row.marginal_last.is_some())),
        plain("chart-marginal-return-alt-alone", |d| {
            n_funded(d) > 0 && funded(d).all(|row| row.marginal_last.is_none())
        }),
        plain("chart-marginal-return-sub-alone", |d| {
            n_funded(d) > 0 && funded(d).all(|row| row.marginal_last.is_none())
        }),
        claim("chart-marginal-return-held", |d| n_funded(d) > 0, |d| vec![("n", held(d))]),
    ]
}

/// Charts of what may come.
fn outcomes() -> Vec<Claim> {
    vec![
        claim(
            "chart-outcome-distribution-title",
            |d| simulated(d) && policy(d, PolicyName::Last).is_some() && !same(d),
            |d| vec![("p", policy(d, PolicyName::Plan).unwrap().p_beats_last)],
        ),
        plain("chart-outcome-distribution-title-same", |d| {
            policy(d, PolicyName::Last).is_some() && same(d)
        }),
        plain("chart-outcome-distribution-title-alone", |d| {
            simulated(d) && policy(d, PolicyName::Last).is_none()
        }),
        claim(
            "chart-outcome-distribution-range",
            |d| simulated(d) && policy(d, PolicyName::Last).is_none() && value(d).mostly.is_none(),
            |d| ends(&value(d)),
        ),
        plain("chart-outcome-distribution-mostly", |d| {
            simulated(d) && policy(d, PolicyName::Last).is_none() && value(d).mostly.is_some()
        }),
        plain("chart-outcome-distribution-alt", |d| {
            simulated(d) && policy(d, PolicyName::Last).is_some() && !same(d)
        }),
        plain("chart-outcome-distribution-alt-alone", |d| {
            simulated(d) && policy(d, PolicyName::Last).is_none()
        }),
        claim("chart-weekly-fan-title-one", |d| weekly(d).len() == 1, |d| vec![week_told(d)[0]]),
        claim("chart-weekly-fan-alt-one", |d| weekly(d).len() == 1, week_told),
        claim(
            "chart-weekly-fan-title-even",
            |d| weekly(d).len() > 1 && as_good(d, 0.02) == weekly(d).len(),
            |d| vec![week_told(d)[0]],
        ),
        claim(
            "chart-weekly-fan-title-tied",
            |d| as_good(d, 0.02) < weekly(d).len() && as_good(d, 0.001) > 1,
            |d| vec![week_told(d)[0]],
        ),
        claim(
            "chart-weekly-fan-title",
            |d| weekly(d).len() > 1 && as_good(d, 0.02) < weekly(d).len() && as_good(d, 0.001) == 1,
            |d| vec![week_told(d)[0]],
        ),
        claim(
            "chart-weekly-fan-alt",
            |d| weekly(d).len() > 1 && as_good(d, 0.02) < weekly(d).len() && as_good(d, 0.001) == 1,
            week_told,
        ),
        claim(
            "chart-budget-curve-title",
            |d| budgets(d, |lost, tried| tried && lost >= 0.000_5),
            lost_told,
        ),
        claim(
            "chart-budget-curve-title-none",
            |d| budgets(d, |lost, tried| tried && lost < 0.000_5),
            |_| vec![("cut", 0.2)],
        ),
        plain("chart-budget-curve-title-plain", |d| budgets(d, |_, tried| !tried)),
        claim(
            "chart-budget-curve-alt-even",
            |d| even(d).is_some(),
            |d| vec![("money", even(d).unwrap()), ("budget", last_money(d))],
        ),
        plain("chart-budget-curve-rises", |d| budgets(d, |_, _| true) && budget_saturates(d)),
        claim(
            "chart-carbon-frontier-title",
            |d| carbon(d).is_some_and(|(saved, lost)| saved >= 0.02 && lost >= 0.000_5),
            carbon_told,
        ),
        claim(
            "chart-carbon-frontier-title-free",
            |d| carbon(d).is_some_and(|(saved, lost)| saved >= 0.02 && lost < 0.000_5),
            |d| vec![("saved", carbon(d).unwrap().0)],
        ),
        plain("chart-carbon-frontier-title-plain", |d| {
            carbon(d).is_some_and(|(saved, _)| saved < 0.02)
        }),
        plain("chart-carbon-frontier-rises", |d| {
            let points = d.plan.carbon_frontier.iter().map(|p| (p.carbon_kg, p.value));
            carbon(d).is_some() && saturates(points, false)
        }),
    ]
}

/// Charts of choices and of quality.
fn choices() -> Vec<Claim> {
    vec![
        claim(
            "chart-weight-sensitivity-flips",
            |d| !d.plan.sensitivity.is_empty(),
            |d| vec![("n", flips(d))],
        ),
        plain("chart-weight-sensitivity-title", |d| !d.plan.sensitivity.is_empty()),
        plain("chart-weight-sensitivity-alt", reorders),
        plain("chart-weight-sensitivity-alt-same", |d| {
            !d.plan.sensitivity.is_empty() && !reorders(d)
        }),
        claim(
            "chart-active-or-followers-title",
            |d| {
                chaser(d).is_some_and(|(name, more, change)| {
                    name == PolicyName::Followers && more >= 0.5 && change <= -0.005
                })
            },
            chaser_told,
        ),
        plain("chart-active-or-followers-title-none", |d| {
            chaser(d).is_some_and(|(_, more, _)| more < 0.5)
        }),
        claim(
            "chart-active-or-followers-title-plain",
            |d| {
                chaser(d).is_some_and(|(name, more, change)| {
                    more >= 0.5 && (name != PolicyName::Followers || change > -0.005)
                })
            },
            |d| vec![chaser_told(d)[0]],
        ),
        plain("chart-heat-map-title", mapped),
        claim("chart-week-on-week-title", |d| compared(d, (true, true)), week_numbers),
        claim(
            "chart-week-on-week-title-young",
            |d| compared(d, (true, false)),
            |d| vec![week_numbers(d)[0]],
        ),
        claim(
            "chart-week-on-week-title-yearly",
            |d| compared(d, (false, true)),
            |d| vec![week_numbers(d)[0]],
        ),
        claim("chart-week-on-week-title-alone", |d| compared(d, (false, false)), week_numbers),
        claim(
            "chart-predicted-observed-title",
            |d| scored(d, |_, _| true),
            |d| vec![score_told(d)[0]],
        ),
        claim(
            "chart-predicted-observed-alt",
            |d| scored(d, |_, ratio| ratio.is_finite()),
            |d| {
                let own = score_told(d);
                vec![own[0], own[4], own[5]]
            },
        ),
        plain("chart-predicted-observed-alt-plain", |d| scored(d, |_, ratio| !ratio.is_finite())),
        claim("chart-calibration-title", |d| scored(d, |_, _| true), |d| vec![score_told(d)[1]]),
        claim(
            "chart-calibration-alt",
            |d| scored(d, |own, _| !own.pit.is_empty()),
            |d| score_told(d)[1..4].to_vec(),
        ),
        plain("chart-calibration-alt-plain", |d| scored(d, |own, _| own.pit.is_empty())),
        claim("chart-promise-kept-title", |d| !d.kept.is_empty(), |d| vec![kept(d)[0]]),
        claim("chart-promise-kept-alt", |d| !d.kept.is_empty(), kept),
        claim(
            "chart-promise-kept-title-past",
            |d| d.kept.is_empty() && !folds(d).is_empty(),
            |d| {
                let near = folds(d).iter().filter(|ratio| (*ratio - 1.0).abs() <= 0.2).count();
                vec![("close", near as f64), ("n", folds(d).len() as f64)]
            },
        ),
    ]
}
