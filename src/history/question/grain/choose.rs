//! One grain per knot and stretch of time: the one that says most of what was asked.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::settle::{Settled, uncovered};
use super::stretch::{divide, stretch_of, stretches};
use super::tree::Tree;
use crate::action::Action;
use crate::history::day::Span;
use crate::history::question::rows::facts::{Facts, Measures};
use crate::segment::Attribute;

/// Values of the asked attributes, by number; 0 stands for *not broken down*.
#[derive(Debug, Default)]
pub(crate) struct Tuples {
    numbers: HashMap<Box<[u32]>, u32>,
    values: Vec<Box<[u32]>>,
}

impl Tuples {
    fn number(&mut self, values: &[u32]) -> u32 {
        if let Some(number) = self.numbers.get(values) {
            return *number;
        }
        let number = self.values.len() as u32;
        self.values.push(values.into());
        self.numbers.insert(values.into(), number);
        number
    }

    pub(crate) fn get(&self, number: u32) -> &[u32] {
        &self.values[number as usize]
    }

    fn known(&self, number: u32) -> usize {
        self.get(number).iter().filter(|value| **value != 0).count()
    }
}

/// Money with what is known of it, counted once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece {
    /// Values of the asked attributes.
    pub(crate) tuple: u32,
    /// Asked attributes (by position in the question) that a breakdown divided this money over.
    pub(crate) split: u16,
    pub(crate) span: Span,
    pub(crate) node: usize,
    /// A settled row, or beyond them a rest, a modelled share, or a row that took up what little
    /// its view lacks.
    source: usize,
    /// The settled row that it stems from; [`NO_ROW`] for rests and modelled shares.
    row: usize,
}

/// Stands for *no settled row*.
const NO_ROW: usize = usize::MAX;

/// What the pieces are made of and what was done to make them.
#[derive(Debug)]
pub(crate) struct Choice<'a> {
    facts: &'a Facts,
    settled: &'a Settled,
    tree: &'a Tree,
    asked: &'a [Attribute],
    /// Tuple and split of each label.
    labels: Vec<(u32, u16)>,
    pub(crate) tuples: Tuples,
    made: Vec<Measures>,
    /// Money that no breakdown accounts for.
    pub(crate) rests: Decimal,
    /// Money divided by the shares of another breakdown.
    pub(crate) modelled: Decimal,
    /// The least amount that money can be told apart by.
    cent: Decimal,
}

/// One way to divide the money of a knot.
struct Candidate {
    pieces: Vec<Piece>,
    /// Breakdown attributes beyond those asked for; fewer is plainer.
    mask: u16,
    depth: i64,
    /// Counts on one day what was counted from then on: a page's posts.
    since: bool,
}

/// How well a way to divide says what was asked; greater is better, first things first.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Score {
    /// Share of the asked attributes that is known, in per cent of money.
    known: i64,
    /// Short periods before long ones.
    fine: i64,
    /// Share of the fullest grain's money that is in it, in per cent.
    full: i64,
    /// Few breakdowns before many.
    plain: i64,
    /// Parts before the whole.
    deep: i64,
}

impl<'a> Choice<'a> {
    pub(crate) fn new(
        facts: &'a Facts,
        settled: &'a Settled,
        tree: &'a Tree,
        asked: &'a [Attribute],
    ) -> Self {
        let mut tuples = Tuples::default();
        let labels = facts
            .labels
            .iter()
            .map(|label| {
                let values: Vec<u32> =
                    asked.iter().map(|attribute| label.shown[attribute.index()]).collect();
                let split = asked.iter().enumerate().fold(0, |split, (i, attribute)| {
                    split | (label.mask >> attribute.index() & 1) << i
                });
                (tuples.number(&values), split)
            })
            .collect();
        let made = Vec::new();
        let (rests, modelled, cent) = (Decimal::ZERO, Decimal::ZERO, facts.cent());
        Self { facts, settled, tree, asked, labels, tuples, made, rests, modelled, cent }
    }

    /// Tuple and split of each label.
    pub(crate) fn labels(&self) -> &[(u32, u16)] {
        &self.labels
    }

    /// All money, each part of it once.
    pub(crate) fn pieces(&mut self) -> Vec<Piece> {
        self.tree.tops.iter().flat_map(|top| self.node(*top)).collect()
    }

