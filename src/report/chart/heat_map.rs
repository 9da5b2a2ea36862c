//! Engagement rate by audience and network: colour for the rate, a dot for the evidence.

use std::collections::{BTreeMap, BTreeSet};

use super::canvas::{Align, Canvas, Type};
use super::layout::{MARGIN, names_room};
use super::palette::{GREY, INK, ramp, readable_on};
use super::{Chart, WIDTH, Words};
use crate::report::dossier::{AudienceRate, Dossier};
use crate::report::table::{Cell, Column, Table};
use crate::report::voice::{Voice, clean};
use crate::segment::Attribute;

const NAME: &str = "heat-map";
const ROW: f64 = 28.0;
/// Most audiences: those with the most evidence.
const MOST: usize = 30;

/// The chart; `None` without rates by network.
pub(super) fn chart(dossier: &Dossier, voice: &Voice) -> Option<Chart> {
    let rates = rates(dossier, voice);
    let best = rates.iter().max_by(|a, b| a.rate.total_cmp(&b.rate))?;
    let least = rates.iter().min_by(|a, b| a.rate.total_cmp(&b.rate))?;
    let map = Map::new(&rates);
    let arguments: [(&str, &str); 5] = [
        ("network", &voice.network(&best.network)),
        ("audience", &voice.audience_within(&best.attributes, &best.audience)),
        ("rate", &voice.language.number(best.rate, 1)),
        ("least", &voice.language.number(least.rate, 1)),
        ("hidden", &map.hidden(voice)),
    ];
    let words = Words::new(voice, NAME, &arguments);
    let table = table(&rates, voice);
    let height = 96.0 + ROW * map.audiences.len() as f64;
    Some(Chart::new(NAME, words, table, height, |canvas| map.paint(canvas, voice)))
}

/// The dossier's rates, audiences in words; those of the model card when the history gives none.
fn rates(dossier: &Dossier, voice: &Voice) -> Vec<AudienceRate> {
    if let Some(history) = dossier.history.as_ref().filter(|history| !history.rates.is_empty()) {
        let named = |rate: &AudienceRate| AudienceRate {
            // A file of an earlier version knows no attributes: the audience stays as it is there.
            audience: if rate.attributes.is_empty() && !rate.audience.is_empty() {
                clean(&rate.audience)
            } else {
                voice.audience(&rate.attributes)
            },
            ..rate.clone()
        };
        return history.rates.iter().map(named).collect();
    }
    let attributes: BTreeMap<&str, &BTreeMap<String, String>> =
        dossier.plan.rows.iter().map(|row| (row.segment.as_str(), &row.attributes)).collect();
    let cards = dossier.card.iter().flat_map(|card| &card.segments);
    cards
        .filter_map(|card| {
            let attributes = attributes.get(card.segment.as_str())?;
            Some(AudienceRate {
                audience: voice.audience(attributes),
                attributes: (*attributes).clone(),
                network: attributes.get(Attribute::Network.column())?.clone(),
                rate: card.engagement_rate?.0,
                rows: card.cells as u64,
            })
        })
        .collect()
}

struct Map<'a> {
    networks: Vec<&'a str>,
    audiences: Vec<&'a str>,
    n_audiences: usize,
    cells: BTreeMap<(&'a str, &'a str), &'a AudienceRate>,
    low: f64,
    high: f64,
    most_rows: u64,
}

impl<'a> Map<'a> {
    fn new(rates: &'a [AudienceRate]) -> Self {
        let networks: BTreeSet<&str> = rates.iter().map(|rate| rate.network.as_str()).collect();
        let mut evidence: BTreeMap<&str, u64> = BTreeMap::new();
        for rate in rates {
            *evidence.entry(&rate.audience).or_default() += rate.rows;
        }
        let n_audiences = evidence.len();
        let mut audiences: Vec<(&str, u64)> = evidence.into_iter().collect();
        audiences.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        audiences.truncate(MOST);
        let mut audiences: Vec<&str> = audiences.into_iter().map(|(name, _)| name).collect();
        audiences.sort_unstable();
        let values = || rates.iter().map(|rate| rate.rate).filter(|rate| rate.is_finite());
        Self {
            networks: networks.into_iter().collect(),
            audiences,
            n_audiences,
            cells: rates.iter().map(|r| ((r.audience.as_str(), r.network.as_str()), r)).collect(),
            low: values().fold(f64::INFINITY, f64::min),
            high: values().fold(0.0, f64::max),
            most_rows: rates.iter().map(|rate| rate.rows).max().unwrap_or(1).max(1),
        }
    }

    fn hidden(&self, voice: &Voice) -> String {
        match self.n_audiences - self.audiences.len() {
            0 => String::new(),
            n => voice.count("chart-hidden", n, &[]),
        }
    }

