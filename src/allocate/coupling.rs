//! Rules that do not nest, and what is known of their prices.

use std::sync::Arc;

use super::problem::Problem;
use super::relax::Relaxed;

/// One rule outside the tree, in the form `low ≤ used ≤ high`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum OuterRule {
    /// Position among the problem's rules.
    Linear(usize),
    /// Change against the reference.
    Change,
    /// Mean cost per action.
    Cost,
}

/// The rules outside the tree.
#[derive(Debug, Clone)]
pub(super) struct Outer {
    pub(super) rules: Vec<OuterRule>,
    /// All rules as rows; empty when every rule nests.
    pub(super) coupling: Coupling,
    /// No plan is worth less: a bound below it proves that there is no plan.
    pub(super) worst: f64,
}

/// Weights of draws, and how soft the worst tail was when they were found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Weights {
    pub(super) by_draw: Vec<f64>,
    pub(super) softness: f64,
}

/// A solved relaxation with outer prices.
#[derive(Debug, Clone)]
pub(super) struct Priced {
    /// Upper bound on the value of every plan.
    pub(super) bound: f64,
    /// The tree's answers at the best outer prices.
    pub(super) relaxed: Relaxed,
    /// Outer prices, one per outer rule, per unit of the rule.
    pub(super) prices: Vec<f64>,
    /// A mixture of answers that (nearly) keeps all linear rules.
    pub(super) mixture: Vec<f64>,
    /// The prices can be trusted; otherwise much better ones may be near.
    pub(super) settled: bool,
    /// The problem that was priced, where a node has curves of its own.
    pub(super) problem: Option<Arc<Problem>>,
    /// The weights of draws behind those curves.
    pub(super) weights: Option<Arc<Weights>>,
    /// What it says of counts, where the node has some.
    pub(super) counted: Option<Counted>,
}

/// What a relaxation with counts says beside its prices.
#[derive(Debug, Clone)]
pub(super) struct Counted {
    /// Use of each row of the counts.
    pub(super) uses: Vec<f64>,
    /// What each segment's mixture loses against its best answer.
    pub(super) losses: Vec<f64>,
    /// How far each segment of a cluster is raised.
    pub(super) raised: Vec<f64>,
}

/// Where to start from.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Start<'a> {
    pub(super) money: Option<f64>,
    /// Price of money inside each node of the tree.
    pub(super) nodes: Option<&'a [f64]>,
    pub(super) outer: &'a [f64],
}

/// How hard to try.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effort {
    pub(super) tries: usize,
    pub(super) precision: f64,
    /// A bound below this is good enough (the node is lost anyway).
    pub(super) enough: f64,
}

/// All coupling rules as rows: the total, the tree's nodes, the rules outside the tree.
#[derive(Debug, Clone, Default)]
pub(super) struct Coupling {
    /// Limits of each row: finite, a limit that cannot be met standing in for none.
    pub(super) limits: Vec<(f64, f64)>,
    /// Which sides are rules.
    pub(super) real: Vec<(bool, bool)>,
    pub(super) size: Vec<f64>,
    /// Where each segment's terms start.
    pub(super) starts: Vec<u32>,
    /// Row, coefficient of money and of being funded.
    pub(super) terms: Vec<(u32, f64, f64)>,
    /// Rows of the rule on change and of the one on the cost per action.
    pub(super) change: Option<usize>,
    pub(super) cost: Option<usize>,
}
