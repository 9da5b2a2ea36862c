//! What an import lacks for a plan: how long its rows are, columns that matter, divisions that nobody
//! can buy, its age, and what a plan could not know from it.
//!
//! Only exports with money are looked at. What stands in a file is never called absent: a column that
//! was not understood but is written like one that matters is not among those that lack.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Serialize;

use super::columns::format::Meaning;
use super::columns::formats::Formats;
use super::coverage::Coverage;
pub use super::coverage::Length;
use super::guide::{Guide, Page};
use super::report::{FileReport, Role};
use crate::action::Action;
use crate::language::Language;
use crate::segment::Attribute;
use crate::units::days_between;

/// What is to be said of the exports of one import.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Checkup {
    /// First and last day of the money that is known, where there are dates.
    pub window: Option<(Date, Date)>,
    /// What could be better, the weightiest first.
    pub findings: Vec<Finding>,
    /// Networks of these exports whose ads managers the guide knows.
    pub networks: Vec<String>,
    /// How long the rows of each ads manager's exports are.
    pub grains: Vec<Grain>,
}

/// How long rows are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Grain {
    /// The network, where the exports say one.
    pub network: Option<String>,
    /// The finest length that enough of them have.
    pub length: Length,
}

/// Something that an export could have told.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// The network, where the exports say one.
    pub network: Option<String>,
    /// What it is.
    #[serde(flatten)]
    pub what: Lack,
}

/// What an export does not tell.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Lack {
    /// No row holds money.
    Money,
    /// Rows have no dates.
    Dates {
        /// The column or breakdown that gives them.
        header: Option<String>,
    },
    /// Rows are longer than a week.
    Days {
        /// How long, in days.
        days: u32,
        /// The one window of all rows, where there is one.
        window: Option<(Date, Date)>,
        /// The column or breakdown that gives days.
        header: Option<String>,
    },
    /// Rows name no ad set and no audience.
    AdSets {
        /// The column that names them.
        header: Option<String>,
    },
    /// The platform divided the money by these.
    Levers {
        /// Attributes of breakdowns.
        by: Vec<Attribute>,
    },
    /// Columns that the ads manager has and the file has not.
    Columns {
        /// Each by the name that relais has, and the one of the ads manager.
        columns: Vec<Column>,
    },
    /// It ends long ago.
    Recent {
        /// The last day known.
        last: Date,
        /// Days since.
        days: u32,
    },
    /// What a plan could not know.
    Knowledge {
        /// What.
        unknown: Vec<Unknown>,
        /// Whole weeks that are known.
        weeks: u32,
    },
}

/// A column that is not there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Column {
    /// The name that relais has for it.
    pub column: &'static str,
    /// Its name in the ads manager; `None` where only relais has one.
    pub header: Option<String>,
}

/// What a plan could not know from an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unknown {
    /// What a week brings, and so what more money brings.
    Weeks,
    /// What more money brings: too few weeks are known.
    Curve,
    /// What the season does to prices and answers.
    Season,
    /// Which audience passes a message on.
    Audience,
    /// Who passes a message on.
    Relay,
    /// How often the same people see it.
    Frequency,
}

impl Unknown {
    /// Its key in messages.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Weeks => "checkup-unknown-weeks",
            Self::Curve => "checkup-unknown-curve",
            Self::Season => "checkup-unknown-season",
            Self::Audience => "checkup-unknown-audience",
            Self::Relay => "checkup-unknown-relay",
            Self::Frequency => "checkup-unknown-frequency",
        }
    }
}

/// Days after which an export is old: a quarter, in which prices move by a season.
const OLD: u32 = 92;
/// Fewer weeks do not show what more money brings: a curve and its noise are two things.
const WEEKS_OF_A_CURVE: u32 = 8;
/// Fewer weeks do not show a year's season.
const WEEKS_OF_A_YEAR: u32 = 52;

/// Columns without which a plan lacks something, where the ads manager has them.
const MATTER: [Meaning; 6] = [
    Meaning::Action(Action::Shares),
    Meaning::Action(Action::Comments),
    Meaning::Action(Action::Saves),
    Meaning::Action(Action::LinkClicks),
    Meaning::Impressions,
    Meaning::Reach,
];

