//! History → panel: every amount once, by segment and week.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::Serialize;

use super::facts::{Fact, Facts, Label, Measures};
use super::grain::choose::{Choice, Piece};
use super::grain::settle::Settled;
use super::grain::tree::Tree;
use super::grain::{settle, tree};
use super::hidden;
use crate::action::{Action, Counts};
use crate::history::day::{Day, Span, number};
use crate::history::error::HistoryError;
use crate::history::row::Level;
use crate::history::store::open::History;
use crate::panel::{Cell, Panel, PanelNote};
use crate::segment::{Attribute, JOINT, NOT_BROKEN_DOWN, Segment, ToldApart};
use crate::units::Currency;

/// What a panel is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PanelOptions {
    /// Attributes that make a segment; empty for the finest that are known throughout.
    pub split_by: Vec<Attribute>,
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub to: Option<Date>,
    /// Only amounts of this currency (and those of unknown currency).
    pub currency: Option<Currency>,
    /// Also rows that report no money: organic posts.
    pub organic: bool,
    /// Only rows whose actions were counted under this attribution window (and those of which it
    /// is not known), such as `7-day click, 1-day view`.
    pub attribution: Option<String>,
}

/// A panel, and how it came about.
#[derive(Debug, Clone, PartialEq)]
pub struct PanelReport {
    /// The panel.
    pub panel: Panel,
    /// The attributes that make its segments.
    pub split_by: Vec<Attribute>,
    /// Which rows were used and which were other views of the same money.
    pub grains: Vec<GrainUse>,
    /// Money, exactly; the panel's own sum is this but for float rounding.
    pub spend: Decimal,
    /// Money that no breakdown accounts for; it is in the panel.
    pub not_broken_down: Decimal,
    /// Money divided by the shares of another breakdown, two breakdowns not being joined.
    pub modelled: Decimal,
    /// Money of windows that partly overlap others and cannot be taken apart; not in the panel.
    pub overlapping: Decimal,
    /// Differences between a window and its own days, taken as drift; not in the panel.
    pub drift: Decimal,
    /// Rows without money, left out.
    pub organic_rows: u64,
    /// Rows that begin before the first day or end after the last.
    pub rows_outside: u64,
}

/// Rows of one grain: what they stand for, and how many of them the panel is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GrainUse {
    /// Network.
    pub network: String,
    /// `account`, `campaign`, `ad_set` or `ad`.
    pub level: String,
    /// Breakdown columns.
    pub breakdowns: Vec<Attribute>,
    /// Rows in the history.
    pub rows: u64,
    /// Rows in the panel; the others are other views of the same money.
    pub used: u64,
}

impl History {
    /// The panel of all rows in force.
    ///
    /// # Errors
    ///
    /// [`HistoryError::Currencies`] when amounts cannot be added, [`HistoryError::Nothing`] when
    /// no row is left.
    pub fn panel(&self, options: &PanelOptions) -> Result<PanelReport, HistoryError> {
        let mut facts = self.facts()?;
        let other_windows = facts.keep_window(options.attribution.as_deref())?;
        let (mut facts, left) = facts.within(options);
        let currency = facts.currency()?;
        if let Some(asked) = options.currency
            && left.other_currency > 0
            && !facts.rows.iter().any(|fact| fact.paid)
        {
            return Err(HistoryError::NoSuchCurrency { asked });
        }
        if !facts.rows.iter().any(|fact| fact.paid || options.organic) {
            return Err(HistoryError::Nothing);
        }
        let mut notes = hidden::windows(&facts);
        notes.extend(currency.and_then(|currency| facts.without_currency(currency)));
        if let Some(currency) = options.currency.filter(|_| left.other_currency > 0) {
            notes.push(PanelNote::OtherCurrencies { currency, rows: left.other_currency });
        }
        notes.extend(other_windows);
        notes.extend(hidden::hide(&mut facts));
        let settled = settle::settle(&mut facts);
        let tree = tree::build(&facts, &settled);
        let split_by = if options.split_by.is_empty() {
            finest_known(&facts, &settled, &tree)
        } else {
            options.split_by.clone()
        };
        let mut choice = Choice::new(&facts, &settled, &tree, &split_by);
        let mut pieces = choice.pieces();
        if !options.organic {
            pieces.retain(|piece| choice.is_paid(piece));
        }
        let (mut panel, spend) = Assembly::new(&choice, &tree).panel(&pieces, &split_by, currency);
        if !panel.is_of_levers() {
            let apart = told_apart(&facts, &settled, &tree);
            notes.extend((!apart.is_empty()).then_some(PanelNote::ToldApart(apart)));
        }
        panel.notes = notes;
        let grains = grain_uses(&facts, &settled, &choice, &pieces);
        Ok(PanelReport {
            panel,
            grains,
            spend,
            not_broken_down: choice.rests,
            modelled: choice.modelled,
            overlapping: settled.left_out.spend,
            drift: settled.drift,
            organic_rows: left.organic,
            rows_outside: left.outside,
            split_by,
        })
    }
}

