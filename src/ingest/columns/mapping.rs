//! A person's map: how to read a file that no format fits, and what names mean.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use encoding_rs::Encoding;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Deserialize;

use super::format::{
    ALIKE, ColumnFile, DatesFile, DeriveFile, Format, FormatFile, NumbersFile, RuleFile,
    SuppressedFile, TotalsFile, year,
};
use super::names::{Names, NamesFile};
use crate::files;
use crate::ingest::error::IngestError;
use crate::ingest::value::dates::Order;
use crate::ingest::value::key::key;
use crate::reference::Reference;
use crate::segment::Attribute;
use crate::units::Currency;

/// A checked `--map` file, or the answers to single questions.
#[derive(Debug, Clone, Default)]
pub struct Mapping {
    path: PathBuf,
    /// The map's text, as far as it changes what rows mean.
    pub(crate) text: String,
    /// The format that its columns make; `None` when it only says something about names.
    pub(crate) format: Option<Format>,
    /// Headers that a file must have for the map's columns to apply, by key.
    pub(crate) headers: BTreeMap<String, String>,
    /// Its columns as written, each with what it means and whether a file may lack it.
    pub(crate) lines: Vec<(String, String, bool)>,
    pub(crate) names: Names,
    pub(crate) constants: Vec<(Attribute, String)>,
    pub(crate) currency: Option<Currency>,
    /// A known format asked for by name.
    pub(crate) chosen: Option<String>,
    pub(crate) order: Option<Order>,
    /// The year of a file's first date, where dates say none.
    pub(crate) year: Option<i16>,
    /// The encoding of texts that do not say theirs.
    pub(crate) encoding: Option<&'static Encoding>,
}

/// A map file as written.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct MapFile {
    /// Shown as the format's name; otherwise the file's own.
    name: Option<String>,
    /// A known format, where a file fits several.
    format: Option<String>,
    /// The encoding of texts that say none: `windows-1256`, `shift_jis`, `gb18030` …
    encoding: Option<String>,
    network: Option<String>,
    #[schemars(with = "Option<String>")]
    currency: Option<Currency>,
    level: Option<String>,
    #[serde(default)]
    organic: bool,
    #[serde(default)]
    fractional: bool,
    #[serde(default)]
    empty_is_zero: bool,
    /// Header in the file → what it means here (or several meanings).
    #[serde(default)]
    columns: BTreeMap<String, Meanings>,
    /// Headers that the file may lack.
    #[serde(default)]
    optional: Vec<String>,
    /// Meaning → what one cell unit is.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, f64>")]
    units: BTreeMap<String, Decimal>,
    /// Meaning → value in the file → value here.
    #[serde(default)]
    values: BTreeMap<String, BTreeMap<String, String>>,
    #[serde(default)]
    constants: BTreeMap<String, String>,
    #[serde(default)]
    breakdowns: Vec<Attribute>,
    #[serde(default)]
    missing: Vec<String>,
    suppressed: Option<SuppressedFile>,
    #[serde(default)]
    dates: DatesFile,
    #[serde(default)]
    numbers: NumbersFile,
    #[serde(default)]
    totals: TotalsFile,
    #[serde(default)]
    derive: BTreeMap<String, DeriveFile>,
    #[serde(default)]
    names: NamesFile,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Meanings {
    One(String),
    More(Vec<String>),
}

/// The JSON schema of `--map` files.
#[must_use]
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(MapFile)
}

impl Meanings {
    fn all(&self) -> &[String] {
        match self {
            Self::One(meaning) => std::slice::from_ref(meaning),
            Self::More(meanings) => meanings,
        }
    }
}

impl Mapping {
    /// Reads a map file.
    ///
    /// # Errors
    ///
    /// [`IngestError`] when it is missing, malformed, or names something unknown.
    pub fn open(path: &Path) -> Result<Self, IngestError> {
        let text = files::read_text(path, files::LARGEST_TEXT)
            .map_err(|e| IngestError::unreadable(path, e))?;
        Self::parse(path, &text)
    }

    /// Reads a map file, or the shipped map of this name where there is no such file.
    ///
    /// # Errors
    ///
    /// As [`Mapping::open`].
    pub fn named(path: &Path, reference: &Reference) -> Result<Self, IngestError> {
        let name = path.to_str().filter(|name| !name.contains(['/', '\\', '.']));
        let shipped = name.map(|name| reference.text(&format!("maps/{name}.toml")));
        match shipped {
            Some(Ok(text)) if !path.exists() => Self::parse(path, &text),
            _ => Self::open(path).map_err(|error| match error {
                IngestError::Missing(path) => no_such_map(path, reference),
                other => other,
            }),
        }
    }

    /// Reads a map's text; `path` is for messages and for its name.
    ///
    /// # Errors
    ///
    /// [`IngestError`] when it is malformed or names something unknown.
    pub fn parse(path: &Path, text: &str) -> Result<Self, IngestError> {
        let malformed = |message: String| IngestError::Map { path: path.to_owned(), message };
        let file: MapFile = toml::from_str(text).map_err(|e| malformed(e.to_string()))?;
        Self::checked(path, text, file).map_err(malformed)
    }

