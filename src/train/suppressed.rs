//! Small counts that a platform hides do not bend what is learnt.

use super::worlds::{Settings, World, world};
use super::{Specification, fit};
use crate::action::Action;
use crate::panel::{Panel, PanelNote, hidden};
use crate::random::Seed;

/// Weeks of few actions, about four each, in 24 audiences.
fn small_counts(seed: u64) -> World {
    let settings = Settings { ages: 4, territories: 3, size: 2.3, ..Settings::default() };
    world(&settings, Seed(seed))
}

/// The panel as a platform writes it that shows no count below a limit.
fn without_small(panel: &Panel, below: f64) -> Panel {
    let mut panel = panel.clone();
    for cell in &mut panel.cells {
        let count = cell.actions.get(Action::Clicks).unwrap_or_default();
        cell.actions.set(Action::Clicks, Some(if count < below { 0.0 } else { count }));
    }
    panel
}

/// Expected actions of all audiences at their usual spends, over the truth.
fn learnt_over_true(panel: &Panel, world: &World, seed: u64) -> f64 {
    let model = fit(panel, &Specification::default(), Seed(seed)).unwrap();
    let (mut learnt, mut truth) = (0.0, 0.0);
    for (i, own) in model.card().segments.iter().enumerate() {
        learnt += own.response.0;
        truth += world.response(i, own.mean_spend);
    }
    learnt / truth
}

#[test]
fn counts_hidden_below_five_and_written_as_zeros_are_learnt_as_what_they_are() {
    let (mut plain, mut mended) = (0.0, 0.0);
    for seed in 1..=3 {
        let world = small_counts(seed);
        let zeros = without_small(&world.panel, 5.0);
        let mut told = zeros.clone();
        told.notes = hidden::find(&mut told);
        let is_told = |note: &PanelNote| {
            matches!(note, PanelNote::HiddenCounts { kind: Action::Clicks, below: 5, .. })
        };
        assert_eq!(told.notes.iter().filter(|note| is_told(note)).count(), 2, "{:?}", told.notes);
        let own = learnt_over_true(&told, &world, seed);
        // Half of some 570 counts of about four are hidden: their sum is known to 3 % at best, and
        // the season to as much again.
        assert!((own - 1.0).abs() < 0.12, "seed {seed}: {own}");
        mended += own / 3.0;
        plain += learnt_over_true(&zeros, &world, seed) / 3.0;
    }
    assert!((mended - 1.0).abs() < 0.07, "{mended}");
    // What is mended: zeros taken at their word lose about a fifth of all actions.
    assert!(plain < 0.88, "{plain}");
}

#[test]
fn exact_counts_beside_hidden_ones_are_an_interval() {
    let world = small_counts(9);
    let mut panel = without_small(&world.panel, 5.0);
    panel.actions.push(Action::Shares);
    for (i, cell) in panel.cells.iter_mut().enumerate() {
        cell.actions.set(Action::Shares, Some((i % 4) as f64));
    }
    let notes = hidden::find(&mut panel);
    assert!(notes.iter().all(|note| matches!(
        note,
        PanelNote::HiddenCounts { kind: Action::Clicks, below: 5, .. }
    )));
    let hidden = panel.cells.iter().find(|cell| !cell.censored.is_empty()).unwrap();
    let shares = hidden.actions.get(Action::Shares).unwrap();
    assert_eq!(hidden.active_range(), Some((shares, shares + 4.0)));
    // A sum with another such week keeps what is known of both.
    let mut sum = hidden.clone();
    sum.add_actions(hidden);
    assert_eq!(sum.active_range(), Some((2.0 * shares, 2.0 * shares + 8.0)));
    let mut exact = hidden.clone();
    exact.set_range(Action::Clicks, (100.0, 100.0));
    sum.add_actions(&exact);
    assert_eq!(sum.range(Action::Clicks), Some((100.0, 108.0)));
}
