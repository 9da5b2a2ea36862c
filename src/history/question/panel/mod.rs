//! History → panel: every amount once, by segment and week.

mod cells;
mod straight;

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde::Serialize;

use self::cells::Assembly;
use self::straight::Survey;
use super::grain::choose::{Choice, Piece};
use super::grain::settle::Settled;
use super::grain::tree::Tree;
use super::grain::{settle, tree};
use super::rows::asked::{LeftOut, PanelOptions};
use super::rows::facts::{Fact, Facts};
use super::rows::hidden;
use crate::history::error::HistoryError;
use crate::history::row::Level;
use crate::history::store::open::History;
use crate::history::store::seal;
use crate::panel::{Panel, PanelNote};
use crate::segment::{Attribute, ToldApart};
use crate::units::Currency;

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
    /// Rows that give money back.
    pub refund_rows: u64,
    /// Their money, taken off what was spent before in proportion, so that no week is below 0.
    pub refunds: Decimal,
    /// The same by the level that gave it, from the nearest: `ad_set` where the ad set of the
    /// refund had it, `account` where its campaign had not.
    pub refunds_from: Vec<(String, Decimal)>,
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
        let _one_moment = self.reading()?;
        let mut report = match self.survey(options)? {
            Some(survey) => self.straight(survey, options),
            None => self.chosen(options),
        }?;
        report.panel.mark_designed(&self.designed()?);
        Ok(report)
    }

    /// The ways in which the paid rows tell apart what was bought one by one, ad sets before
    /// campaigns before what is known of audiences.
    ///
    /// # Errors
    ///
    /// As [`Self::panel`].
    pub fn ways(&self, options: &PanelOptions) -> Result<Vec<ToldApart>, HistoryError> {
        let _one_moment = self.reading()?;
        if let Some(Survey { facts, settled, tree, .. }) = self.survey(options)? {
            facts.currency()?;
            return Ok(ways(&facts, &settled, &tree));
        }
        let mut facts = self.facts()?;
        facts.keep_window(options.attribution.as_deref())?;
        let (mut facts, _) = facts.within(options);
        facts.currency()?;
        hidden::hide(&mut facts);
        let settled = settle::settle(&mut facts);
        let tree = tree::build(&facts, &settled);
        Ok(ways(&facts, &settled, &tree))
    }

    /// Looks through a history whose rows need no choosing; `None` for all others.
    fn survey(&self, options: &PanelOptions) -> Result<Option<Survey>, HistoryError> {
        if self.is_blank()? {
            return Ok(None);
        }
        self.hold(&seal::ROWS)?;
        straight::survey(self.source(), options)
    }

    /// The panel of rows of which no two are views of the same money.
    fn straight(
        &self,
        mut survey: Survey,
        options: &PanelOptions,
    ) -> Result<PanelReport, HistoryError> {
        let mut hidden = std::mem::take(&mut survey.hidden);
        let Survey { facts, settled, tree, left, .. } = &survey;
        let (currency, mut notes) = begin(facts, left, options)?;
        let split_by = split_by(facts, settled, tree, options);
        let mut choice = Choice::new(facts, settled, tree, &split_by);
        let cells = survey.cells(self.source(), options, choice.labels(), &mut hidden)?;
        notes.extend(hidden.notes(facts));
        let pieces = choice.pieces();
        let made = Assembly::new(&choice, tree).finish(cells, &split_by, currency);
        Ok(Told { facts, settled, tree, left, choice: &choice }
            .report(&pieces, made, notes, &split_by))
    }

    /// The panel of rows some of which may be views of the same money.
    fn chosen(&self, options: &PanelOptions) -> Result<PanelReport, HistoryError> {
        let mut facts = self.facts()?;
        let other_windows = facts.keep_window(options.attribution.as_deref())?;
        let (mut facts, left) = facts.within(options);
        let (currency, mut notes) = begin(&facts, &left, options)?;
        notes.extend(other_windows);
        notes.extend(facts.refunds.beyond());
        notes.extend(hidden::hide(&mut facts));
        let settled = settle::settle(&mut facts);
        let tree = tree::build(&facts, &settled);
        let split_by = split_by(&facts, &settled, &tree, options);
        let mut choice = Choice::new(&facts, &settled, &tree, &split_by);
        let mut pieces = choice.pieces();
        if !options.organic {
            pieces.retain(|piece| choice.is_paid(piece));
        }
        let made = Assembly::new(&choice, &tree).panel(&pieces, &split_by, currency);
        let told =
            Told { facts: &facts, settled: &settled, tree: &tree, left: &left, choice: &choice };
        Ok(told.report(&pieces, made, notes, &split_by))
    }
}

