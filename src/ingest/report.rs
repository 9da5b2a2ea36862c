//! What was read, ignored and rejected in one file, with the totals to compare.

use std::path::PathBuf;

use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::Serialize;

use super::coverage::Coverage;
use super::file::opened::EncodingBy;
use crate::action::{Action, Counts};
use crate::history::row::Row;
use crate::language::Language;
use crate::panel::PanelNote;
use crate::panel::hidden::Column;
use crate::segment::Attribute;
use crate::units::Currency;

/// What one file gave.
#[derive(Debug, Clone)]
pub struct FileReport {
    /// The file as named.
    pub path: PathBuf,
    /// The format it was read as.
    pub format: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub fingerprint: String,
    /// The encoding that its text was read in.
    pub encoding: &'static str,
    /// What told the encoding.
    pub encoding_by: EncodingBy,
    /// Lines of data, the rejected ones included.
    pub rows_read: u64,
    /// Preamble lines, totals, and blocks that say the same again.
    pub rows_ignored: u64,
    /// Lines with an error.
    pub rows_rejected: u64,
    /// Rows that were handed over beside those of their lines: what money bought, where the file
    /// tells it apart.
    pub rows_beside: u64,
    /// Lines that give money back; their money is part of the totals.
    pub refunds: Refunds,
    /// The table of actions that was joined to it.
    pub actions: Option<PathBuf>,
    /// What was found line by line, in file order.
    pub findings: Vec<LineFinding>,
    /// Findings beyond [`FileReport::MOST_FINDINGS`], counted only.
    pub findings_omitted: u64,
    /// The one currency; `None` when the file does not say.
    pub currency: Option<Currency>,
    /// First and last day of all rows.
    pub window: Option<(Date, Date)>,
    /// Sums over the rows that were handed over.
    pub totals: Totals,
    /// The file's own totals row, when it has one.
    pub declared: Option<Totals>,
    /// How each column was understood.
    pub columns: Vec<ColumnReport>,
    /// What each line of the person's map did.
    pub map: Vec<MapLine>,
    /// The map's columns were added to the format's.
    pub is_extended: bool,
    /// The map has columns, and none of them is used.
    pub is_map_unused: bool,
    /// Of the lines ignored, those with totals.
    pub total_lines: u64,
    /// Sheets with content that were not read.
    pub sheets_not_read: Vec<String>,
    /// Names that no pattern of the map fitted: how many rows, and one of them.
    pub names_without_attributes: Option<(u64, String)>,
    /// Columns that hide small counts without a word.
    pub hidden: Vec<PanelNote>,
    /// The language of its headers.
    pub(super) language: Option<String>,
    pub(super) seen: Seen,
}

/// What was seen of the rows, as far as it tells what the file does not say.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    counts: [Column; Action::COUNT],
    network: String,
    /// The attribution window of the first row that has one, and whether another was found.
    window: Option<(String, bool)>,
    /// How fine its rows with money are, and when they are from.
    pub(super) coverage: Coverage,
}

impl Seen {
    /// Takes in a row; gives back its attribution window when it is the first other one.
    pub(super) fn see(&mut self, row: &Row) -> Option<(String, String)> {
        self.coverage.see(row);
        // Nothing is shown for money that comes back.
        let is_delivered = row.spend.is_some_and(|spend| spend > Decimal::ZERO)
            || row.impressions.is_some_and(|impressions| impressions > 0.0);
        for kind in Action::ALL.into_iter().filter(|_| is_delivered) {
            let column = &mut self.counts[kind.index()];
            if row.censored.contains(&kind) {
                column.open();
            } else {
                column.see(row.actions.get(kind));
            }
        }
        if self.network.is_empty() {
            row.get(Attribute::Network).unwrap_or_default().clone_into(&mut self.network);
        }
        let own = row.get(Attribute::Attribution)?;
        match &mut self.window {
            None => {
                self.window = Some((own.to_owned(), false));
                None
            }
            Some((first, told)) if first != own && !*told => {
                *told = true;
                Some((first.clone(), own.to_owned()))
            }
            Some(_) => None,
        }
    }

    /// Columns that hide small counts.
    pub(super) fn hidden(&self) -> Vec<PanelNote> {
        let found = |kind: Action| {
            let column = &self.counts[kind.index()];
            let below = column.hidden_below().filter(|_| column.is_reported())?;
            let (network, rows) = (self.network.clone(), column.without_count());
            Some(PanelNote::HiddenCounts { network, kind, below, rows })
        };
        Action::ALL.into_iter().filter_map(found).collect()
    }
}

impl FileReport {
    /// Findings kept with their line; a file with more of them has one trouble, not a million.
    pub const MOST_FINDINGS: usize = 50_000;