/// Exports that one ads manager makes, or one map describes.
struct Group<'a> {
    page: Option<&'a Page>,
    files: Vec<&'a FileReport>,
    coverage: Coverage,
}

impl Checkup {
    /// Looks at what was read. `known` is the window of money in the history before and after, `today`
    /// the day by whoever asks.
    #[must_use]
    pub fn of(
        reports: &[&FileReport],
        formats: &Formats,
        guide: &Guide,
        known: Option<(Date, Date)>,
        today: Date,
        language: Language,
    ) -> Self {
        let groups = grouped(reports, guide);
        let window = groups
            .iter()
            .filter_map(|group| group.coverage.window)
            .chain(known)
            .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
        let mut findings: Vec<Finding> = Vec::new();
        if groups.is_empty() && known.is_none() && reports.iter().any(|r| r.rows_accepted() > 0) {
            findings.push(Finding { network: None, what: Lack::Money });
        }
        for group in &groups {
            let network = group.network();
            let own = group.lacks(formats, language).into_iter();
            findings.extend(own.map(|what| Finding { network: network.clone(), what }));
        }
        findings.sort_by_key(|finding| finding.what.rank());
        if !groups.is_empty() {
            let last = window.map(|(_, last)| (last, days_between(last, today).saturating_sub(1)));
            if let Some((last, days)) = last.filter(|(_, days)| *days > OLD) {
                findings.push(Finding { network: None, what: Lack::Recent { last, days } });
            }
            findings.extend(unknown(&findings, window));
        }
        let pages = groups.iter().filter_map(|group| Some(group.page?.name.clone()));
        let networks: BTreeSet<String> = pages.collect();
        let grains = groups
            .iter()
            .map(|group| Grain { network: group.network(), length: group.coverage.length() });
        Self {
            window,
            findings,
            networks: networks.into_iter().collect(),
            grains: grains.collect(),
        }
    }
}

/// What a plan could not know, as the other findings and the weeks say.
fn unknown(findings: &[Finding], window: Option<(Date, Date)>) -> Option<Finding> {
    let any = |is_it: &dyn Fn(&Lack) -> bool| findings.iter().any(|f| is_it(&f.what));
    let lacks_column = |name: &str| {
        any(
            &|lack| matches!(lack, Lack::Columns { columns } if columns.iter().any(|c| c.column == name)),
        )
    };
    let weeks = window.map_or(0, |(start, end)| days_between(start, end) / 7);
    let has_weeks = !any(&|lack| matches!(lack, Lack::Dates { .. } | Lack::Days { .. }));
    let mut unknown = Vec::new();
    let mut when = |is_so: bool, what: Unknown| {
        if is_so {
            unknown.push(what);
        }
    };
    when(!has_weeks, Unknown::Weeks);
    when(has_weeks && weeks < WEEKS_OF_A_CURVE, Unknown::Curve);
    when(has_weeks && weeks < WEEKS_OF_A_YEAR, Unknown::Season);
    when(any(&|lack| matches!(lack, Lack::AdSets { .. })), Unknown::Audience);
    when(lacks_column("shares"), Unknown::Relay);
    when(lacks_column("reach"), Unknown::Frequency);
    (!unknown.is_empty())
        .then_some(Finding { network: None, what: Lack::Knowledge { unknown, weeks } })
}

/// Exports with money, those of one ads manager together.
fn grouped<'a>(reports: &[&'a FileReport], guide: &'a Guide) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for &report in reports.iter().filter(|report| !report.seen.coverage.is_empty()) {
        let page = guide.of_format(&report.format);
        let is_same = |group: &&mut Group<'_>| match (page, group.page) {
            (Some(page), Some(own)) => page.name == own.name,
            (None, None) => group.files[0].format == report.format,
            _ => false,
        };
        match groups.iter_mut().find(is_same) {
            Some(group) => {
                group.files.push(report);
                group.coverage.join(&report.seen.coverage);
            }
            None => groups.push(Group {
                page,
                files: vec![report],
                coverage: report.seen.coverage.clone(),
            }),
        }
    }
    groups
}