impl History {
    /// The ways in which the paid rows tell apart what was bought one by one, ad sets before
    /// campaigns before what is known of audiences.
    ///
    /// # Errors
    ///
    /// As [`Self::panel`].
    pub fn ways(&self, options: &PanelOptions) -> Result<Vec<ToldApart>, HistoryError> {
        let mut facts = self.facts()?;
        facts.keep_window(options.attribution.as_deref())?;
        let (mut facts, _) = facts.within(options);
        facts.currency()?;
        hidden::hide(&mut facts);
        let settled = settle::settle(&mut facts);
        let tree = tree::build(&facts, &settled);
        Ok(ways(&facts, &settled, &tree))
    }
}

/// Rows that a question leaves out.
#[derive(Debug, Default)]
pub(crate) struct LeftOut {
    pub(crate) organic: u64,
    pub(crate) outside: u64,
    pub(crate) other_currency: u64,
}

impl Facts {
    /// Leaves out rows under another attribution window than the one asked for, and says so.
    fn keep_window(&mut self, asked: Option<&str>) -> Result<Option<PanelNote>, HistoryError> {
        let Some(asked) = asked else { return Ok(None) };
        let plain = |text: &str| {
            text.split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
                .to_lowercase()
                .replace(" or ", ", ")
        };
        let window = |facts: &Self, fact: &Fact| {
            let label = facts.label(fact);
            facts.texts.get(label.attributes[Attribute::Attribution.index()]).map(plain)
        };
        let wanted = plain(asked);
        let known: BTreeSet<String> =
            self.rows.iter().filter_map(|fact| window(self, fact)).collect();
        if !known.contains(&wanted) {
            let known = known.into_iter().collect();
            return Err(HistoryError::NoSuchWindow { found: asked.to_owned(), known });
        }
        let before = self.rows.len();
        let rows = std::mem::take(&mut self.rows);
        let fits = |fact: &Fact| window(self, fact).is_none_or(|own| own == wanted);
        let kept: Vec<Fact> = rows.into_iter().filter(fits).collect();
        self.rows = kept;
        let rows = (before - self.rows.len()) as u64;
        let left_out = PanelNote::OtherWindows { window: asked.to_owned(), rows };
        Ok((rows > 0).then_some(left_out))
    }

    /// The rows that a question is about.
    pub(crate) fn within(mut self, options: &PanelOptions) -> (Self, LeftOut) {
        let mut left = LeftOut::default();
        let from = options.from.map_or(Day::MIN, number);
        let to = options.to.map_or(Day::MAX, number);
        let bounded = options.from.is_some() || options.to.is_some();
        self.leave_told_twice();
        let labels = &self.labels;
        self.rows.retain(|fact| {
            let currency = labels[fact.label as usize].currency;
            if options.currency.is_some() && currency.is_some() && currency != options.currency {
                left.other_currency += 1;
                return false;
            }
            if !fact.paid && !options.organic && !shares_money_out(&labels[fact.label as usize]) {
                left.organic += 1;
                return false;
            }
            let inside =
                !bounded || fact.span.is_dated() && from <= fact.span.start && fact.span.end <= to;
            left.outside += u64::from(!inside);
            inside
        });
        (self, left)
    }

    /// Rows with money whose export names no currency, where others do.
    fn without_currency(&self, currency: Currency) -> Option<PanelNote> {
        let silent = |fact: &&Fact| fact.paid && self.label(fact).currency.is_none();
        let rows = self.rows.iter().filter(silent).count() as u64;
        (rows > 0).then_some(PanelNote::SomeWithoutCurrency { currency, rows })
    }

