//! LinkedIn Campaign Manager: creative report by day, UTF-16 with tabs, five lines before the header.

use csv::QuoteStyle;
use jiff::civil::Date;

use super::table::{Table, Value};
use super::view::{ExportFile, Shown, rate};
use crate::action::Action;
use crate::generate::delivery::Line;
use crate::segment::Attribute;

/// The creative report's 84 columns (layout of 2024), in order.
const HEADER: [&str; 84] = [
    "Start Date (in UTC)",
    "Account Name",
    "Currency",
    "Campaign Group ID",
    "Campaign Group Name",
    "Campaign Group Status",
    "Campaign Group Start Date",
    "Campaign Group End Date",
    "Campaign Group Total Budget",
    "Campaign ID",
    "Campaign Name",
    "Campaign Objective",
    "Campaign Type",
    "Campaign Status",
    "Cost Type",
    "Daily Budget",
    "Total Budget",
    "Campaign Start Date",
    "Campaign End Date",
    "Creative Name",
    "Ad ID",
    "Creative Status",
    "Ad Introduction Text",
    "Ad Headline",
    "Ad Line",
    "Click URL",
    "Sponsored Update Type",
    "DSC Name",
    "Total Spent",
    "Impressions",
    "Clicks",
    "Click Through Rate",
    "Average CPM",
    "Average CPC",
    "Reactions",
    "Comments",
    "Shares",
    "Follows",
    "Other Clicks",
    "Total Social Actions",
    "Total Engagements",
    "Engagement Rate",
    "Viral Impressions",
    "Viral Clicks",
    "Viral Reactions",
    "Viral Comments",
    "Viral Shares",
    "Viral Follows",
    "Viral Other Clicks",
    "Conversions",
    "Post-Click Conversions",
    "View-Through Conversions",
    "Conversion Rate",
    "Cost per Conversion",
    "Total Conversion Value",
    "Return on Ad Spend",
    "Viral Conversions",
    "Viral Post-Click Conversions",
    "Viral View-Through Conversions",
    "Leads",
    "Lead Forms Opened",
    "Lead Form Completion Rate",
    "Cost per Lead",
    "Reach",
    "Average Frequency",
    "Cost per 1,000 People Reached",
    "Event Registrations",
    "Click Event Registrations",
    "View Event Registrations",
    "Viral Event Registrations",
    "Viral Click Event Registrations",
    "Viral View Event Registrations",
    "Clicks to Landing Page",
    "Clicks to LinkedIn Page",
    "Leads (Work Email)",
    "Lead Form Completion Rate (Work Email)",
    "Cost Per Lead (Work Email)",
    "Member Follows",
    "Clicks to Member Profile",
    "Qualified Leads",
    "Cost Per Qualified Lead",
    "Average Dwell Time (in Seconds)",
    "Subscriptions",
    "Viral Subscriptions",
];

/// The network's one file.
pub(super) fn files(told: &Shown<'_>) -> Vec<ExportFile> {
    let [all, _, _] = told.weeks();
    let lines = told.lines("linkedin", all.clone());
    if lines.is_empty() {
        return Vec::new();
    }
    let table = Table {
        header: HEADER.map(str::to_owned).to_vec(),
        rows: lines.iter().map(|line| row(told, line)).collect(),
    };
    let text = format!("{}{}", preamble(told), table.csv(b'\t', QuoteStyle::Necessary));
    vec![ExportFile {
        name: format!("linkedin_{}_creative_performance_report.csv", told.span(&all)),
        rows: lines.len(),
        bytes: utf16(&text),
    }]
}

