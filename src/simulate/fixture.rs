//! A small posterior made in code, for tests and benches of this stage.

use std::collections::BTreeMap;

use rand_distr::{Distribution, StandardNormal};

use crate::action::Action;
use crate::random::{Purpose, Seed};
use crate::segment::Segment;
use crate::train::draws::{Draws, ResponseDraw, SegmentDraws, SharedDraw};
use crate::units::Week;

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
