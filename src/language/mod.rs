//! What the product says to people, in French and in English.
//!
//! Messages live in `data/lang/{fr,en}/*.ftl` (Fluent); every key exists in both languages (a
//! test says so). [`number`] writes numbers, money and dates as the language does, [`message`] keeps a
//! message with its values until somebody reads it.

#[cfg(test)]
pub(crate) mod heard;
pub mod message;
mod nearest;
pub mod number;
mod shell;
mod told;
mod unseen;

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource};
use include_dir::{Dir, include_dir};
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use self::nearest::{by_likeness, nearest};
pub(crate) use self::shell::quoted;
pub(crate) use self::told::line_and_column;
pub use self::unseen::{is_unseen, shortened};

static RESOURCES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/data/lang");

/// A language of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// French.
    Fr,
    /// English.
    En,
}

/// The text names no language of the product.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("found `{0}`, expected `fr` or `en`")]
pub struct UnknownLanguage(pub String);

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(text: &str) -> Result<Self, UnknownLanguage> {
        match text.to_ascii_lowercase().as_str() {
            "fr" => Ok(Self::Fr),
            "en" => Ok(Self::En),
            _ => Err(UnknownLanguage(text.to_owned())),
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An error that can tell itself to a person in either language.
pub trait Explain: std::error::Error {
    /// The message: what was found, what is allowed, and a hint where there is one.
    fn explain(&self, language: Language) -> String;
}

thread_local! {
    // Fluent bundles are not `Sync`; each thread reads its own copy of the same resources.
    static BUNDLES: RefCell<BTreeMap<&'static str, FluentBundle<FluentResource>>> =
        const { RefCell::new(BTreeMap::new()) };
}

impl Language {
    /// Both languages.
    pub const ALL: [Self; 2] = [Self::Fr, Self::En];

    /// `fr` or `en`: the code for `lang` attributes and flags.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
        }
    }

    /// The message of a key that has no arguments.
    #[must_use]
    pub fn text(self, key: &str) -> String {
        self.say(key, &[])
    }

    /// The message of a key that has no arguments; `None` where there is no such key.
    #[must_use]
    pub fn find(self, key: &str) -> Option<String> {
        self.find_with(key, &FluentArgs::new())
    }

    /// The message of a key, with arguments already written in this language
    /// (`lang.money(…)`, `lang.number(…)`).
    ///
    /// A key that does not exist comes back as itself in angle brackets: visible, never a panic.
    #[must_use]
    pub fn say(self, key: &str, arguments: &[(&str, &str)]) -> String {
        self.format(key, &fluent_arguments(arguments))
    }

    /// The message of a key whose wording depends on a count (`{ $n -> [one] … }`); the count is
    /// the argument `n`, written in this language as `n-text`.
    #[must_use]
    pub fn count(self, key: &str, n: u64, arguments: &[(&str, &str)]) -> String {
        let mut args = fluent_arguments(arguments);
        args.set("n", n);
        args.set("n-text", self.number(n as f64, 0));
        self.format(key, &args)
    }

    fn format(self, key: &str, args: &FluentArgs<'_>) -> String {
        self.find_with(key, args).unwrap_or_else(|| format!("⟨{key}⟩"))
    }

    fn find_with(self, key: &str, args: &FluentArgs<'_>) -> Option<String> {
        BUNDLES.with_borrow_mut(|bundles| {
            let bundle = bundles.entry(self.code()).or_insert_with(|| bundle(self));
            let pattern = bundle.get_message(key).and_then(|message| message.value())?;
            let text = bundle.format_pattern(pattern, Some(args), &mut Vec::new()).into_owned();
            #[cfg(test)]
            heard::note(self, key, args, &text);
            Some(text)
        })
    }
}

