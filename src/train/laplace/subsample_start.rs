//! A large panel's hyper-parameters are first looked for on a part of its segments.
//!
//! What scales and dispersions there are, and how they pull on each other, hardly depends on whether
//! five hundred or twenty thousand segments tell of it; how narrowly they are known does, with the
//! root of their number. So the search over all segments begins where that over some hundreds ended,
//! along its axes, where every evaluation is dear and pairs of hyper-parameters cannot be looked at.

use super::fit::Fitted;
use crate::train::data::design::Design;
use crate::train::density::state::{Layout, State, prior_mean};

/// Cells that a part has, about.
const PART: usize = 25_000;

/// The same design with some of its segments: those that a fixed scatter picks, and the first of
/// each network.
pub(crate) fn subsample_start(design: &Design) -> Design {
    let every = design.n_cells.div_ceil(PART).max(1);
    // Multiples of the golden ratio: no grid of attributes is in step with them.
    let scatter = |i: usize| ((i as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as usize;
    let first = |i: usize| design.networks.iter().any(|own| own.segments.first() == Some(&i));
    let picked: Vec<usize> = (0..design.segments.len())
        .filter(|i| scatter(*i).is_multiple_of(every) || first(*i))
        .collect();
    let mut part = Design {
        segments: picked.iter().map(|i| design.segments[*i].clone()).collect(),
        networks: design.networks.clone(),
        pooled: design.pooled.clone(),
        followed: design.followed.clone(),
        notes: design.notes.clone(),
        delays: design.delays.clone(),
        bare: design.bare.clone(),
        ..*design
    };
    for (n, network) in part.networks.iter_mut().enumerate() {
        let own =
            |(_, segment): &(usize, &crate::train::data::design::SegmentData)| segment.network == n;
        network.segments = part.segments.iter().enumerate().filter(own).map(|(i, _)| i).collect();
    }
    part.n_cells = part.segments.iter().map(|segment| segment.cells.len()).sum();
    part
}

/// Where the search over all segments begins: the part's shared effects, segments at their mean.
pub(crate) fn start(design: &Design, layout: &Layout, part: &Fitted) -> State {
    let mut state = State { theta: Vec::new(), ..part.state.clone() };
    let mean = |segment| prior_mean(design, layout, &state, segment);
    state.theta = design.segments.iter().map(mean).collect();
    state
}

/// Axes for a design of so many cells from those found with fewer (or as many).
pub(crate) fn directions(found: &Fitted, cells: (usize, usize), learnt: usize) -> Vec<Vec<f64>> {
    let narrower = (cells.0 as f64 / cells.1 as f64).sqrt();
    let direction =
        |axis: &super::fit::Axis| axis.direction.iter().map(|x| x * axis.sd() * narrower).collect();
    found.axes[..learnt].iter().map(direction).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Seed;
    use crate::train::data::design::Layers;
    use crate::train::data::specification::Specification;
    use crate::train::worlds::{Settings, world};

    #[test]
    fn a_part_has_some_segments_of_every_network_and_value() {
        let settings =
            Settings { ages: 20, territories: 40, networks: 2, weeks: 52, ..Settings::default() };
        let panel = world(&settings, Seed(3)).panel;
        let specification = Specification::default();
        let layers = Layers::new(&panel, &specification).unwrap();
        let design = Design::new(&panel, &specification, &layers).unwrap();
        let part = subsample_start(&design);
        assert!((PART / 2..2 * PART).contains(&part.n_cells), "{}", part.n_cells);
        for (n, network) in part.networks.iter().enumerate() {
            assert!(!network.segments.is_empty());
            assert!(network.segments.iter().all(|i| part.segments[*i].network == n));
        }
        for (a, attribute) in part.pooled.iter().enumerate() {
            for level in 0..attribute.levels.len() {
                assert!(part.segments.iter().any(|segment| segment.levels[a] == Some(level)));
            }
        }
    }
}
