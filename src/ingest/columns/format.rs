//! A format: what its file in `data/formats/` says, checked.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::str::FromStr;

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::action::Action;
use crate::history::row::{Level, Row};
use crate::ingest::value::dates::{Order, YEARS};
use crate::ingest::value::key::{Key, folded, key};
use crate::ingest::value::number::Mark;
use crate::language::by_likeness;
use crate::segment::Attribute;
use crate::units::Currency;

/// What a column means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Meaning {
    Spend,
    Impressions,
    Reach,
    /// Price of a thousand impressions; only for formats that derive spend from it.
    Cpm,
    Currency,
    Start,
    End,
    Day,
    Attribute(Attribute),
    /// Ids of campaign, ad set and ad.
    Id(usize),
    Action(Action),
    /// `18-24 - Male`, `England`: one column for whichever breakdown was asked for.
    Audience,
}

const IDS: [&str; 3] = ["campaign_id", "ad_set_id", "ad_id"];

impl Meaning {
    /// The name that files and people use.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Spend => "spend",
            Self::Impressions => "impressions",
            Self::Reach => "reach",
            Self::Cpm => "cpm",
            Self::Currency => "currency",
            Self::Start => "start",
            Self::End => "end",
            Self::Day => "day",
            Self::Attribute(attribute) => attribute.column(),
            Self::Id(level) => IDS[level],
            Self::Action(action) => action.column(),
            Self::Audience => "audience",
        }
    }

    /// Whether a line has this number.
    pub(crate) fn is_told(self, row: &Row) -> bool {
        match self {
            Self::Spend => row.spend.is_some(),
            Self::Impressions => row.impressions.is_some(),
            Self::Reach => row.reach.is_some(),
            Self::Action(action) => row.actions.get(action).is_some(),
            _ => false,
        }
    }

    /// Whether cells are numbers.
    pub(crate) fn is_number(self) -> bool {
        matches!(self, Self::Spend | Self::Impressions | Self::Reach | Self::Cpm | Self::Action(_))
    }

    pub(super) fn all() -> impl Iterator<Item = Self> {
        [Self::Spend, Self::Impressions, Self::Reach, Self::Cpm, Self::Currency]
            .into_iter()
            .chain([Self::Start, Self::End, Self::Day, Self::Audience])
            .chain((0..IDS.len()).map(Self::Id))
            .chain(Attribute::ALL.map(Self::Attribute))
            .chain(Action::ALL.map(Self::Action))
    }
}

impl FromStr for Meaning {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::all().find(|meaning| meaning.name() == text).ok_or_else(|| {
            let nearest = by_likeness(text, Self::all().map(Self::name))[0];
            let allowed = Self::all().map(Self::name).collect::<Vec<_>>().join(", ");
            format!("found `{text}`, did you mean `{nearest}`? allowed: {allowed}")
        })
    }
}

