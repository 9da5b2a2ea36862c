//! The rows of a plan: one by one, or beyond [`ROWS_IN_FULL`] in columns without texts.
//!
//! A plan of a million rows that says a sentence in each takes gigabytes and says it to nobody. Its
//! rows stand in columns, in memory as in `plan.json`, and are put together for those who ask for
//! them: everything that reads plans reads both forms.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::OnceLock;

use rayon::prelude::*;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::Mostly;
use super::row::{Range, Row};
use crate::allocate::problem::bound::Limit;

/// Beyond so many rows a plan is written in columns: no weeks (`budget` times the campaign's
/// pacing), no reasons, no points of curves.
pub const ROWS_IN_FULL: usize = 20_000;

/// The rows of a plan, in its order. Columns become rows when somebody looks at a row.
#[derive(Clone, Default)]
pub struct Rows {
    full: OnceLock<Vec<Row>>,
    columns: Option<Box<Columns>>,
}

impl Rows {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.columns.as_ref().map_or_else(|| (**self).len(), |own| own.len())
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The first few, with what they say.
    #[must_use]
    pub fn first(&self, most: usize) -> &[Row] {
        let rows = self.columns.as_ref().map_or_else(|| self.as_slice(), |own| &own.first[..]);
        // Columns that were read from a file keep no row apart.
        let rows = if rows.len() < most.min(self.len()) { self.as_slice() } else { rows };
        &rows[..most.min(rows.len())]
    }

    /// How many get money.
    #[must_use]
    pub fn funded(&self) -> usize {
        match &self.columns {
            Some(columns) => columns.budgets().iter().filter(|budget| **budget > 0.0).count(),
            None => self.iter().filter(|row| row.budget > 0.0).count(),
        }
    }

    /// One after the other; rows that stand in columns are not kept.
    pub fn in_turn(&self) -> impl Iterator<Item = Cow<'_, Row>> {
        let made = self.full.get().map(Vec::as_slice);
        let rows = made.into_iter().flatten().map(Cow::Borrowed);
        let columns = self.columns.iter().filter(move |_| made.is_none());
        rows.chain(columns.flat_map(|own| (0..own.len()).map(move |i| Cow::Owned(own.row(i)))))
    }
}

impl Deref for Rows {
    type Target = Vec<Row>;

    fn deref(&self) -> &Vec<Row> {
        self.full.get_or_init(|| self.columns.as_ref().map_or_else(Vec::new, |own| own.rows()))
    }
}

impl DerefMut for Rows {
    fn deref_mut(&mut self) -> &mut Vec<Row> {
        let _: &Vec<Row> = self;
        self.columns = None;
        self.full.get_mut().expect("the rows were just made")
    }
}

impl From<Vec<Row>> for Rows {
    fn from(rows: Vec<Row>) -> Self {
        Self { full: OnceLock::from(rows), columns: None }
    }
}

impl From<Columns> for Rows {
    fn from(columns: Columns) -> Self {
        Self { full: OnceLock::new(), columns: Some(Box::new(columns)) }
    }
}

impl FromIterator<Row> for Rows {
    fn from_iter<I: IntoIterator<Item = Row>>(rows: I) -> Self {
        rows.into_iter().collect::<Vec<Row>>().into()
    }
}

impl<'a> IntoIterator for &'a Rows {
    type Item = &'a Row;
    type IntoIter = std::slice::Iter<'a, Row>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a> IntoIterator for &'a mut Rows {
    type Item = &'a mut Row;
    type IntoIter = std::slice::IterMut<'a, Row>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

impl PartialEq for Rows {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.first(ROWS_IN_FULL)).finish()
    }
}

impl Serialize for Rows {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.columns {
            Some(columns) => columns.serialize(serializer),
            None if self.len() > ROWS_IN_FULL => Columns::of(self).serialize(serializer),
            None => (**self).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Rows {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Either)
    }
}

/// Reads rows in either form.
struct Either;

