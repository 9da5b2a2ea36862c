//! Two plans side by side: what one brings more than the other, and how surely.
//!
//! Plans over the same model, seed and number of draws are promised on the very same draws: the
//! difference is taken draw by draw, and what is uncertain of both cancels. Other plans are judged
//! as if independent, which tells less than is true.
//!
//! Where money moves to or from audiences whose curves the history did not teach, the odds are
//! discounted as they are against other splits of one budget ([`odds`]). What is not moved but
//! more is not: whatever the form of its curve, no audience brings less for more money.

use std::collections::BTreeMap;

use serde::Serialize;

use super::odds;
use crate::allocate::candidates::evidence::Evidence;
use crate::allocate::plan::row::Range;
use crate::allocate::plan::{ByDraw, Doubted, Plan, Source, Totals};
use crate::allocate::problem::drawn::Gain;
use crate::random::Seed;

/// Draws of each plan that are paired with all of the other's where nothing is shared.
const CROSSED: usize = 500;
/// Standard deviations between the 10 % and the 90 % quantile of a normal law.
const TENTHS_APART: f64 = 2.563_103_131_089_2;

/// What the second of two plans brings more than the first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Contrast {
    /// How the two were judged.
    pub basis: Basis,
    /// Active actions.
    pub actions: Lead,
    /// Value in points; `None` where the two campaigns value actions differently.
    pub value: Option<Lead>,
    /// Share of the money by which the two differ that is moved rather than added and lies on
    /// curves not learnt: the odds are discounted for it.
    pub unlearnt: f64,
}

/// How two plans are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// On the same known curves: no doubt.
    Curves,
    /// On the same draws of the same model.
    Paired {
        /// How many.
        draws: usize,
    },
    /// As if independent.
    Apart(Why),
}

/// Why two plans have no draws in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// They rest on different models.
    Model,
    /// They were made with different seeds.
    Seed,
    /// They were made with different numbers of draws.
    Draws,
    /// A plan of an earlier version kept no draws.
    NotKept,
}

/// By how much the second plan leads, and how surely.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Lead {
    /// Second minus first of what is expected, the chance of single weeks left out; its mean is
    /// the difference of the two promises.
    #[serde(flatten)]
    pub difference: Range,
    /// Probability that the second brings more; ties count half.
    pub p_better: f64,
}

impl Contrast {
    /// Judges the second of two plans against the first.
    #[must_use]
    pub fn between(before: &Plan, after: &Plan) -> Self {
        let basis = Basis::of(before, after);
        let moved = Moved::between(before, after);
        let lead = |of: &Quantity| of.lead(basis, &moved, before, after);
        Self {
            basis,
            actions: lead(&ACTIONS),
            value: same_points(before, after).then(|| lead(&VALUE)),
            unlearnt: moved.share * moved.unlearnt,
        }
    }

    /// Whether the two promise the very same.
    #[must_use]
    pub fn is_same(&self) -> bool {
        let Range { mean, p10, p90, .. } = self.actions.difference;
        !matches!(self.basis, Basis::Apart(_)) && mean == 0.0 && p10 == 0.0 && p90 == 0.0
    }
}

impl Basis {
    fn of(before: &Plan, after: &Plan) -> Self {
        let (Some(a), Some(b)) = (&before.by_draw, &after.by_draw) else {
            return Self::Apart(Why::NotKept);
        };
        let is_known = |plan: &Plan| {
            plan.promise.is_some_and(|promise| promise.actions.source == Source::Curves)
        };
        if before.fingerprint.is_empty() || before.fingerprint != after.fingerprint {
            Self::Apart(Why::Model)
        } else if is_known(before) && is_known(after) {
            Self::Curves
        } else if before.seed != after.seed {
            Self::Apart(Why::Seed)
        } else if a.actions.len() != b.actions.len() || a.actions.is_empty() {
            Self::Apart(Why::Draws)
        } else {
            Self::Paired { draws: a.actions.len() }
        }
    }
}

fn same_points(before: &Plan, after: &Plan) -> bool {
    let points = |plan: &Plan| plan.campaign.as_ref().map(|campaign| campaign.points.clone());
    points(before) == points(after)
}

/// What part of the money by which two plans differ is moved, and how much of it is open.
struct Moved {
    /// Share of the difference that one audience loses and another gains: 0 where no audience
    /// has less in one of the plans, 1 where both spend the same.
    share: f64,
    /// Share of the difference on curves not learnt.
    unlearnt: f64,
}

