//! Grouping many small ad sets into planning segments (linfa's k-means).
//!
//! Ad sets of different networks are bought apart and are never put together; the caller may keep
//! more attributes apart (age, territory). Within each such block, ad sets are points in
//! [`features`]: attributes, each of total variance 1, and two shrunk rates. k-means runs for
//! every number of groups; the number is the one with the highest *simplified silhouette* (Vendramin,
//! Campello and Hruschka 2010: distances to centroids, linear in ad sets), and one group when
//! even that is under 0.25 ("no substantial structure", Kaufman and Rousseeuw 1990).

mod features;
mod merge;

use self::features::Totals;

use std::collections::{BTreeMap, BTreeSet};

use linfa::DatasetBase;
use linfa::traits::{Fit, Predict};
use linfa_clustering::{KMeans, KMeansInit};
use ndarray::{Array2, ArrayView1};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::language::{Explain, Language};
use crate::panel::{Panel, told_apart};
use crate::random::{Purpose, Seed};
use crate::segment::{Segment, ToldApart};

/// How to group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// So many groups in all; `None`: the silhouette says.
    pub groups: Option<usize>,
    /// Attributes whose values are never put together.
    pub apart: Vec<String>,
    /// At most so many groups in one block.
    pub most_per_block: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { groups: None, apart: vec!["network".to_owned()], most_per_block: 12 }
    }
}

/// Ad sets, grouped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Grouping {
    /// The groups, by block and then by spend, the largest first.
    pub groups: Vec<Group>,
    /// Silhouette of every number of groups that was tried, by block.
    pub tried: BTreeMap<String, Vec<Tried>>,
    /// `silhouette`, or `asked` when the number was given.
    pub criterion: String,
}

/// A number of groups that was tried.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Tried {
    /// Groups.
    pub groups: usize,
    /// Mean simplified silhouette, in [−1, 1]; 0 for one group.
    pub silhouette: f64,
    /// Sum of squared distances to the centroids.
    pub scatter: f64,
}

/// The ad sets cannot be grouped as asked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum GroupError {
    /// The panel has no segments.
    #[error("the panel has no segments")]
    Empty,
    /// No segment is an audience: nothing breaks their money down.
    #[error("no segment is broken down by {}", attributes.join(", "))]
    NotBrokenDown {
        /// The attributes.
        attributes: Vec<String>,
        /// What the history tells apart of what was bought.
        apart: Vec<ToldApart>,
    },
    /// Fewer groups than blocks that must stay apart, or more than ad sets.
    #[error("found {found} groups, expected {least} to {most}")]
    Number {
        /// Groups asked for.
        found: usize,
        /// Blocks that stay apart.
        least: usize,
        /// Most that the ad sets allow.
        most: usize,
    },
}

impl Explain for GroupError {
    fn explain(&self, language: Language) -> String {
        match self {
            Self::Empty => language.text("error-segments-empty"),
            Self::NotBrokenDown { attributes, apart } => {
                language.not_broken_down(attributes, apart)
            }
            Self::Number { found, least, most } => language.say(
                "error-segments-number",
                &[
                    ("found", &found.to_string()),
                    ("least", &least.to_string()),
                    ("most", &most.to_string()),
                ],
            ),
        }
    }
}

/// Silhouettes under this speak of no structure.
const LEAST_SILHOUETTE: f64 = 0.25;

/// Ad sets that may be put together, and the solutions found for them: entry `k − 1` has `k`
/// groups.
struct Block {
    name: String,
    segments: Vec<usize>,
    solutions: Vec<Solution>,
}

struct Solution {
    tried: Tried,
    /// Group of each segment of the block.
    labels: Vec<usize>,
}

