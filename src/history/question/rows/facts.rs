//! The rows in force, in memory: what each stands for by number, money exact.

use std::collections::{BTreeSet, HashMap};
use std::hash::BuildHasherDefault;
use std::path::Path;

use rusqlite::Connection;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::action::{Action, Counts};
use crate::history::day::Span;
use crate::history::error::HistoryError;
use crate::history::label;
use crate::history::label::{NAMES, Words, family};
use crate::history::row::Level;
use crate::history::store::open::History;
use crate::history::store::packed::{Place, Stored};
use crate::history::store::{blocks, table};
use crate::panel::PanelNote;
use crate::segment::Attribute;
use crate::units::Currency;

/// Texts by number. Number 0 is *not known*.
#[derive(Debug)]
pub(crate) struct Texts {
    numbers: HashMap<Box<str>, u32>,
    texts: Vec<Box<str>>,
}

impl Default for Texts {
    fn default() -> Self {
        Self { numbers: HashMap::new(), texts: vec!["".into()] }
    }
}

impl Texts {
    pub(crate) fn number(&mut self, text: Option<&str>) -> u32 {
        let Some(text) = text.filter(|text| !text.is_empty()) else { return 0 };
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = self.texts.len() as u32;
        self.texts.push(text.into());
        self.numbers.insert(text.into(), number);
        number
    }

    /// The number of a text that was met.
    pub(crate) fn find(&self, text: &str) -> Option<u32> {
        self.numbers.get(text).copied()
    }

    /// The text of a number; `None` for *not known*.
    pub(crate) fn get(&self, number: u32) -> Option<&str> {
        (number != 0).then(|| &*self.texts[number as usize])
    }
}

/// What rows stand for, as the store remembers it.
#[derive(Debug, Clone)]
pub(crate) struct Label {
    pub(crate) identity: i64,
    /// Its rows count since publication.
    pub(crate) lifetime: bool,
    pub(crate) level: Level,
    /// Breakdown attributes, bit `i` for attribute `i`.
    pub(crate) mask: u16,
    pub(crate) attributes: [u32; Attribute::COUNT],
    /// Attributes as people are shown them: latest names, namesakes told apart by their ids.
    pub(crate) shown: [u32; Attribute::COUNT],
    /// Ids of campaign, ad set, ad.
    pub(crate) ids: [u32; 3],
    /// The network whose account pays.
    pub(crate) account: u32,
    pub(crate) currency: Option<Currency>,
}

impl Label {
    /// Whether the row's own level is named by an id.
    pub(crate) fn has_own_id(&self) -> bool {
        (self.level as usize).checked_sub(1).is_some_and(|own| self.ids[own] != 0)
    }
}

/// Numbers of one row or of several added up.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Measures {
    pub(crate) rows: u32,
    pub(crate) spend: Decimal,
    pub(crate) impressions: Option<f64>,
    /// Kept only while a single row is in here: people are not added.
    pub(crate) reach: Option<f64>,
    /// What is known of each kind: at least so many.
    pub(crate) actions: Counts,
    /// How many more there may be of each kind, their small counts being hidden.
    pub(crate) hidden: [f32; Action::COUNT],
}

impl Measures {
    pub(crate) fn add(&mut self, other: &Self) {
        self.reach = match (self.rows, other.rows) {
            (0, _) => other.reach,
            (_, 0) => self.reach,
            _ => None,
        };
        self.rows += other.rows;
        self.take(other);
    }

    /// Takes a count as hidden: anything from 0 up to less than `below`.
    pub(crate) fn hide(&mut self, kind: Action, below: f64) {
        self.actions.set(kind, Some(0.0));
        self.hidden[kind.index()] = (below.ceil() - 1.0).max(0.0) as f32;
    }

    /// Whether more of a kind than is known may have been counted.
    pub(crate) fn hides(&self, kind: Action) -> bool {
        self.hidden[kind.index()] > 0.0
    }

    /// Takes up what belongs to the same rows.
    pub(crate) fn take(&mut self, more: &Self) {
        self.spend += more.spend;
        self.impressions = sum(self.impressions, more.impressions);
        self.actions.add(&more.actions);
        for (mine, theirs) in self.hidden.iter_mut().zip(more.hidden) {
            *mine += theirs;
        }
    }

