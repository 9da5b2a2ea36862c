//! The terms of a plan over known curves, read from its campaign.

use std::collections::{BTreeMap, BTreeSet};

use super::terms::{Bend, Part, Returns, RowTerms, RuleTerms, Terms};
use crate::allocate::KnownCurve;
use crate::allocate::problem::bound::RuleName;
use crate::campaign::{
    Amount, Campaign, GroupMembers, GroupRule, MinIfFunded, Pacing, SegmentRule, SpendRule,
};
use crate::response::curve::Curve;

/// Known curves in the order of a plan's rows.
pub(super) struct Known<'a> {
    curves: Vec<&'a KnownCurve>,
}

impl<'a> Known<'a> {
    /// The curves of segments, in their order; the first one that has none is the error.
    pub(super) fn of(curves: &'a [KnownCurve], segments: &[&str]) -> Result<Self, String> {
        let by_name: BTreeMap<&str, &KnownCurve> =
            curves.iter().map(|own| (own.segment.as_str(), own)).collect();
        let curve = |name: &&str| by_name.get(name).copied().ok_or_else(|| (*name).to_owned());
        Ok(Self { curves: segments.iter().map(curve).collect::<Result<_, _>>()? })
    }

    /// What a campaign asks of a plan over these curves.
    pub(super) fn terms<'t>(&'t self, campaign: &Campaign) -> Terms<'t> {
        let budget = campaign.budget.as_f64();
        let rows: Vec<RowTerms> = self.curves.iter().map(|own| row(campaign, own)).collect();
        let limits = &campaign.limits;
        let mut rules: Vec<RuleTerms> =
            limits.groups.iter().flat_map(|rule| self.groups(rule, budget)).collect();
        if let Some(most) = limits.funded_at_most {
            let part = |row| Part { row, per_money: 0.0, when_funded: 1.0 };
            rules.push(RuleTerms {
                name: RuleName::FundedAtMost,
                low: f64::NEG_INFINITY,
                high: most as f64,
                parts: (0..rows.len()).map(part).collect(),
            });
        }
        for side in &limits.side {
            let part = |(i, own): (usize, &&KnownCurve)| {
                let (_, each) = side.per_money.iter().find(|(asked, _)| covers(asked, own))?;
                // It counts media money, not the fixed cost.
                Some(Part { row: i, per_money: *each, when_funded: -each * rows[i].fixed })
            };
            rules.push(RuleTerms {
                name: RuleName::Own(side.name.clone()),
                low: f64::NEG_INFINITY,
                high: side.at_most,
                parts: self.curves.iter().enumerate().filter_map(part).collect(),
            });
        }
        Terms {
            rows,
            budget,
            must_spend: campaign.spend == SpendRule::All,
            rules,
            change: None,
            cost_per_action: limits.cost_per_action,
            carbon: None,
            unit: 1.0 / campaign.budget.currency().minor_per_unit() as f64,
            returns: self,
        }
    }

    /// The rules that a group rule makes.
    fn groups(&self, rule: &GroupRule, budget: f64) -> Vec<RuleTerms> {
        let part = |row| Part { row, per_money: 1.0, when_funded: 0.0 };
        let terms = |name: String, members: Vec<usize>| RuleTerms {
            name: RuleName::Own(name),
            low: rule.min.map_or(0.0, |amount| amount.of(budget)),
            high: rule.max.map_or(f64::INFINITY, |amount| amount.of(budget)),
            parts: members.into_iter().map(part).collect(),
        };
        let members = |is_in: &dyn Fn(&KnownCurve) -> bool| -> Vec<usize> {
            (0..self.curves.len()).filter(|&i| is_in(self.curves[i])).collect()
        };
        match &rule.members {
            GroupMembers::Where(asked) => {
                vec![terms(rule.name.clone(), members(&|own| covers(asked, own)))]
            }
            // Known curves are told apart by their groups alone.
            GroupMembers::Each { .. } => {
                let values: BTreeSet<&str> =
                    self.curves.iter().flat_map(|own| own.groups.iter().map(|g| &**g)).collect();
                let named = |value: &str| match rule.name.as_str() {
                    "" => value.to_owned(),
                    name => format!("{name} ({value})"),
                };
                let of = |value: &&str| {
                    terms(named(value), members(&|own| own.groups.iter().any(|g| **g == **value)))
                };
                values.iter().map(of).collect()
            }
        }
    }
}