impl Group<'_> {
    fn network(&self) -> Option<String> {
        let page = self.page.map(|page| page.name.as_str());
        page.or_else(|| self.coverage.network()).map(str::to_owned)
    }

    fn lacks(&self, formats: &Formats, language: Language) -> Vec<Lack> {
        let header = |meaning: Meaning| self.header(meaning, formats, language);
        let mut lacks = Vec::new();
        match self.coverage.length() {
            Length::Day | Length::Week => {}
            Length::Undated => {
                let is_there = [Meaning::Day, Meaning::Start, Meaning::End];
                let is_there = is_there.into_iter().any(|meaning| self.has(meaning));
                let header = header(Meaning::Day).filter(|_| !is_there);
                lacks.push(Lack::Dates { header });
            }
            Length::Longer => {
                let (days, window) = self.coverage.long();
                // Where the guide knows no ads manager, there is no breakdown to click on.
                let header = self.page.and_then(|_| header(Meaning::Day));
                lacks.push(Lack::Days { days, window, header });
            }
        }
        if self.coverage.lacks_audiences() {
            let header = header(Meaning::Attribute(Attribute::AdSet));
            lacks.push(Lack::AdSets { header });
        }
        let by = self.coverage.divided_by();
        if !by.is_empty() {
            lacks.push(Lack::Levers { by });
        }
        let columns: Vec<Column> = MATTER
            .into_iter()
            .filter(|meaning| self.could_have(*meaning, formats) && !self.has(*meaning))
            .map(|meaning| Column { column: meaning.name(), header: header(meaning) })
            .collect();
        if !columns.is_empty() {
            lacks.push(Lack::Columns { columns });
        }
        lacks
    }

    /// Whether one of the files has a column, or one that was not understood and is written like it.
    fn has(&self, meaning: Meaning) -> bool {
        let name = meaning.name();
        let is_it = |role: &Role| match role {
            Role::Kept { name: own, .. } => own.split(", ").any(|own| own == name),
            Role::Duplicate(own) => own == name,
            Role::Unknown(own) => *own == Some(name),
            Role::Known | Role::Personal(_) => false,
        };
        let counted = |file: &&FileReport| match meaning {
            Meaning::Action(kind) => {
                file.totals.actions.get(kind).is_some()
                    || file.totals.actions.get(Action::Engagements).is_some() && self.page.is_none()
            }
            _ => false,
        };
        self.files
            .iter()
            .any(|file| counted(file) || file.columns.iter().any(|column| is_it(&column.role)))
    }

    /// Whether its exports can have a column: as the guide says, or, where it says nothing, shares
    /// alone.
    fn could_have(&self, meaning: Meaning, formats: &Formats) -> bool {
        if let Some(page) = self.page {
            return page.exports[0].columns.iter().any(|own| own.column == meaning.name());
        }
        // A connector's table that has no shares at all cannot be made to have them.
        let of_connector = self.files[0].format.starts_with("connector-");
        let is_known = || self.header(meaning, formats, Language::En).is_some();
        meaning == Meaning::Action(Action::Shares) && (!of_connector || is_known())
    }

    /// The name of a column in the ads manager that made the file: in the language of the file, then
    /// in that of whoever reads.
    fn header(&self, meaning: Meaning, formats: &Formats, language: Language) -> Option<String> {
        let file = self.files[0];
        let format = formats.named(&file.format).ok()?;
        let languages = [file.language.as_deref(), Some(language.code()), Some("en")];
        languages
            .into_iter()
            .flatten()
            .find_map(|language| format.header(meaning, language))
            .map(str::to_owned)
    }
}

impl Lack {
    /// Place in the order in which findings are told.
    fn rank(&self) -> u8 {
        match self {
            Self::Money => 0,
            Self::Dates { .. } | Self::Days { .. } => 1,
            Self::AdSets { .. } => 2,
            Self::Levers { .. } => 3,
            Self::Columns { .. } => 4,
            Self::Recent { .. } => 5,
            Self::Knowledge { .. } => 6,
        }
    }
}