/// Groups the audiences of a panel. Money that nothing breaks down is in no group.
///
/// The answer does not depend on the order of segments or cells: everything is sorted first.
///
/// # Errors
///
/// [`GroupError`] for an empty panel, and a number of groups that cannot be had.
pub fn group(panel: &Panel, settings: &Settings, seed: Seed) -> Result<Grouping, GroupError> {
    if panel.segments.is_empty() {
        return Err(GroupError::Empty);
    }
    if !panel.segments.iter().any(Segment::is_audience) {
        let names = panel.segments.iter().flat_map(Segment::not_broken_down);
        let attributes: BTreeSet<String> = names.map(str::to_owned).collect();
        let apart = told_apart(&panel.notes).to_vec();
        return Err(GroupError::NotBrokenDown {
            attributes: attributes.into_iter().collect(),
            apart,
        });
    }
    let totals = features::totals(panel);
    let blocks: Vec<Block> = blocks(panel, settings)
        .into_iter()
        .enumerate()
        .map(|(id, (name, segments))| {
            let solutions = solve(panel, &totals, &segments, settings, seed, id as u64);
            Block { name, segments, solutions }
        })
        .collect();
    let numbers = match settings.groups {
        Some(asked) => share_out(&blocks, asked)?,
        None => blocks.iter().map(best_number).collect(),
    };
    let criterion = if settings.groups.is_some() { "asked" } else { "silhouette" };
    Ok(Grouping {
        groups: merge::groups(panel, &totals, &chosen(&blocks, &numbers)),
        tried: blocks
            .iter()
            .map(|block| (block.name.clone(), block.solutions.iter().map(|s| s.tried).collect()))
            .collect(),
        criterion: criterion.to_owned(),
    })
}

/// Audiences that share the attributes that stay apart, sorted by id.
fn blocks(panel: &Panel, settings: &Settings) -> BTreeMap<String, Vec<usize>> {
    let mut blocks: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let audiences = panel.segments.iter().enumerate().filter(|(_, own)| own.is_audience());
    for (i, segment) in audiences {
        let values = settings.apart.iter().filter_map(|name| segment.attributes.get(name));
        let name = values.map(String::as_str).collect::<Vec<_>>().join(super::JOINT);
        blocks.entry(name).or_default().push(i);
    }
    for segments in blocks.values_mut() {
        segments.sort_by(|&a, &b| panel.segments[a].cmp(&panel.segments[b]));
    }
    blocks
}

/// k-means for 1, 2, … groups.
fn solve(
    panel: &Panel,
    totals: &[Totals],
    segments: &[usize],
    settings: &Settings,
    seed: Seed,
    block: u64,
) -> Vec<Solution> {
    let points = features::matrix(panel, totals, segments);
    let asked = settings.groups.unwrap_or(0);
    let most = distinct_rows(&points).min(settings.most_per_block.max(asked)).max(1);
    let mut solutions = vec![one_group(&points)];
    for n_groups in 2..=most {
        // Streams belong to (block, number of groups): adding a block moves no other.
        let rng = seed.for_linfa(Purpose::Group, block << 32 | n_groups as u64);
        let data = DatasetBase::from(points.clone());
        let model = KMeans::params_with_rng(n_groups, rng)
            .init_method(KMeansInit::KMeansPlusPlus)
            .n_runs(10)
            .max_n_iterations(200)
            .tolerance(1e-6)
            .fit(&data);
        // linfa gives up when a start leaves distances that are not numbers: fewer groups then.
        let Ok(model) = model else { break };
        let labels: Vec<usize> = model.predict(&points).to_vec();
        let (silhouette, scatter) = silhouette(&points, model.centroids(), &labels);
        let tried = Tried { groups: n_groups, silhouette, scatter };
        solutions.push(Solution { tried, labels });
    }
    solutions
}

fn one_group(points: &Array2<f64>) -> Solution {
    let centre = points.mean_axis(ndarray::Axis(0)).expect("a block has a segment");
    let scatter = points.rows().into_iter().map(|row| squared(row, centre.view())).sum();
    let tried = Tried { groups: 1, silhouette: 0.0, scatter };
    Solution { tried, labels: vec![0; points.nrows()] }
}

