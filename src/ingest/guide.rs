//! Which export to make: for each network, where to click and which columns to tick.
//!
//! `data/guide/exports.toml` says what serves a plan, `data/guide/{en,fr}.toml` the clicks. The names
//! of columns come from the formats, in the language of whoever reads.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::columns::format::{Format, Meaning};
use super::columns::formats::Formats;
use super::error::IngestError;
use crate::language::Language;
use crate::reference::Reference;

/// What is told of every network, in one language.
#[derive(Debug, Clone)]
pub struct Guide {
    title: String,
    intro: Vec<String>,
    after: Vec<String>,
    networks: Vec<(Page, Vec<String>)>,
}

/// A column and its name in the export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Header {
    /// The name that relais has for it, such as `shares`.
    pub column: &'static str,
    /// The name to look for in the ads manager.
    pub header: String,
}

/// What a person is told of one network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page {
    /// What `relais guide` takes.
    pub name: String,
    /// The network and its ads manager.
    pub title: String,
    /// The export in one line.
    pub line: String,
    /// The export of the ads manager, then that of the network's own posts, where there is one.
    pub exports: Vec<Clicks>,
    /// What else to know.
    pub notes: Vec<String>,
}

/// The clicks to one export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Clicks {
    /// What it is, where it is not the export of the ads manager.
    pub title: Option<String>,
    /// The format that reads it.
    pub format: String,
    /// One after the other.
    pub steps: Vec<String>,
    /// The column that a breakdown by day adds.
    pub time: Header,
    /// The columns to tick.
    pub columns: Vec<Header>,
    /// Why some names are English.
    pub remark: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    network: Vec<NetworkFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NetworkFile {
    name: String,
    also: Vec<String>,
    ads: SoughtFile,
    posts: Option<SoughtFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SoughtFile {
    format: String,
    time: String,
    columns: Vec<String>,
    #[serde(default)]
    names: BTreeMap<String, BTreeMap<String, String>>,
}

/// The prose of one language.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    title: String,
    intro: Vec<String>,
    after: Vec<String>,
    network: BTreeMap<String, NetworkWords>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct NetworkWords {
    title: String,
    line: String,
    steps: Vec<String>,
    #[serde(default)]
    notes: Vec<String>,
    posts: Option<PostsWords>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct PostsWords {
    title: String,
    steps: Vec<String>,
}

/// The folder of the guide's files, for messages about them.
const FOLDER: &str = "guide";

impl Guide {
    /// Reads the guide of a language.
    ///
    /// # Errors
    ///
    /// [`IngestError`] when a file of `data/guide/` is missing or malformed, or names a format or a
    /// column that does not exist.
    pub fn load(
        reference: &Reference,
        formats: &Formats,
        language: Language,
    ) -> Result<Self, IngestError> {
        let wrong = |name: &str, message: String| IngestError::Format {
            name: format!("{FOLDER}/{name}"),
            message,
        };
        let file: File = toml::from_str(&reference.text("guide/exports.toml")?)
            .map_err(|error| wrong("exports.toml", error.to_string()))?;
        let name = format!("{}.toml", language.code());
        let mut words: Words = toml::from_str(&reference.text(&format!("{FOLDER}/{name}"))?)
            .map_err(|error| wrong(&name, error.to_string()))?;
        let mut networks = Vec::new();
        for network in file.network {
            let own = words.network.remove(&network.name);
            let own = own.ok_or_else(|| wrong(&name, format!("no [network.{}]", network.name)))?;
            let page = Page::new(&network, own, formats, language);
            networks.push((page.map_err(|message| wrong(&name, message))?, network.also));
        }
        Ok(Self { title: words.title, intro: words.intro, after: words.after, networks })
    }

    /// What the page as a whole is called.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What holds for every network, before and after its clicks.
    #[must_use]
    pub fn around(&self) -> (&[String], &[String]) {
        (&self.intro, &self.after)
    }

    /// Names that `relais guide` takes, those of one network beside each other, its own first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.networks
            .iter()
            .flat_map(|(page, also)| std::iter::once(&page.name).chain(also))
            .map(String::as_str)
    }

    /// The page of a network, by any of its names.
    #[must_use]
    pub fn page(&self, name: &str) -> Option<&Page> {
        let asked = name.to_lowercase();
        let is_it =
            |(page, also): &&(Page, Vec<String>)| page.name == asked || also.contains(&asked);
        self.networks.iter().find(is_it).map(|(page, _)| page)
    }

    /// The pages of all networks.
    pub fn pages(&self) -> impl Iterator<Item = &Page> {
        self.networks.iter().map(|(page, _)| page)
    }

    /// The page of the network whose ads manager makes files of a format.
    pub(super) fn of_format(&self, format: &str) -> Option<&Page> {
        let own = |page: &&Page| {
            let ads = page.exports[0].format.as_str();
            ads == format || SAME.contains(&(format, ads))
        };
        self.pages().find(own)
    }
}

/// Formats of one ads manager in several vintages: the older one and that of the guide.
const SAME: [(&str, &str); 1] = [("linkedin-ads", "linkedin-ads-2026")];

impl Page {
    fn new(
        network: &NetworkFile,
        words: NetworkWords,
        formats: &Formats,
        language: Language,
    ) -> Result<Self, String> {
        let ads = Sought::new(&network.ads, formats, language)?;
        let mut exports = vec![ads.clicks(None, &words.steps)?];
        match (&network.posts, words.posts) {
            (Some(posts), Some(words)) => {
                let posts = Sought::new(posts, formats, language)?;
                exports.push(posts.clicks(Some(words.title), &words.steps)?);
            }
            (None, None) => {}
            _ => return Err(format!("posts of `{}` on one side only", network.name)),
        }
        Ok(Self {
            name: network.name.clone(),
            title: words.title,
            line: ads.filled(&words.line)?,
            exports,
            notes: ads.all_filled(&words.notes)?,
        })
    }
}

/// An export as it should be made, and the words for it.
struct Sought<'a> {
    file: &'a SoughtFile,
    formats: &'a Formats,
    language: Language,
    time: Header,
    columns: Vec<Header>,
    remark: Option<String>,
}

