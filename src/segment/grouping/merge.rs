//! Groups from members: names, what they share, and cells added up.

use std::collections::{BTreeMap, BTreeSet};

use super::features::{Totals, order};
use super::group::Group;
use crate::action::Action;
use crate::panel::{Cell, Panel};
use crate::segment::age::AgeBand;
use crate::segment::{Attribute, JOINT, Segment};

/// Name of the attribute that holds a group's number.
const GROUP: &str = "group";

/// Groups in reading order: by block, then by spend, the largest first.
pub(super) fn groups(panel: &Panel, totals: &[Totals], blocks: &[Vec<Vec<usize>>]) -> Vec<Group> {
    let mut groups = Vec::new();
    for block in blocks {
        let mut own: Vec<Group> = block.iter().map(|m| describe(panel, totals, m)).collect();
        own.sort_by(|a, b| b.spend.total_cmp(&a.spend).then_with(|| a.members.cmp(&b.members)));
        groups.extend(own);
    }
    let digits = groups.len().to_string().len().max(2);
    for (i, group) in groups.iter_mut().enumerate() {
        let number = format!("G{:0digits$}", i + 1);
        group.id = named(&number, &group.attributes);
        group.attributes.insert(GROUP.to_owned(), number);
    }
    groups
}

/// `G03 · facebook · 18-34`: the number, and the shared attributes that have a fixed meaning.
fn named(number: &str, attributes: &BTreeMap<String, String>) -> String {
    let shared = Attribute::ALL.into_iter().filter_map(|a| attributes.get(a.column()));
    std::iter::once(number).chain(shared.map(String::as_str)).collect::<Vec<_>>().join(JOINT)
}

fn describe(panel: &Panel, totals: &[Totals], members: &[usize]) -> Group {
    let segments: Vec<&Segment> = members.iter().map(|&s| &panel.segments[s]).collect();
    let sum = |f: fn(&Totals) -> f64| members.iter().map(|&s| f(&totals[s])).sum::<f64>();
    let mut names: Vec<String> = segments.iter().map(|segment| segment.id.clone()).collect();
    names.sort();
    Group {
        id: String::new(),
        attributes: shared(&segments),
        mainly: mainly(panel, &segments),
        members: names,
        spend: sum(|t| t.spend),
        impressions: members
            .iter()
            .all(|&s| totals[s].all_impressions)
            .then(|| sum(|t| t.impressions)),
        actions: sum(|t| t.actions),
        cells: members.iter().map(|&s| totals[s].cells).sum(),
    }
}

/// Of each attribute that is not shared, the value that is most above its share in the panel, when
/// at least half the members have it.
fn mainly(panel: &Panel, members: &[&Segment]) -> BTreeMap<String, (String, f64, f64)> {
    let share = |segments: &[&Segment], name: &str, value: &str| {
        let having = segments.iter().filter(|s| s.attributes.get(name).is_some_and(|v| v == value));
        having.count() as f64 / segments.len() as f64
    };
    let all: Vec<&Segment> = panel.segments.iter().collect();
    let pairs: BTreeSet<(&String, &String)> = members.iter().flat_map(|s| &s.attributes).collect();
    let mut mainly: BTreeMap<String, (String, f64, f64)> = BTreeMap::new();
    for (name, value) in pairs {
        let (here, usual) = (share(members, name, value), share(&all, name, value));
        let least = mainly.get(name).map_or(0.0, |(_, here, usual)| here - usual);
        if (0.5..1.0).contains(&here) && here - usual > least {
            mainly.insert(name.clone(), (value.clone(), here, usual));
        }
    }
    mainly
}

/// Attributes with one value in all segments. Ages that fit together without a hole are one band.
fn shared(segments: &[&Segment]) -> BTreeMap<String, String> {
    let mut shared = segments[0].attributes.clone();
    shared.retain(|name, value| segments.iter().all(|s| s.attributes.get(name) == Some(value)));
    if let Some(band) = joined_ages(segments) {
        shared.insert(Attribute::Age.column().to_owned(), band.to_string());
    }
    shared
}