    fn paint(&self, canvas: &mut Canvas<'_>, voice: &Voice) {
        self.key(canvas, voice);
        let left = names_room(self.audiences.iter().copied(), 290.0);
        let width = ((WIDTH - MARGIN - left) / self.networks.len() as f64).min(130.0);
        let top = 74.0;
        for (column, network) in self.networks.iter().enumerate() {
            let middle = left + (column as f64 + 0.5) * width;
            let head = Type::label(INK, Align::Middle).bold();
            canvas.fitted(&voice.network(network), (middle, top - 14.0), width - 4.0, head);
        }
        for (line, audience) in self.audiences.iter().enumerate() {
            let y = top + line as f64 * ROW;
            let label = Type::label(INK, Align::Right);
            canvas.fitted(audience, (left - 10.0, y + ROW / 2.0), left - MARGIN - 12.0, label);
            for (column, network) in self.networks.iter().enumerate() {
                let x = left + column as f64 * width;
                self.cell(canvas, voice, (audience, network), (x, y), width);
            }
        }
    }

    fn cell(
        &self,
        canvas: &mut Canvas<'_>,
        voice: &Voice,
        key: (&str, &str),
        (x, y): (f64, f64),
        width: f64,
    ) {
        let (from, to) = ((x + 1.0, y + 1.0), (x + width - 1.0, y + ROW - 1.0));
        let Some(rate) = self.cells.get(&key) else {
            canvas.words("–", (x + width / 2.0, y + ROW / 2.0), Type::tick(Align::Middle));
            return;
        };
        let ground = ramp(self.share(rate.rate));
        let ink = readable_on(ground);
        canvas.block(from, to, ground, 1.0);
        let number = voice.language.number(rate.rate, 1);
        canvas.words(
            &number,
            (x + width / 2.0 - 6.0, y + ROW / 2.0),
            Type::label(ink, Align::Middle),
        );
        let dot = (x + width - 14.0, y + ROW / 2.0);
        canvas.disc(dot, self.radius(rate.rows), ink, 1.0);
    }

    fn share(&self, rate: f64) -> f64 {
        if self.high > self.low { (rate - self.low) / (self.high - self.low) } else { 0.5 }
    }

    /// Area of the dot in proportion to the rows behind a rate.
    fn radius(&self, rows: u64) -> f64 {
        (7.0 * (rows as f64 / self.most_rows as f64).sqrt()).max(1.2)
    }

    fn key(&self, canvas: &mut Canvas<'_>, voice: &Voice) {
        let y = 12.0;
        let small = |align| Type::label(GREY, align).size(11.5);
        let words = voice.text("chart-heat-map-rate");
        canvas.words(&words, (MARGIN, y), small(Align::Left));
        let mut x = MARGIN + super::font::width(&words, 11.5, false) + 12.0;
        for i in 0..5 {
            let share = f64::from(i) / 4.0;
            let ground = ramp(share);
            canvas.block((x, y - 9.0), (x + 40.0, y + 9.0), ground, 1.0);
            let value = self.low + share * (self.high - self.low);
            let kind = Type::label(readable_on(ground), Align::Middle).size(11.0);
            canvas.words(&voice.language.number(value, 1), (x + 20.0, y), kind);
            x += 40.0;
        }
        let words = voice.text("chart-heat-map-evidence");
        let y = 36.0;
        canvas.words(&words, (MARGIN, y), small(Align::Left));
        let mut x = MARGIN + super::font::width(&words, 11.5, false) + 16.0;
        for rows in [self.most_rows.div_ceil(16), self.most_rows.div_ceil(4), self.most_rows] {
            canvas.disc((x, y), self.radius(rows), INK, 1.0);
            let number = voice.quantity(rows as f64);
            canvas.words(&number, (x + 11.0, y), small(Align::Left));
            x += 34.0 + super::font::width(&number, 11.5, false);
        }
    }
}

fn table(rates: &[AudienceRate], voice: &Voice) -> Table {
    let mut table = Table::new(
        voice.text("chart-heat-map-table"),
        vec![
            Column::new(voice, "report-column-audience", 36.0),
            Column::new(voice, "report-column-network", 14.0),
            Column::new(voice, "report-column-rate", 14.0),
            Column::new(voice, "report-column-rows", 10.0),
        ],
    );
    let mut rates: Vec<&AudienceRate> = rates.iter().collect();
    rates.sort_by(|a, b| b.rate.total_cmp(&a.rate));
    table.rows = rates
        .iter()
        .map(|rate| {
            vec![
                Cell::text(&rate.audience),
                Cell::Text(voice.network(&rate.network)),
                Cell::Number(rate.rate, 1),
                Cell::Number(rate.rows as f64, 0),
            ]
        })
        .collect();
    table
}