impl<'a> Sought<'a> {
    fn new(file: &'a SoughtFile, formats: &'a Formats, language: Language) -> Result<Self, String> {
        let format =
            formats.named(&file.format).map_err(|_| format!("format `{}`", file.format))?;
        let meanings: Vec<Meaning> = std::iter::once(&file.time)
            .chain(&file.columns)
            .map(|name| name.parse())
            .collect::<Result<_, String>>()?;
        let named = |meaning: Meaning, language: &str| file.named(format, meaning, language);
        let known = meanings.iter().filter(|own| named(**own, language.code()).is_some()).count();
        // A list of which most is English is not a list in another language.
        let is_english = 2 * known <= meanings.len();
        let mut columns = Vec::new();
        let mut english = Vec::new();
        for meaning in meanings {
            let own = named(meaning, language.code()).filter(|_| !is_english);
            let header = own
                .clone()
                .or_else(|| named(meaning, "en"))
                .ok_or_else(|| format!("`{}` has no column `{}`", file.format, meaning.name()))?;
            if own.is_none() {
                english.push(language.say("checkup-header", &[("name", &header)]));
            }
            columns.push(Header { column: meaning.name(), header });
        }
        let remark = match (is_english, english.is_empty()) {
            (true, _) => Some(language.text("guide-all-english")),
            (false, true) => None,
            (false, false) => {
                Some(language.say("guide-some-english", &[("columns", &english.join(", "))]))
            }
        };
        let time = columns.remove(0);
        Ok(Self { file, formats, language, time, columns, remark })
    }

    fn clicks(&self, title: Option<String>, steps: &[String]) -> Result<Clicks, String> {
        Ok(Clicks {
            title,
            format: self.file.format.clone(),
            steps: self.all_filled(steps)?,
            time: self.time.clone(),
            columns: self.columns.clone(),
            remark: self.remark.clone(),
        })
    }

    fn all_filled(&self, texts: &[String]) -> Result<Vec<String>, String> {
        texts.iter().map(|text| self.filled(text)).collect()
    }

    /// A sentence with the names of columns in the place of `{shares}`, and of another format's in
    /// that of `{linkedin-ads.campaign}`.
    fn filled(&self, text: &str) -> Result<String, String> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or_else(|| format!("`{text}`"))?;
            filled.push_str(before);
            filled.push_str(&self.header(name).ok_or_else(|| format!("no column `{name}`"))?);
            rest = after;
        }
        Ok(filled + rest)
    }

    fn header(&self, name: &str) -> Option<String> {
        if let Some((format, column)) = name.split_once('.') {
            let (format, column) = (self.formats.named(format).ok()?, column.parse().ok()?);
            let own = format.header(column, self.language.code());
            return own.or_else(|| format.header(column, "en")).map(str::to_owned);
        }
        let mut all = self.columns.iter();
        let own = if name == "time" { Some(&self.time) } else { all.find(|h| h.column == name) };
        own.map(|own| own.header.clone())
    }
}

