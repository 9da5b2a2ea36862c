//! Millions of rows of which no two are views of the same money: straight into cells.
//!
//! Most histories are of one grain and tell every day once. Then no grain need be chosen, no window
//! divided, and no row kept in memory: one reading tells what labels the rows have, from which
//! files and how much of what ([`survey`]), which is all that the tree and the choice of segments
//! ask; a second adds each row to its cell ([`Survey::cells`]). Whatever is not as plain as that is
//! left to the general way, whose answer this one is, to the bit: sums are of whole counts and exact
//! money, which no order of rows changes.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::BuildHasherDefault;

use rust_decimal::Decimal;

use super::cells::{Gathered, Place};
use crate::history::day::{Day, Span};
use crate::history::error::HistoryError;
use crate::history::label::Words;
use crate::history::question::grain::settle::Settled;
use crate::history::question::grain::tree::{self, Tree};
use crate::history::question::rows::asked::{LeftOut, PanelOptions, Wanted};
use crate::history::question::rows::facts::{Fact, Facts, Measures, Places, Source};
use crate::history::question::rows::hidden::{Counted, Hidden};
use crate::history::question::totals::grains_meet;
use crate::history::row::Level;

/// More stretches of time than this are no days.
const SPANS: usize = 20_000;

/// Counts beyond this are not added exactly any more when there are millions of them.
const LARGEST: f64 = (1_u64 << 30) as f64;

/// What the rows of a plain history stand for and add up to.
#[derive(Debug)]
pub(crate) struct Survey {
    /// One row for all those of a label and file, over all their days.
    pub(crate) facts: Facts,
    pub(crate) settled: Settled,
    pub(crate) tree: Tree,
    pub(crate) left: LeftOut,
    pub(crate) hidden: Hidden,
    places: Places,
    /// First day with anything of each label's ad.
    first_day: Vec<Day>,
}

/// Looks through a history whose rows need no choosing; `None` for all others.
pub(crate) fn survey(
    source: Source<'_>,
    options: &PanelOptions,
) -> Result<Option<Survey>, HistoryError> {
    if options.attribution.is_some()
        || grains_meet(source.store).map_err(|error| HistoryError::new(source.path, &error))?
    {
        return Ok(None);
    }
    let (facts, places) = source.labels()?;
    if facts.texts.find("promoted").is_some() {
        return Ok(None);
    }
    let mut seen = Seen::new(facts, Wanted::new(options));
    let mut is_plain = true;
    source.each(&places, &mut |_, fact| {
        is_plain = seen.row(&fact);
        is_plain
    })?;
    Ok(if is_plain { seen.survey(places) } else { None })
}

/// Stands for *no position*.
const NONE: u32 = u32::MAX;

/// What the rows of a label and file add up to, as far as the choice of segments asks.
#[derive(Debug)]
struct Sum {
    label: u32,
    file: i64,
    rows: u32,
    spend: Decimal,
    impressions: Option<f64>,
    span: Span,
}

impl Sum {
    fn new(fact: &Fact) -> Self {
        let Fact { label, file, span, .. } = *fact;
        Self { label, file, rows: 0, spend: Decimal::ZERO, impressions: None, span }
    }

    fn take(&mut self, fact: &Fact) {
        self.rows += 1;
        self.spend += fact.measures.spend;
        if let Some(more) = fact.measures.impressions {
            self.impressions = Some(self.impressions.unwrap_or_default() + more);
        }
        self.span.start = self.span.start.min(fact.span.start);
        self.span.end = self.span.end.max(fact.span.end);
    }

    fn fact(self) -> Fact {
        let Self { label, file, rows, spend, impressions, span } = self;
        let measures = Measures { rows, spend, impressions, ..Measures::default() };
        Fact { label, file, span, paid: true, measures }
    }
}

/// What a first reading finds.
struct Seen {
    facts: Facts,
    wanted: Wanted,
    left: LeftOut,
    counted: Counted,
    spans: BTreeSet<Span>,
    last: Option<Span>,
    /// Position in `sums` of each label and file.
    of: HashMap<(u32, i64), u32, BuildHasherDefault<Words>>,
    /// The file of each label's latest row, and its position.
    latest: Vec<(i64, u32)>,
    sums: Vec<Sum>,
    first_day: Vec<Day>,
}

impl Seen {
    fn new(facts: Facts, wanted: Wanted) -> Self {
        let first_day = vec![Day::MAX; facts.labels.len()];
        let latest = vec![(0, NONE); facts.labels.len()];
        let (left, counted) = (LeftOut::default(), Counted::default());
        let (spans, last, of, sums) = (BTreeSet::new(), None, HashMap::default(), Vec::new());
        Self { facts, wanted, left, counted, spans, last, of, latest, sums, first_day }
    }

