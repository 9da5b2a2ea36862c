//! One name for what an export without ids calls by two.
//!
//! Without an id a name is all that identifies a campaign, so a campaign renamed between two exports
//! is two, and the days that both exports hold count twice. A rename says that they are one: rows of
//! the earlier name go to the later one, where both have the same thing and period the newer export's
//! rows stay in force, as if it had been exported again, and whatever is imported later under the
//! earlier name is taken for the same thing, ad sets that are new too. What is identified by an id is
//! not touched: a new name for it needs nobody's help.
//!
//! Every label keeps the names of its export, and every row its label and file. So a rename that is
//! taken back leaves what the imports alone would have made.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension as _, params};
use serde::Serialize;

use super::blocks::Blocks;
use super::open::History;
use super::packed::Stored;
use super::part::Part;
use super::schema::VALUES;
use super::seal;
use super::table::{self, Table};
use crate::history::error::HistoryError;
use crate::history::label;
use crate::history::label::{Known, NAMES, Named, Renames};
use crate::segment::Attribute;

/// What a rename did, or taking one back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Renamed {
    /// Rows in force, before or now, that went to the other name.
    pub moved: u64,
    /// Rows of either name that another export's rows of the same period now stand for.
    pub set_aside: u64,
    /// Rows that are in force again.
    pub restored: u64,
}

/// A rename, as the journal remembers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rename {
    /// When it happened, as the command noted it.
    pub noted_at: Option<String>,
    /// Number of the latest import when it happened.
    pub import: i64,
    /// What is named: campaign, ad set or ad.
    pub level: Attribute,
    /// The earlier name.
    pub before: String,
    /// The name in its place.
    pub now: String,
    /// Rows in force that went from one to the other.
    pub moved: u64,
    /// Rows of either name that were no longer in force.
    pub set_aside: u64,
    /// Taken back since.
    pub undone: bool,
}

impl History {
    /// Takes a campaign, ad set or ad for another one of a later name, from here on too.
    ///
    /// # Errors
    ///
    /// [`HistoryError::NoSuchName`] when no row without an id has one of the names,
    /// [`HistoryError::RenamedBefore`] when one of them is taken for another one already,
    /// [`HistoryError::TwoNames`] when one export has both for the same period, so that they are two
    /// things; nothing is changed then.
    pub fn rename(
        &mut self,
        level: Attribute,
        from: &str,
        to: &str,
        noted_at: Option<&str>,
    ) -> Result<Renamed, HistoryError> {
        self.in_one(|own| {
            let (step, known) = own.names_of(level)?;
            for name in [from, to] {
                if let Some(now) = known.of(step, name) {
                    let (before, now) = (name.to_owned(), now.to_owned());
                    return Err(HistoryError::RenamedBefore { before, now });
                }
            }
            let told = |error: rusqlite::Error| own.failure(&error);
            let named = |name: &str| label::named(&own.store, step, name).map_err(told);
            let labels = named(from)?;
            for (name, is_missing) in [(from, labels.is_empty()), (to, named(to)?.is_empty())] {
                if is_missing || from == to {
                    let known = label::names(&own.store, step).map_err(told)?;
                    return Err(HistoryError::no_such_name(name, &known));
                }
            }
            own.store
                .execute(
                    "INSERT INTO rename (noted_at, import, level, earlier, later) SELECT ?1, \
                     coalesce(max(id), 0), ?2, ?3, ?4 FROM import",
                    params![noted_at, step as i64 + 1, from, to],
                )
                .map_err(told)?;
            let number = own.store.last_insert_rowid();
            own.follow_names(&known, labels)?;
            if let Some(file) = both_in_one(&own.store).map_err(told)? {
                let (from, to) = (from.to_owned(), to.to_owned());
                return Err(HistoryError::TwoNames { from, to, file });
            }
            let renamed = put_back(&own.store).map_err(told)?;
            own.store
                .execute(
                    "UPDATE rename SET moved = ?2, set_aside = ?3 WHERE id = ?1",
                    params![number, renamed.moved as i64, renamed.set_aside as i64],
                )
                .map_err(told)?;
            Ok(renamed)
        })
    }

