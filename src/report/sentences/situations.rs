//! The table of situations: the example's dossier, changed until it is in each of them.

use crate::allocate::plan::row::{IncrementalActions, Range};
use crate::allocate::plan::{Mostly, NextTest, Plan, Promise, Promised, Source};
use crate::allocate::problem::bound::Limit;
use crate::allocate::rules::policy::PolicyName;
use crate::allocate::solver::solve::Status;
use crate::campaign::{Levers, Shock, SpendRule};
use crate::language::Language;
use crate::language::message::Message;
use crate::report::example;
use crate::report::report_data::{KeptPromise, ReportData};
use crate::rules::finding::{Finding, Reader, Severity};
use crate::simulate::outcomes::Spread;
use crate::units::Week;

/// A dossier and what is particular about it.
pub(super) struct Situation {
    pub(super) name: &'static str,
    pub(super) report_data: ReportData,
}

fn of(name: &'static str, n: usize, change: impl FnOnce(&mut ReportData)) -> Situation {
    let mut report_data = example::report_data(n);
    change(&mut report_data);
    Situation { name, report_data }
}

/// Every situation.
pub(super) fn all() -> Vec<Situation> {
    let mut all = sizes();
    all.extend(knowledge());
    all.extend(tests());
    all.extend(beside_last());
    all.extend(money());
    all.extend(rules());
    all.extend(flights());
    all.extend(charts());
    all
}

fn sizes() -> Vec<Situation> {
    vec![
        of("1 segment", 1, |_| {}),
        of("2 segments", 2, |_| {}),
        of("12 segments", 12, |_| {}),
        of("300 segments", 300, |_| {}),
        of("one network", 12, |d| {
            for row in &mut d.plan.rows {
                row.attributes.insert("network".to_owned(), "instagram".to_owned());
            }
        }),
        of("all money on one audience", 12, |d| {
            let spent = d.plan.spent;
            for (i, row) in d.plan.rows.iter_mut().enumerate() {
                row.budget = if i == 3 { spent } else { 0.0 };
            }
        }),
        of("nearly all money on one audience", 12, |d| {
            let spent = d.plan.spent;
            for (i, row) in d.plan.rows.iter_mut().enumerate() {
                row.budget = match i {
                    3 => spent - 20.0,
                    4 => 20.0,
                    _ => 0.0,
                };
            }
        }),
    ]
}

/// What was tested, and what to test next.
fn tests() -> Vec<Situation> {
    vec![
        of("a test that pays", 12, |d| {
            let test = NextTest { weeks: 6, audiences: 8, price: 410.0, gain: 1_234.0 };
            d.plan.next_test = Some(test);
        }),
        of("a test that does not pay", 12, |d| {
            let test = NextTest { weeks: 6, audiences: 8, price: 1_410.0, gain: 234.0 };
            d.plan.next_test = Some(test);
        }),
        of("a network whose incremental share was tested", 12, |d| {
            let of = |mean: f64| Range { p10: 0.8 * mean, p90: 1.3 * mean, ..Range::certain(mean) };
            d.plan.incremental = vec![IncrementalActions {
                network: "facebook".to_owned(),
                reported: of(1_200.0),
                incremental: of(700.0),
            }];
        }),
    ]
}