    pub(super) fn find(&mut self, finding: LineFinding) {
        if self.findings.len() < Self::MOST_FINDINGS {
            self.findings.push(finding);
        } else {
            self.findings_omitted += 1;
        }
    }

    /// Lines whose rows were handed over.
    pub fn rows_accepted(&self) -> u64 {
        self.rows_read - self.rows_rejected
    }

    /// Whether a person should look at something: a rejected line, a total that does not match.
    pub fn needs_a_person(&self) -> bool {
        self.rows_rejected > 0 || self.findings.iter().any(|finding| finding.action == Act::Check)
    }
}

/// Sums of a file. Reach is not among them: people are counted once per row, not once in all.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Totals {
    /// Money, exact; `None` when no row reports any.
    pub spend: Option<Decimal>,
    /// Impressions; `None` when no row reports any.
    pub impressions: Option<f64>,
    /// Actions; suppressed counts are left out.
    pub actions: Counts,
}

impl Totals {
    pub(super) fn add(&mut self, row: &Row) {
        if let Some(spend) = row.spend {
            *self.spend.get_or_insert_default() += spend;
        }
        if let Some(impressions) = row.impressions {
            *self.impressions.get_or_insert_default() += impressions;
        }
        let mut exact = row.actions;
        for action in &row.censored {
            exact.set(*action, None);
        }
        self.actions.add(&exact);
    }

    /// Kinds of action with their sum.
    pub fn by_action(&self) -> impl Iterator<Item = (Action, f64)> + '_ {
        Action::ALL.into_iter().filter_map(|action| Some((action, self.actions.get(action)?)))
    }
}

/// Lines whose money is below 0: refunds and corrections of what was spent before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refunds {
    /// How many.
    pub rows: u64,
    /// Their money, exactly; below 0.
    pub spend: Decimal,
    /// The first of them, up to [`Refunds::LINES`].
    pub lines: Vec<u64>,
}

impl Refunds {
    /// Lines that are named.
    pub const LINES: usize = 5;
}

/// What was done about a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// The line was left out.
    Rejected,
    /// The line was kept; good to know.
    Noted,
    /// The lines were kept; a person should look.
    Check,
    /// The column was left out.
    NotStored,
}

/// What would have been right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allowed {
    /// A whole number of at least 0.
    Whole,
    /// A number of at least 0.
    Amount,
    /// A whole number of at least 0, or money below 0 in the same line.
    Counted,
    /// In all as much money spent as given back.
    SpentInAll,
    /// A number below the largest that any export can mean.
    AtMost,
    /// A number written as the rest of the file is.
    Number,
    /// A number that was calculated; how many cells of the column are not.
    Calculated(u64),
    /// An amount, not a share.
    NoShare,
    /// An amount in the currency of the line, by its code or sign.
    MoneyIn(String),
    /// A date that exists.
    Day,
    /// An end that is not before its start.
    EndAfterStart,
    /// An age band.
    AgeBand,
    /// A gender.
    Gender,
    /// A currency code.
    Currency,
    /// As many cells as the header.
    Cells(usize),
    /// A quoted cell that ends.
    ClosedQuote,
    /// An exact number instead of a suppressed one.
    NotSuppressed,
    /// The sum of the rows.
    Sum(String),
    /// A column that identifies nobody, and the kind of identity that was found.
    NoPerson(String),
    /// A name shorter than this.
    ShortText(usize),
    /// At least one line of results.
    Rows,
    /// No more people than impressions.
    AtMostImpressions(String),
    /// What the column of the same name says.
    SameAs(String),
    /// A line of the report for each of so many lines with actions.
    ReportLine(u64),
    /// One block of rows for an attribute: a second one divides the same money again.
    OneBlock(String),
    /// The attribution window of the lines before.
    OneWindow(String),
}

