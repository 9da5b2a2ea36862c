//! Posts of all networks and profiles, filtered and sorted by what people did.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::prelude::ToPrimitive;
use serde::Serialize;

use super::filter::{Field, Filter, Measure, NAMES};
use super::grain::choose::{Choice, Piece};
use super::grain::{settle, tree};
use super::rate::{Prior, Rate};
use super::rows::asked::PanelOptions;
use super::rows::facts::Measures;
use crate::action::Action;
use crate::history::day::{Span, date_of};
use crate::history::error::HistoryError;
use crate::history::store::open::History;
use crate::segment::Attribute;
use crate::units::Currency;

/// Which posts are asked for, and in which order.
#[derive(Debug, Clone, Default)]
pub struct PostQuery {
    /// Conditions.
    pub filter: Filter,
    /// What to sort by: numbers from great to small, texts from A to Z. By spend if absent.
    pub sort: Option<Field>,
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub to: Option<Date>,
    /// At most so many.
    pub limit: Option<usize>,
    /// Only amounts of this currency.
    pub currency: Option<Currency>,
}

/// One post or ad (or what stands for it where an export goes no deeper), all its periods
/// together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Post {
    /// Network, profile, campaign, ad set, ad and whatever else was asked about, where known.
    pub attributes: BTreeMap<Attribute, String>,
    /// First day reported.
    pub first: Option<Date>,
    /// Last day reported.
    pub last: Option<Date>,
    /// Money, in units of the currency.
    pub spend: f64,
    /// Impressions.
    pub impressions: Option<f64>,
    /// Distinct people, where one row says it.
    pub reach: Option<f64>,
    /// Actions by kind.
    pub actions: BTreeMap<Action, f64>,
    /// Active actions, unweighted.
    pub active: Option<f64>,
    /// Active actions per impression.
    pub engagement_rate: Option<Rate>,
}

/// The posts found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Posts {
    /// Currency of the amounts.
    pub currency: Option<Currency>,
    /// Attributes that at least one of them has.
    pub attributes: Vec<Attribute>,
    /// How many match, before the limit.
    pub found: usize,
    /// The posts, in the order asked for.
    pub posts: Vec<Post>,
    /// Money divided by the shares of another breakdown, two breakdowns not being joined.
    pub modelled: f64,
    /// Rows that begin before the first day or end after the last.
    pub rows_outside: u64,
}

impl History {
    /// The posts that a question asks for.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] when amounts cannot be added or there is nothing at all.
    pub fn posts(&self, query: &PostQuery) -> Result<Posts, HistoryError> {
        let options = PanelOptions {
            from: query.from,
            to: query.to,
            currency: query.currency,
            organic: true,
            ..PanelOptions::default()
        };
        let (mut facts, left) = self.facts()?.within(&options);
        let currency = facts.currency()?;
        if facts.rows.is_empty() {
            return Err(HistoryError::Nothing);
        }
        let asked = asked(query);
        let settled = settle::settle(&mut facts);
        let tree = tree::build(&facts, &settled);
        let mut choice = Choice::new(&facts, &settled, &tree, &asked);
        let pieces = choice.pieces();
        let mut posts = rated(gather(&choice, &pieces, &asked));
        posts.retain(|post| {
            query.filter.holds(
                |attribute| post.attributes.get(&attribute).map(String::as_str),
                |measure| post.measure(measure),
            )
        });
        sort(&mut posts, query.sort.unwrap_or(Field::Measure(Measure::Spend)));
        let known = |attribute: &Attribute| {
            posts.iter().any(|post| post.attributes.contains_key(attribute))
        };
        let attributes = asked.iter().copied().filter(known).collect();
        let found = posts.len();
        posts.truncate(query.limit.unwrap_or(usize::MAX));
        Ok(Posts {
            currency,
            attributes,
            found,
            posts,
            modelled: choice.modelled.to_f64().unwrap_or_default(),
            rows_outside: left.outside,
        })
    }
}

fn asked(query: &PostQuery) -> Vec<Attribute> {
    let sort = match query.sort {
        Some(Field::Attribute(attribute)) => Some(attribute),
        _ => None,
    };
    let mut asked = NAMES.to_vec();
    for attribute in query.filter.attributes().chain(sort) {
        if !asked.contains(&attribute) {
            asked.push(attribute);
        }
    }
    asked
}

