//! What can stop a file from being read, and how it is told.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;
use thiserror::Error;

use crate::language::{Explain, Language};
use crate::reference::ReferenceError;
use crate::units::Currency;

/// How far a file's header fits one format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// The format's name.
    pub format: String,
    /// Headers of the file that the format knows.
    pub matched: Vec<String>,
    /// What the format asks for and the file lacks.
    pub lacking: Vec<String>,
}

/// A file could not be read as a table of results.
#[derive(Debug, Error)]
pub enum IngestError {
    /// A reference table is missing.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// A format file is malformed.
    #[error("format file `{name}`: {message}")]
    Format {
        /// Its name.
        name: String,
        /// What is wrong.
        message: String,
    },
    /// A `--map` file is malformed.
    #[error("map file `{}`: {message}", path.display())]
    Map {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// No such file.
    #[error("no file `{}`", .0.display())]
    Missing(PathBuf),
    /// A folder without any export in it.
    #[error("no export in `{}`", .0.display())]
    EmptyFolder(PathBuf),
    /// The system would not let it be read.
    #[error("could not read `{}`: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Not a table at all.
    #[error("`{}` is not a table: found {found}", path.display())]
    NotATable {
        /// The file.
        path: PathBuf,
        /// What it looks like.
        found: String,
    },
    /// A workbook that does not open.
    #[error("workbook `{}`: {message}", path.display())]
    Workbook {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// Something in it is larger than any export is.
    #[error("`{}`: {what} is larger than {allowed}", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// A line, a header, a workbook part.
        what: String,
        /// The limit.
        allowed: String,
    },
    /// No format fits.
    #[error("`{}` fits no known format", path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
        /// The first line that could be a header.
        header: Vec<String>,
        /// The nearest formats, best first.
        nearest: Vec<Evidence>,
        /// Its headers with what each may mean, where a known header is written alike.
        sketch: Vec<Sketched>,
        /// Shipped maps that read it.
        maps: Vec<String>,
    },
    /// More than one format fits.
    #[error("`{}` fits {} formats", path.display(), fitting.len())]
    Ambiguous {
        /// The file.
        path: PathBuf,
        /// The formats that fit.
        fitting: Vec<Evidence>,
    },
    /// A format asked for by name does not exist.
    #[error("no format `{found}`; known: {allowed}")]
    NoSuchFormat {
        /// What was asked for.
        found: String,
        /// What there is.
        allowed: String,
    },
    /// Neither a map file nor a shipped map.
    #[error("no map `{}`; shipped: {}", path.display(), known.join(", "))]
    NoSuchMap {
        /// What was asked for.
        path: PathBuf,
        /// The shipped map whose name is written most alike.
        nearest: Option<String>,
        /// The shipped maps.
        known: Vec<String>,
    },
    /// The map names headers that the file does not have.
    #[error("`{}` lacks columns that the map names: {}", path.display(), lacking.join(", "))]
    LacksMapped {
        /// The file.
        path: PathBuf,
        /// The headers.
        lacking: Vec<String>,
    },
    /// No column says what was spent.
    #[error("`{}` ({format}): no spend column", path.display())]
    NoSpend {
        /// The file.
        path: PathBuf,
        /// The format.
        format: String,
        /// The headers.
        headers: Vec<String>,
    },
    /// The lines are separated by something else than the header.
    #[error("`{}`: header is separated by `{header}`, lines by `{lines}`", path.display())]
    Delimiter {
        /// The file.
        path: PathBuf,
        /// Between header cells.
        header: char,
        /// Between the cells of the lines.
        lines: char,
    },
    /// Two known currencies in one file.
    #[error("`{}`, line {line}: {other} after {first}", path.display())]
    Currencies {
        /// The file.
        path: PathBuf,
        /// Where the second appears.
        line: u64,
        /// The first.
        first: Currency,
        /// The second.
        other: Currency,
    },
    /// Day and month cannot be told apart anywhere in the column.
    #[error("`{}`, line {line}, column `{column}`: is `{found}` day/month or month/day?", path.display())]
    Dates {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// A line.
        line: u64,
        /// The date there.
        found: String,
    },
    /// Dates without a year.
    #[error("`{}`, line {line}, column `{column}`: `{found}` has no year", path.display())]
    Year {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// A line.
        line: u64,
        /// The date there.
        found: String,
        /// The dates follow one another; otherwise a year would not tell the others.
        sorted: bool,
    },
    /// The map would keep a column that identifies persons.
    #[error("`{}`: column `{column}` identifies persons ({reason})", path.display())]
    Personal {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// Which kind of identity.
        reason: String,
    },
}

impl IngestError {
    pub(super) fn unreadable(path: &Path, source: std::io::Error) -> Self {
        if source.kind() == std::io::ErrorKind::NotFound {
            return Self::Missing(path.to_owned());
        }
        Self::Unreadable { path: path.to_owned(), source }
    }

