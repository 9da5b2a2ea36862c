//! Money given back, taken off the money it was spent from.
//!
//! A refund stands on the day on which the platform wrote it, which is later than the delivery that
//! it pays back, and no export says which delivery that was. Left where it stands it would make a
//! week of money below 0, which no response curve has; taken off the week before alone it would leave
//! a week of many actions for next to no money, which is the wrongest thing to learn from. So it is
//! taken off all that the same thing had spent up to that day, in proportion: what each week's money
//! bought stays in the same ratio to what every other week's bought. Where that is less than comes
//! back, what the thing spent later helps (an invoice corrected in advance, days out of order), then
//! the rest of its campaign, then the account at the same grain. Every sum stays exact. Money beyond
//! all of that stays below 0 and is told: the export begins too late, or a sign is wrong.
//!
//! Every question to the history is asked of rows that have been through this; the store keeps them
//! as they were read.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::facts::{Fact, Facts, Label, Refunds};
use crate::action::Action;
use crate::history::day::Span;
use crate::segment::Attribute;

/// More refunds of one thing than this are taken as one, at the last of their days.
const ONE_BY_ONE: usize = 256;

/// From whom money may come back, the nearest first.
const REACHES: [Reach; 3] = [Reach::Thing, Reach::Campaign, Reach::Account];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    Thing,
    Campaign,
    Account,
}

/// Rows among which money is taken off: those of one grain, lest a view lose what another keeps.
type Pool = (Option<String>, u32, u8, u16, i64);

impl Reach {
    fn pool(self, label: &Label) -> Option<Pool> {
        let own = match self {
            Self::Thing => label.identity,
            Self::Campaign => {
                let name = label.attributes[Attribute::Campaign.index()];
                // An id and a name are numbers of one table of texts; either names the campaign.
                i64::from(if label.ids[0] == 0 { name } else { label.ids[0] })
            }
            Self::Account => 0,
        };
        let currency = label.currency.map(|currency| currency.code().to_owned());
        let is_named = own != 0 || self == Self::Account;
        is_named.then_some((currency, label.account, label.level as u8, label.mask, own))
    }
}

/// Takes all refunds off what they give back.
pub(crate) fn take_off(facts: &mut Facts) {
    let gives_back = |fact: &Fact| fact.measures.spend < Decimal::ZERO;
    let mut open: Vec<usize> =
        (0..facts.rows.len()).filter(|at| gives_back(&facts.rows[*at])).collect();
    if open.is_empty() {
        return;
    }
    let all: Decimal = open.iter().map(|at| facts.rows[*at].measures.spend).sum();
    let rows = open.len() as u64;
    for reach in REACHES {
        open = take_off_within(facts, reach, &open);
    }
    let beyond: Decimal = open.iter().map(|at| facts.rows[*at].measures.spend).sum();
    facts.refunds = Refunds { rows, spend: beyond - all, beyond: -beyond };
}

/// Takes off what pools of one reach have; what they have not stays open.
fn take_off_within(facts: &mut Facts, reach: Reach, open: &[usize]) -> Vec<usize> {
    let mut pools: BTreeMap<Pool, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    let mut left = Vec::new();
    for at in open {
        match reach.pool(facts.label(&facts.rows[*at])) {
            Some(pool) => pools.entry(pool).or_default().0.push(*at),
            None => left.push(*at),
        }
    }
    // Whether a label's rows are of a pool is asked once per label, not once per row.
    let of_label: Vec<Option<Pool>> = facts
        .labels
        .iter()
        .map(|label| reach.pool(label).filter(|pool| pools.contains_key(pool)))
        .collect();
    for (at, fact) in facts.rows.iter().enumerate() {
        if fact.measures.spend > Decimal::ZERO
            && let Some(pool) = &of_label[fact.label as usize]
            && let Some((_, holders)) = pools.get_mut(pool)
        {
            holders.push(at);
        }
    }
    let scale = facts.cent().scale();
    for (refunds, holders) in pools.into_values() {
        left.extend(Taking { rows: &mut facts.rows, holders, reach, scale }.all(&refunds));
    }
    left.sort_unstable();
    left
}

/// Money taken off the rows of one pool.
struct Taking<'a> {
    rows: &'a mut [Fact],
    /// Rows with money, in order of their days.
    holders: Vec<usize>,
    reach: Reach,
    scale: u32,
}

