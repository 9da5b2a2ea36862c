//! The generic history CSV, for YouTube and every network without a format of its own.

use csv::QuoteStyle;

use super::table::{Table, Value};
use super::view::{ExportFile, Shown};
use crate::action::Action;
use crate::generate::delivery::Line;
use crate::segment::Attribute;

/// Networks whose exports have a format of their own.
const OWN_FORMAT: [&str; 6] = ["facebook", "instagram", "linkedin", "snapchat", "tiktok", "x"];

const HEADER: [&str; 18] = [
    "network",
    "campaign",
    "ad",
    "start",
    "end",
    "age",
    "territory",
    "format",
    "topic",
    "currency",
    "spend",
    "impressions",
    "reach",
    "shares",
    "comments",
    "link_clicks",
    "reactions",
    "follows",
];

/// One file per network without a format of its own.
pub(super) fn files(told: &Shown<'_>) -> Vec<ExportFile> {
    let networks = told.world.networks().iter().map(|network| network.name.as_str());
    networks
        .filter(|network| !OWN_FORMAT.contains(network))
        .filter_map(|network| file(told, network))
        .collect()
}

fn file(told: &Shown<'_>, network: &str) -> Option<ExportFile> {
    let [all, _, _] = told.weeks();
    let lines = told.lines(network, all.clone());
    if lines.is_empty() {
        return None;
    }
    let table = Table {
        header: HEADER.map(str::to_owned).to_vec(),
        rows: lines.iter().map(|line| row(told, line, network)).collect(),
    };
    Some(ExportFile {
        name: format!("{network}_{}.csv", told.span(&all)),
        rows: lines.len(),
        bytes: table.csv(b',', QuoteStyle::Necessary).into_bytes(),
    })
}

fn row(told: &Shown<'_>, line: &Line, network: &str) -> Vec<Value> {
    let ad = &told.delivery.ads[line.ad];
    let set = &told.delivery.ad_sets[ad.set];
    let segment = &told.world.segments()[line.segment];
    let part = |attribute| Value::from(segment.get(attribute).unwrap_or_default());
    let spec = &told.world.spec().networks[told.world.truth(line.segment).network];
    let reported = |action: Action| {
        let passive = matches!(action, Action::Reactions | Action::Follows);
        if passive || spec.mix.contains_key(&action) {
            line.get(action).into()
        } else {
            Value::Empty
        }
    };
    vec![
        network.into(),
        set.campaign.clone().into(),
        ad.name.clone().into(),
        line.start.to_string().into(),
        line.end.to_string().into(),
        part(Attribute::Age),
        part(Attribute::Territory),
        part(Attribute::Format),
        set.topic.name.into(),
        "EUR".into(),
        line.spend().into(),
        line.impressions.into(),
        if spec.reach { line.reach.into() } else { Value::Empty },
        reported(Action::Shares),
        reported(Action::Comments),
        reported(Action::LinkClicks),
        reported(Action::Reactions),
        reported(Action::Follows),
    ]
}