/// A format file as written.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FormatFile {
    /// Short name, shown and usable as `--format`.
    pub(crate) name: String,
    /// The network of every row whose own columns do not say.
    pub(crate) network: Option<String>,
    /// Rows report no money: a page's own posts.
    #[serde(default)]
    pub(crate) organic: bool,
    /// Currency of files that cannot say.
    #[schemars(with = "Option<String>")]
    pub(crate) currency: Option<Currency>,
    /// Counts may have fractions (connectors that model them).
    #[serde(default)]
    pub(crate) fractional: bool,
    /// Counts are what came in less what people took back, and may be below 0.
    #[serde(default)]
    pub(crate) net: bool,
    /// What a row stands for, where names and ids do not tell.
    pub(crate) level: Option<String>,
    /// Ways to recognise it; one that holds is enough.
    #[serde(default)]
    pub(crate) recognise: Vec<RuleFile>,
    #[serde(default)]
    pub(crate) dates: DatesFile,
    #[serde(default)]
    pub(crate) numbers: NumbersFile,
    /// Texts that stand for "no value" besides the usual ones.
    #[serde(default)]
    pub(crate) missing: Vec<String>,
    pub(crate) suppressed: Option<SuppressedFile>,
    #[serde(default)]
    pub(crate) totals: TotalsFile,
    pub(crate) columns: BTreeMap<String, ColumnFile>,
    /// Numbers of the same line that money bought, where the line's own are what came unpaid: kept
    /// as a row of their own beside it.
    #[serde(default)]
    pub(crate) promoted: BTreeMap<String, ColumnFile>,
    #[serde(default)]
    pub(crate) derive: BTreeMap<String, DeriveFile>,
    /// Attributes that are breakdowns inside the row's level when a column gives them.
    #[serde(default)]
    pub(crate) breakdowns: Vec<Attribute>,
    /// Headers that belong to the format and carry nothing that is kept; `*` at the end stands for
    /// whatever follows.
    #[serde(default)]
    pub(crate) known: Vec<String>,
    /// First headers of the further tables in the same file.
    #[serde(default)]
    pub(crate) blocks: Vec<String>,
    #[serde(default)]
    pub(crate) constants: BTreeMap<String, String>,
    /// Counts that the connector keeps in a table of their own.
    pub(crate) actions: Option<ActionsFile>,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ActionsFile {
    /// Lists of headers that join a line to the report's; the first that both tables have is used.
    pub(crate) keys: Vec<Vec<String>>,
    /// The header of the kind of action.
    pub(crate) kind: String,
    /// The header of the count.
    pub(crate) count: String,
    /// Kind in the file → kind of action here; others are left aside.
    pub(crate) values: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleFile {
    /// Each is a header, or several separated by ` | ` of which one must be there; `@spend`
    /// stands for all headers of that column.
    pub(crate) all: Vec<String>,
    /// Headers that must not be there.
    #[serde(default)]
    pub(crate) none: Vec<String>,
}

#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DatesFile {
    pub(crate) order: Option<Order>,
    /// The year of the first date, where dates say none; those after it follow.
    pub(crate) year: Option<i16>,
    /// The order in files whose headers are in this language.
    #[serde(default)]
    pub(crate) orders: BTreeMap<String, Order>,
    /// Day put together from several columns: `{day} {month} 2017`.
    pub(crate) day: Option<String>,
    /// What the day says in rows that count since publication, which is then their start; so do rows
    /// of a file without days.
    #[serde(default)]
    pub(crate) lifetime: Vec<String>,
    /// Beginnings of preamble lines that hold the window.
    #[serde(default)]
    pub(crate) preamble_start: Vec<String>,
    #[serde(default)]
    pub(crate) preamble_end: Vec<String>,
}

#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NumbersFile {
    /// `.` or `,`, where cells do not tell.
    pub(crate) decimal: Option<char>,
    /// The same for files whose headers are in this language.
    #[serde(default)]
    pub(crate) decimals: BTreeMap<String, char>,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SuppressedFile {
    /// Cells that hide a small count.
    pub(crate) marks: Vec<String>,
    /// The count that they are below.
    pub(crate) below: u32,
}

#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TotalsFile {
    /// A row without any name is the account's total.
    #[serde(default)]
    pub(crate) without_names: bool,
    /// What the first cell of a totals row says; `#` stands for a number, `*` at the end for
    /// whatever follows.
    #[serde(default)]
    pub(crate) words: Vec<String>,
}

#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ColumnFile {
    /// By language, the names that exports have used, preferred first.
    pub(crate) headers: BTreeMap<String, Vec<String>>,
    /// An empty cell is a zero.
    #[serde(default)]
    pub(crate) empty_is_zero: bool,
    /// Several columns of this meaning are parts to be added.
    #[serde(default)]
    pub(crate) add: bool,
    /// One cell unit is this much: `0.000001` for micro-currency.
    #[schemars(with = "Option<f64>")]
    pub(crate) unit: Option<Decimal>,
    /// Value in the file → value here.
    #[serde(default)]
    pub(crate) values: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeriveFile {
    pub(crate) multiply: Vec<String>,
    #[serde(default = "one")]
    #[schemars(with = "f64")]
    pub(crate) divide_by: Decimal,
}

fn one() -> Decimal {
    Decimal::ONE
}

