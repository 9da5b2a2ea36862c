//! A world's weeks, told ad by ad and day by day as platforms report them.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use rand::Rng;

use super::draw;
use super::names::{TOPICS, Topic, format_in_french};
use super::world::{WeekCell, World};
use crate::action::Action;
use crate::random::Purpose;
use crate::response::exposure::saturation;
use crate::segment::{Attribute, Segment};

/// Everything that was delivered in a world, at the grain of its exports.
pub(super) struct Delivery {
    /// Ad sets: one per segment and topic.
    pub(super) ad_sets: Vec<AdSet>,
    /// Ads, in order of their first day within a segment.
    pub(super) ads: Vec<Ad>,
    /// Rows, by segment, then day, then ad.
    pub(super) lines: Vec<Line>,
}

/// An ad set: one audience for one topic.
pub(super) struct AdSet {
    pub(super) topic: &'static Topic,
    pub(super) name: String,
    pub(super) campaign: String,
    pub(super) campaign_id: u64,
    pub(super) id: u64,
}

/// An ad.
pub(super) struct Ad {
    /// Position of its ad set.
    pub(super) set: usize,
    pub(super) name: String,
    pub(super) text: String,
    pub(super) id: u64,
}

/// What one ad did from one day to another.
#[derive(Clone)]
pub(super) struct Line {
    pub(super) ad: usize,
    pub(super) segment: usize,
    /// Week of history.
    pub(super) week: usize,
    pub(super) start: Date,
    pub(super) end: Date,
    /// Money, in cents.
    pub(super) cents: i64,
    pub(super) impressions: f64,
    pub(super) reach: f64,
    pub(super) actions: [f64; Action::COUNT],
}

impl Line {
    /// Money, in units.
    pub(super) fn spend(&self) -> f64 {
        self.cents as f64 / 100.0
    }

    /// A count.
    pub(super) fn get(&self, action: Action) -> f64 {
        self.actions[action.index()]
    }

    /// Whether nothing at all happened.
    fn is_empty(&self) -> bool {
        self.cents == 0 && self.impressions == 0.0 && self.actions.iter().all(|n| *n == 0.0)
    }
}

/// How fine a network's rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grain {
    /// One row per ad and week: reach of a week is known.
    Week,
    /// One row per ad and day, one ad at a time.
    Day,
    /// One row per ad and day, several ads at a time.
    DayAndAds,
}

fn grain(network: &str, week: usize, weeks: usize) -> Grain {
    match network {
        "facebook" | "instagram" if 2 * week >= weeks => Grain::Week,
        "youtube" if 2 * week < weeks => Grain::Week,
        "linkedin" | "x" => Grain::Day,
        _ => Grain::DayAndAds,
    }
}

/// Streams of exports lie beyond those of the world itself.
const DELIVERIES: u64 = 3 << 32;

/// Tells a world's history in about `rows` rows: the more rows, the more ads side by side.
pub(super) fn deliver(world: &World, rows: usize) -> Delivery {
    let ads_at_a_time = ads_for_rows(world, rows);
    let mut delivery = Delivery { ad_sets: Vec::new(), ads: Vec::new(), lines: Vec::new() };
    let mut known = BTreeMap::new();
    for segment in 0..world.segments().len() {
        let mut rng = world.seed().stream(Purpose::Generate, DELIVERIES + segment as u64);
        for run in runs(world, segment) {
            let first_ad = delivery.ads.len();
            let ads = ads_of(world, run, ads_at_a_time, &mut rng);
            let ad_set = ad_set(world, run, &mut delivery, &mut known, &mut rng);
            delivery
                .ads
                .extend((first_ad..first_ad + ads).map(|n| ad(&delivery.ad_sets, ad_set, n)));
            let shares = draw::dirichlet_even(&mut rng, ads, 4.0);
            for cell in run {
                delivery.lines.extend(lines(world, cell, first_ad, &shares, &mut rng));
            }
        }
    }
    delivery
}

