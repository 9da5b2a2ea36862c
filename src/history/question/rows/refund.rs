//! Money given back, taken off the money it was spent from.
//!
//! A refund stands on the day on which the platform wrote it, which is later than the delivery that
//! it pays back, and no export says which delivery that was. Left where it stands it would make a
//! week of money below 0, which no response curve has; taken off the week before alone it would leave
//! a week of many actions for next to no money, which is the wrongest thing to learn from. So it is
//! taken off all that the same thing had spent up to that day, in proportion: what each week's money
//! bought stays in the same ratio to what every other week's bought. Where that is less than comes
//! back, what the thing spent later helps (an invoice corrected in advance, days out of order). What
//! is still open is taken off the rest of its campaign, then off the account at the same grain, and
//! it is told who gave how much. Every sum stays exact. Money beyond all of that stays below 0 and is
//! told: the export begins too late, or a sign is wrong.
//!
//! Whoever has less than comes back gives nine tenths: counts for no money at all would read as what
//! comes unpaid. Counts below 0 go the same way, each kind by itself, and leave nothing behind.
//!
//! Every question to the history is asked of rows that have been through this; the store keeps them
//! as they were read.

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};

use super::facts::{Fact, Facts, Label, Measures};
use crate::action::Action;
use crate::history::row::Level;
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
        // A whole campaign has given what it has.
        let is_whole = self == Self::Campaign && label.level == Level::Campaign && label.mask == 0;
        let is_named = own != 0 && !is_whole || self == Self::Account;
        is_named.then_some((currency, label.account, label.level as u8, label.mask, own))
    }

    /// What gives, told by its level.
    fn giver(self, label: &Label) -> Level {
        match self {
            Self::Thing => label.level,
            Self::Campaign => Level::Campaign,
            Self::Account => Level::Account,
        }
    }

    /// What stays of an amount where more than it comes back.
    fn kept(self, held: Decimal, scale: u32) -> Decimal {
        if self == Self::Account {
            return Decimal::ZERO;
        }
        let tenth = held / Decimal::TEN;
        tenth.round_dp_with_strategy(scale, RoundingStrategy::AwayFromZero)
    }
}

/// A count of a row: impressions, or actions of a kind.
type Count = Option<Action>;

fn counts() -> impl Iterator<Item = Count> {
    std::iter::once(None).chain(Action::ALL.map(Some))
}

fn count_of(measures: &Measures, count: Count) -> Option<f64> {
    count.map_or(measures.impressions, |kind| measures.actions.get(kind))
}

fn set_count(measures: &mut Measures, count: Count, value: f64) {
    match count {
        None => measures.impressions = Some(value),
        Some(kind) => measures.actions.set(kind, Some(value)),
    }
}

fn takes_back(measures: &Measures) -> bool {
    let below = |count| count_of(measures, count).is_some_and(|own| own < 0.0);
    measures.spend < Decimal::ZERO || counts().any(below)
}

fn has_any(measures: &Measures) -> bool {
    let above = |count| count_of(measures, count).is_some_and(|own| own > 0.0);
    measures.spend > Decimal::ZERO || counts().any(above)
}

/// Takes all refunds off what they give back.
pub(crate) fn take_off(facts: &mut Facts) {
    let of_money = |fact: &Fact| fact.measures.spend < Decimal::ZERO;
    let mut open: Vec<usize> =
        (0..facts.rows.len()).filter(|at| of_money(&facts.rows[*at])).collect();
    if open.is_empty() {
        return;
    }
    facts.refunds.rows = open.len() as u64;
    for reach in REACHES {
        open = take_off_within(facts, reach, &open);
    }
    facts.refunds.spend = facts.refunds.from.iter().sum();
    let beyond = &mut facts.refunds.beyond;
    for measures in open.iter().map(|at| &facts.rows[*at].measures) {
        beyond.spend -= measures.spend.min(Decimal::ZERO);
        for count in counts() {
            let more = -count_of(measures, count).unwrap_or_default().min(0.0);
            if more > 0.0 {
                set_count(beyond, count, more + count_of(beyond, count).unwrap_or_default());
            }
        }
    }
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
        if let Some(pool) = &of_label[fact.label as usize]
            && fact.paid
            && has_any(&fact.measures)
            && let Some((_, holders)) = pools.get_mut(pool)
        {
            holders.push(at);
        }
    }
    let scale = facts.cent().scale();
    for (refunds, holders) in pools.into_values() {
        let giver = reach.giver(facts.label(&facts.rows[refunds[0]])) as usize;
        let mut taking = Taking::new(&mut facts.rows, holders, reach, scale);
        left.extend(taking.all(&refunds));
        facts.refunds.from[giver] += taking.taken;
    }
    left.sort_unstable();
    left
}