/// A text with a capital in front, as a sentence begins.
#[must_use]
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn bundle(language: Language) -> FluentBundle<FluentResource> {
    let id = language.code().parse().expect("`fr` and `en` are language identifiers");
    let mut bundle = FluentBundle::new(vec![id]);
    // Isolation marks would show up as stray characters in workbooks and charts.
    bundle.set_use_isolating(false);
    for (_, text) in resources(language) {
        let resource =
            FluentResource::try_new(text.to_owned()).unwrap_or_else(|(resource, _)| resource);
        bundle.add_resource_overriding(resource);
    }
    bundle
}

/// The message files of a language: name and text, sorted by name.
fn resources(language: Language) -> Vec<(String, &'static str)> {
    let folder = RESOURCES.get_dir(language.code());
    let mut files: Vec<(String, &'static str)> = folder
        .into_iter()
        .flat_map(Dir::files)
        .filter_map(|file| Some((file.path().display().to_string(), file.contents_utf8()?)))
        .collect();
    files.sort();
    files
}

/// The values of a message. A name of ten thousand characters would bury the sentence that it stands
/// in, so none of their lines is longer than [`shortened`] lets it be.
fn fluent_arguments<'a>(arguments: &[(&'a str, &'a str)]) -> FluentArgs<'a> {
    let mut args = FluentArgs::new();
    for (name, value) in arguments {
        match shortened(value) {
            Cow::Borrowed(value) => args.set(*name, value),
            Cow::Owned(value) => args.set(*name, value),
        }
    }
    args
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn keys(language: Language) -> BTreeSet<String> {
        let mut keys = BTreeSet::new();
        for (name, text) in resources(language) {
            let parsed = FluentResource::try_new(text.to_owned());
            let resource = parsed.unwrap_or_else(|(_, errors)| panic!("{name}: {errors:?}"));
            for entry in resource.entries() {
                if let fluent_syntax::ast::Entry::Message(message) = entry {
                    let key = message.id.name.to_owned();
                    assert!(keys.insert(key.clone()), "{name}: `{key}` is there twice");
                }
            }
        }
        keys
    }

    #[test]
    fn every_message_exists_in_both_languages() {
        let (fr, en) = (keys(Language::Fr), keys(Language::En));
        let lacking: Vec<_> = fr.symmetric_difference(&en).collect();
        assert!(lacking.is_empty(), "keys in one language only: {lacking:?}");
        assert!(!fr.is_empty());
    }

    #[test]
    fn every_finding_has_a_name() {
        let all = keys(Language::Fr);
        let of = |start: &str| -> BTreeSet<&str> {
            all.iter().filter_map(|key| key.strip_prefix(start)).collect()
        };
        assert_eq!(of("finding-"), of("named-"));
    }

    #[test]
    fn a_key_that_is_missing_is_visible() {
        assert_eq!(Language::Fr.text("no-such-key"), "⟨no-such-key⟩");
        assert_eq!(Language::Fr.find("no-such-key"), None);
    }

    /// Before a name that begins with a vowel, `de`, `que` or an article would need another form:
    /// such a sentence is built so that none stands there.
    #[test]
    fn no_french_sentence_puts_a_small_word_before_a_name() {
        let names = ["network", "networks", "segment", "segments", "company", "audience", "law"];
        let small = ["de", "du", "des", "que", "le", "la", "au", "jusque", "si"];
        for (file, text) in resources(Language::Fr) {
            for (i, line) in text.lines().enumerate() {
                for (at, _) in line.match_indices('{') {
                    let variable = line[at + 1..].trim_start().strip_prefix('$').unwrap_or("");
                    let end = variable.find(|c: char| !c.is_ascii_alphanumeric() && c != '-');
                    let variable = &variable[..end.unwrap_or(variable.len())];
                    let before = line[..at].trim_end().rsplit([' ', '\u{a0}', '’']).next();
                    let stands = before.is_some_and(|word| small.contains(&word));
                    let bad = names.contains(&variable) && stands;
                    assert!(!bad, "{file}, line {}: {line}", i + 1);
                }
            }
        }
    }
}