/// A checked format.
#[derive(Debug, Clone)]
pub(crate) struct Format {
    pub(crate) name: String,
    pub(crate) organic: bool,
    pub(crate) currency: Option<Currency>,
    pub(crate) fractional: bool,
    pub(crate) net: bool,
    pub(crate) level: Option<Level>,
    pub(crate) rules: Vec<Rule>,
    order: Option<Order>,
    pub(crate) year: Option<i16>,
    orders: BTreeMap<String, Order>,
    pub(crate) day: Option<String>,
    /// Words for a count since publication; none where rows are of their days.
    pub(crate) lifetime: BTreeSet<String>,
    pub(crate) preamble_start: Vec<String>,
    pub(crate) preamble_end: Vec<String>,
    mark: Option<Mark>,
    marks: BTreeMap<String, Mark>,
    pub(crate) missing: BTreeSet<String>,
    pub(crate) suppressed: Option<(BTreeSet<String>, f64)>,
    pub(crate) totals: TotalsFile,
    pub(crate) columns: Vec<Column>,
    /// Header key → columns that it gives, and how much each prefers it (0 most).
    pub(crate) keys: Keys,
    /// Header key → languages that it belongs to.
    languages: HashMap<String, BTreeSet<String>>,
    pub(crate) derive: Vec<Derive>,
    pub(crate) breakdowns: Vec<Attribute>,
    known: BTreeSet<String>,
    /// Header key → meaning that a person's map gives to another column.
    pub(crate) replaced: BTreeMap<String, Meaning>,
    pub(crate) blocks: BTreeSet<String>,
    pub(crate) constants: Vec<(Attribute, String)>,
    pub(crate) actions: Option<Actions>,
}

/// How a table of actions is read, with headers as keys.
#[derive(Debug, Clone)]
pub(crate) struct Actions {
    pub(crate) keys: Vec<Vec<String>>,
    pub(crate) kind: String,
    pub(crate) count: String,
    pub(crate) values: BTreeMap<String, Action>,
}

impl Actions {
    fn new(file: &ActionsFile) -> Result<Self, String> {
        let key_of = |text: &String| key(text).text;
        let values = file.values.iter().map(|(kind, action)| {
            let action = action.parse().map_err(|error| format!("actions: {error}"))?;
            Ok((folded(kind), action))
        });
        Ok(Self {
            keys: file.keys.iter().map(|join| join.iter().map(key_of).collect()).collect(),
            kind: key_of(&file.kind),
            count: key_of(&file.count),
            values: values.collect::<Result<_, String>>()?,
        })
    }
}

/// One way to recognise a format.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    /// What must be there: a label for people, and the keys of which one is enough.
    pub(crate) all: Vec<(String, BTreeSet<String>)>,
    pub(crate) none: BTreeSet<String>,
}

/// A column of a format.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) meaning: Meaning,
    pub(crate) empty_is_zero: bool,
    pub(crate) add: bool,
    /// It belongs to the row beside.
    pub(crate) promoted: bool,
    pub(crate) unit: Option<Decimal>,
    /// Folded value in the file → value here.
    pub(crate) values: BTreeMap<String, String>,
    /// By language, its headers as exports write them, preferred first.
    headers: BTreeMap<String, Vec<String>>,
}

/// A number that the file does not have but determines.
#[derive(Debug, Clone)]
pub(crate) struct Derive {
    pub(crate) target: Meaning,
    pub(crate) multiply: Vec<Meaning>,
    pub(crate) divide_by: Decimal,
}