fn distinct_rows(points: &Array2<f64>) -> usize {
    let bits = |row: ArrayView1<'_, f64>| row.iter().map(|x| x.to_bits()).collect::<Vec<u64>>();
    points.rows().into_iter().map(bits).collect::<BTreeSet<_>>().len()
}

fn squared(a: ArrayView1<'_, f64>, b: ArrayView1<'_, f64>) -> f64 {
    a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum()
}

/// Mean simplified silhouette `(b − a) / max(a, b)`, with `a` the distance to the own centroid and
/// `b` to the nearest other; and the scatter `Σ a²`. A group of one point counts 0.
fn silhouette(points: &Array2<f64>, centroids: &Array2<f64>, labels: &[usize]) -> (f64, f64) {
    let mut sizes = vec![0_usize; centroids.nrows()];
    for &label in labels {
        sizes[label] += 1;
    }
    let (mut total, mut scatter) = (0.0, 0.0);
    for (row, &label) in points.rows().into_iter().zip(labels) {
        let own = squared(row, centroids.row(label));
        scatter += own;
        let others = (0..centroids.nrows()).filter(|&other| other != label && sizes[other] > 0);
        let nearest = others.map(|o| squared(row, centroids.row(o))).fold(f64::INFINITY, f64::min);
        let (a, b) = (own.sqrt(), nearest.sqrt());
        if sizes[label] > 1 && b.is_finite() && a.max(b) > 0.0 {
            total += (b - a) / a.max(b);
        }
    }
    (total / labels.len() as f64, scatter)
}

/// The number of groups with the highest silhouette, the smallest of equals.
fn best_number(block: &Block) -> usize {
    let mut best = 1;
    let mut highest = LEAST_SILHOUETTE;
    for solution in &block.solutions {
        if solution.tried.silhouette > highest {
            (best, highest) = (solution.tried.groups, solution.tried.silhouette);
        }
    }
    best
}

/// Shares out a given number of groups: each block has one, and each further group goes where it
/// lowers the scatter most.
fn share_out(blocks: &[Block], asked: usize) -> Result<Vec<usize>, GroupError> {
    let most = blocks.iter().map(|block| block.solutions.len()).sum();
    if asked < blocks.len() || asked > most {
        return Err(GroupError::Number { found: asked, least: blocks.len(), most });
    }
    let mut numbers = vec![1; blocks.len()];
    for _ in blocks.len()..asked {
        let gain = |b: usize| -> Option<f64> {
            let solutions = &blocks[b].solutions;
            let next = solutions.get(numbers[b])?;
            Some(solutions[numbers[b] - 1].tried.scatter - next.tried.scatter)
        };
        let next = (0..blocks.len())
            .filter_map(|b| Some((b, gain(b)?)))
            .reduce(|best, other| if other.1 > best.1 { other } else { best });
        let (block, _) = next.expect("`asked` does not exceed what the blocks can have");
        numbers[block] += 1;
    }
    Ok(numbers)
}

/// The members of every group, block by block.
fn chosen(blocks: &[Block], numbers: &[usize]) -> Vec<Vec<Vec<usize>>> {
    let groups_of = |(block, &number): (&Block, &usize)| {
        let mut members = vec![Vec::new(); number];
        let labels = &block.solutions[number - 1].labels;
        for (&segment, &label) in block.segments.iter().zip(labels) {
            members[label].push(segment);
        }
        members.retain(|members| !members.is_empty());
        members
    };
    blocks.iter().zip(numbers).map(groups_of).collect()
}

impl Grouping {
    /// The panel with groups in the place of ad sets: cells of the same period are added. What is
    /// in no group stays as it is.
    #[must_use]
    pub fn panel(&self, panel: &Panel) -> Panel {
        merge::panel(panel, &self.groups)
    }
}

mod group;
#[cfg(test)]
mod tests;

pub use group::Group;
