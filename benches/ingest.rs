//! Rows per second from a Meta-shaped CSV to the panel, and into the history.
//!
//! `RELAIS_ROWS=5000000 cargo bench --bench ingest` makes the file once per run (90 bytes a row)
//! and prints rows, seconds of CPU (user and system, all threads), peak memory and the size of the
//! history. With `RELAIS_SHUFFLED=1` the days come in no order.
//!
//! `relais import` of 5 million rows on a busy machine, one after the other: in order 11.3 CPU-s and
//! 104 MB, in no order 17.1 CPU-s and 112 MB (125 MB of memory at most).

#![allow(clippy::print_stdout, reason = "a bench tells its figures")]

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use rand::RngExt;
use relais::action::{Action, Counts};
use relais::history::row::{Level, Row};
use relais::history::stream::{RawColumns, panel_of_csv};
use relais::history::{FileMeta, History, PanelOptions};
use relais::random::{Purpose, Seed};
use relais::segment::Attribute;

fn main() {
    let rows = std::env::var("RELAIS_ROWS").ok().and_then(|n| n.parse().ok()).unwrap_or(200_000);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let csv = folder.path().join("ads.csv");
    let shuffled = std::env::var_os("RELAIS_SHUFFLED").is_some();
    write_ads(&csv, rows, shuffled).expect("room for the file");
    timed("CSV → panel", rows, || panel_only(&csv));
    let store = folder.path().join("history.sqlite");
    timed("CSV → history", rows, || into_history(&csv, &store));
    timed("history → panel", rows, || from_history(&store));
}

fn timed(name: &str, rows: u64, work: impl FnOnce() -> String) {
    let (cpu, wall) = (cpu_seconds(), std::time::Instant::now());
    let found = work();
    let (cpu, wall) = (cpu_seconds() - cpu, wall.elapsed().as_secs_f64());
    println!("{name}: {rows} rows, {cpu:.2} s CPU, {wall:.2} s, peak {}; {found}", peak_memory());
}

/// User and system time so far, in seconds (Linux; 0 elsewhere).
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = text.rsplit(')').next().unwrap_or_default();
    let ticks = |i| after_name.split_whitespace().nth(i).and_then(|t: &str| t.parse().ok());
    let (user, system): (Option<f64>, Option<f64>) = (ticks(11), ticks(12));
    (user.unwrap_or(0.0) + system.unwrap_or(0.0)) / 100.0
}

fn peak_memory() -> String {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or_else(|| "unknown".to_owned(), |line| line.trim().to_owned())
}

/// 4000 ads of four networks over 728 days, split by age, gender and device.
fn write_ads(path: &Path, rows: u64, shuffled: bool) -> std::io::Result<()> {
    let mut rng = Seed(555).stream(Purpose::Generate, 0);
    let mut out = BufWriter::new(File::create(path)?);
    writeln!(
        out,
        "date,campaign_id,campaign_name,adset_id,ad_id,network,age,gender,territory,device,\
         impressions,clicks,spend,active_engagements"
    )?;
    let networks = ["meta", "tiktok", "google", "snapchat"];
    let ages = ["18-24", "25-34", "35-44", "45-54", "55-64", "65+"];
    let territories = ["GB", "US", "DE", "FR", "ES", "IT", "BR", "JP", "AU", "CA"];
    let (genders, devices) = (["male", "female", "unknown"], ["mobile", "desktop", "tablet"]);
    let first = jiff::civil::date(2024, 1, 1);
    for i in 0..rows {
        let at = if shuffled { rng.random_range(0..rows) } else { i };
        let day = first.saturating_add(jiff::Span::new().days((at * 728 / rows) as i64));
        let ad = rng.random_range(0..4000_usize);
        let campaign = ad / 40;
        let impressions = rng.random_range(0..2000_u32);
        let clicks = rng.random_range(0..=impressions / 40);
        let spend = f64::from(impressions) * rng.random_range(0.002..0.012);
        writeln!(
            out,
            "{day},{},Campaign {campaign},{},{},{},{},{},{},{},{impressions},{clicks},{spend:.2},{}",
            700_000 + campaign,
            8_800_000 + ad / 8,
            99_100_000 + ad,
            networks[ad % 4],
            ages[rng.random_range(0..6)],
            genders[rng.random_range(0..3)],
            territories[campaign * 7 % 10],
            devices[rng.random_range(0..3)],
            clicks * 7 / 20,
        )?;
    }
    out.flush()
}

fn panel_only(csv: &Path) -> String {
    let columns = RawColumns {
        segment: [Attribute::Network, Attribute::Age, Attribute::Territory]
            .map(|attribute| (attribute, attribute.column().to_owned()))
            .to_vec(),
        day: "date".into(),
        spend: "spend".into(),
        impressions: Some("impressions".into()),
        actions: vec![(Action::Engagements, "active_engagements".into())],
        currency: None,
    };
    let paths: [PathBuf; 1] = [csv.to_path_buf()];
    let (panel, rows) = panel_of_csv(&paths, &columns).expect("the file is sound");
    format!("{rows} rows, {} cells, spend {:.2}", panel.cells.len(), panel.spend())
}

fn into_history(csv: &Path, store: &Path) -> String {
    let mut history = History::open(store).expect("the folder is ours");
    let mut import = history.begin().expect("no one else writes");
    let meta = FileMeta {
        name: "ads.csv".into(),
        fingerprint: "ads".into(),
        format: "bench".into(),
        currency: None,
    };
    import.file(&meta).expect("room for the history");
    let mut reader = csv::Reader::from_path(csv).expect("the file was just written");
    let mut record = csv::StringRecord::new();
    let mut line = 1;
    while reader.read_record(&mut record).expect("the file is sound") {
        line += 1;
        import.row(&row(&record, line)).expect("room for the history");
    }
    let totals = import.commit().expect("room for the history");
    let size = std::fs::metadata(store).map_or(0, |meta| meta.len()) / 1_000_000;
    format!("{} rows, spend {}, {size} MB", totals.rows, totals.spend)
}

fn row(record: &csv::StringRecord, line: u64) -> Row {
    let text = |i: usize| Some(record[i].into());
    let number = |i: usize| record[i].parse::<f64>().ok();
    let day = record[0].parse().expect("a date");
    let mut row = Row {
        line,
        level: Level::Ad,
        attributes: Default::default(),
        ids: [text(1), text(3), text(4)],
        breakdowns: vec![Attribute::Age, Attribute::Gender, Attribute::Placement],
        lifetime: false,
        period: Some((day, day)),
        currency: None,
        spend: record[12].parse().ok(),
        impressions: number(10),
        reach: None,
        actions: Counts::default(),
        censored: Vec::new(),
    };
    for (attribute, column) in [
        (Attribute::Campaign, 2),
        (Attribute::Network, 5),
        (Attribute::Age, 6),
        (Attribute::Gender, 7),
        (Attribute::Territory, 8),
        (Attribute::Placement, 9),
    ] {
        row.attributes[attribute.index()] = text(column);
    }
    row.actions.set(Action::Engagements, number(13));
    row
}

fn from_history(store: &Path) -> String {
    let history = History::open_existing(store).expect("it was just written");
    let split_by = vec![Attribute::Network, Attribute::Age, Attribute::Territory];
    let options = PanelOptions { split_by, ..PanelOptions::default() };
    let report = history.panel(&options).expect("it was just written");
    format!("{} cells, spend {}", report.panel.cells.len(), report.spend)
}
