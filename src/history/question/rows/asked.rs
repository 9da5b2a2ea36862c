//! What a panel is asked for, and which rows that is about.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::facts::{Fact, Facts, Label};
use crate::history::day::{Day, Span, number};
use crate::history::error::HistoryError;
use crate::history::row::Level;
use crate::panel::PanelNote;
use crate::segment::Attribute;
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

/// Rows that a question leaves out.
#[derive(Debug, Default)]
pub(crate) struct LeftOut {
    pub(crate) organic: u64,
    pub(crate) outside: u64,
    pub(crate) other_currency: u64,
}

/// Which rows, looked at one by one, a question is about.
#[derive(Debug)]
pub(crate) struct Wanted {
    currency: Option<Currency>,
    organic: bool,
    /// First and last day, where they are asked for.
    days: Option<(Day, Day)>,
}

impl Wanted {
    pub(crate) fn new(options: &PanelOptions) -> Self {
        let from = options.from.map_or(Day::MIN, number);
        let to = options.to.map_or(Day::MAX, number);
        let bounded = options.from.is_some() || options.to.is_some();
        let days = bounded.then_some((from, to));
        Self { currency: options.currency, organic: options.organic, days }
    }

    /// Whether the question is about a row; counts those left out.
    pub(crate) fn row(&self, fact: &Fact, label: &Label, left: &mut LeftOut) -> bool {
        let currency = label.currency;
        if self.currency.is_some() && currency.is_some() && currency != self.currency {
            left.other_currency += 1;
            return false;
        }
        if !fact.paid && !self.organic && !shares_money_out(label) {
            left.organic += 1;
            return false;
        }
        let inside = self.days.is_none_or(|(from, to)| {
            fact.span.is_dated() && from <= fact.span.start && fact.span.end <= to
        });
        left.outside += u64::from(!inside);
        inside
    }
}

impl Facts {
    /// Leaves out rows under another attribution window than the one asked for, and says so.
    pub(crate) fn keep_window(
        &mut self,
        asked: Option<&str>,
    ) -> Result<Option<PanelNote>, HistoryError> {
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
        let (mut left, wanted) = (LeftOut::default(), Wanted::new(options));
        let labels = &self.labels;
        self.rows.retain(|fact| wanted.row(fact, &labels[fact.label as usize], &mut left));
        (self, left)
    }

    /// Rows with money whose export names no currency, where others do.
    pub(crate) fn without_currency(&self, currency: Currency) -> Option<PanelNote> {
        let silent = |fact: &&Fact| fact.paid && self.label(fact).currency.is_none();
        let rows = self.rows.iter().filter(silent).map(|fact| u64::from(fact.measures.rows)).sum();
        (rows > 0).then_some(PanelNote::SomeWithoutCurrency { currency, rows })
    }

    /// Leaves out what an analytics file says of promoted delivery on days for which the ads
    /// export of the same account says it too, with the money.
    pub(crate) fn leave_told_twice(&mut self) {
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
pub(crate) fn shares_money_out(label: &Label) -> bool {
    // Organic beside promoted delivery is no audience.
    let placement = 1 << Attribute::Placement.index();
    label.level == Level::Account && label.mask != 0 && label.mask != placement
}