/// What is known, and from where.
fn knowledge() -> Vec<Situation> {
    vec![
        of("neither history nor simulation", 3, without_history),
        of("no history, but a simulation", 3, |d| {
            let outcomes = d.outcomes.clone();
            without_history(d);
            d.outcomes = outcomes;
            d.outcomes.as_mut().unwrap().policies.retain(|policy| policy.name != PolicyName::Last);
        }),
        of("no history and nothing to look at", 3, |d| {
            without_history(d);
            d.plan.findings.clear();
        }),
        of("no simulation", 12, |d| {
            d.outcomes = None;
            drawn(&mut d.plan);
        }),
        of("a plan of an earlier version", 12, |d| d.plan.promise = None),
        of("a plan of an earlier version, not simulated", 12, |d| {
            d.plan.promise = None;
            d.outcomes = None;
        }),
        of("given curves", 3, |d| {
            without_history(d);
            for row in &mut d.plan.rows {
                row.prior_only = false;
                (row.value, row.actions) =
                    (Range::certain(row.value.mean), Range::certain(row.actions.mean));
            }
            let plan = &mut d.plan;
            (plan.value, plan.actions) =
                (Range::certain(plan.value.mean), Range::certain(plan.actions.mean));
            promise(plan, Source::Curves);
        }),
        of("one future", 12, |d| d.outcomes.as_mut().unwrap().replicates = 1),
        of("a shock that is almost certain", 12, |d| {
            let week = d.outcomes.as_ref().unwrap().weeks[0];
            d.plan.campaign.as_mut().unwrap().shocks.push(Shock {
                name: "refuses".to_owned(),
                conditions: std::collections::BTreeMap::new(),
                from: week,
                to: week.plus(5),
                probability: 0.9,
                cpm: 1.0,
                actions: 0.0,
            });
            mostly_nothing(&mut d.plan);
        }),
        of("nearly always nothing, and no last split", 12, |d| {
            mostly_nothing(&mut d.plan);
            d.plan.baselines.clear();
            d.plan.rows.iter_mut().for_each(|row| row.last = None);
            let outcomes = d.outcomes.as_mut().unwrap();
            outcomes.policies.retain(|policy| policy.name != PolicyName::Last);
        }),
        of("no audience gets money", 3, |d| {
            d.plan.rows.iter_mut().for_each(|row| row.budget = 0.0);
            d.plan.spent = 0.0;
        }),
        of("a history of one row in one file", 12, |d| {
            let history = d.history.as_mut().unwrap();
            history.files.truncate(1);
            history.rows = 1;
            history.files[0].rows = 1;
            history.files[0].left_out = 1;
            history.weeks.truncate(1);
        }),
        of("a history without dates, nothing left out", 12, |d| {
            d.card.as_mut().unwrap().span = None;
            let history = d.history.as_mut().unwrap();
            history.files.iter_mut().for_each(|file| file.left_out = 0);
            history.actions.extend([("reactions".to_owned(), 9.0), ("follows".to_owned(), 0.0)]);
        }),
        of("no model card and no backtest", 12, |d| {
            d.card = None;
            d.backtest = None;
        }),
        of("a model that was not tested", 12, |d| d.backtest = None),
        of("some audiences without a history", 12, |d| {
            for row in d.plan.rows.iter_mut().filter(|row| row.budget > 0.0).take(2) {
                (row.prior_only, row.observed_spend, row.extrapolates) = (true, 0.0, false);
            }
        }),
        of("audiences known from breakdowns", 3, |d| {
            d.plan.campaign.as_mut().unwrap().selection.levers = Levers::Any;
        }),
    ]
}

/// No history: nothing learnt, no last split, nothing simulated.
fn without_history(d: &mut ReportData) {
    (d.outcomes, d.backtest, d.card, d.history) = (None, None, None, None);
    d.plan.baselines.clear();
    d.plan.carryover_range = None;
    for row in &mut d.plan.rows {
        (row.last, row.marginal_last) = (None, None);
        (row.prior_only, row.observed_spend, row.extrapolates) = (true, 0.0, false);
    }
    drawn(&mut d.plan);
}

fn drawn(plan: &mut Plan) {
    promise(plan, Source::Draws { draws: 400 });
}

fn promise(plan: &mut Plan, source: Source) {
    plan.promise = Some(Promise {
        actions: Promised { range: plan.actions, source },
        value: Promised { range: plan.value, source },
    });
}

/// A plan that brings nothing in nine futures of ten.
fn mostly_nothing(plan: &mut Plan) {
    let mostly = Some(Mostly { value: 0.0, probability: 0.9 });
    let range = |mean: f64| Range { mean: 0.1 * mean, p10: 0.0, p50: 0.0, p90: 0.0, mostly };
    plan.value = range(plan.value.mean);
    plan.actions = range(plan.actions.mean);
    promise(plan, Source::Futures { futures: 10_000 });
}