impl<'de> Visitor<'de> for Either {
    type Value = Rows;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rows, or columns of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Rows, A::Error> {
        let mut rows: Vec<Row> = Vec::new();
        while let Some(row) = seq.next_element()? {
            rows.push(row);
        }
        Ok(rows.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Rows, A::Error> {
        Columns::read(map).map(Rows::from)
    }
}

/// A column of numbers: how a row has it, and what it is where the column is absent.
struct Number {
    name: &'static str,
    get: fn(&Row) -> Option<f64>,
    set: fn(&mut Row, Option<f64>),
    /// What a row has without it, once the columns before it are there.
    otherwise: fn(&Row) -> Option<f64>,
}

/// A column of yes and no, absent where it is no everywhere.
struct Flag {
    name: &'static str,
    get: fn(&Row) -> bool,
    set: fn(&mut Row, bool),
}

#[allow(clippy::unnecessary_wraps, reason = "one of several that a column may have")]
const fn zero(_: &Row) -> Option<f64> {
    Some(0.0)
}

const fn none(_: &Row) -> Option<f64> {
    None
}

/// A number that every row has.
macro_rules! number {
    ($name:literal, $($field:ident).+, $otherwise:expr) => {
        Number {
            name: $name,
            get: |row| Some(row.$($field).+),
            // What JSON cannot hold is a slope without end.
            set: |row, x| row.$($field).+ = x.unwrap_or(f64::INFINITY),
            otherwise: $otherwise,
        }
    };
}

/// A number that a row may lack.
macro_rules! maybe {
    ($name:literal, $field:ident) => {
        Number { name: $name, get: |row| row.$field, set: |row, x| row.$field = x, otherwise: none }
    };
}

/// The value, and its probability, that a range mostly is.
macro_rules! mostly {
    ($name:literal, $range:ident, $part:ident) => {
        Number {
            name: $name,
            get: |row| row.$range.mostly.map(|mostly| mostly.$part),
            set: |row, x| {
                if let Some(x) = x {
                    let nothing = Mostly { value: 0.0, probability: 0.0 };
                    row.$range.mostly.get_or_insert(nothing).$part = x;
                }
            },
            otherwise: none,
        }
    };
}

/// The columns of numbers, each after those that speak for it where it is absent.
const NUMBERS: [Number; 22] = [
    number!("budget", budget, zero),
    number!("fixed_cost", fixed_cost, zero),
    number!("per_day", per_day, zero),
    maybe!("last", last),
    Number {
        name: "value.mean",
        get: |row| Some(row.value.mean),
        set: |row, mean| {
            row.value = Range::certain(mean.unwrap_or(f64::INFINITY));
            row.actions = row.value;
        },
        otherwise: zero,
    },
    number!("value.p10", value.p10, |row| Some(row.value.mean)),
    number!("value.p50", value.p50, |row| Some(row.value.mean)),
    number!("value.p90", value.p90, |row| Some(row.value.mean)),
    mostly!("value.mostly.value", value, value),
    mostly!("value.mostly.probability", value, probability),
    // One unit of value is one action, where nothing else is told.
    Number {
        name: "actions.mean",
        get: |row| Some(row.actions.mean),
        set: |row, mean| row.actions = Range::certain(mean.unwrap_or(f64::INFINITY)),
        otherwise: |row| Some(row.value.mean),
    },
    number!("actions.p10", actions.p10, |row| Some(row.actions.mean)),
    number!("actions.p50", actions.p50, |row| Some(row.actions.mean)),
    number!("actions.p90", actions.p90, |row| Some(row.actions.mean)),
    mostly!("actions.mostly.value", actions, value),
    mostly!("actions.mostly.probability", actions, probability),
    maybe!("impressions", impressions),
    maybe!("reach", reach),
    maybe!("carbon_g", carbon_g),
    number!("marginal", marginal, zero),
    maybe!("marginal_last", marginal_last),
    number!("observed_spend", observed_spend, zero),
];

/// The columns of yes and no.
const FLAGS: [Flag; 2] = [
    Flag {
        name: "extrapolates",
        get: |row| row.extrapolates,
        set: |row, is| row.extrapolates = is,
    },
    Flag { name: "prior_only", get: |row| row.prior_only, set: |row, is| row.prior_only = is },
];

const SEGMENT: &str = "segment";
const AT_LIMIT: &str = "at_limit";
/// Stands before the name of an attribute.
const ATTRIBUTE: &str = "attributes.";

/// Rows in columns, all of one length; a column that says nothing is absent.
#[derive(Debug, Clone, Default)]
pub struct Columns {
    segment: Texts,
    /// In the order of [`NUMBERS`]; what a row lacks is not a number.
    numbers: [Option<Vec<f64>>; NUMBERS.len()],
    flags: [Option<Vec<bool>>; FLAGS.len()],
    at_limit: Option<Words>,
    attributes: BTreeMap<String, Words>,
    /// The first rows in full, for those who show a few.
    first: Vec<Row>,
}

impl Columns {
    /// Columns of so many segments, each with its name.
    pub(crate) fn of_segments<'a>(ids: impl IntoIterator<Item = &'a str>) -> Self {
        let mut own = Self::default();
        ids.into_iter().for_each(|id| own.segment.push(id));
        own
    }

    /// With a column of numbers, unless it says nothing.
    pub(crate) fn with(mut self, name: &str, column: Vec<f64>) -> Self {
        let place = NUMBERS.iter().position(|number| number.name == name);
        let place = place.expect("the column is one of a row's");
        let says = name == "budget" || column.iter().any(|x| *x != 0.0);
        self.numbers[place] = says.then_some(column);
        self
    }

    /// With what holds each row.
    pub(crate) fn held_by(mut self, limits: impl Iterator<Item = Option<Limit>>) -> Self {
        let mut words = Coder::default();
        limits.for_each(|limit| words.push(limit));
        self.at_limit = words.done(String::from);
        self
    }

    /// With its first rows in full.
    pub(crate) fn beginning_with(mut self, first: Vec<Row>) -> Self {
        self.first = first;
        self
    }

    fn of(rows: &[Row]) -> Self {
        let own = Self::of_segments(rows.iter().map(|row| row.segment.as_str()))
            .held_by(rows.iter().map(|row| row.at_limit.clone()));
        let number = |number: &Number| {
            let says = rows.iter().any(|row| (number.get)(row) != (number.otherwise)(row));
            let cell = |row| (number.get)(row).unwrap_or(f64::NAN);
            (says || number.name == "budget").then(|| rows.iter().map(cell).collect())
        };
        let flag = |flag: &Flag| {
            rows.iter().any(flag.get).then(|| rows.iter().map(flag.get).collect::<Vec<bool>>())
        };
        let mut names: Vec<&String> = rows.iter().flat_map(|row| row.attributes.keys()).collect();
        names.sort_unstable();
        names.dedup();
        let attribute = |name: &String| {
            let mut words = Coder::default();
            for row in rows {
                words.push(row.attributes.get(name).cloned());
            }
            Some((name.clone(), words.done(|value| value)?))
        };
        Self {
            numbers: NUMBERS.each_ref().map(number),
            flags: FLAGS.each_ref().map(flag),
            attributes: names.into_iter().filter_map(attribute).collect(),
            ..own
        }
    }

    fn len(&self) -> usize {
        self.segment.len()
    }

    fn budgets(&self) -> &[f64] {
        self.numbers[0].as_deref().unwrap_or_default()
    }

    fn row(&self, i: usize) -> Row {
        let mut row = Row { segment: self.segment.get(i).to_owned(), ..Row::default() };
        for (number, column) in NUMBERS.iter().zip(&self.numbers) {
            if let Some(column) = column {
                (number.set)(&mut row, Some(column[i]).filter(|x| !x.is_nan()));
            }
        }
        for (flag, column) in FLAGS.iter().zip(&self.flags) {
            (flag.set)(&mut row, column.as_ref().is_some_and(|column| column[i]));
        }
        let limit = self.at_limit.as_ref().and_then(|words| words.get(i));
        row.at_limit = limit.map(|limit| Limit::from(limit.to_owned()));
        for (name, words) in &self.attributes {
            if let Some(value) = words.get(i) {
                row.attributes.insert(name.clone(), value.to_owned());
            }
        }
        row
    }

    fn rows(&self) -> Vec<Row> {
        (0..self.len()).into_par_iter().map(|i| self.row(i)).collect()
    }

    fn read<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut own = Self::default();
        while let Some(name) = map.next_key::<String>()? {
            if name == SEGMENT {
                own.segment = map.next_value()?;
            } else if name == AT_LIMIT {
                own.at_limit = Some(map.next_value()?);
            } else if let Some(k) = NUMBERS.iter().position(|number| number.name == name) {
                own.numbers[k] = Some(map.next_value_seed(Numbers)?);
            } else if let Some(k) = FLAGS.iter().position(|flag| flag.name == name) {
                own.flags[k] = Some(map.next_value()?);
            } else if let Some(attribute) = name.strip_prefix(ATTRIBUTE) {
                own.attributes.insert(attribute.to_owned(), map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        if own.numbers[0].is_none() {
            return Err(de::Error::missing_field(NUMBERS[0].name));
        }
        own.agree().map_err(de::Error::custom)?;
        Ok(own)
    }

    /// Whether all columns have one length.
    fn agree(&self) -> Result<(), String> {
        let wanted = self.len();
        let other = self.lengths().find(|(_, length)| *length != wanted);
        other.map_or(Ok(()), |(name, length)| {
            Err(format!("column `{name}` has {length} rows, `{SEGMENT}` has {wanted}"))
        })
    }

    /// Every column but the first, with its length.
    fn lengths(&self) -> impl Iterator<Item = (&str, usize)> {
        let numbers = NUMBERS.iter().zip(&self.numbers);
        let flags = FLAGS.iter().zip(&self.flags);
        let words = self.attributes.iter().map(|(name, words)| (name.as_str(), words.codes.len()));
        numbers
            .filter_map(|(own, column)| Some((own.name, column.as_ref()?.len())))
            .chain(flags.filter_map(|(own, column)| Some((own.name, column.as_ref()?.len()))))
            .chain(self.at_limit.iter().map(|words| (AT_LIMIT, words.codes.len())))
            .chain(words)
    }
}

impl Serialize for Columns {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(SEGMENT, &self.segment)?;
        for (name, words) in &self.attributes {
            map.serialize_entry(&format!("{ATTRIBUTE}{name}"), words)?;
        }
        for (number, column) in NUMBERS.iter().zip(&self.numbers) {
            if let Some(column) = column {
                map.serialize_entry(number.name, column)?;
            }
        }
        if let Some(words) = &self.at_limit {
            map.serialize_entry(AT_LIMIT, words)?;
        }
        for (flag, column) in FLAGS.iter().zip(&self.flags) {
            if let Some(column) = column {
                map.serialize_entry(flag.name, column)?;
            }
        }
        map.end()
    }
}

/// Reads numbers; `null` is none.
struct Numbers;

impl<'de> DeserializeSeed<'de> for Numbers {
    type Value = Vec<f64>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<f64>, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Numbers {
    type Value = Vec<f64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a column of numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<f64>, A::Error> {
        let mut column = Vec::new();
        while let Some(x) = seq.next_element::<Option<f64>>()? {
            column.push(x.unwrap_or(f64::NAN));
        }
        Ok(column)
    }
}

/// Many texts, one behind the other in one piece of memory.
#[derive(Debug, Clone, Default)]
struct Texts {
    all: String,
    ends: Vec<usize>,
}

impl Texts {
    fn push(&mut self, text: &str) {
        self.all.push_str(text);
        self.ends.push(self.all.len());
    }

    fn len(&self) -> usize {
        self.ends.len()
    }

    fn get(&self, i: usize) -> &str {
        let from = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.all[from..self.ends[i]]
    }
}

impl Serialize for Texts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((0..self.len()).map(|i| self.get(i)))
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Texts;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a column of texts")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Texts, A::Error> {
                let mut texts = Texts::default();
                while let Some(text) = seq.next_element::<String>()? {
                    texts.push(&text);
                }
                Ok(texts)
            }
        }
        deserializer.deserialize_seq(Each)
    }
}