    /// Takes a rename back: each name stands for itself again.
    ///
    /// # Errors
    ///
    /// [`HistoryError::NotRenamed`] when the name is not taken for another one.
    pub fn undo_rename(&mut self, level: Attribute, from: &str) -> Result<Renamed, HistoryError> {
        self.in_one(|own| {
            let (step, known) = own.names_of(level)?;
            let Some(now) = known.of(step, from) else {
                let in_place = stored(&own.store).map_err(|error| own.failure(&error))?;
                let in_place = in_place.into_iter().filter(|own| !own.undone);
                let known = in_place.map(|own| own.before).collect();
                return Err(HistoryError::NotRenamed { found: from.to_owned(), known });
            };
            let told = |error: rusqlite::Error| own.failure(&error);
            let labels = label::named(&own.store, step, now).map_err(told)?;
            own.store
                .execute(
                    "UPDATE rename SET undone = 1 WHERE level = ?1 AND earlier = ?2",
                    params![step as i64 + 1, from],
                )
                .map_err(told)?;
            own.follow_names(&known, labels)?;
            put_back(&own.store).map_err(told)
        })
    }

    /// All renames, oldest first, those taken back included.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] when the file cannot be read.
    pub fn renames(&self) -> Result<Vec<Rename>, HistoryError> {
        let _one_moment = self.reading()?;
        if self.is_blank()? {
            return Ok(Vec::new());
        }
        self.hold(&seal::JOURNAL)?;
        stored(&self.store).map_err(|error| self.failure(&error))
    }

    /// Compares everything before names are changed; the level of a kind of name, and the renames.
    fn names_of(&self, level: Attribute) -> Result<(usize, Renames), HistoryError> {
        if self.is_blank()? {
            return Err(HistoryError::Nothing);
        }
        self.compared.hold_all(&self.store, &self.path)?;
        let step = NAMES.iter().position(|name| *name == level).unwrap_or_default();
        let known = Renames::of_store(&self.store).map_err(|error| self.failure(&error))?;
        Ok((step, known))
    }

    /// Gives labels the names that they have now, and takes all rows of what they identify and
    /// identified out of their places.
    fn follow_names(&self, before: &Renames, labels: Vec<Named>) -> Result<(), HistoryError> {
        let told = |error: rusqlite::Error| self.failure(&error);
        self.store
            .execute_batch(
                "CREATE TEMP TABLE moved (label INTEGER PRIMARY KEY, identity INTEGER NOT NULL);
                 CREATE TEMP TABLE met (identity INTEGER PRIMARY KEY)",
            )
            .map_err(told)?;
        let met = point(&self.store, before, labels).map_err(told)?;
        self.unpack(&met)?;
        take_out(&self.store).map_err(told)
    }

    /// Puts packed rows of identities into the tables, in force or not, where they can be moved one
    /// by one.
    fn unpack(&self, met: &HashSet<i64>) -> Result<(), HistoryError> {
        let told = |error: rusqlite::Error| self.failure(&error);
        let mut blocks = Blocks::of_store(&self.store, &self.path).map_err(told)?;
        let mut table = Table::of_store(&self.store, &self.path).map_err(told)?;
        for (block, file) in blocks.all() {
            let mut rows: Vec<(Stored, bool)> = Vec::new();
            blocks.read_all(block, &mut |row, is_older| rows.push((*row, is_older)))?;
            if !rows.iter().any(|(row, _)| met.contains(&row.known.identity)) {
                continue;
            }
            rows.iter()
                .try_for_each(|(row, is_older)| {
                    if *is_older { table.insert_older(file, row) } else { table.insert(file, row) }
                })
                .and_then(|()| blocks.drop_block(block))
                .map_err(told)?;
        }
        Ok(())
    }
}

/// The renames of a store.
fn stored(store: &Connection) -> rusqlite::Result<Vec<Rename>> {
    if !Part::Renames.is_in(store)? {
        return Ok(Vec::new());
    }
    let mut statement = store.prepare(
        "SELECT noted_at, import, level, earlier, later, moved, set_aside, undone FROM rename \
         ORDER BY id",
    )?;
    let renames = statement.query_map([], |row| {
        let step = usize::from(row.get::<_, u8>(2)?).saturating_sub(1);
        Ok(Rename {
            noted_at: row.get(0)?,
            import: row.get(1)?,
            level: NAMES[step.min(NAMES.len() - 1)],
            before: row.get(3)?,
            now: row.get(4)?,
            moved: row.get::<_, i64>(5)?.unsigned_abs(),
            set_aside: row.get::<_, i64>(6)?.unsigned_abs(),
            undone: row.get(7)?,
        })
    })?;
    renames.collect()
}