    /// Leaves out what an analytics file says of promoted delivery on days for which the ads
    /// export of the same account says it too, with the money.
    fn leave_told_twice(&mut self) {
        let Some(promoted) = self.texts.find("promoted") else { return };
        let labels = &self.labels;
        let placement = Attribute::Placement.index();
        let is_promoted = |fact: &Fact| {
            !fact.paid && labels[fact.label as usize].attributes[placement] == promoted
        };
        if !self.rows.iter().any(is_promoted) {
            return;
        }
        let mut paid: BTreeMap<u32, BTreeSet<Span>> = BTreeMap::new();
        for fact in self.rows.iter().filter(|fact| fact.paid) {
            paid.entry(labels[fact.label as usize].account).or_default().insert(fact.span);
        }
        self.rows.retain(|fact| {
            let spans = paid.get(&labels[fact.label as usize].account);
            let told = |spans: &BTreeSet<Span>| spans.iter().any(|span| span.meets(fact.span));
            !(is_promoted(fact) && spans.is_some_and(told))
        });
    }
}

/// Whether a row without money tells how an account's money was shared out: a report on audiences.
fn shares_money_out(label: &Label) -> bool {
    // Organic beside promoted delivery is no audience.
    let placement = 1 << Attribute::Placement.index();
    label.level == Level::Account && label.mask != 0 && label.mask != placement
}

/// Attributes that say who is addressed and in which form, in the order in which a segment's name
/// shows them. What a message is about is not among them: it divides every audience again.
const AUDIENCE: [Attribute; 6] = [
    Attribute::Age,
    Attribute::Gender,
    Attribute::Territory,
    Attribute::Interest,
    Attribute::Format,
    Attribute::Placement,
];

/// Share of the money for which an attribute must be known to be *known throughout*.
const THROUGHOUT: f64 = 0.9;

/// The network and every audience attribute known throughout, as far as they are known together;
/// the ad set or the campaign where nothing says who is addressed.
fn finest_known(facts: &Facts, settled: &Settled, tree: &Tree) -> Vec<Attribute> {
    let groups = Groups::new(facts, settled, tree);
    let mut chosen = vec![Attribute::Network];
    for attribute in AUDIENCE {
        let mut tried = chosen.clone();
        tried.push(attribute);
        if groups.known_together(&tried) >= THROUGHOUT {
            chosen = tried;
        }
    }
    if chosen.len() == 1 {
        let finer = [Attribute::AdSet, Attribute::Campaign].into_iter().find(|attribute| {
            groups.known_together(&[Attribute::Network, *attribute]) >= THROUGHOUT
        });
        chosen.extend(finer);
    }
    chosen
}

/// Attributes by which things are bought one by one, the most telling first.
const BOUGHT_BY: [Attribute; 9] = [
    Attribute::AdSet,
    Attribute::Campaign,
    Attribute::Age,
    Attribute::Gender,
    Attribute::Territory,
    Attribute::Interest,
    Attribute::Format,
    Attribute::Topic,
    Attribute::Network,
];
/// Ways to ask that are offered at most.
const WAYS: usize = 3;

/// What the history tells apart of what was bought, and how to ask for it: those of several values,
/// or one.
fn told_apart(facts: &Facts, settled: &Settled, tree: &Tree) -> Vec<ToldApart> {
    let all = ways(facts, settled, tree);
    let several = || all.iter().filter(|own| own.values > 1);
    let one = || all.iter().filter(|own| own.values == 1);
    let chosen: Vec<&ToldApart> = if several().next().is_some() {
        several().take(WAYS).collect()
    } else {
        one().take(1).collect()
    };
    chosen.into_iter().cloned().collect()
}