impl Taking<'_> {
    /// Takes refunds off, in order of their days; gives those that are still open.
    fn all(mut self, refunds: &[usize]) -> Vec<usize> {
        let mut refunds = refunds.to_vec();
        refunds.sort_by_key(|at| (self.rows[*at].span.end, *at));
        if refunds.len() > ONE_BY_ONE {
            let last = refunds[refunds.len() - 1];
            for at in &refunds[..refunds.len() - 1] {
                let more = std::mem::take(&mut self.rows[*at].measures);
                let rows = self.rows[last].measures.rows;
                self.rows[*at].measures.rows = more.rows;
                self.rows[last].measures.take(&more);
                self.rows[last].measures.rows = rows;
            }
            refunds = vec![last];
        }
        refunds.retain(|at| !self.one(*at));
        refunds
    }

    /// Takes one refund off; whether nothing of it is left.
    fn one(&mut self, refund: usize) -> bool {
        let Fact { span: Span { end, .. }, measures: given, .. } = self.rows[refund];
        let amount = -given.spend;
        let earlier = self.holders.partition_point(|at| self.rows[*at].span.start <= end);
        let money = |own: &Self, holders: &[usize]| -> Decimal {
            holders.iter().map(|at| own.rows[*at].measures.spend).sum()
        };
        let (before, all) = (money(self, &self.holders[..earlier]), money(self, &self.holders));
        let (holders, held) = if before >= amount {
            (self.holders[..earlier].to_vec(), before)
        } else {
            (self.holders.clone(), all)
        };
        // Only the widest pool gives what it has where that is not enough.
        if held < amount && (self.reach != Reach::Account || held.is_zero()) {
            return false;
        }
        let taken = amount.min(held);
        self.take_money(&holders, taken, held);
        self.rows[refund].measures.spend += taken;
        self.take_counts(&holders, refund);
        taken == amount
    }

    /// Takes an amount off in proportion to money, in whole cents where the amounts are, and exactly.
    fn take_money(&mut self, holders: &[usize], amount: Decimal, held: Decimal) {
        let scale = amount.scale().max(self.scale);
        let (mut seen, mut given) = (Decimal::ZERO, Decimal::ZERO);
        for at in holders {
            let own = &mut self.rows[*at].measures.spend;
            seen += *own;
            let share = amount.checked_mul(seen / held).unwrap_or(amount);
            let part = (share.round_dp(scale) - given).clamp(Decimal::ZERO, *own);
            *own -= part;
            given += part;
        }
        // What rounding left, which is less than a cent for each of them.
        for at in holders.iter().rev() {
            let own = &mut self.rows[*at].measures.spend;
            let part = (amount - given).clamp(Decimal::ZERO, *own);
            *own -= part;
            given += part;
        }
    }

    /// Takes counts below 0 off in proportion to the same counts; none falls below 0.
    fn take_counts(&mut self, holders: &[usize], refund: usize) {
        let scaled = |count: &mut f64, factor: f64| *count *= factor;
        let given = self.rows[refund].measures;
        if let Some(back) = given.impressions.filter(|count| *count < 0.0) {
            let factor = self.kept(holders, -back, |fact| fact.measures.impressions);
            for at in holders {
                self.rows[*at].measures.impressions.iter_mut().for_each(|own| scaled(own, factor));
            }
            self.rows[refund].measures.impressions = Some(0.0);
        }
        for kind in Action::ALL {
            let Some(back) = given.actions.get(kind).filter(|count| *count < 0.0) else { continue };
            let factor = self.kept(holders, -back, |fact| fact.measures.actions.get(kind));
            for at in holders {
                let actions = &mut self.rows[*at].measures.actions;
                actions.set(kind, actions.get(kind).map(|own| own * factor));
            }
            self.rows[refund].measures.actions.set(kind, Some(0.0));
        }
    }

    /// The share that is kept of a count of which so many are taken back.
    fn kept(&self, holders: &[usize], back: f64, of: impl Fn(&Fact) -> Option<f64>) -> f64 {
        let all: f64 = holders.iter().filter_map(|at| of(&self.rows[*at])).sum();
        if all > 0.0 { (1.0 - back / all).max(0.0) } else { 1.0 }
    }
}

#[cfg(test)]
mod tests {
    use crate::panel::PanelNote;
    use rust_decimal::Decimal;

    use crate::action::Action;
    use crate::history::row::Level;
    use crate::history::tests::{NET, history, import, row, split};
    use crate::history::{By, CompareQuery, Filter, Measure, PanelOptions};
    use crate::segment::Attribute::{AdSet, Campaign, Network};

    /// A refund without delivery.
    fn refund(
        names: &[(crate::segment::Attribute, &str)],
        day: i64,
        spend: &str,
    ) -> crate::history::row::Row {
        let mut row = row(Level::AdSet, names, (day, day), spend);
        row.impressions = Some(0.0);
        row.reach = None;
        row.actions.set(Action::Shares, Some(0.0));
        row
    }

    fn names(set: &str) -> Vec<(crate::segment::Attribute, &str)> {
        vec![NET, (Campaign, "C"), (AdSet, set)]
    }