/// Money and counts taken off the rows of one pool.
struct Taking<'a> {
    rows: &'a mut [Fact],
    /// Rows with anything, in order of their days.
    holders: Vec<usize>,
    scale: u32,
    /// Where less is there than comes back, so much money stays.
    kept: Decimal,
    is_short: bool,
    taken: Decimal,
}

impl<'a> Taking<'a> {
    fn new(rows: &'a mut [Fact], holders: Vec<usize>, reach: Reach, scale: u32) -> Self {
        let (kept, taken) = (Decimal::ZERO, Decimal::ZERO);
        let mut own = Self { rows, holders, scale, kept, is_short: false, taken };
        own.kept = reach.kept(own.money(&own.with_money(own.holders.len())), scale);
        own
    }

    /// Takes refunds off, in order of their days; gives those that are still open.
    fn all(&mut self, refunds: &[usize]) -> Vec<usize> {
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
        for at in &refunds {
            let end = self.rows[*at].span.end;
            let earlier = self.holders.partition_point(|at| self.rows[*at].span.start <= end);
            self.take_money(*at, earlier);
            counts().for_each(|count| self.take_count(*at, earlier, count));
        }
        refunds.retain(|at| takes_back(&self.rows[*at].measures));
        refunds
    }

    /// Those of the first holders that have money.
    fn with_money(&self, first: usize) -> Vec<usize> {
        let has = |at: &usize| self.rows[*at].measures.spend > Decimal::ZERO;
        self.holders[..first].iter().copied().filter(has).collect()
    }

    fn money(&self, holders: &[usize]) -> Decimal {
        holders.iter().map(|at| self.rows[*at].measures.spend).sum()
    }

    /// Takes the money of a refund off, of the earlier days if they have enough.
    fn take_money(&mut self, refund: usize, earlier: usize) {
        let amount = -self.rows[refund].measures.spend;
        if amount <= Decimal::ZERO {
            return;
        }
        let mut holders = self.with_money(earlier);
        let mut held = self.money(&holders);
        if held < amount {
            holders = self.with_money(self.holders.len());
            held = self.money(&holders);
        }
        self.is_short |= held < amount;
        let most = if self.is_short { held - self.kept } else { held };
        let taken = amount.min(most).max(Decimal::ZERO);
        self.off(&holders, taken, held);
        self.rows[refund].measures.spend += taken;
        self.taken += taken;
    }