    /// Takes in a row; `false` where it asks for the general way.
    fn row(&mut self, fact: &Fact) -> bool {
        // Money given back is taken off other days, those that are not asked for too.
        if fact.measures.spend < Decimal::ZERO {
            return false;
        }
        let label = &self.facts.labels[fact.label as usize];
        if !self.wanted.row(fact, label, &mut self.left) {
            return true;
        }
        if !fact.paid || !fact.span.is_dated() || !is_exact(&fact.measures) {
            return false;
        }
        if self.last != Some(fact.span) {
            self.last = Some(fact.span);
            // Of stretches that are apart a new one can meet but those beside it.
            let beside =
                [self.spans.range(..fact.span).next_back(), self.spans.range(fact.span..).next()];
            let meets = |own: &Span| *own != fact.span && own.meets(fact.span);
            if beside.into_iter().flatten().any(meets) {
                return false;
            }
            self.spans.insert(fact.span);
        }
        self.counted.see(label, fact);
        if label.level == Level::Ad && !fact.measures.is_nothing() {
            let first = &mut self.first_day[fact.label as usize];
            *first = fact.span.start.min(*first);
        }
        self.sum_of(fact).take(fact);
        self.spans.len() <= SPANS
    }

    /// What the rows of a label and file add up to.
    fn sum_of(&mut self, fact: &Fact) -> &mut Sum {
        // One after another, most rows of a label are of one file.
        let (file, latest) = self.latest[fact.label as usize];
        if file == fact.file && latest != NONE {
            return &mut self.sums[latest as usize];
        }
        let next = self.sums.len() as u32;
        let at = *self.of.entry((fact.label, fact.file)).or_insert(next);
        if at == next {
            self.sums.push(Sum::new(fact));
        }
        self.latest[fact.label as usize] = (fact.file, at);
        &mut self.sums[at as usize]
    }

    fn survey(self, places: Places) -> Option<Survey> {
        let Self { mut facts, left, counted, sums, first_day, .. } = self;
        // What the rows stand for is asked in the order of the labels.
        let mut rows: Vec<Fact> = sums.into_iter().map(Sum::fact).collect();
        rows.sort_by_key(|fact| (fact.label, fact.file));
        let settled = Settled { facts: rows.clone(), ..Settled::default() };
        let tree = tree::build(&facts, &settled);
        facts.rows = rows;
        let mut survey =
            Survey { hidden: counted.hidden(), facts, settled, tree, left, places, first_day };
        survey.is_one_grain().then(|| {
            survey.share_first_days();
            survey
        })
    }
}

/// Whether sums of these are the same in any order.
fn is_exact(measures: &Measures) -> bool {
    let whole = |count: &f64| count.abs() <= LARGEST && f64::from(*count as i32) == *count;
    measures.actions.0.iter().flatten().chain(&measures.impressions).all(whole)
}

impl Survey {
    /// Whether each knot's money is told in one way, and no row is another view of it.
    fn is_one_grain(&self) -> bool {
        let hung: usize =
            self.tree.nodes.iter().flat_map(|node| node.own.values()).map(Vec::len).sum();
        let alone = |ways: usize| ways <= 1;
        hung == self.settled.facts.len()
            && self.tree.nodes.iter().all(|node| alone(node.own.len() + node.parts.len()))
    }

    /// The first day of an ad is that of the first of all its labels.
    fn share_first_days(&mut self) {
        for own in self.tree.nodes.iter().flat_map(|node| node.own.values()) {
            let labels = || own.iter().map(|row| self.settled.facts[*row].label as usize);
            let first = labels().map(|label| self.first_day[label]).min().unwrap_or(Day::MAX);
            for label in labels() {
                self.first_day[label] = first;
            }
        }
    }

    /// All rows in their cells, with the tuple and split of each label; what is hidden is counted.
    pub(crate) fn cells(
        &self,
        source: Source<'_>,
        options: &PanelOptions,
        split: &[(u32, u16)],
        hidden: &mut Hidden,
    ) -> Result<BTreeMap<Place, Gathered>, HistoryError> {
        let (wanted, mut left) = (Wanted::new(options), LeftOut::default());
        let mut cells: HashMap<(u32, Span), Gathered, BuildHasherDefault<Words>> =
            HashMap::default();
        let Self { facts, places, first_day, .. } = self;
        source.each(places, &mut |_, mut fact| {
            let label = &facts.labels[fact.label as usize];
            if wanted.row(&fact, label, &mut left) {
                hidden.apply(label, &mut fact);
                let (tuple, split) = split[fact.label as usize];
                let is_new = first_day[fact.label as usize] == fact.span.start;
                let cell = cells.entry((tuple, fact.span.cell())).or_default();
                cell.take(&fact.measures, fact.span, split != 0, is_new);
            }
            true
        })?;
        Ok(cells.into_iter().map(|((tuple, span), cell)| ((tuple, span, 0), cell)).collect())
    }
}