/// Attributes known throughout that no breakdown made, each with its number of values, the most
/// telling first.
fn ways(facts: &Facts, settled: &Settled, tree: &Tree) -> Vec<ToldApart> {
    let groups = Groups::new(facts, settled, tree);
    let values = |attribute: Attribute| {
        let of = |fact: &Fact| {
            let label = facts.label(fact);
            let own = label.shown[attribute.index()];
            let is_bought = fact.measures.spend > Decimal::ZERO
                && label.mask >> attribute.index() & 1 == 0
                && own != 0;
            is_bought.then_some((label.account, own))
        };
        let found: BTreeSet<(u32, u32)> = settled.facts.iter().filter_map(of).collect();
        found.len()
    };
    let networks = values(Attribute::Network);
    let way = |attribute: Attribute| {
        let by_network = networks > 1 && attribute != Attribute::Network;
        let network = by_network.then_some(Attribute::Network);
        let split_by = network.into_iter().chain([attribute]).collect();
        ToldApart { split_by, values: values(attribute) }
    };
    let known = |attribute: &Attribute| groups.known_together(&[*attribute]) >= THROUGHOUT;
    BOUGHT_BY.into_iter().filter(known).map(way).filter(|own| own.values > 0).collect()
}

/// Money by grain (level and breakdowns) and known attributes.
type MoneyByGrain = BTreeMap<(Level, u16), BTreeMap<u16, f64>>;

/// For each topmost knot, enough to tell which attributes are known together.
struct Groups(BTreeMap<usize, MoneyByGrain>);

impl Groups {
    fn new(facts: &Facts, settled: &Settled, tree: &Tree) -> Self {
        let mut groups: BTreeMap<usize, MoneyByGrain> = BTreeMap::new();
        for top in &tree.tops {
            let money = groups.entry(*top).or_default();
            for row in tree.rows_below(*top) {
                let fact = &settled.facts[row];
                let label = facts.label(fact);
                let known = label
                    .shown
                    .iter()
                    .enumerate()
                    .fold(0_u16, |known, (i, value)| known | u16::from(*value != 0) << i);
                let by_known = money.entry((label.level, label.mask)).or_default();
                *by_known.entry(known).or_default() += fact.measures.weight();
            }
        }
        Self(groups)
    }

    /// Share of the money whose best grain knows all of these attributes.
    fn known_together(&self, attributes: &[Attribute]) -> f64 {
        let wanted = crate::history::label::mask(attributes);
        let (mut known, mut all) = (0.0, 0.0);
        for grains in self.0.values() {
            let of = |by_known: &BTreeMap<u16, f64>, wanted: u16| -> f64 {
                let matching = by_known.iter().filter(|(known, _)| **known & wanted == wanted);
                matching.map(|(_, money)| money).sum()
            };
            let most = |wanted: u16| {
                grains.values().map(|by_known| of(by_known, wanted)).fold(0.0, f64::max)
            };
            known += most(wanted);
            all += most(0);
        }
        if all > 0.0 { known / all } else { 0.0 }
    }
}

/// What falls into one cell.
#[derive(Debug, Default)]
struct Gathered {
    measures: Measures,
    pieces: u32,
    single: Option<Span>,
    from_breakdown: f64,
    weight: f64,
    new_creative: bool,
}

/// Segment (its tuple), period, and the thing itself where there is no period.
type Place = (u32, Span, usize);

/// Putting pieces together into segments and cells.
struct Assembly<'a> {
    choice: &'a Choice<'a>,
    tree: &'a Tree,
}

impl<'a> Assembly<'a> {
    fn new(choice: &'a Choice<'a>, tree: &'a Tree) -> Self {
        Self { choice, tree }
    }

    fn panel(
        &self,
        pieces: &[Piece],
        split_by: &[Attribute],
        currency: Option<Currency>,
    ) -> (Panel, Decimal) {
        let mut cells: BTreeMap<Place, Gathered> = BTreeMap::new();
        for piece in pieces {
            let cell = piece.span.cell();
            let thing = if cell.is_dated() { 0 } else { piece.node };
            self.gather(piece, cells.entry((piece.tuple, cell, thing)).or_default());
        }
        cells.retain(|_, gathered| !gathered.measures.is_nothing());
        let spend = cells.values().map(|gathered| gathered.measures.spend).sum();
        (self.finish(cells, split_by, currency), spend)
    }

    fn gather(&self, piece: &Piece, cell: &mut Gathered) {
        let measures = self.choice.measures(piece);
        cell.measures.add(measures);
        cell.pieces += 1;
        cell.single = (cell.pieces == 1).then_some(piece.span);
        cell.weight += measures.weight();
        if piece.split != 0 {
            cell.from_breakdown += measures.weight();
        }
        let days = &self.tree.nodes[piece.node].first_days;
        let first = days.partition_point(|day| *day < piece.span.start);
        cell.new_creative |= days.get(first).is_some_and(|day| *day <= piece.span.end);
    }

