//! A campaign file with single values set or taken out; every other byte stays.
//!
//! A value that is taken out stays as a comment, and comes back from it: that is how the templates
//! show what may be said.

use std::ops::Range;

use toml_edit::{Document, DocumentMut, InlineTable, Item, TableLike, TomlError, Value};

use crate::serve::play::change::put;

/// What stands before a line that is not in force.
const ASIDE: &str = "# ";

/// The item of a key with its tables.
pub(super) fn at<'a>(root: &'a dyn TableLike, key: &str) -> Option<&'a Item> {
    let (first, rest) = key.split_once('.').map_or((key, None), |(a, b)| (a, Some(b)));
    let item = root.get(first)?;
    match rest {
        None => Some(item),
        // A budget alone is one from which nothing comes off.
        Some("amount") if item.is_value() && !item.is_table_like() => Some(item),
        Some(rest) => at(item.as_table_like()?, rest),
    }
}

/// The text with a key set.
pub(super) fn set(text: &str, key: &str, value: &Value) -> Result<String, TomlError> {
    let mut document: DocumentMut = text.parse()?;
    if at(document.as_table(), key).is_none()
        && let Some(after) = revived(text, key, value)
    {
        return Ok(after);
    }
    if key.starts_with("budget.") {
        budget(&mut document, key, value);
    } else {
        into(document.as_item_mut(), key, value.clone());
    }
    Ok(document.to_string())
}

fn into(item: &mut Item, key: &str, value: Value) {
    let is_inline = item.is_inline_table();
    let Some(table) = item.as_table_like_mut() else { return };
    let Some((first, rest)) = key.split_once('.') else { return put(table, key, value) };
    // What holds one thing stands in a line.
    let in_line = is_inline || first == "per_segment";
    let line = || Item::Value(InlineTable::new().into());
    let made = || if in_line { line() } else { toml_edit::table() };
    into(table.entry(first).or_insert_with(made), rest, value);
}

/// A budget alone becomes one that says what comes off it.
fn budget(document: &mut DocumentMut, key: &str, value: &Value) {
    let item = document.get("budget");
    let is_plain = item.is_none_or(|item| !item.is_table_like());
    if is_plain && key == "budget.amount" {
        return put(document.as_table_mut(), "budget", value.clone());
    }
    if is_plain {
        let amount = item.and_then(Item::as_value).cloned();
        let amount = amount.map(|mut amount| {
            amount.decor_mut().clear();
            ("amount", amount)
        });
        let table: InlineTable = amount.into_iter().collect();
        put(document.as_table_mut(), "budget", table.into());
    }
    into(document.as_item_mut(), key, value.clone());
}

/// The text with the comment that shows a key turned into the key; `None` where no comment does.
fn revived(text: &str, key: &str, value: &Value) -> Option<String> {
    let (table, name) = key.rsplit_once('.').unwrap_or(("", key));
    let mut here = "";
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    for i in 0..lines.len() {
        let line = lines[i].trim();
        if line.starts_with('[') {
            here = text.split('\n').nth(i)?.trim().split('#').next()?.trim();
            here = here.strip_prefix('[')?.strip_suffix(']')?.trim();
        }
        let shown = line.strip_prefix('#').filter(|_| here == table).map(str::trim);
        let Some(Ok(mut own)) = shown.map(str::parse::<DocumentMut>) else { continue };
        if own.len() != 1 || own.get(name).is_none_or(|item| !item.is_value()) {
            continue;
        }
        put(own.as_table_mut(), name, value.clone());
        let end = if lines[i].ends_with('\r') { "\r" } else { "" };
        lines[i] = format!("{}{end}", own.to_string().trim_end());
        let after = lines.join("\n");
        let document: DocumentMut = after.parse().ok()?;
        let is_set = at(document.as_table(), key).and_then(Item::as_value);
        return is_set.filter(|own| plain(own) == plain(value)).map(|_| after.clone());
    }
    None
}

/// A value as it is written, without what stands around it.
fn plain(value: &Value) -> String {
    value.to_string().split('#').next().unwrap_or_default().trim().to_owned()
}

/// The text without a key.
pub(super) fn unset(text: &str, key: &str) -> Result<String, TomlError> {
    let document = Document::parse(text)?;
    let (table, name) = key.rsplit_once('.').unwrap_or(("", key));
    let parent = match table {
        "" => Some(document.as_table() as &dyn TableLike),
        table => at(document.as_table(), table).and_then(Item::as_table_like),
    };
    let is_inline = at(document.as_table(), table).is_some_and(Item::is_inline_table);
    if is_inline {
        return without(text, table, name);
    }
    let found = match parent {
        Some(parent) => parent.get_key_value(name),
        // Of a budget alone the amount is the whole.
        None => document.as_table().get_key_value(table),
    };
    let place = found.and_then(|(key, item)| Some(key.span()?.start..item.span()?.end));
    Ok(place.map_or_else(|| text.to_owned(), |place| aside(text, &place)))
}

/// The text with a key taken out of a table of one line, which holds no comments.
fn without(text: &str, table: &str, name: &str) -> Result<String, TomlError> {
    let mut document: DocumentMut = text.parse()?;
    let mut item = Some(document.as_item_mut());
    for part in table.split('.') {
        item = item.and_then(|item| item.get_mut(part));
    }
    if let Some(inline) = item.and_then(Item::as_inline_table_mut) {
        inline.remove(name);
        inline.fmt();
    }
    Ok(document.to_string())
}

/// The text with the lines of a place as comments.
pub(super) fn aside(text: &str, place: &Range<usize>) -> String {
    let start = text[..place.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[place.end..].find('\n').map_or(text.len(), |at| place.end + at);
    let lines: Vec<String> =
        text[start..end].split('\n').map(|line| format!("{ASIDE}{line}")).collect();
    format!("{}{}{}", &text[..start], lines.join("\n"), &text[end..])
}
