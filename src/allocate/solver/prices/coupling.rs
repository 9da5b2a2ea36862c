//! Rules that do not nest, and what is known of their prices.

use std::sync::Arc;

use super::relax::Relaxed;
use crate::allocate::problem::Problem;

/// Up to so many rules all are looked at at once; of more, those are taken in that a plan breaks.
pub(crate) const MANY: usize = 48;

/// One rule outside the tree, in the form `low ≤ used ≤ high`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum CrossingRule {
    /// Position among the problem's rules.
    Linear(usize),
    /// Change against the reference.
    Change,
    /// Mean cost per action.
    Cost,
}

/// The rules outside the tree.
#[derive(Debug, Clone)]
pub(crate) struct CrossingRules {
    pub(crate) rules: Vec<CrossingRule>,
    /// All rules as rows; empty when every rule nests.
    pub(crate) coupling: Coupling,
    /// No plan is worth less: a bound below it proves that there is no plan.
    pub(crate) worst: f64,
}

/// Weights of draws, and how soft the worst tail was when they were found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Weights {
    pub(crate) by_draw: Vec<f64>,
    pub(crate) softness: f64,
}

/// A solved relaxation with outer prices.
#[derive(Debug, Clone)]
pub(crate) struct Priced {
    /// Upper bound on the value of every plan.
    pub(crate) bound: f64,
    /// The tree's answers at the best outer prices.
    pub(crate) relaxed: Relaxed,
    /// Outer prices, one per outer rule, per unit of the rule.
    pub(crate) prices: Vec<f64>,
    /// A combination of answers that (nearly) keeps all linear rules.
    pub(crate) combination: Vec<f64>,
    /// The prices can be trusted; otherwise much better ones may be near.
    pub(crate) settled: bool,
    /// The problem that was priced, where a node has curves of its own.
    pub(crate) problem: Option<Arc<Problem>>,
    /// The weights of draws behind those curves.
    pub(crate) weights: Option<Arc<Weights>>,
    /// What it says of counts, where the node has some.
    pub(crate) counted: Option<Counted>,
}

/// What a relaxation with counts says beside its prices.
#[derive(Debug, Clone)]
pub(crate) struct Counted {
    /// Use of each row of the counts.
    pub(crate) uses: Vec<f64>,
    /// What each segment's combination loses against its best answer.
    pub(crate) losses: Vec<f64>,
    /// How far each segment of a cluster is raised.
    pub(crate) raised: Vec<f64>,
}

/// Where to start from.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Start<'a> {
    pub(crate) money: Option<f64>,
    /// Price of money inside each node of the tree.
    pub(crate) nodes: Option<&'a [f64]>,
    pub(crate) outer: &'a [f64],
}

/// How hard to try.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effort {
    pub(crate) tries: usize,
    pub(crate) precision: f64,
    /// A bound below this is good enough (the node is lost anyway).
    pub(crate) enough: f64,
}

/// All coupling rules as rows: the total, the tree's nodes, the rules outside the tree.
#[derive(Debug, Clone, Default)]
pub(crate) struct Coupling {
    /// Limits of each row: finite, a limit that cannot be met standing in for none.
    pub(crate) limits: Vec<(f64, f64)>,
    /// Which sides are rules.
    pub(crate) real: Vec<(bool, bool)>,
    pub(crate) size: Vec<f64>,
    /// Where each segment's terms start.
    pub(crate) starts: Vec<u32>,
    /// Row, coefficient of money and of being funded.
    pub(crate) terms: Vec<(u32, f64, f64)>,
    /// Rows of the rule on change and of the one on the cost per action.
    pub(crate) change: Option<usize>,
    pub(crate) cost: Option<usize>,
}