    fn finish(
        &self,
        cells: BTreeMap<Place, Gathered>,
        split_by: &[Attribute],
        currency: Option<Currency>,
    ) -> Panel {
        let mut segments: BTreeMap<u32, Segment> = BTreeMap::new();
        for (tuple, ..) in cells.keys() {
            segments.entry(*tuple).or_insert_with(|| self.segment(*tuple, split_by));
        }
        let mut order: Vec<(Segment, u32)> =
            segments.into_iter().map(|(tuple, segment)| (segment, tuple)).collect();
        order.sort();
        let places: BTreeMap<u32, usize> =
            order.iter().enumerate().map(|(place, (_, tuple))| (*tuple, place)).collect();
        let mut finished: Vec<Cell> = cells
            .into_iter()
            .map(|((tuple, span, _), gathered)| gathered.into_cell(places[&tuple], span))
            .collect();
        finished.sort_by_key(|cell| (cell.segment, cell.period));
        let reported =
            |action: &Action| finished.iter().any(|cell| cell.actions.get(*action).is_some());
        Panel {
            actions: Action::ALL.into_iter().filter(reported).collect(),
            segments: order.into_iter().map(|(segment, _)| segment).collect(),
            cells: finished,
            attributes: split_by.iter().map(|attribute| attribute.column().to_owned()).collect(),
            currency,
            notes: Vec::new(),
        }
    }

    fn segment(&self, tuple: u32, split_by: &[Attribute]) -> Segment {
        let values = self.choice.tuples.get(tuple);
        let shown: Vec<&str> = values
            .iter()
            .map(|value| self.choice.text(*value).unwrap_or(NOT_BROKEN_DOWN))
            .collect();
        Segment {
            id: shown.join(JOINT),
            attributes: split_by
                .iter()
                .zip(&shown)
                .map(|(attribute, value)| (attribute.column().to_owned(), (*value).to_owned()))
                .collect(),
        }
    }
}

impl Gathered {
    fn into_cell(self, segment: usize, span: Span) -> Cell {
        let measures = self.measures;
        let alone = self.single == Some(span) && measures.rows == 1;
        let mut cell = Cell {
            segment,
            period: span.period(),
            spend: measures.spend.to_f64().unwrap_or_default(),
            impressions: measures.impressions,
            // People seen on two days or in two breakdowns would be counted twice.
            reach: measures.reach.filter(|_| alone),
            actions: measures.actions,
            censored: Vec::new(),
            at_least: Counts::default(),
            from_breakdown: 2.0 * self.from_breakdown > self.weight,
            new_creative: self.new_creative,
        };
        for kind in Action::ALL.into_iter().filter(|kind| measures.hides(*kind)) {
            let least = measures.actions.get(kind).unwrap_or_default();
            let more = f64::from(measures.hidden[kind.index()]);
            cell.set_range(kind, (least, least + more));
        }
        cell
    }
}

fn grain_uses(
    facts: &Facts,
    settled: &Settled,
    choice: &Choice<'_>,
    pieces: &[Piece],
) -> Vec<GrainUse> {
    let key = |place: u32| {
        let label = &facts.labels[place as usize];
        (label.account, label.level, label.mask)
    };
    let mut uses: BTreeMap<(u32, Level, u16), [u64; 2]> = BTreeMap::new();
    for fact in &settled.facts {
        uses.entry(key(fact.label)).or_default()[0] += u64::from(fact.measures.rows);
    }
    for piece in pieces {
        if let Some(label) = choice.label(piece) {
            let rows = u64::from(choice.measures(piece).rows);
            uses.entry(key(label)).or_default()[1] += rows;
        }
    }
    uses.into_iter()
        .map(|((account, level, mask), [rows, used])| GrainUse {
            network: facts.texts.get(account).unwrap_or_default().to_owned(),
            level: level_name(level).to_owned(),
            breakdowns: Attribute::ALL
                .into_iter()
                .filter(|attribute| mask >> attribute.index() & 1 == 1)
                .collect(),
            rows,
            used,
        })
        .collect()
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::Account => "account",
        Level::Campaign => "campaign",
        Level::AdSet => "ad_set",
        Level::Ad => "ad",
    }
}