    #[test]
    fn a_refund_is_taken_off_earlier_weeks_and_the_campaigns_sum_stays_exact() {
        let (_folder, mut history) = history();
        let a = names("A");
        let spent = |day, spend| row(Level::AdSet, &a, (day, day), spend);
        // Two weeks of money, a week of a refund alone, a week of money.
        let rows =
            [spent(0, "120.00"), spent(7, "60.01"), refund(&a, 14, "-15.50"), spent(21, "110")];
        import(&mut history, "a", &rows);
        let all: Decimal = "274.51".parse().unwrap();
        assert_eq!(history.totals().unwrap().spend, all);
        let report = history.panel(&split(&[Network, AdSet])).unwrap();
        assert_eq!(report.spend, all);
        let spends: Vec<f64> = report.panel.cells.iter().map(|cell| cell.spend).collect();
        assert_eq!(spends, [109.67, 54.84, 110.0], "no week is below 0, later money is left alone");
        assert_eq!((report.refunds, report.refund_rows), ("15.50".parse().unwrap(), 1));
        assert_eq!(report.panel.notes, []);
        // A question about some days is asked of the same weeks.
        let from = PanelOptions { to: Some(crate::history::tests::day(6)), ..split(&[Network]) };
        assert_eq!(history.panel(&from).unwrap().spend, "109.67".parse().unwrap());
        let weeks = history
            .compare(&CompareQuery {
                by: By::Week,
                measure: Measure::Spend,
                filter: Filter::default(),
                from: None,
                to: None,
                currency: None,
            })
            .unwrap();
        assert!(weeks.periods.iter().all(|week| week.value.is_none_or(|spend| spend >= 0.0)));
    }

    #[test]
    fn a_refund_larger_than_its_ad_set_goes_to_the_campaign_and_both_views_agree() {
        let (_folder, mut history) = history();
        let (a, b) = (names("A"), names("B"));
        let spent = |names: &[_], day, spend| row(Level::AdSet, names, (day, day), spend);
        import(
            &mut history,
            "sets",
            &[spent(&a, 0, "10"), spent(&b, 0, "90"), refund(&a, 8, "-30")],
        );
        let mut back = refund(&a[..2], 8, "-30");
        back.level = Level::Campaign;
        let whole = row(Level::Campaign, &a[..2], (0, 0), "100");
        import(&mut history, "campaign", &[whole, back]);
        for asked in [vec![Network], vec![Network, Campaign], vec![Network, AdSet]] {
            let report = history.panel(&split(&asked)).unwrap();
            assert_eq!(report.spend, Decimal::from(70), "{asked:?}");
            assert!(report.panel.cells.iter().all(|cell| cell.spend > 0.0));
        }
        assert_eq!(history.totals().unwrap().spend, Decimal::from(70));
    }

    #[test]
    fn counts_that_a_correction_takes_back_go_with_the_money() {
        let (_folder, mut history) = history();
        let a = names("A");
        let mut back = refund(&a, 7, "-5");
        back.impressions = Some(-500.0);
        back.actions.set(Action::Shares, Some(-1.0));
        import(&mut history, "a", &[row(Level::AdSet, &a, (0, 0), "10"), back]);
        let report = history.panel(&split(&[Network])).unwrap();
        let cell = &report.panel.cells[0];
        assert_eq!((report.panel.cells.len(), cell.spend), (1, 5.0));
        assert_eq!(cell.impressions, Some(500.0));
        assert!((cell.actions.get(Action::Shares).unwrap() - 2.0).abs() < 1e-12);
        let totals = history.totals().unwrap();
        assert_eq!((totals.spend, totals.impressions), (Decimal::from(5), 500.0));
    }

    #[test]
    fn more_given_back_than_spent_is_told_and_no_week_is_below_nothing() {
        let (_folder, mut history) = history();
        let a = names("A");
        import(&mut history, "a", &[row(Level::AdSet, &a, (0, 0), "10"), refund(&a, 8, "-12.5")]);
        assert_eq!(history.totals().unwrap().spend, "-2.5".parse().unwrap());
        let report = history.panel(&split(&[Network])).unwrap();
        assert!(report.panel.cells.iter().all(|cell| cell.spend >= 0.0));
        assert_eq!(report.panel.notes, [PanelNote::RefundsBeyond { spend: 2.5 }]);
        assert!(report.panel.notes[0].needs_a_person());
    }

    #[test]
    fn very_many_refunds_of_one_thing_are_taken_off_exactly() {
        let (_folder, mut history) = history();
        let a = names("A");
        let mut rows: Vec<_> =
            (0..400).map(|day| row(Level::AdSet, &a, (day, day), "1.01")).collect();
        rows.extend((400..800).map(|day| refund(&a, day, "-0.33")));
        import(&mut history, "a", &rows);
        let report = history.panel(&split(&[Network])).unwrap();
        assert_eq!(report.spend, "272.00".parse().unwrap());
        assert_eq!(report.refund_rows, 400);
        assert!(report.panel.cells.iter().all(|cell| cell.spend > 0.0));
    }
}