impl SoughtFile {
    /// The name of a column in a language: the guide's own spelling, or the format's first.
    fn named(&self, format: &Format, meaning: Meaning, language: &str) -> Option<String> {
        let own = self.names.get(language).and_then(|names| names.get(meaning.name()));
        own.cloned().or_else(|| format.header(meaning, language).map(str::to_owned))
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::*;
    use crate::ingest::formats;
    use crate::ingest::report::Role;

    fn guides() -> [(Language, Guide, Formats); 2] {
        [Language::En, Language::Fr].map(|language| {
            let reference = Reference::default();
            let formats = formats(&reference).unwrap();
            let guide = Guide::load(&reference, &formats, language).unwrap();
            (language, guide, formats)
        })
    }

    /// A value that its column may hold.
    fn value(column: &str) -> &'static str {
        match column {
            "day" | "start" => "2026-11-02",
            "currency" => "EUR",
            "spend" => "12.50",
            "campaign" => "Inscriptions",
            "ad_set" => "18-24 Toulouse",
            "ad" => "Et après le bac",
            "ad_id" => "120210000000000001",
            "format" => "image",
            _ => "3",
        }
    }

    #[test]
    fn the_export_that_the_guide_asks_for_is_read_and_every_column_of_it_is_kept() {
        for (language, guide, formats) in guides() {
            for export in guide.pages().flat_map(|page| &page.exports) {
                let all: Vec<&Header> =
                    std::iter::once(&export.time).chain(&export.columns).collect();
                let line = |of: &dyn Fn(&Header) -> String| {
                    all.iter().map(|own| format!("\"{}\"", of(own))).collect::<Vec<_>>().join(",")
                };
                let header = line(&|own| own.header.clone());
                let cells = line(&|own| value(own.column).to_owned());
                let folder = tempfile::tempdir().unwrap();
                let path = folder.path().join("export.csv");
                std::fs::write(&path, format!("{header}\n{cells}\n")).unwrap();
                let report = formats
                    .read(&path, None, &mut |_| ControlFlow::Continue(()))
                    .unwrap_or_else(|error| panic!("{language:?} {}: {error}", export.format));
                assert_eq!(report.format, export.format, "{language:?} {header}");
                for (own, column) in all.iter().zip(&report.columns) {
                    let Role::Kept { name, .. } = &column.role else {
                        panic!("{language:?} {}: {column:?}", export.format);
                    };
                    assert_eq!(name, own.column, "{language:?} {}: {column:?}", export.format);
                }
                assert_eq!(report.rows_accepted(), 1, "{language:?} {}", export.format);
            }
        }
    }

    /// Words between quotation marks.
    fn quoted(text: &str) -> Vec<String> {
        let french = text.split('«').skip(1).filter_map(|rest| rest.split('»').next());
        french.map(str::trim).chain(text.split('"').skip(1).step_by(2)).map(str::to_owned).collect()
    }

    #[test]
    fn names_of_columns_within_sentences_come_from_the_formats_and_not_from_the_hand() {
        for (language, guide, formats) in guides() {
            let file = Reference::default();
            let file = file.text(&format!("guide/{}.toml", language.code())).unwrap();
            let words: Words = toml::from_str(&file).unwrap();
            for (name, words) in &words.network {
                let posts = words.posts.iter().flat_map(|posts| &posts.steps);
                let steps = words.steps.iter().chain(posts).chain(&words.notes);
                for text in steps.chain([&words.line]) {
                    for quoted in quoted(text) {
                        let headers = formats.known.iter().filter(|format| {
                            let of = guide.page(name).unwrap();
                            of.exports.iter().any(|export| export.format == format.name)
                        });
                        let is_header = headers.clone().any(|format| {
                            format.columns.iter().any(|column| {
                                let own = format.header(column.meaning, language.code());
                                own == Some(quoted.as_str())
                            })
                        });
                        assert!(!is_header, "{language:?} {name}: `{quoted}` is written by hand");
                    }
                }
            }
        }
    }

    #[test]
    fn a_column_that_no_format_has_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let reference = Reference::new(Some(folder.path().to_owned()));
        let shipped = Reference::default().text("guide/en.toml").unwrap();
        std::fs::create_dir(folder.path().join("guide")).unwrap();
        let broken = shipped.replacen("\"{shares}\"", "\"{shaers}\"", 1);
        std::fs::write(folder.path().join("guide/en.toml"), broken).unwrap();
        let formats = formats(&reference).unwrap();
        let error = Guide::load(&reference, &formats, Language::En).unwrap_err();
        assert!(error.to_string().contains("shaers"), "{error}");
    }

    #[test]
    fn every_network_is_found_by_each_of_its_names() {
        let (_, guide, _) = &guides()[1];
        let named = |name: &str| guide.page(name).map(|page| page.name.as_str());
        assert_eq!(named("Facebook"), Some("meta"));
        assert_eq!(named("instagram"), Some("meta"));
        assert_eq!(named("google"), Some("youtube"));
        assert_eq!(named("myspace"), None);
        assert!(guide.names().all(|name| named(name).is_some()));
    }
}