/// Gives labels whose names have changed the identity of these, and notes which labels' rows are to
/// move; gives every identity that they have or had.
fn point(
    store: &Connection,
    before: &Renames,
    labels: Vec<Named>,
) -> rusqlite::Result<HashSet<i64>> {
    let now = Renames::of_store(store)?;
    let mut next = label::next(store)?.identity;
    let mut met = HashSet::new();
    let mut find = store.prepare("SELECT id FROM identity WHERE digest = ?1")?;
    let mut name = store.prepare("INSERT INTO identity (digest, id) VALUES (?1, ?2)")?;
    let mut note = store.prepare("INSERT INTO moved (label, identity) VALUES (?1, ?2)")?;
    for own in labels {
        let renamed = now.applied(&own.row);
        if renamed == before.applied(&own.row) {
            continue;
        }
        let digest = label::identity_digest(renamed.as_ref().unwrap_or(&own.row));
        let found = find.query_row([digest.as_slice()], |row| row.get(0)).optional()?;
        let identity = if let Some(identity) = found {
            identity
        } else {
            name.execute(params![digest.as_slice(), next])?;
            next += 1;
            next - 1
        };
        let identity = label::signed(identity, &own.row);
        met.extend([own.known.identity, identity]);
        let known = Known { identity, ..own.known };
        note.execute([known.label, known.identity])?;
        label::replace(store, &Named { known, ..own }, renamed.as_ref())?;
    }
    let mut note = store.prepare("INSERT INTO met (identity) VALUES (?1)")?;
    met.iter().try_for_each(|identity| note.execute([identity]).map(drop))?;
    // What no label stands for would be met again under a number that is given anew.
    store.execute(
        "DELETE FROM identity WHERE id IN (SELECT abs(identity) FROM met) AND NOT EXISTS \
         (SELECT 1 FROM label WHERE label.identity IN (identity.id, -identity.id))",
        [],
    )?;
    Ok(met)
}

/// Takes all rows of identities that were met out of their tables, each with the identity that its
/// label has now.
fn take_out(store: &Connection) -> rusqlite::Result<()> {
    let of = |table: &str, is_older: bool| {
        format!(
            "SELECT start, coalesce(moved.identity, own.identity) AS identity, end, nth, file, \
             {is_older} AS was_older, moved.label IS NOT NULL AS is_moved, {} FROM {table} AS own \
             LEFT JOIN moved ON moved.label = own.label WHERE own.identity IN (SELECT identity \
             FROM met)",
            values_of("own")
        )
    };
    store.execute_batch(&format!(
        "CREATE TEMP TABLE lot AS {} UNION ALL {};
         DELETE FROM row WHERE identity IN (SELECT identity FROM met);
         DELETE FROM older WHERE identity IN (SELECT identity FROM met);",
        of("row", false),
        of("older", true)
    ))
}

/// A file whose rows have both names for one period.
fn both_in_one(store: &Connection) -> rusqlite::Result<Option<String>> {
    let sql = "SELECT file.name FROM lot JOIN file ON file.id = lot.file GROUP BY start, identity, \
               end, lot.file HAVING min(is_moved) < max(is_moved) LIMIT 1";
    store.query_row(sql, [], |row| row.get(0)).optional()
}

/// Puts rows where their identities belong: of each place the newest file's are in force.
fn put_back(store: &Connection) -> rusqlite::Result<Renamed> {
    store.execute_batch(
        "CREATE TEMP TABLE placed AS SELECT *, max(file) OVER (PARTITION BY start, identity, end) \
         > file AS is_older, row_number() OVER (PARTITION BY start, identity, end, file ORDER BY \
         nth, line, label) - 1 AS own_nth FROM lot",
    )?;
    for (table, is_older) in [("row", false), ("older", true)] {
        store.execute(
            &format!(
                "INSERT INTO {table} ({}) SELECT start, identity, end, own_nth, file, {VALUES} \
                 FROM placed WHERE is_older = {is_older} ORDER BY start, identity, end",
                table::columns()
            ),
            [],
        )?;
    }
    let count = |condition: &str| -> rusqlite::Result<u64> {
        let sql = format!("SELECT count(*) FROM placed WHERE {condition}");
        store.query_row(&sql, [], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs)
    };
    let renamed = Renamed {
        moved: count("is_moved AND NOT (was_older AND is_older)")?,
        set_aside: count("is_older AND NOT was_older")?,
        restored: count("was_older AND NOT is_older")?,
    };
    store.execute_batch("DROP TABLE placed; DROP TABLE lot; DROP TABLE met; DROP TABLE moved")?;
    Ok(renamed)
}

