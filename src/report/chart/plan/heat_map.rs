//! Where 100 € bring most: audience × network, the best first, and where the plan puts its money.

use crate::report::chart::draw::canvas::WIDTH;
use crate::report::chart::draw::figure::{Chart, Words};

use std::collections::{BTreeMap, BTreeSet};

use crate::allocate::plan::Plan;
use crate::allocate::plan::row::Row;
use crate::report::chart::draw::canvas::{Align, Canvas, Type};
use crate::report::chart::draw::layout::{MARGIN, names_room};
use crate::report::chart::draw::palette::{GREY, INK, ramp, readable_on};
use crate::report::formatter::Formatter;
use crate::report::report_data::ReportData;
use crate::report::sheets::table::{Cell, Column, Table};
use crate::segment::{Attribute, JOINT};
use crate::train::fitted::card::SegmentCard;

const NAME: &str = "heat-map";
const ROW: f64 = 32.0;
/// Most audiences: those with the most money of the plan, then the best ones.
const MOST: usize = 18;
/// Money for which actions are told.
const MONEY: f64 = 100.0;

/// The chart; `None` without networks, or where nothing says what money brings.
pub(crate) fn chart(report_data: &ReportData, formatter: &Formatter) -> Option<Chart> {
    let spots = spots(report_data, formatter);
    let rated = || spots.iter().filter_map(|spot| Some((spot, spot.rate?)));
    let (best, most) = rated().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let (worst, least) = rated().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let map = Map::new(&spots);
    let spoken = |spot: &Spot| spot.words.join(", ");
    let funded = spots.iter().filter(|spot| spot.budget > 0.0).count();
    let share = match best.share {
        share if share > 0.0 => {
            formatter.say("chart-heat-map-gets", &[("share", &formatter.part_of(share))])
        }
        _ => formatter.text("chart-heat-map-gets-none"),
    };
    let words = Words::new(
        formatter,
        NAME,
        &[
            ("money", &hundred(formatter)),
            ("network", &formatter.network(&best.network)),
            ("audience", &spoken(best)),
            ("rate", &formatter.quantity(most)),
            ("share", &share),
            ("worst", &format!("{}, {}", formatter.network(&worst.network), spoken(worst))),
            ("least", &formatter.quantity(least)),
            ("funded", &formatter.quantity(funded as f64)),
            ("n", &formatter.quantity(spots.len() as f64)),
            ("hidden", &map.hidden(formatter)),
        ],
    );
    let height = TOP + ROW * map.audiences.len() as f64 + 8.0;
    Some(Chart::new(NAME, words, table(&spots, formatter), height, |canvas| {
        map.paint(canvas, formatter);
    }))
}

fn hundred(formatter: &Formatter) -> String {
    formatter.language.money_with(MONEY, formatter.currency, 0)
}

/// What the campaign can buy of one audience on one network.
#[derive(Debug, Clone, PartialEq)]
struct Spot {
    /// The audience, and the words that it is made of.
    audience: String,
    words: Vec<String>,
    network: String,
    /// Active actions for [`MONEY`]; `None` where neither history nor plan says so.
    rate: Option<f64>,
    /// The plan's money.
    budget: f64,
    /// The same as a share of the plan.
    share: f64,
}

/// The plan's rows, those of one audience and network together: the best first.
fn spots(report_data: &ReportData, formatter: &Formatter) -> Vec<Spot> {
    let plan = &report_data.plan;
    let names = attributes(plan);
    let cards = report_data.card.iter().flat_map(|card| &card.segments);
    let cards: BTreeMap<&str, &SegmentCard> =
        cards.map(|card| (card.segment.as_str(), card)).collect();
    let weeks = weeks(plan);
    // Per audience and network: actions and money of a usual week, and the plan's money.
    let mut sums: BTreeMap<(Vec<String>, String), (f64, f64, f64)> = BTreeMap::new();
    for row in &plan.rows {
        let Some(network) = row.attributes.get(Attribute::Network.column()) else { continue };
        let key = (audience(row, &names, formatter), network.clone());
        let sum = sums.entry(key).or_default();
        let (actions, money) = usual(row, cards.get(row.segment.as_str()).copied(), weeks);
        sum.0 += actions;
        sum.1 += money;
        sum.2 += row.budget;
    }
    let mut spots: Vec<Spot> = sums
        .into_iter()
        .map(|((words, network), (actions, money, budget))| Spot {
            audience: words.join(JOINT),
            words,
            network,
            rate: (money > 0.0).then(|| MONEY * actions / money).filter(|rate| rate.is_finite()),
            budget,
            share: if plan.spent > 0.0 { budget / plan.spent } else { 0.0 },
        })
        .collect();
    let rate = |spot: &Spot| spot.rate.unwrap_or(-1.0);
    spots.sort_by(|a, b| rate(b).total_cmp(&rate(a)));
    spots
}