    fn checked(path: &Path, text: &str, file: MapFile) -> Result<Self, String> {
        let optional: BTreeSet<String> = file.optional.iter().map(|h| key(h).text).collect();
        let headers = file
            .columns
            .keys()
            .map(|header| (key(header).text, header.clone()))
            .filter(|(key, _)| !optional.contains(key))
            .collect();
        if file.columns.is_empty() && !(file.units.is_empty() && file.values.is_empty()) {
            return Err("units or values without any column".to_owned());
        }
        let mut constants = file.constants.clone();
        constants.extend(file.network.iter().map(|n| ("network".to_owned(), n.clone())));
        let mapping = Self {
            path: path.to_owned(),
            text: text.to_owned(),
            headers,
            lines: file
                .columns
                .iter()
                .map(|(header, own)| {
                    let may_lack = optional.contains(&key(header).text);
                    (header.clone(), own.all().join(", "), may_lack)
                })
                .collect(),
            names: Names::new(&file.names)?,
            constants: constants
                .into_iter()
                .map(|(name, value)| match name.parse::<Attribute>() {
                    Ok(attribute) => Ok((attribute, value)),
                    Err(e) => Err(format!("constants: {e}")),
                })
                .collect::<Result<_, _>>()?,
            currency: file.currency,
            chosen: file.format.clone(),
            order: file.dates.order,
            year: file.dates.year.map(year).transpose()?,
            encoding: file.encoding.as_deref().map(encoding).transpose()?,
            format: if file.columns.is_empty() {
                None
            } else {
                Some(Format::new(format_file(path, file)?)?)
            },
        };
        Ok(mapping)
    }

    /// The same map with a known format asked for by name.
    #[must_use]
    pub fn with_format(mut self, name: &str) -> Self {
        self.chosen = Some(name.to_owned());
        self
    }

    /// The same map with the year of a file's first date said.
    ///
    /// # Errors
    ///
    /// [`IngestError::Map`] for a year in which no network sold ads.
    pub fn with_year(mut self, said: i16) -> Result<Self, IngestError> {
        let wrong = |message| IngestError::Map { path: self.path.clone(), message };
        self.year = Some(year(said).map_err(wrong)?);
        Ok(self)
    }

    /// The same map with the order of day and month said: `dmy` or `mdy`.
    ///
    /// # Errors
    ///
    /// [`IngestError::Map`] for another word.
    pub fn with_dates(mut self, order: &str) -> Result<Self, IngestError> {
        self.order = Some(match order {
            "dmy" => Order::Dmy,
            "mdy" => Order::Mdy,
            _ => {
                let message = format!("dates: found `{order}`, allowed: dmy, mdy");
                return Err(IngestError::Map { path: self.path, message });
            }
        });
        Ok(self)
    }
}

/// Neither a file nor a shipped map: which maps there are, and which name is written most alike.
fn no_such_map(path: PathBuf, reference: &Reference) -> IngestError {
    let names = reference.list("maps");
    let known: Vec<String> =
        names.iter().filter_map(|name| name.strip_suffix(".toml")).map(str::to_owned).collect();
    let said = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_lowercase();
    let likeness = |name: &String| strsim::normalized_levenshtein(name, &said);
    let nearest = known.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    let nearest = nearest.filter(|name| likeness(name) >= ALIKE).cloned();
    IngestError::NoSuchMap { path, nearest, known }
}

/// An encoding by one of the names that the Encoding Standard gives it.
fn encoding(name: &str) -> Result<&'static Encoding, String> {
    Encoding::for_label_no_replacement(name.as_bytes()).ok_or_else(|| {
        format!(
            "encoding: found `{name}`, allowed: windows-1252, windows-1256, shift_jis, gb18030, \
             euc-kr, big5, macintosh and the other names of the Encoding Standard"
        )
    })
}

/// The format that a map's columns make: header → meaning turned round.
fn format_file(path: &Path, file: MapFile) -> Result<FormatFile, String> {
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or("map");
    let mut columns: BTreeMap<String, ColumnFile> = BTreeMap::new();
    let mut known = Vec::new();
    for (header, meanings) in &file.columns {
        for meaning in meanings.all() {
            if meaning == "ignore" {
                known.push(header.clone());
                continue;
            }
            let column = columns.entry(meaning.clone()).or_insert_with(|| ColumnFile {
                empty_is_zero: file.empty_is_zero,
                // Two headers for one count are parts of it; for one name, only one can win.
                add: meaning.parse::<crate::action::Action>().is_ok(),
                unit: file.units.get(meaning).copied(),
                values: file.values.get(meaning).cloned().unwrap_or_default(),
                ..ColumnFile::default()
            });
            column.headers.entry("map".to_owned()).or_default().push(header.clone());
        }
    }
    for meaning in file.units.keys().chain(file.values.keys()) {
        if !columns.contains_key(meaning) {
            return Err(format!("`{meaning}` has a unit or values but no column"));
        }
    }
    Ok(FormatFile {
        name: file.name.unwrap_or_else(|| stem.to_owned()),
        network: None,
        organic: file.organic,
        currency: file.currency,
        fractional: file.fractional,
        net: false,
        level: file.level,
        recognise: vec![RuleFile {
            all: file
                .columns
                .keys()
                .filter(|header| !file.optional.contains(header))
                .cloned()
                .collect(),
            none: Vec::new(),
        }],
        dates: file.dates,
        numbers: file.numbers,
        missing: file.missing,
        suppressed: file.suppressed,
        totals: file.totals,
        columns,
        promoted: BTreeMap::new(),
        derive: file.derive,
        breakdowns: file.breakdowns,
        known,
        blocks: Vec::new(),
        actions: None,
        constants: BTreeMap::new(),
    })
}