/// Mean number of ads side by side that makes about `rows` rows, at least 1.
fn ads_for_rows(world: &World, rows: usize) -> f64 {
    let count = |wanted: Grain, per_week: usize| {
        let cells = world.cells().iter();
        per_week * cells.filter(|cell| grain_of(world, cell) == wanted).count()
    };
    let fixed = count(Grain::Week, 1) + count(Grain::Day, 7);
    let free = count(Grain::DayAndAds, 7).max(1);
    (rows.saturating_sub(fixed) as f64 / free as f64).clamp(1.0, 50.0)
}

fn grain_of(world: &World, cell: &WeekCell) -> Grain {
    grain(network_of(&world.segments()[cell.segment]), cell.week, world.spec().weeks)
}

pub(super) fn network_of(segment: &Segment) -> &str {
    segment.get(Attribute::Network).unwrap_or_default()
}

/// A segment's stretches of weeks under the same creatives.
fn runs(world: &World, segment: usize) -> impl Iterator<Item = &[WeekCell]> {
    let from = world.cells().partition_point(|cell| cell.segment < segment);
    let to = world.cells().partition_point(|cell| cell.segment <= segment);
    world.cells()[from..to].chunk_by(|_, next| !next.new_creative)
}

fn ads_of(world: &World, run: &[WeekCell], mean: f64, rng: &mut impl Rng) -> usize {
    // Where reach of a week is reported, one ad at a time keeps it the ad set's own.
    if run.iter().any(|cell| grain_of(world, cell) != Grain::DayAndAds) {
        return 1;
    }
    (mean + draw::uniform(rng, 0.0, 1.0)).floor().max(1.0) as usize
}