    /// The file or table concerned, when there is one.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Reference(_) | Self::Format { .. } | Self::NoSuchFormat { .. } => None,
            Self::Missing(path)
            | Self::EmptyFolder(path)
            | Self::Map { path, .. }
            | Self::NoSuchMap { path, .. }
            | Self::Unreadable { path, .. }
            | Self::NotATable { path, .. }
            | Self::Workbook { path, .. }
            | Self::TooLarge { path, .. }
            | Self::Unknown { path, .. }
            | Self::Ambiguous { path, .. }
            | Self::LacksMapped { path, .. }
            | Self::NoSpend { path, .. }
            | Self::Delimiter { path, .. }
            | Self::Currencies { path, .. }
            | Self::Dates { path, .. }
            | Self::Year { path, .. }
            | Self::Personal { path, .. } => Some(path),
        }
    }
}

impl IngestError {
    /// What is wrong, without the map to begin with that [`Explain`] adds where no format fits.
    #[must_use]
    pub fn told(&self, language: Language) -> String {
        let Self::Unknown { path, header, nearest, .. } = self else {
            return self.explain(language);
        };
        let (file, header) = (path.display().to_string(), shown(header));
        let mut text =
            language.say("error-ingest-unknown", &[("file", &file), ("header", &header)]);
        if !nearest.is_empty() {
            text.push(' ');
            text.push_str(&language.text("ingest-nearest"));
        }
        for evidence in nearest {
            text.push_str("\n  ");
            text.push_str(&evidence.explain(language));
        }
        text
    }
}

impl Explain for IngestError {
    fn explain(&self, language: Language) -> String {
        let file = self.path().map(|path| path.display().to_string()).unwrap_or_default();
        let file = file.as_str();
        let say = |key: &str, rest: &[(&str, &str)]| {
            let mut arguments = vec![("file", file)];
            arguments.extend_from_slice(rest);
            language.say(key, &arguments)
        };
        match self {
            Self::Reference(error) => {
                say("error-ingest-reference", &[("reason", &error.to_string())])
            }
            Self::Format { name, message } => {
                say("error-ingest-format", &[("name", name), ("reason", message)])
            }
            Self::Map { message, .. } => {
                say("error-ingest-map", &[("reason", &language.toml_frame(message))])
            }
            Self::Missing(_) => say("error-ingest-missing", &[]),
            Self::EmptyFolder(_) => say("error-ingest-empty-folder", &[]),
            Self::Unreadable { source, .. } => {
                say("error-ingest-unreadable", &[("reason", &language.cause(source))])
            }
            Self::NotATable { found, .. } => {
                say("error-ingest-not-a-table", &[("found", &in_words(language, found))])
            }
            Self::Workbook { message, .. } => {
                say("error-ingest-workbook", &[("reason", &in_words(language, message))])
            }
            Self::TooLarge { what, allowed, .. } => {
                let what = in_words(language, what);
                say("error-ingest-too-large", &[("what", &what), ("allowed", allowed)])
            }
            Self::Unknown { sketch, maps, .. } => {
                let mut text = self.told(language);
                for name in maps {
                    text.push('\n');
                    text.push_str(&language.say("ingest-shipped-map", &[("name", name)]));
                }
                if maps.is_empty() && !sketch.is_empty() {
                    text.push('\n');
                    text.push_str(&language.text("ingest-sketch"));
                    text.push_str(&map_of(sketch, language));
                }
                text
            }
            Self::Ambiguous { fitting, .. } => {
                let mut text = say("error-ingest-ambiguous", &[]);
                for evidence in fitting {
                    text.push_str("\n  ");
                    text.push_str(&evidence.explain(language));
                }
                text
            }
            Self::NoSuchFormat { found, allowed } => {
                say("error-ingest-no-such-format", &[("found", found), ("allowed", allowed)])
            }
            Self::NoSuchMap { nearest, known, .. } => {
                let mut text = say("error-ingest-no-such-map", &[("allowed", &known.join(", "))]);
                if let Some(name) = nearest {
                    text.push(' ');
                    text.push_str(&language.say("ingest-nearest-map", &[("name", name)]));
                }
                text
            }
            Self::LacksMapped { lacking, .. } => {
                say("error-ingest-lacks-mapped", &[("lacking", &shown(lacking))])
            }
            Self::NoSpend { format, headers, .. } => {
                say("error-ingest-no-spend", &[("format", format), ("headers", &shown(headers))])
            }
            Self::Delimiter { header, lines, .. } => {
                let (header, lines) = (name_of(*header), name_of(*lines));
                say("error-ingest-delimiter", &[("header", header), ("lines", lines)])
            }
            Self::Currencies { line, first, other, .. } => say(
                "error-ingest-currencies",
                &[("line", &line.to_string()), ("first", first.code()), ("other", other.code())],
            ),
            Self::Dates { column, line, found, .. } => say(
                "error-ingest-dates",
                &[("column", column), ("line", &line.to_string()), ("found", found)],
            ),
            Self::Year { column, line, found, sorted, .. } => say(
                if *sorted { "error-ingest-year" } else { "error-ingest-year-unsorted" },
                &[("column", column), ("line", &line.to_string()), ("found", found)],
            ),
            Self::Personal { column, reason, .. } => say(
                "error-ingest-personal",
                &[("column", column), ("reason", &in_words(language, reason))],
            ),
        }
    }
}

