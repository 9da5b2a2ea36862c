//! Pieces put together into segments and cells.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::action::{Action, Counts};
use crate::history::day::Span;
use crate::history::question::grain::choose::{Choice, Piece};
use crate::history::question::grain::tree::Tree;
use crate::history::question::rows::facts::Measures;
use crate::panel::{Cell, Panel};
use crate::segment::{Attribute, JOINT, NOT_BROKEN_DOWN, Segment};
use crate::units::Currency;

/// What falls into one cell.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    measures: Measures,
    pieces: u32,
    single: Option<Span>,
    /// Money and impressions that a breakdown divided; sums that no order of rows can change.
    broken_down: Measures,
    new_creative: bool,
}

/// Segment (its tuple), period, and the thing itself where there is no period.
pub(crate) type Place = (u32, Span, usize);

/// Putting pieces together into segments and cells.
pub(crate) struct Assembly<'a> {
    choice: &'a Choice<'a>,
    tree: &'a Tree,
}

impl<'a> Assembly<'a> {
    pub(crate) fn new(choice: &'a Choice<'a>, tree: &'a Tree) -> Self {
        Self { choice, tree }
    }

    /// The panel of pieces, and its money exactly.
    pub(crate) fn panel(
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
        self.finish(cells, split_by, currency)
    }

    fn gather(&self, piece: &Piece, cell: &mut Gathered) {
        let days = &self.tree.nodes[piece.node].first_days;
        let first = days.partition_point(|day| *day < piece.span.start);
        let is_new = days.get(first).is_some_and(|day| *day <= piece.span.end);
        cell.take(self.choice.measures(piece), piece.span, piece.split != 0, is_new);
    }

    /// The panel of what was gathered, and its money exactly.
    pub(crate) fn finish(
        &self,
        mut cells: BTreeMap<Place, Gathered>,
        split_by: &[Attribute],
        currency: Option<Currency>,
    ) -> (Panel, Decimal) {
        // What is below 0 is more than was ever spent or counted, and told.
        cells.retain(|_, gathered| {
            let measures = &mut gathered.measures;
            measures.spend = measures.spend.max(Decimal::ZERO);
            let counts =
                measures.impressions.iter_mut().chain(measures.actions.0.iter_mut().flatten());
            counts.for_each(|count| *count = count.max(0.0));
            !measures.is_nothing()
        });
        let spend = cells.values().map(|gathered| gathered.measures.spend).sum();
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
        let panel = Panel {
            actions: Action::ALL.into_iter().filter(reported).collect(),
            segments: order.into_iter().map(|(segment, _)| segment).collect(),
            cells: finished,
            attributes: split_by.iter().map(|attribute| attribute.column().to_owned()).collect(),
            currency,
            notes: Vec::new(),
        };
        (panel, spend)
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
    /// Takes up what falls into the cell: of which days, whether a breakdown divided it, whether
    /// an ad was seen for the first time.
    pub(crate) fn take(&mut self, measures: &Measures, span: Span, is_split: bool, is_new: bool) {
        self.measures.add(measures);
        self.pieces += 1;
        self.single = (self.pieces == 1).then_some(span);
        if is_split {
            self.broken_down.take_weight(measures);
        }
        self.new_creative |= is_new;
    }

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
            from_breakdown: 2.0 * self.broken_down.weight() > measures.weight(),
            new_creative: self.new_creative,
            designed: false,
        };
        for kind in Action::ALL.into_iter().filter(|kind| measures.hides(*kind)) {
            let least = measures.actions.get(kind).unwrap_or_default();
            let more = f64::from(measures.hidden[kind.index()]);
            cell.set_range(kind, (least, least + more));
        }
        cell
    }
}
