//! Other ways to divide the same budget, for comparison: budget in, split out, within each
//! segment's own bounds as far as possible.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::allocate::problem::Problem;

/// A way to divide a budget, by its name in results: those of [`Policy`], the plan itself, and
/// those that a simulation lets think week by week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyName {
    /// Revised every week, from sampled curves.
    Adaptive,
    /// The cheapest engagement first.
    Cheapest,
    /// Equal shares.
    Equal,
    /// The most followers first.
    Followers,
    /// Revised every week, by the expected curves.
    Greedy,
    /// The last split.
    Last,
    /// Knows the future.
    Oracle,
    /// The plan.
    Plan,
    /// In proportion to past efficiency.
    Proportional,
    /// The plan by a test's schedule, divided anew after its weeks.
    Tested,
}

impl PolicyName {
    /// Every name.
    pub const ALL: [Self; 10] = [
        Self::Adaptive,
        Self::Cheapest,
        Self::Equal,
        Self::Followers,
        Self::Greedy,
        Self::Last,
        Self::Oracle,
        Self::Plan,
        Self::Proportional,
        Self::Tested,
    ];

    /// Its word in files, and the end of its message keys.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Adaptive => "adaptive",
            Self::Cheapest => "cheapest",
            Self::Equal => "equal",
            Self::Followers => "followers",
            Self::Greedy => "greedy",
            Self::Last => "last",
            Self::Oracle => "oracle",
            Self::Plan => "plan",
            Self::Proportional => "proportional",
            Self::Tested => "tested",
        }
    }
}

impl fmt::Display for PolicyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// A way to divide a budget that looks at no curve but its own idea.
pub trait Policy {
    /// Its name.
    fn name(&self) -> PolicyName;
    /// Budgets by segment, adding up to the problem's budget where the bounds let them.
    fn split(&self, problem: &Problem) -> Vec<f64>;
}

/// In proportion to given weights: the last split, equal shares, past efficiency.
#[derive(Debug, Clone, PartialEq)]
pub struct Proportional {
    /// Its name.
    pub name: PolicyName,
    /// One weight per segment, at least 0.
    pub weights: Vec<f64>,
}

/// Fills segments one after the other, best score first: cheapest engagement, most followers.
#[derive(Debug, Clone, PartialEq)]
pub struct BestFirst {
    /// Its name.
    pub name: PolicyName,
    /// One score per segment; a segment scored 0 gets nothing.
    pub scores: Vec<f64>,
}

/// The same for every segment.
#[must_use]
pub fn equal(segments: usize) -> Proportional {
    Proportional { name: PolicyName::Equal, weights: vec![1.0; segments] }
}

impl Policy for Proportional {
    fn name(&self) -> PolicyName {
        self.name
    }

    /// Scales the weights to the budget; what bounds cut off goes to the others in proportion,
    /// and a share below its segment's minimum is given up, the smallest first.
    fn split(&self, problem: &Problem) -> Vec<f64> {
        let mut funded: Vec<bool> = problem
            .variables
            .iter()
            .zip(&self.weights)
            .map(|(variable, weight)| {
                (*weight > 0.0 || variable.min > 0.0) && variable.least_funded() <= variable.max
            })
            .collect();
        loop {
            let budgets = self.pour(problem, &funded);
            let starved = (0..budgets.len())
                .filter(|&i| funded[i] && problem.variables[i].min <= 0.0)
                .filter(|&i| budgets[i] < problem.variables[i].least_funded() * (1.0 - 1e-12))
                .min_by(|&a, &b| self.weights[a].total_cmp(&self.weights[b]).then(a.cmp(&b)));
            match starved {
                Some(i) => funded[i] = false,
                None => return budgets,
            }
        }
    }
}

impl Proportional {
    /// `clamp(factor · weight, min, max)` with the factor at which it all adds up.
    fn pour(&self, problem: &Problem, funded: &[bool]) -> Vec<f64> {
        let at = |factor: f64| {
            problem.variables.iter().zip(&self.weights).zip(funded).map(
                move |((variable, weight), funded)| {
                    let wish = if *funded { factor * weight } else { 0.0 };
                    wish.max(variable.min).min(variable.max.max(variable.min))
                },
            )
        };
        let budget = problem.budget();
        let heaviest = self.weights.iter().copied().fold(0.0, f64::max).max(1e-300);
        let lightest = self.weights.iter().copied().filter(|w| *w > 0.0).fold(heaviest, f64::min);
        let (mut low, mut high) = (0.0, 2.0 * budget / lightest);
        for _ in 0..200 {
            let middle = 0.5 * (low + high);
            if middle == low {
                break;
            }
            if at(middle).sum::<f64>() <= budget { low = middle } else { high = middle }
        }
        at(low).collect()
    }
}

impl Policy for BestFirst {
    fn name(&self) -> PolicyName {
        self.name
    }

    fn split(&self, problem: &Problem) -> Vec<f64> {
        let mut budgets: Vec<f64> = problem.variables.iter().map(|variable| variable.min).collect();
        let mut left = problem.budget() - budgets.iter().sum::<f64>();
        let mut order: Vec<usize> =
            (0..self.scores.len()).filter(|&i| self.scores[i] > 0.0).collect();
        order.sort_by(|&a, &b| self.scores[b].total_cmp(&self.scores[a]).then(a.cmp(&b)));
        for i in order {
            let variable = &problem.variables[i];
            let more = (variable.max - budgets[i]).max(0.0).min(left.max(0.0));
            if more > 0.0 && budgets[i] + more >= variable.least_funded() {
                budgets[i] += more;
                left -= more;
            }
        }
        budgets
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocate::problem::Variable;
    use crate::response::exponential::Exponential;

    fn problem(bounds: &[(f64, f64, f64)]) -> Problem {
        let variable = |&(min, max, least): &(f64, f64, f64)| Variable {
            min_if_funded: least,
            ..Variable::new(Exponential { ceiling: 1.0, scale: 1.0 }.into(), min, max)
        };
        Problem::new(bounds.iter().map(variable).collect(), 100.0)
    }

    #[test]
    fn equal_shares_respect_bounds_and_add_up() {
        let split =
            equal(3).split(&problem(&[(0.0, 20.0, 0.0), (50.0, 90.0, 0.0), (0.0, 90.0, 0.0)]));
        let near = |a: f64, b: f64| (a - b).abs() < 1e-6;
        assert!(near(split[0], 20.0) && near(split[1], 50.0) && near(split[2], 30.0), "{split:?}");
    }

    #[test]
    fn shares_below_the_minimum_are_given_up() {
        let split = Proportional { name: PolicyName::Last, weights: vec![1.0, 5.0, 4.0] }
            .split(&problem(&[(0.0, 100.0, 20.0); 3]));
        assert_eq!(split[0], 0.0);
        assert!((split[1] - 500.0 / 9.0).abs() < 1e-6);
    }

    #[test]
    fn the_cheapest_is_filled_first() {
        let split = BestFirst { name: PolicyName::Cheapest, scores: vec![1.0, 3.0, 2.0] }
            .split(&problem(&[(0.0, 70.0, 0.0); 3]));
        assert_eq!(split, [0.0, 70.0, 30.0]);
    }
}