impl Evidence {
    /// The evidence in a sentence.
    pub fn explain(&self, language: Language) -> String {
        let matched = shown(&self.matched);
        if self.lacking.is_empty() {
            let arguments = [("format", self.format.as_str()), ("matched", matched.as_str())];
            return language.say("ingest-evidence-fits", &arguments);
        }
        let lacking = shown(&self.lacking);
        language.say(
            "ingest-evidence",
            &[("format", &self.format), ("matched", &matched), ("lacking", &lacking)],
        )
    }
}

/// A header in a map to begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sketched {
    /// The header as it stands in the file.
    pub header: String,
    /// What it most likely means.
    pub meaning: Option<&'static str>,
    /// Another header of the same meaning that has it already: which of them counts is for a person
    /// to say, and no number is added twice.
    pub rival: Option<String>,
    /// It says that money was spent, holds a currency, or its cells are days: never left aside without
    /// a question.
    pub is_kept: bool,
    /// Its first cell; empty where it identifies persons.
    pub example: String,
}

/// A map to begin with, as its file would hold it: what the file does not say is asked above its
/// columns, and where several columns may be one number all but one wait for a person.
fn map_of(sketch: &[Sketched], language: Language) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let has = |meanings: &[&str]| {
        sketch.iter().any(|own| own.meaning.is_some_and(|meaning| meanings.contains(&meaning)))
    };
    let mut ask = |key: &str, line: &str| {
        let _ = write!(text, "\n  # {line}   # {}", language.text(&format!("ingest-sketch-{key}")));
    };
    if !has(&["network"]) {
        ask("network", "network = \"facebook\"");
    }
    if !has(&["spend"]) {
        ask("organic", "organic = true");
    } else if !has(&["currency"]) {
        ask("currency", "currency = \"EUR\"");
    }
    text.push_str("\n  [columns]");
    // Days alone say nothing of a table.
    let is_known = |own: &Sketched| {
        own.meaning.is_some_and(|meaning| !["day", "start", "end"].contains(&meaning))
    };
    let nothing_known = !sketch.iter().any(is_known);
    if nothing_known {
        let _ = write!(text, "\n  # {}", language.text("ingest-sketch-nothing"));
    }
    for Sketched { header, meaning, rival, is_kept, .. } in sketch {
        let plain = |header: &String| -> String {
            let header = header.replace('\\', "\\\\").replace('"', "\\\"");
            header.chars().filter(|c| !crate::language::is_unseen(*c)).collect()
        };
        let _ = match (meaning, rival) {
            (Some(meaning), Some(rival)) => {
                let told = [("meaning", *meaning), ("rival", &*plain(rival))];
                let told = language.say("ingest-sketch-rival", &told);
                if *is_kept {
                    write!(text, "\n  # \"{}\" = \"{meaning}\"   # {told}", plain(header))
                } else {
                    write!(text, "\n  \"{}\" = \"ignore\"   # {told}", plain(header))
                }
            }
            (None, _) if *is_kept => {
                let told = language.text("ingest-sketch-price");
                write!(text, "\n  # \"{}\" = \"spend\"   # {told}", plain(header))
            }
            (None, _) if nothing_known => write!(text, "\n  # \"{}\" = \"ignore\"", plain(header)),
            (meaning, _) => {
                write!(text, "\n  \"{}\" = \"{}\"", plain(header), meaning.unwrap_or("ignore"))
            }
        };
    }
    if has(&["day", "start", "end"]) {
        let told = language.text("ingest-sketch-dates");
        let _ = write!(text, "\n  # [dates]\n  # order = \"dmy\"   # {told}");
    }
    text
}

/// A message of the room's own when there is one for this code, otherwise the text itself.
fn in_words(language: Language, code: &str) -> String {
    language.find(&format!("ingest-what-{code}")).unwrap_or_else(|| code.to_owned())
}

fn name_of(delimiter: char) -> &'static str {
    match delimiter {
        '\t' => "tab",
        ';' => ";",
        '|' => "|",
        _ => ",",
    }
}

/// Names in backticks; a long list is cut, and says so.
fn shown(names: &[String]) -> String {
    if names.is_empty() {
        return "–".to_owned();
    }
    let mut text = names
        .iter()
        .take(12)
        .map(|name| format!("`{}`", short(name)))
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > 12 {
        // Writing to a string cannot fail.
        let _ = write!(text, ", … ({})", names.len());
    }
    text
}

/// At most 60 characters, on one line.
pub(super) fn short(text: &str) -> String {
    let mut out = String::new();
    for (n, letter) in text.chars().enumerate() {
        if n == 60 {
            out.push('…');
            break;
        }
        out.push(if letter.is_control() { ' ' } else { letter });
    }
    out
}