    /// Takes an amount off in proportion to money, in whole cents where the amounts are, and exactly.
    fn off(&mut self, holders: &[usize], amount: Decimal, held: Decimal) {
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

    /// Takes a count below 0 off in proportion to the same counts; none falls below 0.
    fn take_count(&mut self, refund: usize, earlier: usize, count: Count) {
        let back = -count_of(&self.rows[refund].measures, count).unwrap_or_default();
        if back <= 0.0 {
            return;
        }
        let above = |own: &Self, at: usize| {
            count_of(&own.rows[at].measures, count).filter(|own| *own > 0.0)
        };
        let sum = |own: &Self, first: usize| -> f64 {
            own.holders[..first].iter().filter_map(|at| above(own, *at)).sum()
        };
        let (mut first, mut held) = (earlier, sum(self, earlier));
        if held < back {
            first = self.holders.len();
            held = sum(self, first);
        }
        if held <= 0.0 {
            return;
        }
        for at in 0..first {
            let at = self.holders[at];
            if let Some(own) = above(self, at) {
                let kept = if back < held { own * (1.0 - back / held) } else { 0.0 };
                set_count(&mut self.rows[at].measures, count, kept);
            }
        }
        set_count(&mut self.rows[refund].measures, count, -(back - held).max(0.0));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rust_decimal::Decimal;

    use crate::action::Action;
    use crate::history::row::Level;
    use crate::history::tests::{NET, history, import, row, split};
    use crate::history::{By, CompareQuery, Filter, Measure, PanelOptions};
    use crate::panel::{Cell, PanelNote};
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

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Its own ad set gives first, then its campaign, and others only what these have not; no
        /// week's counts are left without money but where the account has none.
        #[test]
        fn a_refund_is_taken_off_the_nearest_money(
            spent in proptest::collection::vec(1_i64..5000, 9),
            back in proptest::collection::vec((0_i64..40, 1_i64..6000), 1..4),
        ) {
            let (_folder, mut history) = history();
            let cents = |n: i64| Decimal::new(n, 2);
            let of = |at: usize| vec![NET, (Campaign, ["C", "C", "E"][at]), (AdSet, ["A", "B", "D"][at])];
            let mut rows: Vec<_> = spent.iter().enumerate().map(|(i, spent)| {
                let day = 7 * (i as i64 / 3);
                row(Level::AdSet, &of(i % 3), (day, day), &cents(*spent).to_string())
            }).collect();
            rows.extend(back.iter().map(|(day, back)| refund(&of(0), *day, &format!("-{}", cents(*back)))));
            import(&mut history, "a", &rows);
            let held: Vec<i64> = (0..3).map(|set| spent.iter().skip(set).step_by(3).sum()).collect();
            let (all, back): (i64, i64) = (held.iter().sum(), back.iter().map(|back| back.1).sum());
            let report = history.panel(&split(&[Network, Campaign, AdSet])).unwrap();
            prop_assert_eq!(report.spend, cents((all - back).max(0)));
            prop_assert_eq!(report.refunds, cents(back.min(all)));
            prop_assert_eq!(report.refunds_from.iter().map(|from| from.1).sum::<Decimal>(), report.refunds);
            let given = |level: &str| {
                let found = report.refunds_from.iter().find(|from| from.0 == level);
                found.map_or(Decimal::ZERO, |from| from.1)
            };
            let left = |set: usize| -> f64 {
                let name = ["A", "B", "D"][set];
                let own = |cell: &&Cell| report.panel.segments[cell.segment].id.ends_with(name);
                report.panel.cells.iter().filter(own).map(|cell| cell.spend).sum()
            };
            let near = |a: f64, b: i64| (a - b as f64 / 100.0).abs() < 1e-6;
            // A tenth is kept, a cent at least.
            let own = held[0] - (held[0] + 9) / 10;
            if back <= own {
                prop_assert_eq!(given("ad_set"), cents(back));
                prop_assert!(near(left(1), held[1]));
            }
            if back <= own + held[1] {
                prop_assert_eq!(given("account"), Decimal::ZERO);
                prop_assert!(near(left(2), held[2]));
            }
            prop_assert!(given("ad_set") >= cents(own.min(back)));
            prop_assert!(report.panel.cells.iter().all(|cell| cell.spend >= 0.0));
        }
    }

    #[test]
    fn counts_taken_back_beyond_their_ad_set_go_to_its_campaign_and_then_are_told() {
        for (back, left, beyond) in [(5.0, 4.0, None), (12.0, 0.0, Some(3.0))] {
            let (_folder, mut history) = history();
            let mut rows: Vec<_> =
                ["A", "B", "D"].map(|set| row(Level::AdSet, &names(set), (0, 0), "10")).into();
            rows.push(refund(&names("A"), 7, "-1"));
            rows[3].actions.set(Action::Shares, Some(-back));
            import(&mut history, "a", &rows);
            let report = history.panel(&split(&[Network, AdSet])).unwrap();
            let shares = |cell: &Cell| cell.actions.get(Action::Shares);
            let found: f64 = report.panel.cells.iter().filter_map(shares).sum();
            assert!((found - left).abs() < 1e-9);
            let note = |count| PanelNote::CountsBeyond { column: "shares".into(), count };
            assert_eq!(report.panel.notes, beyond.map(note).into_iter().collect::<Vec<_>>());
            // The history adds up to what was imported, whatever way it is asked.
            let sum = history.totals().unwrap().actions[&Action::Shares];
            assert!((sum - 9.0 + back).abs() < 1e-9);
            let other = [NET, (Campaign, "E")];
            import(&mut history, "other grain", &[row(Level::Campaign, &other, (0, 0), "30")]);
            let sum = history.totals().unwrap().actions[&Action::Shares];
            assert!((sum - 12.0 + back).abs() < 1e-9);
        }
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
