//! Campaigns of one batch that spend on the same audiences in the same days: each is planned as if
//! it were alone, and their promises cannot simply be added.
//!
//! Both budgets lie on one curve. For each audience that several campaigns fund, its expected
//! actions are taken week by week for the money of each campaign alone and for all of it together,
//! over the same draws; what is lost between the two comes off the promises, audience by audience.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::order::Order;
use crate::allocate::plan::Plan;
use crate::allocate::plan::row::Row;
use crate::campaign::Campaign;
use crate::files::hex;
use crate::language::message::Value;
use crate::panel::Period;
use crate::response::memory::Remembered;
use crate::rules::finding::{Finding, Reader, Severity};
use crate::segment::Segment;
use crate::train::posterior::draws::Draws;
use crate::units::Week;

/// From this share on, what is lost asks for a person.
const LOST: f64 = 0.02;

/// Several campaigns on the same audiences in the same days.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shared {
    /// Names of their files, sorted.
    pub campaigns: Vec<String>,
    /// The audiences that more than one of them funds, sorted.
    pub segments: Vec<String>,
    /// First day that two of them share.
    pub from: Date,
    /// Last day that two of them share.
    pub to: Date,
    /// Active actions that they promise, added up.
    pub promised: f64,
    /// Active actions that all their money brings on one curve per audience.
    pub together: f64,
}

/// The orders that may share audiences: the same lesson, days in common, directly or by others.
/// Groups of one are left out; positions are in order.
#[must_use]
pub fn groups(orders: &[&Order]) -> Vec<Vec<usize>> {
    connected(orders.len(), |i, j| {
        orders[i].lesson == orders[j].lesson
            && common(orders[i].campaign.flight, orders[j].campaign.flight).is_some()
    })
}

/// Makes the results of orders that may share audiences depend on one another: each tells of all.
pub fn bind(orders: &mut [&mut Order]) {
    let groups = groups(&orders.iter().map(|order| &**order).collect::<Vec<_>>());
    for group in groups {
        let mut all: Vec<String> = group.iter().map(|&i| orders[i].inputs.clone()).collect();
        all.sort();
        for i in group {
            let own = format!("{} {}", orders[i].inputs, all.join(" "));
            orders[i].inputs = hex(&Sha256::digest(own));
        }
    }
}

/// One campaign of a group, with its plan.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    /// What it asks for.
    pub order: &'a Order,
    /// What it plans.
    pub plan: &'a Plan,
}

impl Member<'_> {
    /// The name of its file.
    fn name(&self) -> String {
        let name = self.order.file.file_name().unwrap_or(self.order.file.as_os_str());
        name.to_string_lossy().into_owned()
    }

    /// Funded rows whose weeks the plan tells.
    fn funded(&self) -> BTreeMap<&str, &Row> {
        let rows = self.plan.rows.iter().filter(|row| row.budget > 0.0 && !row.weeks.is_empty());
        rows.map(|row| (row.segment.as_str(), row)).collect()
    }
}

