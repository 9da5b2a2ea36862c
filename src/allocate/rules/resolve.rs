//! From a campaign and its candidate segments to a problem of pure numbers, rules with names.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::pacing;
use super::resolved::{Candidate, Resolved, RuleKind};
use crate::allocate::error::AllocateError;
use crate::allocate::problem::{Change, Problem, Rule, Term, Variable};
use crate::campaign::{Campaign, GroupMembers, GroupRule, MinIfFunded, SegmentRule, SpendRule};
use crate::response::curve::Curve;
use crate::response::table::Table;
use crate::rules::Tables;
use crate::segment::Attribute;

/// Builds the problem. `reference` is the last split scaled to this budget.
pub(crate) fn resolve(
    campaign: &Campaign,
    candidates: &[Candidate<'_>],
    tables: &Tables,
    reference: Option<&[f64]>,
) -> Result<Resolved, AllocateError> {
    if candidates.is_empty() {
        return Err(AllocateError::NoSegments);
    }
    let budget = campaign.budget.as_f64();
    let currency = campaign.budget.currency();
    let matched = Matcher { tables };
    let everywhere = [&campaign.limits.per_segment];
    let (variables, extrapolation): (Vec<Variable>, Vec<Option<f64>>) = candidates
        .iter()
        .map(|candidate| {
            let rules = rules_of(campaign, candidate, &matched, &everywhere);
            let extrapolation = rules.iter().find_map(|rule| rule.extrapolate_at_most);
            (variable(campaign, candidate, &matched, &rules), extrapolation)
        })
        .unzip();
    let mut rules = Vec::new();
    let mut kinds = Vec::new();
    for group in &campaign.limits.groups {
        for (name, members) in matched.groups(group, candidates)? {
            let low = group.min.map_or(0.0, |amount| amount.of(budget));
            let high = group.max.map_or(f64::INFINITY, |amount| amount.of(budget));
            rules.push(Rule::group(members, low, high));
            kinds.push(RuleKind::Group(name));
        }
    }
    if let Some(most) = campaign.limits.funded_at_most.filter(|most| *most < candidates.len()) {
        rules.push(Rule::funded_at_most(most, candidates.len()));
        kinds.push(RuleKind::Funded);
    }
    if let Some(cap) = campaign.limits.carbon_kg {
        // Its terms come with the account of emissions, where that is known.
        rules.push(Rule { low: f64::NEG_INFINITY, high: cap, terms: Vec::new() });
        kinds.push(RuleKind::Carbon);
    }
    for side in &campaign.limits.side {
        let coefficient = |candidate: &Candidate<'_>| {
            let found = side.per_money.iter().find(|(c, _)| matched.matches(candidate, c));
            found.map_or(0.0, |(_, coefficient)| *coefficient)
        };
        rules.push(media_rule(&variables, side.at_most, |i| coefficient(&candidates[i])));
        kinds.push(RuleKind::Side(side.name.clone()));
    }
    let change = match (campaign.limits.change_at_most, reference) {
        (Some(share), Some(reference)) => {
            Some(Change { reference: reference.to_vec(), at_most: share * budget })
        }
        (Some(_), None) => return Err(AllocateError::NoReference),
        (None, _) => None,
    };
    let problem = Problem {
        variables,
        budget_minor: campaign.budget.minor(),
        spend_all: campaign.spend == SpendRule::All,
        rules,
        change,
        cost_per_action: campaign.limits.cost_per_action,
        minor_per_unit: currency.minor_per_unit(),
        step: campaign.rounding.step(currency),
    };
    Ok(Resolved { problem, kinds, extrapolation, trust: None })
}

/// A ceiling on what media money (not the fixed cost) uses.
fn media_rule(variables: &[Variable], at_most: f64, coefficient: impl Fn(usize) -> f64) -> Rule {
    let terms = (0..variables.len())
        .map(|i| {
            let per_money = coefficient(i);
            Term {
                variable: i as u32,
                per_money,
                when_funded: -per_money * variables[i].fixed_cost,
            }
        })
        .filter(|term| term.per_money != 0.0);
    Rule { low: f64::NEG_INFINITY, high: at_most, terms: terms.collect() }
}

/// The rules that speak of a segment, the last one first: a later rule wins, field by field. Those
/// of `everywhere` come after all of them.
fn rules_of<'a, 'r>(
    campaign: &'a Campaign,
    candidate: &Candidate<'_>,
    matched: &Matcher<'_>,
    everywhere: &'r [&'a SegmentRule],
) -> Cow<'r, [&'a SegmentRule]> {
    let own = campaign.limits.segment.iter().rev();
    let mut rules: Vec<&SegmentRule> =
        own.filter(|(own, _)| matched.matches(candidate, own)).map(|(_, rule)| rule).collect();
    if rules.is_empty() {
        return Cow::Borrowed(everywhere);
    }
    rules.extend(everywhere);
    Cow::Owned(rules)
}

/// A curve that stands for one to come.
fn unknown_curve() -> Curve {
    Curve::Table(Arc::new(Table::new(&[(0.0, 0.0, 0.0), (1.0, 0.0, 0.0)])))
}

