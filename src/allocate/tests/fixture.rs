//! Small occasions for tests, built in code.

use std::collections::BTreeMap;
use std::path::Path;

use rand::{Rng, RngExt};

use crate::action::Action;
use crate::allocate::error::AllocateError;
use crate::allocate::plan::Plan;
use crate::allocate::{PlanRequest, Settings};
use crate::campaign::Campaign;
use crate::language::Language;
use crate::random::{Purpose, Seed};
use crate::reference::Reference;
use crate::rules::Tables;
use crate::segment::Segment;
use crate::train::posterior::draws::{Draws, ResponseDraw, SegmentDraws, SharedDraw};

/// A campaign of six weeks and 6000 EUR, with further lines.
pub(crate) fn campaign(more: &str) -> Campaign {
    let text = format!(
        "title = \"t\"\nbudget = \"6000 EUR\"\n\
         flight = {{ start = 2027-03-01, end = 2027-04-11 }}\n{more}"
    );
    Campaign::parse(&text, Path::new("campaign.toml")).unwrap()
}

/// Draws of `n` segments on two networks that differ in rate, size and certainty.
pub(crate) fn draws(n: usize, count: usize, seed: u64) -> Draws {
    let mut rng = Seed(seed).stream(Purpose::Generate, 0);
    let weeks = campaign("").weeks();
    let noise = |rng: &mut dyn Rng| rng.random_range(-1.0..1.0_f64);
    let shared = (0..count)
        .map(|_| SharedDraw {
            carryover: rng.random_range(0.1..0.5),
            dispersion: vec![5.0; 2],
            log_season: (0..2 * weeks.len()).map(|_| 0.1 * noise(&mut rng)).collect(),
            shock_sd: 0.1,
            incremental: vec![0.5; 2],
            delivery_sd: 0.1,
        })
        .collect();
    let segment = |i: usize, rng: &mut dyn Rng| {
        let network = ["facebook", "linkedin"][i % 2];
        let spread = 0.05 + 0.6 * (i % 4) as f64 / 3.0;
        let mut mix = [0.0; Action::COUNT];
        mix[Action::LinkClicks.index()] = 0.9 - 0.05 * (i % 3) as f64;
        mix[Action::Shares.index()] = 0.1 + 0.05 * (i % 3) as f64;
        SegmentDraws {
            segment: Segment {
                id: format!("segment {i}"),
                attributes: BTreeMap::from([("network".to_owned(), network.to_owned())]),
            },
            network: i % 2,
            prior_only: false,
            observed_spend: 60.0,
            reference_spend: 60.0,
            ground: None,
            form_sd: 0.0,
            draws: (0..count)
                .map(|_| ResponseDraw {
                    ceiling: 100.0 * (1.0 + i as f64 / 5.0) * (spread * noise(rng)).exp(),
                    scale: 90.0 * (0.3 * noise(rng)).exp(),
                    shape: 1.5,
                    cpm_rise: 0.0,
                    baseline: 0.0,
                    cpm: 6.0,
                    audience: 50_000.0,
                    reach_shape: 1.5,
                    mix,
                    follows_rate: 0.1,
                })
                .collect(),
        }
    };
    let segments = (0..n).map(|i| segment(i, &mut rng)).collect();
    let networks = ["facebook", "linkedin"].map(str::to_owned).to_vec();
    Draws { weeks, networks, tested: Vec::new(), shared, segments }
}

/// The plan of a campaign over draws.
pub(crate) fn divide(
    campaign: &Campaign,
    choose: &Draws,
    promise: &Draws,
) -> Result<Plan, AllocateError> {
    let last: Vec<f64> = (0..choose.segments.len()).map(|i| 50.0 + 10.0 * i as f64).collect();
    let tables = Tables::load(&Reference::default()).unwrap();
    crate::allocate::plan(&PlanRequest {
        promise,
        last: Some(&last),
        ..request(campaign, choose, &tables)
    })
}

/// A request that promises on the draws it chooses on, without a last split.
pub(crate) fn request<'a>(
    campaign: &'a Campaign,
    choose: &'a Draws,
    tables: &'a Tables,
) -> PlanRequest<'a> {
    PlanRequest {
        campaign,
        choose,
        promise: choose,
        last: None,
        tables,
        language: Language::En,
        seed: Seed(1),
        fingerprint: "test",
        earlier: None,
        history: None,
        asked: None,
        today: None,
        country: "FR",
        doubts: &[],
        money_in: Some(campaign.budget.currency()),
        settings: Settings::default(),
        bare: false,
    }
}
