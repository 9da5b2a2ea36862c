//! What newer rows lower: totals of campaigns and posts that fell when rows were replaced.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::Serialize;

use super::packed::Stored;
use crate::action::Action;
use crate::history::question::totals::{Sums, Totals};
use crate::units::Currency;

/// A total of a campaign, or of a post, that newer rows have lowered.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Lowered {
    /// The campaign, or what stands for it; `None` for all that are not told one by one.
    pub name: Option<String>,
    /// What fell: `spend`, `impressions` or a kind of action.
    pub measure: &'static str,
    /// What the rows that were replaced add up to.
    pub before: f64,
    /// What the rows in their place add up to.
    pub now: f64,
    /// Currency of money.
    pub currency: Option<Currency>,
}

impl Lowered {
    /// A newer export whose total is at least this share of the older's differs by drift: platforms
    /// go on correcting for some days.
    const SAME: f64 = 0.995;

    /// Whether it fell by more than platforms' own corrections.
    #[must_use]
    pub fn needs_a_person(&self) -> bool {
        self.now < Self::SAME * self.before
    }
}

/// Things that are told apart; beyond so many, what is replaced is added up together.
const APART: usize = 4_096;

/// A name and its currency, with the totals before and now.
type Group = ((Option<String>, Option<Currency>), [Totals; 2]);

/// Replaced rows with what took their place, by label.
#[derive(Debug, Default)]
pub(crate) struct Replacing {
    by_label: BTreeMap<i64, [Sums; 2]>,
}

impl Replacing {
    /// Stands for all labels beyond those that are told apart; labels are numbered from 1.
    const OTHERS: i64 = 0;

    /// Sums before and now of what a label stands for.
    pub(crate) fn of(&mut self, label: i64) -> &mut [Sums; 2] {
        let is_apart = self.by_label.len() < APART || self.by_label.contains_key(&label);
        self.by_label.entry(if is_apart { label } else { Self::OTHERS }).or_default()
    }

    /// Takes account of a row in whose place none stands.
    pub(crate) fn goes(&mut self, row: &Stored) {
        row.add_to(&mut self.of(row.known.label)[0]);
    }

    /// What fell, by name.
    pub(crate) fn lowered(&self, store: &Connection) -> rusqlite::Result<Vec<Lowered>> {
        let mut named: BTreeMap<(Option<String>, Option<String>), Group> = BTreeMap::new();
        for (label, sums) in &self.by_label {
            let (name, currency) = name(store, *label)?;
            let code = currency.map(|currency| currency.code().to_owned());
            let (_, totals) = named
                .entry((name.clone(), code))
                .or_insert_with(|| ((name, currency), Default::default()));
            for (total, sums) in totals.iter_mut().zip(sums) {
                total.join(&sums.totals(currency));
            }
        }
        let fallen = named.into_values().flat_map(|((name, currency), [before, now])| {
            measures(&before, &now)
                .filter(|(_, before, now)| now < before)
                .map(|(measure, before, now)| Lowered {
                    name: name.clone(),
                    measure,
                    before,
                    now,
                    currency,
                })
                .collect::<Vec<_>>()
        });
        Ok(fallen.collect())
    }
}

/// Each measure before and now.
fn measures(before: &Totals, now: &Totals) -> impl Iterator<Item = (&'static str, f64, f64)> {
    let money = |spend: Decimal| spend.to_f64().unwrap_or_default();
    let count = |totals: &Totals, kind: Action| totals.actions.get(&kind).copied();
    let mut all = vec![
        ("spend", money(before.spend), money(now.spend)),
        ("impressions", before.impressions, now.impressions),
    ];
    all.extend(Action::ALL.into_iter().filter_map(|kind| {
        Some((kind.column(), count(before, kind)?, count(now, kind).unwrap_or_default()))
    }));
    all.into_iter()
}

