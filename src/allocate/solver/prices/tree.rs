//! Rules that nest (territories in their parents, disjoint groups) as a tree, priced exactly.

use crate::allocate::problem::Problem;

/// The total and the nested group rules. Node 0 is the total; parents come before children.
#[derive(Debug, Clone)]
pub(crate) struct Tree {
    pub(crate) nodes: Vec<Node>,
    /// The innermost node of each seat.
    pub(crate) home: Vec<u32>,
    /// Rules that do not nest with the others.
    pub(crate) crossing: Vec<usize>,
}

/// One rule of the tree.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) parent: usize,
    pub(crate) low: f64,
    pub(crate) high: f64,
    /// Position among the problem's rules; `None` for the total.
    pub(crate) rule: Option<usize>,
}

impl Tree {
    /// Takes every group rule that nests with those taken before, largest first.
    pub(crate) fn new(problem: &Problem) -> Self {
        let budget = problem.budget();
        let low = if problem.spend_all { budget } else { 0.0 };
        let mut tree = Self {
            nodes: vec![Node { parent: 0, low, high: budget, rule: None }],
            home: vec![0; problem.variables.len()],
            crossing: Vec::new(),
        };
        let mut order: Vec<usize> = (0..problem.rules.len()).collect();
        order.sort_by_key(|&rule| std::cmp::Reverse(problem.rules[rule].terms.len()));
        let mut size = vec![problem.variables.len()];
        for rule in order {
            tree.take(problem, rule, &mut size);
        }
        tree.crossing.sort_unstable();
        tree
    }

    fn take(&mut self, problem: &Problem, index: usize, size: &mut Vec<usize>) {
        let rule = &problem.rules[index];
        let home = rule.terms.first().map(|term| self.home[term.variable as usize]);
        // It nests when all its members share one innermost rule so far: larger ones came first.
        let nests = rule.is_group()
            && home.is_some_and(|home| {
                rule.terms.iter().all(|term| self.home[term.variable as usize] == home)
            });
        let Some(parent) = home.filter(|_| nests) else {
            self.crossing.push(index);
            return;
        };
        let node = self.nodes.len() as u32;
        for term in &rule.terms {
            self.home[term.variable as usize] = node;
        }
        size.push(rule.terms.len());
        // Money is never negative, so a missing floor is 0.
        let low = rule.low.max(0.0);
        self.nodes.push(Node { parent: parent as usize, low, high: rule.high, rule: Some(index) });
    }

    /// Adds each node's own sum and its children's, children cut to their limits; also tells the
    /// sums before cutting.
    pub(crate) fn roll_up(&self, own: &[f64]) -> Vec<f64> {
        let mut sums = own.to_vec();
        for n in (1..self.nodes.len()).rev() {
            let node = &self.nodes[n];
            sums[node.parent] += sums[n].clamp(node.low, node.high);
        }
        sums
    }
}