impl Format {
    pub(crate) fn new(file: FormatFile) -> Result<Self, String> {
        let (columns, keys) = columns(&file)?;
        let rules =
            file.recognise.iter().map(|rule| Rule::new(rule, &file)).collect::<Result<_, _>>()?;
        let derive = file
            .derive
            .iter()
            .map(|(target, derive)| Derive::new(target, derive))
            .collect::<Result<_, _>>()?;
        let level = file.level.as_deref().map(level).transpose()?;
        let mark = file.numbers.decimal.map(mark_of).transpose()?;
        let marks = file.numbers.decimals.iter().map(|(l, sign)| Ok((l.clone(), mark_of(*sign)?)));
        let marks = marks.collect::<Result<_, String>>()?;
        let languages = languages(&file);
        let actions = file.actions.as_ref().map(Actions::new).transpose()?;
        let keys_of = |texts: &[String]| texts.iter().map(|text| key(text).text).collect();
        let mut constants = Vec::new();
        for (name, value) in &file.constants {
            let attribute: Attribute = name.parse().map_err(|e| format!("constants: {e}"))?;
            constants.push((attribute, value.clone()));
        }
        if let Some(network) = &file.network {
            constants.push((Attribute::Network, network.clone()));
        }
        Ok(Self {
            name: file.name,
            organic: file.organic,
            currency: file.currency,
            fractional: file.fractional,
            net: file.net,
            level,
            rules,
            order: file.dates.order,
            year: file.dates.year.map(self::year).transpose()?,
            orders: file.dates.orders,
            day: file.dates.day,
            lifetime: file.dates.lifetime.iter().map(|text| folded(text)).collect(),
            preamble_start: file.dates.preamble_start.iter().map(|t| folded(t)).collect(),
            preamble_end: file.dates.preamble_end.iter().map(|t| folded(t)).collect(),
            mark,
            marks,
            missing: file.missing.iter().map(|text| folded(text)).collect(),
            suppressed: file.suppressed.map(|suppressed| {
                let marks = suppressed.marks.iter().map(|mark| folded(mark)).collect();
                (marks, f64::from(suppressed.below))
            }),
            totals: TotalsFile {
                without_names: file.totals.without_names,
                words: file.totals.words.iter().map(|word| folded(word)).collect(),
            },
            columns,
            keys,
            languages,
            derive,
            breakdowns: file.breakdowns,
            known: keys_of(&file.known),
            replaced: BTreeMap::new(),
            blocks: keys_of(&file.blocks),
            constants,
            actions,
        })
    }
}

impl Format {
    /// Whether a header belongs to the format and carries nothing that is kept.
    pub(crate) fn knows(&self, header: &str) -> bool {
        // `*` stands for the rest; an export has many prices and rates, each with its own name.
        let is_like = |known: &String| {
            known.strip_suffix('*').is_some_and(|begin| header.starts_with(begin))
                || known.strip_prefix('*').is_some_and(|end| header.ends_with(end))
        };
        self.known.contains(header) || self.known.iter().any(is_like)
    }

    /// The same format with what a map says of a file's columns: a meaning that the map gives to a
    /// column of the file is no other column's any more.
    pub(crate) fn extended(&self, map: &Self, there: &BTreeSet<String>) -> Self {
        let mut format = self.clone();
        let is_there = |(header, _): &(&String, &Vec<(usize, usize)>)| there.contains(*header);
        let said: Vec<(&String, &Vec<(usize, usize)>)> = map.keys.iter().filter(is_there).collect();
        let mut places: BTreeMap<usize, usize> = BTreeMap::new();
        for column in said.iter().flat_map(|(_, places)| places.iter().map(|(column, _)| *column)) {
            let at = format.columns.len();
            let own = &map.columns[column];
            if places.contains_key(&column) {
                continue;
            }
            let is_same = |other: &usize| {
                self.columns[*other].meaning == own.meaning && !self.columns[*other].promoted
            };
            let before = (0..self.columns.len()).find(is_same);
            if let Some(before) = before {
                let headers =
                    self.keys.iter().filter(|(_, own)| own.iter().any(|own| own.0 == before));
                format.replaced.extend(headers.map(|(header, _)| (header.clone(), own.meaning)));
                format.keys.retain(|_, own| {
                    own.retain(|own| own.0 != before);
                    !own.is_empty()
                });
            }
            let counts = matches!(own.meaning, Meaning::Action(_));
            let zero = match before {
                Some(before) => self.columns[before].empty_is_zero,
                // As the format's other counts: a platform leaves all of its zeros empty, or none.
                None => {
                    counts
                        && self.columns.iter().any(|own| {
                            matches!(own.meaning, Meaning::Action(_)) && own.empty_is_zero
                        })
                }
            };
            format.columns.push(Column { empty_is_zero: own.empty_is_zero || zero, ..own.clone() });
            places.insert(column, at);
        }
        for (header, own) in said {
            let own = own.iter().map(|(column, rank)| (places[column], *rank)).collect();
            format.replaced.remove(header);
            format.known.remove(header);
            format.keys.insert(header.clone(), own);
        }
        for header in map.known.iter().filter(|header| there.contains(*header)) {
            format.keys.remove(header);
            format.known.insert(header.clone());
        }
        format.level = map.level.or(format.level);
        format.order = map.order.or(format.order);
        format.day = map.day.clone().or(format.day);
        format.mark = map.mark.or(format.mark);
        format.suppressed = map.suppressed.clone().or(format.suppressed);
        format.fractional |= map.fractional;
        format.missing.extend(map.missing.iter().cloned());
        format.totals.without_names |= map.totals.without_names;
        format.totals.words.extend(map.totals.words.iter().cloned());
        format.derive.extend(map.derive.iter().cloned());
        format.breakdowns.extend(map.breakdowns.iter().copied());
        format
    }