/// What a group's plans share; `draws` gives joint draws of some segments over the weeks of a
/// campaign. Several answers where the group falls apart.
#[must_use]
pub fn shared(
    members: &[Member<'_>],
    draws: impl Fn(&[Segment], &Campaign) -> Draws,
) -> Vec<Shared> {
    let funded: Vec<BTreeMap<&str, &Row>> = members.iter().map(Member::funded).collect();
    let days = |i: usize, j: usize| {
        common(members[i].order.campaign.flight, members[j].order.campaign.flight)
    };
    let both = |i: usize, j: usize| funded[i].keys().any(|id| funded[j].contains_key(id));
    connected(members.len(), |i, j| days(i, j).is_some() && both(i, j))
        .into_iter()
        .filter_map(|group| {
            let group: Vec<Member<'_>> = group.iter().map(|&i| members[i]).collect();
            together(&group, &draws)
        })
        .collect()
}

impl Shared {
    /// Whether a campaign is one of them.
    #[must_use]
    pub fn concerns(&self, member: &Member<'_>) -> bool {
        let funded = member.funded();
        self.campaigns.contains(&member.name())
            && self.segments.iter().any(|id| funded.contains_key(id.as_str()))
    }

    /// What the plan of one of the campaigns says of it.
    #[must_use]
    pub fn finding(&self, member: &Member<'_>) -> Finding {
        let own = member.name();
        let others: Vec<String> =
            self.campaigns.iter().filter(|name| **name != own).cloned().collect();
        let funded = member.funded();
        let segments = self.segments.iter().filter(|id| funded.contains_key(id.as_str()));
        let lost = 1.0 - self.together / self.promised;
        let severity = if lost > LOST { Severity::Warning } else { Severity::Note };
        let values = [
            ("campaigns", Value::Names(others)),
            ("start", Value::Date(self.from)),
            ("end", Value::Date(self.to)),
            ("promised", Value::Whole(self.promised)),
            ("together", Value::Whole(self.together)),
            ("lost", Value::Percent(lost)),
        ];
        let reader = Reader {
            language: member.order.language,
            currency: member.plan.currency,
            overrides: &member.order.campaign.overrides,
        };
        Finding::new(severity, "shared-audiences", segments.cloned().collect(), values, &reader)
    }
}

/// The joint account of campaigns that share audiences.
fn together(
    members: &[Member<'_>],
    draws: &impl Fn(&[Segment], &Campaign) -> Draws,
) -> Option<Shared> {
    let funded: Vec<BTreeMap<&str, &Row>> = members.iter().map(Member::funded).collect();
    let flights: Vec<Period> = members.iter().map(|member| member.order.campaign.flight).collect();
    let pairs = || (0..members.len()).flat_map(|i| (0..i).map(move |j| (j, i)));
    let mut segments: BTreeSet<&str> = BTreeSet::new();
    let mut days: Vec<Period> = Vec::new();
    for (i, j) in pairs() {
        let Some(common) = common(flights[i], flights[j]) else { continue };
        let both: Vec<&str> =
            funded[i].keys().filter(|id| funded[j].contains_key(*id)).copied().collect();
        days.extend((!both.is_empty()).then_some(common));
        segments.extend(both);
    }
    let hull = Period {
        start: flights.iter().map(|flight| flight.start).min()?,
        end: flights.iter().map(|flight| flight.end).max()?,
    };
    let campaign = Campaign { flight: hull, ..members[0].order.campaign.clone() };
    let known: Vec<Segment> = segments
        .iter()
        .filter_map(|id| funded.iter().find_map(|rows| rows.get(id)))
        .map(|row| Segment { id: row.segment.clone(), attributes: row.attributes.clone() })
        .collect();
    let draws = draws(&known, &campaign);
    let lost: f64 = (0..known.len())
        .map(|i| {
            let rows: Vec<&Row> =
                funded.iter().filter_map(|rows| rows.get(known[i].id.as_str()).copied()).collect();
            let promised: f64 = rows.iter().map(|row| row.actions.mean).sum();
            let weeks = campaign.weeks();
            let alone: Vec<Vec<f64>> = rows.iter().map(|row| media(row, &weeks)).collect();
            promised * (1.0 - kept(&draws, i, &alone))
        })
        .sum();
    let promised: f64 = members.iter().map(|member| member.plan.actions.mean).sum();
    let mut campaigns: Vec<String> = members.iter().map(Member::name).collect();
    campaigns.sort();
    Some(Shared {
        campaigns,
        segments: known.into_iter().map(|segment| segment.id).collect(),
        from: days.iter().map(|common| common.start).min()?,
        to: days.iter().map(|common| common.end).max()?,
        promised,
        together: promised - lost,
    })
}

/// Expected actions of several campaigns' weekly money on one segment together, as a share of what
/// each brings by itself.
fn kept(draws: &Draws, i: usize, alone: &[Vec<f64>]) -> f64 {
    let weeks = alone.iter().map(Vec::len).max().unwrap_or(0);
    let all: Vec<f64> = (0..weeks).map(|t| alone.iter().map(|own| own[t]).sum()).collect();
    let (mut separate, mut joint) = (0.0, 0.0);
    for d in 0..draws.len() {
        let response = draws.response(i, d);
        let season: Vec<f64> = draws.season(d, draws.segments[i].network).collect();
        let actions = |money: &[f64]| -> f64 {
            let mut remembered = Remembered::NOTHING;
            let weeks = response.weeks(money.iter().copied(), &mut remembered);
            weeks.zip(&season).map(|(gain, season)| gain * season).sum()
        };
        separate += alone.iter().map(|money| actions(money)).sum::<f64>();
        joint += actions(&all);
    }
    if separate > 0.0 { joint / separate } else { 1.0 }
}

/// A row's media money by week of a stretch.
fn media(row: &Row, weeks: &[Week]) -> Vec<f64> {
    let share = (row.budget - row.fixed_cost) / row.budget;
    let of = |week: &Week| {
        let own = row.weeks.iter().filter(|own| own.week == *week);
        own.map(|own| share * own.budget).sum()
    };
    weeks.iter().map(of).collect()
}

/// Days that two stretches have in common.
fn common(a: Period, b: Period) -> Option<Period> {
    let (start, end) = (a.start.max(b.start), a.end.min(b.end));
    (start <= end).then_some(Period { start, end })
}

/// Groups of more than one among `n` things, by what joins pairs.
fn connected(n: usize, joined: impl Fn(usize, usize) -> bool) -> Vec<Vec<usize>> {
    let mut group_of: Vec<usize> = (0..n).collect();
    for i in 0..n {
        for j in 0..i {
            if group_of[i] != group_of[j] && joined(j, i) {
                let (old, new) = (group_of[i], group_of[j]);
                group_of.iter_mut().filter(|own| **own == old).for_each(|own| *own = new);
            }
        }
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (i, group) in group_of.into_iter().enumerate() {
        groups.entry(group).or_default().push(i);
    }
    let mut groups: Vec<Vec<usize>> = groups.into_values().filter(|own| own.len() > 1).collect();
    groups.sort();
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::Action;
    use crate::train::posterior::draws::{ResponseDraw, SegmentDraws, SharedDraw};

    /// One audience of ceiling 100 and scale 200 over three weeks, one draw, remembered by `rho`.
    fn draws(rho: f64) -> Draws {
        let weeks = Week::covering(jiff::civil::date(2027, 3, 1), jiff::civil::date(2027, 3, 21));
        let shared = SharedDraw {
            carryover: rho,
            dispersion: vec![5.0],
            log_season: vec![0.0, 2.0_f64.ln(), 0.0],
            shock_sd: 0.0,
            incremental: vec![0.5],
            delivery_sd: 0.0,
        };
        let draw = ResponseDraw {
            ceiling: 100.0,
            scale: 200.0,
            shape: 1.0,
            cpm_rise: 0.0,
            baseline: 0.0,
            cpm: 6.0,
            audience: 1e4,
            reach_shape: 1.0,
            mix: [1.0 / Action::COUNT as f64; Action::COUNT],
            follows_rate: 0.0,
        };
        let segment = SegmentDraws {
            segment: Segment::default(),
            network: 0,
            prior_only: false,
            observed_spend: 200.0,
            reference_spend: 200.0,
            ground: None,
            form_sd: 0.0,
            draws: vec![draw],
        };
        let tested = Vec::new();
        Draws {
            weeks,
            networks: vec!["x".into()],
            tested,
            shared: vec![shared],
            segments: vec![segment],
        }
    }

    #[test]
    fn two_budgets_on_one_curve_bring_what_their_sum_does() {
        // Shape 1: V · z / (1 + z). 200 a week bring 50, 400 bring 200/3; the second week counts
        // twice.
        let week = |money: f64| 100.0 * (money / 200.0) / (1.0 + money / 200.0);
        let one = vec![200.0, 200.0, 0.0];
        let other = vec![0.0, 200.0, 200.0];
        let alone = 2.0 * 3.0 * week(200.0);
        let joint = week(200.0) + 2.0 * week(400.0) + week(200.0);
        let found = kept(&draws(0.0), 0, &[one.clone(), other]);
        assert!((found - joint / alone).abs() < 1e-12, "{found} {}", joint / alone);
        // Apart in time nothing is lost, unless people remember.
        let apart = [vec![200.0, 0.0, 0.0], vec![0.0, 0.0, 200.0]];
        assert!((kept(&draws(0.0), 0, &apart) - 1.0).abs() < 1e-12);
        assert!(kept(&draws(0.6), 0, &apart) < 0.99);
        assert!((kept(&draws(0.6), 0, &[one]) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_is_joined_by_others_is_one_group() {
        let pairs = [(0, 3), (3, 5), (1, 2)];
        let groups = connected(6, |i, j| pairs.contains(&(i, j)));
        assert_eq!(groups, [vec![0, 3, 5], vec![1, 2]]);
    }
}