fn gather(choice: &Choice<'_>, pieces: &[Piece], asked: &[Attribute]) -> Vec<Post> {
    let mut gathered: BTreeMap<u32, (Measures, Option<Span>)> = BTreeMap::new();
    let mut reaches: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    for piece in pieces {
        let (measures, span) = gathered.entry(piece.tuple).or_default();
        measures.add(choice.measures(piece));
        // People of one row alone are known, beside however many rows that say nothing of them.
        let reached = reaches.entry(piece.tuple).or_default();
        reached.extend(choice.measures(piece).reach.filter(|_| reached.len() < 2));
        measures.reach = reached.first().copied().filter(|_| reached.len() == 1);
        if piece.span.is_dated() {
            *span = Some(span.map_or(piece.span, |span| Span {
                start: span.start.min(piece.span.start),
                end: span.end.max(piece.span.end),
            }));
        }
    }
    gathered
        .into_iter()
        .map(|(tuple, (measures, span))| {
            let values = choice.tuples.get(tuple);
            let known = asked.iter().zip(values).filter_map(|(attribute, value)| {
                choice.text(*value).map(|text| (*attribute, text.to_owned()))
            });
            post(known.collect(), &measures, span)
        })
        .collect()
}

fn post(attributes: BTreeMap<Attribute, String>, measures: &Measures, span: Option<Span>) -> Post {
    // More may have been taken back than is known to have been counted.
    let counts =
        Action::ALL.into_iter().filter_map(|a| Some((a, measures.actions.get(a)?.max(0.0))));
    Post {
        attributes,
        first: span.map(|span| date_of(span.start)),
        last: span.map(|span| date_of(span.end)),
        spend: measures.spend.to_f64().unwrap_or_default(),
        impressions: measures.impressions.map(|shown| shown.max(0.0)),
        reach: measures.reach,
        actions: counts.collect(),
        active: measures.actions.active(),
        engagement_rate: None,
    }
}

/// Gives every post its rate, each network's posts lending strength to each other.
fn rated(mut posts: Vec<Post>) -> Vec<Post> {
    let mut by_network: BTreeMap<String, Vec<(f64, f64)>> = BTreeMap::new();
    for post in &posts {
        if let (Some(active), Some(impressions)) = (post.active, post.impressions) {
            by_network.entry(post.network()).or_default().push((active, impressions));
        }
    }
    let priors: BTreeMap<String, Prior> = by_network
        .into_iter()
        .map(|(network, observed)| (network, Prior::learn(&observed)))
        .collect();
    for post in &mut posts {
        if let (Some(active), Some(impressions)) = (post.active, post.impressions) {
            post.engagement_rate = priors[&post.network()].rate(active, impressions);
        }
    }
    posts
}

fn sort(posts: &mut [Post], field: Field) {
    match field {
        Field::Attribute(attribute) => {
            posts.sort_by(|a, b| a.attributes.get(&attribute).cmp(&b.attributes.get(&attribute)));
        }
        Field::Measure(measure) => posts.sort_by(|a, b| {
            let value = |post: &Post| post.measure(measure).unwrap_or(f64::NEG_INFINITY);
            value(b).total_cmp(&value(a))
        }),
    }
}

impl Post {
    fn network(&self) -> String {
        self.attributes.get(&Attribute::Network).cloned().unwrap_or_default()
    }

    /// A number of this post, where it is known.
    #[must_use]
    pub fn measure(&self, measure: Measure) -> Option<f64> {
        let per = |part: Option<f64>, whole: Option<f64>| {
            whole.filter(|whole| *whole > 0.0).and_then(|whole| Some(part? / whole))
        };
        match measure {
            Measure::Spend => Some(self.spend),
            Measure::Impressions => self.impressions,
            Measure::Reach => self.reach,
            Measure::Action(action) => self.actions.get(&action).copied(),
            Measure::Active => self.active,
            Measure::EngagementRate => self.engagement_rate.map(|rate| rate.mean),
            Measure::Cpm => per(Some(1000.0 * self.spend), self.impressions),
            Measure::CostPerActive => per(Some(self.spend), self.active),
            Measure::ActivePerFollower => {
                per(self.active, self.actions.get(&Action::Follows).copied())
            }
        }
    }
}