impl Moved {
    fn between(before: &Plan, after: &Plan) -> Self {
        let mut money: BTreeMap<&str, (f64, f64, bool)> = BTreeMap::new();
        for row in &before.rows {
            money.entry(&row.segment).or_default().0 = row.budget;
        }
        for row in &after.rows {
            money.entry(&row.segment).or_default().1 = row.budget;
        }
        for plan in [before, after] {
            let open = plan.by_draw.iter().filter_map(|own| own.doubted.as_ref());
            for row in open.flat_map(|doubted| &doubted.rows).filter_map(|&i| plan.rows.get(i)) {
                money.entry(&row.segment).or_default().2 = true;
            }
        }
        let (mut taken, mut given, mut open) = (0.0, 0.0, 0.0);
        for (a, b, is_open) in money.into_values() {
            taken += (a - b).max(0.0);
            given += (b - a).max(0.0);
            open += if is_open { (a - b).abs() } else { 0.0 };
        }
        let of_all = |part: f64| if taken + given > 0.0 { part / (taken + given) } else { 0.0 };
        Self { share: of_all(2.0 * taken.min(given)), unlearnt: of_all(open) }
    }

    /// The probability that is told where the draws say `plain`, and `doubted` with the forms of
    /// curves open.
    fn p_better(&self, plain: f64, doubted: f64) -> f64 {
        (1.0 - self.share) * plain + self.share * odds::discounted(doubted, self.unlearnt)
    }
}

/// Something that a plan promises.
struct Quantity {
    promised: fn(&Plan) -> Range,
    expected: fn(&Totals) -> Range,
    draws: fn(&ByDraw) -> &[f64],
    doubted: fn(&Doubted) -> &[f64],
}

const ACTIONS: Quantity = Quantity {
    promised: |plan| plan.actions,
    expected: |totals| totals.actions,
    draws: |own| &own.actions,
    doubted: |own| &own.actions,
};

const VALUE: Quantity = Quantity {
    promised: |plan| plan.value,
    expected: |totals| totals.value,
    draws: |own| &own.value,
    doubted: |own| &own.value,
};

impl Quantity {
    fn lead(&self, basis: Basis, moved: &Moved, before: &Plan, after: &Plan) -> Lead {
        let mean = (self.promised)(after).mean - (self.promised)(before).mean;
        let draws = before.by_draw.as_ref().zip(after.by_draw.as_ref());
        let Some((a, b)) = draws else { return self.by_intervals(mean, before, after) };
        let (plain, doubted) = if let Basis::Apart(_) = basis {
            let all = crossed((self.draws)(a), (self.draws)(b));
            (all.clone(), all)
        } else {
            let own = |own: &ByDraw| {
                own.doubted.as_ref().map_or((self.draws)(own), self.doubted).to_vec()
            };
            (paired((self.draws)(a), (self.draws)(b)), paired(&own(a), &own(b)))
        };
        let difference = Range { mean, ..Range::of(&plain) };
        Lead { difference, p_better: moved.p_better(ahead(&plain), ahead(&doubted)) }
    }

    /// From the spread of what either expects, were both normal and independent.
    fn by_intervals(&self, mean: f64, before: &Plan, after: &Plan) -> Lead {
        let variance = |plan: &Plan| {
            let range = plan.expected.as_ref().map_or_else(|| (self.promised)(plan), self.expected);
            ((range.p90 - range.p10) / TENTHS_APART).powi(2)
        };
        let sd = (variance(before) + variance(after)).sqrt();
        let half = 0.5 * TENTHS_APART * sd;
        let p_better = match (sd > 0.0, mean) {
            (true, mean) => {
                0.5 * statrs::function::erf::erfc(-mean / sd / std::f64::consts::SQRT_2)
            }
            (false, 0.0) => 0.5,
            (false, mean) => f64::from(u8::from(mean > 0.0)),
        };
        let difference =
            Range { mean, p10: mean - half, p50: mean, p90: mean + half, mostly: None };
        Lead { difference, p_better }
    }
}

/// Second minus first, draw by draw.
fn paired(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| b - a).collect()
}

/// Second minus first for every pair of draws.
fn crossed(a: &[f64], b: &[f64]) -> Vec<f64> {
    let (a, b) = (&a[..a.len().min(CROSSED)], &b[..b.len().min(CROSSED)]);
    a.iter().flat_map(|a| b.iter().map(move |b| b - a)).collect()
}

/// Share of differences above 0, ties counted half.
fn ahead(differences: &[f64]) -> f64 {
    let worth = |difference: &f64| match difference.total_cmp(&0.0) {
        _ if *difference == 0.0 => 0.5,
        std::cmp::Ordering::Greater => 1.0,
        _ => 0.0,
    };
    differences.iter().map(worth).sum::<f64>() / differences.len().max(1) as f64
}

impl ByDraw {
    /// What a plan's media money is expected to bring in each of its promise's draws; `value` is
    /// known already.
    pub(crate) fn of(evidence: &Evidence<'_>, media: &[f64], value: &[f64], seed: Seed) -> Self {
        let plain = |doubted| Self {
            actions: rounded(&evidence.actions_by_draw(media)),
            value: rounded(value),
            doubted,
        };
        let Evidence::Drawn { promise, .. } = evidence else { return plain(None) };
        if !odds::is_open(promise.draws) {
            return plain(None);
        }
        let networks = promise.draws.networks.len();
        let forms: Vec<Vec<f64>> =
            (0..value.len()).map(|d| odds::forms(seed, d as u64, networks)).collect();
        let off = |gain| rounded(&promise.doubted_by_draw(gain, media, &forms));
        let rows = promise.draws.segments.iter().enumerate();
        plain(Some(Doubted {
            actions: off(Gain::Actions),
            value: off(Gain::Value),
            rows: rows.filter(|(_, own)| own.form_sd > 0.0).map(|(i, _)| i).collect(),
        }))
    }
}

