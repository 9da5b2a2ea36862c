//! Attributes that planners write into names: `Rentrée | REG-76 | 18-24 | video`.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use regex_lite::Regex;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::ingest::value::values::Vocabulary;
use crate::segment::Attribute;

/// Patterns for the names of campaigns, ad sets and ads, as a map file writes them.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NamesFile {
    #[serde(default)]
    campaign: OneOrMore,
    #[serde(default)]
    ad_set: OneOrMore,
    #[serde(default)]
    ad: OneOrMore,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl Default for OneOrMore {
    fn default() -> Self {
        Self::More(Vec::new())
    }
}

impl OneOrMore {
    fn all(&self) -> &[String] {
        match self {
            Self::One(pattern) => std::slice::from_ref(pattern),
            Self::More(patterns) => patterns,
        }
    }
}

/// Checked patterns, tried in order; the first that fits a name speaks for it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    patterns: Vec<(Attribute, Vec<Pattern>)>,
}

#[derive(Debug, Clone)]
struct Pattern {
    regex: Regex,
    attributes: Vec<Attribute>,
}

impl Names {
    pub(crate) fn new(file: &NamesFile) -> Result<Self, String> {
        let sources = [
            (Attribute::AdSet, file.ad_set.all()),
            (Attribute::Ad, file.ad.all()),
            (Attribute::Campaign, file.campaign.all()),
        ];
        let mut patterns = Vec::new();
        for (attribute, texts) in sources {
            if !texts.is_empty() {
                let list = texts.iter().map(|t| Pattern::new(t)).collect::<Result<_, _>>()?;
                patterns.push((attribute, list));
            }
        }
        Ok(Self { patterns })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }
}

impl Pattern {
    /// `{topic} | {age}` with spaces around separators as they come; or, between slashes, a
    /// regular expression with groups named after attributes.
    fn new(text: &str) -> Result<Self, String> {
        let source = match text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')) {
            Some(regex) => regex.to_owned(),
            None => template(text)?,
        };
        let regex = Regex::new(&source).map_err(|e| format!("names: `{text}`: {e}"))?;
        let attributes = regex
            .capture_names()
            .flatten()
            .map(|name| name.parse::<Attribute>().map_err(|e| format!("names: {e}")))
            .collect::<Result<Vec<_>, _>>()?;
        if attributes.is_empty() {
            return Err(format!("names: `{text}` names no attribute, such as `{{age}}`"));
        }
        Ok(Self { regex, attributes })
    }

    /// The attributes of a name; `None` when it does not fit or a value is not of its kind.
    fn read(&self, name: &str, vocabulary: &Vocabulary) -> Option<Vec<(Attribute, Box<str>)>> {
        let captures = self.regex.captures(name)?;
        let mut values = Vec::new();
        for attribute in &self.attributes {
            let Some(value) = captures.name(attribute.column()) else { continue };
            let text = value.as_str().trim();
            if text.is_empty() || matches!(text, "-" | "–" | "*") {
                continue;
            }
            values.push((*attribute, vocabulary.normal(*attribute, text).ok()?.into()));
        }
        Some(values)
    }
}

/// The regular expression of a template: whole name, each place as little as it can.
fn template(text: &str) -> Result<String, String> {
    let mut regex = String::from("^\\s*");
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) =
            after.split_once('}').ok_or_else(|| format!("names: `{text}`: `{{` without `}}`"))?;
        literal(before, &mut regex);
        match name.trim() {
            "" | "_" => regex.push_str(".*?"),
            name => {
                let attribute: Attribute = name.parse().map_err(|e| format!("names: {e}"))?;
                regex.extend(["(?P<", attribute.column(), ">.*?)"]);
            }
        }
        rest = after;
    }
    literal(rest, &mut regex);
    regex.push_str("\\s*$");
    Ok(regex)
}

/// Text that stands for itself; spaces are as wide as people made them.
fn literal(text: &str, regex: &mut String) {
    let mut was_space = false;
    for letter in text.chars() {
        if letter.is_whitespace() {
            if !was_space {
                regex.push_str("\\s*");
            }
        } else {
            if letter.is_ascii_punctuation() {
                regex.push('\\');
            }
            regex.push(letter);
        }
        was_space = letter.is_whitespace();
    }
}

