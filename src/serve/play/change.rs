//! A campaign file with a few values changed: everything else in it stays, comments too.

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, Value};

use super::wish::Wish;

/// What a changed campaign file needs to know besides the wish.
pub(super) struct Terms<'a> {
    /// The currency's code.
    pub(super) currency: &'a str,
    /// Digits of an amount after its point.
    pub(super) digits: usize,
    /// The name of a network's cap in words.
    pub(super) cap_name: &'a dyn Fn(&str) -> String,
}

/// The text with the wish in it.
///
/// # Errors
///
/// When the text is no TOML.
pub(super) fn changed(
    text: &str,
    wish: &Wish,
    terms: &Terms<'_>,
) -> Result<String, toml_edit::TomlError> {
    let mut document: DocumentMut = text.parse()?;
    let money = |amount: f64| format!("{amount:.*} {}", terms.digits, terms.currency);
    if let Some(budget) = wish.budget {
        set_budget(&mut document, &money(budget));
    }
    if let Some(prudence) = wish.prudence
        && let Some(risk) = table_in(document.as_table_mut(), "risk")
    {
        put(risk, "prudence", prudence.into());
    }
    for (network, most) in &wish.caps {
        let mut rule = InlineTable::new();
        rule.insert("name", (terms.cap_name)(network).into());
        rule.insert("where", Value::InlineTable(whom("network", network)));
        rule.insert("max", money(*most).into());
        add(&mut document, "group", "name", rule);
    }
    for (segment, amount) in &wish.pins {
        let mut rule = InlineTable::new();
        rule.insert("where", Value::InlineTable(whom("segment", segment)));
        rule.insert("pin", money(*amount).into());
        add(&mut document, "segment", "where", rule);
    }
    Ok(document.to_string())
}

pub(in crate::serve) fn whom(name: &str, value: &str) -> InlineTable {
    std::iter::once((name, Value::from(value))).collect()
}

/// A budget alone, or the amount of one that says what comes off it.
fn set_budget(document: &mut DocumentMut, amount: &str) {
    if let Some(detailed) = document.get_mut("budget").and_then(Item::as_table_like_mut) {
        put(detailed, "amount", amount.into());
    } else {
        put(document.as_table_mut(), "budget", amount.into());
    }
}

/// Sets a value; the comment behind an older one stays, and how its key is written.
pub(in crate::serve) fn put(table: &mut dyn TableLike, key: &str, mut value: Value) {
    match table.get_mut(key) {
        Some(item) => {
            if let Some(before) = item.as_value() {
                *value.decor_mut() = before.decor().clone();
            }
            *item = Item::Value(value);
        }
        None => {
            table.insert(key, Item::Value(value));
        }
    }
}

/// A table of the document, made where there is none.
fn table_in<'a>(table: &'a mut Table, key: &str) -> Option<&'a mut dyn TableLike> {
    table.entry(key).or_insert_with(toml_edit::table).as_table_like_mut()
}

/// Adds a rule to a list of `[limits]`, in place of an earlier one that says the same of `by`.
pub(in crate::serve) fn add(document: &mut DocumentMut, list: &str, by: &str, rule: InlineTable) {
    let is_inline = document.get("limits").is_some_and(Item::is_inline_table);
    let Some(limits) = table_in(document.as_table_mut(), "limits") else { return };
    let said =
        |value: Option<String>| value.map(|text| text.split_whitespace().collect::<String>());
    let own = said(rule.get(by).map(ToString::to_string));
    let keys = rule.len();
    match limits.get_mut(list) {
        Some(Item::ArrayOfTables(tables)) => {
            tables.retain(|table| {
                table.len() != keys || said(table.get(by).map(ToString::to_string)) != own
            });
            tables.push(rule.into_table());
        }
        Some(Item::Value(Value::Array(array))) => {
            array.retain(|value| {
                let table = value.as_inline_table();
                table.is_none_or(|table| {
                    table.len() != keys || said(table.get(by).map(ToString::to_string)) != own
                })
            });
            array.push(rule);
        }
        _ => {
            let (mut tables, mut array) = (ArrayOfTables::new(), Array::new());
            tables.push(rule.clone().into_table());
            array.push(rule);
            if is_inline {
                limits.insert(list, Item::Value(Value::Array(array)));
            } else {
                limits.insert(list, Item::ArrayOfTables(tables));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::path::Path;

    use crate::campaign::Campaign;

    const TEXT: &str = "# mine
title  = \"T\"   # a title
budget = \"1000 EUR\"   # so much
flight = { start = 2027-03-01, end = 2027-04-11 }

[limits]
carbon = \"300 kg\" # at most

[[limits.group]]
name      = \"half\"
each      = \"network\"
max_share = 0.5

# the end
[risk]
prudence = 0.3 # a third
";

    fn of(text: &str, wish: &Wish) -> String {
        let cap_name = |network: &str| format!("at most on {network}");
        let terms = Terms { currency: "EUR", digits: 2, cap_name: &cap_name };
        changed(text, wish, &terms).unwrap()
    }

    fn wish() -> Wish {
        Wish {
            budget: Some(1234.5),
            prudence: Some(0.1),
            caps: BTreeMap::from([("x".to_owned(), 400.0)]),
            pins: BTreeMap::from([("x · 18-24".to_owned(), 90.0)]),
            ..Wish::default()
        }
    }

    #[test]
    fn only_what_is_wished_changes_and_nothing_is_lost() {
        let after = of(TEXT, &wish());
        for kept in [
            "# mine",
            "title  = \"T\"   # a title",
            "# so much",
            "carbon = \"300 kg\" # at most",
            "name      = \"half\"",
            "# the end",
            "# a third",
        ] {
            assert!(after.contains(kept), "{kept}: {after}");
        }
        let campaign = Campaign::parse(&after, Path::new("campaign.toml")).unwrap();
        assert_eq!(campaign.budget.as_f64(), 1234.5);
        assert_eq!(campaign.prudence, 0.1);
        assert_eq!(campaign.limits.groups.len(), 2);
        assert_eq!(campaign.limits.segment.len(), 1);
        assert_eq!(of(TEXT, &Wish::default()), TEXT);
    }

    #[test]
    fn wishing_again_replaces_what_was_wished_before() {
        let once = of(TEXT, &wish());
        assert_eq!(of(&once, &wish()), once);
        let more = Wish { caps: BTreeMap::from([("x".to_owned(), 500.0)]), ..Wish::default() };
        let after = of(&once, &more);
        assert!(after.contains("500.00 EUR") && !after.contains("400.00 EUR"), "{after}");
    }

    #[test]
    fn every_way_to_write_limits_takes_a_rule() {
        let head = "title = \"T\"\nbudget = { amount = \"1000 EUR\", fee = 0.1 }\nflight = { start = 2027-03-01, end = 2027-04-11 }\n";
        let ways = [
            "",
            "limits = { carbon = \"3 kg\" }\n",
            "[limits]\ngroup = [{ name = \"a\", each = \"network\", max_share = 0.5 }]\nsegment = []\n",
            "limits.carbon = \"3 kg\"\n",
        ];
        for way in ways {
            let after = of(&format!("{head}{way}"), &wish());
            let campaign = Campaign::parse(&after, Path::new("campaign.toml"));
            let campaign = campaign.unwrap_or_else(|error| panic!("{error}: {after}"));
            assert_eq!(campaign.gross.as_f64(), 1234.5, "{after}");
            assert_eq!(campaign.limits.segment.len(), 1, "{after}");
            assert!(
                campaign.limits.groups.iter().any(|group| group.name == "at most on x"),
                "{after}"
            );
        }
    }
}
