//! What a file says in the fields of the form, and what it says once they were changed.

use std::collections::{BTreeMap, BTreeSet};

use toml_edit::{Array, DocumentMut, Item, TomlError, Value};

use super::caps;
use super::field::{BY, CAP, Field, Kind, WHERE, all};
use super::text::{at, set, unset};
use crate::serve::room::Room;

/// Fields by name, each with its values: one, or those of several boxes.
pub(super) type Values = BTreeMap<String, Vec<String>>;

/// Where the condition on an attribute stands.
pub(super) fn of_where(attribute: &str) -> String {
    format!("segments.where.{attribute}")
}

/// What a text says in the form's fields; fields that say nothing are absent.
pub(super) fn of_text(text: &str, room: &Room) -> Result<Values, TomlError> {
    let document: DocumentMut = text.parse()?;
    let item = |key: &str| at(document.as_table(), key).and_then(Item::as_value);
    let mut values = Values::new();
    for field in all() {
        if let Some(value) = item(field.key) {
            values.insert(field.key.to_owned(), vec![shown(value, field, room)]);
        }
    }
    for attribute in BY {
        if let Some(value) = item(&of_where(attribute)) {
            values.insert(format!("{WHERE}{attribute}"), texts(value));
        }
    }
    for (network, most) in caps::caps(&document) {
        values.insert(format!("{CAP}{network}"), vec![bare(&most)]);
    }
    Ok(values)
}

/// A value as its field shows it.
fn shown(value: &Value, field: &Field, room: &Room) -> String {
    let text = bare(value);
    match field.kind {
        Kind::Number if room.text("serve-form-point") == "," => text.replace('.', ","),
        _ => text,
    }
}

/// A text without its quotes, anything else as it is written.
fn bare(value: &Value) -> String {
    let mut plain = value.clone();
    plain.decor_mut().clear();
    value.as_str().map_or_else(|| plain.to_string(), str::to_owned)
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(array) => array.iter().map(bare).collect(),
        value => vec![bare(value)],
    }
}

/// What a form sent: every field with what it holds, boxes that are not ticked as none.
pub(super) fn of_form(pairs: &[(String, String)]) -> Values {
    let mut values = Values::new();
    for (name, value) in pairs.iter().filter(|(name, _)| name != "seen") {
        let held = values.entry(name.clone()).or_default();
        held.extend(Some(value.trim().to_owned()).filter(|value| !value.is_empty()));
    }
    values
}

/// Whether a field holds what it held.
pub(super) fn is_same(name: &str, before: &Values, after: &Values) -> bool {
    let of = |values: &Values| -> BTreeSet<String> {
        values.get(name).into_iter().flatten().map(|value| value.trim().to_owned()).collect()
    };
    of(before) == of(after)
}

/// The text with everything that was changed in the form; the rest of it is not touched.
pub(super) fn changed(text: &str, after: &Values, room: &Room) -> Result<String, TomlError> {
    let before = of_text(text, room)?;
    let mut text = text.to_owned();
    for name in after.keys().filter(|name| !is_same(name, &before, after)) {
        text = one(&text, name, &after[name], room)?;
    }
    Ok(text)
}

fn one(text: &str, name: &str, held: &[String], room: &Room) -> Result<String, TomlError> {
    let single = held.first().map(String::as_str).unwrap_or_default();
    if let Some(attribute) = name.strip_prefix(WHERE).filter(|name| BY.contains(name)) {
        let values: Array = held.iter().map(String::as_str).collect();
        let key = of_where(attribute);
        return if held.is_empty() { unset(text, &key) } else { set(text, &key, &values.into()) };
    }
    if let Some(network) = name.strip_prefix(CAP) {
        let rule = room.language.say("serve-play-cap-name", &[("network", network)]);
        return match single {
            "" => caps::uncap(text, network),
            most => caps::cap(text, network, money(most, text).into(), &rule),
        };
    }
    match all().find(|field| field.key == name) {
        None => Ok(text.to_owned()),
        Some(field) if single.is_empty() => unset(text, field.key),
        Some(field) => set(text, field.key, &written(single, field.kind, text)),
    }
}

/// What somebody typed, as the file has it; what is no such thing stays a text, and the file's
/// reader says so.
fn written(typed: &str, kind: Kind, text: &str) -> Value {
    match kind {
        Kind::Text => typed.into(),
        Kind::Money => money(typed, text).into(),
        // Also a list or table that the file has in place of a name.
        Kind::Choice(_) => typed.parse::<Value>().unwrap_or_else(|_| typed.into()),
        Kind::Day => match typed.parse::<toml_edit::Datetime>() {
            Ok(day) => day.into(),
            Err(_) => typed.into(),
        },
        Kind::Number => number(typed).unwrap_or_else(|| typed.into()),
    }
}

fn number(typed: &str) -> Option<Value> {
    let plain = typed.replace(',', ".");
    if let Some(hundredths) = plain.strip_suffix('%') {
        let share = hundredths.trim().parse::<f64>().ok()? / 100.0;
        return Some(share.into()).filter(|_| share.is_finite());
    }
    if let Ok(whole) = plain.parse::<i64>() {
        return Some(whole.into());
    }
    plain.parse::<f64>().ok().filter(|number| number.is_finite()).map(Value::from)
}

/// An amount with its currency: the budget's, where none was typed.
fn money(typed: &str, text: &str) -> String {
    let is_bare =
        |c: char| c.is_ascii_digit() || c.is_whitespace() || matches!(c, '.' | ',' | '\'');
    let budget = text.parse::<DocumentMut>().ok();
    let budget = budget.as_ref().and_then(|own| at(own.as_table(), "budget.amount")?.as_str());
    let currency = budget.map_or("EUR", |own| own.trim_matches(is_bare));
    let lacks = typed.chars().all(is_bare) && !currency.is_empty();
    if lacks { format!("{typed} {currency}") } else { typed.to_owned() }
}
