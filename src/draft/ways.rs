//! How a history's audiences are told apart: by what was bought one by one.

use super::{DraftError, highest_weeks};
use crate::history::{History, PanelOptions};
use crate::panel::Panel;
use crate::segment::{Attribute, ToldApart};

/// An audience that was bought by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Bought {
    /// Its name.
    pub name: String,
    /// What it is told apart by.
    pub conditions: Vec<(Attribute, String)>,
    /// Money in all.
    pub spend: f64,
    /// Money of its highest week.
    pub highest: f64,
}

/// A way to tell audiences apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Way {
    /// What `split_by` says.
    pub split_by: Vec<Attribute>,
    /// Audiences that were bought by themselves, the largest first.
    pub audiences: Vec<Bought>,
    /// Share of the money that is theirs.
    pub share: f64,
    /// Share of the money in audiences that were seen in several weeks.
    pub lasting: f64,
}

/// What is bought as such, and says nothing of whom it is for.
const AS_BOUGHT: [Attribute; 3] = [Attribute::AdSet, Attribute::Campaign, Attribute::Network];

/// Share of the money that a way has to cover.
const COVERED: f64 = 0.9;
/// An audience seen in so many periods lasts.
const PERIODS: usize = 3;
/// Share of the money in lasting audiences from which a way is good to learn from.
const LASTING: f64 = 0.5;

impl Way {
    fn of(panel: &Panel, split_by: Vec<Attribute>) -> Self {
        let mut spend = vec![0.0; panel.segments.len()];
        let mut periods = vec![0; panel.segments.len()];
        let bought = panel.bought();
        for cell in panel.cells.iter().filter(|cell| cell.spend > 0.0) {
            spend[cell.segment] += cell.spend;
            periods[cell.segment] += 1;
        }
        let highest = highest_weeks(panel);
        let all: f64 = spend.iter().sum::<f64>().max(f64::MIN_POSITIVE);
        let of =
            (0..panel.segments.len()).filter(|i| bought[*i] && panel.segments[*i].is_audience());
        let own: Vec<usize> = of.collect();
        let sum = |keep: &dyn Fn(usize) -> bool| {
            own.iter().filter(|i| keep(**i)).map(|i| spend[*i]).sum::<f64>() / all
        };
        let (share, lasting) = (sum(&|_| true), sum(&|i| periods[i] >= PERIODS));
        let bought = |i: &usize| {
            let segment = &panel.segments[*i];
            let value = |own: &Attribute| Some((*own, segment.get(*own)?.to_owned()));
            let conditions = split_by.iter().filter_map(value).collect();
            let (spend, highest) = (spend[*i], highest[*i]);
            Bought { name: segment.id.clone(), conditions, spend, highest }
        };
        let mut audiences: Vec<Bought> = own.iter().map(bought).collect();
        audiences.sort_by(|a, b| b.spend.total_cmp(&a.spend).then_with(|| a.name.cmp(&b.name)));
        Self { split_by, audiences, share, lasting }
    }

    /// Whether there is something to divide, and nearly all money is in it.
    fn divides(&self) -> bool {
        self.audiences.len() > 1 && self.share >= COVERED
    }
}

/// The way to tell audiences apart, its panel, and the others that divide: whom they address first,
/// then ad sets, campaigns, networks; the first whose audiences last, so that something can be learnt
/// of each.
pub(super) fn choose(
    history: &History,
    options: &PanelOptions,
    known: &[ToldApart],
) -> Result<(Way, Panel, Vec<Way>), DraftError> {
    let several: Vec<Attribute> = known
        .iter()
        .filter(|way| way.values > 1)
        .filter_map(|way| way.split_by.last().copied())
        .collect();
    let has = |attribute: &Attribute| several.contains(attribute);
    let network = || {
        let named = known.iter().any(|way| way.split_by.last() == Some(&Attribute::Network));
        named.then_some(Attribute::Network)
    };
    let mut asked: Vec<Vec<Attribute>> = Vec::new();
    let whom: Vec<Attribute> =
        several.iter().copied().filter(|own| !AS_BOUGHT.contains(own)).collect();
    if !whom.is_empty() {
        asked.push(network().into_iter().chain(whom).collect());
    }
    for finer in [Attribute::AdSet, Attribute::Campaign] {
        if has(&finer) {
            asked.push(network().into_iter().chain([finer]).collect());
        }
    }
    if asked.is_empty() || has(&Attribute::Network) {
        asked.push(network().into_iter().collect());
    }
    let mut found = Vec::new();
    for split_by in asked {
        let own = PanelOptions { split_by, ..options.clone() };
        let report = history.panel(&own)?;
        found.push((Way::of(&report.panel, report.split_by), report.panel));
    }
    let best = found
        .iter()
        .position(|(way, _)| way.divides() && way.lasting >= LASTING)
        .or_else(|| {
            let dividing = found.iter().enumerate().filter(|(_, (way, _))| way.divides());
            // Among equals the first.
            let best = dividing.rev().max_by(|a, b| a.1.0.lasting.total_cmp(&b.1.0.lasting));
            best.map(|(place, _)| place)
        })
        .unwrap_or(0);
    let (way, panel) = found.remove(best);
    let others = found.into_iter().map(|(way, _)| way).filter(Way::divides).collect();
    Ok((way, panel, others))
}