    pub(crate) fn measures(&self, piece: &Piece) -> &Measures {
        match piece.source.checked_sub(self.settled.facts.len()) {
            None => &self.settled.facts[piece.source].measures,
            Some(made) => &self.made[made],
        }
    }

    /// Whether a piece is of money, and not a row that reports none.
    pub(crate) fn is_paid(&self, piece: &Piece) -> bool {
        self.settled.facts.get(piece.row).is_none_or(|fact| fact.paid)
    }

    /// The label of the row behind a piece; `None` for rests and modelled shares.
    pub(crate) fn label(&self, piece: &Piece) -> Option<u32> {
        self.settled.facts.get(piece.row).map(|fact| fact.label)
    }

    fn node(&mut self, node: usize) -> Vec<Piece> {
        let tree = self.tree;
        let mut candidates: Vec<Candidate> = tree.nodes[node]
            .own
            .iter()
            .map(|(grain, rows)| Candidate {
                pieces: rows.iter().map(|row| self.piece(node, *row)).collect(),
                mask: grain.mask,
                depth: i64::from(grain.by_id),
                since: false,
            })
            .collect();
        let is_page = tree.nodes[node].is_page;
        if is_page && candidates.len() > 1 {
            // Days on which nothing was promoted are of another grain; together they are its days.
            let pieces = candidates.iter().flat_map(|own| &own.pieces);
            let days = stretches(pieces.map(|piece| piece.span));
            let pieces = self.by_stretch(node, days, &candidates);
            candidates = vec![Candidate { pieces, mask: 0, depth: 0, since: false }];
        }
        for (level, parts) in &tree.nodes[node].parts {
            let pieces = parts.iter().flat_map(|part| self.node(*part)).collect();
            let depth = 2 + *level as i64;
            candidates.push(Candidate { pieces, mask: 0, depth, since: is_page });
        }
        if candidates.len() == 1 {
            return candidates.pop().map(|only| only.pieces).unwrap_or_default();
        }
        let stretches = if is_page {
            since_publication(&candidates)
        } else {
            stretches(tree.nodes[node].spans.iter().copied())
        };
        self.by_stretch(node, stretches, &candidates)
    }

    fn piece(&self, node: usize, row: usize) -> Piece {
        let fact = &self.settled.facts[row];
        let (tuple, split) = self.labels[fact.label as usize];
        Piece { tuple, split, span: fact.span, node, source: row, row }
    }

    /// Chooses for each stretch of time that no period crosses.
    fn by_stretch(
        &mut self,
        node: usize,
        stretches: Vec<Span>,
        candidates: &[Candidate],
    ) -> Vec<Piece> {
        let mut parts: Vec<Vec<Vec<Piece>>> =
            vec![vec![Vec::new(); candidates.len()]; stretches.len()];
        for (i, candidate) in candidates.iter().enumerate() {
            for piece in &candidate.pieces {
                parts[stretch_of(&stretches, piece.span)][i].push(*piece);
            }
        }
        let mut chosen = Vec::new();
        for (stretch, parts) in stretches.into_iter().zip(parts) {
            chosen.extend(self.stretch(node, stretch, candidates, parts));
        }
        chosen
    }

    fn stretch(
        &mut self,
        node: usize,
        stretch: Span,
        candidates: &[Candidate],
        mut parts: Vec<Vec<Piece>>,
    ) -> Vec<Piece> {
        let totals: Vec<Measures> = parts.iter().map(|pieces| self.total(pieces)).collect();
        let reporting = || (0..parts.len()).filter(|i| !parts[*i].is_empty());
        let Some(most) = reporting().max_by_key(|i| totals[*i].spend) else { return Vec::new() };
        // Of views that differ by rounding alone, the one that reports most.
        let is_full = |i: &usize| {
            totals[*i].spend + self.dust(&totals[*i], &totals[most]) >= totals[most].spend
        };
        let order = |i: &usize| {
            let actions: f64 = totals[*i].actions.0.iter().flatten().sum();
            (totals[*i].impressions.unwrap_or_default() as i64, actions as i64)
        };
        // `max_by_key` takes the last of equals, so the deepest; any of them has the same money.
        let fullest = reporting().filter(is_full).max_by_key(order).unwrap_or(most);
        let best = reporting()
            .max_by_key(|i| {
                self.score(&candidates[*i], &parts[*i], &parts[fullest], &totals[fullest], stretch)
            })
            .expect("the fullest is there");
        if candidates.iter().any(|candidate| candidate.since) {
            return self.page(node, stretch, parts, best);
        }
        let mut pieces = std::mem::take(&mut parts[best]);
        let full = Measures { spend: totals[most].spend, ..totals[fullest] };
        if best != fullest || full.spend > totals[best].spend {
            let amounts = (&totals[best], &full);
            pieces = self.with_rest(node, stretch, pieces, &parts[fullest], amounts);
        }
        for (i, other) in parts.iter().enumerate() {
            if i != best && !other.is_empty() {
                pieces = self.spread(pieces, other, &totals[i]);
            }
        }
        pieces
    }