/// The plan against the last split, as the simulation sees it.
fn beside(chance: f64, gain: f64, allowed: bool) -> impl FnOnce(&mut ReportData) {
    move |d| {
        let outcomes = d.outcomes.as_mut().unwrap();
        let plan = outcomes.policies[0].value.mean;
        for policy in &mut outcomes.policies {
            match policy.name {
                PolicyName::Plan => policy.p_beats_last = chance,
                PolicyName::Last => policy.value.mean = plan / (1.0 + gain),
                _ => {}
            }
        }
        d.plan.baselines[0].p_plan_better = chance;
        d.plan.baselines[0].allowed = allowed;
    }
}

fn beside_last() -> Vec<Situation> {
    vec![
        of("beyond doubt better", 12, beside(0.999, 0.31, true)),
        of("likely better", 12, beside(0.62, 0.02, true)),
        of("likely, but less on average", 12, beside(0.9, -0.04, true)),
        of("no difference on average", 12, beside(0.84, 0.000_1, true)),
        of("unlikely, but more on average", 12, beside(0.3, 0.04, true)),
        of("worse", 12, beside(0.21, -0.07, true)),
        of("worse than a last split outside the rules", 12, beside(0.004, -0.07, false)),
        of("worse than a last split beyond the defaults", 12, |d| {
            beside(0.1, -0.07, true)(d);
            d.plan.baselines[0].beyond_default = true;
        }),
        of("odds from the plan's own draws", 12, |d| {
            d.outcomes = None;
            drawn(&mut d.plan);
            d.plan.baselines[0].p_plan_better = 0.3;
            d.plan.baselines[0].value.mean = 1.1 * d.plan.value.mean;
        }),
        of("a last split that is worth nothing", 12, |d| {
            d.outcomes = None;
            d.plan.baselines[0].value = Range::certain(0.0);
        }),
        of("the last split", 12, |d| as_last(d, 0.0)),
        of("the last split, rounded", 12, |d| as_last(d, 0.4)),
        of("odds that are discounted", 12, |d| d.outcomes.as_mut().unwrap().unlearnt = 0.42),
        of("new audiences get what others lose", 12, |d| {
            for (i, row) in d.plan.rows.iter_mut().enumerate() {
                row.last = (i % 2 == 0).then_some(row.budget + 200.0);
            }
        }),
        of("only cuts", 12, |d| {
            for row in &mut d.plan.rows {
                row.last = Some(row.budget + 75.0);
            }
        }),
        of("a change below one per cent", 12, |d| {
            as_last(d, 0.0);
            d.plan.rows[0].last = d.plan.rows[0].last.map(|last| last + 9.0);
            d.plan.rows[1].last = d.plan.rows[1].last.map(|last| last - 9.0);
        }),
    ]
}

/// The plan is the last split, up to so much of each row's rounding.
fn as_last(d: &mut ReportData, rounding: f64) {
    for (i, row) in d.plan.rows.iter_mut().enumerate() {
        let up = if i % 2 == 0 { rounding } else { -rounding };
        row.last = Some(if row.budget > 1.0 { row.budget + up } else { row.budget });
        row.marginal_last = Some(row.marginal);
    }
    let value = d.plan.value;
    let last = &mut d.plan.baselines[0];
    (last.value, last.p_plan_better) = (value, 0.0);
    last.budgets = d.plan.rows.iter().filter_map(|row| row.last).collect();
    if let Some(outcomes) = &mut d.outcomes {
        let plan = outcomes.policies[0].value;
        for policy in &mut outcomes.policies {
            match policy.name {
                PolicyName::Plan => policy.p_beats_last = 0.0,
                PolicyName::Last => policy.value = plan,
                _ => {}
            }
        }
    }
}

fn priced(price: f64) -> impl FnOnce(&mut ReportData) {
    move |d| {
        d.plan.prices[0].price = price;
        d.plan.rows.iter_mut().for_each(|row| row.marginal = price);
    }
}

