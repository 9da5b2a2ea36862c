//! `tests.csv`: one row per outside test.
//!
//! Columns of attributes (`network`, `age`, `territory` …) say who was tested; `start`, `end`,
//! `kind`, `spend_test`, `spend_control`, `effect` and `se` (or `low`, `high`, `level`) are needed;
//! `action`, `unit`, `currency` and `source` may be there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};
use thiserror::Error;

use crate::action::Action;
use crate::files;
use crate::language::nearest;
use crate::language::{Explain, Language};
use crate::segment::Attribute;
use crate::units::Currency;

/// How a test was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TestKind {
    /// A platform's lift study: people who were shown the posts against people who would have been.
    Lift,
    /// A part of the audience that was left out.
    Holdout,
    /// Places with more money against places with less.
    Geo,
    /// Two sums of money for like audiences, both counted by the platform.
    Ab,
}

/// What an effect counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectUnit {
    /// Actions over the window.
    #[default]
    Actions,
    /// Actions per week.
    ActionsPerWeek,
    /// Percent of what the control's money brought: A/B tests alone.
    Percent,
}

/// One test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutsideTest {
    /// Its line in the file.
    pub line: u64,
    /// Who was tested.
    pub attributes: BTreeMap<String, String>,
    /// First day.
    pub start: Date,
    /// Last day.
    pub end: Date,
    /// How it was made.
    pub kind: TestKind,
    /// The kind of action that was counted; `None`: all active ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// What the effect counts.
    #[serde(default)]
    pub unit: EffectUnit,
    /// Money over the window in the test, and what it would have been in the control.
    pub spend_test: f64,
    /// See `spend_test`.
    pub spend_control: f64,
    /// What the test brought more than the control.
    pub effect: f64,
    /// Its standard error.
    pub se: f64,
    /// Currency of the money; `None`: the history's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// Who measured it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

impl OutsideTest {
    /// Who it was about, in a few words; empty: everybody.
    #[must_use]
    pub fn who(&self) -> String {
        self.attributes.values().map(String::as_str).collect::<Vec<_>>().join(" · ")
    }
}

/// Columns beside those of attributes.
const COLUMNS: [&str; 14] = [
    "start",
    "end",
    "kind",
    "action",
    "unit",
    "spend_test",
    "spend_control",
    "effect",
    "se",
    "low",
    "high",
    "level",
    "currency",
    "source",
];
/// Those without which a test says nothing.
const NEEDED: [&str; 6] = ["start", "end", "kind", "spend_test", "spend_control", "effect"];
/// More tests than this are no list of tests.
const MOST: usize = 200;

/// A file that is no list of tests.
#[derive(Debug, Error)]
pub enum TestsError {
    /// It cannot be read.
    #[error("{}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A line of it is no row of a table.
    #[error("{}: {source}", path.display())]
    NotRows {
        /// The file.
        path: PathBuf,
        /// What was found, and where.
        source: csv::Error,
    },
    /// A column is not known.
    #[error("{}, line 1: found the column `{found}`, the nearest is `{nearest}`", path.display())]
    Column {
        /// The file.
        path: PathBuf,
        /// What was found.
        found: String,
        /// The nearest known one.
        nearest: String,
    },
    /// A column is missing.
    #[error("{}, line 1: the column `{column}` is missing", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
        /// The column.
        column: &'static str,
    },
    /// No row, or too many.
    #[error("{}: {found} tests, expected 1 to {MOST}", path.display())]
    Number {
        /// The file.
        path: PathBuf,
        /// How many there are.
        found: usize,
    },
    /// A value that a test cannot have.
    #[error("{}, line {line}, column `{column}`: found `{found}`", path.display())]
    Value {
        /// The file.
        path: PathBuf,
        /// The line.
        line: u64,
        /// The column.
        column: &'static str,
        /// What was found.
        found: String,
        /// Key of the sentence that says what is allowed.
        allowed: &'static str,
    },
}