    /// A page by day, or its posts, with what the other has beyond it, measure by measure. What posts
    /// have beyond the days came after the last of them; what the days have beyond the posts is of
    /// older ones.
    fn page(
        &mut self,
        node: usize,
        stretch: Span,
        mut parts: Vec<Vec<Piece>>,
        best: usize,
    ) -> Vec<Piece> {
        let chosen = std::mem::take(&mut parts[best]);
        let own = self.total(&chosen);
        let mut full = own;
        for part in &parts {
            full.take(&self.total(part).without(&full));
        }
        self.with_rest(node, stretch, chosen, &parts.concat(), (&own, &full))
    }

    fn total(&self, pieces: &[Piece]) -> Measures {
        let mut total = Measures::default();
        for piece in pieces {
            total.add(self.measures(piece));
        }
        total
    }

    fn score(
        &mut self,
        candidate: &Candidate,
        pieces: &[Piece],
        fullest: &[Piece],
        full: &Measures,
        stretch: Span,
    ) -> Score {
        let rest_tuple = self.rest_tuple(pieces, fullest);
        let mut own = 0.0;
        let (mut known, mut days) = (0.0, 0.0);
        for piece in pieces {
            let weight = self.measures(piece).weight();
            own += weight;
            known += weight * self.tuples.known(piece.tuple) as f64;
            let span = if candidate.since { stretch } else { piece.span };
            days += weight * f64::from(span.days());
        }
        let rest = (full.weight() - own).max(0.0);
        known += rest * self.tuples.known(rest_tuple) as f64;
        days += rest * f64::from(stretch.days());
        let all = (own + rest).max(f64::MIN_POSITIVE);
        let percent = |share: f64| (100.0 * share).round() as i64;
        Score {
            known: percent(known / all / self.asked.len().max(1) as f64),
            fine: -((days / all).max(1.0).ln() * 3.0).round() as i64,
            full: percent(own / all),
            plain: -i64::from((candidate.mask & !self.asked_mask()).count_ones()),
            deep: candidate.depth,
        }
    }

    fn asked_mask(&self) -> u16 {
        self.asked.iter().fold(0, |mask, attribute| mask | 1 << attribute.index())
    }

    /// What is known of money that the chosen breakdown lacks: what all of it shares, and nothing
    /// about the attributes that the breakdown divides by.
    fn rest_tuple(&mut self, chosen: &[Piece], fullest: &[Piece]) -> u32 {
        let split = chosen.iter().fold(0, |split, piece| split | piece.split);
        let mut values: Vec<u32> = vec![0; self.asked.len()];
        for (i, value) in values.iter_mut().enumerate() {
            let mut found =
                chosen.iter().chain(fullest).map(|piece| self.tuples.get(piece.tuple)[i]);
            let first = found.next().unwrap_or_default();
            if split >> i & 1 == 0 && found.all(|other| other == first) {
                *value = first;
            }
        }
        self.tuples.number(&values)
    }

    /// The chosen pieces, and those for the money that the fullest grain has and they have not.
    fn with_rest(
        &mut self,
        node: usize,
        stretch: Span,
        chosen: Vec<Piece>,
        fullest: &[Piece],
        (own, full): (&Measures, &Measures),
    ) -> Vec<Piece> {
        let mut rest = full.without(own);
        if full.spend > Decimal::ZERO && rest.spend <= self.dust(own, full) {
            return self.complete(chosen, own, full);
        }
        if rest.is_nothing() {
            return chosen;
        }
        // What the chosen do not report at all is of all the money, not of the rest alone.
        let mut chosen = chosen;
        if let Some(theirs) = take_unreported(&mut rest, own, full) {
            chosen = self.give(chosen, &theirs);
        }
        self.rests += rest.spend;
        let tuple = self.rest_tuple(&chosen, fullest);
        let split = chosen.iter().fold(0, |split, piece| split | piece.split);
        let places = self.places_of_rest(stretch, &chosen, fullest);
        let places = if rest.spend.is_zero() {
            places
        } else {
            worth_a_place(places, rest.spend, self.cent)
        };
        let weights: Vec<Decimal> = places.iter().map(|(_, weight)| *weight).collect();
        let shares = divide(&rest, &weights);
        let pieces = places.into_iter().zip(shares).filter(|(_, share)| !share.is_nothing());
        for ((span, _), measures) in pieces {
            let piece = Piece { tuple, split, span, node, source: 0, row: NO_ROW };
            chosen.push(self.make(piece, measures));
        }
        chosen
    }