fn money() -> Vec<Situation> {
    vec![
        of("more money would cost points", 1, priced(-0.262)),
        of("more money would bring nothing", 12, priced(0.0)),
        of("more money would bring next to nothing", 12, priced(1e-5)),
        of("more money would bring as much as the rest", 12, |d| {
            let average = d.plan.value.mean / d.plan.spent;
            priced(average)(d);
        }),
        of("more money would bring more than the rest", 12, priced(40.0)),
        of("no price of the budget", 12, |d| drop(d.plan.prices.remove(0))),
        of("a budget that is not exhausted", 12, |d| {
            d.plan.campaign.as_mut().unwrap().spend = SpendRule::UpTo;
            for row in &mut d.plan.rows {
                row.budget = (row.budget * 0.6).round();
            }
            d.plan.spent = d.plan.rows.iter().map(|row| row.budget).sum();
            d.plan.prices[0].price = 0.0;
        }),
        of("a budget far above the history", 12, |d| {
            for row in &mut d.plan.rows {
                row.observed_spend = 3.0;
                row.extrapolates = row.budget > 0.0;
            }
            d.plan.findings.clear();
        }),
        of("one audience beyond the history", 12, |d| {
            let mut funded = d.plan.rows.iter_mut().filter(|row| row.budget > 0.0);
            funded.next().unwrap().observed_spend = 3.0;
            d.plan.rows.iter_mut().for_each(|row| {
                row.prior_only = false;
                row.observed_spend = row.observed_spend.max(1.0);
                row.extrapolates = row.budget > 0.0 && row.observed_spend == 3.0;
            });
        }),
        of("a budget far below the history", 12, |d| {
            for row in &mut d.plan.rows {
                (row.prior_only, row.extrapolates) = (false, false);
                row.observed_spend = 1e6;
            }
            d.plan.findings.clear();
        }),
        of("a memory that changes nothing", 12, |d| {
            quiet(d);
            let value = d.plan.value.mean;
            let range = d.plan.carryover_range.as_mut().unwrap();
            (range.none, range.high) = (value, value);
        }),
        of("a memory that does not hold the promise", 12, |d| {
            quiet(d);
            let range = d.plan.carryover_range.as_mut().unwrap();
            (range.none, range.high) = (3.0 * range.none, 3.0 * range.high);
        }),
        of("a memory that matters", 12, quiet),
        of("more budget, less value", 12, |d| {
            for (i, point) in d.plan.budget_curve.iter_mut().enumerate() {
                point.value = 5000.0 - 100.0 * i as f64;
            }
        }),
        of("no smaller budget was tried", 12, |d| {
            d.plan.budget_curve.drain(..4);
        }),
        of("a plan that is worth nothing", 3, |d| {
            d.outcomes = None;
            let plan = &mut d.plan;
            (plan.value, plan.actions) = (Range::default(), Range::default());
            promise(plan, Source::Futures { futures: 1000 });
            plan.budget_curve.iter_mut().for_each(|point| point.value = 0.0);
            plan.carbon_frontier.iter_mut().for_each(|point| point.value = 0.0);
            plan.certificate.objective = 0.0;
            plan.certificate.upper_bound = 0.0;
            plan.baselines[0].value = Range::default();
        }),
    ]
}

/// Nothing to look at before the memory of audiences.
fn quiet(d: &mut ReportData) {
    d.plan.findings.clear();
    for row in &mut d.plan.rows {
        (row.prior_only, row.extrapolates) = (false, false);
    }
}

fn found(code: &str, n: usize, severity: Severity) -> impl FnOnce(&mut ReportData) {
    move |d| {
        let overrides = std::collections::BTreeMap::new();
        let reader = Reader { language: Language::En, currency: None, overrides: &overrides };
        let told = |i: usize| Message::as_it_was(&format!("finding {i}"));
        let all = (0..n).map(|i| Finding::of(severity, code, Vec::new(), told(i), &reader));
        d.plan.findings = all.collect();
    }
}

fn proof(status: Status, gap: f64) -> impl FnOnce(&mut ReportData) {
    move |d| {
        d.plan.baselines.clear();
        d.outcomes = None;
        let certificate = &mut d.plan.certificate;
        certificate.status = status;
        certificate.upper_bound = certificate.objective / (1.0 - gap);
        certificate.gap = gap;
    }
}

