//! A made-up dossier, the same on every machine: for golden files, for tests, and to look at.
//!
//! Its numbers hang together (the rows add up, curves pass through the promised values), but no
//! model made them.

use std::collections::BTreeMap;

use jiff::civil::date;

use super::report_data::{HistoryFile, HistorySummary, ReportData, WeekTotals};
use crate::action::Points;
use crate::allocate::plan::row::{CurvePoint, Range, Row, WeekBudget};
use crate::allocate::plan::{
    Baseline, BudgetPoint, ByDraw, CarbonPoint, CarryoverRange, Certificate, Plan, Price, Promise,
    Promised, Source, WeightSensitivity,
};
use crate::allocate::problem::bound::{Limit, LimitUnit, RuleName};
use crate::allocate::rules::policy::PolicyName;
use crate::allocate::solver::solve::Status;
use crate::backtest::scores::{Backtest, Fold, PredictedPoint, Score};
use crate::campaign::{
    Campaign, Levers, Limits, Objective, Output, Pacing, Rounding, Selection, SpendRule,
};
use crate::language::Language;
use crate::language::message::Message;
use crate::panel::Period;
use crate::random::Seed;
use crate::response::exposure::Exposure;
use crate::review::{Review, ReviewRow};
use crate::rules::finding::{Finding, Reader, Severity};
use crate::simulate::outcomes::{Outcomes, PolicyOutcome, Spread};
use crate::train::fitted::card::{ModelCard, SegmentCard};
use crate::units::{Currency, Money, Week};

const BUDGET: f64 = 12_000.0;
const NETWORKS: [&str; 7] =
    ["instagram", "facebook", "tiktok", "snapchat", "linkedin", "youtube", "x"];
const AGES: [&str; 3] = ["18-24", "25-34", "35-54"];
const TERRITORIES: [&str; 3] = ["REG-76", "DEP-31", "DEP-34"];
const FORMATS: [&str; 2] = ["video", "image"];

/// A dossier with `n` segments.
#[must_use]
pub fn report_data(n: usize) -> ReportData {
    let segments: Vec<(String, BTreeMap<String, String>)> = (0..n).map(segment).collect();
    build(&segments)
}

/// A dossier whose names try to break out: markup, formulas, control characters, great length.
#[must_use]
pub fn hostile() -> ReportData {
    let names = [
        "<script>alert(1)</script>",
        "=HYPERLINK(\"http://example.org\";\"clic\")",
        "+33 5 61 00 00 00",
        "@SUM(A1:A9)",
        "-2+3 & \"guillemets\" 'simples' </td></tr></table>",
        "a\u{0}b\u{b}c\u{202e}gnp.txt\nligne 2",
        "Établissements publics locaux d’enseignement et de formation professionnelle agricoles de Provence-Alpes-Côte d’Azur, de Bourgogne-Franche-Comté et d’Auvergne-Rhône-Alpes 🎓",
    ];
    let segments: Vec<(String, BTreeMap<String, String>)> = names
        .iter()
        .map(|name| {
            let of = |key: &str, value: &str| (key.to_owned(), value.to_owned());
            ((*name).to_owned(), BTreeMap::from([of("network", name), of("ad_set", name)]))
        })
        .collect();
    let mut report_data = build(&segments);
    names[0].clone_into(&mut report_data.plan.campaign.as_mut().expect("it has one").title);
    names[4].clone_into(&mut report_data.plan.campaign.as_mut().expect("it has one").goal);
    report_data.plan.findings[0].told = Message::as_it_was(names[1]);
    names[0].clone_into(&mut report_data.plan.rows[0].reason);
    names[0].clone_into(&mut report_data.command);
    report_data
}