impl Explain for TestsError {
    fn explain(&self, language: Language) -> String {
        let (path, trouble) = match self {
            Self::Unreadable { path, source } => (path, language.cause(source)),
            Self::NotRows { path, source } => (path, language.csv(source)),
            Self::Column { path, found, nearest } => {
                let values = [("found", found.as_str()), ("nearest", nearest)];
                (path, language.say("evidence-error-column", &values))
            }
            Self::Missing { path, column } => {
                (path, language.say("evidence-error-missing", &[("column", column)]))
            }
            Self::Number { path, found } => {
                let values = [("found", &found.to_string()[..]), ("most", &MOST.to_string())];
                (path, language.say("evidence-error-number", &values))
            }
            Self::Value { path, line, column, found, allowed } => {
                let allowed = language.text(allowed);
                let values = [
                    ("line", &line.to_string()[..]),
                    ("column", column),
                    ("found", found),
                    ("allowed", &allowed),
                ];
                (path, language.say("evidence-error-value", &values))
            }
        };
        let values = [("path", &path.display().to_string()[..]), ("trouble", &trouble)];
        language.say("error-report-unreadable", &values)
    }
}

/// Reads a file of tests, `,` or `;` between its columns.
///
/// # Errors
///
/// [`TestsError`] names line, column, what was found and what is allowed.
pub fn read_tests(path: &Path) -> Result<Vec<OutsideTest>, TestsError> {
    let text = files::read_text(path, files::LARGEST_TEXT)
        .map_err(|source| TestsError::Unreadable { path: path.to_owned(), source })?;
    parse(&text, path)
}

/// Reads such a file's text; `path` names it in errors.
pub(super) fn parse(text: &str, path: &Path) -> Result<Vec<OutsideTest>, TestsError> {
    let text = text.trim_start_matches('\u{feff}');
    let head = text.lines().next().unwrap_or_default();
    let is_semicolon = head.matches(';').count() > head.matches(',').count();
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(if is_semicolon { b';' } else { b',' })
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let not_rows = |source| TestsError::NotRows { path: path.to_owned(), source };
    let head: Vec<String> =
        reader.headers().map_err(not_rows)?.iter().map(str::to_lowercase).collect();
    columns(&head, path)?;
    let mut tests = Vec::new();
    for record in reader.records() {
        let record = record.map_err(not_rows)?;
        let line = record.position().map_or(0, csv::Position::line);
        tests.push(Row { path, line, head: &head, record: &record }.read()?);
    }
    if !(1..=MOST).contains(&tests.len()) {
        return Err(TestsError::Number { path: path.to_owned(), found: tests.len() });
    }
    Ok(tests)
}

/// Whether the columns are those of tests.
fn columns(head: &[String], path: &Path) -> Result<(), TestsError> {
    let is_known = |name: &str| COLUMNS.contains(&name) || Attribute::from_str(name).is_ok();
    if let Some(found) = head.iter().find(|name| !is_known(name)) {
        let known = Attribute::ALL.into_iter().map(Attribute::column).chain(COLUMNS);
        let nearest = nearest(found, known).unwrap_or("network").to_owned();
        return Err(TestsError::Column { path: path.to_owned(), found: found.clone(), nearest });
    }
    let has = |name: &&str| head.iter().any(|own| own == *name);
    let error = if has(&"low") && has(&"high") { &["level"][..] } else { &["se"] };
    match NEEDED.iter().chain(error).find(|name| !has(name)) {
        Some(column) => Err(TestsError::Missing { path: path.to_owned(), column }),
        None => Ok(()),
    }
}

/// A row of the file.
struct Row<'a> {
    path: &'a Path,
    line: u64,
    head: &'a [String],
    record: &'a csv::StringRecord,
}