fn rules() -> Vec<Situation> {
    vec![
        of("no rule at all, worse", 12, |d| {
            beside(0.3, -0.02, true)(d);
            d.plan.findings.clear();
            d.plan.prices.truncate(1);
            d.plan.rows.iter_mut().for_each(|row| row.at_limit = None);
        }),
        of("no rule and no price", 3, |d| {
            d.plan.findings.clear();
            d.plan.prices.clear();
            d.plan.rows.iter_mut().for_each(|row| row.at_limit = None);
        }),
        of("every audience held", 12, |d| {
            d.plan.rows.iter_mut().for_each(|row| row.at_limit = Some(Limit::Max));
        }),
        of("one audience held", 12, |d| {
            for (i, row) in d.plan.rows.iter_mut().enumerate() {
                row.at_limit = (i == 0).then_some(Limit::Max);
                row.budget = row.budget.max(100.0);
            }
        }),
        of("audiences bring different gains", 12, |d| {
            for (i, row) in d.plan.rows.iter_mut().enumerate() {
                (row.at_limit, row.marginal) = (None, 0.2 * i as f64);
            }
        }),
        of("no finding", 12, |d| d.plan.findings.clear()),
        of("notes only", 12, found("daily-overspend", 2, Severity::Note)),
        of("one warning", 12, found("example", 1, Severity::Warning)),
        of("two warnings", 12, found("example", 2, Severity::Warning)),
        of("many warnings", 12, found("example", 1200, Severity::Warning)),
        of("a model that is not confirmed", 12, found("model-not-confirmed", 1, Severity::Warning)),
        of("an alarm", 12, found("money-followed-demand-anywhere", 1, Severity::Warning)),
        of("a worse plan under an alarm", 12, |d| {
            beside(0.1, -0.2, true)(d);
            found("model-diverged", 1, Severity::Warning)(d);
        }),
        of("the gravest is not the first", 12, |d| {
            found("example", 2, Severity::Warning)(d);
            d.plan.findings[1].severity = Severity::Forbidden;
        }),
        of("proven to the last digit", 3, proof(Status::Optimal, 0.0)),
        of("proven", 3, proof(Status::Optimal, 3.4e-7)),
        of("half proven", 3, proof(Status::NodeLimit, 0.5)),
        of("proof stopped early", 3, proof(Status::GapLimit, 0.002_34)),
        of("a carbon cap that costs nothing", 12, |d| {
            let value = d.plan.carbon_frontier[6].value;
            d.plan.carbon_frontier.iter_mut().for_each(|point| point.value = value);
        }),
        of("no tighter carbon cap", 12, |d| {
            let own = d.plan.carbon_g.unwrap() / 1000.0;
            d.plan.carbon_frontier.drain(..5);
            d.plan.carbon_frontier[0].carbon_kg = own;
            d.plan.carbon_frontier[1].carbon_kg = 1.2 * own;
        }),
        of("no fee", 3, |d| d.plan.campaign.as_mut().unwrap().fee = 0.into()),
        of("prudence", 12, |d| d.plan.campaign.as_mut().unwrap().prudence = 1.0),
    ]
}

/// Weeks of the flight with these medians.
fn weekly(medians: &'static [f64]) -> impl FnOnce(&mut ReportData) {
    move |d| {
        let outcomes = d.outcomes.as_mut().unwrap();
        let first = outcomes.weeks[0];
        outcomes.weeks = (0..medians.len()).map(|i| first.plus(i as i64)).collect();
        let week = |p50: &f64| Spread {
            mean: *p50,
            sd: 0.1 * p50,
            p10: 0.8 * p50,
            p50: *p50,
            p90: 1.3 * p50,
            mostly: None,
        };
        for policy in &mut outcomes.policies {
            policy.weekly = medians.iter().map(week).collect();
        }
    }
}

