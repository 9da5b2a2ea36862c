//! At most so much on a network: groups of a campaign file that say just that.

use std::collections::BTreeMap;
use std::ops::Range;

use toml_edit::{Document, DocumentMut, InlineTable, Item, TableLike, TomlError, Value};

use super::text::{aside, at};
use crate::serve::play::change::{add, put, whom};

/// Where they stand.
const GROUPS: &str = "limits.group";

/// The network that a rule caps and does nothing else.
fn network(rule: &dyn TableLike) -> Option<&str> {
    let is_cap = rule.iter().all(|(key, _)| matches!(key, "name" | "where" | "max"));
    let whom = rule.get("where")?.as_table_like()?;
    if !is_cap || !rule.contains_key("max") || whom.len() != 1 {
        return None;
    }
    match whom.get("network")?.as_value()? {
        Value::String(name) => Some(name.value()),
        Value::Array(names) if names.len() == 1 => names.get(0)?.as_str(),
        _ => None,
    }
}

/// The rules of a list, however it is written.
fn rules(groups: &Item) -> Vec<&dyn TableLike> {
    match groups {
        Item::ArrayOfTables(tables) => tables.iter().map(|own| own as &dyn TableLike).collect(),
        Item::Value(Value::Array(array)) => {
            array.iter().filter_map(Value::as_inline_table).map(|own| own as _).collect()
        }
        _ => Vec::new(),
    }
}

fn rules_mut(groups: &mut Item) -> Vec<&mut dyn TableLike> {
    match groups {
        Item::ArrayOfTables(tables) => tables.iter_mut().map(|own| own as _).collect(),
        Item::Value(Value::Array(array)) => {
            array.iter_mut().filter_map(Value::as_inline_table_mut).map(|own| own as _).collect()
        }
        _ => Vec::new(),
    }
}

/// The caps of a file: what each network may have at most.
pub(super) fn caps(document: &DocumentMut) -> BTreeMap<String, Value> {
    let groups = at(document.as_table(), GROUPS).map(rules).unwrap_or_default();
    let cap = |rule: &dyn TableLike| {
        Some((network(rule)?.to_owned(), rule.get("max")?.as_value()?.clone()))
    };
    groups.into_iter().filter_map(cap).collect()
}

/// The text with a network capped; `name` is what the rule is called where it is new.
pub(super) fn cap(text: &str, of: &str, most: Value, name: &str) -> Result<String, TomlError> {
    let mut document: DocumentMut = text.parse()?;
    let groups = document.get_mut("limits").and_then(|limits| limits.get_mut("group"));
    let own = groups.map(rules_mut).unwrap_or_default();
    if let Some(rule) = own.into_iter().find(|rule| network(&**rule) == Some(of)) {
        put(rule, "max", most);
        return Ok(document.to_string());
    }
    let limits = document.get("limits");
    let is_line = |item: Option<&Item>| item.is_some_and(Item::is_value);
    if is_line(limits) || is_line(limits.and_then(|limits| limits.get("group"))) {
        let mut rule = InlineTable::new();
        rule.insert("name", name.into());
        rule.insert("where", Value::InlineTable(whom("network", of)));
        rule.insert("max", most);
        add(&mut document, "group", "name", rule);
        return Ok(document.to_string());
    }
    // At the end, it stands between no comment and what that is about.
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    let (name, whom) = (Value::from(name), Value::InlineTable(whom("network", of)));
    let rule = format!("[[limits.group]]\nname = {name}\nwhere = {whom}\nmax = {most}\n");
    Ok(format!("{text}{end}\n{rule}"))
}

/// The text with a network's cap as a comment, or out of a list of one line.
pub(super) fn uncap(text: &str, of: &str) -> Result<String, TomlError> {
    let document = Document::parse(text)?;
    let groups = at(document.as_table(), GROUPS);
    if let Some(Item::ArrayOfTables(tables)) = groups {
        let own = tables.iter().find(|rule| network(*rule) == Some(of));
        let place = own.and_then(|rule| Some(rule.span()?.start..end(rule)?));
        return Ok(place.map_or_else(|| text.to_owned(), |place: Range<usize>| aside(text, &place)));
    }
    let mut document: DocumentMut = text.parse()?;
    let groups = document.get_mut("limits").and_then(|limits| limits.get_mut("group"));
    if let Some(array) = groups.and_then(Item::as_array_mut) {
        let is_own =
            |value: &Value| value.as_inline_table().is_some_and(|rule| network(rule) == Some(of));
        array.retain(|value| !is_own(value));
    }
    Ok(document.to_string())
}

/// Where a rule ends: behind its last value.
fn end(rule: &dyn TableLike) -> Option<usize> {
    let ends = rule.iter().filter_map(|(_, item)| match item {
        Item::Table(inner) => end(inner),
        item => item.span().map(|span| span.end),
    });
    ends.max()
}