/// Actions and money of a usual week; those of the plan where an audience was never bought.
fn usual(row: &Row, card: Option<&SegmentCard>, weeks: f64) -> (f64, f64) {
    match card {
        Some(card) if card.mean_spend > 0.0 => (card.response.0, card.mean_spend),
        _ if row.budget > 0.0 => (row.actions.mean / weeks, row.budget / weeks),
        _ => (0.0, 0.0),
    }
}

fn weeks(plan: &Plan) -> f64 {
    plan.rows.iter().map(|row| row.weeks.len()).max().unwrap_or(1).max(1) as f64
}

/// What tells audiences apart: age, gender, territory, interest and a panel's own columns; all
/// but the network where none of these differs.
fn attributes(plan: &Plan) -> Vec<String> {
    let differs = |name: &String| {
        let values: BTreeSet<Option<&String>> =
            plan.rows.iter().map(|row| row.attributes.get(name)).collect();
        values.len() > 1
    };
    let known: BTreeSet<&String> = plan.rows.iter().flat_map(|row| row.attributes.keys()).collect();
    let order: Vec<String> = Attribute::ALL
        .iter()
        .map(|attribute| attribute.column().to_owned())
        .chain(known.iter().map(|name| (*name).clone()))
        .collect();
    let network = Attribute::Network.column();
    let mut names: Vec<String> = Vec::new();
    for name in order {
        if known.contains(&name) && !names.contains(&name) && name != network && differs(&name) {
            names.push(name);
        }
    }
    let people = [Attribute::Age, Attribute::Gender, Attribute::Territory, Attribute::Interest]
        .map(Attribute::column);
    let fixed = Attribute::ALL.map(Attribute::column);
    let is_people =
        |name: &String| people.contains(&name.as_str()) || !fixed.contains(&name.as_str());
    if names.iter().any(is_people) {
        names.retain(is_people);
    }
    names
}

fn audience(row: &Row, names: &[String], formatter: &Formatter) -> Vec<String> {
    let value = |name: &String| Some(formatter.value(name, row.attributes.get(name)?));
    let words: Vec<String> = names.iter().filter_map(value).collect();
    if words.is_empty() { vec![formatter.text("report-everyone")] } else { words }
}

/// Height above the first row: key, names of networks.
const TOP: f64 = 88.0;

struct Map<'a> {
    networks: Vec<&'a str>,
    audiences: Vec<&'a str>,
    n_audiences: usize,
    cells: BTreeMap<(&'a str, &'a str), &'a Spot>,
    low: f64,
    high: f64,
}

/// Names in the order of a figure, the largest first.
fn ranked(figures: BTreeMap<&str, (f64, f64)>) -> Vec<&str> {
    let mut ranked: Vec<(&str, (f64, f64))> = figures.into_iter().collect();
    ranked.sort_by(|a, b| b.1.0.total_cmp(&a.1.0).then(b.1.1.total_cmp(&a.1.1)));
    ranked.into_iter().map(|(name, _)| name).collect()
}