/// The currency of the rows asked for, and what is to be said of them as they are.
fn begin(
    facts: &Facts,
    left: &LeftOut,
    options: &PanelOptions,
) -> Result<(Option<Currency>, Vec<PanelNote>), HistoryError> {
    let currency = facts.currency()?;
    let paid = facts.rows.iter().any(|fact| fact.paid);
    if let Some(asked) = options.currency
        && left.other_currency > 0
        && !paid
    {
        return Err(HistoryError::NoSuchCurrency { asked });
    }
    if !paid && (!options.organic || facts.rows.is_empty()) {
        return Err(HistoryError::Nothing);
    }
    let mut notes = hidden::windows(facts);
    notes.extend(currency.and_then(|currency| facts.without_currency(currency)));
    if let Some(currency) = options.currency.filter(|_| left.other_currency > 0) {
        notes.push(PanelNote::OtherCurrencies { currency, rows: left.other_currency });
    }
    Ok((currency, notes))
}

/// The attributes that make segments: those asked for, or the finest that are known.
fn split_by(
    facts: &Facts,
    settled: &Settled,
    tree: &Tree,
    options: &PanelOptions,
) -> Vec<Attribute> {
    if options.split_by.is_empty() {
        finest_known(facts, settled, tree)
    } else {
        options.split_by.clone()
    }
}

/// From the nearest to what is bought.
const LEVELS: [Level; 4] = [Level::Ad, Level::AdSet, Level::Campaign, Level::Account];

/// What a panel was made of, for its report.
struct Told<'a> {
    facts: &'a Facts,
    settled: &'a Settled,
    tree: &'a Tree,
    left: &'a LeftOut,
    choice: &'a Choice<'a>,
}

impl Told<'_> {
    fn report(
        &self,
        pieces: &[Piece],
        (mut panel, spend): (Panel, Decimal),
        mut notes: Vec<PanelNote>,
        split_by: &[Attribute],
    ) -> PanelReport {
        let Self { facts, settled, tree, left, choice } = *self;
        if !panel.is_of_levers() {
            let apart = told_apart(facts, settled, tree);
            notes.extend((!apart.is_empty()).then_some(PanelNote::ToldApart(apart)));
        }
        panel.notes = notes;
        PanelReport {
            panel,
            grains: grain_uses(facts, settled, choice, pieces),
            spend,
            not_broken_down: choice.rests,
            modelled: choice.modelled,
            overlapping: settled.left_out.spend,
            drift: settled.drift,
            refund_rows: facts.refunds.rows,
            refunds: facts.refunds.spend,
            refunds_from: LEVELS
                .map(|level| (level_name(level).to_owned(), facts.refunds.from[level as usize]))
                .into_iter()
                .filter(|(_, spend)| !spend.is_zero())
                .collect(),
            organic_rows: left.organic,
            rows_outside: left.outside,
            split_by: split_by.to_vec(),
        }
    }
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

#[cfg(test)]
mod tests {
    use std::cell::Cell as Count;

    use Attribute::{Ad, AdSet, Age, Campaign, Gender, Network};
    use proptest::prelude::*;
    use proptest::test_runner::{Config, TestRunner};

    use super::*;
    use crate::action::{Action, Counts};
    use crate::history::row::Row;
    use crate::history::tests::{by, day, history, import, import_packed, row, split};

    /// A row of one of two accounts; the second one's are broken down.
    #[derive(Debug, Clone)]
    struct Made {
        file: usize,
        network: usize,
        names: (usize, usize, usize),
        by_id: bool,
        age: usize,
        day: i64,
        cents: i64,
        counts: [Option<u8>; 2],
        impressions: Option<u16>,
    }