/// A review in which everything went as planned, but for one row that spent half.
#[must_use]
pub fn review(plan: &Plan) -> Review {
    let funded = || plan.rows.iter().filter(|row| row.budget > 0.0);
    let rows: Vec<ReviewRow> = funded()
        .enumerate()
        .map(|(i, row)| {
            let share = if i == 0 { 0.5 } else { 1.0 };
            ReviewRow {
                segment: row.segment.clone(),
                planned: row.budget,
                spent: share * row.budget,
                promised: row.value,
                inside: (row.value.p10..=row.value.p90).contains(&(share * row.value.mean * 1.1)),
                expected_at_spent: share * row.value.mean,
                happened: share * row.value.mean * 1.1,
            }
        })
        .collect();
    let sum = |get: fn(&ReviewRow) -> f64| rows.iter().map(get).sum::<f64>();
    let (happened, expected) = (sum(|r| r.happened), sum(|r| r.expected_at_spent));
    let flight = plan.campaign.as_ref().map(|campaign| campaign.flight);
    Review {
        until: None,
        end: flight.map_or(jiff::civil::date(2027, 4, 11), |flight| flight.end),
        promised_in_all: plan.value.mean,
        promised: plan.value,
        happened,
        delivery: expected - plan.value.mean,
        response: happened - expected,
        elsewhere: 12.0,
        planned: sum(|r| r.planned),
        spent: sum(|r| r.spent),
        spent_elsewhere: 30.0,
        inside: true,
        missing: rows.iter().take(1).map(|row| row.segment.clone()).collect(),
        rows,
    }
}

fn segment(i: usize) -> (String, BTreeMap<String, String>) {
    let network = NETWORKS[i % 7];
    let age = AGES[(i / 7) % 3];
    let territory = TERRITORIES[(i / 21) % 3];
    let format = FORMATS[(i / 63) % 2];
    let mut attributes = BTreeMap::new();
    let mut id = Vec::new();
    for (name, value) in
        [("network", network), ("age", age), ("territory", territory), ("format", format)]
    {
        attributes.insert(name.to_owned(), value.to_owned());
        id.push(value.to_owned());
    }
    if i >= 126 {
        attributes.insert("interest".to_owned(), format!("intérêt {}", i / 126));
        id.push(format!("intérêt {}", i / 126));
    }
    (id.join(" · "), attributes)
}