    /// Whether it says enough of a file to read it alone: money or that there is none, a count, and
    /// when or for whom.
    pub(crate) fn is_whole(&self) -> bool {
        let has =
            |wanted: &dyn Fn(Meaning) -> bool| self.columns.iter().any(|own| wanted(own.meaning));
        let derives = self.derive.iter().any(|own| own.target == Meaning::Spend);
        let money = self.organic || derives || has(&|own| own == Meaning::Spend);
        let is_count =
            |own: Meaning| own.is_number() && !matches!(own, Meaning::Spend | Meaning::Cpm);
        money && has(&is_count) && (self.day.is_some() || has(&|own| !own.is_number()))
    }

    /// The language that most of a file's headers are in; English when it is one of several.
    pub(crate) fn language(&self, headers: &[Key]) -> Option<&str> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for languages in headers.iter().filter_map(|header| self.languages.get(&header.text)) {
            for language in languages {
                *counts.entry(language).or_default() += 1;
            }
        }
        let most = counts.values().copied().max()?;
        let mut first = counts.into_iter().filter(|(_, count)| *count == most).map(|(l, _)| l);
        let one = first.next()?;
        Some(if one == "en" || first.any(|language| language == "en") { "en" } else { one })
    }

    /// The preferred header of a column in a language.
    pub(crate) fn header(&self, meaning: Meaning, language: &str) -> Option<&str> {
        let mut own = self.columns.iter().filter(|column| !column.promoted);
        let column = own.find(|column| column.meaning == meaning)?;
        column.headers.get(language)?.first().map(String::as_str)
    }

    /// Order of day and month, where no date of the file tells.
    pub(crate) fn order(&self, language: Option<&str>) -> Option<Order> {
        language.and_then(|language| self.orders.get(language)).copied().or(self.order)
    }

    /// The decimal mark, where no number of the file tells.
    pub(crate) fn mark(&self, language: Option<&str>) -> Option<Mark> {
        language.and_then(|language| self.marks.get(language)).copied().or(self.mark)
    }

    /// The meaning of the known header that is written most like this one.
    pub(crate) fn likely(&self, header: &str) -> Option<(Meaning, f64)> {
        let sized = |known: &str| {
            let (a, b) = (known.len() as f64, header.len() as f64);
            a.min(b) >= ALIKE * a.max(b)
        };
        let near = |(known, places): (&String, &Vec<(usize, usize)>)| {
            // Two words of very different lengths cannot be alike, and most are.
            let likeness =
                if sized(known) { strsim::normalized_levenshtein(known, header) } else { 0.0 };
            places.first().map(|(column, _)| (self.columns[*column].meaning, likeness))
        };
        let all = self.keys.iter().filter_map(near).filter(|(_, likeness)| *likeness >= ALIKE);
        all.max_by(|(a, x), (b, y)| x.total_cmp(y).then_with(|| b.cmp(a)))
    }
}

/// A year in which social networks sold ads.
pub(crate) fn year(year: i16) -> Result<i16, String> {
    YEARS.contains(&year).then_some(year).ok_or_else(|| {
        format!("year: found `{year}`, allowed: {} to {}", YEARS.start, YEARS.end - 1)
    })
}

/// Two spellings of one header share at least this much.
pub(crate) const ALIKE: f64 = 0.7;

fn mark_of(sign: char) -> Result<Mark, String> {
    match sign {
        '.' => Ok(Mark::Dot),
        ',' => Ok(Mark::Comma),
        other => Err(format!("numbers: found `{other}`, allowed: `.` `,`")),
    }
}

fn languages(file: &FormatFile) -> HashMap<String, BTreeSet<String>> {
    let mut languages: HashMap<String, BTreeSet<String>> = HashMap::new();
    for (language, headers) in file.columns.values().flat_map(|column| &column.headers) {
        for header in headers {
            languages.entry(key(header).text).or_default().insert(language.clone());
        }
    }
    languages
}