    /// Up to how much two views of the same money differ by rounding alone. An amount rounded to a
    /// cent is off by 0.29 cents (standard deviation of a uniform law), so that a sum of n of them
    /// is off by a cent times √n in one case out of 2 000; of little money never by more than half
    /// a per cent, but for the cent itself.
    fn dust(&self, own: &Measures, full: &Measures) -> Decimal {
        let rows = f64::from(own.rows + full.rows);
        let rounding = self.cent * Decimal::try_from(rows.sqrt()).unwrap_or(Decimal::ONE);
        self.cent.max(rounding.min(full.spend * Decimal::new(5, 3)))
    }

    /// Pieces that have all the money of the fullest grain but for its rounding: what that grain
    /// reports beyond them is of their money, and stays with it.
    fn complete(&mut self, pieces: Vec<Piece>, own: &Measures, full: &Measures) -> Vec<Piece> {
        let mut rest = full.without(own);
        for kind in Action::ALL {
            // Where the whole is known, so is the sum of what its parts hide.
            let known = full.actions.get(kind).filter(|_| !full.hides(kind));
            let part = own.actions.get(kind).unwrap_or_default();
            rest.actions.set(kind, known.map(|whole| (whole - part).max(0.0)));
            rest.hidden[kind.index()] = 0.0;
        }
        let hides = Action::ALL.into_iter().any(|kind| own.hides(kind) && !full.hides(kind));
        if rest.is_nothing() && !hides { pieces } else { self.give(pieces, &rest) }
    }

    /// Adds measures to pieces in proportion to their money. Counts go first to where they may
    /// have been hidden, and tell then what was.
    fn give(&mut self, pieces: Vec<Piece>, more: &Measures) -> Vec<Piece> {
        let own: Vec<Measures> = pieces.iter().map(|piece| *self.measures(piece)).collect();
        let mut weights: Vec<Decimal> = own.iter().map(|measures| measures.spend).collect();
        if weights.iter().all(Decimal::is_zero) {
            weights.fill(Decimal::ONE);
        }
        let mut parts = divide(more, &weights);
        for kind in Action::ALL {
            if let Some(count) = more.actions.get(kind)
                && own.iter().any(|measures| measures.hides(kind))
            {
                let shares = fill_hidden(count, kind, &own, &weights);
                for (part, share) in parts.iter_mut().zip(shares) {
                    part.actions.set(kind, Some(share));
                }
            }
        }
        let known = |kind: &Action| more.actions.get(*kind).is_some();
        let found: Vec<Action> = Action::ALL.into_iter().filter(known).collect();
        let given = pieces.into_iter().zip(own).zip(parts).map(|((piece, mut own), part)| {
            for kind in &found {
                own.hidden[kind.index()] = 0.0;
            }
            own.take(&part);
            self.make(piece, own)
        });
        given.collect()
    }

    /// Where in a stretch the rest belongs: periods in which the fullest grain has more, with how
    /// much more.
    fn places_of_rest(
        &self,
        stretch: Span,
        chosen: &[Piece],
        fullest: &[Piece],
    ) -> Vec<(Span, Decimal)> {
        let parts = stretches(chosen.iter().chain(fullest).map(|piece| piece.span));
        let mut more = vec![Decimal::ZERO; parts.len()];
        let mut covered: Vec<Vec<Span>> = vec![Vec::new(); parts.len()];
        let is_paid = |piece: &Piece| !self.measures(piece).spend.is_zero();
        let paid = chosen.iter().chain(fullest).any(is_paid);
        let size = |piece: &Piece| {
            let own = self.measures(piece);
            if paid { own.spend } else { Decimal::try_from(own.counted()).unwrap_or_default() }
        };
        for piece in fullest {
            more[stretch_of(&parts, piece.span)] += size(piece);
        }
        for piece in chosen {
            let part = stretch_of(&parts, piece.span);
            more[part] -= size(piece);
            covered[part].push(piece.span);
        }
        let places: Vec<(Span, Decimal)> = parts
            .into_iter()
            .zip(covered)
            .map(|(part, covered)| if part.is_dated() { uncovered(part, covered) } else { part })
            .zip(more)
            .filter(|(_, more)| *more > self.cent)
            .collect();
        match places.is_empty() {
            false => places,
            true if paid || fullest.is_empty() => vec![(stretch, Decimal::ONE)],
            true => fullest.iter().map(|piece| (piece.span, size(piece))).collect(),
        }
    }

