//! A window and the days inside it: rows of one thing whose periods overlap.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::stretch::divide;
use crate::action::Action;
use crate::history::day::Span;
use crate::history::question::rows::facts::{Fact, Facts, Measures};

/// A window whose days add up to at least this share of it is *those days*; what differs is
/// drift between two exports, not money of its own.
const SAME: Decimal = Decimal::from_parts(995, 0, 0, false, 3);

/// Rows of which none overlaps another row of the same thing.
#[derive(Debug, Default)]
pub(crate) struct Settled {
    pub(crate) facts: Vec<Fact>,
    /// Rows left out because their windows partly overlap others, which cannot be taken apart.
    pub(crate) left_out: Measures,
    /// Differences between windows and their own days that were taken as drift.
    pub(crate) drift: Decimal,
}

/// Settles every thing's rows, which are taken out of `facts`. The result does not depend on what
/// is asked of it.
pub(crate) fn settle(facts: &mut Facts) -> Settled {
    let cent = facts.cent();
    let mut rows = std::mem::take(&mut facts.rows);
    let thing = |fact: &Fact| facts.labels[fact.label as usize].identity;
    rows.sort_by_key(|fact| (thing(fact), fact.span));
    let clear =
        |pair: &[Fact]| thing(&pair[0]) != thing(&pair[1]) || !pair[0].span.meets(pair[1].span);
    if rows.windows(2).all(clear) {
        // The usual case: nothing overlaps, and millions of rows need not be copied.
        return Settled { facts: rows, ..Settled::default() };
    }
    let mut settled = Settled::default();
    for rows in rows.chunk_by(|a, b| thing(a) == thing(b)) {
        settle_one(merge(rows.to_vec()), cent, &mut settled);
    }
    settled
}

/// What the rows of one thing add up to, every day once.
pub(super) fn days_of(mut rows: Vec<Fact>, cent: Decimal) -> Measures {
    rows.sort_by_key(|fact| fact.span);
    let mut settled = Settled::default();
    settle_one(merge(rows), cent, &mut settled);
    total(&settled.facts)
}

/// Namesakes in one period become one row; rows are in order of time.
fn merge(mut rows: Vec<Fact>) -> Vec<Fact> {
    rows.dedup_by(|next, kept| {
        // Undated rows are independent periods and stay apart.
        let same = next.span == kept.span && next.label == kept.label && kept.span.is_dated();
        if same {
            kept.measures.add(&next.measures);
        }
        same
    });
    rows
}

fn settle_one(rows: Vec<Fact>, cent: Decimal, settled: &mut Settled) {
    let (mut dated, undated): (Vec<Fact>, Vec<Fact>) =
        rows.into_iter().partition(|fact| fact.span.is_dated());
    settled.facts.extend(undated);
    if !overlap(&dated) {
        settled.facts.extend(dated);
        return;
    }
    // A window stands beside its days as a whole, whatever namesakes it is made of.
    dated.dedup_by(|next, kept| {
        let same = next.span == kept.span;
        if same {
            kept.measures.add(&next.measures);
        }
        same
    });
    let mut nested = without_partial_overlaps(dated, settled);
    nested.sort_by_key(|fact| (fact.span.days(), fact.span));
    let mut kept = Kept { cent, ..Kept::default() };
    for window in nested {
        kept.place(&window, settled);
    }
    settled.facts.extend(kept.facts.into_values());
}

/// Whether any two rows, sorted by start, share a day without being the same period.
fn overlap(rows: &[Fact]) -> bool {
    let mut last = None::<Span>;
    for span in rows.iter().map(|fact| fact.span) {
        if last.is_some_and(|last| last.end >= span.start && last != span) {
            return true;
        }
        last = Some(last.map_or(span, |last| if last.end > span.end { last } else { span }));
    }
    false
}

/// Of windows that overlap without one holding the other (the last 28 days, week after week),
/// the set worth most money; the others cannot be taken apart and are left out.
fn without_partial_overlaps(rows: Vec<Fact>, settled: &mut Settled) -> Vec<Fact> {
    let mut kept = Vec::new();
    let mut rows = rows;
    while !rows.is_empty() {
        let (outer, inner) = outermost(rows);
        let chosen = most_money(outer, settled);
        let (fitting, crossing): (Vec<Fact>, Vec<Fact>) =
            inner.into_iter().partition(|fact| fits(fact.span, &chosen));
        for fact in crossing {
            settled.left_out.add(&fact.measures);
        }
        kept.extend(chosen);
        rows = fitting;
    }
    kept
}

/// Rows that no other row holds, and the rest; both by start.
fn outermost(mut rows: Vec<Fact>) -> (Vec<Fact>, Vec<Fact>) {
    rows.sort_by_key(|fact| (fact.span.start, -fact.span.end));
    let mut end = None;
    rows.into_iter().partition(|fact| {
        let is_outer = end.is_none_or(|end| fact.span.end > end);
        end = end.max(Some(fact.span.end));
        is_outer
    })
}