/// The values of a row, of one of several tables.
fn values_of(table: &str) -> String {
    VALUES.split(',').map(|own| format!("{table}.{}", own.trim())).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use rust_decimal::Decimal;

    use super::{Rename, Renamed};
    use crate::history::row::{Level, Row};
    use crate::history::store::seal::{Way, compare_all};
    use crate::history::tests::{NET, history, import, import_packed, row, split};
    use crate::history::{History, HistoryError};
    use crate::segment::Attribute::{self, AdSet, Campaign};

    /// A day of an ad set.
    fn set(campaign: &str, set: &str, day: i64, spend: &str) -> Row {
        row(Level::AdSet, &[NET, (Campaign, campaign), (AdSet, set)], (day, day), spend)
    }

    /// Spend by campaign and ad set.
    fn sums(history: &History) -> BTreeMap<String, f64> {
        let panel = history.panel(&split(&[Campaign, AdSet])).unwrap().panel;
        let mut sums = BTreeMap::new();
        for cell in &panel.cells {
            *sums.entry(panel.segments[cell.segment].id.clone()).or_default() += cell.spend;
        }
        sums
    }

    fn of(sums: &[(&str, f64)]) -> BTreeMap<String, f64> {
        sums.iter().map(|(name, sum)| ((*name).to_owned(), *sum)).collect()
    }

    #[test]
    fn what_is_first_met_under_the_earlier_name_after_a_rename_follows_it() {
        let (_folder, mut history) = history();
        import(&mut history, "a", &[set("Old", "S", 0, "1")]);
        import(&mut history, "b", &[set("New", "S", 1, "2")]);
        history.rename(Campaign, "Old", "New", None).unwrap();
        import(&mut history, "c", &[set("Old", "T", 0, "4"), set("Old", "S", 1, "8")]);
        assert_eq!(sums(&history), of(&[("New · S", 9.0), ("New · T", 4.0)]));
        // The newer name, exported again, takes its place.
        import(&mut history, "d", &[set("New", "T", 0, "16")]);
        assert_eq!(sums(&history), of(&[("New · S", 9.0), ("New · T", 16.0)]));
        let undone = history.undo_rename(Campaign, "Old").unwrap();
        assert_eq!(undone, Renamed { moved: 3, set_aside: 0, restored: 2 });
        assert_eq!(
            sums(&history),
            of(&[("New · S", 2.0), ("New · T", 16.0), ("Old · S", 9.0), ("Old · T", 4.0)])
        );
        compare_all(&history.store, history.path(), Way::Summed).unwrap();
    }

    #[test]
    fn a_rename_is_in_the_journal_and_what_stands_in_its_way_is_told() {
        let (_folder, mut history) = history();
        for (day, name) in (0..).zip(["A", "B", "C"]) {
            import(&mut history, name, &[set(name, "S", day, "1")]);
        }
        let noted = Some("2026-12-01T03:00:00Z");
        history.rename(Campaign, "A", "B", noted).unwrap();
        let refused = |history: &mut History, from, to| {
            let error = history.rename(Campaign, from, to, noted).unwrap_err();
            let HistoryError::RenamedBefore { before, now } = error else { panic!("{error}") };
            (before, now)
        };
        let taken = ("A".to_owned(), "B".to_owned());
        // Again, into another name, and back in a loop.
        for (from, to) in [("A", "B"), ("A", "C"), ("B", "A"), ("C", "A")] {
            assert_eq!(refused(&mut history, from, to), taken, "{from} {to}");
        }
        history.rename(Campaign, "B", "C", None).unwrap();
        import(&mut history, "later", &[set("A", "S", 7, "1")]);
        assert_eq!(sums(&history), of(&[("C · S", 4.0)]));
        let error = history.undo_rename(AdSet, "A").unwrap_err();
        assert!(matches!(error, HistoryError::NotRenamed { known, .. } if known == ["A", "B"]));
        // The first link of a chain.
        history.undo_rename(Campaign, "A").unwrap();
        assert_eq!(sums(&history), of(&[("A · S", 2.0), ("C · S", 2.0)]));
        let renames = history.renames().unwrap();
        let first = Rename {
            noted_at: noted.map(str::to_owned),
            import: 3,
            level: Campaign,
            before: "A".into(),
            now: "B".into(),
            moved: 1,
            set_aside: 0,
            undone: true,
        };
        assert_eq!((&renames[0], renames.len(), renames[1].undone), (&first, 2, false));
    }

    #[derive(Debug, Clone)]
    enum Step {
        /// Campaign, ad set and day of each row.
        Import(Vec<(u8, u8, i64)>, bool),
        Undo(usize),
        Rename(bool, u8, u8),
        UndoRename(bool, u8),
    }

    fn step() -> impl Strategy<Value = Step> {
        let rows = proptest::collection::vec((0_u8..4, 0_u8..3, 0_i64..4), 1..9);
        prop_oneof![
            4 => (rows, any::<bool>()).prop_map(|(rows, packs)| Step::Import(rows, packs)),
            1 => (0_usize..6).prop_map(Step::Undo),
            3 => (any::<bool>(), 0_u8..4, 0_u8..4)
                .prop_map(|(high, from, to)| Step::Rename(high, from, to)),
            1 => (any::<bool>(), 0_u8..4).prop_map(|(high, from)| Step::UndoRename(high, from)),
        ]
    }

    fn level(high: bool) -> Attribute {
        if high { Campaign } else { AdSet }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Whatever is imported, renamed and taken back in whatever order, the history is what the
        /// exports alone would have made under the names that they have now.
        #[test]
        fn names_may_change_before_or_after(steps in proptest::collection::vec(step(), 1..14)) {
            let (_folder, mut history) = history();
            let mut imports: Vec<(Vec<Row>, bool)> = Vec::new();
            let mut rules: BTreeMap<(bool, String), String> = BTreeMap::new();
            let mut spend = 0;
            for step in steps {
                match step {
                    Step::Import(rows, packs) => {
                        let rows: Vec<Row> = rows.iter().map(|(campaign, own, day)| {
                            spend += 1;
                            set(&format!("N{campaign}"), &format!("N{own}"), *day, &format!("{spend}"))
                        }).collect();
                        let add = if packs { import_packed } else { import };
                        add(&mut history, &imports.len().to_string(), &rows);
                        imports.push((rows, false));
                    }
                    Step::Undo(which) => {
                        if let Some((_, undone)) = imports.get_mut(which) {
                            let taken_back = history.undo(which as i64 + 1);
                            prop_assert_eq!(taken_back.is_err(), *undone);
                            *undone = true;
                        }
                    }
                    Step::Rename(high, from, to) => {
                        let (from, to) = (format!("N{from}"), format!("N{to}"));
                        if history.rename(level(high), &from, &to, None).is_ok() {
                            rules.insert((high, from), to);
                        }
                    }
                    Step::UndoRename(high, from) => {
                        let from = format!("N{from}");
                        let undone = history.undo_rename(level(high), &from).is_ok();
                        prop_assert_eq!(undone, rules.remove(&(high, from)).is_some());
                    }
                }
                if !imports.is_empty() {
                    compare_all(&history.store, history.path(), Way::Summed).unwrap();
                }
            }
            for is_last in [false, true] {
                let (_folder, mut model) = crate::history::tests::history();
                for (at, (rows, undone)) in imports.iter().enumerate() {
                    let mut rows = rows.clone();
                    for row in &mut rows {
                        for high in [true, false] {
                            let name = &mut row.attributes[level(high).index()];
                            while let Some(now) = rules.get(&(high, name.as_deref().unwrap().to_owned())) {
                                *name = Some(now.as_str().into());
                            }
                        }
                    }
                    if !undone {
                        import(&mut model, &at.to_string(), &rows);
                    }
                }
                if imports.is_empty() {
                    break;
                }
                prop_assert_eq!(history.fingerprint().unwrap(), model.fingerprint().unwrap());
                prop_assert_eq!(history.totals().unwrap(), model.totals().unwrap());
                if !is_last {
                    for (high, from) in std::mem::take(&mut rules).into_keys() {
                        history.undo_rename(level(high), &from).unwrap();
                    }
                }
            }
        }
    }

    #[test]
    fn a_rename_counts_what_went_aside() {
        let (_folder, mut history) = history();
        import(&mut history, "a", &[set("A", "S", 0, "1"), set("A", "S", 1, "2")]);
        import(&mut history, "b", &[set("B", "S", 1, "3"), set("B", "S", 2, "4")]);
        let renamed = history.rename(Campaign, "A", "B", None).unwrap();
        assert_eq!(renamed, Renamed { moved: 2, set_aside: 1, restored: 0 });
        assert_eq!(history.totals().unwrap().spend, Decimal::from(8));
        history.undo(2).unwrap();
        assert_eq!(history.totals().unwrap().spend, Decimal::from(3));
        assert_eq!(sums(&history), of(&[("B · S", 3.0)]));
    }
}