impl Returns for Known<'_> {
    fn value(&self, row: usize, media: f64) -> (f64, f64) {
        let curve = &self.curves[row].curve;
        (curve.value(media), curve.slope(media))
    }

    fn kilograms(&self, _: usize, _: f64) -> f64 {
        0.0
    }

    fn bends(&self, row: usize) -> Vec<(f64, Bend)> {
        match &self.curves[row].curve {
            Curve::Hill(hill) if hill.slope > 1.0 => {
                let (n, scale) = (hill.slope, hill.scale);
                let turn = scale * ((n - 1.0) / (n + 1.0)).powf(1.0 / n);
                vec![(0.0, Bend::Convex), (turn, Bend::Concave)]
            }
            Curve::Power(power) if power.exponent > 1.0 => vec![(0.0, Bend::Convex)],
            Curve::Exposure { .. }
            | Curve::Exponential { .. }
            | Curve::Hill(_)
            | Curve::Power(_) => {
                vec![(0.0, Bend::Concave)]
            }
            // Between corners a line is its own chord.
            Curve::Points(points) => {
                points.corners().iter().map(|corner| (*corner, Bend::Convex)).collect()
            }
            Curve::Table(_) => vec![(0.0, Bend::Rising)],
        }
    }
}

/// Whether conditions cover a curve: they may name its groups and itself.
fn covers(asked: &BTreeMap<String, Vec<String>>, own: &KnownCurve) -> bool {
    asked.iter().all(|(name, allowed)| match name.as_str() {
        "group" => own.groups.iter().any(|group| allowed.iter().any(|want| **want == **group)),
        "segment" => allowed.contains(&own.segment),
        _ => false,
    })
}

fn row(campaign: &Campaign, own: &KnownCurve) -> RowTerms {
    let limits = &campaign.limits;
    let budget = campaign.budget.as_f64();
    let special = limits.segment.iter().filter(|(asked, _)| covers(asked, own));
    // The last rule that says something of a field is the one that holds.
    let rules: Vec<&SegmentRule> =
        std::iter::once(&limits.per_segment).chain(special.map(|(_, rule)| rule)).collect();
    let amount = |field: fn(&SegmentRule) -> Option<Amount>| {
        rules.iter().filter_map(|rule| field(rule)).next_back().map(|amount| amount.of(budget))
    };
    let fixed = amount(|rule| rule.fixed_cost).unwrap_or(own.fixed_cost);
    let pin = amount(|rule| rule.pin);
    let mins = [Some(own.min), amount(|rule| rule.min), pin];
    let maxs = [own.max, amount(|rule| rule.max), pin];
    let min = mins.into_iter().flatten().fold(0.0, f64::max);
    let most = maxs.into_iter().flatten().fold(budget, f64::min);
    let written = rules.iter().filter_map(|rule| rule.min_if_funded).next_back();
    let if_funded = match written {
        Some(MinIfFunded::Amount(amount)) => amount.of(budget),
        // A platform's minimum is its network's: a known curve names none.
        Some(MinIfFunded::Platform) | None => 0.0,
    };
    let weekly = limits.weekly_min.map_or(0.0, |weekly| least_for(campaign, weekly) + fixed);
    let least = [min, own.min_if_funded, if_funded, weekly, fixed].into_iter().fold(0.0, f64::max);
    RowTerms { segment: own.segment.clone(), least, most, may_be_off: min <= 0.0, fixed }
}

/// Media money that gives every week its minimum, part weeks in proportion to their days.
fn least_for(campaign: &Campaign, weekly: f64) -> f64 {
    let days: Vec<f64> = campaign.days_by_week().into_iter().map(f64::from).collect();
    let weights: Vec<f64> = match &campaign.pacing {
        Pacing::FrontLoaded => {
            days.iter().enumerate().map(|(t, days)| days * 0.8_f64.powi(t as i32)).collect()
        }
        Pacing::Weights(weights) if weights.len() == days.len() => weights.clone(),
        Pacing::Even | Pacing::Season | Pacing::Weights(_) => days.clone(),
    };
    let sum: f64 = weights.iter().sum();
    let paid = weights.iter().zip(&days).filter(|(weight, _)| **weight > 0.0);
    paid.map(|(weight, days)| weekly * days / 7.0 / (weight / sum)).fold(0.0, f64::max)
}