/// Weighted interval scheduling over rows sorted by start (and, as none holds another, by end).
fn most_money(outer: Vec<Fact>, settled: &mut Settled) -> Vec<Fact> {
    // best[i]: most money from the first i rows.
    let mut best = vec![Decimal::ZERO; outer.len() + 1];
    let free_before =
        |i: usize| outer[..i].partition_point(|fact| fact.span.end < outer[i].span.start);
    for i in 0..outer.len() {
        let with = best[free_before(i)] + outer[i].measures.spend;
        best[i + 1] = best[i].max(with);
    }
    let mut chosen = vec![false; outer.len()];
    let mut i = outer.len();
    while i > 0 {
        let with = best[free_before(i - 1)] + outer[i - 1].measures.spend;
        if with >= best[i] {
            chosen[i - 1] = true;
            i = free_before(i - 1);
        } else {
            i -= 1;
        }
    }
    let (kept, dropped): (Vec<_>, Vec<_>) =
        outer.into_iter().zip(chosen).partition(|(_, chosen)| *chosen);
    for (fact, _) in dropped {
        settled.left_out.add(&fact.measures);
    }
    kept.into_iter().map(|(fact, _)| fact).collect()
}

/// Inside one of the chosen windows (sorted by start) or clear of all of them.
fn fits(span: Span, chosen: &[Fact]) -> bool {
    let first = chosen.partition_point(|fact| fact.span.end < span.start);
    chosen.get(first).is_none_or(|fact| fact.span.holds(span) || !fact.span.meets(span))
}

/// Rows kept so far, shorter ones first.
#[derive(Debug, Default)]
struct Kept {
    facts: BTreeMap<(Span, usize), Fact>,
    longest: i32,
    /// The least amount that is money of its own.
    cent: Decimal,
}

impl Kept {
    /// Sets a window beside the shorter rows inside it: whole, as a rest, or not at all.
    fn place(&mut self, window: &Fact, settled: &mut Settled) {
        let inside = self.inside(window.span);
        if inside.is_empty() {
            return self.keep(window);
        }
        let total = total(&inside);
        let rest = window.measures.without(&total);
        if window.measures.spend.is_zero() && total.spend.is_zero() {
            // No money tells whether they are the same: what the days do not count is kept.
            if rest.is_nothing() {
                return;
            }
            let span = uncovered(window.span, inside.iter().map(|fact| fact.span));
            return self.keep(&Fact { span, measures: rest, ..*window });
        }
        if window.measures.spend > Decimal::ZERO && rest.spend < self.cent {
            // The same money: what the window alone reports is of that money.
            self.give(window.span, &rest);
            return;
        }
        if total.spend >= window.measures.spend * SAME {
            settled.drift += rest.spend;
            return self.give(window.span, &unreported(&rest, &total));
        }
        let span = uncovered(window.span, inside.iter().map(|fact| fact.span));
        self.keep(&Fact { span, measures: rest, ..*window });
    }

    fn inside(&self, window: Span) -> Vec<Fact> {
        let (from, to) = self.reach(window);
        let near = self.facts.range(from..=to).map(|(_, fact)| *fact);
        near.filter(|fact| fact.span.meets(window)).collect()
    }

    /// The first and the last key that a row meeting a window can have.
    fn reach(&self, window: Span) -> ((Span, usize), (Span, usize)) {
        let from = Span { start: window.start - self.longest, end: i32::MIN };
        let to = Span { start: window.end, end: i32::MAX };
        ((from, 0), (to, usize::MAX))
    }

    /// Adds what is no money of its own to the rows inside a window, by their money.
    fn give(&mut self, window: Span, rest: &Measures) {
        let (from, to) = self.reach(window);
        let near = self.facts.range_mut(from..=to).map(|(_, fact)| fact);
        let inside: Vec<&mut Fact> = near.filter(|fact| fact.span.meets(window)).collect();
        let weights: Vec<Decimal> = inside.iter().map(|fact| fact.measures.spend).collect();
        for (fact, part) in inside.into_iter().zip(divide(rest, &weights)) {
            fact.measures.take(&part);
        }
    }

    fn keep(&mut self, fact: &Fact) {
        self.longest = self.longest.max(fact.span.days() as i32);
        self.facts.insert((fact.span, self.facts.len()), *fact);
    }
}

/// What is left of counts that the parts do not report at all; money and the others differ by drift.
fn unreported(rest: &Measures, parts: &Measures) -> Measures {
    let mut more = Measures { spend: Decimal::ZERO, ..*rest };
    more.impressions = more.impressions.filter(|_| parts.impressions.is_none());
    for kind in Action::ALL.into_iter().filter(|kind| parts.actions.get(*kind).is_some()) {
        more.actions.set(kind, None);
        more.hidden[kind.index()] = 0.0;
    }
    more
}

fn total(facts: &[Fact]) -> Measures {
    let mut total = Measures::default();
    for fact in facts {
        total.add(&fact.measures);
    }
    total
}

/// The days of a window from the first to the last that nothing inside covers; the whole window
/// when everything is covered.
pub(crate) fn uncovered(window: Span, inside: impl IntoIterator<Item = Span>) -> Span {
    let mut inside: Vec<Span> = inside.into_iter().collect();
    inside.sort();
    let (mut first, mut last) = (None, None);
    let mut next = window.start;
    for span in inside.into_iter().chain([Span { start: window.end + 1, end: window.end + 1 }]) {
        if span.start > next {
            first = first.or(Some(next));
            last = Some(span.start.min(window.end + 1) - 1);
        }
        next = next.max(span.end + 1);
    }
    match (first, last) {
        (Some(start), Some(end)) => Span { start, end },
        _ => window,
    }
}