/// What a name says.
type Values = Vec<(Attribute, Box<str>)>;

/// Names already read: a file repeats few names many times.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    known: HashMap<(Attribute, Box<str>), Option<Values>>,
}

/// Names remembered at most; beyond, they are read anew.
const MOST_KNOWN: usize = 100_000;

impl Reader {
    /// Fills attributes that no column gave. Says whether some pattern fitted, or which name
    /// none did.
    pub(crate) fn fill(
        &mut self,
        names: &Names,
        vocabulary: &Vocabulary,
        attributes: &mut [Option<Box<str>>; Attribute::COUNT],
    ) -> Result<(), Box<str>> {
        let mut unfit = None;
        let mut fitted = false;
        for (source, patterns) in &names.patterns {
            let Some(name) = attributes[source.index()].clone() else { continue };
            match self.read((*source, name), patterns, vocabulary) {
                Ok(values) => {
                    fitted = true;
                    for (attribute, value) in values {
                        let slot = &mut attributes[attribute.index()];
                        if slot.is_none() {
                            *slot = Some(value);
                        }
                    }
                }
                Err(name) => unfit = Some(name),
            }
        }
        match unfit {
            Some(name) if !fitted => Err(name),
            _ => Ok(()),
        }
    }

    fn read(
        &mut self,
        key: (Attribute, Box<str>),
        patterns: &[Pattern],
        vocabulary: &Vocabulary,
    ) -> Result<Vec<(Attribute, Box<str>)>, Box<str>> {
        if self.known.len() >= MOST_KNOWN {
            self.known.clear();
        }
        let name = key.1.clone();
        let values = match self.known.entry(key) {
            Entry::Occupied(entry) => entry.get().clone(),
            Entry::Vacant(entry) => {
                let read = |pattern: &Pattern| pattern.read(&name, vocabulary);
                entry.insert(patterns.iter().find_map(read)).clone()
            }
        };
        values.ok_or(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::Reference;

    fn filled(pattern: &str, name: &str) -> Option<Vec<(Attribute, String)>> {
        let file: NamesFile = toml::from_str(&format!("ad_set = '{pattern}'")).unwrap();
        let names = Names::new(&file).unwrap();
        let vocabulary = Vocabulary::load(&Reference::default()).unwrap();
        let mut attributes: [Option<Box<str>>; Attribute::COUNT] = Default::default();
        attributes[Attribute::AdSet.index()] = Some(name.into());
        Reader::default().fill(&names, &vocabulary, &mut attributes).ok()?;
        let values = Attribute::ALL.into_iter().filter(|a| *a != Attribute::AdSet);
        Some(
            values
                .filter_map(|a| Some((a, attributes[a.index()].as_deref()?.to_owned())))
                .collect(),
        )
    }

    #[test]
    fn a_template_reads_what_planners_write() {
        let pattern = "{topic} | {territory} | {age} | {format}";
        let expected = vec![
            (Attribute::Age, "18-24".to_owned()),
            (Attribute::Territory, "REG-76".to_owned()),
            (Attribute::Format, "video".to_owned()),
            (Attribute::Topic, "Rentrée".to_owned()),
        ];
        for name in ["Rentrée | REG-76 | 18-24 | video", "Rentrée|REG-76 |18–24|  Reels "] {
            assert_eq!(filled(pattern, name), Some(expected.clone()), "{name}");
        }
        assert_eq!(filled(pattern, "Remarketing été"), None);
        assert_eq!(filled(pattern, "Rentrée | REG-76 | jeunes | video"), None, "not an age");
    }

    #[test]
    fn a_regular_expression_has_groups_named_after_attributes() {
        let found = filled("/^(?P<topic>\\w+)_(?P<age>\\d\\d-\\d\\d)/", "bourses_18-24_v2");
        let expected =
            vec![(Attribute::Age, "18-24".to_owned()), (Attribute::Topic, "bourses".to_owned())];
        assert_eq!(found, Some(expected));
    }

    #[test]
    fn a_pattern_without_attributes_is_refused() {
        for pattern in ["Rentrée", "{colour} | {age}", "{age"] {
            let file: NamesFile = toml::from_str(&format!("ad_set = '{pattern}'")).unwrap();
            assert!(Names::new(&file).is_err(), "{pattern}");
        }
    }
}
