//! `relais segments`: groups small ad sets into planning segments.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::source::PanelSource;
use crate::allocate::Remainder;
use crate::cli::arguments::touched::Touched;
use crate::cli::terminal::context::{Context, Exit};
use crate::cli::terminal::grid::framed;
use crate::language::Language;
use crate::language::message::Plain;
use crate::panel::{Panel, told_apart};
use crate::rules::finding::{Finding, Reader};
use crate::segment::grouping::{Group, Grouping, Settings, Tried, group};

/// Groups small ad sets into planning segments.
///
/// k-means (linfa) on attributes and shrunk rates, network by network; the number of groups has the
/// highest silhouette unless it is given.
#[derive(Debug, Clone, Args)]
pub struct SegmentsArgs {
    #[command(flatten)]
    source: PanelSource,
    /// The grouped panel, for `train --panel`.
    #[arg(long, value_name = "grouped.csv")]
    out: PathBuf,
    /// So many groups in all.
    #[arg(long, value_name = "N")]
    groups: Option<usize>,
    /// Attributes whose values are never put together.
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', default_value = "network")]
    apart: Vec<String>,
}

/// The answer of `--json`.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    segments: usize,
    criterion: &'a str,
    groups: &'a [Group],
    tried: &'a BTreeMap<String, Vec<Tried>>,
    findings: &'a [Finding],
}

impl SegmentsArgs {
    /// The files that it reads and writes.
    pub(crate) fn touched(&self) -> Touched<'_> {
        Touched::default().reads(self.source.files()).writes([&self.out])
    }
}

/// Runs the command.
///
/// # Errors
///
/// Bad input, told in the person's language.
pub fn run(args: &SegmentsArgs, context: &Context) -> anyhow::Result<Exit> {
    let panel = args.source.read(&[], context)?;
    let settings =
        Settings { groups: args.groups, apart: args.apart.clone(), ..Settings::default() };
    let grouping = context.explain(group(&panel, &settings, context.seed))?;
    context.put(&args.out, |out| grouping.panel(&panel).write_csv_to(out))?;
    let audiences = panel.segments.iter().filter(|own| own.is_audience()).count();
    let left_out = left_out(&panel, context);
    if context.json {
        context.answer_json(&Answer {
            segments: audiences,
            criterion: &grouping.criterion,
            groups: &grouping.groups,
            tried: &grouping.tried,
            findings: left_out.as_slice(),
        })?;
    } else {
        tell(&grouping, audiences, panel.currency, context)?;
        if let Some(finding) = &left_out {
            let plain = Plain { language: context.language, currency: panel.currency };
            context.answer(&finding.say(&plain))?;
        }
    }
    let asks = left_out.as_ref().is_some_and(Finding::needs_a_person);
    Ok(if asks { Exit::Findings } else { Exit::Good })
}

/// Money that is in no group, because nothing breaks it down.
fn left_out(panel: &Panel, context: &Context) -> Option<Finding> {
    let mut spend = vec![0.0; panel.segments.len()];
    for cell in &panel.cells {
        spend[cell.segment] += cell.spend;
    }
    let segments = panel.segments.iter().zip(spend);
    let rest = Remainder::of(segments, |_| true, told_apart(&panel.notes))?;
    let (language, overrides) = (context.language, &BTreeMap::new());
    rest.finding(&Reader { language, currency: panel.currency, overrides })
}

fn tell(
    grouping: &Grouping,
    segments: usize,
    currency: Option<crate::units::Currency>,
    context: &Context,
) -> anyhow::Result<()> {
    let lang = context.language;
    let columns = ["group", "mainly", "members", "cells", "spend", "actions", "cost", "rate"];
    let header = columns.map(|column| lang.text(&format!("segments-column-{column}")));
    let cells = |group: &Group| {
        let per = |a: f64, b: f64| (b > 0.0).then_some(a / b);
        let cost = per(group.spend, group.actions);
        let rate = group.impressions.and_then(|shown| per(1000.0 * group.actions, shown));
        vec![
            group.id.clone(),
            mainly(group, lang),
            lang.number(group.members.len() as f64, 0),
            lang.number(group.cells as f64, 0),
            lang.money_with(group.spend, currency, 0),
            lang.number(group.actions, 0),
            cost.map_or_else(String::new, |cost| lang.money_with(cost, currency, 2)),
            rate.map_or_else(String::new, |rate| lang.short(rate)),
        ]
    };
    let rows = grouping.groups.iter().map(cells).collect();
    context.answer(&framed(header.to_vec(), rows, 2).to_string())?;
    let told = [
        ("segments", lang.number(segments as f64, 0)),
        ("groups", lang.number(grouping.groups.len() as f64, 0)),
    ];
    let told = [("segments", told[0].1.as_str()), ("groups", told[1].1.as_str())];
    context.answer(&lang.say(&format!("segments-done-{}", grouping.criterion), &told))?;
    Ok(())
}

/// `format video (83 %), age 18-24 (67 %)`: what most of a group is.
fn mainly(group: &Group, lang: Language) -> String {
    let told = group
        .mainly
        .iter()
        .map(|(name, (value, here, _))| format!("{name} {value} ({})", lang.percent(*here, 0)));
    told.collect::<Vec<_>>().join(", ")
}
