//! A campaign's rules for its candidates, as a problem whose rules keep their names.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::allocate::candidates::known::KnownCurve;
use crate::allocate::error::{AllocateError, NamedClash};
use crate::allocate::problem::bound::{LimitUnit, RuleName};
use crate::allocate::problem::{Problem, Variable};
use crate::allocate::solver::conflict::{Clashing, Conflict};
use crate::allocate::solver::solve::Unsolvable;
use crate::campaign::Campaign;
use crate::train::posterior::draws::Ground;

/// A segment that may be funded, with what its source says of it.
#[derive(Debug, Clone)]
pub(crate) struct Candidate<'a> {
    pub(crate) id: &'a str,
    pub(crate) attributes: &'a BTreeMap<String, String>,
    /// What a curves file says of it; without one its curve and bounds come later.
    pub(crate) known: Option<&'a KnownCurve>,
    /// Highest weekly spend seen; 0 without history.
    pub(crate) observed: f64,
    /// Shares of the weeks.
    pub(crate) pacing: &'a [f64],
    /// A rule of the world forces it to 0.
    pub(crate) forbidden: bool,
    /// What its history vouches for; `None` without one.
    pub(crate) ground: Option<Ground>,
}

impl Candidate<'_> {
    pub(crate) fn groups(&self) -> &[Arc<str>] {
        self.known.map_or(&[], |known| &known.groups)
    }

    /// A number of its curves file, 0 without one.
    pub(crate) fn own(&self, field: fn(&KnownCurve) -> f64) -> f64 {
        self.known.map_or(0.0, field)
    }
}

/// What a rule is, for people.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum RuleKind {
    /// A planner's group.
    Group(String),
    /// At most so many funded segments.
    Funded,
    /// The carbon cap, kg.
    Carbon,
    /// Another linear limit.
    Side(String),
    /// Audiences without a week of their own to go by: bounded by default.
    Untried,
}

impl RuleKind {
    /// Which rule it is.
    pub(crate) fn name(&self) -> RuleName {
        match self {
            Self::Group(name) | Self::Side(name) => RuleName::Own(name.clone()),
            Self::Funded => RuleName::FundedAtMost,
            Self::Carbon => RuleName::Carbon,
            Self::Untried => RuleName::UntriedAtMost,
        }
    }

    /// What its limit counts.
    pub(crate) fn unit(&self) -> LimitUnit {
        match self {
            Self::Group(_) | Self::Untried => LimitUnit::Money,
            Self::Side(_) => LimitUnit::Side,
            Self::Funded => LimitUnit::Segments,
            Self::Carbon => LimitUnit::Carbon,
        }
    }
}

/// A problem with the names of its rules.
#[derive(Debug, Clone)]
pub(crate) struct Resolved {
    pub(crate) problem: Problem,
    pub(crate) kinds: Vec<RuleKind>,
    /// The written bound on extrapolation of each segment.
    pub(crate) extrapolation: Vec<Option<f64>>,
    /// What bounds the plan by default.
    pub(crate) trust: Option<Trust>,
}

impl Resolved {
    /// The problem of the written rules alone.
    pub(crate) fn written(&self) -> Problem {
        let mut problem = self.problem.clone();
        if let Some(trust) = &self.trust {
            trust.lift(&mut problem, &self.kinds);
        }
        problem
    }
}