    fn make(&mut self, piece: Piece, measures: Measures) -> Piece {
        let source = self.settled.facts.len() + self.made.len();
        self.made.push(measures);
        Piece { source, ..piece }
    }

    /// Divides pieces that lack an asked attribute by the shares that another breakdown of the
    /// same money and time reports: the two breakdowns are taken as independent.
    fn spread(&mut self, pieces: Vec<Piece>, other: &[Piece], total: &Measures) -> Vec<Piece> {
        let lacking = |tuples: &Tuples, pieces: &[Piece], i: usize| {
            pieces.iter().all(|piece| tuples.get(piece.tuple)[i] == 0)
        };
        let mut pieces = pieces;
        for i in 0..self.asked.len() {
            let splits = other.iter().any(|piece| piece.split >> i & 1 == 1);
            if splits && total.weight() > 0.0 && lacking(&self.tuples, &pieces, i) {
                let shares = self.shares(other, i);
                pieces =
                    pieces.iter().flat_map(|piece| self.by_shares(piece, i, &shares)).collect();
            }
        }
        pieces
    }

    /// Measures of another breakdown by value of one attribute, sorted by value.
    fn shares(&self, other: &[Piece], i: usize) -> Vec<(u32, Measures)> {
        let mut shares = std::collections::BTreeMap::<u32, Measures>::new();
        for piece in other {
            let value = self.tuples.get(piece.tuple)[i];
            shares.entry(value).or_default().add(self.measures(piece));
        }
        shares.into_iter().collect()
    }

    fn by_shares(&mut self, piece: &Piece, i: usize, shares: &[(u32, Measures)]) -> Vec<Piece> {
        let whole = *self.measures(piece);
        self.modelled += whole.spend;
        let parts = divide(&whole, &weights(shares));
        shares
            .iter()
            .zip(parts)
            .map(|(share, part)| (share, with_own_rates(&whole, part, &share.1, shares)))
            .map(|((value, _), measures)| {
                let mut values = self.tuples.get(piece.tuple).to_vec();
                values[i] = *value;
                let tuple = self.tuples.number(&values);
                let split = piece.split | 1 << i;
                self.make(Piece { tuple, split, row: NO_ROW, ..*piece }, measures)
            })
            .collect()
    }

    pub(crate) fn text(&self, value: u32) -> Option<&str> {
        self.facts.texts.get(value)
    }
}

/// Stretches of a page's time: a post's goes on from its publication for as long as the days of the
/// page do without a gap, which count the same.
fn since_publication(candidates: &[Candidate]) -> Vec<Span> {
    let spans = |since: bool| {
        let of = candidates.iter().filter(move |candidate| candidate.since == since);
        of.flat_map(|candidate| &candidate.pieces).map(|piece| piece.span)
    };
    // Days that follow each other meet when each is taken with the day after it.
    let runs: Vec<Span> = stretches(
        spans(false)
            .filter(|span| span.is_dated())
            .map(|Span { start, end }| Span { start, end: end + 1 }),
    );
    let going_on = |Span { start, end }| {
        let run = runs.iter().find(|run| run.start <= start && start < run.end);
        Span { start, end: run.map_or(end, |run| end.max(run.end - 1)) }
    };
    stretches(spans(false).chain(spans(true).map(going_on)))
}