/// A number between 0 and 1 that depends on `i` and `k` alone (SplitMix64, Steele et al. 2014).
fn noise(i: usize, k: usize) -> f64 {
    let mut z = (i as u64 * 1_000 + k as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

fn curve(i: usize, n: usize) -> Exposure {
    let size = 60.0 / (n as f64 + 5.0);
    Exposure {
        ceiling: size * (500.0 + 2600.0 * noise(i, 1)),
        scale: size * (250.0 + 900.0 * noise(i, 2)),
        shape: 0.8 + 2.0 * noise(i, 3),
    }
}

fn build(segments: &[(String, BTreeMap<String, String>)]) -> ReportData {
    let n = segments.len();
    let curves: Vec<Exposure> = (0..n).map(|i| curve(i, n)).collect();
    let (budgets, price) = divide(&curves, BUDGET);
    let last = last_split(n);
    let weeks = Week::covering(date(2027, 3, 1), date(2027, 4, 11));
    let rows: Vec<Row> =
        (0..n).map(|i| row(i, &segments[i], curves[i], budgets[i], last[i], &weeks)).collect();
    let plan = plan(rows, &curves, price);
    ReportData {
        outcomes: Some(outcomes(&plan, &weeks)),
        backtest: Some(backtest(segments)),
        card: Some(card(&plan)),
        history: Some(history()),
        kept: Vec::new(),
        segments: Vec::new(),
        command: "relais run campagne.toml --seed 7".to_owned(),
        digest: None,
        plan,
    }
}

/// The split at which every funded curve has the same slope, small rows off, in whole euros.
fn divide(curves: &[Exposure], budget: f64) -> (Vec<f64>, f64) {
    let at = |price: f64| -> Vec<f64> {
        curves
            .iter()
            .map(|curve| curve.spend_at_slope(price))
            .map(|spend| if spend < 60.0 { 0.0 } else { spend })
            .collect()
    };
    let (mut low, mut high) = (1e-4_f64, 100.0_f64);
    for _ in 0..80 {
        let price = (low * high).sqrt();
        if at(price).iter().sum::<f64>() > budget { low = price } else { high = price }
    }
    let mut budgets: Vec<f64> = at(high).iter().map(|spend| spend.floor()).collect();
    let rest = budget - budgets.iter().sum::<f64>();
    let most = (0..budgets.len()).max_by(|a, b| budgets[*a].total_cmp(&budgets[*b])).unwrap_or(0);
    budgets[most] += rest;
    (budgets, high)
}

fn last_split(n: usize) -> Vec<Option<f64>> {
    let wish: Vec<f64> = (0..n).map(|i| 0.3 + noise(i, 5)).collect();
    let total: f64 = wish.iter().sum();
    (0..n).map(|i| (i % 11 != 10).then(|| (BUDGET * wish[i] / total).round())).collect()
}

fn row(
    i: usize,
    (segment, attributes): &(String, BTreeMap<String, String>),
    curve: Exposure,
    budget: f64,
    last: Option<f64>,
    weeks: &[Week],
) -> Row {
    let spread = 0.12 + 0.25 * noise(i, 6);
    let range = |mean: f64| Range {
        mean,
        p10: mean * (1.0 - 1.1 * spread),
        p50: mean * (1.0 - 0.05 * spread),
        p90: mean * (1.0 + 1.3 * spread),
        mostly: None,
    };
    let observed_spend = last.map_or(0.0, |last| last / 6.0 * (0.9 + 1.2 * noise(i, 7)));
    let most = (budget.max(last.unwrap_or(0.0)) * 1.6).max(100.0);
    let points = (0..=24).map(|step| {
        let spend = most * f64::from(step) / 24.0;
        let value = range(curve.value(spend));
        CurvePoint { spend, p10: value.p10, mean: value.mean, p90: value.p90 }
    });
    let impressions = 1000.0 * budget / (4.0 + 5.0 * noise(i, 8));
    Row {
        segment: segment.clone(),
        attributes: attributes.clone(),
        budget,
        fixed_cost: 0.0,
        per_day: (budget / 42.0 * 100.0).round() / 100.0,
        weeks: by_week(budget, weeks),
        last,
        value: range(curve.value(budget)),
        actions: range(curve.value(budget) * 0.7),
        impressions: Some(impressions),
        reach: Some(impressions / 2.4),
        carbon_g: Some(impressions * 0.06),
        marginal: curve.slope(budget),
        marginal_last: last.map(|last| curve.slope(last)),
        at_limit: limit(i, budget),
        reason: reason(budget, last),
        reason_told: None,
        extrapolates: budget > observed_spend * weeks.len() as f64,
        prior_only: last.is_none(),
        observed_spend,
        curve: points.collect(),
    }
}

fn limit(i: usize, budget: f64) -> Option<Limit> {
    match i % 9 {
        _ if budget == 0.0 => Some(Limit::Off),
        2 => Some(Limit::Max),
        5 => Some(Limit::Rule(RuleName::Own("chaque département reçoit sa part".to_owned()))),
        _ => None,
    }
}

fn reason(budget: f64, last: Option<f64>) -> String {
    let text = match last {
        None => "Jamais acheté : un essai prudent, appuyé sur les audiences voisines.",
        Some(_) if budget == 0.0 => "Sous le minimum de la plateforme : rien, plutôt que trop peu.",
        Some(last) if budget > 1.05 * last => "Un euro de plus y rapporte plus qu’ailleurs.",
        Some(last) if budget < 0.95 * last => "L’audience sature : l’argent relaie mieux ailleurs.",
        Some(_) => "Déjà à son juste niveau.",
    };
    text.to_owned()
}

/// Whole cents by week, the rest in the first.
fn by_week(budget: f64, weeks: &[Week]) -> Vec<WeekBudget> {
    let cents = (budget * 100.0).round() as i64;
    let (each, rest) = (cents / weeks.len() as i64, cents % weeks.len() as i64);
    weeks
        .iter()
        .enumerate()
        .map(|(i, week)| WeekBudget {
            week: *week,
            budget: (each + if i == 0 { rest } else { 0 }) as f64 / 100.0,
        })
        .collect()
}

fn plan(rows: Vec<Row>, curves: &[Exposure], price: f64) -> Plan {
    let value: f64 = rows.iter().map(|row| row.value.mean).sum();
    let actions: f64 = rows.iter().map(|row| row.actions.mean).sum();
    let total = |mean: f64| Range {
        mean,
        p10: 0.86 * mean,
        p50: 0.99 * mean,
        p90: 1.15 * mean,
        mostly: None,
    };
    let last: Vec<f64> = rows.iter().map(|row| row.last.unwrap_or(0.0)).collect();
    let scale = BUDGET / last.iter().sum::<f64>().max(1.0);
    let last: Vec<f64> = last.iter().map(|money| money * scale).collect();
    let value_of = |budgets: &[f64]| -> f64 {
        curves.iter().zip(budgets).map(|(curve, money)| curve.value(*money)).sum()
    };
    let carbon_g: f64 = rows.iter().filter_map(|row| row.carbon_g).sum();
    let source = Source::Futures { futures: 10_000 };
    Plan {
        version: 1,
        currency: Some(Currency::EUR),
        budget: BUDGET,
        spent: rows.iter().map(|row| row.budget).sum(),
        left_because: None,
        left_told: None,
        promise: Some(Promise {
            actions: Promised { range: total(actions), source },
            value: Promised { range: total(value), source },
        }),
        actions: total(actions),
        value: total(value),
        expected: None,
        without_shocks: None,
        next_test: None,
        incremental: Vec::new(),
        by_draw: Some(by_draw(actions, value)),
        certificate: Certificate {
            objective: value * 1.004,
            upper_bound: value * 1.004_02,
            gap: 0.000_02 / 1.004_02,
            gap_before_rounding: 0.0,
            status: Status::Optimal,
            nodes: 17,
        },
        chosen_over_promised: 1.018,
        prices: prices(price),
        findings: findings(&rows),
        baselines: vec![Baseline {
            name: PolicyName::Last,
            value: total(value_of(&last)),
            budgets: last,
            p_plan_better: 0.94,
            beyond_default: false,
            allowed: true,
            follows: Some(410.0),
        }],
        budget_curve: (1..=10).map(|step| budget_point(curves, 2400.0 * f64::from(step))).collect(),
        sensitivity: sensitivity(&rows),
        carbon_frontier: (4..=10)
            .map(|step| {
                let share = f64::from(step) / 10.0;
                CarbonPoint {
                    carbon_kg: carbon_g / 1000.0 * share,
                    value: value * share.powf(0.35),
                }
            })
            .collect(),
        carbon_g: Some(carbon_g),
        carryover_range: Some(CarryoverRange {
            none: value * 1.12,
            high_carryover: 0.47,
            high: value * 0.93,
        }),
        next: None,
        fallback: None,
        resumed: None,
        campaign: Some(campaign()),
        fingerprint: "9f2c4a07d1b35e88c0a6f41d2be97730514f8cc6aa02d9e1b7733f0d6c5a1e42".to_owned(),
        tables: BTreeMap::from([("carbon.toml".to_owned(), "5b0c7e9a1f23d648".to_owned())]),
        seed: Seed(7),
        digest: None,
        rows: rows.into(),
    }
}

/// Draws whose mean is the promise, as wide as its interval.
fn by_draw(actions: f64, value: f64) -> ByDraw {
    const DRAWS: usize = 200;
    let uneven: Vec<f64> = (0..DRAWS).map(|d| noise(d, 13) + noise(d, 14) - 1.0).collect();
    let mean = uneven.iter().sum::<f64>() / DRAWS as f64;
    let around =
        |whole: f64| uneven.iter().map(|off| whole * (1.0 + 0.26 * (off - mean))).collect();
    ByDraw { actions: around(actions), value: around(value), doubted: None }
}

fn prices(price: f64) -> Vec<Price> {
    let of = |rule, unit, price, cost, (limit, used)| Price {
        default: false,
        rule,
        price,
        price_less: None,
        cost,
        limit,
        used,
        unit,
    };
    let (money, carbon) = (LimitUnit::Money, LimitUnit::Carbon);
    let own = RuleName::Own("chaque département reçoit sa part".to_owned());
    vec![
        of(RuleName::Budget, money, price, None, (BUDGET, BUDGET)),
        of(own, money, 0.02, Some(38.0), (480.0, 480.0)),
        of(RuleName::Carbon, carbon, 3.1, Some(12.0), (150.0, 121.0)),
    ]
}

fn budget_point(curves: &[Exposure], budget: f64) -> BudgetPoint {
    let (budgets, marginal) = divide(curves, budget);
    let value = curves.iter().zip(&budgets).map(|(curve, money)| curve.value(*money)).sum();
    BudgetPoint { budget, value, marginal }
}

fn sensitivity(rows: &[Row]) -> Vec<WeightSensitivity> {
    let preset = |name: &str, k: usize, rank_correlation: f64| {
        let budgets = rows.iter().enumerate().map(|(i, row)| {
            let moved = row.budget * (0.75 + 0.5 * noise(i, k));
            (moved * 100.0).round() / 100.0
        });
        WeightSensitivity {
            preset: name.to_owned(),
            budgets: budgets.collect(),
            rank_correlation,
            flips: rows.iter().take(usize::from(k == 11)).map(|row| row.segment.clone()).collect(),
        }
    };
    vec![preset("count", 10, 0.97), preset("equalised", 11, 0.91)]
}

fn findings(rows: &[Row]) -> Vec<Finding> {
    let overrides = BTreeMap::new();
    let reader = Reader { language: Language::Fr, currency: None, overrides: &overrides };
    let of = |severity, code: &str, segments: Vec<String>, message: &str| {
        let mut finding =
            Finding::of(severity, code, segments, Message::as_it_was(message), &reader);
        finding.source =
            Some("Code électoral, art. L. 52-1 (consulté le 1er octobre 2026)".to_owned());
        finding
    };
    let first = rows.first().map(|row| row.segment.clone()).into_iter().collect();
    vec![
        of(
            Severity::Warning,
            "example-window",
            Vec::new(),
            "La campagne tombe dans les six mois qui précèdent un scrutin : pas de promotion des réalisations de la collectivité.",
        ),
        of(
            Severity::Note,
            "example-small",
            first,
            "Audience connue par peu de lignes : l’intervalle est large, c’est normal.",
        ),
    ]
}

fn campaign() -> Campaign {
    let money = |text: &str| text.parse::<Money>().expect("a well-formed amount");
    Campaign {
        title: "Orientation : le lycée et après".to_owned(),
        goal: "18–24 ans d’Occitanie : faire relayer les dates d’inscription".to_owned(),
        gross: money("15552 EUR"),
        tax: "0.2".parse().expect("a decimal"),
        fee: "0.08".parse().expect("a decimal"),
        budget: money("12000 EUR"),
        spend: SpendRule::All,
        flight: Period { start: date(2027, 3, 1), end: date(2027, 4, 11) },
        points: Points::relay(),
        preset: "relay".to_owned(),
        objective: Objective::Engagement,
        history: None,
        attribution: None,
        tests: None,
        designed: Vec::new(),
        history_money: crate::campaign::HistoryMoney::default(),
        selection: Selection {
            conditions: BTreeMap::new(),
            split_by: Vec::new(),
            levers: Levers::Bought,
        },
        limits: Limits::default(),
        pacing: Pacing::Even,
        prudence: 0.3,
        tail: 0.2,
        rounding: Rounding::Unit,
        shocks: Vec::new(),
        sensitive: false,
        overrides: BTreeMap::new(),
        output: Output { folder: None, formats: Vec::new(), lang: None },
    }
}

fn outcomes(plan: &Plan, weeks: &[Week]) -> Outcomes {
    let policy = |name: PolicyName, share: f64, beats: f64, follows: f64| {
        let mean = plan.value.mean * share;
        let quantile = |q: f64| {
            // A skewed spread of about 14 %: the logistic quantile on a log scale.
            mean * (0.075 * (q / (1.0 - q)).ln()).exp()
        };
        let spread = |mean: f64| Spread {
            mean,
            sd: 0.14 * mean,
            p10: 0.85 * mean,
            p50: 0.99 * mean,
            p90: 1.18 * mean,
            mostly: None,
        };
        PolicyOutcome {
            name,
            value: spread(mean),
            actions: spread(mean * 0.7),
            p_beats_last: beats,
            p_plan_better: 1.0 - beats / 2.0,
            regret: (1.05 - share).max(0.0),
            standard_error: mean * 0.001,
            worst_tenth: 0.79 * mean,
            spent: BUDGET,
            cost_per_action: Some(BUDGET / (mean * 0.7)),
            impressions: plan.rows.iter().map(|row| row.impressions).sum(),
            reach: None,
            follows: Some(follows),
            carbon_g: plan.carbon_g,
            weekly: (0..weeks.len())
                .map(|week| spread(mean / weeks.len() as f64 * (1.15 - 0.06 * week as f64)))
                .collect(),
            quantiles: (1..=99).map(|q| quantile(f64::from(q) / 100.0)).collect(),
        }
    };
    Outcomes {
        replicates: 10_000,
        asked: 10_000,
        seed: plan.seed,
        weeks: weeks.to_vec(),
        policies: vec![
            policy(PolicyName::Plan, 1.0, 0.91, 380.0),
            policy(PolicyName::Last, 0.84, 0.0, 410.0),
            policy(PolicyName::Equal, 0.8, 0.28, 430.0),
            policy(PolicyName::Proportional, 0.9, 0.71, 395.0),
            policy(PolicyName::Cheapest, 0.87, 0.58, 520.0),
            policy(PolicyName::Followers, 0.61, 0.06, 1480.0),
            policy(PolicyName::Adaptive, 1.02, 0.93, 385.0),
            policy(PolicyName::Oracle, 1.05, 0.97, 400.0),
        ],
        unlearnt: 0.0,
        digest: None,
        cells_per_second: 0.0,
    }
}

fn score(k: usize) -> Score {
    Score {
        crps: 6.1 + 1.4 * k as f64,
        log_score: -3.4 - 0.2 * k as f64,
        coverage50: 0.52 - 0.05 * k as f64,
        coverage80: 0.81 - 0.07 * k as f64,
        coverage95: 0.945 - 0.04 * k as f64,
        predicted_over_observed: 1.03 + 0.06 * k as f64,
        cells: 1840,
    }
}

fn backtest(segments: &[(String, BTreeMap<String, String>)]) -> Backtest {
    let names = ["relais", "forest", "pooled_glm", "segment_rate", "last_value"];
    let scores = |shift: f64| -> BTreeMap<String, Score> {
        let of = |k: usize| Score {
            predicted_over_observed: score(k).predicted_over_observed + shift,
            ..score(k)
        };
        names.iter().enumerate().map(|(k, name)| ((*name).to_owned(), of(k))).collect()
    };
    let week: Week = "2026-W10".parse().expect("a week");
    let points = (0..220).map(|j| {
        let mean = 4.0 + 240.0 * noise(j, 2).powi(3);
        PredictedPoint {
            segment: segments[j % segments.len()].0.clone(),
            week: week.plus((j % 12) as i64),
            observed: (mean * (0.45 + 1.15 * noise(j, 4))).round(),
            mean,
            p10: mean * 0.58,
            p90: mean * 1.48,
        }
    });
    Backtest {
        folds: (0..6)
            .map(|k| Fold {
                origin: week.plus(6 * k),
                horizon: 6,
                cells: 300 + 10 * k as usize,
                scores: scores([0.04, -0.09, 0.11, -0.02, 0.26, -0.05][k as usize]),
            })
            .collect(),
        scores: scores(0.0),
        against: BTreeMap::new(),
        by_network: BTreeMap::from([
            ("instagram".to_owned(), score(0)),
            ("linkedin".to_owned(), score(1)),
        ]),
        by_size: BTreeMap::from([("few".to_owned(), score(1)), ("many".to_owned(), score(0))]),
        held_back: None,
        pit: vec![0.09, 0.11, 0.1, 0.12, 0.1, 0.08, 0.1, 0.11, 0.09, 0.1],
        points: points.collect(),
        digest: None,
    }
}

fn card(plan: &Plan) -> ModelCard {
    let segments = plan.rows.iter().enumerate().map(|(i, row)| {
        let rate = 4.0 + 22.0 * noise(i, 9);
        SegmentCard {
            segment: row.segment.clone(),
            cells: if row.prior_only { 0 } else { 4 + (90.0 * noise(i, 11)) as usize },
            spend: row.last.unwrap_or(0.0) * 9.0,
            mean_spend: row.observed_spend * 0.6,
            max_spend: row.observed_spend,
            actions: row.actions.mean * 8.0,
            impressions: row.impressions.map(|n| n * 8.0),
            engagement_rate: Some((rate, rate * 0.8, rate * 1.25)),
            response: (row.actions.mean / 6.0, row.actions.p10 / 6.0, row.actions.p90 / 6.0),
            curvature_learnt: 0.3 + 0.7 * noise(i, 12),
            curvature_identified: noise(i, 12) < 0.7,
            designed: if i % 5 == 2 { 8 } else { 0 },
            followed: false,
            tested: 0,
            pareto_k: Some(0.1),
            bare: false,
            not_confirmed: false,
            layers: vec!["delivery".to_owned(), "engagement".to_owned()],
            last_week: Some("2026-W46".to_owned()),
        }
    });
    ModelCard {
        tests: Vec::new(),
        incremental: Vec::new(),
        engine: "nested".to_owned(),
        specification: "default".to_owned(),
        cells: 5210,
        span: Some(("2024-11-18".to_owned(), "2026-11-15".to_owned())),
        layers: vec!["delivery".to_owned(), "engagement".to_owned(), "mix".to_owned()],
        diagnostics: BTreeMap::from([("pareto_k".to_owned(), 0.31)]),
        hyperparameters: BTreeMap::from([("carryover".to_owned(), (0.31, 0.18, 0.45))]),
        notes: Vec::new(),
        held_back: None,
        panel_notes: Vec::new(),
        segments: segments.collect(),
    }
}

fn history() -> HistorySummary {
    let first: Week = "2024-W47".parse().expect("a week");
    let weeks: Vec<WeekTotals> = (0..104)
        .map(|k| {
            let season = 1.0 + 0.3 * (k as f64 / 52.0 * std::f64::consts::TAU).sin();
            let spend = (900.0 + 700.0 * noise(k, 3)) * season;
            let active = spend * (0.42 + 0.12 * noise(k, 4));
            WeekTotals {
                week: first.plus(k as i64),
                spend,
                active: active.round(),
                reactions: Some((active * 3.1).round()),
                follows: Some((active * 0.08).round()),
                impressions: Some((spend * 170.0).round()),
            }
        })
        .collect();
    let file = |name: &str, format: &str, rows, left_out| HistoryFile {
        name: name.to_owned(),
        format: format.to_owned(),
        fingerprint: "3b1f0e6d5c4a39281706f5e4d3c2b1a0998877665544332211ffeeddccbbaa00".to_owned(),
        rows,
        left_out,
    };
    HistorySummary {
        files: vec![
            file("meta_occitanie_2025.csv", "meta-fr", 41_200, 3),
            file("linkedin_2026.csv", "linkedin", 6_410, 5),
        ],
        rows: 47_610,
        spend: weeks.iter().map(|week| week.spend).sum(),
        impressions: weeks.iter().map(|week| week.impressions).sum(),
        actions: vec![("link_clicks".to_owned(), 61_240.0), ("shares".to_owned(), 8_120.0)],
        weeks,
        unused: vec![
            "Colonne « Résultats » : un total de la plateforme, sans définition stable.".to_owned(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_add_up_to_what_is_spent() {
        for n in [1, 3, 12, 60] {
            let plan = report_data(n).plan;
            let cents = |money: f64| (money * 100.0).round() as i64;
            assert_eq!(plan.rows.iter().map(|r| cents(r.budget)).sum::<i64>(), cents(plan.spent));
            assert_eq!(cents(plan.spent), cents(BUDGET), "{n}");
            for row in &plan.rows {
                let weeks: i64 = row.weeks.iter().map(|week| cents(week.budget)).sum();
                assert_eq!(weeks, cents(row.budget));
            }
        }
    }
}