/// Little-endian with its mark.
fn utf16(text: &str) -> Vec<u8> {
    "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

fn preamble(told: &Shown<'_>) -> String {
    let end = told.world.flight_start();
    let (first, last) = (told.world.first_week().monday(), end.plus(-1).sunday());
    format!(
        "Ad Performance Report (in UTC)\n\
         \"Report Start: {}, 12:00 AM\"\n\
         \"Report End: {}, 11:59 PM\"\n\
         \"Date Generated: {}, 8:05 AM\"\n\n",
        in_words(first),
        in_words(last),
        in_words(end.monday())
    )
}

/// `October 1, 2024`.
fn in_words(day: Date) -> String {
    let months = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let month = months[usize::from(day.month().unsigned_abs()) - 1];
    format!("{month} {}, {}", day.day(), day.year())
}

/// `10/1/2024`.
fn american(day: Date) -> String {
    format!("{}/{}/{}", day.month(), day.day(), day.year())
}

fn row(told: &Shown<'_>, line: &Line) -> Vec<Value> {
    HEADER.iter().map(|column| cell(told, line, column)).collect()
}

/// A cell by its column; figures of things that did not happen are 0, as in the real report.
fn cell(told: &Shown<'_>, line: &Line, column: &str) -> Value {
    let ad = &told.delivery.ads[line.ad];
    let set = &told.delivery.ad_sets[ad.set];
    let (first, last) = (told.world.first_week().monday(), told.world.flight_start().monday());
    match column {
        "Start Date (in UTC)" => american(line.start).into(),
        "Account Name" => "La Région".into(),
        "Currency" => "EUR".into(),
        "Campaign Group ID" => (set.campaign_id as f64).into(),
        "Campaign Group Name" => set.campaign.as_str().into(),
        "Campaign Group Status" | "Campaign Status" | "Creative Status" => "Completed".into(),
        "Campaign Group Start Date" | "Campaign Start Date" => american(first).into(),
        "Campaign Group End Date" | "Campaign End Date" => american(last).into(),
        "Campaign Group Total Budget" => "10,000.00".into(),
        "Campaign ID" => (set.id as f64).into(),
        "Campaign Name" => set.name.as_str().into(),
        "Campaign Objective" => "Engagement".into(),
        "Campaign Type" => "Sponsored Update".into(),
        "Cost Type" => "CPM".into(),
        "Creative Name" => ad.name.as_str().into(),
        "Ad ID" => (ad.id as f64).into(),
        "Ad Introduction Text" => ad.text.as_str().into(),
        "Ad Headline" | "Ad Line" | "Click URL" | "DSC Name" => Value::Empty,
        "Sponsored Update Type" => update_type(told, line).into(),
        "Total Budget" => "1,500.00".into(),
        "Click Through Rate" => percent(line.get(Action::LinkClicks), line.impressions),
        "Engagement Rate" => percent(engagements(line), line.impressions),
        "Conversion Rate"
        | "Lead Form Completion Rate"
        | "Lead Form Completion Rate (Work Email)" => "0%".into(),
        _ => figure(line, column).into(),
    }
}

fn update_type(told: &Shown<'_>, line: &Line) -> &'static str {
    match told.world.segments()[line.segment].get(Attribute::Format) {
        Some("video") => "Video",
        Some("carousel") => "Carousel",
        _ => "Single image",
    }
}

fn percent(part: f64, whole: f64) -> Value {
    format!("{:.2}%", rate(100.0 * part, whole, 2)).into()
}

/// Reactions, comments, shares and follows.
fn social(line: &Line) -> f64 {
    let kinds = [Action::Reactions, Action::Comments, Action::Shares, Action::Follows];
    kinds.iter().map(|kind| line.get(*kind)).sum()
}

fn engagements(line: &Line) -> f64 {
    social(line) + line.get(Action::LinkClicks)
}

fn figure(line: &Line, column: &str) -> f64 {
    let clicks = line.get(Action::LinkClicks);
    match column {
        "Total Spent" => line.spend(),
        "Impressions" => line.impressions,
        "Reach" => line.reach,
        "Clicks" | "Clicks to Landing Page" => clicks,
        "Average CPM" => rate(1000.0 * line.spend(), line.impressions, 2),
        "Average CPC" => rate(line.spend(), clicks, 2),
        "Average Frequency" => rate(line.impressions, line.reach, 2),
        "Cost per 1,000 People Reached" => rate(1000.0 * line.spend(), line.reach, 2),
        "Reactions" => line.get(Action::Reactions),
        "Comments" => line.get(Action::Comments),
        "Shares" => line.get(Action::Shares),
        "Follows" => line.get(Action::Follows),
        "Total Social Actions" => social(line),
        "Total Engagements" => engagements(line),
        _ => 0.0,
    }
}