/// Takes out of a rest what the chosen pieces do not report at all, as far as it is of their money.
fn take_unreported(rest: &mut Measures, own: &Measures, full: &Measures) -> Option<Measures> {
    use rust_decimal::prelude::ToPrimitive;
    let share = own.spend.checked_div(full.spend)?.to_f64()?.clamp(0.0, 1.0);
    let mut theirs = Measures::default();
    if let (Some(shown), None) = (rest.impressions, own.impressions) {
        theirs.impressions = Some(shown * share);
        rest.impressions = Some(shown * (1.0 - share));
    }
    for kind in Action::ALL {
        if let (Some(count), None) = (rest.actions.get(kind), own.actions.get(kind)) {
            theirs.actions.set(kind, Some(count * share));
            rest.actions.set(kind, Some(count * (1.0 - share)));
        }
    }
    (!theirs.is_nothing()).then_some(theirs)
}

/// Divides a known count over measures some of which hide theirs: to these first, in proportion to
/// the weights and up to what each may hide; what is beyond is shared by all.
fn fill_hidden(count: f64, kind: Action, own: &[Measures], weights: &[Decimal]) -> Vec<f64> {
    use rust_decimal::prelude::ToPrimitive;
    let weights: Vec<f64> = weights.iter().map(|w| w.to_f64().unwrap_or_default()).collect();
    let mut shares = vec![0.0; own.len()];
    let mut left = count;
    let room = |shares: &[f64], i: usize| f64::from(own[i].hidden[kind.index()]) - shares[i];
    // Each round fills up at least one of them, or shares out all that is left.
    for _ in 0..=own.len() {
        let open: Vec<usize> =
            (0..own.len()).filter(|i| weights[*i] > 0.0 && room(&shares, *i) > 0.0).collect();
        let all: f64 = open.iter().map(|i| weights[*i]).sum();
        if left <= 0.0 || all <= 0.0 {
            break;
        }
        let step = open.iter().map(|i| room(&shares, *i) / weights[*i]).fold(left / all, f64::min);
        for i in open {
            // What is filled up is so exactly, lest rounding leave it open for ever.
            let full = room(&shares, i) <= step * weights[i] * (1.0 + 1e-12);
            shares[i] += if full { room(&shares, i) } else { step * weights[i] };
        }
        left = count - shares.iter().sum::<f64>();
    }
    let all: f64 = weights.iter().sum();
    if left > 0.0 && all > 0.0 {
        for (share, weight) in shares.iter_mut().zip(&weights) {
            *share += left * weight / all;
        }
    }
    shares
}

/// The places whose share of some money is at least a cent, the greatest in any case.
fn worth_a_place(
    places: Vec<(Span, Decimal)>,
    money: Decimal,
    cent: Decimal,
) -> Vec<(Span, Decimal)> {
    let all: Decimal = places.iter().map(|(_, weight)| *weight).sum();
    let most = places.iter().map(|(_, weight)| *weight).max().unwrap_or_default();
    let worth = |weight: Decimal| {
        weight == most || weight.checked_mul(money).is_none_or(|share| share >= cent * all)
    };
    places.into_iter().filter(|(_, weight)| worth(*weight)).collect()
}

/// What money is divided by: the money of the other breakdown, or its impressions where it reports
/// none (LinkedIn says who was reached, and not what that cost).
pub(super) fn weights(shares: &[(u32, Measures)]) -> Vec<Decimal> {
    let money: Vec<Decimal> = shares.iter().map(|(_, share)| share.spend).collect();
    if money.iter().any(|money| !money.is_zero()) {
        return money;
    }
    let shown = |share: &Measures| Decimal::try_from(share.impressions.unwrap_or_default());
    shares.iter().map(|(_, share)| shown(share).unwrap_or_default()).collect()
}

/// A modelled part whose impressions and actions follow their own shares, not those of money:
/// values differ in their rates, and that is what a breakdown is asked for.
fn with_own_rates(
    whole: &Measures,
    mut part: Measures,
    share: &Measures,
    shares: &[(u32, Measures)],
) -> Measures {
    let scaled = |whole: Option<f64>, of: &dyn Fn(&Measures) -> Option<f64>, by_money| {
        let all: f64 = shares.iter().filter_map(|(_, other)| of(other)).sum();
        if all > 0.0 { whole.map(|n| n * of(share).unwrap_or_default() / all) } else { by_money }
    };
    part.impressions = scaled(whole.impressions, &|m| m.impressions, part.impressions);
    for action in Action::ALL {
        let by_money = part.actions.get(action);
        let count = scaled(whole.actions.get(action), &|m| m.actions.get(action), by_money);
        part.actions.set(action, count);
    }
    part
}