fn joined_ages(segments: &[&Segment]) -> Option<AgeBand> {
    let bands: Option<BTreeSet<AgeBand>> =
        segments.iter().map(|s| s.get(Attribute::Age)?.parse().ok()).collect();
    let bands: Vec<AgeBand> = bands?.into_iter().collect();
    let from = bands.iter().map(|band| band.from()).min()?;
    let whole = match bands.iter().map(|band| band.to()).collect::<Option<Vec<u8>>>() {
        Some(ends) => format!("{from}-{}", ends.into_iter().max()?),
        None => format!("{from}+"),
    };
    let whole: AgeBand = whole.parse().ok()?;
    whole.rebuilt_from(&bands).map(|_| whole)
}

/// The panel of groups.
pub(super) fn panel(panel: &Panel, groups: &[Group]) -> Panel {
    let grouped = groups.iter().map(|group| {
        let segment = Segment { id: group.id.clone(), attributes: group.attributes.clone() };
        (segment, group.members.iter().map(String::as_str).collect::<Vec<_>>())
    });
    let alone = panel.segments.iter().filter(|own| !own.is_audience());
    let alone = alone.map(|own| (own.clone(), vec![own.id.as_str()]));
    let mut sorted: Vec<(Segment, Vec<&str>)> = grouped.chain(alone).collect();
    sorted.sort_by(|a, b| a.0.id.cmp(&b.0.id));
    let group_of: BTreeMap<&str, usize> = sorted
        .iter()
        .enumerate()
        .flat_map(|(g, (_, members))| members.iter().map(move |id| (*id, g)))
        .collect();
    let segments: Vec<Segment> = sorted.into_iter().map(|own| own.0).collect();
    let has = |name: &String| segments.iter().any(|s| s.attributes.contains_key(name));
    let mut attributes: Vec<String> = panel.attributes.iter().filter(|n| has(n)).cloned().collect();
    attributes.retain(|name| name != GROUP);
    attributes.push(GROUP.to_owned());
    let cells = cells(panel, &group_of);
    let reported = |action: &Action| cells.iter().any(|cell| cell.actions.get(*action).is_some());
    let actions = panel.actions.iter().copied().filter(reported).collect();
    let (currency, notes) = (panel.currency, panel.notes.clone());
    Panel { segments, cells, attributes, actions, currency, notes }
}

/// Cells of one group and period are one; rows without dates stay what they are, independent
/// periods of one of the ad sets.
fn cells(panel: &Panel, group_of: &BTreeMap<&str, usize>) -> Vec<Cell> {
    let mut sorted: Vec<(usize, &Cell)> = panel
        .cells
        .iter()
        .filter_map(|cell| {
            let id = panel.segments[cell.segment].id.as_str();
            Some((*group_of.get(id)?, cell))
        })
        .collect();
    sorted.sort_by(|(g, a), (h, b)| g.cmp(h).then_with(|| order(a, b)));
    let same = |a: &(usize, &Cell), b: &(usize, &Cell)| {
        a.0 == b.0 && a.1.period.is_some() && a.1.period == b.1.period
    };
    sorted.chunk_by(same).map(added).collect()
}

/// One cell from those of several ad sets in one period. What one of them does not report, the
/// sum does not know; reach is people, and people in two ad sets would count twice.
fn added(cells: &[(usize, &Cell)]) -> Cell {
    let (group, first) = cells[0];
    let all = |f: fn(&Cell) -> Option<f64>| cells.iter().map(|(_, c)| f(c)).sum::<Option<f64>>();
    let mut sum = Cell {
        segment: group,
        period: first.period,
        spend: cells.iter().map(|(_, cell)| cell.spend).sum(),
        impressions: all(|cell| cell.impressions),
        reach: if cells.len() == 1 { first.reach } else { None },
        actions: crate::action::Counts::default(),
        censored: Vec::new(),
        at_least: crate::action::Counts::default(),
        from_breakdown: cells.iter().any(|(_, cell)| cell.from_breakdown),
        new_creative: cells.iter().any(|(_, cell)| cell.new_creative),
        designed: cells.iter().all(|(_, cell)| cell.designed),
    };
    for kind in Action::ALL {
        let ranges: Option<Vec<_>> = cells.iter().map(|(_, cell)| cell.range(kind)).collect();
        if let Some(ranges) = ranges {
            let total = |of: fn(&(f64, f64)) -> f64| ranges.iter().map(of).sum::<f64>();
            sum.set_range(kind, (total(|range| range.0), total(|range| range.1)));
        }
    }
    sum
}