impl Allowed {
    /// In the person's words.
    pub fn tell(&self, language: Language) -> String {
        let say = |key: &str, value: &str| language.say(key, &[("value", value)]);
        match self {
            Self::Whole => language.text("ingest-allowed-whole"),
            Self::Amount => language.text("ingest-allowed-amount"),
            Self::Counted => language.text("ingest-allowed-counted"),
            Self::SpentInAll => language.text("ingest-allowed-spent-in-all"),
            Self::AtMost => {
                let most = language.number(LARGEST.to_f64().unwrap_or_default(), 0);
                say("ingest-allowed-at-most", &most)
            }
            Self::Number => language.text("ingest-allowed-number"),
            Self::Calculated(cells) => language.count("ingest-allowed-calculated", *cells, &[]),
            Self::NoShare => language.text("ingest-allowed-no-share"),
            Self::MoneyIn(currency) => say("ingest-allowed-money-in", currency),
            Self::Day => language.text("ingest-allowed-day"),
            Self::EndAfterStart => language.text("ingest-allowed-end-after-start"),
            Self::AgeBand => language.text("ingest-allowed-age-band"),
            Self::Gender => language.text("ingest-allowed-gender"),
            Self::Currency => language.text("ingest-allowed-currency"),
            Self::Cells(n) => say("ingest-allowed-cells", &n.to_string()),
            Self::ClosedQuote => language.text("ingest-allowed-closed-quote"),
            Self::NotSuppressed => language.text("ingest-allowed-not-suppressed"),
            Self::Sum(sum) => say("ingest-allowed-sum", sum),
            Self::NoPerson(kind) => {
                say("ingest-allowed-no-person", &language.text(&format!("ingest-what-{kind}")))
            }
            Self::ShortText(most) => say("ingest-allowed-short-text", &most.to_string()),
            Self::Rows => language.text("ingest-allowed-rows"),
            Self::AtMostImpressions(most) => say("ingest-allowed-at-most-impressions", most),
            Self::SameAs(other) => say("ingest-allowed-same-as", other),
            Self::ReportLine(lines) => say("ingest-allowed-report-line", &lines.to_string()),
            Self::OneBlock(attribute) => say("ingest-allowed-one-block", attribute),
            Self::OneWindow(first) => say("ingest-allowed-one-window", first),
        }
    }
}

/// Something about one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineFinding {
    /// The line, from 1; a sheet's row number.
    pub line: u64,
    /// The column's header as written; empty when the line as a whole is meant.
    pub column: String,
    /// What was found there.
    pub found: String,
    /// What would have been right.
    pub allowed: Allowed,
    /// What was done.
    pub action: Act,
}

/// How a column was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnReport {
    /// The header as written.
    pub header: String,
    /// What it was taken for.
    pub role: Role,
    /// The first value in it.
    pub example: String,
}

/// A line of a person's map, and what it did in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapLine {
    /// What stands before the equals sign.
    pub key: String,
    /// What stands after it.
    pub value: String,
    /// What it did.
    pub did: MapDid,
    /// Cells of its column that were read and not empty, for a column that is there.
    pub cells: Option<u64>,
    /// The first of them.
    pub example: String,
}

/// What a line of a map did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "did", content = "by")]
pub enum MapDid {
    /// The column is there and kept.
    Read,
    /// The column is there and left aside, as the map says.
    Ignored,
    /// The column is not in the file.
    Absent,
    /// The column is not in the file, which the map allows.
    Optional,
    /// Another column has this meaning already.
    Second(String),
    /// The column identifies persons.
    Personal,
    /// The file is read by a format to which the map does not add.
    Apart(String),
    /// It says so of every line.
    EveryLine,
    /// It says so of lines where this column does not.
    WhereEmpty(String),
    /// It held for the file.
    Held,
    /// The file says it itself.
    FileSays,
    /// Nothing in the file needed it.
    Idle,
    /// Names that no pattern fits: lines of them.
    Unfit(u64),
}

impl MapDid {
    /// In the person's words.
    pub fn tell(&self, language: Language) -> String {
        let say = |key: &str, by: &str| language.say(key, &[("by", by)]);
        match self {
            Self::Read => language.text("ingest-map-read"),
            Self::Ignored => language.text("ingest-map-ignored"),
            Self::Absent => language.text("ingest-map-absent"),
            Self::Optional => language.text("ingest-map-optional"),
            Self::Second(name) => say("ingest-map-second", name),
            Self::Personal => language.text("ingest-map-personal"),
            Self::Apart(format) => say("ingest-map-apart", format),
            Self::EveryLine => language.text("ingest-map-every-line"),
            Self::WhereEmpty(column) => say("ingest-map-where-empty", column),
            Self::Held => language.text("ingest-map-held"),
            Self::FileSays => language.text("ingest-map-file-says"),
            Self::Idle => language.text("ingest-map-idle"),
            Self::Unfit(0) => language.text("ingest-map-names-fit"),
            Self::Unfit(lines) => say("ingest-map-unfit", &language.number(*lines as f64, 0)),
        }
    }
}

/// What a column was taken for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// It is kept under this name; whether it is a breakdown, and what a unit of it is.
    Kept {
        /// The name in history and panel.
        name: String,
        /// The platform, not the planner, divided the money over it.
        breakdown: bool,
    },
    /// The format has it, and nothing of it is kept.
    Known,
    /// The same as another column.
    Duplicate(String),
    /// Not in the format: not read. What it may mean, where a known header is written alike.
    Unknown(Option<&'static str>),
    /// It identifies persons: refused.
    Personal(String),
}

/// The largest amount or count of one line: beyond it, sums would leave what a decimal holds, and no
/// currency has such ads.
pub(super) const LARGEST: Decimal = Decimal::from_parts(2_764_472_320, 232_830, 0, false, 0);