impl<'a> Map<'a> {
    fn new(spots: &'a [Spot]) -> Self {
        // Best rate and money of each audience, best rate of each network.
        let mut audiences: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
        let mut networks: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
        for spot in spots {
            let rate = spot.rate.unwrap_or(-1.0);
            for (sums, name) in [(&mut audiences, &spot.audience), (&mut networks, &spot.network)] {
                let sum = sums.entry(name.as_str()).or_insert((-1.0, 0.0));
                sum.0 = sum.0.max(rate);
                sum.1 += spot.budget;
            }
        }
        let n_audiences = audiences.len();
        let by_money = audiences.iter().map(|(name, (rate, money))| (*name, (*money, *rate)));
        let shown: BTreeSet<&str> = ranked(by_money.collect()).into_iter().take(MOST).collect();
        audiences.retain(|name, _| shown.contains(name));
        networks.retain(|name, _| {
            spots.iter().any(|s| s.network == *name && shown.contains(s.audience.as_str()))
        });
        let rates = || spots.iter().filter_map(|spot| spot.rate);
        Self {
            networks: ranked(networks),
            audiences: ranked(audiences),
            n_audiences,
            cells: spots.iter().map(|s| ((s.audience.as_str(), s.network.as_str()), s)).collect(),
            low: rates().fold(f64::INFINITY, f64::min),
            high: rates().fold(0.0, f64::max),
        }
    }

    fn hidden(&self, formatter: &Formatter) -> String {
        match self.n_audiences - self.audiences.len() {
            0 => String::new(),
            n => formatter.count("chart-hidden", n, &[]),
        }
    }

    fn paint(&self, canvas: &mut Canvas<'_>, formatter: &Formatter) {
        self.key(canvas, formatter);
        let left = names_room(self.audiences.iter().copied(), 270.0);
        let width = ((WIDTH - MARGIN - left) / self.networks.len() as f64).min(124.0);
        for (column, network) in self.networks.iter().enumerate() {
            let middle = left + (column as f64 + 0.5) * width;
            let head = Type::label(INK, Align::Middle).bold();
            canvas.fitted(&formatter.network(network), (middle, TOP - 12.0), width - 4.0, head);
        }
        for (line, audience) in self.audiences.iter().enumerate() {
            let y = TOP + line as f64 * ROW;
            let label = Type::label(INK, Align::Right);
            canvas.fitted(audience, (left - 10.0, y + ROW / 2.0), left - MARGIN - 12.0, label);
            for (column, network) in self.networks.iter().enumerate() {
                let x = left + column as f64 * width;
                if let Some(spot) = self.cells.get(&(*audience, *network)) {
                    self.cell(canvas, formatter, spot, (x, y), width);
                }
            }
        }
    }

    fn cell(
        &self,
        canvas: &mut Canvas<'_>,
        formatter: &Formatter,
        spot: &Spot,
        (x, y): (f64, f64),
        width: f64,
    ) {
        let (from, to) = ((x + 2.0, y + 2.0), (x + width - 2.0, y + ROW - 2.0));
        let ground = spot
            .rate
            .map_or(crate::report::chart::draw::palette::WHITE, |rate| ramp(self.share(rate)));
        let ink = readable_on(ground);
        canvas.block(from, to, ground, 1.0);
        let middle = y + ROW / 2.0;
        let number = spot.rate.map_or_else(|| "–".to_owned(), |rate| formatter.quantity(rate));
        if spot.budget > 0.0 {
            canvas.frame(from, to, INK, 2.0);
            let bold = Type::label(ink, Align::Left).bold();
            canvas.words(&number, (x + 9.0, middle), bold);
            let share = formatter.part_of(spot.share);
            canvas.words(&share, (x + width - 9.0, middle), Type::label(ink, Align::Right));
        } else {
            canvas.words(&number, (x + 9.0, middle), Type::label(ink, Align::Left));
        }
    }

    fn share(&self, rate: f64) -> f64 {
        if self.high > self.low { (rate - self.low) / (self.high - self.low) } else { 0.5 }
    }