    /// Takes up what [`Self::weight`] is made of, and nothing else.
    pub(crate) fn take_weight(&mut self, more: &Self) {
        self.spend += more.spend;
        self.impressions = sum(self.impressions, more.impressions);
    }

    /// What is left of these when parts are taken out; never below 0.
    pub(crate) fn without(&self, parts: &Self) -> Self {
        let mut rest = Self {
            rows: self.rows,
            spend: (self.spend - parts.spend).max(Decimal::ZERO),
            impressions: less(self.impressions, parts.impressions),
            ..Self::default()
        };
        for action in Action::ALL {
            let Some(whole) = self.actions.get(action) else { continue };
            let part = parts.actions.get(action).unwrap_or_default();
            // Parts may hold what they hide, so that less is left; the whole may hide more.
            let most = (whole + f64::from(self.hidden[action.index()]) - part).max(0.0);
            let least = (whole - part - f64::from(parts.hidden[action.index()])).max(0.0);
            rest.actions.set(action, Some(least));
            rest.hidden[action.index()] = (most - least) as f32;
        }
        rest
    }

    /// Impressions and actions together: how much was counted at all.
    pub(crate) fn counted(&self) -> f64 {
        self.impressions.iter().chain(self.actions.0.iter().flatten()).sum()
    }

    pub(crate) fn is_nothing(&self) -> bool {
        self.spend.is_zero()
            && self.impressions.unwrap_or_default() == 0.0
            && self.actions.0.iter().all(|count| count.unwrap_or_default() == 0.0)
            && self.hidden.iter().all(|more| *more == 0.0)
    }

    /// How much a row matters when grains are compared: by money, or by impressions when there
    /// is none.
    pub(crate) fn weight(&self) -> f64 {
        use rust_decimal::prelude::ToPrimitive;
        self.spend.to_f64().unwrap_or_default() + 1e-9 * self.impressions.unwrap_or_default()
    }
}

fn sum(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a + b),
        (a, b) => a.or(b),
    }
}

fn less(whole: Option<f64>, parts: Option<f64>) -> Option<f64> {
    whole.map(|whole| (whole - parts.unwrap_or_default()).max(0.0))
}

/// One row in force.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fact {
    pub(crate) label: u32,
    pub(crate) file: i64,
    pub(crate) span: Span,
    pub(crate) paid: bool,
    pub(crate) measures: Measures,
}

/// What was given back.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Refunds {
    /// Rows that give money back.
    pub(crate) rows: u64,
    /// How much of it was taken off what was spent.
    pub(crate) spend: Decimal,
    /// The same by the level of whose money it was: of an ad set, of all of a campaign, …
    pub(crate) from: [Decimal; 4],
    /// How much is more than was ever spent or counted.
    pub(crate) beyond: Measures,
}

impl Refunds {
    /// What is to be said where more was given back than spent, or taken back than counted.
    pub(crate) fn beyond(&self) -> Vec<PanelNote> {
        let Measures { spend, impressions, actions, .. } = &self.beyond;
        let money = spend.to_f64().filter(|spend| *spend > 0.0);
        let mut notes: Vec<PanelNote> =
            money.map(|spend| PanelNote::RefundsBeyond { spend }).into_iter().collect();
        let counts = Action::ALL.map(|kind| (kind.column(), actions.get(kind)));
        for (column, count) in std::iter::once(("impressions", *impressions)).chain(counts) {
            let note = |count| PanelNote::CountsBeyond { column: column.to_owned(), count };
            notes.extend(count.map(note));
        }
        notes
    }
}

/// Where the store's labels stand among those that were read.
pub(crate) type Places = HashMap<i64, u32, BuildHasherDefault<Words>>;

/// All rows in force with what they stand for.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) texts: Texts,
    pub(crate) labels: Vec<Label>,
    pub(crate) rows: Vec<Fact>,
    /// What was given back, and has been taken off.
    pub(crate) refunds: Refunds,
    /// Rows of the store.
    pub(crate) stored: u64,
}