pub(crate) fn variable(
    campaign: &Campaign,
    candidate: &Candidate<'_>,
    matched: &Matcher<'_>,
    rules: &[&SegmentRule],
) -> Variable {
    let budget = campaign.budget.as_f64();
    let amount = |field: fn(&SegmentRule) -> Option<crate::campaign::Amount>| {
        rules.iter().find_map(|rule| field(rule)).map(|amount| amount.of(budget))
    };
    let fixed_cost =
        amount(|rule| rule.fixed_cost).unwrap_or(candidate.own(|known| known.fixed_cost));
    let mut min = candidate.own(|known| known.min).max(amount(|rule| rule.min).unwrap_or(0.0));
    let mut max = candidate.known.and_then(|known| known.max).unwrap_or(budget).min(budget);
    if let Some(most) = amount(|rule| rule.max) {
        max = max.min(most);
    }
    if let Some(pin) = amount(|rule| rule.pin) {
        // A pin outside its bounds leaves a least above a most, which is told as a clash.
        min = min.max(pin);
        max = max.min(pin);
    }
    let mut min_if_funded = candidate.own(|known| known.min_if_funded);
    match rules.iter().find_map(|rule| rule.min_if_funded) {
        Some(MinIfFunded::Amount(amount)) => min_if_funded = min_if_funded.max(amount.of(budget)),
        Some(MinIfFunded::Platform) => {
            // What the platform asks for is media money: the fixed cost comes on top.
            let least = candidate.attributes.get(Attribute::Network.column()).and_then(|network| {
                let currency = Some(campaign.budget.currency());
                matched.tables.platform_minimum(network, currency, campaign.flight.days())
            });
            min_if_funded = min_if_funded.max(least.map_or(0.0, |least| least + fixed_cost));
        }
        None => {}
    }
    if let Some(weekly) = campaign.limits.weekly_min {
        let least = pacing::least_for_weekly_minimum(campaign, candidate.pacing, weekly);
        min_if_funded = min_if_funded.max(least + fixed_cost);
    }
    let times = rules.iter().find_map(|rule| rule.extrapolate_at_most);
    if let Some(times) = times.filter(|_| candidate.observed > 0.0) {
        let busiest = candidate.pacing.iter().copied().fold(0.0, f64::max).max(1e-9);
        max = max.min(times * candidate.observed / busiest + fixed_cost);
    }
    if candidate.forbidden {
        (min, max) = (0.0, 0.0);
    }
    Variable {
        curve: candidate.known.map_or_else(unknown_curve, |known| known.curve.clone()),
        actions: None,
        min,
        max,
        min_if_funded,
        fixed_cost,
    }
}

/// Finds the segments that conditions cover.
pub(crate) struct Matcher<'a> {
    pub(crate) tables: &'a Tables,
}

/// Conditions may name groups of a curves file and segments beside attributes.
const GROUP: &str = "group";
const SEGMENT: &str = "segment";

impl Matcher<'_> {
    fn matches(
        &self,
        candidate: &Candidate<'_>,
        conditions: &BTreeMap<String, Vec<String>>,
    ) -> bool {
        conditions.iter().all(|(name, allowed)| match name.as_str() {
            GROUP if !candidate.groups().is_empty() => {
                candidate.groups().iter().any(|group| allowed.iter().any(|want| **want == **group))
            }
            SEGMENT if !candidate.attributes.contains_key(SEGMENT) => {
                allowed.iter().any(|want| want == candidate.id)
            }
            _ => candidate.attributes.get(name).is_some_and(|value| {
                allowed.iter().any(|want| {
                    want == value
                        || (name == Attribute::Territory.column()
                            && self.tables.contains(want, value))
                })
            }),
        })
    }

    /// The groups that a rule makes: name and members.
    fn groups(
        &self,
        rule: &GroupRule,
        candidates: &[Candidate<'_>],
    ) -> Result<Vec<(String, Vec<usize>)>, AllocateError> {
        match &rule.members {
            GroupMembers::Where(conditions) => {
                let members: Vec<usize> = (0..candidates.len())
                    .filter(|&i| self.matches(&candidates[i], conditions))
                    .collect();
                if members.is_empty() {
                    return Err(AllocateError::EmptyGroup(rule.name.clone()));
                }
                Ok(vec![(rule.name.clone(), members)])
            }
            GroupMembers::Each { attribute, level } => {
                let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
                for (i, candidate) in candidates.iter().enumerate() {
                    for value in self.values(candidate, attribute, level.as_deref()) {
                        if let Some(members) = groups.get_mut(&*value) {
                            members.push(i);
                        } else {
                            groups.insert(value.into_owned(), vec![i]);
                        }
                    }
                }
                if groups.is_empty() {
                    return Err(AllocateError::EmptyGroup(rule.name.clone()));
                }
                let name = |value: String| {
                    let shown =
                        self.tables.territory_name(&value).map_or(value.clone(), str::to_owned);
                    if rule.name.is_empty() { shown } else { format!("{} ({shown})", rule.name) }
                };
                Ok(groups.into_iter().map(|(value, members)| (name(value), members)).collect())
            }
        }
    }

    fn values<'c>(
        &self,
        candidate: &'c Candidate<'_>,
        attribute: &str,
        level: Option<&str>,
    ) -> Vec<Cow<'c, str>> {
        if attribute == GROUP && !candidate.groups().is_empty() {
            return candidate.groups().iter().map(|group| Cow::Borrowed(&**group)).collect();
        }
        let Some(value) = candidate.attributes.get(attribute) else { return Vec::new() };
        match level {
            Some(level) => {
                self.tables.territory_of_level(value, level).into_iter().map(Cow::Owned).collect()
            }
            None => vec![Cow::Borrowed(value.as_str())],
        }
    }
}