fn ad_set(
    world: &World,
    run: &[WeekCell],
    delivery: &mut Delivery,
    known: &mut BTreeMap<(usize, &'static str), usize>,
    rng: &mut impl Rng,
) -> usize {
    let first = &run[0];
    let day = world.first_week().plus(first.week as i64).monday();
    let in_season: Vec<&'static Topic> =
        TOPICS.iter().filter(|topic| topic.in_season(day)).collect();
    let pick = draw::uniform(rng, 0.0, in_season.len() as f64) as usize;
    let topic = in_season[pick.min(in_season.len() - 1)];
    *known.entry((first.segment, topic.name)).or_insert_with(|| {
        delivery.ad_sets.push(new_ad_set(world, first.segment, topic));
        delivery.ad_sets.len() - 1
    })
}

fn new_ad_set(world: &World, segment_idx: usize, topic: &'static Topic) -> AdSet {
    let segment = &world.segments()[segment_idx];
    let part = |attribute| segment.get(attribute).unwrap_or_default();
    let number = TOPICS.iter().position(|known| known.name == topic.name).unwrap_or_default();
    let network = world.truth(segment_idx).network;
    AdSet {
        topic,
        name: format!(
            "{} | {} | {} | {}",
            topic.name,
            part(Attribute::Territory),
            part(Attribute::Age),
            format_in_french(part(Attribute::Format))
        ),
        campaign: format!("{} – {}", topic.name, capital(network_of(segment))),
        campaign_id: 120_210_000 + 100 * network as u64 + number as u64,
        id: 120_310_000 + 10 * segment_idx as u64 + number as u64,
    }
}

fn ad(ad_sets: &[AdSet], ad_set: usize, n: usize) -> Ad {
    let topic = ad_sets[ad_set].topic;
    Ad { set: ad_set, name: topic.ad(n), text: topic.text(n), id: 120_400_000 + n as u64 }
}

/// A network's name as people write it.
pub(super) fn capital(network: &str) -> String {
    match network {
        "linkedin" => "LinkedIn".to_owned(),
        "tiktok" => "TikTok".to_owned(),
        "youtube" => "YouTube".to_owned(),
        _ => {
            let mut letters = network.chars();
            letters
                .next()
                .map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
        }
    }
}

/// Weekdays differ a little: sponsored posts deliver less at the weekend.
const WEEKDAYS: [f64; 7] = [0.15, 0.15, 0.15, 0.15, 0.14, 0.13, 0.13];

/// People are not on LinkedIn at the weekend, and ads there rest.
const WORKING_DAYS: [f64; 7] = [0.2, 0.21, 0.21, 0.2, 0.18, 0.0, 0.0];

fn lines(
    world: &World,
    cell: &WeekCell,
    first_ad: usize,
    ads: &[f64],
    rng: &mut impl Rng,
) -> Vec<Line> {
    let monday = world.first_week().plus(cell.week as i64).monday();
    let by_week = grain_of(world, cell) == Grain::Week;
    let working_days = network_of(&world.segments()[cell.segment]) == "linkedin";
    let profile = if working_days { &WORKING_DAYS } else { &WEEKDAYS };
    let days: Vec<f64> =
        if by_week { vec![1.0] } else { draw::dirichlet(rng, profile, 80.0).to_vec() };
    let shares: Vec<f64> = days.iter().flat_map(|day| ads.iter().map(move |ad| day * ad)).collect();
    let mut split = |count: f64| draw::multinomial(rng, count, &shares);
    let cents = split((cell.spend * 100.0).round());
    let impressions = split(cell.impressions);
    let actions: Vec<Vec<f64>> = cell.actions.iter().map(|count| split(*count)).collect();
    let whole = shares.len() == 1;
    (0..shares.len())
        .map(|i| {
            let start = monday.saturating_add(((i / ads.len()) as i64).days());
            let end = if by_week { monday.saturating_add(6.days()) } else { start };
            let reach =
                if whole { cell.reach } else { reach(world, cell.segment, impressions[i], rng) };
            Line {
                ad: first_ad + i % ads.len(),
                segment: cell.segment,
                week: cell.week,
                start,
                end,
                cents: cents[i] as i64,
                impressions: impressions[i],
                reach,
                actions: std::array::from_fn(|kind| actions[kind][i]),
            }
        })
        .filter(|line| !line.is_empty())
        .collect()
}

/// The platform's estimate of people reached by a part of a week.
fn reach(world: &World, segment: usize, impressions: f64, rng: &mut impl Rng) -> f64 {
    let truth = world.truth(segment);
    let people = truth.audience * saturation(impressions / truth.audience, truth.shape);
    let estimate = people * draw::mean_one(rng, world.spec().noise.reach);
    estimate.round().clamp(impressions.min(1.0), impressions)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::spec::WorldSpec;
    use crate::random::Seed;

    #[test]
    fn ads_and_days_add_up_to_the_weeks_they_came_from() {
        let spec = WorldSpec::read(include_str!("../../data/demo/world.toml")).expect("checked");
        let world = World::make(&spec, Seed(3));
        let delivery = deliver(&world, 60_000);
        let mut told: BTreeMap<(usize, usize), (f64, f64, f64)> = BTreeMap::new();
        for line in &delivery.lines {
            let total = told.entry((line.segment, line.week)).or_default();
            total.0 += line.cents as f64;
            total.1 += line.impressions;
            total.2 += line.actions.iter().sum::<f64>();
        }
        assert_eq!(told.len(), world.cells().len());
        for cell in world.cells() {
            let (cents, impressions, actions) = told[&(cell.segment, cell.week)];
            assert_eq!(cents, (cell.spend * 100.0).round());
            assert_eq!(impressions, cell.impressions);
            assert_eq!(actions, cell.actions.iter().sum::<f64>());
        }
        // "About": empty ad-days are dropped, and ads come in whole numbers.
        assert!((54_000..66_000).contains(&delivery.lines.len()), "{}", delivery.lines.len());
    }
}