/// What people call what a label stands for: the campaign, or a post or ad without one.
fn name(store: &Connection, label: i64) -> rusqlite::Result<(Option<String>, Option<Currency>)> {
    let mut find = store.prepare_cached(
        "SELECT coalesce(campaign, campaign_id, ad, ad_id, ad_set, ad_set_id, profile, network), \
         currency FROM label WHERE id = ?1",
    )?;
    let found: Option<(Option<String>, Option<String>)> =
        find.query_row([label], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let (name, code) = found.unwrap_or_default();
    Ok((name, code.and_then(|code| code.parse().ok())))
}

#[cfg(test)]
mod tests {
    use super::Lowered;
    use crate::action::Action;
    use crate::history::row::{Level, Row};
    use crate::history::tests::{CAMPAIGN, NET, history, meta, row};
    use crate::history::{FileCounts, History};
    use crate::segment::Attribute::{AdSet, Campaign};
    use crate::units::Currency;

    /// Imports a file; what became of its rows, and what they lowered.
    fn import(
        history: &mut History,
        name: &str,
        rows: &[Row],
        from: usize,
    ) -> (FileCounts, Vec<Lowered>) {
        let mut import = history.begin().unwrap();
        if from > 0 {
            import.pack_from(from);
        }
        import.file(&meta(name)).unwrap();
        for row in rows {
            import.row(row).unwrap();
        }
        let counts = import.end_file().unwrap();
        let lowered = import.lowered().to_vec();
        import.commit().unwrap();
        (counts, lowered)
    }

    fn days(spends: &[&str]) -> Vec<Row> {
        let day = |(n, spend): (i64, &&str)| row(Level::Campaign, &[NET, CAMPAIGN], (n, n), spend);
        (0..).zip(spends).map(day).collect()
    }

    fn spend(name: &str, before: f64, now: f64) -> Lowered {
        let currency = Some(Currency::EUR);
        Lowered { name: Some(name.into()), measure: "spend", before, now, currency }
    }

    #[test]
    fn a_replacement_that_lowers_a_total_is_told_by_name_and_one_that_does_not_is_not() {
        for from in [0, 3] {
            let (_folder, mut history) = history();
            assert_eq!(import(&mut history, "a", &days(&["10", "20", "30", "1"]), from).1, []);
            // One day less, another more: the campaign's total is what counts.
            assert_eq!(import(&mut history, "b", &days(&["8", "24", "30", "1"]), from).1, []);
            let (counts, lowered) = import(&mut history, "c", &days(&["8", "3", "30", "1"]), from);
            assert_eq!((counts.replaced, &lowered[..]), (1, &[spend("C", 24.0, 3.0)][..]));
            assert!(lowered[0].needs_a_person());
            let drift = import(&mut history, "d", &days(&["8", "3", "29.99", "1"]), from).1;
            assert_eq!((drift.len(), drift[0].needs_a_person()), (1, false));
        }
    }

    #[test]
    fn counts_that_fall_to_nothing_are_told_as_money_is() {
        let (_folder, mut history) = history();
        let full = days(&["10"]);
        let mut emptied = full.clone();
        emptied[0].impressions = None;
        emptied[0].actions.set(Action::Shares, None);
        import(&mut history, "a", &full, 0);
        let told: Vec<(&str, f64, f64)> = import(&mut history, "b", &emptied, 0)
            .1
            .iter()
            .map(|own| (own.measure, own.before, own.now))
            .collect();
        assert_eq!(told, [("impressions", 1000.0, 0.0), ("shares", 3.0, 0.0)]);
    }

    #[test]
    fn namesakes_that_are_fewer_in_the_newer_export_are_told() {
        let (_folder, mut history) = history();
        let names = [NET, (Campaign, "C"), (AdSet, "S")];
        let of = |spend: &str| row(Level::AdSet, &names, (0, 0), spend);
        import(&mut history, "a", &[of("5"), of("6"), of("7")], 0);
        let (counts, lowered) = import(&mut history, "b", &[of("5")], 0);
        assert_eq!((counts.replaced, counts.duplicate), (0, 1));
        assert_eq!(lowered[0], spend("C", 13.0, 0.0));
        assert_eq!(lowered.len(), 3, "impressions and shares fall with them");
        // As many as do not wait at once, packed or not.
        for (first, then) in [(0, 3), (3, 3), (3, 0)] {
            let (_folder, mut history) = crate::history::tests::history();
            let many = |spends: &[&str]| spends.iter().map(|own| of(own)).collect::<Vec<_>>();
            let six = ["1", "2", "3", "4", "5", "6"];
            import(&mut history, "a", &many(&six), first);
            let (counts, lowered) =
                import(&mut history, "b", &many(&["1", "2", "3", "4", "1"]), then);
            assert_eq!((counts.replaced, counts.duplicate), (1, 4));
            let spend = lowered.iter().find(|own| own.measure == "spend").unwrap();
            assert_eq!(spend.before - spend.now, 10.0);
        }
    }
}
