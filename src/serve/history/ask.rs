//! A question as the address holds it, and the form that asks it again.

use axum::http::StatusCode;
use axum::response::Html;
use jiff::civil::Date;

use crate::history::{Filter, History, HistoryError, Measure};
use crate::language::Explain;
use crate::segment::Attribute;
use crate::serve::answer::{Answer, Trouble, work};
use crate::serve::desk::{Desk, Shared};
use crate::serve::room::Room;
use crate::units::Currency;

/// Attributes that have boxes to tick.
const TICKED: [Attribute; 3] = [Attribute::Network, Attribute::Profile, Attribute::Format];
/// Values of one attribute that have boxes; more are asked for by a condition.
const BOXES: usize = 40;
/// Lines of an answer, unless somebody asks for another number; and at most.
const LINES: (usize, usize) = (50, 2_000);

/// What an address asks.
#[derive(Debug)]
pub(super) struct Ask {
    pairs: Vec<(String, String)>,
    /// Conditions.
    pub(super) filter: Filter,
    /// First day.
    pub(super) from: Option<Date>,
    /// Last day.
    pub(super) to: Option<Date>,
    /// The one currency.
    pub(super) currency: Option<Currency>,
    /// Lines of the answer.
    pub(super) lines: usize,
}

/// The form that asks again, filled as it was asked.
pub(super) struct Form {
    /// Attributes with their values: name of the field, its words, what may be ticked.
    pub(super) ticked: Vec<Ticked>,
    /// Words in a name, conditions, first and last day, currency, lines.
    pub(super) text: String,
    pub(super) conditions: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) currency: String,
    pub(super) lines: usize,
    /// The address's question, for the other pages.
    pub(super) query: String,
}

/// An attribute with boxes to tick.
pub(super) struct Ticked {
    pub(super) name: &'static str,
    pub(super) words: String,
    /// Value, whether it is ticked.
    pub(super) values: Vec<(String, bool)>,
}

/// A choice in a form: what it sends, its words, whether it is chosen.
pub(super) struct Choice {
    pub(super) value: &'static str,
    pub(super) words: String,
    pub(super) is_chosen: bool,
}

impl Ask {
    /// Reads an address.
    pub(super) fn of(pairs: Vec<(String, String)>, room: &Room) -> Answer<Self> {
        let language = room.language;
        let first = |name: &str| {
            let found = pairs.iter().find(|(own, _)| own == name);
            found.map(|(_, text)| text.trim()).filter(|text| !text.is_empty())
        };
        let wrong = |name: &str, found: &str| {
            let field = room.text(&format!("serve-ask-{name}"));
            Trouble::bad(
                room,
                &language.say("serve-ask-wrong", &[("field", &field), ("found", found)]),
            )
        };
        let day = |name: &str| {
            first(name).map(|text| text.parse().map_err(|_| wrong(name, text))).transpose()
        };
        let currency = first("currency")
            .map(|code| code.to_uppercase().parse().map_err(|_| wrong("currency", code)));
        let (from, to, currency) = (day("from")?, day("to")?, currency.transpose()?);
        let lines = first("lines").map(|text| text.parse().map_err(|_| wrong("lines", text)));
        let lines = lines.transpose()?.unwrap_or(LINES.0).clamp(1, LINES.1);
        let written: Filter = first("where").unwrap_or_default().parse().map_err(|error| {
            let error: crate::history::FilterError = error;
            Trouble::bad(room, &error.explain(language))
        })?;
        let filter = written.named(first("text").unwrap_or_default());
        let filter = TICKED
            .into_iter()
            .fold(filter, |filter, own| filter.any_of(own, &all(&pairs, own.column())));
        Ok(Self { pairs, filter, from, to, currency, lines })
    }

    /// What a field says; empty where it says nothing.
    pub(super) fn said(&self, name: &str) -> &str {
        self.pairs.iter().find(|(own, _)| own == name).map_or("", |(_, text)| text.trim())
    }

    /// All that a field says.
    pub(super) fn all(&self, name: &str) -> Vec<String> {
        all(&self.pairs, name)
    }

    /// The measure that a field names, or the usual one.
    pub(super) fn measure(&self, name: &str, usual: Measure, room: &Room) -> Answer<Measure> {
        match self.said(name) {
            "" => Ok(usual),
            said => said.parse().map_err(|error: crate::history::FilterError| {
                Trouble::bad(room, &error.explain(room.language))
            }),
        }
    }

    /// The form, filled as this was asked.
    pub(super) fn form(&self, history: &History, query: &str) -> Result<Form, HistoryError> {
        let ticked = TICKED.into_iter().map(|own| self.ticked(own, history));
        let ticked = ticked.collect::<Result<Vec<_>, _>>()?;
        let told = |name: &str| self.said(name).to_owned();
        Ok(Form {
            // Of a single value there is nothing to choose.
            ticked: ticked.into_iter().filter(|own| own.values.len() > 1).collect(),
            text: told("text"),
            conditions: told("where"),
            from: told("from"),
            to: told("to"),
            currency: told("currency"),
            lines: self.lines,
            query: query.to_owned(),
        })
    }

    fn ticked(&self, own: Attribute, history: &History) -> Result<Ticked, HistoryError> {
        let asked = self.all(own.column());
        let mut values = history.values(own)?;
        values.truncate(BOXES);
        // What is asked for keeps its box, known or not.
        values.extend(
            asked.iter().filter(|value| !values.contains(value)).cloned().collect::<Vec<_>>(),
        );
        let values = values.into_iter().map(|value| (value.clone(), asked.contains(&value)));
        Ok(Ticked {
            name: own.column(),
            words: format!("history-column-{}", own.column()),
            values: values.collect(),
        })
    }
}

fn all(pairs: &[(String, String)], name: &str) -> Vec<String> {
    let own = pairs.iter().filter(|(own, text)| own == name && !text.trim().is_empty());
    own.map(|(_, text)| text.trim().to_owned()).collect()
}

/// Measures to choose from.
pub(super) fn measures(among: &[Measure], chosen: Measure, room: &Room) -> Vec<Choice> {
    let choice = |own: &Measure| Choice {
        value: own.name(),
        words: room.text(&format!("history-column-{}", own.name())),
        is_chosen: *own == chosen,
    };
    among.iter().map(choice).collect()
}

/// A question, whom it is asked, and the form to ask it again.
pub(super) struct Asked {
    pub(super) ask: Ask,
    pub(super) history: History,
    pub(super) form: Form,
}

impl Asked {
    /// Reads an address, and opens the history of the folder.
    fn of(desk: &Desk, pairs: Vec<(String, String)>, query: &str) -> Answer<Self> {
        let room = desk.room();
        let bad = |error: HistoryError| Trouble::of(&room, &error);
        let ask = Ask::of(pairs, &room)?;
        let lacks = || Trouble::told(StatusCode::NOT_FOUND, &room, "serve-ask-empty");
        let history = desk.history().ok_or_else(lacks)?.map_err(bad)?;
        let form = ask.form(&history, query).map_err(bad)?;
        Ok(Self { ask, history, form })
    }
}

/// Answers an address with a page.
pub(super) async fn answered(
    desk: Shared,
    pairs: Vec<(String, String)>,
    query: Option<String>,
    page: fn(&Desk, Asked) -> Answer<Html<String>>,
) -> Answer<Html<String>> {
    let room = desk.room();
    work(&room, move || page(&desk, Asked::of(&desk, pairs, &query.unwrap_or_default())?)).await
}