impl History {
    /// Where rows are read from.
    pub(crate) fn source(&self) -> Source<'_> {
        Source { store: &self.store, path: &self.path }
    }
}

/// A store that is read, and its name in messages; an import under way reads its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) store: &'a Connection,
    pub(crate) path: &'a Path,
}

impl Source<'_> {
    /// What rows can stand for, and no rows yet.
    pub(crate) fn labels(&self) -> Result<(Facts, Places), HistoryError> {
        let mut facts = Facts::default();
        let places = self.read_labels(&mut facts)?;
        facts.agree_on_names();
        Ok((facts, places))
    }

    fn failure(&self, error: &rusqlite::Error) -> HistoryError {
        HistoryError::new(self.path, error)
    }

    fn read_labels(&self, facts: &mut Facts) -> Result<Places, HistoryError> {
        let told = |error: rusqlite::Error| self.failure(&error);
        let columns = Attribute::ALL.map(Attribute::column).join(", ");
        let mut statement = self
            .store
            .prepare(&format!(
                "SELECT id, identity, level, breakdowns, currency, {columns}, campaign_id, \
                 ad_set_id, ad_id FROM label ORDER BY id"
            ))
            .map_err(told)?;
        let mut rows = statement.query([]).map_err(told)?;
        let mut places = Places::default();
        while let Some(row) = rows.next().map_err(told)? {
            let id: i64 = row.get(0).map_err(told)?;
            places.insert(id, facts.labels.len() as u32);
            let label = self.label(row, &mut facts.texts)?;
            facts.labels.push(label);
        }
        Ok(places)
    }

    fn label(&self, row: &rusqlite::Row<'_>, texts: &mut Texts) -> Result<Label, HistoryError> {
        let told = |error: rusqlite::Error| self.failure(&error);
        let number: i64 = row.get(2).map_err(told)?;
        let level = label::level(number)
            .ok_or_else(|| HistoryError::damaged(self.path, format!("level {number}")))?;
        let identity: i64 = row.get(1).map_err(told)?;
        let mut label = Label {
            identity: identity.abs(),
            lifetime: identity < 0,
            level,
            mask: row.get(3).map_err(told)?,
            attributes: [0; Attribute::COUNT],
            shown: [0; Attribute::COUNT],
            ids: [0; 3],
            account: 0,
            currency: None,
        };
        let code: Option<String> = row.get(4).map_err(told)?;
        label.currency = code.and_then(|code| code.parse().ok());
        for (i, place) in label.attributes.iter_mut().chain(&mut label.ids).enumerate() {
            let text = row.get_ref(5 + i).map_err(told)?;
            let text = text
                .as_str_or_null()
                .map_err(|error| HistoryError::damaged(self.path, error.to_string()))?;
            *place = texts.number(text);
        }
        let network = label.attributes[Attribute::Network.index()];
        label.account = network;
        if label.mask >> Attribute::Network.index() & 1 == 1 {
            let account = family(texts.get(network).unwrap_or_default()).to_owned();
            label.account = texts.number(Some(&account));
        }
        Ok(label)
    }

    /// Reads the rows in force as they are stored.
    pub(crate) fn read_rows(&self, facts: &mut Facts, places: &Places) -> Result<(), HistoryError> {
        let (mut keys, rows): (Vec<(Place, i64)>, _) = (Vec::new(), &mut facts.rows);
        let mut sorted = true;
        self.each(places, &mut |stored, fact| {
            let key = (stored.place(), stored.nth);
            sorted &= keys.last().is_none_or(|last| *last < key);
            keys.push(key);
            rows.push(fact);
            true
        })?;
        if !sorted {
            facts.rows = in_order(&keys, &facts.rows);
        }
        Ok(())
    }

    /// Visits the rows in force, in no order, until a visit gives `false`.
    pub(crate) fn each(
        &self,
        places: &Places,
        visit: &mut dyn FnMut(&Stored, Fact) -> bool,
    ) -> Result<(), HistoryError> {
        let told = |error: rusqlite::Error| self.failure(&error);
        let place = |label: i64| {
            let place = places.get(&label).copied();
            place.ok_or_else(|| HistoryError::damaged(self.path, format!("label {label}")))
        };
        let sql =
            format!("SELECT {} FROM row ORDER BY start, identity, end, nth", table::columns());
        let mut statement = self.store.prepare(&sql).map_err(told)?;
        let mut rows = statement.query([]).map_err(told)?;
        while let Some(row) = rows.next().map_err(told)? {
            let (file, stored) = table::stored(row, self.path)?;
            if !visit(&stored, fact(&stored, place(stored.known.label)?, file)) {
                return Ok(());
            }
        }
        let (mut unknown, mut goes_on) = (Ok(()), true);
        blocks::each(self.store, self.path, &mut |file, stored| match place(stored.known.label) {
            _ if !goes_on => {}
            Ok(place) => goes_on = visit(stored, fact(stored, place, file)),
            Err(error) => unknown = Err(error),
        })?;
        unknown
    }
}

