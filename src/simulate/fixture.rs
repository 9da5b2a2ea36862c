//! A small posterior, campaign and plan made in code, for tests and benches of this stage.

use crate::allocate::plan::row::{Range, Row, WeekBudget};
use crate::allocate::plan::{Certificate, Plan};

use std::collections::BTreeMap;

use rand_distr::{Distribution, StandardNormal};
use rust_decimal::Decimal;

use crate::action::{Action, Points};
use crate::allocate::solver::solve::Status;
use crate::campaign::{
    Campaign, Levers, Limits, Objective, Output, Pacing, Rounding, Selection, SpendRule,
};
use crate::panel::Period;
use crate::random::{Purpose, Seed};
use crate::segment::Segment;
use crate::train::posterior::draws::{Draws, ResponseDraw, SegmentDraws, SharedDraw};
use crate::units::{Money, Week};

const NETWORKS: [&str; 3] = ["facebook", "instagram", "linkedin"];

/// `n_draws` joint draws of `n_segments` over `n_weeks`: segments differ, draws vary around each.
#[must_use]
pub fn draws(n_segments: usize, n_draws: usize, n_weeks: usize, seed: u64) -> Draws {
    let mut rng = Seed(seed).stream(Purpose::Generate, 0);
    let mut normal = |sd: f64| {
        let z: f64 = StandardNormal.sample(&mut rng);
        (sd * z).exp()
    };
    let shared = (0..n_draws)
        .map(|_| SharedDraw {
            carryover: 0.3 * normal(0.2),
            dispersion: NETWORKS.iter().map(|_| 12.0 * normal(0.1)).collect(),
            log_season: (0..NETWORKS.len() * n_weeks).map(|_| normal(0.1).ln()).collect(),
            shock_sd: 0.1,
            incremental: vec![0.5; NETWORKS.len()],
            delivery_sd: 0.1,
        })
        .collect();
    let segments = (0..n_segments)
        .map(|i| {
            let (ceiling, scale) = (300.0 * normal(0.7), 120.0 * normal(0.5));
            let network = i % NETWORKS.len();
            SegmentDraws {
                segment: segment(i, NETWORKS[network]),
                network,
                prior_only: false,
                observed_spend: 150.0,
                reference_spend: 60.0,
                ground: None,
                form_sd: 0.0,
                draws: (0..n_draws)
                    .map(|_| ResponseDraw {
                        ceiling: ceiling * normal(0.15),
                        scale: scale * normal(0.15),
                        shape: 1.2 * normal(0.1),
                        cpm_rise: 0.05,
                        baseline: 0.0,
                        cpm: 8.0 * normal(0.05),
                        audience: 6000.0 * normal(0.2),
                        reach_shape: 1.2,
                        mix: mix(),
                        follows_rate: 0.01,
                    })
                    .collect(),
            }
        })
        .collect();
    let first: Week = "2027-W09".parse().expect("a week");
    Draws {
        tested: Vec::new(),
        weeks: (0..n_weeks).map(|week| first.plus(week as i64)).collect(),
        networks: NETWORKS.map(str::to_owned).to_vec(),
        shared,
        segments,
    }
}

fn segment(i: usize, network: &str) -> Segment {
    let attributes = BTreeMap::from([
        ("network".to_owned(), network.to_owned()),
        ("age".to_owned(), if i.is_multiple_of(2) { "18-24" } else { "25-34" }.to_owned()),
    ]);
    Segment { id: format!("{network} · {i:02}"), attributes }
}

fn mix() -> [f64; Action::COUNT] {
    let mut mix = [0.0; Action::COUNT];
    mix[Action::Shares.index()] = 0.1;
    mix[Action::LinkClicks.index()] = 0.9;
    mix
}

/// A campaign of so many weeks from the first week of [`draws`], 10 000 EUR, with no rules.
#[must_use]
pub fn campaign(n_weeks: usize) -> Campaign {
    let first: Week = "2027-W09".parse().expect("a week");
    let flight = Period { start: first.monday(), end: first.plus(n_weeks as i64 - 1).sunday() };
    let budget: Money = "10000 EUR".parse().expect("an amount");
    Campaign {
        title: "Relais".to_owned(),
        goal: "18–24 ans : faire relayer les dates d’inscription".to_owned(),
        gross: budget,
        tax: Decimal::ZERO,
        fee: Decimal::ZERO,
        budget,
        spend: SpendRule::All,
        flight,
        points: Points::count(),
        preset: "count".to_owned(),
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
        prudence: 0.0,
        tail: 0.2,
        rounding: Rounding::Minor,
        shocks: Vec::new(),
        sensitive: false,
        overrides: BTreeMap::new(),
        output: Output { folder: None, formats: Vec::new(), lang: None },
    }
}

/// A plan over the draws' segments with these row budgets, even over the weeks; the last split
/// favours the first segments.
#[must_use]
pub fn plan(draws: &Draws, campaign: &Campaign, budgets: &[f64]) -> Plan {
    let weeks = campaign.weeks();
    let n = draws.segments.len() as f64;
    let budget = campaign.budget.as_f64();
    let rows = draws.segments.iter().zip(budgets).enumerate().map(|(i, (segment, money))| Row {
        segment: segment.segment.id.clone(),
        attributes: segment.segment.attributes.clone(),
        budget: *money,
        fixed_cost: 0.0,
        per_day: money / f64::from(campaign.flight.days()),
        weeks: weeks
            .iter()
            .map(|week| WeekBudget { week: *week, budget: money / weeks.len() as f64 })
            .collect(),
        last: Some(budget * 2.0 * (n - i as f64) / (n * (n + 1.0))),
        value: Range::default(),
        actions: Range::default(),
        impressions: None,
        reach: None,
        carbon_g: None,
        marginal: 0.0,
        marginal_last: None,
        at_limit: None,
        reason: String::new(),
        reason_told: None,
        extrapolates: false,
        prior_only: false,
        observed_spend: segment.observed_spend,
        curve: Vec::new(),
    });
    Plan {
        version: 1,
        currency: Some(campaign.budget.currency()),
        budget,
        spent: budgets.iter().sum(),
        left_because: None,
        left_told: None,
        promise: None,
        actions: Range::default(),
        value: Range::default(),
        expected: None,
        without_shocks: None,
        next_test: None,
        incremental: Vec::new(),
        by_draw: None,
        certificate: Certificate {
            objective: 0.0,
            upper_bound: 0.0,
            gap: 0.0,
            gap_before_rounding: 0.0,
            status: Status::Optimal,
            nodes: 0,
        },
        chosen_over_promised: 1.0,
        prices: Vec::new(),
        findings: Vec::new(),
        rows: rows.collect(),
        baselines: Vec::new(),
        budget_curve: Vec::new(),
        sensitivity: Vec::new(),
        carbon_frontier: Vec::new(),
        carbon_g: None,
        carryover_range: None,
        next: None,
        fallback: None,
        resumed: None,
        campaign: Some(campaign.clone()),
        fingerprint: String::new(),
        tables: BTreeMap::new(),
        seed: Seed(1),
        digest: None,
    }
}