    fn key(&self, canvas: &mut Canvas<'_>, formatter: &Formatter) {
        const BOX: f64 = 46.0;
        let small = |align| Type::label(GREY, align).size(11.5);
        let mut x = MARGIN;
        let words = formatter.say("chart-heat-map-rate", &[("money", &hundred(formatter))]);
        canvas.words(&words, (x, 12.0), small(Align::Left));
        x += crate::report::chart::draw::font::width(&words, 11.5, false) + 12.0;
        for i in 0..5 {
            let share = f64::from(i) / 4.0;
            let ground = ramp(share);
            canvas.block((x, 3.0), (x + BOX, 21.0), ground, 1.0);
            let value = self.low + share * (self.high - self.low);
            let kind = Type::label(readable_on(ground), Align::Middle).size(11.0);
            canvas.words(&formatter.quantity(value), (x + BOX / 2.0, 12.0), kind);
            x += BOX;
        }
        let (left, top) = (MARGIN, 30.0);
        canvas.block((left, top), (left + 88.0, top + 22.0), ramp(0.25), 1.0);
        canvas.frame((left, top), (left + 88.0, top + 22.0), INK, 2.0);
        let ink = readable_on(ramp(0.25));
        let number = formatter.quantity(self.low + 0.25 * (self.high - self.low));
        canvas.words(&number, (left + 7.0, top + 11.0), Type::label(ink, Align::Left).bold());
        let share = formatter.percent(0.12, 0);
        canvas.words(&share, (left + 81.0, top + 11.0), Type::label(ink, Align::Right));
        let words = formatter.text("chart-heat-map-funded");
        canvas.words(&words, (left + 100.0, top + 11.0), small(Align::Left));
    }
}

fn table(spots: &[Spot], formatter: &Formatter) -> Table {
    let rate = formatter.say("chart-heat-map-rate", &[("money", &hundred(formatter))]);
    let mut table = Table::new(
        formatter.text("chart-heat-map-table"),
        vec![
            Column::new(formatter, "report-column-audience", 36.0),
            Column::new(formatter, "report-column-network", 14.0),
            Column::named(rate, 14.0),
            Column::new(formatter, "report-column-budget", 12.0),
            Column::new(formatter, "report-column-share", 10.0),
        ],
    );
    let decimals = |rate: f64| usize::from(rate < 10.0);
    table.rows = spots
        .iter()
        .map(|spot| {
            vec![
                Cell::text(&spot.audience),
                Cell::Text(formatter.network(&spot.network)),
                spot.rate.map_or(Cell::Empty, |rate| Cell::Number(rate, decimals(rate))),
                Cell::Money(spot.budget, 0),
                Cell::Percent(spot.share, 1),
            ]
        })
        .collect();
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;
    use crate::report::example;

    #[test]
    fn every_cell_is_the_campaigns_own_and_the_shares_are_the_plan() {
        for n in [1, 3, 12, 60, 300] {
            let report_data = example::report_data(n);
            let formatter = Formatter::new(&report_data, Language::Fr);
            let spots = spots(&report_data, &formatter);
            let rows = &report_data.plan.rows;
            let networks: BTreeSet<&String> =
                rows.iter().filter_map(|row| row.attributes.get("network")).collect();
            assert!(spots.iter().all(|spot| networks.contains(&spot.network)), "{n}");
            let budget: f64 = spots.iter().map(|spot| spot.budget).sum();
            assert!((budget - report_data.plan.spent).abs() < 1e-6, "{n}");
            let share: f64 = spots.iter().map(|spot| spot.share).sum();
            assert!((share - 1.0).abs() < 1e-9, "{n}");
            for pair in spots.windows(2) {
                assert!(pair[0].rate.unwrap_or(-1.0) >= pair[1].rate.unwrap_or(-1.0), "{n}");
            }
            let map = Map::new(&spots);
            assert!(map.audiences.len() <= MOST);
            for spot in &spots {
                let key = (spot.audience.as_str(), spot.network.as_str());
                assert_eq!(map.cells.get(&key), Some(&spot), "one cell per audience and network");
            }
        }
    }

    #[test]
    fn a_rate_is_what_the_model_expects_of_a_usual_week_or_else_what_the_plan_promises() {
        let mut report_data = example::report_data(2);
        report_data.plan.rows[1].budget = 500.0;
        report_data.plan.rows[1].actions.mean = 60.0;
        let card = report_data.card.as_mut().unwrap();
        (card.segments[0].response.0, card.segments[0].mean_spend) = (30.0, 40.0);
        card.segments[1].mean_spend = 0.0;
        let formatter = Formatter::new(&report_data, Language::En);
        let rates: Vec<f64> =
            spots(&report_data, &formatter).iter().filter_map(|s| s.rate).collect();
        assert!((rates[0] - 75.0).abs() < 1e-9 && (rates[1] - 12.0).abs() < 1e-9, "{rates:?}");
    }
}