/// A column of few words: where each row's stands among them.
#[derive(Debug, Clone, Default)]
struct Words {
    words: Vec<String>,
    codes: Vec<u32>,
}

/// The code of a row without a word.
const NO_WORD: u32 = u32::MAX;

impl Words {
    fn get(&self, i: usize) -> Option<&str> {
        self.words.get(self.codes[i] as usize).map(String::as_str)
    }
}

/// Gives words their codes as they come.
struct Coder<T> {
    known: BTreeMap<T, u32>,
    codes: Vec<u32>,
}

impl<T> Default for Coder<T> {
    fn default() -> Self {
        Self { known: BTreeMap::new(), codes: Vec::new() }
    }
}

impl<T: Ord> Coder<T> {
    fn push(&mut self, word: Option<T>) {
        let next = self.known.len() as u32;
        self.codes.push(word.map_or(NO_WORD, |word| *self.known.entry(word).or_insert(next)));
    }

    /// The column, unless no row has a word.
    fn done(self, write: impl Fn(T) -> String) -> Option<Words> {
        let mut words = vec![String::new(); self.known.len()];
        self.known.into_iter().for_each(|(word, code)| words[code as usize] = write(word));
        (!words.is_empty()).then_some(Words { words, codes: self.codes })
    }
}

impl Serialize for Words {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((0..self.codes.len()).map(|i| self.get(i)))
    }
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Words;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a column of words")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Words, A::Error> {
                let mut words = Coder::<String>::default();
                while let Some(word) = seq.next_element()? {
                    words.push(word);
                }
                let codes = words.codes.clone();
                Ok(words.done(|word| word).unwrap_or(Words { words: Vec::new(), codes }))
            }
        }
        deserializer.deserialize_seq(Each)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocate::problem::bound::RuleName;

    /// Rows that differ in everything that a column can hold.
    fn rows() -> Vec<Row> {
        (0..12_u32)
            .map(|i| {
                let x = f64::from(i);
                let spread = |mean: f64| Range {
                    mean,
                    p10: 0.7 * mean,
                    p50: 0.9 * mean,
                    p90: 1.1 * mean,
                    mostly: (i % 4 == 0).then_some(Mostly { value: 0.0, probability: 0.81 }),
                };
                let known = [("network", ["facebook", "x"][i as usize % 2]), ("age", "18-24")];
                Row {
                    segment: format!("été \"{i}\""),
                    attributes: known
                        .into_iter()
                        .take(i as usize % 3)
                        .map(|(name, value)| (name.to_owned(), value.to_owned()))
                        .collect(),
                    budget: 10.25 * x,
                    fixed_cost: if i > 6 { 1.5 } else { 0.0 },
                    per_day: x / 7.0,
                    last: (i % 2 == 0).then_some(x),
                    value: spread(x / 3.0),
                    actions: spread(x / 9.0),
                    impressions: (i > 2).then_some(1000.0 * x),
                    reach: None,
                    carbon_g: Some(0.1 * x),
                    marginal: 1.0 / (x + 1.0),
                    marginal_last: (i % 2 == 0).then_some(0.25),
                    at_limit: [
                        None,
                        Some(Limit::Max),
                        Some(Limit::Rule(RuleName::Own("max".to_owned()))),
                        Some(Limit::Rule(RuleName::Carbon)),
                    ][i as usize % 4]
                        .clone(),
                    extrapolates: i == 3,
                    prior_only: i == 5,
                    observed_spend: 4.0 * x,
                    ..Row::default()
                }
            })
            .collect()
    }

    fn again(columns: &Columns) -> Rows {
        serde_json::from_str(&serde_json::to_string(columns).unwrap()).unwrap()
    }

    #[test]
    fn columns_hold_every_figure_of_a_row() {
        let rows = rows();
        let read = again(&Columns::of(&rows));
        assert_eq!(read.len(), rows.len());
        assert_eq!(read.in_turn().map(Cow::into_owned).collect::<Vec<_>>(), rows);
        assert_eq!(*read, rows);
        assert_eq!(read.first(2), &rows[..2]);
        // What was read is written as it was.
        let json = |rows: &Rows| serde_json::to_value(rows).unwrap();
        assert_eq!(json(&read), serde_json::to_value(Columns::of(&rows)).unwrap());
        assert_eq!(json(&rows.clone().into()), serde_json::to_value(&rows).unwrap());
    }

    #[test]
    fn a_column_that_says_nothing_is_absent() {
        let rows: Vec<Row> = ["a", "b"]
            .map(|id| Row {
                segment: id.to_owned(),
                budget: 2.0,
                value: Range::certain(3.0),
                actions: Range::certain(3.0),
                ..Row::default()
            })
            .to_vec();
        let json = serde_json::to_value(Columns::of(&rows)).unwrap();
        let names: Vec<&String> = json.as_object().unwrap().keys().collect();
        assert_eq!(names, ["budget", "segment", "value.mean"]);
        assert_eq!(*again(&Columns::of(&rows)), rows);
    }

    #[test]
    fn many_rows_are_written_in_columns_and_few_are_not() {
        let many = |n: usize| -> Rows {
            (0..n).map(|i| Row { segment: i.to_string(), budget: 1.0, ..Row::default() }).collect()
        };
        let is_in_columns = |n| serde_json::to_value(many(n)).unwrap().is_object();
        assert!(is_in_columns(ROWS_IN_FULL + 1) && !is_in_columns(ROWS_IN_FULL));
    }

    #[test]
    fn columns_of_different_lengths_are_refused_by_name() {
        let text = r#"{"segment": ["a", "b"], "budget": [1, 2], "marginal": [1]}"#;
        let error = serde_json::from_str::<Rows>(text).unwrap_err().to_string();
        assert!(error.contains("`marginal`") && error.contains("1 rows"), "{error}");
        assert!(serde_json::from_str::<Rows>(r#"{"segment": ["a"]}"#).is_err());
    }

    #[test]
    fn a_change_to_a_row_of_columns_is_kept() {
        let mut read = again(&Columns::of(&rows()));
        read[3].budget = 77.0;
        assert_eq!((read.len(), read[3].budget), (12, 77.0));
        assert_eq!(serde_json::to_value(&read).unwrap()[3]["budget"], 77.0);
    }
}
