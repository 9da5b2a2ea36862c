//! The page of the form.

use askama::Template;
use axum::response::Html;

use super::faults::Faults;
use super::field::{BY, Below, CAP, Field, Kind, PARTS, WHERE};
use super::known::Known;
use super::values::{Values, is_same};
use crate::report::formatter::Formatter;
use crate::serve::answer::{Answer, page as rendered};
use crate::serve::room::Room;

/// What the page shows.
pub(super) struct Shown<'a> {
    /// The campaign's identifier.
    pub(super) id: &'a str,
    /// The name of its file.
    pub(super) name: String,
    /// What the fields hold.
    pub(super) values: Values,
    /// What the file says in them, where somebody has changed it meanwhile.
    pub(super) theirs: Option<Values>,
    /// What may be chosen.
    pub(super) known: Known,
    /// What is wrong.
    pub(super) faults: Faults,
    /// Digest of the file when the form was made.
    pub(super) seen: String,
}

#[derive(Template)]
#[template(path = "form.html", config = "src/serve/askama.toml")]
struct Page<'a> {
    room: &'a Room,
    title: String,
    shown: &'a Shown<'a>,
    parts: Vec<Part>,
    /// Every fault, with the field that it stands at.
    errors: Vec<(String, String)>,
}

/// A part of the form.
struct Part {
    title: String,
    inputs: Vec<Input>,
    groups: Vec<Group>,
}

/// A field.
struct Input {
    id: String,
    name: String,
    words: String,
    hint: String,
    value: String,
    is_day: bool,
    is_required: bool,
    /// Values to choose from, each with its words.
    choices: Option<Vec<(String, String)>>,
    told: Vec<String>,
}

/// Boxes for the values of an attribute.
struct Group {
    id: String,
    name: String,
    words: String,
    boxes: Vec<(String, String, bool)>,
    told: Vec<String>,
}

struct Asked<'a> {
    shown: &'a Shown<'a>,
    room: &'a Room,
    formatter: Formatter,
}

/// The page.
pub(super) fn page(shown: &Shown<'_>, room: &Room) -> Answer<Html<String>> {
    let asked = Asked { shown, room, formatter: Formatter::plain(room.language) };
    let parts: Vec<Part> = PARTS.iter().map(|part| asked.part(part)).collect();
    let errors = parts.iter().flat_map(Part::errors).collect();
    let title = shown.name.clone();
    rendered(&Page { room, title, shown, parts, errors }, room)
}

impl Part {
    fn errors(&self) -> Vec<(String, String)> {
        let inputs = self.inputs.iter().map(|input| (&input.id, &input.words, &input.told));
        let groups = self.groups.iter().map(|group| (&group.id, &group.words, &group.told));
        let all = inputs.chain(groups).flat_map(|(id, words, told)| {
            told.iter().map(move |fault| (id.clone(), format!("{words} – {fault}")))
        });
        all.collect()
    }
}

impl Asked<'_> {
    fn part(&self, (title, below, fields): &(&'static str, Below, &[Field])) -> Part {
        let mut inputs: Vec<Input> = fields.iter().map(|field| self.input(field)).collect();
        if *below == Below::Networks {
            inputs.extend(self.networks().iter().map(|network| self.cap(network)));
        }
        let by: &[&str] = if *below == Below::Audiences { &BY } else { &[] };
        let groups = by.iter().filter_map(|attribute| self.group(attribute)).collect();
        Part { title: self.room.text(title), inputs, groups }
    }

    fn value(&self, name: &str) -> String {
        let held = self.shown.values.get(name).and_then(|held| held.first());
        held.cloned().unwrap_or_default()
    }

    /// What is wrong with a field, and what somebody else has written there.
    fn told(&self, name: &str) -> Vec<String> {
        let mut told = self.shown.faults.at.get(name).cloned().unwrap_or_default();
        let theirs = self.shown.theirs.as_ref();
        if let Some(theirs) = theirs.filter(|theirs| !is_same(name, theirs, &self.shown.values)) {
            let held = theirs.get(name).map_or_else(|| "–".to_owned(), |held| held.join(", "));
            told.push(self.room.language.say("serve-form-there", &[("value", &held)]));
        }
        told
    }

    fn input(&self, field: &Field) -> Input {
        let value = self.value(field.key);
        let choices = match field.kind {
            Kind::Choice(choices) => Some(self.choices(choices, &value)),
            _ => None,
        };
        Input {
            id: field.id(),
            name: field.key.to_owned(),
            words: self.room.text(field.words),
            hint: self.room.text(&field.hint()),
            value,
            is_day: matches!(field.kind, Kind::Day),
            is_required: field.is_required,
            choices,
            told: self.told(field.key),
        }
    }

    /// The choices in words; what the file says otherwise is one more.
    fn choices(&self, choices: &[(&str, &str)], value: &str) -> Vec<(String, String)> {
        let word = |(value, words): &(&str, &str)| ((*value).to_owned(), self.room.text(words));
        let mut all: Vec<(String, String)> = choices.iter().map(word).collect();
        if !value.is_empty() && all.iter().all(|(own, _)| own != value) {
            all.push((value.to_owned(), value.to_owned()));
        }
        all
    }

    fn networks(&self) -> Vec<String> {
        let mut networks: Vec<String> =
            self.shown.known.get("network").into_iter().flatten().cloned().collect();
        let capped = self.shown.values.keys().filter_map(|name| name.strip_prefix(CAP));
        let new: Vec<&str> =
            capped.filter(|own| networks.iter().all(|network| network != own)).collect();
        networks.extend(new.into_iter().map(str::to_owned));
        networks
    }

    fn cap(&self, network: &str) -> Input {
        let name = format!("{CAP}{network}");
        let words = self.formatter.network(network);
        Input {
            id: format!("f-{name}"),
            words: self.room.language.say("serve-play-cap", &[("network", &words)]),
            hint: self.room.text("serve-field-cap"),
            value: self.value(&name),
            is_day: false,
            is_required: false,
            choices: None,
            told: self.told(&name),
            name,
        }
    }

    fn group(&self, attribute: &str) -> Option<Group> {
        let name = format!("{WHERE}{attribute}");
        let held = self.shown.values.get(&name).cloned().unwrap_or_default();
        let known = self.shown.known.get(attribute).into_iter().flatten();
        let written = held.iter().filter(|own| {
            !self.shown.known.get(attribute).is_some_and(|known| known.contains(*own))
        });
        let boxes: Vec<(String, String, bool)> = written
            .chain(known)
            .map(|own| (own.clone(), self.formatter.value(attribute, own), held.contains(own)))
            .collect();
        let words = self.formatter.keyed("report-column", attribute);
        let told = self.told(&name);
        let id = format!("f-{name}");
        (!boxes.is_empty()).then_some(Group { id, name, words, boxes, told })
    }
}