/// Header key → (column, rank of the header in that column).
pub(crate) type Keys = HashMap<String, Vec<(usize, usize)>>;

fn columns(file: &FormatFile) -> Result<(Vec<Column>, Keys), String> {
    let mut columns = Vec::new();
    let mut keys = Keys::new();
    let own = file.columns.iter().map(|column| (column, false));
    for ((name, column), promoted) in own.chain(file.promoted.iter().map(|column| (column, true))) {
        let meaning: Meaning = name.parse().map_err(|e| format!("columns: {e}"))?;
        if promoted && !meaning.is_number() {
            return Err(format!("promoted: `{name}` is not a number"));
        }
        for headers in column.headers.values() {
            for (rank, header) in headers.iter().enumerate() {
                let places = keys.entry(key(header).text).or_default();
                // One column in two languages may have one header.
                if places.iter().all(|(column, _)| *column != columns.len()) {
                    places.push((columns.len(), rank));
                }
            }
        }
        let values = column.values.iter().map(|(from, to)| (folded(from), to.clone())).collect();
        columns.push(Column {
            meaning,
            empty_is_zero: column.empty_is_zero,
            add: column.add,
            promoted,
            unit: column.unit,
            values,
            headers: column.headers.clone(),
        });
    }
    Ok((columns, keys))
}

impl Rule {
    fn new(rule: &RuleFile, file: &FormatFile) -> Result<Self, String> {
        let mut all = Vec::new();
        for label in &rule.all {
            let mut keys = BTreeSet::new();
            let mut shown = Vec::new();
            for part in label.split(" | ") {
                match part.strip_prefix('@') {
                    None => {
                        shown.push(part.to_owned());
                        keys.insert(key(part).text);
                    }
                    Some(name) => {
                        let column = file
                            .columns
                            .get(name)
                            .ok_or_else(|| format!("recognise: no column `{name}`"))?;
                        shown.extend(names_shown(column));
                        let headers = column.headers.values().flatten();
                        keys.extend(headers.map(|header| key(header).text));
                    }
                }
            }
            all.push((shown.join(" / "), keys));
        }
        let none = rule.none.iter().map(|text| key(text).text).collect();
        Ok(Self { all, none })
    }
}

/// The names of a column that people are shown: English and French, or whatever there is.
fn names_shown(column: &ColumnFile) -> Vec<String> {
    let first = |language: &str| column.headers.get(language)?.first().cloned();
    let mut shown: Vec<String> = ["en", "fr"].into_iter().filter_map(first).collect();
    shown.dedup();
    if shown.is_empty() {
        shown.extend(column.headers.values().filter_map(|headers| headers.first().cloned()));
    }
    shown
}

impl Derive {
    fn new(target: &str, file: &DeriveFile) -> Result<Self, String> {
        if file.divide_by.is_zero() {
            return Err("derive: divide_by is 0".to_owned());
        }
        let number = |name: &str| -> Result<Meaning, String> {
            let meaning: Meaning = name.parse().map_err(|e| format!("derive: {e}"))?;
            let found = meaning.is_number();
            found.then_some(meaning).ok_or_else(|| format!("derive: `{name}` is not a number"))
        };
        Ok(Self {
            target: number(target)?,
            multiply: file.multiply.iter().map(|name| number(name)).collect::<Result<_, _>>()?,
            divide_by: file.divide_by,
        })
    }
}

/// What a map or a format calls each level.
const LEVELS: [(&str, Level); 4] = [
    ("account", Level::Account),
    ("campaign", Level::Campaign),
    ("ad_set", Level::AdSet),
    ("ad", Level::Ad),
];

pub(crate) fn level_name(level: Level) -> &'static str {
    LEVELS.iter().find(|(_, own)| *own == level).map_or("", |(name, _)| name)
}

pub(crate) fn level(text: &str) -> Result<Level, String> {
    let found = LEVELS.iter().find(|(name, _)| *name == text).map(|(_, level)| *level);
    found.ok_or_else(|| {
        let allowed = LEVELS.map(|(name, _)| name).join(", ");
        format!("level: found `{text}`, allowed: {allowed}")
    })
}