fn fact(stored: &Stored, label: u32, file: i64) -> Fact {
    let mut measures = Measures {
        rows: 1,
        spend: stored.spend.unwrap_or_default(),
        impressions: stored.numbers.impressions(),
        reach: stored.numbers.reach(),
        actions: stored.numbers.actions(),
        ..Measures::default()
    };
    let limits = measures.actions;
    let hidden = |kind: &Action| stored.censored >> kind.index() & 1 == 1;
    for kind in Action::ALL.into_iter().filter(hidden) {
        measures.hide(kind, limits.get(kind).unwrap_or_default());
    }
    Fact { label, file, span: stored.span, paid: stored.spend.is_some(), measures }
}

/// The rows in the order of their keys: what is read must not depend on how it is stored.
fn in_order(keys: &[(Place, i64)], rows: &[Fact]) -> Vec<Fact> {
    let mut order: Vec<u32> = (0..rows.len() as u32).collect();
    // A stable sort makes use of the runs that are in order already.
    order.sort_by_key(|at| keys[*at as usize]);
    order.iter().map(|at| rows[*at as usize]).collect()
}

impl Facts {
    /// One id has one name, the latest; two ids of one name are shown with their ids.
    fn agree_on_names(&mut self) {
        for label in &mut self.labels {
            label.shown = label.attributes;
        }
        for (step, attribute) in NAMES.into_iter().enumerate() {
            let mut name_of: HashMap<(u32, u32), u32> = HashMap::new();
            let mut ids_of: HashMap<(u32, u32), BTreeSet<u32>> = HashMap::new();
            for label in &self.labels {
                let (id, name) = (label.ids[step], label.attributes[attribute.index()]);
                if id != 0 && name != 0 {
                    name_of.insert((label.account, id), name);
                }
            }
            for ((account, id), name) in &name_of {
                ids_of.entry((*account, *name)).or_default().insert(*id);
            }
            for label in &mut self.labels {
                let id = label.ids[step];
                let shown = &mut label.shown[attribute.index()];
                let Some(name) = name_of.get(&(label.account, id)) else {
                    // Without any name the id must do.
                    *shown = if *shown == 0 { id } else { *shown };
                    continue;
                };
                *shown = *name;
                if ids_of[&(label.account, *name)].len() > 1 {
                    let text = |number| self.texts.get(number).unwrap_or_default();
                    let both = format!("{} ({})", text(*name), text(id));
                    *shown = self.texts.number(Some(&both));
                }
            }
        }
    }

    pub(crate) fn label(&self, fact: &Fact) -> &Label {
        &self.labels[fact.label as usize]
    }

    /// The least amount that money can be told apart by: a cent, or a yen.
    pub(crate) fn cent(&self) -> Decimal {
        let digits = self.labels.iter().find_map(|label| label.currency);
        Decimal::new(1, digits.map_or(2, |currency| currency.minor_digits()))
    }

    /// The one currency of these rows.
    pub(crate) fn currency(&self) -> Result<Option<Currency>, HistoryError> {
        let found: BTreeSet<Currency> =
            self.rows.iter().filter_map(|fact| self.label(fact).currency).collect();
        if found.len() > 1 {
            let found = found.iter().map(ToString::to_string).collect();
            return Err(HistoryError::Currencies { found });
        }
        Ok(found.into_iter().next())
    }
}