    fn made() -> impl Strategy<Value = Made> {
        let names = (0_usize..2, 0_usize..3, 0_usize..3);
        let count = || prop_oneof![Just(None), Just(Some(0)), (0_u8..9).prop_map(Some)];
        let thing = (0_usize..3, 0_usize..2, names, prop::bool::weighted(0.9), 0_usize..3);
        let told = (0_i64..24, 0_i64..400, [count(), count()], prop::option::of(0_u16..900));
        (thing, told).prop_map(|(thing, told)| {
            let ((file, network, names, by_id, age), (day, cents, counts, impressions)) =
                (thing, told);
            Made { file, network, names, by_id, age, day, cents, counts, impressions }
        })
    }

    impl Made {
        fn row(&self, steady: bool) -> Row {
            let network = ["linkedin", "snapchat"][self.network];
            let (campaign, set, ad) = self.names;
            // Ad sets of several campaigns bear the same names.
            let texts = [format!("C{campaign}"), format!("S{set}"), format!("A{ad}")];
            let mut pairs = vec![(Network, network), (Campaign, &*texts[0])];
            if steady || set > 0 {
                pairs.push((AdSet, &texts[1]));
            }
            pairs.push((Ad, &texts[2]));
            let age = ["18-24", "25-34", "35-44"][self.age];
            if self.network == 1 {
                pairs.push((Age, age));
            }
            let cents = Decimal::new(self.cents, 2).to_string();
            let mut row = row(Level::Ad, &pairs, (self.day, self.day), &cents);
            let id = format!("{campaign}{set}{ad}");
            row.ids[2] = (steady || self.by_id).then(|| id.into());
            row.impressions = self.impressions.map(f64::from);
            row.reach = row.impressions;
            row.actions = Counts::default();
            for (kind, count) in [Action::Shares, Action::LinkClicks].into_iter().zip(self.counts) {
                row.actions.set(kind, count.map(f64::from));
            }
            if self.network == 1 { by(row, &[Age]) } else { row }
        }
    }

    /// Both ways must give the same answer, wherever the quick one gives any; it must give one for
    /// most histories that it is made for.
    #[test]
    fn rows_that_need_no_choosing_are_counted_as_if_they_did() {
        let (tried, straight) = (Count::new(0), Count::new(0));
        let questions: [&[Attribute]; 5] = [&[], &[Network], &[Campaign, Age], &[AdSet], &[Gender]];
        let rows = prop::collection::vec(made(), 1..60);
        let asked =
            (any::<bool>(), any::<bool>(), 0_usize..5, prop::option::of((0_i64..9, 9_i64..25)));
        let mut runner =
            TestRunner::new(Config { cases: 160, failure_persistence: None, ..Config::default() });
        runner
            .run(&(rows, asked), |(rows, (steady, packed, question, days))| {
                let (_folder, mut history) = history();
                for file in 0..3 {
                    let own = rows.iter().filter(|row| row.file == file);
                    let own: Vec<Row> = own.map(|made| made.row(steady)).collect();
                    let into = if packed { import_packed } else { import };
                    into(&mut history, &file.to_string(), &own);
                }
                let options = PanelOptions {
                    from: days.map(|(from, _)| day(from)),
                    to: days.map(|(_, to)| day(to)),
                    ..split(questions[question])
                };
                tried.set(tried.get() + u32::from(steady));
                if let Some(survey) = history.survey(&options).unwrap() {
                    straight.set(straight.get() + u32::from(steady));
                    let ways = ways(&survey.facts, &survey.settled, &survey.tree);
                    let quick = history.straight(survey, &options);
                    let slow = history.chosen(&options);
                    prop_assert_eq!(format!("{quick:?}"), format!("{slow:?}"));
                    let mut facts = history.facts().unwrap().within(&options).0;
                    hidden::hide(&mut facts);
                    let settled = settle::settle(&mut facts);
                    let tree = tree::build(&facts, &settled);
                    prop_assert_eq!(ways, super::ways(&facts, &settled, &tree));
                }
                Ok(())
            })
            .unwrap();
        assert!(2 * straight.get() > tried.get(), "{straight:?} of {tried:?}");
    }
}