/// Numbers with eight digits, far below what draws can tell: files stay small.
fn rounded(values: &[f64]) -> Vec<f64> {
    let short = |value: &f64| format!("{value:.7e}").parse().unwrap_or(*value);
    values.iter().map(short).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocate::tests::fixture::{campaign, draws, request};
    use crate::allocate::{PlanRequest, plan};
    use crate::reference::Reference;
    use crate::rules::Tables;
    use crate::train::fitted::verdict::FORM_SD;

    /// A plan of so much money, over the same draws for the same seed.
    fn planned(amount: &str, seed: u64, form_sd: f64, limits: &str) -> Plan {
        let mut own = draws(10, 400, 3);
        own.segments.iter_mut().for_each(|segment| segment.form_sd = form_sd);
        let mut asked = campaign(limits);
        asked.budget = amount.parse().unwrap();
        asked.gross = asked.budget;
        let tables = Tables::load(&Reference::default()).unwrap();
        let request = PlanRequest {
            seed: Seed(seed),
            fingerprint: "a model",
            ..request(&asked, &own, &tables)
        };
        plan(&request).unwrap()
    }

    #[test]
    fn more_money_on_the_same_model_is_beyond_doubt_where_intervals_overlap() {
        for form_sd in [0.0, FORM_SD] {
            let (less, more) =
                (planned("6000 EUR", 1, form_sd, ""), planned("6300 EUR", 1, form_sd, ""));
            assert!(less.actions.p90 > more.actions.p10, "the test needs intervals that overlap");
            let contrast = Contrast::between(&less, &more);
            assert_eq!(contrast.basis, Basis::Paired { draws: 400 });
            for lead in [contrast.actions, contrast.value.unwrap()] {
                assert!(lead.p_better > 0.99, "{form_sd}: {lead:?}");
                assert!(lead.difference.p10 > 0.0, "{lead:?}");
            }
            let promised = more.actions.mean - less.actions.mean;
            assert_eq!(contrast.actions.difference.mean, promised);
            // What is kept by draw is what is promised, up to the digits kept.
            let kept = &less.by_draw.as_ref().unwrap().actions;
            let mean = kept.iter().sum::<f64>() / kept.len() as f64;
            assert!((mean / less.actions.mean - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn the_other_way_round_is_the_complement() {
        let (a, b) = (planned("6000 EUR", 1, 0.0, ""), planned("6600 EUR", 1, 0.0, ""));
        let (there, back) = (Contrast::between(&a, &b), Contrast::between(&b, &a));
        assert!((there.actions.p_better + back.actions.p_better - 1.0).abs() < 1e-12);
        assert_eq!(there.actions.difference.mean, -back.actions.difference.mean);
        let same = Contrast::between(&a, &a);
        assert!(same.is_same() && same.actions.p_better == 0.5);
    }

    #[test]
    fn plans_without_common_draws_are_judged_as_independent_and_say_why() {
        let a = planned("6000 EUR", 1, 0.0, "");
        let mut b = planned("6300 EUR", 2, 0.0, "");
        let by_seed = Contrast::between(&a, &b);
        assert_eq!(by_seed.basis, Basis::Apart(Why::Seed));
        assert!((0.5..0.99).contains(&by_seed.actions.p_better), "{by_seed:?}");
        "another model".clone_into(&mut b.fingerprint);
        assert_eq!(Contrast::between(&a, &b).basis, Basis::Apart(Why::Model));
        b.by_draw = None;
        let by_interval = Contrast::between(&a, &b);
        assert_eq!(by_interval.basis, Basis::Apart(Why::NotKept));
        // The same spread, told by a normal law: a few points apart.
        let off = by_interval.actions.p_better - by_seed.actions.p_better;
        assert!(off.abs() < 0.05, "{by_interval:?} {by_seed:?}");
    }

    #[test]
    fn money_moved_on_curves_not_learnt_is_doubted_and_money_added_is_not() {
        let money = |plan: &mut Plan, rows: &[(usize, f64)]| {
            for (i, more) in rows {
                plan.rows[*i].budget += more;
            }
        };
        let before = planned("6000 EUR", 1, FORM_SD, "");
        let mut moved = before.clone();
        money(&mut moved, &[(0, -50.0), (1, 50.0)]);
        let mut added = before.clone();
        money(&mut added, &[(1, 50.0)]);
        for (after, share) in [(moved, 1.0), (added, 0.0)] {
            let moved = Moved::between(&before, &after);
            assert_eq!((moved.share, moved.unlearnt), (share, 1.0));
            assert!((moved.p_better(1.0, 1.0) - (1.0 - 0.05 * share)).abs() < 1e-12);
        }
    }
}