fn flights() -> Vec<Situation> {
    vec![
        of("a flight of one week", 12, |d| {
            weekly(&[810.0])(d);
            quiet(d);
            let value = d.plan.value.mean;
            let range = d.plan.carryover_range.as_mut().unwrap();
            (range.none, range.high) = (value, value);
            let campaign = d.plan.campaign.as_mut().unwrap();
            campaign.flight.end = campaign.flight.start.saturating_add(jiff::Span::new().days(6));
            d.plan.rows.iter_mut().for_each(|row| row.weeks.truncate(1));
        }),
        of("weeks that are all alike", 12, weekly(&[300.0, 302.0, 299.0])),
        of("two weeks at the top", 12, weekly(&[300.0, 300.0, 199.0])),
        of("one week at the top", 12, weekly(&[300.0, 340.0, 199.0])),
        of("promises kept", 12, |d| d.kept = kept(2)),
        of("one promise kept", 12, |d| d.kept = kept(1)),
    ]
}

fn kept(n: usize) -> Vec<KeptPromise> {
    let promised = Range { mean: 900.0, p10: 700.0, p50: 890.0, p90: 1100.0, mostly: None };
    let one = |i: usize| KeptPromise {
        label: Message::as_it_was(&format!("flight {i}")),
        promised,
        realised: 850.0 + 400.0 * i as f64,
    };
    (0..n).map(one).collect()
}

/// What the history says week by week, and what other splits bring.
fn charts() -> Vec<Situation> {
    let policy = |name: PolicyName, follows: f64, actions: f64| {
        move |d: &mut ReportData| {
            for policy in &mut d.outcomes.as_mut().unwrap().policies {
                if policy.name == name {
                    policy.follows = Some(follows);
                    policy.actions.mean = actions;
                }
            }
        }
    };
    vec![
        of("a history shorter than a year", 12, |d| {
            d.history.as_mut().unwrap().weeks.drain(..70);
        }),
        of("a week missing before the last", 12, |d| {
            let weeks = &mut d.history.as_mut().unwrap().weeks;
            weeks.remove(weeks.len() - 2);
        }),
        of("two weeks far apart", 12, |d| {
            let weeks = &mut d.history.as_mut().unwrap().weeks;
            weeks.drain(1..weeks.len() - 1);
            weeks[0].week = "2024-W02".parse::<Week>().unwrap();
        }),
        of("nothing happened the week before", 12, |d| {
            let weeks = &mut d.history.as_mut().unwrap().weeks;
            let n = weeks.len();
            weeks[n - 2].active = 0.0;
            weeks[n - 53].active = 0.0;
        }),
        of("the plan has the most followers", 12, policy(PolicyName::Plan, 9000.0, 1200.0)),
        of(
            "another split has the most followers",
            12,
            policy(PolicyName::Adaptive, 9000.0, 9000.0),
        ),
        of("followers cost nothing", 12, policy(PolicyName::Followers, 9000.0, 1e6)),
        of("no chart of choices but the history's", 12, |d| {
            d.plan.sensitivity.clear();
            d.card = None;
            d.outcomes.as_mut().unwrap().policies.iter_mut().for_each(|p| p.follows = None);
        }),
        of("other points move nothing", 12, |d| {
            for other in &mut d.plan.sensitivity {
                other.rank_correlation = 1.0;
                other.flips.clear();
            }
        }),
        of("one audience has no order", 1, |d| {
            for other in &mut d.plan.sensitivity {
                other.rank_correlation = f64::NAN;
            }
        }),
        of("curves that rise ever faster", 3, |d| {
            for row in &mut d.plan.rows {
                for point in &mut row.curve {
                    point.mean = point.spend * point.spend / 1e4;
                }
            }
        }),
        of("a backtest without observations", 12, |d| {
            let scores = &mut d.backtest.as_mut().unwrap().scores;
            let score = scores.get_mut("relais").unwrap();
            (score.cells, score.predicted_over_observed) = (0, f64::NAN);
        }),
        of("a backtest in which nothing happened", 12, |d| {
            let backtest = d.backtest.as_mut().unwrap();
            backtest.pit.clear();
            let score = backtest.scores.get_mut("relais").unwrap();
            score.predicted_over_observed = f64::INFINITY;
        }),
    ]
}