impl Resolved {
    /// Puts names to what made a problem unsolvable.
    pub(crate) fn name(
        &self,
        trouble: Unsolvable,
        campaign: &Campaign,
        candidates: &[Candidate<'_>],
    ) -> AllocateError {
        match trouble {
            Unsolvable::Conflict(conflict) => {
                let sets = std::iter::successors(Some(&conflict), |one| one.then.as_deref());
                let named = |one| self.name_clashes(one, campaign, candidates);
                let clashes = sets.map(named).collect();
                AllocateError::Conflict { clashes, currency: Some(campaign.budget.currency()) }
            }
            Unsolvable::NoCombination => match self.problem.cost_per_action {
                Some(asked) => AllocateError::CostPerAction {
                    asked,
                    currency: Some(campaign.budget.currency()),
                },
                None => AllocateError::NoCombination,
            },
            Unsolvable::Indivisible { below, above } => AllocateError::Indivisible {
                asked: self.problem.budget(),
                nearest: below.into_iter().chain(above).filter(|amount| *amount > 0.0).collect(),
                currency: Some(campaign.budget.currency()),
            },
            Unsolvable::Undecided { nodes } => AllocateError::Undecided { nodes },
            Unsolvable::NoSegments => AllocateError::NoSegments,
            Unsolvable::NotNumbers(i) => AllocateError::NotNumbers(candidates[i].id.to_owned()),
        }
    }

    fn name_clashes(
        &self,
        conflict: &Conflict,
        campaign: &Campaign,
        candidates: &[Candidate<'_>],
    ) -> Vec<NamedClash> {
        let budget = campaign.budget.as_f64();
        let list = |members: &[usize]| {
            let ids: BTreeSet<&str> = members.iter().map(|&i| candidates[i].id).collect();
            let first: Vec<&str> = ids.iter().copied().take(5).collect();
            let more = if ids.len() > 5 { format!(" … ({})", ids.len()) } else { String::new() };
            first.join(", ") + &more
        };
        let sum = |members: &[usize], of: fn(&Variable) -> f64| -> Option<f64> {
            Some(members.iter().map(|&i| of(&self.problem.variables[i])).sum())
        };
        conflict
            .clashes
            .iter()
            .map(|clash| {
                let give = clash.give;
                let named = |kind, name: String, limit| NamedClash {
                    kind,
                    name,
                    limit,
                    give,
                    is_money: true,
                    is_enough: true,
                };
                let clashing = match &clash.rule {
                    Clashing::BudgetTooSmall => named("budget-small", String::new(), Some(budget)),
                    Clashing::BudgetTooLarge => named("budget-large", String::new(), Some(budget)),
                    Clashing::Floor(j) => {
                        self.name_rule(*j, "floor", self.problem.rules[*j].low, give)
                    }
                    Clashing::Ceiling(j) => {
                        self.name_rule(*j, "ceiling", self.problem.rules[*j].high, give)
                    }
                    Clashing::Minimums(members) => {
                        let least = |variable: &Variable| {
                            if variable.min > 0.0 { variable.least_funded() } else { 0.0 }
                        };
                        named("minimums", list(members), sum(members, least))
                    }
                    Clashing::Maximums(members) => {
                        named("maximums", list(members), sum(members, |variable| variable.max))
                    }
                    Clashing::Change => {
                        let at_most = self.problem.change.as_ref().map(|change| change.at_most);
                        named("change", String::new(), at_most)
                    }
                    Clashing::MinimumsIfFunded => named("minimums-if-funded", String::new(), None),
                };
                NamedClash { is_enough: clash.is_enough, ..clashing }
            })
            .collect()
    }

    fn name_rule(&self, j: usize, side: &'static str, limit: f64, give: f64) -> NamedClash {
        let (kind, name, is_money) = match &self.kinds[j] {
            RuleKind::Group(name) if side == "floor" => ("group-floor", name.clone(), true),
            RuleKind::Group(name) => ("group-ceiling", name.clone(), true),
            RuleKind::Funded => ("funded", String::new(), false),
            RuleKind::Carbon => ("carbon", String::new(), false),
            RuleKind::Side(name) => ("side", name.clone(), false),
            RuleKind::Untried => ("untried", String::new(), true),
        };
        NamedClash { kind, name, limit: Some(limit), give, is_money, is_enough: true }
    }
}

/// The defaults of one campaign, and how far they gave way.
#[derive(Debug, Clone)]
pub(crate) struct Trust {
    /// Most money of each segment, its fixed cost included, before anything gives way; `None`
    /// where a written rule stands in the place of the default, or nothing tells.
    pub(crate) ceilings: Vec<Option<f64>>,
    /// Segments without weeks of their own to go by.
    pub(crate) untried: Vec<usize>,
    /// What movement is counted from, where it is bounded.
    pub(crate) anchor: Option<Vec<f64>>,
    /// What the written rules allow each segment.
    pub(crate) written: Vec<f64>,
    /// How far the defaults gave way; 1 where they hold as they are.
    pub(crate) factor: f64,
}