impl Row<'_> {
    fn read(&self) -> Result<OutsideTest, TestsError> {
        let (start, end) = (self.day("start")?, self.day("end")?);
        if end < start {
            return Err(self.wrong("end", "evidence-allowed-end"));
        }
        let kind = self.one_of("kind", &KINDS, None)?;
        let unit = self.one_of("unit", &UNITS, Some(EffectUnit::Actions))?;
        let (spend_test, spend_control) = (self.money("spend_test")?, self.money("spend_control")?);
        if spend_test == spend_control {
            return Err(self.wrong("spend_control", "evidence-allowed-other-spend"));
        }
        if unit == EffectUnit::Percent && (kind != TestKind::Ab || spend_control == 0.0) {
            return Err(self.wrong("unit", "evidence-allowed-percent"));
        }
        let number = self.number("effect")?;
        Ok(OutsideTest {
            line: self.line,
            attributes: self.attributes(),
            start,
            end,
            kind,
            action: self.action()?,
            unit,
            spend_test,
            spend_control,
            effect: number.ok_or_else(|| self.wrong("effect", "evidence-allowed-number"))?,
            se: self.error()?,
            currency: self.currency()?,
            source: Some(self.cell("source")).filter(|text| !text.is_empty()).map(str::to_owned),
        })
    }

    fn cell(&self, column: &str) -> &str {
        let at = self.head.iter().position(|name| name == column);
        at.and_then(|at| self.record.get(at)).unwrap_or_default()
    }

    fn wrong(&self, column: &'static str, allowed: &'static str) -> TestsError {
        let (path, found) = (self.path.to_owned(), self.cell(column).to_owned());
        TestsError::Value { path, line: self.line, column, found, allowed }
    }

    fn attributes(&self) -> BTreeMap<String, String> {
        let columns = self.head.iter().filter(|name| Attribute::from_str(name).is_ok());
        let values = columns.map(|name| (name.clone(), self.cell(name).to_owned()));
        values.filter(|(_, value)| !value.is_empty()).collect()
    }

    fn day(&self, column: &'static str) -> Result<Date, TestsError> {
        self.cell(column).parse().map_err(|_| self.wrong(column, "evidence-allowed-day"))
    }

    fn one_of<T: Copy>(
        &self,
        column: &'static str,
        known: &[(&str, T)],
        missing: Option<T>,
    ) -> Result<T, TestsError> {
        let found = self.cell(column).to_lowercase();
        let own = known.iter().find(|(name, _)| *name == found).map(|(_, value)| *value);
        let missing = missing.filter(|_| found.is_empty());
        own.or(missing).ok_or_else(|| {
            let kinds = "evidence-allowed-kind";
            self.wrong(column, if column == "kind" { kinds } else { "evidence-allowed-unit" })
        })
    }

    /// A number, with a decimal comma where `;` stands between the columns; `None` where nothing is.
    fn number(&self, column: &'static str) -> Result<Option<f64>, TestsError> {
        let spaces = |c: &char| !matches!(c, ' ' | '\u{a0}' | '\u{202f}');
        let mut text: String = self.cell(column).chars().filter(spaces).collect();
        if text.is_empty() {
            return Ok(None);
        }
        if !text.contains('.') && text.matches(',').count() == 1 {
            text = text.replace(',', ".");
        }
        let number = text.parse().ok().filter(|x: &f64| x.abs() < 1e12);
        number.map(Some).ok_or_else(|| self.wrong(column, "evidence-allowed-number"))
    }

    fn money(&self, column: &'static str) -> Result<f64, TestsError> {
        let found = self.number(column)?.filter(|money| *money >= 0.0);
        found.ok_or_else(|| self.wrong(column, "evidence-allowed-money"))
    }

    /// The standard error, told or from an interval around the effect.
    fn error(&self) -> Result<f64, TestsError> {
        if let Some(se) = self.number("se")? {
            return if se > 0.0 { Ok(se) } else { Err(self.wrong("se", "evidence-allowed-error")) };
        }
        let [Some(low), Some(high)] = [self.number("low")?, self.number("high")?] else {
            let column = if self.head.iter().any(|name| name == "se") { "se" } else { "low" };
            return Err(self.wrong(column, "evidence-allowed-error"));
        };
        if low >= high {
            return Err(self.wrong("high", "evidence-allowed-high"));
        }
        let level =
            self.number("level")?.map(|level| if level > 1.0 { level / 100.0 } else { level });
        let level = level.filter(|level| (0.5..1.0).contains(level));
        let level = level.ok_or_else(|| self.wrong("level", "evidence-allowed-level"))?;
        Ok((high - low) / (2.0 * Normal::standard().inverse_cdf(0.5 + 0.5 * level)))
    }

    fn action(&self) -> Result<Option<Action>, TestsError> {
        let found = self.cell("action");
        if found.is_empty() || found == "active" {
            return Ok(None);
        }
        let own = found.parse().ok().filter(|action: &Action| Action::ACTIVE.contains(action));
        own.map(Some).ok_or_else(|| self.wrong("action", "evidence-allowed-action"))
    }

    fn currency(&self) -> Result<Option<Currency>, TestsError> {
        let found = self.cell("currency");
        if found.is_empty() {
            return Ok(None);
        }
        found.parse().map(Some).map_err(|_| self.wrong("currency", "evidence-allowed-currency"))
    }
}

const KINDS: [(&str, TestKind); 4] = [
    ("lift", TestKind::Lift),
    ("holdout", TestKind::Holdout),
    ("geo", TestKind::Geo),
    ("ab", TestKind::Ab),
];
const UNITS: [(&str, EffectUnit); 3] = [
    ("actions", EffectUnit::Actions),
    ("actions_per_week", EffectUnit::ActionsPerWeek),
    ("percent", EffectUnit::Percent),
];
